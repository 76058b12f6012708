/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leg.h: a far end of a rig (rig.h) with a key in each direction, and routes
 * between such.
 *
 *	struct leg a, b;
 *
 *	rig_open_owned(&r, "127.0.0.1");
 *	leg_open(&r, &a, "127.0.0.1", 1);
 *	leg_open(&r, &b, "127.0.0.1", 2);
 *	leg_route(&r, &a, SSRC, &b);
 *	leg_says(&a, SSRC, ref_index(0, seq));
 *	kt_ok(leg_hears(&b, SSRC, ref_index(0, seq)), "b hears a");
 */
#ifndef LEG_H
#define LEG_H

#include "rig.h"

#define LEG_SUITE	"AES_CM_128_HMAC_SHA1_80"
/* Bytes of payload of leg_says() */
#define LEG_PAYLOAD	100
/* In place of an SSRC */
#define ANY_SSRC	((int64_t)-1)

/**
 * struct leg - a far end and its keys
 * @up: what it sends under, the rig's rx key
 * @down: what it is sent under, the rig's tx key
 */
struct leg {
	struct rig_far far;
	struct rig_key up;
	struct rig_key down;
};

/* leg_make - keys of a suite, which may be changed before leg_join() gives them to the rig */
void leg_make(struct leg *l, const char *suite, uint32_t seed);
void leg_join(struct rig *r, struct leg *l, const char *ip);
/* leg_open - both, with LEG_SUITE */
void leg_open(struct rig *r, struct leg *l, const char *ip, uint32_t seed);
/*
 * leg_open_mapped - an IPv6 socket for a rig, connected to a far end of IPv4, where it could
 * become an IPv4 socket (IPV6_ADDRFORM)
 */
void leg_open_mapped(struct rig *r, struct leg *l, uint32_t seed);

/* leg_out - an output of a route; KSRTP_SET() adds what is rewritten */
struct ksrtp_out leg_out(const struct leg *to);
/* leg_try_route - 0 or a negative errno; @rtcp: enum ksrtp_rtcp_mode, or -1 to say nothing */
int leg_try_route(struct rig *r, const struct leg *from, int64_t ssrc, int rtcp,
		  const struct ksrtp_out *outs, unsigned int n);
/* leg_route_rtcp - one output, or it bails out */
void leg_route_rtcp(struct rig *r, const struct leg *from, int64_t ssrc, int rtcp,
		    const struct leg *to);
/* leg_route - the same without a word on RTCP */
void leg_route(struct rig *r, const struct leg *from, int64_t ssrc, const struct leg *to);
void leg_unroute(struct rig *r, const struct leg *from, int64_t ssrc);

/* leg_sends - protects and sends a plain packet */
void leg_sends(const struct leg *l, const void *plain, int len, uint64_t index);
/* leg_gets - the next datagram is what refsrtp makes of this plain packet */
bool leg_gets(const struct leg *l, const void *plain, int len, uint64_t index);
void leg_sends_rtcp(const struct leg *l, const void *plain, int len, uint32_t index);
bool leg_gets_rtcp(const struct leg *l, const void *plain, int len, uint32_t index);

/* leg_says, leg_hears - rig_rtp() with LEG_PAYLOAD bytes and the sequence number of @index */
void leg_says(const struct leg *l, uint32_t ssrc, uint64_t index);
bool leg_hears(const struct leg *l, uint32_t ssrc, uint64_t index);
/* leg_quiet - nothing waits to be read */
bool leg_quiet(const struct leg *l);

#endif /* LEG_H */
