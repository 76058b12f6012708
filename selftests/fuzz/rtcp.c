// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plain RTCP of any bytes: mapping an SSRC stays within the packet, writes
 * nothing but that SSRC, and can be taken back.
 *
 *	SSRC to map | packet
 */
#include "fuzz.h"

#include "packet.h"

/* No SSRC of a packet that does not hold its bytes anywhere */
static u32 unguided absent(const uint8_t *p, size_t len)
{
	u32 ssrc = 1;
	size_t i = 0;

	while (i + 4 <= len) {
		if (get_unaligned_be32(p + i++) == ssrc) {
			ssrc++;
			i = 0;
		}
	}
	return ssrc;
}

static void unguided only_mapped(const uint8_t *before, const uint8_t *after, size_t len,
				 u32 from, u32 to)
{
	size_t i;

	for (i = 0; i + 4 <= len; i += 4) {
		u32 was = get_unaligned_be32(before + i), is = get_unaligned_be32(after + i);

		promise(was == is || (was == from && is == to));
	}
	promise(!memcmp(before + i, after + i, len - i));
}

int fuzz_one(const uint8_t *data, size_t size)
{
	uint8_t *p, *mapped;
	u32 from, to;
	int err;

	if (size <= 4)
		return 0;
	from = get_unaligned_be32(data);
	data += 4;
	size -= 4;
	to = absent(data, size);
	if (from == to)
		return 0;

	/* of their own, for the sanitizer to see each end */
	p = malloc(size);
	mapped = malloc(size);
	promise(p && mapped);
	memcpy(p, data, size);
	err = ksrtp_rtcp_map_ssrc(p, (u32)size, from, to);
	promise(!err || err == -EBADMSG || err == -EOPNOTSUPP);
	only_mapped(data, p, size, from, to);
	promise(err || size % 4 == 0);

	/* None is left, the answer does not depend on the SSRC, and back it goes. */
	memcpy(mapped, p, size);
	promise(ksrtp_rtcp_map_ssrc(p, (u32)size, from, to + 1) == err);
	promise(!memcmp(mapped, p, size));
	promise(ksrtp_rtcp_map_ssrc(p, (u32)size, to, from) == err);
	promise(!memcmp(data, p, size));
	free(mapped);
	free(p);
	return 0;
}
