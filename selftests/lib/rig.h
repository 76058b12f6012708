/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig.h: the small world in which a test watches packets.
 *
 *	application  --plain-->  rig (a UDP socket under ksrtp)  --SRTP-->  far
 *
 * A rig is one socket under ksrtp; a far end is an ordinary UDP socket of the
 * test, registered as a peer, which protects and unprotects with refsrtp and
 * never with ksrtp. All of it stands on loopback in a network namespace of the
 * test's own:
 *
 *	struct rig r;
 *	struct rig_far f;
 *	struct rig_key k;
 *
 *	rig_start();
 *	rig_open(&r, "127.0.0.1");
 *	rig_far(&r, &f, "127.0.0.1");
 *	rig_hbh(&k, "AES_CM_128_HMAC_SHA1_80", 1);
 *	rig_key(&r, f.id, KSRTP_DIR_RX, &k);
 *
 *	n = rig_rtp(pkt, ssrc, seq, 160);
 *	w = rig_seal(&k, NULL, pkt, n, ref_index(0, seq), wire);
 *	rig_far_send(&f, wire, w);
 *	kt_ok(rig_gets(r.app, pkt, n), "the application reads plain RTP");
 *
 * What a test cannot go on without ends it here with "Bail out!"; functions that
 * may rightly fail return a negative errno, or false after a note saying why.
 */
#ifndef RIG_H
#define RIG_H

#include "kt.h"

#include <libksrtp.h>
#include <netinet/in.h>
#include <poll.h>

#include "refsrtp.h"

/* Milliseconds for something that has to happen; kt_slow() multiplies them. */
#define RIG_WAIT	5000

union rig_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* A socket under ksrtp; app is -1 where the module owns the socket */
struct rig {
	struct ksrtp_handle *h;
	int app;
	uint32_t sock;
	union rig_addr addr;
};

/* A plain UDP socket connected to the rig's, and what ksrtp calls it */
struct rig_far {
	int fd;
	uint32_t id;
	union rig_addr addr;
};

/*
 * A key as both sides have it: key goes to the kernel, hbh or e2e to the far
 * end. Fields of key may be set between making it and adding it.
 */
struct rig_key {
	struct ksrtp_key key;
	struct ref_ctx hbh;
	struct ref_e2e e2e;
};

/* ---- the world ---- */

/*
 * A new network namespace, and this thread on one processor: loopback then
 * keeps all packets in one queue, so that what was sent first arrives first.
 */
void rig_start(void);

union rig_addr rig_addr(const char *ip, uint16_t port);
socklen_t rig_addr_len(const union rig_addr *a);
struct ksrtp_addr rig_ksrtp_addr(const union rig_addr *a);
/* Where a socket is bound */
union rig_addr rig_local(int fd);
/* A UDP socket with room for a flood, bound to @ip and @port (0: any) */
int rig_udp(const char *ip, uint16_t port);
void rig_connect(int fd, const union rig_addr *to);

/* ---- objects; all bail out ---- */

struct ksrtp_handle *rig_handle(void);
/* Puts a socket that is already there under ksrtp */
void rig_attach(struct rig *r, int fd);
/* A socket bound to @ip and put under ksrtp */
void rig_open(struct rig *r, const char *ip);
/* A socket that the module opens and owns */
void rig_open_owned(struct rig *r, const char *ip);
/* Closes the socket, or deletes the module's, and waits until ksrtp has let go of it */
void rig_close(struct rig *r);
/* A far end on @ip, and the rig's peer for it */
void rig_far(struct rig *r, struct rig_far *f, const char *ip);
/* The peer alone, for the address of a socket */
uint32_t rig_peer(struct rig *r, const union rig_addr *remote);
/* Deletes the peer, closes the far end */
void rig_far_close(struct rig *r, struct rig_far *f);

/* ---- keys ---- */

/* An HBH key whose master key and salt are a pattern that depends on @seed */
void rig_hbh(struct rig_key *k, const char *suite, uint32_t seed);
/* RTCP gets a master of its own */
void rig_hbh_rtcp(struct rig_key *k, uint32_t seed);
void rig_mki(struct rig_key *k, const void *mki, size_t len);
/* An E2E key of the participant @lid; the call key is a pattern that depends on @seed */
void rig_e2e(struct rig_key *k, uint32_t seed, const char *lid, enum ref_iv iv, enum ref_mi mi,
	     size_t mi_len);
/* The key is for one SSRC, starts at this ROC, has this window */
void rig_key_ssrc(struct rig_key *k, uint32_t ssrc);
void rig_key_roc(struct rig_key *k, uint32_t roc);
void rig_key_window(struct rig_key *k, uint32_t window);
/* RFC 9335; RFC 6904, by a list of ids; RFC 4771, every so many packets */
void rig_key_cryptex(struct rig_key *k, enum ksrtp_cryptex cryptex);
void rig_key_enc_ext(struct rig_key *k, const uint8_t *ids, size_t n);
void rig_key_rcc(struct rig_key *k, uint16_t r);
/* Of a DOUBLE key the outer half only, for a relay; no half of it in the reference either */
void rig_key_outer(struct rig_key *k);
/* The module has the suite: a kernel need not have ARIA. @r may be any that is open. */
bool rig_has_suite(struct rig *r, const char *suite);

/* Return: 0 or a negative errno; ksrtp_error(r->h) has the sentence */
int rig_key_try(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k);
void rig_key(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k);
void rig_key_del(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k);

/* ---- packets ---- */

/* Plain RTP with a payload that depends on SSRC and sequence number. Return: its length. */
int rig_rtp(void *out, uint32_t ssrc, uint16_t seq, size_t payload);
/* Plain compound RTCP (RR, SDES) of @ssrc, different for each @fill. Return: its length. */
int rig_rtcp(void *out, uint32_t ssrc, uint32_t fill);
/* A datagram that is neither RTP nor RTCP (a STUN header), different for each @fill */
int rig_other(void *out, uint32_t fill);

/*
 * By refsrtp: E2E first if @e2e is not NULL, then HBH around it, and back; the
 * sequence number of @index is the packet's. Return: length; rig_seal() bails
 * out, rig_unseal() returns a negative enum ref_error.
 */
int rig_seal(const struct rig_key *hbh, const struct rig_key *e2e, const void *plain, int len,
	     uint64_t index, void *out);
int rig_unseal(const struct rig_key *hbh, const struct rig_key *e2e, const void *wire, int len,
	       uint64_t index, void *out);
int rig_seal_rtcp(const struct rig_key *hbh, const void *plain, int len, uint32_t index, bool e,
		  void *out);

/* ---- sending and receiving ---- */

/* From the far end to the rig; bails out */
void rig_far_send(const struct rig_far *f, const void *pkt, size_t len);
/*
 * Many datagrams of one size, which stand one after the other at @pkts, in as
 * few calls as there can be; bails out
 */
void rig_far_send_many(const struct rig_far *f, const void *pkts, size_t size, size_t n);
/* The application to the far end. Return: bytes taken or a negative errno */
int rig_app_send(const struct rig *r, const struct rig_far *f, const void *pkt, size_t len);
/* One datagram, waited for. Return: its length, -ETIMEDOUT, or another negative errno */
int rig_recv(int fd, void *buf, size_t size);
/* The next datagram is this one */
bool rig_gets(int fd, const void *want, size_t len);
/*
 * Nothing has come to the far end, or to the application, and nothing is on its
 * way: a datagram ksrtp lets pass is sent behind it and arrives as the next.
 */
bool rig_far_quiet(struct rig *r, struct rig_far *f);
bool rig_app_quiet(struct rig *r, struct rig_far *f);

/*
 * The far end protects and sends, the application reads what was protected; or
 * the application sends and the far end finds what refsrtp would have made of it.
 */
bool rig_hears(struct rig *r, struct rig_far *f, const struct rig_key *hbh,
	       const struct rig_key *e2e, const void *plain, int len, uint64_t index);
bool rig_hears_rtcp(struct rig *r, struct rig_far *f, const struct rig_key *hbh, const void *plain,
		    int len, uint32_t index);
bool rig_says(struct rig *r, struct rig_far *f, const struct rig_key *hbh,
	      const struct rig_key *e2e, const void *plain, int len, uint64_t index);
bool rig_says_rtcp(struct rig *r, struct rig_far *f, const struct rig_key *hbh, const void *plain,
		   int len, uint32_t index);

/* ---- what ksrtp counts ---- */

void rig_stats(struct rig *r, struct ksrtp_stats *stats);
/*
 * Since @since, @n packets were dropped for @reason (KSRTP_A_DROPS_*), and none
 * for any other: waits for them, then looks at all reasons. @since becomes now.
 */
bool rig_dropped(struct rig *r, struct ksrtp_stats *since, unsigned int reason, uint64_t n);
/* The same with several reasons; @want has a count for each, indexed by reason */
bool rig_dropped_all(struct rig *r, struct ksrtp_stats *since, const uint64_t *want);
/* A peer as it is now */
void rig_peer_get(struct rig *r, uint32_t id, struct ksrtp_peer *peer);
/* So many streams the peer may have from now on */
void rig_max_streams(struct rig *r, uint32_t peer, uint32_t most);
/* The layer of a stream; false if there is none */
bool rig_stream(struct rig *r, uint32_t peer, enum ksrtp_dir dir, enum ksrtp_layer layer,
		uint32_t ssrc, struct ksrtp_stream *stream);
/* How many streams (layers of one SSRC count as one) the peer has in a direction */
uint32_t rig_streams(struct rig *r, uint32_t peer, enum ksrtp_dir dir);
/* The stream's highest index is @index, and it is waited for */
bool rig_index_is(struct rig *r, uint32_t peer, enum ksrtp_dir dir, enum ksrtp_layer layer,
		  uint32_t ssrc, uint64_t index);

#endif
