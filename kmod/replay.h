/* SPDX-License-Identifier: GPL-2.0 */
/* A sliding window of packet indices: seen, not seen, too old. Pure. */
#ifndef _KSRTP_REPLAY_H
#define _KSRTP_REPLAY_H

#include "pure.h"

#define KSRTP_WINDOW_MIN	64
#define KSRTP_WINDOW_MAX	32768
#define KSRTP_WINDOW_DEFAULT	1024

/**
 * struct ksrtp_window - which of the latest indices were used
 * @highest: highest index committed; what the estimate starts from before that
 * @floor: no index below it is accepted
 * @size: indices it remembers, a multiple of 64; 0 remembers the highest alone
 * @started: an index was committed
 * @bits: ring of @size / 64 + 1 words, bit of an index at (index mod ring)
 *
 * The one word more than @size needs is why a reader without the lock is safe:
 * the word an advance clears never holds an index that is still in the window,
 * so a check can err only towards "fresh", which the commit then finds out.
 *
 * Writers hold the owner's lock; ksrtp_window_check() may run without.
 */
struct ksrtp_window {
	u64 highest;
	u64 floor;
	u32 size;
	bool started;
	u64 bits[];
};

size_t ksrtp_window_bytes(u32 size);
void ksrtp_window_init(struct ksrtp_window *w, u32 size, u64 highest, u64 floor);
void ksrtp_window_follow(struct ksrtp_window *w, const struct ksrtp_window *from);
int ksrtp_window_check(const struct ksrtp_window *w, u64 index);
int ksrtp_window_commit(struct ksrtp_window *w, u64 index);
void ksrtp_window_release(struct ksrtp_window *w, u64 index);
u32 ksrtp_window_save(const struct ksrtp_window *w, u8 *bits);
void ksrtp_window_restore(struct ksrtp_window *w, const struct ksrtp_window *saved,
			  const u8 *bits, u32 len);

#endif /* _KSRTP_REPLAY_H */
