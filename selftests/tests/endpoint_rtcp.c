// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The application of a socket under ksrtp reads and writes plain RTCP, while the
 * wire carries what refsrtp makes of it; an E2E key beside the HBH key changes
 * nothing about that, for RTCP has HBH alone.
 */
#include "rig.h"

#define SSRC	0x1234abcd

/* The @i-th RTCP packet tried. Return: its length, 0 past the last */
static int rtcp_at(unsigned int i, uint8_t *out)
{
	static const uint32_t sources[31] = { 1, 2, 3, 0xffffffff };
	static const uint32_t self = SSRC;
	static const uint8_t text[1000] = "an application's own";
	int n;

	switch (i) {
	case 0:		/* the shortest there is */
		return ref_rtcp_rr(out, SSRC, NULL, 0);
	case 1:
		return ref_rtcp_sr(out, SSRC, NULL, 0);
	case 2:
		n = ref_rtcp_sr(out, SSRC, sources, ARRAY_SIZE(sources));
		n += ref_rtcp_sdes(out + n, &self, 1, "someone@example.org");
		return n + ref_rtcp_bye(out + n, &self, 1, "enough");
	case 3:
		return ref_rtcp_nack(out, SSRC, 7, 1000, 0x5555);
	case 4:
		return ref_rtcp_pli(out, SSRC, 7);
	case 5:
		return ref_rtcp_twcc(out, SSRC, 7, 65535);
	case 6:
		n = ref_rtcp_rr(out, SSRC, sources, 1);
		return n + ref_rtcp_app(out + n, SSRC, 3, "test", text, sizeof(text));
	case 7:		/* reduced size (RFC 5506), an unknown type inside RTCP's range */
		n = ref_rtcp_app(out, SSRC, 0, "none", NULL, 0);
		out[1] = 220;
		return n;
	}
	return 0;
}

static const struct {
	const char *name;
	const char *suite;
	bool e2e, own_master;
} cases[] = {
	{ "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", false, false },
	{ "AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", false, false },
	{ "NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", false, false },
	{ "a master key of its own for RTCP", "AES_CM_128_HMAC_SHA1_80", false, true },
	{ "an E2E key beside it", "AES_CM_128_HMAC_SHA1_80", true, false },
};

int main(void)
{
	uint8_t pkt[REF_MAX_PACKET];
	struct rig_key hbh[2], e2e;
	struct rig_far f;
	enum ksrtp_dir dir;
	struct rig r;
	unsigned int i;
	bool ok;
	size_t c;
	int n;

	kt_plan(2 * ARRAY_SIZE(cases));
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (c = 0; c < ARRAY_SIZE(cases); c++) {
		rig_far(&r, &f, "127.0.0.1");
		for (dir = KSRTP_DIR_RX; dir <= KSRTP_DIR_TX; dir++) {
			rig_hbh(&hbh[dir], cases[c].suite, 10 * c + dir);
			if (cases[c].own_master)
				rig_hbh_rtcp(&hbh[dir], 100 + dir);
			rig_key(&r, f.id, dir, &hbh[dir]);
			rig_e2e(&e2e, 3, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
			if (cases[c].e2e)
				rig_key(&r, f.id, dir, &e2e);
		}
		for (ok = true, i = 0; (n = rtcp_at(i, pkt)); i++)
			ok &= rig_hears_rtcp(&r, &f, &hbh[KSRTP_DIR_RX], pkt, n, i + 1);
		kt_ok(ok && i, "%s: %u RTCP packets are read", cases[c].name, i);
		for (ok = true, i = 0; (n = rtcp_at(i, pkt)); i++)
			ok &= rig_says_rtcp(&r, &f, &hbh[KSRTP_DIR_TX], pkt, n, i + 1);
		kt_ok(ok && i, "%s: %u RTCP packets are written, the first has index 1",
		      cases[c].name, i);
		rig_far_close(&r, &f);
	}
	rig_close(&r);
	return kt_done();
}
