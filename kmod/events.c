// SPDX-License-Identifier: GPL-2.0
/*
 * Events: multicast group "events", rate-limited, none lost silently. What
 * could not be told by itself is counted, and the count goes with the next
 * event, or by itself as "overrun" where none follows.
 */
#include <linux/jiffies.h>
#include <linux/moduleparam.h>

#include "ksrtp.h"

#define EVENTS_BURST		256	/* of a network namespace */
#define EVENTS_PER_SECOND	64
#define BURST_PACKETS		32	/* dropped within a second are a burst */
#define IDLE_LOOK_MAX		5	/* seconds between two looks, at most */

static unsigned int idle_seconds = 30;
module_param(idle_seconds, uint, 0644);
MODULE_PARM_DESC(idle_seconds, "seconds without a packet after which a stream is told to be idle, 0: never");

static void event_refill(struct ksrtp_net *kn)
{
	unsigned long now = jiffies;
	u32 refill;

	lockdep_assert_held(&kn->event_lock);

	refill = (now - kn->event_refill) * EVENTS_PER_SECOND / HZ;
	if (refill) {
		kn->event_refill = now;
		kn->event_tokens = min_t(u32, kn->event_tokens + refill,
					 EVENTS_BURST);
	}
}

/* A token a message; what finds none is counted and told of later. */
static bool event_allowed(struct ksrtp_net *kn, u32 *suppressed)
{
	bool ok;

	spin_lock_bh(&kn->event_lock);
	event_refill(kn);
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

/* The bucket has as much as it may within this time, if nothing happens. */
static void overrun_later(struct ksrtp_net *kn)
{
	schedule_delayed_work(&kn->event_overrun, HZ);
}

static void event_lost(struct ksrtp_net *kn, u32 n)
{
	spin_lock_bh(&kn->event_lock);
	kn->event_suppressed += n;
	spin_unlock_bh(&kn->event_lock);
	overrun_later(kn);
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

static void event_send(struct ksrtp_net *kn, const struct ksrtp_notice *n,
		       u32 suppressed)
{
	u32 lost = suppressed + (n->event != KSRTP_EVENT_OVERRUN);
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg) {
		event_lost(kn, lost);
		return;
	}
	hdr = genlmsg_put(msg, 0, 0, &ksrtp_genl_family, 0, KSRTP_CMD_NOTIFY);
	if (!hdr || event_fill(msg, n, suppressed)) {
		nlmsg_free(msg);
		event_lost(kn, lost);
		return;
	}
	genlmsg_end(msg, hdr);
	/* A listener whose queue is full is told so by its own socket. */
	genlmsg_multicast_netns(&ksrtp_genl_family, kn->net, msg, 0, 0,
				GFP_ATOMIC);
}

static bool has_listeners(struct ksrtp_net *kn)
{
	return genl_has_listeners(&ksrtp_genl_family, kn->net, 0);
}

/**
 * ksrtp_event() - tell the listeners of a network namespace
 * @kn: network namespace
 * @n: what happened
 *
 * Only what an authenticated packet or the configuration caused is told, and
 * that there are many others, once a second.
 *
 * Context: any but hard interrupt.
 */
void ksrtp_event(struct ksrtp_net *kn, const struct ksrtp_notice *n)
{
	u32 suppressed = 0;

	if (!has_listeners(kn))
		return;
	if (event_allowed(kn, &suppressed))
		event_send(kn, n, suppressed);
	else
		overrun_later(kn);
}

/* Events were left out, and none came after them to say so. */
static void overrun_work(struct work_struct *work)
{
	struct ksrtp_net *kn = container_of(to_delayed_work(work),
					    struct ksrtp_net, event_overrun);
	bool later = false;
	u32 suppressed = 0;

	spin_lock_bh(&kn->event_lock);
	event_refill(kn);
	if (!has_listeners(kn)) {
		kn->event_suppressed = 0;	/* whoever missed them is gone */
	} else if (kn->event_suppressed && kn->event_tokens) {
		kn->event_tokens--;
		suppressed = kn->event_suppressed;
		kn->event_suppressed = 0;
	} else {
		later = kn->event_suppressed;
	}
	spin_unlock_bh(&kn->event_lock);
	if (later)
		overrun_later(kn);
	if (suppressed)
		event_send(kn, &(struct ksrtp_notice) {
			.event = KSRTP_EVENT_OVERRUN,
		}, suppressed);
}

/* --- bursts ------------------------------------------------------------------ */

/**
 * ksrtp_event_burst() - a packet of a peer was dropped that may be an attack
 * @peer: peer
 * @kind: enum ksrtp_burst_kind
 *
 * The first BURST_PACKETS within a second are told of, with how many more there
 * were in seconds told of before. A forger gets no more than
 * a counter out of the host. The numbers are right but for a few where two
 * processors begin a second at once.
 *
 * Context: any but hard interrupt.
 */
void ksrtp_event_burst(struct ksrtp_peer *peer, enum ksrtp_burst_kind kind)
{
	static const u8 events[KSRTP_BURST_KINDS] = {
		[KSRTP_BURST_AUTH] = KSRTP_EVENT_AUTH_BURST,
		[KSRTP_BURST_REPLAY] = KSRTP_EVENT_REPLAY_BURST,
	};
	struct ksrtp_burst *b = &peer->burst[kind];
	unsigned long since = READ_ONCE(b->since), now = jiffies;
	int n;

	if (now - since >= HZ && cmpxchg(&b->since, since, now) == since) {
		n = atomic_xchg(&b->n, 0);
		atomic_add(max(n - BURST_PACKETS, 0), &b->untold);
	}
	if (atomic_inc_return(&b->n) != BURST_PACKETS)
		return;
	ksrtp_event(peer->kn, &(struct ksrtp_notice) {
		.event = events[kind],
		.sock = peer->sock->id,
		.peer = peer->id,
		.count = BURST_PACKETS + atomic_xchg(&b->untold, 0),
	});
}

/* --- idle streams ------------------------------------------------------------ */

static unsigned long idle_look(void)
{
	unsigned int s = READ_ONCE(idle_seconds) / 8;

	return clamp(s, 1u, (unsigned int)IDLE_LOOK_MAX) * HZ;
}

/**
 * ksrtp_event_watch() - there is a stream: look whether it becomes idle
 * @kn: network namespace
 *
 * Context: any but hard interrupt.
 */
void ksrtp_event_watch(struct ksrtp_net *kn)
{
	schedule_delayed_work(&kn->event_idle, idle_look());
}

static void idle_peer(struct ksrtp_peer *peer, unsigned long limit)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	u32 n = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	xa_for_each(&peer->streams, serial, stream) {
		if (!READ_ONCE(stream->idle) &&
		    jiffies - READ_ONCE(stream->last) >= limit) {
			WRITE_ONCE(stream->idle, true);
			ksrtp_event_stream(stream, KSRTP_LAYER_HBH,
					   KSRTP_EVENT_STREAM_IDLE);
		}
		ksrtp_stream_pause(peer, &n);
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
}

/* As long as there are streams; where nobody listens none is looked at. */
static void idle_work(struct work_struct *work)
{
	struct ksrtp_net *kn = container_of(to_delayed_work(work),
					    struct ksrtp_net, event_idle);
	unsigned long limit = READ_ONCE(idle_seconds) * HZ;
	struct ksrtp_peer *peer;
	unsigned long id;

	if (limit && has_listeners(kn)) {
		mutex_lock(&kn->lock);
		xa_for_each(&kn->peers, id, peer) {
			idle_peer(peer, limit);
			cond_resched();
		}
		mutex_unlock(&kn->lock);
	}
	if (atomic_read(&kn->streams))
		ksrtp_event_watch(kn);
}

void ksrtp_event_net_init(struct ksrtp_net *kn)
{
	spin_lock_init(&kn->event_lock);
	kn->event_refill = jiffies;
	kn->event_tokens = EVENTS_BURST;
	INIT_DELAYED_WORK(&kn->event_overrun, overrun_work);
	INIT_DELAYED_WORK(&kn->event_idle, idle_work);
}

/* No stream is left, and no packet that could make one. */
void ksrtp_event_net_exit(struct ksrtp_net *kn)
{
	cancel_delayed_work_sync(&kn->event_idle);
	cancel_delayed_work_sync(&kn->event_overrun);
}

/* --- of one stream ----------------------------------------------------------- */

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
