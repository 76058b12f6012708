/* SPDX-License-Identifier: GPL-2.0 */
/* Session keys put to work: open and seal one packet. */
#ifndef _KSRTP_TRANSFORM_H
#define _KSRTP_TRANSFORM_H

#include <crypto/aead.h>
#include <crypto/skcipher.h>

#include "packet.h"
#include "suite.h"

#define KSRTP_MAX_SESSION_KEY	32
#define KSRTP_MAX_SESSION_SALT	14
#define KSRTP_MAX_AUTH_KEY	64	/* 20 by RFC 3711; an E2E MI key may be longer */

/**
 * struct ksrtp_session_keys - what the KDF gives for RTP or for RTCP
 * @key: session encryption key, suite's key_len bytes
 * @salt: session salt, suite's salt_len bytes
 * @auth: session authentication key
 * @auth_len: bytes of @auth
 *
 * Lives on the stack of whoever sets a key, and is wiped there.
 */
struct ksrtp_session_keys {
	u8 key[KSRTP_MAX_SESSION_KEY];
	u8 salt[KSRTP_MAX_SESSION_SALT];
	u8 auth[KSRTP_MAX_AUTH_KEY];
	u8 auth_len;
};

/**
 * struct ksrtp_transform_params - how a suite is used by one key
 * @suite: the suite
 * @rtcp: for SRTCP, not SRTP
 * @mki_len: bytes of MKI in each packet
 * @iv_left: E2E, salt at iv[0..14] and not at iv[2..16]
 * @mi_len: E2E, bytes of MESSAGE-INTEGRITY tag, 0 for none
 * @mi_verify: E2E, false to strip the tag unverified
 */
struct ksrtp_transform_params {
	const struct ksrtp_suite_desc *suite;
	bool rtcp;
	u8 mki_len;
	bool iv_left;
	u8 mi_len;
	bool mi_verify;
};

struct ksrtp_transform;

/* How a packet is opened */
#define KSRTP_OPEN_ENCRYPTED	1	/* not SRTCP with E=0 */
#define KSRTP_OPEN_KEEP		2	/* refused, it is needed as it was */

/**
 * struct ksrtp_transform_ops - a kind of transform; a row a kind
 * @name: for messages
 * @init: allocate and key the drivers; process context
 * @exit: give them back and wipe; process context
 * @open: verify and decrypt in place. Softirq or BH off. On -EBADMSG (wrong
 *	tag) the packet is as it was if KSRTP_OPEN_KEEP was asked for. Any other
 *	error is a driver's.
 * @seal: encrypt from src to dst (which may be the same), write the E+index
 *	word of SRTCP, and the tag. Softirq or BH off.
 */
struct ksrtp_transform_ops {
	const char *name;
	int (*init)(struct ksrtp_transform *t,
		    const struct ksrtp_transform_params *params,
		    const struct ksrtp_session_keys *keys);
	void (*exit)(struct ksrtp_transform *t);
	int (*open)(const struct ksrtp_transform *t, u8 *p,
		    const struct ksrtp_layout *l, u32 ssrc, u64 index,
		    unsigned int flags);
	int (*seal)(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		    const struct ksrtp_layout *l, u32 ssrc, u64 index,
		    bool encrypted);
};

/* Most bytes of key stream one call gives */
#define KSRTP_STREAM	256

/* A SHA-1 state as the driver exports it: 96 bytes in 6.1 and 6.12 */
#define KSRTP_SHA1_STATE	104

/**
 * struct ksrtp_transform - session keys of RTP or of RTCP, ready to run
 * @ops: the kind
 * @shape: what it adds to a packet
 * @rtcp: SRTCP
 * @encrypts: false for the NULL cipher
 * @verifies: false: an MI tag is stripped unverified
 * @aria: the cipher is ARIA, not AES
 * @fast: the fastest driver of the counter mode, which may be one that needs
 *	the FPU; NULL for the NULL cipher
 * @sync: one that never needs it; NULL if @fast is that
 * @aead: like @fast, of Galois/counter mode
 * @aead_sync: like @sync
 * @iv: the salt where the IV layout wants it, zero elsewhere
 * @inner: SHA-1 state after the key block XOR ipad
 * @outer: SHA-1 state after the key block XOR opad
 *
 * Written once by init, read by every packet on every CPU.
 */
struct ksrtp_transform {
	const struct ksrtp_transform_ops *ops;
	struct ksrtp_shape shape;
	bool rtcp;
	bool encrypts;
	bool verifies;
	bool aria;
	struct crypto_skcipher *fast;
	struct crypto_skcipher *sync;
	struct crypto_aead *aead;
	struct crypto_aead *aead_sync;
	__be64 iv[2];
	u8 inner[KSRTP_SHA1_STATE] __aligned(8);
	u8 outer[KSRTP_SHA1_STATE] __aligned(8);
};

/**
 * ksrtp_iv() - the IV of a packet
 * @t: transform with a cipher
 * @ssrc: SSRC, host order
 * @index: packet index of RTP (48 bits) or RTCP (31 bits)
 * @iv: where the 16 bytes go
 *
 * RFC 3711 section 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
 */
static inline void ksrtp_iv(const struct ksrtp_transform *t, u32 ssrc,
			    u64 index, __be64 iv[2])
{
	iv[0] = t->iv[0] ^ cpu_to_be64(ssrc);
	iv[1] = t->iv[1] ^ cpu_to_be64(index << 16);
}

int ksrtp_transform_init(struct ksrtp_transform *t,
			 const struct ksrtp_transform_params *params,
			 const struct ksrtp_session_keys *keys);
void ksrtp_transform_exit(struct ksrtp_transform *t);

/**
 * ksrtp_open() - verify and decrypt one packet in place
 * @t: transform
 * @p: first byte of the header; @l->len bytes, linear and writable
 * @l: where each part stands
 * @ssrc: SSRC, host order
 * @index: 48-bit packet index, or 31-bit SRTCP index
 * @flags: KSRTP_OPEN_ENCRYPTED unless it is SRTCP with E=0; KSRTP_OPEN_KEEP where
 *	another key or index may be tried after this one
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, -EBADMSG for a wrong tag (packet unchanged with KSRTP_OPEN_KEEP,
 * without it perhaps not), or a driver's error.
 */
static inline int ksrtp_open(const struct ksrtp_transform *t, u8 *p,
			     const struct ksrtp_layout *l, u32 ssrc, u64 index,
			     unsigned int flags)
{
	return t->ops->open(t, p, l, ssrc, index, flags);
}

/**
 * ksrtp_seal() - encrypt and tag one packet
 * @t: transform
 * @src: plain packet; only its payload [@l->clear, @l->end) is read
 * @dst: the header is there already, and so is the MKI; payload, E+index word
 *	and tag are written. May be @src.
 * @l: where each part stands in @dst
 * @ssrc: SSRC, host order
 * @index: 48-bit packet index, or 31-bit SRTCP index
 * @encrypted: false for SRTCP with E=0
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, or a driver's error; @dst is then not to be sent.
 */
static inline int ksrtp_seal(const struct ksrtp_transform *t, const u8 *src,
			     u8 *dst, const struct ksrtp_layout *l, u32 ssrc,
			     u64 index, bool encrypted)
{
	return t->ops->seal(t, src, dst, l, ssrc, index, encrypted);
}

/* kdf.c */
int ksrtp_kdf(const struct ksrtp_suite_desc *suite, bool rtcp, const u8 *master,
	      const u8 *salt, struct ksrtp_session_keys *keys);
int ksrtp_kdf_header(const struct ksrtp_suite_desc *suite, const u8 *master,
		     const u8 *salt, struct ksrtp_session_keys *keys);

/* aead.c: per-CPU requests, made by the first key that needs them */
void ksrtp_aead_module_exit(void);

/* transform.c: per-CPU requests and descriptors */
int ksrtp_transform_module_init(void);
void ksrtp_transform_module_exit(void);

/* transform.c, for the transforms: the steps they are made of */
int ksrtp_ctr_init(struct ksrtp_transform *t, const u8 *key, unsigned int len);
void ksrtp_ctr_exit(struct ksrtp_transform *t);
int ksrtp_ctr(const struct ksrtp_transform *t, const u8 *src, u8 *dst, u32 len,
	      u32 ssrc, u64 index);
const u8 *ksrtp_ctr_stream(const struct ksrtp_transform *t, u32 len, u32 ssrc,
			   u64 index, u16 block);
int ksrtp_next_driver(const char *driver, bool async, char *name, size_t size);
int ksrtp_hmac_init(struct ksrtp_transform *t, const u8 *key, unsigned int len);
int ksrtp_hmac(const struct ksrtp_transform *t, const u8 *data, u32 len,
	       const __be32 *roc, u8 *digest);

/* tests/selftest.c */
int ksrtp_selftest(void);

#endif /* _KSRTP_TRANSFORM_H */
