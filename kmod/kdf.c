// SPDX-License-Identifier: GPL-2.0
/*
 * Session keys from a master key and salt: the AES-CM PRF of RFC 3711, with
 * the AES of the key's size (RFC 6188), or the ARIA-CTR PRF (RFC 8269).
 */
#include <crypto/skcipher.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "transform.h"

/* RFC 3711 section 4.3.2; those of RTCP are three higher */
enum {
	LABEL_ENCRYPTION	= 0,
	LABEL_AUTHENTICATION	= 1,
	LABEL_SALT		= 2,
	LABEL_RTCP		= 3,
	LABEL_HEADER_ENCRYPTION	= 6,	/* RFC 6904 section 3.3 */
	LABEL_HEADER_SALT	= 7,
};

#define PRF_SALT	14
#define PRF_MAX		KSRTP_MAX_AUTH_KEY

/**
 * struct prf - the PRF under one master key
 * @request: keyed
 * @x: IV without a label: master salt, zero-extended to 14 bytes, and counter
 * @iv: IV of the request
 * @out: key stream
 */
struct prf {
	struct skcipher_request *request;
	u8 x[16];
	u8 iv[16];
	u8 out[PRF_MAX];
};

/*
 * Section 4.3.3 with section 4.3.1: x = (label || r) XOR master salt, where r,
 * 48 bits, is 0 since the key derivation rate is; key stream from IV x * 2^16.
 * So the label meets byte 7 of the salt's 14.
 */
static int prf(struct prf *f, u8 label, u8 *key, unsigned int len)
{
	struct scatterlist sg;
	int err;

	if (len > sizeof(f->out))
		return -EINVAL;
	if (!len)
		return 0;
	memcpy(f->iv, f->x, sizeof(f->iv));
	f->iv[7] ^= label;
	memset(f->out, 0, len);
	sg_init_one(&sg, f->out, len);
	skcipher_request_set_crypt(f->request, &sg, &sg, len, f->iv);
	err = crypto_skcipher_encrypt(f->request);
	if (!err)
		memcpy(key, f->out, len);
	return err;
}

/* Which of a master key's session keys are wanted */
enum purpose { FOR_RTP, FOR_RTCP, FOR_HEADER };

static int derive(struct prf *f, const struct ksrtp_suite_desc *suite,
		  enum purpose purpose, struct ksrtp_session_keys *keys)
{
	u8 first = purpose == FOR_RTCP ? LABEL_RTCP : 0;

	if (purpose == FOR_HEADER)
		return prf(f, LABEL_HEADER_ENCRYPTION, keys->key,
			   suite->key_len) ?:
		       prf(f, LABEL_HEADER_SALT, keys->salt, suite->salt_len);
	keys->auth_len = suite->auth_key_len;
	return prf(f, first + LABEL_ENCRYPTION, keys->key, suite->key_len) ?:
	       prf(f, first + LABEL_AUTHENTICATION, keys->auth, keys->auth_len) ?:
	       prf(f, first + LABEL_SALT, keys->salt, suite->salt_len);
}

static int kdf(const struct ksrtp_suite_desc *suite, enum purpose purpose,
	       const u8 *master, const u8 *salt, struct ksrtp_session_keys *keys)
{
	struct crypto_skcipher *tfm;
	struct prf *f;
	int err;

	memset(keys, 0, sizeof(*keys));
	if (suite->key_len > sizeof(keys->key) ||
	    suite->salt_len > min_t(size_t, sizeof(keys->salt), PRF_SALT))
		return -EINVAL;

	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	memcpy(f->x, salt, suite->salt_len);

	tfm = crypto_alloc_skcipher(suite->aria ? "ctr(aria)" : "ctr(aes)", 0,
				    CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm)) {
		err = PTR_ERR(tfm);
		goto free_prf;
	}
	err = crypto_skcipher_setkey(tfm, master, suite->key_len);
	if (err)
		goto free_tfm;
	f->request = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!f->request) {
		err = -ENOMEM;
		goto free_tfm;
	}
	skcipher_request_set_callback(f->request, CRYPTO_TFM_REQ_MAY_SLEEP,
				      NULL, NULL);
	err = derive(f, suite, purpose, keys);
	if (err)
		memzero_explicit(keys, sizeof(*keys));
	skcipher_request_free(f->request);
free_tfm:
	crypto_free_skcipher(tfm);
free_prf:
	kfree_sensitive(f);
	return err;
}

/**
 * ksrtp_kdf() - derive session keys
 * @suite: suite of one layer, not a DOUBLE one; the size of its master key
 *	chooses the AES of the PRF (RFC 3711 section 4.3, RFC 6188 section 3)
 * @rtcp: those of SRTCP, not SRTP. E2E is as SRTP.
 * @master: master key, @suite->key_len bytes
 * @salt: master salt, @suite->salt_len bytes; one of 12 (RFC 7714) is continued
 *	with zeros
 * @keys: where the session keys go; the caller wipes them
 *
 * Key derivation rate 0. No copy of a key is left behind.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT where the kernel has no such cipher; -ENOMEM or another
 * error of the driver. @keys is all zero then.
 */
int ksrtp_kdf(const struct ksrtp_suite_desc *suite, bool rtcp, const u8 *master,
	      const u8 *salt, struct ksrtp_session_keys *keys)
{
	return kdf(suite, rtcp ? FOR_RTCP : FOR_RTP, master, salt, keys);
}

/**
 * ksrtp_kdf_header() - derive the keys of header extension encryption
 * @suite: suite of one layer
 * @master: master key, @suite->key_len bytes
 * @salt: master salt, @suite->salt_len bytes
 * @keys: where key and salt go, the salt continued by zeros to 14 bytes; the
 *	caller wipes them
 *
 * RFC 6904 section 3.3: both are as long as those of SRTP, so that the salt of
 * an AEAD suite has 12 bytes. The counter mode it goes to has them in front.
 *
 * Context: process, may sleep.
 * Return: as ksrtp_kdf().
 */
int ksrtp_kdf_header(const struct ksrtp_suite_desc *suite, const u8 *master,
		     const u8 *salt, struct ksrtp_session_keys *keys)
{
	return kdf(suite, FOR_HEADER, master, salt, keys);
}
