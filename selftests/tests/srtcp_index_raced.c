// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two processors send SRTCP of one SSRC to one peer, one by a route and one for
 * the application: each takes indices of its own, none twice and none left out.
 */
#include "leg.h"

#include <pthread.h>

#define SSRC	0x57c9aced
#define EACH	2000
#define MOST	300

static struct rig r;
static struct leg a, b;
static pthread_barrier_t both;

static void on_cpu(int n)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(n, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("not on processor %d: %s", n, strerror(errno));
}

/* Made before, so that the two do nothing but send. */
struct packets {
	int len[EACH];
	uint8_t bytes[EACH][MOST];
};

static struct packets sealed, plain;

static void make_packets(void)
{
	uint8_t pkt[MOST];
	uint32_t i;
	int len;

	for (i = 0; i < EACH; i++) {
		len = rig_rtcp(pkt, SSRC, i);
		sealed.len[i] = rig_seal_rtcp(&a.up, pkt, len, 1 + i, true, sealed.bytes[i]);
		plain.len[i] = rig_rtcp(plain.bytes[i], SSRC, EACH + i);
	}
}

static void *forward(void *arg)
{
	int i;

	(void)arg;
	on_cpu(0);
	pthread_barrier_wait(&both);
	for (i = 0; i < EACH; i++)
		rig_far_send(&a.far, sealed.bytes[i], sealed.len[i]);
	return NULL;
}

static void *write_own(void *arg)
{
	int i;

	(void)arg;
	on_cpu(1);
	pthread_barrier_wait(&both);
	for (i = 0; i < EACH; i++)
		if (rig_app_send(&r, &b.far, plain.bytes[i], plain.len[i]) != plain.len[i])
			return "refused";
	return NULL;
}

/* An index of the 2 * EACH there are that was not there before */
static bool is_new(const uint8_t *wire, int n, bool *seen)
{
	uint8_t opened[MOST];
	uint32_t index;

	if (n < 0 || ref_unprotect_rtcp(&b.down.hbh, wire, n, &index, NULL, opened) < 0) {
		kt_note("not SRTCP under the peer's key");
		return false;
	}
	if (index < 1 || index > 2 * EACH || seen[index]) {
		kt_note("index %u, %s", index, index > 2 * EACH ? "out of range" : "again");
		return false;
	}
	seen[index] = true;
	return true;
}

int main(void)
{
	static bool seen[2 * EACH + 1];
	pthread_t relay, app;
	struct ksrtp_stats stats;
	uint8_t wire[400];
	int i, good = 0;
	void *refused;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		kt_skip_all("one processor alone has no races");
	kt_plan(3);
	kt_netns();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.2", 2);
	leg_route_rtcp(&r, &a, SSRC, KSRTP_RTCP_MODE_FORWARD, &b);
	make_packets();
	rig_stats(&r, &stats);
	pthread_barrier_init(&both, NULL, 2);
	if (pthread_create(&relay, NULL, forward, NULL) ||
	    pthread_create(&app, NULL, write_own, NULL))
		kt_bail("no thread");
	for (i = 0; i < 2 * EACH; i++) {
		int n = rig_recv(b.far.fd, wire, sizeof(wire));

		if (!is_new(wire, n, seen))
			break;
		good++;
	}
	pthread_join(relay, NULL);
	pthread_join(app, &refused);
	kt_is(good, 2 * EACH, "%d by a route and %d by the application: no index is used twice",
	      EACH, EACH);
	kt_ok(!refused, "the application is never refused");
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_INDEX_REUSED, 0), "and nothing is dropped");
	rig_close(&r);
	return kt_done();
}
