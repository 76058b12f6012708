/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of ksrtp, who owns them and which lock covers them.
 *
 *	netns -> sock -> peer -> { key, route, stream -> ctx }
 *
 * Configuration happens under the mutex of the network namespace. Packets see
 * the objects under RCU and take no references: an object is unlinked first,
 * and freed after a grace period (Documentation/lifetimes.rst). Three locks
 * nest, and only in this order:
 *
 *	ksrtp_net.lock (mutex)  >  ksrtp_peer.lock (BH)  >  ksrtp_stream.lock (BH)
 *
 * No two locks of one kind are ever held together.
 */
#ifndef _KSRTP_H
#define _KSRTP_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/rhashtable.h>
#include <linux/sched/mm.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/ksrtp.h>

#include "compat.h"
#include "drop.h"
#include "index.h"
#include "packet.h"
#include "replay.h"
#include "transform.h"

#define KSRTP_LAYERS		2
#define KSRTP_DIRS		2
#define KSRTP_MAX_STREAMS	64	/* of a peer and direction, by default */
#define KSRTP_MAX_TOMBSTONES	4096	/* of a peer */
#define KSRTP_MAX_MKI_KEYS	16	/* rx keys of one SSRC told apart by MKI */
#define KSRTP_MAX_TRIAL_KEYS	2	/* rx keys of one SSRC tried in turn */
#define KSRTP_MAX_PAYLOAD	(65535 - 20 - 8)	/* of a UDP datagram */

/* Of a socket, without its lock: the stack does not mark what it writes. */
#define ksrtp_read_racy(x)	data_race(READ_ONCE(x))

struct ksrtp_peer;
struct ksrtp_sock;
struct ksrtp_out;

/**
 * struct ksrtp_stats - counters of a network namespace, one set a CPU
 *
 * Writer: the CPU's packet path with BH off, several times a packet.
 */
struct ksrtp_stats {
	struct u64_stats_sync sync;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t rx_rtcp_packets;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t tx_rtcp_packets;
	u64_stats_t relayed_packets;
	u64_stats_t delivered_packets;
	u64_stats_t other_packets;
	u64_stats_t passed_packets;
	u64_stats_t drops[KSRTP_DROP_COUNT];
};

/**
 * struct ksrtp_net - what a network namespace has
 * @lock: all configuration; never taken by a packet
 * @socks: struct ksrtp_sock by id; @lock
 * @peers: struct ksrtp_peer by id; @lock
 * @gen: bumped by each change, for dumps to notice; @lock
 * @keys: number of keys; @lock
 * @routes: number of routes; @lock
 * @streams: number of live streams; any packet path that makes one
 * @event_lock: the token bucket of events.c
 * @event_overrun: says what was suppressed where no event follows that could
 * @event_idle: looks for idle streams as long as there are streams
 * @stats: per-CPU counters
 */
struct ksrtp_net {
	struct net *net;
	struct mutex lock;	/* configuration */
	struct xarray socks;
	struct xarray peers;
	u32 next_sock;
	u32 next_peer;
	unsigned long gen;
	u32 keys;
	u32 routes;
	atomic_t streams;

	spinlock_t event_lock;	/* the three below */
	unsigned long event_refill;
	u32 event_tokens;
	u32 event_suppressed;
	struct delayed_work event_overrun;
	struct delayed_work event_idle;

	struct ksrtp_stats __percpu *stats;
};

/**
 * struct ksrtp_addr - a transport address
 * @ip: IPv6, or IPv4 mapped
 * @scope: interface index if @ip is link-local, else 0
 * @port: UDP port
 * @zero: always 0, since this is a hash key
 */
struct ksrtp_addr {
	struct in6_addr ip;
	u32 scope;
	__be16 port;
	u16 zero;
};

/**
 * struct ksrtp_hook - what a socket carries as long as it lives
 * @sock: what it is to ksrtp; NULL once taken from ksrtp, everything passes
 * @prot: copy of the socket's proto with our sendmsg and setsockopt
 * @orig: the proto it had
 * @destruct: the sk_destruct it had
 * @buf: one send buffer kept between calls; exchanged atomically
 * @rcu: frees that of a socket of the module's own
 *
 * It outlives @sock because a task may sleep inside our sendmsg; the socket's
 * destructor frees it and drops the module reference.
 */
struct ksrtp_hook {
	struct ksrtp_sock __rcu *sock;
	struct proto *orig;
	void (*destruct)(struct sock *sk);
	void *buf;
	struct module *owner;
	struct rcu_head rcu;
	struct proto prot;
};

/**
 * ksrtp_hook() - the hook of a socket the caller holds
 * @sk: socket that is under ksrtp, or was
 */
static inline struct ksrtp_hook *ksrtp_hook(const struct sock *sk)
{
	return (void *)((uintptr_t)READ_ONCE(sk->sk_user_data) &
			SK_USER_DATA_PTRMASK);
}

/**
 * struct ksrtp_sock - a UDP socket under ksrtp
 * @sk: the socket; an application's is held as long as this is linked
 * @hook: of an application's socket
 * @owned: of a socket the module opened, which has no application
 * @peers: struct ksrtp_peer; ksrtp_net.lock
 * @unmatched: enum ksrtp_unmatched; written under ksrtp_net.lock
 * @roaming: number of peers that may roam; written under ksrtp_net.lock
 * @memcg: whose memory packets use, see ksrtp_charge()
 */
struct ksrtp_sock {
	struct sock *sk;
	struct ksrtp_net *kn;
	struct mem_cgroup *memcg;
	u8 unmatched;
	u32 roaming;

	struct ksrtp_hook *hook;
	struct socket *owned;
	struct list_head peers;
	u32 id;
	u32 n_peers;
	struct rcu_head rcu;
};

/**
 * struct ksrtp_path - a peer's remote address; replaced as a whole on a move
 * @key: sock and address, unique
 * @dst: routes to it, a CPU each
 */
struct ksrtp_path_key {
	struct ksrtp_sock *sock;
	struct ksrtp_addr addr;
};

struct ksrtp_path {
	struct rhash_head node;
	struct ksrtp_path_key key;
	struct ksrtp_peer *peer;
	struct dst_cache dst;
	struct rcu_work free;
};

/* Drops of which many at once are an event. */
enum ksrtp_burst_kind {
	KSRTP_BURST_AUTH,
	KSRTP_BURST_REPLAY,
	KSRTP_BURST_KINDS
};

/**
 * struct ksrtp_burst - packets of one kind that were dropped of late
 * @since: jiffies when the second they are counted in began
 * @n: packets in it
 * @untold: packets of the second before that no event counted
 *
 * Written without a lock; a second may lose a few where two processors begin it.
 */
struct ksrtp_burst {
	unsigned long since;
	atomic_t n;
	atomic_t untold;
};

/**
 * struct ksrtp_peer - a remote transport address on a sock
 * @lock: streams of the peer come and go under it, and keys meet streams
 * @path: where it is; written under @lock
 * @streams: live streams of both directions by serial; @lock
 * @live: live rx streams, the one that was not touched for longest first; @lock
 * @tombs: evicted rx streams; @lock
 * @n_streams: live streams a direction; @lock
 * @dead: nothing may be added any more; written under @lock
 * @had_e2e: an E2E key was ever there in the direction; never cleared
 * @keys: struct ksrtp_key; ksrtp_net.lock
 * @routes: struct ksrtp_route from here; ksrtp_net.lock
 * @outs: struct ksrtp_out to here; ksrtp_net.lock
 * @drops: packets of the peer that belong to no stream
 * @burst: those that may be an attack, for events
 */
struct ksrtp_peer {
	struct ksrtp_sock *sock;
	struct ksrtp_net *kn;
	struct ksrtp_path __rcu *path;
	u32 id;
	bool roam;
	bool has_local;
	bool had_e2e[KSRTP_DIRS];
	struct in6_addr local;

	spinlock_t lock;	/* streams, keys of streams, path */
	bool dead;
	u32 max_streams;
	u32 n_streams[KSRTP_DIRS];
	u32 n_tombs;
	unsigned long next_serial;
	struct xarray streams;
	struct list_head live;
	struct list_head tombs;

	struct list_head list;
	struct list_head keys;
	struct list_head routes;
	struct list_head outs;

	atomic64_t drops[KSRTP_DROP_COUNT];
	struct ksrtp_burst burst[KSRTP_BURST_KINDS];
	struct rcu_work free;
};

/**
 * struct ksrtp_key_id - what finds keys for a packet
 * @ssrc: 0 if @any
 */
struct ksrtp_key_id {
	struct ksrtp_peer *peer;
	u32 ssrc;
	u8 dir;
	u8 layer;
	u8 any;
	u8 zero;
};

/**
 * struct ksrtp_key - a crypto context; written once, before it is linked
 * @node: in the table by @id; several may share one id, newest first
 * @list: in ksrtp_peer.keys; ksrtp_net.lock
 * @serial: increases with each key of the module, tells keys apart for good
 * @soft: packets after which an event is sent; written any time by key-set
 * @hard: packets after which it is used no more; likewise
 * @is_double: the outer layer of a DOUBLE suite (RFC 8723)
 * @companion: the inner layer of one: an E2E key that its outer one owns
 * @inner: of @is_double, the companion; NULL where the inner half is not known
 * @owner: of @companion, the other; ksrtp_net.lock
 * @cryptex: enum ksrtp_cryptex
 * @rcc: packets whose sequence number it divides carry the ROC; 0 for none
 * @enc_ext: header extension elements of @ext_ids are encrypted under @ext
 * @retired: packets counted by contexts that are gone; ksrtp_peer.lock
 */
struct ksrtp_key {
	struct rhlist_head node;
	struct ksrtp_key_id id;
	const struct ksrtp_suite_desc *suite;
	u64 serial;
	u64 soft;
	u64 hard;
	u32 roc;
	u32 srtcp_index;
	u32 window;
	u16 from_seq;
	u8 suite_id;
	u8 roc_mode;
	bool has_from_seq;
	bool has_srtcp_index;
	bool allow_plain_rtcp;
	bool tx_plain_rtcp;
	u8 mki_len;
	u8 mki[KSRTP_MAX_MKI];

	bool is_double;
	bool companion;
	bool enc_ext;
	u8 cryptex;
	u16 rcc;
	struct ksrtp_key *inner;
	struct ksrtp_key *owner;

	struct ksrtp_transform rtp;
	struct ksrtp_transform rtcp;	/* E2E has none */
	struct ksrtp_transform ext;	/* header extension elements */
	u8 ext_ids[KSRTP_EXT_IDS / 8];

	struct list_head list;
	u64 retired;
	u8 iv;
	u8 mi;
	u8 mi_len;
	bool mi_verify;
	u8 fingerprint[KSRTP_FINGERPRINT_LEN];
	struct rcu_work free;
};

/**
 * struct ksrtp_ctx - index state of (stream, key): never shared, never reset
 * @next: the next of the layer: keys of this SSRC before templates, and the
 *	newest first among each; written under ksrtp_peer.lock
 * @key: lives longer than this
 * @stale: replaced by a copy with another window
 * @shifted: @shift is set
 * @follows: "roc keep", and no RTP packet yet: goes where the older key goes
 * @waits: tx: used from its key's from-seq on, and the turn of 2^16 in which
 *	that is may still be told by the sequence number alone
 * @shift: tx: packet index = extended index of the source + @shift
 * @packets: RTP packets under the key
 * @rtcp_packets: RTCP packets under the key
 * @soft_told: the soft limit an event told of, 0 if none did
 * @hard_told: the hard limit likewise
 * @srtcp_next: tx: SRTCP index to use next
 * @rtcp: rx: window of SRTCP indices, made by the first SRTCP packet
 * @rtp: window of RTP indices: received, or used
 *
 * All but @next are written under ksrtp_stream.lock, once a packet. A packet looks at
 * @packets, @rtcp_packets and @waits before it takes the lock.
 */
struct ksrtp_ctx {
	struct ksrtp_ctx __rcu *next;
	struct ksrtp_key *key;
	struct ksrtp_window __rcu *rtcp;
	s64 shift;
	u64 packets;
	u64 rtcp_packets;
	u64 soft_told;
	u64 hard_told;
	u32 srtcp_next;
	bool stale;
	bool shifted;
	bool follows;
	bool waits;
	struct rcu_head rcu;
	struct ksrtp_window rtp;
};

struct ksrtp_stream_id {
	struct ksrtp_peer *peer;
	u32 ssrc;
	u32 dir;
};

/**
 * struct ksrtp_route - where the packets of (peer, SSRC or any) go
 * @outs: the outputs; replaced as a whole, under ksrtp_net.lock
 */
struct ksrtp_outs {
	struct rcu_head rcu;
	u32 n;
	struct ksrtp_out *out[];
};

struct ksrtp_route_id {
	struct ksrtp_peer *peer;
	u32 ssrc;
	u32 any;
};

struct ksrtp_route {
	struct rhash_head node;
	struct ksrtp_route_id id;
	struct ksrtp_outs __rcu *outs;
	u8 rtcp;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct ksrtp_out - one output of a route; all but @dead written once
 * @claim: in the table of claims: who sends (peer, SSRC) by configuration
 * @claim_id: what is claimed, if @claims
 * @dead: deleted, though packets may still see it; never a source again
 * @list: in ksrtp_peer.outs of @peer; ksrtp_net.lock
 */
struct ksrtp_claim_id {
	struct ksrtp_peer *peer;
	u32 ssrc;
	u32 zero;
};

struct ksrtp_out {
	struct ksrtp_peer *peer;
	struct ksrtp_route *route;
	u32 ssrc;
	bool rewrite_ssrc;
	bool rewrite_pt;
	u8 pt_old;
	u8 pt_new;

	struct rhash_head claim;
	struct ksrtp_claim_id claim_id;
	bool claims;
	bool dead;
	struct list_head list;
	struct rcu_head rcu;
};

/* Counters of one reason each; made by a stream's first drop. */
struct ksrtp_drops {
	atomic64_t n[KSRTP_DROP_COUNT];
};

/**
 * struct ksrtp_stream - one SSRC of a peer in one direction
 * @node: in the table by @id
 * @ctx: index state, a list a layer; written under ksrtp_peer.lock
 * @route: rx: where it goes; written under ksrtp_peer.lock
 * @drops: counters a layer; NULL until something is dropped
 * @lock: everything below down to @roam
 * @own: rx: this host sends the same SSRC to the peer under the same key
 * @tomb: rx: evicted; in ksrtp_peer.tombs, windows remember the highest alone
 * @dead: unlinked
 * @touched: rx: jiffies when it became the last in ksrtp_peer.live; written under
 *	ksrtp_peer.lock too
 * @last: jiffies of the last packet
 * @idle: stream-idle was sent since then
 * @source: tx: who sends it: an output, KSRTP_SOURCE_APP, or NULL
 * @source_key: tx: serial of the key the source's index belongs to
 * @ext: tx: highest extended index of the source, @bias included
 * @bias: tx: what is added to the source's index since it took over
 */
struct ksrtp_stream {
	struct rhash_head node;
	struct ksrtp_stream_id id;
	struct ksrtp_ctx __rcu *ctx[KSRTP_LAYERS];
	struct ksrtp_route __rcu *route;
	struct ksrtp_drops *drops[KSRTP_LAYERS];

	spinlock_t lock;	/* indices and counters */
	bool own;
	bool tomb;
	bool dead;
	bool started;
	bool idle;
	u32 touched;
	unsigned long last;
	u64 packets[KSRTP_LAYERS];
	u64 bytes[KSRTP_LAYERS];
	u64 rtcp_packets;
	u64 rtcp_bytes;

	const struct ksrtp_out *source;
	u64 source_key;
	u64 ext;
	s64 bias;

	struct ksrtp_roam *roam;
	unsigned long serial;	/* of a live one */
	struct list_head list;	/* rx: in ksrtp_peer.live, or .tombs */
	struct rcu_head rcu;
};

/* The application of a sock, as the source of a tx stream. */
#define KSRTP_SOURCE_APP	((const struct ksrtp_out *)1)

/**
 * struct ksrtp_roam - finds rx streams of roaming peers by (sock, SSRC)
 */
struct ksrtp_roam_id {
	struct ksrtp_sock *sock;
	u32 ssrc;
	u32 zero;
};

struct ksrtp_roam {
	struct rhlist_head node;
	struct ksrtp_roam_id id;
	struct ksrtp_stream *stream;
	struct rcu_head rcu;
};

/**
 * struct ksrtp_pkt - one RTP or RTCP packet on its way
 * @data: first byte of the header
 * @len: bytes from @data
 * @rtcp: RTCP
 * @h: the header
 * @index: rx: packet index under the key that opened it
 * @key: rx: serial of that key
 * @seq: rx: sequence number the index is of; the header's but for an inner layer
 * @resync: rx: the index is another than was expected
 * @ohb: rx: of an inner layer (RFC 8723)
 * @hbh: rx: the key that opened the HBH layer
 */
struct ksrtp_pkt {
	u8 *data;
	u32 len;
	bool rtcp;
	bool resync;
	u16 seq;
	struct ksrtp_header h;
	u64 index;
	u64 key;
	struct ksrtp_ohb ohb;
	const struct ksrtp_key *hbh;
};

/* main.c */
extern unsigned int ksrtp_net_id;
extern struct workqueue_struct *ksrtp_wq;
struct ksrtp_net *ksrtp_net(const struct net *net);

/* sock.c */
int ksrtp_sock_attach(struct ksrtp_net *kn, u32 fd, u32 *id, u8 unmatched,
		      struct netlink_ext_ack *extack);
int ksrtp_sock_open(struct ksrtp_net *kn, const struct ksrtp_addr *addr,
		    u32 *id, u8 unmatched, struct netlink_ext_ack *extack);
void ksrtp_sock_del(struct ksrtp_sock *ks);
void ksrtp_sock_flush(struct ksrtp_net *kn);
void ksrtp_sock_local(const struct ksrtp_sock *ks, struct ksrtp_addr *addr);

/* receive.c */
int ksrtp_receive(struct sock *sk, struct sk_buff *skb);

/* send.c */
int ksrtp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* protect.c */
enum ksrtp_drop ksrtp_plan(const struct ksrtp_key *key,
			   const struct ksrtp_pkt *pkt, struct ksrtp_layout *l);
enum ksrtp_drop ksrtp_protect(const struct ksrtp_key *key,
			      const struct ksrtp_pkt *pkt, u8 *p, const u8 *src,
			      const struct ksrtp_layout *l, u32 ssrc, u64 index);
enum ksrtp_drop ksrtp_find(const struct ksrtp_key *key, struct ksrtp_pkt *pkt,
			   struct ksrtp_layout *l);
enum ksrtp_drop ksrtp_unprotect(const struct ksrtp_key *key,
				struct ksrtp_pkt *pkt,
				const struct ksrtp_layout *l, u64 index,
				unsigned int flags);
int ksrtp_double_relabel(u8 *p, u32 clear, u32 len, u8 pt);

/* relay.c */
void ksrtp_relay(const struct ksrtp_outs *outs, struct ksrtp_pkt *pkt,
		 struct sk_buff *skb);

/* peer.c */
int ksrtp_peer_module_init(void);
void ksrtp_peer_module_exit(void);
struct ksrtp_peer *ksrtp_peer_lookup(struct ksrtp_sock *ks,
				     const struct ksrtp_addr *addr);
struct ksrtp_peer *ksrtp_peer_add(struct ksrtp_sock *ks, u32 *id,
				  const struct ksrtp_addr *addr,
				  struct netlink_ext_ack *extack);
int ksrtp_peer_move(struct ksrtp_peer *peer, const struct ksrtp_addr *addr,
		    gfp_t gfp);
int ksrtp_peer_set_roam(struct ksrtp_peer *peer, bool roam,
			struct netlink_ext_ack *extack);
void ksrtp_peer_del(struct ksrtp_peer *peer);
void ksrtp_peer_flush(struct ksrtp_sock *ks);

/**
 * ksrtp_charge() - from here on memory is that of who has put the sock here
 * @peer: peer for which it is
 *
 * In softirq there is nobody else whom what a packet makes could be charged to,
 * and a user may allow a peer any number of streams. Only with __GFP_ACCOUNT.
 *
 * Context: any; no sleep until ksrtp_uncharge().
 * Return: what ksrtp_uncharge() takes.
 */
static inline struct mem_cgroup *ksrtp_charge(const struct ksrtp_peer *peer)
{
	return set_active_memcg(peer->sock->memcg);
}

static inline void ksrtp_uncharge(struct mem_cgroup *before)
{
	set_active_memcg(before);
}

/* key.c */
struct ksrtp_key_config {
	struct ksrtp_key_id id;
	const struct ksrtp_suite_desc *suite;
	u8 suite_id;
	const u8 *master[2];		/* RTP, RTCP */
	const u8 *salt[2];
	const u8 *mi_key;
	u8 mi_key_len;
	const u8 *mki;
	u8 mki_len;
	u8 roc_mode;
	u32 roc;
	bool has_srtcp_index;
	u32 srtcp_index;
	bool has_from_seq;
	u16 from_seq;
	u32 window;
	u64 soft;
	u64 hard;
	bool allow_plain_rtcp;
	bool tx_plain_rtcp;
	u8 iv;
	u8 mi;
	u8 mi_len;
	bool mi_verify;
	u8 cryptex;
	u16 rcc;
	const u8 *enc_ext;		/* ids */
	u8 enc_ext_len;
	const u8 *inner_master;		/* DOUBLE; NULL for the outer half alone */
	const u8 *inner_salt;
	bool companion;
};

int ksrtp_key_module_init(void);
void ksrtp_key_module_exit(void);
int ksrtp_key_add(const struct ksrtp_key_config *cfg,
		  struct netlink_ext_ack *extack);
struct ksrtp_key *ksrtp_key_find(const struct ksrtp_key_id *id, const u8 *mki,
				 u8 mki_len, bool oldest);
void ksrtp_key_del(struct ksrtp_key *key);
struct ksrtp_key *ksrtp_key_first(const struct ksrtp_key_id *id);
struct ksrtp_key *ksrtp_key_next(struct ksrtp_key *key);
struct ksrtp_key *ksrtp_key_for(struct ksrtp_peer *peer, u8 dir, u8 layer,
				u32 ssrc);
bool ksrtp_key_is_double(struct ksrtp_peer *peer, u8 dir, u32 ssrc);
bool ksrtp_key_loops(struct ksrtp_peer *peer, bool any, u32 ssrc);

/* stream.c */
int ksrtp_stream_module_init(void);
void ksrtp_stream_module_exit(void);
struct ksrtp_stream *ksrtp_stream_lookup(struct ksrtp_peer *peer, u8 dir,
					 u32 ssrc);
enum ksrtp_drop ksrtp_stream_make(struct ksrtp_peer *peer, u8 dir, u32 ssrc,
				  const struct ksrtp_out *source,
				  struct ksrtp_stream **streamp);
enum ksrtp_drop ksrtp_stream_revive(struct ksrtp_stream *stream);
int ksrtp_stream_add_key(struct ksrtp_peer *peer, struct ksrtp_key *key);
void ksrtp_stream_del_key(struct ksrtp_peer *peer, struct ksrtp_key *key);
void ksrtp_stream_flush(struct ksrtp_peer *peer);
void ksrtp_stream_pause(struct ksrtp_peer *peer, u32 *seen);
void ksrtp_stream_reroute(struct ksrtp_peer *peer, bool any, u32 ssrc);
void ksrtp_stream_unsource(struct ksrtp_peer *peer, const struct ksrtp_out *out);
int ksrtp_stream_roam(struct ksrtp_stream *stream);
void ksrtp_stream_unroam(struct ksrtp_stream *stream);
struct ksrtp_stream *ksrtp_stream_roaming(struct ksrtp_sock *ks, u32 ssrc);
u64 ksrtp_stream_key_packets(struct ksrtp_peer *peer, struct ksrtp_key *key,
			     bool *expired);

/* take.c */
struct ksrtp_ctx *ksrtp_stream_tx_ctx(struct ksrtp_stream *stream, u8 layer,
				      const struct ksrtp_pkt *pkt);
struct ksrtp_ctx *ksrtp_stream_ctx(struct ksrtp_stream *stream, u8 layer,
				   const struct ksrtp_key *key);
struct ksrtp_ctx *ksrtp_stream_e2e_ctx(struct ksrtp_stream *stream,
				       struct ksrtp_ctx *hbh,
				       const struct ksrtp_pkt *pkt);
enum ksrtp_drop ksrtp_stream_commit(struct ksrtp_stream *stream, u8 layer,
				    struct ksrtp_key *key, bool rtcp, u64 index,
				    u32 len);
enum ksrtp_drop ksrtp_stream_take(struct ksrtp_stream *stream,
				  const struct ksrtp_out *source,
				  const struct ksrtp_pkt *pkt, const u32 *wire,
				  struct ksrtp_ctx **ctx, u64 *index);
enum ksrtp_drop ksrtp_stream_take_rtcp(struct ksrtp_stream *stream,
				       struct ksrtp_ctx *ctx, u32 wire,
				       u64 *index);
void ksrtp_stream_release(struct ksrtp_stream *stream, u8 layer, u64 key,
			  u64 index, u32 len);

/* handover.c */

/**
 * struct ksrtp_state - what another host needs to go on with (stream, key)
 * @ssrc: SSRC of the stream
 * @tomb: it is a tombstone
 * @rtp: window of RTP, of which @bits[0] has the bits
 * @rtcp: window of SRTCP, @bits[1]
 * @has_rtcp: there is one
 * @bits_len: bytes of @bits
 * @srtcp_next: tx: SRTCP index to send next
 * @packets: RTP packets under the key
 * @rtcp_packets: RTCP packets under the key
 * @ext: tx: highest extended index, if @has_ext
 * @mapped: tx: its packet index, if @shifted
 * @switched: tx: the switch to the key is final
 * @skip: tx: indices that count as used above the highest
 */
struct ksrtp_state {
	u32 ssrc;
	bool tomb;
	struct ksrtp_window rtp;
	struct ksrtp_window rtcp;
	bool has_rtcp;
	const u8 *bits[2];
	u32 bits_len[2];
	u32 srtcp_next;
	u64 packets;
	u64 rtcp_packets;
	bool has_ext;
	u64 ext;
	bool shifted;
	u64 mapped;
	bool switched;
	u32 skip;
};

int ksrtp_stream_restore(struct ksrtp_key *key, const struct ksrtp_state *state,
			 bool check, struct netlink_ext_ack *extack);

/**
 * ksrtp_ctx_first() - the contexts a packet may use are this one and, while
 * ksrtp_ctx_next() gives one, those after it
 */
static inline struct ksrtp_ctx *ksrtp_ctx_first(struct ksrtp_stream *stream,
						u8 layer)
{
	return rcu_dereference_check(stream->ctx[layer],
				     lockdep_is_held(&stream->id.peer->lock));
}

/* The keys of an SSRC win over the templates. */
static inline struct ksrtp_ctx *ksrtp_ctx_next(struct ksrtp_stream *stream,
					       struct ksrtp_ctx *ctx)
{
	struct ksrtp_ctx *next;

	next = rcu_dereference_check(ctx->next,
				     lockdep_is_held(&stream->id.peer->lock));
	return next && next->key->id.any == ctx->key->id.any ? next : NULL;
}

/* What it means that no index near the highest fits a sequence number. */
static inline enum ksrtp_drop ksrtp_index_outside(u64 highest)
{
	return highest > KSRTP_INDEX_MAX / 2 ? KSRTP_DROP_INDEX_LIMIT :
					       KSRTP_DROP_TOO_OLD;
}

/* route.c */
int ksrtp_route_module_init(void);
void ksrtp_route_module_exit(void);
struct ksrtp_route *ksrtp_route_for(struct ksrtp_peer *peer, u32 ssrc);
struct ksrtp_route *ksrtp_route_find(struct ksrtp_peer *peer, bool any, u32 ssrc);
const struct ksrtp_out *ksrtp_route_claim(struct ksrtp_peer *peer, u32 ssrc);

struct ksrtp_out_config {
	struct ksrtp_peer *peer;
	bool rewrite_ssrc;
	bool rewrite_pt;
	u32 ssrc;
	u8 pt_old;
	u8 pt_new;
};

int ksrtp_route_add(struct ksrtp_peer *peer, bool any, u32 ssrc, int rtcp,
		    const struct ksrtp_out_config *outs, u32 n,
		    struct netlink_ext_ack *extack);
int ksrtp_route_del_out(struct ksrtp_route *route, struct ksrtp_peer *to,
			struct netlink_ext_ack *extack);
void ksrtp_route_del(struct ksrtp_route *route);
bool ksrtp_route_rewrites(struct ksrtp_peer *peer,
			  const struct ksrtp_key_id *id);
void ksrtp_route_flush(struct ksrtp_peer *peer);
void ksrtp_route_forget_peer(struct ksrtp_peer *peer);

/* stats.c */
int ksrtp_stats_net_init(struct ksrtp_net *kn);
void ksrtp_stats_net_exit(struct ksrtp_net *kn);
void ksrtp_count_drop(struct ksrtp_net *kn, struct ksrtp_peer *peer,
		      struct ksrtp_stream *stream, u8 layer,
		      enum ksrtp_drop reason);
int ksrtp_stats_put_drops(struct sk_buff *msg, int attr, const u64 *drops);
int ksrtp_stats_fill(struct ksrtp_net *kn, struct sk_buff *msg);
void ksrtp_free_skb(struct sk_buff *skb, enum ksrtp_drop reason);
void ksrtp_stats_stream_drops(const struct ksrtp_stream *stream, u8 layer,
			      u64 *drops);

static inline void ksrtp_stat_packet(struct ksrtp_net *kn, bool tx, bool rtcp,
				     u32 bytes)
{
	struct ksrtp_stats *s = this_cpu_ptr(kn->stats);

	u64_stats_update_begin(&s->sync);
	if (rtcp) {
		u64_stats_inc(tx ? &s->tx_rtcp_packets : &s->rx_rtcp_packets);
	} else {
		u64_stats_inc(tx ? &s->tx_packets : &s->rx_packets);
		u64_stats_add(tx ? &s->tx_bytes : &s->rx_bytes, bytes);
	}
	u64_stats_update_end(&s->sync);
}

#define ksrtp_stat_add(kn, field, v)					\
do {									\
	struct ksrtp_stats *__s = this_cpu_ptr((kn)->stats);		\
									\
	u64_stats_update_begin(&__s->sync);				\
	u64_stats_add(&__s->field, v);					\
	u64_stats_update_end(&__s->sync);				\
} while (0)

/* events.c */
struct ksrtp_notice {
	u8 event;
	u32 sock;
	u32 peer;
	bool has_stream;
	u8 dir;
	u8 layer;
	u32 ssrc;
	u32 roc;
	u32 count;
	const struct ksrtp_addr *addr;
};

void ksrtp_event_net_init(struct ksrtp_net *kn);
void ksrtp_event_net_exit(struct ksrtp_net *kn);
void ksrtp_event_watch(struct ksrtp_net *kn);
void ksrtp_event_burst(struct ksrtp_peer *peer, enum ksrtp_burst_kind kind);
void ksrtp_event(struct ksrtp_net *kn, const struct ksrtp_notice *n);
void ksrtp_event_stream(struct ksrtp_stream *stream, u8 layer, u8 event);
void ksrtp_event_resync(struct ksrtp_stream *stream, u8 layer, u32 roc);

/* netlink.c */
extern struct genl_family ksrtp_genl_family;
int ksrtp_netlink_init(void);
void ksrtp_netlink_exit(void);

#endif /* _KSRTP_H */
