/* SPDX-License-Identifier: GPL-2.0 */
/* RTP and RTCP packets as bytes: what they are and where each part stands. Pure. */
#ifndef _KSRTP_PACKET_H
#define _KSRTP_PACKET_H

#include "pure.h"

#define KSRTP_RTP_MIN		12	/* fixed RTP header, RFC 3550 section 5.1 */
#define KSRTP_RTCP_MIN		8	/* first header and sender SSRC, in clear */
#define KSRTP_SRTCP_E		0x80000000u	/* E flag beside the SRTCP index */

enum ksrtp_class {
	KSRTP_CLASS_OTHER,	/* STUN, DTLS, ...: not ours (RFC 7983, RFC 9443) */
	KSRTP_CLASS_RTP,
	KSRTP_CLASS_RTCP,	/* RFC 5761 section 4 */
};

/**
 * struct ksrtp_header - what a checked header says
 * @ssrc: SSRC of RTP, or of the sender of RTCP, host order
 * @seq: RTP sequence number, host order; 0 for RTCP
 * @pt: RTP payload type or RTCP packet type
 * @len: bytes that stay in clear in front: the RTP header with CSRCs and
 *	extension, or the first 8 of RTCP
 */
struct ksrtp_header {
	u32 ssrc;
	u16 seq;
	u8 pt;
	u32 len;
};

/**
 * struct ksrtp_shape - what a transform adds to a packet
 * @tag_len: bytes of the authentication tag
 * @mki_len: bytes of the MKI
 * @aead: the tag directly follows the ciphertext (RFC 7714 section 5)
 * @roc: the packet carries its roll-over counter (RFC 4771): in the first four
 *	bytes of the tag, or with @aead behind everything else
 */
struct ksrtp_shape {
	u8 tag_len;
	u8 mki_len;
	bool aead;
	bool roc;
};

/**
 * struct ksrtp_layout - where each part of a protected packet stands
 * @clear: bytes in clear in front
 * @end: end of the payload; what is before it is the plain packet's length
 * @index: the word of E flag and SRTCP index; 0 for RTP
 * @mki: the MKI
 * @tag: the authentication tag, without a ROC in it
 * @roc: the roll-over counter; 0 where the packet carries none
 * @len: length of the whole
 * @tag_len: bytes of @tag
 * @cryptex: header extension and CSRCs are encrypted with the payload
 * @insert: Cryptex: bytes of an empty extension the sender puts behind the header
 * @csrc: Cryptex: bytes of CSRCs, see ksrtp_cryptex_gather()
 *
 * Offsets in bytes from the first byte of the header::
 *
 *	SRTP		header | payload | MKI | [ROC] tag
 *	SRTCP		header | payload | E+index | MKI | tag
 *	SRTP, AEAD	header | payload | tag | MKI | [ROC]
 *	SRTCP, AEAD	header | payload | tag | E+index | MKI
 */
struct ksrtp_layout {
	u32 clear;
	u32 end;
	u32 index;
	u32 mki;
	u32 tag;
	u32 roc;
	u32 len;
	u8 tag_len;
	bool cryptex;
	u8 insert;
	u8 csrc;
};

/**
 * ksrtp_classify() - RTP, RTCP or neither, from the first two bytes
 * @p: first byte of the UDP payload
 * @len: bytes there are, may be 0
 *
 * RFC 7983 with RFC 9443: a first byte of 128..191 is RTP or RTCP; of these a
 * second byte of 192..223 is RTCP (RFC 5761 section 4). A lone byte of
 * 128..191 is called RTP, which no parser will then accept.
 */
static inline enum ksrtp_class ksrtp_classify(const u8 *p, u32 len)
{
	if (!len || (p[0] & 0xc0) != 0x80)
		return KSRTP_CLASS_OTHER;
	if (len > 1 && p[1] >= 192 && p[1] <= 223)
		return KSRTP_CLASS_RTCP;
	return KSRTP_CLASS_RTP;
}

int ksrtp_parse(enum ksrtp_class class, const u8 *p, u32 len,
		struct ksrtp_header *h);
int ksrtp_layout_protected(const struct ksrtp_shape *shape, bool rtcp, u32 len,
			   u32 clear, struct ksrtp_layout *l);
void ksrtp_layout_plain(const struct ksrtp_shape *shape, bool rtcp, u32 len,
			u32 clear, struct ksrtp_layout *l);

/**
 * struct ksrtp_ohb - Original Header Block (RFC 8723 section 4)
 * @has_pt: the payload type was changed; @pt is the original one
 * @has_seq: the sequence number was; @seq, host order
 * @has_marker: the marker bit was; @marker
 * @len: bytes the block takes at the end of the payload
 */
struct ksrtp_ohb {
	bool has_pt;
	bool has_seq;
	bool has_marker;
	bool marker;
	u8 pt;
	u16 seq;
	u32 len;
};

#define KSRTP_OHB_MAX	4

int ksrtp_ohb_read(const u8 *payload, u32 len, struct ksrtp_ohb *ohb);
u32 ksrtp_ohb_write(const struct ksrtp_ohb *ohb, u8 *at);

#define KSRTP_EXT_HEADER	4	/* of a header extension, RFC 3550 section 5.3.1 */
#define KSRTP_CRYPTEX_CLEAR	(KSRTP_RTP_MIN + KSRTP_EXT_HEADER)

bool ksrtp_cryptex_marked(const u8 *p);
bool ksrtp_cryptex_can(const u8 *p);
void ksrtp_cryptex_mark(u8 *p);
void ksrtp_cryptex_unmark(u8 *p);
void ksrtp_cryptex_insert(u8 *p, u32 len);
void ksrtp_cryptex_gather(u8 *p, u32 csrc);
void ksrtp_cryptex_scatter(u8 *p, u32 csrc);

/* A set of ids of header extension elements, 1..255 */
#define KSRTP_EXT_IDS	256

u32 ksrtp_ext_body(const u8 *p, u32 *at);
void ksrtp_ext_xor(u8 *p, const u8 *ids, u32 from, const u8 *stream, u32 n);

int ksrtp_rtcp_map_ssrc(u8 *p, u32 len, u32 from, u32 to);

#endif /* _KSRTP_PACKET_H */
