/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ksrtp

#if !defined(_KSRTP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KSRTP_TRACE_H

#include <linux/tracepoint.h>

#include "ksrtp.h"

#undef KSRTP_TRACE_ENUM
#undef KSRTP_TRACE_NAME
#define KSRTP_TRACE_ENUM(name, skb_reason) TRACE_DEFINE_ENUM(KSRTP_DROP_##name);
#define KSRTP_TRACE_NAME(name, skb_reason) { KSRTP_DROP_##name, #name },

KSRTP_DROP_REASONS(KSRTP_TRACE_ENUM)

#define ksrtp_show_drop(reason)						\
	__print_symbolic(reason, KSRTP_DROP_REASONS(KSRTP_TRACE_NAME)	\
			 { KSRTP_PASS, "NONE" })

/* What all of them say of a packet; never a byte of it, and never a key. */
DECLARE_EVENT_CLASS(ksrtp_packet,
	TP_PROTO(const struct ksrtp_peer *peer, const struct ksrtp_pkt *pkt,
		 u64 index),
	TP_ARGS(peer, pkt, index),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(u32, ssrc)
		__field(u64, index)
		__field(u32, len)
		__field(bool, rtcp)
	),
	TP_fast_assign(
		__entry->peer = peer->id;
		__entry->ssrc = pkt->h.ssrc;
		__entry->index = index;
		__entry->len = pkt->len;
		__entry->rtcp = pkt->rtcp;
	),
	TP_printk("peer=%u %s ssrc=0x%08x index=%llu len=%u", __entry->peer,
		  __entry->rtcp ? "rtcp" : "rtp", __entry->ssrc,
		  __entry->index, __entry->len)
);

/* Opened, and about to be forwarded or delivered. */
DEFINE_EVENT(ksrtp_packet, ksrtp_receive,
	TP_PROTO(const struct ksrtp_peer *peer, const struct ksrtp_pkt *pkt,
		 u64 index),
	TP_ARGS(peer, pkt, index)
);

/* Protected for the application. */
DEFINE_EVENT(ksrtp_packet, ksrtp_send,
	TP_PROTO(const struct ksrtp_peer *peer, const struct ksrtp_pkt *pkt,
		 u64 index),
	TP_ARGS(peer, pkt, index)
);

/* Protected for one output of a route. */
DEFINE_EVENT(ksrtp_packet, ksrtp_relay,
	TP_PROTO(const struct ksrtp_peer *peer, const struct ksrtp_pkt *pkt,
		 u64 index),
	TP_ARGS(peer, pkt, index)
);

TRACE_EVENT(ksrtp_drop,
	TP_PROTO(const struct ksrtp_peer *peer, const struct ksrtp_stream *stream,
		 u8 layer, enum ksrtp_drop reason),
	TP_ARGS(peer, stream, layer, reason),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(u32, ssrc)
		__field(u8, has_stream)
		__field(u8, layer)
		__field(int, reason)
	),
	TP_fast_assign(
		__entry->peer = peer ? peer->id : 0;
		__entry->has_stream = !!stream;
		__entry->ssrc = stream ? stream->id.ssrc : 0;
		__entry->layer = layer;
		__entry->reason = reason;
	),
	TP_printk("peer=%u ssrc=0x%08x%s layer=%s reason=%s", __entry->peer,
		  __entry->ssrc, __entry->has_stream ? "" : " (no stream)",
		  __entry->layer ? "e2e" : "hbh",
		  ksrtp_show_drop(__entry->reason))
);

#endif /* _KSRTP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
