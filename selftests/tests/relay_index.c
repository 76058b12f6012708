// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An output's packet index follows the input's: through a wrap of the sequence
 * number, with packets out of order around it, and from the ROC each output
 * was given when it joined.
 */
#include "leg.h"

#define SSRC	0x1d1d1d1d

static struct rig r;
static struct leg a, b, c, d;
static const struct leg *all[] = { &b, &c, &d };

/* Input ROC to that of b, c and d */
static int64_t shift[3];

/* The input index leaves to every output that has joined, at its own index. */
static bool goes(uint64_t index, int n)
{
	bool ok = true;
	int i;

	leg_says(&a, SSRC, index);
	for (i = 0; i < n; i++) {
		if (!leg_hears(all[i], SSRC, index + shift[i] * 65536)) {
			kt_note("output %d, input ROC %u seq %u", i, (unsigned int)(index >> 16),
				(unsigned int)(index & 0xffff));
			ok = false;
		}
	}
	return ok;
}

static bool go(const uint64_t *index, size_t n, int outputs)
{
	bool ok = true;

	while (n--)
		ok &= goes(*index++, outputs);
	return ok;
}

#define GO(outputs, ...)						\
	go((uint64_t []){ __VA_ARGS__ },				\
	   sizeof((uint64_t []){ __VA_ARGS__ }) / sizeof(uint64_t), outputs)

static void join(struct leg *l, uint32_t seed, uint32_t roc)
{
	leg_make(l, LEG_SUITE, seed);
	rig_key_roc(&l->down, roc);
	leg_join(&r, l, "127.0.0.1");
	leg_route(&r, &a, SSRC, l);
}

int main(void)
{
	struct ksrtp_stats since;
	struct ksrtp_stream s;

	kt_plan(11);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	leg_make(&a, LEG_SUITE, 1);
	rig_key_roc(&a.up, 3);
	leg_join(&r, &a, "127.0.0.1");

	/* b begins at ROC 7 where the input is at 3. */
	join(&b, 2, 7);
	shift[0] = 4;
	kt_ok(GO(1, ref_index(3, 65530), ref_index(3, 65531), ref_index(3, 65533)),
	      "the output starts at the ROC given with its key, not at the input's");
	kt_ok(GO(1, ref_index(4, 1), ref_index(3, 65532), ref_index(4, 0), ref_index(3, 65535),
		 ref_index(4, 2), ref_index(3, 65534)),
	      "packets out of order around a wrap come out at their own index, on both sides of it");

	/* c joins late, at ROC 0 while the input is at 4. */
	join(&c, 3, 0);
	shift[1] = -4;
	kt_ok(GO(2, ref_index(4, 3), ref_index(4, 5), ref_index(4, 4)),
	      "an output that joins late starts at its own ROC");
	rig_stats(&r, &since);
	leg_says(&a, SSRC, ref_index(3, 65529));
	kt_ok(leg_hears(&b, SSRC, ref_index(7, 65529)),
	      "a late packet from before the wrap reaches who was there");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_TOO_OLD, 1) && leg_quiet(&c),
	      "and not who would have it before ROC 0: too_old there");
	kt_ok(GO(2, ref_index(4, 6)), "who hears on all the same");

	/* The input jumps far ahead, and wraps again. */
	kt_ok(GO(2, ref_index(4, 30000), ref_index(4, 60000), ref_index(4, 65535), ref_index(5, 10),
		 ref_index(4, 65530), ref_index(5, 9)),
	      "the next wrap moves all outputs, each from where it was");

	/* d joins in the middle of disorder around the wrap: first comes a late packet. */
	join(&d, 4, 1);
	shift[2] = -3;
	leg_says(&a, SSRC, ref_index(4, 65533));
	kt_ok(leg_hears(&b, SSRC, ref_index(8, 65533)) &&
	      leg_hears(&c, SSRC, ref_index(0, 65533)) &&
	      leg_hears(&d, SSRC, ref_index(1, 65533)),
	      "a late packet can be the first of an output");
	kt_ok(GO(3, ref_index(5, 11), ref_index(4, 65534), ref_index(5, 12)),
	      "and its wrap comes with the input's next packet");

	kt_ok(rig_stream(&r, d.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) && s.roc == 2 &&
	      s.highest_seq == 12 && s.packets == 4,
	      "its stream says where it is");
	kt_ok(rig_stream(&r, c.far.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) && s.roc == 1 &&
	      s.highest_seq == 12,
	      "and so does another's");
	rig_close(&r);
	return kt_done();
}
