// SPDX-License-Identifier: GPL-2.0-or-later
/* What is neither RTP nor RTCP reaches the application untouched, and leaves it so. */
#include "leg.h"

static struct rig r;
static struct leg peer;
static struct rig_far stranger, keyless;
static uint8_t data[1500];

static bool is_media(int first)
{
	return first >= 128 && first <= 191;
}

static bool comes_in(const struct rig_far *f, size_t len)
{
	rig_far_send(f, data, len);
	return rig_gets(r.app, data, len);
}

static bool goes_out(const struct rig_far *f, size_t len)
{
	int n = rig_app_send(&r, f, data, len);

	if (n != (int)len) {
		kt_note("sending %zu bytes gives %d", len, n);
		return false;
	}
	return rig_gets(f->fd, data, len);
}

static void every_first_byte(const struct rig_far *f, const char *whom)
{
	int first, in = 0, out = 0;

	for (first = 0; first < 256; first++) {
		if (is_media(first))
			continue;
		ref_pattern(data, 200, first);
		data[0] = first;
		in += comes_in(f, 200);
		out += goes_out(f, 200);
	}
	kt_is(in, 192, "each first byte of 0..127 and 192..255 passes from %s", whom);
	kt_is(out, 192, "and to it");
}

static void real_ones(void)
{
	static const struct {
		const char *what;
		uint8_t first[4];
		size_t len;
	} kinds[] = {
		{ "a STUN binding request", { 0x00, 0x01, 0x00, 0x08 }, 28 },
		{ "ZRTP", { 0x10, 0x00, 0x00, 0x01 }, 160 },
		{ "a DTLS client hello", { 22, 0xfe, 0xff, 0x00 }, 300 },
		{ "DTLS application data", { 23, 0xfe, 0xfd, 0x00 }, 1200 },
		{ "TURN channel data", { 0x40, 0x01, 0x00, 0x64 }, 104 },
		{ "QUIC, long header", { 0xc3, 0x00, 0x00, 0x01 }, 1200 },
		{ "QUIC, short header", { 0x41, 0x23, 0x45, 0x67 }, 60 },
		{ "RTP version 1", { 0x60, 0x00, 0x00, 0x01 }, 60 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ref_pattern(data, kinds[i].len, i);
		memcpy(data, kinds[i].first, 4);
		kt_ok(comes_in(&peer.far, kinds[i].len) && goes_out(&peer.far, kinds[i].len),
		      "%s passes both ways", kinds[i].what);
	}
}

static void sizes(void)
{
	size_t len;
	int in = 0, out = 0;

	memset(data, 0x16, sizeof(data));
	for (len = 0; len <= 16; len++) {
		in += comes_in(&peer.far, len);
		out += goes_out(&peer.far, len);
	}
	in += comes_in(&peer.far, 1500);
	out += goes_out(&peer.far, 1500);
	kt_ok(in == 18 && out == 18, "of every size, an empty datagram too");
}

static void media_does_not(void)
{
	struct ksrtp_stats since;
	int first;

	rig_stats(&r, &since);
	for (first = 128; first < 192; first++) {
		ref_pattern(data, 200, first);
		data[0] = first;
		rig_far_send(&stranger, data, 200);
	}
	kt_ok(rig_dropped(&r, &since, KSRTP_A_DROPS_UNMATCHED, 64),
	      "each first byte of 128..191 is RTP or RTCP, and a stranger's is dropped");
	for (first = 128; first < 192; first++) {
		data[0] = first;
		data[1] = 0;
		if (rig_app_send(&r, &keyless, data, 200) >= 0)
			kt_bail("first byte %d leaves unprotected", first);
	}
	kt_ok(rig_far_quiet(&r, &keyless), "none of them leaves to a peer without a key");
}

static void counted(void)
{
	struct ksrtp_stats before, after;
	struct rig_far f;
	struct rig o;

	rig_stats(&r, &before);
	data[0] = 1;
	comes_in(&peer.far, 20);
	rig_stats(&r, &after);
	kt_is(after.other_packets - before.other_packets, 1, "what passes in is counted as other");

	rig_open_owned(&o, "127.0.0.1");
	f.fd = rig_udp("127.0.0.1", 0);
	rig_connect(f.fd, &o.addr);
	rig_stats(&o, &before);
	rig_far_send(&f, data, rig_other(data, 1));
	kt_ok(rig_dropped(&o, &before, KSRTP_A_DROPS_NO_ROUTE, 1),
	      "a module's socket has nobody to give it to: no_route");
	rig_close(&o);
}

int main(void)
{
	kt_plan(3 * 2 + 8 + 1 + 2 + 2);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &peer, "127.0.0.1", 1);
	rig_far(&r, &keyless, "127.0.0.1");
	stranger.fd = rig_udp("127.0.0.1", 0);
	stranger.addr = rig_local(stranger.fd);
	rig_connect(stranger.fd, &r.addr);
	every_first_byte(&peer.far, "a peer");
	every_first_byte(&keyless, "a peer without keys");
	every_first_byte(&stranger, "a stranger");
	real_ones();
	sizes();
	media_does_not();
	counted();
	rig_close(&r);
	return kt_done();
}
