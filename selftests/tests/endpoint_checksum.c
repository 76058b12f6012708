// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP checksums: a datagram that comes with one computed over SRTP is read as
 * plain RTP, one whose checksum is wrong or cannot be right is not ksrtp's
 * business, and what leaves has one that is right.
 */
#include "rig.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#define SSRC	0xc5c5c500

static struct rig r;
static struct rig_far f;
static struct rig_key key;

static uint32_t add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Over pseudo header, UDP header and payload; 0 if it verifies */
static uint16_t checksum(const struct iphdr *ip, const struct udphdr *udp, size_t len)
{
	uint32_t sum = add(0, &ip->saddr, 8);

	sum = add(sum + IPPROTO_UDP + len, udp, len);
	return ~sum;
}

enum kind { RIGHT, WRONG, NONE };

/*
 * A datagram whose checksum nobody but this test has looked at: over a raw
 * socket, where no device vouches for it.
 */
static void send_raw(int raw, const void *payload, size_t len, enum kind kind)
{
	uint8_t pkt[3000] = { 0 };
	struct iphdr *ip = (void *)pkt;
	struct udphdr *udp = (void *)(pkt + sizeof(*ip));
	union rig_addr to = rig_addr("127.0.0.1", 0);
	uint16_t sum;

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->tot_len = htons(sizeof(*ip) + sizeof(*udp) + len);
	ip->saddr = f.addr.in.sin_addr.s_addr;
	ip->daddr = r.addr.in.sin_addr.s_addr;
	udp->source = f.addr.in.sin_port;
	udp->dest = r.addr.in.sin_port;
	udp->len = htons(sizeof(*udp) + len);
	memcpy(udp + 1, payload, len);
	sum = checksum(ip, udp, sizeof(*udp) + len);
	if (kind != NONE)
		udp->check = htons((sum ?: 0xffff) ^ (kind == WRONG ? 0x0101 : 0));
	if (sendto(raw, pkt, ntohs(ip->tot_len), 0, &to.sa, sizeof(to.in)) < 0)
		kt_bail("raw socket: %s", strerror(errno));
}

static bool is_read(int raw, uint16_t seq, size_t payload, enum kind kind)
{
	uint8_t plain[2000], wire[2100];
	int len = rig_rtp(plain, SSRC, seq, payload);

	send_raw(raw, wire, rig_seal(&key, NULL, plain, len, seq, wire), kind);
	return rig_gets(r.app, plain, len);
}

static void received(void)
{
	static const size_t sizes[] = { 0, 1, 20, 65, 159, 160, 1201 };
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	uint8_t plain[2000], wire[2100];
	struct ksrtp_stats stats;
	bool right = true, none = true;
	size_t i;
	int len;

	if (raw < 0)
		kt_bail("raw socket: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		right &= is_read(raw, 2 * i, sizes[i], RIGHT);
		none &= is_read(raw, 2 * i + 1, sizes[i], NONE);
	}
	kt_ok(right, "datagrams with a checksum are read, of odd and even lengths");
	kt_ok(none, "and those without");
	rig_stats(&r, &stats);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		len = rig_rtp(plain, SSRC, 100 + i, sizes[i]);
		send_raw(raw, wire, rig_seal(&key, NULL, plain, len, 100 + i, wire), WRONG);
	}
	kt_ok(rig_app_quiet(&r, &f) && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 0),
	      "a wrong checksum keeps a datagram from ksrtp");
	len = rig_rtp(plain, SSRC, 100, 1201);
	kt_ok(is_read(raw, 100, 1201, RIGHT) && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 0),
	      "so its index was not used");
	close(raw);
}

/* The stack then computes what a veth pair otherwise leaves out. */
static void checksum_in_software(const char *link)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM, .data = 0 };
	struct ifreq ifr = { .ifr_data = (void *)&off };

	strncpy(ifr.ifr_name, link, IFNAMSIZ - 1);
	if (ioctl(r.app, SIOCETHTOOL, &ifr))
		kt_bail("checksums of %s: %s", link, strerror(errno));
}

/* As a raw socket at the far end sees it */
static void sent(void)
{
	union rig_addr near = rig_addr("192.0.2.1", 0), far = rig_addr("192.0.2.2", 4000);
	uint8_t plain[2000], wire[2100], got[2200];
	struct iphdr *ip = (void *)got;
	int home = kt_netns_fd(), there, raw, fd, len, n = 0, want;
	struct udphdr *udp;
	struct rig way;
	bool ok = true;
	uint32_t peer;
	size_t i;

	kt_netns();
	there = kt_netns_fd();
	raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	kt_netns_enter(home);
	kt_must("ip link add left type veth peer name right netns /proc/%d/fd/%d", getpid(), there);
	checksum_in_software("left");
	kt_must("ip address add 192.0.2.1/24 dev left");
	kt_link_up("left");
	kt_netns_enter(there);
	kt_must("ip address add 192.0.2.2/24 dev right");
	kt_link_up("right");
	kt_netns_enter(home);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (raw < 0 || fd < 0 || bind(fd, &near.sa, rig_addr_len(&near)))
		kt_bail("sockets: %s", strerror(errno));
	rig_attach(&way, fd);
	peer = rig_peer(&way, &far);
	rig_key(&way, peer, KSRTP_DIR_TX, &key);
	for (i = 0; i < 200 && ok; i++) {
		len = rig_rtp(plain, SSRC, i, i);
		want = rig_seal(&key, NULL, plain, len, i, wire);
		if (sendto(fd, plain, len, 0, &far.sa, sizeof(far.in)) != len)
			kt_bail("sendto: %s", strerror(errno));
		n = rig_recv(raw, got, sizeof(got));
		udp = (void *)(got + 4 * ip->ihl);
		ok = n == 20 + 8 + want && !memcmp(udp + 1, wire, want) && udp->check &&
		     !checksum(ip, udp, 8 + want);
	}
	kt_ok(ok, "over a link that computes none, each of 200 has a right checksum (%zu)", i);
	rig_close(&way);
}

int main(void)
{
	kt_plan(5);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	received();
	sent();
	rig_close(&r);
	return kt_done();
}
