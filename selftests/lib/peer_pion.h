/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_pion.h: pion/srtp at the other end of an exchange (exchange.h). It is
 * the program selftests/pion, which is asked to protect and open packets.
 */
#ifndef PEER_PION_H
#define PEER_PION_H

#include "exchange.h"

/* pion_start - starts the program; bails out */
void pion_start(void);
void pion_stop(void);

extern struct exchange_peer pion_peer;

#endif /* PEER_PION_H */
