// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Encrypted header extensions (RFC 6904): of one- and two-byte elements those on
 * the list are encrypted and no other, whatever the suite; they are under the
 * tag, and a relay takes them off and puts them on.
 */
#include "leg.h"

#define SSRC	0x69040001
#define EXT	16	/* where the body stands in a packet without CSRCs */

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq;

static const uint8_t ids[] = { 1, 3, 200 };

/* Elements 1, 2, 3 and padding; elements 1, 2 and 200 */
static const uint8_t one[] = { 0x12, 'a', 'b', 'c', 0x20, 'd', 0, 0x31, 'e', 'f', 0, 0 };
static const char one_mask[] = ".xxx....xx..";
static const uint8_t two[] = { 1, 3, 'a', 'b', 'c', 2, 1, 'd', 200, 1, 'e', 0 };
static const char two_mask[] = "..xxx.....x.";

static int build(uint16_t profile, const uint8_t *body, uint8_t *out)
{
	struct ref_rtp rtp = {
		.pt = 96,
		.seq = ++seq,
		.ssrc = SSRC,
		.extension = profile,
		.ext_profile = profile,
		.ext_words = 3,
		.payload_len = 40,
	};
	int len = ref_rtp_build(&rtp, out);

	if (body)
		memcpy(out + EXT, body, 12);
	return len;
}

static void begin(const char *suite, enum ksrtp_dir dir)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	rig_key_enc_ext(&key, ids, ARRAY_SIZE(ids));
	rig_key(&r, f.id, dir, &key);
}

/* On the wire exactly the bytes of the mask differ from what was sent */
static bool hides(uint16_t profile, const uint8_t *body, const char *mask)
{
	uint8_t plain[200], wire[300], opened[300];
	int len = build(profile, body, plain), n, i, differ = 0;

	if (rig_app_send(&r, &f, plain, len) != len)
		return false;
	n = rig_recv(f.fd, wire, sizeof(wire));
	if (n < len || memcmp(wire, plain, EXT))
		return false;
	for (i = 0; i < 12; i++) {
		if (mask[i] != 'x' && wire[EXT + i] != plain[EXT + i]) {
			kt_note("byte %d of the extension is not as it was", i);
			return false;
		}
		differ += wire[EXT + i] != plain[EXT + i];
	}
	n = rig_unseal(&key, NULL, wire, n, seq, opened);
	return differ && n == len && !memcmp(opened, plain, len);
}

static bool hears(uint16_t profile, const uint8_t *body)
{
	uint8_t plain[200];
	int len = build(profile, body, plain);

	return rig_hears(&r, &f, &key, NULL, plain, len, seq);
}

static bool says(uint16_t profile, const uint8_t *body)
{
	uint8_t plain[200];
	int len = build(profile, body, plain);

	return rig_says(&r, &f, &key, NULL, plain, len, seq);
}

static void suite(const char *name)
{
	static const uint8_t overrun[12] = { 0x10, 'a', 0x3f, 'b' };

	begin(name, KSRTP_DIR_TX);
	kt_ok(hides(0xbede, one, one_mask), "%s: of one-byte elements those on the list are hidden",
	      name);
	kt_ok(hides(0x1000, two, two_mask) && hides(0x100f, two, two_mask),
	      "and of two-byte ones, whatever the application's bits");
	kt_ok(says(0x4242, one) && says(0, NULL) && says(0xbede, overrun),
	      "an extension of another profile, none, and a malformed one are sent as the reference would");
	rig_far_close(&r, &f);

	begin(name, KSRTP_DIR_RX);
	kt_ok(hears(0xbede, one) && hears(0x1000, two) && hears(0x100f, two) &&
	      hears(0x4242, one) && hears(0, NULL) && hears(0xbede, overrun),
	      "and all of them are read");
	rig_far_close(&r, &f);
}

/* What is not on the receiver's list comes as it was on the wire */
static void lists_differ(void)
{
	static const uint8_t shorter[] = { 1 };
	uint8_t plain[200], wire[300];
	int len, n;

	begin("AES_CM_128_HMAC_SHA1_80", KSRTP_DIR_RX);
	len = build(0xbede, one, plain);
	ref_ctx_enc_ext(&key.hbh, shorter, 1);
	n = rig_seal(&key, NULL, plain, len, seq, wire);
	rig_far_send(&f, wire, n);
	n = rig_recv(r.app, wire, sizeof(wire));
	kt_ok(n == len && !memcmp(wire, plain, EXT + 4) && memcmp(wire + EXT + 8, one + 8, 2) &&
	      !memcmp(wire + EXT + 12, plain + EXT + 12, len - EXT - 12),
	      "a receiver with another list reads wrong what is on one list alone, and nothing else");
	rig_far_close(&r, &f);
}

static void tampering(const char *name)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	bool ok = true;
	int len, n, i;

	begin(name, KSRTP_DIR_RX);
	len = build(0xbede, one, plain);
	n = rig_seal(&key, NULL, plain, len, seq, wire);
	rig_stats(&r, &stats);
	for (i = EXT; i < EXT + 12; i++) {
		wire[i] ^= 0x80;
		rig_far_send(&f, wire, n);
		wire[i] ^= 0x80;
		ok = ok && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1);
	}
	rig_far_send(&f, wire, n);
	kt_ok(ok && rig_gets(r.app, plain, len), "%s: every byte of the extension is authenticated",
	      name);
	rig_far_close(&r, &f);
}

static bool relays(const char *name, bool in, bool out)
{
	uint8_t plain[200];
	struct leg a, b;
	bool ok;
	int len;

	leg_make(&a, name, 1);
	leg_make(&b, name, 2);
	if (in)
		rig_key_enc_ext(&a.up, ids, ARRAY_SIZE(ids));
	if (out)
		rig_key_enc_ext(&b.down, ids, 1);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route(&r, &a, SSRC, &b);
	len = build(0xbede, one, plain);
	leg_sends(&a, plain, len, seq);
	ok = leg_gets(&b, plain, len, seq);
	len = build(0x1000, two, plain);
	leg_sends(&a, plain, len, seq);
	ok = ok && leg_gets(&b, plain, len, seq);
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
	return ok;
}

static bool key_refused(const struct rig_key *k)
{
	int err;

	rig_far(&r, &f, "127.0.0.1");
	err = rig_key_try(&r, f.id, KSRTP_DIR_RX, k);
	rig_far_close(&r, &f);
	kt_note("%d: %s", err, err ? ksrtp_error(r.h) : "");
	return err == -EINVAL && strlen(ksrtp_error(r.h)) > 20;
}

static void refusals(void)
{
	static const uint8_t zero[] = { 1, 0 };

	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_enc_ext(&key, zero, 2);
	kt_ok(key_refused(&key), "id 0, which is padding, is refused");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_enc_ext(&key, zero, 0);
	kt_ok(key_refused(&key), "and so is a list of nothing");
	rig_hbh(&key, "NULL_HMAC_SHA1_80", 1);
	rig_key_enc_ext(&key, ids, 1);
	kt_ok(key_refused(&key), "and a suite without a cipher");
	rig_e2e(&key, 1, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key_enc_ext(&key, ids, 1);
	kt_ok(key_refused(&key), "and an E2E key");
}

int main(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32", "AEAD_AES_128_GCM",
		"AEAD_AES_256_GCM", "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	};
	size_t i;

	kt_plan(5 * 4 + 1 + 2 + 2 + 4);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		suite(suites[i]);
	lists_differ();
	for (i = 0; i < ARRAY_SIZE(suites); i += 2) {
		if (i == 4)
			break;
		tampering(suites[i]);
		kt_ok(relays(suites[i], true, false) && relays(suites[i], false, true) &&
		      relays(suites[i], true, true),
		      "%s: a relay takes it off, puts it on, and on again by another list",
		      suites[i]);
	}
	refusals();
	rig_close(&r);
	return kt_done();
}
