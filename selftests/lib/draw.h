/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draw.h: packets of every shape under keys with every option, by chance that a
 * seed repeats on any machine.
 *
 *	struct draw_run run;
 *	struct draw_packet p;
 *
 *	draw_run(&run, ref_suite_at(0), seed);
 *	draw_keys(&r, far.id, &run, KSRTP_DIR_RX);
 *	draw_packet(&run, &p);
 *	draw_protect(&run, &p);
 *	rig_far_send(&far, p.wire, p.wire_len);
 */
#ifndef DRAW_H
#define DRAW_H

#include "rig.h"

#define DRAW_PACKET	2048	/* bytes of the largest */
#define DRAW_RUN	100	/* so many packets around a wrap, where the run has one */

void draw_seed(uint64_t seed);
uint32_t draw(void);
uint32_t draw_below(uint32_t n);
bool draw_one_in(uint32_t n);

/**
 * struct draw_run - keys with options, and where their packets are
 * @suite: suite
 * @seed: of the keys and all else
 * @ssrc: the one SSRC
 * @hbh: key, with options the suite can have
 * @e2e: key, if @has_e2e
 * @has_e2e: there is an E2E layer
 * @plain_rtcp: RTCP may be in clear, and ours is
 * @first: index of the first RTP packet
 * @index: of the next
 * @rtcp_index: SRTCP index of the next
 */
struct draw_run {
	const struct ref_suite *suite;
	uint32_t seed;
	uint32_t ssrc;
	struct rig_key hbh, e2e;
	bool has_e2e;
	bool plain_rtcp;
	uint64_t first;
	uint64_t index;
	uint32_t rtcp_index;
};

/**
 * struct draw_packet - one packet of a run
 * @plain: the packet
 * @wire: protected, by draw_protect()
 * @len: length of @plain
 * @wire_len: length of @wire
 * @index: packet index or SRTCP index
 * @rtcp: it is RTCP
 * @e: E flag of RTCP
 */
struct draw_packet {
	uint8_t plain[DRAW_PACKET], wire[DRAW_PACKET];
	int len, wire_len;
	uint64_t index;
	bool rtcp, e;
};

void draw_run(struct draw_run *run, const struct ref_suite *suite, uint32_t seed);
void draw_packet(struct draw_run *run, struct draw_packet *p);
/* By the reference */
void draw_protect(const struct draw_run *run, struct draw_packet *p);
/* What a receiver gets: Cryptex may have added an empty extension. Return: length. */
int draw_expected(const struct draw_run *run, const struct draw_packet *p, uint8_t *out);
void draw_keys(struct rig *r, uint32_t peer, struct draw_run *run, enum ksrtp_dir dir);
/* A note of @what went wrong with @p */
void draw_describe(const struct draw_run *run, const struct draw_packet *p, const char *what);

#endif /* DRAW_H */
