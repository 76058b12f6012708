/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cost.h: what something costs beside something else that is timed in the same
 * moments, for what else a machine has to do changes from second to second.
 *
 *	static double packets(void *from)
 *	{
 *		return cost_us(&r, from, ...);
 *	}
 *	cost = cost_times(packets, &many, &few, TURNS, BOUND);
 */
#ifndef COST_H
#define COST_H

#include "rig.h"

/* cost_now_us - microseconds of the monotonic clock */
long long cost_now_us(void);
/* cost_shortest - what @took says of @arg, asked @turns times: others' work makes it longer */
double cost_shortest(double (*took)(void *arg), void *arg, unsigned int turns);
/*
 * cost_times - how many times as much @took says of @one as of @other, asked by turns
 *
 * Of each the shortest counts, for now and then most of them have some of others' work.
 * Where after @turns of them it is not below @bound there are up to four times as many:
 * what is there stays.
 */
double cost_times(double (*took)(void *arg), void *one, void *other, unsigned int turns,
		  double bound);
/*
 * cost_us - microseconds until @n packets of @size bytes have been sent by @f and
 * have ended in drops for @reason; bails out where they do not
 */
long long cost_us(struct rig *r, const struct rig_far *f, const void *pkts, size_t size, size_t n,
		  unsigned int reason);

#endif /* COST_H */
