// SPDX-License-Identifier: GPL-2.0
/*
 * Indices: which key of a stream a packet goes under, the index it takes, and
 * the one it came with, which is taken only after it was authenticated.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "ksrtp.h"
#include "stream.h"

/*
 * An endpoint's first packet gets this extended index, not its sequence number
 * alone: a packet that was overtaken by the first may then lie before it.
 */
#define EXT_START	BIT_ULL(32)

/* --- which of several tx keys --------------------------------------------- */

/* Beyond a from-seq by this much no packet before it is expected any more. */
#define FROM_SEQ_DONE	0x4000

/* The extended index next to @ext that has @seq; 2^15 away it is before it. */
static u64 ext_near(u64 ext, u16 seq)
{
	return ext + (s16)(seq - (u16)ext);
}

/*
 * Is it the turn of a context whose key is used from a sequence number on? Both
 * numbers are looked at as they lie around the highest one sent. RTCP, which
 * has none, goes where RTP has gone.
 */
static bool ctx_is_due(const struct ksrtp_stream *stream,
		       const struct ksrtp_ctx *ctx, const struct ksrtp_pkt *pkt)
{
	u16 from, highest;

	if (likely(!READ_ONCE(ctx->waits)))
		return true;
	from = ctx->key->from_seq;
	/* Pairs with the release in ksrtp_stream_take(). */
	if (!smp_load_acquire(&stream->started))
		return pkt && !pkt->rtcp && (s16)(pkt->h.seq - from) >= 0;
	highest = (u16)READ_ONCE(stream->ext);
	if (!pkt || pkt->rtcp)
		return (s16)(highest - from) >= 0;
	return (s16)(pkt->h.seq - highest) >= (s16)(from - highest);
}

/**
 * ksrtp_stream_tx_ctx() - the context a packet is to be protected under
 * @stream: tx stream
 * @layer: enum ksrtp_layer
 * @pkt: the packet; NULL for what the next one in order would get
 *
 * The newest whose key's from-seq, if it has one, the packet has reached; where
 * there is none, the oldest.
 *
 * Context: RCU read side, or ksrtp_peer.lock held.
 * Return: the context, or NULL if there is no key.
 */
struct ksrtp_ctx *ksrtp_stream_tx_ctx(struct ksrtp_stream *stream, u8 layer,
				      const struct ksrtp_pkt *pkt)
{
	struct ksrtp_ctx *ctx = ksrtp_ctx_first(stream, layer), *older;
	const spinlock_t *lock = &stream->id.peer->lock;

	while (ctx && unlikely(!ctx_is_due(stream, ctx, pkt))) {
		older = rcu_dereference_check(ctx->next, lockdep_is_held(lock));
		if (!older)
			break;
		ctx = older;
	}
	return ctx;
}

/**
 * ksrtp_stream_ctx() - the context of a stream for a key
 * @stream: stream
 * @layer: enum ksrtp_layer
 * @key: key; NULL has none
 *
 * Context: RCU read side, or ksrtp_peer.lock held.
 */
struct ksrtp_ctx *ksrtp_stream_ctx(struct ksrtp_stream *stream, u8 layer,
				   const struct ksrtp_key *key)
{
	const spinlock_t *lock = &stream->id.peer->lock;
	struct ksrtp_ctx *ctx;

	if (!key)
		return NULL;
	ctx = rcu_dereference_check(stream->ctx[layer], lockdep_is_held(lock));
	while (ctx && ctx->key != key)
		ctx = rcu_dereference_check(ctx->next, lockdep_is_held(lock));
	return ctx;
}

/**
 * ksrtp_stream_e2e_ctx() - the context a packet's E2E layer is put on under
 * @stream: tx stream
 * @hbh: context its HBH layer will be put on under
 * @pkt: the packet
 *
 * Context: RCU read side.
 * Return: of a DOUBLE suite that of its inner layer, else that of an E2E key;
 * NULL if there is none.
 */
struct ksrtp_ctx *ksrtp_stream_e2e_ctx(struct ksrtp_stream *stream,
				       struct ksrtp_ctx *hbh,
				       const struct ksrtp_pkt *pkt)
{
	struct ksrtp_ctx *ctx;

	if (hbh->key->is_double)
		return ksrtp_stream_ctx(stream, KSRTP_LAYER_E2E,
					READ_ONCE(hbh->key->inner));
	ctx = ksrtp_stream_tx_ctx(stream, KSRTP_LAYER_E2E, pkt);
	return ctx && !ctx->key->companion ? ctx : NULL;
}

/* The switch to a key is final once RTP is well beyond its from-seq. */
static void ctx_stop_waiting(const struct ksrtp_stream *stream,
			     struct ksrtp_ctx *ctx, u64 ext)
{
	u64 from = ext_near(stream->started ? stream->ext : ext,
			    ctx->key->from_seq);

	lockdep_assert_held(&stream->lock);

	if ((s64)(ext - from) >= FROM_SEQ_DONE)
		WRITE_ONCE(ctx->waits, false);
}

/* --- indices: received, and used ------------------------------------------ */

/*
 * A packet went under @ctx: newer keys that were used for none so far and go
 * on where the older one is go along. One that was used stands between.
 */
static void ctx_lead(struct ksrtp_stream *stream, u8 layer,
		     const struct ksrtp_ctx *ctx, bool rtcp)
{
	struct ksrtp_ctx *first = NULL, *at;

	lockdep_assert_held(&stream->lock);

	for (at = rcu_dereference(stream->ctx[layer]); at && at != ctx;
	     at = rcu_dereference(at->next)) {
		if (!(rtcp ? ksrtp_ctx_follows_rtcp(at) : at->follows))
			first = NULL;
		else if (!first)
			first = at;
	}
	for (at = first; at && at != ctx; at = rcu_dereference(at->next)) {
		if (rtcp)
			at->srtcp_next = ctx->srtcp_next;
		else
			ksrtp_ctx_follow_rtp(at, ctx);
	}
}

static enum ksrtp_drop window_verdict(int err, enum ksrtp_drop seen)
{
	switch (err) {
	case 0:
		return KSRTP_PASS;
	case -EEXIST:
		return seen;
	default:
		return KSRTP_DROP_TOO_OLD;
	}
}

/*
 * The first and the last warning of a key, each once a stream, and once more
 * where the limit was changed. Return: a bit for each event to send. @last says
 * that there is no index after this one.
 */
static u32 ctx_limit_events(struct ksrtp_ctx *ctx, u64 packets, bool last)
{
	u64 soft = READ_ONCE(ctx->key->soft), hard = READ_ONCE(ctx->key->hard);
	u32 events = 0;

	if (packets >= soft && ctx->soft_told != soft) {
		ctx->soft_told = soft;
		events |= BIT(KSRTP_EVENT_SOFT_LIMIT);
	}
	if ((packets >= hard || last) && ctx->hard_told != hard) {
		ctx->hard_told = hard;
		events |= BIT(KSRTP_EVENT_HARD_LIMIT);
	}
	return events;
}

/* One more packet of a stream; bytes as they are on the wire. */
static u32 stream_count(struct ksrtp_stream *stream, struct ksrtp_ctx *ctx,
			u8 layer, bool rtcp, u64 index, u32 bytes)
{
	lockdep_assert_held(&stream->lock);

	WRITE_ONCE(stream->last, jiffies);
	if (unlikely(READ_ONCE(stream->idle)))	/* set without our lock */
		WRITE_ONCE(stream->idle, false);
	if (rtcp) {
		stream->rtcp_packets++;
		stream->rtcp_bytes += bytes;
		WRITE_ONCE(ctx->rtcp_packets, ctx->rtcp_packets + 1);
		return ctx_limit_events(ctx, ctx->rtcp_packets,
					index == KSRTP_SRTCP_INDEX_MAX);
	}
	stream->packets[layer]++;
	stream->bytes[layer] += bytes;
	WRITE_ONCE(ctx->packets, ctx->packets + 1);
	return ctx_limit_events(ctx, ctx->packets, index == KSRTP_INDEX_MAX);
}

static void stream_tell_limits(struct ksrtp_stream *stream, u8 layer,
			       u32 events)
{
	static const u8 in_order[] = {
		KSRTP_EVENT_SOFT_LIMIT, KSRTP_EVENT_HARD_LIMIT,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(in_order); i++)
		if (events & BIT(in_order[i]))
			ksrtp_event_stream(stream, layer, in_order[i]);
}

/* The SSRC's first SRTCP packet makes the window of SRTCP indices. */
static int ctx_make_rtcp_window(struct ksrtp_stream *stream,
				struct ksrtp_ctx *ctx)
{
	struct mem_cgroup *memcg;
	struct ksrtp_window *w;

	lockdep_assert_held(&stream->lock);

	if (likely(rcu_access_pointer(ctx->rtcp)))
		return 0;
	memcg = ksrtp_charge(stream->id.peer);
	w = ksrtp_ctx_rtcp_window(ctx->key, false);
	ksrtp_uncharge(memcg);
	if (!w)
		return -ENOMEM;
	rcu_assign_pointer(ctx->rtcp, w);
	return 0;
}

/**
 * ksrtp_stream_commit() - an authenticated packet's index is taken
 * @stream: rx stream
 * @layer: enum ksrtp_layer
 * @key: key that opened the packet
 * @rtcp: RTCP
 * @index: packet index or SRTCP index
 * @len: bytes of the packet on the wire, from the header
 *
 * RFC 3711 section 3.3.2, the update after authentication. Two CPUs may have
 * opened the same packet; one of them is told it is replayed.
 *
 * Context: BH off, RCU read side.
 * Return: KSRTP_PASS or the reason to drop the packet.
 */
enum ksrtp_drop ksrtp_stream_commit(struct ksrtp_stream *stream, u8 layer,
				    struct ksrtp_key *key, bool rtcp, u64 index,
				    u32 len)
{
	enum ksrtp_drop drop = KSRTP_DROP_NO_KEY;
	struct ksrtp_window *w;
	struct ksrtp_ctx *ctx;
	u32 events = 0;

	spin_lock(&stream->lock);
	ctx = ksrtp_stream_ctx(stream, layer, key);
	if (stream->dead || !ctx || ctx->stale)
		goto unlock;
	if (rtcp && ctx_make_rtcp_window(stream, ctx)) {
		drop = KSRTP_DROP_NO_MEMORY;
		goto unlock;
	}
	/* Looked at before, but without the lock. */
	if ((rtcp ? ctx->rtcp_packets : ctx->packets) >=
	    READ_ONCE(key->hard)) {
		drop = KSRTP_DROP_KEY_EXPIRED;
		goto unlock;
	}
	w = rtcp ? ksrtp_ctx_rtcp(stream, ctx) : &ctx->rtp;
	drop = window_verdict(ksrtp_window_commit(w, index),
			      KSRTP_DROP_REPLAYED);
	if (drop)
		goto unlock;
	if (!rtcp) {
		ctx->follows = false;
		ctx_lead(stream, layer, ctx, false);
	}
	events = stream_count(stream, ctx, layer, rtcp, index, len);
unlock:
	spin_unlock(&stream->lock);
	if (!drop)
		ksrtp_stream_keep_order(stream);
	if (unlikely(events))
		stream_tell_limits(stream, layer, events);
	return drop;
}

/*
 * Whose turn is it to write the SSRC? The first to come takes it, unless the
 * configuration names another; it keeps it as long as it exists.
 */
static enum ksrtp_drop stream_claim(struct ksrtp_stream *stream,
				    const struct ksrtp_out *source)
{
	const struct ksrtp_out *claim;

	if (stream->source)
		return KSRTP_DROP_SSRC_BUSY;
	/* The output was deleted while this packet was on its way. */
	if (source != KSRTP_SOURCE_APP && READ_ONCE(source->dead))
		return KSRTP_DROP_NO_ROUTE;
	claim = ksrtp_route_claim(stream->id.peer, stream->id.ssrc);
	return claim && claim != source ? KSRTP_DROP_SSRC_BUSY : KSRTP_PASS;
}

/*
 * The extended index of a packet, in the source's own count.
 *
 * A route's output follows the index of its input, whose order is known; the
 * application's is estimated against the highest it sent (RFC 3711 section
 * 3.3.1). Where another source, or another key of the same one, takes over,
 * its count is joined to the old one at the place a receiver will guess.
 */
static enum ksrtp_drop stream_extend(struct ksrtp_stream *stream,
				     const struct ksrtp_out *source,
				     const struct ksrtp_pkt *pkt, u64 *ext,
				     s64 *bias)
{
	u64 guess;

	*bias = stream->bias;
	if (source == KSRTP_SOURCE_APP) {
		if (!stream->started)
			*ext = EXT_START | pkt->h.seq;
		else if (ksrtp_index_estimate(stream->ext, pkt->h.seq, ext))
			return ksrtp_index_outside(stream->ext);
		return KSRTP_PASS;
	}
	if (!stream->started) {
		*bias = EXT_START;
	} else if (stream->source != source || stream->source_key != pkt->key) {
		if (ksrtp_index_estimate(stream->ext, pkt->h.seq, &guess))
			return ksrtp_index_outside(stream->ext);
		*bias = guess - pkt->index;
	}
	*ext = pkt->index + *bias;
	return (s64)*ext < 0 ? KSRTP_DROP_TOO_OLD : KSRTP_PASS;
}

static enum ksrtp_drop ctx_index(struct ksrtp_ctx *ctx, u64 ext, u64 *index)
{
	s64 shift = ctx->shift;
	s64 i;

	/*
	 * The first packet under a key, or the one its from-seq names, is sent
	 * in the ROC given with the key.
	 */
	if (!ctx->shifted) {
		u64 first = ctx->waits && !ctx->follows ?
			    ext_near(ext, ctx->key->from_seq) : ext;

		shift = (s64)(ctx->rtp.highest & ~0xffffull) -
			(s64)(first & ~0xffffull);
	}
	i = (s64)ext + shift;
	if (i < 0)
		return KSRTP_DROP_TOO_OLD;
	if (i > (s64)KSRTP_INDEX_MAX)
		return KSRTP_DROP_INDEX_LIMIT;
	if (ctx->packets >= READ_ONCE(ctx->key->hard))
		return KSRTP_DROP_KEY_EXPIRED;
	*index = i;
	return window_verdict(ksrtp_window_check(&ctx->rtp, i),
			      KSRTP_DROP_INDEX_REUSED);
}

static u32 ctx_use(struct ksrtp_stream *stream, struct ksrtp_ctx *ctx, u8 layer,
		   u64 ext, u64 index, u32 len)
{
	if (!ctx->shifted) {
		ctx->shift = (s64)index - (s64)ext;
		ctx->shifted = true;
	}
	/* It was fresh a moment ago, under the same lock. */
	WARN_ON_ONCE(ksrtp_window_commit(&ctx->rtp, index));
	ctx->follows = false;
	ctx_lead(stream, layer, ctx, false);
	if (unlikely(ctx->waits))
		ctx_stop_waiting(stream, ctx, ext);
	return stream_count(stream, ctx, layer, false, index, len);
}

/**
 * ksrtp_stream_take() - take the index of one RTP packet to be sent, for good
 * @stream: tx stream
 * @source: output that sends it, or KSRTP_SOURCE_APP
 * @pkt: the packet; of a route's, with the index it was received under
 * @wire: bytes it will have with each layer, for the counters
 * @ctx: contexts it is to be protected under, one a layer; E2E's may be NULL
 * @index: the index under each
 *
 * No index is ever given twice under a key: RFC 3711 section 9.1. That @ctx may
 * be older than the newest key by now does no harm; one whose key was deleted
 * is refused.
 *
 * Context: BH off, RCU read side.
 * Return: KSRTP_PASS or the reason to refuse the packet; nothing is taken then.
 */
enum ksrtp_drop ksrtp_stream_take(struct ksrtp_stream *stream,
				  const struct ksrtp_out *source,
				  const struct ksrtp_pkt *pkt, const u32 *wire,
				  struct ksrtp_ctx **ctx, u64 *index)
{
	u32 events[KSRTP_LAYERS] = {};
	enum ksrtp_drop drop = KSRTP_PASS;
	s64 bias;
	u64 ext;
	int l;

	spin_lock(&stream->lock);
	for (l = 0; l < KSRTP_LAYERS; l++)
		if (ctx[l] && ctx[l]->stale)
			drop = KSRTP_DROP_NO_KEY;
	if (!drop && stream->source != source)
		drop = stream_claim(stream, source);
	if (!drop)
		drop = stream_extend(stream, source, pkt, &ext, &bias);
	for (l = 0; !drop && l < KSRTP_LAYERS; l++)
		if (ctx[l])
			drop = ctx_index(ctx[l], ext, &index[l]);
	if (unlikely(drop))
		goto unlock;

	stream->source = source;
	stream->source_key = pkt->key;
	stream->bias = bias;
	for (l = KSRTP_LAYERS - 1; l >= 0; l--) {	/* inner layer first */
		if (!ctx[l])
			continue;
		events[l] = ctx_use(stream, ctx[l], l, ext, index[l], wire[l]);
	}
	if (!stream->started || ext > stream->ext)
		WRITE_ONCE(stream->ext, ext);
	smp_store_release(&stream->started, true);	/* @ext is one now */
unlock:
	spin_unlock(&stream->lock);
	for (l = 0; l < KSRTP_LAYERS; l++)
		if (unlikely(events[l]))
			stream_tell_limits(stream, l, events[l]);
	return drop;
}

/**
 * ksrtp_stream_take_rtcp() - take the next SRTCP index, for good
 * @stream: tx stream
 * @ctx: context the packet is to be protected under
 * @wire: bytes it will have, for the counters
 * @index: the SRTCP index, 31 bits
 *
 * Context: BH off, RCU read side.
 * Return: KSRTP_PASS or the reason to refuse the packet.
 */
enum ksrtp_drop ksrtp_stream_take_rtcp(struct ksrtp_stream *stream,
				       struct ksrtp_ctx *ctx, u32 wire,
				       u64 *index)
{
	enum ksrtp_drop drop = KSRTP_PASS;
	u32 events = 0;

	spin_lock(&stream->lock);
	if (ctx->stale) {
		drop = KSRTP_DROP_NO_KEY;
	} else if (ctx->srtcp_next > KSRTP_SRTCP_INDEX_MAX) {
		drop = KSRTP_DROP_INDEX_LIMIT;
	} else if (ctx->rtcp_packets >= READ_ONCE(ctx->key->hard)) {
		drop = KSRTP_DROP_KEY_EXPIRED;
	} else {
		*index = ctx->srtcp_next++;
		ctx_lead(stream, KSRTP_LAYER_HBH, ctx, true);
		events = stream_count(stream, ctx, KSRTP_LAYER_HBH, true, *index,
				      wire);
	}
	spin_unlock(&stream->lock);
	if (unlikely(events))
		stream_tell_limits(stream, KSRTP_LAYER_HBH, events);
	return drop;
}

/**
 * ksrtp_stream_release() - give back the index of a packet that never left
 * @stream: tx stream
 * @layer: enum ksrtp_layer
 * @key: serial of the key it was taken under
 * @index: packet index
 * @len: bytes that were counted
 *
 * Context: BH off, RCU read side.
 */
void ksrtp_stream_release(struct ksrtp_stream *stream, u8 layer, u64 key,
			  u64 index, u32 len)
{
	struct ksrtp_ctx *ctx;

	spin_lock(&stream->lock);
	for (ctx = rcu_dereference(stream->ctx[layer]);
	     ctx && ctx->key->serial != key; ctx = rcu_dereference(ctx->next))
		;
	if (ctx && !ctx->stale) {
		ksrtp_window_release(&ctx->rtp, index);
		WRITE_ONCE(ctx->packets, ctx->packets - 1);
		stream->packets[layer]--;
		stream->bytes[layer] -= len;
	}
	spin_unlock(&stream->lock);
}
