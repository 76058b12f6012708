// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every operation of the netlink family, with memory short at each place where
 * it asks for some: refused as a whole, nothing left, and it works afterwards.
 * KSRTP_FAULTS=all: at each where netlink itself and the library ask, too.
 */
#include "faults.h"
#include "leg.h"

#define SSRC		0xfa170000
#define SPARE		900	/* id of the peer that comes and goes */
#define SOCK		77
#define MANY		60
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct rig r;
static struct leg a, b, c;
static struct ksrtp_state saved_rx, saved_tx;

/* ---- sock ---- */

static int the_fd = -1;
static union rig_addr the_addr;

static void socket_there(struct rig *rig)
{
	(void)rig;
	if (the_fd >= 0)
		return;
	the_fd = rig_udp("127.0.0.1", the_addr.in.sin_port ? ntohs(the_addr.in.sin_port) : 0);
	the_addr = rig_local(the_fd);
}

static int attach(struct rig *rig)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, SOCK);
	return ksrtp_sock_attach(rig->h, the_fd, &sock);
}

static void close_it(struct rig *rig)
{
	(void)rig;
	close(the_fd);
	the_fd = -1;
}

static int open_owned(struct rig *rig)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, SOCK);
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&the_addr));
	return ksrtp_sock_open(rig->h, &sock);
}

static int open_owned_v6(struct rig *rig)
{
	union rig_addr at = rig_addr("::1", 7000);
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, SOCK);
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&at));
	return ksrtp_sock_open(rig->h, &sock);
}

static int del_sock(struct rig *rig)
{
	return ksrtp_sock_del(rig->h, SOCK);
}

static void undo_sock(struct rig *rig)
{
	if (del_sock(rig))
		kt_bail("sock del: %s", ksrtp_error(rig->h));
}

static void sock_there(struct rig *rig)
{
	int err = open_owned(rig);

	if (err && err != -EEXIST)
		kt_bail("sock open: %s", ksrtp_error(rig->h));
}

static int set_unmatched(struct rig *rig, uint8_t unmatched)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, rig->sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, unmatched);
	return ksrtp_sock_set(rig->h, &sock);
}

static int set_sock(struct rig *rig)
{
	return set_unmatched(rig, KSRTP_UNMATCHED_PASS);
}

static void unset_sock(struct rig *rig)
{
	set_unmatched(rig, KSRTP_UNMATCHED_DROP);
}

static int get_sock(struct rig *rig)
{
	struct ksrtp_sock sock;

	return ksrtp_sock_get(rig->h, rig->sock, &sock);
}

/* ---- peer ---- */

static void spare_of(struct ksrtp_peer *peer, struct rig *rig)
{
	union rig_addr at = rig_addr("127.0.0.9", 9000);

	memset(peer, 0, sizeof(*peer));
	KSRTP_SET(peer, KSRTP_A_PEER_ID, id, SPARE);
	KSRTP_SET(peer, KSRTP_A_PEER_SOCK, sock, rig->sock);
	KSRTP_SET(peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&at));
	peer->has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
}

static int new_peer(struct rig *rig)
{
	union rig_addr at = rig_addr("127.0.0.1", 0);
	struct ksrtp_peer peer;

	spare_of(&peer, rig);
	KSRTP_SET(&peer, KSRTP_A_PEER_LOCAL_ADDR, local, rig_ksrtp_addr(&at));
	KSRTP_SET(&peer, KSRTP_A_PEER_ROAM, roam, 1);
	KSRTP_SET(&peer, KSRTP_A_PEER_MAX_STREAMS, max_streams, 7);
	return ksrtp_peer_add(rig->h, &peer);
}

static int del_peer(struct rig *rig)
{
	return ksrtp_peer_del(rig->h, SPARE);
}

static void no_spare(struct rig *rig)
{
	int err = del_peer(rig);

	if (err && err != -ENOENT)
		kt_bail("peer del: %s", ksrtp_error(rig->h));
}

static void undo_peer(struct rig *rig)
{
	if (del_peer(rig))
		kt_bail("peer del: %s", ksrtp_error(rig->h));
}

/* The spare peer as if nothing had ever been done with it */
static void spare(struct rig *rig)
{
	struct ksrtp_peer peer;

	no_spare(rig);
	spare_of(&peer, rig);
	if (ksrtp_peer_add(rig->h, &peer))
		kt_bail("the peer that comes and goes: %s", ksrtp_error(rig->h));
}

static void spare_with_keys(struct rig *rig)
{
	spare(rig);
	rig_key(rig, SPARE, KSRTP_DIR_RX, &c.up);
	rig_key(rig, SPARE, KSRTP_DIR_TX, &c.down);
}

/* All at once of a peer that has streams */
static int set_c(struct rig *rig, const union rig_addr *at, bool roam, uint32_t max)
{
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, c.far.id);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(at));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	KSRTP_SET(&peer, KSRTP_A_PEER_ROAM, roam, roam);
	KSRTP_SET(&peer, KSRTP_A_PEER_MAX_STREAMS, max_streams, max);
	return ksrtp_peer_set(rig->h, &peer);
}

static int set_peer(struct rig *rig)
{
	union rig_addr at = rig_addr("127.0.0.8", 8000);

	return set_c(rig, &at, true, 99);
}

static void unset_peer(struct rig *rig)
{
	if (set_c(rig, &c.far.addr, false, 64))
		kt_bail("peer set: %s", ksrtp_error(rig->h));
}

/* The other way: a peer that roams stays one that does */
static void roaming(struct rig *rig)
{
	if (set_c(rig, &c.far.addr, true, 64))
		kt_bail("peer set: %s", ksrtp_error(rig->h));
}

static int set_peer_back(struct rig *rig)
{
	union rig_addr at = rig_addr("127.0.0.8", 8000);

	return set_c(rig, &at, false, 64);
}

static int get_peer(struct rig *rig)
{
	struct ksrtp_peer peer;

	return ksrtp_peer_get(rig->h, c.far.id, &peer);
}

/* ---- key ---- */

static const struct rig_key *the_key;
static uint32_t the_peer;
static enum ksrtp_dir the_dir;

static int add_key(struct rig *rig)
{
	return rig_key_try(rig, the_peer, the_dir, the_key);
}

static int del_key(struct rig *rig)
{
	struct ksrtp_key key = { 0 };

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, the_peer);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, the_dir);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, the_key->key.layer);
	if (the_key->key.has & KSRTP_BIT(KSRTP_A_KEY_SSRC))
		KSRTP_SET(&key, KSRTP_A_KEY_SSRC, ssrc, the_key->key.ssrc);
	if (the_key->key.mki_len) {
		memcpy(key.mki, the_key->key.mki, the_key->key.mki_len);
		key.mki_len = the_key->key.mki_len;
		key.has |= KSRTP_BIT(KSRTP_A_KEY_MKI);
	}
	return ksrtp_key_del(rig->h, &key);
}

static void undo_key(struct rig *rig)
{
	if (del_key(rig))
		kt_bail("key del: %s", ksrtp_error(rig->h));
}

static void key_there(struct rig *rig)
{
	spare(rig);
	if (add_key(rig))
		kt_bail("key: %s", ksrtp_error(rig->h));
}

static void try_key(const char *name, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *key)
{
	const struct fault_op op = { .name = name, .run = add_key, .undo = undo_key };

	the_key = key;
	the_peer = peer;
	the_dir = dir;
	faults_try(&r, &op);
}

static int set_key(struct rig *rig)
{
	struct ksrtp_key key = { 0 };

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, SPARE);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, the_dir);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&key, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, 1000);
	KSRTP_SET(&key, KSRTP_A_KEY_HARD_LIMIT, hard_limit, 2000);
	return ksrtp_key_set(rig->h, &key);
}

static int flush_keys(struct rig *rig)
{
	return ksrtp_key_flush(rig->h, SPARE);
}

static const char *const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", "NULL_HMAC_SHA1_80",
	"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
	"ARIA_128_CTR_HMAC_SHA1_80", "AEAD_ARIA_256_GCM",
	"DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	"DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
};

static void every_suite(void)
{
	struct rig_key key;
	char name[80];
	size_t i;

	spare(&r);
	for (i = 0; i < COUNT(suites); i++) {
		snprintf(name, sizeof(name), "key-new %s", suites[i]);
		if (!rig_has_suite(&r, suites[i])) {
			kt_skip(name, "this kernel has no ARIA");
			continue;
		}
		rig_hbh(&key, suites[i], 50 + i);
		try_key(name, SPARE, i % 2 ? KSRTP_DIR_TX : KSRTP_DIR_RX, &key);
	}
	rig_e2e(&key, 80, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	try_key("key-new E2E_AES_128_CTR", SPARE, KSRTP_DIR_RX, &key);
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 81);
	rig_hbh_rtcp(&key, 82);
	rig_mki(&key, "mki", 3);
	rig_key_enc_ext(&key, (const uint8_t[]){ 1, 2 }, 2);
	try_key("key-new with an RTCP master, MKI and enc-ext", SPARE, KSRTP_DIR_TX, &key);
}

/* ---- E2E is demanded of a peer from its first key on, and not before ---- */

static struct rig_far half_far;
static const char *half_ip;
static struct rig_key half_hbh;
static uint16_t half_seq;

static bool no_e2e_wanted(struct rig *rig)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, SSRC + 40, ++half_seq, 50);

	return rig_hears(rig, &half_far, &half_hbh, NULL, plain, len, half_seq);
}

static bool e2e_wanted(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, SSRC + 40, ++half_seq, 50);

	rig_stats(&r, &stats);
	rig_far_send(&half_far, wire, rig_seal(&half_hbh, NULL, plain, len, half_seq, wire));
	return rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_NO_KEY, 1);
}

/* Another peer in its place, of which no E2E is demanded yet */
static void half_fresh(struct rig *rig)
{
	if (half_far.id)
		rig_far_close(rig, &half_far);
	rig_far(rig, &half_far, half_ip);
	rig_key(rig, half_far.id, KSRTP_DIR_RX, &half_hbh);
	half_seq = 0;
	if (!no_e2e_wanted(rig))
		kt_bail("nothing is heard");
	the_peer = half_far.id;
}

static void half_made(const char *name, const struct rig_key *key, const char *ip)
{
	const struct fault_op op = {
		.name = name, .run = add_key, .prepare = half_fresh, .check = no_e2e_wanted,
	};

	half_ip = ip;
	rig_hbh(&half_hbh, LEG_SUITE, 95);
	the_key = key;
	the_dir = KSRTP_DIR_RX;
	faults_try(&r, &op);
	kt_ok(e2e_wanted(), "%s: E2E is demanded once it is there", name);
	rig_far_close(&r, &half_far);
	half_far.id = 0;
}

static void had_e2e(void)
{
	struct rig_key key;

	rig_hbh(&key, "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 96);
	rig_key_ssrc(&key, SSRC + 41);
	half_made("key-new DOUBLE, both halves or none", &key, "127.0.0.31");
	rig_e2e(&key, 97, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key_ssrc(&key, SSRC + 41);
	half_made("key-new E2E, the first of a peer", &key, "127.0.0.32");
}

/* ---- routes ---- */

static int routes(struct rig *rig, int64_t ssrc)
{
	struct ksrtp_out outs[] = { leg_out(&a), leg_out(&b) };

	if (ssrc != ANY_SSRC) {
		KSRTP_SET(&outs[0], KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, SSRC + 60);
		KSRTP_SET(&outs[1], KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, SSRC + 61);
	}
	return leg_try_route(rig, &c, ssrc, KSRTP_RTCP_MODE_FORWARD, outs, 2);
}

static int new_route(struct rig *rig)
{
	return routes(rig, SSRC + 3);
}

static int new_route_any(struct rig *rig)
{
	return routes(rig, ANY_SSRC);
}

static void undo_route(struct rig *rig)
{
	leg_unroute(rig, &c, SSRC + 3);
}

static void undo_route_any(struct rig *rig)
{
	leg_unroute(rig, &c, ANY_SSRC);
}

static void route_there(struct rig *rig)
{
	int err = new_route(rig);

	if (err && err != -EEXIST)
		kt_bail("route: %s", ksrtp_error(rig->h));
}

static int del_route(struct rig *rig)
{
	struct ksrtp_route route = { 0 };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, c.far.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, SSRC + 3);
	return ksrtp_route_del(rig->h, &route);
}

/* One output of two: the list is copied */
static int del_out(struct rig *rig)
{
	const struct ksrtp_out out = leg_out(&b);
	struct ksrtp_route route = { .out = &out, .n_out = 1 };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, c.far.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, SSRC + 3);
	return ksrtp_route_del(rig->h, &route);
}

static void route_whole(struct rig *rig)
{
	int err = del_route(rig);

	if (err && err != -ENOENT)
		kt_bail("route del: %s", ksrtp_error(rig->h));
	route_there(rig);
}

/* ---- state ---- */

static int keep_state(const struct ksrtp_state *state, void *arg)
{
	struct ksrtp_state *to = arg;

	if (state->dir != to->dir || state->ssrc != to->ssrc)
		return 0;
	*to = *state;
	KSRTP_SET(to, KSRTP_A_STATE_PEER, peer, SPARE);
	return 1;
}

static void save_state(struct ksrtp_state *to, enum ksrtp_dir dir, uint32_t ssrc)
{
	to->dir = dir;
	to->ssrc = ssrc;
	if (ksrtp_state_dump(r.h, c.far.id, keep_state, to) != 1)
		kt_bail("no state of %08x", ssrc);
}

static int set_rx(struct rig *rig)
{
	return ksrtp_state_set(rig->h, &saved_rx);
}

static int set_tx(struct rig *rig)
{
	return ksrtp_state_set(rig->h, &saved_tx);
}

static int set_tombstone(struct rig *rig)
{
	struct ksrtp_state tomb = saved_rx;

	KSRTP_SET(&tomb, KSRTP_A_STATE_TOMBSTONE, tombstone, 1);
	return ksrtp_state_set(rig->h, &tomb);
}

/* A live stream that is to be a tombstone */
static void rx_there(struct rig *rig)
{
	spare_with_keys(rig);
	if (set_rx(rig))
		kt_bail("state: %s", ksrtp_error(rig->h));
}

/* Keys for streams that are there: each of them needs a context */
static void rekeys(void)
{
	static const struct fault_op beside = {
		.name = "key-new beside a template", .run = add_key, .prepare = rx_there,
	};
	struct rig_key key;

	rig_hbh(&key, LEG_SUITE, 90);
	rig_key_ssrc(&key, SSRC);
	try_key("key-new for an SSRC that has a stream and a template", a.far.id, KSRTP_DIR_RX,
		&key);
	KSRTP_SET(&key.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_KEEP);
	KSRTP_SET(&key.key, KSRTP_A_KEY_FROM_SEQ, from_seq, 500);
	try_key("key-new from-seq", b.far.id, KSRTP_DIR_TX, &key);
	rig_hbh(&key, LEG_SUITE, 91);
	KSRTP_SET(&key.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_RESET);
	the_key = &key;
	the_peer = SPARE;
	the_dir = KSRTP_DIR_RX;
	faults_try(&r, &beside);
}

/* ---- reading ---- */

#define READER(what)							\
static int seen_##what(const struct ksrtp_##what *object, void *arg)	\
{									\
	(void)object;							\
	(void)arg;							\
	return 0;							\
}

READER(sock)
READER(peer)
READER(key)
READER(route)
READER(stream)
READER(state)

static int dump_socks(struct rig *rig)
{
	return ksrtp_sock_dump(rig->h, seen_sock, NULL);
}

static int dump_peers(struct rig *rig)
{
	return ksrtp_peer_dump(rig->h, seen_peer, NULL);
}

static int dump_keys(struct rig *rig)
{
	return ksrtp_key_dump(rig->h, 0, seen_key, NULL);
}

static int dump_routes(struct rig *rig)
{
	return ksrtp_route_dump(rig->h, 0, seen_route, NULL);
}

static int dump_streams(struct rig *rig)
{
	return ksrtp_stream_dump(rig->h, 0, NULL, seen_stream, NULL);
}

static int dump_states(struct rig *rig)
{
	return ksrtp_state_dump(rig->h, 0, seen_state, NULL);
}

static int get_stats(struct rig *rig)
{
	struct ksrtp_stats stats;

	return ksrtp_stats_get(rig->h, &stats);
}

static const struct fault_op changes[] = {
	{ .name = "sock-new, attached", .run = attach, .undo = close_it, .prepare = socket_there },
	{ .name = "sock-new, opened", .run = open_owned, .undo = undo_sock },
	{ .name = "sock-new, opened on IPv6", .run = open_owned_v6, .undo = undo_sock },
	{ .name = "sock-set", .run = set_sock, .undo = unset_sock },
	{ .name = "sock-del", .run = del_sock, .prepare = sock_there },
	{ .name = "peer-new", .run = new_peer, .undo = undo_peer, .prepare = no_spare },
	{ .name = "peer-set of a peer with streams", .run = set_peer, .undo = unset_peer },
	{ .name = "peer-set that ends roaming",
	  .run = set_peer_back, .undo = roaming, .prepare = roaming },
	{ .name = "peer-del", .run = del_peer, .prepare = spare },
	{ .name = "route-new", .run = new_route, .undo = undo_route },
	{ .name = "route-new for any SSRC", .run = new_route_any, .undo = undo_route_any },
	{ .name = "route-del of one output", .run = del_out, .prepare = route_whole },
	{ .name = "route-del", .run = del_route, .prepare = route_there },
	{ .name = "state-set, rx",
	  .run = set_rx, .undo = spare_with_keys, .prepare = spare_with_keys },
	{ .name = "state-set, tx",
	  .run = set_tx, .undo = spare_with_keys, .prepare = spare_with_keys },
	{ .name = "state-set, tombstone",
	  .run = set_tombstone, .undo = spare_with_keys, .prepare = spare_with_keys },
	{ .name = "state-set, a stream becomes a tombstone",
	  .run = set_tombstone, .undo = rx_there, .prepare = rx_there },
};

static const struct fault_op key_changes[] = {
	{ .name = "key-set", .run = set_key, .undo = key_there, .prepare = key_there },
	{ .name = "key-del", .run = del_key, .prepare = key_there },
	{ .name = "key-del of all", .run = flush_keys, .prepare = key_there },
};

static const struct fault_op reads[] = {
	{ .name = "sock-get", .run = get_sock },
	{ .name = "sock-get of all", .run = dump_socks },
	{ .name = "peer-get", .run = get_peer },
	{ .name = "peer-get of all", .run = dump_peers },
	{ .name = "key-get of all", .run = dump_keys },
	{ .name = "route-get of all", .run = dump_routes },
	{ .name = "stream-get of all", .run = dump_streams },
	{ .name = "state-get of all", .run = dump_states },
	{ .name = "stats-get", .run = get_stats },
};

static void try_all(const struct fault_op *ops, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		faults_try(&r, &ops[i]);
}

/* Of each a few: streams of both directions, RTCP windows, a route */
static void world(void)
{
	uint8_t plain[200];
	int i;

	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &c, "127.0.0.1", 3);
	leg_route(&r, &a, SSRC, &b);
	for (i = 1; i <= 3; i++) {
		leg_says(&a, SSRC, i);
		if (!leg_hears(&b, SSRC, i) ||
		    !rig_hears(&r, &c.far, &c.up, NULL, plain,
			       rig_rtp(plain, SSRC + 1, i, 50), i) ||
		    !rig_hears_rtcp(&r, &c.far, &c.up, plain,
				    rig_rtcp(plain, SSRC + 1, i), i) ||
		    !rig_says(&r, &c.far, &c.down, NULL, plain,
			      rig_rtp(plain, SSRC + 2, i, 50), i))
			kt_bail("no traffic");
	}
	save_state(&saved_rx, KSRTP_DIR_RX, SSRC + 1);
	save_state(&saved_tx, KSRTP_DIR_TX, SSRC + 2);
}

static void flows_on(void)
{
	leg_says(&a, SSRC, 4);
	kt_ok(leg_hears(&b, SSRC, 4), "and after all of it the stream goes on");
}

static void many(void)
{
	union rig_addr at = rig_addr("127.1.0.1", 1);
	uint32_t id;
	int i;

	for (i = 1; i <= MANY; i++) {
		at.in.sin_port = htons(i);
		id = rig_peer(&r, &at);
		rig_key(&r, id, KSRTP_DIR_RX, &c.up);
		rig_key(&r, id, KSRTP_DIR_TX, &c.down);
	}
}

int main(void)
{
	static struct rig_key plain;

	faults_start();
	kt_plan(COUNT(suites) + 2 + 3 + 4 + COUNT(changes) + COUNT(key_changes) + COUNT(reads) + 1);
	rig_start();
	if (!faults_all())
		faults_in_ksrtp();
	rig_open(&r, "127.0.0.1");
	socket_there(&r);
	world();
	try_all(changes, COUNT(changes));
	unset_peer(&r);
	every_suite();
	rig_hbh(&plain, LEG_SUITE, 60);
	the_key = &plain;
	the_peer = SPARE;
	the_dir = KSRTP_DIR_RX;
	try_all(key_changes, COUNT(key_changes));
	had_e2e();
	rekeys();
	flows_on();
	many();
	try_all(reads, COUNT(reads));
	rig_close(&r);
	faults_end();
	return kt_done();
}
