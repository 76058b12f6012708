// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The roll-over counter, which no packet carries: receiver and sender keep it
 * through wraps with loss and reordering, start it where the key says, and find
 * a first packet that was lost at a wrap.
 */
#include "rig.h"

#define SSRC	0x40c00001
#define MAX_ROC	0xffffffffu

/* Packet indices in the order they are sent */
#define I(roc, seq)	((uint64_t)(roc) << 16 | (seq))
#define END		UINT64_MAX

static struct rig r;
static struct rig_far f;
static struct rig_key key, e2e;

static void set_up(enum ksrtp_dir dir, uint32_t roc)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	if (roc)
		rig_key_roc(&key, roc);
	rig_key(&r, f.id, dir, &key);
}

static void tear_down(void)
{
	rig_far_close(&r, &f);
}

static bool goes(enum ksrtp_dir dir, uint64_t index)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, SSRC, index, 30);

	if ((dir == KSRTP_DIR_RX ? rig_hears : rig_says)(&r, &f, &key, NULL, plain, len, index))
		return true;
	kt_note("that was ROC %llu, sequence number %u", (unsigned long long)index >> 16,
		(unsigned int)(index & 0xffff));
	return false;
}

static bool is_dropped(uint64_t index, unsigned int reason)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtp(plain, SSRC, index, 30);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, rig_seal(&key, NULL, plain, len, index, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static int refusal(uint16_t seq)
{
	uint8_t plain[200];
	int n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, seq, 30));

	return n < 0 ? -n : 0;
}

static const struct {
	const char *name;
	uint32_t key_roc;
	uint64_t index[16];
} walks[] = {
	{ "in order around a wrap", 0,
	  { I(0, 65533), I(0, 65534), I(0, 65535), I(1, 0), I(1, 1), I(1, 2), END } },
	{ "reordered around a wrap, forth and back", 0,
	  { I(0, 65530), I(1, 1), I(0, 65535), I(0, 65533), I(1, 0), I(0, 65534), I(1, 3), I(1, 2),
	    I(0, 65531), I(1, 4), END } },
	{ "a late packet right after the wrap", 0,
	  { I(0, 65534), I(1, 0), I(0, 65535), I(1, 1), I(1, 2), END } },
	{ "with a gap over the wrap", 0,
	  { I(0, 50000), I(1, 10000), I(1, 42000), I(2, 100), END } },
	{ "three wraps by leaps", 0,
	  { I(0, 100), I(0, 32000), I(0, 64000), I(1, 30000), I(1, 62000), I(2, 28000), I(2, 60000),
	    I(3, 100), END } },
	{ "from the ROC given with the key", 70000,
	  { I(70000, 12), I(70000, 13), I(70000, 11), END } },
	{ "from there around a wrap", 7, { I(7, 65535), I(8, 0), I(7, 65534), I(8, 1), END } },
	{ "around a wrap of the ROC's low half", 65535, { I(65535, 65535), I(65536, 0), END } },
};

static void walk(enum ksrtp_dir dir, const char *who)
{
	const uint64_t *i;
	size_t w;
	bool ok;

	for (w = 0; w < ARRAY_SIZE(walks); w++) {
		set_up(dir, walks[w].key_roc);
		for (ok = true, i = walks[w].index; *i != END; i++)
			ok &= goes(dir, *i);
		kt_ok(ok, "%s: %s", who, walks[w].name);
		tear_down();
	}
}

/* RFC 3711's estimate starts from nothing: one packet lost at 65535 must not be the end. */
static void first_lost(void)
{
	set_up(KSRTP_DIR_RX, 0);
	kt_ok(goes(KSRTP_DIR_RX, I(1, 0)) && goes(KSRTP_DIR_RX, I(1, 1)) &&
	      goes(KSRTP_DIR_RX, I(0, 65535)),
	      "receiver: a first packet lost at 65535 is found out by the next one's tag");
	tear_down();

	set_up(KSRTP_DIR_RX, 9);
	kt_ok(is_dropped(I(11, 0), KSRTP_A_DROPS_AUTH) &&
	      is_dropped(I(8, 65535), KSRTP_A_DROPS_AUTH) &&
	      rig_streams(&r, f.id, KSRTP_DIR_RX) == 0,
	      "receiver: no other ROC than the key's and the one after it is tried");
	kt_ok(goes(KSRTP_DIR_RX, I(10, 3)), "receiver: nor do forged packets use the guess up");
	tear_down();

	set_up(KSRTP_DIR_RX, 0);
	kt_ok(goes(KSRTP_DIR_RX, I(0, 100)) && is_dropped(I(1, 200), KSRTP_A_DROPS_AUTH) &&
	      goes(KSRTP_DIR_RX, I(0, 201)),
	      "receiver: after the first authenticated packet there is no guess any more");
	tear_down();

	set_up(KSRTP_DIR_RX, MAX_ROC);
	kt_ok(is_dropped(I(0, 5), KSRTP_A_DROPS_AUTH) && goes(KSRTP_DIR_RX, I(MAX_ROC, 5)),
	      "receiver: there is no ROC after the last to be guessed");
	tear_down();
}

/* The E2E layer has an index of its own, and guesses only if a tag tells. */
static void first_lost_e2e(void)
{
	uint8_t plain[200], wire[300];
	int len, n;

	set_up(KSRTP_DIR_RX, 0);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 0, 30);
	kt_ok(rig_hears(&r, &f, &key, &e2e, plain, len, I(1, 0)),
	      "receiver: E2E with an MI tag finds out a first packet lost at 65535");
	len = rig_rtp(plain, SSRC, 1, 30);
	kt_ok(rig_hears(&r, &f, &key, &e2e, plain, len, I(1, 1)),
	      "receiver: and goes on from there");
	tear_down();

	set_up(KSRTP_DIR_RX, 0);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key_roc(&e2e, 5);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	len = rig_rtp(plain, SSRC, 0, 30);
	n = ref_e2e_protect(&e2e.e2e, plain, len, I(5, 0), wire);
	rig_far_send(&f, wire, rig_seal(&key, NULL, wire, n, I(1, 0), wire));
	kt_ok(rig_gets(r.app, plain, len),
	      "receiver: E2E without one guesses nothing, its ROC is the key's");
	tear_down();
}

/* Each layer counts its own turns, from its own key's ROC on, for the same numbers. */
static bool goes_apart(enum ksrtp_dir dir, uint64_t outer, uint64_t inner)
{
	uint8_t plain[200], wire[300];
	int len = rig_rtp(plain, SSRC, outer, 30), n;

	n = ref_e2e_protect(&e2e.e2e, plain, len, inner, wire);
	if (n < 0)
		kt_bail("refsrtp does not protect: %s", ref_strerror(n));
	n = rig_seal(&key, NULL, wire, n, outer, wire);
	if (dir == KSRTP_DIR_TX)
		return rig_app_send(&r, &f, plain, len) == len && rig_gets(f.fd, wire, n);
	rig_far_send(&f, wire, n);
	return rig_gets(r.app, plain, len);
}

static void layers_apart(enum ksrtp_dir dir, const char *who)
{
	set_up(dir, 3);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_LEFT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key_roc(&e2e, 70007);
	rig_key(&r, f.id, dir, &e2e);
	kt_ok(goes_apart(dir, I(3, 65534), I(70007, 65534)) &&
	      goes_apart(dir, I(4, 0), I(70008, 0)) &&
	      goes_apart(dir, I(3, 65535), I(70007, 65535)) &&
	      goes_apart(dir, I(4, 1), I(70008, 1)),
	      "%s: E2E and HBH go around a wrap, each from its own ROC", who);
	tear_down();
}

/* 2^48 packets are the end of a key; no index comes round. */
static void the_end(void)
{
	struct ksrtp_stream s;

	set_up(KSRTP_DIR_TX, MAX_ROC);
	kt_ok(goes(KSRTP_DIR_TX, I(MAX_ROC, 65534)) && goes(KSRTP_DIR_TX, I(MAX_ROC, 65535)),
	      "sender: the last index there is can be used");
	kt_is(refusal(0), EKEYEXPIRED, "sender: the one after it is refused");
	kt_ok(rig_far_quiet(&r, &f) &&
	      rig_stream(&r, f.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) && s.roc == MAX_ROC &&
	      s.highest_seq == 65535, "sender: nothing of it is on the wire, and the index stays");
	tear_down();

	set_up(KSRTP_DIR_RX, MAX_ROC);
	kt_ok(goes(KSRTP_DIR_RX, I(MAX_ROC, 65535)), "receiver: the last index is accepted");
	kt_ok(is_dropped(I(0, 0), KSRTP_A_DROPS_INDEX_LIMIT),
	      "receiver: what could only be behind it is dropped");
	kt_ok(goes(KSRTP_DIR_RX, I(MAX_ROC, 65534)),
	      "receiver: and one before it is still accepted");
	tear_down();
}

int main(void)
{
	kt_plan(2 * ARRAY_SIZE(walks) + 5 + 3 + 2 + 6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	walk(KSRTP_DIR_RX, "receiver");
	walk(KSRTP_DIR_TX, "sender");
	first_lost();
	first_lost_e2e();
	layers_apart(KSRTP_DIR_RX, "receiver");
	layers_apart(KSRTP_DIR_TX, "sender");
	the_end();
	rig_close(&r);
	return kt_done();
}
