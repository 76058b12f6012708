// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RFC 8723: AEAD end to end around the payload, and again hop by hop around
 * that and a block of what the header was.
 *
 *	original packet		header [extension] payload
 *	synthetic packet	header, X = 0      payload
 *	sealed by the inner	header, X = 0      ciphertext tag
 *	given to the outer	header [extension] ciphertext tag OHB
 */
#include <string.h>

#include "refsrtp.h"

#define INNER_TAG	16

/* The last byte of the OHB */
#define OHB_SEQ		0x01 /* Q: SEQ is there */
#define OHB_PT		0x02 /* P: PT is there */
#define OHB_MARKER	0x04 /* M: B means something */
#define OHB_MARKER_IS	0x08 /* B: the marker */
#define OHB_RESERVED	0xf0

static const char *half_suite(const struct ref_ctx *c)
{
	return ref_suite_session_key(c->suite) == 16 ? "AEAD_AES_128_GCM" : "AEAD_AES_256_GCM";
}

void ref_double_inner(const struct ref_ctx *c, struct ref_ctx *inner)
{
	memset(inner, 0, sizeof(*inner));
	inner->suite = ref_suite_find(half_suite(c));
	inner->rtp = c->inner;
}

void ref_double_outer(const struct ref_ctx *c, struct ref_ctx *outer)
{
	*outer = *c;
	outer->suite = ref_suite_find(half_suite(c));
	outer->outer_only = false;
	memset(&outer->inner, 0, sizeof(outer->inner));
}

/* Step 3: X is 0, the header ends with the CSRCs */
int ref_double_synthetic(const void *plain, size_t len, void *out)
{
	int h = ref_rtp_header_len(plain, len);
	uint8_t *o = out;
	size_t kept;

	if (h < 0)
		return h;
	memmove(o, plain, len);
	kept = 12 + 4 * (o[0] & 0x0f);
	o[0] &= ~0x10;
	memmove(o + kept, o + h, len - h);
	return len - (h - kept);
}

int ref_double_seal(const struct ref_ctx *inner, const void *plain, size_t len, uint64_t index,
		    void *out)
{
	uint8_t synthetic[REF_MAX_PACKET], *o = out;
	int h = ref_rtp_header_len(plain, len), kept, n;

	if (h < 0)
		return h;
	n = ref_double_synthetic(plain, len, synthetic);
	kept = 12 + 4 * (synthetic[0] & 0x0f);
	n = ref_protect_rtp(inner, synthetic, n, index, synthetic);
	if (n < 0)
		return n;
	/* step 5: the header of the original packet, and an OHB that has nothing to say */
	memmove(o, plain, h);
	memcpy(o + h, synthetic + kept, n - kept);
	len = h + n - kept;
	o[len++] = 0;
	return len;
}

int ref_double_ohb(const void *in, size_t len, struct ref_ohb *ohb)
{
	int h = ref_rtp_header_len(in, len);
	const uint8_t *end = (const uint8_t *)in + len;
	uint8_t config;

	memset(ohb, 0, sizeof(*ohb));
	if (h < 0 || len < (size_t)h + INNER_TAG + 1)
		return REF_E_MALFORMED;
	config = *--end;
	if (config & OHB_RESERVED)
		return REF_E_MALFORMED;
	ohb->has_seq = config & OHB_SEQ;
	ohb->has_pt = config & OHB_PT;
	ohb->has_marker = config & OHB_MARKER;
	ohb->marker = config & OHB_MARKER_IS;
	ohb->len = 1 + 2 * ohb->has_seq + ohb->has_pt;
	if (len < (size_t)h + INNER_TAG + ohb->len)
		return REF_E_MALFORMED;
	if (ohb->has_seq) {
		end -= 2;
		ohb->seq = ref_get16(end);
	}
	if (ohb->has_pt)
		ohb->pt = *--end;
	return ohb->pt & 0x80 ? REF_E_MALFORMED : 0;
}

/* Header fields are replaced with values from the OHB, if any */
static void restore(uint8_t *pkt, const struct ref_ohb *ohb)
{
	if (ohb->has_pt)
		pkt[1] = (pkt[1] & 0x80) | ohb->pt;
	if (ohb->has_marker)
		pkt[1] = (pkt[1] & 0x7f) | (ohb->marker ? 0x80 : 0);
	if (ohb->has_seq)
		ref_put16(pkt + 2, ohb->seq);
}

int ref_double_open(const struct ref_ctx *inner, const void *in, size_t len, uint32_t roc,
		    void *out)
{
	uint8_t synthetic[REF_MAX_PACKET], *o = out;
	int h = ref_rtp_header_len(in, len), kept, n;
	struct ref_ohb ohb;

	n = ref_double_ohb(in, len, &ohb);
	if (n < 0)
		return n;
	n = ref_double_synthetic(in, len - ohb.len, synthetic);
	restore(synthetic, &ohb);
	kept = 12 + 4 * (synthetic[0] & 0x0f);
	n = ref_unprotect_rtp(inner, synthetic, n, ref_index(roc, ref_rtp_seq(synthetic)),
			      synthetic);
	if (n < 0)
		return n;
	memmove(o, in, h);
	o[1] = (o[1] & 0x7f) | (synthetic[1] & 0x80);
	memcpy(o + h, synthetic + kept, n - kept);
	return h + n - kept;
}

int ref_double_relay(const void *in, size_t len, uint8_t pt, uint16_t seq, bool marker, void *out)
{
	uint8_t original[REF_MAX_PACKET], *o = out, *end, config = 0;
	struct ref_ohb ohb;
	int err = ref_double_ohb(in, len, &ohb);

	if (err < 0)
		return err;
	memcpy(original, in, len);
	restore(original, &ohb);
	memmove(o, in, len);
	o[1] = (marker ? 0x80 : 0) | (pt & 0x7f);
	ref_put16(o + 2, seq);
	end = o + len - ohb.len;
	/* what is as the sender made it needs no place there */
	if ((o[1] ^ original[1]) & 0x7f) {
		*end++ = original[1] & 0x7f;
		config |= OHB_PT;
	}
	if (seq != ref_rtp_seq(original)) {
		ref_put16(end, ref_rtp_seq(original));
		end += 2;
		config |= OHB_SEQ;
	}
	if ((o[1] ^ original[1]) & 0x80)
		config |= OHB_MARKER | (original[1] & 0x80 ? OHB_MARKER_IS : 0);
	*end++ = config;
	return end - o;
}
