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
	{ "ksrtp key add peer 1 rx hbh ssrc any cryptex", " off on require ", " rcc " },
	{ "ksrtp key add peer 1 rx hbh ssrc any enc-ext", "  ", " rcc " },
	{ "ksrtp key add peer 1 rx hbh ssrc any enc-ext 1,2", " rcc ", " enc-ext " },
	{ "ksrtp key add peer 1 tx hbh ssrc any from-seq", "  ", " rcc " },
	{ "ksrtp key add peer 1 tx hbh ssrc any rcc", "  ", " cryptex " },
	{ "ksrtp key add peer 1 rx e2e ssrc any mi-len", "  ", " mi " },
	{ "ksrtp route add from peer 1 ssrc any to peer 2", " to ", " from " },
	{ "ksrtp route add from", " peer ", " ssrc " },
	{ "ksrtp sock attach pid 1 fd 3 unmatched", " pass ", " id " },
	{ "ksrtp stats", " help ", " show " },
	{ "ksrtp export", " peer ", " id " },
	{ "ksrtp export peer 1", "  ", " peer " },
	{ "ksrtp -n x import file", " tx-skip ", " peer " },
	{ "ksrtp import file tx-skip", "  ", " tx-skip " },
};

/* What the tool takes is offered, and what is offered is not "unknown" to it. */
static const char *const verbs[] = {
	"sock attach", "sock open 0.0.0.0:1", "sock set 1", "peer add", "peer set 1", "key add",
	"key set", "key del", "key show", "key flush", "route add", "route del", "stream show",
	"derive e2e", "derive hbh", "derive session",
};

static void check_known(const char *verb)
{
	static const char there_are[] = "; there are: ";
	char line[256], words[4096], known[2048], text[64], *word, *save;
	bool ok;
	int n = 0;

	snprintf(line, sizeof(line), "ksrtp %s", verb);
	offered(line, words, sizeof(words));
	run("%s ~~~~~~~~", verb);
	word = strstr(said.err, there_are);
	ok = !!word;
	snprintf(known, sizeof(known), "%s", word ? word + sizeof(there_are) - 1 : "");
	known[strcspn(known, "\n")] = '\0';
	for (word = strtok_r(known, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		snprintf(text, sizeof(text), " %s ", word);
		if (strstr(words, text))
			continue;
		kt_note("%s takes \"%s\", which is not offered", verb, word);
		ok = false;
	}
	for (word = strtok_r(words, "\n ", &save); word; word = strtok_r(NULL, "\n ", &save)) {
		n++;
		run("%s %s", verb, word);
		if (!strstr(said.err, "unknown word"))
			continue;
		kt_note("%s %s: %s", verb, word, said.err);
		ok = false;
	}
	kt_ok(ok && n, "what \"%s\" takes is offered behind it, and nothing else (%d words)", verb,
	      n);
}

static void check_suites(void)
{
	char words[4096], text[64];
	struct ksrtp_suite_info s;
	unsigned int id, n = 0, spaces = 0;
	bool ok = true;
	const char *p;

	offered("ksrtp key add peer 1 rx hbh ssrc any suite", words, sizeof(words));
	for (id = 0; id < 1000; id++) {
		if (ksrtp_suite_get(id, &s))
			continue;
		snprintf(text, sizeof(text), " %s ", s.name);
		ok = ok && strstr(words, text);
		n++;
	}
	for (p = words; *p; p++)
		spaces += *p == ' ';
	if (!ok || spaces != n + 1)
		kt_note("offered: %s", words);
	kt_ok(ok && spaces == n + 1, "behind \"suite\" every suite is offered, by its SDES name");
}

int main(void)
{
	char words[4096];
	size_t i;

	if (kt_run("bash -c true"))
		kt_skip_all("bash is not installed");
	kt_plan(ARRAY_SIZE(rows) + ARRAY_SIZE(verbs) + 1);
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
	check_suites();
	return kt_done();
}
