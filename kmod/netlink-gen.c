// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/ksrtp.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/ksrtp.h>

/* Common nested types */
const struct nla_policy ksrtp_out_nl_policy[KSRTP_A_OUT_REWRITE_PT_NEW + 1] = {
	[KSRTP_A_OUT_PEER] = { .type = NLA_U32, },
	[KSRTP_A_OUT_REWRITE_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_OUT_REWRITE_PT_OLD] = NLA_POLICY_MAX(NLA_U8, 127),
	[KSRTP_A_OUT_REWRITE_PT_NEW] = NLA_POLICY_MAX(NLA_U8, 127),
};

/* KSRTP_CMD_SOCK_GET */
const struct nla_policy ksrtp_sock_get_nl_policy[KSRTP_A_SOCK_ID + 1] = {
	[KSRTP_A_SOCK_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_SOCK_NEW */
const struct nla_policy ksrtp_sock_new_nl_policy[KSRTP_A_SOCK_UNMATCHED + 1] = {
	[KSRTP_A_SOCK_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KSRTP_A_SOCK_FD] = { .type = NLA_U32, },
	[KSRTP_A_SOCK_ADDR] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_SOCK_PORT] = { .type = NLA_U16, },
	[KSRTP_A_SOCK_SCOPE] = { .type = NLA_U32, },
	[KSRTP_A_SOCK_UNMATCHED] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* KSRTP_CMD_SOCK_SET */
const struct nla_policy ksrtp_sock_set_nl_policy[KSRTP_A_SOCK_UNMATCHED + 1] = {
	[KSRTP_A_SOCK_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KSRTP_A_SOCK_UNMATCHED] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* KSRTP_CMD_SOCK_DEL */
const struct nla_policy ksrtp_sock_del_nl_policy[KSRTP_A_SOCK_ID + 1] = {
	[KSRTP_A_SOCK_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_PEER_GET */
const struct nla_policy ksrtp_peer_get_nl_policy[KSRTP_A_PEER_ID + 1] = {
	[KSRTP_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_PEER_NEW */
const struct nla_policy ksrtp_peer_new_nl_policy[KSRTP_A_PEER_MAX_STREAMS + 1] = {
	[KSRTP_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KSRTP_A_PEER_SOCK] = { .type = NLA_U32, },
	[KSRTP_A_PEER_REMOTE_ADDR] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_PEER_REMOTE_PORT] = { .type = NLA_U16, },
	[KSRTP_A_PEER_REMOTE_SCOPE] = { .type = NLA_U32, },
	[KSRTP_A_PEER_LOCAL_ADDR] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_PEER_ROAM] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_PEER_MAX_STREAMS] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_PEER_SET */
const struct nla_policy ksrtp_peer_set_nl_policy[KSRTP_A_PEER_MAX_STREAMS + 1] = {
	[KSRTP_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KSRTP_A_PEER_REMOTE_ADDR] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_PEER_REMOTE_PORT] = { .type = NLA_U16, },
	[KSRTP_A_PEER_REMOTE_SCOPE] = { .type = NLA_U32, },
	[KSRTP_A_PEER_ROAM] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_PEER_MAX_STREAMS] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_PEER_DEL */
const struct nla_policy ksrtp_peer_del_nl_policy[KSRTP_A_PEER_ID + 1] = {
	[KSRTP_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* KSRTP_CMD_KEY_GET */
const struct nla_policy ksrtp_key_get_nl_policy[KSRTP_A_KEY_PEER + 1] = {
	[KSRTP_A_KEY_PEER] = { .type = NLA_U32, },
};

/* KSRTP_CMD_KEY_NEW */
const struct nla_policy ksrtp_key_new_nl_policy[KSRTP_A_KEY_RCC + 1] = {
	[KSRTP_A_KEY_PEER] = { .type = NLA_U32, },
	[KSRTP_A_KEY_DIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_LAYER] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_KEY_SUITE] = NLA_POLICY_RANGE(NLA_U16, 1, 21),
	[KSRTP_A_KEY_MKI] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_MASTER_KEY] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_MASTER_SALT] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_RTCP_MASTER_KEY] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_RTCP_MASTER_SALT] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_ROC_MODE] = NLA_POLICY_MAX(NLA_U8, 2),
	[KSRTP_A_KEY_ROC] = { .type = NLA_U32, },
	[KSRTP_A_KEY_SRTCP_INDEX] = { .type = NLA_U32, },
	[KSRTP_A_KEY_WINDOW] = { .type = NLA_U32, },
	[KSRTP_A_KEY_SOFT_LIMIT] = { .type = NLA_U64, },
	[KSRTP_A_KEY_HARD_LIMIT] = { .type = NLA_U64, },
	[KSRTP_A_KEY_ALLOW_PLAIN_RTCP] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_TX_PLAIN_RTCP] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_IV] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_MI] = NLA_POLICY_MAX(NLA_U8, 2),
	[KSRTP_A_KEY_MI_KEY] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_MI_LEN] = { .type = NLA_U8, },
	[KSRTP_A_KEY_MI_VERIFY] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_FROM_SEQ] = { .type = NLA_U16, },
	[KSRTP_A_KEY_CRYPTEX] = NLA_POLICY_MAX(NLA_U8, 2),
	[KSRTP_A_KEY_ENC_EXT] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_RCC] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* KSRTP_CMD_KEY_SET */
const struct nla_policy ksrtp_key_set_nl_policy[KSRTP_A_KEY_HARD_LIMIT + 1] = {
	[KSRTP_A_KEY_PEER] = { .type = NLA_U32, },
	[KSRTP_A_KEY_DIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_LAYER] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_KEY_MKI] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_SOFT_LIMIT] = { .type = NLA_U64, },
	[KSRTP_A_KEY_HARD_LIMIT] = { .type = NLA_U64, },
};

/* KSRTP_CMD_KEY_DEL */
const struct nla_policy ksrtp_key_del_nl_policy[KSRTP_A_KEY_MKI + 1] = {
	[KSRTP_A_KEY_PEER] = { .type = NLA_U32, },
	[KSRTP_A_KEY_DIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_LAYER] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_KEY_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_KEY_MKI] = { .type = NLA_BINARY, },
};

/* KSRTP_CMD_ROUTE_GET */
const struct nla_policy ksrtp_route_get_nl_policy[KSRTP_A_ROUTE_PEER + 1] = {
	[KSRTP_A_ROUTE_PEER] = { .type = NLA_U32, },
};

/* KSRTP_CMD_ROUTE_NEW */
const struct nla_policy ksrtp_route_new_nl_policy[KSRTP_A_ROUTE_OUT + 1] = {
	[KSRTP_A_ROUTE_PEER] = { .type = NLA_U32, },
	[KSRTP_A_ROUTE_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_ROUTE_RTCP] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_ROUTE_OUT] = NLA_POLICY_NESTED(ksrtp_out_nl_policy),
};

/* KSRTP_CMD_ROUTE_DEL */
const struct nla_policy ksrtp_route_del_nl_policy[KSRTP_A_ROUTE_TO + 1] = {
	[KSRTP_A_ROUTE_PEER] = { .type = NLA_U32, },
	[KSRTP_A_ROUTE_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_ROUTE_TO] = { .type = NLA_U32, },
};

/* KSRTP_CMD_STREAM_GET */
const struct nla_policy ksrtp_stream_get_nl_policy[KSRTP_A_STREAM_SSRC + 1] = {
	[KSRTP_A_STREAM_PEER] = { .type = NLA_U32, },
	[KSRTP_A_STREAM_SSRC] = { .type = NLA_U32, },
};

/* KSRTP_CMD_STATE_GET */
const struct nla_policy ksrtp_state_get_nl_policy[KSRTP_A_STATE_PEER + 1] = {
	[KSRTP_A_STATE_PEER] = { .type = NLA_U32, },
};

/* KSRTP_CMD_STATE_SET */
const struct nla_policy ksrtp_state_set_nl_policy[KSRTP_A_STATE_TX_SKIP + 1] = {
	[KSRTP_A_STATE_PEER] = { .type = NLA_U32, },
	[KSRTP_A_STATE_DIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_LAYER] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_SSRC] = { .type = NLA_U32, },
	[KSRTP_A_STATE_ANY] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_SUITE] = NLA_POLICY_RANGE(NLA_U16, 1, 21),
	[KSRTP_A_STATE_MKI] = { .type = NLA_BINARY, },
	[KSRTP_A_STATE_FINGERPRINT] = NLA_POLICY_EXACT_LEN(8),
	[KSRTP_A_STATE_TOMBSTONE] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_WINDOW] = { .type = NLA_U32, },
	[KSRTP_A_STATE_INDEX] = { .type = NLA_U64, },
	[KSRTP_A_STATE_STARTED] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_FLOOR] = { .type = NLA_U64, },
	[KSRTP_A_STATE_BITS] = { .type = NLA_BINARY, },
	[KSRTP_A_STATE_RTCP_WINDOW] = { .type = NLA_U32, },
	[KSRTP_A_STATE_RTCP_INDEX] = { .type = NLA_U32, },
	[KSRTP_A_STATE_RTCP_STARTED] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_RTCP_FLOOR] = { .type = NLA_U32, },
	[KSRTP_A_STATE_RTCP_BITS] = { .type = NLA_BINARY, },
	[KSRTP_A_STATE_SRTCP_NEXT] = { .type = NLA_U32, },
	[KSRTP_A_STATE_PACKETS] = { .type = NLA_U64, },
	[KSRTP_A_STATE_RTCP_PACKETS] = { .type = NLA_U64, },
	[KSRTP_A_STATE_EXTENDED] = { .type = NLA_U64, },
	[KSRTP_A_STATE_MAPPED] = { .type = NLA_U64, },
	[KSRTP_A_STATE_SWITCHED] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_CHECK] = NLA_POLICY_MAX(NLA_U8, 1),
	[KSRTP_A_STATE_TX_SKIP] = { .type = NLA_U32, },
};

