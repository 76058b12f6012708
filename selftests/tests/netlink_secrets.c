// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys go into the kernel and never come out: no dump, answer or event has a part of one. */
#include "leg.h"
#include "rawnl.h"

#include <poll.h>

#define SSRC	0x5ec2e700
/* As few bytes of a key in a row as would not be there by chance */
#define PART	5

/* Master keys and salts, by what they are for; MI key last */
static uint8_t secrets[7][64];
static const size_t lengths[7] = { 16, 14, 16, 14, 16, 14, 32 };

static struct raw r;
static struct rig rig;
static struct leg a;

static int parts_in(const uint8_t *bytes, size_t n)
{
	size_t s, i;
	int found = 0;

	for (s = 0; s < ARRAY_SIZE(secrets); s++) {
		for (i = 0; i + PART <= lengths[s]; i++)
			found += !!memmem(bytes, n, secrets[s] + i, PART);
	}
	return found;
}

static void put(uint16_t attr, int secret)
{
	raw_put(&r, attr, secrets[secret], lengths[secret]);
}

static void base(uint8_t cmd, uint32_t peer, uint8_t dir, uint8_t layer, uint16_t suite)
{
	raw_new(&r, cmd, 0);
	raw_u32(&r, KSRTP_A_KEY_PEER, peer);
	raw_u8(&r, KSRTP_A_KEY_DIR, dir);
	raw_u8(&r, KSRTP_A_KEY_LAYER, layer);
	raw_u16(&r, KSRTP_A_KEY_SUITE, suite);
}

static void talk(int want, const char *what)
{
	int status = raw_talk(&r);

	if (status != want)
		kt_bail("%s: %s (%s)", what, strerror(-status), r.sentence);
	if (parts_in(r.answer, r.answer_len) || parts_in((void *)r.sentence, sizeof(r.sentence)))
		kt_bail("%s: the answer has a part of a key", what);
}

static void set_keys(uint32_t peer)
{
	base(KSRTP_CMD_KEY_NEW, peer, KSRTP_DIR_TX, KSRTP_LAYER_HBH,
	     KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	put(KSRTP_A_KEY_MASTER_KEY, 0);
	put(KSRTP_A_KEY_MASTER_SALT, 1);
	put(KSRTP_A_KEY_RTCP_MASTER_KEY, 2);
	put(KSRTP_A_KEY_RTCP_MASTER_SALT, 3);
	raw_u64(&r, KSRTP_A_KEY_SOFT_LIMIT, 1);
	talk(0, "an HBH key");
	base(KSRTP_CMD_KEY_NEW, peer, KSRTP_DIR_TX, KSRTP_LAYER_E2E, KSRTP_SUITE_E2E_AES_128_CTR);
	put(KSRTP_A_KEY_MASTER_KEY, 4);
	put(KSRTP_A_KEY_MASTER_SALT, 5);
	raw_u8(&r, KSRTP_A_KEY_MI, KSRTP_MI_KEY);
	put(KSRTP_A_KEY_MI_KEY, 6);
	raw_u8(&r, KSRTP_A_KEY_MI_LEN, 4);
	talk(0, "an E2E key");
	/* Refused for its window: the refusal does not quote it. */
	base(KSRTP_CMD_KEY_NEW, peer, KSRTP_DIR_RX, KSRTP_LAYER_HBH,
	     KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	put(KSRTP_A_KEY_MASTER_KEY, 0);
	put(KSRTP_A_KEY_MASTER_SALT, 1);
	raw_u32(&r, KSRTP_A_KEY_WINDOW, 100);
	talk(-EINVAL, "a key with a wrong window");
}

/*
 * A sender that does not ask for NETLINK_CAP_ACK gets the whole request back with a
 * refusal: but for the keys, also where one is there twice.
 */
static void quoted(uint32_t peer)
{
	int zero = 0, one = 1;

	if (mnl_socket_setsockopt(r.nl, NETLINK_CAP_ACK, &zero, sizeof(zero)))
		kt_bail("NETLINK_CAP_ACK: %s", strerror(errno));
	base(KSRTP_CMD_KEY_NEW, peer, KSRTP_DIR_RX, KSRTP_LAYER_HBH,
	     KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	put(KSRTP_A_KEY_MASTER_KEY, 4);
	put(KSRTP_A_KEY_MASTER_KEY, 0);
	put(KSRTP_A_KEY_MASTER_SALT, 1);
	put(KSRTP_A_KEY_RTCP_MASTER_KEY, 2);
	put(KSRTP_A_KEY_RTCP_MASTER_SALT, 3);
	put(KSRTP_A_KEY_MI_KEY, 6);
	raw_u32(&r, KSRTP_A_KEY_WINDOW, 100);
	kt_ok(raw_talk(&r) == -EINVAL && r.answer_len > 200 && !parts_in(r.answer, r.answer_len),
	      "a refusal that quotes the request leaves out the keys");
	mnl_socket_setsockopt(r.nl, NETLINK_CAP_ACK, &one, sizeof(one));
}

static void dumped(uint8_t cmd, const char *what)
{
	raw_new(&r, cmd, NLM_F_DUMP);
	if (raw_talk(&r))
		kt_bail("%s: %s", what, r.sentence);
	kt_ok(r.answer_len > 64 && !parts_in(r.answer, r.answer_len),
	      "no part of a key is in a dump of %s", what);
}

static void answered(uint8_t cmd, uint16_t attr, uint32_t id, const char *what)
{
	raw_new(&r, cmd, 0);
	if (attr)
		raw_u32(&r, attr, id);
	if (raw_talk(&r))
		kt_bail("%s: %s", what, r.sentence);
	kt_ok(r.answer_len > 64 && !parts_in(r.answer, r.answer_len),
	      "nor in the answer to %s", what);
}

static void events(void)
{
	struct pollfd pfd = { .events = POLLIN };
	uint8_t buf[8192], plain[256];
	int len = rig_rtp(plain, SSRC, 1, LEG_PAYLOAD), parts = 0, n = 0;

	if (mnl_socket_setsockopt(r.nl, NETLINK_ADD_MEMBERSHIP, &r.group, sizeof(r.group)))
		kt_bail("no events: %s", strerror(errno));
	if (rig_app_send(&rig, &a.far, plain, len) != len)
		kt_bail("nothing can be sent");
	/* stream-new and soft-limit */
	pfd.fd = mnl_socket_get_fd(r.nl);
	while (n < 2 && poll(&pfd, 1, RIG_WAIT * kt_slow()) == 1) {
		ssize_t got = recv(pfd.fd, buf, sizeof(buf), 0);

		parts += got > 0 ? parts_in(buf, got) : 1;
		n++;
	}
	kt_ok(n == 2 && !parts, "nor in events of a stream and of a limit");
}

/* The fingerprint tells keys apart and is no part of one. */
static int fingerprint(const struct ksrtp_key *key, void *arg)
{
	uint8_t (*seen)[KSRTP_FINGERPRINT_LEN] = arg;

	memcpy(seen[key->layer], key->fingerprint, KSRTP_FINGERPRINT_LEN);
	return 0;
}

int main(void)
{
	uint8_t seen[2][KSRTP_FINGERPRINT_LEN] = { 0 }, zero[KSRTP_FINGERPRINT_LEN] = { 0 };
	size_t i;

	kt_plan(12);
	rig_start();
	for (i = 0; i < ARRAY_SIZE(secrets); i++)
		ref_pattern(secrets[i], sizeof(secrets[i]), 0xabc0 + i);
	rig_open(&rig, "127.0.0.1");
	rig_far(&rig, &a.far, "127.0.0.1");
	if (raw_open(&r))
		kt_bail("the kernel has no ksrtp");
	set_keys(a.far.id);
	quoted(a.far.id);
	leg_route(&rig, &a, SSRC + 1, &a);

	events();
	dumped(KSRTP_CMD_SOCK_GET, "socks");
	dumped(KSRTP_CMD_PEER_GET, "peers");
	dumped(KSRTP_CMD_KEY_GET, "keys");
	dumped(KSRTP_CMD_ROUTE_GET, "routes");
	dumped(KSRTP_CMD_STREAM_GET, "streams");
	dumped(KSRTP_CMD_STATE_GET, "states");
	answered(KSRTP_CMD_SOCK_GET, KSRTP_A_SOCK_ID, rig.sock, "sock-get");
	answered(KSRTP_CMD_PEER_GET, KSRTP_A_PEER_ID, a.far.id, "peer-get");
	answered(KSRTP_CMD_STATS_GET, 0, 0, "stats-get");
	ksrtp_key_dump(rig.h, 0, fingerprint, seen);
	kt_ok(memcmp(seen[0], seen[1], sizeof(zero)) && memcmp(seen[0], zero, sizeof(zero)) &&
	      memcmp(seen[1], zero, sizeof(zero)),
	      "keys are told apart by fingerprints");
	raw_close(&r);
	rig_close(&rig);
	return kt_done();
}
