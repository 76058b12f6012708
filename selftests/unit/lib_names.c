// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every value of every enum of the netlink spec, and every drop reason, has the
 * name it has there; one added to the spec alone fails here.
 */
#include <kt.h>

#include <ctype.h>

#include <libksrtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* An enum, or a set of attributes, as the spec has it */
struct list {
	char name[48];
	bool attributes;
	bool constant;
	unsigned int start;
	char entries[64][64];
	unsigned int n;
};

static struct list lists[64];
static size_t n_lists;

/* ---- the spec: as much of YAML as it is written in ----------------------- */

static FILE *open_spec(void)
{
	const char *top = getenv("KSRTP_TOP");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/Documentation/netlink/specs/ksrtp.yaml", top ? top : ".");
	f = fopen(path, "r");
	if (!f)
		kt_bail("%s: %s", path, strerror(errno));
	return f;
}

/* "key: value" at this depth; NULL: the line is another */
static const char *value_at(const char *line, size_t depth, const char *key)
{
	if (strspn(line, " ") != depth || strncmp(line + depth, key, strlen(key)))
		return NULL;
	line += depth + strlen(key);
	return line + strspn(line, " ");
}

static void add_entry(struct list *l, const char *text)
{
	size_t len;

	text += strspn(text, " \"");
	len = strcspn(text, " \",]\n");
	if (!len || len >= sizeof(l->entries[0]) || l->n == ARRAY_SIZE(l->entries))
		kt_bail("an entry of %s cannot be read: %s", l->name, text);
	memcpy(l->entries[l->n++], text, len);
}

/* [ a, b ] */
static void add_entries(struct list *l, const char *text)
{
	text += strcspn(text, "[");
	while (*text && *text != ']') {
		add_entry(l, ++text);
		text += strcspn(text, ",]");
	}
}

static struct list *begin_list(const char *name, bool attributes)
{
	struct list *l;

	if (n_lists == ARRAY_SIZE(lists))
		kt_bail("the spec has more lists than this test can hold");
	l = &lists[n_lists++];
	l->attributes = attributes;
	l->start = attributes;
	snprintf(l->name, sizeof(l->name), "%.*s", (int)strcspn(name, "\n"), name);
	return l;
}

/* A line of a definition or of a set, once its name is known */
static void read_member(struct list *l, const char *line)
{
	const char *start = value_at(line, 4, "value-start:"), *item = value_at(line, 6, "-");
	const char *entries = value_at(line, 4, "entries:"), *name = value_at(line, 8, "name:");

	if (start)
		l->start = (unsigned int)strtoul(start, NULL, 10);
	else if (entries && *entries == '[')
		add_entries(l, entries);
	else if (name)
		add_entry(l, name);
	else if (item && isalnum((unsigned char)*item))
		add_entry(l, item);
}

static void read_line(struct list **l, bool attributes, bool *constant, const char *line)
{
	const char *type = value_at(line, 4, "type:"), *name = value_at(line, 4, "name:");

	/* The type of a definition stands before its name. */
	if (type)
		*constant = !strncmp(type, "const", 5);
	if (name) {
		*l = begin_list(name, attributes);
		(*l)->constant = *constant && !attributes;
	} else if (*l) {
		read_member(*l, line);
	}
}

static void read_spec(void)
{
	bool definitions = false, attributes = false, constant = false;
	FILE *f = open_spec();
	struct list *l = NULL;
	char line[1024];

	while (fgets(line, sizeof(line), f)) {
		if (isalpha((unsigned char)*line)) {
			definitions = !strncmp(line, "definitions:", 12);
			attributes = !strncmp(line, "attribute-sets:", 15);
			l = NULL;
		} else if (definitions || attributes) {
			read_line(&l, attributes, &constant, line);
		}
	}
	fclose(f);
}

/* ---- the names ----------------------------------------------------------- */

/* SDES names are the spec's in capitals. */
static const char *suite_name(unsigned int value)
{
	const char *name = ksrtp_str_suite(value);
	static char text[64];
	size_t i;

	if (!name)
		return NULL;
	for (i = 0; name[i] && i < sizeof(text) - 1; i++)
		text[i] = name[i] == '_' ? '-' : (char)tolower(name[i]);
	text[i] = '\0';
	return text;
}

static const struct {
	const char *list;
	const char *(*name)(unsigned int value);
} functions[] = {
	{ "unmatched", ksrtp_str_unmatched },
	{ "dir", ksrtp_str_dir },
	{ "layer", ksrtp_str_layer },
	{ "suite", suite_name },
	{ "roc-mode", ksrtp_str_roc_mode },
	{ "iv", ksrtp_str_iv },
	{ "mi", ksrtp_str_mi },
	{ "cryptex", ksrtp_str_cryptex },
	{ "rtcp-mode", ksrtp_str_rtcp },
	{ "event", ksrtp_str_event },
	{ "drops", ksrtp_str_drop },
};

static bool named(const struct list *l, const char *(*name)(unsigned int value))
{
	unsigned int i, value = l->start;
	bool ok = l->n > 0;

	for (i = 0; i < l->n; i++, value++) {
		const char *is = name(value);

		/* an attribute that no packet is counted in */
		if (l->attributes && !strcmp(l->entries[i], "pad"))
			continue;
		if (is && !strcmp(is, l->entries[i]))
			continue;
		kt_note("%u is \"%s\" in the spec, and \"%s\" here", value, l->entries[i],
			is ? is : "(no name)");
		ok = false;
	}
	if (name(value) || (l->start && name(l->start - 1))) {
		kt_note("there is a name for a number the spec does not have");
		ok = false;
	}
	return ok;
}

static const struct list *find_list(const char *name)
{
	size_t i;

	for (i = 0; i < n_lists; i++) {
		if (!strcmp(lists[i].name, name))
			return &lists[i];
	}
	return NULL;
}

/* Every enum there is has its function above. */
static bool all_known(void)
{
	bool ok = true;
	size_t i, j;

	for (i = 0; i < n_lists; i++) {
		if (lists[i].attributes || lists[i].constant)
			continue;
		for (j = 0; j < ARRAY_SIZE(functions); j++) {
			if (!strcmp(functions[j].list, lists[i].name))
				break;
		}
		if (j < ARRAY_SIZE(functions))
			continue;
		kt_note("enum %s has no function that names its values", lists[i].name);
		ok = false;
	}
	return ok;
}

int main(void)
{
	size_t i;

	kt_plan(ARRAY_SIZE(functions) + 1);
	read_spec();
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		const struct list *l = find_list(functions[i].list);

		kt_ok(l && named(l, functions[i].name),
		      "every value of %s has the name of the spec, and no other number has one",
		      functions[i].list);
	}
	kt_ok(all_known(), "there is no enum in the spec whose values have no names");
	return kt_done();
}
