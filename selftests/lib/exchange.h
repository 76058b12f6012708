/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange.h: packets between ksrtp's endpoint mode and another implementation,
 * of which a test says only how it protects and opens one packet.
 *
 *	struct exchange x = { .suite = "AES_CM_128_HMAC_SHA1_80", .sends = true,
 *			      .packets = 500, .first = 65300, .loss = true };
 *	struct interop row = { 0 };
 *
 *	exchange_run(&r, &libsrtp, &x, &row);
 *	interop_result(&row);
 *
 * Whoever sends protects all packets in order; what an exchange does to them on
 * their way comes after that, so it is the same in both directions. What is
 * opened has to be, packet by packet, what was protected.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "interop.h"
#include "rig.h"

#define EXCHANGE_SSRC		0x1e70b001
#define EXCHANGE_MAX		2000	/* packets */
#define EXCHANGE_MAX_KEYS	16

/**
 * struct exchange - what is asked of both; 0 everywhere is the plainest one
 * @suite: SDES name
 * @sends: the other implementation protects and ksrtp opens; else the other way
 * @rtcp: RTCP instead of RTP
 * @packets: how many are protected
 * @mki_len: bytes of the MKI, 0: there is none
 * @keys: so many, told apart by their MKIs; one after the other by packet where the
 *	peer sends, one after the other in time where ksrtp does
 * @roc: of the first packet, given to both
 * @window: of the receiver, 0: the 1024 both have
 * @first: sequence number of the first packet
 * @step: from one to the next, 0: 1
 * @enc_ext: header extensions 1 and 3 are encrypted (RFC 6904)
 * @padded: and there is padding between them
 * @reduced: RTCP packets by themselves (RFC 5506)
 * @plain_rtcp: RTCP with E=0
 * @reorder: of eight packets the last comes first
 * @loss: every tenth is lost, and twenty in a row
 * @twice: each comes a second time and must not be opened again
 * @late: one of eleven comes so many packets later
 * @join: the first half is lost, and the receiver starts with the ROC there is then
 * @unheard: the packets up to the first wrap are lost, and the receiver starts
 *	with the ROC that was there before
 */
struct exchange {
	const char *suite;
	bool sends;
	bool rtcp;
	unsigned int packets;
	unsigned int mki_len;
	unsigned int keys;
	uint32_t roc;
	unsigned int window;
	uint16_t first;
	uint16_t step;
	bool enc_ext;
	bool padded;
	bool reduced;
	bool plain_rtcp;
	bool reorder;
	bool loss;
	bool twice;
	unsigned int late;
	bool join;
	bool unheard;
};

/**
 * struct exchange_peer - the other implementation; what fails negatively fails here
 * @name: its name
 * @version: its version
 * @open: gets ready with these keys (as many as there are) and the ROC of the first
 *	packet it is going to see. Returns what the others are given, or bails out
 * @protect: protects a packet in place under that key; there is room behind it. Length
 * @unprotect: opens it in place. Length
 * @close: the end of it
 */
struct exchange_peer {
	const char *name;
	const char *version;
	void *(*open)(const struct exchange *x, const struct rig_key *keys, uint32_t roc);
	int (*protect)(void *ctx, const struct exchange *x, unsigned int key, uint8_t *pkt,
		       int len);
	int (*unprotect)(void *ctx, const struct exchange *x, uint8_t *pkt, int len);
	void (*close)(void *ctx);
};

/**
 * struct exchange_seen - what the last exchange_run() saw, for a closer look
 * @keys: of the exchange
 * @wire: what was protected, packet by packet
 * @len: bytes of each
 * @refused: packets the peer did not open
 * @error: what its unprotect() said of the first of them
 * @dropped: packets ksrtp dropped as wrongly authenticated
 */
struct exchange_seen {
	struct rig_key keys[EXCHANGE_MAX_KEYS];
	uint8_t (*wire)[2048];
	int len[EXCHANGE_MAX];
	unsigned int refused;
	int error;
	unsigned int dropped;
};

extern struct exchange_seen exchange_seen;

/*
 * exchange_run - packets of @x between @r's application and the peer. The first one of
 * a row names it; each adds its numbers.
 */
void exchange_run(struct rig *r, const struct exchange_peer *peer, const struct exchange *x,
		  struct interop *row);
/* exchange_build - the plain packet number @i. Return: its length */
int exchange_build(const struct exchange *x, unsigned int i, void *out);
/* exchange_options - the words for what @x asks, as the table has them */
const char *exchange_options(const struct exchange *x, char *buf, size_t size);

#endif /* EXCHANGE_H */
