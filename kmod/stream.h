/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that handle streams know of each other: stream.c, where they
 * come and go, take.c, where they give indices, handover.c.
 */
#ifndef _KSRTP_STREAM_H
#define _KSRTP_STREAM_H

#include <linux/jiffies.h>

#include "ksrtp.h"

/* The window of SRTCP indices a packet or a state made, if one did. */
static inline struct ksrtp_window *ksrtp_ctx_rtcp(struct ksrtp_stream *stream,
						  struct ksrtp_ctx *ctx)
{
	return rcu_dereference_protected(ctx->rtcp,
					 lockdep_is_held(&stream->lock));
}

/*
 * What "roc keep" keeps is the index of the key in use so far. The window stays
 * behind, since no index has been used under the new key.
 */
static inline void ksrtp_ctx_follow_rtp(struct ksrtp_ctx *ctx,
					const struct ksrtp_ctx *old)
{
	ksrtp_window_follow(&ctx->rtp, &old->rtp);
	ctx->shift = old->shift;
	ctx->shifted = old->shifted;
}

/* The SRTCP index to send goes on whatever ROC does, unless it was given. */
static inline bool ksrtp_ctx_follows_rtcp(const struct ksrtp_ctx *ctx)
{
	return !ctx->rtcp_packets && !ctx->key->has_srtcp_index;
}

void ksrtp_stream_move_behind(struct ksrtp_stream *stream);

/*
 * A packet has come. Once a second that moves the stream behind the others, so
 * that their order is right but for a second.
 */
static inline void ksrtp_stream_keep_order(struct ksrtp_stream *stream)
{
	if (unlikely((u32)jiffies - READ_ONCE(stream->touched) >= HZ))
		ksrtp_stream_move_behind(stream);
}

struct ksrtp_ctx *ksrtp_ctx_new(struct ksrtp_key *key, bool tomb);
struct ksrtp_window *ksrtp_ctx_rtcp_window(const struct ksrtp_key *key,
					   bool tomb);
void ksrtp_ctx_link(struct ksrtp_stream *stream, u8 layer,
		    struct ksrtp_ctx *ctx);
void ksrtp_ctx_free_unseen(struct ksrtp_ctx *ctx);

void ksrtp_stream_del(struct ksrtp_stream *stream);
enum ksrtp_drop ksrtp_stream_entomb(struct ksrtp_stream *stream);
void ksrtp_stream_entombed(struct ksrtp_stream *stream);
void ksrtp_stream_check_own(struct ksrtp_stream *stream);

#endif
