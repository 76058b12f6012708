// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random packets of every shape under every suite, protected by ksrtp and opened
 * by the reference, and the other way round: none is lost, none differs.
 *
 * A run is some packets under keys of its own: one SSRC, a first index often
 * just before a wrap, and options drawn for it (MKI, Cryptex, encrypted
 * extensions, a carried ROC, E2E inside, RTCP in clear or under a master of its
 * own). KSRTP_RANDOM says how many packets a suite and direction has; 2,000 if
 * it says nothing, and 200 on an instrumented kernel.
 *
 * timeout: 240
 */
#include "rig.h"

#define RUN	100	/* packets of a run */
#define BATCH	50	/* that are on their way at once */
#define PACKET	2048

static struct rig r;
static struct rig_far far;

/* ---- chance ---- */

static uint64_t state;

/* xorshift64*: the same numbers on every machine */
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

/* ---- a run ---- */

struct run {
	const struct ref_suite *suite;
	uint32_t seed;
	uint32_t ssrc;
	struct rig_key hbh, e2e;
	bool has_e2e;
	bool plain_rtcp;	/* RTCP may be in clear, and ours is */
	uint64_t first;		/* index of the first RTP packet */
	uint64_t index;		/* of the next */
	uint32_t rtcp_index;
};

/* One packet of it */
struct packet {
	uint8_t plain[PACKET], wire[PACKET];
	int len, wire_len;
	uint64_t index;
	bool rtcp, e;
};

static bool is(const struct ref_suite *s, const char *prefix)
{
	return !strncmp(s->name, prefix, strlen(prefix));
}

/* Options a suite can have; at most one of those that touch the header extension */
static void draw_options(struct run *run)
{
	static const uint8_t mki_lens[] = { 1, 4, 128 };
	static const uint8_t ids[] = { 1, 3, 5, 14, 17, 200, 255 };
	bool null = is(run->suite, "NULL"), twice = is(run->suite, "DOUBLE");
	uint8_t mki[128];

	if (one_in(4) && !twice)
		rig_hbh_rtcp(&run->hbh, ~run->seed);
	if (one_in(2)) {
		ref_pattern(mki, sizeof(mki), run->seed);
		rig_mki(&run->hbh, mki, mki_lens[below(ARRAY_SIZE(mki_lens))]);
	}
	switch (below(4)) {
	case 0:
		if (!null && !twice)
			rig_key_cryptex(&run->hbh, KSRTP_CRYPTEX_ON);
		break;
	case 1:
		if (!null)
			rig_key_enc_ext(&run->hbh, ids, ARRAY_SIZE(ids));
		break;
	}
	if (one_in(3) && run->suite->rtp_tag_len > 4)
		rig_key_rcc(&run->hbh, one_in(2) ? 1 + below(10) : 1 + below(65535));
	run->has_e2e = one_in(4) && !twice;
	run->plain_rtcp = null || one_in(4);
}

static void draw_run(struct run *run, const struct ref_suite *suite, uint32_t seed)
{
	static const struct {
		enum ref_mi mi;
		size_t len;
	} tags[] = { { REF_MI_OFF, 0 }, { REF_MI_DERIVED, 4 }, { REF_MI_AUTH, 20 } };
	uint32_t roc, tag;
	uint16_t seq;

	*run = (struct run){ .suite = suite, .seed = seed };
	state = 0x9e3779b97f4a7c15ull * (seed + 1);
	run->ssrc = rnd();
	rig_hbh(&run->hbh, suite->name, seed);
	draw_options(run);
	roc = one_in(3) ? 0 : one_in(2) ? rnd() >> 1 : below(5);
	seq = one_in(2) ? 65536 - 1 - below(RUN) : below(32768);
	rig_key_roc(&run->hbh, roc);
	if (run->has_e2e) {
		tag = below(ARRAY_SIZE(tags));
		rig_e2e(&run->e2e, seed, "4711@lid", one_in(2) ? REF_IV_LEFT : REF_IV_RIGHT,
			tags[tag].mi, tags[tag].len);
		rig_key_roc(&run->e2e, roc);
	}
	run->first = ref_index(roc, seq);
	run->index = run->first;
	run->rtcp_index = 1;
}

static void describe(const struct run *run, const struct packet *p, const char *what)
{
	kt_note("%s: %s, run %u, %s %#llx of %d bytes: MKI %u, cryptex %d, %u encrypted ids, rcc %u%s%s",
		what, run->suite->name, run->seed, p->rtcp ? "RTCP" : "RTP",
		(unsigned long long)p->index, p->len, run->hbh.key.mki_len, run->hbh.key.cryptex,
		run->hbh.key.enc_ext_len, run->hbh.key.rcc, run->has_e2e ? ", E2E" : "",
		run->plain_rtcp ? ", RTCP in clear" : "");
}

/* ---- packets ---- */

/* Elements of RFC 8285 in all of the body, padding here and there */
static void fill_elements(uint8_t *body, int len, bool two)
{
	int i = 0, n, most;

	while (i < len) {
		most = len - i - (two ? 2 : 1);
		if (most < 1 || one_in(4)) {
			body[i++] = 0;
			continue;
		}
		if (two) {
			n = below(most + 1 < 256 ? most + 1 : 256);
			body[i++] = 1 + below(255);
			body[i++] = n;
		} else {
			n = 1 + below(most < 16 ? most : 16);
			body[i++] = (1 + below(14)) << 4 | (n - 1);
		}
		ref_pattern(body + i, n, rnd());
		i += n;
	}
}

static int draw_rtp(const struct run *run, uint64_t index, uint8_t *out)
{
	struct ref_rtp rtp = {
		.pt = below(128),
		.marker = one_in(2),
		.seq = index,
		.timestamp = rnd(),
		.ssrc = run->ssrc,
		.csrc_count = one_in(2) ? below(16) : 0,
		.extension = one_in(2),
		.ext_words = one_in(4) ? 0 : below(20),
		.padding = one_in(4) ? 1 + below(255) : 0,
		.payload_len = one_in(3) ? below(34) : below(1401),
		.fill = rnd(),
	};
	int kind = below(5), len, at = 12 + 4 * rtp.csrc_count + 4;

	/* such would be RTCP (RFC 5761) */
	if (rtp.pt >= 64 && rtp.pt < 96)
		rtp.marker = false;
	/* one-byte; two-byte without and with bits of the application's; another */
	rtp.ext_profile = kind < 2 ? 0xbede :
			  kind == 2 ? 0x1000 :
			  kind == 3 ? 0x1000 + below(16) : 0x4000 + below(0x4000);
	len = ref_rtp_build(&rtp, out);
	/* what is not filled is of elements that do not fit, and ids that end the list */
	if (rtp.extension && kind < 4 && !one_in(8))
		fill_elements(out + at, 4 * rtp.ext_words, kind > 1);
	return len;
}

/* Simple, compound, or of reduced size (RFC 5506) */
static int draw_rtcp(const struct run *run, uint8_t *o)
{
	uint32_t list[31], words[8];
	int n = 0, i;

	for (i = 0; i < 31; i++)
		list[i] = rnd();
	ref_pattern(words, sizeof(words), rnd());
	if (!one_in(3)) {
		n = one_in(2) ? ref_rtcp_sr(o, run->ssrc, list, below(32)) :
				ref_rtcp_rr(o, run->ssrc, list, below(32));
		if (one_in(2))
			n += ref_rtcp_sdes(o + n, &run->ssrc, 1, "someone@example.org");
		if (one_in(2))
			return n;
	}
	switch (below(6)) {
	case 0:
		return n + ref_rtcp_bye(o + n, &run->ssrc, 1, one_in(2) ? "bye" : NULL);
	case 1:
		return n + ref_rtcp_app(o + n, run->ssrc, below(32), "test", words, 4 * below(9));
	case 2:
		n += ref_rtcp_fir(o + n, run->ssrc, list, 1 + below(4));
		return n + ref_rtcp_remb(o + n, run->ssrc, rnd(), list, below(5));
	case 3:
		return n + ref_rtcp_twcc(o + n, run->ssrc, list[0], rnd());
	case 4:
		return n + ref_rtcp_pli(o + n, run->ssrc, list[0]);
	default:
		return n + ref_rtcp_nack(o + n, run->ssrc, list[0], rnd(), rnd());
	}
}

static void draw_packet(struct run *run, struct packet *p)
{
	p->rtcp = one_in(5);
	if (p->rtcp) {
		p->len = draw_rtcp(run, p->plain);
		p->index = run->rtcp_index++;
		p->e = !run->plain_rtcp;
		return;
	}
	p->len = draw_rtp(run, run->index, p->plain);
	p->index = run->index;
	run->index += one_in(8) ? 1 + below(500) : 1;
}

/* Some come late, but not the first: ksrtp takes its ROC for the key's. */
static void draw_batch(struct run *run, struct packet *p, int n)
{
	static struct packet other;
	int i;

	for (i = 0; i < n; i++)
		draw_packet(run, &p[i]);
	for (i = 1; i < n; i++) {
		if (!one_in(8) || p[i].rtcp || p[i - 1].rtcp || p[i - 1].index == run->first)
			continue;
		other = p[i];
		p[i] = p[i - 1];
		p[i - 1] = other;
	}
}

/* ---- many at once ---- */

struct batch {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
};

static void send_all(int fd, struct batch *b, int n, const union rig_addr *to)
{
	int i, sent;

	for (i = 0; i < n; i++)
		b->msgs[i].msg_hdr = (struct msghdr){
			.msg_iov = &b->iov[i],
			.msg_iovlen = 1,
			.msg_name = (void *)to,
			.msg_namelen = to ? rig_addr_len(to) : 0,
		};
	for (i = 0; i < n; i += sent) {
		sent = sendmmsg(fd, b->msgs + i, n - i, 0);
		if (sent < 0)
			kt_bail("packet %d of %d is not sent: %s", i, n, strerror(errno));
	}
}

/* Return: how many came */
static int receive_all(int fd, struct batch *b, uint8_t (*buf)[PACKET], int n)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int i, got;

	for (i = 0; i < n; i++) {
		b->iov[i] = (struct iovec){ buf[i], PACKET };
		b->msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &b->iov[i], .msg_iovlen = 1 };
	}
	for (i = 0; i < n; i += got) {
		if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1)
			return i;
		got = recvmmsg(fd, b->msgs + i, n - i, MSG_DONTWAIT, NULL);
		if (got < 0)
			kt_bail("recvmmsg: %s", strerror(errno));
	}
	return n;
}

/* ---- the two directions ---- */

static struct packet packets[BATCH];
static uint8_t came[BATCH][PACKET];

/* What a receiver gets: Cryptex may have added an empty extension */
static int expected(const struct run *run, const struct packet *p, uint8_t *out)
{
	if (!p->rtcp && run->hbh.hbh.cryptex)
		return ref_cryptex_plain(p->plain, p->len, out);
	memcpy(out, p->plain, p->len);
	return p->len;
}

static bool same(const struct run *run, const struct packet *p, const uint8_t *got, int len)
{
	uint8_t want[PACKET];
	int n = expected(run, p, want);

	if (len == n && !memcmp(got, want, n))
		return true;
	if (len < 0)
		describe(run, p, ref_strerror(len));
	else
		describe(run, p, len == n ? "other bytes" : "another length");
	return false;
}

static bool ref_opens(const struct run *run, const struct packet *p, const uint8_t *wire, int len)
{
	const struct rig_key *e2e = run->has_e2e ? &run->e2e : NULL;
	uint8_t plain[PACKET];
	uint32_t index;
	bool e;
	int n;

	if (!p->rtcp) {
		n = rig_unseal(&run->hbh, e2e, wire, len, p->index, plain);
		return same(run, p, plain, n);
	}
	n = ref_unprotect_rtcp(&run->hbh.hbh, wire, len, &index, &e, plain);
	if (!same(run, p, plain, n))
		return false;
	if (index != p->index || e != p->e)
		describe(run, p, "another SRTCP index or E flag");
	return index == p->index && e == p->e;
}

static bool by_ksrtp(struct run *run, int n)
{
	static struct batch b;
	int i, got;

	draw_batch(run, packets, n);
	for (i = 0; i < n; i++)
		b.iov[i] = (struct iovec){ packets[i].plain, packets[i].len };
	send_all(r.app, &b, n, &far.addr);
	got = receive_all(far.fd, &b, came, n);
	for (i = 0; i < got; i++)
		if (!ref_opens(run, &packets[i], came[i], b.msgs[i].msg_len))
			return false;
	if (got < n)
		describe(run, &packets[got], "this or one before it was lost");
	return got == n;
}

static void ref_protects(const struct run *run, struct packet *p)
{
	if (p->rtcp)
		p->wire_len = rig_seal_rtcp(&run->hbh, p->plain, p->len, p->index,
					    p->e || (run->plain_rtcp && one_in(2)), p->wire);
	else
		p->wire_len = rig_seal(&run->hbh, run->has_e2e ? &run->e2e : NULL, p->plain,
				       p->len, p->index, p->wire);
}

static bool by_ref(struct run *run, int n)
{
	static struct batch b;
	int i, got;

	draw_batch(run, packets, n);
	for (i = 0; i < n; i++) {
		ref_protects(run, &packets[i]);
		b.iov[i] = (struct iovec){ packets[i].wire, packets[i].wire_len };
	}
	send_all(far.fd, &b, n, NULL);
	got = receive_all(r.app, &b, came, n);
	for (i = 0; i < got; i++)
		if (!same(run, &packets[i], came[i], b.msgs[i].msg_len))
			return false;
	if (got < n)
		describe(run, &packets[got], "this or one before it was lost");
	return got == n;
}

static void give_keys(struct run *run, enum ksrtp_dir dir)
{
	if (dir == KSRTP_DIR_TX)
		KSRTP_SET(&run->hbh.key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, run->plain_rtcp);
	else
		KSRTP_SET(&run->hbh.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp,
			  run->plain_rtcp);
	rig_key(&r, far.id, dir, &run->hbh);
	if (run->has_e2e)
		rig_key(&r, far.id, dir, &run->e2e);
}

static bool all_runs(const struct ref_suite *suite, enum ksrtp_dir dir, int wanted)
{
	static struct run run;
	bool ok = true;
	int done, left, n;
	uint32_t seed;

	for (seed = 0, done = 0; ok && done < wanted; seed++) {
		draw_run(&run, suite, 2 * seed + dir);
		rig_far(&r, &far, "127.0.0.1");
		give_keys(&run, dir);
		left = wanted - done < RUN ? wanted - done : RUN;
		for (; ok && left; left -= n, done += n) {
			n = left < BATCH ? left : BATCH;
			ok = dir == KSRTP_DIR_TX ? by_ksrtp(&run, n) : by_ref(&run, n);
		}
		rig_far_close(&r, &far);
	}
	return ok;
}

static void suite(const struct ref_suite *s, int n)
{
	bool aria = strstr(s->name, "ARIA");
	struct ksrtp_suite_info info;
	char name[128];

	if (ksrtp_suite_lookup(s->name, &info)) {
		kt_ok(false, "%s: the module has it, to protect", s->name);
		kt_ok(false, "%s: and to open", s->name);
		return;
	}
	if (aria && !rig_has_suite(&r, s->name)) {
		snprintf(name, sizeof(name), "%s: random packets", s->name);
		kt_skip(name, "this kernel has no ARIA");
		kt_skip(name, "this kernel has no ARIA");
		return;
	}
	kt_ok(all_runs(s, KSRTP_DIR_TX, n),
	      "%s: %d random packets by ksrtp are opened by the reference, none differs",
	      s->name, n);
	kt_ok(all_runs(s, KSRTP_DIR_RX, n),
	      "%s: %d random packets by the reference are opened by ksrtp, none differs",
	      s->name, n);
}

int main(void)
{
	const char *wanted = getenv("KSRTP_RANDOM");
	/* an instrumented kernel looks at each of them for long */
	int n = wanted && *wanted ? atoi(wanted) : kt_slow() > 3 ? 200 : 2000;
	const struct ref_suite *s;
	size_t i, suites;

	for (suites = 0; ref_suite_at(suites); suites++)
		;
	kt_plan(2 * suites);
	if (n <= 0)
		kt_bail("KSRTP_RANDOM=%s is no number of packets", wanted);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (i = 0; (s = ref_suite_at(i)); i++)
		suite(s, n);
	rig_close(&r);
	return kt_done();
}
