// SPDX-License-Identifier: GPL-2.0-or-later
/* Several things at once, and system calls that wait for a page. */
#include "race.h"

#include <linux/userfaultfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static atomic_bool race_over;

long long race_ms(long long ms)
{
	const char *seconds = getenv("KSRTP_RACE_SECONDS");

	return seconds && atoi(seconds) > 0 ? atoi(seconds) * 1000LL : ms;
}

static void *act(void *arg)
{
	struct race_actor *a = arg;

	while (!atomic_load(&race_over)) {
		a->turn(atomic_load(&a->rounds));
		atomic_fetch_add(&a->rounds, 1);
	}
	return NULL;
}

static bool all_ran(struct race_actor *actors, size_t n, unsigned long least)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (atomic_load(&actors[i].rounds) < least)
			return false;
	return true;
}

bool race_run(struct race_actor *actors, size_t n, long long ms, unsigned long least)
{
	long long begin = kt_now_ms(), end = begin + race_ms(ms);
	bool all;
	size_t i;

	atomic_store(&race_over, false);
	for (i = 0; i < n; i++) {
		atomic_store(&actors[i].rounds, 0);
		if (pthread_create(&actors[i].thread, NULL, act, &actors[i]))
			kt_bail("no thread");
	}
	while (kt_now_ms() < end)
		usleep(20000);
	all = kt_wait_until(all_ran(actors, n, least), RIG_WAIT);
	atomic_store(&race_over, true);
	for (i = 0; i < n; i++)
		pthread_join(actors[i].thread, NULL);
	for (i = 0; i < n; i++)
		kt_note("race: %s: %lu rounds in %lld ms", actors[i].what,
			atomic_load(&actors[i].rounds), kt_now_ms() - begin);
	return all;
}

/* ---- the module ---- */

int race_refs(void)
{
	char text[32];

	return atoi(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

int race_unload(void)
{
	return syscall(SYS_delete_module, "ksrtp", O_NONBLOCK) ? -errno : 0;
}

static int try_load(int fd)
{
	return !syscall(SYS_finit_module, fd, "", 0) || errno == EEXIST ? 0 : -errno;
}

void race_load(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	char path[512];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/ksrtp.ko", dir ? dir : ".");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kt_bail("%s: %s", path, strerror(errno));
	/* While one of the name is on its way out there can be no other. */
	kt_wait_until((err = try_load(fd)) != -EBUSY, RIG_WAIT);
	if (err)
		kt_bail("%s: %s", path, strerror(-err));
	close(fd);
}

static long meminfo(const char *text, const char *row)
{
	const char *at = strstr(text, row);

	return at ? atol(at + strlen(row)) : 0;
}

long race_memory(void)
{
	char text[4096];

	kt_read("/proc/meminfo", text, sizeof(text));
	return meminfo(text, "SUnreclaim:") + meminfo(text, "Percpu:");
}

bool race_debug(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK) || kt_slow() > 3;
}

static bool stats_are_zero(struct ksrtp_handle *h)
{
	struct ksrtp_stats s;

	return !ksrtp_stats_get(h, &s) &&
	       !(s.socks || s.peers || s.keys || s.routes || s.streams);
}

bool race_nothing_left(void)
{
	struct ksrtp_handle *h = rig_handle();
	bool none = kt_wait_until(stats_are_zero(h), RIG_WAIT);

	ksrtp_close(h);
	return none;
}

/* ---- a page that is missing ---- */

bool stall_open(struct stall *s)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t size = sysconf(_SC_PAGESIZE);

	s->page = NULL;
	s->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (s->uffd < 0)
		return false;
	s->page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)s->page;
	reg.range.len = size;
	if (s->page == MAP_FAILED || ioctl(s->uffd, UFFDIO_API, &api) ||
	    ioctl(s->uffd, UFFDIO_REGISTER, &reg))
		kt_bail("userfaultfd: %s", strerror(errno));
	return true;
}

bool stall_met(const struct stall *s)
{
	struct uffd_msg msg;

	return kt_wait_until(read(s->uffd, &msg, sizeof(msg)) == sizeof(msg), RIG_WAIT);
}

void stall_end(struct stall *s, const void *data, size_t len)
{
	size_t size = sysconf(_SC_PAGESIZE);
	struct uffdio_copy copy = { .dst = (uintptr_t)s->page, .len = size };
	void *full = calloc(1, size);

	if (!full)
		kt_bail("no memory");
	memcpy(full, data, len);
	copy.src = (uintptr_t)full;
	if (ioctl(s->uffd, UFFDIO_COPY, &copy))
		kt_bail("userfaultfd copy: %s", strerror(errno));
	free(full);
}

void stall_close(struct stall *s)
{
	munmap(s->page, sysconf(_SC_PAGESIZE));
	close(s->uffd);
}

static void *call_stalled(void *arg)
{
	struct stalled_call *c = arg;

	c->error = setsockopt(c->fd, c->level, c->name, c->stall.page, sizeof(int)) ? -errno : 0;
	return NULL;
}

bool stalled_start(struct stalled_call *c, int fd, int level, int name)
{
	c->fd = fd;
	c->level = level;
	c->name = name;
	if (!stall_open(&c->stall))
		return false;
	if (pthread_create(&c->thread, NULL, call_stalled, c))
		kt_bail("no thread");
	if (!stall_met(&c->stall))
		kt_bail("a setsockopt does not wait for its value");
	return true;
}

int stalled_end(struct stalled_call *c, int value)
{
	stall_end(&c->stall, &value, sizeof(value));
	pthread_join(c->thread, NULL);
	stall_close(&c->stall);
	return c->error;
}
