/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target as a unit test: given its seeds, and each prefix of each seed.
 *
 * Seeds are in selftests/fuzz/seeds/TARGET, one in a line, in hex; spaces are
 * for the eye, and what follows a # says why it is there.
 */
#ifndef SEEDS_H
#define SEEDS_H

#include "../unit/exact.h"
#include "fuzz.h"
#include "kt.h"

#define SEED_MAX	4096

/* Bytes of the seed in @line, 0 where there is none */
static inline size_t seed_read(const char *line, uint8_t *bytes)
{
	char hex[3] = "";
	size_t len = 0, digits = 0;

	for (; *line && *line != '#' && *line != '\n'; line++) {
		if (*line == ' ')
			continue;
		hex[digits++] = *line;
		if (digits < 2)
			continue;
		if (len == SEED_MAX || strspn(hex, "0123456789abcdefABCDEF") != 2)
			kt_bail("not a seed: %s", line);
		bytes[len++] = (uint8_t)strtoul(hex, NULL, 16);
		digits = 0;
	}
	if (digits)
		kt_bail("half a byte at the end of a seed");
	return len;
}

static inline void seed_feed(const uint8_t *bytes, size_t len)
{
	uint8_t *p = exact(bytes, len);

	fuzz_one(p, len);
	free(p);
}

static inline int seeds_replay(const char *target)
{
	static char path[4096], line[3 * SEED_MAX];
	const char *top = getenv("KSRTP_TOP");
	uint8_t bytes[SEED_MAX];
	size_t n = 0, len, cut;
	FILE *f;

	snprintf(path, sizeof(path), "%s/selftests/fuzz/seeds/%s", top ? top : ".", target);
	f = fopen(path, "r");
	if (!f)
		kt_bail("%s: %s", path, strerror(errno));
	kt_plan(1);
	while (fgets(line, sizeof(line), f)) {
		len = seed_read(line, bytes);
		n += !!len;
		for (cut = 1; cut <= len; cut++)
			seed_feed(bytes, cut);
	}
	fclose(f);
	kt_ok(n > 0, "%zu seeds of the %s fuzzer, and every prefix of them, keep its promises",
	      n, target);
	return kt_done();
}

#endif /* SEEDS_H */
