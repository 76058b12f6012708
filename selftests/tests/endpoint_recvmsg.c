// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading from a socket under ksrtp behaves as on any UDP socket, with the plain
 * datagram's length everywhere: recvmsg, recvmmsg, scattered buffers, MSG_TRUNC,
 * MSG_PEEK, FIONREAD, control messages, poll and epoll.
 */
#include "rig.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#define SSRC	0x0badcafe

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq;

/* The far end sends a packet of that payload; @plain is what it was. Return: length of @plain. */
static int hear(void *plain, size_t payload)
{
	uint8_t wire[REF_MAX_PACKET];
	int len = rig_rtp(plain, SSRC, seq, payload);

	rig_far_send(&f, wire, rig_seal(&key, NULL, plain, len, seq, wire));
	seq++;
	return len;
}

static bool readable(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1 && pfd.revents == POLLIN;
}

static void must_set(int level, int option, int value, const char *name)
{
	if (setsockopt(r.app, level, option, &value, sizeof(value)))
		kt_bail("%s: %s", name, strerror(errno));
}

static void truncation(void)
{
	uint8_t plain[2000], got[2000];
	struct iovec iov = { got, 50 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int len = hear(plain, 1000);
	ssize_t n;

	readable(r.app, RIG_WAIT);
	n = recvmsg(r.app, &msg, 0);
	kt_ok(n == 50 && msg.msg_flags & MSG_TRUNC && !memcmp(got, plain, 50),
	      "a short buffer gets the datagram's begin and MSG_TRUNC");
	len = hear(plain, 1000);
	readable(r.app, RIG_WAIT);
	kt_is(recv(r.app, got, 50, MSG_TRUNC), len, "MSG_TRUNC returns the plain length");
	kt_ok(rig_app_quiet(&r, &f), "what was cut off is gone");
}

static void peeking(void)
{
	uint8_t plain[2000], got[2000];
	int len = hear(plain, 333);
	int queued = 0;
	ssize_t n;

	readable(r.app, RIG_WAIT);
	kt_ok(!ioctl(r.app, FIONREAD, &queued) && queued == len,
	      "FIONREAD says the plain length (%d)", queued);
	n = recv(r.app, got, sizeof(got), MSG_PEEK);
	kt_mem_is(got, n < 0 ? 0 : n, plain, len, "MSG_PEEK shows the plain datagram");
	n = recv(r.app, got, 20, MSG_PEEK | MSG_TRUNC);
	kt_ok(n == len && !memcmp(got, plain, 20), "MSG_PEEK | MSG_TRUNC its length");
	kt_ok(rig_gets(r.app, plain, len), "and it is still there to be read");
}

static void in_pieces(void)
{
	uint8_t plain[2000], got[2000] = { 0 };
	struct iovec iov[] = { { got, 5 }, { got + 5, 0 }, { got + 5, 7 }, { got + 12, 1000 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = ARRAY_SIZE(iov) };
	int len = hear(plain, 256);
	ssize_t n;

	readable(r.app, RIG_WAIT);
	n = recvmsg(r.app, &msg, 0);
	kt_mem_is(got, n < 0 ? 0 : n, plain, len, "scattered buffers get the plain datagram");
}

static void many_at_once(void)
{
	static const size_t payloads[] = { 0, 1, 15, 16, 17, 1200, 1400, 160 };
	enum { N = ARRAY_SIZE(payloads) };
	uint8_t plain[N][1500], got[N][1500];
	struct mmsghdr msgs[N] = { 0 };
	struct iovec iov[N];
	int len[N], i, n = 0, now;
	bool ok = true;

	for (i = 0; i < N; i++) {
		len[i] = hear(plain[i], payloads[i]);
		iov[i] = (struct iovec){ got[i], sizeof(got[i]) };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (n < N && readable(r.app, RIG_WAIT)) {
		now = recvmmsg(r.app, msgs + n, N - n, MSG_DONTWAIT, NULL);
		if (now <= 0)
			break;
		n += now;
	}
	for (i = 0; i < n; i++)
		ok &= (int)msgs[i].msg_len == len[i] && !memcmp(got[i], plain[i], len[i]) &&
		      !msgs[i].msg_hdr.msg_flags;
	kt_ok(ok && n == N, "recvmmsg gives %d datagrams, each with its plain length", n);
}

static const void *cmsg_of(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

/*
 * Does a socket that has nothing to do with ksrtp get time stamps? The stack begins with
 * them in a work of its own, a moment after the first socket has asked.
 */
static bool stack_stamps(int fd)
{
	uint8_t byte = 0, control[512];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	if (send(fd, &byte, 1, 0) != 1 || !readable(fd, RIG_WAIT) || recvmsg(fd, &msg, 0) != 1)
		kt_bail("a socket does not hear itself: %s", strerror(errno));
	return cmsg_of(&msg, SOL_SOCKET, SCM_TIMESTAMPING);
}

static void stamp_packets(void)
{
	int fd = rig_udp("127.0.0.1", 0);
	int how = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	union rig_addr self = rig_local(fd);

	must_set(SOL_SOCKET, SO_TIMESTAMPING, how, "SO_TIMESTAMPING");
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &how, sizeof(how)))
		kt_bail("SO_TIMESTAMPING: %s", strerror(errno));
	rig_connect(fd, &self);
	if (!kt_wait_until(stack_stamps(fd), RIG_WAIT))
		kt_bail("the stack stamps no packet");
	close(fd);
}

static void control_messages(void)
{
	uint8_t plain[2000], got[2000], control[512];
	union rig_addr from = { 0 };
	struct iovec iov = { got, sizeof(got) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int tos = 0xb8, on = 1, len;
	const struct scm_timestamping *stamp;
	const struct in_pktinfo *info;
	struct timespec sent, now;
	const uint8_t *got_tos;
	ssize_t n;

	must_set(IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
	must_set(IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS");
	must_set(IPPROTO_IP, IP_RECVTTL, 1, "IP_RECVTTL");
	stamp_packets();
	if (setsockopt(f.fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)))
		kt_bail("IP_TOS: %s", strerror(errno));

	clock_gettime(CLOCK_REALTIME, &sent);
	len = hear(plain, 160);
	readable(r.app, RIG_WAIT);
	n = recvmsg(r.app, &msg, 0);
	clock_gettime(CLOCK_REALTIME, &now);

	kt_mem_is(got, n < 0 ? 0 : n, plain, len, "control messages come with the plain datagram");
	kt_mem_is(&from.in, msg.msg_namelen, &f.addr.in, sizeof(f.addr.in),
		  "the source address is the far end's");
	info = cmsg_of(&msg, IPPROTO_IP, IP_PKTINFO);
	kt_ok(info && info->ipi_addr.s_addr == r.addr.in.sin_addr.s_addr &&
	      info->ipi_ifindex == (int)if_nametoindex("lo"),
	      "IP_PKTINFO says where it was sent to and which link it came in");
	got_tos = cmsg_of(&msg, IPPROTO_IP, IP_TOS);
	kt_ok(got_tos && *got_tos == tos, "IP_TOS says what the far end set");
	kt_ok(cmsg_of(&msg, IPPROTO_IP, IP_TTL), "IP_TTL is there");
	stamp = cmsg_of(&msg, SOL_SOCKET, SCM_TIMESTAMPING);
	/* a clock of jiffies may lag behind by one of them */
	kt_ok(stamp && stamp->ts[0].tv_sec >= sent.tv_sec - 1 && stamp->ts[0].tv_sec <= now.tv_sec,
	      "the time stamp is that of its arrival");

	must_set(IPPROTO_IP, IP_PKTINFO, 0, "IP_PKTINFO");
	must_set(SOL_SOCKET, SO_TIMESTAMPING, 0, "SO_TIMESTAMPING");
	must_set(SOL_SOCKET, SO_TIMESTAMPNS, on, "SO_TIMESTAMPNS");
	msg.msg_controllen = sizeof(control);
	msg.msg_namelen = sizeof(from);
	hear(plain, 160);
	readable(r.app, RIG_WAIT);
	n = recvmsg(r.app, &msg, 0);
	kt_ok(n == len && cmsg_of(&msg, SOL_SOCKET, SCM_TIMESTAMPNS), "SO_TIMESTAMPNS is there");
}

/* Only a packet that is delivered wakes the application. */
static void waking(void)
{
	struct epoll_event level = { .events = EPOLLIN, .data.u32 = 1 };
	struct epoll_event edge = { .events = EPOLLIN | EPOLLET, .data.u32 = 2 };
	struct epoll_event got[2];
	uint8_t plain[2000], wire[2000];
	int ep[2] = { epoll_create1(0), epoll_create1(0) };
	struct ksrtp_stats before;
	int len, n;

	if (ep[0] < 0 || ep[1] < 0 || epoll_ctl(ep[0], EPOLL_CTL_ADD, r.app, &level) ||
	    epoll_ctl(ep[1], EPOLL_CTL_ADD, r.app, &edge))
		kt_bail("epoll: %s", strerror(errno));
	rig_stats(&r, &before);
	len = rig_rtp(plain, SSRC, seq, 100);
	n = rig_seal(&key, NULL, plain, len, seq, wire);
	wire[n - 1] ^= 1;
	rig_far_send(&f, wire, n);
	kt_ok(rig_dropped(&r, &before, KSRTP_A_DROPS_AUTH, 1) && !readable(r.app, 0) &&
	      !epoll_wait(ep[0], got, 1, 0) && !epoll_wait(ep[1], got, 1, 0),
	      "a packet that is dropped wakes neither poll nor epoll");
	kt_ok(recv(r.app, wire, sizeof(wire), MSG_DONTWAIT) == -1 && errno == EAGAIN,
	      "and there is nothing to read");

	hear(plain, 100);
	kt_ok(readable(r.app, RIG_WAIT), "a packet that is delivered wakes poll");
	kt_ok(epoll_wait(ep[0], got, 2, RIG_WAIT) == 1 && got[0].events == EPOLLIN &&
	      epoll_wait(ep[0], got, 2, 0) == 1, "epoll, for as long as it is unread");
	kt_ok(epoll_wait(ep[1], got, 2, RIG_WAIT) == 1 && got[0].events == EPOLLIN &&
	      !epoll_wait(ep[1], got, 2, 0), "and edge-triggered epoll, once");
	kt_ok(rig_gets(r.app, plain, len) && !readable(r.app, 0) && !epoll_wait(ep[0], got, 1, 0),
	      "once read, it wakes nobody any more");
	close(ep[0]);
	close(ep[1]);
}

static void aggregates(void)
{
	uint8_t plain[3][1000], wire[3 * 1000], *p = wire;
	int i, len = 0;
	bool ok = true;

	must_set(IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
	for (i = 0; i < 3; i++, seq++) {
		len = rig_rtp(plain[i], SSRC, seq, 500);
		p += rig_seal(&key, NULL, plain[i], len, seq, p);
	}
	rig_far_send_many(&f, wire, (p - wire) / 3, 3);
	for (i = 0; i < 3; i++)
		ok &= rig_gets(r.app, plain[i], len);
	kt_ok(ok && rig_app_quiet(&r, &f),
	      "three datagrams sent as one aggregate are read one by one with UDP_GRO on");
}

int main(void)
{
	kt_plan(23);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);

	truncation();
	peeking();
	in_pieces();
	many_at_once();
	control_messages();
	waking();
	aggregates();
	rig_close(&r);
	return kt_done();
}
