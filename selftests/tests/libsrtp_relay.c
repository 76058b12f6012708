// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsrtp -> ksrtp -> libsrtp: RTP and RTCP packets of each suite, and from one
 * suite to another, through a wrap of the sequence number; none is lost, none
 * differs. The suites most in use have 10,000 of each.
 */
#include "leg.h"
#include "peer_libsrtp.h"

#define MANY	10000
#define ENOUGH	1000
/* So many are on their way at once */
#define BURST	100
#define SSRC	EXCHANGE_SSRC
#define FIRST	65000

static const struct pair {
	const char *from, *to;
	int count;
} pairs[] = {
	{ "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", MANY },
	{ "AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", MANY },
	{ "NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", MANY },
	{ "NULL_HMAC_SHA1_32", "NULL_HMAC_SHA1_32", ENOUGH },
	{ "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", ENOUGH },
	{ "AES_192_CM_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_32", ENOUGH },
	{ "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", ENOUGH },
	{ "AES_256_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32", ENOUGH },
	{ "AEAD_AES_128_GCM", "AEAD_AES_128_GCM", ENOUGH },
	{ "AEAD_AES_256_GCM", "AEAD_AES_256_GCM", ENOUGH },
	{ "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM", ENOUGH },
	{ "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_32", ENOUGH },
	{ "AES_256_CM_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", ENOUGH },
};

static struct rig r;

static int build(bool rtcp, int i, uint8_t *out)
{
	static const size_t sizes[] = { 20, 160, 172, 1, 0, 1150 };

	return rtcp ? rig_rtcp(out, SSRC, i) :
		      rig_rtp(out, SSRC, FIRST + i, sizes[i % ARRAY_SIZE(sizes)]);
}

static void send_one(srtp_t srtp, const struct leg *l, bool rtcp, int i)
{
	uint8_t pkt[2048];
	int len = build(rtcp, i, pkt);
	srtp_err_status_t status;

	status = rtcp ? srtp_protect_rtcp(srtp, pkt, &len) : srtp_protect(srtp, pkt, &len);
	if (status != srtp_err_status_ok)
		kt_bail("libsrtp does not protect packet %d: %d", i, status);
	rig_far_send(&l->far, pkt, len);
}

static uint64_t failed(const struct ksrtp_stats *before)
{
	struct ksrtp_stats now;

	rig_stats(&r, &now);
	return now.drops.count[KSRTP_A_DROPS_AUTH] - before->drops.count[KSRTP_A_DROPS_AUTH];
}

/* Where a suite of libsrtp's is wrong, nothing may arrive, and for that reason only. */
static const char *known_bug(const struct pair *p, const struct leg *from, bool rtcp,
			     const struct ksrtp_stats *before)
{
	const struct lib_suite *s = lib_suite(p->from);
	uint8_t pkt[2048];
	srtp_t sender;
	int len = build(rtcp, 0, pkt);
	bool wrong;

	if (!s->bug || failed(before) != BURST)
		return NULL;
	sender = lib_session(&(struct exchange){ .suite = p->from }, &from->up, true);
	if (rtcp ? srtp_protect_rtcp(sender, pkt, &len) : srtp_protect(sender, pkt, &len))
		kt_bail("libsrtp does not protect");
	wrong = lib_kdf_192_wrong(&from->up, rtcp, pkt, len, 0);
	srtp_dealloc(sender);
	return wrong ? s->bug : NULL;
}

static bool readable(const struct leg *l)
{
	struct pollfd pfd = { .fd = l->far.fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* Either something comes, or it has been dropped, all of it */
static bool anything_comes(const struct leg *to, const struct ksrtp_stats *before)
{
	kt_wait_until(readable(to) || failed(before) == BURST, RIG_WAIT);
	return readable(to);
}

static void receive_one(srtp_t srtp, const struct leg *l, bool rtcp, int i, struct interop *row)
{
	uint8_t pkt[2048], want[2048];
	int len = rig_recv(l->far.fd, pkt, sizeof(pkt));
	srtp_err_status_t status;

	if (len < 0)
		return;
	status = rtcp ? srtp_unprotect_rtcp(srtp, pkt, &len) : srtp_unprotect(srtp, pkt, &len);
	if (status != srtp_err_status_ok)
		return;
	if (len == build(rtcp, i, want) && !memcmp(pkt, want, len))
		row->arrived++;
	else
		row->differ++;
}

static void run(const struct pair *p, const struct leg *from, const struct leg *to, bool rtcp)
{
	srtp_t sender = lib_session(&(struct exchange){ .suite = p->from }, &from->up, true);
	srtp_t receiver = lib_session(&(struct exchange){ .suite = p->to }, &to->down, false);
	struct ksrtp_stats before;
	struct interop row = {
		.peer = lib_peer.name, .version = lib_peer.version, .role = INTEROP_BOTH_ENDS,
		.kind = rtcp ? INTEROP_SRTCP : INTEROP_SRTP, .options = rtcp ? "relay" : "relay,wrap",
	};
	char suite[100];
	int i, k;

	snprintf(suite, sizeof(suite), "%s%s%s", p->from, strcmp(p->from, p->to) ? "," : "",
		 strcmp(p->from, p->to) ? p->to : "");
	row.suite = suite;
	rig_stats(&r, &before);
	/* Nothing that is lost is waited for twice. */
	for (i = 0; i < p->count && row.arrived == row.packets; i += BURST) {
		for (k = i; k < i + BURST; k++)
			send_one(sender, from, rtcp, k);
		row.packets += BURST;
		if (!i && !anything_comes(to, &before))
			break;
		for (k = i; k < i + BURST && row.arrived == (unsigned int)k; k++)
			receive_one(receiver, to, rtcp, k, &row);
	}
	if (!row.arrived && !row.differ)
		row.bug = known_bug(p, from, rtcp, &before);
	srtp_dealloc(sender);
	srtp_dealloc(receiver);
	interop_result(&row);
}

/* What is refused has been said, and is two failures. */
static void fail_both(const struct pair *p, const char *why)
{
	kt_note("%s", why);
	kt_ok(false, "%s to %s: SRTP passes", p->from, p->to);
	kt_ok(false, "%s to %s: SRTCP passes", p->from, p->to);
}

static void relay(const struct pair *p)
{
	struct ksrtp_suite_info info;
	static uint32_t seed = 1;
	struct leg from, to;

	if (ksrtp_suite_lookup(p->from, &info) || ksrtp_suite_lookup(p->to, &info)) {
		fail_both(p, "ksrtp has no such suite");
		return;
	}
	rig_hbh(&from.up, p->from, seed++);
	rig_hbh(&from.down, p->from, seed++);
	rig_hbh(&to.up, p->to, seed++);
	rig_hbh(&to.down, p->to, seed++);
	leg_join(&r, &from, "127.0.0.1");
	leg_join(&r, &to, "127.0.0.1");
	leg_route_rtcp(&r, &from, SSRC, KSRTP_RTCP_MODE_FORWARD, &to);
	run(p, &from, &to, false);
	run(p, &from, &to, true);
	rig_far_close(&r, &from.far);
	rig_far_close(&r, &to.far);
}

int main(void)
{
	size_t i;

	kt_plan(2 * ARRAY_SIZE(pairs));
	rig_start();
	lib_start();
	rig_open_owned(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		relay(&pairs[i]);
	srtp_shutdown();
	rig_close(&r);
	return kt_done();
}
