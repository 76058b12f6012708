// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: the multicast group, and what is lost when nobody reads it. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"

int ksrtp_events_open(struct ksrtp_handle *h)
{
	/* A burst of new streams is one event each; as much as the limit lets. */
	const int size = 4 << 20;
	uint32_t group = h->group;

	if (!group)
		return ksrtp__fail(&h->err, -EPROTO, "the kernel's ksrtp has no events");
	if (setsockopt(h->events_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	    setsockopt(h->events_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return ksrtp__fail(&h->err, -errno, "no room for events: %s", strerror(errno));
	if (setsockopt(h->events_fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		       sizeof(group)) < 0)
		return ksrtp__fail(&h->err, -errno, "events cannot be had: %s", strerror(errno));
	return 0;
}

int ksrtp_events_fd(const struct ksrtp_handle *h)
{
	return h->events_fd;
}

static int overrun(int (*cb)(const struct ksrtp_notice *notice, void *arg), void *arg)
{
	struct ksrtp_notice lost = { 0 };

	KSRTP_SET(&lost, KSRTP_A_NOTICE_EVENT, event, KSRTP_EVENT_OVERRUN);
	return cb(&lost, arg);
}

static int read_one(struct ksrtp_handle *h, const struct nlmsghdr *nlh,
		    int (*cb)(const struct ksrtp_notice *notice, void *arg), void *arg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const size_t len = mnl_nlmsg_get_payload_len(nlh);
	struct ksrtp_notice notice;

	if (nlh->nlmsg_type != h->family || len < GENL_HDRLEN || genl->cmd != KSRTP_CMD_NOTIFY)
		return 0;
	if (ksrtp__get_object(&ksrtp__notice_object, (const char *)genl + GENL_HDRLEN,
			      len - GENL_HDRLEN, &notice))
		return ksrtp__fail(&h->err, -EPROTO, "an event is malformed");
	return cb(&notice, arg);
}

int ksrtp_events_read(struct ksrtp_handle *h,
		      int (*cb)(const struct ksrtp_notice *notice, void *arg), void *arg)
{
	const struct nlmsghdr *nlh;
	size_t left;
	ssize_t n;

	n = ksrtp__receive(h, h->events_fd);
	if (n == -ENOBUFS)
		return overrun(cb, arg);
	if (n <= 0) {
		n = n ? n : -EPIPE;
		return ksrtp__fail(&h->err, n, "events cannot be read: %s", strerror(-n));
	}
	nlh = (const struct nlmsghdr *)h->buf;
	for (left = (size_t)n; ksrtp__msg_ok(nlh, left); nlh = ksrtp__msg_next(nlh, &left)) {
		int ret = read_one(h, nlh, cb, arg);

		if (ret)
			return ret;
	}
	return 0;
}
