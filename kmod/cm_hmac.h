/* SPDX-License-Identifier: GPL-2.0 */
/* The pipeline of AES-CM and HMAC-SHA1, for the transforms that are variants of it. */
#ifndef _KSRTP_CM_HMAC_H
#define _KSRTP_CM_HMAC_H

#include "transform.h"

extern const struct ksrtp_transform_ops ksrtp_cm_hmac_ops;
extern const struct ksrtp_transform_ops ksrtp_e2e_ops;

int ksrtp_cm_hmac_setup(struct ksrtp_transform *t,
			const struct ksrtp_suite_desc *suite,
			const struct ksrtp_session_keys *keys,
			unsigned int salt_at);
void ksrtp_cm_hmac_exit(struct ksrtp_transform *t);
int ksrtp_cm_hmac_open(const struct ksrtp_transform *t, u8 *p,
		       const struct ksrtp_layout *l, u32 ssrc, u64 index,
		       unsigned int flags);
int ksrtp_cm_hmac_seal(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		       const struct ksrtp_layout *l, u32 ssrc, u64 index,
		       bool encrypted);

#endif /* _KSRTP_CM_HMAC_H */
