// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What leaves a relay carries nothing of how it came in (mark, priority, the
 * connection it was tracked as), and always a right UDP checksum.
 *
 *	here: sender and receiver  ---veth---  relay's namespace
 */
#include "leg.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>

#define SSRC	0xc1ea0000

static int here, there;

/* ---- a relay at the other end of a veth pair ---- */

static void ip_batch(const char *commands)
{
	kt_must("printf '%%b' '%s' | ip -batch -", commands);
}

static void network(void)
{
	here = kt_netns_fd();
	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	there = kt_netns_fd();
	kt_netns_enter(here);
	kt_must("ip link add here type veth peer name there netns /proc/%d/fd/%d", getpid(), there);
	ip_batch("addr add 192.0.2.1/24 dev here\\n"
		 "addr add 2001:db8::1/64 dev here nodad\\n"
		 "link set here up\\n");
	kt_netns_enter(there);
	ip_batch("addr add 192.0.2.2/24 dev there\\n"
		 "addr add 2001:db8::2/64 dev there nodad\\n"
		 "link set there up\\n");
	kt_netns_enter(here);
}

static void open_there(struct rig *r, const char *ip)
{
	kt_netns_enter(there);
	rig_open_owned(r, ip);
	kt_netns_enter(here);
}

/* ---- marks, priorities, connections ---- */

/* Each counter is found by its comment. */
static const char rules[] =
	"table inet clean {\n"
	"	chain leaving {\n"
	"		counter comment left\n"
	"		meta mark != 0 counter comment marked\n"
	"		meta priority != 0 counter comment urgent\n"
	"		meta l4proto udp ct original proto-dst != %u counter comment foreign\n"
	"		ct mark != 0 counter comment connmarked\n"
	"	}\n"
	"	chain in {\n"
	"		type filter hook prerouting priority -150;\n"
	"		udp sport %u counter meta mark set 0x77 meta priority set 1:5 "
	"			ct mark set 0x77 comment came\n"
	"	}\n"
	"	chain out {\n"
	"		type filter hook postrouting priority 100;\n"
	"		udp dport %u jump leaving\n"
	"	}\n"
	"}\n";

static bool has_filter(void)
{
	kt_run("modprobe -qa nf_tables nf_conntrack nft_ct 2> /dev/null");
	return !kt_run("nft list tables > /dev/null 2>&1");
}

struct counts {
	int left, marked, urgent, foreign, connmarked, came;
};

/* nft says: "... counter packets 3 bytes 384 ... comment "came"" */
static void read_line(const char *line, struct counts *c)
{
	const struct {
		const char *comment;
		int *count;
	} counts[] = {
		{ "\"left\"", &c->left }, { "\"marked\"", &c->marked },
		{ "\"urgent\"", &c->urgent }, { "\"foreign\"", &c->foreign },
		{ "\"connmarked\"", &c->connmarked }, { "\"came\"", &c->came },
	};
	const char *packets = strstr(line, "packets ");
	size_t i;

	for (i = 0; packets && i < ARRAY_SIZE(counts); i++) {
		if (strstr(line, counts[i].comment))
			*counts[i].count = atoi(packets + strlen("packets "));
	}
}

/* What nft counted; -1 for a rule that is not there */
static struct counts count(void)
{
	struct counts c = { -1, -1, -1, -1, -1, -1 };
	char line[256];
	FILE *p;

	kt_netns_enter(there);
	p = popen("nft list table inet clean && nft delete table inet clean", "re");
	kt_netns_enter(here);
	while (p && fgets(line, sizeof(line), p))
		read_line(line, &c);
	if (!p || pclose(p))
		kt_bail("nft has no counters");
	return c;
}

static void put_rules(const struct leg *a, const struct leg *b)
{
	unsigned int in = rig_ksrtp_addr(&a->far.addr).port;
	unsigned int out = rig_ksrtp_addr(&b->far.addr).port;
	FILE *p;

	kt_netns_enter(there);
	p = popen("nft -f -", "we");
	kt_netns_enter(here);
	if (!p || fprintf(p, rules, out, in, out) < 0 || pclose(p))
		kt_bail("nft refuses its rules");
}

static void forgotten(const char *ip, const char *from)
{
	struct counts c;
	struct leg a, b;
	struct rig r;
	int i;

	open_there(&r, ip);
	leg_open(&r, &a, from, 1);
	leg_open(&r, &b, from, 2);
	leg_route(&r, &a, SSRC, &b);
	put_rules(&a, &b);
	for (i = 1; i <= 3; i++) {
		leg_says(&a, SSRC, i);
		leg_hears(&b, SSRC, i);
	}
	c = count();
	kt_is(c.came, 3, "%s: three packets come in and are marked", ip);
	kt_is(c.left, 3, "three leave");
	kt_is(c.marked, 0, "without the mark");
	kt_is(c.urgent, 0, "without the priority");
	kt_is(c.foreign, 0, "tracked as a connection of their own");
	kt_is(c.connmarked, 0, "without the other's mark");
	rig_close(&r);
}

static void filtered(void)
{
	int i;

	if (has_filter()) {
		forgotten("192.0.2.2", "192.0.2.1");
		forgotten("2001:db8::2", "2001:db8::1");
		return;
	}
	for (i = 0; i < 2 * 6; i++)
		kt_skip("nothing of how it came in is left", "this kernel has no nf_tables");
}

/* ---- checksums ---- */

static uint32_t sum(uint32_t s, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		s += ref_get16(p);
	return len ? s + (p[0] << 8) : s;
}

/* 0 where the checksum over pseudo header and datagram is right */
static uint16_t verify(const void *addresses, size_t len, const void *udp, size_t udp_len)
{
	uint32_t s = sum(IPPROTO_UDP + udp_len, addresses, len);

	s = sum(s, udp, udp_len);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

struct seen {
	bool pending;		/* left to hardware there is not */
	bool absent;
	bool right;
};

static struct seen look(const uint8_t *ip, const struct tpacket_auxdata *aux)
{
	const struct iphdr *v4 = (const void *)ip;
	const struct ip6_hdr *v6 = (const void *)ip;
	bool is_v4 = v4->version == 4;
	const struct udphdr *udp = (const void *)(ip + (is_v4 ? sizeof(*v4) : sizeof(*v6)));

	return (struct seen){
		.pending = aux->tp_status & TP_STATUS_CSUMNOTREADY,
		.absent = !udp->check,
		.right = !(is_v4 ? verify(&v4->saddr, 8, udp, ntohs(udp->len)) :
				   verify(&v6->ip6_src, 32, udp, ntohs(udp->len))),
	};
}

static int tap(int protocol)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex("here"),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		kt_bail("packet socket: %s", strerror(errno));
	return fd;
}

/* The next datagram to @port that comes in from the link */
static struct seen watch(int fd, uint16_t port)
{
	uint8_t packet[2048], control[256];
	struct sockaddr_ll from;
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr msg = {
		.msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
	};
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct cmsghdr *cmsg;

	while (poll(&pfd, 1, RIG_WAIT * kt_slow()) == 1) {
		size_t udp;

		msg.msg_namelen = sizeof(from);
		msg.msg_controllen = sizeof(control);
		if (recvmsg(fd, &msg, 0) < 48)
			continue;
		udp = packet[0] >> 4 == 4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
		if (from.sll_pkttype != PACKET_HOST || ref_get16(packet + udp + 2) != port)
			continue;
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			if (cmsg->cmsg_type == PACKET_AUXDATA)
				return look(packet, (void *)CMSG_DATA(cmsg));
		}
	}
	kt_bail("nothing arrives on the link");
}

static void offload(const char *state)
{
	kt_netns_enter(there);
	kt_must("ethtool -K there tx-checksumming %s > /dev/null", state);
	kt_netns_enter(here);
}

static void checksummed(const char *ip, const char *from, int protocol)
{
	struct leg a, b;
	struct seen seen;
	struct rig r;
	uint16_t port;
	int fd, no_check = 1;

	open_there(&r, ip);
	leg_open(&r, &a, from, 1);
	leg_open(&r, &b, from, 2);
	leg_route(&r, &a, SSRC, &b);
	port = rig_ksrtp_addr(&b.far.addr).port;
	fd = tap(protocol);

	offload("off");
	leg_says(&a, SSRC, 1);
	seen = watch(fd, port);
	kt_ok(!seen.pending && !seen.absent && seen.right,
	      "%s: without checksum offload what leaves has a checksum, and it is right", ip);
	offload("on");
	leg_says(&a, SSRC, 2);
	seen = watch(fd, port);
	kt_ok(!seen.absent && (seen.pending || seen.right),
	      "with it, it is right or for the link to fill in");
	offload("off");
	if (protocol == ETH_P_IP &&
	    setsockopt(a.far.fd, SOL_SOCKET, SO_NO_CHECK, &no_check, sizeof(no_check)))
		kt_bail("SO_NO_CHECK: %s", strerror(errno));
	leg_says(&a, SSRC, 3);
	seen = watch(fd, port);
	kt_ok(!seen.absent && seen.right, "what came without one leaves with one");
	kt_ok(leg_hears(&b, SSRC, 1) && leg_hears(&b, SSRC, 2) && leg_hears(&b, SSRC, 3),
	      "the receiver finds all of them right");
	close(fd);
	rig_close(&r);
}

int main(void)
{
	kt_plan(2 * 6 + 2 * 4);
	rig_start();
	network();
	filtered();
	checksummed("192.0.2.2", "192.0.2.1", ETH_P_IP);
	checksummed("2001:db8::2", "2001:db8::1", ETH_P_IPV6);
	return kt_done();
}
