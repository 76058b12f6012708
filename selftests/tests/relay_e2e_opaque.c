// SPDX-License-Identifier: GPL-2.0-or-later
/* End-to-end protected bytes pass a relay unchanged, even where it has their key. */
#include "leg.h"

#define ROUTED	0x0e2e0001
#define HEARD	0x0e2e0002

static struct rig r;
static struct leg a, b;
static uint8_t plain[512], inner[512];

/* E2E-protects a packet into inner. */
static int protect(const struct rig_key *e2e, uint32_t ssrc, uint64_t index)
{
	int len = rig_rtp(plain, ssrc, index, LEG_PAYLOAD);

	len = ref_e2e_protect(&e2e->e2e, plain, len, index, inner);
	if (len < 0)
		kt_bail("refsrtp does not protect: %s", ref_strerror(len));
	return len;
}

static bool passes(const struct rig_key *e2e, uint64_t index)
{
	int len = protect(e2e, ROUTED, index);

	leg_sends(&a, inner, len, index);
	return leg_gets(&b, inner, len, index);
}

int main(void)
{
	struct rig_key e2e, other;
	struct ksrtp_stats since;
	struct ksrtp_stream s;
	int len;

	kt_plan(8);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, ROUTED, &b);
	rig_e2e(&e2e, 5, "111:0@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_e2e(&other, 6, "222:0@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);

	kt_ok(passes(&e2e, 1), "E2E bytes inside HBH arrive as they were sent");
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &e2e);
	kt_ok(passes(&e2e, 2), "so they do where the relay has the E2E key for delivery");
	kt_ok(!rig_stream(&r, a.far.id, KSRTP_DIR_RX, KSRTP_LAYER_E2E, ROUTED, &s) || !s.packets,
	      "which it has not used for them");
	kt_ok(passes(&other, 3), "and so they do under an E2E key it does not have");

	len = protect(&e2e, HEARD, 1);
	leg_sends(&a, inner, len, 1);
	kt_ok(rig_gets(r.app, plain, rig_rtp(plain, HEARD, 1, LEG_PAYLOAD)),
	      "an SSRC that is not routed is E2E-decrypted for the application");
	rig_stats(&r, &since);
	len = protect(&other, HEARD, 2);
	leg_sends(&a, inner, len, 2);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_E2E_AUTH, 1),
	      "under a wrong E2E key that SSRC is dropped");
	rig_key_del(&r, a.far.id, KSRTP_DIR_RX, &e2e);
	kt_ok(passes(&e2e, 4), "with the E2E key deleted the routed SSRC passes");
	len = protect(&e2e, HEARD, 3);
	leg_sends(&a, inner, len, 3);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_E2E_NO_KEY, 1),
	      "and the other one is not delivered undecrypted");
	rig_close(&r);
	return kt_done();
}
