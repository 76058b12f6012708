// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts of key files: whatever is in one, it is a secret of a length allowed or
 * a refusal that keeps nothing, and what was read is the same in hex again.
 *
 * It is also taken for the master of each suite, and for what DTLS exported.
 *
 * The first byte is the fewest bytes, the second the most; the rest is the text.
 */
#include "../../selftests/fuzz/fuzz.h"

#include "libksrtp.h"

static void check_refusal(const struct ksrtp_secret *s, int ret, const struct ksrtp_error *err)
{
	static const struct ksrtp_secret none;

	promise(ret < 0 && err->code == ret && *err->text);
	promise(!memcmp(s, &none, sizeof(none)));
}

static void check_secret(const struct ksrtp_secret *s)
{
	char hex[2 * KSRTP_MAX_SECRET + 1];
	struct ksrtp_secret again;
	size_t i;

	for (i = 0; i < s->len; i++)
		sprintf(hex + 2 * i, "%02x", s->data[i]);
	promise(!ksrtp_secret_parse(hex, 2 * s->len, s->len, s->len, &again, NULL));
	promise(again.len == s->len && !memcmp(again.data, s->data, s->len));
	promise(!again.mki_len && !again.lifetime);
}

/* Whatever was read is a master of a suite, or half of one, or is refused. */
static void check_master(const struct ksrtp_secret *s, unsigned int id)
{
	struct ksrtp_error err = { 0 };
	struct ksrtp_master m, other;
	struct ksrtp_suite_info suite;
	int ret = ksrtp_master_cut(id, s->data, s->len, &m, &err);

	if (ret) {
		promise(ret < 0 && *err.text && !m.key_len && !m.salt_len);
	} else {
		promise(!ksrtp_suite_get(id, &suite));
		promise(m.key_len + m.salt_len == s->len && !memcmp(m.key, s->data, m.key_len) &&
			!memcmp(m.salt, s->data + m.key_len, m.salt_len));
		promise(m.key_len == suite.key_len ||
			(suite.half && m.key_len == suite.key_len / 2));
		ksrtp_master_halves(&m, &other, &m);
		promise(m.key_len == other.key_len && m.salt_len == other.salt_len);
	}
	ret = ksrtp_dtls_srtp_split(id, s->data, s->len, KSRTP_DTLS_SERVER, &m, &other, &err);
	if (ret)
		promise(ret < 0 && *err.text && !m.key_len && !other.key_len);
	else
		promise(2 * (m.key_len + m.salt_len) == s->len && m.key_len == other.key_len &&
			!memcmp(other.key, s->data, other.key_len));
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct ksrtp_error err = { 0 };
	struct ksrtp_secret s;
	size_t min, max;
	unsigned int id;
	int ret;

	if (size < 2)
		return 0;
	min = data[0];
	max = data[1] == 255 ? KSRTP_MAX_SECRET : data[1];
	ret = ksrtp_secret_parse((const char *)data + 2, size - 2, min, max, &s, &err);
	if (ret) {
		check_refusal(&s, ret, &err);
		return 0;
	}
	promise(s.len >= min && s.len <= max && s.len > 0);
	promise(s.mki_len <= KSRTP_MAX_MKI && s.lifetime <= UINT64_C(1) << 48);
	check_secret(&s);
	for (id = 0; id < 32; id++)
		check_master(&s, id);
	return 0;
}
