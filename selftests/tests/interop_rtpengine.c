// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtpengine as the next hop of a relay:
 *
 *	generator  --K1-->  ksrtp  --K2-->            --K3-->  ksrtp     --plain-->  application
 *	(refsrtp)  <--K6--  relay  <--K5--  rtpengine  <--K4--  endpoint  <--plain--
 *
 * Each hop has a key of its own. rtpengine's two sides are set up as a SIP proxy
 * would do it: offer and answer of session descriptions over its ng protocol,
 * keys in them by SDES (RFC 4568). Where both sides have the same suite, it gives
 * each the other's key and passes on what it cannot read; so here each suite
 * meets the next one of the list.
 *
 * Once its daemon forwards the packets by itself, once it hands them over to its
 * kernel module, which has an SRTP of its own.
 *
 * timeout: 400
 */
#include <openssl/evp.h>
#include <signal.h>

#include "interop.h"
#include "leg.h"

#define IP		"127.0.0.1"
#define NG_PORT		2223
#define TABLE		"/proc/rtpengine/0/list"
/* So many packets are on their way at once */
#define BURST		40
/* Milliseconds for a packet once one has been lost */
#define LITTLE		20

/* What goes forth and what comes back */
#define SSRC_FORTH	0x1abe11ed
#define SSRC_BACK	0x1abe11ee
/* Of one kind in one direction; the wrap is after 100 */
#define PACKETS		240
#define FIRST		(65536 - 100)
#define SIZE		2048

#define NULL_BUG	"its daemon calls a null pointer for the key of a null cipher, and dies"
#define GCM_MKI_BUG	"its kernel module cannot open GCM with an MKI, so that the daemon has to"

static const char * const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
	"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
	"AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
	"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
};

/* Not the equals of these: see with_null() */
static const char * const null_suites[] = { "NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32" };

/* ---- rtpengine ---- */

/**
 * struct engine - a daemon that runs
 * @kernel: it has its kernel module forward
 * @died: of this signal
 * @ng: connected to its control port
 */
struct engine {
	bool kernel;
	int died;
	pid_t pid;
	int ng;
	char version[64];
};

/* Where it is: built or fetched with the tests, not installed */
static const char *engine_root(void)
{
	static char path[512];
	const char *programs = getenv("KSRTP_PROGRAMS");

	snprintf(path, sizeof(path), "%s/peers/rtpengine", programs ? programs : ".");
	return path;
}

static void engine_exec(const struct engine *e)
{
	char path[640], libraries[640];
	const char *root = engine_root();

	snprintf(libraries, sizeof(libraries), "%s/usr/lib/x86_64-linux-gnu", root);
	setenv("LD_LIBRARY_PATH", libraries, 1);
	snprintf(path, sizeof(path), "%s/usr/bin/rtpengine", root);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	execl(path, "rtpengine", "--foreground", "--log-stderr", "--log-level=4",
	      e->kernel ? "--table=0" : "--table=-1", "--no-fallback", "--interface=" IP,
	      "--listen-ng=" IP ":2223", "--num-threads=1", "--port-min=30000",
	      "--port-max=30999", "--delete-delay=0", (char *)NULL);
	printf("Bail out! %s: %s\n", path, strerror(errno));
	_exit(1);
}

/* A string of bencode behind what is in @msg already */
static void ben(char *msg, const char *s)
{
	sprintf(msg + strlen(msg), "%zu:%s", strlen(s), s);
}

/*
 * One request and its answer, which is to hold @want; a cookie tells that it is
 * the answer to this one. Return: the answer, or NULL.
 */
static const char *ask(struct engine *e, const char *dictionary, const char *want, int ms)
{
	static char answer[8192];
	static unsigned int count;
	char request[8192], cookie[16];
	struct pollfd pfd = { .fd = e->ng, .events = POLLIN };
	ssize_t n;

	snprintf(cookie, sizeof(cookie), "%u ", ++count);
	n = snprintf(request, sizeof(request), "%s%s", cookie, dictionary);
	if (send(e->ng, request, n, 0) != n)
		return NULL;
	while (poll(&pfd, 1, ms) > 0) {
		n = recv(e->ng, answer, sizeof(answer) - 1, 0);
		if (n < 0)
			return NULL;
		answer[n] = '\0';
		if (strncmp(answer, cookie, strlen(cookie)))
			continue;
		if (strstr(answer, want))
			return answer + strlen(cookie);
		kt_note("rtpengine: %s", answer);
		return NULL;
	}
	return NULL;
}

static void engine_start(struct engine *e)
{
	union rig_addr to = rig_addr(IP, NG_PORT);

	fflush(stdout);
	e->pid = fork();
	if (!e->pid)
		engine_exec(e);
	e->ng = rig_udp(IP, 0);
	rig_connect(e->ng, &to);
	if (!kt_wait_until(ask(e, "d7:command4:pinge", "pong", 100), 20000))
		kt_bail("rtpengine does not answer");
}

static void engine_stop(struct engine *e)
{
	int status;

	if (!e->died)
		kill(e->pid, SIGTERM);
	if (!e->died &&
	    !kt_wait_until(waitpid(e->pid, &status, WNOHANG) == e->pid, 10000)) {
		kt_note("rtpengine had to be killed");
		kill(e->pid, SIGKILL);
		waitpid(e->pid, &status, 0);
	}
	close(e->ng);
}

static void engine_version(struct engine *e)
{
	char path[640];

	snprintf(path, sizeof(path), "%s/version", engine_root());
	kt_read(path, e->version, sizeof(e->version));
	e->version[strcspn(e->version, "\n")] = '\0';
}

/* ---- a call through it ---- */

/**
 * struct side - one side of a call
 * @tag: of SIP
 * @port: of ksrtp's socket
 * @key: what ksrtp protects with towards rtpengine
 * @engine: rtpengine's port of this side
 * @engine_key: what it protects with
 * @crypto: number of the crypto attribute
 * @other: the other side
 * @suite: of both of this side's keys
 */
struct side {
	struct side *other;
	const char *suite;
	const char *tag;
	uint16_t port;
	struct rig_key key;
	union rig_addr engine;
	struct rig_key engine_key;
	int crypto;
};

/**
 * struct call - one call through rtpengine
 * @id: of SIP
 * @mki: ksrtp sends with an MKI; rtpengine's own keys never have one
 * @a: the relay's side, which offers
 * @b: the endpoint's
 * @gen: the generator, in front of the relay
 * @next: rtpengine, for the relay
 * @endpoint: rtpengine, for the endpoint
 */
struct call {
	struct engine *e;
	char id[32];
	bool mki;
	struct side a, b;
	struct leg gen, next;
	uint32_t endpoint;
};

static void sdes(const struct rig_key *k, char *out)
{
	uint8_t both[KSRTP_MAX_KEY + KSRTP_MAX_SALT];

	memcpy(both, k->key.master_key, k->key.master_key_len);
	memcpy(both + k->key.master_key_len, k->key.master_salt, k->key.master_salt_len);
	EVP_EncodeBlock((uint8_t *)out, both, k->key.master_key_len + k->key.master_salt_len);
	if (k->key.mki_len)
		sprintf(out + strlen(out), "|%u:%u", ref_get32(k->key.mki), k->key.mki_len);
}

static void describe(const struct side *s, char *sdp)
{
	char inline_key[128];

	sdes(&s->key, inline_key);
	sprintf(sdp, "v=0\r\no=- 1 1 IN IP4 " IP "\r\ns=-\r\nc=IN IP4 " IP "\r\nt=0 0\r\n"
		"m=audio %u RTP/SAVP 96\r\na=rtpmap:96 opus/48000/2\r\na=rtcp-mux\r\n"
		"a=crypto:%d %s inline:%s\r\n", s->port, s->crypto, s->suite, inline_key);
}

/* Base64, perhaps without its padding. Return: bytes or -1 */
static int unbase64(const char *text, size_t len, uint8_t *out)
{
	char padded[256];
	int n, pad = (4 - len % 4) % 4;

	if (len + pad >= sizeof(padded))
		return -1;
	memcpy(padded, text, len);
	memset(padded + len, '=', pad);
	n = EVP_DecodeBlock(out, (uint8_t *)padded, len + pad);
	while (pad < 2 && len && text[len - 1] == '=') {
		pad++;
		len--;
	}
	return n < 0 ? n : n - pad;
}

/*
 * What rtpengine describes towards @s: its port, and the key of the crypto
 * attribute with our suite
 */
static bool understand(const char *sdp, struct side *s)
{
	const char *m = strstr(sdp, "m=audio "), *line, *key, *end;
	const struct ref_suite *suite = ref_suite_find(s->suite);
	char want[64];
	uint8_t both[256];
	int port, len;

	if (!m || sscanf(m, "m=audio %d", &port) != 1)
		return false;
	s->engine = rig_addr(IP, port);
	snprintf(want, sizeof(want), " %s inline:", s->suite);
	key = strstr(m, want);
	if (!key)
		return false;
	for (line = key; line > m && line[-1] != '\n'; line--)
		;
	if (sscanf(line, "a=crypto:%d ", &s->crypto) != 1)
		return false;
	key += strlen(want);
	end = key + strcspn(key, "|\r\n ");
	len = unbase64(key, end - key, both);
	if (len != (int)(suite->key_len + suite->salt_len))
		return false;
	rig_hbh(&s->engine_key, s->suite, 1);
	memcpy(s->engine_key.key.master_key, both, suite->key_len);
	memcpy(s->engine_key.key.master_salt, both + suite->key_len, suite->salt_len);
	return true;
}

/* offer: @from describes itself and @to is told of rtpengine; answer: likewise */
static void exchange(struct call *c, const char *command, struct side *from, struct side *to)
{
	char sdp[1024], msg[4096] = "d";
	const char *answer;

	describe(from, sdp);
	ben(msg, "command");
	ben(msg, command);
	ben(msg, "call-id");
	ben(msg, c->id);
	ben(msg, "from-tag");
	ben(msg, c->a.tag);
	if (!strcmp(command, "answer")) {
		ben(msg, "to-tag");
		ben(msg, c->b.tag);
	}
	ben(msg, "ICE");
	ben(msg, "remove");
	ben(msg, "DTLS");
	ben(msg, "off");
	ben(msg, "flags");
	strcat(msg, "l");
	/* Addresses are as described: nothing has to be learnt first. */
	ben(msg, "asymmetric");
	strcat(msg, "e");
	ben(msg, "sdp");
	ben(msg, sdp);
	strcat(msg, "e");
	answer = ask(c->e, msg, "6:result2:ok", RIG_WAIT * kt_slow());
	if (!answer)
		kt_bail("rtpengine refuses an %s with %s", command, to->suite);
	if (!understand(answer, to))
		kt_bail("rtpengine's answer to an %s with %s: %s", command, to->suite, answer);
}

static void hang_up(struct call *c)
{
	char msg[512] = "d";

	ben(msg, "command");
	ben(msg, "delete");
	ben(msg, "call-id");
	ben(msg, c->id);
	ben(msg, "from-tag");
	ben(msg, c->a.tag);
	strcat(msg, "e");
	ask(c->e, msg, "6:result2:ok", RIG_WAIT * kt_slow());
}

/* ---- packets ---- */

static struct rig relay, end;

struct packet {
	uint8_t data[SIZE];
	int len;
	bool sent, arrived;
};

static struct packet plain[PACKETS];

/* Headers of every shape, and payloads around the cipher's block size */
static int build(bool rtcp, uint32_t ssrc, unsigned int i, uint8_t *out)
{
	static const size_t sizes[] = { 160, 0, 1, 15, 16, 17, 172, 1100 };
	struct ref_rtp rtp = {
		.pt = 96,
		.marker = i % 5 == 0,
		.seq = FIRST + i,
		.timestamp = 160 * i,
		.ssrc = ssrc,
		.csrc_count = i % 3 == 2 ? i % 16 : 0,
		.extension = i % 4 == 1,
		.ext_words = i % 4 == 1 ? i % 7 : 0,
		.padding = i % 11 == 10 ? 4 : 0,
		.payload_len = sizes[i % ARRAY_SIZE(sizes)],
		.fill = i,
	};

	return rtcp ? rig_rtcp(out, ssrc, i) : ref_rtp_build(&rtp, out);
}

/*
 * Blocks of eight turned round, over the wrap too, but for the first packets: a
 * receiver starts with what comes first. Every sixteenth is lost. Return: how
 * many are left
 */
static unsigned int plan(unsigned int *order)
{
	unsigned int i, n = 0;

	for (i = 0; i < PACKETS; i++) {
		unsigned int at = i < 8 ? i : i ^ 7;

		if (at % 16 != 15)
			order[n++] = at;
	}
	return n;
}

/**
 * struct way - one direction through all hops
 * @send: one packet at its begin
 * @take: one at its end, waited for
 */
struct way {
	const char *option;
	uint32_t ssrc;
	void (*send)(const struct call *c, bool rtcp, unsigned int i);
	int (*take)(const struct call *c, bool rtcp, int ms, uint8_t *out);
};

static void forth_send(const struct call *c, bool rtcp, unsigned int i)
{
	if (rtcp)
		leg_sends_rtcp(&c->gen, plain[i].data, plain[i].len, i + 1);
	else
		leg_sends(&c->gen, plain[i].data, plain[i].len, FIRST + i);
}

static int take_datagram(int fd, int ms, uint8_t *out)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (poll(&pfd, 1, ms * kt_slow()) <= 0)
		return -ETIMEDOUT;
	return recv(fd, out, SIZE, 0);
}

static int forth_take(const struct call *c, bool rtcp, int ms, uint8_t *out)
{
	(void)c;
	(void)rtcp;
	return take_datagram(end.app, ms, out);
}

static void back_send(const struct call *c, bool rtcp, unsigned int i)
{
	const union rig_addr *to = &c->b.engine;

	(void)rtcp;
	if (sendto(end.app, plain[i].data, plain[i].len, 0, &to->sa, rig_addr_len(to)) < 0)
		kt_note("packet %u cannot be sent: %s", i, strerror(errno));
}

static int back_take(const struct call *c, bool rtcp, int ms, uint8_t *out)
{
	const struct rig_key *key = &c->gen.down;
	uint8_t wire[SIZE];
	int len = take_datagram(c->gen.far.fd, ms, wire);

	if (len < 12)
		return len;
	if (rtcp)
		return ref_unprotect_rtcp(&key->hbh, wire, len, NULL, NULL, out);
	return rig_unseal(key, NULL, wire, len,
			  FIRST + (uint16_t)(ref_rtp_seq(wire) - FIRST), out);
}

static const struct way forth = { "relay-to-endpoint", SSRC_FORTH, forth_send, forth_take };
static const struct way back = { "endpoint-to-relay", SSRC_BACK, back_send, back_take };

/* Is it one of those sent and not yet seen? */
static bool expected(const uint8_t *got, int len)
{
	unsigned int i;

	for (i = 0; i < PACKETS; i++) {
		struct packet *p = &plain[i];

		if (p->sent && !p->arrived && p->len == len && !memcmp(p->data, got, len)) {
			p->arrived = true;
			return true;
		}
	}
	return false;
}

static void tally(struct interop *row, const uint8_t *got, int len)
{
	row->arrived++;
	if (expected(got, len))
		return;
	if (!row->differ++)
		kt_note("a packet of %d bytes, %02x %02x %02x %02x, is none of those sent", len,
			got[0], got[1], got[2], got[3]);
}

static bool alive(struct engine *e)
{
	int status;

	if (!e->died && waitpid(e->pid, &status, WNOHANG) == e->pid) {
		e->died = WIFSIGNALED(status) ? WTERMSIG(status) : -1;
		kt_note("rtpengine has died of signal %d", e->died);
	}
	return !e->died;
}

/*
 * The daemon drops packets if its socket is never empty when it looks (50 times
 * in a row): it is asked something else between bursts, which it does when it
 * has looked.
 */
static bool breathe(struct engine *e)
{
	if (!alive(e))
		return false;
	if (ask(e, "d7:command4:pinge", "pong", RIG_WAIT * kt_slow()))
		return true;
	/* What it was sent before may have killed it only now. */
	if (alive(e))
		kt_bail("rtpengine answers no more");
	return false;
}

/* Packets in bursts, each with a look at what has come of it */
static void go(const struct call *c, const struct way *w, bool rtcp, const unsigned int *order,
	       unsigned int n, struct interop *row)
{
	const unsigned long before = row->arrived;
	uint8_t got[SIZE];
	unsigned int k, m;

	for (k = 0; k < n; k = m) {
		bool lost = row->arrived < before + k;
		long long until = kt_now_ms() + RIG_WAIT * kt_slow();

		for (m = k; m < n && m < k + BURST; m++) {
			plain[order[m]].sent = true;
			w->send(c, rtcp, order[m]);
		}
		while (row->arrived < before + m) {
			int len = w->take(c, rtcp, LITTLE, got);

			if (len >= 0)
				tally(row, got, len);
			else if (lost || !alive(c->e) || kt_now_ms() > until)
				break;
		}
		if (!breathe(c->e))
			return;
	}
}

/* Packets its kernel module has forwarded from what came to this port; -1: none of its own */
static long forwarded(uint16_t port)
{
	static char list[65536];
	char want[64], *at, *stats;
	unsigned long long bytes, packets;
	size_t n;
	FILE *f = fopen(TABLE, "r");

	if (!f)
		return -1;
	n = fread(list, 1, sizeof(list) - 1, f);
	list[n] = '\0';
	fclose(f);
	snprintf(want, sizeof(want), "local inet4 " IP ":%u\n", port);
	at = strstr(list, want);
	stats = at ? strstr(at, "stats:") : NULL;
	if (!stats || sscanf(stats, "stats: %llu bytes, %llu packets", &bytes, &packets) != 2)
		return -1;
	return packets;
}

/* All of one kind in one direction: one row, and one result more if the kernel forwards */
static void run(const struct call *c, const struct way *w, bool rtcp)
{
	const struct side *in = w == &forth ? &c->a : &c->b;
	unsigned int order[PACKETS], n = plan(order), i, first = 0;
	uint16_t port = ntohs(in->engine.in.sin_port);
	bool kernel = c->e->kernel && !rtcp;
	long by_kernel = 0;
	char suite[96], options[96];
	struct interop row = {
		.peer = c->e->kernel ? "rtpengine-kernel" : "rtpengine",
		.version = c->e->version,
		.suite = suite,
		.role = INTEROP_NEXT_HOP,
		.kind = rtcp ? INTEROP_SRTCP : INTEROP_SRTP,
		.options = options,
		.packets = PACKETS,
		.dropped = PACKETS - n,
	};

	snprintf(suite, sizeof(suite), "%s,%s", in->suite, in->other->suite);
	snprintf(options, sizeof(options), "%s,reorder,loss%s%s", w->option,
		 rtcp ? "" : ",wrap", c->mki ? ",mki:4" : "");
	for (i = 0; i < PACKETS; i++) {
		plain[i].len = build(rtcp, w->ssrc, i, plain[i].data);
		plain[i].sent = false;
		plain[i].arrived = false;
	}
	if (kernel) {
		/* The first packet shows the daemon what it then hands over. */
		first = 1;
		go(c, w, rtcp, order, first, &row);
		if (!kt_wait_until(forwarded(port) >= 0, RIG_WAIT))
			kt_note("rtpengine's daemon did not hand over port %u", port);
	}
	go(c, w, rtcp, order + first, n - first, &row);
	if (kernel)
		by_kernel = forwarded(port);
	if (c->e->died == SIGSEGV && !strncmp(in->other->suite, "NULL", 4) && !row.differ)
		row.bug = NULL_BUG;
	if (kernel && c->mki && strstr(in->suite, "GCM") && !by_kernel && row.arrived == n &&
	    !row.differ)
		row.bug = GCM_MKI_BUG;
	interop_result(&row);
	if (kernel)
		kt_is(by_kernel, row.bug ? 0 : n - first, "and its kernel module forwarded %s",
		      row.bug ? "none of them" : "them");
}

/* ---- a suite ---- */

static struct side *side_init(struct side *s, const char *tag, const struct rig *r,
			      const struct call *c, uint32_t seed)
{
	static const uint8_t mki[4] = { 0, 0, 1, 7 };

	s->tag = tag;
	s->port = ntohs(r->addr.in.sin_port);
	rig_hbh(&s->key, s->suite, seed);
	if (c->mki)
		rig_mki(&s->key, mki, sizeof(mki));
	return s;
}

/* ksrtp's side of a hop to rtpengine */
static uint32_t hop(struct rig *r, const struct side *s)
{
	uint32_t peer = rig_peer(r, &s->engine);

	rig_key(r, peer, KSRTP_DIR_TX, &s->key);
	rig_key(r, peer, KSRTP_DIR_RX, &s->engine_key);
	return peer;
}

static void peer_del(struct rig *r, uint32_t peer)
{
	if (ksrtp_peer_del(r->h, peer))
		kt_bail("peer del: %s", ksrtp_error(r->h));
}

static void call_start(struct call *c, struct engine *e, const char *suite, const char *other,
		       bool mki)
{
	static uint32_t seed = 300;

	c->e = e;
	c->mki = mki;
	c->a.suite = suite;
	c->a.crypto = 1;
	c->a.other = &c->b;
	c->b.suite = other;
	c->b.other = &c->a;
	snprintf(c->id, sizeof(c->id), "call-%u", seed);
	exchange(c, "offer", side_init(&c->a, "from-a", &relay, c, seed++), &c->b);
	exchange(c, "answer", side_init(&c->b, "to-b", &end, c, seed++), &c->a);

	leg_make(&c->gen, suite, seed++);
	leg_join(&relay, &c->gen, IP);
	c->next.far.id = hop(&relay, &c->a);
	c->endpoint = hop(&end, &c->b);
	leg_route_rtcp(&relay, &c->gen, ANY_SSRC, KSRTP_RTCP_MODE_FORWARD, &c->next);
	leg_route_rtcp(&relay, &c->next, ANY_SSRC, KSRTP_RTCP_MODE_FORWARD, &c->gen);
}

static void call_end(struct call *c)
{
	if (!c->e->died)
		hang_up(c);
	leg_unroute(&relay, &c->gen, ANY_SSRC);
	leg_unroute(&relay, &c->next, ANY_SSRC);
	rig_far_close(&relay, &c->gen.far);
	peer_del(&relay, c->next.far.id);
	peer_del(&end, c->endpoint);
}

/* Two suites meet in rtpengine */
#define ROWS		4
#define KERNEL_ROWS	6

static void try(struct engine *e, const char *suite, const char *other, bool mki)
{
	struct call c = { 0 };

	call_start(&c, e, suite, other, mki);
	run(&c, &forth, false);
	run(&c, &back, false);
	run(&c, &forth, true);
	run(&c, &back, true);
	call_end(&c);
}

#define ALL		(ARRAY_SIZE(suites) + 2)

static void try_all(struct engine *e)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		try(e, suites[i], suites[(i + 1) % ARRAY_SIZE(suites)], false);
	try(e, "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", true);
	try(e, "AEAD_AES_128_GCM", "AEAD_AES_256_GCM", true);
}

static void with_daemon(void)
{
	struct engine e = { .kernel = false };

	engine_version(&e);
	engine_start(&e);
	try_all(&e);
	engine_stop(&e);
}

/* Suites without encryption: a daemon each, for it may not survive it. One result each */
static void with_null(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(null_suites); i++) {
		struct engine e = { .kernel = false };
		struct call c = { 0 };

		engine_version(&e);
		engine_start(&e);
		call_start(&c, &e, suites[0], null_suites[i], false);
		run(&c, &forth, false);
		call_end(&c);
		engine_stop(&e);
	}
}

/* Its module, and the rule that gives it packets */
static bool module_load(char *path, size_t size)
{
	const char *dir = getenv("KSRTP_MODULES");

	snprintf(path, size, "%s/xt_RTPENGINE.ko", dir ? dir : ".");
	if (access(path, R_OK))
		return false;
	/* What the kernel would load by itself if it could call modprobe */
	kt_must("modprobe -a x_tables ip_tables iptable_filter ctr gcm hmac sha1_generic");
	kt_must("insmod %s", path);
	kt_must("XTABLES_LIBDIR=%s/usr/lib/x86_64-linux-gnu/xtables:/usr/lib/x86_64-linux-gnu/xtables iptables-legacy -I INPUT -p udp -j RTPENGINE --id 0",
		engine_root());
	return true;
}

static void with_module(void)
{
	struct engine e = { .kernel = true };
	char path[512];
	size_t i;

	if (!module_load(path, sizeof(path))) {
		for (i = 0; i < KERNEL_ROWS * ALL; i++)
			kt_skip("rtpengine's kernel module forwards",
				"it could not be built for this kernel");
		return;
	}
	engine_version(&e);
	engine_start(&e);
	try_all(&e);
	engine_stop(&e);
	for (i = 0; i < ARRAY_SIZE(null_suites); i++) {
		const struct interop row = {
			.peer = "rtpengine-kernel",
			.version = e.version,
			.suite = null_suites[i],
			.role = INTEROP_NEXT_HOP,
			.kind = INTEROP_SRTP,
		};

		interop_cannot(&row, "the daemon dies of it before it can hand over");
	}
	kt_must("iptables-legacy -F INPUT");
	kt_run("echo del 0 > /proc/rtpengine/control");
	kt_must("rmmod xt_RTPENGINE");
}

int main(void)
{
	char path[640];

	snprintf(path, sizeof(path), "%s/usr/bin/rtpengine", engine_root());
	if (access(path, X_OK))
		kt_skip_all("rtpengine could not be fetched");
	kt_plan((ROWS + KERNEL_ROWS) * ALL + ARRAY_SIZE(null_suites));
	rig_start();
	rig_open_owned(&relay, IP);
	rig_open(&end, IP);
	with_daemon();
	with_null();
	with_module();
	rig_close(&end);
	rig_close(&relay);
	return kt_done();
}
