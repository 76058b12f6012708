// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsrtp -> ksrtp -> libsrtp: 10,000 RTP and 10,000 RTCP packets of each suite,
 * through a wrap of the sequence number; none is lost, none differs.
 *
 * timeout: 240
 */
#include <srtp2/srtp.h>

#include "leg.h"

#define COUNT	10000
/* So many are on their way at once */
#define BURST	100
#define SSRC	0x11b5c090
#define FIRST	60000

struct suite {
	const char *name;
	void (*rtp)(srtp_crypto_policy_t *p);
	void (*rtcp)(srtp_crypto_policy_t *p);
};

static void cm_80(srtp_crypto_policy_t *p)
{
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(p);
}

static void cm_32(srtp_crypto_policy_t *p)
{
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(p);
}

static void null_80(srtp_crypto_policy_t *p)
{
	srtp_crypto_policy_set_null_cipher_hmac_sha1_80(p);
}

/* The tag of SRTCP is 80 bits for the _32 suites too (RFC 3711 section 5.2). */
static const struct suite suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", cm_80, cm_80 },
	{ "AES_CM_128_HMAC_SHA1_32", cm_32, cm_80 },
	{ "NULL_HMAC_SHA1_80", null_80, null_80 },
};

static struct rig r;

static srtp_t session(const struct suite *s, const struct rig_key *k, srtp_ssrc_type_t type)
{
	uint8_t master[30];
	srtp_policy_t policy = { 0 };
	srtp_t srtp;

	memcpy(master, k->key.master_key, 16);
	memcpy(master + 16, k->key.master_salt, 14);
	s->rtp(&policy.rtp);
	s->rtcp(&policy.rtcp);
	policy.ssrc.type = type;
	policy.key = master;
	policy.window_size = 1024;
	if (srtp_create(&srtp, &policy) != srtp_err_status_ok)
		kt_bail("libsrtp refuses %s", s->name);
	return srtp;
}

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

struct tally {
	int arrived, opened, same;
};

static void receive_one(srtp_t srtp, const struct leg *l, bool rtcp, int i, struct tally *t)
{
	uint8_t pkt[2048], want[2048];
	int len = rig_recv(l->far.fd, pkt, sizeof(pkt));
	srtp_err_status_t status;

	if (len < 0)
		return;
	t->arrived++;
	status = rtcp ? srtp_unprotect_rtcp(srtp, pkt, &len) : srtp_unprotect(srtp, pkt, &len);
	if (status != srtp_err_status_ok)
		return;
	t->opened++;
	t->same += len == build(rtcp, i, want) && !memcmp(pkt, want, len);
}

static void run(const struct suite *s, const struct leg *from, const struct leg *to, bool rtcp)
{
	srtp_t sender = session(s, &from->up, ssrc_any_outbound);
	srtp_t receiver = session(s, &to->down, ssrc_any_inbound);
	struct tally t = { 0 };
	int i, k;

	/* Nothing that is lost is waited for twice. */
	for (i = 0; i < COUNT && t.arrived == i; i += BURST) {
		for (k = i; k < i + BURST; k++)
			send_one(sender, from, rtcp, k);
		for (k = i; k < i + BURST && t.arrived == k; k++)
			receive_one(receiver, to, rtcp, k, &t);
	}
	srtp_dealloc(sender);
	srtp_dealloc(receiver);
	kt_is(t.arrived, COUNT, "%s: of 10,000 %s packets by libsrtp none is lost", s->name,
	      rtcp ? "SRTCP" : "SRTP");
	kt_is(t.opened, COUNT, "libsrtp opens every one");
	kt_is(t.same, COUNT, "and none differs");
}

int main(void)
{
	struct ksrtp_stats since;
	size_t i;

	kt_plan(3 * (2 * 3 + 1));
	rig_start();
	if (srtp_init() != srtp_err_status_ok)
		kt_bail("libsrtp does not start");
	rig_open_owned(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		struct leg from, to;

		leg_make(&from, suites[i].name, 10 * i + 1);
		leg_make(&to, suites[i].name, 10 * i + 2);
		leg_join(&r, &from, "127.0.0.1");
		leg_join(&r, &to, "127.0.0.1");
		leg_route_rtcp(&r, &from, SSRC, KSRTP_RTCP_MODE_FORWARD, &to);
		rig_stats(&r, &since);
		run(&suites[i], &from, &to, false);
		run(&suites[i], &from, &to, true);
		kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 0), "nothing is dropped on the way");
		rig_far_close(&r, &from.far);
		rig_far_close(&r, &to.far);
	}
	srtp_shutdown();
	rig_close(&r);
	return kt_done();
}
