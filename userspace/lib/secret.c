// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Secrets as people keep them: hex, base64, or the inline parameter of an SDES
 * crypto line. Nothing here prints a byte of what it reads, and what it copied
 * is wiped.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "internal.h"

/* Base64 of the longest secret, white space after each character, and a bit */
#define MAX_TEXT	4096

void ksrtp_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

/*
 * A file's or an interface's name may be repeated in a message, a key must
 * not. A key is a long run of letters and digits, of hex digits only or with
 * capitals among them: of 30 random bytes in base64, one in 10^9 has none.
 */
bool ksrtp_looks_secret(const char *word)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";
	/* 12 bytes in base64: a salt alone would be longer. */
	const size_t run = 16;

	if (strstr(word, "inline:"))
		return true;
	for (; *word; word++) {
		const size_t len = strspn(word, base64);

		if (strspn(word, hex) >= run)
			return true;
		if (len >= run && strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < len)
			return true;
	}
	return false;
}

/* ---- hex and base64 ------------------------------------------------------ */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool all_hex(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
	}
	return len > 0;
}

static int wrong_length(struct ksrtp_error *err, size_t min, size_t max, size_t found,
			const char *how)
{
	if (min == max)
		return ksrtp__fail(err, -EINVAL,
				   "%zu bytes of key material expected, %zu found (%s)",
				   min, found, how);
	if (max == KSRTP_MAX_SECRET)
		return ksrtp__fail(err, -EINVAL,
				   "at least %zu bytes of key material expected, %zu found (%s)",
				   min, found, how);
	return ksrtp__fail(err, -EINVAL,
			   "%zu to %zu bytes of key material expected, %zu found (%s)",
			   min, max, found, how);
}

static int decode_hex(const char *text, size_t len, size_t min, size_t max,
		      struct ksrtp_secret *s, struct ksrtp_error *err)
{
	size_t i;

	if (len % 2)
		return ksrtp__fail(err, -EINVAL,
				   "%zu hex digits found, which are no whole bytes", len);
	if (len / 2 < min || len / 2 > max)
		return wrong_length(err, min, max, len / 2, "hex");
	for (i = 0; i < len; i += 2)
		s->data[i / 2] = (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
	s->len = len / 2;
	return 0;
}

static bool base64_letter(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/';
}

/*
 * The padding may be left out, as some SDES writers do; everything else is
 * taken strictly, for a character too many is a typing mistake. libcrypto
 * decodes groups of four and does not mind stray bits at the end: these are
 * found by encoding again.
 */
static int decode_base64(const char *text, size_t len, size_t min, size_t max,
			 struct ksrtp_secret *s, struct ksrtp_error *err)
{
	unsigned char padded[MAX_TEXT + 4], out[MAX_TEXT], again[MAX_TEXT + 4];
	size_t letters = 0, pad, total, found;
	int n, ret = 0;

	while (letters < len && base64_letter(text[letters]))
		letters++;
	pad = (4 - letters % 4) % 4;
	if (pad == 3 || (letters < len && len != letters + pad) ||
	    strspn(text + letters, "=") < len - letters || letters > MAX_TEXT)
		return ksrtp__fail(err, -EINVAL,
				   "key material is neither hex nor base64 nor an SDES \"inline:\" parameter");
	found = letters * 3 / 4;
	if (found < min || found > max)
		return wrong_length(err, min, max, found, "base64");

	total = letters + pad;
	memcpy(padded, text, letters);
	memset(padded + letters, '=', pad);
	n = EVP_DecodeBlock(out, padded, (int)total);
	if (n != (int)(total / 4 * 3) || found > sizeof(s->data)) {
		ret = ksrtp__fail(err, -EINVAL, "key material is not base64");
	} else {
		EVP_EncodeBlock(again, out, (int)found);
		if (CRYPTO_memcmp(again, padded, total))
			ret = ksrtp__fail(err, -EINVAL,
					  "the last character of the base64 text has bits too many: is it cut off?");
	}
	if (!ret) {
		memcpy(s->data, out, found);
		s->len = found;
	}
	ksrtp_wipe(padded, sizeof(padded));
	ksrtp_wipe(out, sizeof(out));
	ksrtp_wipe(again, sizeof(again));
	return ret;
}

static int decode(const char *text, size_t len, size_t min, size_t max,
		  struct ksrtp_secret *s, struct ksrtp_error *err)
{
	if (!len)
		return ksrtp__fail(err, -EINVAL, "there is no key material");
	if (all_hex(text, len))
		return decode_hex(text, len, min, max, s, err);
	return decode_base64(text, len, min, max, s, err);
}

/* ---- SDES: KEY||SALT[|LIFETIME][|MKI:LENGTH] ----------------------------- */

#define MAX_LIFETIME	(UINT64_C(1) << 48)

static int bad_part(struct ksrtp_error *err, const char *what)
{
	return ksrtp__fail(err, -EINVAL, "SDES inline parameter: %s", what);
}

/* A decimal number or a power of two, written 2^N */
static int parse_lifetime(const char *part, size_t len, uint64_t *lifetime,
			  struct ksrtp_error *err)
{
	static const char sentence[] = "the lifetime is to be 1 to 2^48 packets";
	uint64_t value = 0;
	bool power = false;
	size_t i = 0;

	if (len > 2 && part[0] == '2' && part[1] == '^') {
		power = true;
		i = 2;
	}
	for (; i < len; i++) {
		if (!isdigit((unsigned char)part[i]) || value > MAX_LIFETIME)
			return bad_part(err, sentence);
		value = value * 10 + (part[i] - '0');
	}
	if (power)
		value = value <= 48 ? UINT64_C(1) << value : 0;
	if (!value || value > MAX_LIFETIME)
		return bad_part(err, sentence);
	*lifetime = value;
	return 0;
}

/* MKI:LENGTH, the MKI a decimal number of any size, big-endian in LENGTH bytes */
static int parse_mki(const char *part, size_t len, struct ksrtp_secret *s,
		     struct ksrtp_error *err)
{
	const char *colon = memchr(part, ':', len);
	const char *p = colon + 1;
	size_t bytes = 0;

	for (; p < part + len; p++) {
		if (!isdigit((unsigned char)*p) || bytes > KSRTP_MAX_MKI)
			break;
		bytes = bytes * 10 + (*p - '0');
	}
	if (p < part + len || bytes < 1 || bytes > KSRTP_MAX_MKI)
		return bad_part(err, "the length of the MKI is to be 1 to 128 bytes");
	if (colon == part)
		return bad_part(err, "there is no MKI before the colon");
	for (p = part; p < colon; p++) {
		unsigned int carry = *p - '0';
		size_t i;

		if (!isdigit((unsigned char)*p))
			return bad_part(err, "the MKI is to be a decimal number");
		for (i = bytes; i--;) {
			carry += s->mki[i] * 10u;
			s->mki[i] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			return bad_part(err, "the MKI does not fit its length");
	}
	s->mki_len = bytes;
	return 0;
}

static int parse_inline(const char *text, size_t len, size_t min, size_t max,
			struct ksrtp_secret *s, struct ksrtp_error *err)
{
	const char *end = text + len, *part = memchr(text, '|', len);
	int ret;

	if (memchr(text, ';', len))
		return bad_part(err, "there is more than one key; add them one by one");
	ret = decode(text, part ? (size_t)(part - text) : len, min, max, s, err);
	while (!ret && part) {
		const char *next;
		size_t part_len;

		part++;
		next = memchr(part, '|', end - part);
		part_len = (next ? next : end) - part;
		if (memchr(part, ':', part_len))
			ret = s->mki_len ? bad_part(err, "there are two MKIs") :
					   parse_mki(part, part_len, s, err);
		else
			ret = s->lifetime || s->mki_len ?
			      bad_part(err, "a lifetime is expected once, and before the MKI") :
			      parse_lifetime(part, part_len, &s->lifetime, err);
		part = next;
	}
	return ret;
}

/* ---- texts and files ----------------------------------------------------- */

/*
 * Removes white space; around it only where there is @inline_key, for what
 * follows an SDES key after a space is a session parameter, not to be dropped.
 */
static int squeeze(const char *text, size_t len, char *out, size_t *out_len, bool *inline_key,
		   struct ksrtp_error *err)
{
	size_t i, n = 0;

	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	*inline_key = len >= 7 && !memcmp(text, "inline:", 7);
	for (i = *inline_key ? 7 : 0; i < len; i++) {
		if (isspace((unsigned char)text[i])) {
			if (!*inline_key)
				continue;
			return bad_part(err,
					"nothing may follow it: session parameters are not known here");
		}
		if (n == MAX_TEXT)
			return ksrtp__fail(err, -EINVAL, "this is more than any key material is");
		out[n++] = text[i];
	}
	*out_len = n;
	return 0;
}

int ksrtp_secret_parse(const char *text, size_t text_len, size_t min, size_t max,
		       struct ksrtp_secret *secret, struct ksrtp_error *err)
{
	char squeezed[MAX_TEXT];
	bool inline_key;
	size_t len = 0;
	int ret;

	memset(secret, 0, sizeof(*secret));
	if (max > KSRTP_MAX_SECRET)
		max = KSRTP_MAX_SECRET;
	ret = squeeze(text, text_len, squeezed, &len, &inline_key, err);
	if (!ret)
		ret = inline_key ? parse_inline(squeezed, len, min, max, secret, err) :
				   decode(squeezed, len, min, max, secret, err);
	if (ret)
		ksrtp_wipe(secret, sizeof(*secret));
	ksrtp_wipe(squeezed, sizeof(squeezed));
	return ret;
}

/* A name that may be a key by mistake is not repeated. */
static int cannot_open(const char *path, int error, struct ksrtp_error *err)
{
	if (ksrtp_looks_secret(path))
		return ksrtp__fail(err, -error,
				   "the key file cannot be opened (%s); what is given is the name of a file, key material itself belongs in the file",
				   strerror(error));
	return ksrtp__fail(err, -error, "key file %s: %s", path, strerror(error));
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, buf + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		n += got;
	}
	return (ssize_t)n;
}

int ksrtp_secret_read(const char *path, size_t min, size_t max,
		      struct ksrtp_secret *secret, struct ksrtp_error *err)
{
	const bool from_stdin = !strcmp(path, "-");
	char text[2 * MAX_TEXT];
	struct ksrtp_error why;
	ssize_t n;
	int fd, ret;

	memset(secret, 0, sizeof(*secret));
	fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return cannot_open(path, errno, err);
	n = read_all(fd, text, sizeof(text));
	if (!from_stdin)
		close(fd);
	if (n < 0) {
		ret = cannot_open(path, (int)-n, err);
	} else if (n == (ssize_t)sizeof(text)) {
		ret = ksrtp__fail(err, -EFBIG, "%s: this is more than any key material is",
				  from_stdin ? "standard input" : path);
	} else {
		ret = ksrtp_secret_parse(text, n, min, max, secret, &why);
		if (ret)
			ksrtp__fail(err, ret, "%s: %s", from_stdin ? "standard input" : path,
				    why.text);
	}
	ksrtp_wipe(text, sizeof(text));
	return ret;
}
