// SPDX-License-Identifier: GPL-2.0-or-later
/* What the library asks of the kernel, and what it makes of the answers. */
#include <arpa/inet.h>

#include "fake_kernel.h"

static struct fake k;

/* ---- requests ------------------------------------------------------------ */

static void check_sock_requests(void)
{
	static const uint8_t any[16] = { 0 };
	const uint16_t port = htons(5000);
	struct ksrtp_sock sock = { 0 };
	const struct nlmsghdr *nlh;

	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 7);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_PASS);
	kt_is(ksrtp_sock_attach(k.h, 5, &sock), 0, "a socket is attached");
	kt_is(sock.id, 7, "its id is the kernel's answer");
	nlh = fake_request(&k);
	kt_ok(nlh->nlmsg_type == k.h->family && fake_cmd(nlh) == KSRTP_CMD_SOCK_NEW &&
	      nlh->nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK) &&
	      fake_u32(nlh, KSRTP_A_SOCK_FD, 5) &&
	      fake_u8(nlh, KSRTP_A_SOCK_UNMATCHED, 1) &&
	      fake_attrs(nlh) == (KSRTP_BIT(KSRTP_A_SOCK_FD) | KSRTP_BIT(KSRTP_A_SOCK_UNMATCHED)),
	      "the request has what was given and nothing else");

	memset(&sock, 0, sizeof(sock));
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr.port, 5000);
	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 8);
	kt_is(ksrtp_sock_open(k.h, &sock), 0, "a socket is opened");
	nlh = fake_request(&k);
	kt_ok(fake_bytes(nlh, KSRTP_A_SOCK_ADDR, any, 16) &&
	      fake_bytes(nlh, KSRTP_A_SOCK_PORT, &port, 2) && fake_u32(nlh, KSRTP_A_SOCK_SCOPE, 0),
	      "an address goes with its port, big-endian, and its scope");
}

static void check_flushes(void)
{
	const struct {
		int ret;
		uint8_t cmd;
		uint64_t attrs;
		const char *name;
	} rows[] = {
		{ (fake_error(&k, 0, NULL), ksrtp_sock_flush(k.h)), KSRTP_CMD_SOCK_DEL, 0, "sock" },
		{ (fake_error(&k, 0, NULL), ksrtp_peer_flush(k.h)), KSRTP_CMD_PEER_DEL, 0, "peer" },
		{ (fake_error(&k, 0, NULL), ksrtp_key_flush(k.h, 0)), KSRTP_CMD_KEY_DEL, 0, "key" },
		{ (fake_error(&k, 0, NULL), ksrtp_key_flush(k.h, 3)), KSRTP_CMD_KEY_DEL,
		  KSRTP_BIT(KSRTP_A_KEY_PEER), "key of a peer" },
		{ (fake_error(&k, 0, NULL), ksrtp_route_flush(k.h)), KSRTP_CMD_ROUTE_DEL, 0,
		  "route" },
	};
	struct ksrtp_key key = { .has = KSRTP_BIT(KSRTP_A_KEY_PEER), .peer = 1 };
	struct ksrtp_route route = { 0 };
	const struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		nlh = fake_request(&k);
		kt_ok(!rows[i].ret && fake_cmd(nlh) == rows[i].cmd &&
		      fake_attrs(nlh) == rows[i].attrs, "%s flush", rows[i].name);
	}
	kt_ok(ksrtp_sock_del(k.h, 0) == -EINVAL && ksrtp_peer_del(k.h, 0) == -EINVAL &&
	      ksrtp_key_del(k.h, &key) == -EINVAL && ksrtp_route_del(k.h, &route) == -EINVAL &&
	      !fake_request(&k), "del without a name asks nothing, for it would be a flush");
}

static void check_key_request(void)
{
	struct ksrtp_key key = { 0 };
	const struct nlmsghdr *nlh;

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, 3);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, KSRTP_DIR_TX);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&key, KSRTP_A_KEY_MKI, mki_len, 2);
	memcpy(key.mki, "\xab\xcd", 2);
	KSRTP_SET(&key, KSRTP_A_KEY_MASTER_KEY, master_key_len, 16);
	memset(key.master_key, 0x55, sizeof(key.master_key));
	KSRTP_SET(&key, KSRTP_A_KEY_SOFT_LIMIT, soft_limit, UINT64_C(1) << 40);
	fake_error(&k, 0, NULL);
	kt_is(ksrtp_key_add(k.h, &key), 0, "a key is added");
	nlh = fake_request(&k);
	kt_ok(fake_cmd(nlh) == KSRTP_CMD_KEY_NEW &&
	      fake_bytes(nlh, KSRTP_A_KEY_MKI, "\xab\xcd", 2) &&
	      fake_bytes(nlh, KSRTP_A_KEY_MASTER_KEY, key.master_key, 16) &&
	      fake_u64(nlh, KSRTP_A_KEY_SOFT_LIMIT, UINT64_C(1) << 40) &&
	      !fake_attr(nlh, KSRTP_A_KEY_SSRC, 0) && !fake_attr(nlh, KSRTP_A_KEY_MASTER_SALT, 0),
	      "bytes have the length given; a key for any SSRC has no SSRC");

	fake_error(&k, 0, NULL);
	ksrtp_key_set(k.h, &key);
	nlh = fake_request(&k);
	kt_ok(fake_cmd(nlh) == KSRTP_CMD_KEY_SET && !fake_attr(nlh, KSRTP_A_KEY_MASTER_KEY, 0) &&
	      fake_attr(nlh, KSRTP_A_KEY_SOFT_LIMIT, 0) && fake_attr(nlh, KSRTP_A_KEY_MKI, 0),
	      "key set sends name and limits, no secret");
	fake_error(&k, 0, NULL);
	ksrtp_key_del(k.h, &key);
	nlh = fake_request(&k);
	kt_ok(fake_cmd(nlh) == KSRTP_CMD_KEY_DEL && !fake_attr(nlh, KSRTP_A_KEY_MASTER_KEY, 0) &&
	      !fake_attr(nlh, KSRTP_A_KEY_SOFT_LIMIT, 0), "key del sends the name alone");
}

static void check_route_request(void)
{
	static struct ksrtp_out outs[500];
	struct ksrtp_route route = { .out = outs, .n_out = ARRAY_SIZE(outs) };
	const struct nlmsghdr *nlh;
	const struct nlattr *out;
	uint32_t i;

	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, 1);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, 0);
	for (i = 0; i < ARRAY_SIZE(outs); i++)
		KSRTP_SET(&outs[i], KSRTP_A_OUT_PEER, peer, i + 1);
	KSRTP_SET(&outs[499], KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 96);
	fake_error(&k, 0, NULL);
	kt_is(ksrtp_route_add(k.h, &route), 0, "a route with 500 outputs is added");
	nlh = fake_request(&k);
	out = fake_attr(nlh, KSRTP_A_ROUTE_OUT, 499);
	kt_ok(fake_u32(nlh, KSRTP_A_ROUTE_SSRC, 0) && out &&
	      !fake_attr(nlh, KSRTP_A_ROUTE_OUT, 500) &&
	      mnl_attr_get_u32(mnl_attr_get_payload(out)) == 500 &&
	      mnl_attr_get_payload_len(out) == 16, "one attribute an output, SSRC 0 is an SSRC");
}

/* ---- refusals ------------------------------------------------------------ */

static void check_sentences(void)
{
	struct ksrtp_peer peer = { 0 };

	fake_error(&k, -EBUSY, "This address is another peer's.");
	kt_is(ksrtp_peer_add(k.h, &peer), -EBUSY, "the errno of a refusal is returned");
	kt_ok(!strcmp(ksrtp_error(k.h), "This address is another peer's."),
	      "and the sentence is the kernel's");
	fake_request(&k);

	fake_error(&k, -ENOENT, NULL);
	ksrtp_peer_del(k.h, 9);
	kt_ok(!strcmp(ksrtp_error(k.h), strerror(ENOENT)),
	      "a refusal without a sentence has that of its errno");
	fake_request(&k);

	fake_error(&k, -EPERM, NULL);
	ksrtp_peer_del(k.h, 9);
	kt_ok(strstr(ksrtp_error(k.h), "CAP_NET_ADMIN"), "want of permission says what is needed");
	fake_request(&k);

	fake_done(&k, -EINVAL, "Filter not understood.");
	kt_ok(ksrtp_key_dump(k.h, 0, NULL, NULL) == -EINVAL &&
	      !strcmp(ksrtp_error(k.h), "Filter not understood."),
	      "a dump that is refused at its end has its sentence");
	fake_request(&k);
}

/* A kernel that repeats the request behind the error, the sentence after it */
static void check_uncapped(void)
{
	char request[64] = { 0 };
	struct {
		struct nlmsgerr e;
		char rest[64 - NLMSG_HDRLEN];
	} fixed = { .e.error = -EEXIST };

	memcpy(&fixed.e.msg, request, sizeof(fixed.e.msg));
	fixed.e.msg.nlmsg_len = sizeof(request);
	fake_end(&k, NLMSG_ERROR, 0, &fixed, sizeof(fixed), "There is one of that id.");
	kt_ok(ksrtp_sock_del(k.h, 1) == -EEXIST &&
	      !strcmp(ksrtp_error(k.h), "There is one of that id."),
	      "the sentence is found behind a request that is repeated");
	fake_request(&k);

	fixed.e.msg.nlmsg_len = 0xffffff00;
	fake_end(&k, NLMSG_ERROR, 0, &fixed, sizeof(fixed), "There is one of that id.");
	kt_ok(ksrtp_sock_del(k.h, 1) == -EEXIST && !strcmp(ksrtp_error(k.h), strerror(EEXIST)),
	      "and not looked for behind the end of the message");
	fake_request(&k);
}

/* ---- answers ------------------------------------------------------------- */

struct seen {
	struct ksrtp_stream streams[256];
	struct ksrtp_route route;
	struct ksrtp_out outs[4];
	uint32_t n;
	uint32_t stop_at;
};

static int see_stream(const struct ksrtp_stream *s, void *arg)
{
	struct seen *seen = arg;

	if (seen->n < ARRAY_SIZE(seen->streams))
		seen->streams[seen->n] = *s;
	seen->n++;
	return seen->n == seen->stop_at ? -77 : 0;
}

static int see_route(const struct ksrtp_route *r, void *arg)
{
	struct seen *seen = arg;

	seen->route = *r;
	if (r->n_out <= ARRAY_SIZE(seen->outs))
		memcpy(seen->outs, r->out, r->n_out * sizeof(*r->out));
	seen->n++;
	return 0;
}

static void put_stream(uint32_t ssrc, uint16_t flags)
{
	struct nlattr *nest;

	fake_begin(&k, KSRTP_CMD_STREAM_GET, NLM_F_MULTI | flags);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_PEER, 10);
	mnl_attr_put_u8(k.nlh, KSRTP_A_STREAM_DIR, KSRTP_DIR_RX);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_SSRC, ssrc);
	mnl_attr_put_u16(k.nlh, KSRTP_A_STREAM_HIGHEST_SEQ, 4711);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STREAM_BYTES, UINT64_C(1) << 40);
	mnl_attr_put(k.nlh, KSRTP_A_STREAM_MKI, 3, "\1\2\3");
	nest = mnl_attr_nest_start(k.nlh, KSRTP_A_STREAM_DROPS);
	mnl_attr_put_u64(k.nlh, KSRTP_A_DROPS_AUTH, 5);
	mnl_attr_put_u64(k.nlh, KSRTP_A_DROPS_REPLAYED, 0);
	mnl_attr_put(k.nlh, KSRTP_A_DROPS_PAD, 0, NULL);
	mnl_attr_put_u64(k.nlh, 40, 6);
	mnl_attr_put_u64(k.nlh, 64, 7);
	mnl_attr_nest_end(k.nlh, nest);
	/* of a kernel to come */
	mnl_attr_put_u32(k.nlh, KSRTP_A_STREAM_MAX + 20, 1);
	fake_send(&k);
}

static void check_dump(void)
{
	static struct seen seen;
	const struct ksrtp_stream *s = &seen.streams[0];
	const struct nlmsghdr *nlh;
	const uint32_t ssrc = 0;
	int i;

	for (i = 0; i < 100; i++)
		put_stream(i, 0);
	fake_done(&k, 0, NULL);
	kt_ok(!ksrtp_stream_dump(k.h, 4, &ssrc, see_stream, &seen) && seen.n == 100,
	      "a dump of many messages is read to its end");
	nlh = fake_request(&k);
	kt_ok(nlh->nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP) &&
	      fake_u32(nlh, KSRTP_A_STREAM_PEER, 4) && fake_u32(nlh, KSRTP_A_STREAM_SSRC, 0),
	      "its filter is sent, SSRC 0 too");
	kt_ok(s->peer == 10 && s->highest_seq == 4711 && s->bytes == UINT64_C(1) << 40 &&
	      s->mki_len == 3 && !memcmp(s->mki, "\1\2\3", 3) && seen.streams[99].ssrc == 99,
	      "members are what the attributes say");
	kt_ok(!KSRTP_HAS(s, KSRTP_A_STREAM_ROC) && KSRTP_HAS(s, KSRTP_A_STREAM_DIR) && !s->dir,
	      "a member that is not there has no bit, one of 0 has");
	kt_ok(s->drops.has == (KSRTP_BIT(KSRTP_A_DROPS_AUTH) | KSRTP_BIT(KSRTP_A_DROPS_REPLAYED) |
			       KSRTP_BIT(40)) && s->drops.count[KSRTP_A_DROPS_AUTH] == 5 &&
	      s->drops.count[40] == 6,
	      "drops: zeros are there, padding is not, reasons of a newer kernel are");

	memset(&seen, 0, sizeof(seen));
	seen.stop_at = 2;
	for (i = 0; i < 3; i++)
		put_stream(i, 0);
	fake_done(&k, 0, NULL);
	kt_ok(ksrtp_stream_dump(k.h, 0, NULL, see_stream, &seen) == -77 && seen.n == 2,
	      "what the callback returns ends the dump and is returned");
	kt_ok(fake_attrs(fake_request(&k)) == 0, "a dump of all has no filter");
}

static void check_interrupted(void)
{
	struct seen seen = { 0 };
	int i;

	put_stream(1, 0);
	put_stream(2, NLM_F_DUMP_INTR);
	fake_done(&k, 0, NULL);
	put_stream(3, 0);
	fake_done(&k, 0, NULL);
	kt_ok(!ksrtp_stream_dump(k.h, 0, NULL, see_stream, &seen) && seen.n == 1 &&
	      seen.streams[0].ssrc == 3,
	      "a dump that was interrupted is done anew, and its part not shown");
	for (i = 0; fake_request(&k); i++)
		;
	kt_is(i, 2, "by asking twice");

	memset(&seen, 0, sizeof(seen));
	for (i = 0; i < 100; i++) {
		put_stream(1, NLM_F_DUMP_INTR);
		fake_done(&k, 0, NULL);
	}
	kt_is(ksrtp_stream_dump(k.h, 0, NULL, see_stream, &seen), -EAGAIN,
	      "a dump interrupted for ever is given up");
	for (i = 0; fake_request(&k); i++)
		;
	kt_ok(!seen.n && i == 32, "after 32 tries, with nothing shown (%d)", i);
	/* answers that nobody asked for any more */
	fake_close(&k);
	fake_open(&k);
}

static void check_routes(void)
{
	struct seen seen = { 0 };
	struct nlattr *nest;
	uint32_t i;

	fake_begin(&k, KSRTP_CMD_ROUTE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_PEER, 1);
	for (i = 2; i < 5; i++) {
		nest = mnl_attr_nest_start(k.nlh, KSRTP_A_ROUTE_OUT);
		mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_PEER, i);
		if (i == 4)
			mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_REWRITE_SSRC, 0xabcd);
		mnl_attr_nest_end(k.nlh, nest);
	}
	mnl_attr_put_u8(k.nlh, KSRTP_A_ROUTE_RTCP, KSRTP_RTCP_MODE_FORWARD);
	fake_send(&k);
	fake_done(&k, 0, NULL);
	kt_ok(!ksrtp_route_dump(k.h, 0, see_route, &seen) && seen.n == 1 && seen.route.n_out == 3 &&
	      seen.outs[0].peer == 2 && seen.outs[2].rewrite_ssrc == 0xabcd &&
	      !KSRTP_HAS(&seen.outs[1], KSRTP_A_OUT_REWRITE_SSRC) &&
	      seen.route.rtcp == KSRTP_RTCP_MODE_FORWARD, "a route comes with its outputs");
	fake_request(&k);
}

/* A datagram larger than the buffer of the handle */
static void check_large(void)
{
	struct seen seen = { 0 };
	uint32_t i;

	fake_begin(&k, KSRTP_CMD_ROUTE_GET, NLM_F_MULTI);
	mnl_attr_put_u32(k.nlh, KSRTP_A_ROUTE_PEER, 1);
	for (i = 0; i < 4000; i++) {
		struct nlattr *nest = mnl_attr_nest_start(k.nlh, KSRTP_A_ROUTE_OUT);

		mnl_attr_put_u32(k.nlh, KSRTP_A_OUT_PEER, i + 1);
		mnl_attr_nest_end(k.nlh, nest);
	}
	fake_send(&k);
	fake_done(&k, 0, NULL);
	kt_ok(!ksrtp_route_dump(k.h, 0, see_route, &seen) && seen.route.n_out == 4000,
	      "an answer larger than the buffer is read whole");
	fake_request(&k);
}

static void check_malformed(void)
{
	struct ksrtp_stats stats;
	struct seen seen = { 0 };
	struct nlattr *nest;

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	mnl_attr_put_u32(k.nlh, KSRTP_A_STATS_RX_PACKETS, 1);
	fake_send(&k);
	fake_error(&k, 0, NULL);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "a number of the wrong size is an error");
	fake_request(&k);

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	nest = mnl_attr_nest_start(k.nlh, KSRTP_A_STATS_DROPS);
	mnl_attr_put_u8(k.nlh, KSRTP_A_DROPS_AUTH, 1);
	mnl_attr_nest_end(k.nlh, nest);
	fake_send(&k);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "and so is one among the drops");
	fake_request(&k);

	fake_begin(&k, KSRTP_CMD_STREAM_GET, NLM_F_MULTI);
	memset(k.request, 0, 200);
	mnl_attr_put(k.nlh, KSRTP_A_STREAM_MKI, 129, k.request);
	fake_send(&k);
	fake_done(&k, 0, NULL);
	kt_ok(ksrtp_stream_dump(k.h, 0, NULL, see_stream, &seen) == -EPROTO && !seen.n,
	      "an MKI of 129 bytes is an error, not an overflow");
	fake_request(&k);

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	k.nlh->nlmsg_type++;
	fake_send(&k);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "a message of another family is an error");
	fake_request(&k);

	fake_error(&k, 0, NULL);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "an end without an answer is an error");
	fake_request(&k);

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	k.nlh->nlmsg_len += 4;
	fake_put(&k, k.fd, k.buf, k.nlh->nlmsg_len - 4);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "a message that is cut off is an error");
	fake_request(&k);

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	k.nlh->nlmsg_len = 0x80000010;
	fake_put(&k, k.fd, k.buf, 64);
	kt_is(ksrtp_stats_get(k.h, &stats), -EPROTO, "and one of more than 2^31 bytes is");
	fake_request(&k);
}

static void check_stale(void)
{
	struct ksrtp_stats stats;

	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATS_RX_PACKETS, 1);
	k.nlh->nlmsg_seq--;
	fake_send(&k);
	fake_begin(&k, KSRTP_CMD_STATS_GET, 0);
	mnl_attr_put_u64(k.nlh, KSRTP_A_STATS_RX_PACKETS, 2);
	fake_send(&k);
	fake_error(&k, 0, NULL);
	kt_ok(!ksrtp_stats_get(k.h, &stats) && stats.rx_packets == 2,
	      "what is left of an earlier answer is passed over");
	fake_request(&k);
	close(k.fd);
	k.fd = -1;
	kt_ok(ksrtp_stats_get(k.h, &stats) < 0 && *ksrtp_error(k.h),
	      "a socket that fails is an error with a sentence");
}

static void check_no_module(void)
{
	struct ksrtp_handle *h;
	struct ksrtp_error err;
	int ret = ksrtp_open(&h, NULL, &err);

	if (!ret) {
		ksrtp_close(h);
		kt_skip("without ksrtp in the kernel the sentence says so", "it is loaded here");
	} else {
		kt_ok(ret == -ENOENT && !h && strstr(err.text, "modprobe ksrtp"),
		      "without ksrtp in the kernel the sentence says so");
	}
	kt_ok(ksrtp_open(&h, "no-such-netns", &err) == -ENOENT && !h &&
	      strstr(err.text, "network namespace no-such-netns"),
	      "a network namespace that is not there is named");
	kt_ok(ksrtp_open(&h, "", &err) == -EINVAL && ksrtp_open(&h, "..", &err) == -EINVAL,
	      "\"\" and \"..\" are no names of one");
}

int main(void)
{
	kt_plan(5 + 6 + 4 + 2 + 5 + 2 + 7 + 4 + 1 + 1 + 7 + 2 + 3);
	fake_open(&k);
	check_sock_requests();
	check_flushes();
	check_key_request();
	check_route_request();
	check_sentences();
	check_uncapped();
	check_dump();
	check_interrupted();
	check_routes();
	check_large();
	check_malformed();
	check_stale();
	check_no_module();
	fake_close(&k);
	return kt_done();
}
