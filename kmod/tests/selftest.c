// SPDX-License-Identifier: GPL-2.0
/*
 * What the module checks of itself when it is loaded with selftest=1: known
 * answers through the drivers this kernel has, and what no known answer shows:
 * that both drivers of a key agree, that a tampered packet is refused and left
 * alone, and that sizes and places in memory make no difference.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": selftest: " fmt

#ifdef CONFIG_X86
#include <asm/fpu/api.h>
#endif
#include <linux/bottom_half.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../aead.h"
#include "../transform.h"
#include "selftest.h"
#include "vectors.h"

/* A case says what was wrong, or NULL. */
typedef const char *(*vector_test)(const struct ksrtp_vector *v);

static const char *const no_memory = "no memory";

/* ---- One packet, both ways ---- */

/**
 * struct packet - a plain packet and what it is to become
 * @class: RTP or RTCP
 * @ssrc: SSRC
 * @index: packet index
 * @encrypted: E flag of RTCP
 * @in_clear: RTP that is authenticated only (as RFC 7714 section 16.1.3 has it)
 * @plain: the packet
 * @plain_len: its bytes
 * @wire: protected; NULL where that is not known
 * @wire_len: its bytes
 * @mki: MKI as long as the transform's
 */
struct packet {
	enum ksrtp_class class;
	u32 ssrc;
	u64 index;
	bool encrypted;
	bool in_clear;
	const u8 *plain;
	u32 plain_len;
	const u8 *wire;
	u32 wire_len;
	const u8 *mki;
};

/*
 * As in a softirq; and, where @fpu_held, in one that interrupted a task inside
 * kernel_fpu_begin(): then nothing that is called may use the FPU.
 */
static bool fpu_held;

static void enter(void)
{
	local_bh_disable();
#ifdef CONFIG_X86
	if (fpu_held)
		kernel_fpu_begin();
#endif
}

static void leave(void)
{
#ifdef CONFIG_X86
	if (fpu_held)
		kernel_fpu_end();
#endif
	local_bh_enable();
}

static int bh_open(const struct ksrtp_transform *t, u8 *p,
		   const struct ksrtp_layout *l, u32 ssrc, u64 index, bool e)
{
	int err;

	enter();
	err = ksrtp_open(t, p, l, ssrc, index, KSRTP_OPEN_KEEP |
			 (e ? KSRTP_OPEN_ENCRYPTED : 0));
	leave();
	return err;
}

static int bh_seal(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		   const struct ksrtp_layout *l, const struct packet *p)
{
	int err;

	enter();
	err = ksrtp_seal(t, src, dst, l, p->ssrc, p->index, p->encrypted);
	leave();
	return err;
}

static int bh_ctr(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		  u32 len, u32 ssrc, u64 index)
{
	int err;

	enter();
	err = ksrtp_ctr(t, src, dst, len, ssrc, index);
	leave();
	return err;
}

/* In its place (@src is NULL) or from @src; @dst holds @l->len bytes. */
static const char *seal_packet(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
			       const struct ksrtp_layout *l, const struct packet *p)
{
	memset(dst, 0xee, l->len);
	memcpy(dst, p->plain, src ? l->clear : l->end);
	if (t->shape.mki_len)
		memcpy(dst + l->mki, p->mki, t->shape.mki_len);
	return bh_seal(t, src ?: dst, dst, l, p) ? "seal returns an error" : NULL;
}

/*
 * Each byte that is authenticated, one bit of it. Of long payload a byte in a
 * hundred will do, this runs in emulated machines too.
 */
static const char *tamper(const struct ksrtp_transform *t, u8 *wire, u8 *copy,
			  const struct ksrtp_layout *l, const struct packet *p)
{
	u32 i;

	for (i = 0; i < l->len; i++) {
		int err;

		if (i >= l->mki && i < l->mki + t->shape.mki_len)
			continue;
		if (i > 64 && i + 32 < l->end && i % 101)
			continue;
		wire[i] ^= 1 << i % 8;
		memcpy(copy, wire, l->len);
		err = bh_open(t, wire, l, p->ssrc, p->index, p->encrypted);
		if (err != -EBADMSG)
			return "a tampered packet is not refused";
		if (memcmp(copy, wire, l->len))
			return "a refused packet is changed";
		wire[i] ^= 1 << i % 8;
	}
	if (!t->rtcp &&
	    bh_open(t, wire, l, p->ssrc, p->index ^ 1 << 16, true) != -EBADMSG)
		return "the ROC is not authenticated";
	return NULL;
}

static const char *round_trip(const struct ksrtp_transform *t,
			      const struct packet *p, u8 *wire, u8 *other,
			      const struct ksrtp_layout *l)
{
	struct ksrtp_layout back;
	const char *why;
	u8 *src;

	why = seal_packet(t, NULL, wire, l, p);
	if (why)
		return why;
	if (p->wire && memcmp(wire, p->wire, l->len))
		return "sealed in place, wrong answer";

	/* exactly as long as it is, so that KASAN sees a read beyond it */
	src = kmemdup(p->plain, max(p->plain_len, 1u), GFP_KERNEL);
	if (!src)
		return no_memory;
	why = seal_packet(t, src, other, l, p);
	if (!why && memcmp(src, p->plain, p->plain_len))
		why = "seal changes its source";
	kfree(src);
	if (why)
		return why;
	if (memcmp(other, wire, l->len))
		return "sealed from elsewhere, another answer";

	if (ksrtp_layout_protected(&t->shape, t->rtcp, l->len, l->clear, &back) ||
	    memcmp(&back, l, sizeof(back)))
		return "layouts differ";
	if (t->verifies)
		why = tamper(t, wire, other, l, p);
	if (why)
		return why;
	if (bh_open(t, wire, l, p->ssrc, p->index, p->encrypted))
		return "open refuses what seal made";
	if (memcmp(wire, p->plain, p->plain_len))
		return "opened, wrong answer";
	return NULL;
}

/* @t with its synchronous driver alone: a view of it, not to be given back */
static bool slow_one(const struct ksrtp_transform *t,
		     struct ksrtp_transform *slow)
{
	*slow = *t;
	slow->fast = t->sync;
	slow->sync = NULL;
	return slow->fast;
}

/* The same by the synchronous driver */
static const char *both_drivers(const struct ksrtp_transform *t,
				const struct packet *p, u8 *wire, u8 *other,
				const struct ksrtp_layout *l)
{
	struct ksrtp_transform slow;
	const char *why;

	if (!slow_one(t, &slow))
		return NULL;
	why = seal_packet(t, NULL, wire, l, p) ?: seal_packet(&slow, NULL, other, l, p);
	if (why)
		return why;
	if (memcmp(wire, other, l->len))
		return "the fast and the synchronous driver differ";
	return round_trip(&slow, p, wire, other, l);
}

static const char *check_packet(const struct ksrtp_transform *t,
				const struct packet *p)
{
	struct ksrtp_layout l;
	struct ksrtp_header h;
	const char *why;
	u8 *wire, *other;

	if (ksrtp_parse(p->class, p->plain, p->plain_len, &h))
		return "the packet does not parse";
	if (h.ssrc != p->ssrc)
		return "the SSRC is not the packet's";
	/* all of it is header then, which is what is authenticated only */
	if (p->in_clear)
		h.len = p->plain_len;
	ksrtp_layout_plain(&t->shape, t->rtcp, p->plain_len, h.len, &l);
	if (p->wire && l.len != p->wire_len)
		return "the length is another";

	wire = kmalloc(l.len, GFP_KERNEL);
	other = kmalloc(l.len, GFP_KERNEL);
	if (wire && other)
		why = round_trip(t, p, wire, other, &l) ?:
		      both_drivers(t, p, wire, other, &l);
	else
		why = no_memory;
	kfree(wire);
	kfree(other);
	return why;
}

/* ---- Known answers ---- */

static const char *derive(const struct ksrtp_vector *v, bool rtcp,
			  struct ksrtp_session_keys *keys)
{
	const struct ksrtp_vector_bytes *k_e = rtcp ? &v->rtcp_k_e : &v->k_e;
	const struct ksrtp_vector_bytes *k_s = rtcp ? &v->rtcp_k_s : &v->k_s;
	const struct ksrtp_vector_bytes *k_a = rtcp ? &v->rtcp_k_a : &v->k_a;
	const struct ksrtp_suite_desc *suite =
		ksrtp_suite_by_id(ksrtp_suite_by_name(v->suite));

	if (!suite)
		return "no such suite";
	if (v->master_key.len != suite->key_len ||
	    v->master_salt.len != suite->salt_len)
		return "the master key is not the suite's";
	if (ksrtp_kdf(suite, rtcp, v->master_key.p, v->master_salt.p, keys))
		return "key derivation returns an error";
	if (k_e->len && memcmp(keys->key, k_e->p, suite->key_len))
		return "encryption key";
	if (k_s->len && memcmp(keys->salt, k_s->p, suite->salt_len))
		return "salt";
	/* one vector has the front of it, one goes on with the key stream */
	if (memcmp(keys->auth, k_a->p, min_t(u32, k_a->len, keys->auth_len)))
		return "authentication key";
	return NULL;
}

/* Session keys the vector gives; what it lacks is zero. */
static const char *given(const struct ksrtp_vector *v, bool rtcp,
			 struct ksrtp_session_keys *keys)
{
	const struct ksrtp_vector_bytes *k_e = rtcp ? &v->rtcp_k_e : &v->k_e;
	const struct ksrtp_vector_bytes *k_s = rtcp ? &v->rtcp_k_s : &v->k_s;
	const struct ksrtp_vector_bytes *k_a = rtcp ? &v->rtcp_k_a : &v->k_a;

	memset(keys, 0, sizeof(*keys));
	keys->auth_len = 20;
	if (v->mi_key.len) {
		k_a = &v->mi_key;
		keys->auth_len = k_a->len;
	}
	if (k_e->len > sizeof(keys->key) || k_s->len > sizeof(keys->salt) ||
	    k_a->len > sizeof(keys->auth))
		return "the session keys are too long";
	memcpy(keys->key, k_e->p, k_e->len);
	memcpy(keys->salt, k_s->p, k_s->len);
	memcpy(keys->auth, k_a->p, min_t(u32, k_a->len, keys->auth_len));
	return NULL;
}

static const char *make_transform(const struct ksrtp_vector *v, bool rtcp,
				  const struct ksrtp_session_keys *keys,
				  struct ksrtp_transform *t)
{
	const struct ksrtp_transform_params params = {
		.suite = ksrtp_suite_by_id(ksrtp_suite_by_name(v->suite)),
		.rtcp = rtcp,
		.mki_len = v->mki.len,
		.iv_left = !v->iv_right,
		.mi_len = v->mi_len,
		.mi_verify = true,
	};

	if (!params.suite)
		return "no such suite";
	if (ksrtp_transform_init(t, &params, keys))
		return "transform init returns an error";
	return NULL;
}

/* A transform of the session keys the vector gives */
static const char *make_session(const struct ksrtp_vector *v,
				struct ksrtp_transform *t)
{
	struct ksrtp_session_keys keys;

	return given(v, false, &keys) ?: make_transform(v, false, &keys, t);
}

static const char *vector_packet(const struct ksrtp_vector *v, bool rtcp)
{
	const struct packet p = {
		.class = rtcp ? KSRTP_CLASS_RTCP : KSRTP_CLASS_RTP,
		.ssrc = v->ssrc,
		.index = v->index,
		.encrypted = !rtcp || v->encrypted,
		.in_clear = v->in_clear,
		.plain = v->plain.p,
		.plain_len = v->plain.len,
		.wire = v->protected.p,
		.wire_len = v->protected.len,
		.mki = v->mki.p,
	};
	struct ksrtp_session_keys keys;
	struct ksrtp_transform t = {};
	const char *why;

	why = v->master_key.len ? derive(v, rtcp, &keys) : given(v, rtcp, &keys);
	if (why)
		return why;
	if (v->mi_len) {
		if (v->mi_key.len > sizeof(keys.auth))
			return "the MI key is too long";
		memcpy(keys.auth, v->mi_key.p, v->mi_key.len);
		keys.auth_len = v->mi_key.len;
	}
	why = make_transform(v, rtcp, &keys, &t) ?: check_packet(&t, &p);
	ksrtp_transform_exit(&t);
	return why;
}

static const char *test_srtp(const struct ksrtp_vector *v)
{
	return vector_packet(v, false);
}

static const char *test_srtcp(const struct ksrtp_vector *v)
{
	return vector_packet(v, true);
}

static const char *test_kdf(const struct ksrtp_vector *v)
{
	const struct ksrtp_suite_desc *suite =
		ksrtp_suite_by_id(ksrtp_suite_by_name(v->suite));
	struct ksrtp_session_keys keys;
	const char *why;

	why = derive(v, false, &keys) ?: derive(v, true, &keys);
	if (why)
		return why;
	if (ksrtp_kdf_header(suite, v->master_key.p, v->master_salt.p, &keys))
		return "key derivation of header extensions returns an error";
	if (memcmp(keys.key, v->k_he.p, v->k_he.len) ||
	    memcmp(keys.salt, v->k_hs.p, v->k_hs.len))
		return "key or salt of header extensions";
	return NULL;
}

static const char *test_iv(const struct ksrtp_vector *v)
{
	struct ksrtp_transform t = {};
	const char *why;
	__be64 iv[2];

	why = make_session(v, &t);
	if (!why) {
		ksrtp_iv(&t, v->ssrc, v->index, iv);
		if (v->iv.len != sizeof(iv) || memcmp(iv, v->iv.p, sizeof(iv)))
			why = "IV";
	}
	ksrtp_transform_exit(&t);
	return why;
}

static const char *payload(const struct ksrtp_transform *t,
			   const struct ksrtp_vector *v, u8 *p)
{
	u32 len = v->protected.len;

	if (v->plain.len && v->plain.len != len)
		return "the lengths differ";
	memset(p, 0, len);
	if (v->plain.len)
		memcpy(p, v->plain.p, len);
	if (bh_ctr(t, p, p, len, v->ssrc, v->index))
		return "the cipher returns an error";
	if (memcmp(p, v->protected.p, len))
		return "wrong answer";
	return NULL;
}

/* Payload, or the key stream itself from some block on */
static const char *test_payload(const struct ksrtp_vector *v)
{
	struct ksrtp_transform t = {}, slow;
	const char *why;
	u8 *p;

	p = kmalloc(v->protected.len, GFP_KERNEL);
	if (!p)
		return no_memory;
	why = make_session(v, &t);
	t.iv[1] = cpu_to_be64(be64_to_cpu(t.iv[1]) + v->block);
	why = why ?: payload(&t, v, p);
	if (!why && slow_one(&t, &slow))
		why = payload(&slow, v, p);
	ksrtp_transform_exit(&t);
	kfree(p);
	return why;
}

static const char *test_keystream(const struct ksrtp_vector *v)
{
	return test_iv(v) ?: test_payload(v);
}

/* The cipher alone, under an IV that is given whole */
static const char *test_icm(const struct ksrtp_vector *v)
{
	struct ksrtp_transform t = {};
	const char *why;
	u8 *p;

	p = kmalloc(v->protected.len, GFP_KERNEL);
	if (!p)
		return no_memory;
	why = make_session(v, &t);
	memcpy(t.iv, v->iv.p, sizeof(t.iv));
	why = why ?: payload(&t, v, p);
	ksrtp_transform_exit(&t);
	kfree(p);
	return why;
}

/* SSRC 0 and index 0: the salt is the IV. */
static const char *make_gcm(const struct ksrtp_vector *v,
			    const struct ksrtp_vector_bytes *salt,
			    struct ksrtp_transform *t)
{
	struct ksrtp_session_keys keys = {};

	if (v->k_e.len > sizeof(keys.key) || salt->len > sizeof(keys.salt))
		return "the session keys are too long";
	memcpy(keys.key, v->k_e.p, v->k_e.len);
	memcpy(keys.salt, salt->p, salt->len);
	return make_transform(v, false, &keys, t);
}

/* @aad_len bytes of @p are associated data, @len behind them data without tag. */
static int bh_gcm(const struct ksrtp_transform *t, u8 *p, u32 aad_len, u32 len,
		  bool seal, u32 ssrc, u64 index)
{
	u8 *data = p + aad_len;
	int err;

	enter();
	if (seal)
		err = ksrtp_aead_seal(t, p, aad_len, data, data, len, ssrc,
				      index);
	else
		err = ksrtp_aead_open(t, p, aad_len, data, len + KSRTP_AEAD_TAG,
				      ssrc, index, false);
	leave();
	return err;
}

static const char *test_gcm(const struct ksrtp_vector *v)
{
	u32 aad_len = v->aad.len, len = v->plain.len;
	struct ksrtp_transform t = {};
	const char *why;
	u8 *p;

	if (v->protected.len != len + KSRTP_AEAD_TAG)
		return "the lengths differ";
	/* not from the table, which is no memory for a driver */
	p = kzalloc(aad_len + v->protected.len, GFP_KERNEL);
	if (!p)
		return no_memory;
	memcpy(p, v->aad.p, aad_len);
	memcpy(p + aad_len, v->plain.p, len);
	why = make_gcm(v, &v->iv, &t);
	if (!why && bh_gcm(&t, p, aad_len, len, true, 0, 0))
		why = "seal returns an error";
	if (!why && memcmp(p + aad_len, v->protected.p, v->protected.len))
		why = "wrong answer";
	if (!why && bh_gcm(&t, p, aad_len, len, false, 0, 0))
		why = "open refuses what seal made";
	if (!why && memcmp(p + aad_len, v->plain.p, len))
		why = "opened, wrong answer";
	ksrtp_transform_exit(&t);
	kfree(p);
	return why;
}

/* The tag of nothing is that of nothing under the IV as it should be. */
static const char *test_gcm_iv(const struct ksrtp_vector *v)
{
	struct ksrtp_transform by_salt = {}, by_iv = {};
	u8 *p = kzalloc(2 * KSRTP_AEAD_TAG, GFP_KERNEL);
	const char *why = no_memory;

	if (p)
		why = make_gcm(v, &v->k_s, &by_salt) ?:
		      make_gcm(v, &v->iv, &by_iv);
	if (!why && (bh_gcm(&by_salt, p, 0, 0, true, v->ssrc, v->index) ||
		     bh_gcm(&by_iv, p + KSRTP_AEAD_TAG, 0, 0, true, 0, 0)))
		why = "seal returns an error";
	if (!why && memcmp(p, p + KSRTP_AEAD_TAG, KSRTP_AEAD_TAG))
		why = "IV";
	ksrtp_transform_exit(&by_salt);
	ksrtp_transform_exit(&by_iv);
	kfree(p);
	return why;
}

/* The tag of a packet as it is, in one piece with the ROC and in two */
static const char *test_warp_mi(const struct ksrtp_vector *v)
{
	__be32 roc = cpu_to_be32((u32)(v->index >> 16));
	u32 len = v->plain.len;
	u8 one[20], two[20];
	struct ksrtp_transform t = {};
	const char *why;
	int err;
	u8 *p;

	p = kmalloc(len + sizeof(roc), GFP_KERNEL);
	if (!p)
		return no_memory;
	memcpy(p, v->plain.p, len);
	memcpy(p + len, &roc, sizeof(roc));
	why = make_session(v, &t);
	if (!why) {
		enter();
		err = ksrtp_hmac(&t, p, len + sizeof(roc), NULL, one) ?:
		      ksrtp_hmac(&t, p, len, &roc, two);
		leave();
		if (err)
			why = "the hash returns an error";
		else if (memcmp(one, two, sizeof(one)))
			why = "in one piece and in two differ";
		else if (memcmp(one, v->tag.p, v->tag.len) ||
			 v->tag.len != v->mi_len)
			why = "wrong answer";
	}
	ksrtp_transform_exit(&t);
	kfree(p);
	return why;
}

static const vector_test vector_tests[] = {
	[KSRTP_VECTOR_SRTP] = test_srtp,
	[KSRTP_VECTOR_SRTCP] = test_srtcp,
	[KSRTP_VECTOR_KDF] = test_kdf,
	[KSRTP_VECTOR_KEYSTREAM] = test_keystream,
	[KSRTP_VECTOR_HBH_PAYLOAD] = test_payload,
	[KSRTP_VECTOR_E2E_PACKET] = test_srtp,
	[KSRTP_VECTOR_E2E_PAYLOAD] = test_payload,
	[KSRTP_VECTOR_E2E_IV] = test_iv,
	[KSRTP_VECTOR_WARP_MI] = test_warp_mi,
	[KSRTP_VECTOR_AES_ICM] = test_icm,
	[KSRTP_VECTOR_AES_GCM] = test_gcm,
	[KSRTP_VECTOR_GCM_IV] = test_gcm_iv,
};

/* ---- Every way to use a suite, at every size ---- */

static const struct ksrtp_transform_params ways[] = {
	{ .mki_len = 0 },
	{ .mki_len = 1 },
	{ .mki_len = 4 },
	{ .mki_len = 128 },
	{ .rtcp = true, .mki_len = 0 },
	{ .rtcp = true, .mki_len = 1 },
	{ .rtcp = true, .mki_len = 128 },
};

static const struct ksrtp_transform_params e2e_ways[] = {
	{ .mi_len = 0 },
	{ .mi_len = 0, .iv_left = true },
	{ .mi_len = 1, .mi_verify = true },
	{ .mi_len = 3, .mi_verify = true },
	{ .mi_len = 4, .mi_verify = true },
	{ .mi_len = 4, .mi_verify = true, .iv_left = true },
	{ .mi_len = 4, .mi_verify = false },
	{ .mi_len = 20, .mi_verify = true },
};

static const u32 sizes[] = { 0, 1, 15, 16, 17, 1400, 9000 };

#define LARGEST		9000
#define HEADER		12
#define ROOM		(HEADER + LARGEST + 4 + 128 + 20)

/* Keys of which no byte, and a salt of which no block of the counter, is zero */
static const struct ksrtp_session_keys any_keys = {
	.key = { [0 ... KSRTP_MAX_SESSION_KEY - 1] = 0x5a },
	.salt = { [0 ... KSRTP_MAX_SESSION_SALT - 1] = 0xff },
	.auth = { [0 ... KSRTP_MAX_AUTH_KEY - 1] = 0xa5 },
	.auth_len = 20,
};

static void fill(u8 *p, u32 len, bool rtcp)
{
	u32 i;

	for (i = 0; i < len; i++)
		p[i] = i * 7 + (i >> 8);
	p[0] = 0x80;
	p[1] = rtcp ? 200 : 96;
	memset(p + (rtcp ? 4 : 8), 0, 4);	/* SSRC 0: the salt is the IV */
}

static const char *all_sizes(const struct ksrtp_transform *t)
{
	u32 header = t->rtcp ? KSRTP_RTCP_MIN : KSRTP_RTP_MIN;
	u8 mki[128];
	struct packet p = {
		.class = t->rtcp ? KSRTP_CLASS_RTCP : KSRTP_CLASS_RTP,
		.mki = mki,
	};
	const char *why = NULL;
	u8 *plain;
	size_t i;

	memset(mki, 0x11, sizeof(mki));
	plain = kmalloc(HEADER + LARGEST, GFP_KERNEL);
	if (!plain)
		return no_memory;
	fill(plain, HEADER + LARGEST, t->rtcp);
	p.plain = plain;
	for (i = 0; i < ARRAY_SIZE(sizes) && !why; i++) {
		p.plain_len = header + sizes[i];
		p.encrypted = true;
		why = check_packet(t, &p);
		p.encrypted = false;
		if (!why && t->rtcp)
			why = check_packet(t, &p);
		cond_resched();
	}
	kfree(plain);
	return why;
}

/*
 * Payload that crosses from page to page at each byte of a block, from and to
 * places of their own, is the same as payload that does not.
 */
static const char *all_places(const struct ksrtp_transform *t, u8 *from, u8 *to,
			      u8 *want)
{
	u32 size, a, b;

	for (size = 40; size < 3 * PAGE_SIZE; size += PAGE_SIZE - 3) {
		fill(want, size, false);
		if (bh_ctr(t, want, want, size, 1, 2))
			return "the cipher returns an error";
		for (a = 0; a < 32; a++) {
			u8 *src = from + PAGE_SIZE - a;

			b = (a * 5 + 3) % 32;
			fill(src, size, false);
			memset(to, 0xee, 5 * PAGE_SIZE);
			if (bh_ctr(t, src, to + PAGE_SIZE - b, size, 1, 2) ||
			    bh_ctr(t, src, src, size, 1, 2))
				return "the cipher returns an error";
			if (memcmp(src, want, size))
				return "across pages in place, another answer";
			if (memcmp(to + PAGE_SIZE - b, want, size))
				return "across pages from elsewhere, another answer";
			if (memchr_inv(to, 0xee, PAGE_SIZE - b) ||
			    memchr_inv(to + PAGE_SIZE - b + size, 0xee,
				       4 * PAGE_SIZE + b - size))
				return "written beside the destination";
		}
		cond_resched();
	}
	return NULL;
}

static const char *places(const char *suite)
{
	const struct ksrtp_transform_params params = {
		.suite = ksrtp_suite_by_id(ksrtp_suite_by_name(suite)),
	};
	u8 *from = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	u8 *to = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	u8 *want = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	struct ksrtp_transform t = {}, slow;
	const char *why = NULL;

	if (!from || !to || !want)
		why = no_memory;
	else if (ksrtp_transform_init(&t, &params, &any_keys))
		why = "transform init returns an error";
	why = why ?: all_places(&t, from, to, want);
	if (!why && slow_one(&t, &slow))
		why = all_places(&slow, from, to, want);
	ksrtp_transform_exit(&t);
	kfree(from);
	kfree(to);
	kfree(want);
	return why;
}

/*
 * A whole packet of @size bytes of payload that begins @a bytes before the end of
 * a page, and as much elsewhere, is the same as one that does not.
 */
static const char *one_page(const struct ksrtp_transform *t, u8 *from, u8 *to,
			    u8 *want, u32 size, u32 a)
{
	u8 *src = from + PAGE_SIZE - a, *dst = to + PAGE_SIZE - (a * 5 + 3) % 32;
	struct packet p = { .encrypted = true };
	struct ksrtp_layout l;

	ksrtp_layout_plain(&t->shape, false, HEADER + size, HEADER, &l);
	fill(want, l.end, false);
	fill(src, l.end, false);
	memset(to, 0xee, 5 * PAGE_SIZE);
	memcpy(dst, src, l.clear);
	if (bh_seal(t, want, want, &l, &p) || bh_seal(t, src, dst, &l, &p) ||
	    bh_seal(t, src, src, &l, &p))
		return "seal returns an error";
	if (memcmp(src, want, l.len))
		return "across pages in place, another answer";
	if (memcmp(dst, want, l.len))
		return "across pages from elsewhere, another answer";
	if (memchr_inv(to, 0xee, dst - to) ||
	    memchr_inv(dst + l.len, 0xee, to + 5 * PAGE_SIZE - dst - l.len))
		return "written beside the destination";
	fill(want, l.end, false);
	if (bh_open(t, dst, &l, 0, 0, true))
		return "open refuses what seal made";
	return memcmp(dst, want, l.end) ? "opened across pages, wrong answer" : NULL;
}

static const char *pages(const struct ksrtp_transform *t)
{
	u8 *from = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	u8 *to = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	u8 *want = kmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	const char *why = from && to && want ? NULL : no_memory;
	u32 size, a;

	for (size = 40; size < 3 * PAGE_SIZE && !why; size += PAGE_SIZE - 3) {
		for (a = 0; a < 32 && !why; a += 3)
			why = one_page(t, from, to, want, size, a);
		cond_resched();
	}
	kfree(from);
	kfree(to);
	kfree(want);
	return why;
}

static const char *suite_pages(unsigned int suite)
{
	const struct ksrtp_transform_params params = {
		.suite = ksrtp_suite_by_id(suite),
	};
	struct ksrtp_transform t, slow;
	const char *why;

	if (ksrtp_transform_init(&t, &params, &any_keys))
		return "transform init returns an error";
	why = pages(&t);
	if (!why && slow_one(&t, &slow))
		why = pages(&slow);
	ksrtp_transform_exit(&t);
	return why;
}

static const char *way(const struct ksrtp_transform_params *params)
{
	struct ksrtp_transform t;
	const char *why;

	if (ksrtp_transform_init(&t, params, &any_keys))
		return "transform init returns an error";
	why = all_sizes(&t);
	ksrtp_transform_exit(&t);
	return why;
}

/* ---- What is refused ---- */

static const struct {
	const char *what;
	const char *suite;
	struct ksrtp_transform_params params;
	u8 auth_len;
} not_possible[] = {
	{ "no authentication key", "AES_CM_128_HMAC_SHA1_80", {}, 0 },
	{ "authentication key longer than a block", "AES_CM_128_HMAC_SHA1_80", {}, 65 },
	{ "RTCP under E2E", "E2E_AES_128_CTR", { .rtcp = true }, 20 },
	{ "MKI under E2E", "E2E_AES_128_CTR", { .mki_len = 1 }, 20 },
	{ "MI tag longer than the digest", "E2E_AES_128_CTR", { .mi_len = 21 }, 20 },
	{ "MI tag without a key", "E2E_AES_128_CTR", { .mi_len = 4 }, 0 },
};

static const char *try_params(int i)
{
	struct ksrtp_transform_params params = not_possible[i].params;
	struct ksrtp_session_keys keys = any_keys;
	struct ksrtp_transform t;
	int err;

	params.suite = ksrtp_suite_by_id(ksrtp_suite_by_name(not_possible[i].suite));
	keys.auth_len = not_possible[i].auth_len;
	err = ksrtp_transform_init(&t, &params, &keys);
	ksrtp_transform_exit(&t);
	return err == -EINVAL ? NULL : "is not refused";
}

/* Sealed into @wire, HEADER + 16 bytes and the tag, which is linear memory */
static const char *seal_some(const struct ksrtp_transform_params *params,
			     struct ksrtp_transform *t, u8 *wire,
			     struct ksrtp_layout *l)
{
	const struct packet p = { .encrypted = true };

	if (ksrtp_transform_init(t, params, &any_keys))
		return "transform init returns an error";
	fill(wire, HEADER + 16, false);
	ksrtp_layout_plain(&t->shape, false, HEADER + 16, HEADER, l);
	return bh_seal(t, wire, wire, l, &p) ? "seal returns an error" : NULL;
}

/* Stripped unverified: whatever stands there, the payload comes out. */
static const char *strips(void)
{
	const struct ksrtp_transform_params params = {
		.suite = ksrtp_suite_by_id(ksrtp_suite_by_name("E2E_AES_128_CTR")),
		.mi_len = 4,
	};
	u8 *wire = kzalloc(HEADER + 16 + 4, GFP_KERNEL);
	u8 plain[HEADER + 16];
	struct ksrtp_transform t = {};
	struct ksrtp_layout l;
	const char *why;

	if (!wire)
		return no_memory;
	fill(plain, sizeof(plain), false);
	why = seal_some(&params, &t, wire, &l);
	if (!why) {
		wire[l.tag] ^= 1;
		if (bh_open(&t, wire, &l, 0, 0, true))
			why = "open returns an error";
		else if (memcmp(wire, plain, sizeof(plain)))
			why = "wrong answer";
	}
	ksrtp_transform_exit(&t);
	kfree(wire);
	return why;
}

/* A tag of 32 bits is the front of the one of 80. */
static const char *truncates(void)
{
	const struct ksrtp_transform_params full = {
		.suite = ksrtp_suite_by_id(ksrtp_suite_by_name("AES_CM_128_HMAC_SHA1_80")),
	};
	const struct ksrtp_transform_params cut = {
		.suite = ksrtp_suite_by_id(ksrtp_suite_by_name("AES_CM_128_HMAC_SHA1_32")),
	};
	const size_t len = HEADER + 16;
	u8 *one = kzalloc(len + 10, GFP_KERNEL);
	u8 *two = kzalloc(len + 10, GFP_KERNEL);
	struct ksrtp_transform t = {}, u = {};
	struct ksrtp_layout l;
	const char *why = no_memory;

	if (one && two)
		why = seal_some(&full, &t, one, &l) ?:
		      seal_some(&cut, &u, two, &l);
	if (!why && memcmp(one, two, len + 4))
		why = "wrong answer";
	if (!why && memchr_inv(two + len + 4, 0, 6))
		why = "written beyond the tag";
	ksrtp_transform_exit(&t);
	ksrtp_transform_exit(&u);
	kfree(one);
	kfree(two);
	return why;
}

/* ---- All of it, a case at a time ---- */

const char *const ksrtp_case_end = "there are no more";
const char *const ksrtp_case_no_aria = "this kernel has no ARIA";

/* ARIA is not in every kernel. A DOUBLE suite is made of two others. */
static bool has_cipher(const struct ksrtp_suite_desc *suite)
{
	if (!suite->aria)
		return true;
	return suite->transform == KSRTP_TRANSFORM_AEAD ?
	       crypto_has_alg("gcm(aria)", 0, 0) :
	       crypto_has_alg("ctr(aria)", 0, 0);
}

static const char *answer_case(unsigned int i, char *id)
{
	const struct ksrtp_suite_desc *suite;
	const struct ksrtp_vector *v;

	static_assert(ARRAY_SIZE(vector_tests) == KSRTP_VECTOR_GCM_IV + 1);

	if (i >= ARRAY_SIZE(ksrtp_vectors))
		return ksrtp_case_end;
	v = &ksrtp_vectors[i];
	suite = ksrtp_suite_by_id(ksrtp_suite_by_name(v->suite));
	snprintf(id, KSRTP_CASE_ID, "%s%s", v->id, fpu_held ? " (FPU held)" : "");
	if (suite && !has_cipher(suite))
		return ksrtp_case_no_aria;
	return vector_tests[v->kind](v);
}

/**
 * ksrtp_fpu_can_be_held() - may a softirq find the FPU in use?
 *
 * On x86 up to 6.15, where kernel_fpu_begin() disables preemption alone. Later
 * kernels run no softirq in there, and their drivers do not ask.
 *
 * Context: process, BH on.
 */
bool ksrtp_fpu_can_be_held(void)
{
	bool held = false;

#ifdef CONFIG_X86
	kernel_fpu_begin();
	held = !softirq_count();
	kernel_fpu_end();
#endif
	return held;
}

static const char *fpu_held_case(unsigned int i, char *id)
{
	const char *why;

	if (!ksrtp_fpu_can_be_held())
		return ksrtp_case_end;
	fpu_held = true;
	why = answer_case(i, id);
	fpu_held = false;
	return why;
}

static const char *way_case(unsigned int suite, unsigned int i, char *id)
{
	const struct ksrtp_suite_desc *desc = ksrtp_suite_by_id(suite);
	bool e2e = desc->transform == KSRTP_TRANSFORM_E2E;
	struct ksrtp_transform_params params;

	if (desc->half || i >= (e2e ? ARRAY_SIZE(e2e_ways) : ARRAY_SIZE(ways)))
		return ksrtp_case_end;
	params = e2e ? e2e_ways[i] : ways[i];
	params.suite = desc;
	snprintf(id, KSRTP_CASE_ID, "%s%s mki-len %u mi-len %u%s%s", desc->name,
		 params.rtcp ? " rtcp" : "", params.mki_len, params.mi_len,
		 params.iv_left ? " iv left" : "",
		 params.mi_verify ? " verify" : "");
	return has_cipher(desc) ? way(&params) : ksrtp_case_no_aria;
}

static const char *pages_case(unsigned int suite, unsigned int i, char *id)
{
	const struct ksrtp_suite_desc *desc = ksrtp_suite_by_id(suite);

	if (desc->half || i)
		return ksrtp_case_end;
	snprintf(id, KSRTP_CASE_ID, "%s across pages", desc->name);
	return has_cipher(desc) ? suite_pages(suite) : ksrtp_case_no_aria;
}

static const char *places_case(unsigned int i, char *id)
{
	static const char *const suites[] = {
		"AES_CM_128_HMAC_SHA1_80", "E2E_AES_128_CTR",
	};

	if (i >= ARRAY_SIZE(suites))
		return ksrtp_case_end;
	snprintf(id, KSRTP_CASE_ID, "%s payload across pages", suites[i]);
	return places(suites[i]);
}

static const char *refused_case(unsigned int i, char *id)
{
	if (i >= ARRAY_SIZE(not_possible))
		return ksrtp_case_end;
	snprintf(id, KSRTP_CASE_ID, "%s", not_possible[i].what);
	return try_params(i);
}

static const char *tags_case(unsigned int i, char *id)
{
	switch (i) {
	case 0:
		snprintf(id, KSRTP_CASE_ID, "MI tag stripped unverified");
		return strips();
	case 1:
		snprintf(id, KSRTP_CASE_ID, "truncated tag");
		return truncates();
	}
	return ksrtp_case_end;
}

/**
 * ksrtp_case() - one case of the self-test
 * @group: what it shows
 * @suite: enum ksrtp_suite for groups of cases of a suite, else not looked at
 * @i: number of the case in its group, from 0
 * @id: takes what it is called, KSRTP_CASE_ID bytes
 *
 * Context: process, after ksrtp_transform_module_init(); one at a time.
 * Return: NULL if all was right, ksrtp_case_end if there is no such case,
 * ksrtp_case_no_aria if it cannot be tried here, else what was wrong.
 */
const char *ksrtp_case(enum ksrtp_case_group group, unsigned int suite,
		       unsigned int i, char *id)
{
	switch (group) {
	case KSRTP_CASES_ANSWERS:
		return answer_case(i, id);
	case KSRTP_CASES_FPU_HELD:
		return fpu_held_case(i, id);
	case KSRTP_CASES_WAYS:
		return way_case(suite, i, id);
	case KSRTP_CASES_PAGES:
		return pages_case(suite, i, id);
	case KSRTP_CASES_PLACES:
		return places_case(i, id);
	case KSRTP_CASES_REFUSED:
		return refused_case(i, id);
	case KSRTP_CASES_TAGS:
		return tags_case(i, id);
	}
	return ksrtp_case_end;
}

struct tally {
	unsigned int passed;
	unsigned int failed;
};

static void run_group(struct tally *tally, enum ksrtp_case_group group,
		      unsigned int suite)
{
	char id[KSRTP_CASE_ID];
	const char *why;
	unsigned int i;

	for (i = 0; (why = ksrtp_case(group, suite, i, id)) != ksrtp_case_end; i++) {
		if (!why) {
			tally->passed++;
		} else if (why == ksrtp_case_no_aria) {
			if (group == KSRTP_CASES_ANSWERS)
				pr_info("SKIPPED %s: %s\n", id, why);
		} else {
			tally->failed++;
			pr_err("FAILED %s: %s\n", id, why);
		}
	}
}

/**
 * ksrtp_selftest() - known answers and properties of the transforms
 *
 * A line in the log for each case that fails, and one with the sum.
 *
 * Context: process, after ksrtp_transform_module_init().
 * Return: 0, -EIO if anything failed.
 */
int ksrtp_selftest(void)
{
	struct tally tally = {};
	unsigned int suite;

	run_group(&tally, KSRTP_CASES_ANSWERS, 0);
	run_group(&tally, KSRTP_CASES_FPU_HELD, 0);
	for (suite = 1; ksrtp_suite_by_id(suite); suite++) {
		run_group(&tally, KSRTP_CASES_WAYS, suite);
		run_group(&tally, KSRTP_CASES_PAGES, suite);
	}
	run_group(&tally, KSRTP_CASES_PLACES, 0);
	run_group(&tally, KSRTP_CASES_REFUSED, 0);
	run_group(&tally, KSRTP_CASES_TAGS, 0);

	pr_info("%u passed, %u failed\n", tally.passed, tally.failed);
	return tally.failed ? -EIO : 0;
}
