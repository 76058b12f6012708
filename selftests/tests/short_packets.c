// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams of 0 to 64 bytes with every kind of first byte: what is no RTP or
 * RTCP reaches the application untouched, the rest is dropped and counted,
 * whatever keys there are.
 */
#include "rig.h"

#define LONGEST	64

static struct rig r;
static struct rig_far f;

/* STUN, ZRTP, DTLS, TURN, QUIC, and each corner of RTP's range (RFC 7983, RFC 9443) */
static const uint8_t firsts[] = {
	0x00, 0x03, 0x10, 0x13, 0x14, 0x3f, 0x40, 0x4f, 0x7f,
	0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xaf, 0xb0, 0xbf,
	0xc0, 0xff,
};

/* RTP, RTP with the marker, RTCP's range and both sides of it */
static const uint8_t seconds[] = { 0, 96, 127, 191, 192, 200, 201, 223, 224, 255 };

static bool is_media(const uint8_t *p, size_t len)
{
	return len && (p[0] & 0xc0) == 0x80;
}

/* All of them; @fill is the byte behind the first two */
static bool all_sizes(uint8_t fill, struct ksrtp_stats *dropped)
{
	uint8_t pkt[LONGEST];
	struct ksrtp_stats before, after;
	uint64_t media = 0, others = 0;
	size_t i, j, n, len;
	bool ok = true;

	rig_stats(&r, &before);
	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		/* where the first byte decides, one second byte will do */
		n = is_media(&firsts[i], 1) ? ARRAY_SIZE(seconds) : 1;
		for (j = 0; j < n; j++) {
			memset(pkt, fill, sizeof(pkt));
			pkt[0] = firsts[i];
			pkt[1] = seconds[j];
			for (len = 0; len <= LONGEST; len++) {
				rig_far_send(&f, pkt, len);
				if (is_media(pkt, len)) {
					media++;
					continue;
				}
				others++;
				ok &= rig_gets(r.app, pkt, len);
			}
		}
	}
	ok &= rig_app_quiet(&r, &f);
	others++;		/* which rig_app_quiet() needs */
	rig_stats(&r, &after);
	memset(dropped, 0, sizeof(*dropped));
	for (i = 0; i < ARRAY_SIZE(after.drops.count); i++) {
		dropped->drops.count[i] = after.drops.count[i] - before.drops.count[i];
		media -= dropped->drops.count[i];
	}
	if (media || after.other_packets - before.other_packets != others)
		kt_note("%lld media packets not counted, %llu others instead of %llu",
			(long long)media,
			(unsigned long long)(after.other_packets - before.other_packets),
			(unsigned long long)others);
	return ok && !media && after.other_packets - before.other_packets == others &&
	       after.delivered_packets == before.delivered_packets;
}

static bool only(const struct ksrtp_stats *dropped, unsigned int a, unsigned int b)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dropped->drops.count); i++) {
		if (!dropped->drops.count[i] || i == a || i == b)
			continue;
		kt_note("%llu as %s", (unsigned long long)dropped->drops.count[i],
			ksrtp_str_drop(i));
		return false;
	}
	return true;
}

static void with_key(const char *name, uint8_t fill, size_t mki_len, bool e2e)
{
	static const uint8_t mki[REF_MAX_MKI] = { 1, 2, 3, 4 };
	struct ksrtp_stats dropped;
	struct rig_key key, inner;

	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	if (mki_len)
		rig_mki(&key, mki, mki_len);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	rig_e2e(&inner, 2, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	if (e2e)
		rig_key(&r, f.id, KSRTP_DIR_RX, &inner);
	kt_ok(all_sizes(fill, &dropped) && dropped.drops.count[KSRTP_A_DROPS_MALFORMED] &&
	      !rig_streams(&r, f.id, KSRTP_DIR_RX), "%s", name);
	rig_far_close(&r, &f);
}

int main(void)
{
	struct ksrtp_stats dropped;
	struct rig_far stranger;

	kt_plan(7);
	rig_start();
	rig_open(&r, "127.0.0.1");
	with_key("a key without MKI, filled with 0x00", 0x00, 0, false);
	with_key("a key without MKI, filled with 0xff", 0xff, 0, false);
	with_key("an MKI of 4 bytes", 0x01, 4, false);
	with_key("an MKI of 128 bytes", 0x00, 128, false);
	with_key("E2E inside", 0x80, 0, true);

	rig_far(&r, &f, "127.0.0.1");
	kt_ok(all_sizes(0x00, &dropped) &&
	      only(&dropped, KSRTP_A_DROPS_MALFORMED, KSRTP_A_DROPS_NO_KEY),
	      "a peer without keys: malformed or without a key");
	rig_far_close(&r, &f);

	/* no peer's address */
	rig_far(&r, &stranger, "127.0.0.1");
	if (ksrtp_peer_del(r.h, stranger.id))
		kt_bail("peer del: %s", ksrtp_error(r.h));
	f = stranger;
	kt_ok(all_sizes(0x00, &dropped) &&
	      only(&dropped, KSRTP_A_DROPS_UNMATCHED, KSRTP_A_DROPS_UNMATCHED),
	      "an address that is no peer: unmatched");
	rig_close(&r);
	return kt_done();
}
