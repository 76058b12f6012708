// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of one socket are worked on by several processors: where its link
 * steers flows to them (RPS), and where several sockets share a port
 * (SO_REUSEPORT). Every packet is read, forwarded and counted, once.
 */
#include "cpus.h"

#include <pthread.h>

#define SSRC	0x3a4c0000
#define FLOWS	16
#define EACH	40
#define PORT	5004

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
	int i;

	cpus_pin(flow->n);
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
	unsigned int before[CPUS_MOST], after[CPUS_MOST], dropped[CPUS_MOST];
	struct ksrtp_stats since, now;
	int i, n, busy = 0, got;
	struct rig r;

	rig_open(&r, CPUS_THERE);
	for (i = 0; i < FLOWS; i++) {
		flows[i].n = i;
		cpus_leg(&r, &flows[i].leg, LEG_SUITE, 10 + i);
	}
	cpus_steer("3");
	rig_stats(&r, &since);
	n = cpus_softnet(before, dropped);
	send_all();
	kt_is(read_all(&r.app, 1, &got), FLOWS * EACH,
	      "steered over processors, every packet of %d flows is read once", FLOWS);
	cpus_softnet(after, dropped);
	for (i = 0; i < n; i++)
		busy += after[i] - before[i] >= EACH;
	kt_ok(busy >= 2, "%d processors worked on them", busy);
	rig_stats(&r, &now);
	kt_is(now.rx_packets - since.rx_packets, FLOWS * EACH,
	      "the counters, of which each processor has its own, say how many");
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_REPLAYED, 0), "and that none was dropped");
	cpus_steer("0");
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

	rig_open_owned(&r, CPUS_THERE);
	cpus_leg(&r, &out, LEG_SUITE, 1);
	for (i = 0; i < FLOWS; i++) {
		cpus_leg(&r, &flows[i].leg, LEG_SUITE, 10 + i);
		leg_route(&r, &flows[i].leg, SSRC + i, &out);
	}
	cpus_steer("3");
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
	cpus_steer("0");
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
		union rig_addr a = rig_addr(CPUS_THERE, PORT);

		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 ||
		    setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
		    setsockopt(fds[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
		    bind(fds[i], &a.sa, sizeof(a.in)))
			kt_bail("no socket on a shared port: %s", strerror(errno));
		rig_attach(&r[i], fds[i]);
	}
	for (j = 0; j < FLOWS; j++) {
		cpus_leg(&r[0], &flows[j].leg, LEG_SUITE, 10 + j);
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
	cpus_network();
	steered();
	relayed();
	shared_port();
	return kt_done();
}
