// SPDX-License-Identifier: GPL-2.0
/* Events: multicast group "events", rate-limited, none lost silently. */
#include <linux/jiffies.h>

#include "ksrtp.h"

#define EVENTS_BURST		256	/* of a network namespace */
#define EVENTS_PER_SECOND	64

void ksrtp_event_net_init(struct ksrtp_net *kn)
{
	spin_lock_init(&kn->event_lock);
	kn->event_refill = jiffies;
	kn->event_tokens = EVENTS_BURST;
}

/* A token a message; what finds none is counted and told of with the next. */
static bool event_allowed(struct ksrtp_net *kn, u32 *suppressed)
{
	unsigned long now = jiffies;
	u32 refill;
	bool ok;

	spin_lock_bh(&kn->event_lock);
	refill = (now - kn->event_refill) * EVENTS_PER_SECOND / HZ;
	if (refill) {
		kn->event_refill = now;
		kn->event_tokens = min_t(u32, kn->event_tokens + refill,
					 EVENTS_BURST);
	}
	ok = kn->event_tokens;
	if (ok) {
		kn->event_tokens--;
		*suppressed = kn->event_suppressed;
		kn->event_suppressed = 0;
	} else {
		kn->event_suppressed++;
	}
	spin_unlock_bh(&kn->event_lock);
	return ok;
}

static void event_lost(struct ksrtp_net *kn, u32 n)
{
	spin_lock_bh(&kn->event_lock);
	kn->event_suppressed += n;
	spin_unlock_bh(&kn->event_lock);
}

static int event_fill(struct sk_buff *msg, const struct ksrtp_notice *n,
		      u32 suppressed)
{
	if (nla_put_u8(msg, KSRTP_A_NOTICE_EVENT, n->event) ||
	    (n->sock && nla_put_u32(msg, KSRTP_A_NOTICE_SOCK, n->sock)) ||
	    (n->peer && nla_put_u32(msg, KSRTP_A_NOTICE_PEER, n->peer)) ||
	    (suppressed &&
	     nla_put_u32(msg, KSRTP_A_NOTICE_SUPPRESSED, suppressed)))
		return -EMSGSIZE;
	if (n->has_stream &&
	    (nla_put_u8(msg, KSRTP_A_NOTICE_DIR, n->dir) ||
	     nla_put_u8(msg, KSRTP_A_NOTICE_LAYER, n->layer) ||
	     nla_put_u32(msg, KSRTP_A_NOTICE_SSRC, n->ssrc)))
		return -EMSGSIZE;
	if ((n->count && nla_put_u32(msg, KSRTP_A_NOTICE_COUNT, n->count)) ||
	    (n->event == KSRTP_EVENT_ROC_RESYNC &&
	     nla_put_u32(msg, KSRTP_A_NOTICE_ROC, n->roc)))
		return -EMSGSIZE;
	if (n->addr &&
	    (nla_put(msg, KSRTP_A_NOTICE_ADDR, sizeof(n->addr->ip),
		     &n->addr->ip) ||
	     nla_put_be16(msg, KSRTP_A_NOTICE_PORT, n->addr->port)))
		return -EMSGSIZE;
	return 0;
}

/**
 * ksrtp_event() - tell the listeners of a network namespace
 * @kn: network namespace
 * @n: what happened
 *
 * Only what an authenticated packet or the configuration caused is told.
 *
 * Context: any but hard interrupt.
 */
void ksrtp_event(struct ksrtp_net *kn, const struct ksrtp_notice *n)
{
	struct sk_buff *msg;
	u32 suppressed = 0;
	void *hdr;

	if (!genl_has_listeners(&ksrtp_genl_family, kn->net, 0))
		return;
	if (!event_allowed(kn, &suppressed))
		return;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg) {
		event_lost(kn, suppressed + 1);
		return;
	}
	hdr = genlmsg_put(msg, 0, 0, &ksrtp_genl_family, 0, KSRTP_CMD_NOTIFY);
	if (!hdr || event_fill(msg, n, suppressed)) {
		nlmsg_free(msg);
		event_lost(kn, suppressed + 1);
		return;
	}
	genlmsg_end(msg, hdr);
	/* A listener whose queue is full is told so by its own socket. */
	genlmsg_multicast_netns(&ksrtp_genl_family, kn->net, msg, 0, 0,
				GFP_ATOMIC);
}

static struct ksrtp_notice of_stream(struct ksrtp_stream *stream, u8 layer,
				     u8 event)
{
	struct ksrtp_peer *peer = stream->id.peer;

	return (struct ksrtp_notice) {
		.event = event,
		.sock = peer->sock->id,
		.peer = peer->id,
		.has_stream = true,
		.dir = stream->id.dir,
		.layer = layer,
		.ssrc = stream->id.ssrc,
	};
}

/**
 * ksrtp_event_stream() - an event of one stream
 * @stream: stream
 * @layer: layer it concerns
 * @event: enum ksrtp_event
 *
 * Context: as ksrtp_event().
 */
void ksrtp_event_stream(struct ksrtp_stream *stream, u8 layer, u8 event)
{
	struct ksrtp_notice n = of_stream(stream, layer, event);

	ksrtp_event(stream->id.peer->kn, &n);
}

/**
 * ksrtp_event_resync() - a stream's roll-over counter was not what was expected
 * @stream: rx stream
 * @layer: layer it concerns
 * @roc: what it is
 *
 * Only an authenticated packet may say so. Context: as ksrtp_event().
 */
void ksrtp_event_resync(struct ksrtp_stream *stream, u8 layer, u32 roc)
{
	struct ksrtp_notice n = of_stream(stream, layer, KSRTP_EVENT_ROC_RESYNC);

	n.roc = roc;
	ksrtp_event(stream->id.peer->kn, &n);
}
