// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet this host sent does not come back in: not reflected, not routed to where it is from. */
#include "leg.h"

#define SSRC	0x0a0a0a01
#define THEIRS	0x0a0a0a02

static struct rig r;
static struct leg a, b;
static uint8_t plain[512], wire[512];

/* Both directions under one master key, as a broken or hostile set-up has it */
static void join_one_key(struct leg *l, uint32_t seed)
{
	leg_make(l, LEG_SUITE, seed);
	l->down = l->up;
	leg_join(&r, l, "127.0.0.1");
}

static void reflect(const struct leg *l)
{
	int len = rig_recv(l->far.fd, wire, sizeof(wire));

	if (len < 0)
		kt_bail("nothing to reflect: %s", strerror(-len));
	rig_far_send(&l->far, wire, len);
}

int main(void)
{
	struct ksrtp_stats since;
	struct ksrtp_out out;
	int status, len;

	kt_plan(9);
	rig_start();
	rig_open(&r, "127.0.0.1");
	join_one_key(&a, 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	rig_stats(&r, &since);

	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &a.far, plain, len), len, "a packet is sent to a peer");
	reflect(&a);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_OWN_PACKET, 1),
	      "reflected it is dropped as own_packet");
	len = rig_rtcp(plain, SSRC, 1);
	if (rig_app_send(&r, &a.far, plain, len) != len)
		kt_bail("RTCP is not sent");
	reflect(&a);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_OWN_PACKET, 1), "RTCP too");
	kt_ok(rig_app_quiet(&r, &a.far), "the application reads neither");
	len = rig_rtp(plain, THEIRS, 1, LEG_PAYLOAD);
	kt_ok(rig_hears(&r, &a.far, &a.up, NULL, plain, len, 1),
	      "another SSRC of the same peer is heard");

	leg_route(&r, &b, THEIRS + 1, &a);
	leg_says(&b, THEIRS + 1, 1);
	reflect(&a);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_OWN_PACKET, 1),
	      "what a route sent is dropped on its return, too");

	out = leg_out(&a);
	status = leg_try_route(&r, &a, THEIRS, -1, &out, 1);
	kt_ok(status < 0 && *ksrtp_error(r.h),
	      "a route of an SSRC back to its sender under the same master key is refused: %s",
	      ksrtp_error(r.h));
	out = leg_out(&b);
	kt_is(leg_try_route(&r, &b, THEIRS, -1, &out, 1), 0,
	      "under another master key it is accepted");
	leg_says(&b, THEIRS, 1);
	kt_ok(leg_hears(&b, THEIRS, 1), "and echoes");
	rig_close(&r);
	return kt_done();
}
