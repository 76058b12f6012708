// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksrtp doctor: is this host fit? It reads /proc and /sys, asks interfaces how
 * they spread packets over CPUs, and changes nothing: it does not even make the
 * kernel load the module.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "doctor.h"

/* Before /proc and /sys; tests have some of their own. */
const char *doctor_root = "";

/* ---- findings ------------------------------------------------------------ */

enum state {
	GOOD,	/* as it should be */
	NOTE,	/* works, and could be better or might surprise */
	BAD,	/* ksrtp cannot work like this */
};

static enum state worst;

static void __printf(4, 5) found(enum state state, const char *check, const char *hint,
				 const char *fmt, ...)
{
	static const char *const states[] = { "ok", "note", "bad" };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (state > worst)
		worst = state;
	pr_open(NULL);
	pr_text("state", NULL, states[state]);
	pr_text("check", NULL, check);
	pr_text("found", NULL, text);
	if (hint)
		pr_text("hint", NULL, hint);
	pr_close();
}

/* ---- reading ------------------------------------------------------------- */

static FILE *open_file(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", doctor_root, path);
	return fopen(full, "re");
}

/* The first line; false: there is no such file. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *f = open_file(path);
	bool ok;

	*line = '\0';
	if (!f)
		return false;
	ok = fgets(line, (int)size, f);
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return ok;
}

static bool read_value(const char *path, unsigned long long *value)
{
	char line[64], *end;

	if (!read_line(path, line, sizeof(line)))
		return false;
	*value = strtoull(line, &end, 10);
	return end != line && !*end;
}

/* Is there a line with this in it? */
static bool file_has(const char *path, const char *text)
{
	FILE *f = open_file(path);
	char line[4096];
	bool has = false;

	if (!f)
		return false;
	while (!has && fgets(line, sizeof(line), f))
		has = strstr(line, text);
	fclose(f);
	return has;
}

/* ---- kernel and module --------------------------------------------------- */

static void check_kernel(void)
{
	unsigned int major, minor;
	char release[128];

	if (!read_line("/proc/sys/kernel/osrelease", release, sizeof(release)) ||
	    sscanf(release, "%u.%u", &major, &minor) != 2)
		found(NOTE, "kernel", NULL, "unknown");
	else if (major < 6 || (major == 6 && minor < 1))
		found(BAD, "kernel", "ksrtp needs Linux 6.1 or later", "%s", release);
	else
		found(GOOD, "kernel", NULL, "%s", release);
}

static bool module_loaded(void)
{
	char state[16];

	return read_line("/sys/module/ksrtp/initstate", state, sizeof(state)) &&
	       !strcmp(state, "live");
}

static void check_module(void)
{
	char release[128], path[256], version[64];

	if (module_loaded()) {
		if (read_line("/sys/module/ksrtp/version", version, sizeof(version)))
			found(GOOD, "module", NULL, "loaded, version %s", version);
		else
			found(GOOD, "module", NULL, "loaded");
		return;
	}
	read_line("/proc/sys/kernel/osrelease", release, sizeof(release));
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	if (file_has(path, "/ksrtp.ko"))
		found(NOTE, "module",
		      "modprobe ksrtp; it is also loaded when the tool is first used",
		      "installed for this kernel, not loaded");
	else
		found(BAD, "module", "build it for this kernel: make install, or DKMS",
		      "not loaded, and not installed for kernel %s", release);
}

static void check_permission(void)
{
	unsigned long long caps = 0;
	FILE *f = open_file("/proc/self/status");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "CapEff:", 7))
			caps = strtoull(line + 7, NULL, 16);
	}
	if (f)
		fclose(f);
	if (caps & 1ULL << CAP_NET_ADMIN)
		found(GOOD, "permission", NULL, "CAP_NET_ADMIN is there");
	else
		found(NOTE, "permission", "run the tool as root, or give it that capability",
		      "no CAP_NET_ADMIN");
}

/* The variable has four bytes of attributes and one of value. */
static bool secure_boot(void)
{
	unsigned char bytes[5] = { 0 };
	size_t n;
	FILE *f;

	f = open_file("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
	if (!f)
		return false;
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return n == sizeof(bytes) && bytes[4] == 1;
}

static bool locked_down(void)
{
	char line[128];

	/* the state that holds is in brackets */
	return read_line("/sys/kernel/security/lockdown", line, sizeof(line)) &&
	       !strstr(line, "[none]");
}

static bool signatures_enforced(void)
{
	char line[8];

	return read_line("/sys/module/module/parameters/sig_enforce", line, sizeof(line)) &&
	       line[0] == 'Y';
}

static void check_signing(void)
{
	const bool boot = secure_boot(), lockdown = locked_down();
	const bool enforced = signatures_enforced() || lockdown;

	if (!enforced)
		found(GOOD, "signing", NULL, "unsigned modules are accepted; secure boot is %s",
		      boot ? "on" : "off");
	else
		found(module_loaded() ? GOOD : NOTE, "signing",
		      module_loaded() ? NULL :
		      "sign the module with a key the firmware knows (mokutil --import, DKMS)",
		      "only signed modules are accepted (%s%s)",
		      lockdown ? "kernel lockdown" : "sig_enforce",
		      boot ? ", secure boot" : "");
}

/* ---- crypto -------------------------------------------------------------- */

/* One paragraph of /proc/crypto */
struct driver {
	char name[128];
	char driver[128];
	long priority;
	bool internal;
};

static void note_line(struct driver *d, const char *line)
{
	char field[64], value[128];

	if (sscanf(line, "%63[^: ] : %127[^\n]", field, value) != 2)
		return;
	if (!strcmp(field, "name"))
		snprintf(d->name, sizeof(d->name), "%s", value);
	else if (!strcmp(field, "driver"))
		snprintf(d->driver, sizeof(d->driver), "%s", value);
	else if (!strcmp(field, "priority"))
		d->priority = strtol(value, NULL, 10);
	else if (!strcmp(field, "internal"))
		d->internal = !strcmp(value, "yes");
}

/* The driver the kernel would take: that of highest priority. */
static bool best_driver(const char *name, struct driver *best)
{
	FILE *f = open_file("/proc/crypto");
	struct driver d = { .priority = -1 };
	bool any = false;
	char line[256];

	memset(best, 0, sizeof(*best));
	best->priority = -1;
	if (!f)
		return false;
	for (;;) {
		const char *got = fgets(line, sizeof(line), f);

		if (got && *line != '\n') {
			note_line(&d, line);
			continue;
		}
		if (!strcmp(d.name, name) && !d.internal && d.priority > best->priority) {
			*best = d;
			any = true;
		}
		d = (struct driver) { .priority = -1 };
		if (!got)
			break;
	}
	fclose(f);
	return any;
}

/*
 * Is it made of a cipher that does one block a call? Of the generic one, or of
 * the library's, which may use the CPU's instructions (since Linux 7.0): that is
 * still slow.
 */
static bool by_block(const char *driver)
{
	return strstr(driver, "-generic") || strstr(driver, "(aes-lib");
}

static void check_driver(const char *name, const char *hint)
{
	struct driver d;

	if (!best_driver(name, &d))
		found(GOOD, name, NULL,
		      "no driver yet; the kernel makes one when it is first used");
	else if (by_block(d.driver))
		found(NOTE, name, hint, "%s, priority %ld: %s, the slow one", d.driver, d.priority,
		      strstr(d.driver, "-generic") ? "plain C" : "a block at a time");
	else
		found(GOOD, name, NULL, "%s, priority %ld", d.driver, d.priority);
}

/* The module, of one name before Linux 6.3 and of another since, or built in */
static bool aria_installed(void)
{
	static const char *const lists[] = { "modules.dep", "modules.builtin" };
	static const char *const files[] = { "/aria.ko", "/aria_generic.ko" };
	char release[128], path[256];
	size_t i;

	if (!read_line("/proc/sys/kernel/osrelease", release, sizeof(release)))
		return false;
	for (i = 0; i < ARRAY_SIZE(lists) * ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, lists[i / 2]);
		if (file_has(path, files[i % 2]))
			return true;
	}
	return false;
}

/* Few kernels have it and few people want it: nothing is wrong without. */
static void check_aria(void)
{
	struct driver d;

	if (best_driver("ctr(aria)", &d) || best_driver("aria", &d))
		found(GOOD, "aria", NULL, "%s, priority %ld", d.driver, d.priority);
	else if (aria_installed())
		found(GOOD, "aria", NULL,
		      "no driver yet; the kernel makes one when it is first used");
	else
		found(GOOD, "aria", NULL, "not in this kernel: its suites are refused");
}

static void check_crypto(void)
{
	const char *hint = "a CPU with AES instructions is several times faster";

	if (file_has("/proc/cpuinfo", " aes "))
		hint = "load this CPU's AES driver (modprobe aesni_intel, aes_ce_blk)";
	check_driver("ctr(aes)", hint);
	check_driver("gcm(aes)", hint);
	check_driver("sha1", "modprobe sha1_ssse3, or the like for this CPU");
	check_aria();
}

/* ---- limits -------------------------------------------------------------- */

static void check_limits(void)
{
	static const struct {
		const char *name;
		const char *path;
		unsigned long long enough;
		const char *hint;
	} limits[] = {
		{ "net.core.rmem_max", "/proc/sys/net/core/rmem_max", 4194304,
		  "the most a program that reads media gets: 4194304 takes bursts" },
		{ "net.core.wmem_max", "/proc/sys/net/core/wmem_max", 1048576,
		  "the most a program that sends media gets: 1048576 takes bursts" },
		{ "net.core.netdev_max_backlog", "/proc/sys/net/core/netdev_max_backlog", 1000,
		  "with RPS, packets wait here for their CPU" },
	};
	unsigned long long value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		/* Not there in a network namespace of its own. */
		if (!read_value(limits[i].path, &value))
			continue;
		found(value < limits[i].enough ? NOTE : GOOD, limits[i].name,
		      value < limits[i].enough ? limits[i].hint : NULL, "%llu", value);
	}
}

/* ---- interfaces ---------------------------------------------------------- */

/* Receive queues, and how many of them have CPUs to spread packets to */
struct queues {
	unsigned int rx;
	unsigned int rps;
};

static bool any_digit_set(const char *mask)
{
	return strspn(mask, "0,") < strlen(mask);
}

static struct queues count_queues(const char *dev)
{
	struct queues q = { 0 };
	char path[512], mask[512];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/class/net/%s/queues", doctor_root, dev);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (strncmp(e->d_name, "rx-", 3))
			continue;
		q.rx++;
		snprintf(path, sizeof(path), "/sys/class/net/%s/queues/%.32s/rps_cpus", dev,
			 e->d_name);
		if (read_line(path, mask, sizeof(mask)) && any_digit_set(mask))
			q.rps++;
	}
	if (dir)
		closedir(dir);
	return q;
}

/*
 * Does the interface look at UDP ports when it picks a queue? Many look at
 * addresses alone, and then one relay's traffic to another is one queue's.
 */
static int hashes_ports(const char *dev)
{
	struct ethtool_rxnfc nfc = { .cmd = ETHTOOL_GRXFH, .flow_type = UDP_V4_FLOW };
	struct ifreq ifr = { .ifr_data = (void *)&nfc };
	int fd, ret;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%.15s", dev);
	ret = ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
	close(fd);
	if (ret)
		return ret;
	return (nfc.data & (RXH_L4_B_0_1 | RXH_L4_B_2_3)) == (RXH_L4_B_0_1 | RXH_L4_B_2_3);
}

static unsigned int cpus(void)
{
	FILE *f = open_file("/proc/stat");
	unsigned int n = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		n += !strncmp(line, "cpu", 3) && line[3] >= '0' && line[3] <= '9';
	if (f)
		fclose(f);
	return n ? n : 1;
}

static void check_interface(const char *dev)
{
	const struct queues q = count_queues(dev);
	char check[64], path[512], state[32], hint[256];

	snprintf(path, sizeof(path), "/sys/class/net/%s/operstate", dev);
	if (!q.rx || !read_line(path, state, sizeof(state)) || !strcmp(state, "down"))
		return;
	snprintf(check, sizeof(check), "interface %.15s", dev);
	if (cpus() == 1) {
		found(GOOD, check, NULL, "%u receive queue%s, one CPU", q.rx, q.rx > 1 ? "s" : "");
	} else if (q.rx == 1 && !q.rps) {
		snprintf(hint, sizeof(hint),
			 "spread them: a mask of CPUs in /sys/class/net/%.15s/queues/rx-0/rps_cpus",
			 dev);
		found(NOTE, check, hint,
		      "one receive queue and no RPS: one CPU takes every packet");
	} else if (q.rx > 1 && !q.rps && hashes_ports(dev) == 0) {
		snprintf(hint, sizeof(hint), "ethtool -N %.15s rx-flow-hash udp4 sdfn", dev);
		found(NOTE, check, hint,
		      "%u receive queues, chosen without UDP ports: two hosts are one queue", q.rx);
	} else {
		found(GOOD, check, NULL, "%u receive queue%s, %u with RPS", q.rx,
		      q.rx > 1 ? "s" : "", q.rps);
	}
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_interface(const struct dirent *e)
{
	return e->d_name[0] != '.' && strcmp(e->d_name, "lo");
}

static void check_interfaces(void)
{
	struct dirent **list;
	char path[512];
	int i, n;

	snprintf(path, sizeof(path), "%s/sys/class/net", doctor_root);
	n = scandir(path, &list, is_interface, by_name);
	for (i = 0; i < n; i++) {
		check_interface(list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static int enter_netns(struct args *a, const char *name)
{
	char path[512];
	int fd, ret;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ret = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
	if (ret)
		complain("%s: network namespace %s: %s", a->context, shown(name), strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret ? REFUSED : DONE;
}

/* /sys/class/net shows the namespace it was mounted in, so it is mounted anew. */
static bool mount_sys(void)
{
	return !unshare(CLONE_NEWNS) && !mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) &&
	       !mount("ksrtp", "/sys", "sysfs", 0, NULL);
}

/* ---- the command --------------------------------------------------------- */

static int doctor(struct args *a)
{
	if (no_more_words(a))
		return MISUSED;
	if (tool.netns && enter_netns(a, tool.netns))
		return REFUSED;
	worst = GOOD;
	pr_begin(PR_TABLE);
	check_kernel();
	check_module();
	check_permission();
	check_signing();
	check_crypto();
	check_limits();
	/* last, for this hides the rest of /sys */
	if (!tool.netns || mount_sys())
		check_interfaces();
	else
		found(NOTE, "interfaces", NULL, "/sys of that network namespace: %s",
		      strerror(errno));
	pr_end();
	return worst == BAD ? REFUSED : DONE;
}

static const struct verb verbs[] = {
	{ NULL, doctor, "", "is this host fit for ksrtp: module, kernel, drivers, queues, limits" },
};

const struct object doctor_object = OBJECT("doctor", "is this host fit for ksrtp?", verbs,
	"ok     as it should be\n"
	"note   it works, and could be better\n"
	"bad    ksrtp cannot work like this; the exit status is 1\n");
