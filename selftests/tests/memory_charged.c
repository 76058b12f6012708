// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A user in namespaces of their own may allow a peer as many streams as they
 * like. What packets make of that is charged to their memory cgroup, though a
 * packet is nobody's process: so its limit is one for this memory too.
 */
#include "leg.h"

#include <grp.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define NOBODY	65534
#define CGROUP	"/tmp/ksrtp-cgroup"
#define MINE	CGROUP "/ksrtp-charged"
#define SSRC	0x3e3c0000
#define STREAMS	2000
/* Bytes of a stream and its context at the least */
#define STREAM	300

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static long long charged(void)
{
	char text[64];

	return atoll(kt_read(MINE "/memory.current", text, sizeof(text)));
}

static void unmount(void)
{
	rmdir(MINE);
	umount2(CGROUP, MNT_DETACH);
	rmdir(CGROUP);
}

static bool have_cgroup(void)
{
	char text[256];

	mkdir(CGROUP, 0700);
	if (mount("cgroup2", CGROUP, "cgroup2", 0, NULL))
		return false;
	atexit(unmount);
	if (!strstr(kt_read(CGROUP "/cgroup.controllers", text, sizeof(text)), "memory"))
		return false;
	put(CGROUP "/cgroup.subtree_control", "+memory");
	rmdir(MINE);
	return !mkdir(MINE, 0755);
}

struct pipes {
	int to[2];
	int from[2];
};

static void step(const struct pipes *p, bool child)
{
	char c = 0;

	if (child && (write(p->from[1], &c, 1) != 1 || read(p->to[0], &c, 1) != 1))
		_exit(3);
	if (!child && (read(p->from[0], &c, 1) != 1))
		kt_bail("the user broke down");
}

static void go_on(const struct pipes *p)
{
	if (write(p->to[1], "", 1) != 1)
		kt_bail("pipe: %s", strerror(errno));
}

/* Streams that packets make in softirq, by two directions, and their RTCP */
static void user(const struct pipes *p)
{
	struct ksrtp_stats s;
	uint8_t plain[200];
	struct leg a, b;
	struct rig r;
	int i;

	put(MINE "/cgroup.procs", "0");
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || unshare(CLONE_NEWUSER | CLONE_NEWNET))
		_exit(4);
	kt_link_up("lo");
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	rig_max_streams(&r, a.far.id, 1 << 20);
	rig_max_streams(&r, b.far.id, 1 << 20);
	leg_route(&r, &a, ANY_SSRC, &b);
	for (i = 0; i < 50; i++)
		leg_says(&a, SSRC + i, 1);
	rig_recv(b.far.fd, plain, sizeof(plain));
	step(p, true);
	for (i = 0; i < STREAMS; i++) {
		leg_says(&a, SSRC + i, 2);
		while (recv(b.far.fd, plain, sizeof(plain), MSG_DONTWAIT) > 0)
			;
	}
	kt_wait_until((rig_stats(&r, &s), s.streams == 2 * STREAMS), RIG_WAIT);
	if (s.streams != 2 * STREAMS)
		_exit(6);
	step(p, true);
	ksrtp_sock_flush(r.h);
	_exit(0);
}

int main(void)
{
	long long before, after;
	struct pipes p;
	int status;
	pid_t pid;

	if (!have_cgroup())
		kt_skip_all("no memory controller of cgroup v2 here");
	kt_plan(2);
	kt_run("sysctl -qw kernel.unprivileged_userns_clone=1 2> /dev/null");
	if (pipe(p.to) || pipe(p.from))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid)
		user(&p);
	close(p.from[1]);
	step(&p, false);
	before = charged();
	go_on(&p);
	step(&p, false);
	after = charged();
	go_on(&p);
	waitpid(pid, &status, 0);
	kt_ok(after - before >= 2ll * STREAMS * STREAM,
	      "%d streams that packets made are charged to the user (%lld bytes)", 2 * STREAMS,
	      after - before);
	kt_ok(WIFEXITED(status) && !WEXITSTATUS(status), "who comes to a good end (%d)", status);
	return kt_done();
}
