// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events: what comes on the group is shown or passed over, by `ksrtp monitor',
 * until it cannot be read any more; with -j each is JSON.
 *
 *	flags | length of a datagram | datagram | length...
 *
 * Flags: 1: -j; 2: the datagrams are attributes, a good header comes before them.
 */
#include "said.h"

#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"
#include "json.h"
#include "tool.h"

/* All are there before the first is read, so a socket has to hold them. */
#define MOST_DATAGRAMS	8

static void put_datagram(const struct ksrtp_handle *h, int fd, const uint8_t *data, size_t len,
			 bool headed)
{
	static char buf[512] __attribute__((aligned(8)));
	const size_t head = headed ? NLMSG_HDRLEN + GENL_HDRLEN : 0;
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

	memset(buf, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	if (headed) {
		nlh->nlmsg_len = head + len;
		nlh->nlmsg_type = h->family;
		((struct genlmsghdr *)NLMSG_DATA(nlh))->cmd = KSRTP_CMD_NOTIFY;
	}
	memcpy(buf + head, data, len);
	promise(send(fd, buf, head + len, 0) == (ssize_t)(head + len));
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static struct said said, errors;
	FILE *out = stdout, *err = stderr;
	uint8_t flags;
	int pair[2], n;

	if (size < 2 || size > 2048)
		return 0;
	flags = *data++;
	size--;
	promise(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	promise(!ksrtp__from_fd(&tool.handle, -1, pair[1]));
	tool.json = flags & 1;
	for (n = 0; size > 1 && n < MOST_DATAGRAMS; n++) {
		const size_t len = data[0] < size ? data[0] : size - 1;

		put_datagram(tool.handle, pair[0], data + 1, len, flags & 2);
		data += 1 + len;
		size -= 1 + len;
	}
	promise(!shutdown(pair[0], SHUT_WR));

	said_clear(&said);
	said_clear(&errors);
	stdout = said.f;
	stderr = errors.f;
	promise(monitor_events(tool.handle) == REFUSED);
	fflush(said.f);
	stdout = out;
	stderr = err;
	ksrtp_close(tool.handle);
	tool.handle = NULL;
	close(pair[0]);
	promise(said_len(&errors));
	said_len(&said);
	promise(!tool.json || is_json(said.text, true));
	return 0;
}
