// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the known answers leave open about the reference the other tests compare
 * ksrtp with: every suite reads back what it wrote whatever the shape of the
 * packet, refuses each changed bit, and its parts agree with libcrypto's own
 * CTR mode and HKDF.
 */
#include "kt.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "refsrtp.h"

#define ROC 0xfffe0001u
#define SSRC 0x80000001u
#define INDEX 0x7ffffffe

/* the longest master key and salt */
static uint8_t key[64 + 24];
static const uint8_t mki[REF_MAX_MKI] = { 1, 2, 3, 4, 5 };

static void hbh_context(struct ref_ctx *c, const struct ref_suite *s, size_t mki_len)
{
	if (ref_ctx_init(c, s->name, key, s->key_len, key + s->key_len, s->salt_len) ||
	    ref_ctx_mki(c, mki, mki_len))
		kt_bail("no context for %s", s->name);
}

static void e2e_context(struct ref_e2e *c, enum ref_iv iv, size_t mi_len)
{
	enum ref_mi mi = mi_len ? REF_MI_DERIVED : REF_MI_OFF;

	if (ref_e2e_call_key(c, key, 32, "4711@lid", false) ||
	    ref_e2e_set_mi(c, mi, key, 32, mi_len))
		kt_bail("no E2E context");
	ref_e2e_set_iv(c, iv);
}

/* A protection to be tried on a packet: SRTP, SRTCP (E flag) or E2E, by what is not NULL */
struct trial {
	const struct ref_ctx *srtp, *srtcp;
	const struct ref_e2e *e2e;
	uint64_t index;
	bool e;
};

static int protect(const struct trial *t, const void *in, size_t len, void *out)
{
	if (t->srtp)
		return ref_protect_rtp(t->srtp, in, len, t->index, out);
	if (t->srtcp)
		return ref_protect_rtcp(t->srtcp, in, len, t->index, t->e, out);
	return ref_e2e_protect(t->e2e, in, len, t->index, out);
}

static int unprotect(const struct trial *t, const void *in, size_t len, void *out)
{
	uint32_t index;
	bool e;
	int n;

	if (t->srtp)
		return ref_unprotect_rtp(t->srtp, in, len, t->index, out);
	if (t->e2e)
		return ref_e2e_unprotect(t->e2e, in, len, t->index, out);
	n = ref_unprotect_rtcp(t->srtcp, in, len, &index, &e, out);
	if (n >= 0 && (index != t->index || e != t->e))
		kt_bail("index %#x, E %d", index, e);
	return n;
}

/* Reads back as it was, into another buffer and in place, and the length is what it should be */
static bool reads_back(const struct trial *t, const void *plain, int len, int more)
{
	static uint8_t wire[REF_MAX_PACKET], out[REF_MAX_PACKET];
	int n = protect(t, plain, len, wire), m;

	if (n != len + more) {
		kt_note("%d bytes give %d", len, n);
		return false;
	}
	m = unprotect(t, wire, n, out);
	if (m != len || memcmp(out, plain, len)) {
		kt_note("%d bytes come back as %d", len, m);
		return false;
	}
	memcpy(out, plain, len);
	if (protect(t, out, len, out) != n || memcmp(out, wire, n) ||
	    unprotect(t, out, n, out) != len || memcmp(out, plain, len)) {
		kt_note("%d bytes: another result in place", len);
		return false;
	}
	return true;
}

static const size_t payloads[] = { 0, 1, 2, 15, 16, 17, 31, 32, 33, 160, 1200 };

/* Every CSRC count and payload size, with no extension, an empty one and one of 3 words */
static bool rtp_shapes(struct trial *t, int more)
{
	uint8_t pkt[2048];
	struct ref_rtp rtp = { .seq = 0xffff, .ssrc = SSRC };
	unsigned int ext;
	size_t i;
	int len;

	t->index = ref_index(ROC, rtp.seq);
	for (rtp.csrc_count = 0; rtp.csrc_count < 16; rtp.csrc_count++) {
		for (ext = 0; ext < 3; ext++) {
			rtp.extension = ext;
			rtp.ext_words = ext == 2 ? 3 : 0;
			for (i = 0; i < ARRAY_SIZE(payloads); i++) {
				rtp.payload_len = payloads[i];
				rtp.padding = i % 3 ? 0 : 4;
				len = ref_rtp_build(&rtp, pkt);
				if (!reads_back(t, pkt, len, more))
					return false;
			}
		}
	}
	return true;
}

static bool rtcp_shapes(struct trial *t, int more)
{
	uint32_t list[31] = { SSRC, 1, 2, 3 };
	uint8_t pkt[2048];
	int n, len;

	t->index = INDEX;
	for (n = 0; n <= 31; n++) {
		for (t->e = false;; t->e = true) {
			len = ref_rtcp_rr(pkt, SSRC, list, n);
			if (!reads_back(t, pkt, len, more))
				return false;
			len += ref_rtcp_sdes(pkt + len, list, 1 + n % 3, "cname");
			len += ref_rtcp_bye(pkt + len, list, n, "gone");
			if (!reads_back(t, pkt, len, more))
				return false;
			if (t->e)
				break;
		}
	}
	return true;
}

/* Each bit of a protected packet, and each shorter length, is refused */
static bool refuses_changes(const struct trial *t, const void *plain, int len)
{
	uint8_t wire[2048], changed[2048], out[2048];
	int n = protect(t, plain, len, wire), bit, shorter;

	for (bit = 0; bit < 8 * n; bit++) {
		memcpy(changed, wire, n);
		changed[bit / 8] ^= 1 << bit % 8;
		if (unprotect(t, changed, n, out) >= 0) {
			kt_note("byte %d of %d, bit %d makes no difference", bit / 8, n, bit % 8);
			return false;
		}
	}
	for (shorter = 0; shorter < n; shorter++) {
		if (unprotect(t, wire, shorter, out) >= 0) {
			kt_note("%d bytes of %d are enough", shorter, n);
			return false;
		}
	}
	return n > 0;
}

static bool rtp_changes(struct trial *t)
{
	struct ref_rtp rtp = {
		.seq = 7,
		.ssrc = SSRC,
		.csrc_count = 2,
		.extension = true,
		.ext_words = 2,
		.payload_len = 33,
	};
	uint8_t pkt[256];
	int len = ref_rtp_build(&rtp, pkt);
	struct trial other = *t;
	uint8_t wire[512];
	int n;

	t->index = ref_index(ROC, rtp.seq);
	if (!refuses_changes(t, pkt, len))
		return false;
	/* the ROC is authenticated, though it is nowhere in the packet */
	n = protect(t, pkt, len, wire);
	other.index = ref_index(ROC + 1, rtp.seq);
	if (unprotect(&other, wire, n, wire) != REF_E_AUTH) {
		kt_note("another ROC makes no difference");
		return false;
	}
	return true;
}

static bool rtcp_changes(struct trial *t)
{
	uint32_t source = 5;
	uint8_t pkt[256];
	int len = ref_rtcp_sr(pkt, SSRC, &source, 1);

	t->index = INDEX;
	t->e = true;
	if (!refuses_changes(t, pkt, len))
		return false;
	t->e = false;
	return refuses_changes(t, pkt, len);
}

static void suite_keeps_its_word(const struct ref_suite *s)
{
	static const size_t mki_lens[] = { 0, 1, 4, REF_MAX_MKI };
	/* the inner tag and an OHB that says nothing */
	size_t inner = s->cipher == REF_DOUBLE_GCM ? 16 + 1 : 0;
	bool rtp = true, rtcp = true, rtp_bits = true, rtcp_bits = true;
	struct ref_ctx c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mki_lens); i++) {
		struct trial srtp = { .srtp = &c }, srtcp = { .srtcp = &c };

		hbh_context(&c, s, mki_lens[i]);
		rtp = rtp && rtp_shapes(&srtp, s->rtp_tag_len + inner + mki_lens[i]);
		rtcp = rtcp && rtcp_shapes(&srtcp, 4 + s->rtcp_tag_len + mki_lens[i]);
		rtp_bits = rtp_bits && rtp_changes(&srtp);
		rtcp_bits = rtcp_bits && rtcp_changes(&srtcp);
	}
	kt_ok(rtp, "%s: RTP of every shape reads back", s->name);
	kt_ok(rtcp, "%s: RTCP of every shape reads back", s->name);
	kt_ok(rtp_bits, "%s: each bit and byte of RTP counts", s->name);
	kt_ok(rtcp_bits, "%s: each bit and byte of RTCP counts", s->name);
}

static void e2e_keeps_its_word(void)
{
	bool shapes = true, bits = true;
	struct ref_e2e c;
	unsigned int iv;
	size_t mi_len;

	for (iv = REF_IV_RIGHT; iv <= REF_IV_LEFT; iv++) {
		for (mi_len = 0; mi_len <= 20; mi_len += 4) {
			struct trial t = { .e2e = &c };

			e2e_context(&c, iv, mi_len);
			shapes = shapes && rtp_shapes(&t, mi_len);
			bits = bits && (!mi_len || rtp_changes(&t));
		}
	}
	kt_ok(shapes, "E2E: RTP of every shape reads back, with MI tags of 0 to 20 bytes");
	kt_ok(bits, "E2E: each bit and byte of RTP counts where there is an MI tag");
}

static void e2e_inside_hbh(void)
{
	struct ref_rtp rtp = { .seq = 9, .ssrc = SSRC, .payload_len = 50 };
	uint8_t plain[128], inner[128], wire[256], out[256];
	struct ref_e2e e2e;
	struct ref_ctx hbh;
	int len = ref_rtp_build(&rtp, plain), n, m;
	bool ok;

	hbh_context(&hbh, ref_suite_find("AES_CM_128_HMAC_SHA1_80"), 0);
	e2e_context(&e2e, REF_IV_RIGHT, REF_MI_LEN);
	n = ref_e2e_protect(&e2e, plain, len, ref_index(3, 9), inner);
	m = ref_protect_rtp(&hbh, inner, n, ref_index(0, 9), wire);
	ok = n == len + 4 && m == n + 10 && ref_unprotect_rtp(&hbh, wire, m, 9, out) == n &&
	     !memcmp(out, inner, n) && memcmp(out + 12, plain + 12, 50) &&
	     ref_e2e_unprotect(&e2e, out, n, ref_index(3, 9), out) == len &&
	     !memcmp(out, plain, len);
	kt_ok(ok, "E2E inside HBH reads back under two ROCs, and HBH alone shows only E2E");
	ok = ref_e2e_unprotect(&e2e, inner, n, ref_index(4, 9), out) == REF_E_AUTH &&
	     ref_e2e_unprotect_unverified(&e2e, inner, n, ref_index(4, 9), out) == len &&
	     memcmp(out, plain, len);
	kt_ok(ok, "an MI tag that is only stripped lets a wrong ROC through, to a wrong payload");
}

static void bad_arguments(void)
{
	uint8_t pkt[64] = { 0x80 }, out[64 + REF_MAX_TRAILER];
	const char *cm = "AES_CM_128_HMAC_SHA1_80";
	struct ref_e2e e;
	struct ref_ctx c;
	bool ok;

	ok = ref_ctx_init(&c, "AES_CM_128_HMAC_MD5", key, 16, key + 16, 14) == REF_E_ARG &&
	     ref_ctx_init(&c, cm, key, 15, key + 16, 14) == REF_E_ARG &&
	     ref_ctx_init(&c, cm, key, 16, key + 16, 12) == REF_E_ARG;
	kt_ok(ok, "an unknown suite and keys of another length are refused");
	ok = ref_e2e_call_key(&e, key, 31, "1@lid", false) == REF_E_ARG &&
	     ref_e2e_call_key(&e, key, 33, "1@lid", false) == REF_E_ARG &&
	     ref_e2e_raw_secret(&e, key, 31, "1@lid", false) == REF_E_ARG &&
	     !ref_e2e_raw_secret(&e, key, 46, "1@lid", false);
	kt_ok(ok, "a call key is 32 bytes, a raw secret at least 32");
	hbh_context(&c, ref_suite_find(cm), 0);
	ok = ref_protect_rtp(&c, pkt, 20, 1, out) == REF_E_ARG &&
	     ref_protect_rtp(&c, pkt, 20, 1ull << 48, out) == REF_E_ARG &&
	     ref_protect_rtp(&c, pkt, 11, 0, out) == REF_E_MALFORMED;
	kt_ok(ok, "an index not the packet's or beyond 48 bits and a short header are refused");
}

/* A context made from a raw secret differs from that of a call key in nothing but the length */
static void raw_secret(void)
{
	struct ref_e2e from_call_key, from_secret;
	bool ok;

	ok = !ref_e2e_call_key(&from_call_key, key, 32, "4711:0@lid", true) &&
	     !ref_e2e_raw_secret(&from_secret, key, 46, "4711@lid", false) &&
	     !memcmp(&from_call_key, &from_secret, sizeof(from_secret)) &&
	     !ref_e2e_raw_secret(&from_secret, key, 46, "4711@lid", true) &&
	     memcmp(&from_call_key, &from_secret, sizeof(from_secret));
	kt_ok(ok, "the first 32 bytes of a raw secret count, and lid-raw takes the LID as it is");
}

/* libcrypto's CTR mode counts in 128 bits too */
static void keystream_is_ctr(void)
{
	const struct evp_cipher_st *ctr[] = {
		EVP_aes_128_ctr(), EVP_aes_192_ctr(), EVP_aes_256_ctr(),
	};
	uint8_t iv[16], zeros[1000] = { 0 }, ours[1000], theirs[1000];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok = true;
	size_t i, tail;
	int n;

	for (i = 0; i < ARRAY_SIZE(ctr); i++) {
		for (tail = 0; tail <= 16; tail++) {
			/* the last bytes all ones: a carry goes through them */
			memset(iv, 0x5a, 16);
			memset(iv + 16 - tail, 0xff, tail);
			ok = ok && !ref_keystream(key, 16 + 8 * i, iv, 0, ours, 1000) &&
			     EVP_EncryptInit_ex(ctx, ctr[i], NULL, key, iv) &&
			     EVP_EncryptUpdate(ctx, theirs, &n, zeros, 1000) && n == 1000 &&
			     !memcmp(ours, theirs, 1000) &&
			     /* starting in the middle is the same stream */
			     !ref_keystream(key, 16 + 8 * i, iv, 7, ours, 100) &&
			     !memcmp(ours, theirs + 7 * 16, 100);
		}
	}
	EVP_CIPHER_CTX_free(ctx);
	kt_ok(ok, "the key stream is that of libcrypto's CTR mode, whatever the carry");
}

static void hkdf_is_libcryptos(void)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	uint8_t ours[255 * 32], theirs[255 * 32];
	uint8_t salt[32] = "a salt";
	bool ok = kdf;
	size_t len;

	for (len = 1; ok && len <= sizeof(ours); len += 61) {
		EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
		OSSL_PARAM params[] = {
			OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
			OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, 32),
			OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, salt, len % 33),
			OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, (void *)key, len % 40),
			OSSL_PARAM_END,
		};

		ok = EVP_KDF_derive(ctx, theirs, len, params) > 0 &&
		     !ref_hkdf(salt, len % 33, key, 32, key, len % 40, ours, len) &&
		     !memcmp(ours, theirs, len);
		EVP_KDF_CTX_free(ctx);
	}
	EVP_KDF_free(kdf);
	kt_ok(ok, "HKDF is libcrypto's for every length of salt, info and result");
}

/* Walks a compound packet by its length fields */
static int rtcp_count(const uint8_t *p, int len)
{
	int n = 0, step;

	for (; len >= 4; n++, p += step, len -= step) {
		step = 4 * (ref_get16(p + 2) + 1);
		if (p[0] >> 6 != 2 || p[1] < 200 || p[1] > 207 || step > len)
			return -1;
	}
	return len ? -1 : n;
}

static void packets_are_well_formed(void)
{
	static const uint32_t list[] = { 0x11111111, 0x22222222, 0x33333333 };
	uint8_t p[2048], blocks[256];
	unsigned int xr = 0;
	bool chunks = true;
	int n = 0, b, i;
	char cname[6];

	n += ref_rtcp_sr(p + n, 1, list, 3);
	n += ref_rtcp_rr(p + n, 1, list, 0);
	n += ref_rtcp_sdes(p + n, list, 3, "cname");
	n += ref_rtcp_bye(p + n, list, 3, NULL);
	n += ref_rtcp_bye(p + n, list, 1, "reason");
	n += ref_rtcp_app(p + n, 1, 2, "name", list, 12);
	n += ref_rtcp_nack(p + n, 1, 2, 3, 4);
	n += ref_rtcp_tmmbr(p + n, 1, list, 2);
	n += ref_rtcp_tmmbn(p + n, 1, list, 0);
	n += ref_rtcp_twcc(p + n, 1, 2, 3);
	n += ref_rtcp_pli(p + n, 1, 2);
	n += ref_rtcp_fir(p + n, 1, list, 3);
	n += ref_rtcp_remb(p + n, 1, 4000000000u, list, 3);
	b = ref_xr_loss_rle(blocks, list[0]);
	b += ref_xr_rrtr(blocks + b);
	b += ref_xr_dlrr(blocks + b, list, 3);
	b += ref_xr_stat_summary(blocks + b, list[1]);
	b += ref_xr_voip_metrics(blocks + b, list[2]);
	n += ref_rtcp_xr(p + n, 1, blocks, b);
	kt_is(rtcp_count(p, n), 14, "RTCP builders make one packet each, of whole words");

	for (i = 0; i < b; i += 4 * (ref_get16(blocks + i + 2) + 1))
		xr = xr * 10 + blocks[i];
	kt_ok(i == b && xr == 14567, "XR blocks have the lengths they say");

	for (i = 0; i <= 5; i++) {
		memset(cname, 'c', i);
		cname[i] = '\0';
		n = ref_rtcp_sdes(p, list, 1, cname);
		/* header, SSRC, type, length, text and at least one zero byte */
		chunks = chunks && n % 4 == 0 && n > 10 + i && n <= 10 + i + 4 && !p[n - 1];
	}
	kt_ok(chunks, "an SDES chunk ends in one to four zero bytes, on a word");
}

int main(void)
{
	const struct ref_suite *s;
	size_t i, suites;

	for (suites = 0; ref_suite_at(suites); suites++)
		;
	kt_plan(4 * suites + 13);
	ref_pattern(key, sizeof(key), 1);
	for (i = 0; (s = ref_suite_at(i)); i++)
		suite_keeps_its_word(s);
	e2e_keeps_its_word();
	e2e_inside_hbh();
	bad_arguments();
	raw_secret();
	keystream_is_ctr();
	hkdf_is_libcryptos();
	packets_are_well_formed();
	return kt_done();
}
