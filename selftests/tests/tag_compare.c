// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tags are compared in constant time: by crypto_memneq(), over their whole
 * length, wherever the first wrong byte is and even if none is.
 */
#include "rig.h"
#include "probe.h"

#define SSRC	0x7a900000
#define PAYLOAD	100

static struct probe compares;
static struct rig r;
static struct rig_far f;
static uint64_t next = 1;

/* A packet with the byte @wrong of its tag turned over, or none if it is negative */
static bool tried(const struct rig_key *hbh, const struct rig_key *e2e, size_t tag, int wrong,
		  unsigned int reason)
{
	unsigned long before = probe_with(&compares, tag);
	uint8_t plain[300], wire[400];
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, SSRC, next, PAYLOAD), n;
	bool ok;

	if (e2e) {
		n = ref_e2e_protect(&e2e->e2e, plain, len, next, wire);
		if (wrong >= 0)
			wire[n - tag + wrong] ^= 0x10;
		n = rig_seal(hbh, NULL, wire, n, next, wire);
	} else {
		n = rig_seal(hbh, NULL, plain, len, next, wire);
		if (wrong >= 0)
			wire[n - tag + wrong] ^= 0x10;
	}
	next++;
	rig_stats(&r, &stats);
	rig_far_send(&f, wire, n);
	ok = wrong < 0 ? rig_gets(r.app, plain, len) : rig_dropped(&r, &stats, reason, 1);
	return ok && probe_with(&compares, tag) - before == 1;
}

static void each_byte(const char *name, const struct rig_key *hbh, const struct rig_key *e2e,
		      size_t tag, unsigned int reason)
{
	bool ok = tried(hbh, e2e, tag, -1, 0);
	size_t i;

	for (i = 0; i < tag; i++)
		ok &= tried(hbh, e2e, tag, i, reason);
	ok &= tried(hbh, e2e, tag, -1, 0);
	kt_ok(ok, "%s: all %zu bytes are compared, whichever is wrong", name, tag);
}

static void rtcp(const struct rig_key *k)
{
	unsigned long before = probe_with(&compares, 10);
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int i, n, len = rig_rtcp(plain, SSRC, 1);
	bool ok = true;

	rig_stats(&r, &stats);
	for (i = 1; i <= 10; i++) {
		n = rig_seal_rtcp(k, plain, len, i, true, wire);
		wire[n - i] ^= 1;
		rig_far_send(&f, wire, n);
		ok &= rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
	}
	kt_ok(ok && probe_with(&compares, 10) - before == 10,
	      "RTCP: all 10 bytes are compared, whichever is wrong");
}

static void with_suite(const char *suite, size_t tag)
{
	struct rig_key k;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&k, suite, 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &k);
	each_byte(suite, &k, NULL, tag, KSRTP_A_DROPS_AUTH);
	rtcp(&k);
	rig_far_close(&r, &f);
}

/* Its length is that of no other tag compared on the way. */
static void with_mi(size_t tag)
{
	struct rig_key k, inner;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_e2e(&inner, 2, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, tag);
	rig_key(&r, f.id, KSRTP_DIR_RX, &k);
	rig_key(&r, f.id, KSRTP_DIR_RX, &inner);
	each_byte("MI tag", &k, &inner, tag, KSRTP_A_DROPS_E2E_AUTH);
	rig_far_close(&r, &f);
}

int main(void)
{
	rig_start();
	/* On x86-64 the third argument, the length, is in rdx. */
	if (!probe_calls(&compares, "__crypto_memneq", "%dx:u64"))
		kt_skip_all("this kernel counts no calls of its functions");
	kt_plan(5);
	rig_open(&r, "127.0.0.1");
	with_suite("AES_CM_128_HMAC_SHA1_80", 10);
	with_suite("AES_CM_128_HMAC_SHA1_32", 4);
	with_mi(7);
	probe_end(&compares);
	rig_close(&r);
	return kt_done();
}
