// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP_SEGMENT: each segment of a large write is protected by itself, RTP, RTCP
 * and others mixed as they may be, and where one cannot be, none is sent.
 */
#include "rig.h"

#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

#define SSRC	0x5e95e95e
#define KEYLESS	0x00000bad

static struct rig r;
static struct rig_far f;
static struct rig_key key;
static uint16_t seq = 65530;		/* the sequence number comes round, too */
static uint32_t roc;
static uint32_t srtcp_index = 1;

static uint8_t plain[65536], wire[2 * 65536];
static int plain_len, wire_at[65], n_segments;

static void begin(void)
{
	plain_len = 0;
	n_segments = 0;
}

static void sealed(int len, int wire_len)
{
	plain_len += len;
	wire_at[n_segments + 1] = wire_at[n_segments] + wire_len;
	n_segments++;
}

static void add_rtp(size_t size)
{
	int len = rig_rtp(plain + plain_len, SSRC, seq, size - 12);

	sealed(len, rig_seal(&key, NULL, plain + plain_len, len, ref_index(roc, seq),
			     wire + wire_at[n_segments]));
	if (!++seq)
		roc++;
}

/* @size is a multiple of 4 and at least 12 */
static void add_rtcp(size_t size)
{
	uint8_t *p = plain + plain_len;
	static const uint8_t data[1500];
	int len = ref_rtcp_app(p, SSRC, 1, "size", data, size - 12);

	sealed(len, rig_seal_rtcp(&key, p, len, srtcp_index++, true, wire + wire_at[n_segments]));
}

static void add_other(size_t size)
{
	uint8_t *p = plain + plain_len;

	memset(p, 0x16, size);		/* DTLS begins like this */
	memcpy(wire + wire_at[n_segments], p, size);
	sealed(size, size);
}

static ssize_t send_by_cmsg(uint16_t size)
{
	uint8_t control[CMSG_SPACE(sizeof(size))] = { 0 };
	struct iovec iov = { plain, plain_len };
	struct msghdr msg = {
		.msg_name = &f.addr, .msg_namelen = rig_addr_len(&f.addr), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	*c = (struct cmsghdr){ CMSG_LEN(sizeof(size)), IPPROTO_UDP, UDP_SEGMENT };
	memcpy(CMSG_DATA(c), &size, sizeof(size));
	return sendmsg(r.app, &msg, 0);
}

static bool all_arrive(void)
{
	bool ok = true;
	int i;

	for (i = 0; i < n_segments; i++)
		ok &= rig_gets(f.fd, wire + wire_at[i], wire_at[i + 1] - wire_at[i]);
	return ok && rig_far_quiet(&r, &f);
}

static void set_segment(int size)
{
	if (setsockopt(r.app, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
		kt_bail("UDP_SEGMENT: %s", strerror(errno));
}

static void of_one_kind(void)
{
	int i;

	begin();
	for (i = 0; i < 10; i++)
		add_rtp(172);
	kt_ok(send_by_cmsg(172) == plain_len && all_arrive(),
	      "10 segments of RTP, by control message, around a wrap");
	begin();
	for (i = 0; i < 4; i++)
		add_rtp(1212);
	add_rtp(13);
	set_segment(1212);
	kt_ok(rig_app_send(&r, &f, plain, plain_len) == plain_len && all_arrive(),
	      "by socket option, the last segment shorter");
	begin();
	add_rtp(1212);
	kt_ok(rig_app_send(&r, &f, plain, plain_len) == plain_len && all_arrive(),
	      "a single segment");
	begin();
	add_rtp(100);
	kt_ok(rig_app_send(&r, &f, plain, plain_len) == plain_len && all_arrive(),
	      "a datagram shorter than a segment");
	set_segment(0);
	begin();
	for (i = 0; i < 64; i++)
		add_rtp(200);
	kt_ok(send_by_cmsg(200) == plain_len && all_arrive(), "64 segments, the most there can be");
	begin();
	for (i = 0; i < 5; i++)
		add_rtcp(60);
	kt_ok(send_by_cmsg(60) == plain_len && all_arrive(), "5 segments of RTCP");
}

static void of_many_kinds(void)
{
	int i;

	begin();
	for (i = 0; i < 24; i++) {
		if (i % 5 == 1)
			add_rtcp(172);
		else if (i % 5 == 4)
			add_other(172);
		else
			add_rtp(172);
	}
	add_rtcp(60);
	kt_ok(send_by_cmsg(172) == plain_len && all_arrive(),
	      "RTP, RTCP and others mixed, which grow by different lengths");
	begin();
	for (i = 0; i < 3; i++)
		add_other(172);
	kt_ok(send_by_cmsg(172) == plain_len && all_arrive(), "others alone");
}

/* 46 * 1424 bytes fit into one call, 46 * 1434 do not fit into one aggregate */
static void grown_too_large(void)
{
	int i;

	begin();
	for (i = 0; i < 46; i++)
		add_rtp(1424);
	kt_ok(send_by_cmsg(1424) == plain_len && all_arrive(),
	      "segments that fit before they are protected and not after");
}

/* The third of five segments has no key: nothing is sent, and no index is lost. */
static void one_refused(void)
{
	struct ksrtp_stats before, after;
	int i, third = 0;

	rig_stats(&r, &before);
	begin();
	for (i = 0; i < 5; i++) {
		if (i == 2)
			third = plain_len;
		add_rtp(172);
	}
	ref_put32(plain + third + 8, KEYLESS);
	kt_ok(send_by_cmsg(172) == -1 && errno == ENOKEY, "a segment without a key is ENOKEY");
	kt_ok(rig_far_quiet(&r, &f), "and none of the others is sent");
	rig_stats(&r, &after);
	kt_is(after.tx_packets, before.tx_packets, "nor counted as sent");
	ref_put32(plain + third + 8, SSRC);
	kt_ok(send_by_cmsg(172) == plain_len && all_arrive(),
	      "their indices were not lost: all five can still be sent");
}

int main(void)
{
	kt_plan(13);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&key, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_ssrc(&key, SSRC);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);
	of_one_kind();
	of_many_kinds();
	grown_too_large();
	one_refused();
	rig_close(&r);
	return kt_done();
}
