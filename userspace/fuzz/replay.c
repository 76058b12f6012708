// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Indices in any order: the window of kmod/replay.c says of each what a plain
 * list of all that were used says, and never accepts one twice.
 *
 * The first byte picks the size of the window, the next six say where it
 * starts.  Then each three bytes are one packet: how far from the highest it
 * is, in which direction, and whether it is taken back again.
 */
#include <stdlib.h>

#include "index.h"
#include "replay.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define promise(cond)	do { if (!(cond)) abort(); } while (0)

#define USED_MAX	2048

static u64 used[USED_MAX];
static size_t n_used;

static bool was_used(u64 index)
{
	size_t i;

	for (i = 0; i < n_used; i++)
		if (used[i] == index)
			return true;
	return false;
}

static void forget(u64 index)
{
	size_t i;

	for (i = 0; i < n_used; i++)
		if (used[i] == index)
			used[i--] = used[--n_used];
}

/* What the window has to say of an index, from its definition. */
static int expected(const struct ksrtp_window *w, bool started, u64 highest, u64 index)
{
	if (index < w->floor)
		return -ESTALE;
	if (!started || index > highest)
		return 0;
	if (!w->size)
		return index == highest ? -EEXIST : -ESTALE;
	if (highest - index >= w->size)
		return -ESTALE;
	return was_used(index) ? -EEXIST : 0;
}

/* Where the next packet is: near, far, or beyond the window altogether. */
static u64 step(u64 highest, u8 how, u8 far)
{
	static const u32 scale[] = { 1, 63, 64, 65, 1024, 40000, 65536, 1u << 30 };
	u64 by = (u64)far * scale[how & 7];

	if (how & 8)
		return highest < by ? 0 : highest - by;
	return highest + by > KSRTP_INDEX_MAX ? KSRTP_INDEX_MAX : highest + by;
}

/* One packet; returns what is the highest index after it. */
static u64 receive(struct ksrtp_window *w, bool *started, u64 highest, u64 index)
{
	int want = expected(w, *started, highest, index);

	promise(ksrtp_window_check(w, index) == want);
	promise(ksrtp_window_commit(w, index) == want);
	if (want)
		return highest;
	used[n_used++] = index;
	if (!*started || index > highest)
		highest = index;
	*started = true;
	promise(w->highest == highest);
	promise(ksrtp_window_check(w, index) != 0);
	return highest;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u32 sizes[] = { 0, 64, 128, 192, 1024, 4096, KSRTP_WINDOW_MAX };
	struct ksrtp_window *w;
	bool started = false;
	u64 highest, index;
	u32 window;

	if (size < 7)
		return 0;
	window = sizes[data[0] % ARRAY_SIZE(sizes)];
	highest = (u64)get_unaligned_be16(data + 1) << 32 | get_unaligned_be32(data + 3);
	w = malloc(ksrtp_window_bytes(window));
	if (!w)
		abort();
	ksrtp_window_init(w, window, highest, data[0] & 0x80 ? highest : 0);
	n_used = 0;

	for (data += 7, size -= 7; size >= 3 && n_used < USED_MAX; data += 3, size -= 3) {
		index = step(highest, data[0], data[1]);
		highest = receive(w, &started, highest, index);
		if (data[2] == 0xff && window && was_used(index) && index + window > highest) {
			ksrtp_window_release(w, index);
			forget(index);
			promise(ksrtp_window_check(w, index) ==
				expected(w, started, highest, index));
		}
	}
	free(w);
	return 0;
}
