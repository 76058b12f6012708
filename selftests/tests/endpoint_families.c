// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Endpoints over IPv4, IPv6 and a dual-stack socket with peers of both, as they
 * are and connected: plain RTP and RTCP on one side, SRTP on the other.
 */
#include "rig.h"

#define SSRC	0x60006000

/* A far end and how far its streams have come, both ways alike */
struct end {
	struct rig_far f;
	uint16_t seq;
	uint32_t srtcp_index;
};

static struct rig r;
static struct rig_key rx, tx;

static void give_keys(const struct end *e)
{
	rig_key(&r, e->f.id, KSRTP_DIR_RX, &rx);
	rig_key(&r, e->f.id, KSRTP_DIR_TX, &tx);
}

static bool both_ways(struct end *e)
{
	uint8_t rtp[1500], rtcp[200];
	int len = rig_rtp(rtp, SSRC, ++e->seq, 1200);
	int rtcp_len = rig_rtcp(rtcp, SSRC, ++e->srtcp_index);

	return rig_hears(&r, &e->f, &rx, NULL, rtp, len, e->seq) &
	       rig_says(&r, &e->f, &tx, NULL, rtp, len, e->seq) &
	       rig_hears_rtcp(&r, &e->f, &rx, rtcp, rtcp_len, e->srtcp_index) &
	       rig_says_rtcp(&r, &e->f, &tx, rtcp, rtcp_len, e->srtcp_index);
}

/* Sends without an address; what comes, comes from the peer. */
static bool connected(struct end *e)
{
	uint8_t rtp[1500], wire[1600];
	int len = rig_rtp(rtp, SSRC, ++e->seq, 300), n;

	rig_connect(r.app, &e->f.addr);
	n = rig_seal(&tx, NULL, rtp, len, e->seq, wire);
	if (send(r.app, rtp, len, 0) != len || !rig_gets(e->f.fd, wire, n))
		return false;
	return rig_hears(&r, &e->f, &rx, NULL, rtp, len, e->seq);
}

static void one_family(const char *name, const char *ip)
{
	struct end e = { 0 };

	rig_open(&r, ip);
	rig_far(&r, &e.f, ip);
	give_keys(&e);
	kt_ok(both_ways(&e), "%s", name);
	kt_ok(connected(&e), "%s, connected", name);
	rig_far_close(&r, &e.f);
	rig_close(&r);
}

/* The IPv4 far end, as the application of an IPv6 socket names it */
static union rig_addr mapped(const union rig_addr *v4)
{
	union rig_addr a = rig_addr("::ffff:0.0.0.0", ntohs(v4->in.sin_port));

	memcpy(a.in6.sin6_addr.s6_addr + 12, &v4->in.sin_addr, 4);
	return a;
}

static void both_families(void)
{
	struct end four = { 0 }, six = { 0 };
	in_port_t port;

	rig_open(&r, "::");
	port = ntohs(r.addr.in6.sin6_port);
	r.addr = rig_addr("::1", port);
	rig_far(&r, &six.f, "::1");
	r.addr = rig_addr("127.0.0.1", port);
	rig_far(&r, &four.f, "127.0.0.1");
	four.f.addr = mapped(&four.f.addr);
	give_keys(&six);
	give_keys(&four);
	kt_ok(both_ways(&six), "a dual-stack socket, IPv6 peer");
	kt_ok(both_ways(&four), "a dual-stack socket, IPv4 peer");
	kt_ok(both_ways(&six) && both_ways(&four), "a dual-stack socket, both in turn");
	kt_ok(connected(&four), "a dual-stack socket, connected to the IPv4 peer");
	rig_far_close(&r, &six.f);
	rig_far_close(&r, &four.f);
	rig_close(&r);
}

int main(void)
{
	kt_plan(8);
	rig_start();
	rig_hbh(&rx, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_hbh(&tx, "AES_CM_128_HMAC_SHA1_32", 2);
	one_family("IPv4", "127.0.0.1");
	one_family("IPv6", "::1");
	both_families();
	return kt_done();
}
