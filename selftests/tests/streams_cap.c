// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer has at most max-streams streams a direction. For a new one received,
 * the longest idle gives way and leaves a tombstone: when its SSRC comes back,
 * nothing at or below what was received before is accepted. A stream sent lives
 * as long as its key, so there the new one is refused.
 */
#include "rig.h"

#define MOST	4
#define SSRC(n)	(0xca900000u + (n))
#define TEN_MS	10

static struct rig r;
static struct rig_far f;
static struct rig_key hbh, e2e;

static void set_up(enum ksrtp_dir dir, bool with_e2e)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_key(&r, f.id, dir, &hbh);
	if (with_e2e)
		rig_key(&r, f.id, dir, &e2e);
	rig_max_streams(&r, f.id, MOST);
}

static bool idle_since(uint32_t ssrc, uint64_t ms)
{
	struct ksrtp_stream s;

	return rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, ssrc, &s) && s.idle_ms >= ms;
}

/* A packet is read, and that was long enough ago for the next one to be later. */
static bool hears(uint32_t ssrc, uint64_t index)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, ssrc, index, 30);

	return rig_hears(&r, &f, &hbh, NULL, plain, len, index) &&
	       kt_wait_until(idle_since(ssrc, TEN_MS), RIG_WAIT);
}

static bool hears_rtcp(uint32_t ssrc, uint32_t index)
{
	uint8_t plain[200];

	return rig_hears_rtcp(&r, &f, &hbh, plain, rig_rtcp(plain, ssrc, index), index) &&
	       kt_wait_until(idle_since(ssrc, TEN_MS), RIG_WAIT);
}

static bool is_dropped(uint32_t ssrc, uint64_t index, unsigned int reason)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, ssrc, index, 30);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, rig_seal(&hbh, NULL, plain, len, index, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static bool rtcp_is_dropped(uint32_t ssrc, uint32_t index, unsigned int reason)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtcp(plain, ssrc, index);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, rig_seal_rtcp(&hbh, plain, len, index, true, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static bool is_live(uint32_t ssrc)
{
	struct ksrtp_stream s;

	return rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, ssrc, &s);
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

static void eviction(void)
{
	struct ksrtp_stats stats;
	uint8_t wire[100];
	bool ok = true;
	int i;

	set_up(KSRTP_DIR_RX, false);
	for (i = 0; i < MOST; i++)
		ok &= hears(SSRC(i), ref_index(0, 1000 + i));
	ok &= hears_rtcp(SSRC(1), 50);
	kt_ok(ok && counts_are(MOST, 0), "as many streams as there may be");

	rig_stats(&r, &stats);
	for (i = 0; i < 20; i++)	/* made up: nobody gives way to them */
		rig_far_send(&f, wire, rig_rtp(wire, SSRC(100 + i), i, 40));
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 20) && counts_are(MOST, 0),
	      "forged packets of new SSRCs evict nobody");

	/* 1 was heard last, by RTCP; then this makes 0 newer than 2 and 3 */
	ok = hears(SSRC(0), ref_index(0, 1100));
	kt_ok(ok && hears(SSRC(9), ref_index(0, 1)) && counts_are(MOST, 1) && !is_live(SSRC(2)) &&
	      is_live(SSRC(0)) && is_live(SSRC(1)) && is_live(SSRC(3)) && is_live(SSRC(9)),
	      "a new stream takes the place of the longest idle, RTCP counted");
	kt_ok(is_dropped(SSRC(2), ref_index(0, 1002), KSRTP_A_DROPS_TOO_OLD) &&
	      is_dropped(SSRC(2), ref_index(0, 1001), KSRTP_A_DROPS_TOO_OLD) &&
	      is_dropped(SSRC(2), ref_index(0, 10), KSRTP_A_DROPS_TOO_OLD) && counts_are(MOST, 1),
	      "the evicted SSRC's packets are refused, received before or just older");
	kt_ok(is_dropped(SSRC(2), ref_index(1, 2000), KSRTP_A_DROPS_AUTH) && counts_are(MOST, 1),
	      "no ROC is guessed for it");
	kt_ok(hears(SSRC(2), ref_index(0, 1003)) && is_live(SSRC(2)) && !is_live(SSRC(3)) &&
	      counts_are(MOST, 1), "a new packet brings it back, in the longest idle's place");
	kt_ok(is_dropped(SSRC(2), ref_index(0, 1002), KSRTP_A_DROPS_TOO_OLD) &&
	      is_dropped(SSRC(2), ref_index(0, 1003), KSRTP_A_DROPS_REPLAYED) &&
	      hears(SSRC(2), ref_index(0, 1006)) && hears(SSRC(2), ref_index(0, 1005)) &&
	      is_dropped(SSRC(2), ref_index(0, 1006), KSRTP_A_DROPS_REPLAYED),
	      "from there on it has its window again, and nothing below");

	/* 1, with SRTCP index 50, goes next */
	kt_ok(hears(SSRC(10), ref_index(0, 1)) && !is_live(SSRC(1)) &&
	      rtcp_is_dropped(SSRC(1), 50, KSRTP_A_DROPS_TOO_OLD) &&
	      rtcp_is_dropped(SSRC(1), 49, KSRTP_A_DROPS_TOO_OLD) && counts_are(MOST, 2),
	      "the tombstone knows the SRTCP index, too");
	kt_ok(hears_rtcp(SSRC(1), 51) && is_live(SSRC(1)) &&
	      rtcp_is_dropped(SSRC(1), 50, KSRTP_A_DROPS_TOO_OLD) &&
	      is_dropped(SSRC(1), ref_index(0, 1001), KSRTP_A_DROPS_TOO_OLD) &&
	      hears(SSRC(1), ref_index(0, 1002)), "and RTCP brings it back, with both indices");

	/* of this one nothing but RTCP was heard, so its RTP index has not begun */
	for (ok = hears_rtcp(SSRC(20), 1), i = 0; i < MOST; i++)
		ok &= hears(SSRC(30 + i), ref_index(0, 1));
	kt_ok(ok && !is_live(SSRC(20)) &&
	      is_dropped(SSRC(20), ref_index(1, 5), KSRTP_A_DROPS_AUTH) &&
	      hears(SSRC(20), ref_index(0, 5)),
	      "nor is a ROC guessed where only RTCP was heard before");

	rig_key_del(&r, f.id, KSRTP_DIR_RX, &hbh);
	kt_ok(counts_are(0, 0), "streams and tombstones go with their key");
	rig_far_close(&r, &f);
}

static bool hears_e2e(uint32_t ssrc, uint64_t outer, uint64_t inner)
{
	uint8_t plain[200], wire[300];
	int len = rig_rtp(plain, ssrc, inner, 30), n;

	n = ref_e2e_protect(&e2e.e2e, plain, len, inner, wire);
	rig_far_send(&f, wire, rig_seal(&hbh, NULL, wire, n, outer, wire));
	return rig_gets(r.app, plain, len) && kt_wait_until(idle_since(ssrc, TEN_MS), RIG_WAIT);
}

/*
 * A relay may start its own layer anew, or a host be restarted; the inner index
 * must not go back all the same.
 */
static void inner_index(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	bool ok = true;
	int i, len, n;

	set_up(KSRTP_DIR_RX, true);
	for (i = 0; i < MOST + 1; i++)
		ok &= hears_e2e(SSRC(i), ref_index(0, 500), ref_index(0, 500));
	kt_ok(ok && !is_live(SSRC(0)) && counts_are(MOST, 1), "an E2E stream is evicted");
	rig_stats(&r, &stats);
	/* a turn later by the relay's count, the same packet by the sender's */
	len = rig_rtp(plain, SSRC(0), 501, 30);
	kt_ok(hears_e2e(SSRC(0), ref_index(0, 33000), ref_index(0, 33000)) &&
	      hears_e2e(SSRC(0), ref_index(0, 65000), ref_index(0, 65000)),
	      "its SSRC comes back and goes on");
	n = ref_e2e_protect(&e2e.e2e, plain, len, ref_index(0, 501), wire);
	rig_far_send(&f, wire, rig_seal(&hbh, NULL, wire, n, ref_index(1, 501), wire));
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_AUTH, 1) && rig_app_quiet(&r, &f),
	      "an old packet of the sender's in a new HBH layer is refused");
	rig_far_close(&r, &f);
}

static bool says(uint32_t ssrc, uint16_t seq)
{
	uint8_t plain[200];

	return rig_says(&r, &f, &hbh, NULL, plain, rig_rtp(plain, ssrc, seq, 30), seq);
}

static void writing(void)
{
	struct ksrtp_stats stats;
	uint8_t plain[200];
	bool ok = true;
	int i, n;

	set_up(KSRTP_DIR_TX, false);
	for (i = 0; i < MOST; i++)
		ok &= says(SSRC(i), 1);
	rig_stats(&r, &stats);
	n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC(MOST), 1, 30));
	kt_ok(ok && n == -ENOSPC && rig_far_quiet(&r, &f) &&
	      rig_dropped(&r, &stats, KSRTP_A_DROPS_TOO_MANY_STREAMS, 1),
	      "one SSRC sent more than there may be is refused (%s)",
	      n < 0 ? strerror(-n) : "it was sent");
	n = rig_app_send(&r, &f, plain, rig_rtcp(plain, SSRC(MOST), 1));
	kt_ok(n == -ENOSPC && rig_far_quiet(&r, &f), "by its RTCP as well");
	for (ok = true, i = 0; i < MOST; i++)
		ok &= says(SSRC(i), 2);
	kt_ok(ok && rig_streams(&r, f.id, KSRTP_DIR_TX) == MOST, "the others go on");
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(11 + 3 + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_hbh(&hbh, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	eviction();
	inner_index();
	writing();
	rig_close(&r);
	return kt_done();
}
