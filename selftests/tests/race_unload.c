// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module is unloaded, or is not, whatever goes on: attached sockets, traffic,
 * requests, dumps, listeners. A socket that is attached keeps it, one that is not
 * keeps nothing of it.
 *
 * KSRTP_RACE_SECONDS is how long each race runs.
 */
#include "race.h"
#include "traffic.h"

#define MS	3000

static atomic_ulong gone, kept, attached, refused;

static void unloads(unsigned long round)
{
	(void)round;
	if (!race_unload())
		atomic_fetch_add(&gone, 1);
	else
		atomic_fetch_add(&kept, 1);
	usleep(500);
}

static void loads(unsigned long round)
{
	(void)round;
	race_load();
	usleep(2000);
}

/* A handle for each attempt, since the family has another number each time */
static struct ksrtp_handle *try_handle(void)
{
	struct ksrtp_handle *h;
	struct ksrtp_error err;

	return ksrtp_open(&h, NULL, &err) ? NULL : h;
}

static void attaches(unsigned long round)
{
	int fd = rig_udp(round & 1 ? "::1" : "127.0.0.1", 0);
	struct ksrtp_handle *h = try_handle();
	union rig_addr a = rig_local(fd);
	struct ksrtp_sock sock = { 0 };

	if (h && !ksrtp_sock_attach(h, fd, &sock)) {
		atomic_fetch_add(&attached, 1);
		if (race_unload() == 0)
			kt_bail("the module went with a socket attached");
	} else {
		atomic_fetch_add(&refused, 1);
	}
	/* By the module's sendmsg, or not */
	sendto(fd, "plain", 5, MSG_DONTWAIT, &a.sa, rig_addr_len(&a));
	close(fd);
	if (h)
		ksrtp_close(h);
}

/* A socket of the module's own with a peer and keys, which go with it */
static void opens(unsigned long round)
{
	struct ksrtp_handle *h = try_handle();
	struct ksrtp_sock sock = { 0 };
	struct ksrtp_peer peer = { 0 };
	union rig_addr any = rig_addr("127.0.0.1", 0), to = rig_addr("127.0.0.1", 9);
	struct rig mine = { .h = h };
	struct rig_key k;

	if (!h)
		return;
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&any));
	sock.has |= KSRTP_BIT(KSRTP_A_SOCK_PORT);
	if (!ksrtp_sock_open(h, &sock)) {
		KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, sock.id);
		KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&to));
		peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
		rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", round);
		if (!ksrtp_peer_add(h, &peer))
			rig_key_try(&mine, peer.id, KSRTP_DIR_RX, &k);
		if (round & 1)
			ksrtp_sock_del(h, sock.id);
	}
	ksrtp_close(h);
}

static int one(const struct ksrtp_key *key, void *arg)
{
	(void)key;
	(void)arg;
	return 0;
}

static void asks(unsigned long round)
{
	struct ksrtp_handle *h = try_handle();
	struct ksrtp_stats stats;

	if (!h)
		return;
	if (round & 1)
		ksrtp_events_open(h);
	ksrtp_stats_get(h, &stats);
	ksrtp_key_dump(h, 0, one, NULL);
	ksrtp_close(h);
}

static struct race_actor actors[] = {
	{ .what = "unloaded", .turn = unloads },
	{ .what = "loaded", .turn = loads },
	{ .what = "sockets attached and closed", .turn = attaches },
	{ .what = "sockets of its own, which go with it", .turn = opens },
	{ .what = "requests, dumps, listeners", .turn = asks },
};

static bool loaded(void)
{
	return !access("/sys/module/ksrtp", F_OK);
}

/* ---- with traffic ---- */

static struct rig r;
static struct leg in, out;
static struct traffic t;

static struct race_actor under_traffic[] = {
	{ .what = "unloaded", .turn = unloads },
	{ .what = "requests, dumps, listeners", .turn = asks },
};

int main(void)
{
	unsigned long went;
	bool ran;

	if (!getenv("KSRTP_MODULES"))
		kt_skip_all("KSRTP_MODULES does not say where the module is");
	kt_plan(7);
	kt_netns();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	traffic_start(&t, &r, &in, &out);
	kt_ok(traffic_passes(&t), "traffic passes");
	race_run(under_traffic, ARRAY_SIZE(under_traffic), MS / 2, 3);
	kt_is(atomic_load(&gone), 0, "with a socket attached it is not unloaded, %lu times",
	      atomic_load(&kept));
	kt_ok(traffic_passes(&t), "and traffic passes");
	traffic_stop(&t);
	kt_is(atomic_load(&t.plain), 0, "not a packet unprotected");
	rig_close(&r);
	close(in.far.fd);
	close(out.far.fd);

	ran = race_run(actors, ARRAY_SIZE(actors), MS, 3);
	went = atomic_load(&gone);
	kt_note("unloaded %lu times, not %lu times; attached %lu times, not %lu times", went,
		atomic_load(&kept), atomic_load(&attached), atomic_load(&refused));
	kt_ok(ran && went,
	      "unloaded and loaded while all of it goes on");
	kt_ok(kt_wait_until(!race_unload() || !loaded(), RIG_WAIT),
	      "in the end it can be unloaded: nothing held it");
	race_load();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	leg_says(&in, TRAFFIC_SSRC, 1);
	kt_ok(leg_hears(&out, TRAFFIC_SSRC, 1), "loaded again it relays");
	rig_close(&r);
	return kt_done();
}
