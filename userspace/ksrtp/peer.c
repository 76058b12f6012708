// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp peer: remote transport addresses on a sock. */
#include "tool.h"

static void print_peer(const struct ksrtp_peer *p)
{
	pr_open("peer");
	pr_number("id", "", p->id);
	if (KSRTP_HAS(p, KSRTP_A_PEER_SOCK))
		pr_number("sock", NULL, p->sock);
	if (KSRTP_HAS(p, KSRTP_A_PEER_REMOTE_ADDR))
		pr_addr("remote", NULL, &p->remote, true);
	if (KSRTP_HAS(p, KSRTP_A_PEER_LOCAL_ADDR))
		pr_addr("local", NULL, &p->local, false);
	if (KSRTP_HAS(p, KSRTP_A_PEER_ROAM))
		pr_switch("roam", NULL, p->roam);
	if (KSRTP_HAS(p, KSRTP_A_PEER_MAX_STREAMS))
		pr_number("max-streams", NULL, p->max_streams);
	pr_details();
	if (KSRTP_HAS(p, KSRTP_A_PEER_RX_STREAMS))
		pr_number("rx-streams", NULL, p->rx_streams);
	if (KSRTP_HAS(p, KSRTP_A_PEER_TX_STREAMS))
		pr_number("tx-streams", NULL, p->tx_streams);
	if (KSRTP_HAS(p, KSRTP_A_PEER_TOMBSTONES))
		pr_number("tombstones", NULL, p->tombstones);
	if (KSRTP_HAS(p, KSRTP_A_PEER_DROPS))
		pr_drops(&p->drops);
	pr_close();
}

static int each_peer(const struct ksrtp_peer *p, void *arg)
{
	(void)arg;
	print_peer(p);
	return 0;
}

#define REMOTE_WORD(must_)						\
	{ .name = "remote", .what = "the remote address", .kind = WORD_ADDR_PORT,	\
	  .must = (must_), .attr = KSRTP_A_PEER_REMOTE_ADDR,			\
	  TO(struct ksrtp_peer, remote) }
#define ROAM_WORD							\
	{ .name = "roam", .what = "roam", .kind = WORD_SWITCH,		\
	  .attr = KSRTP_A_PEER_ROAM, TO(struct ksrtp_peer, roam) }
#define MAX_STREAMS_WORD						\
	{ .name = "max-streams", .what = "max-streams", .kind = WORD_NUMBER,	\
	  .attr = KSRTP_A_PEER_MAX_STREAMS, TO(struct ksrtp_peer, max_streams),	\
	  .min = 1, .max = UINT32_MAX }

static int add(struct args *a)
{
	static const struct word words[] = {
		{ .name = "sock", .what = "the sock's id", .kind = WORD_NUMBER, .must = true,
		  .attr = KSRTP_A_PEER_SOCK, TO(struct ksrtp_peer, sock),
		  .min = 1, .max = UINT32_MAX },
		REMOTE_WORD(true),
		{ .name = "id", .what = "the id", .kind = WORD_NUMBER, .attr = KSRTP_A_PEER_ID,
		  TO(struct ksrtp_peer, id), .min = 1, .max = UINT32_MAX },
		{ .name = "local", .what = "the local address", .kind = WORD_ADDR,
		  .attr = KSRTP_A_PEER_LOCAL_ADDR, TO(struct ksrtp_peer, local) },
		ROAM_WORD,
		MAX_STREAMS_WORD,
	};
	struct ksrtp_peer peer = { 0 };
	struct ksrtp_handle *h;
	bool chosen;
	int ret;

	ret = read_words(a, words, ARRAY_SIZE(words), &peer);
	if (ret)
		return ret;
	h = tool_handle();
	if (!h)
		return REFUSED;
	chosen = KSRTP_HAS(&peer, KSRTP_A_PEER_ID);
	if (ksrtp_peer_add(h, &peer))
		return refused();
	if (chosen && !tool.json)
		return DONE;
	pr_begin(PR_LINES);
	pr_open("peer");
	pr_number("id", "", peer.id);
	pr_close();
	pr_end();
	return DONE;
}

static int set(struct args *a)
{
	static const struct word words[] = {
		REMOTE_WORD(false),
		ROAM_WORD,
		MAX_STREAMS_WORD,
	};
	struct ksrtp_peer peer = { 0 };
	struct ksrtp_handle *h;
	int ret;

	ret = take_id(a, "the id", &peer.id);
	if (!ret)
		ret = read_words(a, words, ARRAY_SIZE(words), &peer);
	if (ret)
		return ret;
	if (!peer.has)
		return misused(a, "what is to change is missing");
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_ID);
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_peer_set(h, &peer) ? refused() : DONE;
}

static int del(struct args *a)
{
	struct ksrtp_handle *h;
	uint32_t id;

	if (take_id(a, "the id", &id) || no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_peer_del(h, id) ? refused() : DONE;
}

static int flush(struct args *a)
{
	struct ksrtp_handle *h;

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_peer_flush(h) ? refused() : DONE;
}

static int show(struct args *a)
{
	struct ksrtp_peer peer;
	struct ksrtp_handle *h;
	uint32_t id = 0;

	if (a->at < a->end && take_id(a, "the id", &id))
		return MISUSED;
	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	pr_begin(PR_LINES);
	if (id) {
		if (ksrtp_peer_get(h, id, &peer))
			return refused();
		print_peer(&peer);
	} else if (ksrtp_peer_dump(h, each_peer, NULL)) {
		return refused();
	}
	pr_end();
	return DONE;
}

static const struct verb verbs[] = {
	{ "add", add,
	  "sock ID remote ADDR:PORT [ id ID ] [ local ADDR ] [ roam on|off ] [ max-streams N ]",
	  "add a remote address to a sock" },
	{ "set", set, "ID [ remote ADDR:PORT ] [ roam on|off ] [ max-streams N ]",
	  "change it; keys and streams stay" },
	{ "del", del, "ID", "delete it with its keys, streams and routes" },
	{ "show", show, "[ID]", "list them; with -s what they dropped" },
	{ "flush", flush, "", "del, of all" },
};

const struct object peer_object = OBJECT("peer", "remote addresses on a sock", verbs,
	"ADDR:PORT is 192.0.2.1:5000, [2001:db8::1]:5000 or [fe80::1%eth0]:5000.\n"
	"local is the source address of what is forwarded, the routing table's choice where\n"
	"none is given. roam is off and max-streams 64 where nothing is said.\n");
