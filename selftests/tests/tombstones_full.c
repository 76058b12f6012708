// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tombstones are bounded, 4096 a peer: when they are full no further SSRC is
 * taken in, those that live stay, and those that were evicted may still return.
 */
#include "rig.h"

#define LIVE	8
#define TOMBS	4096
#define SSRC(n)	(1 + (n))

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static int seal(uint32_t ssrc, uint16_t seq, uint8_t *plain, uint8_t *wire)
{
	int len = rig_rtp(plain, ssrc, seq, 10);

	rig_far_send(&f, wire, rig_seal(&key, NULL, plain, len, seq, wire));
	return len;
}

static bool hears(uint32_t ssrc, uint16_t seq)
{
	uint8_t plain[100], wire[100];

	return rig_gets(r.app, plain, seal(ssrc, seq, plain, wire));
}

static bool counts_are(uint32_t live, uint32_t tombstones)
{
	struct ksrtp_peer peer;

	rig_peer_get(&r, f.id, &peer);
	if (peer.rx_streams == live && peer.tombstones == tombstones)
		return true;
	kt_note("%u streams and %u tombstones, not %u and %u", peer.rx_streams, peer.tombstones,
		live, tombstones);
	return false;
}

int main(void)
{
	uint8_t plain[100], wire[100];
	struct ksrtp_stats stats;
	bool ok = true;
	int i;

	kt_plan(5);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_max_streams(&r, f.id, LIVE);
	rig_hbh(&key, "NULL_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);

	for (i = 0; i < LIVE + TOMBS && ok; i++)
		ok &= hears(SSRC(i), 100);
	kt_ok(ok && counts_are(LIVE, TOMBS), "%d SSRCs one after the other leave %d tombstones",
	      LIVE + TOMBS, TOMBS);
	rig_stats(&r, &stats);
	for (i = 0; i < 10; i++)
		seal(SSRC(LIVE + TOMBS + i), 100, plain, wire);
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_TOO_MANY_STREAMS, 10) &&
	      rig_app_quiet(&r, &f) && counts_are(LIVE, TOMBS), "then a new SSRC is refused");
	for (ok = true, i = 0; i < LIVE; i++)
		ok &= hears(SSRC(TOMBS + i), 101);
	kt_ok(ok && counts_are(LIVE, TOMBS), "those that live go on");
	kt_ok(hears(SSRC(0), 101) && hears(SSRC(TOMBS / 2), 101) && counts_are(LIVE, TOMBS),
	      "one that was evicted returns, for another");
	rig_key_del(&r, f.id, KSRTP_DIR_RX, &key);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	kt_ok(counts_are(0, 0) && hears(SSRC(LIVE + TOMBS), 100), "a new key begins anew");
	rig_close(&r);
	return kt_done();
}
