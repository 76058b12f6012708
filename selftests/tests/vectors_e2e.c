// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every known answer from call key to packet, through the socket of an endpoint
 * in both directions: keys are derived as the tool derives them, refsrtp puts
 * and removes the HBH layer around, and what is inside has to be the answer.
 */
#include "rig.h"
#include "vecs.h"

static struct rig r;

static void set_e2e(struct rig_key *k, const struct vec *v)
{
	struct ksrtp_master master;

	memset(k, 0, sizeof(*k));
	if (ksrtp_derive_e2e(v->call_key.p, v->participant, &master))
		kt_bail("no master key from the call key of '%s'", v->id);
	KSRTP_SET(&k->key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_E2E);
	KSRTP_SET(&k->key, KSRTP_A_KEY_SUITE, suite, KSRTP_SUITE_E2E_AES_128_CTR);
	memcpy(k->key.master_key, master.key, master.key_len);
	k->key.master_key_len = master.key_len;
	memcpy(k->key.master_salt, master.salt, master.salt_len);
	k->key.master_salt_len = master.salt_len;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MASTER_KEY) | KSRTP_BIT(KSRTP_A_KEY_MASTER_SALT);
	if (strcmp(v->layout, "right"))		/* which is the default */
		KSRTP_SET(&k->key, KSRTP_A_KEY_IV, iv, KSRTP_IV_LEFT);
	if (!strcmp(v->mi, "off"))
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_MI_LEN, mi_len, v->mi_len);
	if (!strcmp(v->mi, "auth")) {
		KSRTP_SET(&k->key, KSRTP_A_KEY_MI, mi, KSRTP_MI_AUTH);
		return;
	}
	KSRTP_SET(&k->key, KSRTP_A_KEY_MI, mi, KSRTP_MI_KEY);
	if (ksrtp_derive_mi(v->call_key.p, k->key.mi_key))
		kt_bail("no MI key from the call key of '%s'", v->id);
	k->key.mi_key_len = KSRTP_MI_KEY_LEN;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MI_KEY);
}

static void set_up(struct rig_far *f, enum ksrtp_dir dir, struct rig_key *hbh, const struct vec *v)
{
	struct rig_key e2e;

	rig_far(&r, f, "127.0.0.1");
	rig_hbh(hbh, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_key_roc(hbh, v->roc);
	set_e2e(&e2e, v);
	rig_key_roc(&e2e, v->roc);
	rig_key(&r, f->id, dir, hbh);
	rig_key(&r, f->id, dir, &e2e);
}

static bool is_read(const struct vec *v)
{
	uint8_t wire[REF_MAX_PACKET];
	struct rig_key hbh;
	struct rig_far f;
	bool ok;
	int n;

	set_up(&f, KSRTP_DIR_RX, &hbh, v);
	n = rig_seal(&hbh, NULL, v->protected.p, v->protected.len, ref_index(v->roc, v->seq), wire);
	rig_far_send(&f, wire, n);
	ok = rig_gets(r.app, v->plain.p, v->plain.len);
	rig_far_close(&r, &f);
	return ok;
}

static bool is_written(const struct vec *v)
{
	uint8_t wire[REF_MAX_PACKET];
	struct rig_key hbh;
	struct rig_far f;
	int n, err;
	bool ok;

	set_up(&f, KSRTP_DIR_TX, &hbh, v);
	n = rig_seal(&hbh, NULL, v->protected.p, v->protected.len, ref_index(v->roc, v->seq), wire);
	err = rig_app_send(&r, &f, v->plain.p, v->plain.len);
	if (err < 0)
		kt_note("not sent: %s", strerror(-err));
	ok = err == (int)v->plain.len && rig_gets(f.fd, wire, n);
	rig_far_close(&r, &f);
	return ok;
}

int main(void)
{
	const struct vec *v = NULL;
	int n = 0;

	while ((v = vec_next(v, VEC_E2E_PACKET)))
		n++;
	kt_plan(2 * n + 1);
	kt_ok(n, "%d known answers: IV layouts, kinds of MI tag, indices", n);
	rig_start();
	rig_open(&r, "127.0.0.1");
	while ((v = vec_next(v, VEC_E2E_PACKET))) {
		kt_ok(is_read(v), "read: %s", v->id);
		kt_ok(is_written(v), "written: %s", v->id);
	}
	rig_close(&r);
	return kt_done();
}
