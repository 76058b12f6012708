/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fuzz target needs. It is one function, which is given bytes and aborts
 * where a promise is broken; libFuzzer calls it (fuzz.sh), and so does a unit
 * with the seeds (userspace/fuzz/driver.c).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name libFuzzer calls it by */
int fuzz_one(const uint8_t *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

#define promise(cond)							\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: broken promise: %s\n",		\
			__FILE__, __LINE__, #cond);			\
		abort();						\
	}								\
} while (0)

/*
 * Not instrumented: comparisons a fuzzer learns nothing from, which would take
 * most of its time
 */
#ifdef __clang__
#define unguided	__attribute__((no_sanitize("coverage")))
#else
#define unguided
#endif

#endif /* FUZZ_H */
