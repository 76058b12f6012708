// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp derive: what the key derivations give, for checking by hand. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "material.h"

/* Session keys by their labels (RFC 3711 section 4.3, RFC 6904 section 3.3) */
static const struct {
	const char *field;
	enum { CIPHER, AUTH, SALT } what;
} labels[] = {
	{ "k-e", CIPHER }, { "k-a", AUTH }, { "k-s", SALT },
	{ "rtcp-k-e", CIPHER }, { "rtcp-k-a", AUTH }, { "rtcp-k-s", SALT },
	{ "k-he", CIPHER }, { "k-hs", SALT },
};

enum { RTP = 0, RTCP = 3, HEADER = 6 };

static size_t session_len(const struct ksrtp_suite_info *suite, unsigned int label)
{
	switch (labels[label].what) {
	case CIPHER:
		return suite->key_len;
	case AUTH:
		return suite->auth_key_len;
	default:
		return suite->salt_len;
	}
}

/* Those from label @first to before @behind; what a suite does not have is left out. */
static int print_session(const struct ksrtp_suite_info *suite, const struct ksrtp_master *master,
			 const char *prefix, unsigned int first, unsigned int behind)
{
	uint8_t key[64];
	unsigned int i;
	int ret = 0;

	for (i = first; !ret && i < behind; i++) {
		const size_t len = session_len(suite, i);
		char field[32];

		snprintf(field, sizeof(field), "%s%s", prefix, labels[i].field);
		ret = ksrtp_derive_session_of(suite->id, master, (uint8_t)i, key, len);
		if (!ret && len)
			pr_hex(field, NULL, key, len);
	}
	ksrtp_wipe(key, sizeof(key));
	return ret;
}

/*
 * A DOUBLE suite's are those of its halves; the inner one is for RTP alone. A
 * master of half the length is the outer one.
 */
static int print_sessions(const struct ksrtp_suite_info *suite, const struct derived *d)
{
	struct ksrtp_master rtp = d->rtp, rtcp = d->rtcp.key_len ? d->rtcp : d->rtp, inner = { 0 };
	struct ksrtp_suite_info s = *suite;
	int ret = 0;

	if (suite->half)
		ksrtp_suite_get(suite->half, &s);
	if (rtp.key_len == 2 * s.key_len) {
		ksrtp_master_halves(&rtp, &inner, &rtp);
		ret = print_session(&s, &inner, "inner-", RTP, RTCP);
	}
	if (rtcp.key_len == 2 * s.key_len)
		ksrtp_master_halves(&rtcp, &inner, &rtcp);
	if (!ret)
		ret = print_session(&s, &rtp, "", RTP, RTCP);
	if (!ret && s.layer == KSRTP_LAYER_HBH)
		ret = print_session(&s, &rtcp, "", RTCP, HEADER);
	if (!ret && s.layer == KSRTP_LAYER_HBH)
		ret = print_session(&s, &rtp, "", HEADER, ARRAY_SIZE(labels));
	ksrtp_wipe(&rtp, sizeof(rtp));
	ksrtp_wipe(&rtcp, sizeof(rtcp));
	ksrtp_wipe(&inner, sizeof(inner));
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
	ret = print_sessions(suite, d);
	if (d->mi_key_len)
		pr_hex("mi-key", NULL, d->mi_key, d->mi_key_len);
	pr_close();
	pr_end();
	if (!ret)
		return DONE;
	if (ret == -ENOENT)
		complain("%s: libcrypto has no %s", a->context, suite->aria ? "ARIA" : "AES");
	else
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
	  "session keys of a master key and salt (RFC 3711 section 4.3, RFC 6904: labels 0 to 7)" },
};

const struct object derive_object = OBJECT("derive", "what the key derivations give", verbs,
	"MI := off | derived | auth | file FILE\n"
	"KDF := direct | two-stage direction { uplink | downlink | shared }\n\n"
	"This prints keys. Nothing is sent to the kernel.\n");
