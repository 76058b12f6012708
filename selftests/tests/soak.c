// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration changes at random under traffic, round after round, each in a
 * process and a network namespace of its own that end in one of several ways.
 * Between two rounds nothing of ksrtp is left, and what the kernel has of
 * memory then does not grow.
 *
 * KSRTP_SOAK=SECONDS says for how long (20), KSRTP_SEED=N repeats the choices.
 */
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "memory.h"
#include "traffic.h"

#define LEGS		8	/* the first two are those of the traffic */
#define SPARES		3
#define DEAF		3
#define SSRCS		300
#define STATES		200
#define ROUNDS		60	/* at most, so that a curve is one page */
#define FEWEST		6	/* rounds, however long they take */
#define ROUND_MS	2000	/* at least */
#define LEAST		11	/* changes of a round, however long they take */
/*
 * What the second half may grow by in all, in bytes of slab objects, after as many
 * rounds as there can be, more after fewer, and kB of memory a processor. One lost
 * object of 64 bytes a round would be less, but is found by kmemleak; one a change,
 * of which there are hundreds a round, is not.
 */
#define MAY_GROW	(128 * 1024)
#define MAY_GROW_PERCPU	64

/* Written by a round, read by all */
struct tally {
	unsigned long changes, refused, packets, netns, sockets, imports, dumps, monitors;
	unsigned long sent, relayed, answered, plain;
	unsigned long wrong;
	char first_wrong[200];
};

static struct tally *tally;

struct leg_more {
	bool there;
	uint16_t index;
};

static struct rig r;
static struct leg legs[LEGS];
static struct leg_more more[LEGS];
static struct rig spares[SPARES];
static bool spare_open[SPARES];
static struct ksrtp_handle *deaf[DEAF];
static struct traffic t;
static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % n;
}

static bool one_of(uint32_t n)
{
	return !below(n);
}

/* A change that may be refused for what is there by now, and for nothing else */
static bool did(int status, const char *what)
{
	tally->changes++;
	switch (-status) {
	case 0:
		return true;
	case ENOENT:
	case EEXIST:
	case EBUSY:
	case EINVAL:
	case ENOKEY:
	case ENOSPC:
	case ESTALE:
	case EAGAIN:	/* a dump that never had a moment without a change */
		tally->refused++;
		return false;
	}
	if (!tally->wrong++)
		snprintf(tally->first_wrong, sizeof(tally->first_wrong), "%s: %s (%s)", what,
			 strerror(-status), ksrtp_error(r.h));
	return false;
}

/* --- legs ------------------------------------------------------------------- */

static const char *a_suite(void)
{
	static const char * const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80",
		"AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "NULL_HMAC_SHA1_80",
	};

	return suites[below(ARRAY_SIZE(suites))];
}

static void add_keys(struct leg *l)
{
	did(rig_key_try(&r, l->far.id, KSRTP_DIR_RX, &l->up), "key add");
	did(rig_key_try(&r, l->far.id, KSRTP_DIR_TX, &l->down), "key add");
}

static void come(unsigned int n)
{
	struct leg *l = &legs[n];
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&l->far.addr));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (!did(ksrtp_peer_add(r.h, &peer), "peer add"))
		return;
	l->far.id = peer.id;
	more[n].there = true;
	more[n].index = 0;
	if (n < 2)
		traffic_key_roc(&t, &l->up);
	add_keys(l);
}

static void go(unsigned int n)
{
	did(ksrtp_peer_del(r.h, legs[n].far.id), "peer del");
	more[n].there = false;
}

static void peers(void)
{
	unsigned int n = below(LEGS);

	if (more[n].there)
		go(n);
	else
		come(n);
}

static int key_del(const struct leg *l, enum ksrtp_dir dir, const struct rig_key *k)
{
	struct ksrtp_key key = { 0 };

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, l->far.id);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, dir);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, k->key.layer);
	key.has |= k->key.has & KSRTP_BIT(KSRTP_A_KEY_SSRC);
	key.ssrc = k->key.ssrc;
	return ksrtp_key_del(r.h, &key);
}

/* Make before break, with or without a change of suite */
static void rekey(void)
{
	unsigned int n = below(LEGS);
	bool rx = one_of(2);
	enum ksrtp_dir dir = rx ? KSRTP_DIR_RX : KSRTP_DIR_TX;
	struct leg *l = &legs[n];
	struct rig_key *k = rx ? &l->up : &l->down, next;

	rig_hbh(&next, a_suite(), 1000 + below(1000));
	if (one_of(3))
		KSRTP_SET(&next.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_KEEP);
	if (!rx && one_of(3))
		KSRTP_SET(&next.key, KSRTP_A_KEY_FROM_SEQ, from_seq, below(65536));
	if (!did(rig_key_try(&r, l->far.id, dir, &next), "key add"))
		return;
	did(key_del(l, dir, k), "key del");
	next.key.has &= ~(KSRTP_BIT(KSRTP_A_KEY_ROC_MODE) | KSRTP_BIT(KSRTP_A_KEY_FROM_SEQ));
	if (n >= 2) {
		*k = next;
		return;
	}
	/* The traffic goes on under the first key, so that comes back. */
	if (rx)
		traffic_key_roc(&t, k);
	did(rig_key_try(&r, l->far.id, dir, k), "key add");
	did(key_del(l, dir, &next), "key del");
}

/* E2E beside HBH, and a key for one SSRC alone; for a while */
static void more_keys(void)
{
	enum ksrtp_dir dir = one_of(2) ? KSRTP_DIR_RX : KSRTP_DIR_TX;
	struct leg *l = &legs[2 + below(LEGS - 2)];
	struct rig_key k;

	if (one_of(2)) {
		rig_e2e(&k, 5, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	} else {
		rig_hbh(&k, a_suite(), 7);
		rig_key_ssrc(&k, 1 + below(SSRCS));
	}
	did(rig_key_try(&r, l->far.id, dir, &k), "key add");
	if (one_of(2))
		did(key_del(l, dir, &k), "key del");
	if (one_of(8) && did(ksrtp_key_flush(r.h, l->far.id), "key flush"))
		add_keys(l);
}

static void settings(void)
{
	struct leg *l = &legs[below(LEGS)];
	struct ksrtp_peer p = { 0 };
	struct ksrtp_key k = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, l->far.id);
	KSRTP_SET(&p, KSRTP_A_PEER_ROAM, roam, one_of(2));
	KSRTP_SET(&p, KSRTP_A_PEER_MAX_STREAMS, max_streams, 1 + below(SSRCS));
	did(ksrtp_peer_set(r.h, &p), "peer set");
	KSRTP_SET(&k, KSRTP_A_KEY_PEER, peer, l->far.id);
	KSRTP_SET(&k, KSRTP_A_KEY_DIR, dir, KSRTP_DIR_RX);
	KSRTP_SET(&k, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&k, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, 1 + below(100));
	KSRTP_SET(&k, KSRTP_A_KEY_HARD_LIMIT, hard_limit, 1000000 + below(100));
	did(ksrtp_key_set(r.h, &k), "key set");
}

static void routes(void)
{
	struct leg *from = &legs[below(LEGS)], *to = &legs[below(LEGS)];
	bool any = one_of(3);
	uint32_t ssrc = from == &legs[0] ? TRAFFIC_SSRC : 1 + below(SSRCS);
	struct ksrtp_route route = { 0 };
	struct ksrtp_out out = leg_out(to);

	if (!any && one_of(4))
		KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, 1 + below(SSRCS));
	if (!one_of(3)) {
		did(leg_try_route(&r, from, any ? ANY_SSRC : ssrc, one_of(2), &out, 1),
		    "route add");
		return;
	}
	if (one_of(10)) {
		did(ksrtp_route_flush(r.h), "route flush");
		return;
	}
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, from->far.id);
	if (!any)
		KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, ssrc);
	if (one_of(2))
		KSRTP_SET(&route, KSRTP_A_ROUTE_TO, to, to->far.id);
	did(ksrtp_route_del(r.h, &route), "route del");
}

/* --- packets ---------------------------------------------------------------- */

/* Streams are made and evicted; some packets are replays, forged or cut short. */
static void packets(void)
{
	unsigned int n = 2 + below(LEGS - 2), count = 1 + below(64);
	uint8_t plain[300], wire[400];
	struct leg *l = &legs[n];
	int len;

	for (; count; count--) {
		if (!one_of(6))
			more[n].index++;
		len = rig_rtp(plain, 1 + below(SSRCS), more[n].index, below(100));
		len = rig_seal(&l->up, NULL, plain, len, more[n].index, wire);
		if (one_of(8))
			wire[below(len)] ^= 1 << below(8);
		if (one_of(16))
			len = below(len + 1);
		/* The error of a packet before it, where nobody listens, ends it. */
		(void)!send(l->far.fd, wire, len, MSG_DONTWAIT);
		tally->packets++;
	}
}

static void app_says(void)
{
	const union rig_addr *to = &legs[below(LEGS)].far.addr;
	uint8_t plain[300];
	int len = rig_rtp(plain, 1 + below(SSRCS), below(100), below(100));

	if (one_of(6))
		len = rig_rtcp(plain, 1 + below(SSRCS), below(100));
	(void)!sendto(r.app, plain, len, MSG_DONTWAIT, &to->sa, rig_addr_len(to));
	tally->packets++;
}

/* --- sockets and network namespaces ------------------------------------------ */

static void spare_close(struct rig *s)
{
	if (s->app < 0 || one_of(3))
		did(ksrtp_sock_del(s->h, s->sock), "sock del");
	if (s->app >= 0)
		close(s->app);
	ksrtp_close(s->h);
}

static void sockets(void)
{
	unsigned int n = below(SPARES);
	struct rig *s = &spares[n];
	uint8_t plain[100];
	struct leg l;

	tally->sockets++;
	if (spare_open[n]) {
		spare_close(s);
		spare_open[n] = false;
		return;
	}
	if (one_of(2))
		rig_open(s, "127.0.0.1");
	else
		rig_open_owned(s, "127.0.0.1");
	leg_make(&l, a_suite(), 50 + n);
	leg_join(s, &l, "127.0.0.1");
	leg_sends(&l, plain, rig_rtp(plain, 1, 1, 50), 1);
	close(l.far.fd);
	spare_open[n] = true;
}

/* One with packets in it, that ends as it is */
static void netns_with_packets(bool owned)
{
	uint8_t plain[100];
	struct leg a, b;
	int i;

	kt_netns();
	if (owned)
		rig_open_owned(&r, "127.0.0.1");
	else
		rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, ANY_SSRC, &b);
	for (i = 0; i < 20; i++)
		leg_sends(&a, plain, rig_rtp(plain, i % 7, i, 50), i);
	_exit(0);
}

/*
 * A process without threads makes them: in a child of the one that has the traffic's
 * a lock of libcrypto's may be held for ever, by a thread that is not there.
 */
static int netns_maker;

static void netns_make(int fd)
{
	char owned, ok;
	pid_t pid;
	int status;

	while (read(fd, &owned, 1) == 1) {
		pid = fork();
		if (!pid)
			netns_with_packets(owned);
		ok = pid > 0 && waitpid(pid, &status, 0) == pid && !status;
		if (write(fd, &ok, 1) != 1)
			break;
	}
	_exit(0);
}

static void netns_maker_start(void)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		kt_bail("socketpair: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	close(fds[!!pid]);
	if (!pid)
		netns_make(fds[1]);
	netns_maker = fds[0];
}

static void a_netns(void)
{
	char owned = one_of(2), ok = 0;

	tally->netns++;
	if (write(netns_maker, &owned, 1) != 1 || read(netns_maker, &ok, 1) != 1 || !ok)
		kt_bail("a network namespace did not end as it should");
}

/* --- readers ------------------------------------------------------------------ */

static int count(void *arg)
{
	(*(unsigned long *)arg)++;
	return 0;
}

static void dumps(void)
{
	unsigned long n = 0;
	struct ksrtp_stats stats;

	tally->dumps++;
	did(ksrtp_sock_dump(r.h, (void *)count, &n), "sock dump");
	did(ksrtp_peer_dump(r.h, (void *)count, &n), "peer dump");
	did(ksrtp_key_dump(r.h, 0, (void *)count, &n), "key dump");
	did(ksrtp_route_dump(r.h, 0, (void *)count, &n), "route dump");
	did(ksrtp_stream_dump(r.h, 0, NULL, (void *)count, &n), "stream dump");
	did(ksrtp_stats_get(r.h, &stats), "stats");
}

/* A reader that may not read */
static void monitors(void)
{
	unsigned int n = below(DEAF);

	tally->monitors++;
	if (deaf[n]) {
		ksrtp_close(deaf[n]);
		deaf[n] = NULL;
		return;
	}
	deaf[n] = rig_handle();
	did(ksrtp_events_open(deaf[n]), "events");
}

static struct ksrtp_state states[STATES];
static unsigned int n_states;

static int keep(const struct ksrtp_state *state, void *arg)
{
	(void)arg;
	if (n_states < STATES)
		states[n_states++] = *state;
	return 0;
}

/* A peer goes and comes back with its index state, as on another host */
static void hand_over(void)
{
	unsigned int n = 2 + below(LEGS - 2), i;
	struct leg *l = &legs[n];
	uint16_t index = more[n].index;

	if (!more[n].there)
		return;
	n_states = 0;
	if (!did(ksrtp_state_dump(r.h, l->far.id, keep, NULL), "export"))
		return;
	tally->imports++;
	go(n);
	come(n);
	more[n].index = index;
	for (i = 0; i < n_states; i++) {
		states[i].peer = l->far.id;
		states[i].has &= ~KSRTP_BIT(KSRTP_A_STATE_CHECK);
		if (one_of(4))
			KSRTP_SET(&states[i], KSRTP_A_STATE_CHECK, check, 1);
		did(ksrtp_state_set(r.h, &states[i]), "import");
	}
}

/* With a socket under ksrtp it cannot be unloaded. */
static void unload(void)
{
	if (!syscall(SYS_delete_module, "ksrtp", O_NONBLOCK) && !tally->wrong++)
		strcpy(tally->first_wrong, "the module could be unloaded");
}

static void tool(void)
{
	if (one_of(10))
		kt_run("ksrtp -s stream show > /dev/null; ksrtp export > /dev/null");
}

static void (* const changes[])(void) = {
	peers, rekey, rekey, more_keys, settings, routes, routes, packets, packets, packets,
	app_says, app_says, sockets, a_netns, dumps, monitors, hand_over, unload, tool,
};

/* --- a round ------------------------------------------------------------------ */

static void flows(void)
{
	tally->sent += atomic_load(&t.sent);
	tally->relayed += atomic_load(&t.relayed);
	tally->answered += atomic_load(&t.answered);
	tally->plain += atomic_load(&t.plain);
}

static void end(void)
{
	switch (below(4)) {
	case 0:
		rig_close(&r);
		break;
	case 1:
		did(ksrtp_peer_flush(r.h), "peer flush");
		break;
	case 2:
		did(ksrtp_sock_flush(r.h), "sock flush");
		break;
	default:	/* it dies */
		break;
	}
}

static void round_of(uint64_t seed, long long ms)
{
	unsigned long least = tally->changes + LEAST;
	long long until;
	unsigned int i;

	random_state = seed;
	for (i = 0; i < 8; i++)
		below(2);
	kt_netns();
	netns_maker_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < LEGS; i++) {
		leg_make(&legs[i], i < 2 ? LEG_SUITE : a_suite(), 10 + i);
		leg_join(&r, &legs[i], "127.0.0.1");
		more[i] = (struct leg_more){ .there = true };
	}
	leg_route(&r, &legs[0], TRAFFIC_SSRC, &legs[1]);
	traffic_start(&t, &r, &legs[0], &legs[1]);
	until = kt_now_ms() + ms;
	do {
		changes[below(ARRAY_SIZE(changes))]();
	} while (kt_now_ms() < until || tally->changes < least);
	/* With the two peers there, packets flow as at the beginning. */
	if (!more[0].there)
		come(0);
	if (!more[1].there)
		come(1);
	traffic_flows(&t);
	traffic_stop(&t);
	flows();
	end();
	_exit(0);
}

/* --- all of them --------------------------------------------------------------- */

static struct memory samples[ROUNDS + 1];

static struct tally *shared(void)
{
	char path[] = "/dev/shm/ksrtp-soak-XXXXXX";
	struct tally *p;
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0) {
		strcpy(path, "/tmp/ksrtp-soak-XXXXXX");
		fd = mkostemp(path, O_CLOEXEC);
	}
	if (fd < 0 || unlink(path) || ftruncate(fd, sizeof(*p)))
		kt_bail("no shared memory: %s", strerror(errno));
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		kt_bail("no shared memory: %s", strerror(errno));
	close(fd);
	return p;
}

/*
 * As at the beginning: no stream, no reference, and no namespace more but one, since
 * the kernel frees the last that ended when another one does.
 */
static bool at_rest(struct memory *m)
{
	memory_shrink();
	memory_read(m);
	return !m->refcnt && !m->streams && m->namespaces <= samples[0].namespaces + 1;
}

static bool run_round(uint64_t seed, long long ms)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid)
		round_of(seed, ms);
	if (waitpid(pid, &status, 0) == pid && !status)
		return true;
	kt_note("a round ended with status %#x, seed %#llx", status, (unsigned long long)seed);
	return false;
}

/* As it goes, so that what was seen is there where a machine does not live to the end */
static void row(unsigned int n)
{
	const struct memory *m = &samples[n];

	if (!n)
		kt_note("round   MemFree      Slab SUnreclaim   Percpu  objects/kB streams netns refcnt");
	kt_note("%5u %9ld %9ld %10ld %8ld %11lld %7ld %5ld %6ld", n, m->free, m->slab,
		m->unreclaim, m->percpu, m->objects / 1024, m->streams, m->namespaces, m->refcnt);
}

/* Growth over the second half, by a line through it */
static double growth(const double *y, unsigned int n)
{
	unsigned int half = n / 2;

	return memory_slope(y + n - half, half) * (half - 1);
}

static uint64_t a_seed(void)
{
	const char *wanted = getenv("KSRTP_SEED");
	uint64_t seed;

	if (wanted && *wanted)
		return strtoull(wanted, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		kt_bail("no random number: %s", strerror(errno));
	return seed;
}

int main(void)
{
	const char *wanted = getenv("KSRTP_SOAK");
	long long ms = (wanted && *wanted ? atoll(wanted) : 20) * 1000, each, start, until;
	double objects[ROUNDS], percpu[ROUNDS];
	uint64_t seed = a_seed();
	bool rest = true, ok = true;
	unsigned int n = 0, i;
	int may_grow;

	kt_plan(6);
	if (ms <= 0)
		kt_bail("KSRTP_SOAK=%s is no number of seconds", wanted);
	kt_note("seed %#llx (KSRTP_SEED), %lld seconds", (unsigned long long)seed, ms / 1000);
	tally = shared();
	each = ms / ROUNDS > ROUND_MS ? ms / ROUNDS : ROUND_MS;
	at_rest(&samples[0]);
	row(0);
	start = kt_now_ms();
	until = start + ms;
	while (ok && rest && n < ROUNDS && (kt_now_ms() < until || n < FEWEST)) {
		ok = run_round(seed + 0x9e3779b97f4a7c15ull * n, each);
		n++;
		rest = kt_wait_until(at_rest(&samples[n]), RIG_WAIT);
		row(n);
	}
	kt_note("%u rounds, %lld seconds: %lu changes, %lu refused; %lu sockets, %lu namespaces, %lu hand-overs, %lu dumps, %lu monitors",
		n, (kt_now_ms() - start) / 1000, tally->changes, tally->refused, tally->sockets,
		tally->netns, tally->imports, tally->dumps, tally->monitors);
	kt_note("packets: %lu at random, %lu of the traffic, of which %lu relayed, %lu answered",
		tally->packets, tally->sent, tally->relayed, tally->answered);
	kt_ok(ok && tally->changes >= LEAST * n, "%u rounds of changes under traffic end well", n);
	kt_ok(!tally->wrong, "no change is refused but for what is there (%s)",
	      tally->wrong ? tally->first_wrong : "none");
	kt_ok(tally->relayed && tally->answered && !tally->plain,
	      "packets flow, and none of them leaves unprotected");
	kt_ok(rest, "after each round no stream, namespace or reference is left");
	for (i = 0; i < n; i++) {
		objects[i] = samples[i + 1].objects;
		percpu[i] = samples[i + 1].percpu;
	}
	memory_chart("bytes of slab objects, a row a round", objects, n);
	/* A line through three rounds is mostly what the kernel happens to cache. */
	may_grow = MAY_GROW * ROUNDS / (n ?: 1);
	kt_ok(n >= FEWEST && growth(objects, n) < may_grow,
	      "memory in slabs is flat: in the second half it grows by %.0f bytes (%d allowed)",
	      growth(objects, n), may_grow);
	kt_ok(n >= FEWEST && growth(percpu, n) < MAY_GROW_PERCPU,
	      "and that of processors by %.0f kB (%d allowed)", growth(percpu, n),
	      MAY_GROW_PERCPU);
	return kt_done();
}
