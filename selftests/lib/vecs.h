/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vecs.h: the known answers of vectors/ as C data.
 *
 * selftests/lib/gen/vecs.py makes the table from the JSON files while building; vectors/README.md
 * says what the kinds and fields mean. A field a vector does not have is NULL, 0 or false, but
 * srtcp_index and encrypted, which say so below.
 *
 *	const struct vec *v = NULL;
 *
 *	while ((v = vec_next(v, VEC_SRTP)))
 *		check(v->id, v->plain.p, v->plain.len, v->protected.p, v->protected.len);
 */
#ifndef VECS_H
#define VECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vec_kind {
	VEC_UNKNOWN, /* of a kind nobody here knows: broken says which */
	VEC_AES_GCM,
	VEC_AES_ICM,
	VEC_DOUBLE_OPEN,
	VEC_DOUBLE_RELAY,
	VEC_E2E_IV,
	VEC_E2E_KEYS,
	VEC_E2E_PACKET,
	VEC_E2E_PAYLOAD,
	VEC_GCM_IV,
	VEC_GUESS,
	VEC_HBH_KDF,
	VEC_HBH_PAYLOAD,
	VEC_HDREXT,
	VEC_HKDF,
	VEC_HMAC_SHA1,
	VEC_KDF,
	VEC_KEYSTREAM,
	VEC_LID,
	VEC_ROC_RECV,
	VEC_ROC_SEND,
	VEC_RTP_HEADER,
	VEC_SFRAME,
	VEC_SRTCP,
	VEC_SRTP,
	VEC_WA_SSRC,
	VEC_WARP_MI,
	VEC_KINDS
};

/* p is NULL where the vector lacks the field, and is not where the field is empty */
struct vec_bytes {
	const uint8_t *p;
	size_t len;
};

/* roc_send and roc_recv: @seq goes in, @roc comes out; commit false: not authenticated */
struct vec_step {
	uint16_t seq;
	uint32_t roc;
	bool commit;
};

/* keystream: from block @first on */
struct vec_block {
	uint32_t first;
	struct vec_bytes bytes;
};

struct vec {
	const char *id;
	const char *file;
	const char *source;
	const char *profile; /* as in the file: an SDES or a DTLS-SRTP name */
	const char *layer;
	enum vec_kind kind;
	const char *broken; /* what of it was not understood, or NULL */

	/* keys going in */
	struct vec_bytes master_key, master_salt;
	struct vec_bytes call_key, hbh_key, key, auth_key, mi_key, mki;
	struct vec_bytes ikm, salt, info;
	/* session keys: of "session", or beside the other fields */
	struct vec_bytes k_e, k_s, k_a;
	struct vec_bytes rtcp_k_e, rtcp_k_s, rtcp_k_a;
	struct vec_bytes k_he, k_hs;
	/* packets and other data */
	struct vec_bytes plain, protected, packet, data, aad;
	struct vec_bytes iv, nonce, cipher, icm16, tag;
	struct vec_bytes prk, okm, master, stage1;
	struct vec_bytes mask, header, wire, enc_hdr_ids;
	struct vec_bytes delivered; /* what a receiver reads where that is not plain */
	/* DOUBLE: on the way from plain to protected, and on to the next hop */
	struct vec_bytes inner_k_e, inner_k_s, synthetic, inner, ohb;
	struct vec_bytes out_master_key, out_master_salt, distributed;

	const char *participant, *layout, *mi, *group, *order, *call_id, *in, *out;
	const char *note, *auth_key_is;

	uint32_t ssrc, roc, v;
	uint16_t seq, s_l, ext_profile;
	int64_t srtcp_index; /* -1: not there */
	unsigned int mi_len, tag_len, length, header_len, slot, rcc;
	/* DOUBLE: the header a distributor makes, the ROC of the inner layer */
	uint16_t new_seq;
	uint8_t pt;
	bool marker;
	uint32_t inner_roc;
	bool encrypted; /* true where the vector does not say */
	bool cryptex;

	const struct vec_step *steps;
	size_t n_steps;
	const struct vec_block *blocks;
	size_t n_blocks;
};

extern const struct vec vecs[];
extern const size_t vecs_count;

/* "srtp", "e2e_packet", ... */
const char *vec_kind_name(enum vec_kind kind);
/* The first vector of this id (ids are unique in their file), or NULL */
const struct vec *vec_find(const char *id);
/* The next of @kind after @prev (NULL: the first), or NULL */
const struct vec *vec_next(const struct vec *prev, enum vec_kind kind);

#endif
