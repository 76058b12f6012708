// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is short by chance in softirq and in sendmsg, and copies from user
 * space that fail: packets are lost and counted, calls refused with an errno. None
 * leaves unprotected or by half, no index is used twice, and each stream goes on
 * afterwards. Without a fault that was met no result passes.
 *
 * timeout: 300
 */
#include "faults.h"
#include "leg.h"

#include <netinet/udp.h>

#ifndef SOL_UDP
#define SOL_UDP		17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

#define SSRC		0xfa1c0000
#define SSRCS		24
#define PACKETS		25	/* of each */
#define OUTPUTS		3
#define SEGMENTS	6
#define PAYLOAD		120
#define CALLS		60
#define TRIES		3
#define LAST		(CALLS * SEGMENTS + 50)
#define SEQS		3000
#define PERCENT		10	/* of what is asked for; a new stream asks five times */

static struct rig r;
static struct leg in, out[OUTPUTS];
static unsigned long wrong;

/* What came to a far end, by SSRC and sequence number */
struct came {
	unsigned char n[SSRCS][SEQS];
	unsigned long total;
};

static struct came came[OUTPUTS];

/* The payload tells attempts to send one number apart. */
static int plain_of(uint8_t *plain, uint32_t ssrc, uint16_t seq, uint8_t attempt)
{
	int len = rig_rtp(plain, ssrc, seq, PAYLOAD);

	plain[len - 1] = attempt;
	return len;
}

static void look_at(struct came *c, const struct leg *l, const uint8_t *wire, int n)
{
	uint32_t ssrc = ref_get32(wire + 8);
	uint16_t seq = ref_get16(wire + 2);
	uint8_t plain[300], want[400];
	bool right = false;
	int i, len;

	for (i = 0; !right && i <= TRIES; i++) {
		len = plain_of(plain, ssrc, seq, i);
		right = rig_seal(&l->down, NULL, plain, len, seq, want) == n &&
			!memcmp(want, wire, n);
	}
	if (!right || ssrc - SSRC >= SSRCS || seq >= SEQS) {
		wrong++;
		return;
	}
	c->n[ssrc - SSRC][seq]++;
	c->total++;
}

static void collect(void)
{
	uint8_t buf[2048];
	int i, n;

	for (i = 0; i < OUTPUTS; i++)
		while ((n = recv(out[i].far.fd, buf, sizeof(buf), MSG_DONTWAIT)) >= 12)
			look_at(&came[i], &out[i], buf, n);
}

static unsigned int twice(void)
{
	unsigned int i, j, k, found = 0;

	for (i = 0; i < OUTPUTS; i++)
		for (j = 0; j < SSRCS; j++)
			for (k = 0; k < SEQS; k++)
				found += came[i].n[j][k] > 1;
	return found;
}

static uint64_t no_memory(const struct ksrtp_stats *s)
{
	return s->drops.count[KSRTP_A_DROPS_NO_MEMORY];
}

static uint64_t others(const struct ksrtp_stats *s)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < 64; i++)
		if (i != KSRTP_A_DROPS_NO_MEMORY && s->drops.has & KSRTP_BIT(i))
			sum += s->drops.count[i];
	return sum;
}

static void say(uint32_t ssrc, uint16_t seq)
{
	uint8_t plain[300], wire[400];
	int len = plain_of(plain, ssrc, seq, 0);

	rig_far_send(&in.far, wire, rig_seal(&in.up, NULL, plain, len, seq, wire));
}

/* All that was sent is through when what was sent behind it is. */
static void settle(void)
{
	if (!rig_app_quiet(&r, &in.far))
		kt_note("the application has something to read");
	collect();
}

static void fan_out(const char *suite)
{
	struct ksrtp_stats then, now;
	uint64_t accepted, relayed, lost_in, lost_out;
	unsigned long injected;
	int i, j, heard = 0;

	memset(came, 0, sizeof(came));
	wrong = 0;
	rig_stats(&r, &then);
	if (!faults_random(PERCENT))
		kt_bail("ksrtp is not loaded");
	for (j = 1; j <= PACKETS; j++) {
		for (i = 0; i < SSRCS; i++)
			say(SSRC + i, j);
		collect();
	}
	injected = faults_stop();
	settle();
	rig_stats(&r, &now);
	accepted = now.rx_packets - then.rx_packets;
	relayed = now.relayed_packets - then.relayed_packets;
	lost_in = PACKETS * SSRCS - accepted;
	lost_out = no_memory(&now) - no_memory(&then) - lost_in;
	kt_note("%s: %lu faults in %d packets to %d outputs: %llu lost coming in, %llu going out",
		suite, injected, PACKETS * SSRCS, OUTPUTS, (unsigned long long)lost_in,
		(unsigned long long)lost_out);
	kt_ok(injected && relayed && relayed == OUTPUTS * accepted - lost_out &&
	      others(&now) == others(&then),
	      "%s, relay: each packet that is lost is counted as no_memory", suite);
	kt_ok(!wrong && !twice() && came[0].total + came[1].total + came[2].total == relayed,
	      "%s, relay: each that arrives is whole and protected, and comes once", suite);
	for (i = 0; i < SSRCS; i++)
		say(SSRC + i, PACKETS + 1);
	settle();
	for (j = 0; j < OUTPUTS; j++)
		for (i = 0; i < SSRCS; i++)
			heard += came[j].n[i][PACKETS + 1];
	kt_is(heard, OUTPUTS * SSRCS, "%s, relay: afterwards every stream goes on to every output",
	      suite);
}

/* To the application */
static void receive(const char *suite)
{
	struct ksrtp_stats then, now;
	unsigned long injected, read = 0;
	uint8_t buf[2048], want[300];
	bool goes_on = true;
	int i, j, n;

	leg_unroute(&r, &in, ANY_SSRC);
	wrong = 0;
	rig_stats(&r, &then);
	faults_random(PERCENT);
	for (j = 200; j < 200 + PACKETS; j++)
		for (i = 0; i < SSRCS; i++)
			say(SSRC + 0x100 + i, j);
	injected = faults_stop();
	while ((n = recv(r.app, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		int len = plain_of(want, ref_get32(buf + 8), ref_get16(buf + 2), 0);

		wrong += len != n || memcmp(buf, want, n);
		read++;
	}
	settle();
	rig_stats(&r, &now);
	kt_note("%s: %lu faults, %lu of %d packets were read", suite, injected, read,
		PACKETS * SSRCS);
	kt_ok(injected && !wrong && read == now.delivered_packets - then.delivered_packets &&
	      read + no_memory(&now) - no_memory(&then) == PACKETS * SSRCS &&
	      others(&now) == others(&then),
	      "%s, application: each packet is read as it was, or counted as no_memory", suite);
	for (i = 0; i < SSRCS; i++) {
		say(SSRC + 0x100 + i, 200 + PACKETS);
		n = plain_of(want, SSRC + 0x100 + i, 200 + PACKETS, 0);
		goes_on &= rig_gets(r.app, want, n);
	}
	kt_ok(goes_on, "%s, application: afterwards it reads every stream", suite);
}

/* @n packets from @seq on in one call. Return: as sendmsg */
static int write_many(uint16_t seq, unsigned int n, uint8_t attempt)
{
	uint8_t buf[SEGMENTS * 200], control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
	struct iovec iov = { .iov_base = buf };
	union rig_addr to = out[0].far.addr;
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = rig_addr_len(&to), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	uint16_t size = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		size = plain_of(buf + iov.iov_len, SSRC, seq + i, attempt);
		iov.iov_len += size;
	}
	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	if (n == 1)
		msg.msg_controllen = 0;
	return sendmsg(r.app, &msg, 0) < 0 ? -errno : (int)iov.iov_len;
}

/* By the application, in runs of segments, each tried again with other bytes */
static void write_segments(const char *suite)
{
	unsigned int i, attempt, n, refused = 0, again = 0, odd = 0;
	unsigned long injected;
	int ret;

	memset(came, 0, sizeof(came));
	wrong = 0;
	faults_random(PERCENT);
	for (i = 0; i < CALLS; i++) {
		n = i % 2 ? SEGMENTS : 1;
		for (attempt = 0; attempt < TRIES; attempt++) {
			ret = write_many(1 + i * SEGMENTS, n, attempt);
			if (ret > 0)
				break;
			if (ret == -ENOMEM || ret == -ENOBUFS)
				refused++;
			else if (ret == -EEXIST)
				again++;
			else
				odd++;
		}
		collect();
	}
	injected = faults_stop();
	settle();
	kt_note("%s: %lu faults in %d writes: %u refused for memory, %u for what may have left",
		suite, injected, CALLS, refused, again);
	kt_ok(injected && refused && !odd, "%s, writing: refused with ENOMEM or ENOBUFS", suite);
	kt_ok(!wrong && !twice() && came[0].total,
	      "%s, writing: what leaves is protected, and no index was used twice", suite);
	ret = write_many(LAST, SEGMENTS, 0);
	settle();
	for (i = 0, n = 0; i < SEGMENTS; i++)
		n += came[0].n[0][LAST + i];
	kt_ok(ret > 0 && n == SEGMENTS, "%s, writing: afterwards all segments of a call leave",
	      suite);
}

/* ---- each place in turn: what the application's calls ask for and copy ---- */

static unsigned int each_seq, each_n, each_attempt;

/* What was refused may have left in part: its index is then not used again. */
static int write_each(struct rig *rig)
{
	int ret = write_many(each_seq, each_n, each_attempt);

	(void)rig;
	collect();
	if (ret < 0 && !(ret == -EEXIST && each_attempt)) {
		each_attempt = 1;
		return ret;
	}
	each_attempt = 0;
	each_seq += each_n;
	return 0;
}

static int cork(struct rig *rig)
{
	int off = 0;

	return setsockopt(rig->app, SOL_UDP, UDP_CORK, &off, sizeof(off)) ? -errno : 0;
}

static void each_place(const char *suite)
{
	struct fault_op write = { .run = write_each, .bare = true };
	struct fault_op option = { .run = cork, .bare = true };
	char name[80];

	memset(came, 0, sizeof(came));
	wrong = 0;
	faults_in_ksrtp();
	each_seq = 1000;
	for (each_n = 1; each_n <= SEGMENTS; each_n += SEGMENTS - 1) {
		snprintf(name, sizeof(name), "%s, writing %u at once", suite, each_n);
		write.name = name;
		each_attempt = 0;
		faults_try(&r, &write);
	}
	settle();
	kt_ok(!wrong && !twice() && came[0].total,
	      "%s: what was written nevertheless is protected, and no index was used twice", suite);
	snprintf(name, sizeof(name), "%s, setsockopt", suite);
	option.name = name;
	faults_try(&r, &option);
	faults_anywhere();
}

static void with_suite(const char *suite)
{
	struct ksrtp_out outs[OUTPUTS];
	struct ksrtp_peer roams = { 0 };
	char ip[32];
	int i;

	rig_open(&r, "127.0.0.1");
	leg_make(&in, suite, 1);
	leg_join(&r, &in, "127.0.0.1");
	KSRTP_SET(&roams, KSRTP_A_PEER_ID, id, in.far.id);
	KSRTP_SET(&roams, KSRTP_A_PEER_ROAM, roam, 1);
	if (ksrtp_peer_set(r.h, &roams))
		kt_bail("roam: %s", ksrtp_error(r.h));
	for (i = 0; i < OUTPUTS; i++) {
		snprintf(ip, sizeof(ip), "127.0.0.%d", 2 + i);
		leg_make(&out[i], suite, 2 + i);
		leg_join(&r, &out[i], ip);
		outs[i] = leg_out(&out[i]);
	}
	if (leg_try_route(&r, &in, ANY_SSRC, -1, outs, OUTPUTS))
		kt_bail("route: %s", ksrtp_error(r.h));
	fan_out(suite);
	receive(suite);
	/* A peer of its own, whose SSRCs nobody has sent yet */
	rig_far_close(&r, &out[0].far);
	leg_join(&r, &out[0], "127.0.0.9");
	write_segments(suite);
	each_place(suite);
	rig_close(&r);
}

int main(void)
{
	faults_start();
	kt_plan(2 * (8 + 4));
	rig_start();
	with_suite("AES_CM_128_HMAC_SHA1_80");
	with_suite("AEAD_AES_128_GCM");
	faults_end();
	return kt_done();
}
