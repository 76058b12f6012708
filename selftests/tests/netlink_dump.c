// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A dump is one moment's truth, or says that it is not: what changes meanwhile
 * is never missing, doubled or half there in a dump that calls itself whole.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "rig.h"
#include "rawnl.h"

/* More than fits a few messages */
#define PEERS	400
#define DUMPS	60
/* The last one of them comes and goes, under one id and the other */
#define GOING	5001
#define COMING	5002

static struct raw r;
static struct rig rig;
static atomic_bool stop;
static atomic_ulong changes;

static void add_peer(struct ksrtp_handle *h, uint32_t id)
{
	union rig_addr a = rig_addr("127.0.0.1", 10000 + id);
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, id);
	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, rig.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&a));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (ksrtp_peer_add(h, &peer))
		kt_bail("peer add: %s", ksrtp_error(h));
}

/* At every moment one of the two is there, or both: never neither. */
static void *change(void *arg)
{
	struct ksrtp_handle *h = rig_handle();
	uint32_t there = GOING, next = COMING;

	(void)arg;
	while (!atomic_load(&stop)) {
		uint32_t old = there;

		add_peer(h, next);
		if (ksrtp_peer_del(h, there))
			kt_bail("peer del: %s", ksrtp_error(h));
		there = next;
		next = old;
		atomic_fetch_add(&changes, 1);
	}
	ksrtp_close(h);
	return NULL;
}

/* What a dump says */
struct found {
	bool interrupted;
	int steady, doubled, going, coming;
};

static struct found read_dump(void)
{
	static uint8_t times[PEERS + 1];
	const struct nlmsghdr *nlh = (const void *)r.answer;
	int left = r.answer_len, i;
	struct found f = { 0 };

	memset(times, 0, sizeof(times));
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		const struct nlattr *attr;
		uint32_t id = 0;

		f.interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
		if (nlh->nlmsg_type != r.family)
			continue;
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
			if (mnl_attr_get_type(attr) == KSRTP_A_PEER_ID)
				id = mnl_attr_get_u32(attr);
		}
		f.going += id == GOING;
		f.coming += id == COMING;
		if (id >= 1 && id <= PEERS)
			times[id]++;
	}
	for (i = 1; i <= PEERS; i++) {
		f.steady += times[i] > 0;
		f.doubled += times[i] > 1;
	}
	return f;
}

static struct found dump(void)
{
	raw_new(&r, KSRTP_CMD_PEER_GET, NLM_F_DUMP);
	if (raw_talk(&r))
		kt_bail("peer dump: %s", r.sentence);
	return read_dump();
}

static bool is_true(const struct found *f)
{
	return f->steady == PEERS && !f->doubled && f->going <= 1 && f->coming <= 1 &&
	       f->going + f->coming >= 1;
}

static int count_peer(const struct ksrtp_peer *peer, void *arg)
{
	struct found *f = arg;

	if (peer->id <= PEERS)
		f->steady++;
	else if (peer->id == GOING)
		f->going++;
	else
		f->coming++;
	return 0;
}

static void raced(void)
{
	int i, whole = 0, lies = 0, interrupted = 0, library = 0, gave_up = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, change, NULL))
		kt_bail("no thread");
	for (i = 0; i < DUMPS; i++) {
		unsigned long before = atomic_load(&changes);
		struct found f = dump(), l = { 0 };
		int status;

		if (f.interrupted)
			interrupted++;
		else if (is_true(&f))
			whole++;
		else
			lies++;
		if (i % 6 == 0) {
			status = ksrtp_peer_dump(rig.h, count_peer, &l);
			library += !status && is_true(&l);
			gave_up += status == -EAGAIN;
		}
		/* Let it change something between any two. */
		kt_wait_until(atomic_load(&changes) > before, RIG_WAIT);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	kt_note("%d dumps whole, %d interrupted; library: %d whole, %d given up; %lu changes",
		whole, interrupted, library, gave_up, atomic_load(&changes));
	kt_is(lies, 0, "a dump that calls itself whole is, while peers come and go");
	kt_ok(interrupted, "one that is not says so");
	kt_is(library + gave_up, DUMPS / 6, "the library hands out whole ones only");
}

static int count_key(const struct ksrtp_key *key, void *arg)
{
	(void)key;
	(*(int *)arg)++;
	return 0;
}

static int count_out(const struct ksrtp_route *route, void *arg)
{
	*(int *)arg += route->n_out;
	return 0;
}

/* Outputs of all routes, as a reader is told them who has a page for an answer; or an error */
static int outs_by_page(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);
	const struct nlattr *attr;
	uint8_t page[4096];
	int n = 0, left;

	raw_new(&r, KSRTP_CMD_ROUTE_GET, NLM_F_DUMP);
	if (!nl || mnl_socket_sendto(nl, r.nlh, r.nlh->nlmsg_len) < 0)
		kt_bail("netlink: %s", strerror(errno));
	for (;;) {
		const struct nlmsghdr *nlh = (const void *)page;

		left = mnl_socket_recvfrom(nl, page, sizeof(page));
		if (left < 0)
			kt_bail("netlink: %s", strerror(errno));
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
				const int *err = mnl_nlmsg_get_payload(nlh);

				mnl_socket_close(nl);
				return *err < 0 ? *err : n;
			}
			mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
				n += mnl_attr_get_type(attr) == KSRTP_A_ROUTE_OUT;
		}
	}
}

/* More keys of a peer, and outputs of a route, than one message holds */
static void large(void)
{
	struct ksrtp_route route = { 0 };
	struct ksrtp_out *outs = calloc(PEERS, sizeof(*outs));
	int keys = 0, n_outs = 0, i;
	struct rig_key k;

	rig_hbh(&k, "NULL_HMAC_SHA1_80", 1);
	for (i = 0; i < 300; i++) {
		rig_key_ssrc(&k, 1000 + i);
		rig_key(&rig, 1, KSRTP_DIR_RX, &k);
	}
	KSRTP_SET(&route, KSRTP_A_ROUTE_PEER, peer, 1);
	KSRTP_SET(&route, KSRTP_A_ROUTE_SSRC, ssrc, 0x1234);
	for (i = 0; i < PEERS; i++) {
		KSRTP_SET(&outs[i], KSRTP_A_OUT_PEER, peer, i + 1);
		KSRTP_SET(&outs[i], KSRTP_A_OUT_REWRITE_SSRC, rewrite_ssrc, 0x4321);
		KSRTP_SET(&outs[i], KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, 96);
		KSRTP_SET(&outs[i], KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, 97);
	}
	/* In parts: one request has its bounds. */
	for (i = 1; i < PEERS; i += 100) {
		route.out = outs + i;
		route.n_out = i + 100 <= PEERS ? 100 : PEERS - i;
		if (ksrtp_route_add(rig.h, &route))
			kt_bail("route add: %s", ksrtp_error(rig.h));
	}
	ksrtp_key_dump(rig.h, 0, count_key, &keys);
	kt_is(keys, 300, "all of 300 keys of a peer are in a dump");
	keys = 0;
	ksrtp_key_dump(rig.h, 2, count_key, &keys);
	kt_is(keys, 0, "and none of them in that of another peer");
	ksrtp_route_dump(rig.h, 0, count_out, &n_outs);
	kt_is(n_outs, PEERS - 1, "all of 399 outputs of a route are");
	kt_is(outs_by_page(), PEERS - 1, "also for a reader who takes a page at a time");
	free(outs);
}

int main(void)
{
	struct found f;
	uint32_t id;

	kt_plan(9);
	kt_netns();
	rig_open_owned(&rig, "127.0.0.1");
	if (raw_open(&r))
		kt_bail("the kernel has no ksrtp");
	for (id = 1; id <= PEERS; id++)
		add_peer(rig.h, id);
	add_peer(rig.h, GOING);
	f = dump();
	kt_ok(is_true(&f) && !f.interrupted && f.going == 1 && !f.coming,
	      "401 peers are all in one dump, which calls itself whole");
	large();
	raced();
	if (ksrtp_peer_flush(rig.h))
		kt_bail("peer flush: %s", ksrtp_error(rig.h));
	f = dump();
	kt_ok(!f.steady && !f.going && !f.coming, "with none left none is dumped");
	raw_close(&r);
	rig_close(&rig);
	return kt_done();
}
