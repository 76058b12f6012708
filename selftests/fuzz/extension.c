// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A datagram of any bytes that the parser takes for RTP: what is done to its
 * header extension and payload stays where it belongs and can be undone.
 *
 *	from | key stream's length | set of ids, 4 bytes | datagram
 */
#include "fuzz.h"

#include "packet.h"

#define MOST	4096

/* The packet stands at the end, for the sanitizer to see a byte too far. */
static u8 before[MOST], area[MOST + KSRTP_EXT_HEADER], *work;
static u8 stream[256];

/* Bytes outside of [@at, @at + @n) are as they were */
static void only_there(u32 len, u32 at, u32 n)
{
	promise(at <= len && n <= len - at);
	promise(!memcmp(work, before, at));
	promise(!memcmp(work + at + n, before + at + n, len - at - n));
}

static void check_elements(const struct ksrtp_header *h, u32 len, const u8 *ids, u32 from, u32 n)
{
	u8 whole[MOST];
	u32 at = 0, size = ksrtp_ext_body(work, &at), half = n / 2;

	promise(!size || (at + size == h->len && at >= KSRTP_RTP_MIN + KSRTP_EXT_HEADER));
	ksrtp_ext_xor(work, ids, from, stream, n);
	only_there(len, size ? at : 0, size);
	memcpy(whole, work, len);
	ksrtp_ext_xor(work, ids, from, stream, n);
	promise(!memcmp(work, before, len));
	/* In two parts it is the same. */
	ksrtp_ext_xor(work, ids, from, stream, half);
	ksrtp_ext_xor(work, ids, from + half, stream + half, n - half);
	promise(!memcmp(work, whole, len));
	memcpy(work, before, len);
}

static void check_cryptex(const struct ksrtp_header *h, u32 len)
{
	u32 csrc = 4 * (work[0] & 0x0f);

	promise(!ksrtp_cryptex_can(work) || !ksrtp_cryptex_marked(work));
	if (!(work[0] & 0x10)) {
		promise(!ksrtp_cryptex_can(work) && !ksrtp_cryptex_marked(work));
		memmove(work - KSRTP_EXT_HEADER, work, len);
		work -= KSRTP_EXT_HEADER;
		ksrtp_cryptex_insert(work, len);
		promise(ksrtp_cryptex_can(work));
		promise(!memcmp(work + h->len + 4, before + h->len, len - h->len));
		promise(!memcmp(work + 1, before + 1, h->len - 1) &&
			work[0] == (before[0] | 0x10));
		work += KSRTP_EXT_HEADER;
		memcpy(work, before, len);
		return;
	}
	if (ksrtp_cryptex_can(work)) {
		ksrtp_cryptex_mark(work);
		promise(ksrtp_cryptex_marked(work));
		only_there(len, KSRTP_RTP_MIN + csrc, 2);
		ksrtp_cryptex_unmark(work);
		promise(!memcmp(work, before, len));
	}
	ksrtp_cryptex_gather(work, csrc);
	only_there(len, KSRTP_RTP_MIN, csrc + KSRTP_EXT_HEADER);
	ksrtp_cryptex_scatter(work, csrc);
	promise(!memcmp(work, before, len));
}

static void check_ohb(const u8 *payload, u32 len)
{
	struct ksrtp_ohb ohb, again;
	u8 written[KSRTP_OHB_MAX];
	u32 n;

	if (ksrtp_ohb_read(payload, len, &ohb))
		return;
	promise(ohb.len && ohb.len <= len && ohb.len <= KSRTP_OHB_MAX && ohb.pt < 128);
	n = ksrtp_ohb_write(&ohb, written);
	promise(n == ohb.len && !ksrtp_ohb_read(written, n, &again));
	promise(again.has_pt == ohb.has_pt && again.has_seq == ohb.has_seq &&
		again.has_marker == ohb.has_marker && again.pt == ohb.pt && again.seq == ohb.seq);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	u8 ids[KSRTP_EXT_IDS / 8] = { 0 };
	struct ksrtp_header h;
	u32 from, n, i, len;

	if (size < 6 || size - 6 > MOST)
		return 0;
	from = data[0];
	n = data[1];
	/* One-byte headers have ids up to 14; of the others some. */
	for (i = 0; i < sizeof(ids); i++)
		ids[i] = data[2 + i % 4];
	for (i = 0; i < sizeof(stream); i++)
		stream[i] = 0xff - i;
	data += 6;
	len = (u32)size - 6;
	if (ksrtp_classify(data, len) != KSRTP_CLASS_RTP ||
	    ksrtp_parse(KSRTP_CLASS_RTP, data, len, &h))
		return 0;
	work = area + sizeof(area) - len;
	memcpy(before, data, len);
	memcpy(work, data, len);
	check_elements(&h, len, ids, from, n);
	check_cryptex(&h, len);
	check_ohb(work + h.len, len - h.len);
	return 0;
}
