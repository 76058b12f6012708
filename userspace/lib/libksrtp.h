/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libksrtp: sockets, peers, keys, routes and streams of the ksrtp module, and
 * the key work that belongs in user space.
 *
 *	struct ksrtp_handle *h;
 *	struct ksrtp_sock sock = { 0 };
 *
 *	if (ksrtp_open(&h, NULL, NULL))
 *		...
 *	if (ksrtp_sock_attach(h, fd, &sock))
 *		fprintf(stderr, "%s\n", ksrtp_error(h));
 *
 * Calls return 0 or a negative errno. The sentence that goes with it, the
 * kernel's own where it gave one, is ksrtp_error(h); calls without a handle
 * take a struct ksrtp_error to write it to (NULL if nobody wants to read it).
 *
 * Every object is a struct whose first member, has, says which of the others
 * hold something: bit n stands for netlink attribute n of the object's set in
 * <linux/ksrtp.h>. KSRTP_SET() stores a member and its bit. A request leaves
 * out what has no bit, and the kernel's default applies; what an answer lacks
 * has no bit. Structs may grow at their end: what a callback is given may be
 * longer than the program knows.
 *
 * A handle belongs to one thread at a time.
 */
#ifndef LIBKSRTP_H
#define LIBKSRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ksrtp.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KSRTP_BIT(attr)		(UINT64_C(1) << (attr))
#define KSRTP_HAS(obj, attr)	(!!((obj)->has & KSRTP_BIT(attr)))
#define KSRTP_SET(obj, attr, member, value)				\
	((obj)->member = (value), (obj)->has |= KSRTP_BIT(attr))

#define KSRTP_MAX_LID		256
#define KSRTP_MAX_SECRET	512
#define KSRTP_CALL_KEY_LEN	32
#define KSRTP_HBH_KEY_LEN	30
#define KSRTP_MI_KEY_LEN	32
#define KSRTP_MAX_ENC_EXT	255

struct ksrtp_handle;

/**
 * struct ksrtp_error - why a call was refused
 * @code: negative errno
 * @text: a sentence; never holds key material
 */
struct ksrtp_error {
	int code;
	char text[512];
};

/**
 * struct ksrtp_addr - a transport address
 * @ip: IPv6 address, IPv4 as ::ffff:a.b.c.d, network order
 * @port: UDP port, host order
 * @scope: interface index of a link-local address, else 0
 */
struct ksrtp_addr {
	uint8_t ip[16];
	uint16_t port;
	uint32_t scope;
};

/**
 * struct ksrtp_drops - dropped packets
 * @has: bit n if reason n (KSRTP_A_DROPS_*) is counted here
 * @count: packets, by reason
 */
struct ksrtp_drops {
	uint64_t has;
	uint64_t count[64];
};

/* attributes KSRTP_A_SOCK_*; addr is there if KSRTP_A_SOCK_ADDR is */
struct ksrtp_sock {
	uint64_t has;
	uint32_t id;
	uint32_t fd;
	struct ksrtp_addr addr;
	uint8_t unmatched;		/* enum ksrtp_unmatched */
	uint8_t owned;
	uint64_t inode;
	uint32_t peers;
};

/* attributes KSRTP_A_PEER_*; of local, only ip is used */
struct ksrtp_peer {
	uint64_t has;
	uint32_t id;
	uint32_t sock;
	struct ksrtp_addr remote;
	struct ksrtp_addr local;
	uint8_t roam;
	uint32_t max_streams;
	uint32_t rx_streams;
	uint32_t tx_streams;
	uint32_t tombstones;
	struct ksrtp_drops drops;
};

/*
 * attributes KSRTP_A_KEY_*; without KSRTP_A_KEY_SSRC it is for any SSRC.
 * Master keys, salts and mi_key go to the kernel and never come back.
 */
struct ksrtp_key {
	uint64_t has;
	uint32_t peer;
	uint8_t dir;			/* enum ksrtp_dir */
	uint8_t layer;			/* enum ksrtp_layer */
	uint32_t ssrc;
	uint16_t suite;			/* enum ksrtp_suite */
	uint8_t mki[KSRTP_MAX_MKI];
	uint8_t mki_len;
	uint8_t master_key[KSRTP_MAX_KEY];
	uint8_t master_key_len;
	uint8_t master_salt[KSRTP_MAX_SALT];
	uint8_t master_salt_len;
	uint8_t rtcp_master_key[KSRTP_MAX_KEY];
	uint8_t rtcp_master_key_len;
	uint8_t rtcp_master_salt[KSRTP_MAX_SALT];
	uint8_t rtcp_master_salt_len;
	uint8_t roc_mode;		/* enum ksrtp_roc_mode */
	uint32_t roc;
	uint32_t srtcp_index;
	uint32_t window;
	uint64_t soft_limit;
	uint64_t hard_limit;
	uint8_t allow_plain_rtcp;
	uint8_t tx_plain_rtcp;
	uint8_t iv;			/* enum ksrtp_iv */
	uint8_t mi;			/* enum ksrtp_mi */
	uint8_t mi_key[KSRTP_MAX_MI_KEY];
	uint8_t mi_key_len;
	uint8_t mi_len;
	uint8_t mi_verify;
	uint8_t fingerprint[KSRTP_FINGERPRINT_LEN];
	uint8_t fingerprint_len;
	uint64_t packets;
	uint8_t expired;
	uint16_t from_seq;
	uint8_t cryptex;		/* enum ksrtp_cryptex */
	uint8_t enc_ext[KSRTP_MAX_ENC_EXT];
	uint8_t enc_ext_len;
	uint16_t rcc;
	uint8_t outer_only;
};

/* attributes KSRTP_A_OUT_*; an element of an array, so it cannot grow */
struct ksrtp_out {
	uint64_t has;
	uint32_t peer;
	uint32_t rewrite_ssrc;
	uint8_t rewrite_pt_old;
	uint8_t rewrite_pt_new;
	uint64_t reserved[4];
};

/* attributes KSRTP_A_ROUTE_*; without KSRTP_A_ROUTE_SSRC it is for any SSRC */
struct ksrtp_route {
	uint64_t has;
	uint32_t peer;
	uint32_t ssrc;
	uint8_t rtcp;			/* enum ksrtp_rtcp_mode */
	const struct ksrtp_out *out;	/* n_out of them; needs no bit */
	uint32_t n_out;
	uint32_t to;
};

/* attributes KSRTP_A_STREAM_* */
struct ksrtp_stream {
	uint64_t has;
	uint32_t peer;
	uint8_t dir;			/* enum ksrtp_dir */
	uint32_t ssrc;
	uint8_t layer;			/* enum ksrtp_layer */
	uint16_t suite;			/* enum ksrtp_suite */
	uint8_t mki[KSRTP_MAX_MKI];
	uint8_t mki_len;
	uint32_t roc;
	uint16_t highest_seq;
	uint32_t window;
	uint64_t packets;
	uint64_t bytes;
	uint64_t rtcp_packets;
	uint64_t rtcp_bytes;
	uint32_t srtcp_index;
	uint64_t idle_ms;
	struct ksrtp_drops drops;
};

/* attributes KSRTP_A_STATS_* */
struct ksrtp_stats {
	uint64_t has;
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t rx_rtcp_packets;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_rtcp_packets;
	uint64_t relayed_packets;
	uint64_t delivered_packets;
	uint64_t other_packets;
	uint64_t passed_packets;
	uint32_t socks;
	uint32_t peers;
	uint32_t keys;
	uint32_t routes;
	uint32_t streams;
	struct ksrtp_drops drops;
};

#define KSRTP_MAX_WINDOW	32768

/*
 * attributes KSRTP_A_STATE_*: what another host needs to go on with a stream
 * under a key. check and tx_skip are of requests alone.
 */
struct ksrtp_state {
	uint64_t has;
	uint32_t peer;
	uint8_t dir;			/* enum ksrtp_dir */
	uint8_t layer;			/* enum ksrtp_layer */
	uint32_t ssrc;
	uint8_t any;			/* the key is a template */
	uint16_t suite;			/* enum ksrtp_suite */
	uint8_t mki[KSRTP_MAX_MKI];
	uint8_t mki_len;
	uint8_t fingerprint[KSRTP_FINGERPRINT_LEN];
	uint8_t fingerprint_len;
	uint8_t tombstone;
	uint32_t window;
	uint64_t index;
	uint8_t started;
	uint64_t floor;
	uint8_t bits[KSRTP_MAX_WINDOW / 8];
	uint32_t bits_len;
	uint32_t rtcp_window;
	uint32_t rtcp_index;
	uint8_t rtcp_started;
	uint32_t rtcp_floor;
	uint8_t rtcp_bits[KSRTP_MAX_WINDOW / 8];
	uint32_t rtcp_bits_len;
	uint32_t srtcp_next;
	uint64_t packets;
	uint64_t rtcp_packets;
	uint64_t extended;
	uint64_t mapped;
	uint8_t switched;
	uint8_t check;
	uint32_t tx_skip;
};

/* attributes KSRTP_A_NOTICE_* */
struct ksrtp_notice {
	uint64_t has;
	uint8_t event;			/* enum ksrtp_event */
	uint32_t sock;
	uint32_t peer;
	uint8_t dir;			/* enum ksrtp_dir */
	uint8_t layer;			/* enum ksrtp_layer */
	uint32_t ssrc;
	struct ksrtp_addr addr;
	uint32_t suppressed;
	uint32_t count;
	uint32_t roc;
};

/* ---- the handle ---------------------------------------------------------- */

/**
 * ksrtp_open - get hold of ksrtp in a network namespace
 * @h: the handle, to be given to ksrtp_close(); NULL after an error
 * @netns: name below /run/netns, path of a namespace file (with a slash), or
 *	NULL for the caller's own
 * @err: why not
 *
 * The caller stays in its own network namespace. The module is loaded by the
 * kernel if it can be.
 *
 * Return: 0; -ENOENT: the kernel has no ksrtp, or no such namespace.
 */
int ksrtp_open(struct ksrtp_handle **h, const char *netns, struct ksrtp_error *err);

/* ksrtp_close - closes the handle, nothing else; NULL is fine */
void ksrtp_close(struct ksrtp_handle *h);

/* ksrtp_error - the sentence of the last call on @h that failed */
const char *ksrtp_error(const struct ksrtp_handle *h);

/* ksrtp_ifindex - index of an interface in the handle's namespace, 0: none */
uint32_t ksrtp_ifindex(struct ksrtp_handle *h, const char *name);

/* ksrtp_ifname - its name in @buf (IF_NAMESIZE bytes), NULL: none */
const char *ksrtp_ifname(struct ksrtp_handle *h, uint32_t index, char *buf);

/* ---- socks --------------------------------------------------------------- */

/**
 * ksrtp_sock_attach - put a UDP socket of the caller under ksrtp
 * @h: handle; its network namespace must be the socket's
 * @fd: the socket; it may be closed afterwards only with its last user, for
 *	ksrtp's state goes when the socket does
 * @sock: may bring id and unmatched; its id is set to what the kernel chose
 */
int ksrtp_sock_attach(struct ksrtp_handle *h, int fd, struct ksrtp_sock *sock);

/**
 * ksrtp_sock_attach_pid - put a UDP socket of another process under ksrtp
 * @h: handle
 * @pid: the process; needs what ptrace(2) needs (PTRACE_MODE_ATTACH_REALCREDS)
 * @fd: file descriptor there
 * @sock: as in ksrtp_sock_attach()
 */
int ksrtp_sock_attach_pid(struct ksrtp_handle *h, pid_t pid, int fd, struct ksrtp_sock *sock);

/**
 * ksrtp_sock_open - have the module open a socket that it owns
 * @h: handle
 * @sock: brings addr, may bring id and unmatched; its id is set
 */
int ksrtp_sock_open(struct ksrtp_handle *h, struct ksrtp_sock *sock);

int ksrtp_sock_set(struct ksrtp_handle *h, const struct ksrtp_sock *sock);
int ksrtp_sock_del(struct ksrtp_handle *h, uint32_t id);
int ksrtp_sock_flush(struct ksrtp_handle *h);
int ksrtp_sock_get(struct ksrtp_handle *h, uint32_t id, struct ksrtp_sock *sock);

/**
 * ksrtp_sock_dump - every sock
 * @h: handle
 * @cb: called for each; anything but 0 ends the dump and is returned
 * @arg: given to @cb
 *
 * Dumps, here and below, are read to their end before the first @cb, and read
 * again if the kernel says that objects changed meanwhile: what @cb sees is
 * one moment's truth. -EAGAIN after 32 tries without such a moment.
 */
int ksrtp_sock_dump(struct ksrtp_handle *h,
		    int (*cb)(const struct ksrtp_sock *sock, void *arg), void *arg);

/* ---- peers --------------------------------------------------------------- */

/* ksrtp_peer_add - needs sock and remote; peer's id is set */
int ksrtp_peer_add(struct ksrtp_handle *h, struct ksrtp_peer *peer);
int ksrtp_peer_set(struct ksrtp_handle *h, const struct ksrtp_peer *peer);
int ksrtp_peer_del(struct ksrtp_handle *h, uint32_t id);
int ksrtp_peer_flush(struct ksrtp_handle *h);
int ksrtp_peer_get(struct ksrtp_handle *h, uint32_t id, struct ksrtp_peer *peer);
int ksrtp_peer_dump(struct ksrtp_handle *h,
		    int (*cb)(const struct ksrtp_peer *peer, void *arg), void *arg);

/* ---- keys ---------------------------------------------------------------- */

/**
 * ksrtp_key_add - add a key to a peer
 * @h: handle
 * @key: needs peer, dir, layer, suite, master_key and master_salt
 *
 * The message is wiped once the kernel has it; @key is the caller's to wipe,
 * with ksrtp_wipe().
 */
int ksrtp_key_add(struct ksrtp_handle *h, const struct ksrtp_key *key);

/* ksrtp_key_set - soft_limit and hard_limit of the key of that peer, dir, layer, ssrc, mki */
int ksrtp_key_set(struct ksrtp_handle *h, const struct ksrtp_key *key);

/* ksrtp_key_del - the key of that peer, dir, layer, ssrc, mki */
int ksrtp_key_del(struct ksrtp_handle *h, const struct ksrtp_key *key);

/* ksrtp_key_flush - every key of a peer, 0: of the network namespace */
int ksrtp_key_flush(struct ksrtp_handle *h, uint32_t peer);

/* ksrtp_key_dump - every key of a peer, 0: of the network namespace */
int ksrtp_key_dump(struct ksrtp_handle *h, uint32_t peer,
		   int (*cb)(const struct ksrtp_key *key, void *arg), void *arg);

/* ---- routes -------------------------------------------------------------- */

/* ksrtp_route_add - adds route->out to the route of (peer, ssrc), new or not */
int ksrtp_route_add(struct ksrtp_handle *h, const struct ksrtp_route *route);

/* ksrtp_route_del - the route of (peer, ssrc), or its one output route->to */
int ksrtp_route_del(struct ksrtp_handle *h, const struct ksrtp_route *route);
int ksrtp_route_flush(struct ksrtp_handle *h);

/* ksrtp_route_dump - every route from a peer, 0: of the network namespace */
int ksrtp_route_dump(struct ksrtp_handle *h, uint32_t peer,
		     int (*cb)(const struct ksrtp_route *route, void *arg), void *arg);

/* ---- what is counted ----------------------------------------------------- */

/* ksrtp_stream_dump - every stream, a layer at a time; of @peer if not 0, of *@ssrc if given */
int ksrtp_stream_dump(struct ksrtp_handle *h, uint32_t peer, const uint32_t *ssrc,
		      int (*cb)(const struct ksrtp_stream *stream, void *arg), void *arg);

/* ---- hand-over ------------------------------------------------------------ */

/**
 * ksrtp_state_dump - index state, once for each stream and key; never a key
 * @h: handle
 * @peer: of this peer, 0: of the network namespace
 * @cb: called for each; anything but 0 ends the dump and is returned
 * @arg: given to @cb
 *
 * Tombstones of a peer come before its live streams, and are to be set in this
 * order.
 */
int ksrtp_state_dump(struct ksrtp_handle *h, uint32_t peer,
		     int (*cb)(const struct ksrtp_state *state, void *arg), void *arg);

/**
 * ksrtp_state_set - go on where another host was
 * @h: handle
 * @state: as it was dumped there; with check nothing is changed, and with
 *	tx_skip N that many indices to send count as used
 *
 * Peer and key must be there already. The stream is made if it is missing, and
 * must not have been used.
 */
int ksrtp_state_set(struct ksrtp_handle *h, const struct ksrtp_state *state);

int ksrtp_stats_get(struct ksrtp_handle *h, struct ksrtp_stats *stats);

/* ---- events -------------------------------------------------------------- */

/* ksrtp_events_open - from here on events are kept for this handle */
int ksrtp_events_open(struct ksrtp_handle *h);

/* ksrtp_events_fd - readable when there are events; for poll() */
int ksrtp_events_fd(const struct ksrtp_handle *h);

/**
 * ksrtp_events_read - wait for events
 * @h: handle, after ksrtp_events_open()
 * @cb: called for each; anything but 0 ends the call and is returned
 * @arg: given to @cb
 *
 * Returns after one event or a few that came together. Where events were lost
 * because this program read too slowly, @cb gets one with event
 * KSRTP_EVENT_OVERRUN and without suppressed, for nobody counted them.
 *
 * Return: 0, what @cb returned, or a negative errno (-EINTR: a signal).
 */
int ksrtp_events_read(struct ksrtp_handle *h,
		      int (*cb)(const struct ksrtp_notice *notice, void *arg), void *arg);

/* ---- names --------------------------------------------------------------- */

/*
 * Names as in the netlink spec; suites by their SDES names. NULL for a value
 * this library does not know.
 */
const char *ksrtp_str_unmatched(unsigned int value);
const char *ksrtp_str_dir(unsigned int value);
const char *ksrtp_str_layer(unsigned int value);
const char *ksrtp_str_suite(unsigned int value);
const char *ksrtp_str_roc_mode(unsigned int value);
const char *ksrtp_str_iv(unsigned int value);
const char *ksrtp_str_mi(unsigned int value);
const char *ksrtp_str_cryptex(unsigned int value);
const char *ksrtp_str_rtcp(unsigned int value);
const char *ksrtp_str_event(unsigned int value);
const char *ksrtp_str_drop(unsigned int reason);

/**
 * struct ksrtp_suite_info - what a caller needs to know of a suite
 * @name: SDES name (RFC 4568)
 * @dtls_name: DTLS-SRTP name (RFC 5764), NULL: none
 * @id: enum ksrtp_suite
 * @layer: enum ksrtp_layer
 * @key_len: bytes of the master key and of the session encryption key
 * @salt_len: bytes of the master salt and of the session salt
 * @auth_key_len: bytes of the session authentication key, 0: AEAD
 * @half: of a DOUBLE suite (RFC 8723) the enum ksrtp_suite of either half, else
 *	0; key_len and salt_len are then those of both, inner half first
 * @aria: the cipher is ARIA (RFC 8269), which not every kernel has; else AES
 */
struct ksrtp_suite_info {
	const char *name;
	const char *dtls_name;
	unsigned int id;
	unsigned int layer;
	size_t key_len;
	size_t salt_len;
	size_t auth_key_len;
	unsigned int half;
	bool aria;
};

/* ksrtp_suite_lookup - by SDES or DTLS-SRTP name; -ENOENT: none of that name */
int ksrtp_suite_lookup(const char *name, struct ksrtp_suite_info *info);
/* ksrtp_suite_get - by id; -ENOENT: unknown here */
int ksrtp_suite_get(unsigned int id, struct ksrtp_suite_info *info);
/*
 * ksrtp_suite_profile - by the number of a DTLS-SRTP protection profile, as the
 * handshake has it (RFC 5764 section 4.1.2, IANA); -ENOENT: none of that number
 */
int ksrtp_suite_profile(unsigned int profile, struct ksrtp_suite_info *info);

/* ---- addresses ----------------------------------------------------------- */

#define KSRTP_ADDR_STRLEN	80

/**
 * ksrtp_addr_parse - ADDR:PORT, [IPv6]:PORT or [fe80::1%dev]:PORT
 * @h: handle in whose namespace dev is looked for, NULL: the caller's
 * @text: the text
 * @port: whether a port is there (and must be) or not (and must not)
 * @addr: the address
 * @err: why not
 */
int ksrtp_addr_parse(struct ksrtp_handle *h, const char *text, bool port,
		     struct ksrtp_addr *addr, struct ksrtp_error *err);

/* ksrtp_addr_str - what ksrtp_addr_parse() reads, in @buf of KSRTP_ADDR_STRLEN bytes */
const char *ksrtp_addr_str(struct ksrtp_handle *h, const struct ksrtp_addr *addr, bool port,
			   char *buf);

/* ---- secrets ------------------------------------------------------------- */

/* ksrtp_wipe - overwrites, and is never optimised away */
void ksrtp_wipe(void *p, size_t len);

/**
 * struct ksrtp_secret - what was read from a key file; to be wiped
 * @data: bytes
 * @len: how many
 * @mki: of an SDES key with an MKI, else mki_len is 0
 * @mki_len: bytes of it
 * @lifetime: of an SDES key with a lifetime, in packets, else 0
 */
struct ksrtp_secret {
	uint8_t data[KSRTP_MAX_SECRET];
	size_t len;
	uint8_t mki[KSRTP_MAX_MKI];
	size_t mki_len;
	uint64_t lifetime;
};

/**
 * ksrtp_secret_parse - read a secret written as hex, base64 or SDES inline
 * @text: hex digits or base64, white space anywhere; or
 *	"inline:BASE64[|LIFETIME][|MKI:LENGTH]" (RFC 4568 section 9.2), white
 *	space around it. What consists of hex digits only is hex.
 * @text_len: bytes of @text
 * @min: fewest bytes it must have
 * @max: most bytes it may have, KSRTP_MAX_SECRET at most
 * @secret: the result, zero after an error
 * @err: why not: a sentence with the length expected and found, never a byte of @text
 */
int ksrtp_secret_parse(const char *text, size_t text_len, size_t min, size_t max,
		       struct ksrtp_secret *secret, struct ksrtp_error *err);

/**
 * ksrtp_secret_read - the same from a file
 * @path: file name, "-" is standard input
 * @min: fewest bytes
 * @max: most bytes
 * @secret: the result
 * @err: why not; holds @path only if that cannot be key material itself
 */
int ksrtp_secret_read(const char *path, size_t min, size_t max,
		      struct ksrtp_secret *secret, struct ksrtp_error *err);

/* ksrtp_looks_secret - could this word of a command line be key material? */
bool ksrtp_looks_secret(const char *word);

/* ---- derivations --------------------------------------------------------- */

/**
 * struct ksrtp_master - a master key and its salt; to be wiped
 * @key: master key
 * @key_len: bytes of it
 * @salt: master salt
 * @salt_len: bytes of it
 */
struct ksrtp_master {
	uint8_t key[KSRTP_MAX_KEY];
	size_t key_len;
	uint8_t salt[KSRTP_MAX_SALT];
	size_t salt_len;
};

/**
 * ksrtp_master_cut - cut key material into master key and salt
 * @suite: enum ksrtp_suite, which has the lengths
 * @material: master key || master salt; of a DOUBLE suite inner key || outer key
 *	|| inner salt || outer salt, or outer key || outer salt alone
 * @len: bytes of it
 * @master: the result, zero after an error
 * @err: why not: a sentence with the lengths expected and found
 */
int ksrtp_master_cut(unsigned int suite, const void *material, size_t len,
		     struct ksrtp_master *master, struct ksrtp_error *err);

/* ksrtp_master_halves - of a DOUBLE suite's master, both halves; for each a master of suite half */
void ksrtp_master_halves(const struct ksrtp_master *both, struct ksrtp_master *inner,
			 struct ksrtp_master *outer);

/* ksrtp_key_master, ksrtp_key_rtcp_master - put a master into a key that is to be added */
void ksrtp_key_master(struct ksrtp_key *key, const struct ksrtp_master *master);
void ksrtp_key_rtcp_master(struct ksrtp_key *key, const struct ksrtp_master *master);

/* ksrtp_hkdf - HKDF-SHA256 (RFC 5869); a @salt_len of 0 is an absent salt */
int ksrtp_hkdf(const void *ikm, size_t ikm_len, const void *salt, size_t salt_len,
	       const void *info, size_t info_len, void *okm, size_t okm_len);

/**
 * ksrtp_lid_normalise - the participant's LID as it enters the derivation
 * @lid: as the signalling has it
 * @out: without white space around it and without a resource ("/..."), and
 *	with device 0 where "user@lid" names none
 * @size: bytes of @out, KSRTP_MAX_LID is enough
 *
 * Return: 0; -EINVAL: it is empty; -ENAMETOOLONG.
 */
int ksrtp_lid_normalise(const char *lid, char *out, size_t size);

/**
 * ksrtp_derive_e2e - E2E master key and salt of a participant
 * @call_key: the call key, or the first 32 bytes of a raw end-to-end secret
 * @lid: LID, normalised or as it is to be taken
 * @master: the result
 */
int ksrtp_derive_e2e(const uint8_t call_key[KSRTP_CALL_KEY_LEN], const char *lid,
		     struct ksrtp_master *master);

/* ksrtp_derive_mi - the key of the MESSAGE-INTEGRITY tag, from the same call key */
int ksrtp_derive_mi(const uint8_t call_key[KSRTP_CALL_KEY_LEN],
		    uint8_t mi_key[KSRTP_MI_KEY_LEN]);

enum ksrtp_hbh_kdf {
	KSRTP_HBH_DIRECT,	/* one master for RTP and RTCP, as it is */
	KSRTP_HBH_UPLINK,	/* two-stage, RTCP from group "uplink hbh srtcp" */
	KSRTP_HBH_DOWNLINK,	/* two-stage, "downlink hbh srtcp" */
	KSRTP_HBH_SHARED,	/* two-stage, "hbh srtcp" */
};

/**
 * ksrtp_derive_hbh - masters from the HBH key of a relay
 * @hbh_key: 30 bytes
 * @kdf: how
 * @rtp: master of RTP
 * @rtcp: master of RTCP
 */
int ksrtp_derive_hbh(const uint8_t hbh_key[KSRTP_HBH_KEY_LEN], enum ksrtp_hbh_kdf kdf,
		     struct ksrtp_master *rtp, struct ksrtp_master *rtcp);

/* ksrtp_derive_hbh_group - one group of the two-stage derivation, by its name */
int ksrtp_derive_hbh_group(const uint8_t hbh_key[KSRTP_HBH_KEY_LEN], const char *group,
			   struct ksrtp_master *master);

/**
 * ksrtp_derive_session - one session key: the PRF of RFC 3711 section 4.3
 * @master: master key (16, 24 or 32 bytes) and salt (12 or 14)
 * @label: 0, 1, 2: cipher, authentication key and salt of SRTP; 3, 4, 5: of
 *	SRTCP; 6, 7: cipher key and salt of header extensions (RFC 6904)
 * @out: the result
 * @len: bytes of it
 *
 * AES of the key's size (RFC 6188).
 */
int ksrtp_derive_session(const struct ksrtp_master *master, uint8_t label,
			 void *out, size_t len);

/**
 * ksrtp_derive_session_of - the same by the PRF of a suite, AES or ARIA (RFC 8269)
 * @suite: enum ksrtp_suite; of a DOUBLE one its half, with a half of the master
 * @master: master key and salt of that suite's lengths
 * @label: as above
 * @out: the result
 * @len: bytes of it
 *
 * Return: 0; -EINVAL: the lengths are not those of the suite, or it is a DOUBLE
 * one; -ENOENT: libcrypto has no such cipher.
 */
int ksrtp_derive_session_of(unsigned int suite, const struct ksrtp_master *master,
			    uint8_t label, void *out, size_t len);

/* ---- DTLS-SRTP (RFC 5764) ------------------------------------------------ */

/* The label of the exporter (RFC 5705), which takes no context */
#define KSRTP_DTLS_SRTP_LABEL	"EXTRACTOR-dtls_srtp"

enum ksrtp_dtls_role {
	KSRTP_DTLS_CLIENT,
	KSRTP_DTLS_SERVER,
};

/* ksrtp_dtls_srtp_len - bytes to export for a suite; -ENOENT: it is none of DTLS-SRTP */
int ksrtp_dtls_srtp_len(unsigned int suite);

/**
 * ksrtp_dtls_srtp_split - cut what the DTLS exporter gave into the keys of both directions
 * @suite: enum ksrtp_suite, which the handshake agreed on
 * @exported: client_write_SRTP_master_key || server_write_SRTP_master_key ||
 *	client_write_SRTP_master_salt || server_write_SRTP_master_salt
 *	(RFC 5764 section 4.2)
 * @len: bytes of it, ksrtp_dtls_srtp_len()
 * @role: what this end was in the handshake
 * @tx: the master of what this end sends
 * @rx: the master of what it receives
 * @err: why not
 *
 * In the keys and salts of a DOUBLE suite the inner half stands first.
 * @exported, @tx and @rx are the caller's to wipe; both are zero after an error.
 */
int ksrtp_dtls_srtp_split(unsigned int suite, const void *exported, size_t len,
			  enum ksrtp_dtls_role role, struct ksrtp_master *tx,
			  struct ksrtp_master *rx, struct ksrtp_error *err);

#ifdef __cplusplus
}
#endif

#endif /* LIBKSRTP_H */
