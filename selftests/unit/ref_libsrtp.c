// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reference the other tests compare ksrtp with agrees with libsrtp byte for
 * byte in both directions: headers of every shape, payloads and indices drawn
 * at random, ROC wraps, RTP and RTCP, with and without MKI and encryption.
 */
#include "kt.h"

#include <stdalign.h>

#include <srtp2/crypto_types.h>
#include <srtp2/srtp.h>

#include "refsrtp.h"

#define RUNS 16 /* each with its own keys, SSRC and first index */
#define PACKETS 64 /* of a run */
#define MTU 1500

static const struct suite {
	const char *name;
	srtp_cipher_type_id_t cipher;
	int key_len; /* with its salt */
	int tag_len;
} suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", SRTP_AES_ICM_128, 30, 10 },
	{ "AES_CM_128_HMAC_SHA1_32", SRTP_AES_ICM_128, 30, 4 },
	{ "AES_256_CM_HMAC_SHA1_80", SRTP_AES_ICM_256, 46, 10 },
	{ "AES_256_CM_HMAC_SHA1_32", SRTP_AES_ICM_256, 46, 4 },
	{ "NULL_HMAC_SHA1_80", SRTP_NULL_CIPHER, 30, 10 },
	{ "NULL_HMAC_SHA1_32", SRTP_NULL_CIPHER, 30, 4 },
	{ "AEAD_AES_128_GCM", SRTP_AES_GCM_128, 28, 16 },
	{ "AEAD_AES_256_GCM", SRTP_AES_GCM_256, 44, 16 },
};

#define SUITES ((int)ARRAY_SIZE(suites))

static uint64_t random_state;

/* xorshift64*: the same numbers on every machine */
static uint32_t rnd(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 2685821657736338717ull >> 32;
}

static uint32_t rnd_below(uint32_t n)
{
	return rnd() % n;
}

static void rnd_bytes(void *out, size_t len)
{
	uint8_t *o = out;

	while (len--)
		*o++ = rnd();
}

/* One sender and one receiver of libsrtp, and the reference with the same keys */
struct pair {
	srtp_t tx, rx;
	struct ref_ctx ref;
	uint32_t ssrc;
	bool mki;
	bool encrypt_rtcp;
	bool reads_rtcp; /* libsrtp can read what it writes */
};

static void policy_part(srtp_crypto_policy_t *p, const struct suite *s, int tag_len, bool encrypt)
{
	bool gcm = s->cipher == SRTP_AES_GCM_128 || s->cipher == SRTP_AES_GCM_256;

	p->cipher_type = s->cipher;
	p->cipher_key_len = s->key_len;
	p->auth_type = gcm ? SRTP_NULL_AUTH : SRTP_HMAC_SHA1;
	p->auth_key_len = gcm ? 0 : 20;
	p->auth_tag_len = tag_len;
	p->sec_serv = encrypt ? sec_serv_conf_and_auth : sec_serv_auth;
}

static bool pair_open(struct pair *p, const struct suite *s, bool mki, bool encrypt_rtcp)
{
	const struct ref_suite *row = ref_suite_find(s->name);
	bool null = s->cipher == SRTP_NULL_CIPHER;
	srtp_policy_t policy = { 0 };
	uint8_t key[64], id[4];
	srtp_master_key_t master = { key, id, sizeof(id) }, *masters[] = { &master };

	memset(p, 0, sizeof(*p));
	rnd_bytes(key, sizeof(key));
	rnd_bytes(id, sizeof(id));
	p->ssrc = rnd();
	p->mki = mki;
	p->encrypt_rtcp = encrypt_rtcp;
	/* libsrtp 2.5.0 looks for the MKI of SRTCP before a tag as short as the one of SRTP */
	p->reads_rtcp = !mki || s->tag_len != 4;
	policy_part(&policy.rtp, s, s->tag_len, !null);
	policy_part(&policy.rtcp, s, s->tag_len == 16 ? 16 : 10, encrypt_rtcp);
	policy.ssrc.type = ssrc_specific;
	policy.ssrc.value = p->ssrc;
	policy.window_size = 1024;
	if (mki) {
		policy.keys = masters;
		policy.num_master_keys = 1;
	} else {
		policy.key = key;
	}
	if (!row || srtp_create(&p->tx, &policy) || srtp_create(&p->rx, &policy))
		return false;
	if (ref_ctx_init(&p->ref, s->name, key, row->key_len, key + row->key_len, row->salt_len))
		return false;
	return !mki || !ref_ctx_mki(&p->ref, id, sizeof(id));
}

static void pair_close(struct pair *p)
{
	if (p->tx)
		srtp_dealloc(p->tx);
	if (p->rx)
		srtp_dealloc(p->rx);
}

static bool same(const char *what, const void *theirs, int their_len, const void *ours, int our_len)
{
	if (our_len == their_len && !memcmp(theirs, ours, our_len))
		return true;
	if (our_len < 0)
		kt_note("%s: %s", what, ref_strerror(our_len));
	else
		kt_note("%s: libsrtp has %d bytes, refsrtp %d, or they differ", what, their_len,
			our_len);
	return false;
}

static bool agreed(const char *what, int status)
{
	if (status)
		kt_note("%s: libsrtp says %d", what, status);
	return !status;
}

static int random_rtp(struct pair *p, uint16_t seq, void *out)
{
	struct ref_rtp rtp = {
		.pt = rnd_below(128),
		.marker = rnd_below(2),
		.seq = seq,
		.timestamp = rnd(),
		.ssrc = p->ssrc,
		.csrc_count = rnd_below(2) ? rnd_below(16) : 0,
		.extension = rnd_below(2),
		.ext_words = rnd_below(8),
		.padding = rnd_below(4) ? 0 : 1 + rnd_below(20),
		.payload_len = rnd_below(4) ? rnd_below(1200) : rnd_below(34),
		.fill = rnd(),
	};

	return ref_rtp_build(&rtp, out);
}

/* libsrtp and the reference each protect the packet, and read what the other made */
static bool exchange_rtp(struct pair *p, uint64_t index)
{
	alignas(8) uint8_t plain[MTU], theirs[MTU + 256], ours[MTU + 256];
	int len = random_rtp(p, index, plain), their_len = len, our_len, n;

	memcpy(theirs, plain, len);
	if (!agreed("srtp_protect", srtp_protect_mki(p->tx, theirs, &their_len, p->mki, 0)))
		return false;
	our_len = ref_protect_rtp(&p->ref, plain, len, index, ours);
	if (!same("protected RTP", theirs, their_len, ours, our_len))
		return false;
	n = our_len;
	if (!agreed("srtp_unprotect", srtp_unprotect_mki(p->rx, ours, &n, p->mki)) ||
	    !same("RTP read by libsrtp", ours, n, plain, len))
		return false;
	n = ref_unprotect_rtp(&p->ref, theirs, their_len, index, ours);
	return same("RTP read by refsrtp", plain, len, ours, n);
}

static bool run_rtp(struct pair *p)
{
	uint64_t index = ref_index(rnd_below(2) ? rnd() : rnd_below(3), rnd());
	int i;

	/* the last packets of the highest ROC would leave no room to go on */
	if (index >> 16 == 0xffffffff)
		index -= (uint64_t)1 << 16;
	if (!agreed("srtp_set_stream_roc", srtp_set_stream_roc(p->tx, p->ssrc, index >> 16)) ||
	    !agreed("srtp_set_stream_roc", srtp_set_stream_roc(p->rx, p->ssrc, index >> 16)))
		return false;
	for (i = 0; i < PACKETS; i++) {
		if (!exchange_rtp(p, index)) {
			kt_note("packet %d of the run, index %#llx", i, (unsigned long long)index);
			return false;
		}
		index += 1 + (rnd_below(2) ? rnd_below(2500) : 0);
	}
	return true;
}

static int random_rtcp(struct pair *p, uint8_t *o)
{
	uint32_t list[31], words[8];
	int n, i;

	for (i = 0; i < 31; i++)
		list[i] = rnd();
	rnd_bytes(words, sizeof(words));
	n = rnd_below(2) ? ref_rtcp_sr(o, p->ssrc, list, rnd_below(32)) :
			   ref_rtcp_rr(o, p->ssrc, list, rnd_below(32));
	n += ref_rtcp_sdes(o + n, &p->ssrc, 1, "someone@example.org");
	switch (rnd_below(5)) {
	case 0:
		n += ref_rtcp_bye(o + n, &p->ssrc, 1, "bye");
		break;
	case 1:
		n += ref_rtcp_app(o + n, p->ssrc, 3, "test", words, 4 * rnd_below(9));
		break;
	case 2:
		n += ref_rtcp_fir(o + n, p->ssrc, list, 1 + rnd_below(4));
		n += ref_rtcp_remb(o + n, p->ssrc, rnd(), list, rnd_below(5));
		break;
	case 3:
		n += ref_rtcp_nack(o + n, p->ssrc, list[0], rnd(), rnd());
		break;
	}
	return n;
}

static bool run_rtcp(struct pair *p)
{
	alignas(8) uint8_t plain[MTU], theirs[MTU + 256], ours[MTU + 256];
	/* libsrtp's own first index is 1; what it reads may start anywhere */
	uint32_t index, far = rnd() >> 1, got;
	int i, len, their_len, our_len, n;
	bool e;

	if (far > 0x7fff0000)
		far -= 0x10000;
	for (i = 0; i < PACKETS; i++) {
		index = i + 1;
		len = random_rtcp(p, plain);
		their_len = len;
		memcpy(theirs, plain, len);
		if (!agreed("srtp_protect_rtcp",
			    srtp_protect_rtcp_mki(p->tx, theirs, &their_len, p->mki, 0)))
			return false;
		our_len = ref_protect_rtcp(&p->ref, plain, len, index, p->encrypt_rtcp, ours);
		if (!same("protected RTCP", theirs, their_len, ours, our_len))
			return false;
		n = ref_unprotect_rtcp(&p->ref, theirs, their_len, &got, &e, ours);
		if (!same("RTCP read by refsrtp", plain, len, ours, n) || got != index ||
		    e != p->encrypt_rtcp)
			return false;
		if (!p->reads_rtcp)
			continue;
		far += 1 + rnd_below(3);
		our_len = ref_protect_rtcp(&p->ref, plain, len, far, p->encrypt_rtcp, ours);
		if (!agreed("srtp_unprotect_rtcp",
			    srtp_unprotect_rtcp_mki(p->rx, ours, &our_len, p->mki)) ||
		    !same("RTCP read by libsrtp", ours, our_len, plain, len))
			return false;
	}
	return true;
}

static bool runs(const struct suite *s, bool (*run)(struct pair *p), bool mki, bool encrypt_rtcp)
{
	struct pair p;
	bool ok = true;
	int i;

	for (i = 0; ok && i < RUNS; i++) {
		random_state = 0x9e3779b97f4a7c15ull * (i + 1);
		ok = pair_open(&p, s, mki, encrypt_rtcp) && run(&p);
		if (!ok)
			kt_note("run %d", i);
		pair_close(&p);
	}
	return ok;
}

int main(void)
{
	const struct suite *s;
	int mki, e;

	/* RTP, RTCP, and where there is a cipher RTCP without it; all of it with an MKI too */
	kt_plan(2 * (2 * SUITES + SUITES - 2));
	if (srtp_init())
		kt_bail("srtp_init");
	kt_note("%s", srtp_get_version_string());
	for (s = suites; s < suites + SUITES; s++) {
		for (mki = 0; mki < 2; mki++) {
			const char *with = mki ? ", MKI" : "";

			kt_ok(runs(s, run_rtp, mki, false), "%s RTP%s", s->name, with);
			for (e = s->cipher != SRTP_NULL_CIPHER; e >= 0; e--)
				kt_ok(runs(s, run_rtcp, mki, e), "%s RTCP E=%d%s%s", s->name, e,
				      with,
				      mki && s->tag_len == 4 ? ", as written by libsrtp" : "");
		}
	}
	srtp_shutdown();
	return kt_done();
}
