// SPDX-License-Identifier: GPL-2.0
/* Keys: what a suite, a master key and a salt become, and how packets find them. */
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <linux/slab.h>

#include "ksrtp.h"

static const struct rhashtable_params key_params = {
	.key_len = sizeof(struct ksrtp_key_id),
	.key_offset = offsetof(struct ksrtp_key, id),
	.head_offset = offsetof(struct ksrtp_key, node),
	.automatic_shrinking = true,
};

static struct rhltable keys;
static atomic64_t last_serial;

int ksrtp_key_module_init(void)
{
	return rhltable_init(&keys, &key_params);
}

void ksrtp_key_module_exit(void)
{
	rhltable_destroy(&keys);
}

/**
 * ksrtp_key_first() - the newest key of an id
 * @id: id
 *
 * Context: RCU read side.
 */
struct ksrtp_key *ksrtp_key_first(const struct ksrtp_key_id *id)
{
	struct rhlist_head *head = rhltable_lookup(&keys, id, key_params);

	return head ? container_of(head, struct ksrtp_key, node) : NULL;
}

/**
 * ksrtp_key_next() - the next older key of the same id
 * @key: key
 *
 * Context: RCU read side.
 */
struct ksrtp_key *ksrtp_key_next(struct ksrtp_key *key)
{
	struct rhlist_head *next = rcu_dereference(key->node.next);

	return next ? container_of(next, struct ksrtp_key, node) : NULL;
}

/**
 * ksrtp_key_for() - the newest key an SSRC may use: its own, else a template
 * @peer: peer
 * @dir: enum ksrtp_dir
 * @layer: enum ksrtp_layer
 * @ssrc: SSRC, host order
 *
 * Context: RCU read side.
 * Return: the key, whose ksrtp_key_next() are the others, or NULL.
 */
struct ksrtp_key *ksrtp_key_for(struct ksrtp_peer *peer, u8 dir, u8 layer,
				u32 ssrc)
{
	struct ksrtp_key_id own = {
		.peer = peer, .ssrc = ssrc, .dir = dir, .layer = layer,
	};
	struct ksrtp_key_id any = {
		.peer = peer, .any = true, .dir = dir, .layer = layer,
	};

	return ksrtp_key_first(&own) ?: ksrtp_key_first(&any);
}

/**
 * ksrtp_key_find() - the key of an id with an MKI
 * @id: id
 * @mki: MKI
 * @mki_len: bytes of it
 * @oldest: of several without MKI take the oldest, not the newest
 *
 * Context: ksrtp_net.lock held.
 * Return: the key, or NULL.
 */
struct ksrtp_key *ksrtp_key_find(const struct ksrtp_key_id *id, const u8 *mki,
				 u8 mki_len, bool oldest)
{
	struct ksrtp_key *key, *found = NULL;

	lockdep_assert_held(&id->peer->kn->lock);

	rcu_read_lock();
	for (key = ksrtp_key_first(id); key; key = ksrtp_key_next(key)) {
		if (mki_len && (key->mki_len != mki_len ||
				memcmp(key->mki, mki, mki_len)))
			continue;
		found = key;
		if (!oldest)
			break;
	}
	rcu_read_unlock();
	return found;
}

/* Is one of the keys of an id under the same master key? */
static bool has_master(const struct ksrtp_key_id *id, const u8 *fingerprint)
{
	struct ksrtp_key *key;

	for (key = ksrtp_key_first(id); key; key = ksrtp_key_next(key))
		if (!memcmp(key->fingerprint, fingerprint,
			    KSRTP_FINGERPRINT_LEN))
			return true;
	return false;
}

/* Do packets of an SSRC of this key go the other way under the same master key? */
static bool key_comes_back(const struct ksrtp_key *key)
{
	struct ksrtp_key_id id = key->id;
	bool back;

	rcu_read_lock();
	id.dir = !key->id.dir;
	back = has_master(&id, key->fingerprint);
	if (!back && !id.any) {
		id.any = true;
		id.ssrc = 0;
		back = has_master(&id, key->fingerprint);
	}
	rcu_read_unlock();
	return back;
}

/**
 * ksrtp_key_loops() - would a peer take its own packets back for new ones?
 * @peer: peer
 * @any: for any SSRC
 * @ssrc: the SSRC
 *
 * It would if the SSRC comes and goes under one master key.
 *
 * Context: process, ksrtp_net.lock held.
 */
bool ksrtp_key_loops(struct ksrtp_peer *peer, bool any, u32 ssrc)
{
	struct ksrtp_key *key;

	lockdep_assert_held(&peer->kn->lock);

	/* A template and a key for an SSRC are met at the latter, whichever way. */
	list_for_each_entry(key, &peer->keys, list)
		if (key->id.layer == KSRTP_LAYER_HBH &&
		    (any || key->id.any || key->id.ssrc == ssrc) &&
		    key_comes_back(key))
			return true;
	return false;
}

static bool any_is_double(const struct ksrtp_key_id *id)
{
	struct ksrtp_key *key;

	rcu_read_lock();
	for (key = ksrtp_key_first(id); key && !key->is_double;
	     key = ksrtp_key_next(key))
		;
	rcu_read_unlock();
	return key;
}

/**
 * ksrtp_key_is_double() - may an SSRC be under a DOUBLE suite (RFC 8723)?
 * @peer: peer
 * @dir: enum ksrtp_dir
 * @ssrc: SSRC, host order
 *
 * Context: process, ksrtp_net.lock held.
 */
bool ksrtp_key_is_double(struct ksrtp_peer *peer, u8 dir, u32 ssrc)
{
	struct ksrtp_key_id id = {
		.peer = peer, .ssrc = ssrc, .dir = dir,
		.layer = KSRTP_LAYER_HBH,
	};
	bool is_double;

	lockdep_assert_held(&peer->kn->lock);

	is_double = any_is_double(&id);
	id.any = true;
	id.ssrc = 0;
	return is_double || any_is_double(&id);
}

/*
 * Eight bytes by which an operator tells two keys apart, and by which ksrtp
 * knows its own packets. SHA-256 of master key and salt with a label.
 */
static int key_fingerprint(const struct ksrtp_key_config *cfg, u8 *out)
{
	const struct ksrtp_suite_desc *crypt = ksrtp_suite_crypt(cfg->suite);
	static const u8 label[16] = "ksrtp master key";
	u8 in[sizeof(label) + KSRTP_MAX_KEY + KSRTP_MAX_SALT];
	struct crypto_shash *sha256;
	u8 digest[32];
	u32 len;
	int err;

	sha256 = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(sha256))
		return PTR_ERR(sha256);
	memcpy(in, label, sizeof(label));
	len = sizeof(label);
	memcpy(in + len, cfg->master[0], crypt->key_len);
	len += crypt->key_len;
	memcpy(in + len, cfg->salt[0], crypt->salt_len);
	len += crypt->salt_len;
	err = crypto_shash_tfm_digest(sha256, in, len, digest);
	memcpy(out, digest, KSRTP_FINGERPRINT_LEN);
	memzero_explicit(in, sizeof(in));
	memzero_explicit(digest, sizeof(digest));
	crypto_free_shash(sha256);
	return err;
}

static int key_init_transform(struct ksrtp_transform *t, bool rtcp,
			      const struct ksrtp_key_config *cfg)
{
	struct ksrtp_transform_params params = {
		.suite = ksrtp_suite_crypt(cfg->suite),
		.rtcp = rtcp,
		.mki_len = cfg->mki_len,
		.iv_left = cfg->iv == KSRTP_IV_LEFT,
		.mi_len = cfg->mi == KSRTP_MI_NONE ? 0 : cfg->mi_len,
		.mi_verify = cfg->mi_verify,
	};
	struct ksrtp_session_keys session;
	int err;

	err = ksrtp_kdf(params.suite, rtcp, cfg->master[rtcp], cfg->salt[rtcp],
			&session);
	if (!err && cfg->mi == KSRTP_MI_KEY) {
		memcpy(session.auth, cfg->mi_key, cfg->mi_key_len);
		session.auth_len = cfg->mi_key_len;
	}
	if (!err)
		err = ksrtp_transform_init(t, &params, &session);
	memzero_explicit(&session, sizeof(session));
	return err;
}

/* The cipher of header extension elements (RFC 6904 section 3) */
static int key_init_ext(struct ksrtp_key *key,
			const struct ksrtp_key_config *cfg)
{
	const struct ksrtp_suite_desc *crypt = ksrtp_suite_crypt(cfg->suite);
	struct ksrtp_transform *t = &key->ext;
	struct ksrtp_session_keys session;
	int i, err;

	if (!cfg->enc_ext_len)
		return 0;
	for (i = 0; i < cfg->enc_ext_len; i++)
		key->ext_ids[cfg->enc_ext[i] / 8] |= 1 << cfg->enc_ext[i] % 8;
	key->enc_ext = true;
	err = ksrtp_kdf_header(crypt, cfg->master[0], cfg->salt[0], &session);
	if (!err) {
		t->aria = crypt->aria;
		memcpy(t->iv, session.salt, KSRTP_MAX_SESSION_SALT);
		err = ksrtp_ctr_init(t, session.key, crypt->key_len);
	}
	memzero_explicit(&session, sizeof(session));
	return err;
}

/* Also of a key that was made by half. */
static void key_free(struct ksrtp_key *key)
{
	ksrtp_transform_exit(&key->rtp);
	ksrtp_transform_exit(&key->rtcp);
	ksrtp_ctr_exit(&key->ext);
	kfree_sensitive(key);
}

static void key_free_work(struct work_struct *work)
{
	key_free(container_of(to_rcu_work(work), struct ksrtp_key, free));
}

#define NO_MEMORY	"No memory for the key and its ciphers"

/* What an administrator is to load, or to build in: AES, ARIA; CTR, GCM */
static const char *const no_driver[2][2] = {
	{
		"This kernel has no ctr(aes); modules ctr and aes_generic make it",
		"This kernel has no gcm(aes), or no ctr(aes) to derive its keys; modules gcm, ghash_generic, ctr and aes_generic make them",
	}, {
		"This kernel has no ARIA in the mode of the suite, ctr(aria); modules aria_generic and ctr make it",
		"This kernel has no ARIA in the modes of the suite, gcm(aria) and ctr(aria); modules aria_generic, gcm, ghash_generic and ctr make them",
	},
};

static void say_no_drivers(const struct ksrtp_suite_desc *suite, int err,
			   struct netlink_ext_ack *extack)
{
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, NO_MEMORY);
	else if (err == -ENOENT)
		extack->_msg = no_driver[suite->aria][suite->transform ==
						      KSRTP_TRANSFORM_AEAD];
	else if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(extack,
			       "The driver of the suite's cipher wants more room for a request than ksrtp has; the kernel's log names it");
	else
		NL_SET_ERR_MSG(extack,
			       "The kernel's drivers for the suite could not be set up");
}

static struct ksrtp_key *key_new(const struct ksrtp_key_config *cfg,
				 struct netlink_ext_ack *extack)
{
	struct ksrtp_key *key;
	int err;

	key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	if (!key)
		return ERR_PTR(-ENOMEM);
	key->id = cfg->id;
	key->suite = cfg->suite;
	key->suite_id = cfg->suite_id;
	key->serial = atomic64_inc_return(&last_serial);
	key->soft = cfg->soft;
	key->hard = cfg->hard;
	key->roc_mode = cfg->roc_mode;
	key->roc = cfg->roc_mode == KSRTP_ROC_MODE_VALUE ? cfg->roc : 0;
	key->has_from_seq = cfg->has_from_seq;
	key->from_seq = cfg->from_seq;
	key->has_srtcp_index = cfg->has_srtcp_index;
	key->srtcp_index = cfg->srtcp_index;
	key->window = cfg->window;
	key->allow_plain_rtcp = cfg->allow_plain_rtcp;
	key->tx_plain_rtcp = cfg->tx_plain_rtcp;
	key->mki_len = cfg->mki_len;
	memcpy(key->mki, cfg->mki, cfg->mki_len);
	key->iv = cfg->iv;
	key->mi = cfg->mi;
	key->mi_len = cfg->mi_len;
	key->mi_verify = cfg->mi_verify;
	key->cryptex = cfg->cryptex;
	key->rcc = cfg->rcc;
	key->companion = cfg->companion;
	key->is_double = cfg->suite->half && !cfg->companion;

	err = key_fingerprint(cfg, key->fingerprint);
	if (err) {
		if (err == -ENOMEM)
			NL_SET_ERR_MSG(extack, NO_MEMORY);
		else
			NL_SET_ERR_MSG(extack,
				       "This kernel has no usable sha256; module sha256_generic has one");
		goto free;
	}
	err = key_init_transform(&key->rtp, false, cfg);
	if (!err && cfg->id.layer == KSRTP_LAYER_HBH)
		err = key_init_transform(&key->rtcp, true, cfg);
	if (!err)
		err = key_init_ext(key, cfg);
	if (err) {
		say_no_drivers(ksrtp_suite_crypt(cfg->suite), err, extack);
		goto free;
	}
	return key;

free:
	key_free(key);
	return ERR_PTR(err);
}

/* The key a new one comes beside: one of its id, or for an SSRC a template. */
static struct ksrtp_key *key_before(const struct ksrtp_key_config *cfg)
{
	const struct ksrtp_key_id *id = &cfg->id;

	return id->any ? ksrtp_key_first(id) :
			 ksrtp_key_for(id->peer, id->dir, id->layer, id->ssrc);
}

/*
 * What goes on from the key before where a stream has not begun: the ROC with
 * "roc keep", and the SRTCP index to send unless it was given.
 */
static void key_go_on(struct ksrtp_key *key, const struct ksrtp_key *before)
{
	if (key->roc_mode == KSRTP_ROC_MODE_KEEP)
		key->roc = before->roc;
	if (key->id.dir == KSRTP_DIR_TX && !key->has_srtcp_index)
		key->srtcp_index = before->srtcp_index;
}

/* May another key stand beside those of its id? */
static int key_check_beside(const struct ksrtp_key_config *cfg,
			    struct netlink_ext_ack *extack)
{
	struct ksrtp_key *key;
	bool have_other;
	int n = 0, err = 0;

	rcu_read_lock();
	have_other = key_before(cfg);
	for (key = ksrtp_key_first(&cfg->id); key && !err;
	     key = ksrtp_key_next(key)) {
		n++;
		if (key->mki_len != cfg->mki_len) {
			NL_SET_ERR_MSG(extack,
				       "Keys of one SSRC, direction and layer have MKIs of one length");
			err = -EINVAL;
		} else if (cfg->mki_len &&
			   !memcmp(key->mki, cfg->mki, cfg->mki_len)) {
			NL_SET_ERR_MSG(extack, "A key with this MKI exists");
			err = -EEXIST;
		} else if (key->companion != cfg->companion) {
			NL_SET_ERR_MSG(extack,
				       "E2E keys and the inner layer of a DOUBLE suite exclude each other");
			err = -EBUSY;
		}
	}
	rcu_read_unlock();
	if (err)
		return err;
	if (cfg->roc_mode == KSRTP_ROC_MODE_KEEP && !n && !have_other) {
		NL_SET_ERR_MSG(extack, "There is no key whose index could be kept");
		return -EINVAL;
	}
	if (cfg->has_from_seq && !have_other) {
		NL_SET_ERR_MSG(extack,
			       "There is no key that could be used until from-seq");
		return -EINVAL;
	}
	if (!cfg->mki_len && !cfg->companion && n >= KSRTP_MAX_TRIAL_KEYS) {
		NL_SET_ERR_MSG(extack,
			       "Two keys without MKI are there already; delete one, or use MKIs");
		return -EBUSY;
	}
	if (n >= KSRTP_MAX_MKI_KEYS) {
		NL_SET_ERR_MSG(extack, "Sixteen keys are there already; delete one");
		return -EBUSY;
	}
	return 0;
}

/* New streams find the key from here on; its lock keeps them out meanwhile. */
static int key_publish(struct ksrtp_key *key)
{
	struct ksrtp_peer *peer = key->id.peer;
	int err;

	spin_lock_bh(&peer->lock);
	err = rhltable_insert(&keys, &key->node, key_params);
	spin_unlock_bh(&peer->lock);
	return err;
}

/* Nor do they any more, and then it is taken from those that have it. */
static void key_retract(struct ksrtp_key *key)
{
	struct ksrtp_peer *peer = key->id.peer;

	spin_lock_bh(&peer->lock);
	rhltable_remove(&keys, &key->node, key_params);
	spin_unlock_bh(&peer->lock);
	ksrtp_stream_del_key(peer, key);
}

/* Make a key and let packets see it. */
static struct ksrtp_key *key_add(const struct ksrtp_key_config *cfg,
				 struct ksrtp_key *inner,
				 struct netlink_ext_ack *extack)
{
	struct ksrtp_peer *peer = cfg->id.peer;
	struct ksrtp_key *key, *before;
	int err;

	key = key_new(cfg, extack);
	if (IS_ERR(key))
		return key;
	key->inner = inner;
	rcu_read_lock();
	before = key_before(cfg);
	if (before)
		key_go_on(key, before);
	rcu_read_unlock();

	err = key_publish(key);
	if (!err) {
		err = ksrtp_stream_add_key(peer, key);
		if (err)
			key_retract(key);
	}
	if (err) {
		NL_SET_ERR_MSG(extack, "No memory to give the key to its streams");
		/* A packet may have seen it. */
		INIT_RCU_WORK(&key->free, key_free_work);
		queue_rcu_work(ksrtp_wq, &key->free);
		return ERR_PTR(err);
	}
	if (inner)
		inner->owner = key;
	list_add_tail(&key->list, &peer->keys);
	peer->kn->keys++;
	peer->kn->gen++;
	return key;
}

static bool key_first_seen(const struct ksrtp_key_id *id)
{
	bool seen;

	rcu_read_lock();
	seen = ksrtp_key_for(id->peer, id->dir, id->layer, id->ssrc);
	rcu_read_unlock();
	return seen;
}

/* The inner layer of a DOUBLE key, which packets take by way of the outer one. */
static struct ksrtp_key *key_add_inner(const struct ksrtp_key_config *outer,
				       struct netlink_ext_ack *extack)
{
	struct ksrtp_key_config cfg = *outer;
	int err;

	cfg.id.layer = KSRTP_LAYER_E2E;
	cfg.companion = true;
	cfg.master[0] = outer->inner_master;
	cfg.salt[0] = outer->inner_salt;
	cfg.mki_len = 0;
	cfg.enc_ext_len = 0;
	cfg.cryptex = KSRTP_CRYPTEX_OFF;
	cfg.rcc = 0;
	cfg.has_srtcp_index = false;
	if (cfg.roc_mode == KSRTP_ROC_MODE_KEEP && !key_first_seen(&cfg.id))
		cfg.roc_mode = KSRTP_ROC_MODE_RESET;
	err = key_check_beside(&cfg, extack);
	return err ? ERR_PTR(err) : key_add(&cfg, NULL, extack);
}

/**
 * ksrtp_key_add() - add a key to a peer
 * @cfg: the key; lengths and ranges are checked already
 * @extack: told what is wrong
 *
 * Session keys are derived here, once (RFC 3711 section 4.3).
 *
 * Context: process, ksrtp_net.lock held.
 * Return: 0, -EEXIST, -EBUSY, -EINVAL, -ENOMEM, or a crypto driver's error.
 */
int ksrtp_key_add(const struct ksrtp_key_config *cfg,
		  struct netlink_ext_ack *extack)
{
	struct ksrtp_key *key, *inner = NULL;
	int err;

	lockdep_assert_held(&cfg->id.peer->kn->lock);

	err = key_check_beside(cfg, extack);
	if (err)
		return err;
	if (cfg->suite->half && ksrtp_route_rewrites(cfg->id.peer, &cfg->id)) {
		NL_SET_ERR_MSG(extack,
			       "A route rewrites the SSRC, which a DOUBLE suite cannot carry (RFC 8723)");
		return -EINVAL;
	}
	if (cfg->inner_master) {
		inner = key_add_inner(cfg, extack);
		if (IS_ERR(inner))
			return PTR_ERR(inner);
	}
	key = key_add(cfg, inner, extack);
	if (IS_ERR(key)) {
		if (inner)
			ksrtp_key_del(inner);
		return PTR_ERR(key);
	}
	if (inner || cfg->id.layer == KSRTP_LAYER_E2E)
		WRITE_ONCE(cfg->id.peer->had_e2e[cfg->id.dir], true);
	return 0;
}

/**
 * ksrtp_key_del() - delete a key, with the index state kept under it
 * @key: key; of a DOUBLE suite the inner layer goes with the outer one
 *
 * Context: process, ksrtp_net.lock held. In ksrtp_peer.keys an inner layer
 * stands before its outer one, so who walks the list may delete either.
 */
void ksrtp_key_del(struct ksrtp_key *key)
{
	struct ksrtp_peer *peer = key->id.peer;
	struct ksrtp_key *inner = key->inner;

	lockdep_assert_held(&peer->kn->lock);

	if (key->owner)
		WRITE_ONCE(key->owner->inner, NULL);
	list_del(&key->list);
	key_retract(key);
	peer->kn->keys--;
	peer->kn->gen++;
	if (inner) {
		inner->owner = NULL;
		ksrtp_key_del(inner);
	}
	INIT_RCU_WORK(&key->free, key_free_work);
	queue_rcu_work(ksrtp_wq, &key->free);
}
