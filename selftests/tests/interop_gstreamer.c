// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GStreamer's srtpenc protects what ksrtp opens, srtpdec opens what ksrtp
 * protects.
 *
 * The elements stand in harnesses: buffers go in and come out without a
 * pipeline around them.
 */
#include <dlfcn.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include "exchange.h"

#define SIZE		2048
#define MKI_BUG		"libsrtp 2.5.0 looks for the MKI of SRTCP where it would be with the short tag of SRTP"

/*
 * @element: srtpenc or srtpdec
 * @pads: in front of and behind those of its pads that are for this kind of packets
 * @caps: what srtpdec is told of a stream when it asks
 */
struct peer {
	GstElement *element;
	GstHarness *pads;
	GstCaps *caps;
};

static struct rig r;

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
 * length then, which libsrtp refuses. So the other kind is encrypted, of which
 * there are no packets in this exchange.
 */
static const char *cipher(const struct exchange *x, bool rtcp)
{
	const struct name *name = name_of(x->suite);

	return !strcmp(name->cipher, "null") && rtcp != x->rtcp ? "aes-128-icm" : name->cipher;
}

static void set_buffer(GstElement *e, const char *property, GstBuffer *buffer)
{
	g_object_set(e, property, buffer, NULL);
	gst_buffer_unref(buffer);
}

static void open_encoder(struct peer *p, const struct exchange *x, const struct rig_key *keys)
{
	GObject *enc = G_OBJECT(p->element);

	set_buffer(p->element, "key", master(&keys[0].key));
	if (x->mki_len)
		set_buffer(p->element, "mki",
			   gst_buffer_new_memdup(keys[0].key.mki, x->mki_len));
	gst_util_set_object_arg(enc, "rtp-cipher", cipher(x, false));
	gst_util_set_object_arg(enc, "rtcp-cipher", cipher(x, true));
	gst_util_set_object_arg(enc, "rtp-auth", name_of(x->suite)->auth);
	gst_util_set_object_arg(enc, "rtcp-auth", name_of(x->suite)->rtcp_auth);
	p->pads = gst_harness_new_with_element(p->element, x->rtcp ? "rtcp_sink_0" : "rtp_sink_0",
					       x->rtcp ? "rtcp_src_0" : "rtp_src_0");
	gst_harness_set_src_caps_str(p->pads, x->rtcp ? "application/x-rtcp" :
							"application/x-rtp");
}

static GstCaps *request_key(GstElement *dec, guint ssrc, gpointer caps)
{
	(void)dec;
	(void)ssrc;
	return gst_caps_ref(caps);
}

/* The first key is called srtp-key, the next srtp-key2 */
static void add_key(GstCaps *caps, const char *what, unsigned int n, GstBuffer *buffer)
{
	char field[32];

	snprintf(field, sizeof(field), n ? "%s%u" : "%s", what, n + 1);
	gst_caps_set_simple(caps, field, GST_TYPE_BUFFER, buffer, NULL);
	gst_buffer_unref(buffer);
}

static void open_decoder(struct peer *p, const struct exchange *x, const struct rig_key *keys,
			 uint32_t roc)
{
	unsigned int i;

	p->caps = gst_caps_new_simple("application/x-srtp",
				      "srtp-cipher", G_TYPE_STRING, cipher(x, false),
				      "srtcp-cipher", G_TYPE_STRING, cipher(x, true),
				      "srtp-auth", G_TYPE_STRING, name_of(x->suite)->auth,
				      "srtcp-auth", G_TYPE_STRING, name_of(x->suite)->rtcp_auth,
				      "roc", G_TYPE_UINT, (guint)roc, NULL);
	for (i = 0; i < (x->keys ?: 1); i++) {
		add_key(p->caps, "srtp-key", i, master(&keys[i].key));
		if (x->mki_len)
			add_key(p->caps, "mki", i,
				gst_buffer_new_memdup(keys[i].key.mki, x->mki_len));
	}
	g_object_set(p->element, "replay-window-size", x->window ?: 1024, NULL);
	g_signal_connect(p->element, "request-key", G_CALLBACK(request_key), p->caps);
	p->pads = gst_harness_new_with_element(p->element, x->rtcp ? "rtcp_sink" : "rtp_sink",
					       x->rtcp ? "rtcp_src" : "rtp_src");
	gst_harness_set_src_caps_str(p->pads, x->rtcp ? "application/x-srtcp" :
							"application/x-srtp");
}

static void *open_peer(const struct exchange *x, const struct rig_key *keys, uint32_t roc)
{
	struct peer *p = g_new0(struct peer, 1);

	p->element = gst_element_factory_make(x->sends ? "srtpenc" : "srtpdec", NULL);
	if (!p->element)
		kt_bail("no element %s", x->sends ? "srtpenc" : "srtpdec");
	gst_object_ref_sink(p->element);
	if (!x->sends)
		open_decoder(p, x, keys, roc);
	else if (roc || x->keys > 1)
		kt_bail("srtpenc has one key and starts at ROC 0");
	else
		open_encoder(p, x, keys);
	return p;
}

/* What goes in comes out, or not, before the push returns. */
static int through(struct peer *p, uint8_t *pkt, int len)
{
	GstBuffer *buffer;

	if (gst_harness_push(p->pads, gst_buffer_new_memdup(pkt, len)) != GST_FLOW_OK)
		return -1;
	buffer = gst_harness_try_pull(p->pads);
	if (!buffer)
		return -1;
	len = gst_buffer_extract(buffer, 0, pkt, SIZE);
	gst_buffer_unref(buffer);
	return len;
}

static int protect(void *ctx, const struct exchange *x, unsigned int key, uint8_t *pkt, int len)
{
	(void)x;
	(void)key;
	return through(ctx, pkt, len);
}

static int unprotect(void *ctx, const struct exchange *x, uint8_t *pkt, int len)
{
	(void)x;
	return through(ctx, pkt, len);
}

static void close_peer(void *ctx)
{
	struct peer *p = ctx;

	gst_harness_teardown(p->pads);
	gst_object_unref(p->element);
	gst_clear_caps(&p->caps);
	g_free(p);
}

static struct exchange_peer gstreamer = {
	.name = "gstreamer",
	.open = open_peer,
	.protect = protect,
	.unprotect = unprotect,
	.close = close_peer,
};

/* ---- exchanges ---- */

/* It stands on libsrtp, and has the bugs of the one it stands on. */
static const char *known_bug(const struct exchange *x, const struct interop *row)
{
	if (x->rtcp && x->mki_len && !x->sends && strstr(x->suite, "_32") && !row->arrived &&
	    !row->differ && exchange_seen.refused == row->packets - row->dropped)
		return MKI_BUG;
	return NULL;
}

static void one(struct exchange x, bool sends, bool rtcp)
{
	struct interop row = { 0 };

	x.sends = sends;
	x.rtcp = rtcp;
	exchange_run(&r, &gstreamer, &x, &row);
	row.bug = known_bug(&x, &row);
	interop_result(&row);
}

static void both_kinds(struct exchange x, bool sends)
{
	one(x, sends, false);
	one(x, sends, true);
}

static void all_four(struct exchange x)
{
	both_kinds(x, true);
	both_kinds(x, false);
}

#define ALL_ROWS	8
static void what_all_can(const char *suite)
{
	struct exchange x = {
		.suite = suite, .packets = 400, .first = 65300, .reorder = true, .loss = true,
	};

	all_four(x);
	x.mki_len = 4;
	all_four(x);
}

#define SOME_ROWS	21
static void what_some_can(const char *suite)
{
	const struct exchange join = {
		.suite = suite, .packets = 300, .step = 5000, .join = true,
	};
	const struct exchange window = {
		.suite = suite, .packets = 300, .first = 65400, .window = 64, .late = 60,
	};

	all_four((struct exchange){ .suite = suite, .packets = 100, .mki_len = 1 });
	all_four((struct exchange){ .suite = suite, .packets = 100, .mki_len = 128 });
	all_four((struct exchange){ .suite = suite, .packets = 200, .twice = true });
	both_kinds((struct exchange){ .suite = suite, .packets = 320, .mki_len = 4, .keys = 16 },
		   false);
	one((struct exchange){ .suite = suite, .packets = 200, .roc = 0x10000, .first = 65400,
			       .reorder = true }, false, false);
	one(join, true, false);
	one(join, false, false);
	one(window, true, false);
	one(window, false, false);
	one((struct exchange){ .suite = suite, .packets = 200, .reduced = true }, true, true);
	one((struct exchange){ .suite = suite, .packets = 200, .reduced = true }, false, true);
}

static void lacks(const char *suite, const char *role, const char *option, const char *why)
{
	const struct interop row = {
		.peer = gstreamer.name, .version = gstreamer.version, .suite = suite,
		.role = role, .kind = INTEROP_SRTP, .options = option,
	};

	interop_cannot(&row, why);
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
	static const char * const some[] = { "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM" };
	static const char * const has_not[] = {
		"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
	};
	size_t i;

	gstreamer.version = load();
	kt_plan(ALL_ROWS * ARRAY_SIZE(names) + SOME_ROWS * ARRAY_SIZE(some));
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		what_all_can(names[i].suite);
	for (i = 0; i < ARRAY_SIZE(some); i++)
		what_some_can(some[i]);
	for (i = 0; i < ARRAY_SIZE(has_not); i++) {
		lacks(has_not[i], INTEROP_SENDS, NULL, "has no name for it");
		lacks(has_not[i], INTEROP_RECEIVES, NULL, "has no name for it");
	}
	lacks("NULL_HMAC_SHA1_80", INTEROP_SENDS, "RTP+RTCP",
	      "not for both at once: it wants a key of 0 bytes then, which libsrtp refuses");
	lacks(some[0], INTEROP_SENDS, "keys:2", "srtpenc has one key at a time");
	lacks(some[0], INTEROP_SENDS, "roc", "srtpenc starts at ROC 0, and cannot be told otherwise");
	rig_close(&r);
	return kt_done();
}
