// SPDX-License-Identifier: GPL-2.0-or-later
/* A socket under ksrtp may be connected, connected elsewhere, and disconnected. */
#include "leg.h"

#define SSRC	0xc0111ec7

static struct rig r;
static struct leg a, b;
static uint8_t plain[512];
static uint64_t next = 1;

/* Written without an address, to whom the socket is connected */
static bool writes(const struct leg *to)
{
	int len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);
	ssize_t n = write(r.app, plain, len);

	if (n != len) {
		kt_note("write gives %zd: %s", n, strerror(errno));
		return false;
	}
	return leg_gets(to, plain, len, next++);
}

static bool reads(struct leg *from)
{
	int len = rig_rtp(plain, SSRC + 1, next, LEG_PAYLOAD);

	return rig_hears(&r, &from->far, &from->up, NULL, plain, len, next++);
}

static int disconnect(void)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };

	return connect(r.app, &unspec, sizeof(unspec)) ? -errno : 0;
}

/* The network has told the far end that nobody hears it. */
static bool refused(const struct leg *l)
{
	socklen_t len = sizeof(int);
	int error = 0;

	return kt_wait_until(!getsockopt(l->far.fd, SOL_SOCKET, SO_ERROR, &error, &len) && error,
			     RIG_WAIT) && error == ECONNREFUSED;
}

static bool attached(void)
{
	struct ksrtp_sock sock;

	return !ksrtp_sock_get(r.h, r.sock, &sock);
}

static void bound(const char *ip)
{
	int len;

	/* To a port asked for: one that was given goes with the connection. */
	rig_attach(&r, rig_udp(ip, 5004));
	leg_open(&r, &a, ip, 1);
	leg_open(&r, &b, ip, 2);
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_ok(write(r.app, plain, len) < 0 && errno == EDESTADDRREQ,
	      "%s: not connected, nothing can be written without an address", ip);
	rig_connect(r.app, &a.far.addr);
	kt_ok(writes(&a) && reads(&a), "connected under ksrtp, it is protected to and from its peer");
	leg_says(&b, SSRC + 1, 9);
	kt_ok(refused(&b) && reads(&a), "another peer is not heard then");
	rig_connect(r.app, &b.far.addr);
	kt_ok(writes(&b) && reads(&b), "connected to the other it is protected there");
	kt_is(disconnect(), 0, "it can be disconnected");
	kt_ok(attached(), "and stays under ksrtp");
	len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);
	kt_ok(rig_says(&r, &a.far, &a.down, NULL, plain, len, next++) && reads(&a) && reads(&b),
	      "it hears and speaks to both again");
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_is(rig_app_send(&r, &a.far, plain, len), -EEXIST,
	      "and has not forgotten which indices were used");
	rig_close(&r);
}

/* A socket that got its port by sending loses it with the connection, and gets another. */
static void unbound(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), len;
	struct rig_far f;
	struct rig_key k;

	rig_attach(&r, fd);
	f.fd = rig_udp("127.0.0.1", 0);
	f.addr = rig_local(f.fd);
	f.id = rig_peer(&r, &f.addr);
	rig_hbh(&k, LEG_SUITE, 7);
	rig_key(&r, f.id, KSRTP_DIR_TX, &k);
	rig_key(&r, f.id, KSRTP_DIR_RX, &k);
	len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD);
	kt_ok(rig_says(&r, &f, &k, NULL, plain, len, 1),
	      "a socket that was not bound is, by sending, and protects");
	rig_connect(fd, &f.addr);
	kt_is(disconnect(), 0, "connected and disconnected");
	len = rig_rtp(plain, SSRC, 2, LEG_PAYLOAD);
	kt_ok(rig_says(&r, &f, &k, NULL, plain, len, 2), "it is bound by sending again, and protects");
	r.addr = rig_local(fd);
	r.addr.in.sin_addr = rig_addr("127.0.0.1", 0).in.sin_addr;
	rig_connect(f.fd, &r.addr);
	len = rig_rtp(plain, SSRC + 9, 1, LEG_PAYLOAD);
	kt_ok(rig_hears(&r, &f, &k, NULL, plain, len, 1), "and hears at its new port");
	rig_close(&r);
}

int main(void)
{
	kt_plan(2 * 8 + 4);
	rig_start();
	bound("127.0.0.1");
	next = 1;
	bound("::1");
	unbound();
	return kt_done();
}
