// SPDX-License-Identifier: GPL-2.0
/*
 * E2E_AES_128_CTR: end-to-end protection inside the hop-by-hop one, of RTP.
 *
 *	header | payload | MI tag
 *
 * The tag is over header | payload | ROC.
 *
 * The steps are those of SRTP (cm_hmac.c). What differs is where the salt
 * stands in the IV, that the tag is optional and of a chosen length and key,
 * and that a receiver without the will to verify it may strip it:
 *
 *	iv		0    2    4         8              14   16
 *	left		|       salt                        | 00 |
 *	right		| 00 |       salt                        |
 *	XOR			  |  SSRC   |  ROC || SEQ   |
 *
 * With the salt right, the low 16 bits of the IV are not zero and blocks are
 * counted on from there with a carry into all 128 bits, as ctr(aes) does.
 */
#include "cm_hmac.h"

static int e2e_init(struct ksrtp_transform *t,
		    const struct ksrtp_transform_params *params,
		    const struct ksrtp_session_keys *keys)
{
	if (params->rtcp || params->mki_len)
		return -EINVAL;
	t->shape.tag_len = params->mi_len;
	t->verifies = params->mi_len && params->mi_verify;
	return ksrtp_cm_hmac_setup(t, params->suite, keys,
				   params->iv_left ? 0 : 2);
}

const struct ksrtp_transform_ops ksrtp_e2e_ops = {
	.name = "E2E AES-CTR",
	.init = e2e_init,
	.exit = ksrtp_cm_hmac_exit,
	.open = ksrtp_cm_hmac_open,
	.seal = ksrtp_cm_hmac_seal,
};
