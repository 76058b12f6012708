// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anyone may make a cryptd(X) of a synchronous X through AF_ALG, which from then
 * on outranks X as ctr(aes) and always queues. Keys added afterwards work
 * nevertheless.
 */
#include "leg.h"

#include <linux/if_alg.h>
#include <sys/wait.h>

#define SSRC	0xc4970000
#define COUNT	50
#define NOBODY	65534

/* The driver that ctr(aes) is, "" if there is none */
static void first_choice(char driver[128])
{
	char line[256], name[128] = "", from[128] = "";
	FILE *f = fopen("/proc/crypto", "r");
	int priority, highest = 0;

	if (!f)
		kt_bail("/proc/crypto: %s", strerror(errno));
	driver[0] = '\0';
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "name : %127s", name) == 1 ||
		    sscanf(line, "driver : %127s", from) == 1)
			continue;
		if (sscanf(line, "priority : %d", &priority) == 1 &&
		    !strcmp(name, "ctr(aes)") && priority > highest) {
			highest = priority;
			strcpy(driver, from);
		}
	}
	fclose(f);
}

/* By a user without any privilege. Return: 0 or an errno. */
static int make(const char *driver)
{
	struct sockaddr_alg alg = { .salg_family = AF_ALG, .salg_type = "skcipher" };
	int status;
	pid_t pid;

	snprintf((char *)alg.salg_name, sizeof(alg.salg_name), "cryptd(%s)", driver);
	pid = fork();
	if (!pid) {
		int fd;

		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(EPERM);
		fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
		_exit(fd < 0 || bind(fd, (struct sockaddr *)&alg, sizeof(alg)) ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		kt_bail("no child");
	return WEXITSTATUS(status);
}

static void passes(void)
{
	struct leg a, b;
	struct rig r;
	int i, heard = 0;

	rig_open_owned(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	leg_open(&r, &b, "127.0.0.1", 2);
	leg_route(&r, &a, SSRC, &b);
	for (i = 1; i <= COUNT; i++) {
		leg_says(&a, SSRC, i);
		heard += leg_hears(&b, SSRC, i);
	}
	kt_is(heard, COUNT, "keys added afterwards relay every packet");
	rig_close(&r);
}

/*
 * A fast driver can be wrapped where it is a synchronous one, as in later kernels
 * (but Debian's 7.2 has no cryptd). On 6.1 and 6.12 it is not, so there it goes for
 * a while, and the one made of the plain cipher, by one name or the other, is the
 * first choice.
 */
int main(void)
{
	char before[128], after[128];
	bool removed = false;
	int err = ENOENT;

	if (system("modprobe -q -a algif_skcipher cryptd ctr aes_generic"))
		kt_note("modprobe does not find all it is asked for");
	first_choice(before);
	if (before[0])
		err = make(before);
	if (err) {
		removed = !system("rmmod aesni_intel 2> /dev/null");
		/* whoever asks for ctr(aes) makes one of what there is */
		err = make("ctr(aes-generic)");
		if (err == ENOENT)
			err = make("ctr(aes-lib)");
	}
	if (err == EAFNOSUPPORT || err == ENOENT)
		kt_skip_all("AF_ALG makes no cryptd() of ctr(aes): %s", strerror(err));
	first_choice(after);
	if (!err && strncmp(after, "cryptd(", 7))
		kt_skip_all("%s stays the first choice, and cannot be removed", after);
	kt_plan(2);
	kt_ok(!err, "a user makes %s the first choice", after);
	rig_start();
	passes();
	if (removed && system("modprobe aesni_intel"))
		kt_note("aesni_intel does not come back");
	return kt_done();
}
