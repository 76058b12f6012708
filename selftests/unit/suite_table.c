// SPDX-License-Identifier: GPL-2.0-or-later
/* Suites are what their RFCs say, and are found by number and by name. */
#include "kt.h"

#include <ctype.h>
#include <linux/ksrtp.h>

#include "suite.h"

/*
 * RFC 3711 section 8.2, RFC 4568 section 6.2, RFC 5764 section 4.1.2; RFC 6188
 * section 7, RFC 7714 section 14.2, RFC 8269 section 2, RFC 8723 section 7.2
 */
static const struct {
	unsigned int id;
	struct ksrtp_suite_desc want;
} known[] = {
	/* encrypts, aria, key, salt, auth key, SRTP and SRTCP tag, half */
	{ KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
	  { "AES_CM_128_HMAC_SHA1_80",
	    "SRTP_AES128_CM_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 16, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	  { "AES_CM_128_HMAC_SHA1_32",
	    "SRTP_AES128_CM_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 16, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_NULL_HMAC_SHA1_80,
	  { "NULL_HMAC_SHA1_80",
	    "SRTP_NULL_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 0, 0, 16, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_NULL_HMAC_SHA1_32,
	  { "NULL_HMAC_SHA1_32",
	    "SRTP_NULL_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 0, 0, 16, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_AES_192_CM_HMAC_SHA1_80,
	  { "AES_192_CM_HMAC_SHA1_80",
	    "SRTP_AES192_CM_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 24, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_AES_192_CM_HMAC_SHA1_32,
	  { "AES_192_CM_HMAC_SHA1_32",
	    "SRTP_AES192_CM_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 24, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80,
	  { "AES_256_CM_HMAC_SHA1_80",
	    "SRTP_AES256_CM_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 32, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
	  { "AES_256_CM_HMAC_SHA1_32",
	    "SRTP_AES256_CM_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 0, 32, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_AEAD_AES_128_GCM,
	  { "AEAD_AES_128_GCM",
	    "SRTP_AEAD_AES_128_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 0, 16, 12, 0, 16, 16, 0 } },
	{ KSRTP_SUITE_AEAD_AES_256_GCM,
	  { "AEAD_AES_256_GCM",
	    "SRTP_AEAD_AES_256_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 0, 32, 12, 0, 16, 16, 0 } },
	{ KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_80,
	  { "ARIA_128_CTR_HMAC_SHA1_80",
	    "SRTP_ARIA_128_CTR_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 16, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_32,
	  { "ARIA_128_CTR_HMAC_SHA1_32",
	    "SRTP_ARIA_128_CTR_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 16, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_80,
	  { "ARIA_192_CTR_HMAC_SHA1_80",
	    "SRTP_ARIA_192_CTR_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 24, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_32,
	  { "ARIA_192_CTR_HMAC_SHA1_32",
	    "SRTP_ARIA_192_CTR_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 24, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_80,
	  { "ARIA_256_CTR_HMAC_SHA1_80",
	    "SRTP_ARIA_256_CTR_HMAC_SHA1_80",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 32, 14, 20, 10, 10, 0 } },
	{ KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_32,
	  { "ARIA_256_CTR_HMAC_SHA1_32",
	    "SRTP_ARIA_256_CTR_HMAC_SHA1_32",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_CM_HMAC, 1, 1, 32, 14, 20, 4, 10, 0 } },
	{ KSRTP_SUITE_AEAD_ARIA_128_GCM,
	  { "AEAD_ARIA_128_GCM",
	    "SRTP_AEAD_ARIA_128_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 1, 16, 12, 0, 16, 16, 0 } },
	{ KSRTP_SUITE_AEAD_ARIA_256_GCM,
	  { "AEAD_ARIA_256_GCM",
	    "SRTP_AEAD_ARIA_256_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 1, 32, 12, 0, 16, 16, 0 } },
	{ KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM,
	  { "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	    "SRTP_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 0, 32, 24, 0, 16, 16,
	    KSRTP_SUITE_AEAD_AES_128_GCM } },
	{ KSRTP_SUITE_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM,
	  { "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
	    "SRTP_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
	    KSRTP_LAYER_HBH, KSRTP_TRANSFORM_AEAD, 1, 0, 64, 24, 0, 16, 16,
	    KSRTP_SUITE_AEAD_AES_256_GCM } },
	{ KSRTP_SUITE_E2E_AES_128_CTR,
	  { "E2E_AES_128_CTR", NULL,
	    KSRTP_LAYER_E2E, KSRTP_TRANSFORM_E2E, 1, 0, 16, 14, 20, 0, 0, 0 } },
};

static bool same(const struct ksrtp_suite_desc *a, const struct ksrtp_suite_desc *b)
{
	if (!a || strcmp(a->name, b->name) || !a->alias != !b->alias)
		return false;
	if (a->alias && strcmp(a->alias, b->alias))
		return false;
	return a->layer == b->layer && a->transform == b->transform &&
	       a->encrypts == b->encrypts && a->key_len == b->key_len &&
	       a->salt_len == b->salt_len && a->auth_key_len == b->auth_key_len &&
	       a->rtp_tag == b->rtp_tag && a->rtcp_tag == b->rtcp_tag &&
	       a->aria == b->aria && a->half == b->half;
}

/* Found as it is, in lower case and mixed; not with a letter less or more */
static bool found(const char *name, unsigned int id)
{
	char other[80];
	size_t i, len = strlen(name);

	if (ksrtp_suite_by_name(name) != id)
		return false;
	for (i = 0; i <= len; i++)
		other[i] = (char)tolower(name[i]);
	if (ksrtp_suite_by_name(other) != id)
		return false;
	for (i = 0; i < len; i += 2)
		other[i] = (char)toupper(other[i]);
	if (ksrtp_suite_by_name(other) != id)
		return false;
	for (i = 0; i < len; i++) {
		snprintf(other, i + 1, "%s", name);
		if (ksrtp_suite_by_name(other))
			return false;
	}
	snprintf(other, sizeof(other), "%s0", name);
	if (ksrtp_suite_by_name(other))
		return false;
	return !ksrtp_suite_by_name(name + 1);
}

int main(void)
{
	unsigned int i, n = 0;

	kt_plan(3 * ARRAY_SIZE(known) + 4);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		const struct ksrtp_suite_desc *want = &known[i].want;

		kt_ok(same(ksrtp_suite_by_id(known[i].id), want),
		      "%s has the layer and the lengths of its RFC", want->name);
		kt_ok(found(want->name, known[i].id),
		      "%s is found by its name in any case, and by no other", want->name);
		if (want->alias)
			kt_ok(found(want->alias, known[i].id),
			      "%s is found as %s", want->name, want->alias);
		else
			kt_ok(!ksrtp_suite_by_id(known[i].id)->alias,
			      "%s has one name only", want->name);
	}

	for (i = 0; i < 100000; i++)
		n += !!ksrtp_suite_by_id(i);
	kt_is(n, ARRAY_SIZE(known), "there is no suite that this test does not know");
	kt_ok(!ksrtp_suite_by_id(0), "number 0 is no suite");
	kt_ok(!ksrtp_suite_by_id(~0u) && !ksrtp_suite_by_id(1u << 31),
	      "numbers beyond the table are no suites");
	kt_is(ksrtp_suite_by_name("AES_CM_129_HMAC_SHA1_80"), 0, "an unknown name is no suite");
	return kt_done();
}
