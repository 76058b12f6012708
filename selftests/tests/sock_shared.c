// SPDX-License-Identifier: GPL-2.0-or-later
/* A socket under ksrtp has as many descriptors as its program likes: the last one counts. */
#include <signal.h>

#include "leg.h"

#define SSRC	0x5ba5ed00

static struct rig r;
static struct leg f;
static uint8_t plain[512];
static uint64_t next = 1;

static bool works(void)
{
	int len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);
	bool in = rig_hears(&r, &f.far, &f.up, NULL, plain, len, next);

	len = rig_rtp(plain, SSRC + 1, next, LEG_PAYLOAD);
	return in && rig_says(&r, &f.far, &f.down, NULL, plain, len, next++);
}

static bool there(void)
{
	struct ksrtp_sock sock;

	return !ksrtp_sock_get(r.h, r.sock, &sock);
}

/* A child that has the socket, says what it hears, and ends when it hears RTP of SSRC + 2 */
static pid_t child(void)
{
	uint8_t pkt[512];
	pid_t pid;
	int len;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	for (;;) {
		len = rig_recv(r.app, pkt, sizeof(pkt));
		if (len < 12)
			_exit(1);
		if (ref_rtp_ssrc(pkt) == SSRC + 2)
			_exit(0);
		ref_put32(pkt + 8, SSRC + 3);
		if (rig_app_send(&r, &f.far, pkt, len) != len)
			_exit(1);
	}
}

static void forked(void)
{
	struct ksrtp_stats stats;
	pid_t pid = child();
	int len, status;

	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	close(r.app);
	kt_ok(there(), "the socket stays where a child has it and the parent has closed it");
	len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);
	leg_sends(&f, plain, len, next);
	ref_put32(plain + 8, SSRC + 3);
	kt_ok(leg_gets(&f, plain, len, next), "the child reads and writes plain RTP on it");
	len = rig_rtp(plain, SSRC + 2, 1, LEG_PAYLOAD);
	leg_sends(&f, plain, len, 1);
	waitpid(pid, &status, 0);
	kt_ok(WIFEXITED(status) && !WEXITSTATUS(status), "until it ends");
	kt_ok(kt_wait_until(!there(), RIG_WAIT), "with the last descriptor the sock is gone");
	rig_stats(&r, &stats);
	kt_ok(!stats.peers && !stats.keys && !stats.streams, "and all it owned");
}

int main(void)
{
	int copy;

	kt_plan(8);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &f, "127.0.0.1", 1);
	if (!works())
		kt_bail("an endpoint does not work");
	copy = fcntl(r.app, F_DUPFD_CLOEXEC, 100);
	close(r.app);
	kt_ok(there(), "a socket stays under ksrtp when one of two descriptors is closed");
	r.app = copy;
	kt_ok(works(), "and works through the other");
	kt_is(ksrtp_sock_attach(r.h, copy, &(struct ksrtp_sock){ 0 }), -EBUSY,
	      "which is the same socket and cannot be put there again: %s", ksrtp_error(r.h));
	forked();
	ksrtp_close(r.h);
	return kt_done();
}
