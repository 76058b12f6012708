// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that arrive while a task sits inside kernel_fpu_begin() are received,
 * delivered, relayed and refused as at any other time, and the task's registers
 * stay as they are. fpu_hold.ko (selftests/mod) makes it so and watches.
 *
 * timeout: 60
 */
#include "leg.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <sys/syscall.h>

#define SSRC	0xf9000001
#define COUNT	40
#define ROUNDS	2	/* by an interrupt, by the task */
#define RESULTS	10	/* of a round */

static struct rig r;
static int hold = -1;

static const size_t sizes[] = { 0, 1, 15, 16, 17, 160, 1200, 1400 };

/* ---- the helper module ---- */

static void load(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	char path[512];
	int fd;

	if (!dir)
		kt_skip_all("KSRTP_MODULES does not say where fpu_hold.ko is");
	snprintf(path, sizeof(path), "%s/fpu_hold.ko", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kt_skip_all("%s: %s (it is for x86 alone)", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static void come_by(const char *how)
{
	const char *path = "/sys/module/fpu_hold/parameters/how";
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, how, strlen(how)) < 0)
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

/* What it counted since it was opened */
static unsigned int counted(const char *name)
{
	char text[256] = "", *at;
	unsigned int n;

	if (pread(hold, text, sizeof(text) - 1, 0) < 0)
		kt_bail("/dev/fpu_hold: %s", strerror(errno));
	at = strstr(text, name);
	if (!at || sscanf(at + strlen(name), "%u", &n) != 1)
		kt_bail("/dev/fpu_hold does not count '%s'", name);
	return n;
}

/* ---- packets as a device receives them ---- */

static uint16_t ip_checksum(const void *header)
{
	const uint16_t *w = header;
	uint32_t sum = 0;
	int i;

	for (i = 0; i < 10; i++)
		sum += w[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static size_t ip_header(uint8_t *out, const union rig_addr *from, const union rig_addr *to,
			size_t len)
{
	struct ip6_hdr six = {
		.ip6_flow = htonl(6u << 28), .ip6_plen = htons(len),
		.ip6_nxt = IPPROTO_UDP, .ip6_hlim = 64,
	};
	struct iphdr four = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(four) + len),
	};

	if (from->sa.sa_family == AF_INET6) {
		six.ip6_src = from->in6.sin6_addr;
		six.ip6_dst = to->in6.sin6_addr;
		memcpy(out, &six, sizeof(six));
		return sizeof(six);
	}
	four.saddr = from->in.sin_addr.s_addr;
	four.daddr = to->in.sin_addr.s_addr;
	four.check = ip_checksum(&four);
	memcpy(out, &four, sizeof(four));
	return sizeof(four);
}

/* From a far end to the rig, inside the section. Return: 0 or an errno. */
static int arrives(const struct rig_far *f, const void *pkt, size_t len)
{
	struct udphdr udp = {
		.source = htons(rig_ksrtp_addr(&f->addr).port),
		.dest = htons(rig_ksrtp_addr(&r.addr).port),
		.len = htons(sizeof(udp) + len),
		.check = 0xffff,	/* taken as verified; IPv6 wants one */
	};
	uint8_t out[40 + sizeof(udp) + 2048];
	size_t n;

	n = ip_header(out, &f->addr, &r.addr, sizeof(udp) + len);
	memcpy(out + n, &udp, sizeof(udp));
	n += sizeof(udp);
	memcpy(out + n, pkt, len);
	n += len;
	return write(hold, out, n) == (ssize_t)n ? 0 : errno;
}

static int rtp(void *plain, uint16_t seq)
{
	return rig_rtp(plain, SSRC, seq, sizes[seq % ARRAY_SIZE(sizes)]);
}

/* ---- what arrives ---- */

static int delivered(const struct rig_far *f, const struct rig_key *hbh, const struct rig_key *e2e,
		     uint16_t first)
{
	uint8_t plain[2048], wire[2048];
	int i, n = 0;

	for (i = 0; i < COUNT; i++) {
		int len = rtp(plain, first + i);

		n += !arrives(f, wire, rig_seal(hbh, e2e, plain, len, first + i, wire)) &&
		     rig_gets(r.app, plain, len);
	}
	return n;
}

static int delivered_rtcp(const struct rig_far *f, const struct rig_key *hbh)
{
	uint8_t plain[512], wire[1024];
	int i, n = 0;

	for (i = 1; i <= COUNT; i++) {
		int len = rig_rtcp(plain, SSRC, i);

		n += !arrives(f, wire, rig_seal_rtcp(hbh, plain, len, i, true, wire)) &&
		     rig_gets(r.app, plain, len);
	}
	return n;
}

static int relayed(const struct leg *a, const struct leg *b, uint16_t first)
{
	uint8_t plain[2048], wire[2048];
	int i, n = 0;

	for (i = 0; i < COUNT; i++) {
		int len = rtp(plain, first + i);

		n += !arrives(&a->far, wire,
			      rig_seal(&a->up, NULL, plain, len, first + i, wire)) &&
		     leg_gets(b, plain, len, first + i);
	}
	return n;
}

/* Forged ones: handed over, and nothing more */
static int forged(const struct rig_far *f, const struct rig_key *hbh, uint16_t first)
{
	uint8_t plain[2048], wire[2048];
	int i, len, n = 0;

	for (i = 0; i < COUNT; i++) {
		len = rig_seal(hbh, NULL, plain, rtp(plain, first + i), first + i, wire);
		wire[len - 1] ^= 1;
		n += !arrives(f, wire, len);
	}
	return n;
}

static void endpoint(const char *how, const char *ip)
{
	struct rig_key hbh, e2e;
	struct ksrtp_stats since;
	struct rig_far f;

	rig_open(&r, ip);
	rig_far(&r, &f, ip);
	rig_hbh(&hbh, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key(&r, f.id, KSRTP_DIR_RX, &hbh);
	rig_stats(&r, &since);
	kt_is(delivered(&f, &hbh, NULL, 1), COUNT, "%s, %s: the application reads RTP", how, ip);
	kt_is(delivered_rtcp(&f, &hbh), COUNT, "%s, %s: and RTCP", how, ip);
	kt_ok(forged(&f, &hbh, 1000) == COUNT && rig_dropped(&r, &since, KSRTP_A_DROPS_AUTH, COUNT),
	      "%s, %s: forged packets are dropped as such", how, ip);
	rig_e2e(&e2e, 2, "me:1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	kt_is(delivered(&f, &hbh, &e2e, 2000), COUNT,
	      "%s, %s: and RTP under E2E inside HBH", how, ip);
	rig_far_close(&r, &f);
	rig_close(&r);
}

static void relay(const char *how)
{
	struct leg a, b;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, SSRC, &b);
	kt_is(relayed(&a, &b, 1), COUNT, "%s: RTP is relayed", how);
	rig_close(&r);
}

/* Two families, each with RTP, RTCP, forged RTP, E2E; and a relay */
#define PACKETS	(COUNT * (2 * 4 + 1))

static void round_of(const char *how)
{
	come_by(how);
	hold = open("/dev/fpu_hold", O_RDWR | O_CLOEXEC);
	if (hold < 0)
		kt_bail("/dev/fpu_hold: %s", strerror(errno));
	endpoint(how, "127.0.0.1");
	endpoint(how, "::1");
	relay(how);
	if (counted("outside ") == PACKETS)
		/* kernel_fpu_begin() disables BHs: no softirq comes into it */
		kt_skip("every packet came inside the section",
			"in this kernel none can (6.16 and later)");
	else
		kt_is(counted("inside "), PACKETS,
		      "%s: every packet came inside the section", how);
	close(hold);
}

int main(void)
{
	load();
	kt_plan(ROUNDS * RESULTS);
	rig_start();
	round_of("irq");
	round_of("task");
	if (syscall(SYS_delete_module, "fpu_hold", O_NONBLOCK))
		kt_note("fpu_hold stays loaded: %s", strerror(errno));
	return kt_done();
}
