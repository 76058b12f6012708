// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTP header extensions, element by element (RFC 8285), for their encryption:
 * which bytes RFC 6904 encrypts, and how RFC 9335 (Cryptex) names a packet.
 */
#include <string.h>

#include "refext.h"

#define ONE_BYTE	0xbede
#define TWO_BYTE	0x1000 /* and 4 bits of the application's */
#define CRYPTEX_ONE	0xc0de
#define CRYPTEX_TWO	0xc2de

static bool has_id(const uint8_t ids[32], unsigned int id)
{
	return ids[id / 8] >> id % 8 & 1;
}

/* RFC 8285 section 4.2: id and length - 1 share a byte */
static void one_byte_mask(const uint8_t *body, size_t len, const uint8_t ids[32], uint8_t *mask)
{
	size_t i = 0, n;

	while (i < len) {
		unsigned int id = body[i] >> 4;

		if (!body[i]) {
			i++; /* padding */
			continue;
		}
		/* 15, and 0 with a length, end all processing */
		if (id == 15 || !id)
			return;
		n = (body[i++] & 0x0f) + 1;
		if (n > len - i)
			return;
		if (has_id(ids, id))
			memset(mask + i, 0xff, n);
		i += n;
	}
}

/* RFC 8285 section 4.3: a byte each */
static void two_byte_mask(const uint8_t *body, size_t len, const uint8_t ids[32], uint8_t *mask)
{
	size_t i = 0, n;

	while (i < len) {
		unsigned int id = body[i++];

		if (!id)
			continue; /* padding has no length */
		if (i == len)
			return;
		n = body[i++];
		if (n > len - i)
			return;
		if (has_id(ids, id))
			memset(mask + i, 0xff, n);
		i += n;
	}
}

void ref_ext_mask(uint16_t profile, const uint8_t *body, size_t len, const uint8_t ids[32],
		  uint8_t *mask)
{
	memset(mask, 0, len);
	if (profile == ONE_BYTE)
		one_byte_mask(body, len, ids, mask);
	else if ((profile & 0xfff0) == TWO_BYTE)
		two_byte_mask(body, len, ids, mask);
}

/* The four bytes before the body of the extension, if there is one */
static uint8_t *ext_header(const uint8_t *pkt)
{
	return (uint8_t *)pkt + 12 + 4 * (pkt[0] & 0x0f);
}

static bool has_ext(const uint8_t *pkt)
{
	return pkt[0] & 0x10;
}

bool ref_cryptex_applies(const void *plain, size_t len)
{
	const uint8_t *pkt = plain;
	uint16_t profile;

	if (ref_rtp_header_len(pkt, len) < 0)
		return false;
	if (!has_ext(pkt))
		return pkt[0] & 0x0f;
	/* RFC 9335 section 5: 0x1000 itself, for the application's bits have no place in 0xc2de */
	profile = ref_get16(ext_header(pkt));
	return profile == ONE_BYTE || profile == TWO_BYTE;
}

int ref_cryptex_plain(const void *plain, size_t len, void *out)
{
	uint8_t *pkt = out, *at;

	memmove(pkt, plain, len);
	if (!ref_cryptex_applies(pkt, len) || has_ext(pkt))
		return len;
	at = ext_header(pkt);
	memmove(at + 4, at, len - (at - pkt));
	ref_put16(at, ONE_BYTE);
	ref_put16(at + 2, 0);
	pkt[0] |= 0x10;
	return len + 4;
}

int ref_cryptex_begin(uint8_t *pkt, size_t len)
{
	len = ref_cryptex_plain(pkt, len, pkt);
	ref_put16(ext_header(pkt),
		  ref_get16(ext_header(pkt)) == ONE_BYTE ? CRYPTEX_ONE : CRYPTEX_TWO);
	return len;
}

bool ref_cryptex_is(const uint8_t *pkt, size_t len)
{
	uint16_t profile;

	if (ref_rtp_header_len(pkt, len) < 0 || !has_ext(pkt))
		return false;
	profile = ref_get16(ext_header(pkt));
	return profile == CRYPTEX_ONE || profile == CRYPTEX_TWO;
}

void ref_cryptex_end(uint8_t *pkt)
{
	ref_put16(ext_header(pkt),
		  ref_get16(ext_header(pkt)) == CRYPTEX_ONE ? ONE_BYTE : TWO_BYTE);
}
