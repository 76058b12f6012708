// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DOUBLE suites (RFC 8723): endpoints have both layers, a relay the outer one
 * alone. What it changes of the payload type goes along, the SSRC cannot be
 * changed, and nothing of the inner layer is to be had without its half of the
 * key.
 */
#include "leg.h"

#define SSRC	0xd0b1e001
#define OTHER	0xd0b1e002
#define GCM	"AEAD_AES_128_GCM"

static const char *const suites[] = {
	"DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	"DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
};

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static int build(uint8_t pt, uint16_t seq, uint8_t *out)
{
	struct ref_rtp rtp = {
		.pt = pt,
		.seq = seq,
		.ssrc = SSRC,
		.csrc_count = seq % 3,
		.extension = seq % 2,
		.ext_words = 2,
		.payload_len = 80,
		.fill = seq,
	};

	return ref_rtp_build(&rtp, out);
}

static void begin(const char *suite, enum ksrtp_dir dir, bool outer_only)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	if (outer_only)
		rig_key_outer(&key);
	rig_key(&r, f.id, dir, &key);
}

static bool is_dropped(const uint8_t *wire, int n, unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, n);
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static bool hears(uint16_t seq)
{
	uint8_t plain[200];

	return rig_hears(&r, &f, &key, NULL, plain, build(96, seq, plain), seq);
}

/* ---- endpoints ---- */

static void endpoint(const char *suite)
{
	uint8_t plain[200];
	bool rtp = true, rtcp = true;
	int i;

	begin(suite, KSRTP_DIR_TX, false);
	for (i = 1; i < 20; i++) {
		rtp = rtp && rig_says(&r, &f, &key, NULL, plain, build(96, i, plain), i);
		rtcp = rtcp && rig_says_rtcp(&r, &f, &key, plain, rig_rtcp(plain, SSRC, i), i);
	}
	rig_far_close(&r, &f);
	kt_ok(rtp, "%s: an endpoint sends both layers", suite);
	begin(suite, KSRTP_DIR_RX, false);
	for (i = 1, rtp = true; i < 20; i++) {
		rtp = rtp && hears(i);
		rtcp = rtcp && rig_hears_rtcp(&r, &f, &key, plain, rig_rtcp(plain, SSRC, i), i);
	}
	rig_far_close(&r, &f);
	kt_ok(rtp, "and reads them");
	kt_ok(rtcp, "while RTCP is under the outer one");
}

/* Which layers a peer's keys are of, and what is said of them */
struct listed {
	int hbh, e2e, outer_only;
	uint16_t suite;
};

static int list(const struct ksrtp_key *k, void *arg)
{
	struct listed *l = arg;

	if (k->layer == KSRTP_LAYER_HBH) {
		l->hbh++;
		l->outer_only += KSRTP_HAS(k, KSRTP_A_KEY_OUTER_ONLY) && k->outer_only;
	} else {
		l->e2e += k->suite == l->suite;
	}
	return 0;
}

static void shown(const char *suite)
{
	struct listed whole = { 0 }, half = { 0 };

	begin(suite, KSRTP_DIR_RX, false);
	whole.suite = key.key.suite;
	ksrtp_key_dump(r.h, f.id, list, &whole);
	rig_far_close(&r, &f);
	begin(suite, KSRTP_DIR_RX, true);
	half.suite = key.key.suite;
	ksrtp_key_dump(r.h, f.id, list, &half);
	rig_far_close(&r, &f);
	kt_ok(whole.hbh == 1 && whole.e2e == 1 && !whole.outer_only,
	      "%s: a whole key is a key of either layer", suite);
	kt_ok(half.hbh == 1 && !half.e2e && half.outer_only == 1,
	      "half of it is one of the outer layer, and says so");
}

/* A distributor that is not ours has changed all it may: the marker alone is the sender's again. */
static void changed(const char *suite)
{
	uint8_t plain[200], pkt[300], wire[400];
	struct ref_ctx inner, outer;
	bool ok = true, marker;
	int i, len, n;

	begin(suite, KSRTP_DIR_RX, false);
	ref_double_inner(&key.hbh, &inner);
	ref_double_outer(&key.hbh, &outer);
	for (i = 1; i < 20; i++) {
		marker = i & 1;
		len = build(96, i, plain);
		plain[1] |= marker ? 0x80 : 0;
		n = ref_double_seal(&inner, plain, len, i, pkt);
		n = ref_double_relay(pkt, n, 97, i + 5, !marker, pkt);
		rig_far_send(&f, wire, ref_protect_rtp(&outer, pkt, n, i + 5, wire));
		plain[1] = (marker ? 0x80 : 0) | 97;
		ref_put16(plain + 2, i + 5);
		ok = ok && rig_gets(r.app, plain, len);
	}
	kt_ok(ok, "%s: of a changed header the marker is read as it was sent", suite);
	rig_far_close(&r, &f);
}

/* A distributor, which has the outer key, lies */
static void forgeries(const char *suite)
{
	uint8_t plain[200], pkt[300], wire[400];
	struct ref_ctx inner, outer;
	int len, n, h, m, i;
	bool ok = true, seq_ok;

	begin(suite, KSRTP_DIR_RX, false);
	ok = hears(1);
	ref_double_inner(&key.hbh, &inner);
	ref_double_outer(&key.hbh, &outer);
	/* a packet for each: the outer layer of all of them is authentic, and its number used up */
	for (i = 2; i < 100; i++) {
		len = build(96, i, plain);
		n = ref_double_seal(&inner, plain, len, i, pkt);
		h = ref_rtp_header_len(plain, len);
		/* payload and inner tag, not the OHB */
		pkt[h + i % (n - 1 - h)] ^= 1 << i % 8;
		m = ref_protect_rtp(&outer, pkt, n, i, wire);
		ok = ok && is_dropped(wire, m, KSRTP_A_DROPS_E2E_AUTH);
	}
	kt_ok(ok, "%s: a payload changed by whoever has the outer half is dropped as e2e_auth",
	      suite);

	/* one the sender had sent as another: SSRC and timestamp are the inner layer's too */
	len = build(96, 101, plain);
	n = ref_double_seal(&inner, plain, len, 101, pkt);
	pkt[5] ^= 1;
	m = ref_protect_rtp(&outer, pkt, n, 101, wire);
	kt_ok(is_dropped(wire, m, KSRTP_A_DROPS_E2E_AUTH), "and so is a changed timestamp");

	/* the same inner packet twice, as outer packets of their own */
	len = build(96, 201, plain);
	n = ref_double_seal(&inner, plain, len, 201, pkt);
	m = ref_protect_rtp(&outer, pkt, n, 201, wire);
	rig_far_send(&f, wire, m);
	ok = rig_gets(r.app, plain, len);
	n = ref_double_relay(pkt, n, 96, 202, false, pkt);
	m = ref_protect_rtp(&outer, pkt, n, 202, wire);
	seq_ok = is_dropped(wire, m, KSRTP_A_DROPS_REPLAYED);
	kt_ok(ok && seq_ok, "an inner packet sent twice under other outer numbers is replayed");

	len = build(96, 301, plain);
	n = ref_double_seal(&inner, plain, len, 301, pkt);
	pkt[n - 1] = 0x80;
	m = ref_protect_rtp(&outer, pkt, n, 301, wire);
	kt_ok(is_dropped(wire, m, KSRTP_A_DROPS_MALFORMED),
	      "an original header block with reserved bits is malformed");
	kt_ok(hears(303), "and the stream goes on");
	rig_far_close(&r, &f);
}

/* Without the inner half nothing is delivered, nor sent */
static void half_alone(const char *suite)
{
	uint8_t plain[200], wire[400];
	struct rig_key whole;
	int n;

	rig_hbh(&whole, suite, 1);
	begin(suite, KSRTP_DIR_RX, true);
	n = rig_seal(&whole, NULL, plain, build(96, 1, plain), 1, wire);
	kt_ok(is_dropped(wire, n, KSRTP_A_DROPS_E2E_NO_KEY),
	      "%s: half a key delivers nothing to an application", suite);
	rig_far_close(&r, &f);
	begin(suite, KSRTP_DIR_TX, true);
	n = rig_app_send(&r, &f, plain, build(96, 1, plain));
	kt_ok(n == -ENOKEY && rig_far_quiet(&r, &f), "nor protects what it writes (%s)",
	      n < 0 ? strerror(-n) : "sent");
	rig_far_close(&r, &f);
}

/* ---- a relay ---- */

static void hop(struct leg *l, const char *suite, uint32_t seed, bool outer_only)
{
	leg_make(l, suite, seed);
	if (outer_only) {
		rig_key_outer(&l->up);
		rig_key_outer(&l->down);
	}
	leg_join(&r, l, "127.0.0.1");
}

/* What the endpoints of a call share: the inner half of the sender */
static struct ref_ctx sender_inner(const char *suite)
{
	struct ref_ctx inner;
	struct rig_key whole;

	rig_hbh(&whole, suite, 77);
	ref_double_inner(&whole.hbh, &inner);
	return inner;
}

static void send_inner(const struct leg *a, const struct ref_ctx *inner, uint8_t pt, uint16_t seq)
{
	uint8_t plain[200], pkt[300], wire[400];
	int n = ref_double_seal(inner, plain, build(pt, seq, plain), seq, pkt);

	rig_far_send(&a->far, wire, ref_protect_rtp(&a->up.hbh, pkt, n, seq, wire));
}

/* At the far end of the route the packet has @pt, and @was where it is not as it was sent */
static bool arrives(const struct leg *b, const struct ref_ctx *inner, uint8_t pt, uint8_t was,
		    uint16_t seq)
{
	uint8_t want[200], wire[400], pkt[400];
	int len = build(was, seq, want), n;
	bool changed = pt != was;
	struct ref_ohb ohb;

	n = rig_recv(b->far.fd, wire, sizeof(wire));
	if (n > 0)
		n = ref_unprotect_rtp(&b->down.hbh, wire, n, seq, pkt);
	if (n < 0 || (pkt[1] & 0x7f) != pt || ref_double_ohb(pkt, n, &ohb) ||
	    ohb.has_pt != changed || ohb.has_seq || ohb.has_marker) {
		kt_note("the outer layer of %u: %d", seq, n);
		return false;
	}
	n = ref_double_open(inner, pkt, n, 0, pkt);
	want[1] = pt;
	return n == len && !memcmp(pkt, want, len);
}

static void relay(const char *suite)
{
	struct ref_ctx inner = sender_inner(suite);
	struct leg a, b, c;
	struct ksrtp_out outs[2];
	bool ok = true;
	int i;

	hop(&a, suite, 1, true);
	hop(&b, suite, 2, true);
	hop(&c, suite, 3, true);
	outs[0] = leg_out(&b);
	outs[1] = leg_out(&c);
	KSRTP_SET(&outs[1], KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 96);
	KSRTP_SET(&outs[1], KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 97);
	if (leg_try_route(&r, &a, SSRC, -1, outs, 2))
		kt_bail("route add: %s", ksrtp_error(r.h));
	for (i = 1; i < 20; i++) {
		send_inner(&a, &inner, 96, i);
		ok = ok && arrives(&b, &inner, 96, 96, i) && arrives(&c, &inner, 97, 96, i);
	}
	kt_ok(ok, "%s: a relay with half a key forwards, and the original payload type goes along",
	      suite);
	send_inner(&a, &inner, 100, 50);
	kt_ok(arrives(&b, &inner, 100, 100, 50) && arrives(&c, &inner, 100, 100, 50),
	      "another payload type is not touched");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
	rig_far_close(&r, &c.far);
}

/* One relay changes the payload type, the next changes it again or puts it back */
static void two_relays(const char *suite)
{
	struct ref_ctx inner = sender_inner(suite);
	struct leg in, mid_out, mid_in, on, back;
	struct ksrtp_out out, outs[2];
	uint8_t wire[400];
	bool ok = true;
	int i, n;

	/* the far end of mid_out is that of mid_in: the second relay gets what the first sends */
	hop(&in, suite, 1, true);
	hop(&mid_out, suite, 2, true);
	memset(&mid_in, 0, sizeof(mid_in));
	mid_in.up = mid_out.down;
	mid_in.down = mid_out.up;
	leg_join(&r, &mid_in, "127.0.0.1");
	hop(&on, suite, 3, true);
	hop(&back, suite, 4, true);
	out = leg_out(&mid_out);
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 96);
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 97);
	if (leg_try_route(&r, &in, SSRC, -1, &out, 1))
		kt_bail("route add: %s", ksrtp_error(r.h));
	outs[0] = leg_out(&on);
	KSRTP_SET(&outs[0], KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 97);
	KSRTP_SET(&outs[0], KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 98);
	outs[1] = leg_out(&back);
	KSRTP_SET(&outs[1], KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 97);
	KSRTP_SET(&outs[1], KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 96);
	if (leg_try_route(&r, &mid_in, SSRC, -1, outs, 2))
		kt_bail("route add: %s", ksrtp_error(r.h));
	for (i = 1; i < 10; i++) {
		send_inner(&in, &inner, 96, i);
		n = rig_recv(mid_out.far.fd, wire, sizeof(wire));
		if (n > 0)
			rig_far_send(&mid_in.far, wire, n);
		ok = ok && arrives(&on, &inner, 98, 96, i) && arrives(&back, &inner, 96, 96, i);
	}
	kt_ok(ok, "%s: a second relay keeps what the first noted, and drops it where it is restored",
	      suite);
	rig_far_close(&r, &in.far);
	rig_far_close(&r, &mid_out.far);
	rig_far_close(&r, &mid_in.far);
	rig_far_close(&r, &on.far);
	rig_far_close(&r, &back.far);
}

static void mismatch(const char *suite)
{
	struct leg twice, once;
	struct ksrtp_stats stats;
	struct ref_ctx inner = sender_inner(suite);
	bool ok;

	hop(&twice, suite, 1, true);
	leg_make(&once, GCM, 2);
	leg_join(&r, &once, "127.0.0.1");
	leg_route(&r, &twice, SSRC, &once);
	leg_route(&r, &once, OTHER, &twice);
	rig_stats(&r, &stats);
	send_inner(&twice, &inner, 96, 1);
	ok = rig_dropped(&r, &stats, KSRTP_A_DROPS_SUITE_MISMATCH, 1) && leg_quiet(&once);
	kt_ok(ok, "%s: to an output of another kind it is dropped as suite_mismatch", suite);
	leg_says(&once, OTHER, 1);
	ok = rig_dropped(&r, &stats, KSRTP_A_DROPS_SUITE_MISMATCH, 1) && leg_quiet(&twice);
	kt_ok(ok, "and so is what comes from another kind");
	rig_far_close(&r, &twice.far);
	rig_far_close(&r, &once.far);
}

static bool says(const struct rig_key *k, uint64_t index)
{
	uint8_t plain[200];

	return rig_says(&r, &f, k, NULL, plain, build(96, index, plain), index);
}

/* "roc keep" is for both layers; where there was one only, the inner one begins. */
static void kept(const char *suite)
{
	struct rig_key second, third;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	rig_mki(&key, "1", 1);
	rig_hbh(&second, suite, 2);
	rig_mki(&second, "2", 1);
	KSRTP_SET(&second.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_KEEP);
	rig_hbh(&third, suite, 3);
	rig_mki(&third, "3", 1);
	KSRTP_SET(&third.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_RESET);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);
	kt_ok(says(&key, 65535) && says(&key, ref_index(1, 0)), "%s: a first key", suite);
	rig_key(&r, f.id, KSRTP_DIR_TX, &second);
	kt_ok(says(&second, ref_index(1, 1)) && says(&second, ref_index(1, 2)),
	      "roc keep: both layers go on at its index");
	rig_key(&r, f.id, KSRTP_DIR_TX, &third);
	kt_ok(says(&third, 3) && says(&third, 4), "roc reset: both begin anew");
	rig_far_close(&r, &f);

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, GCM, 1);
	rig_mki(&key, "1", 1);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);
	kt_ok(says(&key, 5), "a first key of one layer");
	rig_key(&r, f.id, KSRTP_DIR_TX, &second);
	kt_ok(says(&second, 6), "roc keep: a key of two goes on from it");
	rig_far_close(&r, &f);
}

/* A route that rewrites is there before the key is. */
static void late_key(const char *suite)
{
	struct rig_far a, b;
	struct ksrtp_route route = { .n_out = 1 };
	struct ksrtp_out out = { 0 };
	struct rig_key ours, theirs;
	bool in, for_it, to;

	rig_far(&r, &a, "127.0.0.1");
	rig_far(&r, &b, "127.0.0.1");
	KSRTP_SET(&out, KSRTP_A_OUT_PEER, peer, b.id);
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, OTHER);
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, a.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, SSRC);
	route.out = &out;
	if (ksrtp_route_add(r.h, &route))
		kt_bail("route add: %s", ksrtp_error(r.h));
	rig_hbh(&ours, suite, 1);
	rig_hbh(&theirs, suite, 2);
	in = rig_key_try(&r, a.id, KSRTP_DIR_RX, &ours) == -EINVAL;
	to = rig_key_try(&r, b.id, KSRTP_DIR_TX, &theirs) == -EINVAL;
	kt_note("%s", ksrtp_error(r.h));
	rig_key_ssrc(&ours, SSRC);
	rig_key_ssrc(&theirs, OTHER);
	for_it = rig_key_try(&r, a.id, KSRTP_DIR_RX, &ours) == -EINVAL &&
		 rig_key_try(&r, b.id, KSRTP_DIR_TX, &theirs) == -EINVAL;
	kt_ok(in && to && for_it, "%s: a key for what a route rewrites is refused", suite);
	rig_key_ssrc(&ours, OTHER);
	rig_key_ssrc(&theirs, SSRC);
	kt_ok(!rig_key_try(&r, a.id, KSRTP_DIR_RX, &ours) &&
	      !rig_key_try(&r, b.id, KSRTP_DIR_TX, &theirs), "one for another SSRC is not");
	rig_far_close(&r, &a);
	rig_far_close(&r, &b);
}

static void refusals(const char *suite)
{
	struct leg a, b;
	struct ksrtp_out out;
	struct rig_key e2e;
	int err;

	hop(&a, suite, 1, true);
	hop(&b, suite, 2, true);
	out = leg_out(&b);
	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, OTHER);
	err = leg_try_route(&r, &a, SSRC, -1, &out, 1);
	kt_ok(err == -EINVAL && strstr(ksrtp_error(r.h), "SSRC"),
	      "%s: an SSRC to be rewritten is refused: %s", suite, err ? ksrtp_error(r.h) : "");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);

	begin(suite, KSRTP_DIR_RX, false);
	rig_e2e(&e2e, 1, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	err = rig_key_try(&r, f.id, KSRTP_DIR_RX, &e2e);
	kt_ok(err < 0 && strlen(ksrtp_error(r.h)) > 20, "an E2E key beside it is refused: %s",
	      err ? ksrtp_error(r.h) : "");
	rig_far_close(&r, &f);

	rig_hbh(&key, suite, 1);
	rig_key_outer(&key);
	rig_far(&r, &f, "127.0.0.1");
	key.key.master_key_len--;
	err = rig_key_try(&r, f.id, KSRTP_DIR_RX, &key);
	kt_ok(err == -EINVAL, "a key that is neither whole nor half is refused: %s",
	      err ? ksrtp_error(r.h) : "");
	rig_far_close(&r, &f);
}

int main(void)
{
	size_t i;

	kt_plan(2 * (3 + 2 + 1 + 5 + 2 + 2 + 1 + 2 + 5 + 2 + 3));
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		endpoint(suites[i]);
		shown(suites[i]);
		changed(suites[i]);
		forgeries(suites[i]);
		half_alone(suites[i]);
		relay(suites[i]);
		two_relays(suites[i]);
		mismatch(suites[i]);
		kept(suites[i]);
		late_key(suites[i]);
		refusals(suites[i]);
	}
	rig_close(&r);
	return kt_done();
}
