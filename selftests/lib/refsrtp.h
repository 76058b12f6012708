/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refsrtp: an SRTP and E2E_AES_128_CTR implementation to test ksrtp against.
 *
 * Written from the RFCs in the most literal form and sharing no code with the
 * module, so that a mistake has to be made twice to go unseen. It keeps no
 * packet state: every call is told the packet index, and what the caller does
 * not ask for (replay windows, ROC tracking) is not done. Not for production:
 * it is slow on purpose and does not wipe keys.
 *
 * Contexts are plain structs: no allocation, nothing to free, copy as you like.
 *
 *	struct ref_ctx c;
 *	uint8_t pkt[REF_MAX_PACKET], wire[REF_MAX_PACKET];
 *	int n, w;
 *
 *	ref_ctx_init(&c, "AES_CM_128_HMAC_SHA1_80", key, 16, salt, 14);
 *	n = ref_rtp_build(&(struct ref_rtp){ .seq = 7, .ssrc = 0xabcd, .payload_len = 160 }, pkt);
 *	w = ref_protect_rtp(&c, pkt, n, ref_index(0, 7), wire);
 *
 * Calls that return int give a length or 0 when all is well, and one of
 * enum ref_error (negative) when not. @out may be the same buffer as the input;
 * it needs room for the input plus REF_MAX_TRAILER.
 */
#ifndef REFSRTP_H
#define REFSRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define REF_MAX_KEY 64 /* master key; both halves of a DOUBLE suite's */
#define REF_MAX_SALT 24
#define REF_SESSION_KEY 32
#define REF_SALT 14
#define REF_MAX_MKI 128
/*
 * tag 16 + E and index (or ROC) 4 + the longest MKI; an MI tag (20), the inner tag and OHB of a
 * DOUBLE suite (16 + 4) or the extension block of Cryptex (4) fits beside them
 */
#define REF_MAX_TRAILER (16 + 4 + REF_MAX_MKI + 20 + 4)
#define REF_MAX_PACKET (65535 + REF_MAX_TRAILER)

enum ref_error {
	REF_E_ARG = -1, /* the caller's mistake: lengths, unknown name, index not of this packet */
	REF_E_MALFORMED = -2, /* not an RTP or RTCP packet, or too short for its protection */
	REF_E_MKI = -3, /* the MKI is not this context's */
	REF_E_AUTH = -4, /* the tag is wrong */
};

const char *ref_strerror(int err);

/*
 * Suites: one row each. Names are the SDES ones (RFC 4568, 6188, 7714, 8269, 8723); DTLS-SRTP names
 * are understood too.
 */
enum ref_cipher { REF_AES_CM, REF_NULL, REF_AES_GCM, REF_ARIA_CM, REF_ARIA_GCM, REF_DOUBLE_GCM };

struct ref_suite {
	const char *name; /* AES_CM_128_HMAC_SHA1_80 */
	const char *dtls_name; /* SRTP_AES128_CM_HMAC_SHA1_80 */
	enum ref_cipher cipher;
	size_t key_len; /* of the master key; of a DOUBLE suite inner and outer */
	size_t salt_len;
	size_t rtp_tag_len; /* of a DOUBLE suite the outer one */
	size_t rtcp_tag_len;
};

const struct ref_suite *ref_suite_find(const char *name);
const struct ref_suite *ref_suite_at(size_t i); /* NULL after the last */

/* GCM of AES or ARIA; of a DOUBLE suite, which is GCM too, the outer half */
bool ref_suite_is_aead(const struct ref_suite *s);
/* Length of a session key: half of the master's where the suite is DOUBLE */
size_t ref_suite_session_key(const struct ref_suite *s);

/* Session keys of one half (SRTP or SRTCP) */
struct ref_session {
	uint8_t k_e[REF_SESSION_KEY];
	uint8_t k_s[REF_SALT]; /* 12 used by GCM */
	uint8_t k_a[20]; /* not used by GCM */
	uint8_t k_he[REF_SESSION_KEY]; /* header extensions (RFC 6904), SRTP only */
	uint8_t k_hs[REF_SALT];
};

struct ref_ctx {
	const struct ref_suite *suite;
	struct ref_session rtp;
	struct ref_session rtcp;
	uint8_t mki[REF_MAX_MKI];
	size_t mki_len;
	bool plain_rtp; /* UNENCRYPTED_SRTP: authenticate only */
	/* RFC 9335: encrypt extensions and CSRCs where they can be, read what came so */
	bool cryptex;
	/* RFC 6904: bit n % 8 of byte n / 8 is set if element n is encrypted */
	uint8_t enc_ext[32];
	/* RFC 4771: packets with SEQ mod rcc == 0 carry the ROC; 0: none does */
	uint16_t rcc;
	/* RFC 8723: the end-to-end half; rtp and rtcp are the outer one */
	struct ref_session inner;
	bool outer_only; /* the inner half is not known, or the packet is for repair */
};

/*
 * One master for RTP and RTCP. key_len and salt_len must be the suite's; half of it makes a
 * DOUBLE context of the outer half only.
 */
int ref_ctx_init(struct ref_ctx *c, const char *suite, const void *key, size_t key_len,
		 const void *salt, size_t salt_len);
/* Another master for RTCP, after ref_ctx_init() */
int ref_ctx_rtcp_master(struct ref_ctx *c, const void *key, size_t key_len, const void *salt,
			size_t salt_len);
/* Session keys as given (no key derivation); a NULL half is left zero */
int ref_ctx_session(struct ref_ctx *c, const char *suite, const struct ref_session *rtp,
		    const struct ref_session *rtcp);
int ref_ctx_mki(struct ref_ctx *c, const void *mki, size_t len);
/* The elements with these ids are encrypted (RFC 6904) */
void ref_ctx_enc_ext(struct ref_ctx *c, const uint8_t *ids, size_t n);
/* RFC 4771; REF_E_ARG where mode 2 would leave no MAC (tags of 4 bytes) */
int ref_ctx_rcc(struct ref_ctx *c, uint16_t r);

/* Packet index of SRTP: ROC * 2^16 + seq */
static inline uint64_t ref_index(uint32_t roc, uint16_t seq)
{
	return (uint64_t)roc << 16 | seq;
}

/* @index must end in the packet's sequence number: REF_E_ARG otherwise. Return: length of @out. */
int ref_protect_rtp(const struct ref_ctx *c, const void *plain, size_t len, uint64_t index,
		    void *out);
int ref_unprotect_rtp(const struct ref_ctx *c, const void *in, size_t len, uint64_t index,
		      void *out);
/* @e is the E flag: false leaves the payload plain, authenticated all the same. */
int ref_protect_rtcp(const struct ref_ctx *c, const void *plain, size_t len, uint32_t index, bool e,
		     void *out);
/* @index and @e receive what the packet says; each may be NULL */
int ref_unprotect_rtcp(const struct ref_ctx *c, const void *in, size_t len, uint32_t *index,
		       bool *e, void *out);

/*
 * The ROC a packet carries by RFC 4771 (not looked at by ref_unprotect_rtp() but as part of the
 * tag). Return: false if it carries none.
 */
bool ref_rcc_roc(const struct ref_ctx *c, const void *in, size_t len, uint32_t *roc);

/* ---- header extensions: RFC 8285, 6904, 9335 ---- */

/*
 * RFC 6904 section 2.1: ones where the body of the extension (@len bytes after its four bytes of
 * header) is encrypted: the data of the elements of @ids, as in struct ref_ctx.
 */
void ref_ext_mask(uint16_t profile, const uint8_t *body, size_t len, const uint8_t ids[32],
		  uint8_t *mask);
/* Cryptex would change it: it has CSRCs or an extension, and none that is not RFC 8285's */
bool ref_cryptex_applies(const void *plain, size_t len);
/* What the receiver reads of it: an empty extension stands where none was. Return: length. */
int ref_cryptex_plain(const void *plain, size_t len, void *out);

/* ---- DOUBLE suites: RFC 8723 ---- */

/*
 * ref_protect_rtp() and ref_unprotect_rtp() of a DOUBLE context do both layers under one index.
 * Its halves by themselves, as contexts of a GCM suite: the inner one has no MKI and no options.
 */
void ref_double_inner(const struct ref_ctx *c, struct ref_ctx *inner);
void ref_double_outer(const struct ref_ctx *c, struct ref_ctx *outer);

/* Section 5.1 steps 3 to 5: header || inner ciphertext || inner tag || OHB 00 */
int ref_double_seal(const struct ref_ctx *inner, const void *plain, size_t len, uint64_t index,
		    void *out);
/* The synthetic packet of these steps: X is 0, no extension. Return: length. */
int ref_double_synthetic(const void *plain, size_t len, void *out);
/*
 * Section 5.3 steps 3 to 5 on what the outer half gave. @roc is the inner one. The header comes
 * out as it was received, but for the marker, which is the original.
 */
int ref_double_open(const struct ref_ctx *inner, const void *in, size_t len, uint32_t roc,
		    void *out);

/* The original values a packet carries */
struct ref_ohb {
	bool has_pt, has_seq, has_marker;
	uint8_t pt;
	uint16_t seq;
	bool marker;
	size_t len;
};

/* The OHB at the end of an RTP packet of which the outer half was opened */
int ref_double_ohb(const void *in, size_t len, struct ref_ohb *ohb);
/*
 * A media distributor's step (section 5.2 steps 2 and 3) on such a packet: the header takes these
 * values, and what is not as the sender made it stands in the OHB.
 */
int ref_double_relay(const void *in, size_t len, uint8_t pt, uint16_t seq, bool marker, void *out);

/* ---- E2E_AES_128_CTR ---- */

enum ref_iv { REF_IV_RIGHT, REF_IV_LEFT };
enum ref_mi { REF_MI_OFF, REF_MI_DERIVED, REF_MI_AUTH, REF_MI_KEY };

struct ref_e2e {
	uint8_t master_key[16];
	uint8_t master_salt[14];
	uint8_t k_e[16];
	uint8_t k_s[14];
	uint8_t k_a[20];
	enum ref_iv iv;
	uint8_t mi_key[256];
	size_t mi_key_len;
	size_t mi_len; /* 0: no MI tag */
};

#define REF_MI_LEN 4 /* the default length of an MI tag */

/*
 * From a call key (exactly 32 bytes) or a raw end-to-end secret (32 bytes or more, the first 32
 * count), and the sender's LID. @lid_raw: the LID as it is, otherwise ref_lid() first. The context
 * starts with iv right and mi off.
 */
int ref_e2e_call_key(struct ref_e2e *c, const void *call_key, size_t len, const char *lid,
		     bool lid_raw);
int ref_e2e_raw_secret(struct ref_e2e *c, const void *secret, size_t len, const char *lid,
		       bool lid_raw);
/* Session keys as given; k_a may be NULL */
void ref_e2e_session(struct ref_e2e *c, const void *k_e, const void *k_s, const void *k_a);
void ref_e2e_set_iv(struct ref_e2e *c, enum ref_iv iv);
/*
 * The MI tag. REF_MI_DERIVED wants the key the context was made from (call key, or the secret) in
 * @key, REF_MI_KEY the MI key itself, REF_MI_AUTH and REF_MI_OFF nothing. @mi_len 1..20, for
 * instance REF_MI_LEN.
 */
int ref_e2e_set_mi(struct ref_e2e *c, enum ref_mi mi, const void *key, size_t key_len,
		   size_t mi_len);

int ref_e2e_protect(const struct ref_e2e *c, const void *plain, size_t len, uint64_t index,
		    void *out);
int ref_e2e_unprotect(const struct ref_e2e *c, const void *in, size_t len, uint64_t index,
		      void *out);
/* Only strips the MI tag, as `mi-verify off` */
int ref_e2e_unprotect_unverified(const struct ref_e2e *c, const void *in, size_t len,
				 uint64_t index, void *out);

/* `user@lid` to `user:0@lid`. Return: length, or REF_E_ARG when @size is too small. */
int ref_lid(const char *in, char *out, size_t size);

/* ---- HBH key of a relay: 30 bytes ---- */

enum ref_direction { REF_UPLINK, REF_DOWNLINK, REF_SHARED };

/* AES_CM_128 or NULL suites: master key 16 || master salt 14 */
int ref_ctx_hbh_direct(struct ref_ctx *c, const char *suite, const uint8_t hbh_key[30]);
/* RTP under "hbh srtp"; RTCP under "uplink hbh srtcp", "downlink hbh srtcp" or "hbh srtcp" */
int ref_ctx_hbh_two_stage(struct ref_ctx *c, const char *suite, const uint8_t hbh_key[30],
			  enum ref_direction dir);
/* The derivation by itself: key 16 || salt 14 of one group, and stage 1 (may be NULL) */
void ref_hbh_two_stage(const uint8_t hbh_key[30], const char *group, uint8_t master[30],
		       uint8_t stage1[32]);

/* ---- packet index ---- */

/* RFC 3711 appendix A: the ROC v guessed for @seq (mod 2^32) */
uint32_t ref_guess_roc(uint32_t roc, uint16_t s_l, uint16_t seq);

/* A receiver by RFC 3711 section 3.3.1: estimate, authenticate, then commit */
struct ref_receiver {
	bool started;
	uint32_t roc;
	uint16_t s_l;
};

uint64_t ref_receiver_estimate(const struct ref_receiver *r, uint16_t seq);
void ref_receiver_commit(struct ref_receiver *r, uint64_t index);

/* A sender by the literal rule of the E2E spec: ROC + 1 when seq - last_seq < -32768 */
struct ref_sender {
	bool started;
	uint32_t roc;
	uint16_t last_seq;
};

uint64_t ref_sender_next(struct ref_sender *s, uint16_t seq);

/* ---- parts, for known-answer tests ---- */

/* RFC 3711 section 4.3 and RFC 6188: key derivation rate 0 */
int ref_prf(const void *master_key, size_t key_len, const void *master_salt, size_t salt_len,
	    uint8_t label, void *out, size_t out_len);
/* The same by the PRF of a suite, ARIA's being ARIA's own (RFC 8269) */
int ref_suite_prf(const struct ref_suite *s, const void *master_key, size_t key_len,
		  const void *master_salt, size_t salt_len, uint8_t label, void *out,
		  size_t out_len);
void ref_iv_cm(const uint8_t k_s[14], uint32_t ssrc, uint64_t index, uint8_t iv[16]);
void ref_iv_right(const uint8_t k_s[14], uint32_t ssrc, uint64_t index, uint8_t iv[16]);
void ref_iv_gcm_rtp(const uint8_t k_s[12], uint32_t ssrc, uint64_t index, uint8_t iv[12]);
void ref_iv_gcm_rtcp(const uint8_t k_s[12], uint32_t ssrc, uint32_t index, uint8_t iv[12]);
/* Key stream from block @first on: AES(key, iv + block mod 2^128) */
int ref_keystream(const void *key, size_t key_len, const uint8_t iv[16], uint64_t first, void *out,
		  size_t len);
/* The same with the suite's block cipher */
int ref_suite_keystream(const struct ref_suite *s, const void *key, size_t key_len,
			const uint8_t iv[16], uint64_t first, void *out, size_t len);
void ref_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, uint8_t tag[20]);
void ref_hkdf_extract(const void *salt, size_t salt_len, const void *ikm, size_t ikm_len,
		      uint8_t prk[32]);
int ref_hkdf(const void *salt, size_t salt_len, const void *ikm, size_t ikm_len, const void *info,
	     size_t info_len, void *okm, size_t okm_len);
/* ciphertext || 16-byte tag */
int ref_gcm_seal(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *plain, size_t len, void *out);
int ref_gcm_open(const void *key, size_t key_len, const uint8_t iv[12], const void *aad,
		 size_t aad_len, const void *in, size_t len, void *out);
/* MI tag: HMAC-SHA1(key, packet || ROC)[0..tag_len] */
void ref_warp_mi(const void *key, size_t key_len, const void *packet, size_t len, uint32_t roc,
		 void *tag, size_t tag_len);

/* ---- packets ---- */

static inline uint16_t ref_get16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t ref_get32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void ref_put16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = v >> 8;
	b[1] = v;
}

static inline void ref_put32(void *p, uint32_t v)
{
	ref_put16(p, v >> 16);
	ref_put16((uint8_t *)p + 2, v);
}

static inline uint16_t ref_rtp_seq(const void *pkt)
{
	return ref_get16((const uint8_t *)pkt + 2);
}

static inline uint32_t ref_rtp_ssrc(const void *pkt)
{
	return ref_get32((const uint8_t *)pkt + 8);
}

/* Fixed header, CSRC list and header extension. Return: length or REF_E_MALFORMED. */
int ref_rtp_header_len(const void *pkt, size_t len);

struct ref_rtp {
	uint8_t pt;
	bool marker;
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	unsigned int csrc_count; /* 0..15; CSRC i is 0xc0000000 + i */
	bool extension; /* X bit; the extension may have 0 words */
	uint16_t ext_profile; /* 0 means 0xbede */
	uint16_t ext_words;
	uint8_t padding; /* bytes of padding after the payload, its count included; 0: no P bit */
	size_t payload_len;
	uint32_t fill; /* chooses the payload pattern */
};

/* Return: length; at the most 12 + 4 * 15 + 4 + 4 * ext_words + payload_len + padding */
int ref_rtp_build(const struct ref_rtp *r, void *out);

/* A byte pattern that differs from packet to packet when @fill does */
void ref_pattern(void *out, size_t len, uint32_t fill);
bool ref_pattern_is(const void *p, size_t len, uint32_t fill);

/*
 * RTCP: each writes one packet at @out and returns its length, so a compound packet is
 *	n = ref_rtcp_sr(p, ...); n += ref_rtcp_sdes(p + n, ...); n += ref_rtcp_bye(p + n, ...);
 * Report blocks, chunks and lists take SSRCs; the other fields are a fixed pattern.
 */
int ref_rtcp_sr(void *out, uint32_t ssrc, const uint32_t *sources, unsigned int n);
int ref_rtcp_rr(void *out, uint32_t ssrc, const uint32_t *sources, unsigned int n);
int ref_rtcp_sdes(void *out, const uint32_t *ssrcs, unsigned int n, const char *cname);
/* @reason may be NULL */
int ref_rtcp_bye(void *out, const uint32_t *ssrcs, unsigned int n, const char *reason);
int ref_rtcp_app(void *out, uint32_t ssrc, unsigned int subtype, const char name[4],
		 const void *data, size_t len);
/* Feedback (RFC 4585) with any FCI; len a multiple of 4 */
int ref_rtcp_rtpfb(void *out, unsigned int fmt, uint32_t sender, uint32_t media, const void *fci,
		   size_t len);
int ref_rtcp_psfb(void *out, unsigned int fmt, uint32_t sender, uint32_t media, const void *fci,
		  size_t len);
int ref_rtcp_nack(void *out, uint32_t sender, uint32_t media, uint16_t pid, uint16_t blp);
int ref_rtcp_tmmbr(void *out, uint32_t sender, const uint32_t *targets, unsigned int n); /* FMT 3 */
int ref_rtcp_tmmbn(void *out, uint32_t sender, const uint32_t *targets, unsigned int n); /* FMT 4 */
int ref_rtcp_twcc(void *out, uint32_t sender, uint32_t media, uint16_t base_seq); /* FMT 15 */
int ref_rtcp_pli(void *out, uint32_t sender, uint32_t media);
int ref_rtcp_fir(void *out, uint32_t sender, const uint32_t *targets, unsigned int n);
int ref_rtcp_remb(void *out, uint32_t sender, uint32_t bitrate, const uint32_t *ssrcs,
		  unsigned int n);
/* Extended reports (RFC 3611): @blocks as written by the ref_xr_* calls */
int ref_rtcp_xr(void *out, uint32_t ssrc, const void *blocks, size_t len);
int ref_xr_loss_rle(void *out, uint32_t source);
int ref_xr_rrtr(void *out);
int ref_xr_dlrr(void *out, const uint32_t *ssrcs, unsigned int n);
int ref_xr_stat_summary(void *out, uint32_t source);
int ref_xr_voip_metrics(void *out, uint32_t source);

#endif
