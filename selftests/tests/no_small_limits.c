// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * There may be many of everything: 100 sockets in each of two network
 * namespaces, 100 outputs of one route, 300 SSRCs of one peer.
 */
#include "leg.h"

#include <sys/resource.h>

#define SOCKS	100
#define OUTPUTS	100
#define SSRCS	300
#define SSRC	0x11111000

struct one {
	struct rig r;
	struct leg a, b;
};

static struct one relays[2][SOCKS];
static struct leg out[OUTPUTS];

static int make(struct one *x, int n)
{
	int i;

	for (i = 0; i < n; i++, x++) {
		rig_open_owned(&x->r, "127.0.0.1");
		leg_open(&x->r, &x->a, "127.0.0.1", 2 * i);
		leg_open(&x->r, &x->b, "127.0.0.1", 2 * i + 1);
		leg_route(&x->r, &x->a, SSRC, &x->b);
	}
	return n;
}

static int working(struct one *x, uint64_t index)
{
	int i, n = 0;

	for (i = 0; i < SOCKS; i++, x++) {
		leg_says(&x->a, SSRC, index);
		n += leg_hears(&x->b, SSRC, index);
	}
	return n;
}

static void outputs(void)
{
	struct ksrtp_out to[OUTPUTS];
	int i, heard = 0, index;
	struct leg in;
	struct rig r;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1000);
	for (i = 0; i < OUTPUTS; i++) {
		leg_open(&r, &out[i], "127.0.0.1", 1001 + i);
		to[i] = leg_out(&out[i]);
	}
	/* As many as a message holds at a time */
	for (i = 0; i < OUTPUTS; i += 50)
		if (leg_try_route(&r, &in, ANY_SSRC, -1, to + i, 50))
			kt_bail("route add: %s", ksrtp_error(r.h));
	for (index = 1; index <= 3; index++) {
		leg_says(&in, SSRC, index);
		for (i = 0; i < OUTPUTS; i++)
			heard += leg_hears(&out[i], SSRC, index);
	}
	kt_is(heard, 3 * OUTPUTS, "one packet leaves to %d outputs", OUTPUTS);
	rig_close(&r);
}

static void ssrcs(void)
{
	struct leg *b = &out[0];
	int i, heard = 0;
	struct leg in;
	struct rig r;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, b, "127.0.0.1", 2);
	rig_max_streams(&r, in.far.id, SSRCS);
	rig_max_streams(&r, b->far.id, SSRCS);
	leg_route(&r, &in, ANY_SSRC, b);
	for (i = 0; i < SSRCS; i++) {
		leg_says(&in, SSRC + i, 1);
		heard += leg_hears(b, SSRC + i, 1);
	}
	kt_is(heard, SSRCS, "one peer has %d SSRCs each way", SSRCS);
	kt_is(rig_streams(&r, in.far.id, KSRTP_DIR_RX), SSRCS, "all of them at a time");
	rig_close(&r);
}

int main(void)
{
	struct rlimit files = { 4096, 4096 };
	struct ksrtp_stats stats;
	int first, i;

	kt_plan(8);
	if (setrlimit(RLIMIT_NOFILE, &files))
		kt_bail("not %d files: %s", (int)files.rlim_cur, strerror(errno));
	rig_start();
	outputs();
	ssrcs();
	first = kt_netns_fd();
	kt_is(make(relays[0], SOCKS), SOCKS, "a network namespace has %d sockets", SOCKS);
	rig_start();
	kt_is(make(relays[1], SOCKS), SOCKS, "another has as many, under the same numbers");
	kt_is(working(relays[1], 1), SOCKS, "each relays there");
	kt_netns_enter(first);
	kt_is(working(relays[0], 1), SOCKS, "and each here");
	rig_stats(&relays[0][0].r, &stats);
	kt_ok(stats.socks == SOCKS && stats.peers == 2 * SOCKS && stats.relayed_packets >= SOCKS,
	      "a namespace counts its own (%u sockets, %u peers)", stats.socks, stats.peers);
	for (i = 0; i < SOCKS; i++) {
		rig_close(&relays[0][i].r);
		rig_close(&relays[1][i].r);
	}
	return kt_done();
}
