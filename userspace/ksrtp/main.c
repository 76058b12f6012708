// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the process begins: before it knows a secret it is closed to others. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tool.h"

/* What derive prints are keys, so the buffer is one that can be wiped. */
static char out[4096];

/*
 * No core dump, no debugger of the same user, nothing of it on a swap device.
 * Each is more than is needed: what holds a secret is wiped as soon as it is
 * not. So where one is not allowed the tool goes on.
 */
static void close_to_others(void)
{
	const struct rlimit none = { 0 };

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int main(int argc, char **argv)
{
	int status;

	close_to_others();
	setvbuf(stdout, out, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(out));
	status = tool_main(argc, argv);
	ksrtp_wipe(out, sizeof(out));
	return status;
}
