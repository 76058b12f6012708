// SPDX-License-Identifier: GPL-2.0
/* Counters, and the one way a packet is dropped. */
#include <linux/slab.h>

#include "ksrtp.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The spec's attributes and the reasons are one list, written in two files. */
#define X(name, skb_reason)						\
	+ (KSRTP_DROP_##name != (int)KSRTP_A_DROPS_##name)
static_assert(!(0 KSRTP_DROP_REASONS(X)));
#undef X
static_assert(KSRTP_DROP_COUNT == (int)KSRTP_A_DROPS_PAD);

static const enum skb_drop_reason skb_reasons[KSRTP_DROP_COUNT] = {
	[KSRTP_PASS] = SKB_DROP_REASON_NOT_SPECIFIED,
#define X(name, skb_reason)						\
	[KSRTP_DROP_##name] = skb_reason,
	KSRTP_DROP_REASONS(X)
#undef X
};

int ksrtp_stats_net_init(struct ksrtp_net *kn)
{
	int cpu;

	kn->stats = alloc_percpu(struct ksrtp_stats);
	if (!kn->stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(kn->stats, cpu)->sync);
	return 0;
}

void ksrtp_stats_net_exit(struct ksrtp_net *kn)
{
	free_percpu(kn->stats);
}

/**
 * ksrtp_free_skb() - end a packet that is dropped
 * @skb: the packet
 * @reason: why; the kernel's own drop monitor is told the nearest it knows
 *
 * Context: any.
 */
void ksrtp_free_skb(struct sk_buff *skb, enum ksrtp_drop reason)
{
	kfree_skb_reason(skb, skb_reasons[reason]);
}

/* Healthy streams have no drop counters; the first drop makes them. */
static struct ksrtp_drops *stream_drops(struct ksrtp_stream *stream, u8 layer)
{
	struct ksrtp_drops *drops = READ_ONCE(stream->drops[layer]);
	struct ksrtp_drops *fresh;
	struct mem_cgroup *memcg;

	if (likely(drops))
		return drops;
	memcg = ksrtp_charge(stream->id.peer);
	fresh = kzalloc(sizeof(*fresh), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	ksrtp_uncharge(memcg);
	if (!fresh)
		return NULL;
	drops = cmpxchg(&stream->drops[layer], NULL, fresh);
	if (!drops)
		return fresh;
	kfree(fresh);
	return drops;
}

/* Forgeries and replays of a peer, which are events where they are many. */
static void count_burst(struct ksrtp_peer *peer, enum ksrtp_drop reason)
{
	switch (reason) {
	case KSRTP_DROP_AUTH:
	case KSRTP_DROP_E2E_AUTH:
		ksrtp_event_burst(peer, KSRTP_BURST_AUTH);
		break;
	case KSRTP_DROP_REPLAYED:
	case KSRTP_DROP_TOO_OLD:
		ksrtp_event_burst(peer, KSRTP_BURST_REPLAY);
		break;
	default:
		break;
	}
}

/**
 * ksrtp_count_drop() - count one drop where it belongs
 * @kn: network namespace, always counted
 * @peer: peer, or NULL if the packet is nobody's
 * @stream: stream, or NULL; its own counters take the place of the peer's
 *	where it has the layer at all
 * @layer: layer that refused the packet
 * @reason: why
 *
 * Context: BH off, RCU read side if @stream is given.
 */
void ksrtp_count_drop(struct ksrtp_net *kn, struct ksrtp_peer *peer,
		      struct ksrtp_stream *stream, u8 layer,
		      enum ksrtp_drop reason)
{
	struct ksrtp_drops *drops = NULL;

	if (stream && rcu_access_pointer(stream->ctx[layer]))
		drops = stream_drops(stream, layer);
	if (drops)
		atomic64_inc(&drops->n[reason]);
	else if (peer)
		atomic64_inc(&peer->drops[reason]);
	ksrtp_stat_add(kn, drops[reason], 1);
	if (peer && !(stream && stream->id.dir == KSRTP_DIR_TX))
		count_burst(peer, reason);
	trace_ksrtp_drop(peer, stream, layer, reason);
}

void ksrtp_stats_stream_drops(const struct ksrtp_stream *stream, u8 layer,
			      u64 *n)
{
	const struct ksrtp_drops *drops = READ_ONCE(stream->drops[layer]);
	int i;

	for (i = 0; i < KSRTP_DROP_COUNT; i++)
		n[i] = drops ? atomic64_read(&drops->n[i]) : 0;
}

/**
 * ksrtp_stats_put_drops() - put a nest of drop counters into a message
 * @msg: message
 * @attr: type of the nest
 * @n: KSRTP_DROP_COUNT counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int ksrtp_stats_put_drops(struct sk_buff *msg, int attr, const u64 *n)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = KSRTP_PASS + 1; i < KSRTP_DROP_COUNT; i++) {
		if (nla_put_u64_64bit(msg, i, n[i], KSRTP_A_DROPS_PAD)) {
			nla_nest_cancel(msg, nest);
			return -EMSGSIZE;
		}
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* One row a counter: which attribute carries it and where it is. */
static const struct {
	u16 attr;
	u16 offset;
} counters[] = {
#define COUNTER(ATTR, field) \
	{ KSRTP_A_STATS_##ATTR, offsetof(struct ksrtp_stats, field) }
	COUNTER(RX_PACKETS, rx_packets),
	COUNTER(RX_BYTES, rx_bytes),
	COUNTER(RX_RTCP_PACKETS, rx_rtcp_packets),
	COUNTER(TX_PACKETS, tx_packets),
	COUNTER(TX_BYTES, tx_bytes),
	COUNTER(TX_RTCP_PACKETS, tx_rtcp_packets),
	COUNTER(RELAYED_PACKETS, relayed_packets),
	COUNTER(DELIVERED_PACKETS, delivered_packets),
	COUNTER(OTHER_PACKETS, other_packets),
	COUNTER(PASSED_PACKETS, passed_packets),
#undef COUNTER
};

static u64 sum(struct ksrtp_net *kn, size_t offset)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct ksrtp_stats *s = per_cpu_ptr(kn->stats, cpu);
		unsigned int start;
		u64 v;

		do {
			start = u64_stats_fetch_begin(&s->sync);
			v = u64_stats_read((u64_stats_t *)((u8 *)s + offset));
		} while (u64_stats_fetch_retry(&s->sync, start));
		total += v;
	}
	return total;
}

/**
 * ksrtp_stats_fill() - put the totals of a network namespace into a message
 * @kn: network namespace, ksrtp_net.lock held
 * @msg: message
 *
 * Return: 0 or -EMSGSIZE.
 */
int ksrtp_stats_fill(struct ksrtp_net *kn, struct sk_buff *msg)
{
	u32 socks = 0, peers = 0;
	u64 n[KSRTP_DROP_COUNT];
	struct ksrtp_sock *ks;
	unsigned long id;
	int i;

	lockdep_assert_held(&kn->lock);

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (nla_put_u64_64bit(msg, counters[i].attr,
				      sum(kn, counters[i].offset),
				      KSRTP_A_STATS_PAD))
			return -EMSGSIZE;
	for (i = 0; i < KSRTP_DROP_COUNT; i++)
		n[i] = sum(kn, offsetof(struct ksrtp_stats, drops) +
			       i * sizeof(u64_stats_t));

	xa_for_each(&kn->socks, id, ks) {
		socks++;
		peers += ks->n_peers;
	}
	if (nla_put_u32(msg, KSRTP_A_STATS_SOCKS, socks) ||
	    nla_put_u32(msg, KSRTP_A_STATS_PEERS, peers) ||
	    nla_put_u32(msg, KSRTP_A_STATS_KEYS, kn->keys) ||
	    nla_put_u32(msg, KSRTP_A_STATS_ROUTES, kn->routes) ||
	    nla_put_u32(msg, KSRTP_A_STATS_STREAMS, atomic_read(&kn->streams)))
		return -EMSGSIZE;
	return ksrtp_stats_put_drops(msg, KSRTP_A_STATS_DROPS, n);
}
