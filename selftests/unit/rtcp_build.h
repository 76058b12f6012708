/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTCP packets, written word by word. */
#ifndef RTCP_BUILD_H
#define RTCP_BUILD_H

#include <stdlib.h>
#include <string.h>

#include "pure.h"

struct rtcp {
	u8 bytes[4096];
	u32 len;
	u32 start;	/* of the packet that is written now */
};

static inline void word(struct rtcp *r, u32 value)
{
	if (r->len + 4 > sizeof(r->bytes))
		abort();
	put_unaligned_be32(value, r->bytes + r->len);
	r->len += 4;
}

static inline void words(struct rtcp *r, u32 value, u32 n)
{
	while (n--)
		word(r, value);
}

static inline void text(struct rtcp *r, const void *bytes, u32 len)
{
	if (r->len + len > sizeof(r->bytes))
		abort();
	memcpy(r->bytes + r->len, bytes, len);
	r->len += len;
}

static inline void begin(struct rtcp *r, u8 type, u8 count)
{
	r->start = r->len;
	word(r, 0x80000000u | (u32)count << 24 | (u32)type << 16);
}

/* Sets the length of the packet begun last. */
static inline void finish(struct rtcp *r)
{
	put_unaligned_be16((u16)((r->len - r->start) / 4 - 1), r->bytes + r->start + 2);
}

/* Pads the packet begun last by @n bytes that hold @value, but for the count. */
static inline void pad(struct rtcp *r, u32 value, u32 n)
{
	words(r, value, n / 4);
	r->bytes[r->len - 1] = (u8)n;
	r->bytes[r->start] |= 0x20;
	finish(r);
}

#endif /* RTCP_BUILD_H */
