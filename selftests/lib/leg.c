// SPDX-License-Identifier: GPL-2.0-or-later
/* A far end with a key in each direction, and routes between such. */
#include "leg.h"

void leg_make(struct leg *l, const char *suite, uint32_t seed)
{
	memset(l, 0, sizeof(*l));
	rig_hbh(&l->up, suite, 2 * seed);
	rig_hbh(&l->down, suite, 2 * seed + 1);
}

static void give_keys(struct rig *r, struct leg *l)
{
	rig_key(r, l->far.id, KSRTP_DIR_RX, &l->up);
	rig_key(r, l->far.id, KSRTP_DIR_TX, &l->down);
}

void leg_join(struct rig *r, struct leg *l, const char *ip)
{
	rig_far(r, &l->far, ip);
	give_keys(r, l);
}

void leg_open(struct rig *r, struct leg *l, const char *ip, uint32_t seed)
{
	leg_make(l, LEG_SUITE, seed);
	leg_join(r, l, ip);
}

void leg_open_mapped(struct rig *r, struct leg *l, uint32_t seed)
{
	union rig_addr to;

	rig_open(r, "::");
	leg_make(l, LEG_SUITE, seed);
	l->far.fd = rig_udp("127.0.0.1", 0);
	l->far.addr = rig_local(l->far.fd);
	to = rig_addr("127.0.0.1", rig_ksrtp_addr(&r->addr).port);
	rig_connect(l->far.fd, &to);
	l->far.id = rig_peer(r, &l->far.addr);
	give_keys(r, l);
	l->far.addr = rig_addr("::ffff:127.0.0.1", rig_ksrtp_addr(&l->far.addr).port);
	rig_connect(r->app, &l->far.addr);
}

struct ksrtp_out leg_out(const struct leg *to)
{
	struct ksrtp_out out = { 0 };

	KSRTP_SET(&out, KSRTP_A_OUT_PEER, peer, to->far.id);
	return out;
}

static struct ksrtp_route route_of(const struct leg *from, int64_t ssrc)
{
	struct ksrtp_route route = { 0 };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, from->far.id);
	if (ssrc != ANY_SSRC)
		KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, ssrc);
	return route;
}

int leg_try_route(struct rig *r, const struct leg *from, int64_t ssrc, int rtcp,
		  const struct ksrtp_out *outs, unsigned int n)
{
	struct ksrtp_route route = route_of(from, ssrc);

	if (rtcp >= 0)
		KSRTP_SET(&route, KSRTP_A_ROUTE_RTCP, rtcp, rtcp);
	route.out = outs;
	route.n_out = n;
	return ksrtp_route_add(r->h, &route);
}

void leg_route_rtcp(struct rig *r, const struct leg *from, int64_t ssrc, int rtcp,
		    const struct leg *to)
{
	struct ksrtp_out out = leg_out(to);

	if (leg_try_route(r, from, ssrc, rtcp, &out, 1))
		kt_bail("route add: %s", ksrtp_error(r->h));
}

void leg_route(struct rig *r, const struct leg *from, int64_t ssrc, const struct leg *to)
{
	leg_route_rtcp(r, from, ssrc, -1, to);
}

void leg_unroute(struct rig *r, const struct leg *from, int64_t ssrc)
{
	struct ksrtp_route route = route_of(from, ssrc);

	if (ksrtp_route_del(r->h, &route))
		kt_bail("route del: %s", ksrtp_error(r->h));
}

static uint8_t wire[REF_MAX_PACKET];

void leg_sends(const struct leg *l, const void *plain, int len, uint64_t index)
{
	rig_far_send(&l->far, wire, rig_seal(&l->up, NULL, plain, len, index, wire));
}

bool leg_gets(const struct leg *l, const void *plain, int len, uint64_t index)
{
	return rig_gets(l->far.fd, wire, rig_seal(&l->down, NULL, plain, len, index, wire));
}

void leg_sends_rtcp(const struct leg *l, const void *plain, int len, uint32_t index)
{
	rig_far_send(&l->far, wire, rig_seal_rtcp(&l->up, plain, len, index, true, wire));
}

bool leg_gets_rtcp(const struct leg *l, const void *plain, int len, uint32_t index)
{
	len = rig_seal_rtcp(&l->down, plain, len, index, !l->down.key.tx_plain_rtcp, wire);
	return rig_gets(l->far.fd, wire, len);
}

void leg_says(const struct leg *l, uint32_t ssrc, uint64_t index)
{
	uint8_t plain[12 + LEG_PAYLOAD];

	leg_sends(l, plain, rig_rtp(plain, ssrc, index, LEG_PAYLOAD), index);
}

bool leg_hears(const struct leg *l, uint32_t ssrc, uint64_t index)
{
	uint8_t plain[12 + LEG_PAYLOAD];

	return leg_gets(l, plain, rig_rtp(plain, ssrc, index, LEG_PAYLOAD), index);
}

bool leg_quiet(const struct leg *l)
{
	uint8_t byte;
	ssize_t n = recv(l->far.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	if (n >= 0)
		kt_note("a datagram waits that should not have come");
	return n < 0 && errno == EAGAIN;
}
