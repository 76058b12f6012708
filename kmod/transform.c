// SPDX-License-Identifier: GPL-2.0
/*
 * The transforms by their numbers, and the steps they are made of: AES in
 * counter mode and HMAC-SHA1 by the drivers of the kernel.
 *
 * Nothing is allocated for a packet. A CPU has one request, one hash
 * descriptor and one page; whoever uses them has BH off and is done with them
 * when the call returns, for no request here ever goes asynchronous.
 */
#include <linux/types.h>
#include <asm/simd.h>
#include <crypto/hash.h>
#include <crypto/internal/simd.h>
#include <crypto/sha1.h>
#include <linux/crypto.h>
#include <linux/gfp.h>
#include <linux/kmod.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "aead.h"
#include "cm_hmac.h"

/* A row a kind: enum ksrtp_transform_id */
static const struct ksrtp_transform_ops *const kinds[] = {
	[KSRTP_TRANSFORM_CM_HMAC] = &ksrtp_cm_hmac_ops,
	[KSRTP_TRANSFORM_E2E] = &ksrtp_e2e_ops,
	[KSRTP_TRANSFORM_AEAD] = &ksrtp_aead_ops,
};

static_assert(ARRAY_SIZE(kinds) == KSRTP_TRANSFORMS);

/*
 * ctr-aes-aesni under its SIMD wrapper wants 192 bytes in 6.1, cryptd's half of
 * which is for the queue it never goes through here.
 */
#define REQUEST_ROOM	1024
#define SHA1_ROOM	512

/**
 * struct scratch - what one CPU works with
 * @request: of the cipher; the driver and the data are set for each packet
 * @request_room: what the driver keeps behind it
 * @never: whom an asynchronous request would call back
 * @src: source of the request, one entry
 * @dst: destination of the request, one entry
 * @iv: IV of the request; the driver counts it on
 * @sha1: descriptor of the hash
 * @sha1_room: what the driver keeps behind it
 * @stream: key stream for whoever wants it bare
 * @page: where data goes that the driver would have to copy
 *
 * Writer: the CPU, BH off. Not per-CPU memory proper but by pointer, because
 * a scatterlist may only name linearly mapped memory.
 */
struct scratch {
	union {
		struct skcipher_request request;
		u8 request_room[sizeof(struct skcipher_request) + REQUEST_ROOM];
	};
	struct crypto_wait never;
	struct scatterlist src;
	struct scatterlist dst;
	__be64 iv[2] __aligned(16);
	union {
		struct shash_desc sha1;
		u8 sha1_room[sizeof(struct shash_desc) + SHA1_ROOM];
	};
	u8 stream[KSRTP_STREAM] __aligned(16);
	u8 *page;
};

static DEFINE_PER_CPU(struct scratch *, scratches);
static struct crypto_shash *sha1_tfm;

/* What a SHA-1 state is after whole blocks: the buffer behind it is not used. */
#define SHA1_FRONT	offsetof(struct sha1_state, buffer)
static bool sha1_front_is_enough;

static struct scratch *this_scratch(void)
{
	lockdep_assert(in_softirq());
	return this_cpu_read(scratches);
}

/* ---- AES in counter mode ---- */

static bool is_async(struct crypto_skcipher *tfm)
{
	return crypto_skcipher_tfm(tfm)->__crt_alg->cra_flags & CRYPTO_ALG_ASYNC;
}

static const char *driver_name(struct crypto_skcipher *tfm)
{
	return crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm));
}

/**
 * ksrtp_next_driver() - is this driver one to be used, or which is?
 * @driver: name of the driver an allocation gave
 * @async: it is flagged asynchronous
 * @name: where the name of another goes
 * @size: bytes there are
 *
 * cryptd always queues. Anyone may, through AF_ALG and without privilege, make
 * a cryptd(X) of a synchronous X, and from then on it ranks above X. X is what
 * is wanted. Other asynchronous drivers made of parts may be made of such.
 *
 * Return: 0 to use it, 1 to ask for @name instead, -ENOENT.
 */
int ksrtp_next_driver(const char *driver, bool async, char *name, size_t size)
{
	static const char wrapper[] = "cryptd(";
	size_t len;

	if (!async || !strchr(driver, '('))
		return 0;
	if (strncmp(driver, wrapper, strlen(wrapper)))
		return -ENOENT;
	strscpy(name, driver + strlen(wrapper), size);
	len = strlen(name);
	if (!len || name[len - 1] != ')')
		return -ENOENT;
	name[len - 1] = '\0';
	return 1;
}

static const char *ctr_name(bool aria)
{
	return aria ? "ctr(aria)" : "ctr(aes)";
}

/*
 * The fastest driver that neither allocates nor waits for a device. It may be
 * flagged asynchronous: the x86 ones of 6.1 and 6.12 are, since their wrapper
 * hands over to cryptd where the FPU is in use. Where that is so, they are not
 * asked (ksrtp_ctr()).
 */
static struct crypto_skcipher *alloc_fast(bool aria)
{
	const u32 mask = CRYPTO_ALG_ALLOCATES_MEMORY |
			 CRYPTO_ALG_KERN_DRIVER_ONLY;
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_skcipher *tfm;
	int next;

	strscpy(name, ctr_name(aria), sizeof(name));
	do {
		tfm = crypto_alloc_skcipher(name, 0, mask);
		if (IS_ERR(tfm))
			return tfm;
		next = ksrtp_next_driver(driver_name(tfm), is_async(tfm), name,
					 sizeof(name));
		if (next)
			crypto_free_skcipher(tfm);
	} while (next > 0);
	return next ? ERR_PTR(next) : tfm;
}

/* A driver that is done when it returns, whoever has the FPU */
static struct crypto_skcipher *alloc_sync(bool aria)
{
	return crypto_alloc_skcipher(ctr_name(aria), 0, CRYPTO_ALG_ASYNC |
				     CRYPTO_ALG_ALLOCATES_MEMORY);
}

static int ctr_key(struct crypto_skcipher *tfm, const u8 *key, unsigned int len)
{
	if (crypto_skcipher_reqsize(tfm) > REQUEST_ROOM) {
		pr_warn("ksrtp: driver %s wants %u bytes for a request, %u are there\n",
			driver_name(tfm), crypto_skcipher_reqsize(tfm),
			REQUEST_ROOM);
		return -EOPNOTSUPP;
	}
	return crypto_skcipher_setkey(tfm, key, len);
}

/**
 * ksrtp_ctr_init() - give a transform its cipher
 * @t: transform, without one; @t->aria is set
 * @key: session encryption key
 * @len: its bytes: 16, 24 or 32
 *
 * Context: process.
 * Return: 0; -EOPNOTSUPP for a driver that needs a larger request than is
 * there; -ENOENT where the kernel has no such cipher, or what else allocating it
 * says. On error what was made is left to ksrtp_ctr_exit().
 */
int ksrtp_ctr_init(struct ksrtp_transform *t, const u8 *key, unsigned int len)
{
	struct crypto_skcipher *tfm;
	int err;

	/* Where memory is short a slow driver for good would be no help. */
	tfm = alloc_fast(t->aria);
	if (tfm == ERR_PTR(-ENOENT))
		tfm = alloc_sync(t->aria);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	t->fast = tfm;
	err = ctr_key(tfm, key, len);
	if (err || !is_async(tfm))
		return err;

	tfm = alloc_sync(t->aria);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	t->sync = tfm;
	return ctr_key(tfm, key, len);
}

/**
 * ksrtp_ctr_exit() - take a transform's cipher, if it has one
 * @t: transform
 *
 * Context: process. The drivers wipe their keys.
 */
void ksrtp_ctr_exit(struct ksrtp_transform *t)
{
	crypto_free_skcipher(t->fast);
	crypto_free_skcipher(t->sync);
	t->fast = NULL;
	t->sync = NULL;
}

static int ctr_run(struct scratch *s, struct crypto_skcipher *tfm,
		   const u8 *src, u8 *dst, u32 len)
{
	struct skcipher_request *req = &s->request;
	int err;

	sg_set_buf(&s->src, src, len);
	if (src != dst)
		sg_set_buf(&s->dst, dst, len);
	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_crypt(req, &s->src, src == dst ? &s->src : &s->dst,
				   len, s->iv);
	err = crypto_skcipher_encrypt(req);
	if (WARN_ONCE(err == -EINPROGRESS || err == -EBUSY,
		      "ksrtp: driver %s went asynchronous\n", driver_name(tfm)))
		return -EIO;
	return err;
}

/* By way of the page: what the driver would have to copy, and so to allocate */
static int ctr_copied(struct scratch *s, struct crypto_skcipher *tfm,
		      const u8 *src, u8 *dst, u32 len)
{
	while (len) {
		u32 part = min_t(u32, len, PAGE_SIZE);
		int err;

		memcpy(s->page, src, part);
		err = ctr_run(s, tfm, s->page, s->page, part);
		if (err)
			return err;
		memcpy(dst, s->page, part);
		src += part;
		dst += part;
		len -= part;
	}
	return 0;
}

/*
 * What CRYPTO_ALG_ALLOCATES_MEMORY leaves to us: memory aligned as the driver
 * wants it (x86 ones do not mind), and no step of the driver, for most a block,
 * across pages. Payload rarely crosses any; where it does, a copy of it costs
 * less than finding out whether a block does, and much less than an allocation.
 */
static bool must_copy(struct crypto_skcipher *tfm, const u8 *p, u32 len)
{
	return ((unsigned long)p & crypto_skcipher_alignmask(tfm)) ||
	       offset_in_page(p) + len > PAGE_SIZE;
}

/**
 * ksrtp_ctr() - encrypt or decrypt, which is the same
 * @t: transform with a cipher
 * @src: from
 * @dst: to; @src itself, or memory that does not overlap it
 * @len: bytes, may be 0
 * @ssrc: SSRC, host order
 * @index: packet index of RTP (48 bits) or RTCP (31 bits)
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, or a driver's error.
 */
int ksrtp_ctr(const struct ksrtp_transform *t, const u8 *src, u8 *dst, u32 len,
	      u32 ssrc, u64 index)
{
	struct crypto_skcipher *tfm = t->fast;
	struct scratch *s = this_scratch();

	if (unlikely(!len))
		return 0;
	if (t->sync && unlikely(!crypto_simd_usable()))
		tfm = t->sync;
	ksrtp_iv(t, ssrc, index, s->iv);
	if (unlikely(must_copy(tfm, src, len) ||
		     (src != dst && must_copy(tfm, dst, len))))
		return ctr_copied(s, tfm, src, dst, len);
	return ctr_run(s, tfm, src, dst, len);
}

/**
 * ksrtp_ctr_stream() - a part of a packet's key stream
 * @t: transform with a cipher
 * @len: bytes, KSRTP_STREAM at most
 * @ssrc: SSRC, host order
 * @index: packet index
 * @block: the block it begins with, counted from 0
 *
 * Context: BH off. Nothing is allocated.
 * Return: the stream, good until the next call on this CPU; NULL for an error
 * of the driver.
 */
const u8 *ksrtp_ctr_stream(const struct ksrtp_transform *t, u32 len, u32 ssrc,
			   u64 index, u16 block)
{
	struct crypto_skcipher *tfm = t->fast;
	struct scratch *s = this_scratch();

	if (t->sync && unlikely(!crypto_simd_usable()))
		tfm = t->sync;
	memset(s->stream, 0, len);
	ksrtp_iv(t, ssrc, index, s->iv);
	s->iv[1] ^= cpu_to_be64(block);
	if (offset_in_page(s->stream) + len > PAGE_SIZE) {
		if (ctr_copied(s, tfm, s->stream, s->stream, len))
			return NULL;
	} else if (ctr_run(s, tfm, s->stream, s->stream, len)) {
		return NULL;
	}
	return s->stream;
}

/* ---- HMAC-SHA1 ---- */

static int hmac_pad(u8 *state, const u8 *key, unsigned int len, u8 pad)
{
	SHASH_DESC_ON_STACK(desc, sha1_tfm);
	u8 block[SHA1_BLOCK_SIZE] = {};
	unsigned int i;
	int err;

	desc->tfm = sha1_tfm;
	memcpy(block, key, len);
	for (i = 0; i < sizeof(block); i++)
		block[i] ^= pad;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, block, sizeof(block)) ?:
	      crypto_shash_export(desc, state);
	shash_desc_zero(desc);
	memzero_explicit(block, sizeof(block));
	return err;
}

/**
 * ksrtp_hmac_init() - hash the key blocks once, for every packet
 * @t: transform
 * @key: authentication key
 * @len: its bytes, 1..64: a longer key would have to be hashed first
 *	(RFC 2104), and neither RFC 3711 nor MI keys are that long
 *
 * Context: process.
 * Return: 0, -EINVAL for the length, or a driver's error.
 */
int ksrtp_hmac_init(struct ksrtp_transform *t, const u8 *key, unsigned int len)
{
	if (!len || len > SHA1_BLOCK_SIZE)
		return -EINVAL;
	return hmac_pad(t->inner, key, len, 0x36) ?:
	       hmac_pad(t->outer, key, len, 0x5c);
}

/*
 * All drivers but one of VIA's have a struct sha1_state for context. There 32
 * bytes of it are enough, and 140 instructions a packet fewer than an import of
 * 96. This driver is asked, once, whether it gives the same answers that way.
 */
static int sha1_ask_front(void)
{
	u8 by_import[SHA1_DIGEST_SIZE], by_front[SHA1_DIGEST_SIZE];
	u8 state[KSRTP_SHA1_STATE] __aligned(8);
	SHASH_DESC_ON_STACK(desc, sha1_tfm);
	static const u8 text[3 * SHA1_BLOCK_SIZE] = { 1, 2, 3 };
	unsigned int len;
	int err;

	sha1_front_is_enough = false;
	if (crypto_shash_descsize(sha1_tfm) < SHA1_FRONT ||
	    crypto_shash_statesize(sha1_tfm) < SHA1_FRONT)
		return 0;
	desc->tfm = sha1_tfm;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, text, SHA1_BLOCK_SIZE) ?:
	      crypto_shash_export(desc, state);
	for (len = 0; !err && len <= sizeof(text); len++) {
		err = crypto_shash_import(desc, state) ?:
		      crypto_shash_finup(desc, text, len, by_import);
		memset(shash_desc_ctx(desc), 0xff, crypto_shash_descsize(sha1_tfm));
		memcpy(shash_desc_ctx(desc), state, SHA1_FRONT);
		err = err ?: crypto_shash_finup(desc, text, len, by_front);
		if (!err && memcmp(by_import, by_front, sizeof(by_front)))
			return 0;
	}
	sha1_front_is_enough = !err;
	return err;
}

/* Go on from after a key block. */
static inline int hmac_start(struct shash_desc *desc, const u8 *state)
{
	if (unlikely(!sha1_front_is_enough))
		return crypto_shash_import(desc, state);
	memcpy(shash_desc_ctx(desc), state, SHA1_FRONT);
	return 0;
}

/**
 * ksrtp_hmac() - HMAC-SHA1 of data, or of data and a ROC behind it
 * @t: transform with an authentication key
 * @data: authenticated bytes
 * @len: how many
 * @roc: four more of them, or NULL
 * @digest: where the 20 bytes go
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, or a driver's error.
 */
int ksrtp_hmac(const struct ksrtp_transform *t, const u8 *data, u32 len,
	       const __be32 *roc, u8 *digest)
{
	struct shash_desc *desc = &this_scratch()->sha1;
	int err;

	err = hmac_start(desc, t->inner);
	if (unlikely(roc)) {
		err = err ?: crypto_shash_update(desc, data, len);
		data = (const u8 *)roc;
		len = sizeof(*roc);
	}
	return err ?:
	       crypto_shash_finup(desc, data, len, digest) ?:
	       hmac_start(desc, t->outer) ?:
	       crypto_shash_finup(desc, digest, SHA1_DIGEST_SIZE, digest);
}

/* ---- Transforms ---- */

/**
 * ksrtp_transform_init() - put session keys to work
 * @t: transform to fill
 * @params: how the suite is used
 * @keys: session keys; not kept, the caller wipes them
 *
 * Context: process, may sleep and may load the drivers' modules.
 * Return: 0; -EINVAL where @params or the lengths in @keys are not the
 * suite's; -EOPNOTSUPP, -ENOENT, -ENOMEM from the drivers. On error nothing is
 * left to be given back.
 */
int ksrtp_transform_init(struct ksrtp_transform *t,
			 const struct ksrtp_transform_params *params,
			 const struct ksrtp_session_keys *keys)
{
	int err;

	memset(t, 0, sizeof(*t));
	if (params->suite->transform >= ARRAY_SIZE(kinds))
		return -EINVAL;
	t->ops = kinds[params->suite->transform];
	t->rtcp = params->rtcp;
	t->aria = params->suite->aria;
	err = t->ops->init(t, params, keys);
	if (err)
		ksrtp_transform_exit(t);
	return err;
}

/**
 * ksrtp_transform_exit() - give back the drivers and wipe the keys
 * @t: transform; no packet may be in it any more. One that is all zero, or
 *	that was given back before, is left as it is.
 *
 * Context: process.
 */
void ksrtp_transform_exit(struct ksrtp_transform *t)
{
	if (!t->ops)
		return;
	t->ops->exit(t);
	memzero_explicit(t, sizeof(*t));
}

/* ---- Module ---- */

static struct scratch *scratch_alloc(int cpu)
{
	int node = cpu_to_node(cpu);
	struct page *page;
	struct scratch *s;

	s = kzalloc_node(sizeof(*s), GFP_KERNEL, node);
	if (!s)
		return NULL;
	page = alloc_pages_node(node, GFP_KERNEL, 0);
	if (!page) {
		kfree(s);
		return NULL;
	}
	s->page = page_address(page);
	sg_init_table(&s->src, 1);
	sg_init_table(&s->dst, 1);
	crypto_init_wait(&s->never);
	skcipher_request_set_callback(&s->request, 0, crypto_req_done,
				      &s->never);
	s->sha1.tfm = sha1_tfm;
	return s;
}

static void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	memzero_explicit(s->page, PAGE_SIZE);
	free_page((unsigned long)s->page);
	kfree_sensitive(s);
}

/**
 * ksrtp_transform_module_exit() - give back what the CPUs work with
 *
 * Context: process; no transform is left.
 */
void ksrtp_transform_module_exit(void)
{
	int cpu;

	ksrtp_aead_module_exit();
	for_each_possible_cpu(cpu) {
		scratch_free(per_cpu(scratches, cpu));
		per_cpu(scratches, cpu) = NULL;
	}
	if (sha1_tfm)
		crypto_free_shash(sha1_tfm);
	sha1_tfm = NULL;
}

/**
 * ksrtp_transform_module_init() - make what the CPUs work with
 *
 * Context: process, may load the drivers' modules.
 * Return: 0; -EOPNOTSUPP for a SHA-1 driver that needs more room than is
 * there; -ENOENT, -ENOMEM.
 */
int ksrtp_transform_module_init(void)
{
	struct crypto_shash *tfm;
	int cpu, err;

	/*
	 * Asking for ctr(aes) or sha1 loads no driver where a generic one is
	 * there already, and the fast ones would stay out of it for good.
	 */
	request_module("crypto-aes");
	request_module("crypto-sha1");

	tfm = crypto_alloc_shash("sha1", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	sha1_tfm = tfm;
	if (crypto_shash_descsize(sha1_tfm) > SHA1_ROOM ||
	    crypto_shash_statesize(sha1_tfm) > KSRTP_SHA1_STATE) {
		pr_warn("ksrtp: driver %s keeps %u bytes of state and exports %u, %u and %u are there\n",
			crypto_shash_driver_name(sha1_tfm),
			crypto_shash_descsize(sha1_tfm),
			crypto_shash_statesize(sha1_tfm), SHA1_ROOM,
			KSRTP_SHA1_STATE);
		ksrtp_transform_module_exit();
		return -EOPNOTSUPP;
	}
	err = sha1_ask_front();
	if (err) {
		ksrtp_transform_module_exit();
		return err;
	}
	for_each_possible_cpu(cpu) {
		struct scratch *s = scratch_alloc(cpu);

		if (!s) {
			ksrtp_transform_module_exit();
			return -ENOMEM;
		}
		per_cpu(scratches, cpu) = s;
	}
	return 0;
}
