// SPDX-License-Identifier: GPL-2.0
/*
 * One packet under one key: where its parts will stand, and putting them there;
 * where they stand, and taking them away. What a key may ask for beside its
 * transform is done here, for receiver, sender and relay alike:
 *
 *	Cryptex (RFC 9335) and encrypted header extensions (RFC 6904)
 *	the roll-over counter in the packet (RFC 4771)
 *	the inner layer of the DOUBLE suites (RFC 8723)
 *
 * Order on the way out: Cryptex's mark, header extension, MKI, transform. On
 * the way in: MKI, transform, header extension, mark.
 */
#include "aead.h"
#include "ksrtp.h"

/* --- header extension elements (RFC 6904) --------------------------------- */

/* Encrypt or decrypt the elements the key names, which is the same. */
static int ext_crypt(const struct ksrtp_key *key, u8 *p, u32 ssrc, u64 index)
{
	u32 at, size = ksrtp_ext_body(p, &at), from;

	for (from = 0; from < size; from += KSRTP_STREAM) {
		u32 n = min_t(u32, size - from, KSRTP_STREAM);
		const u8 *stream = ksrtp_ctr_stream(&key->ext, n, ssrc, index,
						    from / 16);

		if (!stream)
			return -EIO;
		ksrtp_ext_xor(p, key->ext_ids, from, stream, n);
	}
	return 0;
}

/* --- the inner layer of DOUBLE (RFC 8723 section 5) ----------------------- */

/*
 * The header the inner layer vouches for: without extension, and as the sender
 * wrote it. CSRCs and all, it is KSRTP_AEAD_AAD bytes at most.
 */
static u32 double_aad(const u8 *p, const struct ksrtp_ohb *ohb, u8 *aad)
{
	u32 len = KSRTP_RTP_MIN + 4 * (p[0] & 0x0f);

	memcpy(aad, p, len);
	aad[0] &= ~0x10;
	if (ohb->has_pt)
		aad[1] = (aad[1] & 0x80) | ohb->pt;
	if (ohb->has_marker)
		aad[1] = (aad[1] & 0x7f) | (ohb->marker ? 0x80 : 0);
	if (ohb->has_seq)
		put_unaligned_be16(ohb->seq, aad + 2);
	return len;
}

static void inner_layout(u32 end, u32 ohb_len, const struct ksrtp_pkt *pkt,
			 struct ksrtp_layout *l)
{
	memset(l, 0, sizeof(*l));
	l->clear = pkt->h.len;
	l->end = end;
	l->tag = end;
	l->tag_len = KSRTP_AEAD_TAG;
	l->mki = end + KSRTP_AEAD_TAG;
	l->len = end + KSRTP_AEAD_TAG + ohb_len;
}

static int inner_seal(const struct ksrtp_key *key, u8 *p,
		      const struct ksrtp_layout *l, u32 ssrc, u64 index)
{
	static const struct ksrtp_ohb unchanged;
	u8 *aad = ksrtp_aead_aad();
	u32 aad_len = double_aad(p, &unchanged, aad);

	ksrtp_ohb_write(&unchanged, p + l->len - 1);
	return ksrtp_aead_seal(&key->rtp, aad, aad_len, p + l->clear,
			       p + l->clear, l->end - l->clear, ssrc, index);
}

static int inner_open(const struct ksrtp_key *key, const struct ksrtp_pkt *pkt,
		      const struct ksrtp_layout *l, u64 index, bool keep)
{
	u8 *aad = ksrtp_aead_aad();
	u32 aad_len = double_aad(pkt->data, &pkt->ohb, aad);

	return ksrtp_aead_open(&key->rtp, aad, aad_len, pkt->data + l->clear,
			       l->end - l->clear + KSRTP_AEAD_TAG, pkt->h.ssrc,
			       index, keep);
}

/**
 * ksrtp_double_relabel() - change the payload type of a DOUBLE packet
 * @p: RTP packet, the outer layer opened, with room for one byte more
 * @clear: bytes of its header
 * @len: bytes it has
 * @pt: payload type it gets
 *
 * The first media distributor to change it writes the original one into the
 * Original Header Block, one that restores it takes it out again (RFC 8723
 * section 5.2).
 *
 * Return: bytes it has now, or -EBADMSG for a block that is none.
 */
int ksrtp_double_relabel(u8 *p, u32 clear, u32 len, u8 pt)
{
	struct ksrtp_ohb ohb;
	u32 at;

	if (ksrtp_ohb_read(p + clear, len - clear, &ohb))
		return -EBADMSG;
	if (!ohb.has_pt)
		ohb.pt = p[1] & 0x7f;
	ohb.has_pt = ohb.pt != pt;
	at = len - ohb.len;
	p[1] = (p[1] & 0x80) | pt;
	return at + ksrtp_ohb_write(&ohb, p + at);
}

/* --- the way out ----------------------------------------------------------- */

/* What Cryptex does with a packet: extends, marks, leaves or refuses it. */
static enum ksrtp_drop plan_cryptex(const struct ksrtp_key *key,
				    const struct ksrtp_pkt *pkt, u8 first,
				    struct ksrtp_layout *l)
{
	u32 csrc = 4 * (first & 0x0f);

	if (first & 0x10) {
		if (!ksrtp_cryptex_can(pkt->data))
			return key->cryptex == KSRTP_CRYPTEX_REQUIRE ?
			       KSRTP_DROP_CRYPTEX : KSRTP_PASS;
	} else if (csrc) {
		l->insert = KSRTP_EXT_HEADER;
	} else {
		return KSRTP_PASS;
	}
	l->cryptex = true;
	l->csrc = csrc;
	return KSRTP_PASS;
}

/**
 * ksrtp_plan() - where the parts of a packet will stand under a key
 * @key: key
 * @pkt: the packet, plain
 * @l: where the layout goes; @l->len is what the packet will have
 *
 * Context: any.
 * Return: KSRTP_PASS, KSRTP_DROP_CRYPTEX or KSRTP_DROP_TOO_BIG.
 */
enum ksrtp_drop ksrtp_plan(const struct ksrtp_key *key,
			   const struct ksrtp_pkt *pkt, struct ksrtp_layout *l)
{
	struct ksrtp_layout how = {};
	struct ksrtp_shape shape;
	u32 clear = pkt->h.len;
	enum ksrtp_drop drop;

	if (key->companion) {
		inner_layout(pkt->len, 1, pkt, l);
	} else if (likely(!key->cryptex && !key->rcc) || pkt->rtcp) {
		ksrtp_layout_plain(pkt->rtcp ? &key->rtcp.shape :
					       &key->rtp.shape,
				   pkt->rtcp, pkt->len, clear, l);
	} else {
		shape = key->rtp.shape;
		shape.roc = key->rcc && !(pkt->h.seq % key->rcc);
		if (key->cryptex) {
			drop = plan_cryptex(key, pkt, pkt->data[0], &how);
			if (drop)
				return drop;
		}
		if (how.cryptex)
			clear = KSRTP_CRYPTEX_CLEAR;
		ksrtp_layout_plain(&shape, false, pkt->len + how.insert, clear,
				   l);
		l->cryptex = how.cryptex;
		l->insert = how.insert;
		l->csrc = how.csrc;
	}
	return l->len > KSRTP_MAX_PAYLOAD ? KSRTP_DROP_TOO_BIG : KSRTP_PASS;
}

/**
 * ksrtp_protect() - protect one packet
 * @key: key
 * @pkt: the packet, plain
 * @p: where it goes, @l->len bytes: its header is there, of RTCP or where it is
 *	@src all of it
 * @src: where its payload is
 * @l: what ksrtp_plan() said
 * @ssrc: SSRC it goes under, host order
 * @index: packet index, or SRTCP index
 *
 * Context: BH off. Nothing is allocated.
 * Return: KSRTP_PASS, or KSRTP_DROP_CRYPTO; the packet is then not to be sent.
 */
enum ksrtp_drop ksrtp_protect(const struct ksrtp_key *key,
			      const struct ksrtp_pkt *pkt, u8 *p, const u8 *src,
			      const struct ksrtp_layout *l, u32 ssrc, u64 index)
{
	const struct ksrtp_transform *t = pkt->rtcp ? &key->rtcp : &key->rtp;
	bool encrypt = !pkt->rtcp || !key->tx_plain_rtcp;

	if (unlikely(key->companion))
		return inner_seal(key, p, l, ssrc, index) ? KSRTP_DROP_CRYPTO :
							    KSRTP_PASS;
	if (unlikely(l->cryptex)) {
		if (src != p)
			memcpy(p + pkt->h.len, src + pkt->h.len,
			       pkt->len - pkt->h.len);
		src = p;
		if (l->insert)
			ksrtp_cryptex_insert(p, pkt->len);
		ksrtp_cryptex_mark(p);
	}
	if (unlikely(key->enc_ext) && !pkt->rtcp &&
	    ext_crypt(key, p, ssrc, index))
		return KSRTP_DROP_CRYPTO;
	memcpy(p + l->mki, key->mki, key->mki_len);
	return ksrtp_seal(t, src, p, l, ssrc, index, encrypt) ?
	       KSRTP_DROP_CRYPTO : KSRTP_PASS;
}

/* --- the way in ------------------------------------------------------------ */

static enum ksrtp_drop wrong_mki(const struct ksrtp_key *key,
				 const struct ksrtp_pkt *pkt,
				 const struct ksrtp_layout *l)
{
	return key->mki_len &&
	       memcmp(pkt->data + l->mki, key->mki, key->mki_len) ?
	       KSRTP_DROP_UNKNOWN_MKI : KSRTP_PASS;
}

/*
 * The inner layer begins with what it says of itself at its end. Its index is
 * that of the packet as it was sent, which @pkt->seq is from now on.
 */
static enum ksrtp_drop find_inner(struct ksrtp_pkt *pkt, struct ksrtp_layout *l)
{
	u32 payload = pkt->len - pkt->h.len;

	if (ksrtp_ohb_read(pkt->data + pkt->h.len, payload, &pkt->ohb) ||
	    payload < KSRTP_AEAD_TAG + pkt->ohb.len)
		return KSRTP_DROP_MALFORMED;
	if (pkt->ohb.has_seq)
		pkt->seq = pkt->ohb.seq;
	inner_layout(pkt->len - KSRTP_AEAD_TAG - pkt->ohb.len, pkt->ohb.len, pkt,
		     l);
	return KSRTP_PASS;
}

/**
 * ksrtp_find() - where the parts of a protected packet stand, if it is a key's
 * @key: key
 * @pkt: the packet; its @seq and @ohb are set for an inner layer
 * @l: where the layout goes
 *
 * Context: any. Nothing of the packet is changed.
 * Return: KSRTP_PASS, KSRTP_DROP_MALFORMED, KSRTP_DROP_UNKNOWN_MKI or
 * KSRTP_DROP_CRYPTEX.
 */
enum ksrtp_drop ksrtp_find(const struct ksrtp_key *key, struct ksrtp_pkt *pkt,
			   struct ksrtp_layout *l)
{
	const struct ksrtp_shape *shape = pkt->rtcp ? &key->rtcp.shape :
						      &key->rtp.shape;
	struct ksrtp_shape with_roc;
	bool marked = false;

	pkt->seq = pkt->h.seq;
	if (unlikely(key->companion))
		return find_inner(pkt, l);
	if (unlikely(key->rcc) && !pkt->rtcp && !(pkt->h.seq % key->rcc)) {
		with_roc = *shape;
		with_roc.roc = true;
		shape = &with_roc;
	}
	if (unlikely(ksrtp_layout_protected(shape, pkt->rtcp, pkt->len,
					    pkt->h.len, l)))
		return KSRTP_DROP_MALFORMED;
	if (unlikely(key->cryptex) && !pkt->rtcp) {
		marked = ksrtp_cryptex_marked(pkt->data);
		if (!marked && key->cryptex == KSRTP_CRYPTEX_REQUIRE &&
		    pkt->data[0] & 0x1f)
			return KSRTP_DROP_CRYPTEX;
	}
	if (unlikely(marked)) {
		l->cryptex = true;
		l->clear = KSRTP_CRYPTEX_CLEAR;
		l->csrc = 4 * (pkt->data[0] & 0x0f);
	}
	return wrong_mki(key, pkt, l);
}

/**
 * ksrtp_unprotect() - verify and decrypt one packet under a key and an index
 * @key: key
 * @pkt: the packet; on success it is plain, and shorter
 * @l: what ksrtp_find() said
 * @index: packet index, or SRTCP index
 * @flags: as of ksrtp_open()
 *
 * Context: BH off. Nothing is allocated.
 * Return: KSRTP_PASS; KSRTP_DROP_AUTH, after which the packet is as it was if
 * KSRTP_OPEN_KEEP was asked for; KSRTP_DROP_CRYPTO.
 */
enum ksrtp_drop ksrtp_unprotect(const struct ksrtp_key *key,
				struct ksrtp_pkt *pkt,
				const struct ksrtp_layout *l, u64 index,
				unsigned int flags)
{
	const struct ksrtp_transform *t = pkt->rtcp ? &key->rtcp : &key->rtp;
	int err;

	if (unlikely(key->companion))
		err = inner_open(key, pkt, l, index, flags & KSRTP_OPEN_KEEP);
	else
		err = ksrtp_open(t, pkt->data, l, pkt->h.ssrc, index, flags);
	if (unlikely(err))
		return err == -EBADMSG ? KSRTP_DROP_AUTH : KSRTP_DROP_CRYPTO;
	if (unlikely(key->enc_ext) && !pkt->rtcp &&
	    ext_crypt(key, pkt->data, pkt->h.ssrc, index))
		return KSRTP_DROP_CRYPTO;
	if (unlikely(l->cryptex))
		ksrtp_cryptex_unmark(pkt->data);
	/* Of a changed header the marker alone is not the outer one's to say. */
	if (unlikely(key->companion) && pkt->ohb.has_marker)
		pkt->data[1] = (pkt->data[1] & 0x7f) |
			       (pkt->ohb.marker ? 0x80 : 0);
	pkt->index = index;
	pkt->key = key->serial;
	pkt->len = l->end;
	return KSRTP_PASS;
}
