// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sock is deleted while its socket is in use: everything passes plain from then
 * on, and the socket can be put under ksrtp again.
 */
#include "traffic.h"

#define TIMES	10

static struct rig r;
static struct leg in, out;
static struct traffic t;
static uint8_t plain[512];

static void keys_and_route(void)
{
	in.far.id = rig_peer(&r, &in.far.addr);
	traffic_key_roc(&t, &in.up);
	rig_key(&r, in.far.id, KSRTP_DIR_RX, &in.up);
	out.far.id = rig_peer(&r, &out.far.addr);
	rig_key(&r, out.far.id, KSRTP_DIR_TX, &out.down);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
}

static void attach_again(void)
{
	struct ksrtp_sock sock = { 0 };

	if (ksrtp_sock_attach(r.h, r.app, &sock))
		kt_bail("attach again: %s", ksrtp_error(r.h));
	r.sock = sock.id;
	keys_and_route();
}

static void del(void)
{
	if (ksrtp_sock_del(r.h, r.sock))
		kt_bail("sock del: %s", ksrtp_error(r.h));
}

static void quietly(void)
{
	struct ksrtp_stats stats;
	int len;

	del();
	rig_stats(&r, &stats);
	kt_ok(!stats.socks && !stats.peers && !stats.keys && !stats.routes && !stats.streams,
	      "sock del takes all the sock owned");
	len = rig_rtp(plain, TRAFFIC_SSRC, 1, LEG_PAYLOAD);
	rig_far_send(&in.far, plain, len);
	kt_ok(rig_gets(r.app, plain, len), "then RTP comes in as it is");
	len = rig_rtcp(plain, TRAFFIC_SSRC, 1);
	rig_far_send(&in.far, plain, len);
	kt_ok(rig_gets(r.app, plain, len), "and RTCP");
	kt_is(rig_app_send(&r, &out.far, plain, len), len, "RTCP goes out");
	kt_ok(rig_gets(out.far.fd, plain, len), "as it is");
	len = rig_rtp(plain, TRAFFIC_SSRC, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &out.far, plain, len), len, "RTP goes out");
	kt_ok(rig_gets(out.far.fd, plain, len), "as it is");

	attach_again();
	len = rig_rtp(plain, TRAFFIC_APP, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &out.far, plain, len), len, "put under ksrtp again");
	kt_ok(leg_gets(&out, plain, len, 1), "the socket protects");
	leg_says(&in, TRAFFIC_SSRC, 1);
	kt_ok(leg_hears(&out, TRAFFIC_SSRC, 1), "and relays");
}

static void with_traffic(void)
{
	unsigned long unprotected;
	int i, passed = 0, plain_after = 0, protected = 0;

	traffic_start(&t, &r, &in, &out);
	for (i = 0; i < TIMES; i++) {
		passed += traffic_passes(&t);
		del();
		unprotected = atomic_load(&t.plain);
		plain_after += kt_wait_until(atomic_load(&t.plain) > unprotected + 10, RIG_WAIT);
		attach_again();
		/* What left before is read by now, when as much again has arrived. */
		traffic_passes(&t);
		unprotected = atomic_load(&t.plain);
		traffic_passes(&t);
		protected += atomic_load(&t.plain) == unprotected;
	}
	traffic_stop(&t);
	kt_is(passed, TIMES, "with traffic running a socket is put under ksrtp and works");
	kt_is(plain_after, TIMES, "deleted, its packets pass plain");
	kt_is(protected, TIMES, "put under ksrtp again, none does");
}

int main(void)
{
	kt_plan(10 + 3);
	kt_netns();
	rig_open(&r, "127.0.0.1");
	leg_make(&in, LEG_SUITE, 1);
	leg_make(&out, LEG_SUITE, 2);
	leg_join(&r, &in, "127.0.0.1");
	leg_join(&r, &out, "127.0.0.1");
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	quietly();
	with_traffic();
	rig_close(&r);
	return kt_done();
}
