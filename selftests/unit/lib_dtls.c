// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the DTLS exporter to masters: two keys, then two salts, the client's
 * first (RFC 5764 section 4.2), for every suite DTLS-SRTP can agree on.
 */
#include <kt.h>

#include <libksrtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Number, key and salt of each profile as its RFC says it: 5764 section 4.1.2,
 * 7714 section 12.3, 8723 section 10.1, 8269 section 7.1 (IANA's registry)
 */
static const struct {
	unsigned int number;
	unsigned int suite;
	size_t key;
	size_t salt;
} profiles[] = {
	{ 0x0001, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, 16, 14 },
	{ 0x0002, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32, 16, 14 },
	/* numbers of their own they have none, names they do */
	{ 0, KSRTP_SUITE_AES_192_CM_HMAC_SHA1_80, 24, 14 },
	{ 0, KSRTP_SUITE_AES_192_CM_HMAC_SHA1_32, 24, 14 },
	{ 0, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, 32, 14 },
	{ 0, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32, 32, 14 },
	{ 0x0005, KSRTP_SUITE_NULL_HMAC_SHA1_80, 16, 14 },
	{ 0x0006, KSRTP_SUITE_NULL_HMAC_SHA1_32, 16, 14 },
	{ 0x0007, KSRTP_SUITE_AEAD_AES_128_GCM, 16, 12 },
	{ 0x0008, KSRTP_SUITE_AEAD_AES_256_GCM, 32, 12 },
	{ 0x0009, KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM, 32, 24 },
	{ 0x000a, KSRTP_SUITE_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM, 64, 24 },
	{ 0x000b, KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_80, 16, 14 },
	{ 0x000c, KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_32, 16, 14 },
	{ 0, KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_80, 24, 14 },
	{ 0, KSRTP_SUITE_ARIA_192_CTR_HMAC_SHA1_32, 24, 14 },
	{ 0x000d, KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_80, 32, 14 },
	{ 0x000e, KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_32, 32, 14 },
	{ 0x000f, KSRTP_SUITE_AEAD_ARIA_128_GCM, 16, 12 },
	{ 0x0010, KSRTP_SUITE_AEAD_ARIA_256_GCM, 32, 12 },
};

/* What is exported: each byte is its place. */
static uint8_t exported[256];

static bool counts(const uint8_t *p, size_t len, size_t from)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != from + i)
			return false;
	}
	return true;
}

/* A key at one place and a salt at another, zeros behind them */
static bool master_is(const struct ksrtp_master *m, size_t key_at, size_t key, size_t salt_at,
		      size_t salt)
{
	size_t i;

	if (m->key_len != key || m->salt_len != salt || !counts(m->key, key, key_at) ||
	    !counts(m->salt, salt, salt_at))
		return false;
	for (i = key; i < sizeof(m->key); i++) {
		if (m->key[i])
			return false;
	}
	for (i = salt; i < sizeof(m->salt); i++) {
		if (m->salt[i])
			return false;
	}
	return true;
}

static bool zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len--) {
		if (*b++)
			return false;
	}
	return true;
}

static void check_layout(size_t i)
{
	const size_t k = profiles[i].key, s = profiles[i].salt, len = 2 * (k + s);
	const unsigned int suite = profiles[i].suite;
	struct ksrtp_master client_tx, client_rx, server_tx, server_rx;
	const char *name = ksrtp_str_suite(suite);

	kt_ok(ksrtp_dtls_srtp_len(suite) == (int)len &&
	      !ksrtp_dtls_srtp_split(suite, exported, len, KSRTP_DTLS_CLIENT, &client_tx,
				     &client_rx, NULL) &&
	      master_is(&client_tx, 0, k, 2 * k, s) && master_is(&client_rx, k, k, 2 * k + s, s),
	      "%s: a client sends under the first key and salt, and receives under the second",
	      name);
	kt_ok(!ksrtp_dtls_srtp_split(suite, exported, len, KSRTP_DTLS_SERVER, &server_tx,
				     &server_rx, NULL) &&
	      !memcmp(&server_tx, &client_rx, sizeof(server_tx)) &&
	      !memcmp(&server_rx, &client_tx, sizeof(server_rx)),
	      "%s: what is sent at one end is what is received at the other", name);
}

static void check_lengths(size_t i)
{
	const size_t len = 2 * (profiles[i].key + profiles[i].salt);
	const unsigned int suite = profiles[i].suite;
	struct ksrtp_error err = { 0 };
	struct ksrtp_master tx, rx;
	bool ok = true;
	size_t n;

	for (n = 0; n <= sizeof(exported); n++) {
		if (n == len)
			continue;
		memset(&tx, 1, sizeof(tx));
		memset(&rx, 1, sizeof(rx));
		ok = ok && ksrtp_dtls_srtp_split(suite, exported, n, KSRTP_DTLS_CLIENT, &tx, &rx,
						 &err) == -EINVAL &&
		     zero(&tx, sizeof(tx)) && zero(&rx, sizeof(rx)) && *err.text;
	}
	kt_ok(ok, "%s: of any other length nothing is taken", ksrtp_str_suite(suite));
}

static void check_double(void)
{
	const unsigned int suite = KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM;
	struct ksrtp_master tx, rx, inner, outer;

	ksrtp_dtls_srtp_split(suite, exported, 112, KSRTP_DTLS_CLIENT, &tx, &rx, NULL);
	ksrtp_master_halves(&rx, &inner, &outer);
	kt_ok(master_is(&inner, 32, 16, 88, 12) && master_is(&outer, 48, 16, 100, 12),
	      "DOUBLE: of each key and each salt the first half is the inner one");
	ksrtp_master_halves(&rx, &inner, &rx);
	kt_ok(!memcmp(&rx, &outer, sizeof(rx)), "and a master can become its own half");
}

static void check_numbers(void)
{
	bool ok = true, others = true;
	struct ksrtp_suite_info info;
	unsigned int number;
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (!profiles[i].number)
			continue;
		n++;
		ok = ok && !ksrtp_suite_profile(profiles[i].number, &info) &&
		     info.id == profiles[i].suite && info.dtls_name;
	}
	kt_ok(ok && n == 14, "the suites of the profiles' numbers are IANA's");
	for (number = 0; number <= 0xffff; number++) {
		for (i = 0; i < ARRAY_SIZE(profiles) && profiles[i].number != number; i++)
			;
		if (i == ARRAY_SIZE(profiles) || !number)
			others = others && ksrtp_suite_profile(number, &info) == -ENOENT;
	}
	kt_ok(others && ksrtp_suite_profile(0x10001, &info) == -ENOENT,
	      "and no other number has one");
}

/* Every suite of the library with a name in DTLS-SRTP is one of the above. */
static void check_all(void)
{
	struct ksrtp_suite_info info;
	struct ksrtp_master tx, rx;
	unsigned int id, n = 0;

	for (id = 0; id < 1000; id++)
		n += !ksrtp_suite_get(id, &info) && info.dtls_name;
	kt_is(n, ARRAY_SIZE(profiles), "there is no suite of DTLS-SRTP that this test does not know");
	kt_ok(ksrtp_dtls_srtp_len(KSRTP_SUITE_E2E_AES_128_CTR) == -ENOENT &&
	      ksrtp_dtls_srtp_len(0) == -ENOENT && ksrtp_dtls_srtp_len(1000) == -ENOENT &&
	      ksrtp_dtls_srtp_split(KSRTP_SUITE_E2E_AES_128_CTR, exported, 60,
				    KSRTP_DTLS_CLIENT, &tx, &rx, NULL) == -ENOENT,
	      "E2E and numbers of no suite have none of it");
}

static void check_key(void)
{
	struct ksrtp_master tx, rx;
	struct ksrtp_key key = { 0 };

	ksrtp_dtls_srtp_split(KSRTP_SUITE_AEAD_AES_256_GCM, exported, 88, KSRTP_DTLS_SERVER, &tx,
			      &rx, NULL);
	ksrtp_key_master(&key, &tx);
	ksrtp_key_rtcp_master(&key, &rx);
	kt_ok(key.has == (KSRTP_BIT(KSRTP_A_KEY_MASTER_KEY) |
			  KSRTP_BIT(KSRTP_A_KEY_MASTER_SALT) |
			  KSRTP_BIT(KSRTP_A_KEY_RTCP_MASTER_KEY) |
			  KSRTP_BIT(KSRTP_A_KEY_RTCP_MASTER_SALT)) &&
	      key.master_key_len == 32 && counts(key.master_key, 32, 32) &&
	      key.master_salt_len == 12 && counts(key.master_salt, 12, 76) &&
	      key.rtcp_master_key_len == 32 && counts(key.rtcp_master_key, 32, 0) &&
	      key.rtcp_master_salt_len == 12 && counts(key.rtcp_master_salt, 12, 64),
	      "masters are put into a key with their lengths and their bits");
}

int main(void)
{
	size_t i;

	kt_plan(3 * ARRAY_SIZE(profiles) + 2 + 2 + 2 + 1);
	for (i = 0; i < sizeof(exported); i++)
		exported[i] = (uint8_t)i;
	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		check_layout(i);
		check_lengths(i);
	}
	check_double();
	check_numbers();
	check_all();
	check_key();
	return kt_done();
}
