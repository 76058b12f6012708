// SPDX-License-Identifier: GPL-2.0
/* The crypto suites: one table, by the numbers of the netlink interface. */
#ifdef __KERNEL__
#include <uapi/linux/ksrtp.h>
#else
#include <linux/ksrtp.h>
#endif

#include "suite.h"

static const struct ksrtp_suite_desc suites[] = {
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = {
		.name = "AES_CM_128_HMAC_SHA1_80",
		.alias = "SRTP_AES128_CM_HMAC_SHA1_80",
		.layer = KSRTP_LAYER_HBH,
		.transform = KSRTP_TRANSFORM_CM_HMAC,
		.encrypts = true,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag = 10,
		.rtcp_tag = 10,
	},
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = {
		.name = "AES_CM_128_HMAC_SHA1_32",
		.alias = "SRTP_AES128_CM_HMAC_SHA1_32",
		.layer = KSRTP_LAYER_HBH,
		.transform = KSRTP_TRANSFORM_CM_HMAC,
		.encrypts = true,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag = 4,
		.rtcp_tag = 10,		/* RFC 4568 section 6.2, RFC 5764 section 4.1.2 */
	},
	[KSRTP_SUITE_NULL_HMAC_SHA1_80] = {
		.name = "NULL_HMAC_SHA1_80",
		.alias = "SRTP_NULL_HMAC_SHA1_80",
		.layer = KSRTP_LAYER_HBH,
		.transform = KSRTP_TRANSFORM_CM_HMAC,
		.key_len = 16,		/* the authentication key is derived from it */
		.salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag = 10,
		.rtcp_tag = 10,
	},
	[KSRTP_SUITE_E2E_AES_128_CTR] = {
		.name = "E2E_AES_128_CTR",
		.layer = KSRTP_LAYER_E2E,
		.transform = KSRTP_TRANSFORM_E2E,
		.encrypts = true,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
	},
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
