// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer that may roam is moved by its own authentic RTP with a higher index,
 * and by nothing else.
 */
#include "leg.h"
#include "probe.h"

#define SSRC	0x40a40001
#define SHARED	0x40a40002
#define MOVES	10

static struct rig r;
static struct leg a;
static uint8_t plain[512], wire[512];
/* Index of the next packet of a */
static uint64_t next = 100;

/* The same far end at another address: what a new NAT binding looks like */
static struct leg elsewhere(const struct leg *l)
{
	struct leg moved = *l;

	moved.far.fd = rig_udp("127.0.0.1", 0);
	moved.far.addr = rig_local(moved.far.fd);
	rig_connect(moved.far.fd, &r.addr);
	return moved;
}

static bool is_at(uint32_t peer, const struct leg *l)
{
	struct ksrtp_peer p;

	rig_peer_get(&r, peer, &p);
	return p.remote.port == rig_ksrtp_addr(&l->far.addr).port;
}

static void set_roam(uint32_t peer, bool roam)
{
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, peer);
	KSRTP_SET(&p, KSRTP_A_PEER_ROAM, roam, roam);
	if (ksrtp_peer_set(r.h, &p))
		kt_bail("peer set: %s", ksrtp_error(r.h));
}

static bool heard(const struct leg *l, uint32_t ssrc, uint64_t index)
{
	int len = rig_rtp(plain, ssrc, index, LEG_PAYLOAD);

	leg_sends(l, plain, len, index);
	return rig_gets(r.app, plain, len);
}

static void without_leave(void)
{
	struct leg moved = elsewhere(&a);
	struct ksrtp_stats since;

	kt_ok(heard(&a, SSRC, next++), "a peer is heard where it is");
	rig_stats(&r, &since);
	leg_says(&moved, SSRC, next++);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 1) && is_at(a.far.id, &a),
	      "without roam its packets from elsewhere are unmatched");
	close(moved.far.fd);
}

static void not_moved(const char *what, const struct leg *by, struct ksrtp_stats *since)
{
	kt_ok(rig_dropped(&r, since, KSRTP_A_DROPS_UNMATCHED, 1) && is_at(a.far.id, &a),
	      "%s from elsewhere is unmatched and does not move it", what);
	if (!leg_quiet(by))
		kt_bail("an answer went elsewhere");
}

static void what_does_not_move_it(void)
{
	struct leg moved = elsewhere(&a);
	struct ksrtp_stats since;
	uint64_t late = next;
	int len;

	set_roam(a.far.id, true);
	rig_stats(&r, &since);
	next += 2;
	if (!heard(&a, SSRC, next))
		kt_bail("the peer is not heard");
	leg_says(&moved, SSRC, next);
	not_moved("a replay", &moved, &since);
	leg_says(&moved, SSRC, late);
	not_moved("a late packet, though its index was never seen,", &moved, &since);
	len = rig_seal(&a.up, NULL, plain, rig_rtp(plain, SSRC, next + 1, LEG_PAYLOAD), next + 1,
		       wire);
	wire[len - 1] ^= 1;
	rig_far_send(&moved.far, wire, len);
	not_moved("a forgery", &moved, &since);
	leg_sends_rtcp(&moved, plain, rig_rtcp(plain, SSRC, 1), 1);
	not_moved("RTCP", &moved, &since);
	leg_says(&moved, SSRC + 77, 1);
	not_moved("an SSRC it has not used", &moved, &since);
	kt_ok(heard(&a, SSRC, ++next), "it is heard where it was");
	close(moved.far.fd);
}

static void moves(void)
{
	struct leg moved = elsewhere(&a), again;
	struct ksrtp_stats since;
	int len;

	kt_ok(heard(&moved, SSRC, ++next), "a higher index from elsewhere is heard");
	kt_ok(is_at(a.far.id, &moved), "and moves the peer");
	len = rig_rtp(plain, SSRC + 1, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &moved.far, plain, len), len, "what is sent to the new address");
	kt_ok(leg_gets(&moved, plain, len, 1), "is protected");
	rig_stats(&r, &since);
	leg_says(&a, SSRC, next - 50);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 1),
	      "where it was it is a stranger");
	kt_is(rig_app_send(&r, &a.far, plain, len), -EPERM, "to whom nothing is sent");
	len = rig_rtcp(plain, SSRC, 5);
	leg_sends_rtcp(&moved, plain, len, 5);
	kt_ok(rig_gets(r.app, plain, len), "its RTCP comes with it");
	again = elsewhere(&a);
	kt_ok(heard(&again, SSRC, ++next) && is_at(a.far.id, &again), "it can move again");
	close(moved.far.fd);
	a.far = again.far;
}

/* A route's packets follow the peer that moved. */
static void output_moves(void)
{
	struct leg b, moved;

	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &b, SSRC + 2, &a);
	leg_says(&b, SSRC + 2, 1);
	kt_ok(leg_hears(&a, SSRC + 2, 1), "a route to the peer serves it");
	moved = elsewhere(&a);
	if (!heard(&moved, SSRC, ++next))
		kt_bail("the peer does not move");
	leg_says(&b, SSRC + 2, 2);
	kt_ok(leg_hears(&moved, SSRC + 2, 2) && leg_quiet(&a), "and follows it");
	close(a.far.fd);
	a.far = moved.far;
	rig_far_close(&r, &b.far);
}

/* Another peer's address is that peer's, whatever comes from there. */
static void taken(void)
{
	struct ksrtp_stats since;
	struct leg b, masked;

	leg_open(&r, &b, "127.0.0.1", 3);
	rig_stats(&r, &since);
	masked = a;
	masked.far = b.far;
	leg_says(&masked, SSRC, ++next);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 1) && is_at(a.far.id, &a),
	      "from another peer's address its packets are that peer's forgeries");
	kt_ok(is_at(b.far.id, &b), "who stays there");
	rig_far_close(&r, &b.far);
}

/* An SSRC whose stream gave way to another moves its peer again once it is heard. */
static void evicted(void)
{
	struct leg moved = elsewhere(&a);
	struct ksrtp_stats since;

	rig_max_streams(&r, a.far.id, 1);
	if (!heard(&a, SSRC + 3, 1))
		kt_bail("the peer is not heard");
	rig_stats(&r, &since);
	leg_says(&moved, SSRC, ++next);
	not_moved("an SSRC whose stream gave way", &moved, &since);
	kt_ok(heard(&a, SSRC, ++next), "from where the peer is it is heard");
	kt_ok(heard(&moved, SSRC, ++next) && is_at(a.far.id, &moved), "and can move it again");
	rig_max_streams(&r, a.far.id, 64);
	close(a.far.fd);
	a.far = moved.far;
}

/* One SSRC of two roaming peers: whose packet it is cannot be told. */
static void ambiguous(void)
{
	struct leg b, moved;
	struct ksrtp_stats since;

	leg_open(&r, &b, "127.0.0.1", 4);
	set_roam(b.far.id, true);
	if (!heard(&a, SHARED, 1) || !heard(&b, SHARED, 1))
		kt_bail("the peers are not heard");
	moved = elsewhere(&a);
	rig_stats(&r, &since);
	leg_says(&moved, SHARED, 2);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 1) && is_at(a.far.id, &a),
	      "an SSRC two roaming peers use moves neither");
	rig_far_close(&r, &b.far);
	leg_says(&moved, SHARED, 3);
	kt_ok(kt_wait_until(is_at(a.far.id, &moved), RIG_WAIT),
	      "with the other peer gone it moves this one");
	a.far = moved.far;
	set_roam(a.far.id, false);
	moved = elsewhere(&a);
	rig_stats(&r, &since);
	leg_says(&moved, SHARED, 4);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 1), "with roam off nothing does");
}

static void place(const struct leg *l)
{
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, a.far.id);
	KSRTP_SET(&p, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&l->far.addr));
	p.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (ksrtp_peer_set(r.h, &p))
		kt_bail("peer set: %s", ksrtp_error(r.h));
}

/*
 * Who deletes a peer takes its lock, and waits from then on for packets that found
 * it. So where it was must be forgotten before the lock is given up.
 */
static void old_place(void)
{
	static const char name[] = "where it was is forgotten under the peer's lock";
	struct probe forgotten;
	struct leg moved;
	int i;

	if (!probe_calls(&forgotten, "queue_rcu_work", NULL)) {
		kt_skip(name, "this kernel counts no calls of queue_rcu_work()");
		return;
	}
	moved = elsewhere(&a);
	for (i = 0; i < MOVES; i++)
		place(i & 1 ? &a : &moved);
	kt_is(probe_bh_off(&forgotten), MOVES, "%s", name);
	probe_end(&forgotten);
	close(moved.far.fd);
}

static void connected(void)
{
	struct ksrtp_peer p = { 0 };
	struct rig_far f;
	struct rig c;

	rig_open(&c, "127.0.0.1");
	rig_far(&c, &f, "127.0.0.1");
	rig_connect(c.app, &f.addr);
	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, f.id);
	KSRTP_SET(&p, KSRTP_A_PEER_ROAM, roam, 1);
	kt_ok(ksrtp_peer_set(c.h, &p) == -EINVAL && *ksrtp_error(c.h),
	      "on a connected socket no peer may roam: %s", ksrtp_error(c.h));
	rig_close(&c);
}

int main(void)
{
	kt_plan(2 + 6 + 8 + 2 + 2 + 3 + 3 + 1 + 1);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	without_leave();
	what_does_not_move_it();
	moves();
	output_moves();
	taken();
	evicted();
	ambiguous();
	old_place();
	connected();
	rig_close(&r);
	return kt_done();
}
