// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * State that cannot be, or that is behind what is there, is refused with a
 * sentence and changes nothing; state of other windows keeps what fits and
 * forgets nothing that was used.
 */
#include "leg.h"

#define SSRC	0x57a7e000

static struct rig r;
static struct leg used, fresh;
static uint8_t plain[300], wire[600];
static struct ksrtp_state rx, tx;

static int keep(const struct ksrtp_state *s, void *arg)
{
	(void)arg;
	if (s->peer == used.far.id)
		*(s->dir == KSRTP_DIR_RX ? &rx : &tx) = *s;
	return 0;
}

/* Another peer under the same keys, which has not been heard of */
static void join_fresh(uint32_t window)
{
	leg_make(&fresh, LEG_SUITE, 1);
	rig_key_window(&fresh.up, window);
	rig_key_window(&fresh.down, window);
	leg_join(&r, &fresh, "127.0.0.1");
}

static void leave_fresh(void)
{
	rig_far_close(&r, &fresh.far);
}

static int set(const struct ksrtp_state *s)
{
	struct ksrtp_state moved = *s;

	if (moved.peer == used.far.id)
		moved.peer = fresh.far.id;
	return ksrtp_state_set(r.h, &moved);
}

static int each_refused, each_said;

/* One more thing wrong; checked alone, and set */
static bool refused(struct ksrtp_state s, int error)
{
	bool ok = true;
	int i, ret;

	for (i = 0; i < 2; i++) {
		KSRTP_SET(&s, KSRTP_A_STATE_CHECK, check, i);
		ret = set(&s);
		if (ret != -error || !*ksrtp_error(r.h)) {
			kt_note("%d is %s, not %s: %s", i, strerror(-ret), strerror(error),
				ksrtp_error(r.h));
			ok = false;
		}
	}
	kt_note("%s", ksrtp_error(r.h));
	each_refused++;
	each_said += ok;
	return ok;
}

#define BUT(from, ...)							\
({									\
	struct ksrtp_state __s = (from);				\
									\
	__VA_ARGS__;							\
	__s;								\
})

static void cannot_be(void)
{
	const uint64_t must[] = {
		KSRTP_A_STATE_PEER, KSRTP_A_STATE_DIR, KSRTP_A_STATE_LAYER, KSRTP_A_STATE_SSRC,
		KSRTP_A_STATE_SUITE, KSRTP_A_STATE_FINGERPRINT, KSRTP_A_STATE_INDEX,
		KSRTP_A_STATE_WINDOW,
	};
	size_t i;

	join_fresh(1024);
	for (i = 0; i < ARRAY_SIZE(must); i++)
		refused(BUT(rx, __s.has &= ~KSRTP_BIT(must[i])), EINVAL);
	refused(BUT(rx, __s.peer = 999), ENOENT);
	refused(BUT(rx, __s.fingerprint[7] ^= 1), ENOKEY);
	refused(BUT(rx, __s.suite = KSRTP_SUITE_NULL_HMAC_SHA1_80), ENOKEY);
	refused(BUT(rx, __s.any = 0), ENOKEY);
	refused(BUT(rx, __s.layer = KSRTP_LAYER_E2E), ENOKEY);
	refused(BUT(rx, __s.mki_len = 1; __s.has |= KSRTP_BIT(KSRTP_A_STATE_MKI)), ENOKEY);
	refused(BUT(rx, __s.index = UINT64_C(1) << 48), EINVAL);
	refused(BUT(rx, __s.floor = (UINT64_C(1) << 48) + 1), EINVAL);
	refused(BUT(rx, __s.window = 1025), EINVAL);
	refused(BUT(rx, __s.window = 65536), EINVAL);
	refused(BUT(rx, __s.window = 64; __s.bits_len = 9), EINVAL);
	refused(BUT(rx, __s.rtcp_index = 0x80000000), EINVAL);
	refused(BUT(rx, __s.rtcp_window = 1), EINVAL);
	refused(BUT(rx, KSRTP_SET(&__s, KSRTP_A_STATE_EXTENDED, extended, 1)), EINVAL);
	refused(BUT(rx, KSRTP_SET(&__s, KSRTP_A_STATE_TX_SKIP, tx_skip, 1)), EINVAL);
	refused(BUT(tx, KSRTP_SET(&__s, KSRTP_A_STATE_TOMBSTONE, tombstone, 1)), EINVAL);
	refused(BUT(tx, KSRTP_SET(&__s, KSRTP_A_STATE_SRTCP_NEXT, srtcp_next, 0x80000001)), EINVAL);
	refused(BUT(tx, __s.mapped++), EINVAL);
	refused(BUT(tx, __s.has &= ~KSRTP_BIT(KSRTP_A_STATE_EXTENDED)), EINVAL);
	refused(BUT(tx, __s.has &= ~KSRTP_BIT(KSRTP_A_STATE_MAPPED)), EINVAL);
	kt_is(each_said, each_refused, "each of %d states that cannot be is refused, in words",
	      each_refused);
	kt_ok(!rig_streams(&r, fresh.far.id, KSRTP_DIR_RX) &&
	      !rig_streams(&r, fresh.far.id, KSRTP_DIR_TX), "no stream came of it");
	KSRTP_SET(&rx, KSRTP_A_STATE_CHECK, check, 1);
	kt_ok(!set(&rx) && !rig_streams(&r, fresh.far.id, KSRTP_DIR_RX),
	      "what can be is checked, and nothing is changed either");
	rx.check = 0;
	kt_ok(!set(&rx) && !set(&tx) && rig_streams(&r, fresh.far.id, KSRTP_DIR_RX) == 1 &&
	      rig_streams(&r, fresh.far.id, KSRTP_DIR_TX) == 1, "and can be set");
}

static void never_back(void)
{
	kt_ok(!set(&rx) && !set(&tx), "the same state may be set again");
	kt_ok(refused(BUT(rx, __s.index--), ESTALE) &&
	      refused(BUT(rx, __s.rtcp_index--), ESTALE) &&
	      refused(BUT(tx, __s.index -= 65536; __s.mapped -= 65536), ESTALE) &&
	      refused(BUT(tx, __s.extended -= 65536), ESTALE) &&
	      refused(BUT(rx, __s.started = 0), ESTALE),
	      "but none that is behind it");
	leg_says(&fresh, SSRC, ref_index(5, 1001));
	kt_ok(rig_gets(r.app, plain, rig_rtp(plain, SSRC, 1001, LEG_PAYLOAD)) && refused(rx, EBUSY),
	      "nor any once a packet has used the stream");
	leave_fresh();
}

static bool heard(uint16_t seq)
{
	leg_says(&fresh, SSRC, ref_index(5, seq));
	return rig_gets(r.app, plain, rig_rtp(plain, SSRC, seq, LEG_PAYLOAD));
}

static bool dropped(uint16_t seq, unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	leg_says(&fresh, SSRC, ref_index(5, seq));
	return rig_dropped(&r, &stats, reason, 1);
}

/* Received were 500, and 900..1000 without 950 and 990. */
static void windows(void)
{
	struct ksrtp_state small;

	join_fresh(64);
	kt_ok(!set(&rx) && dropped(1000, KSRTP_A_DROPS_REPLAYED) &&
	      dropped(940, KSRTP_A_DROPS_REPLAYED) && heard(990) && heard(950) &&
	      dropped(936, KSRTP_A_DROPS_TOO_OLD) && dropped(901, KSRTP_A_DROPS_TOO_OLD) &&
	      heard(1001), "a smaller window takes what it has room for");
	leave_fresh();

	join_fresh(4096);
	small = rx;
	small.window = 64;
	small.bits_len = small.bits_len < 8 ? small.bits_len : 8;
	kt_ok(!set(&small) && dropped(1000, KSRTP_A_DROPS_REPLAYED) && heard(990) &&
	      heard(950) && dropped(936, KSRTP_A_DROPS_TOO_OLD) &&
	      dropped(500, KSRTP_A_DROPS_TOO_OLD) && heard(1001),
	      "a larger one takes what there is, and nothing below it");
	leave_fresh();

	join_fresh(2048);
	kt_ok(!set(&rx) && dropped(500, KSRTP_A_DROPS_REPLAYED) && heard(501) &&
	      dropped(900, KSRTP_A_DROPS_REPLAYED) && heard(1001), "all of it, where there is room");
	leave_fresh();
}

static void tombstones(void)
{
	struct ksrtp_peer p;
	struct ksrtp_state s = rx;

	join_fresh(1024);
	KSRTP_SET(&s, KSRTP_A_STATE_TOMBSTONE, tombstone, 1);
	kt_ok(!set(&s), "a tombstone can be set");
	rig_peer_get(&r, fresh.far.id, &p);
	kt_ok(p.tombstones == 1 && !p.rx_streams, "and is one");
	kt_ok(dropped(990, KSRTP_A_DROPS_TOO_OLD) && dropped(1000, KSRTP_A_DROPS_TOO_OLD) &&
	      heard(1001) && rig_streams(&r, fresh.far.id, KSRTP_DIR_RX) == 1,
	      "nothing at or below its highest index comes in; what is above brings it back");
	leave_fresh();
}

int main(void)
{
	uint16_t seq;
	int len;

	kt_plan(4 + 3 + 3 + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_make(&used, LEG_SUITE, 1);
	rig_key_roc(&used.up, 5);
	rig_key_roc(&used.down, 4);
	leg_join(&r, &used, "127.0.0.1");
	for (seq = 500; seq <= 1000; seq++) {
		if ((seq > 500 && seq < 900) || seq == 950 || seq == 990)
			continue;
		leg_says(&used, SSRC, ref_index(5, seq));
		if (!rig_gets(r.app, plain, rig_rtp(plain, SSRC, seq, LEG_PAYLOAD)))
			kt_bail("a packet is not heard");
	}
	len = rig_rtcp(plain, SSRC, 7);
	rig_far_send(&used.far, wire, rig_seal_rtcp(&used.up, plain, len, 7, true, wire));
	if (!rig_gets(r.app, plain, len) ||
	    rig_app_send(&r, &used.far, plain, rig_rtp(plain, SSRC + 1, 9, 50)) < 0)
		kt_bail("no packets");
	if (ksrtp_state_dump(r.h, 0, keep, NULL))
		kt_bail("state: %s", ksrtp_error(r.h));
	cannot_be();
	never_back();
	windows();
	tombstones();
	rig_close(&r);
	return kt_done();
}
