// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A reader without the lock, beside a writer: a fresh index is never refused.
 *
 * The writer goes forward in steps and jumps, and back for late packets, but
 * uses no multiple of 7. So a multiple of 7 is at no time a used index, and
 * where the reader, who asks for nothing else, hears that one was used, or that
 * it is too old while by the highest index read afterwards it is not, it has
 * seen half of an advance. 7 divides no ring's length, so that other indices
 * with the same place in the ring are used all the time.
 */
#include "kt.h"

#include <pthread.h>

#include "random.h"
#include "replay.h"

struct race {
	struct ksrtp_window *w;
	u32 size;
	long long end;
	bool over;
	unsigned long long commits;
	unsigned long long asked;
	unsigned long long fresh;
	unsigned long long stale;
	unsigned long long used_wrong;
	unsigned long long stale_wrong;
};

static u64 not_a_seventh(u64 index)
{
	return index % 7 ? index : index + 1;
}

static void *writer(void *arg)
{
	struct race *race = arg;
	struct random r = { .state = 1 };
	u64 index;

	while (!READ_ONCE(race->over)) {
		u64 highest = race->w->highest;

		switch (random_below(&r, 8)) {
		default:
			index = highest + 1;
			break;
		case 0:
			index = highest + random_below(&r, 200);
			break;
		case 1:
			index = highest + random_below(&r, 2 * race->size);
			break;
		case 2:
		case 3:
			index = highest - random_below(&r, race->size);
			break;
		}
		if (!ksrtp_window_commit(race->w, not_a_seventh(index)))
			race->commits++;
	}
	return NULL;
}

static void *reader(void *arg)
{
	struct race *race = arg;
	struct random r = { .state = 2 };

	while (!READ_ONCE(race->over)) {
		u64 highest = READ_ONCE(race->w->highest);
		u64 index = highest + 70 - random_below(&r, race->size + 140);

		index -= index % 7;
		race->asked++;
		switch (ksrtp_window_check(race->w, index)) {
		case 0:
			race->fresh++;
			break;
		case -ESTALE:
			race->stale++;
			if (index + race->size > READ_ONCE(race->w->highest))
				race->stale_wrong++;
			break;
		default:
			race->used_wrong++;
			break;
		}
		if (race->asked % 1024 == 0 && kt_now_ms() > race->end)
			WRITE_ONCE(race->over, true);
	}
	return NULL;
}

static void start(pthread_t *thread, void *(*run)(void *), struct race *race)
{
	int err = pthread_create(thread, NULL, run, race);

	if (err)
		kt_bail("no thread: %s", strerror(err));
}

static void run_race(u32 size)
{
	struct race race = { .size = size, .end = kt_now_ms() + 1000 };
	pthread_t threads[2];

	race.w = malloc(ksrtp_window_bytes(size));
	if (!race.w)
		kt_bail("no memory");
	ksrtp_window_init(race.w, size, 0, 0);
	/* High enough for the reader to look back. */
	if (ksrtp_window_commit(race.w, 1000001))
		kt_bail("an empty window refuses an index");

	start(&threads[0], writer, &race);
	start(&threads[1], reader, &race);
	pthread_join(threads[1], NULL);
	pthread_join(threads[0], NULL);

	kt_note("size %u: %llu commits, %llu questions: %llu fresh, %llu too old", size,
		race.commits, race.asked, race.fresh, race.stale);
	kt_ok(race.commits > 1000 && race.fresh > 1000 && race.stale > 0,
	      "window of %u: reader and writer were both at work", size);
	kt_is(race.used_wrong, 0, "window of %u: a fresh index is never called replayed", size);
	kt_is(race.stale_wrong, 0, "window of %u: a fresh index is never called too old", size);
	free(race.w);
}

int main(void)
{
	kt_plan(9);
	run_race(64);
	run_race(128);
	run_race(1024);
	return kt_done();
}
