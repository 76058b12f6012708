// SPDX-License-Identifier: GPL-2.0-or-later
/* pion/srtp at the other end. */
#include "peer_pion.h"

#include <sys/socket.h>
#include <sys/wait.h>

static int program = -1;
static pid_t program_pid;

/* Return: length of the answer in @answer, or a negative errno and pion's reason there */
static int ask(char verb, const void *data, int len, void *answer, int size)
{
	uint8_t request[4096], reply[4096];
	ssize_t n;

	request[0] = verb;
	if (len > (int)sizeof(request) - 1)
		kt_bail("a request of %d bytes", len);
	memcpy(request + 1, data, len);
	if (send(program, request, len + 1, MSG_NOSIGNAL) != len + 1)
		kt_bail("pion does not listen: %s", strerror(errno));
	n = recv(program, reply, sizeof(reply), 0);
	if (n < 1 || n - 1 > size)
		kt_bail("pion does not answer");
	memcpy(answer, reply + 1, n - 1);
	if (reply[0] == '.')
		return n - 1;
	if (n - 1 < size)
		((char *)answer)[n - 1] = '\0';
	return -EBADMSG;
}

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
	while (len--)
		out += sprintf(out, "%02x", *bytes++);
}

static void *open_context(const struct exchange *x, const struct rig_key *keys, uint32_t roc)
{
	const struct ksrtp_key *k = &keys[0].key;
	char text[512], answer[512], key[2 * KSRTP_MAX_KEY + 1], salt[2 * KSRTP_MAX_SALT + 1];

	put_hex(key, k->master_key, k->master_key_len);
	put_hex(salt, k->master_salt, k->master_salt_len);
	snprintf(text, sizeof(text), "%s %u %u %u %s %s", x->suite, x->window ?: 1024,
		 EXCHANGE_SSRC, roc, key, salt);
	if (ask('k', text, strlen(text), answer, sizeof(answer) - 1) < 0)
		kt_bail("pion refuses %s: %s", x->suite, answer);
	return &program;
}

static int protect(void *ctx, const struct exchange *x, unsigned int key, uint8_t *pkt, int len)
{
	(void)ctx;
	(void)key;
	return ask(x->rtcp ? 'P' : 'p', pkt, len, pkt, 2048);
}

static int unprotect(void *ctx, const struct exchange *x, uint8_t *pkt, int len)
{
	(void)ctx;
	return ask(x->rtcp ? 'U' : 'u', pkt, len, pkt, 2048);
}

static void close_context(void *ctx)
{
	(void)ctx;
}

struct exchange_peer pion_peer = {
	.name = "pion/srtp",
	.open = open_context,
	.protect = protect,
	.unprotect = unprotect,
	.close = close_context,
};

void pion_start(void)
{
	const char *dir = getenv("KSRTP_PROGRAMS");
	static char version[64];
	char path[512];
	int pair[2], n;

	snprintf(path, sizeof(path), "%s/pion", dir ? dir : "build/selftests");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		kt_bail("socketpair: %s", strerror(errno));
	fflush(stdout);
	program_pid = fork();
	if (program_pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!program_pid) {
		dup2(pair[1], STDIN_FILENO);
		execl(path, "pion", "codec", NULL);
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		_exit(127);
	}
	close(pair[1]);
	program = pair[0];
	n = ask('v', "", 0, version, sizeof(version) - 1);
	if (n < 0)
		kt_bail("pion does not say its version");
	version[n] = '\0';
	pion_peer.version = version;
}

void pion_stop(void)
{
	close(program);
	waitpid(program_pid, NULL, 0);
}
