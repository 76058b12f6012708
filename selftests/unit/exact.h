/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in memory exactly as long as they are: in a heap block, around which
 * the sanitizer sees every step beyond, in both directions.
 */
#ifndef EXACT_H
#define EXACT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint8_t *exact(const void *bytes, size_t len)
{
	uint8_t *p = malloc(len);

	/* of no bytes, malloc() may give nothing */
	if (!p && len)
		abort();
	if (len)
		memcpy(p, bytes, len);
	return p;
}

#endif /* EXACT_H */
