/* SPDX-License-Identifier: GPL-2.0 */
/* The crypto suites: one table from which the rest derives. Pure. */
#ifndef _KSRTP_SUITE_H
#define _KSRTP_SUITE_H

#include "pure.h"

/* Which transform runs a suite; a row of the table in transform.c each. */
enum ksrtp_transform_id {
	KSRTP_TRANSFORM_CM_HMAC,	/* AES-CM or NULL, and HMAC-SHA1 (RFC 3711) */
	KSRTP_TRANSFORM_E2E,		/* E2E_AES_128_CTR */
	KSRTP_TRANSFORM_AEAD,		/* GCM (RFC 7714), once or twice (RFC 8723) */
	KSRTP_TRANSFORMS
};

/**
 * struct ksrtp_suite_desc - one crypto suite
 * @name: SDES name (RFC 4568), the one that is printed
 * @alias: DTLS-SRTP name (RFC 5764), accepted as well; NULL if there is none
 * @layer: enum ksrtp_layer it may be used in
 * @transform: enum ksrtp_transform_id that runs it
 * @encrypts: false for the NULL cipher
 * @aria: the block cipher is ARIA, not AES
 * @key_len: bytes of the master key and of the session encryption key
 * @salt_len: bytes of the master salt and of the session salt
 * @auth_key_len: bytes of the session authentication key
 * @rtp_tag: bytes of the SRTP tag; for E2E the default of the key decides
 * @rtcp_tag: bytes of the SRTCP tag (10 for the _32 suites too)
 * @half: of a DOUBLE suite (RFC 8723), enum ksrtp_suite of either half; master
 *	key and salt are then the inner half and the outer half, one behind the
 *	other. 0 for others.
 */
struct ksrtp_suite_desc {
	const char *name;
	const char *alias;
	u8 layer;
	u8 transform;
	bool encrypts;
	bool aria;
	u8 key_len;
	u8 salt_len;
	u8 auth_key_len;
	u8 rtp_tag;
	u8 rtcp_tag;
	u8 half;
};

const struct ksrtp_suite_desc *ksrtp_suite_by_id(unsigned int id);
unsigned int ksrtp_suite_by_name(const char *name);

/**
 * ksrtp_suite_crypt() - the suite that runs on one layer
 * @s: suite
 *
 * Return: of a DOUBLE suite that of its halves, else @s.
 */
static inline const struct ksrtp_suite_desc *
ksrtp_suite_crypt(const struct ksrtp_suite_desc *s)
{
	return s->half ? ksrtp_suite_by_id(s->half) : s;
}

#endif /* _KSRTP_SUITE_H */
