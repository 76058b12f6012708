// SPDX-License-Identifier: GPL-2.0-or-later
/* A socket that cannot be put under ksrtp is refused in words, and is as it was. */
#include "rig.h"

#include <linux/bpf.h>
#include <linux/netlink.h>
#include <netinet/udp.h>
#include <sys/syscall.h>

#ifndef UDP_ENCAP_L2TPINUDP
#define UDP_ENCAP_L2TPINUDP	3
#endif

static struct ksrtp_handle *h;

static int try_attach(int fd)
{
	struct ksrtp_sock sock = { 0 };

	return ksrtp_sock_attach(h, fd, &sock);
}

static uint32_t socks(void)
{
	struct ksrtp_stats stats;

	if (ksrtp_stats_get(h, &stats))
		kt_bail("stats: %s", ksrtp_error(h));
	return stats.socks;
}

/* Refused with this errno, with words of which one is @word, and no sock is there. */
static void refused(int fd, int error, const char *word, const char *what)
{
	int status = try_attach(fd);
	bool ok = status == -error && strcasestr(ksrtp_error(h), word);

	kt_note("%s: %s", strerror(-status), ksrtp_error(h));
	if (!ok)
		kt_note("want %s and '%s'", strerror(error), word);
	kt_ok(ok && !socks(), "%s is refused in words", what);
}

/* The datagram socket at @ip still hears itself. */
static bool alive(int fd, const char *ip)
{
	union rig_addr a = rig_local(fd), to = rig_addr(ip, 0);
	uint8_t other[20];
	int len = rig_other(other, 1);

	if (a.sa.sa_family == AF_INET)
		to.in.sin_port = a.in.sin_port;
	else
		to.in6.sin6_port = a.in6.sin6_port;
	return sendto(fd, other, len, 0, &to.sa, rig_addr_len(&to)) == len &&
	       rig_gets(fd, other, len);
}

static void attaches(int fd, const char *what)
{
	int status = try_attach(fd);

	kt_ok(!status, "%s: %s", what, status ? ksrtp_error(h) : "accepted");
	close(fd);
	if (!kt_wait_until(!socks(), RIG_WAIT))
		kt_bail("the sock of a closed socket is still there");
}

/* ---- what is no UDP socket ---- */

static int must(int fd, const char *what)
{
	if (fd < 0)
		kt_bail("no %s socket: %s", what, strerror(errno));
	return fd;
}

static void wrong_kind(int family, int type, int protocol, const char *word, const char *what)
{
	int fd = must(socket(family, type | SOCK_CLOEXEC, protocol), what);

	refused(fd, EOPNOTSUPP, word, what);
	close(fd);
}

/* Kernels beyond 7.0 may have none. */
static void udp_lite(int family, const char *what)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);

	if (fd < 0 && errno == EPROTONOSUPPORT) {
		kt_skip(what, "this kernel has no UDP-Lite");
		return;
	}
	refused(must(fd, what), EOPNOTSUPP, "UDP-Lite", what);
	close(fd);
}

static void kinds(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), pipes[2];

	refused(4000, EBADF, "descriptor", "a descriptor that is not open");
	refused(fd, ENOTSOCK, "socket", "a device");
	close(fd);
	if (pipe(pipes))
		kt_bail("pipe: %s", strerror(errno));
	refused(pipes[0], ENOTSOCK, "socket", "a pipe");
	close(pipes[0]);
	close(pipes[1]);
	wrong_kind(AF_INET, SOCK_STREAM, 0, "UDP", "TCP");
	wrong_kind(AF_INET6, SOCK_STREAM, 0, "UDP", "TCP over IPv6");
	wrong_kind(AF_UNIX, SOCK_DGRAM, 0, "UDP", "a UNIX datagram socket");
	wrong_kind(AF_INET, SOCK_RAW, IPPROTO_UDP, "UDP", "a raw socket for UDP");
	wrong_kind(AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "UDP", "a ping socket");
	wrong_kind(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE, "UDP", "a netlink socket");
	udp_lite(AF_INET, "UDP-Lite");
	udp_lite(AF_INET6, "UDP-Lite over IPv6");
}

/* ---- UDP sockets that are something else's ---- */

static void encapsulating(void)
{
	int fd = rig_udp("127.0.0.1", 0), type = UDP_ENCAP_L2TPINUDP;

	if (setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)))
		kt_bail("UDP_ENCAP: %s", strerror(errno));
	refused(fd, EBUSY, "encapsulates", "a socket that encapsulates");
	close(fd);
}

static void corked(void)
{
	int fd = rig_udp("127.0.0.1", 0), on = 1, off = 0;
	union rig_addr a = rig_local(fd);

	setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof(on));
	refused(fd, EBUSY, "corked", "a corked socket");
	sendto(fd, "1234", 4, 0, &a.sa, sizeof(a.in));
	refused(fd, EBUSY, "corked", "one that holds a datagram back");
	setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof(off));
	kt_ok(rig_gets(fd, "1234", 4), "which it sends when uncorked");
	sendto(fd, "12", 2, MSG_MORE, &a.sa, sizeof(a.in));
	refused(fd, EBUSY, "corked", "a socket in the middle of MSG_MORE");
	sendto(fd, "34", 2, 0, &a.sa, sizeof(a.in));
	kt_ok(rig_gets(fd, "1234", 4), "which sends when there is no more");
	attaches(fd, "uncorked it can be put under ksrtp");
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int make_map(unsigned int type)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = 4, .value_size = 8, .max_entries = 4,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int put_in_map(int map, int fd)
{
	uint64_t value = fd;
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&value,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) ? -errno : 0;
}

/* In a map it cannot be put under ksrtp, under ksrtp not into a map */
static void in_map(unsigned int type, const char *word, const char *what)
{
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "UDP"), one = 1;
	union rig_addr a = rig_addr("127.0.0.1", 0);
	int map = make_map(type), err;

	if (map < 0) {
		/* Only a kernel without the BPF syscall, or without such maps, has none. */
		kt_skip(what, "no such map in this kernel: %s", strerror(errno));
		kt_skip("a socket under ksrtp goes into no such map", "there is none");
		close(fd);
		return;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    bind(fd, &a.sa, sizeof(a.in)))
		kt_bail("bind: %s", strerror(errno));
	err = put_in_map(map, fd);
	if (err)
		kt_bail("%s: %s", what, strerror(-err));
	refused(fd, EBUSY, word, what);
	close(fd);

	fd = rig_udp("127.0.0.1", 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (try_attach(fd))
		kt_bail("attach: %s", ksrtp_error(h));
	err = put_in_map(map, fd);
	kt_ok(err < 0 && alive(fd, "127.0.0.1"), "a socket under ksrtp goes into no such map: %s",
	      strerror(-err));
	close(fd);
	close(map);
	if (!kt_wait_until(!socks(), RIG_WAIT))
		kt_bail("the sock of a closed socket is still there");
}

static void elsewhere(void)
{
	int here = kt_netns_fd(), fd;

	if (unshare(CLONE_NEWNET))
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
	fd = rig_udp("127.0.0.1", 0);
	kt_netns_enter(here);
	refused(fd, EXDEV, "namespace", "a socket of another network namespace");
	kt_ok(alive(fd, "127.0.0.1"), "which works on");
	close(fd);
}

static void twice(void)
{
	int fd = rig_udp("127.0.0.1", 0), copy = dup(fd);
	struct ksrtp_sock sock = { 0 };

	if (try_attach(fd))
		kt_bail("attach: %s", ksrtp_error(h));
	kt_ok(try_attach(fd) == -EBUSY && strstr(ksrtp_error(h), "already"),
	      "a socket is put under ksrtp once: %s", ksrtp_error(h));
	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, 4711);
	kt_is(ksrtp_sock_attach(h, copy, &sock), -EBUSY,
	      "under another descriptor and id it is the same");
	kt_is(socks(), 1, "it is there once");
	close(copy);
	close(fd);
	if (!kt_wait_until(!socks(), RIG_WAIT))
		kt_bail("the sock of a closed socket is still there");
}

/* After sock del the socket is plain and may be corked; then it is refused again. */
static void again(void)
{
	int fd = rig_udp("127.0.0.1", 0);
	union rig_addr a = rig_local(fd);
	struct ksrtp_sock sock = { 0 };

	if (ksrtp_sock_attach(h, fd, &sock) || ksrtp_sock_del(h, sock.id))
		kt_bail("attach and del: %s", ksrtp_error(h));
	kt_ok(alive(fd, "127.0.0.1"), "a socket that was under ksrtp works on");
	sendto(fd, "12", 2, MSG_MORE, &a.sa, sizeof(a.in));
	refused(fd, EBUSY, "corked", "one that holds back what was plain when it was written");
	sendto(fd, "34", 2, 0, &a.sa, sizeof(a.in));
	kt_ok(rig_gets(fd, "1234", 4), "it sends that when there is no more");
	attaches(fd, "then it can be put under ksrtp again");
}

static void good_ones(void)
{
	attaches(rig_udp("127.0.0.1", 0), "a bound IPv4 socket");
	attaches(rig_udp("::1", 0), "a bound IPv6 socket");
	attaches(rig_udp("::", 0), "a dual-stack socket");
	attaches(must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "UDP"),
		 "a socket that is not bound yet");
}

int main(void)
{
	kt_plan(11 + 1 + 6 + 4 + 2 + 3 + 4 + 4);
	rig_start();
	kt_must("sysctl -qw net.ipv4.ping_group_range='0 2147483647'");
	h = rig_handle();
	kinds();
	encapsulating();
	corked();
	in_map(BPF_MAP_TYPE_SOCKMAP, "sockmap", "a socket in a sockmap");
	in_map(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "SO_REUSEPORT",
	       "a socket in a BPF array of SO_REUSEPORT sockets");
	elsewhere();
	twice();
	again();
	good_ones();
	ksrtp_close(h);
	return kt_done();
}
