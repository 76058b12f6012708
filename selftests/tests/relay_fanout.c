// SPDX-License-Identifier: GPL-2.0-or-later
/* One packet leaves to fifty outputs, to each under its own key; what fails one harms no other. */
#include "leg.h"

#define SSRC	0x50505050
#define OUTPUTS	50
#define COUNT	20
/* Bytes of a datagram of IPv4 */
#define LARGEST	65507

static struct rig r;
static struct leg from, to[OUTPUTS];

static uint64_t at(int i)
{
	return ref_index(0, 1000 + i);
}

/* How many of the outputs hear all of @n packets from @first on; @skip hears nothing */
static int hearing(int first, int n, const struct leg *skip)
{
	int i, k, hear = 0;

	for (i = 0; i < OUTPUTS; i++) {
		if (&to[i] == skip) {
			hear += leg_quiet(skip);
			continue;
		}
		for (k = 0; k < n && leg_hears(&to[i], SSRC, at(first + k)); k++)
			;
		hear += k == n;
	}
	return hear;
}

static void say(int first, int n)
{
	int i;

	for (i = first; i < first + n; i++)
		leg_says(&from, SSRC, at(i));
}

static void all_of_them(void)
{
	struct ksrtp_out outs[OUTPUTS];
	struct ksrtp_stats stats;
	int i;

	for (i = 0; i < OUTPUTS; i++) {
		leg_open(&r, &to[i], "127.0.0.1", 100 + i);
		outs[i] = leg_out(&to[i]);
	}
	/* The route is made with some outputs, the rest is added to it. */
	kt_is(leg_try_route(&r, &from, SSRC, -1, outs, 30), 0, "a route can be made with 30 outputs");
	kt_is(leg_try_route(&r, &from, SSRC, -1, outs + 30, 20), 0, "and 20 more can be added to it");
	kt_is(leg_try_route(&r, &from, SSRC, -1, outs + 49, 1), -EEXIST,
	      "the same output a second time is refused");
	say(0, COUNT);
	kt_is(hearing(0, COUNT, NULL), OUTPUTS, "50 outputs hear 20 packets, each under its own key");
	rig_stats(&r, &stats);
	kt_is(stats.relayed_packets, OUTPUTS * COUNT, "1000 packets are counted as relayed");
	kt_is(stats.rx_packets, COUNT, "20 as received");
	kt_is(stats.routes, 1, "there is one route");
}

static void one_without_a_key(void)
{
	struct ksrtp_stats since;

	rig_key_del(&r, to[7].far.id, KSRTP_DIR_TX, &to[7].down);
	rig_stats(&r, &since);
	say(COUNT, 3);
	kt_is(hearing(COUNT, 3, &to[7]), OUTPUTS,
	      "an output whose key is deleted gets nothing, plain or not; 49 others hear on");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_KEY, 3), "its packets are counted as no_key");
}

static void one_less(void)
{
	struct ksrtp_route route = { 0 };
	struct ksrtp_stats since;

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, from.far.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, SSRC);
	KSRTP_SET(&route, KSRTP_A_ROUTE_TO, to, to[7].far.id);
	kt_is(ksrtp_route_del(r.h, &route), 0, "one output can be taken out of the route");
	rig_stats(&r, &since);
	say(COUNT + 3, 3);
	kt_is(hearing(COUNT + 3, 3, &to[7]), OUTPUTS, "49 others hear on");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_KEY, 0), "and nothing is dropped any more");
}

static void peer_less(void)
{
	struct ksrtp_stats since, now;

	rig_stats(&r, &since);
	if (ksrtp_peer_del(r.h, to[8].far.id))
		kt_bail("peer del: %s", ksrtp_error(r.h));
	say(COUNT + 6, 3);
	leg_hears(&to[9], SSRC, at(COUNT + 6));
	leg_hears(&to[9], SSRC, at(COUNT + 7));
	leg_hears(&to[9], SSRC, at(COUNT + 8));
	rig_stats(&r, &now);
	kt_is(now.relayed_packets - since.relayed_packets, 3 * (OUTPUTS - 2),
	      "a deleted peer is no output any more");
	kt_ok(leg_quiet(&to[8]), "and gets nothing");
}

/* The largest datagram there can be, and an output that adds more than the input did */
static void one_too_big(void)
{
	static uint8_t plain[LARGEST], mki[KSRTP_MAX_MKI];
	struct ksrtp_out outs[2];
	struct ksrtp_stats since;
	struct leg adds_more;
	int len;

	leg_make(&adds_more, LEG_SUITE, 300);
	rig_mki(&adds_more.down, mki, sizeof(mki));
	leg_join(&r, &adds_more, "127.0.0.1");
	outs[0] = leg_out(&adds_more);
	outs[1] = leg_out(&to[9]);
	if (leg_try_route(&r, &from, SSRC + 1, -1, outs, 2))
		kt_bail("route: %s", ksrtp_error(r.h));
	rig_stats(&r, &since);
	len = rig_rtp(plain, SSRC + 1, 1, LARGEST - 12 - 10);
	leg_sends(&from, plain, len, 1);
	kt_ok(leg_gets(&to[9], plain, len, 1), "the largest datagram there can be is relayed");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_TOO_BIG, 1) && leg_quiet(&adds_more),
	      "where more is added to it, it is dropped as too_big, for that output alone");
	close(adds_more.far.fd);
}

int main(void)
{
	kt_plan(16);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &from, "127.0.0.1", 1);
	all_of_them();
	one_without_a_key();
	one_less();
	peer_less();
	one_too_big();
	rig_close(&r);
	return kt_done();
}
