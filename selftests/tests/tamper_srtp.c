// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SRTP packet with any one bit turned over, in header, payload, MKI or tag,
 * is dropped for the reason that bit gives, and changes nothing: the packet as
 * it was is still accepted afterwards.
 */
#include "rig.h"

#define SSRC	0x7a3be500
#define ROC	5
#define HIGHEST	30000
#define WINDOW	1024
#define REASONS	64

static const uint8_t mki[] = { 0x5a, 0x01, 0xff };

static struct rig r;
static struct rig_far f;
static struct rig_key key;

/*
 * What has to become of a packet that is not authentic, from its bytes alone:
 * a drop reason, or 0 where it is no RTP any more and passes.
 */
static unsigned int fate(const uint8_t *wire, int len, bool has_mki)
{
	uint64_t highest = ref_index(ROC, HIGHEST), index;
	int header = ref_rtp_header_len(wire, len);
	int trailer = 10 + (has_mki ? sizeof(mki) : 0);

	if ((wire[0] & 0xc0) != 0x80)
		return 0;
	if (header < 0 || header + trailer > len)
		return KSRTP_A_DROPS_MALFORMED;
	if (has_mki && memcmp(wire + len - trailer, mki, sizeof(mki)))
		return KSRTP_A_DROPS_UNKNOWN_MKI;
	if (ref_rtp_ssrc(wire) != SSRC)
		return KSRTP_A_DROPS_AUTH;
	index = ref_index(ref_guess_roc(ROC, HIGHEST, ref_rtp_seq(wire)), ref_rtp_seq(wire));
	if (index + WINDOW <= highest)
		return KSRTP_A_DROPS_TOO_OLD;
	return index == highest ? KSRTP_A_DROPS_REPLAYED : KSRTP_A_DROPS_AUTH;
}

/* Every bit of the packet from byte @from on up to @to */
static bool all_bits(uint8_t *wire, int len, int from, int to, bool has_mki)
{
	uint64_t want[REASONS] = { 0 };
	struct ksrtp_stats stats;
	unsigned int reason;
	bool ok = true;
	int bit;

	rig_stats(&r, &stats);
	for (bit = 8 * from; bit < 8 * to; bit++) {
		wire[bit / 8] ^= 1 << bit % 8;
		rig_far_send(&f, wire, len);
		reason = fate(wire, len, has_mki);
		if (reason)
			want[reason]++;
		else
			ok &= rig_gets(r.app, wire, len);
		wire[bit / 8] ^= 1 << bit % 8;
	}
	return ok & rig_dropped_all(&r, &stats, want) & rig_app_quiet(&r, &f);
}

static void each_part(const char *name, const char *suite, bool has_mki)
{
	struct ref_rtp rtp = {
		.pt = 96, .seq = HIGHEST + 1, .ssrc = SSRC, .csrc_count = 2, .extension = true,
		.ext_words = 1, .payload_len = 23,
	};
	uint8_t first[100], plain[200], wire[300];
	int header = 12 + 8 + 8, first_len, len, wire_len;
	struct ksrtp_stream s;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	if (has_mki)
		rig_mki(&key, mki, sizeof(mki));
	rig_key_roc(&key, ROC);
	rig_key_window(&key, WINDOW);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	first_len = rig_rtp(first, SSRC, HIGHEST, 10);
	if (!rig_hears(&r, &f, &key, NULL, first, first_len, ref_index(ROC, HIGHEST)))
		kt_bail("%s: not even an authentic packet is read", name);

	len = ref_rtp_build(&rtp, plain);
	wire_len = rig_seal(&key, NULL, plain, len, ref_index(ROC, rtp.seq), wire);
	kt_ok(all_bits(wire, wire_len, 0, 12, has_mki), "%s: fixed header", name);
	kt_ok(all_bits(wire, wire_len, 12, header, has_mki), "%s: CSRCs and extension", name);
	kt_ok(all_bits(wire, wire_len, header, len, has_mki), "%s: payload", name);
	kt_ok(all_bits(wire, wire_len, len, wire_len, has_mki), "%s: %stag", name,
	      has_mki ? "MKI and " : "");
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) && s.packets == 1 &&
	      ref_index(s.roc, s.highest_seq) == ref_index(ROC, HIGHEST) &&
	      rig_streams(&r, f.id, KSRTP_DIR_RX) == 1,
	      "%s: one stream, one packet, the index where it was", name);
	rig_far_send(&f, wire, wire_len);
	kt_ok(rig_gets(r.app, plain, len), "%s: the packet as it was is accepted", name);
	rig_far_close(&r, &f);
}

/* A tag cut short or made longer is as wrong as another tag. */
static void lengths(void)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len, wire_len, i;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	len = rig_rtp(plain, SSRC, 1, 40);
	wire_len = rig_seal(&key, NULL, plain, len, 1, wire);
	memset(wire + wire_len, 0, 20);
	rig_stats(&r, &stats);
	for (i = 1; i <= 10; i++) {
		rig_far_send(&f, wire, wire_len - i);
		rig_far_send(&f, wire, wire_len + i);
	}
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 20) && rig_app_quiet(&r, &f) &&
	      !rig_streams(&r, f.id, KSRTP_DIR_RX), "packets cut short or made longer are dropped");
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(4 * 6 + 1);
	rig_start();
	rig_open(&r, "127.0.0.1");
	each_part("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", false);
	each_part("with an MKI", "AES_CM_128_HMAC_SHA1_80", true);
	each_part("NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", false);
	each_part("NULL_HMAC_SHA1_80 with an MKI", "NULL_HMAC_SHA1_80", true);
	lengths();
	rig_close(&r);
	return kt_done();
}
