// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of a kernel: any bytes behind a good header are shown or refused.
 * The first byte says what was asked; what is shown goes through the tool, as
 * JSON or as text, with details or without. JSON is JSON. What a newer kernel
 * would say besides changes nothing.
 */
#include "said.h"

#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"
#include "json.h"
#include "tool.h"

static const char *const questions[][3] = {
	{ "sock", "show" }, { "sock", "show", "1" }, { "peer", "show" }, { "peer", "show", "1" },
	{ "key", "show" }, { "route", "show" }, { "stream", "show" }, { "stats" },
	{ "export" }, { "export", "peer", "1" },
};

#define HEAD	(NLMSG_HDRLEN + GENL_HDRLEN)

/* Attributes nobody has heard of: one that is empty, one with bytes */
static const uint16_t unheard[] = { 4, 0x3fff, 12, 0x3ffe, 0xffff, 0xffff, 0, 0xffff };

/* The answer, as the message it is in or as its attributes */
static void answer(struct ksrtp_handle *h, int fd, const uint8_t *data, size_t size, bool raw,
		   bool newer)
{
	static char buf[8192] __attribute__((aligned(8)));
	const size_t before = raw ? 0 : HEAD + (newer ? sizeof(unheard) : 0);
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

	memset(buf, 0, HEAD);
	if (size > sizeof(buf) - before)
		size = sizeof(buf) - before;
	memcpy(buf + before, data, size);
	size += before;
	if (raw) {
		if (size < NLMSG_HDRLEN)
			size = NLMSG_HDRLEN;
	} else {
		if (newer)
			memcpy(buf + HEAD, unheard, sizeof(unheard));
		nlh->nlmsg_len = size;
		nlh->nlmsg_type = h->family;
	}
	nlh->nlmsg_seq = h->seq + 1;
	promise(send(fd, buf, size, 0) == (ssize_t)size);
	memset(buf, 0, NLMSG_HDRLEN + sizeof(int));
	nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(int);
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_seq = h->seq + 1;
	promise(send(fd, buf, nlh->nlmsg_len, 0) == (ssize_t)nlh->nlmsg_len);
	/* the kernel has nothing more to say */
	promise(!shutdown(fd, SHUT_WR));
}

static int ask(const uint8_t *data, size_t size, bool newer, struct said *said,
	       struct said *errors)
{
	const char *const *question = questions[data[0] & 0x08 ? 8 + (data[0] & 1) : data[0] & 7];
	char *argv[8] = { (char *)"ksrtp" };
	FILE *out = stdout, *err = stderr;
	int pair[2], argc = 1, i, status;

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
	answer(tool.handle, pair[0], data + 1, size - 1, data[0] & 0x80, newer);
	said_clear(said);
	said_clear(errors);
	stdout = said->f;
	stderr = errors->f;
	status = tool_main(argc, argv);
	stdout = out;
	stderr = err;
	close(pair[0]);
	promise(status == DONE || status == REFUSED);
	said_len(said);
	promise(!said_len(errors) == (status == DONE));
	return status;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static struct said said, again, errors;
	int status;

	if (!size || size > 4096)
		return 0;
	status = ask(data, size, false, &said, &errors);
	/* export has one form */
	if (status == DONE && data[0] & 0x10 && !(data[0] & 0x08))
		promise(is_json(said.text, false));
	if (data[0] & 0x80)
		return 0;
	promise(ask(data, size, true, &again, &errors) == status);
	promise(!strcmp(said.text, again.text));
	return 0;
}
