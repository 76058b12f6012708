// SPDX-License-Identifier: GPL-2.0
/* Peers: remote transport addresses, and how a packet finds them. */
#include <linux/slab.h>

#include "ksrtp.h"

static const struct rhashtable_params path_params = {
	.key_len = sizeof(struct ksrtp_path_key),
	.key_offset = offsetof(struct ksrtp_path, key),
	.head_offset = offsetof(struct ksrtp_path, node),
	.automatic_shrinking = true,
};

static struct rhashtable paths;

int ksrtp_peer_module_init(void)
{
	return rhashtable_init(&paths, &path_params);
}

void ksrtp_peer_module_exit(void)
{
	rhashtable_destroy(&paths);
}

/**
 * ksrtp_peer_lookup() - the peer at an address
 * @ks: sock the packet came to, or leaves from
 * @addr: the peer's address
 *
 * Context: RCU read side.
 * Return: the peer, or NULL.
 */
struct ksrtp_peer *ksrtp_peer_lookup(struct ksrtp_sock *ks,
				     const struct ksrtp_addr *addr)
{
	struct ksrtp_path_key key = { .sock = ks, .addr = *addr };
	struct ksrtp_path *path = rhashtable_lookup(&paths, &key, path_params);

	return path ? path->peer : NULL;
}

static struct ksrtp_path *path_new(struct ksrtp_peer *peer,
				   const struct ksrtp_addr *addr, gfp_t gfp)
{
	struct ksrtp_path *path;

	/* A packet may be why, and a packet is no reason for a line in the log. */
	gfp |= __GFP_NOWARN;
	path = kzalloc(sizeof(*path), gfp);
	if (!path)
		return ERR_PTR(-ENOMEM);
	if (dst_cache_init(&path->dst, gfp)) {
		kfree(path);
		return ERR_PTR(-ENOMEM);
	}
	path->key.sock = peer->sock;
	path->key.addr = *addr;
	path->peer = peer;
	return path;
}

static void path_free(struct ksrtp_path *path)
{
	dst_cache_destroy(&path->dst);
	kfree(path);
}

static void path_free_work(struct work_struct *work)
{
	path_free(container_of(to_rcu_work(work), struct ksrtp_path, free));
}

static void path_unlink(struct ksrtp_path *path)
{
	rhashtable_remove_fast(&paths, &path->node, path_params);
	INIT_RCU_WORK(&path->free, path_free_work);
	queue_rcu_work(ksrtp_wq, &path->free);
}

/**
 * ksrtp_peer_move() - give a peer a new remote address
 * @peer: peer
 * @addr: its new address
 * @gfp: GFP_KERNEL_ACCOUNT, or GFP_ATOMIC from the packet path
 *
 * A packet sees the old address or the new one, never half of each.
 *
 * Context: any that allows @gfp and is not hard interrupt.
 * Return: 0, -EEXIST if another peer of the sock is there, -ENOENT if the peer
 * is being deleted, -ENOMEM.
 */
int ksrtp_peer_move(struct ksrtp_peer *peer, const struct ksrtp_addr *addr,
		    gfp_t gfp)
{
	struct ksrtp_path *path, *old;
	int err;

	path = path_new(peer, addr, gfp);
	if (IS_ERR(path))
		return PTR_ERR(path);

	spin_lock_bh(&peer->lock);
	old = rcu_dereference_protected(peer->path,
					lockdep_is_held(&peer->lock));
	if (peer->dead) {
		err = -ENOENT;
		goto unlock;
	}
	if (old && !memcmp(&old->key, &path->key, sizeof(old->key))) {
		spin_unlock_bh(&peer->lock);
		path_free(path);
		return 0;
	}
	err = rhashtable_lookup_insert_fast(&paths, &path->node, path_params);
	if (err)
		goto unlock;
	rcu_assign_pointer(peer->path, path);
	/* Before the lock is given up: whoever deletes the peer then finds one. */
	if (old)
		path_unlink(old);
	spin_unlock_bh(&peer->lock);
	return 0;

unlock:
	spin_unlock_bh(&peer->lock);
	path_free(path);
	return err;
}

static u32 free_peer_id(struct ksrtp_net *kn)
{
	do {
		if (!++kn->next_peer)
			kn->next_peer = 1;
	} while (xa_load(&kn->peers, kn->next_peer));
	return kn->next_peer;
}

/**
 * ksrtp_peer_add() - add a peer to a sock
 * @ks: sock
 * @id: wanted id, 0 for the next free one; set to the id it got
 * @addr: remote address
 * @extack: told what is wrong
 *
 * Context: process, ksrtp_net.lock held.
 * Return: the peer, or an ERR_PTR.
 */
struct ksrtp_peer *ksrtp_peer_add(struct ksrtp_sock *ks, u32 *id,
				  const struct ksrtp_addr *addr,
				  struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = ks->kn;
	struct ksrtp_peer *peer;
	int err;

	lockdep_assert_held(&kn->lock);

	if (*id && xa_load(&kn->peers, *id)) {
		NL_SET_ERR_MSG(extack, "A peer with this id exists");
		return ERR_PTR(-EEXIST);
	}
	peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->kn = kn;
	peer->sock = ks;
	peer->id = *id ?: free_peer_id(kn);
	peer->max_streams = KSRTP_MAX_STREAMS;
	peer->next_serial = 1;
	spin_lock_init(&peer->lock);
	xa_init(&peer->streams);
	INIT_LIST_HEAD(&peer->live);
	INIT_LIST_HEAD(&peer->tombs);
	INIT_LIST_HEAD(&peer->keys);
	INIT_LIST_HEAD(&peer->routes);
	INIT_LIST_HEAD(&peer->outs);

	err = xa_err(xa_store(&kn->peers, peer->id, peer, GFP_KERNEL_ACCOUNT));
	if (err)
		goto free;
	err = ksrtp_peer_move(peer, addr, GFP_KERNEL_ACCOUNT);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "The sock has a peer at this address");
	if (err)
		goto erase;
	list_add_tail(&peer->list, &ks->peers);
	ks->n_peers++;
	kn->gen++;
	*id = peer->id;
	return peer;

erase:
	xa_erase(&kn->peers, peer->id);
free:
	kfree(peer);
	return ERR_PTR(err);
}

/* Streams that are made from here on do as @roam says, and then the others. */
static int peer_set_roam(struct ksrtp_peer *peer, bool roam)
{
	struct ksrtp_stream *stream;
	unsigned long serial;
	int err = 0;
	u32 n = 0;

	rcu_read_lock();
	spin_lock_bh(&peer->lock);
	WRITE_ONCE(peer->roam, roam);
	xa_for_each(&peer->streams, serial, stream) {
		if (stream->id.dir == KSRTP_DIR_RX) {
			if (roam)
				err = ksrtp_stream_roam(stream);
			else
				ksrtp_stream_unroam(stream);
		}
		if (err)
			break;
		ksrtp_stream_pause(peer, &n);
	}
	spin_unlock_bh(&peer->lock);
	rcu_read_unlock();
	return err;
}

/**
 * ksrtp_peer_set_roam() - let a peer roam, or not
 * @peer: peer
 * @roam: whether
 * @extack: told what is wrong
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0, -EINVAL on a connected socket, -ENOMEM.
 */
int ksrtp_peer_set_roam(struct ksrtp_peer *peer, bool roam,
			struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&peer->kn->lock);

	if (peer->roam == roam)
		return 0;
	if (roam && ksrtp_read_racy(peer->sock->sk->sk_state) == TCP_ESTABLISHED) {
		NL_SET_ERR_MSG(extack,
			       "A connected socket hears one address only, so its peer cannot roam");
		return -EINVAL;
	}
	err = peer_set_roam(peer, roam);
	if (err) {
		(void)peer_set_roam(peer, false);	/* which cannot fail */
		NL_SET_ERR_MSG(extack, "No memory to let the peer's streams roam");
		return err;
	}
	WRITE_ONCE(peer->sock->roaming, peer->sock->roaming + (roam ? 1 : -1));
	peer->kn->gen++;
	return 0;
}

static void peer_free_work(struct work_struct *work)
{
	struct ksrtp_peer *peer = container_of(to_rcu_work(work),
					       struct ksrtp_peer, free);

	xa_destroy(&peer->streams);
	kfree(peer);
}

/* No packet finds it by its address any more, and nothing can be added to it. */
static void peer_stop(struct ksrtp_peer *peer)
{
	struct ksrtp_path *path;

	spin_lock_bh(&peer->lock);
	peer->dead = true;
	path = rcu_dereference_protected(peer->path,
					 lockdep_is_held(&peer->lock));
	rcu_assign_pointer(peer->path, NULL);
	spin_unlock_bh(&peer->lock);
	if (path)
		path_unlink(path);
}

/**
 * ksrtp_peer_del() - delete a peer with all it owns
 * @peer: peer
 *
 * In order: no packet finds it any more; nothing can be added to it; routes
 * to and from it go, then its keys, and with them its streams.
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_peer_del(struct ksrtp_peer *peer)
{
	struct ksrtp_net *kn = peer->kn;
	struct ksrtp_key *key, *next;

	lockdep_assert_held(&kn->lock);

	peer_stop(peer);
	if (peer->roam)
		WRITE_ONCE(peer->sock->roaming, peer->sock->roaming - 1);
	ksrtp_route_forget_peer(peer);
	ksrtp_stream_flush(peer);
	list_for_each_entry_safe(key, next, &peer->keys, list) {
		ksrtp_key_del(key);
		cond_resched();
	}

	xa_erase(&kn->peers, peer->id);
	list_del(&peer->list);
	peer->sock->n_peers--;
	kn->gen++;
	INIT_RCU_WORK(&peer->free, peer_free_work);
	queue_rcu_work(ksrtp_wq, &peer->free);
}

/**
 * ksrtp_peer_flush() - delete all peers of a sock
 * @ks: sock
 *
 * Their routes go before the first of them does: where one route has an output
 * to each of N peers, it goes once, and is not copied N times without one.
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_peer_flush(struct ksrtp_sock *ks)
{
	struct ksrtp_peer *peer, *next;

	lockdep_assert_held(&ks->kn->lock);

	list_for_each_entry(peer, &ks->peers, list) {
		peer_stop(peer);
		ksrtp_route_flush(peer);
		cond_resched();
	}
	list_for_each_entry_safe(peer, next, &ks->peers, list) {
		ksrtp_peer_del(peer);
		cond_resched();
	}
}
