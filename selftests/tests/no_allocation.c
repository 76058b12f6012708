// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Once a stream is there, no packet of it costs an allocation: it is opened in
 * place, forwarded in the skb it came in, and for each further output there is
 * one new skb and nothing else; under CM and HMAC, under GCM, and under both
 * halves of DOUBLE.
 */
#include "leg.h"
#include "probe.h"

#define SSRC	0xa110c000
#define COUNT	30
#define OUTPUTS	5
/* Head and data */
#define OF_AN_SKB	2

static struct rig r;
static struct leg a, out[OUTPUTS];
static struct rig_key inner;
static const char *suite;
static uint64_t next;

static void watch(void)
{
	if (!alloc_watch())
		kt_bail("allocations cannot be watched");
}

/* @skbs: how many new ones may be there */
static bool seen(unsigned int skbs)
{
	struct allocations got;

	alloc_seen(&got);
	if (!got.others && got.skbs <= skbs * OF_AN_SKB)
		return true;
	kt_note("%lu allocations for %u skbs, %lu others, as by %s", got.skbs, skbs, got.others,
		got.where);
	return false;
}

/* What makes a stream allocates, or nothing is seen at all */
static void new_stream(void)
{
	struct allocations got;
	uint8_t plain[300];
	int len = rig_rtp(plain, SSRC, next, 100);

	watch();
	if (!rig_hears(&r, &a.far, &a.up, NULL, plain, len, next++))
		kt_bail("nothing is read");
	alloc_seen(&got);
	kt_ok(got.others > 0, "%s: the first packet of a stream allocates what that needs (%lu)",
	      suite, got.others);
}

static bool hear(uint32_t ssrc, const struct rig_key *e2e, int n)
{
	uint8_t plain[300];

	for (; n; n--, next++) {
		int len = rig_rtp(plain, ssrc, next, 100);

		if (!rig_hears(&r, &a.far, &a.up, e2e, plain, len, next))
			return false;
	}
	return true;
}

static void read_by_application(void)
{
	bool ok;

	watch();
	ok = hear(SSRC, NULL, COUNT);
	kt_ok(seen(0) && ok, "%d packets the application reads allocate nothing", COUNT);
}

static void read_under_e2e(void)
{
	bool ok;

	rig_key_ssrc(&inner, SSRC + 1);
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &inner);
	if (!hear(SSRC + 1, &inner, 2))
		kt_bail("nothing is read under E2E");
	watch();
	ok = hear(SSRC + 1, &inner, COUNT);
	kt_ok(seen(0) && ok, "nor do packets under E2E");
}

static void rtcp(void)
{
	uint8_t plain[200];
	bool ok = true;
	int i;

	/* The first makes its replay window. */
	ok &= rig_hears_rtcp(&r, &a.far, &a.up, plain, rig_rtcp(plain, SSRC, 1), 1);
	watch();
	for (i = 2; i < 2 + COUNT; i++)
		ok &= rig_hears_rtcp(&r, &a.far, &a.up, plain, rig_rtcp(plain, SSRC, i), i);
	kt_ok(seen(0) && ok, "nor does RTCP");
}

static void forged(void)
{
	struct ksrtp_stats stats;
	uint8_t wire[300];
	bool ok;
	int i, len;

	/* The stream's first drop makes its counters. */
	rig_stats(&r, &stats);
	rig_far_send(&a.far, wire, rig_rtp(wire, SSRC, next, 100));
	ok = rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
	watch();
	for (i = 0; i < COUNT; i++) {
		len = rig_rtp(wire, i & 1 ? SSRC : 1000u + i, next + i, 100);
		rig_far_send(&a.far, wire, len);
	}
	/* Behind them; to ask for counters first would be to count the answer's memory. */
	ok &= rig_app_quiet(&r, &a.far);
	ok &= seen(0);
	ok &= rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, COUNT);
	kt_ok(ok, "nor do forged packets, of the stream and of none");
}

static bool relay(uint32_t ssrc, int outputs, int n)
{
	bool ok = true;
	int i;

	for (; n; n--, next++) {
		leg_says(&a, ssrc, next);
		for (i = 0; i < outputs; i++)
			ok &= leg_hears(&out[i], ssrc, next);
	}
	return ok;
}

static void relayed(uint32_t ssrc, int outputs)
{
	struct ksrtp_out to[OUTPUTS];
	bool ok;
	int i;

	for (i = 0; i < outputs; i++)
		to[i] = leg_out(&out[i]);
	if (leg_try_route(&r, &a, ssrc, -1, to, outputs))
		kt_bail("no route");
	if (!relay(ssrc, outputs, 2))
		kt_bail("nothing is relayed");
	watch();
	ok = relay(ssrc, outputs, COUNT);
	if (outputs == 1)
		kt_ok(seen(0) && ok, "nor does a packet with one output, which leaves in its own skb");
	else
		kt_ok(seen((outputs - 1) * COUNT) && ok,
		      "one with %d outputs takes %d skbs more, and nothing else", outputs,
		      outputs - 1);
}

static void written(void)
{
	uint8_t plain[300];
	bool ok = true;
	int i, len;

	for (i = 0; i < COUNT + 2; i++, next++) {
		if (i == 2)
			watch();
		len = rig_rtp(plain, SSRC + 9, next, 100);
		ok &= rig_says(&r, &out[0].far, &out[0].down, NULL, plain, len, next);
	}
	kt_ok(seen(COUNT) && ok, "what the application writes takes the skb it would take anyway");
}

/* What is encrypted end to end is the far ends' business; nothing to compare here */
static bool is_double(void)
{
	return !strncmp(suite, "DOUBLE", 6);
}

static void with_suite(const char *name)
{
	char ip[32];
	int i;

	suite = name;
	next = 1;
	rig_open(&r, "127.0.0.1");
	leg_make(&a, suite, 1);
	leg_join(&r, &a, "127.0.0.1");
	for (i = 0; i < OUTPUTS; i++) {
		snprintf(ip, sizeof(ip), "127.0.0.%d", 2 + i);
		leg_make(&out[i], suite, 2 + i);
		leg_join(&r, &out[i], ip);
	}
	new_stream();
	read_by_application();
	rtcp();
	forged();
	written();
	if (!is_double()) {
		relayed(SSRC + 20, 1);
		relayed(SSRC + 21, OUTPUTS);
		read_under_e2e();
	}
	rig_close(&r);
}

int main(void)
{
	struct allocations none;

	rig_start();
	if (!alloc_watch())
		kt_skip_all("this kernel has no histograms of its events");
	alloc_seen(&none);
	kt_plan(8 + 8 + 5);
	rig_e2e(&inner, 3, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	with_suite("AES_CM_128_HMAC_SHA1_80");
	with_suite("AEAD_AES_128_GCM");
	with_suite("DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM");
	return kt_done();
}
