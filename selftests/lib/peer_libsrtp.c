// SPDX-License-Identifier: GPL-2.0-or-later
/* libsrtp2 at the other end. */
#include "peer_libsrtp.h"

#define KDF_192	"derives the keys of AES-192 suites by AES-256, from master key and salt padded with zeros, not as RFC 6188 says"

const struct lib_suite lib_suites[LIB_SUITES] = {
	{ "AES_CM_128_HMAC_SHA1_80", SRTP_AES_ICM_128, 30, 10, NULL },
	{ "AES_CM_128_HMAC_SHA1_32", SRTP_AES_ICM_128, 30, 4, NULL },
	{ "AES_192_CM_HMAC_SHA1_80", SRTP_AES_ICM_192, 38, 10, KDF_192 },
	{ "AES_192_CM_HMAC_SHA1_32", SRTP_AES_ICM_192, 38, 4, KDF_192 },
	{ "AES_256_CM_HMAC_SHA1_80", SRTP_AES_ICM_256, 46, 10, NULL },
	{ "AES_256_CM_HMAC_SHA1_32", SRTP_AES_ICM_256, 46, 4, NULL },
	{ "NULL_HMAC_SHA1_80", SRTP_NULL_CIPHER, 30, 10, NULL },
	{ "NULL_HMAC_SHA1_32", SRTP_NULL_CIPHER, 30, 4, NULL },
	{ "AEAD_AES_128_GCM", SRTP_AES_GCM_128, 28, 16, NULL },
	{ "AEAD_AES_256_GCM", SRTP_AES_GCM_256, 44, 16, NULL },
};

const struct lib_suite *lib_suite(const char *name)
{
	int i;

	for (i = 0; i < LIB_SUITES; i++) {
		if (!strcmp(lib_suites[i].name, name))
			return &lib_suites[i];
	}
	kt_bail("libsrtp has no suite %s", name);
}

/* The tag of SRTCP is 80 bits for the _32 suites, too (RFC 3711 section 5.2). */
static void set_policy(srtp_crypto_policy_t *p, const struct lib_suite *s, bool rtcp, bool plain)
{
	bool gcm = s->cipher == SRTP_AES_GCM_128 || s->cipher == SRTP_AES_GCM_256;

	p->cipher_type = s->cipher;
	p->cipher_key_len = s->key_len;
	p->auth_type = gcm ? SRTP_NULL_AUTH : SRTP_HMAC_SHA1;
	p->auth_key_len = gcm ? 0 : 20;
	p->auth_tag_len = rtcp && !gcm ? 10 : s->tag_len;
	p->sec_serv = plain || s->cipher == SRTP_NULL_CIPHER ? sec_serv_auth :
							       sec_serv_conf_and_auth;
}

srtp_t lib_session(const struct exchange *x, const struct rig_key *keys, bool sends)
{
	unsigned int i, n_keys = x->keys ?: 1;
	uint8_t master[EXCHANGE_MAX_KEYS][64];
	uint8_t mki[EXCHANGE_MAX_KEYS][KSRTP_MAX_MKI];
	srtp_master_key_t masters[EXCHANGE_MAX_KEYS], *pointers[EXCHANGE_MAX_KEYS];
	const struct lib_suite *s = lib_suite(x->suite);
	int ids[] = { 1, 3 };
	srtp_policy_t policy = { 0 };
	srtp_err_status_t status;
	srtp_t session;

	for (i = 0; i < n_keys; i++) {
		const struct ksrtp_key *k = &keys[i].key;

		memcpy(master[i], k->master_key, k->master_key_len);
		memcpy(master[i] + k->master_key_len, k->master_salt, k->master_salt_len);
		memcpy(mki[i], k->mki, sizeof(mki[i]));
		masters[i] = (srtp_master_key_t){ master[i], mki[i], x->mki_len };
		pointers[i] = &masters[i];
	}
	set_policy(&policy.rtp, s, false, false);
	set_policy(&policy.rtcp, s, true, x->plain_rtcp);
	/* What is for one SSRC can be given a ROC; it is by its use whether it sends. */
	policy.ssrc.type = x->roc || x->join ? ssrc_specific :
			   sends ? ssrc_any_outbound : ssrc_any_inbound;
	policy.ssrc.value = EXCHANGE_SSRC;
	policy.window_size = x->window ?: 1024;
	policy.keys = pointers;
	policy.num_master_keys = n_keys;
	if (!x->mki_len)
		policy.key = master[0];
	if (x->enc_ext) {
		policy.enc_xtn_hdr = ids;
		policy.enc_xtn_hdr_count = ARRAY_SIZE(ids);
	}
	status = srtp_create(&session, &policy);
	if (status)
		kt_bail("libsrtp refuses %s: %d", x->suite, status);
	return session;
}

static void *open_session(const struct exchange *x, const struct rig_key *keys, uint32_t roc)
{
	srtp_t session = lib_session(x, keys, x->sends);

	if ((x->roc || x->join) && srtp_set_stream_roc(session, EXCHANGE_SSRC, roc))
		kt_bail("libsrtp refuses a ROC of %u", roc);
	return session;
}

static int protect(void *ctx, const struct exchange *x, unsigned int key, uint8_t *pkt, int len)
{
	bool mki = x->mki_len;
	srtp_err_status_t status;

	status = x->rtcp ? srtp_protect_rtcp_mki(ctx, pkt, &len, mki, key) :
			   srtp_protect_mki(ctx, pkt, &len, mki, key);
	return status ? -(int)status : len;
}

static int unprotect(void *ctx, const struct exchange *x, uint8_t *pkt, int len)
{
	bool mki = x->mki_len;
	srtp_err_status_t status;

	status = x->rtcp ? srtp_unprotect_rtcp_mki(ctx, pkt, &len, mki) :
			   srtp_unprotect_mki(ctx, pkt, &len, mki);
	return status ? -(int)status : len;
}

static void close_session(void *ctx)
{
	srtp_dealloc(ctx);
}

struct exchange_peer lib_peer = {
	.name = "libsrtp2",
	.open = open_session,
	.protect = protect,
	.unprotect = unprotect,
	.close = close_session,
};

void lib_start(void)
{
	static char version[64];
	const char *text = srtp_get_version_string();
	const char *blank = strrchr(text, ' ');

	if (srtp_init())
		kt_bail("libsrtp does not start");
	snprintf(version, sizeof(version), "%s", blank ? blank + 1 : text);
	lib_peer.version = version;
}

/*
 * What 2.5.0 does: where a key with its salt is longer than AES-128's it takes
 * AES-256 for the key derivation, so that the first 8 bytes of the salt end up
 * in the key, and behind the 6 that are left there are zeros.
 */
bool lib_kdf_192_wrong(const struct rig_key *k, bool rtcp, const uint8_t *pkt, int len,
		       uint32_t roc)
{
	int tag_len = rtcp ? 10 : lib_suite(k->hbh.suite->name)->tag_len;
	uint8_t padded[46] = { 0 }, k_a[20], tag[20], data[2100];

	memcpy(padded, k->key.master_key, 24);
	memcpy(padded + 24, k->key.master_salt, 14);
	ref_prf(padded, 32, padded + 32, 14, rtcp ? 4 : 1, k_a, sizeof(k_a));
	len -= tag_len + k->key.mki_len;
	memcpy(data, pkt, len);
	ref_put32(data + len, roc);
	ref_hmac_sha1(k_a, sizeof(k_a), data, rtcp ? len : len + 4, tag);
	return !memcmp(tag, pkt + len + k->key.mki_len, tag_len);
}
