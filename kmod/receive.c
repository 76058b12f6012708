// SPDX-License-Identifier: GPL-2.0
/*
 * The way in. Read from the bottom: the stack calls ksrtp_receive(), and each
 * step calls the one above it, up to delivery. None calls back.
 *
 *	demux -> peer -> length -> key -> index -> window -> tag -> decrypt
 *	-> commit -> routed? relay : E2E the same again -> deliver
 *
 * Every function that is given an skb leaves it with its caller and returns
 * why the packet is to be dropped; ksrtp_receive() alone frees it.
 */
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "ksrtp.h"
#include "trace.h"

/* What encap_rcv answers: the skb is ours and gone, or the socket's. */
#define TAKEN		0
#define DELIVER		1

/* Of what several keys say of a packet, the one that helps an operator most. */
static enum ksrtp_drop worse(enum ksrtp_drop a, enum ksrtp_drop b)
{
	static const u8 rank[KSRTP_DROP_COUNT] = {
		[KSRTP_DROP_NO_KEY] = 0,
		[KSRTP_DROP_MALFORMED] = 1,
		[KSRTP_DROP_UNKNOWN_MKI] = 2,
		[KSRTP_DROP_PLAIN_RTCP] = 3,
		[KSRTP_DROP_CRYPTEX] = 3,
		[KSRTP_DROP_AUTH] = 4,
		[KSRTP_DROP_KEY_EXPIRED] = 5,
		[KSRTP_DROP_INDEX_LIMIT] = 5,
		[KSRTP_DROP_TOO_OLD] = 6,
		[KSRTP_DROP_REPLAYED] = 7,
		[KSRTP_DROP_CRYPTO] = 8,
	};

	return rank[b] > rank[a] ? b : a;
}

static enum ksrtp_drop window_verdict(int err)
{
	if (likely(!err))
		return KSRTP_PASS;
	return err == -EEXIST ? KSRTP_DROP_REPLAYED : KSRTP_DROP_TOO_OLD;
}

/*
 * The packet indices an RTP packet may have: RFC 3711's estimate, or before
 * the first authenticated packet the ROC given with the key, and the one after
 * it where a first packet lost at a wrap may be found out by its tag.
 */
static int index_guesses(const struct ksrtp_key *key,
			 const struct ksrtp_ctx *ctx, u16 seq, bool may_guess,
			 u64 *guess)
{
	u64 highest;

	if (ctx && READ_ONCE(ctx->rtp.started))
		return ksrtp_index_estimate(READ_ONCE(ctx->rtp.highest), seq,
					    guess) ? 0 : 1;
	highest = ctx ? READ_ONCE(ctx->rtp.highest) : (u64)key->roc << 16;
	guess[0] = (highest & ~0xffffull) | seq;
	guess[1] = guess[0] + 0x10000;
	return may_guess && guess[1] <= KSRTP_INDEX_MAX ? 2 : 1;
}

/* How a key is tried on a packet */
#define TRY_GUESS	1	/* its first packet may be in the next ROC */
#define TRY_KEEP	2	/* another key may be tried after it */

/*
 * The index in a packet that carries its ROC (RFC 4771) needs no guess. It is
 * believed once the tag says so, which is over it, or whose nonce it is in.
 */
static int carried_index(const struct ksrtp_pkt *pkt,
			 const struct ksrtp_layout *l, u64 *guess, int n,
			 bool *resync)
{
	u64 index = (u64)get_unaligned_be32(pkt->data + l->roc) << 16 | pkt->seq;

	*resync = !n || guess[0] != index;
	guess[0] = index;
	return 1;
}

/* Try one key on an RTP packet. On KSRTP_PASS it is plain, and shorter. */
static enum ksrtp_drop try_rtp(const struct ksrtp_key *key,
			       const struct ksrtp_ctx *ctx,
			       struct ksrtp_pkt *pkt, unsigned int how)
{
	enum ksrtp_drop verdict = KSRTP_PASS, drop;
	struct ksrtp_layout l;
	bool resync = false;
	unsigned int flags;
	u64 guess[2];
	int i, n;

	drop = ksrtp_find(key, pkt, &l);
	if (unlikely(drop))
		return drop;
	if (ctx && unlikely(READ_ONCE(ctx->packets) >= READ_ONCE(key->hard)))
		return KSRTP_DROP_KEY_EXPIRED;

	n = index_guesses(key, ctx, pkt->seq, how & TRY_GUESS, guess);
	if (unlikely(l.roc))
		n = carried_index(pkt, &l, guess, n, &resync);
	if (unlikely(!n))
		return ksrtp_index_outside(READ_ONCE(ctx->rtp.highest));
	for (i = 0; i < n; i++) {
		flags = KSRTP_OPEN_ENCRYPTED;
		if (how & TRY_KEEP || i + 1 < n)
			flags |= KSRTP_OPEN_KEEP;
		drop = ctx ? window_verdict(ksrtp_window_check(&ctx->rtp,
							       guess[i])) :
			     KSRTP_PASS;
		if (!drop)
			drop = ksrtp_unprotect(key, pkt, &l, guess[i], flags);
		if (likely(!drop)) {
			pkt->resync = resync || i;
			return KSRTP_PASS;
		}
		verdict = i ? worse(verdict, drop) : drop;
	}
	return verdict;
}

/* The same for RTCP, which says its index itself. */
static enum ksrtp_drop try_rtcp(const struct ksrtp_key *key,
				const struct ksrtp_ctx *ctx,
				struct ksrtp_pkt *pkt, unsigned int how)
{
	const struct ksrtp_window *w;
	struct ksrtp_layout l;
	enum ksrtp_drop drop;
	unsigned int flags;
	u32 word;

	drop = ksrtp_find(key, pkt, &l);
	if (unlikely(drop))
		return drop;
	if (ctx && unlikely(READ_ONCE(ctx->rtcp_packets) >=
			    READ_ONCE(key->hard)))
		return KSRTP_DROP_KEY_EXPIRED;
	word = get_unaligned_be32(pkt->data + l.index);
	flags = word & KSRTP_SRTCP_E ? KSRTP_OPEN_ENCRYPTED : 0;
	word &= ~KSRTP_SRTCP_E;
	if (!flags && !key->allow_plain_rtcp)
		return KSRTP_DROP_PLAIN_RTCP;
	if (how & TRY_KEEP)
		flags |= KSRTP_OPEN_KEEP;
	w = ctx ? rcu_dereference(ctx->rtcp) : NULL;
	if (w) {
		drop = window_verdict(ksrtp_window_check(w, word));
		if (drop)
			return drop;
	} else if (key->has_srtcp_index && word < key->srtcp_index) {
		return KSRTP_DROP_TOO_OLD;
	}
	return ksrtp_unprotect(key, pkt, &l, word, flags);
}

static enum ksrtp_drop try_key(struct ksrtp_key *key,
			       const struct ksrtp_ctx *ctx,
			       struct ksrtp_pkt *pkt, unsigned int how)
{
	return pkt->rtcp ? try_rtcp(key, ctx, pkt, how) :
			   try_rtp(key, ctx, pkt, how);
}

/* Is the packet to be kept for @more? By MKI at most one key takes it. */
static unsigned int keep_for(const struct ksrtp_key *key, const void *more)
{
	return more && !key->mki_len ? TRY_KEEP : 0;
}

/* Open a packet of a known SSRC with the keys the stream has, newest first. */
static enum ksrtp_drop open_known(struct ksrtp_stream *stream, u8 layer,
				  struct ksrtp_pkt *pkt, unsigned int how,
				  struct ksrtp_key **key)
{
	enum ksrtp_drop verdict = KSRTP_DROP_NO_KEY, drop;
	struct ksrtp_ctx *ctx, *next;

	if (READ_ONCE(stream->tomb))
		how &= ~TRY_GUESS;
	for (ctx = ksrtp_ctx_first(stream, layer); ctx; ctx = next) {
		next = ksrtp_ctx_next(stream, ctx);
		drop = try_key(ctx->key, ctx, pkt,
			       how | keep_for(ctx->key, next));
		if (likely(!drop)) {
			*key = ctx->key;
			return KSRTP_PASS;
		}
		verdict = worse(verdict, drop);
	}
	return verdict;
}

/* Open a packet of a new SSRC; nothing is remembered of it if that fails. */
static enum ksrtp_drop open_new(struct ksrtp_peer *peer, struct ksrtp_pkt *pkt,
				struct ksrtp_key **keyp)
{
	enum ksrtp_drop verdict = KSRTP_DROP_NO_KEY, drop;
	struct ksrtp_key *key, *next;

	for (key = ksrtp_key_for(peer, KSRTP_DIR_RX, KSRTP_LAYER_HBH,
				 pkt->h.ssrc);
	     key; key = next) {
		next = ksrtp_key_next(key);
		drop = try_key(key, NULL, pkt, TRY_GUESS | keep_for(key, next));
		if (likely(!drop)) {
			*keyp = key;
			return KSRTP_PASS;
		}
		verdict = worse(verdict, drop);
	}
	return verdict;
}

/* Take the index of an authentic packet, and say so if it was not expected. */
static enum ksrtp_drop receive_index(struct ksrtp_stream *stream, u8 layer,
				     struct ksrtp_key *key,
				     const struct ksrtp_pkt *pkt, u32 wire)
{
	enum ksrtp_drop drop;

	drop = ksrtp_stream_commit(stream, layer, key, pkt->rtcp, pkt->index,
				   wire);
	if (unlikely(pkt->resync) && !drop)
		ksrtp_event_resync(stream, layer, pkt->index >> 16);
	return drop;
}

/* The inner layer of a DOUBLE packet: one key alone goes with the outer one. */
static enum ksrtp_drop open_inner(struct ksrtp_stream *stream,
				  struct ksrtp_pkt *pkt, struct ksrtp_key **key)
{
	struct ksrtp_ctx *ctx = ksrtp_stream_ctx(stream, KSRTP_LAYER_E2E,
						 READ_ONCE(pkt->hbh->inner));

	if (!ctx)
		return KSRTP_DROP_E2E_NO_KEY;
	*key = ctx->key;
	return try_rtp(ctx->key, ctx, pkt, TRY_GUESS);
}

/*
 * The E2E layer of a packet for the application, inside an authentic HBH one.
 * Without a verified MI tag nothing tells a wrong ROC from a right one, so
 * none is guessed.
 */
static enum ksrtp_drop receive_e2e(struct ksrtp_stream *stream,
				   struct ksrtp_pkt *pkt)
{
	struct ksrtp_ctx *ctx = ksrtp_ctx_first(stream, KSRTP_LAYER_E2E);
	struct ksrtp_peer *peer = stream->id.peer;
	enum ksrtp_drop drop;
	struct ksrtp_key *key;
	u32 wire = pkt->len;

	if (unlikely(pkt->hbh->is_double)) {
		drop = open_inner(stream, pkt, &key);
	} else if (ctx && !ctx->key->companion) {
		drop = open_known(stream, KSRTP_LAYER_E2E, pkt,
				  ctx->key->mi != KSRTP_MI_NONE &&
				  ctx->key->mi_verify ? TRY_GUESS : 0, &key);
	} else {
		return READ_ONCE(peer->had_e2e[KSRTP_DIR_RX]) ?
		       KSRTP_DROP_E2E_NO_KEY : KSRTP_PASS;
	}
	if (drop)
		return drop == KSRTP_DROP_AUTH ? KSRTP_DROP_E2E_AUTH : drop;
	return receive_index(stream, KSRTP_LAYER_E2E, key, pkt, wire);
}

/* What an authentic packet of the HBH layer does, whichever way it was found. */
static enum ksrtp_drop receive_commit(struct ksrtp_stream *stream,
				      struct ksrtp_key *key,
				      struct ksrtp_pkt *pkt, u32 wire)
{
	struct ksrtp_peer *peer = stream->id.peer;
	enum ksrtp_drop drop;

	if (unlikely(READ_ONCE(stream->own)))
		return KSRTP_DROP_OWN_PACKET;
	pkt->hbh = key;
	drop = receive_index(stream, KSRTP_LAYER_HBH, key, pkt, wire);
	if (drop)
		return drop;
	ksrtp_stat_packet(peer->kn, false, pkt->rtcp, wire);
	trace_ksrtp_receive(peer, pkt, pkt->index);
	return KSRTP_PASS;
}

/*
 * A packet from an address that is no peer's: does a peer that may roam have
 * its SSRC? Only RTP above the highest index moves it. As long as this returns
 * KSRTP_DROP_UNMATCHED the packet is untouched, and one of nobody.
 */
static enum ksrtp_drop receive_roamed(struct ksrtp_sock *ks,
				      const struct ksrtp_addr *from,
				      struct ksrtp_pkt *pkt,
				      struct ksrtp_stream **streamp)
{
	struct ksrtp_stream *stream;
	enum ksrtp_drop drop;
	struct ksrtp_ctx *ctx;
	u32 wire = pkt->len;
	u64 index;

	stream = ksrtp_stream_roaming(ks, pkt->h.ssrc);
	if (!stream)
		return KSRTP_DROP_UNMATCHED;
	for (ctx = ksrtp_ctx_first(stream, KSRTP_LAYER_HBH); ctx;
	     ctx = ksrtp_ctx_next(stream, ctx)) {
		u64 highest = READ_ONCE(ctx->rtp.highest);

		if (READ_ONCE(ctx->rtp.started) &&
		    !ksrtp_index_estimate(highest, pkt->h.seq, &index) &&
		    index > highest && !try_rtp(ctx->key, ctx, pkt, TRY_KEEP))
			break;
	}
	if (!ctx)
		return KSRTP_DROP_UNMATCHED;

	*streamp = stream;
	drop = receive_commit(stream, ctx->key, pkt, wire);
	if (drop)
		return drop;
	if (ksrtp_peer_move(stream->id.peer, from, GFP_ATOMIC))
		return KSRTP_DROP_NO_MEMORY;
	ksrtp_event(ks->kn, &(struct ksrtp_notice) {
		.event = KSRTP_EVENT_PEER_MOVED,
		.sock = ks->id,
		.peer = stream->id.peer->id,
		.has_stream = true,
		.dir = KSRTP_DIR_RX,
		.ssrc = pkt->h.ssrc,
		.addr = from,
	});
	return KSRTP_PASS;
}

/**
 * receive_hbh() - authenticate, decrypt and commit
 * @peer: whose packet it is
 * @pkt: the packet; plain afterwards
 * @streamp: its stream, if there is one, whether it passed or not
 */
static enum ksrtp_drop receive_hbh(struct ksrtp_peer *peer,
				   struct ksrtp_pkt *pkt,
				   struct ksrtp_stream **streamp)
{
	struct ksrtp_stream *stream;
	enum ksrtp_drop drop;
	struct ksrtp_key *key;
	u32 wire = pkt->len;

	stream = ksrtp_stream_lookup(peer, KSRTP_DIR_RX, pkt->h.ssrc);
	*streamp = stream;
	if (likely(stream))
		drop = open_known(stream, KSRTP_LAYER_HBH, pkt, TRY_GUESS,
				  &key);
	else
		drop = open_new(peer, pkt, &key);
	if (unlikely(drop))
		return drop;

	/* From here the packet is authentic, and may change state. */
	if (unlikely(!stream)) {
		drop = ksrtp_stream_make(peer, KSRTP_DIR_RX, pkt->h.ssrc, NULL,
					 &stream);
		if (drop)
			return drop;
		*streamp = stream;
	} else if (unlikely(READ_ONCE(stream->tomb))) {
		drop = ksrtp_stream_revive(stream);
		if (drop)
			return drop;
	}
	return receive_commit(stream, key, pkt, wire);
}

/* Make the skb what a plain sender would have sent. */
static void skb_set_plain(struct sk_buff *skb, u32 len)
{
	struct udphdr *uh = udp_hdr(skb);

	skb_trim(skb, sizeof(*uh) + len);
	uh->len = htons(sizeof(*uh) + len);
	/* The tag vouched for the bytes; the old checksum was over others. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = 0;
	skb->csum_valid = 1;
}

static void addr_of_sender(const struct sk_buff *skb, struct ksrtp_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->port = udp_hdr(skb)->source;
	if (skb->protocol == htons(ETH_P_IP)) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &addr->ip);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	addr->ip = ipv6_hdr(skb)->saddr;
	if (ipv6_addr_type(&addr->ip) & IPV6_ADDR_LINKLOCAL)
		addr->scope = inet6_iif(skb);
#endif
}

/* The packet's bytes linear and ours alone, and its header checked. */
static enum ksrtp_drop prepare(struct sk_buff *skb, enum ksrtp_class class,
			       struct ksrtp_pkt *pkt)
{
	if (unlikely(skb_linearize_cow(skb)))
		return KSRTP_DROP_NO_MEMORY;
	pkt->data = skb->data + sizeof(struct udphdr);
	pkt->len = skb->len - sizeof(struct udphdr);
	pkt->rtcp = class == KSRTP_CLASS_RTCP;
	return ksrtp_parse(class, pkt->data, pkt->len, &pkt->h) ?
	       KSRTP_DROP_MALFORMED : KSRTP_PASS;
}

/* Where an opened packet goes; on KSRTP_PASS, *@outs or the application. */
static enum ksrtp_drop receive_direct(struct ksrtp_stream *stream,
				      struct ksrtp_pkt *pkt,
				      const struct ksrtp_outs **outs)
{
	struct ksrtp_route *route = rcu_dereference(stream->route);
	struct ksrtp_sock *ks = stream->id.peer->sock;

	if (route && (!pkt->rtcp ||
		      READ_ONCE(route->rtcp) == KSRTP_RTCP_MODE_FORWARD)) {
		*outs = rcu_dereference(route->outs);
		return KSRTP_PASS;
	}
	if (ks->owned)
		return KSRTP_DROP_NO_ROUTE;
	return KSRTP_PASS;
}

/**
 * ksrtp_receive() - a UDP datagram has come for a socket under ksrtp
 * @sk: socket
 * @skb: datagram, its data at the UDP header, one segment, checksum verified
 *
 * The encap_rcv of struct udp_sock.
 *
 * Context: softirq, RCU read side.
 * Return: 0 if the skb is consumed, 1 if the socket is to have it.
 */
int ksrtp_receive(struct sock *sk, struct sk_buff *skb)
{
	struct ksrtp_hook *hook = rcu_dereference_sk_user_data(sk);
	struct ksrtp_stream *stream = NULL;
	const struct ksrtp_outs *outs = NULL;
	struct ksrtp_peer *peer = NULL;
	u8 layer = KSRTP_LAYER_HBH;
	struct ksrtp_pkt pkt = {};
	struct ksrtp_addr from;
	enum ksrtp_class class;
	enum ksrtp_drop drop;
	struct ksrtp_sock *ks;
	u32 len;

	ks = hook ? rcu_dereference(hook->sock) : NULL;
	if (!ks)
		return DELIVER;

	len = skb->len - sizeof(struct udphdr);
	if (!pskb_may_pull(skb, sizeof(struct udphdr) + min(len, 2u))) {
		drop = KSRTP_DROP_NO_MEMORY;
		goto drop;
	}
	class = ksrtp_classify(skb->data + sizeof(struct udphdr), len);
	if (class == KSRTP_CLASS_OTHER) {
		if (ks->owned) {
			drop = KSRTP_DROP_NO_ROUTE;
			goto drop;
		}
		ksrtp_stat_add(ks->kn, other_packets, 1);
		return DELIVER;
	}

	/* The stack cuts aggregates for a socket like ours; see udp_unexpected_gso(). */
	if (unlikely(skb_is_gso(skb))) {
		drop = KSRTP_DROP_MALFORMED;
		goto drop;
	}
	addr_of_sender(skb, &from);
	peer = ksrtp_peer_lookup(ks, &from);
	if (likely(peer)) {
		drop = prepare(skb, class, &pkt);
		if (likely(!drop))
			drop = receive_hbh(peer, &pkt, &stream);
	} else {
		drop = KSRTP_DROP_UNMATCHED;
		if (READ_ONCE(ks->roaming) && class == KSRTP_CLASS_RTP &&
		    !prepare(skb, class, &pkt))
			drop = receive_roamed(ks, &from, &pkt, &stream);
		if (stream)
			peer = stream->id.peer;
	}
	if (unlikely(drop))
		goto drop;
	drop = receive_direct(stream, &pkt, &outs);
	if (unlikely(drop))
		goto drop;
	if (outs) {
		ksrtp_relay(outs, &pkt, skb);
		return TAKEN;
	}

	if (!pkt.rtcp) {
		layer = KSRTP_LAYER_E2E;
		drop = receive_e2e(stream, &pkt);
		if (unlikely(drop))
			goto drop;
	}
	skb_set_plain(skb, pkt.len);
	ksrtp_stat_add(ks->kn, delivered_packets, 1);
	return DELIVER;

drop:
	if (drop == KSRTP_DROP_UNMATCHED && !ks->owned &&
	    READ_ONCE(ks->unmatched) == KSRTP_UNMATCHED_PASS) {
		ksrtp_stat_add(ks->kn, passed_packets, 1);
		return DELIVER;
	}
	ksrtp_count_drop(ks->kn, peer, stream, layer, drop);
	ksrtp_free_skb(skb, drop);
	return TAKEN;
}
