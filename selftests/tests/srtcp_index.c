// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SRTCP index and its E flag: 0 and 1 are accepted as the first, ours is 1,
 * no index is used twice however many write, E=0 is accepted and sent only where
 * the key says so, and every suite's SRTCP tag has 10 bytes.
 */
#include "rig.h"

#include <pthread.h>

#define SSRC		0x57c90000
#define MAX_INDEX	0x7fffffffu
#define TAG		10
#define THREADS		4
#define EACH		250

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static void set_up(enum ksrtp_dir dir)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_key(&r, f.id, dir, &key);
}

static bool hears(uint32_t index)
{
	uint8_t plain[200];

	return rig_hears_rtcp(&r, &f, &key, plain, rig_rtcp(plain, SSRC, index), index);
}

static bool says(uint32_t index)
{
	uint8_t plain[200];

	return rig_says_rtcp(&r, &f, &key, plain, rig_rtcp(plain, SSRC, index), index);
}

static bool is_dropped(uint32_t index, bool e, unsigned int reason)
{
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	int len = rig_rtcp(plain, SSRC, index);

	rig_stats(&r, &stats);
	rig_far_send(&f, wire, rig_seal_rtcp(&key, plain, len, index, e, wire));
	return rig_dropped(&r, &stats, reason, 1) && rig_app_quiet(&r, &f);
}

static void reading(void)
{
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	set_up(KSRTP_DIR_RX);
	kt_ok(hears(0) && hears(1) && hears(2) && is_dropped(0, true, KSRTP_A_DROPS_REPLAYED),
	      "a sender may start at 0");
	rig_far_close(&r, &f);
	set_up(KSRTP_DIR_RX);
	kt_ok(hears(1) && hears(2) && hears(0), "or at 1, and 0 may come late");
	rig_far_close(&r, &f);
	set_up(KSRTP_DIR_RX);
	kt_ok(hears(MAX_INDEX) && hears(MAX_INDEX - 1) &&
	      is_dropped(0, true, KSRTP_A_DROPS_TOO_OLD),
	      "the largest is accepted, and nothing comes after it");
	rig_far_close(&r, &f);

	KSRTP_SET(&key.key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, 500);
	set_up(KSRTP_DIR_RX);
	kt_ok(is_dropped(499, true, KSRTP_A_DROPS_TOO_OLD) && hears(510) && hears(500) &&
	      is_dropped(499, true, KSRTP_A_DROPS_TOO_OLD),
	      "below the index given with the key nothing is accepted");
	rig_far_close(&r, &f);
}

static void writing(void)
{
	uint8_t plain[200];
	int n, len;

	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	set_up(KSRTP_DIR_TX);
	kt_ok(says(1) && says(2) && says(3), "ours are 1, 2, 3");
	rig_far_close(&r, &f);

	KSRTP_SET(&key.key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, MAX_INDEX - 1);
	set_up(KSRTP_DIR_TX);
	kt_ok(says(MAX_INDEX - 1) && says(MAX_INDEX),
	      "or go on where the key says, up to the last");
	len = rig_rtcp(plain, SSRC, 1);
	n = rig_app_send(&r, &f, plain, len);
	kt_ok(n == -EKEYEXPIRED && rig_far_quiet(&r, &f), "after which RTCP is refused (%s)",
	      n < 0 ? strerror(-n) : "it was sent");
	len = rig_rtp(plain, SSRC, 1, 50);
	kt_ok(rig_says(&r, &f, &key, NULL, plain, len, 1), "while RTP goes on");
	rig_far_close(&r, &f);
}

static void *write_many(void *arg)
{
	uint8_t plain[200];
	long me = (long)arg;
	int i, len;

	for (i = 0; i < EACH; i++) {
		len = rig_rtcp(plain, SSRC, me * EACH + i);
		if (rig_app_send(&r, &f, plain, len) != len)
			return "refused";
	}
	return NULL;
}

/* A thread a processor would do; more of them meet more often on few processors. */
static void sent_by_many(void)
{
	static bool seen[THREADS * EACH + 1], written[THREADS * EACH];
	uint8_t wire[300], plain[300], want[300];
	pthread_t thread[THREADS];
	int i, n, len, good = 0;
	uint32_t index, fill;
	bool refused = false;
	cpu_set_t all;
	void *ret;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	set_up(KSRTP_DIR_TX);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, write_many, (void *)(long)i))
			kt_bail("no thread");
	for (i = 0; i < THREADS * EACH; i++) {
		n = rig_recv(f.fd, wire, sizeof(wire));
		len = n < 0 ? n : ref_unprotect_rtcp(&key.hbh, wire, n, &index, NULL, plain);
		if (len < 0 || index < 1 || index > THREADS * EACH || seen[index])
			break;
		seen[index] = true;
		/* "rig-", then what told it from the others */
		if (sscanf((char *)plain + 32 + 10 + 4, "%8x", &fill) != 1 ||
		    fill >= THREADS * EACH || written[fill] ||
		    rig_rtcp(want, SSRC, fill) != len || memcmp(want, plain, len))
			break;
		written[fill] = true;
		good++;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &ret);
		refused |= !!ret;
	}
	kt_ok(good == THREADS * EACH && !refused,
	      "%d threads write %d packets, no index is used twice and none left out",
	      THREADS, good);
	rig_far_close(&r, &f);
}

static void unencrypted(void)
{
	uint8_t plain[200], wire[300];
	struct rig_key strict;
	int len;

	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	set_up(KSRTP_DIR_RX);
	kt_ok(is_dropped(1, false, KSRTP_A_DROPS_PLAIN_RTCP) && hears(1),
	      "E=0 is dropped where the key does not allow it");
	rig_far_close(&r, &f);

	KSRTP_SET(&key.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
	set_up(KSRTP_DIR_RX);
	len = rig_rtcp(plain, SSRC, 1);
	rig_far_send(&f, wire, rig_seal_rtcp(&key, plain, len, 1, false, wire));
	kt_ok(rig_gets(r.app, plain, len), "E=0 is read where it does");
	kt_ok(hears(2) && is_dropped(1, false, KSRTP_A_DROPS_REPLAYED),
	      "beside E=1, with one replay window for both");
	rig_hbh(&strict, "AES_CM_128_HMAC_SHA1_80", 99);
	strict.key = key.key;
	key = strict;
	kt_ok(is_dropped(3, false, KSRTP_A_DROPS_AUTH), "it is authenticated all the same");
	rig_far_close(&r, &f);

	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	KSRTP_SET(&key.key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, 1);
	set_up(KSRTP_DIR_TX);
	kt_ok(says(1) && says(2), "E=0 is sent where the key says so");
	rig_far_close(&r, &f);
}

static void tags(void)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
	};
	uint8_t plain[200], wire[300];
	int len = rig_rtcp(plain, SSRC, 1), n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		rig_hbh(&key, suites[i], 1);
		set_up(KSRTP_DIR_TX);
		n = rig_app_send(&r, &f, plain, len);
		kt_is(n < 0 ? n : rig_recv(f.fd, wire, sizeof(wire)), len + 4 + TAG,
		      "%s: RTCP grows by its index and a tag of 10 bytes", suites[i]);
		rig_far_close(&r, &f);
	}
}

int main(void)
{
	kt_plan(4 + 4 + 1 + 5 + 3);
	rig_start();
	rig_open(&r, "127.0.0.1");
	reading();
	writing();
	unencrypted();
	tags();
	sent_by_many();
	rig_close(&r);
	return kt_done();
}
