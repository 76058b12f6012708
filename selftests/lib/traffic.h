/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.h: packets of every kind that go on while a test takes things away.
 *
 *	struct traffic t;
 *
 *	traffic_start(&t, &r, &in, &out);
 *	kt_ok(traffic_flows(&t), "packets flow");
 *	ksrtp_peer_del(r.h, out.far.id);
 *	...
 *	traffic_stop(&t);
 *
 * Threads of their own send through @in's socket what @in may say (SRTP, SRTCP,
 * and now and then a forgery, a replay, a STUN packet), and through the
 * application's socket, if there is one, RTP and RTCP to @out. Another reads
 * what arrives at the application and at the far ends, and looks whether RTP
 * that ought to be protected arrives as plaintext.
 *
 * Nothing here uses the rig's library handle, and errors of sending are counted
 * and survived: that the socket is gone is the point.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <pthread.h>
#include <stdatomic.h>

#include "leg.h"

/* SSRC of what @in says, and of what the application says to @out */
#define TRAFFIC_SSRC	0x7aff1c01
#define TRAFFIC_APP	0x7aff1c02

/**
 * struct traffic - what goes on; counters may be read at any time
 * @index: packet index @in is at
 * @sent: packets sent by @in
 * @said: packets the application could send
 * @failed: packets it could not
 * @heard: RTP the application read
 * @relayed: RTP that came to @out from @in
 * @answered: RTP that came to @out from the application
 * @plain: RTP that came to @out unprotected
 */
struct traffic {
	int app;
	struct leg in, out;
	pthread_t threads[3];
	int n_threads;
	atomic_bool stop;
	atomic_ulong index;
	atomic_ulong sent, said, failed, heard, relayed, answered, plain;
};

void traffic_start(struct traffic *t, const struct rig *r, const struct leg *in,
		   const struct leg *out);
/* traffic_flows - waits until more has been sent by all who may, whatever became of it */
bool traffic_flows(struct traffic *t);
/* traffic_passes - waits until more has arrived: relayed, heard and answered */
bool traffic_passes(struct traffic *t);
/* traffic_key_roc - an rx key of @in that is added now finds its packets at their ROC */
void traffic_key_roc(const struct traffic *t, struct rig_key *k);
/* traffic_stop - ends the threads; the sockets stay open */
void traffic_stop(struct traffic *t);

#endif /* TRAFFIC_H */
