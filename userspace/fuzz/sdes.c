// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Key texts and SDES inline parameters (RFC 4568 section 6.1): what is accepted,
 * and what is read, is what a second reader says, written in another way: it
 * cuts the text into its fields first, and calculates with libcrypto's large numbers.
 *
 *	flags | fewest bytes | most bytes | text
 *
 * Flags: 1: "inline:" comes before the text.
 */
#include "../../selftests/fuzz/fuzz.h"

#include <openssl/bn.h>

#include "libksrtp.h"

#define MAX_TEXT	4096

struct field {
	const char *at;
	size_t len;
};

static bool digits(struct field f)
{
	size_t i;

	for (i = 0; i < f.len; i++) {
		if (f.at[i] < '0' || f.at[i] > '9')
			return false;
	}
	return f.len > 0;
}

/* The number, or @limit + 1 if it is greater */
static uint64_t number(struct field f, uint64_t limit)
{
	uint64_t value = 0;

	while (f.len-- && value <= limit)
		value = 10 * value + (uint64_t)(*f.at++ - '0');
	return value <= limit ? value : limit + 1;
}

static int value_in(const char *alphabet, char c)
{
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

static bool read_hex(struct field f, struct ksrtp_secret *s)
{
	size_t i;

	if (f.len % 2 || f.len > 2 * sizeof(s->data))
		return false;
	for (i = 0; i < f.len; i++)
		s->data[i / 2] |= (uint8_t)((value_in("0123456789abcdef", f.at[i] | 0x20)) <<
					    (i % 2 ? 0 : 4));
	s->len = f.len / 2;
	return true;
}

/* Bit by bit; padding is right or not there, bits left over are 0 */
static bool read_base64(struct field f, struct ksrtp_secret *s)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t letters = f.len, bits = 0, i;
	int bit;

	while (letters && f.at[letters - 1] == '=')
		letters--;
	if (letters < f.len && (f.len % 4 || f.len - letters > 2))
		return false;
	if (letters % 4 == 1 || !letters || letters * 6 / 8 > sizeof(s->data))
		return false;
	for (i = 0; i < letters; i++) {
		const int value = value_in(alphabet, f.at[i]);

		if (value < 0)
			return false;
		for (bit = 5; bit >= 0; bit--, bits++) {
			if (!(value >> bit & 1))
				continue;
			if (bits >= letters * 6 / 8 * 8)
				return false;
			s->data[bits / 8] |= (uint8_t)(0x80 >> bits % 8);
		}
	}
	s->len = letters * 6 / 8;
	return true;
}

static bool read_key(struct field f, size_t min, size_t max, struct ksrtp_secret *s)
{
	size_t i;

	for (i = 0; i < f.len && value_in("0123456789abcdefABCDEF", f.at[i]) >= 0; i++)
		;
	if (!f.len || !(i == f.len ? read_hex(f, s) : read_base64(f, s)))
		return false;
	return s->len >= min && s->len <= max;
}

static bool read_lifetime(struct field f, struct ksrtp_secret *s)
{
	const uint64_t most = UINT64_C(1) << 48;

	if (f.len > 2 && !memcmp(f.at, "2^", 2)) {
		f.at += 2;
		f.len -= 2;
		if (!digits(f) || number(f, 48) > 48)
			return false;
		s->lifetime = UINT64_C(1) << number(f, 48);
		return true;
	}
	if (!digits(f))
		return false;
	s->lifetime = number(f, most);
	return s->lifetime > 0 && s->lifetime <= most;
}

static bool read_mki(struct field f, struct ksrtp_secret *s)
{
	const char *colon = memchr(f.at, ':', f.len);
	struct field value = { f.at, (size_t)(colon - f.at) };
	struct field len = { colon + 1, f.len - value.len - 1 };
	char text[MAX_TEXT + 1];
	BIGNUM *n = NULL;
	bool ok;

	if (!digits(value) || !digits(len) || number(len, KSRTP_MAX_MKI) > KSRTP_MAX_MKI)
		return false;
	s->mki_len = number(len, KSRTP_MAX_MKI);
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	promise(BN_dec2bn(&n, text));
	ok = s->mki_len && BN_bn2binpad(n, s->mki, (int)s->mki_len) == (int)s->mki_len;
	BN_free(n);
	return ok;
}

/* KEY||SALT[|LIFETIME][|MKI:LENGTH] */
static bool read_inline(struct field f, size_t min, size_t max, struct ksrtp_secret *s)
{
	struct field fields[4];
	size_t n = 0, i;

	fields[0] = (struct field){ f.at, 0 };
	for (i = 0; i < f.len; i++) {
		if (f.at[i] == ';')
			return false;
		if (f.at[i] != '|') {
			fields[n].len++;
			continue;
		}
		if (++n == 3)
			return false;
		fields[n] = (struct field){ f.at + i + 1, 0 };
	}
	if (!read_key(fields[0], min, max, s))
		return false;
	if (n && memchr(fields[n].at, ':', fields[n].len) && !read_mki(fields[n--], s))
		return false;
	return n == 0 || (n == 1 && read_lifetime(fields[1], s));
}

static bool space(char c)
{
	return value_in(" \t\n\v\f\r", c) >= 0;
}

/* What the library's reader should say, by other means */
static bool reference(struct field f, size_t min, size_t max, struct ksrtp_secret *s)
{
	static char squeezed[2 * MAX_TEXT];
	struct field text = { squeezed, 0 };
	bool is_inline, gap = false;

	for (; f.len && space(*f.at); f.len--)
		f.at++;
	while (f.len && space(f.at[f.len - 1]))
		f.len--;
	is_inline = f.len >= 7 && !memcmp(f.at, "inline:", 7);
	if (is_inline) {
		f.at += 7;
		f.len -= 7;
	}
	for (; f.len; f.at++, f.len--) {
		if (space(*f.at))
			gap = true;
		else
			squeezed[text.len++] = *f.at;
	}
	if (text.len > MAX_TEXT)
		return false;
	return is_inline ? !gap && read_inline(text, min, max, s) : read_key(text, min, max, s);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static const struct ksrtp_secret none;
	static char text[MAX_TEXT + 16];
	struct ksrtp_secret got, want = { 0 };
	struct ksrtp_error err = { 0 };
	size_t min, max, len = 0;
	bool good;
	int ret;

	if (size < 3 || size - 3 > MAX_TEXT)
		return 0;
	min = data[1];
	max = data[2] == 255 ? KSRTP_MAX_SECRET : data[2];
	if (data[0] & 1) {
		memcpy(text, "inline:", 7);
		len = 7;
	}
	memcpy(text + len, data + 3, size - 3);
	len += size - 3;

	good = reference((struct field){ text, len }, min, max, &want);
	ret = ksrtp_secret_parse(text, len, min, max, &got, &err);
	promise(good == !ret);
	if (ret) {
		promise(*err.text && !memcmp(&got, &none, sizeof(got)));
		return 0;
	}
	promise(got.len == want.len && !memcmp(got.data, want.data, sizeof(got.data)));
	promise(got.mki_len == want.mki_len && !memcmp(got.mki, want.mki, sizeof(got.mki)));
	promise(got.lifetime == want.lifetime);
	return 0;
}
