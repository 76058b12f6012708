/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_libsrtp.h: libsrtp2 as it stands at the other end of an exchange
 * (exchange.h) or of a relay. Only programs called *libsrtp* are linked with it.
 */
#ifndef PEER_LIBSRTP_H
#define PEER_LIBSRTP_H

#include <srtp2/crypto_types.h>
#include <srtp2/srtp.h>

#include "exchange.h"

/**
 * struct lib_suite - a suite of libsrtp's
 * @name: SDES name
 * @cipher: SRTP_*
 * @key_len: bytes of master key and salt
 * @tag_len: bytes of SRTP's tag
 * @bug: it is known to get this suite wrong: how
 */
struct lib_suite {
	const char *name;
	srtp_cipher_type_id_t cipher;
	int key_len;
	int tag_len;
	const char *bug;
};

#define LIB_SUITES	10
extern const struct lib_suite lib_suites[LIB_SUITES];
const struct lib_suite *lib_suite(const char *name);

/* lib_start - before anything else; bails out */
void lib_start(void);
/* lib_session - a session with the keys of an exchange; bails out */
srtp_t lib_session(const struct exchange *x, const struct rig_key *keys, bool sends);
/* lib_kdf_192_wrong - a packet of libsrtp's has the tag its wrong AES-192 derivation gives */
bool lib_kdf_192_wrong(const struct rig_key *k, bool rtcp, const uint8_t *pkt, int len,
		       uint32_t roc);

extern struct exchange_peer lib_peer;

#endif /* PEER_LIBSRTP_H */
