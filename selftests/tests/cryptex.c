// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cryptex (RFC 9335): with `on` CSRCs and header extensions are encrypted where
 * they can be, and packets without are read too; with `require` nothing that
 * could be encrypted is sent or accepted in clear; with `off` it has no meaning.
 */
#include "leg.h"

#define SSRC	0xc0de0001

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq;

enum shape { NEITHER, EXT, TWO_BYTE, CSRCS, BOTH, OTHER, APPBITS, SHAPES };

/* Whether Cryptex hides something of it, and whether something stays in clear all the same */
static const bool hidden[SHAPES] = {
	[EXT] = true, [TWO_BYTE] = true, [CSRCS] = true, [BOTH] = true,
};

static const bool in_clear[SHAPES] = { [OTHER] = true, [APPBITS] = true };

static int build(enum shape shape, uint8_t *out)
{
	struct ref_rtp rtp = {
		.pt = 96,
		.seq = ++seq,
		.ssrc = SSRC,
		.csrc_count = shape == CSRCS || shape == BOTH || shape == OTHER ? 3 : 0,
		.extension = shape != NEITHER && shape != CSRCS,
		.ext_profile = shape == TWO_BYTE ? 0x1000 :
			       shape == APPBITS ? 0x1005 :
			       shape == OTHER ? 0x4242 : 0xbede,
		.ext_words = 3,
		.payload_len = 50,
	};

	return ref_rtp_build(&rtp, out);
}

static void begin(const char *suite, enum ksrtp_dir dir, enum ksrtp_cryptex mode)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	rig_key_cryptex(&key, mode);
	rig_key(&r, f.id, dir, &key);
}

/* Sent as the reference would, or refused */
static bool sent(enum shape shape)
{
	uint8_t plain[200];
	int len = build(shape, plain);

	return rig_says(&r, &f, &key, NULL, plain, len, seq);
}

static bool refused(enum shape shape)
{
	uint8_t plain[200];
	int n = rig_app_send(&r, &f, plain, build(shape, plain));

	if (n != -EPROTO)
		kt_note("shape %d gives %d", shape, n);
	return n == -EPROTO && rig_far_quiet(&r, &f);
}

/* The far end protects with or without Cryptex */
static int seal(enum shape shape, bool cryptex, uint8_t *plain, int *len, uint8_t *wire)
{
	*len = build(shape, plain);
	key.hbh.cryptex = cryptex;
	return rig_seal(&key, NULL, plain, *len, seq, wire);
}

static bool accepted(enum shape shape, bool cryptex)
{
	uint8_t plain[200], wire[300];
	int len, n = seal(shape, cryptex, plain, &len, wire);

	rig_far_send(&f, wire, n);
	if (cryptex)
		len = ref_cryptex_plain(plain, len, plain);
	return rig_gets(r.app, plain, len);
}

static bool dropped(enum shape shape, bool cryptex, unsigned int reason)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len, n = seal(shape, cryptex, plain, &len, wire);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, n);
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static void sending(const char *suite)
{
	enum shape s;
	bool off = true, on = true, require = true;

	begin(suite, KSRTP_DIR_TX, KSRTP_CRYPTEX_OFF);
	for (s = 0; s < SHAPES; s++)
		off = off && sent(s);
	rig_far_close(&r, &f);
	kt_ok(off, "%s: off, headers are sent in clear", suite);

	begin(suite, KSRTP_DIR_TX, KSRTP_CRYPTEX_ON);
	for (s = 0; s < SHAPES; s++)
		on = on && sent(s);
	rig_far_close(&r, &f);
	kt_ok(on, "on, CSRCs and extensions of RFC 8285 are encrypted, others sent in clear");

	begin(suite, KSRTP_DIR_TX, KSRTP_CRYPTEX_REQUIRE);
	for (s = 0; s < SHAPES; s++)
		require = require && (in_clear[s] ? refused(s) : sent(s));
	rig_far_close(&r, &f);
	kt_ok(require, "require, what cannot be encrypted is refused with EPROTO");
}

static void receiving(const char *suite, bool aead)
{
	bool on = true, require = true, clear = true;
	enum shape s;

	begin(suite, KSRTP_DIR_RX, KSRTP_CRYPTEX_ON);
	for (s = 0; s < SHAPES; s++)
		on = on && accepted(s, true) && accepted(s, false);
	rig_far_close(&r, &f);
	kt_ok(on, "%s: on, packets with and without are read", suite);

	begin(suite, KSRTP_DIR_RX, KSRTP_CRYPTEX_REQUIRE);
	for (s = 0; s < SHAPES; s++) {
		require = require && (!hidden[s] || accepted(s, true));
		if (s != NEITHER)
			clear = clear && dropped(s, false, KSRTP_A_DROPS_CRYPTEX);
	}
	kt_ok(require && accepted(NEITHER, true), "require, packets with it are read");
	kt_ok(clear, "and those with a header extension or CSRCs in clear dropped and counted");
	rig_far_close(&r, &f);

	if (!aead)
		return;
	/* with HMAC the packet is authentic, and what stands in it nobody's business */
	begin(suite, KSRTP_DIR_RX, KSRTP_CRYPTEX_OFF);
	kt_ok(dropped(BOTH, true, KSRTP_A_DROPS_AUTH) && accepted(BOTH, false),
	      "off, it has no meaning: other bytes would have been authenticated");
	rig_far_close(&r, &f);
}

/* Each byte of the header, the extension and the CSRCs is authenticated */
static void tampering(const char *suite)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len, n, i, h;
	bool ok = true;

	begin(suite, KSRTP_DIR_RX, KSRTP_CRYPTEX_ON);
	n = seal(BOTH, true, plain, &len, wire);
	h = ref_rtp_header_len(wire, n);
	rig_stats(&r, &stats);
	for (i = 12; i < h; i++) {
		/* its length says where the payload begins: another packet altogether */
		if (i / 2 == (12 + 3 * 4 + 2) / 2)
			continue;
		wire[i] ^= 0x01;
		rig_far_send(&f, wire, n);
		wire[i] ^= 0x01;
		ok = ok && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
	}
	rig_far_send(&f, wire, n);
	kt_ok(ok && rig_gets(r.app, plain, len), "%s: every byte that is hidden is authenticated",
	      suite);
	rig_far_close(&r, &f);
}

#define OUTS	4

/* Between hops with and without it, to one or to several at once */
static bool relays(const char *suite, enum ksrtp_cryptex in, const enum ksrtp_cryptex *modes,
		   unsigned int n)
{
	uint8_t plain[200], heard[200];
	struct ksrtp_out outs[OUTS];
	struct leg a, to[OUTS];
	bool ok = true;
	unsigned int i;
	enum shape s;
	int len;

	leg_make(&a, suite, 1);
	rig_key_cryptex(&a.up, in);
	leg_join(&r, &a, "127.0.0.1");
	for (i = 0; i < n; i++) {
		leg_make(&to[i], suite, 2 + i);
		rig_key_cryptex(&to[i].down, modes[i]);
		leg_join(&r, &to[i], "127.0.0.1");
		outs[i] = leg_out(&to[i]);
	}
	if (leg_try_route(&r, &a, SSRC, -1, outs, n))
		kt_bail("route: %s", ksrtp_error(r.h));
	for (s = 0; s < SHAPES; s++) {
		len = build(s, plain);
		leg_sends(&a, plain, len, seq);
		memcpy(heard, plain, len);
		if (in != KSRTP_CRYPTEX_OFF)
			len = ref_cryptex_plain(plain, len, heard);
		for (i = 0; i < n; i++)
			ok = ok && leg_gets(&to[i], heard, len, seq);
	}
	rig_far_close(&r, &a.far);
	for (i = 0; i < n; i++)
		rig_far_close(&r, &to[i].far);
	return ok;
}

static void relaying(const char *suite)
{
	static const enum ksrtp_cryptex modes[OUTS] = {
		KSRTP_CRYPTEX_ON, KSRTP_CRYPTEX_OFF, KSRTP_CRYPTEX_ON, KSRTP_CRYPTEX_OFF,
	};

	kt_ok(relays(suite, KSRTP_CRYPTEX_ON, &modes[1], 1) &&
	      relays(suite, KSRTP_CRYPTEX_OFF, &modes[0], 1) &&
	      relays(suite, KSRTP_CRYPTEX_ON, &modes[0], 1),
	      "%s: a relay takes it off, puts it on, and on again under another key", suite);
	kt_ok(relays(suite, KSRTP_CRYPTEX_ON, modes, OUTS) &&
	      relays(suite, KSRTP_CRYPTEX_OFF, modes, OUTS),
	      "and for each of several outputs as its key says");
}

static bool key_refused(struct rig_key *k, const char *of)
{
	int err;

	rig_far(&r, &f, "127.0.0.1");
	err = rig_key_try(&r, f.id, KSRTP_DIR_RX, k);
	rig_far_close(&r, &f);
	if (err != -EINVAL)
		kt_note("%s: %d", of, err);
	else
		kt_note("%s", ksrtp_error(r.h));
	return err == -EINVAL && strlen(ksrtp_error(r.h)) > 20;
}

static void refusals(void)
{
	const uint8_t ids[] = { 1 };

	rig_hbh(&key, "NULL_HMAC_SHA1_80", 1);
	rig_key_cryptex(&key, KSRTP_CRYPTEX_ON);
	kt_ok(key_refused(&key, "NULL"), "a NULL suite is refused, with the reason");
	rig_hbh(&key, "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 1);
	rig_key_cryptex(&key, KSRTP_CRYPTEX_ON);
	kt_ok(key_refused(&key, "DOUBLE"), "and so is a DOUBLE suite");
	rig_hbh(&key, "AEAD_AES_128_GCM", 1);
	rig_key_cryptex(&key, KSRTP_CRYPTEX_ON);
	rig_key_enc_ext(&key, ids, 1);
	kt_ok(key_refused(&key, "enc-ext"), "and enc-ext beside it");
	rig_e2e(&key, 1, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key_cryptex(&key, KSRTP_CRYPTEX_ON);
	kt_ok(key_refused(&key, "E2E"), "and an E2E key");
}

int main(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_128_GCM",
		"AEAD_AES_256_GCM",
	};
	size_t i;

	kt_plan(4 * 9 + 2 + 4);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		sending(suites[i]);
		receiving(suites[i], i >= 2);
		tampering(suites[i]);
		relaying(suites[i]);
	}
	refusals();
	rig_close(&r);
	return kt_done();
}
