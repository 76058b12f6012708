// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Payloads of nothing, of a byte, and around the cipher's block, with every
 * number of CSRCs, extensions of 0 words and padding: with each suite the
 * kernel has they are received, sent and relayed, and come out as they went in.
 */
#include "leg.h"

#define SSRC	0xe8ac7000

static struct rig r;
static struct leg a, b;
static uint64_t next;

static const size_t payloads[] = { 0, 1, 15, 16, 17 };

/* The @i-th packet; its length, 0 past the last */
static int packet(unsigned int i, uint32_t ssrc, uint8_t *out)
{
	unsigned int csrcs = i % 16, extended = i / 16 % 2, padded = i / 32 % 2;
	struct ref_rtp rtp = {
		.pt = 96, .seq = next, .ssrc = ssrc, .fill = i, .csrc_count = csrcs,
		.extension = extended, .ext_profile = 0xbede, .ext_words = 0,
	};

	if (i / 64 >= ARRAY_SIZE(payloads))
		return 0;
	rtp.payload_len = payloads[i / 64];
	/* Padding is not less than itself, and of all lengths there may be. */
	rtp.padding = padded ? 1 + csrcs * 17 % 255 : 0;
	return ref_rtp_build(&rtp, out);
}

static bool relayed(void)
{
	uint8_t plain[600];
	unsigned int i;
	int len;

	for (i = 0; (len = packet(i, SSRC, plain)); i++, next++) {
		leg_sends(&a, plain, len, next);
		if (leg_gets(&b, plain, len, next))
			continue;
		kt_note("that was packet %u", i);
		return false;
	}
	return true;
}

static bool both_ways(void)
{
	uint8_t plain[600];
	unsigned int i;
	int len;

	for (i = 0; (len = packet(i, SSRC + 1, plain)); i++, next++) {
		if (rig_hears(&r, &a.far, &a.up, NULL, plain, len, next) &&
		    rig_says(&r, &a.far, &a.down, NULL, plain, len, next))
			continue;
		kt_note("that was packet %u", i);
		return false;
	}
	return true;
}

static bool rtcp(void)
{
	uint8_t plain[64] = { 0x80, 203, 0, 1, 0xe8, 0xac, 0x70, 0x01 };
	int len, index = 1;

	/* BYE with reasons of all lengths; its first 8 bytes are not encrypted. */
	for (len = 8; len <= 44; len += 4, index++) {
		plain[0] = 0x81;
		plain[3] = len / 4 - 1;
		if (len > 8) {
			memset(plain + 8, 'x', len - 8);
			plain[8] = len - 9;
		}
		if (!rig_hears_rtcp(&r, &a.far, &a.up, plain, len, index) ||
		    !rig_says_rtcp(&r, &a.far, &a.down, plain, len, index)) {
			kt_note("that was RTCP of %d bytes", len);
			return false;
		}
	}
	return true;
}

/* Does the kernel have what this suite needs? */
static bool has_suite(const char *suite)
{
	struct ksrtp_suite_info info;
	bool has;

	if (ksrtp_suite_lookup(suite, &info))
		return false;
	leg_make(&a, suite, 1);
	rig_far(&r, &a.far, "127.0.0.1");
	has = !rig_key_try(&r, a.far.id, KSRTP_DIR_RX, &a.up);
	if (!has)
		kt_note("%s: %s", suite, ksrtp_error(r.h));
	rig_far_close(&r, &a.far);
	return has;
}

/* What is encrypted end to end passes: the output's inner half is the input's. */
static void same_inner_half(struct rig_key *out, const struct rig_key *in, const char *suite)
{
	struct ksrtp_key *k = &out->key;

	memcpy(k->master_key, in->key.master_key, k->master_key_len / 2);
	memcpy(k->master_salt, in->key.master_salt, k->master_salt_len / 2);
	if (ref_ctx_init(&out->hbh, suite, k->master_key, k->master_key_len, k->master_salt,
			 k->master_salt_len))
		kt_bail("refsrtp refuses a key of its own lengths");
}

static void with_suite(const char *suite)
{
	leg_make(&a, suite, 1);
	leg_make(&b, suite, 2);
	if (!strncmp(suite, "DOUBLE", 6))
		same_inner_half(&b.down, &a.up, suite);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route(&r, &a, SSRC, &b);
	next = 1;
	kt_ok(relayed(), "%s: relayed", suite);
	next = 1;
	kt_ok(both_ways(), "%s: received and sent by an application", suite);
	kt_ok(rtcp(), "%s: RTCP from 8 bytes on", suite);
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
}

#define MOST	64

int main(void)
{
	const struct ref_suite *suite;
	bool has[MOST] = { false };
	size_t i, all, there = 0;

	rig_start();
	rig_open(&r, "127.0.0.1");
	for (all = 0; all < MOST && (suite = ref_suite_at(all)); all++)
		there += has[all] = has_suite(suite->name);
	kt_plan(3 * there + all - there);
	for (i = 0; i < all; i++) {
		suite = ref_suite_at(i);
		if (has[i])
			with_suite(suite->name);
		else
			kt_skip(suite->name, "this kernel has no such suite");
	}
	rig_close(&r);
	return kt_done();
}
