// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of a key that was deleted nothing is left: no master key or salt, no session
 * key, no MI key stands anywhere in the machine's memory. While it is in use
 * the session keys are there, and neither the master nor the E2E key it was
 * derived from.
 *
 * The whole memory is looked through (selftests/mod/mem_find.c). A child makes
 * the keys, gives them to the kernel and lets packets flow; then all it
 * could write is overwritten from outside, and it is killed. What is still found
 * is the kernel's.
 */
#include "leg.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>

#define SSRC	0x5ec4e700
/* Bytes mem_find looks for */
#define PATTERN	12
#define PACKETS	20

/* What a secret is, and so when it may be found */
enum kind {
	MASTER,		/* never: session keys are derived and it is forgotten */
	CIPHER,		/* as long as the key is there */
	OTHER,		/* perhaps, in a form of its own */
};

/* What the child tells of a secret: PATTERN bytes of it, each bit turned over */
struct secret {
	char name[48];
	enum kind kind;
	uint8_t inverted[PATTERN];
};

struct told {
	uint32_t seed;		/* of the keys, the next */
	unsigned int n;
	struct secret secrets[48];
};

static struct told *told;	/* shared by parent and child */
static int finder;

static void unload(void)
{
	if (finder > 0)
		close(finder);
	if (kt_run("rmmod mem_find"))
		kt_note("mem_find stays loaded");
}

/* ---- the child ---- */

static void tell(enum kind kind, const char *whose, const char *what, const void *secret)
{
	struct secret *s = &told->secrets[told->n++];
	const uint8_t *bytes = secret;
	size_t i;

	snprintf(s->name, sizeof(s->name), "%s: %s", whose, what);
	s->kind = kind;
	for (i = 0; i < PATTERN; i++)
		s->inverted[i] = ~bytes[i];
}

static void tell_key(const struct rig_key *k, const char *whose)
{
	tell(MASTER, whose, "master key", k->key.master_key);
	tell(MASTER, whose, "master salt", k->key.master_salt);
	if (k->key.layer == KSRTP_LAYER_E2E) {
		tell(CIPHER, whose, "k_e", k->e2e.k_e);
		tell(OTHER, whose, "k_s", k->e2e.k_s);
		return;
	}
	tell(CIPHER, whose, "k_e", k->hbh.rtp.k_e);
	tell(OTHER, whose, "k_s", k->hbh.rtp.k_s);
	tell(CIPHER, whose, "RTCP k_e", k->hbh.rtcp.k_e);
	tell(OTHER, whose, "RTCP k_s", k->hbh.rtcp.k_s);
	if (!ref_suite_is_aead(k->hbh.suite)) {
		tell(OTHER, whose, "k_a", k->hbh.rtp.k_a);
		tell(OTHER, whose, "RTCP k_a", k->hbh.rtcp.k_a);
	}
}

/* Between two far ends of a suite each, RTP and RTCP */
static void relay(struct rig *r, const char *in, const char *out)
{
	struct leg a, b;
	uint8_t plain[300];
	int i, len;

	leg_make(&a, in, told->seed++);
	leg_make(&b, out, told->seed++);
	leg_join(r, &a, "127.0.0.1");
	leg_join(r, &b, "127.0.0.1");
	leg_route_rtcp(r, &a, SSRC, KSRTP_RTCP_MODE_FORWARD, &b);
	for (i = 1; i <= PACKETS; i++) {
		leg_says(&a, SSRC, i);
		len = rig_rtcp(plain, SSRC, i);
		leg_sends_rtcp(&a, plain, len, i);
		if (!leg_hears(&b, SSRC, i) || !leg_gets_rtcp(&b, plain, len, i))
			kt_bail("nothing is relayed from %s to %s", in, out);
	}
	tell_key(&a.up, in);
	tell_key(&b.down, out);
}

static void child(void)
{
	struct ksrtp_key refused;
	struct rig_key e2e;
	struct rig_far f;
	struct rig r;

	rig_open_owned(&r, "127.0.0.1");
	relay(&r, "AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32");
	relay(&r, "AEAD_AES_128_GCM", "AEAD_AES_256_GCM");
	rig_far(&r, &f, "127.0.0.1");
	rig_e2e(&e2e, told->seed++, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, 4);
	rig_key(&r, f.id, KSRTP_DIR_RX, &e2e);
	tell_key(&e2e, "E2E");
	tell(OTHER, "E2E", "MI key", e2e.key.mi_key);
	/* A refused one leaves nothing either. */
	rig_hbh(&e2e, LEG_SUITE, told->seed++);
	refused = e2e.key;
	refused.peer = 99999;
	KSRTP_SET(&refused, KSRTP_A_KEY_DIR, dir, KSRTP_DIR_RX);
	refused.has |= KSRTP_BIT(KSRTP_A_KEY_PEER);
	if (!ksrtp_key_add(r.h, &refused))
		kt_bail("a peer that is not there gets a key");
	tell(MASTER, "refused", "master key", e2e.key.master_key);
}

/* Overwrites all the child could write, from its stack to the heap of its libraries. */
static void wipe(pid_t pid)
{
	char path[64], line[512], mode[8];
	static const uint8_t zeros[4096];
	unsigned long from, to;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	if (!maps || mem < 0)
		kt_bail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[1] != 'w' ||
		    mode[3] == 's')
			continue;
		for (; from < to; from += sizeof(zeros)) {
			/* [vvar] and the like cannot be */
			if (pwrite(mem, zeros, sizeof(zeros), from) != sizeof(zeros))
				break;
		}
	}
	close(mem);
	fclose(maps);
}

static void run_child(void)
{
	pid_t pid;
	int status;

	fflush(stdout);
	told->n = 0;
	/* Payloads and keys of other tests are made alike: these numbers nobody else has. */
	if (getrandom(&told->seed, sizeof(told->seed), 0) != sizeof(told->seed))
		kt_bail("getrandom: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid) {
		child();
		fflush(stdout);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		kt_bail("the child that uses keys broke down");
	wipe(pid);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* ---- the parent ---- */

/* How often each secret stands in memory */
static void find(unsigned int *counts)
{
	static uint8_t patterns[ARRAY_SIZE(told->secrets)][PATTERN];
	static char text[16384];
	char *line = text;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < told->n; i++)
		memcpy(patterns[i], told->secrets[i].inverted, PATTERN);
	if (write(finder, patterns, told->n * PATTERN) != (ssize_t)(told->n * PATTERN))
		kt_bail("/dev/mem_find: %s", strerror(errno));
	n = pread(finder, text, sizeof(text) - 1, 0);
	if (n <= 0)
		kt_bail("/dev/mem_find: %s", strerror(errno));
	text[n] = '\0';
	for (i = 0; i < told->n; i++) {
		unsigned int number;

		if (sscanf(line, "%u %u", &number, &counts[i]) != 2 || number != i)
			kt_bail("/dev/mem_find says %s", line);
		if (counts[i])
			kt_note("%s: %.*s", told->secrets[i].name, (int)strcspn(line, "\n"), line);
		line += strcspn(line, "\n") + 1;
	}
}

static bool nothing(void)
{
	unsigned int counts[ARRAY_SIZE(told->secrets)], i;
	bool ok = true;

	find(counts);
	for (i = 0; i < told->n; i++)
		ok &= !counts[i];
	return ok;
}

static void in_use(void)
{
	unsigned int counts[ARRAY_SIZE(told->secrets)], i;
	bool masters = true, ciphers = true;

	find(counts);
	for (i = 0; i < told->n; i++) {
		masters &= told->secrets[i].kind != MASTER || !counts[i];
		ciphers &= told->secrets[i].kind != CIPHER || counts[i];
	}
	kt_ok(ciphers, "session keys in use are found (of %u secrets)", told->n);
	kt_ok(masters, "masters are nowhere in memory, those of refused keys neither");
}

int main(void)
{
	const char *dir = getenv("KSRTP_MODULES");
	struct ksrtp_handle *h;
	char ko[4096];

	snprintf(ko, sizeof(ko), "%s/mem_find.ko", dir ?: ".");
	if (access(ko, R_OK))
		kt_skip_all("selftests/mod/mem_find.c was not built for this kernel");
	kt_plan(6);
	rig_start();
	kt_must("insmod %s", ko);
	atexit(unload);
	finder = open("/dev/mem_find", O_RDWR | O_CLOEXEC);
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (finder < 0 || told == MAP_FAILED)
		kt_bail("/dev/mem_find: %s", strerror(errno));
	h = rig_handle();

	run_child();
	in_use();
	if (ksrtp_key_flush(h, 0))
		kt_bail("key flush: %s", ksrtp_error(h));
	kt_ok(kt_wait_until(nothing(), RIG_WAIT), "after key del nothing of them is");
	ksrtp_sock_flush(h);

	run_child();
	in_use();
	ksrtp_sock_flush(h);
	kt_ok(kt_wait_until(nothing(), RIG_WAIT), "after sock del neither");
	ksrtp_close(h);
	return kt_done();
}
