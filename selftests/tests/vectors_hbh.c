// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every known answer with a master key, of the suites the module has, through a
 * socket in both directions.
 */
#include "rig.h"
#include "vecs.h"

static struct rig r;

/* Of these suites, and of no extension of SRTP that is yet to come */
static bool is_covered(const struct vec *v)
{
	struct ksrtp_suite_info info;

	return (v->kind == VEC_SRTP || v->kind == VEC_SRTCP) && v->master_key.p && !v->cryptex &&
	       !v->enc_hdr_ids.p && !ksrtp_suite_lookup(v->profile, &info);
}

static void set_key(struct rig_key *k, const struct vec *v)
{
	struct ksrtp_suite_info info;

	memset(k, 0, sizeof(*k));
	ksrtp_suite_lookup(v->profile, &info);
	KSRTP_SET(&k->key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&k->key, KSRTP_A_KEY_SUITE, suite, info.id);
	memcpy(k->key.master_key, v->master_key.p, v->master_key.len);
	k->key.master_key_len = v->master_key.len;
	memcpy(k->key.master_salt, v->master_salt.p, v->master_salt.len);
	k->key.master_salt_len = v->master_salt.len;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MASTER_KEY) | KSRTP_BIT(KSRTP_A_KEY_MASTER_SALT);
	if (v->mki.p) {
		memcpy(k->key.mki, v->mki.p, v->mki.len);
		k->key.mki_len = v->mki.len;
		k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MKI);
	}
	rig_key_roc(k, v->roc);
	if (v->kind != VEC_SRTCP)
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, v->srtcp_index);
	if (v->encrypted)
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
	KSRTP_SET(&k->key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, 1);
}

static bool is_read(const struct vec *v)
{
	struct rig_key key;
	struct rig_far f;
	bool ok;

	rig_far(&r, &f, "127.0.0.1");
	set_key(&key, v);
	key.key.has &= ~KSRTP_BIT(KSRTP_A_KEY_TX_PLAIN_RTCP);
	rig_key(&r, f.id, KSRTP_DIR_RX, &key);
	rig_far_send(&f, v->protected.p, v->protected.len);
	ok = rig_gets(r.app, v->plain.p, v->plain.len);
	rig_far_close(&r, &f);
	return ok;
}

static bool is_written(const struct vec *v)
{
	struct rig_key key;
	struct rig_far f;
	bool ok;
	int n;

	rig_far(&r, &f, "127.0.0.1");
	set_key(&key, v);
	key.key.has &= ~KSRTP_BIT(KSRTP_A_KEY_ALLOW_PLAIN_RTCP);
	rig_key(&r, f.id, KSRTP_DIR_TX, &key);
	n = rig_app_send(&r, &f, v->plain.p, v->plain.len);
	if (n < 0)
		kt_note("not sent: %s", strerror(-n));
	ok = n == (int)v->plain.len && rig_gets(f.fd, v->protected.p, v->protected.len);
	rig_far_close(&r, &f);
	return ok;
}

int main(void)
{
	const struct vec *v;
	int n = 0;

	for (v = vecs; v < vecs + vecs_count; v++)
		n += is_covered(v);
	kt_plan(2 * n + 1);
	kt_ok(n >= 7, "%d known answers are covered", n);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (v = vecs; v < vecs + vecs_count; v++) {
		if (!is_covered(v))
			continue;
		kt_ok(is_read(v), "read: %s: %s", v->file, v->id);
		kt_ok(is_written(v), "written: %s: %s", v->file, v->id);
	}
	rig_close(&r);
	return kt_done();
}
