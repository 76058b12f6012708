// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When the tool has given a key to the kernel, or failed to, nothing of it is left
 * in its memory: not as bytes, not as hex or base64, not of what it was derived
 * from. Nor may another process of the same user look into it, nor a core
 * dump be had of it.
 *
 * The tool is stopped as it exits, and all it could write is looked through.
 */
#include "rig.h"

#include <grp.h>
#include <sys/ptrace.h>

#define NOBODY	65534
/* As few bytes in a row as would not be there by chance: raw, and of a text */
#define PART	6
#define TEXT	10
#define SUITE	"AES_CM_128_HMAC_SHA1_80"

static const char *tool;
static char dir[32];

/* What must not be found */
struct secret {
	const char *what;
	uint8_t bytes[600];
	size_t len;
	size_t part;
};

static struct secret secrets[16];
static size_t n_secrets;

static void keep(const char *what, const void *bytes, size_t len, size_t part)
{
	struct secret *s = &secrets[n_secrets++];

	s->what = what;
	memcpy(s->bytes, bytes, len);
	s->len = len;
	s->part = part;
}

/* ---- looking ---- */

static const char *look(const uint8_t *in, size_t n)
{
	size_t s, i;

	for (s = 0; s < n_secrets; s++) {
		for (i = 0; i + secrets[s].part <= secrets[s].len; i++) {
			if (memmem(in, n, secrets[s].bytes + i, secrets[s].part))
				return secrets[s].what;
		}
	}
	return NULL;
}

/* Everything the process could write */
static const char *look_into(pid_t pid)
{
	static uint8_t page[64 * 4096];
	char path[64], line[512], mode[8], name[256];
	const char *found = NULL, *what;
	unsigned long from, to;
	FILE *maps;
	ssize_t n;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (!maps || mem < 0)
		kt_bail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), maps)) {
		*name = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &from, &to, mode, name) < 3 ||
		    mode[1] != 'w')
			continue;
		for (; from < to; from += n) {
			n = pread(mem, page, to - from < sizeof(page) ? to - from : sizeof(page),
				  from);
			if (n <= 0)
				break;
			what = look(page, n);
			if (what) {
				kt_note("%s in %s", what, *name ? name : "anonymous memory");
				found = what;
			}
		}
	}
	close(mem);
	fclose(maps);
	return found;
}

static int prepare(const char *const *argv, const char *input)
{
	int in = open(input, O_RDONLY), null = open("/dev/null", O_WRONLY);

	if (in < 0 || null < 0 || dup2(in, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		return 126;
	execv(argv[0], (char *const *)argv);
	return 127;
}

/*
 * Runs a command to the moment of its exit. Return: what was found of the secrets
 * then, NULL for nothing; its exit status in @status.
 */
static const char *run(const char *command, const char *input, int *status)
{
	const char *argv[48], *found = "(it did not come to its end)";
	char words[1024], *word;
	int n = 0, state;
	pid_t pid;

	snprintf(words, sizeof(words), "%s", command);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n] = NULL;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		kt_bail("fork: %s", strerror(errno));
	if (!pid)
		_exit(prepare(argv, input));
	if (waitpid(pid, &state, 0) != pid || !WIFSTOPPED(state) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL))
		kt_bail("%s: cannot be traced", command);
	while (!ptrace(PTRACE_CONT, pid, NULL, NULL) && waitpid(pid, &state, 0) == pid &&
	       WIFSTOPPED(state))
		if (state >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			found = look_into(pid);
	*status = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
	return found;
}

/* ---- what it is given ---- */

static char *file(const char *name, const char *text)
{
	static char paths[8][64];
	static int next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];
	FILE *f;

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		kt_bail("%s: %s", path, strerror(errno));
	return path;
}

/* Bytes of key material and a file of it; all of both must be forgotten. */
static char *hex_file(const char *name, uint32_t seed, uint8_t *bytes, size_t len)
{
	char text[2 * 600 + 2];
	size_t i;

	ref_pattern(bytes, len, seed);
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	keep("key material", bytes, len, PART);
	keep("key material in hex", text, 2 * len, TEXT);
	strcat(text, "\n");
	return file(name, text);
}

static void to_base64(const uint8_t *in, size_t len, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i + 3 <= len; i += 3) {
		*out++ = letters[in[i] >> 2];
		*out++ = letters[(in[i] & 3) << 4 | in[i + 1] >> 4];
		*out++ = letters[(in[i + 1] & 15) << 2 | in[i + 2] >> 6];
		*out++ = letters[in[i + 2] & 63];
	}
	*out = '\0';
}

static void forget(void)
{
	memset(secrets, 0, sizeof(secrets));
	n_secrets = 0;
}

static __printf(3, 4)
void tried(int want, const char *what, const char *fmt, ...)
{
	char command[768], line[1024];
	const char *found;
	int status;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s %s", tool, command);
	found = run(line, "/dev/null", &status);
	if (status != want)
		kt_note("%s: exit status %d", line, status);
	kt_ok(!found && status == want, "%s", what);
	forget();
}

/* ---- cases ---- */

#define ADD	"key add peer %u rx hbh ssrc %d suite "

static void finds_what_is_there(void)
{
	uint8_t key[30];
	char command[128];
	int status;

	snprintf(command, sizeof(command), "/usr/bin/head %s",
		 hex_file("head", 1, key, sizeof(key)));
	kt_ok(run(command, "/dev/null", &status) && !status,
	      "a key would be found: head, which does not wipe, still has one");
	forget();
}

static void plain(uint32_t peer)
{
	uint8_t key[88], other[30];
	char text[64] = "inline:", *path;
	const char *found;
	char line[256];
	int status;

	tried(0, "key-file in hex: nothing of it is left",
	      ADD "AES_CM_128_HMAC_SHA1_80 key-file %s", peer, 1, hex_file("hex", 2, key, 30));
	hex_file("unused", 3, key, 30);
	to_base64(key, 30, text + 7);
	keep("base64", text + 7, 40, TEXT);
	path = file("inline", text);
	tried(0, "inline: of SDES", ADD "AES_CM_128_HMAC_SHA1_80 key-file %s", peer, 2, path);

	hex_file("unused", 4, key, 30);
	to_base64(key, 30, text + 7);
	keep("base64", text + 7, 40, TEXT);
	snprintf(line, sizeof(line), "%s " ADD "AES_CM_128_HMAC_SHA1_80 key-file -", tool, peer, 3);
	path = file("stdin", text + 7);
	found = run(line, path, &status);
	kt_ok(!found && !status, "base64 on standard input");
	forget();

	path = hex_file("both", 5, key, 30);
	tried(0, "a second key for RTCP",
	      ADD "AES_CM_128_HMAC_SHA1_80 key-file %s rtcp-key-file %s", peer, 4, path,
	      hex_file("rtcp", 6, other, 30));
	tried(0, "the two halves of a DOUBLE suite",
	      ADD "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM key-file %s", peer, 5,
	      hex_file("double", 7, key, 88));
}

static void derived(uint32_t peer)
{
	uint8_t key[32], other[30], mi[32];
	struct ref_e2e e;
	struct ref_ctx c;
	char *path;

	path = hex_file("call", 8, key, 32);
	if (ref_e2e_call_key(&e, key, 32, "1@lid", false))
		kt_bail("no E2E key");
	keep("E2E master key", e.master_key, 16, PART);
	keep("E2E master salt", e.master_salt, 14, PART);
	if (ref_e2e_set_mi(&e, REF_MI_DERIVED, key, 32, 4))
		kt_bail("no MI key");
	memcpy(mi, e.mi_key, 32);
	keep("MI key", mi, 32, PART);
	tried(0, "a call key, and all that is derived from it",
	      "key add peer %u rx e2e ssrc 6 suite E2E_AES_128_CTR call-key-file %s "
	      "lid 1@lid mi derived", peer, path);

	path = hex_file("hbh", 9, other, 30);
	if (ref_ctx_hbh_two_stage(&c, SUITE, other, REF_UPLINK))
		kt_bail("no HBH key");
	keep("session key", c.rtp.k_e, 16, PART);
	tried(0, "a relay's HBH key",
	      ADD "AES_CM_128_HMAC_SHA1_80 hbh-key-file %s kdf two-stage direction uplink", peer, 7,
	      path);
	path = hex_file("print", 10, key, 30);
	if (ref_ctx_init(&c, SUITE, key, 16, key + 16, 14))
		kt_bail("no session keys");
	keep("session key", c.rtp.k_e, 16, PART);
	tried(0, "derive, once it has printed them",
	      "derive session suite AES_CM_128_HMAC_SHA1_80 key-file %s", path);
}

static void refused(uint32_t peer)
{
	uint8_t key[64];
	char *path = hex_file("refused", 11, key, 30);

	tried(1, "a key the kernel refuses", ADD "AES_CM_128_HMAC_SHA1_80 key-file %s",
	      peer + 1000, 1, path);
	tried(1, "a key file of a wrong length", ADD "AES_CM_128_HMAC_SHA1_80 key-file %s", peer, 8,
	      hex_file("long", 12, key, 31));
	path = hex_file("odd", 13, key, 30);
	kt_must("sed -i 's/$/x/' %s", path);
	tried(1, "one with a letter too many", ADD "AES_CM_128_HMAC_SHA1_80 key-file %s", peer, 8,
	      path);
}

/* ---- closed to others ---- */

static bool may_open_memory(pid_t pid)
{
	char path[64];
	int status;
	pid_t other;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fflush(stdout);
	other = fork();
	if (!other) {
		if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(2);
		_exit(open(path, O_RDONLY) < 0);
	}
	waitpid(other, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* A program of nobody's that waits for its standard input */
static pid_t waits(const char *const *argv, int *in)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		kt_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (dup2(fds[0], 0) < 0 || setgroups(0, NULL) ||
		    setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			_exit(126);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[0]);
	*in = fds[1];
	return pid;
}

/* In read(2) of its standard input, that is */
static bool is_reading(pid_t pid)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	return !strncmp(kt_read(path, text, sizeof(text)), "0 0x0 ", 6);
}

static void end(pid_t pid, int in)
{
	close(in);
	waitpid(pid, NULL, 0);
}

static void closed_to_others(void)
{
	const char *const cat[] = { "/bin/cat", NULL };
	const char *const derive[] = {
		tool, "derive", "session", "suite", "AES_CM_128_HMAC_SHA1_80", "key-file", "-", NULL
	};
	char path[64], limits[4096], *core;
	int in, null = open("/dev/null", O_WRONLY);
	pid_t pid;

	pid = waits(cat, &in);
	if (!kt_wait_until(is_reading(pid), RIG_WAIT))
		kt_bail("cat does not read");
	kt_ok(may_open_memory(pid), "another process of the same user may look into cat");
	end(pid, in);
	if (null < 0 || dup2(null, 2) < 0)
		kt_bail("/dev/null: %s", strerror(errno));
	pid = waits(derive, &in);
	if (!kt_wait_until(is_reading(pid), RIG_WAIT))
		kt_bail("the tool does not read");
	kt_ok(!may_open_memory(pid), "but not into the tool");
	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	core = strstr(kt_read(path, limits, sizeof(limits)), "Max core file size");
	kt_ok(core && strtol(core + strlen("Max core file size"), NULL, 10) == 0 &&
	      strncmp(core + 26, "unlimited", 9), "and it leaves no core");
	end(pid, in);
}

int main(void)
{
	struct rig_far f;
	struct rig r;

	tool = getenv("KSRTP") ?: "build/user/ksrtp";
	kt_plan(15);
	rig_start();
	strcpy(dir, "/tmp/ksrtp-XXXXXX");
	if (!mkdtemp(dir))
		kt_bail("%s: %s", dir, strerror(errno));
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	finds_what_is_there();
	plain(f.id);
	derived(f.id);
	refused(f.id);
	closed_to_others();
	kt_run("rm -r %s", dir);
	rig_close(&r);
	return kt_done();
}
