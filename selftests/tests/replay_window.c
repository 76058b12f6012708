// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each index is accepted once: in any order within the window, of whatever size
 * it is, and never below it. RTP and RTCP have a window each.
 */
#include "rig.h"

#define SSRC	0x3e91a400
#define ROC	3
#define SEQ	40000

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint8_t plain[200], wire[300];

static int seal(bool rtcp, uint64_t index)
{
	if (rtcp)
		return rig_seal_rtcp(&key, plain, rig_rtcp(plain, SSRC, index), index, true, wire);
	return rig_seal(&key, NULL, plain, rig_rtp(plain, SSRC, index, 20), index, wire);
}

static bool is_accepted(bool rtcp, uint64_t index)
{
	rig_far_send(&f, wire, seal(rtcp, index));
	if (rig_gets(r.app, plain, rtcp ? rig_rtcp(plain, SSRC, index) :
					  rig_rtp(plain, SSRC, index, 20)))
		return true;
	kt_note("that was index %llu", (unsigned long long)index);
	return false;
}

static bool is_dropped(bool rtcp, uint64_t index, unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, seal(rtcp, index));
	if (rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f))
		return true;
	kt_note("that was index %llu", (unsigned long long)index);
	return false;
}

/*
 * Below the window. Of RTP half the sequence numbers there are further back, the
 * estimate is the turn after, in which the tag is wrong.
 */
static bool is_old(bool rtcp, uint64_t highest, uint64_t index)
{
	uint64_t roc = ref_guess_roc(highest >> 16, highest, index);

	return is_dropped(rtcp, index, rtcp || roc == index >> 16 ? KSRTP_A_DROPS_TOO_OLD :
								    KSRTP_A_DROPS_AUTH);
}

/* Up to 64 places in the window, back from the highest index, in no order. Return: how many. */
static int places_in(uint32_t window, uint32_t *place)
{
	uint32_t step = window / 64 * 37 | 1;	/* odd: it comes by every place */
	int n = 0, i;

	place[n++] = window - 1;
	for (i = 1; i < 64; i++)
		if (i * step % window != window - 1)
			place[n++] = i * step % window;
	return n;
}

static void window_of(uint32_t window, bool rtcp)
{
	uint64_t highest = rtcp ? 100000 : ref_index(ROC, SEQ);
	uint32_t place[64];
	struct ksrtp_stream s;
	char name[64];
	int n, i;
	bool ok;

	snprintf(name, sizeof(name), "%s, window of %u", rtcp ? "RTCP" : "RTP", window);
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_roc(&key, ROC);
	if (window != 1024)		/* the default */
		rig_key_window(&key, window);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	if (!is_accepted(rtcp, highest))
		kt_bail("%s: not even the first packet is read", name);
	kt_ok(is_old(rtcp, highest, highest - window) &&
	      is_old(rtcp, highest, highest - window - 1),
	      "%s: below it is too old", name);

	n = places_in(window, place);
	for (ok = true, i = 0; i < n; i++)
		ok &= is_accepted(rtcp, highest - place[i]);
	kt_ok(ok, "%s: accepted in any order within the window", name);
	ok = is_dropped(rtcp, highest, KSRTP_A_DROPS_REPLAYED);
	for (i = 0; i < n; i++)
		ok &= is_dropped(rtcp, highest - place[i], KSRTP_A_DROPS_REPLAYED);
	kt_ok(ok, "%s: every one of them is replayed the second time", name);

	kt_ok(is_accepted(rtcp, highest + 1) && is_accepted(rtcp, highest + 3) &&
	      is_accepted(rtcp, highest + 2) &&
	      is_dropped(rtcp, highest + 1, KSRTP_A_DROPS_REPLAYED) &&
	      is_dropped(rtcp, highest + 2, KSRTP_A_DROPS_REPLAYED),
	      "%s: overtaken packets are accepted once", name);
	highest += 3 + window - 1;
	kt_ok(is_accepted(rtcp, highest) &&
	      is_dropped(rtcp, highest - (window - 1), KSRTP_A_DROPS_REPLAYED) &&
	      is_old(rtcp, highest, highest - window) &&
	      is_accepted(rtcp, highest - (window - 2)),
	      "%s: when it moves, what stays inside is remembered", name);
	highest += 20000;
	kt_ok(is_accepted(rtcp, highest) && is_accepted(rtcp, highest - 1) &&
	      is_accepted(rtcp, highest - window / 2) && is_old(rtcp, highest, highest - window),
	      "%s: a jump leaves nothing behind that was not received", name);

	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.window == window && s.drops.count[KSRTP_A_DROPS_REPLAYED] == n + 4ull &&
	      s.drops.count[KSRTP_A_DROPS_TOO_OLD] + s.drops.count[KSRTP_A_DROPS_AUTH] == 4 &&
	      (rtcp ? s.srtcp_index : ref_index(s.roc, s.highest_seq)) == highest,
	      "%s: the stream says its window, its highest index and its drops", name);
	rig_far_close(&r, &f);
}

int main(void)
{
	static const uint32_t windows[] = { 64, 1024, 32768 };
	size_t i;

	kt_plan(2 * ARRAY_SIZE(windows) * 7);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		window_of(windows[i], false);
		window_of(windows[i], true);
	}
	rig_close(&r);
	return kt_done();
}
