// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp sock: UDP sockets under ksrtp. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tool.h"

static void print_sock(const struct ksrtp_sock *s)
{
	pr_open("sock");
	pr_number("id", "", s->id);
	if (KSRTP_HAS(s, KSRTP_A_SOCK_ADDR))
		pr_addr("addr", NULL, &s->addr, true);
	if (KSRTP_HAS(s, KSRTP_A_SOCK_UNMATCHED))
		pr_name("unmatched", NULL, s->unmatched, ksrtp_str_unmatched);
	if (KSRTP_HAS(s, KSRTP_A_SOCK_OWNED))
		pr_switch("owned", NULL, s->owned);
	if (KSRTP_HAS(s, KSRTP_A_SOCK_PEERS))
		pr_number("peers", NULL, s->peers);
	pr_details();
	if (KSRTP_HAS(s, KSRTP_A_SOCK_INODE))
		pr_number("inode", NULL, s->inode);
	pr_close();
}

static int each_sock(const struct ksrtp_sock *s, void *arg)
{
	(void)arg;
	print_sock(s);
	return 0;
}

/* The id is news only where the kernel chose it. */
static int print_new_id(uint32_t id, bool chosen)
{
	if (chosen && !tool.json)
		return DONE;
	pr_begin(PR_LINES);
	pr_open("sock");
	pr_number("id", "", id);
	pr_close();
	pr_end();
	return DONE;
}

/* ---- attach, open -------------------------------------------------------- */

struct attach {
	struct ksrtp_sock sock;
	uint32_t pid;
	uint32_t fd;
};

#define ID_WORD								\
	{ .name = "id", .what = "the id", .kind = WORD_NUMBER, .attr = KSRTP_A_SOCK_ID,	\
	  TO(struct ksrtp_sock, id), .min = 1, .max = UINT32_MAX }
#define UNMATCHED_WORD							\
	{ .name = "unmatched", .what = "unmatched", .kind = WORD_CHOICE,	\
	  .attr = KSRTP_A_SOCK_UNMATCHED, TO(struct ksrtp_sock, unmatched),	\
	  .names = ksrtp_str_unmatched }

/*
 * A process of another network namespace has its sockets there, most likely,
 * and the kernel takes none of these: what to type instead.
 */
static void advise_netns(uint32_t pid, uint32_t fd)
{
	const char *ours = tool.netns ? tool.netns : "/proc/self/ns/net";
	struct stat here, there;
	char path[512];

	snprintf(path, sizeof(path), "%s%s", strchr(ours, '/') ? "" : "/run/netns/", ours);
	if (stat(path, &here))
		return;
	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	if (stat(path, &there) || (here.st_dev == there.st_dev && here.st_ino == there.st_ino))
		return;
	fprintf(stderr, "Process %u is in another network namespace. To act there:\n", pid);
	fprintf(stderr, "    ksrtp -n %s sock attach pid %u fd %u\n", path, pid, fd);
}

static int attach(struct args *a)
{
	static const struct word words[] = {
		{ .name = "pid", .what = "the process", .kind = WORD_NUMBER,
		  TO(struct attach, pid), .min = 1, .max = INT32_MAX },
		{ .name = "fd", .what = "the file descriptor", .kind = WORD_NUMBER, .must = true,
		  TO(struct attach, fd), .min = 0, .max = INT32_MAX },
		ID_WORD,
		UNMATCHED_WORD,
	};
	struct attach at = { .sock = { 0 } };
	struct ksrtp_handle *h;
	bool chosen;
	int ret;

	if (read_words(a, words, ARRAY_SIZE(words), &at))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	chosen = KSRTP_HAS(&at.sock, KSRTP_A_SOCK_ID);
	if (at.pid)
		ret = ksrtp_sock_attach_pid(h, (pid_t)at.pid, (int)at.fd, &at.sock);
	else
		ret = ksrtp_sock_attach(h, (int)at.fd, &at.sock);
	if (!ret)
		return print_new_id(at.sock.id, chosen);
	refused();
	if (at.pid)
		advise_netns(at.pid, at.fd);
	return REFUSED;
}

static int sock_open(struct args *a)
{
	static const struct word words[] = { ID_WORD, UNMATCHED_WORD };
	struct ksrtp_sock sock = { 0 };
	struct ksrtp_handle *h;
	bool chosen;
	int ret;

	ret = take_addr(a, true, &sock.addr);
	if (!ret)
		ret = read_words(a, words, ARRAY_SIZE(words), &sock);
	if (ret)
		return ret;
	h = tool_handle();
	if (!h)
		return REFUSED;
	sock.has |= KSRTP_BIT(KSRTP_A_SOCK_ADDR);
	chosen = KSRTP_HAS(&sock, KSRTP_A_SOCK_ID);
	return ksrtp_sock_open(h, &sock) ? refused() : print_new_id(sock.id, chosen);
}

/* ---- set, del, flush, show ----------------------------------------------- */

static int set(struct args *a)
{
	static const struct word words[] = { UNMATCHED_WORD };
	struct ksrtp_sock sock = { 0 };
	struct ksrtp_handle *h;

	if (take_id(a, "the id", &sock.id) ||
	    read_words(a, words, ARRAY_SIZE(words), &sock))
		return MISUSED;
	if (!sock.has)
		return misused(a, "what is to change is missing");
	sock.has |= KSRTP_BIT(KSRTP_A_SOCK_ID);
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_sock_set(h, &sock) ? refused() : DONE;
}

static int del(struct args *a)
{
	struct ksrtp_handle *h;
	uint32_t id;

	if (take_id(a, "the id", &id) || no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_sock_del(h, id) ? refused() : DONE;
}

static int flush(struct args *a)
{
	struct ksrtp_handle *h;

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_sock_flush(h) ? refused() : DONE;
}

static int show(struct args *a)
{
	struct ksrtp_sock sock;
	struct ksrtp_handle *h;
	uint32_t id = 0;

	if (a->at < a->end && take_id(a, "the id", &id))
		return MISUSED;
	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	pr_begin(PR_LINES);
	if (id) {
		if (ksrtp_sock_get(h, id, &sock))
			return refused();
		print_sock(&sock);
	} else if (ksrtp_sock_dump(h, each_sock, NULL)) {
		return refused();
	}
	pr_end();
	return DONE;
}

static const struct verb verbs[] = {
	{ "attach", attach, "{ pid PID fd FD | fd FD } [ id ID ] [ unmatched { drop | pass } ]",
	  "put a program's UDP socket under ksrtp" },
	{ "open", sock_open, "ADDR:PORT [ id ID ] [ unmatched { drop | pass } ]",
	  "open a UDP socket that the module owns" },
	{ "set", set, "ID unmatched { drop | pass }",
	  "change what happens to RTP and RTCP of an address that is no peer" },
	{ "del", del, "ID", "take it from ksrtp, with its peers, keys, streams and routes" },
	{ "show", show, "[ID]", "list them" },
	{ "flush", flush, "", "del, of all" },
};

const struct object sock_object = OBJECT("sock", "UDP sockets under ksrtp", verbs,
	"ID is a number from 1, the kernel's choice where none is given, and is then printed.\n"
	"A socket of another process (pid) takes the right to trace that process; it must be\n"
	"in the network namespace the request is for (-n).\n"
	"unmatched is drop where nothing is said.\n");
