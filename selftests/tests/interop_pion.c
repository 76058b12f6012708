// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pion/srtp opens what ksrtp protects, and ksrtp what pion protects: every
 * suite pion has, RTP and RTCP, reordered and with losses, through wraps of the
 * sequence number, late joiners, small and large windows. None is lost that was
 * not kept back, and none differs.
 */
#include "peer_pion.h"

#define PLAIN_RTCP_BUG	"takes SRTCP with E=0 for RTCP as it is: looks at no tag, and leaves tag and index on it"

static struct rig r;

static const char *const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM",
};

static const char *const not_there[] = {
	"AES_192_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", "NULL_HMAC_SHA1_80",
	"AEAD_AES_256_GCM",
};

static void one(struct exchange x)
{
	struct interop row = { 0 };

	exchange_run(&r, &pion_peer, &x, &row);
	interop_result(&row);
}

static void both_roles(struct exchange x)
{
	x.sends = true;
	one(x);
	x.sends = false;
	one(x);
}

#define RTP_ROWS	15
static void rtp(const char *suite)
{
	both_roles((struct exchange){ .suite = suite, .packets = 500, .first = 65300,
				      .reorder = true, .loss = true });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .step = 20000 });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .roc = 0x10000,
				      .first = 65400, .reorder = true });
	both_roles((struct exchange){ .suite = suite, .packets = 400, .roc = 4711,
				      .step = 5000, .join = true });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .first = 65400,
				      .window = 64, .late = 60 });
	both_roles((struct exchange){ .suite = suite, .packets = 500, .step = 100,
				      .window = 32704, .late = 300 });
	both_roles((struct exchange){ .suite = suite, .packets = 300, .twice = true });
	one((struct exchange){ .suite = suite, .sends = true, .packets = 300, .first = 65500,
			       .unheard = true });
}

#define RTCP_ROWS	6
static void rtcp(const char *suite)
{
	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 500,
				      .reorder = true, .loss = true });
	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 300,
				      .reduced = true, .reorder = true });
	both_roles((struct exchange){ .suite = suite, .rtcp = true, .packets = 300,
				      .twice = true });
}

/* ---- E=0 ---- */

static unsigned int untouched;

/* What has a wrong tag must not be opened; pion opens it. */
static int unprotect_spoilt(void *ctx, const struct exchange *x, uint8_t *pkt, int len)
{
	uint8_t spoilt[2048];
	int n;

	pkt[len - 1] ^= 1;
	memcpy(spoilt, pkt, len);
	n = pion_peer.unprotect(ctx, x, pkt, len);
	untouched += n == len && !memcmp(pkt, spoilt, len);
	return n < 0 ? n : -EBADMSG;
}

#define PLAIN_ROWS	1
static void plain_rtcp(const char *suite)
{
	struct exchange x = {
		.suite = suite, .rtcp = true, .packets = 200, .plain_rtcp = true,
	};
	struct exchange_peer spoiling = pion_peer;
	struct interop row = { 0 };

	spoiling.unprotect = unprotect_spoilt;
	untouched = 0;
	exchange_run(&r, &spoiling, &x, &row);
	if (untouched == x.packets) {
		row.bug = PLAIN_RTCP_BUG;
		interop_result(&row);
		return;
	}
	/* It looks at tags, then: now the packets as they are. */
	one(x);
}

/* ---- what pion lacks ---- */

static void cannot(const char *suite, const char *role, const char *kind, const char *options,
		   const char *why)
{
	struct interop none = {
		.peer = pion_peer.name, .version = pion_peer.version, .suite = suite,
		.role = role, .kind = kind, .options = options,
	};

	interop_cannot(&none, why);
}

static void say_what_it_lacks(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		cannot(suites[i], INTEROP_SENDS, INTEROP_SRTP, "mki", "knows no MKI");
		cannot(suites[i], INTEROP_RECEIVES, INTEROP_SRTP, "mki", "knows no MKI");
		cannot(suites[i], INTEROP_SENDS, INTEROP_SRTCP, "plain-rtcp",
		       "always encrypts RTCP");
		cannot(suites[i], INTEROP_RECEIVES, INTEROP_SRTP, "first-lost-at-wrap",
		       "takes the first packet it sees to be of the ROC it was told");
	}
	for (i = 0; i < ARRAY_SIZE(not_there); i++) {
		cannot(not_there[i], INTEROP_SENDS, INTEROP_SRTP, NULL, "has no such suite");
		cannot(not_there[i], INTEROP_RECEIVES, INTEROP_SRTP, NULL, "has no such suite");
	}
}

int main(void)
{
	size_t i;

	kt_plan(ARRAY_SIZE(suites) * (RTP_ROWS + RTCP_ROWS + PLAIN_ROWS));
	rig_start();
	pion_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		rtp(suites[i]);
		rtcp(suites[i]);
		plain_rtcp(suites[i]);
	}
	say_what_it_lacks();
	rig_close(&r);
	pion_stop();
	return kt_done();
}
