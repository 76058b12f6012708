// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp stats: totals of a network namespace. */
#include "tool.h"

static int show(struct args *a)
{
	struct ksrtp_stats s;
	struct ksrtp_handle *h;
	size_t i;

#define ROW(attr_, name_, member_) { KSRTP_A_STATS_##attr_, name_, &s.member_, NULL }
#define ROW32(attr_, name_, member_) { KSRTP_A_STATS_##attr_, name_, NULL, &s.member_ }
	const struct {
		unsigned int attr;
		const char *name;
		const uint64_t *u64;
		const uint32_t *u32;
	} rows[] = {
		ROW32(SOCKS, "socks", socks),
		ROW32(PEERS, "peers", peers),
		ROW32(KEYS, "keys", keys),
		ROW32(ROUTES, "routes", routes),
		ROW32(STREAMS, "streams", streams),
		ROW(RX_PACKETS, "rx-packets", rx_packets),
		ROW(RX_BYTES, "rx-bytes", rx_bytes),
		ROW(RX_RTCP_PACKETS, "rx-rtcp-packets", rx_rtcp_packets),
		ROW(TX_PACKETS, "tx-packets", tx_packets),
		ROW(TX_BYTES, "tx-bytes", tx_bytes),
		ROW(TX_RTCP_PACKETS, "tx-rtcp-packets", tx_rtcp_packets),
		ROW(RELAYED_PACKETS, "relayed-packets", relayed_packets),
		ROW(DELIVERED_PACKETS, "delivered-packets", delivered_packets),
		ROW(OTHER_PACKETS, "other-packets", other_packets),
		ROW(PASSED_PACKETS, "passed-packets", passed_packets),
	};

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	if (ksrtp_stats_get(h, &s))
		return refused();
	pr_begin(PR_LIST);
	pr_open(NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (KSRTP_HAS(&s, rows[i].attr))
			pr_number(rows[i].name, NULL, rows[i].u64 ? *rows[i].u64 : *rows[i].u32);
	}
	if (KSRTP_HAS(&s, KSRTP_A_STATS_DROPS))
		pr_drops(&s.drops);
	pr_close();
	pr_end();
	return DONE;
}

static const struct verb verbs[] = {
	{ NULL, show, "", "totals of this network namespace" },
};

const struct object stats_object = OBJECT("stats", "totals of this network namespace", verbs,
	NULL);
