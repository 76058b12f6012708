// SPDX-License-Identifier: GPL-2.0-or-later
/* The handle: sockets of one network namespace, and the last error. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"

#define NETNS_DIR "/run/netns/"

int ksrtp__fail(struct ksrtp_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}

const char *ksrtp_error(const struct ksrtp_handle *h)
{
	return h->err.text;
}

static int netlink_socket(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	static const int options[] = {
		/* sentences; answers that do not repeat the keys of the request */
		NETLINK_EXT_ACK, NETLINK_CAP_ACK,
		/* dumps that refuse what they do not understand */
		NETLINK_GET_STRICT_CHK,
	};
	const int one = 1;
	int fd, error;
	size_t i;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (setsockopt(fd, SOL_NETLINK, options[i], &one, sizeof(one)) < 0)
			goto failed;
	}
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		goto failed;
	return fd;

failed:
	error = -errno;
	close(fd);
	return error;
}

/* Sockets stay in the namespace they were made in. */
static int make_sockets(struct ksrtp_handle *h, struct ksrtp_error *err)
{
	h->fd = netlink_socket();
	if (h->fd < 0)
		return ksrtp__fail(err, h->fd, "no netlink socket: %s", strerror(-h->fd));
	h->events_fd = netlink_socket();
	if (h->events_fd < 0)
		return ksrtp__fail(err, h->events_fd, "no netlink socket: %s",
				   strerror(-h->events_fd));
	/* Only to ask for interfaces: any family will do. */
	h->ctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (h->ctl_fd < 0)
		h->ctl_fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (h->ctl_fd < 0)
		return ksrtp__fail(err, -errno, "no socket: %s", strerror(errno));
	return 0;
}

static int make_sockets_in(struct ksrtp_handle *h, const char *netns, struct ksrtp_error *err)
{
	int home = -1, there = -1, ret;
	char path[4096];

	if (strchr(netns, '/'))
		ret = snprintf(path, sizeof(path), "%s", netns);
	else
		ret = snprintf(path, sizeof(path), NETNS_DIR "%s", netns);
	if (ret >= (int)sizeof(path) || !*netns || !strcmp(netns, ".") || !strcmp(netns, ".."))
		return ksrtp__fail(err, -EINVAL, "this is not the name of a network namespace");

	if (ksrtp_looks_secret(netns))
		netns = "(name not shown, it may be key material)";
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0)
		return ksrtp__fail(err, -errno, "network namespace %s: %s", netns,
				   strerror(errno));
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0) {
		ret = ksrtp__fail(err, -errno, "/proc/thread-self/ns/net: %s", strerror(errno));
		goto out;
	}
	if (setns(there, CLONE_NEWNET) < 0) {
		ret = ksrtp__fail(err, -errno, "network namespace %s cannot be entered: %s",
				  netns, strerror(errno));
		goto out;
	}
	ret = make_sockets(h, err);
	/* A program that goes on in the wrong namespace is worse than none. */
	if (setns(home, CLONE_NEWNET) < 0) {
		fprintf(stderr, "libksrtp: no way back to the own network namespace: %s\n",
			strerror(errno));
		abort();
	}
out:
	if (home >= 0)
		close(home);
	close(there);
	return ret;
}

static struct ksrtp_handle *handle_new(void)
{
	struct ksrtp_handle *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->fd = -1;
	h->events_fd = -1;
	h->ctl_fd = -1;
	/* What a dump fills at once: the kernel makes its buffers as large. */
	h->buf_size = 32768;
	h->buf = malloc(h->buf_size);
	if (!h->buf) {
		free(h);
		return NULL;
	}
	return h;
}

int ksrtp_open(struct ksrtp_handle **hp, const char *netns, struct ksrtp_error *err)
{
	struct ksrtp_handle *h = handle_new();
	int ret;

	*hp = NULL;
	if (!h)
		return ksrtp__fail(err, -ENOMEM, "out of memory");
	ret = netns ? make_sockets_in(h, netns, err) : make_sockets(h, err);
	if (ret)
		goto close_it;
	ret = ksrtp__resolve(h);
	if (ret) {
		ksrtp__fail(err, ret, "%s", h->err.text);
		goto close_it;
	}
	*hp = h;
	return 0;

close_it:
	ksrtp_close(h);
	return ret;
}

int ksrtp__from_fd(struct ksrtp_handle **hp, int fd, int events_fd)
{
	struct ksrtp_handle *h = handle_new();

	*hp = h;
	if (!h)
		return -ENOMEM;
	h->fd = fd;
	h->events_fd = events_fd;
	h->family = GENL_MIN_ID;
	return 0;
}

void ksrtp_close(struct ksrtp_handle *h)
{
	if (!h)
		return;
	if (h->fd >= 0)
		close(h->fd);
	if (h->events_fd >= 0)
		close(h->events_fd);
	if (h->ctl_fd >= 0)
		close(h->ctl_fd);
	free(h->buf);
	free(h);
}

uint32_t ksrtp_ifindex(struct ksrtp_handle *h, const char *name)
{
	struct ifreq ifr = { 0 };

	if (strlen(name) >= sizeof(ifr.ifr_name))
		return 0;
	strcpy(ifr.ifr_name, name);
	if (ioctl(h->ctl_fd, SIOCGIFINDEX, &ifr) < 0)
		return 0;
	return ifr.ifr_ifindex;
}

const char *ksrtp_ifname(struct ksrtp_handle *h, uint32_t index, char *buf)
{
	struct ifreq ifr = { .ifr_ifindex = (int)index };

	if (ioctl(h->ctl_fd, SIOCGIFNAME, &ifr) < 0)
		return NULL;
	memcpy(buf, ifr.ifr_name, IF_NAMESIZE);
	buf[IF_NAMESIZE - 1] = '\0';
	return buf;
}
