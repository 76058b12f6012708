// SPDX-License-Identifier: GPL-2.0-or-later
/* A forwarded packet has one hop less to live than it came with, so that loops end. */
#include "leg.h"

#include <netinet/ip.h>
#include <netinet/udp.h>

#define SSRC	0x77777777

/* ---- one hop less ---- */

static void set_ttl(const struct leg *l, int ttl)
{
	bool v4 = l->far.addr.sa.sa_family == AF_INET;

	if (setsockopt(l->far.fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS,
		       &ttl, sizeof(ttl)))
		kt_bail("no TTL of %d: %s", ttl, strerror(errno));
}

/* TTL or hop limit of the next datagram */
static int recv_ttl(const struct leg *l)
{
	bool v4 = l->far.addr.sa.sa_family == AF_INET;
	char control[256], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct pollfd pfd = { .fd = l->far.fd, .events = POLLIN };
	struct cmsghdr *cmsg;
	int one = 1;

	if (setsockopt(l->far.fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
		       v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, &one, sizeof(one)))
		kt_bail("no TTL: %s", strerror(errno));
	if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1 || recvmsg(l->far.fd, &msg, 0) < 0)
		return -1;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_type == (v4 ? IP_TTL : IPV6_HOPLIMIT))
			return *(int *)CMSG_DATA(cmsg);
	}
	return -1;
}

static void one_less(const char *ip)
{
	struct ksrtp_stats since;
	struct leg a, b;
	struct rig r;

	rig_open_owned(&r, ip);
	leg_open(&r, &a, ip, 1);
	leg_open(&r, &b, ip, 2);
	leg_route(&r, &a, SSRC, &b);
	rig_stats(&r, &since);
	set_ttl(&a, 64);
	leg_says(&a, SSRC, 1);
	kt_is(recv_ttl(&b), 63, "%s: what came with 64 hops to live leaves with 63", ip);
	set_ttl(&a, 2);
	leg_says(&a, SSRC, 2);
	kt_is(recv_ttl(&b), 1, "what came with 2 leaves with 1");
	set_ttl(&a, 1);
	leg_says(&a, SSRC, 3);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_TTL, 1) && leg_quiet(&b),
	      "what came with 1 goes no further");
	set_ttl(&a, 255);
	leg_says(&a, SSRC, 4);
	kt_is(recv_ttl(&b), 254, "the next one does");
	rig_close(&r);
}

/* ---- two relays routed at each other ---- */

struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	uint8_t payload[512];
} __attribute__((packed));

/* From one relay's address to the other, as neither would send it by itself */
static void inject(const union rig_addr *from, const union rig_addr *to, const struct rig_key *k,
		   uint32_t ssrc, uint64_t index, int ttl)
{
	struct datagram d = { 0 };
	uint8_t plain[256];
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int len = rig_seal(k, NULL, plain, rig_rtp(plain, ssrc, index, LEG_PAYLOAD), index,
			   d.payload);

	if (fd < 0)
		kt_bail("no raw socket: %s", strerror(errno));
	d.ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = ttl, .protocol = IPPROTO_UDP,
		.saddr = from->in.sin_addr.s_addr, .daddr = to->in.sin_addr.s_addr,
	};
	d.udp.source = from->in.sin_port;
	d.udp.dest = to->in.sin_port;
	d.udp.len = htons(sizeof(d.udp) + len);
	len += sizeof(d.ip) + sizeof(d.udp);
	if (sendto(fd, &d, len, 0, &to->sa, sizeof(to->in)) != len)
		kt_bail("raw datagram: %s", strerror(errno));
	close(fd);
}

static uint32_t peer_with_keys(struct rig *r, const union rig_addr *at, const struct rig_key *rx,
			       const struct rig_key *tx)
{
	uint32_t id = rig_peer(r, at);

	rig_key(r, id, KSRTP_DIR_RX, rx);
	rig_key(r, id, KSRTP_DIR_TX, tx);
	return id;
}

static void route_back(struct rig *r, uint32_t peer, uint32_t in, uint32_t out)
{
	struct ksrtp_route route = { 0 };
	struct ksrtp_out to = { 0 };

	KSRTP_SET(&to, KSRTP_A_OUT_PEER, peer, peer);
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, peer);
	route.out = &to;
	route.n_out = 1;
	if (in) {
		KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, in);
		KSRTP_SET(&to, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, out);
	}
	if (ksrtp_route_add(r->h, &route))
		kt_bail("route add: %s", ksrtp_error(r->h));
}

/* The counter of relayed packets, once nothing is relayed any more */
static uint64_t relayed(struct rig *r, unsigned int reason, uint64_t drops)
{
	struct ksrtp_stats stats;

	kt_wait_until((rig_stats(r, &stats), stats.drops.count[reason] >= drops), RIG_WAIT);
	return stats.relayed_packets;
}

static void loop(void)
{
	struct rig x, y;
	struct rig_key to_x, to_y;
	struct ksrtp_stats since;
	uint32_t at_x, at_y, i;
	uint64_t before;

	rig_open_owned(&x, "127.0.0.1");
	rig_open_owned(&y, "127.0.0.1");
	rig_hbh(&to_x, LEG_SUITE, 11);
	rig_hbh(&to_y, LEG_SUITE, 12);
	at_x = peer_with_keys(&x, &y.addr, &to_x, &to_y);
	at_y = peer_with_keys(&y, &x.addr, &to_y, &to_x);

	route_back(&x, at_x, 0, 0);
	route_back(&y, at_y, 0, 0);
	rig_stats(&x, &since);
	before = since.relayed_packets;
	inject(&y.addr, &x.addr, &to_x, SSRC, 1, 64);
	kt_ok(rig_dropped(&x, &since, KSRTP_A_DROPS_REPLAYED, 1),
	      "of two relays routed at each other the first knows its packet again");
	kt_is(since.relayed_packets - before, 2, "each has sent it once");

	/* Every hop gives it another SSRC, so that only its hops can stop it. */
	for (i = 1; i < 20; i++)
		route_back(i & 1 ? &x : &y, i & 1 ? at_x : at_y, i, i + 1);
	before = since.relayed_packets;
	inject(&y.addr, &x.addr, &to_x, 1, 1, 10);
	kt_is(relayed(&x, KSRTP_A_DROPS_TTL, 1) - before, 9,
	      "a packet with 10 hops to live, never the same, is sent 9 times");
	kt_ok(rig_dropped(&x, &since, KSRTP_A_DROPS_TTL, 1), "and then dropped as ttl");
	rig_close(&x);
	rig_close(&y);
}

int main(void)
{
	kt_plan(4 * 2 + 4);
	rig_start();
	one_less("127.0.0.1");
	one_less("::1");
	loop();
	return kt_done();
}
