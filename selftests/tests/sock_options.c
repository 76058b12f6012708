// SPDX-License-Identifier: GPL-2.0-or-later
/* A socket under ksrtp refuses the options that would take it away, and no others. */
#include "leg.h"

#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>

#ifndef IPV6_ADDRFORM
#define IPV6_ADDRFORM	1
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif

#define SSRC	0x09710000

static struct rig r;
static struct leg f;
static uint8_t plain[512];
static uint64_t next = 1;

static bool works(void)
{
	int len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);
	bool in = rig_hears(&r, &f.far, &f.up, NULL, plain, len, next);

	len = rig_rtp(plain, SSRC + 1, next, LEG_PAYLOAD);
	return in && rig_says(&r, &f.far, &f.down, NULL, plain, len, next++);
}

static int set(int level, int name, int value)
{
	return setsockopt(r.app, level, name, &value, sizeof(value)) ? -errno : 0;
}

static void options_v4(void)
{
	static const struct {
		const char *name;
		int level, option, value;
	} fine[] = {
		{ "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, 100000 },
		{ "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, 100000 },
		{ "SO_PRIORITY", SOL_SOCKET, SO_PRIORITY, 6 },
		{ "SO_TIMESTAMP", SOL_SOCKET, SO_TIMESTAMP, 1 },
		{ "IP_TOS", IPPROTO_IP, IP_TOS, 0xb8 },
		{ "IP_TTL", IPPROTO_IP, IP_TTL, 33 },
		{ "IP_PKTINFO", IPPROTO_IP, IP_PKTINFO, 1 },
		{ "IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
		{ "UDP_GRO", IPPROTO_UDP, UDP_GRO, 1 },
		{ "UDP_CORK 0", IPPROTO_UDP, UDP_CORK, 0 },
	};
	size_t i;

	rig_open(&r, "127.0.0.1");
	leg_open(&r, &f, "127.0.0.1", 1);
	kt_is(set(IPPROTO_UDP, UDP_CORK, 1), -EBUSY, "UDP_CORK is refused");
	kt_ok(works(), "and nothing is held back");
	kt_is(set(IPPROTO_UDP, UDP_ENCAP, 3), -EBUSY, "UDP_ENCAP is refused");
	kt_ok(works(), "and the socket is still ksrtp's");
	for (i = 0; i < ARRAY_SIZE(fine); i++)
		kt_ok(!set(fine[i].level, fine[i].option, fine[i].value) && works(),
		      "%s can be set", fine[i].name);
	kt_is(set(IPPROTO_UDP, 999, 1), -ENOPROTOOPT, "an option there is not is refused as ever");
	rig_close(&r);
}

static void options_v6(void)
{
	leg_open_mapped(&r, &f, 2);
	kt_ok(works(), "an IPv6 socket connected to an IPv4 peer works");
	kt_is(set(IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET), -EBUSY, "IPV6_ADDRFORM is refused");
	kt_ok(works(), "and it is what it was");
	rig_close(&r);
}

int main(void)
{
	kt_plan(4 + 10 + 1 + 3);
	rig_start();
	options_v4();
	options_v6();
	return kt_done();
}
