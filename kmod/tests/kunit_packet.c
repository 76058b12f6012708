// SPDX-License-Identifier: GPL-2.0
/* KUnit: packets as bytes. Each buffer ends where its packet does. */
#include "../packet.h"
#include "kunit.h"

/* ---- What it is, and where its parts stand ---- */

static void classifies(struct kunit *test)
{
	unsigned int a, b;
	u8 p[2];

	KUNIT_EXPECT_EQ(test, ksrtp_classify(p, 0), KSRTP_CLASS_OTHER);
	for (a = 0; a < 256; a++) {
		p[0] = a;
		KUNIT_EXPECT_EQ(test, ksrtp_classify(p, 1),
				a >= 128 && a < 192 ? KSRTP_CLASS_RTP : KSRTP_CLASS_OTHER);
		for (b = 0; b < 256; b++) {
			enum ksrtp_class want = KSRTP_CLASS_OTHER;

			if (a >= 128 && a < 192)
				want = b >= 192 && b < 224 ? KSRTP_CLASS_RTCP :
							     KSRTP_CLASS_RTP;
			p[1] = b;
			KUNIT_EXPECT_EQ(test, ksrtp_classify(p, 2), want);
		}
	}
}

/* An RTP header with @csrc CSRCs and, if @words >= 0, an extension of so many words */
static u32 rtp(u8 *p, unsigned int csrc, int words)
{
	u32 len = KSRTP_RTP_MIN + 4 * csrc;

	memset(p, 0x5a, 512);
	p[0] = 0x80 | csrc | (words >= 0 ? 0x10 : 0);
	p[1] = 0x80 | 96;
	put_unaligned_be16(0x1234, p + 2);
	put_unaligned_be32(0xcafebabe, p + 8);
	if (words < 0)
		return len;
	put_unaligned_be16(0xbede, p + len);
	put_unaligned_be16(words, p + len + 2);
	return len + 4 + 4 * words;
}

/* Every header parses at its own length and longer, and at none that is shorter. */
static void parses_rtp(struct kunit *test)
{
	u8 *packet = kunit_kmalloc(test, 512, GFP_KERNEL);
	unsigned int csrc;
	int words;

	KUNIT_ASSERT_NOT_NULL(test, packet);
	for (csrc = 0; csrc < 16; csrc += 5) {
		for (words = -1; words < 4; words++) {
			u32 len = rtp(packet, csrc, words), n;

			for (n = 0; n <= len + 1; n++) {
				struct ksrtp_header h = { .len = 0x5a5a };
				u8 *p = exact(test, packet, n);
				int err = ksrtp_parse(KSRTP_CLASS_RTP, p, n, &h);

				KUNIT_EXPECT_EQ(test, err, n < len ? -EBADMSG : 0);
				KUNIT_EXPECT_EQ(test, h.len, n < len ? 0x5a5a : len);
				kunit_kfree(test, p);
				if (err)
					continue;
				KUNIT_EXPECT_EQ(test, h.ssrc, 0xcafebabe);
				KUNIT_EXPECT_EQ(test, h.seq, 0x1234);
				KUNIT_EXPECT_EQ(test, h.pt, 96);
			}
		}
	}
}

static void parses_rtcp(struct kunit *test)
{
	static const u8 rr[] = { 0x80, 201, 0, 1, 0xca, 0xfe, 0xba, 0xbe };
	struct ksrtp_header h;
	u32 n;

	for (n = 0; n <= sizeof(rr); n++)
		KUNIT_EXPECT_EQ(test, ksrtp_parse(KSRTP_CLASS_RTCP, exact(test, rr, n), n, &h),
				n < sizeof(rr) ? -EBADMSG : 0);
	KUNIT_EXPECT_EQ(test, h.ssrc, 0xcafebabe);
	KUNIT_EXPECT_EQ(test, h.seq, 0);
	KUNIT_EXPECT_EQ(test, h.pt, 201);
	KUNIT_EXPECT_EQ(test, h.len, 8);
	KUNIT_EXPECT_EQ(test, ksrtp_parse(KSRTP_CLASS_OTHER, rr, sizeof(rr), &h), -EBADMSG);
}

static const struct {
	struct ksrtp_shape shape;
	bool rtcp;
	struct ksrtp_layout want;	/* of 40 bytes, 12 of them in clear */
} layouts[] = {
	{ { .tag_len = 10 }, false,
	  { 12, 40, 0, 40, 40, 0, 50, 10 } },
	{ { .tag_len = 4, .mki_len = 4 }, false,
	  { 12, 40, 0, 40, 44, 0, 48, 4 } },
	{ { .tag_len = 10, .mki_len = 2 }, true,
	  { 12, 40, 40, 44, 46, 0, 56, 10 } },
	{ { .tag_len = 16, .mki_len = 3, .aead = true }, false,
	  { 12, 40, 0, 56, 40, 0, 59, 16 } },
	{ { .tag_len = 16, .mki_len = 3, .aead = true }, true,
	  { 12, 40, 56, 60, 40, 0, 63, 16 } },
	{ { .tag_len = 10, .mki_len = 1, .roc = true }, false,
	  { 12, 40, 0, 40, 45, 41, 51, 6 } },
	{ { .tag_len = 16, .aead = true, .roc = true }, false,
	  { 12, 40, 0, 56, 40, 56, 60, 16 } },
};

static void lays_out(struct kunit *test)
{
	struct ksrtp_layout l, back;
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct ksrtp_shape *shape = &layouts[i].shape;
		bool rtcp = layouts[i].rtcp;

		memset(&l, 0, sizeof(l));
		memset(&back, 0, sizeof(back));
		ksrtp_layout_plain(shape, rtcp, 40, 12, &l);
		KUNIT_EXPECT_MEMEQ(test, &l, &layouts[i].want, sizeof(l));
		KUNIT_ASSERT_EQ(test, ksrtp_layout_protected(shape, rtcp, l.len, 12, &back), 0);
		KUNIT_EXPECT_MEMEQ(test, &back, &l, sizeof(l));
		for (n = 0; n < 12 + l.len - 40; n++)
			KUNIT_EXPECT_EQ(test, ksrtp_layout_protected(shape, rtcp, n, 12, &back),
					-EBADMSG);
		KUNIT_EXPECT_EQ(test, ksrtp_layout_protected(shape, rtcp, n, 12, &back), 0);
		KUNIT_EXPECT_EQ(test, back.end, 12);
	}
}

/* ---- The Original Header Block ---- */

static void ohb(struct kunit *test)
{
	unsigned int bits;
	u32 n;

	for (bits = 0; bits < 16; bits++) {
		struct ksrtp_ohb in = {
			.has_seq = bits & 1, .has_pt = bits & 2,
			.has_marker = bits & 4, .marker = bits & 4 && bits & 8,
			.seq = bits & 1 ? 0xfedc : 0, .pt = bits & 2 ? 111 : 0,
		};
		struct ksrtp_ohb out;
		u8 at[KSRTP_OHB_MAX];
		u32 len = ksrtp_ohb_write(&in, at);

		in.len = len;
		KUNIT_EXPECT_EQ(test, len, 1 + in.has_pt + 2 * in.has_seq);
		KUNIT_EXPECT_EQ(test, ksrtp_ohb_read(exact(test, at, len), len, &out), 0);
		KUNIT_EXPECT_EQ(test, out.has_seq, in.has_seq);
		KUNIT_EXPECT_EQ(test, out.has_pt, in.has_pt);
		KUNIT_EXPECT_EQ(test, out.has_marker, in.has_marker);
		KUNIT_EXPECT_EQ(test, out.marker, in.marker);
		KUNIT_EXPECT_EQ(test, out.seq, in.seq);
		KUNIT_EXPECT_EQ(test, out.pt, in.pt);
		KUNIT_EXPECT_EQ(test, out.len, len);
		for (n = 0; n < len; n++)	/* its end is there, its front is not */
			KUNIT_EXPECT_EQ(test, ksrtp_ohb_read(exact(test, at + len - n, n), n, &out),
					-EBADMSG);
	}
	KUNIT_EXPECT_EQ(test, ksrtp_ohb_read("\x10", 1, &(struct ksrtp_ohb) {}), -EBADMSG);
	KUNIT_EXPECT_EQ(test, ksrtp_ohb_read("\x80\x02", 2, &(struct ksrtp_ohb) {}), -EBADMSG);
}

/* ---- Header extensions ---- */

static void cryptex(struct kunit *test)
{
	u8 *p = kunit_kmalloc(test, 512, GFP_KERNEL);
	u8 *was = kunit_kmalloc(test, 512, GFP_KERNEL);
	u32 len;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, was);

	len = rtp(p, 3, 2);
	memcpy(was, p, 512);
	KUNIT_EXPECT_TRUE(test, ksrtp_cryptex_can(p));
	KUNIT_EXPECT_FALSE(test, ksrtp_cryptex_marked(p));
	ksrtp_cryptex_mark(p);
	KUNIT_EXPECT_TRUE(test, ksrtp_cryptex_marked(p));
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(p + 24), 0xc0de);
	ksrtp_cryptex_gather(p, 12);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(p + 12), 0xc0de);
	KUNIT_EXPECT_MEMEQ(test, p + 16, was + 12, 12);
	ksrtp_cryptex_scatter(p, 12);
	ksrtp_cryptex_unmark(p);
	KUNIT_EXPECT_MEMEQ(test, p, was, 512);

	put_unaligned_be16(0x1000, p + 24);
	ksrtp_cryptex_mark(p);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(p + 24), 0xc2de);
	ksrtp_cryptex_unmark(p);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(p + 24), 0x1000);
	put_unaligned_be16(0xabac, p + 24);
	KUNIT_EXPECT_FALSE(test, ksrtp_cryptex_can(p));

	len = rtp(p, 2, -1);
	memcpy(was, p, 512);
	KUNIT_EXPECT_FALSE(test, ksrtp_cryptex_can(p));
	KUNIT_EXPECT_FALSE(test, ksrtp_cryptex_marked(p));
	p = exact(test, p, len + 7 + KSRTP_EXT_HEADER);
	ksrtp_cryptex_insert(p, len + 7);
	KUNIT_EXPECT_EQ(test, p[0], was[0] | 0x10);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(p + len), 0xbede0000);
	KUNIT_EXPECT_MEMEQ(test, p + len + 4, was + len, 7);
}

/* RFC 6904: the bytes of elements 1 and 3 alone, in pieces of any size */
static void encrypts_elements(struct kunit *test)
{
	static const u8 one[] = { 0xbe, 0xde, 0, 3, 0x12, 1, 2, 3, 0, 0x20, 4, 0x31, 5, 6, 0, 0 };
	static const u8 one_is[] = { 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0 };
	static const u8 two[] = { 0x10, 0x05, 0, 3, 1, 2, 7, 8, 2, 0, 3, 1, 9, 3, 0, 0 };
	static const u8 two_is[] = { 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0 };
	const u8 *const what[] = { one, two }, *const is[] = { one_is, two_is };
	const u8 ids[KSRTP_EXT_IDS / 8] = { 1 << 1 | 1 << 3 };
	u8 *packet = kunit_kmalloc(test, 512, GFP_KERNEL), *p;
	u32 step, from, at, i, k;
	u8 stream[12];

	KUNIT_ASSERT_NOT_NULL(test, packet);
	memset(stream, 0xff, sizeof(stream));
	for (k = 0; k < 2; k++) {
		for (step = 1; step <= 12; step++) {
			rtp(packet, 0, 3);
			memcpy(packet + 12, what[k], 16);
			p = exact(test, packet, 28);
			KUNIT_EXPECT_EQ(test, ksrtp_ext_body(p, &at), 12);
			KUNIT_EXPECT_EQ(test, at, 16);
			for (from = 0; from < 12; from += step)
				ksrtp_ext_xor(p, ids, from, stream, min(step, 12 - from));
			for (i = 0; i < 16; i++)
				KUNIT_EXPECT_EQ(test, p[12 + i],
						what[k][i] ^ (is[k][i] ? 0xff : 0));
		}
	}
	/* lists that end early, or claim more than there is */
	p[16] = 0xf0;
	put_unaligned_be16(0xbede, p + 12);
	memcpy(packet, p, 28);
	ksrtp_ext_xor(p, ids, 0, stream, 12);
	KUNIT_EXPECT_MEMEQ(test, p, packet, 28);
	put_unaligned_be16(0x1000, p + 12);
	memcpy(p + 16, "\x01\xff", 2);
	memcpy(packet, p, 28);
	ksrtp_ext_xor(p, ids, 0, stream, 12);
	KUNIT_EXPECT_MEMEQ(test, p, packet, 28);
	put_unaligned_be16(0xabac, p + 12);
	KUNIT_EXPECT_EQ(test, ksrtp_ext_body(p, &at), 0);
	rtp(packet, 0, -1);
	KUNIT_EXPECT_EQ(test, ksrtp_ext_body(packet, &at), 0);
}

static struct kunit_case packet_cases[] = {
	KUNIT_CASE(classifies),
	KUNIT_CASE(parses_rtp),
	KUNIT_CASE(parses_rtcp),
	KUNIT_CASE(lays_out),
	KUNIT_CASE(ohb),
	KUNIT_CASE(cryptex),
	KUNIT_CASE(encrypts_elements),
	{}
};

struct kunit_suite ksrtp_kunit_packet = {
	.name = "ksrtp_packet",
	.test_cases = packet_cases,
};

/* ---- SSRCs in RTCP ---- */

#define FROM	0x0badcafe
#define TO	0x600df00d

struct compound {
	const char *name;
	int err;
	u32 words[16];
	u32 n;
	u32 mapped;	/* a bit a word */
};

static const struct compound compounds[] = {
	{ "RR of one block", 0,
	  { 0x81c90007, FROM, FROM, 0, 0, 0, FROM, 0 }, 8, 0x06 },
	{ "SR of one block", 0,
	  { 0x81c8000c, 1, FROM, FROM, 0, 0, 0, FROM, 0, 0, 0, 0, 0 }, 13, 0x80 },
	{ "SDES of two chunks", 0,
	  { 0x82ca0005, FROM, 0x01014100, FROM, 0x01026162, 0x00000000 }, 6, 0x0a },
	{ "BYE with a reason", 0,
	  { 0x82cb0003, 1, FROM, 0x03627965 }, 4, 0x04 },
	{ "APP", 0,
	  { 0x80cc0003, FROM, 0x6e616d65, FROM }, 4, 0x02 },
	{ "NACK", 0,
	  { 0x81cd0003, FROM, FROM, FROM }, 4, 0x06 },
	{ "FIR", 0,
	  { 0x84ce0006, 1, 0, FROM, 0, 1, FROM }, 7, 0x08 },
	{ "REMB", 0,
	  { 0x8fce0005, 1, 0, 0x52454d42, 0x01000000, FROM }, 6, 0x20 },
	{ "XR with statistics and DLRR", 0,
	  { 0x80cf0005, FROM, 0x05000003, FROM, FROM, FROM }, 6, 0x0a },
	{ "RR, then BYE with padding", 0,
	  { 0x80c90001, FROM, 0xa1cb0002, FROM, 0x00000004 }, 5, 0x0a },
	{ "a type nobody knows", -EOPNOTSUPP, { 0x80d00001, 0 }, 2 },
	{ "a format nobody knows", -EOPNOTSUPP, { 0x9ecd0002, 0, 0 }, 3 },
	{ "a profile's extension", -EOPNOTSUPP, { 0x80c90002, 0, 0 }, 3 },
	{ "an XR block nobody knows", -EOPNOTSUPP, { 0x80cf0002, 0, 0x08000000 }, 3 },
	{ "fewer blocks than it says", -EBADMSG, { 0x82c90007, 0, 0, 0, 0, 0, 0, 0 }, 8 },
	{ "longer than it is", -EBADMSG, { 0x80c90002, 0 }, 2 },
	{ "another version", -EBADMSG, { 0x40c90001, 0 }, 2 },
	{ "an SDES item beyond the end", -EBADMSG, { 0x81ca0002, 0, 0x01ff0000 }, 3 },
	{ "an SDES chunk without an end", -EBADMSG, { 0x81ca0002, 0, 0x01024142 }, 3 },
	{ "a BYE reason beyond the end", -EBADMSG, { 0x81cb0002, 0, 0x04414243 }, 3 },
	{ "an APP without a name", -EBADMSG, { 0x80cc0001, 0 }, 2 },
	{ "feedback without a source", -EBADMSG, { 0x81cd0001, 0 }, 2 },
	{ "half a FIR", -EBADMSG, { 0x84ce0003, 0, 0, 0 }, 4 },
	{ "REMB of more than there is", -EBADMSG,
	  { 0x8fce0004, 0, 0, 0x52454d42, 0x02000000 }, 5 },
	{ "an XR block beyond the end", -EBADMSG, { 0x80cf0002, 0, 0x04000002 }, 3 },
	{ "an XR block that is too short", -EBADMSG, { 0x80cf0002, 0, 0x04000000 }, 3 },
	{ "padding of more than there is", -EBADMSG, { 0xa0c90001, 0x08 }, 2 },
	{ "padding in the midst", -EBADMSG, { 0xa0c90001, 4, 0x80c90001, 0 }, 4 },
};

static void maps(struct kunit *test)
{
	size_t k;
	u32 i;

	for (k = 0; k < ARRAY_SIZE(compounds); k++) {
		const struct compound *c = &compounds[k];
		__be32 words[16];
		u8 *p;

		for (i = 0; i < c->n; i++)
			words[i] = cpu_to_be32(c->words[i]);
		p = exact(test, words, 4 * c->n);
		KUNIT_EXPECT_EQ_MSG(test, ksrtp_rtcp_map_ssrc(p, 4 * c->n, FROM, TO),
				    c->err, "%s", c->name);
		for (i = 0; i < c->n && !c->err; i++)
			KUNIT_EXPECT_EQ_MSG(test, get_unaligned_be32(p + 4 * i),
					    c->mapped & 1 << i ? TO : c->words[i],
					    "%s, word %u", c->name, i);
	}
}

/* Whatever is cut off, no byte beyond it is looked at. */
static void ends(struct kunit *test)
{
	size_t k;
	u32 i, n;

	KUNIT_EXPECT_EQ(test, ksrtp_rtcp_map_ssrc(NULL, 0, FROM, TO), -EBADMSG);
	for (k = 0; k < ARRAY_SIZE(compounds); k++) {
		const struct compound *c = &compounds[k];
		__be32 words[16];
		u8 *p;

		for (i = 0; i < c->n; i++)
			words[i] = cpu_to_be32(c->words[i]);
		for (n = 1; n < 4; n++) {
			p = exact(test, words, 4 * c->n - n);
			KUNIT_EXPECT_NE_MSG(test, 0,
					    ksrtp_rtcp_map_ssrc(p, 4 * c->n - n, FROM, TO),
					    "%s", c->name);
		}
	}
}

static struct kunit_case rtcp_cases[] = {
	KUNIT_CASE(maps),
	KUNIT_CASE(ends),
	{}
};

struct kunit_suite ksrtp_kunit_rtcp = {
	.name = "ksrtp_rtcp",
	.test_cases = rtcp_cases,
};
