// SPDX-License-Identifier: GPL-2.0-or-later
/* Events are read as they come, and what was lost is an event itself. */
#include "fake_kernel.h"

#include <linux/rtnetlink.h>

struct seen {
	struct ksrtp_notice notices[64];
	unsigned int n;
	int ret;
};

static int see(const struct ksrtp_notice *n, void *arg)
{
	struct seen *seen = arg;

	if (seen->n < ARRAY_SIZE(seen->notices))
		seen->notices[seen->n] = *n;
	seen->n++;
	return seen->ret;
}

static void check_events(void)
{
	static const uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	const struct ksrtp_notice *n;
	struct seen seen = { 0 };
	struct fake k;

	fake_open(&k);
	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_EVENT, KSRTP_EVENT_PEER_MOVED);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_PEER, 3);
	mnl_attr_put(k.nlh, KSRTP_A_NOTICE_ADDR, 16, ip);
	mnl_attr_put_u16(k.nlh, KSRTP_A_NOTICE_PORT, htons(5000));
	fake_event(&k);
	kt_ok(!ksrtp_events_read(k.h, see, &seen) && seen.n == 1, "an event is read");
	n = &seen.notices[0];
	kt_ok(n->event == KSRTP_EVENT_PEER_MOVED && n->peer == 3 && n->addr.port == 5000 &&
	      !memcmp(n->addr.ip, ip, 16) && KSRTP_HAS(n, KSRTP_A_NOTICE_ADDR) &&
	      !KSRTP_HAS(n, KSRTP_A_NOTICE_SSRC), "it has what the kernel said");

	seen = (struct seen) { .ret = 5 };
	fake_event(&k);
	kt_is(ksrtp_events_read(k.h, see, &seen), 5, "what the callback returns is returned");

	seen = (struct seen) { 0 };
	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	fake_event(&k);
	kt_ok(!ksrtp_events_read(k.h, see, &seen) && !seen.n, "what is no event is passed over");

	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_EVENT, 1);
	fake_event(&k);
	kt_ok(ksrtp_events_read(k.h, see, &seen) == -EPROTO && !seen.n &&
	      !strcmp(ksrtp_error(k.h), "an event is malformed"), "a malformed event is an error");
	kt_is(ksrtp_events_open(k.h), -EPROTO, "a kernel without the group is an error");
	fake_close(&k);
}

/* Any group of netlink overruns in the same way: links are set up and down. */
static int overrun_socket(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), small = 1, i;
	struct ifreq ifr = { .ifr_name = "lo" };
	int ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ctl < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		kt_bail("no netlink socket: %s", strerror(errno));
	for (i = 0; i < 40; i++) {
		ifr.ifr_flags = i % 2 ? IFF_UP : 0;
		if (ioctl(ctl, SIOCSIFFLAGS, &ifr) < 0)
			kt_bail("lo: %s", strerror(errno));
	}
	close(ctl);
	return fd;
}

static void check_overrun(void)
{
	const char *name = "an overrun of the socket is an event of its own";
	struct seen seen = { 0 };
	struct ksrtp_handle *h;
	int i, ret = 0;

	if (unshare(CLONE_NEWNET) < 0) {
		kt_skip(name, "a network namespace cannot be made: %s", strerror(errno));
		return;
	}
	if (ksrtp__from_fd(&h, -1, overrun_socket()))
		kt_bail("no handle");
	for (i = 0; i < 100 && !seen.n && !ret; i++)
		ret = ksrtp_events_read(h, see, &seen);
	kt_ok(!ret && seen.n == 1 && seen.notices[0].event == KSRTP_EVENT_OVERRUN &&
	      seen.notices[0].has == KSRTP_BIT(KSRTP_A_NOTICE_EVENT), "%s", name);
	ksrtp_close(h);
}

int main(void)
{
	kt_plan(7);
	check_events();
	check_overrun();
	return kt_done();
}
