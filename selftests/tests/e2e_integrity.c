// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MESSAGE-INTEGRITY tag of an E2E packet is verified before anything is
 * decrypted or remembered: what a relay changed inside an intact HBH layer is
 * dropped, the E2E index stays where it was, and the stream lives on.
 */
#include "rig.h"

#define SSRC	0xe2e00001

static struct rig r;
static struct rig_far f;
static struct rig_key hbh, e2e;

/* Protects with E2E at @inner, turns one bit over (or none: -1), then HBH at @outer. */
static int seal(uint8_t *wire, const void *plain, int len, uint64_t inner, int bit, uint64_t outer)
{
	int n = ref_e2e_protect(&e2e.e2e, plain, len, inner, wire);

	if (n < 0)
		kt_bail("refsrtp does not protect: %s", ref_strerror(n));
	if (bit >= 0)
		wire[bit / 8] ^= 1 << bit % 8;
	return rig_seal(&hbh, NULL, wire, n, outer, wire);
}

static void set_up(enum ref_iv iv, enum ref_mi mi, size_t mi_len)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&hbh, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_e2e(&e2e, 2, "me:1@lid", iv, mi, mi_len);
	rig_key(&r, f.id, KSRTP_DIR_RX, &hbh);
}

/*
 * Each bit but those that HBH goes by (version, SSRC, sequence number): its own
 * packet each, since HBH accepts them.
 */
static void every_bit(const char *name, enum ref_iv iv, enum ref_mi mi, size_t mi_len)
{
	uint8_t plain[100], wire[200];
	struct ksrtp_stats stats;
	uint16_t seq = 1;
	int len, bit, n = 0;

	set_up(iv, mi, mi_len);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, seq, 19);
	kt_ok(rig_hears(&r, &f, &hbh, &e2e, plain, len, seq++), "%s: an intact packet is read",
	      name);
	rig_stats(&r, &stats);
	for (bit = 8; bit < (int)(8 * (len + mi_len)); bit++) {
		if ((bit >= 16 && bit < 32) || (bit >= 64 && bit < 96))
			continue;
		len = rig_rtp(plain, SSRC, seq, 19);
		rig_far_send(&f, wire, seal(wire, plain, len, seq, bit, seq));
		seq++;
		n++;
	}
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_AUTH, n) && rig_app_quiet(&r, &f),
	      "%s: with any of %d bits turned over it is dropped", name, n);
	kt_ok(rig_index_is(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_E2E, SSRC, 1) &&
	      rig_index_is(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, seq - 1),
	      "%s: the HBH index went on, the E2E index did not", name);
	len = rig_rtp(plain, SSRC, seq, 19);
	kt_ok(rig_hears(&r, &f, &hbh, &e2e, plain, len, seq), "%s: the next intact packet is read",
	      name);
	rig_far_close(&r, &f);
}

/*
 * Packets with sequence numbers far away and a wrong tag: a receiver that
 * believed them would be a turn ahead for good.
 */
static void forged_turn(void)
{
	const uint64_t forged[] = { ref_index(0, 32000), ref_index(0, 60000), ref_index(1, 5) };
	/* from 100, 60000 is nearest in the turn before the first */
	uint64_t want[64] = { [KSRTP_A_DROPS_E2E_AUTH] = 2, [KSRTP_A_DROPS_TOO_OLD] = 1 };
	uint8_t plain[100], wire[200];
	struct ksrtp_stats stats;
	size_t i;
	int len;

	set_up(REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 100, 50);
	if (!rig_hears(&r, &f, &hbh, &e2e, plain, len, 100))
		kt_bail("not even an intact packet is read");
	rig_stats(&r, &stats);
	for (i = 0; i < ARRAY_SIZE(forged); i++) {
		len = rig_rtp(plain, SSRC, forged[i], 50);
		rig_far_send(&f, wire, seal(wire, plain, len, forged[i], 8 * 30, forged[i]));
	}
	kt_ok(rig_dropped_all(&r, &stats, want) &&
	      rig_index_is(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_E2E, SSRC, 100),
	      "forged packets a turn ahead do not move the E2E index");
	/* the relay goes on where it is, the sender where it was */
	len = rig_rtp(plain, SSRC, 101, 50);
	rig_far_send(&f, wire, seal(wire, plain, len, 101, -1, ref_index(1, 101)));
	kt_ok(rig_gets(r.app, plain, len), "the sender's next packet is read");
	rig_far_close(&r, &f);
}

static void lengths(void)
{
	static const size_t mi_lens[] = { 1, 2, 4, 10, 16, 19, 20 };
	uint8_t plain[100], wire[200];
	struct ksrtp_stats stats;
	bool ok = true;
	size_t i;
	int len;

	for (i = 0; i < ARRAY_SIZE(mi_lens); i++) {
		set_up(REF_IV_LEFT, REF_MI_AUTH, mi_lens[i]);
		rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
		rig_key(&r, f.id, KSRTP_DIR_TX, &hbh);
		rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
		len = rig_rtp(plain, SSRC, 1, 33);
		ok &= rig_hears(&r, &f, &hbh, &e2e, plain, len, 1);
		len = rig_rtp(plain, SSRC + 1, 1, 33);
		ok &= rig_says(&r, &f, &hbh, &e2e, plain, len, 1);
		rig_far_close(&r, &f);
	}
	kt_ok(ok, "tags of 1 to 20 bytes");

	set_up(REF_IV_RIGHT, REF_MI_DERIVED, 20);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	rig_stats(&r, &stats);
	for (i = 0; i < 20; i++) {
		len = rig_rtp(plain, SSRC, i, i);
		rig_far_send(&f, wire, rig_seal(&hbh, NULL, plain, 12 + i, i, wire));
	}
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_MALFORMED, 20) && rig_app_quiet(&r, &f),
	      "a payload shorter than the tag is dropped as malformed");
	rig_far_close(&r, &f);
}

static void unverified(void)
{
	uint8_t plain[100], want[100], wire[200];
	struct ksrtp_stats stats;
	int len;

	set_up(REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	KSRTP_SET(&e2e.key, KSRTP_A_KEY_MI_VERIFY, mi_verify, 0);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	rig_stats(&r, &stats);
	len = rig_rtp(plain, SSRC, 7, 50);
	memcpy(want, plain, len);
	want[20] ^= 1;
	rig_far_send(&f, wire, seal(wire, plain, len, 7, 8 * 20, 7));
	kt_ok(rig_gets(r.app, want, len) && rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_AUTH, 0),
	      "with mi-verify off the tag is only taken away");
	rig_far_close(&r, &f);
}

/* Where a peer has had an E2E key, RTP without one is refused in that direction. */
static void key_gone(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len;

	set_up(REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key(&r, f.id, KSRTP_DIR_TX, &hbh);
	rig_key_ssrc(&e2e, SSRC);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 1, 50);
	kt_ok(rig_hears(&r, &f, &hbh, &e2e, plain, len, 1), "an SSRC with an E2E key is read");
	rig_stats(&r, &stats);
	len = rig_rtp(plain, SSRC + 1, 1, 50);
	rig_far_send(&f, wire, rig_seal(&hbh, NULL, plain, len, 1, wire));
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_NO_KEY, 1) && rig_app_quiet(&r, &f),
	      "another SSRC of the peer, without one, is dropped");
	rig_key_del(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 2, 50);
	rig_far_send(&f, wire, rig_seal(&hbh, &e2e, plain, len, 2, wire));
	len = rig_rtp(plain, SSRC, 3, 50);
	rig_far_send(&f, wire, rig_seal(&hbh, NULL, plain, len, 3, wire));
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_E2E_NO_KEY, 2) && rig_app_quiet(&r, &f),
	      "and so is the first once its key is deleted, E2E inside or not");
	len = rig_rtcp(plain, SSRC, 1);
	kt_ok(rig_hears_rtcp(&r, &f, &hbh, plain, len, 1), "RTCP, which has HBH alone, is read");
	len = rig_rtp(plain, SSRC + 2, 1, 50);
	kt_ok(rig_says(&r, &f, &hbh, NULL, plain, len, 1),
	      "the other direction, which never had an E2E key, goes on without");
	rig_far_close(&r, &f);
}

/* The hop gets new keys and starts again; what the sender sent before stays used. */
static void hop_rekeyed(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	bool ok = true;
	int len, seq;

	set_up(REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	for (seq = 1000; seq < 1010; seq++) {
		len = rig_rtp(plain, SSRC, seq, 50);
		ok &= rig_hears(&r, &f, &hbh, &e2e, plain, len, seq);
	}
	rig_key_del(&r, f.id, KSRTP_DIR_RX, &hbh);
	rig_hbh(&hbh, "AES_CM_128_HMAC_SHA1_80", 77);
	rig_key(&r, f.id, KSRTP_DIR_RX, &hbh);
	rig_stats(&r, &stats);
	for (seq = 1000; seq < 1010; seq++) {
		len = rig_rtp(plain, SSRC, seq, 50);
		rig_far_send(&f, wire, rig_seal(&hbh, &e2e, plain, len, seq, wire));
	}
	kt_ok(ok && rig_dropped(&r, &stats, KSRTP_A_DROPS_REPLAYED, 10) && rig_app_quiet(&r, &f),
	      "after a new HBH key what was read before is replayed by its E2E index");
	len = rig_rtp(plain, SSRC, 1010, 50);
	kt_ok(rig_hears(&r, &f, &hbh, &e2e, plain, len, 1010), "and what is new is read");
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(2 * 4 + 2 + 2 + 1 + 5 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	every_bit("iv right, mi derived", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	every_bit("iv left, mi auth", REF_IV_LEFT, REF_MI_AUTH, 10);
	forged_turn();
	lengths();
	unverified();
	key_gone();
	hop_rekeyed();
	rig_close(&r);
	return kt_done();
}
