// SPDX-License-Identifier: GPL-2.0-or-later
#include "cost.h"

long long cost_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

static void keep_shortest(double *shortest, double took)
{
	if (took < *shortest)
		*shortest = took;
}

double cost_shortest(double (*took)(void *arg), void *arg, unsigned int turns)
{
	double shortest = took(arg);

	while (--turns)
		keep_shortest(&shortest, took(arg));
	return shortest;
}

double cost_times(double (*took)(void *arg), void *one, void *other, unsigned int turns,
		  double bound)
{
	double least_other = took(other), least_one = took(one);
	unsigned int i;

	for (i = 1; i < turns || (i < 4 * turns && least_one >= least_other * bound); i++) {
		keep_shortest(&least_other, took(other));
		keep_shortest(&least_one, took(one));
	}
	return least_one / least_other;
}

static uint64_t dropped(struct rig *r, unsigned int reason)
{
	struct ksrtp_stats stats;

	rig_stats(r, &stats);
	return stats.drops.count[reason];
}

long long cost_us(struct rig *r, const struct rig_far *f, const void *pkts, size_t size, size_t n,
		  unsigned int reason)
{
	uint64_t want = dropped(r, reason) + n;
	long long start = cost_now_us();

	rig_far_send_many(f, pkts, size, n);
	if (!kt_wait_until(dropped(r, reason) == want, RIG_WAIT))
		kt_bail("packets do not end as they should");
	return cost_now_us() - start;
}
