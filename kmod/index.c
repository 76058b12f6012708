// SPDX-License-Identifier: GPL-2.0
/*
 * The packet index of SRTP, i = 2^16 * ROC + SEQ. Only SEQ is in the packet;
 * ROC, the roll-over counter, is estimated (RFC 3711 section 3.3.1).
 */
#include "index.h"

/*
 * Whether @seq belongs to the turn of 2^16 before the one of @s_l (-1), to the
 * same (0) or to the next (1): the one that brings it nearest. Where two are
 * as near, 2^15 away, it is the same turn, as RFC 3711 Appendix A has it.
 */
static int turn(u16 s_l, u16 seq)
{
	if (s_l < 32768)
		return seq - s_l > 32768 ? -1 : 0;
	return s_l - 32768 > seq ? 1 : 0;
}

/**
 * ksrtp_roc_guess() - RFC 3711 Appendix A, literally
 * @roc: roll-over counter
 * @s_l: highest sequence number of that turn
 * @seq: sequence number of a packet
 *
 * Return: v, the estimate of the packet's ROC, modulo 2^32.
 */
u32 ksrtp_roc_guess(u32 roc, u16 s_l, u16 seq)
{
	return roc + (u32)turn(s_l, seq);
}

/**
 * ksrtp_index_estimate() - the index of a packet, from the highest one known
 * @highest: highest index so far, at most KSRTP_INDEX_MAX
 * @seq: sequence number of the packet
 * @index: where the estimate goes
 *
 * As ksrtp_roc_guess(), but ROC does not come round: there is no index before
 * 0, and after 2^48 - 1 a key is used up.
 *
 * Return: 0, or -ERANGE where there is no such index; @index is then as it was.
 */
int ksrtp_index_estimate(u64 highest, u16 seq, u64 *index)
{
	s64 roc = (s64)(highest >> 16) + turn((u16)highest, seq);

	if (unlikely(roc < 0 || roc > (s64)(KSRTP_INDEX_MAX >> 16)))
		return -ERANGE;
	*index = (u64)roc << 16 | seq;
	return 0;
}
