// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Key files, from the file to the master keys: what is derived is what the
 * texts say, a refusal leaves nothing behind, and nothing that may be a key is said.
 *
 *	source | suite | MI and RTCP's key | key file | a zero byte | second file
 *
 * Source, low 4 bits: key-file, call-key-file, raw-e2e-file, hbh-key-file direct,
 * hbh-key-file two-stage in three directions; 16: standard input; 32: the file is
 * a directory; 64: there is none; both: it has no end; 128: its name may be a key.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "said.h"

#include "material.h"

#define MOST	9000

static struct said errors;

struct text {
	const char *at;
	size_t len;
};

/* The same file each time, with another content */
static const char *put_file(unsigned int n, struct text t)
{
	static char names[2][32];
	static int fds[2] = { -1, -1 };

	if (fds[n] < 0) {
		fds[n] = memfd_create("key", 0);
		promise(fds[n] >= 0);
		snprintf(names[n], sizeof(names[n]), "/proc/self/fd/%d", fds[n]);
	}
	promise(!ftruncate(fds[n], 0));
	promise(pwrite(fds[n], t.at, t.len, 0) == (ssize_t)t.len);
	return names[n];
}

static const char *as_stdin(const char *name)
{
	static int file = -1;

	if (file < 0) {
		file = open(name, O_RDONLY);
		promise(file >= 0 && dup2(file, 0) == 0);
	}
	promise(!lseek(0, 0, SEEK_SET));
	return "-";
}

/* Of the words the command line would have */
static bool read_source(uint8_t source, const char *file, struct material *m)
{
	static const uint8_t directions[] = {
		KSRTP_HBH_UPLINK, KSRTP_HBH_DOWNLINK, KSRTP_HBH_SHARED,
	};

	switch (source & 15) {
	case 0:
		m->key_file = file;
		return true;
	case 1:
		m->call_key_file = file;
		return true;
	case 2:
		m->raw_e2e_file = file;
		return true;
	case 3:
	case 4:
	case 5:
	case 6:
		m->hbh_key_file = file;
		m->kdf_given = 1;
		m->two_stage = (source & 15) > 3;
		m->direction = m->two_stage ? directions[(source & 15) - 4] : 0;
		return true;
	default:
		return false;
	}
}

/* A LID of the second file's first bytes, any at all */
static void read_lid(struct material *m, uint8_t more, struct text second)
{
	static char lid[2 * KSRTP_MAX_LID];
	const size_t len = second.len < sizeof(lid) ? second.len : sizeof(lid) - 1;

	memcpy(lid, second.at, len);
	lid[len] = '\0';
	m->lid = lid;
	m->lid_raw = more >> 7;
}

/* Of 16 bytes that look like a key, in the texts, none is in what was said. */
static void check_silence(struct text t)
{
	char part[17];
	size_t i;

	for (i = 0; i + 16 <= t.len; i++) {
		memcpy(part, t.at + i, 16);
		part[16] = '\0';
		if (strlen(part) == 16 && ksrtp_looks_secret(part) && strstr(errors.text, part)) {
			fprintf(stderr, "\"%s\" is in: %s", part, errors.text);
			abort();
		}
	}
}

static bool zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len && !*b) {
		b++;
		len--;
	}
	return !len;
}

static void check_key_file(const struct ksrtp_suite_info *suite, struct text t,
			   const struct derived *d)
{
	const size_t both = suite->key_len + suite->salt_len;
	struct ksrtp_secret s;

	promise(!ksrtp_secret_parse(t.at, t.len, suite->half ? both / 2 : both, both, &s, NULL));
	promise(d->rtp.key_len + d->rtp.salt_len == s.len);
	promise(!memcmp(d->rtp.key, s.data, d->rtp.key_len));
	promise(!memcmp(d->rtp.salt, s.data + d->rtp.key_len, d->rtp.salt_len));
	promise(d->mki_len == s.mki_len && !memcmp(d->mki, s.mki, s.mki_len));
	promise(d->lifetime == s.lifetime);
}

static void check_derived(const struct material *m, const struct ksrtp_suite_info *suite,
			  struct text first, struct text second, const struct derived *d)
{
	struct ksrtp_secret s;

	if (m->key_file)
		check_key_file(suite, first, d);
	else
		promise(d->rtp.key_len == 16 && d->rtp.salt_len == 14 && !d->mki_len &&
			!d->lifetime);
	promise(!d->lid[0] == !m->lid && memchr(d->lid, 0, sizeof(d->lid)));
	if (m->rtcp_key_file)
		promise(d->rtcp.key_len + d->rtcp.salt_len > 0);
	else
		promise(!d->rtcp.key_len == !m->two_stage);
	if (m->mi == MI_FILE) {
		promise(!ksrtp_secret_parse(second.at, second.len, 1, KSRTP_MAX_MI_KEY, &s, NULL));
		promise(d->mi_key_len == s.len && !memcmp(d->mi_key, s.data, s.len));
	} else {
		promise(d->mi_key_len == (m->mi == MI_DERIVED ? KSRTP_MI_KEY_LEN : 0));
	}
}

static const char *name_of(uint8_t source, const char *file)
{
	if (source & 128)
		return "/nowhere/00112233445566778899aabbccddeeff";
	if ((source & 96) == 96)
		return "/dev/zero";
	if (source & 64)
		return "/nowhere/key";
	if (source & 32)
		return "/";
	return source & 16 ? as_stdin(file) : file;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct args a = { .context = "key add", .object = "key" };
	struct text first, second = { "", 0 };
	struct ksrtp_suite_info suite;
	struct material m = { 0 };
	FILE *err = stderr;
	struct derived d;
	const char *zero_byte;
	int status;

	if (size < 3 || size > MOST || ksrtp_suite_get(data[1] & 31, &suite))
		return 0;
	first = (struct text){ (const char *)data + 3, size - 3 };
	zero_byte = memchr(first.at, 0, first.len);
	if (zero_byte) {
		second.at = zero_byte + 1;
		second.len = first.len - (size_t)(second.at - first.at);
		first.len = (size_t)(zero_byte - first.at);
	}
	if (!read_source(data[0], name_of(data[0], put_file(0, first)), &m))
		return 0;
	m.mi = data[2] & 7;
	if (m.mi == MI_FILE)
		m.mi_file = put_file(1, second);
	if (data[2] & 8)
		m.rtcp_key_file = put_file(1, second);
	if (m.call_key_file || m.raw_e2e_file)
		read_lid(&m, data[2], second);

	said_clear(&errors);
	stderr = errors.f;
	status = material_check(&a, &m);
	if (!status)
		status = material_derive(&a, &m, &suite, &d);
	stderr = err;
	promise(!said_len(&errors) == (status == DONE));
	if (status == DONE)
		check_derived(&m, &suite, first, second, &d);
	else if (status == REFUSED)
		promise(zero(&d, sizeof(d)));
	else
		promise(status == MISUSED);
	if (!m.lid)
		check_silence(first);
	check_silence(second);
	return 0;
}
