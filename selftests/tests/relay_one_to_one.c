// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet comes in under one peer's key and leaves under the other's, whatever the suites. */
#include "leg.h"

#define SSRC	0x0000abcd
#define COUNT	50

static const char * const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
};

static struct rig r;

/* Everything an RTP header may have; sizes around the cipher's block */
static int build(void *out, uint16_t seq)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 160, 1200 };
	struct ref_rtp rtp = {
		.pt = seq & 0x7f,
		.marker = seq & 1,
		.seq = seq,
		.timestamp = 3000u * seq,
		.ssrc = SSRC,
		.csrc_count = seq % 16,
		.extension = seq & 2,
		.ext_words = seq % 5,
		.padding = seq % 3 ? 0 : 4,
		.payload_len = sizes[seq % ARRAY_SIZE(sizes)],
		.fill = seq,
	};

	/* Payload type 64 and above with the marker would read as RTCP (RFC 5761). */
	if (rtp.pt >= 64 && rtp.pt < 96)
		rtp.pt -= 32;
	return ref_rtp_build(&rtp, out);
}

static int relay(const struct leg *a, const struct leg *b, uint16_t first)
{
	uint8_t plain[2048];
	int i, arrived = 0;

	for (i = 0; i < COUNT; i++) {
		uint64_t index = ref_index(0, first + i);
		int len = build(plain, first + i);

		leg_sends(a, plain, len, index);
		arrived += leg_gets(b, plain, len, index);
	}
	return arrived;
}

static void pair(const char *in, const char *out, uint32_t seed, int64_t ssrc)
{
	struct ksrtp_stats before, after;
	struct ksrtp_stream s;
	struct leg a, b;

	leg_make(&a, in, seed);
	leg_make(&b, out, seed + 1);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route(&r, &a, ssrc, &b);
	rig_stats(&r, &before);
	kt_is(relay(&a, &b, 100), COUNT, "%s to %s by a route for %s SSRC: all packets as they were",
	      in, out, ssrc == ANY_SSRC ? "any" : "one");
	rig_stats(&r, &after);
	kt_ok(after.rx_packets - before.rx_packets == COUNT &&
	      after.tx_packets - before.tx_packets == COUNT &&
	      after.relayed_packets - before.relayed_packets == COUNT &&
	      after.delivered_packets == before.delivered_packets,
	      "each is counted as received, relayed and sent, and as no more");
	kt_ok(rig_stream(&r, a.far.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.packets == COUNT && s.highest_seq == 100 + COUNT - 1 && !s.roc,
	      "the stream that came in says so");
	kt_ok(rig_stream(&r, b.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.packets == COUNT && s.highest_seq == 100 + COUNT - 1 && !s.roc,
	      "and so does the one that went out");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
}

int main(void)
{
	unsigned int i, o, seed = 1;

	kt_plan(4 * (3 * 3 + 1));
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (o = 0; o < ARRAY_SIZE(suites); o++)
			pair(suites[i], suites[o], 10 * seed++, SSRC);
	}
	pair(suites[0], suites[0], 10 * seed, ANY_SSRC);
	rig_close(&r);
	return kt_done();
}
