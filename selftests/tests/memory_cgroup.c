// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a process makes of peers and keys is charged to its memory cgroup. At
 * the limit it gets no more; others' streams do not notice; and what it made is
 * given back when it is deleted.
 */
#include "leg.h"

#include <signal.h>
#include <sys/stat.h>

#define SSRC	0x3e3c0000
#define ROOT	"/sys/fs/cgroup"
#define GROUP	ROOT "/ksrtp-memory"
#define ROOM	6000000
#define MOST	30000

static struct rig r;
static struct leg a, b;
static uint64_t next;

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static long charged(void)
{
	char text[32];

	return atol(kt_read(GROUP "/memory.current", text, sizeof(text)));
}

static unsigned long hit_limit(void)
{
	char text[512], *max;

	kt_read(GROUP "/memory.events", text, sizeof(text));
	max = strstr(text, "\nmax ");
	return max ? strtoul(max + 5, NULL, 10) : 0;
}

/* In the group: as many peers with a key as there is memory for */
static int fill(void)
{
	union rig_addr at = rig_addr("127.2.0.1", 1);
	struct ksrtp_peer peer;
	struct ksrtp_handle *h;
	int i, err = 0;

	if (!put(GROUP "/cgroup.procs", "0"))
		return 2;
	h = rig_handle();
	for (i = 1; i <= MOST && !err; i++) {
		struct ksrtp_key key = a.up.key;

		at.in.sin_port = htons(i);
		memset(&peer, 0, sizeof(peer));
		KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
		KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&at));
		peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
		err = ksrtp_peer_add(h, &peer);
		KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, peer.id);
		KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, KSRTP_DIR_RX);
		err = err ? err : ksrtp_key_add(h, &key);
	}
	return err == -ENOMEM || err == -ENOBUFS ? 0 : 3;
}

static bool passes(void)
{
	leg_says(&a, SSRC, ++next);
	return leg_hears(&b, SSRC, next);
}

static int delete_others(const struct ksrtp_peer *peer, void *arg)
{
	uint32_t *ids = arg;

	if (peer->id != a.far.id && peer->id != b.far.id)
		ids[++ids[0]] = peer->id;
	return 0;
}

static void tidy(void)
{
	rmdir(GROUP);
}

int main(void)
{
	static uint32_t ids[MOST + 2];
	struct ksrtp_stats stats;
	long before, full;
	int status, lost = 0;
	char limit[32];
	uint32_t i;
	pid_t pid;

	put(ROOT "/cgroup.subtree_control", "+memory");
	if (mkdir(GROUP, 0700) || access(GROUP "/memory.max", W_OK)) {
		tidy();
		kt_skip_all("this kernel has no memory cgroups");
	}
	atexit(tidy);
	kt_plan(5);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, SSRC, &b);
	snprintf(limit, sizeof(limit), "%d", ROOM);
	if (!passes() || !put(GROUP "/memory.max", limit))
		kt_bail("cannot begin");
	before = charged();
	pid = fork();
	if (!pid)
		_exit(fill());
	while (waitpid(pid, &status, WNOHANG) == 0) {
		lost += !passes();
		usleep(1000);
	}
	full = charged();
	rig_stats(&r, &stats);
	kt_note("%u peers and %u keys in %ld bytes; the process %s %d", stats.peers, stats.keys,
		full - before, WIFSIGNALED(status) ? "was killed by signal" : "ended with status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	kt_ok(hit_limit() && stats.peers < MOST &&
	      (WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : !WEXITSTATUS(status)),
	      "at the limit of its cgroup a process makes no more peers and keys");
	kt_ok(full - before > ROOM / 4,
	      "they are charged to who made them, and stay when it is gone");
	kt_is(lost, 0, "others' streams lose nothing meanwhile");
	if (ksrtp_peer_dump(r.h, delete_others, ids))
		kt_bail("peers: %s", ksrtp_error(r.h));
	for (i = 1; i <= ids[0]; i++)
		if (ksrtp_peer_del(r.h, ids[i]))
			kt_bail("peer del: %s", ksrtp_error(r.h));
	rig_stats(&r, &stats);
	kt_ok(stats.peers == 2 && stats.keys == 4 && passes(),
	      "each of them is whole, and can be deleted from outside of it");
	kt_ok(kt_wait_until(charged() < before + (full - before) / 4, RIG_WAIT),
	      "which gives its memory back");
	rig_close(&r);
	return kt_done();
}
