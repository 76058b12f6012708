// SPDX-License-Identifier: GPL-2.0-or-later
/* Forwarded SRTCP takes a fresh index for each output, whatever index it came with. */
#include "leg.h"

#define SSRC	0x00c0ffee

static struct rig r;
static struct leg a, b, c;
static uint8_t plain[512];
/* Index that each will have next */
static uint32_t next_b = 1, next_c = 100;

static bool goes(uint32_t index, bool to_c)
{
	int len = rig_rtcp(plain, SSRC, index);

	leg_sends_rtcp(&a, plain, len, index);
	return leg_gets_rtcp(&b, plain, len, next_b++) &&
	       (!to_c || leg_gets_rtcp(&c, plain, len, next_c++));
}

int main(void)
{
	struct ksrtp_stats since;
	struct ksrtp_stream s;
	int len;

	kt_plan(9);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_make(&c, LEG_SUITE, 3);
	KSRTP_SET(&c.down.key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, next_c);
	leg_join(&r, &c, "127.0.0.1");
	leg_route_rtcp(&r, &a, SSRC, KSRTP_RTCP_MODE_FORWARD, &b);

	kt_ok(goes(1000, false) && goes(1900, false) && goes(1001, false),
	      "indices of an output are 1, 2, 3, however the input's jump");
	leg_route(&r, &a, SSRC, &c);
	kt_ok(goes(7001, true) && goes(6999, true),
	      "an output that joins late starts where its key says");
	rig_stats(&r, &since);
	len = rig_rtcp(plain, SSRC, 1000);
	leg_sends_rtcp(&a, plain, len, 1000);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_TOO_OLD, 1) && leg_quiet(&b) && leg_quiet(&c),
	      "SRTCP below the replay window is not forwarded");
	len = rig_rtcp(plain, SSRC, 7001);
	leg_sends_rtcp(&a, plain, len, 7001);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_REPLAYED, 1) && leg_quiet(&b) && leg_quiet(&c),
	      "nor is a replay");
	kt_ok(goes(7002, true), "neither has taken an index");

	len = rig_rtcp(plain, SSRC, 4);
	kt_ok(rig_says_rtcp(&r, &b.far, &b.down, plain, len, next_b++),
	      "RTCP the application writes for the SSRC takes the next index");
	kt_ok(goes(7003, true), "and the route the one after that");
	kt_ok(rig_stream(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.srtcp_index == next_b && s.rtcp_packets == next_b - 1,
	      "the output's stream says which comes next");
	kt_ok(rig_stream(&r, a.far.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.srtcp_index == 7003 && s.rtcp_packets == 7,
	      "the input's which was the highest");
	rig_close(&r);
	return kt_done();
}
