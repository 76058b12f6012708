// SPDX-License-Identifier: GPL-2.0-or-later
/* What `ksrtp key add' and its like send to the kernel, and what they refuse. */
#include "tool_run.h"
#include "fake_kernel.h"

#include <openssl/evp.h>

/* 30 bytes, the numbers from 0 */
#define KEY30 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
#define B64_30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
/* the call key and the HBH key of the known answers */
#define CALL_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HBH_KEY "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d"

static struct fake k;

/* The tool with a kernel that says yes, once; what it asked, NULL: nothing */
static __printf(1, 2)
const struct nlmsghdr *asked(const char *fmt, ...)
{
	const struct nlmsghdr *nlh;
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (k.h) {
		close(k.fd);
		close(k.events_fd);
	}
	fake_open(&k);
	tool.handle = k.h;
	fake_error(&k, 0, NULL);
	run("%s", line);
	nlh = fake_request(&k);
	if (!nlh || said.status)
		run_note();
	return nlh;
}

static bool hex_is(const struct nlmsghdr *nlh, uint16_t attr, const char *hex)
{
	struct ksrtp_secret s;

	return nlh && !ksrtp_secret_parse(hex, strlen(hex), 1, KSRTP_MAX_SECRET, &s, NULL) &&
	       fake_bytes(nlh, attr, s.data, s.len);
}

#define BITS2(a, b)	(KSRTP_BIT(KSRTP_A_KEY_##a) | KSRTP_BIT(KSRTP_A_KEY_##b))
#define NAME_ATTRS	(BITS2(PEER, DIR) | BITS2(LAYER, SUITE))
#define MASTER_ATTRS	BITS2(MASTER_KEY, MASTER_SALT)

static void check_key_file(void)
{
	const char *hex = run_file("hex", KEY30 "\n"), *base64 = run_file("base64", B64_30);
	const struct nlmsghdr *nlh;

	nlh = asked("key add peer 3 rx hbh ssrc any suite SRTP_AES128_CM_HMAC_SHA1_80 key-file %s",
		    hex);
	kt_ok(nlh && !said.status && fake_cmd(nlh) == KSRTP_CMD_KEY_NEW &&
	      fake_attrs(nlh) == (NAME_ATTRS | MASTER_ATTRS) &&
	      fake_u32(nlh, KSRTP_A_KEY_PEER, 3) &&
	      fake_u8(nlh, KSRTP_A_KEY_DIR, KSRTP_DIR_RX) &&
	      fake_u8(nlh, KSRTP_A_KEY_LAYER, KSRTP_LAYER_HBH) &&
	      fake_u16(nlh, KSRTP_A_KEY_SUITE, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80) &&
	      hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "000102030405060708090a0b0c0d0e0f") &&
	      hex_is(nlh, KSRTP_A_KEY_MASTER_SALT, "101112131415161718191a1b1c1d"),
	      "a plain key is its name, suite and master, and nothing else");

	nlh = asked("key add peer 3 tx hbh ssrc 0xabcd suite AES_CM_128_HMAC_SHA1_32 mki a1b2\n"
		    " roc 5 srtcp-index 0 window 128 soft-limit 10 hard-limit 20 allow-plain-rtcp\n"
		    " tx-plain-rtcp cryptex off key-file %s rtcp-key-file %s", base64, hex);
	kt_ok(nlh && fake_attrs(nlh) ==
	      (NAME_ATTRS | MASTER_ATTRS | BITS2(SSRC, MKI) | BITS2(ROC_MODE, ROC) |
	       BITS2(SRTCP_INDEX, WINDOW) | BITS2(SOFT_LIMIT, HARD_LIMIT) |
	       BITS2(ALLOW_PLAIN_RTCP, TX_PLAIN_RTCP) | KSRTP_BIT(KSRTP_A_KEY_CRYPTEX) |
	       BITS2(RTCP_MASTER_KEY, RTCP_MASTER_SALT)),
	       "every word of an hbh key has its attribute");
	kt_ok(nlh && fake_u32(nlh, KSRTP_A_KEY_SSRC, 0xabcd) &&
	      hex_is(nlh, KSRTP_A_KEY_MKI, "a1b2") &&
	      fake_u8(nlh, KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_VALUE) &&
	      fake_u32(nlh, KSRTP_A_KEY_ROC, 5) && fake_u32(nlh, KSRTP_A_KEY_SRTCP_INDEX, 0) &&
	      fake_u32(nlh, KSRTP_A_KEY_WINDOW, 128) && fake_u64(nlh, KSRTP_A_KEY_SOFT_LIMIT, 10) &&
	      fake_u64(nlh, KSRTP_A_KEY_HARD_LIMIT, 20) &&
	      fake_u8(nlh, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, 1) &&
	      fake_u8(nlh, KSRTP_A_KEY_TX_PLAIN_RTCP, 1) &&
	      hex_is(nlh, KSRTP_A_KEY_RTCP_MASTER_KEY, "000102030405060708090a0b0c0d0e0f"),
	      "with what was said");

	nlh = asked("key add peer 3 tx hbh ssrc 43981 suite NULL_HMAC_SHA1_80 roc keep key-file %s",
		    hex);
	kt_ok(nlh && fake_u32(nlh, KSRTP_A_KEY_SSRC, 0xabcd) &&
	      fake_u8(nlh, KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_KEEP) &&
	      !fake_attr(nlh, KSRTP_A_KEY_ROC, 0), "roc keep; an SSRC in decimal");
	nlh = asked("key add peer 3 tx hbh ssrc any suite NULL_HMAC_SHA1_80 roc reset key-file %s",
		    hex);
	kt_ok(nlh && fake_u8(nlh, KSRTP_A_KEY_ROC_MODE, KSRTP_ROC_MODE_RESET), "roc reset");
}

/* ---- every suite, every form of a key file ------------------------------- */

/* Bytes of key and salt, as the RFC of each has them */
static const struct {
	uint16_t suite;
	const char *name;
	const char *alias;
	uint8_t key;
	uint8_t salt;
} suites[] = {
#define S(name_, alias_, key_, salt_)						\
	{ KSRTP_SUITE_##name_, #name_, alias_, key_, salt_ }
	S(AES_CM_128_HMAC_SHA1_80, "SRTP_AES128_CM_HMAC_SHA1_80", 16, 14),
	S(AES_CM_128_HMAC_SHA1_32, "SRTP_AES128_CM_HMAC_SHA1_32", 16, 14),
	S(NULL_HMAC_SHA1_80, "SRTP_NULL_HMAC_SHA1_80", 16, 14),
	S(NULL_HMAC_SHA1_32, "SRTP_NULL_HMAC_SHA1_32", 16, 14),
	S(AES_192_CM_HMAC_SHA1_80, "SRTP_AES192_CM_HMAC_SHA1_80", 24, 14),
	S(AES_192_CM_HMAC_SHA1_32, "SRTP_AES192_CM_HMAC_SHA1_32", 24, 14),
	S(AES_256_CM_HMAC_SHA1_80, "SRTP_AES256_CM_HMAC_SHA1_80", 32, 14),
	S(AES_256_CM_HMAC_SHA1_32, "SRTP_AES256_CM_HMAC_SHA1_32", 32, 14),
	S(AEAD_AES_128_GCM, "SRTP_AEAD_AES_128_GCM", 16, 12),
	S(AEAD_AES_256_GCM, "SRTP_AEAD_AES_256_GCM", 32, 12),
	S(ARIA_128_CTR_HMAC_SHA1_80, "SRTP_ARIA_128_CTR_HMAC_SHA1_80", 16, 14),
	S(ARIA_128_CTR_HMAC_SHA1_32, "SRTP_ARIA_128_CTR_HMAC_SHA1_32", 16, 14),
	S(ARIA_192_CTR_HMAC_SHA1_80, "SRTP_ARIA_192_CTR_HMAC_SHA1_80", 24, 14),
	S(ARIA_192_CTR_HMAC_SHA1_32, "SRTP_ARIA_192_CTR_HMAC_SHA1_32", 24, 14),
	S(ARIA_256_CTR_HMAC_SHA1_80, "SRTP_ARIA_256_CTR_HMAC_SHA1_80", 32, 14),
	S(ARIA_256_CTR_HMAC_SHA1_32, "SRTP_ARIA_256_CTR_HMAC_SHA1_32", 32, 14),
	S(AEAD_ARIA_128_GCM, "SRTP_AEAD_ARIA_128_GCM", 16, 12),
	S(AEAD_ARIA_256_GCM, "SRTP_AEAD_ARIA_256_GCM", 32, 12),
	S(DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM,
	  "SRTP_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 32, 24),
	S(DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM,
	  "SRTP_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM", 64, 24),
#undef S
};

/* A key file whose bytes count up */
static void write_material(const char *form, size_t len, char *text)
{
	uint8_t bytes[256];
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)i;
	if (!strcmp(form, "hex")) {
		for (i = 0; i < len; i++)
			sprintf(text + 2 * i, "%02x", bytes[i]);
		return;
	}
	i = strcmp(form, "SDES") ? 0 : sprintf(text, "inline:");
	EVP_EncodeBlock((unsigned char *)text + i, bytes, (int)len);
	if (i)
		strcat(text, "|2^31|1:4");
}

static bool counts(const struct nlmsghdr *nlh, uint16_t attr, size_t len, size_t from)
{
	uint8_t bytes[64];
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(from + i);
	return fake_bytes(nlh, attr, bytes, len);
}

/* @part: 1 the whole material, 2 half of it */
static bool adds(size_t i, const char *form, size_t part)
{
	const size_t key = suites[i].key / part, salt = suites[i].salt / part;
	const uint64_t sdes = strcmp(form, "SDES") ? 0 :
			      KSRTP_BIT(KSRTP_A_KEY_MKI) | KSRTP_BIT(KSRTP_A_KEY_HARD_LIMIT);
	const struct nlmsghdr *nlh;
	char text[512];

	write_material(form, key + salt, text);
	nlh = asked("key add peer 3 rx hbh ssrc any suite %s key-file %s",
		    part == 1 ? suites[i].name : suites[i].alias, run_file("key", text));
	if (nlh && !said.status && fake_u16(nlh, KSRTP_A_KEY_SUITE, suites[i].suite) &&
	    counts(nlh, KSRTP_A_KEY_MASTER_KEY, key, 0) &&
	    counts(nlh, KSRTP_A_KEY_MASTER_SALT, salt, key) &&
	    fake_attrs(nlh) == (NAME_ATTRS | MASTER_ATTRS | sdes) &&
	    (!sdes || (hex_is(nlh, KSRTP_A_KEY_MKI, "00000001") &&
		       fake_u64(nlh, KSRTP_A_KEY_HARD_LIMIT, UINT64_C(1) << 31))))
		return true;
	kt_note("%s, %s, %zu bytes", suites[i].name, form, key + salt);
	return false;
}

static bool refuses(size_t i, size_t len)
{
	char text[512];

	write_material("base64", len, text);
	run("key add peer 3 rx hbh ssrc any suite %s key-file %s", suites[i].alias,
	    run_file("key", text));
	if (said.status == REFUSED && strstr(said.err, "bytes of key material expected"))
		return true;
	kt_note("%s with %zu bytes", suites[i].name, len);
	run_note();
	return false;
}

static void check_suites(void)
{
	struct ksrtp_suite_info info;
	unsigned int id, n = 0;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const bool halves = !strncmp(suites[i].name, "DOUBLE", 6);
		const size_t want = suites[i].key + suites[i].salt;
		bool ok = true;

		kt_ok(adds(i, "hex", 1) && adds(i, "base64", 1) && adds(i, "SDES", 1),
		      "%s takes %zu bytes, in hex, base64 and SDES", suites[i].name, want);
		for (len = 1; len < 120; len++) {
			if (len != want && (!halves || len != want / 2))
				ok = refuses(i, len) && ok;
		}
		kt_ok(ok, "and no other number%s", halves ? ", but half" : "");
		if (halves)
			kt_ok(adds(i, "hex", 2) && adds(i, "base64", 2) && adds(i, "SDES", 2),
			      "half of it is the outer half, by its DTLS-SRTP name too");
	}
	for (id = 0; id < 1000; id++)
		n += !ksrtp_suite_get(id, &info) && info.layer == KSRTP_LAYER_HBH;
	kt_is(n, ARRAY_SIZE(suites), "there is no hbh suite that this test does not know");
	run("key help");
	for (i = 0, n = 0; i < ARRAY_SIZE(suites); i++) {
		char line[80];

		snprintf(line, sizeof(line), "\n    %-42s%u", suites[i].name,
			 suites[i].key + suites[i].salt);
		n += !!strstr(said.out, line);
	}
	kt_is(n, ARRAY_SIZE(suites), "the help has each of them, with its bytes");
}

static void check_transform_words(void)
{
	const char *hex = run_file("hex", KEY30 "\n");
	static const struct {
		const char *words;
		uint64_t attrs;
		uint16_t attr;
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "from-seq 0", KSRTP_BIT(KSRTP_A_KEY_FROM_SEQ), KSRTP_A_KEY_FROM_SEQ, "\0\0", 2 },
		{ "from-seq 0xffff", KSRTP_BIT(KSRTP_A_KEY_FROM_SEQ), KSRTP_A_KEY_FROM_SEQ,
		  "\xff\xff", 2 },
		{ "cryptex off", KSRTP_BIT(KSRTP_A_KEY_CRYPTEX), KSRTP_A_KEY_CRYPTEX, "\0", 1 },
		{ "cryptex on", KSRTP_BIT(KSRTP_A_KEY_CRYPTEX), KSRTP_A_KEY_CRYPTEX, "\1", 1 },
		{ "cryptex require", KSRTP_BIT(KSRTP_A_KEY_CRYPTEX), KSRTP_A_KEY_CRYPTEX, "\2", 1 },
		{ "enc-ext 5", KSRTP_BIT(KSRTP_A_KEY_ENC_EXT), KSRTP_A_KEY_ENC_EXT, "\5", 1 },
		{ "enc-ext 255,1,15,0x10", KSRTP_BIT(KSRTP_A_KEY_ENC_EXT), KSRTP_A_KEY_ENC_EXT,
		  "\xff\x01\x0f\x10", 4 },
		{ "rcc 65535", KSRTP_BIT(KSRTP_A_KEY_RCC), KSRTP_A_KEY_RCC, "\xff\xff", 2 },
		/* the kernel knows what cannot be had together */
		{ "from-seq 7 cryptex require enc-ext 1 rcc 1 roc keep",
		  BITS2(FROM_SEQ, CRYPTEX) | BITS2(ENC_EXT, RCC) |
		  KSRTP_BIT(KSRTP_A_KEY_ROC_MODE), KSRTP_A_KEY_CRYPTEX, "\2", 1 },
	};
	const struct nlmsghdr *nlh;
	char all[1024] = "";
	uint8_t ids[255];
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		nlh = asked("key add peer 3 tx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s %s",
			    hex, rows[i].words);
		kt_ok(nlh && !said.status &&
		      fake_attrs(nlh) == (NAME_ATTRS | MASTER_ATTRS | rows[i].attrs) &&
		      fake_bytes(nlh, rows[i].attr, rows[i].bytes, rows[i].len),
		      "%s is sent as it is said", rows[i].words);
	}
	for (i = 0; i < sizeof(ids); i++) {
		ids[i] = (uint8_t)(255 - i);
		len += snprintf(all + len, sizeof(all) - len, "%s%u", i ? "," : "", ids[i]);
	}
	nlh = asked("key add peer 3 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s enc-ext %s",
		    hex, all);
	kt_ok(nlh && fake_bytes(nlh, KSRTP_A_KEY_ENC_EXT, ids, sizeof(ids)),
	      "enc-ext takes all of the 255 ids there are");
	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR key-file %s rcc 5\n"
		    " cryptex on", hex);
	kt_ok(nlh && fake_u16(nlh, KSRTP_A_KEY_RCC, 5) &&
	      fake_u8(nlh, KSRTP_A_KEY_CRYPTEX, KSRTP_CRYPTEX_ON),
	      "for an E2E key too, which the kernel refuses, not the tool");
}

static void check_sdes(void)
{
	const char *sdes = run_file("sdes", "inline:" B64_30 "|2^20|258:2\n");
	const struct nlmsghdr *nlh;

	nlh = asked("key add peer 3 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s", sdes);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MKI, "0102") &&
	      fake_u64(nlh, KSRTP_A_KEY_HARD_LIMIT, 1 << 20),
	      "an SDES key brings its MKI and its lifetime, the hard limit");
	nlh = asked("key add peer 3 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s mki 0102\n"
		    " hard-limit 7", sdes);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MKI, "0102") &&
	      fake_u64(nlh, KSRTP_A_KEY_HARD_LIMIT, 7),
	      "a hard limit that is typed wins");
	run("key add peer 3 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s mki 03", sdes);
	run_is(REFUSED, "another than \"mki\" says", "two MKIs that differ are refused");
	run("key add peer 3 rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file %s rtcp-key-file %s",
	    run_file("key", KEY30), sdes);
	run_is(REFUSED, "belong to key-file alone", "an MKI in the RTCP key's file is refused");
}

static void check_e2e(void)
{
	const char *call = run_file("call", CALL_KEY);
	/* 36 bytes: the first 32 count */
	const char *raw = run_file("raw", CALL_KEY "aabbccdd");
	const char *mi = run_file("mi", "00112233445566778899aabbccddeeff00112233");
	const struct nlmsghdr *nlh;

	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR call-key-file %s\n"
		    " lid 222222222222222@lid", call);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "3f5423fb6f67e4c588bf5741a3a4e92c") &&
	      hex_is(nlh, KSRTP_A_KEY_MASTER_SALT, "749ee99101a47c82bb5dacec40cf") &&
	      fake_attrs(nlh) == (NAME_ATTRS | MASTER_ATTRS),
	      "a call key and a LID give the master; iv and mi are the kernel's defaults");
	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR raw-e2e-file %s\n"
		    " lid 222222222222222@lid iv left mi derived mi-len 10 mi-verify off", raw);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "3f5423fb6f67e4c588bf5741a3a4e92c"),
	      "a raw secret is its first 32 bytes");
	kt_ok(nlh && fake_u8(nlh, KSRTP_A_KEY_IV, KSRTP_IV_LEFT) &&
	      fake_u8(nlh, KSRTP_A_KEY_MI, KSRTP_MI_KEY) && fake_u8(nlh, KSRTP_A_KEY_MI_LEN, 10) &&
	      fake_u8(nlh, KSRTP_A_KEY_MI_VERIFY, 0) &&
	      hex_is(nlh, KSRTP_A_KEY_MI_KEY,
		     "6c768f61c7bd16f8c022b58d6a9f01ab832abe95e27538a7d6c584a26b8e0734"),
	      "mi derived is a key from the same secret");
	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR call-key-file %s\n"
		    " lid 222222222222222@lid lid-raw mi auth", call);
	kt_ok(nlh && !hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "3f5423fb6f67e4c588bf5741a3a4e92c") &&
	      fake_u8(nlh, KSRTP_A_KEY_MI, KSRTP_MI_AUTH) && !fake_attr(nlh, KSRTP_A_KEY_MI_KEY, 0),
	      "lid-raw takes the LID as it is; mi auth sends no key");
	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR call-key-file %s\n"
		    " lid 222222222222222:0@lid lid-raw mi off", call);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "3f5423fb6f67e4c588bf5741a3a4e92c") &&
	      fake_u8(nlh, KSRTP_A_KEY_MI, KSRTP_MI_NONE), "which is the same where it is normal");
	nlh = asked("key add peer 3 rx e2e ssrc any suite E2E_AES_128_CTR key-file %s mi file %s",
		    run_file("key", KEY30), mi);
	kt_ok(nlh && fake_u8(nlh, KSRTP_A_KEY_MI, KSRTP_MI_KEY) &&
	      hex_is(nlh, KSRTP_A_KEY_MI_KEY, "00112233445566778899aabbccddeeff00112233") &&
	      hex_is(nlh, KSRTP_A_KEY_MASTER_SALT, "101112131415161718191a1b1c1d"),
	      "a master from a file, the MI key from another");
}

static void check_hbh(void)
{
	static const struct {
		const char *direction;
		const char *key;
		const char *salt;
	} rows[] = {
		{ "uplink", "f77854760b4340f0eabbe93930eafe03", "10c8f699d1ebaf1f609a1781f3fc" },
		{ "downlink", "707aad5216a25868eea63a32403b9d0c", "643644f691145e02b6d7d3776301" },
		{ "shared", "4ad41608b1fe681b56e8230ba5fea106", "0de1e767fb1275d4dcf85ce3cea9" },
	};
	const char *hbh = run_file("hbh", HBH_KEY);
	const struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		nlh = asked("key add peer 3 rx hbh ssrc any suite AES_CM_128_HMAC_SHA1_80\n"
			    " hbh-key-file %s kdf two-stage direction %s", hbh, rows[i].direction);
		kt_ok(nlh &&
		      hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "693a8070145a5d26d39183593d1b648e") &&
		      hex_is(nlh, KSRTP_A_KEY_MASTER_SALT, "895a8a3f2354ab38e718cbd93822") &&
		      hex_is(nlh, KSRTP_A_KEY_RTCP_MASTER_KEY, rows[i].key) &&
		      hex_is(nlh, KSRTP_A_KEY_RTCP_MASTER_SALT, rows[i].salt),
		      "two-stage %s: RTP and RTCP have masters of their own", rows[i].direction);
	}
	nlh = asked("key add peer 3 rx hbh ssrc any suite AES_CM_128_HMAC_SHA1_80\n"
		    " hbh-key-file %s kdf direct", hbh);
	kt_ok(nlh && hex_is(nlh, KSRTP_A_KEY_MASTER_KEY, "404142434445464748494a4b4c4d4e4f") &&
	      hex_is(nlh, KSRTP_A_KEY_MASTER_SALT, "505152535455565758595a5b5c5d") &&
	      !fake_attr(nlh, KSRTP_A_KEY_RTCP_MASTER_KEY, 0), "direct: one master for both");
}

/* ---- what does not fit together ------------------------------------------ */

static void check_refused(void)
{
	const char *key = run_file("key", KEY30), *call = run_file("call", CALL_KEY);
	const struct {
		const char *words;
		const char *file;
		int status;
		const char *text;
	} rows[] = {
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80",
		  "", MISUSED, "there is no key material" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 hbh-key-file x key-file", key, MISUSED,
		  "is wanted, not 2" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 rtcp-key-file - key-file", "-", MISUSED,
		  "standard input (-) can be read for one key only" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file", call, REFUSED,
		  "30 bytes of key material expected, 32 found (hex)" },
		{ "rx hbh ssrc any suite E2E_AES_128_CTR key-file", key, REFUSED,
		  "is for e2e keys" },
		{ "rx e2e ssrc any suite NULL_HMAC_SHA1_80 key-file", key, REFUSED,
		  "is for hbh keys" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 iv left key-file", key, MISUSED,
		  "\"iv\" is for e2e keys" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 mi auth key-file", key, MISUSED,
		  "\"mi\" is for e2e keys" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 lid 1@lid call-key-file", call, MISUSED,
		  "\"call-key-file\" is for e2e keys" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR allow-plain-rtcp key-file", key, MISUSED,
		  "is for hbh keys; E2E protects RTP, never RTCP" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR rtcp-key-file x key-file", key, MISUSED,
		  "\"rtcp-key-file\" is for hbh keys" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR mi-len 4 key-file", key, MISUSED,
		  "there is none without \"mi\"" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR mi off mi-verify on key-file", key,
		 MISUSED,
		  "there is none without \"mi\"" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR mi derived key-file", key, MISUSED,
		  "\"mi derived\" needs call-key-file" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR call-key-file", call, MISUSED,
		  "\"lid\" is missing" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR lid /x call-key-file", call, REFUSED,
		  "the LID is empty or too long" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR lid 1@lid key-file", key, MISUSED,
		  "\"lid\" goes with call-key-file" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR lid-raw key-file", key, MISUSED,
		  "\"lid-raw\" goes with call-key-file" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR lid 1@lid call-key-file", key, REFUSED,
		  "32 bytes of key material expected, 30 found" },
		{ "rx e2e ssrc any suite E2E_AES_128_CTR lid 1@lid raw-e2e-file", key, REFUSED,
		  "at least 32 bytes of key material expected, 30 found" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 hbh-key-file", key, MISUSED,
		  "\"kdf\" is missing" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 kdf two-stage hbh-key-file", key,
		 MISUSED,
		  "\"direction\" is missing" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80\n"
		  " kdf direct direction shared hbh-key-file", key, MISUSED,
		  "\"direction\" goes with kdf two-stage" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 kdf direct key-file", key, MISUSED,
		  "\"kdf\" goes with hbh-key-file" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 direction shared key-file", key, MISUSED,
		  "\"direction\" goes with hbh-key-file" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 kdf two-stage direction shared\n"
		  " rtcp-key-file x hbh-key-file", key, MISUSED, "would be a second one" },
		{ "rx hbh ssrc any suite NULL_HMAC_SHA1_80 kdf direct hbh-key-file", call, REFUSED,
		  "30 bytes of key material expected, 32 found" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		run("key add peer 3 %s %s", rows[i].words, rows[i].file);
		run_is(rows[i].status, rows[i].text, "refused: %s", rows[i].words);
	}
	kt_is(i, 27, "and that was all of them");
}

/* ---- the other verbs ----------------------------------------------------- */

static void check_others(void)
{
	const struct nlmsghdr *nlh;
	const struct nlattr *out;

	nlh = asked("key set peer 3 rx hbh ssrc any mki 01 soft-limit 5");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_KEY_SET &&
	      fake_u64(nlh, KSRTP_A_KEY_SOFT_LIMIT, 5) &&
	      fake_attrs(nlh) == (BITS2(PEER, DIR) | BITS2(LAYER, MKI) |
				  KSRTP_BIT(KSRTP_A_KEY_SOFT_LIMIT)), "key set");
	nlh = asked("key del peer 3 tx e2e ssrc 1");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_KEY_DEL && fake_u32(nlh, KSRTP_A_KEY_SSRC, 1) &&
	      fake_attrs(nlh) == (BITS2(PEER, DIR) | BITS2(LAYER, SSRC)), "key del");
	nlh = asked("key flush");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_KEY_DEL && !fake_attrs(nlh), "key flush");
	nlh = asked("key flush peer 3");
	kt_ok(nlh && fake_attrs(nlh) == KSRTP_BIT(KSRTP_A_KEY_PEER), "key flush peer");

	nlh = asked("peer set 4 remote [fe80::1%%lo]:5000 roam on");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_PEER_SET && fake_u32(nlh, KSRTP_A_PEER_ID, 4) &&
	      fake_u8(nlh, KSRTP_A_PEER_ROAM, 1) &&
	      fake_u32(nlh, KSRTP_A_PEER_REMOTE_SCOPE, if_nametoindex("lo")),
	      "peer set, with a link-local address");
	nlh = asked("sock set 2 unmatched pass");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_SOCK_SET && fake_u32(nlh, KSRTP_A_SOCK_ID, 2) &&
	      fake_u8(nlh, KSRTP_A_SOCK_UNMATCHED, KSRTP_UNMATCHED_PASS), "sock set");

	nlh = asked("route add from peer 1 ssrc 0 to peer 2 rewrite-pt 96:97 to peer 3\n"
		    " rewrite-ssrc 0xabcd rtcp forward");
	out = nlh ? fake_attr(nlh, KSRTP_A_ROUTE_OUT, 1) : NULL;
	kt_ok(nlh && fake_u32(nlh, KSRTP_A_ROUTE_SSRC, 0) &&
	      fake_u8(nlh, KSRTP_A_ROUTE_RTCP, KSRTP_RTCP_MODE_FORWARD) && out &&
	      mnl_attr_get_payload_len(out) == 16 && !fake_attr(nlh, KSRTP_A_ROUTE_OUT, 2) &&
	      mnl_attr_get_payload_len(fake_attr(nlh, KSRTP_A_ROUTE_OUT, 0)) == 24,
	      "route add: a rewrite belongs to the output before it");
	nlh = asked("route del from peer 1 ssrc any to peer 2");
	kt_ok(nlh && fake_cmd(nlh) == KSRTP_CMD_ROUTE_DEL &&
	      fake_attrs(nlh) == (KSRTP_BIT(KSRTP_A_ROUTE_PEER) | KSRTP_BIT(KSRTP_A_ROUTE_TO)),
	      "route del, one output");
}

/* ---- attach, from another process ---------------------------------------- */

static void check_attach(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), release[2];
	const struct nlmsghdr *nlh;
	const struct nlattr *copy;
	pid_t child;
	char byte;

	if (fd < 0 || pipe(release))
		kt_bail("no socket: %s", strerror(errno));
	child = fork();
	if (!child) {
		close(release[1]);
		_exit(read(release[0], &byte, 1) != 0);
	}
	fake_open(&k);
	tool.handle = k.h;
	fake_id(&k, KSRTP_CMD_SOCK_NEW, KSRTP_A_SOCK_ID, 1);
	run("sock attach pid %d fd %d", child, fd);
	nlh = said.status ? NULL : fake_request(&k);
	copy = nlh ? fake_attr(nlh, KSRTP_A_SOCK_FD, 0) : NULL;
	if (said.status && strstr(said.err, "out of reach"))
		kt_skip("a socket of another process is copied here", "it must not be traced here");
	else
		kt_ok(copy && mnl_attr_get_u32(copy) != (uint32_t)fd,
		      "a socket of another process is copied here");
	close(k.fd);
	close(k.events_fd);

	fake_open(&k);
	tool.handle = k.h;
	run("sock attach pid %d fd 1000", child);
	run_is(REFUSED, "has no file descriptor 1000",
	       "a file descriptor it does not have is named");
	close(k.fd);
	close(k.events_fd);
	close(release[1]);
	waitpid(child, NULL, 0);
	close(fd);
	close(release[0]);
}

/* The child says when it is where it is to be, and stays until the pipe is closed. */
static void check_other_netns(void)
{
	const char *name = "for a process of another network namespace it says what to type";
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ready[2], release[2];
	char byte = 0, advice[128];
	pid_t child;

	if (fd < 0 || pipe(ready) || pipe(release))
		kt_bail("no socket: %s", strerror(errno));
	child = fork();
	if (!child) {
		close(release[1]);
		byte = unshare(CLONE_NEWNET) ? 'n' : 'y';
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) != 0);
	}
	if (read(ready[0], &byte, 1) != 1)
		kt_bail("no word of the child");
	fake_open(&k);
	tool.handle = k.h;
	fake_error(&k, -EINVAL, "The socket belongs to another network namespace");
	run("sock attach pid %d fd %d", child, fd);
	snprintf(advice, sizeof(advice), "ksrtp -n /proc/%d/ns/net sock attach pid %d fd %d",
		 child, child, fd);
	if (byte != 'y' || strstr(said.err, "out of reach"))
		kt_skip(name, "no such process can be had here");
	else
		run_is(REFUSED, advice, "%s", name);
	close(release[1]);
	waitpid(child, NULL, 0);
	close(release[0]);
	close(ready[0]);
	close(ready[1]);
	close(fd);
}

int main(void)
{
	kt_plan(5 + 2 * ARRAY_SIZE(suites) + 4 + 11 + 4 + 6 + 4 + 28 + 8 + 2 + 1);
	check_key_file();
	check_suites();
	check_transform_words();
	check_sdes();
	check_e2e();
	check_hbh();
	check_refused();
	check_others();
	check_attach();
	check_other_netns();
	return kt_done();
}
