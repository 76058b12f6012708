// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor says of hosts of every kind, made of files. */
#include "tool_run.h"

#include <doctor.h>

static char root[256];
static int hosts;

/* host - a new host without anything; the files follow */
static void host(void)
{
	run_file("nothing", "");
	snprintf(root, sizeof(root), "%s/%d", run_dir, hosts++);
	kt_must("mkdir %s", root);
	doctor_root = root;
}

static void has_bytes(const char *path, const void *bytes, size_t len)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	kt_must("mkdir -p $(dirname %s)", full);
	f = fopen(full, "w");
	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		kt_bail("%s: %s", full, strerror(errno));
}

static void has(const char *path, const char *text)
{
	has_bytes(path, text, strlen(text));
}

static const char good_crypto[] =
	"name         : __ctr(aes)\ndriver       : cryptd(__ctr-aes-aesni)\nmodule       : cryptd\n"
	"priority     : 450\nrefcnt       : 1\ninternal     : yes\n\n"
	"name         : ctr(aes)\ndriver       : ctr(aes-generic)\nmodule       : ctr\n"
	"priority     : 100\nrefcnt       : 1\ninternal     : no\n\n"
	"name         : ctr(aes)\ndriver       : ctr-aes-aesni\nmodule       : aesni_intel\n"
	"priority     : 400\nrefcnt       : 1\ninternal     : no\n\n"
	"name         : gcm(aes)\ndriver       : gcm_base(ctr-aes-aesni,ghash-generic)\n"
	"priority     : 300\nrefcnt       : 1\ninternal     : no\n\n"
	"name         : gcm(aes)\ndriver       : generic-gcm-aesni\nmodule       : aesni_intel\n"
	"priority     : 400\nrefcnt       : 1\ninternal     : no\n\n"
	"name         : sha1\ndriver       : sha1-ni\nmodule       : sha1_ssse3\n"
	"priority     : 250\nrefcnt       : 1\ninternal     : no\n";

static void good_host(void)
{
	host();
	has("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	has("/sys/module/ksrtp/initstate", "live\n");
	has("/sys/module/ksrtp/version", "0.1.0\n");
	has("/proc/self/status", "Name:\tksrtp\nCapEff:\t0000000000001000\n");
	has("/proc/crypto", good_crypto);
	has("/proc/cpuinfo", "flags\t\t: fpu aes avx2\n");
	has("/proc/stat", "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
	has("/proc/sys/net/core/rmem_max", "8388608\n");
	has("/proc/sys/net/core/wmem_max", "8388608\n");
	has("/proc/sys/net/core/netdev_max_backlog", "4000\n");
	has("/sys/module/module/parameters/sig_enforce", "N\n");
	has("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	has("/sys/class/net/lo/operstate", "unknown\n");
	has("/sys/class/net/lo/queues/rx-0/rps_cpus", "0\n");
	has("/sys/class/net/eth0/operstate", "up\n");
	has("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000003\n");
	has("/sys/class/net/eth0/queues/tx-0/xps_cpus", "0\n");
}

/* diagnosed - the check came to this state; the rest of the host is as it may be */
static __printf(4, 5)
void diagnosed(int status, const char *jq_check, const char *jq, const char *fmt, ...)
{
	char program[1024], name[256];
	va_list ap;
	bool ok;

	run("-j doctor");
	ok = said.status == status;
	said.status = DONE;
	snprintf(program, sizeof(program), "[.[] | select(.check == \"%s\")] | %s", jq_check, jq);
	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (!ok)
		kt_note("the exit status is not %d", status);
	run_json(ok ? program : "false", "%s", name);
}

static void check_good(void)
{
	good_host();
	run("-j doctor");
	run_json("all(.[]; .state == \"ok\" and (has(\"hint\") | not)) and length == 12",
		 "a host as it should be is ok in every way, status 0");
	run("doctor");
	kt_ok(said.status == DONE && strstr(said.out, "ok     kernel") &&
	      strstr(said.out, "ctr-aes-aesni, priority 400"), "as text it is a table");
}

static void check_module(void)
{
	good_host();
	has("/proc/sys/kernel/osrelease", "5.10.0-30-amd64\n");
	diagnosed(REFUSED, "kernel", ".[0].state == \"bad\" and (.[0].hint | test(\"6.1\"))",
		  "a kernel that is too old is bad, status 1");

	good_host();
	kt_must("rm -r %s/sys/module/ksrtp", root);
	diagnosed(REFUSED,
		  "module", ".[0].state == \"bad\"", "a module that is not installed is bad");
	has("/lib/modules/6.1.0-56-amd64/modules.dep",
	    "kernel/a.ko:\nupdates/dkms/ksrtp.ko: kernel/b.ko\n");
	diagnosed(DONE,
		  "module", ".[0].state == \"note\" and (.[0].hint | test(\"modprobe ksrtp\"))",
		  "one that is installed and not loaded is a note");
	has("/sys/module/ksrtp/initstate", "coming\n");
	diagnosed(DONE,
		  "module", ".[0].state == \"note\"", "one that is not yet live is not loaded");
	diagnosed(DONE,
		  "signing", ".[0].state == \"ok\"", "where nothing is enforced, signing is ok");
	has("/sys/module/module/parameters/sig_enforce", "Y\n");
	diagnosed(DONE,
		  "signing", ".[0].state == \"note\" and (.[0].found | test(\"sig_enforce\"))",
		  "where signatures are enforced, that is a note");
	has("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	has_bytes("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		  "\x06\0\0\0\x01", 5);
	diagnosed(DONE, "signing",
		  ".[0].state == \"note\" and (.[0].found | test(\"lockdown.*secure boot\"))",
		  "and so is a kernel locked down by secure boot");
}

static void check_rest(void)
{
	good_host();
	has("/proc/self/status", "CapEff:\t0000000000000fff\n");
	diagnosed(DONE, "permission", ".[0].state == \"note\"", "no CAP_NET_ADMIN is a note");

	good_host();
	has("/proc/crypto",
	    "name         : ctr(aes)\ndriver       : ctr(aes-generic)\npriority     : 100\n"
	    "internal     : no\n");
	diagnosed(DONE,
		  "ctr(aes)", ".[0].state == \"note\" and (.[0].hint | test(\"aesni_intel\"))",
		  "AES in plain C on a CPU that could do better is a note");
	diagnosed(DONE, "sha1", ".[0].state == \"ok\" and (.[0].found | test(\"no driver yet\"))",
		  "a driver not yet made is ok");

	good_host();
	diagnosed(DONE, "gcm(aes)", ".[0].state == \"ok\" and\n"
		  "(.[0].found | test(\"^generic-gcm-aesni, priority 400$\"))",
		  "the driver of gcm(aes) is named, and \"generic\" in front is no plain C");
	has("/proc/crypto",
	    "name         : gcm(aes)\ndriver       : gcm_base(ctr(aes-generic),ghash-generic)\n"
	    "priority     : 100\ninternal     : no\n");
	diagnosed(DONE, "gcm(aes)", ".[0].state == \"note\" and (.[0].found | test(\"plain C\"))",
		  "GCM in plain C is a note");
	has("/proc/crypto",
	    "name         : ctr(aes)\ndriver       : ctr(aes-lib)\npriority     : 100\n"
	    "internal     : no\n\n"
	    "name         : sha1\ndriver       : sha1-lib\npriority     : 300\n"
	    "internal     : no\n");
	diagnosed(DONE, "ctr(aes)",
		  ".[0].state == \"note\" and (.[0].found | test(\"block at a time\"))",
		  "the AES of the kernel's library, by the block, is a note");
	diagnosed(DONE, "sha1", ".[0].state == \"ok\"", "the SHA-1 of the library is ok");

	good_host();
	diagnosed(DONE, "aria",
		  ".[0].state == \"ok\" and (.[0].found | test(\"not in this kernel\"))",
		  "a kernel without ARIA is ok, and it is said");
	has("/lib/modules/6.1.0-56-amd64/modules.dep", "kernel/crypto/aria.ko:\n");
	diagnosed(DONE, "aria", ".[0].found | test(\"no driver yet\")",
		  "ARIA as a module that is not loaded is there");
	kt_must("rm %s/lib/modules/6.1.0-56-amd64/modules.dep", root);
	has("/lib/modules/6.1.0-56-amd64/modules.builtin", "kernel/crypto/aria_generic.ko\n");
	diagnosed(DONE, "aria", ".[0].found | test(\"no driver yet\")",
		  "and so it is when built in, by its newer name");
	has("/proc/crypto", "name         : aria\ndriver       : aria-generic\n"
	    "priority     : 100\ninternal     : no\n\n"
	    "name         : ctr(aria)\ndriver       : ctr-aria-avx\npriority     : 400\n"
	    "internal     : no\n");
	diagnosed(DONE, "aria", ".[0].found == \"ctr-aria-avx, priority 400\"",
		  "a driver of ctr(aria) is named");

	good_host();
	has("/proc/sys/net/core/rmem_max", "212992\n");
	diagnosed(DONE, "net.core.rmem_max", ".[0].state == \"note\" and .[0].found == \"212992\"",
		  "a small receive limit is a note");

	good_host();
	has("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000000\n");
	diagnosed(DONE, "interface eth0",
		  ".[0].state == \"note\" and (.[0].hint | test(\"eth0/queues/rx-0/rps_cpus\"))",
		  "one queue without RPS on two CPUs is a note");
	has("/proc/stat", "cpu  1 2\ncpu0 1 2\n");
	diagnosed(DONE, "interface eth0", ".[0].state == \"ok\"", "on one CPU it is ok");

	good_host();
	has("/sys/class/net/eth0/operstate", "down\n");
	diagnosed(DONE, "interface eth0", "length == 0", "an interface that is down is left out");
	diagnosed(DONE, "interface lo", "length == 0", "and so is lo");
	host();
	diagnosed(REFUSED,
		  "kernel", ".[0].state == \"note\"", "a host that shows nothing is no crash");
}

int main(void)
{
	if (kt_run("jq --version > /dev/null 2>&1"))
		kt_skip_all("jq is not installed");
	kt_plan(2 + 7 + 17);
	check_good();
	check_module();
	check_rest();
	return kt_done();
}
