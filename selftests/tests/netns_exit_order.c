// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What peers hold of a network namespace, the ways to them, is let go before
 * the namespace takes down what those are counted in.
 */
#include "leg.h"
#include "probe.h"

#define SSRC	0x04e10001
#define TIMES	2
/* So many that they are not freed within the blink of an eye */
#define PEERS	600
#define MOST	"/proc/sys/user/max_net_namespaces"

/* A namespace in which packets cross a relay over IPv6, and its end */
static void lives_and_dies(void)
{
	union rig_addr nobody = rig_addr("::1", 1);
	struct leg in, out;
	struct rig r;
	int i, status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		kt_netns();
		rig_open_owned(&r, "::1");
		leg_open(&r, &in, "::1", 1);
		leg_open(&r, &out, "::1", 2);
		leg_route(&r, &in, SSRC, &out);
		leg_says(&in, SSRC, 1);
		if (!leg_hears(&out, SSRC, 1))
			_exit(1);
		for (i = 0; i < PEERS; i++) {
			nobody.in6.sin6_port = htons(i + 1);
			rig_peer(&r, &nobody);
		}
		/* The sock is left to the namespace. */
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		kt_bail("nothing crosses the relay of another namespace");
}

/* In a namespace of our own, the only one: what tests before had may be ending still. */
static void alone(void)
{
	char most[32];

	if (!atoi(kt_read(MOST, most, sizeof(most))))
		kt_bail("%s cannot be read", MOST);
	kt_must("echo 1 > " MOST);
	if (!kt_wait_until(!unshare(CLONE_NEWNET), RIG_WAIT))
		kt_note("another network namespace does not end");
	kt_must("echo %d > " MOST, atoi(most));
}

int main(void)
{
	struct probe freed, gone;
	unsigned int i, good = 0;

	alone();
	if (!probe_calls(&freed, "path_free_work", NULL) ||
	    !probe_calls(&gone, "ip6_route_net_exit", NULL))
		kt_skip_all("this kernel has no probe on path_free_work() or ip6_route_net_exit()");
	kt_plan(2);
	for (i = 0; i < TIMES; i++) {
		unsigned long ends = probe_hits(&gone);

		lives_and_dies();
		if (!kt_wait_until(probe_hits(&gone) > ends, RIG_WAIT))
			kt_bail("the namespace does not end");
	}
	kt_ok(kt_wait_until(probe_hits(&freed) == TIMES * (PEERS + 2), RIG_WAIT),
	      "each way to a peer is freed (%lu)", probe_hits(&freed));
	for (i = 1; i <= TIMES; i++) {
		unsigned long before = probe_before(&freed, &gone, i);

		kt_note("%lu ways were freed before the end of namespace %u", before, i);
		good += before == i * (PEERS + 2);
	}
	kt_is(good, TIMES, "before the routes of the namespace are");
	probe_end(&freed);
	probe_end(&gone);
	return kt_done();
}
