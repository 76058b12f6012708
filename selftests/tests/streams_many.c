// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 1,000 streams of one peer in each direction, their packets mixed, each with a
 * roll-over counter, a window and counters of its own.
 */
#include "rig.h"

#define STREAMS	1000
#define SSRC(n)	(0x10000u * (n) + 77)

static struct rig r;
static struct rig_far f;
static struct rig_key rx, tx;

/* Each stream has its own place in the sequence numbers; many come round. */
static uint64_t index_of(unsigned int n, unsigned int round)
{
	return 65535 - n % 50 + round;
}

/* A prime step: neighbours in time are no neighbours in number */
static unsigned int mixed(unsigned int i, unsigned int round)
{
	return (i * 617 + round * 31) % STREAMS;
}

static bool round_of(enum ksrtp_dir dir, unsigned int round)
{
	unsigned int i, n, failed = 0;
	uint8_t plain[200];
	uint64_t index;
	int len;

	for (i = 0; i < STREAMS; i++) {
		n = mixed(i, round);
		index = index_of(n, round);
		len = rig_rtp(plain, SSRC(n), index, n % 60);
		failed += !(dir == KSRTP_DIR_RX ? rig_hears(&r, &f, &rx, NULL, plain, len, index) :
						  rig_says(&r, &f, &tx, NULL, plain, len, index));
		if (failed > 3)
			return false;
	}
	return !failed;
}

struct seen {
	bool stream[2][STREAMS];
	unsigned int wrong;
};

static int look(const struct ksrtp_stream *s, void *arg)
{
	unsigned int n = s->ssrc / 0x10000;
	struct seen *seen = arg;

	if (s->dir > 1 || n >= STREAMS || s->ssrc != SSRC(n) || seen->stream[s->dir][n] ||
	    s->packets != 3 || ref_index(s->roc, s->highest_seq) != index_of(n, 2)) {
		if (!seen->wrong++)
			kt_note("SSRC %#x: %llu packets, ROC %u, sequence number %u", s->ssrc,
				(unsigned long long)s->packets, s->roc, s->highest_seq);
		return 0;
	}
	seen->stream[s->dir][n] = true;
	return 0;
}

int main(void)
{
	struct ksrtp_stats stats;
	static struct seen seen;
	unsigned int n, both = 0;

	kt_plan(8);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_max_streams(&r, f.id, STREAMS);
	rig_hbh(&rx, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_hbh(&tx, "AES_CM_128_HMAC_SHA1_80", 2);
	rig_key(&r, f.id, KSRTP_DIR_RX, &rx);
	rig_key(&r, f.id, KSRTP_DIR_TX, &tx);
	rig_stats(&r, &stats);

	for (n = 0; n < 3; n++) {
		kt_ok(round_of(KSRTP_DIR_RX, n), "%d streams are read, round %u", STREAMS, n + 1);
		kt_ok(round_of(KSRTP_DIR_TX, n), "%d streams are written, round %u", STREAMS,
		      n + 1);
	}
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 0) && stats.streams == 2 * STREAMS,
	      "nothing is dropped, and nobody was evicted");
	if (ksrtp_stream_dump(r.h, f.id, NULL, look, &seen))
		kt_bail("streams: %s", ksrtp_error(r.h));
	for (n = 0; n < STREAMS; n++)
		both += seen.stream[0][n] && seen.stream[1][n];
	kt_ok(both == STREAMS && !seen.wrong, "the dump has each of them once, with its own index");
	rig_close(&r);
	return kt_done();
}
