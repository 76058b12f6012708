// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of numbers: the suites, and the enums of the netlink spec. */
#include <errno.h>

#include "internal.h"
#include "suite.h"

/* ---- suites: the module's own table, which is plain C -------------------- */

int ksrtp_suite_get(unsigned int id, struct ksrtp_suite_info *info)
{
	const struct ksrtp_suite_desc *suite = ksrtp_suite_by_id(id);

	if (!suite)
		return -ENOENT;
	*info = (struct ksrtp_suite_info) {
		.name = suite->name,
		.dtls_name = suite->alias,
		.id = id,
		.layer = suite->layer,
		.key_len = suite->key_len,
		.salt_len = suite->salt_len,
		.auth_key_len = suite->auth_key_len,
		.half = suite->half,
		.aria = suite->aria,
	};
	return 0;
}

int ksrtp_suite_lookup(const char *name, struct ksrtp_suite_info *info)
{
	return ksrtp_suite_get(ksrtp_suite_by_name(name), info);
}

/* IANA's "DTLS-SRTP Protection Profiles"; AES-192 and AES-256 in counter mode have none. */
static const struct {
	uint16_t profile;
	uint16_t suite;
} profiles[] = {
	{ 0x0001, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
	{ 0x0002, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
	{ 0x0005, KSRTP_SUITE_NULL_HMAC_SHA1_80 },
	{ 0x0006, KSRTP_SUITE_NULL_HMAC_SHA1_32 },
	{ 0x0007, KSRTP_SUITE_AEAD_AES_128_GCM },
	{ 0x0008, KSRTP_SUITE_AEAD_AES_256_GCM },
	{ 0x0009, KSRTP_SUITE_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM },
	{ 0x000a, KSRTP_SUITE_DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM },
	{ 0x000b, KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_80 },
	{ 0x000c, KSRTP_SUITE_ARIA_128_CTR_HMAC_SHA1_32 },
	{ 0x000d, KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_80 },
	{ 0x000e, KSRTP_SUITE_ARIA_256_CTR_HMAC_SHA1_32 },
	{ 0x000f, KSRTP_SUITE_AEAD_ARIA_128_GCM },
	{ 0x0010, KSRTP_SUITE_AEAD_ARIA_256_GCM },
};

int ksrtp_suite_profile(unsigned int profile, struct ksrtp_suite_info *info)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (profiles[i].profile == profile)
			return ksrtp_suite_get(profiles[i].suite, info);
	}
	return -ENOENT;
}

const char *ksrtp_str_suite(unsigned int value)
{
	const struct ksrtp_suite_desc *suite = ksrtp_suite_by_id(value);

	return suite ? suite->name : NULL;
}

/* ---- enums --------------------------------------------------------------- */

/* A number that has no name here has no place in its table, or an empty one. */
#define NAME_OF(names, value)	((value) < ARRAY_SIZE(names) ? (names)[value] : NULL)

static const char *const unmatched_names[] = {
	[KSRTP_UNMATCHED_DROP] = "drop",
	[KSRTP_UNMATCHED_PASS] = "pass",
};

const char *ksrtp_str_unmatched(unsigned int value)
{
	return NAME_OF(unmatched_names, value);
}

static const char *const dir_names[] = {
	[KSRTP_DIR_RX] = "rx",
	[KSRTP_DIR_TX] = "tx",
};

const char *ksrtp_str_dir(unsigned int value)
{
	return NAME_OF(dir_names, value);
}

static const char *const layer_names[] = {
	[KSRTP_LAYER_HBH] = "hbh",
	[KSRTP_LAYER_E2E] = "e2e",
};

const char *ksrtp_str_layer(unsigned int value)
{
	return NAME_OF(layer_names, value);
}

static const char *const roc_mode_names[] = {
	[KSRTP_ROC_MODE_VALUE] = "value",
	[KSRTP_ROC_MODE_KEEP] = "keep",
	[KSRTP_ROC_MODE_RESET] = "reset",
};

const char *ksrtp_str_roc_mode(unsigned int value)
{
	return NAME_OF(roc_mode_names, value);
}

static const char *const iv_names[] = {
	[KSRTP_IV_RIGHT] = "right",
	[KSRTP_IV_LEFT] = "left",
};

const char *ksrtp_str_iv(unsigned int value)
{
	return NAME_OF(iv_names, value);
}

static const char *const mi_names[] = {
	[KSRTP_MI_NONE] = "none",
	[KSRTP_MI_AUTH] = "auth",
	[KSRTP_MI_KEY] = "key",
};

const char *ksrtp_str_mi(unsigned int value)
{
	return NAME_OF(mi_names, value);
}

static const char *const cryptex_names[] = {
	[KSRTP_CRYPTEX_OFF] = "off",
	[KSRTP_CRYPTEX_ON] = "on",
	[KSRTP_CRYPTEX_REQUIRE] = "require",
};

const char *ksrtp_str_cryptex(unsigned int value)
{
	return NAME_OF(cryptex_names, value);
}

static const char *const rtcp_names[] = {
	[KSRTP_RTCP_MODE_DELIVER] = "deliver",
	[KSRTP_RTCP_MODE_FORWARD] = "forward",
};

const char *ksrtp_str_rtcp(unsigned int value)
{
	return NAME_OF(rtcp_names, value);
}

static const char *const event_names[] = {
	[KSRTP_EVENT_STREAM_NEW] = "stream-new",
	[KSRTP_EVENT_STREAM_EVICTED] = "stream-evicted",
	[KSRTP_EVENT_PEER_MOVED] = "peer-moved",
	[KSRTP_EVENT_SOFT_LIMIT] = "soft-limit",
	[KSRTP_EVENT_HARD_LIMIT] = "hard-limit",
	[KSRTP_EVENT_SOCK_GONE] = "sock-gone",
	[KSRTP_EVENT_SSRC_COLLISION] = "ssrc-collision",
	[KSRTP_EVENT_OVERRUN] = "overrun",
	[KSRTP_EVENT_AUTH_BURST] = "auth-burst",
	[KSRTP_EVENT_REPLAY_BURST] = "replay-burst",
	[KSRTP_EVENT_ROC_RESYNC] = "roc-resync",
	[KSRTP_EVENT_STREAM_IDLE] = "stream-idle",
};

const char *ksrtp_str_event(unsigned int value)
{
	return NAME_OF(event_names, value);
}

static const char *const drop_names[] = {
	[KSRTP_A_DROPS_MALFORMED] = "malformed",
	[KSRTP_A_DROPS_UNMATCHED] = "unmatched",
	[KSRTP_A_DROPS_NO_KEY] = "no-key",
	[KSRTP_A_DROPS_UNKNOWN_MKI] = "unknown-mki",
	[KSRTP_A_DROPS_AUTH] = "auth",
	[KSRTP_A_DROPS_REPLAYED] = "replayed",
	[KSRTP_A_DROPS_TOO_OLD] = "too-old",
	[KSRTP_A_DROPS_INDEX_LIMIT] = "index-limit",
	[KSRTP_A_DROPS_KEY_EXPIRED] = "key-expired",
	[KSRTP_A_DROPS_PLAIN_RTCP] = "plain-rtcp",
	[KSRTP_A_DROPS_E2E_NO_KEY] = "e2e-no-key",
	[KSRTP_A_DROPS_E2E_AUTH] = "e2e-auth",
	[KSRTP_A_DROPS_TOO_MANY_STREAMS] = "too-many-streams",
	[KSRTP_A_DROPS_OWN_PACKET] = "own-packet",
	[KSRTP_A_DROPS_SSRC_BUSY] = "ssrc-busy",
	[KSRTP_A_DROPS_INDEX_REUSED] = "index-reused",
	[KSRTP_A_DROPS_NO_MEMORY] = "no-memory",
	[KSRTP_A_DROPS_TOO_BIG] = "too-big",
	[KSRTP_A_DROPS_NO_ROUTE] = "no-route",
	[KSRTP_A_DROPS_UNREACHABLE] = "unreachable",
	[KSRTP_A_DROPS_TTL] = "ttl",
	[KSRTP_A_DROPS_RTCP_UNKNOWN] = "rtcp-unknown",
	[KSRTP_A_DROPS_CRYPTO] = "crypto",
	[KSRTP_A_DROPS_CRYPTEX] = "cryptex",
	[KSRTP_A_DROPS_SUITE_MISMATCH] = "suite-mismatch",
};

const char *ksrtp_str_drop(unsigned int reason)
{
	return NAME_OF(drop_names, reason);
}
