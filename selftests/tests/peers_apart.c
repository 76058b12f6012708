// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer that has its own key, and no other, is itself and nobody else: it
 * speaks for no other peer, moves no window of another, takes no SSRC another has by
 * configuration, makes no more state than its own limits say, and is moved
 * by no packet of another.
 *
 * Mallory is a peer like the others, with keys of her own, who may send what she
 * likes from whatever address.
 */
#include "leg.h"

#include <netinet/ip.h>
#include <netinet/udp.h>

#define SSRC	0xa9a27000
#define MOST	8

static struct rig r;
static struct leg alice, mallory, carol;
static uint8_t plain[512], pkt[600];
static uint64_t next = 100;		/* of alice's stream */

struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	uint8_t payload[600];
} __attribute__((packed));

/* A datagram with another's source address, as a network without filters carries it */
static void spoof(const struct leg *as, const void *payload, int len)
{
	struct datagram d = { 0 };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	d.ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.saddr = as->far.addr.in.sin_addr.s_addr, .daddr = r.addr.in.sin_addr.s_addr,
	};
	d.udp.source = as->far.addr.in.sin_port;
	d.udp.dest = r.addr.in.sin_port;
	d.udp.len = htons(sizeof(d.udp) + len);
	memcpy(d.payload, payload, len);
	len += sizeof(d.ip) + sizeof(d.udp);
	if (fd < 0 || sendto(fd, &d, len, 0, &r.addr.sa, sizeof(r.addr.in)) != len)
		kt_bail("spoofed datagram: %s", strerror(errno));
	close(fd);
}

static int by_mallory(uint32_t ssrc, uint64_t index)
{
	return rig_seal(&mallory.up, NULL, plain, rig_rtp(plain, ssrc, index, LEG_PAYLOAD), index,
			pkt);
}

static bool alice_is_heard(void)
{
	int len = rig_rtp(plain, SSRC, next, LEG_PAYLOAD);

	leg_sends(&alice, plain, len, next++);
	return rig_gets(r.app, plain, len);
}

static bool alice_is_at(uint64_t index)
{
	return rig_index_is(&r, alice.far.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, index);
}

static void under_anothers_address(void)
{
	struct ksrtp_stats since;
	int i;

	rig_stats(&r, &since);
	for (i = 0; i < 20; i++)
		spoof(&alice, pkt, by_mallory(SSRC, next + i));
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 20),
	      "what she sends from another peer's address under her own key is not authentic");
	for (i = 0; i < 20; i++)
		spoof(&alice, pkt, by_mallory(SSRC + 50 + i, 1));
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 20) &&
	      rig_streams(&r, alice.far.id, KSRTP_DIR_RX) == 1,
	      "nor does it make that peer a stream");
	kt_ok(alice_is_at(next - 1) && alice_is_heard(), "whose index is where it was");
}

static void on_anothers_ssrc(void)
{
	struct ksrtp_stream s;
	int len = rig_rtp(plain, SSRC, 60000, LEG_PAYLOAD);

	leg_sends(&mallory, plain, len, 60000);
	kt_ok(rig_gets(r.app, plain, len) &&
	      rig_stream(&r, mallory.far.id, KSRTP_DIR_RX, KSRTP_LAYER_HBH, SSRC, &s) &&
	      s.packets == 1,
	      "another's SSRC from her own address is a stream of hers");
	kt_ok(alice_is_at(next - 1), "and moves neither window nor ROC of the other");
	kt_ok(alice_is_heard(), "who is heard");
	len = rig_rtcp(plain, SSRC, 9);
	leg_sends_rtcp(&mallory, plain, len, 0x7ffffff0);
	if (!rig_gets(r.app, plain, len))
		kt_bail("her RTCP is not heard");
	len = rig_rtcp(plain, SSRC, 1);
	leg_sends_rtcp(&alice, plain, len, 1);
	kt_ok(rig_gets(r.app, plain, len), "nor does a high SRTCP index of hers");
}

/* Replayed from another address, or from that of the peer it is not of */
static void with_anothers_packets(void)
{
	struct ksrtp_stats since;
	int len;

	rig_stats(&r, &since);
	len = rig_seal(&alice.up, NULL, plain, rig_rtp(plain, SSRC, next, LEG_PAYLOAD), next, pkt);
	rig_far_send(&mallory.far, pkt, len);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, 1),
	      "another's packet, held back and sent from her address, is nobody's");
	kt_ok(alice_is_heard(), "and still good from where it belongs");
	len = rig_seal(&alice.up, NULL, plain, rig_rtp(plain, SSRC, next - 1, LEG_PAYLOAD),
		       next - 1, pkt);
	spoof(&alice, pkt, len);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_REPLAYED, 1), "once");
}

static void through_routes(void)
{
	struct ksrtp_stats since;
	struct ksrtp_peer p;
	int i;

	leg_route(&r, &alice, SSRC, &carol);
	leg_route(&r, &mallory, ANY_SSRC, &carol);
	rig_stats(&r, &since);
	leg_says(&mallory, SSRC, 60001);
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_SSRC_BUSY, 1) && leg_quiet(&carol),
	      "an SSRC that is routed by name is not hers to send, not even first");
	leg_says(&alice, SSRC, next);
	kt_ok(leg_hears(&carol, SSRC, next), "whose it is sends it");
	next++;
	for (i = 0; i < 3 * MOST; i++)
		leg_says(&mallory, SSRC + 100 + i, 1);
	kt_ok(kt_wait_until((rig_peer_get(&r, mallory.far.id, &p),
			     p.rx_streams + p.tombstones == 3 * MOST + 1), RIG_WAIT) &&
	      p.rx_streams == MOST,
	      "however many SSRCs she takes up, her streams are as many as she may have");
	rig_peer_get(&r, carol.far.id, &p);
	kt_is(p.tx_streams, MOST, "and those to whom they go as many as theirs");
	leg_says(&alice, SSRC, next);
	for (i = 0; i < MOST - 1; i++)
		if (!leg_hears(&carol, SSRC + 100 + i, 1))
			kt_bail("%d of hers is not forwarded", i);
	kt_ok(leg_hears(&carol, SSRC, next), "a stream that is there goes on beside them");
	next++;
}

int main(void)
{
	kt_plan(15);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &alice, "127.0.0.1", 1);
	leg_open(&r, &mallory, "127.0.0.1", 2);
	leg_open(&r, &carol, "127.0.0.1", 3);
	rig_max_streams(&r, mallory.far.id, MOST);
	rig_max_streams(&r, carol.far.id, MOST);
	if (!alice_is_heard())
		kt_bail("nothing is heard");
	under_anothers_address();
	on_anothers_ssrc();
	with_anothers_packets();
	through_routes();
	rig_close(&r);
	return kt_done();
}
