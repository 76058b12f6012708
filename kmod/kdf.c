// SPDX-License-Identifier: GPL-2.0
/* Session keys from a master key and salt: the AES-CM PRF of RFC 3711. */
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

static int derive(struct prf *f, const struct ksrtp_suite_desc *suite, bool rtcp,
		  struct ksrtp_session_keys *keys)
{
	u8 first = rtcp ? LABEL_RTCP : 0;

	keys->auth_len = suite->auth_key_len;
	return prf(f, first + LABEL_ENCRYPTION, keys->key, suite->key_len) ?:
	       prf(f, first + LABEL_AUTHENTICATION, keys->auth, keys->auth_len) ?:
	       prf(f, first + LABEL_SALT, keys->salt, suite->salt_len);
}

/**
 * ksrtp_kdf() - derive session keys
 * @suite: suite; the size of its master key chooses the AES of the PRF
 *	(RFC 3711 section 4.3, RFC 6188 section 3)
 * @rtcp: those of SRTCP, not SRTP. E2E is as SRTP.
 * @master: master key, @suite->key_len bytes
 * @salt: master salt, @suite->salt_len bytes
 * @keys: where the session keys go; the caller wipes them
 *
 * Key derivation rate 0. No copy of a key is left behind.
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM or another error of the driver; @keys is all zero then.
 */
int ksrtp_kdf(const struct ksrtp_suite_desc *suite, bool rtcp, const u8 *master,
	      const u8 *salt, struct ksrtp_session_keys *keys)
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

	tfm = crypto_alloc_skcipher("ctr(aes)", 0, CRYPTO_ALG_ASYNC);
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
	err = derive(f, suite, rtcp, keys);
	if (err)
		memzero_explicit(keys, sizeof(*keys));
	skcipher_request_free(f->request);
free_tfm:
	crypto_free_skcipher(tfm);
free_prf:
	kfree_sensitive(f);
	return err;
}
