// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp key: crypto contexts of peers. Secrets go in and are never shown. */
#include <stdio.h>
#include <string.h>

#include "material.h"

/* ---- show ---------------------------------------------------------------- */

static int each_key(const struct ksrtp_key *k, void *arg)
{
	(void)arg;
	pr_open("key");
	pr_number("peer", NULL, k->peer);
	pr_name("dir", "", k->dir, ksrtp_str_dir);
	pr_name("layer", "", k->layer, ksrtp_str_layer);
	pr_ssrc("ssrc", NULL, !KSRTP_HAS(k, KSRTP_A_KEY_SSRC), k->ssrc);
	if (KSRTP_HAS(k, KSRTP_A_KEY_SUITE))
		pr_name("suite", NULL, k->suite, ksrtp_str_suite);
	if (KSRTP_HAS(k, KSRTP_A_KEY_MKI))
		pr_hex("mki", NULL, k->mki, k->mki_len);
	if (KSRTP_HAS(k, KSRTP_A_KEY_FINGERPRINT))
		pr_hex("fingerprint", NULL, k->fingerprint, k->fingerprint_len);
	if (KSRTP_HAS(k, KSRTP_A_KEY_PACKETS))
		pr_number("packets", NULL, k->packets);
	if (KSRTP_HAS(k, KSRTP_A_KEY_OUTER_ONLY) && tool.json)
		pr_switch("outer-only", NULL, k->outer_only);
	else if (k->outer_only)
		pr_plain("outer-only");
	/* Of the two, text has the one that is news. */
	if (KSRTP_HAS(k, KSRTP_A_KEY_EXPIRED) && tool.json)
		pr_switch("expired", NULL, k->expired);
	else if (k->expired)
		pr_plain("expired");
	pr_details();
	if (KSRTP_HAS(k, KSRTP_A_KEY_ROC_MODE))
		pr_name("roc-mode", NULL, k->roc_mode, ksrtp_str_roc_mode);
	if (KSRTP_HAS(k, KSRTP_A_KEY_ROC))
		pr_number("roc", NULL, k->roc);
	if (KSRTP_HAS(k, KSRTP_A_KEY_WINDOW))
		pr_number("window", NULL, k->window);
	/* the largest number of all is none */
	if (KSRTP_HAS(k, KSRTP_A_KEY_SOFT_LIMIT) && k->soft_limit != UINT64_MAX)
		pr_number("soft-limit", NULL, k->soft_limit);
	if (KSRTP_HAS(k, KSRTP_A_KEY_HARD_LIMIT))
		pr_number("hard-limit", NULL, k->hard_limit);
	if (KSRTP_HAS(k, KSRTP_A_KEY_ALLOW_PLAIN_RTCP))
		pr_switch("allow-plain-rtcp", NULL, k->allow_plain_rtcp);
	if (KSRTP_HAS(k, KSRTP_A_KEY_TX_PLAIN_RTCP))
		pr_switch("tx-plain-rtcp", NULL, k->tx_plain_rtcp);
	if (KSRTP_HAS(k, KSRTP_A_KEY_FROM_SEQ))
		pr_number("from-seq", NULL, k->from_seq);
	if (KSRTP_HAS(k, KSRTP_A_KEY_CRYPTEX))
		pr_name("cryptex", NULL, k->cryptex, ksrtp_str_cryptex);
	if (KSRTP_HAS(k, KSRTP_A_KEY_ENC_EXT))
		pr_numbers("enc-ext", NULL, k->enc_ext, k->enc_ext_len);
	if (KSRTP_HAS(k, KSRTP_A_KEY_RCC))
		pr_number("rcc", NULL, k->rcc);
	if (KSRTP_HAS(k, KSRTP_A_KEY_IV))
		pr_name("iv", NULL, k->iv, ksrtp_str_iv);
	if (KSRTP_HAS(k, KSRTP_A_KEY_MI))
		pr_name("mi", NULL, k->mi, ksrtp_str_mi);
	if (KSRTP_HAS(k, KSRTP_A_KEY_MI_LEN))
		pr_number("mi-len", NULL, k->mi_len);
	if (KSRTP_HAS(k, KSRTP_A_KEY_MI_VERIFY))
		pr_switch("mi-verify", NULL, k->mi_verify);
	pr_close();
	return 0;
}

static int show(struct args *a)
{
	static const struct word words[] = {
		{ .name = "peer", .what = "the peer's id", .kind = WORD_NUMBER,
		  .attr = KSRTP_A_KEY_PEER, TO(struct ksrtp_key, peer),
		  .min = 1, .max = UINT32_MAX },
	};
	struct ksrtp_key only = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &only))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	pr_begin(PR_LINES);
	if (ksrtp_key_dump(h, only.peer, each_key, NULL))
		return refused();
	pr_end();
	return DONE;
}

static int flush(struct args *a)
{
	static const struct word words[] = {
		{ .name = "peer", .what = "the peer's id", .kind = WORD_NUMBER,
		  .attr = KSRTP_A_KEY_PEER, TO(struct ksrtp_key, peer),
		  .min = 1, .max = UINT32_MAX },
	};
	struct ksrtp_key only = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &only))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_key_flush(h, only.peer) ? refused() : DONE;
}

/* ---- what names a key ---------------------------------------------------- */

#define DIR_WHAT	"rx or tx"
#define LAYER_WHAT	"hbh or e2e"

#define KEY_WORDS							\
	{ .name = "peer", .what = "the peer's id", .kind = WORD_NUMBER, .must = true,	\
	  .attr = KSRTP_A_KEY_PEER, TO(struct ksrtp_key, peer),			\
	  .min = 1, .max = UINT32_MAX },					\
	{ .name = "rx", .what = DIR_WHAT, .kind = WORD_VALUE, .must = true,	\
	  .attr = KSRTP_A_KEY_DIR, TO(struct ksrtp_key, dir), .min = KSRTP_DIR_RX },	\
	{ .name = "tx", .what = DIR_WHAT, .kind = WORD_VALUE, .must = true,	\
	  .attr = KSRTP_A_KEY_DIR, TO(struct ksrtp_key, dir), .min = KSRTP_DIR_TX },	\
	{ .name = "hbh", .what = LAYER_WHAT, .kind = WORD_VALUE, .must = true,	\
	  .attr = KSRTP_A_KEY_LAYER, TO(struct ksrtp_key, layer),		\
	  .min = KSRTP_LAYER_HBH },						\
	{ .name = "e2e", .what = LAYER_WHAT, .kind = WORD_VALUE, .must = true,	\
	  .attr = KSRTP_A_KEY_LAYER, TO(struct ksrtp_key, layer),		\
	  .min = KSRTP_LAYER_E2E },						\
	{ .name = "ssrc", .kind = WORD_SSRC_ANY, .must = true,			\
	  .attr = KSRTP_A_KEY_SSRC, TO(struct ksrtp_key, ssrc) },		\
	{ .name = "mki", .what = "the MKI", .kind = WORD_HEX, .attr = KSRTP_A_KEY_MKI,	\
	  TO(struct ksrtp_key, mki), .len_offset = offsetof(struct ksrtp_key, mki_len) }

#define LIMIT_WORDS							\
	{ .name = "soft-limit", .what = "soft-limit", .kind = WORD_NUMBER,	\
	  .attr = KSRTP_A_KEY_SOFT_LIMIT, TO(struct ksrtp_key, soft_limit),	\
	  .min = 1, .max = UINT64_C(1) << 48 },					\
	{ .name = "hard-limit", .what = "hard-limit", .kind = WORD_NUMBER,	\
	  .attr = KSRTP_A_KEY_HARD_LIMIT, TO(struct ksrtp_key, hard_limit),	\
	  .min = 1, .max = UINT64_C(1) << 48 }

static int set(struct args *a)
{
	static const struct word words[] = { KEY_WORDS, LIMIT_WORDS };
	struct ksrtp_key key = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &key))
		return MISUSED;
	if (!KSRTP_HAS(&key, KSRTP_A_KEY_SOFT_LIMIT) && !KSRTP_HAS(&key, KSRTP_A_KEY_HARD_LIMIT))
		return misused(a, "what is to change is missing: soft-limit or hard-limit");
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_key_set(h, &key) ? refused() : DONE;
}

static int del(struct args *a)
{
	static const struct word words[] = { KEY_WORDS };
	struct ksrtp_key key = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &key))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_key_del(h, &key) ? refused() : DONE;
}

/* ---- add ----------------------------------------------------------------- */

/* The key is first: it begins with has. */
struct request {
	struct ksrtp_key key;
	struct material m;
};

/* Far more than there are, so that a kernel's number does not end the search. */
#define SUITE_IDS	64

static int take_suite(struct args *a, const struct word *w, void *obj)
{
	const char *word = next_word(a, "the suite");
	struct ksrtp_suite_info suite;
	struct ksrtp_key *key = obj;
	const char *names[2 * SUITE_IDS], *near;
	size_t n = 0;
	unsigned int id;

	(void)w;
	if (!word)
		return MISUSED;
	if (!ksrtp_suite_lookup(word, &suite)) {
		key->suite = (uint16_t)suite.id;
		return DONE;
	}
	for (id = 0; id < SUITE_IDS; id++) {
		if (ksrtp_suite_get(id, &suite))
			continue;
		names[n++] = suite.name;
		if (suite.dtls_name)
			names[n++] = suite.dtls_name;
	}
	near = nearest(word, names, n);
	/* A suite's name has the letters of base64. */
	if (near)
		return misused(a, "unknown suite %s; did you mean \"%s\"?", quoted(word), near);
	return misused(a, "unknown suite %s", shown(word));
}

static int take_roc(struct args *a, const struct word *w, void *obj)
{
	const char *word = next_word(a, "roc");
	struct ksrtp_key *key = obj;
	uint64_t roc = 0;

	(void)w;
	if (!word)
		return MISUSED;
	if (!strcmp(word, "keep")) {
		key->roc_mode = KSRTP_ROC_MODE_KEEP;
	} else if (!strcmp(word, "reset")) {
		key->roc_mode = KSRTP_ROC_MODE_RESET;
	} else if (parse_number(word, &roc) && roc <= UINT32_MAX) {
		key->roc_mode = KSRTP_ROC_MODE_VALUE;
		KSRTP_SET(key, KSRTP_A_KEY_ROC, roc, (uint32_t)roc);
	} else {
		return misused(a, "roc is to be a number of 32 bits, keep or reset, not %s",
			       shown(word));
	}
	return DONE;
}

static int take_window(struct args *a, const struct word *w, void *obj)
{
	struct ksrtp_key *key = obj;
	uint64_t window;

	(void)w;
	if (take_number(a, "window", 64, 32768, &window))
		return MISUSED;
	if (window % 64)
		return misused(a, "window is to be a multiple of 64");
	key->window = (uint32_t)window;
	return DONE;
}

/* ID,...: each once */
static int take_enc_ext(struct args *a, const struct word *w, void *obj)
{
	const char *word = next_word(a, "the list of header extension ids"), *at = word;
	struct ksrtp_key *key = obj;

	(void)w;
	if (!word)
		return MISUSED;
	do {
		const size_t len = strcspn(at, ",");
		uint64_t id = 0;
		char text[8];

		snprintf(text, sizeof(text), "%.*s", (int)len, at);
		if (len >= sizeof(text) || !parse_number(text, &id) || id < 1 || id > 255)
			return misused(a,
				       "enc-ext is to be ids of header extensions, numbers from 1 to 255 with commas between them, not %s",
				       shown(word));
		if (memchr(key->enc_ext, (int)id, key->enc_ext_len))
			return misused(a, "enc-ext has the id %u twice", (unsigned int)id);
		key->enc_ext[key->enc_ext_len++] = (uint8_t)id;
		at += len;
	} while (*at++);
	return DONE;
}

static const struct word add_words[] = {
	KEY_WORDS,
	LIMIT_WORDS,
	{ .name = "suite", .kind = WORD_CALL, .must = true, .attr = KSRTP_A_KEY_SUITE,
	  .call = take_suite },
	MATERIAL_FILE(struct request, "key-file", key_file),
	MATERIAL_FILE(struct request, "rtcp-key-file", rtcp_key_file),
	MATERIAL_E2E(struct request),
	MATERIAL_HBH(struct request),
	MATERIAL_MI(struct request),
	{ .name = "roc", .kind = WORD_CALL, .attr = KSRTP_A_KEY_ROC_MODE, .call = take_roc },
	{ .name = "srtcp-index", .what = "srtcp-index", .kind = WORD_NUMBER,
	  .attr = KSRTP_A_KEY_SRTCP_INDEX, TO(struct ksrtp_key, srtcp_index),
	  .min = 0, .max = 0x7fffffff },
	{ .name = "window", .kind = WORD_CALL, .attr = KSRTP_A_KEY_WINDOW, .call = take_window },
	{ .name = "allow-plain-rtcp", .kind = WORD_VALUE, .attr = KSRTP_A_KEY_ALLOW_PLAIN_RTCP,
	  TO(struct ksrtp_key, allow_plain_rtcp), .min = 1 },
	{ .name = "tx-plain-rtcp", .kind = WORD_VALUE, .attr = KSRTP_A_KEY_TX_PLAIN_RTCP,
	  TO(struct ksrtp_key, tx_plain_rtcp), .min = 1 },
	{ .name = "iv", .what = "iv", .kind = WORD_CHOICE, .attr = KSRTP_A_KEY_IV,
	  TO(struct ksrtp_key, iv), .names = ksrtp_str_iv },
	{ .name = "mi-len", .what = "mi-len", .kind = WORD_NUMBER, .attr = KSRTP_A_KEY_MI_LEN,
	  TO(struct ksrtp_key, mi_len), .min = 1, .max = 20 },
	{ .name = "mi-verify", .kind = WORD_SWITCH, .attr = KSRTP_A_KEY_MI_VERIFY,
	  TO(struct ksrtp_key, mi_verify) },
	{ .name = "from-seq", .what = "from-seq", .kind = WORD_NUMBER,
	  .attr = KSRTP_A_KEY_FROM_SEQ, TO(struct ksrtp_key, from_seq), .max = UINT16_MAX },
	{ .name = "cryptex", .what = "cryptex", .kind = WORD_CHOICE, .attr = KSRTP_A_KEY_CRYPTEX,
	  TO(struct ksrtp_key, cryptex), .names = ksrtp_str_cryptex },
	{ .name = "enc-ext", .kind = WORD_CALL, .attr = KSRTP_A_KEY_ENC_EXT,
	  .call = take_enc_ext },
	{ .name = "rcc", .what = "rcc", .kind = WORD_NUMBER, .attr = KSRTP_A_KEY_RCC,
	  TO(struct ksrtp_key, rcc), .min = 1, .max = UINT16_MAX },
};

static int check_layer(struct args *a, const struct request *r)
{
	const bool e2e = r->key.layer == KSRTP_LAYER_E2E;
	const struct {
		bool given;
		bool e2e;
		const char *word;
	} rules[] = {
		{ r->m.call_key_file, true, "call-key-file" },
		{ r->m.raw_e2e_file, true, "raw-e2e-file" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_IV), true, "iv" },
		{ r->m.mi != MI_UNSET, true, "mi" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_MI_LEN), true, "mi-len" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_MI_VERIFY), true, "mi-verify" },
		{ r->m.hbh_key_file, false, "hbh-key-file" },
		{ r->m.rtcp_key_file, false, "rtcp-key-file" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_SRTCP_INDEX), false, "srtcp-index" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP), false, "allow-plain-rtcp" },
		{ KSRTP_HAS(&r->key, KSRTP_A_KEY_TX_PLAIN_RTCP), false, "tx-plain-rtcp" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].given && rules[i].e2e != e2e)
			return misused(a, "\"%s\" is for %s keys%s", rules[i].word,
				       e2e ? "hbh" : "e2e",
				       e2e ? "; E2E protects RTP, never RTCP" : "");
	}
	if ((KSRTP_HAS(&r->key, KSRTP_A_KEY_MI_LEN) ||
	     KSRTP_HAS(&r->key, KSRTP_A_KEY_MI_VERIFY)) &&
	    (r->m.mi == MI_UNSET || r->m.mi == MI_OFF))
		return misused(a,
			       "\"mi-len\" and \"mi-verify\" go with an MI tag; there is none without \"mi\"");
	return DONE;
}

static void set_master(struct ksrtp_key *key, const struct derived *d)
{
	ksrtp_key_master(key, &d->rtp);
	if (d->rtcp.key_len)
		ksrtp_key_rtcp_master(key, &d->rtcp);
}

static void set_mi(struct ksrtp_key *key, const struct material *m, const struct derived *d)
{
	switch (m->mi) {
	case MI_UNSET:
		return;
	case MI_OFF:
		KSRTP_SET(key, KSRTP_A_KEY_MI, mi, KSRTP_MI_NONE);
		return;
	case MI_AUTH:
		KSRTP_SET(key, KSRTP_A_KEY_MI, mi, KSRTP_MI_AUTH);
		return;
	default:
		KSRTP_SET(key, KSRTP_A_KEY_MI, mi, KSRTP_MI_KEY);
		memcpy(key->mi_key, d->mi_key, d->mi_key_len);
		KSRTP_SET(key, KSRTP_A_KEY_MI_KEY, mi_key_len, (uint8_t)d->mi_key_len);
	}
}

/* MKI and lifetime of an SDES key hold unless the command line says otherwise. */
static int set_sdes(struct args *a, struct ksrtp_key *key, const struct derived *d)
{
	if (d->mki_len && KSRTP_HAS(key, KSRTP_A_KEY_MKI) &&
	    (key->mki_len != d->mki_len || memcmp(key->mki, d->mki, d->mki_len))) {
		complain("%s: the MKI in the key file is another than \"mki\" says", a->context);
		return REFUSED;
	}
	if (d->mki_len) {
		memcpy(key->mki, d->mki, d->mki_len);
		KSRTP_SET(key, KSRTP_A_KEY_MKI, mki_len, (uint8_t)d->mki_len);
	}
	if (d->lifetime && !KSRTP_HAS(key, KSRTP_A_KEY_HARD_LIMIT))
		KSRTP_SET(key, KSRTP_A_KEY_HARD_LIMIT, hard_limit, d->lifetime);
	return DONE;
}

static int add_derived(struct args *a, struct request *r, const struct derived *d)
{
	struct ksrtp_handle *h;

	set_master(&r->key, d);
	set_mi(&r->key, &r->m, d);
	if (set_sdes(a, &r->key, d))
		return REFUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_key_add(h, &r->key) ? refused() : DONE;
}

static int add(struct args *a)
{
	struct ksrtp_suite_info suite;
	struct request r = { .key = { 0 } };
	struct derived d;
	int ret;

	ret = read_words(a, add_words, ARRAY_SIZE(add_words), &r);
	if (!ret)
		ret = material_check(a, &r.m);
	if (!ret)
		ret = check_layer(a, &r);
	if (ret)
		return ret;
	ksrtp_suite_get(r.key.suite, &suite);
	if (suite.layer != r.key.layer) {
		complain("%s: suite %s is for %s keys", a->context, suite.name,
			 ksrtp_str_layer(suite.layer));
		return REFUSED;
	}
	ret = material_derive(a, &r.m, &suite, &d);
	if (!ret)
		ret = add_derived(a, &r, &d);
	ksrtp_wipe(&d, sizeof(d));
	ksrtp_wipe(&r.key, sizeof(r.key));
	return ret;
}

/* ---- the table ----------------------------------------------------------- */

#define NAMED "peer ID { rx | tx } { hbh | e2e } ssrc { any | SSRC }"

static const struct verb verbs[] = {
	{ "add", add, NAMED " suite SUITE KEYMATERIAL [ OPTIONS ]", "add a key to a peer" },
	{ "set", set, NAMED " [ mki HEX ] [ soft-limit N ] [ hard-limit N ]",
	  "change a key's limits" },
	{ "del", del, NAMED " [ mki HEX ]", "delete a key" },
	{ "show", show,
	  "[ peer ID ]", "list them, without secrets; with -s all of their settings" },
	{ "flush", flush, "[ peer ID ]", "delete every key, or every key of a peer" },
};

const struct object key_object = OBJECT("key", "crypto contexts of peers", verbs,
	"SUITE := one of these, or its DTLS-SRTP name (SRTP_...); with the bytes of a key-file\n"
	"    AES_CM_128_HMAC_SHA1_80                   30\n"
	"    AES_CM_128_HMAC_SHA1_32                   30\n"
	"    AES_192_CM_HMAC_SHA1_80                   38\n"
	"    AES_192_CM_HMAC_SHA1_32                   38\n"
	"    AES_256_CM_HMAC_SHA1_80                   46\n"
	"    AES_256_CM_HMAC_SHA1_32                   46\n"
	"    NULL_HMAC_SHA1_80                         30\n"
	"    NULL_HMAC_SHA1_32                         30\n"
	"    AEAD_AES_128_GCM                          28\n"
	"    AEAD_AES_256_GCM                          44\n"
	"    ARIA_128_CTR_HMAC_SHA1_80                 30\n"
	"    ARIA_128_CTR_HMAC_SHA1_32                 30\n"
	"    ARIA_192_CTR_HMAC_SHA1_80                 38\n"
	"    ARIA_192_CTR_HMAC_SHA1_32                 38\n"
	"    ARIA_256_CTR_HMAC_SHA1_80                 46\n"
	"    ARIA_256_CTR_HMAC_SHA1_32                 46\n"
	"    AEAD_ARIA_128_GCM                         28\n"
	"    AEAD_ARIA_256_GCM                         44\n"
	"    DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM  56, or 28: outer half\n"
	"    DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM  88, or 44: outer half\n"
	"    E2E_AES_128_CTR                           30\n"
	"KEYMATERIAL := key-file FILE             master key || master salt\n"
	"             | call-key-file FILE lid LID [ lid-raw ]\n"
	"             | raw-e2e-file FILE lid LID [ lid-raw ]\n"
	"             | hbh-key-file FILE kdf { direct |\n"
	"                   two-stage direction { uplink | downlink | shared } }\n"
	"OPTIONS := [ mki HEX ] [ roc { N | keep | reset } ] [ srtcp-index N ] [ window N ]\n"
	"           [ rtcp-key-file FILE ] [ soft-limit N ] [ hard-limit N ]\n"
	"           [ from-seq SEQ ] [ allow-plain-rtcp ] [ tx-plain-rtcp ]\n"
	"           [ cryptex off|on|require ] [ enc-ext ID,... ] [ rcc R ]\n"
	"  e2e only: [ iv right|left ] [ mi { off | derived | auth | file FILE } ]\n"
	"            [ mi-len N ] [ mi-verify on|off ]\n\n"
	"FILE holds hex, base64 or \"inline:...\" (SDES); - is standard input. Keys are never\n"
	"taken from the command line itself, nor from the environment.\n"
	"Where nothing is said: roc 0 for a first key, window 1024, cryptex off, iv right, no MI\n"
	"tag; with one, mi-len 4 and mi-verify on. ksrtp(8) says which suites are for what.\n");
