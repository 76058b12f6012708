// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp [options] OBJECT VERB ...: the table of objects, help, refusals. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define VERSION "0.1.0"

struct tool tool;

static const struct object *const objects[] = {
	&sock_object, &peer_object, &key_object, &route_object, &stream_object,
	&stats_object, &monitor_object, &derive_object, &doctor_object,
	&export_object, &import_object,
};

/* ---- messages ------------------------------------------------------------ */

void complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("ksrtp: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int refused(void)
{
	complain("%s", ksrtp_error(tool.handle));
	return REFUSED;
}

int misused(const struct args *a, const char *fmt, ...)
{
	char text[1280];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->context)
		complain("%s: %s", a->context, text);
	else
		complain("%s", text);
	fprintf(stderr, "See `ksrtp %s%shelp'.\n", a->object ? a->object : "",
		a->object ? " " : "");
	return MISUSED;
}

void out_of_memory(void)
{
	complain("out of memory");
	exit(REFUSED);
}

struct ksrtp_handle *tool_handle(void)
{
	struct ksrtp_error err;

	if (!tool.handle && ksrtp_open(&tool.handle, tool.netns, &err))
		complain("%s", err.text);
	return tool.handle;
}

/* ---- help ---------------------------------------------------------------- */

static void put_usage(const struct object *o, const struct verb *v)
{
	printf("    ksrtp %s%s%s%s%s\n", o->name, v->name ? " " : "", v->name ? v->name : "",
	       *v->usage ? " " : "", v->usage);
	printf("        %s\n", v->help);
}

static int help_object(const struct object *o)
{
	size_t i;

	printf("ksrtp %s: %s\n\n", o->name, o->help);
	for (i = 0; i < o->n_verbs; i++)
		put_usage(o, &o->verbs[i]);
	if (o->more)
		printf("\n%s", o->more);
	return DONE;
}

static void put_help(FILE *f)
{
	size_t i;

	fputs("Usage: ksrtp [-j] [-p] [-s] [-n NETNS] OBJECT VERB ...\n\n"
	      "    -j, --json         JSON\n"
	      "    -p, --pretty       JSON with line breaks\n"
	      "    -s, --statistics   more of it, in text\n"
	      "    -n, --netns NAME   in this network namespace (ip netns)\n"
	      "    -V, --version      version of the tool\n"
	      "    -h, --help         this\n\n"
	      "OBJECT:\n", f);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		fprintf(f, "    %-10s %s\n", objects[i]->name, objects[i]->help);
	fputs("\n`ksrtp OBJECT help' says more, ksrtp(8) everything.\n", f);
}

/* ---- finding what was meant ---------------------------------------------- */

static const struct object *find_object(const char *name)
{
	const char *names[ARRAY_SIZE(objects)];
	const char *near;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		if (!strcmp(objects[i]->name, name))
			return objects[i];
		names[i] = objects[i]->name;
	}
	near = nearest(name, names, ARRAY_SIZE(names));
	if (near)
		complain("there is no object %s; did you mean \"%s\"?", shown(name), near);
	else
		complain("there is no object %s", shown(name));
	fputs("See `ksrtp help'.\n", stderr);
	return NULL;
}

static const struct verb *find_verb(struct args *a, const struct object *o, const char *name)
{
	const char *names[16];
	const char *near;
	char all[256] = "";
	size_t i, len = 0;

	for (i = 0; i < o->n_verbs; i++) {
		if (!strcmp(o->verbs[i].name, name))
			return &o->verbs[i];
		names[i] = o->verbs[i].name;
		len += snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", names[i]);
	}
	near = nearest(name, names, o->n_verbs);
	if (near)
		misused(a, "unknown verb %s; did you mean \"%s\"?", shown(name), near);
	else
		misused(a, "unknown verb %s; there are: %s", shown(name), all);
	return NULL;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

static int run_verb(struct args *a, const struct object *o, const struct verb *v)
{
	char context[64];

	snprintf(context, sizeof(context), "%s%s%s", o->name, v->name ? " " : "",
		 v->name ? v->name : "");
	a->context = context;
	if (a->at < a->end && is_help(*a->at)) {
		a->at++;
		if (no_more_words(a))
			return MISUSED;
		put_usage(o, v);
		return DONE;
	}
	return v->run(a);
}

static int run_object(struct args *a, const struct object *o)
{
	const struct verb *v = &o->verbs[0];
	const char *word;

	a->context = o->name;
	a->object = o->name;
	if (a->at < a->end && is_help(*a->at)) {
		a->at++;
		return no_more_words(a) ? MISUSED : help_object(o);
	}
	if (v->name) {
		word = next_word(a, "the verb");
		if (!word)
			return MISUSED;
		v = find_verb(a, o, word);
		if (!v)
			return MISUSED;
	}
	return run_verb(a, o, v);
}

/* help [OBJECT] */
static int run_help(struct args *a)
{
	const struct object *o;

	if (a->at == a->end) {
		put_help(stdout);
		return DONE;
	}
	o = find_object(*a->at++);
	if (!o)
		return MISUSED;
	a->context = "help";
	return no_more_words(a) ? MISUSED : help_object(o);
}

static int run(struct args *a)
{
	const struct object *o;
	const char *word;

	if (a->at == a->end) {
		put_help(stderr);
		return MISUSED;
	}
	word = *a->at++;
	if (is_help(word))
		return run_help(a);
	o = find_object(word);
	return o ? run_object(a, o) : MISUSED;
}

/* ---- options ------------------------------------------------------------- */

static int read_options(int argc, char **argv, bool *end)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "statistics", no_argument, NULL, 's' },
		{ "netns", required_argument, NULL, 'n' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int c;

	optind = 0;	/* GNU: from the beginning */
	*end = false;
	while ((c = getopt_long(argc, argv, "+jpsn:Vh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			tool.json = true;
			break;
		case 'p':
			tool.pretty = true;
			break;
		case 's':
			tool.details = true;
			break;
		case 'n':
			tool.netns = optarg;
			break;
		case 'V':
			puts("ksrtp " VERSION);
			*end = true;
			return DONE;
		case 'h':
			put_help(stdout);
			*end = true;
			return DONE;
		default:	/* getopt has said it */
			fputs("See `ksrtp help'.\n", stderr);
			return MISUSED;
		}
	}
	return DONE;
}

/* What was printed and could not be written is not done. */
static int written(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "ksrtp: standard output: %s\n", strerror(errno));
	return status ? status : REFUSED;
}

int tool_main(int argc, char **argv)
{
	struct args a = { 0 };
	int status;
	bool end;

	memset(&tool, 0, offsetof(struct tool, handle));
	status = read_options(argc, argv, &end);
	a.at = argv + optind;
	a.end = argv + argc;
	if (!status && !end)
		status = run(&a);
	status = written(status);
	ksrtp_close(tool.handle);
	tool.handle = NULL;
	return status;
}
