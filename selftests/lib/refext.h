/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of refsrtp share, beside refsrtp.h */
#ifndef REFEXT_H
#define REFEXT_H

#include "refsrtp.h"

/* Makes @pkt, to which Cryptex applies, say so: with room for 4 more bytes. Return: length. */
int ref_cryptex_begin(uint8_t *pkt, size_t len);
/* A packet that says so */
bool ref_cryptex_is(const uint8_t *pkt, size_t len);
/* Takes that back: the profile is RFC 8285's again, an extension that was added stays */
void ref_cryptex_end(uint8_t *pkt);

#endif /* REFEXT_H */
