// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Peers, keys, routes and outputs come and go while packets use them: nothing is
 * sent unprotected, and what is there at the end works.
 */
#include "traffic.h"

#define TIMES	60

static struct rig r;
static struct leg in, out;
static struct traffic t;

static void must(int status, const char *what)
{
	if (status)
		kt_bail("%s: %s", what, ksrtp_error(r.h));
}

static void routes(void)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		leg_unroute(&r, &in, TRAFFIC_SSRC);
		leg_route(&r, &in, TRAFFIC_SSRC, &out);
		if (!(i % 8))
			traffic_flows(&t);
	}
}

/* An output more and less on a route that is in use; its peer has no key, or is gone */
static void outputs(void)
{
	union rig_addr nobody = rig_addr("127.0.0.1", 9);
	struct leg extra = { 0 };
	struct ksrtp_out o;
	int i;

	for (i = 0; i < TIMES; i++) {
		extra.far.id = rig_peer(&r, &nobody);
		o = leg_out(&extra);
		must(leg_try_route(&r, &in, TRAFFIC_SSRC, -1, &o, 1), "route add");
		if (!(i % 8))
			traffic_flows(&t);
		must(ksrtp_peer_del(r.h, extra.far.id), "peer del");
	}
}

/*
 * A second template beside the first, which it replaces: of two without MKI the
 * older one is deleted.  Then the first comes back, and the second goes.
 */
static void second_key(const struct leg *l, enum ksrtp_dir dir, struct rig_key *first)
{
	struct rig_key second;

	rig_hbh(&second, "AES_CM_128_HMAC_SHA1_32", 77);
	rig_key(&r, l->far.id, dir, &second);
	rig_key_del(&r, l->far.id, dir, first);
	if (dir == KSRTP_DIR_RX)
		traffic_key_roc(&t, first);
	rig_key(&r, l->far.id, dir, first);
	rig_key_del(&r, l->far.id, dir, &second);
}

static void keys(void)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		rig_key_del(&r, in.far.id, KSRTP_DIR_RX, &in.up);
		rig_key_del(&r, out.far.id, KSRTP_DIR_TX, &out.down);
		if (!(i % 8))
			traffic_flows(&t);
		traffic_key_roc(&t, &in.up);
		rig_key(&r, in.far.id, KSRTP_DIR_RX, &in.up);
		rig_key(&r, out.far.id, KSRTP_DIR_TX, &out.down);
		second_key(&in, KSRTP_DIR_RX, &in.up);
		second_key(&out, KSRTP_DIR_TX, &out.down);
	}
}

static void come_back(struct leg *l)
{
	l->far.id = rig_peer(&r, &l->far.addr);
	traffic_key_roc(&t, &l->up);
	rig_key(&r, l->far.id, KSRTP_DIR_RX, &l->up);
	rig_key(&r, l->far.id, KSRTP_DIR_TX, &l->down);
}

static void peers(void)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		struct leg *l = i & 1 ? &in : &out;

		must(ksrtp_peer_del(r.h, l->far.id), "peer del");
		if (!(i % 8))
			traffic_flows(&t);
		come_back(l);
		leg_route(&r, &in, TRAFFIC_SSRC, &out);
	}
}

static void flushes(void)
{
	int i;

	for (i = 0; i < TIMES / 4; i++) {
		must(ksrtp_route_flush(r.h), "route flush");
		must(ksrtp_key_flush(r.h, i & 1 ? out.far.id : 0), "key flush");
		must(ksrtp_peer_flush(r.h), "peer flush");
		if (!(i % 8))
			traffic_flows(&t);
		come_back(&in);
		come_back(&out);
		leg_route(&r, &in, TRAFFIC_SSRC, &out);
	}
}

static void settings(void)
{
	struct ksrtp_peer p = { 0 };
	int i;

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, in.far.id);
	p.has |= KSRTP_BIT(KSRTP_A_PEER_ROAM) | KSRTP_BIT(KSRTP_A_PEER_MAX_STREAMS);
	for (i = 0; i < TIMES; i++) {
		p.roam = !(i & 1);
		p.max_streams = 1 + i % 3;
		must(ksrtp_peer_set(r.h, &p), "peer set");
		if (!(i % 8))
			traffic_flows(&t);
	}
}

static const struct {
	const char *what;
	void (*run)(void);
} things[] = {
	{ "routes", routes },
	{ "outputs and their peers", outputs },
	{ "keys", keys },
	{ "peers", peers },
	{ "everything by flush", flushes },
	{ "roaming and stream limits", settings },
};

int main(void)
{
	struct ksrtp_stats stats;
	size_t i;

	kt_plan(ARRAY_SIZE(things) + 3);
	kt_netns();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	traffic_start(&t, &r, &in, &out);
	kt_ok(traffic_passes(&t), "traffic passes");
	for (i = 0; i < ARRAY_SIZE(things); i++) {
		things[i].run();
		kt_ok(traffic_passes(&t), "%s come and go, and traffic passes", things[i].what);
	}
	traffic_stop(&t);
	kt_is(atomic_load(&t.plain), 0, "of all that not a packet left unprotected");
	rig_stats(&r, &stats);
	kt_ok(stats.peers == 2 && stats.keys == 4 && stats.routes == 1 && stats.socks == 1,
	      "what is counted is what is there");
	rig_close(&r);
	return kt_done();
}
