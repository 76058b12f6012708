// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet index lives in the kernel alone: whatever a daemon reads, sets or
 * adds while packets flow, again and again and from what it remembers, each
 * stream goes on at the index it has reached, over wraps.
 */
#include "leg.h"
#include "rawnl.h"

#define SSRC	0x04de4000
#define APP	0x04de4001
#define ROUNDS	3
#define LEAP	0x3000

static struct rig r;
static struct leg a, b;
static struct raw raw;
/* The one sent last; by leaps a receiver follows, it goes over several wraps */
static uint64_t next = 60000;

static bool goes_on(void)
{
	uint8_t plain[300];
	int len;

	next += LEAP;
	leg_says(&a, SSRC, next);
	if (!leg_hears(&b, SSRC, next))
		return false;
	len = rig_rtp(plain, APP, next, 80);
	if (!rig_says(&r, &b.far, &b.down, NULL, plain, len, next))
		return false;
	return rig_hears(&r, &a.far, &a.up, NULL, plain, len, next) &&
	       rig_index_is(&r, a.far.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, next) &&
	       rig_index_is(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, next) &&
	       rig_index_is(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, APP, next);
}

/* ---- what a daemon does all day ---- */

static int read_stream(const struct ksrtp_stream *s, void *arg)
{
	(void)s;
	(*(int *)arg)++;
	return 0;
}

static bool reads_streams(void)
{
	int n = 0;

	return !ksrtp_stream_dump(r.h, 0, NULL, read_stream, &n) && n >= 4;
}

static bool sets_limits(void)
{
	struct ksrtp_key key = { 0 };

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, a.far.id);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, KSRTP_DIR_RX);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&key, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, 1000000);
	return !ksrtp_key_set(r.h, &key);
}

static bool sets_peer(void)
{
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, b.far.id);
	KSRTP_SET(&peer, KSRTP_A_PEER_MAX_STREAMS, max_streams, 100);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&b.far.addr));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	return !ksrtp_peer_set(r.h, &peer);
}

static bool sets_sock(void)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_DROP);
	return !ksrtp_sock_set(r.h, &sock);
}

static bool changes_routes(void)
{
	struct ksrtp_out out = leg_out(&b);

	if (leg_try_route(&r, &a, SSRC + 100, -1, &out, 1))
		return false;
	leg_unroute(&r, &a, SSRC + 100);
	return true;
}

static bool restarts(void)
{
	struct ksrtp_handle *other = rig_handle();
	struct ksrtp_stats stats;
	bool ok = !ksrtp_events_open(other) && !ksrtp_stats_get(other, &stats);

	ksrtp_close(other);
	return ok;
}

/* From what it remembers of the call: the key it added at its beginning, ROC and all. */
static bool adds_key_again(void)
{
	struct rig_key again = a.up;

	rig_key_ssrc(&again, SSRC + 7);
	rig_key_roc(&again, 0);
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &again);
	rig_key_del(&r, a.far.id, KSRTP_DIR_RX, &again);
	return true;
}

static bool sets_index(void)
{
	raw_new(&raw, KSRTP_CMD_KEY_SET, 0);
	raw_u32(&raw, KSRTP_A_KEY_PEER, a.far.id);
	raw_u8(&raw, KSRTP_A_KEY_DIR, KSRTP_DIR_RX);
	raw_u8(&raw, KSRTP_A_KEY_LAYER, KSRTP_LAYER_HBH);
	raw_u8(&raw, KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_VALUE);
	raw_u32(&raw, KSRTP_A_KEY_ROC, 0);
	return raw_talk(&raw) == -EINVAL;
}

static const struct {
	const char *what;
	bool (*act)(void);
} acts[] = {
	{ "reads every stream", reads_streams },
	{ "sets the limits of a key", sets_limits },
	{ "sets a peer's address to what it is", sets_peer },
	{ "sets the policy of the socket", sets_sock },
	{ "adds a route and deletes it", changes_routes },
	{ "comes, listens and goes", restarts },
	{ "adds the key once more for another SSRC", adds_key_again },
	{ "tries to set a key's ROC, and is refused", sets_index },
};

int main(void)
{
	size_t i;
	int round;

	kt_plan(2 + ARRAY_SIZE(acts));
	rig_start();
	if (raw_open(&raw))
		kt_bail("the kernel has no ksrtp");
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.2", 2);
	leg_route(&r, &a, SSRC, &b);
	next -= LEAP;
	kt_ok(goes_on(), "packets flow");
	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		bool ok = true;

		for (round = 0; round < ROUNDS; round++)
			ok &= acts[i].act() && goes_on();
		kt_ok(ok, "somebody %s: no index changes", acts[i].what);
	}
	kt_ok(next >> 16 >= 4, "that was over %u wraps", (unsigned int)(next >> 16));
	raw_close(&raw);
	rig_close(&r);
	return kt_done();
}
