/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where supported kernels differ: each difference has one place, here, and is
 * told by the feature where the compiler can see it, not by a version.
 */
#ifndef _KSRTP_COMPAT_H
#define _KSRTP_COMPAT_H

#include <linux/udp.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/udp_tunnel.h>

/* udp_tunnel_encap_enable() took a struct socket before 6.7 and its backports. */
static inline void ksrtp_encap_enable(struct sock *sk)
{
	void *enable = udp_tunnel_encap_enable;

	if (__same_type(udp_tunnel_encap_enable, void (struct sock *)))
		((void (*)(struct sock *))enable)(sk);
	else
		((void (*)(struct socket *))enable)(sk->sk_socket);
}

/* Flags of struct udp_sock were bit fields before 6.7 and its backports. */
static inline bool ksrtp_udp_corked(struct sock *sk)
{
#ifdef udp_test_bit
	return udp_test_bit(CORK, sk);
#else
	return udp_sk(sk)->corkflag;
#endif
}

/* proto.sendpage went away in 6.5; sendmsg with MSG_SPLICE_PAGES took its place. */
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
#define KSRTP_HAS_SENDPAGE
#define KSRTP_MSG_SPLICE_PAGES	0
#else
#define KSRTP_MSG_SPLICE_PAGES	MSG_SPLICE_PAGES
#endif

/* A dump's attributes moved into a struct genl_info in 6.6. */
static inline struct nlattr **ksrtp_dump_attrs(struct netlink_callback *cb)
{
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

#endif /* _KSRTP_COMPAT_H */
