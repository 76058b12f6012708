// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The application of a socket under ksrtp reads and writes plain RTP, whatever
 * its shape, while the wire carries what refsrtp makes of it: with each suite,
 * and with E2E inside HBH.
 */
#include "rig.h"

#define SSRC	0x1234abcd

enum shape { PAYLOAD, CSRCS, EXTENSION, PADDING, ALL_AT_ONCE, SHAPES };

static const char *const shape_names[SHAPES] = {
	[PAYLOAD] = "payloads of 0, 1, 15, 16, 17, 1200 and 1400 bytes",
	[CSRCS] = "0 to 15 CSRCs",
	[EXTENSION] = "header extensions of 0, 1 and 20 words",
	[PADDING] = "padding of 1, 4 and 255 bytes",
	[ALL_AT_ONCE] = "CSRCs, extension and padding together",
};

/* The @i-th packet of a shape, but for its sequence number; false past the last */
static bool shape_at(enum shape shape, unsigned int i, struct ref_rtp *rtp)
{
	static const size_t payloads[] = { 0, 1, 15, 16, 17, 1200, 1400 };
	static const uint16_t words[] = { 0, 1, 20 };
	static const uint8_t paddings[] = { 1, 4, 255 };

	*rtp = (struct ref_rtp){ .pt = 111, .marker = i & 1, .ssrc = SSRC, .payload_len = 100 };
	switch (shape) {
	case PAYLOAD:
		if (i == ARRAY_SIZE(payloads))
			return false;
		rtp->payload_len = payloads[i];
		return true;
	case CSRCS:
		rtp->csrc_count = i;
		return i < 16;
	case EXTENSION:
		if (i == ARRAY_SIZE(words))
			return false;
		rtp->extension = true;
		rtp->ext_words = words[i];
		return true;
	case PADDING:
		if (i == ARRAY_SIZE(paddings))
			return false;
		rtp->padding = paddings[i];
		return true;
	case ALL_AT_ONCE:
		rtp->csrc_count = 15;
		rtp->extension = true;
		rtp->ext_profile = 0x1000;
		rtp->ext_words = i;
		rtp->padding = 3;
		rtp->payload_len = 17 * i;
		return i < 3;
	default:
		return false;
	}
}

static const struct layers {
	const char *name;
	const char *suite;
	bool e2e;
	enum ref_iv iv;
	enum ref_mi mi;
} layers[] = {
	{ "AES_CM_128_HMAC_SHA1_80", .suite = "AES_CM_128_HMAC_SHA1_80" },
	{ "AES_CM_128_HMAC_SHA1_32", .suite = "AES_CM_128_HMAC_SHA1_32" },
	{ "NULL_HMAC_SHA1_80", .suite = "NULL_HMAC_SHA1_80" },
	{ "E2E iv right inside AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", true,
	  REF_IV_RIGHT, REF_MI_OFF },
	{ "E2E iv left, mi derived inside AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", true,
	  REF_IV_LEFT, REF_MI_DERIVED },
};

struct way {
	struct rig r;
	struct rig_far f;
	struct rig_key hbh[2], e2e[2];
	const struct rig_key *inner[2];
	uint16_t seq[2];
};

static void set_up(struct way *w, const struct layers *l)
{
	enum ksrtp_dir dir;

	memset(w, 0, sizeof(*w));
	rig_open(&w->r, "127.0.0.1");
	rig_far(&w->r, &w->f, "127.0.0.1");
	for (dir = KSRTP_DIR_RX; dir <= KSRTP_DIR_TX; dir++) {
		rig_hbh(&w->hbh[dir], l->suite, 1 + dir);
		rig_key(&w->r, w->f.id, dir, &w->hbh[dir]);
		if (!l->e2e)
			continue;
		rig_e2e(&w->e2e[dir], 3 + dir, dir ? "1@lid" : "2:7@lid", l->iv, l->mi, REF_MI_LEN);
		rig_key(&w->r, w->f.id, dir, &w->e2e[dir]);
		w->inner[dir] = &w->e2e[dir];
	}
}

static bool all_pass(struct way *w, enum ksrtp_dir dir, enum shape shape)
{
	uint8_t pkt[REF_MAX_PACKET];
	struct ref_rtp rtp;
	unsigned int i;
	bool ok = true;
	int n;

	for (i = 0; shape_at(shape, i, &rtp); i++) {
		rtp.seq = w->seq[dir]++;
		rtp.timestamp = 960 * i;
		rtp.fill = i;
		n = ref_rtp_build(&rtp, pkt);
		if (!(dir == KSRTP_DIR_RX ? rig_hears : rig_says)(&w->r, &w->f, &w->hbh[dir],
								  w->inner[dir], pkt, n, rtp.seq)) {
			kt_note("that was packet %u of %s", i, shape_names[shape]);
			ok = false;
		}
	}
	return ok;
}

int main(void)
{
	struct ksrtp_stats stats;
	enum shape shape;
	struct way w;
	size_t i;

	kt_plan(ARRAY_SIZE(layers) * (2 * SHAPES + 1));
	rig_start();
	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		set_up(&w, &layers[i]);
		rig_stats(&w.r, &stats);
		for (shape = 0; shape < SHAPES; shape++) {
			kt_ok(all_pass(&w, KSRTP_DIR_RX, shape), "%s: read, %s", layers[i].name,
			      shape_names[shape]);
			kt_ok(all_pass(&w, KSRTP_DIR_TX, shape), "%s: written, %s", layers[i].name,
			      shape_names[shape]);
		}
		kt_ok(rig_dropped(&w.r, &stats, KSRTP_A_DROPS_AUTH, 0), "%s: nothing is dropped",
		      layers[i].name);
		rig_far_close(&w.r, &w.f);
		rig_close(&w.r);
	}
	return kt_done();
}
