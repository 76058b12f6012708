// SPDX-License-Identifier: GPL-2.0-or-later
/* The libsrtp side of the bench */
#include <err.h>
#include <stdbool.h>
#include <string.h>

#include "libsrtp.h"

/* As ksrtp's default window, so that both do the same work */
#define WINDOW 1024

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *suite;
	srtp_profile_t profile;
} profiles[] = {
	{ "AES_CM_128_HMAC_SHA1_80", srtp_profile_aes128_cm_sha1_80 },
	{ "NULL_HMAC_SHA1_80", srtp_profile_null_sha1_80 },
	{ "AEAD_AES_128_GCM", srtp_profile_aead_aes_128_gcm },
};

srtp_t bench_srtp(const char *suite, uint8_t *key, srtp_ssrc_type_t direction)
{
	srtp_policy_t policy = { .window_size = WINDOW, .key = key };
	static bool ready;
	srtp_t session;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].suite, suite))
			break;
	if (i == ARRAY_SIZE(profiles))
		errx(2, "%s: not a suite of this bench's libsrtp", suite);

	policy.ssrc.type = direction;
	if (!ready && srtp_init())
		errx(1, "libsrtp does not start");
	ready = true;
	if (srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profiles[i].profile) ||
	    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profiles[i].profile) ||
	    srtp_create(&session, &policy))
		errx(1, "libsrtp refuses %s", suite);
	return session;
}
