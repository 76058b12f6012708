/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h: what the kernel has of memory, and what ksrtp has of it.
 *
 *	struct memory m;
 *
 *	memory_shrink();
 *	memory_read(&m);
 *	kt_note("%ld kB of slabs, %ld streams", m.unreclaim, m.streams);
 *
 * Slabs hold freed objects back: those of a processor, and under KASAN its
 * quarantine, which is where freed memory waits for its last user. To shrink a
 * cache gives both back, so that after memory_shrink() what is counted is what
 * somebody has.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "kt.h"

/**
 * struct memory - in kB where nothing else is said
 * @free: MemFree of /proc/meminfo, and so on
 * @objects: bytes of objects in use of all slab caches that cannot be reclaimed
 * @streams: objects in use of the cache ksrtp_stream; tombstones too
 * @namespaces: network namespaces
 * @refcnt: references on the module
 */
struct memory {
	long free;
	long available;
	long slab;
	long unreclaim;
	long percpu;
	long vmalloc;
	long long objects;
	long streams;
	long namespaces;
	long refcnt;
};

/* memory_shrink - every slab cache gives back what nobody has */
void memory_shrink(void);
void memory_read(struct memory *m);

/*
 * memory_slope - how much @y grows from one of @n values to the next, by least
 * squares
 */
double memory_slope(const double *y, unsigned int n);
/* memory_chart - @n values as notes, @what they are, as bars between their extremes */
void memory_chart(const char *what, const double *y, unsigned int n);

#endif /* MEMORY_H */
