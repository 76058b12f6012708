// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to do with one stream costs the same however many a peer may have,
 * and has: a new SSRC that takes the place of the longest idle one, and a key
 * and a route for one SSRC.
 */
#include "cost.h"
#include "leg.h"

#define SSRC(n)	(0x9e3779b1u * (uint32_t)(n))
#define FEW	100
#define MANY	10000
/* Were there four times as many turns, fewer than there may be tombstones */
#define TURNS	7
#define EACH	100
/* What leaves nothing may be done oftener. */
#define CHANGES	21
#define KEYS	40
#define PAYLOAD	20
#define SIZE	(12 + PAYLOAD + 10)
/* Above what chance may do; where all are gone through it is ten times and more. */
#define BOUND	3.0

static struct rig r;

/* A peer with as many rx streams as it may have */
struct crowd {
	struct rig_far f;
	struct rig_key key;
	unsigned int streams;
	unsigned int next;
};

static void seal(struct crowd *c, uint8_t *wire, uint32_t n)
{
	uint8_t plain[SIZE];

	if (rig_seal(&c->key, NULL, plain, rig_rtp(plain, SSRC(n), 1, PAYLOAD), 1, wire) != SIZE)
		kt_bail("a packet has another size");
}

/* The next @n SSRCs; nobody reads and there is no route, so that is how they end */
static long long new_ones(struct crowd *c, unsigned int n)
{
	static uint8_t pkts[1000 * SIZE];
	unsigned int i;

	for (i = 0; i < n; i++)
		seal(c, pkts + i * SIZE, c->next++);
	return cost_us(&r, &c->f, pkts, SIZE, n, KSRTP_A_DROPS_NO_ROUTE);
}

static void gather(struct crowd *c, unsigned int streams)
{
	rig_far(&r, &c->f, "127.0.0.1");
	rig_max_streams(&r, c->f.id, streams);
	rig_hbh(&c->key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_window(&c->key, 64);
	rig_key(&r, c->f.id, KSRTP_DIR_RX, &c->key);
	c->streams = streams;
	c->next = 0;
	while (c->next < streams)
		new_ones(c, streams - c->next < 1000 ? streams - c->next : 1000);
}

static double cost_of_new(void *crowd)
{
	return new_ones(crowd, EACH);
}

/* Keys for SSRCs, and routes for them, come and go. */
static double cost_of_keys(void *crowd)
{
	const struct crowd *c = crowd;
	long long start = cost_now_us();
	struct rig_key key = c->key;
	unsigned int i;

	for (i = 0; i < KEYS; i++) {
		rig_key_ssrc(&key, SSRC(i));
		rig_key(&r, c->f.id, KSRTP_DIR_RX, &key);
		rig_key_del(&r, c->f.id, KSRTP_DIR_RX, &key);
	}
	return cost_now_us() - start;
}

static double cost_of_routes(void *crowd)
{
	const struct crowd *c = crowd;
	long long start = cost_now_us();
	struct leg l = { .far = c->f };
	unsigned int i;

	for (i = 0; i < KEYS; i++) {
		leg_route(&r, &l, SSRC(i), &l);
		leg_unroute(&r, &l, SSRC(i));
	}
	return cost_now_us() - start;
}

int main(void)
{
	struct crowd few, many;
	struct ksrtp_peer peer;
	double cost;

	kt_plan(4);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	gather(&few, FEW);
	gather(&many, MANY);
	cost = cost_times(cost_of_new, &many, &few, TURNS, BOUND);
	rig_peer_get(&r, many.f.id, &peer);
	kt_ok(peer.rx_streams == MANY && peer.tombstones == many.next - MANY && peer.tombstones,
	      "each of %u new SSRCs took the place of another", many.next - MANY);
	kt_ok(cost < BOUND, "that costs among %u streams %.2f times what it costs among %u", MANY,
	      cost, FEW);
	cost = cost_times(cost_of_keys, &many, &few, CHANGES, BOUND);
	kt_ok(cost < BOUND, "a key for one SSRC costs %.2f times as much", cost);
	cost = cost_times(cost_of_routes, &many, &few, CHANGES, BOUND);
	kt_ok(cost < BOUND, "and a route for one SSRC %.2f times", cost);
	rig_close(&r);
	return kt_done();
}
