// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys are replaced, make before break, while packets go as fast as they can in
 * both directions, along routes and to and from the application: not one of
 * them is lost, and each leaves under the index it should.
 */
#include <pthread.h>

#include "leg.h"

#define PAYLOAD		60
#define LINKS		4
#define IN_FLIGHT	16	/* packets of a link, so that no queue overflows */
#define RTCP_EVERY	5
#define SWAP_EVERY	6
#define LEAP_EVERY	100
#define LEAP		3000
#define SETTLED		4	/* packets of a link after which its old keys go */
#define AHEAD		10	/* where from-seq is, from the packet sent last */

/**
 * struct keys - what a link is protected under at one of its ends
 * @peer: the peer's id, 0: the application's end, which has none
 * @key: the one in use, and the next
 * @shift: packet index = number of the packet + shift, of each
 * @next: there is a next one
 * @joined: its shift is known
 */
struct keys {
	uint32_t peer;
	struct rig_key key[2];
	int64_t shift[2];
	bool next;
	bool joined;
};

/**
 * struct link - RTP and RTCP of one SSRC from one end to another
 * @from: socket it is written to
 * @to: socket it is read from
 * @up: what the far end protects it under, the rig's rx key
 * @down: what the far end opens it with, the rig's tx key
 * @n: number of the next packet: its sequence number and all turns before
 * @turned: packets and RTCP that were sent when the sender took its next key
 */
struct link {
	pthread_mutex_t lock;
	uint32_t ssrc;
	int from, to;
	struct keys up, down;
	bool swaps;
	uint64_t n, last;
	uint64_t sent, got, rtcp_sent, rtcp_got;
	uint64_t turned, rtcp_turned;
	uint64_t seen[65536];
	unsigned long wrong;
};

static struct link links[LINKS];
static struct rig r;
static struct rig_far far_a, far_b;
static pthread_t threads[4];
static _Atomic bool stop, quiet;
static bool with_mki;
static const char *suite;
static unsigned int serial;

static void mutex_lock(struct link *l)
{
	pthread_mutex_lock(&l->lock);
}

static void mutex_unlock(struct link *l)
{
	pthread_mutex_unlock(&l->lock);
}

/* --- sending ---------------------------------------------------------------- */

static bool from_app(const struct link *l)
{
	return l->from == r.app;
}

static void put(struct link *l, const void *pkt, int len)
{
	int n;

	if (from_app(l)) {
		n = rig_app_send(&r, &far_a, pkt, len);
		if (n != len) {
			kt_note("the application's packet is refused: %s", strerror(-n));
			l->wrong++;
		}
		return;
	}
	n = send(l->from, pkt, len, 0);
	if (n != len)
		kt_bail("the far end cannot send: %s", strerror(errno));
}

static void send_rtp(struct link *l, uint64_t n)
{
	uint8_t plain[200], wire[400];
	int len = rig_rtp(plain, l->ssrc, n, PAYLOAD);

	if (from_app(l)) {
		put(l, plain, len);
	} else {
		len = rig_seal(&l->up.key[0], NULL, plain, len, n + l->up.shift[0], wire);
		put(l, wire, len);
	}
	l->sent++;
}

static void send_rtcp(struct link *l)
{
	uint8_t plain[200], wire[400];
	int len = rig_rtcp(plain, l->ssrc, l->rtcp_sent);

	l->rtcp_sent++;
	if (from_app(l)) {
		put(l, plain, len);
		return;
	}
	put(l, wire, rig_seal_rtcp(&l->up.key[0], plain, len, l->rtcp_sent, true, wire));
}

/* The far end's new key, from the next packet on */
static void turn_key(struct link *l)
{
	struct keys *k = &l->up;

	if (!k->next)
		return;
	if (!k->joined)
		k->shift[1] = -(int64_t)(l->n & ~0xffffull);	/* ROC 0 */
	k->key[0] = k->key[1];
	k->shift[0] = k->shift[1];
	k->next = false;
	l->turned = l->sent;
	l->rtcp_turned = l->rtcp_sent;
}

/* One packet more, or two that overtake each other, and perhaps RTCP */
static bool send_some(struct link *l)
{
	bool room;

	mutex_lock(l);
	room = !quiet && l->sent - l->got < IN_FLIGHT && l->rtcp_sent - l->rtcp_got < IN_FLIGHT;
	if (room) {
		turn_key(l);
		if (l->swaps && l->n % SWAP_EVERY == 0) {
			send_rtp(l, l->n + 1);
			send_rtp(l, l->n);
			l->n += 2;
		} else {
			send_rtp(l, l->n++);
		}
		if (l->sent % RTCP_EVERY == 0)
			send_rtcp(l);
		if (l->sent % LEAP_EVERY == 0)
			l->n += LEAP;
	}
	mutex_unlock(l);
	return room;
}

/* Packets of one socket come from one processor, so the stack keeps their order. */
static void *send_all(void *arg)
{
	int from = *(int *)arg, i;
	cpu_set_t one;
	bool room;

	CPU_ZERO(&one);
	CPU_SET(from == far_b.fd, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("no processor of one's own: %s", strerror(errno));
	while (!stop) {
		for (room = false, i = 0; i < LINKS; i++)
			if (links[i].from == from)
				room |= send_some(&links[i]);
		if (!room)
			usleep(100);
	}
	return NULL;
}

/* --- receiving -------------------------------------------------------------- */

static uint64_t number_of(const struct link *l, uint16_t seq)
{
	return l->last + (int16_t)(seq - (uint16_t)l->last);
}

/* Under the next key or the one so far; MKI or tag say which. */
static int open_rtp(struct link *l, const uint8_t *wire, int len, uint64_t n, uint8_t *plain)
{
	struct keys *k = &l->down;
	int i, got = -1;

	for (i = k->next; i >= 0 && got < 0; i--) {
		uint64_t index = n + k->shift[i];
		bool joins = i && !k->joined;

		if (joins)
			index = n & 0xffff;	/* ROC 0 */
		got = ref_unprotect_rtp(&k->key[i].hbh, wire, len, index, plain);
		if (got >= 0 && joins) {
			k->shift[1] = index - n;
			k->joined = true;
		}
	}
	return got;
}

static int open_rtcp(struct link *l, const uint8_t *wire, int len, uint32_t *index, uint8_t *plain)
{
	struct keys *k = &l->down;
	int i, got = -1;

	for (i = k->next; i >= 0 && got < 0; i--)
		got = ref_unprotect_rtcp(&k->key[i].hbh, wire, len, index, NULL, plain);
	return got;
}

static void take_rtp(struct link *l, uint8_t *pkt, int len)
{
	uint64_t n = number_of(l, ref_rtp_seq(pkt));
	uint8_t want[200];

	if (l->to != r.app)
		len = open_rtp(l, pkt, len, n, pkt);
	if (len != rig_rtp(want, l->ssrc, n, PAYLOAD) || memcmp(pkt, want, len) ||
	    l->seen[n & 0xffff] == n) {
		if (!l->wrong++)
			kt_note("SSRC %#x: packet %llu is not as it should be (%d)", l->ssrc,
				(unsigned long long)n, len);
		return;
	}
	l->seen[n & 0xffff] = n;
	if (n > l->last)
		l->last = n;
	l->got++;
}

static void take_rtcp(struct link *l, uint8_t *pkt, int len)
{
	uint32_t index = l->rtcp_got + 1;
	uint8_t want[200];

	if (l->to != r.app)
		len = open_rtcp(l, pkt, len, &index, pkt);
	/* The rig's own index goes on from one key to the next. */
	if (len != rig_rtcp(want, l->ssrc, l->rtcp_got) || memcmp(pkt, want, len) ||
	    index != l->rtcp_got + 1) {
		if (!l->wrong++)
			kt_note("SSRC %#x: RTCP %llu is not as it should be (%d, index %u)",
				l->ssrc, (unsigned long long)l->rtcp_got, len, index);
		return;
	}
	l->rtcp_got++;
}

static void take(int fd)
{
	uint8_t pkt[1000];
	int len = recv(fd, pkt, sizeof(pkt), MSG_DONTWAIT), i;
	bool rtcp;

	if (len < 12)
		return;
	rtcp = pkt[1] >= 192 && pkt[1] <= 223;
	for (i = 0; i < LINKS; i++) {
		struct link *l = &links[i];

		if (l->to != fd || l->ssrc != ref_get32(pkt + (rtcp ? 4 : 8)))
			continue;
		mutex_lock(l);
		(rtcp ? take_rtcp : take_rtp)(l, pkt, len);
		mutex_unlock(l);
	}
}

static void *read_all(void *arg)
{
	struct pollfd p[3] = {
		{ .fd = r.app, .events = POLLIN },
		{ .fd = far_a.fd, .events = POLLIN },
		{ .fd = far_b.fd, .events = POLLIN },
	};
	int i;

	(void)arg;
	while (!stop) {
		if (poll(p, ARRAY_SIZE(p), 50) <= 0)
			continue;
		for (i = 0; i < 3; i++)
			if (p[i].revents)
				take(p[i].fd);
	}
	return NULL;
}

/* --- keys ------------------------------------------------------------------- */

static void make_key(struct rig_key *k, const struct link *l)
{
	uint8_t mki[2];

	serial++;
	rig_hbh(k, suite, serial);
	ref_put16(mki, serial);
	if (with_mki)
		rig_mki(k, mki, sizeof(mki));
	rig_key_ssrc(k, l->ssrc);
}

static void first_key(struct link *l, struct keys *k, enum ksrtp_dir dir, const struct rig_far *f,
		      uint32_t roc)
{
	k->peer = f->id;
	make_key(&k->key[0], l);
	rig_key_roc(&k->key[0], roc);
	k->shift[0] = ((int64_t)roc << 16) - (int64_t)(l->n & ~0xffffull);
	rig_key(&r, f->id, dir, &k->key[0]);
}

static void set_up_link(struct link *l, uint32_t ssrc, struct rig_far *from, struct rig_far *to)
{
	memset(l, 0, sizeof(*l));
	pthread_mutex_init(&l->lock, NULL);
	l->ssrc = ssrc;
	l->from = from ? from->fd : r.app;
	l->to = to ? to->fd : r.app;
	l->n = 0x9f000 + ssrc % 16 * 100;	/* not far from a wrap */
	l->last = l->n;
	if (from)
		first_key(l, &l->up, KSRTP_DIR_RX, from, l->n >> 16);
	if (to)
		first_key(l, &l->down, KSRTP_DIR_TX, to, 7 + ssrc % 16);
	if (from && to) {
		struct leg a = { .far = *from }, b = { .far = *to };

		leg_route_rtcp(&r, &a, ssrc, KSRTP_RTCP_MODE_FORWARD, &b);
	}
}

/* The next key of one end, in the rig; the far end takes it when it is told. */
static void add_next(struct link *l, struct keys *k, enum ksrtp_dir dir, bool reset, bool from_seq)
{
	struct rig_key key;
	uint64_t from;

	if (!k->peer)
		return;
	make_key(&key, l);
	KSRTP_SET(&key.key, KSRTP_A_KEY_ROC_MODE, roc_mode,
		  reset ? KSRTP_ROC_MODE_RESET : KSRTP_ROC_MODE_KEEP);
	mutex_lock(l);
	from = l->n + AHEAD;
	if (from_seq && dir == KSRTP_DIR_TX)
		KSRTP_SET(&key.key, KSRTP_A_KEY_FROM_SEQ, from_seq, from);
	/* A receiver has the key before anybody sends under it. */
	if (dir == KSRTP_DIR_TX) {
		k->key[1] = key;
		k->joined = !reset || from_seq;
		k->shift[1] = reset ? -(int64_t)(from & ~0xffffull) : k->shift[0];
		k->next = true;
		rig_key(&r, k->peer, dir, &key);
	} else {
		rig_key(&r, k->peer, dir, &key);
		k->key[1] = key;
		k->joined = !reset;
		k->shift[1] = k->shift[0];
		k->next = true;
	}
	l->turned = UINT64_MAX;
	if (from_app(l))
		l->turned = l->sent;
	l->rtcp_turned = l->rtcp_sent;
	mutex_unlock(l);
}

/* Everything that may go under the old keys has arrived. */
static bool settled(struct link *l, bool from_seq)
{
	uint64_t more = SETTLED + (from_seq ? AHEAD + IN_FLIGHT : 0);
	bool done;

	mutex_lock(l);
	done = l->wrong || (l->turned != UINT64_MAX && l->got >= l->turned + IN_FLIGHT + more &&
			    l->rtcp_got > l->rtcp_turned + IN_FLIGHT / RTCP_EVERY);
	mutex_unlock(l);
	return done;
}

static void del_old(struct keys *k, struct rig_key *old, enum ksrtp_dir dir)
{
	if (k->peer)
		rig_key_del(&r, k->peer, dir, old);
}

static bool rekey(bool reset, bool from_seq)
{
	struct rig_key old_up[LINKS], old_down[LINKS];
	bool ok = true;
	int i;

	for (i = 0; i < LINKS; i++) {
		mutex_lock(&links[i]);
		old_up[i] = links[i].up.key[0];
		old_down[i] = links[i].down.key[0];
		mutex_unlock(&links[i]);
		add_next(&links[i], &links[i].down, KSRTP_DIR_TX, reset, from_seq);
		add_next(&links[i], &links[i].up, KSRTP_DIR_RX, reset, from_seq);
	}
	for (i = 0; i < LINKS; i++)
		ok &= kt_wait_until(settled(&links[i], from_seq), RIG_WAIT) && !links[i].wrong;
	for (i = 0; i < LINKS; i++) {
		struct keys *k = &links[i].down;

		del_old(&links[i].up, &old_up[i], KSRTP_DIR_RX);
		del_old(k, &old_down[i], KSRTP_DIR_TX);
		mutex_lock(&links[i]);
		if (k->peer) {
			k->key[0] = k->key[1];
			k->shift[0] = k->shift[1];
			k->next = false;
		}
		mutex_unlock(&links[i]);
	}
	return ok;
}

/* --- a call ------------------------------------------------------------------ */

static void start(int i, void *(*run)(void *), void *arg)
{
	if (pthread_create(&threads[i], NULL, run, arg))
		kt_bail("no thread");
}

static bool all_arrived(struct link *l)
{
	bool all;

	mutex_lock(l);
	all = l->got == l->sent && l->rtcp_got == l->rtcp_sent;
	mutex_unlock(l);
	return all;
}

static void call(const char *name, const char *with_suite, bool mki, bool reset, bool from_seq,
		 int rounds)
{
	uint64_t none[64] = { 0 }, sent = 0, got = 0, rtcp = 0;
	struct ksrtp_stats before, after, last;
	unsigned long wrong = 0;
	int i, done;

	suite = with_suite;
	with_mki = mki;
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &far_a, "127.0.0.1");
	rig_far(&r, &far_b, "127.0.0.1");
	rig_stats(&r, &before);
	set_up_link(&links[0], 0x4e000001, &far_a, &far_b);
	set_up_link(&links[1], 0x4e000002, &far_b, &far_a);
	set_up_link(&links[2], 0x4e000003, &far_a, NULL);
	set_up_link(&links[3], 0x4e000004, NULL, &far_a);
	/* With a ROC that begins with whatever comes first, that must be the first. */
	for (i = 0; i < LINKS; i++)
		links[i].swaps = !reset || from_seq;
	stop = false;
	quiet = false;
	start(0, send_all, &far_a.fd);
	start(1, send_all, &far_b.fd);
	start(2, send_all, &r.app);
	start(3, read_all, NULL);

	for (done = 0; done < rounds && rekey(reset, from_seq); done++)
		;
	kt_is(done, rounds, "%s, %s: new keys for every stream, %d times", suite, name, rounds);
	/* No more packets, and those on their way arrive. */
	quiet = true;
	for (i = 0; i < LINKS; i++) {
		if (!kt_wait_until(all_arrived(&links[i]), RIG_WAIT))
			kt_note("SSRC %#x: %llu of %llu, RTCP %llu of %llu", links[i].ssrc,
				(unsigned long long)links[i].got, (unsigned long long)links[i].sent,
				(unsigned long long)links[i].rtcp_got,
				(unsigned long long)links[i].rtcp_sent);
	}
	stop = true;
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < LINKS; i++) {
		sent += links[i].sent + links[i].rtcp_sent;
		got += links[i].got + links[i].rtcp_got;
		rtcp += links[i].rtcp_got;
		wrong += links[i].wrong;
	}
	rig_stats(&r, &after);
	last = before;
	kt_ok(sent == got && !wrong && rig_dropped_all(&r, &last, none),
	      "%s, %s: each of %llu packets arrives, under its index; none is dropped", suite, name,
	      (unsigned long long)sent);
	kt_ok(after.relayed_packets - before.relayed_packets ==
	      links[0].sent + links[1].sent + links[0].rtcp_sent + links[1].rtcp_sent &&
	      after.delivered_packets - before.delivered_packets ==
	      links[2].sent + links[2].rtcp_sent,
	      "%s, %s: as many are counted (%llu of them RTCP)", suite, name,
	      (unsigned long long)rtcp);
	rig_far_close(&r, &far_a);
	rig_far_close(&r, &far_b);
	rig_close(&r);
}

int main(void)
{
	static const char cm[] = "AES_CM_128_HMAC_SHA1_80", gcm[] = "AEAD_AES_128_GCM";

	kt_plan(8 * 3);
	rig_start();
	call("MKI, roc keep, at once", cm, true, false, false, 20);
	call("MKI, roc keep, from-seq", cm, true, false, true, 15);
	call("MKI, roc reset, at once", cm, true, true, false, 10);
	call("MKI, roc reset, from-seq", cm, true, true, true, 10);
	call("by trial, roc keep, at once", cm, false, false, false, 10);
	call("by trial, roc keep, from-seq", cm, false, false, true, 10);
	call("by trial, roc keep, at once", gcm, false, false, false, 15);
	call("MKI, roc keep, from-seq", gcm, true, false, true, 10);
	return kt_done();
}
