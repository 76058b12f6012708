// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * driver.c: runs a fuzz target without a fuzzer, as one of the units.
 *
 * A target is what libFuzzer calls: LLVMFuzzerTestOneInput(), which aborts
 * where a promise is broken.  Here it is given its seeds, each prefix of each
 * seed, and mutations of them, the same ones in each run: half a million, or as
 * many as two seconds of processor time allow.
 * `make fuzz` builds the same targets with libFuzzer, which goes much further.
 *
 * Seeds are in a file seeds/TARGET beside the target, which is in selftests/fuzz
 * or userspace/fuzz: one in a line, in hex; spaces are for the eye and what
 * follows a # is why it is there.
 */
#include "kt.h"

#include <ctype.h>
#include <stdint.h>

#define MUTATIONS	500000
#define MUTATION_TIME	(2 * CLOCKS_PER_SEC)
#define SEED_MAX	4096
#define SEEDS_MAX	2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seed {
	uint8_t bytes[SEED_MAX];
	size_t len;
};

static struct seed seeds[SEEDS_MAX];
static size_t n_seeds;

/* xorshift64*: any numbers will do, as long as they are the same tomorrow */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint32_t number_below(uint32_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1d >> 33) % limit;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

/* Whether the line holds a seed; one that is not hex ends the test. */
static bool read_seed(const char *line, struct seed *seed)
{
	int high = -1;

	seed->len = 0;
	for (; *line && *line != '#' && *line != '\n'; line++) {
		int digit = hex_digit(*line);

		if (isspace((unsigned char)*line))
			continue;
		if (digit < 0 || seed->len == SEED_MAX)
			kt_bail("not a seed: %s", line);
		if (high < 0) {
			high = digit;
		} else {
			seed->bytes[seed->len++] = high << 4 | digit;
			high = -1;
		}
	}
	if (high >= 0)
		kt_bail("half a byte at the end of a seed");
	return seed->len > 0;
}

static FILE *open_seeds(const char *target)
{
	static const char * const places[] = { "selftests", "userspace" };
	const char *top = getenv("KSRTP_TOP");
	char path[4096];
	FILE *f = NULL;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]) && !f; i++) {
		snprintf(path, sizeof(path), "%s/%s/fuzz/seeds/%s", top ? top : ".",
			 places[i], target);
		f = fopen(path, "r");
	}
	if (!f)
		kt_bail("there are no seeds of %s", target);
	return f;
}

static void read_seeds(const char *target)
{
	char line[3 * SEED_MAX];
	FILE *f = open_seeds(target);

	while (fgets(line, sizeof(line), f)) {
		if (n_seeds == SEEDS_MAX)
			kt_bail("more than %d seeds of %s", SEEDS_MAX, target);
		n_seeds += read_seed(line, &seeds[n_seeds]);
	}
	fclose(f);
	if (!n_seeds)
		kt_bail("the seeds of %s are empty", target);
}

/* A copy of its own size, for the sanitizer to see every byte too far. */
static void feed(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		kt_bail("out of memory");
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void mutate(struct seed *s)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff };
	const struct seed *other = &seeds[number_below(n_seeds)];
	size_t at = number_below(s->len), n;

	switch (number_below(6)) {
	case 0:
		s->bytes[at] ^= 1 << number_below(8);
		break;
	case 1:
		s->bytes[at] = edges[number_below(sizeof(edges))];
		break;
	case 2:
		s->bytes[at] = number_below(256);
		break;
	case 3:
		s->len = at + 1;
		break;
	case 4:	/* the end of another one */
		n = number_below(other->len) + 1;
		if (at + n > SEED_MAX)
			break;
		memcpy(s->bytes + at, other->bytes + other->len - n, n);
		s->len = at + n;
		break;
	case 5:	/* a part again */
		n = number_below(s->len - at) + 1;
		if (s->len + n > SEED_MAX)
			break;
		memmove(s->bytes + at + n, s->bytes + at, s->len - at);
		s->len += n;
		break;
	}
}

/* How many there were. */
static int feed_mutations(void)
{
	clock_t end = clock() + MUTATION_TIME;
	static struct seed s;
	int i, steps;

	for (i = 0; i < MUTATIONS && clock() < end; i++) {
		s = seeds[number_below(n_seeds)];
		for (steps = number_below(8) + 1; steps; steps--)
			mutate(&s);
		feed(s.bytes, s.len);
	}
	return i;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	size_t i, len;

	(void)argc;
	kt_plan(2);
	read_seeds(slash ? slash + 1 : argv[0]);
	for (i = 0; i < n_seeds; i++)
		for (len = 0; len <= seeds[i].len; len++)
			feed(seeds[i].bytes, len);
	kt_ok(true, "%zu seeds and every prefix of them do no harm", n_seeds);
	kt_ok(feed_mutations() > 0, "mutations of them do no harm");
	return kt_done();
}
