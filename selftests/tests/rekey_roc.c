// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the index of a new key starts, and which packets go under it: roc keep,
 * reset and a number, from-seq, and all of it around a wrap and out of order.
 */
#include "leg.h"

#define SSRC		0x4e4e4e01
#define I(roc, seq)	ref_index(roc, seq)

static struct rig r;
static struct rig_far f;
static struct rig_key old, new, third, e2e, e2e_new;

/* The next key of one with MKIs */
static void next_key(struct rig_key *k, const char *suite, uint8_t n)
{
	rig_hbh(k, suite, n);
	rig_mki(k, &n, 1);
}

static void set_up(enum ksrtp_dir dir, uint32_t roc)
{
	rig_far(&r, &f, "127.0.0.1");
	next_key(&old, "AES_CM_128_HMAC_SHA1_80", 1);
	next_key(&new, "AES_CM_128_HMAC_SHA1_80", 2);
	next_key(&third, "AES_CM_128_HMAC_SHA1_80", 3);
	rig_key_roc(&old, roc);
	rig_key(&r, f.id, dir, &old);
}

static void tear_down(void)
{
	rig_far_close(&r, &f);
}

static void mode(struct rig_key *k, enum ksrtp_roc_mode roc_mode)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_ROC_MODE, roc_mode, roc_mode);
}

static void from_seq(struct rig_key *k, uint16_t seq)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_FROM_SEQ, from_seq, seq);
}

/* One RTP packet is sent under @k with @index */
static bool says(const struct rig_key *k, uint64_t index)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, SSRC, index, 30);

	if (rig_says(&r, &f, k, NULL, plain, len, index))
		return true;
	kt_note("that was ROC %llu, sequence number %u, under key %u",
		(unsigned long long)index >> 16, (unsigned int)(index & 0xffff), k->key.mki[0]);
	return false;
}

static bool says_rtcp(const struct rig_key *k, uint32_t index)
{
	uint8_t plain[300];
	int len = rig_rtcp(plain, SSRC, index);

	if (rig_says_rtcp(&r, &f, k, plain, len, index))
		return true;
	kt_note("that was SRTCP index %u under key %u", index, k->key.mki[0]);
	return false;
}

static bool hears(const struct rig_key *k, uint64_t index)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, SSRC, index, 30);

	if (rig_hears(&r, &f, k, NULL, plain, len, index))
		return true;
	kt_note("that was ROC %llu, sequence number %u, under key %u",
		(unsigned long long)index >> 16, (unsigned int)(index & 0xffff), k->key.mki[0]);
	return false;
}

static void swap_keys(struct rig_key *a, struct rig_key *b)
{
	struct rig_key c = *a;

	*a = *b;
	*b = c;
}

static void tx_at_once(void)
{
	set_up(KSRTP_DIR_TX, 7);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	kt_ok(says(&old, I(7, 65533)) && says(&old, I(8, 0)), "tx: the first key's index goes on");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&new, I(8, 1)) && says(&new, I(7, 65535)) && says(&new, I(7, 65534)) &&
	      says(&new, I(8, 2)),
	      "tx keep: the new key goes on at the same index, late packets around the wrap too");
	mode(&third, KSRTP_ROC_MODE_RESET);
	rig_key(&r, f.id, KSRTP_DIR_TX, &third);
	kt_ok(says(&third, I(0, 3)) && says(&third, I(0, 5)) && says(&third, I(0, 4)),
	      "tx reset: ROC is 0 again");
	tear_down();

	set_up(KSRTP_DIR_TX, 7);
	kt_ok(says(&old, I(7, 10)), "tx: another first key");
	rig_key_roc(&new, 70000);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&new, I(70000, 11)), "tx N: ROC is the number");
	tear_down();

	set_up(KSRTP_DIR_TX, 9);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	mode(&third, KSRTP_ROC_MODE_KEEP);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	rig_key(&r, f.id, KSRTP_DIR_TX, &third);
	kt_ok(says(&third, I(9, 5)) && says(&third, I(9, 6)),
	      "tx keep: of keys that were never used, it keeps the ROC given with the first");
	tear_down();
}

/* The switch comes with the packet from-seq names, in whatever order they come. */
static void tx_from_seq(void)
{
	set_up(KSRTP_DIR_TX, 0);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 2);
	kt_ok(says(&old, I(0, 65530)) && says(&old, I(0, 65531)), "from-seq: before it is there");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(0, 65534)) && says(&new, I(1, 3)) && says(&old, I(1, 1)) &&
	      says(&old, I(0, 65535)) && says(&new, I(1, 2)) && says(&old, I(0, 65533)) &&
	      says(&new, I(1, 4)) && says(&old, I(1, 0)),
	      "from-seq keep: behind a wrap and out of order each packet has its own key");
	kt_ok(says(&new, I(1, 16300)) && says(&old, I(0, 65532)),
	      "from-seq: a late packet finds the old key as long as it may come");
	kt_ok(says(&new, I(1, 16386)) && says(&new, I(1, 49000)) && says(&new, I(2, 0)) &&
	      says(&new, I(1, 65535)) && says(&new, I(2, 1)) && says(&new, I(2, 3)),
	      "from-seq: a turn of 2^16 later nothing goes back to the old key");
	tear_down();

	set_up(KSRTP_DIR_TX, 0);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 100);
	kt_ok(says(&old, I(0, 90)), "from-seq: another stream");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&new, I(0, 32000)) && says(&new, I(0, 64000)) && says(&new, I(1, 30)),
	      "from-seq: nor does it where a leap went over the turn");
	tear_down();

	/* 32767 ahead, and not one more */
	set_up(KSRTP_DIR_TX, 0);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 1000 + 32767);
	kt_ok(says(&old, I(0, 1000)), "from-seq: a stream and a far number");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(0, 1001)) && says(&old, I(0, 33766)) && says(&new, I(0, 33767)),
	      "from-seq: it may be 32767 ahead");
	tear_down();
}

/* Where ROC begins anew it is the ROC of the packet from-seq names. */
static void tx_from_seq_roc(void)
{
	set_up(KSRTP_DIR_TX, 5);
	mode(&new, KSRTP_ROC_MODE_RESET);
	from_seq(&new, 65535);
	kt_ok(says(&old, I(5, 65530)), "from-seq reset: before it is there");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(5, 65533)) && says(&new, I(1, 0)) && says(&new, I(0, 65535)) &&
	      says(&old, I(5, 65534)) && says(&new, I(1, 1)),
	      "from-seq reset: at the last number of a turn, overtaken by the next one");
	tear_down();

	set_up(KSRTP_DIR_TX, 5);
	rig_key_roc(&new, 70000);
	from_seq(&new, 1);
	kt_ok(says(&old, I(5, 65533)), "from-seq N: before it is there");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(5, 65535)) && says(&new, I(70000, 3)) && says(&old, I(6, 0)) &&
	      says(&new, I(70000, 1)) && says(&new, I(70000, 2)),
	      "from-seq N: behind the wrap");
	tear_down();
}

static void tx_several(void)
{
	struct ksrtp_stream s;

	set_up(KSRTP_DIR_TX, 1);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 100);
	mode(&third, KSRTP_ROC_MODE_KEEP);
	from_seq(&third, 200);
	kt_ok(says(&old, I(1, 90)), "from-seq: a first key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	rig_key(&r, f.id, KSRTP_DIR_TX, &third);
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) && s.mki_len == 1 &&
	      s.mki[0] == 1, "from-seq: the stream shows the key that is in use");
	kt_ok(says(&old, I(1, 99)) && says(&new, I(1, 100)) && says(&third, I(1, 200)) &&
	      says(&new, I(1, 199)) && says(&old, I(1, 98)),
	      "from-seq: two switches one after the other, each at its number");
	tear_down();

	/* nothing to go under until then: the new key serves */
	set_up(KSRTP_DIR_TX, 3);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 100);
	kt_ok(says(&old, I(3, 65000)), "from-seq: one more first key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(4, 10)), "from-seq: packets before the number");
	rig_key_del(&r, f.id, KSRTP_DIR_TX, &old);
	kt_ok(says(&new, I(4, 11)) && says(&new, I(4, 100)),
	      "from-seq: the old key deleted too early, the new one goes on for it");
	tear_down();

	/* a stream that is made while the switch is ahead */
	set_up(KSRTP_DIR_TX, 2);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 100);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(2, 99)) && says(&new, I(2, 101)) && says(&new, I(2, 100)),
	      "from-seq: a stream that begins just before it");
	tear_down();

	/* a key of the SSRC's own beside the template */
	set_up(KSRTP_DIR_TX, 2);
	rig_key_ssrc(&new, SSRC);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 100);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says(&old, I(2, 99)) && says(&new, I(2, 100)) && says(&old, I(2, 98)),
	      "from-seq: from a template to a key of the SSRC's own");
	tear_down();
}

static void tx_rtcp(void)
{
	set_up(KSRTP_DIR_TX, 0);
	mode(&new, KSRTP_ROC_MODE_RESET);
	from_seq(&new, 100);
	kt_ok(says(&old, I(0, 90)) && says_rtcp(&old, 1) && says_rtcp(&old, 2), "RTCP: a first key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says_rtcp(&old, 3) && says(&old, I(0, 99)) && says_rtcp(&old, 4) &&
	      says(&new, I(0, 100)) && says_rtcp(&new, 5) && says(&old, I(0, 98)) &&
	      says_rtcp(&new, 6),
	      "RTCP goes where RTP has gone, and its index goes on whatever ROC does");
	tear_down();

	set_up(KSRTP_DIR_TX, 0);
	KSRTP_SET(&new.key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, 1000);
	kt_ok(says_rtcp(&old, 1), "RTCP: another first key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(says_rtcp(&new, 1000) && says_rtcp(&new, 1001), "RTCP: unless srtcp-index is given");
	rig_key(&r, f.id, KSRTP_DIR_TX, &third);
	kt_ok(says_rtcp(&third, 1002), "RTCP: from which the next key goes on");
	tear_down();
}

/* Of a peer whose new key is there long before it is used. */
static void rx_keep(void)
{
	set_up(KSRTP_DIR_RX, 3);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	kt_ok(hears(&old, I(3, 65000)), "rx: a first key");
	rig_key(&r, f.id, KSRTP_DIR_RX, &new);
	kt_ok(hears(&old, I(4, 10)) && hears(&old, I(4, 32000)) && hears(&old, I(4, 64000)) &&
	      hears(&old, I(5, 100)) && hears(&new, I(5, 102)) && hears(&old, I(5, 101)),
	      "rx keep: packets go on under the old key around two wraps, then the new key's come");
	kt_ok(hears(&new, I(5, 32000)) && hears(&new, I(5, 64000)) && hears(&new, I(6, 3)) &&
	      hears(&old, I(5, 103)),
	      "rx keep: from there each key has an index of its own");
	tear_down();

	set_up(KSRTP_DIR_RX, 3);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	kt_ok(hears(&old, I(3, 65530)), "rx: a second stream");
	rig_key(&r, f.id, KSRTP_DIR_RX, &new);
	kt_ok(hears(&new, I(4, 2)) && hears(&old, I(3, 65534)) && hears(&new, I(4, 1)) &&
	      hears(&new, I(4, 3)) && hears(&old, I(3, 65533)),
	      "rx keep: switched at a wrap and out of order");
	tear_down();

	set_up(KSRTP_DIR_RX, 6);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	mode(&third, KSRTP_ROC_MODE_KEEP);
	rig_key(&r, f.id, KSRTP_DIR_RX, &new);
	rig_key(&r, f.id, KSRTP_DIR_RX, &third);
	kt_ok(hears(&third, I(6, 77)),
	      "rx keep: a stream that begins later begins at the ROC given with the first key");
	tear_down();

	set_up(KSRTP_DIR_RX, 6);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	mode(&third, KSRTP_ROC_MODE_KEEP);
	kt_ok(hears(&old, I(6, 65000)), "rx: a third stream");
	rig_key(&r, f.id, KSRTP_DIR_RX, &new);
	rig_key(&r, f.id, KSRTP_DIR_RX, &third);
	kt_ok(hears(&old, I(7, 10)) && hears(&new, I(7, 32000)) && hears(&new, I(7, 64000)) &&
	      hears(&old, I(7, 11)) && hears(&new, I(8, 10)) && hears(&third, I(8, 12)),
	      "rx keep: the third key follows the second once that is used, not the first");
	tear_down();
}

static void rx_other(void)
{
	set_up(KSRTP_DIR_RX, 3);
	mode(&new, KSRTP_ROC_MODE_RESET);
	kt_ok(hears(&old, I(3, 65530)), "rx: a fourth stream");
	rig_key(&r, f.id, KSRTP_DIR_RX, &new);
	kt_ok(hears(&new, I(1, 0)) && hears(&new, I(0, 65535)) && hears(&old, I(3, 65534)) &&
	      hears(&new, I(1, 1)), "rx reset: at a wrap and out of order");
	rig_key_roc(&third, 70000);
	rig_key(&r, f.id, KSRTP_DIR_RX, &third);
	kt_ok(hears(&third, I(70000, 2)) && hears(&new, I(1, 3)) && hears(&third, I(70000, 4)),
	      "rx N: ROC is the number");
	tear_down();
}

/* What the relay sends follows its input, whose key may change as well. */
static void routed(void)
{
	struct leg a, b;
	struct rig_key up, down;

	leg_make(&a, LEG_SUITE, 11);
	leg_make(&b, LEG_SUITE, 12);
	rig_key_roc(&b.down, 40);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route(&r, &a, SSRC, &b);
	leg_says(&a, SSRC, I(0, 65530));
	kt_ok(leg_hears(&b, SSRC, I(40, 65530)), "routed: the first keys");

	down = b.down;
	rig_hbh(&b.down, LEG_SUITE, 100);
	mode(&b.down, KSRTP_ROC_MODE_KEEP);
	from_seq(&b.down, 1);
	rig_key(&r, b.far.id, KSRTP_DIR_TX, &b.down);
	up = a.up;
	rig_hbh(&a.up, LEG_SUITE, 101);
	mode(&a.up, KSRTP_ROC_MODE_RESET);
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &a.up);

	leg_says(&a, SSRC, I(0, 65533));
	swap_keys(&down, &b.down);
	kt_ok(leg_hears(&b, SSRC, I(40, 65533)), "routed: the input's key is new, the output's not");
	swap_keys(&down, &b.down);
	leg_says(&a, SSRC, I(1, 2));
	kt_ok(leg_hears(&b, SSRC, I(41, 2)), "routed: the output's is new behind the wrap");
	swap_keys(&up, &a.up);
	leg_says(&a, SSRC, I(0, 65534));
	swap_keys(&up, &a.up);
	swap_keys(&down, &b.down);
	kt_ok(leg_hears(&b, SSRC, I(40, 65534)), "routed: a late packet under both old keys");
	leg_says(&a, SSRC, I(1, 0));
	kt_ok(leg_hears(&b, SSRC, I(41, 0)), "routed: the last packet under the output's old key");
	swap_keys(&down, &b.down);
	leg_says(&a, SSRC, I(1, 1));
	kt_ok(leg_hears(&b, SSRC, I(41, 1)), "routed: and the first under the new one");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
}

/* Each layer has a key of its own to change, at a number of its own. */
static void layers(void)
{
	uint8_t plain[200];
	bool ok = true;
	uint16_t seq;

	set_up(KSRTP_DIR_TX, 1);
	rig_e2e(&e2e, 1, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_e2e(&e2e_new, 2, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key_roc(&e2e, 1);
	mode(&e2e_new, KSRTP_ROC_MODE_KEEP);
	from_seq(&e2e_new, 65534);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 2);
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e_new);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	for (seq = 65530; seq != 6; seq++) {
		uint64_t index = I(seq < 6 ? 2 : 1, seq);
		int len = rig_rtp(plain, SSRC, seq, 30);

		ok &= rig_says(&r, &f, seq < 6 && seq >= 2 ? &new : &old,
			       seq < 6 || seq >= 65534 ? &e2e_new : &e2e, plain, len, index);
	}
	kt_ok(ok, "E2E switches at its own number, HBH at its own");
	tear_down();
}

static int shown(const struct ksrtp_key *k, void *arg)
{
	struct ksrtp_key *all = arg;

	all[k->mki[0] & 3] = *k;
	return 0;
}

static bool refused(enum ksrtp_dir dir, const struct rig_key *k)
{
	int err = rig_key_try(&r, f.id, dir, k);

	kt_note("%s", ksrtp_error(r.h));
	return err == -EINVAL;
}

static void configured(void)
{
	struct ksrtp_key all[4] = { 0 };

	set_up(KSRTP_DIR_TX, 5);
	mode(&new, KSRTP_ROC_MODE_KEEP);
	from_seq(&new, 0);
	rig_key(&r, f.id, KSRTP_DIR_TX, &new);
	kt_ok(!ksrtp_key_dump(r.h, f.id, shown, all) &&
	      KSRTP_HAS(&all[2], KSRTP_A_KEY_FROM_SEQ) && all[2].from_seq == 0 &&
	      !KSRTP_HAS(&all[1], KSRTP_A_KEY_FROM_SEQ), "a key shows its from-seq, 0 too");
	kt_is(all[2].roc, 5, "a key with keep shows the ROC it keeps");
	from_seq(&third, 7);
	kt_ok(refused(KSRTP_DIR_RX, &third), "from-seq is refused with rx keys");
	mode(&third, KSRTP_ROC_MODE_KEEP);
	third.key.has &= ~KSRTP_BIT(KSRTP_A_KEY_FROM_SEQ);
	kt_ok(refused(KSRTP_DIR_RX, &third), "keep is refused where there is no key to keep from");
	tear_down();
	rig_far(&r, &f, "127.0.0.1");
	new.key.has &= ~KSRTP_BIT(KSRTP_A_KEY_ROC_MODE);
	kt_ok(refused(KSRTP_DIR_TX, &new), "so is a first key with from-seq");
	tear_down();
}

int main(void)
{
	kt_plan(5 + 8 + 4 + 9 + 5 + 8 + 3 + 6 + 1 + 5);
	rig_start();
	rig_open(&r, "127.0.0.1");
	tx_at_once();
	tx_from_seq();
	tx_from_seq_roc();
	tx_several();
	tx_rtcp();
	rx_keep();
	rx_other();
	routed();
	layers();
	configured();
	rig_close(&r);
	return kt_done();
}
