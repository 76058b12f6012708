/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by Documentation/netlink/regen.sh of specs/ksrtp.yaml; not to be edited. */
#ifndef SPEC_GEN_H
#define SPEC_GEN_H

static const struct spec_attr spec_out[] = {
	{ KSRTP_A_OUT_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_OUT_REWRITE_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "rewrite-ssrc" },
	{ KSRTP_A_OUT_REWRITE_PT_OLD, SPEC_NUMBER, 1, 0u, 0x7fu,
	  NULL, "rewrite-pt-old" },
	{ KSRTP_A_OUT_REWRITE_PT_NEW, SPEC_NUMBER, 1, 0u, 0x7fu,
	  NULL, "rewrite-pt-new" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_sock_get[] = {
	{ KSRTP_A_SOCK_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_sock_new[] = {
	{ KSRTP_A_SOCK_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ KSRTP_A_SOCK_FD, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "fd" },
	{ KSRTP_A_SOCK_ADDR, SPEC_BYTES, 16, 0, 0, NULL, "addr" },
	{ KSRTP_A_SOCK_PORT, SPEC_NUMBER, 2, 0u, 0xffffu,
	  NULL, "port" },
	{ KSRTP_A_SOCK_SCOPE, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "scope" },
	{ KSRTP_A_SOCK_UNMATCHED, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "unmatched" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_sock_set[] = {
	{ KSRTP_A_SOCK_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ KSRTP_A_SOCK_UNMATCHED, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "unmatched" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_sock_del[] = {
	{ KSRTP_A_SOCK_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_peer_get[] = {
	{ KSRTP_A_PEER_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_peer_new[] = {
	{ KSRTP_A_PEER_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ KSRTP_A_PEER_SOCK, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "sock" },
	{ KSRTP_A_PEER_REMOTE_ADDR, SPEC_BYTES, 16, 0, 0, NULL, "remote-addr" },
	{ KSRTP_A_PEER_REMOTE_PORT, SPEC_NUMBER, 2, 0u, 0xffffu,
	  NULL, "remote-port" },
	{ KSRTP_A_PEER_REMOTE_SCOPE, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "remote-scope" },
	{ KSRTP_A_PEER_LOCAL_ADDR, SPEC_BYTES, 16, 0, 0, NULL, "local-addr" },
	{ KSRTP_A_PEER_ROAM, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "roam" },
	{ KSRTP_A_PEER_MAX_STREAMS, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "max-streams" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_peer_set[] = {
	{ KSRTP_A_PEER_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ KSRTP_A_PEER_REMOTE_ADDR, SPEC_BYTES, 16, 0, 0, NULL, "remote-addr" },
	{ KSRTP_A_PEER_REMOTE_PORT, SPEC_NUMBER, 2, 0u, 0xffffu,
	  NULL, "remote-port" },
	{ KSRTP_A_PEER_REMOTE_SCOPE, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "remote-scope" },
	{ KSRTP_A_PEER_ROAM, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "roam" },
	{ KSRTP_A_PEER_MAX_STREAMS, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "max-streams" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_peer_del[] = {
	{ KSRTP_A_PEER_ID, SPEC_NUMBER, 4, 1u, 0xffffffffu,
	  NULL, "id" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_key_get[] = {
	{ KSRTP_A_KEY_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_key_new[] = {
	{ KSRTP_A_KEY_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_KEY_DIR, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "dir" },
	{ KSRTP_A_KEY_LAYER, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "layer" },
	{ KSRTP_A_KEY_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_KEY_SUITE, SPEC_NUMBER, 2, 1u, 0x15u,
	  NULL, "suite" },
	{ KSRTP_A_KEY_MKI, SPEC_BYTES, 0, 0, 0, NULL, "mki" },
	{ KSRTP_A_KEY_MASTER_KEY, SPEC_BYTES, 0, 0, 0, NULL, "master-key" },
	{ KSRTP_A_KEY_MASTER_SALT, SPEC_BYTES, 0, 0, 0, NULL, "master-salt" },
	{ KSRTP_A_KEY_RTCP_MASTER_KEY, SPEC_BYTES, 0, 0, 0, NULL, "rtcp-master-key" },
	{ KSRTP_A_KEY_RTCP_MASTER_SALT, SPEC_BYTES, 0, 0, 0, NULL, "rtcp-master-salt" },
	{ KSRTP_A_KEY_ROC_MODE, SPEC_NUMBER, 1, 0u, 0x2u,
	  NULL, "roc-mode" },
	{ KSRTP_A_KEY_ROC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "roc" },
	{ KSRTP_A_KEY_SRTCP_INDEX, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "srtcp-index" },
	{ KSRTP_A_KEY_WINDOW, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "window" },
	{ KSRTP_A_KEY_SOFT_LIMIT, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "soft-limit" },
	{ KSRTP_A_KEY_HARD_LIMIT, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "hard-limit" },
	{ KSRTP_A_KEY_ALLOW_PLAIN_RTCP, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "allow-plain-rtcp" },
	{ KSRTP_A_KEY_TX_PLAIN_RTCP, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "tx-plain-rtcp" },
	{ KSRTP_A_KEY_IV, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "iv" },
	{ KSRTP_A_KEY_MI, SPEC_NUMBER, 1, 0u, 0x2u,
	  NULL, "mi" },
	{ KSRTP_A_KEY_MI_KEY, SPEC_BYTES, 0, 0, 0, NULL, "mi-key" },
	{ KSRTP_A_KEY_MI_LEN, SPEC_NUMBER, 1, 0u, 0xffu,
	  NULL, "mi-len" },
	{ KSRTP_A_KEY_MI_VERIFY, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "mi-verify" },
	{ KSRTP_A_KEY_FROM_SEQ, SPEC_NUMBER, 2, 0u, 0xffffu,
	  NULL, "from-seq" },
	{ KSRTP_A_KEY_CRYPTEX, SPEC_NUMBER, 1, 0u, 0x2u,
	  NULL, "cryptex" },
	{ KSRTP_A_KEY_ENC_EXT, SPEC_BYTES, 0, 0, 0, NULL, "enc-ext" },
	{ KSRTP_A_KEY_RCC, SPEC_NUMBER, 2, 1u, 0xffffu,
	  NULL, "rcc" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_key_set[] = {
	{ KSRTP_A_KEY_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_KEY_DIR, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "dir" },
	{ KSRTP_A_KEY_LAYER, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "layer" },
	{ KSRTP_A_KEY_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_KEY_MKI, SPEC_BYTES, 0, 0, 0, NULL, "mki" },
	{ KSRTP_A_KEY_SOFT_LIMIT, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "soft-limit" },
	{ KSRTP_A_KEY_HARD_LIMIT, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "hard-limit" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_key_del[] = {
	{ KSRTP_A_KEY_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_KEY_DIR, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "dir" },
	{ KSRTP_A_KEY_LAYER, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "layer" },
	{ KSRTP_A_KEY_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_KEY_MKI, SPEC_BYTES, 0, 0, 0, NULL, "mki" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_route_get[] = {
	{ KSRTP_A_ROUTE_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_route_new[] = {
	{ KSRTP_A_ROUTE_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_ROUTE_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_ROUTE_RTCP, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "rtcp" },
	{ KSRTP_A_ROUTE_OUT, SPEC_NEST, 0, 0, 0, spec_out, "out" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_route_del[] = {
	{ KSRTP_A_ROUTE_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_ROUTE_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_ROUTE_TO, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "to" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_stream_get[] = {
	{ KSRTP_A_STREAM_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_STREAM_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_stats_get[] = {
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_state_get[] = {
	{ KSRTP_A_STATE_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_attr spec_state_set[] = {
	{ KSRTP_A_STATE_PEER, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "peer" },
	{ KSRTP_A_STATE_DIR, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "dir" },
	{ KSRTP_A_STATE_LAYER, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "layer" },
	{ KSRTP_A_STATE_SSRC, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "ssrc" },
	{ KSRTP_A_STATE_ANY, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "any" },
	{ KSRTP_A_STATE_SUITE, SPEC_NUMBER, 2, 1u, 0x15u,
	  NULL, "suite" },
	{ KSRTP_A_STATE_MKI, SPEC_BYTES, 0, 0, 0, NULL, "mki" },
	{ KSRTP_A_STATE_FINGERPRINT, SPEC_BYTES, 8, 0, 0, NULL, "fingerprint" },
	{ KSRTP_A_STATE_TOMBSTONE, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "tombstone" },
	{ KSRTP_A_STATE_WINDOW, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "window" },
	{ KSRTP_A_STATE_INDEX, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "index" },
	{ KSRTP_A_STATE_STARTED, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "started" },
	{ KSRTP_A_STATE_FLOOR, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "floor" },
	{ KSRTP_A_STATE_BITS, SPEC_BYTES, 0, 0, 0, NULL, "bits" },
	{ KSRTP_A_STATE_RTCP_WINDOW, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "rtcp-window" },
	{ KSRTP_A_STATE_RTCP_INDEX, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "rtcp-index" },
	{ KSRTP_A_STATE_RTCP_STARTED, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "rtcp-started" },
	{ KSRTP_A_STATE_RTCP_FLOOR, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "rtcp-floor" },
	{ KSRTP_A_STATE_RTCP_BITS, SPEC_BYTES, 0, 0, 0, NULL, "rtcp-bits" },
	{ KSRTP_A_STATE_SRTCP_NEXT, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "srtcp-next" },
	{ KSRTP_A_STATE_PACKETS, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "packets" },
	{ KSRTP_A_STATE_RTCP_PACKETS, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "rtcp-packets" },
	{ KSRTP_A_STATE_EXTENDED, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "extended" },
	{ KSRTP_A_STATE_MAPPED, SPEC_NUMBER, 8, 0u, 0xffffffffffffffffu,
	  NULL, "mapped" },
	{ KSRTP_A_STATE_SWITCHED, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "switched" },
	{ KSRTP_A_STATE_CHECK, SPEC_NUMBER, 1, 0u, 0x1u,
	  NULL, "check" },
	{ KSRTP_A_STATE_TX_SKIP, SPEC_NUMBER, 4, 0u, 0xffffffffu,
	  NULL, "tx-skip" },
	{ 0, SPEC_END, 0, 0, 0, NULL, NULL }
};

static const struct spec_op spec_ops[] = {
	{ KSRTP_CMD_SOCK_GET, SPEC_DO | SPEC_DUMP, KSRTP_A_SOCK_MAX,
	  spec_sock_get, "sock-get" },
	{ KSRTP_CMD_SOCK_NEW, SPEC_DO, KSRTP_A_SOCK_MAX,
	  spec_sock_new, "sock-new" },
	{ KSRTP_CMD_SOCK_SET, SPEC_DO, KSRTP_A_SOCK_MAX,
	  spec_sock_set, "sock-set" },
	{ KSRTP_CMD_SOCK_DEL, SPEC_DO, KSRTP_A_SOCK_MAX,
	  spec_sock_del, "sock-del" },
	{ KSRTP_CMD_PEER_GET, SPEC_DO | SPEC_DUMP, KSRTP_A_PEER_MAX,
	  spec_peer_get, "peer-get" },
	{ KSRTP_CMD_PEER_NEW, SPEC_DO, KSRTP_A_PEER_MAX,
	  spec_peer_new, "peer-new" },
	{ KSRTP_CMD_PEER_SET, SPEC_DO, KSRTP_A_PEER_MAX,
	  spec_peer_set, "peer-set" },
	{ KSRTP_CMD_PEER_DEL, SPEC_DO, KSRTP_A_PEER_MAX,
	  spec_peer_del, "peer-del" },
	{ KSRTP_CMD_KEY_GET, SPEC_DUMP, KSRTP_A_KEY_MAX,
	  spec_key_get, "key-get" },
	{ KSRTP_CMD_KEY_NEW, SPEC_DO, KSRTP_A_KEY_MAX,
	  spec_key_new, "key-new" },
	{ KSRTP_CMD_KEY_SET, SPEC_DO, KSRTP_A_KEY_MAX,
	  spec_key_set, "key-set" },
	{ KSRTP_CMD_KEY_DEL, SPEC_DO, KSRTP_A_KEY_MAX,
	  spec_key_del, "key-del" },
	{ KSRTP_CMD_ROUTE_GET, SPEC_DUMP, KSRTP_A_ROUTE_MAX,
	  spec_route_get, "route-get" },
	{ KSRTP_CMD_ROUTE_NEW, SPEC_DO, KSRTP_A_ROUTE_MAX,
	  spec_route_new, "route-new" },
	{ KSRTP_CMD_ROUTE_DEL, SPEC_DO, KSRTP_A_ROUTE_MAX,
	  spec_route_del, "route-del" },
	{ KSRTP_CMD_STREAM_GET, SPEC_DUMP, KSRTP_A_STREAM_MAX,
	  spec_stream_get, "stream-get" },
	{ KSRTP_CMD_STATS_GET, SPEC_DO, KSRTP_A_STATS_MAX,
	  spec_stats_get, "stats-get" },
	{ KSRTP_CMD_STATE_GET, SPEC_DUMP, KSRTP_A_STATE_MAX,
	  spec_state_get, "state-get" },
	{ KSRTP_CMD_STATE_SET, SPEC_DO, KSRTP_A_STATE_MAX,
	  spec_state_set, "state-set" },
};

#endif /* SPEC_GEN_H */
