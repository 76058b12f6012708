// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams that came as one aggregate (UDP_SEGMENT, GRO) are forwarded each by
 * itself: the stack cuts it, and leaves the pieces hanging on each other.
 */
#include "leg.h"

#define SSRC	0x5e9e0000
#define N	20

static void through(const char *host, const char *name)
{
	static const uint64_t nothing[64];
	uint8_t plain[12 + LEG_PAYLOAD], wires[N][200];
	struct ksrtp_stats stats;
	bool ok = true, none;
	struct leg in, out;
	struct rig r;
	int i, len, wire_len = 0;

	rig_open(&r, host);
	leg_open(&r, &in, host, 1);
	leg_open(&r, &out, host, 2);
	leg_route(&r, &in, SSRC, &out);
	rig_stats(&r, &stats);
	for (i = 0; i < N; i++) {
		len = rig_rtp(plain, SSRC, i, LEG_PAYLOAD);
		wire_len = rig_seal(&in.up, NULL, plain, len, i, (uint8_t *)wires + i * wire_len);
	}
	rig_far_send_many(&in.far, wires, wire_len, N);
	for (i = 0; ok && i < N; i++)
		ok = leg_hears(&out, SSRC, i);
	none = rig_dropped_all(&r, &stats, nothing);
	kt_ok(ok && none && leg_quiet(&out),
	      "%s: each segment of an aggregate leaves once, protected", name);
	rig_close(&r);
	close(in.far.fd);
	close(out.far.fd);
}

int main(void)
{
	kt_plan(2);
	rig_start();
	through("127.0.0.1", "IPv4");
	through("::1", "IPv6");
	return kt_done();
}
