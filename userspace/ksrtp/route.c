// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp route: where packets of a peer go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static void print_out(const struct ksrtp_out *o)
{
	char map[16];

	pr_open("to peer");
	pr_number("peer", "", o->peer);
	if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_SSRC))
		pr_ssrc("rewrite-ssrc", NULL, false, o->rewrite_ssrc);
	if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_PT_OLD) && tool.json) {
		pr_number("rewrite-pt-old", NULL, o->rewrite_pt_old);
		pr_number("rewrite-pt-new", NULL, o->rewrite_pt_new);
	} else if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_PT_OLD)) {
		snprintf(map, sizeof(map), "%u:%u", o->rewrite_pt_old, o->rewrite_pt_new);
		pr_text("rewrite-pt", NULL, map);
	}
	pr_close();
}

static int each_route(const struct ksrtp_route *r, void *arg)
{
	uint32_t i;

	(void)arg;
	pr_open("from");
	pr_number("peer", NULL, r->peer);
	pr_ssrc("ssrc", NULL, !KSRTP_HAS(r, KSRTP_A_ROUTE_SSRC), r->ssrc);
	if (KSRTP_HAS(r, KSRTP_A_ROUTE_RTCP))
		pr_name("rtcp", NULL, r->rtcp, ksrtp_str_rtcp);
	pr_list("out");
	for (i = 0; i < r->n_out; i++)
		print_out(&r->out[i]);
	pr_list_end();
	pr_close();
	return 0;
}

/* ---- words --------------------------------------------------------------- */

/* The route is first: it begins with has. */
struct request {
	struct ksrtp_route route;
	struct ksrtp_out *outs;
	uint32_t n_outs;
};

static int take_from(struct args *a, const struct word *w, void *obj)
{
	struct ksrtp_route *route = obj;

	(void)w;
	return take_word(a, "peer") ? MISUSED : take_id(a, "the peer's id", &route->peer);
}

static int take_to(struct args *a, const struct word *w, void *obj)
{
	struct request *r = obj;
	struct ksrtp_out out = { .has = KSRTP_BIT(KSRTP_A_OUT_PEER) };

	(void)w;
	if (take_word(a, "peer") || take_id(a, "the peer's id", &out.peer))
		return MISUSED;
	r->outs = realloc(r->outs, (r->n_outs + 1) * sizeof(*r->outs));
	if (!r->outs)
		out_of_memory();
	r->outs[r->n_outs++] = out;
	return DONE;
}

/* What follows an output belongs to it; @attr may be there once. */
static struct ksrtp_out *last_out(struct args *a, const struct word *w, struct request *r,
				  unsigned int attr)
{
	struct ksrtp_out *out = r->n_outs ? &r->outs[r->n_outs - 1] : NULL;

	if (!out)
		misused(a, "\"%s\" belongs to an output: \"to peer ID\" comes before it", w->name);
	else if (KSRTP_HAS(out, attr))
		misused(a, "\"%s\" is given twice for one output", w->name);
	else
		return out;
	return NULL;
}

static int take_rewrite_ssrc(struct args *a, const struct word *w, void *obj)
{
	struct ksrtp_out *out = last_out(a, w, obj, KSRTP_A_OUT_REWRITE_SSRC);
	bool any;

	if (!out || take_ssrc(a, false, &any, &out->rewrite_ssrc))
		return MISUSED;
	out->has |= KSRTP_BIT(KSRTP_A_OUT_REWRITE_SSRC);
	return DONE;
}

static int take_rewrite_pt(struct args *a, const struct word *w, void *obj)
{
	struct ksrtp_out *out = last_out(a, w, obj, KSRTP_A_OUT_REWRITE_PT_OLD);
	const char *word, *colon;
	uint64_t old, new;
	char first[8] = "";

	if (!out)
		return MISUSED;
	word = next_word(a, "OLD:NEW");
	if (!word)
		return MISUSED;
	colon = strchr(word, ':');
	if (colon && colon - word < (int)sizeof(first))
		memcpy(first, word, colon - word);
	if (!colon || !parse_number(first, &old) || !parse_number(colon + 1, &new) ||
	    old > 127 || new > 127)
		return misused(a,
			       "rewrite-pt is to be OLD:NEW, payload types from 0 to 127, not %s",
			       shown(word));
	KSRTP_SET(out, KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, (uint8_t)old);
	KSRTP_SET(out, KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, (uint8_t)new);
	return DONE;
}

static int take_one_to(struct args *a, const struct word *w, void *obj)
{
	struct ksrtp_route *route = obj;

	(void)w;
	return take_word(a, "peer") ? MISUSED : take_id(a, "the peer's id", &route->to);
}

#define FROM_WORD							\
	{ .name = "from", .kind = WORD_CALL, .must = true, .attr = KSRTP_A_ROUTE_PEER,	\
	  .call = take_from }
#define SSRC_WORD							\
	{ .name = "ssrc", .kind = WORD_SSRC_ANY, .must = true, .attr = KSRTP_A_ROUTE_SSRC,	\
	  TO(struct ksrtp_route, ssrc) }

/* ---- verbs --------------------------------------------------------------- */

int read_route(struct args *a, struct ksrtp_route *route)
{
	static const struct word words[] = {
		FROM_WORD,
		SSRC_WORD,
		{ .name = "to", .kind = WORD_CALL, .must = true, .many = true, .call = take_to },
		{ .name = "rewrite-ssrc", .kind = WORD_CALL, .many = true,
		  .call = take_rewrite_ssrc },
		{ .name = "rewrite-pt", .kind = WORD_CALL, .many = true,
		  .call = take_rewrite_pt },
		{ .name = "rtcp", .what = "rtcp", .kind = WORD_CHOICE, .attr = KSRTP_A_ROUTE_RTCP,
		  TO(struct ksrtp_route, rtcp), .names = ksrtp_str_rtcp },
	};
	struct request r = { .outs = NULL };
	int ret = read_words(a, words, ARRAY_SIZE(words), &r);

	if (ret) {
		free(r.outs);
		return ret;
	}
	*route = r.route;
	route->out = r.outs;
	route->n_out = r.n_outs;
	return DONE;
}

static int add(struct args *a)
{
	struct ksrtp_route route;
	struct ksrtp_handle *h;
	int ret = read_route(a, &route);

	if (ret)
		return ret;
	h = tool_handle();
	ret = !h ? REFUSED : ksrtp_route_add(h, &route) ? refused() : DONE;
	free((void *)route.out);
	return ret;
}

static int del(struct args *a)
{
	static const struct word words[] = {
		FROM_WORD,
		SSRC_WORD,
		{ .name = "to", .kind = WORD_CALL, .attr = KSRTP_A_ROUTE_TO,
		  .call = take_one_to },
	};
	struct ksrtp_route route = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &route))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_route_del(h, &route) ? refused() : DONE;
}

static int flush(struct args *a)
{
	struct ksrtp_handle *h;

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_route_flush(h) ? refused() : DONE;
}

static int show(struct args *a)
{
	struct ksrtp_handle *h;

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	pr_begin(PR_LINES);
	if (ksrtp_route_dump(h, 0, each_route, NULL))
		return refused();
	pr_end();
	return DONE;
}

static const struct verb verbs[] = {
	{ "add", add, "from peer ID ssrc { any | SSRC } OUT [ OUT ... ] [ rtcp forward|deliver ]",
	  "forward what comes from a peer; outputs are added to those that are there" },
	{ "del", del, "from peer ID ssrc { any | SSRC } [ to peer ID ]",
	  "delete a route, or one output of it" },
	{ "show", show, "", "list them" },
	{ "flush", flush, "", "delete all" },
};

const struct object route_object = OBJECT("route", "where the packets of a peer go", verbs,
	"OUT := to peer ID [ rewrite-ssrc SSRC ] [ rewrite-pt OLD:NEW ]\n\n"
	"A route for one SSRC wins over the one for any. RTCP stays with the application\n"
	"(deliver) where nothing is said. rewrite-ssrc makes E2E_AES_128_CTR payloads\n"
	"unreadable, rewrite-pt breaks their MESSAGE-INTEGRITY tag.\n");
