// SPDX-License-Identifier: GPL-2.0-or-later
/* RTP and RTCP from and to an address that is no peer: dropped, or passed as the policy says. */
#include "leg.h"

#define SSRC	0x57a49e01

static struct rig r;
static struct leg peer;
static struct rig_far stranger;
static uint8_t plain[512];

static void set_unmatched(uint8_t policy)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, policy);
	if (ksrtp_sock_set(r.h, &sock))
		kt_bail("sock set: %s", ksrtp_error(r.h));
}

static void drop(void)
{
	struct ksrtp_stats since;
	int len;

	rig_stats(&r, &since);
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	rig_far_send(&stranger, plain, len);
	rig_far_send(&stranger, plain, rig_rtcp(plain, SSRC, 1));
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 2),
	      "by default RTP and RTCP of a stranger are dropped and counted");
	kt_ok(rig_app_quiet(&r, &stranger), "the application reads neither");
	kt_is(rig_app_send(&r, &stranger, plain, rig_rtp(plain, SSRC, 1, LEG_PAYLOAD)), -EPERM,
	      "RTP to a stranger is refused");
	kt_is(rig_app_send(&r, &stranger, plain, rig_rtcp(plain, SSRC, 1)), -EPERM, "so is RTCP");
	kt_ok(rig_far_quiet(&r, &stranger), "nothing of it leaves");
}

static void pass(void)
{
	struct ksrtp_stats before, after;
	int len;

	set_unmatched(KSRTP_UNMATCHED_PASS);
	rig_stats(&r, &before);
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	rig_far_send(&stranger, plain, len);
	kt_ok(rig_gets(r.app, plain, len), "with unmatched pass RTP of a stranger is read as it is");
	len = rig_rtcp(plain, SSRC, 1);
	rig_far_send(&stranger, plain, len);
	kt_ok(rig_gets(r.app, plain, len), "RTCP too");
	/* Broken as RTP, it is not ksrtp's to judge. */
	memset(plain, 0x80, 5);
	rig_far_send(&stranger, plain, 5);
	kt_ok(rig_gets(r.app, plain, 5), "and what only looks like it");
	rig_stats(&r, &after);
	kt_is(after.passed_packets - before.passed_packets, 3, "they are counted as passed");
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &stranger, plain, len), len, "RTP to a stranger is sent");
	kt_ok(rig_gets(stranger.fd, plain, len), "as it is");
	rig_stats(&r, &before);
	leg_says(&peer, SSRC, 1);
	kt_ok(rig_gets(r.app, plain, rig_rtp(plain, SSRC, 1, LEG_PAYLOAD)),
	      "a peer's packets are opened all the same");
	rig_far_send(&peer.far, plain, rig_rtp(plain, SSRC, 2, LEG_PAYLOAD));
	kt_ok(rig_dropped(&r, &before, KSRTP_A_DROPS_AUTH, 1),
	      "and plain RTP of a peer never passes");
}

static void keyless_peer(void)
{
	struct ksrtp_stats since;
	struct rig_far f;
	int len;

	rig_far(&r, &f, "127.0.0.1");
	rig_stats(&r, &since);
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	rig_far_send(&f, plain, len);
	rig_far_send(&f, plain, rig_rtcp(plain, SSRC, 1));
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_NO_KEY, 2),
	      "a peer without a key is dropped as no_key, pass or not");
	kt_is(rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, 1, LEG_PAYLOAD)), -ENOKEY,
	      "and nothing is sent to it");
	rig_far_close(&r, &f);
	rig_far_send(&stranger, plain, len);
	kt_ok(rig_gets(r.app, plain, len), "strangers still pass");
	set_unmatched(KSRTP_UNMATCHED_DROP);
	rig_stats(&r, &since);
	rig_far_send(&stranger, plain, len);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 1), "and no more once that is undone");
}

/* Nobody is there to pass it to. */
static void owned(void)
{
	struct ksrtp_sock sock = { 0 };
	struct ksrtp_stats since;
	struct rig_far f;
	struct rig o;

	rig_open_owned(&o, "127.0.0.1");
	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, o.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_PASS);
	ksrtp_sock_set(o.h, &sock);
	f.fd = rig_udp("127.0.0.1", 0);
	rig_connect(f.fd, &o.addr);
	rig_stats(&o, &since);
	rig_far_send(&f, plain, rig_rtp(plain, SSRC, 1, LEG_PAYLOAD));
	kt_ok(rig_dropped(&o, &since, KSRTP_A_DROPS_UNMATCHED, 1),
	      "a module's socket drops a stranger's RTP whatever the policy");
	rig_close(&o);
}

int main(void)
{
	kt_plan(5 + 8 + 4 + 1);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &peer, "127.0.0.1", 1);
	stranger.fd = rig_udp("127.0.0.1", 0);
	stranger.addr = rig_local(stranger.fd);
	rig_connect(stranger.fd, &r.addr);
	drop();
	pass();
	keyless_peer();
	owned();
	rig_close(&r);
	return kt_done();
}
