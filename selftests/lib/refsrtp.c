// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The transforms of refsrtp.h, in the order and with the names of the RFCs:
 * RFC 3711 (SRTP), 6188 (AES-192 and AES-256), 7714 (GCM), 8269 (ARIA), 4771
 * (ROC carried), 5869 (HKDF). Header extensions are in refext.c, DOUBLE in
 * refdouble.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "refext.h"

#define GCM_TAG 16
#define RTCP_CLEAR 8 /* header word and sender's SSRC: never encrypted */
#define E_FLAG 0x80000000u

static const struct ref_suite suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_80", REF_AES_CM, 16, 14, 10, 10 },
	{ "AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_HMAC_SHA1_32", REF_AES_CM, 16, 14, 4, 10 },
	{ "AES_192_CM_HMAC_SHA1_80", "SRTP_AES192_CM_HMAC_SHA1_80", REF_AES_CM, 24, 14, 10, 10 },
	{ "AES_192_CM_HMAC_SHA1_32", "SRTP_AES192_CM_HMAC_SHA1_32", REF_AES_CM, 24, 14, 4, 10 },
	{ "AES_256_CM_HMAC_SHA1_80", "SRTP_AES256_CM_HMAC_SHA1_80", REF_AES_CM, 32, 14, 10, 10 },
	{ "AES_256_CM_HMAC_SHA1_32", "SRTP_AES256_CM_HMAC_SHA1_32", REF_AES_CM, 32, 14, 4, 10 },
	{ "NULL_HMAC_SHA1_80", "SRTP_NULL_HMAC_SHA1_80", REF_NULL, 16, 14, 10, 10 },
	{ "NULL_HMAC_SHA1_32", "SRTP_NULL_HMAC_SHA1_32", REF_NULL, 16, 14, 4, 10 },
	{ "AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", REF_AES_GCM, 16, 12, 16, 16 },
	{ "AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", REF_AES_GCM, 32, 12, 16, 16 },
	{ "ARIA_128_CTR_HMAC_SHA1_80", "SRTP_ARIA_128_CTR_HMAC_SHA1_80", REF_ARIA_CM, 16, 14, 10,
	  10 },
	{ "ARIA_128_CTR_HMAC_SHA1_32", "SRTP_ARIA_128_CTR_HMAC_SHA1_32", REF_ARIA_CM, 16, 14, 4,
	  10 },
	{ "ARIA_192_CTR_HMAC_SHA1_80", "SRTP_ARIA_192_CTR_HMAC_SHA1_80", REF_ARIA_CM, 24, 14, 10,
	  10 },
	{ "ARIA_192_CTR_HMAC_SHA1_32", "SRTP_ARIA_192_CTR_HMAC_SHA1_32", REF_ARIA_CM, 24, 14, 4,
	  10 },
	{ "ARIA_256_CTR_HMAC_SHA1_80", "SRTP_ARIA_256_CTR_HMAC_SHA1_80", REF_ARIA_CM, 32, 14, 10,
	  10 },
	{ "ARIA_256_CTR_HMAC_SHA1_32", "SRTP_ARIA_256_CTR_HMAC_SHA1_32", REF_ARIA_CM, 32, 14, 4,
	  10 },
	{ "AEAD_ARIA_128_GCM", "SRTP_AEAD_ARIA_128_GCM", REF_ARIA_GCM, 16, 12, 16, 16 },
	{ "AEAD_ARIA_256_GCM", "SRTP_AEAD_ARIA_256_GCM", REF_ARIA_GCM, 32, 12, 16, 16 },
	{ "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	  "SRTP_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", REF_DOUBLE_GCM, 32, 24, 16, 16 },
	{ "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
	  "SRTP_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM", REF_DOUBLE_GCM, 64, 24, 16, 16 },
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

bool ref_suite_is_aead(const struct ref_suite *s)
{
	return s->cipher == REF_AES_GCM || s->cipher == REF_ARIA_GCM || s->cipher == REF_DOUBLE_GCM;
}

size_t ref_suite_session_key(const struct ref_suite *s)
{
	return s->cipher == REF_DOUBLE_GCM ? s->key_len / 2 : s->key_len;
}

/* ---- AES, ARIA, HMAC, HKDF ---- */

static const EVP_CIPHER *by_key(size_t key_len, const EVP_CIPHER *k128, const EVP_CIPHER *k192,
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

static const EVP_CIPHER *aes_ecb(size_t key_len)
{
	return by_key(key_len, EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb());
}

static const EVP_CIPHER *ecb_of(const struct ref_suite *s, size_t key_len)
{
	if (s->cipher == REF_ARIA_CM || s->cipher == REF_ARIA_GCM)
		return by_key(key_len, EVP_aria_128_ecb(), EVP_aria_192_ecb(), EVP_aria_256_ecb());
	return aes_ecb(key_len);
}

static const EVP_CIPHER *aes_gcm(size_t key_len)
{
	return by_key(key_len, EVP_aes_128_gcm(), NULL, EVP_aes_256_gcm());
}

static const EVP_CIPHER *gcm_of(const struct ref_suite *s)
{
	size_t key_len = ref_suite_session_key(s);

	if (s->cipher == REF_ARIA_GCM)
		return by_key(key_len, EVP_aria_128_gcm(), NULL, EVP_aria_256_gcm());
	return aes_gcm(key_len);
}

/* RFC 3711 section 4.1.1: E(k, IV) || E(k, IV + 1 mod 2^128) || ... */
static int keystream(const EVP_CIPHER *ecb, const void *key, const uint8_t iv[16], uint64_t first,
		     void *out, size_t len)
{
	uint8_t in[64 * 16], blocks[64 * 16];
	EVP_CIPHER_CTX *ctx;
	uint64_t j = first;
	uint8_t *o = out;
	unsigned int sum;
	size_t b, n;
	int got, i;

	if (!ecb)
		return REF_E_ARG;
	ctx = EVP_CIPHER_CTX_new();
	must(ctx && EVP_EncryptInit_ex(ctx, ecb, NULL, key, NULL), "ECB");
	must(EVP_CIPHER_CTX_set_padding(ctx, 0), "ECB");
	for (; len; o += n, len -= n) {
		n = len < sizeof(blocks) ? len : sizeof(blocks);
		for (b = 0; 16 * b < n; b++, j++) {
			uint64_t carry = j;

			/* in = iv + j mod 2^128, byte by byte from the last */
			for (sum = 0, i = 15; i >= 0; i--, carry >>= 8) {
				sum += iv[i] + (carry & 0xff);
				in[16 * b + i] = sum;
				sum >>= 8;
			}
		}
		must(EVP_EncryptUpdate(ctx, blocks, &got, in, 16 * b) && (size_t)got == 16 * b,
		     "ECB");
		memcpy(o, blocks, n);
	}
	EVP_CIPHER_CTX_free(ctx);
	return 0;
}

int ref_keystream(const void *key, size_t key_len, const uint8_t iv[16], uint64_t first, void *out,
		  size_t len)
{
	return keystream(aes_ecb(key_len), key, iv, first, out, len);
}

int ref_suite_keystream(const struct ref_suite *s, const void *key, size_t key_len,
			const uint8_t iv[16], uint64_t first, void *out, size_t len)
{
	return keystream(ecb_of(s, key_len), key, iv, first, out, len);
}

static int xor_keystream(const EVP_CIPHER *ecb, const void *key, const uint8_t iv[16],
			 uint8_t *data, size_t len)
{
	uint8_t ks[REF_MAX_PACKET];
	int err = keystream(ecb, key, iv, 0, ks, len);
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

static int gcm_seal(const EVP_CIPHER *gcm, const void *key, const uint8_t iv[12], const void *aad,
		    size_t aad_len, const void *plain, size_t len, void *out)
{
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

/* @out is written only where the tag is right */
static int gcm_open(const EVP_CIPHER *gcm, const void *key, const uint8_t iv[12], const void *aad,
		    size_t aad_len, const void *in, size_t len, void *out)
{
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

int ref_gcm_seal(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *plain, size_t len, void *out)
{
	return gcm_seal(aes_gcm(key_len), key, iv, aad, aad_len, plain, len, out);
}

int ref_gcm_open(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *in, size_t len, void *out)
{
	return gcm_open(aes_gcm(key_len), key, iv, aad, aad_len, in, len, out);
}

/* ---- keys ---- */

/*
 * RFC 3711 section 4.3.1 with a key derivation rate of 0, so r = 0:
 * x = (label || r, 7 bytes) XOR master_salt, both right-aligned; key stream of IV x * 2^16.
 */
static int prf(const EVP_CIPHER *ecb, const void *master_key, const void *master_salt,
	       size_t salt_len, uint8_t label, void *out, size_t out_len)
{
	uint8_t iv[16] = { 0 };

	if (salt_len > 14)
		return REF_E_ARG;
	/* RFC 7714 section 11: a salt of 12 bytes has two zero bytes appended */
	memcpy(iv, master_salt, salt_len);
	iv[14 - 7] ^= label;
	return keystream(ecb, master_key, iv, 0, out, out_len);
}

int ref_prf(const void *master_key, size_t key_len, const void *master_salt, size_t salt_len,
	    uint8_t label, void *out, size_t out_len)
{
	return prf(aes_ecb(key_len), master_key, master_salt, salt_len, label, out, out_len);
}

int ref_suite_prf(const struct ref_suite *s, const void *master_key, size_t key_len,
		  const void *master_salt, size_t salt_len, uint8_t label, void *out,
		  size_t out_len)
{
	return prf(ecb_of(s, key_len), master_key, master_salt, salt_len, label, out, out_len);
}

/* @key and @salt are as long as the suite's session key and session salt */
static void session_keys(struct ref_session *s, const struct ref_suite *suite, const void *key,
			 const void *salt, uint8_t first_label)
{
	bool aead = ref_suite_is_aead(suite);
	size_t len = ref_suite_session_key(suite), salt_len = aead ? 12 : 14;
	const EVP_CIPHER *ecb = ecb_of(suite, len);

	memset(s, 0, sizeof(*s));
	must(!prf(ecb, key, salt, salt_len, first_label, s->k_e, len), "PRF");
	must(!prf(ecb, key, salt, salt_len, first_label + 1, s->k_a, 20), "PRF");
	must(!prf(ecb, key, salt, salt_len, first_label + 2, s->k_s, salt_len), "PRF");
	if (first_label)
		return;
	/*
	 * RFC 6904 section 3.2: labels 6 and 7, as long as those of SRTP. Extensions are under a
	 * counter mode whatever the suite, where a salt of 12 bytes has two zero bytes behind it.
	 */
	must(!prf(ecb, key, salt, salt_len, 6, s->k_he, len), "PRF");
	must(!prf(ecb, key, salt, salt_len, 7, s->k_hs, salt_len), "PRF");
}

/* RFC 8723 section 3: the inner key and salt are the first halves, the outer ones the second */
static int double_keys(struct ref_ctx *c, const uint8_t *key, size_t key_len, const uint8_t *salt,
		       size_t salt_len)
{
	if (key_len == c->suite->key_len && salt_len == c->suite->salt_len) {
		session_keys(&c->inner, c->suite, key, salt, 0);
		key += key_len / 2;
		salt += salt_len / 2;
	} else if (key_len == c->suite->key_len / 2 && salt_len == c->suite->salt_len / 2) {
		c->outer_only = true;
	} else {
		return REF_E_ARG;
	}
	session_keys(&c->rtp, c->suite, key, salt, 0);
	session_keys(&c->rtcp, c->suite, key, salt, 3);
	return 0;
}

int ref_ctx_init(struct ref_ctx *c, const char *suite, const void *key, size_t key_len,
		 const void *salt, size_t salt_len)
{
	memset(c, 0, sizeof(*c));
	c->suite = ref_suite_find(suite);
	if (!c->suite)
		return REF_E_ARG;
	if (c->suite->cipher == REF_DOUBLE_GCM)
		return double_keys(c, key, key_len, salt, salt_len);
	if (key_len != c->suite->key_len || salt_len != c->suite->salt_len)
		return REF_E_ARG;
	session_keys(&c->rtp, c->suite, key, salt, 0);
	session_keys(&c->rtcp, c->suite, key, salt, 3);
	return 0;
}

int ref_ctx_rtcp_master(struct ref_ctx *c, const void *key, size_t key_len, const void *salt,
			size_t salt_len)
{
	if (c->suite->cipher == REF_DOUBLE_GCM || key_len != c->suite->key_len ||
	    salt_len != c->suite->salt_len)
		return REF_E_ARG;
	session_keys(&c->rtcp, c->suite, key, salt, 3);
	return 0;
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

void ref_ctx_enc_ext(struct ref_ctx *c, const uint8_t *ids, size_t n)
{
	memset(c->enc_ext, 0, sizeof(c->enc_ext));
	for (; n; n--, ids++)
		c->enc_ext[*ids / 8] |= 1 << *ids % 8;
}

int ref_ctx_rcc(struct ref_ctx *c, uint16_t r)
{
	if (!ref_suite_is_aead(c->suite) && c->suite->rtp_tag_len <= 4)
		return REF_E_ARG;
	c->rcc = r;
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
	must(!xor_keystream(ecb_of(c->suite, c->suite->key_len), s->k_e, iv, data, len), "CM");
}

/*
 * What of an RTP packet is encrypted, in one piece, and what is AAD: the payload and the header; or
 * by RFC 9335 section 6.2 CSRCs || extension || payload, and the fixed header || extension header.
 */
struct portions {
	uint8_t aad[REF_MAX_PACKET];
	uint8_t data[REF_MAX_PACKET]; /* room for a tag behind it */
	size_t aad_len, data_len;
	size_t csrcs, h; /* bytes of CSRCs if Cryptex, and where the other part of data begins */
};

static void take_portions(struct portions *p, const struct ref_ctx *c, const uint8_t *pkt,
			  size_t len, bool cryptex)
{
	size_t h = ref_rtp_header_len(pkt, len), csrcs = 4 * (pkt[0] & 0x0f);

	p->csrcs = cryptex ? csrcs : 0;
	p->h = cryptex ? 12 + csrcs + 4 : h;
	if (c->plain_rtp) {
		p->csrcs = 0;
		p->h = len;
	}
	if (cryptex && !c->plain_rtp) {
		memcpy(p->aad, pkt, 12);
		memcpy(p->aad + 12, pkt + 12 + csrcs, 4);
		p->aad_len = 16;
	} else {
		memcpy(p->aad, pkt, p->h);
		p->aad_len = p->h;
	}
	memcpy(p->data, pkt + 12, p->csrcs);
	memcpy(p->data + p->csrcs, pkt + p->h, len - p->h);
	p->data_len = p->csrcs + len - p->h;
}

/* Back to where it was; what stands behind the packet (a tag) goes along */
static void put_portions(const struct portions *p, uint8_t *pkt, size_t data_len)
{
	memcpy(pkt + 12, p->data, p->csrcs);
	memcpy(pkt + p->h, p->data + p->csrcs, data_len - p->csrcs);
}

static void gcm_iv_rtp(const struct ref_ctx *c, const uint8_t *pkt, uint64_t index, uint8_t iv[12])
{
	ref_iv_gcm_rtp(c->rtp.k_s, ref_rtp_ssrc(pkt), index, iv);
}

/* RFC 6904 section 3.1: key stream || XOR, where the mask has ones; there and back the same */
static void crypt_ext(const struct ref_ctx *c, uint8_t *pkt, size_t len, uint64_t index)
{
	size_t csrcs = 4 * (pkt[0] & 0x0f), body_len, i, key_len = ref_suite_session_key(c->suite);
	uint8_t ks[REF_MAX_PACKET], mask[REF_MAX_PACKET], iv[16], *body;

	if (!(pkt[0] & 0x10) || c->suite->cipher == REF_NULL)
		return;
	body = pkt + 12 + csrcs + 4;
	body_len = ref_rtp_header_len(pkt, len) - 12 - csrcs - 4;
	ref_ext_mask(ref_get16(body - 4), body, body_len, c->enc_ext, mask);
	ref_iv_cm(c->rtp.k_hs, ref_rtp_ssrc(pkt), index, iv);
	must(!keystream(ecb_of(c->suite, key_len), c->rtp.k_he, iv, 0, ks, body_len), "CM");
	for (i = 0; i < body_len; i++)
		body[i] ^= ks[i] & mask[i];
}

static bool carries_roc(const struct ref_ctx *c, uint16_t seq)
{
	return c->rcc && seq % c->rcc == 0;
}

/*
 * RFC 4771 section 3, mode 2: the tag field is ROC || MAC, as long as it was. Where the packet
 * carries no ROC the tag is RFC 3711's.
 */
static void mac_rtp(const struct ref_ctx *c, const uint8_t *pkt, size_t len, uint64_t index,
		    uint8_t *tag)
{
	size_t roc_len = carries_roc(c, index) ? 4 : 0;

	if (roc_len)
		ref_put32(tag, index >> 16);
	hmac_with_word(c->rtp.k_a, 20, pkt, len, index >> 16, tag + roc_len,
		       c->suite->rtp_tag_len - roc_len);
}

/* header || encrypted payload || MKI || tag over header, payload and ROC */
static int cm_protect_rtp(const struct ref_ctx *c, uint8_t *pkt, size_t len, bool cryptex,
			  uint64_t index)
{
	struct portions p;

	take_portions(&p, c, pkt, len, cryptex);
	cm_crypt(c, &c->rtp, ref_rtp_ssrc(pkt), index, p.data, p.data_len);
	put_portions(&p, pkt, p.data_len);
	mac_rtp(c, pkt, len, index, pkt + len + c->mki_len);
	memcpy(pkt + len, c->mki, c->mki_len);
	return len + c->mki_len + c->suite->rtp_tag_len;
}

/*
 * header || ciphertext || tag || MKI; the header is AAD. RFC 4771 mode 3: the tag field of SRTP,
 * which AEAD leaves empty, is the ROC.
 */
static int gcm_protect_rtp(const struct ref_ctx *c, uint8_t *pkt, size_t len, bool cryptex,
			   uint64_t index)
{
	struct portions p;
	uint8_t iv[12];
	int n;

	take_portions(&p, c, pkt, len, cryptex);
	gcm_iv_rtp(c, pkt, index, iv);
	n = gcm_seal(gcm_of(c->suite), c->rtp.k_e, iv, p.aad, p.aad_len, p.data, p.data_len,
		     p.data);
	must(n == (int)p.data_len + GCM_TAG, "GCM");
	put_portions(&p, pkt, n);
	len += GCM_TAG;
	memcpy(pkt + len, c->mki, c->mki_len);
	len += c->mki_len;
	if (carries_roc(c, index)) {
		ref_put32(pkt + len, index >> 16);
		len += 4;
	}
	return len;
}

int ref_protect_rtp(const struct ref_ctx *c, const void *plain, size_t len, uint64_t index,
		    void *out)
{
	int h = rtp_header_of(plain, len, index);
	bool cryptex = false;

	if (h < 0)
		return h;
	memmove(out, plain, len);
	if (c->suite->cipher == REF_DOUBLE_GCM && !c->outer_only) {
		struct ref_ctx inner;

		ref_double_inner(c, &inner);
		len = ref_double_seal(&inner, out, len, index, out);
	}
	if (c->cryptex && ref_cryptex_applies(out, len)) {
		len = ref_cryptex_begin(out, len);
		cryptex = true;
	} else {
		crypt_ext(c, out, len, index);
	}
	if (ref_suite_is_aead(c->suite))
		return gcm_protect_rtp(c, out, len, cryptex, index);
	return cm_protect_rtp(c, out, len, cryptex, index);
}

/* Where the parts of a protected packet stand */
struct trailer {
	size_t len; /* header and encrypted payload */
	const uint8_t *tag, *mki, *roc; /* roc: NULL where none is carried */
	const uint8_t *mac;
	size_t mac_len;
};

static int find_trailer(const struct ref_ctx *c, const uint8_t *pkt, size_t len, struct trailer *t)
{
	bool aead = ref_suite_is_aead(c->suite), roc;
	size_t tag_len = c->suite->rtp_tag_len, all = c->mki_len + tag_len;

	if (len < 4)
		return REF_E_MALFORMED;
	roc = carries_roc(c, ref_rtp_seq(pkt));
	if (roc && aead)
		all += 4;
	if (len < all)
		return REF_E_MALFORMED;
	t->len = len - all;
	t->tag = pkt + t->len + (aead ? 0 : c->mki_len);
	t->mki = pkt + t->len + (aead ? tag_len : 0);
	t->roc = !roc ? NULL : aead ? pkt + len - 4 : t->tag;
	t->mac = t->tag + (roc && !aead ? 4 : 0);
	t->mac_len = tag_len - (roc && !aead ? 4 : 0);
	return 0;
}

bool ref_rcc_roc(const struct ref_ctx *c, const void *in, size_t len, uint32_t *roc)
{
	struct trailer t;

	if (find_trailer(c, in, len, &t) || !t.roc)
		return false;
	*roc = ref_get32(t.roc);
	return true;
}

/* Verified and decrypted in @o; the header extension is not looked at */
static int open_rtp(const struct ref_ctx *c, const uint8_t *pkt, const struct trailer *t,
		    bool cryptex, uint64_t index, uint8_t *o)
{
	struct portions p;
	uint8_t iv[12];
	int n;

	take_portions(&p, c, pkt, t->len, cryptex);
	if (ref_suite_is_aead(c->suite)) {
		memcpy(p.data + p.data_len, t->tag, GCM_TAG);
		gcm_iv_rtp(c, pkt, index, iv);
		n = gcm_open(gcm_of(c->suite), c->rtp.k_e, iv, p.aad, p.aad_len, p.data,
			     p.data_len + GCM_TAG, p.data);
		if (n < 0)
			return n;
	} else {
		if (!hmac_with_word_is(c->rtp.k_a, 20, pkt, t->len, index >> 16, t->mac,
				       t->mac_len))
			return REF_E_AUTH;
		cm_crypt(c, &c->rtp, ref_rtp_ssrc(pkt), index, p.data, p.data_len);
	}
	memmove(o, pkt, t->len);
	put_portions(&p, o, p.data_len);
	return t->len;
}

int ref_unprotect_rtp(const struct ref_ctx *c, const void *in, size_t len, uint64_t index,
		      void *out)
{
	struct trailer t;
	bool cryptex;
	int n;

	n = find_trailer(c, in, len, &t);
	if (n < 0)
		return n;
	n = rtp_header_of(in, t.len, index);
	if (n < 0)
		return n;
	if (memcmp(t.mki, c->mki, c->mki_len))
		return REF_E_MKI;
	/* the ROC that is carried is the one to be used: it is not this index's packet */
	if (t.roc && ref_get32(t.roc) != index >> 16)
		return REF_E_AUTH;
	cryptex = c->cryptex && ref_cryptex_is(in, t.len);
	n = open_rtp(c, in, &t, cryptex, index, out);
	if (n < 0)
		return n;
	if (cryptex)
		ref_cryptex_end(out);
	else
		crypt_ext(c, out, n, index);
	if (c->suite->cipher == REF_DOUBLE_GCM && !c->outer_only) {
		struct ref_ctx inner;

		ref_double_inner(c, &inner);
		n = ref_double_open(&inner, out, n, index >> 16, out);
	}
	return n;
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
	len = clear + gcm_seal(gcm_of(c->suite), c->rtcp.k_e, iv, aad, aad_len, pkt + clear,
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
	if (ref_suite_is_aead(c->suite))
		return gcm_protect_rtcp(c, out, len, index, e);
	return cm_protect_rtcp(c, out, len, index, e);
}

int ref_unprotect_rtcp(const struct ref_ctx *c, const void *in, size_t len, uint32_t *index,
		       bool *e, void *out)
{
	bool gcm = ref_suite_is_aead(c->suite), encrypted;
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
		n = gcm_open(gcm_of(c->suite), c->rtcp.k_e, iv, aad, aad_len, pkt + clear,
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
	must(!xor_keystream(EVP_aes_128_ecb(), c->k_e, iv, pkt + h, len - h), "AES-CTR");
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
