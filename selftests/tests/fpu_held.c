// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that arrive while a task sits inside kernel_fpu_begin(): they are
 * opened, decrypted, forwarded and delivered in the softirq on top of it as any
 * others, without an asynchronous driver and without the task noticing; under
 * each transform and each cipher.
 */
#include "rig.h"

#include <linux/version.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/utsname.h>

#define SSRC	0xf9000000
#define ROUNDS	50
#define HOW	"/sys/module/fpu_hold/parameters/how"

static struct rig r;
static struct rig_far f, out;
static struct rig_key hbh, e2e, to_out;
/* NULL where the suite has an inner half of its own */
static const struct rig_key *inside;
static const char *suite;
static int hold;
static bool loaded;

static void unload(void)
{
	if (loaded && kt_run("rmmod fpu_hold"))
		kt_note("fpu_hold stays loaded");
}

/* Up to 6.15 softirqs run inside of the section; later they wait for its end. */
static bool runs_inside(void)
{
	unsigned int major, minor;
	struct utsname u;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		kt_bail("what kernel is this?");
	return KERNEL_VERSION(major, minor, 0) < KERNEL_VERSION(6, 16, 0);
}

static void set_how(const char *how)
{
	int fd = open(HOW, O_WRONLY);

	if (fd < 0 || write(fd, how, strlen(how)) != (ssize_t)strlen(how))
		kt_bail("%s: %s", HOW, strerror(errno));
	close(fd);
}

/* From the far end's address to the rig's, while the FPU is held */
static bool send_held(const void *payload, size_t len)
{
	uint8_t pkt[3000] = { 0 };
	struct iphdr *ip = (void *)pkt;
	struct udphdr *udp = (void *)(pkt + sizeof(*ip));
	size_t size = sizeof(*ip) + sizeof(*udp) + len;
	uint32_t sum = 0;
	size_t i;

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->tot_len = htons(size);
	ip->saddr = f.addr.in.sin_addr.s_addr;
	ip->daddr = r.addr.in.sin_addr.s_addr;
	for (i = 0; i < sizeof(*ip); i += 2)
		sum += ref_get16(pkt + i);
	sum = (sum >> 16) + (sum & 0xffff);
	ip->check = htons(~(sum + (sum >> 16)));
	udp->source = f.addr.in.sin_port;
	udp->dest = r.addr.in.sin_port;
	udp->len = htons(sizeof(*udp) + len);
	memcpy(udp + 1, payload, len);
	if (write(hold, pkt, size) == (ssize_t)size)
		return true;
	kt_note("held: %s", errno == EIO ? "the task's registers were spoiled" : strerror(errno));
	return false;
}

static bool delivered(uint16_t seq, size_t payload)
{
	uint8_t plain[2000], wire[2100];
	int len = rig_rtp(plain, SSRC, seq, payload);

	return send_held(wire, rig_seal(&hbh, inside, plain, len, seq, wire)) &&
	       rig_gets(r.app, plain, len);
}

static bool delivered_rtcp(uint32_t index)
{
	uint8_t plain[200], wire[300];
	int len = rig_rtcp(plain, SSRC, index);

	return send_held(wire, rig_seal_rtcp(&hbh, plain, len, index, true, wire)) &&
	       rig_gets(r.app, plain, len);
}

static bool forwarded(uint16_t seq, size_t payload)
{
	uint8_t plain[2000], wire[2100], want[2100];
	int len = rig_rtp(plain, SSRC + 1, seq, payload);

	return send_held(wire, rig_seal(&hbh, inside, plain, len, seq, wire)) &&
	       rig_gets(out.fd, want, rig_seal(&to_out, inside, plain, len, seq, want));
}

static bool counters(const char *name, unsigned int *n)
{
	char text[200], *line;

	lseek(hold, 0, SEEK_SET);
	memset(text, 0, sizeof(text));
	if (pread(hold, text, sizeof(text) - 1, 0) <= 0)
		kt_bail("/dev/fpu_hold: %s", strerror(errno));
	line = strstr(text, name);
	return line && sscanf(line + strlen(name), "%u", n) == 1;
}

static void from(const char *how, uint16_t seq)
{
	unsigned int packets, held, outside, spoiled;
	uint8_t plain[200], wire[300];
	struct ksrtp_stats stats;
	bool read = true, sent = true;
	int i, len;

	set_how(how);
	hold = open("/dev/fpu_hold", O_RDWR);
	if (hold < 0)
		kt_bail("/dev/fpu_hold: %s", strerror(errno));
	rig_stats(&r, &stats);
	for (i = 0; i < ROUNDS; i++) {
		read &= delivered(seq + i, 29 * i) & delivered_rtcp(seq + i);
		sent &= forwarded(seq + i, 29 * i);
	}
	kt_ok(read, "%s, %s: %d packets%s and as many of RTCP are read", suite, how, ROUNDS,
	      inside ? " of E2E inside HBH" : "");
	kt_ok(sent, "%s, %s: %d packets are forwarded", suite, how, ROUNDS);
	kt_ok(rig_dropped(&r, &stats, KSRTP_A_DROPS_CRYPTO, 0), "%s, %s: none is dropped", suite,
	      how);
	len = rig_rtp(plain, SSRC, seq + ROUNDS, 50);
	len = rig_seal(&hbh, NULL, plain, len, seq + ROUNDS, wire);
	wire[len - 1] ^= 1;
	kt_ok(send_held(wire, len) && rig_dropped(&r, &stats, KSRTP_A_DROPS_AUTH, 1),
	      "%s, %s: a forged one is", suite, how);
	if (!counters("packets ", &packets) || !counters("inside ", &held) ||
	    !counters("outside ", &outside) || !counters("spoiled ", &spoiled))
		kt_bail("/dev/fpu_hold has other counters");
	/* On a busy machine ksoftirqd has a packet now and then. */
	kt_ok(packets == 3 * ROUNDS + 1 && held + outside == packets && !spoiled &&
	      (!runs_inside() || held >= packets / 10 * 9),
	      "%s, %s: %u of %u softirqs ran while the task held the FPU, whose registers stayed",
	      suite, how, held, packets);
	close(hold);
}

static void route_second(void)
{
	const struct ksrtp_out to = { .has = KSRTP_BIT(KSRTP_A_OUT_PEER), .peer = out.id };
	struct ksrtp_route route = { .out = &to, .n_out = 1 };

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, f.id);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, SSRC + 1);
	if (ksrtp_route_add(r.h, &route))
		kt_bail("route: %s", ksrtp_error(r.h));
}

static void begin(const char *in_suite, const char *out_suite, const struct rig_key *within)
{
	suite = in_suite;
	inside = within;
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_far(&r, &out, "127.0.0.1");
	rig_hbh(&hbh, in_suite, 1);
	rig_hbh(&to_out, out_suite, 2);
	rig_key(&r, f.id, KSRTP_DIR_RX, &hbh);
	if (within)
		rig_key(&r, f.id, KSRTP_DIR_RX, within);
	rig_key(&r, out.id, KSRTP_DIR_TX, &to_out);
	route_second();
}

struct pair {
	const char *in, *out;
	bool e2e;
};

/* What comes in under the one leaves under the other. */
static const struct pair more[] = {
	{ "AEAD_AES_128_GCM", "AEAD_AES_256_GCM", true },
	{ "AES_256_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", true },
	{ "AEAD_ARIA_128_GCM", "AEAD_ARIA_256_GCM", false },
	{ "ARIA_128_CTR_HMAC_SHA1_80", "ARIA_256_CTR_HMAC_SHA1_80", false },
	{ "NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32", true },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static bool have(const struct pair *p)
{
	bool has;

	rig_open(&r, "127.0.0.1");
	has = rig_has_suite(&r, p->in) && rig_has_suite(&r, p->out);
	rig_close(&r);
	return has;
}

static void with(const struct pair *p)
{
	int i;

	if (!have(p)) {
		for (i = 0; i < 5; i++)
			kt_skip(p->in, "this kernel has no such cipher");
		return;
	}
	begin(p->in, p->out, p->e2e ? &e2e : NULL);
	from("irq", 100);
	rig_close(&r);
}

int main(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	char ko[4096];
	size_t i;

	snprintf(ko, sizeof(ko), "%s/fpu_hold.ko", dir ?: ".");
	if (access(ko, R_OK))
		kt_skip_all("selftests/mod/fpu_hold.c was not built for this kernel");
	kt_plan(5 * (2 + COUNT(more)));
	rig_start();
	kt_must("insmod %s", ko);
	loaded = true;
	atexit(unload);

	rig_e2e(&e2e, 3, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	begin("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", &e2e);
	from("irq", 100);
	from("task", 1000);
	rig_close(&r);
	for (i = 0; i < COUNT(more); i++)
		with(&more[i]);
	return kt_done();
}
