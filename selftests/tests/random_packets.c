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
 */
#include "draw.h"

#define BATCH	50	/* that are on their way at once */

static struct rig r;
static struct rig_far far;

/* Some come late, but not the first: ksrtp takes its ROC for the key's. */
static void draw_batch(struct draw_run *run, struct draw_packet *p, int n)
{
	static struct draw_packet other;
	int i;

	for (i = 0; i < n; i++)
		draw_packet(run, &p[i]);
	for (i = 1; i < n; i++) {
		if (!draw_one_in(8) || p[i].rtcp || p[i - 1].rtcp || p[i - 1].index == run->first)
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
static int receive_all(int fd, struct batch *b, uint8_t (*buf)[DRAW_PACKET], int n)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int i, got;

	for (i = 0; i < n; i++) {
		b->iov[i] = (struct iovec){ buf[i], DRAW_PACKET };
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

static struct draw_packet packets[BATCH];
static uint8_t came[BATCH][DRAW_PACKET];

static bool same(const struct draw_run *run, const struct draw_packet *p, const uint8_t *got,
		 int len)
{
	uint8_t want[DRAW_PACKET];
	int n = draw_expected(run, p, want);

	if (len == n && !memcmp(got, want, n))
		return true;
	if (len < 0)
		draw_describe(run, p, ref_strerror(len));
	else
		draw_describe(run, p, len == n ? "other bytes" : "another length");
	return false;
}

static bool ref_opens(const struct draw_run *run, const struct draw_packet *p,
		      const uint8_t *wire, int len)
{
	const struct rig_key *e2e = run->has_e2e ? &run->e2e : NULL;
	uint8_t plain[DRAW_PACKET];
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
		draw_describe(run, p, "another SRTCP index or E flag");
	return index == p->index && e == p->e;
}

static bool by_ksrtp(struct draw_run *run, int n)
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
		draw_describe(run, &packets[got], "this or one before it was lost");
	return got == n;
}

static bool by_ref(struct draw_run *run, int n)
{
	static struct batch b;
	int i, got;

	draw_batch(run, packets, n);
	for (i = 0; i < n; i++) {
		draw_protect(run, &packets[i]);
		b.iov[i] = (struct iovec){ packets[i].wire, packets[i].wire_len };
	}
	send_all(far.fd, &b, n, NULL);
	got = receive_all(r.app, &b, came, n);
	for (i = 0; i < got; i++)
		if (!same(run, &packets[i], came[i], b.msgs[i].msg_len))
			return false;
	if (got < n)
		draw_describe(run, &packets[got], "this or one before it was lost");
	return got == n;
}

static bool all_runs(const struct ref_suite *suite, enum ksrtp_dir dir, int wanted)
{
	static struct draw_run run;
	bool ok = true;
	int done, left, n;
	uint32_t seed;

	for (seed = 0, done = 0; ok && done < wanted; seed++) {
		draw_run(&run, suite, 2 * seed + dir);
		rig_far(&r, &far, "127.0.0.1");
		draw_keys(&r, far.id, &run, dir);
		left = wanted - done < DRAW_RUN ? wanted - done : DRAW_RUN;
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
