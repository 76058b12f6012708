/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_kernel.h: the far end of a handle of libksrtp, for tests of the library
 * and the tool without a kernel that has ksrtp.
 *
 * Answers are put in place first, then the call is made, then the request is
 * looked at: nothing runs beside the test.
 *
 *	struct fake k;
 *
 *	fake_open(&k);
 *	fake_error(&k, -EBUSY, "The address is another peer's.");
 *	kt_is(ksrtp_peer_add(k.h, &peer), -EBUSY, "it is refused");
 *	nlh = fake_request(&k);
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <kt.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <internal.h>

struct fake {
	struct ksrtp_handle *h;
	int fd;			/* what the handle sends comes here */
	int events_fd;
	uint32_t seq;		/* of the request the next answer is for */
	struct nlmsghdr *nlh;	/* answer being made */
	char buf[65536] __attribute__((aligned(8)));
	char request[65536] __attribute__((aligned(8)));
};

static inline void fake_open(struct fake *k)
{
	const struct timeval patience = { .tv_sec = 10 };
	int pair[2], events[2], room = 8 << 20;

	memset(k, 0, sizeof(*k));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, events))
		kt_bail("socketpair: %s", strerror(errno));
	k->fd = pair[0];
	k->events_fd = events[0];
	setsockopt(k->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	/* A test without an answer fails; it does not hang. */
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (ksrtp__from_fd(&k->h, pair[1], events[1]))
		kt_bail("no handle");
	/* for interfaces, as a handle that was opened has it */
	k->h->ctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static inline void fake_close(struct fake *k)
{
	ksrtp_close(k->h);
	close(k->fd);
	close(k->events_fd);
}

static inline void fake_put(struct fake *k, int fd, const void *data, size_t len)
{
	(void)k;
	if (send(fd, data, len, MSG_DONTWAIT) != (ssize_t)len)
		kt_bail("the fake kernel cannot answer: %s", strerror(errno));
}

/* ---- answers ------------------------------------------------------------- */

/* Answers to several requests may be in place before the first is made. */
static inline uint32_t fake_seq(struct fake *k)
{
	if (k->seq <= k->h->seq)
		k->seq = k->h->seq + 1;
	return k->seq;
}

/* fake_begin - an answer of the family; attributes go to k->nlh by libmnl */
static inline struct nlmsghdr *fake_begin(struct fake *k, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;

	memset(k->buf, 0, sizeof(k->buf));
	k->nlh = mnl_nlmsg_put_header(k->buf);
	k->nlh->nlmsg_type = k->h->family;
	k->nlh->nlmsg_flags = flags;
	k->nlh->nlmsg_seq = fake_seq(k);
	genl = mnl_nlmsg_put_extra_header(k->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return k->nlh;
}

static inline void fake_send(struct fake *k)
{
	fake_put(k, k->fd, k->buf, k->nlh->nlmsg_len);
}

/* fake_event - the message begun is an event */
static inline void fake_event(struct fake *k)
{
	k->nlh->nlmsg_seq = 0;
	fake_put(k, k->events_fd, k->buf, k->nlh->nlmsg_len);
}

static inline void fake_end(struct fake *k, uint16_t type, uint16_t flags, const void *fixed,
			    size_t fixed_len, const char *sentence)
{
	struct nlmsghdr *nlh;

	memset(k->buf, 0, sizeof(k->buf));
	nlh = mnl_nlmsg_put_header(k->buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = fake_seq(k);
	k->seq++;
	memcpy(mnl_nlmsg_put_extra_header(nlh, fixed_len), fixed, fixed_len);
	if (sentence) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		/* As the kernel does it: another one may stand before the sentence. */
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, 20);
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, sentence);
	}
	fake_put(k, k->fd, nlh, nlh->nlmsg_len);
}

/* fake_error - the end of an answer: 0 or a negative errno, with a sentence or not */
static inline void fake_error(struct fake *k, int code, const char *sentence)
{
	struct nlmsgerr e = { .error = code };

	fake_end(k, NLMSG_ERROR, NLM_F_CAPPED, &e, sizeof(e), sentence);
}

/* fake_done - the end of a dump */
static inline void fake_done(struct fake *k, int code, const char *sentence)
{
	fake_end(k, NLMSG_DONE, NLM_F_MULTI, &code, sizeof(code), sentence);
}

/* fake_id - what sock-new and peer-new answer */
static inline void fake_id(struct fake *k, uint8_t cmd, uint16_t attr, uint32_t id)
{
	fake_begin(k, cmd, 0);
	mnl_attr_put_u32(k->nlh, attr, id);
	fake_send(k);
	fake_error(k, 0, NULL);
}

/* ---- requests ------------------------------------------------------------ */

/* fake_request - the oldest request not yet looked at, NULL: there is none */
static inline const struct nlmsghdr *fake_request(struct fake *k)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)k->request;
	ssize_t n = recv(k->fd, k->request, sizeof(k->request), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return NULL;
	if (n < (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN) || nlh->nlmsg_len != n)
		kt_bail("a request of %zd bytes is malformed", n);
	return nlh;
}

static inline uint8_t fake_cmd(const struct nlmsghdr *nlh)
{
	return ((const struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd;
}

/* fake_attr - the nth attribute of this number, NULL: there is none */
static inline const struct nlattr *fake_attr(const struct nlmsghdr *nlh, uint16_t type, int nth)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == type && !nth--)
			return attr;
	}
	return NULL;
}

/* fake_attrs - which attributes it has, a bit each */
static inline uint64_t fake_attrs(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	uint64_t bits = 0;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		bits |= KSRTP_BIT(mnl_attr_get_type(attr));
	return bits;
}

/* fake_bytes - is there such an attribute, with these bytes? */
static inline bool fake_bytes(const struct nlmsghdr *nlh, uint16_t type, const void *want,
			      size_t len)
{
	const struct nlattr *attr = fake_attr(nlh, type, 0);

	return attr && mnl_attr_get_payload_len(attr) == len &&
	       !memcmp(mnl_attr_get_payload(attr), want, len);
}

static inline bool fake_u8(const struct nlmsghdr *nlh, uint16_t type, uint8_t want)
{
	return fake_bytes(nlh, type, &want, sizeof(want));
}

static inline bool fake_u16(const struct nlmsghdr *nlh, uint16_t type, uint16_t want)
{
	return fake_bytes(nlh, type, &want, sizeof(want));
}

static inline bool fake_u32(const struct nlmsghdr *nlh, uint16_t type, uint32_t want)
{
	return fake_bytes(nlh, type, &want, sizeof(want));
}

static inline bool fake_u64(const struct nlmsghdr *nlh, uint16_t type, uint64_t want)
{
	return fake_bytes(nlh, type, &want, sizeof(want));
}

#endif /* FAKE_KERNEL_H */
