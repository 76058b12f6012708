// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An application closes its socket, or is killed, with traffic running: what the
 * socket owned is gone, and nothing else.
 */
#include <signal.h>

#include "traffic.h"

#define TIMES	10

static int refcnt(void)
{
	char text[32];

	return atoi(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

static void make(struct rig *r, struct leg *in, struct leg *out)
{
	rig_open(r, "127.0.0.1");
	leg_open(r, in, "127.0.0.1", 1);
	leg_open(r, out, "127.0.0.1", 2);
	leg_route(r, in, TRAFFIC_SSRC, out);
}

/* Nothing of a sock is left but what the bystander has: a sock, two peers, four keys, a route */
static bool only_bystander(struct ksrtp_handle *h)
{
	struct ksrtp_stats s;

	if (ksrtp_stats_get(h, &s))
		kt_bail("stats: %s", ksrtp_error(h));
	return s.socks == 1 && s.peers == 2 && s.keys == 4 && s.routes == 1 && s.streams == 2;
}

static void closed(struct ksrtp_handle *h, int baseline)
{
	int i, passed = 0, gone = 0;
	unsigned long plain = 0;

	for (i = 0; i < TIMES; i++) {
		struct traffic t;
		struct leg in, out;
		struct rig r;

		make(&r, &in, &out);
		traffic_start(&t, &r, &in, &out);
		passed += traffic_passes(&t);
		close(r.app);
		gone += kt_wait_until(only_bystander(h), RIG_WAIT);
		traffic_flows(&t);
		traffic_stop(&t);
		plain += atomic_load(&t.plain);
		ksrtp_close(r.h);
		close(in.far.fd);
		close(out.far.fd);
	}
	kt_is(passed, TIMES, "traffic passes through a socket");
	kt_is(gone, TIMES, "that is closed while it does: sock, peers, keys, routes, streams are gone");
	kt_ok(kt_wait_until(refcnt() == baseline, RIG_WAIT), "the module counts no socket more");
	kt_is(plain, 0, "and no packet left as plaintext");
}

/* A process of its own with socket, threads and all; tells when packets pass. */
static pid_t victim(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		struct traffic t;
		struct leg in, out;
		struct rig r;

		make(&r, &in, &out);
		traffic_start(&t, &r, &in, &out);
		if (!traffic_passes(&t) || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

static void killed(struct ksrtp_handle *h, int baseline)
{
	int i, alive = 0, gone = 0;

	for (i = 0; i < TIMES; i++) {
		pid_t pid = victim();

		if (pid < 0)
			continue;
		alive++;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		gone += kt_wait_until(only_bystander(h), RIG_WAIT);
	}
	kt_is(alive, TIMES, "a process with traffic running");
	kt_is(gone, TIMES, "is killed: all its socket owned is gone");
	kt_ok(kt_wait_until(refcnt() == baseline, RIG_WAIT), "the module counts no socket more");
}

int main(void)
{
	struct leg in, out;
	struct rig r;
	int baseline;

	kt_plan(4 + 3 + 1);
	/* Every processor: what is taken away here is in use there. */
	kt_netns();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 11);
	leg_open(&r, &out, "127.0.0.1", 12);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	leg_says(&in, TRAFFIC_SSRC, 1);
	if (!leg_hears(&out, TRAFFIC_SSRC, 1))
		kt_bail("a relay does not work");
	baseline = refcnt();
	closed(r.h, baseline);
	killed(r.h, baseline);
	leg_says(&in, TRAFFIC_SSRC, 2);
	kt_ok(leg_hears(&out, TRAFFIC_SSRC, 2), "another socket of the namespace goes on undisturbed");
	rig_close(&r);
	return kt_done();
}
