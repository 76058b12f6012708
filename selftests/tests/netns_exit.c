// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A network namespace ends with module-owned sockets in it and traffic running:
 * the sockets do not hold it, and all goes with it.
 */
#include <signal.h>

#include "traffic.h"

#define TIMES	8

static void relay_of(struct rig *r, struct leg *in, struct leg *out, bool owned)
{
	if (owned)
		rig_open_owned(r, "127.0.0.1");
	else
		rig_open(r, "127.0.0.1");
	leg_open(r, in, "127.0.0.1", 1);
	leg_open(r, out, "127.0.0.1", 2);
	leg_route(r, in, TRAFFIC_SSRC, out);
}

/*
 * A process in a namespace of its own, which a veth device named @mark ties to
 * ours: when the namespace is gone, so is our end of it.
 */
static pid_t inhabitant(const char *mark, bool application)
{
	int ready[2], go[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		struct leg in, out, app_in, app_out;
		struct traffic t, app_t;
		struct rig r, app;

		close(go[1]);
		kt_netns();
		relay_of(&r, &in, &out, true);
		traffic_start(&t, &r, &in, &out);
		if (application) {
			relay_of(&app, &app_in, &app_out, false);
			traffic_start(&app_t, &app, &app_in, &app_out);
		}
		if (!traffic_passes(&t) || (application && !traffic_passes(&app_t)) ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		/* Ends when our other half closes its end, or with us. */
		if (read(go[0], &byte, 1) == 0)
			_exit(0);
		_exit(1);
	}
	close(ready[1]);
	close(go[0]);
	if (read(ready[0], &byte, 1) != 1)
		kt_bail("no traffic passes in another namespace");
	close(ready[0]);
	kt_must("ip link add %s type veth peer name inside netns %d", mark, pid);
	close(go[1]);
	return pid;
}

static int ended(bool application)
{
	int i, gone = 0;

	for (i = 0; i < TIMES; i++) {
		char mark[IFNAMSIZ];
		pid_t pid;

		snprintf(mark, sizeof(mark), "mark%d%d", application, i);
		pid = inhabitant(mark, application);
		waitpid(pid, NULL, 0);
		gone += kt_wait_until(!if_nametoindex(mark), 4 * RIG_WAIT);
	}
	return gone;
}

static int refcnt(void)
{
	char text[32];

	return atoi(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

int main(void)
{
	struct leg in, out;
	struct rig r;
	int baseline;

	kt_plan(4);
	kt_netns();
	relay_of(&r, &in, &out, true);
	baseline = refcnt();
	kt_is(ended(false), TIMES, "a namespace whose last process ends is gone, module's sockets and all");
	kt_is(ended(true), TIMES, "so is one that had an application's socket besides");
	kt_ok(kt_wait_until(refcnt() == baseline, RIG_WAIT), "the module counts no socket more");
	leg_says(&in, TRAFFIC_SSRC, 1);
	kt_ok(leg_hears(&out, TRAFFIC_SSRC, 1), "another namespace is not disturbed");
	rig_close(&r);
	return kt_done();
}
