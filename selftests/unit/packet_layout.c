// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of a protected packet stand where the RFCs draw them, for every
 * suite and every MKI, and a packet too short for its parts is refused.
 */
#include "kt.h"

#include <linux/ksrtp.h>

#include "packet.h"
#include "suite.h"
#include "vecs.h"

/* A ROC in the tag takes the place of its first bytes. */
static u32 tag_bytes(const struct ksrtp_shape *s)
{
	return s->tag_len - (s->roc && !s->aead ? 4 : 0);
}

/* What each byte of a protected packet is, in the letters of the drawing */
static u32 draw(char *at, const struct ksrtp_shape *s, bool rtcp, u32 clear, u32 payload)
{
	/* RFC 3711 sections 3.1 and 3.4, RFC 7714 sections 8.1 and 9.2, RFC 4771 section 4 */
	const char *order = s->aead ? "HPTIMR" : "HPIMRT";
	u32 len = 0, n;

	for (; *order; order++) {
		switch (*order) {
		case 'H':
			n = clear;
			break;
		case 'P':
			n = payload;
			break;
		case 'I':
			n = rtcp ? 4 : 0;
			break;
		case 'M':
			n = s->mki_len;
			break;
		case 'R':
			n = s->roc ? 4 : 0;
			break;
		default:
			n = tag_bytes(s);
			break;
		}
		memset(at + len, *order, n);
		len += n;
	}
	return len;
}

/* The bytes from @at on, @n of them, are @what, and there are no others of it */
static bool all_of(const char *drawn, u32 len, char what, u32 at, u32 n)
{
	u32 i;

	for (i = 0; i < len; i++) {
		bool is = drawn[i] == what, should = i >= at && i < at + n;

		if (is != should)
			return false;
	}
	return true;
}

static bool as_drawn(const struct ksrtp_layout *l, const struct ksrtp_shape *s, bool rtcp,
		     u32 clear, u32 payload)
{
	char drawn[1024];
	u32 len = draw(drawn, s, rtcp, clear, payload);

	return l->len == len && l->clear == clear && l->end == clear + payload &&
	       all_of(drawn, len, 'H', 0, l->clear) &&
	       all_of(drawn, len, 'P', l->clear, l->end - l->clear) &&
	       all_of(drawn, len, 'I', l->index, rtcp ? 4 : 0) && (rtcp || !l->index) &&
	       all_of(drawn, len, 'M', l->mki, s->mki_len) &&
	       all_of(drawn, len, 'T', l->tag, tag_bytes(s)) && l->tag_len == tag_bytes(s) &&
	       all_of(drawn, len, 'R', l->roc, s->roc ? 4 : 0) && (s->roc || !l->roc) &&
	       l->mki + s->mki_len <= len && l->tag + l->tag_len <= len;
}

static bool same(const struct ksrtp_layout *a, const struct ksrtp_layout *b)
{
	return a->clear == b->clear && a->end == b->end && a->index == b->index &&
	       a->mki == b->mki && a->tag == b->tag && a->roc == b->roc && a->len == b->len &&
	       a->tag_len == b->tag_len;
}

/* One shape at each length, each header */
static bool lengths(const struct ksrtp_shape *s, bool rtcp)
{
	static const struct ksrtp_layout untouched = {
		.clear = 1, .end = 2, .index = 3, .mki = 4, .tag = 5, .roc = 6, .len = 7,
		.tag_len = 8,
	};
	static const u32 headers[] = { 8, 12, 16, 72 };
	u32 added = tag_bytes(s) + s->mki_len + (rtcp ? 4 : 0) + (s->roc ? 4 : 0);
	struct ksrtp_layout l, plain;
	unsigned int i;
	u32 len;

	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		for (len = 0; len <= 200; len++) {
			u32 clear = headers[i];
			int err;

			l = untouched;
			err = ksrtp_layout_protected(s, rtcp, len, clear, &l);
			if (len < clear + added) {
				if (err != -EBADMSG || !same(&l, &untouched))
					goto wrong;
				continue;
			}
			if (err || l.len != len ||
			    !as_drawn(&l, s, rtcp, clear, len - clear - added))
				goto wrong;
			/* and back: what is to be protected is laid out alike */
			ksrtp_layout_plain(s, rtcp, l.end, clear, &plain);
			if (!same(&l, &plain))
				goto wrong;
		}
	}
	return true;
wrong:
	kt_note("tag %u, MKI %u%s%s, header %u, length %u", s->tag_len, s->mki_len,
		s->aead ? ", AEAD" : "", rtcp ? ", RTCP" : "", headers[i], len);
	return false;
}

static bool all_mki(u8 tag_len, bool aead, bool rtcp)
{
	struct ksrtp_shape s = { .tag_len = tag_len, .aead = aead };
	unsigned int mki;

	for (mki = 0; mki <= KSRTP_MAX_MKI; mki++) {
		s.mki_len = (u8)mki;
		if (!lengths(&s, rtcp))
			return false;
	}
	return true;
}

static void suites(void)
{
	unsigned int id;

	for (id = 1; ksrtp_suite_by_id(id); id++) {
		const struct ksrtp_suite_desc *s = ksrtp_suite_by_id(id);

		bool aead = s->transform == KSRTP_TRANSFORM_AEAD;

		kt_ok(all_mki(s->rtp_tag, aead, false), "RTP under %s is laid out, any MKI",
		      s->name);
		if (s->layer == KSRTP_LAYER_HBH)
			kt_ok(all_mki(s->rtcp_tag, aead, true),
			      "RTCP under %s is laid out, any MKI", s->name);
	}
}

static void mi_tags(void)
{
	struct ksrtp_shape s = { 0 };
	bool all = true;

	for (; all && s.tag_len <= 20; s.tag_len++)
		all = lengths(&s, false);
	kt_ok(all, "RTP with an end-to-end tag of 0 to 20 bytes is laid out");
}

/* RFC 4771: for RTP alone, and not where the tag is shorter than the ROC */
static void with_roc(void)
{
	struct ksrtp_shape s = { .roc = true };
	unsigned int tag, mki;
	bool all = true;

	for (tag = 4; tag <= 20; tag++) {
		for (mki = 0; all && mki <= KSRTP_MAX_MKI; mki += 1 + mki / 8) {
			s.tag_len = (u8)tag;
			s.mki_len = (u8)mki;
			all = lengths(&s, false);
		}
	}
	kt_ok(all, "RTP with a ROC in a tag of 4 to 20 bytes is laid out, any MKI");
	s.aead = true;
	s.tag_len = 16;
	for (mki = 0; all && mki <= KSRTP_MAX_MKI; mki++) {
		s.mki_len = (u8)mki;
		all = lengths(&s, false);
	}
	kt_ok(all, "and under AEAD with a ROC at its end");
}

/* A length near the end of 32 bits is not made small by adding to it. */
static void huge(void)
{
	struct ksrtp_shape s = { .tag_len = 16, .mki_len = 128 };
	struct ksrtp_layout l;

	kt_is(ksrtp_layout_protected(&s, true, 1000, 0xfffffff0, &l), -EBADMSG,
	      "a header longer than the packet is refused, however long");
	kt_is(ksrtp_layout_protected(&s, true, 8 + 148 - 1, 8, &l), -EBADMSG,
	      "a packet one byte short of its parts is refused");
	kt_ok(!ksrtp_layout_protected(&s, true, 8 + 148, 8, &l) && l.end == l.clear,
	      "a packet with no payload is accepted");
}

/* What DOUBLE has between payload and outer tag: inner tag and OHB (RFC 8723) */
static u32 inside(const struct vec *v)
{
	return v->kind == VEC_SRTP && strstr(v->profile, "DOUBLE") ? 16 + 1 : 0;
}

/* Known packets: the plain one is as long as the protected one's layout says. */
static bool vector_fits(const struct vec *v, const struct ksrtp_shape *s, bool rtcp)
{
	const u8 *p = v->protected.p;
	struct ksrtp_header h;
	struct ksrtp_layout l;

	if (ksrtp_parse(ksrtp_classify(p, (u32)v->protected.len), p, (u32)v->protected.len, &h) ||
	    ksrtp_layout_protected(s, rtcp, (u32)v->protected.len, h.len, &l))
		return false;
	if (l.end != v->plain.len + inside(v) || memcmp(p, v->plain.p, l.clear))
		return false;
	if (v->mki.len && memcmp(p + l.mki, v->mki.p, v->mki.len))
		return false;
	return !rtcp || v->srtcp_index < 0 ||
	       (get_unaligned_be32(p + l.index) & ~KSRTP_SRTCP_E) == v->srtcp_index;
}

static void vectors(enum vec_kind kind, bool aead)
{
	bool rtcp = kind == VEC_SRTCP;
	const struct vec *v = NULL;
	int seen = 0, wrong = 0;

	while ((v = vec_next(v, kind))) {
		struct ksrtp_shape s = { .tag_len = 16, .mki_len = (u8)v->mki.len, .aead = aead };

		if (!v->profile || !!strstr(v->profile, "GCM") != aead)
			continue;
		/* RFC 6904 and RFC 9335 encrypt some of the header, RFC 4771 adds a ROC. */
		if (v->cryptex || v->enc_hdr_ids.p || v->rcc)
			continue;
		if (!aead)
			s.tag_len = !rtcp && strstr(v->profile, "_32") ? 4 : 10;
		seen++;
		if (!vector_fits(v, &s, rtcp)) {
			kt_note("%s", v->id);
			wrong++;
		}
	}
	kt_ok(seen > 0 && !wrong, "%d known %s packets%s are laid out as they are", seen,
	      rtcp ? "SRTCP" : "SRTP", aead ? " under AEAD" : "");
}

int main(void)
{
	kt_plan(21 + 20 + 1 + 2 + 2 + 3 + 4);
	suites();
	mi_tags();
	kt_ok(all_mki(16, true, false), "RTP under AEAD is laid out, any MKI");
	kt_ok(all_mki(16, true, true), "RTCP under AEAD is laid out, any MKI");
	with_roc();
	huge();
	vectors(VEC_SRTP, false);
	vectors(VEC_SRTCP, false);
	vectors(VEC_SRTP, true);
	vectors(VEC_SRTCP, true);
	return kt_done();
}
