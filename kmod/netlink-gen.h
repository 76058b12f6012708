// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/ksrtp.yaml */
/* YNL-GEN kernel header */

#ifndef _KSRTP_NETLINK_GEN_H
#define _KSRTP_NETLINK_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>
#include <uapi/linux/ksrtp.h>

extern const struct nla_policy ksrtp_out_nl_policy[KSRTP_A_OUT_REWRITE_PT_NEW + 1];
extern const struct nla_policy ksrtp_sock_get_nl_policy[KSRTP_A_SOCK_ID + 1];
extern const struct nla_policy ksrtp_sock_new_nl_policy[KSRTP_A_SOCK_UNMATCHED + 1];
extern const struct nla_policy ksrtp_sock_set_nl_policy[KSRTP_A_SOCK_UNMATCHED + 1];
extern const struct nla_policy ksrtp_sock_del_nl_policy[KSRTP_A_SOCK_ID + 1];
extern const struct nla_policy ksrtp_peer_get_nl_policy[KSRTP_A_PEER_ID + 1];
extern const struct nla_policy ksrtp_peer_new_nl_policy[KSRTP_A_PEER_MAX_STREAMS + 1];
extern const struct nla_policy ksrtp_peer_set_nl_policy[KSRTP_A_PEER_MAX_STREAMS + 1];
extern const struct nla_policy ksrtp_peer_del_nl_policy[KSRTP_A_PEER_ID + 1];
extern const struct nla_policy ksrtp_key_get_nl_policy[KSRTP_A_KEY_PEER + 1];
extern const struct nla_policy ksrtp_key_new_nl_policy[KSRTP_A_KEY_RCC + 1];
extern const struct nla_policy ksrtp_key_set_nl_policy[KSRTP_A_KEY_HARD_LIMIT + 1];
extern const struct nla_policy ksrtp_key_del_nl_policy[KSRTP_A_KEY_MKI + 1];
extern const struct nla_policy ksrtp_route_get_nl_policy[KSRTP_A_ROUTE_PEER + 1];
extern const struct nla_policy ksrtp_route_new_nl_policy[KSRTP_A_ROUTE_OUT + 1];
extern const struct nla_policy ksrtp_route_del_nl_policy[KSRTP_A_ROUTE_TO + 1];
extern const struct nla_policy ksrtp_stream_get_nl_policy[KSRTP_A_STREAM_SSRC + 1];
extern const struct nla_policy ksrtp_state_get_nl_policy[KSRTP_A_STATE_PEER + 1];
extern const struct nla_policy ksrtp_state_set_nl_policy[KSRTP_A_STATE_TX_SKIP + 1];

#endif /* _KSRTP_NETLINK_GEN_H */
