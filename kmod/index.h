/* SPDX-License-Identifier: GPL-2.0 */
/* The 48-bit packet index: 2^16 * ROC + SEQ, and how it is estimated. Pure. */
#ifndef _KSRTP_INDEX_H
#define _KSRTP_INDEX_H

#include "pure.h"

#define KSRTP_INDEX_MAX		((1ull << 48) - 1)	/* RFC 3711 section 9.2 */
#define KSRTP_SRTCP_INDEX_MAX	((1u << 31) - 1)

u32 ksrtp_roc_guess(u32 roc, u16 s_l, u16 seq);
int ksrtp_index_estimate(u64 highest, u16 seq, u64 *index);

#endif /* _KSRTP_INDEX_H */
