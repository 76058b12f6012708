// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of a kernel: any bytes behind a good header are shown or refused.
 * The first byte says what was asked; what is shown goes through the tool, as
 * JSON or as text, with details or without.
 */
#include "../../selftests/fuzz/fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"
#include "tool.h"

static const char *const questions[][3] = {
	{ "sock", "show" }, { "sock", "show", "1" }, { "peer", "show" }, { "peer", "show", "1" },
	{ "key", "show" }, { "route", "show" }, { "stream", "show" }, { "stats" },
	{ "export" }, { "export", "peer", "1" },
};

/* The answer, as the message it is in or as its attributes */
static void answer(struct ksrtp_handle *h, int fd, const uint8_t *data, size_t size, bool raw)
{
	static char buf[8192] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

	memset(buf, 0, sizeof(buf));
	if (size > sizeof(buf) - NLMSG_HDRLEN - GENL_HDRLEN)
		size = sizeof(buf) - NLMSG_HDRLEN - GENL_HDRLEN;
	if (raw) {
		memcpy(buf, data, size);
		if (size < NLMSG_HDRLEN)
			size = NLMSG_HDRLEN;
		nlh->nlmsg_seq = h->seq + 1;
	} else {
		memcpy(buf + NLMSG_HDRLEN + GENL_HDRLEN, data, size);
		size += NLMSG_HDRLEN + GENL_HDRLEN;
		nlh->nlmsg_len = size;
		nlh->nlmsg_type = h->family;
		nlh->nlmsg_seq = h->seq + 1;
	}
	promise(send(fd, buf, size, 0) == (ssize_t)size);
	memset(buf, 0, NLMSG_HDRLEN + sizeof(int));
	nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(int);
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_seq = h->seq + 1;
	promise(send(fd, buf, nlh->nlmsg_len, 0) == (ssize_t)nlh->nlmsg_len);
	/* the kernel has nothing more to say */
	promise(!shutdown(fd, SHUT_WR));
}

int fuzz_one(const uint8_t *data, size_t size)
{
	char *argv[8] = { (char *)"ksrtp" };
	FILE *out = stdout, *err = stderr;
	const char *const *question;
	int pair[2], argc = 1, i, status;

	if (!size)
		return 0;
	question = questions[data[0] & 0x08 ? 8 + (data[0] & 1) : data[0] & 7];
	if (data[0] & 0x10)
		argv[argc++] = (char *)"-j";
	if (data[0] & 0x20)
		argv[argc++] = (char *)"-s";
	if (data[0] & 0x40)
		argv[argc++] = (char *)"-p";
	for (i = 0; i < 3 && question[i]; i++)
		argv[argc++] = (char *)question[i];

	promise(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	promise(!ksrtp__from_fd(&tool.handle, pair[1], -1));
	answer(tool.handle, pair[0], data + 1, size - 1, data[0] & 0x80);
	stdout = fopen("/dev/null", "w");
	stderr = fopen("/dev/null", "w");
	promise(stdout && stderr);
	status = tool_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	close(pair[0]);
	promise(status == DONE || status == REFUSED);
	return 0;
}
