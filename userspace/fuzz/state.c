// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files for `ksrtp import': whatever is in one, it is refused with a sentence,
 * for there is no kernel behind the handle, and nothing before is believed.
 *
 * The first byte says whether tx-skip is there; the rest is the file.
 */
#include "../../selftests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"
#include "tool.h"

static int import(int file, bool skip)
{
	char name[32], *argv[] = {
		(char *)"ksrtp", (char *)"import", name, (char *)"tx-skip", (char *)"100", NULL,
	};
	FILE *out = stdout, *err = stderr;
	size_t said_len;
	int status;
	char *said;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	stdout = fopen("/dev/null", "w");
	stderr = open_memstream(&said, &said_len);
	if (!stdout || !stderr || ksrtp__from_fd(&tool.handle, -1, -1))
		abort();
	status = tool_main(skip ? 5 : 3, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	promise(status == DONE || said_len);
	free(said);
	return status;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	int file, status;

	if (!size)
		return 0;
	file = memfd_create("state", MFD_CLOEXEC);
	promise(file >= 0);
	promise(write(file, data + 1, size - 1) == (ssize_t)size - 1);
	status = import(file, data[0] & 1);
	close(file);
	/* A file without a line of state or routes asks for nothing. */
	promise(status == DONE || status == REFUSED || status == MISUSED);
	return 0;
}
