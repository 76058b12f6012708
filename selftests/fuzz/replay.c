// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Indices in any order, and estimates of them: the replay window answers as its
 * model does, uses no index twice, and goes on in another one, of the size the
 * floor's bits say, where it was.
 *
 *	size / 64 (16 bits) | start (48) | floor below start (16) | steps (32 each)
 *
 * A step is what is done (2 bits), back or forth (1), a shift (5), a distance
 * (8) that the shift makes longer, and a sequence number (16) to estimate.
 */
#include "fuzz.h"

#include "../unit/replay_model.h"
#include "index.h"

#define MAX_STEPS	1024

/* Any size, but half of them small: these are what takes no time. */
static u32 window_bits(u32 number)
{
	return number % (number & 0x8000 ? 17 : KSRTP_WINDOW_MAX / 64 + 1) * 64;
}

/* Of its own size, for the sanitizer to see its end */
static struct ksrtp_window *window(u32 bits, u64 highest, u64 floor)
{
	struct ksrtp_window *w = malloc(ksrtp_window_bytes(bits));

	promise(w);
	ksrtp_window_init(w, bits, highest, floor);
	return w;
}

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

/* Returns the index it is about. */
static u64 one_step(struct ksrtp_window *w, struct model *m, const uint8_t *step)
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
	return index;
}

/* The window and a little on both sides, once at the end; of a large one some */
static void unguided compare(const struct ksrtp_window *w, const struct model *m)
{
	u64 from = m->highest > m->size + 66ull ? m->highest - m->size - 66 : 0;
	u64 index;

	for (index = from; index <= m->highest + 66; index += 1 + m->size / 64)
		promise(ksrtp_window_check(w, index) == model_check(m, index));
}

/* What a window of another size says, to which the model's was carried */
static int unguided carried_check(const struct model *m, u32 size, u64 index)
{
	struct model to = *m;

	to.size = size;
	if (m->started && m->highest + 1 >= m->size && to.floor < m->highest + 1 - m->size)
		to.floor = m->highest + 1 - m->size;
	return model_check(&to, index);
}

static void unguided carry(const struct ksrtp_window *w, const struct model *m, u32 bits)
{
	u32 len, reach = (m->size > bits ? m->size : bits) + 66;
	u64 from = m->highest > reach ? m->highest - reach : 0;
	u8 *saved = malloc(w->size / 8 + !w->size);
	struct ksrtp_window *to = window(bits, 0, 0);
	u64 index;

	promise(saved);
	len = ksrtp_window_save(w, saved);
	promise(len <= w->size / 8 && (!len || saved[len - 1]));
	ksrtp_window_restore(to, w, saved, len);
	free(saved);
	promise(to->highest == w->highest && to->started == w->started);
	for (index = from; index <= m->highest + 66; index += 1 + reach / 64)
		promise(ksrtp_window_check(to, index) == carried_check(m, bits, index));
	promise(ksrtp_window_commit(to, m->highest) == carried_check(m, bits, m->highest));
	free(to);
}

/* The table of the model, clean again: only what is committed is in it. */
static u64 used[MODEL_PLACES];

static void clear(const struct model *m, const u64 *committed, u32 n)
{
	while (n)
		m->used[committed[--n] % MODEL_PLACES] = 0;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	u64 start, below, floor, committed[MAX_STEPS];
	struct ksrtp_window *w;
	struct model m;
	u32 bits, n = 0;

	if (size < 10)
		return 0;
	bits = window_bits(get_unaligned_be16(data));
	start = be48(data + 2);
	below = get_unaligned_be16(data + 8);
	floor = start < below ? 0 : start - below;

	w = window(bits, start, floor);
	model_begin(&m, used, bits, start, floor);
	for (data += 10, size -= 10; size >= 4 && n < MAX_STEPS; data += 4, size -= 4)
		committed[n++] = one_step(w, &m, data);
	compare(w, &m);
	if (bits <= 2048 || !(start & 15))
		carry(w, &m, window_bits((u32)below));
	clear(&m, committed, n);
	free(w);
	return 0;
}
