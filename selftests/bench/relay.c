// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relay: the user-space peer of the bench, as fast as plain sockets and libsrtp make it.
 *
 *	relay -l ADDR:PORT -f ADDR:PORT -t ADDR:PORT -s SUITE -i KEYFILE -o KEYFILE [-g]
 *
 * Takes what arrives at -l, up to 64 packets a call, removes the protection of -i, adds that of -o
 * and sends from -f to -t: one sendmmsg, or with -g as few sendmsg calls with UDP_SEGMENT as the
 * packets' sizes allow. Nothing is copied between receiving and sending.
 *
 * The parent ends when the sockets are bound and prints the process id of the relay.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keys.h"
#include "libsrtp.h"

#define BATCH 64
#define SLOT 2048
/* What one UDP_SEGMENT send may carry */
#define GSO_BYTES 65000

static srtp_t in, out;
static uint8_t bytes[BATCH][SLOT];
static struct iovec iov[BATCH];
static struct mmsghdr msgs[BATCH];

static struct sockaddr_in parse_addr(char *arg)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	char *port = strchr(arg, ':');

	if (!port)
		errx(2, "%s: ADDR:PORT expected", arg);
	*port++ = 0;
	sa.sin_port = htons(atoi(port));
	if (inet_pton(AF_INET, arg, &sa.sin_addr) != 1)
		errx(2, "%s: no IPv4 address", arg);
	return sa;
}

static int udp_socket(const struct sockaddr_in *local, const struct sockaddr_in *remote)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), big = 16 << 20;

	if (fd < 0 || bind(fd, (const struct sockaddr *)local, sizeof(*local)))
		err(1, "bind");
	if (remote && connect(fd, (const struct sockaddr *)remote, sizeof(*remote)))
		err(1, "connect");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big)))
		err(1, "setsockopt");
	return fd;
}

static int receive(int fd)
{
	unsigned int i;
	int n;

	for (i = 0; i < BATCH; i++)
		iov[i].iov_len = SLOT;
	n = recvmmsg(fd, msgs, BATCH, MSG_WAITFORONE, NULL);
	if (n < 0)
		err(1, "recvmmsg");
	return n;
}

/* Return: how many are left; a packet libsrtp refuses is left out, and the bench sees it missing */
static int translate(int n)
{
	int i, k = 0, len;

	for (i = 0; i < n; i++) {
		len = msgs[i].msg_len;
		if (srtp_unprotect(in, iov[i].iov_base, &len) ||
		    srtp_protect(out, iov[i].iov_base, &len))
			continue;
		if (k != i) {
			void *p = iov[k].iov_base;

			iov[k].iov_base = iov[i].iov_base;
			iov[i].iov_base = p;
		}
		iov[k++].iov_len = len;
	}
	return k;
}

static void send_each(int fd, int n)
{
	int done, r;

	for (done = 0; done < n; done += r) {
		r = sendmmsg(fd, msgs + done, n - done, 0);
		if (r < 0)
			err(1, "sendmmsg");
	}
}

/* Packets of one size go together; the last of a run may be shorter */
static int run_of(int first, int n)
{
	size_t size = iov[first].iov_len, sum = size;
	int i;

	for (i = first + 1; i < n; i++) {
		if (iov[i].iov_len > size || sum + iov[i].iov_len > GSO_BYTES)
			return i - first;
		sum += iov[i].iov_len;
		if (iov[i].iov_len < size)
			return i + 1 - first;
	}
	return n - first;
}

static void send_segmented(int fd, int n)
{
	char control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
	struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	uint16_t size;
	int done, k;

	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(size));
	for (done = 0; done < n; done += k) {
		k = run_of(done, n);
		size = iov[done].iov_len;
		memcpy(CMSG_DATA(c), &size, sizeof(size));
		m.msg_iov = iov + done;
		m.msg_iovlen = k;
		if (sendmsg(fd, &m, 0) < 0)
			err(1, "sendmsg with UDP_SEGMENT");
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in listen_addr = { 0 }, from = { 0 }, to = { 0 };
	const char *suite = NULL;
	struct bench_key in_key = { 0 }, out_key = { 0 };
	struct sched_param sp = { 0 };
	bool segment = false;
	int rx, tx, i, c;
	pid_t pid;

	while ((c = getopt(argc, argv, "l:f:t:s:i:o:g")) != -1) {
		switch (c) {
		case 'l':
			listen_addr = parse_addr(optarg);
			break;
		case 'f':
			from = parse_addr(optarg);
			break;
		case 't':
			to = parse_addr(optarg);
			break;
		case 's':
			suite = optarg;
			break;
		case 'i':
			bench_read_keys(optarg, &in_key);
			break;
		case 'o':
			bench_read_keys(optarg, &out_key);
			break;
		case 'g':
			segment = true;
			break;
		default:
			exit(2);
		}
	}
	if (!listen_addr.sin_port || !from.sin_port || !to.sin_port || !suite || !in_key.n ||
	    !out_key.n)
		errx(2, "-l, -f, -t, -s, -i and -o are needed");

	in = bench_srtp(suite, in_key.bytes[0], ssrc_any_inbound);
	out = bench_srtp(suite, out_key.bytes[0], ssrc_any_outbound);
	for (i = 0; i < BATCH; i++) {
		iov[i].iov_base = bytes[i];
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	memset(bytes, 0, sizeof(bytes));
	rx = udp_socket(&listen_addr, NULL);
	tx = udp_socket(&from, &to);
	if (sched_setscheduler(0, SCHED_BATCH, &sp))
		err(1, "sched_setscheduler");

	/* All code is in memory before the first packet comes */
	if (mlockall(MCL_CURRENT))
		err(1, "mlockall");

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid) {
		printf("%d\n", pid);
		return 0;
	}
	fclose(stdout);
	for (;;) {
		int n = translate(receive(rx));

		if (segment)
			send_segmented(tx, n);
		else
			send_each(tx, n);
	}
}
