// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load: send packets into one network namespace, receive them in another, count what it cost.
 *
 *	load -f NETNS:ADDR:PORT -d ADDR:PORT -t NETNS:ADDR:PORT
 *	     [-i SUITE:KEYFILE] [-o SUITE:KEYFILE] [-s SIZE] [-b BURST] [-n COUNT] [-w WARMUP]
 *	     [-S SSRCS] [-B] [-e plain|libsrtp] [-c COMMAND]
 *
 * One process, closed loop: a burst is sent and received before the next one starts, so that
 * nothing waits in a queue and the guest never idles. All packets are made before the timed window
 * and all are checked after it: inside there is nothing but sendmmsg and recvmmsg.
 *
 * -i   suite and key of what is sent; packets are protected beforehand (left out: plain RTP)
 * -o   suite and keys of what is received, one key a line and a line per output: output i is
 *	received on PORT + i (left out: plain RTP, one output)
 * -s   bytes of a packet as plain RTP, header included
 * -S   spread the packets over so many SSRCs
 * -B   nothing is to arrive: measures the half of the way that ends before the receiver
 * -e   endpoint: the sending socket is to protect (plain: somebody else does it below sendmsg,
 *	libsrtp: this program does it in the timed window); -i is the suite and key
 * -c   run COMMAND once the sending socket exists, with its owner and number in SND_PID and SND_FD
 *
 * The timed window is cut into 16 stretches, and the two dearest are left out: now and then the
 * kernel has something of its own to do. Whatever comes with the packets comes in all of them.
 *
 * Prints one line of JSON members, or says what is wrong and exits 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"
#include "refsrtp.h"
#include "window.h"

#ifdef WITH_LIBSRTP
#include "libsrtp.h"
#endif

#define RTP_HEADER 12
#define TRAILER 32
#define FIRST_SEQ 1000
#define FIRST_SSRC 0x1000
/* Seconds until a packet counts as lost; an idle guest that counts instructions waits in no time */
#define TIMEOUT 30
#define STRETCHES 16
#define LEFT_OUT 2

enum endpoint { RELAY, ENDPOINT_PLAIN, ENDPOINT_LIBSRTP };

struct where {
	char netns[32];
	struct sockaddr_in sa;
};

static struct where from, to;
static struct sockaddr_in dst;
static const char *in_suite, *out_suite;
static struct bench_key in_keys, out_keys;
static unsigned int size = 172, burst = 64, count = 4096, warmup = 1024, ssrcs = 1;
static bool black_hole;
static enum endpoint endpoint;
static const char *command;

static unsigned int total, outputs = 1, slot;
static int snd_fd, rcv_fd[BENCH_MAX_KEYS];

/* Packet @i as it was before any protection; the checks make it again from its number */
static int plain(unsigned int i, void *out)
{
	struct ref_rtp r = {
		.seq = FIRST_SEQ + i / ssrcs,
		.timestamp = i / ssrcs * 160,
		.ssrc = FIRST_SSRC + i % ssrcs,
		.payload_len = size - RTP_HEADER,
		.fill = i,
	};

	return ref_rtp_build(&r, out);
}

/* The number of the packet a header belongs to, or total when it is none of ours */
static unsigned int number(const uint8_t *pkt, size_t len)
{
	uint32_t ssrc;
	uint16_t n;

	if (len < RTP_HEADER)
		return total;
	ssrc = ref_rtp_ssrc(pkt) - FIRST_SSRC;
	n = ref_rtp_seq(pkt) - FIRST_SEQ;
	if (ssrc >= ssrcs || (uint64_t)n * ssrcs + ssrc >= total)
		return total;
	return n * ssrcs + ssrc;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Memory that is there: a page fault inside the timed window would be counted */
static void *populated(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap of %zu bytes", len);
	return p;
}

static void parse_addr(const char *arg, struct sockaddr_in *sa)
{
	char buf[64], *port;

	snprintf(buf, sizeof(buf), "%s", arg);
	port = strrchr(buf, ':');
	if (!port)
		errx(2, "%s: ADDR:PORT expected", arg);
	*port++ = 0;
	*sa = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	if (inet_pton(AF_INET, buf, &sa->sin_addr) != 1)
		errx(2, "%s: no IPv4 address", arg);
}

static void parse_where(const char *arg, struct where *w)
{
	const char *c = strchr(arg, ':');

	if (!c || (size_t)(c - arg) >= sizeof(w->netns))
		errx(2, "%s: NETNS:ADDR:PORT expected", arg);
	memcpy(w->netns, arg, c - arg);
	parse_addr(c + 1, &w->sa);
}

static const char *parse_keys(char *arg, struct bench_key *k)
{
	char *file = strchr(arg, ':');

	if (!file)
		errx(2, "%s: SUITE:KEYFILE expected", arg);
	*file++ = 0;
	bench_read_keys(file, k);
	return arg;
}

static int udp_socket(const struct where *w, unsigned int port_offset)
{
	struct sockaddr_in sa = w->sa;
	struct timeval timeout = { .tv_sec = TIMEOUT };
	int big = 256 << 20;
	char path[64];
	int ns, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", w->netns);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		err(1, "%s", path);
	if (setns(ns, CLONE_NEWNET))
		err(1, "setns %s", path);
	close(ns);

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");
	sa.sin_port = htons(ntohs(sa.sin_port) + port_offset);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		err(1, "bind in %s", w->netns);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		err(1, "setsockopt");
	return fd;
}

static void ctx_init(struct ref_ctx *c, const char *suite, const struct bench_key *k,
		     unsigned int line)
{
	const struct ref_suite *s = ref_suite_find(suite);

	if (!s)
		errx(2, "%s: unknown suite", suite);
	if (k->len != s->key_len + s->salt_len)
		errx(1, "%s wants %zu bytes of key and salt, the file has %zu", suite,
		     s->key_len + s->salt_len, k->len);
	if (ref_ctx_init(c, suite, k->bytes[line], s->key_len, k->bytes[line] + s->key_len,
			 s->salt_len))
		errx(1, "%s: key refused", suite);
}

struct lane {
	struct mmsghdr *msgs;
	struct iovec *iov;
	uint8_t *bytes;
};

static void lane_init(struct lane *l)
{
	unsigned int i;

	l->msgs = populated(total * sizeof(*l->msgs));
	l->iov = populated(total * sizeof(*l->iov));
	l->bytes = populated((size_t)total * slot);
	for (i = 0; i < total; i++) {
		l->iov[i] = (struct iovec){ l->bytes + (size_t)i * slot, slot };
		l->msgs[i].msg_hdr.msg_iov = &l->iov[i];
		l->msgs[i].msg_hdr.msg_iovlen = 1;
	}
}

static void make_packets(struct lane *l)
{
	struct ref_ctx ctx;
	unsigned int i;
	int n;

	if (in_suite && endpoint == RELAY)
		ctx_init(&ctx, in_suite, &in_keys, 0);
	for (i = 0; i < total; i++) {
		uint8_t *p = l->iov[i].iov_base;

		n = plain(i, p);
		if (n > 0 && in_suite && endpoint == RELAY)
			n = ref_protect_rtp(&ctx, p, n, ref_index(0, ref_rtp_seq(p)), p);
		if (n < 0)
			errx(1, "packet %u: %s", i, ref_strerror(n));
		l->iov[i].iov_len = n;
	}
}

#ifdef WITH_LIBSRTP
static srtp_t srtp;

static void protect_init(void)
{
	srtp = bench_srtp(in_suite, in_keys.bytes[0], ssrc_any_outbound);
}

static void protect(struct iovec *iov, unsigned int n)
{
	unsigned int i;
	int len;

	for (i = 0; i < n; i++) {
		len = iov[i].iov_len;
		if (srtp_protect(srtp, iov[i].iov_base, &len))
			errx(1, "srtp_protect");
		iov[i].iov_len = len;
	}
}
#else
static void protect_init(void)
{
	errx(2, "built without libsrtp");
}

static void protect(struct iovec *iov, unsigned int n)
{
}
#endif

static void send_burst(struct lane *l, unsigned int first, unsigned int n)
{
	unsigned int done;
	int r;

	if (endpoint == ENDPOINT_LIBSRTP)
		protect(l->iov + first, n);
	for (done = 0; done < n; done += r) {
		r = sendmmsg(snd_fd, l->msgs + first + done, n - done, 0);
		if (r <= 0)
			err(1, "sendmmsg of packet %u", first + done);
	}
}

static void receive_burst(struct lane *lanes, unsigned int first, unsigned int n)
{
	unsigned int o, done;
	int r;

	for (o = 0; o < outputs; o++) {
		for (done = 0; done < n; done += r) {
			r = recvmmsg(rcv_fd[o], lanes[o].msgs + first + done, n - done, 0, NULL);
			if (r > 0)
				continue;
			if (errno != EAGAIN)
				err(1, "recvmmsg on output %u", o);
			errx(1, "lost: output %u has %u packets of the %u sent in a burst of %u", o,
			     first + done, first + n, n);
		}
	}
}

static void run(struct lane *snd, struct lane *rcv, unsigned int first, unsigned int n)
{
	unsigned int end = first + n, b;

	for (; first < end; first += b) {
		b = end - first < burst ? end - first : burst;
		send_burst(snd, first, b);
		if (!black_hole)
			receive_burst(rcv, first, b);
	}
}

static int dearer(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double cost(struct lane *snd, struct lane *rcv)
{
	unsigned int each = count / STRETCHES, i;
	uint64_t t[STRETCHES + 1], sum = 0;

	bench_window_begin();
	t[0] = now();
	for (i = 0; i < STRETCHES; i++) {
		run(snd, rcv, warmup + i * each, each);
		t[i + 1] = now();
	}
	bench_window_end();
	for (i = 0; i < STRETCHES; i++)
		t[i] = t[i + 1] - t[i];
	qsort(t, STRETCHES, sizeof(t[0]), dearer);
	for (i = 0; i < STRETCHES - LEFT_OUT; i++)
		sum += t[i];
	return (double)sum / (STRETCHES - LEFT_OUT) / each;
}

/* Every packet once, and as it was before it was protected */
static unsigned int verify(const struct lane *l, unsigned int output)
{
	uint8_t *seen = populated(total), want[REF_MAX_PACKET], got[REF_MAX_PACKET];
	unsigned int i, id, good = 0;
	struct ref_ctx ctx;
	int n, w;

	if (out_suite)
		ctx_init(&ctx, out_suite, &out_keys, output);
	for (i = 0; i < total; i++) {
		const uint8_t *p = l->iov[i].iov_base;

		n = l->msgs[i].msg_len;
		id = number(p, n);
		if (id == total || seen[id])
			errx(1, "output %u, packet %u: %s", output, i,
			     id == total ? "not one that was sent" : "a second time");
		seen[id] = 1;
		if (out_suite)
			n = ref_unprotect_rtp(&ctx, p, n, ref_index(0, ref_rtp_seq(p)), got);
		else
			memcpy(got, p, n);
		if (n < 0)
			errx(1, "output %u, packet %u: %s", output, i, ref_strerror(n));
		w = plain(id, want);
		if (n != w || memcmp(got, want, n))
			errx(1, "output %u, packet %u: not what was sent", output, i);
		good += i >= warmup;
	}
	munmap(seen, total);
	return good;
}

static void parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "f:d:t:i:o:s:b:n:w:S:Be:c:")) != -1) {
		switch (c) {
		case 'f':
			parse_where(optarg, &from);
			break;
		case 'd':
			parse_addr(optarg, &dst);
			break;
		case 't':
			parse_where(optarg, &to);
			break;
		case 'i':
			in_suite = parse_keys(optarg, &in_keys);
			break;
		case 'o':
			out_suite = parse_keys(optarg, &out_keys);
			break;
		case 's':
			size = atoi(optarg);
			break;
		case 'b':
			burst = atoi(optarg);
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'w':
			warmup = atoi(optarg);
			break;
		case 'S':
			ssrcs = atoi(optarg);
			break;
		case 'B':
			black_hole = true;
			break;
		case 'e':
			if (strcmp(optarg, "plain") && strcmp(optarg, "libsrtp"))
				errx(2, "-e %s: plain or libsrtp", optarg);
			endpoint = *optarg == 'p' ? ENDPOINT_PLAIN : ENDPOINT_LIBSRTP;
			break;
		case 'c':
			command = optarg;
			break;
		default:
			exit(2);
		}
	}
	total = warmup + count;
	if (!from.netns[0] || !to.netns[0] || !dst.sin_port)
		errx(2, "-f, -d and -t are needed");
	if (size < RTP_HEADER || size > 1400 || !burst || !count || !ssrcs)
		errx(2, "-s, -b, -n or -S out of range");
	if (count % STRETCHES || count / STRETCHES % burst)
		errx(2, "-n: %u stretches of whole bursts expected", STRETCHES);
	if ((total + ssrcs - 1) / ssrcs > 0x10000 - FIRST_SEQ)
		errx(2, "%u packets for %u SSRCs: the sequence number would wrap", total, ssrcs);
	if (out_suite)
		outputs = out_keys.n;
	slot = (size + TRAILER + 63) & ~63u;
}

int main(int argc, char **argv)
{
	struct sched_param sp = { 0 };
	struct lane snd, *rcv;
	unsigned int o, good = 0;
	double per_packet;

	parse_options(argc, argv);
	/* Nothing is read from a disk later: virtual time runs away while a guest waits for that */
	if (mlockall(MCL_CURRENT))
		err(1, "mlockall");
	/* woken, a SCHED_BATCH task does not preempt: bursts stay whole on one CPU */
	if (sched_setscheduler(0, SCHED_BATCH, &sp))
		err(1, "sched_setscheduler");

	rcv = calloc(outputs, sizeof(*rcv));
	if (!rcv)
		err(1, "calloc");
	for (o = 0; o < outputs; o++) {
		lane_init(&rcv[o]);
		rcv_fd[o] = udp_socket(&to, o);
	}
	snd_fd = udp_socket(&from, 0);
	if (connect(snd_fd, (struct sockaddr *)&dst, sizeof(dst)))
		err(1, "connect");
	lane_init(&snd);
	make_packets(&snd);
	if (endpoint == ENDPOINT_LIBSRTP)
		protect_init();
	if (command) {
		char num[16];

		snprintf(num, sizeof(num), "%d", getpid());
		setenv("SND_PID", num, 1);
		snprintf(num, sizeof(num), "%d", snd_fd);
		setenv("SND_FD", num, 1);
		if (system(command))
			errx(1, "failed: %s", command);
	}

	run(&snd, rcv, 0, warmup);
	per_packet = cost(&snd, rcv);

	if (!black_hole)
		for (o = 0; o < outputs; o++)
			good += verify(&rcv[o], o);
	printf("\"size\":%u,\"burst\":%u,\"outputs\":%u,\"ssrcs\":%u,\"packets\":%u,", size, burst,
	       black_hole ? 0 : outputs, ssrcs, count);
	printf("\"instructions_per_packet\":%.1f,\"delivered\":%u,\"verified\":%u\n",
	       per_packet, black_hole ? 0 : count * outputs, good);
	return 0;
}
