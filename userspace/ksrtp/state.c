// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksrtp export, import: index state for another host to go on with, and the
 * routes. Never keys.
 *
 * The file is lines of the tool's own words between a first one that says what
 * it is and a last one that says it is whole:
 *
 *	ksrtp-state 1
 *	state peer 10 rx hbh ssrc 0x0000abcd key any suite ... index 4711 ...
 *	route from peer 10 ssrc any to peer 11 rtcp forward
 *	end 2
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define FORMAT	"ksrtp-state 1"

static const char *key_is(unsigned int value)
{
	static const char *const names[] = { "ssrc", "any" };

	return value < ARRAY_SIZE(names) ? names[value] : NULL;
}

/* ---- export -------------------------------------------------------------- */

struct exported {
	unsigned int lines;
};

static void put_bits(const char *field, const uint8_t *bits, size_t len)
{
	char *text = malloc(2 * len + 2);
	size_t i;

	if (!text)
		out_of_memory();
	/* A word is needed for "none". */
	strcpy(text, "0");
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bits[i]);
	pr_text(field, NULL, text);
	free(text);
}

static int each_state(const struct ksrtp_state *s, void *arg)
{
	struct exported *e = arg;

	e->lines++;
	pr_open("state");
	if (tool.json)
		pr_text("record", NULL, "state");
	pr_number("peer", NULL, s->peer);
	pr_name("dir", "", s->dir, ksrtp_str_dir);
	pr_name("layer", "", s->layer, ksrtp_str_layer);
	pr_ssrc("ssrc", NULL, false, s->ssrc);
	if (tool.json)
		pr_switch("any", NULL, s->any);
	else
		pr_name("key", NULL, s->any, key_is);
	pr_name("suite", NULL, s->suite, ksrtp_str_suite);
	if (KSRTP_HAS(s, KSRTP_A_STATE_MKI))
		pr_hex("mki", NULL, s->mki, s->mki_len);
	pr_hex("fingerprint", NULL, s->fingerprint, s->fingerprint_len);
	if (s->tombstone || tool.json)
		pr_switch("tombstone", NULL, s->tombstone);
	pr_number("window", NULL, s->window);
	pr_number("index", NULL, s->index);
	pr_switch("started", NULL, s->started);
	pr_number("floor", NULL, s->floor);
	put_bits("bits", s->bits, s->bits_len);
	pr_number("packets", NULL, s->packets);
	pr_number("rtcp-packets", NULL, s->rtcp_packets);
	if (KSRTP_HAS(s, KSRTP_A_STATE_RTCP_WINDOW)) {
		pr_number("rtcp-window", NULL, s->rtcp_window);
		pr_number("rtcp-index", NULL, s->rtcp_index);
		pr_switch("rtcp-started", NULL, s->rtcp_started);
		pr_number("rtcp-floor", NULL, s->rtcp_floor);
		put_bits("rtcp-bits", s->rtcp_bits, s->rtcp_bits_len);
	}
	if (KSRTP_HAS(s, KSRTP_A_STATE_SRTCP_NEXT))
		pr_number("srtcp-next", NULL, s->srtcp_next);
	if (KSRTP_HAS(s, KSRTP_A_STATE_EXTENDED))
		pr_number("extended", NULL, s->extended);
	if (KSRTP_HAS(s, KSRTP_A_STATE_MAPPED))
		pr_number("mapped", NULL, s->mapped);
	if (KSRTP_HAS(s, KSRTP_A_STATE_SWITCHED))
		pr_switch("switched", NULL, s->switched);
	pr_close();
	return 0;
}

static void put_out(const struct ksrtp_out *o)
{
	char map[16];

	if (tool.json)
		pr_open(NULL);
	else
		pr_plain("to");
	pr_number("peer", NULL, o->peer);
	if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_SSRC))
		pr_ssrc("rewrite-ssrc", NULL, false, o->rewrite_ssrc);
	if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_PT_OLD) && tool.json) {
		pr_number("rewrite-pt-old", NULL, o->rewrite_pt_old);
		pr_number("rewrite-pt-new", NULL, o->rewrite_pt_new);
	} else if (KSRTP_HAS(o, KSRTP_A_OUT_REWRITE_PT_OLD)) {
		snprintf(map, sizeof(map), "%u:%u", o->rewrite_pt_old, o->rewrite_pt_new);
		pr_text("rewrite-pt", NULL, map);
	}
	if (tool.json)
		pr_close();
}

/* On one line, as "route add" takes it */
static int each_route(const struct ksrtp_route *r, void *arg)
{
	struct exported *e = arg;
	uint32_t i;

	e->lines++;
	pr_open("route");
	if (tool.json)
		pr_text("record", NULL, "route");
	else
		pr_plain("from");
	pr_number("peer", NULL, r->peer);
	pr_ssrc("ssrc", NULL, !KSRTP_HAS(r, KSRTP_A_ROUTE_SSRC), r->ssrc);
	if (KSRTP_HAS(r, KSRTP_A_ROUTE_RTCP))
		pr_name("rtcp", NULL, r->rtcp, ksrtp_str_rtcp);
	if (tool.json)
		pr_list("out");
	for (i = 0; i < r->n_out; i++)
		put_out(&r->out[i]);
	if (tool.json)
		pr_list_end();
	pr_close();
	return 0;
}

struct of_peer {
	uint64_t has;
	uint32_t peer;
};

static int export(struct args *a)
{
	static const struct word words[] = {
		{ .name = "peer", .what = "the peer's id", .kind = WORD_NUMBER,
		  TO(struct of_peer, peer), .min = 1, .max = UINT32_MAX },
	};
	struct of_peer only = { 0 };
	struct exported e = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &only))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	if (!tool.json)
		puts(FORMAT);
	pr_begin(PR_LINES);
	if (ksrtp_state_dump(h, only.peer, each_state, &e) ||
	    ksrtp_route_dump(h, only.peer, each_route, &e))
		return refused();
	pr_end();
	if (!tool.json)
		printf("end %u\n", e.lines);
	/* What is cut off would be refused later; say so now. */
	if (fflush(stdout) || ferror(stdout)) {
		complain("export: the file cannot be written: %s", strerror(errno));
		return REFUSED;
	}
	return DONE;
}

/* ---- reading a file ------------------------------------------------------ */

/* As text: with its windows a state takes eight times the room. */
struct state_line {
	unsigned int line;
	char *text;
};

struct route_line {
	unsigned int line;
	struct ksrtp_route route;
};

/**
 * struct file - what a file says
 * @name: of the file
 * @line: the one that is looked at
 * @text: of it
 * @begun: the first line was there
 * @ended: and the last
 */
struct file {
	const char *name;
	unsigned int line;
	const char *text;
	bool begun;
	bool ended;
	struct state_line *states;
	size_t n_states;
	struct route_line *routes;
	size_t n_routes;
};

static int take_suite(struct args *a, const struct word *w, void *obj)
{
	const char *word = next_word(a, "the suite");
	struct ksrtp_suite_info suite;
	struct ksrtp_state *s = obj;

	(void)w;
	if (!word)
		return MISUSED;
	if (ksrtp_suite_lookup(word, &suite))
		return misused(a, "unknown suite %s", shown(word));
	s->suite = (uint16_t)suite.id;
	return DONE;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Hex of any length, which WORD_HEX has not */
static int take_bits(struct args *a, const struct word *w, void *obj)
{
	const char *word = next_word(a, w->what);
	uint8_t *bits = (uint8_t *)obj + w->offset;
	uint32_t len;
	size_t i;

	if (!word)
		return MISUSED;
	len = strcmp(word, "0") ? (uint32_t)strlen(word) / 2 : 0;
	if (len && strlen(word) % 2)
		return misused(a, "%s are to be pairs of hex digits, or 0", w->what);
	if (len > w->size)
		return misused(a, "%s are %zu bytes at most", w->what, w->size);
	for (i = 0; i < len; i++) {
		const int high = digit(word[2 * i]), low = digit(word[2 * i + 1]);

		if (high < 0 || low < 0)
			return misused(a, "%s are to be pairs of hex digits, or 0", w->what);
		bits[i] = (uint8_t)(high << 4 | low);
	}
	memcpy((char *)obj + w->len_offset, &len, sizeof(len));
	return DONE;
}

#define NUMBER(name_, attr_, member, min_, max_)				\
	{ .name = (name_), .what = (name_), .kind = WORD_NUMBER,		\
	  .attr = KSRTP_A_STATE_##attr_, TO(struct ksrtp_state, member),	\
	  .min = (min_), .max = (max_) }
#define MUST(name_, attr_, member, min_, max_)				\
	{ .name = (name_), .what = (name_), .kind = WORD_NUMBER, .must = true,	\
	  .attr = KSRTP_A_STATE_##attr_, TO(struct ksrtp_state, member),	\
	  .min = (min_), .max = (max_) }
#define SWITCH(name_, attr_, member)					\
	{ .name = (name_), .kind = WORD_SWITCH, .attr = KSRTP_A_STATE_##attr_,	\
	  TO(struct ksrtp_state, member) }
#define VALUE(name_, what_, attr_, member, value)			\
	{ .name = (name_), .what = (what_), .kind = WORD_VALUE, .must = true,	\
	  .attr = KSRTP_A_STATE_##attr_, TO(struct ksrtp_state, member), .min = (value) }
#define BITS(name_, attr_, member)					\
	{ .name = (name_), .what = (name_), .kind = WORD_CALL,			\
	  .attr = KSRTP_A_STATE_##attr_, TO(struct ksrtp_state, member),	\
	  .len_offset = offsetof(struct ksrtp_state, member##_len), .call = take_bits }
#define HEX(name_, attr_, member, must_)				\
	{ .name = (name_), .what = (name_), .kind = WORD_HEX, .must = (must_),	\
	  .attr = KSRTP_A_STATE_##attr_, TO(struct ksrtp_state, member),	\
	  .len_offset = offsetof(struct ksrtp_state, member##_len) }

#define INDEX_BITS	((UINT64_C(1) << 50) - 1)	/* the kernel says what fits */

static const struct word state_words[] = {
	MUST("peer", PEER, peer, 1, UINT32_MAX),
	VALUE("rx", "rx or tx", DIR, dir, KSRTP_DIR_RX),
	VALUE("tx", "rx or tx", DIR, dir, KSRTP_DIR_TX),
	VALUE("hbh", "hbh or e2e", LAYER, layer, KSRTP_LAYER_HBH),
	VALUE("e2e", "hbh or e2e", LAYER, layer, KSRTP_LAYER_E2E),
	{ .name = "ssrc", .kind = WORD_SSRC, .must = true, .attr = KSRTP_A_STATE_SSRC,
	  TO(struct ksrtp_state, ssrc) },
	{ .name = "key", .what = "key", .kind = WORD_CHOICE, .must = true,
	  .attr = KSRTP_A_STATE_ANY, TO(struct ksrtp_state, any), .names = key_is },
	{ .name = "suite", .kind = WORD_CALL, .must = true, .attr = KSRTP_A_STATE_SUITE,
	  .call = take_suite },
	HEX("mki", MKI, mki, false),
	HEX("fingerprint", FINGERPRINT, fingerprint, true),
	SWITCH("tombstone", TOMBSTONE, tombstone),
	MUST("window", WINDOW, window, 0, KSRTP_MAX_WINDOW),
	MUST("index", INDEX, index, 0, INDEX_BITS),
	SWITCH("started", STARTED, started),
	NUMBER("floor", FLOOR, floor, 0, INDEX_BITS),
	BITS("bits", BITS, bits),
	NUMBER("packets", PACKETS, packets, 0, UINT64_MAX),
	NUMBER("rtcp-packets", RTCP_PACKETS, rtcp_packets, 0, UINT64_MAX),
	NUMBER("rtcp-window", RTCP_WINDOW, rtcp_window, 0, KSRTP_MAX_WINDOW),
	NUMBER("rtcp-index", RTCP_INDEX, rtcp_index, 0, UINT32_MAX),
	SWITCH("rtcp-started", RTCP_STARTED, rtcp_started),
	NUMBER("rtcp-floor", RTCP_FLOOR, rtcp_floor, 0, UINT32_MAX),
	BITS("rtcp-bits", RTCP_BITS, rtcp_bits),
	NUMBER("srtcp-next", SRTCP_NEXT, srtcp_next, 0, UINT32_MAX),
	NUMBER("extended", EXTENDED, extended, 0, INDEX_BITS),
	NUMBER("mapped", MAPPED, mapped, 0, INDEX_BITS),
	SWITCH("switched", SWITCHED, switched),
};

/* One more element of an array */
static void *grow(void *array, size_t *n, size_t size)
{
	void *grown = realloc(array, (*n + 1) * size);

	if (!grown)
		out_of_memory();
	memset((char *)grown + *n * size, 0, size);
	++*n;
	return grown;
}

static char *copy(const char *s)
{
	char *c = strdup(s);

	if (!c)
		out_of_memory();
	return c;
}

static int read_state(struct args *a, struct ksrtp_state *s)
{
	memset(s, 0, sizeof(*s));
	return read_words(a, state_words, ARRAY_SIZE(state_words), s);
}

static int read_state_line(struct file *f, struct args *a)
{
	struct ksrtp_state state;
	struct state_line *s;

	f->states = grow(f->states, &f->n_states, sizeof(*f->states));
	s = &f->states[f->n_states - 1];
	s->line = f->line;
	s->text = copy(f->text);
	return read_state(a, &state);
}

static int read_route_line(struct file *f, struct args *a)
{
	struct route_line *r;

	f->routes = grow(f->routes, &f->n_routes, sizeof(*f->routes));
	r = &f->routes[f->n_routes - 1];
	r->line = f->line;
	return read_route(a, &r->route);
}

static int read_end(struct file *f, struct args *a)
{
	const size_t n = f->n_states + f->n_routes;
	uint64_t lines;
	int ret = take_number(a, "the number of lines", 0, UINT32_MAX, &lines);

	if (!ret)
		ret = no_more_words(a);
	if (!ret && lines != n)
		ret = misused(a, "%zu lines of state and routes came before, not %llu", n,
			      (unsigned long long)lines);
	f->ended = true;
	return ret;
}

static int read_format(struct file *f, struct args *a)
{
	uint64_t version;

	if (take_word(a, "ksrtp-state"))
		return MISUSED;
	if (take_number(a, "the version of the format", 0, UINT32_MAX, &version))
		return MISUSED;
	if (version != 1)
		return misused(a, "this version of ksrtp reads version 1 of the format");
	f->begun = true;
	return no_more_words(a);
}

/* The words of a line, whose text is cut into them; free() it, not them */
static char **cut(char *text, size_t *n)
{
	static const char space[] = " \t\r\n";
	char **words = NULL, *word, *save = NULL;

	*n = 0;
	for (word = strtok_r(text, space, &save); word; word = strtok_r(NULL, space, &save)) {
		words = grow(words, n, sizeof(*words));
		words[*n - 1] = word;
	}
	return words;
}

static int read_line(struct file *f, const char *text)
{
	char context[128], *cuttable = copy(text), *word;
	struct args a = { .context = context, .object = "import" };
	char **words;
	size_t n;
	int ret;

	snprintf(context, sizeof(context), "import: %.80s line %u", f->name, f->line);
	words = cut(cuttable, &n);
	f->text = text;
	if (!n || *words[0] == '#') {
		free(words);
		free(cuttable);
		return DONE;
	}
	a.at = words;
	a.end = words + n;
	word = f->begun && !f->ended ? *a.at++ : words[0];
	if (!f->begun)
		ret = read_format(f, &a);
	else if (f->ended)
		ret = misused(&a, "something follows the end");
	else if (!strcmp(word, "state"))
		ret = read_state_line(f, &a);
	else if (!strcmp(word, "route"))
		ret = read_route_line(f, &a);
	else if (!strcmp(word, "end"))
		ret = read_end(f, &a);
	else
		ret = misused(&a, "%s where \"state\", \"route\" or \"end\" is expected",
			      shown(word));
	free(words);
	free(cuttable);
	return ret;
}

static int read_file(struct file *f, FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = DONE;

	while (!ret && (len = getline(&text, &size, in)) >= 0) {
		f->line++;
		/* A text has no bytes of 0; what is behind one would not be seen. */
		if (strlen(text) != (size_t)len) {
			complain("import: %s line %u: this is not text", f->name, f->line);
			ret = MISUSED;
			break;
		}
		ret = read_line(f, text);
	}
	free(text);
	if (!ret && ferror(in)) {
		complain("import: %s: %s", f->name, strerror(errno));
		ret = REFUSED;
	} else if (!ret && !f->ended) {
		complain("import: %s: the line \"end\" is missing: the file is cut off", f->name);
		ret = MISUSED;
	}
	return ret;
}

static void free_file(struct file *f)
{
	size_t i;

	for (i = 0; i < f->n_states; i++)
		free(f->states[i].text);
	for (i = 0; i < f->n_routes; i++)
		free((void *)f->routes[i].route.out);
	free(f->routes);
	free(f->states);
}

/* ---- import -------------------------------------------------------------- */

static int refused_line(const struct file *f, unsigned int line)
{
	complain("import: %s line %u: %s", f->name, line, ksrtp_error(tool.handle));
	return REFUSED;
}

static int set_state(struct file *f, struct ksrtp_handle *h, const struct state_line *line,
		     bool check, uint32_t skip)
{
	struct args a = { .context = "import", .object = "import" };
	char *text = copy(line->text), **words;
	struct ksrtp_state s;
	size_t n;
	int ret;

	words = cut(text, &n);
	a.at = words + 1;
	a.end = words + n;
	ret = read_state(&a, &s);
	if (!ret) {
		KSRTP_SET(&s, KSRTP_A_STATE_CHECK, check, check);
		if (s.dir == KSRTP_DIR_TX)
			KSRTP_SET(&s, KSRTP_A_STATE_TX_SKIP, tx_skip, skip);
		if (ksrtp_state_set(h, &s))
			ret = refused_line(f, line->line);
	}
	free(words);
	free(text);
	return ret;
}

/* All of it, so that what would be refused later is refused before anything is changed */
static int set_states(struct file *f, struct ksrtp_handle *h, bool check, uint32_t skip)
{
	int ret = DONE;
	size_t i;

	for (i = 0; !ret && i < f->n_states; i++)
		ret = set_state(f, h, &f->states[i], check, skip);
	return ret;
}

/* An output that is there already, and the route it is of */
struct had {
	bool any;
	uint32_t ssrc;
	uint8_t rtcp;
	struct ksrtp_out out;
};

/* The outputs of one peer's routes, in an order in which one among many is found at once */
struct there {
	uint32_t peer;
	struct had *outs;
	size_t n;
};

static int keep_route(const struct ksrtp_route *r, void *arg)
{
	struct there *t = arg;
	uint32_t i;

	for (i = 0; i < r->n_out; i++) {
		t->outs = grow(t->outs, &t->n, sizeof(*t->outs));
		t->outs[t->n - 1] = (struct had){
			.any = !KSRTP_HAS(r, KSRTP_A_ROUTE_SSRC), .ssrc = r->ssrc,
			.rtcp = (uint8_t)r->rtcp, .out = r->out[i],
		};
	}
	return 0;
}

static int by_route(const void *a, const void *b)
{
	const struct had *x = a, *y = b;

	if (x->any != y->any)
		return x->any - y->any;
	if (!x->any && x->ssrc != y->ssrc)
		return x->ssrc < y->ssrc ? -1 : 1;
	return (x->out.peer > y->out.peer) - (x->out.peer < y->out.peer);
}

/* Once for each peer, for an exported file has its routes together. */
static int look_there(struct ksrtp_handle *h, struct there *t, uint32_t peer)
{
	if (t->peer == peer)
		return 0;
	t->peer = peer;
	t->n = 0;
	if (ksrtp_route_dump(h, peer, keep_route, t))
		return -1;
	if (t->n)
		qsort(t->outs, t->n, sizeof(*t->outs), by_route);
	return 0;
}

static const struct had *find_out(const struct there *t, const struct ksrtp_route *r,
				  const struct ksrtp_out *out)
{
	const struct had sought = {
		.any = !KSRTP_HAS(r, KSRTP_A_ROUTE_SSRC), .ssrc = r->ssrc, .out = *out,
	};

	return t->n ? bsearch(&sought, t->outs, t->n, sizeof(*t->outs), by_route) : NULL;
}

static bool same_out(const struct ksrtp_out *a, const struct ksrtp_out *b)
{
	return a->has == b->has && a->rewrite_ssrc == b->rewrite_ssrc &&
	       a->rewrite_pt_old == b->rewrite_pt_old && a->rewrite_pt_new == b->rewrite_pt_new;
}

/* Leaves the outputs that are missing; refuses what is there and is not the same. */
static int check_route(struct file *f, struct ksrtp_handle *h, struct route_line *r,
		       struct there *t)
{
	struct ksrtp_out *outs = (struct ksrtp_out *)r->route.out;
	const bool rtcp = KSRTP_HAS(&r->route, KSRTP_A_ROUTE_RTCP);
	struct ksrtp_peer peer;
	uint32_t i, n = 0;

	if (ksrtp_peer_get(h, r->route.peer, &peer) || look_there(h, t, r->route.peer))
		return refused_line(f, r->line);
	for (i = 0; i < r->route.n_out; i++) {
		const struct had *had;

		if (ksrtp_peer_get(h, outs[i].peer, &peer))
			return refused_line(f, r->line);
		had = find_out(t, &r->route, &outs[i]);
		if (had && (!same_out(&had->out, &outs[i]) ||
			    (rtcp && had->rtcp != r->route.rtcp))) {
			complain("import: %s line %u: a route to peer %u is there, and another one",
				 f->name, r->line, outs[i].peer);
			return REFUSED;
		}
		if (!had)
			outs[n++] = outs[i];
	}
	r->route.n_out = n;
	return DONE;
}

static int check_routes(struct file *f, struct ksrtp_handle *h)
{
	struct there t = { 0 };
	int ret = DONE;
	size_t i;

	for (i = 0; !ret && i < f->n_routes; i++)
		ret = check_route(f, h, &f->routes[i], &t);
	free(t.outs);
	return ret;
}

static int apply(struct file *f, struct ksrtp_handle *h, uint32_t skip)
{
	size_t i;
	int ret;

	ret = set_states(f, h, true, skip);
	if (!ret)
		ret = check_routes(f, h);
	if (ret)
		return ret;
	ret = set_states(f, h, false, skip);
	for (i = 0; !ret && i < f->n_routes; i++) {
		if (f->routes[i].route.n_out && ksrtp_route_add(h, &f->routes[i].route))
			ret = refused_line(f, f->routes[i].line);
	}
	/* Short memory, or a packet that came meanwhile: each line is set whole. */
	if (ret)
		complain("import: %s: the lines before it are set, none after it; it may be imported again",
			 f->name);
	return ret;
}

struct options {
	uint64_t has;
	uint32_t skip;
};

static int import(struct args *a)
{
	static const struct word words[] = {
		{ .name = "tx-skip", .what = "tx-skip", .kind = WORD_NUMBER,
		  TO(struct options, skip), .min = 0, .max = UINT32_MAX },
	};
	struct options options = { 0 };
	struct ksrtp_handle *h;
	struct file f = { 0 };
	FILE *in = stdin;
	int ret;

	f.name = next_word(a, "FILE");
	if (!f.name || read_words(a, words, ARRAY_SIZE(words), &options))
		return MISUSED;
	if (strcmp(f.name, "-")) {
		in = fopen(f.name, "re");
		if (!in) {
			complain("import: %s: %s", f.name, strerror(errno));
			return REFUSED;
		}
	} else {
		f.name = "standard input";
	}
	ret = read_file(&f, in);
	if (in != stdin)
		fclose(in);
	if (!ret) {
		h = tool_handle();
		ret = h ? apply(&f, h, options.skip) : REFUSED;
	}
	free_file(&f);
	return ret;
}

static const struct verb export_verbs[] = {
	{ NULL, export, "[ peer ID ] > FILE",
	  "index state and routes, for another host to go on with; never keys" },
};

static const struct verb import_verbs[] = {
	{ NULL, import, "FILE [ tx-skip N ]",
	  "go on where the host was that wrote FILE (- is standard input)" },
};

const struct object export_object = OBJECT("export", "index state and routes into a file",
	export_verbs,
	"What a stream has reached under each key: packet indices, windows, SRTCP indices,\n"
	"counts; and the routes. The file has no keys. With -j the same, for reading.\n");
const struct object import_object = OBJECT("import", "index state and routes from a file",
	import_verbs,
	"Socks, peers (with the same ids) and keys must be there; streams must not have been\n"
	"used. The whole file is checked before anything is changed. With tx-skip N so many\n"
	"indices above the highest count as used: at least what was sent since the export.\n");
