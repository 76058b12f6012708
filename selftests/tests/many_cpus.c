// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of one socket are worked on by several processors: where its link
 * steers flows to them (RPS), and where several sockets share a port
 * (SO_REUSEPORT). Every packet is read, forwarded and counted, once.
 *
 *	here: senders and receivers  ---veth---  ksrtp's namespace
 */
#include "leg.h"

#include <pthread.h>

#define SSRC	0x3a4c0000
#define FLOWS	16
#define EACH	40
#define PORT	5004

static int here, there;

static void network(void)
{
	here = kt_netns_fd();
	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	there = kt_netns_fd();
	kt_must("ip link add there type veth peer name here netns /proc/%d/fd/%d && "
		"ip addr add 192.0.2.2/24 dev there && ip link set there up",
		getpid(), here);
	kt_netns_enter(here);
	kt_must("ip addr add 192.0.2.1/24 dev here && ip link set here up");
	kt_netns_enter(there);
}

/* A veth's far end and address are in the other namespace. */
static void leg_far(struct rig *r, struct leg *l, uint32_t seed)
{
	leg_make(l, LEG_SUITE, seed);
	kt_netns_enter(here);
	leg_join(r, l, "192.0.2.1");
	kt_netns_enter(there);
}

/* ---- how many processors had packets of the link ---- */

#define MOST	64

/* First column: packets a processor took from its queue, those steered to it too */
static int softnet(unsigned int *count)
{
	FILE *f = fopen("/proc/net/softnet_stat", "re");
	char line[512];
	int n = 0;

	if (!f)
		kt_bail("softnet_stat: %s", strerror(errno));
	while (n < MOST && fgets(line, sizeof(line), f))
		count[n++] = strtoul(line, NULL, 16);
	fclose(f);
	return n;
}

static void steer(const char *mask)
{
	kt_must("for queue in /sys/class/net/there/queues/rx-*; do echo %s > $queue/rps_cpus; done",
		mask);
}

/* /sys shows the network namespace of who mounted it. */
static void private_sys(void)
{
	if (unshare(CLONE_NEWNS))
		kt_bail("no mount namespace: %s", strerror(errno));
	kt_must("mount --make-rprivate / && mount -t sysfs none /sys");
}

/* ---- flows ---- */

struct flow {
	struct leg leg;
	pthread_t thread;
	int n;
};

static struct flow flows[FLOWS];

static void *send_flow(void *arg)
{
	struct flow *flow = arg;
	uint8_t plain[200], wire[300];
	cpu_set_t one;
	int i;

	/* Two threads to a processor, or however many there are */
	CPU_ZERO(&one);
	CPU_SET(flow->n % sysconf(_SC_NPROCESSORS_ONLN), &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (i = 1; i <= EACH; i++) {
		int len = rig_rtp(plain, SSRC + flow->n, i, 100);

		len = rig_seal(&flow->leg.up, NULL, plain, len, i, wire);
		rig_far_send(&flow->leg.far, wire, len);
	}
	return NULL;
}

static void send_all(void)
{
	int i;

	for (i = 0; i < FLOWS; i++)
		if (pthread_create(&flows[i].thread, NULL, send_flow, &flows[i]))
			kt_bail("no thread");
	for (i = 0; i < FLOWS; i++)
		pthread_join(flows[i].thread, NULL);
}

/* A plain packet of a flow, not seen before */
static bool is_new(bool seen[FLOWS][EACH + 1], const uint8_t *pkt, int len)
{
	uint32_t flow = len < 12 ? FLOWS : ref_rtp_ssrc(pkt) - SSRC;
	unsigned int seq = len < 12 ? 0 : ref_rtp_seq(pkt);
	uint8_t want[200];

	if (flow >= FLOWS || !seq || seq > EACH || seen[flow][seq])
		return false;
	seen[flow][seq] = true;
	return rig_rtp(want, SSRC + flow, seq, 100) == len && !memcmp(want, pkt, len);
}

/* Reads what has come to the sockets until nothing is left to come. */
static int read_all(const int *fds, int n, int *got)
{
	static bool seen[FLOWS][EACH + 1];
	struct pollfd pfds[2];
	uint8_t pkt[2048];
	int i, all = 0;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < n; i++) {
		pfds[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		got[i] = 0;
	}
	while (all < FLOWS * EACH && poll(pfds, n, RIG_WAIT * kt_slow()) > 0) {
		for (i = 0; i < n; i++) {
			if (!pfds[i].revents)
				continue;
			if (!is_new(seen, pkt, recv(fds[i], pkt, sizeof(pkt), MSG_DONTWAIT)))
				return -1;
			got[i]++;
			all++;
		}
	}
	return all;
}

static void steered(void)
{
	unsigned int before[MOST], after[MOST];
	struct ksrtp_stats since, now;
	int i, n, busy = 0, got;
	struct rig r;

	rig_open(&r, "192.0.2.2");
	for (i = 0; i < FLOWS; i++) {
		flows[i].n = i;
		leg_far(&r, &flows[i].leg, 10 + i);
	}
	steer("3");
	rig_stats(&r, &since);
	n = softnet(before);
	send_all();
	kt_is(read_all(&r.app, 1, &got), FLOWS * EACH,
	      "steered over processors, every packet of %d flows is read once", FLOWS);
	softnet(after);
	for (i = 0; i < n; i++)
		busy += after[i] - before[i] >= EACH;
	kt_ok(busy >= 2, "%d processors worked on them", busy);
	rig_stats(&r, &now);
	kt_is(now.rx_packets - since.rx_packets, FLOWS * EACH,
	      "the counters, of which each processor has its own, say how many");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_REPLAYED, 0), "and that none was dropped");
	steer("0");
	rig_close(&r);
	for (i = 0; i < FLOWS; i++)
		close(flows[i].leg.far.fd);
}

static void relayed(void)
{
	struct ksrtp_stats since;
	uint8_t wire[300], plain[300];
	struct leg out;
	struct rig r;
	int i, n, seq, good = 0;

	rig_open_owned(&r, "192.0.2.2");
	leg_far(&r, &out, 1);
	for (i = 0; i < FLOWS; i++) {
		leg_far(&r, &flows[i].leg, 10 + i);
		leg_route(&r, &flows[i].leg, SSRC + i, &out);
	}
	steer("3");
	rig_stats(&r, &since);
	send_all();
	for (n = 0; n < FLOWS * EACH; n++) {
		int len = rig_recv(out.far.fd, wire, sizeof(wire));

		seq = len < 12 ? 0 : ref_rtp_seq(wire);
		if (len < 0 || rig_unseal(&out.down, NULL, wire, len, seq, plain) < 0)
			break;
		good++;
	}
	kt_is(good, FLOWS * EACH, "and every one of them is relayed to one output");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_INDEX_REUSED, 0), "under an index of its own");
	steer("0");
	rig_close(&r);
	close(out.far.fd);
	for (i = 0; i < FLOWS; i++)
		close(flows[i].leg.far.fd);
}

/* Which socket a flow comes to the kernel decides, so each has every peer. */
static void shared_port(void)
{
	int fds[2], got[2], i, j, one = 1, room = 4 << 20;
	struct rig r[2];

	for (i = 0; i < 2; i++) {
		union rig_addr a = rig_addr("192.0.2.2", PORT);

		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 ||
		    setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
		    setsockopt(fds[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
		    bind(fds[i], &a.sa, sizeof(a.in)))
			kt_bail("no socket on a shared port: %s", strerror(errno));
		rig_attach(&r[i], fds[i]);
	}
	for (j = 0; j < FLOWS; j++) {
		leg_far(&r[0], &flows[j].leg, 10 + j);
		rig_key(&r[1], rig_peer(&r[1], &flows[j].leg.far.addr), KSRTP_DIR_RX,
			&flows[j].leg.up);
	}
	send_all();
	kt_is(read_all(fds, 2, got), FLOWS * EACH,
	      "of two sockets on one port every packet is read by one");
	kt_ok(got[0] && got[1], "some flows by each (%d and %d packets)", got[0], got[1]);
	for (i = 0; i < 2; i++)
		rig_close(&r[i]);
}

int main(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		kt_skip_all("one processor alone shares nothing");
	kt_plan(8);
	kt_netns();
	network();
	private_sys();
	steered();
	relayed();
	shared_port();
	return kt_done();
}
