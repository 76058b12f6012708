// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Indices in any order, and estimates of them: the replay window answers as its
 * model does, and uses no index twice.
 *
 *	size / 64 (16 bits) | start (48) | floor below start (16) | steps (32 each)
 *
 * A step is what is done (2 bits), back or forth (1), a shift (5), a distance
 * (8) that the shift makes longer, and a sequence number (16) to estimate.
 */
#include "fuzz.h"

#include "../unit/replay_model.h"
#include "index.h"

static u64 be48(const uint8_t *p)
{
	return (u64)get_unaligned_be16(p) << 32 | get_unaligned_be32(p + 2);
}

static u64 go(u64 from, const uint8_t *step)
{
	u64 by = (u64)step[1] << (step[0] & 31);

	if (step[0] & 32)
		return from < by ? 0 : from - by;
	return KSRTP_INDEX_MAX - from < by ? KSRTP_INDEX_MAX : from + by;
}

static void check_estimate(u64 highest, u16 seq)
{
	u64 index = 0;

	if (ksrtp_index_estimate(highest, seq, &index))
		return;
	promise(index <= KSRTP_INDEX_MAX && (u16)index == seq);
	promise(llabs((s64)(index - highest)) <= 32768);
	promise((u32)(index >> 16) ==
		ksrtp_roc_guess((u32)(highest >> 16), (u16)highest, seq));
}

static void one_step(struct ksrtp_window *w, struct model *m, const uint8_t *step)
{
	u64 index = go(m->highest, step);
	int want = model_check(m, index);

	promise(ksrtp_window_check(w, index) == want);
	switch (step[0] >> 6) {
	case 0:
	case 1:
		promise(ksrtp_window_commit(w, index) == want);
		model_commit(m, index);
		promise(ksrtp_window_check(w, index) < 0);
		break;
	case 2:
		ksrtp_window_release(w, index);
		model_release(m, index);
		break;
	case 3:
		check_estimate(m->highest, get_unaligned_be16(step + 2));
		break;
	}
	promise(ksrtp_window_check(w, index) == model_check(m, index));
	promise(w->highest == m->highest && w->started == m->started);
}

/* The window and a little on both sides, once at the end; of a large one some */
static void compare(const struct ksrtp_window *w, const struct model *m)
{
	u64 from = m->highest > m->size + 66ull ? m->highest - m->size - 66 : 0;
	u64 index;

	for (index = from; index <= m->highest + 66; index += 1 + m->size / 512)
		promise(ksrtp_window_check(w, index) == model_check(m, index));
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct ksrtp_window *w;
	struct model m;
	u64 start, below;
	u32 bits;

	if (size < 10)
		return 0;
	bits = get_unaligned_be16(data) % (KSRTP_WINDOW_MAX / 64 + 1) * 64;
	start = be48(data + 2);
	below = get_unaligned_be16(data + 8);

	w = malloc(ksrtp_window_bytes(bits));
	promise(w);
	ksrtp_window_init(w, bits, start, start < below ? 0 : start - below);
	model_init(&m, bits, start, start < below ? 0 : start - below);
	for (data += 10, size -= 10; size >= 4; data += 4, size -= 4)
		one_step(w, &m, data);
	compare(w, &m);
	model_free(&m);
	free(w);
	return 0;
}
