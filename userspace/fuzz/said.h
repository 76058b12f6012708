/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tool says, kept for a fuzz target, without a file opened each time. */
#ifndef SAID_H
#define SAID_H

#include "../../selftests/fuzz/fuzz.h"

/* More than there is room for ends a write with an error, as a full disk would. */
struct said {
	FILE *f;
	char text[1 << 16];
};

static inline void said_clear(struct said *s)
{
	if (!s->f)
		s->f = fmemopen(s->text, sizeof(s->text), "w");
	promise(s->f);
	rewind(s->f);
	clearerr(s->f);
	s->text[0] = '\0';
}

static inline size_t said_len(struct said *s)
{
	long n;

	fflush(s->f);
	n = ftell(s->f);
	promise(n >= 0 && (size_t)n < sizeof(s->text));
	s->text[n] = '\0';
	return (size_t)n;
}

#endif /* SAID_H */
