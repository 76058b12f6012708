// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsrtp opens what ksrtp protects, and ksrtp what libsrtp protects: every
 * suite libsrtp has, RTP and RTCP, reordered and with losses, through wraps of the
 * sequence number, with MKIs, small and large windows, encrypted header
 * extensions. None is lost that was not kept back, and none differs.
 */
#include "peer_libsrtp.h"

#define SRTCP_MKI_BUG	"looks for the MKI of SRTCP where it would be with the short tag of SRTP"
#define NO_GUESS	"takes the first packet it sees to be of the ROC it was told (libsrtp issues 608, 729)"

#define PADDING_BUG	"takes no key stream for padding between header extensions, so that those behind it come out wrong"

static struct rig r;

/* Options that are tried with one suite of each kind */
static const char *const some[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_256_GCM",
};

static const unsigned int mki_lens[] = { 1, 4, 17, 128 };

/* ---- libsrtp's known bugs ---- */

static uint32_t roc_of(const struct exchange *x, unsigned int i)
{
	return x->roc + ((x->first + i * (x->step ?: 1)) >> 16);
}

/* What libsrtp did not open is what it should have been */
static bool ref_opens(const struct exchange *x)
{
	unsigned int n_keys = x->keys ?: 1, i;

	for (i = 0; i < x->packets; i++) {
		const struct ref_ctx *ref = &exchange_seen.keys[i * n_keys / x->packets].hbh;
		uint8_t plain[2048], want[2048];
		const uint8_t *wire = exchange_seen.wire[i];
		int want_len = exchange_build(x, i, want), len = exchange_seen.len[i];

		len = x->rtcp ? ref_unprotect_rtcp(ref, wire, len, NULL, NULL, plain) :
				ref_unprotect_rtp(ref, wire, len,
						  ref_index(roc_of(x, i), ref_rtp_seq(wire)),
						  plain);
		if (len != want_len || memcmp(plain, want, len))
			return false;
	}
	return true;
}

static bool has_wrong_tags(const struct exchange *x)
{
	unsigned int i;

	for (i = 0; i < x->packets; i++) {
		if (!lib_kdf_192_wrong(&exchange_seen.keys[0], x->rtcp, exchange_seen.wire[i],
				       exchange_seen.len[i], roc_of(x, i)))
			return false;
	}
	return true;
}

/* By chance the MKI stands where libsrtp looks for it, in the tag or in the MKI itself. */
static unsigned int found_by_chance(const struct exchange *x)
{
	unsigned int i, n = 0;

	for (i = 0; i < x->packets; i++) {
		const struct ksrtp_key *k = &exchange_seen.keys[0].key;
		const uint8_t *end = exchange_seen.wire[i] + exchange_seen.len[i];

		n += !memcmp(end - 4 - k->mki_len, k->mki, k->mki_len);
	}
	return n;
}

/*
 * So many of this exchange could have been opened, and so many were, as they
 * should: what was it that kept the others?
 */
static const char *known_bug(const struct exchange *x, unsigned int sent, unsigned int opened)
{
	const struct lib_suite *s = lib_suite(x->suite);
	bool all_refused = exchange_seen.refused == sent;

	if (x->rtcp && x->mki_len && s->tag_len == 4 && !x->sends && opened < sent &&
	    opened + exchange_seen.refused == sent && opened <= found_by_chance(x) &&
	    exchange_seen.error == -(int)srtp_err_status_bad_mki && ref_opens(x))
		return SRTCP_MKI_BUG;
	if (opened)
		return NULL;

	if (s->bug && x->sends && exchange_seen.dropped == sent && has_wrong_tags(x))
		return s->bug;
	if (s->bug && !x->sends && all_refused &&
	    exchange_seen.error == -(int)srtp_err_status_auth_fail && ref_opens(x))
		return s->bug;
	return NULL;
}

/* ---- exchanges ---- */

/* Return: the bug that was at work in it, NULL: none */
static const char *run(const struct exchange *x, struct interop *row)
{
	unsigned long arrived = row->arrived, differ = row->differ;
	unsigned long sent = row->packets - row->dropped;

	exchange_run(&r, &lib_peer, x, row);
	if (row->differ != differ)
		return NULL;
	return known_bug(x, row->packets - row->dropped - sent, row->arrived - arrived);
}

static void one(struct exchange x)
{
	struct interop row = { 0 };

	row.bug = run(&x, &row);
	interop_result(&row);
}

static void both_roles(struct exchange x)
{
	x.sends = true;
	one(x);
	x.sends = false;
	one(x);
}

static void both_kinds(struct exchange x)
{
	x.rtcp = false;
	both_roles(x);
	x.rtcp = true;
	both_roles(x);
}

/* One row for all lengths; a bug is one only if it shows in each */
static void mki_of_each_length(struct exchange x)
{
	struct interop row = { .options = x.rtcp ? "mki:1-128" : "mki:1-128,wrap" };
	const char *bug = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mki_lens); i++) {
		const char *found;

		x.mki_len = mki_lens[i];
		found = run(&x, &row);
		bug = !i || found == bug ? found : NULL;
	}
	row.bug = bug;
	interop_result(&row);
}

static void mkis(const char *suite)
{
	struct exchange x = { .suite = suite, .packets = 60, .first = 65510 };
	int i;

	for (i = 0; i < 4; i++) {
		x.rtcp = i & 1;
		x.sends = i & 2;
		mki_of_each_length(x);
	}
}

#define ALL_ROWS	8
static void what_all_can(const char *suite)
{
	struct exchange x = {
		.suite = suite, .packets = 500, .first = 65300, .reorder = true, .loss = true,
	};

	both_kinds(x);
	mkis(suite);
}

#define EXT_ROWS	2
static void encrypted_extensions(const char *suite)
{
	struct exchange x = {
		.suite = suite, .packets = 200, .first = 65450, .enc_ext = true, .reorder = true,
	};

	both_roles(x);
}

/* What the reference makes of libsrtp's packets differs in the data of element 3 only. */
static bool third_is_wrong(const struct exchange *x)
{
	const struct ref_ctx *ref = &exchange_seen.keys[0].hbh;
	unsigned int i;

	for (i = 0; i < x->packets; i++) {
		const uint8_t *wire = exchange_seen.wire[i];
		uint8_t plain[2048], want[2048];
		int want_len = exchange_build(x, i, want), len, at;

		len = ref_unprotect_rtp(ref, wire, exchange_seen.len[i],
					ref_index(roc_of(x, i), ref_rtp_seq(wire)), plain);
		if (len != want_len || !memcmp(plain, want, len))
			return false;
		/* Behind the fixed header, CSRCs, the extension's own and two words */
		at = 12 + 4 * (want[0] & 0xf) + 4 + 8;
		memcpy(plain + at, want + at, 4);
		if (memcmp(plain, want, len))
			return false;
	}
	return true;
}

#define PADDED_ROWS	2
static void padded_extensions(const char *suite)
{
	struct exchange x = {
		.suite = suite, .packets = 200, .enc_ext = true, .padded = true,
	};
	int sends;

	for (sends = 1; sends >= 0; sends--) {
		struct interop row = { 0 };

		x.sends = sends;
		exchange_run(&r, &lib_peer, &x, &row);
		if (row.differ == x.packets && (sends ? third_is_wrong(&x) : ref_opens(&x)))
			row.bug = PADDING_BUG;
		interop_result(&row);
	}
}

#define RTP_ROWS	15
static void what_some_can_rtp(const char *suite)
{
	struct exchange x = { .suite = suite, .packets = 300 };
	struct interop none = {
		.peer = lib_peer.name, .version = lib_peer.version, .suite = suite,
		.role = INTEROP_RECEIVES, .kind = INTEROP_SRTP, .options = "first-lost-at-wrap",
	};

	both_roles((struct exchange){ .suite = suite, .packets = 320, .mki_len = 4, .keys = 16 });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .step = 20000 });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .roc = 0x10000,
				      .first = 65400, .reorder = true });
	both_roles((struct exchange){ .suite = suite, .packets = 400, .roc = 4711,
				      .step = 5000, .join = true });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .first = 65400,
				      .window = 64, .late = 60 });
	both_roles((struct exchange){ .suite = suite, .packets = 500, .step = 100,
				      .window = 32704, .late = 300 });
	x.twice = true;
	both_roles(x);
	one((struct exchange){ .suite = suite, .sends = true, .packets = 300, .first = 65500,
			       .unheard = true });
	interop_cannot(&none, NO_GUESS);
}

#define RTCP_ROWS	8
static void what_some_can_rtcp(const char *suite)
{
	struct exchange x = { .suite = suite, .rtcp = true, .packets = 300 };

	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 320,
				      .mki_len = 4, .keys = 16 });
	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 300,
				      .reduced = true, .reorder = true });
	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 300,
				      .plain_rtcp = true });
	x.twice = true;
	both_roles(x);
}

static bool encrypts(const char *suite)
{
	return strncmp(suite, "NULL", 4);
}

int main(void)
{
	size_t i;

	kt_plan(LIB_SUITES * ALL_ROWS + (LIB_SUITES - 2) * EXT_ROWS +
		ARRAY_SIZE(some) * (RTP_ROWS + RTCP_ROWS + PADDED_ROWS));
	rig_start();
	lib_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < LIB_SUITES; i++)
		what_all_can(lib_suites[i].name);
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		what_some_can_rtp(some[i]);
		what_some_can_rtcp(some[i]);
		padded_extensions(some[i]);
	}
	for (i = 0; i < LIB_SUITES; i++) {
		if (encrypts(lib_suites[i].name))
			encrypted_extensions(lib_suites[i].name);
	}
	rig_close(&r);
	srtp_shutdown();
	return kt_done();
}
