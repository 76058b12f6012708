// SPDX-License-Identifier: GPL-2.0-or-later
/* Completion offers the words the tool takes, and none it does not. */
#include "tool_run.h"

/* The words offered behind this line, in a line */
static void offered(const char *line, char *words, size_t size)
{
	char command[2048];
	FILE *f;
	size_t n;

	snprintf(command, sizeof(command),
		 "bash -c '. %s/userspace/completion/ksrtp\n"
		 "line=(%s \"\"); COMP_WORDS=(\"${line[@]}\"); COMP_CWORD=$((${#line[@]} - 1))\n"
		 "_ksrtp; echo \" ${COMPREPLY[*]} \"'",
		 getenv("KSRTP_TOP") ? getenv("KSRTP_TOP") : ".", line);
	f = popen(command, "r");
	n = f ? fread(words, 1, size - 1, f) : 0;
	words[n] = '\0';
	if (!f || pclose(f))
		kt_bail("bash cannot run the completion");
}

static const struct {
	const char *line;
	const char *has;
	const char *has_not;
} rows[] = {
	{ "ksrtp", " doctor ", " attach " },
	{ "ksrtp -j -s", " sock ", " show " },
	{ "ksrtp help", " key ", " -j " },
	{ "ksrtp key", " flush ", " attach " },
	{ "ksrtp -n x key", " flush ", " attach " },
	{ "ksrtp key add", " peer ", " pid " },
	{ "ksrtp key add peer 1 rx hbh ssrc any", " suite ", " ssrc " },
	{ "ksrtp key add peer 1 rx hbh ssrc any suite", " NULL_HMAC_SHA1_80 ", " key-file " },
	{ "ksrtp key add peer 1 rx e2e ssrc any mi", " derived ", " mi-len " },
	{ "ksrtp key add peer 1 rx e2e ssrc any mi-len", "  ", " mi " },
	{ "ksrtp route add from peer 1 ssrc any to peer 2", " to ", " from " },
	{ "ksrtp route add from", " peer ", " ssrc " },
	{ "ksrtp sock attach pid 1 fd 3 unmatched", " pass ", " id " },
	{ "ksrtp stats", " help ", " show " },
};

/* Each word of each verb is one the tool knows: it is not "unknown". */
static const char *const verbs[] = {
	"sock attach", "sock open 0.0.0.0:1", "sock set 1", "peer add", "peer set 1", "key add",
	"key set", "key del", "key show", "key flush", "route add", "route del", "stream show",
	"derive e2e", "derive hbh", "derive session",
};

static void check_known(const char *verb)
{
	char line[256], words[4096], *word, *save;
	bool ok = true;
	int n = 0;

	snprintf(line, sizeof(line), "ksrtp %s", verb);
	offered(line, words, sizeof(words));
	for (word = strtok_r(words, "\n ", &save); word; word = strtok_r(NULL, "\n ", &save)) {
		n++;
		run("%s %s", verb, word);
		if (!strstr(said.err, "unknown word"))
			continue;
		kt_note("%s %s: %s", verb, word, said.err);
		ok = false;
	}
	kt_ok(ok && n, "what is offered behind \"%s\" is known to it (%d words)", verb, n);
}

int main(void)
{
	char words[4096];
	size_t i;

	if (kt_run("bash -c true"))
		kt_skip_all("bash is not installed");
	kt_plan(ARRAY_SIZE(rows) + ARRAY_SIZE(verbs));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool ok;

		offered(rows[i].line, words, sizeof(words));
		ok = strstr(words, rows[i].has) && !strstr(words, rows[i].has_not);
		if (!ok)
			kt_note("offered: %s", words);
		kt_ok(ok, "\"%s\": offered is \"%s\", not \"%s\"", rows[i].line, rows[i].has,
		      rows[i].has_not);
	}
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		check_known(verbs[i]);
	return kt_done();
}
