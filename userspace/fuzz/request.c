// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines that reach a kernel: it says yes to everything, and each request
 * is looked at. It is well formed, is what the kernel's policy of that request
 * lets in, and carries no attribute twice; what was typed wrongly sends none; and
 * no key is shown, but where `derive' is asked for it.
 *
 * Words are separated by white space. @0 to @9 are files with a key or a state
 * in them; other files by a path, and doctor, are left out, for the outcome
 * would depend on the machine.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "said.h"

#include "internal.h"
#include "tool.h"

#include "../../kmod/netlink-gen.c"

#define MAX_WORDS	48
#define ANSWERS		8
/* Each key here begins with the same bytes. */
#define HEX		"c0ffee0102"
#define BASE64		"wP/uAQID"
#define KEY		HEX "030405060708090a0b0c0d"

static const char *const files[] = {
	KEY "0e0f1011121314151617181900ff\n",			/* 30 bytes */
	KEY "0e0f101112131415161718190000ffff\n",		/* 32 */
	KEY "0e0f10111213141516170000\n",			/* 28 */
	KEY "0e0f101112131415161718190e0f10111213141516171800\n",	/* 40 */
	KEY KEY "0e0f101112131415161718190e0f10111213141516171800\n",	/* 56 */
	"inline:" BASE64 "BAUGBwgJCgsMDQ4PEBESExQVFhcYGQD/|2^20|1:4\n",
	"inline:" BASE64 "BAUGBwgJCgsMDQ4PEBESExQVFhcYGQD/|2:1\n",
	"not a key\n",
	"ksrtp-state 1\n"
	"state peer 10 rx hbh ssrc 0x0000abcd key any suite AES_CM_128_HMAC_SHA1_80 mki aa00bb fingerprint 01020304050607f8 tombstone on window 1024 index 281474976710655 started on floor 77 bits ff01 packets 1000 rtcp-packets 5 rtcp-window 64 rtcp-index 2147483647 rtcp-started on rtcp-floor 0 rtcp-bits 01\n"
	"route from peer 10 ssrc any to peer 11 rewrite-ssrc 5 rewrite-pt 96:97 to peer 12 rtcp forward\n"
	"end 2\n",
	"",
};

static char *file_of(const char *word)
{
	static char names[ARRAY_SIZE(files)][32];
	const unsigned int n = (unsigned int)(word[1] - '0');
	int fd;

	if (n >= ARRAY_SIZE(files) || word[2])
		return NULL;
	if (!names[n][0]) {
		fd = memfd_create("file", 0);
		promise(fd >= 0);
		promise(write(fd, files[n], strlen(files[n])) == (ssize_t)strlen(files[n]));
		snprintf(names[n], sizeof(names[n]), "/proc/self/fd/%d", fd);
	}
	return names[n];
}

/* 0: this line is left out */
static int cut(char *line, char **argv)
{
	char *word, *save;
	int argc = 0;

	argv[argc++] = (char *)"ksrtp";
	for (word = strtok_r(line, "\n\t ", &save); word && argc < MAX_WORDS;
	     word = strtok_r(NULL, "\n\t ", &save)) {
		if (strchr(word, '/') || !strcmp(word, "-") || !strcmp(word, "doctor") ||
		    !strcmp(word, "pid") || !strcmp(word, "monitor"))
			return 0;
		argv[argc] = *word == '@' ? file_of(word) : word;
		if (!argv[argc++])
			return 0;
	}
	argv[argc] = NULL;
	return argc;
}

/* For each request the same: an object with id 7, and that all is well */
static void put_answers(const struct ksrtp_handle *h, int fd)
{
	static char buf[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh;
	uint32_t seq;
	size_t len;

	for (seq = 1; seq <= ANSWERS; seq++) {
		nlh = mnl_nlmsg_put_header(buf);
		nlh->nlmsg_type = h->family;
		nlh->nlmsg_seq = seq;
		mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN);
		mnl_attr_put_u32(nlh, 1, 7);
		len = nlh->nlmsg_len;
		nlh = mnl_nlmsg_put_header(buf + len);
		nlh->nlmsg_type = NLMSG_ERROR;
		nlh->nlmsg_seq = seq;
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct nlmsgerr));
		len += nlh->nlmsg_len;
		promise(send(fd, buf, len, 0) == (ssize_t)len);
	}
	promise(!shutdown(fd, SHUT_WR));
}

/* By command; stats-get takes no attribute. */
#define ROW(CMD, op)							\
	[KSRTP_CMD_##CMD] = { ksrtp_##op##_nl_policy, ARRAY_SIZE(ksrtp_##op##_nl_policy) }

static const struct policies {
	const struct nla_policy *policy;
	size_t n;
} policies[KSRTP_CMD_MAX + 1] = {
	ROW(SOCK_GET, sock_get), ROW(SOCK_NEW, sock_new), ROW(SOCK_SET, sock_set),
	ROW(SOCK_DEL, sock_del), ROW(PEER_GET, peer_get), ROW(PEER_NEW, peer_new),
	ROW(PEER_SET, peer_set), ROW(PEER_DEL, peer_del), ROW(KEY_GET, key_get),
	ROW(KEY_NEW, key_new), ROW(KEY_SET, key_set), ROW(KEY_DEL, key_del),
	ROW(ROUTE_GET, route_get), ROW(ROUTE_NEW, route_new), ROW(ROUTE_DEL, route_del),
	ROW(STREAM_GET, stream_get), ROW(STATE_GET, state_get), ROW(STATE_SET, state_set),
};

static void check_number(const struct nla_policy *p, const struct nlattr *attr)
{
	static const uint8_t sizes[] = {
		[NLA_U8] = 1, [NLA_U16] = 2, [NLA_U32] = 4, [NLA_U64] = 8,
	};
	uint64_t value = 0;

	promise(mnl_attr_get_payload_len(attr) == sizes[p->type]);
	/* little-endian, as all machines that fuzz are */
	memcpy(&value, mnl_attr_get_payload(attr), sizes[p->type]);
	promise(value >= p->min && (!p->max || value <= p->max));
}

static void check_attributes(const struct policies *all, const char *at, size_t left);

static void check_attribute(const struct nla_policy *p, const struct nlattr *attr)
{
	const struct policies inner = { p->nested, p->n_nested };
	const size_t len = mnl_attr_get_payload_len(attr);

	switch (p->type) {
	case NLA_UNSPEC:
		promise(!"an attribute this request does not have");
		break;
	case NLA_BINARY:
		promise(!p->len || len == p->len);
		break;
	case NLA_NESTED:
		promise(attr->nla_type & NLA_F_NESTED);
		check_attributes(&inner, mnl_attr_get_payload(attr), len);
		break;
	default:
		check_number(p, attr);
		break;
	}
}

static void check_attributes(const struct policies *all, const char *at, size_t left)
{
	uint64_t seen = 0;
	size_t len;

	for (; left; at += len, left -= len) {
		const struct nlattr *attr = (const struct nlattr *)at;
		uint16_t type;

		promise(left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN);
		len = (attr->nla_len + 3u) / 4 * 4;
		promise(len <= left);
		type = mnl_attr_get_type(attr);
		promise(type < all->n);
		check_attribute(&all->policy[type], attr);
		promise(!(seen & KSRTP_BIT(type)) || all->policy[type].type == NLA_NESTED);
		seen |= KSRTP_BIT(type);
	}
}

static void check_request(const char *buf, size_t n, uint16_t family)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);

	promise(n >= head && n == nlh->nlmsg_len);
	promise(nlh->nlmsg_type == family && nlh->nlmsg_flags & NLM_F_REQUEST);
	promise(genl->cmd <= KSRTP_CMD_MAX && genl->version == KSRTP_GENL_VERSION);
	check_attributes(&policies[genl->cmd], buf + head, n - head);
}

/* How many there were */
static int check_requests(int fd, uint16_t family)
{
	static char buf[65536] __attribute__((aligned(8)));
	int requests = 0;
	ssize_t n;

	/* Answers nobody read reset the connection: said once, requests come after it. */
	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 ||
	       (n < 0 && errno == ECONNRESET)) {
		if (n < 0)
			continue;
		check_request(buf, (size_t)n, family);
		requests++;
	}
	return requests;
}

static void check_silence(const struct said *said)
{
	promise(!strstr(said->text, HEX) && !strstr(said->text, BASE64));
}

static void run(int argc, char **argv)
{
	static struct said said, errors;
	FILE *out = stdout, *err = stderr;
	int pair[2], status, requests, i;
	bool derive = false;
	uint16_t family;

	promise(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	promise(!ksrtp__from_fd(&tool.handle, pair[1], -1));
	family = tool.handle->family;
	put_answers(tool.handle, pair[0]);
	said_clear(&said);
	said_clear(&errors);
	stdout = said.f;
	stderr = errors.f;
	for (i = 1; i < argc; i++)
		derive |= !strcmp(argv[i], "derive");
	status = tool_main(argc, argv);
	stdout = out;
	stderr = err;
	requests = check_requests(pair[0], family);
	close(pair[0]);
	said_len(&said);
	promise(status == DONE || status == REFUSED || status == MISUSED);
	promise(status == DONE || said_len(&errors));
	promise(status != MISUSED || !requests);
	if (!derive)
		check_silence(&said);
	check_silence(&errors);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static char line[2049];
	char *argv[MAX_WORDS + 1];
	int argc;

	if (size >= sizeof(line))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	/* A key on the command line is what words.c is about. */
	if (strstr(line, HEX))
		return 0;
	argc = cut(line, argv);
	if (argc)
		run(argc, argv);
	return 0;
}
