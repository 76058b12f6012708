// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp against another implementation, which is two functions here. */
#include "codec.h"

/* Packets that trade places; the wrap is where one such block ends */
#define BLOCK		8
/* Every so manieth packet is kept back */
#define LOSS		16
/* Milliseconds for a packet once one has been lost */
#define LITTLE		2

struct packet {
	uint8_t data[CODEC_SIZE];
	int len;
};

static struct packet plain[CODEC_PACKETS], wire[CODEC_PACKETS];

unsigned int codec_order(const struct codec_case *c, unsigned int *order)
{
	/* No block straddles the wrap, or one does with half its packets on each side. */
	unsigned int shift = c->over_wrap ? BLOCK / 2 : 0;
	unsigned int i, n = 0;

	for (i = 0; i < CODEC_PACKETS; i++) {
		unsigned int at = i, block = (i + shift) / BLOCK * BLOCK;

		/* Backwards in every second block, but the very first packet stays first. */
		if (block >= BLOCK && block + BLOCK <= CODEC_PACKETS && block / BLOCK % 2)
			at = block - shift + BLOCK - 1 - (i + shift) % BLOCK;
		if (at % LOSS != LOSS - 1)
			order[n++] = at;
	}
	return n;
}

unsigned int codec_late_over_wrap(const struct codec_case *c)
{
	unsigned int order[CODEC_PACKETS], n = codec_order(c, order), i, late = 0;
	const unsigned int wrap = 65536 - CODEC_FIRST;
	bool over = false;

	for (i = 0; i < n; i++) {
		over |= order[i] >= wrap;
		late += over && order[i] < wrap;
	}
	return late;
}

static int build_rtp(uint32_t ssrc, unsigned int i, uint8_t *out)
{
	static const size_t sizes[] = { 160, 0, 1, 15, 16, 17, 172, 1100 };
	struct ref_rtp rtp = {
		.pt = 96,
		.marker = i % 5 == 0,
		.seq = CODEC_FIRST + i,
		.timestamp = 160 * i,
		.ssrc = ssrc,
		.csrc_count = i % 3 == 2 ? i % 16 : 0,
		.extension = i % 4 == 1,
		.ext_words = i % 4 == 1 ? i % 7 : 0,
		.padding = i % 11 == 10 ? 4 : 0,
		.payload_len = sizes[i % ARRAY_SIZE(sizes)],
		.fill = i,
	};

	return ref_rtp_build(&rtp, out);
}

int codec_build(bool rtcp, uint32_t ssrc, unsigned int i, uint8_t *out)
{
	return rtcp ? rig_rtcp(out, ssrc, i) : build_rtp(ssrc, i, out);
}

static void build(bool rtcp)
{
	unsigned int i;

	for (i = 0; i < CODEC_PACKETS; i++)
		plain[i].len = codec_build(rtcp, CODEC_SSRC, i, plain[i].data);
}

/* One datagram; not waited for once one has failed to come */
static int receive(int fd, bool lost, uint8_t *buf)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (lost && poll(&pfd, 1, LITTLE * kt_slow()) <= 0)
		return -ETIMEDOUT;
	return rig_recv(fd, buf, CODEC_SIZE);
}

struct run {
	const struct codec_case *c;
	struct rig r;
	struct rig_far far;
	void *ctx;
	unsigned int order[CODEC_PACKETS], n;
	struct interop row;
};

static void tally(struct run *run, unsigned int i, const uint8_t *got, int len)
{
	if (len < 0)
		return;
	run->row.arrived++;
	run->row.differ += len != plain[i].len || memcmp(got, plain[i].data, len);
}

/* The peer protects all of it in order, the wire shuffles it, an application reads it. */
static void peer_sends(struct run *run, bool rtcp)
{
	uint8_t got[CODEC_SIZE];
	unsigned int k;
	bool lost = false;

	for (k = 0; k < CODEC_PACKETS; k++) {
		wire[k].len = -1;
		if (lost)
			continue;
		wire[k].len = run->c->ops->seal(run->ctx, rtcp, plain[k].data, plain[k].len,
						wire[k].data);
		lost = wire[k].len < 0;
		if (lost)
			kt_note("packet %u is not protected, nor are those after it", k);
	}
	for (k = 0; k < run->n; k++) {
		const struct packet *w = &wire[run->order[k]];

		if (w->len < 0)
			continue;
		rig_far_send(&run->far, w->data, w->len);
		tally(run, run->order[k], got, receive(run->r.app, run->row.arrived < k, got));
	}
}

/* An application writes all of it in order, the wire shuffles it, the peer opens it. */
static void peer_receives(struct run *run, bool rtcp)
{
	uint8_t got[CODEC_SIZE];
	unsigned int k;
	bool lost = false;

	for (k = 0; k < CODEC_PACKETS; k++) {
		int n = rig_app_send(&run->r, &run->far, plain[k].data, plain[k].len);

		if (n < 0)
			kt_note("packet %u cannot be sent: %s", k, strerror(-n));
		wire[k].len = n < 0 ? n : receive(run->far.fd, lost, wire[k].data);
		lost |= wire[k].len < 0;
	}
	for (k = 0; k < run->n; k++) {
		const struct packet *w = &wire[run->order[k]];
		int patience = run->row.arrived < k ? LITTLE : RIG_WAIT;

		if (w->len < 0)
			continue;
		tally(run, run->order[k], got,
		      run->c->ops->open(run->ctx, rtcp, w->data, w->len, patience * kt_slow(),
					got));
	}
}

/* A known bug explains a row if just what it does was seen. */
static void explain(struct run *run, enum codec_role role, bool rtcp)
{
	struct codec_bug bug = { 0 };

	if (run->c->ops->known)
		run->c->ops->known(run->c, role, rtcp, &bug);
	if (bug.what && run->row.arrived == bug.arrived && !run->row.differ)
		run->row.bug = bug.what;
}

static void run_kind(struct run *run, enum codec_role role, bool rtcp, const char *options)
{
	const struct codec_case *c = run->c;

	run->row = (struct interop){
		.peer = c->ops->name,
		.version = c->ops->version,
		.suite = c->peer_suite ? c->peer_suite : c->suite,
		.role = role == CODEC_SENDS ? INTEROP_SENDS : INTEROP_RECEIVES,
		.kind = rtcp ? INTEROP_SRTCP : INTEROP_SRTP,
		.options = options,
		.packets = CODEC_PACKETS,
		.dropped = CODEC_PACKETS - run->n,
	};
	build(rtcp);
	if (role == CODEC_SENDS)
		peer_sends(run, rtcp);
	else
		peer_receives(run, rtcp);
	explain(run, role, rtcp);
	interop_result(&run->row);
}

static void run_role(const struct codec_case *c, enum codec_role role, uint32_t seed)
{
	struct run run = { .c = c };
	struct rig_key key;
	char options[160];

	run.n = codec_order(c, run.order);
	rig_hbh(&key, c->suite, seed);
	if (c->mki_len)
		rig_mki(&key, c->mki, c->mki_len);
	if (c->roc)
		rig_key_roc(&key, c->roc);
	rig_open(&run.r, "127.0.0.1");
	rig_far(&run.r, &run.far, "127.0.0.1");
	rig_key(&run.r, run.far.id, role == CODEC_SENDS ? KSRTP_DIR_RX : KSRTP_DIR_TX, &key);
	run.ctx = role == CODEC_SENDS ? c->ops->sender(c, &key.key) :
					c->ops->receiver(c, &key.key);
	snprintf(options, sizeof(options), "reorder,loss,wrap%s%s", c->options ? "," : "",
		 c->options ? c->options : "");
	run_kind(&run, role, false, options);
	/* What wraps is the sequence number, and SRTCP has none. */
	snprintf(options, sizeof(options), "reorder,loss%s%s", c->options ? "," : "",
		 c->options ? c->options : "");
	run_kind(&run, role, true, options);
	c->ops->stop(run.ctx);
	rig_far_close(&run.r, &run.far);
	rig_close(&run.r);
}

void codec_run(const struct codec_case *c)
{
	static uint32_t seed = 100;

	run_role(c, CODEC_SENDS, seed++);
	run_role(c, CODEC_RECEIVES, seed++);
}

void codec_lacks(const struct codec_ops *ops, const char *suite, const char *option,
		 const char *why)
{
	struct interop row = {
		.peer = ops->name,
		.version = ops->version,
		.suite = suite,
		.options = option,
		.kind = INTEROP_SRTP,
	};

	row.role = INTEROP_SENDS;
	interop_cannot(&row, why);
	row.role = INTEROP_RECEIVES;
	interop_cannot(&row, why);
}
