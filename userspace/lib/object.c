// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The objects: which attribute is which member, as rows from which requests
 * are built and answers read; and the operations on them.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "internal.h"

/* ---- rows ---------------------------------------------------------------- */

#define SIZE_OF(type, member)	sizeof(((type *)0)->member)

#define ROW(type, set, name, kind_, member)				\
	{ .attr = KSRTP_A_##set##_##name, .bit = KSRTP_A_##set##_##name,	\
	  .kind = KSRTP__##kind_, .offset = offsetof(type, member),		\
	  .size = SIZE_OF(type, member) }
#define ROW_WITH(type, set, name, with, kind_, member)			\
	{ .attr = KSRTP_A_##set##_##name, .bit = KSRTP_A_##set##_##with,	\
	  .kind = KSRTP__##kind_, .offset = offsetof(type, member),		\
	  .size = SIZE_OF(type, member) }
#define ROW_BYTES(type, set, name, member)				\
	{ .attr = KSRTP_A_##set##_##name, .bit = KSRTP_A_##set##_##name,	\
	  .kind = KSRTP__BYTES, .offset = offsetof(type, member),		\
	  .size = SIZE_OF(type, member), .len_offset = offsetof(type, member##_len) }

#define ROW_MANY(type, set, name, member)				\
	{ .attr = KSRTP_A_##set##_##name, .bit = KSRTP_A_##set##_##name,	\
	  .kind = KSRTP__MANY_BYTES, .offset = offsetof(type, member),		\
	  .size = SIZE_OF(type, member), .len_offset = offsetof(type, member##_len) }

#define OBJECT(type, rows)						\
	{ .fields = (rows), .n_fields = ARRAY_SIZE(rows), .size = sizeof(type) }

#define F(name, kind, member)	ROW(struct ksrtp_sock, SOCK, name, kind, member)
static const struct ksrtp__field sock_fields[] = {
	F(ID, U32, id),
	F(FD, U32, fd),
	F(ADDR, BYTES, addr.ip),
	ROW_WITH(struct ksrtp_sock, SOCK, PORT, ADDR, BE16, addr.port),
	ROW_WITH(struct ksrtp_sock, SOCK, SCOPE, ADDR, U32, addr.scope),
	F(UNMATCHED, U8, unmatched),
	F(OWNED, U8, owned),
	F(INODE, U64, inode),
	F(PEERS, U32, peers),
};

#undef F
static const struct ksrtp__object sock_object = OBJECT(struct ksrtp_sock, sock_fields);

#define F(name, kind, member)	ROW(struct ksrtp_peer, PEER, name, kind, member)
static const struct ksrtp__field peer_fields[] = {
	F(ID, U32, id),
	F(SOCK, U32, sock),
	F(REMOTE_ADDR, BYTES, remote.ip),
	ROW_WITH(struct ksrtp_peer, PEER, REMOTE_PORT, REMOTE_ADDR, BE16, remote.port),
	ROW_WITH(struct ksrtp_peer, PEER, REMOTE_SCOPE, REMOTE_ADDR, U32, remote.scope),
	F(LOCAL_ADDR, BYTES, local.ip),
	F(ROAM, U8, roam),
	F(MAX_STREAMS, U32, max_streams),
	F(RX_STREAMS, U32, rx_streams),
	F(TX_STREAMS, U32, tx_streams),
	F(TOMBSTONES, U32, tombstones),
	F(DROPS, DROPS, drops),
};

#undef F
static const struct ksrtp__object peer_object = OBJECT(struct ksrtp_peer, peer_fields);

#define F(name, kind, member)	ROW(struct ksrtp_key, KEY, name, kind, member)
#define BYTES(name, member)	ROW_BYTES(struct ksrtp_key, KEY, name, member)
static const struct ksrtp__field key_fields[] = {
	F(PEER, U32, peer),
	F(DIR, U8, dir),
	F(LAYER, U8, layer),
	F(SSRC, U32, ssrc),
	F(SUITE, U16, suite),
	BYTES(MKI, mki),
	BYTES(MASTER_KEY, master_key),
	BYTES(MASTER_SALT, master_salt),
	BYTES(RTCP_MASTER_KEY, rtcp_master_key),
	BYTES(RTCP_MASTER_SALT, rtcp_master_salt),
	F(ROC_MODE, U8, roc_mode),
	F(ROC, U32, roc),
	F(SRTCP_INDEX, U32, srtcp_index),
	F(WINDOW, U32, window),
	F(SOFT_LIMIT, U64, soft_limit),
	F(HARD_LIMIT, U64, hard_limit),
	F(ALLOW_PLAIN_RTCP, U8, allow_plain_rtcp),
	F(TX_PLAIN_RTCP, U8, tx_plain_rtcp),
	F(IV, U8, iv),
	F(MI, U8, mi),
	BYTES(MI_KEY, mi_key),
	F(MI_LEN, U8, mi_len),
	F(MI_VERIFY, U8, mi_verify),
	BYTES(FINGERPRINT, fingerprint),
	F(PACKETS, U64, packets),
	F(EXPIRED, U8, expired),
	F(FROM_SEQ, U16, from_seq),
	F(CRYPTEX, U8, cryptex),
	BYTES(ENC_EXT, enc_ext),
	F(RCC, U16, rcc),
	F(OUTER_ONLY, U8, outer_only),
};

#undef BYTES
#undef F
static const struct ksrtp__object key_object = OBJECT(struct ksrtp_key, key_fields);

#define F(name, kind, member)	ROW(struct ksrtp_out, OUT, name, kind, member)
static const struct ksrtp__field out_fields[] = {
	F(PEER, U32, peer),
	F(REWRITE_SSRC, U32, rewrite_ssrc),
	F(REWRITE_PT_OLD, U8, rewrite_pt_old),
	F(REWRITE_PT_NEW, U8, rewrite_pt_new),
};

#undef F
static const struct ksrtp__object out_object = OBJECT(struct ksrtp_out, out_fields);

#define F(name, kind, member)	ROW(struct ksrtp_route, ROUTE, name, kind, member)
static const struct ksrtp__field route_fields[] = {
	F(PEER, U32, peer),
	F(SSRC, U32, ssrc),
	F(RTCP, U8, rtcp),
	F(TO, U32, to),
};

#undef F
static const struct ksrtp__object route_object = OBJECT(struct ksrtp_route, route_fields);

#define F(name, kind, member)	ROW(struct ksrtp_stream, STREAM, name, kind, member)
static const struct ksrtp__field stream_fields[] = {
	F(PEER, U32, peer),
	F(DIR, U8, dir),
	F(SSRC, U32, ssrc),
	F(LAYER, U8, layer),
	F(SUITE, U16, suite),
	ROW_BYTES(struct ksrtp_stream, STREAM, MKI, mki),
	F(ROC, U32, roc),
	F(HIGHEST_SEQ, U16, highest_seq),
	F(WINDOW, U32, window),
	F(PACKETS, U64, packets),
	F(BYTES, U64, bytes),
	F(RTCP_PACKETS, U64, rtcp_packets),
	F(RTCP_BYTES, U64, rtcp_bytes),
	F(SRTCP_INDEX, U32, srtcp_index),
	F(IDLE_MS, U64, idle_ms),
	F(DROPS, DROPS, drops),
};

#undef F
static const struct ksrtp__object stream_object = OBJECT(struct ksrtp_stream, stream_fields);

#define F(name, kind, member)	ROW(struct ksrtp_state, STATE, name, kind, member)
static const struct ksrtp__field state_fields[] = {
	F(PEER, U32, peer),
	F(DIR, U8, dir),
	F(LAYER, U8, layer),
	F(SSRC, U32, ssrc),
	F(ANY, U8, any),
	F(SUITE, U16, suite),
	ROW_BYTES(struct ksrtp_state, STATE, MKI, mki),
	ROW_BYTES(struct ksrtp_state, STATE, FINGERPRINT, fingerprint),
	F(TOMBSTONE, U8, tombstone),
	F(WINDOW, U32, window),
	F(INDEX, U64, index),
	F(STARTED, U8, started),
	F(FLOOR, U64, floor),
	ROW_MANY(struct ksrtp_state, STATE, BITS, bits),
	F(RTCP_WINDOW, U32, rtcp_window),
	F(RTCP_INDEX, U32, rtcp_index),
	F(RTCP_STARTED, U8, rtcp_started),
	F(RTCP_FLOOR, U32, rtcp_floor),
	ROW_MANY(struct ksrtp_state, STATE, RTCP_BITS, rtcp_bits),
	F(SRTCP_NEXT, U32, srtcp_next),
	F(PACKETS, U64, packets),
	F(RTCP_PACKETS, U64, rtcp_packets),
	F(EXTENDED, U64, extended),
	F(MAPPED, U64, mapped),
	F(SWITCHED, U8, switched),
	F(CHECK, U8, check),
	F(TX_SKIP, U32, tx_skip),
};

#undef F
static const struct ksrtp__object state_object = OBJECT(struct ksrtp_state, state_fields);

#define F(name, kind, member)	ROW(struct ksrtp_stats, STATS, name, kind, member)
static const struct ksrtp__field stats_fields[] = {
	F(RX_PACKETS, U64, rx_packets),
	F(RX_BYTES, U64, rx_bytes),
	F(RX_RTCP_PACKETS, U64, rx_rtcp_packets),
	F(TX_PACKETS, U64, tx_packets),
	F(TX_BYTES, U64, tx_bytes),
	F(TX_RTCP_PACKETS, U64, tx_rtcp_packets),
	F(RELAYED_PACKETS, U64, relayed_packets),
	F(DELIVERED_PACKETS, U64, delivered_packets),
	F(OTHER_PACKETS, U64, other_packets),
	F(PASSED_PACKETS, U64, passed_packets),
	F(SOCKS, U32, socks),
	F(PEERS, U32, peers),
	F(KEYS, U32, keys),
	F(ROUTES, U32, routes),
	F(STREAMS, U32, streams),
	F(DROPS, DROPS, drops),
};

#undef F
static const struct ksrtp__object stats_object = OBJECT(struct ksrtp_stats, stats_fields);

#define F(name, kind, member)	ROW(struct ksrtp_notice, NOTICE, name, kind, member)
static const struct ksrtp__field notice_fields[] = {
	F(EVENT, U8, event),
	F(SOCK, U32, sock),
	F(PEER, U32, peer),
	F(DIR, U8, dir),
	F(LAYER, U8, layer),
	F(SSRC, U32, ssrc),
	F(ADDR, BYTES, addr.ip),
	ROW_WITH(struct ksrtp_notice, NOTICE, PORT, ADDR, BE16, addr.port),
	F(SUPPRESSED, U32, suppressed),
	F(COUNT, U32, count),
	F(ROC, U32, roc),
};

#undef F
const struct ksrtp__object ksrtp__notice_object = OBJECT(struct ksrtp_notice, notice_fields);

/* ---- building and reading by rows ---------------------------------------- */

/* Every object begins with has. */
static uint64_t *has_of(void *obj)
{
	return obj;
}

static size_t bytes_len(const struct ksrtp__field *f, const char *obj)
{
	uint32_t many;

	if (f->kind == KSRTP__MANY_BYTES) {
		memcpy(&many, obj + f->len_offset, sizeof(many));
		return many;
	}
	return f->len_offset ? (uint8_t)obj[f->len_offset] : f->size;
}

static void put_field(struct ksrtp_msg *m, const struct ksrtp__field *f, const char *obj)
{
	const char *member = obj + f->offset;
	size_t len = f->size;
	uint16_t be;

	switch (f->kind) {
	case KSRTP__DROPS:	/* answers only */
		return;
	case KSRTP__BE16:
		memcpy(&be, member, sizeof(be));
		be = htobe16(be);
		member = (const char *)&be;
		break;
	case KSRTP__BYTES:
	case KSRTP__MANY_BYTES:
		len = bytes_len(f, obj);
		if (len > f->size) {
			m->error = -EINVAL;
			return;
		}
		break;
	default:
		break;
	}
	ksrtp__msg_put(m, f->attr, member, len);
}

void ksrtp__put_object(struct ksrtp_msg *m, const struct ksrtp__object *o, const void *obj)
{
	const uint64_t has = *has_of((void *)obj);
	size_t i;

	for (i = 0; i < o->n_fields; i++) {
		if (has & KSRTP_BIT(o->fields[i].bit))
			put_field(m, &o->fields[i], obj);
	}
}

static const struct ksrtp__field *field_of(const struct ksrtp__object *o, uint16_t attr)
{
	size_t i;

	for (i = 0; i < o->n_fields; i++) {
		if (o->fields[i].attr == attr)
			return &o->fields[i];
	}
	return NULL;
}

static int get_drops(const struct nlattr *nest, struct ksrtp_drops *drops)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		const uint16_t reason = mnl_attr_get_type(attr);

		/* Reasons of a newer kernel are kept; they have a number as name. */
		if (reason >= ARRAY_SIZE(drops->count) || reason == KSRTP_A_DROPS_PAD)
			continue;
		if (mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
			return -EPROTO;
		drops->count[reason] = mnl_attr_get_u64(attr);
		drops->has |= KSRTP_BIT(reason);
	}
	return 0;
}

static int get_field(const struct ksrtp__field *f, const struct nlattr *attr, char *obj)
{
	const size_t len = mnl_attr_get_payload_len(attr);
	const uint32_t many = (uint32_t)len;
	char *member = obj + f->offset;
	uint16_t be;

	if (f->kind == KSRTP__DROPS)
		return get_drops(attr, (struct ksrtp_drops *)member);
	if (f->kind == KSRTP__BYTES && f->len_offset) {
		if (len > f->size)
			return -EPROTO;
		obj[f->len_offset] = (char)len;
	} else if (f->kind == KSRTP__MANY_BYTES) {
		if (len > f->size)
			return -EPROTO;
		memcpy(obj + f->len_offset, &many, sizeof(many));
	} else if (len != f->size) {
		return -EPROTO;
	}
	memcpy(member, mnl_attr_get_payload(attr), len);
	if (f->kind == KSRTP__BE16) {
		memcpy(&be, member, sizeof(be));
		be = be16toh(be);
		memcpy(member, &be, sizeof(be));
	}
	return 0;
}

/* Attributes of a newer kernel, without a row here, are passed over. */
int ksrtp__get_object(const struct ksrtp__object *o, const void *attrs, size_t len, void *obj)
{
	const struct nlattr *attr;
	int ret;

	memset(obj, 0, o->size);
	mnl_attr_for_each_payload(attrs, len) {
		const struct ksrtp__field *f = field_of(o, mnl_attr_get_type(attr));

		if (!f)
			continue;
		ret = get_field(f, attr, obj);
		if (ret)
			return ret;
		*has_of(obj) |= KSRTP_BIT(f->attr);
	}
	return 0;
}

/* ---- calls --------------------------------------------------------------- */

/* An answer of one message that is one object */
struct one {
	const struct ksrtp__object *object;
	void *obj;
	bool came;
};

static int take_one(const void *attrs, size_t len, void *arg)
{
	struct one *one = arg;

	one->came = true;
	return ksrtp__get_object(one->object, attrs, len, one->obj);
}

static int call(struct ksrtp_handle *h, uint8_t cmd, const struct ksrtp__object *o,
		const void *obj)
{
	struct ksrtp_msg m;

	ksrtp__msg_init(&m, h->family, 0, cmd);
	ksrtp__put_object(&m, o, obj);
	return ksrtp__call(h, &m, NULL, NULL);
}

/* @obj and @answer may be the same. */
static int call_for_one(struct ksrtp_handle *h, uint8_t cmd, const struct ksrtp__object *o,
			const void *obj, void *answer)
{
	struct one one = { .object = o, .obj = answer };
	struct ksrtp_msg m;
	int ret;

	ksrtp__msg_init(&m, h->family, 0, cmd);
	ksrtp__put_object(&m, o, obj);
	ret = ksrtp__call(h, &m, take_one, &one);
	if (!ret && !one.came)
		return ksrtp__fail(&h->err, -EPROTO, "the kernel did not answer the question");
	return ret;
}

/* The messages of a dump, kept until the whole of it is known to be good */
struct dump {
	char *data;
	size_t len;
	size_t size;
};

static int keep(const void *attrs, size_t len, void *arg)
{
	struct dump *d = arg;
	const size_t need = d->len + sizeof(len) + MNL_ALIGN(len);

	if (need > d->size) {
		size_t size = need * 2 > 65536 ? need * 2 : 65536;
		char *grown = realloc(d->data, size);

		if (!grown)
			return -ENOMEM;
		d->data = grown;
		d->size = size;
	}
	memcpy(d->data + d->len, &len, sizeof(len));
	memcpy(d->data + d->len + sizeof(len), attrs, len);
	d->len = (need + sizeof(len) - 1) & ~(sizeof(len) - 1);
	return 0;
}

#define DUMP_TRIES 32

static int dump_once(struct ksrtp_handle *h, uint8_t cmd, const struct ksrtp__object *o,
		     const void *filter, struct dump *d)
{
	struct ksrtp_msg m;
	int ret;

	d->len = 0;
	ksrtp__msg_init(&m, h->family, NLM_F_DUMP, cmd);
	ksrtp__put_object(&m, o, filter);
	ret = ksrtp__call(h, &m, keep, d);
	return ret == -ENOMEM ? ksrtp__fail(&h->err, ret, "out of memory") : ret;
}

/*
 * dump - @emit for each message of a dump
 *
 * With 100,000 streams a dump takes many messages, and objects come and go
 * meanwhile: the kernel marks such a dump (-EAGAIN here) and it is done anew.
 */
static int dump(struct ksrtp_handle *h, uint8_t cmd, const struct ksrtp__object *o,
		const void *filter, ksrtp__reply_cb emit, void *arg)
{
	struct dump d = { 0 };
	size_t at, len;
	int ret, tries;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		ret = dump_once(h, cmd, o, filter, &d);
		if (ret != -EAGAIN)
			break;
	}
	for (at = 0; !ret && at < d.len;
	     at = (at + sizeof(len) + MNL_ALIGN(len) + sizeof(len) - 1) & ~(sizeof(len) - 1)) {
		memcpy(&len, d.data + at, sizeof(len));
		ret = emit(d.data + at + sizeof(len), len, arg);
		if (ret == -EPROTO)
			ksrtp__fail(&h->err, ret, "the kernel's answer is malformed");
	}
	free(d.data);
	return ret;
}

/* ---- socks --------------------------------------------------------------- */

/* The answer of a -new operation is the id, whatever else the request held. */
static int sock_new(struct ksrtp_handle *h, struct ksrtp_sock *sock)
{
	struct ksrtp_sock answer;
	int ret = call_for_one(h, KSRTP_CMD_SOCK_NEW, &sock_object, sock, &answer);

	if (!ret)
		KSRTP_SET(sock, KSRTP_A_SOCK_ID, id, answer.id);
	return ret;
}

int ksrtp_sock_attach(struct ksrtp_handle *h, int fd, struct ksrtp_sock *sock)
{
	if (fd < 0)
		return ksrtp__fail(&h->err, -EBADF, "%s", strerror(EBADF));
	sock->has &= ~KSRTP_BIT(KSRTP_A_SOCK_ADDR);
	KSRTP_SET(sock, KSRTP_A_SOCK_FD, fd, (uint32_t)fd);
	return sock_new(h, sock);
}

int ksrtp_sock_attach_pid(struct ksrtp_handle *h, pid_t pid, int fd, struct ksrtp_sock *sock)
{
	int pidfd, copy, ret;

	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return ksrtp__fail(&h->err, -errno, "process %d: %s", (int)pid, strerror(errno));
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0 && errno == EBADF)
		ret = ksrtp__fail(&h->err, -EBADF, "process %d has no file descriptor %d",
				  (int)pid, fd);
	else if (copy < 0 && errno == EPERM)
		ret = ksrtp__fail(&h->err, -EPERM,
				  "file descriptor %d of process %d is out of reach: it takes the right to trace the process (CAP_SYS_PTRACE)",
				  fd, (int)pid);
	else if (copy < 0)
		ret = ksrtp__fail(&h->err, -errno, "file descriptor %d of process %d: %s",
				  fd, (int)pid, strerror(errno));
	else
		ret = ksrtp_sock_attach(h, copy, sock);
	if (copy >= 0)
		close(copy);
	close(pidfd);
	return ret;
}

int ksrtp_sock_open(struct ksrtp_handle *h, struct ksrtp_sock *sock)
{
	sock->has &= ~KSRTP_BIT(KSRTP_A_SOCK_FD);
	return sock_new(h, sock);
}

int ksrtp_sock_set(struct ksrtp_handle *h, const struct ksrtp_sock *sock)
{
	return call(h, KSRTP_CMD_SOCK_SET, &sock_object, sock);
}

/*
 * A request without an id empties the namespace, so an id that is 0 (a
 * variable never set) must not become one.
 */
static int no_id(struct ksrtp_handle *h, const char *object)
{
	return ksrtp__fail(&h->err, -EINVAL, "%s ids begin with 1", object);
}

int ksrtp_sock_del(struct ksrtp_handle *h, uint32_t id)
{
	struct ksrtp_sock sock = { .has = KSRTP_BIT(KSRTP_A_SOCK_ID), .id = id };

	if (!id)
		return no_id(h, "sock");
	return call(h, KSRTP_CMD_SOCK_DEL, &sock_object, &sock);
}

int ksrtp_sock_flush(struct ksrtp_handle *h)
{
	struct ksrtp_sock none = { 0 };

	return call(h, KSRTP_CMD_SOCK_DEL, &sock_object, &none);
}

int ksrtp_sock_get(struct ksrtp_handle *h, uint32_t id, struct ksrtp_sock *sock)
{
	struct ksrtp_sock ask = { .has = KSRTP_BIT(KSRTP_A_SOCK_ID), .id = id };

	return call_for_one(h, KSRTP_CMD_SOCK_GET, &sock_object, &ask, sock);
}

struct sock_dump {
	int (*cb)(const struct ksrtp_sock *sock, void *arg);
	void *arg;
};

static int emit_sock(const void *attrs, size_t len, void *arg)
{
	struct sock_dump *d = arg;
	struct ksrtp_sock sock;
	int ret = ksrtp__get_object(&sock_object, attrs, len, &sock);

	return ret ? ret : d->cb(&sock, d->arg);
}

int ksrtp_sock_dump(struct ksrtp_handle *h,
		    int (*cb)(const struct ksrtp_sock *sock, void *arg), void *arg)
{
	struct sock_dump d = { cb, arg };
	struct ksrtp_sock all = { 0 };

	return dump(h, KSRTP_CMD_SOCK_GET, &sock_object, &all, emit_sock, &d);
}

/* ---- peers --------------------------------------------------------------- */

int ksrtp_peer_add(struct ksrtp_handle *h, struct ksrtp_peer *peer)
{
	struct ksrtp_peer answer;
	int ret = call_for_one(h, KSRTP_CMD_PEER_NEW, &peer_object, peer, &answer);

	if (!ret)
		KSRTP_SET(peer, KSRTP_A_PEER_ID, id, answer.id);
	return ret;
}

int ksrtp_peer_set(struct ksrtp_handle *h, const struct ksrtp_peer *peer)
{
	return call(h, KSRTP_CMD_PEER_SET, &peer_object, peer);
}

int ksrtp_peer_del(struct ksrtp_handle *h, uint32_t id)
{
	struct ksrtp_peer peer = { .has = KSRTP_BIT(KSRTP_A_PEER_ID), .id = id };

	if (!id)
		return no_id(h, "peer");
	return call(h, KSRTP_CMD_PEER_DEL, &peer_object, &peer);
}

int ksrtp_peer_flush(struct ksrtp_handle *h)
{
	struct ksrtp_peer none = { 0 };

	return call(h, KSRTP_CMD_PEER_DEL, &peer_object, &none);
}

int ksrtp_peer_get(struct ksrtp_handle *h, uint32_t id, struct ksrtp_peer *peer)
{
	struct ksrtp_peer ask = { .has = KSRTP_BIT(KSRTP_A_PEER_ID), .id = id };

	return call_for_one(h, KSRTP_CMD_PEER_GET, &peer_object, &ask, peer);
}

struct peer_dump {
	int (*cb)(const struct ksrtp_peer *peer, void *arg);
	void *arg;
};

static int emit_peer(const void *attrs, size_t len, void *arg)
{
	struct peer_dump *d = arg;
	struct ksrtp_peer peer;
	int ret = ksrtp__get_object(&peer_object, attrs, len, &peer);

	return ret ? ret : d->cb(&peer, d->arg);
}

int ksrtp_peer_dump(struct ksrtp_handle *h,
		    int (*cb)(const struct ksrtp_peer *peer, void *arg), void *arg)
{
	struct peer_dump d = { cb, arg };
	struct ksrtp_peer all = { 0 };

	return dump(h, KSRTP_CMD_PEER_GET, &peer_object, &all, emit_peer, &d);
}

/* ---- keys ---------------------------------------------------------------- */

int ksrtp_key_add(struct ksrtp_handle *h, const struct ksrtp_key *key)
{
	return call(h, KSRTP_CMD_KEY_NEW, &key_object, key);
}

/* What names a key, and what may be changed of it */
#define KEY_NAME (KSRTP_BIT(KSRTP_A_KEY_PEER) | KSRTP_BIT(KSRTP_A_KEY_DIR) |	\
		  KSRTP_BIT(KSRTP_A_KEY_LAYER) | KSRTP_BIT(KSRTP_A_KEY_SSRC) |	\
		  KSRTP_BIT(KSRTP_A_KEY_MKI))
#define KEY_NAME_MUST (KSRTP_BIT(KSRTP_A_KEY_PEER) | KSRTP_BIT(KSRTP_A_KEY_DIR) | \
		       KSRTP_BIT(KSRTP_A_KEY_LAYER))
#define KEY_LIMITS (KSRTP_BIT(KSRTP_A_KEY_SOFT_LIMIT) | KSRTP_BIT(KSRTP_A_KEY_HARD_LIMIT))

static int call_on_key(struct ksrtp_handle *h, uint8_t cmd, const struct ksrtp_key *key,
		       uint64_t parts)
{
	struct ksrtp_key named = { .has = key->has & parts };

	if ((key->has & KEY_NAME_MUST) != KEY_NAME_MUST)
		return ksrtp__fail(&h->err, -EINVAL, "a key is named by peer, direction and layer");
	named.peer = key->peer;
	named.dir = key->dir;
	named.layer = key->layer;
	named.ssrc = key->ssrc;
	memcpy(named.mki, key->mki, sizeof(named.mki));
	named.mki_len = key->mki_len;
	named.soft_limit = key->soft_limit;
	named.hard_limit = key->hard_limit;
	return call(h, cmd, &key_object, &named);
}

int ksrtp_key_set(struct ksrtp_handle *h, const struct ksrtp_key *key)
{
	return call_on_key(h, KSRTP_CMD_KEY_SET, key, KEY_NAME | KEY_LIMITS);
}

int ksrtp_key_del(struct ksrtp_handle *h, const struct ksrtp_key *key)
{
	return call_on_key(h, KSRTP_CMD_KEY_DEL, key, KEY_NAME);
}

static struct ksrtp_key keys_of(uint32_t peer)
{
	struct ksrtp_key key = { 0 };

	if (peer)
		KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, peer);
	return key;
}

int ksrtp_key_flush(struct ksrtp_handle *h, uint32_t peer)
{
	struct ksrtp_key key = keys_of(peer);

	return call(h, KSRTP_CMD_KEY_DEL, &key_object, &key);
}

struct key_dump {
	int (*cb)(const struct ksrtp_key *key, void *arg);
	void *arg;
};

static int emit_key(const void *attrs, size_t len, void *arg)
{
	struct key_dump *d = arg;
	struct ksrtp_key key;
	int ret = ksrtp__get_object(&key_object, attrs, len, &key);

	return ret ? ret : d->cb(&key, d->arg);
}

int ksrtp_key_dump(struct ksrtp_handle *h, uint32_t peer,
		   int (*cb)(const struct ksrtp_key *key, void *arg), void *arg)
{
	struct ksrtp_key filter = keys_of(peer);
	struct key_dump d = { cb, arg };

	return dump(h, KSRTP_CMD_KEY_GET, &key_object, &filter, emit_key, &d);
}

/* ---- routes -------------------------------------------------------------- */

int ksrtp_route_add(struct ksrtp_handle *h, const struct ksrtp_route *route)
{
	struct ksrtp_msg m;
	uint32_t i;

	ksrtp__msg_init(&m, h->family, 0, KSRTP_CMD_ROUTE_NEW);
	ksrtp__put_object(&m, &route_object, route);
	for (i = 0; i < route->n_out; i++) {
		size_t nest = ksrtp__msg_nest(&m, KSRTP_A_ROUTE_OUT);

		ksrtp__put_object(&m, &out_object, &route->out[i]);
		ksrtp__msg_nest_end(&m, nest);
	}
	return ksrtp__call(h, &m, NULL, NULL);
}

int ksrtp_route_del(struct ksrtp_handle *h, const struct ksrtp_route *route)
{
	struct ksrtp_route named = *route;

	if (!KSRTP_HAS(route, KSRTP_A_ROUTE_PEER))
		return ksrtp__fail(&h->err, -EINVAL, "a route is named by the peer it is from");
	named.has &= KSRTP_BIT(KSRTP_A_ROUTE_PEER) | KSRTP_BIT(KSRTP_A_ROUTE_SSRC) |
		     KSRTP_BIT(KSRTP_A_ROUTE_TO);
	return call(h, KSRTP_CMD_ROUTE_DEL, &route_object, &named);
}

int ksrtp_route_flush(struct ksrtp_handle *h)
{
	struct ksrtp_route none = { 0 };

	return call(h, KSRTP_CMD_ROUTE_DEL, &route_object, &none);
}

struct route_dump {
	int (*cb)(const struct ksrtp_route *route, void *arg);
	void *arg;
};

static int get_outs(const void *attrs, size_t len, struct ksrtp_out **outs, uint32_t *n)
{
	const struct nlattr *attr;
	uint32_t found = 0;
	int ret;

	mnl_attr_for_each_payload(attrs, len)
		found += mnl_attr_get_type(attr) == KSRTP_A_ROUTE_OUT;
	*n = 0;
	*outs = calloc(found ? found : 1, sizeof(**outs));
	if (!*outs)
		return -ENOMEM;
	mnl_attr_for_each_payload(attrs, len) {
		if (mnl_attr_get_type(attr) != KSRTP_A_ROUTE_OUT)
			continue;
		ret = ksrtp__get_object(&out_object, mnl_attr_get_payload(attr),
					mnl_attr_get_payload_len(attr), &(*outs)[*n]);
		if (ret)
			return ret;
		++*n;
	}
	return 0;
}

static int emit_route(const void *attrs, size_t len, void *arg)
{
	struct route_dump *d = arg;
	struct ksrtp_out *outs = NULL;
	struct ksrtp_route route;
	int ret;

	ret = ksrtp__get_object(&route_object, attrs, len, &route);
	if (!ret)
		ret = get_outs(attrs, len, &outs, &route.n_out);
	route.out = outs;
	if (!ret)
		ret = d->cb(&route, d->arg);
	free(outs);
	return ret;
}

int ksrtp_route_dump(struct ksrtp_handle *h, uint32_t peer,
		     int (*cb)(const struct ksrtp_route *route, void *arg), void *arg)
{
	struct route_dump d = { cb, arg };
	struct ksrtp_route filter = { 0 };

	if (peer)
		KSRTP_SET(&filter, KSRTP_A_ROUTE_PEER, peer, peer);
	return dump(h, KSRTP_CMD_ROUTE_GET, &route_object, &filter, emit_route, &d);
}

/* ---- what is counted ----------------------------------------------------- */

struct stream_dump {
	int (*cb)(const struct ksrtp_stream *stream, void *arg);
	void *arg;
};

static int emit_stream(const void *attrs, size_t len, void *arg)
{
	struct stream_dump *d = arg;
	struct ksrtp_stream stream;
	int ret = ksrtp__get_object(&stream_object, attrs, len, &stream);

	return ret ? ret : d->cb(&stream, d->arg);
}

int ksrtp_stream_dump(struct ksrtp_handle *h, uint32_t peer, const uint32_t *ssrc,
		      int (*cb)(const struct ksrtp_stream *stream, void *arg), void *arg)
{
	struct stream_dump d = { cb, arg };
	struct ksrtp_stream filter = { 0 };

	if (peer)
		KSRTP_SET(&filter, KSRTP_A_STREAM_PEER, peer, peer);
	if (ssrc)
		KSRTP_SET(&filter, KSRTP_A_STREAM_SSRC, ssrc, *ssrc);
	return dump(h, KSRTP_CMD_STREAM_GET, &stream_object, &filter, emit_stream, &d);
}

struct state_dump {
	int (*cb)(const struct ksrtp_state *state, void *arg);
	void *arg;
};

static int emit_state(const void *attrs, size_t len, void *arg)
{
	struct state_dump *d = arg;
	struct ksrtp_state state;
	int ret = ksrtp__get_object(&state_object, attrs, len, &state);

	return ret ? ret : d->cb(&state, d->arg);
}

int ksrtp_state_dump(struct ksrtp_handle *h, uint32_t peer,
		     int (*cb)(const struct ksrtp_state *state, void *arg), void *arg)
{
	struct state_dump d = { cb, arg };
	struct ksrtp_state filter = { 0 };

	if (peer)
		KSRTP_SET(&filter, KSRTP_A_STATE_PEER, peer, peer);
	return dump(h, KSRTP_CMD_STATE_GET, &state_object, &filter, emit_state, &d);
}

int ksrtp_state_set(struct ksrtp_handle *h, const struct ksrtp_state *state)
{
	return call(h, KSRTP_CMD_STATE_SET, &state_object, state);
}

int ksrtp_stats_get(struct ksrtp_handle *h, struct ksrtp_stats *stats)
{
	struct ksrtp_stats ask = { 0 };

	return call_for_one(h, KSRTP_CMD_STATS_GET, &stats_object, &ask, stats);
}
