// SPDX-License-Identifier: GPL-2.0-or-later
/* Netlink messages to ksrtp by hand. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kt.h"
#include "rawnl.h"

static void begin(struct raw *r, uint16_t type, uint8_t cmd, uint8_t version, uint16_t flags)
{
	struct genlmsghdr *genl;

	memset(r->request, 0, sizeof(r->request));
	r->nlh = mnl_nlmsg_put_header(r->request);
	r->nlh->nlmsg_type = type;
	r->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	if (!(flags & NLM_F_DUMP))
		r->nlh->nlmsg_flags |= NLM_F_ACK;
	r->nlh->nlmsg_seq = ++r->seq;
	genl = mnl_nlmsg_put_extra_header(r->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
}

void raw_new(struct raw *r, uint8_t cmd, uint16_t flags)
{
	begin(r, r->family, cmd, KSRTP_GENL_VERSION, flags);
}

static void room(const struct raw *r, size_t len)
{
	if (r->nlh->nlmsg_len + MNL_ATTR_HDRLEN + MNL_ALIGN(len) > sizeof(r->request))
		kt_bail("a message longer than its buffer");
}

void raw_put(struct raw *r, uint16_t attr, const void *data, size_t len)
{
	room(r, len);
	mnl_attr_put(r->nlh, attr, len, data);
}

void raw_u8(struct raw *r, uint16_t attr, uint8_t v)
{
	raw_put(r, attr, &v, sizeof(v));
}

void raw_u16(struct raw *r, uint16_t attr, uint16_t v)
{
	raw_put(r, attr, &v, sizeof(v));
}

void raw_u32(struct raw *r, uint16_t attr, uint32_t v)
{
	raw_put(r, attr, &v, sizeof(v));
}

void raw_u64(struct raw *r, uint16_t attr, uint64_t v)
{
	raw_put(r, attr, &v, sizeof(v));
}

struct nlattr *raw_nest(struct raw *r, uint16_t attr)
{
	room(r, 0);
	return mnl_attr_nest_start(r->nlh, attr);
}

void raw_end(struct raw *r, struct nlattr *nest)
{
	mnl_attr_nest_end(r->nlh, nest);
}

/*
 * The sentence follows the header of the request, if that is all that is sent
 * back; behind a whole request it is not looked for.
 */
static void read_sentence(struct raw *r, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	r->sentence[0] = '\0';
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || !(nlh->nlmsg_flags & NLM_F_CAPPED))
		return;
	mnl_attr_for_each(attr, nlh, sizeof(struct nlmsgerr)) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(r->sentence, sizeof(r->sentence), "%s",
				 mnl_attr_get_str(attr));
	}
}

/* Return: 1 to read on, 0 at the end, or the errno in the message. */
static int read_messages(struct raw *r, const uint8_t *buf, int len)
{
	const struct nlmsghdr *nlh = (const void *)buf;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

		if (nlh->nlmsg_seq != r->seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			read_sentence(r, nlh);
			return err->error;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			int status = *(const int *)mnl_nlmsg_get_payload(nlh);

			return status < 0 ? status : 0;
		}
	}
	return 1;
}

int raw_talk(struct raw *r)
{
	int status = 1;

	r->answer_len = 0;
	r->sentence[0] = '\0';
	/* Not sent to an address: who opened the socket counts then, too. */
	if (write(mnl_socket_get_fd(r->nl), r->nlh, r->nlh->nlmsg_len) < 0)
		return -errno;
	while (status > 0) {
		size_t left = sizeof(r->answer) - r->answer_len;
		ssize_t n;

		if (left < 65536)
			kt_bail("an answer longer than its buffer");
		n = mnl_socket_recvfrom(r->nl, r->answer + r->answer_len, left);
		if (n < 0)
			return -errno;
		status = read_messages(r, r->answer + r->answer_len, n);
		r->answer_len += n;
	}
	return status;
}

uint32_t raw_answer_u32(const struct raw *r, uint16_t type, uint32_t none)
{
	const struct nlmsghdr *nlh = (const void *)r->answer;
	const struct nlattr *attr;

	if (!mnl_nlmsg_ok(nlh, r->answer_len) || nlh->nlmsg_type == NLMSG_ERROR)
		return none;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_u32(attr);
	}
	return none;
}

static uint32_t group_of(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		uint32_t id = 0;
		bool ours = false;

		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(attr);
			else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
				ours = !strcmp(mnl_attr_get_str(attr), KSRTP_MCGRP_EVENTS);
		}
		if (ours)
			return id;
	}
	return 0;
}

static int find_family(struct raw *r, const char *name)
{
	const struct nlmsghdr *nlh = (const void *)r->answer;
	const struct nlattr *attr;
	int status;

	begin(r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	raw_put(r, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	status = raw_talk(r);
	if (status)
		return status;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			r->family = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			r->group = group_of(attr);
	}
	return r->family ? 0 : -ENOENT;
}

int raw_open_family(struct raw *r, const char *name)
{
	int one = 1;

	memset(r, 0, sizeof(*r));
	r->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!r->nl || mnl_socket_bind(r->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		kt_bail("no netlink socket: %s", strerror(errno));
	if (mnl_socket_setsockopt(r->nl, NETLINK_EXT_ACK, &one, sizeof(one)) < 0 ||
	    mnl_socket_setsockopt(r->nl, NETLINK_CAP_ACK, &one, sizeof(one)) < 0 ||
	    mnl_socket_setsockopt(r->nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one)) < 0)
		kt_bail("netlink options: %s", strerror(errno));
	return find_family(r, name);
}

int raw_open(struct raw *r)
{
	return raw_open_family(r, KSRTP_GENL_NAME);
}

void raw_close(struct raw *r)
{
	mnl_socket_close(r->nl);
	r->nl = NULL;
}
