// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every refusal over netlink is a sentence, and leaves nothing behind.
 *
 * Each row below is a request with one thing wrong. Rows change a request that
 * is accepted at the end, so that nothing else was wrong with it.
 */
#include "kt.h"
#include "rawnl.h"
#include "refsrtp.h"

/* What a row leaves out it does not change. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum {
	SOCK = 1, PEER = 11, PEER2 = 12, OTHER_SOCK = 2, OTHER_PEER = 21, V6_SOCK = 3, NOBODY = 999
};

#define SSRC	0x1234

/* A value of an attribute, or its absence. */
struct value {
	uint16_t attr;
	enum { END, GONE, U8, U16, U32, U64, BYTES, ZEROS } kind;
	uint64_t v;
	const void *p;
};

#define gone(a)		{ a, GONE, 0, NULL }
#define u8(a, n)	{ a, U8, n, NULL }
#define u16(a, n)	{ a, U16, n, NULL }
#define u32(a, n)	{ a, U32, n, NULL }
#define u64(a, n)	{ a, U64, n, NULL }
#define bytes(a, n, s)	{ a, BYTES, n, s }
/* n bytes, whatever they are */
#define some(a, n)	{ a, ZEROS, n, NULL }

static const uint8_t local1[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
static const uint8_t any_v6[16];
static const uint8_t loopback_v6[16] = { [15] = 1 };
static const uint8_t link_local[16] = { 0xfe, 0x80, [15] = 1 };

#define address(attr_addr, attr_port, port)				\
	bytes(attr_addr, 16, local1), u16(attr_port, (uint16_t)((port) << 8 | (port) >> 8))

static const struct value no_values[] = { { 0 } };

static const struct value sock_base[] = {
	u32(KSRTP_A_SOCK_ID, 7),
	address(KSRTP_A_SOCK_ADDR, KSRTP_A_SOCK_PORT, 5007),
	u8(KSRTP_A_SOCK_UNMATCHED, KSRTP_UNMATCHED_PASS),
	{ 0 }
};

static const struct value peer_base[] = {
	u32(KSRTP_A_PEER_ID, 77),
	u32(KSRTP_A_PEER_SOCK, SOCK),
	address(KSRTP_A_PEER_REMOTE_ADDR, KSRTP_A_PEER_REMOTE_PORT, 6077),
	{ 0 }
};

static const struct value key_base[] = {
	u32(KSRTP_A_KEY_PEER, PEER),
	u8(KSRTP_A_KEY_DIR, KSRTP_DIR_RX),
	u8(KSRTP_A_KEY_LAYER, KSRTP_LAYER_HBH),
	u32(KSRTP_A_KEY_SSRC, SSRC),
	u16(KSRTP_A_KEY_SUITE, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80),
	bytes(KSRTP_A_KEY_MKI, 4, "\1\2\3\4"),
	bytes(KSRTP_A_KEY_MASTER_KEY, 16, "0123456789abcdef"),
	bytes(KSRTP_A_KEY_MASTER_SALT, 14, "saltsaltsaltsa"),
	{ 0 }
};

static const struct value e2e_base[] = {
	u32(KSRTP_A_KEY_PEER, PEER),
	u8(KSRTP_A_KEY_DIR, KSRTP_DIR_TX),
	u8(KSRTP_A_KEY_LAYER, KSRTP_LAYER_E2E),
	u32(KSRTP_A_KEY_SSRC, SSRC),
	u16(KSRTP_A_KEY_SUITE, KSRTP_SUITE_E2E_AES_128_CTR),
	bytes(KSRTP_A_KEY_MASTER_KEY, 16, "0123456789abcdef"),
	bytes(KSRTP_A_KEY_MASTER_SALT, 14, "saltsaltsaltsa"),
	u8(KSRTP_A_KEY_MI, KSRTP_MI_KEY),
	bytes(KSRTP_A_KEY_MI_KEY, 32, "0123456789abcdef0123456789abcdef"),
	u8(KSRTP_A_KEY_MI_LEN, 10),
	{ 0 }
};

static const struct value keyid_base[] = {
	u32(KSRTP_A_KEY_PEER, PEER),
	u8(KSRTP_A_KEY_DIR, KSRTP_DIR_RX),
	u8(KSRTP_A_KEY_LAYER, KSRTP_LAYER_HBH),
	u32(KSRTP_A_KEY_SSRC, SSRC),
	bytes(KSRTP_A_KEY_MKI, 4, "\1\2\3\4"),
	{ 0 }
};

static const struct value route_base[] = {
	u32(KSRTP_A_ROUTE_PEER, PEER),
	u32(KSRTP_A_ROUTE_SSRC, SSRC),
	{ 0 }
};

/* The one output of a route-new; END: there is none. */
static const struct value out_base[] = {
	u32(KSRTP_A_OUT_PEER, PEER2),
	u32(KSRTP_A_OUT_REWRITE_SSRC, 0x4321),
	{ 0 }
};

#define SOCK_NEW	KSRTP_CMD_SOCK_NEW, sock_base
#define PEER_NEW	KSRTP_CMD_PEER_NEW, peer_base
#define KEY_NEW		KSRTP_CMD_KEY_NEW, key_base
#define E2E_NEW		KSRTP_CMD_KEY_NEW, e2e_base
#define KEY_SET		KSRTP_CMD_KEY_SET, keyid_base
#define KEY_DEL		KSRTP_CMD_KEY_DEL, keyid_base
#define ROUTE_NEW	KSRTP_CMD_ROUTE_NEW, route_base
#define ROUTE_DEL	KSRTP_CMD_ROUTE_DEL, route_base
#define FRESH(cmd)	cmd, no_values

static const struct bad {
	const char *what;
	int error;		/* 0: any */
	uint8_t cmd;
	const struct value *base;
	struct value change[4];
	struct value out[4];	/* changes to the output; GONE of attribute 0: no output */
} bads[] = {
	/* sock */
	{ "sock-new without fd and address", EINVAL, FRESH(KSRTP_CMD_SOCK_NEW) },
	{ "sock-new with fd and address", EINVAL, SOCK_NEW, { u32(KSRTP_A_SOCK_FD, 0) } },
	{ "sock-new with an fd that is not open", EBADF, FRESH(KSRTP_CMD_SOCK_NEW),
	  { u32(KSRTP_A_SOCK_FD, 4000) } },
	{ "sock-new with an fd beyond any", EBADF, FRESH(KSRTP_CMD_SOCK_NEW),
	  { u32(KSRTP_A_SOCK_FD, 0xffffffff) } },
	{ "sock-new with an id in use", EEXIST, SOCK_NEW, { u32(KSRTP_A_SOCK_ID, SOCK) } },
	{ "sock-new with id 0", 0, SOCK_NEW, { u32(KSRTP_A_SOCK_ID, 0) } },
	{ "sock-new with an id of 2 bytes", 0, SOCK_NEW, { u16(KSRTP_A_SOCK_ID, 7) } },
	{ "sock-new with an address of 4 bytes", 0, SOCK_NEW, { some(KSRTP_A_SOCK_ADDR, 4) } },
	{ "sock-new with an address of 17 bytes", 0, SOCK_NEW, { some(KSRTP_A_SOCK_ADDR, 17) } },
	{ "sock-new without a port", EINVAL, SOCK_NEW, { gone(KSRTP_A_SOCK_PORT) } },
	{ "sock-new on a link-local address and no interface", EINVAL, SOCK_NEW,
	  { bytes(KSRTP_A_SOCK_ADDR, 16, link_local) } },
	{ "sock-new on a port in use", EADDRINUSE, SOCK_NEW,
	  { address(KSRTP_A_SOCK_ADDR, KSRTP_A_SOCK_PORT, 5001) } },
	{ "sock-new on an address that is not local", EADDRNOTAVAIL, SOCK_NEW,
	  { bytes(KSRTP_A_SOCK_ADDR, 16, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1") } },
	{ "sock-new with an unmatched policy there is not", 0, SOCK_NEW,
	  { u8(KSRTP_A_SOCK_UNMATCHED, 2) } },
	{ "sock-new with an attribute it does not take", 0, SOCK_NEW,
	  { u64(KSRTP_A_SOCK_INODE, 1) } },
	{ "sock-new with an attribute there is not", 0, SOCK_NEW,
	  { u32(KSRTP_A_SOCK_MAX + 1, 1) } },
	{ "sock-set without an id", EINVAL, FRESH(KSRTP_CMD_SOCK_SET),
	  { u8(KSRTP_A_SOCK_UNMATCHED, 1) } },
	{ "sock-set of an unknown sock", ENOENT, FRESH(KSRTP_CMD_SOCK_SET),
	  { u32(KSRTP_A_SOCK_ID, NOBODY), u8(KSRTP_A_SOCK_UNMATCHED, 1) } },
	{ "sock-set with an unmatched policy there is not", 0, FRESH(KSRTP_CMD_SOCK_SET),
	  { u32(KSRTP_A_SOCK_ID, SOCK), u8(KSRTP_A_SOCK_UNMATCHED, 255) } },
	{ "sock-del of an unknown sock", ENOENT, FRESH(KSRTP_CMD_SOCK_DEL),
	  { u32(KSRTP_A_SOCK_ID, NOBODY) } },
	{ "sock-get of an unknown sock", ENOENT, FRESH(KSRTP_CMD_SOCK_GET),
	  { u32(KSRTP_A_SOCK_ID, NOBODY) } },
	{ "sock-get without an id", EINVAL, FRESH(KSRTP_CMD_SOCK_GET) },

	/* peer */
	{ "peer-new without a sock", EINVAL, PEER_NEW, { gone(KSRTP_A_PEER_SOCK) } },
	{ "peer-new on an unknown sock", ENOENT, PEER_NEW, { u32(KSRTP_A_PEER_SOCK, NOBODY) } },
	{ "peer-new without an address", EINVAL, PEER_NEW, { gone(KSRTP_A_PEER_REMOTE_ADDR) } },
	{ "peer-new without a port", EINVAL, PEER_NEW, { gone(KSRTP_A_PEER_REMOTE_PORT) } },
	{ "peer-new with port 0", EINVAL, PEER_NEW, { u16(KSRTP_A_PEER_REMOTE_PORT, 0) } },
	{ "peer-new with the unspecified address", EINVAL, PEER_NEW,
	  { bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, any_v6) } },
	{ "peer-new with a multicast address", EINVAL, PEER_NEW,
	  { bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xe0\0\0\1") } },
	{ "peer-new with an IPv6 address on an IPv4 sock", 0, PEER_NEW,
	  { bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1") } },
	{ "peer-new with a link-local address and no interface", EINVAL, PEER_NEW,
	  { u32(KSRTP_A_PEER_SOCK, V6_SOCK),
	    bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, link_local) } },
	{ "peer-new with an address of 15 bytes", 0, PEER_NEW,
	  { some(KSRTP_A_PEER_REMOTE_ADDR, 15) } },
	{ "peer-new with a port of 4 bytes", 0, PEER_NEW, { u32(KSRTP_A_PEER_REMOTE_PORT, 1) } },
	{ "peer-new with an id in use", EEXIST, PEER_NEW, { u32(KSRTP_A_PEER_ID, PEER) } },
	{ "peer-new with an address in use on the sock", EEXIST, PEER_NEW,
	  { address(KSRTP_A_PEER_REMOTE_ADDR, KSRTP_A_PEER_REMOTE_PORT, 6011) } },
	{ "peer-new with id 0", 0, PEER_NEW, { u32(KSRTP_A_PEER_ID, 0) } },
	{ "peer-new with roam 2", 0, PEER_NEW, { u8(KSRTP_A_PEER_ROAM, 2) } },
	{ "peer-new with no stream allowed", 0, PEER_NEW, { u32(KSRTP_A_PEER_MAX_STREAMS, 0) } },
	{ "peer-new with an attribute it does not take", 0, PEER_NEW,
	  { u32(KSRTP_A_PEER_RX_STREAMS, 1) } },
	{ "peer-set without an id", EINVAL, FRESH(KSRTP_CMD_PEER_SET),
	  { u8(KSRTP_A_PEER_ROAM, 1) } },
	{ "peer-set of an unknown peer", ENOENT, FRESH(KSRTP_CMD_PEER_SET),
	  { u32(KSRTP_A_PEER_ID, NOBODY), u8(KSRTP_A_PEER_ROAM, 1) } },
	{ "peer-set to another peer's address", EEXIST, FRESH(KSRTP_CMD_PEER_SET),
	  { u32(KSRTP_A_PEER_ID, PEER),
	    address(KSRTP_A_PEER_REMOTE_ADDR, KSRTP_A_PEER_REMOTE_PORT, 6012) } },
	{ "peer-set to an address without its port", EINVAL, FRESH(KSRTP_CMD_PEER_SET),
	  { u32(KSRTP_A_PEER_ID, PEER), bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, local1) } },
	{ "peer-set to port 0", EINVAL, FRESH(KSRTP_CMD_PEER_SET),
	  { u32(KSRTP_A_PEER_ID, PEER), bytes(KSRTP_A_PEER_REMOTE_ADDR, 16, local1),
	    u16(KSRTP_A_PEER_REMOTE_PORT, 0) } },
	{ "peer-del of an unknown peer", ENOENT, FRESH(KSRTP_CMD_PEER_DEL),
	  { u32(KSRTP_A_PEER_ID, NOBODY) } },
	{ "peer-get of an unknown peer", ENOENT, FRESH(KSRTP_CMD_PEER_GET),
	  { u32(KSRTP_A_PEER_ID, NOBODY) } },
	{ "peer-get without an id", EINVAL, FRESH(KSRTP_CMD_PEER_GET) },

	/* key */
	{ "key-new without a peer", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_PEER) } },
	{ "key-new for an unknown peer", ENOENT, KEY_NEW, { u32(KSRTP_A_KEY_PEER, NOBODY) } },
	{ "key-new without a direction", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_DIR) } },
	{ "key-new with a direction there is not", 0, KEY_NEW, { u8(KSRTP_A_KEY_DIR, 2) } },
	{ "key-new without a layer", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_LAYER) } },
	{ "key-new with a layer there is not", 0, KEY_NEW, { u8(KSRTP_A_KEY_LAYER, 2) } },
	{ "key-new without a suite", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_SUITE) } },
	{ "key-new with suite 0", 0, KEY_NEW, { u16(KSRTP_A_KEY_SUITE, 0) } },
	{ "key-new with a suite there is not", 0, KEY_NEW, { u16(KSRTP_A_KEY_SUITE, 60000) } },
	{ "key-new with an E2E suite on layer hbh", EINVAL, KEY_NEW,
	  { u16(KSRTP_A_KEY_SUITE, KSRTP_SUITE_E2E_AES_128_CTR) } },
	{ "key-new with an HBH suite on layer e2e", EINVAL, E2E_NEW,
	  { u16(KSRTP_A_KEY_SUITE, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80) } },
	{ "key-new without a master key", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_MASTER_KEY) } },
	{ "key-new without a master salt", EINVAL, KEY_NEW, { gone(KSRTP_A_KEY_MASTER_SALT) } },
	{ "key-new with an empty master key", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_KEY, 0) } },
	{ "key-new with a master key of 15 bytes", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_KEY, 15) } },
	{ "key-new with a master key of 17 bytes", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_KEY, 17) } },
	{ "key-new with a master key of 33 bytes", 0, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_KEY, 33) } },
	{ "key-new with a master salt of 13 bytes", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_SALT, 13) } },
	{ "key-new with a master salt of 15 bytes", 0, KEY_NEW,
	  { some(KSRTP_A_KEY_MASTER_SALT, 15) } },
	{ "key-new with an RTCP master key and no RTCP salt", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_RTCP_MASTER_KEY, 16) } },
	{ "key-new with an RTCP master salt and no RTCP key", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_RTCP_MASTER_SALT, 14) } },
	{ "key-new with an RTCP master key of 15 bytes", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_RTCP_MASTER_KEY, 15), some(KSRTP_A_KEY_RTCP_MASTER_SALT, 14) } },
	{ "key-new with an RTCP master salt of 1 byte", EINVAL, KEY_NEW,
	  { some(KSRTP_A_KEY_RTCP_MASTER_KEY, 16), some(KSRTP_A_KEY_RTCP_MASTER_SALT, 1) } },
	{ "key-new with an RTCP master key on layer e2e", EINVAL, E2E_NEW,
	  { some(KSRTP_A_KEY_RTCP_MASTER_KEY, 16), some(KSRTP_A_KEY_RTCP_MASTER_SALT, 14) } },
	{ "key-new with an empty MKI", EINVAL, KEY_NEW, { some(KSRTP_A_KEY_MKI, 0) } },
	{ "key-new with an MKI of 129 bytes", 0, KEY_NEW, { some(KSRTP_A_KEY_MKI, 129) } },
	{ "key-new with an MKI of another length than the SSRC's keys have", EINVAL, KEY_NEW,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), bytes(KSRTP_A_KEY_MKI, 3, "\1\2\3") } },
	{ "key-new with an MKI in use", EEXIST, KEY_NEW,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), bytes(KSRTP_A_KEY_MKI, 4, "\5\6\7\10") } },
	{ "key-new with a third key to try in turn", EBUSY, KEY_NEW,
	  { u32(KSRTP_A_KEY_SSRC, 0x6000), gone(KSRTP_A_KEY_MKI) } },
	{ "key-new with a window of 63", 0, KEY_NEW, { u32(KSRTP_A_KEY_WINDOW, 63) } },
	{ "key-new with a window of 0", 0, KEY_NEW, { u32(KSRTP_A_KEY_WINDOW, 0) } },
	{ "key-new with a window that is no multiple of 64", EINVAL, KEY_NEW,
	  { u32(KSRTP_A_KEY_WINDOW, 100) } },
	{ "key-new with a window of 32832", 0, KEY_NEW, { u32(KSRTP_A_KEY_WINDOW, 32832) } },
	{ "key-new with a roc mode there is not", 0, KEY_NEW, { u8(KSRTP_A_KEY_ROC_MODE, 3) } },
	{ "key-new with roc reset and a number", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_RESET), u32(KSRTP_A_KEY_ROC, 5) } },
	{ "key-new with roc keep and a number", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_KEEP), u32(KSRTP_A_KEY_ROC, 5) } },
	{ "key-new with an SRTCP index of 2^31", 0, KEY_NEW,
	  { u32(KSRTP_A_KEY_SRTCP_INDEX, 0x80000000) } },
	{ "key-new with an SRTCP index on layer e2e", EINVAL, E2E_NEW,
	  { u32(KSRTP_A_KEY_SRTCP_INDEX, 1) } },
	{ "key-new with a hard limit of 0", 0, KEY_NEW, { u64(KSRTP_A_KEY_HARD_LIMIT, 0) } },
	{ "key-new with a hard limit above 2^48", 0, KEY_NEW,
	  { u64(KSRTP_A_KEY_HARD_LIMIT, (1ull << 48) + 1) } },
	{ "key-new with a soft limit above the hard one", EINVAL, KEY_NEW,
	  { u64(KSRTP_A_KEY_SOFT_LIMIT, 101), u64(KSRTP_A_KEY_HARD_LIMIT, 100) } },
	{ "key-new with plain RTCP accepted on a tx key", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_DIR, KSRTP_DIR_TX), u8(KSRTP_A_KEY_ALLOW_PLAIN_RTCP, 1) } },
	{ "key-new with plain RTCP sent on an rx key", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_TX_PLAIN_RTCP, 1) } },
	{ "key-new with plain RTCP on layer e2e", EINVAL, E2E_NEW,
	  { u8(KSRTP_A_KEY_TX_PLAIN_RTCP, 1) } },
	{ "key-new with an IV layout on layer hbh", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_IV, KSRTP_IV_LEFT) } },
	{ "key-new with an MI tag on layer hbh", EINVAL, KEY_NEW,
	  { u8(KSRTP_A_KEY_MI, KSRTP_MI_AUTH) } },
	{ "key-new with an IV layout there is not", 0, E2E_NEW, { u8(KSRTP_A_KEY_IV, 2) } },
	{ "key-new with a kind of MI tag there is not", 0, E2E_NEW, { u8(KSRTP_A_KEY_MI, 3) } },
	{ "key-new with mi key and no MI key", EINVAL, E2E_NEW, { gone(KSRTP_A_KEY_MI_KEY) } },
	{ "key-new with an MI key of 65 bytes", 0, E2E_NEW, { some(KSRTP_A_KEY_MI_KEY, 65) } },
	{ "key-new with an empty MI key", EINVAL, E2E_NEW, { some(KSRTP_A_KEY_MI_KEY, 0) } },
	{ "key-new with an MI key that mi auth does not use", EINVAL, E2E_NEW,
	  { u8(KSRTP_A_KEY_MI, KSRTP_MI_AUTH) } },
	{ "key-new with an MI tag of 0 bytes", 0, E2E_NEW, { u8(KSRTP_A_KEY_MI_LEN, 0) } },
	{ "key-new with an MI tag of 21 bytes", 0, E2E_NEW, { u8(KSRTP_A_KEY_MI_LEN, 21) } },
	{ "key-new with an MI length and no MI tag", EINVAL, E2E_NEW,
	  { gone(KSRTP_A_KEY_MI), gone(KSRTP_A_KEY_MI_KEY) } },
	{ "key-new with an MKI on layer e2e", EINVAL, E2E_NEW,
	  { bytes(KSRTP_A_KEY_MKI, 4, "\1\2\3\4") } },
	{ "key-new with an attribute it does not take", 0, KEY_NEW,
	  { some(KSRTP_A_KEY_FINGERPRINT, 8) } },
	{ "key-set without a peer", EINVAL, KEY_SET,
	  { gone(KSRTP_A_KEY_PEER), u64(KSRTP_A_KEY_SOFT_LIMIT, 5) } },
	{ "key-set for an unknown peer", ENOENT, KEY_SET,
	  { u32(KSRTP_A_KEY_PEER, NOBODY), u64(KSRTP_A_KEY_SOFT_LIMIT, 5) } },
	{ "key-set of a key there is not", ENOENT, KEY_SET, { u64(KSRTP_A_KEY_SOFT_LIMIT, 5) } },
	{ "key-set with a hard limit above 2^48", 0, KEY_SET,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), bytes(KSRTP_A_KEY_MKI, 4, "\5\6\7\10"),
	    u64(KSRTP_A_KEY_HARD_LIMIT, 1ull << 49) } },
	{ "key-set of a suite", 0, KEY_SET,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), bytes(KSRTP_A_KEY_MKI, 4, "\5\6\7\10"),
	    u16(KSRTP_A_KEY_SUITE, KSRTP_SUITE_NULL_HMAC_SHA1_80) } },
	{ "key-set of a key with an MKI, without it", EINVAL, KEY_SET,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), gone(KSRTP_A_KEY_MKI),
	    u64(KSRTP_A_KEY_SOFT_LIMIT, 5) } },
	{ "key-del of a key with an MKI, without it", EINVAL, KEY_DEL,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000), gone(KSRTP_A_KEY_MKI) } },
	{ "key-del of a key there is not", ENOENT, KEY_DEL },
	{ "key-del of an SSRC for which only another MKI is there", ENOENT, KEY_DEL,
	  { u32(KSRTP_A_KEY_SSRC, 0x5000) } },
	{ "key-del for an unknown peer", ENOENT, FRESH(KSRTP_CMD_KEY_DEL),
	  { u32(KSRTP_A_KEY_PEER, NOBODY) } },
	{ "key-del with a direction and no peer", EINVAL, KEY_DEL, { gone(KSRTP_A_KEY_PEER) } },
	{ "key-del with an SSRC and no direction", EINVAL, KEY_DEL, { gone(KSRTP_A_KEY_DIR) } },
	{ "key-del with an SSRC and no layer", EINVAL, KEY_DEL, { gone(KSRTP_A_KEY_LAYER) } },

	/* route */
	{ "route-new without a peer", EINVAL, ROUTE_NEW, { gone(KSRTP_A_ROUTE_PEER) } },
	{ "route-new from an unknown peer", ENOENT, ROUTE_NEW,
	  { u32(KSRTP_A_ROUTE_PEER, NOBODY) } },
	{ "route-new without an output", EINVAL, ROUTE_NEW, { { 0 } }, { gone(0) } },
	{ "route-new to an unknown peer", ENOENT, ROUTE_NEW, { { 0 } },
	  { u32(KSRTP_A_OUT_PEER, NOBODY) } },
	{ "route-new with an output that names no peer", EINVAL, ROUTE_NEW, { { 0 } },
	  { gone(KSRTP_A_OUT_PEER) } },
	{ "route-new with an rtcp mode there is not", 0, ROUTE_NEW, { u8(KSRTP_A_ROUTE_RTCP, 2) } },
	{ "route-new with an attribute it does not take", 0, ROUTE_NEW,
	  { u32(KSRTP_A_ROUTE_TO, PEER2) } },
	{ "route-new for any SSRC with an SSRC to rewrite to", EINVAL, ROUTE_NEW,
	  { gone(KSRTP_A_ROUTE_SSRC) } },
	{ "route-new with half of a payload type rewrite", EINVAL, ROUTE_NEW, { { 0 } },
	  { u8(KSRTP_A_OUT_REWRITE_PT_OLD, 96) } },
	{ "route-new with the other half of one", EINVAL, ROUTE_NEW, { { 0 } },
	  { u8(KSRTP_A_OUT_REWRITE_PT_NEW, 96) } },
	{ "route-new to a payload type of 128", 0, ROUTE_NEW, { { 0 } },
	  { u8(KSRTP_A_OUT_REWRITE_PT_OLD, 96), u8(KSRTP_A_OUT_REWRITE_PT_NEW, 128) } },
	{ "route-new with an output there is already", EEXIST, ROUTE_NEW,
	  { u32(KSRTP_A_ROUTE_SSRC, 0x7000) }, { gone(KSRTP_A_OUT_REWRITE_SSRC) } },
	{ "route-new of an SSRC another route sends to the output", EBUSY, ROUTE_NEW, { { 0 } },
	  { u32(KSRTP_A_OUT_REWRITE_SSRC, 0x7000) } },
	{ "route-del from an unknown peer", ENOENT, ROUTE_DEL,
	  { u32(KSRTP_A_ROUTE_PEER, NOBODY) } },
	{ "route-del of a route there is not", ENOENT, ROUTE_DEL },
	{ "route-del of an output there is not", ENOENT, ROUTE_DEL,
	  { u32(KSRTP_A_ROUTE_SSRC, 0x7000), u32(KSRTP_A_ROUTE_TO, OTHER_PEER) } },
	{ "route-del of an output to nobody", ENOENT, ROUTE_DEL,
	  { u32(KSRTP_A_ROUTE_SSRC, 0x7000), u32(KSRTP_A_ROUTE_TO, NOBODY) } },
	{ "route-del of an SSRC and no peer", EINVAL, ROUTE_DEL, { gone(KSRTP_A_ROUTE_PEER) } },
};

/* The bases are good requests; so are these, which clean up what those made. */
static const struct bad goods[] = {
	{ "sock-new", 0, SOCK_NEW },
	{ "peer-new", 0, PEER_NEW },
	{ "key-new", 0, KEY_NEW },
	{ "key-new on layer e2e", 0, E2E_NEW },
	{ "key-set", 0, KEY_SET, { u64(KSRTP_A_KEY_SOFT_LIMIT, 5) } },
	{ "route-new", 0, ROUTE_NEW },
	{ "route-del", 0, ROUTE_DEL },
	{ "key-del", 0, KEY_DEL },
	{ "peer-del", 0, FRESH(KSRTP_CMD_PEER_DEL), { u32(KSRTP_A_PEER_ID, 77) } },
	{ "sock-del", 0, FRESH(KSRTP_CMD_SOCK_DEL), { u32(KSRTP_A_SOCK_ID, 7) } },
};

static struct raw r;

static void put_value(const struct value *v)
{
	static const uint8_t zeros[256];

	switch (v->kind) {
	case U8:
		raw_u8(&r, v->attr, v->v);
		break;
	case U16:
		raw_u16(&r, v->attr, v->v);
		break;
	case U32:
		raw_u32(&r, v->attr, v->v);
		break;
	case U64:
		raw_u64(&r, v->attr, v->v);
		break;
	case BYTES:
		raw_put(&r, v->attr, v->p, v->v);
		break;
	case ZEROS:
		raw_put(&r, v->attr, zeros, v->v);
		break;
	case GONE:
	case END:
		break;
	}
}

static const struct value *changed(const struct value *change, size_t n, uint16_t attr)
{
	size_t i;

	for (i = 0; i < n && change[i].kind != END; i++) {
		if (change[i].attr == attr)
			return &change[i];
	}
	return NULL;
}

/* The base with its changes in place, and what is new after it. */
static void put_values(const struct value *base, const struct value *change, size_t n)
{
	const struct value *b;
	size_t i;

	for (b = base; b->kind != END; b++) {
		const struct value *c = changed(change, n, b->attr);

		put_value(c ? c : b);
	}
	for (i = 0; i < n && change[i].kind != END; i++) {
		for (b = base; b->kind != END && b->attr != change[i].attr; b++)
			;
		if (b->kind == END)
			put_value(&change[i]);
	}
}

static void write_request(const struct bad *bad)
{
	struct nlattr *nest;

	raw_new(&r, bad->cmd, 0);
	put_values(bad->base, bad->change, 4);
	if (bad->cmd != KSRTP_CMD_ROUTE_NEW ||
	    (bad->out[0].kind == GONE && !bad->out[0].attr))
		return;
	nest = raw_nest(&r, KSRTP_A_ROUTE_OUT);
	put_values(out_base, bad->out, 4);
	raw_end(&r, nest);
}

static void must(const struct bad *bad)
{
	int status;

	write_request(bad);
	status = raw_talk(&r);
	if (status)
		kt_bail("%s: %s (%s)", bad->what, strerror(-status), r.sentence);
}

static void add_sock(uint32_t id, uint16_t port)
{
	must(&(struct bad){ "a sock to begin with", 0, SOCK_NEW,
		{ u32(KSRTP_A_SOCK_ID, id),
		  address(KSRTP_A_SOCK_ADDR, KSRTP_A_SOCK_PORT, port) } });
}

static void add_peer(uint32_t id, uint32_t sock, uint16_t port)
{
	must(&(struct bad){ "a peer to begin with", 0, PEER_NEW,
		{ u32(KSRTP_A_PEER_ID, id), u32(KSRTP_A_PEER_SOCK, sock),
		  address(KSRTP_A_PEER_REMOTE_ADDR, KSRTP_A_PEER_REMOTE_PORT, port) } });
}

static void set_up(void)
{
	add_sock(SOCK, 5001);
	add_sock(OTHER_SOCK, 5002);
	must(&(struct bad){ "a sock of IPv6", 0, SOCK_NEW,
		{ u32(KSRTP_A_SOCK_ID, V6_SOCK), bytes(KSRTP_A_SOCK_ADDR, 16, loopback_v6),
		  u16(KSRTP_A_SOCK_PORT, 0) } });
	add_peer(PEER, SOCK, 6011);
	add_peer(PEER2, SOCK, 6012);
	add_peer(OTHER_PEER, OTHER_SOCK, 6021);
	must(&(struct bad){ "a key with an MKI", 0, KEY_NEW,
		{ u32(KSRTP_A_KEY_SSRC, 0x5000), bytes(KSRTP_A_KEY_MKI, 4, "\5\6\7\10") } });
	must(&(struct bad){ "a first key to try", 0, KEY_NEW,
		{ u32(KSRTP_A_KEY_SSRC, 0x6000), gone(KSRTP_A_KEY_MKI) } });
	must(&(struct bad){ "a second key to try", 0, KEY_NEW,
		{ u32(KSRTP_A_KEY_SSRC, 0x6000), gone(KSRTP_A_KEY_MKI),
		  some(KSRTP_A_KEY_MASTER_KEY, 16) } });
	must(&(struct bad){ "a route", 0, ROUTE_NEW, { u32(KSRTP_A_ROUTE_SSRC, 0x7000) },
		{ gone(KSRTP_A_OUT_REWRITE_SSRC) } });
}

struct census {
	uint32_t socks, peers, keys, routes, streams;
};

static struct census take_census(void)
{
	raw_new(&r, KSRTP_CMD_STATS_GET, 0);
	if (raw_talk(&r))
		kt_bail("no stats: %s", r.sentence);
	return (struct census){
		raw_answer_u32(&r, KSRTP_A_STATS_SOCKS, 0),
		raw_answer_u32(&r, KSRTP_A_STATS_PEERS, 0),
		raw_answer_u32(&r, KSRTP_A_STATS_KEYS, 0),
		raw_answer_u32(&r, KSRTP_A_STATS_ROUTES, 0),
		raw_answer_u32(&r, KSRTP_A_STATS_STREAMS, 0),
	};
}

/* Words with a blank between them: not a bare name of an errno. */
static bool is_sentence(const char *text)
{
	return strlen(text) >= 10 && strchr(text, ' ');
}

static void refused(const struct bad *bad)
{
	struct census before = take_census(), after;
	int status;
	bool ok;

	write_request(bad);
	status = raw_talk(&r);
	ok = bad->error ? status == -bad->error : status < 0;
	if (!ok)
		kt_note("answer: %s, want %s", status ? strerror(-status) : "accepted",
			bad->error ? strerror(bad->error) : "a refusal");
	if (status && !is_sentence(r.sentence)) {
		kt_note("no sentence but '%s'", r.sentence);
		ok = false;
	}
	if (status)
		kt_note("%s", r.sentence);
	after = take_census();
	if (memcmp(&before, &after, sizeof(before))) {
		kt_note("something was left behind");
		ok = false;
	}
	kt_ok(ok, "%s is refused with a sentence", bad->what);
}

int main(void)
{
	size_t i;

	kt_plan(ARRAY_SIZE(bads) + ARRAY_SIZE(goods) + 1);
	kt_netns();
	if (raw_open(&r))
		kt_bail("the kernel has no ksrtp");
	set_up();
	for (i = 0; i < ARRAY_SIZE(bads); i++)
		refused(&bads[i]);
	for (i = 0; i < ARRAY_SIZE(goods); i++) {
		write_request(&goods[i]);
		kt_is(raw_talk(&r), 0, "%s with nothing wrong is accepted", goods[i].what);
		if (*r.sentence)
			kt_note("%s", r.sentence);
	}
	raw_new(&r, KSRTP_CMD_MAX + 1, 0);
	kt_ok(raw_talk(&r) < 0, "an operation there is not is refused");
	raw_close(&r);
	return kt_done();
}
