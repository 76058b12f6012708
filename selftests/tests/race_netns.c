// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network namespaces end on two processors, with traffic in them over IPv4 and
 * IPv6, requests on their way, and sockets under ksrtp that somebody elsewhere
 * still has: he uses and closes them, and all is gone with the last.
 *
 * KSRTP_RACE_SECONDS is how long each race runs.
 */
#include <signal.h>
#include <sys/syscall.h>

#include "race.h"
#include "traffic.h"

#define MS	3000

static atomic_ulong ended, passed_on;

static void relay_of(struct rig *r, struct leg *in, struct leg *out, const char *ip, bool owned)
{
	if (owned)
		rig_open_owned(r, ip);
	else
		rig_open(r, ip);
	leg_open(r, in, ip, 1);
	leg_open(r, out, ip, 2);
	leg_route(r, in, TRAFFIC_SSRC, out);
}

/* Lives in a namespace of its own until its end of @go is closed, or it is killed */
static void inhabit(int go, const char *ip, int pass)
{
	struct leg in, out, app_in, app_out;
	struct traffic t, app_t;
	struct rig r, app;
	char byte;

	if (unshare(CLONE_NEWNET))
		_exit(1);
	kt_link_up("lo");
	relay_of(&r, &in, &out, ip, true);
	relay_of(&app, &app_in, &app_out, ip, false);
	traffic_start(&t, &r, &in, &out);
	traffic_start(&app_t, &app, &app_in, &app_out);
	if (!traffic_passes(&t) || !traffic_passes(&app_t))
		_exit(1);
	if (pass >= 0 && write(pass, &app.app, sizeof(int)) != sizeof(int))
		_exit(1);
	/* Killed in the middle of all that, as often as not */
	if (read(go, &byte, 1) < 0)
		_exit(1);
	_exit(0);
}

/*
 * A child has the pipes of those that were begun before it, and must not have those of
 * one that has its own: each would wait for the other's end.
 */
static pthread_mutex_t births = PTHREAD_MUTEX_INITIALIZER;

/* A namespace begins, relays, and ends by the death of all who are in it. */
static void one_life(const char *ip, bool kill_it)
{
	int go[2], pass[2], fd = -1, pidfd, got = -1;
	pid_t pid;

	pthread_mutex_lock(&births);
	if (pipe2(go, O_CLOEXEC) || pipe2(pass, O_CLOEXEC))
		kt_bail("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		close(go[1]);
		inhabit(go[0], ip, pass[1]);
	}
	pthread_mutex_unlock(&births);
	close(go[0]);
	close(pass[1]);
	if (read(pass[0], &fd, sizeof(fd)) != sizeof(fd))
		kt_bail("nothing passes in another namespace");
	close(pass[0]);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0)
		got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (kill_it)
		kill(pid, SIGKILL);
	close(go[1]);
	waitpid(pid, NULL, 0);
	/* Nobody lives there any more but our copy of its socket, under ksrtp still. */
	if (got >= 0) {
		union rig_addr a = rig_local(got);
		uint8_t plain[512];
		int i, len;

		for (i = 0; i < 50; i++) {
			len = i & 1 ? rig_rtp(plain, 3, i, 100) : rig_other(plain, i);
			sendto(got, plain, len, MSG_DONTWAIT, &a.sa, rig_addr_len(&a));
			recv(got, plain, sizeof(plain), MSG_DONTWAIT);
		}
		close(got);
		atomic_fetch_add(&passed_on, 1);
	}
	if (pidfd >= 0)
		close(pidfd);
	atomic_fetch_add(&ended, 1);
}

static void ends(unsigned long round)
{
	one_life(round & 1 ? "::1" : "127.0.0.1", round & 2);
}

static void ends_too(unsigned long round)
{
	one_life(round & 1 ? "127.0.0.1" : "::1", !(round & 2));
}

/* Namespaces without anything in them, which end in the same batches */
static void empty(unsigned long round)
{
	pid_t pid = fork();

	(void)round;
	if (!pid)
		_exit(unshare(CLONE_NEWNET));
	if (pid > 0)
		waitpid(pid, NULL, 0);
	usleep(20000);
}

static struct race_actor actors[] = {
	{ .what = "namespaces that end", .turn = ends },
	{ .what = "others", .turn = ends_too },
	{ .what = "empty ones", .turn = empty },
};

static struct rig r;
static struct leg in, out;

/* Namespaces are destroyed by a work, and this one waits for it. */
static bool all_gone(int refs)
{
	return kt_wait_until(race_refs() == refs, 4 * RIG_WAIT);
}

int main(void)
{
	struct traffic t;
	int refs;
	bool ran;

	kt_plan(6);
	kt_netns();
	relay_of(&r, &in, &out, "127.0.0.1", false);
	refs = race_refs();
	traffic_start(&t, &r, &in, &out);
	kt_ok(traffic_passes(&t), "traffic passes");
	ran = race_run(actors, ARRAY_SIZE(actors), MS, 1);
	kt_note("%lu namespaces ended, of %lu a socket was used after them",
		atomic_load(&ended), atomic_load(&passed_on));
	kt_ok(ran && atomic_load(&ended) >= 2,
	      "namespaces end under traffic");
	kt_ok(atomic_load(&passed_on), "their sockets are used and closed elsewhere");
	kt_ok(all_gone(refs), "the module counts no socket of theirs");
	kt_ok(traffic_passes(&t), "another namespace is not disturbed");
	traffic_stop(&t);
	kt_is(atomic_load(&t.plain), 0, "and not a packet of it left unprotected");
	rig_close(&r);
	return kt_done();
}
