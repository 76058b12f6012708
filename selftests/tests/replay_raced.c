// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same packets come in on two processors at once, and each is accepted once:
 * the window is looked at and written by both, and of a new SSRC both may want
 * to make the stream.
 */
#include "rig.h"

#include <pthread.h>

#define SSRC		0x7aced000
#define PACKETS		1500
#define STREAMS		400
#define PAYLOAD		30
#define MOST		100

static struct rig r;
static struct rig_far f;
static struct rig_key key;

struct packet {
	uint8_t bytes[MOST];
	int len;
};

static struct packet packets[PACKETS];
static int n_packets;
static pthread_barrier_t start;

static void *send_all(void *arg)
{
	cpu_set_t one;
	int i;

	CPU_ZERO(&one);
	CPU_SET((long)arg, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("not on processor %ld: %s", (long)arg, strerror(errno));
	pthread_barrier_wait(&start);
	for (i = 0; i < n_packets; i++)
		rig_far_send(&f, packets[i].bytes, packets[i].len);
	return NULL;
}

/* Everything sent twice is read once, in whatever order, and dropped once. */
static void race(const char *name)
{
	static bool seen[PACKETS];
	struct ksrtp_stats before;
	struct packet again;
	uint8_t plain[300];
	pthread_t thread[2];
	int i, got, len;
	bool ok = true;

	memset(seen, 0, sizeof(seen));
	rig_stats(&r, &before);
	pthread_barrier_init(&start, NULL, 2);
	for (i = 0; i < 2; i++)
		if (pthread_create(&thread[i], NULL, send_all, (void *)(long)i))
			kt_bail("no thread");
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (got = 0; got < n_packets && ok; got++) {
		len = rig_recv(r.app, plain, sizeof(plain));
		ok = len == 12 + PAYLOAD;
		if (!ok)
			break;
		again.len = rig_seal(&key, NULL, plain, len, ref_rtp_seq(plain), again.bytes);
		for (i = 0; ok && i < n_packets; i++)
			if (!seen[i] && packets[i].len == again.len &&
			    !memcmp(packets[i].bytes, again.bytes, again.len))
				break;
		ok &= i < n_packets;
		if (ok)
			seen[i] = true;
	}
	kt_ok(ok && rig_app_quiet(&r, &f), "%s: each of %d is read once (%d)", name, n_packets,
	      got);
	kt_ok(rig_dropped(&r, &before, KSRTP_A_DROPS_REPLAYED, n_packets),
	      "%s: each is replayed once", name);
	pthread_barrier_destroy(&start);
}

static void add(uint32_t ssrc, uint16_t seq)
{
	struct packet *p = &packets[n_packets++];

	p->len = rig_rtp(p->bytes, ssrc, seq, PAYLOAD);
	p->len = rig_seal(&key, NULL, p->bytes, p->len, seq, p->bytes);
}

int main(void)
{
	struct ksrtp_stream s;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		kt_skip_all("one processor alone has no races");
	kt_plan(6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_max_streams(&r, f.id, STREAMS + 1);
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_window(&key, 32768);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);

	for (i = 0; i < PACKETS; i++)
		add(SSRC, i);
	race("packets of one stream");
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.packets == PACKETS && s.highest_seq == PACKETS - 1, "the stream counts each once");
	n_packets = 0;
	for (i = 0; i < STREAMS; i++)
		add(SSRC + 1 + i, 7);
	race("first packets of streams");
	kt_is(rig_streams(&r, f.id, KSRTP_DIR_RX), STREAMS + 1, "each SSRC has one stream");
	rig_close(&r);
	return kt_done();
}
