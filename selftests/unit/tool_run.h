/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tool_run.h: the tool run inside the test, with what it says kept, so that
 * the sanitizers see all of it and a fake kernel can answer it.
 */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include <kt.h>

#include <sys/mman.h>
#include <sys/stat.h>

#include <tool.h>

static struct {
	int status;
	char out[1 << 18];
	char err[1 << 14];
} said;

/* A directory of the test's own, and files in it; gone when the test ends. */
static char run_dir[64];

static inline void run_dir_remove(void)
{
	kt_run("rm -rf %s", run_dir);
}

/* run_file - a file with this in it; its path, good until the 8th call from here */
static inline const char *run_file(const char *name, const char *text)
{
	static char paths[8][128];
	static unsigned int next;
	char *path = paths[next++ % 8];
	FILE *f;

	if (!*run_dir) {
		snprintf(run_dir, sizeof(run_dir), "/tmp/ksrtp-unit-XXXXXX");
		if (!mkdtemp(run_dir))
			kt_bail("mkdtemp: %s", strerror(errno));
		atexit(run_dir_remove);
	}
	snprintf(path, 128, "%s/%s", run_dir, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		kt_bail("%s: %s", path, strerror(errno));
	return path;
}

static inline int run_catch(int fd, int *saved)
{
	int catch = memfd_create("said", MFD_CLOEXEC);

	*saved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (catch < 0 || *saved < 0 || dup2(catch, fd) < 0)
		kt_bail("output cannot be caught: %s", strerror(errno));
	return catch;
}

static inline void run_release(int fd, int saved, int catch, char *buf, size_t size)
{
	ssize_t n = pread(catch, buf, size - 1, 0);

	if (n < 0 || n == (ssize_t)size - 1 || dup2(saved, fd) < 0)
		kt_bail("output cannot be read");
	buf[n] = '\0';
	close(saved);
	close(catch);
}

/* run_function - any function, with what it says kept */
static inline int run_function(int (*function)(void))
{
	int out, err, saved_out, saved_err;

	fflush(stdout);
	fflush(stderr);
	out = run_catch(STDOUT_FILENO, &saved_out);
	err = run_catch(STDERR_FILENO, &saved_err);
	said.status = function();
	fflush(stdout);
	fflush(stderr);
	run_release(STDOUT_FILENO, saved_out, out, said.out, sizeof(said.out));
	run_release(STDERR_FILENO, saved_err, err, said.err, sizeof(said.err));
	return said.status;
}

static int run_argc;
static char **run_argv;

static inline int run_tool(void)
{
	return tool_main(run_argc, run_argv);
}

/* run_words - the tool with these words */
static inline int run_words(int argc, char **argv)
{
	run_argc = argc;
	run_argv = argv;
	return run_function(run_tool);
}

/* run - the tool with these words, separated by white space; its exit status */
static inline __printf(1, 2)
int run(const char *fmt, ...)
{
	static char line[8192];
	char *argv[256], *word, *save;
	int argc = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	argv[argc++] = (char *)"ksrtp";
	for (word = strtok_r(line, "\n ", &save); word && argc < 255;
	     word = strtok_r(NULL, "\n ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	return run_words(argc, argv);
}

/* run_note - what was said, for a result that is not as it should be */
static inline void run_note(void)
{
	kt_note("status %d\nstdout: %s\nstderr: %s", said.status, said.out, said.err);
}

/* run_is - it ended so, and said this on standard error ("": nothing) */
static inline __printf(3, 4)
bool run_is(int status, const char *text, const char *fmt, ...)
{
	bool ok = said.status == status &&
		  (*text ? !!strstr(said.err, text) : !*said.err);
	char name[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!ok) {
		kt_note("wanted status %d and \"%s\"", status, text);
		run_note();
	}
	return kt_ok(ok, "%s", name);
}

/* run_json - standard output is JSON for which this jq expression is true */
static inline __printf(2, 3)
bool run_json(const char *jq, const char *fmt, ...)
{
	const char *json = run_file("out.json", said.out), *program = run_file("jq", jq);
	char name[512];
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	ok = !kt_run("jq -e -f %s %s > /dev/null", program, json) && said.status == DONE;
	if (!ok) {
		kt_note("not true: %s", jq);
		run_note();
	}
	return kt_ok(ok, "%s", name);
}

/* run_text - standard output is this */
static inline __printf(2, 3)
bool run_text(const char *want, const char *fmt, ...)
{
	bool ok = !strcmp(said.out, want);
	char name[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!ok) {
		kt_note("wanted: %s", want);
		run_note();
	}
	return kt_ok(ok, "%s", name);
}

#endif /* TOOL_RUN_H */
