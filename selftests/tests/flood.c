// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 100,000 forged packets, from made-up SSRCs and from the right one: no state is
 * made for any, each is counted once under its reason, and the stream goes on
 * as if they had not been. (20,000 where the kernel is instrumented.)
 *
 * timeout: 300
 */
#include "rig.h"

#define SSRC		0xf100d000
#define BATCH		1000		/* between two authentic packets */
#define PAYLOAD		20
#define SIZE		(12 + PAYLOAD + 10)
#define WINDOW		1024
#define REASONS		64

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq = 1000;
static uint64_t random_state = 88172645463325252ull;
static uint64_t want[REASONS];
static unsigned int forged;		/* of each of two kinds */

/* xorshift: the same forgeries every time */
static uint64_t pick(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static bool authentic(void)
{
	uint8_t plain[100];
	bool ok = rig_hears(&r, &f, &key, NULL, plain, rig_rtp(plain, SSRC, seq, 40),
			    ref_index(1, seq));

	seq++;
	return ok;
}

static void forge(uint8_t *p, uint32_t ssrc)
{
	size_t i;

	rig_rtp(p, ssrc, pick(), PAYLOAD);
	for (i = 12; i < SIZE; i++)
		p[i] = pick();
}

/* What a packet of the stream is dropped for, which has everything but its tag */
static unsigned int fate(const uint8_t *p)
{
	uint16_t highest = seq - 1, their = ref_rtp_seq(p);
	uint64_t now = ref_index(1, highest), index;

	index = ref_index(ref_guess_roc(1, highest, their), their);
	if (index + WINDOW <= now)
		return KSRTP_A_DROPS_TOO_OLD;
	/* all from the first to the highest were received */
	if (index <= now && index >= ref_index(1, 1000))
		return KSRTP_A_DROPS_REPLAYED;
	return KSRTP_A_DROPS_AUTH;
}

static bool flood(bool made_up)
{
	static uint8_t pkts[BATCH * SIZE];
	bool ok = true;
	unsigned int i, sent;

	for (sent = 0; sent < forged; sent += BATCH) {
		for (i = 0; i < BATCH; i++) {
			uint8_t *p = pkts + i * SIZE;
			uint32_t ssrc = made_up ? 1 + sent + i : SSRC;

			forge(p, ssrc);
			if (made_up)
				want[KSRTP_A_DROPS_AUTH]++;
			else
				want[fate(p)]++;
		}
		rig_far_send_many(&f, pkts, SIZE, BATCH);
		ok &= authentic();
	}
	return ok;
}

static bool no_state(void)
{
	struct ksrtp_stats stats;
	struct ksrtp_peer peer;

	rig_stats(&r, &stats);
	rig_peer_get(&r, f.id, &peer);
	return stats.streams == 1 && peer.rx_streams == 1 && !peer.tombstones;
}

static bool alone(const uint64_t *count, unsigned int reason, uint64_t n)
{
	size_t i;

	for (i = 0; i < REASONS; i++)
		if (count[i] != (i == reason ? n : 0))
			return false;
	return true;
}

int main(void)
{
	struct ksrtp_stats before, after;
	struct ksrtp_stream s;
	struct ksrtp_peer peer;
	uint64_t of_peer;

	kt_plan(10);
	forged = kt_slow() > 4 ? 10000 : 50000;
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_roc(&key, 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	if (!authentic())
		kt_bail("not even an authentic packet is read");
	rig_stats(&r, &before);

	kt_ok(flood(true), "with %u packets of made-up SSRCs coming in, the stream is read",
	      forged);
	of_peer = want[KSRTP_A_DROPS_AUTH];
	kt_ok(rig_dropped_all(&r, &(struct ksrtp_stats){ .drops = before.drops }, want),
	      "each of them is counted, as not authentic");
	kt_ok(no_state(), "and none of them made a stream");
	rig_peer_get(&r, f.id, &peer);
	kt_ok(alone(peer.drops.count, KSRTP_A_DROPS_AUTH, of_peer), "they are the peer's drops");

	memset(want, 0, sizeof(want));
	rig_stats(&r, &after);
	kt_ok(flood(false), "with %u packets of the right SSRC coming in, the stream is read",
	      forged);
	kt_ok(rig_dropped_all(&r, &after, want),
	      "each is counted once: %llu not authentic, %llu replayed, %llu too old",
	      (unsigned long long)want[KSRTP_A_DROPS_AUTH],
	      (unsigned long long)want[KSRTP_A_DROPS_REPLAYED],
	      (unsigned long long)want[KSRTP_A_DROPS_TOO_OLD]);
	kt_ok(no_state() && rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      !memcmp(s.drops.count, want, sizeof(want)), "they are the stream's drops");
	kt_ok(rig_index_is(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC,
			   ref_index(1, (uint16_t)(seq - 1))) &&
	      s.packets == 1 + 2 * forged / BATCH, "its index is that of its own packets");
	rig_stats(&r, &after);
	kt_is(after.delivered_packets - before.delivered_packets, 2 * forged / BATCH,
	      "only the authentic ones were delivered");
	kt_ok(authentic() && rig_app_quiet(&r, &f), "and the stream is alive");
	rig_close(&r);
	return kt_done();
}
