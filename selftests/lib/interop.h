/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interop.h: how a test says what came of ksrtp and somebody else's
 * implementation; interop.sh is the same for tests in shell.
 *
 *	struct interop row = {
 *		.peer = "libsrtp2", .version = "2.5.0",
 *		.suite = "AES_CM_128_HMAC_SHA1_80",
 *		.role = INTEROP_SENDS, .kind = INTEROP_SRTP, .options = "mki:4,wrap",
 *	};
 *
 *	row.packets = 500;	sent, or rather protected, by whoever sends
 *	row.dropped = 20;	of those, kept back on purpose
 *	row.arrived = 480;	and these were opened at the other end
 *	row.differ = 0;		besides others that were not what had been protected
 *	interop_result(&row);
 *
 * Each row is one result of the test's plan and one line that begins with
 * "# interop: ", from which selftests/interop.sh makes the table.
 */
#ifndef INTEROP_H
#define INTEROP_H

#include "kt.h"

/* What the other implementation does: ksrtp is at the other end, or between two */
#define INTEROP_SENDS		"sends"
#define INTEROP_RECEIVES	"receives"
#define INTEROP_BOTH_ENDS	"both-ends"
#define INTEROP_NEXT_HOP	"next-hop"

#define INTEROP_SRTP		"SRTP"
#define INTEROP_SRTCP		"SRTCP"

/**
 * struct interop - one row of the table; words without white space but for bug
 * @peer: the other implementation
 * @version: its version
 * @suite: SDES name
 * @role: INTEROP_*
 * @kind: INTEROP_SRTP or INTEROP_SRTCP
 * @options: what else was asked of both, comma-separated, NULL: nothing
 * @packets: protected
 * @dropped: kept back on purpose
 * @arrived: opened by the other end, and what was protected
 * @differ: opened, but not what was protected, or opened twice
 * @bug: a known bug of the peer's that has been seen at work just now, in its own way:
 *	nothing else went wrong. Otherwise NULL
 */
struct interop {
	const char *peer;
	const char *version;
	const char *suite;
	const char *role;
	const char *kind;
	const char *options;
	unsigned long packets;
	unsigned long dropped;
	unsigned long arrived;
	unsigned long differ;
	const char *bug;
};

/* interop_result - one result: none lost but those kept back, none different. Returns it. */
bool interop_result(const struct interop *row);
/* interop_cannot - a row, but no result: the peer lacks this, and why */
void interop_cannot(const struct interop *row, const char *why);

#endif /* INTEROP_H */
