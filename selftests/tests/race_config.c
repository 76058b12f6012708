// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several at once change what packets use: keys, peers, routes, socks, beside
 * dumps, and listeners that never read. What they leave alone works on, and what
 * was counted is gone in the end.
 *
 * KSRTP_RACE_SECONDS is how long each race runs.
 */
#include "race.h"
#include "traffic.h"

#define MS	3000

static struct rig r;
static struct leg in, out;
static struct traffic t;

/* A handle of each actor's own: the library's is one thread's */
static struct ksrtp_handle *handles[8];

static uint32_t far_peer(struct ksrtp_handle *h, uint16_t port)
{
	struct ksrtp_peer peer = { 0 };
	union rig_addr nobody = rig_addr("127.0.0.1", port);

	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&nobody));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	return ksrtp_peer_add(h, &peer) ? 0 : peer.id;
}

/* A peer with keys comes, becomes one more output of the route in use, and goes */
static void outputs(unsigned long round)
{
	struct ksrtp_handle *h = handles[0];
	struct rig mine = { .h = h, .sock = r.sock };
	struct leg extra = { 0 };
	struct ksrtp_out o;

	leg_make(&extra, LEG_SUITE, 99);
	extra.far.id = far_peer(h, 1 + round % 64);
	if (!extra.far.id)
		kt_bail("peer add: %s", ksrtp_error(h));
	rig_key_try(&mine, extra.far.id, KSRTP_DIR_TX, &extra.down);
	o = leg_out(&extra);
	leg_try_route(&mine, &in, TRAFFIC_SSRC, -1, &o, 1);
	ksrtp_peer_del(h, extra.far.id);
}

/* Keys of SSRCs that the keys of any SSRC serve as well */
static struct rig_key own_key(unsigned long round)
{
	struct rig_key key;

	rig_hbh(&key, round & 1 ? "AES_CM_128_HMAC_SHA1_32" : "AEAD_AES_128_GCM", 77);
	rig_key_ssrc(&key, round & 2 ? TRAFFIC_SSRC + 100 : TRAFFIC_APP + 100);
	return key;
}

static void keys(unsigned long round)
{
	struct rig mine = { .h = handles[1], .sock = r.sock };
	struct rig_key second = own_key(round);

	if (!rig_key_try(&mine, in.far.id, KSRTP_DIR_RX, &second))
		rig_key_del(&mine, in.far.id, KSRTP_DIR_RX, &second);
	if (!rig_key_try(&mine, out.far.id, KSRTP_DIR_TX, &second))
		rig_key_del(&mine, out.far.id, KSRTP_DIR_TX, &second);
}

/*
 * Packets of these SSRCs, long ones, so that a key is in use when it goes. What the
 * application says goes under whichever there is; one of eight that the far end says
 * is authentic if it is this key that is there, the others never are.
 */
static void speaks(unsigned long round)
{
	uint8_t plain[1400], wire[1500];
	struct rig_key key = own_key(round);
	uint16_t seq = round;
	int i, len, sealed;

	len = rig_rtp(plain, key.key.ssrc, seq, 1200);
	sealed = rig_seal(&key, NULL, plain, len, seq, wire);
	for (i = 0; i < 8; i++) {
		sendto(r.app, plain, len, MSG_DONTWAIT, &out.far.addr.sa,
		       rig_addr_len(&out.far.addr));
		send(in.far.fd, wire, sealed, MSG_DONTWAIT);
		wire[sealed - 1] ^= !i;
		rig_rtp(plain, key.key.ssrc, ++seq, 1200);
	}
	usleep(500);
}

/* Settings of the peers in use */
static void settings(unsigned long round)
{
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, round & 1 ? in.far.id : out.far.id);
	p.has |= KSRTP_BIT(KSRTP_A_PEER_ROAM) | KSRTP_BIT(KSRTP_A_PEER_MAX_STREAMS);
	p.roam = round & 2;
	p.max_streams = 4 + round % 8;
	ksrtp_peer_set(handles[2], &p);
}

static unsigned long dumped;

#define SEEN(what)							\
static int seen_##what(const struct ksrtp_##what *object, void *arg)	\
{									\
	(void)arg;							\
	dumped += !!object;						\
	return 0;							\
}

SEEN(sock)
SEEN(peer)
SEEN(key)
SEEN(route)
SEEN(stream)
SEEN(state)

/* Interrupted dumps say so (EINTR), which is all there is to expect. */
static void dumps(unsigned long round)
{
	struct ksrtp_handle *h = handles[3];
	struct ksrtp_stats stats;

	switch (round % 7) {
	case 0:
		ksrtp_sock_dump(h, seen_sock, NULL);
		break;
	case 1:
		ksrtp_peer_dump(h, seen_peer, NULL);
		break;
	case 2:
		ksrtp_key_dump(h, 0, seen_key, NULL);
		break;
	case 3:
		ksrtp_route_dump(h, 0, seen_route, NULL);
		break;
	case 4:
		ksrtp_stream_dump(h, 0, NULL, seen_stream, NULL);
		break;
	case 5:
		ksrtp_state_dump(h, 0, seen_state, NULL);
		break;
	default:
		ksrtp_stats_get(h, &stats);
	}
}

/* Listeners that come, never read, and go */
static void deaf(unsigned long round)
{
	static struct ksrtp_handle *all[16];
	size_t i = round % ARRAY_SIZE(all);
	struct ksrtp_error err;

	if (all[i])
		ksrtp_close(all[i]);
	all[i] = NULL;
	if (!ksrtp_open(&all[i], NULL, &err))
		ksrtp_events_open(all[i]);
	usleep(1000);
}

/* The sock is taken from ksrtp and given back, in the middle of whatever is sent */
static void detach(unsigned long round)
{
	struct ksrtp_sock sock = { 0 };

	(void)round;
	ksrtp_sock_del(handles[4], r.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	ksrtp_sock_attach(handles[4], r.app, &sock);
}

/* Two at once put one socket under ksrtp and take it from there */
static void detach_too(unsigned long round)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	ksrtp_sock_attach(handles[5], r.app, &sock);
	if (round % 3)
		ksrtp_sock_del(handles[5], r.sock);
}

/* What traffic needs, anew: as if a daemon had crashed and configured it again */
static void configure(struct rig *mine, struct leg *l)
{
	l->far.id = far_peer(mine->h, ntohs(l->far.addr.in.sin_port));
	if (!l->far.id)
		return;
	traffic_key_roc(&t, &l->up);
	rig_key_try(mine, l->far.id, KSRTP_DIR_RX, &l->up);
	rig_key_try(mine, l->far.id, KSRTP_DIR_TX, &l->down);
}

static void reconfigure(unsigned long round)
{
	struct rig mine = { .h = handles[0], .sock = r.sock };
	struct leg a = in, b = out;
	struct ksrtp_out o;

	(void)round;
	ksrtp_peer_flush(mine.h);
	configure(&mine, &a);
	configure(&mine, &b);
	o = leg_out(&b);
	if (a.far.id && b.far.id)
		leg_try_route(&mine, &a, TRAFFIC_SSRC, -1, &o, 1);
}

/*
 * One changes all of it by turns: each with a thread of its own would wait for the
 * others' turn at the lock of the configuration most of the time.
 */
static void change(unsigned long round)
{
	switch (round % 3) {
	case 0:
		outputs(round / 3);
		break;
	case 1:
		keys(round / 3);
		break;
	default:
		settings(round / 3);
	}
}

static struct race_actor beside[] = {
	{ .what = "outputs, keys and settings beside those in use", .turn = change },
	{ .what = "packets that use them", .turn = speaks },
	{ .what = "dumps", .turn = dumps },
	{ .what = "listeners that do not read", .turn = deaf },
};

static struct race_actor beneath[] = {
	{ .what = "sock del and attach", .turn = detach },
	{ .what = "attach and sock del", .turn = detach_too },
	{ .what = "all peers, keys and routes anew", .turn = reconfigure },
	{ .what = "dumps", .turn = dumps },
	{ .what = "listeners that do not read", .turn = deaf },
};

static void start(void)
{
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	traffic_start(&t, &r, &in, &out);
}

static void stop(void)
{
	traffic_stop(&t);
	kt_note("%lu sent in, %lu relayed, %lu heard, %lu said, %lu refused",
		atomic_load(&t.sent), atomic_load(&t.relayed), atomic_load(&t.heard),
		atomic_load(&t.said), atomic_load(&t.failed));
}

static void end(void)
{
	rig_close(&r);
	close(in.far.fd);
	close(out.far.fd);
}

int main(void)
{
	int refs = race_refs();
	struct ksrtp_stats s;
	long before, after;
	size_t i;

	kt_plan(9);
	kt_netns();
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = rig_handle();

	start();
	kt_ok(traffic_passes(&t), "traffic passes");
	race_run(beside, ARRAY_SIZE(beside), MS / 4, 1);
	before = race_memory();
	kt_ok(race_run(beside, ARRAY_SIZE(beside), MS, 3),
	      "keys, outputs and settings beside those in use come and go, two processors");
	kt_ok(traffic_passes(&t), "traffic passes on");
	stop();
	kt_is(atomic_load(&t.plain), 0, "not a packet of it unprotected");
	rig_stats(&r, &s);
	kt_note("%u socks, %u peers, %u keys, %u routes", s.socks, s.peers, s.keys, s.routes);
	kt_ok(s.socks == 1 && s.peers == 2 && s.keys == 4 && s.routes == 1,
	      "what is counted is what is there");
	end();

	start();
	kt_ok(race_run(beneath, ARRAY_SIZE(beneath), MS, 3),
	      "the sock and all on it go from under packets, and come again");
	ksrtp_sock_flush(handles[0]);
	stop();
	close(r.app);
	ksrtp_close(r.h);
	close(in.far.fd);
	close(out.far.fd);
	kt_ok(race_nothing_left() && kt_wait_until(race_refs() == refs, RIG_WAIT),
	      "nothing is left, and the module is free");

	start();
	kt_ok(traffic_passes(&t), "and all can be had again");
	stop();
	end();
	after = race_memory();
	kt_note("memory: %ld kB before, %ld kB after; %lu objects dumped", before, after, dumped);
	if (race_debug())
		kt_skip("memory does not grow", "kmemleak looks on this kernel");
	else
		kt_ok(after - before < 16384, "memory does not grow");
	return kt_done();
}
