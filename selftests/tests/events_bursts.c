// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Forgeries and replays are told of where they are many, once a second and with
 * their number, and cost no more than a counter; what is held back is told of
 * even if no event follows.
 */
#include "leg.h"
#include "notices.h"

#define SSRC	0xb1b1b100
#define BURST	32

static struct rig r;
static struct leg a;
static uint8_t plain[300], wire[600];

static int seal(uint64_t index)
{
	return rig_seal(&a.up, NULL, plain, rig_rtp(plain, SSRC, index, 30), index, wire);
}

static void forge(int n, int *seq)
{
	int i, len;

	for (i = 0; i < n; i++) {
		len = seal(++*seq);
		wire[len - 1] ^= 0x55;
		rig_far_send(&a.far, wire, len);
	}
}

static void replay(int n, uint64_t index)
{
	int len = seal(index), i;

	for (i = 0; i < n; i++)
		rig_far_send(&a.far, wire, len);
}

/* Since a second began, so that all of what follows is within one */
static void new_second(void)
{
	struct timespec now, then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	(void)kt_wait_until((clock_gettime(CLOCK_MONOTONIC, &now),
			     (now.tv_sec - then.tv_sec) * 1000 +
			     (now.tv_nsec - then.tv_nsec) / 1000000 > 1100), 10000);
}

static bool of_peer(const struct ksrtp_notice *n)
{
	return n->peer == a.far.id && n->sock == r.sock && KSRTP_HAS(n, KSRTP_A_NOTICE_COUNT) &&
	       !KSRTP_HAS(n, KSRTP_A_NOTICE_SSRC);
}

/* What came of a burst and of 300 forgeries behind it */
struct flood {
	bool told, counted;
	uint32_t count;
};

/* Return: false where that took longer than the second it was to be in */
static bool flooded(struct flood *f, int *seq)
{
	struct ksrtp_notice n = { 0 };
	struct ksrtp_stats stats;
	long long start;

	new_second();
	rig_stats(&r, &stats);
	start = kt_now_ms();
	forge(BURST, seq);
	f->told = notices_next(&r, KSRTP_EVENT_AUTH_BURST, &n) && of_peer(&n);
	f->count = n.count;
	forge(300, seq);
	f->counted = rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, BURST + 300);
	return kt_now_ms() - start < 1000;
}

static void auth(void)
{
	struct ksrtp_stats stats;
	struct ksrtp_notice n;
	struct flood f;
	int seq = 0, tries = 0;

	rig_stats(&r, &stats);
	forge(BURST - 1, &seq);
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, BURST - 1) && notices_silent(&r),
	      "%d forgeries are not many", BURST - 1);
	while (!flooded(&f, &seq) && tries++ < 10) {
		kt_note("too slow; to another peer");
		rig_far_close(&r, &a.far);
		leg_open(&r, &a, "127.0.0.1", 1);
		while (!notices_silent(&r))
			notices_read(&r, &n);
	}
	kt_ok(f.told && f.count == BURST,
	      "auth-burst: %d within a second are, with their number (%u)", BURST, f.count);
	kt_ok(f.counted && notices_silent(&r), "and no more in the same second, whatever comes");
	new_second();
	forge(1, &seq);
	new_second();
	forge(BURST, &seq);
	kt_ok(notices_next(&r, KSRTP_EVENT_AUTH_BURST, &n) && n.count == BURST + 300,
	      "the next one has all behind it, though a quiet second lies between (%u)", n.count);
	kt_ok(notices_silent(&r) && rig_streams(&r, a.far.id, KSRTP_DIR_RX) == 0,
	      "nothing else is told or made");
}

static void replays(void)
{
	struct ksrtp_notice n;

	replay(1, 5000);
	kt_ok(rig_gets(r.app, plain, 42) && notices_next(&r, KSRTP_EVENT_STREAM_NEW, &n),
	      "a packet is heard");
	replay(BURST, 5000);
	kt_ok(notices_next(&r, KSRTP_EVENT_REPLAY_BURST, &n) && of_peer(&n) && n.count == BURST,
	      "replay-burst: the same %d times more", BURST);
	new_second();
	replay(BURST, 5000 - 2000);
	kt_ok(notices_next(&r, KSRTP_EVENT_REPLAY_BURST, &n) && n.count == BURST,
	      "replay-burst: as many below the window");
}

/* What was told of MANY streams made at once, which are more events than there may be */
#define MANY	600

struct overrun {
	uint64_t told, suppressed;
	bool by_itself;
};

static void flood_of_streams(struct overrun *o)
{
	struct ksrtp_notice n = { 0 };
	struct leg l;
	int i;

	leg_open(&r, &l, "127.0.0.1", 40);
	rig_max_streams(&r, l.far.id, 10 * MANY);
	for (i = 0; i < MANY; i++)
		if (rig_app_send(&r, &l.far, plain, rig_rtp(plain, i, 1, 30)) < 0)
			kt_bail("a packet is not sent");
	*o = (struct overrun){ 0 };
	while (o->told + o->suppressed < MANY && notices_read(&r, &n)) {
		o->told += n.event != KSRTP_EVENT_OVERRUN;
		o->suppressed += KSRTP_HAS(&n, KSRTP_A_NOTICE_SUPPRESSED) ? n.suppressed : 0;
	}
	o->by_itself = n.event == KSRTP_EVENT_OVERRUN && !n.peer && !n.sock;
	rig_far_close(&r, &l.far);
}

static void overrun(void)
{
	struct overrun o;
	int tries = 0;

	/* If the last of them may be told, as one of some ten may, it says what was not. */
	do {
		flood_of_streams(&o);
	} while (!o.by_itself && o.told + o.suppressed == MANY && tries++ < 10);
	kt_ok(o.by_itself, "overrun: the end of a flood is told by itself, for nothing follows it");
	kt_is(o.told + o.suppressed, MANY,
	      "overrun: with it every event is accounted for (%llu told)",
	      (unsigned long long)o.told);
	kt_ok(notices_silent(&r), "overrun: and it is told once");
}

static void resync(void)
{
	struct ksrtp_notice n;
	struct leg l;
	int len;

	leg_open(&r, &l, "127.0.0.1", 50);
	len = rig_rtp(plain, SSRC, 3, LEG_PAYLOAD);
	leg_sends(&l, plain, len, ref_index(1, 3));
	kt_ok(rig_gets(r.app, plain, len) && notices_next(&r, KSRTP_EVENT_ROC_RESYNC, &n) &&
	      n.peer == l.far.id && n.ssrc == SSRC && KSRTP_HAS(&n, KSRTP_A_NOTICE_ROC) &&
	      n.roc == 1, "roc-resync: a first packet shows that a wrap was missed");
	leg_says(&l, SSRC, ref_index(1, 4));
	kt_ok(rig_gets(r.app, plain, rig_rtp(plain, SSRC, 4, LEG_PAYLOAD)) && notices_silent(&r),
	      "roc-resync: and no other does");
	rig_far_close(&r, &l.far);
}

int main(void)
{
	kt_plan(5 + 3 + 2 + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	notices_open(&r);
	auth();
	replays();
	resync();
	overrun();
	rig_close(&r);
	return kt_done();
}
