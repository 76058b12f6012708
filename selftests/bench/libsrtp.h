/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The libsrtp side of the bench */
#ifndef BENCH_LIBSRTP_H
#define BENCH_LIBSRTP_H

#include <srtp.h>
#include <stdint.h>

/* A session for any SSRC; ends the program with a message when libsrtp refuses */
srtp_t bench_srtp(const char *suite, uint8_t *key, srtp_ssrc_type_t direction);

#endif
