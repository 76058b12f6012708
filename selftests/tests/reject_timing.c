// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long it takes to refuse a forged packet does not depend on how much of its tag
 * is right, nor on which of two known SSRCs, under keys of their own, it claims.
 *
 * On loopback the receiving side runs inside the sender's sendto(), so the time of
 * that is the time of a refusal and something that is the same for all. Kinds take
 * turns in an order that changes; of each the middle of its faster half
 * counts, for what makes one slower is interrupts. That an HMAC more or less would
 * be seen is shown first.
 */
#include "rig.h"

#define SSRC	0x71330000
#define PAYLOAD	120
#define ROUNDS	1500
/* Two kinds are alike within this part of a thousand; a HMAC is more than that. */
#define ALIKE	40
#define TRIES	4

struct kind {
	const char *what;
	uint8_t pkt[300];
	int len;
	uint64_t ns[ROUNDS];
};

static struct rig r;
static struct rig_far f;
static uint8_t plain[300];

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void forge(struct kind *k, const char *what, const struct rig_key *key, uint32_t ssrc,
		  int wrong)
{
	k->what = what;
	k->len = rig_seal(key, NULL, plain, rig_rtp(plain, ssrc, 100, PAYLOAD), 100, k->pkt);
	k->pkt[k->len - 1 - wrong] ^= 0x55;
}

static int by_time(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Mean of what lies between the tenth and the fourth of ten parts */
static double typical(struct kind *k)
{
	uint64_t sum = 0;
	int i;

	qsort(k->ns, ROUNDS, sizeof(k->ns[0]), by_time);
	for (i = ROUNDS / 10; i < ROUNDS * 4 / 10; i++)
		sum += k->ns[i];
	return (double)sum / (ROUNDS * 4 / 10 - ROUNDS / 10);
}

/*
 * All from one place: an emulated processor may find the translation of one page
 * slower than that of another, each time.
 */
static void measure(struct kind *kinds, int n)
{
	static uint8_t wire[sizeof(kinds->pkt)];
	uint64_t start;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		for (j = 0; j < n; j++) {
			struct kind *k = &kinds[(i * 7 + j) % n];

			memcpy(wire, k->pkt, k->len);
			start = now_ns();
			rig_far_send(&f, wire, k->len);
			k->ns[i] = now_ns() - start;
		}
	}
}

/* The largest difference between any two, in parts of a thousand */
static int difference(struct kind *kinds, int n)
{
	double least = 0, most = 0;
	int i;

	for (i = 0; i < n; i++) {
		double t = typical(&kinds[i]);

		kt_note("%s: %.0f ns", kinds[i].what, t);
		least = !i || t < least ? t : least;
		most = !i || t > most ? t : most;
	}
	return (most - least) * 1000 / least;
}

/* Noise comes and goes, a difference that is there stays. */
static bool are_alike(struct kind *kinds, int n)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		measure(kinds, n);
		if (difference(kinds, n) <= ALIKE)
			return true;
	}
	return false;
}

static bool is_seen(struct kind *kinds)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		measure(kinds, 2);
		if (difference(kinds, 2) > ALIKE)
			return true;
	}
	return false;
}

static void tell_a_stream(const struct rig_key *k, uint32_t ssrc)
{
	int len = rig_rtp(plain, ssrc, 50, PAYLOAD);

	if (!rig_hears(&r, &f, k, NULL, plain, len, 50))
		kt_bail("the stream of 0x%08x is not heard", ssrc);
}

/* After the last of what was sent, for what comes behind it has been read */
static void counted(struct ksrtp_stats *s)
{
	if (!rig_app_quiet(&r, &f))
		kt_bail("the application reads a forgery");
	rig_stats(&r, s);
}

static void suite(const char *name, int tag, uint32_t ssrc)
{
	static struct kind kinds[4], replay[2];
	struct rig_key one, two;
	struct ksrtp_stats s, t;
	uint64_t n;
	int len;

	rig_hbh(&one, name, ssrc);
	rig_hbh(&two, name, ssrc + 1);
	rig_key_ssrc(&one, ssrc);
	rig_key_ssrc(&two, ssrc + 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &one);
	rig_key(&r, f.id, KSRTP_DIR_RX, &two);
	tell_a_stream(&one, ssrc);
	tell_a_stream(&two, ssrc + 1);

	/* The control: a replay is refused before its tag is looked at. */
	replay[0].what = "a replay";
	len = rig_seal(&one, NULL, plain, rig_rtp(plain, ssrc, 50, PAYLOAD), 50, replay[0].pkt);
	replay[0].len = len;
	forge(&replay[1], "a forgery", &one, ssrc, 0);
	kt_ok(is_seen(replay), "%s: a refusal without a look at the tag is told from one with it",
	      name);

	counted(&s);
	forge(&kinds[0], "last byte of the tag wrong", &one, ssrc, 0);
	forge(&kinds[1], "first byte wrong", &one, ssrc, tag - 1);
	forge(&kinds[2], "another SSRC and key, last byte wrong", &two, ssrc + 1, 0);
	forge(&kinds[3], "another SSRC and key, first byte wrong", &two, ssrc + 1, tag - 1);
	kt_ok(are_alike(kinds, 4),
	      "%s: refusals of forgeries are alike, whatever of the tag is wrong, and whose it is",
	      name);
	counted(&t);
	n = t.drops.count[KSRTP_A_DROPS_AUTH] - s.drops.count[KSRTP_A_DROPS_AUTH];
	kt_ok(n && n % (4 * ROUNDS) == 0, "all of them as auth");
}

int main(void)
{
	kt_plan(6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	suite("AES_CM_128_HMAC_SHA1_80", 10, SSRC);
	suite("AEAD_AES_128_GCM", 16, SSRC + 0x100);
	rig_close(&r);
	return kt_done();
}
