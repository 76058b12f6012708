// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The transforms of refsrtp.h, in the order and with the names of the RFCs:
 * RFC 3711 (SRTP), 6188 (AES-192 and AES-256), 7714 (GCM), 5869 (HKDF).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "refsrtp.h"

#define GCM_TAG 16
#define RTCP_CLEAR 8 /* header word and sender's SSRC: never encrypted */
#define E_FLAG 0x80000000u

static const struct ref_suite suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_80", REF_AES_CM, 16, 14, 10, 10 },
	{ "AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_HMAC_SHA1_32", REF_AES_CM, 16, 14, 4, 10 },
	{ "AES_192_CM_HMAC_SHA1_80", NULL, REF_AES_CM, 24, 14, 10, 10 },
	{ "AES_192_CM_HMAC_SHA1_32", NULL, REF_AES_CM, 24, 14, 4, 10 },
	{ "AES_256_CM_HMAC_SHA1_80", NULL, REF_AES_CM, 32, 14, 10, 10 },
	{ "AES_256_CM_HMAC_SHA1_32", NULL, REF_AES_CM, 32, 14, 4, 10 },
	{ "NULL_HMAC_SHA1_80", "SRTP_NULL_HMAC_SHA1_80", REF_NULL, 16, 14, 10, 10 },
	{ "NULL_HMAC_SHA1_32", "SRTP_NULL_HMAC_SHA1_32", REF_NULL, 16, 14, 4, 10 },
	{ "AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", REF_AES_GCM, 16, 12, 16, 16 },
	{ "AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", REF_AES_GCM, 32, 12, 16, 16 },
};

/* libcrypto refuses only what a test could do nothing about */
static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "refsrtp: libcrypto: %s failed\n", what);
	abort();
}

const char *ref_strerror(int err)
{
	switch (err) {
	case REF_E_ARG:
		return "bad argument";
	case REF_E_MALFORMED:
		return "malformed or too short";
	case REF_E_MKI:
		return "another MKI";
	case REF_E_AUTH:
		return "wrong tag";
	}
	return err < 0 ? "unknown error" : "no error";
}

const struct ref_suite *ref_suite_at(size_t i)
{
	return i < ARRAY_SIZE(suites) ? &suites[i] : NULL;
}

const struct ref_suite *ref_suite_find(const char *name)
{
	const struct ref_suite *s;
	size_t i;

	for (i = 0; (s = ref_suite_at(i)); i++)
		if (!strcmp(name, s->name) || (s->dtls_name && !strcmp(name, s->dtls_name)))
			return s;
	return NULL;
}

/* ---- AES, HMAC, HKDF ---- */

static const EVP_CIPHER *aes(size_t key_len, const EVP_CIPHER *k128, const EVP_CIPHER *k192,
			     const EVP_CIPHER *k256)
{
	switch (key_len) {
	case 16:
		return k128;
	case 24:
		return k192;
	case 32:
		return k256;
	}
	return NULL;
}

/* RFC 3711 section 4.1.1: E(k, IV) || E(k, IV + 1 mod 2^128) || ... */
int ref_keystream(const void *key, size_t key_len, const uint8_t iv[16], uint64_t first, void *out,
		  size_t len)
{
	const EVP_CIPHER *ecb =
		aes(key_len, EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb());
	uint8_t in[16], block[16];
	EVP_CIPHER_CTX *ctx;
	uint8_t *o = out;
	unsigned int sum;
	uint64_t j;
	size_t n;
	int got, i;

	if (!ecb)
		return REF_E_ARG;
	ctx = EVP_CIPHER_CTX_new();
	must(ctx && EVP_EncryptInit_ex(ctx, ecb, NULL, key, NULL), "AES-ECB");
	must(EVP_CIPHER_CTX_set_padding(ctx, 0), "AES-ECB");
	for (j = first; len; j++, o += n, len -= n) {
		uint64_t carry = j;

		/* in = iv + j mod 2^128, byte by byte from the last */
		for (sum = 0, i = 15; i >= 0; i--, carry >>= 8) {
			sum += iv[i] + (carry & 0xff);
			in[i] = sum;
			sum >>= 8;
		}
		must(EVP_EncryptUpdate(ctx, block, &got, in, 16) && got == 16, "AES-ECB");
		n = len < 16 ? len : 16;
		memcpy(o, block, n);
	}
	EVP_CIPHER_CTX_free(ctx);
	return 0;
}

static int xor_keystream(const void *key, size_t key_len, const uint8_t iv[16], uint8_t *data,
			 size_t len)
{
	uint8_t ks[REF_MAX_PACKET];
	int err = ref_keystream(key, key_len, iv, 0, ks, len);
	size_t i;

	for (i = 0; !err && i < len; i++)
		data[i] ^= ks[i];
	return err;
}

void ref_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, uint8_t tag[20])
{
	unsigned int n = 20;

	must(HMAC(EVP_sha1(), key, key_len, data, len, tag, &n) && n == 20, "HMAC-SHA1");
}

static void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
			uint8_t tag[32])
{
	unsigned int n = 32;

	must(HMAC(EVP_sha256(), key, key_len, data, len, tag, &n) && n == 32, "HMAC-SHA256");
}

/* RFC 5869 section 2.2; no salt is HashLen zeros */
void ref_hkdf_extract(const void *salt, size_t salt_len, const void *ikm, size_t ikm_len,
		      uint8_t prk[32])
{
	static const uint8_t zeros[32];

	if (!salt_len) {
		salt = zeros;
		salt_len = sizeof(zeros);
	}
	hmac_sha256(salt, salt_len, ikm, ikm_len, prk);
}

/* RFC 5869 section 2.3: T(i) = HMAC(PRK, T(i - 1) || info || i) */
int ref_hkdf(const void *salt, size_t salt_len, const void *ikm, size_t ikm_len, const void *info,
	     size_t info_len, void *okm, size_t okm_len)
{
	uint8_t prk[32], t[32], in[32 + 1024 + 1];
	uint8_t *o = okm;
	size_t t_len = 0, n;
	unsigned int i;

	if (okm_len > 255 * 32 || info_len > 1024)
		return REF_E_ARG;
	ref_hkdf_extract(salt, salt_len, ikm, ikm_len, prk);
	for (i = 1; okm_len; i++, o += n, okm_len -= n) {
		memcpy(in, t, t_len);
		if (info_len)
			memcpy(in + t_len, info, info_len);
		in[t_len + info_len] = i;
		hmac_sha256(prk, 32, in, t_len + info_len + 1, t);
		t_len = 32;
		n = okm_len < 32 ? okm_len : 32;
		memcpy(o, t, n);
	}
	return 0;
}

int ref_gcm_seal(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *plain, size_t len, void *out)
{
	const EVP_CIPHER *gcm = aes(key_len, EVP_aes_128_gcm(), NULL, EVP_aes_256_gcm());
	uint8_t *o = out;
	EVP_CIPHER_CTX *ctx;
	int n = 0;

	if (!gcm)
		return REF_E_ARG;
	ctx = EVP_CIPHER_CTX_new();
	must(ctx && EVP_EncryptInit_ex(ctx, gcm, NULL, key, iv), "GCM");
	must(!aad_len || EVP_EncryptUpdate(ctx, NULL, &n, aad, aad_len), "GCM");
	must(!len || (EVP_EncryptUpdate(ctx, o, &n, plain, len) && (size_t)n == len), "GCM");
	must(EVP_EncryptFinal_ex(ctx, o + len, &n) && !n, "GCM");
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, GCM_TAG, o + len), "GCM");
	EVP_CIPHER_CTX_free(ctx);
	return len + GCM_TAG;
}

int ref_gcm_open(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *in, size_t len, void *out)
{
	const EVP_CIPHER *gcm = aes(key_len, EVP_aes_128_gcm(), NULL, EVP_aes_256_gcm());
	uint8_t plain[REF_MAX_PACKET], tag[GCM_TAG];
	EVP_CIPHER_CTX *ctx;
	int n = 0, ok;

	if (!gcm || len < GCM_TAG || len - GCM_TAG > sizeof(plain))
		return REF_E_ARG;
	len -= GCM_TAG;
	memcpy(tag, (const uint8_t *)in + len, GCM_TAG);
	ctx = EVP_CIPHER_CTX_new();
	must(ctx && EVP_DecryptInit_ex(ctx, gcm, NULL, key, iv), "GCM");
	must(!aad_len || EVP_DecryptUpdate(ctx, NULL, &n, aad, aad_len), "GCM");
	must(!len || (EVP_DecryptUpdate(ctx, plain, &n, in, len) && (size_t)n == len), "GCM");
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, GCM_TAG, tag), "GCM");
	ok = EVP_DecryptFinal_ex(ctx, plain + len, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return REF_E_AUTH;
	memcpy(out, plain, len);
	return len;
}

/* ---- keys ---- */

/*
 * RFC 3711 section 4.3.1 with a key derivation rate of 0, so r = 0:
 * x = (label || r, 7 bytes) XOR master_salt, both right-aligned; key stream of IV x * 2^16.
 */
int ref_prf(const void *master_key, size_t key_len, const void *master_salt, size_t salt_len,
	    uint8_t label, void *out, size_t out_len)
{
	uint8_t iv[16] = { 0 };

	if (salt_len > 14)
		return REF_E_ARG;
	/* RFC 7714 section 11: a salt of 12 bytes has two zero bytes appended */
	memcpy(iv, master_salt, salt_len);
	iv[14 - 7] ^= label;
	return ref_keystream(master_key, key_len, iv, 0, out, out_len);
}

static int session_keys(struct ref_session *s, const struct ref_suite *suite, const void *key,
			size_t key_len, const void *salt, size_t salt_len, uint8_t first_label)
{
	if (key_len != suite->key_len || salt_len != suite->salt_len)
		return REF_E_ARG;
	memset(s, 0, sizeof(*s));
	must(!ref_prf(key, key_len, salt, salt_len, first_label, s->k_e, suite->key_len), "PRF");
	must(!ref_prf(key, key_len, salt, salt_len, first_label + 1, s->k_a, 20), "PRF");
	must(!ref_prf(key, key_len, salt, salt_len, first_label + 2, s->k_s, suite->salt_len),
	     "PRF");
	return 0;
}

int ref_ctx_init(struct ref_ctx *c, const char *suite, const void *key, size_t key_len,
		 const void *salt, size_t salt_len)
{
	int err;

	memset(c, 0, sizeof(*c));
	c->suite = ref_suite_find(suite);
	if (!c->suite)
		return REF_E_ARG;
	err = session_keys(&c->rtp, c->suite, key, key_len, salt, salt_len, 0);
	return err ? err : ref_ctx_rtcp_master(c, key, key_len, salt, salt_len);
}

int ref_ctx_rtcp_master(struct ref_ctx *c, const void *key, size_t key_len, const void *salt,
			size_t salt_len)
{
	return session_keys(&c->rtcp, c->suite, key, key_len, salt, salt_len, 3);
}

int ref_ctx_session(struct ref_ctx *c, const char *suite, const struct ref_session *rtp,
		    const struct ref_session *rtcp)
{
	memset(c, 0, sizeof(*c));
	c->suite = ref_suite_find(suite);
	if (!c->suite)
		return REF_E_ARG;
	if (rtp)
		c->rtp = *rtp;
	if (rtcp)
		c->rtcp = *rtcp;
	return 0;
}

int ref_ctx_mki(struct ref_ctx *c, const void *mki, size_t len)
{
	if (len > REF_MAX_MKI)
		return REF_E_ARG;
	memcpy(c->mki, mki, len);
	c->mki_len = len;
	return 0;
}

int ref_ctx_hbh_direct(struct ref_ctx *c, const char *suite, const uint8_t hbh_key[30])
{
	return ref_ctx_init(c, suite, hbh_key, 16, hbh_key + 16, 14);
}

void ref_hbh_two_stage(const uint8_t hbh_key[30], const char *group, uint8_t master[30],
		       uint8_t stage1[32])
{
	static const uint8_t zeros[32];
	const uint8_t *salt_seed = hbh_key, *key_seed = hbh_key + 14;
	uint8_t stage1_own[32];
	char info[64];

	if (!stage1)
		stage1 = stage1_own;
	snprintf(info, sizeof(info), "%s salt", group);
	must(!ref_hkdf(zeros, 32, salt_seed, 14, info, strlen(info), stage1, 32), "HKDF");
	snprintf(info, sizeof(info), "%s key", group);
	must(!ref_hkdf(stage1, 32, key_seed, 16, info, strlen(info), master, 30), "HKDF");
}

int ref_ctx_hbh_two_stage(struct ref_ctx *c, const char *suite, const uint8_t hbh_key[30],
			  enum ref_direction dir)
{
	static const char *const rtcp_group[] = {
		[REF_UPLINK] = "uplink hbh srtcp",
		[REF_DOWNLINK] = "downlink hbh srtcp",
		[REF_SHARED] = "hbh srtcp",
	};
	uint8_t master[30];
	int err;

	ref_hbh_two_stage(hbh_key, "hbh srtp", master, NULL);
	err = ref_ctx_init(c, suite, master, 16, master + 16, 14);
	if (err)
		return err;
	ref_hbh_two_stage(hbh_key, rtcp_group[dir], master, NULL);
	return ref_ctx_rtcp_master(c, master, 16, master + 16, 14);
}

/* ---- IVs ---- */

static void xor_ssrc_and_index(uint8_t iv[16], uint32_t ssrc, uint64_t index)
{
	int i;

	for (i = 0; i < 4; i++)
		iv[4 + i] ^= ssrc >> (24 - 8 * i);
	for (i = 0; i < 6; i++)
		iv[8 + i] ^= index >> (40 - 8 * i);
}

/* RFC 3711 section 4.1.1: IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16) */
void ref_iv_cm(const uint8_t k_s[14], uint32_t ssrc, uint64_t index, uint8_t iv[16])
{
	memset(iv, 0, 16);
	memcpy(iv, k_s, 14);
	xor_ssrc_and_index(iv, ssrc, index);
}

/* E2E, `iv right`: IV = k_s XOR (SSRC * 2^64) XOR (i * 2^16) */
void ref_iv_right(const uint8_t k_s[14], uint32_t ssrc, uint64_t index, uint8_t iv[16])
{
	memset(iv, 0, 16);
	memcpy(iv + 2, k_s, 14);
	xor_ssrc_and_index(iv, ssrc, index);
}

/* RFC 7714 section 8.1: (00 00 || SSRC || ROC || SEQ) XOR salt */
void ref_iv_gcm_rtp(const uint8_t k_s[12], uint32_t ssrc, uint64_t index, uint8_t iv[12])
{
	int i;

	memset(iv, 0, 12);
	ref_put32(iv + 2, ssrc);
	ref_put32(iv + 6, index >> 16);
	ref_put16(iv + 10, index);
	for (i = 0; i < 12; i++)
		iv[i] ^= k_s[i];
}

/* RFC 7714 section 9.1: (00 00 || SSRC || 00 00 || 0 || 31-bit index) XOR salt */
void ref_iv_gcm_rtcp(const uint8_t k_s[12], uint32_t ssrc, uint32_t index, uint8_t iv[12])
{
	int i;

	memset(iv, 0, 12);
	ref_put32(iv + 2, ssrc);
	ref_put32(iv + 8, index & ~E_FLAG);
	for (i = 0; i < 12; i++)
		iv[i] ^= k_s[i];
}

/* ---- SRTP ---- */

/* HMAC-SHA1 over data || 32-bit word, truncated: the ROC of SRTP, the ROC of an MI tag */
static void hmac_with_word(const void *key, size_t key_len, const void *data, size_t len,
			   uint32_t word, void *tag, size_t tag_len)
{
	uint8_t m[REF_MAX_PACKET + 4], full[20];

	memcpy(m, data, len);
	ref_put32(m + len, word);
	ref_hmac_sha1(key, key_len, m, len + 4, full);
	memcpy(tag, full, tag_len);
}

static bool hmac_with_word_is(const void *key, size_t key_len, const void *data, size_t len,
			      uint32_t word, const void *tag, size_t tag_len)
{
	uint8_t want[20];

	hmac_with_word(key, key_len, data, len, word, want, tag_len);
	return !CRYPTO_memcmp(want, tag, tag_len);
}

/* The header of @pkt, if it is the packet @index speaks of */
static int rtp_header_of(const void *pkt, size_t len, uint64_t index)
{
	int h = ref_rtp_header_len(pkt, len);

	if (h >= 0 && (len > REF_MAX_PACKET - REF_MAX_TRAILER || index >> 48 ||
		       ref_rtp_seq(pkt) != (uint16_t)index))
		return REF_E_ARG;
	return h;
}

static void cm_crypt(const struct ref_ctx *c, const struct ref_session *s, uint32_t ssrc,
		     uint64_t index, uint8_t *data, size_t len)
{
	uint8_t iv[16];

	if (c->suite->cipher == REF_NULL)
		return;
	ref_iv_cm(s->k_s, ssrc, index, iv);
	must(!xor_keystream(s->k_e, c->suite->key_len, iv, data, len), "AES-CM");
}

/* header || encrypted payload || MKI || tag over header, payload and ROC */
static int cm_protect_rtp(const struct ref_ctx *c, uint8_t *pkt, size_t len, size_t h,
			  uint64_t index)
{
	size_t tag_len = c->suite->rtp_tag_len;

	if (!c->plain_rtp)
		cm_crypt(c, &c->rtp, ref_rtp_ssrc(pkt), index, pkt + h, len - h);
	hmac_with_word(c->rtp.k_a, 20, pkt, len, index >> 16, pkt + len + c->mki_len, tag_len);
	memcpy(pkt + len, c->mki, c->mki_len);
	return len + c->mki_len + tag_len;
}

/* header || ciphertext || tag || MKI; the header is AAD */
static int gcm_protect_rtp(const struct ref_ctx *c, uint8_t *pkt, size_t len, size_t h,
			   uint64_t index)
{
	uint8_t iv[12];

	ref_iv_gcm_rtp(c->rtp.k_s, ref_rtp_ssrc(pkt), index, iv);
	if (c->plain_rtp)
		h = len;
	len = h +
	      ref_gcm_seal(c->rtp.k_e, c->suite->key_len, iv, pkt, h, pkt + h, len - h, pkt + h);
	memcpy(pkt + len, c->mki, c->mki_len);
	return len + c->mki_len;
}

int ref_protect_rtp(const struct ref_ctx *c, const void *plain, size_t len, uint64_t index,
		    void *out)
{
	int h = rtp_header_of(plain, len, index);

	if (h < 0)
		return h;
	memmove(out, plain, len);
	if (c->suite->cipher == REF_AES_GCM)
		return gcm_protect_rtp(c, out, len, h, index);
	return cm_protect_rtp(c, out, len, h, index);
}

int ref_unprotect_rtp(const struct ref_ctx *c, const void *in, size_t len, uint64_t index,
		      void *out)
{
	bool gcm = c->suite->cipher == REF_AES_GCM;
	size_t tag_len = c->suite->rtp_tag_len;
	const uint8_t *mki, *tag, *pkt = in;
	uint8_t *o = out, iv[12];
	int h, n;

	if (len < c->mki_len + tag_len)
		return REF_E_MALFORMED;
	len -= c->mki_len + tag_len;
	h = rtp_header_of(pkt, len, index);
	if (h < 0)
		return h;
	tag = gcm ? pkt + len : pkt + len + c->mki_len;
	mki = gcm ? pkt + len + tag_len : pkt + len;
	if (memcmp(mki, c->mki, c->mki_len))
		return REF_E_MKI;
	if (gcm) {
		ref_iv_gcm_rtp(c->rtp.k_s, ref_rtp_ssrc(pkt), index, iv);
		if (c->plain_rtp)
			h = len;
		n = ref_gcm_open(c->rtp.k_e, c->suite->key_len, iv, pkt, h, pkt + h,
				 len - h + tag_len, o + h);
		if (n < 0)
			return n;
		memmove(o, pkt, h);
		return len;
	}
	if (!hmac_with_word_is(c->rtp.k_a, 20, pkt, len, index >> 16, tag, tag_len))
		return REF_E_AUTH;
	memmove(o, pkt, len);
	if (!c->plain_rtp)
		cm_crypt(c, &c->rtp, ref_rtp_ssrc(o), index, o + h, len - h);
	return len;
}

/* ---- SRTCP ---- */

/* RFC 5761 section 4: the second byte of RTCP is 192..223 */
static bool is_rtcp(const uint8_t *p, size_t len)
{
	return len >= RTCP_CLEAR && p[0] >> 6 == 2 && p[1] >= 192 && p[1] <= 223;
}

/* AAD of SRTCP under GCM: what is not encrypted, then the E flag and index */
static size_t gcm_rtcp_aad(uint8_t *aad, const void *pkt, size_t clear, uint32_t word)
{
	memcpy(aad, pkt, clear);
	ref_put32(aad + clear, word);
	return clear + 4;
}

/* RFC 3711 section 3.4: ... || E and index || MKI || tag over all before the MKI */
static int cm_protect_rtcp(const struct ref_ctx *c, uint8_t *pkt, size_t len, uint32_t index,
			   bool e)
{
	size_t tag_len = c->suite->rtcp_tag_len;
	uint32_t word = index | (e ? E_FLAG : 0);

	if (e)
		cm_crypt(c, &c->rtcp, ref_get32(pkt + 4), index, pkt + RTCP_CLEAR,
			 len - RTCP_CLEAR);
	hmac_with_word(c->rtcp.k_a, 20, pkt, len, word, pkt + len + 4 + c->mki_len, tag_len);
	ref_put32(pkt + len, word);
	memcpy(pkt + len + 4, c->mki, c->mki_len);
	return len + 4 + c->mki_len + tag_len;
}

/* RFC 7714 sections 9.2 and 9.3: ... || tag || E and index || MKI */
static int gcm_protect_rtcp(const struct ref_ctx *c, uint8_t *pkt, size_t len, uint32_t index,
			    bool e)
{
	size_t clear = e ? RTCP_CLEAR : len, aad_len;
	uint32_t word = index | (e ? E_FLAG : 0);
	uint8_t aad[REF_MAX_PACKET], iv[12];

	ref_iv_gcm_rtcp(c->rtcp.k_s, ref_get32(pkt + 4), index, iv);
	aad_len = gcm_rtcp_aad(aad, pkt, clear, word);
	len = clear + ref_gcm_seal(c->rtcp.k_e, c->suite->key_len, iv, aad, aad_len, pkt + clear,
				   len - clear, pkt + clear);
	ref_put32(pkt + len, word);
	memcpy(pkt + len + 4, c->mki, c->mki_len);
	return len + 4 + c->mki_len;
}

int ref_protect_rtcp(const struct ref_ctx *c, const void *plain, size_t len, uint32_t index, bool e,
		     void *out)
{
	if (!is_rtcp(plain, len))
		return REF_E_MALFORMED;
	if (index & E_FLAG || len > REF_MAX_PACKET - REF_MAX_TRAILER)
		return REF_E_ARG;
	memmove(out, plain, len);
	if (c->suite->cipher == REF_AES_GCM)
		return gcm_protect_rtcp(c, out, len, index, e);
	return cm_protect_rtcp(c, out, len, index, e);
}

int ref_unprotect_rtcp(const struct ref_ctx *c, const void *in, size_t len, uint32_t *index,
		       bool *e, void *out)
{
	bool gcm = c->suite->cipher == REF_AES_GCM, encrypted;
	size_t tag_len = c->suite->rtcp_tag_len, aad_len, clear;
	const uint8_t *trailer, *mki, *tag, *pkt = in;
	uint8_t aad[REF_MAX_PACKET], iv[12], *o = out;
	uint32_t word;
	int n;

	if (len < RTCP_CLEAR + 4 + c->mki_len + tag_len || !is_rtcp(pkt, len))
		return REF_E_MALFORMED;
	if (len > REF_MAX_PACKET)
		return REF_E_ARG;
	len -= 4 + c->mki_len + tag_len;
	trailer = gcm ? pkt + len + tag_len : pkt + len;
	mki = trailer + 4;
	tag = gcm ? pkt + len : mki + c->mki_len;
	if (memcmp(mki, c->mki, c->mki_len))
		return REF_E_MKI;
	word = ref_get32(trailer);
	encrypted = word & E_FLAG;
	if (gcm) {
		clear = encrypted ? RTCP_CLEAR : len;
		ref_iv_gcm_rtcp(c->rtcp.k_s, ref_get32(pkt + 4), word, iv);
		aad_len = gcm_rtcp_aad(aad, pkt, clear, word);
		n = ref_gcm_open(c->rtcp.k_e, c->suite->key_len, iv, aad, aad_len, pkt + clear,
				 len - clear + tag_len, o + clear);
		if (n < 0)
			return n;
		memmove(o, pkt, clear);
	} else {
		if (!hmac_with_word_is(c->rtcp.k_a, 20, pkt, len, word, tag, tag_len))
			return REF_E_AUTH;
		memmove(o, pkt, len);
		if (encrypted)
			cm_crypt(c, &c->rtcp, ref_get32(o + 4), word & ~E_FLAG, o + RTCP_CLEAR,
				 len - RTCP_CLEAR);
	}
	if (index)
		*index = word & ~E_FLAG;
	if (e)
		*e = encrypted;
	return len;
}

/* ---- E2E_AES_128_CTR ---- */

/* Strip a resource and white space; then `user@lid` becomes `user:0@lid` */
int ref_lid(const char *in, char *out, size_t size)
{
	size_t len = strcspn(in, "/"), user;
	const char *device = "";
	int n;

	while (len && strchr(" \t\r\n", in[0])) {
		in++;
		len--;
	}
	while (len && strchr(" \t\r\n", in[len - 1]))
		len--;
	/* the user is what stands before the last @ */
	for (user = len; user && in[user - 1] != '@'; user--)
		;
	user = user ? user - 1 : 0;
	if (user && len - user == 4 && !memcmp(in + user, "@lid", 4) && !memchr(in, ':', user))
		device = ":0";
	else
		user = len;
	n = snprintf(out, size, "%.*s%s%.*s", (int)user, in, device, (int)(len - user), in + user);
	return n < 0 || (size_t)n >= size ? REF_E_ARG : n;
}

static int e2e_derive(struct ref_e2e *c, const void *ikm, const char *lid, bool lid_raw)
{
	static const uint8_t zeros[32];
	uint8_t okm[46];
	char info[512];
	int err;

	memset(c, 0, sizeof(*c));
	if (!lid_raw) {
		err = ref_lid(lid, info, sizeof(info));
		if (err < 0)
			return err;
		lid = info;
	}
	err = ref_hkdf(zeros, 32, ikm, 32, lid, strlen(lid), okm, sizeof(okm));
	if (err)
		return err;
	memcpy(c->master_key, okm, 16);
	memcpy(c->master_salt, okm + 16, 14);
	must(!ref_prf(c->master_key, 16, c->master_salt, 14, 0, c->k_e, 16), "PRF");
	must(!ref_prf(c->master_key, 16, c->master_salt, 14, 1, c->k_a, 20), "PRF");
	must(!ref_prf(c->master_key, 16, c->master_salt, 14, 2, c->k_s, 14), "PRF");
	return 0;
}

int ref_e2e_call_key(struct ref_e2e *c, const void *call_key, size_t len, const char *lid,
		     bool lid_raw)
{
	return len == 32 ? e2e_derive(c, call_key, lid, lid_raw) : REF_E_ARG;
}

int ref_e2e_raw_secret(struct ref_e2e *c, const void *secret, size_t len, const char *lid,
		       bool lid_raw)
{
	return len >= 32 ? e2e_derive(c, secret, lid, lid_raw) : REF_E_ARG;
}

void ref_e2e_session(struct ref_e2e *c, const void *k_e, const void *k_s, const void *k_a)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->k_e, k_e, 16);
	memcpy(c->k_s, k_s, 14);
	if (k_a)
		memcpy(c->k_a, k_a, 20);
}

void ref_e2e_set_iv(struct ref_e2e *c, enum ref_iv iv)
{
	c->iv = iv;
}

int ref_e2e_set_mi(struct ref_e2e *c, enum ref_mi mi, const void *key, size_t key_len,
		   size_t mi_len)
{
	static const char info[] = "warp auth key";

	c->mi_len = 0;
	if (mi == REF_MI_OFF)
		return 0;
	if (mi_len < 1 || mi_len > 20)
		return REF_E_ARG;
	switch (mi) {
	case REF_MI_DERIVED:
		/* of a longer secret the first 32 bytes count here too */
		if (key_len < 32)
			return REF_E_ARG;
		c->mi_key_len = 32;
		must(!ref_hkdf(NULL, 0, key, 32, info, strlen(info), c->mi_key, 32), "HKDF");
		break;
	case REF_MI_AUTH:
		c->mi_key_len = 20;
		memcpy(c->mi_key, c->k_a, 20);
		break;
	case REF_MI_KEY:
		if (!key_len || key_len > sizeof(c->mi_key))
			return REF_E_ARG;
		c->mi_key_len = key_len;
		memcpy(c->mi_key, key, key_len);
		break;
	default:
		return REF_E_ARG;
	}
	c->mi_len = mi_len;
	return 0;
}

void ref_warp_mi(const void *key, size_t key_len, const void *packet, size_t len, uint32_t roc,
		 void *tag, size_t tag_len)
{
	hmac_with_word(key, key_len, packet, len, roc, tag, tag_len);
}

static void e2e_crypt(const struct ref_e2e *c, uint8_t *pkt, size_t len, size_t h, uint64_t index)
{
	uint8_t iv[16];

	if (c->iv == REF_IV_RIGHT)
		ref_iv_right(c->k_s, ref_rtp_ssrc(pkt), index, iv);
	else
		ref_iv_cm(c->k_s, ref_rtp_ssrc(pkt), index, iv);
	must(!xor_keystream(c->k_e, 16, iv, pkt + h, len - h), "AES-CTR");
}

int ref_e2e_protect(const struct ref_e2e *c, const void *plain, size_t len, uint64_t index,
		    void *out)
{
	int h = rtp_header_of(plain, len, index);
	uint8_t *o = out;

	if (h < 0)
		return h;
	memmove(o, plain, len);
	e2e_crypt(c, o, len, h, index);
	if (c->mi_len)
		ref_warp_mi(c->mi_key, c->mi_key_len, o, len, index >> 16, o + len, c->mi_len);
	return len + c->mi_len;
}

static int e2e_unprotect(const struct ref_e2e *c, const void *in, size_t len, uint64_t index,
			 bool verify, void *out)
{
	const uint8_t *pkt = in;
	uint8_t *o = out;
	int h;

	if (len < c->mi_len)
		return REF_E_MALFORMED;
	len -= c->mi_len;
	h = rtp_header_of(pkt, len, index);
	if (h < 0)
		return h;
	if (verify && c->mi_len &&
	    !hmac_with_word_is(c->mi_key, c->mi_key_len, pkt, len, index >> 16, pkt + len,
			       c->mi_len))
		return REF_E_AUTH;
	memmove(o, pkt, len);
	e2e_crypt(c, o, len, h, index);
	return len;
}

int ref_e2e_unprotect(const struct ref_e2e *c, const void *in, size_t len, uint64_t index,
		      void *out)
{
	return e2e_unprotect(c, in, len, index, true, out);
}

int ref_e2e_unprotect_unverified(const struct ref_e2e *c, const void *in, size_t len,
				 uint64_t index, void *out)
{
	return e2e_unprotect(c, in, len, index, false, out);
}

/* ---- packet index ---- */

uint32_t ref_guess_roc(uint32_t roc, uint16_t s_l, uint16_t seq)
{
	int32_t sl = s_l, s = seq;

	if (sl < 32768) {
		if (s - sl > 32768)
			return roc - 1;
		else
			return roc;
	} else {
		if (sl - 32768 > s)
			return roc + 1;
		else
			return roc;
	}
}

uint64_t ref_receiver_estimate(const struct ref_receiver *r, uint16_t seq)
{
	/* RFC 3711 section 3.3.1: the first packet's own number initialises s_l */
	if (!r->started)
		return ref_index(r->roc, seq);
	return ref_index(ref_guess_roc(r->roc, r->s_l, seq), seq);
}

void ref_receiver_commit(struct ref_receiver *r, uint64_t index)
{
	uint32_t v = index >> 16;
	uint16_t seq = index;

	if (!r->started || v == (uint32_t)(r->roc + 1)) {
		r->started = true;
		r->roc = v;
		r->s_l = seq;
	} else if (v == r->roc && seq > r->s_l) {
		r->s_l = seq;
	}
}

uint64_t ref_sender_next(struct ref_sender *s, uint16_t seq)
{
	if (s->started && (int32_t)seq - (int32_t)s->last_seq < -32768)
		s->roc++;
	s->started = true;
	s->last_seq = seq;
	return ref_index(s->roc, seq);
}
