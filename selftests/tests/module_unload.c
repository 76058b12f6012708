// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module cannot be unloaded while an application's socket is under ksrtp, or
 * was and is still open; sockets of its own go with it, with traffic running.
 */
#include "traffic.h"

#include <sys/syscall.h>

#define TIMES	5

static struct traffic t;
static struct leg in, out;
static struct rig r;

static int unload(void)
{
	return syscall(SYS_delete_module, "ksrtp", O_NONBLOCK) ? -errno : 0;
}

static void load(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/ksrtp.ko", dir ? dir : ".");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static bool loaded(void)
{
	return !access("/sys/module/ksrtp", F_OK);
}

static void make(void)
{
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	traffic_start(&t, &r, &in, &out);
}

static void unmake(void)
{
	traffic_stop(&t);
	close(in.far.fd);
	close(out.far.fd);
}

static void application(void)
{
	rig_open(&r, "127.0.0.1");
	make();
	if (!traffic_passes(&t))
		kt_bail("no traffic passes");
	kt_ok(unload() < 0 && loaded(), "with an application's socket attached it cannot be unloaded");
	kt_ok(traffic_passes(&t), "and traffic passes on");
	if (ksrtp_sock_del(r.h, r.sock))
		kt_bail("sock del: %s", ksrtp_error(r.h));
	kt_ok(unload() < 0 && loaded(), "nor with one that was and is open still");
	kt_ok(traffic_flows(&t), "which is used on");
	unmake();
	close(r.app);
	ksrtp_close(r.h);
	kt_ok(kt_wait_until(!unload(), RIG_WAIT), "once it is closed the module can be unloaded");
	load();
}

static void owned(void)
{
	int i, passed = 0, gone = 0;

	for (i = 0; i < TIMES; i++) {
		rig_open_owned(&r, "127.0.0.1");
		make();
		passed += traffic_passes(&t);
		ksrtp_close(r.h);
		/* A netlink request of nobody's may hold it for a moment. */
		gone += kt_wait_until(!unload(), RIG_WAIT);
		traffic_flows(&t);
		unmake();
		load();
	}
	kt_is(passed, TIMES, "with traffic through a socket of its own");
	kt_is(gone, TIMES, "the module can be unloaded");
}

/* Sockets in two namespaces, one of them that of nobody who runs */
static void namespaces(void)
{
	struct rig there;
	int here = kt_netns_fd(), fd;

	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	fd = kt_netns_fd();
	rig_open_owned(&there, "127.0.0.1");
	ksrtp_close(there.h);
	kt_netns_enter(here);
	rig_open_owned(&r, "127.0.0.1");
	ksrtp_close(r.h);
	kt_ok(kt_wait_until(!unload(), RIG_WAIT), "with sockets of its own in two namespaces it can");
	kt_netns_enter(fd);
	close(rig_udp("127.0.0.1", rig_ksrtp_addr(&there.addr).port));
	kt_netns_enter(here);
	close(rig_udp("127.0.0.1", rig_ksrtp_addr(&r.addr).port));
	kt_note("their ports are free then");
	load();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	leg_says(&in, TRAFFIC_SSRC, 1);
	kt_ok(leg_hears(&out, TRAFFIC_SSRC, 1), "loaded again it relays");
	rig_close(&r);
}

int main(void)
{
	if (!getenv("KSRTP_MODULES"))
		kt_skip_all("KSRTP_MODULES does not say where the module is");
	kt_plan(5 + 2 + 2);
	kt_netns();
	application();
	owned();
	namespaces();
	return kt_done();
}
