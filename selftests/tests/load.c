// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many peers on one sock, each with streams in both directions: how fast keys are
 * set, what a peer and a stream take of memory, and that nothing takes more than
 * its share where there are many: a packet, a dump, a hand-over by the tool, the
 * end. After it all a packet of each stream comes out right. 100 peers with 10
 * streams each; KSRTP_LOAD=100 has 10,000 and 100,000.
 */
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "cost.h"
#include "memory.h"

#define PEERS		100
#define STREAMS		5	/* of a peer in each direction */
#define PORT		5004
#define PAYLOAD		20
#define SIZE		(12 + PAYLOAD + 10)
#define WINDOW		64
#define SLICES		20	/* of what is set up, each timed */
#define SAMPLE		500	/* packets that are timed in a turn */
#define STRANGERS	300	/* the same, from addresses of nobody's */
#define TURNS		9
#define SHARED_SSRC	0x5a5a5a5a
#define FILE_OUT	"/tmp/ksrtp-load"
/* Above what chance may do; where time is quadratic it is ten times and more. */
#define BOUND		5.0
#define PACKET_BOUND	3.0

static struct rig r;
static struct rig_key up, down;
static unsigned int peers = PEERS;
static int far;
static uint32_t *ids;
static bool quiet;	/* of the part nothing is told */

/* ---- a far end with many addresses ---- */

static union rig_addr addr_of(unsigned int n)
{
	union rig_addr a = rig_addr("127.1.0.0", PORT);

	a.in.sin_addr.s_addr = htonl(ntohl(a.in.sin_addr.s_addr) + 1 + n);
	return a;
}

static uint32_t ssrc_of(unsigned int n, unsigned int stream)
{
	return 0x9e3779b1u * (n * STREAMS + stream + 1);
}

/* Loopback has all of 127/8, so one socket can send from each of them. */
static void send_from(unsigned int n, const void *pkt, size_t len)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)pkt, .iov_len = len };
	struct msghdr m = {
		.msg_name = &r.addr, .msg_namelen = sizeof(r.addr.in), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct in_pktinfo info = { .ipi_spec_dst = addr_of(n).in.sin_addr };

	control.h = (struct cmsghdr){
		.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO,
		.cmsg_len = CMSG_LEN(sizeof(info)),
	};
	memcpy(CMSG_DATA(&control.h), &info, sizeof(info));
	if (sendmsg(far, &m, 0) != (ssize_t)len)
		kt_bail("peer %u cannot send: %s", n, strerror(errno));
}

static int plain_of(unsigned int n, unsigned int stream, uint16_t seq, uint8_t *plain)
{
	return rig_rtp(plain, ssrc_of(n, stream), seq, PAYLOAD);
}

static void says(unsigned int n, unsigned int stream, uint16_t seq)
{
	uint8_t plain[SIZE], wire[SIZE + 10];
	int len = plain_of(n, stream, seq, plain);

	send_from(n, wire, rig_seal(&up, NULL, plain, len, seq, wire));
}

static void is_told(unsigned int n, unsigned int stream, uint16_t seq)
{
	union rig_addr to = addr_of(n);
	uint8_t plain[SIZE];
	int len = plain_of(n, stream, seq, plain);

	if (sendto(r.app, plain, len, 0, &to.sa, sizeof(to.in)) != len)
		kt_bail("peer %u cannot be sent to: %s", n, strerror(errno));
}

/* ---- what comes of a packet ---- */

static void drain(int fd)
{
	uint8_t pkt[SIZE + 1];

	while (recv(fd, pkt, sizeof(pkt), MSG_DONTWAIT) >= 0)
		;
}

static bool is_heard(unsigned int n, unsigned int stream, uint16_t seq)
{
	uint8_t plain[SIZE];

	return rig_gets(r.app, plain, plain_of(n, stream, seq, plain));
}

static bool arrives(unsigned int n, unsigned int stream, uint16_t seq)
{
	uint8_t plain[SIZE], wire[SIZE + 1], got[SIZE + 1];
	int len = plain_of(n, stream, seq, plain);
	int wire_len = rig_recv(far, wire, sizeof(wire));

	return wire_len > 0 && rig_unseal(&down, NULL, wire, wire_len, seq, got) == len &&
	       !memcmp(got, plain, len);
}

/* One of each stream, both ways */
static unsigned int right_ones(uint16_t seq)
{
	unsigned int n, i, right = 0;

	drain(r.app);
	drain(far);
	for (n = 0; n < peers; n++) {
		for (i = 0; i < STREAMS; i++)
			says(n, i, seq);
		for (i = 0; i < STREAMS; i++)
			right += is_heard(n, i, seq);
		for (i = 0; i < STREAMS; i++)
			is_told(n, i, seq);
		for (i = 0; i < STREAMS; i++)
			right += arrives(n, i, seq);
	}
	return right;
}

/* ---- what comes into being ---- */

static uint32_t peer_add(unsigned int n, uint32_t id)
{
	union rig_addr a = addr_of(n);
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&a));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (id)
		KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, id);
	if (ksrtp_peer_add(r.h, &peer))
		kt_bail("peer add: %s", ksrtp_error(r.h));
	return peer.id;
}

/* Of the times the slices of a half took the shortest, for others have the host too. */
struct halves {
	double shortest[2];
};

static void do_all(void (*one)(unsigned int n), struct halves *h)
{
	unsigned int size = peers / SLICES, n = 0, i;
	long long start;
	double took;

	for (i = 0; i < SLICES; i++) {
		double *shortest = &h->shortest[2 * i / SLICES];

		start = cost_now_us();
		for (; n < (i + 1 < SLICES ? (i + 1) * size : peers); n++)
			one(n);
		took = cost_now_us() - start;
		if (i % (SLICES / 2) == 0 || took < *shortest)
			*shortest = took;
	}
}

/* Each with the same key: what a key costs does not depend on which it is. */
static void set_up(const char *what, void (*one)(unsigned int n), unsigned int each)
{
	struct memory before, after;
	struct halves h;
	long long took;

	if (quiet) {
		do_all(one, &h);
		return;
	}
	memory_shrink();
	memory_read(&before);
	took = cost_now_us();
	do_all(one, &h);
	took = cost_now_us() - took;
	/* What nobody has read is the sockets', not the streams'. */
	drain(r.app);
	drain(far);
	memory_shrink();
	memory_read(&after);
	kt_note("%-28s %8u %9.0f %10.0f %10.0f", what, peers * each,
		peers * each * 1e6 / (took ?: 1),
		(after.objects - before.objects) / (double)(peers * each),
		(after.percpu - before.percpu) * 1024.0 / (peers * each));
	kt_ok(h.shortest[1] < BOUND * h.shortest[0],
	      "%s: beside many one more costs %.2f times what it costs beside few", what,
	      h.shortest[1] / h.shortest[0]);
}

static void a_peer(unsigned int n)
{
	ids[n] = peer_add(n, 0);
}

static void both_keys(unsigned int n)
{
	rig_key(&r, ids[n], KSRTP_DIR_RX, &up);
	rig_key(&r, ids[n], KSRTP_DIR_TX, &down);
}

static void rx_streams(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		says(n, i, 1);
}

static void tx_streams(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		is_told(n, i, 1);
}

/* ---- what it costs ---- */

/* A packet that a stream has had */
struct sample {
	unsigned int from;
	uint8_t wire[SIZE];
};

static struct sample samples[SAMPLE];

/* A step without a common divisor: neighbours are far apart. */
static void take_samples(void)
{
	unsigned int total = peers * STREAMS, i;
	uint8_t plain[SIZE];

	for (i = 0; i < SAMPLE; i++) {
		unsigned int at = (uint64_t)i * 7919 % total;
		uint32_t ssrc = ssrc_of(at / STREAMS, at % STREAMS);

		samples[i].from = at / STREAMS;
		rig_seal(&up, NULL, plain, rig_rtp(plain, ssrc, 1, PAYLOAD), 1, samples[i].wire);
	}
}

static uint64_t replayed(void)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	return stats.drops.count[KSRTP_A_DROPS_REPLAYED];
}

/* SAMPLE packets to the first @n of them in turn: what finds the stream is all there is */
static double time_of(void *first)
{
	const unsigned int *n = first;
	uint64_t want = replayed() + SAMPLE;
	long long start = cost_now_us();
	unsigned int i;

	for (i = 0; i < SAMPLE; i++)
		send_from(samples[i % *n].from, samples[i % *n].wire, SIZE);
	if (!kt_wait_until(replayed() == want, RIG_WAIT))
		kt_bail("%llu packets are missing", (unsigned long long)(want - replayed()));
	return cost_now_us() - start;
}

static void packets(void)
{
	unsigned int many = SAMPLE, few = STREAMS;
	double cost;

	take_samples();
	cost = cost_times(time_of, &many, &few, TURNS, PACKET_BOUND);
	kt_ok(cost < PACKET_BOUND,
	      "of %u streams of %u peers a packet to %u costs %.2f times one to %u",
	      peers * STREAMS, peers, SAMPLE, cost, STREAMS);
}

static int stranger;

/* From a port that is no peer's, with an SSRC that each peer may have moved with */
static double time_of_strangers(void *ssrc)
{
	struct ksrtp_stats stats;
	uint8_t pkt[SIZE] = { 0 };
	long long start;
	uint64_t want;
	unsigned int i;

	rig_stats(&r, &stats);
	want = stats.drops.count[KSRTP_A_DROPS_UNMATCHED] + STRANGERS;
	rig_rtp(pkt, *(uint32_t *)ssrc, 7, PAYLOAD + 10);
	start = cost_now_us();
	for (i = 0; i < STRANGERS; i++)
		if (sendto(stranger, pkt, SIZE, 0, &r.addr.sa, sizeof(r.addr.in)) != SIZE)
			kt_bail("a stranger cannot send: %s", strerror(errno));
	if (!kt_wait_until((rig_stats(&r, &stats),
			    stats.drops.count[KSRTP_A_DROPS_UNMATCHED] == want), RIG_WAIT))
		kt_bail("packets of strangers are missing");
	return cost_now_us() - start;
}

static void set_roam(unsigned int n, bool roam)
{
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, ids[n]);
	KSRTP_SET(&p, KSRTP_A_PEER_ROAM, roam, roam);
	if (ksrtp_peer_set(r.h, &p))
		kt_bail("peer set: %s", ksrtp_error(r.h));
}

/* Each peer has the SSRC and may roam, which is where a stranger's packet is looked at. */
static void strangers(void)
{
	uint32_t shared = SHARED_SSRC, nobodys = 1;
	unsigned int n;
	long long took;
	double cost;

	stranger = rig_udp("127.0.0.1", 0);
	for (n = 0; n < peers; n++) {
		uint8_t plain[SIZE], wire[SIZE + 10];
		int len = rig_rtp(plain, SHARED_SSRC, 1, PAYLOAD);

		set_roam(n, true);
		send_from(n, wire, rig_seal(&up, NULL, plain, len, 1, wire));
	}
	cost = cost_times(time_of_strangers, &shared, &nobodys, TURNS, PACKET_BOUND);
	kt_ok(cost < PACKET_BOUND,
	      "a stranger's packet with an SSRC of all %u peers costs %.2f times one with nobody's",
	      peers, cost);
	took = cost_now_us();
	for (n = 0; n < peers; n++)
		set_roam(n, false);
	kt_note("peers that roam and share one SSRC stop it in %.1f us each",
		(cost_now_us() - took) / (double)peers);
	close(stranger);
}

static int count(const struct ksrtp_stream *s, void *arg)
{
	(void)s;
	(*(unsigned int *)arg)++;
	return 0;
}

static double time_of_dump(void *n)
{
	long long start = cost_now_us();

	*(unsigned int *)n = 0;
	if (ksrtp_stream_dump(r.h, 0, NULL, count, n))
		kt_bail("stream dump: %s", ksrtp_error(r.h));
	return cost_now_us() - start;
}

/* Does the whole take as long for each as a tenth did? */
static void linear(const char *what, double part_us, unsigned int part, double all_us,
		   unsigned int all)
{
	double each_part = part_us / part, each_all = all_us / all;

	kt_ok(each_all < BOUND * each_part, "%s: %.1f us each of %u, %.1f of %u", what, each_all,
	      all, each_part, part);
}

/* With the command's own start */
static double tool_us(const char *command)
{
	long long start = cost_now_us();

	kt_must("%s", command);
	return cost_now_us() - start;
}

#define EXPORT	"ksrtp export > " FILE_OUT
#define SHOW	"ksrtp stream show > /dev/null"
#define IMPORT	"ksrtp import " FILE_OUT

static const char * const tool[] = { SHOW, EXPORT };

/* All of it again, as on another host, with the same ids */
static double time_of_import(void)
{
	long long took = cost_now_us();
	unsigned int n;

	if (ksrtp_peer_flush(r.h))
		kt_bail("peer flush: %s", ksrtp_error(r.h));
	if (!quiet)
		kt_note("all peers are deleted in %.3f s", (cost_now_us() - took) / 1e6);
	for (n = 0; n < peers; n++) {
		peer_add(n, ids[n]);
		both_keys(n);
	}
	return tool_us(IMPORT);
}

struct times {
	unsigned int streams;
	double dump, tool[ARRAY_SIZE(tool)], import;
};

static void measure(struct times *t)
{
	unsigned int i;

	t->dump = cost_shortest(time_of_dump, &t->streams, TURNS);
	for (i = 0; i < ARRAY_SIZE(tool); i++)
		t->tool[i] = tool_us(tool[i]);
	t->import = time_of_import();
}

static uint32_t streams(void)
{
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	return stats.streams;
}

/* ---- sockets of the module's own ---- */

#define SOCKS	200

static double grace_period_us(void *unused)
{
	long long start = cost_now_us();

	(void)unused;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		kt_bail("membarrier: %s", strerror(errno));
	return cost_now_us() - start;
}

/* Of many that end at once none waits for the others' readers one by one. */
static void own_sockets(void)
{
	double grace, each;
	struct ksrtp_handle *h = rig_handle();
	long long took;
	int i;

	for (i = 0; i < SOCKS; i++) {
		union rig_addr a = rig_addr("127.0.0.1", 10000 + i);
		struct ksrtp_sock sock = { 0 };

		KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&a));
		if (ksrtp_sock_open(h, &sock))
			kt_bail("sock open: %s", ksrtp_error(h));
	}
	grace = cost_shortest(grace_period_us, NULL, TURNS);
	took = cost_now_us();
	if (ksrtp_sock_flush(h))
		kt_bail("sock flush: %s", ksrtp_error(h));
	each = (cost_now_us() - took) / (double)SOCKS;
	kt_ok(each < grace / 2, "%d sockets of the module's own end in %.0f us each, not in a grace period of %.0f",
	      SOCKS, each, grace);
	ksrtp_close(h);
}

/* ---- */

static void populate(void)
{
	if (!quiet)
		kt_note("%-28s %8s %9s %10s %10s", "what", "number", "a second", "bytes each",
			"percpu");
	set_up("peers", a_peer, 1);
	set_up("keys", both_keys, 2);
	set_up("streams received", rx_streams, STREAMS);
	set_up("streams sent", tx_streams, STREAMS);
}

static void begin(void)
{
	rig_open(&r, "127.0.0.1");
	far = rig_udp("0.0.0.0", PORT);
}

/* The sock is taken from the application's socket, which lives on. */
static void finish(void)
{
	long long took = cost_now_us();

	if (ksrtp_sock_del(r.h, r.sock))
		kt_bail("sock del: %s", ksrtp_error(r.h));
	if (!quiet)
		kt_note("sock del takes %.3f s", (cost_now_us() - took) / 1e6);
	close(far);
	rig_close(&r);
}

static bool all_gone(const struct memory *empty)
{
	long long took = cost_now_us();
	struct memory now;
	bool gone;

	gone = kt_wait_until((memory_shrink(), memory_read(&now),
			      !now.streams && now.refcnt == empty->refcnt), RIG_WAIT);
	kt_note("%ld streams are left after %.3f s more; %lld kB of objects and %ld kB of processors more than before",
		now.streams, (cost_now_us() - took) / 1e6, (now.objects - empty->objects) / 1024,
		now.percpu - empty->percpu);
	return gone;
}

int main(void)
{
	const char *load = getenv("KSRTP_LOAD");
	struct times part, all;
	struct memory empty;
	unsigned int full, i;

	kt_plan(15);
	full = PEERS * (load && atoi(load) > 0 ? atoi(load) : 1);
	ids = calloc(full, sizeof(*ids));
	if (!ids)
		kt_bail("no memory");
	rig_start();
	rig_hbh(&up, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_hbh(&down, "AES_CM_128_HMAC_SHA1_80", 2);
	rig_key_window(&up, WINDOW);
	rig_key_window(&down, WINDOW);
	memory_shrink();
	memory_read(&empty);

	begin();
	peers = full;
	populate();
	kt_is(streams(), 2 * full * STREAMS, "one sock has %u peers with %u streams", full,
	      2 * full * STREAMS);
	packets();
	strangers();
	measure(&all);
	kt_is(streams(), (2 * STREAMS + 1) * full, "after the import there are as many streams");
	kt_is(right_ones(2), 2 * full * STREAMS, "and of each the next packet comes out right");
	finish();
	kt_ok(all_gone(&empty), "when the sock is deleted nothing is left of it");

	begin();
	peers = full / 10;
	quiet = true;
	populate();
	measure(&part);
	finish();
	linear("a dump of streams", part.dump, part.streams, all.dump, all.streams);
	for (i = 0; i < ARRAY_SIZE(tool); i++)
		linear(tool[i], part.tool[i], part.streams, all.tool[i], all.streams);
	linear(IMPORT, part.import, part.streams, all.import, all.streams);
	unlink(FILE_OUT);
	own_sockets();
	return kt_done();
}
