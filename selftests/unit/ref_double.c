// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the known answers leave open of the reference's DOUBLE suites (RFC 8723):
 * any chain of media distributors reads back, their OHB is as short as it can
 * be, and what they may not change they cannot.
 */
#include "kt.h"

#include "refsrtp.h"

#define ROC	5u
#define SSRC	0xcafebabeu
#define HOPS	4

static uint8_t key[64 + 24];

static int original(uint8_t *pkt, unsigned int shape)
{
	struct ref_rtp rtp = {
		.pt = 96,
		.marker = shape & 1,
		.seq = 4711,
		.ssrc = SSRC,
		.csrc_count = shape / 2 % 3,
		.extension = shape / 6 & 1,
		.ext_words = shape / 12 & 1,
		.payload_len = shape / 24 & 1 ? 0 : 50,
	};

	return ref_rtp_build(&rtp, pkt);
}

static size_t ohb_len(const uint8_t *was, const uint8_t *is)
{
	bool pt = (was[1] ^ is[1]) & 0x7f;

	return 1 + pt + (ref_rtp_seq(was) != ref_rtp_seq(is) ? 2 : 0);
}

/* Each distributor changes what the bits of @changes say, or puts back what was changed before */
static bool chain(const struct ref_ctx *c, unsigned int shape, unsigned int changes)
{
	uint8_t plain[256], pkt[512], out[512];
	struct ref_ctx inner;
	struct ref_ohb ohb;
	int len = original(plain, shape), n, hop;

	ref_double_inner(c, &inner);
	n = ref_double_seal(&inner, plain, len, ref_index(ROC, 4711), pkt);
	for (hop = 0; hop < HOPS; hop++, changes >>= 3) {
		n = ref_double_relay(pkt, n, changes & 1 ? 97 + hop : 96,
				     changes & 2 ? 100 + hop : 4711,
				     !!(changes & 4) ^ (plain[1] >> 7), pkt);
		if (n < 0 || ref_double_ohb(pkt, n, &ohb) || ohb.len != ohb_len(plain, pkt) ||
		    (size_t)n != len + 16 + ohb.len)
			return false;
	}
	n = ref_double_open(&inner, pkt, n, ROC, out);
	/* as it came but for the marker, and the payload as it was sent */
	pkt[1] = (pkt[1] & 0x7f) | (plain[1] & 0x80);
	return n == len && !memcmp(out, pkt, 4) && !memcmp(out + 4, plain + 4, len - 4);
}

static void chains(const struct ref_ctx *c)
{
	unsigned int shape, changes;
	bool ok = true;

	for (shape = 0; shape < 48; shape++)
		for (changes = 0; ok && changes < 1 << (3 * HOPS); changes += 1 + shape)
			ok = chain(c, shape, changes);
	kt_ok(ok, "%s: four distributors change and restore PT, SEQ and M, and it reads back",
	      c->suite->name);
}

/* What a distributor could do with the outer key, and the receiver has to see */
static void forgeries(const struct ref_ctx *c)
{
	uint8_t plain[256], pkt[512], changed[512], out[512];
	int len = original(plain, 8), h, n, bit, unseen = 0;
	struct ref_ctx inner;

	ref_double_inner(c, &inner);
	h = ref_rtp_header_len(plain, len);
	n = ref_double_seal(&inner, plain, len, ref_index(ROC, 4711), pkt);
	for (bit = 0; bit < 8 * n; bit++) {
		memcpy(changed, pkt, n);
		changed[bit / 8] ^= 1 << bit % 8;
		/* an extension is not protected end to end, the X bit therefore neither */
		if (bit / 8 >= 12 + 4 && bit / 8 < h)
			continue;
		/* nor is it a lie that the marker was 0, and B without M says nothing */
		if (bit == 8 * (n - 1) + 2 || bit == 8 * (n - 1) + 3)
			continue;
		if (ref_double_open(&inner, changed, n, ROC, out) >= 0) {
			unseen++;
			kt_note("byte %d, bit %d makes no difference", bit / 8, bit % 8);
		}
	}
	kt_is(unseen, 0, "%s: no other bit of header, payload, tag or OHB can be changed unseen",
	      c->suite->name);
	kt_ok(ref_double_open(&inner, pkt, n, ROC + 1, out) == REF_E_AUTH,
	      "the ROC of the inner layer is its own");
	for (bit = 0; bit < n; bit++)
		if (ref_double_open(&inner, pkt, bit, ROC, out) >= 0)
			break;
	kt_is(bit, n, "no shorter packet opens");
}

/* Two layers under two indices, and the outer half alone */
static void halves(const struct ref_ctx *c)
{
	struct ref_ctx inner, outer, half;
	uint8_t plain[256], pkt[512], out[512], wire[512];
	size_t key_len = c->suite->key_len / 2;
	int len = original(plain, 8), n, m;
	uint32_t index;
	bool e;

	ref_double_inner(c, &inner);
	ref_double_outer(c, &outer);
	if (ref_ctx_init(&half, c->suite->name, key + key_len, key_len,
			 key + c->suite->key_len + 12, 12))
		kt_bail("no context of the outer half");
	n = ref_double_seal(&inner, plain, len, ref_index(ROC, 4711), pkt);
	n = ref_protect_rtp(&outer, pkt, n, ref_index(0, 4711), wire);
	m = ref_unprotect_rtp(&half, wire, n, ref_index(0, 4711), out);
	kt_ok(half.outer_only && m == n - 16 && !memmem(out, m, plain + len - 50, 20),
	      "%s: half a key opens the outer layer, and the payload is not to be read",
	      c->suite->name);
	m = ref_double_open(&inner, out, m, ROC, out);
	kt_ok(m == len && !memcmp(out, plain, len), "the layers may have ROCs of their own");
	n = ref_protect_rtp(c, plain, len, ref_index(ROC, 4711), wire);
	m = ref_unprotect_rtp(&half, wire, n, ref_index(ROC, 4711), out);
	m = ref_protect_rtp(&half, out, m, ref_index(ROC, 4711), out);
	kt_ok(m == n && !memcmp(out, wire, n), "both layers at once are the two one by one");

	len = ref_rtcp_rr(plain, SSRC, NULL, 0);
	n = ref_protect_rtcp(c, plain, len, 3, true, wire);
	m = ref_unprotect_rtcp(&half, wire, n, &index, &e, out);
	kt_ok(m == len && index == 3 && e && !memcmp(out, plain, len),
	      "RTCP is under the outer half alone");
}

int main(void)
{
	static const char *const suites[] = {
		"DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
		"DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
	};
	const struct ref_suite *s;
	struct ref_ctx c;
	size_t i;

	kt_plan(2 * 8);
	ref_pattern(key, sizeof(key), 1);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		s = ref_suite_find(suites[i]);
		if (ref_ctx_init(&c, s->name, key, s->key_len, key + s->key_len, s->salt_len))
			kt_bail("no context for %s", s->name);
		chains(&c);
		forgeries(&c);
		halves(&c);
	}
	return kt_done();
}
