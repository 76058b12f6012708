// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the known answers leave open of the reference's header extensions (RFC
 * 6904, RFC 9335) and carried roll-over counters (RFC 4771): which bytes are
 * encrypted, that everything reads back, and that nothing forged does.
 */
#include "kt.h"

#include "refsrtp.h"

#define ROC	0x00010002u
#define SSRC	0xcafebabeu

static uint8_t key[64 + 24];
static const uint8_t ids[] = { 1, 3, 200 };

static void context(struct ref_ctx *c, const struct ref_suite *s)
{
	if (ref_ctx_init(c, s->name, key, s->key_len, key + s->key_len, s->salt_len))
		kt_bail("no context for %s", s->name);
}

/* ---- which bytes ---- */

static bool mask_is(uint16_t profile, const char *body, size_t len, const char *want)
{
	struct ref_ctx c = { 0 };
	uint8_t mask[64];
	size_t i;

	ref_ctx_enc_ext(&c, ids, sizeof(ids));
	ref_ext_mask(profile, (const uint8_t *)body, len, c.enc_ext, mask);
	for (i = 0; i < len; i++) {
		if (mask[i] == (want[i] == 'x' ? 0xff : 0))
			continue;
		kt_note("byte %zu of profile %#x", i, profile);
		return false;
	}
	return true;
}

static void masks(void)
{
	kt_ok(mask_is(0xbede, "\022abc\040d\061ef\000\000\000", 12, ".xxx...xx..."),
	      "of one-byte elements the data of those on the list is encrypted, no header, no padding");
	kt_ok(mask_is(0xbede, "\020a\000\000\020b\000\000", 8, ".x...x.."),
	      "padding may stand between elements");
	kt_ok(mask_is(0xbede, "\360a\020b", 4, "...."), "id 15 ends the list");
	kt_ok(mask_is(0xbede, "\001a\020b", 4, "...."),
	      "and so does id 0 with a length");
	kt_ok(mask_is(0xbede, "\020a\037b", 4, ".x.."),
	      "an element longer than the extension is none");
	kt_ok(mask_is(0x1000, "\001\002ab\002\001c\000\310\001d\000", 12,
		      "..xx......x."),
	      "two-byte elements have any id and any length");
	kt_ok(mask_is(0x100f, "\001\000\003\002ab\000\000", 8, "....xx.."),
	      "whatever the application's bits, and of length 0 too");
	kt_ok(mask_is(0x1000, "\001\011ab", 4, "....") &&
	      mask_is(0x1000, "\0\0\0\x01", 4, "...."),
	      "what does not fit is none");
	kt_ok(mask_is(0x1010, "\001\002ab", 4, "....") &&
	      mask_is(0x4242, "\022abc", 4, "...."),
	      "another profile has no elements");
}

/* ---- everything reads back ---- */

/* The data of every element is 17 bytes of one pattern: what differs from it is encrypted */
static int build(struct ref_rtp *rtp, unsigned int shape, uint8_t *out)
{
	static const uint16_t profiles[] = { 0xbede, 0x1000, 0x1003, 0x4242 };
	static const uint8_t one[] = { 0x12, 1, 2, 3, 0x20, 4, 0x31, 5, 6, 0, 0, 0 };
	static const uint8_t two[] = { 1, 2, 1, 2, 2, 1, 3, 0, 200, 1, 4, 0 };
	int len, at;

	rtp->csrc_count = shape % 16;
	rtp->extension = shape / 16 % 5 < 4;
	rtp->ext_profile = profiles[shape / 16 % 4];
	rtp->ext_words = shape / 80 % 2 ? 3 : 0;
	rtp->payload_len = shape / 160 % 2 ? 33 : 0;
	len = ref_rtp_build(rtp, out);
	at = 12 + 4 * rtp->csrc_count + 4;
	if (rtp->extension && rtp->ext_words)
		memcpy(out + at, rtp->ext_profile == 0xbede ? one : two, 12);
	return len;
}

static bool reads_back(const struct ref_ctx *c, const uint8_t *plain, int len, bool cryptex)
{
	uint8_t wire[512], out[512], want[512];
	uint64_t index = ref_index(ROC, ref_rtp_seq(plain));
	int n = ref_protect_rtp(c, plain, len, index, wire), m, want_len = len;

	memcpy(want, plain, len);
	if (cryptex)
		want_len = ref_cryptex_plain(plain, len, want);
	m = ref_unprotect_rtp(c, wire, n, index, out);
	if (m == want_len && !memcmp(out, want, m))
		return true;
	kt_note("%d bytes come back as %d", len, m);
	return false;
}

/* A bit of each byte */
static bool each_counts(const struct ref_ctx *c, const uint8_t *plain, int len)
{
	uint8_t wire[512], out[512];
	uint64_t index = ref_index(ROC, ref_rtp_seq(plain));
	int n = ref_protect_rtp(c, plain, len, index, wire), i, m;

	for (i = 0; i < n; i++) {
		wire[i] ^= 1 << i % 8;
		m = ref_unprotect_rtp(c, wire, n, index, out);
		wire[i] ^= 1 << i % 8;
		if (m >= 0) {
			kt_note("byte %d of %d makes no difference", i, n);
			return false;
		}
	}
	return n > 0;
}

static bool in_every_shape(const struct ref_ctx *c, bool cryptex)
{
	struct ref_rtp rtp = { .pt = 96, .seq = 4660, .ssrc = SSRC };
	unsigned int shape;
	uint8_t plain[512];
	int len;

	for (shape = 0; shape < 320; shape++) {
		len = build(&rtp, shape, plain);
		if (!reads_back(c, plain, len, cryptex) ||
		    (shape % 37 == 1 && !each_counts(c, plain, len))) {
			kt_note("shape %u", shape);
			return false;
		}
	}
	return true;
}

static void suite(const struct ref_suite *s)
{
	struct ref_ctx c;
	bool carried = true;
	uint16_t r;

	context(&c, s);
	c.cryptex = s->cipher != REF_DOUBLE_GCM;
	kt_ok(in_every_shape(&c, c.cryptex), "%s: packets of every shape read back%s", s->name,
	      c.cryptex ? " under Cryptex" : "");
	context(&c, s);
	ref_ctx_enc_ext(&c, ids, sizeof(ids));
	kt_ok(in_every_shape(&c, false), "%s: and with encrypted elements", s->name);
	context(&c, s);
	if (ref_ctx_rcc(&c, 1)) {
		kt_ok(!ref_suite_is_aead(s) && s->rtp_tag_len == 4,
		      "%s: a carried ROC would leave no MAC", s->name);
		return;
	}
	for (r = 1; r < 4; r++) {
		ref_ctx_rcc(&c, r);
		ref_ctx_mki(&c, "mki", r);
		carried = carried && in_every_shape(&c, false);
	}
	kt_ok(carried, "%s: and with a carried ROC", s->name);
}

/* ---- where the bytes are ---- */

/* Header bytes that Cryptex leaves as they are: 12, and 4 of the extension but for its profile */
static void cryptex_hides(void)
{
	struct ref_rtp rtp = { .seq = 7, .ssrc = SSRC, .csrc_count = 2, .payload_len = 5 };
	uint8_t plain[64], wire[128];
	struct ref_ctx c;
	int len = ref_rtp_build(&rtp, plain), n;

	context(&c, ref_suite_find("AES_CM_128_HMAC_SHA1_80"));
	c.cryptex = true;
	n = ref_protect_rtp(&c, plain, len, 7, wire);
	kt_ok(n == len + 4 + 10 && wire[0] == (plain[0] | 0x10) &&
	      !memcmp(wire + 1, plain + 1, 11) && memcmp(wire + 12, plain + 12, 8) &&
	      !memcmp(wire + 20, "\xc0\xde\0\0", 4),
	      "CSRCs without an extension get an empty one, and are not to be read");
	rtp.csrc_count = 0;
	len = ref_rtp_build(&rtp, plain);
	n = ref_protect_rtp(&c, plain, len, 7, wire);
	kt_ok(n == len + 10 && !memcmp(wire, plain, 12), "without either there is nothing to hide");
}

static void roc_is_carried(void)
{
	struct ref_rtp rtp = { .seq = 20, .ssrc = SSRC, .payload_len = 5 };
	uint8_t plain[64], wire[128], out[128];
	struct ref_ctx c, ordinary;
	uint32_t roc = 0;
	int len = ref_rtp_build(&rtp, plain), n;
	bool ok;

	context(&ordinary, ref_suite_find("AES_CM_128_HMAC_SHA1_80"));
	c = ordinary;
	ref_ctx_rcc(&c, 10);
	n = ref_protect_rtp(&c, plain, len, ref_index(ROC, 20), wire);
	ok = n == len + 10 && ref_rcc_roc(&c, wire, n, &roc) && roc == ROC &&
	     ref_get32(wire + len) == ROC;
	kt_ok(ok, "mode 2: the ROC stands where the tag began, which is as long as before");
	/* a receiver that was told another ROC does not take the packet for one of that */
	kt_ok(ref_unprotect_rtp(&c, wire, n, ref_index(ROC + 1, 20), out) == REF_E_AUTH,
	      "the index is the carried ROC's");
	ref_put32(wire + len, ROC + 1);
	kt_ok(ref_unprotect_rtp(&c, wire, n, ref_index(ROC + 1, 20), out) == REF_E_AUTH,
	      "and a forged one is found by the MAC");
	rtp.seq = 21;
	len = ref_rtp_build(&rtp, plain);
	n = ref_protect_rtp(&c, plain, len, ref_index(ROC, 21), wire);
	kt_ok(!ref_rcc_roc(&c, wire, n, &roc) &&
	      ref_protect_rtp(&ordinary, plain, len, ref_index(ROC, 21), out) == n &&
	      !memcmp(wire, out, n), "packets in between are RFC 3711's");

	context(&c, ref_suite_find("AEAD_AES_128_GCM"));
	ref_ctx_rcc(&c, 7);
	ref_ctx_mki(&c, "mki!", 4);
	n = ref_protect_rtp(&c, plain, len, ref_index(ROC, 21), wire);
	kt_ok(n == len + 16 + 4 + 4 && ref_get32(wire + n - 4) == ROC &&
	      !memcmp(wire + n - 8, "mki!", 4), "mode 3: the ROC stands behind tag and MKI");
	ref_put32(wire + n - 4, ROC + 1);
	kt_ok(ref_unprotect_rtp(&c, wire, n, ref_index(ROC + 1, 21), out) == REF_E_AUTH,
	      "and a forged one is found by the tag");
}

int main(void)
{
	const struct ref_suite *s;
	size_t i, suites;

	for (suites = 0; ref_suite_at(suites); suites++)
		;
	kt_plan(9 + 3 * suites + 2 + 6);
	ref_pattern(key, sizeof(key), 1);
	masks();
	for (i = 0; (s = ref_suite_at(i)); i++)
		suite(s);
	cryptex_hides();
	roc_is_carried();
	return kt_done();
}
