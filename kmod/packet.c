// SPDX-License-Identifier: GPL-2.0
/*
 * RTP and RTCP packets as bytes. Every length that a packet claims is checked
 * here, once; whoever has a struct ksrtp_header or a struct ksrtp_layout of it
 * uses the offsets as they are.
 */
#include "packet.h"

static int parse_rtp(const u8 *p, u32 len, struct ksrtp_header *h)
{
	u32 clear;

	if (len < KSRTP_RTP_MIN)
		return -EBADMSG;
	clear = KSRTP_RTP_MIN + 4 * (p[0] & 0x0f);
	if (p[0] & 0x10) {
		if (len < clear + 4)
			return -EBADMSG;
		clear += 4 + 4 * get_unaligned_be16(p + clear + 2);
	}
	if (len < clear)
		return -EBADMSG;
	h->ssrc = get_unaligned_be32(p + 8);
	h->seq = get_unaligned_be16(p + 2);
	h->pt = p[1] & 0x7f;
	h->len = clear;
	return 0;
}

/* What a length field after the first 8 bytes says is encrypted yet. */
static int parse_rtcp(const u8 *p, u32 len, struct ksrtp_header *h)
{
	if (len < KSRTP_RTCP_MIN)
		return -EBADMSG;
	h->ssrc = get_unaligned_be32(p + 4);
	h->seq = 0;
	h->pt = p[1];
	h->len = KSRTP_RTCP_MIN;
	return 0;
}

/**
 * ksrtp_parse() - check and read the header of a packet
 * @class: what ksrtp_classify() found; it has seen to the version
 * @p: first byte of the UDP payload
 * @len: bytes there are
 * @h: where the header goes
 *
 * The header ends within @len. Padding is part of the payload and not looked
 * at: in a protected packet its length is encrypted.
 *
 * Return: 0, or -EBADMSG, also for a class that is neither RTP nor RTCP; @h is
 * then as it was.
 */
int ksrtp_parse(enum ksrtp_class class, const u8 *p, u32 len,
		struct ksrtp_header *h)
{
	switch (class) {
	case KSRTP_CLASS_RTP:
		return parse_rtp(p, len, h);
	case KSRTP_CLASS_RTCP:
		return parse_rtcp(p, len, h);
	case KSRTP_CLASS_OTHER:
		break;
	}
	return -EBADMSG;
}

/* Everything a transform adds stands behind the payload. */
static u32 trailer(const struct ksrtp_shape *shape, bool rtcp)
{
	return shape->tag_len + shape->mki_len + (rtcp ? 4 : 0) +
	       (shape->aead && shape->roc ? 4 : 0);
}

/**
 * ksrtp_layout_plain() - where each part of a packet to be protected will stand
 * @shape: what its transform adds; with a ROC in the tag that is at least four
 *	bytes long
 * @rtcp: RTCP, not RTP
 * @len: bytes of the plain packet
 * @clear: bytes in clear in front, at most @len
 * @l: where the layout goes
 */
void ksrtp_layout_plain(const struct ksrtp_shape *shape, bool rtcp, u32 len,
			u32 clear, struct ksrtp_layout *l)
{
	u32 at = len;

	l->clear = clear;
	l->end = at;
	l->index = 0;
	l->roc = 0;
	l->tag_len = shape->tag_len;
	l->cryptex = false;
	l->insert = 0;
	l->csrc = 0;
	if (shape->aead) {
		l->tag = at;
		at += shape->tag_len;
	}
	if (rtcp) {
		l->index = at;
		at += 4;
	}
	l->mki = at;
	at += shape->mki_len;
	if (shape->roc) {
		l->roc = at;
		at += 4;
	}
	if (!shape->aead) {
		if (shape->roc)
			l->tag_len -= 4;
		l->tag = at;
		at += l->tag_len;
	}
	l->len = at;
}

/**
 * ksrtp_layout_protected() - where each part of a protected packet stands
 * @shape: what its transform added
 * @rtcp: RTCP, not RTP
 * @len: bytes of the packet
 * @clear: bytes in clear in front, as the header says
 * @l: where the layout goes
 *
 * Return: 0, with @clear <= @l->end and every part within @len; -EBADMSG where
 * the packet is too short for that; @l is then as it was.
 */
int ksrtp_layout_protected(const struct ksrtp_shape *shape, bool rtcp, u32 len,
			   u32 clear, struct ksrtp_layout *l)
{
	u32 added = trailer(shape, rtcp);

	if (len < clear || len - clear < added)
		return -EBADMSG;
	ksrtp_layout_plain(shape, rtcp, len - added, clear, l);
	return 0;
}

/* ---- Original Header Block (RFC 8723 section 4) ---- */

enum {
	OHB_SEQ		= 0x01,	/* Q */
	OHB_PT		= 0x02,	/* P */
	OHB_MARKER	= 0x04,	/* M */
	OHB_MARKER_BIT	= 0x08,	/* B */
	OHB_RESERVED	= 0xf0,
};

/**
 * ksrtp_ohb_read() - read the Original Header Block at the end of a payload
 * @payload: payload of the outer packet, opened
 * @len: its bytes
 * @ohb: where it goes
 *
 * ``[ PT ] [ SEQ ] config``, to be read from its end.
 *
 * Return: 0, or -EBADMSG where it does not fit, has bits nobody has defined, or
 * a payload type of more than seven.
 */
int ksrtp_ohb_read(const u8 *payload, u32 len, struct ksrtp_ohb *ohb)
{
	u8 config;

	if (!len)
		return -EBADMSG;
	config = payload[len - 1];
	if (config & OHB_RESERVED)
		return -EBADMSG;
	memset(ohb, 0, sizeof(*ohb));
	ohb->has_pt = config & OHB_PT;
	ohb->has_seq = config & OHB_SEQ;
	ohb->has_marker = config & OHB_MARKER;
	ohb->marker = config & OHB_MARKER_BIT;
	ohb->len = 1 + ohb->has_pt + 2 * ohb->has_seq;
	if (len < ohb->len)
		return -EBADMSG;
	payload += len - ohb->len;
	if (ohb->has_pt) {
		ohb->pt = *payload++;
		if (ohb->pt > 0x7f)
			return -EBADMSG;
	}
	if (ohb->has_seq)
		ohb->seq = get_unaligned_be16(payload);
	return 0;
}

/**
 * ksrtp_ohb_write() - write an Original Header Block
 * @ohb: what it says; @ohb->len is not looked at
 * @at: where it goes, KSRTP_OHB_MAX bytes at most
 *
 * Return: bytes written.
 */
u32 ksrtp_ohb_write(const struct ksrtp_ohb *ohb, u8 *at)
{
	u8 *p = at;

	if (ohb->has_pt)
		*p++ = ohb->pt;
	if (ohb->has_seq) {
		put_unaligned_be16(ohb->seq, p);
		p += 2;
	}
	*p++ = (ohb->has_pt ? OHB_PT : 0) | (ohb->has_seq ? OHB_SEQ : 0) |
	       (ohb->has_marker ? OHB_MARKER : 0) |
	       (ohb->has_marker && ohb->marker ? OHB_MARKER_BIT : 0);
	return p - at;
}

/* ---- header extensions: Cryptex (RFC 9335), RFC 6904 ---- */

/* "Defined by profile": RFC 8285 section 4.1.2, RFC 9335 section 4 */
#define ONE_BYTE		0xbede
#define TWO_BYTE		0x1000	/* the low four bits are the application's */
#define CRYPTEX_ONE_BYTE	0xc0de
#define CRYPTEX_TWO_BYTE	0xc2de

static u32 csrc_bytes(const u8 *p)
{
	return 4 * (p[0] & 0x0f);
}

/* The header extension of a parsed packet, or NULL */
static const u8 *extension(const u8 *p)
{
	return p[0] & 0x10 ? p + KSRTP_RTP_MIN + csrc_bytes(p) : NULL;
}

/**
 * ksrtp_cryptex_marked() - does an RTP packet say that Cryptex was applied?
 * @p: RTP packet, parsed
 */
bool ksrtp_cryptex_marked(const u8 *p)
{
	const u8 *ext = extension(p);
	u16 profile = ext ? get_unaligned_be16(ext) : 0;

	return profile == CRYPTEX_ONE_BYTE || profile == CRYPTEX_TWO_BYTE;
}

/**
 * ksrtp_cryptex_can() - can Cryptex protect the header extension of a packet?
 * @p: RTP packet, parsed
 *
 * Return: true if it has one, and of a kind RFC 9335 has a mark for.
 */
bool ksrtp_cryptex_can(const u8 *p)
{
	const u8 *ext = extension(p);
	u16 profile = ext ? get_unaligned_be16(ext) : 0;

	return profile == ONE_BYTE || profile == TWO_BYTE;
}

/**
 * ksrtp_cryptex_mark() - say that Cryptex is applied
 * @p: RTP packet of which ksrtp_cryptex_can() holds
 */
void ksrtp_cryptex_mark(u8 *p)
{
	u8 *ext = (u8 *)extension(p);

	put_unaligned_be16(get_unaligned_be16(ext) == ONE_BYTE ?
			   CRYPTEX_ONE_BYTE : CRYPTEX_TWO_BYTE, ext);
}

/**
 * ksrtp_cryptex_unmark() - undo ksrtp_cryptex_mark()
 * @p: RTP packet of which ksrtp_cryptex_marked() holds
 */
void ksrtp_cryptex_unmark(u8 *p)
{
	u8 *ext = (u8 *)extension(p);

	put_unaligned_be16(get_unaligned_be16(ext) == CRYPTEX_ONE_BYTE ?
			   ONE_BYTE : TWO_BYTE, ext);
}

/**
 * ksrtp_cryptex_insert() - put an empty header extension into a packet
 * @p: RTP packet without one, parsed; there is room for four bytes more
 * @len: bytes it has
 *
 * With CSRCs but without an extension there is no place for a mark (RFC 9335
 * section 5).
 */
void ksrtp_cryptex_insert(u8 *p, u32 len)
{
	u32 at = KSRTP_RTP_MIN + csrc_bytes(p);

	memmove(p + at + KSRTP_EXT_HEADER, p + at, len - at);
	put_unaligned_be16(ONE_BYTE, p + at);
	put_unaligned_be16(0, p + at + 2);
	p[0] |= 0x10;
}

/**
 * ksrtp_cryptex_gather() - make what Cryptex encrypts one run of bytes
 * @p: RTP packet with a header extension
 * @csrc: bytes of CSRCs
 *
 * The first four bytes of the extension, which stay in clear, and the CSRCs
 * change places (RFC 9335 section 6.1)::
 *
 *	fixed header | CSRCs | extension's header | extension's body | payload
 *	fixed header | extension's header | CSRCs | extension's body | payload
 */
void ksrtp_cryptex_gather(u8 *p, u32 csrc)
{
	u8 ext[KSRTP_EXT_HEADER];

	memcpy(ext, p + KSRTP_RTP_MIN + csrc, sizeof(ext));
	memmove(p + KSRTP_CRYPTEX_CLEAR, p + KSRTP_RTP_MIN, csrc);
	memcpy(p + KSRTP_RTP_MIN, ext, sizeof(ext));
}

/**
 * ksrtp_cryptex_scatter() - undo ksrtp_cryptex_gather()
 * @p: RTP packet
 * @csrc: bytes of CSRCs
 */
void ksrtp_cryptex_scatter(u8 *p, u32 csrc)
{
	u8 ext[KSRTP_EXT_HEADER];

	memcpy(ext, p + KSRTP_RTP_MIN, sizeof(ext));
	memmove(p + KSRTP_RTP_MIN, p + KSRTP_CRYPTEX_CLEAR, csrc);
	memcpy(p + KSRTP_RTP_MIN + csrc, ext, sizeof(ext));
}

/**
 * ksrtp_ext_body() - the elements of a packet's header extension
 * @p: RTP packet, parsed
 * @at: where they begin, in bytes from the first of the header
 *
 * Return: their bytes; 0 where there is no extension, or one that is not made
 * of elements as RFC 8285 has it.
 */
u32 ksrtp_ext_body(const u8 *p, u32 *at)
{
	const u8 *ext = extension(p);
	u16 profile;

	if (!ext)
		return 0;
	profile = get_unaligned_be16(ext);
	if (profile != ONE_BYTE && (profile & 0xfff0) != TWO_BYTE)
		return 0;
	*at = ext + KSRTP_EXT_HEADER - p;
	return 4 * get_unaligned_be16(ext + 2);
}

static bool ext_wanted(const u8 *ids, u8 id)
{
	return ids[id / 8] & 1 << id % 8;
}

/* XOR what of @len bytes at @at of the body lies within the stream's reach. */
static void ext_xor_element(u8 *body, u32 at, u32 len, u32 from,
			    const u8 *stream, u32 n)
{
	u32 end = at + len;

	if (at < from)
		at = from;
	if (end > from + n)
		end = from + n;
	for (; at < end; at++)
		body[at] ^= stream[at - from];
}

/**
 * ksrtp_ext_xor() - encrypt or decrypt chosen header extension elements
 * @p: RTP packet, parsed
 * @ids: set of ids that are encrypted, a bit each
 * @from: the part of the body the key stream is for begins here
 * @stream: key stream of that part
 * @n: bytes of it
 *
 * RFC 6904 section 3.1: the data of an element is, its id and length are not.
 * Id 15 of a one-byte header, id 0 with a length (RFC 8285 section 4.1.2), and an
 * element longer than what is left end the list; both ends of a connection see
 * that alike.
 */
void ksrtp_ext_xor(u8 *p, const u8 *ids, u32 from, const u8 *stream, u32 n)
{
	u32 start = 0, size = ksrtp_ext_body(p, &start), at = 0;
	bool one_byte;
	u8 *body;

	if (!size)
		return;
	body = p + start;
	one_byte = get_unaligned_be16(body - KSRTP_EXT_HEADER) == ONE_BYTE;
	while (at < size) {
		u32 len;
		u8 id;

		id = one_byte ? body[at] >> 4 : body[at];
		if (!body[at]) {	/* padding */
			at++;
			continue;
		}
		if (one_byte) {
			if (!id || id == 15)
				return;
			len = (body[at] & 0x0f) + 1u;
			at++;
		} else {
			if (size - at < 2)
				return;
			len = body[at + 1];
			at += 2;
		}
		if (len > size - at)
			return;
		if (ext_wanted(ids, id))
			ext_xor_element(body, at, len, from, stream, n);
		at += len;
	}
}

/* RTCP packet types: RFC 3550 section 12.1, RFC 4585 section 6.1, RFC 3611 */
enum {
	RTCP_SR		= 200,
	RTCP_RR		= 201,
	RTCP_SDES	= 202,
	RTCP_BYE	= 203,
	RTCP_APP	= 204,
	RTCP_RTPFB	= 205,
	RTCP_PSFB	= 206,
	RTCP_XR		= 207,
};

#define RTCP_REPORT_BLOCK	24
#define RTCP_SENDER_INFO	20

/* One SSRC is given another number. */
struct ssrc_map {
	u32 from;
	u32 to;
};

/* The @n SSRCs of a list whose entries, @stride bytes each, begin with one */
static void map_list(const struct ssrc_map *map, u8 *p, u32 n, u32 stride)
{
	for (; n; n--, p += stride)
		if (get_unaligned_be32(p) == map->from)
			put_unaligned_be32(map->to, p);
}

/*
 * SR and RR: sender, report blocks. What stands behind them is a profile's own
 * extension, and what is in it only that profile knows.
 */
static int map_report(const struct ssrc_map *map, u8 *p, u32 len, u32 blocks)
{
	u32 count = p[0] & 0x1f;

	if (len < blocks + count * RTCP_REPORT_BLOCK)
		return -EBADMSG;
	if (len > blocks + count * RTCP_REPORT_BLOCK)
		return -EOPNOTSUPP;
	map_list(map, p + 4, 1, 4);
	map_list(map, p + blocks, count, RTCP_REPORT_BLOCK);
	return 0;
}

/*
 * Behind the items of an SDES chunk, or -EBADMSG. Items are type, length, text;
 * a type of 0 has no length and ends the chunk at the next multiple of 4.
 */
static int skip_sdes_items(const u8 *p, u32 len, u32 at)
{
	while (at < len && p[at]) {
		if (len - at < 2)
			return -EBADMSG;
		at += 2 + p[at + 1];
	}
	if (at >= len)
		return -EBADMSG;
	return (at | 3) + 1;
}

static int map_sdes(const struct ssrc_map *map, u8 *p, u32 len)
{
	u32 count = p[0] & 0x1f;
	int at = 4;

	for (; count; count--) {
		if (len - at < 4)
			return -EBADMSG;
		map_list(map, p + at, 1, 4);
		at = skip_sdes_items(p, len, at + 4);
		if (at < 0)
			return at;
	}
	return (u32)at == len ? 0 : -EBADMSG;
}

/* BYE: sources, then perhaps a reason, with its length in the first byte */
static int map_bye(const struct ssrc_map *map, u8 *p, u32 len)
{
	u32 count = p[0] & 0x1f;
	u32 reason = 4 + 4 * count;

	if (len < reason)
		return -EBADMSG;
	if (len > reason && len - reason < 1u + p[reason])
		return -EBADMSG;
	map_list(map, p + 4, count, 4);
	return 0;
}

/* APP: sender and name; whose data it is, its name says, and it is left alone */
static int map_app(const struct ssrc_map *map, u8 *p, u32 len)
{
	if (len < 12)
		return -EBADMSG;
	map_list(map, p + 4, 1, 4);
	return 0;
}

/* REMB: "REMB", number of SSRCs, bit rate in 3 bytes, SSRCs */
static int map_remb(const struct ssrc_map *map, u8 *fci, u32 len)
{
	if (len < 4 || get_unaligned_be32(fci) != 0x52454d42)
		return -EOPNOTSUPP;
	if (len < 8 || len != 8 + 4u * fci[4])
		return -EBADMSG;
	map_list(map, fci + 8, fci[4], 4);
	return 0;
}

/*
 * Feedback formats, and how far apart the SSRCs stand in their control
 * information; 0 where there are none. One that is not here may hold anything.
 */
static const struct feedback {
	u8 type;
	u8 fmt;
	u8 stride;
} feedbacks[] = {
	{ RTCP_RTPFB,  1, 0 },	/* NACK, RFC 4585 section 6.2.1 */
	{ RTCP_RTPFB,  3, 8 },	/* TMMBR, RFC 5104 section 4.2.1 */
	{ RTCP_RTPFB,  4, 8 },	/* TMMBN, RFC 5104 section 4.2.2 */
	{ RTCP_RTPFB,  5, 0 },	/* SR request, RFC 6051 section 3.2 */
	{ RTCP_RTPFB, 15, 0 },	/* transport-wide congestion control */
	{ RTCP_PSFB,   1, 0 },	/* PLI, RFC 4585 section 6.3.1 */
	{ RTCP_PSFB,   2, 0 },	/* SLI, RFC 4585 section 6.3.2 */
	{ RTCP_PSFB,   3, 0 },	/* RPSI, RFC 4585 section 6.3.3 */
	{ RTCP_PSFB,   4, 8 },	/* FIR, RFC 5104 section 4.3.1 */
	{ RTCP_PSFB,   5, 8 },	/* TSTR, RFC 5104 section 4.3.2 */
	{ RTCP_PSFB,   6, 8 },	/* TSTN, RFC 5104 section 4.3.3 */
};

#define PSFB_APPLICATION	15	/* RFC 4585 section 6.4 */

static int map_feedback_info(const struct ssrc_map *map, u8 type, u8 fmt,
			     u8 *fci, u32 len)
{
	const struct feedback *f;

	if (type == RTCP_PSFB && fmt == PSFB_APPLICATION)
		return map_remb(map, fci, len);
	for (f = feedbacks; f < feedbacks + ARRAY_SIZE(feedbacks); f++) {
		if (f->type != type || f->fmt != fmt)
			continue;
		if (!f->stride)
			return 0;
		if (len % f->stride)
			return -EBADMSG;
		map_list(map, fci, len / f->stride, f->stride);
		return 0;
	}
	return -EOPNOTSUPP;
}

/* Feedback: sender, media source, control information of the format */
static int map_feedback(const struct ssrc_map *map, u8 *p, u32 len)
{
	if (len < 12)
		return -EBADMSG;
	map_list(map, p + 4, 2, 4);
	return map_feedback_info(map, p[1], p[0] & 0x1f, p + 12, len - 12);
}

/*
 * XR blocks, by type: bytes of their fixed part, bytes of each element behind
 * it (0: there are none), and which of the two begins with an SSRC.
 */
static const struct report_block {
	u8 fixed;
	u8 element;
	bool fixed_ssrc;
	bool element_ssrc;
} report_blocks[] = {
	[1] = { .fixed = 12, .element = 4, .fixed_ssrc = true },	/* loss RLE */
	[2] = { .fixed = 12, .element = 4, .fixed_ssrc = true },	/* duplicate RLE */
	[3] = { .fixed = 12, .element = 4, .fixed_ssrc = true },	/* receipt times */
	[4] = { .fixed = 12 },						/* reference time */
	[5] = { .fixed = 4, .element = 12, .element_ssrc = true },	/* DLRR */
	[6] = { .fixed = 40, .fixed_ssrc = true },			/* statistics */
	[7] = { .fixed = 36, .fixed_ssrc = true },			/* VoIP metrics */
};

/* One XR block of @len bytes: its header is type, flags, length, 4 bytes */
static int map_block(const struct ssrc_map *map, u8 *p, u32 len)
{
	const struct report_block *b;
	u32 rest;

	if (!p[0] || p[0] >= ARRAY_SIZE(report_blocks))
		return -EOPNOTSUPP;
	b = &report_blocks[p[0]];
	if (len < b->fixed)
		return -EBADMSG;
	rest = len - b->fixed;
	if (b->element ? rest % b->element : rest)
		return -EBADMSG;
	if (b->fixed_ssrc)
		map_list(map, p + 4, 1, 4);
	if (b->element_ssrc)
		map_list(map, p + b->fixed, rest / b->element, b->element);
	return 0;
}

static int map_xr(const struct ssrc_map *map, u8 *p, u32 len)
{
	u32 at, size;
	int err;

	if (len < 8)
		return -EBADMSG;
	map_list(map, p + 4, 1, 4);
	/* What is left is a multiple of 4, so there is a header. */
	for (at = 8; at < len; at += size) {
		size = 4 + 4 * get_unaligned_be16(p + at + 2);
		if (len - at < size)
			return -EBADMSG;
		err = map_block(map, p + at, size);
		if (err)
			return err;
	}
	return 0;
}

/* One packet of a compound, @len bytes without its padding */
static int map_packet(const struct ssrc_map *map, u8 *p, u32 len)
{
	switch (p[1]) {
	case RTCP_SR:
		return map_report(map, p, len, 8 + RTCP_SENDER_INFO);
	case RTCP_RR:
		return map_report(map, p, len, 8);
	case RTCP_SDES:
		return map_sdes(map, p, len);
	case RTCP_BYE:
		return map_bye(map, p, len);
	case RTCP_APP:
		return map_app(map, p, len);
	case RTCP_RTPFB:
	case RTCP_PSFB:
		return map_feedback(map, p, len);
	case RTCP_XR:
		return map_xr(map, p, len);
	}
	return -EOPNOTSUPP;
}

/*
 * Bytes of padding at the end of a packet of @size bytes, or -EBADMSG. Only the
 * last of a compound has any, a multiple of 4 which its last byte counts
 * (RFC 3550 section 6.4.1).
 */
static int padding(const u8 *p, u32 size, bool last)
{
	u8 pad;

	if (!(p[0] & 0x20))
		return 0;
	pad = p[size - 1];
	if (!last || !pad || pad % 4 || pad > size - 4)
		return -EBADMSG;
	return pad;
}

/**
 * ksrtp_rtcp_map_ssrc() - give an SSRC another number throughout RTCP
 * @p: plain RTCP, one packet or a compound of them
 * @len: bytes there are
 * @from: the SSRC as it is, host order
 * @to: the SSRC as it shall be, host order
 *
 * Wherever @from stands as a sender, a source reported on, described, leaving
 * or asked for something. What cannot be read through to the last SSRC is not
 * mapped by half: the caller drops it.
 *
 * Return: 0; -EOPNOTSUPP for a packet type, feedback format, report block or
 * profile extension that may hold SSRCs and is not known here; -EBADMSG for
 * lengths that do not fit. After an error some SSRCs are mapped and some not.
 */
int ksrtp_rtcp_map_ssrc(u8 *p, u32 len, u32 from, u32 to)
{
	const struct ssrc_map map = { .from = from, .to = to };
	u32 size;
	int pad, err;

	if (!len)
		return -EBADMSG;
	for (; len; p += size, len -= size) {
		if (len < 4 || (p[0] & 0xc0) != 0x80)
			return -EBADMSG;
		size = 4 + 4 * get_unaligned_be16(p + 2);
		if (len < size)
			return -EBADMSG;
		pad = padding(p, size, size == len);
		if (pad < 0)
			return pad;
		err = map_packet(&map, p, size - pad);
		if (err)
			return err;
	}
	return 0;
}
