// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet of any bytes: what kmod/packet.c says of it stays within it, and
 * only SSRCs of a forwarded RTCP packet are ever written.
 *
 * The first three bytes are not of the packet but say what a transform is
 * taken to have added: tag, MKI, and whether it is AEAD.
 */
#include <stdlib.h>

#include "packet.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define promise(cond)	do { if (!(cond)) abort(); } while (0)

static void check_layout(const struct ksrtp_shape *shape, bool rtcp, u32 len, u32 clear)
{
	struct ksrtp_layout l, plain;

	if (ksrtp_layout_protected(shape, rtcp, len, clear, &l))
		return;
	promise(l.len == len);
	promise(l.clear == clear && l.clear <= l.end && l.end <= len);
	promise(l.tag >= l.end && l.tag + shape->tag_len <= len);
	promise(l.mki >= l.end && l.mki + shape->mki_len <= len);
	promise(rtcp ? l.index >= l.end && l.index + 4 <= len : !l.index);

	/* Protecting what is left of it puts everything where it was. */
	ksrtp_layout_plain(shape, rtcp, l.end, clear, &plain);
	promise(!memcmp(&l, &plain, sizeof(l)));
}

static void check_map(const u8 *data, u32 len)
{
	u8 *copy = malloc(len);
	u32 i, changed = 0;
	u32 from;

	if (!copy)
		abort();
	memcpy(copy, data, len);
	from = get_unaligned_be32(data + 4);
	ksrtp_rtcp_map_ssrc(copy, len, from, ~from);
	for (i = 0; i < len; i++)
		changed += copy[i] != data[i];
	/* Whatever it wrote, it wrote whole SSRCs. */
	promise(changed % 4 == 0);
	free(copy);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ksrtp_shape shape;
	struct ksrtp_header h;
	enum ksrtp_class class;

	if (size < 3)
		return 0;
	shape.tag_len = data[0] % 21;
	shape.mki_len = data[1] % 129;
	shape.aead = data[2] & 1;
	data += 3;
	size -= 3;

	class = ksrtp_classify(data, size);
	if (ksrtp_parse(class, data, size, &h))
		return 0;
	promise(class != KSRTP_CLASS_OTHER);
	promise(h.len <= size);
	promise(h.len >= (class == KSRTP_CLASS_RTP ? KSRTP_RTP_MIN : KSRTP_RTCP_MIN));
	check_layout(&shape, class == KSRTP_CLASS_RTCP, size, h.len);
	if (class == KSRTP_CLASS_RTCP)
		check_map(data, size);
	return 0;
}
