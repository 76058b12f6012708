// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens to packets when the network fails under a relay and an
 * application: route lost, interface down or gone, MTU lowered, neighbour
 * silent, queues full, output filtered, a tunnel that leads nowhere. Each is counted
 * where it belongs, and is over when it is over.
 *
 * timeout: 300
 *
 *	here: sender, relay, application  ---out:veth:far---  receivers
 */
#include "leg.h"
#include "rawnl.h"

#include <linux/wireguard.h>

#define SSRC		0xfa1e0000
#define V4		"198.51.100."
#define V6		"2001:db8:100::"
/* Less, and an interface has no IPv6 any more */
#define LOW_MTU		1280
#define BURST		40

static int here, away;
static struct rig r;
static struct leg a, b;
/* Its own for each way a packet may take: an index is used once */
static uint64_t relayed, written;

/* ---- the network ---- */

static void go(int ns)
{
	kt_netns_enter(ns);
}

static void ip(const char *command)
{
	kt_must("ip %s", command);
}

static void addresses(const char *dev, int host)
{
	kt_must("ip addr add " V4 "%d/24 dev %s", host, dev);
	kt_must("ip addr add " V6 "%d/64 dev %s nodad", host, dev);
	kt_must("ip link set %s up", dev);
}

static void wire(void)
{
	kt_must("ip link add out type veth peer name far netns /proc/%d/fd/%d", getpid(), away);
	/* What is down keeps its addresses, IPv6 as IPv4 does. */
	kt_must("sysctl -qw net.ipv6.conf.out.keep_addr_on_down=1");
	addresses("out", 1);
	go(away);
	addresses("far", 2);
	go(here);
}

static void network(void)
{
	here = kt_netns_fd();
	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	away = kt_netns_fd();
	go(here);
	wire();
}

/* A number of /proc/net/snmp: the @name of protocol @proto */
static unsigned long snmp(const char *proto, const char *name)
{
	char names[4096], values[4096], *n, *v, *save_n, *save_v;
	unsigned long found = 0;
	FILE *f = fopen("/proc/self/net/snmp", "re");

	while (f && fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
		if (strncmp(names, proto, strlen(proto)) || names[strlen(proto)] != ':')
			continue;
		n = strtok_r(names, "\n ", &save_n);
		v = strtok_r(values, "\n ", &save_v);
		for (; n && v; n = strtok_r(NULL, "\n ", &save_n),
		     v = strtok_r(NULL, "\n ", &save_v))
			if (!strcmp(n, name))
				found = strtoul(v, NULL, 10);
	}
	if (f)
		fclose(f);
	return found;
}

/* Messages that say a packet was too big or did not find its way */
static unsigned long icmp_sent(const char *family)
{
	unsigned long n, sum = 0;
	char line[256];
	FILE *f;

	if (!*family)
		return snmp("Icmp", "OutMsgs");
	f = fopen("/proc/self/net/snmp6", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Icmp6OutPktTooBigs %lu", &n) == 1 ||
		    sscanf(line, "Icmp6OutDestUnreachs %lu", &n) == 1)
			sum += n;
	if (f)
		fclose(f);
	return sum;
}

/* ---- traffic ---- */

static void says(size_t payload)
{
	uint8_t plain[2000];

	relayed++;
	leg_sends(&a, plain, rig_rtp(plain, SSRC, relayed, payload), relayed);
}

static bool hears(size_t payload)
{
	uint8_t plain[2000];

	return leg_gets(&b, plain, rig_rtp(plain, SSRC, relayed, payload), relayed);
}

static bool passes(size_t payload)
{
	says(payload);
	return hears(payload);
}

static void drain(int fd)
{
	uint8_t buf[2048];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
}

/* And what is under way: another processor may be handing it out, one by one. */
static void drain_all(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	do
		drain(fd);
	while (poll(&p, 1, 100 * kt_slow()) == 1);
}

/* Once more and once more: a link that comes up takes its time */
static bool passes_soon(void)
{
	struct pollfd p = { .fd = b.far.fd, .events = POLLIN };
	bool ok;

	ok = kt_wait_until((says(100), poll(&p, 1, 100) == 1), RIG_WAIT);
	drain_all(b.far.fd);
	return ok && passes(100);
}

static bool dropped(unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	says(100);
	return rig_dropped(&r, &stats, reason, 1) && leg_quiet(&b);
}

/* The application writes to b. Return: as sendmsg */
static int writes(uint64_t index, size_t payload)
{
	uint8_t plain[2000];

	return rig_app_send(&r, &b.far, plain, rig_rtp(plain, SSRC + 1, index, payload));
}

static bool reads(uint64_t index, size_t payload)
{
	uint8_t plain[2000];

	return leg_gets(&b, plain, rig_rtp(plain, SSRC + 1, index, payload), index);
}

/* ---- faults ---- */

/* @family is as ip(8) has it: "" or "-6" */
static const char *v(const char *family)
{
	return *family ? "v6" : "v4";
}

static void route_lost(const char *family, const char *net, const char *via)
{
	kt_must("ip %s route del %s dev out", family, net);
	kt_ok(dropped(KSRTP_A_DROPS_UNREACHABLE), "IP%s, route lost: dropped as unreachable",
	      v(family));
	kt_ok(writes(++written, 50) < 0, "IP%s, route lost: the application is told", v(family));
	kt_must("ip %s route add %s dev out %s", family, net, via);
	kt_ok(passes(100), "IP%s, route back: packets pass", v(family));
	kt_ok(writes(written, 50) > 0 && reads(written, 50),
	      "IP%s, route back: what was refused can be written again", v(family));
}

static void interface_down(const char *family)
{
	ip("link set out down");
	kt_ok(dropped(KSRTP_A_DROPS_UNREACHABLE), "IP%s, interface down: dropped as unreachable",
	      v(family));
	ip("link set out up");
	kt_ok(passes_soon(), "IP%s, interface up: packets pass", v(family));
}

/* A path that is kept must not keep the device it leads over. */
static void interface_gone(const char *family)
{
	long long start = kt_now_ms();

	ip("link del out");
	kt_ok(kt_now_ms() - start < 5000LL * kt_slow() && dropped(KSRTP_A_DROPS_UNREACHABLE),
	      "IP%s, interface deleted: it goes at once, packets are dropped as unreachable",
	      v(family));
	wire();
	kt_ok(passes_soon(), "IP%s, another in its place: packets pass", v(family));
}

/* Where a cached route leads elsewhere now, packets go there. */
static void route_moved(const char *family, const char *to)
{
	kt_must("ip %s route add blackhole %s", family, to);
	kt_ok(dropped(KSRTP_A_DROPS_UNREACHABLE), "IP%s, a black hole instead: seen at once",
	      v(family));
	kt_must("ip %s route del blackhole %s", family, to);
	kt_ok(passes(100), "IP%s, and no more: packets pass", v(family));
}

static void mtu_lowered(const char *family)
{
	unsigned long icmp = icmp_sent(family);
	struct ksrtp_stats stats;

	if (!passes(1350))
		kt_bail("a large packet does not pass");
	rig_stats(&r, &stats);
	kt_must("ip link set out mtu %d", LOW_MTU);
	kt_ok(passes(1350) && rig_dropped(&r, &stats, KSRTP_A_DROPS_TOO_BIG, 0),
	      "IP%s, MTU below the packet: it is fragmented, and read", v(family));
	kt_ok(icmp_sent(family) == icmp, "IP%s, and nobody is sent an ICMP message",
	      v(family));
	kt_ok(writes(++written, 1350) > 0 && reads(written, 1350),
	      "IP%s, what the application writes is as well", v(family));
	ip("link set out mtu 1500");
}

/* By IP_MTU_DISCOVER=DO the application wants no fragments. */
static void mtu_refused(void)
{
	int want = IP_PMTUDISC_DO, dont = IP_PMTUDISC_DONT;

	kt_must("ip link set out mtu %d", LOW_MTU);
	setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &want, sizeof(want));
	kt_is(writes(++written, 1350), -EMSGSIZE, "a write that must not be fragmented is refused");
	kt_ok(writes(written, 100) > 0 && reads(written, 100),
	      "and its sequence number is not lost with it");
	setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont));
	ip("link set out mtu 1500");
}

/* A host that does not answer, beside one that does */
static void neighbour_silent(const char *family, const char *address, const char *prefix)
{
	union rig_addr at = rig_addr(address, 5004);
	struct ksrtp_out outs[2] = { { 0 }, leg_out(&b) };
	struct rig_key key;
	uint32_t id;
	int i, heard = 0, fd;
	bool found = false;

	id = rig_peer(&r, &at);
	rig_hbh(&key, LEG_SUITE, 9);
	rig_key(&r, id, KSRTP_DIR_TX, &key);
	KSRTP_SET(&outs[0], KSRTP_A_OUT_PEER, peer, id);
	leg_unroute(&r, &a, SSRC);
	if (leg_try_route(&r, &a, SSRC, -1, outs, 2))
		kt_bail("route: %s", ksrtp_error(r.h));
	for (i = 0; i < BURST; i++)
		heard += passes(100);
	kt_is(heard, BURST, "IP%s, a neighbour that is silent costs the other output nothing",
	      v(family));
	go(away);
	kt_must("ip addr add %s/%s dev far%s", address, prefix, *family ? " nodad" : "");
	fd = rig_udp(address, 5004);
	go(here);
	kt_must("ip neigh flush dev out");
	for (i = 0; !found && i < 200 * kt_slow(); i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		found = passes(100) && poll(&p, 1, 20) == 1;
	}
	kt_ok(found, "IP%s, and once it answers it hears", v(family));
	close(fd);
	if (ksrtp_peer_del(r.h, id))
		kt_bail("peer del: %s", ksrtp_error(r.h));
}

static void burst(void)
{
	int i;

	for (i = 0; i < BURST; i++)
		says(100);
}

/* A queue that holds one packet, and drops others */
static void queue_full(void)
{
	static const char *const names[] = {
		"a full queue drops, what comes through is whole and in its place",
		"the queue gone: packets pass",
	};
	struct pollfd p = { .fd = b.far.fd, .events = POLLIN };
	uint64_t first = relayed + 1, at;
	uint8_t buf[2048], plain[200], want[300];
	int i, n, len;

	kt_run("modprobe -q sch_netem");
	if (kt_run("tc qdisc add dev out root netem delay 300ms limit 1 2> /dev/null")) {
		for (i = 0; i < 2; i++)
			kt_skip(names[i], "this kernel has no netem");
		return;
	}
	drain(b.far.fd);
	/* What the host asks of its neighbours may take the one place. */
	if (!kt_wait_until((burst(), poll(&p, 1, 1000) == 1), RIG_WAIT))
		kt_note("nothing comes through");
	n = recv(b.far.fd, buf, sizeof(buf), MSG_DONTWAIT);
	at = n >= 12 ? ref_get16(buf + 2) : 0;
	len = rig_rtp(plain, SSRC, at, 100);
	kt_ok(at >= first && at <= relayed &&
	      rig_seal(&b.down, NULL, plain, len, at, want) == n && !memcmp(want, buf, n),
	      "%s", names[0]);
	kt_must("tc qdisc del dev out root");
	kt_ok(passes_soon(), "%s", names[1]);
}

/* A queue that holds what the socket has room for, and hands out little of it */
static void send_buffer_full(void)
{
	static const char *const names[] = {
		"without room in the socket a write is refused for now",
		"and can be written again, its sequence number is not lost",
	};
	int small = 1, large = 1 << 20, i, err = 1;

	kt_run("modprobe -q sch_tbf");
	if (kt_run("tc qdisc add dev out root tbf rate 8kbit burst 1600 limit 100000 "
		   "2> /dev/null")) {
		for (i = 0; i < 2; i++)
			kt_skip(names[i], "this kernel has no token bucket");
		return;
	}
	setsockopt(r.app, SOL_SOCKET, SO_SNDBUFFORCE, &small, sizeof(small));
	for (i = 0; i < 100 && err > 0; i++)
		err = writes(++written, 900);
	kt_is(err, -EAGAIN, "%s", names[0]);
	setsockopt(r.app, SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof(large));
	kt_must("tc qdisc del dev out root");
	kt_ok(writes(written, 900) > 0, "%s", names[1]);
	drain_all(b.far.fd);
}

/* What an application does not read in time */
static void receive_queue_full(void)
{
	unsigned long errors = snmp("Udp", "RcvbufErrors");
	int small = 1, large = 1 << 20, i, len;
	struct ksrtp_stats then, now;
	uint8_t plain[1000], wire[1100];

	setsockopt(r.app, SOL_SOCKET, SO_RCVBUFFORCE, &small, sizeof(small));
	rig_stats(&r, &then);
	for (i = 1; i <= BURST; i++) {
		len = rig_rtp(plain, SSRC + 2, i, 900);
		rig_far_send(&a.far, wire, rig_seal(&a.up, NULL, plain, len, i, wire));
	}
	kt_ok(kt_wait_until(snmp("Udp", "RcvbufErrors") > errors, RIG_WAIT) &&
	      rig_dropped(&r, &then, KSRTP_A_DROPS_NO_MEMORY, 0),
	      "a full receive queue is the stack's drop, counted as RcvbufErrors");
	rig_stats(&r, &now);
	drain_all(r.app);
	setsockopt(r.app, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large));
	len = rig_rtp(plain, SSRC + 2, i, 900);
	kt_ok(rig_hears(&r, &a.far, &a.up, NULL, plain, len, i), "what comes after it is read");
}

/* A firewall that says no: the application hears of it, a relay's packet is gone. */
static void filtered(void)
{
	static const char *const names[] = {
		"filtered on output: the application is refused",
		"its index is not used again, for it may have left in part",
		"what is relayed does not come through",
		"the filter gone: both pass",
	};
	int i;

	kt_run("modprobe -qa nf_tables");
	if (kt_run("echo 'table inet no { chain out { type filter hook output priority 0; "
		   "udp dport %u drop; }; }' | nft -f - 2> /dev/null",
		   rig_ksrtp_addr(&b.far.addr).port)) {
		for (i = 0; i < 4; i++)
			kt_skip(names[i], "there is no nftables");
		return;
	}
	kt_is(writes(++written, 50), -EPERM, "%s", names[0]);
	kt_is(writes(written, 50), -EEXIST, "%s", names[1]);
	says(100);
	kt_ok(rig_app_quiet(&r, &a.far) && leg_quiet(&b), "%s", names[2]);
	kt_must("nft delete table inet no");
	kt_ok(passes(100) && writes(++written, 50) > 0 && reads(written, 50), "%s", names[3]);
}

/* A tunnel with a peer for all addresses, and no word on where that is */
static bool tunnel(void)
{
	static const uint8_t key[WG_KEY_LEN] = { 9 }, any[4];
	struct nlattr *peers, *peer, *nets, *net;
	static struct raw wg;
	int err;

	kt_run("modprobe -q wireguard");
	if (kt_run("ip link add wg-test type wireguard 2> /dev/null") ||
	    raw_open_family(&wg, WG_GENL_NAME))
		return false;
	raw_new(&wg, WG_CMD_SET_DEVICE, 0);
	raw_put(&wg, WGDEVICE_A_IFNAME, "wg-test", sizeof("wg-test"));
	raw_put(&wg, WGDEVICE_A_PRIVATE_KEY, key, sizeof(key));
	peers = raw_nest(&wg, WGDEVICE_A_PEERS);
	peer = raw_nest(&wg, 0);
	raw_put(&wg, WGPEER_A_PUBLIC_KEY, key, sizeof(key));
	nets = raw_nest(&wg, WGPEER_A_ALLOWEDIPS);
	net = raw_nest(&wg, 0);
	raw_u16(&wg, WGALLOWEDIP_A_FAMILY, AF_INET);
	raw_put(&wg, WGALLOWEDIP_A_IPADDR, any, sizeof(any));
	raw_u8(&wg, WGALLOWEDIP_A_CIDR_MASK, 0);
	raw_end(&wg, net);
	raw_end(&wg, nets);
	raw_end(&wg, peer);
	raw_end(&wg, peers);
	err = raw_talk(&wg);
	if (err)
		kt_bail("a wireguard peer: %s", strerror(-err));
	raw_close(&wg);
	ip("link set wg-test up");
	return true;
}

/* The tunnel answers what a socket does that is not connected, from far below it. */
static void tunnel_without_end(const char *to)
{
	static const char *const names[] = {
		"a tunnel that leads nowhere: the application is told by EDESTADDRREQ",
		"its index is not used again, for it may have left in part",
		"the tunnel gone: packets pass",
	};
	int i;

	if (!tunnel()) {
		for (i = 0; i < 3; i++)
			kt_skip(names[i], "this kernel has no wireguard");
		return;
	}
	kt_must("ip route add %s dev wg-test", to);
	kt_is(writes(++written, 50), -EDESTADDRREQ, "%s", names[0]);
	kt_is(writes(written, 50), -EEXIST, "%s", names[1]);
	ip("link del wg-test");
	kt_ok(passes(100) && writes(++written, 50) > 0 && reads(written, 50), "%s", names[2]);
}

/* ---- both families ---- */

/* The socket is bound to no address: those of the link come and go. */
static void open_all(const char *any, const char *lo, const char *me, const char *other)
{
	uint16_t port;

	relayed = 0;
	written = 0;
	rig_open(&r, any);
	fcntl(r.app, F_SETFL, O_NONBLOCK);
	port = rig_ksrtp_addr(&r.addr).port;
	r.addr = rig_addr(lo, port);
	leg_open(&r, &a, lo, 1);
	leg_make(&b, LEG_SUITE, 2);
	r.addr = rig_addr(me, port);
	go(away);
	leg_join(&r, &b, other);
	go(here);
	leg_route(&r, &a, SSRC, &b);
	if (!passes_soon())
		kt_bail("nothing passes to begin with");
}

static void close_all(void)
{
	close(a.far.fd);
	close(b.far.fd);
	rig_close(&r);
}

int main(void)
{
	kt_plan(2 * 4 + 2 * 2 + 2 * 2 + 2 * 2 + 2 * 3 + 2 + 2 * 2 + 4 + 2 + 4 + 3);
	rig_start();
	network();
	open_all("0.0.0.0", "127.0.0.1", V4 "1", V4 "2");
	route_lost("", V4 "0/24", "src " V4 "1");
	interface_down("");
	interface_gone("");
	route_moved("", V4 "2/32");
	mtu_lowered("");
	mtu_refused();
	neighbour_silent("", V4 "77", "24");
	queue_full();
	send_buffer_full();
	receive_queue_full();
	filtered();
	tunnel_without_end(V4 "2/32");
	close_all();

	open_all("::", "::1", V6 "1", V6 "2");
	route_lost("-6", V6 "/64", "");
	interface_down("-6");
	interface_gone("-6");
	route_moved("-6", V6 "2/128");
	mtu_lowered("-6");
	neighbour_silent("-6", V6 "77", "64");
	close_all();
	return kt_done();
}
