/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where supported kernels differ: each difference has one place, here, and is
 * told by the feature where the compiler can see it, not by a version.
 */
#ifndef _KSRTP_COMPAT_H
#define _KSRTP_COMPAT_H

#include <linux/build_bug.h>
#include <linux/socket.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/flow.h>
#include <net/genetlink.h>
#include <net/inet_dscp.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

/*
 * A function whose parameters changed: a call for each type it may have, of
 * which all compile and one is made, the one of its own type. A kernel whose
 * function has none of them does not build the module.
 */
#define KSRTP_IS(function, type)	__same_type(function, type)
#define KSRTP_AS(function, type) \
	__builtin_choose_expr(KSRTP_IS(function, type), &(function), \
			      (type *)NULL)

/* udp_tunnel_encap_enable() took a struct socket before 6.7 and its backports. */
static inline void ksrtp_encap_enable(struct sock *sk)
{
	typedef void by_socket(struct socket *sock);
	typedef void by_sock(struct sock *sk);

	static_assert(KSRTP_IS(udp_tunnel_encap_enable, by_sock) ||
		      KSRTP_IS(udp_tunnel_encap_enable, by_socket));
	if (KSRTP_IS(udp_tunnel_encap_enable, by_sock))
		KSRTP_AS(udp_tunnel_encap_enable, by_sock)(sk);
	else
		KSRTP_AS(udp_tunnel_encap_enable, by_socket)(sk->sk_socket);
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

/* The tunnel's transmit functions were given flags for the skb in 6.17. */
static inline void ksrtp_udp_xmit(struct rtable *rt, struct sock *sk,
				  struct sk_buff *skb, __be32 src, __be32 dst,
				  u8 tos, u8 ttl, __be16 df, __be16 sport,
				  __be16 dport)
{
	typedef void plain(struct rtable *rt, struct sock *sk,
			   struct sk_buff *skb, __be32 src, __be32 dst, u8 tos,
			   u8 ttl, __be16 df, __be16 sport, __be16 dport,
			   bool xnet, bool nocheck);
	typedef void flagged(struct rtable *rt, struct sock *sk,
			     struct sk_buff *skb, __be32 src, __be32 dst,
			     u8 tos, u8 ttl, __be16 df, __be16 sport,
			     __be16 dport, bool xnet, bool nocheck, u16 flags);

	static_assert(KSRTP_IS(udp_tunnel_xmit_skb, plain) ||
		      KSRTP_IS(udp_tunnel_xmit_skb, flagged));
	if (KSRTP_IS(udp_tunnel_xmit_skb, flagged))
		KSRTP_AS(udp_tunnel_xmit_skb, flagged)
			(rt, sk, skb, src, dst, tos, ttl, df, sport, dport,
			 true, false, 0);
	else
		KSRTP_AS(udp_tunnel_xmit_skb, plain)
			(rt, sk, skb, src, dst, tos, ttl, df, sport, dport,
			 true, false);
}

/* That of IPv6 also returned 0, and its addresses were not const, in 6.1. */
static inline void ksrtp_udp6_xmit(struct dst_entry *dst, struct sock *sk,
				   struct sk_buff *skb, struct in6_addr *src,
				   struct in6_addr *to, u8 prio, u8 ttl,
				   __be16 sport, __be16 dport)
{
	typedef int zero(struct dst_entry *dst, struct sock *sk,
			 struct sk_buff *skb, struct net_device *dev,
			 struct in6_addr *src, struct in6_addr *to, u8 prio,
			 u8 ttl, __be32 label, __be16 sport, __be16 dport,
			 bool nocheck);
	typedef void plain(struct dst_entry *dst, struct sock *sk,
			   struct sk_buff *skb, struct net_device *dev,
			   const struct in6_addr *src,
			   const struct in6_addr *to, u8 prio, u8 ttl,
			   __be32 label, __be16 sport, __be16 dport,
			   bool nocheck);
	typedef void flagged(struct dst_entry *dst, struct sock *sk,
			     struct sk_buff *skb, struct net_device *dev,
			     const struct in6_addr *src,
			     const struct in6_addr *to, u8 prio, u8 ttl,
			     __be32 label, __be16 sport, __be16 dport,
			     bool nocheck, u16 flags);

	static_assert(KSRTP_IS(udp_tunnel6_xmit_skb, zero) ||
		      KSRTP_IS(udp_tunnel6_xmit_skb, plain) ||
		      KSRTP_IS(udp_tunnel6_xmit_skb, flagged));
	if (KSRTP_IS(udp_tunnel6_xmit_skb, flagged))
		KSRTP_AS(udp_tunnel6_xmit_skb, flagged)
			(dst, sk, skb, NULL, src, to, prio, ttl, 0, sport,
			 dport, false, 0);
	else if (KSRTP_IS(udp_tunnel6_xmit_skb, plain))
		KSRTP_AS(udp_tunnel6_xmit_skb, plain)
			(dst, sk, skb, NULL, src, to, prio, ttl, 0, sport,
			 dport, false);
	else
		KSRTP_AS(udp_tunnel6_xmit_skb, zero)
			(dst, sk, skb, NULL, src, to, prio, ttl, 0, sport,
			 dport, false);
}

/* The type of service a route is looked up for is a dscp_t since 6.18. */
static inline void ksrtp_flow_tos(struct flowi4 *fl4, u8 tos)
{
#ifdef flowi4_dscp
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#else
	fl4->flowi4_tos = RT_TOS(tos);
#endif
}

/*
 * proto.sendpage went away in 6.5, and its flag with it; sendmsg with
 * MSG_SPLICE_PAGES took its place.
 */
#ifdef MSG_SENDPAGE_NOTLAST
#define KSRTP_HAS_SENDPAGE
#define KSRTP_MSG_SPLICE_PAGES	0
#else
#define KSRTP_MSG_SPLICE_PAGES	MSG_SPLICE_PAGES
#endif

/*
 * A dump's attributes moved into a struct genl_info in 6.6, which no macro
 * came or went with.
 */
static inline struct nlattr **ksrtp_dump_attrs(struct netlink_callback *cb)
{
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/* The name of a namespace of symbols is a string since 6.13. */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#define KSRTP_KUNIT_NS	KSRTP_KUNIT
#else
#define KSRTP_KUNIT_NS	"KSRTP_KUNIT"
#endif

#endif /* _KSRTP_COMPAT_H */
