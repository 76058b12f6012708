// SPDX-License-Identifier: GPL-2.0
/* KUnit: the transforms of every suite, and key derivation. */
#include <uapi/linux/ksrtp.h>

#include "../transform.h"
#include "kunit.h"
#include "selftest.h"

static const unsigned int suites[] = {
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	KSRTP_SUITE_NULL_HMAC_SHA1_80,
	KSRTP_SUITE_E2E_AES_128_CTR,
	KSRTP_SUITE_NULL_HMAC_SHA1_32,
	KSRTP_SUITE_AES_192_CM_HMAC_SHA1_80,
	KSRTP_SUITE_AES_192_CM_HMAC_SHA1_32,
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80,
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
	KSRTP_SUITE_AEAD_AES_128_GCM,
	KSRTP_SUITE_AEAD_AES_256_GCM,
	KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_80,
	KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_32,
	KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_80,
	KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_32,
	KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_80,
	KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_32,
	KSRTP_SUITE_AEAD_ARIA_128_GCM,
	KSRTP_SUITE_AEAD_ARIA_256_GCM,
};

static void suite_name(const unsigned int *suite, char *desc)
{
	strscpy(desc, ksrtp_suite_by_id(*suite)->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(suites, suites, suite_name);

/* All cases of a group; skipped where none of them can be tried */
static void run_group(struct kunit *test, enum ksrtp_case_group group,
		      unsigned int suite)
{
	unsigned int i, tried = 0;
	char id[KSRTP_CASE_ID];
	const char *why;

	for (i = 0; (why = ksrtp_case(group, suite, i, id)) != ksrtp_case_end; i++) {
		if (why == ksrtp_case_no_aria)
			continue;
		tried++;
		if (why)
			KUNIT_FAIL(test, "%s: %s", id, why);
	}
	if (i && !tried)
		kunit_skip(test, "%s", ksrtp_case_no_aria);
	KUNIT_EXPECT_GT(test, tried, 0);
}

static void known_answers(struct kunit *test)
{
	run_group(test, KSRTP_CASES_ANSWERS, 0);
}

static void known_answers_fpu_held(struct kunit *test)
{
	if (!ksrtp_fpu_can_be_held())
		kunit_skip(test, "no softirq finds the FPU in use here");
	run_group(test, KSRTP_CASES_FPU_HELD, 0);
}

static void every_way(struct kunit *test)
{
	run_group(test, KSRTP_CASES_WAYS, *(const unsigned int *)test->param_value);
}

static void across_pages(struct kunit *test)
{
	run_group(test, KSRTP_CASES_PAGES, *(const unsigned int *)test->param_value);
}

static void payload_across_pages(struct kunit *test)
{
	run_group(test, KSRTP_CASES_PLACES, 0);
}

static void refused(struct kunit *test)
{
	run_group(test, KSRTP_CASES_REFUSED, 0);
}

static void tags(struct kunit *test)
{
	run_group(test, KSRTP_CASES_TAGS, 0);
}

/* RFC 3711 appendix B.3, by itself: the table could be wrong in the same way. */
static void kdf(struct kunit *test)
{
	static const u8 master[] = {
		0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0,
		0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39,
	};
	static const u8 salt[] = {
		0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe,
		0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6,
	};
	static const u8 key[] = {
		0xc6, 0x1e, 0x7a, 0x93, 0x74, 0x4f, 0x39, 0xee,
		0x10, 0x73, 0x4a, 0xfe, 0x3f, 0xf7, 0xa0, 0x87,
	};
	static const u8 session_salt[] = {
		0x30, 0xcb, 0xbc, 0x08, 0x86, 0x3d, 0x8c,
		0x85, 0xd4, 0x9d, 0xb3, 0x4a, 0x9a, 0xe1,
	};
	static const u8 auth[] = {
		0xce, 0xbe, 0x32, 0x1f, 0x6f, 0xf7, 0x71, 0x6b, 0x6f, 0xd4,
		0xab, 0x49, 0xaf, 0x25, 0x6a, 0x15, 0x6d, 0x38, 0xba, 0xa4,
	};
	const struct ksrtp_suite_desc *suite =
		ksrtp_suite_by_id(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct ksrtp_session_keys rtp, rtcp;
	u8 *m = exact(test, master, sizeof(master));
	u8 *s = exact(test, salt, sizeof(salt));

	KUNIT_ASSERT_EQ(test, ksrtp_kdf(suite, false, m, s, &rtp), 0);
	KUNIT_ASSERT_EQ(test, ksrtp_kdf(suite, true, m, s, &rtcp), 0);
	KUNIT_EXPECT_MEMEQ(test, rtp.key, key, sizeof(key));
	KUNIT_EXPECT_MEMEQ(test, rtp.salt, session_salt, sizeof(session_salt));
	KUNIT_EXPECT_EQ(test, rtp.auth_len, 20);
	KUNIT_EXPECT_MEMEQ(test, rtp.auth, auth, sizeof(auth));
	/* other labels, other keys */
	KUNIT_EXPECT_MEMNEQ(test, rtcp.key, key, sizeof(key));
	KUNIT_EXPECT_MEMNEQ(test, rtcp.salt, session_salt, sizeof(session_salt));
	KUNIT_EXPECT_MEMNEQ(test, rtcp.auth, auth, sizeof(auth));
	KUNIT_EXPECT_MEMEQ(test, m, master, sizeof(master));
	KUNIT_EXPECT_MEMEQ(test, s, salt, sizeof(salt));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kdf),
	KUNIT_CASE_SLOW(known_answers),
	KUNIT_CASE_SLOW(known_answers_fpu_held),
	KUNIT_CASE_PARAM(every_way, suites_gen_params),
	KUNIT_CASE_PARAM(across_pages, suites_gen_params),
	KUNIT_CASE_SLOW(payload_across_pages),
	KUNIT_CASE(refused),
	KUNIT_CASE(tags),
	{}
};

struct kunit_suite ksrtp_kunit_crypto = {
	.name = "ksrtp_crypto",
	.test_cases = cases,
};
