// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Estimates of the packet index: what ksrtp says is what trying all three
 * roll-over counters says, and who is less than half a turn away is understood.
 *
 *	highest index (48 bits) | sequence number (16) | steps of a sender (16 each)
 */
#include "fuzz.h"

#include "index.h"

#define TURN	65536

/* Half a turn away the same roll-over counter wins: RFC 3711 Appendix A, "> 2^15" */
static s64 unguided nearest(s64 highest, u16 seq)
{
	const s64 same = (highest / TURN) * TURN + seq;
	s64 best = same, other;

	for (other = same - TURN; other <= same + TURN; other += 2 * TURN) {
		if (llabs(other - highest) < llabs(best - highest))
			best = other;
	}
	return best;
}

static void check_estimate(u64 highest, u16 seq)
{
	const u64 untouched = 0x5555555555555555ull;
	const s64 want = nearest((s64)highest, seq);
	u64 index = untouched;
	int err = ksrtp_index_estimate(highest, seq, &index);

	if (want < 0 || want > (s64)KSRTP_INDEX_MAX)
		promise(err == -ERANGE && index == untouched);
	else
		promise(!err && index == (u64)want);
	/* The same, but that a roll-over counter comes round */
	promise(ksrtp_roc_guess((u32)(highest >> 16), (u16)highest, seq) ==
		(u32)((want + TURN) / TURN - 1));
}

/* A sender goes back and forth, by less than half a turn from the highest. */
static void check_sender(u64 highest, const uint8_t *steps, size_t size)
{
	for (; size >= 2; steps += 2, size -= 2) {
		s64 sent = (s64)highest + (s64)get_unaligned_be16(steps) - 32768;
		u64 index;

		if (sent < 0 || sent > (s64)KSRTP_INDEX_MAX || sent == (s64)highest - 32768)
			continue;
		promise(!ksrtp_index_estimate(highest, (u16)sent, &index));
		promise(index == (u64)sent);
		if ((u64)sent > highest)
			highest = (u64)sent;
	}
}

int fuzz_one(const uint8_t *data, size_t size)
{
	u64 highest;

	if (size < 8)
		return 0;
	highest = (u64)get_unaligned_be16(data) << 32 | get_unaligned_be32(data + 2);
	check_estimate(highest, get_unaligned_be16(data + 6));
	check_sender(highest, data + 8, size - 8);
	return 0;
}
