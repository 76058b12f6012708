// SPDX-License-Identifier: GPL-2.0-or-later
/* Key files: what is read, what is refused, and that no refusal shows a key. */
#include <kt.h>

#include <sys/stat.h>

#include <openssl/evp.h>

#include <libksrtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* 30 bytes, the numbers from 0, in each form */
#define HEX30 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
#define B64_30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
/* 32 bytes */
#define B64_32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static bool counts_up(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != i)
			return false;
	}
	return true;
}

/* ---- what is read -------------------------------------------------------- */

static const struct {
	const char *text;
	size_t len;
	const char *name;
} good[] = {
	{ HEX30, 30, "hex" },
	{ "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D", 30, "hex, capitals" },
	{ "  " HEX30 "\r\n\n", 30, "hex with white space around it" },
	{ "00 01 02 03 04 05 06 07\n08 09 0a 0b 0c 0d 0e 0f", 16, "hex in groups and lines" },
	{ B64_30, 30, "base64" },
	{ B64_30 "\n", 30, "base64 with a line end" },
	{ "AAECAwQFBgcICQoL\nDA0ODxAREhMUFRYX\nGBkaGxwd\n", 30, "base64 in lines" },
	{ B64_32, 32, "base64 with padding" },
	{ "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", 32, "base64 without its padding" },
	{ "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", 31, "base64 with two of padding" },
	{ "AA==", 1, "one byte of base64" },
	{ "00", 1, "one byte of hex" },
	{ "inline:" B64_30, 30, "SDES" },
	{ " inline:" B64_30 "\n", 30, "SDES with white space around it" },
	{ "inline:" HEX30, 30, "SDES written in hex" },
};

static void check_good(void)
{
	struct ksrtp_secret s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		int ret = ksrtp_secret_parse(good[i].text, strlen(good[i].text), good[i].len,
					     good[i].len, &s, NULL);

		kt_ok(!ret && s.len == good[i].len && counts_up(s.data, s.len) &&
		      !s.mki_len && !s.lifetime, "read: %s", good[i].name);
	}
}

/* The lengths of the suites' masters, in each form */
static void check_lengths(void)
{
	static const size_t lengths[] = { 28, 30, 38, 44, 46, 56, 88 };
	static const char *const forms[] = { "hex", "base64", "SDES" };
	size_t i, j, n;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		bool ok = true;

		for (j = 0; j < ARRAY_SIZE(forms); j++) {
			uint8_t bytes[128];
			char text[512] = "";
			struct ksrtp_secret s;

			for (n = 0; n < lengths[i]; n++) {
				bytes[n] = (uint8_t)n;
				if (!j)
					sprintf(text + 2 * n, "%02x", bytes[n]);
			}
			if (j == 2)
				strcpy(text, "inline:");
			if (j)
				EVP_EncodeBlock((unsigned char *)text + strlen(text), bytes,
						(int)lengths[i]);
			if (j == 2)
				strcat(text, "|2^48|66051:4");
			ok = ok && !ksrtp_secret_parse(text, strlen(text), lengths[i], lengths[i],
						       &s, NULL) &&
			     s.len == lengths[i] && counts_up(s.data, s.len) &&
			     (j < 2 || (s.lifetime == UINT64_C(1) << 48 && s.mki_len == 4 &&
					!memcmp(s.mki, "\0\1\2\3", 4)));
		}
		kt_ok(ok, "%zu bytes are read as hex, as base64 and as SDES with all of its parts",
		      lengths[i]);
	}
}

static const struct {
	const char *parts;
	uint64_t lifetime;
	const char *mki;
	size_t mki_len;
} sdes[] = {
	{ "|2^20", 1 << 20, "", 0 },
	{ "|2^48", UINT64_C(1) << 48, "", 0 },
	{ "|2^0", 1, "", 0 },
	{ "|1000", 1000, "", 0 },
	{ "|281474976710656", UINT64_C(1) << 48, "", 0 },
	{ "|2", 2, "", 0 },
	{ "|1:4", 0, "\0\0\0\1", 4 },
	{ "|2^31|1:1", UINT64_C(1) << 31, "\1", 1 },
	{ "|255:1", 0, "\xff", 1 },
	{ "|66051:3", 0, "\1\2\3", 3 },
	{ "|18446744073709551616:9", 0, "\1\0\0\0\0\0\0\0\0", 9 },
};

static void check_sdes(void)
{
	struct ksrtp_secret s;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sdes); i++) {
		int ret;

		snprintf(text, sizeof(text), "inline:" B64_30 "%s", sdes[i].parts);
		ret = ksrtp_secret_parse(text, strlen(text), 30, 30, &s, NULL);
		kt_ok(!ret && s.len == 30 && counts_up(s.data, 30) &&
		      s.lifetime == sdes[i].lifetime && s.mki_len == sdes[i].mki_len &&
		      !memcmp(s.mki, sdes[i].mki, s.mki_len), "SDES with %s", sdes[i].parts);
	}
	snprintf(text, sizeof(text), "inline:" B64_30 "|7:128");
	kt_ok(!ksrtp_secret_parse(text, strlen(text), 30, 30, &s, NULL) && s.mki_len == 128 &&
	      s.mki[127] == 7 && !s.mki[126], "SDES with an MKI of 128 bytes");
}

/* ---- what is refused ----------------------------------------------------- */

static const struct {
	const char *text;
	size_t min, max;
	const char *sentence;
} bad[] = {
	{ HEX30, 46, 46, "46 bytes of key material expected, 30 found (hex)" },
	{ B64_30, 46, 46, "46 bytes of key material expected, 30 found (base64)" },
	{ B64_32, 30, 30, "30 bytes of key material expected, 32 found (base64)" },
	{ HEX30, 32, KSRTP_MAX_SECRET, "at least 32 bytes of key material expected, 30 found" },
	{ HEX30, 1, 20, "1 to 20 bytes of key material expected, 30 found" },
	{ HEX30 "1", 30, 30, "61 hex digits found, which are no whole bytes" },
	{ "", 30, 30, "there is no key material" },
	{ "\n ", 30, 30, "there is no key material" },
	{ "inline:", 30, 30, "there is no key material" },
	{ "this is not a key!", 1, 512, "neither hex nor base64" },
	{ "AAAA=AAA", 1, 512, "neither hex nor base64" },
	{ "AAECAwQFBgcICQoL====", 1, 512, "neither hex nor base64" },
	{ "AAECAwQFBgcICQoLD===", 1, 512, "neither hex nor base64" },
	{ "AAECAwQFBgcICQoLDA=", 1, 512, "neither hex nor base64" },
	{ "zzECAwQFBgcICQoLz", 1, 512, "neither hex nor base64" },
	{ "zzECAwQFBgcICQoLzz", 1, 512, "bits too many" },
	{ "AAECAwQFBgcICQoLDA1=", 1, 512, "bits too many" },
	{ "inline:" B64_30 "|", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|0", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|2^49", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|2^", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|3^4", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|281474976710657", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|99999999999999999999999999", 30, 30, "the lifetime is to be" },
	{ "inline:" B64_30 "|2^20|2^20", 30, 30, "a lifetime is expected once" },
	{ "inline:" B64_30 "|1:4|2^20", 30, 30, "a lifetime is expected once" },
	{ "inline:" B64_30 "|1:4|2:4", 30, 30, "there are two MKIs" },
	{ "inline:" B64_30 "|1:", 30, 30, "the length of the MKI" },
	{ "inline:" B64_30 "|1:0", 30, 30, "the length of the MKI" },
	{ "inline:" B64_30 "|1:129", 30, 30, "the length of the MKI" },
	{ "inline:" B64_30 "|1:99999999999999999999", 30, 30, "the length of the MKI" },
	{ "inline:" B64_30 "|1:4:4", 30, 30, "the length of the MKI" },
	{ "inline:" B64_30 "|:4", 30, 30, "there is no MKI before the colon" },
	{ "inline:" B64_30 "|256:1", 30, 30, "the MKI does not fit its length" },
	{ "inline:" B64_30 "|0xff:1", 30, 30, "the MKI is to be a decimal number" },
	{ "inline:" B64_30 " KDR=1", 30, 30, "session parameters are not known here" },
	{ "inline:" B64_30 ";inline:" B64_30, 30, 30, "there is more than one key" },
};

static bool zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len--) {
		if (*b++)
			return false;
	}
	return true;
}

static void check_bad(void)
{
	struct ksrtp_secret s;
	struct ksrtp_error err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		int ret = ksrtp_secret_parse(bad[i].text, strlen(bad[i].text), bad[i].min,
					     bad[i].max, &s, &err);

		kt_ok(ret == -EINVAL && strstr(err.text, bad[i].sentence) &&
		      zero(&s, sizeof(s)), "refused, nothing kept: %s",
		      ret ? err.text : bad[i].text);
		/* a byte of the text, that is: four letters of it in a row */
		if (strlen(bad[i].text) > 30)
			kt_ok(!strstr(err.text, "AwQF") && !strstr(err.text, "0304"),
			      "and the sentence shows nothing of it");
		else
			kt_ok(!strstr(err.text, "zzEC"), "and the sentence shows nothing of it");
	}
}

static void check_size(void)
{
	static char text[100000];
	struct ksrtp_secret s;
	struct ksrtp_error err;

	memset(text, 'A', sizeof(text));
	kt_is(ksrtp_secret_parse(text, sizeof(text), 30, 30, &s, &err), -EINVAL,
	      "a text longer than any key is refused");
	kt_ok(!ksrtp_secret_parse(text, 1024, 512, 512, &s, &err) && s.len == 512,
	      "512 bytes, the most there are, are read");
	kt_is(ksrtp_secret_parse(text, 1026, 1, 100000, &s, &err), -EINVAL,
	      "513 bytes are refused whatever the caller allows");
	kt_is(ksrtp_secret_parse("A\0A=", 4, 1, 512, &s, &err), -EINVAL,
	      "a zero byte is refused");
}

/* ---- files --------------------------------------------------------------- */

static void check_files(void)
{
	char name[] = "/tmp/ksrtp-secret-XXXXXX", fifo[64];
	struct ksrtp_secret s;
	struct ksrtp_error err;
	int fd = mkstemp(name), pair[2], saved;

	if (fd < 0 || write(fd, B64_30 "\n", strlen(B64_30) + 1) < 0)
		kt_bail("no file: %s", strerror(errno));
	kt_ok(!ksrtp_secret_read(name, 30, 30, &s, &err) && counts_up(s.data, 30),
	      "a file is read");
	kt_ok(ksrtp_secret_read(name, 46, 46, &s, &err) == -EINVAL && strstr(err.text, name) &&
	      strstr(err.text, "46 bytes of key material expected, 30 found"),
	      "a wrong length names the file, the length expected and the one found");
	if (ftruncate(fd, 1 << 20))
		kt_bail("ftruncate: %s", strerror(errno));
	kt_is(ksrtp_secret_read(name, 30, 30, &s, &err), -EFBIG, "a large file is refused");
	close(fd);
	unlink(name);

	/* As a shell's <(...) gives it: bytes come one by one. */
	if (pipe(pair))
		kt_bail("pipe: %s", strerror(errno));
	snprintf(fifo, sizeof(fifo), "/dev/fd/%d", pair[0]);
	if (!fork()) {
		const char *p;

		for (p = B64_30; *p; p++) {
			if (write(pair[1], p, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(pair[1]);
	saved = dup(STDIN_FILENO);
	if (saved < 0 || dup2(pair[0], STDIN_FILENO) < 0)
		kt_bail("dup: %s", strerror(errno));
	kt_ok(!ksrtp_secret_read("-", 30, 30, &s, &err) && counts_up(s.data, 30),
	      "- is standard input");
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(pair[0]);
	wait(NULL);

	kt_ok(ksrtp_secret_read("/nonexistent", 30, 30, &s, &err) == -ENOENT &&
	      strstr(err.text, "/nonexistent"), "a file that is not there is named");
	kt_ok(ksrtp_secret_read(B64_30, 30, 30, &s, &err) == -ENOENT &&
	      !strstr(err.text, "AwQF") && strstr(err.text, "belongs in the file"),
	      "a key in place of the file's name is not repeated (base64)");
	kt_ok(ksrtp_secret_read(HEX30, 30, 30, &s, &err) == -ENOENT &&
	      !strstr(err.text, "0304") && strstr(err.text, "belongs in the file"),
	      "a key in place of the file's name is not repeated (hex)");
	kt_ok(ksrtp_secret_read("inline:short", 30, 30, &s, &err) == -ENOENT &&
	      !strstr(err.text, "short"),
	      "a key in place of the file's name is not repeated (SDES)");
	kt_is(ksrtp_secret_read("/tmp", 30, 30, &s, &err), -EISDIR, "a directory is refused");
}

int main(void)
{
	kt_plan(7 + ARRAY_SIZE(good) + ARRAY_SIZE(sdes) + 1 + 2 * ARRAY_SIZE(bad) + 4 + 9);
	check_good();
	check_lengths();
	check_sdes();
	check_bad();
	check_size();
	check_files();
	return kt_done();
}
