// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet that is routed in a circle comes to an end: two relays, three, and
 * one that is routed to itself, over IPv4 and IPv6. Where the circle gives it
 * another SSRC on each hop, so that no relay can know it again, its hops end it;
 * else the first relay it comes back to does.
 */
#include "leg.h"

#define SSRC	0x100b0000
#define HOPS	12
#define RELAYS	3

/* Relay i sends to relay i + 1 as @to, and knows it by the key pair of @link */
struct hop {
	struct rig r;
	uint32_t from;		/* its peer that is the relay before */
	uint32_t to;		/* the one after it */
};

static struct hop ring[RELAYS];
static struct leg a;

static void set_hops(int n)
{
	bool v4 = a.far.addr.sa.sa_family == AF_INET;

	if (setsockopt(a.far.fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS,
		       &n, sizeof(n)))
		kt_bail("no TTL of %d: %s", n, strerror(errno));
}

static void route(struct rig *r, uint32_t from, uint32_t to, int64_t in, uint32_t out)
{
	struct ksrtp_route route = { 0 };
	struct ksrtp_out o = { 0 };

	KSRTP_SET(&o, KSRTP_A_OUT_PEER, peer, to);
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, from);
	if (in != ANY_SSRC) {
		KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, (uint32_t)in);
		KSRTP_SET(&o, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, out);
	}
	route.out = &o;
	route.n_out = 1;
	if (ksrtp_route_add(r->h, &route))
		kt_bail("route: %s", ksrtp_error(r->h));
}

/* A peer each way between neighbours, under a key of the link's own */
static void open_ring(const char *ip, int n)
{
	struct rig_key k;
	int i, next;

	for (i = 0; i < n; i++)
		rig_open_owned(&ring[i].r, ip);
	for (i = 0; i < n; i++) {
		next = (i + 1) % n;
		/* Of two relays the one after is the one before. */
		ring[i].to = n == 2 && i ? ring[i].from : rig_peer(&ring[i].r, &ring[next].r.addr);
		ring[next].from = n == 2 && i ? ring[next].to :
						rig_peer(&ring[next].r, &ring[i].r.addr);
		rig_hbh(&k, LEG_SUITE, 100 + i);
		rig_key(&ring[i].r, ring[i].to, KSRTP_DIR_TX, &k);
		rig_key(&ring[next].r, ring[next].from, KSRTP_DIR_RX, &k);
	}
	leg_open(&ring[0].r, &a, ip, 7);
}

static void close_ring(int n)
{
	close(a.far.fd);
	while (n--)
		rig_close(&ring[n].r);
}

static void none_left(const char *ip, int n)
{
	struct ksrtp_stats s;

	rig_stats(&ring[0].r, &s);
	if (s.relayed_packets)
		kt_bail("%s, %d: counted before anything was sent", ip, n);
}

/* Packets sent by all relays, once @drops were dropped for this reason */
static uint64_t sent(unsigned int reason, uint64_t drops)
{
	struct ksrtp_stats s;

	kt_wait_until((rig_stats(&ring[0].r, &s), s.drops.count[reason] >= drops), RIG_WAIT);
	return s.relayed_packets;
}

/* The same SSRC all the way round, where another source sends it already */
static void known_again(const char *ip, int n)
{
	struct ksrtp_stats since;
	int i;

	kt_netns();
	open_ring(ip, n);
	none_left(ip, n);
	for (i = 0; i < n; i++)
		route(&ring[i].r, ring[i].from, ring[i].to, ANY_SSRC, 0);
	route(&ring[0].r, a.far.id, ring[0].to, ANY_SSRC, 0);
	rig_stats(&ring[0].r, &since);
	set_hops(255);
	leg_says(&a, SSRC, 1);
	kt_is(sent(KSRTP_A_DROPS_SSRC_BUSY, 1), n,
	      "%s, %d relays in a circle: each sends a packet once", ip, n);
	kt_ok(rig_dropped(&ring[0].r, &since, KSRTP_A_DROPS_SSRC_BUSY, 1),
	      "then the first has it from two sides");
	close_ring(n);
}

/* Another SSRC on each hop: SSRC + i becomes SSRC + i + 1 */
static void hops_end_it(const char *ip, int n)
{
	struct ksrtp_stats since;
	int i;

	kt_netns();
	open_ring(ip, n);
	none_left(ip, n);
	route(&ring[0].r, a.far.id, ring[0].to, SSRC, SSRC + 1);
	for (i = 1; i < HOPS + 5; i++)
		route(&ring[i % n].r, ring[i % n].from, ring[i % n].to, SSRC + i, SSRC + i + 1);
	rig_stats(&ring[0].r, &since);
	set_hops(HOPS);
	leg_says(&a, SSRC, 1);
	kt_is(sent(KSRTP_A_DROPS_TTL, 1), HOPS - 1,
	      "%s, %d relays: with %d hops to live and never the same it is sent %d times", ip, n,
	      HOPS, HOPS - 1);
	kt_ok(rig_dropped(&ring[0].r, &since, KSRTP_A_DROPS_TTL, 1), "and dropped as ttl");
	close_ring(n);
}

/* A peer at the sock's own address: what it is sent comes back in. */
static void to_itself(const char *ip)
{
	struct ksrtp_stats since, now;
	struct rig_key k, other;
	uint32_t self;
	struct rig r;
	int i;

	kt_netns();
	rig_open_owned(&r, ip);
	leg_open(&r, &a, ip, 8);
	self = rig_peer(&r, &r.addr);
	rig_hbh(&k, LEG_SUITE, 200);
	rig_hbh(&other, LEG_SUITE, 201);
	rig_key(&r, self, KSRTP_DIR_TX, &k);
	rig_key(&r, self, KSRTP_DIR_RX, &k);
	route(&r, a.far.id, self, SSRC, SSRC + 1);
	for (i = 1; i < HOPS; i++)
		route(&r, self, self, SSRC + i, SSRC + i + 1);
	rig_stats(&r, &since);
	set_hops(255);
	leg_says(&a, SSRC, 1);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_OWN_PACKET, 1),
	      "%s, routed to itself: the packet is known as its own", ip);
	kt_is(since.relayed_packets, 1, "and was sent once");
	rig_key_del(&r, self, KSRTP_DIR_RX, &k);
	rig_key(&r, self, KSRTP_DIR_RX, &other);
	leg_says(&a, SSRC, 2);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 1),
	      "under another key it is none at all");
	rig_stats(&r, &now);
	kt_is(now.relayed_packets, 2, "once again");
	close(a.far.fd);
	rig_close(&r);
}

int main(void)
{
	static const char *const ips[] = { "127.0.0.1", "::1" };
	size_t i;
	int n;

	kt_plan(2 * (2 * 2 * 2 + 4));
	rig_start();
	for (i = 0; i < ARRAY_SIZE(ips); i++) {
		for (n = 2; n <= RELAYS; n++) {
			known_again(ips[i], n);
			hops_end_it(ips[i], n);
		}
		to_itself(ips[i]);
	}
	return kt_done();
}
