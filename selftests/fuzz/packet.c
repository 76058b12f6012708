// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A datagram of any bytes: what the parser says of it lies within it and is
 * what the tests' own parser says, and the parts of its layout lie behind each
 * other without a gap.
 *
 *	tag length | MKI length | flags | datagram
 *
 * Flags: 1: AEAD, 2: RTCP whatever it looks like, 4: RTP carries its ROC.
 */
#include "fuzz.h"

#include "packet.h"
#include "refsrtp.h"

/* Where a part begins and how long it is */
struct part {
	u32 at;
	u32 len;
};

static void follow(const struct part *part, unsigned int n, u32 from, u32 to)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		promise(part[i].at == from);
		from += part[i].len;
	}
	promise(from == to);
}

static void check_layout(const struct ksrtp_shape *s, bool rtcp, u32 len, u32 clear)
{
	struct ksrtp_layout l = { 0 }, plain = { 0 };
	/* RFC 4771: behind everything under AEAD, else in the tag */
	u32 roc = s->roc ? 4 : 0, tag = s->tag_len - (s->aead ? 0 : roc);
	u32 added = tag + roc + s->mki_len + (rtcp ? 4 : 0);
	int err = ksrtp_layout_protected(s, rtcp, len, clear, &l);

	promise(err == ((u64)clear + added > len ? -EBADMSG : 0));
	if (err)
		return;
	promise(l.clear == clear && l.clear <= l.end && l.len == len);
	promise((rtcp || !l.index) && (s->roc || !l.roc) && l.tag_len == tag);

	/* RFC 3711 sections 3.1 and 3.4, RFC 7714 sections 8.1 and 9.2 */
	if (s->aead) {
		const struct part parts[] = {
			{ l.tag, tag },
			{ rtcp ? l.index : l.mki, rtcp ? 4 : 0 },
			{ l.mki, s->mki_len },
			{ s->roc ? l.roc : l.len, roc },
		};

		follow(parts, 4, l.end, l.len);
	} else {
		const struct part parts[] = {
			{ rtcp ? l.index : l.mki, rtcp ? 4 : 0 },
			{ l.mki, s->mki_len },
			{ s->roc ? l.roc : l.tag, roc },
			{ l.tag, tag },
		};

		follow(parts, 4, l.end, l.len);
	}

	ksrtp_layout_plain(s, rtcp, l.end, clear, &plain);
	promise(!memcmp(&l, &plain, sizeof(l)));
}

/* RFC 7983 and RFC 9443: what is RTP or RTCP at all; RFC 5761 section 4: which */
static enum ksrtp_class class_of(const uint8_t *data, size_t size)
{
	if (!size || data[0] < 128 || data[0] > 191)
		return KSRTP_CLASS_OTHER;
	return size > 1 && data[1] / 32 == 6 ? KSRTP_CLASS_RTCP : KSRTP_CLASS_RTP;
}

/* Bytes of the header, or that there is none */
static int header_len(enum ksrtp_class class, const uint8_t *data, size_t size)
{
	switch (class) {
	case KSRTP_CLASS_RTP:
		return ref_rtp_header_len(data, size);
	case KSRTP_CLASS_RTCP:
		return size < 8 ? REF_E_MALFORMED : 8;
	default:
		return REF_E_MALFORMED;
	}
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct ksrtp_header h, none;
	struct ksrtp_shape s = { 0 };
	enum ksrtp_class class;
	bool rtcp;
	int len;

	if (size < 3)
		return 0;
	s.tag_len = data[0] % 21;
	s.mki_len = data[1] % 129;
	s.aead = data[2] & 1;
	rtcp = data[2] & 2;
	s.roc = data[2] & 4 && (s.aead || s.tag_len >= 4);
	data += 3;
	size -= 3;

	class = ksrtp_classify(data, (u32)size);
	promise(class == class_of(data, size));
	len = header_len(class, data, size);
	memset(&h, 0x5a, sizeof(h));
	none = h;
	if (ksrtp_parse(class, data, (u32)size, &h)) {
		promise(len < 0 && !memcmp(&h, &none, sizeof(h)));
		return 0;
	}
	promise(h.len == (u32)len && h.len <= size);
	if (class == KSRTP_CLASS_RTP) {
		promise(h.len >= KSRTP_RTP_MIN && h.pt < 128);
		promise(h.seq == get_unaligned_be16(data + 2));
		promise(h.ssrc == get_unaligned_be32(data + 8));
	} else {
		promise(h.len == KSRTP_RTCP_MIN && h.pt >= 192 && h.pt <= 223 && !h.seq);
		promise(h.ssrc == get_unaligned_be32(data + 4));
	}
	rtcp |= class == KSRTP_CLASS_RTCP;
	s.roc &= !rtcp;
	check_layout(&s, rtcp, (u32)size, h.len);
	return 0;
}
