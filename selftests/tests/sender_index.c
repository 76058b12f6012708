// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sender uses no packet index twice: the same sequence number again is EEXIST,
 * one below the window ESTALE, whoever writes it and however it comes about. A
 * packet the stack refused gives its index back.
 */
#include "rig.h"

#include <pthread.h>

#define SSRC	0x5e4de400
#define THREADS	4
#define EACH	300

static struct rig r;
static struct rig_far f;
static struct rig_key key, e2e;

static void set_up(uint32_t window)
{
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	if (window)
		rig_key_window(&key, window);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);
}

static bool says(uint64_t index)
{
	uint8_t plain[200];
	int len = rig_rtp(plain, SSRC, index, 30);

	return rig_says(&r, &f, &key, NULL, plain, len, index);
}

static bool is_refused(uint16_t seq, int error)
{
	uint8_t plain[200];
	int n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, seq, 30));

	if (n == -error && rig_far_quiet(&r, &f))
		return true;
	kt_note("sequence number %u: %s", seq, n < 0 ? strerror(-n) : "it was sent");
	return false;
}

static void used_index_window(uint32_t window)
{
	uint64_t want[64] = { [KSRTP_A_DROPS_INDEX_REUSED] = 1, [KSRTP_A_DROPS_TOO_OLD] = 1 };
	uint32_t size = window ?: 1024;
	struct ksrtp_stats stats;
	uint8_t changed[200];
	int len, n;

	set_up(window);
	kt_ok(says(30000) && is_refused(30000, EEXIST), "window of %u: a second time is refused",
	      size);
	len = rig_rtp(changed, SSRC, 30000, 30);
	memset(changed + 12, 0xee, 30);
	n = rig_app_send(&r, &f, changed, len);
	kt_ok(n == -EEXIST && rig_far_quiet(&r, &f), "window of %u: with other content, too", size);
	kt_ok(says(30001) && says(30005) && says(30003) && is_refused(30003, EEXIST) &&
	      is_refused(30001, EEXIST) && says(30002) && is_refused(30005, EEXIST),
	      "window of %u: in any order", size);
	kt_ok(says(30005 - (size - 1)) && is_refused(30005 - (size - 1), EEXIST) &&
	      is_refused(30005 - size, ESTALE), "window of %u: down to its end, not below", size);
	rig_stats(&r, &stats);
	kt_ok(is_refused(30005, EEXIST) && is_refused(30005 - size, ESTALE) &&
	      rig_dropped_all(&r, &stats, want), "window of %u: both are counted", size);
	rig_far_close(&r, &f);
}

static void around_a_wrap(void)
{
	set_up(0);
	kt_ok(says(65534) && says(ref_index(1, 0)) && says(65535) && is_refused(65535, EEXIST) &&
	      is_refused(0, EEXIST) && says(ref_index(1, 1)) && is_refused(65534, EEXIST),
	      "a late packet around a wrap is sent once, too");
	rig_far_close(&r, &f);

	/* there is nothing before index 0 */
	set_up(0);
	kt_ok(says(0) && is_refused(65535, ESTALE) && says(1),
	      "before the first packet of all there is no index");
	rig_far_close(&r, &f);
}

/* The stack refuses a datagram larger than the MTU that must not be fragmented. */
static void given_back(void)
{
	int discover = IP_PMTUDISC_DO, dont = IP_PMTUDISC_DONT, n;
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = 1400 };
	struct ksrtp_stats before, after;
	uint8_t plain[2000];
	struct ksrtp_stream s;
	bool ok;

	set_up(0);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	if (ioctl(r.app, SIOCSIFMTU, &ifr) ||
	    setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)))
		kt_bail("MTU: %s", strerror(errno));
	n = rig_rtp(plain, SSRC, 10, 100);
	ok = rig_says(&r, &f, &key, &e2e, plain, n, 10);
	rig_stats(&r, &before);
	n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, 11, 1500));
	rig_stats(&r, &after);
	kt_ok(ok && n == -EMSGSIZE && after.tx_packets == before.tx_packets,
	      "a packet the stack refuses is not counted as sent");
	n = rig_rtp(plain, SSRC, 11, 100);
	kt_ok(rig_says(&r, &f, &key, &e2e, plain, n, 11),
	      "its index, of both layers, is free for the next attempt");
	n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, 11, 100));
	kt_ok(n == -EEXIST && rig_far_quiet(&r, &f), "and used after that");
	kt_ok(rig_stream(&r, f.id, KSRTP_DIR_TX, KSRTP_LAYER_HBH, SSRC, &s) && s.packets == 2 &&
	      s.highest_seq == 11, "the stream counts what was sent (%llu)",
	      (unsigned long long)s.packets);
	if (setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont)))
		kt_bail("IP_MTU_DISCOVER: %s", strerror(errno));
	rig_far_close(&r, &f);
}

/*
 * Datagrams to a neighbour nobody answers for wait in the socket's send buffer
 * until that is full, and then there is EAGAIN.
 */
static void try_again(void)
{
	union rig_addr local = rig_addr("192.0.2.1", 0), remote = rig_addr("192.0.2.2", 4000);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), small = 1, n, sent = 0, seq;
	struct rig_far far = { .fd = -1, .addr = remote };
	uint8_t plain[1500];
	struct rig way;
	bool freed;

	kt_must("ip link add left type veth peer name right");
	kt_must("ip link set right arp off");	/* nobody answers */
	kt_must("ip address add 192.0.2.1/24 dev left");
	kt_link_up("left");
	kt_link_up("right");
	if (fd < 0 || bind(fd, &local.sa, rig_addr_len(&local)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)))
		kt_bail("socket: %s", strerror(errno));
	rig_attach(&way, fd);
	far.id = rig_peer(&way, &remote);
	rig_key(&way, far.id, KSRTP_DIR_TX, &key);
	for (seq = 0; seq < 100; seq++) {
		n = sendto(fd, plain, rig_rtp(plain, SSRC, seq, 1000), MSG_DONTWAIT, &remote.sa,
			   rig_addr_len(&remote));
		if (n < 0)
			break;
		sent++;
	}
	n = n < 0 ? errno : 0;
	kt_ok(n == EAGAIN && sent, "a full send buffer is EAGAIN (%s after %d)", strerror(n), sent);
	kt_ok(sendto(fd, plain, rig_rtp(plain, SSRC, seq, 1000), MSG_DONTWAIT, &remote.sa,
		     rig_addr_len(&remote)) < 0 && errno == EAGAIN,
	      "and stays EAGAIN, never EEXIST (%s)", strerror(errno));
	/* the neighbour is there at last: what waited leaves */
	kt_must("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev left nud permanent");
	freed = kt_wait_until(sendto(fd, plain, rig_rtp(plain, SSRC, seq, 1000), MSG_DONTWAIT,
				     &remote.sa, rig_addr_len(&remote)) == 1012 ||
			      errno != EAGAIN, RIG_WAIT);
	kt_ok(freed && sendto(fd, plain, rig_rtp(plain, SSRC, seq, 1000), MSG_DONTWAIT, &remote.sa,
			      rig_addr_len(&remote)) < 0 && errno == EEXIST,
	      "its index was free for the attempt that succeeds, and only for that");
	rig_close(&way);
}

/* What is contended: each sequence number is offered by every thread. */
static void *write_all(void *arg)
{
	int *sent = arg, seq, n;
	uint8_t plain[200];

	for (seq = 0; seq < EACH; seq++) {
		n = rig_app_send(&r, &f, plain, rig_rtp(plain, SSRC, seq, 30));
		if (n > 0)
			(*sent)++;
		else if (n != -EEXIST)
			return "neither sent nor EEXIST";
	}
	return NULL;
}

static void sent_by_many(void)
{
	static bool seen[EACH];
	int sent[THREADS] = { 0 }, all = 0, i, n, good = 0;
	uint8_t wire[300], plain[300];
	pthread_t thread[THREADS];
	void *ret, *wrong = NULL;
	cpu_set_t cpus;

	memset(&cpus, 0xff, sizeof(cpus));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	set_up(0);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, write_all, &sent[i]))
			kt_bail("no thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &ret);
		wrong = wrong ?: ret;
		all += sent[i];
	}
	if (wrong)
		kt_note("%s", (char *)wrong);
	kt_ok(all == EACH && !wrong, "%d threads write the same %d packets: each is sent once (%d)",
	      THREADS, EACH, all);
	for (i = 0; i < EACH; i++) {
		n = rig_recv(f.fd, wire, sizeof(wire));
		if (n < 12 || ref_rtp_seq(wire) >= EACH || seen[ref_rtp_seq(wire)] ||
		    rig_unseal(&key, NULL, wire, n, ref_rtp_seq(wire), plain) != 42)
			break;
		seen[ref_rtp_seq(wire)] = true;
		good++;
	}
	kt_is(good, EACH, "and each is on the wire once");
	rig_far_close(&r, &f);
}

int main(void)
{
	kt_plan(3 * 5 + 2 + 4 + 3 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	used_index_window(64);
	used_index_window(0);
	used_index_window(16384);
	around_a_wrap();
	given_back();
	try_again();
	sent_by_many();
	rig_close(&r);
	return kt_done();
}
