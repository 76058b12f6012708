// SPDX-License-Identifier: GPL-2.0
/*
 * Streams: one SSRC of a peer in one direction, with its index state.
 *
 * A stream is made by an authenticated packet and by nothing else. It goes
 * when the last key it has used goes; an rx stream may be evicted before that
 * and then leaves a tombstone: itself, with windows that remember the highest
 * index alone.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "ksrtp.h"
#include "stream.h"

static const struct rhashtable_params stream_params = {
	.key_len = sizeof(struct ksrtp_stream_id),
	.key_offset = offsetof(struct ksrtp_stream, id),
	.head_offset = offsetof(struct ksrtp_stream, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params roam_params = {
	.key_len = sizeof(struct ksrtp_roam_id),
	.key_offset = offsetof(struct ksrtp_roam, id),
	.head_offset = offsetof(struct ksrtp_roam, node),
	.automatic_shrinking = true,
};

static struct rhashtable streams;
static struct rhltable roams;
static struct kmem_cache *stream_cache;

/* Of so many rx streams the longest idle one gives way. */
#define EVICT_LOOK	64
/* So many are gone through before packets may come in between. */
#define STREAMS_AT_ONCE	256

int ksrtp_stream_module_init(void)
{
	int err;

	stream_cache = KMEM_CACHE(ksrtp_stream, SLAB_ACCOUNT);
	if (!stream_cache)
		return -ENOMEM;
	err = rhashtable_init(&streams, &stream_params);
	if (err)
		goto destroy_cache;
	err = rhltable_init(&roams, &roam_params);
	if (err)
		goto destroy_streams;
	return 0;

destroy_streams:
	rhashtable_destroy(&streams);
destroy_cache:
	kmem_cache_destroy(stream_cache);
	return err;
}

void ksrtp_stream_module_exit(void)
{
	rhltable_destroy(&roams);
	rhashtable_destroy(&streams);
	kmem_cache_destroy(stream_cache);
}

/**
 * ksrtp_stream_lookup() - the stream, or tombstone, of an SSRC
 * @peer: peer
 * @dir: enum ksrtp_dir
 * @ssrc: SSRC, host order
 *
 * Context: RCU read side.
 */
struct ksrtp_stream *ksrtp_stream_lookup(struct ksrtp_peer *peer, u8 dir,
					 u32 ssrc)
{
	struct ksrtp_stream_id id = { .peer = peer, .ssrc = ssrc, .dir = dir };

	return rhashtable_lookup(&streams, &id, stream_params);
}

/* --- contexts: create, copy, link, free ---------------------------------- */

static struct ksrtp_ctx *ctx_after(struct ksrtp_stream *stream,
				   struct ksrtp_ctx *ctx)
{
	return rcu_dereference_protected(ctx->next,
				lockdep_is_held(&stream->id.peer->lock));
}

static struct ksrtp_ctx *ctx_alloc(struct ksrtp_key *key, u32 window)
{
	struct ksrtp_ctx *ctx;

	ctx = kzalloc(offsetof(struct ksrtp_ctx, rtp) +
		      ksrtp_window_bytes(window),
		      GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (ctx)
		ctx->key = key;
	return ctx;
}

/* Only when no packet can have seen it, or after a grace period. */
static void ctx_free(struct ksrtp_ctx *ctx)
{
	kfree(rcu_dereference_protected(ctx->rtcp, ctx->stale));
	kfree(ctx);
}

static void ctx_free_rcu(struct rcu_head *head)
{
	ctx_free(container_of(head, struct ksrtp_ctx, rcu));
}

/**
 * ksrtp_ctx_new() - a context for a key the stream has none for
 * @key: key
 * @tomb: the stream is a tombstone, whose windows have no bits
 *
 * It begins where the key says, as if that were the only one.
 *
 * Context: any, ksrtp_charge() held where a packet asks.
 * Return: a context nobody sees yet, or NULL without memory.
 */
struct ksrtp_ctx *ksrtp_ctx_new(struct ksrtp_key *key, bool tomb)
{
	u32 window = tomb ? 0 : key->window;
	struct ksrtp_ctx *ctx = ctx_alloc(key, window);

	if (!ctx)
		return NULL;
	ksrtp_window_init(&ctx->rtp, window, (u64)key->roc << 16, 0);
	ctx->srtcp_next = key->srtcp_index;
	ctx->follows = key->roc_mode == KSRTP_ROC_MODE_KEEP;
	ctx->waits = key->has_from_seq;
	return ctx;
}

/**
 * ksrtp_ctx_rtcp_window() - a window of SRTCP indices
 * @key: key whose indices they are
 * @tomb: for a tombstone, without bits
 *
 * Context: any, ksrtp_charge() held where a packet asks.
 * Return: the window, or NULL without memory.
 */
struct ksrtp_window *ksrtp_ctx_rtcp_window(const struct ksrtp_key *key,
					   bool tomb)
{
	u32 window = tomb ? 0 : key->window;
	struct ksrtp_window *w;

	w = kzalloc(ksrtp_window_bytes(window),
		    GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (w)
		ksrtp_window_init(w, window, 0, key->has_srtcp_index ?
				  key->srtcp_index : 0);
	return w;
}

/* Does a context with key @a stand before one with key @b? */
static bool key_wins(const struct ksrtp_key *a, const struct ksrtp_key *b)
{
	return a->id.any == b->id.any ? a->serial > b->serial : !a->id.any;
}

/**
 * ksrtp_ctx_link() - a stream gets a context more
 * @stream: stream
 * @layer: enum ksrtp_layer
 * @ctx: from ksrtp_ctx_new()
 *
 * Keys of the SSRC stand before templates, the newest of each kind first.
 *
 * Context: ksrtp_peer.lock held.
 */
void ksrtp_ctx_link(struct ksrtp_stream *stream, u8 layer,
		    struct ksrtp_ctx *ctx)
{
	struct ksrtp_ctx __rcu **at = &stream->ctx[layer];
	const spinlock_t *lock = &stream->id.peer->lock;
	struct ksrtp_ctx *next;

	for (;; at = &next->next) {
		next = rcu_dereference_protected(*at, lockdep_is_held(lock));
		if (!next || key_wins(ctx->key, next->key))
			break;
	}
	RCU_INIT_POINTER(ctx->next, next);
	rcu_assign_pointer(*at, ctx);
}

/* What the key counted under this context is kept by the key. */
static void ctx_retire(struct ksrtp_stream *stream, struct ksrtp_ctx *ctx)
{
	lockdep_assert_held(&stream->lock);

	ctx->stale = true;
	ctx->key->retired += ctx->packets + ctx->rtcp_packets;
	call_rcu(&ctx->rcu, ctx_free_rcu);
}

/* Contexts for @key and the older ones of its id. */
static int ctx_fill_from(struct ksrtp_stream *stream, u8 layer,
			 struct ksrtp_key *key, struct ksrtp_key **oldest)
{
	struct ksrtp_ctx *ctx;

	for (; key; key = ksrtp_key_next(key)) {
		*oldest = key;
		if (ksrtp_stream_ctx(stream, layer, key))
			continue;
		ctx = ksrtp_ctx_new(key, stream->tomb);
		if (!ctx)
			return -ENOMEM;
		ksrtp_ctx_link(stream, layer, ctx);
	}
	return 0;
}

/*
 * Contexts for the keys the SSRC may use now. Where all of its own wait for a
 * sequence number, the templates serve until then.
 */
static int ctx_fill_layer(struct ksrtp_stream *stream, u8 layer)
{
	struct ksrtp_stream_id *id = &stream->id;
	struct ksrtp_key *oldest = NULL;
	int err;

	err = ctx_fill_from(stream, layer,
			    ksrtp_key_for(id->peer, id->dir, layer, id->ssrc),
			    &oldest);
	if (err || !oldest || oldest->id.any || !oldest->has_from_seq)
		return err;
	return ctx_fill_from(stream, layer,
			     ksrtp_key_first(&(struct ksrtp_key_id) {
				.peer = id->peer, .any = true, .dir = id->dir,
				.layer = layer,
			     }), &oldest);
}

/* A copy of one window of another size: it goes on where the old one is. */
static void window_carry(struct ksrtp_window *to, const struct ksrtp_window *from,
			 u32 size)
{
	u64 floor = from->floor;

	if (from->started)
		floor = max(floor, from->highest + 1);
	ksrtp_window_init(to, size, from->highest, floor);
	to->started = from->started;
}

static struct ksrtp_ctx *ctx_resized(struct ksrtp_stream *stream,
				     struct ksrtp_ctx *old, u32 window)
{
	struct ksrtp_ctx *ctx = ctx_alloc(old->key, window);
	struct ksrtp_window *rtcp = ksrtp_ctx_rtcp(stream, old);
	struct ksrtp_window *to;

	if (!ctx)
		return NULL;
	ctx->shift = old->shift;
	ctx->shifted = old->shifted;
	ctx->packets = old->packets;
	ctx->rtcp_packets = old->rtcp_packets;
	ctx->srtcp_next = old->srtcp_next;
	ctx->soft_told = old->soft_told;
	ctx->hard_told = old->hard_told;
	ctx->follows = old->follows;
	ctx->waits = old->waits;
	window_carry(&ctx->rtp, &old->rtp, window);
	if (rtcp) {
		to = kzalloc(ksrtp_window_bytes(window),
			     GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
		if (!to) {
			kfree(ctx);
			return NULL;
		}
		window_carry(to, rtcp, window);
		RCU_INIT_POINTER(ctx->rtcp, to);
	}
	return ctx;
}

/**
 * ksrtp_ctx_free_unseen() - a context no packet could have seen goes again
 * @ctx: from ksrtp_ctx_new()
 */
void ksrtp_ctx_free_unseen(struct ksrtp_ctx *ctx)
{
	ctx->stale = true;
	ctx_free(ctx);
}

/*
 * Replace every context of a stream by a copy without windows, or with them
 * again. All or nothing.
 */
static int stream_resize(struct ksrtp_stream *stream, bool windows)
{
	struct ksrtp_ctx *list[KSRTP_LAYERS] = {}, *ctx, *copy;
	struct ksrtp_ctx **tail;
	int layer;

	lockdep_assert_held(&stream->lock);

	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		tail = &list[layer];
		for (ctx = ksrtp_ctx_first(stream, layer); ctx;
		     ctx = ctx_after(stream, ctx)) {
			copy = ctx_resized(stream, ctx,
					   windows ? ctx->key->window : 0);
			if (!copy)
				goto free;
			*tail = copy;
			tail = (struct ksrtp_ctx **)&copy->next;
		}
	}
	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		ctx = ksrtp_ctx_first(stream, layer);
		rcu_assign_pointer(stream->ctx[layer], list[layer]);
		while (ctx) {
			copy = ctx_after(stream, ctx);
			ctx->stale = true;
			call_rcu(&ctx->rcu, ctx_free_rcu);
			ctx = copy;
		}
	}
	return 0;

free:
	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		while ((ctx = list[layer])) {
			list[layer] = ctx_after(stream, ctx);
			ksrtp_ctx_free_unseen(ctx);
		}
	}
	return -ENOMEM;
}

/* --- streams: create, evict, revive, free -------------------------------- */

static void stream_free_rcu(struct rcu_head *head)
{
	struct ksrtp_stream *stream = container_of(head, struct ksrtp_stream, rcu);

	kfree(stream->drops[KSRTP_LAYER_HBH]);
	kfree(stream->drops[KSRTP_LAYER_E2E]);
	kmem_cache_free(stream_cache, stream);
}

/* It is the one that was touched last. */
static void stream_touch(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;

	lockdep_assert_held(&peer->lock);

	WRITE_ONCE(stream->touched, (u32)jiffies);
	list_move_tail(&stream->list, &peer->live);
}

/**
 * ksrtp_stream_move_behind() - a stream that has packets is the last to go
 * @stream: rx stream
 *
 * Where another holds the lock the next packet does it.
 *
 * Context: BH off, no lock held.
 */
void ksrtp_stream_move_behind(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;

	if (!spin_trylock(&peer->lock))
		return;
	if (!stream->dead && !stream->tomb)
		stream_touch(stream);
	spin_unlock(&peer->lock);
}

/* Count a live stream out again. */
static void stream_expel(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;

	lockdep_assert_held(&peer->lock);

	xa_erase(&peer->streams, stream->serial);
	list_del_init(&stream->list);
	peer->n_streams[stream->id.dir]--;
	atomic_dec(&peer->kn->streams);
}

/**
 * ksrtp_stream_del() - unlink a live stream or a tombstone
 * @stream: stream; packets may see it until a grace period is over
 *
 * Context: ksrtp_peer.lock held.
 */
void ksrtp_stream_del(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;
	struct ksrtp_stream *other;
	struct ksrtp_ctx *ctx, *next;
	int layer;

	lockdep_assert_held(&peer->lock);

	rhashtable_remove_fast(&streams, &stream->node, stream_params);
	ksrtp_stream_unroam(stream);
	other = ksrtp_stream_lookup(peer, !stream->id.dir, stream->id.ssrc);
	if (other)
		WRITE_ONCE(other->own, false);

	spin_lock(&stream->lock);
	stream->dead = true;
	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		ctx = ksrtp_ctx_first(stream, layer);
		RCU_INIT_POINTER(stream->ctx[layer], NULL);
		for (; ctx; ctx = next) {
			next = ctx_after(stream, ctx);
			ctx_retire(stream, ctx);
		}
	}
	spin_unlock(&stream->lock);

	if (stream->tomb) {
		list_del(&stream->list);
		peer->n_tombs--;
	} else {
		stream_expel(stream);
	}
	call_rcu(&stream->rcu, stream_free_rcu);
}

/**
 * ksrtp_stream_entomb() - an rx stream's windows become those of a tombstone
 * @stream: rx stream
 *
 * That is all that may fail; ksrtp_stream_entombed() is the rest of it.
 *
 * Context: ksrtp_peer.lock and ksrtp_stream.lock held.
 * Return: KSRTP_PASS, or why it stays a stream.
 */
enum ksrtp_drop ksrtp_stream_entomb(struct ksrtp_stream *stream)
{
	lockdep_assert_held(&stream->lock);

	if (stream->id.peer->n_tombs >= KSRTP_MAX_TOMBSTONES)
		return KSRTP_DROP_TOO_MANY_STREAMS;
	if (stream_resize(stream, false))
		return KSRTP_DROP_NO_MEMORY;
	WRITE_ONCE(stream->tomb, true);
	return KSRTP_PASS;
}

/**
 * ksrtp_stream_entombed() - a stream whose windows are a tombstone's is one
 * @stream: stream after ksrtp_stream_entomb()
 *
 * Context: ksrtp_peer.lock held.
 */
void ksrtp_stream_entombed(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;

	lockdep_assert_held(&peer->lock);

	stream_expel(stream);
	list_add_tail(&stream->list, &peer->tombs);
	peer->n_tombs++;
	ksrtp_stream_unroam(stream);
	ksrtp_event_stream(stream, KSRTP_LAYER_HBH, KSRTP_EVENT_STREAM_EVICTED);
}

/* An rx stream becomes a tombstone. */
static enum ksrtp_drop stream_bury(struct ksrtp_stream *stream)
{
	enum ksrtp_drop drop;

	spin_lock(&stream->lock);
	drop = ksrtp_stream_entomb(stream);
	spin_unlock(&stream->lock);
	if (!drop)
		ksrtp_stream_entombed(stream);
	return drop;
}

/*
 * Make room for one rx stream: the longest idle one gives way. It is among the
 * first of the list, or was idle for less than a second longer than these. So
 * however many streams a peer may have, a packet looks at a few.
 */
static enum ksrtp_drop stream_evict(struct ksrtp_peer *peer)
{
	struct ksrtp_stream *stream, *victim = NULL;
	u32 n = 0;

	lockdep_assert_held(&peer->lock);

	list_for_each_entry(stream, &peer->live, list) {
		if (!victim || time_before(READ_ONCE(stream->last),
					   READ_ONCE(victim->last)))
			victim = stream;
		if (++n == EVICT_LOOK)
			break;
	}
	return victim ? stream_bury(victim) : KSRTP_DROP_TOO_MANY_STREAMS;
}

/* Count a stream in, and evict another where that is needed and possible. */
static enum ksrtp_drop stream_admit(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;
	u32 dir = stream->id.dir;
	/* peer-set has ksrtp_net.lock alone; either number will do */
	bool full = peer->n_streams[dir] >= READ_ONCE(peer->max_streams);
	unsigned long serial = peer->next_serial;
	enum ksrtp_drop drop;

	lockdep_assert_held(&peer->lock);

	if (full && dir == KSRTP_DIR_TX)
		return KSRTP_DROP_TOO_MANY_STREAMS;
	/* Nobody is evicted for a stream there is no memory for. */
	if (xa_reserve(&peer->streams, serial,
		       GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT))
		return KSRTP_DROP_NO_MEMORY;
	drop = full ? stream_evict(peer) : KSRTP_PASS;
	if (drop) {
		xa_release(&peer->streams, serial);
		return drop;
	}
	stream->serial = serial;
	peer->next_serial++;
	xa_store(&peer->streams, serial, stream, GFP_ATOMIC);	/* reserved */
	if (dir == KSRTP_DIR_RX)
		stream_touch(stream);
	peer->n_streams[dir]++;
	atomic_inc(&peer->kn->streams);
	return KSRTP_PASS;
}

/* Does one of the two streams send what the other receives? */
static bool same_master(struct ksrtp_stream *a, struct ksrtp_stream *b)
{
	struct ksrtp_ctx *x, *y;

	for (x = ksrtp_ctx_first(a, KSRTP_LAYER_HBH); x; x = ctx_after(a, x))
		for (y = ksrtp_ctx_first(b, KSRTP_LAYER_HBH); y; y = ctx_after(b, y))
			if (!memcmp(x->key->fingerprint, y->key->fingerprint,
				    KSRTP_FINGERPRINT_LEN))
				return true;
	return false;
}

/**
 * ksrtp_stream_check_own() - does the peer send us what we send it?
 * @stream: stream whose keys have changed
 *
 * Context: ksrtp_peer.lock held, RCU read side.
 */
void ksrtp_stream_check_own(struct ksrtp_stream *stream)
{
	struct ksrtp_stream *other, *rx;
	bool own;

	other = ksrtp_stream_lookup(stream->id.peer, !stream->id.dir,
				    stream->id.ssrc);
	if (!other)
		return;
	own = same_master(stream, other);
	rx = stream->id.dir == KSRTP_DIR_RX ? stream : other;
	if (rx->own == own)
		return;
	WRITE_ONCE(rx->own, own);
	if (own)
		ksrtp_event_stream(rx, KSRTP_LAYER_HBH,
				   KSRTP_EVENT_SSRC_COLLISION);
}

/*
 * An SSRC that comes in under the key it goes out with is our own packet
 * looped back. Returns false if @stream must not be made: neither for such a
 * packet, nor for a route that would make one of what the peer sends. Where
 * the application takes up an SSRC the peer sends, the application wins; once its
 * stream is there, ksrtp_stream_check_own() says so to the other one.
 */
static bool stream_is_foreign(struct ksrtp_stream *stream,
			      const struct ksrtp_out *source)
{
	struct ksrtp_stream *other;

	other = ksrtp_stream_lookup(stream->id.peer, !stream->id.dir,
				    stream->id.ssrc);
	return source == KSRTP_SOURCE_APP || !other ||
	       !same_master(stream, other);
}

/**
 * ksrtp_stream_make() - make the stream of an SSRC, or find it just made
 * @peer: peer
 * @dir: enum ksrtp_dir
 * @ssrc: SSRC, host order
 * @source: for tx, who is to send it
 * @streamp: the stream
 *
 * For rx: only after a packet of the SSRC has been authenticated.
 *
 * Context: BH off, RCU read side, no lock held.
 * Return: KSRTP_PASS or the reason to drop the packet.
 */
enum ksrtp_drop ksrtp_stream_make(struct ksrtp_peer *peer, u8 dir, u32 ssrc,
				  const struct ksrtp_out *source,
				  struct ksrtp_stream **streamp)
{
	struct mem_cgroup *memcg = ksrtp_charge(peer);
	struct ksrtp_stream *stream, *other;
	enum ksrtp_drop drop;
	int layer;

	stream = kmem_cache_zalloc(stream_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!stream) {
		ksrtp_uncharge(memcg);
		return KSRTP_DROP_NO_MEMORY;
	}
	stream->id.peer = peer;
	stream->id.ssrc = ssrc;
	stream->id.dir = dir;
	stream->last = jiffies;
	INIT_LIST_HEAD(&stream->list);
	spin_lock_init(&stream->lock);

	spin_lock(&peer->lock);
	other = ksrtp_stream_lookup(peer, dir, ssrc);
	if (other) {
		drop = KSRTP_PASS;
		*streamp = other;
		goto free;
	}
	drop = KSRTP_DROP_NO_MEMORY;
	for (layer = 0; layer < KSRTP_LAYERS; layer++)
		if (ctx_fill_layer(stream, layer))
			goto free;
	drop = KSRTP_DROP_NO_KEY;
	if (peer->dead || !ksrtp_ctx_first(stream, KSRTP_LAYER_HBH))
		goto free;
	drop = KSRTP_DROP_OWN_PACKET;
	if (!stream_is_foreign(stream, source))
		goto free;
	drop = KSRTP_DROP_NO_MEMORY;
	if (dir == KSRTP_DIR_RX) {
		RCU_INIT_POINTER(stream->route, ksrtp_route_for(peer, ssrc));
		if (peer->roam && ksrtp_stream_roam(stream))
			goto free;
	}
	drop = stream_admit(stream);
	if (drop)
		goto unroam;
	drop = KSRTP_DROP_NO_MEMORY;
	if (rhashtable_lookup_insert_fast(&streams, &stream->node,
					  stream_params))
		goto expel;
	ksrtp_stream_check_own(stream);
	spin_unlock(&peer->lock);
	ksrtp_uncharge(memcg);
	*streamp = stream;
	ksrtp_event_stream(stream, KSRTP_LAYER_HBH, KSRTP_EVENT_STREAM_NEW);
	ksrtp_event_watch(peer->kn);
	return KSRTP_PASS;

expel:
	stream_expel(stream);
unroam:
	ksrtp_stream_unroam(stream);
free:
	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		struct ksrtp_ctx *ctx = ksrtp_ctx_first(stream, layer), *next;

		for (; ctx; ctx = next) {
			next = ctx_after(stream, ctx);
			ctx->stale = true;
			call_rcu(&ctx->rcu, ctx_free_rcu);
		}
	}
	spin_unlock(&peer->lock);
	ksrtp_uncharge(memcg);
	/* The list of roaming streams may have shown it for a moment. */
	call_rcu(&stream->rcu, stream_free_rcu);
	return drop;
}

/**
 * ksrtp_stream_revive() - a tombstone's SSRC has authenticated itself again
 * @stream: tombstone, or a stream that was one a moment ago
 *
 * Context: BH off, RCU read side, no lock held.
 * Return: KSRTP_PASS or the reason to drop the packet.
 */
enum ksrtp_drop ksrtp_stream_revive(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;
	struct mem_cgroup *memcg = ksrtp_charge(peer);
	enum ksrtp_drop drop = KSRTP_PASS;
	int err;

	spin_lock(&peer->lock);
	if (stream->dead || peer->dead) {
		drop = KSRTP_DROP_NO_KEY;
		goto unlock;
	}
	if (!stream->tomb)
		goto unlock;

	spin_lock(&stream->lock);
	err = stream_resize(stream, true);
	spin_unlock(&stream->lock);
	if (!err && peer->roam)
		err = ksrtp_stream_roam(stream);
	if (err) {
		drop = KSRTP_DROP_NO_MEMORY;
		goto unlock;
	}
	list_del_init(&stream->list);
	peer->n_tombs--;
	drop = stream_admit(stream);
	if (drop) {
		list_add_tail(&stream->list, &peer->tombs);
		peer->n_tombs++;
		ksrtp_stream_unroam(stream);
		spin_lock(&stream->lock);
		/* Windows that cannot be given back are memory, no more. */
		(void)stream_resize(stream, false);
		spin_unlock(&stream->lock);
		goto unlock;
	}
	rcu_assign_pointer(stream->route,
			   ksrtp_route_for(peer, stream->id.ssrc));
	spin_lock(&stream->lock);
	WRITE_ONCE(stream->tomb, false);
	stream->last = jiffies;
	spin_unlock(&stream->lock);
unlock:
	spin_unlock(&peer->lock);
	ksrtp_uncharge(memcg);
	if (!drop) {
		ksrtp_event_stream(stream, KSRTP_LAYER_HBH,
				   KSRTP_EVENT_STREAM_NEW);
		ksrtp_event_watch(peer->kn);
	}
	return drop;
}

/**
 * ksrtp_stream_pause() - let packets come in between while streams are walked
 * @peer: peer whose streams they are, its lock held inside an RCU read side
 * @seen: counts the streams
 *
 * Every STREAMS_AT_ONCE streams both are left for a moment. Streams may be made,
 * be buried or be revived then; a live one is met at its serial, which grows.
 *
 * Context: process.
 */
void ksrtp_stream_pause(struct ksrtp_peer *peer, u32 *seen)
	__must_hold(&peer->lock)
{
	lockdep_assert_held(&peer->lock);

	if (++*seen % STREAMS_AT_ONCE)
		return;
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
	spin_lock_bh(&peer->lock);
}

/**
 * ksrtp_stream_flush() - a peer goes: so do its streams and tombstones
 * @peer: peer, dead already
 *
 * Context: process.
 */
void ksrtp_stream_flush(struct ksrtp_peer *peer)
{
	struct ksrtp_stream *stream, *next;
	unsigned long serial;
	u32 n = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	/* So none is made, and none buried or revived. */
	WARN_ON(!peer->dead);
	xa_for_each(&peer->streams, serial, stream) {
		ksrtp_stream_del(stream);
		ksrtp_stream_pause(peer, &n);
	}
	list_for_each_entry_safe(stream, next, &peer->tombs, list)
		ksrtp_stream_del(stream);
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
}

/* --- keys meet streams ---------------------------------------------------- */

static bool key_concerns(const struct ksrtp_key *key,
			 const struct ksrtp_stream *stream)
{
	return key->id.dir == stream->id.dir &&
	       (key->id.any || key->id.ssrc == stream->id.ssrc);
}

static int stream_add_key(struct ksrtp_stream *stream, struct ksrtp_key *key)
{
	struct ksrtp_ctx *first, *ctx;
	u8 layer = key->id.layer;

	/* The stream may have been made a moment ago, with the key. */
	if (!key_concerns(key, stream) || ksrtp_stream_ctx(stream, layer, key))
		return 0;
	first = ksrtp_ctx_first(stream, layer);
	/* A template has nothing to say where the SSRC has a key of its own. */
	if (key->id.any && first && !first->key->id.any)
		return 0;
	ctx = ksrtp_ctx_new(key, stream->tomb);
	if (!ctx)
		return -ENOMEM;
	if (first) {
		spin_lock(&stream->lock);
		if (ctx->follows)
			ksrtp_ctx_follow_rtp(ctx, first);
		if (ksrtp_ctx_follows_rtcp(ctx))
			ctx->srtcp_next = first->srtcp_next;
		spin_unlock(&stream->lock);
	}
	ksrtp_ctx_link(stream, layer, ctx);
	ksrtp_stream_check_own(stream);
	return 0;
}

/* The stream, or tombstone, that a key for one SSRC concerns */
static struct ksrtp_stream *stream_of_key(struct ksrtp_peer *peer,
					  const struct ksrtp_key *key)
{
	return ksrtp_stream_lookup(peer, key->id.dir, key->id.ssrc);
}

static int stream_add_template(struct ksrtp_peer *peer, struct ksrtp_key *key)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	int err = 0;
	u32 n = 0;

	xa_for_each(&peer->streams, serial, stream) {
		err = stream_add_key(stream, key);
		if (err)
			return err;
		ksrtp_stream_pause(peer, &n);
	}
	list_for_each_entry(stream, &peer->tombs, list) {
		err = stream_add_key(stream, key);
		if (err)
			return err;
	}
	return 0;
}

/**
 * ksrtp_stream_add_key() - give a new key to the streams it concerns
 * @peer: peer
 * @key: key, which new streams find already
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0 or -ENOMEM, after which the caller takes the key away again.
 */
int ksrtp_stream_add_key(struct ksrtp_peer *peer, struct ksrtp_key *key)
{
	struct ksrtp_stream *stream;
	int err = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	if (key->id.any) {
		err = stream_add_template(peer, key);
	} else {
		stream = stream_of_key(peer, key);
		if (stream)
			err = stream_add_key(stream, key);
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
	return err;
}

static void stream_del_key(struct ksrtp_stream *stream,
			   const struct ksrtp_key *key)
{
	u8 layer = key->id.layer;
	struct ksrtp_ctx __rcu **at = &stream->ctx[layer];
	struct ksrtp_ctx *ctx;

	if (!key_concerns(key, stream))
		return;
	ctx = ksrtp_ctx_first(stream, layer);
	while (ctx && ctx->key != key) {
		at = &ctx->next;
		ctx = ctx_after(stream, ctx);
	}
	if (!ctx)
		return;
	rcu_assign_pointer(*at, ctx_after(stream, ctx));
	spin_lock(&stream->lock);
	ctx_retire(stream, ctx);
	spin_unlock(&stream->lock);
	if (!ksrtp_ctx_first(stream, KSRTP_LAYER_HBH) &&
	    !ksrtp_ctx_first(stream, KSRTP_LAYER_E2E)) {
		ksrtp_stream_del(stream);
		return;
	}
	/*
	 * The other layer's index goes on, and templates that had nothing to say
	 * so far are heard now. Where no memory is left for a context the stream
	 * is as if there were no such key: fail-closed.
	 */
	ctx = ksrtp_ctx_first(stream, layer);
	if (!ctx || ctx->key->id.any)
		(void)ctx_fill_layer(stream, layer);
	ksrtp_stream_check_own(stream);
}

static void stream_del_template(struct ksrtp_peer *peer, struct ksrtp_key *key)
{
	struct ksrtp_stream *stream, *next;
	unsigned long serial;
	u32 n = 0;

	xa_for_each(&peer->streams, serial, stream) {
		stream_del_key(stream, key);
		ksrtp_stream_pause(peer, &n);
	}
	list_for_each_entry_safe(stream, next, &peer->tombs, list)
		stream_del_key(stream, key);
}

/**
 * ksrtp_stream_del_key() - take a key from its streams
 * @peer: peer
 * @key: key, which new streams do not find any more
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_stream_del_key(struct ksrtp_peer *peer, struct ksrtp_key *key)
{
	struct ksrtp_stream *stream;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	if (key->id.any) {
		stream_del_template(peer, key);
	} else {
		stream = stream_of_key(peer, key);
		if (stream)
			stream_del_key(stream, key);
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
}

static u64 stream_key_packets(struct ksrtp_stream *stream,
			      const struct ksrtp_key *key, bool *expired)
{
	struct ksrtp_ctx *ctx = ksrtp_stream_ctx(stream, key->id.layer, key);
	u64 rtp, rtcp;

	if (!ctx)
		return 0;
	rtp = READ_ONCE(ctx->packets);
	rtcp = READ_ONCE(ctx->rtcp_packets);
	if (max(rtp, rtcp) >= key->hard)
		*expired = true;
	return rtp + rtcp;
}

static u64 template_packets(struct ksrtp_peer *peer, struct ksrtp_key *key,
			    bool *expired)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	u32 seen = 0;
	u64 n = 0;

	xa_for_each(&peer->streams, serial, stream) {
		n += stream_key_packets(stream, key, expired);
		ksrtp_stream_pause(peer, &seen);
	}
	list_for_each_entry(stream, &peer->tombs, list)
		n += stream_key_packets(stream, key, expired);
	return n;
}

/**
 * ksrtp_stream_key_packets() - packets protected or opened under a key
 * @peer: its peer
 * @key: key
 * @expired: set if a stream has used it up
 *
 * Context: process, ksrtp_net.lock held.
 */
u64 ksrtp_stream_key_packets(struct ksrtp_peer *peer, struct ksrtp_key *key,
			     bool *expired)
{
	struct ksrtp_stream *stream;
	u64 n;

	*expired = false;
	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	if (key->id.any) {
		n = template_packets(peer, key, expired);
	} else {
		stream = stream_of_key(peer, key);
		n = stream ? stream_key_packets(stream, key, expired) : 0;
	}
	n += key->retired;
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
	return n;
}

/* --- routes and roaming --------------------------------------------------- */

/* A tombstone may be revived at any time, and looks again then. */
static void stream_reroute(struct ksrtp_stream *stream)
{
	rcu_assign_pointer(stream->route, stream->tomb ? NULL :
			   ksrtp_route_for(stream->id.peer, stream->id.ssrc));
}

static void stream_reroute_all(struct ksrtp_peer *peer)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	u32 n = 0;

	xa_for_each(&peer->streams, serial, stream) {
		if (stream->id.dir == KSRTP_DIR_RX)
			stream_reroute(stream);
		ksrtp_stream_pause(peer, &n);
	}
	list_for_each_entry(stream, &peer->tombs, list)
		stream_reroute(stream);
}

/**
 * ksrtp_stream_reroute() - a route of a peer came or went: look again
 * @peer: peer packets come from
 * @any: it is the route for any SSRC
 * @ssrc: the SSRC
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_stream_reroute(struct ksrtp_peer *peer, bool any, u32 ssrc)
{
	struct ksrtp_stream *stream;

	lockdep_assert_held(&peer->kn->lock);

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	if (any) {
		stream_reroute_all(peer);
	} else {
		stream = ksrtp_stream_lookup(peer, KSRTP_DIR_RX, ssrc);
		if (stream)
			stream_reroute(stream);
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
}

static void stream_unsource(struct ksrtp_stream *stream,
			    const struct ksrtp_out *out)
{
	spin_lock(&stream->lock);
	if (stream->source == out)
		stream->source = NULL;
	spin_unlock(&stream->lock);
}

/**
 * ksrtp_stream_unsource() - an output goes: what it sent may have a new source
 * @peer: peer it sent to
 * @out: output
 *
 * Context: process.
 */
void ksrtp_stream_unsource(struct ksrtp_peer *peer, const struct ksrtp_out *out)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	u32 n = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	if (out->claims) {
		stream = ksrtp_stream_lookup(peer, KSRTP_DIR_TX, out->ssrc);
		if (stream)
			stream_unsource(stream, out);
	} else {
		xa_for_each(&peer->streams, serial, stream) {
			stream_unsource(stream, out);
			ksrtp_stream_pause(peer, &n);
		}
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
}

/**
 * ksrtp_stream_roam() - let packets of an rx stream come from anywhere
 * @stream: stream, its peer's lock held
 *
 * Return: 0 or -ENOMEM.
 */
int ksrtp_stream_roam(struct ksrtp_stream *stream)
{
	struct ksrtp_roam *roam;
	int err;

	lockdep_assert_held(&stream->id.peer->lock);

	if (stream->roam)
		return 0;
	roam = kzalloc(sizeof(*roam),
		       GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!roam)
		return -ENOMEM;
	roam->id.sock = stream->id.peer->sock;
	roam->id.ssrc = stream->id.ssrc;
	roam->stream = stream;
	err = rhltable_insert(&roams, &roam->node, roam_params);
	if (err) {
		kfree(roam);
		return err;
	}
	stream->roam = roam;
	return 0;
}

/**
 * ksrtp_stream_unroam() - undo ksrtp_stream_roam(), if it was done
 * @stream: stream, its peer's lock held
 */
void ksrtp_stream_unroam(struct ksrtp_stream *stream)
{
	struct ksrtp_roam *roam = stream->roam;

	lockdep_assert_held(&stream->id.peer->lock);

	if (!roam)
		return;
	stream->roam = NULL;
	rhltable_remove(&roams, &roam->node, roam_params);
	kfree_rcu(roam, rcu);
}

/**
 * ksrtp_stream_roaming() - the rx stream of an SSRC that may have moved
 * @ks: sock
 * @ssrc: SSRC, host order
 *
 * Context: RCU read side.
 * Return: the stream if exactly one roaming peer of the sock has it, or NULL.
 */
struct ksrtp_stream *ksrtp_stream_roaming(struct ksrtp_sock *ks, u32 ssrc)
{
	struct ksrtp_roam_id id = { .sock = ks, .ssrc = ssrc };
	struct rhlist_head *head = rhltable_lookup(&roams, &id, roam_params);

	if (!head || rcu_access_pointer(head->next))
		return NULL;
	return container_of(head, struct ksrtp_roam, node)->stream;
}
