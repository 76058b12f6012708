// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ciphers come in modules of their own: one in use stays, without the fast one
 * the generic one serves, and without any a key is refused in words that say
 * what is missing.
 */
#include "leg.h"

#include <sys/syscall.h>

#define SSRC		0xd41e0000
#define MODPROBE	"/proc/sys/kernel/modprobe"
#define FAST		"aesni_intel"
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const suites[] = { "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM" };
static char modprobe[256];
static uint64_t next;

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

static bool gone(const char *module)
{
	return !unload(module) || errno == ENOENT;
}

static void set_modprobe(const char *path)
{
	int fd = open(MODPROBE, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, path, strlen(path)) < 0)
		kt_bail("%s: %s", MODPROBE, strerror(errno));
	close(fd);
}

static void put_back(void)
{
	set_modprobe(modprobe);
	if (kt_run("modprobe -qa ctr gcm ghash_generic; modprobe -q " FAST))
		kt_note("modules do not come back");
}

static bool passes(struct leg *a, struct leg *b, int n)
{
	for (; n; n--) {
		leg_says(a, SSRC, ++next);
		if (!leg_hears(b, SSRC, next))
			return false;
	}
	return true;
}

static void open_legs(struct rig *r, struct leg *a, struct leg *b, const char *suite)
{
	next = 0;
	rig_open_owned(r, "127.0.0.1");
	leg_make(a, suite, 1);
	leg_make(b, suite, 2);
	leg_join(r, a, "127.0.0.1");
	leg_join(r, b, "127.0.0.1");
	leg_route(r, a, SSRC, b);
}

static void close_legs(struct rig *r, struct leg *a, struct leg *b)
{
	close(a->far.fd);
	close(b->far.fd);
	rig_close(r);
}

static void stays_in_use(const char *suite)
{
	struct leg a, b;
	struct rig r;

	open_legs(&r, &a, &b, suite);
	kt_ok(passes(&a, &b, 5) && unload(FAST) < 0 && passes(&a, &b, 5),
	      "%s: a driver in use cannot be removed, and goes on", suite);
	close_legs(&r, &a, &b);
}

static void generic_serves(const char *suite)
{
	struct leg a, b;
	struct rig r;

	open_legs(&r, &a, &b, suite);
	kt_ok(passes(&a, &b, 20), "%s: without the fast driver the generic one serves", suite);
	close_legs(&r, &a, &b);
}

static void refused(const char *suite, const char *missing)
{
	struct ksrtp_stats stats;
	struct rig_far f;
	struct rig_key k;
	struct rig r;
	int err;

	rig_open_owned(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&k, suite, 1);
	err = rig_key_try(&r, f.id, KSRTP_DIR_RX, &k);
	rig_stats(&r, &stats);
	kt_note("%s", ksrtp_error(r.h));
	kt_ok(err == -ENOENT && strstr(ksrtp_error(r.h), missing) && !stats.keys,
	      "%s: without any driver the key is refused, and %s is named", suite, missing);
	close(f.fd);
	rig_close(&r);
}

int main(void)
{
	bool has_ctr;
	size_t i;

	kt_read(MODPROBE, modprobe, sizeof(modprobe));
	if (access("/sys/module/" FAST "/refcnt", R_OK))
		kt_skip_all(FAST " is no module that is loaded here");
	kt_plan(4 * COUNT(suites) + 1);
	rig_start();
	for (i = 0; i < COUNT(suites); i++)
		stays_in_use(suites[i]);
	has_ctr = access("/sys/module/ctr/refcnt", R_OK);
	set_modprobe("/bin/false");
	atexit(put_back);
	kt_ok(kt_wait_until(gone(FAST), RIG_WAIT), "with its last key the fast driver is free");
	for (i = 0; i < COUNT(suites); i++)
		generic_serves(suites[i]);
	if (!kt_wait_until(gone("gcm"), RIG_WAIT) || !kt_wait_until(gone("ctr"), RIG_WAIT)) {
		for (i = 0; i < 2 * COUNT(suites); i++)
			kt_skip("without any driver a key is refused", "ctr and gcm stay");
		return kt_done();
	}
	if (has_ctr)
		kt_skip("without any driver a key is refused", "ctr is part of this kernel");
	else
		refused(suites[0], "ctr(aes)");
	refused(suites[1], "gcm(aes)");
	put_back();
	for (i = 0; i < COUNT(suites); i++) {
		struct leg a, b;
		struct rig r;

		open_legs(&r, &a, &b, suites[i]);
		kt_ok(passes(&a, &b, 5), "%s: with the modules back keys work again", suites[i]);
		close_legs(&r, &a, &b);
	}
	return kt_done();
}
