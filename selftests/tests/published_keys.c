// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Session keys are derived as the RFCs print them, AES-192 and AES-256 too,
 * whatever another implementation makes of the same master: the far end here
 * has no derivation and is given the keys of the RFC.
 */
#include "rig.h"
#include "vecs.h"

#define SSRC	0x9b115ed0

static struct rig r;

static bool is_for_us(const struct vec *v)
{
	return v->profile && v->master_key.p && v->master_salt.p && v->k_e.p && v->k_s.p &&
	       v->k_a.p && v->k_a.len >= 20 && ref_suite_find(v->profile);
}

static int count(void)
{
	const struct vec *v = NULL;
	int n = 0;

	while ((v = vec_next(v, VEC_KDF)))
		n += is_for_us(v);
	return n;
}

/* The kernel has the master, the far end the session keys. */
static void published(struct rig_key *k, const struct vec *v)
{
	struct ref_session keys = { 0 };

	rig_hbh(k, v->profile, 1);
	memcpy(k->key.master_key, v->master_key.p, v->master_key.len);
	memcpy(k->key.master_salt, v->master_salt.p, v->master_salt.len);
	memcpy(keys.k_e, v->k_e.p, v->k_e.len);
	memcpy(keys.k_s, v->k_s.p, v->k_s.len);
	memcpy(keys.k_a, v->k_a.p, 20);
	if (ref_ctx_session(&k->hbh, v->profile, &keys, NULL))
		kt_bail("refsrtp refuses the keys of %s: %s", v->file, v->id);
}

static void check(const struct vec *v)
{
	uint8_t plain[300];
	struct rig_far f;
	struct rig_key k;
	int len = rig_rtp(plain, SSRC, 1000, 200);

	published(&k, v);
	rig_far(&r, &f, "127.0.0.1");
	if (rig_key_try(&r, f.id, KSRTP_DIR_RX, &k)) {
		/* ARIA is not in every kernel; AES is. */
		if (!strstr(v->profile, "ARIA"))
			kt_bail("%s: %s", v->profile, ksrtp_error(r.h));
		kt_skip(v->id, "%s", ksrtp_error(r.h));
		kt_skip(v->id, "%s", ksrtp_error(r.h));
		rig_far_close(&r, &f);
		return;
	}
	rig_key(&r, f.id, KSRTP_DIR_TX, &k);
	kt_ok(rig_hears(&r, &f, &k, NULL, plain, len, 1000), "read under the keys of %s: %s",
	      v->file, v->id);
	len = rig_rtp(plain, SSRC + 1, 1000, 200);
	kt_ok(rig_says(&r, &f, &k, NULL, plain, len, 1000), "written under the keys of %s: %s",
	      v->file, v->id);
	rig_far_close(&r, &f);
}

int main(void)
{
	const struct vec *v = NULL;
	int n = count();

	kt_plan(2 * n + 1);
	rig_start();
	rig_open(&r, "127.0.0.1");
	while ((v = vec_next(v, VEC_KDF)))
		if (is_for_us(v))
			check(v);
	kt_ok(n >= 3, "that are %d derivations, of AES-128, AES-192 and AES-256", n);
	rig_close(&r);
	return kt_done();
}
