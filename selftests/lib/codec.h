/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec.h: somebody else's SRTP implementation as two functions, one that
 * protects and one that opens a packet, and ksrtp tried against it.
 *
 *	static const struct codec_ops ops = { "name", "1.0", ... };
 *	struct codec_case c = { .ops = &ops, .suite = "AES_CM_128_HMAC_SHA1_80" };
 *
 *	kt_plan(CODEC_ROWS);
 *	rig_start();
 *	codec_run(&c);
 *
 * There are four rows (interop.h) for a case: SRTP and SRTCP that the other
 * implementation sends to an endpoint of ksrtp's, and that it receives from
 * one. On the wire between the two packets are kept back and put out of order,
 * and the sequence numbers wrap.
 */
#ifndef CODEC_H
#define CODEC_H

#include "interop.h"
#include "rig.h"

/* Results of codec_run() */
#define CODEC_ROWS	4
/* Packets of one kind in one direction */
#define CODEC_PACKETS	400
/* A sender's first sequence number: the wrap is in the middle */
#define CODEC_FIRST	(65536 - CODEC_PACKETS / 2)
#define CODEC_SSRC	0x1abe11ed
/* Room for any of them, protected */
#define CODEC_SIZE	2048

enum codec_role { CODEC_SENDS, CODEC_RECEIVES };

struct codec_case;

/**
 * struct codec_bug - what the peer is known to do wrong in a row
 * @what: said in the table; NULL: nothing
 * @arrived: so many packets are opened where the bug is there, and no other number
 */
struct codec_bug {
	const char *what;
	unsigned long arrived;
};

/**
 * struct codec_ops - another implementation
 * @name, @version: as in the table
 * @sender, @receiver: a context for one direction, both kinds; bail out if there is none
 * @seal: protects. Return: length at @wire, or negative
 * @open: opens; @patience is how long to wait for it in milliseconds, where it is not known at
 *	once. Return: length at @plain, or negative
 * @stop: end of a context
 * @known: fills in a known bug; may be NULL
 */
struct codec_ops {
	const char *name;
	const char *version;
	void *(*sender)(const struct codec_case *c, const struct ksrtp_key *key);
	void *(*receiver)(const struct codec_case *c, const struct ksrtp_key *key);
	int (*seal)(void *ctx, bool rtcp, const uint8_t *plain, int len, uint8_t *wire);
	int (*open)(void *ctx, bool rtcp, const uint8_t *wire, int len, int patience,
		    uint8_t *plain);
	void (*stop)(void *ctx);
	void (*known)(const struct codec_case *c, enum codec_role role, bool rtcp,
		      struct codec_bug *bug);
};

/**
 * struct codec_case - one suite with its options
 * @suite: what ksrtp calls it
 * @peer_suite: what the peer calls it, where that is another name
 * @options: as in the table, without what is always done (reorder, loss, wrap)
 * @mki, @mki_len: with an MKI
 * @roc: ROC ksrtp and the peer start at
 * @over_wrap: packets are also put out of order over the wrap
 */
struct codec_case {
	const struct codec_ops *ops;
	const char *suite;
	const char *peer_suite;
	const char *options;
	const uint8_t *mki;
	size_t mki_len;
	uint32_t roc;
	bool over_wrap;
};

/* codec_run - gives CODEC_ROWS results */
void codec_run(const struct codec_case *c);
/* codec_lacks - rows, but no results: the peer has no such suite or option, and why */
void codec_lacks(const struct codec_ops *ops, const char *suite, const char *option,
		 const char *why);

/*
 * Plain packet @i of a case: every shape an RTP header has, and payloads around
 * the cipher's block size, or a compound RTCP packet. Return: its length at
 * @out, CODEC_SIZE at the most.
 */
int codec_build(bool rtcp, uint32_t ssrc, unsigned int i, uint8_t *out);

/*
 * The order in which packets of a case are put on the wire, @order having room
 * for all of them. Return: how many, the others are kept back.
 */
unsigned int codec_order(const struct codec_case *c, unsigned int *order);
/* Of those, how many come from before the wrap after one from behind it */
unsigned int codec_late_over_wrap(const struct codec_case *c);

#endif /* CODEC_H */
