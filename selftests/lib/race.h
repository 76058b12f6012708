/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * race.h: several things done at once for a bounded time, and how often.
 *
 *	static struct race_actor actors[] = {
 *		{ "keys come and go", keys },
 *		{ "dumps", dumps },
 *	};
 *
 *	kt_ok(race_run(actors, ARRAY_SIZE(actors), 2000, 3), "keys beside dumps");
 *
 * And a page that a system call finds missing, and waits for as long as the test
 * likes: what the kernel has decided before, and what it does afterwards, are
 * then as far apart as they can be.
 *
 *	struct stall s;
 *
 *	if (!stall_open(&s))
 *		kt_skip(...);
 *	... in a thread: setsockopt(fd, level, name, s.page, sizeof(int))
 *	stall_met(&s);
 *	... what is to happen meanwhile
 *	stall_end(&s, &value, sizeof(value));
 */
#ifndef RACE_H
#define RACE_H

#include <pthread.h>
#include <stdatomic.h>

#include "rig.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/**
 * struct race_actor - what one thread does again and again
 * @what: for the notes
 * @turn: once; bounded in time, or it is not the race that ends
 * @rounds: how often it was done
 */
struct race_actor {
	const char *what;
	void (*turn)(unsigned long round);
	atomic_ulong rounds;
	pthread_t thread;
};

/* race_ms - how long a race runs: KSRTP_RACE_SECONDS, or @ms if nothing is said */
long long race_ms(long long ms);

/*
 * race_run - all actors at once, for race_ms(@ms), and on until each was done @least
 * times; a note says how often each was. Return: whether all were.
 */
bool race_run(struct race_actor *actors, size_t n, long long ms, unsigned long least);

/* race_refs - references on the module; race_unload - 0 or a negative errno; race_load bails out */
int race_refs(void);
int race_unload(void);
void race_load(void);

/* race_memory - kilobytes the kernel has in slabs it cannot shrink, and per CPU */
long race_memory(void);
/* race_debug - a kernel whose checks keep freed memory for a while, and look for leaks */
bool race_debug(void);
/* race_nothing_left - no sock, peer, key, route, stream is left, in this namespace */
bool race_nothing_left(void);

/**
 * struct stall - a page that is not there before stall_end()
 * @page: its address, to be read by a system call of another thread
 */
struct stall {
	void *page;
	int uffd;
};

/* stall_open - false where the kernel cannot say when a page is missing */
bool stall_open(struct stall *s);
/* stall_met - waits until somebody waits for the page */
bool stall_met(const struct stall *s);
/* stall_end - the page begins with @len bytes of @data, 0 behind it; who waits goes on */
void stall_end(struct stall *s, const void *data, size_t len);
void stall_close(struct stall *s);

/* setsockopt_stalled - in a thread of its own with the page as value */
struct stalled_call {
	struct stall stall;
	pthread_t thread;
	int fd, level, name;
	int error;
};

/* stalled_start - has begun and waits for its value; false where that cannot be had */
bool stalled_start(struct stalled_call *c, int fd, int level, int name);
/* stalled_end - it goes on with this value. Return: 0 or its negative errno */
int stalled_end(struct stalled_call *c, int value);

#endif /* RACE_H */
