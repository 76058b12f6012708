// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who configured ksrtp may be killed at any moment, in the middle of a request
 * too: packets go on through the module's sockets and through another process's
 * socket as if nothing had happened, for they use no memory of a process.
 */
#include <signal.h>

#include "traffic.h"

#define TIMES	12

static int refcnt(void)
{
	char text[32];

	return atoi(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

static pid_t child(int *from)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	*from = fds[!!(pid == 0)];
	close(fds[!(pid == 0)]);
	return pid;
}

static void kill_it(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What the daemon made and the test goes on using */
struct made {
	uint32_t sock;
	union rig_addr addr;
	uint32_t in, out;
};

/* The daemon: puts a socket it was handed under ksrtp, with two peers and a route */
static void configure(int app, const struct rig_far *in, const struct rig_far *out,
		      const struct leg *keys, struct made *made)
{
	struct rig r;
	struct leg a = { 0 }, b = { 0 };

	if (app >= 0)
		rig_attach(&r, app);
	else
		rig_open_owned(&r, "127.0.0.1");
	a.far.id = rig_peer(&r, &in->addr);
	b.far.id = rig_peer(&r, &out->addr);
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &keys[0].up);
	rig_key(&r, a.far.id, KSRTP_DIR_TX, &keys[0].down);
	rig_key(&r, b.far.id, KSRTP_DIR_RX, &keys[1].up);
	rig_key(&r, b.far.id, KSRTP_DIR_TX, &keys[1].down);
	leg_route(&r, &a, TRAFFIC_SSRC, &b);
	if (ksrtp_events_open(r.h))
		kt_bail("no events");
	*made = (struct made){ .sock = r.sock, .addr = r.addr, .in = a.far.id, .out = b.far.id };
}

static struct rig_far far_end(void)
{
	struct rig_far f = { .fd = rig_udp("127.0.0.1", 0) };

	f.addr = rig_local(f.fd);
	return f;
}

/* Sock, peers, keys and route by a process that is killed once they are there */
static struct rig configured(int app, struct leg *in, struct leg *out)
{
	struct leg keys[2];
	struct made made;
	struct rig r;
	pid_t pid;
	int fd;

	leg_make(&keys[0], LEG_SUITE, 1);
	leg_make(&keys[1], LEG_SUITE, 2);
	*in = keys[0];
	*out = keys[1];
	in->far = far_end();
	out->far = far_end();
	pid = child(&fd);
	if (!pid) {
		configure(app, &in->far, &out->far, keys, &made);
		if (write(fd, &made, sizeof(made)) != sizeof(made))
			_exit(1);
		for (;;)
			pause();
	}
	if (read(fd, &made, sizeof(made)) != sizeof(made))
		kt_bail("the daemon did not configure anything");
	close(fd);
	kill_it(pid);
	r = (struct rig){ .h = rig_handle(), .app = app, .sock = made.sock, .addr = made.addr };
	in->far.id = made.in;
	out->far.id = made.out;
	rig_connect(in->far.fd, &r.addr);
	rig_connect(out->far.fd, &r.addr);
	return r;
}

/*
 * A daemon that never rests: it says so after each request, and is killed in one.
 * The peers it leaves behind are at addresses no other daemon's get. It derives no
 * keys: of the traffic's threads, which it does not have, one may hold libcrypto's locks.
 */
static void restless(int fd, const struct rig *r, const struct leg *keys, int number)
{
	char ip[INET_ADDRSTRLEN];
	struct ksrtp_stats stats;
	struct ksrtp_out to;
	struct leg a, b;
	struct rig own;
	int i;

	snprintf(ip, sizeof(ip), "127.0.1.%d", number + 1);
	own.h = rig_handle();
	own.sock = r->sock;
	own.addr = r->addr;
	own.app = r->app;
	for (;;) {
		a = keys[0];
		b = keys[1];
		leg_join(&own, &a, ip);
		leg_join(&own, &b, ip);
		to = leg_out(&b);
		for (i = 0; i < 20; i++) {
			if (leg_try_route(&own, &a, i, -1, &to, 1) ||
			    ksrtp_stats_get(own.h, &stats) || write(fd, "", 1) != 1)
				_exit(1);
		}
		rig_far_close(&own, &a.far);
		rig_far_close(&own, &b.far);
	}
}

static void killed_at_work(struct rig *r, struct traffic *t)
{
	int i, alive = 0, passed = 0, fd;
	struct leg keys[2];
	char byte;
	pid_t pid;

	leg_make(&keys[0], LEG_SUITE, 10);
	leg_make(&keys[1], LEG_SUITE, 11);
	for (i = 0; i < TIMES; i++) {
		int requests = 5 + 7 * i;

		pid = child(&fd);
		if (!pid)
			restless(fd, r, keys, i);
		while (requests && read(fd, &byte, 1) == 1)
			requests--;
		alive += !requests;
		kill_it(pid);
		close(fd);
		passed += traffic_passes(t);
	}
	kt_is(alive, TIMES, "a daemon works on it");
	kt_is(passed, TIMES, "and is killed in the middle of that: packets pass on");
}

static void with(int app, const char *whose, int baseline)
{
	struct leg in, out;
	struct traffic t;
	struct rig r;

	r = configured(app, &in, &out);
	traffic_start(&t, &r, &in, &out);
	kt_ok(traffic_passes(&t), "%s socket relays after its daemon was killed", whose);
	killed_at_work(&r, &t);
	traffic_stop(&t);
	kt_is(atomic_load(&t.plain), 0, "nothing was sent as plaintext");
	/* What a daemon left behind are peers, which go with the socket. */
	rig_close(&r);
	kt_ok(kt_wait_until(refcnt() == baseline, RIG_WAIT), "and with the socket all is gone");
	close(in.far.fd);
	close(out.far.fd);
}

int main(void)
{
	int baseline = refcnt();

	kt_plan(5 + 5);
	/* Every processor: requests and packets meet. */
	kt_netns();
	with(-1, "a module's", baseline);
	with(rig_udp("127.0.0.1", 0), "an application's", baseline);
	return kt_done();
}
