// SPDX-License-Identifier: GPL-2.0
/*
 * AES in counter mode, or no cipher, and HMAC-SHA1 (RFC 3711 section 4).
 *
 *	SRTP	header | payload | MKI | [ROC] tag
 *	SRTCP	header | payload | E+index | MKI | tag
 *
 * The tag of SRTP is over header | payload | ROC, that of SRTCP over
 * header | payload | E+index. A packet may carry the ROC in front of its tag,
 * which is then four bytes shorter (RFC 4771 section 2, mode 2).
 *
 * One cipher request and one HMAC for a packet. Verify comes before decrypt,
 * so a forged packet costs the HMAC alone and stays as it was.
 */
#include <crypto/algapi.h>
#include <crypto/sha1.h>

#include "cm_hmac.h"

/*
 * The ROC belongs to what is authenticated but not to the packet. Written over
 * the first bytes of MKI and tag, it makes both one run of bytes, and one call
 * of the hash. What stood there is put back: @p is one packet's own memory,
 * nobody else looks at it meanwhile. Where MKI and tag together are shorter
 * than the ROC (an MI tag may be), the hash is fed twice.
 */
static int rtp_tag(const struct ksrtp_transform *t, u8 *p,
		   const struct ksrtp_layout *l, u64 index, u8 *digest)
{
	__be32 roc = cpu_to_be32((u32)(index >> 16));
	u8 *end = p + l->end;
	__be32 saved;
	int err;

	if (unlikely(l->len - l->end < sizeof(roc)))
		return ksrtp_hmac(t, p, l->end, &roc, digest);

	saved = get_unaligned((__be32 *)end);
	put_unaligned(roc, (__be32 *)end);
	err = ksrtp_hmac(t, p, l->end + sizeof(roc), NULL, digest);
	put_unaligned(saved, (__be32 *)end);
	return err;
}

static int packet_tag(const struct ksrtp_transform *t, u8 *p,
		      const struct ksrtp_layout *l, u64 index, u8 *digest)
{
	if (t->rtcp)
		return ksrtp_hmac(t, p, l->index + 4, NULL, digest);
	return rtp_tag(t, p, l, index, digest);
}

/* Encrypt or decrypt what stands behind @l->clear, from @src to @dst. */
static int crypt(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		 const struct ksrtp_layout *l, u32 ssrc, u64 index)
{
	int err;

	if (likely(!l->csrc))
		return ksrtp_ctr(t, src + l->clear, dst + l->clear,
				 l->end - l->clear, ssrc, index);
	/* Cryptex, always in place. */
	ksrtp_cryptex_gather(dst, l->csrc);
	err = ksrtp_ctr(t, dst + l->clear, dst + l->clear, l->end - l->clear,
			ssrc, index);
	ksrtp_cryptex_scatter(dst, l->csrc);
	return err;
}

/* As ksrtp_open(). A refused packet is always as it was. */
int ksrtp_cm_hmac_open(const struct ksrtp_transform *t, u8 *p,
		       const struct ksrtp_layout *l, u32 ssrc, u64 index,
		       unsigned int flags)
{
	u8 digest[SHA1_DIGEST_SIZE];
	int err;

	if (t->verifies) {
		err = packet_tag(t, p, l, index, digest);
		if (unlikely(err))
			return err;
		if (crypto_memneq(digest, p + l->tag, l->tag_len))
			return -EBADMSG;
	}
	if (!(flags & KSRTP_OPEN_ENCRYPTED) || !t->encrypts)
		return 0;
	return crypt(t, p, p, l, ssrc, index);
}

/* As ksrtp_seal(). */
int ksrtp_cm_hmac_seal(const struct ksrtp_transform *t, const u8 *src, u8 *dst,
		       const struct ksrtp_layout *l, u32 ssrc, u64 index,
		       bool encrypted)
{
	u8 digest[SHA1_DIGEST_SIZE];
	int err;

	if (encrypted && t->encrypts) {
		err = crypt(t, src, dst, l, ssrc, index);
		if (unlikely(err))
			return err;
	} else if (src != dst) {
		memcpy(dst + l->clear, src + l->clear, l->end - l->clear);
	}
	if (t->rtcp)
		put_unaligned_be32((encrypted ? KSRTP_SRTCP_E : 0) | (u32)index,
				   dst + l->index);
	if (!l->tag_len)
		return 0;
	err = packet_tag(t, dst, l, index, digest);
	if (unlikely(err))
		return err;
	if (unlikely(l->roc))
		put_unaligned_be32(index >> 16, dst + l->roc);
	memcpy(dst + l->tag, digest, l->tag_len);
	return 0;
}

/**
 * ksrtp_cm_hmac_setup() - key the cipher and the HMAC
 * @t: transform, @t->shape.tag_len is set
 * @suite: suite
 * @keys: session keys
 * @salt_at: where the salt stands in the IV, in bytes; the suite's salt fits
 *
 * Context: process.
 * Return: 0, -EINVAL for keys the suite cannot have, or why a driver is not
 * there. On error what was made is left to ksrtp_cm_hmac_exit().
 */
int ksrtp_cm_hmac_setup(struct ksrtp_transform *t,
			const struct ksrtp_suite_desc *suite,
			const struct ksrtp_session_keys *keys,
			unsigned int salt_at)
{
	int err;

	if (salt_at + suite->salt_len > sizeof(t->iv))
		return -EINVAL;
	if (t->shape.tag_len > SHA1_DIGEST_SIZE)
		return -EINVAL;
	memcpy((u8 *)t->iv + salt_at, keys->salt, suite->salt_len);
	if (t->shape.tag_len) {
		err = ksrtp_hmac_init(t, keys->auth, keys->auth_len);
		if (err)
			return err;
	}
	t->encrypts = suite->encrypts;
	if (!t->encrypts)
		return 0;
	return ksrtp_ctr_init(t, keys->key, suite->key_len);
}

static int cm_hmac_init(struct ksrtp_transform *t,
			const struct ksrtp_transform_params *params,
			const struct ksrtp_session_keys *keys)
{
	const struct ksrtp_suite_desc *suite = params->suite;

	t->shape.tag_len = params->rtcp ? suite->rtcp_tag : suite->rtp_tag;
	t->shape.mki_len = params->mki_len;
	t->verifies = true;
	return ksrtp_cm_hmac_setup(t, suite, keys, 0);
}

void ksrtp_cm_hmac_exit(struct ksrtp_transform *t)
{
	ksrtp_ctr_exit(t);
}

const struct ksrtp_transform_ops ksrtp_cm_hmac_ops = {
	.name = "AES-CM and HMAC-SHA1",
	.init = cm_hmac_init,
	.exit = ksrtp_cm_hmac_exit,
	.open = ksrtp_cm_hmac_open,
	.seal = ksrtp_cm_hmac_seal,
};
