// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ffmpeg's SRTP is its own, not libsrtp's: its protocol srtp:, with the options
 * of the program, protects what ksrtp opens and opens what ksrtp protects.
 *
 * It is used as the program uses it, through libavformat; what it sends and
 * what it is to read goes over UDP.
 */
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <openssl/evp.h>

#include "exchange.h"

#define IP		"127.0.0.1"
#define SIZE		2048

/*
 * SRTCP that ffmpeg protects or wants under this name has a short tag, where
 * RFC 4568 section 6.2 says that only SRTP has; under the DTLS-SRTP name not.
 */
#define SHORT_SUITE	"AES_CM_128_HMAC_SHA1_32"
#define SHORT_BUG	"SRTCP has a tag of 4 bytes instead of 10 (RFC 4568 6.2), unless the suite is called SRTP_AES128_CM_HMAC_SHA1_32"
#define WRAP_BUG	"refuses a packet of before the wrap after one of behind it: takes the new ROC for its tag"
#define REPLAY_BUG	"has no replay protection: opens a packet as often as it comes"

/*
 * @tap: where it sends to, or a socket to send to it from
 * @ports: where it listens, for RTP and for RTCP
 */
struct peer {
	AVIOContext *io;
	int tap;
	union rig_addr ports[2];
};

static struct rig r;

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

static void begin(void)
{
	refused = false;
	deadline = kt_now_ms() + RIG_WAIT * kt_slow();
}

/* ---- ffmpeg ---- */

static void inline_key(const struct ksrtp_key *key, char *base64)
{
	uint8_t both[KSRTP_MAX_KEY + KSRTP_MAX_SALT];

	memcpy(both, key->master_key, key->master_key_len);
	memcpy(both + key->master_key_len, key->master_salt, key->master_salt_len);
	EVP_EncodeBlock((uint8_t *)base64, both, key->master_key_len + key->master_salt_len);
}

/* It sends both kinds to the tap. */
static void url_to(struct peer *p, char *url, size_t size)
{
	int port = ntohs(rig_local(p->tap).in.sin_port);

	snprintf(url, size, "srtp://" IP ":%d?rtcpport=%d", port, port);
}

/* It listens on ports nobody has: those of sockets that had them a moment ago. */
static void url_from(struct peer *p, char *url, size_t size)
{
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = rig_udp(IP, 0);
		p->ports[i] = rig_local(fd[i]);
	}
	/* Only now, or both might be one. */
	for (i = 0; i < 2; i++)
		close(fd[i]);
	snprintf(url, size, "srtp://" IP ":9?localrtpport=%d&localrtcpport=%d",
		 ntohs(p->ports[0].in.sin_port), ntohs(p->ports[1].in.sin_port));
}

static void *open_peer(const struct exchange *x, const struct rig_key *keys, uint32_t roc)
{
	const AVIOInterruptCB interrupt = { .callback = give_up };
	struct peer *p = calloc(1, sizeof(*p));
	char url[160], base64[80];
	AVDictionary *options = NULL;
	int err;

	if (!p || roc)
		kt_bail("ffmpeg starts at ROC 0");
	inline_key(&keys[0].key, base64);
	av_dict_set(&options, x->sends ? "srtp_out_suite" : "srtp_in_suite", x->suite, 0);
	av_dict_set(&options, x->sends ? "srtp_out_params" : "srtp_in_params", base64, 0);
	p->tap = rig_udp(IP, 0);
	if (x->sends)
		url_to(p, url, sizeof(url));
	else
		url_from(p, url, sizeof(url));
	begin();
	err = avio_open2(&p->io, url,
			 AVIO_FLAG_DIRECT | (x->sends ? AVIO_FLAG_WRITE : AVIO_FLAG_READ),
			 &interrupt, &options);
	if (err < 0)
		kt_bail("ffmpeg does not open %s with %s: %s", url, x->suite, av_err2str(err));
	av_dict_free(&options);
	return p;
}

static int protect(void *ctx, const struct exchange *x, unsigned int key, uint8_t *pkt, int len)
{
	struct peer *p = ctx;

	(void)x;
	(void)key;
	begin();
	avio_write(p->io, pkt, len);
	return rig_recv(p->tap, pkt, SIZE);
}

static int unprotect(void *ctx, const struct exchange *x, uint8_t *pkt, int len)
{
	struct peer *p = ctx;
	const union rig_addr *to = &p->ports[x->rtcp];

	if (sendto(p->tap, pkt, len, 0, &to->sa, rig_addr_len(to)) != len)
		kt_bail("the wire to ffmpeg: %s", strerror(errno));
	begin();
	/* To its buffers, a packet it did not take is the end of the file. */
	p->io->eof_reached = 0;
	p->io->error = 0;
	return avio_read_partial(p->io, pkt, SIZE);
}

static void close_peer(void *ctx)
{
	struct peer *p = ctx;

	avio_closep(&p->io);
	close(p->tap);
	free(p);
}

static struct exchange_peer ffmpeg = {
	.name = "ffmpeg",
	.open = open_peer,
	.protect = protect,
	.unprotect = unprotect,
	.close = close_peer,
};

/* ---- its known bugs ---- */

/* Of each block of eight, turned round, those before a wrap inside it that are not lost */
static unsigned int late_over_wrap(const struct exchange *x)
{
	unsigned int wrap = 65536 - x->first, i, n = 0;

	for (i = wrap & ~7u; x->reorder && i < wrap; i++)
		n += !x->loss || i % 10 != 7;
	return n;
}

/* Every SRTCP packet on the wire is a packet, E and index, and 4 bytes */
static bool short_tags(const struct exchange *x)
{
	uint8_t plain[SIZE];
	unsigned int i;

	for (i = 0; i < x->packets; i++) {
		if (exchange_seen.len[i] != exchange_build(x, i, plain) + 4 + 4)
			return false;
	}
	return true;
}

static const char *known_bug(const struct exchange *x, const struct interop *row)
{
	unsigned int sent = row->packets - row->dropped, refused = exchange_seen.refused;

	if (x->rtcp && !strcmp(x->suite, SHORT_SUITE) && !row->arrived && !row->differ &&
	    (x->sends ? short_tags(x) : refused == sent))
		return SHORT_BUG;
	if (x->sends)
		return NULL;
	if (!x->rtcp && !row->differ && refused && refused == late_over_wrap(x) &&
	    row->arrived + refused == sent)
		return WRAP_BUG;
	/* Each has come twice, and was opened twice. */
	if (x->twice && row->arrived == sent && row->differ == sent && !refused)
		return REPLAY_BUG;
	return NULL;
}

/* ---- exchanges ---- */

static void one(struct exchange x, bool sends, bool rtcp)
{
	struct interop row = { 0 };

	x.sends = sends;
	x.rtcp = rtcp;
	exchange_run(&r, &ffmpeg, &x, &row);
	row.bug = known_bug(&x, &row);
	interop_result(&row);
}

static void all_four(struct exchange x)
{
	one(x, true, false);
	one(x, false, false);
	one(x, true, true);
	one(x, false, true);
}

static void lacks(const char *suite, const char *option, const char *why)
{
	struct interop row = {
		.peer = ffmpeg.name, .version = ffmpeg.version, .suite = suite,
		.options = option, .kind = INTEROP_SRTP,
	};

	row.role = INTEROP_SENDS;
	interop_cannot(&row, why);
	row.role = INTEROP_RECEIVES;
	interop_cannot(&row, why);
}

int main(void)
{
	/* Its two names for each of the two suites it has */
	static const char * const has[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
		"SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_32",
	};
	static const char * const has_not[] = {
		"NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32",
		"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
		"AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
		"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
	};
	struct exchange x = { .suite = has[0], .packets = 400, .reorder = true, .loss = true };
	size_t i;

	kt_plan(4 * ARRAY_SIZE(has) + 1 + 4);
	av_log_set_callback(listen_to_log);
	ffmpeg.version = av_version_info();
	rig_start();
	rig_open(&r, IP);
	for (i = 0; i < ARRAY_SIZE(has); i++) {
		x.suite = has[i];
		/* A wrap between two packets that are not put out of order */
		x.first = 65536 - 104;
		all_four(x);
	}
	/* And one between two that are */
	x.suite = has[0];
	x.first = 65536 - 108;
	one(x, false, false);
	all_four((struct exchange){ .suite = has[0], .packets = 200, .twice = true });
	for (i = 0; i < ARRAY_SIZE(has_not); i++)
		lacks(has_not[i], NULL, "has no such suite");
	lacks(has[0], "mki", "knows no MKI");
	lacks(has[0], "roc", "starts at ROC 0, and cannot be told otherwise");
	rig_close(&r);
	return kt_done();
}
