// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hops LEFT.pcap LEFT-KEY RIGHT.pcap RIGHT-KEY CALL-KEY LID PLAIN
 *
 * What did the relay pass on, and could it read it?  LEFT and RIGHT were
 * captured on the two sides of a relay, one hop each.  For every RTP packet:
 *
 *	left   header | E2E payload | MI 4 | tag 10	under LEFT-KEY
 *	right  header | E2E payload | MI 4 | tag 10	under RIGHT-KEY
 *
 * Both hop-by-hop layers are taken off with the key of their hop.  What is
 * then left must be the same bytes on both sides, must not be the payload the
 * sender had (PLAIN, all payloads in order), and must become just that with
 * the call key, which only the two ends have.  RTCP has the hop-by-hop layer
 * alone and must open on both sides to the same reports.
 *
 * Every cipher here is refsrtp's, none the module's.  A media packet that
 * does not authenticate fails the check, so plaintext on a wire does too.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "refsrtp.h"

#define SUITE "AES_CM_128_HMAC_SHA1_80"
#define MAX_PACKETS 4096

struct packet {
	uint32_t len;
	uint32_t wire_len;
	bool rtcp;
	uint8_t *inner; /* hop-by-hop layer taken off */
	uint8_t *wire;
};

struct hop {
	const char *file;
	struct ref_ctx key;
	struct ref_receiver rx;
	struct packet rtp[MAX_PACKETS];
	struct packet rtcp[MAX_PACKETS];
	int rtps;
	int rtcps;
};

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("hops: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static uint8_t *copy(const void *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);

	if (!p)
		die("out of memory");
	return memcpy(p, data, len);
}

static size_t read_file(const char *name, uint8_t *buf, size_t size)
{
	FILE *f = fopen(name, "rb");
	size_t len;

	if (!f)
		die("%s: %s", name, strerror(errno));
	len = fread(buf, 1, size, f);
	if (ferror(f))
		die("%s: %s", name, strerror(errno));
	if (len == size)
		die("%s: larger than expected", name);
	fclose(f);
	return len;
}

/* A key file as the demo writes it: one line of base64 for exactly @want bytes */
static void read_key(const char *name, uint8_t *key, size_t want)
{
	uint8_t text[256], bin[256];
	size_t len = read_file(name, text, sizeof(text));
	size_t pad = 0;
	int n;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	while (pad < len && text[len - 1 - pad] == '=')
		pad++;
	n = EVP_DecodeBlock(bin, text, (int)len);
	if (n < 0 || (size_t)n - pad != want)
		die("%s: not base64 of %zu bytes", name, want);
	memcpy(key, bin, want);
}

/* One datagram: strip the hop-by-hop layer and keep what is inside. */
static void take(struct hop *h, const uint8_t *data, size_t len)
{
	uint8_t out[REF_MAX_PACKET];
	struct packet *p;
	bool rtcp;
	int n;

	/* RFC 7983: this range is media; the second byte tells RTCP (RFC 5761) */
	if (len < 2 || data[0] < 128 || data[0] > 191)
		return;
	rtcp = data[1] >= 192 && data[1] <= 223;
	if ((rtcp ? h->rtcps : h->rtps) == MAX_PACKETS)
		die("%s: more than %d packets", h->file, MAX_PACKETS);
	if (rtcp) {
		p = &h->rtcp[h->rtcps++];
		n = ref_unprotect_rtcp(&h->key, data, len, NULL, NULL, out);
	} else {
		p = &h->rtp[h->rtps++];
		n = REF_E_MALFORMED;
		if (len >= 12) {
			uint64_t index = ref_receiver_estimate(&h->rx, ref_rtp_seq(data));

			n = ref_unprotect_rtp(&h->key, data, len, index, out);
			if (n >= 0)
				ref_receiver_commit(&h->rx, index);
		}
	}
	if (n < 0)
		die("%s: %s packet %d does not open with this hop's key: %s", h->file,
		    rtcp ? "RTCP" : "RTP", rtcp ? h->rtcps : h->rtps, ref_strerror(n));
	p->rtcp = rtcp;
	p->len = (uint32_t)n;
	p->inner = copy(out, p->len);
	p->wire_len = (uint32_t)len;
	p->wire = copy(data, len);
}

/* A classic pcap file of Ethernet frames with IPv4 and UDP inside */
static void read_capture(struct hop *h)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, sigfigs, snaplen, network;
	} head;
	struct {
		uint32_t sec, usec, len, orig_len;
	} rec;
	static uint8_t frame[REF_MAX_PACKET];
	FILE *f = fopen(h->file, "rb");

	if (!f)
		die("%s: %s", h->file, strerror(errno));
	if (fread(&head, sizeof(head), 1, f) != 1 || head.magic != 0xa1b2c3d4 || head.network != 1)
		die("%s: not a capture of Ethernet frames in this machine's byte order", h->file);
	while (fread(&rec, sizeof(rec), 1, f) == 1) {
		size_t ihl, udp_len;
		const uint8_t *ip = frame + 14, *udp;

		if (rec.len != rec.orig_len || rec.len > sizeof(frame))
			die("%s: a packet was captured in part", h->file);
		if (fread(frame, 1, rec.len, f) != rec.len)
			die("%s: ends in the middle of a packet", h->file);
		if (rec.len < 14 + 20 + 8 || ref_get16(frame + 12) != 0x0800 || ip[0] >> 4 != 4)
			die("%s: not an IPv4 packet", h->file);
		ihl = (ip[0] & 15) * 4;
		udp = ip + ihl;
		if (ip[9] != 17 || rec.len < 14 + ihl + 8)
			die("%s: not a UDP packet", h->file);
		udp_len = ref_get16(udp + 4);
		if (udp_len < 8 || 14 + ihl + udp_len > rec.len)
			die("%s: a UDP length beyond its packet", h->file);
		take(h, udp + 8, udp_len - 8);
	}
	if (ferror(f))
		die("%s: %s", h->file, strerror(errno));
	fclose(f);
}

static void open_hop(struct hop *h, const char *capture, const char *key_file)
{
	uint8_t key[30];

	h->file = capture;
	read_key(key_file, key, sizeof(key));
	if (ref_ctx_init(&h->key, SUITE, key, 16, key + 16, 14))
		die("%s: refused as a key of %s", key_file, SUITE);
	read_capture(h);
}

static void show(const char *what, const uint8_t *data, size_t len)
{
	size_t i;

	printf("    %-34s", what);
	for (i = 0; i < len && i < 12; i++)
		printf(" %02x", data[i]);
	printf(" ...\n");
}

static void compare(const struct packet *l, const struct packet *r, const char *kind, int n)
{
	if (l->len != r->len || memcmp(l->inner, r->inner, l->len))
		die("%s packet %d differs between the two sides of the relay", kind, n + 1);
	if (l->wire_len != r->wire_len || !memcmp(l->wire, r->wire, l->wire_len))
		die("%s packet %d has the same bytes on both wires: it was not rekeyed", kind,
		    n + 1);
}

int main(int argc, char **argv)
{
	static struct hop left, right;
	static uint8_t plain[1 << 20], out[REF_MAX_PACKET];
	struct ref_receiver rx = { 0 };
	struct ref_e2e e2e;
	uint8_t call_key[32];
	size_t plain_len, at = 0, alike = 0, wraps = 0;
	int i;

	if (argc != 8)
		die("usage: hops LEFT.pcap LEFT-KEY RIGHT.pcap RIGHT-KEY CALL-KEY LID PLAIN");
	open_hop(&left, argv[1], argv[2]);
	open_hop(&right, argv[3], argv[4]);
	read_key(argv[5], call_key, sizeof(call_key));
	plain_len = read_file(argv[7], plain, sizeof(plain));
	if (ref_e2e_call_key(&e2e, call_key, sizeof(call_key), argv[6], false) ||
	    ref_e2e_set_mi(&e2e, REF_MI_DERIVED, call_key, sizeof(call_key), REF_MI_LEN))
		die("%s: refused as a call key", argv[5]);

	if (!left.rtps || !left.rtcps)
		die("%s: %d RTP and %d RTCP packets, some of both were expected", left.file,
		    left.rtps, left.rtcps);
	if (left.rtps != right.rtps || left.rtcps != right.rtcps)
		die("%d RTP and %d RTCP packets on the left, %d and %d on the right", left.rtps,
		    left.rtcps, right.rtps, right.rtcps);

	for (i = 0; i < left.rtcps; i++)
		compare(&left.rtcp[i], &right.rtcp[i], "RTCP", i);

	for (i = 0; i < left.rtps; i++) {
		const struct packet *l = &left.rtp[i], *r = &right.rtp[i];
		uint64_t index = ref_receiver_estimate(&rx, ref_rtp_seq(l->inner));
		size_t head = 12, len, j;
		int n;

		compare(l, r, "RTP", i);
		n = ref_e2e_unprotect(&e2e, l->inner, l->len, index, out);
		if (n < 0)
			die("RTP packet %d does not open with the call key: %s", i + 1,
			    ref_strerror(n));
		ref_receiver_commit(&rx, index);
		wraps = index >> 16;

		/* The demo's senders use no CSRC and no header extension. */
		if (out[0] != 0x80 || (size_t)n < head)
			die("RTP packet %d is not a bare 12-byte header and payload", i + 1);
		len = (size_t)n - head;
		if (at + len > plain_len || memcmp(out + head, plain + at, len))
			die("RTP packet %d, both layers off, is not what was sent", i + 1);
		if (len >= 8 && !memcmp(l->inner + head, plain + at, len))
			die("RTP packet %d travelled without end-to-end protection", i + 1);
		for (j = 0; j < len; j++)
			alike += l->inner[head + j] == plain[at + j];

		if (i == 0) {
			printf("  The payload of the first RTP packet:\n");
			show("as the application wrote it", plain + at, len);
			show("on the wire, sender to relay", l->wire + head, len);
			show("inside the relay, its key used", l->inner + head, len);
			show("on the wire, relay to receiver", r->wire + head, len);
			show("there, the receiver's hop key used", r->inner + head, len);
			show("and with the call key", out + head, len);
		}
		at += len;
	}
	if (at != plain_len)
		die("%zu of %zu payload bytes were sent", at, plain_len);

	printf("  %d RTP and %d RTCP packets on each wire, all of them protected; ROC went to %zu\n",
	       left.rtps, left.rtcps, wraps);
	printf("  hop layers taken off, both sides of the relay hold the same bytes: %d of %d\n",
	       right.rtps, left.rtps);
	printf("  of %zu payload bytes the relay saw %zu equal to the plaintext (chance gives %zu)\n",
	       plain_len, alike, (plain_len + 128) / 256);
	if (alike > plain_len / 32)
		die("that is far more than chance");
	printf("  opened with the call key, which the relay never had: all %zu bytes are right\n",
	       plain_len);
	return 0;
}
