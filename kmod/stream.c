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

/*
 * An endpoint's first packet gets this extended index, not its sequence number
 * alone: a packet that was overtaken by the first may then lie before it.
 */
#define EXT_START	BIT_ULL(32)

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

static struct ksrtp_ctx *ctx_of(struct ksrtp_stream *stream, u8 layer)
{
	return rcu_dereference_protected(stream->ctx[layer],
				lockdep_is_held(&stream->id.peer->lock));
}

static struct ksrtp_ctx *ctx_after(struct ksrtp_stream *stream,
				   struct ksrtp_ctx *ctx)
{
	return rcu_dereference_protected(ctx->next,
				lockdep_is_held(&stream->id.peer->lock));
}

static struct ksrtp_window *ctx_rtcp(struct ksrtp_stream *stream,
				     struct ksrtp_ctx *ctx)
{
	return rcu_dereference_protected(ctx->rtcp,
					 lockdep_is_held(&stream->lock));
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

/* A context for a key the stream has none for, as if it were the only one. */
static struct ksrtp_ctx *ctx_new(struct ksrtp_key *key, bool tomb)
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

/*
 * What "roc keep" keeps is the index of the key in use so far. The window stays
 * behind, since no index has been used under the new key.
 */
static void ctx_follow_rtp(struct ksrtp_ctx *ctx, const struct ksrtp_ctx *old)
{
	ksrtp_window_follow(&ctx->rtp, &old->rtp);
	ctx->shift = old->shift;
	ctx->shifted = old->shifted;
}

/* The SRTCP index to send goes on whatever ROC does, unless it was given. */
static bool ctx_follows_rtcp(const struct ksrtp_ctx *ctx)
{
	return !ctx->rtcp_packets && !ctx->key->has_srtcp_index;
}

/* Does a context with key @a stand before one with key @b? */
static bool key_wins(const struct ksrtp_key *a, const struct ksrtp_key *b)
{
	return a->id.any == b->id.any ? a->serial > b->serial : !a->id.any;
}

/* Keys of the SSRC stand before templates, the newest of each kind first. */
static void ctx_link(struct ksrtp_stream *stream, u8 layer,
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

static struct ksrtp_ctx *ctx_with_key(struct ksrtp_stream *stream, u8 layer,
				      const struct ksrtp_key *key)
{
	const spinlock_t *lock = &stream->id.peer->lock;
	struct ksrtp_ctx *ctx;

	ctx = rcu_dereference_check(stream->ctx[layer], lockdep_is_held(lock));
	while (ctx && ctx->key != key)
		ctx = rcu_dereference_check(ctx->next, lockdep_is_held(lock));
	return ctx;
}

/* Contexts for @key and the older ones of its id. */
static int ctx_fill_from(struct ksrtp_stream *stream, u8 layer,
			 struct ksrtp_key *key, struct ksrtp_key **oldest)
{
	struct ksrtp_ctx *ctx;

	for (; key; key = ksrtp_key_next(key)) {
		*oldest = key;
		if (ctx_with_key(stream, layer, key))
			continue;
		ctx = ctx_new(key, stream->tomb);
		if (!ctx)
			return -ENOMEM;
		ctx_link(stream, layer, ctx);
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
	struct ksrtp_window *rtcp = ctx_rtcp(stream, old);
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

static void ctx_free_unseen(struct ksrtp_ctx *ctx)
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
		for (ctx = ctx_of(stream, layer); ctx;
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
		ctx = ctx_of(stream, layer);
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
			ctx_free_unseen(ctx);
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

/*
 * A packet has come. Once a second that moves the stream behind the others, so
 * that the order is right but for a second. Where the lock is taken the next
 * packet does it.
 */
static void stream_keep_order(struct ksrtp_stream *stream)
{
	struct ksrtp_peer *peer = stream->id.peer;

	if (likely((u32)jiffies - READ_ONCE(stream->touched) < HZ))
		return;
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

/* Unlink a live stream or a tombstone; packets may see it for a while. */
static void stream_del(struct ksrtp_stream *stream)
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
		ctx = ctx_of(stream, layer);
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

/* An rx stream's windows become those of a tombstone: all that may fail. */
static enum ksrtp_drop stream_entomb(struct ksrtp_stream *stream)
{
	lockdep_assert_held(&stream->lock);

	if (stream->id.peer->n_tombs >= KSRTP_MAX_TOMBSTONES)
		return KSRTP_DROP_TOO_MANY_STREAMS;
	if (stream_resize(stream, false))
		return KSRTP_DROP_NO_MEMORY;
	WRITE_ONCE(stream->tomb, true);
	return KSRTP_PASS;
}

/* The rest of it. */
static void stream_entombed(struct ksrtp_stream *stream)
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
	drop = stream_entomb(stream);
	spin_unlock(&stream->lock);
	if (!drop)
		stream_entombed(stream);
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

	for (x = ctx_of(a, KSRTP_LAYER_HBH); x; x = ctx_after(a, x))
		for (y = ctx_of(b, KSRTP_LAYER_HBH); y; y = ctx_after(b, y))
			if (!memcmp(x->key->fingerprint, y->key->fingerprint,
				    KSRTP_FINGERPRINT_LEN))
				return true;
	return false;
}

/* After a change of keys: does the peer send us what we send it? */
static void stream_check_own(struct ksrtp_stream *stream)
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
 * stream is there, stream_check_own() says so to the other one.
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
	if (peer->dead || !ctx_of(stream, KSRTP_LAYER_HBH))
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
	stream_check_own(stream);
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
		struct ksrtp_ctx *ctx = ctx_of(stream, layer), *next;

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
		stream_del(stream);
		ksrtp_stream_pause(peer, &n);
	}
	list_for_each_entry_safe(stream, next, &peer->tombs, list)
		stream_del(stream);
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
	if (!key_concerns(key, stream) || ctx_with_key(stream, layer, key))
		return 0;
	first = ctx_of(stream, layer);
	/* A template has nothing to say where the SSRC has a key of its own. */
	if (key->id.any && first && !first->key->id.any)
		return 0;
	ctx = ctx_new(key, stream->tomb);
	if (!ctx)
		return -ENOMEM;
	if (first) {
		spin_lock(&stream->lock);
		if (ctx->follows)
			ctx_follow_rtp(ctx, first);
		if (ctx_follows_rtcp(ctx))
			ctx->srtcp_next = first->srtcp_next;
		spin_unlock(&stream->lock);
	}
	ctx_link(stream, layer, ctx);
	stream_check_own(stream);
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
	ctx = ctx_of(stream, layer);
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
	if (!ctx_of(stream, KSRTP_LAYER_HBH) && !ctx_of(stream, KSRTP_LAYER_E2E)) {
		stream_del(stream);
		return;
	}
	/*
	 * The other layer's index goes on, and templates that had nothing to say
	 * so far are heard now. Where no memory is left for a context the stream
	 * is as if there were no such key: fail-closed.
	 */
	ctx = ctx_of(stream, layer);
	if (!ctx || ctx->key->id.any)
		(void)ctx_fill_layer(stream, layer);
	stream_check_own(stream);
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
	struct ksrtp_ctx *ctx = ctx_with_key(stream, key->id.layer, key);
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
	return key ? ctx_with_key(stream, layer, key) : NULL;
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
		if (!(rtcp ? ctx_follows_rtcp(at) : at->follows))
			first = NULL;
		else if (!first)
			first = at;
	}
	for (at = first; at && at != ctx; at = rcu_dereference(at->next)) {
		if (rtcp)
			at->srtcp_next = ctx->srtcp_next;
		else
			ctx_follow_rtp(at, ctx);
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

static void stream_tell_limits(struct ksrtp_stream *stream, u8 layer, u32 events)
{
	static const u8 in_order[] = {
		KSRTP_EVENT_SOFT_LIMIT, KSRTP_EVENT_HARD_LIMIT,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(in_order); i++)
		if (events & BIT(in_order[i]))
			ksrtp_event_stream(stream, layer, in_order[i]);
}

static struct ksrtp_window *rtcp_window_new(const struct ksrtp_key *key,
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
	w = rtcp_window_new(ctx->key, false);
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
	ctx = ctx_with_key(stream, layer, key);
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
	w = rtcp ? ctx_rtcp(stream, ctx) : &ctx->rtp;
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
		stream_keep_order(stream);
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

/* --- hand-over --------------------------------------------------------------- */

static int refuse(struct netlink_ext_ack *extack, int err, const char *sentence)
{
	/* the sentences are literals, which is all that extack keeps */
	extack->_msg = sentence;
	return err;
}

/* Is the state one that can be at all? */
static int state_check(const struct ksrtp_key *key,
		       const struct ksrtp_state *s,
		       struct netlink_ext_ack *extack)
{
	bool tx = key->id.dir == KSRTP_DIR_TX;

	if (s->rtp.highest > KSRTP_INDEX_MAX ||
	    s->rtp.floor > KSRTP_INDEX_MAX + 1)
		return refuse(extack, -EINVAL, "A packet index has 48 bits");
	if (s->has_rtcp && (s->rtcp.highest > KSRTP_SRTCP_INDEX_MAX ||
			    s->rtcp.floor > KSRTP_SRTCP_INDEX_MAX + 1ull))
		return refuse(extack, -EINVAL, "An SRTCP index has 31 bits");
	if (s->srtcp_next > KSRTP_SRTCP_INDEX_MAX + 1u)
		return refuse(extack, -EINVAL, "An SRTCP index has 31 bits");
	if (s->rtp.size > KSRTP_WINDOW_MAX || s->rtp.size % 64 ||
	    s->rtcp.size > KSRTP_WINDOW_MAX || s->rtcp.size % 64)
		return refuse(extack, -EINVAL,
			      "A window is up to 32768 packets, and a multiple of 64");
	if (s->bits_len[0] > s->rtp.size / 8 ||
	    s->bits_len[1] > s->rtcp.size / 8)
		return refuse(extack, -EINVAL,
			      "There are more bits than the window has");
	if (s->shifted &&
	    (!s->has_ext || (s->mapped ^ s->ext) & 0xffff ||
	     s->mapped > 2 * KSRTP_INDEX_MAX || s->ext > 2 * KSRTP_INDEX_MAX))
		return refuse(extack, -EINVAL,
			      "An extended index and what it is mapped to have one sequence number");
	if (s->has_ext && s->rtp.started && !s->shifted)
		return refuse(extack, -EINVAL,
			      "An index was sent, so it is known what the extended one is mapped to");
	if (tx ? s->tomb || s->has_rtcp : s->has_ext || s->switched || s->skip)
		return refuse(extack, -EINVAL,
			      "This is of the other direction");
	return 0;
}

static const char later_state[] =
	"A later state of the stream has been set already";

/* Nothing that was used here, or told of before, may be forgotten. */
static int state_check_stream(struct ksrtp_stream *stream,
			      const struct ksrtp_key *key,
			      const struct ksrtp_state *s,
			      struct netlink_ext_ack *extack)
{
	struct ksrtp_ctx *ctx = ctx_with_key(stream, key->id.layer, key);
	struct ksrtp_window *rtcp;

	lockdep_assert_held(&stream->lock);

	if (stream->packets[KSRTP_LAYER_HBH] ||
	    stream->packets[KSRTP_LAYER_E2E] || stream->rtcp_packets)
		return refuse(extack, -EBUSY,
			      "The stream has been used here already");
	if (stream->started && s->has_ext && s->ext < stream->ext)
		return refuse(extack, -ESTALE, later_state);
	if (!ctx)
		return 0;
	rtcp = ctx_rtcp(stream, ctx);
	if ((ctx->rtp.started &&
	     (!s->rtp.started || s->rtp.highest < ctx->rtp.highest)) ||
	    (rtcp && rtcp->started &&
	     (!s->rtcp.started || s->rtcp.highest < rtcp->highest)) ||
	    (ctx->rtcp_packets && s->rtcp_packets < ctx->rtcp_packets))
		return refuse(extack, -ESTALE, later_state);
	return 0;
}

static void ctx_restore_tx(struct ksrtp_stream *stream, struct ksrtp_ctx *ctx,
			   const struct ksrtp_state *s)
{
	u64 last = s->rtp.highest + s->skip;

	/* As much as may have been sent since the state was taken. */
	if (s->rtp.started && s->skip)
		WRITE_ONCE(ctx->rtp.floor, max(ctx->rtp.floor,
					       min(last, KSRTP_INDEX_MAX) + 1));
	ctx->srtcp_next = max_t(u64, ctx->srtcp_next,
				min((u64)s->srtcp_next + s->skip,
				    KSRTP_SRTCP_INDEX_MAX + 1ull));
	if (s->shifted) {
		ctx->shift = (s64)s->mapped - (s64)s->ext;
		ctx->shifted = true;
	}
	if (s->switched)
		WRITE_ONCE(ctx->waits, false);
	if (!s->has_ext)
		return;
	if (!stream->started || s->ext > stream->ext)
		WRITE_ONCE(stream->ext, s->ext);
	smp_store_release(&stream->started, true);	/* @ext is one now */
}

/* A tombstone's remembers the highest index alone. */
static void window_close(struct ksrtp_window *w)
{
	if (w->started && w->floor <= w->highest)
		w->floor = w->highest + 1;
}

/* Nothing here can fail; the window of SRTCP is there where one is wanted. */
static void ctx_restore(struct ksrtp_stream *stream, struct ksrtp_ctx *ctx,
			const struct ksrtp_state *s)
{
	lockdep_assert_held(&stream->lock);

	ksrtp_window_restore(&ctx->rtp, &s->rtp, s->bits[0], s->bits_len[0]);
	if (s->has_rtcp)
		ksrtp_window_restore(ctx_rtcp(stream, ctx), &s->rtcp,
				     s->bits[1], s->bits_len[1]);
	if (stream->tomb) {
		window_close(&ctx->rtp);
		if (ctx_rtcp(stream, ctx))
			window_close(ctx_rtcp(stream, ctx));
	}
	WRITE_ONCE(ctx->packets, s->packets);
	WRITE_ONCE(ctx->rtcp_packets, s->rtcp_packets);
	ctx->follows &= !s->packets;
	if (stream->id.dir == KSRTP_DIR_TX)
		ctx_restore_tx(stream, ctx, s);
}

/**
 * struct restoring - what a state will need, made before anything is changed
 * @ctx: a context, of a key that is older than those the SSRC uses here
 * @rtcp: a window of SRTCP indices
 *
 * NULL where the stream has it already, or the state wants none.
 */
struct restoring {
	struct ksrtp_ctx *ctx;
	struct ksrtp_window *rtcp;
};

static void restore_free(struct restoring *r)
{
	kfree(r->rtcp);
	if (r->ctx)
		ctx_free_unseen(r->ctx);
}

static int restore_prepare(struct ksrtp_stream *stream, struct ksrtp_key *key,
			   const struct ksrtp_state *s, struct restoring *r)
{
	struct ksrtp_ctx *ctx = ctx_with_key(stream, key->id.layer, key);
	bool tomb = stream->tomb || s->tomb;

	if (!ctx) {
		r->ctx = ctx_new(key, tomb);
		if (!r->ctx)
			return -ENOMEM;
	}
	if (s->has_rtcp && (!ctx || !rcu_access_pointer(ctx->rtcp))) {
		r->rtcp = rtcp_window_new(key, tomb);
		if (!r->rtcp)
			return -ENOMEM;
	}
	return 0;
}

static int restore_entomb(struct ksrtp_stream *stream,
			  struct netlink_ext_ack *extack)
{
	switch (stream_entomb(stream)) {
	case KSRTP_PASS:
		return 0;
	case KSRTP_DROP_TOO_MANY_STREAMS:
		return refuse(extack, -ENOSPC,
			      "The peer has as many tombstones as it may have");
	default:
		return -ENOMEM;
	}
}

/* Packets see the stream as it was or with all of the state. */
static int restore_commit(struct ksrtp_stream *stream, struct ksrtp_key *key,
			  const struct ksrtp_state *s, bool bury,
			  struct restoring *r, struct netlink_ext_ack *extack)
{
	struct ksrtp_ctx *ctx;
	int err;

	lockdep_assert_held(&stream->lock);

	err = state_check_stream(stream, key, s, extack);
	if (!err && bury)
		err = restore_entomb(stream, extack);
	if (err)
		return err;
	ctx = r->ctx ?: ctx_with_key(stream, key->id.layer, key);
	if (r->rtcp && !rcu_access_pointer(ctx->rtcp)) {
		rcu_assign_pointer(ctx->rtcp, r->rtcp);
		r->rtcp = NULL;
	}
	ctx_restore(stream, ctx, s);
	return 0;
}

static int stream_check(struct ksrtp_stream *stream, struct ksrtp_key *key,
			const struct ksrtp_state *s,
			struct netlink_ext_ack *extack)
{
	int err;

	spin_lock(&stream->lock);
	err = state_check_stream(stream, key, s, extack);
	spin_unlock(&stream->lock);
	return err;
}

/*
 * All of a state or none: what may fail is done before anything is set. A
 * stream that was made for it (@fresh) goes again where it cannot be.
 */
static int stream_restore(struct ksrtp_stream *stream, struct ksrtp_key *key,
			  const struct ksrtp_state *s, bool fresh,
			  struct netlink_ext_ack *extack)
{
	struct ksrtp_peer *peer = stream->id.peer;
	struct restoring r = {};
	bool bury;
	int err;

	spin_lock(&peer->lock);
	bury = s->tomb && !stream->tomb;
	err = restore_prepare(stream, key, s, &r);
	if (!err) {
		spin_lock(&stream->lock);
		err = restore_commit(stream, key, s, bury, &r, extack);
		spin_unlock(&stream->lock);
	}
	if (!err && bury)
		stream_entombed(stream);
	if (!err && r.ctx) {
		ctx_link(stream, key->id.layer, r.ctx);
		r.ctx = NULL;
		stream_check_own(stream);
	}
	if (err && fresh)
		stream_del(stream);
	spin_unlock(&peer->lock);
	restore_free(&r);
	return err;
}

static const char no_hbh_key[] =
	"A stream needs an HBH key, which the peer does not have";

static int stream_make_for(struct ksrtp_key *key, u32 ssrc,
			   struct ksrtp_stream **streamp,
			   struct netlink_ext_ack *extack)
{
	switch (ksrtp_stream_make(key->id.peer, key->id.dir, ssrc, NULL,
				  streamp)) {
	case KSRTP_PASS:
		return 0;
	case KSRTP_DROP_NO_KEY:
		return refuse(extack, -ENOKEY, no_hbh_key);
	case KSRTP_DROP_OWN_PACKET:
		return refuse(extack, -EBUSY,
			      "The SSRC comes and goes under one master key");
	case KSRTP_DROP_TOO_MANY_STREAMS:
		return refuse(extack, -ENOSPC,
			      "The peer has as many streams as it may have");
	default:
		return -ENOMEM;
	}
}

/**
 * ksrtp_stream_restore() - go on with a stream where another host was
 * @key: key of the peer here, the same as there
 * @state: what it had
 * @check: change nothing, say only whether it can be done
 * @extack: told what is wrong
 *
 * The stream is made unless it is there; it must not have been used. Set again
 * with a later state it goes on from that, never back. On error nothing has
 * been set, and no stream made.
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0, -EINVAL, -EBUSY, -ESTALE, -ENOKEY, -ENOSPC, -ENOMEM.
 */
int ksrtp_stream_restore(struct ksrtp_key *key, const struct ksrtp_state *state,
			 bool check, struct netlink_ext_ack *extack)
{
	struct ksrtp_stream *stream;
	bool fresh = false;
	int err;

	lockdep_assert_held(&key->id.peer->kn->lock);

	err = state_check(key, state, extack);
	if (err)
		return err;
	rcu_read_lock();
	local_bh_disable();
	stream = ksrtp_stream_lookup(key->id.peer, key->id.dir, state->ssrc);
	if (!stream && !check) {
		err = stream_make_for(key, state->ssrc, &stream, extack);
		fresh = true;
	} else if (!stream && !ksrtp_key_for(key->id.peer, key->id.dir,
					     KSRTP_LAYER_HBH, state->ssrc)) {
		err = refuse(extack, -ENOKEY, no_hbh_key);
	}
	if (!err && stream)
		err = check ? stream_check(stream, key, state, extack) :
			      stream_restore(stream, key, state, fresh, extack);
	local_bh_enable();
	rcu_read_unlock();
	return err;
}
