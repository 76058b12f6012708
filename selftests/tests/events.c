// SPDX-License-Identifier: GPL-2.0-or-later
/* Who listens is told what happened, once, with what it happened to. */
#include "leg.h"

#define SSRC	0xe4e47000

static struct rig r;
static struct leg a;
static uint8_t plain[256];

static int keep(const struct ksrtp_notice *notice, void *arg)
{
	struct ksrtp_notice **at = arg;

	*(*at)++ = *notice;
	return 0;
}

/* Events read and not yet looked at */
static struct ksrtp_notice queue[4096];
static struct ksrtp_notice *first = queue, *last = queue;

static bool next(struct ksrtp_notice *notice)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r.h), .events = POLLIN };

	if (first == last) {
		first = queue;
		last = queue;
		if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1 ||
		    ksrtp_events_read(r.h, keep, &last) || first == last) {
			kt_note("no event comes");
			return false;
		}
	}
	*notice = *first++;
	return true;
}

static bool silent(void)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r.h), .events = POLLIN };

	return first == last && !poll(&pfd, 1, 0);
}

/* The next event is this one, of our sock and this peer (0: of none) */
static bool is_next(uint8_t event, uint32_t peer, struct ksrtp_notice *n)
{
	if (!next(n))
		return false;
	if (n->event == event && n->sock == r.sock && n->peer == peer)
		return true;
	kt_note("got %s of sock %u peer %u, want %s of %u %u", ksrtp_str_event(n->event), n->sock,
		n->peer, ksrtp_str_event(event), r.sock, peer);
	return false;
}

/* The same, after what there is to say of those that were left out. */
static bool is_next_told(uint8_t event, uint32_t peer, struct ksrtp_notice *n)
{
	bool got;

	do {
		got = next(n);
	} while (got && n->event == KSRTP_EVENT_OVERRUN);
	return got && n->event == event && n->sock == r.sock && n->peer == peer;
}

static bool of_stream(const struct ksrtp_notice *n, uint8_t dir, uint8_t layer, uint32_t ssrc)
{
	return KSRTP_HAS(n, KSRTP_A_NOTICE_SSRC) && n->dir == dir && n->layer == layer &&
	       n->ssrc == ssrc;
}

static void hear(const struct leg *l, uint32_t ssrc, uint64_t index)
{
	int len = rig_rtp(plain, ssrc, index, LEG_PAYLOAD);

	leg_sends(l, plain, len, index);
	if (!rig_gets(r.app, plain, len))
		kt_bail("a packet is not heard");
}

static int say(const struct leg *l, uint32_t ssrc, uint16_t seq)
{
	return rig_app_send(&r, &l->far, plain, rig_rtp(plain, ssrc, seq, LEG_PAYLOAD));
}

static void streams(void)
{
	struct ksrtp_notice n;

	hear(&a, SSRC, 1);
	kt_ok(is_next(KSRTP_EVENT_STREAM_NEW, a.far.id, &n) &&
	      of_stream(&n, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC),
	      "stream-new for the first packet of an SSRC");
	hear(&a, SSRC, 2);
	kt_ok(silent(), "nothing for the second");
	if (say(&a, SSRC + 1, 1) < 0)
		kt_bail("a packet is not sent");
	kt_ok(is_next(KSRTP_EVENT_STREAM_NEW, a.far.id, &n) &&
	      of_stream(&n, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC + 1),
	      "stream-new for the first that is sent");

	rig_max_streams(&r, a.far.id, 1);
	hear(&a, SSRC + 2, 1);
	kt_ok(is_next(KSRTP_EVENT_STREAM_EVICTED, a.far.id, &n) &&
	      of_stream(&n, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC),
	      "stream-evicted for the one that gives way");
	kt_ok(is_next(KSRTP_EVENT_STREAM_NEW, a.far.id, &n) && n.ssrc == SSRC + 2,
	      "and stream-new for the one that takes its place");
}

static void roaming(void)
{
	struct ksrtp_peer p = { 0 };
	struct ksrtp_notice n;
	struct leg moved = a;

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, a.far.id);
	KSRTP_SET(&p, KSRTP_A_PEER_ROAM, roam, 1);
	if (ksrtp_peer_set(r.h, &p))
		kt_bail("peer set: %s", ksrtp_error(r.h));
	moved.far.fd = rig_udp("127.0.0.1", 0);
	moved.far.addr = rig_local(moved.far.fd);
	rig_connect(moved.far.fd, &r.addr);
	hear(&moved, SSRC + 2, 2);
	kt_ok(is_next(KSRTP_EVENT_PEER_MOVED, a.far.id, &n) && KSRTP_HAS(&n, KSRTP_A_NOTICE_ADDR) &&
	      n.addr.port == rig_ksrtp_addr(&moved.far.addr).port &&
	      !memcmp(n.addr.ip, rig_ksrtp_addr(&moved.far.addr).ip, 16),
	      "peer-moved with the new address");
	close(a.far.fd);
	a = moved;
}

static void limits(void)
{
	struct ksrtp_notice n;
	struct leg l;
	int i;

	leg_make(&l, LEG_SUITE, 20);
	KSRTP_SET(&l.down.key, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, 3);
	KSRTP_SET(&l.down.key, KSRTP_A_KEY_HARD_LIMIT, hard_limit, 5);
	leg_join(&r, &l, "127.0.0.1");
	for (i = 1; i <= 2; i++)
		say(&l, SSRC, i);
	if (!is_next(KSRTP_EVENT_STREAM_NEW, l.far.id, &n))
		kt_bail("no stream");
	kt_ok(silent(), "nothing before a limit");
	say(&l, SSRC, 3);
	kt_ok(is_next(KSRTP_EVENT_SOFT_LIMIT, l.far.id, &n) &&
	      of_stream(&n, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC),
	      "soft-limit when it is reached");
	say(&l, SSRC, 4);
	kt_ok(silent(), "and not again");
	say(&l, SSRC, 5);
	kt_ok(is_next(KSRTP_EVENT_HARD_LIMIT, l.far.id, &n) &&
	      of_stream(&n, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC),
	      "hard-limit with the last packet");
	kt_is(say(&l, SSRC, 6), -EKEYEXPIRED, "after which none is sent");
	rig_far_close(&r, &l.far);
}

static void collision(void)
{
	struct ksrtp_notice n;
	struct leg l;

	leg_make(&l, LEG_SUITE, 30);
	l.down = l.up;
	leg_join(&r, &l, "127.0.0.1");
	hear(&l, SSRC, 1);
	if (!is_next(KSRTP_EVENT_STREAM_NEW, l.far.id, &n))
		kt_bail("no stream");
	/* The same SSRC under the same master key, from here */
	say(&l, SSRC, 2);
	kt_ok(is_next(KSRTP_EVENT_SSRC_COLLISION, l.far.id, &n) && n.ssrc == SSRC,
	      "ssrc-collision when the application takes an SSRC its peer has under the same key");
	if (!is_next(KSRTP_EVENT_STREAM_NEW, l.far.id, &n))
		kt_bail("no stream");
	rig_far_close(&r, &l.far);
}

/* More at once than are told: how many is told with the next. */
static void flood(void)
{
	struct ksrtp_notice n;
	uint64_t told = 0, suppressed = 0;
	const int many = 1000;
	struct leg l;
	int i;

	leg_open(&r, &l, "127.0.0.1", 40);
	rig_max_streams(&r, l.far.id, 10 * many);
	for (i = 0; i < many; i++)
		say(&l, i, 1);
	/* Events go on until there is one after the flood that is told. */
	for (; i < many + 1000; i++) {
		while (!silent() && next(&n)) {
			told += n.event != KSRTP_EVENT_OVERRUN;
			suppressed += KSRTP_HAS(&n, KSRTP_A_NOTICE_SUPPRESSED) ? n.suppressed : 0;
		}
		if (suppressed && told + suppressed >= (uint64_t)i)
			break;
		say(&l, i, 1);
		usleep(20000);
	}
	kt_ok(suppressed, "of %d streams at once not all are told one by one", many);
	kt_is(told + suppressed, i, "those that were not are counted");
	rig_far_close(&r, &l.far);
}

static void ends(void)
{
	struct ksrtp_notice n;
	struct rig other;
	uint32_t ours = r.sock;

	rig_open_owned(&other, "127.0.0.1");
	/* The flood has left none of the 64 a second; these two are told by name. */
	usleep(100000);
	if (ksrtp_sock_del(other.h, other.sock))
		kt_bail("sock del: %s", ksrtp_error(other.h));
	r.sock = other.sock;
	kt_ok(is_next_told(KSRTP_EVENT_SOCK_GONE, 0, &n), "sock-gone for one that is deleted");
	ksrtp_close(other.h);
	r.sock = ours;
	close(r.app);
	kt_ok(is_next_told(KSRTP_EVENT_SOCK_GONE, 0, &n), "and for one that is closed");
	kt_ok(silent(), "and that is all");
}

int main(void)
{
	kt_plan(5 + 1 + 5 + 1 + 2 + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	if (ksrtp_events_open(r.h))
		kt_bail("events: %s", ksrtp_error(r.h));
	streams();
	roaming();
	limits();
	collision();
	flood();
	ends();
	ksrtp_close(r.h);
	return kt_done();
}
