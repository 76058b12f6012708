// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink messages by the spec, and what is like them: most of them valid, or
 * valid with one thing wrong. Each refusal is a sentence, no answer has a byte
 * of a key, dumps agree with the totals, and at the end everything can be
 * deleted and the module is as unused as before.
 *
 * Values come from what there is: a batch begins with socks, peers, keys and
 * routes, and every now and then looks which of them are left; ids are of few
 * objects, so that they meet; file descriptors are of all kinds; attributes of
 * answers are sent back as a request.
 *
 * KSRTP_FUZZ_MESSAGES says how many (4,000 if nothing), KSRTP_FUZZ_SEED which.
 * Batches are 2,000 messages, every other one by three threads beside dumps,
 * events and traffic, the rest by one alone, which KSRTP_FUZZ_RUN repeats.
 *
 * timeout: 900
 */
#include <linux/genetlink.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/mman.h>
#include <sys/un.h>

#include "rawnl.h"
#include "rig.h"
#include "spec.h"

#define BATCH		2000
#define THREADS		3
#define ATTRS		64	/* of a message, at the top */
#define MESSAGE		16384
#define ANSWER		65536
#define KEPT		64	/* attributes of answers, to be sent again */
#define LEAST		20	/* of 100 accepted, or what is behind a check is not reached */
#define MOST		60	/* or little is refused */
#define LOOK		32	/* messages until a talker looks again what there is */

/* Ids that mean something: socks from 1, of the first descriptors; their peers by turns */
#define SOCKS		4
#define PEER		10
#define PEERS		12

/* All that is secret begins so. */
#define SECRET		"kSrTpSeCrEt"

/* ---- chance, of each thread its own ---- */

static __thread uint64_t state;

static uint32_t rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ull >> 32;
}

static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

static bool one_in(uint32_t n)
{
	return !below(n);
}

static void set_chance(uint64_t seed)
{
	state = 0x9e3779b97f4a7c15ull * (seed + 1);
	rnd();
}

/* ---- what is promised ---- */

static struct {
	atomic_bool sentence, secret, agree, empty, answered;
} ok = { true, true, true, true, true };

static atomic_ulong sent, accepted, refused, unspoken, dumps, packets, events;
static uint32_t seed, batch;
static int refusals[256];
static atomic_ulong of_cmd[256], accepted_of[256];

static __printf(2, 3)
void wrong(atomic_bool *promise, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	*promise = false;
	kt_note("KSRTP_FUZZ_SEED=%u KSRTP_FUZZ_RUN=%u: %s", seed, batch, what);
}

/* ---- file descriptors of all kinds ---- */

enum { UDPS = 6, KINDS = 24 };

static int fds[KINDS];

static int bound(int family, int type, int protocol, const char *ip, uint16_t port)
{
	union rig_addr a = rig_addr(ip, port);
	int fd = socket(family, type, protocol);

	if (fd >= 0 && bind(fd, &a.sa, rig_addr_len(&a)))
		kt_bail("bind to %s: %s", ip, strerror(errno));
	return fd;
}

static int elsewhere(void)
{
	int here = kt_netns_fd(), fd;

	kt_netns();
	fd = bound(AF_INET, SOCK_DGRAM, 0, "127.0.0.1", 5000);
	kt_netns_enter(here);
	close(here);
	return fd;
}

static void open_fds(void)
{
	int pair[2], i, n = 0;

	for (i = 0; i < UDPS; i++)
		fds[n++] = i % 3 == 2 ? bound(AF_INET6, SOCK_DGRAM, 0, "::1", 5000 + i) :
					bound(AF_INET, SOCK_DGRAM, 0, "127.0.0.1", 5000 + i);
	fds[n++] = elsewhere();
	fds[n++] = socket(AF_INET, SOCK_DGRAM, 0);
	fds[n++] = socket(AF_INET6, SOCK_DGRAM, 0);
	fds[n++] = socket(AF_INET, SOCK_STREAM, 0);
	fds[n++] = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	fds[n++] = socket(AF_INET, SOCK_DGRAM, 136);	/* UDP-Lite */
	fds[n++] = socket(AF_UNIX, SOCK_DGRAM, 0);
	fds[n++] = socket(AF_NETLINK, SOCK_RAW, 0);
	fds[n++] = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (pipe(pair))
		kt_bail("pipe: %s", strerror(errno));
	fds[n++] = pair[0];
	fds[n++] = pair[1];
	fds[n++] = epoll_create1(0);
	fds[n++] = eventfd(0, 0);
	fds[n++] = timerfd_create(CLOCK_MONOTONIC, 0);
	fds[n++] = open("/", O_RDONLY | O_DIRECTORY);
	fds[n++] = open("/proc/self/ns/net", O_RDONLY);
	fds[n++] = memfd_create("fuzz", 0);
	fds[n++] = open("/", O_PATH);
	if (n != KINDS)
		kt_bail("%d kinds of file descriptors, not %d", n, KINDS);
}

static void close_fds(void)
{
	int i;

	for (i = 0; i < KINDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* ---- a message ---- */

/* One top attribute: where it stands */
struct piece {
	uint16_t at, len;
};

/**
 * struct message - a request being written
 * @op: what it is of
 * @buf: the message
 * @len: its length
 * @piece: its attributes
 * @n: number of these
 * @sound: as a whole it is such that it reaches the operation, or its policy
 * @dump: it asks for a dump
 */
struct message {
	const struct spec_op *op;
	union {
		struct nlmsghdr nlh;
		uint8_t buf[MESSAGE];
	};
	uint32_t len;
	struct piece piece[ATTRS];
	int n;
	bool sound;
	bool dump;
};

/**
 * struct kept - an answer, to be sent again
 * @cmd: what it answered
 * @len: length of its attributes, 0: none, or too many
 * @bytes: these
 */
struct kept {
	uint8_t cmd;
	uint16_t len;
	uint8_t bytes[1024] __attribute__((aligned(NLA_ALIGNTO)));
};

/**
 * struct talker - a thread with a socket of its own
 * @r: for the family and the socket
 * @m: what it sends
 * @kept: attributes of answers
 * @n_kept: how many there were
 * @answer: an answer
 * @socks: a bit for each sock there was, when last looked
 * @peers: the same for peers
 * @objects: messages of the last answer
 * @error: what it ended with
 * @sentence: and the sentence beside it
 * @first: number of its first message
 * @count: how many
 */
struct talker {
	struct raw r;
	struct message m;
	struct kept kept[KEPT];
	unsigned int n_kept;
	uint32_t socks, peers;
	uint8_t answer[ANSWER];
	uint32_t objects;
	int error;
	char sentence[256];
	uint32_t first, count;
};

static void put_raw(struct message *m, const void *data, uint32_t len)
{
	uint32_t whole = NLA_ALIGN(len);

	if (m->len + whole > sizeof(m->buf))
		return;
	memset(m->buf + m->len, 0, whole);
	memcpy(m->buf + m->len, data, len);
	m->len += whole;
}

static void put(struct message *m, uint16_t type, const void *data, uint32_t len)
{
	struct nlattr head = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	uint8_t both[1024];

	memcpy(both, &head, sizeof(head));
	memcpy(both + NLA_HDRLEN, data, len);
	put_raw(m, both, NLA_HDRLEN + len);
}

static void note_piece(struct message *m, uint32_t from)
{
	if (m->n < ATTRS && m->len > from)
		m->piece[m->n++] = (struct piece){ from, m->len - from };
}

/* ---- values ---- */

static uint64_t edge(const struct spec_attr *a)
{
	switch (below(6)) {
	case 0:
		return a->min;
	case 1:
		return a->max;
	case 2:
		return a->min - 1;
	case 3:
		return a->max + 1;
	case 4:
		return 1ull << below(64);
	default:
		return (uint64_t)rnd() << 32 | rnd();
	}
}

static bool named(const struct spec_attr *a, const char *name)
{
	return !strcmp(a->name, name);
}

/* A number that is likely to mean something */
static uint64_t likely(const struct message *m, const struct spec_attr *a)
{
	uint8_t cmd = m->op ? m->op->cmd : 0;
	bool of_sock = cmd >= KSRTP_CMD_SOCK_GET && cmd <= KSRTP_CMD_SOCK_DEL;

	if (named(a, "sock") || (of_sock && named(a, "id")))
		return 1 + below(SOCKS);
	if (named(a, "id") || named(a, "peer") || named(a, "to"))
		return PEER + below(PEERS);
	if (named(a, "fd"))
		return one_in(24) ? 4000 : (uint32_t)fds[below(one_in(2) ? UDPS : KINDS)];
	if (named(a, "port"))
		return htons(5000 + below(10));
	if (named(a, "remote-port"))
		return one_in(64) ? 0 : htons(6000 + below(8));
	if (named(a, "scope") || named(a, "remote-scope"))
		return below(3);
	if (named(a, "ssrc") || named(a, "rewrite-ssrc"))
		return 0x1000 + below(4);
	if (named(a, "window") || named(a, "rtcp-window"))
		return 64 * (1 + below(one_in(8) ? 513 : 32));
	if (named(a, "max-streams"))
		return 1 + below(64);
	if (named(a, "mi-len"))
		return 1 + below(20);
	if (named(a, "hard-limit"))
		return one_in(2) ? 1ull << 48 : 1000 + below(100000);
	if (named(a, "soft-limit"))
		return 1 + below(2000);
	if (a->max - a->min < 256)
		return a->min + below(a->max - a->min + 1);
	return one_in(2) ? below(100000) : rnd() >> below(32);
}

static void put_number(struct message *m, const struct spec_attr *a, uint64_t v)
{
	uint16_t v16 = v;
	uint32_t v32 = v;
	uint8_t v8 = v;

	switch (a->size) {
	case 1:
		put(m, a->type, &v8, 1);
		break;
	case 2:
		put(m, a->type, &v16, 2);
		break;
	case 4:
		put(m, a->type, &v32, 4);
		break;
	default:
		put(m, a->type, &v, 8);
	}
}

static void some_address(uint8_t ip[16])
{
	static const char *const v6[] = { "::1", "fe80::1", "ff02::1", "::", "2001:db8::1" };

	memset(ip, 0, 16);
	if (one_in(4)) {
		inet_pton(AF_INET6, v6[one_in(4) ? below(ARRAY_SIZE(v6)) : 0], ip);
		return;
	}
	ip[10] = 0xff;
	ip[11] = 0xff;
	ip[12] = 127;
	ip[15] = 1;
	if (one_in(32))
		ip[12] = rnd();
}

/* A secret of this length, the same for all keys that have it */
static void secret(uint8_t *p, uint32_t len)
{
	static const char text[] = SECRET;
	uint32_t i;

	for (i = 0; i < len; i++)
		p[i] = text[i % (sizeof(text) - 1)];
}

static void put_bytes(struct message *m, const struct spec_attr *a)
{
	static const uint8_t lens[] = { 0, 1, 4, 8, 12, 14, 16, 24, 28, 30, 32, 64, 128, 129, 255 };
	uint32_t len = a->size ? a->size : lens[below(ARRAY_SIZE(lens))], i;
	uint8_t p[256];

	if (strstr(a->name, "master") || named(a, "mi-key")) {
		secret(p, len);
	} else if (strstr(a->name, "addr")) {
		some_address(p);
	} else if (named(a, "mki")) {
		len = 1 + below(4);
		memset(p, 1 + below(3), len);
	} else {
		for (i = 0; i < len; i++)
			p[i] = 1 + below(one_in(4) ? 255 : 14);
	}
	put(m, a->type, p, len);
}

static void put_likely(struct message *m, const struct spec_attr *a);

static void put_nest(struct message *m, const struct spec_attr *a)
{
	uint32_t from = m->len;
	struct nlattr head = { .nla_type = a->type | NLA_F_NESTED };
	const struct spec_attr *in;
	bool pt = one_in(4);

	put_raw(m, &head, sizeof(head));
	for (in = a->nested; in->kind != SPEC_END; in++)
		if (strstr(in->name, "rewrite-pt") ? pt : named(in, "peer") || one_in(3))
			put_likely(m, in);
	((struct nlattr *)(m->buf + from))->nla_len = m->len - from;
}

static void put_likely(struct message *m, const struct spec_attr *a)
{
	uint32_t from = m->len;

	switch (a->kind) {
	case SPEC_NUMBER:
		put_number(m, a, one_in(40) ? edge(a) : likely(m, a));
		break;
	case SPEC_BYTES:
		put_bytes(m, a);
		break;
	case SPEC_NEST:
		put_nest(m, a);
		break;
	case SPEC_END:
		break;
	}
	if (m->len - from > 1024)
		kt_bail("an attribute of %u bytes", m->len - from);
}

/* ---- valid messages ---- */

static void begin(struct talker *t, const struct spec_op *op, bool dump)
{
	struct message *m = &t->m;
	struct genlmsghdr genl = { .cmd = op->cmd, .version = KSRTP_GENL_VERSION };

	m->op = op;
	m->n = 0;
	m->sound = true;
	m->dump = dump;
	m->nlh = (struct nlmsghdr){
		.nlmsg_type = t->r.family,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (dump ? NLM_F_DUMP : 0),
		.nlmsg_seq = ++t->r.seq,
	};
	m->len = NLMSG_HDRLEN;
	put_raw(m, &genl, sizeof(genl));
}

static const struct spec_attr *find(const struct spec_op *op, const char *name)
{
	const struct spec_attr *a;

	for (a = op->attrs; a->kind != SPEC_END && !named(a, name); a++)
		;
	return a->kind == SPEC_END ? NULL : a;
}

static void put_named(struct message *m, const char *name, uint64_t v)
{
	const struct spec_attr *a = find(m->op, name);
	uint32_t from = m->len;

	put_number(m, a, v);
	note_piece(m, from);
}

static void put_secret(struct message *m, const char *name, uint32_t len)
{
	uint8_t p[128];
	uint32_t from = m->len;

	secret(p, len);
	put(m, find(m->op, name)->type, p, len);
	note_piece(m, from);
}

static bool is(uint32_t set, uint32_t i)
{
	return set >> i & 1;
}

/* One of the first @n bits of @set; any of them if there is none */
static uint32_t pick(uint32_t set, uint32_t n)
{
	uint32_t i = below(n), k;

	for (k = 0; k < n && !is(set, i); k++)
		i = (i + 1) % n;
	return i;
}

static uint32_t some_peer(const struct talker *t)
{
	return PEER + pick(t->peers, PEERS);
}

/* A key such as there can be, mostly */
static void write_key(struct message *m, uint32_t peer)
{
	static const char *const options[] = {
		"window", "soft-limit", "hard-limit", "roc", "roc-mode", "srtcp-index",
		"allow-plain-rtcp", "tx-plain-rtcp", "cryptex", "enc-ext", "rcc", "from-seq", "mki",
		"iv", "mi", "mi-key", "mi-len", "mi-verify",
	};
	struct ksrtp_suite_info info;
	bool e2e = one_in(5);
	int suite = e2e ? KSRTP_SUITE_E2E_AES_128_CTR : one_in(2) ? 1 + (int)below(21) :
		    KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	size_t i, n = one_in(4) ? 1 + below(3) : 0;
	uint32_t from;

	if (ksrtp_suite_get(suite, &info))
		kt_bail("there is no suite %d", suite);
	put_named(m, "peer", peer);
	put_named(m, "dir", below(2));
	put_named(m, "layer", e2e);
	if (one_in(2))
		put_named(m, "ssrc", 0x1000 + below(4));
	put_named(m, "suite", suite);
	put_secret(m, "master-key", info.key_len);
	put_secret(m, "master-salt", info.salt_len);
	while (n--) {
		i = below(ARRAY_SIZE(options));
		from = m->len;
		put_likely(m, find(m->op, options[i]));
		note_piece(m, from);
	}
}

/* Which of a peer's, by what all batches begin with */
static void write_which(const struct talker *t, struct message *m)
{
	put_named(m, "peer", some_peer(t));
	if (m->op->cmd == KSRTP_CMD_ROUTE_DEL)
		return;
	put_named(m, "dir", below(2));
	put_named(m, "layer", KSRTP_LAYER_HBH);
	if (m->op->cmd == KSRTP_CMD_KEY_SET)
		put_named(m, "soft-limit", 1000 + below(1000));
}

static void write_by_spec(struct message *m)
{
	const struct spec_attr *a;
	uint32_t from;
	int times;

	for (a = m->op->attrs; a->kind != SPEC_END; a++) {
		if (one_in(one_in(2) ? 8 : 3))
			continue;
		/* by fd or by address */
		if (m->op->cmd == KSRTP_CMD_SOCK_NEW && one_in(2) == named(a, "fd"))
			continue;
		times = a->kind == SPEC_NEST ? 1 + below(one_in(64) ? 200 : 3) : 1;
		while (times--) {
			from = m->len;
			put_likely(m, a);
			note_piece(m, from);
		}
	}
}

/* ---- messages of what there is ---- */

static void put_some(struct message *m, const char *name)
{
	uint32_t from = m->len;

	put_likely(m, find(m->op, name));
	note_piece(m, from);
}

static void put_ip(struct message *m, const char *name, bool v6)
{
	static const uint8_t ip[2][16] = {
		{ [10] = 0xff, 0xff, 127, 0, 0, 1 }, { [15] = 1 },
	};
	uint32_t from = m->len;

	put(m, find(m->op, name)->type, ip[v6], 16);
	note_piece(m, from);
}

static void write_sock(struct message *m, uint32_t i)
{
	put_named(m, "id", 1 + i);
	if (one_in(6)) {
		put_ip(m, "addr", false);
		put_named(m, "port", htons(7000 + i));
	} else {
		put_named(m, "fd", fds[i]);
	}
	if (one_in(4))
		put_some(m, "unmatched");
}

static void write_peer(struct message *m, uint32_t i)
{
	put_named(m, "id", PEER + i);
	put_named(m, "sock", 1 + i % SOCKS);
	put_ip(m, "remote-addr", i % SOCKS == 2);
	put_named(m, "remote-port", htons(6000 + i / SOCKS));
	if (one_in(4))
		put_some(m, "roam");
	if (one_in(4))
		put_some(m, "max-streams");
}

static void put_out(struct message *m, uint32_t peer)
{
	struct nlattr nest = {
		.nla_len = 2 * NLA_HDRLEN + sizeof(peer),
		.nla_type = KSRTP_A_ROUTE_OUT | NLA_F_NESTED,
	};
	uint32_t from = m->len;

	put_raw(m, &nest, sizeof(nest));
	put(m, KSRTP_A_OUT_PEER, &peer, sizeof(peer));
	note_piece(m, from);
}

static void write_route(const struct talker *t, struct message *m)
{
	uint32_t n = one_in(64) ? 100 : 1 + below(3);

	put_named(m, "peer", some_peer(t));
	if (one_in(2))
		put_some(m, "ssrc");
	while (n--)
		put_out(m, some_peer(t));
}

/* One of the kept answers of @cmd, any of them; NULL if there is none */
static const struct kept *some_kept(const struct talker *t, uint8_t cmd)
{
	unsigned int i, first = below(KEPT);

	for (i = 0; i < KEPT; i++) {
		const struct kept *k = &t->kept[(first + i) % KEPT];

		if (k->cmd == cmd && k->len)
			return k;
	}
	return NULL;
}

/* What the kernel has answered, as a request: the same numbers mean the same. */
static bool write_again(struct talker *t)
{
	struct message *m = &t->m;
	const struct nlattr *attr;
	const struct kept *k;

	switch (m->op->cmd) {
	case KSRTP_CMD_STATE_SET:
		k = some_kept(t, KSRTP_CMD_STATE_GET);
		break;
	case KSRTP_CMD_KEY_SET:
	case KSRTP_CMD_KEY_DEL:
		k = some_kept(t, KSRTP_CMD_KEY_GET);
		break;
	case KSRTP_CMD_ROUTE_DEL:
		k = some_kept(t, KSRTP_CMD_ROUTE_GET);
		break;
	default:
		k = NULL;
	}
	if (!k)
		return false;
	mnl_attr_for_each_payload((const void *)k->bytes, k->len) {
		const struct spec_attr *a;
		uint32_t from = m->len;

		for (a = m->op->attrs; a->kind != SPEC_END && a->type != attr->nla_type; a++)
			;
		if (a->kind != SPEC_END || one_in(64)) {
			put_raw(m, attr, attr->nla_len);
			note_piece(m, from);
		}
	}
	return true;
}

static void put_same(struct message *m, uint16_t type, const struct nlattr *from)
{
	uint32_t at = m->len;

	if (!from)
		return;
	put(m, type, mnl_attr_get_payload(from), mnl_attr_get_payload_len(from));
	note_piece(m, at);
}

static void put_windows(struct message *m, bool tx)
{
	uint64_t index = rnd(), ext = 1 + below(1 << 20);
	bool started = !tx && one_in(2);

	put_named(m, "index", index);
	put_named(m, "window", 64 * (1 + below(16)));
	put_named(m, "started", started);
	if (one_in(2))
		put_named(m, "floor", index - below(100));
	if (started)
		put_some(m, "bits");
	if (one_in(2))
		put_named(m, "packets", below(1000));
	if (tx) {
		if (one_in(2))
			put_named(m, "srtcp-next", rnd() >> 1);
		if (one_in(2)) {
			put_named(m, "extended", ext);
			put_named(m, "mapped", ext + ((uint64_t)below(1000) << 16));
		}
		if (one_in(4))
			put_named(m, "tx-skip", below(100));
		return;
	}
	if (one_in(2)) {
		put_named(m, "rtcp-window", 64 * (1 + below(16)));
		put_named(m, "rtcp-index", rnd() >> 1);
		put_named(m, "rtcp-started", 1);
		put_named(m, "rtcp-packets", below(1000));
	}
	if (one_in(8))
		put_named(m, "tombstone", 1);
}

/* Of a key there is, for an SSRC that no packet has, and that is of one direction */
static bool write_state(struct talker *t)
{
	const struct nlattr *of[KSRTP_A_KEY_MAX + 1] = { NULL }, *attr;
	const struct kept *k = some_kept(t, KSRTP_CMD_KEY_GET);
	struct message *m = &t->m;
	bool tx;

	if (!k)
		return false;
	mnl_attr_for_each_payload((const void *)k->bytes, k->len)
		if (mnl_attr_get_type(attr) <= KSRTP_A_KEY_MAX)
			of[mnl_attr_get_type(attr)] = attr;
	if (!of[KSRTP_A_KEY_PEER] || !of[KSRTP_A_KEY_DIR])
		return false;
	tx = mnl_attr_get_u8(of[KSRTP_A_KEY_DIR]) == KSRTP_DIR_TX;
	put_same(m, KSRTP_A_STATE_PEER, of[KSRTP_A_KEY_PEER]);
	put_same(m, KSRTP_A_STATE_DIR, of[KSRTP_A_KEY_DIR]);
	put_same(m, KSRTP_A_STATE_LAYER, of[KSRTP_A_KEY_LAYER]);
	put_same(m, KSRTP_A_STATE_SUITE, of[KSRTP_A_KEY_SUITE]);
	put_same(m, KSRTP_A_STATE_MKI, of[KSRTP_A_KEY_MKI]);
	put_same(m, KSRTP_A_STATE_FINGERPRINT, of[KSRTP_A_KEY_FINGERPRINT]);
	put_same(m, KSRTP_A_STATE_SSRC, of[KSRTP_A_KEY_SSRC]);
	if (!of[KSRTP_A_KEY_SSRC])
		put_named(m, "ssrc", 0x2000 + 2 * below(16) + tx);
	put_named(m, "any", !of[KSRTP_A_KEY_SSRC]);
	put_windows(m, tx);
	if (one_in(8))
		put_named(m, "check", 1);
	return true;
}

/* Return: false for an operation that is written by the spec, or sent again */
static bool write_sensible(struct talker *t)
{
	struct message *m = &t->m;

	switch (m->op->cmd) {
	case KSRTP_CMD_SOCK_NEW:
		write_sock(m, pick(~t->socks, SOCKS));
		return true;
	case KSRTP_CMD_SOCK_SET:
		put_some(m, "unmatched");
		put_named(m, "id", 1 + pick(t->socks, SOCKS));
		return true;
	case KSRTP_CMD_SOCK_GET:
	case KSRTP_CMD_SOCK_DEL:
		if (!m->dump)
			put_named(m, "id", 1 + pick(t->socks, SOCKS));
		return true;
	case KSRTP_CMD_PEER_NEW:
		write_peer(m, pick(~t->peers, PEERS));
		return true;
	case KSRTP_CMD_PEER_SET:
		put_some(m, one_in(2) ? "roam" : "max-streams");
		if (one_in(4))
			put_some(m, "remote-port");
		put_named(m, "id", some_peer(t));
		return true;
	case KSRTP_CMD_PEER_GET:
	case KSRTP_CMD_PEER_DEL:
		if (!m->dump)
			put_named(m, "id", some_peer(t));
		return true;
	case KSRTP_CMD_KEY_NEW:
		write_key(m, some_peer(t));
		return true;
	case KSRTP_CMD_ROUTE_NEW:
		write_route(t, m);
		return true;
	case KSRTP_CMD_KEY_SET:
	case KSRTP_CMD_KEY_DEL:
	case KSRTP_CMD_ROUTE_DEL:
		if (!write_again(t))
			write_which(t, m);
		return true;
	case KSRTP_CMD_STATE_SET:
		return !one_in(4) && write_state(t);
	case KSRTP_CMD_KEY_GET:
	case KSRTP_CMD_ROUTE_GET:
	case KSRTP_CMD_STREAM_GET:
	case KSRTP_CMD_STATE_GET:
		if (one_in(2))
			put_named(m, "peer", some_peer(t));
		return true;
	}
	return false;
}

/* ---- what is wrong with them ---- */

enum {
	MISSING, REPEATED, OTHER_LENGTH, LYING_LENGTH, TYPE_FLAGS, OTHER_TYPE, UNKNOWN_TYPE,
	OTHER_BYTES, ALL_ONES, NESTED, CUT, LONGER, COMMAND, VERSION, RESERVED, DUMP, FLAGS,
	WRONGS,
};

static const char * const wrong_names[WRONGS] = {
	"an attribute missing", "repeated", "of another length", "with a length that lies",
	"with flags", "of another type", "unknown", "with other bytes", "all ones or zeros",
	"nested", "messages cut", "with bytes behind", "of another command", "version",
	"reserved bytes", "dump or not", "other flags",
};

static atomic_ulong wrongs[WRONGS];

static struct nlattr *attr_at(struct message *m, const struct piece *p)
{
	return (void *)(m->buf + p->at);
}

/* The end of the message is moved; where @p is in the middle, what follows goes along. */
static void resize(struct message *m, struct piece *p, int by)
{
	uint32_t end = p->at + p->len;
	int i;

	if (m->len + by > sizeof(m->buf) || (int)p->len + by < (int)NLA_HDRLEN)
		return;
	memmove(m->buf + end + by, m->buf + end, m->len - end);
	if (by > 0)
		memset(m->buf + end, one_in(2) ? 0 : rnd(), by);
	m->len += by;
	p->len += by;
	for (i = p - m->piece + 1; i < m->n; i++)
		m->piece[i].at += by;
}

static void mutate_attr(struct talker *t)
{
	struct message *m = &t->m;
	struct piece *p = &m->piece[below(m->n)];
	struct nlattr *a = attr_at(m, p);
	uint32_t i;

	switch (below(12)) {
	case 0:	/* missing */
		wrongs[MISSING]++;
		memmove(m->buf + p->at, m->buf + p->at + p->len, m->len - p->at - p->len);
		m->len -= p->len;
		m->n = 0;
		break;
	case 1:	/* repeated */
		wrongs[REPEATED]++;
		i = m->len;
		if (m->len + p->len <= sizeof(m->buf)) {
			memcpy(m->buf + m->len, m->buf + p->at, p->len);
			m->len += p->len;
			note_piece(m, i);
		}
		break;
	case 2:	/* longer or shorter, honestly */
		wrongs[OTHER_LENGTH]++;
		i = a->nla_len;
		resize(m, p, one_in(2) ? 4 : -4);
		a = attr_at(m, p);
		a->nla_len = p->len - below(p->len - NLA_HDRLEN < 4 ? p->len - NLA_HDRLEN + 1 : 4);
		break;
	case 3:	/* or not: what follows is read from elsewhere */
		wrongs[LYING_LENGTH]++;
		a->nla_len = one_in(2) ? a->nla_len + below(9) - 4 : rnd();
		break;
	case 4:	/* flags of the type */
		wrongs[TYPE_FLAGS]++;
		a->nla_type ^= one_in(2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 5:	/* another attribute of the set, or none */
		wrongs[OTHER_TYPE]++;
		a->nla_type = below(m->op->top + 3);
		break;
	case 6:
		wrongs[UNKNOWN_TYPE]++;
		a->nla_type = rnd();
		break;
	case 7:	/* other bytes */
	case 8:
	case 9:
		wrongs[OTHER_BYTES]++;
		if (p->len > NLA_HDRLEN) {
			i = p->at + NLA_HDRLEN + below(p->len - NLA_HDRLEN);
			m->buf[i] ^= one_in(2) ? 1u << below(8) : rnd();
		}
		break;
	case 10: /* all ones, all zeros */
		wrongs[ALL_ONES]++;
		memset(m->buf + p->at + NLA_HDRLEN, one_in(2) ? 0 : 0xff, p->len - NLA_HDRLEN);
		break;
	case 11: /* a nest in it */
		wrongs[NESTED]++;
		if (p->len >= 2 * NLA_HDRLEN) {
			struct nlattr *in = (void *)(m->buf + p->at + NLA_HDRLEN);

			in->nla_len = one_in(2) ? p->len - (uint32_t)NLA_HDRLEN : rnd();
			in->nla_type = below(8);
			a->nla_type |= NLA_F_NESTED;
		}
		break;
	}
}

static void mutate_message(struct message *m)
{
	struct genlmsghdr *genl = (void *)(m->buf + NLMSG_HDRLEN);
	uint32_t i;

	switch (below(7)) {
	case 0:	/* cut */
		wrongs[CUT]++;
		m->len = NLMSG_HDRLEN + below(m->len - NLMSG_HDRLEN + 1);
		m->sound &= m->len >= NLMSG_HDRLEN + GENL_HDRLEN;
		m->n = 0;
		break;
	case 1:	/* with something behind */
		wrongs[LONGER]++;
		for (i = below(40); i && m->len < sizeof(m->buf); i--)
			m->buf[m->len++] = rnd();
		break;
	case 2:
		wrongs[COMMAND]++;
		genl->cmd = rnd();
		m->sound = false;
		break;
	case 3:
		wrongs[VERSION]++;
		genl->version = rnd();
		break;
	case 4:
		wrongs[RESERVED]++;
		genl->reserved = rnd();
		m->sound = false;
		break;
	case 5:	/* a dump of what has none, and the other way round */
		wrongs[DUMP]++;
		m->nlh.nlmsg_flags ^= NLM_F_DUMP;
		m->dump = !m->dump;
		if (!(m->op->modes & (m->dump ? SPEC_DUMP : SPEC_DO)))
			m->sound = false;
		break;
	case 6:
		wrongs[FLAGS]++;
		m->nlh.nlmsg_flags ^= (1 << below(16)) & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP);
		m->sound = false;
		break;
	}
}

static void mutate(struct talker *t)
{
	int times = 1 + (one_in(3) ? below(3) : 0);

	while (times--) {
		if (t->m.n && !one_in(6))
			mutate_attr(t);
		else
			mutate_message(&t->m);
	}
}

/* What there is already is not made again, mostly. */
static bool is_idle(const struct talker *t, const struct spec_op *op)
{
	if (op->cmd == KSRTP_CMD_SOCK_NEW)
		return !(~t->socks & ((1 << SOCKS) - 1));
	if (op->cmd == KSRTP_CMD_PEER_NEW)
		return !(~t->peers & ((1 << PEERS) - 1)) || !t->socks;
	return false;
}

/* Changes of many things at once are rarer, or there would be nothing to change. */
static const struct spec_op *some_op(const struct talker *t)
{
	const struct spec_op *op;
	bool rare;

	do {
		op = &spec_ops[below(ARRAY_SIZE(spec_ops))];
		rare = op->cmd == KSRTP_CMD_SOCK_DEL || op->cmd == KSRTP_CMD_PEER_DEL ||
		       op->modes & SPEC_DUMP || is_idle(t, op);
		if (op->cmd == KSRTP_CMD_SOCK_DEL && !one_in(6))
			rare = true;
	} while (rare && !one_in(4));
	if (one_in(4))
		for (op = spec_ops; op->cmd != KSRTP_CMD_KEY_NEW; op++)
			;
	return op;
}

static void write_message(struct talker *t)
{
	const struct spec_op *op = some_op(t);

	begin(t, op, op->modes == SPEC_DUMP || (op->modes & SPEC_DUMP && one_in(2)));
	if ((one_in(8) || !write_sensible(t)) && !write_again(t))
		write_by_spec(&t->m);
	/* Without an id all of them go, which leaves little for the next. */
	if ((op->cmd == KSRTP_CMD_SOCK_DEL || op->cmd == KSRTP_CMD_PEER_DEL ||
	     op->cmd == KSRTP_CMD_KEY_DEL || op->cmd == KSRTP_CMD_ROUTE_DEL) &&
	    !t->m.n && !one_in(50))
		return write_message(t);
	if (below(5) < 2)
		mutate(t);
	t->m.nlh.nlmsg_len = t->m.len;
}

/* ---- answers ---- */

static void keep(struct talker *t, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	uint32_t len = mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN;
	unsigned int i = t->n_kept < KEPT ? t->n_kept++ : below(KEPT);

	if (len > sizeof(t->kept[i].bytes))
		len = 0;
	t->kept[i].cmd = genl->cmd;
	t->kept[i].len = len;
	memcpy(t->kept[i].bytes, (uint8_t *)genl + GENL_HDRLEN, len);
}

static void note_what_is(struct talker *t, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	uint32_t id = 0;

	/* KSRTP_A_PEER_ID is the same */
	mnl_attr_for_each(a, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == KSRTP_A_SOCK_ID)
			id = mnl_attr_get_u32(a);
	if (genl->cmd == KSRTP_CMD_SOCK_GET && id - 1 < SOCKS)
		t->socks |= 1u << (id - 1);
	if (genl->cmd == KSRTP_CMD_PEER_GET && id - PEER < PEERS)
		t->peers |= 1u << (id - PEER);
}

/* The sentence beside an error, "" if there is none */
static const char *sentence_of(const struct nlmsghdr *nlh, uint32_t head)
{
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	mnl_attr_for_each(a, nlh, head)
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			return mnl_attr_get_str(a);
	return "";
}

static void look_for_secrets(const struct talker *t, const void *p, size_t len)
{
	if (memmem(p, len, SECRET, sizeof(SECRET) - 1))
		wrong(&ok.secret, "an answer to %s has bytes of a key", t->m.op->name);
}

/* Return: true when there is no more to come */
static bool read_answer(struct talker *t, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	bool error = nlh->nlmsg_type == NLMSG_ERROR;

	if (nlh->nlmsg_seq != t->r.seq)
		return false;
	if (error || nlh->nlmsg_type == NLMSG_DONE) {
		t->error = err->error < 0 ? err->error : 0;
		snprintf(t->sentence, sizeof(t->sentence), "%s",
			 sentence_of(nlh, error ? sizeof(*err) : sizeof(int)));
		return true;
	}
	if (nlh->nlmsg_type == t->r.family) {
		t->objects++;
		keep(t, nlh);
		if (t->m.op->cmd == KSRTP_CMD_SOCK_GET || t->m.op->cmd == KSRTP_CMD_PEER_GET)
			note_what_is(t, nlh);
	}
	return false;
}

static void talk(struct talker *t)
{
	int fd = mnl_socket_get_fd(t->r.nl), n, left;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	const struct nlmsghdr *nlh;
	bool done = false;

	t->objects = 0;
	t->error = -ETIMEDOUT;
	if (send(fd, t->m.buf, t->m.len, 0) < 0)
		kt_bail("a message of %u bytes is not sent: %s", t->m.len, strerror(errno));
	while (!done) {
		if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1) {
			wrong(&ok.answered, "%s is not answered", t->m.op->name);
			return;
		}
		n = recv(fd, t->answer, sizeof(t->answer), 0);
		if (n < 0)
			kt_bail("no answer: %s", strerror(errno));
		look_for_secrets(t, t->answer, n);
		left = n;
		nlh = (void *)t->answer;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			done |= read_answer(t, nlh);
	}
}

/* What memory was short of needs no sentence; what never came to us, genetlink refused. */
static void judge(const struct talker *t)
{
	const struct message *m = &t->m;

	of_cmd[m->op->cmd]++;
	if (!t->error) {
		accepted++;
		accepted_of[m->op->cmd]++;
		return;
	}
	refused++;
	if (t->error > -256)
		refusals[-t->error]++;
	if (*t->sentence)
		return;
	unspoken++;
	if (m->sound && t->error != -ENOMEM)
		wrong(&ok.sentence, "%s%s refused with %s and no sentence, %u attributes, %u bytes",
		      m->op->name, m->dump ? " (dump)" : "", strerror(-t->error), m->n, m->len);
}

static int dump(struct talker *t, const struct spec_op *op)
{
	begin(t, op, true);
	t->m.nlh.nlmsg_len = t->m.len;
	talk(t);
	return t->error;
}

static const struct spec_op *op_of(uint8_t cmd)
{
	const struct spec_op *op;

	for (op = spec_ops; op->cmd != cmd; op++)
		;
	return op;
}

/* What there is, and answers to send again */
static void look(struct talker *t)
{
	static const uint8_t cmds[] = {
		KSRTP_CMD_SOCK_GET, KSRTP_CMD_PEER_GET, KSRTP_CMD_KEY_GET, KSRTP_CMD_ROUTE_GET,
		KSRTP_CMD_STATE_GET,
	};
	size_t i;
	int err;

	t->socks = 0;
	t->peers = 0;
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		err = dump(t, op_of(cmds[i]));
		if (err)
			wrong(&ok.answered, "%s: %s", t->m.op->name, strerror(-err));
		dumps++;
	}
}

/* ---- what a batch begins with, and what is made again when it is gone ---- */

/* There is nothing yet; later another, or something like it, may be there by now. */
static bool fresh;

static void ask(struct talker *t)
{
	t->m.nlh.nlmsg_len = t->m.len;
	talk(t);
	if (t->error && fresh)
		wrong(&ok.answered, "%s in the beginning: %s, %s", t->m.op->name,
		      strerror(-t->error), t->sentence);
}

static void begin_key(struct talker *t, uint32_t peer, uint32_t dir)
{
	struct message *m = &t->m;

	begin(t, op_of(KSRTP_CMD_KEY_NEW), false);
	put_named(m, "peer", peer);
	put_named(m, "dir", dir);
	put_named(m, "layer", KSRTP_LAYER_HBH);
	put_named(m, "suite", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	put_secret(m, "master-key", 16);
	put_secret(m, "master-salt", 14);
	ask(t);
}

static void begin_peer(struct talker *t, uint32_t i)
{
	begin(t, op_of(KSRTP_CMD_PEER_NEW), false);
	put_named(&t->m, "id", PEER + i);
	put_named(&t->m, "sock", 1 + i % SOCKS);
	put_ip(&t->m, "remote-addr", i % SOCKS == 2);
	put_named(&t->m, "remote-port", htons(6000 + i / SOCKS));
	ask(t);
	begin_key(t, PEER + i, KSRTP_DIR_RX);
	begin_key(t, PEER + i, KSRTP_DIR_TX);
}

/* Socks, their peers, a key of each direction; every other peer is forwarded */
static void begin_again(struct talker *t)
{
	uint32_t i;

	for (i = 0; i < SOCKS; i++) {
		if (is(t->socks, i))
			continue;
		begin(t, op_of(KSRTP_CMD_SOCK_NEW), false);
		put_named(&t->m, "id", 1 + i);
		put_named(&t->m, "fd", fds[i]);
		ask(t);
	}
	for (i = 0; i < PEERS; i++)
		if (!is(t->peers, i))
			begin_peer(t, i);
	for (i = 0; i < PEERS; i += 2) {
		if (is(t->peers, i))
			continue;
		begin(t, op_of(KSRTP_CMD_ROUTE_NEW), false);
		put_named(&t->m, "peer", PEER + i);
		put_out(&t->m, PEER + (i + 1) % PEERS);
		put_out(&t->m, PEER + (i + 5) % PEERS);
		ask(t);
	}
	t->socks = (1 << SOCKS) - 1;
	t->peers = (1 << PEERS) - 1;
}

static void *talk_all(void *arg)
{
	struct talker *t = arg;
	uint32_t i;

	for (i = 0; i < t->count; i++) {
		set_chance(((uint64_t)seed << 40) ^ ((uint64_t)batch << 20) ^ (t->first + i));
		if (!(i % LOOK)) {
			look(t);
			if (!(t->socks & (t->socks - 1)) || !(t->peers & (t->peers - 1)))
				begin_again(t);
		}
		write_message(t);
		talk(t);
		sent++;
		judge(t);
	}
	return NULL;
}

/* ---- what goes on meanwhile ---- */

static atomic_bool stop;
/* and one that dumps */
static struct talker talkers[THREADS + 1];
#define DUMPER	(&talkers[THREADS])

static void *dump_all(void *arg)
{
	struct talker *t = arg;
	uint32_t i;
	int err;

	for (i = 0; !stop; i++) {
		const struct spec_op *op = &spec_ops[i % ARRAY_SIZE(spec_ops)];

		if (!(op->modes & SPEC_DUMP))
			continue;
		err = dump(t, op);
		if (err)
			wrong(&ok.answered, "%s beside changes: %s", op->name, strerror(-err));
		dumps++;
	}
	return NULL;
}

static void *listen_all(void *arg)
{
	static uint8_t buf[65536];
	struct raw *r = arg;
	int fd = mnl_socket_get_fd(r->nl), n;

	while (!stop) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		if (poll(&pfd, 1, 20) != 1)
			continue;
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		events += n > 0;
		if (n > 0 && memmem(buf, n, SECRET, sizeof(SECRET) - 1))
			wrong(&ok.secret, "an event has bytes of a key");
	}
	return NULL;
}

/* To all of the sockets, from all addresses peers may have, under the most likely key */
static void *send_all(void *arg)
{
	static const char suite[] = "AES_CM_128_HMAC_SHA1_80";
	uint8_t master[16], salt[14], plain[200], wire[300];
	const int *far = arg;
	struct ref_ctx c;
	uint32_t seq = 0;
	int i, len;

	secret(master, sizeof(master));
	secret(salt, sizeof(salt));
	if (ref_ctx_init(&c, suite, master, sizeof(master), salt, sizeof(salt)))
		kt_bail("refsrtp refuses the key");
	while (!stop) {
		seq++;
		for (i = 0; i < 8 && !stop; i++) {
			union rig_addr to = rig_addr("127.0.0.1", 5000 + seq % 10);

			len = rig_rtp(plain, 0x1000 + i % 4, seq & 0x7fff, 60);
			len = ref_protect_rtp(&c, plain, len, seq & 0x7fff, wire);
			wire[len - 1] ^= one_in(8);
			packets += sendto(far[i], wire, len, MSG_DONTWAIT, &to.sa,
					  sizeof(to.in)) == len;
		}
		for (i = 0; i < UDPS; i++)
			while (recv(fds[i], wire, sizeof(wire), MSG_DONTWAIT) > 0)
				;
		for (i = 0; i < 8; i++)
			while (recv(far[i], wire, sizeof(wire), MSG_DONTWAIT) > 0)
				;
		usleep(1000);
	}
	return NULL;
}

/* ---- batches ---- */

static uint32_t objects(const char *name)
{
	const struct spec_op *op;
	int err;

	for (op = spec_ops; strcmp(op->name, name); op++)
		;
	err = dump(DUMPER, op);
	if (err)
		wrong(&ok.agree, "%s does not dump: %s", name, strerror(-err));
	return DUMPER->objects;
}

/* A route with many outputs is more than one message. */
static void agree(const char *op, uint32_t total, bool more)
{
	uint32_t n = objects(op);

	if (more ? n < total || (n && !total) : n != total)
		wrong(&ok.agree, "%s gives %u, and there are %u", op, n, total);
}

/* Nobody changes anything now: what dumps say is what the totals say. */
static void check_view(struct ksrtp_handle *h)
{
	struct ksrtp_stats s;

	if (ksrtp_stats_get(h, &s))
		kt_bail("stats: %s", ksrtp_error(h));
	agree("sock-get", s.socks, false);
	agree("peer-get", s.peers, false);
	agree("key-get", s.keys, false);
	agree("route-get", s.routes, true);
	objects("stream-get");
	objects("state-get");
}

static void check_flush(struct raw *r, struct ksrtp_handle *h)
{
	static const uint8_t flush[] = {
		KSRTP_CMD_ROUTE_DEL, KSRTP_CMD_KEY_DEL, KSRTP_CMD_PEER_DEL, KSRTP_CMD_SOCK_DEL,
	};
	struct ksrtp_stats s;
	size_t i = below(ARRAY_SIZE(flush));

	/* from any of them on: the last one takes all */
	for (; i < ARRAY_SIZE(flush); i++) {
		raw_new(r, flush[i], 0);
		if (raw_talk(r))
			wrong(&ok.empty, "not all can be deleted: %s", r->sentence);
	}
	if (ksrtp_stats_get(h, &s))
		kt_bail("stats: %s", ksrtp_error(h));
	if (s.socks || s.peers || s.keys || s.routes || s.streams)
		wrong(&ok.empty, "%u socks, %u peers, %u keys, %u routes, %u streams are left of nothing",
		      s.socks, s.peers, s.keys, s.routes, s.streams);
}

static void alone(void)
{
	talkers[0].first = 0;
	talkers[0].count = BATCH;
	talk_all(&talkers[0]);
}

static void together(struct raw *events_of, int *far)
{
	pthread_t threads[THREADS + 3];
	int i, n = 0;

	stop = false;
	for (i = 0; i < THREADS; i++) {
		talkers[i].first = BATCH * (i + 1);
		talkers[i].count = BATCH / THREADS;
		pthread_create(&threads[n++], NULL, talk_all, &talkers[i]);
	}
	pthread_create(&threads[n++], NULL, dump_all, DUMPER);
	pthread_create(&threads[n++], NULL, listen_all, events_of);
	pthread_create(&threads[n++], NULL, send_all, far);
	for (i = 0; i < n; i++) {
		if (i == THREADS)
			stop = true;
		pthread_join(threads[i], NULL);
	}
}

static long refcount(void)
{
	char text[32];

	return atol(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

/* kB of slab that nobody can take back */
static long unreclaimable(void)
{
	static char text[8192];
	const char *at = strstr(kt_read("/proc/meminfo", text, sizeof(text)), "SUnreclaim:");

	return at ? atol(at + strlen("SUnreclaim:")) : 0;
}

static bool all_ok(void)
{
	return ok.sentence && ok.secret && ok.agree && ok.empty && ok.answered;
}

static uint32_t number_of(const char *name, uint32_t none)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : none;
}

static void one_batch(uint32_t number, struct raw *r, struct ksrtp_handle *h, struct raw *events_of,
		      int *far, int kmsg)
{
	char mark[128];

	batch = number;
	snprintf(mark, sizeof(mark), "<7>netlink_fuzz: seed %u batch %u\n", seed, number);
	if (write(kmsg, mark, strlen(mark)) < 0)
		kt_bail("/dev/kmsg: %s", strerror(errno));
	open_fds();
	talkers[0].socks = 0;
	talkers[0].peers = 0;
	fresh = true;
	begin_again(&talkers[0]);
	fresh = false;
	if (number & 1)
		alone();
	else
		together(events_of, far);
	set_chance(number);
	check_view(h);
	check_flush(r, h);
	close_fds();
}

/* Return: operations of which no message was accepted */
static int note_commands(void)
{
	const struct spec_op *op;
	int never = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spec_ops); i++) {
		op = &spec_ops[i];
		kt_note("%s: %lu of %lu accepted", op->name, accepted_of[op->cmd],
			of_cmd[op->cmd]);
		never += !accepted_of[op->cmd];
	}
	for (i = 0; i < WRONGS; i++)
		kt_note("%s: %lu", wrong_names[i], wrongs[i]);
	return never;
}

int main(void)
{
	uint32_t wanted = number_of("KSRTP_FUZZ_MESSAGES", 4000);
	uint32_t only = number_of("KSRTP_FUZZ_RUN", 0), number;
	static struct raw r, events_of;
	/* kB; KASAN keeps of what was freed up to a 32nd of all memory */
	long before, slab = 0, grown, most = kt_slow() > 3 ? 128 << 10 : 8 << 10;
	struct ksrtp_handle *h;
	int far[8], i, kmsg;

	seed = number_of("KSRTP_FUZZ_SEED", 1);
	kt_plan(9);
	kt_netns();
	before = refcount();
	kmsg = open("/dev/kmsg", O_WRONLY);
	if (kmsg < 0)
		kt_bail("/dev/kmsg: %s", strerror(errno));
	h = rig_handle();
	if (raw_open(&r) || raw_open(&events_of))
		kt_bail("no family ksrtp");
	if (mnl_socket_setsockopt(events_of.nl, NETLINK_ADD_MEMBERSHIP, &events_of.group,
				  sizeof(events_of.group)))
		kt_bail("events: %s", strerror(errno));
	for (i = 0; i <= THREADS; i++)
		if (raw_open(&talkers[i].r))
			kt_bail("no family ksrtp");
	for (i = 0; i < 8; i++)
		far[i] = rig_udp("127.0.0.1", 6000 + i);

	if (only)
		one_batch(only, &r, h, &events_of, far, kmsg);
	for (number = 1; !only && all_ok() && sent < wanted; number++) {
		one_batch(number, &r, h, &events_of, far, kmsg);
		/* the first ones fill what is kept for the next */
		if (number == 4)
			slab = unreclaimable();
	}
	kt_note("seed %u: %lu messages, %lu accepted, %lu refused, of these %lu by genetlink and without a sentence; beside them %lu dumps, %lu packets, %lu events",
		seed, sent, accepted, refused, unspoken, dumps, packets, events);
	for (i = 0; i < 256; i++)
		if (refusals[i])
			kt_note("refused with %s: %d", strerror(i), refusals[i]);

	i = note_commands();
	kt_ok(accepted * 100 >= sent * LEAST && accepted * 100 <= sent * MOST,
	      "%lu of 100 messages are accepted, %d to %d", accepted * 100 / sent, LEAST, MOST);
	kt_ok(!i, "some of each operation are accepted");
	kt_ok(ok.sentence, "each refusal of a message that reaches its operation is a sentence");
	kt_ok(ok.secret, "no answer, dump or event has a byte of a key");
	kt_ok(ok.answered, "each message is answered, and dumps beside changes come to an end");
	kt_ok(ok.agree, "dumps and totals agree");
	kt_ok(ok.empty, "all can be deleted");
	/* Any socket of ours may have been attached, and keeps a reference while it is open. */
	for (i = 0; i < 8; i++)
		close(far[i]);
	for (i = 0; i <= THREADS; i++)
		raw_close(&talkers[i].r);
	if (!kt_ok(kt_wait_until(refcount() == before, 10000),
		   "no reference on the module is left"))
		kt_note("%ld, and %ld in the beginning", refcount(), before);
	kt_wait_until(!slab || unreclaimable() - slab < most, 5000);
	grown = slab ? unreclaimable() - slab : 0;
	kt_ok(grown < most, "memory is back (%ld kB more than after the first batches)", grown);
	ksrtp_close(h);
	return kt_done();
}
