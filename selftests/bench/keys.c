// SPDX-License-Identifier: GPL-2.0-or-later
/* Key files of the bench, read */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "keys.h"

void bench_read_keys(const char *file, struct bench_key *k)
{
	char line[2 * BENCH_MAX_KEY + 2];
	size_t len, i;
	FILE *f;

	f = fopen(file, "r");
	if (!f)
		err(1, "%s", file);
	memset(k, 0, sizeof(*k));
	while (fgets(line, sizeof(line), f)) {
		len = strcspn(line, "\n");
		if (line[len] != '\n' || len % 2 || !len || (k->n && len != 2 * k->len) ||
		    k->n == BENCH_MAX_KEYS)
			errx(1, "%s:%u: keys of one length expected, %d at the most", file,
			     k->n + 1, BENCH_MAX_KEYS);
		k->len = len / 2;
		for (i = 0; i < k->len; i++)
			if (sscanf(line + 2 * i, "%2hhx", &k->bytes[k->n][i]) != 1)
				errx(1, "%s:%u: no hex", file, k->n + 1);
		k->n++;
	}
	fclose(f);
	if (!k->n)
		errx(1, "%s: no key", file);
}
