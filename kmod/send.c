// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of an application: its sendmsg, with protection put around what
 * is RTP or RTCP. Read from the bottom, like receive.c.
 *
 *	copy -> demux -> peer -> key -> index -> E2E -> HBH -> the socket's sendmsg
 *
 * What was looked at is what is sent: the bytes are copied once, so nothing
 * the application writes meanwhile can leave unprotected.
 */
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "ksrtp.h"
#include "trace.h"

#define MAX_SEGMENTS	128
#define KEPT_BUFFER	4096

/*
 * Most bytes one packet can grow: E+index or ROC, Cryptex's extension, MKI and
 * tag, and what is in it, an MI tag or the inner layer of DOUBLE.
 */
#define MAX_GROWTH	(4 + KSRTP_EXT_HEADER + KSRTP_MAX_MKI + 20 + 20)

/**
 * struct sent - the indices of a protected packet, to give them back
 * @len: its bytes as they are sent
 * @ssrc: SSRC
 * @rtp: it is RTP to a peer
 * @rtcp: it is RTCP to a peer, whose index is never given back
 * @key: serial of the key of each layer, 0 for none
 * @index: index under it
 * @bytes: bytes counted for it
 */
struct sent {
	u32 len;
	u32 ssrc;
	bool rtp;
	bool rtcp;
	u64 key[KSRTP_LAYERS];
	u64 index[KSRTP_LAYERS];
	u32 bytes[KSRTP_LAYERS];
};

/**
 * struct job - one sendmsg call
 * @sk: socket
 * @hook: its hook
 * @msg: the application's message
 * @to: where it goes
 * @connected: that is where the socket is connected
 * @settled: and nobody was about to connect it elsewhere when it was looked up
 * @n: packets protected so far
 * @buf: protected packets, one behind the other
 * @sent: what each of them is
 */
struct job {
	struct sock *sk;
	struct ksrtp_hook *hook;
	struct msghdr *msg;
	struct ksrtp_addr to;
	bool connected;
	bool settled;
	u32 n;
	u8 *buf;
	struct sent *sent;
};

/* What a refused packet is to the application. */
static int drop_errno(enum ksrtp_drop drop)
{
	switch (drop) {
	case KSRTP_DROP_MALFORMED:
		return -EBADMSG;
	case KSRTP_DROP_UNMATCHED:
		return -EPERM;
	case KSRTP_DROP_NO_KEY:
	case KSRTP_DROP_E2E_NO_KEY:
		return -ENOKEY;
	case KSRTP_DROP_INDEX_REUSED:
		return -EEXIST;
	case KSRTP_DROP_TOO_OLD:
		return -ESTALE;
	case KSRTP_DROP_INDEX_LIMIT:
	case KSRTP_DROP_KEY_EXPIRED:
		return -EKEYEXPIRED;
	case KSRTP_DROP_SSRC_BUSY:
		return -EBUSY;
	case KSRTP_DROP_TOO_MANY_STREAMS:
		return -ENOSPC;
	case KSRTP_DROP_NO_MEMORY:
		return -ENOMEM;
	case KSRTP_DROP_TOO_BIG:
		return -EMSGSIZE;
	case KSRTP_DROP_CRYPTEX:
		return -EPROTO;
	default:
		return -EIO;
	}
}

/* --- the socket's own sendmsg ---------------------------------------------- */

/*
 * A control message behind the caller's says how large segments are; of several
 * the last one counts.
 */
static int send_segments(struct job *job, struct msghdr *m, u16 gso_size,
			 size_t len)
{
	size_t had = m->msg_controllen, size = CMSG_SPACE(sizeof(gso_size));
	struct cmsghdr *cmsg;
	u8 *control;
	int ret;

	if (had && m->msg_control_is_user)
		return -EINVAL;
	control = kzalloc(CMSG_ALIGN(had) + size, GFP_KERNEL);
	if (!control)
		return -ENOMEM;
	if (had)
		memcpy(control, m->msg_control, had);
	cmsg = (struct cmsghdr *)(control + CMSG_ALIGN(had));
	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(gso_size));
	memcpy(CMSG_DATA(cmsg), &gso_size, sizeof(gso_size));
	m->msg_control = control;
	m->msg_controllen = CMSG_ALIGN(had) + size;
	m->msg_control_is_user = false;
	ret = job->hook->orig->sendmsg(job->sk, m, len);
	kfree(control);
	return ret;
}

/* Send bytes of the buffer; @gso_size 0 is one datagram. */
static int send_run(struct job *job, u32 offset, u32 len, u16 gso_size,
		    bool segmented)
{
	struct kvec kv = { .iov_base = job->buf + offset, .iov_len = len };
	struct msghdr m = *job->msg;

	m.msg_flags &= ~(MSG_ZEROCOPY | KSRTP_MSG_SPLICE_PAGES);
	m.msg_ubuf = NULL;
	iov_iter_kvec(&m.msg_iter, WRITE, &kv, 1, len);
	/* A socket or caller that set a segment size is told the new one. */
	if (segmented)
		return send_segments(job, &m, gso_size, len);
	return job->hook->orig->sendmsg(job->sk, &m, len);
}

/*
 * Send what was protected, in runs of equal size as UDP_SEGMENT wants them;
 * the last of a run may be shorter. Returns how many packets left, or the
 * error of the first run, of which none did if never_left() says so.
 */
static int send_all(struct job *job, bool segmented)
{
	u32 i = 0, offset = 0;
	int ret;

	while (i < job->n) {
		u32 size = job->sent[i].len, len = size, k = 1;

		while (segmented && i + k < job->n && k < UDP_MAX_SEGMENTS &&
		       len + job->sent[i + k].len <= KSRTP_MAX_PAYLOAD &&
		       job->sent[i + k].len <= size) {
			len += job->sent[i + k].len;
			if (job->sent[i + k++].len < size)
				break;
		}
		ret = send_run(job, offset, len, k > 1 ? size : 0, segmented);
		if (ret < 0)
			return i ? (int)i : ret;
		offset += len;
		i += k;
	}
	return i;
}

/* --- protection ------------------------------------------------------------ */

/* Packets [from, n) never left: their indices may be used again. */
static void release(struct job *job, u32 from)
{
	struct ksrtp_stream *stream;
	struct ksrtp_peer *peer;
	struct ksrtp_sock *ks;
	u32 i;
	int l;

	rcu_read_lock();
	local_bh_disable();
	ks = rcu_dereference(job->hook->sock);
	peer = ks ? ksrtp_peer_lookup(ks, &job->to) : NULL;
	for (i = from; peer && i < job->n; i++) {
		struct sent *s = &job->sent[i];

		stream = s->rtp ? ksrtp_stream_lookup(peer, KSRTP_DIR_TX,
						      s->ssrc) : NULL;
		for (l = 0; stream && l < KSRTP_LAYERS; l++)
			if (s->key[l])
				ksrtp_stream_release(stream, l, s->key[l],
						     s->index[l], s->bytes[l]);
	}
	local_bh_enable();
	rcu_read_unlock();
}

/* The contexts an RTP packet goes under, one a layer. */
static enum ksrtp_drop choose(struct ksrtp_peer *peer,
			      struct ksrtp_stream *stream,
			      const struct ksrtp_pkt *pkt,
			      struct ksrtp_ctx **ctx)
{
	struct ksrtp_ctx *hbh = ksrtp_stream_tx_ctx(stream, KSRTP_LAYER_HBH,
						    pkt);

	if (!hbh)
		return KSRTP_DROP_NO_KEY;
	ctx[KSRTP_LAYER_HBH] = hbh;
	ctx[KSRTP_LAYER_E2E] = ksrtp_stream_e2e_ctx(stream, hbh, pkt);
	if (!ctx[KSRTP_LAYER_E2E] &&
	    (hbh->key->is_double || READ_ONCE(peer->had_e2e[KSRTP_DIR_TX])))
		return KSRTP_DROP_E2E_NO_KEY;
	return KSRTP_PASS;
}

/*
 * Where Cryptex will need an extension to mark, it has to be there before the
 * E2E layer vouches for the header.
 */
static void extend_for_cryptex(struct ksrtp_pkt *pkt,
			       const struct ksrtp_key *hbh)
{
	if (likely(!hbh->cryptex) || (pkt->data[0] & 0x10) ||
	    !(pkt->data[0] & 0x0f))
		return;
	ksrtp_cryptex_insert(pkt->data, pkt->len);
	pkt->len += KSRTP_EXT_HEADER;
	pkt->h.len += KSRTP_EXT_HEADER;
}

static enum ksrtp_drop protect_rtp(struct ksrtp_peer *peer,
				   struct ksrtp_stream *stream,
				   struct ksrtp_pkt *pkt, struct sent *sent)
{
	struct ksrtp_layout layout[KSRTP_LAYERS];
	struct ksrtp_ctx *ctx[KSRTP_LAYERS];
	struct ksrtp_pkt planned;
	enum ksrtp_drop drop;
	int l;

	drop = choose(peer, stream, pkt, ctx);
	if (drop)
		return drop;
	extend_for_cryptex(pkt, ctx[KSRTP_LAYER_HBH]->key);
	planned = *pkt;
	for (l = KSRTP_LAYERS - 1; l >= 0 && !drop; l--) {	/* E2E, then HBH */
		if (!ctx[l])
			continue;
		drop = ksrtp_plan(ctx[l]->key, &planned, &layout[l]);
		planned.len = layout[l].len;
		sent->bytes[l] = planned.len;
	}
	if (!drop)
		drop = ksrtp_stream_take(stream, KSRTP_SOURCE_APP, pkt,
					 sent->bytes, ctx, sent->index);
	if (drop)
		return drop;
	sent->rtp = true;
	sent->ssrc = pkt->h.ssrc;
	for (l = KSRTP_LAYERS - 1; l >= 0 && !drop; l--) {
		if (!ctx[l])
			continue;
		sent->key[l] = ctx[l]->key->serial;
		drop = ksrtp_protect(ctx[l]->key, pkt, pkt->data, pkt->data,
				     &layout[l], pkt->h.ssrc, sent->index[l]);
		pkt->len = layout[l].len;
	}
	return drop;
}

static enum ksrtp_drop protect_rtcp(struct ksrtp_stream *stream,
				    struct ksrtp_pkt *pkt, struct sent *sent)
{
	struct ksrtp_ctx *ctx = ksrtp_stream_tx_ctx(stream, KSRTP_LAYER_HBH, pkt);
	struct ksrtp_layout l;
	enum ksrtp_drop drop;

	if (!ctx)
		return KSRTP_DROP_NO_KEY;
	drop = ksrtp_plan(ctx->key, pkt, &l);
	if (!drop)
		drop = ksrtp_stream_take_rtcp(stream, ctx, l.len, sent->index);
	if (drop)
		return drop;
	sent->rtcp = true;
	drop = ksrtp_protect(ctx->key, pkt, pkt->data, pkt->data, &l,
			     pkt->h.ssrc, sent->index[0]);
	pkt->len = l.len;
	return drop;
}

/* A packet to a peer: protected, or the reason it is refused. */
static enum ksrtp_drop protect(struct ksrtp_peer *peer, struct ksrtp_pkt *pkt,
			       struct ksrtp_stream **streamp, struct sent *sent)
{
	struct ksrtp_stream *stream;
	enum ksrtp_drop drop;

	stream = ksrtp_stream_lookup(peer, KSRTP_DIR_TX, pkt->h.ssrc);
	if (unlikely(!stream)) {
		drop = ksrtp_stream_make(peer, KSRTP_DIR_TX, pkt->h.ssrc,
					 KSRTP_SOURCE_APP, &stream);
		if (drop)
			return drop;
	}
	*streamp = stream;
	drop = pkt->rtcp ? protect_rtcp(stream, pkt, sent) :
			   protect_rtp(peer, stream, pkt, sent);
	if (drop)
		return drop;
	trace_ksrtp_send(peer, pkt, sent->index[0]);
	return KSRTP_PASS;
}

/*
 * A link-local address whose interface only a control message names: it may be
 * a peer's, so no policy lets plain media go there.
 */
static bool nowhere_yet(const struct ksrtp_addr *to)
{
	return ipv6_addr_type(&to->ip) & IPV6_ADDR_LINKLOCAL && !to->scope;
}

/*
 * Protect one datagram in place. What is not RTP or RTCP, and by policy what
 * goes to nobody, stays as it is.
 */
static int protect_datagram(struct job *job, u8 *data, u32 len, bool *plain,
			    struct sent *sent)
{
	enum ksrtp_class class = ksrtp_classify(data, len);
	struct ksrtp_stream *stream = NULL;
	enum ksrtp_drop drop = KSRTP_PASS;
	struct ksrtp_peer *peer = NULL;
	struct ksrtp_pkt pkt = {
		.data = data, .len = len, .rtcp = class == KSRTP_CLASS_RTCP,
	};
	struct ksrtp_sock *ks;
	u8 layer = KSRTP_LAYER_HBH;

	sent->len = len;
	if (class == KSRTP_CLASS_OTHER)
		return 0;

	rcu_read_lock();
	local_bh_disable();
	ks = rcu_dereference(job->hook->sock);
	if (!ks) {
		*plain = true;
		goto unlock;
	}
	peer = ksrtp_peer_lookup(ks, &job->to);
	if (!peer) {
		*plain = true;
		if (READ_ONCE(ks->unmatched) != KSRTP_UNMATCHED_PASS ||
		    nowhere_yet(&job->to) || !job->settled)
			drop = KSRTP_DROP_UNMATCHED;
		else
			ksrtp_stat_add(ks->kn, passed_packets, 1);
		goto unlock;
	}
	if (ksrtp_parse(class, data, len, &pkt.h))
		drop = KSRTP_DROP_MALFORMED;
	else
		drop = protect(peer, &pkt, &stream, sent);
	sent->len = pkt.len;
	if (drop == KSRTP_DROP_E2E_NO_KEY)
		layer = KSRTP_LAYER_E2E;
unlock:
	if (drop)
		ksrtp_count_drop(ks->kn, peer, stream, layer, drop);
	local_bh_enable();
	rcu_read_unlock();
	return drop ? drop_errno(drop) : 0;
}

/* --- the call -------------------------------------------------------------- */

static int addr_from_v4(const struct sockaddr_in *sin, struct ksrtp_addr *addr)
{
	__be32 ip = sin->sin_addr.s_addr;

	/* To send to "any" is to send to this host. */
	if (ip == htonl(INADDR_ANY))
		ip = htonl(INADDR_LOOPBACK);
	ipv6_addr_set_v4mapped(ip, &addr->ip);
	addr->port = sin->sin_port;
	return 0;
}

static int addr_from_v6(const struct sock *sk, const struct sockaddr_in6 *sin6,
			struct ksrtp_addr *addr)
{
	addr->ip = sin6->sin6_addr;
	addr->port = sin6->sin6_port;
	if (ipv6_addr_any(&addr->ip))
		addr->ip = in6addr_loopback;
	if (ipv6_addr_v4mapped(&addr->ip) && !addr->ip.s6_addr32[3])
		addr->ip.s6_addr32[3] = htonl(INADDR_LOOPBACK);
	if (ipv6_addr_type(&addr->ip) & IPV6_ADDR_LINKLOCAL)
		addr->scope = sin6->sin6_scope_id ?: READ_ONCE(sk->sk_bound_dev_if);
	return 0;
}

/*
 * Without the socket's lock, as udp_sendmsg() has it: a connect() meanwhile may mix
 * two addresses. look_where() says what comes of that.
 */
static int addr_connected(const struct sock *sk, struct ksrtp_addr *addr)
{
	if (ksrtp_read_racy(sk->sk_state) != TCP_ESTABLISHED)
		return -EDESTADDRREQ;
	addr->port = ksrtp_read_racy(inet_sk(sk)->inet_dport);
	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(ksrtp_read_racy(inet_sk(sk)->inet_daddr),
				       &addr->ip);
		return 0;
	}
#if IS_ENABLED(CONFIG_IPV6)
	addr->ip = data_race(sk->sk_v6_daddr);	/* see above */
	if (ipv6_addr_type(&addr->ip) & IPV6_ADDR_LINKLOCAL)
		addr->scope = READ_ONCE(sk->sk_bound_dev_if);
#endif
	return 0;
}

/* Where the socket's sendmsg will send this; it reads the same words. */
static int destination(const struct sock *sk, const struct msghdr *msg,
		       struct ksrtp_addr *addr)
{
	const struct sockaddr *name = msg->msg_name;

	memset(addr, 0, sizeof(*addr));
	if (!name)
		return addr_connected(sk, addr);
	if (msg->msg_namelen < (int)offsetofend(struct sockaddr, sa_family))
		return -EINVAL;
	if (sk->sk_family == AF_INET6) {
		switch (name->sa_family) {
		case AF_UNSPEC:
			return addr_connected(sk, addr);
		case AF_INET6:
			if (msg->msg_namelen < SIN6_LEN_RFC2133)
				return -EINVAL;
			return addr_from_v6(sk, (const void *)name, addr);
		case AF_INET:
			break;
		default:
			return -EINVAL;
		}
	} else if (name->sa_family != AF_INET && name->sa_family != AF_UNSPEC) {
		return -EAFNOSUPPORT;
	}
	if (msg->msg_namelen < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	return addr_from_v4((const void *)name, addr);
}

/* Does the datagram go where the socket is connected? */
static bool is_connected(const struct sock *sk, const struct msghdr *msg)
{
	const struct sockaddr *name = msg->msg_name;

	return !name || (sk->sk_family == AF_INET6 &&
			 msg->msg_namelen >= (int)offsetofend(struct sockaddr,
							      sa_family) &&
			 name->sa_family == AF_UNSPEC);
}

/* Does media to nobody's address leave as it is? */
static bool passes(const struct ksrtp_hook *hook)
{
	struct ksrtp_sock *ks;
	bool pass;

	rcu_read_lock();
	ks = rcu_dereference(hook->sock);
	pass = ks && READ_ONCE(ks->unmatched) == KSRTP_UNMATCHED_PASS;
	rcu_read_unlock();
	return pass;
}

/*
 * While another thread connects the socket, half of one address and half of
 * another may be read. It is no peer's then, and the packet is refused; but
 * where media to nobody passes it is read with the socket's lock.
 */
static int look_where(struct job *job)
{
	int ret;

	job->connected = is_connected(job->sk, job->msg);
	job->settled = !job->connected || passes(job->hook);
	if (!job->connected || !job->settled)
		return destination(job->sk, job->msg, &job->to);
	lock_sock(job->sk);
	ret = destination(job->sk, job->msg, &job->to);
	release_sock(job->sk);
	return ret;
}

/* The segment size the socket's sendmsg would use; false if there is none. */
static bool segment_size(const struct sock *sk, struct msghdr *msg, u16 *size,
			 bool *set)
{
	struct cmsghdr *cmsg;

	*size = READ_ONCE(udp_sk(sk)->gso_size);
	*set = *size;
	if (!msg->msg_controllen)
		return *size;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			break;		/* sendmsg will say so */
		if (cmsg->cmsg_level == SOL_UDP &&
		    cmsg->cmsg_type == UDP_SEGMENT &&
		    cmsg->cmsg_len == CMSG_LEN(sizeof(u16))) {
			memcpy(size, CMSG_DATA(cmsg), sizeof(*size));
			*set = true;
		}
	}
	return *size;
}

/* One buffer stays with the socket; who finds it in use makes another. */
static void *buffer_get(struct ksrtp_hook *hook, size_t size)
{
	void *buf;

	if (size > KEPT_BUFFER)
		return kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	buf = xchg(&hook->buf, NULL);
	return buf ?: kmalloc(KEPT_BUFFER, GFP_KERNEL);
}

static void buffer_put(struct ksrtp_hook *hook, void *buf, size_t size)
{
	if (size > KEPT_BUFFER || cmpxchg(&hook->buf, NULL, buf))
		kfree(buf);
}

/*
 * Protect each datagram of the call, or none: a refused one takes the others
 * with it, since the caller is told one error for all.
 */
static int protect_all(struct job *job, size_t len, u32 segment, bool *plain)
{
	u32 offset = 0;
	size_t left = len;
	int err = 0;

	job->n = 0;
	do {
		u32 size = min_t(size_t, left, segment);
		struct sent *sent = &job->sent[job->n];

		memset(sent, 0, sizeof(*sent));
		if (!copy_from_iter_full(job->buf + offset, size,
					 &job->msg->msg_iter))
			err = -EFAULT;
		else
			err = protect_datagram(job, job->buf + offset, size,
					       plain, sent);
		if (err)
			break;
		offset += sent->len;
		left -= size;
		job->n++;
	} while (left);
	if (err)
		release(job, 0);
	return err;
}

/* Count what has left. */
static void count_sent(struct job *job, u32 n)
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(job->sk));
	u32 i;

	local_bh_disable();
	for (i = 0; i < n; i++)
		if (job->sent[i].rtp || job->sent[i].rtcp)
			ksrtp_stat_packet(kn, true, job->sent[i].rtcp,
					  job->sent[i].len);
	local_bh_enable();
}

/*
 * Errors after which the datagram is known never to have left, nor a fragment
 * of it: those of the route, the room in the socket and the size. Short memory,
 * a refusing neighbour, or a wireguard device that lost its endpoint
 * (EDESTADDRREQ) may be met after the first fragment or segment.
 */
static bool never_left(int err)
{
	switch (err) {
	case -EAGAIN:
	case -EMSGSIZE:
	case -EINTR:
	case -ERESTARTSYS:
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		return true;
	default:
		return false;
	}
}

/*
 * Plain media, since nobody's: it goes where we looked, even if the socket is
 * connected elsewhere by now.
 */
static int send_plain(struct job *job, bool segmented)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = {};
	void *name = job->msg->msg_name;
	int len = job->msg->msg_namelen;
	int ret;

	if (job->sk->sk_family == AF_INET) {
		to.v4.sin_family = AF_INET;
		to.v4.sin_port = job->to.port;
		to.v4.sin_addr.s_addr = job->to.ip.s6_addr32[3];
	} else {
		to.v6.sin6_family = AF_INET6;
		to.v6.sin6_port = job->to.port;
		to.v6.sin6_addr = job->to.ip;
		to.v6.sin6_scope_id = job->to.scope;
	}
	job->msg->msg_name = &to;
	job->msg->msg_namelen = job->sk->sk_family == AF_INET ? sizeof(to.v4) :
								sizeof(to.v6);
	ret = send_all(job, segmented);
	job->msg->msg_name = name;
	job->msg->msg_namelen = len;
	return ret;
}

static int send_job(struct job *job, size_t len, u32 segment, bool segmented)
{
	size_t total = len;
	bool plain = false;
	int ret;

	ret = protect_all(job, len, segment, &plain);
	if (ret)
		return ret;
	ret = plain && job->connected && job->settled ?
	      send_plain(job, segmented) : send_all(job, segmented);
	if (ret < 0) {
		if (never_left(ret))
			release(job, 0);
		return ret;
	}
	count_sent(job, ret);
	if (ret < job->n) {
		/*
		 * Some left: the caller hears of those, as with UDP_SEGMENT. The
		 * run that failed keeps its indices, for all that is known here.
		 */
		total = (size_t)ret * segment;
	}
	return total;
}

/**
 * ksrtp_sendmsg() - the sendmsg of a socket under ksrtp
 * @sk: socket
 * @msg: message of the application
 * @len: bytes of it
 *
 * Context: process, may sleep.
 * Return: bytes of the application's that were sent, or what the socket's own
 * sendmsg returns; -ENOKEY if there is no key, -EEXIST for an index used
 * before, -ESTALE for one below the window, -EKEYEXPIRED at a limit, -EBUSY if
 * a route sends the SSRC, -ENOSPC if the peer has no room for a stream, -EPERM
 * for media to nobody, -EBADMSG for a header that is none, -EPROTO for one Cryptex
 * is required for and cannot protect, -EMSGSIZE, -EOPNOTSUPP for MSG_MORE and MSG_ZEROCOPY.
 */
int ksrtp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	/* The hook stays as long as the socket, and the caller holds that. */
	struct ksrtp_hook *hook = ksrtp_hook(sk);
	struct job job = { .sk = sk, .hook = hook, .msg = msg };
	u32 segment = len, n = 1;
	bool segmented;
	size_t size;
	u16 gso;
	int ret;

	if (!rcu_access_pointer(hook->sock))
		return hook->orig->sendmsg(sk, msg, len);

	if (msg->msg_flags & (MSG_MORE | MSG_ZEROCOPY | MSG_OOB))
		return -EOPNOTSUPP;
	if (len > KSRTP_MAX_PAYLOAD)
		return -EMSGSIZE;
	/* By a call that was on its way when the socket was attached */
	if (unlikely(READ_ONCE(udp_sk(sk)->pending) || ksrtp_udp_corked(sk)))
		return -EBUSY;
	ret = look_where(&job);
	if (ret)
		return ret;
	if (segment_size(sk, msg, &gso, &segmented)) {
		segment = gso;
		n = DIV_ROUND_UP(len, gso);
		if (n > MAX_SEGMENTS)
			return -EINVAL;
		n = n ?: 1;
	}

	size = n * sizeof(struct sent) + len + n * MAX_GROWTH;
	job.sent = buffer_get(hook, size);
	if (!job.sent)
		return -ENOMEM;
	job.buf = (u8 *)(job.sent + n);
	ret = send_job(&job, len, segment, segmented);
	buffer_put(hook, job.sent, size);
	return ret;
}
