// SPDX-License-Identifier: GPL-2.0-or-later
#include "faults.h"
#include "rawnl.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#define DEBUGFS		"/sys/kernel/debug"
/* An operation with more places than these goes on for ever */
#define MOST		4000
/* Failures of one faults_random() that can be counted */
#define COUNTED		1000000
/* Bytes of all that dumps show */
#define SHOWN		1000000
#define ERRNOS		134
/* Milliseconds in which what is given back late is given back */
#define GRACE		1000

/* The last, of newer kernels, fails nothing: the bytes of an skb move where they may. */
static const char *const kinds[] = {
	"failslab", "fail_page_alloc", "fail_usercopy", "fail_skb_realloc",
};

static const char *const memory[] = { "failslab", "fail_page_alloc", "fail_skb_realloc" };

#define KINDS		(sizeof(kinds) / sizeof(kinds[0]))
#define MEMORY		(sizeof(memory) / sizeof(memory[0]))

static struct {
	int nth;
	unsigned long total;
	unsigned long refused;
	unsigned long lost;
	unsigned long survived;
} faults = { .nth = -1 };

/* ---- the kernel's knobs ---- */

static bool has(const char *kind)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/%s/probability", kind);
	return !access(path, W_OK);
}

static void knob(const char *kind, const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", kind, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		kt_bail("%s of %s: %s", name, kind, strerror(errno));
	close(fd);
}

static void knobs(const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (has(kinds[i]))
			knob(kinds[i], name, value);
}

static void knob_number(const char *name, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%#lx", value);
	knobs(name, text);
}

static void callers(unsigned long from, unsigned long to)
{
	knob_number("require-start", from);
	knob_number("require-end", to);
}

void faults_start(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/fail-nth", syscall(SYS_gettid));
	faults.nth = open(path, O_RDWR | O_CLOEXEC);
	if (faults.nth < 0)
		kt_skip_all("this kernel injects no faults");
	if (access(DEBUGFS "/tracing", F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	if (!has("failslab") || !has("fail_page_alloc"))
		kt_skip_all("this kernel does not say where its faults are to be");
	knobs("verbose", "0");
	knobs("probability", "0");
	knobs("task-filter", "N");
	knob("failslab", "ignore-gfp-wait", "N");
	knob("fail_page_alloc", "ignore-gfp-wait", "N");
	knob("fail_page_alloc", "min-order", "0");
	callers(0, ~0ul);
	/* A page of our own that is missing is no place where ksrtp can fail. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		kt_note("mlockall: %s", strerror(errno));
}

static bool callers_ksrtp(void)
{
	unsigned long size, at;
	char line[512];
	bool found = false;
	FILE *f = fopen("/proc/modules", "re");

	if (!f)
		kt_bail("/proc/modules: %s", strerror(errno));
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "ksrtp %lu %*s %*s %*s %lx", &size, &at) == 2;
	fclose(f);
	if (found)
		callers(at, at + size);
	return found;
}

void faults_anywhere(void)
{
	callers(0, ~0ul);
}

void faults_in_ksrtp(void)
{
	if (!callers_ksrtp())
		kt_bail("ksrtp is not loaded");
}

bool faults_within(const char *function)
{
	unsigned long at, from = 0, to = ~0ul;
	char line[512], name[256];
	FILE *f;

	f = fopen("/proc/kallsyms", "re");
	if (!f)
		kt_bail("/proc/kallsyms: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %*c %255s", &at, name) == 2 && !strcmp(name, function))
			from = at;
	rewind(f);
	while (from && fgets(line, sizeof(line), f)) {
		at = strtoul(line, NULL, 16);
		if (at > from && at < to)
			to = at;
	}
	fclose(f);
	if (!from)
		return false;
	callers(from, to);
	return true;
}

bool faults_all(void)
{
	const char *all = getenv("KSRTP_FAULTS");

	return all && !strcmp(all, "all");
}

/* ---- what there is ---- */

struct shown {
	size_t len;
	uint8_t bytes[SHOWN];
};

static struct raw raw;
static bool raw_is_open;
static struct shown before, after;

static void add(struct shown *s, const void *data, size_t len)
{
	if (s->len + len > sizeof(s->bytes))
		kt_bail("dumps show more than %d bytes", SHOWN);
	memcpy(s->bytes + s->len, data, len);
	s->len += len;
}

/* Another socket in the place of one has another inode, and is as good. Time goes on. */
static void mask(struct nlmsghdr *nlh, uint8_t cmd)
{
	int type = cmd == KSRTP_CMD_SOCK_GET ? KSRTP_A_SOCK_INODE :
		   cmd == KSRTP_CMD_STREAM_GET ? KSRTP_A_STREAM_IDLE_MS : -1;
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			memset(mnl_attr_get_payload(attr), 0, mnl_attr_get_payload_len(attr));
}

static void show(struct shown *s, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = (void *)raw.answer;
	int left, err;

	raw_new(&raw, cmd, flags);
	err = raw_talk(&raw);
	if (err)
		kt_bail("command %u to look around: %s", cmd, strerror(-err));
	left = raw.answer_len;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		mask(nlh, cmd);
		add(s, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh));
	}
}

static const struct {
	const char *name;
	uint8_t cmd;
	uint16_t flags;
} views[] = {
	{ "sock", KSRTP_CMD_SOCK_GET, NLM_F_DUMP },
	{ "peer", KSRTP_CMD_PEER_GET, NLM_F_DUMP },
	{ "key", KSRTP_CMD_KEY_GET, NLM_F_DUMP },
	{ "route", KSRTP_CMD_ROUTE_GET, NLM_F_DUMP },
	{ "stream", KSRTP_CMD_STREAM_GET, NLM_F_DUMP },
	{ "state", KSRTP_CMD_STATE_GET, NLM_F_DUMP },
	{ "stats", KSRTP_CMD_STATS_GET, 0 },
};

#define VIEWS		(sizeof(views) / sizeof(views[0]))

static void look(struct shown *s, size_t *ends)
{
	char refs[32] = "";
	size_t i;

	s->len = 0;
	for (i = 0; i < VIEWS; i++) {
		show(s, views[i].cmd, views[i].flags);
		ends[i] = s->len;
	}
	kt_read("/sys/module/ksrtp/refcnt", refs, sizeof(refs));
	add(s, refs, sizeof(refs));
}

static size_t before_ends[VIEWS], after_ends[VIEWS];

static void look_before(void)
{
	look(&before, before_ends);
}

/* Is all as it was? A reference may be given back a grace period later. */
static bool same(void)
{
	look(&after, after_ends);
	return before.len == after.len && !memcmp(before.bytes, after.bytes, before.len);
}

static bool same_soon(void)
{
	return kt_wait_until(same(), GRACE);
}

static const char *what_differs(void)
{
	size_t i, from = 0;

	for (i = 0; i < VIEWS; i++) {
		if (before_ends[i] != after_ends[i] ||
		    memcmp(before.bytes + from, after.bytes + from, before_ends[i] - from))
			return views[i].name;
		from = before_ends[i];
	}
	return "reference count";
}

/* ---- one operation ---- */

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(faults.nth, text, len, 0) != len)
		kt_bail("fail-nth: %s", strerror(errno));
}

/* Return: whether the fault was met. */
static bool disarm(void)
{
	char text[16] = "";
	/* A read that is made to fail says as well that nothing failed before it. */
	bool met = pread(faults.nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	while (pwrite(faults.nth, "0", 1, 0) != 1)
		;
	return met;
}

/* Errors after which the operation may have been done, and only not told of */
static bool answer_lost(int err)
{
	return err == -ENOBUFS || err == -EFAULT;
}

static void fresh_handle(struct rig *r)
{
	if (!r->h)
		return;
	ksrtp_close(r->h);
	r->h = rig_handle();
}

static void count_error(unsigned int *errors, int err)
{
	if (-err > 0 && -err < ERRNOS)
		errors[-err]++;
}

static const char *errors_text(const unsigned int *errors, char *text, size_t size)
{
	size_t len = 0;
	int i;

	text[0] = '\0';
	for (i = 1; i < ERRNOS; i++)
		if (errors[i])
			len += snprintf(text + len, size - len, " %u x %s,", errors[i],
					strerrorname_np(i));
	if (len)
		text[len - 1] = '\0';
	return text;
}

/* After an attempt that was refused. Return: what is wrong, or NULL. */
static const char *refused(struct rig *r, const struct fault_op *op, int err)
{
	static char why[256];

	if (answer_lost(err))
		fresh_handle(r);
	if (op->bare)
		return op->check && !op->check(r) ? "something is left" : NULL;
	if (!same_soon()) {
		if (!answer_lost(err)) {
			snprintf(why, sizeof(why), "%s changed", what_differs());
			return why;
		}
		/* done as a whole, or what is undone now would not be all of it */
		faults.lost++;
		if (op->undo)
			op->undo(r);
		if (op->undo && !same_soon()) {
			snprintf(why, sizeof(why), "%s changed by half", what_differs());
			return why;
		}
		return NULL;
	}
	return op->check && !op->check(r) ? "something changed that no dump shows" : NULL;
}

/* Without a fault, and back. Return: what is wrong, or NULL. */
static const char *works(struct rig *r, const struct fault_op *op)
{
	static char why[256];
	int err;

	if (op->prepare)
		op->prepare(r);
	if (!op->bare)
		look_before();
	err = op->run(r);
	if (err) {
		snprintf(why, sizeof(why), "without a fault: %s (%s)", strerror(-err),
			 r->h ? ksrtp_error(r->h) : "");
		return why;
	}
	if (!op->undo)
		return NULL;
	op->undo(r);
	if (op->bare || same_soon())
		return NULL;
	snprintf(why, sizeof(why), "%s is not as it was when it is undone", what_differs());
	return why;
}

static const char *survived(struct rig *r, const struct fault_op *op)
{
	if (!op->undo)
		return NULL;
	op->undo(r);
	return op->bare || same_soon() ? NULL : "not as it was when it is undone";
}

bool faults_try(struct rig *r, const struct fault_op *op)
{
	unsigned int n, at = 0, step = op->step ? op->step : 1, seen = 0, errors[ERRNOS] = { 0 };
	const char *wrong = NULL;
	char text[512];
	bool met = true;
	int err = 0;

	if (!raw_is_open && !op->bare) {
		if (raw_open(&raw))
			kt_bail("no ksrtp to ask");
		raw_is_open = true;
	}
	if (!op->once)
		wrong = works(r, op);
	for (n = 1; !wrong && met && n < MOST; n += step) {
		if (op->prepare)
			op->prepare(r);
		if (!op->bare)
			look_before();
		at = n;
		arm(n);
		err = op->run(r);
		met = disarm();
		if (!met)
			break;
		seen++;
		count_error(errors, err);
		if (err) {
			faults.refused++;
			wrong = refused(r, op, err);
			if (!wrong && !op->once)
				wrong = works(r, op);
		} else {
			faults.survived++;
			wrong = survived(r, op);
		}
	}
	if (!wrong && !met && err)
		wrong = "refused without a fault";
	else if (!wrong && !met && op->undo)
		wrong = survived(r, op);
	if (wrong)
		kt_note("%s, fault %u (%s): %s", op->name, at, strerror(-err), wrong);
	faults.total += seen;
	kt_note("%s: %u places:%s", op->name, seen, errors_text(errors, text, sizeof(text)));
	return kt_ok(!wrong, "%s: refused as a whole wherever memory is short, and works again",
		     op->name);
}

void faults_end(void)
{
	kt_note("%lu faults: %lu refusals, %lu of which lost the answer alone, %lu survived",
		faults.total, faults.refused, faults.lost, faults.survived);
	callers(0, ~0ul);
	if (raw_is_open)
		raw_close(&raw);
	raw_is_open = false;
}

/* ---- at random, in any context ---- */

/* Every so many would be the same one of each packet, if that is how many one needs. */
bool faults_random(unsigned int percent)
{
	char chance[16], times[16];
	size_t i;

	if (!callers_ksrtp())
		return false;
	snprintf(chance, sizeof(chance), "%u", percent);
	snprintf(times, sizeof(times), "%d", COUNTED);
	for (i = 0; i < MEMORY; i++) {
		if (!has(memory[i]))
			continue;
		knob(memory[i], "interval", "1");
		knob(memory[i], "times", times);
		knob(memory[i], "probability", chance);
	}
	return true;
}

unsigned long faults_stop(void)
{
	unsigned long n = 0;
	char text[32];
	size_t i;

	for (i = 0; i < MEMORY; i++)
		if (has(memory[i]))
			knob(memory[i], "probability", "0");
	n += COUNTED - atol(kt_read(DEBUGFS "/failslab/times", text, sizeof(text)));
	n += COUNTED - atol(kt_read(DEBUGFS "/fail_page_alloc/times", text, sizeof(text)));
	callers(0, ~0ul);
	faults.total += n;
	return n;
}
