// SPDX-License-Identifier: GPL-2.0-or-later
/* Two network namespaces share ids, addresses and SSRCs, and nothing else. */
#include "leg.h"

#define SSRC	0x15014ed0
#define ID	4711

struct world {
	int netns;
	struct rig r;
	struct leg in, out;
};

static struct world one, two;

static void leg_at(struct rig *r, struct leg *l, uint16_t port, uint32_t id, uint32_t seed)
{
	struct ksrtp_peer peer = { 0 };

	leg_make(l, LEG_SUITE, seed);
	l->far.fd = rig_udp("127.0.0.1", port);
	l->far.addr = rig_local(l->far.fd);
	l->far.id = id;
	rig_connect(l->far.fd, &r->addr);
	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, id);
	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, ID);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&l->far.addr));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (ksrtp_peer_add(r->h, &peer))
		kt_bail("peer add: %s", ksrtp_error(r->h));
	rig_key(r, id, KSRTP_DIR_RX, &l->up);
	rig_key(r, id, KSRTP_DIR_TX, &l->down);
}

/* The same in each, but for the keys */
static void make(struct world *w, uint32_t seed)
{
	struct ksrtp_sock sock = { 0 };

	kt_netns();
	w->netns = kt_netns_fd();
	w->r = (struct rig){ .h = rig_handle(), .app = -1, .sock = ID,
			     .addr = rig_addr("127.0.0.1", 5004) };
	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, ID);
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&w->r.addr));
	if (ksrtp_sock_open(w->r.h, &sock))
		kt_bail("sock open: %s", ksrtp_error(w->r.h));
	leg_at(&w->r, &w->in, 6001, 1, seed);
	leg_at(&w->r, &w->out, 6002, 2, seed + 1);
	leg_route(&w->r, &w->in, SSRC, &w->out);
}

static bool relays(struct world *w, uint64_t index)
{
	leg_says(&w->in, SSRC, index);
	return leg_hears(&w->out, SSRC, index);
}

static struct ksrtp_stats stats(struct world *w)
{
	struct ksrtp_stats s;

	rig_stats(&w->r, &s);
	return s;
}

static int never(const struct ksrtp_notice *notice, void *arg)
{
	*(int *)arg = notice->event;
	return 0;
}

/* Readable without a wait: were there an event, it would be there already */
static bool has_event(struct ksrtp_handle *h)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(h), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

int main(void)
{
	struct ksrtp_stats s;
	struct ksrtp_sock sock = { 0 };
	int event = 0;

	kt_plan(11);
	rig_start();
	make(&one, 10);
	make(&two, 20);
	if (ksrtp_events_open(one.r.h) || ksrtp_events_open(two.r.h))
		kt_bail("no events");

	kt_ok(relays(&one, 1) && relays(&one, 2), "one namespace relays");
	s = stats(&two);
	kt_ok(!s.rx_packets && !s.tx_packets && !s.relayed_packets && !s.streams,
	      "and the other counts nothing of it");
	kt_ok(has_event(one.r.h) && !has_event(two.r.h), "nor is it told");
	while (has_event(one.r.h))
		ksrtp_events_read(one.r.h, never, &event);
	kt_ok(relays(&two, 60000), "the other relays, under the same ids and other keys");
	s = stats(&one);
	kt_ok(s.rx_packets == 2 && s.streams == 2, "and the first counts nothing of that");

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, ID);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_PASS);
	if (ksrtp_sock_set(two.r.h, &sock))
		kt_bail("sock set: %s", ksrtp_error(two.r.h));
	memset(&sock, 0, sizeof(sock));
	kt_ok(!ksrtp_sock_get(one.r.h, ID, &sock) && sock.unmatched == KSRTP_UNMATCHED_DROP,
	      "what is set in one is not set in the other");

	/* The calling thread is in the second by now; the handle decides. */
	kt_is(ksrtp_key_flush(one.r.h, 0), 0, "every key of the first is flushed");
	kt_ok(relays(&two, 60001), "the second has its own");
	if (ksrtp_sock_flush(one.r.h))
		kt_bail("sock flush: %s", ksrtp_error(one.r.h));
	s = stats(&one);
	kt_ok(!s.socks && !s.peers && !s.routes, "every sock of the first is deleted");
	s = stats(&two);
	kt_ok(s.socks == 1 && s.peers == 2 && s.keys == 4 && s.routes == 1,
	      "none of the second");
	kt_ok(relays(&two, 60002), "which relays on");
	rig_close(&two.r);
	ksrtp_close(one.r.h);
	return kt_done();
}
