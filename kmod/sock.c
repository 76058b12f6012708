// SPDX-License-Identifier: GPL-2.0
/* Sockets: taken from an application, or opened and owned by the module. */
#include <linux/file.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <linux/wait.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "ksrtp.h"

/* Beside those of linux/udp.h; nothing but "not 0" is ever read of it. */
#define UDP_ENCAP_KSRTP	0x53

/* For the socket's lock, which its application has for an instant at a time */
#define LOCK_WAIT	(2 * HZ)

/* --- what a socket under ksrtp does otherwise ------------------------------- */

static int hook_setsockopt(struct sock *sk, int level, int optname,
			   sockptr_t optval, unsigned int optlen)
{
	struct ksrtp_hook *hook = ksrtp_hook(sk);
	int on;

	/* ADDRFORM puts the plain proto back; the others take the receive path. */
	if (level == SOL_IPV6 && optname == IPV6_ADDRFORM)
		return -EBUSY;
	if (level == SOL_UDP && optname == UDP_ENCAP)
		return -EBUSY;
	if (level == SOL_UDP && optname == UDP_CORK && optlen >= sizeof(on) &&
	    rcu_access_pointer(hook->sock)) {
		if (copy_from_sockptr(&on, optval, sizeof(on)))
			return -EFAULT;
		if (on)
			return -EBUSY;
		/* What was looked at, which another thread may have changed. */
		optval = KERNEL_SOCKPTR(&on);
	}
	return hook->orig->setsockopt(sk, level, optname, optval, optlen);
}

#ifdef KSRTP_HAS_SENDPAGE
static int hook_sendpage(struct sock *sk, struct page *page, int offset,
			 size_t size, int flags)
{
	struct ksrtp_hook *hook = ksrtp_hook(sk);

	if (!rcu_access_pointer(hook->sock))
		return hook->orig->sendpage(sk, page, offset, size, flags);
	return -EOPNOTSUPP;
}
#endif

/* The last of a socket: after a grace period, with no task in it any more. */
static void hook_destruct(struct sock *sk)
{
	struct ksrtp_hook *hook = ksrtp_hook(sk);
	struct module *owner = hook->owner;

	hook->destruct(sk);
	sk->sk_prot = hook->orig;
	kfree_sensitive(hook->buf);
	kfree(hook);
	/* Module exit waits for RCU callbacks, of which this is one. */
	module_put(owner);
}

static struct ksrtp_sock *hook_sock(struct ksrtp_hook *hook,
				    const struct ksrtp_net *kn)
{
	return rcu_dereference_protected(hook->sock,
					 lockdep_is_held(&kn->lock));
}

/* The application closes its socket: what stands on it goes. */
static void hook_destroy(struct sock *sk)
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(sk));
	struct ksrtp_sock *ks;

	mutex_lock(&kn->lock);
	ks = hook_sock(ksrtp_hook(sk), kn);
	if (ks)
		ksrtp_sock_del(ks);
	mutex_unlock(&kn->lock);
}

/*
 * The same by way of the proto. A setsockopt that was on its way when the socket
 * was attached may have taken one of the two ways off it (UDP_ENCAP, or
 * IPV6_ADDRFORM); the other is there still.
 */
static void hook_prot_destroy(struct sock *sk)
{
	hook_destroy(sk);
	ksrtp_hook(sk)->orig->destroy(sk);
}

/* The hook of a socket that is under ksrtp, or was. */
static struct ksrtp_hook *hook_of(const struct sock *sk)
{
	return READ_ONCE(sk->sk_prot)->sendmsg == ksrtp_sendmsg ?
	       ksrtp_hook(sk) : NULL;
}

/* --- create, id, delete ------------------------------------------------------ */

static u32 free_sock_id(struct ksrtp_net *kn)
{
	do {
		if (!++kn->next_sock)
			kn->next_sock = 1;
	} while (xa_load(&kn->socks, kn->next_sock));
	return kn->next_sock;
}

static void sock_free(struct ksrtp_sock *ks)
{
	mem_cgroup_put(ks->memcg);
	kfree(ks);
}

static void sock_free_rcu(struct rcu_head *head)
{
	sock_free(container_of(head, struct ksrtp_sock, rcu));
}

static struct ksrtp_sock *sock_new(struct ksrtp_net *kn, u32 id, u8 unmatched,
				   struct netlink_ext_ack *extack)
{
	struct ksrtp_sock *ks;
	int err;

	lockdep_assert_held(&kn->lock);

	if (id && xa_load(&kn->socks, id)) {
		NL_SET_ERR_MSG(extack, "A sock with this id exists");
		return ERR_PTR(-EEXIST);
	}
	ks = kzalloc(sizeof(*ks), GFP_KERNEL_ACCOUNT);
	if (!ks)
		return ERR_PTR(-ENOMEM);
	ks->kn = kn;
	ks->memcg = get_mem_cgroup_from_mm(current->mm);
	ks->unmatched = unmatched;
	ks->id = id ?: free_sock_id(kn);
	INIT_LIST_HEAD(&ks->peers);
	/* The place is taken; what is in it is set when nothing can fail. */
	err = xa_err(xa_store(&kn->socks, ks->id, ks, GFP_KERNEL_ACCOUNT));
	if (err) {
		sock_free(ks);
		return ERR_PTR(err);
	}
	return ks;
}

static void sock_forget(struct ksrtp_sock *ks)
{
	xa_erase(&ks->kn->socks, ks->id);
	sock_free(ks);
}

static void close_owned(struct ksrtp_sock *ks)
{
	struct sock *sk = ks->sk;

	/* Whoever holds the socket still, a queue of netfilter's say, finds it plain. */
	WRITE_ONCE(udp_sk(sk)->encap_type, 0);
	WRITE_ONCE(udp_sk(sk)->encap_rcv, NULL);
	rcu_assign_sk_user_data(sk, NULL);
	kernel_sock_shutdown(ks->owned, SHUT_RDWR);
	sock_release(ks->owned);
	/* Packets on their way in may still look at the hook. */
	kfree_rcu(ks->hook, rcu);
}

/**
 * ksrtp_sock_del() - take a sock from ksrtp, with all it owns
 * @ks: sock
 *
 * An application's socket lives on and everything passes it; its proto copy and
 * the module reference stay until it is destroyed. A socket of the module's own
 * is closed.
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_sock_del(struct ksrtp_sock *ks)
{
	struct ksrtp_net *kn = ks->kn;

	lockdep_assert_held(&kn->lock);

	rcu_assign_pointer(ks->hook->sock, NULL);
	ksrtp_peer_flush(ks);
	if (ks->owned)
		close_owned(ks);
	else
		sock_put(ks->sk);
	ksrtp_event(kn, &(struct ksrtp_notice) {
		.event = KSRTP_EVENT_SOCK_GONE, .sock = ks->id,
	});
	xa_erase(&kn->socks, ks->id);
	kn->gen++;
	call_rcu(&ks->rcu, sock_free_rcu);
}

/**
 * ksrtp_sock_flush() - take every sock of a network namespace from ksrtp
 * @kn: network namespace
 *
 * Context: process, ksrtp_net.lock held.
 */
void ksrtp_sock_flush(struct ksrtp_net *kn)
{
	struct ksrtp_sock *ks;
	unsigned long id;

	xa_for_each(&kn->socks, id, ks)
		ksrtp_sock_del(ks);
}

/**
 * ksrtp_sock_local() - the address a sock is bound to
 * @ks: sock
 * @addr: filled in
 */
void ksrtp_sock_local(const struct ksrtp_sock *ks, struct ksrtp_addr *addr)
{
	const struct sock *sk = ks->sk;

	memset(addr, 0, sizeof(*addr));
	addr->port = htons(READ_ONCE(inet_sk(sk)->inet_num));
	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &addr->ip);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	addr->ip = sk->sk_v6_rcv_saddr;
	if (ipv6_addr_type(&addr->ip) & IPV6_ADDR_LINKLOCAL)
		addr->scope = sk->sk_bound_dev_if;
#endif
}

/* --- attach ------------------------------------------------------------------ */

/* Can this socket ever be ksrtp's? */
static int check_kind(const struct sock *sk, const struct ksrtp_net *kn,
		      struct netlink_ext_ack *extack)
{
	bool inet = sk->sk_family == AF_INET || sk->sk_family == AF_INET6;

	if (inet && sk->sk_protocol == IPPROTO_UDPLITE) {
		NL_SET_ERR_MSG(extack,
			       "The socket is UDP-Lite, whose checksum may leave bytes out");
		return -EOPNOTSUPP;
	}
	if (!inet || sk->sk_type != SOCK_DGRAM ||
	    sk->sk_protocol != IPPROTO_UDP) {
		NL_SET_ERR_MSG(extack, "The file descriptor is no UDP socket");
		return -EOPNOTSUPP;
	}
	if (!net_eq(sock_net(sk), kn->net)) {
		NL_SET_ERR_MSG(extack,
			       "The socket belongs to another network namespace");
		return -EXDEV;
	}
	return 0;
}

/* Half a datagram waits in it, and would leave as it is. */
static int check_corked(struct sock *sk, struct netlink_ext_ack *extack)
{
	sock_owned_by_me(sk);

	if (!udp_sk(sk)->pending && !ksrtp_udp_corked(sk))
		return 0;
	NL_SET_ERR_MSG(extack, "The socket is corked");
	return -EBUSY;
}

/* Has anybody else taken it? */
static int check_free(struct sock *sk, struct netlink_ext_ack *extack)
{
	uintptr_t data = (uintptr_t)READ_ONCE(sk->sk_user_data);

	sock_owned_by_me(sk);

	if (data & SK_USER_DATA_PSOCK) {
		NL_SET_ERR_MSG(extack, "The socket is in a sockmap");
		return -EBUSY;
	}
	if (data & SK_USER_DATA_BPF) {
		NL_SET_ERR_MSG(extack,
			       "The socket is in a BPF map of SO_REUSEPORT sockets");
		return -EBUSY;
	}
	if (data || udp_sk(sk)->encap_type || udp_sk(sk)->encap_rcv) {
		NL_SET_ERR_MSG(extack,
			       "The socket encapsulates already, by UDP_ENCAP or another module");
		return -EBUSY;
	}
	return 0;
}

/* What the socket does otherwise from now on, and what it did. */
static void hook_copy(struct ksrtp_hook *hook, const struct sock *sk)
{
	hook->orig = READ_ONCE(sk->sk_prot);
	hook->destruct = sk->sk_destruct;
	hook->prot = *hook->orig;
	hook->prot.sendmsg = ksrtp_sendmsg;
	hook->prot.setsockopt = hook_setsockopt;
	hook->prot.destroy = hook_prot_destroy;
#ifdef KSRTP_HAS_SENDPAGE
	hook->prot.sendpage = hook_sendpage;
#endif
}

/*
 * The socket's receive side becomes ours; sk_callback_lock settles a race. Under
 * it a sockmap that lets go of the socket puts back the proto we copy.
 */
static int take_receive(struct sock *sk, struct ksrtp_hook *hook,
			struct netlink_ext_ack *extack)
{
	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data) {
		write_unlock_bh(&sk->sk_callback_lock);
		NL_SET_ERR_MSG(extack, "The socket was taken by another at this moment");
		return -EBUSY;
	}
	hook_copy(hook, sk);
	__rcu_assign_sk_user_data_with_flags(sk, hook, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);

	WRITE_ONCE(udp_sk(sk)->encap_rcv, ksrtp_receive);
	WRITE_ONCE(udp_sk(sk)->encap_type, UDP_ENCAP_KSRTP);
	ksrtp_encap_enable(sk);
	return 0;
}

static struct ksrtp_hook *hook_new(void)
{
	struct ksrtp_hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL_ACCOUNT);

	if (hook)
		hook->owner = THIS_MODULE;
	return hook;
}

static bool try_lock_sock(struct sock *sk)
{
	bool locked;

	spin_lock_bh(&sk->sk_lock.slock);
	locked = !sk->sk_lock.owned;
	if (locked) {
		mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
		sk->sk_lock.owned = 1;
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	return locked;
}

/*
 * lock_sock() that gives up. The application may sit on the lock as long as it
 * likes, in a page fault of its own making, and we hold the namespace's.
 */
static int lock_sock_soon(struct sock *sk, struct netlink_ext_ack *extack)
{
	if (wait_event_timeout(sk->sk_lock.wq, try_lock_sock(sk), LOCK_WAIT))
		return 0;
	NL_SET_ERR_MSG(extack, "The socket is in use by a system call that does not end");
	return -EBUSY;
}

/* Give the sock its socket. On 0 the socket is under ksrtp. */
static int attach(struct ksrtp_sock *ks, struct sock *sk,
		  struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = ks->kn;
	struct ksrtp_hook *hook;
	int err;

	lockdep_assert_held(&kn->lock);

	err = check_corked(sk, extack);
	if (err)
		return err;
	hook = hook_of(sk);
	if (hook) {
		if (hook_sock(hook, kn)) {
			NL_SET_ERR_MSG(extack, "The socket is under ksrtp already");
			return -EBUSY;
		}
		goto link;	/* it was once, and kept its hook */
	}
	err = check_free(sk, extack);
	if (err)
		return err;
	/* Unloading waits for us, but for no reference that is taken after it began. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "The module is being unloaded");
		return -ENODEV;
	}
	hook = hook_new();
	if (!hook) {
		module_put(THIS_MODULE);
		return -ENOMEM;
	}
	err = take_receive(sk, hook, extack);
	if (err) {
		module_put(THIS_MODULE);
		kfree(hook);
		return err;
	}
	/* The destructor must run a grace period after the last packet. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_destruct = hook_destruct;
	WRITE_ONCE(udp_sk(sk)->encap_destroy, hook_destroy);
	WRITE_ONCE(sk->sk_prot, &hook->prot);
link:
	sock_hold(sk);
	ks->sk = sk;
	ks->hook = hook;
	rcu_assign_pointer(hook->sock, ks);
	return 0;
}

/**
 * ksrtp_sock_attach() - put an application's UDP socket under ksrtp
 * @kn: network namespace of the caller, which must be the socket's
 * @fd: file descriptor of the caller
 * @id: wanted id, 0 for the next free one; set to the id it got
 * @unmatched: enum ksrtp_unmatched
 * @extack: told what is wrong
 *
 * Context: process, ksrtp_net.lock held; takes the socket's lock.
 * Return: 0 or -errno; nothing is changed then.
 */
int ksrtp_sock_attach(struct ksrtp_net *kn, u32 fd, u32 *id, u8 unmatched,
		      struct netlink_ext_ack *extack)
{
	struct ksrtp_sock *ks;
	struct socket *sock;
	struct sock *sk;
	int err;

	lockdep_assert_held(&kn->lock);

	sock = sockfd_lookup(fd, &err);
	if (!sock) {
		NL_SET_ERR_MSG(extack, "The file descriptor is no socket");
		return err;
	}
	sk = sock->sk;
	err = check_kind(sk, kn, extack);
	if (err)
		goto put;
	ks = sock_new(kn, *id, unmatched, extack);
	if (IS_ERR(ks)) {
		err = PTR_ERR(ks);
		goto put;
	}
	err = lock_sock_soon(sk, extack);
	if (!err) {
		err = attach(ks, sk, extack);
		release_sock(sk);
	}
	if (err) {
		sock_forget(ks);
		goto put;
	}
	kn->gen++;
	*id = ks->id;
put:
	sockfd_put(sock);
	return err;
}

/* --- open -------------------------------------------------------------------- */

static int open_socket(struct ksrtp_net *kn, const struct ksrtp_addr *addr,
		       struct socket **sock)
{
	struct udp_port_cfg cfg = { .local_udp_port = addr->port };

	if (ipv6_addr_v4mapped(&addr->ip)) {
		cfg.family = AF_INET;
		cfg.local_ip.s_addr = addr->ip.s6_addr32[3];
	} else {
#if IS_ENABLED(CONFIG_IPV6)
		cfg.family = AF_INET6;
		cfg.local_ip6 = addr->ip;
		cfg.bind_ifindex = addr->scope;
#else
		return -EAFNOSUPPORT;
#endif
	}
	return udp_sock_create(kn->net, &cfg, sock);
}

/**
 * ksrtp_sock_open() - open a UDP socket that the module owns
 * @kn: network namespace
 * @addr: address and port to bind; port 0 for any; [::] hears IPv4 too
 * @id: wanted id, 0 for the next free one; set to the id it got
 * @unmatched: enum ksrtp_unmatched; there is no application to pass to, so
 *	packets are dropped all the same
 * @extack: told what is wrong
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0 or -errno; nothing is changed then.
 */
int ksrtp_sock_open(struct ksrtp_net *kn, const struct ksrtp_addr *addr,
		    u32 *id, u8 unmatched, struct netlink_ext_ack *extack)
{
	struct ksrtp_hook *hook;
	struct ksrtp_sock *ks;
	struct socket *sock;
	int err;

	lockdep_assert_held(&kn->lock);

	ks = sock_new(kn, *id, unmatched, extack);
	if (IS_ERR(ks))
		return PTR_ERR(ks);
	err = open_socket(kn, addr, &sock);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack,
			       "Another socket is bound to this address and port");
	else if (err)
		NL_SET_ERR_MSG(extack,
			       "The address cannot be bound in this network namespace");
	if (err)
		goto forget;
	hook = hook_new();
	if (!hook) {
		err = -ENOMEM;
		goto release;
	}
	lock_sock(sock->sk);
	err = take_receive(sock->sk, hook, extack);
	release_sock(sock->sk);
	if (err)
		goto free_hook;
	ks->sk = sock->sk;
	ks->owned = sock;
	ks->hook = hook;
	rcu_assign_pointer(hook->sock, ks);
	kn->gen++;
	*id = ks->id;
	return 0;

free_hook:
	kfree(hook);
release:
	kernel_sock_shutdown(sock, SHUT_RDWR);
	sock_release(sock);
forget:
	sock_forget(ks);
	return err;
}
