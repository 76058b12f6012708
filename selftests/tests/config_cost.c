// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the configuration of many takes, takes each of them its share and no more: the
 * end of thousands of peers that one route goes to, and the question whether a peer's
 * keys would let it have its own packets back.
 */
#include "cost.h"

#define PEERS		5000
#define OUTS		500	/* of a request */
#define FEW_KEYS	100	/* each way, a key an SSRC */
#define MANY_KEYS	1000
#define TURNS		3
#define QUESTIONS	20
/* Above what chance may do; where each is held against each it is 48 and 450 */
#define BOUND		8.0
#define KEYS_BOUND	(5.0 * MANY_KEYS / FEW_KEYS)

static struct rig r;

static uint32_t peer_at(unsigned int n)
{
	union rig_addr a = rig_addr("127.1.0.0", 5004);

	a.in.sin_addr.s_addr = htonl(ntohl(a.in.sin_addr.s_addr) + 1 + n);
	return rig_peer(&r, &a);
}

/* ---- many peers ---- */

static void route_to(uint32_t from, const struct ksrtp_out *outs, uint32_t n)
{
	struct ksrtp_route route = { .out = outs, .n_out = n };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, from);
	if (ksrtp_route_add(r.h, &route))
		kt_bail("route: %s", ksrtp_error(r.h));
}

static void route_to_all(uint32_t from, const uint32_t *ids, unsigned int n)
{
	static struct ksrtp_out outs[OUTS];
	unsigned int i, at = 0;

	for (i = 0; i < n; i++) {
		KSRTP_SET(&outs[at], KSRTP_A_OUT_PEER, peer, ids[i]);
		if (++at < OUTS && i + 1 < n)
			continue;
		route_to(from, outs, at);
		at = 0;
	}
}

/* All peers are deleted; before that the last one had a route to each of the others. */
static double end_of_peers(void *routed)
{
	static uint32_t ids[PEERS];
	unsigned int i;
	double took;

	for (i = 0; i < PEERS; i++)
		ids[i] = peer_at(i);
	if (*(bool *)routed)
		route_to_all(ids[PEERS - 1], ids, PEERS - 1);
	took = cost_now_us();
	if (ksrtp_peer_flush(r.h))
		kt_bail("peer flush: %s", ksrtp_error(r.h));
	return cost_now_us() - took;
}

static void peers(void)
{
	bool routed = true, alone = false;
	double cost = cost_times(end_of_peers, &routed, &alone, TURNS, BOUND);

	kt_ok(cost < BOUND,
	      "the end of %d peers that one route goes to takes %.2f times what it takes without it",
	      PEERS, cost);
}

/* ---- many keys ---- */

static uint32_t keyed;

/* From where there were fewer on */
static void add_keys(unsigned int from, unsigned int to)
{
	struct rig_key rx, tx;

	rig_hbh(&rx, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_hbh(&tx, "AES_CM_128_HMAC_SHA1_80", 2);
	for (; from < to; from++) {
		rig_key_ssrc(&rx, 1 + from);
		rig_key_ssrc(&tx, 1 + from);
		rig_key(&r, keyed, KSRTP_DIR_RX, &rx);
		rig_key(&r, keyed, KSRTP_DIR_TX, &tx);
	}
}

/* A route for any SSRC back to the peer itself, which no key forbids */
static double question(void *unused)
{
	struct ksrtp_route route = { 0 };
	struct ksrtp_out out = { 0 };
	double took;

	(void)unused;
	KSRTP_SET(&out, KSRTP_A_OUT_PEER, peer, keyed);
	took = cost_now_us();
	route_to(keyed, &out, 1);
	took = cost_now_us() - took;
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, keyed);
	if (ksrtp_route_del(r.h, &route))
		kt_bail("route del: %s", ksrtp_error(r.h));
	return took;
}

static void keys(void)
{
	double few, many;

	keyed = peer_at(0);
	add_keys(0, FEW_KEYS);
	few = cost_shortest(question, NULL, QUESTIONS);
	add_keys(FEW_KEYS, MANY_KEYS);
	many = cost_shortest(question, NULL, QUESTIONS);
	kt_ok(many < few * KEYS_BOUND,
	      "whether a peer's own packets would come back is found among %d keys in %.0f us, among %d in %.0f",
	      2 * MANY_KEYS, many, 2 * FEW_KEYS, few);
}

static void loops(void)
{
	struct ksrtp_route route = { .n_out = 1 };
	struct ksrtp_out out = { 0 };
	struct rig_key k;

	KSRTP_SET(&out, KSRTP_A_OUT_PEER, peer, keyed);
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, keyed);
	route.out = &out;
	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, keyed, KSRTP_DIR_TX, &k);
	kt_is(ksrtp_route_add(r.h, &route), -EINVAL,
	      "a template for what it sends, under the master of a key for an SSRC it receives, forbids it");
	rig_key_del(&r, keyed, KSRTP_DIR_TX, &k);
	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 2);
	rig_key(&r, keyed, KSRTP_DIR_RX, &k);
	kt_is(ksrtp_route_add(r.h, &route), -EINVAL, "and so the other way round");
	rig_key_del(&r, keyed, KSRTP_DIR_RX, &k);
	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 3);
	rig_key_ssrc(&k, MANY_KEYS + 1);
	rig_key(&r, keyed, KSRTP_DIR_RX, &k);
	rig_key(&r, keyed, KSRTP_DIR_TX, &k);
	kt_is(ksrtp_route_add(r.h, &route), -EINVAL, "and so do two keys for the same SSRC");
	rig_key_del(&r, keyed, KSRTP_DIR_TX, &k);
	rig_key_ssrc(&k, MANY_KEYS + 2);
	rig_key(&r, keyed, KSRTP_DIR_TX, &k);
	kt_is(ksrtp_route_add(r.h, &route), 0, "but not for two");
}

int main(void)
{
	kt_plan(6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	peers();
	keys();
	loops();
	rig_close(&r);
	return kt_done();
}
