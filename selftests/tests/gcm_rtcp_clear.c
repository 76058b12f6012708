// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRTCP with E=0 under GCM is authenticated as a whole: every byte of it is,
 * it is read only where the key allows it, and none is too short to be looked
 * at.
 */
#include "rig.h"

#define SSRC	0x6c3e0000

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static bool opened(const char *suite, bool allowed)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	if (allowed)
		KSRTP_SET(&key.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
	if (!rig_key_try(&r, f.id, KSRTP_DIR_RX, &key))
		return true;
	kt_note("%s", ksrtp_error(r.h));
	rig_far_close(&r, &f);
	return false;
}

/* Every bit of it turned over, and in the end as it is */
static bool all_verified(void)
{
	uint8_t plain[200], wire[300], other[300];
	int len = rig_rtcp(plain, SSRC, 1), n, bit, sent = 0;
	uint64_t want[64] = { 0 };
	struct ksrtp_stats stats;

	n = rig_seal_rtcp(&key, plain, len, 1, false, wire);
	if (memcmp(wire, plain, len))
		kt_bail("the reference encrypts what it should not");
	rig_stats(&r, &stats);
	for (bit = 0; bit < 8 * n; bit++) {
		memcpy(other, wire, n);
		other[bit / 8] ^= 0x80 >> bit % 8;
		/* The version; and that it is RTCP at all (RFC 5761) */
		if (bit < 2 || bit / 8 == 1)
			continue;
		rig_far_send(&f, other, n);
		sent++;
	}
	want[KSRTP_A_DROPS_AUTH] = sent;
	if (!rig_dropped_all(&r, &stats, want) || rig_streams(&r, f.id, KSRTP_DIR_RX))
		return false;
	rig_far_send(&f, wire, n);
	return rig_gets(r.app, plain, len);
}

/* From a byte to all but one */
static bool no_size_too_short(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats before, after;
	int len = rig_rtcp(plain, SSRC, 2), n, size, media = 0;

	n = rig_seal_rtcp(&key, plain, len, 2, false, wire);
	rig_stats(&r, &before);
	for (size = 1; size < n; size++) {
		rig_far_send(&f, wire, size);
		media++;
	}
	if (!rig_app_quiet(&r, &f))
		return false;
	rig_stats(&r, &after);
	return after.drops.count[KSRTP_A_DROPS_MALFORMED] -
	       before.drops.count[KSRTP_A_DROPS_MALFORMED] +
	       after.drops.count[KSRTP_A_DROPS_AUTH] -
	       before.drops.count[KSRTP_A_DROPS_AUTH] +
	       after.drops.count[KSRTP_A_DROPS_PLAIN_RTCP] -
	       before.drops.count[KSRTP_A_DROPS_PLAIN_RTCP] == (uint64_t)media;
}

static bool not_by_default(const char *suite)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtcp(plain, SSRC, 1), n;
	bool ok;

	opened(suite, false);
	rig_stats(&r, &stats);
	n = rig_seal_rtcp(&key, plain, len, 1, false, wire);
	rig_far_send(&f, wire, n);
	ok = rig_dropped(&r, &stats, KSRTP_A_DROPS_PLAIN_RTCP, 1) &&
	     rig_hears_rtcp(&r, &f, &key, plain, len, 2);
	rig_far_close(&r, &f);
	return ok;
}

int main(void)
{
	static const char *const suites[] = { "AEAD_AES_128_GCM", "AEAD_AES_256_GCM" };
	struct ksrtp_suite_info info;
	size_t i;

	rig_start();
	rig_open(&r, "127.0.0.1");
	if (ksrtp_suite_lookup(suites[0], &info) || !opened(suites[0], true))
		kt_skip_all("this kernel has no GCM");
	rig_far_close(&r, &f);
	kt_plan(3 * ARRAY_SIZE(suites));
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		if (!opened(suites[i], true))
			kt_bail("a kernel with one GCM and not the other");
		kt_ok(all_verified(), "%s: with any bit turned over it is dropped", suites[i]);
		kt_ok(no_size_too_short(), "%s: cut off anywhere it is dropped", suites[i]);
		rig_far_close(&r, &f);
		kt_ok(not_by_default(suites[i]), "%s: whole it is read only by permission",
		      suites[i]);
	}
	rig_close(&r);
	return kt_done();
}
