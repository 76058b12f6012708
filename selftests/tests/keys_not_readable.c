// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No file of the kernel shows a key, or a list of who talks to whom: ksrtp has
 * none in /proc, and what others say there and in /sys (its parameters, its
 * tracepoints, the kernel's log) has no part of one.
 */
#include "leg.h"

#include <ftw.h>
#include <sys/klog.h>
#include <sys/mount.h>

#define SSRC	0x4e4d0b1e
/* As few bytes in a row as would not be there by chance */
#define PART	6
#define MOST	(4 << 20)
#define TRACE	"/sys/kernel/tracing"

struct secret {
	uint8_t bytes[32];
	size_t len;
};

static struct secret secrets[8];
static size_t n_secrets;
static uint8_t text[MOST];
static int found, files, names;

static void keep(const void *bytes, size_t len)
{
	memcpy(secrets[n_secrets].bytes, bytes, len);
	secrets[n_secrets++].len = len;
}

static void keep_key(const struct rig_key *k)
{
	keep(k->key.master_key, k->key.master_key_len);
	keep(k->key.master_salt, k->key.master_salt_len);
	if (k->key.layer == KSRTP_LAYER_HBH)
		keep(k->hbh.rtp.k_e, 16);
}

/* As they are, or in hex with nothing, a blank or a colon between two bytes */
static bool has_part(const uint8_t *in, size_t n, const uint8_t *part)
{
	static const char *const formats[] = { "%02x", "%02X", "%02x ", "%02x:" };
	char hex[3 * PART + 1];
	size_t f, i, len;

	if (memmem(in, n, part, PART))
		return true;
	for (f = 0; f < ARRAY_SIZE(formats); f++) {
		for (i = len = 0; i < PART; i++)
			len += snprintf(hex + len, sizeof(hex) - len, formats[f], part[i]);
		if (memmem(in, n, hex, len - (len > 2 * PART)))
			return true;
	}
	return false;
}

static void look(const char *where, const uint8_t *in, size_t n)
{
	size_t s, i;

	for (s = 0; s < n_secrets; s++) {
		/* Halves will do: whoever shows a key shows all of it, or an end. */
		for (i = 0; i + PART <= secrets[s].len; i += PART / 2) {
			if (!has_part(in, n, secrets[s].bytes + i))
				continue;
			kt_note("%s has a part of secret %zu", where, s);
			found++;
			return;
		}
	}
}

static void look_into(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return;
	while (len < sizeof(text) && (n = read(fd, text + len, sizeof(text) - len)) > 0)
		len += n;
	close(fd);
	files++;
	look(path, text, len);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_F && S_ISREG(st->st_mode))
		look_into(path);
	return 0;
}

static void look_below(const char *dir)
{
	nftw(dir, visit, 16, FTW_PHYS | FTW_MOUNT);
}

static int named(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (strstr(path + ftw->base, "srtp")) {
		kt_note("there is a %s", path);
		names++;
	}
	return 0;
}

/* The control: a file that has one is found out. */
static void finds_what_is_there(void)
{
	char path[] = "/tmp/ksrtp-XXXXXX";
	int fd = mkstemp(path), i;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		kt_bail("%s: %s", path, strerror(errno));
	fputs("key ", f);
	for (i = 0; i < 16; i++)
		fprintf(f, "%02x", secrets[0].bytes[i]);
	fclose(f);
	look_into(path);
	unlink(path);
	kt_is(found, 1, "a key in a file would be found");
	found = 0;
}

static void trace(const char *on)
{
	mount("tracefs", TRACE, "tracefs", 0, NULL);
	kt_must("[ ! -e " TRACE "/events/ksrtp ] || echo %s > " TRACE "/events/ksrtp/enable", on);
}

/* Packets of each kind, right and wrong, for whoever has something to say about them */
static void talk(struct rig *r, struct leg *a, struct leg *b)
{
	struct ksrtp_stats stats;
	uint8_t wire[300];
	int i;

	for (i = 1; i <= 5; i++) {
		leg_says(a, SSRC, i);
		if (!leg_hears(b, SSRC, i))
			kt_bail("nothing is relayed");
	}
	rig_stats(r, &stats);
	for (i = 0; i < 5; i++)
		rig_far_send(&a->far, wire, rig_rtp(wire, SSRC, 100 + i, 50));
	if (!rig_dropped(r, &stats, KSRTP_A_DROPS_AUTH, 5))
		kt_bail("forgeries are not dropped");
}

int main(void)
{
	struct rig_key e2e;
	struct leg a, b;
	struct rig r;
	int n;

	kt_plan(6);
	rig_start();
	trace("1");
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 0x5e1);
	leg_open(&r, &b, "127.0.0.1", 0x5e2);
	rig_e2e(&e2e, 0x5e3, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key(&r, a.far.id, KSRTP_DIR_RX, &e2e);
	keep_key(&a.up);
	keep_key(&b.down);
	keep_key(&e2e);
	leg_route(&r, &a, SSRC, &b);
	talk(&r, &a, &b);

	finds_what_is_there();
	nftw("/proc/net/", named, 16, FTW_PHYS);
	nftw("/proc/sys", named, 16, FTW_PHYS);
	nftw("/proc/fs", named, 16, FTW_PHYS);
	kt_is(names, 0, "ksrtp has no file in /proc");
	look_below("/proc/net/");
	look_into("/proc/crypto");
	look_into("/proc/slabinfo");
	look_into("/sys/kernel/debug/kmemleak");
	look_into("/proc/modules");
	kt_is(found, 0, "none of what is there has a part of a key");
	files = 0;
	look_below("/sys/module/ksrtp");
	kt_ok(!found && files > 3, "nor have the module's files in /sys (%d)", files);
	files = 0;
	look_into(TRACE "/trace");
	kt_ok(!found && files == 1, "nor a trace of ksrtp's own events");
	trace("0");
	n = klogctl(3, (char *)text, sizeof(text));
	look("the log", text, n > 0 ? n : 0);
	kt_ok(!found && n > 0, "nor the kernel's log");
	rig_close(&r);
	return kt_done();
}
