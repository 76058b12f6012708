// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer roams between addresses, packet by packet, while packets still come from
 * where it was, while it is sent what another says, told to roam and not to, moved
 * by hand, deleted and added: on two processors.
 *
 * KSRTP_RACE_SECONDS is how long the race runs.
 */
#include "leg.h"
#include "race.h"

#define MS	5000
#define SSRC	0x70a11
#define TO_IT	0x70a12
#define PLACES	4

static struct rig r;
static struct leg l, other;
static int places[PLACES];
static atomic_ulong at_seq;
static struct ksrtp_handle *handles[2];

/* The next packet of the stream, from anywhere */
static void says(int fd)
{
	uint64_t index = atomic_fetch_add(&at_seq, 1);
	uint8_t plain[512], wire[512];
	int len = rig_rtp(plain, SSRC, index, LEG_PAYLOAD);

	len = rig_seal(&l.up, NULL, plain, len, index, wire);
	send(fd, wire, len, MSG_DONTWAIT);
}

static void wanders(unsigned long round)
{
	says(places[round % PLACES]);
}

static void wanders_too(unsigned long round)
{
	says(places[(round * 3 + 1) % PLACES]);
}

/*
 * Nothing of this is authentic: it looks its peer up, wherever that is. It is long, so
 * that what it is looked at with is in use when it goes.
 */
static void forges(unsigned long round)
{
	uint8_t plain[1400];
	int len = rig_rtp(plain, SSRC, round, 1200);

	send(places[round % PLACES], plain, len, MSG_DONTWAIT);
}

/* Relayed to it, by a cached route that goes with its address; long as well */
static void sent_to(unsigned long round)
{
	uint8_t plain[1400], wire[1500];
	int len = rig_rtp(plain, TO_IT, round, 1200);

	len = rig_seal(&other.up, NULL, plain, len, round, wire);
	send(other.far.fd, wire, len, MSG_DONTWAIT);
}

static void add(struct ksrtp_handle *h)
{
	struct rig mine = { .h = h, .sock = r.sock };
	struct ksrtp_peer peer = { 0 };
	struct ksrtp_out out;

	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&l.far.addr));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT) | KSRTP_BIT(KSRTP_A_PEER_ROAM);
	peer.roam = true;
	if (ksrtp_peer_add(h, &peer))
		return;
	l.far.id = peer.id;
	rig_key_roc(&l.up, atomic_load(&at_seq) >> 16);
	rig_key_try(&mine, peer.id, KSRTP_DIR_RX, &l.up);
	rig_key_try(&mine, peer.id, KSRTP_DIR_TX, &l.down);
	out = leg_out(&l);
	leg_try_route(&mine, &other, TO_IT, -1, &out, 1);
}

static void deletes(unsigned long round)
{
	(void)round;
	says(l.far.fd);
	usleep(1500);
	ksrtp_peer_del(handles[0], l.far.id);
	add(handles[0]);
}

static void moves(unsigned long round)
{
	union rig_addr to = rig_local(places[round % PLACES]);
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, __atomic_load_n(&l.far.id, __ATOMIC_RELAXED));
	if (round % 3) {
		KSRTP_SET(&p, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&to));
		p.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	}
	p.has |= KSRTP_BIT(KSRTP_A_PEER_ROAM);
	p.roam = round % 5;
	ksrtp_peer_set(handles[1], &p);
	usleep(300);
}

static struct race_actor actors[] = {
	{ .what = "packets from four places", .turn = wanders },
	{ .what = "packets from them in another order", .turn = wanders_too },
	{ .what = "forgeries from there", .turn = forges },
	{ .what = "packets to it", .turn = sent_to },
	{ .what = "the peer deleted and added", .turn = deletes },
	{ .what = "the peer moved by hand", .turn = moves },
};

int main(void)
{
	struct ksrtp_stats s;
	uint8_t plain[512];
	int i, len;

	kt_plan(5);
	kt_netns();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &l, "127.0.0.1", 1);
	leg_open(&r, &other, "127.0.0.1", 2);
	for (i = 0; i < PLACES; i++) {
		places[i] = rig_udp("127.0.0.1", 0);
		rig_connect(places[i], &r.addr);
	}
	handles[0] = rig_handle();
	handles[1] = rig_handle();
	ksrtp_peer_del(r.h, l.far.id);
	add(r.h);
	kt_ok(race_run(actors, ARRAY_SIZE(actors), MS, 3), "a peer roams and goes at once");
	rig_stats(&r, &s);
	kt_note("%lu packets sent, %llu accepted, %llu sent on, %llu of nobody",
		atomic_load(&at_seq), (unsigned long long)s.delivered_packets,
		(unsigned long long)s.tx_packets,
		(unsigned long long)s.drops.count[KSRTP_A_DROPS_UNMATCHED]);
	kt_ok(s.delivered_packets, "packets were accepted meanwhile");
	kt_ok(s.tx_packets, "packets were sent to it meanwhile");
	ksrtp_peer_flush(r.h);
	/* Nothing is delivered any more. */
	while (recv(r.app, plain, sizeof(plain), MSG_DONTWAIT) > 0)
		;
	add(r.h);
	len = rig_rtp(plain, SSRC + 1, 1, LEG_PAYLOAD);
	kt_ok(rig_hears(&r, &l.far, &l.up, NULL, plain, len, (uint64_t)l.up.key.roc << 16 | 1),
	      "in the end it is heard from where it was added");
	rig_close(&r);
	kt_ok(race_nothing_left(), "and nothing is left");
	return kt_done();
}
