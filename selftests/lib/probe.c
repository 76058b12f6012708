// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's tracing as a counter. */
#include "probe.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include "refsrtp.h"

#define TRACING	"/sys/kernel/tracing"
/* A buffer of its own for what is watched, which nobody reads */
#define WATCH	TRACING "/instances/ksrtp-test"
#define GROUP	"ksrtp_test"

static bool has_tracing(void)
{
	/* Not every boot mounts it; one that did says EBUSY. */
	mount("tracefs", TRACING, "tracefs", 0, NULL);
	return !access(TRACING "/events", F_OK);
}

/* Writes a line to a file of tracefs. Return: 0 or a negative errno. */
static int tell(const char *path, int flags, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		err = -errno;
	close(fd);
	return err;
}

/* ---- calls ---- */

static void event_path(const struct probe *p, const char *file, char *path, size_t size)
{
	snprintf(path, size, TRACING "/events/" GROUP "/%s/%s", p->name, file);
}

bool probe_calls(struct probe *p, const char *function, const char *argument)
{
	char line[256], path[256];

	memset(p, 0, sizeof(*p));
	if (!has_tracing())
		return false;
	snprintf(p->name, sizeof(p->name), "%.30s", function);
	snprintf(line, sizeof(line), "p:" GROUP "/%s %s%s%s\n", p->name, function,
		 argument ? " value=" : "", argument ? argument : "");
	if (tell(TRACING "/kprobe_events", O_APPEND, line)) {
		p->name[0] = '\0';
		return false;
	}
	event_path(p, "trigger", path, sizeof(path));
	if (argument && tell(path, O_APPEND, "hist:keys=value\n")) {
		probe_end(p);
		return false;
	}
	event_path(p, "enable", path, sizeof(path));
	if (tell(path, 0, "1\n"))
		kt_bail("%s cannot be counted", function);
	return true;
}

unsigned long probe_hits(const struct probe *p)
{
	FILE *f = p->name[0] ? fopen(TRACING "/kprobe_profile", "re") : NULL;
	unsigned long hits, found = 0, missed, lost = 0;
	char name[64];

	if (!f)
		return 0;
	while (fscanf(f, "%63s %lu %lu", name, &hits, &missed) == 3) {
		if (strcmp(name, p->name))
			continue;
		found = hits;
		lost = missed;
	}
	fclose(f);
	if (lost)
		kt_bail("%lu calls of %s were not counted", lost, p->name);
	return found;
}

unsigned long probe_with(const struct probe *p, unsigned long value)
{
	unsigned long key, hits, found = 0;
	char path[256], line[256];
	FILE *f;

	event_path(p, "hist", path, sizeof(path));
	f = fopen(path, "re");
	if (!f)
		kt_bail("%s: %s", path, strerror(errno));
	/* "{ value:         10 } hitcount:          3" */
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "{ value: %lu } hitcount: %lu", &key, &hits) == 2 && key == value)
			found = hits;
	}
	fclose(f);
	return found;
}

unsigned long probe_before(const struct probe *p, const struct probe *other, unsigned int nth)
{
	FILE *f = fopen(TRACING "/trace", "re");
	char line[512], mine[40], end[40];
	unsigned long found = 0;

	if (!f)
		kt_bail(TRACING "/trace: %s", strerror(errno));
	/* "task-1 [000] d.... 1.234567: name: (function+0x0/0x10)" */
	snprintf(mine, sizeof(mine), " %s: ", p->name);
	snprintf(end, sizeof(end), " %s: ", other->name);
	while (nth && fgets(line, sizeof(line), f)) {
		found += *line != '#' && strstr(line, mine);
		nth -= *line != '#' && strstr(line, end);
	}
	fclose(f);
	return found;
}

unsigned long probe_bh_off(const struct probe *p)
{
	FILE *f = fopen(TRACING "/trace", "re");
	char line[512], mine[40], *flags;
	unsigned long found = 0;

	if (!f)
		kt_bail(TRACING "/trace: %s", strerror(errno));
	/* "task-1 [000] b.... 1.234567: name: (function+0x0/0x10)"; D is b and d */
	snprintf(mine, sizeof(mine), " %s: ", p->name);
	while (fgets(line, sizeof(line), f)) {
		flags = *line != '#' && strstr(line, mine) ? strstr(line, "] ") : NULL;
		found += flags && (flags[2] == 'b' || flags[2] == 'D');
	}
	fclose(f);
	return found;
}

void probe_end(struct probe *p)
{
	char line[256], path[256];

	if (!p->name[0])
		return;
	event_path(p, "enable", path, sizeof(path));
	tell(path, 0, "0\n");
	/* A histogram holds the event. */
	event_path(p, "trigger", path, sizeof(path));
	tell(path, O_APPEND, "!hist:keys=value\n");
	snprintf(line, sizeof(line), "-:" GROUP "/%s\n", p->name);
	if (tell(TRACING "/kprobe_events", O_APPEND, line))
		kt_bail("%s is counted for ever", p->name);
	p->name[0] = '\0';
}

/* ---- allocations ---- */

/* Those this kernel has: 6.1 has names of their own for allocations of a node */
static const char *const events[] = {
	"kmalloc", "kmalloc_node", "kmem_cache_alloc", "kmem_cache_alloc_node", "mm_page_alloc",
};

/* Each of its places is allocated for itself: enough of them, and once. */
#define HISTOGRAM	"hist:keys=stacktrace:size=1024"

static void watch_path(const char *event, const char *file, char *path, size_t size)
{
	snprintf(path, size, WATCH "/events/kmem/%s/%s", event, file);
}

/* How many events there are that can be told this */
static size_t tell_all(const char *what)
{
	char path[256];
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		watch_path(events[i], "trigger", path, sizeof(path));
		n += !tell(path, O_APPEND, what);
	}
	return n;
}

static void forget(void)
{
	tell_all("!" HISTOGRAM "\n");
	rmdir(WATCH);
}

bool alloc_watch(void)
{
	static bool watching;

	if (watching)
		return tell_all(HISTOGRAM ":clear\n") >= 3;
	if (!has_tracing())
		return false;
	/* Somebody may have been ended in the middle of it. */
	forget();
	if (mkdir(WATCH, 0700) && errno != EEXIST)
		return false;
	watching = tell_all(HISTOGRAM "\n") >= 3;
	atexit(forget);
	return watching;
}

/* One stack of a histogram and how often it was there */
struct stack {
	bool ours;
	bool skb;
	bool instrument;
	char text[sizeof(((struct allocations *)0)->where)];
};

static void add_frame(struct stack *s, const char *frame)
{
	char name[128];
	size_t len = strlen(s->text);

	s->ours |= !!strstr(frame, "[ksrtp]");
	/* A debug kernel keeps notes: kmemleak of each allocation, KASAN of each stack. */
	s->instrument |= !!strstr(frame, "__create_object") || !!strstr(frame, "ref_tracker") ||
			 !!strstr(frame, "stack_depot_save") || !!strstr(frame, "debug_object");
	s->skb |= !!strstr(frame, "__alloc_skb") || !!strstr(frame, "pskb_expand_head");
	if (sscanf(frame, " %127[^+]", name) == 1)
		snprintf(s->text + len, sizeof(s->text) - len, "%s%s", len ? " < " : "", name);
}

/* A page that a slab of skbs grows by is no allocation of its own. */
static void add_stack(struct allocations *a, const struct stack *s, bool page, unsigned long hits)
{
	if (!s->ours || s->instrument || (page && s->skb))
		return;
	a->all += hits;
	if (s->skb) {
		a->skbs += hits;
		return;
	}
	a->others += hits;
	memcpy(a->where, s->text, sizeof(a->where));
}

/*
 *	{ stacktrace:
 *	         __kmem_cache_alloc_node+0x1c4/0x2b0
 *	         ...
 *	} hitcount:          3
 */
static void read_histogram(FILE *f, bool pages, struct allocations *a)
{
	unsigned long n, hits = 0;
	struct stack s = { 0 };
	char line[512];

	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '{')
			memset(&s, 0, sizeof(s));
		else if (sscanf(line, "} hitcount: %lu", &hits) == 1)
			add_stack(a, &s, pages, hits);
		else if (sscanf(line, " Dropped: %lu", &n) == 1 && n)
			kt_bail("%lu allocations were not counted", n);
		else if (line[0] != '#')
			add_frame(&s, line);
	}
}

void alloc_seen(struct allocations *a)
{
	char path[256];
	FILE *f;
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		watch_path(events[i], "hist", path, sizeof(path));
		f = fopen(path, "re");
		if (!f)
			continue;
		read_histogram(f, !strcmp(events[i], "mm_page_alloc"), a);
		fclose(f);
	}
}
