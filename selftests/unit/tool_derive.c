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
	kt_plan(n + 6);
	for (v = NULL; (v = vec_next(v, VEC_E2E_PACKET));) {
		if (wanted(v))
			check_e2e(v);
	}
	check_hbh();
	check_session();
	return kt_done();
}
