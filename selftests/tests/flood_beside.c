// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stream is relayed while others flood its socket with what is dropped, or is
 * not media and is read by nobody: on another processor, steered over all of
 * them (RPS), on the same one, and with two sockets on the port. Every packet of
 * both is counted, or found the queue of a processor full; of a stream that has a
 * processor of its own none is lost at all. What a packet of the flood costs is in
 * a table.
 *
 * KSRTP_LOAD=N makes the floods last half N times as long.
 */
#include <linux/sock_diag.h>
#include <pthread.h>
#include <stdatomic.h>

#include "cost.h"
#include "cpus.h"

#define SSRC		0x600d0000
#define RATE		200	/* packets of the stream in a second */
#define PHASE_MS	300
#define BATCH		48
#define PAYLOAD		160
#define SIZE		(12 + PAYLOAD + 10)
#define PORT		5004
#define WINDOW		32768
#define TURNS		9
/* Where an SSRC is not known tags of two ROCs are computed, which is the dearest. */
#define BOUND		10.0

/* What an attacker sends. The name is the table's. */
enum kind { NOTHING, NON_MEDIA, NOBODY, NEW_SSRC, WRONG_TAG, REPLAY, KINDS };

static const struct {
	const char *name;
	unsigned int reason;	/* KSRTP_A_DROPS_*; 0: it is passed on */
} kinds[KINDS] = {
	[NOTHING] = { "no flood", 0 },
	[NON_MEDIA] = { "not media, unread", 0 },
	[NOBODY] = { "of no peer", KSRTP_A_DROPS_UNMATCHED },
	[NEW_SSRC] = { "forged, made-up SSRC", KSRTP_A_DROPS_AUTH },
	[WRONG_TAG] = { "forged, right SSRC", KSRTP_A_DROPS_AUTH },
	[REPLAY] = { "replay of a packet", KSRTP_A_DROPS_REPLAYED },
};

/*
 * Where packets of the stream and of the flood are sent, how they are steered, and
 * does the stream have a processor of its own?
 */
static const struct place {
	const char *name;
	unsigned int stream_cpu, flood_cpu;
	const char *steer;
	unsigned int socks;
	bool apart;
} places[] = {
	{ "two processors", 0, 1, "0", 1, true },
	{ "two, RPS over both", 0, 1, "3", 1, false },
	{ "two, RPS to the first", 0, 1, "1", 1, false },
	{ "one processor", 0, 0, "0", 1, false },
	{ "two, two sockets", 0, 1, "0", 2, true },
};

static struct rig r[2];
static struct leg in, out;
static struct rig_far stranger;
static uint8_t captured[SIZE];
static uint64_t next_index;
static unsigned int longer = 1;

/* ---- the world ---- */

static int shared_socket(void)
{
	union rig_addr a = rig_addr(CPUS_THERE, PORT);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    bind(fd, &a.sa, sizeof(a.in)))
		kt_bail("no socket on a shared port: %s", strerror(errno));
	return fd;
}

/* What the first sock has, for another one on its port */
static void same_again(struct rig *other)
{
	struct leg a = in, b = out;

	a.far.id = rig_peer(other, &in.far.addr);
	b.far.id = rig_peer(other, &out.far.addr);
	rig_key(other, a.far.id, KSRTP_DIR_RX, &in.up);
	rig_key(other, b.far.id, KSRTP_DIR_TX, &out.down);
	leg_route(other, &a, ANY_SSRC, &b);
}

static int sealed(uint32_t ssrc, uint64_t index, uint8_t *wire)
{
	uint8_t plain[SIZE];

	return rig_seal(&in.up, NULL, plain, rig_rtp(plain, ssrc, index, PAYLOAD), index, wire);
}

static void open_world(unsigned int socks)
{
	uint8_t relayed[SIZE + 1];
	unsigned int i;

	for (i = 0; i < socks; i++)
		rig_attach(&r[i], shared_socket());
	leg_make(&in, LEG_SUITE, 1);
	leg_make(&out, LEG_SUITE, 2);
	rig_key_window(&in.up, WINDOW);
	cpus_here();
	leg_join(&r[0], &in, CPUS_HERE);
	leg_join(&r[0], &out, CPUS_HERE);
	stranger.fd = rig_udp(CPUS_HERE, 0);
	rig_connect(stranger.fd, &r[0].addr);
	cpus_there();
	leg_route(&r[0], &in, ANY_SSRC, &out);
	for (i = 1; i < socks; i++)
		same_again(&r[i]);
	next_index = 1;
	if (sealed(SSRC, next_index, captured) != SIZE)
		kt_bail("a packet has another size");
	rig_far_send(&in.far, captured, SIZE);
	if (rig_recv(out.far.fd, relayed, sizeof(relayed)) != SIZE)
		kt_bail("the stream is not relayed");
	next_index++;
}

static void close_world(unsigned int socks)
{
	while (socks--)
		rig_close(&r[socks]);
	close(in.far.fd);
	close(out.far.fd);
	close(stranger.fd);
}

/* ---- stream and flood ---- */

struct phase {
	const struct place *place;
	enum kind kind;
	atomic_bool stop;
	uint64_t first;		/* index of the stream's first packet in it */
	unsigned long sent, flooded;
};

static void *send_stream(void *arg)
{
	unsigned int n = RATE * PHASE_MS / 1000 * longer, i;
	long long start, due;
	struct phase *p = arg;
	uint8_t wire[SIZE];

	cpus_pin(p->place->stream_cpu);
	start = cost_now_us();
	for (i = 0; i < n; i++) {
		sealed(SSRC, next_index++, wire);
		due = start + i * 1000000ll / RATE - cost_now_us();
		if (due > 0)
			usleep(due);
		rig_far_send(&in.far, wire, SIZE);
		p->sent++;
	}
	return NULL;
}

static void make_flood(enum kind kind, uint8_t *pkts, uint32_t salt)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		uint8_t *p = pkts + i * SIZE;

		switch (kind) {
		case NON_MEDIA:
			memset(p, 0, SIZE);
			rig_other(p, salt + i);
			break;
		case REPLAY:
			memcpy(p, captured, SIZE);
			break;
		case NEW_SSRC:
			rig_rtp(p, 1 + salt + i, salt + i, PAYLOAD + 10);
			break;
		default:
			/* Ahead of the stream, so that the tag alone is wrong */
			rig_rtp(p, SSRC, 20000 + i, PAYLOAD + 10);
		}
	}
}

static const struct rig_far *flood_from(enum kind kind)
{
	return kind == NOBODY || kind == NON_MEDIA ? &stranger : &in.far;
}

/* Each for itself: the queue of a processor counts an aggregate as one. */
static void send_each(int fd, uint8_t *pkts)
{
	struct mmsghdr m[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ .iov_base = pkts + i * SIZE, .iov_len = SIZE };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < BATCH; i += n) {
		n = sendmmsg(fd, m + i, BATCH - i, 0);
		if (n <= 0)
			kt_bail("the flood stops: %s", strerror(errno));
	}
}

static void *send_flood(void *arg)
{
	static uint8_t pkts[BATCH * SIZE];
	struct phase *p = arg;

	cpus_pin(p->place->flood_cpu);
	make_flood(p->kind, pkts, 0);
	while (!atomic_load(&p->stop)) {
		send_each(flood_from(p->kind)->fd, pkts);
		p->flooded += BATCH;
	}
	return NULL;
}

/* ---- what came of it ---- */

/* Of this phase, that is: one before may have left a packet behind. */
static bool take_one(const struct phase *p, unsigned long *got)
{
	uint8_t wire[SIZE + 1];
	int n = recv(out.far.fd, wire, sizeof(wire), MSG_DONTWAIT);

	if (n == SIZE && ref_rtp_ssrc(wire) == SSRC &&
	    (uint16_t)(ref_rtp_seq(wire) - p->first) < p->sent)
		++*got;
	return n > 0;
}

static unsigned long queue_drops(void)
{
	unsigned int taken[CPUS_MOST], dropped[CPUS_MOST];
	int n = cpus_softnet(taken, dropped);
	unsigned long all = 0;

	while (n--)
		all += dropped[n];
	return all;
}

static uint64_t counted(enum kind kind)
{
	struct ksrtp_stats s;

	rig_stats(&r[0], &s);
	return kinds[kind].reason ? s.drops.count[kinds[kind].reason] : s.other_packets;
}

/* Of all that was sent: what was counted, what came, what found a queue full */
struct account {
	unsigned long counted, came, full;
};

static bool is_settled(const struct phase *p, const struct account *before, struct account *now)
{
	while (take_one(p, &now->came))
		;
	now->full = queue_drops() - before->full;
	now->counted = counted(p->kind) - before->counted;
	return now->counted + now->came + now->full >= p->flooded + p->sent;
}

static void run_threads(struct phase *p)
{
	pthread_t stream, flood;

	if (p->kind != NOTHING && pthread_create(&flood, NULL, send_flood, p))
		kt_bail("no thread");
	if (pthread_create(&stream, NULL, send_stream, p))
		kt_bail("no thread");
	pthread_join(stream, NULL);
	atomic_store(&p->stop, true);
	if (p->kind != NOTHING)
		pthread_join(flood, NULL);
}

/* Without a flood, counted() is of packets that there are none of. */
static bool run_phase(const struct place *place, enum kind kind, bool *all_counted)
{
	struct phase p = { .place = place, .kind = kind, .first = next_index };
	struct account before = { counted(kind), 0, queue_drops() }, now = { 0 };
	long long start = kt_now_ms(), took;

	run_threads(&p);
	took = kt_now_ms() - start;
	if (!kt_wait_until(is_settled(&p, &before, &now), RIG_WAIT) || now.counted > p.flooded) {
		kt_note("of %lu of the flood %lu are counted", p.flooded, now.counted);
		*all_counted = false;
	}
	kt_note("%-22s %-22s %7lld %6lu %6lu %6lu", place->name, kinds[kind].name,
		p.flooded * 1000 / (took ?: 1), p.sent, now.came, now.full);
	return p.sent - now.came <= (place->apart ? 0 : now.full);
}

static void beside(const struct place *place)
{
	bool counted = true, kept = true;
	enum kind kind;

	open_world(place->socks);
	cpus_steer(place->steer);
	kt_note("%-22s %-22s %7s %6s %6s %6s", "place", "flood", "flood/s", "sent", "came", "full");
	for (kind = NOTHING; kind < KINDS; kind++)
		kept &= run_phase(place, kind, &counted);
	cpus_steer("0");
	close_world(place->socks);
	kt_ok(kept, "%s: of the stream nothing is lost%s", place->name,
	      place->apart ? "" : " but what found a queue full");
	kt_ok(counted, "%s: each packet of the floods is counted under its reason", place->name);
}

/* ---- what a packet costs ---- */

/* A socket that is full and not under ksrtp */
static int plain;

/* What has been worked on; of nothing that is what the full socket had no room for */
static uint64_t worked_on(enum kind kind)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (kind != NOTHING)
		return counted(kind);
	if (getsockopt(plain, SOL_SOCKET, SO_MEMINFO, info, &len))
		kt_bail("SO_MEMINFO: %s", strerror(errno));
	return info[SK_MEMINFO_DROPS];
}

/* A kind of packet, and where it is sent from */
struct batch {
	const struct rig_far *from;
	enum kind kind;
};

/* Until all are worked on, which is before the call returns, or counted a little later */
static double time_of(void *batch)
{
	const struct batch *b = batch;
	enum kind kind = b->kind;
	static uint8_t pkts[BATCH * SIZE];
	uint64_t want = worked_on(kind) + BATCH;
	long long start;

	make_flood(kind, pkts, 0);
	start = cost_now_us();
	rig_far_send_many(b->from, pkts, SIZE, BATCH);
	if (!kt_wait_until(worked_on(kind) >= want, RIG_WAIT))
		kt_bail("%s: not counted", kinds[kind].name);
	return cost_now_us() - start;
}

/* As a multiple of a datagram to the full socket */
static double cost_of(const struct rig_far *to_plain, enum kind kind)
{
	struct batch of_kind = { flood_from(kind), kind }, of_nothing = { to_plain, NOTHING };

	return cost_times(time_of, &of_kind, &of_nothing, TURNS, BOUND);
}

static void costs(void)
{
	static uint8_t pkts[BATCH * SIZE];
	double cost, most = 0;
	struct rig_far to_plain;
	union rig_addr addr;
	enum kind kind;
	int small = 1;

	plain = rig_udp(CPUS_THERE, 0);
	addr = rig_local(plain);
	open_world(1);
	setsockopt(plain, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	cpus_here();
	to_plain.fd = rig_udp(CPUS_HERE, 0);
	rig_connect(to_plain.fd, &addr);
	cpus_there();
	cpus_pin(0);
	rig_far_send_many(&to_plain, pkts, SIZE, BATCH);
	if (!kt_wait_until(worked_on(NOTHING), RIG_WAIT))
		kt_bail("a socket is never full");
	for (kind = NON_MEDIA; kind < KINDS; kind++) {
		cost = cost_of(&to_plain, kind);
		kt_note("%-22s costs %5.2f datagrams", kinds[kind].name, cost);
		if (cost > most)
			most = cost;
	}
	close(to_plain.fd);
	close(plain);
	close_world(1);
	kt_ok(most < BOUND, "the dearest packet of a flood costs %.1f datagrams", most);
}

int main(void)
{
	const char *load = getenv("KSRTP_LOAD");
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		kt_skip_all("one processor alone is never beside another");
	if (load && atoi(load) > 1)
		longer = atoi(load) / 2;
	kt_plan(2 * ARRAY_SIZE(places) + 1);
	cpus_network();
	for (i = 0; i < ARRAY_SIZE(places); i++)
		beside(&places[i]);
	costs();
	return kt_done();
}
