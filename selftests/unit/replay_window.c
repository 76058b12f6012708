// SPDX-License-Identifier: GPL-2.0-or-later
/* The replay window remembers exactly what it promises to, of every size. */
#include "kt.h"

#include "index.h"
#include "random.h"
#include "replay_model.h"

static const u32 sizes[] = { 64, 128, 1024, 32768 };

/* Exactly as large as it asks for: a sanitizer sees any step beyond. */
static struct ksrtp_window *window(u32 size, u64 highest, u64 floor)
{
	struct ksrtp_window *w = malloc(ksrtp_window_bytes(size));

	if (!w)
		kt_bail("no memory");
	memset(w, 0xff, ksrtp_window_bytes(size));
	ksrtp_window_init(w, size, highest, floor);
	return w;
}

/* ---- against the model ---- */

/*
 * Where a walk starts, the last index it may use (those of SRTCP end earlier),
 * and one that it is to come past step by step, without far jumps; 0: none.
 */
struct walk {
	u32 size;
	u64 start;
	u64 floor;
	u64 last;
	u64 past;
	unsigned int steps;
};

/* An index where something may go wrong: next, at the window's edges, far on */
static u64 pick(struct random *r, const struct walk *walk, u64 highest)
{
	s64 index = (s64)highest;

	switch (random_below(r, 16)) {
	default:
		index += 1;
		break;
	case 6:
		index += 1 + (s64)random_below(r, 4);
		break;
	case 7:
		index += (s64)random_below(r, walk->size + 200);
		break;
	case 8:
		index += (s64)walk->size - 2 + (s64)random_below(r, 70);
		break;
	case 9:
	case 10:
		index -= (s64)random_below(r, 70);
		break;
	case 11:
	case 12:
		index -= (s64)random_below(r, walk->size + 70);
		break;
	case 13:
		index += 2 - (s64)walk->size - (s64)random_below(r, 4);
		break;
	case 14:
		index = (s64)(walk->floor + random_below(r, 8)) - 4;
		break;
	case 15:
		/* far on, but seldom: or the end would be reached at once */
		if (!walk->past && !random_below(r, 64))
			index += (s64)random_below(r, 1ull << (20 + random_below(r, 20)));
		break;
	}
	if (index < 0)
		index = (s64)random_below(r, 4);
	if ((u64)index > walk->last)
		index = (s64)(walk->last - random_below(r, walk->size + 70));
	return (u64)index;
}

static bool same_state(const struct ksrtp_window *w, const struct model *m)
{
	return w->started == m->started && w->highest == m->highest && w->floor == m->floor &&
	       w->size == m->size;
}

/* Every index there is an answer about, and some around */
static bool same_answers(const struct ksrtp_window *w, const struct model *m)
{
	u64 from = m->highest > m->size + 200ull ? m->highest - m->size - 200 : 0;
	u64 index;

	for (index = from; index < m->highest + 200; index++)
		if (ksrtp_window_check(w, index) != model_check(m, index))
			return false;
	return true;
}

static bool one_step(struct random *r, const struct walk *walk, struct ksrtp_window *w,
		     struct model *m)
{
	u64 index = pick(r, walk, m->highest);
	int got, want;

	switch (random_below(r, 8)) {
	case 0:
		ksrtp_window_release(w, index);
		model_release(m, index);
		return same_state(w, m);
	case 1:
	case 2:
		got = ksrtp_window_check(w, index);
		want = model_check(m, index);
		break;
	default:
		got = ksrtp_window_commit(w, index);
		want = model_commit(m, index);
		break;
	}
	if (got == want && same_state(w, m))
		return true;
	kt_note("size %u, index %llu, highest %llu: got %d, want %d", walk->size,
		(unsigned long long)index, (unsigned long long)m->highest, got, want);
	return false;
}

static bool walk(struct random *r, const struct walk *walk)
{
	struct ksrtp_window *w = window(walk->size, walk->start, walk->floor);
	struct model m;
	bool same = true;
	unsigned int i;

	model_init(&m, walk->size, walk->start, walk->floor);
	/* Until there is a highest index, any other may be the first. */
	if (walk->past)
		same = !ksrtp_window_commit(w, walk->start) && !model_commit(&m, walk->start);
	for (i = 0; same && i < walk->steps; i++) {
		same = one_step(r, walk, w, &m);
		if (same && i % (walk->steps / 8) == 0)
			same = same_answers(w, &m);
	}
	same = same && same_answers(w, &m);
	if (w->highest < walk->past) {
		kt_note("size %u: stopped at %llu", walk->size, (unsigned long long)w->highest);
		same = false;
	}
	model_free(&m);
	free(w);
	return same;
}

static void walks(void)
{
	static const struct {
		const char *name;
		u64 start;
		u64 floor;
		u64 last;
		u64 past;
	} starts[] = {
		{ "from index 0", 0, 0, KSRTP_INDEX_MAX, 0 },
		{ "above a floor", 5000000, 4999000, KSRTP_INDEX_MAX, 0 },
		{ "below a floor at first", 1000, 90000, KSRTP_INDEX_MAX, 0 },
		{ "across 2^31", (1ull << 31) - 100000, 0, KSRTP_INDEX_MAX, 1ull << 31 },
		{ "across 2^38, where the words' numbers pass 2^32", (1ull << 38) - 100000, 0,
		  KSRTP_INDEX_MAX, 1ull << 38 },
		{ "across 2^47", (1ull << 47) - 100000, 0, KSRTP_INDEX_MAX, 1ull << 47 },
		{ "to the last SRTCP index", KSRTP_SRTCP_INDEX_MAX - 100000, 0,
		  KSRTP_SRTCP_INDEX_MAX, KSRTP_SRTCP_INDEX_MAX },
		{ "to the last index", KSRTP_INDEX_MAX - 100000, 0, KSRTP_INDEX_MAX,
		  KSRTP_INDEX_MAX },
	};
	static const u32 walked[] = { 0, 64, 128, 1024, 32768 };
	unsigned int p, s;

	for (p = 0; p < ARRAY_SIZE(starts); p++) {
		bool same = true;

		for (s = 0; same && s < ARRAY_SIZE(walked); s++) {
			struct random r = { .state = p * 100 + s };
			struct walk at = {
				.size = walked[s],
				.start = starts[p].start,
				.floor = starts[p].floor,
				.last = starts[p].last,
				.past = starts[p].past,
				.steps = 300000,
			};

			same = walk(&r, &at);
		}
		kt_ok(same, "1,500,000 random steps %s answer as the model does",
		      starts[p].name);
	}
}

static void every_size(void)
{
	struct random r = { .state = 64 };
	bool same = true;
	u32 size;

	for (size = 64; same && size <= KSRTP_WINDOW_MAX; size += 64) {
		struct walk at = {
			.size = size,
			.start = random_below(&r, KSRTP_INDEX_MAX),
			.last = KSRTP_INDEX_MAX,
			.steps = 4000,
		};

		same = walk(&r, &at);
	}
	kt_ok(same, "all 512 sizes answer as the model does");
}

/* ---- one promise after the other ---- */

static bool for_all_sizes(bool (*holds)(u32 size))
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!holds(sizes[i])) {
			kt_note("size %u", sizes[i]);
			return false;
		}
	}
	return true;
}

/* Where the numbers of indices, or of their words, get longer, and the ends */
static const u64 places[] = { 1ull << 16, 1ull << 31, 1ull << 32, 1ull << 38, 1ull << 39,
			      1ull << 47, KSRTP_INDEX_MAX + 1 - KSRTP_WINDOW_MAX };

static bool for_all_places(bool (*holds)(u32 size, u64 place), u32 size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (!holds(size, places[i])) {
			kt_note("about index %#llx", (unsigned long long)places[i]);
			return false;
		}
	}
	return true;
}

/* In order, a window on each side of the place */
static bool replayed_at(u32 size, u64 place)
{
	struct ksrtp_window *w = window(size, 0, 0);
	bool holds = true;
	u64 i, asked;

	for (i = place - size; i < place + size; i++) {
		holds = holds && !ksrtp_window_commit(w, i);
		if (i % (size / 8))
			continue;
		for (asked = place - size; asked <= i; asked++)
			holds = holds && ksrtp_window_commit(w, asked) ==
				(asked + size > i ? -EEXIST : -ESTALE);
	}
	free(w);
	return holds;
}

static bool replayed(u32 size)
{
	return for_all_places(replayed_at, size);
}

static bool edge(u32 size)
{
	bool holds = true;
	u64 high;

	/* wherever in a word the highest index stands */
	for (high = 5ull * size; high < 5ull * size + 130; high++) {
		struct ksrtp_window *w = window(size, 0, 0);

		holds = holds && !ksrtp_window_commit(w, high) &&
			ksrtp_window_commit(w, high - size) == -ESTALE &&
			!ksrtp_window_commit(w, high - size + 1) &&
			ksrtp_window_commit(w, high - size + 1) == -EEXIST &&
			ksrtp_window_commit(w, high) == -EEXIST;
		free(w);
	}
	return holds;
}

/* Late packets, all of a window, the place in its middle */
static bool backwards_at(u32 size, u64 place)
{
	struct ksrtp_window *w = window(size, 0, 0);
	u64 high = place + size / 2 - 1, i;
	bool holds = !ksrtp_window_commit(w, high);

	for (i = 1; i < size; i++)
		holds = holds && !ksrtp_window_commit(w, high - i);
	for (i = 0; i < size; i++)
		holds = holds && ksrtp_window_check(w, high - i) == -EEXIST;
	holds = holds && ksrtp_window_commit(w, high - size) == -ESTALE;
	free(w);
	return holds;
}

static bool backwards(u32 size)
{
	return for_all_places(backwards_at, size);
}

/*
 * After a jump of any length nothing old is taken for used: of all indices used
 * before, those that are in the window are still refused, and no other is.
 */
static bool jumps(u32 size)
{
	const u64 ring = size + 64;
	const u64 lengths[] = { 1, 63, 64, 65, size - 1, size, size + 1, ring - 1, ring, ring + 1,
				2 * ring, 3 * ring + 7, 1ull << 32, 1ull << 40 };
	bool holds = true;
	unsigned int n;
	u64 i;

	for (n = 0; n < ARRAY_SIZE(lengths); n++) {
		struct ksrtp_window *w = window(size, 0, 0);
		u64 old = 2 * ring, high = old + lengths[n];

		for (i = 0; i <= old; i++)
			holds = holds && !ksrtp_window_commit(w, i);
		holds = holds && !ksrtp_window_commit(w, high);
		for (i = high - size + 1; i < high; i++)
			holds = holds && ksrtp_window_check(w, i) == (i <= old ? -EEXIST : 0);
		holds = holds && ksrtp_window_check(w, high - size) == -ESTALE;
		free(w);
	}
	return holds;
}

static bool floor_holds(u32 size)
{
	struct ksrtp_window *w = window(size, 1000, 900);
	bool holds;

	holds = ksrtp_window_commit(w, 899) == -ESTALE && !ksrtp_window_commit(w, 900) &&
		ksrtp_window_commit(w, 899) == -ESTALE && ksrtp_window_check(w, 0) == -ESTALE &&
		ksrtp_window_commit(w, 900) == -EEXIST && !ksrtp_window_commit(w, 901);
	free(w);
	return holds;
}

/* The index an estimate starts from was not used, nor is it a limit. */
static bool start_is_free(u32 size)
{
	struct ksrtp_window *w = window(size, 1ull << 40, 0);
	bool holds;

	holds = !ksrtp_window_check(w, 1ull << 40) && !ksrtp_window_check(w, 3) &&
		!ksrtp_window_commit(w, 3) && w->highest == 3 &&
		ksrtp_window_commit(w, 3) == -EEXIST && !ksrtp_window_check(w, 1ull << 40);
	free(w);
	return holds;
}

/* What a refused commit, or any check, must not touch */
static bool unchanged(u32 size)
{
	struct ksrtp_window *w = window(size, 0, 10), *before = window(size, 0, 0);
	const u64 asked[] = { 5, 9, 10, 11, 5000, 5000ull - size, 5001ull - size, 99999 };
	bool holds = !ksrtp_window_commit(w, 4990) && !ksrtp_window_commit(w, 5000);
	unsigned int i;

	memcpy(before, w, ksrtp_window_bytes(size));
	for (i = 0; i < ARRAY_SIZE(asked); i++) {
		if (ksrtp_window_check(w, asked[i]))
			holds = holds && ksrtp_window_commit(w, asked[i]) < 0;
		holds = holds && !memcmp(before, w, ksrtp_window_bytes(size));
	}
	free(before);
	free(w);
	return holds;
}

static bool release(u32 size)
{
	struct ksrtp_window *w = window(size, 0, 0);
	bool holds;

	holds = !ksrtp_window_commit(w, 99998) && !ksrtp_window_commit(w, 99999) &&
		!ksrtp_window_commit(w, 100000);
	ksrtp_window_release(w, 99999);
	holds = holds && ksrtp_window_check(w, 99998) == -EEXIST &&
		!ksrtp_window_commit(w, 99999) && ksrtp_window_commit(w, 99999) == -EEXIST;
	ksrtp_window_release(w, 100000);
	holds = holds && w->highest == 100000 && !ksrtp_window_commit(w, 100000) &&
		ksrtp_window_commit(w, 100000) == -EEXIST;
	free(w);
	return holds;
}

/* To release what is not there, or not there any more, changes nothing. */
static bool release_of_nothing(u32 size)
{
	struct ksrtp_window *w = window(size, 5, 0), *before = window(size, 0, 0);
	bool holds;

	memcpy(before, w, ksrtp_window_bytes(size));
	ksrtp_window_release(w, 5);
	holds = !memcmp(before, w, ksrtp_window_bytes(size));

	holds = holds && !ksrtp_window_commit(w, 100000) &&
		!ksrtp_window_commit(w, 100001 - size);
	memcpy(before, w, ksrtp_window_bytes(size));
	ksrtp_window_release(w, 100001);
	ksrtp_window_release(w, 100000 + size + 64);
	ksrtp_window_release(w, 99999);
	ksrtp_window_release(w, 100000 - size);
	ksrtp_window_release(w, 100001 - size - (size + 64));
	holds = holds && !memcmp(before, w, ksrtp_window_bytes(size));
	free(before);
	free(w);
	return holds;
}

static void size_zero(void)
{
	struct ksrtp_window *w = window(0, 7, 5);
	bool holds;

	holds = ksrtp_window_commit(w, 4) == -ESTALE && !ksrtp_window_commit(w, 5) &&
		ksrtp_window_commit(w, 5) == -EEXIST && !ksrtp_window_commit(w, 1ull << 45) &&
		ksrtp_window_commit(w, 1ull << 45) == -EEXIST &&
		ksrtp_window_commit(w, (1ull << 45) - 1) == -ESTALE &&
		ksrtp_window_check(w, 0) == -ESTALE && !ksrtp_window_check(w, (1ull << 45) + 1);
	kt_ok(holds, "a window of size 0 accepts only what is above the highest");

	ksrtp_window_release(w, 1ull << 45);
	kt_is(ksrtp_window_commit(w, 1ull << 45), -EEXIST,
	      "a window of size 0 cannot take an index back");
	free(w);
}

static void last_indices(void)
{
	struct ksrtp_window *w = window(1024, 0, 0);

	kt_ok(!ksrtp_window_commit(w, KSRTP_INDEX_MAX - 1) &&
	      !ksrtp_window_commit(w, KSRTP_INDEX_MAX) &&
	      ksrtp_window_commit(w, KSRTP_INDEX_MAX) == -EEXIST &&
	      ksrtp_window_commit(w, KSRTP_INDEX_MAX - 1) == -EEXIST &&
	      !ksrtp_window_commit(w, KSRTP_INDEX_MAX - 1023) &&
	      ksrtp_window_commit(w, KSRTP_INDEX_MAX - 1024) == -ESTALE,
	      "the last index of all can be used, once");
	free(w);
}

/*
 * A jump by millions of words: by the word, 100,000 of them would take hours.
 * The bound is far above what a pass of the ring takes, and far below that.
 */
static void dear_jumps(void)
{
	struct ksrtp_window *w = window(KSRTP_WINDOW_MAX, 0, 0);
	long long start = kt_now_ms();
	bool holds = true;
	unsigned int i;
	u64 index = 0;

	for (i = 0; i < 100000; i++) {
		index += 1ull << 31;
		holds = holds && !ksrtp_window_commit(w, index);
	}
	kt_ok(holds && kt_now_ms() - start < 20000LL * kt_slow(),
	      "a jump costs no more than one pass of the ring");
	free(w);
}

int main(void)
{
	kt_plan(25);
	kt_ok(for_all_sizes(replayed), "a replayed index is refused");
	kt_ok(for_all_sizes(edge), "the window is exactly as long as its size");
	kt_ok(for_all_sizes(backwards), "a window full of late packets is accepted");
	kt_ok(for_all_sizes(jumps), "a jump of any length forgets what is too old, and only that");
	kt_ok(for_all_sizes(floor_holds), "an index below the floor is refused");
	kt_ok(for_all_sizes(start_is_free), "before the first commit the floor alone decides");
	kt_ok(for_all_sizes(unchanged), "what is refused, or only asked, changes nothing");
	kt_ok(for_all_sizes(release), "a released index can be used once more, and once only");
	kt_ok(for_all_sizes(release_of_nothing),
	      "releasing what is not in the window changes nothing");
	size_zero();
	last_indices();
	dear_jumps();
	kt_is(ksrtp_window_bytes(1024), sizeof(struct ksrtp_window) + 1024 / 8 + 8,
	      "a window takes a bit for each index, and one word");
	kt_is(ksrtp_window_bytes(0), sizeof(struct ksrtp_window) + 8,
	      "a window that remembers one index is small");
	kt_ok(KSRTP_WINDOW_MIN % 64 == 0 && KSRTP_WINDOW_MAX % 64 == 0 &&
	      KSRTP_WINDOW_DEFAULT % 64 == 0, "the sizes offered are whole words");
	every_size();
	walks();
	return kt_done();
}
