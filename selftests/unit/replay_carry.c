// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A window that is saved and restored says of every index what the first one
 * said, or that it is too old, and never that a used one is fresh: for windows of
 * all sizes on both sides, at the beginning and at the end of the indices.
 */
#include <kt.h>

#include <replay.h>

#include "random.h"

#define FEW	3

static struct random seed = { 1 };

static const uint32_t sizes[] = { 0, 64, 128, 960, 1024, 1088, 32768 };

static struct ksrtp_window *window(uint32_t size, uint64_t highest, uint64_t floor)
{
	struct ksrtp_window *w = malloc(ksrtp_window_bytes(size));

	if (!w)
		kt_bail("no memory");
	ksrtp_window_init(w, size, highest, floor);
	return w;
}

/* What is wrong with @to after @from was carried to it, or NULL */
static const char *compare(const struct ksrtp_window *from, const struct ksrtp_window *to)
{
	uint64_t low = from->highest > 40000 ? from->highest - 40000 : 0, i;
	const uint32_t both = from->size < to->size ? from->size : to->size;

	if (to->highest != from->highest || to->started != from->started)
		return "highest index";
	for (i = low; i <= from->highest + 10; i++) {
		const int was = ksrtp_window_check(from, i), is = ksrtp_window_check(to, i);

		if (was && !is)
			return "an index that was used or too old is fresh";
		if (!was && is && i + both > from->highest)
			return "a fresh index both have room for is not";
		if (was == -EEXIST && is == -ESTALE && i + both > from->highest)
			return "a used index both have room for is too old";
	}
	return NULL;
}

static const char *carry(uint32_t a, uint32_t b, uint64_t start, uint32_t n, uint64_t floor)
{
	static uint8_t bits[KSRTP_WINDOW_MAX / 8];
	struct ksrtp_window *from = window(a, start, floor), *to = window(b, 0, 0);
	const char *wrong;
	uint32_t i, len;

	/* A few stay within the window, and the first of them is at its end. */
	if (n == FEW)
		ksrtp_window_commit(from, start);
	for (i = 0; i < n; i++) {
		uint64_t index = start + random_below(&seed, n == FEW ? a / 2 + 1 : a + 100);

		if (index <= (1ull << 48) - 1)
			ksrtp_window_commit(from, index);
	}
	memset(bits, 0xa5, sizeof(bits));
	len = ksrtp_window_save(from, bits);
	if (len > a / 8 || (len && !bits[len - 1])) {
		wrong = "the length of the bits";
	} else {
		ksrtp_window_restore(to, from, bits, len);
		wrong = compare(from, to);
	}
	/* and it goes on as a window does */
	if (!wrong && from->started && ksrtp_window_commit(to, from->highest) != -EEXIST && b && a)
		wrong = "the highest index can be used again";
	free(from);
	free(to);
	return wrong;
}

int main(void)
{
	static const uint32_t counts[] = { 0, 1, FEW, 40, 3000 };
	static const uint64_t starts[] = { 0, 1, 65500, (1ull << 48) - 70000 };
	size_t i, j, k;

	kt_plan(ARRAY_SIZE(sizes));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bool ok = true;

		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			for (k = 0; k < ARRAY_SIZE(counts) * ARRAY_SIZE(starts); k++) {
				uint64_t start = starts[k / ARRAY_SIZE(counts)];
				const char *wrong = carry(sizes[i], sizes[j], start,
							  counts[k % ARRAY_SIZE(counts)],
							  k % 3 ? 0 : start + 5);

				if (wrong) {
					kt_note("from %u to %u at %llu: %s", sizes[i], sizes[j],
						(unsigned long long)start, wrong);
					ok = false;
				}
			}
		}
		kt_ok(ok, "a window of %u is carried to those of every size", sizes[i]);
	}
	return kt_done();
}
