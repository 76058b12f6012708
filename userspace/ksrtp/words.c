// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a command line, read by tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* ---- messages ------------------------------------------------------------ */

const char *quoted(const char *word)
{
	static char text[80];
	char *p;

	snprintf(text, sizeof(text), "\"%.60s%s\"", word, strlen(word) > 60 ? "..." : "");
	for (p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	return text;
}

const char *shown(const char *word)
{
	return ksrtp_looks_secret(word) ? "(hidden, it may be key material)" : quoted(word);
}

/* Edits (one letter in, out, changed or two swapped) from one word to the other */
static size_t distance(const char *a, const char *b)
{
	size_t d[3][64], i, j;
	const size_t m = strlen(a), n = strlen(b);

	if (m >= ARRAY_SIZE(d[0]) || n >= ARRAY_SIZE(d[0]))
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		d[0][j] = j;
	for (i = 1; i <= m; i++) {
		size_t *now = d[i % 3], *last = d[(i + 2) % 3], *before = d[(i + 1) % 3];

		now[0] = i;
		for (j = 1; j <= n; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return d[m % 3][n];
}

const char *nearest(const char *word, const char *const *candidates, size_t n)
{
	const size_t len = strlen(word);
	const char *best = NULL;
	size_t i, least = len < 4 ? 2 : len / 2 + 1;

	for (i = 0; i < n; i++) {
		const size_t d = distance(word, candidates[i]);

		if (d < least) {
			least = d;
			best = candidates[i];
		}
	}
	/* "unmat" is far from "unmatched", and yet it is meant. */
	for (i = 0; !best && len > 1 && i < n; i++) {
		if (!strncmp(candidates[i], word, len))
			best = candidates[i];
	}
	return best;
}

static int unknown_word(const struct args *a, const char *word, const struct word *words, size_t n)
{
	const char *names[64] = { 0 }, *near;
	size_t i, len = 0;
	char all[1024] = "";

	for (i = 0; i < n && i < ARRAY_SIZE(names); i++) {
		names[i] = words[i].name;
		if (len < sizeof(all))
			len += snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "",
					names[i]);
	}
	near = nearest(word, names, i);
	if (near)
		return misused(a, "unknown word %s; did you mean \"%s\"?", shown(word), near);
	if (!i)
		return misused(a, "unknown word %s; nothing follows here", shown(word));
	return misused(a, "unknown word %s; there are: %s", shown(word), all);
}

/* ---- one value ----------------------------------------------------------- */

const char *next_word(struct args *a, const char *what)
{
	if (a->at < a->end)
		return *a->at++;
	misused(a, "%s is missing", what);
	return NULL;
}

int no_more_words(struct args *a)
{
	return a->at < a->end ? unknown_word(a, *a->at, NULL, 0) : DONE;
}

int take_word(struct args *a, const char *word)
{
	const char *next = next_word(a, word);

	if (!next)
		return MISUSED;
	if (strcmp(next, word))
		return misused(a, "%s where \"%s\" is expected", shown(next), word);
	return DONE;
}

bool parse_number(const char *text, uint64_t *value)
{
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *p = hex ? text + 2 : text;
	uint64_t v = 0;

	if (!*p)
		return false;
	for (; *p; p++) {
		unsigned int digit;

		if (*p >= '0' && *p <= '9')
			digit = *p - '0';
		else if (hex && (*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
			digit = (*p | 0x20) - 'a' + 10;
		else
			return false;
		if (__builtin_mul_overflow(v, hex ? 16u : 10u, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*value = v;
	return true;
}

int take_number(struct args *a, const char *what, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *word = next_word(a, what);

	if (!word)
		return MISUSED;
	if (!parse_number(word, value) || *value < min || *value > max)
		return misused(a, "%s is to be a number from %llu to %llu, not %s", what,
			       (unsigned long long)min, (unsigned long long)max, shown(word));
	return DONE;
}

int take_id(struct args *a, const char *what, uint32_t *id)
{
	uint64_t value;
	int ret = take_number(a, what, 1, UINT32_MAX, &value);

	if (!ret)
		*id = (uint32_t)value;
	return ret;
}

int take_ssrc(struct args *a, bool any_too, bool *any, uint32_t *ssrc)
{
	const char *word = next_word(a, "the SSRC");
	uint64_t value;

	if (!word)
		return MISUSED;
	*any = any_too && !strcmp(word, "any");
	if (*any)
		return DONE;
	if (!parse_number(word, &value) || value > UINT32_MAX)
		return misused(a, "an SSRC is 32 bits, decimal or 0x-hex%s, not %s",
			       any_too ? ", or \"any\"" : "", shown(word));
	*ssrc = (uint32_t)value;
	return DONE;
}

int take_addr(struct args *a, bool port, struct ksrtp_addr *addr)
{
	const char *word = next_word(a, port ? "ADDR:PORT" : "the address");
	struct ksrtp_handle *h = NULL;
	struct ksrtp_error err;

	if (!word)
		return MISUSED;
	/* An interface is one of the namespace the request is for. */
	if (strchr(word, '%')) {
		h = tool_handle();
		if (!h)
			return REFUSED;
	}
	if (ksrtp_addr_parse(h, word, port, addr, &err))
		return misused(a, "%s", err.text);
	return DONE;
}

static int take_hex(struct args *a, const struct word *w, uint8_t *bytes, uint8_t *len)
{
	const char *word = next_word(a, w->what);
	struct ksrtp_secret s;
	struct ksrtp_error err;
	size_t i;

	if (!word)
		return MISUSED;
	for (i = 0; word[i]; i++) {
		if (!strchr("0123456789abcdefABCDEF", word[i]))
			return misused(a, "%s is to be hex digits, not %s", w->what, shown(word));
	}
	if (ksrtp_secret_parse(word, i, 1, w->size, &s, &err))
		return misused(a, "%s is to be 1 to %zu bytes in hex", w->what, w->size);
	memcpy(bytes, s.data, s.len);
	*len = (uint8_t)s.len;
	return DONE;
}

static const char *on_off(unsigned int value)
{
	static const char *const names[] = { "off", "on" };

	return value < ARRAY_SIZE(names) ? names[value] : NULL;
}

static int take_choice(struct args *a, const char *what, const char *(*names)(unsigned int),
		       uint8_t *value)
{
	const char *word = next_word(a, what);
	char all[128] = "";
	size_t len = 0;
	unsigned int i;

	if (!word)
		return MISUSED;
	for (i = 0; names(i); i++) {
		if (!strcmp(word, names(i))) {
			*value = (uint8_t)i;
			return DONE;
		}
		len += snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", names(i));
	}
	return misused(a, "%s is to be one of: %s; not %s", what, all, shown(word));
}

/* ---- by table ------------------------------------------------------------ */

static void store_number(void *to, size_t size, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	switch (size) {
	case 1:
		memcpy(to, &u8, 1);
		break;
	case 2:
		memcpy(to, &u16, 2);
		break;
	case 4:
		memcpy(to, &u32, 4);
		break;
	default:
		memcpy(to, &value, 8);
		break;
	}
}

static int take_value(struct args *a, const struct word *w, void *obj)
{
	char *to = (char *)obj + w->offset;
	uint64_t *has = obj;
	uint64_t number;
	bool any = false;
	int ret = DONE;

	switch (w->kind) {
	case WORD_NUMBER:
		ret = take_number(a, w->what, w->min, w->max, &number);
		if (!ret)
			store_number(to, w->size, number);
		break;
	case WORD_SSRC:
	case WORD_SSRC_ANY:
		ret = take_ssrc(a, w->kind == WORD_SSRC_ANY, &any, (uint32_t *)to);
		break;
	case WORD_ADDR_PORT:
	case WORD_ADDR:
		ret = take_addr(a, w->kind == WORD_ADDR_PORT, (struct ksrtp_addr *)to);
		break;
	case WORD_CHOICE:
		ret = take_choice(a, w->what, w->names, (uint8_t *)to);
		break;
	case WORD_SWITCH:
		ret = take_choice(a, w->name, on_off, (uint8_t *)to);
		break;
	case WORD_VALUE:
		store_number(to, w->size, w->min);
		break;
	case WORD_TEXT:
		*(const char **)to = next_word(a, w->what);
		ret = *(const char **)to ? DONE : MISUSED;
		break;
	case WORD_HEX:
		ret = take_hex(a, w, (uint8_t *)to, (uint8_t *)obj + w->len_offset);
		break;
	case WORD_CALL:
		ret = w->call(a, w, obj);
		break;
	}
	if (!ret && w->attr && !any)
		*has |= KSRTP_BIT(w->attr);
	return ret;
}

static bool seen(const struct word *words, size_t n, uint64_t mask, const struct word *w)
{
	size_t i;

	if (mask & UINT64_C(1) << (w - words))
		return true;
	/* rx and tx, hbh and e2e: two words, one attribute */
	for (i = 0; w->attr && i < n; i++) {
		if (words[i].attr == w->attr && mask & UINT64_C(1) << i)
			return true;
	}
	return false;
}

int read_words(struct args *a, const struct word *words, size_t n, void *obj)
{
	uint64_t mask = 0;
	size_t i;
	int ret;

	while (a->at < a->end) {
		const char *word = *a->at++;

		for (i = 0; i < n && strcmp(words[i].name, word); i++)
			;
		if (i == n)
			return unknown_word(a, word, words, n);
		if (!words[i].many && seen(words, n, mask, &words[i])) {
			if (words[i].kind == WORD_VALUE && words[i].what)
				return misused(a, "%s: one of them, and once", words[i].what);
			return misused(a, "\"%s\" is given twice", word);
		}
		ret = take_value(a, &words[i], obj);
		if (ret)
			return ret;
		mask |= UINT64_C(1) << i;
	}
	for (i = 0; i < n; i++) {
		if (!words[i].must || seen(words, n, mask, &words[i]))
			continue;
		if (words[i].kind == WORD_VALUE)
			return misused(a, "%s is missing", words[i].what);
		return misused(a, "\"%s\" is missing", words[i].name);
	}
	return DONE;
}
