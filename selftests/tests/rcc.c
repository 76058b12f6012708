// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A carried roll-over counter (RFC 4771): every so many packets tell it, a
 * receiver that joined late takes it from there once it is authenticated, and a
 * forged one changes nothing. Modes that would leave packets without
 * authentication are refused.
 */
#include "leg.h"

#define SSRC	0x47710001
#define R	10
#define LATE	5	/* ROC of a sender whose receivers begin at 0 */

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static void begin(const char *suite, enum ksrtp_dir dir, uint32_t roc)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	rig_key_rcc(&key, R);
	rig_key_roc(&key, roc);
	rig_key(&r, f.id, dir, &key);
}

static bool hears(uint64_t index)
{
	uint8_t plain[200];

	return rig_hears(&r, &f, &key, NULL, plain, rig_rtp(plain, SSRC, index, 60), index);
}

static int seal(uint64_t index, uint8_t *wire)
{
	uint8_t plain[200];

	return rig_seal(&key, NULL, plain, rig_rtp(plain, SSRC, index, 60), index, wire);
}

static bool dropped(const uint8_t *wire, int n, unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, n);
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static bool is_dropped(uint64_t index, unsigned int reason)
{
	uint8_t wire[300];

	return dropped(wire, seal(index, wire), reason);
}

static bool at(uint64_t index)
{
	return rig_index_is(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, index);
}

/* ---- sending ---- */

static void sending(const char *suite, int more)
{
	uint8_t plain[200], wire[300];
	bool ok = true;
	uint32_t roc;
	int i, n, len, carried = 0, longer = 0;

	begin(suite, KSRTP_DIR_TX, LATE);
	for (i = 65520; i < 65536 + 30; i++) {
		uint64_t index = ref_index(LATE, 0) + i;

		len = rig_rtp(plain, SSRC, index, 60);
		if (rig_app_send(&r, &f, plain, len) != len)
			break;
		n = rig_recv(f.fd, wire, sizeof(wire));
		if (ref_rcc_roc(&key.hbh, wire, n, &roc))
			carried += roc == index >> 16;
		longer += n == len + (int)key.hbh.suite->rtp_tag_len + 4;
		ok = ok && rig_unseal(&key, NULL, wire, n, index, plain) == len;
	}
	kt_ok(ok, "%s: packets with and without a ROC are opened by the reference", suite);
	/* 65520 and 65530; 0, 10 and 20 of the next ROC */
	kt_is(carried, 5, "each whose sequence number is a multiple carries the ROC, through a wrap");
	kt_is(longer, more ? 5 : 0, "these are %s",
	      more ? "four bytes longer, the tag being whole" :
		     "no longer, the ROC being part of the tag");
	rig_far_close(&r, &f);
}

/* ---- receiving ---- */

static int keep(const struct ksrtp_notice *notice, void *arg)
{
	struct ksrtp_notice *last = arg;

	if (notice->event == KSRTP_EVENT_ROC_RESYNC)
		*last = *notice;
	return 0;
}

/* Events since the last time, of which the resynchronisation is kept */
static void read_events(struct ksrtp_notice *resync)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r.h), .events = POLLIN };

	memset(resync, 0, sizeof(*resync));
	while (poll(&pfd, 1, 0) == 1)
		if (ksrtp_events_read(r.h, keep, resync))
			kt_bail("events: %s", ksrtp_error(r.h));
}

static bool resynchronised(uint32_t roc)
{
	struct ksrtp_notice n;

	if (!kt_wait_until((read_events(&n), n.event == KSRTP_EVENT_ROC_RESYNC), RIG_WAIT)) {
		kt_note("no event");
		return false;
	}
	return n.peer == f.id && n.ssrc == SSRC && n.dir == KSRTP_DIR_RX && n.roc == roc;
}

static void late_joiner(const char *suite)
{
	struct ksrtp_notice n;
	int i;
	bool ok = true;

	begin(suite, KSRTP_DIR_RX, 0);
	read_events(&n);
	for (i = 41; i < 44; i++)
		ok = ok && is_dropped(ref_index(LATE, i), KSRTP_A_DROPS_AUTH);
	kt_ok(ok, "%s: a late joiner can read nothing as long as no ROC is carried", suite);
	read_events(&n);
	ok = hears(ref_index(LATE, 50));
	kt_ok(ok && hears(ref_index(LATE, 51)) && hears(ref_index(LATE, 49)) &&
	      at(ref_index(LATE, 51)),
	      "the packet that carries one is read, and those around it");
	kt_ok(!n.event && resynchronised(LATE), "event roc-resync says which ROC it is");
	kt_ok(hears(ref_index(LATE + 2, 20)) && at(ref_index(LATE + 2, 20)) &&
	      resynchronised(LATE + 2) && hears(ref_index(LATE + 2, 21)),
	      "two wraps missed altogether are made up for likewise");
	ok = hears(ref_index(LATE + 2, 30));
	read_events(&n);
	kt_ok(ok && !n.event, "a carried ROC that was known is no event");
	rig_far_close(&r, &f);
}

static void forgeries(const char *suite, bool aead)
{
	uint8_t wire[300], good[300];
	struct ksrtp_notice event;
	int n, i, from, to;
	bool ok = true;

	begin(suite, KSRTP_DIR_RX, LATE);
	ok = hears(ref_index(LATE, 15));
	read_events(&event);
	n = seal(ref_index(LATE, 20), good);
	/* the ROC is the last four bytes, or the first of the tag */
	from = aead ? n - 4 : n - (int)key.hbh.suite->rtp_tag_len;
	to = aead ? n : n - (int)key.hbh.suite->rtp_tag_len + 4;
	for (i = from; i < to; i++) {
		memcpy(wire, good, n);
		/* a later one: of an earlier one the packet would be too old to be looked at */
		wire[i] ^= 0x02;
		ok = ok && dropped(wire, n, KSRTP_A_DROPS_AUTH);
	}
	kt_ok(ok && at(ref_index(LATE, 15)), "%s: a forged ROC is dropped, and the index stays",
	      suite);
	rig_far_send(&f, good, n);
	kt_ok(rig_recv(r.app, wire, sizeof(wire)) > 0 && hears(ref_index(LATE, 21)),
	      "and the stream goes on");
	kt_ok(dropped(good, n, KSRTP_A_DROPS_REPLAYED), "the same packet again is replayed");
	kt_ok(is_dropped(ref_index(LATE - 1, 30), KSRTP_A_DROPS_TOO_OLD) &&
	      at(ref_index(LATE, 21)),
	      "one of an earlier ROC is too old, however authentic");
	read_events(&event);
	kt_ok(!event.event, "none of it is an event");
	/* cut by the four bytes */
	n = seal(ref_index(LATE, 40), good);
	ok = true;
	for (i = n - 1; i >= n - 5; i--)
		ok = ok && dropped(good, i, KSRTP_A_DROPS_AUTH);
	kt_ok(ok, "a packet that ends before its ROC does is dropped");
	rig_far_close(&r, &f);
}

static void relaying(const char *suite)
{
	struct leg a, b;

	leg_make(&a, suite, 1);
	leg_make(&b, suite, 2);
	rig_key_rcc(&a.up, R);
	rig_key_rcc(&b.down, 3);
	rig_key_roc(&b.down, 7);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route(&r, &a, SSRC, &b);
	/* the relay joins late itself; to its receivers the stream begins then */
	leg_says(&a, SSRC, ref_index(LATE, 30));
	kt_ok(leg_hears(&b, SSRC, ref_index(7, 30)),
	      "%s: a relay that joins late forwards under its own ROC", suite);
	leg_says(&a, SSRC, ref_index(LATE, 31));
	leg_says(&a, SSRC, ref_index(LATE, 33));
	kt_ok(leg_hears(&b, SSRC, ref_index(7, 31)) && leg_hears(&b, SSRC, ref_index(7, 33)),
	      "which it carries as often as its own key says");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
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
	static const char *const short_tags[] = {
		"AES_CM_128_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32",
		"NULL_HMAC_SHA1_32",
	};
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(short_tags); i++) {
		rig_hbh(&key, short_tags[i], 1);
		KSRTP_SET(&key.key, KSRTP_A_KEY_RCC, rcc, R);
		ok = ok && key_refused(&key);
	}
	kt_ok(ok, "suites whose tag would have no MAC left are refused, with that reason");
	rig_e2e(&key, 1, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	KSRTP_SET(&key.key, KSRTP_A_KEY_RCC, rcc, R);
	kt_ok(key_refused(&key), "and so are E2E keys");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	KSRTP_SET(&key.key, KSRTP_A_KEY_RCC, rcc, 0);
	rig_far(&r, &f, "127.0.0.1");
	kt_ok(rig_key_try(&r, f.id, KSRTP_DIR_RX, &key) < 0, "every 0 packets is refused");
	rig_far_close(&r, &f);
}

int main(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", "AEAD_AES_128_GCM",
		"AEAD_AES_256_GCM",
	};
	size_t i;

	kt_plan(4 * (3 + 5 + 6 + 2) + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	if (ksrtp_events_open(r.h))
		kt_bail("events: %s", ksrtp_error(r.h));
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		sending(suites[i], i >= 2);
		late_joiner(suites[i]);
		forgeries(suites[i], i >= 2);
		relaying(suites[i]);
	}
	refusals();
	rig_close(&r);
	return kt_done();
}
