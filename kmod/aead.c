// SPDX-License-Identifier: GPL-2.0
/*
 * Galois/counter mode, which encrypts and authenticates in one pass (RFC 7714).
 *
 *	SRTP	header | payload | tag | MKI | [ROC]
 *	SRTCP	header | payload | tag | E+index | MKI
 *
 * Associated data is the header; of SRTCP the header and the E+index word, and
 * where nothing is encrypted (E=0) the packet and the word, with the tag as all
 * there is to decrypt. With Cryptex it is the fixed header and the first four
 * bytes of the extension (RFC 9335 section 6.2).
 *
 * One request a packet, of one run of associated data and one of payload and
 * tag. Decryption in place destroys a packet whose tag is wrong; where it is
 * still wanted then, it is decrypted beside its place and copied back.
 */
#include <crypto/internal/simd.h>
#include <linux/gfp.h>
#include <linux/kmod.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <asm/simd.h>

#include "aead.h"

#define REQUEST_ROOM	1024
#define BUFFER		65536	/* no UDP payload is larger */
#define IV_LEN		12

/**
 * struct scratch - what one CPU works with
 * @request: the driver and the data are set for each packet
 * @room: what the driver keeps behind it
 * @never: whom an asynchronous request would call back
 * @src: source of the request: associated data, then payload
 * @dst: destination of the request, likewise
 * @iv: IV of the request
 * @aad: associated data that stands nowhere in the packet
 * @tag: a tag that does not stand behind the data
 * @buffer: where a packet goes that the driver would have to copy, or destroy
 *
 * Writer: the CPU, BH off. By pointer, since a scatterlist may only name
 * linearly mapped memory.
 */
struct scratch {
	union {
		struct aead_request request;
		u8 room[sizeof(struct aead_request) + REQUEST_ROOM];
	};
	struct crypto_wait never;
	struct scatterlist src[2];
	struct scatterlist dst[2];
	u8 iv[IV_LEN] __aligned(16);
	u8 aad[KSRTP_AEAD_AAD];
	u8 tag[KSRTP_AEAD_TAG];
	u8 *buffer;
};

static DEFINE_PER_CPU(struct scratch *, scratches);
static DEFINE_MUTEX(scratch_lock);	/* the next, and making what it says */
static bool scratch_ready;

static struct scratch *this_scratch(void)
{
	lockdep_assert(in_softirq());
	return this_cpu_read(scratches);
}

/* ---- the drivers ---- */

static const char *gcm_name(bool aria)
{
	return aria ? "gcm(aria)" : "gcm(aes)";
}

static const char *driver_name(struct crypto_aead *tfm)
{
	return crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm));
}

static bool is_async(struct crypto_aead *tfm)
{
	return crypto_aead_tfm(tfm)->__crt_alg->cra_flags & CRYPTO_ALG_ASYNC;
}

/* As of the counter mode in transform.c: the fastest, and one always done. */
static struct crypto_aead *alloc_fast(bool aria)
{
	const u32 mask = CRYPTO_ALG_ALLOCATES_MEMORY |
			 CRYPTO_ALG_KERN_DRIVER_ONLY;
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_aead *tfm;
	int next;

	strscpy(name, gcm_name(aria), sizeof(name));
	do {
		tfm = crypto_alloc_aead(name, 0, mask);
		if (IS_ERR(tfm))
			return tfm;
		next = ksrtp_next_driver(driver_name(tfm), is_async(tfm), name,
					 sizeof(name));
		if (next)
			crypto_free_aead(tfm);
	} while (next > 0);
	return next ? ERR_PTR(next) : tfm;
}

static struct crypto_aead *alloc_sync(bool aria)
{
	return crypto_alloc_aead(gcm_name(aria), 0, CRYPTO_ALG_ASYNC |
				 CRYPTO_ALG_ALLOCATES_MEMORY);
}

static int aead_key(struct crypto_aead *tfm, const u8 *key, unsigned int len)
{
	if (crypto_aead_reqsize(tfm) > REQUEST_ROOM) {
		pr_warn("ksrtp: driver %s wants %u bytes for a request, %u are there\n",
			driver_name(tfm), crypto_aead_reqsize(tfm),
			REQUEST_ROOM);
		return -EOPNOTSUPP;
	}
	return crypto_aead_setauthsize(tfm, KSRTP_AEAD_TAG) ?:
	       crypto_aead_setkey(tfm, key, len);
}

static int aead_drivers(struct ksrtp_transform *t, const u8 *key,
			unsigned int len)
{
	struct crypto_aead *tfm;
	int err;

	tfm = alloc_fast(t->aria);
	if (tfm == ERR_PTR(-ENOENT))
		tfm = alloc_sync(t->aria);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	t->aead = tfm;
	err = aead_key(tfm, key, len);
	if (err || !is_async(tfm))
		return err;

	tfm = alloc_sync(t->aria);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	t->aead_sync = tfm;
	return aead_key(tfm, key, len);
}

/* ---- one request ---- */

/* RFC 7714 section 8.1, and 9.1 with an index of 31 bits: 00 00 SSRC index */
static void aead_iv(const struct ksrtp_transform *t, u32 ssrc, u64 index, u8 *iv)
{
	memcpy(iv, t->iv, IV_LEN);
	put_unaligned_be32(get_unaligned_be32(iv + 2) ^ ssrc, iv + 2);
	put_unaligned_be16(get_unaligned_be16(iv + 6) ^ (u16)(index >> 32),
			   iv + 6);
	put_unaligned_be32(get_unaligned_be32(iv + 8) ^ (u32)index, iv + 8);
}

static struct crypto_aead *this_driver(const struct ksrtp_transform *t)
{
	if (t->aead_sync && unlikely(!crypto_simd_usable()))
		return t->aead_sync;
	return t->aead;
}

/* @room is what is to be read or written at most, the tag included. */
static int aead_run(struct scratch *s, struct crypto_aead *tfm, bool seal,
		    const u8 *aad, u32 aad_len, const u8 *src, u8 *dst, u32 len,
		    u32 room)
{
	struct aead_request *req = &s->request;
	struct scatterlist *from = s->dst;
	int err;

	sg_set_buf(&s->dst[0], aad, aad_len);
	sg_set_buf(&s->dst[1], dst, room);
	if (src != dst && len) {
		sg_set_buf(&s->src[0], aad, aad_len);
		sg_set_buf(&s->src[1], src, len);
		from = s->src;
	}
	aead_request_set_tfm(req, tfm);
	aead_request_set_crypt(req, from, s->dst, len, s->iv);
	aead_request_set_ad(req, aad_len);
	err = seal ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	if (WARN_ONCE(err == -EINPROGRESS || err == -EBUSY,
		      "ksrtp: driver %s went asynchronous\n", driver_name(tfm)))
		return -EIO;
	return err;
}

/* Would the driver have to copy it, and so to allocate? See transform.c. */
static bool must_copy(struct crypto_aead *tfm, const u8 *p, u32 len)
{
	return ((unsigned long)p & crypto_aead_alignmask(tfm)) ||
	       offset_in_page(p) + len > PAGE_SIZE;
}

/**
 * ksrtp_aead_open() - verify and decrypt in place
 * @t: transform
 * @aad: associated data; linearly mapped, as all of these
 * @aad_len: its bytes
 * @data: ciphertext and tag
 * @len: bytes of both, at least those of the tag
 * @ssrc: SSRC, host order
 * @index: 48-bit packet index, or 31-bit SRTCP index
 * @keep: @data is needed as it was if the tag is wrong
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, -EBADMSG for a wrong tag, or a driver's error.
 */
int ksrtp_aead_open(const struct ksrtp_transform *t, const u8 *aad, u32 aad_len,
		    u8 *data, u32 len, u32 ssrc, u64 index, bool keep)
{
	struct crypto_aead *tfm = this_driver(t);
	struct scratch *s = this_scratch();
	int err;

	aead_iv(t, ssrc, index, s->iv);
	if (likely(!keep && !must_copy(tfm, data, len)))
		return aead_run(s, tfm, false, aad, aad_len, data, data, len,
				len);
	if (len > BUFFER)
		return -EMSGSIZE;
	memcpy(s->buffer, data, len);
	err = aead_run(s, tfm, false, aad, aad_len, s->buffer, s->buffer, len,
		       len);
	if (!err)
		memcpy(data, s->buffer, len - KSRTP_AEAD_TAG);
	return err;
}

/**
 * ksrtp_aead_seal() - encrypt, and write the tag behind it
 * @t: transform
 * @aad: associated data; linearly mapped, as all of these
 * @aad_len: its bytes
 * @src: plaintext
 * @dst: where ciphertext and tag go; may be @src
 * @len: bytes of plaintext
 * @ssrc: SSRC, host order
 * @index: 48-bit packet index, or 31-bit SRTCP index
 *
 * Context: BH off. Nothing is allocated.
 * Return: 0, or a driver's error.
 */
int ksrtp_aead_seal(const struct ksrtp_transform *t, const u8 *aad, u32 aad_len,
		    const u8 *src, u8 *dst, u32 len, u32 ssrc, u64 index)
{
	struct crypto_aead *tfm = this_driver(t);
	struct scratch *s = this_scratch();
	u32 room = len + KSRTP_AEAD_TAG;
	int err;

	aead_iv(t, ssrc, index, s->iv);
	if (likely(!must_copy(tfm, dst, room) &&
		   (src == dst || !must_copy(tfm, src, len))))
		return aead_run(s, tfm, true, aad, aad_len, src, dst, len, room);
	if (room > BUFFER)
		return -EMSGSIZE;
	memcpy(s->buffer, src, len);
	err = aead_run(s, tfm, true, aad, aad_len, s->buffer, s->buffer, len,
		       room);
	if (!err)
		memcpy(dst, s->buffer, room);
	return err;
}

/* ---- packets ---- */

/**
 * ksrtp_aead_aad() - room for associated data that stands nowhere in the packet
 *
 * Context: BH off.
 * Return: KSRTP_AEAD_AAD bytes, good until the next packet on this CPU.
 */
u8 *ksrtp_aead_aad(void)
{
	return this_scratch()->aad;
}

/* Header and E+index word of SRTCP, side by side */
static const u8 *rtcp_aad(const u8 *p, u32 word)
{
	struct scratch *s = this_scratch();

	memcpy(s->aad, p, KSRTP_RTCP_MIN);
	put_unaligned_be32(word, s->aad + KSRTP_RTCP_MIN);
	return s->aad;
}

/*
 * SRTCP with E=0: the packet and the word behind it are associated data, though
 * in the packet the tag stands between them. The word is put there for as long
 * as it takes; @p is one packet's own memory.
 */
static int open_plain_rtcp(const struct ksrtp_transform *t, u8 *p,
			   const struct ksrtp_layout *l, u32 ssrc, u64 index)
{
	struct scratch *s = this_scratch();
	int err;

	memcpy(s->tag, p + l->tag, KSRTP_AEAD_TAG);
	memcpy(p + l->end, p + l->index, 4);
	err = ksrtp_aead_open(t, p, l->end + 4, s->tag, KSRTP_AEAD_TAG, ssrc,
			      index, true);
	memcpy(p + l->tag, s->tag, KSRTP_AEAD_TAG);
	return err;
}

static int seal_plain_rtcp(const struct ksrtp_transform *t, const u8 *src,
			   u8 *dst, const struct ksrtp_layout *l, u32 ssrc,
			   u64 index)
{
	struct scratch *s = this_scratch();
	int err;

	if (src != dst)
		memcpy(dst + l->clear, src + l->clear, l->end - l->clear);
	put_unaligned_be32((u32)index, dst + l->end);
	err = ksrtp_aead_seal(t, dst, l->end + 4, s->tag, s->tag, 0, ssrc, index);
	if (err)
		return err;
	memcpy(dst + l->tag, s->tag, KSRTP_AEAD_TAG);
	put_unaligned_be32((u32)index, dst + l->index);
	return 0;
}

static int aead_open(const struct ksrtp_transform *t, u8 *p,
		     const struct ksrtp_layout *l, u32 ssrc, u64 index,
		     unsigned int flags)
{
	u32 len = l->end - l->clear + KSRTP_AEAD_TAG;
	bool keep = flags & KSRTP_OPEN_KEEP;
	const u8 *aad = p;
	u32 aad_len = l->clear;
	int err;

	if (t->rtcp) {
		if (!(flags & KSRTP_OPEN_ENCRYPTED))
			return open_plain_rtcp(t, p, l, ssrc, index);
		aad = rtcp_aad(p, get_unaligned_be32(p + l->index));
		aad_len += 4;
	}
	if (unlikely(l->csrc))
		ksrtp_cryptex_gather(p, l->csrc);
	err = ksrtp_aead_open(t, aad, aad_len, p + l->clear, len, ssrc, index,
			      keep);
	if (unlikely(l->csrc))
		ksrtp_cryptex_scatter(p, l->csrc);
	return err;
}

static int aead_seal(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		     const struct ksrtp_layout *l, u32 ssrc, u64 index,
		     bool encrypted)
{
	u32 word = KSRTP_SRTCP_E | (u32)index;
	u32 aad_len = l->clear;
	const u8 *aad = dst;
	int err;

	if (t->rtcp) {
		if (!encrypted)
			return seal_plain_rtcp(t, src, dst, l, ssrc, index);
		aad = rtcp_aad(dst, word);
		aad_len += 4;
	}
	if (unlikely(l->csrc))	/* Cryptex, always in place */
		ksrtp_cryptex_gather(dst, l->csrc);
	err = ksrtp_aead_seal(t, aad, aad_len, src + l->clear, dst + l->clear,
			      l->end - l->clear, ssrc, index);
	if (unlikely(l->csrc))
		ksrtp_cryptex_scatter(dst, l->csrc);
	if (unlikely(err))
		return err;
	if (t->rtcp)
		put_unaligned_be32(word, dst + l->index);
	if (unlikely(l->roc))
		put_unaligned_be32(index >> 16, dst + l->roc);
	return 0;
}

/* ---- set-up ---- */

static void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	memzero_explicit(s->buffer, BUFFER);
	free_pages((unsigned long)s->buffer, get_order(BUFFER));
	kfree_sensitive(s);
}

static struct scratch *scratch_alloc(int cpu)
{
	int node = cpu_to_node(cpu);
	struct page *page;
	struct scratch *s;

	s = kzalloc_node(sizeof(*s), GFP_KERNEL, node);
	if (!s)
		return NULL;
	page = alloc_pages_node(node, GFP_KERNEL, get_order(BUFFER));
	if (!page) {
		kfree(s);
		return NULL;
	}
	s->buffer = page_address(page);
	sg_init_table(s->src, 2);
	sg_init_table(s->dst, 2);
	crypto_init_wait(&s->never);
	aead_request_set_callback(&s->request, 0, crypto_req_done, &s->never);
	return s;
}

/**
 * ksrtp_aead_module_exit() - give back what the CPUs work with
 *
 * Context: process; no transform is left.
 */
void ksrtp_aead_module_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		scratch_free(per_cpu(scratches, cpu));
		per_cpu(scratches, cpu) = NULL;
	}
	scratch_ready = false;
}

/* A host without such keys has no use for 64 KiB a CPU. */
static int aead_prepare(void)
{
	int cpu, err = 0;

	mutex_lock(&scratch_lock);
	if (scratch_ready)
		goto unlock;
	/* As in ksrtp_transform_module_init(). */
	request_module("crypto-aes");
	request_module("crypto-gcm");
	for_each_possible_cpu(cpu) {
		struct scratch *s = scratch_alloc(cpu);

		if (!s) {
			ksrtp_aead_module_exit();
			err = -ENOMEM;
			goto unlock;
		}
		per_cpu(scratches, cpu) = s;
	}
	scratch_ready = true;
unlock:
	mutex_unlock(&scratch_lock);
	return err;
}

static int aead_init(struct ksrtp_transform *t,
		     const struct ksrtp_transform_params *params,
		     const struct ksrtp_session_keys *keys)
{
	const struct ksrtp_suite_desc *suite = params->suite;
	int err;

	if (suite->half || suite->salt_len != IV_LEN ||
	    suite->rtp_tag != KSRTP_AEAD_TAG)
		return -EINVAL;
	err = aead_prepare();
	if (err)
		return err;
	t->shape.aead = true;
	t->shape.tag_len = KSRTP_AEAD_TAG;
	t->shape.mki_len = params->mki_len;
	t->encrypts = true;
	t->verifies = true;
	memcpy(t->iv, keys->salt, IV_LEN);
	return aead_drivers(t, keys->key, suite->key_len);
}

static void aead_exit(struct ksrtp_transform *t)
{
	crypto_free_aead(t->aead);
	crypto_free_aead(t->aead_sync);
	t->aead = NULL;
	t->aead_sync = NULL;
}

const struct ksrtp_transform_ops ksrtp_aead_ops = {
	.name = "GCM",
	.init = aead_init,
	.exit = aead_exit,
	.open = aead_open,
	.seal = aead_seal,
};
