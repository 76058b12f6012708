// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands behind the payload: a packet is put together here part after
 * part as the RFCs draw it, and each part is found where it was put. One that was
 * cut is refused where a part cannot be in it.
 *
 *	suite | flags | MKI length | E2E: tag length | CSRCs and more | payload |
 *	bytes cut off (16)
 *
 * Flags: 1: RTCP, 2: RTP carries its ROC.
 */
#include "fuzz.h"

#include "packet.h"
#include "suite.h"

#define MOST	512

/* One part each has a byte of its own. */
enum { HEADER = 1, PAYLOAD, TAG, MKI, INDEX, ROC };

struct packet {
	u8 bytes[MOST];
	u32 len;
};

static void unguided put(struct packet *p, u8 part, u32 n)
{
	memset(p->bytes + p->len, part, n);
	p->len += n;
}

/* RFC 3711 figures 1 and 2, RFC 7714 figures 2 and 3, RFC 4771 section 2 */
static void unguided put_trailer(struct packet *p, const struct ksrtp_shape *s, bool rtcp)
{
	if (s->aead)
		put(p, TAG, s->tag_len);
	if (rtcp)
		put(p, INDEX, 4);
	put(p, MKI, s->mki_len);
	if (s->roc)
		put(p, ROC, 4);
	if (!s->aead)
		put(p, TAG, s->tag_len - (s->roc ? 4 : 0));
}

/* The @n bytes at @at, and none beside them, are of the part. */
static void unguided is_part(const struct packet *p, u8 part, u32 at, u32 n)
{
	promise(at <= p->len && n <= p->len - at);
	if (!n)
		return;
	promise(p->bytes[at] == part && !memcmp(p->bytes + at, p->bytes + at + 1, n - 1));
	promise(!at || p->bytes[at - 1] != part);
	promise(at + n == p->len || p->bytes[at + n] != part);
}

static void unguided check_parts(const struct packet *p, const struct ksrtp_shape *s, bool rtcp,
			const struct ksrtp_layout *l)
{
	is_part(p, HEADER, 0, l->clear);
	is_part(p, PAYLOAD, l->clear, l->end - l->clear);
	is_part(p, TAG, l->tag, l->tag_len);
	is_part(p, MKI, l->mki, s->mki_len);
	is_part(p, INDEX, l->index, rtcp ? 4 : 0);
	is_part(p, ROC, l->roc, s->roc ? 4 : 0);
	promise(rtcp || !l->index);
	promise(s->roc || !l->roc);
	promise(l->tag_len == s->tag_len - (s->roc && !s->aead ? 4 : 0));
	promise(l->len == p->len && !l->cryptex && !l->insert && !l->csrc);
}

/* With the last @cut bytes gone the parts lie that much further in front. */
static void check_cut(const struct packet *p, const struct ksrtp_shape *s, bool rtcp,
		      const struct ksrtp_layout *whole, u32 cut)
{
	struct ksrtp_layout l, was;
	int err;

	memset(&l, 0xa5, sizeof(l));
	was = l;
	err = ksrtp_layout_protected(s, rtcp, p->len - cut, whole->clear, &l);
	if (cut > whole->end - whole->clear) {
		promise(err == -EBADMSG && !memcmp(&l, &was, sizeof(l)));
		return;
	}
	promise(!err && l.clear == whole->clear && l.end == whole->end - cut &&
		l.tag == whole->tag - cut && l.mki == whole->mki - cut &&
		l.len == whole->len - cut);
	promise(!l.index == !whole->index && (!l.index || l.index == whole->index - cut));
	promise(!l.roc == !whole->roc && (!l.roc || l.roc == whole->roc - cut));
}

/* As the suites shape packets; false: there is no such suite */
static bool shape_of(const uint8_t *data, bool rtcp, struct ksrtp_shape *s)
{
	const struct ksrtp_suite_desc *suite = ksrtp_suite_by_id(data[0] & 31);

	if (!suite)
		return false;
	promise(ksrtp_suite_by_name(suite->name) == (data[0] & 31u));
	suite = ksrtp_suite_crypt(suite);
	s->aead = suite->transform == KSRTP_TRANSFORM_AEAD;
	s->tag_len = rtcp ? suite->rtcp_tag : suite->rtp_tag;
	if (suite->transform == KSRTP_TRANSFORM_E2E)
		s->tag_len = data[3] % 33;
	s->mki_len = data[2] % 129;
	s->roc = data[1] & 2 && !rtcp && (s->aead || s->tag_len >= 4);
	return true;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static struct packet p;
	struct ksrtp_layout plain = { 0 }, found = { 0 };
	struct ksrtp_shape s = { 0 };
	u32 clear, end, cut;
	bool rtcp;

	if (size < 8)
		return 0;
	rtcp = data[1] & 1;
	if (!shape_of(data, rtcp, &s))
		return 0;
	clear = rtcp ? KSRTP_RTCP_MIN : KSRTP_RTP_MIN + 4u * (data[4] % 32);
	p.len = 0;
	put(&p, HEADER, clear);
	put(&p, PAYLOAD, data[5] % 64);
	end = p.len;
	put_trailer(&p, &s, rtcp);

	promise(!ksrtp_layout_protected(&s, rtcp, p.len, clear, &found));
	promise(found.clear == clear && found.end == end);
	check_parts(&p, &s, rtcp, &found);
	ksrtp_layout_plain(&s, rtcp, end, clear, &plain);
	promise(!memcmp(&plain, &found, sizeof(plain)));
	cut = get_unaligned_be16(data + 6) % (p.len + 1);
	check_cut(&p, &s, rtcp, &found, cut);
	return 0;
}
