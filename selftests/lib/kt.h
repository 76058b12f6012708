/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kt.h: what a test program in C needs to speak KTAP and to stand in a network
 * namespace of its own.
 *
 *	int main(void)
 *	{
 *		kt_plan(2);
 *		kt_netns();
 *		kt_ok(fd >= 0, "a socket can be attached");
 *		kt_ok(kt_wait_until(packets(fd) == 3, 2000),
 *		      "three packets are counted (%d seen)", packets(fd));
 *		return kt_done();
 *	}
 */
#ifndef KT_H
#define KT_H

/* unshare() and setns(): include this header first */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef __printf
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#endif

/* exit status of a test file, as kselftest has it */
enum { KT_PASS = 0, KT_FAIL = 1, KT_SKIP = 4 };

struct kt_state {
	int planned;
	int run;
	int failed;
	int skipped;
};

/* One for the program, however many of its files include this. */
__attribute__((weak)) struct kt_state kt_state;

static inline __printf(1, 2)
void kt_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

/* kt_plan - how many results there will be; before anything else */
static inline void kt_plan(int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	kt_state.planned = n;
	printf("TAP version 13\n1..%d\n", n);
}

/* kt_skip_all - nothing of this file can run here; instead of kt_plan() */
static inline __printf(1, 2) __attribute__((noreturn))
void kt_skip_all(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("TAP version 13\n1..0 # SKIP ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	exit(KT_SKIP);
}

/* kt_bail - no further test makes sense */
static inline __printf(1, 2) __attribute__((noreturn))
void kt_bail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("Bail out! ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	exit(KT_FAIL);
}

/* kt_ok - one result, named by the promise it checks; returns it */
static inline __printf(2, 3)
bool kt_ok(bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%sok %d ", ok ? "" : "not ", ++kt_state.run);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	if (!ok)
		kt_state.failed++;
	return ok;
}

/* kt_is - two numbers are equal; says both where they are not */
static inline __printf(3, 4)
bool kt_is(long long got, long long want, const char *fmt, ...)
{
	char name[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (got != want)
		kt_note("got %lld (%#llx), want %lld (%#llx)", got, got, want, want);
	return kt_ok(got == want, "%s", name);
}

/* kt_mem_is - two byte strings are equal; shows both where they are not */
static inline __printf(5, 6)
bool kt_mem_is(const void *got, size_t got_len, const void *want,
	       size_t want_len, const char *fmt, ...)
{
	bool same = got_len == want_len && !memcmp(got, want, want_len);
	char name[512];
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!same) {
		printf("# got  %zu:", got_len);
		for (i = 0; i < got_len; i++)
			printf(" %02x", ((const unsigned char *)got)[i]);
		printf("\n# want %zu:", want_len);
		for (i = 0; i < want_len; i++)
			printf(" %02x", ((const unsigned char *)want)[i]);
		printf("\n");
	}
	return kt_ok(same, "%s", name);
}

/* kt_skip - one planned result that cannot be had here, and why */
static inline __printf(2, 3)
void kt_skip(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("ok %d %s # SKIP ", ++kt_state.run, name);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	kt_state.skipped++;
}

/* kt_done - what main() returns */
static inline int kt_done(void)
{
	if (kt_state.run != kt_state.planned)
		kt_note("%d results planned, %d given", kt_state.planned, kt_state.run);
	if (kt_state.failed || kt_state.run != kt_state.planned)
		return KT_FAIL;
	return kt_state.run == kt_state.skipped ? KT_SKIP : KT_PASS;
}

static inline long long kt_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/*
 * Emulated and instrumented machines are slow: the runner says by how much in
 * KSRTP_SLOW, and each bound is multiplied by it.
 */
static inline int kt_slow(void)
{
	const char *slow = getenv("KSRTP_SLOW");

	return slow && atoi(slow) > 0 ? atoi(slow) : 1;
}

/*
 * kt_wait_until - evaluates @cond until it holds, for @ms milliseconds at most;
 * is what it was at last.
 */
#define kt_wait_until(cond, ms)						\
({									\
	long long kt_end_ = kt_now_ms() + (long long)(ms) * kt_slow();	\
	bool kt_held_;							\
									\
	while (!(kt_held_ = !!(cond)) && kt_now_ms() < kt_end_)		\
		usleep(2000);						\
	kt_held_;							\
})

/* kt_run - a shell command; its exit status, or 128 + signal */
static inline __printf(1, 2)
int kt_run(const char *fmt, ...)
{
	char command[4096];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	fflush(stdout);
	status = system(command);
	if (status == -1)
		kt_bail("cannot run '%s': %s", command, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* kt_must - a shell command without which the test cannot go on */
#define kt_must(...)							\
do {									\
	int kt_status_ = kt_run(__VA_ARGS__);				\
									\
	if (kt_status_)							\
		kt_bail("%s:%d: status %d of a command needed",		\
			__FILE__, __LINE__, kt_status_);		\
} while (0)

/* kt_link_up - sets a link of this network namespace up */
static inline void kt_link_up(const char *name)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		kt_bail("link %s: %s", name, strerror(errno));
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		kt_bail("link %s up: %s", name, strerror(errno));
	close(fd);
}

/* kt_netns - from here on in a new network namespace with lo up */
static inline void kt_netns(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		kt_bail("no network namespace: %s", strerror(errno));
	kt_link_up("lo");
}

/* kt_netns_fd - the present network namespace, for kt_netns_enter() */
static inline int kt_netns_fd(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kt_bail("/proc/self/ns/net: %s", strerror(errno));
	return fd;
}

static inline void kt_netns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET) < 0)
		kt_bail("setns: %s", strerror(errno));
}

/* kt_read - a small file as a string in @buf, "" where it cannot be read */
static inline char *kt_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return buf;
}

#endif /* KT_H */
