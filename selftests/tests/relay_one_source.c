// SPDX-License-Identifier: GPL-2.0-or-later
/* What leaves to a peer under one SSRC has one source: two would use an index twice. */
#include "leg.h"

#define SSRC	0x51c0de01
#define MAPPED	0x51c0de02
#define SPOKEN	0x51c0de03
#define SHARED	0x51c0de04

static struct rig r;
static struct leg a, b, c;
static uint8_t plain[512];

static int app_says(uint32_t ssrc, uint16_t seq)
{
	return rig_app_send(&r, &b.far, plain, rig_rtp(plain, ssrc, seq, LEG_PAYLOAD));
}

static void by_configuration(void)
{
	struct ksrtp_out out = leg_out(&b);

	leg_route(&r, &a, SSRC, &b);
	kt_is(leg_try_route(&r, &c, SSRC, -1, &out, 1), -EBUSY,
	      "a second route for the SSRC of an output is refused: %s", ksrtp_error(r.h));
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, SSRC);
	kt_is(leg_try_route(&r, &c, MAPPED, -1, &out, 1), -EBUSY,
	      "so is one that rewrites another SSRC to it");
	kt_is(leg_try_route(&r, &a, MAPPED, -1, &out, 1), -EBUSY,
	      "from the same peer as well");
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, MAPPED);
	kt_is(leg_try_route(&r, &c, SSRC, -1, &out, 1), 0,
	      "one that rewrites it to another is accepted");
	leg_says(&a, SSRC, 1);
	kt_ok(leg_hears(&b, SSRC, 1), "the first route goes on");
	kt_is(app_says(SSRC, 2), -EBUSY, "the application cannot write RTP of a routed SSRC");
	kt_ok(rig_far_quiet(&r, &b.far), "not a byte of it leaves");
	kt_is(app_says(MAPPED, 2), -EBUSY,
	      "nor of one rewritten to, though nothing of it was sent yet");
	leg_says(&a, SSRC, 2);
	kt_ok(leg_hears(&b, SSRC, 2), "the index it would have used is the route's");
}

static void by_use(void)
{
	struct ksrtp_out out = leg_out(&b);

	kt_ok(rig_says(&r, &b.far, &b.down, NULL, plain, rig_rtp(plain, SPOKEN, 1, 100), 1),
	      "an SSRC that is not routed is the application's");
	kt_is(leg_try_route(&r, &a, SPOKEN, -1, &out, 1), -EBUSY,
	      "once it has been, it cannot be routed: %s", ksrtp_error(r.h));
}

static void by_packet(void)
{
	struct ksrtp_stats since;
	struct ksrtp_stream s;

	leg_route(&r, &a, ANY_SSRC, &b);
	leg_route(&r, &c, ANY_SSRC, &b);
	rig_stats(&r, &since);
	leg_says(&a, SHARED, 1);
	kt_ok(leg_hears(&b, SHARED, 1), "of two routes for any SSRC to one output");
	leg_says(&c, SHARED, 2);
	leg_says(&c, SHARED, 3);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_SSRC_BUSY, 2),
	      "the first to use an SSRC has it, the other's packets are dropped as ssrc_busy");
	leg_says(&a, SHARED, 2);
	kt_ok(leg_hears(&b, SHARED, 2), "the first goes on, at an index the other had asked for");
	leg_says(&c, SHARED + 1, 1);
	kt_ok(leg_hears(&b, SHARED + 1, 1), "another SSRC of the other's passes");
	kt_is(app_says(SHARED, 4), -EBUSY, "the application cannot write there either");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_SSRC_BUSY, 1), "which is counted, too");
	leg_says(&a, SPOKEN, 2);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_SSRC_BUSY, 1),
	      "nor does a route take the application's SSRC");
	kt_ok(rig_stream(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SHARED, &s) &&
	      s.packets == 2 && s.drops.count[KSRTP_A_DROPS_SSRC_BUSY] == 3,
	      "they are counted at the output's stream");
}

/* The next source goes on with the index, from where it is to where it has not been. */
static void hand_over(void)
{
	leg_unroute(&r, &a, SSRC);
	kt_is(app_says(SSRC, 2), -EEXIST,
	      "with its route deleted an SSRC is free, but not an index that was used");
	kt_ok(rig_says(&r, &b.far, &b.down, NULL, plain, rig_rtp(plain, SSRC, 3, 100), 3),
	      "the application goes on at the next one");
}

int main(void)
{
	kt_plan(9 + 2 + 8 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &c, "127.0.0.1", 3);
	by_configuration();
	by_use();
	by_packet();
	hand_over();
	rig_close(&r);
	return kt_done();
}
