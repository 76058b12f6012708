// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing to a socket under ksrtp protects each datagram whatever call it is
 * written with (sendto, write, sendmsg with gathered buffers and control
 * messages, sendmmsg), and leaves what is neither RTP nor RTCP as it is.
 */
#include "rig.h"

#include <sys/uio.h>

#define SSRC	0x600df00d

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq;
static uint32_t srtcp_index = 1;

/* What the far end should get of the next packet */
struct expected {
	uint8_t plain[2000], wire[2000];
	int len, wire_len;
};

static void next_rtp(struct expected *e, size_t payload)
{
	e->len = rig_rtp(e->plain, SSRC, seq, payload);
	e->wire_len = rig_seal(&key, NULL, e->plain, e->len, seq, e->wire);
	seq++;
}

static void next_rtcp(struct expected *e)
{
	e->len = rig_rtcp(e->plain, SSRC, srtcp_index);
	e->wire_len = rig_seal_rtcp(&key, e->plain, e->len, srtcp_index, true, e->wire);
	srtcp_index++;
}

static void next_other(struct expected *e)
{
	e->len = rig_other(e->plain, seq);
	e->wire_len = e->len;
	memcpy(e->wire, e->plain, e->len);
}

static bool arrives(const struct expected *e)
{
	return rig_gets(f.fd, e->wire, e->wire_len);
}

static void one_by_one(void)
{
	struct expected e;
	uint8_t before[2000];
	int n;

	next_rtp(&e, 160);
	memcpy(before, e.plain, e.len);
	n = rig_app_send(&r, &f, e.plain, e.len);
	kt_ok(n == e.len && arrives(&e), "sendto sends SRTP and returns the plain length");
	kt_mem_is(e.plain, e.len, before, e.len, "the application's buffer stays as it was");

	rig_connect(r.app, &f.addr);
	next_rtp(&e, 161);
	kt_ok(write(r.app, e.plain, e.len) == e.len && arrives(&e), "write on a connected socket");
	next_rtcp(&e);
	kt_ok(send(r.app, e.plain, e.len, MSG_NOSIGNAL | MSG_DONTWAIT) == e.len && arrives(&e),
	      "send, RTCP");
	next_other(&e);
	kt_ok(send(r.app, e.plain, e.len, 0) == e.len && arrives(&e),
	      "what is neither RTP nor RTCP is sent as it is");
	kt_ok(send(r.app, NULL, 0, 0) == 0 && rig_gets(f.fd, "", 0), "an empty datagram too");
}

static void gathered(void)
{
	struct iovec iov[64];
	struct msghdr msg = { .msg_iov = iov };
	struct expected e;
	int at = 0, i, size;

	next_rtp(&e, 1200);
	/* pieces of 0, 1, 2, ... bytes: headers and blocks are cut anywhere */
	for (i = 0; at < e.len; i++, at += size) {
		size = i < e.len - at ? i : e.len - at;
		iov[i] = (struct iovec){ e.plain + at, size };
	}
	msg.msg_iovlen = i;
	kt_ok(sendmsg(r.app, &msg, 0) == e.len && arrives(&e), "sendmsg gathers %d pieces", i);
}

static void control_messages(void)
{
	union rig_addr loose = rig_addr("127.0.0.1", 0);
	uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int))];
	uint8_t got[2000], got_control[CMSG_SPACE(sizeof(int))];
	struct in_pktinfo info = { .ipi_spec_dst = loose.in.sin_addr };
	struct expected e;
	struct iovec iov, got_iov = { got, sizeof(got) };
	struct msghdr msg = {
		.msg_name = &f.addr, .msg_namelen = rig_addr_len(&f.addr), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = memset(control, 0, sizeof(control)),
		.msg_controllen = sizeof(control),
	};
	struct msghdr got_msg = {
		.msg_iov = &got_iov, .msg_iovlen = 1, .msg_control = got_control,
		.msg_controllen = sizeof(got_control),
	};
	struct pollfd pfd = { .fd = f.fd, .events = POLLIN };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int tos = 0x28, on = 1;
	ssize_t n;

	*c = (struct cmsghdr){ CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO };
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	c = CMSG_NXTHDR(&msg, c);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(tos)), IPPROTO_IP, IP_TOS };
	memcpy(CMSG_DATA(c), &tos, sizeof(tos));
	if (setsockopt(f.fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)))
		kt_bail("IP_RECVTOS: %s", strerror(errno));

	next_rtp(&e, 100);
	iov = (struct iovec){ e.plain, e.len };
	n = sendmsg(r.app, &msg, 0);
	poll(&pfd, 1, RIG_WAIT * kt_slow());
	kt_ok(n == e.len && recvmsg(f.fd, &got_msg, MSG_DONTWAIT) == e.wire_len &&
	      !memcmp(got, e.wire, e.wire_len), "sendmsg with IP_PKTINFO and IP_TOS protects");
	c = CMSG_FIRSTHDR(&got_msg);
	kt_ok(c && c->cmsg_type == IP_TOS && *CMSG_DATA(c) == tos, "and IP_TOS has its effect");
}

/* RTP, RTCP and others of any size in one call */
static void many_at_once(void)
{
	enum { N = 12 };
	static struct expected e[N];
	struct mmsghdr msgs[N] = { 0 };
	struct iovec iov[N];
	bool ok = true;
	int i, n;

	for (i = 0; i < N; i++) {
		if (i % 4 == 1)
			next_rtcp(&e[i]);
		else if (i % 4 == 3)
			next_other(&e[i]);
		else
			next_rtp(&e[i], i * 100);
		iov[i] = (struct iovec){ e[i].plain, e[i].len };
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &f.addr, .msg_namelen = rig_addr_len(&f.addr),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	n = sendmmsg(r.app, msgs, N, 0);
	for (i = 0; i < n; i++)
		ok &= (int)msgs[i].msg_len == e[i].len && arrives(&e[i]);
	kt_ok(ok && n == N, "sendmmsg sends %d of RTP, RTCP and others, each with its length", n);
}

/* A packet refused in the middle of sendmmsg ends it there, as on any socket */
static void refused_among_many(void)
{
	static const uint8_t malformed[] = { 0x8f, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct mmsghdr msgs[3] = { 0 };
	struct expected e[3];
	struct iovec iov[3];
	int i, n;

	for (i = 0; i < 3; i++) {
		if (i != 1)
			next_rtp(&e[i], 50);
		iov[i] = (struct iovec){ e[i].plain, e[i].len };
		if (i == 1)
			iov[i] = (struct iovec){ (void *)malformed, sizeof(malformed) };
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	n = sendmmsg(r.app, msgs, 3, 0);
	kt_ok(n == 1 && arrives(&e[0]) && rig_far_quiet(&r, &f),
	      "sendmmsg stops at a packet that is refused");
	kt_ok(sendmmsg(r.app, msgs + 1, 2, 0) == -1 && errno == EBADMSG &&
	      sendmmsg(r.app, msgs + 2, 1, 0) == 1 && arrives(&e[2]),
	      "says why when called again, and what came behind it can still be sent");
}

static void peers_of_one_socket(void)
{
	struct rig_far other;
	struct rig_key other_key;
	uint8_t plain[2000];
	int len;

	rig_far(&r, &other, "127.0.0.2");
	rig_hbh(&other_key, "AES_CM_128_HMAC_SHA1_32", 9);
	rig_key(&r, other.id, KSRTP_DIR_TX, &other_key);
	len = rig_rtp(plain, SSRC, 777, 200);
	kt_ok(rig_says(&r, &other, &other_key, NULL, plain, len, 777) && rig_far_quiet(&r, &f),
	      "a connected socket sends to another peer under that one's key");
	rig_far_close(&r, &other);
}

int main(void)
{
	struct ksrtp_stats stats;

	kt_plan(14);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);

	one_by_one();
	gathered();
	control_messages();
	many_at_once();
	refused_among_many();
	peers_of_one_socket();
	rig_stats(&r, &stats);
	kt_ok(stats.tx_packets == (uint64_t)seq + 1 && stats.tx_rtcp_packets == srtcp_index - 1,
	      "all of them are counted: %llu RTP, %llu RTCP", (unsigned long long)stats.tx_packets,
	      (unsigned long long)stats.tx_rtcp_packets);
	rig_close(&r);
	return kt_done();
}
