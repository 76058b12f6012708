// SPDX-License-Identifier: GPL-2.0
/*
 * The way across: one opened packet to every output of a route, each under its
 * own key. Read from the bottom, like receive.c.
 *
 * Each output gets an skb of its own, encrypted straight from the received
 * bytes; the last one gets the received skb itself. Whoever is given an skb
 * here ends it.
 */
#include <linux/udp.h>
#include <net/dst_cache.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip6_tunnel.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

#include "ksrtp.h"
#include "trace.h"

#define V4_HEADERS	(sizeof(struct iphdr) + sizeof(struct udphdr))
#define V6_HEADERS	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/**
 * struct crossing - what is the same for every output of one packet
 * @pkt: the packet, plain
 * @ttl: what it leaves with
 */
struct crossing {
	struct ksrtp_pkt *pkt;
	u8 ttl;
};

/* --- into the network ----------------------------------------------------- */

/* Nothing of the packet's way in may be seen on its way out. */
static void skb_clean(struct sk_buff *skb)
{
	/* Cut from an aggregate, it still has the next segment hanging on it. */
	skb_mark_not_on_list(skb);
	skb_orphan(skb);
	skb->dev = NULL;
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb->priority = 0;
	skb_set_queue_mapping(skb, 0);
	skb_clear_hash(skb);
	skb_shinfo(skb)->tx_flags = 0;
	skb_hwtstamps(skb)->hwtstamp = 0;
}

/* The peer's local address if it is of this family: who roams may leave it. */
static const struct in6_addr *local_of(const struct ksrtp_peer *peer, bool v4)
{
	/* with the release in netlink.c: the address is there before the flag */
	if (!smp_load_acquire(&peer->has_local) ||
	    ipv6_addr_v4mapped(&peer->local) != v4)
		return NULL;
	return &peer->local;
}

/*
 * An application may bind, connect and set options meanwhile: what of its socket
 * is asked for here without its lock is asked once, and either value will do.
 */
static __be16 source_port(const struct sock *sk)
{
	return ksrtp_read_racy(inet_sk(sk)->inet_sport);
}

static __be32 v4_source(const struct ksrtp_peer *peer)
{
	const struct in6_addr *local = local_of(peer, true);

	return local ? local->s6_addr32[3] :
		       ksrtp_read_racy(inet_sk(peer->sock->sk)->inet_saddr);
}

/* The way to a peer, asked of the routing tables. */
static noinline struct rtable *v4_find_route(struct ksrtp_peer *peer,
					     struct ksrtp_path *path,
					     __be32 *saddr)
{
	struct sock *sk = peer->sock->sk;
	struct flowi4 fl4 = {
		.daddr = path->key.addr.ip.s6_addr32[3],
		.saddr = v4_source(peer),
		.flowi4_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi4_mark = READ_ONCE(sk->sk_mark),
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_uid = sock_net_uid(sock_net(sk), sk),
		.fl4_dport = path->key.addr.port,
		.fl4_sport = source_port(sk),
	};
	struct rtable *rt;

	ksrtp_flow_tos(&fl4, READ_ONCE(inet_sk(sk)->tos));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return rt;
	/* One packet in, one out: a broadcast would be many. */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	*saddr = fl4.saddr;
	dst_cache_set_ip4(&path->dst, &rt->dst, fl4.saddr);
	return rt;
}

static enum ksrtp_drop v4_xmit(struct ksrtp_peer *peer, struct ksrtp_path *path,
			       struct sk_buff *skb, u8 ttl)
{
	struct sock *sk = peer->sock->sk;
	struct rtable *rt;
	__be32 saddr;
	__be16 df;

	rt = dst_cache_get_ip4(&path->dst, &saddr);
	if (unlikely(!rt)) {
		rt = v4_find_route(peer, path, &saddr);
		if (IS_ERR(rt))
			return KSRTP_DROP_UNREACHABLE;
	}
	/* What came in over IPv4 and Ethernet has just this much room. */
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev) +
				       V4_HEADERS))) {
		ip_rt_put(rt);
		return KSRTP_DROP_NO_MEMORY;
	}
	/* What fits is not to be fragmented; what does not must be. */
	df = skb->len + V4_HEADERS <= dst_mtu(&rt->dst) ? htons(IP_DF) : 0;
	ksrtp_udp_xmit(rt, sk, skb, saddr, path->key.addr.ip.s6_addr32[3],
		       READ_ONCE(inet_sk(sk)->tos), ttl, df,
		       source_port(sk), path->key.addr.port);
	return KSRTP_PASS;
}

#if IS_ENABLED(CONFIG_IPV6)
static noinline struct dst_entry *v6_find_route(struct ksrtp_peer *peer,
						struct ksrtp_path *path,
						struct in6_addr *saddr)
{
	struct sock *sk = peer->sock->sk;
	struct flowi6 fl6 = {
		.daddr = path->key.addr.ip,
		.flowi6_oif = path->key.addr.scope ?: READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_uid = sock_net_uid(sock_net(sk), sk),
		.fl6_dport = path->key.addr.port,
		.fl6_sport = source_port(sk),
	};
	const struct in6_addr *local = local_of(peer, false);
	struct dst_entry *dst;

	if (local)
		fl6.saddr = *local;
	else if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		fl6.saddr = sk->sk_v6_rcv_saddr;
	if (ipv6_addr_is_multicast(&fl6.daddr))
		return ERR_PTR(-EACCES);
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
	if (IS_ERR(dst))
		return dst;
	*saddr = fl6.saddr;
	dst_cache_set_ip6(&path->dst, dst, saddr);
	return dst;
}

static enum ksrtp_drop v6_xmit(struct ksrtp_peer *peer, struct ksrtp_path *path,
			       struct sk_buff *skb, u8 ttl)
{
	struct sock *sk = peer->sock->sk;
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = dst_cache_get_ip6(&path->dst, &saddr);
	if (unlikely(!dst)) {
		dst = v6_find_route(peer, path, &saddr);
		if (IS_ERR(dst))
			return KSRTP_DROP_UNREACHABLE;
	}
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) +
				       V6_HEADERS))) {
		dst_release(dst);
		return KSRTP_DROP_NO_MEMORY;
	}
	/* The v4 helper does the first for itself. */
	skb_scrub_packet(skb, true);
	skb->protocol = htons(ETH_P_IPV6);
	skb->ignore_df = 1;	/* fragment here what does not fit */
	ksrtp_udp6_xmit(dst, sk, skb, &saddr, &path->key.addr.ip,
			READ_ONCE(inet6_sk(sk)->tclass), ttl,
			source_port(sk), path->key.addr.port);
	return KSRTP_PASS;
}
#else
static enum ksrtp_drop v6_xmit(struct ksrtp_peer *peer, struct ksrtp_path *path,
			       struct sk_buff *skb, u8 ttl)
{
	return KSRTP_DROP_UNREACHABLE;
}
#endif

/* The skb's data is the protected packet. On KSRTP_PASS the skb is gone. */
static enum ksrtp_drop out_xmit(struct ksrtp_peer *peer, struct sk_buff *skb,
				u8 ttl)
{
	struct ksrtp_path *path = rcu_dereference(peer->path);

	if (!path)
		return KSRTP_DROP_UNREACHABLE;
	skb_clean(skb);
	return ipv6_addr_v4mapped(&path->key.addr.ip) ?
	       v4_xmit(peer, path, skb, ttl) : v6_xmit(peer, path, skb, ttl);
}

/* --- one output ------------------------------------------------------------ */

/* The output's own SSRC and payload type, in a header that is ours to change. */
static int out_rewrite(const struct ksrtp_out *out, const struct ksrtp_pkt *pkt,
		       u8 *p)
{
	if (pkt->rtcp)
		return out->rewrite_ssrc ?
		       ksrtp_rtcp_map_ssrc(p, pkt->len, out->route->id.ssrc,
					   out->ssrc) : 0;
	if (out->rewrite_ssrc)
		put_unaligned_be32(out->ssrc, p + 8);
	if (out->rewrite_pt && (p[1] & 0x7f) == out->pt_old)
		p[1] = (p[1] & 0x80) | out->pt_new;
	return 0;
}

/* The SSRC a packet leaves under; of RTCP only the routed one is rewritten. */
static u32 out_ssrc(const struct ksrtp_out *out, const struct ksrtp_pkt *pkt)
{
	if (!out->rewrite_ssrc || pkt->h.ssrc != out->route->id.ssrc)
		return pkt->h.ssrc;
	return out->ssrc;
}

/*
 * RFC 8723: what one of its media distributors forwards is for another, or for
 * an endpoint of the same kind. Its SSRC is in the inner layer's nonce. And it
 * must not leave under the key it came with (section 5.2): the header may have
 * changed, and a nonce is for one packet.
 */
static bool out_mismatch(const struct ksrtp_out *out,
			 const struct ksrtp_pkt *pkt,
			 const struct ksrtp_key *key)
{
	if (likely(!key->is_double && !pkt->hbh->is_double) || pkt->rtcp)
		return false;
	return key->is_double != pkt->hbh->is_double ||
	       out_ssrc(out, pkt) != pkt->h.ssrc ||
	       !memcmp(key->fingerprint, pkt->hbh->fingerprint,
		       KSRTP_FINGERPRINT_LEN);
}

/* Is the payload type one that is changed, and the original one to go along? */
static bool out_relabels(const struct ksrtp_out *out,
			 const struct ksrtp_pkt *pkt,
			 const struct ksrtp_key *key)
{
	return key->is_double && !pkt->rtcp && out->rewrite_pt &&
	       pkt->h.pt == out->pt_old && out->pt_old != out->pt_new;
}

/* Change it, in an skb with room for a byte more, and plan again. */
static enum ksrtp_drop out_relabel(const struct ksrtp_out *out,
				   struct ksrtp_pkt *pkt, u32 len,
				   const struct ksrtp_key *key,
				   struct sk_buff *skb, struct ksrtp_layout *l)
{
	enum ksrtp_drop drop;
	int now;

	now = ksrtp_double_relabel(skb->data, pkt->h.len, len, out->pt_new);
	if (now < 0)
		return KSRTP_DROP_MALFORMED;
	pkt->data = skb->data;
	pkt->len = now;
	drop = ksrtp_plan(key, pkt, l);
	if (!drop)
		skb_trim(skb, l->len);
	return drop;
}

/* A new skb for the output, or the received one cut down to the packet. */
static struct sk_buff *out_skb(struct sk_buff *received, bool last,
			       const struct ksrtp_pkt *pkt, u32 len)
{
	struct sk_buff *skb;

	if (last) {
		u32 head = pkt->data - received->data;

		__skb_pull(received, head);
		skb_trim(received, pkt->len);
		if (unlikely(skb_tailroom(received) < (int)(len - pkt->len)) &&
		    pskb_expand_head(received, 0, len - pkt->len,
				     GFP_ATOMIC | __GFP_NOWARN))
			return NULL;
		skb_put(received, len - pkt->len);
		return received;
	}
	skb = alloc_skb(LL_MAX_HEADER + V6_HEADERS + len,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER + V6_HEADERS);
	skb_put(skb, len);
	return skb;
}

/**
 * out_one() - protect a packet for one output and send it
 * @out: output
 * @x: the packet
 * @received: the skb it came in
 * @last: the received skb itself is to be sent
 * @streamp: the output's stream, for whoever counts a drop
 *
 * Return: KSRTP_PASS, the skb is gone if @last; or the reason to drop.
 */
static enum ksrtp_drop out_one(const struct ksrtp_out *out,
			       const struct crossing *x,
			       struct sk_buff *received, bool last,
			       struct ksrtp_stream **streamp)
{
	const struct ksrtp_pkt *pkt = x->pkt;
	struct ksrtp_peer *peer = out->peer;
	u32 ssrc = out_ssrc(out, pkt);
	struct ksrtp_ctx *ctx[KSRTP_LAYERS] = {};
	u64 index[KSRTP_LAYERS] = {};
	u32 wire[KSRTP_LAYERS] = {};
	struct ksrtp_stream *stream;
	struct ksrtp_pkt relabelled;
	const struct ksrtp_key *key;
	struct ksrtp_layout l;
	enum ksrtp_drop drop;
	struct sk_buff *skb;
	const u8 *src;

	stream = ksrtp_stream_lookup(peer, KSRTP_DIR_TX, ssrc);
	if (unlikely(!stream)) {
		drop = ksrtp_stream_make(peer, KSRTP_DIR_TX, ssrc, out,
					 &stream);
		if (drop)
			return drop;
	}
	*streamp = stream;
	ctx[0] = ksrtp_stream_tx_ctx(stream, KSRTP_LAYER_HBH, pkt);
	if (unlikely(!ctx[0]))
		return KSRTP_DROP_NO_KEY;
	key = ctx[0]->key;
	if (unlikely(out_mismatch(out, pkt, key)))
		return KSRTP_DROP_SUITE_MISMATCH;
	if (unlikely(out_relabels(out, pkt, key))) {
		relabelled = *pkt;
		relabelled.len++;
		pkt = &relabelled;
	}

	drop = ksrtp_plan(key, pkt, &l);
	if (unlikely(drop))
		return drop;
	skb = out_skb(received, last, x->pkt, l.len);
	if (unlikely(!skb))
		return KSRTP_DROP_NO_MEMORY;
	src = skb->data;
	if (!last) {
		/* RTCP may be rewritten anywhere; of RTP only the header is. */
		bool all = pkt->rtcp || pkt == &relabelled;

		memcpy(skb->data, x->pkt->data, all ? x->pkt->len : pkt->h.len);
		if (!all)
			src = pkt->data;
	}
	if (unlikely(pkt == &relabelled)) {
		drop = out_relabel(out, &relabelled, x->pkt->len, key, skb, &l);
		if (drop)
			goto free;
	}
	drop = KSRTP_DROP_RTCP_UNKNOWN;
	if (unlikely(out_rewrite(out, pkt, skb->data)))
		goto free;
	wire[0] = l.len;
	drop = pkt->rtcp ?
	       ksrtp_stream_take_rtcp(stream, ctx[0], l.len, index) :
	       ksrtp_stream_take(stream, out, pkt, wire, ctx, index);
	if (unlikely(drop))
		goto free;
	drop = ksrtp_protect(key, pkt, skb->data, src, &l, ssrc, index[0]);
	if (unlikely(drop))
		goto free;
	drop = out_xmit(peer, skb, x->ttl);
	if (unlikely(drop))
		goto free;

	ksrtp_stat_packet(peer->kn, true, pkt->rtcp, l.len);
	ksrtp_stat_add(peer->kn, relayed_packets, 1);
	trace_ksrtp_relay(peer, pkt, index[0]);
	return KSRTP_PASS;

free:
	if (!last)
		ksrtp_free_skb(skb, drop);
	return drop;
}

/* TTL or hop limit a forwarded packet leaves with; 0 if it must not. */
static u8 next_ttl(const struct sk_buff *skb)
{
	u8 ttl = skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->ttl :
						    ipv6_hdr(skb)->hop_limit;

	return ttl ? ttl - 1 : 0;
}

/**
 * ksrtp_relay() - send an opened packet to every output of a route
 * @outs: outputs, at least one
 * @pkt: the packet, plain, with the index it was received under
 * @skb: what it came in, linear and ours alone; consumed
 *
 * An output that cannot be served is counted and leaves the others alone.
 *
 * Context: softirq, RCU read side.
 */
void ksrtp_relay(const struct ksrtp_outs *outs, struct ksrtp_pkt *pkt,
		 struct sk_buff *skb)
{
	struct crossing x = { .pkt = pkt, .ttl = next_ttl(skb) };
	struct ksrtp_stream *stream;
	enum ksrtp_drop drop = KSRTP_PASS;
	u32 i;

	for (i = 0; i < outs->n; i++) {
		const struct ksrtp_out *out = outs->out[i];

		stream = NULL;
		drop = x.ttl ? out_one(out, &x, skb, i == outs->n - 1, &stream) :
			       KSRTP_DROP_TTL;
		if (unlikely(drop))
			ksrtp_count_drop(out->peer->kn, out->peer, stream,
					 KSRTP_LAYER_HBH, drop);
	}
	/* The last output has sent the skb, if nothing was in the way. */
	if (unlikely(drop))
		ksrtp_free_skb(skb, drop);
}
