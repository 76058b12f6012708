// SPDX-License-Identifier: GPL-2.0-or-later
/* RTCP of a routed SSRC stays with the application unless the route forwards it. */
#include "leg.h"

#define SSRC	0x00c0ffee
#define UNROUTED 0x00bad000

static uint8_t plain[512];

static int rtcp(uint32_t ssrc, uint32_t fill)
{
	return rig_rtcp(plain, ssrc, fill);
}

static void says_rtcp(const struct leg *l, uint32_t ssrc, uint32_t index)
{
	leg_sends_rtcp(l, plain, rtcp(ssrc, index), index);
}

static void with_application(void)
{
	struct leg a, b, c;
	struct rig r;

	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &c, "127.0.0.1", 3);
	leg_route(&r, &a, SSRC, &b);
	leg_route_rtcp(&r, &c, SSRC, KSRTP_RTCP_MODE_FORWARD, &a);

	leg_says(&a, SSRC, 1);
	kt_ok(leg_hears(&b, SSRC, 1), "RTP goes along the route");
	kt_ok(rig_app_quiet(&r, &a.far), "and not to the application");
	says_rtcp(&a, SSRC, 1);
	kt_ok(rig_gets(r.app, plain, rtcp(SSRC, 1)), "RTCP goes to the application");
	kt_ok(rig_far_quiet(&r, &b.far), "and not along the route");

	says_rtcp(&c, SSRC, 1);
	kt_ok(leg_gets_rtcp(&a, plain, rtcp(SSRC, 1), 1),
	      "with rtcp forward it goes along the route");
	kt_ok(rig_app_quiet(&r, &c.far), "and not to the application");

	leg_says(&a, UNROUTED, 1);
	kt_ok(rig_gets(r.app, plain, rig_rtp(plain, UNROUTED, 1, LEG_PAYLOAD)),
	      "an SSRC without a route goes to the application");
	says_rtcp(&c, UNROUTED, 2);
	kt_ok(rig_gets(r.app, plain, rtcp(UNROUTED, 2)), "and so does its RTCP");
	rig_close(&r);
}

static void without_application(void)
{
	struct ksrtp_stats since;
	struct leg a, b;
	struct rig r;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	rig_stats(&r, &since);
	leg_says(&a, SSRC, 1);
	says_rtcp(&a, SSRC, 1);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_ROUTE, 2),
	      "without application and route, RTP and RTCP are dropped as no_route");
	leg_route_rtcp(&r, &a, SSRC, KSRTP_RTCP_MODE_DELIVER, &b);
	leg_says(&a, SSRC, 2);
	kt_ok(leg_hears(&b, SSRC, 2), "with a route RTP goes");
	says_rtcp(&a, SSRC, 2);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_ROUTE, 1),
	      "and RTCP, not forwarded, is dropped as no_route");
	leg_unroute(&r, &a, SSRC);
	leg_route_rtcp(&r, &a, ANY_SSRC, KSRTP_RTCP_MODE_FORWARD, &b);
	says_rtcp(&a, UNROUTED, 3);
	kt_ok(leg_gets_rtcp(&b, plain, rtcp(UNROUTED, 3), 1),
	      "a route for any SSRC forwards RTCP of an SSRC of which no RTP was seen");
	leg_says(&a, SSRC, 3);
	kt_ok(leg_hears(&b, SSRC, 3), "RTP goes by the route for any SSRC, its index goes on");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_ROUTE, 0), "and nothing more is dropped");
	rig_close(&r);
}

/* The exact route decides alone, both ways. */
static void exact_and_any(void)
{
	struct leg a, b, c;
	struct rig r;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &c, "127.0.0.1", 3);
	leg_route(&r, &a, ANY_SSRC, &b);
	leg_says(&a, SSRC, 1);
	kt_ok(leg_hears(&b, SSRC, 1), "any SSRC is routed to one peer");
	leg_route(&r, &a, SSRC, &c);
	leg_says(&a, SSRC, 2);
	leg_says(&a, UNROUTED, 1);
	kt_ok(leg_hears(&c, SSRC, 2), "a route for one SSRC wins as soon as it is there");
	kt_ok(leg_hears(&b, UNROUTED, 1), "and another SSRC still goes the other way");
	leg_unroute(&r, &a, SSRC);
	leg_says(&a, SSRC, 3);
	kt_ok(leg_hears(&b, SSRC, 3), "without it the route for any SSRC serves again");
	rig_close(&r);
}

int main(void)
{
	kt_plan(8 + 6 + 4);
	rig_start();
	with_application();
	without_application();
	exact_and_any();
	return kt_done();
}
