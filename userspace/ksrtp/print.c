// SPDX-License-Identifier: GPL-2.0-or-later
/* What is shown: the same calls write JSON, lines, a table or a list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* One value of a table or a list, kept until the widths are known */
struct cell {
	char *name;
	char *value;
	bool number;
	size_t row;
};

static struct {
	enum pr_style style;
	bool details;		/* behind pr_details() */
	bool fresh;		/* nothing in this object yet */
	unsigned int depth;	/* of JSON brackets, or of lists in text */
	bool comma;		/* JSON: a sibling came before */
	bool told;		/* text: a line is begun */
	bool begun;		/* JSON: the bracket around it all is written */
	struct cell *cells;
	size_t n_cells;
	size_t max_cells;
	size_t row;
} pr;

/* ---- JSON ---------------------------------------------------------------- */

static void json_newline(void)
{
	unsigned int i;

	if (!tool.pretty)
		return;
	putchar('\n');
	for (i = 0; i < pr.depth; i++)
		fputs("    ", stdout);
}

static void json_sibling(void)
{
	if (pr.comma)
		putchar(',');
	if (pr.depth)
		json_newline();
	pr.comma = true;
}

static void json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		const unsigned char c = *s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_field(const char *field)
{
	json_sibling();
	putchar('"');
	for (; *field; field++)
		putchar(*field == '-' ? '_' : *field);
	fputs(tool.pretty ? "\": " : "\":", stdout);
}

static void json_open(char bracket)
{
	putchar(bracket);
	pr.depth++;
	pr.comma = false;
}

static void json_close(char bracket)
{
	pr.depth--;
	if (pr.comma)
		json_newline();
	putchar(bracket);
	pr.comma = true;
}

/* ---- text ---------------------------------------------------------------- */

static void text_begin_line(void)
{
	unsigned int i;

	if (pr.told)
		putchar('\n');
	for (i = 0; i < pr.depth; i++)
		fputs("    ", stdout);
	pr.told = true;
	pr.fresh = true;
}

static void text_words(const char *label, const char *value)
{
	if (!pr.told)
		text_begin_line();
	if (!pr.fresh)
		putchar(' ');
	pr.fresh = false;
	if (label && *label)
		printf("%s ", label);
	fputs(value, stdout);
}

static char *copy(const char *s)
{
	char *c = strdup(s);

	if (!c)
		out_of_memory();
	return c;
}

static void text_cell(const char *name, const char *value, bool number)
{
	if (pr.n_cells == pr.max_cells) {
		pr.max_cells = pr.max_cells ? 2 * pr.max_cells : 256;
		pr.cells = realloc(pr.cells, pr.max_cells * sizeof(*pr.cells));
		if (!pr.cells)
			out_of_memory();
	}
	pr.cells[pr.n_cells++] = (struct cell) {
		.name = copy(name), .value = copy(value), .number = number, .row = pr.row,
	};
}

static void text_field(const char *field, const char *label, const char *value, bool number)
{
	if (pr.details && !tool.details)
		return;
	if (pr.style == PR_TABLE || pr.style == PR_LIST)
		text_cell(label && *label ? label : field, value, number);
	else
		text_words(label ? label : field, value);
}

/* ---- a table's columns --------------------------------------------------- */

struct column {
	const char *name;
	size_t width;
	bool number;
};

/* Columns in the order of fields; one some rows lack stands where others have it. */
static size_t find_columns(struct column *columns, size_t max)
{
	size_t i, j, n = 0, after = 0, row = SIZE_MAX;

	for (i = 0; i < pr.n_cells; i++) {
		const struct cell *c = &pr.cells[i];

		if (c->row != row) {
			row = c->row;
			after = 0;
		}
		for (j = 0; j < n && strcmp(columns[j].name, c->name); j++)
			;
		if (j == n) {
			if (n == max)
				continue;
			memmove(&columns[after + 1], &columns[after],
				(n - after) * sizeof(*columns));
			columns[after] = (struct column) { c->name, strlen(c->name), c->number };
			n++;
			j = after;
		}
		if (columns[j].width < strlen(c->value))
			columns[j].width = strlen(c->value);
		after = j + 1;
	}
	return n;
}

static void put_cell(const struct column *c, const char *value, bool upper, bool last)
{
	const int pad = (int)(c->width - strlen(value));

	if (c->number)
		printf("%*s", pad, "");
	for (; *value; value++)
		putchar(upper && *value >= 'a' && *value <= 'z' ? *value - 'a' + 'A' : *value);
	if (!last)
		printf("%*s  ", c->number ? 0 : pad, "");
}

static void put_table(void)
{
	struct column columns[64];
	const size_t n = find_columns(columns, ARRAY_SIZE(columns));
	size_t i = 0, j, row;

	for (j = 0; j < n; j++)
		put_cell(&columns[j], columns[j].name, true, j == n - 1);
	if (n)
		putchar('\n');
	while (i < pr.n_cells) {
		const size_t begin = i;

		row = pr.cells[i].row;
		while (i < pr.n_cells && pr.cells[i].row == row)
			i++;
		for (j = 0; j < n; j++) {
			const char *value = "-";
			size_t k;

			for (k = begin; k < i; k++) {
				if (!strcmp(pr.cells[k].name, columns[j].name))
					value = pr.cells[k].value;
			}
			put_cell(&columns[j], value, false, j == n - 1);
		}
		putchar('\n');
	}
}

static void put_list(void)
{
	size_t i, width = 0;

	for (i = 0; i < pr.n_cells; i++) {
		if (strlen(pr.cells[i].name) > width)
			width = strlen(pr.cells[i].name);
	}
	for (i = 0; i < pr.n_cells; i++)
		printf("%-*s  %s\n", (int)width, pr.cells[i].name, pr.cells[i].value);
}

/* ---- begin and end ------------------------------------------------------- */

void pr_begin(enum pr_style style)
{
	memset(&pr, 0, sizeof(pr));
	pr.style = style;
}

/* Late, so that nothing is written where the kernel refuses. */
static void json_begin(void)
{
	if (!pr.begun && pr.style != PR_EVENTS)
		json_open('[');
	pr.begun = true;
}

void pr_end(void)
{
	size_t i;

	if (tool.json) {
		json_begin();
		if (pr.style != PR_EVENTS) {
			json_close(']');
			putchar('\n');
		}
		return;
	}
	if (pr.style == PR_TABLE)
		put_table();
	else if (pr.style == PR_LIST)
		put_list();
	else if (pr.told)
		putchar('\n');
	for (i = 0; i < pr.n_cells; i++) {
		free(pr.cells[i].name);
		/* `derive' prints keys this way. */
		ksrtp_wipe(pr.cells[i].value, strlen(pr.cells[i].value));
		free(pr.cells[i].value);
	}
	free(pr.cells);
	memset(&pr, 0, sizeof(pr));
}

void pr_open(const char *label)
{
	pr.details = false;
	if (tool.json) {
		json_begin();
		json_sibling();
		json_open('{');
		return;
	}
	pr.row++;
	if (pr.style == PR_TABLE || pr.style == PR_LIST)
		return;
	text_begin_line();
	if (label)
		text_words(NULL, label);
}

void pr_close(void)
{
	if (tool.json)
		json_close('}');
	if (pr.style != PR_EVENTS)
		return;
	putchar('\n');
	fflush(stdout);
	pr.comma = false;
	pr.told = false;
}

void pr_details(void)
{
	pr.details = true;
	if (tool.json || !tool.details || pr.style == PR_TABLE || pr.style == PR_LIST)
		return;
	pr.depth++;
	text_begin_line();
	pr.depth--;
}

void pr_list(const char *field)
{
	if (tool.json) {
		json_field(field);
		json_open('[');
	} else {
		pr.depth++;
	}
}

void pr_list_end(void)
{
	if (tool.json)
		json_close(']');
	else
		pr.depth--;
}

/* ---- fields -------------------------------------------------------------- */

void pr_number(const char *field, const char *label, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (tool.json) {
		json_field(field);
		fputs(text, stdout);
	} else {
		text_field(field, label, text, true);
	}
}

void pr_text(const char *field, const char *label, const char *value)
{
	if (tool.json) {
		json_field(field);
		json_string(value);
	} else {
		text_field(field, label, value, false);
	}
}

void pr_plain(const char *value)
{
	if (!tool.json)
		text_field("", "", value, false);
}

void pr_name(const char *field, const char *label, unsigned int value,
	     const char *(*names)(unsigned int value))
{
	const char *name = names(value);

	if (name)
		pr_text(field, label, name);
	else
		pr_number(field, label, value);
}

void pr_switch(const char *field, const char *label, bool on)
{
	if (tool.json)
		pr_number(field, label, on);
	else
		pr_text(field, label, on ? "on" : "off");
}

void pr_hex(const char *field, const char *label, const uint8_t *bytes, size_t len)
{
	char text[2 * KSRTP_MAX_SECRET + 1] = "";
	size_t i;

	for (i = 0; i < len && i < KSRTP_MAX_SECRET; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	pr_text(field, label, text);
	/* `derive' prints keys this way. */
	ksrtp_wipe(text, sizeof(text));
}

void pr_numbers(const char *field, const char *label, const uint8_t *numbers, size_t n)
{
	char text[4 * UINT8_MAX + 1] = "";
	size_t i, len = 0;

	for (i = 0; i < n && i < UINT8_MAX; i++)
		len += sprintf(text + len, "%s%u", i ? "," : "", numbers[i]);
	if (tool.json) {
		json_field(field);
		printf("[%s]", text);
	} else {
		text_field(field, label, text, false);
	}
}

void pr_ssrc(const char *field, const char *label, bool any, uint32_t ssrc)
{
	char text[16] = "any";

	if (!any)
		snprintf(text, sizeof(text), "0x%08x", ssrc);
	pr_text(field, label, text);
}

void pr_addr(const char *field, const char *label, const struct ksrtp_addr *addr, bool port)
{
	char text[KSRTP_ADDR_STRLEN];

	pr_text(field, label, ksrtp_addr_str(tool.handle, addr, port, text));
}

/* ---- drops --------------------------------------------------------------- */

static const char *drop_name(unsigned int reason, char *buf, size_t size)
{
	const char *name = ksrtp_str_drop(reason);

	if (name)
		return name;
	/* A kernel newer than this tool */
	snprintf(buf, size, "reason-%u", reason);
	return buf;
}

/* In text, what was not dropped is left out. */
static void text_drops(const struct ksrtp_drops *drops)
{
	char text[64 * 48] = "", name[32];
	const bool list = pr.style == PR_LIST;
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(drops->count); i++) {
		char label[48];

		if (!drops->count[i])
			continue;
		snprintf(label, sizeof(label), "drops-%s", drop_name(i, name, sizeof(name)));
		if (list)
			pr_number(label, NULL, drops->count[i]);
		n += snprintf(text + n, sizeof(text) - n, "%s%s %llu", n ? ", " : "",
			      label + strlen("drops-"), (unsigned long long)drops->count[i]);
	}
	if (!list)
		text_field("drops", NULL, n ? text : "none", false);
	else if (!n)
		pr_text("drops", NULL, "none");
}

void pr_drops(const struct ksrtp_drops *drops)
{
	unsigned int i;
	char name[32];

	if (!tool.json) {
		text_drops(drops);
		return;
	}
	json_field("drops");
	json_open('{');
	for (i = 0; i < ARRAY_SIZE(drops->count); i++) {
		if (drops->has & KSRTP_BIT(i))
			pr_number(drop_name(i, name, sizeof(name)), NULL, drops->count[i]);
	}
	json_close('}');
}
