// SPDX-License-Identifier: GPL-2.0-or-later
/* An output may carry another SSRC, in RTCP too, and another payload type. */
#include "leg.h"

#define IN	0x11112222
#define OUT	0x33334444
#define OTHER	0x55556666

static struct rig r;
static struct leg a, b, c;

/* ---- RTP ---- */

static int build(void *out, uint32_t ssrc, uint8_t pt, uint16_t seq)
{
	struct ref_rtp rtp = {
		.pt = pt, .marker = seq & 1, .seq = seq, .ssrc = ssrc,
		.csrc_count = 2, .payload_len = 100, .fill = seq,
	};

	return ref_rtp_build(&rtp, out);
}

static bool arrives(const struct leg *to, uint16_t seq, uint32_t ssrc_out, uint8_t pt_out)
{
	uint8_t want[256];
	int len = build(want, ssrc_out, pt_out, seq);

	return leg_gets(to, want, len, ref_index(0, seq));
}

static void send_pt(uint8_t pt, uint16_t seq)
{
	uint8_t plain[256];

	leg_sends(&a, plain, build(plain, IN, pt, seq), ref_index(0, seq));
}

static void rtp(void)
{
	struct ksrtp_stream s;

	send_pt(96, 1);
	send_pt(97, 2);
	send_pt(0, 3);
	kt_ok(arrives(&b, 1, OUT, 96), "RTP carries the SSRC rewritten to");
	kt_ok(arrives(&b, 2, OUT, 97) && arrives(&b, 3, OUT, 0), "and the payload type it had");
	kt_ok(arrives(&c, 1, IN, 111), "another output carries another payload type");
	kt_ok(arrives(&c, 2, IN, 97) && arrives(&c, 3, IN, 0),
	      "for the one that is rewritten and no other, and the marker stays");
	kt_ok(rig_stream(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, OUT, &s) && s.packets == 3,
	      "the output's stream has the SSRC rewritten to");
	kt_ok(!rig_stream(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, IN, &s),
	      "and there is none of the SSRC it came with");
}

/* ---- RTCP ---- */

static int sr(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_sr(p, ssrc, (uint32_t []){ OTHER, ssrc, OTHER + 1 }, 3);
}

static int rr(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_rr(p, ssrc, (uint32_t []){ ssrc, OTHER }, 2);
}

static int sdes(uint8_t *p, uint32_t ssrc)
{
	int n = ref_rtcp_rr(p, ssrc, NULL, 0);

	return n + ref_rtcp_sdes(p + n, (uint32_t []){ OTHER, ssrc, OTHER + 1 }, 3, "relay@here");
}

static int bye(uint8_t *p, uint32_t ssrc)
{
	int n = ref_rtcp_rr(p, ssrc, NULL, 0);

	return n + ref_rtcp_bye(p + n, (uint32_t []){ ssrc, OTHER }, 2, "teardown");
}

static int app(uint8_t *p, uint32_t ssrc)
{
	int n = ref_rtcp_rr(p, ssrc, NULL, 0);
	uint8_t data[8];

	/* What an APP packet carries is its own business. */
	ref_put32(data, IN);
	ref_put32(data + 4, OTHER);
	return n + ref_rtcp_app(p + n, ssrc, 1, "test", data, sizeof(data));
}

static int nack(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_nack(p, ssrc, OTHER, 7, 0x5555);
}

static int nack_of_media(uint8_t *p, uint32_t ssrc)
{
	int n = ref_rtcp_rr(p, ssrc, NULL, 0);

	return n + ref_rtcp_nack(p + n, OTHER, ssrc, 7, 0x5555);
}

static int tmmbr(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_tmmbr(p, ssrc, (uint32_t []){ OTHER, ssrc }, 2);
}

static int tmmbn(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_tmmbn(p, ssrc, (uint32_t []){ ssrc, OTHER }, 2);
}

static int twcc(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_twcc(p, ssrc, OTHER, 4711);
}

static int pli(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_pli(p, ssrc, OTHER);
}

static int fir(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_fir(p, ssrc, (uint32_t []){ OTHER, ssrc }, 2);
}

static int remb(uint8_t *p, uint32_t ssrc)
{
	return ref_rtcp_remb(p, ssrc, 1000000, (uint32_t []){ OTHER, ssrc, OTHER + 1 }, 3);
}

static int xr(uint8_t *p, uint32_t ssrc)
{
	uint8_t blocks[512];
	int n = ref_rtcp_rr(p, ssrc, NULL, 0);
	int len = ref_xr_loss_rle(blocks, ssrc);

	len += ref_xr_rrtr(blocks + len);
	len += ref_xr_dlrr(blocks + len, (uint32_t []){ OTHER, ssrc }, 2);
	len += ref_xr_stat_summary(blocks + len, OTHER);
	len += ref_xr_voip_metrics(blocks + len, ssrc);
	return n + ref_rtcp_xr(p + n, ssrc, blocks, len);
}

static int compound(uint8_t *p, uint32_t ssrc)
{
	int n = sr(p, ssrc);

	n += ref_rtcp_sdes(p + n, &ssrc, 1, "relay@here");
	n += fir(p + n, ssrc);
	n += remb(p + n, ssrc);
	return n + ref_rtcp_bye(p + n, &ssrc, 1, NULL);
}

static const struct {
	const char *what;
	int (*build)(uint8_t *p, uint32_t ssrc);
} kinds[] = {
	{ "a sender report", sr },
	{ "a receiver report", rr },
	{ "SDES chunks", sdes },
	{ "BYE sources", bye },
	{ "an APP packet, its data left alone", app },
	{ "the sender of a NACK", nack },
	{ "the media source of a NACK", nack_of_media },
	{ "TMMBR targets", tmmbr },
	{ "TMMBN targets", tmmbn },
	{ "transport-wide feedback", twcc },
	{ "a PLI", pli },
	{ "FIR targets", fir },
	{ "the SSRCs of a REMB", remb },
	{ "XR blocks", xr },
	{ "a compound packet", compound },
};

static void rtcp(void)
{
	uint8_t plain[1500], want[1500];
	uint32_t index;
	int len;

	for (index = 1; index <= ARRAY_SIZE(kinds); index++) {
		len = kinds[index - 1].build(plain, IN);
		leg_sends_rtcp(&a, plain, len, index);
		len = kinds[index - 1].build(want, OUT);
		kt_ok(leg_gets_rtcp(&b, want, len, index) && leg_gets_rtcp(&c, plain, len, index),
		      "rewrite-ssrc maps %s, and only for the output that asks for it",
		      kinds[index - 1].what);
	}
}

static void rtcp_unknown(void)
{
	static const uint8_t types[] = { 192, 193, 208, 223 };
	struct ksrtp_stats since;
	uint32_t index = ARRAY_SIZE(kinds) + 1, i;
	uint8_t plain[64];
	int len, ok = 0;

	rig_stats(&r, &since);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		len = ref_rtcp_rr(plain, IN, NULL, 0);
		len += ref_rtcp_rr(plain + len, IN, NULL, 0);
		plain[9] = types[i];
		leg_sends_rtcp(&a, plain, len, index + i);
		ok += leg_gets_rtcp(&c, plain, len, index + i);
	}
	kt_is(ok, ARRAY_SIZE(types), "RTCP of an unknown type goes to an output that rewrites nothing");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_RTCP_UNKNOWN, ARRAY_SIZE(types)),
	      "and is dropped and counted for one that would have to map its SSRCs");
	len = rr(plain, IN);
	leg_sends_rtcp(&a, plain, len, index + i);
	len = rr(plain, OUT);
	kt_ok(leg_gets_rtcp(&b, plain, len, index),
	      "there the next one is mapped again, and no index was used up");
}

static void refusals(void)
{
	struct ksrtp_out out = leg_out(&b);

	KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, OTHER);
	kt_ok(leg_try_route(&r, &a, ANY_SSRC, -1, &out, 1) == -EINVAL && *ksrtp_error(r.h),
	      "rewrite-ssrc of any SSRC is refused: %s", ksrtp_error(r.h));
}

int main(void)
{
	struct ksrtp_out to_b, to_c;

	kt_plan(6 + ARRAY_SIZE(kinds) + 3 + 1);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &c, "127.0.0.1", 3);
	to_b = leg_out(&b);
	KSRTP_SET(&to_b, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, OUT);
	to_c = leg_out(&c);
	KSRTP_SET(&to_c, KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 96);
	KSRTP_SET(&to_c, KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 111);
	if (leg_try_route(&r, &a, IN, KSRTP_RTCP_MODE_FORWARD,
			  (struct ksrtp_out []){ to_b, to_c }, 2))
		kt_bail("route add: %s", ksrtp_error(r.h));
	rtp();
	rtcp();
	rtcp_unknown();
	refusals();
	rig_close(&r);
	return kt_done();
}
