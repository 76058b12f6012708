/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window.h: the timed window, visible from outside the guest.
 *
 * Two long no-operations that no compiler writes; profile.c looks for them.
 */
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

static inline void bench_window_begin(void)
{
#ifdef __x86_64__
	asm volatile("nopl 0x4b535201(%%rax,%%rax,1)" ::: "memory");
#endif
}

static inline void bench_window_end(void)
{
#ifdef __x86_64__
	asm volatile("nopl 0x4b535202(%%rax,%%rax,1)" ::: "memory");
#endif
}

#endif
