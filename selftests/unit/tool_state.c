// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksrtp export and import against a fake kernel: what is written is read back as
 * it was, and a file with anything wrong in it is refused by its line before the
 * kernel is asked to change anything.
 */
#include "tool_run.h"
#include "fake_kernel.h"

static struct fake k;

static void begin(void)
{
	if (k.h) {
		close(k.fd);
		close(k.events_fd);
	}
	fake_open(&k);
	tool.handle = k.h;
}

/* The next request, NULL: there was none before the tool closed its handle */
static const struct nlmsghdr *request(void)
{
	char byte;

	return recv(k.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0 ? fake_request(&k) : NULL;
}

/* ---- a kernel with an rx and a tx state, and a route ---- */

static uint8_t bits[4096];

static void put_key(uint8_t dir, uint8_t layer, bool any)
{
	static const uint8_t fingerprint[8] = { 1, 2, 3, 4, 5, 6, 7, 0xf8 };

	fake_begin(&k, KSRTP_CMD_STATE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_DIR, dir);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_LAYER, layer);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_SSRC, 0xabcd);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_ANY, any);
	mnl_attr_put_u16(k.nlh, KSRTP_A_STATE_SUITE, KSRTP_SUITE_AEAD_AES_256_GCM);
	mnl_attr_put(k.nlh, KSRTP_A_STATE_FINGERPRINT, sizeof(fingerprint), fingerprint);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_INDEX, (UINT64_C(1) << 48) - 1);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_STARTED, 1);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_FLOOR, 77);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_PACKETS, 1000);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_RTCP_PACKETS, 0);
}

#define ANY	0

static void put_route(uint32_t ssrc, uint8_t rtcp)
{
	fake_begin(&k, KSRTP_CMD_ROUTE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_PEER, 10);
	if (ssrc != ANY)
		mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_SSRC, ssrc);
	mnl_attr_put_u8(k.nlh, KSRTP_A_ROUTE_RTCP, rtcp);
}

static void put_out(uint32_t peer, bool rewrites)
{
	struct nlattr *nest = mnl_attr_nest_start(k.nlh, KSRTP_A_ROUTE_OUT);

	mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_PEER, peer);
	if (rewrites) {
		mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_REWRITE_SSRC, 9);
		mnl_attr_put_u8(k.nlh, KSRTP_A_OUT_REWRITE_PT_OLD, 96);
		mnl_attr_put_u8(k.nlh, KSRTP_A_OUT_REWRITE_PT_NEW, 97);
	}
	mnl_attr_nest_end(k.nlh, nest);
}

static void answer_export(void)
{
	static const uint8_t mki[3] = { 0xaa, 0, 0xbb };
	size_t i;

	begin();
	put_key(KSRTP_DIR_RX, KSRTP_LAYER_HBH, true);
	mnl_attr_put(k.nlh, KSRTP_A_STATE_MKI, sizeof(mki), mki);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_TOMBSTONE, 1);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_WINDOW, 32768);
	for (i = 0; i < sizeof(bits); i++)
		bits[i] = (uint8_t)(i * 7 + 1);
	mnl_attr_put(k.nlh, KSRTP_A_STATE_BITS, sizeof(bits), bits);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_RTCP_WINDOW, 64);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_RTCP_INDEX, 0x7fffffff);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_RTCP_STARTED, 1);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_RTCP_FLOOR, 0);
	mnl_attr_put(k.nlh, KSRTP_A_STATE_RTCP_BITS, 1, "\x01");
	fake_send(&k);
	put_key(KSRTP_DIR_TX, KSRTP_LAYER_E2E, false);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_TOMBSTONE, 0);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_WINDOW, 1024);
	mnl_attr_put(k.nlh, KSRTP_A_STATE_BITS, 0, "");
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATE_SRTCP_NEXT, 0x80000000);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_EXTENDED, UINT64_C(0x100000007));
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATE_MAPPED, 7);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STATE_SWITCHED, 1);
	fake_send(&k);
	fake_done(&k, 0, NULL);
	put_route(5, KSRTP_RTCP_MODE_FORWARD);
	put_out(11, false);
	put_out(12, true);
	fake_send(&k);
	fake_done(&k, 0, NULL);
}

static void check_export(void)
{
	answer_export();
	run("-j export");
	run_json("length == 3 and .[0].record == \"state\" and .[0].any == 1 and "
		 ".[0].tombstone == 1 and .[0].mki == \"aa00bb\" and (.[0].bits | length) == 8192 and "
		 ".[1].srtcp_next == 2147483648 and .[1].ssrc == \"0x0000abcd\" and "
		 ".[2].record == \"route\" and .[2].out[1].rewrite_pt_new == 97",
		 "JSON has states and routes");
	answer_export();
	run("export peer 10");
	kt_ok(!said.status && !strncmp(said.out, "ksrtp-state 1\nstate peer 10 rx hbh ", 35) &&
	      strstr(said.out, "\nroute from peer 10 ssrc 0x00000005 rtcp forward to peer 11 "
		     "to peer 12 rewrite-ssrc 0x00000009 rewrite-pt 96:97\nend 3\n"),
	      "text is lines of the tool's own words");
}

/* ---- and one that takes them ---- */

/* What is asked before anything is set, of the file that was exported */
#define ROUTE_QUESTIONS	4

static void answer_check(void (*put_routes)(void))
{
	uint32_t id;

	begin();
	fake_error(&k, 0, NULL);
	fake_error(&k, 0, NULL);
	fake_id(&k, KSRTP_CMD_PEER_GET, KSRTP_A_PEER_ID, 10);
	if (put_routes)
		put_routes();
	fake_done(&k, 0, NULL);
	for (id = 11; id <= 12; id++)
		fake_id(&k, KSRTP_CMD_PEER_GET, KSRTP_A_PEER_ID, id);
}

static void answer_import(void (*put_routes)(void))
{
	answer_check(put_routes);
	/* two states, and the route */
	fake_error(&k, 0, NULL);
	fake_error(&k, 0, NULL);
	fake_error(&k, 0, NULL);
}

static bool state_is(const struct nlmsghdr *nlh, bool check, bool rx)
{
	const struct nlattr *b, *skip, *c;

	if (!nlh || fake_cmd(nlh) != KSRTP_CMD_STATE_SET)
		return false;
	b = fake_attr(nlh, KSRTP_A_STATE_BITS, 0);
	c = fake_attr(nlh, KSRTP_A_STATE_CHECK, 0);
	skip = fake_attr(nlh, KSRTP_A_STATE_TX_SKIP, 0);
	if (!b || !c || mnl_attr_get_u8(c) != check || !rx == !skip)
		return false;
	if (rx)
		return mnl_attr_get_payload_len(b) == sizeof(bits) &&
		       !memcmp(mnl_attr_get_payload(b), bits, sizeof(bits)) &&
		       mnl_attr_get_u32(fake_attr(nlh, KSRTP_A_STATE_RTCP_INDEX, 0)) ==
		       0x7fffffff &&
		       mnl_attr_get_u8(fake_attr(nlh, KSRTP_A_STATE_TOMBSTONE, 0)) == 1;
	return !mnl_attr_get_payload_len(b) && mnl_attr_get_u32(skip) == 1000 &&
	       mnl_attr_get_u64(fake_attr(nlh, KSRTP_A_STATE_INDEX, 0)) ==
	       (UINT64_C(1) << 48) - 1 &&
	       mnl_attr_get_u64(fake_attr(nlh, KSRTP_A_STATE_EXTENDED, 0)) ==
	       UINT64_C(0x100000007) &&
	       mnl_attr_get_u32(fake_attr(nlh, KSRTP_A_STATE_SRTCP_NEXT, 0)) == 0x80000000;
}

static char text[1 << 16];

static void check_import(void)
{
	const struct nlmsghdr *nlh;
	const char *path;
	bool ok;
	int i;

	answer_export();
	run("export");
	memcpy(text, said.out, sizeof(text));
	path = run_file("state", text);
	answer_import(NULL);
	run("import %s tx-skip 1000", path);
	run_is(DONE, "", "what was exported is imported");
	ok = state_is(request(), true, true) && state_is(request(), true, false);
	kt_ok(ok, "all of it is checked first");
	for (i = 0; i < ROUTE_QUESTIONS; i++)
		request();
	ok = state_is(request(), false, true) && state_is(request(), false, false);
	kt_ok(ok, "then it is set, with nothing lost on the way");
	nlh = request();
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_ROUTE_NEW && fake_attr(nlh, KSRTP_A_ROUTE_OUT, 1) &&
	      !request(), "then routes that are missing are added");
}

/* Those of the SSRCs around it and for any, and one of its own two outputs */
static void put_others(void)
{
	put_route(6, KSRTP_RTCP_MODE_DELIVER);
	put_out(11, false);
	fake_send(&k);
	put_route(ANY, KSRTP_RTCP_MODE_DELIVER);
	put_out(12, false);
	put_out(11, false);
	fake_send(&k);
	put_route(4, KSRTP_RTCP_MODE_DELIVER);
	put_out(11, false);
	fake_send(&k);
}

static void put_one_of_two(void)
{
	put_others();
	put_route(5, KSRTP_RTCP_MODE_FORWARD);
	put_out(12, true);
	fake_send(&k);
}

static void put_both(void)
{
	put_one_of_two();
	/* As a route is dumped that takes more than one message */
	put_route(5, KSRTP_RTCP_MODE_FORWARD);
	put_out(11, false);
	fake_send(&k);
}

static void put_not_rewritten(void)
{
	put_others();
	put_route(5, KSRTP_RTCP_MODE_FORWARD);
	put_out(12, false);
	fake_send(&k);
}

static void put_other_rtcp(void)
{
	put_others();
	put_route(5, KSRTP_RTCP_MODE_DELIVER);
	put_out(12, true);
	fake_send(&k);
}

/* After an import: the peers of the outputs that were added, as digits; 0 for none */
static uint32_t added(void)
{
	const struct nlattr *out, *attr = NULL;
	const struct nlmsghdr *nlh;
	uint32_t id = 0;
	int i;

	while ((nlh = request())) {
		if (fake_cmd(nlh) != KSRTP_CMD_ROUTE_NEW)
			continue;
		for (i = 0; (out = fake_attr(nlh, KSRTP_A_ROUTE_OUT, i)); i++)
			mnl_attr_for_each_nested(attr, out)
				if (mnl_attr_get_type(attr) == KSRTP_A_OUT_PEER)
					id = id * 100 + mnl_attr_get_u32(attr);
	}
	return id;
}

static void check_routes_there(void)
{
	const char *path = run_file("state", text);

	answer_import(put_one_of_two);
	run("import %s", path);
	kt_ok(said.status == DONE && added() == 11, "of a route's outputs the missing one is added");
	answer_import(put_both);
	run("import %s", path);
	kt_ok(said.status == DONE && !added(), "and none where both are there");
	answer_check(put_not_rewritten);
	run("import %s", path);
	run_is(REFUSED, "line 4: a route to peer 12 is there, and another one",
	       "an output that does otherwise is refused");
	answer_check(put_other_rtcp);
	run("import %s", path);
	run_is(REFUSED, "line 4: a route to peer 12 is there, and another one",
	       "and one whose route does otherwise with RTCP");
}

static void check_refused(void)
{
	const char *path = run_file("state", text);
	const struct nlmsghdr *nlh;
	bool ok;

	begin();
	fake_error(&k, 0, NULL);
	fake_error(&k, -EBUSY, "The stream has been used here already");
	run("import %s", path);
	run_is(REFUSED, "line 3: The stream has been used here already",
	       "what the kernel refuses is said with its line");
	ok = true;
	while ((nlh = request()))
		ok &= mnl_attr_get_u8(fake_attr(nlh, KSRTP_A_STATE_CHECK, 0)) == 1;
	kt_ok(ok, "and nothing was changed");
}

static void check_half_way(void)
{
	const char *path = run_file("state", text);

	answer_check(NULL);
	fake_error(&k, 0, NULL);
	fake_error(&k, -ENOMEM, NULL);
	run("import %s", path);
	run_is(REFUSED, "the lines before it are set, none after it",
	       "where memory is short half-way it is said what is set");
}

/* ---- what is wrong with a file ---- */

#define GOOD	"state peer 1 rx hbh ssrc 1 key any suite AES_CM_128_HMAC_SHA1_80 " \
		"fingerprint 0102030405060708 window 64 index 5"

static const struct {
	const char *text;
	const char *error;
	const char *what;
} wrong[] = {
	{ "", "cut off", "nothing" },
	{ "ksrtp-state 1\n", "cut off", "no end" },
	{ "ksrtp-state 1\n" GOOD "\n", "cut off", "no end after a state" },
	{ "ksrtp-state 2\nend 0\n", "line 1: this version", "another version" },
	{ "ksrtp-state\nend 0\n", "line 1: the version of the format is missing", "no version" },
	{ "export 1\nend 0\n", "line 1: \"export\" where \"ksrtp-state\"", "another file" },
	{ "ksrtp-state 1 2\nend 0\n", "line 1: unknown word", "more than a version" },
	{ "ksrtp-state 1\nend 1\n", "line 2: 0 lines", "a line less than there were" },
	{ "ksrtp-state 1\n" GOOD "\nend 2\n", "line 3: 1 lines", "and with a state" },
	{ "ksrtp-state 1\nend 0\nend 0\n", "line 3: something follows", "two ends" },
	{ "ksrtp-state 1\nend\n", "line 2: the number of lines is missing", "a bare end" },
	{ "ksrtp-state 1\nkey peer 1\nend 1\n", "line 2: \"key\" where", "another object" },
	{ "ksrtp-state 1\n\n# of a relay\n" GOOD " rocc 1\nend 1\n", "line 4: unknown word",
	  "an unknown word, behind lines that say nothing" },
	{ "ksrtp-state 1\n" GOOD " index 6\nend 1\n",
	  "line 2: \"index\" is given twice", "a word twice" },
	{ "ksrtp-state 1\n" GOOD " bits 0g\nend 1\n",
	  "line 2: bits are to be pairs", "bits no hex" },
	{ "ksrtp-state 1\n" GOOD " bits 012\nend 1\n",
	  "line 2: bits are to be pairs", "half a byte" },
	{ "ksrtp-state 1\n" GOOD " rtcp-index 4294967296\nend 1\n",
	  "line 2: rtcp-index is to be a number", "a number too large" },
	{ "ksrtp-state 1\n" GOOD " tx\nend 1\n",
	  "line 2: rx or tx: one of them", "two directions" },
	{ "ksrtp-state 1\nstate peer 1 rx hbh ssrc 1 key any\nend 1\n",
	  "line 2: \"suite\" is missing",
	  "no suite" },
	{ "ksrtp-state 1\nstate peer 0 rx hbh ssrc 1\nend 1\n", "line 2: peer is to be a number",
	  "no peer" },
	{ "ksrtp-state 1\nstate peer 1 rx hbh ssrc any\nend 1\n", "line 2: an SSRC is 32 bits",
	  "any SSRC" },
	{ "ksrtp-state 1\nroute from peer 1 ssrc any\nend 1\n", "line 2: \"to\" is missing",
	  "a route to nobody" },
};

static void check_wrong(void)
{
	static char big[20000];
	const char *path;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		begin();
		path = run_file("wrong", wrong[i].text);
		run("import %s", path);
		if (said.status == MISUSED && strstr(said.err, wrong[i].error) && !request()) {
			kt_ok(true, "refused: %s", wrong[i].what);
			continue;
		}
		kt_note("wanted \"%s\"", wrong[i].error);
		run_note();
		kt_ok(false, "refused: %s", wrong[i].what);
	}
	/* One byte more than the largest window has */
	len = sprintf(big, "ksrtp-state 1\n" GOOD " bits ");
	memset(big + len, 'f', 2 * 4097);
	strcpy(big + len + 2 * 4097, "\nend 1\n");
	path = run_file("wrong", big);
	begin();
	run("import %s", path);
	run_is(MISUSED, "line 2: bits are 4096 bytes at most", "refused: more bits than a window has");
	begin();
	run("import /nowhere/at/all");
	run_is(REFUSED, "/nowhere/at/all: No such file", "a file that is not there is refused");
	begin();
	run("import");
	run_is(MISUSED, "FILE is missing", "no file is misused");
	begin();
	run("import %s tx-skip x", run_file("state", text));
	run_is(MISUSED, "tx-skip is to be a number", "tx-skip is a number");
}

int main(void)
{
	kt_plan(2 + 4 + 4 + 2 + 1 + ARRAY_SIZE(wrong) + 4);
	check_export();
	check_import();
	check_routes_there();
	check_refused();
	check_half_way();
	check_wrong();
	return kt_done();
}
