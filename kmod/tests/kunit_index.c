// SPDX-License-Identifier: GPL-2.0
/* KUnit: packet index, replay window, and the table of suites. */
#include <linux/string_helpers.h>
#include <uapi/linux/ksrtp.h>

#include "../index.h"
#include "../replay.h"
#include "../suite.h"
#include "kunit.h"

/* ---- The index ---- */

static const struct {
	u64 highest;
	u16 seq;
	int err;
	u64 index;
} estimates[] = {
	{ 0, 0, 0, 0 },
	{ 0, 32768, 0, 32768 },
	{ 0, 32769, -ERANGE, 0 },	/* there is no turn before the first */
	{ 65535, 0, 0, 65536 },		/* round */
	{ 65536, 65535, 0, 65535 },	/* late, from before the wrap */
	{ 65536 + 32768, 0, 0, 65536 },	/* as near: the same turn */
	{ 65536 + 32767, 65535, 0, 65536 + 65535 },
	{ 65536 + 32766, 65535, 0, 65535 },
	{ KSRTP_INDEX_MAX, 65535, 0, KSRTP_INDEX_MAX },
	{ KSRTP_INDEX_MAX, 0, -ERANGE, 0 },	/* the key is used up */
};

static void estimate(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(estimates); i++) {
		u64 index = 0x5a5a;
		int err = ksrtp_index_estimate(estimates[i].highest,
					       estimates[i].seq, &index);

		KUNIT_EXPECT_EQ_MSG(test, err, estimates[i].err, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, index, err ? 0x5a5a : estimates[i].index,
				    "row %zu", i);
	}
}

/* RFC 3711 appendix A, whose ROC comes round */
static void guess(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ksrtp_roc_guess(0, 0, 40000), U32_MAX);
	KUNIT_EXPECT_EQ(test, ksrtp_roc_guess(7, 65535, 3), 8);
	KUNIT_EXPECT_EQ(test, ksrtp_roc_guess(7, 3, 65535), 6);
	KUNIT_EXPECT_EQ(test, ksrtp_roc_guess(U32_MAX, 65535, 3), 0);
	KUNIT_EXPECT_EQ(test, ksrtp_roc_guess(7, 1000, 1001), 7);
}

static struct kunit_case index_cases[] = {
	KUNIT_CASE(estimate),
	KUNIT_CASE(guess),
	{}
};

struct kunit_suite ksrtp_kunit_index = {
	.name = "ksrtp_index",
	.test_cases = index_cases,
};

/* ---- The replay window ---- */

static const u32 sizes[] = { 0, 64, 128, 1024, KSRTP_WINDOW_MAX };

static struct ksrtp_window *window(struct kunit *test, u32 size, u64 floor)
{
	struct ksrtp_window *w = kunit_kmalloc(test, ksrtp_window_bytes(size),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	ksrtp_window_init(w, size, floor, floor);
	return w;
}

/* Of a window of each size: once is once, and beyond its end too old is too old */
static void used_once(struct kunit *test)
{
	const u64 top = 3 * KSRTP_WINDOW_MAX;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ksrtp_window *w = window(test, sizes[i], 0);
		u64 oldest = top + 1 - sizes[i];

		KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 0), 0);
		KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, top), 0);
		KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, top), -EEXIST);
		KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, top), -EEXIST);
		KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, top + 1), 0);
		if (sizes[i]) {
			KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, oldest), 0);
			KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, oldest), -EEXIST);
		}
		if (sizes[i] != 0)
			KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, oldest - 1), -ESTALE);
		else
			KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, top - 1), -ESTALE);
	}
}

/* Each index of two turns of the ring, forwards, is fresh once. */
static void slides(struct kunit *test)
{
	struct ksrtp_window *w = window(test, 128, 0);
	u64 i;

	for (i = 0; i < 1000; i++) {
		KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, i), 0);
		KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, i), -EEXIST);
	}
	for (i = 1000 - 128; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, i), -EEXIST);
	/* a leap longer than the ring leaves nothing of it */
	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, 1 << 20), 0);
	for (i = (1 << 20) - 127; i < 1 << 20; i++)
		KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, i), 0);
}

static void starts_at_floor(struct kunit *test)
{
	struct ksrtp_window *w = window(test, 64, 1000);

	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, 999), -ESTALE);
	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, 1000), 0);
	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, 999), -ESTALE);
	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, KSRTP_INDEX_MAX), 0);
	KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, KSRTP_INDEX_MAX), -EEXIST);
}

static void releases(struct kunit *test)
{
	struct ksrtp_window *w = window(test, 64, 0);

	KUNIT_ASSERT_EQ(test, ksrtp_window_commit(w, 100), 0);
	ksrtp_window_release(w, 100);
	KUNIT_EXPECT_EQ(test, ksrtp_window_commit(w, 100), 0);
	KUNIT_ASSERT_EQ(test, ksrtp_window_commit(w, 200), 0);
	ksrtp_window_release(w, 100);	/* passed by: it stays used */
	KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 100), -ESTALE);
	ksrtp_window_release(w, 201);	/* never used */
	KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 200), -EEXIST);
}

static void follows(struct kunit *test)
{
	struct ksrtp_window *from = window(test, 64, 0), *w = window(test, 64, 0);

	KUNIT_ASSERT_EQ(test, ksrtp_window_commit(from, 70000), 0);
	ksrtp_window_follow(w, from);
	KUNIT_EXPECT_EQ(test, w->highest, 70000);
	KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 70000), 0);
	KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 70000 - 64), -ESTALE);
}

/* Carried over into a window of each size, used stays used, and old is old. */
static void carries(struct kunit *test)
{
	struct ksrtp_window *saved = window(test, 1024, 0);
	u8 *bits = kunit_kmalloc(test, 1024 / 8, GFP_KERNEL);
	u32 len;
	size_t i;
	u64 n;

	KUNIT_ASSERT_NOT_NULL(test, bits);
	KUNIT_EXPECT_EQ(test, ksrtp_window_save(saved, bits), 0);
	for (n = 5000; n < 5600; n += 3)
		KUNIT_ASSERT_EQ(test, ksrtp_window_commit(saved, n), 0);
	len = ksrtp_window_save(saved, bits);
	KUNIT_EXPECT_EQ(test, len, (5597 - 5000) / 8 + 1);
	for (i = 1; i < ARRAY_SIZE(sizes); i++) {
		struct ksrtp_window *w = window(test, sizes[i], 0);
		u32 reach = min(sizes[i], 1024u);

		ksrtp_window_restore(w, saved, exact(test, bits, len), len);
		for (n = 5597 - 100; n < 5700; n++) {
			int want = (n + reach <= 5597) ? -ESTALE :
				   n <= 5597 && (n - 5000) % 3 == 0 ? -EEXIST : 0;

			KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, n), want);
		}
		KUNIT_EXPECT_EQ(test, ksrtp_window_check(w, 5597 - 1024), -ESTALE);
	}
}

static struct kunit_case replay_cases[] = {
	KUNIT_CASE(used_once),
	KUNIT_CASE(slides),
	KUNIT_CASE(starts_at_floor),
	KUNIT_CASE(releases),
	KUNIT_CASE(follows),
	KUNIT_CASE(carries),
	{}
};

struct kunit_suite ksrtp_kunit_replay = {
	.name = "ksrtp_replay",
	.test_cases = replay_cases,
};

/* ---- The suites ---- */

static void by_name(struct kunit *test)
{
	const struct ksrtp_suite_desc *s;
	unsigned int id;
	char lower[64];

	for (id = 1; (s = ksrtp_suite_by_id(id)); id++) {
		KUNIT_EXPECT_EQ(test, ksrtp_suite_by_name(s->name), id);
		if (s->alias)
			KUNIT_EXPECT_EQ(test, ksrtp_suite_by_name(s->alias), id);
		string_lower(lower, s->name);
		KUNIT_EXPECT_EQ(test, ksrtp_suite_by_name(lower), id);
	}
	KUNIT_EXPECT_EQ(test, id - 1, KSRTP_SUITE_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM);
	KUNIT_EXPECT_NULL(test, ksrtp_suite_by_id(0));
	KUNIT_EXPECT_NULL(test, ksrtp_suite_by_id(UINT_MAX));
	KUNIT_EXPECT_EQ(test, ksrtp_suite_by_name(""), 0);
	KUNIT_EXPECT_EQ(test, ksrtp_suite_by_name("AES_CM_128_HMAC_SHA1"), 0);
}

static void rows(struct kunit *test)
{
	const struct ksrtp_suite_desc *s, *half;
	unsigned int id;

	for (id = 1; (s = ksrtp_suite_by_id(id)); id++) {
		half = ksrtp_suite_crypt(s);
		KUNIT_ASSERT_NOT_NULL(test, half);
		KUNIT_EXPECT_EQ_MSG(test, s->key_len, s->half ? 2 * half->key_len :
				    half->key_len, "%s", s->name);
		KUNIT_EXPECT_EQ_MSG(test, s->salt_len, s->half ? 2 * half->salt_len :
				    half->salt_len, "%s", s->name);
		KUNIT_EXPECT_LE_MSG(test, half->key_len, 32, "%s", s->name);
		/* never a short tag for SRTCP (RFC 4568 section 6.2) */
		if (s->layer == KSRTP_LAYER_HBH)
			KUNIT_EXPECT_GE_MSG(test, s->rtcp_tag, 10, "%s", s->name);
	}
}

static struct kunit_case suite_cases[] = {
	KUNIT_CASE(by_name),
	KUNIT_CASE(rows),
	{}
};

struct kunit_suite ksrtp_kunit_suite = {
	.name = "ksrtp_suite",
	.test_cases = suite_cases,
};
