// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No packet writes a line into the kernel's log, nor do many: floods of each
 * kind an attacker can send, and of each a misconfigured relay can meet.
 */
#include "leg.h"

#include <sys/klog.h>

#define SSRC	0x109a0000
#define PACKETS	200
#define MOST	1048576

static struct rig r;
static struct leg a, b, full;
static uint8_t plain[300], wire[400];
static char before[MOST], after[MOST];

static void read_log(char *text)
{
	int n = klogctl(3, text, MOST - 1);

	if (n < 0)
		kt_bail("no kernel log: %s", strerror(errno));
	text[n] = '\0';
}

/* A processor that the host took away for a while is told of. */
static bool is_of_host(const char *line)
{
	static const char *const of[] = {
		"hrtimer: interrupt took", "clocksource: ", "perf: interrupt took too long",
	};
	size_t len = strcspn(line, "\n"), i;

	for (i = 0; i < ARRAY_SIZE(of); i++)
		if (memmem(line, len, of[i], strlen(of[i])))
			return true;
	return false;
}

/* What has been said since the text of before, by whomever */
static const char *all_said(void)
{
	const char *last = strrchr(before, '\n');
	size_t len = strlen(before);

	read_log(after);
	if (!strncmp(before, after, len))
		return after + len;
	/* The oldest lines went: the newest of before is still there, or much was said. */
	while (last > before && last[-1] != '\n')
		last--;
	last = last ? strstr(after, last) : NULL;
	last = last ? strchr(last, '\n') : NULL;
	return last ? last + 1 : after;
}

/* What has been said since, from the first line that is not of the host; or "" */
static const char *said(void)
{
	const char *words = all_said();

	while (*words && is_of_host(words)) {
		words += strcspn(words, "\n");
		words += *words == '\n';
	}
	return words;
}

/* @n more packets of a kind were dropped for @reason, and nobody said a word. */
static void silent(struct ksrtp_stats *since, unsigned int reason, uint64_t n, const char *what)
{
	bool dropped = rig_dropped(&r, since, reason, n);
	const char *words = said();

	if (*words)
		kt_note("%.*s", (int)strcspn(words, "\n"), words);
	kt_ok(dropped && !*words, "%s", what);
	strcpy(before, after);
}

static void send_sealed(const struct leg *l, uint32_t ssrc, uint64_t index, int flip)
{
	int len = rig_seal(&l->up, NULL, plain, rig_rtp(plain, ssrc, index, 40), index, wire);

	wire[len - 1] ^= flip;
	rig_far_send(&l->far, wire, len);
}

static void received(struct ksrtp_stats *since)
{
	static const uint8_t mki[] = { 1, 2, 3, 4 };
	struct rig_far stranger;
	struct leg no_key, limited;
	int i, len;

	for (i = 0; i < PACKETS; i++)
		send_sealed(&a, SSRC + i, 1, 1);
	silent(since, KSRTP_A_DROPS_AUTH, PACKETS, "forged packets");
	leg_says(&a, SSRC, 5000);
	if (!kt_wait_until(rig_recv(r.app, wire, sizeof(wire)) > 0, RIG_WAIT))
		kt_bail("nothing is heard");
	for (i = 0; i < PACKETS; i++)
		send_sealed(&a, SSRC, 5000, 0);
	silent(since, KSRTP_A_DROPS_REPLAYED, PACKETS, "replays");
	for (i = 0; i < PACKETS; i++)
		send_sealed(&a, SSRC, 100 + i, 0);
	silent(since, KSRTP_A_DROPS_TOO_OLD, PACKETS, "old packets");
	for (i = 0; i < PACKETS; i++)
		rig_far_send(&a.far, "\x80\x00", 2);
	silent(since, KSRTP_A_DROPS_MALFORMED, PACKETS, "scraps");
	len = rig_rtcp(plain, SSRC, 1);
	for (i = 0; i < PACKETS; i++)
		rig_far_send(&a.far, wire, rig_seal_rtcp(&a.up, plain, len, i, false, wire));
	silent(since, KSRTP_A_DROPS_PLAIN_RTCP, PACKETS, "RTCP in clear");

	stranger.fd = rig_udp("127.0.0.1", 0);
	rig_connect(stranger.fd, &r.addr);
	len = rig_rtp(plain, SSRC, 1, 40);
	for (i = 0; i < PACKETS; i++)
		rig_far_send(&stranger, plain, len);
	silent(since, KSRTP_A_DROPS_UNMATCHED, PACKETS, "packets of strangers");
	rig_far(&r, &no_key.far, "127.0.0.1");
	for (i = 0; i < PACKETS; i++)
		rig_far_send(&no_key.far, plain, len);
	silent(since, KSRTP_A_DROPS_NO_KEY, PACKETS, "packets of a peer without keys");

	leg_make(&limited, LEG_SUITE, 50);
	rig_mki(&limited.up, mki, sizeof(mki));
	KSRTP_SET(&limited.up.key, KSRTP_A_KEY_HARD_LIMIT, hard_limit, 1);
	leg_join(&r, &limited, "127.0.0.1");
	for (i = 0; i < PACKETS; i++)
		rig_far_send(&limited.far, plain, rig_rtp(plain, SSRC, i, 60));
	silent(since, KSRTP_A_DROPS_UNKNOWN_MKI, PACKETS, "unknown MKIs");
	leg_says(&limited, SSRC, 1);
	if (!kt_wait_until(rig_recv(r.app, wire, sizeof(wire)) > 0, RIG_WAIT))
		kt_bail("nothing is heard under an MKI");
	for (i = 0; i < PACKETS; i++)
		send_sealed(&limited, SSRC, 2 + i, 0);
	silent(since, KSRTP_A_DROPS_KEY_EXPIRED, PACKETS, "packets after a key's last");
}

static void forwarded(struct ksrtp_stats *since)
{
	struct ksrtp_peer p = { 0 };
	union rig_addr nowhere;
	int i, one = 1, many = 64;

	leg_open(&r, &b, "127.0.0.1", 2);
	leg_open(&r, &full, "127.0.0.1", 3);
	rig_max_streams(&r, full.far.id, 1);
	leg_route(&r, &b, SSRC, &a);
	leg_route(&r, &b, ANY_SSRC, &full);
	leg_says(&b, SSRC + 1, 1);
	if (!leg_hears(&full, SSRC + 1, 1))
		kt_bail("nothing is relayed");
	rig_stats(&r, since);
	for (i = 0; i < PACKETS; i++)
		leg_says(&b, SSRC + 2 + i % 20, 1 + i);
	silent(since, KSRTP_A_DROPS_TOO_MANY_STREAMS, PACKETS, "more SSRCs than an output takes");
	if (setsockopt(b.far.fd, IPPROTO_IP, IP_TTL, &one, sizeof(one)))
		kt_bail("no TTL: %s", strerror(errno));
	for (i = 0; i < PACKETS; i++)
		leg_says(&b, SSRC, 1 + i);
	silent(since, KSRTP_A_DROPS_TTL, PACKETS, "packets with no hop left");
	setsockopt(b.far.fd, IPPROTO_IP, IP_TTL, &many, sizeof(many));
	kt_must("ip route add unreachable 192.0.2.0/24");
	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, full.far.id);
	KSRTP_SET(&p, KSRTP_A_PEER_MAX_STREAMS, max_streams, 64);
	nowhere = rig_addr("192.0.2.1", 9);
	KSRTP_SET(&p, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&nowhere));
	if (ksrtp_peer_set(r.h, &p))
		kt_bail("peer set: %s", ksrtp_error(r.h));
	rig_stats(&r, since);
	for (i = 0; i < PACKETS; i++)
		leg_says(&b, SSRC + 1, 100 + i);
	silent(since, KSRTP_A_DROPS_UNREACHABLE, PACKETS, "an output that cannot be reached");
}

/* The control: a line that is written is seen. */
static void seen(void)
{
	FILE *f = fopen("/dev/kmsg", "w");

	if (!f || fputs("<6>ksrtp selftest: a line\n", f) < 0 || fclose(f))
		kt_bail("/dev/kmsg: %s", strerror(errno));
	kt_ok(kt_wait_until(strstr(said(), "a line"), RIG_WAIT), "a line in the log would be seen");
	strcpy(before, after);
}

int main(void)
{
	struct ksrtp_stats since;

	kt_plan(13);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	read_log(before);
	seen();
	rig_stats(&r, &since);
	received(&since);
	forwarded(&since);
	rig_close(&r);
	return kt_done();
}
