// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTCP of reduced size (RFC 5506): any RTCP packet may stand alone or in any
 * compound, encrypted or, where the key allows it, in clear, and is
 * authenticated all the same; both directions and through the relay.
 */
#include "leg.h"

#define SSRC	0x55060001

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint32_t next;

/* Kinds of packets, the last some of them in one; returns 0 where there is no more */
static int build(unsigned int kind, uint8_t *o)
{
	static const uint32_t list[] = { 0x11111111, 0x22222222 };
	uint8_t blocks[64];
	int n;

	switch (kind) {
	case 0:
		return ref_rtcp_nack(o, SSRC, 2, 3, 4);
	case 1:
		return ref_rtcp_twcc(o, SSRC, 2, 3);
	case 2:
		return ref_rtcp_pli(o, SSRC, 2);
	case 3:
		return ref_rtcp_fir(o, SSRC, list, 2);
	case 4:
		return ref_rtcp_remb(o, SSRC, 1000000, list, 2);
	case 5:
		return ref_rtcp_bye(o, (const uint32_t[]){ SSRC }, 1, "gone");
	case 6:
		return ref_rtcp_app(o, SSRC, 1, "test", list, 8);
	case 7:
		return ref_rtcp_sdes(o, (const uint32_t[]){ SSRC }, 1, "cname");
	case 8:
		n = ref_xr_rrtr(blocks);
		return ref_rtcp_xr(o, SSRC, blocks, n);
	case 9:
		return ref_rtcp_rr(o, SSRC, NULL, 0);
	case 10:
		return ref_rtcp_sr(o, SSRC, list, 2);
	case 11:
		/* not begun by a report, which RFC 3550 alone would want */
		n = ref_rtcp_pli(o, SSRC, 2);
		n += ref_rtcp_nack(o + n, SSRC, 2, 3, 4);
		return n + ref_rtcp_rr(o + n, SSRC, list, 2);
	case 12:
		n = ref_rtcp_rr(o, SSRC, list, 2);
		n += ref_rtcp_sdes(o + n, (const uint32_t[]){ SSRC }, 1, "cname");
		return n + ref_rtcp_remb(o + n, SSRC, 5000000, list, 1);
	}
	return 0;
}

static void begin(const char *suite, enum ksrtp_dir dir, bool clear)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	next = dir == KSRTP_DIR_TX;	/* ours begins at 1, others may at 0 */
	if (dir == KSRTP_DIR_TX)
		KSRTP_SET(&key.key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, clear);
	else
		KSRTP_SET(&key.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, clear);
	rig_key(&r, f.id, dir, &key);
}

static bool all_sent(const char *suite, bool clear)
{
	uint8_t plain[300];
	unsigned int kind;
	bool ok = true;
	int len;

	begin(suite, KSRTP_DIR_TX, clear);
	for (kind = 0; (len = build(kind, plain)); kind++)
		ok = ok && rig_says_rtcp(&r, &f, &key, plain, len, next++);
	rig_far_close(&r, &f);
	return ok;
}

static bool all_read(const char *suite, bool clear)
{
	uint8_t plain[300], wire[400];
	unsigned int kind;
	bool ok = true;
	int len, n;

	begin(suite, KSRTP_DIR_RX, clear);
	for (kind = 0; (len = build(kind, plain)); kind++) {
		n = rig_seal_rtcp(&key, plain, len, next++, !clear, wire);
		rig_far_send(&f, wire, n);
		ok = ok && rig_gets(r.app, plain, len);
	}
	rig_far_close(&r, &f);
	return ok;
}

/* In clear, a byte of each changed: dropped, while the packet as it was is read */
static bool all_authenticated(const char *suite)
{
	uint8_t plain[300], wire[400];
	struct ksrtp_stats stats;
	unsigned int kind;
	bool ok = true;
	int len, n, i;

	begin(suite, KSRTP_DIR_RX, true);
	rig_stats(&r, &stats);
	for (kind = 0; (len = build(kind, plain)); kind++) {
		n = rig_seal_rtcp(&key, plain, len, next++, false, wire);
		for (i = 8; i < len; i += 3) {
			wire[i] ^= 1;
			rig_far_send(&f, wire, n);
			wire[i] ^= 1;
			ok = ok && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
		}
		rig_far_send(&f, wire, n);
		ok = ok && rig_gets(r.app, plain, len);
	}
	rig_far_close(&r, &f);
	return ok;
}

static bool all_forwarded(const char *suite)
{
	uint8_t plain[300];
	struct leg a, b;
	unsigned int kind;
	bool ok = true;
	int len;

	leg_make(&a, suite, 1);
	leg_make(&b, suite, 2);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route_rtcp(&r, &a, SSRC, KSRTP_RTCP_MODE_FORWARD, &b);
	for (kind = 0; (len = build(kind, plain)); kind++) {
		leg_sends_rtcp(&a, plain, len, kind);
		ok = ok && leg_gets_rtcp(&b, plain, len, kind + 1);
	}
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
	return ok;
}

static bool clear_refused(const char *suite)
{
	uint8_t plain[300], wire[400];
	struct ksrtp_stats stats;
	bool ok;
	int n;

	begin(suite, KSRTP_DIR_RX, false);
	n = rig_seal_rtcp(&key, plain, build(2, plain), 1, false, wire);
	rig_stats(&r, &stats);
	rig_far_send(&f, wire, n);
	ok = rig_dropped(&r, &stats, KSRTP_A_DROPS_PLAIN_RTCP, 1) && rig_app_quiet(&r, &f);
	rig_far_close(&r, &f);
	return ok;
}

int main(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_128_GCM",
		"AEAD_AES_256_GCM", "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	};
	size_t i;

	kt_plan(7 * ARRAY_SIZE(suites));
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const char *s = suites[i];

		kt_ok(all_sent(s, false), "%s: RTCP of every kind is sent, alone and in compounds",
		      s);
		kt_ok(all_read(s, false), "and read");
		kt_ok(all_sent(s, true), "in clear where the key says so");
		kt_ok(all_read(s, true), "and read in clear where it is allowed");
		kt_ok(all_authenticated(s), "authenticated all the same");
		kt_ok(clear_refused(s), "and dropped where it is not allowed");
		kt_ok(all_forwarded(s), "a relay forwards all of it");
	}
	rig_close(&r);
	return kt_done();
}
