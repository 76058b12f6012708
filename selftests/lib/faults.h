/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults.h: operations that are made to fail wherever memory, or a copy from or
 * to user space, can be short.
 *
 *	static const struct fault_op ops[] = {
 *		{ "peer-new", make_peer, .undo = delete_peer },
 *		{ "peer-del", delete_it, .prepare = make_it },
 *	};
 *
 *	faults_start();
 *	kt_plan(ARRAY_SIZE(ops));
 *	...
 *	for (i = 0; i < ARRAY_SIZE(ops); i++)
 *		faults_try(&r, &ops[i]);
 *	faults_end();
 *
 * Each operation is run with its first place failing, its second and so on
 * (/proc/self/task/TID/fail-nth), until it gets through without a fault. An
 * attempt that is refused must have changed nothing that dumps, counters and
 * the module's reference count show; the same attempt without a fault must then
 * work. Where only the answer was lost (ENOBUFS, EFAULT), the operation may have
 * been done, but as a whole.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "rig.h"

/**
 * struct fault_op - an operation of a rig
 * @name: for the result
 * @run: does it: 0 or a negative errno
 * @undo: takes back what it did, after which all is as it was; NULL if there is
 *	nothing to take back
 * @prepare: before each attempt, NULL if nothing is needed
 * @check: after each refused attempt: is the world as it was, in what no dump
 *	shows? NULL if there is no such thing
 * @once: what it does can be done only once, so the operation is not repeated
 *	without a fault after each refusal
 * @bare: no snapshots: there is no ksrtp to ask
 * @step: distance of the places that fail; 0 is 1, that is all of them
 */
struct fault_op {
	const char *name;
	int (*run)(struct rig *r);
	void (*undo)(struct rig *r);
	void (*prepare)(struct rig *r);
	bool (*check)(struct rig *r);
	bool once;
	bool bare;
	unsigned int step;
};

/* faults_start - skips the whole file where this kernel injects none; before kt_plan() */
void faults_start(void);
/* faults_anywhere - whatever is asked for by what calls faults_try() fails in its turn */
void faults_anywhere(void);
/* faults_in_ksrtp - only what is asked for with ksrtp, as it is loaded now, among the callers */
void faults_in_ksrtp(void);
/*
 * faults_within - only what is asked for with this kernel function among the
 * callers; false where the kernel has no such function
 */
bool faults_within(const char *function);
/* faults_all - every place is wanted of what takes long (KSRTP_FAULTS=all) */
bool faults_all(void);
/* faults_try - one result */
bool faults_try(struct rig *r, const struct fault_op *op);
/* faults_end - says how many there were */
void faults_end(void);

/*
 * faults_random - from now on of 100 allocations @percent fail, by chance, that have
 * ksrtp among their callers, in whatever context; false where that cannot be had
 */
bool faults_random(unsigned int percent);
/* faults_stop - no more. Return: how many failed since faults_random() */
unsigned long faults_stop(void);

#endif /* FAULTS_H */
