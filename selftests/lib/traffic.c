// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets of every kind that go on while a test takes things away. */
#include "traffic.h"

#define PAYLOAD	100

static bool is_plain(const uint8_t *pkt, int len, uint32_t ssrc)
{
	return len > 12 && ref_rtp_ssrc(pkt) == ssrc &&
	       ref_pattern_is(pkt + 12, len - 12, ssrc ^ (uint32_t)ref_rtp_seq(pkt) << 8);
}

/* What @in says: nine of ten packets are good ones. */
static int next_packet(struct traffic *t, uint32_t *rtcp, unsigned long turn, uint8_t *wire)
{
	uint64_t index = atomic_load(&t->index);
	uint8_t plain[512];
	int len;

	switch (turn % 20) {
	case 3:
		return rig_other(wire, turn);
	case 7:
		len = rig_rtcp(plain, TRAFFIC_SSRC, turn);
		return rig_seal_rtcp(&t->in.up, plain, len, ++*rtcp, true, wire);
	case 11:	/* a replay */
		len = rig_rtp(plain, TRAFFIC_SSRC, index, PAYLOAD);
		return rig_seal(&t->in.up, NULL, plain, len, index, wire);
	case 15:	/* a forgery, of an SSRC never heard */
		len = rig_rtp(plain, turn, turn, PAYLOAD);
		len = rig_seal(&t->out.up, NULL, plain, len, turn & 0xffff, wire);
		wire[len - 1] ^= 1;
		return len;
	default:
		atomic_store(&t->index, ++index);
		len = rig_rtp(plain, TRAFFIC_SSRC, index, PAYLOAD);
		return rig_seal(&t->in.up, NULL, plain, len, index, wire);
	}
}

/* Two processors are shared by all there is: leave them to others between bursts. */
static void breathe(void)
{
	usleep(500);
}

static void *send_in(void *arg)
{
	struct traffic *t = arg;
	uint8_t wire[1024];
	unsigned long turn;
	uint32_t rtcp = 0;

	for (turn = 0; !atomic_load(&t->stop); turn++) {
		int len = next_packet(t, &rtcp, turn, wire);

		/* Refused where nobody listens any more: the ICMP error of the one before */
		send(t->in.far.fd, wire, len, 0);
		atomic_fetch_add(&t->sent, 1);
		if (turn % 8 == 7)
			breathe();
	}
	return NULL;
}

static void *send_out(void *arg)
{
	const union rig_addr *to;
	struct traffic *t = arg;
	uint8_t plain[512];
	unsigned long turn;
	uint16_t seq = 0;

	to = &t->out.far.addr;
	for (turn = 0; !atomic_load(&t->stop); turn++) {
		int len = turn % 16 ? rig_rtp(plain, TRAFFIC_APP, ++seq, PAYLOAD) :
				      rig_rtcp(plain, TRAFFIC_APP, turn);

		if (sendto(t->app, plain, len, MSG_DONTWAIT, &to->sa, rig_addr_len(to)) == len)
			atomic_fetch_add(&t->said, 1);
		else
			atomic_fetch_add(&t->failed, 1);
		if (turn % 8 == 7)
			breathe();
	}
	return NULL;
}

static void read_app(struct traffic *t)
{
	uint8_t pkt[2048];
	int len = recv(t->app, pkt, sizeof(pkt), MSG_DONTWAIT);

	if (is_plain(pkt, len, TRAFFIC_SSRC))
		atomic_fetch_add(&t->heard, 1);
}

static void read_out(struct traffic *t)
{
	uint8_t pkt[2048];
	int len = recv(t->out.far.fd, pkt, sizeof(pkt), MSG_DONTWAIT);

	if (len < 12 || pkt[0] >> 6 != 2 || (pkt[1] >= 192 && pkt[1] <= 223))
		return;
	if (is_plain(pkt, len, ref_rtp_ssrc(pkt)))
		atomic_fetch_add(&t->plain, 1);
	else if (ref_rtp_ssrc(pkt) == TRAFFIC_SSRC)
		atomic_fetch_add(&t->relayed, 1);
	else if (ref_rtp_ssrc(pkt) == TRAFFIC_APP)
		atomic_fetch_add(&t->answered, 1);
}

static void *read_all(void *arg)
{
	struct traffic *t = arg;
	struct pollfd pfds[3] = {
		{ .fd = t->out.far.fd, .events = POLLIN },
		{ .fd = t->in.far.fd, .events = POLLIN },
		{ .fd = t->app, .events = POLLIN },
	};
	uint8_t byte;

	while (!atomic_load(&t->stop)) {
		if (poll(pfds, 3, 50) <= 0)
			continue;
		if (pfds[0].revents)
			read_out(t);
		/* Reading clears an ICMP error, too. */
		if (pfds[1].revents)
			recv(t->in.far.fd, &byte, 1, MSG_DONTWAIT);
		if (pfds[2].revents & POLLNVAL)
			pfds[2].fd = -1;
		else if (pfds[2].revents)
			read_app(t);
	}
	return NULL;
}

static void start(struct traffic *t, void *(*run)(void *))
{
	if (pthread_create(&t->threads[t->n_threads++], NULL, run, t))
		kt_bail("no thread");
}

void traffic_start(struct traffic *t, const struct rig *r, const struct leg *in,
		   const struct leg *out)
{
	memset(t, 0, sizeof(*t));
	t->app = r->app;
	t->in = *in;
	t->out = *out;
	start(t, send_in);
	start(t, read_all);
	if (r->app >= 0)
		start(t, send_out);
}

#define MORE	200

static unsigned long tried(struct traffic *t)
{
	return atomic_load(&t->said) + atomic_load(&t->failed);
}

bool traffic_flows(struct traffic *t)
{
	unsigned long sent = atomic_load(&t->sent), said = tried(t);

	return kt_wait_until(atomic_load(&t->sent) >= sent + MORE &&
			     (t->app < 0 || tried(t) >= said + MORE), RIG_WAIT);
}

bool traffic_passes(struct traffic *t)
{
	unsigned long relayed = atomic_load(&t->relayed), answered = atomic_load(&t->answered);

	if (kt_wait_until(atomic_load(&t->relayed) >= relayed + MORE / 4 &&
			  (t->app < 0 || atomic_load(&t->answered) >= answered + MORE / 4),
			  RIG_WAIT))
		return true;
	kt_note("%lu sent, %lu relayed; %lu said, %lu not, %lu answered",
		atomic_load(&t->sent), atomic_load(&t->relayed), atomic_load(&t->said),
		atomic_load(&t->failed), atomic_load(&t->answered));
	return false;
}

void traffic_key_roc(const struct traffic *t, struct rig_key *k)
{
	rig_key_roc(k, atomic_load(&t->index) >> 16);
}

void traffic_stop(struct traffic *t)
{
	atomic_store(&t->stop, true);
	while (t->n_threads)
		pthread_join(t->threads[--t->n_threads], NULL);
}
