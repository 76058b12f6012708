/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h: how often the kernel does something, by its own tracing.
 *
 *	struct probe p;
 *
 *	if (!probe_calls(&p, "crypto_skcipher_encrypt", NULL))
 *		kt_skip_all("this kernel counts no calls");
 *	...
 *	kt_is(probe_hits(&p), 100, "one request a packet");
 *	probe_end(&p);
 *
 * Calls are counted wherever they come from; a test machine has nobody else
 * who would encrypt. Memory is counted by who asks for it.
 */
#ifndef PROBE_H
#define PROBE_H

#include "kt.h"

/* A kernel function that is counted; empty name: it is not there */
struct probe {
	char name[32];
};

/*
 * probe_calls - counts calls of a function from now on
 * @argument: what to tell calls apart by for probe_with(), as kprobe events write
 *	it ("$arg3"), or NULL
 *
 * Return: false where the kernel has no such probes, no such function or, with
 * @argument, no histograms.
 */
bool probe_calls(struct probe *p, const char *function, const char *argument);
/* probe_hits - calls so far, 0 of what is not there */
unsigned long probe_hits(const struct probe *p);
/* probe_with - calls so far whose argument had this value */
unsigned long probe_with(const struct probe *p, unsigned long value);
/* probe_before - calls of @p before call @nth, from 1 on, of another */
unsigned long probe_before(const struct probe *p, const struct probe *other, unsigned int nth);
/* probe_bh_off - calls so far with softirqs off, as within a spin_lock_bh() */
unsigned long probe_bh_off(const struct probe *p);
void probe_end(struct probe *p);

/**
 * struct allocations - what ksrtp asked memory for
 * @all: how often
 * @skbs: of these, for an skb: its head or its data
 * @others: of these, for anything else
 * @where: one of the others, as a list of functions
 */
struct allocations {
	unsigned long all;
	unsigned long skbs;
	unsigned long others;
	char where[1024];
};

/*
 * alloc_watch - from now on allocations are counted, of slabs and of pages,
 * that have a function of ksrtp among their nearest 16 callers
 *
 * Return: false where the kernel has no histograms of its events.
 */
bool alloc_watch(void);
/* alloc_seen - and so many there were; alloc_watch() counts from 0 again */
void alloc_seen(struct allocations *a);

#endif /* PROBE_H */
