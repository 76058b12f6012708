// SPDX-License-Identifier: GPL-2.0
/*
 * inject: hands the stack what a hostile network might, at the rate of the
 * kernel. It is given valid UDP payloads (inject.h) and makes of each as many
 * datagrams as it is told: with bits flipped, cut, made longer, with lengths
 * and counts that lie; with headers that lie; in skbs of every shape there is.
 *
 *	int fd = open("/dev/inject", O_RDWR);
 *
 *	write(fd, order, size);		makes them, and returns when they are through
 *	read(fd, &result, size);	what was made since the last read
 *
 * They are received by loopback in the network namespace of who opened the
 * file, with softirqs off. Datagram number n depends on the seed, n and the
 * packets alone.
 */
#include <linux/etherdevice.h>
#include <linux/fs.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <linux/vmalloc.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/route.h>

#include "inject.h"

#define SEGMENTS	8
#define PIECES		5	/* of an skb that is not linear */
#define HEADERS		256	/* IP with options or extension headers, and UDP */
#define EXCESS		64	/* bytes behind the datagram */
#define DATAGRAM	(HEADERS + SEGMENTS * INJECT_PAYLOAD + EXCESS)

/**
 * struct injector - one open file
 * @net: network namespace of who opened it
 * @lock: one write at a time
 * @result: since the last read
 * @state: of the random numbers
 * @order: what is being done
 * @payload: the packets
 * @len: their lengths
 * @flags: and flags
 * @route: for IPv4, of which loopback accepts nothing without one
 * @dev: loopback
 * @d: the datagram being made
 * @sum: how its checksum is to be, an enum sum
 */
struct injector {
	struct net *net;
	struct mutex lock;	/* of all below */
	struct inject_result result;
	u64 state;
	struct inject_order order;
	u8 payload[INJECT_PACKETS][INJECT_PAYLOAD];
	u16 len[INJECT_PACKETS];
	u16 flags[INJECT_PACKETS];
	struct rtable *route;
	struct net_device *dev;
	u8 d[DATAGRAM];
	int sum;
};

enum sum { SUM_VERIFIED, SUM_RIGHT, SUM_COMPLETE, SUM_NONE, SUM_WRONG };

/**
 * struct made - a datagram in @d
 * @len: of it, from the IP header
 * @net_len: bytes of IP header, options and extension headers
 * @lies: its headers say what is not so
 */
struct made {
	u32 len;
	u32 net_len;
	bool lies;
};

/* --- chance ---------------------------------------------------------------- */

static u32 rnd(struct injector *j)
{
	u64 x = j->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	j->state = x;
	return x * 2685821657736338717ull >> 32;
}

static u32 below(struct injector *j, u32 n)
{
	return (u64)rnd(j) * n >> 32;
}

static bool one_in(struct injector *j, u32 n)
{
	return !below(j, n);
}

static void fill(struct injector *j, u8 *p, u32 len)
{
	while (len--)
		*p++ = rnd(j);
}

/* A number that somebody forgot to think of */
static u16 edge(struct injector *j, u16 near)
{
	static const u16 edges[] = { 0, 1, 2, 7, 8, 255, 256, 0x3fff, 0x7fff, 0x8000, 0xffff };

	switch (below(j, 3)) {
	case 0:
		return edges[below(j, ARRAY_SIZE(edges))];
	case 1:
		return near + below(j, 5) - 2;
	default:
		return rnd(j);
	}
}

/* --- the payload ------------------------------------------------------------- */

static void flip(struct injector *j, u8 *p, u32 from, u32 to)
{
	u32 bit;

	if (from >= to)
		return;
	bit = 8 * from + below(j, 8 * (to - from));
	p[bit / 8] ^= 1 << bit % 8;
}

static void put16(u8 *p, u32 at, u32 len, u16 value)
{
	if (at + 2 <= len)
		put_unaligned_be16(value, p + at);
}

/* Of the packet's own length fields one, or what says where they are */
static void lie_in_header(struct injector *j, u8 *p, u32 len)
{
	u32 ext = 12 + 4 * (len ? p[0] & 15 : 0);

	if (len < 8)
		return;
	switch (below(j, 8)) {
	case 0:	/* version, padding, extension, CSRC count */
		p[0] = 0x80 | (rnd(j) & 0x3f);
		break;
	case 1:
		p[0] = (p[0] & 0xf0) | below(j, 16);
		break;
	case 2:
		p[0] ^= 0x10;
		break;
	case 3:	/* the extension's length, in words */
		p[0] |= 0x10;
		put16(p, ext + 2, len, edge(j, (len - min(len, ext + 4)) / 4));
		break;
	case 4:	/* its profile: RFC 8285's two, Cryptex's two, any */
		put16(p, ext, len, one_in(j, 2) ? 0xbede : one_in(j, 2) ? 0xc0de :
				   one_in(j, 2) ? 0xc2de : rnd(j));
		break;
	case 5:	/* RTP or RTCP, payload type */
		p[1] = one_in(j, 2) ? 192 + below(j, 32) : rnd(j);
		break;
	case 6:	/* RTCP's length, RTP's sequence number */
		put16(p, 2, len, edge(j, get_unaligned_be16(p + 2)));
		break;
	case 7:	/* the first byte decides whose packet it is */
		p[0] = rnd(j);
		break;
	}
}

/* An element within the extension */
static void lie_in_extension(struct injector *j, u8 *p, u32 len)
{
	u32 at = 16 + 4 * (len ? p[0] & 15 : 0);

	if (at < len)
		p[at + below(j, min(len - at, 24u))] = rnd(j);
}

/* The header stays, or the packet would be the other one. */
static u32 splice(struct injector *j, u8 *p, u32 len)
{
	u32 other = below(j, j->order.packets), at, n;

	if (len <= 12)
		return len;
	at = 12 + below(j, len - 11);
	n = j->len[other] > at ? j->len[other] - at : 0;
	memcpy(p + at, j->payload[other] + at, n);
	return at + n;
}

/* Bytes taken out of the middle, or put in */
static u32 shift(struct injector *j, u8 *p, u32 len)
{
	u32 at = below(j, len + 1), n = 1 + below(j, 20);

	if (one_in(j, 2)) {
		n = min(n, len - at);
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	}
	n = min(n, INJECT_PAYLOAD - len);
	memmove(p + at + n, p + at, len - at);
	fill(j, p + at, n);
	return len + n;
}

/* Return: the length it has then */
static u32 mutate_once(struct injector *j, u8 *p, u32 len)
{
	u32 n;

	switch (below(j, 14)) {
	case 0:
	case 1:
		flip(j, p, 0, len);
		break;
	case 2:
		flip(j, p, 0, min(len, 24u));
		break;
	case 3:
	case 4:	/* tag, MKI, ROC, SRTCP index */
		flip(j, p, len - min(len, 32u), len);
		break;
	case 5:
		return min(len, below(j, 65));
	case 6:
		return below(j, len + 1);
	case 7:
		return len - min(len, 1 + below(j, 24));
	case 8:
		n = min(1 + below(j, 64), INJECT_PAYLOAD - len);
		fill(j, p + len, n);
		return len + n;
	case 9:
	case 10:
		lie_in_header(j, p, len);
		break;
	case 11:
		lie_in_extension(j, p, len);
		break;
	case 12:
		return splice(j, p, len);
	case 13:
		return shift(j, p, len);
	}
	return len;
}

static bool is_whole(const struct injector *j, u32 n, const u8 *p, u32 len)
{
	return len == j->len[n] && !memcmp(p, j->payload[n], len);
}

/* Is this one of those that are never to arrive? */
static bool is_forbidden(const struct injector *j, const u8 *p, u32 len)
{
	u32 i;

	for (i = 0; i < j->order.packets; i++)
		if (j->flags[i] & INJECT_ALTERED && is_whole(j, i, p, len))
			return true;
	return false;
}

/* Packet @n at @p, changed or not. Return: length. */
static u32 mutate(struct injector *j, u32 n, u8 *p)
{
	u32 len = j->len[n], times = 0;

	memcpy(p, j->payload[n], len);
	if (j->flags[n] & INJECT_ALTERED || !one_in(j, 64))
		times = 1 + (one_in(j, 3) ? below(j, 3) : 0);
	while (times--)
		len = mutate_once(j, p, len);
	while (is_forbidden(j, p, len))
		flip(j, p, 0, len);
	return len;
}

/* The same for a segment, whose length is the others'. */
static void mutate_segment(struct injector *j, u32 n, u8 *p)
{
	memcpy(p, j->payload[n], j->len[n]);
	if (!(j->flags[n] & INJECT_ALTERED) && one_in(j, 64))
		return;
	do {
		if (one_in(j, 3))
			lie_in_header(j, p, j->len[n]);
		else
			flip(j, p, 0, j->len[n]);
	} while (is_forbidden(j, p, j->len[n]));
}

/* --- the headers ----------------------------------------------------------------- */

static bool is_v4(const struct injector *j)
{
	return ipv6_addr_v4mapped((const struct in6_addr *)j->order.saddr);
}

static u16 proto_of(const struct injector *j)
{
	return is_v4(j) ? ETH_P_IP : ETH_P_IPV6;
}

/* No-operation, record route, time stamp, router alert, padding; or anything */
static u32 v4_options(struct injector *j, u8 *o)
{
	u32 len = 4 * (1 + below(j, 10));

	if (one_in(j, 4)) {
		fill(j, o, len);
		return len;
	}
	memset(o, IPOPT_NOOP, len);
	switch (below(j, 4)) {
	case 0:
		o[0] = IPOPT_RR;
		o[1] = one_in(j, 8) ? rnd(j) : len - 1 > 39 ? 39 : len - 1;
		o[2] = one_in(j, 8) ? rnd(j) : 4;
		break;
	case 1:
		o[0] = IPOPT_TIMESTAMP;
		o[1] = one_in(j, 8) ? rnd(j) : len;
		o[2] = one_in(j, 8) ? rnd(j) : 5;
		o[3] = one_in(j, 2) ? 0 : below(j, 4);
		break;
	case 2:
		o[0] = IPOPT_RA;
		o[1] = 4;
		o[2] = 0;
		o[3] = 0;
		break;
	}
	return len;
}

static u32 v4_header(struct injector *j, u8 *d, bool odd)
{
	struct iphdr *ip = (void *)d;
	u32 len = sizeof(*ip);

	if (odd && one_in(j, 3))
		len += v4_options(j, d + len);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = len / 4,
		.tos = one_in(j, 8) ? rnd(j) : 0,
		.id = htons(rnd(j)),
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = *(__be32 *)(j->order.saddr + 12),
		.daddr = *(__be32 *)(j->order.daddr + 12),
	};
	return len;
}

/* Hop-by-hop or destination options of padding, now and then of noise */
static u32 v6_extension(struct injector *j, u8 *o, u8 next)
{
	u32 len = 8 * (1 + below(j, 3));

	memset(o, 0, len);
	o[0] = next;
	o[1] = len / 8 - 1;
	if (one_in(j, 4)) {
		fill(j, o + 2, len - 2);
	} else {
		o[2] = 1;	/* PadN */
		o[3] = len - 4;
	}
	return len;
}

static u32 v6_header(struct injector *j, u8 *d, bool odd)
{
	struct ipv6hdr *ip = (void *)d;
	u32 len = sizeof(*ip);

	*ip = (struct ipv6hdr){
		.version = 6,
		.nexthdr = IPPROTO_UDP,
		.hop_limit = 64,
	};
	memcpy(&ip->saddr, j->order.saddr, sizeof(ip->saddr));
	memcpy(&ip->daddr, j->order.daddr, sizeof(ip->daddr));
	if (odd && one_in(j, 3)) {
		len += v6_extension(j, d + len, IPPROTO_UDP);
		ip->nexthdr = one_in(j, 2) ? IPPROTO_DSTOPTS : IPPROTO_HOPOPTS;
	}
	return len;
}

static u32 net_header(struct injector *j, u8 *d, bool odd)
{
	return is_v4(j) ? v4_header(j, d, odd) : v6_header(j, d, odd);
}

static void set_ttl(struct injector *j, u8 *d, u8 ttl)
{
	if (is_v4(j))
		((struct iphdr *)d)->ttl = ttl;
	else
		((struct ipv6hdr *)d)->hop_limit = ttl;
}

static void set_net_len(struct injector *j, u8 *d, u32 len, u32 net_len)
{
	if (is_v4(j)) {
		struct iphdr *ip = (void *)d;

		ip->tot_len = htons(len);
		ip->check = 0;
		ip->check = ip_fast_csum(d, ip->ihl);
	} else {
		((struct ipv6hdr *)d)->payload_len = htons(len - sizeof(struct ipv6hdr));
	}
}

static __sum16 pseudo(struct injector *j, u32 len, __wsum sum)
{
	if (is_v4(j))
		return csum_tcpudp_magic(*(__be32 *)(j->order.saddr + 12),
					 *(__be32 *)(j->order.daddr + 12), len,
					 IPPROTO_UDP, sum);
	return csum_ipv6_magic((const struct in6_addr *)j->order.saddr,
			       (const struct in6_addr *)j->order.daddr, len,
			       IPPROTO_UDP, sum);
}

static void udp_header(struct injector *j, u8 *u, u32 len)
{
	struct udphdr *uh = (void *)u;

	uh->source = j->order.sport;
	uh->dest = j->order.dport;
	uh->len = htons(len);
	uh->check = 0;
	if (j->sum == SUM_NONE)
		return;
	uh->check = pseudo(j, len, csum_partial(u, len, 0));
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	if (j->sum == SUM_WRONG)
		uh->check ^= (__force __sum16)htons(1 + below(j, 65534));
}

/*
 * What is wrong with a datagram beside its payload. The IP header's sum is right.
 * What is to stay altered must not become whole by another length.
 */
static void lie(struct injector *j, struct made *m, bool altered)
{
	struct udphdr *uh = (void *)(j->d + m->net_len);
	u32 len = m->len - m->net_len;

	m->lies = true;
	switch (altered ? 4 : below(j, 5)) {
	case 0:
	case 1:
		uh->len = htons(edge(j, len));
		break;
	case 2:	/* the IP header knows of less than the UDP header, or of more */
		set_net_len(j, j->d, edge(j, m->len), m->net_len);
		break;
	case 3:	/* bytes that belong to nobody */
		len = 1 + below(j, EXCESS - 1);
		fill(j, j->d + m->len, len);
		m->len += len;
		break;
	case 4:
		uh->source ^= htons(1 << below(j, 16));
		break;
	}
}

static void choose_sum(struct injector *j)
{
	u32 n = below(j, 16);

	j->sum = n < 10 ? SUM_VERIFIED : n < 12 ? SUM_RIGHT :
		 n < 14 ? SUM_COMPLETE : n < 15 ? SUM_NONE : SUM_WRONG;
	/* IPv6 wants one. */
	if (j->sum == SUM_NONE && !is_v4(j) && !one_in(j, 4))
		j->sum = SUM_RIGHT;
}

static void make(struct injector *j, struct made *m)
{
	bool odd = one_in(j, 6);
	u32 n = below(j, j->order.packets), len;
	bool whole;

	choose_sum(j);
	/* Options that are written to on the way spoil a sum over the header. */
	if (odd && j->sum == SUM_COMPLETE)
		j->sum = SUM_RIGHT;
	*m = (struct made){ .net_len = net_header(j, j->d, odd) };
	len = mutate(j, n, j->d + m->net_len + sizeof(struct udphdr));
	whole = is_whole(j, n, j->d + m->net_len + sizeof(struct udphdr), len);
	j->result.whole += whole;
	/* An authentic packet at the end of its way is another test's. */
	if (!whole && one_in(j, 16))
		set_ttl(j, j->d, below(j, 3));
	len += sizeof(struct udphdr);
	m->len = m->net_len + len;
	udp_header(j, j->d + m->net_len, len);
	set_net_len(j, j->d, m->len, m->net_len);
	if (odd && one_in(j, 2))
		lie(j, m, j->flags[n] & INJECT_ALTERED);
	j->result.lies += m->lies || j->sum == SUM_WRONG;
	j->result.datagrams++;
}

/* --- skbs of it -------------------------------------------------------------------- */

/* @len bytes, all in one place, with no more room than asked for */
static struct sk_buff *flat(const u8 *d, u32 len, u32 head, u32 tail)
{
	struct sk_buff *skb = alloc_skb(head + len + tail, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, skb_tailroom(skb) - len - tail);
	skb_put_data(skb, d, len);
	return skb;
}

static struct sk_buff *plain(struct injector *j, const u8 *d, u32 len)
{
	return flat(d, len, NET_SKB_PAD + (one_in(j, 2) ? below(j, 64) : 0),
		    one_in(j, 2) ? 0 : below(j, 200));
}

/* Where the linear part ends: within a header, behind it, in the payload */
static u32 first_cut(struct injector *j, u32 net_len, u32 len)
{
	u32 cut;

	switch (below(j, 4)) {
	case 0:
		cut = below(j, net_len + 9);
		break;
	case 1:
		cut = net_len + sizeof(struct udphdr) + below(j, 17);
		break;
	case 2:
		cut = len - min(len, below(j, 24));
		break;
	default:
		cut = below(j, len + 1);
		break;
	}
	return min(cut, len);
}

static int add_page(struct injector *j, struct sk_buff *skb, const u8 *d, u32 len)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u32 at;

	if (!page)
		return -ENOMEM;
	at = below(j, PAGE_SIZE - len + 1);
	memcpy(page_address(page) + at, d, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, at, len, PAGE_SIZE);
	return 0;
}

static int add_list(struct injector *j, struct sk_buff *skb, const u8 *d, u32 len)
{
	struct sk_buff **end = &skb_shinfo(skb)->frag_list, *more;

	more = flat(d, one_in(j, 3) ? 0 : len, below(j, 32), 0);
	if (!more)
		return -ENOMEM;
	if (!more->len && add_page(j, more, d, len)) {
		kfree_skb(more);
		return -ENOMEM;
	}
	while (*end)
		end = &(*end)->next;
	*end = more;
	skb->len += more->len;
	skb->data_len += more->len;
	skb->truesize += more->truesize;
	return 0;
}

/* In pieces: pages, or skbs of a list, or pages and then skbs */
static struct sk_buff *pieces(struct injector *j, const u8 *d, u32 len, u32 net_len)
{
	u32 cut = first_cut(j, net_len, len), i, n, kind = below(j, 3);
	struct sk_buff *skb = flat(d, cut, NET_SKB_PAD, one_in(j, 2) ? 0 : 40);

	if (!skb)
		return NULL;
	j->result.pages += kind != 1;
	j->result.lists += kind != 0;
	for (i = 1; cut < len; i++, cut += n) {
		int err;

		/* no piece beyond a page */
		n = i >= PIECES ? len - cut : 1 + below(j, len - cut);
		n = min_t(u32, n, PAGE_SIZE);
		if (!kind || (kind == 2 && i < 3))
			err = add_page(j, skb, d + cut, n);
		else
			err = add_list(j, skb, d + cut, n);
		if (err) {
			kfree_skb(skb);
			return NULL;
		}
	}
	return skb;
}

static void set_up(struct injector *j, struct sk_buff *skb)
{
	skb->dev = j->dev;
	skb->protocol = htons(proto_of(j));
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	if (j->route)
		skb_dst_set(skb, dst_clone(&j->route->dst));
	switch (j->sum) {
	case SUM_VERIFIED:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		break;
	case SUM_COMPLETE:
		skb->ip_summed = CHECKSUM_COMPLETE;
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
		break;
	default:
		skb->ip_summed = CHECKSUM_NONE;
	}
}

static void hand_over(struct injector *j, struct sk_buff *skb)
{
	j->result.skbs++;
	local_bh_disable();
	if (one_in(j, 8))
		netif_rx(skb);
	else
		netif_receive_skb(skb);
	local_bh_enable();
}

/* Somebody else has the same bytes: those of UDP are to stay as they are. */
static void hand_over_shared(struct injector *j, struct sk_buff *skb, u32 from)
{
	struct sk_buff *clone = skb_clone(skb, GFP_KERNEL);
	u32 len = skb->len;
	u8 *now;

	if (!clone) {
		hand_over(j, skb);
		return;
	}
	j->result.clones++;
	hand_over(j, skb);
	now = kmalloc(len, GFP_KERNEL);
	if (now && (clone->len != len || skb_copy_bits(clone, 0, now, len) ||
		    memcmp(now + from, j->d + from, len - from)))
		j->result.spoiled++;
	kfree(now);
	kfree_skb(clone);
}

static int one_skb(struct injector *j, const struct made *m)
{
	struct sk_buff *skb = one_in(j, 2) ? plain(j, j->d, m->len) :
					     pieces(j, j->d, m->len, m->net_len);

	if (!skb)
		return -ENOMEM;
	set_up(j, skb);
	if (one_in(j, 4))
		hand_over_shared(j, skb, m->net_len);
	else
		hand_over(j, skb);
	return 0;
}

/* --- IP fragments ----------------------------------------------------------------------- */

static struct sk_buff *fragment(struct injector *j, const struct made *m, u32 id, u32 at, u32 len)
{
	u8 d[HEADERS];
	u32 head = m->net_len;
	bool more = m->net_len + at + len < m->len;
	struct sk_buff *skb;

	memcpy(d, j->d, head);
	if (is_v4(j)) {
		struct iphdr *ip = (void *)d;

		ip->id = htons(id);
		ip->frag_off = htons(at / 8 | (more ? IP_MF : 0));
	} else {
		struct frag_hdr *fh = (void *)(d + head);

		fh->nexthdr = IPPROTO_UDP;
		fh->reserved = 0;
		fh->frag_off = htons(at | more);
		fh->identification = htonl(id);
		((struct ipv6hdr *)d)->nexthdr = NEXTHDR_FRAGMENT;
		head += sizeof(*fh);
	}
	set_net_len(j, d, head + len, head);
	skb = flat(d, head, NET_SKB_PAD, len);
	if (!skb)
		return NULL;
	if (one_in(j, 3) && len <= PAGE_SIZE) {
		if (add_page(j, skb, j->d + m->net_len + at, len)) {
			kfree_skb(skb);
			return NULL;
		}
	} else {
		skb_put_data(skb, j->d + m->net_len + at, len);
	}
	return skb;
}

static int fragments(struct injector *j, struct made *m)
{
	struct sk_buff *skbs[PIECES];
	u32 len = m->len - m->net_len, at, n, i, k = 0, id = rnd(j);

	j->sum = j->sum == SUM_VERIFIED || j->sum == SUM_COMPLETE ? SUM_RIGHT : j->sum;
	udp_header(j, j->d + m->net_len, len);
	for (at = 0; at < len && k < PIECES; at += n) {
		n = k == PIECES - 1 ? len - at : 8 * (1 + below(j, (len - at + 7) / 8));
		n = min(n, len - at);
		skbs[k] = fragment(j, m, id, at, n);
		if (!skbs[k])
			break;
		set_up(j, skbs[k++]);
	}
	for (i = 0; i < k; i++) {
		n = i + below(j, k - i);
		swap(skbs[i], skbs[n]);
		j->result.fragments++;
		if (one_in(j, 32))	/* lost */
			kfree_skb(skbs[i]);
		else
			hand_over(j, skbs[i]);
	}
	return k ? 0 : -ENOMEM;
}

/* --- aggregates --------------------------------------------------------------------------- */

/* The checksum is left for who cuts them. */
static void set_partial(struct injector *j, struct sk_buff *skb, const struct made *m)
{
	struct udphdr *uh = (void *)(skb->data + m->net_len);

	uh->check = ~pseudo(j, m->len - m->net_len, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + m->net_len;
	skb->csum_offset = offsetof(struct udphdr, check);
}

/* As UDP_SEGMENT and GRO leave them: one header, then all segments */
static struct sk_buff *segments(struct injector *j, const struct made *m)
{
	u32 head = m->net_len + sizeof(struct udphdr), at, n;
	struct sk_buff *skb;

	if (one_in(j, 2)) {
		skb = flat(j->d, m->len, NET_SKB_PAD, 0);
		if (!skb)
			return NULL;
	} else {
		skb = flat(j->d, head, NET_SKB_PAD, 0);
		for (at = head; skb && at < m->len; at += n) {
			n = min_t(u32, m->len - at, 1 + below(j, PAGE_SIZE));
			if (skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS - 6)
				n = min_t(u32, m->len - at, PAGE_SIZE);
			if (add_page(j, skb, j->d + at, n)) {
				kfree_skb(skb);
				skb = NULL;
			}
		}
		if (!skb)
			return NULL;
		j->result.pages++;
	}
	set_up(j, skb);
	set_partial(j, skb, m);
	return skb;
}

/* As GRO leaves them for a forwarding host: each in an skb of its own */
static struct sk_buff *segment_list(struct injector *j, const struct made *m, u32 size)
{
	u32 head = m->net_len + sizeof(struct udphdr), at;
	struct sk_buff *skb = NULL, **end = NULL, *more;
	u8 *first = kmemdup(j->d, head + size, GFP_KERNEL);

	if (!first)
		return NULL;
	set_net_len(j, first, head + size, m->net_len);
	((struct udphdr *)(first + m->net_len))->len = htons(sizeof(struct udphdr) + size);
	((struct udphdr *)(first + m->net_len))->check = 0;
	for (at = head; at < m->len; at += size) {
		memcpy(first + head, j->d + at, size);
		more = flat(first, head + size, NET_SKB_PAD, 0);
		if (!more)
			goto free;
		set_up(j, more);
		more->ip_summed = CHECKSUM_UNNECESSARY;
		if (!skb) {
			skb = more;
			end = &skb_shinfo(skb)->frag_list;
			continue;
		}
		skb_dst_drop(more);
		skb_set_transport_header(more, m->net_len);
		__skb_pull(more, head);
		*end = more;
		end = &more->next;
		skb->len += more->len;
		skb->data_len += more->len;
		skb->truesize += more->truesize;
	}
	kfree(first);
	j->result.lists++;
	return skb;
free:
	kfree(first);
	kfree_skb(skb);
	return NULL;
}

static int aggregate(struct injector *j)
{
	u32 n = below(j, j->order.packets), k = 2 + below(j, SEGMENTS - 1), i;
	u32 size = j->len[n];
	bool list = one_in(j, 2);
	struct sk_buff *skb;
	struct made m;
	u8 *p;

	if (!size)
		return 0;
	j->sum = SUM_VERIFIED;
	m = (struct made){ .net_len = net_header(j, j->d, false) };
	p = j->d + m.net_len + sizeof(struct udphdr);
	for (i = 0; i < k; i++, p += size) {
		mutate_segment(j, n, p);
		j->result.whole += is_whole(j, n, p, size);
	}
	m.len = p - j->d;
	udp_header(j, j->d + m.net_len, m.len - m.net_len);
	set_net_len(j, j->d, m.len, m.net_len);

	skb = list ? segment_list(j, &m, size) : segments(j, &m);
	if (!skb)
		return -ENOMEM;
	skb_shinfo(skb)->gso_size = size;
	skb_shinfo(skb)->gso_segs = k;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4 | (list ? SKB_GSO_FRAGLIST : 0);
	j->result.aggregates++;
	j->result.datagrams += k;
	hand_over(j, skb);
	return 0;
}

/* --- the file ------------------------------------------------------------- */

static int inject_one(struct injector *j, u32 number)
{
	struct made m;
	u32 i;

	j->state = (j->order.seed + 1) * 0x9e3779b97f4a7c15ull ^
		   (number + 1) * 0xd1342543de82ef95ull;
	j->state = j->state ?: 1;
	for (i = 0; i < 4; i++)
		rnd(j);
	if (one_in(j, 24))
		return aggregate(j);
	make(j, &m);
	if (!m.lies && m.net_len <= sizeof(struct ipv6hdr) && one_in(j, 12))
		return fragments(j, &m);
	return one_skb(j, &m);
}

static int find_route(struct injector *j)
{
	struct flowi4 flow = {
		.daddr = *(__be32 *)(j->order.daddr + 12),
		.saddr = *(__be32 *)(j->order.saddr + 12),
	};
	struct rtable *rt;

	j->route = NULL;
	if (!is_v4(j))
		return 0;
	rt = ip_route_output_key(j->net, &flow);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	j->route = rt;
	return 0;
}

static int read_packets(struct injector *j, const u8 __user *buf, size_t len)
{
	struct inject_packet head;
	u32 i;

	if (!j->order.packets || j->order.packets > INJECT_PACKETS)
		return -EINVAL;
	for (i = 0; i < j->order.packets; i++) {
		if (len < sizeof(head))
			return -EINVAL;
		if (copy_from_user(&head, buf, sizeof(head)))
			return -EFAULT;
		buf += sizeof(head);
		len -= sizeof(head);
		if (!head.len || head.len > INJECT_PAYLOAD || head.len > len)
			return -EINVAL;
		if (copy_from_user(j->payload[i], buf, head.len))
			return -EFAULT;
		buf += head.len;
		len -= head.len;
		j->len[i] = head.len;
		j->flags[i] = head.flags;
	}
	return 0;
}

static int inject_all(struct injector *j, const char __user *buf, size_t len)
{
	int err;
	u32 i;

	if (len < sizeof(j->order))
		return -EINVAL;
	if (copy_from_user(&j->order, buf, sizeof(j->order)))
		return -EFAULT;
	err = read_packets(j, (const u8 __user *)buf + sizeof(j->order),
			   len - sizeof(j->order));
	if (!err)
		err = find_route(j);
	if (err)
		return err;
	j->dev = j->net->loopback_dev;
	for (i = 0; i < j->order.count && !err; i++) {
		err = inject_one(j, j->order.first + i);
		if (i % 32 == 31)
			cond_resched();
		if (fatal_signal_pending(current))
			err = -EINTR;
	}
	if (j->route)
		ip_rt_put(j->route);
	return err;
}

static ssize_t inject_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct injector *j = file->private_data;
	int err;

	mutex_lock(&j->lock);
	err = inject_all(j, buf, len);
	mutex_unlock(&j->lock);
	return err ?: len;
}

static ssize_t inject_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct injector *j = file->private_data;
	ssize_t n = sizeof(j->result);

	if (len < sizeof(j->result))
		return -EINVAL;
	mutex_lock(&j->lock);
	if (copy_to_user(buf, &j->result, sizeof(j->result)))
		n = -EFAULT;
	else
		memset(&j->result, 0, sizeof(j->result));
	mutex_unlock(&j->lock);
	return n;
}

static int inject_open(struct inode *inode, struct file *file)
{
	struct injector *j = vzalloc(sizeof(*j));

	if (!j)
		return -ENOMEM;
	mutex_init(&j->lock);
	j->net = get_net(current->nsproxy->net_ns);
	file->private_data = j;
	return 0;
}

static int inject_release(struct inode *inode, struct file *file)
{
	struct injector *j = file->private_data;

	put_net(j->net);
	vfree(j);
	return 0;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.open = inject_open,
	.release = inject_release,
	.read = inject_read,
	.write = inject_write,
};

static struct miscdevice inject_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "inject",
	.fops = &inject_fops,
	.mode = 0600,
};
module_misc_device(inject_dev);

MODULE_DESCRIPTION("Datagrams as a hostile network might send them, for ksrtp's tests");
MODULE_LICENSE("GPL");
