/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpus.h: a link whose packets are worked on by several processors.
 *
 *	here: senders and receivers  ---veth---  there: ksrtp's namespace
 *
 *	cpus_network();
 *	cpus_steer("3");	(RPS: over the first two processors)
 *	cpus_leg(&r, &l, LEG_SUITE, 1);
 */
#ifndef CPUS_H
#define CPUS_H

#include "leg.h"

#define CPUS_HERE	"192.0.2.1"
#define CPUS_THERE	"192.0.2.2"
#define CPUS_MOST	64

/*
 * cpus_network - makes both namespaces; this thread is in ksrtp's, where /sys is that
 * namespace's too; bails out
 */
void cpus_network(void);
/* cpus_steer - which processors the link's packets are steered over, as a mask; "0": none */
void cpus_steer(const char *mask);
/* cpus_here, cpus_there - go to one side of the link, for sockets to be made there */
void cpus_here(void);
void cpus_there(void);
/* cpus_leg - a far end at the other side of the link */
void cpus_leg(struct rig *r, struct leg *l, const char *suite, uint32_t seed);
/* cpus_pin - this thread on one processor, counted around those there are */
void cpus_pin(unsigned int cpu);

/*
 * cpus_softnet - packets each processor took from its queue, those steered to it too, and
 * how many found the queue full. Return: number of processors.
 */
int cpus_softnet(unsigned int *taken, unsigned int *dropped);

#endif /* CPUS_H */
