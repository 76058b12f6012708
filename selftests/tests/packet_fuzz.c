// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mutations of valid packets of every suite, with every option, in skbs of every
 * shape: nothing that was altered is delivered or forwarded, none of it makes
 * state, each is counted once, and the good stream of the same peer lives on.
 *
 * selftests/mod/inject.c makes them, from valid packets and a seed. Whatever is
 * delivered must be one of the valid ones, once. What the application writes is
 * mutated here.
 *
 * KSRTP_FUZZ_PACKETS says how many (3,000 if nothing), KSRTP_FUZZ_SEED which. A
 * run is 1,000 datagrams and 100 that are written; KSRTP_FUZZ_RUN repeats one of
 * them alone. The kernel's log says at which run it was.
 */
#include <linux/sock_diag.h>
#include <poll.h>
#include <sched.h>
#include <netinet/udp.h>

#include "../mod/inject.h"
#include "draw.h"

#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY	0x4000000
#endif

#define DATAGRAMS	1000	/* of a run that are injected */
#define PIECE		125	/* of these, at once */
#define WRITTEN		100	/* of a run, by the application */
#define INSIDE		6	/* of a run, authentic by hop and broken inside */
#define GOOD		20	/* valid packets of the good stream */
#define STRANGE		4	/* of an SSRC that nobody has heard yet */
#define ALL		(GOOD + STRANGE)
/* Of four runs two are an endpoint's, of a DOUBLE suite and of E2E with a tag; one is a relay's. */
#define DOUBLE_RUN	1
#define E2E_RUN		2
#define RELAY_RUN	3
#define LEFT		600	/* skbs that the caches of CPUs may hold */

static struct rig rigs[2];	/* IPv4, IPv6 */
static const char * const hosts[] = { "127.0.0.1", "::1" };
static int inject = -1, kmsg = -1;
static int marks = -1;	/* a socket that sends to itself, see settle() */
static bool loaded;
static uint32_t seed;

/* What is promised, and whether it holds so far */
static struct {
	bool authentic, stateless, alive, counted, intact, inside, written, empty;
} ok = { true, true, true, true, true, true, true, true };

static struct inject_result sum;
static uint64_t written, refused, delivered, forwarded, others;
static uint64_t insiders[2];	/* of DOUBLE suites, of E2E with a tag */
static uint64_t bad_tags[2];	/* of these, under a tag that is wrong */

/**
 * struct valid - a packet of which mutations are made
 * @p: the packet
 * @want: what comes out of it
 * @len: length of that
 * @came: it has
 */
struct valid {
	struct draw_packet p;
	uint8_t want[DRAW_PACKET];
	int len;
	bool came;
};

/**
 * struct run - one run
 * @number: its number
 * @r: the rig of its family
 * @in: where packets come from
 * @out: where they are forwarded to
 * @relay: there is a route to it
 * @roam: @in may move, and no packet ever arrives whole
 * @keys: of what comes in
 * @tx: of what the application writes to @in
 * @to_out: of what is forwarded
 * @v: GOOD packets of the good stream, then STRANGE ones
 * @next: of the good ones, the next to be sent whole
 * @reads: datagrams read of any socket
 */
static struct run {
	uint32_t number;
	struct rig *r;
	struct rig_far in, out;
	bool relay, roam;
	struct draw_run keys, tx;
	struct rig_key to_out;
	struct valid v[ALL];
	int next;
	uint64_t reads;
} run;

static void unload(void)
{
	if (inject >= 0)
		close(inject);
	if (loaded && kt_run("rmmod inject"))
		kt_note("inject stays loaded");
}

static __printf(2, 3)
void wrong(bool *promise, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	*promise = false;
	kt_note("KSRTP_FUZZ_SEED=%u KSRTP_FUZZ_RUN=%u: %s, IPv%d, %s%s%s: %s", seed, run.number,
		run.keys.suite->name, run.r == &rigs[0] ? 4 : 6, run.relay ? "relay" : "endpoint",
		run.roam ? ", roaming" : "", run.keys.has_e2e ? ", E2E" : "", what);
}

/* ---- what is counted ---- */

struct counts {
	struct ksrtp_stats stats;
	uint64_t drops;
	uint64_t datagrams;	/* that UDP gave to somebody */
	uint64_t reads;
};

/* The number behind @name, which begins a line */
static uint64_t from_proc(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	unsigned long long n;
	char line[2000];
	size_t len = strlen(name);
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, name, len) && sscanf(line + len, "%llu", &n) == 1;
	if (!found)
		kt_bail("%s has no '%s'", path, name);
	fclose(file);
	return n;
}

static void count(struct counts *c)
{
	size_t i;

	rig_stats(run.r, &c->stats);
	c->drops = 0;
	for (i = 0; i < ARRAY_SIZE(c->stats.drops.count); i++)
		c->drops += c->stats.drops.count[i];
	c->datagrams = from_proc("/proc/self/net/snmp", "Udp:") +
		       from_proc("/proc/self/net/snmp6", "Udp6InDatagrams");
	c->reads = run.reads;
}

/*
 * UDP counts what a hook takes, and what is read. A packet the hook takes is
 * forwarded, to one output, or dropped for one reason.
 */
static void counted(const struct counts *since, uint64_t app_reads, uint64_t out_reads)
{
	uint64_t drops, relayed, given, all;
	struct counts now;

	count(&now);
	drops = now.drops - since->drops;
	relayed = now.stats.relayed_packets - since->stats.relayed_packets;
	given = now.stats.delivered_packets - since->stats.delivered_packets +
		now.stats.other_packets - since->stats.other_packets +
		now.stats.passed_packets - since->stats.passed_packets;
	all = now.reads - since->reads + drops + relayed;
	if (now.datagrams - since->datagrams != all || given != app_reads || relayed != out_reads)
		wrong(&ok.counted,
		      "UDP had %llu datagrams, of which %llu were dropped, %llu forwarded (%llu came), %llu given to the application (%llu came)",
		      (unsigned long long)(now.datagrams - since->datagrams),
		      (unsigned long long)drops, (unsigned long long)relayed,
		      (unsigned long long)out_reads, (unsigned long long)given,
		      (unsigned long long)app_reads);
}

static unsigned int charged(int fd)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len))
		kt_bail("SO_MEMINFO: %s", strerror(errno));
	return mem[SK_MEMINFO_RMEM_ALLOC];
}

/* KASAN keeps what was freed until it is asked for it. */
static uint64_t skbs(void)
{
	int fd = open("/sys/kernel/slab/skbuff_head_cache/shrink", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		kt_bail("skbuff_head_cache: %s", strerror(errno));
	close(fd);
	return from_proc("/proc/slabinfo", "skbuff_head_cache ");
}

/* ---- what comes out ---- */

/* ICMP about our headers arrives as an error of the socket, once each. */
static int take(int fd, uint8_t *buf, size_t size)
{
	int n, tries;

	for (tries = 0; tries < 100; tries++) {
		n = recv(fd, buf, size, MSG_DONTWAIT);
		if (n >= 0) {
			run.reads++;
			return n;
		}
		if (errno == EAGAIN)
			return -1;
	}
	kt_bail("a socket with nothing but errors: %s", strerror(errno));
}

/*
 * Softirqs may be left to ksoftirqd, and then what was sent is not there yet.
 * What this CPU sent before a mark is through when the mark has come; what was
 * forwarded by then comes before the second.
 */
static void settle(void)
{
	struct pollfd pfd = { .fd = marks, .events = POLLIN };
	uint8_t mark;
	int i;

	for (i = 0; i < 2; i++) {
		if (send(marks, "m", 1, 0) != 1)
			kt_bail("a mark is not sent: %s", strerror(errno));
		if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1 || take(marks, &mark, 1) != 1)
			kt_bail("a mark never came");
	}
}

static void open_marks(void)
{
	union rig_addr at;
	socklen_t len = sizeof(at);
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("sched_setaffinity: %s", strerror(errno));
	marks = rig_udp("127.0.0.1", 0);
	if (getsockname(marks, &at.sa, &len) || connect(marks, &at.sa, len))
		kt_bail("a socket that sends to itself: %s", strerror(errno));
}

static void came(struct valid *v, const char *where)
{
	if (v->came)
		wrong(&ok.authentic, "a packet %s twice", where);
	if (v >= &run.v[GOOD] || run.roam)
		wrong(&ok.authentic, "a packet that was always altered %s", where);
	v->came = true;
}

static void check_delivered(const uint8_t *p, int len)
{
	int i;

	/* Anything else than RTP and RTCP passes as it is. */
	if (len < 1 || p[0] < 128 || p[0] > 191) {
		others++;
		return;
	}
	for (i = 0; i < ALL; i++) {
		struct valid *v = &run.v[i];

		if (len == v->len && !memcmp(p, v->want, len)) {
			delivered++;
			came(v, "was delivered");
			return;
		}
	}
	wrong(&ok.authentic, "%d bytes that nobody sent were delivered: %02x %02x", len, p[0],
	      len > 1 ? p[1] : 0);
}

static bool is_forwarded(const struct valid *v, const struct ref_ctx *c, const uint8_t *p, int len)
{
	uint8_t plain[2 * DRAW_PACKET];
	int n;

	if (v->p.rtcp)
		n = ref_unprotect_rtcp(c, p, len, NULL, NULL, plain);
	else
		n = ref_unprotect_rtp(c, p, len, v->p.index, plain);
	return n == v->len && !memcmp(plain, v->want, n);
}

static void check_forwarded(const uint8_t *p, int len)
{
	int i;

	for (i = 0; len >= 12 && i < ALL; i++) {
		struct valid *v = &run.v[i];
		bool rtcp = p[1] >= 192 && p[1] < 224;

		if (v->p.rtcp != rtcp || (!rtcp && memcmp(p + 2, v->p.plain + 2, 2)))
			continue;
		if (is_forwarded(v, &run.to_out.hbh, p, len)) {
			forwarded++;
			came(v, "was forwarded");
			return;
		}
	}
	wrong(&ok.authentic, "%d bytes that nobody sent were forwarded", len);
}

/* All that has come; counted for the caller */
static void drain(uint64_t *app, uint64_t *out)
{
	static uint8_t buf[65536];
	int n;

	settle();
	while ((n = take(run.r->app, buf, sizeof(buf))) >= 0) {
		check_delivered(buf, n);
		++*app;
	}
	while ((n = take(run.out.fd, buf, sizeof(buf))) >= 0) {
		check_forwarded(buf, n);
		++*out;
	}
	while (take(run.in.fd, buf, sizeof(buf)) >= 0)
		wrong(&ok.authentic, "something came back to who sends");
	if (charged(run.r->app) || charged(run.out.fd) || charged(run.in.fd))
		wrong(&ok.empty, "a socket with nothing to read is charged for memory");
}

/* ---- a run's packets ---- */

static bool is_double(void)
{
	return !strncmp(run.keys.suite->name, "DOUBLE", 6);
}

static bool has_tag(void)
{
	return run.keys.has_e2e && run.keys.e2e.e2e.mi_len;
}

static void make_valid(struct valid *v, struct draw_run *keys)
{
	struct ref_ctx outer = keys->hbh.hbh;

	draw_packet(keys, &v->p);
	draw_protect(keys, &v->p);
	if (v->p.rtcp || !run.relay) {
		v->len = draw_expected(keys, &v->p, v->want);
		return;
	}
	/* What a relay sees of it */
	if (is_double())
		ref_double_outer(&keys->hbh.hbh, &outer);
	v->len = ref_unprotect_rtp(&outer, v->p.wire, v->p.wire_len, v->p.index, v->want);
	if (v->len < 0)
		kt_bail("the reference does not open its own packet: %s", ref_strerror(v->len));
}

/* What comes tells which packet it was of, so no two may be the same, a BYE for example. */
static bool is_known(const struct valid *v)
{
	const struct valid *other;

	for (other = run.v; other < v; other++)
		if (v->len == other->len && !memcmp(v->want, other->want, v->len))
			return true;
	return false;
}

static void make_packets(void)
{
	struct draw_run strange = run.keys;
	int i;

	strange.ssrc = ~run.keys.ssrc;
	for (i = 0; i < GOOD; i++)
		do
			make_valid(&run.v[i], &run.keys);
		while ((!i && run.v[i].p.rtcp) || is_known(&run.v[i]));
	for (; i < ALL; i++)
		make_valid(&run.v[i], &strange);
}

static void add_route(void)
{
	const struct ksrtp_out to = { .has = KSRTP_BIT(KSRTP_A_OUT_PEER), .peer = run.out.id };
	struct ksrtp_route route = { .out = &to, .n_out = 1 };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, run.in.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_RTCP, rtcp, KSRTP_RTCP_MODE_FORWARD);
	if (ksrtp_route_add(run.r->h, &route))
		kt_bail("route: %s", ksrtp_error(run.r->h));
}

static void set_roam(void)
{
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, run.in.id);
	KSRTP_SET(&peer, KSRTP_A_PEER_ROAM, roam, 1);
	if (ksrtp_peer_set(run.r->h, &peer))
		kt_bail("roam: %s", ksrtp_error(run.r->h));
}

static void begin(const struct ref_suite *suite, uint32_t number)
{
	const char *host;
	uint32_t s;

	memset(&run, 0, sizeof(run));
	run.number = number;
	draw_seed(((uint64_t)seed << 32) ^ number);
	s = draw();
	run.relay = draw_one_in(2);
	run.roam = draw_one_in(4);
	run.r = &rigs[draw_one_in(2)];
	host = hosts[run.r - rigs];

	draw_run(&run.tx, suite, s + 1);
	do
		draw_run(&run.keys, suite, s);
	while (!is_double() && number % 4 == E2E_RUN && !has_tag() && (s += 16));
	if (number % 4)
		run.relay = number % 4 == RELAY_RUN;
	rig_key_window(&run.keys.hbh, 32768);
	if (run.keys.has_e2e)
		rig_key_window(&run.keys.e2e, 32768);
	rig_far(run.r, &run.in, host);
	rig_far(run.r, &run.out, host);
	draw_keys(run.r, run.in.id, &run.keys, KSRTP_DIR_RX);
	draw_keys(run.r, run.in.id, &run.tx, KSRTP_DIR_TX);
	if (run.relay) {
		rig_hbh(&run.to_out, suite->name, s + 2);
		if (is_double())
			rig_key_outer(&run.to_out);
		rig_key_roc(&run.to_out, run.keys.first >> 16);
		rig_key_window(&run.to_out, 32768);
		rig_key(run.r, run.out.id, KSRTP_DIR_TX, &run.to_out);
		add_route();
	}
	make_packets();
}

/* One of the good stream as it ought to be */
static void send_whole(struct valid *v, uint64_t *app, uint64_t *out)
{
	ssize_t n;

	if (v->came)
		return;
	/* An error that ICMP left is no refusal. */
	n = send(run.in.fd, v->p.wire, v->p.wire_len, 0);
	if (n < 0)
		n = send(run.in.fd, v->p.wire, v->p.wire_len, 0);
	if (n != v->p.wire_len)
		kt_bail("a valid packet is not sent: %s", strerror(errno));
	run.roam = false;
	drain(app, out);
	if (!v->came)
		wrong(&ok.alive, "valid packet %d of the good stream was lost", (int)(v - run.v));
}

static void send_next(uint64_t *app, uint64_t *out)
{
	bool roam = run.roam;

	while (run.next < GOOD && run.v[run.next].came)
		run.next++;
	if (run.next < GOOD)
		send_whole(&run.v[run.next], app, out);
	run.roam = roam;
}

/* ---- what comes in ---- */

static void give_order(uint32_t first, uint32_t n)
{
	static uint8_t buf[sizeof(struct inject_order) +
			   ALL * (sizeof(struct inject_packet) + DRAW_PACKET)];
	struct ksrtp_addr from = rig_ksrtp_addr(&run.in.addr), to = rig_ksrtp_addr(&run.r->addr);
	struct inject_order *order = (void *)buf;
	uint8_t *p = buf + sizeof(*order);
	int i;

	*order = (struct inject_order){
		.seed = (uint64_t)seed << 32 | run.number,
		.first = first, .count = n, .packets = ALL,
		.sport = htons(from.port), .dport = htons(to.port),
	};
	memcpy(order->saddr, from.ip, 16);
	memcpy(order->daddr, to.ip, 16);
	for (i = 0; i < ALL; i++) {
		struct inject_packet head = {
			.len = run.v[i].p.wire_len,
			.flags = i >= GOOD || run.roam ? INJECT_ALTERED : 0,
		};

		memcpy(p, &head, sizeof(head));
		memcpy(p + sizeof(head), run.v[i].p.wire, head.len);
		p += sizeof(head) + head.len;
	}
	if (write(inject, buf, p - buf) != p - buf)
		kt_bail("/dev/inject: %s", strerror(errno));
}

static void add_result(void)
{
	struct inject_result res;
	const uint64_t *from = (void *)&res;
	uint64_t *to = (void *)&sum;
	size_t i;

	if (read(inject, &res, sizeof(res)) != sizeof(res))
		kt_bail("/dev/inject: %s", strerror(errno));
	for (i = 0; i < sizeof(res) / sizeof(*to); i++)
		to[i] += from[i];
	if (res.spoiled)
		wrong(&ok.intact, "%llu clones of a packet were written to",
		      (unsigned long long)res.spoiled);
}

static void check_state(void)
{
	struct ksrtp_peer peer;
	struct ksrtp_addr at = rig_ksrtp_addr(&run.in.addr);

	rig_peer_get(run.r, run.in.id, &peer);
	if (peer.rx_streams != 1 || peer.tombstones)
		wrong(&ok.stateless, "%u streams and %u tombstones, where one SSRC is authentic",
		      peer.rx_streams, peer.tombstones);
	if (memcmp(peer.remote.ip, at.ip, 16) || peer.remote.port != at.port)
		wrong(&ok.stateless, "the peer was moved");
	if (rig_streams(run.r, run.out.id, KSRTP_DIR_TX) != run.relay)
		wrong(&ok.stateless, "the output has streams of no one");
}

static void receive(void)
{
	uint64_t app = 0, out = 0;
	struct counts since;
	uint32_t n;
	int i;

	count(&since);
	send_next(&app, &out);
	if (run.roam)
		set_roam();
	for (n = 0; n < DATAGRAMS; n += PIECE) {
		give_order(n, PIECE);
		drain(&app, &out);
		send_next(&app, &out);
	}
	add_result();
	check_state();
	for (i = 0; i < GOOD; i++)
		send_whole(&run.v[i], &app, &out);
	counted(&since, app, out);
}

/* ---- what is authentic by hop, and broken inside ---- */

/*
 * The inner half of a DOUBLE packet, or an E2E one with a tag, goes wrong before it is
 * sealed; what its tag vouches for where it is the first
 */
static int break_inside(struct draw_packet *p, bool first, uint8_t *wire)
{
	const struct rig_key *hbh = &run.keys.hbh;
	struct ref_ctx half;
	uint8_t inner[2 * DRAW_PACKET];
	int n, from, at;

	if (is_double()) {
		ref_double_inner(&hbh->hbh, &half);
		n = ref_double_seal(&half, p->plain, p->len, p->index, inner);
	} else {
		n = ref_e2e_protect(&run.keys.e2e.e2e, p->plain, p->len, p->index, inner);
	}
	from = n < 0 ? n : ref_rtp_header_len(inner, n);
	if (from < 0)
		kt_bail("the reference does not protect: %s", ref_strerror(n));
	at = first ? from : from + (int)draw_below(n - from);
	switch (first ? 0 : draw_below(3)) {
	case 0:
		inner[at] ^= 1 << draw_below(8);
		break;
	case 1:
		n = at;
		break;
	default:	/* the end, where an Original Header Block says what follows it */
		inner[n - 1] ^= 1 + draw_below(255);
		break;
	}
	if (is_double())
		ref_double_outer(&hbh->hbh, &half);
	return ref_protect_rtp(is_double() ? &half : &hbh->hbh, inner, n, p->index, wire);
}

/*
 * Without an end that can be, under a tag that is wrong, or, where an Original Header
 * Block gives it another sequence number, behind the window of the inner half
 */
static uint64_t inside_drops(const struct ksrtp_stats *s)
{
	const uint64_t *count = s->drops.count;

	return count[KSRTP_A_DROPS_MALFORMED] + count[KSRTP_A_DROPS_E2E_AUTH] +
	       (is_double() ? count[KSRTP_A_DROPS_TOO_OLD] + count[KSRTP_A_DROPS_REPLAYED] : 0);
}

/* An Original Header Block may say again what the header says: nothing is broken then. */
static int draw_insider(struct draw_packet *p, bool first, uint8_t *wire)
{
	const struct rig_key *e2e = run.keys.has_e2e ? &run.keys.e2e : NULL;
	uint8_t plain[2 * DRAW_PACKET];
	int n;

	do {
		do
			draw_packet(&run.keys, p);
		while (p->rtcp);
		n = break_inside(p, first, wire);
	} while (n >= 0 && rig_unseal(&run.keys.hbh, e2e, wire, n, p->index, plain) >= 0);
	return n;
}

static void insider(void)
{
	uint8_t wire[2 * DRAW_PACKET], buf[65536];
	struct ksrtp_stats before, after;
	struct draw_packet p;
	int i, n;

	if (run.relay || !(is_double() || has_tag()))
		return;
	rig_stats(run.r, &before);
	for (i = 0; i < INSIDE; i++) {
		n = draw_insider(&p, !i, wire);
		if (n < 0 || send(run.in.fd, wire, n, 0) != n)
			kt_bail("not sent: %s", n < 0 ? ref_strerror(n) : strerror(errno));
		insiders[has_tag()]++;
		settle();
		if (take(run.r->app, buf, sizeof(buf)) >= 0)
			wrong(&ok.inside, "a packet that is broken inside was delivered");
	}
	rig_stats(run.r, &after);
	/* not for its outside, that is: by hop it was right */
	if (after.drops.count[KSRTP_A_DROPS_AUTH] != before.drops.count[KSRTP_A_DROPS_AUTH])
		wrong(&ok.inside, "a packet that is broken inside was dropped for its outside");
	if (inside_drops(&after) - inside_drops(&before) != INSIDE)
		wrong(&ok.inside, "of %d packets %llu were dropped for their inside", INSIDE,
		      (unsigned long long)(inside_drops(&after) - inside_drops(&before)));
	bad_tags[has_tag()] += after.drops.count[KSRTP_A_DROPS_E2E_AUTH] -
			       before.drops.count[KSRTP_A_DROPS_E2E_AUTH];
}

/* ---- what goes out ---- */

/* Where the far end is with each SSRC it was sent */
static struct heard {
	uint32_t ssrc;
	struct ref_receiver rx;
} heard[256];
static unsigned int n_heard;

static struct ref_receiver *heard_of(uint32_t ssrc)
{
	unsigned int i;

	for (i = 0; i < n_heard && heard[i].ssrc != ssrc; i++)
		;
	if (i == ARRAY_SIZE(heard))
		kt_bail("more SSRCs than a peer may have");
	if (i == n_heard) {
		heard[n_heard++] = (struct heard){
			.ssrc = ssrc, .rx = { .roc = run.tx.first >> 16 },
		};
	}
	return &heard[i].rx;
}

static bool opens_rtp(const uint8_t *want, int len, const uint8_t *wire, int wire_len)
{
	struct ref_receiver *rx = heard_of(ref_rtp_ssrc(want));
	uint64_t at = ref_receiver_estimate(rx, ref_rtp_seq(want)), index;
	const struct rig_key *e2e = run.tx.has_e2e ? &run.tx.e2e : NULL;
	uint8_t plain[70000], expected[70000];
	int i, n;

	if (run.tx.hbh.hbh.cryptex)
		len = ref_cryptex_plain(want, len, expected);
	else
		memcpy(expected, want, len);
	for (i = 0; i < 3; i++) {
		/* below ROC 0 is the last one */
		index = (at + (i == 1 ? 0x10000 : i == 2 ? -0x10000 : 0)) & 0xffffffffffffull;
		n = rig_unseal(&run.tx.hbh, e2e, wire, wire_len, index, plain);
		if (n == len && !memcmp(plain, expected, len)) {
			ref_receiver_commit(rx, index);
			return true;
		}
	}
	return false;
}

static bool is_media(const uint8_t *p, int len)
{
	return len > 0 && p[0] >= 128 && p[0] <= 191;
}

/* Is this what should have become of it? */
static bool is_protected(const uint8_t *want, int len, const uint8_t *wire, int wire_len)
{
	uint8_t plain[70000];
	int n;

	if (!is_media(want, len))
		return len == wire_len && !memcmp(want, wire, len);
	if (len >= 2 && want[1] >= 192 && want[1] < 224) {
		n = ref_unprotect_rtcp(&run.tx.hbh.hbh, wire, wire_len, NULL, NULL, plain);
		return n == len && !memcmp(plain, want, len);
	}
	return len >= 12 && opens_rtp(want, len, wire, wire_len);
}

static void flip(uint8_t *p, int from, int to)
{
	if (from < to)
		p[from + draw_below(to - from)] ^= 1 << draw_below(8);
}

static int mutate(uint8_t *p, int len)
{
	int i;

	switch (draw_below(10)) {
	case 0:
		return len < 65 ? len : (int)draw_below(65);
	case 1:
		return draw_below(len + 1);
	case 2:
		flip(p, 0, len < 16 ? len : 16);
		return len;
	case 3:
		p[0] = 0x80 | draw_below(64);
		return len;
	case 4:
		i = 12 + 4 * (p[0] & 15);
		p[0] |= 0x10;
		if (i + 4 <= len)
			ref_put16(p + i + 2, draw_one_in(2) ? draw() : (len - i - 4) / 4u);
		return len;
	case 5:
		p[1] = draw();
		return len;
	case 6:
		ref_put16(p + 2, draw());
		return len;
	case 7:	/* around what a datagram holds, and beyond */
		i = 65300 + draw_below(400);
		ref_pattern(p + len, i - len, draw());
		return i;
	default:
		return len;
	}
}

/**
 * struct attempt - a call of sendmsg
 * @msg: the message
 * @flags: its flags
 * @segment: UDP_SEGMENT, 0: none
 * @foreign: something is wrong with it that the socket's own sendmsg may refuse, or take
 */
struct attempt {
	struct msghdr msg;
	struct iovec iov[4];
	union rig_addr to;
	union {
		struct cmsghdr align;
		uint8_t bytes[128];
	} control;
	int flags;
	unsigned int segment;
	bool foreign;
};

static void add_control(struct attempt *a, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (void *)(a->control.bytes + a->msg.msg_controllen);

	a->msg.msg_control = a->control.bytes;
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	a->msg.msg_controllen += CMSG_SPACE(len);
}

static void draw_control(struct attempt *a, int len)
{
	bool v4 = run.r == &rigs[0];
	uint16_t segment;
	int value = draw_below(256);

	if (draw_one_in(3)) {
		segment = draw_one_in(8) ? draw() : len / (1 + draw_below(12)) + draw_below(2);
		a->segment = segment;
		add_control(a, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	}
	if (draw_one_in(4))
		add_control(a, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &value,
			    sizeof(value));
	if (draw_one_in(16)) {
		struct cmsghdr *c = (void *)a->control.bytes;

		a->foreign = true;
		if (!a->msg.msg_controllen)
			add_control(a, draw_below(300), draw_below(300), &value, sizeof(value));
		else if (draw_one_in(2))
			c->cmsg_len = draw_below(200);
		else
			flip((uint8_t *)c, 8, 20);
	}
}

static void draw_attempt(struct attempt *a, uint8_t *p, int len)
{
	static const int flags[] = {
		MSG_DONTWAIT, MSG_MORE, MSG_ZEROCOPY, MSG_OOB, MSG_CONFIRM, MSG_DONTROUTE,
	};
	int i, n, at, part;

	memset(a, 0, sizeof(*a));
	a->to = run.in.addr;
	a->msg = (struct msghdr){
		.msg_name = &a->to, .msg_namelen = rig_addr_len(&a->to), .msg_iov = a->iov,
	};
	n = 1 + draw_below(ARRAY_SIZE(a->iov));
	for (i = 0, at = 0; i < n; i++, at += part) {
		part = i == n - 1 ? len - at : (int)draw_below(len - at + 1);
		a->iov[i] = (struct iovec){ p + at, part };
	}
	a->msg.msg_iovlen = n;
	if (draw_one_in(3))
		draw_control(a, len);
	a->flags = draw_one_in(6) ? flags[draw_below(ARRAY_SIZE(flags))] : MSG_DONTWAIT;
	if (draw_one_in(20)) {
		a->foreign = true;
		switch (draw_below(4)) {
		case 0:
			a->msg.msg_namelen = draw_below(sizeof(a->to));
			break;
		case 1:
			a->to.sa.sa_family = draw_below(16);
			break;
		case 2:
			a->to.in.sin_port ^= htons(1 << draw_below(16));
			break;
		default:
			a->msg.msg_name = NULL;
			a->msg.msg_namelen = 0;
		}
	}
}

/* Those drops.rst names, and those of UDP's own sendmsg for what we do to it */
static bool is_told(int error)
{
	static const int told[] = {
		ENOKEY, EEXIST, ESTALE, EKEYEXPIRED, EBUSY, ENOSPC, EPERM, EBADMSG, EMSGSIZE,
		EPROTO, EOPNOTSUPP, EINVAL, EDESTADDRREQ, EAFNOSUPPORT, ENETUNREACH,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(told) && told[i] != error; i++)
		;
	return i < ARRAY_SIZE(told);
}

static void check_written(const struct attempt *a, const uint8_t *p, int len)
{
	int at, n, size = a->segment && a->segment < (unsigned int)len ? (int)a->segment : len;
	static uint8_t wire[70000];

	for (at = 0; at < len || !len; at += size) {
		int segment = len - at < size ? len - at : size;

		n = take(run.in.fd, wire, sizeof(wire));
		if (n < 0 && a->foreign)
			return;
		if (n < 0) {
			wrong(&ok.written, "%d bytes were taken, and %d of them never came", len,
			      len - at);
			return;
		}
		if (a->foreign ? is_media(p + at, segment) && n == segment &&
				 !memcmp(wire, p + at, n) :
				 !is_protected(p + at, segment, wire, n)) {
			wrong(&ok.written, "%d bytes (%02x %02x) left as %d that are wrong",
			      segment, segment ? p[at] : 0, segment > 1 ? p[at + 1] : 0, n);
			return;
		}
		if (!len)
			return;
	}
}

static void write_one(void)
{
	static uint8_t p[70000], before[70000], rest[70000];
	static struct draw_packet packet;
	struct attempt a;
	int len, error;
	ssize_t n;

	draw_packet(&run.tx, &packet);
	memcpy(p, packet.plain, packet.len);
	len = mutate(p, packet.len);
	memcpy(before, p, len);
	draw_attempt(&a, p, len);
	n = sendmsg(run.r->app, &a.msg, a.flags);
	error = errno;
	settle();
	if (memcmp(before, p, len))
		wrong(&ok.written, "the application's own bytes were changed");
	if (n < 0) {
		refused++;
		if (!is_told(error) && !a.foreign)
			wrong(&ok.written, "%d bytes are refused: %s", len, strerror(error));
	} else {
		if (n != len)
			wrong(&ok.written, "of %d bytes %zd are taken", len, n);
		check_written(&a, p, len);
	}
	written++;
	while (take(run.in.fd, rest, sizeof(rest)) >= 0)
		if (!a.foreign)
			wrong(&ok.written, "something left that was refused, or twice");
}

static void writes(void)
{
	int i;

	n_heard = 0;
	for (i = 0; i < WRITTEN; i++)
		write_one();
}

/* ---- all of it ---- */

static void one_run(const struct ref_suite *suite, uint32_t number)
{
	char mark[128];
	int on = number & 1;

	begin(suite, number);
	snprintf(mark, sizeof(mark), "<7>packet_fuzz: seed %u run %u\n", seed, number);
	if (write(kmsg, mark, strlen(mark)) < 0)
		kt_bail("/dev/kmsg: %s", strerror(errno));
	if (setsockopt(run.r->app, SOL_UDP, UDP_GRO, &on, sizeof(on)))
		kt_bail("UDP_GRO: %s", strerror(errno));
	receive();
	insider();
	writes();
	rig_far_close(run.r, &run.in);
	rig_far_close(run.r, &run.out);
}

static uint32_t number_of(const char *name, uint32_t none)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : none;
}

static bool all_ok(void)
{
	return ok.authentic && ok.stateless && ok.alive && ok.counted && ok.intact && ok.inside &&
	       ok.written && ok.empty;
}

static void fuzz(void)
{
	uint64_t wanted = number_of("KSRTP_FUZZ_PACKETS", 3000);
	uint32_t only = number_of("KSRTP_FUZZ_RUN", 0), number;
	const struct ref_suite *suites[64], *twice[8], *s;
	size_t i, n = 0, k = 0;

	for (i = 0; (s = ref_suite_at(i)); i++)
		if (!strstr(s->name, "ARIA") || rig_has_suite(&rigs[0], s->name))
			suites[n++] = s;
	for (i = 0; i < n; i++)
		if (!strncmp(suites[i]->name, "DOUBLE", 6))
			twice[k++] = suites[i];
	for (number = only ?: 1; all_ok() && sum.datagrams + written < wanted; number++) {
		one_run(number % 4 == DOUBLE_RUN ? twice[number / 4 % k] : suites[number % n],
			number);
		if (only)
			break;
	}
	kt_note("seed %u, %zu suites: %llu datagrams in %llu skbs, %llu of them whole; %llu clones, %llu IP fragments, %llu aggregates, %llu frag lists, %llu in pages, %llu with headers that lie",
		seed, n, (unsigned long long)sum.datagrams, (unsigned long long)sum.skbs,
		(unsigned long long)sum.whole, (unsigned long long)sum.clones,
		(unsigned long long)sum.fragments, (unsigned long long)sum.aggregates,
		(unsigned long long)sum.lists, (unsigned long long)sum.pages,
		(unsigned long long)sum.lies);
	kt_note("%llu were delivered, %llu forwarded, %llu neither RTP nor RTCP; %llu and %llu broken inside, of DOUBLE and E2E, of these %llu and %llu in what their tag vouches for; %llu written, of which %llu refused",
		(unsigned long long)delivered, (unsigned long long)forwarded,
		(unsigned long long)others, (unsigned long long)insiders[0],
		(unsigned long long)insiders[1], (unsigned long long)bad_tags[0],
		(unsigned long long)bad_tags[1], (unsigned long long)written,
		(unsigned long long)refused);
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

int main(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	uint64_t before;
	char ko[4096];
	int i;

	snprintf(ko, sizeof(ko), "%s/inject.ko", dir ?: ".");
	if (access(ko, R_OK))
		kt_skip_all("selftests/mod/inject.c was not built for this kernel");
	seed = number_of("KSRTP_FUZZ_SEED", 1);
	kt_plan(9);
	rig_start();
	open_marks();
	kt_must("insmod %s", ko);
	loaded = true;
	atexit(unload);
	inject = open("/dev/inject", O_RDWR);
	kmsg = open("/dev/kmsg", O_WRONLY);
	if (inject < 0 || kmsg < 0)
		kt_bail("/dev/inject, /dev/kmsg: %s", strerror(errno));
	/* what never comes together does not stay long */
	write_to("/proc/sys/net/ipv4/ipfrag_time", "1");
	write_to("/proc/sys/net/ipv6/ip6frag_time", "1");
	for (i = 0; i < 2; i++)
		rig_open(&rigs[i], hosts[i]);
	before = skbs();
	fuzz();

	kt_ok(ok.authentic, "nothing that was altered is delivered or forwarded, nothing twice");
	kt_ok(ok.stateless, "none of it makes a stream or moves a peer");
	kt_ok(ok.alive, "the good stream of the same peer lives, before, between and after");
	kt_ok(ok.counted, "each datagram is counted once: given, forwarded, or dropped for a reason");
	kt_ok(ok.intact, "who shares the bytes of a packet has them as they were");
	kt_ok(ok.inside && (number_of("KSRTP_FUZZ_RUN", 0) || (bad_tags[0] && bad_tags[1])),
	      "what is authentic by hop and broken inside is not delivered");
	kt_ok(ok.written, "what is written leaves protected, or is refused with an errno that says why");
	kt_ok(ok.empty, "no socket is charged for what was read");
	kt_ok(kt_wait_until(skbs() < before + LEFT, 5000), "no skb is left: %llu before, %llu after",
	      (unsigned long long)before, (unsigned long long)skbs());
	for (i = 0; i < 2; i++)
		rig_close(&rigs[i]);
	return kt_done();
}
