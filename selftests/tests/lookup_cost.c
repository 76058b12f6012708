// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet costs the same however many streams there are: streams are found by
 * a hash, not by going through a list. (20,000 where the kernel is instrumented.)
 */
#include <math.h>

#include "cost.h"

#define SSRC(n)	(0x9e3779b1u * (uint32_t)(n))
#define FEW	20
#define MANY	20000
#define VERY_MANY 100000
/* Streams that are timed, and packets of each in one turn */
#define TIMED	20
#define EACH	40
#define TURNS	15
#define PAYLOAD	20
#define SIZE	(12 + PAYLOAD + 10)
/* Above what chance may do, and far below what a list would cost */
#define BOUND	3.0

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static unsigned int turn;

/* Nobody reads and there is no route, so that is how every packet ends. */
static long long time_of(const void *pkts, size_t n)
{
	return cost_us(&r, &f, pkts, SIZE, n, KSRTP_A_DROPS_NO_ROUTE);
}

static void seal(uint8_t *wire, uint32_t n, uint16_t seq)
{
	uint8_t plain[SIZE];

	if (rig_seal(&key, NULL, plain, rig_rtp(plain, SSRC(n), seq, PAYLOAD), seq, wire) != SIZE)
		kt_bail("a packet has another size");
}

/* Streams of the numbers @from to @to - 1 */
static void add_streams(unsigned int from, unsigned int to)
{
	static uint8_t pkts[1000 * SIZE];
	unsigned int i, n;

	for (; from < to; from += n) {
		n = to - from < 1000 ? to - from : 1000;
		for (i = 0; i < n; i++)
			seal(pkts + i * SIZE, from + i, 1);
		time_of(pkts, n);
	}
}

/* New packets of streams among the first @arg, spread over them; none: what is no packet */
static double once(void *arg)
{
	static uint8_t pkts[TIMED * EACH * SIZE], others[TIMED * EACH * SIZE];
	const unsigned int *n = arg;
	int i, j;

	if (!*n)
		return time_of(others, TIMED * EACH);
	for (i = 0; i < EACH; i++)
		for (j = 0; j < TIMED; j++)
			seal(pkts + (i * TIMED + j) * SIZE, (uint64_t)j * *n / TIMED,
			     2 + turn * EACH + i);
	turn++;
	return time_of(pkts, TIMED * EACH);
}

/* As a multiple of datagrams that are no packets and sent at the same time */
static double cost(unsigned int n, double bound)
{
	unsigned int none = 0;

	return cost_times(once, &n, &none, TURNS, bound);
}

int main(void)
{
	unsigned int many = kt_slow() > 4 ? MANY : VERY_MANY;
	double among_few, among_many;

	kt_plan(2);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_max_streams(&r, f.id, many);
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_window(&key, 64);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);

	add_streams(0, FEW);
	among_few = cost(FEW, INFINITY);
	add_streams(FEW, many);
	kt_is(rig_streams(&r, f.id, KSRTP_DIR_RX), many, "one peer has %u streams", many);
	among_many = cost(many, among_few * BOUND);
	kt_ok(among_many < among_few * BOUND,
	      "a packet costs among %u streams what it costs among %u (%.2f and %.2f datagrams)",
	      many, FEW, among_many, among_few);
	rig_close(&r);
	return kt_done();
}
