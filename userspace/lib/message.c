// SPDX-License-Identifier: GPL-2.0-or-later
/* Generic netlink: requests, their answers, the kernel's sentences. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"

/* ---- building ------------------------------------------------------------ */

#define HEAD_LEN (NLMSG_HDRLEN + GENL_HDRLEN)

/* Old bytes are wiped, not merely freed: keys may be among them. */
static bool msg_room(struct ksrtp_msg *m, size_t more)
{
	size_t need = (m->nlh ? m->nlh->nlmsg_len : 0) + more;
	size_t size = m->size ? m->size : 512;
	struct nlmsghdr *grown;

	if (m->error)
		return false;
	if (need <= m->size)
		return true;
	while (size < need)
		size *= 2;
	grown = calloc(1, size);
	if (!grown) {
		m->error = -ENOMEM;
		return false;
	}
	if (m->nlh) {
		memcpy(grown, m->nlh, m->nlh->nlmsg_len);
		ksrtp_wipe(m->nlh, m->size);
		free(m->nlh);
	}
	m->nlh = grown;
	m->size = size;
	return true;
}

void ksrtp__msg_init(struct ksrtp_msg *m, uint16_t type, uint16_t flags, uint8_t cmd)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = KSRTP_GENL_VERSION };

	memset(m, 0, sizeof(*m));
	if (!msg_room(m, HEAD_LEN))
		return;
	m->nlh->nlmsg_len = HEAD_LEN;
	m->nlh->nlmsg_type = type;
	m->nlh->nlmsg_flags = flags | NLM_F_REQUEST;
	memcpy(NLMSG_DATA(m->nlh), &genl, sizeof(genl));
}

void ksrtp__msg_put(struct ksrtp_msg *m, uint16_t attr, const void *data, size_t len)
{
	if (msg_room(m, NLA_HDRLEN + MNL_ALIGN(len)))
		mnl_attr_put(m->nlh, attr, len, data);
}

size_t ksrtp__msg_nest(struct ksrtp_msg *m, uint16_t attr)
{
	struct nlattr *nest;

	if (!msg_room(m, NLA_HDRLEN))
		return 0;
	nest = mnl_attr_nest_start(m->nlh, attr);
	return (char *)nest - (char *)m->nlh;
}

void ksrtp__msg_nest_end(struct ksrtp_msg *m, size_t nest)
{
	if (!m->error)
		mnl_attr_nest_end(m->nlh, (struct nlattr *)((char *)m->nlh + nest));
}

void ksrtp__msg_wipe(struct ksrtp_msg *m)
{
	if (m->nlh) {
		ksrtp_wipe(m->nlh, m->size);
		free(m->nlh);
	}
	memset(m, 0, sizeof(*m));
}

/* ---- receiving ----------------------------------------------------------- */

ssize_t ksrtp__receive(struct ksrtp_handle *h, int fd)
{
	ssize_t n;

	n = recv(fd, h->buf, h->buf_size, MSG_PEEK | MSG_TRUNC);
	if (n < 0)
		return -errno;
	if ((size_t)n > h->buf_size) {
		char *grown = realloc(h->buf, n);

		if (!grown)
			return -ENOMEM;
		h->buf = grown;
		h->buf_size = n;
	}
	n = recv(fd, h->buf, h->buf_size, 0);
	return n < 0 ? -errno : n;
}

/* libmnl's own takes a length of 2^31 and more for a negative one, and so for good. */
bool ksrtp__msg_ok(const struct nlmsghdr *nlh, size_t left)
{
	return left >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= left;
}

const struct nlmsghdr *ksrtp__msg_next(const struct nlmsghdr *nlh, size_t *left)
{
	const size_t len = MNL_ALIGN((size_t)nlh->nlmsg_len);

	/* the last one may be without its padding */
	*left -= len < *left ? len : *left;
	return (const struct nlmsghdr *)((const char *)nlh + len);
}

/*
 * The sentence is in a TLV behind the error, which itself may or may not be
 * followed by the request (without NLM_F_CAPPED it is).
 */
static const char *find_sentence(const struct nlmsghdr *nlh, size_t fixed, size_t *len)
{
	size_t offset = NLMSG_HDRLEN + fixed;
	const struct nlattr *attr;
	const void *attrs;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (nlh->nlmsg_type == NLMSG_ERROR && !(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		const struct nlmsgerr *e = NLMSG_DATA(nlh);

		if (e->msg.nlmsg_len > NLMSG_HDRLEN)
			offset += MNL_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (offset >= nlh->nlmsg_len)
		return NULL;
	/* libmnl's walk over a message goes on to its padding, which may not be there. */
	attrs = (const char *)nlh + offset;
	mnl_attr_for_each_payload(attrs, nlh->nlmsg_len - offset) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		*len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		return *len ? mnl_attr_get_payload(attr) : NULL;
	}
	return NULL;
}

static int refused(struct ksrtp_handle *h, const struct nlmsghdr *nlh, int code, size_t fixed)
{
	const char *sentence;
	size_t len;

	/* No errno at all is as good as none we know. */
	if (code > 0 || code < -4095)
		code = -EPROTO;
	sentence = find_sentence(nlh, fixed, &len);
	if (sentence)
		return ksrtp__fail(&h->err, code, "%.*s", (int)len, sentence);
	if (code == -EPERM)
		return ksrtp__fail(&h->err, code,
				   "%s: ksrtp needs CAP_NET_ADMIN in the user namespace that owns the network namespace",
				   strerror(EPERM));
	return ksrtp__fail(&h->err, code, "%s", strerror(-code));
}

static int not_understood(struct ksrtp_handle *h)
{
	return ksrtp__fail(&h->err, -EPROTO, "the kernel's answer is malformed");
}

/* What is being waited for, and where it goes. */
struct answer {
	uint32_t seq;
	uint16_t type;
	ksrtp__reply_cb cb;
	void *arg;
	bool interrupted;
	bool ended;
};

static int answer_message(struct ksrtp_handle *h, struct answer *a, const struct nlmsghdr *nlh)
{
	const size_t payload = mnl_nlmsg_get_payload_len(nlh);
	int code;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;

	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		if (payload < sizeof(struct nlmsgerr))
			return not_understood(h);
		a->ended = true;
		code = ((const struct nlmsgerr *)NLMSG_DATA(nlh))->error;
		return code ? refused(h, nlh, code, sizeof(struct nlmsgerr)) : 0;
	case NLMSG_DONE:
		a->ended = true;
		if (payload < sizeof(code))
			return 0;
		memcpy(&code, NLMSG_DATA(nlh), sizeof(code));
		return code < 0 ? refused(h, nlh, code, sizeof(code)) : 0;
	}
	if (nlh->nlmsg_type != a->type || payload < GENL_HDRLEN)
		return not_understood(h);
	if (!a->cb)
		return 0;
	code = a->cb((const char *)NLMSG_DATA(nlh) + GENL_HDRLEN, payload - GENL_HDRLEN, a->arg);
	return code == -EPROTO ? not_understood(h) : code;
}

/* Answers to requests of before, left unread after an error, are passed over. */
static int answer_datagram(struct ksrtp_handle *h, struct answer *a, size_t left)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)h->buf;
	int ret;

	for (; ksrtp__msg_ok(nlh, left); nlh = ksrtp__msg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != a->seq)
			continue;
		ret = answer_message(h, a, nlh);
		if (ret || a->ended)
			return ret;
	}
	return left ? not_understood(h) : 0;
}

static int send_request(struct ksrtp_handle *h, struct ksrtp_msg *m)
{
	ssize_t n;

	/* A netlink socket that was never connected speaks to the kernel. */
	do {
		n = send(h->fd, m->nlh, m->nlh->nlmsg_len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ksrtp__fail(&h->err, -errno, "the request cannot be sent: %s",
				   strerror(errno));
	return 0;
}

static int converse(struct ksrtp_handle *h, struct ksrtp_msg *m, struct answer *a)
{
	int ret = send_request(h, m);

	while (!ret && !a->ended) {
		ssize_t n = ksrtp__receive(h, h->fd);

		if (n == -EINTR)
			continue;
		if (n <= 0) {
			/* -EAGAIN is for interrupted dumps alone */
			n = !n ? -EPIPE : n == -EAGAIN ? -ETIMEDOUT : n;
			return ksrtp__fail(&h->err, n, "no answer of the kernel: %s",
					   strerror(-n));
		}
		ret = answer_datagram(h, a, n);
	}
	if (!ret && a->interrupted)
		return ksrtp__fail(&h->err, -EAGAIN,
				   "the objects kept changing while they were read; try again");
	return ret;
}

int ksrtp__call(struct ksrtp_handle *h, struct ksrtp_msg *m, ksrtp__reply_cb cb, void *arg)
{
	struct answer a = { .cb = cb, .arg = arg };
	int ret;

	if (m->error) {
		ret = ksrtp__fail(&h->err, m->error, "out of memory");
		goto wipe;
	}
	a.type = m->nlh->nlmsg_type;
	a.seq = ++h->seq;
	m->nlh->nlmsg_seq = a.seq;
	if (!(m->nlh->nlmsg_flags & NLM_F_DUMP))
		m->nlh->nlmsg_flags |= NLM_F_ACK;
	ret = converse(h, m, &a);
wipe:
	ksrtp__msg_wipe(m);
	return ret;
}

/* ---- the family ---------------------------------------------------------- */

static void note_group(struct ksrtp_handle *h, const struct nlattr *group)
{
	const struct nlattr *attr;
	bool events = false;
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U32))
			id = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
			 !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			events = !strcmp(mnl_attr_get_str(attr), KSRTP_MCGRP_EVENTS);
	}
	if (events)
		h->group = id;
}

static int note_family(const void *attrs, size_t len, void *arg)
{
	const struct nlattr *attr, *group;
	struct ksrtp_handle *h = arg;

	mnl_attr_for_each_payload(attrs, len) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			h->family = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				note_group(h, group);
	}
	return 0;
}

int ksrtp__resolve(struct ksrtp_handle *h)
{
	struct ksrtp_msg m;
	int ret;

	ksrtp__msg_init(&m, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	ksrtp__msg_put(&m, CTRL_ATTR_FAMILY_NAME, KSRTP_GENL_NAME, sizeof(KSRTP_GENL_NAME));
	ret = ksrtp__call(h, &m, note_family, h);
	if (ret == -ENOENT || (!ret && !h->family))
		return ksrtp__fail(&h->err, -ENOENT,
				   "the kernel has no ksrtp: load the module (modprobe ksrtp); `ksrtp doctor' says what is missing");
	return ret;
}
