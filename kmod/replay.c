// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window. RFC 3711 section 3.3.2, of any size, and usable for a
 * sender too, which may use no index twice.
 *
 *	   too old         window: @size indices         new
 *	-------------|-----------------------------|---------->  index
 *	             highest - size                highest
 *
 * The bits of the window stand in a ring one word longer than it, so that all
 * words the window touches, one more than @size / 64 where it does not begin at
 * a word's first bit, have a place of their own. To advance into a new word is
 * to clear it and then to name the new highest index:
 *
 *	writer			reader without the lock
 *	clear new words		read highest
 *	---- wmb ----		---- rmb ----
 *	write highest		read the word
 *	---- wmb ----		---- rmb ----
 *	set the bit		read highest again
 *
 * A reader to whom a bit shows as set has either found the index itself, or one
 * a ring further on; then the second look at highest says that the first is
 * too old by now. A reader who comes between the steps finds an index fresh
 * that is not, and the commit, which looks again under the lock, does not.
 */
#include "replay.h"

#ifdef __KERNEL__
#include <asm/barrier.h>
#else
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)	/* what the */
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)	/* kernel's do */
#endif

static u32 ring_words(u32 size)
{
	return size / 64 + 1;
}

static u64 bit_of(u64 index)
{
	return 1ull << (index & 63);
}

/*
 * The place in the ring of @index's word. In divisions of 32 bits: they are
 * faster than one of 64, which a 32-bit kernel does not have. A word's number
 * is below 2^42 and a ring at most 513 words, so nothing overflows.
 */
static u32 slot_of(const struct ksrtp_window *w, u64 index)
{
	u32 words = ring_words(w->size);
	u64 word = index >> 6;

	if (likely(!(word >> 32)))
		return (u32)word % words;
	return ((u32)(word >> 16) % words << 16 | (u32)(word & 0xffff)) % words;
}

/**
 * ksrtp_window_bytes() - memory a window takes
 * @size: indices it is to remember, a multiple of 64, or 0
 *
 * Return: bytes, for ksrtp_window_init().
 */
size_t ksrtp_window_bytes(u32 size)
{
	return sizeof(struct ksrtp_window) + ring_words(size) * sizeof(u64);
}

/**
 * ksrtp_window_init() - an empty window
 * @w: ksrtp_window_bytes(@size) bytes
 * @size: indices to remember, a multiple of 64, or 0
 * @highest: what the estimate starts from until an index is committed
 * @floor: no index below it is accepted
 *
 * Until the first commit @floor alone decides what is fresh: @highest was not
 * used. Context: nobody else may know of @w.
 */
void ksrtp_window_init(struct ksrtp_window *w, u32 size, u64 highest, u64 floor)
{
	memset(w, 0, ksrtp_window_bytes(size));
	w->size = size;
	w->highest = highest;
	w->floor = floor;
}

/**
 * ksrtp_window_follow() - estimate from where another window is
 * @w: window no index was committed to
 * @from: the other one
 *
 * No index was used here, so none is marked as used. Context: under the owner's
 * lock.
 */
void ksrtp_window_follow(struct ksrtp_window *w, const struct ksrtp_window *from)
{
	WRITE_ONCE(w->highest, from->highest);
	smp_wmb();	/* as in ksrtp_window_commit() */
	WRITE_ONCE(w->started, from->started);
}

/**
 * ksrtp_window_check() - may this index still be used?
 * @w: window
 * @index: index, at most KSRTP_INDEX_MAX
 *
 * Changes nothing. Without the owner's lock the answer may be 0 for an index
 * that was used or is too old just now; it is never a refusal of a fresh one.
 *
 * Return: 0 if it is fresh, -EEXIST if it was used, -ESTALE if it is too old to
 * tell.
 */
int ksrtp_window_check(const struct ksrtp_window *w, u64 index)
{
	u64 highest, word;

	if (index < READ_ONCE(w->floor))
		return -ESTALE;
	if (!READ_ONCE(w->started))
		return 0;
	smp_rmb();	/* started, then highest: before, it is no used index */
	highest = READ_ONCE(w->highest);
	if (index > highest)
		return 0;
	if (!w->size && index == highest)
		return -EEXIST;
	if (index + w->size <= highest)
		return -ESTALE;
	smp_rmb();	/* highest, then the words cleared for it */
	word = READ_ONCE(w->bits[slot_of(w, index)]);
	if (!(word & bit_of(index)))
		return 0;
	smp_rmb();	/* the bit, then the highest it was set under */
	if (index + w->size <= READ_ONCE(w->highest))
		return -ESTALE;
	return -EEXIST;
}

/*
 * Make @index, which is above the highest, the highest. The words from the last
 * highest's, which stays, to @index's are cleared, but none of them twice.
 */
static void advance(struct ksrtp_window *w, u64 index)
{
	u64 gap = (index >> 6) - (w->highest >> 6);
	u32 words = ring_words(w->size);
	u32 slot;

	if (gap) {
		slot = slot_of(w, index);
		if (gap > words)
			gap = words;
		for (; gap; gap--) {
			WRITE_ONCE(w->bits[slot], 0);
			slot = (slot ? slot : words) - 1;
		}
	}
	smp_wmb();	/* cleared words, then the highest that uses them */
	WRITE_ONCE(w->highest, index);
}

/**
 * ksrtp_window_commit() - use an index, if it may still be used
 * @w: window
 * @index: index, at most KSRTP_INDEX_MAX; of a receiver: of an authenticated
 *	packet
 *
 * Context: under the owner's lock.
 * Return: as ksrtp_window_check(), but binding: after 0 the index is used, after
 * an error nothing has changed.
 */
int ksrtp_window_commit(struct ksrtp_window *w, u64 index)
{
	u64 *word;
	int err;

	err = ksrtp_window_check(w, index);
	if (err)
		return err;
	if (unlikely(!w->started)) {
		WRITE_ONCE(w->highest, index);
		smp_wmb();	/* a used highest, then the word that it is one */
		WRITE_ONCE(w->started, true);
	} else if (index > w->highest) {
		advance(w, index);
	}
	word = &w->bits[slot_of(w, index)];
	smp_wmb();	/* highest, then the bit set under it */
	WRITE_ONCE(*word, *word | bit_of(index));
	return 0;
}

/**
 * ksrtp_window_release() - an index was committed, but not used after all
 * @w: window
 * @index: the index
 *
 * For a sender whose packet was refused before anyone saw it. The highest index
 * stays; where a window of size 0 or a later packet has passed it, the index
 * stays used, which is safe. Context: under the owner's lock.
 */
void ksrtp_window_release(struct ksrtp_window *w, u64 index)
{
	u64 *word;

	if (index > w->highest || index + w->size <= w->highest)
		return;
	word = &w->bits[slot_of(w, index)];
	WRITE_ONCE(*word, *word & ~bit_of(index));
}

/**
 * ksrtp_window_save() - which indices of a window were used
 * @w: window
 * @bits: where they go: bit n, of value 2^(n mod 8) in byte n / 8, is the index
 *	n below the highest; room for w->size / 8 bytes
 *
 * Context: under the owner's lock.
 * Return: bytes that were written, without those at the end that are 0.
 */
u32 ksrtp_window_save(const struct ksrtp_window *w, u8 *bits)
{
	u32 n, len = 0;

	memset(bits, 0, w->size / 8);
	if (!w->started)
		return 0;
	for (n = 0; n < w->size && n <= w->highest; n++) {
		u64 index = w->highest - n;

		if (!(w->bits[slot_of(w, index)] & bit_of(index)))
			continue;
		bits[n / 8] |= 1u << n % 8;
		len = n / 8 + 1;
	}
	return len;
}

/**
 * ksrtp_window_restore() - go on where another window was
 * @w: window no index was committed to
 * @saved: its size, highest index, floor, and whether it had one
 * @bits: what ksrtp_window_save() gave
 * @len: bytes of it, at most saved->size / 8
 *
 * The two may differ in size: what @w has no room for, and what @saved did not
 * remember, is too old from here on. Context: under the owner's lock.
 */
void ksrtp_window_restore(struct ksrtp_window *w, const struct ksrtp_window *saved,
			  const u8 *bits, u32 len)
{
	u64 floor = saved->floor;
	u32 n;

	memset(w->bits, 0, ring_words(w->size) * sizeof(u64));
	if (saved->started && saved->highest + 1 >= saved->size &&
	    floor < saved->highest + 1 - saved->size)
		floor = saved->highest + 1 - saved->size;
	for (n = 0; saved->started && n < len * 8 && n < w->size; n++) {
		u64 index = saved->highest - n;

		if (n > saved->highest || !(bits[n / 8] & 1u << n % 8))
			continue;
		w->bits[slot_of(w, index)] |= bit_of(index);
	}
	if (w->floor < floor)
		WRITE_ONCE(w->floor, floor);
	ksrtp_window_follow(w, saved);
}
