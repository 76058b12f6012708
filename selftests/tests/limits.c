// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A key is used for so many packets and no more: a soft limit is told of, at a
 * hard limit or the last index sending is EKEYEXPIRED and everything else is
 * dropped; RTP and RTCP by themselves, and whatever the number of processors.
 */
#include <pthread.h>

#include "leg.h"

#define SSRC		0x11313100
#define MAX_ROC		0xffffffffu
#define MAX_SRTCP	0x7fffffffu
#define EACH		400
#define HARD		500

static struct rig r;
static struct leg a, b;
static uint8_t plain[300], wire[600];

/* ---- events ---- */

static struct ksrtp_notice queue[256];
static int n_queue, n_read;

static int keep(const struct ksrtp_notice *n, void *arg)
{
	(void)arg;
	if (n_queue < (int)ARRAY_SIZE(queue))
		queue[n_queue++] = *n;
	return 0;
}

/* The next event that is not about a new stream is this one */
static bool is_told(uint8_t event, const struct leg *l, enum ksrtp_dir dir)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r.h), .events = POLLIN };
	const struct ksrtp_notice *n;

	for (;;) {
		while (n_read == n_queue) {
			n_read = 0;
			n_queue = 0;
			if (poll(&pfd, 1, RIG_WAIT * kt_slow()) != 1 ||
			    ksrtp_events_read(r.h, keep, NULL)) {
				kt_note("no event comes");
				return false;
			}
		}
		n = &queue[n_read++];
		if (n->event != KSRTP_EVENT_STREAM_NEW)
			break;
	}
	if (n->event == event && n->peer == l->far.id && n->dir == dir && n->ssrc == SSRC)
		return true;
	kt_note("got %s of peer %u", ksrtp_str_event(n->event), n->peer);
	return false;
}

static bool is_silent(void)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r.h), .events = POLLIN };
	bool silent = true;

	while (n_read < n_queue)
		silent &= queue[n_read++].event == KSRTP_EVENT_STREAM_NEW;
	while (poll(&pfd, 1, 0) == 1 && !ksrtp_events_read(r.h, keep, NULL))
		while (n_read < n_queue)
			silent &= queue[n_read++].event == KSRTP_EVENT_STREAM_NEW;
	return silent;
}

/* ---- packets ---- */

static int say(uint16_t seq)
{
	return rig_app_send(&r, &a.far, plain, rig_rtp(plain, SSRC, seq, 30));
}

static int say_rtcp(uint32_t fill)
{
	return rig_app_send(&r, &a.far, plain, rig_rtcp(plain, SSRC, fill));
}

static bool says(uint64_t index)
{
	int len = rig_rtp(plain, SSRC, index, 30);

	return rig_says(&r, &a.far, &a.down, NULL, plain, len, index);
}

static bool says_rtcp(uint32_t index)
{
	int len = rig_rtcp(plain, SSRC, index);

	return rig_says_rtcp(&r, &a.far, &a.down, plain, len, index);
}

static bool hears(uint64_t index)
{
	int len = rig_rtp(plain, SSRC, index, 30);

	return rig_hears(&r, &a.far, &a.up, NULL, plain, len, index);
}

static bool hears_rtcp(uint32_t index)
{
	int len = rig_rtcp(plain, SSRC, index);

	return rig_hears_rtcp(&r, &a.far, &a.up, plain, len, index);
}

static bool is_dropped(uint64_t index, unsigned int reason)
{
	int len = rig_rtp(plain, SSRC, index, 30);
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	rig_far_send(&a.far, wire, rig_seal(&a.up, NULL, plain, len, index, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &a.far);
}

static bool is_dropped_rtcp(uint32_t index, unsigned int reason)
{
	int len = rig_rtcp(plain, SSRC, index);
	struct ksrtp_stats stats;

	rig_stats(&r, &stats);
	rig_far_send(&a.far, wire, rig_seal_rtcp(&a.up, plain, len, index, true, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &a.far);
}

static void limit(struct rig_key *k, uint64_t soft, uint64_t hard)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, soft);
	KSRTP_SET(&k->key, KSRTP_A_KEY_HARD_LIMIT, hard_limit, hard);
}

static void raise_limit(const struct leg *l, enum ksrtp_dir dir, uint64_t soft, uint64_t hard)
{
	struct ksrtp_key k = { 0 };

	KSRTP_SET(&k, KSRTP_A_KEY_PEER, peer, l->far.id);
	KSRTP_SET(&k, KSRTP_A_KEY_DIR, dir, dir);
	KSRTP_SET(&k, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&k, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, soft);
	KSRTP_SET(&k, KSRTP_A_KEY_HARD_LIMIT, hard_limit, hard);
	if (ksrtp_key_set(r.h, &k))
		kt_bail("key set: %s", ksrtp_error(r.h));
}

/* ---- what is shown of a key ---- */

struct shown {
	enum ksrtp_dir dir;
	unsigned int n;
	bool expired;
};

static int show(const struct ksrtp_key *k, void *arg)
{
	struct shown *s = arg;

	if (k->dir == s->dir && KSRTP_HAS(k, KSRTP_A_KEY_EXPIRED)) {
		s->n++;
		s->expired = k->expired;
	}
	return 0;
}

static bool is_shown(const struct leg *l, enum ksrtp_dir dir, bool expired)
{
	struct shown s = { .dir = dir };

	if (ksrtp_key_dump(r.h, l->far.id, show, &s))
		kt_bail("key dump: %s", ksrtp_error(r.h));
	return s.n == 1 && s.expired == expired;
}

/* ---- what is promised ---- */

static void sending(void)
{
	leg_make(&a, LEG_SUITE, 1);
	limit(&a.down, 2, 3);
	leg_join(&r, &a, "127.0.0.1");
	kt_ok(says(1) && is_silent() && says(2) &&
	      is_told(KSRTP_EVENT_SOFT_LIMIT, &a, KSRTP_DIR_TX),
	      "sending: the soft limit is told of when it is reached");
	kt_ok(is_shown(&a, KSRTP_DIR_TX, false), "sending: the key is not shown as expired then");
	kt_ok(says(3) && is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_TX),
	      "sending: the hard limit is told of with the last packet");
	kt_ok(is_shown(&a, KSRTP_DIR_TX, true), "sending: with it the key is shown as expired");
	kt_ok(say(4) == -EKEYEXPIRED && say(5) == -EKEYEXPIRED && rig_far_quiet(&r, &a.far) &&
	      is_silent(), "sending: after it every packet is EKEYEXPIRED, and nothing is told");
	kt_ok(says_rtcp(1) && says_rtcp(2) && says_rtcp(3), "sending: RTCP has a count of its own");
	kt_ok(say_rtcp(4) == -EKEYEXPIRED && rig_far_quiet(&r, &a.far),
	      "sending: at the end of which it is EKEYEXPIRED");
	raise_limit(&a, KSRTP_DIR_TX, 5, 6);
	kt_ok(is_shown(&a, KSRTP_DIR_TX, false), "sending: a key whose limit is raised is not");
	kt_ok(says(6) && says(7) && is_told(KSRTP_EVENT_SOFT_LIMIT, &a, KSRTP_DIR_TX) && says(8) &&
	      is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_TX) && say(9) == -EKEYEXPIRED,
	      "sending: raised limits are reached, and told of, again");
	kt_ok(says_rtcp(4), "sending: RTCP goes on with the next index");
	rig_far_close(&r, &a.far);

	leg_make(&a, LEG_SUITE, 1);
	limit(&a.down, 1, 1);
	leg_join(&r, &a, "127.0.0.1");
	kt_ok(says(1) && is_told(KSRTP_EVENT_SOFT_LIMIT, &a, KSRTP_DIR_TX) &&
	      is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_TX),
	      "sending: where both limits are one, both are told of, the soft one first");
	rig_far_close(&r, &a.far);
}

static void receiving(void)
{
	leg_make(&a, LEG_SUITE, 2);
	limit(&a.up, 2, 3);
	leg_join(&r, &a, "127.0.0.1");
	kt_ok(hears(1) && is_silent() && hears(2) &&
	      is_told(KSRTP_EVENT_SOFT_LIMIT, &a, KSRTP_DIR_RX) && hears(3) &&
	      is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_RX),
	      "receiving: both limits are told of");
	kt_ok(is_dropped(4, KSRTP_A_DROPS_KEY_EXPIRED) && is_silent(),
	      "receiving: what comes then is dropped and counted as key_expired");
	kt_ok(hears_rtcp(1) && hears_rtcp(2) && hears_rtcp(3) &&
	      is_dropped_rtcp(4, KSRTP_A_DROPS_KEY_EXPIRED),
	      "receiving: RTCP likewise, by itself");
	kt_ok(is_shown(&a, KSRTP_DIR_RX, true) && is_shown(&a, KSRTP_DIR_TX, false),
	      "receiving: the key is shown as expired, that of the other direction is not");
	raise_limit(&a, KSRTP_DIR_RX, 3, 4);
	kt_ok(hears(5) && is_told(KSRTP_EVENT_SOFT_LIMIT, &a, KSRTP_DIR_RX) &&
	      is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_RX) &&
	      is_dropped(6, KSRTP_A_DROPS_KEY_EXPIRED) && hears_rtcp(5) &&
	      is_dropped_rtcp(6, KSRTP_A_DROPS_KEY_EXPIRED),
	      "receiving: a limit that is raised lets more in");
	rig_far_close(&r, &a.far);
}

static bool relayed(uint64_t index)
{
	leg_says(&a, SSRC, index);
	return leg_hears(&b, SSRC, index);
}

static void relaying(void)
{
	struct ksrtp_stats stats;
	int len;

	leg_make(&a, LEG_SUITE, 3);
	leg_make(&b, LEG_SUITE, 4);
	limit(&b.down, 2, 3);
	leg_join(&r, &a, "127.0.0.1");
	leg_join(&r, &b, "127.0.0.1");
	leg_route_rtcp(&r, &a, SSRC, KSRTP_RTCP_MODE_FORWARD, &b);
	kt_ok(relayed(1) && relayed(2) && is_told(KSRTP_EVENT_SOFT_LIMIT, &b, KSRTP_DIR_TX) &&
	      relayed(3) && is_told(KSRTP_EVENT_HARD_LIMIT, &b, KSRTP_DIR_TX),
	      "relaying: both limits of an output's key are told of");
	rig_stats(&r, &stats);
	leg_says(&a, SSRC, 4);
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_KEY_EXPIRED, 1) && leg_quiet(&b),
	      "relaying: what would go there then is key_expired");
	len = rig_rtcp(plain, SSRC, 1);
	leg_sends_rtcp(&a, plain, len, 1);
	kt_ok(leg_gets_rtcp(&b, plain, len, 1), "relaying: RTCP still goes");
	rig_far_close(&r, &a.far);
	rig_far_close(&r, &b.far);
}

/* No limit is set: 2^48 and 2^31 are there all the same. */
static void last_index(void)
{
	leg_make(&a, LEG_SUITE, 5);
	rig_key_roc(&a.down, MAX_ROC);
	rig_key_roc(&a.up, MAX_ROC);
	KSRTP_SET(&a.down.key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, MAX_SRTCP - 1);
	leg_join(&r, &a, "127.0.0.1");
	kt_ok(says(ref_index(MAX_ROC, 65534)) && is_silent() && says(ref_index(MAX_ROC, 65535)) &&
	      is_told(KSRTP_EVENT_HARD_LIMIT, &a, KSRTP_DIR_TX),
	      "the last of 2^48 indices is sent, and told of");
	kt_ok(say(0) == -EKEYEXPIRED && rig_far_quiet(&r, &a.far), "there is none after it");
	kt_ok(says_rtcp(MAX_SRTCP - 1) && says_rtcp(MAX_SRTCP),
	      "the last of 2^31 SRTCP indices is sent");
	kt_ok(say_rtcp(1) == -EKEYEXPIRED && rig_far_quiet(&r, &a.far), "there is none after it");
	kt_ok(hears(ref_index(MAX_ROC, 65535)) &&
	      is_dropped(ref_index(0, 1), KSRTP_A_DROPS_INDEX_LIMIT),
	      "nothing is received behind index 2^48 - 1");
	kt_ok(hears_rtcp(MAX_SRTCP) && hears_rtcp(MAX_SRTCP - 1) &&
	      is_dropped_rtcp(0, KSRTP_A_DROPS_TOO_OLD),
	      "SRTCP is received up to index 2^31 - 1, which does not come round");
	rig_far_close(&r, &a.far);
}

/* ---- two processors ---- */

static pthread_barrier_t start;
static unsigned long sent[2], sent_rtcp[2], other[2];

/* Odd or even sequence numbers, and RTCP, of one SSRC */
static void *write_half(void *arg)
{
	long me = (long)arg;
	uint8_t pkt[300];
	cpu_set_t one;
	int i, n;

	CPU_ZERO(&one);
	CPU_SET(me, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("not on processor %ld: %s", me, strerror(errno));
	pthread_barrier_wait(&start);
	for (i = 0; i < EACH; i++) {
		n = rig_app_send(&r, &a.far, pkt, rig_rtp(pkt, SSRC, 2 * i + me, 30));
		sent[me] += n > 0;
		other[me] += n < 0 && n != -EKEYEXPIRED && n != -ESTALE;
		n = rig_app_send(&r, &a.far, pkt, rig_rtcp(pkt, SSRC, 2 * i + me));
		sent_rtcp[me] += n > 0;
		other[me] += n < 0 && n != -EKEYEXPIRED;
	}
	return NULL;
}

static void two_processors(void)
{
	static bool seen[2 * EACH], seen_rtcp[2 * EACH + 1];
	unsigned long got = 0, got_rtcp = 0, twice = 0;
	pthread_t thread[2];
	cpu_set_t cpus;
	uint32_t index;
	long i;
	int n;

	memset(&cpus, 0xff, sizeof(cpus));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	leg_make(&a, LEG_SUITE, 6);
	limit(&a.down, HARD, HARD);
	leg_join(&r, &a, "127.0.0.1");
	pthread_barrier_init(&start, NULL, 2);
	for (i = 0; i < 2; i++)
		if (pthread_create(&thread[i], NULL, write_half, (void *)i))
			kt_bail("no thread");
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	kt_ok(sent[0] + sent[1] == HARD && sent_rtcp[0] + sent_rtcp[1] == HARD &&
	      !other[0] && !other[1],
	      "two processors send %d packets of one SSRC, and as much RTCP: the hard limit (%lu, %lu)",
	      HARD, sent[0] + sent[1], sent_rtcp[0] + sent_rtcp[1]);
	while (got < HARD || got_rtcp < HARD) {
		n = rig_recv(a.far.fd, wire, sizeof(wire));
		if (n < 12)
			break;
		if (wire[1] >= 192 && wire[1] <= 223) {
			if (ref_unprotect_rtcp(&a.down.hbh, wire, n, &index, NULL, plain) < 0 ||
			    index > 2 * EACH)
				break;
			twice += seen_rtcp[index];
			seen_rtcp[index] = true;
			got_rtcp++;
			continue;
		}
		index = ref_rtp_seq(wire);
		if (index >= 2 * EACH ||
		    rig_unseal(&a.down, NULL, wire, n, index, plain) != 42)
			break;
		twice += seen[index];
		seen[index] = true;
		got++;
	}
	kt_ok(got == HARD && got_rtcp == HARD && !twice,
	      "all of them are on the wire, no index twice (%lu, %lu)", got, got_rtcp);
	rig_far_close(&r, &a.far);
}

int main(void)
{
	kt_plan(11 + 5 + 3 + 6 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	if (ksrtp_events_open(r.h))
		kt_bail("events: %s", ksrtp_error(r.h));
	sending();
	receiving();
	relaying();
	last_index();
	two_processors();
	rig_close(&r);
	return kt_done();
}
