// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTP, RTCP and what is neither are told apart, and a header that does not fit
 * into its packet is refused without a look beyond its end.
 */
#include "kt.h"

#include "exact.h"
#include "packet.h"
#include "random.h"
#include "vecs.h"

/* ---- classes ---- */

/* RFC 7983 section 7 with RFC 9443, then RFC 5761 section 4 */
static enum ksrtp_class class_of(unsigned int first, unsigned int second)
{
	if (first < 128 || first > 191)
		return KSRTP_CLASS_OTHER;
	return second >= 192 && second <= 223 ? KSRTP_CLASS_RTCP : KSRTP_CLASS_RTP;
}

static void classes(void)
{
	unsigned int first, second, wrong = 0, alone = 0;

	for (first = 0; first < 256; first++) {
		u8 one = (u8)first, *p = exact(&one, 1);

		alone += ksrtp_classify(p, 1) !=
			 (class_of(first, 0) ? KSRTP_CLASS_RTP : KSRTP_CLASS_OTHER);
		free(p);
		for (second = 0; second < 256; second++) {
			u8 two[2] = { (u8)first, (u8)second };

			p = exact(two, 2);
			wrong += ksrtp_classify(p, 2) != class_of(first, second);
			free(p);
		}
	}
	kt_is(wrong, 0, "the first two bytes tell RTP, RTCP and what is neither apart");
	kt_is(alone, 0, "a single byte is classified without a look at the second");
	kt_is(ksrtp_classify(NULL, 0), KSRTP_CLASS_OTHER,
	      "an empty datagram is neither RTP nor RTCP");
}

/* ---- headers ---- */

static const struct ksrtp_header untouched = { .ssrc = 1, .seq = 2, .pt = 3, .len = 4 };

static bool same(const struct ksrtp_header *a, const struct ksrtp_header *b)
{
	return a->ssrc == b->ssrc && a->seq == b->seq && a->pt == b->pt && a->len == b->len;
}

/* RFC 3550 section 5.1, read word by word; what does not fit is an error */
static int read_rtp(const u8 *p, size_t len, struct ksrtp_header *h)
{
	size_t words = 3;

	if (len < 4 * words)
		return -EBADMSG;
	words += p[0] % 16;
	if (p[0] & 16) {
		words += 1;
		if (len < 4 * words)
			return -EBADMSG;
		words += p[4 * words - 2] * 256u + p[4 * words - 1];
	}
	if (len < 4 * words)
		return -EBADMSG;
	h->seq = (u16)(p[2] * 256 + p[3]);
	h->ssrc = p[8] * 16777216u + p[9] * 65536u + p[10] * 256u + p[11];
	h->pt = p[1] % 128;
	h->len = (u32)(4 * words);
	return 0;
}

static int read_rtcp(const u8 *p, size_t len, struct ksrtp_header *h)
{
	if (len < 8)
		return -EBADMSG;
	h->seq = 0;
	h->ssrc = p[4] * 16777216u + p[5] * 65536u + p[6] * 256u + p[7];
	h->pt = p[1];
	h->len = 8;
	return 0;
}

static bool right(const u8 *bytes, size_t len)
{
	struct ksrtp_header want = untouched, got = untouched;
	u8 *p = exact(bytes, len);
	enum ksrtp_class class = ksrtp_classify(p, (u32)len);
	int want_err = -EBADMSG, err;

	if (class == KSRTP_CLASS_RTP)
		want_err = read_rtp(bytes, len, &want);
	else if (class == KSRTP_CLASS_RTCP)
		want_err = read_rtcp(bytes, len, &want);
	err = ksrtp_parse(class, p, (u32)len, &got);
	free(p);
	if (err == want_err && same(&got, &want))
		return true;
	kt_note("%zu bytes beginning %02x %02x: got %d with header of %u, want %d, %u",
		len, bytes[0], bytes[1], err, got.len, want_err, want.len);
	return false;
}

/*
 * Each first byte is each version, P, X and CC. The extension's length stands
 * where CC puts it; so that every CC meets every length, all its words hold it.
 */
static void every_size(void)
{
	static const u8 seconds[] = { 0, 96, 191, 192, 200, 223, 224, 255 };
	static const u16 extensions[] = { 0, 1, 2, 5, 13, 0x3fff, 0x8000, 0xffff };
	unsigned int first, s, e, i;
	bool all = true;
	u8 bytes[64];
	size_t len;

	for (e = 0; e < ARRAY_SIZE(extensions); e++) {
		for (i = 0; i < sizeof(bytes); i += 4) {
			put_unaligned_be16((u16)(0xbed0 + i), bytes + i);
			put_unaligned_be16(extensions[e], bytes + i + 2);
		}
		for (first = 0; first < 256; first++) {
			for (s = 0; s < ARRAY_SIZE(seconds); s++) {
				bytes[0] = (u8)first;
				bytes[1] = seconds[s];
				for (len = 0; all && len <= sizeof(bytes); len++)
					all = right(bytes, len);
			}
		}
	}
	kt_ok(all, "every first byte is parsed rightly at every size of 0 to 64 bytes");
}

/* The largest header there can be, and the same a byte short of it */
static void largest(void)
{
	const size_t most = 12 + 15 * 4 + 4 + 4 * 0xffffu;
	u8 *bytes = calloc(1, most + 1);
	bool fits;

	if (!bytes)
		kt_bail("no memory");
	bytes[0] = 0x9f;
	memset(bytes + 12 + 15 * 4, 0xff, 4);
	fits = right(bytes, most - 1) && right(bytes, most) && right(bytes, most + 1);
	kt_ok(fits, "a header with all CSRCs and the longest extension is parsed");
	free(bytes);
}

/* RTCP: the length field may say anything, the rest is encrypted */
static void rtcp_length(void)
{
	u8 bytes[8] = { 0x81, 201, 0, 0, 0x12, 0x34, 0x56, 0x78 };
	bool all = true;
	u32 length;

	for (length = 0; all && length < 65536; length += 257) {
		put_unaligned_be16((u16)length, bytes + 2);
		all = right(bytes, sizeof(bytes)) && right(bytes, 7);
	}
	kt_ok(all, "the length field of protected RTCP is not believed");
}

static void other_class(void)
{
	u8 bytes[64] = { 0x80 };
	struct ksrtp_header h = untouched;

	kt_ok(ksrtp_parse(KSRTP_CLASS_OTHER, bytes, sizeof(bytes), &h) == -EBADMSG &&
	      same(&h, &untouched), "what is neither RTP nor RTCP has no header");
}

/* Padding in a protected packet is encrypted with it. */
static void padded(void)
{
	u8 bytes[20] = { 0xa0, 96, [19] = 255 };
	struct ksrtp_header h;

	kt_ok(!ksrtp_parse(KSRTP_CLASS_RTP, bytes, sizeof(bytes), &h) && h.len == 12,
	      "padding is left to whoever decrypts");
}

static void garbage(void)
{
	struct random r = { .state = 3550 };
	bool all = true;
	u8 bytes[160];
	unsigned int i;

	for (i = 0; all && i < 300000; i++) {
		random_fill(&r, bytes, sizeof(bytes));
		if (random_below(&r, 4))
			bytes[0] = (u8)(0x80 | bytes[0] % 64);
		/* an extension that may just fit */
		bytes[12 + 4 * (bytes[0] % 16) + 2] = 0;
		bytes[12 + 4 * (bytes[0] % 16) + 3] %= 32;
		all = right(bytes, random_below(&r, sizeof(bytes) + 1));
	}
	kt_ok(all, "300,000 random packets are parsed rightly");
}

/* ---- vectors ---- */

static bool header_of(const struct vec_bytes *packet, struct ksrtp_header *h)
{
	u8 *p = exact(packet->p, packet->len);
	int err = ksrtp_parse(ksrtp_classify(p, (u32)packet->len), p, (u32)packet->len, h);

	free(p);
	return !err;
}

static int count_headers(void)
{
	const struct vec *v = NULL;
	int n = 0;

	while ((v = vec_next(v, VEC_RTP_HEADER)))
		n++;
	return n;
}

static void vectors(void)
{
	const struct vec *v = NULL;
	struct ksrtp_header h;
	int packets = 0, wrong = 0;

	while ((v = vec_next(v, VEC_RTP_HEADER)))
		kt_ok(header_of(&v->packet, &h) && h.len == v->header_len, "vector '%s'", v->id);

	while ((v = vec_next(v, VEC_SRTP))) {
		packets++;
		if (!header_of(&v->protected, &h) ||
		    h.ssrc != get_unaligned_be32(v->plain.p + 8) ||
		    h.seq != get_unaligned_be16(v->plain.p + 2) || h.len > v->plain.len)
			wrong++;
	}
	while ((v = vec_next(v, VEC_SRTCP))) {
		packets++;
		if (!header_of(&v->protected, &h) || h.len != 8 ||
		    h.ssrc != get_unaligned_be32(v->plain.p + 4))
			wrong++;
	}
	kt_ok(packets > 0 && !wrong, "the headers of %d known protected packets are read", packets);
}

int main(void)
{
	kt_plan(count_headers() + 10);
	classes();
	every_size();
	largest();
	rtcp_length();
	other_class();
	padded();
	garbage();
	vectors();
	return kt_done();
}
