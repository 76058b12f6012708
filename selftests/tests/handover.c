// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A relay is killed in mid-stream and another goes on with what it had
 * exported: receivers lose what was in flight and no more, no index is used a
 * second time under a key, and what the first relay received is not received
 * again. Along routes, to and from the application, RTP and RTCP, both layers.
 */
#include <sys/stat.h>

#include "leg.h"

#define ROUTED		0x4a4d0001	/* from a to b */
#define UP		0x4a4d0002	/* from a to the application */
#define DOWN		0x4a4d0003	/* from the application to a */
#define ROC		5
#define BEFORE		120	/* packets of each before the export */
#define AFTER		20	/* more of them, before the end */
#define LOST		6	/* and some more that find nobody */
#define SKIP		(AFTER + LOST)
#define RTCP_SKIP	(SKIP - 3)	/* of RTCP three are not seen by the second */
#define HELD		101	/* the packet that is overtaken by all others */

/* A relay in a network namespace of its own, where its far ends have sockets too. */
struct world {
	struct rig r;
	struct leg a, b;
	int netns;
};

static struct world first, second;
static struct rig_key e2e_up, e2e_down;
static char file[64] = "/tmp/handover-XXXXXX";

static void set_up(struct world *w, uint32_t window)
{
	rig_start();
	w->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (w->netns < 0)
		kt_bail("netns: %s", strerror(errno));
	rig_open(&w->r, "127.0.0.1");
	leg_make(&w->a, LEG_SUITE, 1);
	leg_make(&w->b, "AES_CM_128_HMAC_SHA1_32", 2);
	rig_key_roc(&w->a.up, ROC);
	rig_key_roc(&w->b.down, 9);
	rig_key_window(&w->a.up, window);
	leg_join(&w->r, &w->a, "127.0.0.1");
	leg_join(&w->r, &w->b, "127.0.0.1");
	rig_e2e(&e2e_up, 1, "1@lid", REF_IV_RIGHT, REF_MI_DERIVED, REF_MI_LEN);
	rig_e2e(&e2e_down, 1, "2@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	rig_key_roc(&e2e_up, ROC);
	rig_key_window(&e2e_up, window);
	rig_key(&w->r, w->a.far.id, KSRTP_DIR_RX, &e2e_up);
	rig_key(&w->r, w->a.far.id, KSRTP_DIR_TX, &e2e_down);
}

/* The tool, in one of the worlds. Return: its exit status; what it says is noted */
static __printf(2, 3) int tool(const struct world *w, const char *fmt, ...)
{
	const char *ksrtp = getenv("KSRTP");
	char command[512], args[256], line[256];
	FILE *out;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(args, sizeof(args), fmt, ap);
	va_end(ap);
	snprintf(command, sizeof(command), "%s -n /proc/%d/fd/%d %s 2>&1",
		 ksrtp ? ksrtp : "ksrtp", getpid(), w->netns, args);
	out = popen(command, "r");
	if (!out)
		kt_bail("popen: %s", strerror(errno));
	while (fgets(line, sizeof(line), out))
		kt_note("%.*s", (int)strcspn(line, "\n"), line);
	return WEXITSTATUS(pclose(out));
}

/* Number @n of a stream that goes around a wrap */
static uint64_t index_of(int n)
{
	return ref_index(ROC, 65500) + n;
}

static uint64_t index_out(int n)
{
	return ref_index(9, 65500) + n;
}

static bool routed(struct world *w, int n)
{
	leg_says(&w->a, ROUTED, index_of(n));
	return leg_hears(&w->b, ROUTED, index_out(n));
}

static bool routed_rtcp(struct world *w, uint32_t in, uint32_t out)
{
	uint8_t plain[300];
	int len = rig_rtcp(plain, ROUTED, in);

	leg_sends_rtcp(&w->a, plain, len, in);
	return leg_gets_rtcp(&w->b, plain, len, out);
}

static bool up(struct world *w, int n)
{
	uint8_t plain[300];
	int len = rig_rtp(plain, UP, index_of(n), 50);

	return rig_hears(&w->r, &w->a.far, &w->a.up, &e2e_up, plain, len, index_of(n));
}

static bool up_rtcp(struct world *w, uint32_t index)
{
	uint8_t plain[300];
	int len = rig_rtcp(plain, UP, index);

	return rig_hears_rtcp(&w->r, &w->a.far, &w->a.up, plain, len, index);
}

/* Both layers have ROC 0 at the first packet, which is 65500. */
static bool down(struct world *w, int n)
{
	uint64_t index = ref_index(0, 65500) + n;
	uint8_t plain[300];
	int len = rig_rtp(plain, DOWN, index, 50);

	return rig_says(&w->r, &w->a.far, &w->a.down, &e2e_down, plain, len, index);
}

static bool down_rtcp(struct world *w, uint32_t index)
{
	uint8_t plain[300];
	int len = rig_rtcp(plain, DOWN, index);

	return rig_says_rtcp(&w->r, &w->a.far, &w->a.down, plain, len, index);
}

static bool all(struct world *w, int from, int to, uint32_t rtcp_skip)
{
	bool ok = true;
	int n;

	for (n = from; n < to && ok; n++) {
		if (n == HELD)
			continue;
		ok = routed(w, n) && up(w, n) && down(w, n);
		if (n % 10 == 0)
			ok = ok && routed_rtcp(w, n / 10 + 1, n / 10 + 1 + rtcp_skip) &&
			     up_rtcp(w, n / 10 + 1) && down_rtcp(w, n / 10 + 1 + rtcp_skip);
	}
	if (!ok)
		kt_note("that was packet %d", n - 1);
	return ok;
}

/* ---- the file ---- */

static bool has_no_keys(const struct world *w)
{
	const struct rig_key *keys[] = {
		&w->a.up, &w->a.down, &w->b.up, &w->b.down, &e2e_up, &e2e_down,
	};
	static char text[1 << 20];
	int fd = open(file, O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);
	char hex[2 * KSRTP_MAX_KEY + 1];
	size_t i;
	int j;

	close(fd);
	if (len < 100)
		return false;
	text[len] = '\0';
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		for (j = 0; j < keys[i]->key.master_key_len; j++)
			sprintf(hex + 2 * j, "%02x", keys[i]->key.master_key[j]);
		if (strstr(text, hex))
			return false;
	}
	return true;
}

/* Import a file with one thing changed by sed: refused, and nothing is changed */
static bool bad(const char *what, const char *sed, int status)
{
	char command[400], changed[80];
	int got;

	snprintf(changed, sizeof(changed), "%s.bad", file);
	snprintf(command, sizeof(command), "sed -E '%s' %s > %s", sed, file, changed);
	kt_must(command);
	kt_note("%s", what);
	got = tool(&second, "import %s", changed);
	unlink(changed);
	if (got == status && !rig_streams(&second.r, second.a.far.id, KSRTP_DIR_RX) &&
	    !rig_streams(&second.r, second.a.far.id, KSRTP_DIR_TX) &&
	    !rig_streams(&second.r, second.b.far.id, KSRTP_DIR_TX))
		return true;
	kt_note("%s: exit status %d", what, got);
	return false;
}

static void bad_files(void)
{
	kt_ok(bad("cut off", "$d", 2) && bad("a line is missing", "3d", 2),
	      "a file that is cut off is refused");
	kt_ok(bad("another format", "1s/1/2/", 2) &&
	      bad("an unknown word", "4s/ index / indx /", 2) &&
	      bad("an unknown line", "5s/^/x/", 2) && bad("no hex", "3s/ bits ../ bits zz/", 2) &&
	      bad("a number too large", "3s/ window [0-9]+/ window 99999/", 2),
	      "so is one that is not understood, and the line is named");
	kt_ok(bad("another key", "7s/(fingerprint )[0-9a-f]{4}/\\10000/", 1) &&
	      bad("another suite", "7s/ suite [A-Z0-9_]+/ suite NULL_HMAC_SHA1_80/", 1) &&
	      bad("a peer there is not", "7s/peer [0-9]+/peer 77/", 1) &&
	      bad("a route to nobody", "s/to peer [0-9]+/to peer 77/", 1) &&
	      bad("an index too large", "7s/ index [0-9]+/ index 281474976710656/", 1),
	      "so is one with a key, a peer or an index that cannot be, before anything is changed");
}

/* ---- the end of the first, and the second ---- */

static bool is_dropped(struct world *w, unsigned int reason, const void *wire, int len)
{
	struct ksrtp_stats stats;

	rig_stats(&w->r, &stats);
	rig_far_send(&w->a.far, wire, len);
	return rig_dropped(&w->r, &stats, reason, 1);
}

static bool old_is_refused(int n, unsigned int reason)
{
	uint8_t plain[300], wire[600];
	int len;

	len = rig_rtp(plain, UP, index_of(n), 50);
	len = rig_seal(&second.a.up, &e2e_up, plain, len, index_of(n), wire);
	if (is_dropped(&second, reason, wire, len) && rig_app_quiet(&second.r, &second.a.far))
		return true;
	kt_note("packet %d", n);
	return false;
}

static void replays(void)
{
	uint8_t plain[300], wire[600];
	int len;

	kt_ok(old_is_refused(BEFORE - 1, KSRTP_A_DROPS_REPLAYED) &&
	      old_is_refused(HELD + 1, KSRTP_A_DROPS_REPLAYED) &&
	      old_is_refused(BEFORE - 60, KSRTP_A_DROPS_REPLAYED) &&
	      old_is_refused(10, KSRTP_A_DROPS_TOO_OLD),
	      "what the first received is replayed to the second, or too old for its window");
	kt_ok(up(&second, HELD), "a late packet which the first never got is received");
	len = rig_rtcp(plain, UP, 2);
	len = rig_seal_rtcp(&second.a.up, plain, len, 2, true, wire);
	kt_ok(is_dropped(&second, KSRTP_A_DROPS_REPLAYED, wire, len), "RTCP is replayed as well");
	/* After the export, so the second cannot know it was received: it does not leave. */
	len = rig_rtp(plain, ROUTED, index_of(BEFORE + 3), LEG_PAYLOAD);
	len = rig_seal(&second.a.up, NULL, plain, len, index_of(BEFORE + 3), wire);
	kt_ok(is_dropped(&second, KSRTP_A_DROPS_TOO_OLD, wire, len) && leg_quiet(&second.b),
	      "what was sent after the export is not sent again");
	len = rig_app_send(&second.r, &second.a.far, plain,
			   rig_rtp(plain, DOWN, (uint16_t)(65500 + BEFORE + 3), 50));
	kt_ok(len == -ESTALE && rig_far_quiet(&second.r, &second.a.far),
	      "neither by the application");
}

static void go_on(void)
{
	const int next = BEFORE + AFTER + LOST;

	kt_is(tool(&second, "import %s tx-skip %d", file, SKIP), 0, "the second imports the file");
	kt_ok(rig_streams(&second.r, second.a.far.id, KSRTP_DIR_RX) == 2 &&
	      rig_streams(&second.r, second.a.far.id, KSRTP_DIR_TX) == 1 &&
	      rig_streams(&second.r, second.b.far.id, KSRTP_DIR_TX) == 1,
	      "the streams are there");
	kt_is(tool(&second, "import %s", file), 0, "the same again changes nothing");
	replays();
	kt_ok(all(&second, next, next + 100, RTCP_SKIP),
	      "from the first packet after those that were lost all arrive, under the next indices");
	kt_is(tool(&second, "import %s tx-skip %d", file, SKIP), 1,
	      "nothing can be imported into streams that are used");
	kt_ok(all(&second, next + 100, next + 110, RTCP_SKIP), "and they go on");
}

int main(void)
{
	int fd = mkstemp(file);

	if (fd < 0)
		kt_bail("%s: %s", file, strerror(errno));
	close(fd);
	kt_plan(5 + 3 + 3 + 5 + 3);
	set_up(&first, 1024);
	leg_route_rtcp(&first.r, &first.a, ROUTED, KSRTP_RTCP_MODE_FORWARD, &first.b);
	kt_ok(all(&first, 0, BEFORE, 0), "packets go through the first relay");
	kt_is(tool(&first, "export > %s", file), 0, "what it knows is exported");
	kt_ok(has_no_keys(&first), "there is no key in it");
	kt_is(tool(&first, "-j export | jq -e 'any(.record == \"route\")' >/dev/null"), 0,
	      "as JSON, too");
	kt_ok(all(&first, BEFORE, BEFORE + AFTER, 0), "packets go on through the first relay");

	/* Windows of another size, which is for the standby to say */
	set_up(&second, 64);
	bad_files();
	rig_close(&first.r);
	go_on();
	unlink(file);
	rig_close(&second.r);
	return kt_done();
}
