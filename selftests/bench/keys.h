/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files of the bench: one master key || master salt in hex per line */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_MAX_KEYS 64
#define BENCH_MAX_KEY 46

struct bench_key {
	uint8_t bytes[BENCH_MAX_KEYS][BENCH_MAX_KEY];
	size_t len; /* of each line */
	unsigned int n; /* lines */
};

/* Ends the program with a message when the file is not right */
void bench_read_keys(const char *file, struct bench_key *k);

#endif
