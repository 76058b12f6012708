// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything an application may do to a UDP socket, and everybody else who would
 * like to have it, while it is under ksrtp and packets go through it: refused or
 * served, and what is sent to a peer stays protected.
 *
 * KSRTP_RACE_SECONDS is how long each race runs.
 */
#include "race.h"
#include "traffic.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif
#ifndef IPV6_ADDRFORM
#define IPV6_ADDRFORM	1
#endif

#define MS		2500

static struct rig r;
static struct leg in, out;
static struct traffic t;
/* An IPv6 socket that could become an IPv4 socket, but for ksrtp */
static struct rig mapped;
static struct leg mapped_far;
static uint64_t mapped_seq;
static atomic_int wrong;	/* what never may be, and was */

static void never(bool was, const char *what)
{
	if (was && !atomic_fetch_add(&wrong, 1))
		kt_note("%s", what);
}

/* ---- the application's own calls ---- */

static void connects(unsigned long round)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	const union rig_addr *to = round & 1 ? &in.far.addr : &out.far.addr;

	connect(r.app, &to->sa, rig_addr_len(to));
	if (round % 3 == 0)
		connect(r.app, &unspec, sizeof(unspec));
}

/* Written without an address, to whomever it is connected now */
static void writes(unsigned long round)
{
	static uint16_t seq;
	uint8_t plain[512];
	int len = rig_rtp(plain, TRAFFIC_APP + 1, ++seq, 100);

	(void)round;
	write(r.app, plain, len);
}

static void set(int level, int name, int value)
{
	setsockopt(r.app, level, name, &value, sizeof(value));
}

static void options(unsigned long round)
{
	static const struct {
		int level, name, values[2];
	} rows[] = {
		{ SOL_SOCKET, SO_RCVBUF, { 4096, 1 << 20 } },
		{ SOL_SOCKET, SO_SNDBUF, { 4096, 1 << 20 } },
		{ SOL_SOCKET, SO_MARK, { 7, 0 } },
		{ SOL_SOCKET, SO_PRIORITY, { 3, 0 } },
		{ SOL_SOCKET, SO_BROADCAST, { 1, 0 } },
		{ SOL_SOCKET, SO_TIMESTAMPNS, { 1, 0 } },
		{ SOL_SOCKET, SO_PEEK_OFF, { 3, -1 } },
		{ SOL_SOCKET, SO_REUSEPORT, { 1, 0 } },
		{ SOL_SOCKET, SO_ZEROCOPY, { 1, 0 } },
		{ SOL_SOCKET, SO_BUSY_POLL, { 10, 0 } },
		{ SOL_IP, IP_TOS, { 0xb8, 0 } },
		{ SOL_IP, IP_TTL, { 3, 64 } },
		{ SOL_IP, IP_PKTINFO, { 1, 0 } },
		{ SOL_IP, IP_MTU_DISCOVER, { IP_PMTUDISC_DONT, IP_PMTUDISC_WANT } },
		{ SOL_UDP, UDP_GRO, { 1, 0 } },
		{ SOL_UDP, UDP_SEGMENT, { 600, 0 } },
	};
	size_t row = round % ARRAY_SIZE(rows);

	set(rows[row].level, rows[row].name, rows[row].values[0]);
	set(rows[row].level, rows[row].name, rows[row].values[1]);
	/* Names a device each packet must use: the one it does, or none in particular */
	setsockopt(r.app, SOL_SOCKET, SO_BINDTODEVICE, "lo", round & 1 ? 3 : 0);
}

/* What would take the socket from ksrtp is refused, each time. */
static void takers(unsigned long round)
{
	int value = round % 7, on = 1;
	socklen_t len = sizeof(value);

	never(!setsockopt(r.app, SOL_UDP, UDP_ENCAP, &value, sizeof(value)),
	      "UDP_ENCAP was set");
	value = AF_INET;
	never(!setsockopt(mapped.app, SOL_IPV6, IPV6_ADDRFORM, &value, sizeof(value)),
	      "IPV6_ADDRFORM was done");
	never(!setsockopt(r.app, SOL_TCP, TCP_ULP, "tls", 4), "TLS took it");
	never(!setsockopt(r.app, SOL_UDP, UDP_CORK, &on, sizeof(on)), "it was corked");
	never(!getsockopt(r.app, SOL_UDP, UDP_CORK, &value, &len) && value, "it is corked");
}

static void mapped_drain(void)
{
	uint8_t wire[512];

	while (recv(mapped.app, wire, sizeof(wire), MSG_DONTWAIT) > 0)
		;
	while (recv(mapped_far.far.fd, wire, sizeof(wire), MSG_DONTWAIT) > 0)
		;
}

static void mapped_talks(unsigned long round)
{
	uint8_t plain[512], wire[512];
	int len = rig_rtp(plain, TRAFFIC_APP + 2, ++mapped_seq, 100);

	(void)round;
	write(mapped.app, plain, len);
	len = rig_seal(&mapped_far.up, NULL, plain, len, mapped_seq, wire);
	send(mapped_far.far.fd, wire, len, MSG_DONTWAIT);
	mapped_drain();
}

/* In each direction it is what it was, races ago: what it did not read is there. */
static bool mapped_works(void)
{
	uint64_t index = ++mapped_seq;
	uint8_t plain[512];
	int len = rig_rtp(plain, TRAFFIC_APP + 2, index, 100);

	mapped_drain();
	return rig_hears(&mapped, &mapped_far.far, &mapped_far.up, NULL, plain, len, index) &&
	       rig_says(&mapped, &mapped_far.far, &mapped_far.down, NULL, plain, len, index);
}

/* The value is read twice, perhaps: another thread changes it between. */
static int cork_value;

static void cork(unsigned long round)
{
	int value;
	socklen_t len = sizeof(value);

	(void)round;
	setsockopt(r.app, SOL_UDP, UDP_CORK, &cork_value, sizeof(cork_value));
	never(!getsockopt(r.app, SOL_UDP, UDP_CORK, &value, &len) && value,
	      "a value that changed corked it");
}

static void cork_changes(unsigned long round)
{
	__atomic_store_n(&cork_value, round & 1, __ATOMIC_RELAXED);
}

static void corked_sends(unsigned long round)
{
	uint8_t plain[512];
	int len = rig_rtp(plain, TRAFFIC_APP + 2, round, 100);

	never(sendto(r.app, plain, len, MSG_MORE | MSG_DONTWAIT, &out.far.addr.sa,
		     rig_addr_len(&out.far.addr)) >= 0, "MSG_MORE was taken");
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void filters(unsigned long round)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	struct sock_fprog prog = { .len = 1, .filter = &all };
	static const struct bpf_insn accept[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0x7fffffff },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = ARRAY_SIZE(accept),
		.insns = (uintptr_t)accept, .license = (uintptr_t)"GPL",
	};
	int zero = 0, fd;

	setsockopt(r.app, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
	if (round % 4 == 0) {
		fd = bpf(BPF_PROG_LOAD, &attr);
		if (fd >= 0) {
			setsockopt(r.app, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd));
			close(fd);
		}
	}
	setsockopt(r.app, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero));
	prog.len = 1;
	setsockopt(r.app, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog));
}

/* ---- who else would like to have it ---- */

static int maps[2] = { -1, -1 };

static int put_in_map(int map, int fd)
{
	uint64_t value = fd;
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&value,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

static void take_from_map(int map)
{
	uint32_t key = 0;
	union bpf_attr attr = { .map_fd = map, .key = (uintptr_t)&key };

	bpf(BPF_MAP_DELETE_ELEM, &attr);
}

static void make_maps(void)
{
	static const unsigned int types[] = {
		BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		union bpf_attr attr = {
			.map_type = types[i], .key_size = 4, .value_size = 8, .max_entries = 4,
		};

		maps[i] = bpf(BPF_MAP_CREATE, &attr);
		if (maps[i] < 0)
			kt_note("no BPF map of sockets of type %u: %s", types[i], strerror(errno));
	}
}

static void into_maps(unsigned long round)
{
	int map = maps[round & 1];

	if (map >= 0)
		never(!put_in_map(map, r.app), "a map took the socket");
}

/*
 * A socket that is put into a map and attached at once: one of the two has it, and
 * when both have let go of it the socket sends as before, and closes.
 */
static atomic_int shared = -1;

static void in_map(unsigned long round)
{
	int fd = atomic_load(&shared), map = maps[round & 1];

	if (fd < 0 || map < 0)
		return;
	put_in_map(map, fd);
	take_from_map(map);
}

static struct ksrtp_handle *shared_handle;

static void in_ksrtp(unsigned long round)
{
	struct ksrtp_sock sock = { 0 };
	union rig_addr a;
	int fd = rig_udp("127.0.0.1", 0), one = 1, i;

	(void)round;
	a = rig_local(fd);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	atomic_store(&shared, fd);
	for (i = 0; i < 8; i++) {
		sock.has = 0;
		sock.id = 0;
		if (!ksrtp_sock_attach(shared_handle, fd, &sock))
			break;
	}
	never(sendto(fd, "plain", 5, 0, &a.sa, sizeof(a.in)) != 5, "it does not send");
	atomic_store(&shared, -1);
	close(fd);
}

/* ---- copies of the descriptor ---- */

static int socks[2];

static void copies(unsigned long round)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = &round, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	uint8_t other[32];
	int fd, pidfd, len = rig_other(other, round);

	close(dup(r.app));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &r.app, sizeof(int));
	if (sendmsg(socks[0], &msg, MSG_DONTWAIT) == 1 && round & 1 &&
	    recvmsg(socks[1], &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == 1 &&
	    CMSG_FIRSTHDR(&msg)) {
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		sendto(fd, other, len, MSG_DONTWAIT, &out.far.addr.sa,
		       rig_addr_len(&out.far.addr));
		close(fd);
	}
	pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	if (pidfd >= 0) {
		fd = syscall(SYS_pidfd_getfd, pidfd, r.app, 0);
		if (fd >= 0)
			close(fd);
		close(pidfd);
	}
}

static void forks(unsigned long round)
{
	uint8_t plain[512];
	int len = rig_rtp(plain, TRAFFIC_APP + 3, round, 100);
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		sendto(r.app, plain, len, MSG_DONTWAIT, &out.far.addr.sa,
		       rig_addr_len(&out.far.addr));
		close(r.app);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void readers(unsigned long round)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	uint8_t pkt[2048];

	recv(r.app, pkt, sizeof(pkt), MSG_PEEK | MSG_DONTWAIT);
	recv(r.app, pkt, 3, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	if (round & 1)
		recv(r.app, pkt, sizeof(pkt), MSG_DONTWAIT);
	recv(r.app, pkt, sizeof(pkt), MSG_ERRQUEUE | MSG_DONTWAIT);
	if (ep >= 0 && !epoll_ctl(ep, EPOLL_CTL_ADD, r.app, &event))
		epoll_wait(ep, &event, 1, 1);
	close(ep);
	if (round % 16 == 0)
		shutdown(r.app, SHUT_RD);	/* of a socket that is not connected: refused */
}

/* ---- sockets that come and go ---- */

static void short_lived(struct ksrtp_handle *h, const char *ip, unsigned long round, int how)
{
	struct ksrtp_sock sock = { 0 };
	struct rig mine = { .h = h };
	uint8_t plain[4096];
	struct rig_key k;
	uint32_t peer;
	int len, one = 1;

	mine.app = socket(strchr(ip, ':') ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(mine.app, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	mine.addr = rig_addr(ip, how == 1 ? 5099 : 0);
	if (mine.app < 0 || bind(mine.app, &mine.addr.sa, rig_addr_len(&mine.addr)))
		kt_bail("a socket: %s", strerror(errno));
	mine.addr = rig_local(mine.app);
	if (ksrtp_sock_attach(h, mine.app, &sock))
		kt_bail("attach: %s", ksrtp_error(h));
	mine.sock = sock.id;
	peer = rig_peer(&mine, &mine.addr);
	rig_hbh(&k, round & 1 ? LEG_SUITE : "AEAD_AES_128_GCM", 5);
	rig_key(&mine, peer, KSRTP_DIR_TX, &k);
	rig_hbh(&k, round & 1 ? LEG_SUITE : "AEAD_AES_128_GCM", 6);
	rig_key(&mine, peer, KSRTP_DIR_RX, &k);
	for (len = 0; len < 8; len++) {
		int size = rig_rtp(plain, 1, len, 1000);

		sendto(mine.app, plain, size, MSG_DONTWAIT, &mine.addr.sa,
		       rig_addr_len(&mine.addr));
	}
	if (how == 2)
		ksrtp_sock_del(h, mine.sock);
	if (how == 3) {
		rig_connect(mine.app, &mine.addr);
		shutdown(mine.app, SHUT_RDWR);
	}
	close(mine.app);
}

/* One each: the library's is one thread's */
static struct ksrtp_handle *life_handles[3];

static void lives(unsigned long round)
{
	short_lived(life_handles[0], round & 4 ? "::1" : "127.0.0.1", round, round % 4);
}

static void other_lives(unsigned long round)
{
	short_lived(life_handles[1], "127.0.0.1", round, round & 1);
}

/*
 * A sender that sleeps because its buffer is full, and whose socket is closed
 * meanwhile: by another file in its place, so that the number is nobody else's
 * while the sender still uses it.
 */
static pthread_mutex_t sleepy_lock = PTHREAD_MUTEX_INITIALIZER;
static int sleepy = -1, nothing;

static void set_sleepy(int fd)
{
	pthread_mutex_lock(&sleepy_lock);
	sleepy = fd;
	pthread_mutex_unlock(&sleepy_lock);
}

static void sleeps(unsigned long round)
{
	static const struct timeval tv = { .tv_usec = 20000 };
	int fd = rig_udp("127.0.0.1", 0), least = 1;
	struct ksrtp_sock sock = { 0 };
	uint8_t plain[4096];
	int i, len;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (ksrtp_sock_attach(life_handles[2], fd, &sock))
		kt_bail("attach: %s", ksrtp_error(life_handles[2]));
	set_sleepy(fd);
	for (i = 0; i < 8; i++) {
		/* What is no media passes: here it is the buffer that counts. */
		len = rig_other(plain, round);
		memset(plain + len, 0, sizeof(plain) - len);
		sendto(fd, plain, sizeof(plain), 0, &in.far.addr.sa, rig_addr_len(&in.far.addr));
	}
	set_sleepy(-1);
	close(fd);
}

static void closes(unsigned long round)
{
	usleep(200 + round % 17 * 100);
	pthread_mutex_lock(&sleepy_lock);
	if (sleepy >= 0)
		dup2(nothing, sleepy);
	pthread_mutex_unlock(&sleepy_lock);
}

/* ---- the races ---- */

static struct race_actor calls[] = {
	{ .what = "connect, connect elsewhere, disconnect", .turn = connects },
	{ .what = "write to whomever it is connected", .turn = writes },
	{ .what = "socket options", .turn = options },
};

static struct race_actor takers_race[] = {
	{ .what = "UDP_ENCAP, IPV6_ADDRFORM, TLS, UDP_CORK", .turn = takers },
	{ .what = "what an IPv6 socket says and hears of an IPv4 peer", .turn = mapped_talks },
	{ .what = "UDP_CORK with a value that changes", .turn = cork },
	{ .what = "the value", .turn = cork_changes },
	{ .what = "MSG_MORE", .turn = corked_sends },
	{ .what = "into a sockmap and a reuseport array", .turn = into_maps },
	{ .what = "socket filters", .turn = filters },
};

static struct race_actor maps_race[] = {
	{ .what = "a socket attached and closed", .turn = in_ksrtp },
	{ .what = "it into maps of sockets and out", .turn = in_map },
};

static struct race_actor copies_race[] = {
	{ .what = "dup, SCM_RIGHTS, pidfd_getfd", .turn = copies },
	{ .what = "forked children that send", .turn = forks },
	{ .what = "MSG_PEEK, epoll, error queue", .turn = readers },
};

static struct race_actor lives_race[] = {
	{ .what = "sockets attached, used, closed", .turn = lives },
	{ .what = "others, of a SO_REUSEPORT group", .turn = other_lives },
	{ .what = "senders asleep", .turn = sleeps },
	{ .what = "their sockets closed", .turn = closes },
};

static const struct {
	const char *promise;
	struct race_actor *actors;
	size_t n;
} races[] = {
	{ "connected, connected elsewhere, disconnected under traffic", calls, ARRAY_SIZE(calls) },
	{ "nobody takes it under traffic", takers_race, ARRAY_SIZE(takers_race) },
	{ "a sockmap and ksrtp at once: one of them has it", maps_race, ARRAY_SIZE(maps_race) },
	{ "copied, passed on and shared under traffic", copies_race, ARRAY_SIZE(copies_race) },
	{ "closed under traffic", lives_race, ARRAY_SIZE(lives_race) },
};

/* As it was made, but for what has been sent */
static void restore(void)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int zero = 0;

	connect(r.app, &unspec, sizeof(unspec));
	setsockopt(r.app, SOL_SOCKET, SO_BINDTODEVICE, "", 0);
	setsockopt(r.app, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero));
	set(SOL_UDP, UDP_SEGMENT, 0);
	set(SOL_IP, IP_TTL, 64);
	set(SOL_SOCKET, SO_PEEK_OFF, -1);
}

int main(void)
{
	int refs = race_refs();
	struct ksrtp_stats s;
	size_t i;

	kt_plan(ARRAY_SIZE(races) + 7);
	kt_netns();
	make_maps();
	shared_handle = rig_handle();
	life_handles[0] = rig_handle();
	life_handles[1] = rig_handle();
	life_handles[2] = rig_handle();
	nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nothing < 0)
		kt_bail("/dev/null: %s", strerror(errno));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, socks))
		kt_bail("socketpair: %s", strerror(errno));
	/* To a port asked for: one that was given goes with the connection. */
	rig_attach(&r, rig_udp("127.0.0.1", 5004));
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_open(&r, &out, "127.0.0.1", 2);
	leg_route(&r, &in, TRAFFIC_SSRC, &out);
	traffic_start(&t, &r, &in, &out);
	leg_open_mapped(&mapped, &mapped_far, 3);
	kt_ok(traffic_passes(&t), "traffic passes");
	for (i = 0; i < ARRAY_SIZE(races); i++) {
		bool ran = race_run(races[i].actors, races[i].n, MS, 3);

		restore();
		kt_ok(ran && traffic_passes(&t),
		      "%s: traffic passes", races[i].promise);
	}
	kt_is(atomic_load(&wrong), 0, "what is refused was refused each time");
	kt_ok(mapped_works(), "an IPv6 socket of an IPv4 peer is what it was");
	rig_close(&mapped);
	close(mapped_far.far.fd);
	traffic_stop(&t);
	kt_is(atomic_load(&t.plain), 0, "of all that not a packet left unprotected");
	kt_note("%lu sent in, %lu relayed, %lu heard, %lu said, %lu refused",
		atomic_load(&t.sent), atomic_load(&t.relayed), atomic_load(&t.heard),
		atomic_load(&t.said), atomic_load(&t.failed));
	kt_ok(kt_wait_until((rig_stats(&r, &s), s.socks == 1), RIG_WAIT),
	      "the sock is there still, and none besides");
	/* In flight on the socket pair it is open still. */
	close(socks[0]);
	close(socks[1]);
	rig_close(&r);
	kt_ok(race_nothing_left(), "and goes with its socket");
	kt_ok(kt_wait_until(race_refs() == refs, RIG_WAIT), "the module is free");
	return kt_done();
}
