/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The replay window in the simplest way there is: a table of the indices that
 * were used, and the three rules. What the fuzzer and the unit test compare
 * ksrtp's window with.
 */
#ifndef REPLAY_MODEL_H
#define REPLAY_MODEL_H

#include <stdlib.h>

#include "replay.h"

/*
 * More than the largest window: an index and another that shares its place are
 * never both in it.
 */
#define MODEL_PLACES	65536

struct model {
	u64 highest;
	u64 floor;
	u32 size;
	bool started;
	u64 *used;	/* index + 1, by place */
};

/* In a table the caller has, MODEL_PLACES zeros; it is the caller's to clear. */
static inline void model_begin(struct model *m, u64 *used, u32 size, u64 highest, u64 floor)
{
	m->used = used;
	m->highest = highest;
	m->floor = floor;
	m->size = size;
	m->started = false;
}

static inline void model_init(struct model *m, u32 size, u64 highest, u64 floor)
{
	u64 *used = calloc(MODEL_PLACES, sizeof(*used));

	if (!used)
		abort();
	model_begin(m, used, size, highest, floor);
}

static inline void model_free(struct model *m)
{
	free(m->used);
}

static inline int model_check(const struct model *m, u64 index)
{
	if (index < m->floor)
		return -ESTALE;
	if (!m->started || index > m->highest)
		return 0;
	if (!m->size && index == m->highest)
		return -EEXIST;
	if (m->highest - index >= m->size)
		return -ESTALE;
	return m->used[index % MODEL_PLACES] == index + 1 ? -EEXIST : 0;
}

static inline int model_commit(struct model *m, u64 index)
{
	int err = model_check(m, index);

	if (err)
		return err;
	if (!m->started || index > m->highest)
		m->highest = index;
	m->started = true;
	m->used[index % MODEL_PLACES] = index + 1;
	return 0;
}

static inline void model_release(struct model *m, u64 index)
{
	if (model_check(m, index) == -EEXIST && m->size)
		m->used[index % MODEL_PLACES] = 0;
}

#endif /* REPLAY_MODEL_H */
