// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MKI: compared, taken away when receiving and put where it belongs when
 * sending, whatever its length; keys are told apart by it, and an MKI nobody has
 * is dropped and counted as that.
 */
#include "rig.h"

#define SSRC	0x00331100

static struct rig r;
static struct rig_far f;

/* A key whose MKI is @len bytes, all but the last 0xa5, which is @last */
static void set_key(struct rig_key *k, const char *suite, size_t len, uint8_t last)
{
	uint8_t mki[REF_MAX_MKI];

	rig_hbh(k, suite, 1 + last);
	memset(mki, 0xa5, sizeof(mki));
	mki[len - 1] = last;
	rig_mki(k, mki, len);
}

static bool hears(const struct rig_key *k, uint16_t seq)
{
	uint8_t plain[1500];

	return rig_hears(&r, &f, k, NULL, plain, rig_rtp(plain, SSRC, seq, 100), seq);
}

static bool hears_rtcp(const struct rig_key *k, uint32_t index)
{
	uint8_t plain[1500];

	return rig_hears_rtcp(&r, &f, k, plain, rig_rtcp(plain, SSRC, index), index);
}

static bool says(const struct rig_key *k, uint16_t seq)
{
	uint8_t plain[1500];

	return rig_says(&r, &f, k, NULL, plain, rig_rtp(plain, SSRC, seq, 100), seq);
}

static bool says_rtcp(const struct rig_key *k, uint32_t index)
{
	uint8_t plain[1500];

	return rig_says_rtcp(&r, &f, k, plain, rig_rtcp(plain, SSRC, index), index);
}

static void of_each_length(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
	};
	static const size_t lengths[] = { 1, 4, 128 };
	struct rig_key rx, tx;
	size_t i, s;
	bool ok;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (ok = true, s = 0; s < ARRAY_SIZE(suites); s++) {
			rig_far(&r, &f, "127.0.0.1");
			set_key(&rx, suites[s], lengths[i], 1);
			set_key(&tx, suites[s], lengths[i], 2);
			rig_key(&r, f.id, KSRTP_DIR_RX, &rx);
			rig_key(&r, f.id, KSRTP_DIR_TX, &tx);
			ok &= hears(&rx, 1) & hears_rtcp(&rx, 1) & says(&tx, 1) & says_rtcp(&tx, 1);
			rig_far_close(&r, &f);
		}
		kt_ok(ok, "an MKI of %zu bytes, both directions, RTP and RTCP, each suite",
		      lengths[i]);
	}
}

static bool is_dropped(const struct rig_key *k, unsigned int reason)
{
	uint8_t plain[300], wire[600];
	struct ksrtp_stats stats;
	int len;

	rig_stats(&r, &stats);
	len = rig_rtp(plain, SSRC, 50, 100);
	rig_far_send(&f, wire, rig_seal(k, NULL, plain, len, 50, wire));
	len = rig_rtcp(plain, SSRC, 50);
	rig_far_send(&f, wire, rig_seal_rtcp(k, plain, len, 50, true, wire));
	return rig_dropped(&r, &stats, reason, 2) && rig_app_quiet(&r, &f);
}

static void unknown(void)
{
	struct rig_key known, stranger, bare;

	rig_far(&r, &f, "127.0.0.1");
	set_key(&known, "AES_CM_128_HMAC_SHA1_80", 4, 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &known);
	set_key(&stranger, "AES_CM_128_HMAC_SHA1_80", 4, 2);
	kt_ok(is_dropped(&stranger, KSRTP_A_DROPS_UNKNOWN_MKI), "an MKI nobody has is dropped");
	set_key(&stranger, "AES_CM_128_HMAC_SHA1_80", 3, 1);
	kt_ok(is_dropped(&stranger, KSRTP_A_DROPS_UNKNOWN_MKI), "one cut short, too");
	rig_hbh(&bare, "AES_CM_128_HMAC_SHA1_80", 2);
	kt_ok(is_dropped(&bare, KSRTP_A_DROPS_UNKNOWN_MKI), "and a packet without an MKI");
	rig_hbh(&bare, "AES_CM_128_HMAC_SHA1_80", 77);
	ref_ctx_mki(&bare.hbh, known.key.mki, known.key.mki_len);
	kt_ok(is_dropped(&bare, KSRTP_A_DROPS_AUTH), "the right MKI does not make up for the tag");
	kt_ok(hears(&known, 1) && hears_rtcp(&known, 1), "the key that has it is read");
	rig_far_close(&r, &f);
}

static void several(void)
{
	struct rig_key k[16], one_more;
	struct ksrtp_stream s;
	bool ok = true;
	int i;

	rig_far(&r, &f, "127.0.0.1");
	for (i = 0; i < 16; i++) {
		set_key(&k[i], "AES_CM_128_HMAC_SHA1_80", 2, i);
		rig_key(&r, f.id, KSRTP_DIR_RX, &k[i]);
	}
	set_key(&one_more, "AES_CM_128_HMAC_SHA1_80", 2, 16);
	kt_is(rig_key_try(&r, f.id, KSRTP_DIR_RX, &one_more), -EBUSY, "a 17th key is refused");
	set_key(&one_more, "AES_CM_128_HMAC_SHA1_80", 3, 16);
	kt_ok(rig_key_try(&r, f.id, KSRTP_DIR_RX, &one_more) < 0,
	      "and so is an MKI of another length");
	for (i = 0; i < 16; i++)
		ok &= hears(&k[5 * i % 16], 100 + i) & hears_rtcp(&k[5 * i % 16], 100 + i);
	kt_ok(ok, "16 keys are told apart by their MKIs, packet by packet");
	kt_ok(hears(&k[3], 90) && hears(&k[4], 90),
	      "each has an index of its own: what is late under one is not replayed under another");
	rig_key_del(&r, f.id, KSRTP_DIR_RX, &k[3]);
	kt_ok(is_dropped(&k[3], KSRTP_A_DROPS_UNKNOWN_MKI) && hears(&k[4], 200),
	      "a key that is deleted is unknown from then on, the others stay");
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) && s.mki_len == 2,
	      "the stream says the MKI of a key in use");
	rig_far_close(&r, &f);
}

static void the_newest_sends(void)
{
	struct rig_key first, second;

	rig_far(&r, &f, "127.0.0.1");
	set_key(&first, "AES_CM_128_HMAC_SHA1_80", 2, 1);
	set_key(&second, "AES_CM_128_HMAC_SHA1_80", 2, 2);
	rig_key(&r, f.id, KSRTP_DIR_TX, &first);
	kt_ok(says(&first, 1) && says(&first, 2), "a sender uses its key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &second);
	kt_ok(says(&second, 3), "and the next one as soon as it is there");
	rig_key_del(&r, f.id, KSRTP_DIR_TX, &first);
	kt_ok(says(&second, 4), "deleting the old one changes nothing");
	rig_far_close(&r, &f);
}

/* Every size a packet can have before its MKI and tag are whole, and a little more */
static void short_ones(void)
{
	uint8_t wire[300] = { 0x80, 96 };
	struct ksrtp_stats stats;
	uint64_t want[64] = { 0 };
	struct rig_key key;
	int n;

	rig_far(&r, &f, "127.0.0.1");
	set_key(&key, "AES_CM_128_HMAC_SHA1_80", 128, 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	rig_stats(&r, &stats);
	for (n = 1; n < 200; n++) {
		rig_far_send(&f, wire, n);
		want[n < 12 + 128 + 10 ? KSRTP_A_DROPS_MALFORMED : KSRTP_A_DROPS_UNKNOWN_MKI]++;
	}
	wire[1] = 200;
	for (n = 2; n < 200; n++) {
		rig_far_send(&f, wire, n);
		want[n < 8 + 4 + 128 + 10 ? KSRTP_A_DROPS_MALFORMED :
					    KSRTP_A_DROPS_UNKNOWN_MKI]++;
	}
	kt_ok(rig_dropped_all(&r, &stats, want) && rig_app_quiet(&r, &f),
	      "packets too short for MKI and tag are malformed");
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(3 + 5 + 6 + 3 + 1);
	rig_start();
	rig_open(&r, "127.0.0.1");
	of_each_length();
	unknown();
	several();
	the_newest_sends();
	short_ones();
	rig_close(&r);
	return kt_done();
}
