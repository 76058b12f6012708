// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, as Documentation/netlink/specs/ksrtp.yaml says.
 * Here requests are read and checked, and objects written out; what they do is
 * with the objects. Every refusal has a sentence.
 */
#include <net/addrconf.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "ksrtp.h"
#include "netlink-gen.h"

/* With both rewrites 36 bytes each: in all less than a dump's first skb has. */
#define MAX_OUTS_A_MESSAGE	64
static_assert(MAX_OUTS_A_MESSAGE * 36 + 128 <= NLMSG_GOODSIZE);

/* --- reading ----------------------------------------------------------------- */

static int refuse(struct genl_info *info, const char *sentence)
{
	/* the sentences are literals, which is all that extack keeps */
	info->extack->_msg = sentence;
	return -EINVAL;
}

static u32 get_u32_or(struct nlattr *a, u32 def)
{
	return a ? nla_get_u32(a) : def;
}

static u8 get_u8_or(struct nlattr *a, u8 def)
{
	return a ? nla_get_u8(a) : def;
}

static void get_addr(struct nlattr *ip, struct nlattr *port,
		     struct nlattr *scope, struct ksrtp_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	memcpy(&addr->ip, nla_data(ip), sizeof(addr->ip));
	addr->port = nla_get_be16(port);
	if (ipv6_addr_type(&addr->ip) & IPV6_ADDR_LINKLOCAL)
		addr->scope = get_u32_or(scope, 0);
}

static struct ksrtp_sock *find_sock(struct ksrtp_net *kn, u32 id,
				    struct netlink_ext_ack *extack)
{
	struct ksrtp_sock *ks = xa_load(&kn->socks, id);

	lockdep_assert_held(&kn->lock);

	if (!ks || !ks->sk) {
		NL_SET_ERR_MSG(extack, "There is no sock with this id");
		return ERR_PTR(-ENOENT);
	}
	return ks;
}

static struct ksrtp_peer *find_peer(struct ksrtp_net *kn, u32 id,
				    struct netlink_ext_ack *extack)
{
	struct ksrtp_peer *peer = xa_load(&kn->peers, id);

	lockdep_assert_held(&kn->lock);

	if (!peer) {
		NL_SET_ERR_MSG(extack, "There is no peer with this id");
		return ERR_PTR(-ENOENT);
	}
	return peer;
}

/* --- one answer to one request -------------------------------------------------- */

static struct sk_buff *reply_new(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &ksrtp_genl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int reply_send(struct genl_info *info, struct sk_buff *msg, void *hdr,
		      int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/*
 * The id an object got, or why there is none. The answer is there before the
 * object is, so that nothing is made that nobody is told of.
 */
static int reply_id(struct genl_info *info, struct sk_buff *msg, void *hdr,
		    int attr, u32 id, int err)
{
	return reply_send(info, msg, hdr, err ?: nla_put_u32(msg, attr, id));
}

/* --- sock ------------------------------------------------------------------------ */

static int fill_sock(struct sk_buff *msg, struct ksrtp_sock *ks)
{
	const struct socket *sock = READ_ONCE(ks->sk->sk_socket);
	struct ksrtp_addr addr;

	ksrtp_sock_local(ks, &addr);
	if (nla_put_u32(msg, KSRTP_A_SOCK_ID, ks->id) ||
	    nla_put(msg, KSRTP_A_SOCK_ADDR, sizeof(addr.ip), &addr.ip) ||
	    nla_put_be16(msg, KSRTP_A_SOCK_PORT, addr.port) ||
	    nla_put_u32(msg, KSRTP_A_SOCK_SCOPE, addr.scope) ||
	    nla_put_u8(msg, KSRTP_A_SOCK_UNMATCHED, ks->unmatched) ||
	    nla_put_u8(msg, KSRTP_A_SOCK_OWNED, !!ks->owned) ||
	    nla_put_u64_64bit(msg, KSRTP_A_SOCK_INODE,
			      sock && sock->file ? sock_i_ino(ks->sk) : 0,
			      KSRTP_A_SOCK_PAD) ||
	    nla_put_u32(msg, KSRTP_A_SOCK_PEERS, ks->n_peers))
		return -EMSGSIZE;
	return 0;
}

static int sock_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_sock *ks;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!info->attrs[KSRTP_A_SOCK_ID])
		return refuse(info, "The sock's id is missing");
	msg = reply_new(info, KSRTP_CMD_SOCK_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	ks = find_sock(kn, nla_get_u32(info->attrs[KSRTP_A_SOCK_ID]),
		       info->extack);
	err = IS_ERR(ks) ? PTR_ERR(ks) : fill_sock(msg, ks);
	mutex_unlock(&kn->lock);
	return reply_send(info, msg, hdr, err);
}

static int sock_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	u32 id = get_u32_or(a[KSRTP_A_SOCK_ID], 0);
	u8 unmatched = get_u8_or(a[KSRTP_A_SOCK_UNMATCHED], KSRTP_UNMATCHED_DROP);
	bool attach = a[KSRTP_A_SOCK_FD];
	struct ksrtp_addr addr;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (attach) {
		if (a[KSRTP_A_SOCK_ADDR] || a[KSRTP_A_SOCK_PORT])
			return refuse(info,
				       "A sock is attached by fd or opened at an address, not both");
	} else {
		if (!a[KSRTP_A_SOCK_ADDR] || !a[KSRTP_A_SOCK_PORT])
			return refuse(info,
				       "A file descriptor, or an address and a port, is missing");
		get_addr(a[KSRTP_A_SOCK_ADDR], a[KSRTP_A_SOCK_PORT],
			 a[KSRTP_A_SOCK_SCOPE], &addr);
		if (ipv6_addr_type(&addr.ip) & IPV6_ADDR_LINKLOCAL &&
		    !addr.scope)
			return refuse(info,
				       "A link-local address needs its interface");
	}
	msg = reply_new(info, KSRTP_CMD_SOCK_NEW, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	err = attach ? ksrtp_sock_attach(kn, nla_get_u32(a[KSRTP_A_SOCK_FD]),
					 &id, unmatched, info->extack) :
		       ksrtp_sock_open(kn, &addr, &id, unmatched, info->extack);
	mutex_unlock(&kn->lock);
	return reply_id(info, msg, hdr, KSRTP_A_SOCK_ID, id, err);
}

static int sock_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ksrtp_sock *ks;
	int err = 0;

	if (!a[KSRTP_A_SOCK_ID])
		return refuse(info, "The sock's id is missing");
	if (!a[KSRTP_A_SOCK_UNMATCHED])
		return refuse(info, "There is nothing to set");
	mutex_lock(&kn->lock);
	ks = find_sock(kn, nla_get_u32(a[KSRTP_A_SOCK_ID]), info->extack);
	if (IS_ERR(ks)) {
		err = PTR_ERR(ks);
	} else {
		WRITE_ONCE(ks->unmatched, nla_get_u8(a[KSRTP_A_SOCK_UNMATCHED]));
		kn->gen++;
	}
	mutex_unlock(&kn->lock);
	return err;
}

static int sock_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr *id = info->attrs[KSRTP_A_SOCK_ID];
	struct ksrtp_sock *ks;
	int err = 0;

	mutex_lock(&kn->lock);
	if (id) {
		ks = find_sock(kn, nla_get_u32(id), info->extack);
		if (IS_ERR(ks))
			err = PTR_ERR(ks);
		else
			ksrtp_sock_del(ks);
	} else {
		ksrtp_sock_flush(kn);
	}
	mutex_unlock(&kn->lock);
	return err;
}

/* --- peer ------------------------------------------------------------------------- */

static int fill_peer(struct sk_buff *msg, struct ksrtp_peer *peer)
{
	struct ksrtp_path *path;
	u64 drops[KSRTP_DROP_COUNT];
	struct ksrtp_addr addr;
	u32 rx, tx, tombs, max;
	int i;

	spin_lock_bh(&peer->lock);
	path = rcu_dereference_protected(peer->path,
					 lockdep_is_held(&peer->lock));
	addr = path->key.addr;
	rx = peer->n_streams[KSRTP_DIR_RX];
	tx = peer->n_streams[KSRTP_DIR_TX];
	tombs = peer->n_tombs;
	max = peer->max_streams;
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < KSRTP_DROP_COUNT; i++)
		drops[i] = atomic64_read(&peer->drops[i]);

	if (nla_put_u32(msg, KSRTP_A_PEER_ID, peer->id) ||
	    nla_put_u32(msg, KSRTP_A_PEER_SOCK, peer->sock->id) ||
	    nla_put(msg, KSRTP_A_PEER_REMOTE_ADDR, sizeof(addr.ip), &addr.ip) ||
	    nla_put_be16(msg, KSRTP_A_PEER_REMOTE_PORT, addr.port) ||
	    nla_put_u32(msg, KSRTP_A_PEER_REMOTE_SCOPE, addr.scope) ||
	    (peer->has_local &&
	     nla_put(msg, KSRTP_A_PEER_LOCAL_ADDR, sizeof(peer->local),
		     &peer->local)) ||
	    nla_put_u8(msg, KSRTP_A_PEER_ROAM, peer->roam) ||
	    nla_put_u32(msg, KSRTP_A_PEER_MAX_STREAMS, max) ||
	    nla_put_u32(msg, KSRTP_A_PEER_RX_STREAMS, rx) ||
	    nla_put_u32(msg, KSRTP_A_PEER_TX_STREAMS, tx) ||
	    nla_put_u32(msg, KSRTP_A_PEER_TOMBSTONES, tombs))
		return -EMSGSIZE;
	return ksrtp_stats_put_drops(msg, KSRTP_A_PEER_DROPS, drops);
}

static int peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_peer *peer;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!info->attrs[KSRTP_A_PEER_ID])
		return refuse(info, "The peer's id is missing");
	msg = reply_new(info, KSRTP_CMD_PEER_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	peer = find_peer(kn, nla_get_u32(info->attrs[KSRTP_A_PEER_ID]),
			 info->extack);
	err = IS_ERR(peer) ? PTR_ERR(peer) : fill_peer(msg, peer);
	mutex_unlock(&kn->lock);
	return reply_send(info, msg, hdr, err);
}

/* Can the sock reach this address at all? */
static int check_remote(const struct ksrtp_sock *ks,
			const struct ksrtp_addr *addr,
			struct netlink_ext_ack *extack)
{
	const struct sock *sk = ks->sk;
	bool v4 = ipv6_addr_v4mapped(&addr->ip);
	int type = ipv6_addr_type(&addr->ip);
	__be32 ip = addr->ip.s6_addr32[3];
	bool one_host;

	if (!addr->port) {
		NL_SET_ERR_MSG(extack, "The remote port is 0");
		return -EINVAL;
	}
	if (v4)
		one_host = !ipv4_is_zeronet(ip) && !ipv4_is_multicast(ip) &&
			   !ipv4_is_lbcast(ip);
	else
		one_host = type != IPV6_ADDR_ANY && !(type & IPV6_ADDR_MULTICAST);
	if (!one_host) {
		NL_SET_ERR_MSG(extack, "The remote address is not one host's");
		return -EINVAL;
	}
	if (!v4 && sk->sk_family == AF_INET) {
		NL_SET_ERR_MSG(extack, "The sock is IPv4, the address is IPv6");
		return -EAFNOSUPPORT;
	}
	if (v4 && sk->sk_family == AF_INET6 && ipv6_only_sock(sk)) {
		NL_SET_ERR_MSG(extack,
			       "The sock hears IPv6 only, the address is IPv4");
		return -EAFNOSUPPORT;
	}
	if (type & IPV6_ADDR_LINKLOCAL && !addr->scope) {
		NL_SET_ERR_MSG(extack,
			       "A link-local address needs its interface");
		return -EINVAL;
	}
	return 0;
}

static int check_local(const struct in6_addr *ip,
		       const struct ksrtp_addr *remote,
		       struct netlink_ext_ack *extack)
{
	if (ipv6_addr_v4mapped(ip) != ipv6_addr_v4mapped(&remote->ip)) {
		NL_SET_ERR_MSG(extack,
			       "The local and the remote address are of two families");
		return -EINVAL;
	}
	return 0;
}

static int peer_new(struct ksrtp_net *kn, struct genl_info *info, u32 *id)
{
	struct nlattr **a = info->attrs;
	struct ksrtp_addr addr;
	struct ksrtp_peer *peer;
	struct ksrtp_sock *ks;
	int err;

	ks = find_sock(kn, nla_get_u32(a[KSRTP_A_PEER_SOCK]), info->extack);
	if (IS_ERR(ks))
		return PTR_ERR(ks);
	get_addr(a[KSRTP_A_PEER_REMOTE_ADDR], a[KSRTP_A_PEER_REMOTE_PORT],
		 a[KSRTP_A_PEER_REMOTE_SCOPE], &addr);
	err = check_remote(ks, &addr, info->extack);
	if (!err && a[KSRTP_A_PEER_LOCAL_ADDR])
		err = check_local(nla_data(a[KSRTP_A_PEER_LOCAL_ADDR]), &addr,
				  info->extack);
	if (err)
		return err;
	peer = ksrtp_peer_add(ks, id, &addr, info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	if (a[KSRTP_A_PEER_LOCAL_ADDR]) {
		memcpy(&peer->local, nla_data(a[KSRTP_A_PEER_LOCAL_ADDR]),
		       sizeof(peer->local));
		/* No key yet, so no packet has been sent from elsewhere. */
		smp_store_release(&peer->has_local, true);
	}
	if (a[KSRTP_A_PEER_MAX_STREAMS])
		WRITE_ONCE(peer->max_streams,
			   nla_get_u32(a[KSRTP_A_PEER_MAX_STREAMS]));
	err = ksrtp_peer_set_roam(peer, get_u8_or(a[KSRTP_A_PEER_ROAM], 0),
				  info->extack);
	if (err)
		ksrtp_peer_del(peer);
	return err;
}

static int peer_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	u32 id = get_u32_or(a[KSRTP_A_PEER_ID], 0);
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!a[KSRTP_A_PEER_SOCK])
		return refuse(info, "The sock's id is missing");
	if (!a[KSRTP_A_PEER_REMOTE_ADDR] || !a[KSRTP_A_PEER_REMOTE_PORT])
		return refuse(info, "The remote address and port are missing");
	msg = reply_new(info, KSRTP_CMD_PEER_NEW, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	err = peer_new(kn, info, &id);
	mutex_unlock(&kn->lock);
	return reply_id(info, msg, hdr, KSRTP_A_PEER_ID, id, err);
}

static int peer_set(struct ksrtp_net *kn, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct ksrtp_addr addr;
	struct ksrtp_peer *peer;
	bool moves = a[KSRTP_A_PEER_REMOTE_ADDR];
	bool roamed, roam;
	int err = 0;

	peer = find_peer(kn, nla_get_u32(a[KSRTP_A_PEER_ID]), info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	roamed = peer->roam;
	roam = get_u8_or(a[KSRTP_A_PEER_ROAM], roamed);
	if (moves) {
		get_addr(a[KSRTP_A_PEER_REMOTE_ADDR],
			 a[KSRTP_A_PEER_REMOTE_PORT],
			 a[KSRTP_A_PEER_REMOTE_SCOPE], &addr);
		err = check_remote(peer->sock, &addr, info->extack);
		if (!err && peer->has_local)
			err = check_local(&peer->local, &addr, info->extack);
		if (err)
			return err;
	}
	/* What can fail comes first; to turn roaming off cannot. */
	if (roam) {
		err = ksrtp_peer_set_roam(peer, true, info->extack);
		if (err)
			return err;
	}
	if (moves) {
		err = ksrtp_peer_move(peer, &addr, GFP_KERNEL_ACCOUNT);
		if (err) {
			if (err == -EEXIST)
				NL_SET_ERR_MSG(info->extack,
					       "The sock has a peer at this address");
			if (!roamed)
				ksrtp_peer_set_roam(peer, false, NULL);
			return err;
		}
	}
	if (!roam)
		ksrtp_peer_set_roam(peer, false, NULL);
	if (a[KSRTP_A_PEER_MAX_STREAMS])
		WRITE_ONCE(peer->max_streams,
			   nla_get_u32(a[KSRTP_A_PEER_MAX_STREAMS]));
	kn->gen++;
	return 0;
}

static int peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	int err;

	if (!a[KSRTP_A_PEER_ID])
		return refuse(info, "The peer's id is missing");
	if (!a[KSRTP_A_PEER_REMOTE_ADDR] != !a[KSRTP_A_PEER_REMOTE_PORT])
		return refuse(info,
			       "A remote address and its port are set together");
	if (!a[KSRTP_A_PEER_REMOTE_ADDR] && !a[KSRTP_A_PEER_ROAM] &&
	    !a[KSRTP_A_PEER_MAX_STREAMS])
		return refuse(info, "There is nothing to set");
	mutex_lock(&kn->lock);
	err = peer_set(kn, info);
	mutex_unlock(&kn->lock);
	return err;
}

static int peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr *a = info->attrs[KSRTP_A_PEER_ID];
	struct ksrtp_peer *peer;
	struct ksrtp_sock *ks;
	unsigned long id;
	int err = 0;

	mutex_lock(&kn->lock);
	if (a) {
		peer = find_peer(kn, nla_get_u32(a), info->extack);
		if (IS_ERR(peer))
			err = PTR_ERR(peer);
		else
			ksrtp_peer_del(peer);
	} else {
		xa_for_each(&kn->socks, id, ks)
			ksrtp_peer_flush(ks);
	}
	mutex_unlock(&kn->lock);
	return err;
}

/* --- key -------------------------------------------------------------------------- */

/* What is there only if it was asked for. */
static int fill_key_extras(struct sk_buff *msg, const struct ksrtp_key *key)
{
	struct nlattr *ids;
	u8 *at;
	int id;

	if ((key->cryptex &&
	     nla_put_u8(msg, KSRTP_A_KEY_CRYPTEX, key->cryptex)) ||
	    (key->rcc && nla_put_u16(msg, KSRTP_A_KEY_RCC, key->rcc)) ||
	    (key->is_double && !key->inner &&
	     nla_put_u8(msg, KSRTP_A_KEY_OUTER_ONLY, 1)))
		return -EMSGSIZE;
	if (!key->enc_ext)
		return 0;
	ids = nla_reserve(msg, KSRTP_A_KEY_ENC_EXT,
			  memweight(key->ext_ids, sizeof(key->ext_ids)));
	if (!ids)
		return -EMSGSIZE;
	at = nla_data(ids);
	for (id = 1; id < KSRTP_EXT_IDS; id++)
		if (key->ext_ids[id / 8] & 1 << id % 8)
			*at++ = id;
	return 0;
}

static int fill_key(struct sk_buff *msg, struct ksrtp_key *key)
{
	struct ksrtp_peer *peer = key->id.peer;
	bool expired;
	u64 packets = ksrtp_stream_key_packets(peer, key, &expired);

	if (nla_put_u32(msg, KSRTP_A_KEY_PEER, peer->id) ||
	    nla_put_u8(msg, KSRTP_A_KEY_DIR, key->id.dir) ||
	    nla_put_u8(msg, KSRTP_A_KEY_LAYER, key->id.layer) ||
	    (!key->id.any &&
	     nla_put_u32(msg, KSRTP_A_KEY_SSRC, key->id.ssrc)) ||
	    nla_put_u16(msg, KSRTP_A_KEY_SUITE, key->suite_id) ||
	    (key->mki_len &&
	     nla_put(msg, KSRTP_A_KEY_MKI, key->mki_len, key->mki)) ||
	    nla_put_u8(msg, KSRTP_A_KEY_ROC_MODE, key->roc_mode) ||
	    nla_put_u32(msg, KSRTP_A_KEY_ROC, key->roc) ||
	    (key->has_from_seq &&
	     nla_put_u16(msg, KSRTP_A_KEY_FROM_SEQ, key->from_seq)) ||
	    nla_put_u32(msg, KSRTP_A_KEY_WINDOW, key->window) ||
	    (key->soft != U64_MAX &&
	     nla_put_u64_64bit(msg, KSRTP_A_KEY_SOFT_LIMIT, key->soft,
			       KSRTP_A_KEY_PAD)) ||
	    nla_put_u64_64bit(msg, KSRTP_A_KEY_HARD_LIMIT, key->hard,
			      KSRTP_A_KEY_PAD) ||
	    nla_put(msg, KSRTP_A_KEY_FINGERPRINT, sizeof(key->fingerprint),
		    key->fingerprint) ||
	    nla_put_u64_64bit(msg, KSRTP_A_KEY_PACKETS, packets,
			      KSRTP_A_KEY_PAD) ||
	    nla_put_u8(msg, KSRTP_A_KEY_EXPIRED, expired) ||
	    fill_key_extras(msg, key))
		return -EMSGSIZE;
	if (key->companion)
		return 0;
	if (key->id.layer == KSRTP_LAYER_HBH)
		return nla_put_u8(msg, KSRTP_A_KEY_ALLOW_PLAIN_RTCP,
				  key->allow_plain_rtcp) ||
		       nla_put_u8(msg, KSRTP_A_KEY_TX_PLAIN_RTCP,
				  key->tx_plain_rtcp) ? -EMSGSIZE : 0;
	return nla_put_u8(msg, KSRTP_A_KEY_IV, key->iv) ||
	       nla_put_u8(msg, KSRTP_A_KEY_MI, key->mi) ||
	       nla_put_u8(msg, KSRTP_A_KEY_MI_LEN, key->mi_len) ||
	       nla_put_u8(msg, KSRTP_A_KEY_MI_VERIFY, key->mi_verify) ?
	       -EMSGSIZE : 0;
}

/* What tells one key from another; the peer is looked up by the caller. */
static int get_key_id(struct genl_info *info, struct ksrtp_key_id *id)
{
	struct nlattr **a = info->attrs;

	memset(id, 0, sizeof(*id));
	if (!a[KSRTP_A_KEY_PEER])
		return refuse(info, "The peer's id is missing");
	if (!a[KSRTP_A_KEY_DIR])
		return refuse(info, "The key's direction is missing");
	if (!a[KSRTP_A_KEY_LAYER])
		return refuse(info, "The key's layer is missing");
	id->dir = nla_get_u8(a[KSRTP_A_KEY_DIR]);
	id->layer = nla_get_u8(a[KSRTP_A_KEY_LAYER]);
	id->any = !a[KSRTP_A_KEY_SSRC];
	id->ssrc = get_u32_or(a[KSRTP_A_KEY_SSRC], 0);
	return 0;
}

static int get_mki(struct genl_info *info, const u8 **mki, u8 *len)
{
	struct nlattr *a = info->attrs[KSRTP_A_KEY_MKI];

	*len = 0;
	*mki = NULL;
	if (!a)
		return 0;
	if (!nla_len(a) || nla_len(a) > KSRTP_MAX_MKI)
		return refuse(info, "An MKI is 1 to 128 bytes long");
	*mki = nla_data(a);
	*len = nla_len(a);
	return 0;
}

static int get_limits(struct genl_info *info, u64 *soft, u64 *hard)
{
	struct nlattr **a = info->attrs;

	if (a[KSRTP_A_KEY_SOFT_LIMIT])
		*soft = nla_get_u64(a[KSRTP_A_KEY_SOFT_LIMIT]);
	if (a[KSRTP_A_KEY_HARD_LIMIT])
		*hard = nla_get_u64(a[KSRTP_A_KEY_HARD_LIMIT]);
	if (!*hard || *hard > KSRTP_INDEX_MAX + 1)
		return refuse(info, "A hard limit is 1 to 2^48 packets");
	if (!*soft)
		return refuse(info, "A soft limit is at least 1 packet");
	if (*soft != U64_MAX && *soft > *hard)
		return refuse(info,
			       "A soft limit above the hard limit would never be reached");
	return 0;
}

/*
 * A master key and its salt, of the lengths the suite has. Of a DOUBLE suite the
 * inner half stands before the outer one, or the outer one alone is given.
 */
static int get_master(struct genl_info *info, struct ksrtp_key_config *cfg,
		      bool rtcp, struct nlattr *key, struct nlattr *salt)
{
	const struct ksrtp_suite_desc *half = ksrtp_suite_crypt(cfg->suite);
	u32 key_len = cfg->suite->key_len, salt_len = cfg->suite->salt_len;

	if (cfg->suite->half && nla_len(key) == half->key_len) {
		key_len = half->key_len;
		salt_len = half->salt_len;
	}
	if (nla_len(key) != key_len)
		return refuse(info, "The master key is not as long as the suite's");
	if (!salt || nla_len(salt) != salt_len)
		return refuse(info, "The master salt is not as long as the suite's");
	cfg->master[rtcp] = nla_data(key) + key_len - half->key_len;
	cfg->salt[rtcp] = nla_data(salt) + salt_len - half->salt_len;
	if (!rtcp && cfg->suite->half && key_len != half->key_len) {
		cfg->inner_master = nla_data(key);
		cfg->inner_salt = nla_data(salt);
	}
	return 0;
}

static int get_masters(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;
	int err;

	if (!a[KSRTP_A_KEY_MASTER_KEY])
		return refuse(info, "The master key is missing");
	err = get_master(info, cfg, false, a[KSRTP_A_KEY_MASTER_KEY],
			 a[KSRTP_A_KEY_MASTER_SALT]);
	if (err)
		return err;
	if (!a[KSRTP_A_KEY_RTCP_MASTER_KEY]) {
		if (a[KSRTP_A_KEY_RTCP_MASTER_SALT])
			return refuse(info, "RTCP has a salt but no key of its own");
		cfg->master[true] = cfg->master[false];
		cfg->salt[true] = cfg->salt[false];
		return 0;
	}
	if (cfg->id.layer == KSRTP_LAYER_E2E)
		return refuse(info, "E2E is for RTP; RTCP has HBH alone");
	return get_master(info, cfg, true, a[KSRTP_A_KEY_RTCP_MASTER_KEY],
			  a[KSRTP_A_KEY_RTCP_MASTER_SALT]);
}

static int get_mi(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;
	bool own_key;

	cfg->iv = get_u8_or(a[KSRTP_A_KEY_IV], KSRTP_IV_RIGHT);
	cfg->mi = get_u8_or(a[KSRTP_A_KEY_MI], KSRTP_MI_NONE);
	cfg->mi_len = get_u8_or(a[KSRTP_A_KEY_MI_LEN], 4);
	cfg->mi_verify = get_u8_or(a[KSRTP_A_KEY_MI_VERIFY], 1);
	if (cfg->id.layer != KSRTP_LAYER_E2E) {
		if (a[KSRTP_A_KEY_IV] || a[KSRTP_A_KEY_MI] ||
		    a[KSRTP_A_KEY_MI_KEY] || a[KSRTP_A_KEY_MI_LEN] ||
		    a[KSRTP_A_KEY_MI_VERIFY])
			return refuse(info, "iv and mi belong to E2E keys");
		return 0;
	}
	if (cfg->mi == KSRTP_MI_NONE) {
		if (a[KSRTP_A_KEY_MI_KEY] || a[KSRTP_A_KEY_MI_LEN])
			return refuse(info, "An MI key or length without an MI tag");
		cfg->mi_len = 0;
		return 0;
	}
	if (cfg->mi_len < 1 || cfg->mi_len > 20)
		return refuse(info, "An MI tag is 1 to 20 bytes long");
	own_key = cfg->mi == KSRTP_MI_KEY;
	if (own_key != !!a[KSRTP_A_KEY_MI_KEY])
		return refuse(info, "mi-key goes with mi key, and only with it");
	if (own_key) {
		if (!nla_len(a[KSRTP_A_KEY_MI_KEY]) ||
		    nla_len(a[KSRTP_A_KEY_MI_KEY]) > KSRTP_MAX_MI_KEY)
			return refuse(info, "An MI key is 1 to 64 bytes long");
		cfg->mi_key = nla_data(a[KSRTP_A_KEY_MI_KEY]);
		cfg->mi_key_len = nla_len(a[KSRTP_A_KEY_MI_KEY]);
	}
	return 0;
}

static int get_roc(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;

	cfg->roc_mode = get_u8_or(a[KSRTP_A_KEY_ROC_MODE], KSRTP_ROC_MODE_VALUE);
	cfg->roc = get_u32_or(a[KSRTP_A_KEY_ROC], 0);
	if (a[KSRTP_A_KEY_ROC] && cfg->roc_mode != KSRTP_ROC_MODE_VALUE)
		return refuse(info, "roc is a number, or keep, or reset");
	cfg->has_from_seq = a[KSRTP_A_KEY_FROM_SEQ];
	if (cfg->has_from_seq) {
		if (cfg->id.dir != KSRTP_DIR_TX)
			return refuse(info,
				      "from-seq belongs to tx keys; rx keys are told apart by MKI or tag");
		cfg->from_seq = nla_get_u16(a[KSRTP_A_KEY_FROM_SEQ]);
	}
	cfg->has_srtcp_index = a[KSRTP_A_KEY_SRTCP_INDEX];
	/* RFC 3711 section 3.2.1 starts at 1; receivers take 0 as well. */
	cfg->srtcp_index = get_u32_or(a[KSRTP_A_KEY_SRTCP_INDEX], 1);
	if (cfg->has_srtcp_index && cfg->id.layer == KSRTP_LAYER_E2E)
		return refuse(info, "E2E is for RTP; RTCP has HBH alone");
	if (cfg->srtcp_index > KSRTP_SRTCP_INDEX_MAX)
		return refuse(info, "An SRTCP index has 31 bits");
	cfg->window = get_u32_or(a[KSRTP_A_KEY_WINDOW], KSRTP_WINDOW_DEFAULT);
	if (cfg->window < KSRTP_WINDOW_MIN || cfg->window > KSRTP_WINDOW_MAX ||
	    cfg->window % 64)
		return refuse(info,
			       "A window is 64 to 32768 packets, and a multiple of 64");
	return 0;
}

static int get_plain_rtcp(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;
	/*
	 * E says whether a packet is encrypted (RFC 3711 section 3.4), which
	 * under the NULL cipher none is; others send and want it so.
	 */
	bool plain = cfg->id.layer == KSRTP_LAYER_HBH && !cfg->suite->encrypts;

	cfg->allow_plain_rtcp = get_u8_or(a[KSRTP_A_KEY_ALLOW_PLAIN_RTCP],
					  plain && cfg->id.dir == KSRTP_DIR_RX);
	cfg->tx_plain_rtcp = get_u8_or(a[KSRTP_A_KEY_TX_PLAIN_RTCP],
				       plain && cfg->id.dir == KSRTP_DIR_TX);
	if (cfg->id.layer == KSRTP_LAYER_E2E &&
	    (a[KSRTP_A_KEY_ALLOW_PLAIN_RTCP] || a[KSRTP_A_KEY_TX_PLAIN_RTCP]))
		return refuse(info, "E2E is for RTP; RTCP has HBH alone");
	if (a[KSRTP_A_KEY_ALLOW_PLAIN_RTCP] && cfg->id.dir != KSRTP_DIR_RX)
		return refuse(info, "allow-plain-rtcp belongs to rx keys");
	if (a[KSRTP_A_KEY_TX_PLAIN_RTCP] && cfg->id.dir != KSRTP_DIR_TX)
		return refuse(info, "tx-plain-rtcp belongs to tx keys");
	return 0;
}

/* Header extensions, whole (RFC 9335) or chosen elements of them (RFC 6904) */
static int get_extensions(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;
	int i;

	cfg->cryptex = get_u8_or(a[KSRTP_A_KEY_CRYPTEX], KSRTP_CRYPTEX_OFF);
	if (a[KSRTP_A_KEY_ENC_EXT]) {
		cfg->enc_ext = nla_data(a[KSRTP_A_KEY_ENC_EXT]);
		if (!nla_len(a[KSRTP_A_KEY_ENC_EXT]) ||
		    nla_len(a[KSRTP_A_KEY_ENC_EXT]) > KSRTP_EXT_IDS - 1)
			return refuse(info, "enc-ext names 1 to 255 ids");
		cfg->enc_ext_len = nla_len(a[KSRTP_A_KEY_ENC_EXT]);
	}
	for (i = 0; i < cfg->enc_ext_len; i++)
		if (!cfg->enc_ext[i])
			return refuse(info,
				       "An id of a header extension element is 1 to 255");
	if (!cfg->cryptex && !cfg->enc_ext_len)
		return 0;
	if (cfg->id.layer == KSRTP_LAYER_E2E)
		return refuse(info,
			       "E2E leaves the header in clear; cryptex and enc-ext belong to hbh keys");
	if (!cfg->suite->encrypts)
		return refuse(info,
			       "A NULL suite has no cipher for header extensions");
	if (cfg->cryptex && cfg->enc_ext_len)
		return refuse(info,
			       "Cryptex encrypts every header extension; enc-ext is for keys without it");
	if (cfg->cryptex && cfg->suite->half)
		return refuse(info,
			       "A DOUBLE suite encrypts header extensions by enc-ext (RFC 8723), not by cryptex");
	return 0;
}

/* RFC 4771: a mode that leaves packets without authentication is not offered. */
static int get_rcc(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr *a = info->attrs[KSRTP_A_KEY_RCC];

	if (!a)
		return 0;
	cfg->rcc = nla_get_u16(a);
	if (cfg->id.layer == KSRTP_LAYER_E2E)
		return refuse(info, "rcc belongs to hbh keys");
	if (cfg->suite->transform == KSRTP_TRANSFORM_CM_HMAC &&
	    cfg->suite->rtp_tag <= 4)
		return refuse(info,
			       "The ROC takes 4 bytes of the tag (RFC 4771), and the suite's has no more: packets would not be authenticated");
	return 0;
}

static int get_key_config(struct genl_info *info, struct ksrtp_key_config *cfg)
{
	struct nlattr **a = info->attrs;
	int err;

	err = get_key_id(info, &cfg->id);
	if (err)
		return err;
	if (!a[KSRTP_A_KEY_SUITE])
		return refuse(info, "The suite is missing");
	cfg->suite_id = nla_get_u16(a[KSRTP_A_KEY_SUITE]);
	cfg->suite = ksrtp_suite_by_id(cfg->suite_id);
	if (!cfg->suite)
		return refuse(info, "The suite is not known");
	if (cfg->suite->layer != cfg->id.layer)
		return refuse(info, cfg->id.layer == KSRTP_LAYER_E2E ?
			       "This suite is for hbh keys" :
			       "This suite is for e2e keys");
	if (cfg->id.layer == KSRTP_LAYER_E2E && a[KSRTP_A_KEY_MKI])
		return refuse(info, "E2E keys have no MKI");
	cfg->soft = U64_MAX;
	cfg->hard = KSRTP_INDEX_MAX + 1;
	return get_mki(info, &cfg->mki, &cfg->mki_len) ?:
	       get_limits(info, &cfg->soft, &cfg->hard) ?:
	       get_masters(info, cfg) ?:
	       get_mi(info, cfg) ?:
	       get_roc(info, cfg) ?:
	       get_extensions(info, cfg) ?:
	       get_rcc(info, cfg) ?:
	       get_plain_rtcp(info, cfg);
}

/*
 * The request is the kernel's copy, and freed as it is. Nor must a refusal
 * return it with the keys in it, as one does whose sender has not asked for
 * NETLINK_CAP_ACK. An attribute given twice stands there twice.
 */
static void wipe_secrets(struct genl_info *info)
{
	struct nlattr *a;
	int left;

	nlmsg_for_each_attr(a, info->nlhdr, GENL_HDRLEN, left) {
		switch (nla_type(a)) {
		case KSRTP_A_KEY_MASTER_KEY:
		case KSRTP_A_KEY_MASTER_SALT:
		case KSRTP_A_KEY_RTCP_MASTER_KEY:
		case KSRTP_A_KEY_RTCP_MASTER_SALT:
		case KSRTP_A_KEY_MI_KEY:
			memzero_explicit(nla_data(a), nla_len(a));
			break;
		}
	}
}

static int key_new(struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_key_config cfg = {};
	struct ksrtp_peer *peer;
	int err;

	err = get_key_config(info, &cfg);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	peer = find_peer(kn, nla_get_u32(info->attrs[KSRTP_A_KEY_PEER]),
			 info->extack);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
	} else {
		cfg.id.peer = peer;
		err = ksrtp_key_add(&cfg, info->extack);
	}
	mutex_unlock(&kn->lock);
	return err;
}

static int key_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = key_new(info);

	wipe_secrets(info);
	return err;
}

/* The one key a request means, or an ERR_PTR. */
static struct ksrtp_key *find_key(struct ksrtp_net *kn, struct genl_info *info,
				  bool oldest)
{
	struct ksrtp_key_id id;
	struct ksrtp_peer *peer;
	struct ksrtp_key *key;
	const u8 *mki;
	u8 mki_len;
	int err;

	err = get_key_id(info, &id) ?: get_mki(info, &mki, &mki_len);
	if (err)
		return ERR_PTR(err);
	peer = find_peer(kn, nla_get_u32(info->attrs[KSRTP_A_KEY_PEER]),
			 info->extack);
	if (IS_ERR(peer))
		return ERR_CAST(peer);
	id.peer = peer;
	key = ksrtp_key_find(&id, mki, mki_len, oldest);
	if (!key) {
		NL_SET_ERR_MSG(info->extack, "The peer has no such key");
		return ERR_PTR(-ENOENT);
	}
	if (key->mki_len && !mki_len) {
		NL_SET_ERR_MSG(info->extack,
			       "The key has an MKI; say which one is meant");
		return ERR_PTR(-EINVAL);
	}
	return key;
}

static int key_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ksrtp_key *key;
	u64 soft, hard;
	int err;

	if (!a[KSRTP_A_KEY_SOFT_LIMIT] && !a[KSRTP_A_KEY_HARD_LIMIT])
		return refuse(info, "There is nothing to set");
	mutex_lock(&kn->lock);
	key = find_key(kn, info, false);
	if (IS_ERR(key)) {
		err = PTR_ERR(key);
		goto unlock;
	}
	soft = key->soft;
	hard = key->hard;
	err = get_limits(info, &soft, &hard);
	if (err)
		goto unlock;
	WRITE_ONCE(key->soft, soft);
	WRITE_ONCE(key->hard, hard);
	kn->gen++;
unlock:
	mutex_unlock(&kn->lock);
	return err;
}

static void flush_keys(struct ksrtp_peer *peer)
{
	struct ksrtp_key *key, *next;

	list_for_each_entry_safe(key, next, &peer->keys, list) {
		ksrtp_key_del(key);
		cond_resched();
	}
}

static int key_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ksrtp_peer *peer;
	struct ksrtp_key *key;
	unsigned long id;
	int err = 0;

	mutex_lock(&kn->lock);
	if (a[KSRTP_A_KEY_DIR] || a[KSRTP_A_KEY_LAYER] || a[KSRTP_A_KEY_SSRC] ||
	    a[KSRTP_A_KEY_MKI]) {
		/* Make before break: the one that is replaced goes. */
		key = find_key(kn, info, true);
		if (IS_ERR(key)) {
			err = PTR_ERR(key);
		} else if (key->companion) {
			NL_SET_ERR_MSG(info->extack,
				       "The key is the inner layer of a DOUBLE suite; delete its hbh key");
			err = -EBUSY;
		} else {
			ksrtp_key_del(key);
		}
	} else if (a[KSRTP_A_KEY_PEER]) {
		peer = find_peer(kn, nla_get_u32(a[KSRTP_A_KEY_PEER]),
				 info->extack);
		if (IS_ERR(peer))
			err = PTR_ERR(peer);
		else
			flush_keys(peer);
	} else {
		xa_for_each(&kn->peers, id, peer)
			flush_keys(peer);
	}
	mutex_unlock(&kn->lock);
	return err;
}

/* --- route ------------------------------------------------------------------------- */

static int get_out(struct ksrtp_net *kn, struct nlattr *nest,
		   struct ksrtp_out_config *out, struct genl_info *info)
{
	struct nlattr *a[KSRTP_A_OUT_MAX + 1];
	int err;

	err = nla_parse_nested(a, KSRTP_A_OUT_MAX, nest, ksrtp_out_nl_policy,
			       info->extack);
	if (err)
		return err;
	if (!a[KSRTP_A_OUT_PEER])
		return refuse(info, "An output's peer is missing");
	if (!a[KSRTP_A_OUT_REWRITE_PT_OLD] != !a[KSRTP_A_OUT_REWRITE_PT_NEW])
		return refuse(info, "rewrite-pt takes an old and a new payload type");
	out->peer = find_peer(kn, nla_get_u32(a[KSRTP_A_OUT_PEER]),
			      info->extack);
	if (IS_ERR(out->peer))
		return PTR_ERR(out->peer);
	out->rewrite_ssrc = a[KSRTP_A_OUT_REWRITE_SSRC];
	out->ssrc = get_u32_or(a[KSRTP_A_OUT_REWRITE_SSRC], 0);
	out->rewrite_pt = a[KSRTP_A_OUT_REWRITE_PT_OLD];
	out->pt_old = get_u8_or(a[KSRTP_A_OUT_REWRITE_PT_OLD], 0);
	out->pt_new = get_u8_or(a[KSRTP_A_OUT_REWRITE_PT_NEW], 0);
	/* A payload type of 64..95 with the marker bit would look like RTCP. */
	if (out->rewrite_pt && out->pt_new >= 64 && out->pt_new <= 95)
		return refuse(info,
			       "Payload types 64 to 95 cannot be told from RTCP (RFC 5761)");
	return 0;
}

static int route_new(struct ksrtp_net *kn, struct genl_info *info)
{
	struct nlattr **a = info->attrs, *nest;
	struct ksrtp_out_config *outs;
	struct ksrtp_peer *peer;
	int left, err = 0;
	u32 n = 0;

	peer = find_peer(kn, nla_get_u32(a[KSRTP_A_ROUTE_PEER]), info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, left)
		if (nla_type(nest) == KSRTP_A_ROUTE_OUT)
			n++;
	outs = kvcalloc(n, sizeof(*outs), GFP_KERNEL_ACCOUNT);
	if (!outs)
		return -ENOMEM;
	n = 0;
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, left) {
		if (nla_type(nest) != KSRTP_A_ROUTE_OUT)
			continue;
		err = get_out(kn, nest, &outs[n], info);
		if (err)
			goto free;
		n++;
	}
	err = ksrtp_route_add(peer, !a[KSRTP_A_ROUTE_SSRC],
			      get_u32_or(a[KSRTP_A_ROUTE_SSRC], 0),
			      a[KSRTP_A_ROUTE_RTCP] ?
			      nla_get_u8(a[KSRTP_A_ROUTE_RTCP]) : -1,
			      outs, n, info->extack);
free:
	kvfree(outs);
	return err;
}

static int route_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	int err;

	if (!a[KSRTP_A_ROUTE_PEER])
		return refuse(info, "The peer packets come from is missing");
	if (!a[KSRTP_A_ROUTE_OUT])
		return refuse(info, "A route needs an output");
	mutex_lock(&kn->lock);
	err = route_new(kn, info);
	mutex_unlock(&kn->lock);
	return err;
}

static int route_del(struct ksrtp_net *kn, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct ksrtp_peer *peer, *to;
	struct ksrtp_route *route;

	peer = find_peer(kn, nla_get_u32(a[KSRTP_A_ROUTE_PEER]), info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	rcu_read_lock();
	route = ksrtp_route_find(peer, !a[KSRTP_A_ROUTE_SSRC],
				 get_u32_or(a[KSRTP_A_ROUTE_SSRC], 0));
	rcu_read_unlock();
	if (!route) {
		NL_SET_ERR_MSG(info->extack, "There is no such route");
		return -ENOENT;
	}
	if (!a[KSRTP_A_ROUTE_TO]) {
		ksrtp_route_del(route);
		return 0;
	}
	to = find_peer(kn, nla_get_u32(a[KSRTP_A_ROUTE_TO]), info->extack);
	if (IS_ERR(to))
		return PTR_ERR(to);
	return ksrtp_route_del_out(route, to, info->extack);
}

static int route_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ksrtp_peer *peer;
	unsigned long id;
	int err = 0;

	if (!a[KSRTP_A_ROUTE_PEER] &&
	    (a[KSRTP_A_ROUTE_SSRC] || a[KSRTP_A_ROUTE_TO]))
		return refuse(info, "The peer packets come from is missing");
	mutex_lock(&kn->lock);
	if (a[KSRTP_A_ROUTE_PEER]) {
		err = route_del(kn, info);
	} else {
		xa_for_each(&kn->peers, id, peer)
			ksrtp_route_flush(peer);
	}
	mutex_unlock(&kn->lock);
	return err;
}

static int fill_out(struct sk_buff *msg, const struct ksrtp_out *out)
{
	struct nlattr *nest = nla_nest_start(msg, KSRTP_A_ROUTE_OUT);

	if (!nest || nla_put_u32(msg, KSRTP_A_OUT_PEER, out->peer->id))
		return -EMSGSIZE;
	if (out->rewrite_ssrc &&
	    nla_put_u32(msg, KSRTP_A_OUT_REWRITE_SSRC, out->ssrc))
		return -EMSGSIZE;
	if (out->rewrite_pt &&
	    (nla_put_u8(msg, KSRTP_A_OUT_REWRITE_PT_OLD, out->pt_old) ||
	     nla_put_u8(msg, KSRTP_A_OUT_REWRITE_PT_NEW, out->pt_new)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* A route with very many outputs takes several messages. */
static int fill_route(struct sk_buff *msg, struct ksrtp_route *route, u32 from)
{
	const struct mutex *lock = &route->id.peer->kn->lock;
	const struct ksrtp_outs *outs;
	u32 i;

	if (nla_put_u32(msg, KSRTP_A_ROUTE_PEER, route->id.peer->id) ||
	    (!route->id.any &&
	     nla_put_u32(msg, KSRTP_A_ROUTE_SSRC, route->id.ssrc)) ||
	    nla_put_u8(msg, KSRTP_A_ROUTE_RTCP, route->rtcp))
		return -EMSGSIZE;
	outs = rcu_dereference_protected(route->outs, lockdep_is_held(lock));
	for (i = from; i < outs->n && i < from + MAX_OUTS_A_MESSAGE; i++)
		if (fill_out(msg, outs->out[i]))
			return -EMSGSIZE;
	return 0;
}

/* --- stream and stats ---------------------------------------------------------------- */

/* A copy of what is written by packets, taken under the stream's lock. */
static int fill_stream(struct sk_buff *msg, struct ksrtp_stream *stream,
		       u8 layer)
{
	bool tx = stream->id.dir == KSRTP_DIR_TX;
	struct ksrtp_ctx *ctx = tx ? ksrtp_stream_tx_ctx(stream, layer, NULL) :
				     ksrtp_ctx_first(stream, layer);
	u64 drops[KSRTP_DROP_COUNT];
	struct ksrtp_window *rtcp;
	u64 packets, bytes, rtcp_packets, rtcp_bytes, highest;
	u32 srtcp;

	spin_lock(&stream->lock);
	packets = stream->packets[layer];
	bytes = stream->bytes[layer];
	rtcp_packets = stream->rtcp_packets;
	rtcp_bytes = stream->rtcp_bytes;
	highest = ctx->rtp.highest;
	rtcp = rcu_dereference_protected(ctx->rtcp,
					 lockdep_is_held(&stream->lock));
	srtcp = tx ? ctx->srtcp_next : rtcp ? rtcp->highest : 0;
	spin_unlock(&stream->lock);
	ksrtp_stats_stream_drops(stream, layer, drops);

	if (nla_put_u32(msg, KSRTP_A_STREAM_PEER, stream->id.peer->id) ||
	    nla_put_u8(msg, KSRTP_A_STREAM_DIR, stream->id.dir) ||
	    nla_put_u32(msg, KSRTP_A_STREAM_SSRC, stream->id.ssrc) ||
	    nla_put_u8(msg, KSRTP_A_STREAM_LAYER, layer) ||
	    nla_put_u16(msg, KSRTP_A_STREAM_SUITE, ctx->key->suite_id) ||
	    (ctx->key->mki_len &&
	     nla_put(msg, KSRTP_A_STREAM_MKI, ctx->key->mki_len,
		     ctx->key->mki)) ||
	    nla_put_u32(msg, KSRTP_A_STREAM_ROC, highest >> 16) ||
	    nla_put_u16(msg, KSRTP_A_STREAM_HIGHEST_SEQ, highest & 0xffff) ||
	    nla_put_u32(msg, KSRTP_A_STREAM_WINDOW, ctx->rtp.size) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STREAM_PACKETS, packets,
			      KSRTP_A_STREAM_PAD) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STREAM_BYTES, bytes,
			      KSRTP_A_STREAM_PAD) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STREAM_IDLE_MS,
			      jiffies_to_msecs(jiffies - READ_ONCE(stream->last)),
			      KSRTP_A_STREAM_PAD))
		return -EMSGSIZE;
	if (layer == KSRTP_LAYER_HBH &&
	    (nla_put_u64_64bit(msg, KSRTP_A_STREAM_RTCP_PACKETS, rtcp_packets,
			       KSRTP_A_STREAM_PAD) ||
	     nla_put_u64_64bit(msg, KSRTP_A_STREAM_RTCP_BYTES, rtcp_bytes,
			       KSRTP_A_STREAM_PAD) ||
	     nla_put_u32(msg, KSRTP_A_STREAM_SRTCP_INDEX, srtcp)))
		return -EMSGSIZE;
	return ksrtp_stats_put_drops(msg, KSRTP_A_STREAM_DROPS, drops);
}

/* --- state ---------------------------------------------------------------------------- */

static int put_bits(struct sk_buff *msg, int attr, const struct ksrtp_window *w)
{
	struct nlattr *bits = nla_reserve(msg, attr, w->size / 8);
	u32 len;

	if (!bits)
		return -EMSGSIZE;
	len = ksrtp_window_save(w, nla_data(bits));
	/* Padding is 0, since what is cut off is. */
	nlmsg_trim(msg, (u8 *)nla_data(bits) + NLA_ALIGN(len));
	bits->nla_len = nla_attr_size(len);
	return 0;
}

static int fill_state_rtcp(struct sk_buff *msg, const struct ksrtp_window *w)
{
	return nla_put_u32(msg, KSRTP_A_STATE_RTCP_WINDOW, w->size) ||
	       nla_put_u32(msg, KSRTP_A_STATE_RTCP_INDEX, w->highest) ||
	       nla_put_u8(msg, KSRTP_A_STATE_RTCP_STARTED, w->started) ||
	       nla_put_u32(msg, KSRTP_A_STATE_RTCP_FLOOR, w->floor) ||
	       put_bits(msg, KSRTP_A_STATE_RTCP_BITS, w) ? -EMSGSIZE : 0;
}

static int fill_state_tx(struct sk_buff *msg, const struct ksrtp_stream *stream,
			 const struct ksrtp_ctx *ctx)
{
	if (nla_put_u32(msg, KSRTP_A_STATE_SRTCP_NEXT, ctx->srtcp_next) ||
	    (ctx->key->has_from_seq &&
	     nla_put_u8(msg, KSRTP_A_STATE_SWITCHED, !ctx->waits)))
		return -EMSGSIZE;
	if (!stream->started)
		return 0;
	if (nla_put_u64_64bit(msg, KSRTP_A_STATE_EXTENDED, stream->ext,
			      KSRTP_A_STATE_PAD))
		return -EMSGSIZE;
	return ctx->shifted ? nla_put_u64_64bit(msg, KSRTP_A_STATE_MAPPED,
						stream->ext + ctx->shift,
						KSRTP_A_STATE_PAD) : 0;
}

/* What packets write; under the stream's lock, as one moment's truth. */
static int fill_state_ctx(struct sk_buff *msg, const struct ksrtp_stream *stream,
			  const struct ksrtp_ctx *ctx)
{
	const struct ksrtp_window *rtcp;

	rtcp = rcu_dereference_protected(ctx->rtcp,
					 lockdep_is_held(&stream->lock));
	if (nla_put_u8(msg, KSRTP_A_STATE_TOMBSTONE, stream->tomb) ||
	    nla_put_u32(msg, KSRTP_A_STATE_WINDOW, ctx->rtp.size) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STATE_INDEX, ctx->rtp.highest,
			      KSRTP_A_STATE_PAD) ||
	    nla_put_u8(msg, KSRTP_A_STATE_STARTED, ctx->rtp.started) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STATE_FLOOR, ctx->rtp.floor,
			      KSRTP_A_STATE_PAD) ||
	    put_bits(msg, KSRTP_A_STATE_BITS, &ctx->rtp) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STATE_PACKETS, ctx->packets,
			      KSRTP_A_STATE_PAD) ||
	    nla_put_u64_64bit(msg, KSRTP_A_STATE_RTCP_PACKETS,
			      ctx->rtcp_packets, KSRTP_A_STATE_PAD))
		return -EMSGSIZE;
	if (stream->id.dir == KSRTP_DIR_TX)
		return fill_state_tx(msg, stream, ctx);
	return rtcp ? fill_state_rtcp(msg, rtcp) : 0;
}

static int fill_state(struct sk_buff *msg, struct ksrtp_stream *stream,
		      u8 layer, struct ksrtp_ctx *ctx)
{
	const struct ksrtp_key *key = ctx->key;
	int err;

	if (nla_put_u32(msg, KSRTP_A_STATE_PEER, stream->id.peer->id) ||
	    nla_put_u8(msg, KSRTP_A_STATE_DIR, stream->id.dir) ||
	    nla_put_u8(msg, KSRTP_A_STATE_LAYER, layer) ||
	    nla_put_u32(msg, KSRTP_A_STATE_SSRC, stream->id.ssrc) ||
	    nla_put_u8(msg, KSRTP_A_STATE_ANY, key->id.any) ||
	    nla_put_u16(msg, KSRTP_A_STATE_SUITE, key->suite_id) ||
	    (key->mki_len &&
	     nla_put(msg, KSRTP_A_STATE_MKI, key->mki_len, key->mki)) ||
	    nla_put(msg, KSRTP_A_STATE_FINGERPRINT, sizeof(key->fingerprint),
		    key->fingerprint))
		return -EMSGSIZE;
	spin_lock(&stream->lock);
	err = fill_state_ctx(msg, stream, ctx);
	spin_unlock(&stream->lock);
	return err;
}

static int get_bits(struct genl_info *info, struct nlattr *a, u32 window,
		    const u8 **bits, u32 *len)
{
	*len = a ? nla_len(a) : 0;
	*bits = a ? nla_data(a) : NULL;
	if (*len > window / 8)
		return refuse(info, "There are more bits than the window has");
	return 0;
}

static u64 get_u64_or(struct nlattr *a, u64 def)
{
	return a ? nla_get_u64(a) : def;
}

static int get_state(struct genl_info *info, struct ksrtp_state *s)
{
	struct nlattr **a = info->attrs;

	if (!a[KSRTP_A_STATE_SSRC])
		return refuse(info, "The stream's SSRC is missing");
	if (!a[KSRTP_A_STATE_INDEX] || !a[KSRTP_A_STATE_WINDOW])
		return refuse(info, "The packet index or its window is missing");
	s->ssrc = nla_get_u32(a[KSRTP_A_STATE_SSRC]);
	s->tomb = get_u8_or(a[KSRTP_A_STATE_TOMBSTONE], 0);
	s->rtp.size = nla_get_u32(a[KSRTP_A_STATE_WINDOW]);
	s->rtp.highest = nla_get_u64(a[KSRTP_A_STATE_INDEX]);
	s->rtp.started = get_u8_or(a[KSRTP_A_STATE_STARTED], 0);
	s->rtp.floor = get_u64_or(a[KSRTP_A_STATE_FLOOR], 0);
	s->has_rtcp = a[KSRTP_A_STATE_RTCP_WINDOW];
	s->rtcp.size = get_u32_or(a[KSRTP_A_STATE_RTCP_WINDOW], 0);
	s->rtcp.highest = get_u32_or(a[KSRTP_A_STATE_RTCP_INDEX], 0);
	s->rtcp.started = get_u8_or(a[KSRTP_A_STATE_RTCP_STARTED], 0);
	s->rtcp.floor = get_u32_or(a[KSRTP_A_STATE_RTCP_FLOOR], 0);
	s->srtcp_next = get_u32_or(a[KSRTP_A_STATE_SRTCP_NEXT], 0);
	s->packets = get_u64_or(a[KSRTP_A_STATE_PACKETS], 0);
	s->rtcp_packets = get_u64_or(a[KSRTP_A_STATE_RTCP_PACKETS], 0);
	s->has_ext = a[KSRTP_A_STATE_EXTENDED];
	s->ext = get_u64_or(a[KSRTP_A_STATE_EXTENDED], 0);
	s->shifted = a[KSRTP_A_STATE_MAPPED];
	s->mapped = get_u64_or(a[KSRTP_A_STATE_MAPPED], 0);
	s->switched = get_u8_or(a[KSRTP_A_STATE_SWITCHED], 0);
	s->skip = get_u32_or(a[KSRTP_A_STATE_TX_SKIP], 0);
	return get_bits(info, a[KSRTP_A_STATE_BITS], s->rtp.size, &s->bits[0],
			&s->bits_len[0]) ?:
	       get_bits(info, a[KSRTP_A_STATE_RTCP_BITS], s->rtcp.size,
			&s->bits[1], &s->bits_len[1]);
}

/* Among keys that are alike but for the master the fingerprint tells. */
static bool is_key_of_state(const struct ksrtp_key *key, struct genl_info *info)
{
	struct nlattr **a = info->attrs, *mki = a[KSRTP_A_STATE_MKI];

	if (key->suite_id != nla_get_u16(a[KSRTP_A_STATE_SUITE]))
		return false;
	if (key->mki_len != (mki ? nla_len(mki) : 0) ||
	    (mki && memcmp(key->mki, nla_data(mki), key->mki_len)))
		return false;
	return !memcmp(key->fingerprint,
		       nla_data(a[KSRTP_A_STATE_FINGERPRINT]),
		       KSRTP_FINGERPRINT_LEN);
}

static struct ksrtp_key *find_key_of_state(struct ksrtp_net *kn,
					   struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct ksrtp_key_id id = {
		.dir = nla_get_u8(a[KSRTP_A_STATE_DIR]),
		.layer = nla_get_u8(a[KSRTP_A_STATE_LAYER]),
		.any = get_u8_or(a[KSRTP_A_STATE_ANY], 0),
	};
	struct ksrtp_key *key;

	id.peer = find_peer(kn, nla_get_u32(a[KSRTP_A_STATE_PEER]),
			    info->extack);
	if (IS_ERR(id.peer))
		return ERR_CAST(id.peer);
	if (!id.any)
		id.ssrc = nla_get_u32(a[KSRTP_A_STATE_SSRC]);
	rcu_read_lock();
	for (key = ksrtp_key_first(&id); key && !is_key_of_state(key, info);
	     key = ksrtp_key_next(key))
		;
	rcu_read_unlock();
	if (key)
		return key;
	NL_SET_ERR_MSG(info->extack,
		       "The peer has no key of this suite, MKI and fingerprint; keys come before state");
	return ERR_PTR(-ENOKEY);
}

static int state_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ksrtp_state state = {};
	struct ksrtp_key *key;
	int err;

	if (!a[KSRTP_A_STATE_PEER])
		return refuse(info, "The peer's id is missing");
	if (!a[KSRTP_A_STATE_DIR] || !a[KSRTP_A_STATE_LAYER])
		return refuse(info, "The direction or the layer is missing");
	if (!a[KSRTP_A_STATE_SUITE] || !a[KSRTP_A_STATE_FINGERPRINT])
		return refuse(info,
			      "The suite or the fingerprint of the key is missing");
	err = get_state(info, &state);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	key = find_key_of_state(kn, info);
	err = IS_ERR(key) ? PTR_ERR(key) :
	      ksrtp_stream_restore(key, &state,
				   get_u8_or(a[KSRTP_A_STATE_CHECK], 0),
				   info->extack);
	mutex_unlock(&kn->lock);
	return err;
}

static int stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = reply_new(info, KSRTP_CMD_STATS_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	err = ksrtp_stats_fill(kn, msg);
	mutex_unlock(&kn->lock);
	return reply_send(info, msg, hdr, err);
}

/* --- dumps ------------------------------------------------------------------------------ */

/**
 * struct dump - where a dump goes on, kept in cb->args
 * @id: sock or peer
 * @at: how many of its keys or routes, or the serial of its last stream
 * @sub: how many outputs of a route, or layers or contexts of a stream
 * @live: tombstones are done, of which @at is the number before
 * @gen: ksrtp_net.gen when @pos was found, which is good until that changes
 * @pos: the last of its keys or routes that was told
 */
struct dump {
	unsigned long id;
	unsigned long at;
	unsigned long sub;
	unsigned long live;
	unsigned long gen;
	struct list_head *pos;
};

static_assert(sizeof(struct dump) <= sizeof_field(struct netlink_callback, args));

/* Where in a list a dump goes on; counted only where something has changed. */
static struct list_head *dump_resume(struct dump *d, struct list_head *head,
				     const struct ksrtp_net *kn)
{
	unsigned long i;

	lockdep_assert_held(&kn->lock);

	if (d->at && d->gen == kn->gen)
		return d->pos;
	d->gen = kn->gen;
	d->pos = head;
	for (i = 0; i < d->at && !list_is_last(d->pos, head); i++)
		d->pos = d->pos->next;
	return d->pos;
}

/* One object into a message of its own; a message that is full comes again. */
#define dump_one(skb, cb, cmd, fill)					\
({									\
	void *__hdr = genlmsg_put(skb, NETLINK_CB((cb)->skb).portid,	\
				  (cb)->nlh->nlmsg_seq,			\
				  &ksrtp_genl_family, NLM_F_MULTI, cmd);	\
	int __err = __hdr ? (fill) : -EMSGSIZE;				\
									\
	if (!__err) {							\
		genl_dump_check_consistent(cb, __hdr);			\
		genlmsg_end(skb, __hdr);				\
	} else if (__hdr) {						\
		genlmsg_cancel(skb, __hdr);				\
	}								\
	__err;								\
})

static int dump_sock(struct ksrtp_net *kn, struct sk_buff *skb,
		     struct netlink_callback *cb, struct dump *d)
{
	struct ksrtp_sock *ks;

	xa_for_each_start(&kn->socks, d->id, ks, d->id)
		if (ks->sk && dump_one(skb, cb, KSRTP_CMD_SOCK_GET,
				       fill_sock(skb, ks)))
			return -EMSGSIZE;
	return 0;
}

static int dump_peer(struct sk_buff *skb, struct netlink_callback *cb,
		     struct ksrtp_peer *peer, struct dump *d)
{
	return dump_one(skb, cb, KSRTP_CMD_PEER_GET, fill_peer(skb, peer));
}

static int dump_keys(struct sk_buff *skb, struct netlink_callback *cb,
		     struct ksrtp_peer *peer, struct dump *d)
{
	struct list_head *at = dump_resume(d, &peer->keys, peer->kn);

	for (at = at->next; at != &peer->keys; at = at->next) {
		if (dump_one(skb, cb, KSRTP_CMD_KEY_GET,
			     fill_key(skb, list_entry(at, struct ksrtp_key, list))))
			return -EMSGSIZE;
		d->at++;
		d->pos = at;
	}
	return 0;
}

static int dump_routes(struct sk_buff *skb, struct netlink_callback *cb,
		       struct ksrtp_peer *peer, struct dump *d)
{
	struct list_head *at = dump_resume(d, &peer->routes, peer->kn);
	struct ksrtp_route *route;

	for (at = at->next; at != &peer->routes; at = at->next) {
		const struct ksrtp_outs *outs;
		u32 n;

		route = list_entry(at, struct ksrtp_route, list);
		outs = rcu_dereference_protected(route->outs,
						 lockdep_is_held(&peer->kn->lock));
		n = outs->n;
		for (; d->sub < n; d->sub += MAX_OUTS_A_MESSAGE)
			if (dump_one(skb, cb, KSRTP_CMD_ROUTE_GET,
				     fill_route(skb, route, d->sub)))
				return -EMSGSIZE;
		d->sub = 0;
		d->at++;
		d->pos = at;
	}
	return 0;
}

/* A message for each layer of a stream, from the one where it stopped. */
static int dump_stream(struct sk_buff *skb, struct netlink_callback *cb,
		       struct ksrtp_stream *stream, struct dump *d)
{
	int err;

	for (; d->sub < KSRTP_LAYERS; d->sub++) {
		if (!ksrtp_ctx_first(stream, d->sub))
			continue;
		err = dump_one(skb, cb, KSRTP_CMD_STREAM_GET,
			       fill_stream(skb, stream, d->sub));
		if (err)
			return err;
	}
	d->sub = 0;
	return 0;
}

/* Both directions of one SSRC, found as a packet finds them */
static int dump_streams_of(struct sk_buff *skb, struct netlink_callback *cb,
			   struct ksrtp_peer *peer, u32 ssrc, struct dump *d)
{
	struct ksrtp_stream *stream;
	int err = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	for (; d->at < KSRTP_DIRS; d->at++) {
		stream = ksrtp_stream_lookup(peer, d->at, ssrc);
		if (stream && !stream->tomb)
			err = dump_stream(skb, cb, stream, d);
		if (err)
			break;
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
	return err;
}

static int dump_streams(struct sk_buff *skb, struct netlink_callback *cb,
			struct ksrtp_peer *peer, struct dump *d)
{
	struct nlattr *ssrc = ksrtp_dump_attrs(cb)[KSRTP_A_STREAM_SSRC];
	struct ksrtp_stream *stream;
	unsigned long at = d->at;
	int err = 0;

	if (ssrc)
		return dump_streams_of(skb, cb, peer, nla_get_u32(ssrc), d);
	spin_lock_bh(&peer->lock);
	xa_for_each_start(&peer->streams, d->at, stream, at) {
		err = dump_stream(skb, cb, stream, d);
		if (err)
			break;
	}
	spin_unlock_bh(&peer->lock);
	return err;
}

/* A message for each context of a stream, from the one where it stopped. */
static int dump_stream_state(struct sk_buff *skb, struct netlink_callback *cb,
			     struct ksrtp_stream *stream, struct dump *d)
{
	const spinlock_t *lock = &stream->id.peer->lock;
	struct ksrtp_ctx *ctx;
	unsigned long i = 0;
	u8 layer;

	for (layer = 0; layer < KSRTP_LAYERS; layer++) {
		for (ctx = ksrtp_ctx_first(stream, layer); ctx;
		     ctx = rcu_dereference_protected(ctx->next,
						     lockdep_is_held(lock))) {
			if (i++ < d->sub)
				continue;
			if (dump_one(skb, cb, KSRTP_CMD_STATE_GET,
				     fill_state(skb, stream, layer, ctx)))
				return -EMSGSIZE;
			d->sub = i;
		}
	}
	d->sub = 0;
	return 0;
}

/* Tombstones first: on a host that goes on they make room for themselves. */
static int dump_state(struct sk_buff *skb, struct netlink_callback *cb,
		      struct ksrtp_peer *peer, struct dump *d)
{
	struct ksrtp_stream *stream;
	unsigned long i = 0, at;
	int err = 0;

	spin_lock_bh(&peer->lock);
	if (!d->live) {
		list_for_each_entry(stream, &peer->tombs, list) {
			if (i++ < d->at)
				continue;
			err = dump_stream_state(skb, cb, stream, d);
			if (err)
				goto unlock;
			d->at = i;
		}
		d->live = true;
		d->at = 0;
	}
	at = d->at;
	xa_for_each_start(&peer->streams, d->at, stream, at) {
		err = dump_stream_state(skb, cb, stream, d);
		if (err)
			break;
	}
unlock:
	spin_unlock_bh(&peer->lock);
	return err;
}

/* Each peer, or the one the request names, from where the last call stopped. */
static int dump_peers(struct sk_buff *skb, struct netlink_callback *cb,
		      struct nlattr *only,
		      int (*each)(struct sk_buff *skb,
				  struct netlink_callback *cb,
				  struct ksrtp_peer *peer, struct dump *d))
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(skb->sk));
	struct dump *d = (struct dump *)cb->args;
	struct ksrtp_peer *peer;
	unsigned long id, start = d->id;
	int err = 0;

	mutex_lock(&kn->lock);
	cb->seq = kn->gen;
	if (only && !start) {
		start = nla_get_u32(only);
		peer = find_peer(kn, start, cb->extack);
		if (IS_ERR(peer)) {
			mutex_unlock(&kn->lock);
			return PTR_ERR(peer);
		}
	}
	xa_for_each_start(&kn->peers, id, peer, start) {
		if (only && id != nla_get_u32(only))
			break;
		if (id != d->id) {
			d->id = id;
			d->at = 0;
			d->sub = 0;
			d->live = 0;
		}
		err = each(skb, cb, peer, d);
		if (err)
			break;
		d->id = id + 1;
		d->at = 0;
		d->sub = 0;
		d->live = 0;
	}
	mutex_unlock(&kn->lock);
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

static int sock_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(skb->sk));
	int err;

	mutex_lock(&kn->lock);
	cb->seq = kn->gen;
	err = dump_sock(kn, skb, cb, (struct dump *)cb->args);
	mutex_unlock(&kn->lock);
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

static int peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_peers(skb, cb, NULL, dump_peer);
}

static int key_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_peers(skb, cb, ksrtp_dump_attrs(cb)[KSRTP_A_KEY_PEER],
			  dump_keys);
}

static int route_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_peers(skb, cb, ksrtp_dump_attrs(cb)[KSRTP_A_ROUTE_PEER],
			  dump_routes);
}

static int stream_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_peers(skb, cb, ksrtp_dump_attrs(cb)[KSRTP_A_STREAM_PEER],
			  dump_streams);
}

static int state_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_peers(skb, cb, ksrtp_dump_attrs(cb)[KSRTP_A_STATE_PEER],
			  dump_state);
}

/* A stream with the largest windows is one message. */
static int state_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = 2 * KSRTP_WINDOW_MAX / 8 + NLMSG_GOODSIZE;
	return 0;
}

/* --- the family -------------------------------------------------------------------------- */

/* A row an operation: policy and its length are what the spec gives. */
#define OP(CMD, op, do_it, dump_it)					\
	{								\
		.cmd = KSRTP_CMD_##CMD,					\
		.policy = ksrtp_##op##_nl_policy,			\
		.maxattr = ARRAY_SIZE(ksrtp_##op##_nl_policy) - 1,	\
		.doit = do_it,						\
		.dumpit = dump_it,					\
		.flags = GENL_UNS_ADMIN_PERM,				\
	}

static const struct genl_ops ops[] = {
	OP(SOCK_GET, sock_get, sock_get_doit, sock_get_dumpit),
	OP(SOCK_NEW, sock_new, sock_new_doit, NULL),
	OP(SOCK_SET, sock_set, sock_set_doit, NULL),
	OP(SOCK_DEL, sock_del, sock_del_doit, NULL),
	OP(PEER_GET, peer_get, peer_get_doit, peer_get_dumpit),
	OP(PEER_NEW, peer_new, peer_new_doit, NULL),
	OP(PEER_SET, peer_set, peer_set_doit, NULL),
	OP(PEER_DEL, peer_del, peer_del_doit, NULL),
	OP(KEY_GET, key_get, NULL, key_get_dumpit),
	OP(KEY_NEW, key_new, key_new_doit, NULL),
	OP(KEY_SET, key_set, key_set_doit, NULL),
	OP(KEY_DEL, key_del, key_del_doit, NULL),
	OP(ROUTE_GET, route_get, NULL, route_get_dumpit),
	OP(ROUTE_NEW, route_new, route_new_doit, NULL),
	OP(ROUTE_DEL, route_del, route_del_doit, NULL),
	OP(STREAM_GET, stream_get, NULL, stream_get_dumpit),
	{
		.cmd = KSRTP_CMD_STATE_GET,
		.policy = ksrtp_state_get_nl_policy,
		.maxattr = ARRAY_SIZE(ksrtp_state_get_nl_policy) - 1,
		.start = state_get_start,
		.dumpit = state_get_dumpit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	OP(STATE_SET, state_set, state_set_doit, NULL),
	{
		.cmd = KSRTP_CMD_STATS_GET,
		.doit = stats_get_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group mcgrps[] = {
	{ .name = KSRTP_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family ksrtp_genl_family __ro_after_init = {
	.name = KSRTP_GENL_NAME,
	.version = KSRTP_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = __KSRTP_CMD_MAX,
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
	.module = THIS_MODULE,
};

int ksrtp_netlink_init(void)
{
	return genl_register_family(&ksrtp_genl_family);
}

void ksrtp_netlink_exit(void)
{
	genl_unregister_family(&ksrtp_genl_family);
}
