/* SPDX-License-Identifier: GPL-2.0 */
/* Galois/counter mode, as a transform and as the step it is made of. */
#ifndef _KSRTP_AEAD_H
#define _KSRTP_AEAD_H

#include "transform.h"

#define KSRTP_AEAD_TAG	16
#define KSRTP_AEAD_AAD	(KSRTP_RTP_MIN + 4 * 15)	/* RFC 8723: header and CSRCs */

extern const struct ksrtp_transform_ops ksrtp_aead_ops;

u8 *ksrtp_aead_aad(void);
int ksrtp_aead_open(const struct ksrtp_transform *t, const u8 *aad, u32 aad_len,
		    u8 *data, u32 len, u32 ssrc, u64 index, bool keep);
int ksrtp_aead_seal(const struct ksrtp_transform *t, const u8 *aad, u32 aad_len,
		    const u8 *src, u8 *dst, u32 len, u32 ssrc, u64 index);

#endif /* _KSRTP_AEAD_H */
