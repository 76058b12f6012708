// SPDX-License-Identifier: GPL-2.0-or-later
/* `ksrtp derive' prints the known answers of vectors/. */
#include "tool_run.h"

#include <vecs.h>

static const char *hex(struct vec_bytes b)
{
	static char text[4][1024];
	static unsigned int next;
	char *t = text[next++ % 4];
	size_t i;

	*t = '\0';
	for (i = 0; i < b.len && i < 500; i++)
		sprintf(t + 2 * i, "%02x", b.p[i]);
	return t;
}

static bool said_field(const char *field, struct vec_bytes want)
{
	char text[1200];

	if (!want.p)
		return true;
	snprintf(text, sizeof(text), "\"%s\":\"%s\"", field, hex(want));
	return strstr(said.out, text);
}

static bool check(bool ok, const char *name)
{
	ok = ok && said.status == DONE && !*said.err;
	if (!ok)
		run_note();
	return kt_ok(ok, "%s", name);
}

static void check_e2e(const struct vec *v)
{
	const char *file = run_file("call", hex(v->call_key));

	run("-j derive e2e call-key-file %s lid %s mi %s", file, v->participant,
	    v->mi ? v->mi : "off");
	check(said_field("k_e", v->k_e) && said_field("k_a", v->k_a) && said_field("k_s", v->k_s) &&
	      said_field("master_key", v->master_key) &&
	      said_field("master_salt", v->master_salt) &&
	      (!v->mi || !strcmp(v->mi, "off") ? !strstr(said.out, "mi_key") :
	       said_field("mi_key", v->mi_key)) && !strstr(said.out, "rtcp"), v->id);
}

static void check_hbh(void)
{
	const struct vec *up = vec_find("uplink hbh srtcp");

	run("-j derive hbh hbh-key-file %s kdf two-stage direction uplink",
	    run_file("hbh", hex(up->hbh_key)));
	check(strstr(said.out, "\"rtcp_master_key\":\"f77854760b4340f0eabbe93930eafe03\"") &&
	      said_field("rtcp_k_e", up->rtcp_k_e) && said_field("rtcp_k_a", up->rtcp_k_a) &&
	      said_field("rtcp_k_s", up->rtcp_k_s) &&
	      strstr(said.out, "\"master_key\":\"693a8070145a5d26d39183593d1b648e\""),
	      "derive hbh two-stage: masters and session keys of RTP and RTCP");
	run("-j derive hbh hbh-key-file %s kdf direct", run_file("hbh", hex(up->hbh_key)));
	check(strstr(said.out, "\"master_key\":\"404142434445464748494a4b4c4d4e4f\"") &&
	      !strstr(said.out, "rtcp_master"), "derive hbh direct: one master");
}

static void check_session(void)
{
	const struct vec *rtp = vec_find("B.3"), *rest = vec_find("B.3 remaining labels");
	char key[256];
	/* the vector's authentication key is longer than HMAC-SHA1's */
	const struct vec_bytes k_a = { rtp->k_a.p, 20 };

	snprintf(key, sizeof(key), "%s%s", hex(rtp->master_key), hex(rtp->master_salt));
	run("-j derive session suite SRTP_AES128_CM_HMAC_SHA1_80 key-file %s",
	    run_file("key", key));
	check(said_field("k_e", rtp->k_e) && said_field("k_s", rtp->k_s) &&
	      said_field("k_a", k_a) &&
	      said_field("rtcp_k_e", rest->rtcp_k_e) && said_field("rtcp_k_s", rest->rtcp_k_s) &&
	      strstr(said.out, "\"rtcp_k_a\":\"8d54534feb49ae8e7993a6bd0b844fc3") &&
	      strstr(said.out, "\"suite\":\"AES_CM_128_HMAC_SHA1_80\""),
	      "derive session: labels 0 to 5 of RFC 3711 B.3");
	run_json("length == 1 and (.[0] | length) == 11", "as JSON it is an array of one object");
	run("derive session suite AES_CM_128_HMAC_SHA1_80 key-file %s", run_file("key", key));
	kt_ok(said.status == DONE && strstr(said.out,
					    "k-e          c61e7a93744f39ee10734afe3ff7a087\n"),
	      "as text it is a list");
	run("derive session suite AES_CM_999 key-file %s", run_file("key", key));
	run_is(MISUSED, "unknown suite", "an unknown suite is refused");
}

/* A known answer of a suite, its session keys as far as it has them */
static void check_known(const char *id, const char *suite)
{
	const struct vec *v = vec_find(id);
	const struct vec_bytes k_a = { v->k_a.p, 20 };
	char key[256];

	snprintf(key, sizeof(key), "%s%s", hex(v->master_key), hex(v->master_salt));
	run("-j derive session suite %s key-file %s", suite, run_file("key", key));
	check(said_field("k_e", v->k_e) && said_field("k_s", v->k_s) &&
	      (!v->k_a.p || said_field("k_a", k_a)) && said_field("k_he", v->k_he) &&
	      said_field("k_hs", v->k_hs), v->source);
}

/* The value of a field, in hex; NULL: it is not there */
static const char *field(const char *json, const char *name)
{
	static char values[2][256];
	static unsigned int next;
	char *value = values[next++ % 2], text[64];
	const char *at;

	snprintf(text, sizeof(text), "\"%s\":\"", name);
	at = strstr(json, text);
	if (!at)
		return NULL;
	at += strlen(text);
	snprintf(value, sizeof(values[0]), "%.*s", (int)strcspn(at, "\""), at);
	return value;
}

static bool same_field(const char *a, const char *name_a, const char *b, const char *name_b)
{
	const char *is = field(a, name_a), *want = field(b, name_b);

	return is && want && !strcmp(is, want);
}

static bool all_same(const char *a, const char *b)
{
	static const char *const names[] = {
		"k_e", "k_s", "rtcp_k_e", "rtcp_k_s", "k_he", "k_hs",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!same_field(a, names[i], b, names[i]))
			return false;
	}
	return true;
}

static void check_suites(void)
{
	static char aead[2][sizeof(said.out)], both[sizeof(said.out)];
	const char *inner = "000102030405060708090a0b0c0d0e0f";
	const char *outer = "101112131415161718191a1b1c1d1e1f";
	const char *inner_salt = "202122232425262728292a2b";
	const char *outer_salt = "2c2d2e2f3031323334353637";
	const char *suite = "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM";
	char key[256];

	check_known("7.2", "AES_256_CM_HMAC_SHA1_80");
	check_known("7.4", "AES_192_CM_HMAC_SHA1_32");
	check_known("A", "AES_CM_128_HMAC_SHA1_32");

	/* RFC 8269 appendix A: the master of RFC 3711 B.3, ARIA's PRF */
	run("-j derive session suite ARIA_128_CTR_HMAC_SHA1_80 key-file %s",
	    run_file("key", "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"));
	check(strstr(said.out, "\"k_e\":\"dbd85a3c4d9219b3e81f7d942e299de4\"") &&
	      strstr(said.out, "\"k_s\":\"9700657f5f34161830d7d85f5dc8\"") &&
	      strstr(said.out, "\"k_a\":\"d021877bd3eaf92d581ed70ddc050e03f1125703\""),
	      "ARIA suites have the ARIA PRF (RFC 8269)");

	snprintf(key, sizeof(key), "%s%s", inner, inner_salt);
	run("-j derive session suite AEAD_AES_128_GCM key-file %s", run_file("key", key));
	strcpy(aead[0], said.out);
	run_json("(.[0] | length) == 9 and (.[0].k_s | length) == 24 and\n"
		 "(.[0].k_hs | length) == 24 and (.[0] | has(\"k_a\") | not)",
		 "AEAD: no authentication key, salts of 12 bytes");
	snprintf(key, sizeof(key), "%s%s", outer, outer_salt);
	run("-j derive session suite AEAD_AES_128_GCM key-file %s", run_file("key", key));
	strcpy(aead[1], said.out);

	snprintf(key, sizeof(key), "%s%s%s%s", inner, outer, inner_salt, outer_salt);
	run("-j derive session suite %s key-file %s", suite, run_file("key", key));
	strcpy(both, said.out);
	check(same_field(both, "inner_k_e", aead[0], "k_e") &&
	      same_field(both, "inner_k_s", aead[0], "k_s") &&
	      all_same(both, aead[1]) && !strstr(both, "inner_rtcp"),
	      "DOUBLE: the keys of each half, and RTCP's of the outer one");
	snprintf(key, sizeof(key), "%s%s", outer, outer_salt);
	run("-j derive session suite %s key-file %s", suite, run_file("key", key));
	check(all_same(said.out, aead[1]) && !strstr(said.out, "inner"),
	      "DOUBLE from half a key file: the keys of the outer half");
	run("derive session suite %s key-file %s", suite, run_file("key", inner));
	run_is(REFUSED, "28 to 56 bytes of key material expected, 16 found",
	       "less than half is refused");
	snprintf(key, sizeof(key), "%s%s", outer, outer);
	run("derive session suite %s key-file %s", suite, run_file("key", key));
	run_is(REFUSED, "56 bytes of key material expected for both halves of DOUBLE_AEAD_AES_128",
	       "and so is what lies between");
}

static bool wanted(const struct vec *v)
{
	return v->call_key.p && (!v->layout || !strcmp(v->layout, "right"));
}

int main(void)
{
	const struct vec *v;
	int n = 0;

	if (kt_run("jq --version > /dev/null 2>&1"))
		kt_skip_all("jq is not installed");
	for (v = NULL; (v = vec_next(v, VEC_E2E_PACKET));)
		n += wanted(v);
	kt_plan(n + 6 + 9);
	for (v = NULL; (v = vec_next(v, VEC_E2E_PACKET));) {
		if (wanted(v))
			check_e2e(v);
	}
	check_hbh();
	check_session();
	check_suites();
	return kt_done();
}
