// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reference the other tests compare ksrtp with gives every known answer of
 * vectors/: one result for each vector, under the vector's id.
 */
#include "kt.h"

#include "refsrtp.h"
#include "vecs.h"

/* A field of the vector is what was computed; a vector without the field says nothing about it */
static bool field_is(const char *name, const struct vec_bytes *want, const void *got, size_t len)
{
	size_t i;

	if (!want->p)
		return true;
	if (len == want->len && !memcmp(got, want->p, len))
		return true;
	printf("# %s: got %zu bytes, ", name, len);
	for (i = 0; i < len; i++)
		printf("%02x", ((const uint8_t *)got)[i]);
	printf("; want %zu bytes, ", want->len);
	for (i = 0; i < want->len; i++)
		printf("%02x", want->p[i]);
	printf("\n");
	return false;
}

/* The same of a call that may have failed: @n is its length or its error */
static bool answer_is(const char *name, const struct vec_bytes *want, const void *got, int n)
{
	if (n < 0) {
		kt_note("%s: %s", name, ref_strerror(n));
		return false;
	}
	return field_is(name, want, got, n);
}

static bool number_is(const char *name, uint64_t want, uint64_t got)
{
	if (want != got)
		kt_note("%s: got %#llx, want %#llx", name, (unsigned long long)got,
			(unsigned long long)want);
	return want == got;
}

static uint64_t index_of(const struct vec *v)
{
	return ref_index(v->roc, v->seq);
}

/* ---- HBH ---- */

static bool label_is(const struct vec *v, const char *name, const struct vec_bytes *want,
		     uint8_t label)
{
	const struct ref_suite *suite = ref_suite_find(v->profile);
	struct vec_bytes key = v->master_key, salt = v->master_salt;
	uint8_t got[256];

	if (!want->p)
		return true;
	/* keys and salts of two halves: k_ and rtcp_k_ are of the outer one */
	if (suite && suite->cipher == REF_DOUBLE_GCM && key.len == suite->key_len) {
		key.len /= 2;
		salt.len /= 2;
		if (strncmp(name, "inner", 5)) {
			key.p += key.len;
			salt.p += salt.len;
		}
	}
	if (!suite || want->len > sizeof(got) ||
	    ref_suite_prf(suite, key.p, key.len, salt.p, salt.len, label, got, want->len))
		return false;
	return field_is(name, want, got, want->len);
}

/* The session keys the vector has are those of its master key and salt */
static bool session_is(const struct vec *v)
{
	return label_is(v, "k_e", &v->k_e, 0) & label_is(v, "k_a", &v->k_a, 1) &
	       label_is(v, "k_s", &v->k_s, 2) & label_is(v, "rtcp_k_e", &v->rtcp_k_e, 3) &
	       label_is(v, "rtcp_k_a", &v->rtcp_k_a, 4) & label_is(v, "rtcp_k_s", &v->rtcp_k_s, 5) &
	       label_is(v, "k_he", &v->k_he, 6) & label_is(v, "k_hs", &v->k_hs, 7) &
	       label_is(v, "inner k_e", &v->inner_k_e, 0) &
	       label_is(v, "inner k_s", &v->inner_k_s, 2);
}

static void copy(void *to, size_t size, const struct vec_bytes *from)
{
	if (from->len > size)
		kt_bail("a key of %zu bytes where %zu have room", from->len, size);
	if (from->len)
		memcpy(to, from->p, from->len);
}

static bool context_of(const struct vec *v, struct ref_ctx *c)
{
	struct ref_session rtp = { 0 }, rtcp = { 0 };
	int err;

	if (v->master_key.p) {
		err = ref_ctx_init(c, v->profile, v->master_key.p, v->master_key.len,
				   v->master_salt.p, v->master_salt.len);
	} else {
		copy(rtp.k_e, sizeof(rtp.k_e), &v->k_e);
		copy(rtp.k_s, sizeof(rtp.k_s), &v->k_s);
		copy(rtp.k_a, sizeof(rtp.k_a), &v->k_a);
		copy(rtcp.k_e, sizeof(rtcp.k_e), &v->rtcp_k_e);
		copy(rtcp.k_s, sizeof(rtcp.k_s), &v->rtcp_k_s);
		copy(rtcp.k_a, sizeof(rtcp.k_a), &v->rtcp_k_a);
		err = ref_ctx_session(c, v->profile, &rtp, &rtcp);
	}
	if (!err && v->mki.p)
		err = ref_ctx_mki(c, v->mki.p, v->mki.len);
	if (!err && v->rcc)
		err = ref_ctx_rcc(c, v->rcc);
	if (!err && v->enc_hdr_ids.p)
		ref_ctx_enc_ext(c, v->enc_hdr_ids.p, v->enc_hdr_ids.len);
	c->cryptex = v->cryptex;
	c->plain_rtp = !v->encrypted;
	if (err)
		kt_note("%s: %s", v->profile, ref_strerror(err));
	return !err;
}

/* What a DOUBLE packet is on its way, where the vector says */
static bool double_steps_are(const struct vec *v, const struct ref_ctx *c)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_ctx inner;
	int n;

	if (c->suite->cipher != REF_DOUBLE_GCM || c->outer_only)
		return true;
	ref_double_inner(c, &inner);
	n = ref_double_synthetic(v->plain.p, v->plain.len, out);
	if (!answer_is("synthetic packet", &v->synthetic, out, n))
		return false;
	n = ref_double_seal(&inner, v->plain.p, v->plain.len, index_of(v), out);
	return answer_is("inner packet with OHB", &v->inner, out, n);
}

static bool check_srtp(const struct vec *v)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_ctx c;
	int n;

	if (!context_of(v, &c) || !double_steps_are(v, &c))
		return false;
	n = ref_protect_rtp(&c, v->plain.p, v->plain.len, index_of(v), out);
	if (!answer_is("protected", &v->protected, out, n))
		return false;
	n = ref_unprotect_rtp(&c, v->protected.p, v->protected.len, index_of(v), out);
	return answer_is("plain", v->delivered.p ? &v->delivered : &v->plain, out, n) &&
	       number_is("ssrc", v->ssrc, ref_rtp_ssrc(out)) && (!v->master_key.p || session_is(v));
}

/* The header extension alone, in a packet around it */
static bool check_hdrext(const struct vec *v)
{
	struct ref_rtp rtp = {
		.seq = v->seq,
		.ssrc = v->ssrc,
		.extension = true,
		.ext_profile = v->ext_profile,
		.ext_words = v->plain.len / 4,
	};
	uint8_t pkt[512], out[512 + REF_MAX_TRAILER], mask[512];
	struct ref_ctx c;
	int n;

	if (v->plain.len % 4 || v->plain.len > 400 || !context_of(v, &c))
		return false;
	ref_ext_mask(v->ext_profile, v->plain.p, v->plain.len, c.enc_ext, mask);
	n = ref_rtp_build(&rtp, pkt);
	memcpy(pkt + 16, v->plain.p, v->plain.len);
	n = ref_protect_rtp(&c, pkt, n, index_of(v), out);
	if (n < 0 || !field_is("mask", &v->mask, mask, v->plain.len) ||
	    !field_is("protected", &v->protected, out + 16, v->plain.len))
		return false;
	n = ref_unprotect_rtp(&c, out, n, index_of(v), out);
	return n > 0 && field_is("plain", &v->plain, out + 16, v->plain.len) && session_is(v);
}

/* A receiver of what media distributors have changed: both indices, the OHB, the header */
static bool check_double_open(const struct vec *v)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_ctx c, inner, outer;
	struct ref_ohb ohb;
	int n;

	if (!context_of(v, &c) || !session_is(v))
		return false;
	ref_double_inner(&c, &inner);
	ref_double_outer(&c, &outer);
	n = ref_unprotect_rtp(&outer, v->protected.p, v->protected.len, index_of(v), out);
	if (n < 0 || ref_double_ohb(out, n, &ohb) ||
	    !field_is("OHB", &v->ohb, out + n - ohb.len, ohb.len)) {
		kt_note("the outer half: %s", ref_strerror(n));
		return false;
	}
	n = ref_double_open(&inner, out, n, v->inner_roc, out);
	return answer_is("plain", &v->plain, out, n);
}

/* A media distributor: the outer half is opened, changed, and sealed for the next hop */
static bool check_double_relay(const struct vec *v)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_ctx c, in, next;
	uint64_t index = ref_index(v->roc, v->new_seq);
	int n;

	if (!context_of(v, &c) ||
	    ref_ctx_init(&next, v->profile, v->out_master_key.p, v->out_master_key.len,
			 v->out_master_salt.p, v->out_master_salt.len))
		return false;
	ref_double_outer(&c, &in);
	next.outer_only = true;
	n = ref_unprotect_rtp(&in, v->protected.p, v->protected.len, index_of(v), out);
	if (n < 0)
		return answer_is("what comes in", &v->protected, out, n);
	n = ref_double_relay(out, n, v->pt, v->new_seq, v->marker, out);
	if (!answer_is("with its OHB", &v->inner, out, n))
		return false;
	n = ref_protect_rtp(&next, out, n, index, out);
	return answer_is("distributed", &v->distributed, out, n);
}

static bool check_srtcp(const struct vec *v)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_ctx c;
	uint32_t index;
	bool e;
	int n;

	if (!context_of(v, &c))
		return false;
	n = ref_protect_rtcp(&c, v->plain.p, v->plain.len, v->srtcp_index, v->encrypted, out);
	if (!answer_is("protected", &v->protected, out, n))
		return false;
	n = ref_unprotect_rtcp(&c, v->protected.p, v->protected.len, &index, &e, out);
	return answer_is("plain", &v->plain, out, n) && number_is("index", v->srtcp_index, index) &&
	       number_is("E flag", v->encrypted, e) &&
	       number_is("ssrc", v->ssrc, ref_get32(out + 4)) &&
	       (!v->master_key.p || session_is(v));
}

static bool check_keystream(const struct vec *v)
{
	uint8_t iv[16], ks[256];
	bool ok;
	size_t i;

	ref_iv_cm(v->k_s.p, v->ssrc, index_of(v), iv);
	ok = field_is("iv", &v->iv, iv, 16) && v->n_blocks;
	for (i = 0; ok && i < v->n_blocks; i++) {
		const struct vec_block *b = &v->blocks[i];

		ok = b->bytes.len <= sizeof(ks) &&
		     !ref_keystream(v->k_e.p, v->k_e.len, iv, b->first, ks, b->bytes.len) &&
		     field_is("key stream", &b->bytes, ks, b->bytes.len);
	}
	return ok;
}

static bool xor_is(const struct vec *v, const uint8_t iv[16], const struct vec_bytes *want)
{
	uint8_t got[256];
	size_t i;

	if (v->plain.len > sizeof(got) ||
	    ref_keystream(v->k_e.p, v->k_e.len, iv, 0, got, v->plain.len))
		return false;
	for (i = 0; i < v->plain.len; i++)
		got[i] ^= v->plain.p[i];
	return field_is("cipher text", want, got, v->plain.len);
}

/* The salt in the first 14 bytes XOR a nonce given whole */
static void icm_iv(const struct vec *v, uint8_t iv[16])
{
	size_t i;

	for (i = 0; i < 16; i++)
		iv[i] = (i < v->k_s.len ? v->k_s.p[i] : 0) ^ v->nonce.p[i];
}

static bool check_aes_icm(const struct vec *v)
{
	uint8_t iv[16];

	icm_iv(v, iv);
	return xor_is(v, iv, &v->cipher);
}

static bool check_hbh_payload(const struct vec *v)
{
	uint8_t nonce_iv[16], iv[16];

	icm_iv(v, nonce_iv);
	ref_iv_cm(v->k_s.p, v->ssrc, index_of(v), iv);
	return field_is("iv", &(struct vec_bytes){ nonce_iv, 16 }, iv, 16) &&
	       xor_is(v, iv, &v->protected);
}

static bool check_aes_gcm(const struct vec *v)
{
	uint8_t out[256];
	int n;

	n = ref_gcm_seal(v->k_e.p, v->k_e.len, v->iv.p, v->aad.p, v->aad.len, v->plain.p,
			 v->plain.len, out);
	if (!answer_is("cipher", &v->cipher, out, n))
		return false;
	n = ref_gcm_open(v->k_e.p, v->k_e.len, v->iv.p, v->aad.p, v->aad.len, v->cipher.p,
			 v->cipher.len, out);
	return answer_is("plain", &v->plain, out, n);
}

static bool check_gcm_iv(const struct vec *v)
{
	uint8_t iv[12];

	if (v->srtcp_index < 0)
		ref_iv_gcm_rtp(v->k_s.p, v->ssrc, index_of(v), iv);
	else
		ref_iv_gcm_rtcp(v->k_s.p, v->ssrc, v->srtcp_index, iv);
	return field_is("iv", &v->iv, iv, 12);
}

static bool same_master(const struct ref_session *s, const uint8_t master[30], uint8_t label)
{
	struct ref_session want;

	return !ref_prf(master, 16, master + 16, 14, label, want.k_e, 16) &&
	       !ref_prf(master, 16, master + 16, 14, label + 1, want.k_a, 20) &&
	       !ref_prf(master, 16, master + 16, 14, label + 2, want.k_s, 14) &&
	       !memcmp(want.k_e, s->k_e, 16) && !memcmp(want.k_a, s->k_a, 20) &&
	       !memcmp(want.k_s, s->k_s, 14);
}

static bool check_hbh_kdf(const struct vec *v)
{
	static const struct {
		const char *group;
		enum ref_direction dir;
		bool rtcp;
	} uses[] = {
		{ "hbh srtp", REF_UPLINK, false },
		{ "hbh srtp", REF_DOWNLINK, false },
		{ "hbh srtp", REF_SHARED, false },
		{ "uplink hbh srtcp", REF_UPLINK, true },
		{ "downlink hbh srtcp", REF_DOWNLINK, true },
		{ "hbh srtcp", REF_SHARED, true },
	};
	uint8_t master[30], stage1[32];
	struct vec derived = *v;
	struct ref_ctx c;
	bool used = false;
	size_t i;

	ref_hbh_two_stage(v->hbh_key.p, v->group, master, stage1);
	if (!field_is("stage 1", &v->stage1, stage1, 32) ||
	    !field_is("master", &v->master, master, 30))
		return false;
	/* a context made from the relay's key has this master where it should */
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		if (strcmp(uses[i].group, v->group))
			continue;
		used = true;
		if (ref_ctx_hbh_two_stage(&c, v->profile, v->hbh_key.p, uses[i].dir) ||
		    !same_master(uses[i].rtcp ? &c.rtcp : &c.rtp, v->master.p,
				 uses[i].rtcp ? 3 : 0)) {
			kt_note("%s is not the master of its half", v->group);
			return false;
		}
	}
	derived.master_key = (struct vec_bytes){ master, 16 };
	derived.master_salt = (struct vec_bytes){ master + 16, 14 };
	return used && session_is(&derived);
}

static bool check_hkdf(const struct vec *v)
{
	uint8_t prk[32], okm[256];

	ref_hkdf_extract(v->salt.p, v->salt.len, v->ikm.p, v->ikm.len, prk);
	return v->length <= sizeof(okm) && field_is("prk", &v->prk, prk, 32) &&
	       !ref_hkdf(v->salt.p, v->salt.len, v->ikm.p, v->ikm.len, v->info.p, v->info.len, okm,
			 v->length) &&
	       field_is("okm", &v->okm, okm, v->length);
}

static bool check_hmac_sha1(const struct vec *v)
{
	uint8_t tag[20];

	ref_hmac_sha1(v->key.p, v->key.len, v->data.p, v->data.len, tag);
	return v->tag.len <= 20 && field_is("tag", &v->tag, tag, v->tag.len);
}

/* ---- E2E ---- */

static bool layout_of(const struct vec *v, enum ref_iv *iv)
{
	*iv = strcmp(v->layout, "right") ? REF_IV_LEFT : REF_IV_RIGHT;
	return !strcmp(v->layout, "right") || !strcmp(v->layout, "left");
}

static bool check_e2e_iv(const struct vec *v)
{
	enum ref_iv layout;
	uint8_t iv[16];

	if (!layout_of(v, &layout))
		return false;
	if (layout == REF_IV_RIGHT)
		ref_iv_right(v->k_s.p, v->ssrc, index_of(v), iv);
	else
		ref_iv_cm(v->k_s.p, v->ssrc, index_of(v), iv);
	return field_is("iv", &v->iv, iv, 16);
}

static bool e2e_keys_are(const struct vec *v, const struct ref_e2e *c)
{
	return field_is("master key", &v->master_key, c->master_key, 16) &
	       field_is("master salt", &v->master_salt, c->master_salt, 14) &
	       field_is("k_e", &v->k_e, c->k_e, 16) & field_is("k_s", &v->k_s, c->k_s, 14) &
	       field_is("k_a", &v->k_a, c->k_a, 20);
}

static bool check_e2e_keys(const struct vec *v)
{
	static const uint8_t zeros[32];
	struct ref_e2e c;
	uint8_t okm[46];

	if (ref_hkdf(zeros, 32, v->call_key.p, v->call_key.len, v->participant,
		     strlen(v->participant), okm, sizeof(okm)) ||
	    !field_is("okm", &v->okm, okm, sizeof(okm)))
		return false;
	return !ref_e2e_call_key(&c, v->call_key.p, v->call_key.len, v->participant, false) &&
	       e2e_keys_are(v, &c);
}

static bool check_e2e_packet(const struct vec *v)
{
	uint8_t out[REF_MAX_PACKET];
	struct ref_e2e c;
	enum ref_iv iv;
	enum ref_mi mi;
	int n;

	if (!layout_of(v, &iv) ||
	    ref_e2e_call_key(&c, v->call_key.p, v->call_key.len, v->participant, false) ||
	    !e2e_keys_are(v, &c))
		return false;
	if (!strcmp(v->mi, "off"))
		mi = REF_MI_OFF;
	else if (!strcmp(v->mi, "derived"))
		mi = REF_MI_DERIVED;
	else if (!strcmp(v->mi, "auth"))
		mi = REF_MI_AUTH;
	else
		return false;
	ref_e2e_set_iv(&c, iv);
	if (ref_e2e_set_mi(&c, mi, v->call_key.p, v->call_key.len, v->mi_len) ||
	    !field_is("MI key", &v->mi_key, c.mi_key, c.mi_key_len))
		return false;
	n = ref_e2e_protect(&c, v->plain.p, v->plain.len, index_of(v), out);
	if (!answer_is("protected", &v->protected, out, n))
		return false;
	n = ref_e2e_unprotect(&c, v->protected.p, v->protected.len, index_of(v), out);
	return answer_is("plain", &v->plain, out, n) &&
	       number_is("ssrc", v->ssrc, ref_rtp_ssrc(out));
}

/* What a block counter of 16 bits would give: the vector says it is something else */
static bool icm16_is(const struct vec *v, const uint8_t iv[16])
{
	uint8_t got[256], block_iv[16];
	size_t i, n;

	if (!v->icm16.p)
		return true;
	if (v->plain.len > sizeof(got))
		return false;
	memcpy(block_iv, iv, 16);
	for (i = 0; i < v->plain.len; i += 16) {
		n = v->plain.len - i < 16 ? v->plain.len - i : 16;
		ref_put16(block_iv + 14, ref_get16(iv + 14) + i / 16);
		if (ref_keystream(v->k_e.p, v->k_e.len, block_iv, 0, got + i, n))
			return false;
	}
	for (i = 0; i < v->plain.len; i++)
		got[i] ^= v->plain.p[i];
	return field_is("icm16", &v->icm16, got, v->plain.len);
}

static bool check_e2e_payload(const struct vec *v)
{
	struct ref_rtp rtp = { .pt = 120, .seq = v->seq, .ssrc = v->ssrc };
	uint8_t pkt[512], out[512], iv[16];
	struct vec_bytes whole = { pkt, 12 + v->plain.len };
	struct ref_e2e c;
	enum ref_iv layout;
	int n;

	if (!layout_of(v, &layout) || v->plain.len > sizeof(pkt) - 12 ||
	    v->protected.len != v->plain.len)
		return false;
	ref_rtp_build(&rtp, pkt);
	memcpy(pkt + 12, v->plain.p, v->plain.len);
	ref_e2e_session(&c, v->k_e.p, v->k_s.p, v->k_a.p);
	ref_e2e_set_iv(&c, layout);
	n = ref_e2e_protect(&c, pkt, whole.len, index_of(v), out);
	if (n != (int)whole.len || memcmp(pkt, out, 12) ||
	    !field_is("protected", &v->protected, out + 12, n - 12))
		return false;
	n = ref_e2e_unprotect(&c, out, n, index_of(v), out);
	if (!answer_is("plain", &whole, out, n))
		return false;
	if (layout == REF_IV_RIGHT)
		ref_iv_right(v->k_s.p, v->ssrc, index_of(v), iv);
	else
		ref_iv_cm(v->k_s.p, v->ssrc, index_of(v), iv);
	return icm16_is(v, iv);
}

static bool check_warp_mi(const struct vec *v)
{
	uint8_t tag[20];

	ref_warp_mi(v->auth_key.p, v->auth_key.len, v->packet.p, v->packet.len, v->roc, tag,
		    v->tag_len);
	return field_is("tag", &v->tag, tag, v->tag_len);
}

static bool check_lid(const struct vec *v)
{
	char out[128];
	int n = ref_lid(v->in, out, sizeof(out));

	if (n == (int)strlen(v->out) && !strcmp(out, v->out))
		return true;
	kt_note("'%s' gives '%s', not '%s'", v->in, n < 0 ? "" : out, v->out);
	return false;
}

/* ---- index ---- */

static bool check_guess(const struct vec *v)
{
	return number_is("v", v->v, ref_guess_roc(v->roc, v->s_l, v->seq));
}

static bool check_roc_send(const struct vec *v)
{
	struct ref_sender s = { 0 };
	bool ok = v->n_steps;
	size_t i;

	for (i = 0; ok && i < v->n_steps; i++)
		ok = number_is("index", ref_index(v->steps[i].roc, v->steps[i].seq),
			       ref_sender_next(&s, v->steps[i].seq));
	return ok;
}

static bool check_roc_recv(const struct vec *v)
{
	struct ref_receiver r = { 0 };
	bool ok = v->n_steps;
	uint64_t index;
	size_t i;

	for (i = 0; ok && i < v->n_steps; i++) {
		index = ref_receiver_estimate(&r, v->steps[i].seq);
		ok = number_is("index", ref_index(v->steps[i].roc, v->steps[i].seq), index);
		if (v->steps[i].commit)
			ref_receiver_commit(&r, index);
	}
	return ok;
}

static bool check_rtp_header(const struct vec *v)
{
	return number_is("header length", v->header_len,
			 ref_rtp_header_len(v->packet.p, v->packet.len));
}

static bool (*const checks[VEC_KINDS])(const struct vec *v) = {
	[VEC_AES_GCM] = check_aes_gcm,
	[VEC_AES_ICM] = check_aes_icm,
	[VEC_DOUBLE_OPEN] = check_double_open,
	[VEC_DOUBLE_RELAY] = check_double_relay,
	[VEC_E2E_IV] = check_e2e_iv,
	[VEC_E2E_KEYS] = check_e2e_keys,
	[VEC_E2E_PACKET] = check_e2e_packet,
	[VEC_E2E_PAYLOAD] = check_e2e_payload,
	[VEC_GCM_IV] = check_gcm_iv,
	[VEC_GUESS] = check_guess,
	[VEC_HBH_KDF] = check_hbh_kdf,
	[VEC_HBH_PAYLOAD] = check_hbh_payload,
	[VEC_HDREXT] = check_hdrext,
	[VEC_HKDF] = check_hkdf,
	[VEC_HMAC_SHA1] = check_hmac_sha1,
	[VEC_KDF] = session_is,
	[VEC_KEYSTREAM] = check_keystream,
	[VEC_LID] = check_lid,
	[VEC_ROC_RECV] = check_roc_recv,
	[VEC_ROC_SEND] = check_roc_send,
	[VEC_RTP_HEADER] = check_rtp_header,
	[VEC_SRTCP] = check_srtcp,
	[VEC_SRTP] = check_srtp,
	[VEC_WARP_MI] = check_warp_mi,
};

/* Why a vector is left out, or NULL */
static const char *not_covered(const struct vec *v)
{
	if (v->kind == VEC_UNKNOWN)
		return v->broken;
	if (v->kind == VEC_SFRAME)
		return "SFrame is no SRTP: it is for what is inside the payload";
	if (v->kind == VEC_WA_SSRC)
		return "SSRCs made from a call id are the application's, who gives them";
	return NULL;
}

int main(void)
{
	const struct vec *v;
	const char *why;
	char name[160];

	kt_plan(vecs_count);
	for (v = vecs; v < vecs + vecs_count; v++) {
		snprintf(name, sizeof(name), "%s: %s: %s", v->file, vec_kind_name(v->kind), v->id);
		why = not_covered(v);
		if (v->broken && !why)
			kt_note("not understood of '%s': %s", v->id, v->broken);
		if (why)
			kt_skip(name, "%s", why);
		else if (!checks[v->kind])
			kt_ok(false, "%s: no check for this kind", name);
		else
			kt_ok(checks[v->kind](v), "%s", name);
	}
	return kt_done();
}
