// SPDX-License-Identifier: GPL-2.0
/* The crypto suites: one table, by the numbers of the netlink interface. */
#ifdef __KERNEL__
#include <uapi/linux/ksrtp.h>
#else
#include <linux/ksrtp.h>
#endif

#include "suite.h"

/*
 * AES in counter mode, or no cipher, with HMAC-SHA1. SRTCP has the long tag in
 * the _32 suites too (RFC 4568 section 6.2, RFC 5764 section 4.1.2). The NULL
 * suites have a key because the authentication key is derived from it.
 */
#define HMAC_SHA1(SDES, DTLS, key, tag, ...)				\
	{								\
		.name = SDES,						\
		.alias = DTLS,						\
		.layer = KSRTP_LAYER_HBH,				\
		.transform = KSRTP_TRANSFORM_CM_HMAC,			\
		.key_len = key,						\
		.salt_len = 14,						\
		.auth_key_len = 20,					\
		.rtp_tag = tag,						\
		.rtcp_tag = 10,						\
		__VA_ARGS__						\
	}

/* Galois/counter mode, whose tag is never shortened (RFC 7714 section 14.2) */
#define GCM(SDES, DTLS, key, salt, ...)					\
	{								\
		.name = SDES,						\
		.alias = DTLS,						\
		.layer = KSRTP_LAYER_HBH,				\
		.transform = KSRTP_TRANSFORM_AEAD,			\
		.encrypts = true,					\
		.key_len = key,						\
		.salt_len = salt,					\
		.rtp_tag = 16,						\
		.rtcp_tag = 16,						\
		__VA_ARGS__						\
	}

static const struct ksrtp_suite_desc suites[] = {
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] =
		HMAC_SHA1("AES_CM_128_HMAC_SHA1_80",
			  "SRTP_AES128_CM_HMAC_SHA1_80", 16, 10,
			  .encrypts = true),
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] =
		HMAC_SHA1("AES_CM_128_HMAC_SHA1_32",
			  "SRTP_AES128_CM_HMAC_SHA1_32", 16, 4,
			  .encrypts = true),
	[KSRTP_SUITE_NULL_HMAC_SHA1_80] =
		HMAC_SHA1("NULL_HMAC_SHA1_80", "SRTP_NULL_HMAC_SHA1_80", 16, 10),
	[KSRTP_SUITE_NULL_HMAC_SHA1_32] =
		HMAC_SHA1("NULL_HMAC_SHA1_32", "SRTP_NULL_HMAC_SHA1_32", 16, 4),
	[KSRTP_SUITE_E2E_AES_128_CTR] = {
		.name = "E2E_AES_128_CTR",
		.layer = KSRTP_LAYER_E2E,
		.transform = KSRTP_TRANSFORM_E2E,
		.encrypts = true,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
	},

	/* RFC 6188; for DTLS-SRTP nothing is registered, the names are in use */
	[KSRTP_SUITE_AES_192_CM_HMAC_SHA1_80] =
		HMAC_SHA1("AES_192_CM_HMAC_SHA1_80",
			  "SRTP_AES192_CM_HMAC_SHA1_80", 24, 10,
			  .encrypts = true),
	[KSRTP_SUITE_AES_192_CM_HMAC_SHA1_32] =
		HMAC_SHA1("AES_192_CM_HMAC_SHA1_32",
			  "SRTP_AES192_CM_HMAC_SHA1_32", 24, 4,
			  .encrypts = true),
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] =
		HMAC_SHA1("AES_256_CM_HMAC_SHA1_80",
			  "SRTP_AES256_CM_HMAC_SHA1_80", 32, 10,
			  .encrypts = true),
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] =
		HMAC_SHA1("AES_256_CM_HMAC_SHA1_32",
			  "SRTP_AES256_CM_HMAC_SHA1_32", 32, 4,
			  .encrypts = true),

	/* RFC 7714 */
	[KSRTP_SUITE_AEAD_AES_128_GCM] =
		GCM("AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 16, 12),
	[KSRTP_SUITE_AEAD_AES_256_GCM] =
		GCM("AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12),

	/* RFC 8269 */
	[KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_80] =
		HMAC_SHA1("ARIA_128_CTR_HMAC_SHA1_80",
			  "SRTP_ARIA_128_CTR_HMAC_SHA1_80", 16, 10,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_32] =
		HMAC_SHA1("ARIA_128_CTR_HMAC_SHA1_32",
			  "SRTP_ARIA_128_CTR_HMAC_SHA1_32", 16, 4,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_80] =
		HMAC_SHA1("ARIA_192_CTR_HMAC_SHA1_80",
			  "SRTP_ARIA_192_CTR_HMAC_SHA1_80", 24, 10,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_32] =
		HMAC_SHA1("ARIA_192_CTR_HMAC_SHA1_32",
			  "SRTP_ARIA_192_CTR_HMAC_SHA1_32", 24, 4,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_80] =
		HMAC_SHA1("ARIA_256_CTR_HMAC_SHA1_80",
			  "SRTP_ARIA_256_CTR_HMAC_SHA1_80", 32, 10,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_32] =
		HMAC_SHA1("ARIA_256_CTR_HMAC_SHA1_32",
			  "SRTP_ARIA_256_CTR_HMAC_SHA1_32", 32, 4,
			  .encrypts = true, .aria = true),
	[KSRTP_SUITE_AEAD_ARIA_128_GCM] =
		GCM("AEAD_ARIA_128_GCM", "SRTP_AEAD_ARIA_128_GCM", 16, 12,
		    .aria = true),
	[KSRTP_SUITE_AEAD_ARIA_256_GCM] =
		GCM("AEAD_ARIA_256_GCM", "SRTP_AEAD_ARIA_256_GCM", 32, 12,
		    .aria = true),

	/* RFC 8723 */
	[KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM] =
		GCM("DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
		    "SRTP_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 32, 24,
		    .half = KSRTP_SUITE_AEAD_AES_128_GCM),
	[KSRTP_SUITE_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM] =
		GCM("DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
		    "SRTP_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM", 64, 24,
		    .half = KSRTP_SUITE_AEAD_AES_256_GCM),
};

/**
 * ksrtp_suite_by_id() - the suite of a number
 * @id: enum ksrtp_suite, or any other number
 *
 * Return: its row, NULL where there is no such suite.
 */
const struct ksrtp_suite_desc *ksrtp_suite_by_id(unsigned int id)
{
	if (id >= ARRAY_SIZE(suites) || !suites[id].name)
		return NULL;
	return &suites[id];
}

/**
 * ksrtp_suite_by_name() - the suite of a name
 * @name: SDES or DTLS-SRTP name, in any case
 *
 * Return: enum ksrtp_suite, 0 where there is no such suite.
 */
unsigned int ksrtp_suite_by_name(const char *name)
{
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(suites); id++) {
		const struct ksrtp_suite_desc *s = &suites[id];

		if (s->name && !strcasecmp(name, s->name))
			return id;
		if (s->alias && !strcasecmp(name, s->alias))
			return id;
	}
	return 0;
}
