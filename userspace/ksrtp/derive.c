// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp derive: what the key derivations give, for checking by hand. */
#include <string.h>

#include "material.h"

/* Session keys by their labels (RFC 3711 section 4.3) */
static const struct {
	const char *field;
	enum { CIPHER, AUTH, SALT } what;
} labels[] = {
	{ "k-e", CIPHER }, { "k-a", AUTH }, { "k-s", SALT },
	{ "rtcp-k-e", CIPHER }, { "rtcp-k-a", AUTH }, { "rtcp-k-s", SALT },
};

static int print_session(const struct ksrtp_suite_info *suite, const struct ksrtp_master *master,
			 unsigned int first, unsigned int behind)
{
	uint8_t key[64];
	unsigned int i;
	int ret = 0;

	for (i = first; !ret && i < behind; i++) {
		const size_t len = labels[i].what == CIPHER ? suite->key_len :
				   labels[i].what == AUTH ? suite->auth_key_len :
				   suite->salt_len;

		ret = ksrtp_derive_session(master, (uint8_t)i, key, len);
		if (!ret)
			pr_hex(labels[i].field, NULL, key, len);
	}
	ksrtp_wipe(key, sizeof(key));
	return ret;
}

static void print_master(const char *key, const char *salt, const struct ksrtp_master *m)
{
	pr_hex(key, NULL, m->key, m->key_len);
	pr_hex(salt, NULL, m->salt, m->salt_len);
}

/* @d with the session keys of @suite; E2E has none for RTCP */
static int print_derived(struct args *a, const struct ksrtp_suite_info *suite,
			 const struct derived *d)
{
	const struct ksrtp_master *rtcp = d->rtcp.key_len ? &d->rtcp : &d->rtp;
	int ret;

	pr_begin(PR_LIST);
	pr_open(NULL);
	pr_text("suite", NULL, suite->name);
	if (*d->lid)
		pr_text("lid", NULL, d->lid);
	print_master("master-key", "master-salt", &d->rtp);
	if (d->rtcp.key_len)
		print_master("rtcp-master-key", "rtcp-master-salt", &d->rtcp);
	if (d->mki_len)
		pr_hex("mki", NULL, d->mki, d->mki_len);
	if (d->lifetime)
		pr_number("hard-limit", NULL, d->lifetime);
	ret = print_session(suite, &d->rtp, 0, 3);
	if (!ret && suite->layer == KSRTP_LAYER_HBH)
		ret = print_session(suite, rtcp, 3, ARRAY_SIZE(labels));
	if (d->mi_key_len)
		pr_hex("mi-key", NULL, d->mi_key, d->mi_key_len);
	pr_close();
	pr_end();
	if (!ret)
		return DONE;
	complain("%s: libcrypto cannot do the derivation", a->context);
	return REFUSED;
}

/* ---- forms --------------------------------------------------------------- */

struct request {
	struct material m;
	const char *suite;
};

static int derive(struct args *a, const struct request *r, const char *suite_name)
{
	struct ksrtp_suite_info suite;
	struct derived d;
	int ret;

	ret = material_check(a, &r->m);
	if (ret)
		return ret;
	if (ksrtp_suite_lookup(suite_name, &suite))
		return misused(a, "unknown suite %s; `ksrtp key help' lists them",
			       shown(suite_name));
	ret = material_derive(a, &r->m, &suite, &d);
	/* What deployed implementations compute: the session's own key */
	if (!ret && r->m.mi == MI_AUTH) {
		d.mi_key_len = suite.auth_key_len;
		if (ksrtp_derive_session(&d.rtp, 1, d.mi_key, d.mi_key_len))
			d.mi_key_len = 0;
	}
	if (!ret)
		ret = print_derived(a, &suite, &d);
	ksrtp_wipe(&d, sizeof(d));
	return ret;
}

static int e2e(struct args *a)
{
	static const struct word words[] = {
		MATERIAL_E2E(struct request),
		MATERIAL_MI(struct request),
	};
	struct request r = { .suite = NULL };
	int ret = read_words(a, words, ARRAY_SIZE(words), &r);

	return ret ? ret : derive(a, &r, "E2E_AES_128_CTR");
}

static int hbh(struct args *a)
{
	static const struct word words[] = {
		MATERIAL_HBH(struct request),
	};
	struct request r = { .suite = NULL };
	int ret = read_words(a, words, ARRAY_SIZE(words), &r);

	return ret ? ret : derive(a, &r, "AES_CM_128_HMAC_SHA1_80");
}

static int session(struct args *a)
{
	static const struct word words[] = {
		{ .name = "suite", .what = "the suite", .kind = WORD_TEXT, .must = true,
		  TO(struct request, suite) },
		MATERIAL_FILE(struct request, "key-file", key_file),
		MATERIAL_FILE(struct request, "rtcp-key-file", rtcp_key_file),
	};
	struct request r = { .suite = NULL };
	int ret = read_words(a, words, ARRAY_SIZE(words), &r);

	return ret ? ret : derive(a, &r, r.suite);
}

static const struct verb verbs[] = {
	{ "e2e", e2e, "{ call-key-file | raw-e2e-file } FILE lid LID [ lid-raw ] [ mi MI ]",
	  "E2E master and session keys of a participant" },
	{ "hbh", hbh, "hbh-key-file FILE kdf KDF",
	  "masters and session keys of RTP and RTCP from a relay's HBH key" },
	{ "session", session, "suite SUITE key-file FILE [ rtcp-key-file FILE ]",
	  "session keys of a master key and salt (RFC 3711 section 4.3, labels 0 to 5)" },
};

const struct object derive_object = OBJECT("derive", "what the key derivations give", verbs,
	"MI := off | derived | auth | file FILE\n"
	"KDF := direct | two-stage direction { uplink | downlink | shared }\n\n"
	"This prints keys. Nothing is sent to the kernel.\n");
