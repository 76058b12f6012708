// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Relays between IPv4 and IPv6: plain IPv6, a dual-stack socket with IPv4 peers,
 * from one family to the other, and peers at link-local addresses of two links.
 */
#include "leg.h"

/* Nothing is used twice, for a peer may be in several pairs. */
static uint32_t ssrc = 0x60006000;

static void both_ways(struct rig *r, struct leg *a, struct leg *b, const char *what)
{
	uint32_t from_a = ssrc++, from_b = ssrc++, i;
	uint8_t plain[256];
	bool heard = true;
	int len;

	leg_route_rtcp(r, a, ANY_SSRC, KSRTP_RTCP_MODE_FORWARD, b);
	leg_route_rtcp(r, b, ANY_SSRC, KSRTP_RTCP_MODE_FORWARD, a);
	for (i = 1; i <= 10 && heard; i++) {
		leg_says(a, from_a, i);
		leg_says(b, from_b, 60000 + i);
		heard = leg_hears(b, from_a, i) && leg_hears(a, from_b, 60000 + i);
		len = rig_rtcp(plain, from_a, i);
		leg_sends_rtcp(a, plain, len, i);
		heard = heard && leg_gets_rtcp(b, plain, len, i);
	}
	kt_ok(heard, "%s: RTP both ways and RTCP pass", what);
}

static void one_family(const char *ip)
{
	struct leg a, b;
	struct rig r;

	rig_open_owned(&r, ip);
	leg_open(&r, &a, ip, 1);
	leg_open(&r, &b, ip, 2);
	both_ways(&r, &a, &b, ip);
	rig_close(&r);
}

/* ---- a socket of both families ---- */

/*
 * A leg at an address, to a socket that is bound to none: it answers from the
 * one the kernel finds best, which on loopback is ::1 or 127.0.0.1
 */
static void leg_open_to(struct rig *r, struct leg *l, const char *ip, uint32_t seed)
{
	union rig_addr to = rig_addr(strchr(ip, ':') ? "::1" : "127.0.0.1",
				     rig_ksrtp_addr(&r->addr).port);

	leg_make(l, LEG_SUITE, seed);
	l->far.fd = rig_udp(ip, 0);
	l->far.addr = rig_local(l->far.fd);
	rig_connect(l->far.fd, &to);
	l->far.id = rig_peer(r, &l->far.addr);
	rig_key(r, l->far.id, KSRTP_DIR_RX, &l->up);
	rig_key(r, l->far.id, KSRTP_DIR_TX, &l->down);
}

static void close_leg(struct rig *r, struct leg *l)
{
	rig_far_close(r, &l->far);
}

static void dual_stack(struct rig *r, const char *what)
{
	struct leg v4, other4, v6;
	char name[64];

	leg_open_to(r, &v4, "127.0.0.1", 1);
	leg_open_to(r, &other4, "127.0.0.2", 2);
	leg_open_to(r, &v6, "::1", 3);
	snprintf(name, sizeof(name), "%s, IPv4 to IPv4", what);
	both_ways(r, &v4, &other4, name);
	close_leg(r, &other4);
	snprintf(name, sizeof(name), "%s, IPv4 to IPv6", what);
	both_ways(r, &v4, &v6, name);
	close_leg(r, &v4);
	close_leg(r, &v6);
}

static void dual_stack_app(void)
{
	uint8_t plain[256];
	union rig_addr to;
	struct leg v4;
	struct rig r;
	int len;

	rig_open(&r, "::");
	dual_stack(&r, "a dual-stack socket of an application");
	leg_open_to(&r, &v4, "127.0.0.1", 5);
	len = rig_rtp(plain, ++ssrc, 1, LEG_PAYLOAD);
	kt_ok(rig_hears(&r, &v4.far, &v4.up, NULL, plain, len, 1), "it hears an IPv4 peer");
	to = rig_addr("::ffff:127.0.0.1", rig_ksrtp_addr(&v4.far.addr).port);
	kt_is(sendto(r.app, plain, len, 0, &to.sa, rig_addr_len(&to)), len,
	      "it sends to it by the mapped address");
	kt_ok(leg_gets(&v4, plain, len, 1), "which is protected like any other");
	rig_close(&r);
}

static void dual_stack_owned(void)
{
	struct rig r;

	rig_open_owned(&r, "::");
	dual_stack(&r, "a dual-stack socket of the module");
	rig_close(&r);
}

/* ---- link-local peers ---- */

static int there;

static void pair(const char *ours, const char *theirs)
{
	kt_must("ip link add %s type veth peer name %s netns /proc/%d/fd/%d", ours, theirs,
		getpid(), there);
	kt_must("ip addr add fe80::1/64 dev %s nodad", ours);
	kt_must("ip link set %s addrgenmode none up", ours);
}

static int udp_on(const char *ip, const char *dev, union rig_addr *addr)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*addr = rig_addr(ip, 5004);
	addr->in6.sin6_scope_id = if_nametoindex(dev);
	if (fd < 0 || bind(fd, &addr->sa, sizeof(addr->in6)))
		kt_bail("bind to %s%%%s: %s", ip, dev, strerror(errno));
	return fd;
}

/* The same address and port on two links: only the scope tells them apart. */
static void leg_on_link(struct rig *r, struct leg *l, int home, const char *dev_here,
			const char *dev_there, uint32_t seed)
{
	union rig_addr to = r->addr, remote;

	leg_make(l, LEG_SUITE, seed);
	kt_netns_enter(there);
	l->far.fd = udp_on("fe80::2", dev_there, &l->far.addr);
	to.in6.sin6_addr = rig_addr("fe80::1", 0).in6.sin6_addr;
	to.in6.sin6_scope_id = if_nametoindex(dev_there);
	rig_connect(l->far.fd, &to);
	kt_netns_enter(home);
	remote = l->far.addr;
	remote.in6.sin6_scope_id = if_nametoindex(dev_here);
	l->far.id = rig_peer(r, &remote);
	rig_key(r, l->far.id, KSRTP_DIR_RX, &l->up);
	rig_key(r, l->far.id, KSRTP_DIR_TX, &l->down);
}

static void link_local(void)
{
	int home = kt_netns_fd();
	struct leg a, b;
	struct rig r;

	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	there = kt_netns_fd();
	kt_link_up("lo");
	kt_netns_enter(home);
	pair("left", "left");
	pair("right", "right");
	kt_netns_enter(there);
	kt_must("ip addr add fe80::2/64 dev left nodad; ip link set left addrgenmode none up");
	kt_must("ip addr add fe80::2/64 dev right nodad; ip link set right addrgenmode none up");
	kt_netns_enter(home);
	/* Our ends were up before there was a carrier: a work of the kernel's lets them send. */
	if (!kt_wait_until(!kt_run("ip link show left | grep -q 'state UP' && "
				   "ip link show right | grep -q 'state UP'"), RIG_WAIT))
		kt_bail("the links do not come up");

	rig_open(&r, "::");
	leg_on_link(&r, &a, home, "left", "left", 1);
	leg_on_link(&r, &b, home, "right", "right", 2);
	both_ways(&r, &a, &b, "one link-local address on two links");
	kt_ok(leg_quiet(&a) && leg_quiet(&b), "nothing goes to the wrong link");
	rig_close(&r);
}

/* ---- a socket's own address of several ---- */

static bool from_here(const union rig_addr *from, const union rig_addr *want, uint16_t port)
{
	struct ksrtp_addr a = rig_ksrtp_addr(from), b = rig_ksrtp_addr(want);

	return !memcmp(a.ip, b.ip, sizeof(a.ip)) && a.port == port;
}

/* The next packet, which is left where it is */
static bool comes_from(const struct rig *r, const struct leg *to, const union rig_addr *want)
{
	union rig_addr from;
	socklen_t len = sizeof(from);
	uint8_t byte;

	return kt_wait_until(recvfrom(to->far.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK, &from.sa,
				      &len) >= 0, RIG_WAIT) &&
	       from_here(&from, want, rig_ksrtp_addr(&r->addr).port);
}

static int set_remote(struct rig *r, const struct leg *l, const union rig_addr *to)
{
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, l->far.id);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(to));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	return ksrtp_peer_set(r->h, &peer);
}

/* The sock's @any address, a far end at @ip, which is to hear it from @here */
static void source_address(const char *any, const char *first, const char *ip, const char *here)
{
	union rig_addr other, want = rig_addr(here, 0);
	struct ksrtp_peer peer = { 0 };
	bool v6 = strchr(ip, ':');
	struct leg a, b;
	struct rig r;

	rig_open_owned(&r, any);
	leg_open_to(&r, &a, first, 1);
	leg_make(&b, LEG_SUITE, 2);
	b.far.fd = rig_udp(ip, 0);
	b.far.addr = rig_local(b.far.fd);
	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&b.far.addr));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	KSRTP_SET(&peer, KSRTP_A_PEER_LOCAL_ADDR, local, rig_ksrtp_addr(&want));
	if (ksrtp_peer_add(r.h, &peer))
		kt_bail("peer add: %s", ksrtp_error(r.h));
	b.far.id = peer.id;
	rig_key(&r, b.far.id, KSRTP_DIR_TX, &b.down);
	leg_route(&r, &a, ++ssrc, &b);
	leg_says(&a, ssrc, 1);
	kt_ok(comes_from(&r, &b, &want), "a peer's local address is where its packets come from: %s",
	      here);
	kt_ok(leg_hears(&b, ssrc, 1), "and they are right");
	/* The IPv6 socket could reach it, the local address could not. */
	other = rig_addr(v6 ? "127.0.0.1" : "::1", 1);
	close(b.far.fd);
	b.far.fd = rig_udp(ip, 0);
	b.far.addr = rig_local(b.far.fd);
	kt_ok(set_remote(&r, &b, &other) == (v6 ? -EINVAL : -EAFNOSUPPORT) &&
	      !set_remote(&r, &b, &b.far.addr),
	      "its remote address may be another, but of the same family");
	leg_says(&a, ssrc, 2);
	kt_ok(comes_from(&r, &b, &want) && leg_hears(&b, ssrc, 2), "and its local one stays");
	rig_close(&r);
}

int main(void)
{
	kt_plan(2 + 5 + 2 + 2 + 2 * 4);
	rig_start();
	one_family("127.0.0.1");
	one_family("::1");
	dual_stack_app();
	dual_stack_owned();
	link_local();
	source_address("0.0.0.0", "127.0.0.1", "127.0.0.5", "127.0.0.9");
	kt_must("ip addr add fd00::5/128 dev lo nodad; ip addr add fd00::9/128 dev lo nodad");
	source_address("::", "::1", "fd00::5", "fd00::9");
	return kt_done();
}
