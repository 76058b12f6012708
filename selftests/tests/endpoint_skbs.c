// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever form a datagram has in the kernel: in IP fragments, in many pages,
 * or shared with somebody who captures it, who goes on seeing SRTP on either
 * way through.
 */
#include "rig.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netpacket/packet.h>

#define SSRC	0x5b500000

static struct rig r;
static struct rig_far f;
static struct rig_key rx, tx;
static uint16_t seq;

static void set_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = mtu };

	if (ioctl(r.app, SIOCSIFMTU, &ifr))
		kt_bail("MTU of lo: %s", strerror(errno));
}

static bool both_ways(size_t payload)
{
	static uint8_t plain[REF_MAX_PACKET];
	int len = rig_rtp(plain, SSRC, seq, payload);
	bool ok = rig_hears(&r, &f, &rx, NULL, plain, len, seq) &&
		  rig_says(&r, &f, &tx, NULL, plain, len, seq);

	seq++;
	return ok;
}

static void large(void)
{
	static const size_t payloads[] = { 1459, 1460, 1461, 3000, 4096, 9000, 40000, 65000 };
	bool whole = true, pieces = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(payloads); i++)
		whole &= both_ways(payloads[i]);
	kt_ok(whole, "datagrams of up to 65,000 bytes, in many pages");
	set_mtu(1500);
	for (i = 0; i < ARRAY_SIZE(payloads); i++)
		pieces &= both_ways(payloads[i]);
	kt_ok(pieces, "and the same in IP fragments of 1,500 bytes");
	/* headers cut anywhere: the smallest fragments IPv4 has to know */
	set_mtu(68);
	for (pieces = true, i = 0; i < 100; i++)
		pieces &= both_ways(i);
	kt_ok(pieces, "in fragments of 68 bytes");
	set_mtu(65536);
}

/* What somebody captured of UDP from @port on: the first datagram's payload */
static int captured(int tap, in_port_t port, uint8_t *payload)
{
	uint8_t frame[3000];
	struct iphdr *ip = (void *)(frame + ETH_HLEN);
	int n;

	for (;;) {
		n = rig_recv(tap, frame, sizeof(frame));
		if (n < 0)
			return n;
		if (n < ETH_HLEN + 28 || ip->protocol != IPPROTO_UDP ||
		    memcmp((uint8_t *)ip + 4 * ip->ihl, &port, 2))
			continue;
		n -= ETH_HLEN + 28;
		memcpy(payload, (uint8_t *)ip + 28, n);
		return n;
	}
}

static int tap_on_lo(void)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int tap = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));

	if (tap < 0 || bind(tap, (struct sockaddr *)&at, sizeof(at)))
		kt_bail("packet socket: %s", strerror(errno));
	return tap;
}

static void shared(void)
{
	uint8_t plain[2000], wire[2100], got[3000];
	int tap = tap_on_lo(), len, wire_len, n;

	len = rig_rtp(plain, SSRC, seq, 1000);
	wire_len = rig_seal(&rx, NULL, plain, len, seq, wire);
	rig_far_send(&f, wire, wire_len);
	kt_ok(rig_gets(r.app, plain, len), "a datagram somebody captures is read");
	n = captured(tap, f.addr.in.sin_port, got);
	kt_mem_is(got, n < 0 ? 0 : n, wire, wire_len,
		  "and who captured it has SRTP, even after it was decrypted");
	close(tap);

	tap = tap_on_lo();
	wire_len = rig_seal(&tx, NULL, plain, len, seq, wire);
	n = rig_app_send(&r, &f, plain, len);
	kt_ok(n == len && rig_gets(f.fd, wire, wire_len), "a datagram somebody captures is sent");
	n = captured(tap, r.addr.in.sin_port, got);
	kt_mem_is(got, n < 0 ? 0 : n, wire, wire_len, "and who captured it never saw it plain");
	close(tap);
	seq++;
}

/* Two sockets of one multicast group get clones of one skb; only one is under ksrtp. */
static void cloned(void)
{
	union rig_addr group = rig_addr("239.1.2.3", 0);
	struct ip_mreqn mreq = {
		.imr_multiaddr = group.in.sin_addr, .imr_ifindex = if_nametoindex("lo"),
	};
	uint8_t plain[500], wire[600];
	int fd[2], on = 1, i, len, wire_len;
	struct rig way;
	uint32_t peer;

	for (i = 0; i < 2; i++) {
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		group.in.sin_port = htons(4000);
		if (fd[i] < 0 || setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		    bind(fd[i], &group.sa, sizeof(group.in)) ||
		    setsockopt(fd[i], IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof(mreq)))
			kt_bail("multicast: %s", strerror(errno));
	}
	rig_attach(&way, fd[0]);
	peer = rig_peer(&way, &f.addr);
	rig_key(&way, peer, KSRTP_DIR_RX, &rx);
	len = rig_rtp(plain, SSRC, seq, 300);
	wire_len = rig_seal(&rx, NULL, plain, len, seq, wire);
	if (setsockopt(f.fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq)) ||
	    sendto(f.fd, wire, wire_len, 0, &group.sa, sizeof(group.in)) != wire_len)
		kt_bail("multicast: %s", strerror(errno));
	kt_ok(rig_gets(fd[0], plain, len), "of a multicast datagram a socket under ksrtp has RTP");
	kt_ok(rig_gets(fd[1], wire, wire_len), "and the other socket of the group has SRTP");
	close(fd[1]);
	rig_close(&way);
}

/*
 * A filter of the application's own that takes only datagrams whose UDP header
 * has their length and whose payload begins with plain text.
 */
static void filtered(void)
{
	static const uint8_t text[] = "plain text";
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8 + 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ref_get32(text), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };
	uint8_t plain[500], wire[600];
	int len;

	if (setsockopt(r.app, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		kt_bail("socket filter: %s", strerror(errno));
	len = rig_rtp(plain, SSRC, seq, 300);
	rig_far_send(&f, wire, rig_seal(&rx, NULL, plain, len, seq++, wire));
	len = rig_rtp(plain, SSRC, seq, 300);
	memcpy(plain + 12, text, sizeof(text));
	rig_far_send(&f, wire, rig_seal(&rx, NULL, plain, len, seq++, wire));
	kt_ok(rig_gets(r.app, plain, len), "a socket filter sees the plain datagram, length and all");
	if (setsockopt(r.app, SOL_SOCKET, SO_DETACH_FILTER, &len, sizeof(len)))
		kt_bail("socket filter: %s", strerror(errno));
}

int main(void)
{
	kt_plan(10);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&rx, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_hbh(&tx, "AES_CM_128_HMAC_SHA1_80", 2);
	rig_key(&r, f.id, KSRTP_DIR_RX, &rx);
	rig_key(&r, f.id, KSRTP_DIR_TX, &tx);
	large();
	shared();
	filtered();
	cloned();
	rig_close(&r);
	return kt_done();
}
