/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tool: objects with verbs (command.c), the words a verb takes (words.c),
 * what it shows (print.c); one file per object.
 */
#ifndef KSRTP_TOOL_H
#define KSRTP_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libksrtp.h>

#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __noreturn		__attribute__((noreturn))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit status */
enum {
	DONE = 0,
	REFUSED = 1,	/* by the kernel, or for want of something */
	MISUSED = 2,	/* what was typed has no meaning */
};

/* ---- command.c ----------------------------------------------------------- */

/**
 * struct args - what is left of the command line
 * @at: next word
 * @end: behind the last
 * @context: "key add", for messages
 * @object: "key", for the hint where help is
 */
struct args {
	char **at;
	char **end;
	const char *context;
	const char *object;
};

/**
 * struct verb - one row of an object's table
 * @name: NULL where the object is a verb itself ("stats")
 * @run: does it; its return value is the exit status
 * @usage: what follows the name
 * @help: one line
 */
struct verb {
	const char *name;
	int (*run)(struct args *a);
	const char *usage;
	const char *help;
};

/**
 * struct object - one row of the tool's table
 * @name: as it is typed
 * @help: one line
 * @verbs: its verbs
 * @n_verbs: how many
 * @more: printed at the end of its help, NULL: nothing
 */
struct object {
	const char *name;
	const char *help;
	const struct verb *verbs;
	size_t n_verbs;
	const char *more;
};

#define OBJECT(name_, help_, verbs_, more_)				\
	{ .name = (name_), .help = (help_), .verbs = (verbs_),		\
	  .n_verbs = ARRAY_SIZE(verbs_), .more = (more_) }

extern const struct object sock_object, peer_object, key_object, route_object, stream_object;
extern const struct object stats_object, monitor_object, derive_object, doctor_object;
extern const struct object export_object, import_object;

/**
 * struct tool - the options, and the handle once it is open
 * @netns: -n, or NULL
 * @json: -j
 * @pretty: -p
 * @details: -s
 * @handle: opened by tool_handle()
 */
struct tool {
	const char *netns;
	bool json;
	bool pretty;
	bool details;
	struct ksrtp_handle *handle;
};

extern struct tool tool;

int tool_main(int argc, char **argv);

/* tool_handle - the handle, NULL if there is none, and then the reason was printed */
struct ksrtp_handle *tool_handle(void);

/* complain - "ksrtp: ..." on standard error */
void __printf(1, 2) complain(const char *fmt, ...);

/* refused - prints the sentence of the handle's error; always REFUSED */
int refused(void);

/* misused - "ksrtp: CONTEXT: ..." and where help is; always MISUSED */
int __printf(2, 3) misused(const struct args *a, const char *fmt, ...);

/* out_of_memory - there is no going on */
void __noreturn out_of_memory(void);

/* ---- monitor.c ----------------------------------------------------------- */

/* monitor_events - prints events until they cannot be read; always REFUSED */
int monitor_events(struct ksrtp_handle *h);

/* ---- route.c ------------------------------------------------------------- */

/* read_route - the words of "route add"; the outputs are the caller's to free() */
int read_route(struct args *a, struct ksrtp_route *route);

/* ---- words.c ------------------------------------------------------------- */

enum word_kind {
	WORD_NUMBER,	/* a number of @size bytes, @min to @max */
	WORD_SSRC,	/* one SSRC */
	WORD_SSRC_ANY,	/* one SSRC, or "any", which leaves the attribute out */
	WORD_ADDR_PORT,	/* struct ksrtp_addr with a port */
	WORD_ADDR,	/* struct ksrtp_addr without */
	WORD_CHOICE,	/* one of @names; its number goes to a byte */
	WORD_SWITCH,	/* on or off, a byte */
	WORD_VALUE,	/* takes nothing; @min goes to a byte */
	WORD_TEXT,	/* a const char *, the next word as it is */
	WORD_HEX,	/* bytes; the length goes to the byte at @len_offset */
	WORD_CALL,	/* @call does it */
};

/**
 * struct word - one word a verb understands
 * @name: as it is typed
 * @what: its argument, for messages; for a word without, what must be there
 * @kind: what follows it
 * @must: it cannot be left out
 * @many: may be given more than once
 * @attr: netlink attribute, whose bit is set in the object's has; 0: none
 * @offset: where the value goes
 * @size: bytes of it
 * @len_offset: WORD_HEX
 * @min: WORD_NUMBER, WORD_VALUE
 * @max: WORD_NUMBER
 * @names: WORD_CHOICE
 * @call: WORD_CALL
 */
struct word {
	const char *name;
	const char *what;
	enum word_kind kind;
	bool must;
	bool many;
	uint16_t attr;
	size_t offset;
	size_t size;
	size_t len_offset;
	uint64_t min;
	uint64_t max;
	const char *(*names)(unsigned int value);
	int (*call)(struct args *a, const struct word *w, void *obj);
};

/* .offset and .size of a member */
#define TO(type, member)						\
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/**
 * read_words - reads the rest of the command line by a table
 * @a: the rest
 * @words: the table
 * @n: rows
 * @obj: where values go; if any row has an attr, it begins with has
 *
 * Return: DONE, or MISUSED with the reason printed.
 */
int read_words(struct args *a, const struct word *words, size_t n, void *obj);

/* no_more_words - the rest must be empty */
int no_more_words(struct args *a);

/* next_word - the next, or NULL after a message that @what is missing */
const char *next_word(struct args *a, const char *what);

/* word_given - was the attribute of a word given? */
static inline bool has_attr(uint64_t has, unsigned int attr)
{
	return !!(has & KSRTP_BIT(attr));
}

int take_number(struct args *a, const char *what, uint64_t min, uint64_t max, uint64_t *value);
int take_id(struct args *a, const char *what, uint32_t *id);
int take_ssrc(struct args *a, bool any_too, bool *any, uint32_t *ssrc);
int take_addr(struct args *a, bool port, struct ksrtp_addr *addr);
/* take_word - this very word must follow */
int take_word(struct args *a, const char *word);

/* parse_number - decimal or 0x-hex, nothing else; false: it is no number */
bool parse_number(const char *text, uint64_t *value);

/* quoted - @word in quotes for a message; static buffer */
const char *quoted(const char *word);
/* shown - the same, unless it may be key material */
const char *shown(const char *word);

/* nearest - the candidate typed wrongly, NULL: none is near */
const char *nearest(const char *word, const char *const *candidates, size_t n);

/* ---- print.c ------------------------------------------------------------- */

/*
 * Everything shown is given once, field by field, and comes out as JSON or as
 * text. A field has its name of the netlink spec (JSON turns - into _) and a
 * label for text: NULL is the name, "" is none.
 */
enum pr_style {
	PR_LINES,	/* an object is a line, "label value label value" */
	PR_TABLE,	/* an object is a row below headings */
	PR_LIST,	/* a field is a line */
	PR_EVENTS,	/* as PR_LINES, without an array around, flushed one by one */
};

void pr_begin(enum pr_style style);
void pr_end(void);
/* pr_open - an object begins; @label begins its line of text */
void pr_open(const char *label);
void pr_close(void);
/* pr_details - what follows in this object is for JSON, and for text with -s */
void pr_details(void);
void pr_number(const char *field, const char *label, uint64_t value);
void pr_text(const char *field, const char *label, const char *value);
/* pr_plain - text that is there in text only */
void pr_plain(const char *value);
/* pr_name - a number by its name, or as a number where it has none */
void pr_name(const char *field, const char *label, unsigned int value,
	     const char *(*names)(unsigned int value));
void pr_switch(const char *field, const char *label, bool on);
void pr_hex(const char *field, const char *label, const uint8_t *bytes, size_t len);
/* pr_numbers - in JSON an array */
void pr_numbers(const char *field, const char *label, const uint8_t *numbers, size_t n);
void pr_ssrc(const char *field, const char *label, bool any, uint32_t ssrc);
void pr_addr(const char *field, const char *label, const struct ksrtp_addr *addr, bool port);
void pr_drops(const struct ksrtp_drops *drops);
/* pr_list - objects inside an object: an array; in text, lines below it */
void pr_list(const char *field);
void pr_list_end(void);

#endif /* KSRTP_TOOL_H */
