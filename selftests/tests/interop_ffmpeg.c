// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ffmpeg's SRTP is its own, not libsrtp's: its protocol srtp:, with the options
 * of the program, protects what ksrtp opens and opens what ksrtp protects.
 *
 * It is used as the program uses it, through libavformat; what it sends and
 * what it is to read goes over UDP.
 *
 * timeout: 120
 */
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <openssl/evp.h>

#include "codec.h"

#define IP		"127.0.0.1"

/*
 * @tap: where it sends to, or a socket to send to it from
 * @ports: where it listens, for RTP and for RTCP
 */
struct peer {
	AVIOContext *io;
	int tap;
	union rig_addr ports[2];
};

/* It says so where a packet does not authenticate, and goes on waiting for the next. */
static bool refused;
static long long deadline;

static void listen_to_log(void *obj, int level, const char *fmt, va_list ap)
{
	(void)obj;
	if (level > AV_LOG_WARNING)
		return;
	if (!strcmp(fmt, "HMAC mismatch\n")) {
		refused = true;
		return;
	}
	printf("# ffmpeg: ");
	vprintf(fmt, ap);
}

static int give_up(void *arg)
{
	(void)arg;
	return refused || kt_now_ms() > deadline;
}

static struct peer *start(const struct codec_case *c, const struct ksrtp_key *key, bool sends)
{
	const AVIOInterruptCB interrupt = { .callback = give_up };
	const char *suite = c->peer_suite ? c->peer_suite : c->suite;
	struct peer *p = calloc(1, sizeof(*p));
	uint8_t params[KSRTP_MAX_KEY + KSRTP_MAX_SALT];
	char url[160], base64[80];
	AVDictionary *options = NULL;
	int i, err;

	if (!p)
		kt_bail("no memory");
	memcpy(params, key->master_key, key->master_key_len);
	memcpy(params + key->master_key_len, key->master_salt, key->master_salt_len);
	EVP_EncodeBlock((uint8_t *)base64, params, key->master_key_len + key->master_salt_len);
	av_dict_set(&options, sends ? "srtp_out_suite" : "srtp_in_suite", suite, 0);
	av_dict_set(&options, sends ? "srtp_out_params" : "srtp_in_params", base64, 0);

	p->tap = rig_udp(IP, 0);
	if (sends) {
		int port = ntohs(rig_local(p->tap).in.sin_port);

		snprintf(url, sizeof(url), "srtp://" IP ":%d?rtcpport=%d", port, port);
	} else {
		/* Ports nobody has: those of sockets that had them a moment ago */
		for (i = 0; i < 2; i++) {
			int fd = rig_udp(IP, 0);

			p->ports[i] = rig_local(fd);
			close(fd);
		}
		snprintf(url, sizeof(url), "srtp://" IP ":9?localrtpport=%d&localrtcpport=%d",
			 ntohs(p->ports[0].in.sin_port), ntohs(p->ports[1].in.sin_port));
	}
	deadline = kt_now_ms() + RIG_WAIT * kt_slow();
	err = avio_open2(&p->io, url,
			 AVIO_FLAG_DIRECT | (sends ? AVIO_FLAG_WRITE : AVIO_FLAG_READ), &interrupt,
			 &options);
	if (err < 0)
		kt_bail("ffmpeg does not open %s with %s: %s", url, suite, av_err2str(err));
	av_dict_free(&options);
	return p;
}

static void *sender(const struct codec_case *c, const struct ksrtp_key *key)
{
	return start(c, key, true);
}

static void *receiver(const struct codec_case *c, const struct ksrtp_key *key)
{
	return start(c, key, false);
}

static int seal(void *ctx, bool rtcp, const uint8_t *plain, int len, uint8_t *wire)
{
	struct peer *p = ctx;

	(void)rtcp;
	refused = false;
	deadline = kt_now_ms() + RIG_WAIT * kt_slow();
	avio_write(p->io, plain, len);
	return rig_recv(p->tap, wire, CODEC_SIZE);
}

static int open_one(void *ctx, bool rtcp, const uint8_t *wire, int len, int patience,
		    uint8_t *plain)
{
	struct peer *p = ctx;
	const union rig_addr *to = &p->ports[rtcp];

	if (sendto(p->tap, wire, len, 0, &to->sa, rig_addr_len(to)) != len)
		kt_bail("the wire to ffmpeg: %s", strerror(errno));
	refused = false;
	deadline = kt_now_ms() + patience;
	/* To its buffers, a packet it did not take is the end of the file. */
	p->io->eof_reached = 0;
	p->io->error = 0;
	return avio_read_partial(p->io, plain, CODEC_SIZE);
}

static void stop(void *ctx)
{
	struct peer *p = ctx;

	avio_closep(&p->io);
	close(p->tap);
	free(p);
}

static void known(const struct codec_case *c, enum codec_role role, bool rtcp,
		  struct codec_bug *bug)
{
	unsigned int order[CODEC_PACKETS], n = codec_order(c, order);

	if (rtcp && !c->peer_suite && strstr(c->suite, "_32")) {
		bug->what = "SRTCP tag of 4 bytes instead of 10 (RFC 4568 6.2) unless the suite is spelt SRTP_AES128_CM_HMAC_SHA1_32";
		bug->arrived = 0;
	} else if (!rtcp && role == CODEC_RECEIVES && c->over_wrap) {
		bug->what = "a packet from before the wrap that comes after it is checked with the new ROC, and refused";
		bug->arrived = n - codec_late_over_wrap(c);
	}
}

int main(void)
{
	struct codec_ops ops = {
		.name = "ffmpeg",
		.version = av_version_info(),
		.sender = sender,
		.receiver = receiver,
		.seal = seal,
		.open = open_one,
		.stop = stop,
		.known = known,
	};
	const struct codec_case cases[] = {
		{ &ops, .suite = "AES_CM_128_HMAC_SHA1_80" },
		{ &ops, .suite = "AES_CM_128_HMAC_SHA1_32" },
		{ &ops, .suite = "SRTP_AES128_CM_HMAC_SHA1_80",
		  .peer_suite = "SRTP_AES128_CM_HMAC_SHA1_80" },
		{ &ops, .suite = "SRTP_AES128_CM_HMAC_SHA1_32",
		  .peer_suite = "SRTP_AES128_CM_HMAC_SHA1_32" },
		{ &ops, .suite = "AES_CM_128_HMAC_SHA1_80", .options = "reorder-over-wrap",
		  .over_wrap = true },
	};
	static const char * const lacks[] = {
		"NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32",
		"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
		"AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
		"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
	};
	size_t i;

	kt_plan(CODEC_ROWS * ARRAY_SIZE(cases));
	av_log_set_callback(listen_to_log);
	rig_start();
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		codec_run(&cases[i]);
	for (i = 0; i < ARRAY_SIZE(lacks); i++)
		codec_lacks(&ops, lacks[i], NULL, "ffmpeg has no such suite");
	codec_lacks(&ops, "AES_CM_128_HMAC_SHA1_80", "mki", "ffmpeg knows no MKI");
	return kt_done();
}
