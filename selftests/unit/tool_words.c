// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit status and hints: a word that means nothing is never passed over, help
 * is there for everything, and no key is ever repeated.
 */
#include "tool_run.h"
#include "fake_kernel.h"

static const struct {
	const char *line;
	const char *text;
} misuses[] = {
	{ "", "Usage: ksrtp" },
	{ "-x sock show", "See `ksrtp help'" },
	{ "--jsn sock show", "See `ksrtp help'" },
	{ "sock show -j", "the id is to be a number" },
	{ "skoc show", "did you mean \"sock\"?" },
	{ "socks show", "did you mean \"sock\"?" },
	{ "strem show", "did you mean \"stream\"?" },
	{ "nonsense", "there is no object \"nonsense\"" },
	{ "help nonsense", "there is no object \"nonsense\"" },
	{ "help sock me", "unknown word \"me\"" },
	{ "sock", "the verb is missing" },
	{ "sock shwo", "did you mean \"show\"?" },
	{ "sock add 1", "unknown verb \"add\"; there are: attach, open, set, del, show, flush" },
	{ "sock attach", "\"fd\" is missing" },
	{ "sock attach pid 1", "\"fd\" is missing" },
	{ "sock attach fd", "the file descriptor is missing" },
	{ "sock attach fd x", "a number from 0 to 2147483647, not \"x\"" },
	{ "sock attach fd -1", "a number from 0 to 2147483647" },
	{ "sock attach fd 3 pid 0", "a number from 1 to" },
	{ "sock attach fd 3 fd 4", "\"fd\" is given twice" },
	{ "sock attach fd 3 unmatched maybe", "one of: drop, pass; not \"maybe\"" },
	{ "sock attach fd 3 unmatch pass", "did you mean \"unmatched\"?" },
	{ "sock attach fd 3 id 0", "a number from 1 to 4294967295" },
	{ "sock attach fd 3 id 4294967296", "a number from 1 to 4294967295" },
	{ "sock attach fd 3 id 99999999999999999999", "a number from 1 to 4294967295" },
	{ "sock open", "ADDR:PORT is missing" },
	{ "sock open 192.0.2.1", "there is no port" },
	{ "sock open 192.0.2.1:0", "the port is to be 1 to 65535" },
	{ "sock open 192.0.2.1:5000 fd 3", "unknown word \"fd\"" },
	{ "sock set 1", "what is to change is missing" },
	{ "sock set unmatched drop", "the id is to be a number" },
	{ "sock del", "the id is missing" },
	{ "sock del 1 2", "unknown word \"2\"; nothing follows here" },
	{ "sock flush 1", "unknown word \"1\"" },
	{ "sock show x", "the id is to be a number" },
	{ "peer add remote 192.0.2.1:5000", "\"sock\" is missing" },
	{ "peer add sock 1", "\"remote\" is missing" },
	{ "peer add sock 1 remote 192.0.2.1:5000 roam maybe", "one of: off, on" },
	{ "peer add sock 1 remote 192.0.2.1:5000 roam 1", "one of: off, on" },
	{ "peer add sock 1 remote 192.0.2.1:5000 local 192.0.2.1:1", "neither IPv4 nor IPv6" },
	{ "peer add sock 1 remote 192.0.2.1:5000 max-streams 0", "a number from 1" },
	{ "peer set 1", "what is to change is missing" },
	{ "key add", "\"peer\" is missing" },
	{ "key add peer 1 rx hbh ssrc any", "\"suite\" is missing" },
	{ "key add peer 1 hbh ssrc any suite NULL_HMAC_SHA1_80", "rx or tx is missing" },
	{ "key add peer 1 rx ssrc any suite NULL_HMAC_SHA1_80", "hbh or e2e is missing" },
	{ "key add peer 1 rx tx", "rx or tx: one of them, and once" },
	{ "key add peer 1 rx rx", "rx or tx: one of them, and once" },
	{ "key add peer 1 rx hbh e2e", "hbh or e2e: one of them, and once" },
	{ "key add peer 1 rx hbh ssrc", "the SSRC is missing" },
	{ "key add peer 1 rx hbh ssrc all", "decimal or 0x-hex, or \"any\", not \"all\"" },
	{ "key add peer 1 rx hbh ssrc 0x123456789", "an SSRC is 32 bits" },
	{ "key add peer 1 rx hbh ssrc 0x", "an SSRC is 32 bits" },
	{ "key add peer 1 rx hbh ssrc -1", "an SSRC is 32 bits" },
	{ "key add peer 1 rx hbh ssrc any suite AES_CM_128_SHA1_80",
	  "unknown suite \"AES_CM_128_SHA1_80\"; did you mean \"AES_CM_128_HMAC_SHA1_80\"?" },
	{ "key add peer 1 rx hbh ssrc any suite DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256",
	  "did you mean \"DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM\"?" },
	{ "key add peer 1 rx hbh ssrc any suite SRTP_AES256_CM_SHA1_80",
	  "did you mean \"SRTP_AES256_CM_HMAC_SHA1_80\"?" },
	{ "key add peer 1 rx hbh ssrc any suite rot13",
	  "unknown suite \"rot13\"\nSee `ksrtp key help'" },
	{ "key add peer 1 rx hbh ssrc any mki xyz", "is to be hex digits" },
	{ "key add peer 1 rx hbh ssrc any mki abc", "1 to 128 bytes in hex" },
	{ "key add peer 1 rx hbh ssrc any roc -1", "32 bits, keep or reset" },
	{ "key add peer 1 rx hbh ssrc any roc 4294967296", "32 bits, keep or reset" },
	{ "key add peer 1 rx hbh ssrc any roc keep roc 1", "\"roc\" is given twice" },
	{ "key add peer 1 rx hbh ssrc any srtcp-index 2147483648", "from 0 to 2147483647" },
	{ "key add peer 1 rx hbh ssrc any window 63", "from 64 to 32768" },
	{ "key add peer 1 rx hbh ssrc any window 32832", "from 64 to 32768" },
	{ "key add peer 1 rx hbh ssrc any window 100", "a multiple of 64" },
	{ "key add peer 1 rx hbh ssrc any soft-limit 0", "a number from 1" },
	{ "key add peer 1 rx hbh ssrc any hard-limit 281474976710657", "a number from 1" },
	{ "key add peer 1 rx e2e ssrc any mi sometimes", "one of: off, derived, auth, file FILE" },
	{ "key add peer 1 rx e2e ssrc any mi file", "the file's name is missing" },
	{ "key add peer 1 rx e2e ssrc any mi-len 0", "from 1 to 20" },
	{ "key add peer 1 rx e2e ssrc any mi-len 21", "from 1 to 20" },
	{ "key add peer 1 rx e2e ssrc any iv middle", "one of: right, left" },
	{ "key add peer 1 rx hbh ssrc any kdf three-stage", "one of: direct, two-stage" },
	{ "key add peer 1 rx hbh ssrc any direction up", "one of: uplink, downlink, shared" },
	{ "key add peer 1 rx hbh ssrc any cryptex maybe", "one of: off, on, require" },
	{ "key add peer 1 rx hbh ssrc any cryptex", "cryptex is missing" },
	{ "key add peer 1 tx hbh ssrc any from-seq 65536",
	  "from-seq is to be a number from 0 to 65535" },
	{ "key add peer 1 tx hbh ssrc any from-seq -1", "from 0 to 65535, not \"-1\"" },
	{ "key add peer 1 tx hbh ssrc any from-seq 1 from-seq 2", "\"from-seq\" is given twice" },
	{ "key add peer 1 tx hbh ssrc any rcc 0", "rcc is to be a number from 1 to 65535" },
	{ "key add peer 1 tx hbh ssrc any rcc 65536", "rcc is to be a number from 1 to 65535" },
	{ "key add peer 1 tx hbh ssrc any rcc", "rcc is missing" },
	{ "key add peer 1 rx hbh ssrc any enc-ext", "the list of header extension ids is missing" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 0", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 256", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1,", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext ,1", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1,,2", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1-3", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1;2", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1, 2", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 1,00000000002", "numbers from 1 to 255" },
	{ "key add peer 1 rx hbh ssrc any enc-ext 3,0x03", "enc-ext has the id 3 twice" },
	{ "key add peer 1 rx hbh ssrc any key-file", "the file's name is missing" },
	{ "key add peer 1 rx hbh ssrc any keyfile x", "did you mean \"key-file\"?" },
	{ "key set peer 1 rx hbh ssrc any", "what is to change is missing" },
	{ "key set peer 1 rx hbh ssrc any suite NULL_HMAC_SHA1_80", "unknown word \"suite\"" },
	{ "key del peer 1 rx hbh", "\"ssrc\" is missing" },
	{ "key del", "\"peer\" is missing" },
	{ "key show 1", "unknown word \"1\"" },
	{ "key flush peer", "the peer's id is missing" },
	{ "route add from 1", "\"1\" where \"peer\" is expected" },
	{ "route add from peer 1 ssrc any", "\"to\" is missing" },
	{ "route add from peer 1 to peer 2", "\"ssrc\" is missing" },
	{ "route add from peer 1 ssrc any rewrite-ssrc 5 to peer 2", "belongs to an output" },
	{ "route add from peer 1 ssrc any to peer 2 rewrite-ssrc any", "an SSRC is 32 bits" },
	{ "route add from peer 1 ssrc 1 to peer 2 rewrite-pt 96", "is to be OLD:NEW" },
	{ "route add from peer 1 ssrc 1 to peer 2 rewrite-pt 96:128", "is to be OLD:NEW" },
	{ "route add from peer 1 ssrc 1 to peer 2 rewrite-pt :1", "is to be OLD:NEW" },
	{ "route add from peer 1 ssrc 1 to peer 2 rewrite-pt 00000000096:1", "is to be OLD:NEW" },
	{ "route add from peer 1 ssrc 1 to peer 2 rewrite-ssrc 1 rewrite-ssrc 2",
	  "given twice for one output" },
	{ "route add from peer 1 ssrc any to peer 2 rtcp drop", "one of: deliver, forward" },
	{ "route del from peer 1 ssrc any to peer 2 to peer 3", "\"to\" is given twice" },
	{ "route show peer 1", "unknown word \"peer\"" },
	{ "stream show ssrc any", "an SSRC is 32 bits, decimal or 0x-hex, not" },
	{ "stream show peer 0", "a number from 1" },
	{ "stats all", "unknown word \"all\"" },
	{ "monitor all", "unknown word \"all\"" },
	{ "doctor all", "unknown word \"all\"" },
	{ "derive", "the verb is missing" },
	{ "derive e2e", "there is no key material" },
	{ "derive session key-file x", "\"suite\" is missing" },
};

static void check_misuses(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(misuses); i++) {
		run("%s", misuses[i].line);
		run_is(MISUSED, misuses[i].text, "\"%s\" is refused with a hint, status 2",
		       misuses[i].line);
	}
}

/* ---- secrets ------------------------------------------------------------- */

#define HEX "0fa102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
#define B64 "D6ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"

/* A key typed where a word, a number, a name or a file belongs */
static const char *const places[] = {
	"%s", "help %s", "%s show", "sock %s", "sock del %s", "sock attach fd 3 %s",
	"sock attach fd 3 unmatched %s", "sock open %s", "sock open 192.0.2.1:%s",
	"peer add sock 1 remote %s", "peer add sock 1 remote 192.0.2.1:5000 local %s",
	"key add peer 1 rx hbh ssrc %s", "key add peer 1 rx hbh ssrc any suite %s",
	"key add peer 1 rx hbh ssrc any suite NULL_HMAC_SHA1_80 %s",
	"key add peer 1 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s",
	"key add peer 1 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file /dev/null rtcp-key-file %s",
	"key add peer 1 rx hbh ssrc any suite NULL_HMAC_SHA1_80 hbh-key-file %s kdf direct",
	"key add peer 1 rx e2e ssrc any suite E2E_AES_128_CTR call-key-file %s lid 1@lid",
	"key add peer 1 rx e2e ssrc any suite E2E_AES_128_CTR raw-e2e-file %s lid 1@lid",
	"key add peer 1 rx e2e ssrc any suite E2E_AES_128_CTR key-file %s mi file x",
	"key add peer 1 rx hbh ssrc any roc %s", "key add peer 1 rx hbh ssrc any window %s",
	"key add peer 1 rx e2e ssrc any mi %s", "key add peer 1 rx hbh ssrc any kdf %s",
	"key add peer 1 rx hbh ssrc any direction %s", "key add peer 1 rx hbh ssrc any cryptex %s",
	"key add peer 1 tx hbh ssrc any from-seq %s", "key add peer 1 tx hbh ssrc any rcc %s",
	"key add peer 1 tx hbh ssrc any enc-ext %s", "key add peer 1 tx hbh ssrc any enc-ext 1,%s",
	"key add peer 1 rx hbh ssrc any mki %s= suite x",
	"route add from %s", "route add from peer %s",
	"route add from peer 1 ssrc 1 to peer 2 rewrite-pt %s",
	"derive e2e call-key-file %s lid 1@lid", "derive session suite %s key-file x",
	"derive session suite NULL_HMAC_SHA1_80 key-file %s", "-n %s sock show", "-n %s doctor",
};

static bool shows_key(const char *text)
{
	return strstr(text, "0fa1") || strstr(text, "1c1d") || strstr(text, "D6EC") ||
	       strstr(text, "Gxwd");
}

static void check_secrets(void)
{
	static const char *const keys[] = { HEX, B64, "inline:" B64, "inline:" B64 "|2^20|1:4" };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		bool ok = true;

		for (j = 0; j < ARRAY_SIZE(keys); j++) {
			char line[512];

			snprintf(line, sizeof(line), places[i], keys[j]);
			run("%s", line);
			if (!said.status || shows_key(said.out) || shows_key(said.err)) {
				kt_note("of: %s", line);
				run_note();
				ok = false;
			}
		}
		kt_ok(ok, "a key in this place is refused and not repeated: %s", places[i]);
	}
}

/* ---- help ---------------------------------------------------------------- */

static const char *const objects[] = {
	"sock", "peer", "key", "route", "stream", "stats", "monitor", "derive", "doctor",
	"export", "import",
};

static const char *const verbs[] = {
	"sock attach", "sock open", "sock set", "sock del", "sock show", "sock flush",
	"peer add", "peer set", "peer del", "peer show", "peer flush",
	"key add", "key set", "key del", "key show", "key flush",
	"route add", "route del", "route show", "route flush",
	"stream show", "derive e2e", "derive hbh", "derive session",
};

static bool helped(const char *text)
{
	return said.status == DONE && !*said.err && strstr(said.out, text);
}

static void check_help(void)
{
	char usage[64];
	size_t i;
	bool ok;

	run("help");
	ok = helped("Usage: ksrtp [-j] [-p] [-s] [-n NETNS] OBJECT VERB");
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		ok = ok && helped(objects[i]);
	kt_ok(ok, "help lists every object, status 0");
	run("--help");
	kt_ok(helped("Usage: ksrtp"), "--help is the same");
	run("-V");
	kt_ok(helped("ksrtp 0."), "-V prints the version");

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		static char first[8192];

		snprintf(usage, sizeof(usage), "ksrtp %s", objects[i]);
		run("%s help", objects[i]);
		ok = helped(usage);
		strcpy(first, said.out);
		run("help %s", objects[i]);
		ok = ok && helped(usage) && !strcmp(first, said.out);
		run("%s --help", objects[i]);
		kt_ok(ok && helped(usage), "help of %s, three ways", objects[i]);
	}
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		snprintf(usage, sizeof(usage), "    ksrtp %s", verbs[i]);
		run("%s help", verbs[i]);
		kt_ok(helped(usage), "help of %s", verbs[i]);
	}
}

/* ---- the kernel refuses -------------------------------------------------- */

static void check_refusal(void)
{
	struct fake k;

	fake_open(&k);
	tool.handle = k.h;
	fake_error(&k, -EBUSY, "The socket is in a sockmap.");
	run("sock attach fd 0");
	kt_ok(said.status == REFUSED && !strcmp(said.err, "ksrtp: The socket is in a sockmap.\n") &&
	      !*said.out, "a refusal is the kernel's sentence, status 1");
	k.h = NULL;		/* the tool has closed it */
	close(k.fd);
	close(k.events_fd);

	fake_open(&k);
	tool.handle = k.h;
	fake_done(&k, -ENODEV, NULL);
	run("-j key show");
	kt_ok(said.status == REFUSED && !*said.out &&
	      !strcmp(said.err, "ksrtp: No such device\n"),
	      "JSON that was refused is nothing, not half of it");
	close(k.fd);
	close(k.events_fd);
}

static void check_output_error(void)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved = dup(STDOUT_FILENO), status;
	char name[] = "ksrtp", word[] = "help", *argv[3] = { name, word, NULL };

	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	status = tool_main(2, argv);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(full);
	close(saved);
	kt_is(status, REFUSED, "output that cannot be written is not status 0");
}

int main(void)
{
	kt_plan(ARRAY_SIZE(misuses) + ARRAY_SIZE(places) + 3 + ARRAY_SIZE(objects) +
		ARRAY_SIZE(verbs) + 2 + 1);
	check_misuses();
	check_secrets();
	check_help();
	check_refusal();
	check_output_error();
	return kt_done();
}
