// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SRTCP packet with any one bit turned over, in header, payload, E flag,
 * index or tag, is dropped for the reason that bit gives, and changes nothing.
 */
#include "rig.h"

#define SSRC	0x7a3be501
#define HIGHEST	5000
#define WINDOW	64
#define TAG	10
#define REASONS	64

static struct rig r;
static struct rig_far f;
static struct rig_key key;

/*
 * What has to become of a packet that is not authentic, from its bytes alone:
 * a drop reason, or 0 where it is no RTCP and no RTP any more and passes.
 */
static unsigned int fate(const uint8_t *wire, int len, bool plain_allowed)
{
	uint32_t word = ref_get32(wire + len - TAG - 4), index = word & 0x7fffffff;

	if ((wire[0] & 0xc0) != 0x80)
		return 0;
	if (wire[1] < 192 || wire[1] > 223) {
		int header = ref_rtp_header_len(wire, len);

		/* It became RTP, of an SSRC that is part of the payload. */
		return header < 0 || header + TAG > len ? KSRTP_A_DROPS_MALFORMED :
							  KSRTP_A_DROPS_AUTH;
	}
	if (!(word >> 31) && !plain_allowed)
		return KSRTP_A_DROPS_PLAIN_RTCP;
	if (ref_get32(wire + 4) != SSRC)
		return KSRTP_A_DROPS_AUTH;
	if (index + WINDOW <= HIGHEST)
		return KSRTP_A_DROPS_TOO_OLD;
	return index == HIGHEST ? KSRTP_A_DROPS_REPLAYED : KSRTP_A_DROPS_AUTH;
}

static bool all_bits(uint8_t *wire, int len, int from, int to, bool plain_allowed)
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
		reason = fate(wire, len, plain_allowed);
		if (reason)
			want[reason]++;
		else
			ok &= rig_gets(r.app, wire, len);
		wire[bit / 8] ^= 1 << bit % 8;
	}
	return ok & rig_dropped_all(&r, &stats, want) & rig_app_quiet(&r, &f);
}

static void each_part(const char *name, const char *suite, bool e)
{
	uint8_t plain[300], wire[400];
	/* Under the NULL cipher E=0 is allowed without being asked for. */
	bool allowed = !e || !strncmp(suite, "NULL", 4);
	struct ksrtp_stream s;
	int len, wire_len;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, suite, 1);
	rig_key_window(&key, WINDOW);
	if (!e)
		KSRTP_SET(&key.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	len = rig_rtcp(plain, SSRC, 1);
	if (!rig_hears_rtcp(&r, &f, &key, plain, len, HIGHEST))
		kt_bail("%s: not even an authentic packet is read", name);

	len = rig_rtcp(plain, SSRC, 2);
	wire_len = rig_seal_rtcp(&key, plain, len, HIGHEST + 1, e, wire);
	kt_ok(all_bits(wire, wire_len, 0, 8, allowed), "%s: header", name);
	kt_ok(all_bits(wire, wire_len, 8, len, allowed), "%s: payload", name);
	kt_ok(all_bits(wire, wire_len, len, len + 4, allowed), "%s: E flag and index", name);
	kt_ok(all_bits(wire, wire_len, len + 4, wire_len, allowed), "%s: tag", name);
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.rtcp_packets == 1 && s.srtcp_index == HIGHEST &&
	      rig_streams(&r, f.id, KSRTP_DIR_RX) == 1,
	      "%s: one stream, one packet, the index where it was", name);
	rig_far_send(&f, wire, wire_len);
	kt_ok(rig_gets(r.app, plain, len), "%s: the packet as it was is accepted", name);
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(4 * 6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	each_part("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", true);
	each_part("AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", true);
	each_part("NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", true);
	each_part("authenticated only (E=0)", "AES_CM_128_HMAC_SHA1_80", false);
	rig_close(&r);
	return kt_done();
}
