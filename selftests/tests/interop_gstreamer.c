// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GStreamer's srtpenc protects what ksrtp opens, srtpdec opens what ksrtp
 * protects.
 *
 * The elements stand in harnesses: buffers go in and come out without a
 * pipeline around them.
 *
 * timeout: 120
 */
#include <dlfcn.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include "codec.h"


/*
 * For RTP and for RTCP each
 * @elements: srtpenc or srtpdec; one for both, if the cipher is not null
 * @pads: in front of and behind its pads
 * @caps: what srtpdec is told of a stream when it asks
 */
struct peer {
	GstElement *elements[2];
	GstHarness *pads[2];
	GstCaps *caps[2];
};

/* What GStreamer calls a suite; a 32-bit tag is for RTP only (RFC 3711 section 5.2) */
static const struct name {
	const char *suite, *cipher, *auth, *rtcp_auth;
} names[] = {
	{ "AES_CM_128_HMAC_SHA1_80", "aes-128-icm", "hmac-sha1-80", "hmac-sha1-80" },
	{ "AES_CM_128_HMAC_SHA1_32", "aes-128-icm", "hmac-sha1-32", "hmac-sha1-80" },
	{ "AES_256_CM_HMAC_SHA1_80", "aes-256-icm", "hmac-sha1-80", "hmac-sha1-80" },
	{ "AES_256_CM_HMAC_SHA1_32", "aes-256-icm", "hmac-sha1-32", "hmac-sha1-80" },
	{ "NULL_HMAC_SHA1_80", "null", "hmac-sha1-80", "hmac-sha1-80" },
	{ "NULL_HMAC_SHA1_32", "null", "hmac-sha1-32", "hmac-sha1-80" },
	{ "AEAD_AES_128_GCM", "aes-128-gcm", "null", "null" },
	{ "AEAD_AES_256_GCM", "aes-256-gcm", "null", "null" },
};

static const struct name *name_of(const char *suite)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].suite, suite))
			return &names[i];
	kt_bail("GStreamer has no name for %s", suite);
}

static GstBuffer *master(const struct ksrtp_key *key)
{
	uint8_t both[KSRTP_MAX_KEY + KSRTP_MAX_SALT];

	memcpy(both, key->master_key, key->master_key_len);
	memcpy(both + key->master_key_len, key->master_salt, key->master_salt_len);
	return gst_buffer_new_memdup(both, key->master_key_len + key->master_salt_len);
}

/*
 * Null ciphers for both kinds of packets it cannot set up: it takes a key of no
 * length then, which libsrtp refuses. So each kind gets an element where the
 * other kind is encrypted.
 */
#define OTHER_CIPHER	"aes-128-icm"

static const char *cipher_of(const struct name *name, bool rtcp, bool for_rtcp)
{
	bool null = !strcmp(name->cipher, "null");

	return null && rtcp != for_rtcp ? OTHER_CIPHER : name->cipher;
}

static GstElement *element(const char *factory)
{
	GstElement *e = gst_element_factory_make(factory, NULL);

	if (!e)
		kt_bail("no element %s", factory);
	return gst_object_ref_sink(e);
}

static GstElement *encoder(const struct codec_case *c, const struct ksrtp_key *key, bool for_rtcp)
{
	const struct name *name = name_of(c->suite);
	GstElement *e = element("srtpenc");
	GstBuffer *buffer = master(key);

	g_object_set(e, "key", buffer, NULL);
	gst_buffer_unref(buffer);
	gst_util_set_object_arg(G_OBJECT(e), "rtp-cipher", cipher_of(name, false, for_rtcp));
	gst_util_set_object_arg(G_OBJECT(e), "rtcp-cipher", cipher_of(name, true, for_rtcp));
	gst_util_set_object_arg(G_OBJECT(e), "rtp-auth", name->auth);
	gst_util_set_object_arg(G_OBJECT(e), "rtcp-auth", name->rtcp_auth);
	if (c->mki_len) {
		buffer = gst_buffer_new_memdup(c->mki, c->mki_len);
		g_object_set(e, "mki", buffer, NULL);
		gst_buffer_unref(buffer);
	}
	return e;
}

static void *sender(const struct codec_case *c, const struct ksrtp_key *key)
{
	struct peer *p = g_new0(struct peer, 1);
	bool null = !strncmp(c->suite, "NULL", 4);

	p->elements[0] = encoder(c, key, false);
	p->elements[1] = null ? encoder(c, key, true) : gst_object_ref(p->elements[0]);
	p->pads[0] = gst_harness_new_with_element(p->elements[0], "rtp_sink_0", "rtp_src_0");
	gst_harness_set_src_caps_str(p->pads[0], "application/x-rtp");
	p->pads[1] = gst_harness_new_with_element(p->elements[1], "rtcp_sink_0", "rtcp_src_0");
	gst_harness_set_src_caps_str(p->pads[1], "application/x-rtcp");
	return p;
}

static GstCaps *request_key(GstElement *dec, guint ssrc, gpointer caps)
{
	(void)dec;
	(void)ssrc;
	return gst_caps_ref(caps);
}

static GstElement *decoder(const struct codec_case *c, const struct ksrtp_key *key, bool for_rtcp,
			   GstCaps **caps)
{
	const struct name *name = name_of(c->suite);
	GstElement *e = element("srtpdec");
	GstBuffer *buffer = master(key);

	*caps = gst_caps_new_simple("application/x-srtp",
				    "srtp-key", GST_TYPE_BUFFER, buffer,
				    "srtp-cipher", G_TYPE_STRING, cipher_of(name, false, for_rtcp),
				    "srtcp-cipher", G_TYPE_STRING, cipher_of(name, true, for_rtcp),
				    "srtp-auth", G_TYPE_STRING, name->auth,
				    "srtcp-auth", G_TYPE_STRING, name->rtcp_auth,
				    "roc", G_TYPE_UINT, (guint)c->roc, NULL);
	gst_buffer_unref(buffer);
	if (c->mki_len) {
		buffer = gst_buffer_new_memdup(c->mki, c->mki_len);
		gst_caps_set_simple(*caps, "mki", GST_TYPE_BUFFER, buffer, NULL);
		gst_buffer_unref(buffer);
	}
	g_signal_connect(e, "request-key", G_CALLBACK(request_key), *caps);
	return e;
}

static void *receiver(const struct codec_case *c, const struct ksrtp_key *key)
{
	struct peer *p = g_new0(struct peer, 1);
	bool null = !strncmp(c->suite, "NULL", 4);

	p->elements[0] = decoder(c, key, false, &p->caps[0]);
	p->elements[1] = null ? decoder(c, key, true, &p->caps[1]) :
				gst_object_ref(p->elements[0]);
	p->pads[0] = gst_harness_new_with_element(p->elements[0], "rtp_sink", "rtp_src");
	gst_harness_set_src_caps_str(p->pads[0], "application/x-srtp");
	p->pads[1] = gst_harness_new_with_element(p->elements[1], "rtcp_sink", "rtcp_src");
	gst_harness_set_src_caps_str(p->pads[1], "application/x-srtcp");
	return p;
}

/* What goes in comes out, or not, before the push returns. */
static int through(struct peer *p, bool rtcp, const uint8_t *in, int len, uint8_t *out)
{
	GstBuffer *buffer;
	int n;

	if (gst_harness_push(p->pads[rtcp], gst_buffer_new_memdup(in, len)) != GST_FLOW_OK)
		return -1;
	buffer = gst_harness_try_pull(p->pads[rtcp]);
	if (!buffer)
		return -1;
	n = gst_buffer_extract(buffer, 0, out, CODEC_SIZE);
	gst_buffer_unref(buffer);
	return n;
}

static int seal(void *ctx, bool rtcp, const uint8_t *plain, int len, uint8_t *wire)
{
	return through(ctx, rtcp, plain, len, wire);
}

static int open_one(void *ctx, bool rtcp, const uint8_t *wire, int len, int patience,
		    uint8_t *plain)
{
	(void)patience;
	return through(ctx, rtcp, wire, len, plain);
}

static void stop(void *ctx)
{
	struct peer *p = ctx;

	int i;

	for (i = 1; i >= 0; i--) {
		gst_harness_teardown(p->pads[i]);
		gst_object_unref(p->elements[i]);
		gst_clear_caps(&p->caps[i]);
	}
	g_free(p);
}

/* It stands on libsrtp, and has the bugs of the one it stands on. */
static void known(const struct codec_case *c, enum codec_role role, bool rtcp,
		  struct codec_bug *bug)
{
	if (rtcp && role == CODEC_RECEIVES && c->mki_len && strstr(c->suite, "_32")) {
		bug->what = "libsrtp 2.5.0 looks for the MKI of SRTCP where the tag of SRTP would leave it";
		bug->arrived = 0;
	}
}

/* The elements' plugin alone; looking through all of them takes emulation a minute. */
static const char *load(void)
{
	GError *error = NULL;
	char path[512];
	Dl_info self;
	GstPlugin *plugin;

	setenv("GST_REGISTRY_DISABLE", "yes", 1);
	setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "", 1);
	if (!gst_init_check(NULL, NULL, &error))
		kt_bail("GStreamer: %s", error->message);
	/* Plugins are below the directory of the library itself. */
	if (!dladdr(gst_init_check, &self))
		kt_bail("GStreamer's library is nowhere");
	snprintf(path, sizeof(path), "%.*s/gstreamer-1.0/libgstsrtp.so",
		 (int)(strrchr(self.dli_fname, '/') - self.dli_fname), self.dli_fname);
	plugin = gst_plugin_load_file(path, &error);
	if (!plugin)
		kt_skip_all("GStreamer's SRTP plugin: %s", error->message);
	gst_registry_add_plugin(gst_registry_get(), plugin);
	return gst_plugin_get_version(plugin);
}

int main(void)
{
	static const uint8_t mki[128] = { 0xa1, 0xb2, 0xc3, 0xd4, [127] = 1 };
	struct codec_ops ops = {
		.name = "gstreamer",
		.version = load(),
		.sender = sender,
		.receiver = receiver,
		.seal = seal,
		.open = open_one,
		.stop = stop,
		.known = known,
	};
	const struct codec_case more[] = {
		{ &ops, .suite = "AES_CM_128_HMAC_SHA1_80", .options = "mki:1", .mki = mki,
		  .mki_len = 1 },
		{ &ops, .suite = "AEAD_AES_128_GCM", .options = "mki:128", .mki = mki,
		  .mki_len = 128 },
	};
	size_t i;

	kt_plan(CODEC_ROWS * (2 * ARRAY_SIZE(names) + ARRAY_SIZE(more)));
	rig_start();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct codec_case c = { &ops, .suite = names[i].suite, .over_wrap = true };

		codec_run(&c);
		c.options = "mki:4";
		c.mki = mki;
		c.mki_len = 4;
		codec_run(&c);
	}
	for (i = 0; i < ARRAY_SIZE(more); i++)
		codec_run(&more[i]);
	codec_lacks(&ops, "AES_192_CM_HMAC_SHA1_80", NULL, "srtpenc and srtpdec have no name for it");
	codec_lacks(&ops, "AES_192_CM_HMAC_SHA1_32", NULL, "srtpenc and srtpdec have no name for it");
	codec_lacks(&ops, "NULL_HMAC_SHA1_80", "rtp+rtcp",
		    "not for both at once: wants a key of 0 bytes then, which libsrtp refuses");
	return kt_done();
}
