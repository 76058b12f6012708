/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cost.h: what something costs beside something else that is timed at the same
 * moment, for what else a machine has to do changes from second to second.
 *
 *	for (i = 0; i < TURNS; i++)
 *		all[i] = cost_us(&r, a, ...) / (double)cost_us(&r, b, ...);
 *	cost = cost_middle(all, TURNS);
 */
#ifndef COST_H
#define COST_H

#include "rig.h"

/* cost_now_us - microseconds of the monotonic clock */
long long cost_now_us(void);
/* cost_middle - the median of @n values, which it sorts */
double cost_middle(double *all, unsigned int n);
/*
 * cost_us - microseconds until @n packets of @size bytes have been sent by @f and
 * have ended in drops for @reason; bails out where they do not
 */
long long cost_us(struct rig *r, const struct rig_far *f, const void *pkts, size_t size, size_t n,
		  unsigned int reason);

#endif /* COST_H */
