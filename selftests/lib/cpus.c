// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpus.h"

static int here, there;

/* /sys shows the network namespace of who mounted it. */
static void private_sys(void)
{
	if (unshare(CLONE_NEWNS))
		kt_bail("no mount namespace: %s", strerror(errno));
	kt_must("mount --make-rprivate / && mount -t sysfs none /sys");
}

/* Known from the start, for the queue of those who wait for a neighbour's answer is short. */
#define MAC_HERE	"02:00:00:00:00:01"
#define MAC_THERE	"02:00:00:00:00:02"

void cpus_network(void)
{
	kt_netns();
	here = kt_netns_fd();
	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	there = kt_netns_fd();
	kt_must("ip link add there address " MAC_THERE " type veth "
		"peer name here address " MAC_HERE " netns /proc/%d/fd/%d && "
		"ip addr add " CPUS_THERE "/24 dev there && ip link set there up",
		getpid(), here);
	cpus_here();
	kt_must("ip addr add " CPUS_HERE "/24 dev here && ip link set here up && "
		"ip neigh replace " CPUS_THERE " lladdr " MAC_THERE " dev here nud permanent");
	cpus_there();
	kt_must("ip neigh replace " CPUS_HERE " lladdr " MAC_HERE " dev there nud permanent");
	private_sys();
}

void cpus_steer(const char *mask)
{
	kt_must("for queue in /sys/class/net/there/queues/rx-*; do echo %s > $queue/rps_cpus; done",
		mask);
}

void cpus_here(void)
{
	kt_netns_enter(here);
}

void cpus_there(void)
{
	kt_netns_enter(there);
}

void cpus_leg(struct rig *r, struct leg *l, const char *suite, uint32_t seed)
{
	leg_make(l, suite, seed);
	cpus_here();
	leg_join(r, l, CPUS_HERE);
	cpus_there();
}

void cpus_pin(unsigned int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("not pinned to processor %u: %s", cpu, strerror(errno));
}

int cpus_softnet(unsigned int *taken, unsigned int *dropped)
{
	FILE *f = fopen("/proc/net/softnet_stat", "re");
	char line[512];
	int n = 0;

	if (!f)
		kt_bail("softnet_stat: %s", strerror(errno));
	while (n < CPUS_MOST && fgets(line, sizeof(line), f) &&
	       sscanf(line, "%x %x", &taken[n], &dropped[n]) == 2)
		n++;
	fclose(f);
	return n;
}
