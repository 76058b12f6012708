// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who has not CAP_NET_ADMIN over a network namespace learns and changes nothing
 * there; in a namespace of their own anybody may.
 */
#include <grp.h>
#include <sys/socket.h>

#include "rig.h"
#include "rawnl.h"

#define NOBODY	65534

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

static const struct {
	const char *what;
	uint8_t cmd;
	uint16_t flags;
} operations[] = {
	{ "sock-get", KSRTP_CMD_SOCK_GET, 0 },
	{ "sock-get dump", KSRTP_CMD_SOCK_GET, NLM_F_DUMP },
	{ "sock-new", KSRTP_CMD_SOCK_NEW, 0 },
	{ "sock-set", KSRTP_CMD_SOCK_SET, 0 },
	{ "sock-del", KSRTP_CMD_SOCK_DEL, 0 },
	{ "peer-get", KSRTP_CMD_PEER_GET, 0 },
	{ "peer-get dump", KSRTP_CMD_PEER_GET, NLM_F_DUMP },
	{ "peer-new", KSRTP_CMD_PEER_NEW, 0 },
	{ "peer-set", KSRTP_CMD_PEER_SET, 0 },
	{ "peer-del", KSRTP_CMD_PEER_DEL, 0 },
	{ "key-get dump", KSRTP_CMD_KEY_GET, NLM_F_DUMP },
	{ "key-new", KSRTP_CMD_KEY_NEW, 0 },
	{ "key-set", KSRTP_CMD_KEY_SET, 0 },
	{ "key-del", KSRTP_CMD_KEY_DEL, 0 },
	{ "route-get dump", KSRTP_CMD_ROUTE_GET, NLM_F_DUMP },
	{ "route-new", KSRTP_CMD_ROUTE_NEW, 0 },
	{ "route-del", KSRTP_CMD_ROUTE_DEL, 0 },
	{ "stream-get dump", KSRTP_CMD_STREAM_GET, NLM_F_DUMP },
	{ "state-get dump", KSRTP_CMD_STATE_GET, NLM_F_DUMP },
	{ "state-set", KSRTP_CMD_STATE_SET, 0 },
	{ "stats-get", KSRTP_CMD_STATS_GET, 0 },
};

/* Results of a child, for it cannot count in the parent. */
struct report {
	int status[ARRAY_SIZE(operations)];
	int events;
	int other;
};

/* Exit status of a child that may not have a user namespace */
#define NO_USERNS	4

static bool no_userns;

/* Runs @run in a child that reports through a pipe; false if it broke down */
static bool in_child(void (*run)(struct report *), struct report *report)
{
	int fds[2], status;
	bool ok;
	pid_t pid;

	if (pipe(fds))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		memset(report, 0, sizeof(*report));
		run(report);
		_exit(write(fds[1], report, sizeof(*report)) != sizeof(*report));
	}
	close(fds[1]);
	ok = read(fds[0], report, sizeof(*report)) == sizeof(*report);
	close(fds[0]);
	waitpid(pid, &status, 0);
	no_userns = WIFEXITED(status) && WEXITSTATUS(status) == NO_USERNS;
	return ok && WIFEXITED(status) && !WEXITSTATUS(status);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		_exit(2);
}

static struct raw r;

static void talk_all(struct report *report)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		raw_new(&r, operations[i].cmd, operations[i].flags);
		report->status[i] = raw_talk(&r);
	}
	report->events = mnl_socket_setsockopt(r.nl, NETLINK_ADD_MEMBERSHIP, &r.group,
					       sizeof(r.group)) ? -errno : 0;
}

static void try_all(struct report *report)
{
	if (raw_open(&r))
		_exit(3);
	talk_all(report);
}

static void unprivileged(struct report *report)
{
	become_nobody();
	try_all(report);
}

static void own_user_namespace_only(struct report *report)
{
	become_nobody();
	if (unshare(CLONE_NEWUSER))
		_exit(NO_USERNS);
	try_all(report);
}

/*
 * A netlink socket of somebody without the capability, into which somebody who
 * has it is made to write: as a program with the setuid bit writes to what it has
 * been given for its standard error.
 */
static void confused(struct report *report)
{
	if (setresuid(-1, NOBODY, 0) || raw_open(&r) || setresuid(-1, 0, 0))
		_exit(2);
	talk_all(report);
}

/* The socket is from before, the capability was given up. */
static void dropped(struct report *report)
{
	if (raw_open(&r))
		_exit(3);
	become_nobody();
	talk_all(report);
}

static void privileged(struct report *report)
{
	try_all(report);
}

static bool all_are(const struct report *report, int want)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		if (report->status[i] == want)
			continue;
		kt_note("%s: %s", operations[i].what, strerror(-report->status[i]));
		ok = false;
	}
	return ok;
}

static bool none_is(const struct report *report, int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		if (report->status[i] == error)
			return false;
	}
	return true;
}

/* A whole relay, by nobody, in namespaces of nobody's own */
static void own_namespaces(struct report *report)
{
	struct ksrtp_stats stats;
	struct rig rig;
	struct rig_far a;
	struct rig_key k;
	uint8_t plain[256];
	int len;

	become_nobody();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		_exit(NO_USERNS);
	kt_link_up("lo");
	rig_open(&rig, "127.0.0.1");
	rig_far(&rig, &a, "127.0.0.1");
	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&rig, a.id, KSRTP_DIR_RX, &k);
	rig_key(&rig, a.id, KSRTP_DIR_TX, &k);
	len = rig_rtp(plain, 1, 1, 100);
	if (!rig_says(&rig, &a, &k, NULL, plain, len, 1))
		_exit(5);
	len = rig_rtp(plain, 2, 1, 100);
	if (!rig_hears(&rig, &a, &k, NULL, plain, len, 1))
		_exit(6);
	rig_stats(&rig, &stats);
	report->other = stats.socks == 1 && stats.rx_packets == 1 && stats.tx_packets == 1;
	report->events = ksrtp_events_open(rig.h);
}

static void foreign_user_namespace(void)
{
	static const char what[] = "a user namespace of their own does not change that";
	struct report report;
	bool ok = in_child(own_user_namespace_only, &report);

	if (no_userns) {
		kt_skip(what, "an unprivileged user gets no user namespace here (chroot?)");
		kt_skip("nor for events", "the same");
		return;
	}
	kt_ok(ok && all_are(&report, -EPERM), "%s", what);
	kt_is(report.events, -EPERM, "nor for events");
}

static void own_network_namespace(void)
{
	static const char what[] =
		"in a network namespace of their own they use ksrtp, and see what is theirs alone";
	struct report report;
	bool ok = in_child(own_namespaces, &report);

	if (no_userns) {
		kt_skip(what, "an unprivileged user gets no user namespace here (chroot?)");
		kt_skip("events too", "the same");
		return;
	}
	kt_ok(ok && report.other, "%s", what);
	kt_is(report.events, 0, "events too");
}

int main(void)
{
	struct ksrtp_stats stats;
	struct report report;
	struct rig rig;

	kt_plan(12);
	rig_start();
	/* Debian's switch; kernels without it allow. */
	kt_run("sysctl -qw kernel.unprivileged_userns_clone=1 2> /dev/null");
	rig_open_owned(&rig, "127.0.0.1");

	kt_ok(in_child(unprivileged, &report) && all_are(&report, -EPERM),
	      "every operation is refused with EPERM to an unprivileged user");
	kt_is(report.events, -EPERM, "who cannot listen to events either");
	kt_ok(in_child(confused, &report) && all_are(&report, -EPERM),
	      "and to root, by a socket the unprivileged user has opened");
	kt_ok(in_child(dropped, &report) && all_are(&report, -EPERM),
	      "and by a socket of root's, once the capability is dropped");
	foreign_user_namespace();
	rig_stats(&rig, &stats);
	kt_is(stats.socks, 1, "nothing was deleted or added");
	own_network_namespace();
	rig_stats(&rig, &stats);
	kt_ok(stats.socks == 1 && !stats.peers && !stats.rx_packets, "the first namespace is as it was");
	kt_ok(in_child(privileged, &report) && none_is(&report, -EPERM),
	      "root is not refused for want of a capability");
	kt_is(report.events, 0, "and may listen");
	ksrtp_close(rig.h);
	return kt_done();
}
