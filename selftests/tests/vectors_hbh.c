// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every known answer with a master key through a socket: packets in both
 * directions, header extensions in a packet around them, packets that a media
 * distributor changed, and the relay as such a distributor.
 */
#include "leg.h"
#include "vecs.h"

#define EXT_AT	16	/* of a packet without CSRCs */
#define MOST	1400	/* bytes of a packet */

static struct rig r;

static bool is_double(const struct vec *v)
{
	return !strncmp(ref_suite_find(v->profile)->name, "DOUBLE", 6);
}

/* What the module does of itself in a route: payload types, not the rest of the header */
static bool is_relayed_here(const struct vec *v)
{
	return v->new_seq == v->seq && v->protected.len > 1 &&
	       v->marker == !!(v->protected.p[1] & 0x80);
}

/* How many results a vector has here; 0: it is not for a socket */
static int results(const struct vec *v)
{
	switch (v->kind) {
	case VEC_UNKNOWN:
		return 1;
	case VEC_SRTP:
	case VEC_SRTCP:
		return v->master_key.p ? 2 : 0;
	case VEC_HDREXT:
		return 2;
	case VEC_DOUBLE_OPEN:
		return 1;
	case VEC_DOUBLE_RELAY:
		return is_relayed_here(v);	/* others are the reference's to check */
	default:
		return 0;
	}
}

static void set_bytes(uint8_t *to, size_t size, uint8_t *len, const struct vec_bytes *from)
{
	if (from->len > size)
		kt_bail("a key or MKI of %zu bytes", from->len);
	if (from->len)
		memcpy(to, from->p, from->len);
	*len = from->len;
}

static void set_master(struct rig_key *k, const struct vec *v, const struct vec_bytes *key,
		       const struct vec_bytes *salt)
{
	struct ksrtp_suite_info info;

	memset(k, 0, sizeof(*k));
	if (ksrtp_suite_lookup(v->profile, &info))
		kt_bail("no suite is called %s", v->profile);
	KSRTP_SET(&k->key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&k->key, KSRTP_A_KEY_SUITE, suite, info.id);
	set_bytes(k->key.master_key, sizeof(k->key.master_key), &k->key.master_key_len, key);
	set_bytes(k->key.master_salt, sizeof(k->key.master_salt), &k->key.master_salt_len, salt);
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MASTER_KEY) | KSRTP_BIT(KSRTP_A_KEY_MASTER_SALT);
	if (ref_ctx_init(&k->hbh, v->profile, key->p, key->len, salt->p, salt->len))
		kt_bail("refsrtp refuses the master key of '%s'", v->id);
	rig_key_roc(k, v->roc);
}

static void set_key(struct rig_key *k, const struct vec *v)
{
	set_master(k, v, &v->master_key, &v->master_salt);
	if (v->mki.len)
		rig_mki(k, v->mki.p, v->mki.len);
	if (v->cryptex)
		rig_key_cryptex(k, KSRTP_CRYPTEX_ON);
	if (v->enc_hdr_ids.len)
		rig_key_enc_ext(k, v->enc_hdr_ids.p, v->enc_hdr_ids.len);
	if (v->rcc)
		rig_key_rcc(k, v->rcc);
	if (v->kind != VEC_SRTCP)
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_SRTCP_INDEX, srtcp_index, v->srtcp_index);
	if (v->encrypted)
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp, 1);
	KSRTP_SET(&k->key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, 1);
}

/* A key the module refuses is a wrong answer, not the end of the others. */
static bool given(const struct rig_far *f, enum ksrtp_dir dir, const struct rig_key *key)
{
	int err = rig_key_try(&r, f->id, dir, key);

	if (err)
		kt_note("key add: %s", ksrtp_error(r.h));
	return !err;
}

static bool rx(struct rig_far *f, struct rig_key *key, const struct vec *v)
{
	rig_far(&r, f, "127.0.0.1");
	set_key(key, v);
	key->key.has &= ~KSRTP_BIT(KSRTP_A_KEY_TX_PLAIN_RTCP);
	return given(f, KSRTP_DIR_RX, key);
}

static bool tx(struct rig_far *f, struct rig_key *key, const struct vec *v)
{
	rig_far(&r, f, "127.0.0.1");
	set_key(key, v);
	key->key.has &= ~KSRTP_BIT(KSRTP_A_KEY_ALLOW_PLAIN_RTCP);
	return given(f, KSRTP_DIR_TX, key);
}

static bool is_read(const struct vec *v)
{
	const struct vec_bytes *want = v->delivered.p ? &v->delivered : &v->plain;
	struct rig_key key;
	struct rig_far f;
	bool ok;

	ok = rx(&f, &key, v);
	if (ok) {
		rig_far_send(&f, v->protected.p, v->protected.len);
		ok = rig_gets(r.app, want->p, want->len);
	}
	rig_far_close(&r, &f);
	return ok;
}

static bool app_sends(const struct rig_far *f, const void *pkt, int len)
{
	int n = rig_app_send(&r, f, pkt, len);

	if (n < 0)
		kt_note("not sent: %s", strerror(-n));
	return n == len;
}

static bool is_written(const struct vec *v)
{
	struct rig_key key;
	struct rig_far f;
	bool ok;

	ok = tx(&f, &key, v) && app_sends(&f, v->plain.p, v->plain.len) &&
	     rig_gets(f.fd, v->protected.p, v->protected.len);
	rig_far_close(&r, &f);
	return ok;
}

/* ---- a header extension, with a packet around it ---- */

static int around(const struct vec *v, uint8_t *pkt)
{
	struct ref_rtp rtp = {
		.seq = v->seq,
		.ssrc = v->ssrc,
		.extension = true,
		.ext_profile = v->ext_profile,
		.ext_words = v->plain.len / 4,
		.payload_len = 20,
	};
	int len = ref_rtp_build(&rtp, pkt);

	if (v->plain.len % 4)
		kt_bail("the extension of '%s' is not of whole words", v->id);
	memcpy(pkt + EXT_AT, v->plain.p, v->plain.len);
	return len;
}

static bool extension_is_read(const struct vec *v)
{
	uint8_t plain[1024], wire[1200];
	struct rig_key key;
	struct rig_far f;
	int len = around(v, plain), n;
	bool ok;

	ok = rx(&f, &key, v);
	n = rig_seal(&key, NULL, plain, len, ref_index(v->roc, v->seq), wire);
	rig_far_send(&f, wire, n);
	ok = ok && !memcmp(wire + EXT_AT, v->protected.p, v->protected.len) &&
	     rig_gets(r.app, plain, len);
	rig_far_close(&r, &f);
	return ok;
}

static bool extension_is_written(const struct vec *v)
{
	uint8_t plain[1024], wire[1200];
	struct rig_key key;
	struct rig_far f;
	int len = around(v, plain);
	bool ok;

	ok = tx(&f, &key, v) && app_sends(&f, plain, len) &&
	     rig_recv(f.fd, wire, sizeof(wire)) > len &&
	     !memcmp(wire + EXT_AT, v->protected.p, v->protected.len);
	rig_far_close(&r, &f);
	return ok;
}

/* ---- a media distributor ---- */

/* Each hop has its outer half, and the payload type becomes the vector's */
static bool is_distributed(const struct vec *v)
{
	uint8_t pt = v->protected.p[1] & 0x7f;
	struct leg from = { 0 }, to = { 0 };
	struct ksrtp_out out;
	bool ok;

	rig_far(&r, &from.far, "127.0.0.1");
	rig_far(&r, &to.far, "127.0.0.1");
	set_master(&from.up, v, &v->master_key, &v->master_salt);
	ok = given(&from.far, KSRTP_DIR_RX, &from.up);
	set_master(&to.down, v, &v->out_master_key, &v->out_master_salt);
	ok = ok && given(&to.far, KSRTP_DIR_TX, &to.down);
	out = leg_out(&to);
	if (pt != v->pt) {
		KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_PT_OLD, rewrite_pt_old, pt);
		KSRTP_SET(&out, KSRTP_A_OUT_REWRITE_PT_NEW, rewrite_pt_new, v->pt);
	}
	if (leg_try_route(&r, &from, v->ssrc, -1, &out, 1))
		kt_bail("route add: %s", ksrtp_error(r.h));
	rig_far_send(&from.far, v->protected.p, v->protected.len);
	ok = ok && rig_gets(to.far.fd, v->distributed.p, v->distributed.len);
	rig_far_close(&r, &from.far);
	rig_far_close(&r, &to.far);
	return ok;
}

/* ---- all of them ---- */

/* The kernel may lack a cipher: the suites it has are asked for once each. */
static bool has_suite(const char *suite)
{
	static struct {
		const char *name;
		bool here;
	} seen[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seen) && seen[i].name; i++)
		if (!strcmp(seen[i].name, suite))
			return seen[i].here;
	if (i == ARRAY_SIZE(seen))
		kt_bail("more suites than there are");
	seen[i].name = suite;
	seen[i].here = rig_has_suite(&r, suite);
	return seen[i].here;
}

/* Why a vector cannot be tried here, or NULL */
static const char *not_here(const struct vec *v)
{
	const struct ref_suite *suite;
	struct ref_ctx c;

	if (v->kind == VEC_UNKNOWN)
		return v->broken;
	suite = ref_suite_find(v->profile);
	if (!suite)
		return "no suite has this name";
	if (ref_ctx_init(&c, suite->name, v->master_key.p, v->master_key.len, v->master_salt.p,
			 v->master_salt.len))
		return "key or salt is not as long as the suite's";
	if (is_double(v) && v->kind == VEC_SRTP && c.outer_only)
		return "the inner half is not known";
	if (v->mki.len > KSRTP_MAX_MKI || v->plain.len > MOST || v->protected.len > MOST)
		return "longer than anything here";
	if (!has_suite(suite->name))
		return "this kernel has not the cipher";
	return NULL;
}

static void check(const struct vec *v)
{
	const char *why = not_here(v);
	char name[160];
	int i;

	if (why) {
		snprintf(name, sizeof(name), "%s: %s", v->file, v->id);
		for (i = 0; i < results(v); i++)
			kt_skip(name, "%s", why);
		return;
	}
	if (v->broken)
		kt_note("not understood of '%s': %s", v->id, v->broken);
	switch (v->kind) {
	case VEC_HDREXT:
		kt_ok(extension_is_read(v), "extension read: %s: %s", v->file, v->id);
		kt_ok(extension_is_written(v), "extension written: %s: %s", v->file, v->id);
		break;
	case VEC_DOUBLE_RELAY:
		kt_ok(is_distributed(v), "distributed: %s: %s", v->file, v->id);
		break;
	case VEC_DOUBLE_OPEN:
		kt_ok(is_read(v), "read: %s: %s", v->file, v->id);
		break;
	default:
		kt_ok(is_read(v), "read: %s: %s", v->file, v->id);
		kt_ok(is_written(v), "written: %s: %s", v->file, v->id);
	}
}

int main(void)
{
	const struct vec *v;
	int n = 0, all = 0;

	for (v = vecs; v < vecs + vecs_count; v++) {
		n += !!results(v);
		all += results(v);
	}
	kt_plan(all + 1);
	kt_ok(n, "%d known answers are for a socket", n);
	rig_start();
	rig_open(&r, "127.0.0.1");
	for (v = vecs; v < vecs + vecs_count; v++)
		if (results(v))
			check(v);
	rig_close(&r);
	return kt_done();
}
