/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it JSON (RFC 8259)? A reader that builds nothing. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <string.h>

static inline const char *json_value(const char *p, int depth);

static inline const char *json_space(const char *p)
{
	return p + strspn(p, " \t\n\r");
}

static inline const char *json_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u' && strspn(p + 1, "0123456789abcdefABCDEF") >= 4)
			p += 4;
		else if (!*p || !strchr("\"\\/bfnrt", *p))
			return NULL;
	}
	return p + 1;
}

static inline const char *json_number(const char *p)
{
	const size_t n = strspn(*p == '-' ? ++p : p, "0123456789");

	return n && (n == 1 || *p != '0') ? p + n : NULL;
}

/* Values of an array, or names and values of an object */
static inline const char *json_many(const char *p, char end, int depth)
{
	p = json_space(p);
	if (*p == end)
		return p + 1;
	for (;; p++) {
		if (end == '}') {
			p = json_string(json_space(p));
			p = p ? json_space(p) : NULL;
			if (!p || *p++ != ':')
				return NULL;
		}
		p = json_value(p, depth);
		p = p ? json_space(p) : NULL;
		if (!p || *p == end)
			return p ? p + 1 : NULL;
		if (*p != ',')
			return NULL;
	}
}

static inline const char *json_value(const char *p, int depth)
{
	p = json_space(p);
	if (!depth)
		return NULL;
	if (*p == '{' || *p == '[')
		return json_many(p + 1, *p == '{' ? '}' : ']', depth - 1);
	if (*p == '"')
		return json_string(p);
	if (!strncmp(p, "true", 4) || !strncmp(p, "null", 4))
		return p + 4;
	return strncmp(p, "false", 5) ? json_number(p) : p + 5;
}

/* is_json - one value; with @lines any number of them */
static inline bool is_json(const char *text, bool lines)
{
	const char *p = json_space(text);

	do {
		if (lines && !*p)
			return true;
		p = json_value(p, 16);
		p = p ? json_space(p) : NULL;
	} while (lines && p);
	return p && !*p;
}

#endif /* JSON_H */
