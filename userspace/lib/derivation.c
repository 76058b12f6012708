// SPDX-License-Identifier: GPL-2.0-or-later
/* Key derivations, by libcrypto: HKDF-SHA256 and the PRFs of RFC 3711 and RFC 8269. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "internal.h"

int ksrtp_hkdf(const void *ikm, size_t ikm_len, const void *salt, size_t salt_len,
	       const void *info, size_t info_len, void *okm, size_t okm_len)
{
	OSSL_PARAM params[5], *p = params;
	EVP_KDF_CTX *ctx = NULL;
	EVP_KDF *kdf;
	int ok = 0;

	kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
	if (kdf)
		ctx = EVP_KDF_CTX_new(kdf);
	if (ctx) {
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
							(char *)"SHA256", 0);
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)ikm,
							 ikm_len);
		if (salt_len)
			*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
								 (void *)salt, salt_len);
		if (info_len)
			*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
								 (void *)info, info_len);
		*p = OSSL_PARAM_construct_end();
		ok = EVP_KDF_derive(ctx, okm, okm_len, params) > 0;
	}
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? 0 : -EIO;
}

/* ---- E2E (spec CRY-05) --------------------------------------------------- */

/*
 * "12345@lid" names no device and means device 0; "12345:6@lid" and whatever
 * is not of domain lid stay as they are, and so does "@lid", which names nobody.
 */
int ksrtp_lid_normalise(const char *lid, char *out, size_t size)
{
	static const char domain[] = "@lid";
	size_t len, user;

	while (isspace((unsigned char)*lid))
		lid++;
	len = strcspn(lid, "/");
	while (len && isspace((unsigned char)lid[len - 1]))
		len--;
	if (!len)
		return -EINVAL;
	if (len + sizeof(":0") > size)
		return -ENAMETOOLONG;
	memcpy(out, lid, len);
	out[len] = '\0';

	user = strcspn(out, "@");
	if (!user || strcmp(out + user, domain) || memchr(out, ':', user))
		return 0;
	memcpy(out + user, ":0@lid", sizeof(":0@lid"));
	return 0;
}

int ksrtp_derive_e2e(const uint8_t call_key[KSRTP_CALL_KEY_LEN], const char *lid,
		     struct ksrtp_master *master)
{
	static const uint8_t salt[32];
	uint8_t okm[46];
	int ret;

	memset(master, 0, sizeof(*master));
	ret = ksrtp_hkdf(call_key, KSRTP_CALL_KEY_LEN, salt, sizeof(salt), lid, strlen(lid),
			 okm, sizeof(okm));
	if (!ret)
		ksrtp__master_set(master, okm, 16, okm + 16, 14);
	ksrtp_wipe(okm, sizeof(okm));
	return ret;
}

int ksrtp_derive_mi(const uint8_t call_key[KSRTP_CALL_KEY_LEN], uint8_t mi_key[KSRTP_MI_KEY_LEN])
{
	static const char info[] = "warp auth key";

	return ksrtp_hkdf(call_key, KSRTP_CALL_KEY_LEN, NULL, 0, info, sizeof(info) - 1,
			  mi_key, KSRTP_MI_KEY_LEN);
}

/* ---- HBH key of a relay (spec CRY-03) ------------------------------------ */

int ksrtp_derive_hbh_group(const uint8_t hbh_key[KSRTP_HBH_KEY_LEN], const char *group,
			   struct ksrtp_master *master)
{
	static const uint8_t zeros[32];
	uint8_t stage1[32], okm[30];
	char info[64];
	int n, ret;

	memset(master, 0, sizeof(*master));
	n = snprintf(info, sizeof(info), "%s salt", group);
	if (n >= (int)sizeof(info))
		return -EINVAL;
	/* bytes 0..14 seed the salt, 14..30 the key */
	ret = ksrtp_hkdf(hbh_key, 14, zeros, sizeof(zeros), info, n, stage1, sizeof(stage1));
	n = snprintf(info, sizeof(info), "%s key", group);
	if (!ret)
		ret = ksrtp_hkdf(hbh_key + 14, 16, stage1, sizeof(stage1), info, n,
				 okm, sizeof(okm));
	if (!ret)
		ksrtp__master_set(master, okm, 16, okm + 16, 14);
	ksrtp_wipe(stage1, sizeof(stage1));
	ksrtp_wipe(okm, sizeof(okm));
	return ret;
}

int ksrtp_derive_hbh(const uint8_t hbh_key[KSRTP_HBH_KEY_LEN], enum ksrtp_hbh_kdf kdf,
		     struct ksrtp_master *rtp, struct ksrtp_master *rtcp)
{
	static const char *const rtcp_groups[] = {
		[KSRTP_HBH_UPLINK] = "uplink hbh srtcp",
		[KSRTP_HBH_DOWNLINK] = "downlink hbh srtcp",
		[KSRTP_HBH_SHARED] = "hbh srtcp",
	};
	int ret;

	if (kdf == KSRTP_HBH_DIRECT) {
		ksrtp__master_set(rtp, hbh_key, 16, hbh_key + 16, 14);
		*rtcp = *rtp;
		return 0;
	}
	if (kdf > KSRTP_HBH_SHARED)
		return -EINVAL;
	ret = ksrtp_derive_hbh_group(hbh_key, "hbh srtp", rtp);
	return ret ? ret : ksrtp_derive_hbh_group(hbh_key, rtcp_groups[kdf], rtcp);
}

/* ---- session keys -------------------------------------------------------- */

static EVP_CIPHER *counter_mode(bool aria, size_t key_len)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%zu-CTR", aria ? "ARIA" : "AES", key_len * 8);
	return EVP_CIPHER_fetch(NULL, name, NULL);
}

/* key id = label * 2^48 (key derivation rate 0), XORed into the salt's low end */
static int prf(bool aria, const struct ksrtp_master *master, uint8_t label, void *out, size_t len)
{
	static const uint8_t zeros[256];
	uint8_t iv[16] = { 0 };
	EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *cipher;
	int n, ok;

	if ((master->key_len != 16 && master->key_len != 24 && master->key_len != 32) ||
	    (master->salt_len != 12 && master->salt_len != 14) || len > sizeof(zeros))
		return -EINVAL;
	cipher = counter_mode(aria, master->key_len);
	if (!cipher)
		return -ENOENT;
	memcpy(iv, master->salt, master->salt_len);
	iv[7] ^= label;
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && EVP_EncryptInit_ex2(ctx, cipher, master->key, iv, NULL) &&
	     EVP_EncryptUpdate(ctx, out, &n, zeros, (int)len);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? 0 : -EIO;
}

int ksrtp_derive_session(const struct ksrtp_master *master, uint8_t label, void *out, size_t len)
{
	return prf(false, master, label, out, len);
}

int ksrtp_derive_session_of(unsigned int suite, const struct ksrtp_master *master, uint8_t label,
			    void *out, size_t len)
{
	struct ksrtp_suite_info s;

	if (ksrtp_suite_get(suite, &s) || s.half || master->key_len != s.key_len ||
	    master->salt_len != s.salt_len)
		return -EINVAL;
	return prf(s.aria, master, label, out, len);
}
