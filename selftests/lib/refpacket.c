// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTP and RTCP packets for tests: RFC 3550, 3611 (XR), 4585 and 5104 (feedback),
 * draft-alvestrand-rmcat-remb, draft-holmer-rmcat-transport-wide-cc-extensions.
 */
#include <stdlib.h>
#include <string.h>

#include "refsrtp.h"

enum {
	PT_SR = 200,
	PT_RR = 201,
	PT_SDES = 202,
	PT_BYE = 203,
	PT_APP = 204,
	PT_RTPFB = 205,
	PT_PSFB = 206,
	PT_XR = 207,
};

void ref_pattern(void *out, size_t len, uint32_t fill)
{
	uint32_t x = fill ^ 0x9e3779b9;
	uint8_t *o = out;

	while (len--) {
		x = x * 1664525 + 1013904223;
		*o++ = x >> 24;
	}
}

bool ref_pattern_is(const void *p, size_t len, uint32_t fill)
{
	uint32_t x = fill ^ 0x9e3779b9;
	const uint8_t *b = p;

	while (len--) {
		x = x * 1664525 + 1013904223;
		if (*b++ != (uint8_t)(x >> 24))
			return false;
	}
	return true;
}

/* ---- RTP ---- */

int ref_rtp_header_len(const void *pkt, size_t len)
{
	const uint8_t *p = pkt;
	size_t h = 12;

	if (len < h || p[0] >> 6 != 2)
		return REF_E_MALFORMED;
	h += 4 * (p[0] & 0x0f);
	if (p[0] & 0x10) {
		if (len < h + 4)
			return REF_E_MALFORMED;
		h += 4 + 4 * ref_get16(p + h + 2);
	}
	return len < h ? REF_E_MALFORMED : (int)h;
}

int ref_rtp_build(const struct ref_rtp *r, void *out)
{
	uint8_t *o = out, *p = o + 12;
	unsigned int i;

	o[0] = 2 << 6 | (r->padding ? 0x20 : 0) | (r->extension ? 0x10 : 0) | (r->csrc_count & 0xf);
	o[1] = (r->marker ? 0x80 : 0) | (r->pt & 0x7f);
	ref_put16(o + 2, r->seq);
	ref_put32(o + 4, r->timestamp);
	ref_put32(o + 8, r->ssrc);
	for (i = 0; i < (r->csrc_count & 0xf); i++, p += 4)
		ref_put32(p, 0xc0000000 + i);
	if (r->extension) {
		ref_put16(p, r->ext_profile ? r->ext_profile : 0xbede);
		ref_put16(p + 2, r->ext_words);
		ref_pattern(p + 4, 4 * r->ext_words, ~r->fill);
		p += 4 + 4 * r->ext_words;
	}
	ref_pattern(p, r->payload_len, r->fill);
	p += r->payload_len;
	if (r->padding) {
		memset(p, 0, r->padding);
		p += r->padding;
		p[-1] = r->padding;
	}
	return p - o;
}

/* ---- RTCP ---- */

/* The header of the packet from @out up to @end, whose length is a multiple of 4 */
static int rtcp_finish(uint8_t *out, const uint8_t *end, unsigned int count, unsigned int pt)
{
	if ((end - out) % 4)
		abort(); /* a length given by the test that RTCP cannot have */
	out[0] = 2 << 6 | (count & 0x1f);
	out[1] = pt;
	ref_put16(out + 2, (end - out) / 4 - 1);
	return end - out;
}

static uint8_t *put_ssrcs(uint8_t *p, const uint32_t *ssrcs, unsigned int n)
{
	for (; n; n--, p += 4)
		ref_put32(p, *ssrcs++);
	return p;
}

static uint8_t *put_bytes(uint8_t *p, const void *data, size_t len)
{
	if (len)
		memcpy(p, data, len);
	return p + len;
}

/* An SSRC and @words words of pattern that depend on nothing else */
static uint8_t *put_source(uint8_t *p, uint32_t source, unsigned int words)
{
	ref_put32(p, source);
	ref_pattern(p + 4, 4 * words, words);
	return p + 4 + 4 * words;
}

int ref_rtcp_sr(void *out, uint32_t ssrc, const uint32_t *sources, unsigned int n)
{
	uint8_t *p = put_source((uint8_t *)out + 4, ssrc, 5);
	unsigned int i;

	for (i = 0; i < n; i++)
		p = put_source(p, sources[i], 5);
	return rtcp_finish(out, p, n, PT_SR);
}

int ref_rtcp_rr(void *out, uint32_t ssrc, const uint32_t *sources, unsigned int n)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, &ssrc, 1);
	unsigned int i;

	for (i = 0; i < n; i++)
		p = put_source(p, sources[i], 5);
	return rtcp_finish(out, p, n, PT_RR);
}

int ref_rtcp_sdes(void *out, const uint32_t *ssrcs, unsigned int n, const char *cname)
{
	uint8_t *o = out, *p = o + 4;
	size_t len = strlen(cname);
	unsigned int i;

	for (i = 0; i < n; i++) {
		ref_put32(p, ssrcs[i]);
		p[4] = 1; /* CNAME */
		p[5] = len;
		p = put_bytes(p + 6, cname, len);
		/* one to four zero bytes end the chunk on a word */
		for (*p++ = 0; (p - o) % 4; p++)
			*p = 0;
	}
	return rtcp_finish(o, p, n, PT_SDES);
}

int ref_rtcp_bye(void *out, const uint32_t *ssrcs, unsigned int n, const char *reason)
{
	uint8_t *o = out, *p = put_ssrcs(o + 4, ssrcs, n);

	if (reason) {
		*p++ = strlen(reason);
		p = put_bytes(p, reason, strlen(reason));
		while ((p - o) % 4)
			*p++ = 0;
	}
	return rtcp_finish(o, p, n, PT_BYE);
}

int ref_rtcp_app(void *out, uint32_t ssrc, unsigned int subtype, const char name[4],
		 const void *data, size_t len)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, &ssrc, 1);

	p = put_bytes(p, name, 4);
	p = put_bytes(p, data, len);
	return rtcp_finish(out, p, subtype, PT_APP);
}

static int feedback(void *out, unsigned int pt, unsigned int fmt, uint32_t sender, uint32_t media,
		    const void *fci, size_t len)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, (const uint32_t[]){ sender, media }, 2);

	p = put_bytes(p, fci, len);
	return rtcp_finish(out, p, fmt, pt);
}

int ref_rtcp_rtpfb(void *out, unsigned int fmt, uint32_t sender, uint32_t media, const void *fci,
		   size_t len)
{
	return feedback(out, PT_RTPFB, fmt, sender, media, fci, len);
}

int ref_rtcp_psfb(void *out, unsigned int fmt, uint32_t sender, uint32_t media, const void *fci,
		  size_t len)
{
	return feedback(out, PT_PSFB, fmt, sender, media, fci, len);
}

int ref_rtcp_nack(void *out, uint32_t sender, uint32_t media, uint16_t pid, uint16_t blp)
{
	uint8_t fci[4];

	ref_put16(fci, pid);
	ref_put16(fci + 2, blp);
	return ref_rtcp_rtpfb(out, 1, sender, media, fci, sizeof(fci));
}

/* Feedback whose FCI is a list of (SSRC, one word); the media SSRC is 0 (RFC 5104) */
static int feedback_list(void *out, unsigned int pt, unsigned int fmt, uint32_t sender,
			 const uint32_t *targets, unsigned int n)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, (const uint32_t[]){ sender, 0 }, 2);
	unsigned int i;

	for (i = 0; i < n; i++, p += 8) {
		ref_put32(p, targets[i]);
		ref_put32(p + 4, (i + 1) << 24);
	}
	return rtcp_finish(out, p, fmt, pt);
}

int ref_rtcp_tmmbr(void *out, uint32_t sender, const uint32_t *targets, unsigned int n)
{
	return feedback_list(out, PT_RTPFB, 3, sender, targets, n);
}

int ref_rtcp_tmmbn(void *out, uint32_t sender, const uint32_t *targets, unsigned int n)
{
	return feedback_list(out, PT_RTPFB, 4, sender, targets, n);
}

int ref_rtcp_twcc(void *out, uint32_t sender, uint32_t media, uint16_t base_seq)
{
	/* two packets: one run-length chunk (small delta, run 2), two deltas */
	uint8_t fci[12] = { 0, 0, 0, 2, 0, 1, 2, 3, 0x20, 0x02, 4, 8 };

	ref_put16(fci, base_seq);
	return ref_rtcp_rtpfb(out, 15, sender, media, fci, sizeof(fci));
}

int ref_rtcp_pli(void *out, uint32_t sender, uint32_t media)
{
	return ref_rtcp_psfb(out, 1, sender, media, NULL, 0);
}

int ref_rtcp_fir(void *out, uint32_t sender, const uint32_t *targets, unsigned int n)
{
	return feedback_list(out, PT_PSFB, 4, sender, targets, n);
}

int ref_rtcp_remb(void *out, uint32_t sender, uint32_t bitrate, const uint32_t *ssrcs,
		  unsigned int n)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, (const uint32_t[]){ sender, 0 }, 2);
	uint32_t exponent = 0;

	while (bitrate >= 1 << 18) {
		bitrate >>= 1;
		exponent++;
	}
	p = put_bytes(p, "REMB", 4);
	ref_put32(p, n << 24 | exponent << 18 | bitrate);
	p = put_ssrcs(p + 4, ssrcs, n);
	return rtcp_finish(out, p, 15, PT_PSFB);
}

int ref_rtcp_xr(void *out, uint32_t ssrc, const void *blocks, size_t len)
{
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, &ssrc, 1);

	p = put_bytes(p, blocks, len);
	return rtcp_finish(out, p, 0, PT_XR);
}

/* Block header: type, type-specific byte, length in words less one */
static int xr_finish(uint8_t *out, const uint8_t *end, unsigned int type, unsigned int specific)
{
	out[0] = type;
	out[1] = specific;
	ref_put16(out + 2, (end - out) / 4 - 1);
	return end - out;
}

int ref_xr_loss_rle(void *out, uint32_t source)
{
	/* begin 1, end 16; one bit-vector chunk, one null chunk */
	static const uint8_t rest[8] = { 0, 1, 0, 16, 0xff, 0xfe, 0, 0 };
	uint8_t *p = put_ssrcs((uint8_t *)out + 4, &source, 1);

	p = put_bytes(p, rest, sizeof(rest));
	return xr_finish(out, p, 1, 0);
}

int ref_xr_rrtr(void *out)
{
	uint8_t *p = (uint8_t *)out + 4;

	ref_pattern(p, 8, 4);
	return xr_finish(out, p + 8, 4, 0);
}

int ref_xr_dlrr(void *out, const uint32_t *ssrcs, unsigned int n)
{
	uint8_t *p = (uint8_t *)out + 4;
	unsigned int i;

	for (i = 0; i < n; i++)
		p = put_source(p, ssrcs[i], 2);
	return xr_finish(out, p, 5, 0);
}

int ref_xr_stat_summary(void *out, uint32_t source)
{
	/* L, D, J set: loss, duplicates and jitter are there */
	return xr_finish(out, put_source((uint8_t *)out + 4, source, 8), 6, 0xe0);
}

int ref_xr_voip_metrics(void *out, uint32_t source)
{
	return xr_finish(out, put_source((uint8_t *)out + 4, source, 7), 7, 0);
}
