// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state of an SSRC that was under several keys is set for each of them, told
 * apart by MKI or fingerprint, in whatever order: older keys remember what they
 * received, a switch of keys that was made stays made. Where a stream cannot be, its
 * state is refused and nothing comes of it.
 */
#include "leg.h"

#define SSRC	0x57a7e100
#define STATES	8
#define TOMBS	4096

static struct rig r;
static struct rig_far used, fresh;
static uint8_t plain[300], wire[600];
static struct ksrtp_state kept[STATES];
static unsigned int n_kept;

static int keep(const struct ksrtp_state *s, void *arg)
{
	(void)arg;
	if (s->peer == used.id && n_kept < STATES)
		kept[n_kept++] = *s;
	return 0;
}

static void keep_states(void)
{
	n_kept = 0;
	if (ksrtp_state_dump(r.h, 0, keep, NULL))
		kt_bail("state: %s", ksrtp_error(r.h));
}

/* The state under @k, or NULL */
static const struct ksrtp_state *under(const struct rig_key *k)
{
	unsigned int i;

	for (i = 0; i < n_kept; i++)
		if (kept[i].mki_len == k->key.mki_len &&
		    !memcmp(kept[i].mki, k->key.mki, k->key.mki_len) &&
		    kept[i].any == !(k->key.has & KSRTP_BIT(KSRTP_A_KEY_SSRC)))
			return &kept[i];
	return NULL;
}

static int set(const struct ksrtp_state *s)
{
	struct ksrtp_state moved;

	if (!s)
		kt_bail("there is no such state");
	moved = *s;
	if (moved.peer == used.id)
		moved.peer = fresh.id;
	return ksrtp_state_set(r.h, &moved);
}

static bool refused(const struct ksrtp_state *s, int error)
{
	struct ksrtp_state one = *s;
	int ret = set(&one);

	kt_note("%s", ksrtp_error(r.h));
	if (ret == -error && *ksrtp_error(r.h))
		return true;
	kt_note("that is %d, not %s", ret, strerror(error));
	return false;
}

static bool hears(struct rig_far *f, const struct rig_key *k, uint16_t seq)
{
	return rig_hears(&r, f, k, NULL, plain, rig_rtp(plain, SSRC, seq, 30), seq);
}

static bool dropped(const struct rig_key *k, uint16_t seq, unsigned int reason)
{
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, SSRC, seq, 30);

	rig_stats(&r, &stats);
	rig_far_send(&fresh, wire, rig_seal(k, NULL, plain, len, seq, wire));
	return rig_dropped(&r, &stats, reason, 1);
}

static void key(struct rig_key *k, uint32_t seed, const char *mki)
{
	rig_hbh(k, LEG_SUITE, seed);
	if (mki)
		rig_mki(k, mki, strlen(mki));
}

/* ---- receiving ---- */

/*
 * What either order of two states comes to. A template serves again once the key for the
 * SSRC is gone.
 */
static bool goes_on(const struct rig_key *old, const struct rig_key *new, bool old_first)
{
	bool ok;

	rig_far(&r, &fresh, "127.0.0.1");
	rig_key(&r, fresh.id, KSRTP_DIR_RX, old);
	rig_key(&r, fresh.id, KSRTP_DIR_RX, new);
	ok = !set(under(old_first ? old : new)) && !set(under(old_first ? new : old)) &&
	     rig_streams(&r, fresh.id, KSRTP_DIR_RX) == 1 &&
	     dropped(new, 20, KSRTP_A_DROPS_REPLAYED) && dropped(new, 12, KSRTP_A_DROPS_REPLAYED) &&
	     hears(&fresh, new, 19) && hears(&fresh, new, 21);
	rig_key_del(&r, fresh.id, KSRTP_DIR_RX, new);
	ok = ok && dropped(old, 10, KSRTP_A_DROPS_REPLAYED) &&
	     dropped(old, 3, KSRTP_A_DROPS_REPLAYED) && hears(&fresh, old, 9);
	if (!ok)
		kt_note("the %s first: %s", old_first ? "old" : "new", ksrtp_error(r.h));
	rig_far_close(&r, &fresh);
	return ok;
}

/* Received are 1 to 10 under the first without 9, 11 to 20 under the second without 19. */
static bool carried(const struct rig_key *old, const struct rig_key *new)
{
	uint16_t seq;
	bool ok;

	rig_far(&r, &used, "127.0.0.1");
	rig_key(&r, used.id, KSRTP_DIR_RX, old);
	for (seq = 1; seq <= 20; seq++) {
		if (seq == 11)
			rig_key(&r, used.id, KSRTP_DIR_RX, new);
		if (seq % 10 != 9 && !hears(&used, seq > 10 ? new : old, seq))
			kt_bail("packet %u is not heard", seq);
	}
	keep_states();
	ok = n_kept == 2 && goes_on(old, new, true) && goes_on(old, new, false);
	rig_far_close(&r, &used);
	return ok;
}

/* A template's state comes too late where the SSRC has been used under its own key. */
static bool too_late(const struct rig_key *old, const struct rig_key *new)
{
	bool ok;

	rig_far(&r, &fresh, "127.0.0.1");
	rig_key(&r, fresh.id, KSRTP_DIR_RX, old);
	rig_key(&r, fresh.id, KSRTP_DIR_RX, new);
	ok = hears(&fresh, new, 21) && refused(under(old), EBUSY) &&
	     dropped(new, 21, KSRTP_A_DROPS_REPLAYED);
	rig_far_close(&r, &fresh);
	return ok;
}

static void received(void)
{
	struct rig_key old, new;

	key(&old, 1, "old");
	key(&new, 2, "new");
	kt_ok(carried(&old, &new), "received under two keys with MKIs: both know what they received");
	key(&old, 3, NULL);
	key(&new, 4, NULL);
	rig_key_ssrc(&new, SSRC);
	kt_ok(carried(&old, &new), "and under a template and a later key for the SSRC");
	kt_ok(too_late(&old, &new), "of which the former is refused where the latter has been used");
}

/* ---- sending ---- */

static bool says(struct rig_far *f, const struct rig_key *k, uint16_t seq)
{
	return rig_says(&r, f, k, NULL, plain, rig_rtp(plain, SSRC, seq, 30), seq);
}

static void two_tx_keys(struct rig_far *f, const struct rig_key *old, const struct rig_key *new)
{
	rig_far(&r, f, "127.0.0.1");
	rig_key(&r, f->id, KSRTP_DIR_TX, old);
	rig_key(&r, f->id, KSRTP_DIR_TX, new);
}

static bool set_both(const struct rig_key *old, const struct rig_key *new)
{
	two_tx_keys(&fresh, old, new);
	return !set(under(old)) && !set(under(new));
}

/* The new key is for what is sent from number 100 on. */
static void sent(void)
{
	struct rig_key old, new;

	key(&old, 5, "old");
	key(&new, 6, "new");
	KSRTP_SET(&new.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_KEEP);
	KSRTP_SET(&new.key, KSRTP_A_KEY_FROM_SEQ, from_seq, 100);
	two_tx_keys(&used, &old, &new);
	kt_ok(says(&used, &old, 98), "a switch to another key is to come");
	keep_states();
	kt_ok(set_both(&old, &new) && says(&fresh, &old, 99) && says(&fresh, &new, 100),
	      "before it, the other host makes it where it was to be");
	rig_far_close(&r, &fresh);
	/* Far enough that it is final; then once more around to where it was */
	if (!says(&used, &new, 100) || !says(&used, &new, 16500) || !says(&used, &new, 32000))
		kt_bail("no switch");
	keep_states();
	kt_ok(set_both(&old, &new) && under(&new)->switched && says(&fresh, &new, 32001),
	      "after it, it stays made");
	kt_is(rig_app_send(&r, &fresh, plain, rig_rtp(plain, SSRC, 98, 30)), -ESTALE,
	      "and what was sent under the old key is not sent again");
	rig_far_close(&r, &fresh);
	rig_far_close(&r, &used);
}

/* ---- where there can be no stream ---- */

/* States of two SSRCs, from a to the rig */
static void two_streams(const struct rig_key *k, struct ksrtp_state *one, struct ksrtp_state *two)
{
	rig_far(&r, &used, "127.0.0.1");
	rig_key(&r, used.id, KSRTP_DIR_RX, k);
	if (!hears(&used, k, 1))
		kt_bail("not heard");
	keep_states();
	*one = *two = kept[0];
	two->ssrc++;
}

static void no_room(void)
{
	struct ksrtp_state one, two;
	struct rig_key k, tx;

	key(&k, 7, NULL);
	two_streams(&k, &one, &two);
	rig_far(&r, &fresh, "127.0.0.1");
	one.peer = fresh.id;
	two.peer = fresh.id;
	kt_ok(refused(&one, ENOKEY) && !rig_streams(&r, fresh.id, KSRTP_DIR_RX),
	      "none for a peer without the key");
	rig_key(&r, fresh.id, KSRTP_DIR_RX, &k);
	key(&tx, 7, NULL);
	rig_key(&r, fresh.id, KSRTP_DIR_TX, &tx);
	kt_ok(rig_says(&r, &fresh, &tx, NULL, plain, rig_rtp(plain, one.ssrc, 1, 30), 1) &&
	      refused(&one, EBUSY) && !rig_streams(&r, fresh.id, KSRTP_DIR_RX),
	      "none of an SSRC that is sent under the same master key");
	rig_far_close(&r, &fresh);

	rig_far(&r, &fresh, "127.0.0.1");
	one.peer = fresh.id;
	two.peer = fresh.id;
	rig_key(&r, fresh.id, KSRTP_DIR_RX, &k);
	rig_max_streams(&r, fresh.id, 1);
	kt_ok(!set(&one) && !set(&two) && rig_streams(&r, fresh.id, KSRTP_DIR_RX) == 1,
	      "where streams are as many as there may be, one that rests makes room");
	rig_far_close(&r, &fresh);
	rig_far_close(&r, &used);
}

/* As many tombstones as there may be, all of them told of by another host */
static void no_tombstone(void)
{
	struct ksrtp_state one, two;
	struct ksrtp_peer p;
	struct rig_key k;
	int i;

	key(&k, 9, NULL);
	two_streams(&k, &one, &two);
	rig_far(&r, &fresh, "127.0.0.1");
	rig_key(&r, fresh.id, KSRTP_DIR_RX, &k);
	KSRTP_SET(&two, KSRTP_A_STATE_TOMBSTONE, tombstone, 1);
	for (i = 0; i < TOMBS; i++, two.ssrc++)
		if (set(&two))
			kt_bail("tombstone %d: %s", i, ksrtp_error(r.h));
	rig_peer_get(&r, fresh.id, &p);
	kt_ok(p.tombstones == TOMBS && refused(&two, ENOSPC) &&
	      (rig_peer_get(&r, fresh.id, &p), p.tombstones == TOMBS && !p.rx_streams),
	      "no tombstone more than there may be");
	rig_max_streams(&r, fresh.id, 1);
	if (set(&one))
		kt_bail("state: %s", ksrtp_error(r.h));
	one.ssrc--;
	kt_ok(refused(&one, ENOSPC) && rig_streams(&r, fresh.id, KSRTP_DIR_RX) == 1,
	      "nor a stream for which another would have to become one");
	rig_far_close(&r, &fresh);
	rig_far_close(&r, &used);
}

/* A stream under E2E alone cannot be: E2E is inside of HBH. */
static void no_outer_key(void)
{
	struct ksrtp_state inner = { 0 };
	struct rig_key hbh, e2e;
	unsigned int i;
	int len;

	key(&hbh, 8, NULL);
	rig_e2e(&e2e, 1, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_far(&r, &used, "127.0.0.1");
	rig_key(&r, used.id, KSRTP_DIR_RX, &hbh);
	rig_key(&r, used.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 1, 30);
	if (!rig_hears(&r, &used, &hbh, &e2e, plain, len, 1))
		kt_bail("not heard");
	keep_states();
	for (i = 0; i < n_kept; i++)
		if (kept[i].layer == KSRTP_LAYER_E2E)
			inner = kept[i];
	rig_far(&r, &fresh, "127.0.0.1");
	rig_key(&r, fresh.id, KSRTP_DIR_RX, &e2e);
	inner.peer = fresh.id;
	kt_ok(n_kept == 2 && refused(&inner, ENOKEY), "none under an E2E key without an HBH key");
	KSRTP_SET(&inner, KSRTP_A_STATE_CHECK, check, 1);
	kt_ok(refused(&inner, ENOKEY) && !rig_streams(&r, fresh.id, KSRTP_DIR_RX),
	      "which to check says, too");
	rig_far_close(&r, &fresh);
	rig_far_close(&r, &used);
}

int main(void)
{
	kt_plan(3 + 4 + 3 + 2 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	received();
	sent();
	no_room();
	no_tombstone();
	no_outer_key();
	rig_close(&r);
	return kt_done();
}
