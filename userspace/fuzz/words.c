// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines: any words end in one of the three exit statuses, and no word
 * that may be a key is in what is said about it.
 *
 * Words are separated by white space. There is no kernel behind the handle, so
 * what is understood is refused. Left out: files by a path and doctor, which
 * would make the outcome depend on the machine.
 */
#include "../../selftests/fuzz/fuzz.h"

#include "internal.h"
#include "tool.h"

#define MAX_WORDS	64

static int cut(char *line, char **argv)
{
	char *word, *save;
	int argc = 0;

	argv[argc++] = (char *)"ksrtp";
	for (word = strtok_r(line, "\n\t ", &save); word && argc < MAX_WORDS;
	     word = strtok_r(NULL, "\n\t ", &save)) {
		if (strchr(word, '/') || !strcmp(word, "-") || !strcmp(word, "doctor"))
			return 0;
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

/* Suites look like keys, and are said when one is not known. */
static bool of_a_suite(const char *word)
{
	struct ksrtp_suite_info suite;
	unsigned int id;

	for (id = 0; id < 64; id++) {
		if (ksrtp_suite_get(id, &suite))
			continue;
		if (strstr(suite.name, word) || (suite.dtls_name && strstr(suite.dtls_name, word)))
			return true;
	}
	return false;
}

static bool after_suite(int argc, char **argv, const char *word)
{
	int i;

	for (i = 2; i < argc; i++) {
		if (!strcmp(argv[i - 1], "suite") && strstr(argv[i], word))
			return true;
	}
	return false;
}

/* getopt repeats an option it does not know. */
static bool may_be_said(int argc, char **argv, const char *word)
{
	return word[0] == '-' || of_a_suite(word) || after_suite(argc, argv, word) ||
	       !ksrtp_looks_secret(word);
}

static int run(int argc, char **argv, char **said, size_t *said_len)
{
	FILE *out = stdout, *err = stderr;
	int status;

	stdout = fopen("/dev/null", "w");
	stderr = open_memstream(said, said_len);
	if (!stdout || !stderr || ksrtp__from_fd(&tool.handle, -1, -1))
		abort();
	status = tool_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	return status;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	char *argv[MAX_WORDS + 1], *line = strndup((const char *)data, size), *said;
	char *words = line ? strdup(line) : NULL;
	size_t said_len;
	int argc = words ? cut(words, argv) : 0, status, i;

	if (argc) {
		status = run(argc, argv, &said, &said_len);
		promise(status == DONE || status == REFUSED || status == MISUSED);
		promise(status == DONE || said_len);
		/* getopt has changed the order of nothing: "+" */
		for (i = 1; i < argc; i++) {
			if (may_be_said(argc, argv, argv[i]) || !strstr(said, argv[i]))
				continue;
			dprintf(2, "\"%s\" is in: %s", argv[i], said);
			abort();
		}
		free(said);
	}
	free(words);
	free(line);
	return 0;
}
