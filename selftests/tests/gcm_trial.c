// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Under GCM verifying and decrypting is one step, so that what was tried with
 * the wrong key or the wrong ROC would be lost. It is not: the packet is opened
 * by the candidate that is right, whichever comes first.
 */
#include "rig.h"

#define SSRC	0x6c37a100

static struct rig r;
static struct rig_far f;

static bool hears(const struct rig_key *k, uint32_t ssrc, uint64_t index)
{
	uint8_t plain[1400];

	return rig_hears(&r, &f, k, NULL, plain, rig_rtp(plain, ssrc, index, 20 + index % 1300),
			 index);
}

static bool is_dropped(const struct rig_key *k, uint32_t ssrc, uint64_t index)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, ssrc, index, 100);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, rig_seal(k, NULL, plain, len, index, wire));
	return rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
}

static void set_up(struct rig_key *k, const char *suite, uint32_t seed, uint32_t roc)
{
	rig_hbh(k, suite, seed);
	rig_key_roc(k, roc);
	rig_key(&r, f.id, KSRTP_DIR_RX, k);
}

static void first_lost(const char *suite)
{
	struct rig_key k;

	rig_far(&r, &f, "127.0.0.1");
	set_up(&k, suite, 1, 7);
	kt_ok(hears(&k, SSRC, ref_index(8, 3)),
	      "%s: a first packet lost at the wrap is found out by the next one's tag", suite);
	kt_ok(hears(&k, SSRC, ref_index(8, 0)) && hears(&k, SSRC, ref_index(7, 65535)) &&
	      hears(&k, SSRC, ref_index(8, 4)),
	      "and from there on it is known, before and behind the wrap");
	kt_ok(is_dropped(&k, SSRC + 1, ref_index(9, 5)) &&
	      is_dropped(&k, SSRC + 1, ref_index(6, 5)) &&
	      hears(&k, SSRC + 1, ref_index(7, 5)),
	      "no other ROC is tried, and what was is not used up");
	rig_far_close(&r, &f);
}

static void two_keys(const char *suite)
{
	struct rig_key older, newer, foreign;
	bool ok = true;
	int i;

	rig_far(&r, &f, "127.0.0.1");
	set_up(&older, suite, 1, 0);
	set_up(&newer, suite, 2, 0);
	rig_hbh(&foreign, suite, 3);
	/* The newest is tried first. */
	for (i = 1; i < 60; i += 2)
		ok &= hears(&older, SSRC, i) && hears(&newer, SSRC, i + 1);
	kt_ok(ok, "%s: of two keys without MKI the right one opens each packet", suite);
	ok = true;
	for (i = 0; i < 20; i++)
		ok &= is_dropped(&foreign, i & 1 ? SSRC : SSRC + 2, 100 + i);
	kt_ok(ok && hears(&older, SSRC, 201) && hears(&newer, SSRC, 202),
	      "what none opens is dropped, and harms none");
	rig_far_close(&r, &f);
}

int main(void)
{
	static const char *const suites[] = {
		"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
		"DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	};
	size_t i;

	kt_plan(5 * ARRAY_SIZE(suites));
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		first_lost(suites[i]);
		two_keys(suites[i]);
	}
	rig_close(&r);
	return kt_done();
}
