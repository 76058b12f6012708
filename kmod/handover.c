// SPDX-License-Identifier: GPL-2.0
/*
 * Hand-over: a stream goes on here where another host was with it.
 */
#include <linux/slab.h>

#include "ksrtp.h"
#include "stream.h"

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
	struct ksrtp_ctx *ctx = ksrtp_stream_ctx(stream, key->id.layer, key);
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
	rtcp = ksrtp_ctx_rtcp(stream, ctx);
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
		ksrtp_window_restore(ksrtp_ctx_rtcp(stream, ctx), &s->rtcp,
				     s->bits[1], s->bits_len[1]);
	if (stream->tomb) {
		window_close(&ctx->rtp);
		if (ksrtp_ctx_rtcp(stream, ctx))
			window_close(ksrtp_ctx_rtcp(stream, ctx));
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
		ksrtp_ctx_free_unseen(r->ctx);
}

static int restore_prepare(struct ksrtp_stream *stream, struct ksrtp_key *key,
			   const struct ksrtp_state *s, struct restoring *r)
{
	struct ksrtp_ctx *ctx = ksrtp_stream_ctx(stream, key->id.layer, key);
	bool tomb = stream->tomb || s->tomb;

	if (!ctx) {
		r->ctx = ksrtp_ctx_new(key, tomb);
		if (!r->ctx)
			return -ENOMEM;
	}
	if (s->has_rtcp && (!ctx || !rcu_access_pointer(ctx->rtcp))) {
		r->rtcp = ksrtp_ctx_rtcp_window(key, tomb);
		if (!r->rtcp)
			return -ENOMEM;
	}
	return 0;
}

static int restore_entomb(struct ksrtp_stream *stream,
			  struct netlink_ext_ack *extack)
{
	switch (ksrtp_stream_entomb(stream)) {
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
	ctx = r->ctx ?: ksrtp_stream_ctx(stream, key->id.layer, key);
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
		ksrtp_stream_entombed(stream);
	if (!err && r.ctx) {
		ksrtp_ctx_link(stream, key->id.layer, r.ctx);
		r.ctx = NULL;
		ksrtp_stream_check_own(stream);
	}
	if (err && fresh)
		ksrtp_stream_del(stream);
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
