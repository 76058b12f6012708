/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notices.h: the events of a rig (rig.h), one after the other.
 *
 *	struct ksrtp_notice n;
 *
 *	notices_open(&r);
 *	...
 *	kt_ok(notices_next(&r, KSRTP_EVENT_STREAM_IDLE, &n), "stream-idle is told");
 */
#ifndef NOTICES_H
#define NOTICES_H

#include "rig.h"

/* notices_open - from here on events are kept; bails out */
void notices_open(struct rig *r);
/* notices_read - the next one, waited for; false if none comes */
bool notices_read(struct rig *r, struct ksrtp_notice *n);
/* notices_next - the next one that is not about a new stream is this one */
bool notices_next(struct rig *r, uint8_t event, struct ksrtp_notice *n);
/* notices_silent - there is none now */
bool notices_silent(struct rig *r);

#endif /* NOTICES_H */
