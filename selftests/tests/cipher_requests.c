// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet costs the cipher one request, however long it is: not one for each
 * block, and none for a packet that is not authentic.
 */
#include "leg.h"
#include "probe.h"

#define SSRC	0x04e00001
#define COUNT	50

/* What the SIMD wrapper of 6.1 and 6.12 passes on is the same request again. */
static struct probe requests, passed_on, blocks;
static struct rig r;
static struct leg a, b;
static struct rig_key inner;
static uint64_t next = 1;

static unsigned long asked(void)
{
	return probe_hits(&requests) - probe_hits(&passed_on);
}

/* Keys are derived block by block; packets are not. */
static void add_key(const struct leg *l, enum ksrtp_dir dir, unsigned long *derived)
{
	unsigned long before = probe_hits(&blocks);

	rig_key(&r, l->far.id, dir, &inner);
	*derived += probe_hits(&blocks) - before;
}

static void relayed(size_t payload)
{
	unsigned long before = asked();
	uint8_t plain[2000];
	int i, len, good = 0;

	for (i = 0; i < COUNT; i++, next++) {
		len = rig_rtp(plain, SSRC, next, payload);
		leg_sends(&a, plain, len, next);
		good += leg_gets(&b, plain, len, next);
	}
	kt_ok(good == COUNT, "%d packets of %zu bytes are relayed", COUNT, payload);
	kt_is(asked() - before, 2 * COUNT, "with two requests each: one to open it, one to seal it");
}

static void read_by_application(size_t payload, const struct rig_key *e2e, unsigned int each)
{
	unsigned long before = asked();
	uint8_t plain[2000];
	int i, len, good = 0;

	for (i = 0; i < COUNT; i++, next++) {
		len = rig_rtp(plain, SSRC + 1, next, payload);
		good += rig_hears(&r, &a.far, &a.up, e2e, plain, len, next);
	}
	kt_ok(good == COUNT && asked() - before == each * COUNT,
	      "of %zu bytes%s: %u for a packet the application reads (%lu for %d)", payload,
	      e2e ? " under E2E" : "", each, asked() - before, COUNT);
}

static void written_by_application(size_t payload, const struct rig_key *e2e, unsigned int each)
{
	unsigned long before = asked();
	uint8_t plain[2000];
	int i, len, good = 0;

	for (i = 0; i < COUNT; i++, next++) {
		len = rig_rtp(plain, SSRC + 2, next, payload);
		good += rig_says(&r, &b.far, &b.down, e2e, plain, len, next);
	}
	kt_ok(good == COUNT && asked() - before == each * COUNT,
	      "of %zu bytes%s: %u for a packet the application writes (%lu for %d)", payload,
	      e2e ? " under E2E" : "", each, asked() - before, COUNT);
}

static void rtcp(void)
{
	unsigned long before = asked();
	uint8_t plain[200];
	int i, good = 0;

	for (i = 1; i <= COUNT; i++)
		good += rig_hears_rtcp(&r, &a.far, &a.up, plain, rig_rtcp(plain, SSRC + 1, i), i);
	kt_ok(good == COUNT && asked() - before == COUNT, "one for RTCP (%lu for %d)",
	      asked() - before, COUNT);
}

static void forged(void)
{
	unsigned long before = asked();
	struct ksrtp_stats stats;
	uint8_t wire[300];
	int i;

	rig_stats(&r, &stats);
	for (i = 0; i < COUNT; i++) {
		int len = rig_rtp(wire, SSRC + 1, next + i, 100);

		rig_far_send(&a.far, wire, len);
	}
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, COUNT) && asked() == before,
	      "none for a packet that is not authentic");
}

/*
 * Under GCM: one request a layer. The first packet of an SSRC may be tried under
 * another ROC, so it is not counted.
 */
static void aead(const char *suite, unsigned int layers)
{
	struct probe opened, sealed, again_o, again_s;
	uint8_t plain[2000];
	unsigned long o, s;
	int i, good = 0;

	leg_make(&a, suite, 5);
	rig_open(&r, "127.0.0.1");
	leg_join(&r, &a, "127.0.0.1");
	for (i = 1; i <= COUNT + 1; i++) {
		int len = rig_rtp(plain, SSRC, i, i & 1 ? 16 : 1200);

		good += rig_hears(&r, &a.far, &a.up, NULL, plain, len, i) &&
			rig_says(&r, &a.far, &a.down, NULL, plain, len, i);
		if (i > 1)
			continue;
		probe_calls(&opened, "crypto_aead_decrypt", NULL);
		probe_calls(&sealed, "crypto_aead_encrypt", NULL);
		probe_calls(&again_o, "simd_aead_decrypt", NULL);
		probe_calls(&again_s, "simd_aead_encrypt", NULL);
	}
	o = probe_hits(&opened) - probe_hits(&again_o);
	s = probe_hits(&sealed) - probe_hits(&again_s);
	kt_ok(good == COUNT + 1 && o == layers * COUNT && s == layers * COUNT,
	      "%s: %u to open a packet, %u to seal it (%lu and %lu for %d)", suite, layers, layers,
	      o, s, COUNT);
	probe_end(&opened);
	probe_end(&sealed);
	probe_end(&again_o);
	probe_end(&again_s);
	rig_close(&r);
}

int main(void)
{
	unsigned long derived;

	rig_start();
	if (!probe_calls(&requests, "crypto_skcipher_encrypt", NULL))
		kt_skip_all("this kernel counts no calls of its functions");
	/* Neither has to be there. */
	probe_calls(&passed_on, "simd_skcipher_encrypt", NULL);
	probe_calls(&blocks, "crypto_cipher_encrypt_one", NULL);
	kt_plan(2 * 2 + 2 * 4 + 1 + 1 + 2 + 1);
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, SSRC, &b);
	derived = probe_hits(&blocks);
	relayed(16);
	relayed(1200);
	read_by_application(16, NULL, 1);
	read_by_application(1200, NULL, 1);
	written_by_application(16, NULL, 1);
	written_by_application(1200, NULL, 1);
	rtcp();
	forged();

	rig_e2e(&inner, 3, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	add_key(&a, KSRTP_DIR_RX, &derived);
	add_key(&b, KSRTP_DIR_TX, &derived);
	read_by_application(16, &inner, 2);
	read_by_application(1200, &inner, 2);
	written_by_application(16, &inner, 2);
	written_by_application(1200, &inner, 2);
	kt_is(probe_hits(&blocks), derived, "no block of a packet is encrypted by itself");
	rig_close(&r);
	aead("AEAD_AES_128_GCM", 1);
	aead("DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 2);
	probe_end(&requests);
	probe_end(&passed_on);
	probe_end(&blocks);
	return kt_done();
}
