// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tool shows, as JSON and as text, of what a fake kernel answers. */
#include "tool_run.h"
#include "fake_kernel.h"

static struct fake k;

/* The tool closes its handle, so there is one for each run. */
static void begin(void)
{
	if (k.h) {
		close(k.fd);
		close(k.events_fd);
	}
	fake_open(&k);
	tool.handle = k.h;
}

static void put_addr(uint16_t addr, uint16_t port, const char *ip, uint16_t number)
{
	uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, ip, bytes + 12) != 1)
		inet_pton(AF_INET6, ip, bytes);
	mnl_attr_put(k.nlh, addr, sizeof(bytes), bytes);
	mnl_attr_put_u16(k.nlh, port, htons(number));
}

static void put_drops(uint16_t attr, uint64_t auth)
{
	struct nlattr *nest = mnl_attr_nest_start(k.nlh, attr);

	mnl_attr_put_u64(k.nlh, KSRTP_A_DROPS_AUTH, auth);
	mnl_attr_put_u64(k.nlh, KSRTP_A_DROPS_REPLAYED, 0);
	mnl_attr_put_u64(k.nlh, KSRTP_A_DROPS_TOO_OLD, 2 * auth);
	mnl_attr_nest_end(k.nlh, nest);
}

/* ---- socks --------------------------------------------------------------- */

static void answer_socks(void)
{
	begin();
	fake_begin(&k, KSRTP_CMD_SOCK_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_SOCK_ID, 1);
	put_addr(KSRTP_A_SOCK_ADDR, KSRTP_A_SOCK_PORT, "0.0.0.0", 5000);
	mnl_attr_put_u8(k.nlh, KSRTP_A_SOCK_UNMATCHED, KSRTP_UNMATCHED_DROP);
	mnl_attr_put_u8(k.nlh, KSRTP_A_SOCK_OWNED, 1);
	mnl_attr_put_u64(k.nlh, KSRTP_A_SOCK_INODE, UINT64_C(1) << 33);
	mnl_attr_put_u32(k.nlh, KSRTP_A_SOCK_PEERS, 3);
	fake_send(&k);
	fake_begin(&k, KSRTP_CMD_SOCK_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_SOCK_ID, 2);
	put_addr(KSRTP_A_SOCK_ADDR, KSRTP_A_SOCK_PORT, "fe80::1", 5002);
	/* No interface has this number. */
	mnl_attr_put_u32(k.nlh, KSRTP_A_SOCK_SCOPE, 4000000000u);
	mnl_attr_put_u8(k.nlh, KSRTP_A_SOCK_UNMATCHED, KSRTP_UNMATCHED_PASS);
	fake_send(&k);
	fake_done(&k, 0, NULL);
}

static void check_socks(void)
{
	answer_socks();
	run("-j sock show");
	run_json(". == [{\"id\":1,\"addr\":\"0.0.0.0:5000\",\"unmatched\":\"drop\",\"owned\":1,\n"
		 "\"peers\":3,\"inode\":8589934592},\n"
		 "{\"id\":2,\"addr\":\"[fe80::1%4000000000]:5002\",\"unmatched\":\"pass\"}]",
		 "socks as JSON");
	answer_socks();
	run("-j -p sock show");
	run_json("length == 2 and .[0].id == 1", "pretty JSON is JSON");
	kt_ok(strstr(said.out, "\n    {\n        \"id\": 1,\n"), "and it has lines");
	answer_socks();
	run("sock show");
	run_text("sock 1 addr 0.0.0.0:5000 unmatched drop owned on peers 3\n"
		 "sock 2 addr [fe80::1%4000000000]:5002 unmatched pass\n", "socks as text");
	answer_socks();
	run("-s sock show");
	kt_ok(strstr(said.out, "peers 3\n    inode 8589934592\n"), "-s has more of it");

	begin();
	fake_done(&k, 0, NULL);
	run("-j sock show");
	run_json(". == []", "no socks are an empty array");
	begin();
	fake_done(&k, 0, NULL);
	run("sock show");
	run_text("", "and no text");

	begin();
	fake_begin(&k, KSRTP_CMD_SOCK_GET, 0);
	mnl_attr_put_u32(k.nlh, KSRTP_A_SOCK_ID, 2);
	fake_send(&k);
	fake_error(&k, 0, NULL);
	run("-j sock show 2");
	run_json(". == [{\"id\":2}]", "one sock is an array too; what is not known is not there");
	kt_ok(fake_u32(fake_request(&k), KSRTP_A_SOCK_ID, 2), "and that one was asked for");
}

static void check_new_ids(void)
{
	begin();
	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 5);
	run("sock open 192.0.2.1:5000");
	run_text("sock 5\n", "an id the kernel chose is printed");
	begin();
	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 6);
	run("sock open 192.0.2.1:5000 id 6");
	run_text("", "one that was given is not");
	begin();
	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 6);
	run("-j sock open 192.0.2.1:5000 id 6");
	run_json(". == [{\"id\":6}]", "but in JSON");
	begin();
	fake_id(&k, KSRTP_CMD_PEER_NEW, KSRTP_A_PEER_ID, 9);
	run("-j peer add sock 1 remote [::1]:5000");
	run_json(". == [{\"id\":9}]", "so is a peer's");
}

/* ---- peers --------------------------------------------------------------- */

static void answer_peer(void)
{
	begin();
	fake_begin(&k, KSRTP_CMD_PEER_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_ID, 10);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_SOCK, 1);
	put_addr(KSRTP_A_PEER_REMOTE_ADDR, KSRTP_A_PEER_REMOTE_PORT, "2001:db8::2", 6000);
	put_addr(KSRTP_A_PEER_LOCAL_ADDR, KSRTP_A_PEER_PAD, "2001:db8::1", 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_PEER_ROAM, 0);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_MAX_STREAMS, 64);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_RX_STREAMS, 2);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_TX_STREAMS, 1);
	mnl_attr_put_u32(k.nlh, KSRTP_A_PEER_TOMBSTONES, 0);
	put_drops(KSRTP_A_PEER_DROPS, 3);
	fake_send(&k);
	fake_done(&k, 0, NULL);
}

static void check_peers(void)
{
	static const char text[] =
		"peer 10 sock 1 remote [2001:db8::2]:6000 local 2001:db8::1 roam off max-streams 64\n"
		"    rx-streams 2 tx-streams 1 tombstones 0 drops auth 3, too-old 6\n";

	answer_peer();
	run("-j peer show");
	run_json(". == [{\"id\":10,\"sock\":1,\"remote\":\"[2001:db8::2]:6000\",\n"
		 "\"local\":\"2001:db8::1\",\"roam\":0,\"max_streams\":64,\"rx_streams\":2,\n"
		 "\"tx_streams\":1,\"tombstones\":0,\n"
		 "\"drops\":{\"auth\":3,\"replayed\":0,\"too_old\":6}}]", "peers as JSON");
	answer_peer();
	run("-s peer show");
	run_text(text, "peers as text, with drops that are not 0");
}

/* ---- keys ---------------------------------------------------------------- */

static void answer_keys(void)
{
	begin();
	fake_begin(&k, KSRTP_CMD_KEY_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_KEY_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_DIR, KSRTP_DIR_TX);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_LAYER, KSRTP_LAYER_E2E);
	mnl_attr_put_u16(k.nlh, KSRTP_A_KEY_SUITE, KSRTP_SUITE_E2E_AES_128_CTR);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_IV, KSRTP_IV_LEFT);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_MI, KSRTP_MI_KEY);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_MI_LEN, 4);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_MI_VERIFY, 1);
	mnl_attr_put(k.nlh, KSRTP_A_KEY_FINGERPRINT, 8, "\x00\x11\x22\x33\x44\x55\x66\xff");
	mnl_attr_put_u64(k.nlh, KSRTP_A_KEY_SOFT_LIMIT, UINT64_MAX);
	mnl_attr_put_u64(k.nlh, KSRTP_A_KEY_HARD_LIMIT, UINT64_C(1) << 48);
	mnl_attr_put_u64(k.nlh, KSRTP_A_KEY_PACKETS, 5);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_EXPIRED, 0);
	fake_send(&k);
	fake_begin(&k, KSRTP_CMD_KEY_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_KEY_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_DIR, KSRTP_DIR_RX);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_LAYER, KSRTP_LAYER_HBH);
	mnl_attr_put_u32(k.nlh, KSRTP_A_KEY_SSRC, 0xabcd);
	mnl_attr_put_u16(k.nlh, KSRTP_A_KEY_SUITE, 99);
	mnl_attr_put(k.nlh, KSRTP_A_KEY_MKI, 2, "\x01\xff");
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_KEEP);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_EXPIRED, 1);
	mnl_attr_put_u16(k.nlh, KSRTP_A_KEY_FROM_SEQ, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_CRYPTEX, KSRTP_CRYPTEX_REQUIRE);
	mnl_attr_put(k.nlh, KSRTP_A_KEY_ENC_EXT, 3, "\x01\xff\x0a");
	mnl_attr_put_u16(k.nlh, KSRTP_A_KEY_RCC, 65535);
	mnl_attr_put_u8(k.nlh, KSRTP_A_KEY_OUTER_ONLY, 1);
	fake_send(&k);
	fake_done(&k, 0, NULL);
}

static void check_keys(void)
{
	static const char text[] =
		"key peer 10 tx e2e ssrc any suite E2E_AES_128_CTR fingerprint 00112233445566ff packets 5\n"
		"key peer 10 rx hbh ssrc 0x0000abcd suite 99 mki 01ff outer-only expired\n";

	answer_keys();
	run("-j key show peer 10");
	run_json(". == [{\"peer\":10,\"dir\":\"tx\",\"layer\":\"e2e\",\"ssrc\":\"any\",\n"
		 "\"suite\":\"E2E_AES_128_CTR\",\"fingerprint\":\"00112233445566ff\",\"packets\":5,\n"
		 "\"expired\":0,\"hard_limit\":281474976710656,\"iv\":\"left\",\"mi\":\"key\",\n"
		 "\"mi_len\":4,\"mi_verify\":1},\n"
		 "{\"peer\":10,\"dir\":\"rx\",\"layer\":\"hbh\",\"ssrc\":\"0x0000abcd\",\"suite\":99,\n"
		 "\"mki\":\"01ff\",\"expired\":1,\"outer_only\":1,\"roc_mode\":\"keep\",\n"
		 "\"from_seq\":0,\"cryptex\":\"require\",\"enc_ext\":[1,255,10],\"rcc\":65535}]",
		 "keys as JSON; no soft limit is not there, a suite of a newer kernel is its number");
	kt_ok(fake_u32(fake_request(&k), KSRTP_A_KEY_PEER, 10),
	      "only those asked for are asked for");
	answer_keys();
	run("key show");
	run_text(text, "keys as text");
	answer_keys();
	run("-s key show");
	kt_ok(strstr(said.out,
		     "\n    hard-limit 281474976710656 iv left mi key mi-len 4 mi-verify on\n"),
	      "-s has all of their settings");
	kt_ok(strstr(said.out,
		     "\n    roc-mode keep from-seq 0 cryptex require enc-ext 1,255,10 rcc 65535\n"),
	      "and what they do beside encrypting");
}

/* ---- routes -------------------------------------------------------------- */

static void answer_routes(void)
{
	struct nlattr *nest;

	begin();
	fake_begin(&k, KSRTP_CMD_ROUTE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_ROUTE_RTCP, KSRTP_RTCP_MODE_DELIVER);
	nest = mnl_attr_nest_start(k.nlh, KSRTP_A_ROUTE_OUT);
	mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_PEER, 20);
	mnl_attr_nest_end(k.nlh, nest);
	nest = mnl_attr_nest_start(k.nlh, KSRTP_A_ROUTE_OUT);
	mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_PEER, 30);
	mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_REWRITE_SSRC, 7);
	mnl_attr_put_u8(k.nlh, KSRTP_A_OUT_REWRITE_PT_OLD, 96);
	mnl_attr_put_u8(k.nlh, KSRTP_A_OUT_REWRITE_PT_NEW, 97);
	mnl_attr_nest_end(k.nlh, nest);
	fake_send(&k);
	fake_begin(&k, KSRTP_CMD_ROUTE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_PEER, 11);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_SSRC, 0);
	fake_send(&k);
	fake_done(&k, 0, NULL);
}

static void check_routes(void)
{
	answer_routes();
	run("-j route show");
	run_json(". == [{\"peer\":10,\"ssrc\":\"any\",\"rtcp\":\"deliver\",\n"
		 "\"out\":[{\"peer\":20},{\"peer\":30,\"rewrite_ssrc\":\"0x00000007\",\"rewrite_pt_old\":96,\n"
		 "\"rewrite_pt_new\":97}]},{\"peer\":11,\"ssrc\":\"0x00000000\",\"out\":[]}]",
		 "routes as JSON");
	answer_routes();
	run("-j -p route show");
	run_json("length == 2 and (.[0].out | length) == 2",
		 "pretty, with arrays inside, it is JSON");
	answer_routes();
	run("route show");
	run_text("from peer 10 ssrc any rtcp deliver\n"
		 "    to peer 20\n"
		 "    to peer 30 rewrite-ssrc 0x00000007 rewrite-pt 96:97\n"
		 "from peer 11 ssrc 0x00000000\n", "routes as text");
}

/* ---- streams and stats --------------------------------------------------- */

static void answer_streams(void)
{
	int i;

	begin();
	for (i = 0; i < 2; i++) {
		fake_begin(&k, KSRTP_CMD_STREAM_GET, NLM_F_MULTI);
		mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_PEER, 10);
		mnl_attr_put_u8(k.nlh, KSRTP_A_STREAM_DIR, i ? KSRTP_DIR_TX : KSRTP_DIR_RX);
		mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_SSRC, 0xabcd);
		mnl_attr_put_u8(k.nlh, KSRTP_A_STREAM_LAYER, KSRTP_LAYER_HBH);
		mnl_attr_put_u16(k.nlh, KSRTP_A_STREAM_SUITE, KSRTP_SUITE_NULL_HMAC_SHA1_80);
		if (i)
			mnl_attr_put(k.nlh, KSRTP_A_STREAM_MKI, 1, "\x05");
		mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_ROC, 0);
		mnl_attr_put_u16(k.nlh, KSRTP_A_STREAM_HIGHEST_SEQ, 4711);
		mnl_attr_put_u64(k.nlh, KSRTP_A_STREAM_PACKETS, 100);
		mnl_attr_put_u64(k.nlh, KSRTP_A_STREAM_BYTES, 17200);
		mnl_attr_put_u64(k.nlh, KSRTP_A_STREAM_RTCP_PACKETS, 2);
		put_drops(KSRTP_A_STREAM_DROPS, i);
		fake_send(&k);
	}
	fake_done(&k, 0, NULL);
}

static void check_streams(void)
{
	const struct nlmsghdr *nlh;

	answer_streams();
	run("-j stream show");
	run_json(".[0] == {\"peer\":10,\"dir\":\"rx\",\"ssrc\":\"0x0000abcd\",\"layer\":\"hbh\",\n"
		 "\"suite\":\"NULL_HMAC_SHA1_80\",\"roc\":0,\"highest_seq\":4711,\"packets\":100,\n"
		 "\"bytes\":17200,\"rtcp_packets\":2,\"drops\":{\"auth\":0,\"replayed\":0,\"too_old\":0}}",
		 "streams as JSON are as the contract shows them");
	answer_streams();
	run("stream show peer 10 ssrc 0xabcd");
	run_text("PEER  DIR  SSRC        LAYER  SUITE              MKI  ROC   SEQ  PACKETS  BYTES\n"
		 "  10  rx   0x0000abcd  hbh    NULL_HMAC_SHA1_80  -      0  4711      100  17200\n"
		 "  10  tx   0x0000abcd  hbh    NULL_HMAC_SHA1_80  05     0  4711      100  17200\n",
		 "streams as text are an aligned table");
	nlh = fake_request(&k);
	kt_ok(fake_u32(nlh, KSRTP_A_STREAM_PEER, 10) && fake_u32(nlh, KSRTP_A_STREAM_SSRC, 0xabcd),
	      "only those asked for are asked for");
	answer_streams();
	run("-s stream show");
	kt_ok(strstr(said.out, "  RTCP  DROPS\n") && strstr(said.out, "     2  none\n") &&
	      strstr(said.out,
		     "     2  auth 1, too-old 2\n"), "-s has the columns of RTCP and drops");
}

static void answer_stats(void)
{
	begin();
	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATS_RX_PACKETS, UINT64_MAX);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATS_RELAYED_PACKETS, 12);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATS_STREAMS, 4);
	put_drops(KSRTP_A_STATS_DROPS, 1);
	fake_send(&k);
	fake_error(&k, 0, NULL);
}

static void check_stats(void)
{
	answer_stats();
	run("-j stats");
	/* jq has doubles; the digits are looked at as they are */
	run_json("length == 1 and .[0].relayed_packets == 12 and .[0].streams == 4\n"
		 "and .[0].drops == {\"auth\":1,\"replayed\":0,\"too_old\":2}",
		 "stats as JSON are an array of one object");
	kt_ok(strstr(said.out, "\"rx_packets\":18446744073709551615,"),
	      "with all 64 bits of a counter");
	answer_stats();
	run("stats");
	run_text("streams          4\n"
		 "rx-packets       18446744073709551615\n"
		 "relayed-packets  12\n"
		 "drops-auth       1\n"
		 "drops-too-old    2\n", "stats as text are a list");
}

/* ---- events -------------------------------------------------------------- */

static void answer_events(void)
{
	begin();
	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_EVENT, KSRTP_EVENT_STREAM_NEW);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_SOCK, 1);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_DIR, KSRTP_DIR_RX);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_LAYER, KSRTP_LAYER_HBH);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_SSRC, 0xabcd);
	fake_event(&k);
	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_EVENT, KSRTP_EVENT_PEER_MOVED);
	put_addr(KSRTP_A_NOTICE_ADDR, KSRTP_A_NOTICE_PORT, "192.0.2.9", 5004);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_SUPPRESSED, 4);
	fake_event(&k);
	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_EVENT, KSRTP_EVENT_AUTH_BURST);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_PEER, 10);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_COUNT, 1000);
	fake_event(&k);
	fake_begin(&k, KSRTP_CMD_NOTIFY, 0);
	mnl_attr_put_u8(k.nlh, KSRTP_A_NOTICE_EVENT, KSRTP_EVENT_ROC_RESYNC);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_SSRC, 0xabcd);
	mnl_attr_put_u32(k.nlh, KSRTP_A_NOTICE_ROC, 0);
	fake_event(&k);
	/* the end of the monitor, too */
	close(k.events_fd);
	k.events_fd = -1;
}

static int monitor(void)
{
	return monitor_events(k.h);
}

static void check_events(void)
{
	static const char json[] =
		"{\"event\":\"stream-new\",\"sock\":1,\"peer\":10,\"dir\":\"rx\",\"layer\":\"hbh\",\"ssrc\":\"0x0000abcd\"}\n"
		"{\"event\":\"peer-moved\",\"addr\":\"192.0.2.9:5004\",\"suppressed\":4}\n"
		"{\"event\":\"auth-burst\",\"peer\":10,\"count\":1000}\n"
		"{\"event\":\"roc-resync\",\"ssrc\":\"0x0000abcd\",\"roc\":0}\n";

	answer_events();
	run_function(monitor);
	kt_ok(!strcmp(said.out, "stream-new sock 1 peer 10 rx hbh ssrc 0x0000abcd\n"
		      "peer-moved addr 192.0.2.9:5004 suppressed 4\n"
		      "auth-burst peer 10 count 1000\n"
		      "roc-resync ssrc 0x0000abcd roc 0\n"),
		      "events as text are a line each");
	kt_ok(said.status == REFUSED && strstr(said.err, "events cannot be read"),
	      "the monitor ends when there are no more, and says why");
	ksrtp_close(k.h);
	answer_events();
	tool.json = true;
	run_function(monitor);
	kt_ok(!strcmp(said.out, json),
	      "events as JSON are an object a line, and no array");
	tool.pretty = true;
	ksrtp_close(k.h);
	answer_events();
	run_function(monitor);
	said.status = DONE;
	run_json(".event != null", "pretty or not, they are JSON");
	ksrtp_close(k.h);
	begin();
	run("monitor");
	run_is(REFUSED, "has no events", "a kernel without events is refused");
}

int main(void)
{
	if (kt_run("jq --version > /dev/null 2>&1"))
		kt_skip_all("jq is not installed");
	kt_plan(9 + 4 + 2 + 5 + 3 + 4 + 3 + 5);
	check_socks();
	check_new_ids();
	check_peers();
	check_keys();
	check_routes();
	check_streams();
	check_stats();
	check_events();
	return kt_done();
}
