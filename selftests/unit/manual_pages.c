// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The manual pages have every word of the tool, every suite and event, every
 * function of the library, drops.rst has every reason; what they show of C compiles.
 */
#include "tool_run.h"

#include <ctype.h>

static char tool_page[1 << 17], library_page[1 << 17], header[1 << 17],
	    drops_page[1 << 17];

static const char *top(void)
{
	const char *dir = getenv("KSRTP_TOP");

	return dir ? dir : ".";
}

static void read_text(const char *name, char *text, size_t size)
{
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top(), name);
	f = fopen(path, "r");
	n = f ? fread(text, 1, size - 1, f) : 0;
	if (!n || n == size - 1)
		kt_bail("%s cannot be read", path);
	text[n] = '\0';
	fclose(f);
}

/* What a page says, without how: \fB and its like go, \- is -, \e is \ */
static void read_page(const char *name, char *text, size_t size)
{
	char *to = text, *from;

	read_text(name, text, size);
	for (from = text; *from; from++) {
		if (*from != '\\' || !from[1]) {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 'f':
			from += !!from[1];
			break;
		case '&':
			break;
		case 'e':
			*to++ = '\\';
			break;
		default:
			*to++ = *from;
		}
	}
	*to = '\0';
}

static bool of_a_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static bool has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);
	const char *at;

	for (at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if ((at == text || !of_a_word(at[-1])) && !of_a_word(at[len]))
			return true;
	}
	kt_note("not there: %s", word);
	return false;
}

/* ---- ksrtp(8) ------------------------------------------------------------ */

static const char *const verbs[] = {
	"sock attach", "sock open 0.0.0.0:1", "sock set 1", "peer add", "peer set 1", "key add",
	"key set", "key del", "key show", "key flush", "route add", "route del", "stream show",
	"derive e2e", "derive hbh", "derive session",
};

/* "unknown word ...; there are: WORD, WORD, ..." */
static void check_words(const char *verb)
{
	static const char there_are[] = "; there are: ";
	char *word, *save;
	unsigned int n = 0;
	bool ok = true;

	run("%s ~~~~~~~~", verb);
	word = strstr(said.err, there_are);
	if (word) {
		word += sizeof(there_are) - 1;
		word[strcspn(word, "\n")] = '\0';
		for (word = strtok_r(word, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
			ok = has_word(tool_page, word) && ok;
			n++;
		}
	}
	kt_ok(ok && n, "every word of \"%s\" is in ksrtp(8) (%u words)", verb, n);
}

static void check_suites(void)
{
	struct ksrtp_suite_info s;
	unsigned int id, n = 0;
	bool ok = true;

	for (id = 0; id < 1000; id++) {
		char line[128];

		if (ksrtp_suite_get(id, &s))
			continue;
		n++;
		snprintf(line, sizeof(line), "\n%-40s  %zu + %zu ", s.name, s.key_len, s.salt_len);
		if (strstr(tool_page, line))
			continue;
		kt_note("not there: %s", line + 1);
		ok = false;
	}
	kt_ok(ok && n, "every suite is in ksrtp(8), with its key and salt (%u suites)", n);
}

static void check_events(void)
{
	unsigned int event, n = 0;
	bool ok = true, helped = true;

	run("monitor help");
	for (event = 0; event < 256; event++) {
		const char *name = ksrtp_str_event(event);
		char line[64];

		if (!name)
			continue;
		n++;
		snprintf(line, sizeof(line), ".TP\n.B %s\n", name);
		if (!strstr(tool_page, line)) {
			kt_note("not there: %s", name);
			ok = false;
		}
		helped = has_word(said.out, name) && helped;
	}
	kt_ok(ok && n, "every event is in ksrtp(8) (%u events)", n);
	kt_ok(helped, "and in the help of monitor");
}

/* Names as in JSON, with _ */
static void check_drops(void)
{
	unsigned int reason, n = 0;
	bool ok = true;

	for (reason = 0; reason < 256; reason++) {
		const char *name = ksrtp_str_drop(reason);
		char line[64], *p;

		if (!name)
			continue;
		n++;
		snprintf(line, sizeof(line), "\n   * - ``%s``\n", name);
		for (p = line + 8; *p; p++)
			*p = *p == '-' ? '_' : *p;
		if (strstr(drops_page, line))
			continue;
		kt_note("not there: %s", name);
		ok = false;
	}
	kt_ok(ok && n, "every drop reason is in drops.rst (%u reasons)", n);
}

/* ---- libksrtp(3) --------------------------------------------------------- */

/* Functions of the header, by "ksrtp_...(" outside of comments */
static size_t find_functions(char names[][64], size_t max)
{
	const char *at = header;
	bool comment = false;
	size_t n = 0;

	for (; *at; at++) {
		size_t len;

		if (comment || !strncmp(at, "/*", 2)) {
			comment = strncmp(at, "*/", 2);
			continue;
		}
		if (strncmp(at, "ksrtp_", 6) || of_a_word(at[-1]))
			continue;
		len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (at[len] == '(' && len < 64 && n < max) {
			memcpy(names[n], at, len);
			names[n++][len] = '\0';
		}
		at += len - 1;
	}
	return n;
}

static void check_functions(void)
{
	static char names[256][64];
	const size_t n = find_functions(names, 256);
	bool ok = true, exported = true;
	size_t i;

	for (i = 0; i < n; i++) {
		ok = has_word(library_page, names[i]) && ok;
		if (!kt_run("nm -D --defined-only %s/build/user/libksrtp.so.1 | grep -q ' %s@'",
			    top(), names[i]))
			continue;
		kt_note("not exported: %s", names[i]);
		exported = false;
	}
	kt_ok(ok && n > 50, "every function of libksrtp.h is in libksrtp(3) (%zu functions)", n);
	kt_ok(exported, "and exported by the library");
}

/* From a line that begins so to the next ".fi", as a file that compiles, or does not */
static void check_example(const char *begin, const char *before, const char *what)
{
	const char *at = strstr(library_page, begin), *end = at ? strstr(at, "\n.fi") : NULL;
	char path[128];
	bool ok = end;
	FILE *f;

	if (ok) {
		snprintf(path, sizeof(path), "%s", run_file("example.c", ""));
		f = fopen(path, "w");
		if (!f)
			kt_bail("%s: %s", path, strerror(errno));
		fprintf(f, "%s%.*s\n", before, (int)(end - at), at);
		fclose(f);
		ok = !kt_run("${CC:-cc} -std=gnu11 -fsyntax-only -Wall -Wextra -Werror\\\n"
			     " -Wno-unused-function -I%s/uapi -I%s/userspace/lib %s", top(), top(),
			     path);
	}
	kt_ok(ok, "%s compiles", what);
}

int main(void)
{
	size_t i;

	kt_plan(ARRAY_SIZE(verbs) + 1 + 2 + 1 + 2 + 2);
	read_page("userspace/man/ksrtp.8", tool_page, sizeof(tool_page));
	read_page("userspace/man/libksrtp.3", library_page, sizeof(library_page));
	read_text("Documentation/drops.rst", drops_page, sizeof(drops_page));
	read_text("userspace/lib/libksrtp.h", header, sizeof(header));
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		check_words(verbs[i]);
	check_suites();
	check_events();
	check_drops();
	check_functions();
	check_example("#include <err.h>", "", "the example of libksrtp(3)");
	check_example("static void use_dtls_keys",
		      "#include <err.h>\n#include <string.h>\n#include <libksrtp.h>\n"
		      "#include <openssl/ssl.h>\n#include <openssl/srtp.h>\n",
		      "what it shows of DTLS-SRTP");
	return kt_done();
}
