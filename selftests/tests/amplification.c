// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One packet in is never more packets out than its route has outputs: counted
 * on the wire, with duplicates, forgeries, outputs that nobody listens to, and
 * packets that leave in fragments. No byte leaves that did not come in, but
 * for the protection.
 */
#include "leg.h"

#define SSRC	0xa3b10000
#define PACKETS	50
#define OUTPUTS	5
/* What protection and headers may add to a packet */
#define GROWTH	160

static struct rig r;
static struct leg in, out[OUTPUTS];

/* What has been sent on lo of this network namespace, whoever did */
struct wire {
	unsigned long long packets;
	unsigned long long bytes;
};

static struct wire wire(void)
{
	char text[4096], *line;
	struct wire w = { 0 };

	line = strstr(kt_read("/proc/thread-self/net/dev", text, sizeof(text)), "lo:");
	if (!line || sscanf(line + 3, "%*u %*u %*u %*u %*u %*u %*u %*u %llu %llu", &w.bytes,
			    &w.packets) != 2)
		kt_bail("lo counts nothing");
	return w;
}

/* Nothing more comes: twice the same, as far apart as a round trip takes many times */
static struct wire wire_at_rest(void)
{
	struct wire before, now = wire();
	int same = 0;

	kt_wait_until((before = now, now = wire(),
		       same = before.packets == now.packets ? same + 1 : 0, same > 20), RIG_WAIT);
	return now;
}

static void route_to(int n)
{
	struct ksrtp_out outs[OUTPUTS];
	int i;

	for (i = 0; i < n; i++)
		outs[i] = leg_out(&out[i]);
	if (leg_try_route(&r, &in, SSRC, -1, outs, n))
		kt_bail("route: %s", ksrtp_error(r.h));
}

static void fan_out(void)
{
	struct wire before = wire_at_rest(), after;
	int i;

	for (i = 1; i <= PACKETS; i++)
		leg_says(&in, SSRC, i);
	after = wire_at_rest();
	kt_is(after.packets - before.packets, PACKETS + PACKETS * OUTPUTS,
	      "%d packets in are %d out, for there are %d outputs", PACKETS, PACKETS * OUTPUTS,
	      OUTPUTS);
	for (i = 1; i <= PACKETS; i++)
		leg_says(&in, SSRC, i);
	before = after;
	after = wire_at_rest();
	kt_is(after.packets - before.packets, PACKETS, "the same again are none");
}

static void forged(void)
{
	uint8_t plain[200], pkt[300];
	struct wire before = wire_at_rest(), after;
	int i, len;

	for (i = 0; i < PACKETS; i++) {
		len = rig_seal(&in.up, NULL, plain, rig_rtp(plain, SSRC, 1000 + i, 100), 1000 + i,
			       pkt);
		pkt[len - 1] ^= 1;
		rig_far_send(&in.far, pkt, len);
		/* what is no RTP, and what is too short for it */
		rig_far_send(&in.far, pkt, 3);
		rig_far_send(&in.far, plain, rig_other(plain, i));
	}
	after = wire_at_rest();
	kt_is(after.packets - before.packets, 3 * PACKETS,
	      "forgeries, scraps and what is no RTP are answered by nothing");
}

/* Where nobody listens the host itself says so by ICMP, at most once for each. */
static void unheard(void)
{
	struct wire before, after;
	struct ksrtp_stats s, t;
	int i;

	for (i = 0; i < OUTPUTS; i++)
		close(out[i].far.fd);
	rig_stats(&r, &s);
	before = wire_at_rest();
	for (i = 1; i <= PACKETS; i++)
		leg_says(&in, SSRC, 100 + i);
	after = wire_at_rest();
	rig_stats(&r, &t);
	kt_is(t.relayed_packets - s.relayed_packets, PACKETS * OUTPUTS,
	      "to outputs nobody listens at no more is sent");
	kt_ok(after.packets - before.packets <= PACKETS + 2 * PACKETS * OUTPUTS,
	      "and their ICMP errors are answered by nothing (%llu packets on the wire)",
	      after.packets - before.packets);
}

static void fragments(const char *ip)
{
	static uint8_t plain[8000];
	struct wire before, after;
	unsigned long long bytes;
	int len;

	/* An interface of IPv6 has room for 1280 at least. */
	kt_must("ip link set lo mtu 1280");
	rig_open_owned(&r, ip);
	leg_open(&r, &in, ip, 20);
	leg_open(&r, &out[0], ip, 21);
	route_to(1);
	before = wire_at_rest();
	len = rig_rtp(plain, SSRC, 1, 6000);
	leg_sends(&in, plain, len, 1);
	kt_ok(leg_gets(&out[0], plain, len, 1), "%s: what came in fragments leaves", ip);
	after = wire_at_rest();
	bytes = after.bytes - before.bytes;
	kt_ok((after.packets - before.packets) % 2 == 0 && after.packets - before.packets >= 10,
	      "in as many (%llu, in and out)", after.packets - before.packets);
	kt_ok(bytes <= 2ull * (len + 10) + (after.packets - before.packets) * GROWTH,
	      "and not in more bytes (%llu)", bytes);
	rig_close(&r);
	kt_must("ip link set lo mtu 65536");
}

/* An address of all hosts at once, which is known as such by the route to it alone */
static void broadcast(void)
{
	union rig_addr all = rig_addr("127.255.255.255", 5555);
	struct ksrtp_stats stats;
	struct leg to;
	int ear;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	leg_make(&to, LEG_SUITE, 2);
	ear = rig_udp("127.255.255.255", 5555);
	to.far.id = rig_peer(&r, &all);
	rig_key(&r, to.far.id, KSRTP_DIR_TX, &to.down);
	leg_route(&r, &in, SSRC, &to);
	rig_stats(&r, &stats);
	leg_says(&in, SSRC, 1);
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_UNREACHABLE, 1) &&
	      recv(ear, &all, sizeof(all), MSG_DONTWAIT) < 0, "a broadcast address is sent nothing");
	close(ear);
	close(in.far.fd);
	rig_close(&r);
}

int main(void)
{
	int i;

	kt_plan(12);
	rig_start();
	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &in, "127.0.0.1", 1);
	for (i = 0; i < OUTPUTS; i++)
		leg_open(&r, &out[i], "127.0.0.1", 2 + i);
	route_to(OUTPUTS);
	fan_out();
	forged();
	unheard();
	rig_close(&r);
	close(in.far.fd);
	broadcast();
	fragments("127.0.0.1");
	fragments("::1");
	return kt_done();
}
