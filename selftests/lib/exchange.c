// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets between ksrtp's endpoint mode and another implementation. */
#include "exchange.h"

/* So many are in a socket buffer at once */
#define BURST	64
/* Bytes of a packet before it is protected */
#define PLAIN	1700

struct exchange_seen exchange_seen;

static uint8_t wires[EXCHANGE_MAX][2048];

/* ---- one packet ---- */

/* Elements of four bytes with the identifiers 1, 2, 3...; word @pad is padding instead */
static void fill_extension(uint8_t *ext, unsigned int words, bool two_byte, unsigned int pad)
{
	unsigned int i;

	ref_put16(ext, two_byte ? 0x1000 : 0xbede);
	for (i = 0; i < words; i++) {
		uint8_t *element = ext + 4 + 4 * i;

		if (i == pad) {
			memset(element, 0, 4);
		} else if (two_byte) {
			element[0] = i + 1;
			element[1] = 2;
		} else {
			element[0] = (i + 1) << 4 | 2;
		}
	}
}

static int build_rtp(const struct exchange *x, unsigned int i, uint8_t *out)
{
	static const size_t sizes[] = { 20, 160, 172, 1, 0, 15, 16, 17, 1150, 960 };
	struct ref_rtp rtp = {
		.pt = 96 + i % 3,
		.marker = i % 5 == 0,
		.seq = x->first + i * (x->step ?: 1),
		.timestamp = i,
		.ssrc = EXCHANGE_SSRC,
		.csrc_count = i % 6 == 5 ? i % 16 : 0,
		.extension = x->enc_ext || i % 3 == 0,
		.ext_words = x->enc_ext ? 4 + i % 2 : i % 4,
		.padding = i % 7 == 6 ? 1 + i % 9 : 0,
		.payload_len = sizes[i % ARRAY_SIZE(sizes)],
		.fill = i << 8 | 0x55,
	};
	int len = ref_rtp_build(&rtp, out);
	unsigned int pad = UINT32_MAX;

	if (x->enc_ext)
		pad = x->padded ? 1 : rtp.ext_words - 1;
	if (rtp.extension)
		fill_extension(out + 12 + 4 * rtp.csrc_count, rtp.ext_words, i % 2, pad);
	return len;
}

int exchange_build(const struct exchange *x, unsigned int i, void *out)
{
	if (!x->rtcp)
		return build_rtp(x, i, out);
	return x->reduced ? ref_rtcp_nack(out, EXCHANGE_SSRC, ~EXCHANGE_SSRC, i, i) :
			    rig_rtcp(out, EXCHANGE_SSRC, i);
}

/* The number of a packet that may be any */
static unsigned int number(const struct exchange *x, const uint8_t *pkt, int len)
{
	if (len < (x->rtcp && x->reduced ? 14 : 12))
		return UINT32_MAX;
	if (!x->rtcp)
		return ref_get32(pkt + 4);
	return x->reduced ? ref_get16(pkt + 12) : ref_get32(pkt + 8) ^ ~EXCHANGE_SSRC;
}

static uint64_t index_of(const struct exchange *x, unsigned int i)
{
	return ref_index(x->roc, x->first) + (uint64_t)i * (x->step ?: 1);
}

/* ---- what arrives ---- */

static bool seen[EXCHANGE_MAX];

static void judge(const struct exchange *x, struct interop *row, const uint8_t *pkt, int len)
{
	unsigned int i = number(x, pkt, len);
	uint8_t want[PLAIN];

	if (i >= x->packets || seen[i] || exchange_build(x, i, want) != len ||
	    memcmp(want, pkt, len)) {
		row->differ++;
		return;
	}
	seen[i] = true;
	row->arrived++;
}

/* ---- the way ---- */

struct way {
	unsigned int packet;
	unsigned int when;
};

static int by_time(const void *a, const void *b)
{
	const struct way *one = a, *other = b;

	return one->when < other->when ? -1 : one->when > other->when;
}

static bool is_lost(const struct exchange *x, unsigned int i)
{
	if (x->join && i < x->packets / 2)
		return true;
	if (x->unheard && index_of(x, i) >> 16 == x->roc)
		return true;
	return x->loss && (i % 10 == 7 || (i >= x->packets / 2 && i < x->packets / 2 + 20));
}

/* Packets in the order in which they arrive. Return: how many do */
static unsigned int plan(const struct exchange *x, struct way *way, struct interop *row)
{
	unsigned int i, n = 0;

	for (i = 0; i < x->packets; i++) {
		unsigned int when = 2 * (x->reorder ? i ^ 7 : i);

		if (is_lost(x, i)) {
			row->dropped++;
			continue;
		}
		if (x->late && i % 11 == 3)
			when += 2 * x->late + 1;
		way[n++] = (struct way){ i, when };
		if (x->twice)
			way[n++] = (struct way){ i, when + (i % 2 ? 0 : 81) };
	}
	qsort(way, n, sizeof(*way), by_time);
	return n;
}

/* A datagram behind those under way: what is not here before it does not come */
static int marker(uint8_t *out)
{
	static uint32_t markers = 0xe0000000;

	return rig_other(out, markers++);
}

/* Return: its length, 0 when it is the marker */
static int next(int fd, const uint8_t *mark, int mark_len, uint8_t *pkt, size_t size)
{
	int len = rig_recv(fd, pkt, size);

	if (len < 0)
		kt_bail("a datagram that is neither RTP nor RTCP does not arrive");
	return len == mark_len && !memcmp(pkt, mark, len) ? 0 : len;
}

/* ---- the peer sends ---- */

static void deliver(struct rig *r, const struct rig_far *f, const struct exchange *x,
		    const struct way *way, unsigned int n, struct interop *row)
{
	uint8_t mark[20], pkt[2048];
	int mark_len, len;

	while (n) {
		unsigned int burst = n < BURST ? n : BURST, i;

		for (i = 0; i < burst; i++)
			rig_far_send(f, wires[way[i].packet], exchange_seen.len[way[i].packet]);
		mark_len = marker(mark);
		rig_far_send(f, mark, mark_len);
		while ((len = next(r->app, mark, mark_len, pkt, sizeof(pkt))))
			judge(x, row, pkt, len);
		way += burst;
		n -= burst;
	}
}

static void protect_all(const struct exchange_peer *peer, void *ctx, const struct exchange *x)
{
	unsigned int i;

	for (i = 0; i < x->packets; i++) {
		int len = exchange_build(x, i, wires[i]);

		len = peer->protect(ctx, x, x->keys > 1 ? i % x->keys : 0, wires[i], len);
		if (len < 0)
			kt_bail("%s does not protect packet %u of %s: %d", peer->name, i,
				x->suite, len);
		exchange_seen.len[i] = len;
	}
}

/* ---- ksrtp sends ---- */

static void collect(struct rig *r, struct rig_far *f, unsigned int from, unsigned int to)
{
	uint8_t mark[20], pkt[2048];
	int mark_len = marker(mark), len;

	if (rig_app_send(r, f, mark, mark_len) != mark_len)
		kt_bail("what is no RTP is not sent");
	while ((len = next(f->fd, mark, mark_len, pkt, sizeof(pkt)))) {
		if (from == to)
			kt_bail("more packets leave than were sent");
		memcpy(wires[from], pkt, len);
		exchange_seen.len[from++] = len;
	}
	for (; from < to; from++)
		exchange_seen.len[from] = 0;
}

/* What ksrtp refuses is no packet that arrives, and no reason to leave others out */
static bool add_key(struct rig *r, struct rig_far *f, enum ksrtp_dir dir, const struct rig_key *k)
{
	if (!rig_key_try(r, f->id, dir, k))
		return true;
	kt_note("key add: %s", ksrtp_error(r->h));
	return false;
}

static bool send_all(struct rig *r, struct rig_far *f, const struct exchange *x)
{
	unsigned int i, from = 0, n_keys = x->keys ?: 1, key = 0;
	uint8_t pkt[PLAIN];

	for (i = 0; i < x->packets; i++) {
		int len = exchange_build(x, i, pkt), n;

		if (i == key * x->packets / n_keys && key < n_keys) {
			struct rig_key k = exchange_seen.keys[key];

			if (key++)
				KSRTP_SET(&k.key, KSRTP_A_KEY_ROC_MODE, roc_mode,
					  KSRTP_ROC_MODE_KEEP);
			else if (x->roc)
				rig_key_roc(&k, x->roc);
			if (!add_key(r, f, KSRTP_DIR_TX, &k))
				return false;
		}
		n = rig_app_send(r, f, pkt, len);
		if (n != len)
			kt_bail("ksrtp does not send packet %u: %s", i, strerror(-n));
		if (i - from + 1 == BURST) {
			collect(r, f, from, i + 1);
			from = i + 1;
		}
	}
	collect(r, f, from, x->packets);
	return true;
}

static void open_all(const struct exchange_peer *peer, void *ctx, const struct exchange *x,
		     const struct way *way, unsigned int n, struct interop *row)
{
	uint8_t pkt[2048];

	for (; n; n--, way++) {
		int len = exchange_seen.len[way->packet];

		if (!len)
			continue;
		memcpy(pkt, wires[way->packet], len);
		len = peer->unprotect(ctx, x, pkt, len);
		if (len >= 0)
			judge(x, row, pkt, len);
		else if (!exchange_seen.refused++)
			exchange_seen.error = len;
	}
}

/* ---- an exchange ---- */

static void make_keys(const struct exchange *x)
{
	unsigned int i, n_keys = x->keys ?: 1;
	static const uint8_t ids[] = { 1, 3 };
	static unsigned int seed = 1000;
	uint8_t mki[KSRTP_MAX_MKI];

	for (i = 0; i < n_keys; i++) {
		struct rig_key *k = &exchange_seen.keys[i];

		rig_hbh(k, x->suite, seed++);
		memset(mki, 0x3c, sizeof(mki));
		if (x->mki_len) {
			mki[x->mki_len - 1] = i + 1;
			rig_mki(k, mki, x->mki_len);
		}
		if (x->enc_ext) {
			memcpy(k->key.enc_ext, ids, sizeof(ids));
			KSRTP_SET(&k->key, KSRTP_A_KEY_ENC_EXT, enc_ext_len, sizeof(ids));
			ref_ctx_enc_ext(&k->hbh, ids, sizeof(ids));
		}
	}
}

/* The ROC of the first packet that a receiver is given */
static uint32_t receiver_roc(const struct exchange *x)
{
	return x->join ? index_of(x, x->packets / 2) >> 16 : x->roc;
}

static bool add_rx_keys(struct rig *r, struct rig_far *f, const struct exchange *x)
{
	unsigned int i, n_keys = x->keys ?: 1;

	for (i = 0; i < n_keys; i++) {
		struct rig_key k = exchange_seen.keys[i];

		if (receiver_roc(x))
			rig_key_roc(&k, receiver_roc(x));
		if (x->window)
			rig_key_window(&k, x->window);
		if (x->plain_rtcp)
			KSRTP_SET(&k.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
		if (!add_key(r, f, KSRTP_DIR_RX, &k))
			return false;
	}
	return true;
}

static void peer_sends(struct rig *r, struct rig_far *f, const struct exchange_peer *peer,
		       const struct exchange *x, const struct way *way, unsigned int n,
		       struct interop *row)
{
	void *ctx = peer->open(x, exchange_seen.keys, x->roc);
	struct ksrtp_stats before, after;

	protect_all(peer, ctx, x);
	peer->close(ctx);
	if (!add_rx_keys(r, f, x))
		return;
	rig_stats(r, &before);
	deliver(r, f, x, way, n, row);
	rig_stats(r, &after);
	exchange_seen.dropped = after.drops.count[KSRTP_A_DROPS_AUTH] -
				before.drops.count[KSRTP_A_DROPS_AUTH];
}

static void peer_receives(struct rig *r, struct rig_far *f, const struct exchange_peer *peer,
			  const struct exchange *x, const struct way *way, unsigned int n,
			  struct interop *row)
{
	void *ctx = peer->open(x, exchange_seen.keys, receiver_roc(x));
	unsigned int i;

	for (i = 0; x->plain_rtcp && i < (x->keys ?: 1); i++)
		KSRTP_SET(&exchange_seen.keys[i].key, KSRTP_A_KEY_TX_PLAIN_RTCP,
			  tx_plain_rtcp, 1);
	if (send_all(r, f, x))
		open_all(peer, ctx, x, way, n, row);
	peer->close(ctx);
}

static void name_row(const struct exchange_peer *peer, const struct exchange *x,
		     struct interop *row)
{
	static char options[200];

	row->peer = peer->name;
	row->version = peer->version;
	row->suite = x->suite;
	row->role = x->sends ? INTEROP_SENDS : INTEROP_RECEIVES;
	row->kind = x->rtcp ? INTEROP_SRTCP : INTEROP_SRTP;
	if (!row->options)
		row->options = exchange_options(x, options, sizeof(options));
}

void exchange_run(struct rig *r, const struct exchange_peer *peer, const struct exchange *x,
		  struct interop *row)
{
	static struct way way[2 * EXCHANGE_MAX];
	struct ksrtp_suite_info info;
	struct rig_far f;
	unsigned int n;

	if (x->packets > EXCHANGE_MAX || x->keys > EXCHANGE_MAX_KEYS)
		kt_bail("an exchange of %u packets with %u keys is too large", x->packets, x->keys);
	if (!row->peer)
		name_row(peer, x, row);
	memset(seen, 0, sizeof(seen));
	memset(&exchange_seen, 0, sizeof(exchange_seen));
	exchange_seen.wire = wires;
	row->packets += x->packets;
	n = plan(x, way, row);
	if (ksrtp_suite_lookup(x->suite, &info)) {
		kt_note("ksrtp has no suite %s", x->suite);
		return;
	}
	make_keys(x);
	rig_far(r, &f, "127.0.0.1");
	if (x->sends)
		peer_sends(r, &f, peer, x, way, n, row);
	else
		peer_receives(r, &f, peer, x, way, n, row);
	rig_far_close(r, &f);
}

static __printf(3, 4) void word(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	if (used)
		used += snprintf(buf + used, size - used, ",");
	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

const char *exchange_options(const struct exchange *x, char *buf, size_t size)
{
	unsigned int wraps = x->rtcp ? 0 : (index_of(x, x->packets - 1) >> 16) - x->roc;

	*buf = '\0';
	if (x->mki_len)
		word(buf, size, "mki:%u", x->mki_len);
	if (x->keys > 1)
		word(buf, size, "keys:%u", x->keys);
	if (x->roc)
		word(buf, size, "roc:%u", x->roc);
	if (x->window)
		word(buf, size, "window:%u", x->window);
	if (wraps == 1)
		word(buf, size, "wrap");
	if (wraps > 1)
		word(buf, size, "wraps:%u", wraps);
	if (x->enc_ext)
		word(buf, size, "enc-ext");
	if (x->padded)
		word(buf, size, "padding-between");
	if (x->reduced)
		word(buf, size, "reduced");
	if (x->plain_rtcp)
		word(buf, size, "plain-rtcp");
	if (x->reorder)
		word(buf, size, "reorder");
	if (x->loss)
		word(buf, size, "loss");
	if (x->twice)
		word(buf, size, "replayed");
	if (x->late)
		word(buf, size, "late:%u", x->late * (x->step ?: 1));
	if (x->join)
		word(buf, size, "late-join");
	if (x->unheard)
		word(buf, size, "first-lost-at-wrap");
	return buf;
}
