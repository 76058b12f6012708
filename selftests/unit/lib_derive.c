// SPDX-License-Identifier: GPL-2.0-or-later
/* libksrtp's derivations give the known answers of vectors/. */
#include <kt.h>
#include <vecs.h>

#include <libksrtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static struct ksrtp_master master_of(struct vec_bytes key, struct vec_bytes salt)
{
	struct ksrtp_master m = { .key_len = key.len, .salt_len = salt.len };

	memcpy(m.key, key.p, key.len);
	memcpy(m.salt, salt.p, salt.len);
	return m;
}

/* A session key the vector has must come out; one it lacks is fine. */
static bool session_is(const struct ksrtp_master *m, uint8_t label, struct vec_bytes want)
{
	uint8_t key[256];

	if (!want.p)
		return true;
	return !ksrtp_derive_session(m, label, key, want.len) && !memcmp(key, want.p, want.len);
}

static bool sessions_are(const struct ksrtp_master *m, const struct vec *v)
{
	return session_is(m, 0, v->k_e) && session_is(m, 1, v->k_a) && session_is(m, 2, v->k_s);
}

static bool rtcp_sessions_are(const struct ksrtp_master *m, const struct vec *v)
{
	return session_is(m, 3, v->rtcp_k_e) && session_is(m, 4, v->rtcp_k_a) &&
	       session_is(m, 5, v->rtcp_k_s);
}

static bool hkdf_is(const struct vec *v)
{
	uint8_t okm[256];

	return v->okm.len <= sizeof(okm) &&
	       !ksrtp_hkdf(v->ikm.p, v->ikm.len, v->salt.p, v->salt.len, v->info.p, v->info.len,
			   okm, v->okm.len) &&
	       !memcmp(okm, v->okm.p, v->okm.len);
}

static bool lid_is(const struct vec *v)
{
	char lid[KSRTP_MAX_LID];

	return !ksrtp_lid_normalise(v->in, lid, sizeof(lid)) && !strcmp(lid, v->out);
}

/* The LID of a vector is normalised; that must not change a normalised one. */
static bool e2e_is(const struct vec *v)
{
	struct ksrtp_master m;
	uint8_t mi[KSRTP_MI_KEY_LEN];
	char lid[KSRTP_MAX_LID];

	if (v->call_key.len != KSRTP_CALL_KEY_LEN ||
	    ksrtp_lid_normalise(v->participant, lid, sizeof(lid)) ||
	    ksrtp_derive_e2e(v->call_key.p, lid, &m))
		return false;
	if (v->master_key.p && (memcmp(m.key, v->master_key.p, 16) ||
				memcmp(m.salt, v->master_salt.p, 14)))
		return false;
	if (v->mi && !strcmp(v->mi, "derived") &&
	    (ksrtp_derive_mi(v->call_key.p, mi) || v->mi_key.len != sizeof(mi) ||
	     memcmp(mi, v->mi_key.p, sizeof(mi))))
		return false;
	return sessions_are(&m, v);
}

static bool hbh_is(const struct vec *v)
{
	struct ksrtp_master m;

	if (v->hbh_key.len != KSRTP_HBH_KEY_LEN ||
	    ksrtp_derive_hbh_group(v->hbh_key.p, v->group, &m))
		return false;
	return v->master.len == 30 && !memcmp(m.key, v->master.p, 16) &&
	       !memcmp(m.salt, v->master.p + 16, 14) &&
	       sessions_are(&m, v) && rtcp_sessions_are(&m, v);
}

/* By the suite too, where the vector is of one */
static bool suite_sessions_are(const struct ksrtp_master *m, const struct vec *v)
{
	const struct vec_bytes want[] = {
		v->k_e, v->k_a, v->k_s, v->rtcp_k_e, v->rtcp_k_a, v->rtcp_k_s, v->k_he, v->k_hs,
	};
	struct ksrtp_suite_info suite;
	uint8_t key[256];
	size_t i;

	if (!v->profile || ksrtp_suite_lookup(v->profile, &suite))
		return true;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		if (!want[i].p)
			continue;
		if (ksrtp_derive_session_of(suite.id, m, (uint8_t)i, key, want[i].len) ||
		    memcmp(key, want[i].p, want[i].len))
			return false;
	}
	return true;
}

static bool kdf_is(const struct vec *v)
{
	const struct ksrtp_master m = master_of(v->master_key, v->master_salt);

	return suite_sessions_are(&m, v) && sessions_are(&m, v) && rtcp_sessions_are(&m, v) &&
	       session_is(&m, 6, v->k_he) && session_is(&m, 7, v->k_hs);
}

static const struct {
	enum vec_kind kind;
	const char *what;
	bool (*is)(const struct vec *v);
} kinds[] = {
	{ VEC_HKDF, "HKDF-SHA256", hkdf_is },
	{ VEC_LID, "LID", lid_is },
	{ VEC_E2E_KEYS, "E2E keys", e2e_is },
	{ VEC_E2E_PACKET, "E2E keys of packet", e2e_is },
	{ VEC_HBH_KDF, "relay key", hbh_is },
	{ VEC_KDF, "session keys", kdf_is },
	{ VEC_HDREXT, "header extension keys", kdf_is },
};

/* With a call key, where E2E needs one; the library derives by AES alone, not by ARIA. */
static bool is_derived(const struct vec *v)
{
	if (v->kind == VEC_E2E_PACKET)
		return v->call_key.p;
	return v->kind != VEC_KDF || !strstr(v->profile, "ARIA");
}

static int count(void)
{
	const struct vec *v;
	size_t i;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (v = NULL; (v = vec_next(v, kinds[i].kind));)
			n += is_derived(v);
	}
	return n;
}

static void check_hbh_forms(void)
{
	const struct vec *up = vec_find("uplink hbh srtcp"), *down = vec_find("downlink hbh srtcp");
	const struct vec *rtp_group = vec_find("hbh srtp"), *shared = vec_find("hbh srtcp");
	const struct {
		enum ksrtp_hbh_kdf kdf;
		const struct vec *rtcp;
		const char *name;
	} forms[] = {
		{ KSRTP_HBH_UPLINK, up, "uplink" },
		{ KSRTP_HBH_DOWNLINK, down, "downlink" },
		{ KSRTP_HBH_SHARED, shared, "shared" },
	};
	struct ksrtp_master rtp, rtcp;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		int ret = ksrtp_derive_hbh(up->hbh_key.p, forms[i].kdf, &rtp, &rtcp);

		kt_ok(!ret && !memcmp(rtp.key, rtp_group->master.p, 16) &&
		      !memcmp(rtp.salt, rtp_group->master.p + 16, 14) &&
		      !memcmp(rtcp.key, forms[i].rtcp->master.p, 16) &&
		      !memcmp(rtcp.salt, forms[i].rtcp->master.p + 16, 14),
		      "two-stage %s: RTP from its group, RTCP from that direction's",
		      forms[i].name);
	}
	kt_ok(!ksrtp_derive_hbh(up->hbh_key.p, KSRTP_HBH_DIRECT, &rtp, &rtcp) &&
	      !memcmp(rtp.key, up->hbh_key.p, 16) && !memcmp(rtp.salt, up->hbh_key.p + 16, 14) &&
	      !memcmp(&rtp, &rtcp, sizeof(rtp)),
	      "direct: 16 bytes of key and 14 of salt, for RTP and RTCP");
}

static void check_refusals(void)
{
	struct ksrtp_master m = { .key_len = 17, .salt_len = 14 };
	char lid[16];
	uint8_t key[16];

	kt_is(ksrtp_derive_session(&m, 0, key, sizeof(key)), -EINVAL,
	      "a master key of 17 bytes is refused");
	m.key_len = 16;
	m.salt_len = 13;
	kt_is(ksrtp_derive_session(&m, 0, key, sizeof(key)), -EINVAL,
	      "a master salt of 13 bytes is refused");
	m.salt_len = 14;
	kt_is(ksrtp_derive_session_of(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, &m, 0, key,
				      sizeof(key)), -EINVAL,
	      "a master that is not the suite's is refused");
	m.key_len = 32;
	m.salt_len = 24;
	kt_is(ksrtp_derive_session_of(KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM, &m, 0,
				      key, sizeof(key)), -EINVAL,
	      "a DOUBLE master is refused: its halves have session keys");
	kt_is(ksrtp_lid_normalise(" \t/device", lid, sizeof(lid)), -EINVAL,
	      "an empty LID is refused");
	kt_is(ksrtp_lid_normalise("1234567890123@lid", lid, sizeof(lid)), -ENAMETOOLONG,
	      "a LID that does not fit is refused, not cut");
}

int main(void)
{
	const struct vec *v;
	size_t i;

	kt_plan(count() + 10);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (v = NULL; (v = vec_next(v, kinds[i].kind));) {
			if (!is_derived(v))
				continue;
			kt_ok(kinds[i].is(v), "%s: %s (%s)", kinds[i].what, v->id, v->file);
		}
	}
	check_hbh_forms();
	check_refusals();
	return kt_done();
}
