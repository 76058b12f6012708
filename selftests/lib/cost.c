// SPDX-License-Identifier: GPL-2.0-or-later
#include "cost.h"

long long cost_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double cost_middle(double *all, unsigned int n)
{
	qsort(all, n, sizeof(all[0]), by_size);
	return all[n / 2];
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
