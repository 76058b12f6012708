// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of an answer, and the answer about the family: whatever the kernel
 * says, there is an error with a sentence or there is none, and the sentence is the
 * kernel's where there is one: the first attribute of its kind behind the error.
 *
 *	flags | netlink's flags (16) | what follows the message's header
 *
 * Flags: 1: NLMSG_DONE, not NLMSG_ERROR; 2: it is about the family; 4: the datagram is
 * longer than the library's buffer.
 */
#include "../../selftests/fuzz/fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "internal.h"

#define BUFFER	32768

static char buf[BUFFER + 4096] __attribute__((aligned(8)));

/* Of another request, to be passed over, but taking place */
static size_t put_long(bool there)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

	if (!there)
		return 0;
	memset(nlh, 0, sizeof(*nlh));
	nlh->nlmsg_len = BUFFER;
	nlh->nlmsg_seq = 99;
	return BUFFER;
}

static size_t put_message(uint16_t type, uint16_t flags, const uint8_t *data, size_t size,
			  size_t at)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(buf + at);

	nlh->nlmsg_len = NLMSG_HDRLEN + size;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = 1;
	nlh->nlmsg_pid = 0;
	memcpy(buf + at + NLMSG_HDRLEN, data, size);
	return at + NLMSG_HDRLEN + size;
}

static uint32_t host32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t host16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Where the attributes behind an error begin, @size: nowhere */
static size_t attributes(bool done, uint16_t flags, const uint8_t *data, size_t size)
{
	uint64_t request;

	if (!(flags & NLM_F_ACK_TLVS))
		return size;
	if (done)
		return 4;
	request = host32(data + 4);
	if (flags & NLM_F_CAPPED || request <= NLMSG_HDRLEN)
		request = NLMSG_HDRLEN;
	request = (request + 3) / 4 * 4;
	return request < size && 4 + request < size ? 4 + request : size;
}

/* The sentence and its length, 0: there is none */
static size_t sentence_of(bool done, uint16_t flags, const uint8_t *data, size_t size,
			  const char **text)
{
	size_t at = attributes(done, flags, data, size);

	while (at + 4 <= size) {
		const uint16_t len = host16(data + at);

		if (len < 4 || len > size - at)
			return 0;
		if ((host16(data + at + 2) & 0x3fff) == NLMSGERR_ATTR_MSG) {
			*text = (const char *)data + at + 4;
			return strnlen(*text, len - 4);
		}
		at += (len + 3u) / 4 * 4;
	}
	return 0;
}

static void check_sentence(const struct ksrtp_handle *h, int ret, bool done, uint16_t flags,
			   const uint8_t *data, size_t size)
{
	const size_t fixed = done ? 4 : sizeof(struct nlmsgerr);
	const char *text, *said = ksrtp_error(h);
	char want[sizeof(h->err.text)];
	size_t len;
	int32_t code;

	if (size < fixed && !done) {
		promise(ret == -EPROTO && *said);
		return;
	}
	code = size < fixed ? 0 : (int32_t)host32(data);
	if (!code || (done && code > 0)) {
		promise(ret == (flags & NLM_F_DUMP_INTR ? -EAGAIN : 0));
		return;
	}
	promise(ret == (code < 0 && code >= -4095 ? code : -EPROTO));
	promise(*said && strlen(said) < sizeof(h->err.text));
	len = sentence_of(done, flags, data, size, &text);
	if (!len)
		return;
	snprintf(want, sizeof(want), "%.*s", (int)len, text);
	promise(!strcmp(said, want));
}

/* A group is only believed where the family is. */
static void check_family(const struct ksrtp_handle *h, int ret)
{
	promise(ret ? ret < 0 && *ksrtp_error(h) : h->family != 0);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct ksrtp_peer peer = { 0 };
	struct ksrtp_handle *h;
	uint16_t flags;
	bool done, family;
	int pair[2], ret;
	size_t len;

	if (size < 3 || size > 2048)
		return 0;
	done = data[0] & 1;
	family = data[0] & 2;
	flags = host16(data + 1);
	promise(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	promise(!ksrtp__from_fd(&h, pair[1], -1));
	len = put_long(data[0] & 4);
	len = put_message(family ? GENL_ID_CTRL : done ? NLMSG_DONE : NLMSG_ERROR, flags,
			  data + 3, size - 3, len);
	promise(send(pair[0], buf, len, 0) == (ssize_t)len);
	len = put_message(NLMSG_DONE, 0, (const uint8_t *)"\0\0\0", 4, 0);
	promise(send(pair[0], buf, len, 0) == (ssize_t)len);
	promise(!shutdown(pair[0], SHUT_WR));
	if (family) {
		h->family = 0;
		ret = ksrtp__resolve(h);
		check_family(h, ret);
	} else {
		ret = ksrtp_peer_set(h, &peer);
		check_sentence(h, ret, done, flags, data + 3, size - 3);
	}
	ksrtp_close(h);
	close(pair[0]);
	return 0;
}
