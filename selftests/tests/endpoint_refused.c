// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What should be protected and cannot be is refused by its own errno, and
 * nothing of it is ever on the wire.
 */
#include "rig.h"

#include <netinet/udp.h>
#include <sys/sendfile.h>
#include <sys/mman.h>

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY	0x4000000
#endif

#define SSRC	0x0ff1ce00

static struct rig r;
static struct rig_far f;
static struct rig_key hbh, e2e;
static uint16_t seq;

/* The errno a packet is refused with; 0: it was sent. Either way it is not on the wire plain. */
static int refusal(const struct rig_far *to, const void *pkt, size_t len, int flags)
{
	ssize_t n = sendto(r.app, pkt, len, flags, &to->addr.sa, rig_addr_len(&to->addr));

	return n < 0 ? errno : 0;
}

static int rtp_refusal(size_t payload, int flags)
{
	static uint8_t pkt[REF_MAX_PACKET];

	return refusal(&f, pkt, rig_rtp(pkt, SSRC, seq, payload), flags);
}

static int rtcp_refusal(void)
{
	uint8_t pkt[200];

	return refusal(&f, pkt, rig_rtcp(pkt, SSRC, 1), 0);
}

#define is_refused(got, want, ...)					\
do {									\
	int got_ = (got);						\
									\
	if (got_ != (want))						\
		kt_note("got %s", got_ ? strerror(got_) : "no refusal");	\
	kt_ok(got_ == (want) && rig_far_quiet(&r, &f), __VA_ARGS__);	\
} while (0)

/* The far end gets the next packet as it should be. */
static bool is_sent(bool inner)
{
	uint8_t pkt[1500];
	int len = rig_rtp(pkt, SSRC, seq, 160);
	bool ok = rig_says(&r, &f, &hbh, inner ? &e2e : NULL, pkt, len, seq);

	seq++;
	return ok;
}

static void without_keys(void)
{
	uint8_t wire[300];

	is_refused(rtp_refusal(160, 0), ENOKEY, "RTP to a peer without keys is ENOKEY");
	is_refused(rtcp_refusal(), ENOKEY, "RTCP too");
	rig_key(&r, f.id, KSRTP_DIR_RX, &hbh);
	is_refused(rtp_refusal(160, 0), ENOKEY, "an rx key is no tx key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	is_refused(rtp_refusal(160, 0), ENOKEY, "an E2E key without an HBH key is not enough");
	is_refused(rtcp_refusal(), ENOKEY, "not for RTCP either");
	rig_key(&r, f.id, KSRTP_DIR_TX, &hbh);
	kt_ok(is_sent(true), "with both keys it is sent");
	rig_key_del(&r, f.id, KSRTP_DIR_TX, &e2e);
	is_refused(rtp_refusal(160, 0), ENOKEY, "after its E2E key is deleted RTP is ENOKEY");
	kt_is(rtcp_refusal(), 0, "but RTCP is sent");
	kt_ok(rig_recv(f.fd, wire, sizeof(wire)) > 0, "under its HBH key");
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	rig_key_del(&r, f.id, KSRTP_DIR_TX, &hbh);
	is_refused(rtp_refusal(160, 0), ENOKEY, "after its HBH key is deleted RTP is ENOKEY");
	is_refused(rtcp_refusal(), ENOKEY, "and RTCP is");
}

static void sizes(void)
{
	static uint8_t pkt[REF_MAX_PACKET];
	int len, mtu_discover = IP_PMTUDISC_DO, dont = IP_PMTUDISC_DONT;
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = 1500 };

	/* 65507 bytes are the most a UDP datagram can have over IPv4 */
	len = rig_rtp(pkt, SSRC, seq, 65507 - 10 - 12);
	kt_ok(rig_says(&r, &f, &hbh, NULL, pkt, len, seq++),
	      "RTP that has just enough room for its tag is sent");
	is_refused(rtp_refusal(65507 - 9 - 12, 0), EMSGSIZE, "one byte more is EMSGSIZE");
	kt_ok(is_sent(false), "and its index is not lost");

	if (ioctl(r.app, SIOCSIFMTU, &ifr))
		kt_bail("MTU of lo: %s", strerror(errno));
	if (setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &mtu_discover, sizeof(mtu_discover)))
		kt_bail("IP_MTU_DISCOVER: %s", strerror(errno));
	is_refused(rtp_refusal(1472 - 9 - 12, 0), EMSGSIZE,
		   "larger than the MTU with its tag is EMSGSIZE where it must not be fragmented");
	len = rig_rtp(pkt, SSRC, seq, 1472 - 10 - 12);
	kt_ok(rig_says(&r, &f, &hbh, NULL, pkt, len, seq++),
	      "its index is not lost, and what just fits is sent");
	if (setsockopt(r.app, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont)))
		kt_bail("IP_MTU_DISCOVER: %s", strerror(errno));
	len = rig_rtp(pkt, SSRC, seq, 4000);
	kt_ok(rig_says(&r, &f, &hbh, NULL, pkt, len, seq++), "and where it may be it is sent");
}

static void malformed(void)
{
	static const struct {
		uint8_t bytes[16];
		int len;
		const char *name;
	} all[] = {
		{ { 0x80 }, 1, "a lone byte of RTP" },
		{ { 0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 11, "RTP of 11 bytes" },
		{ { 0x81, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 15, "RTP without its CSRC" },
		{ { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 1 }, 16,
		  "RTP without its header extension" },
		{ { 0x80, 200, 0, 1, 0, 0, 0 }, 7, "RTCP of 7 bytes" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		is_refused(refusal(&f, all[i].bytes, all[i].len, 0), EBADMSG, "%s is EBADMSG",
			   all[i].name);
}

/*
 * What was written by reference is copied before it is looked at, or refused:
 * which of the two depends on the kernel, and neither is plain on the wire.
 */
static bool by_reference(ssize_t n, const uint8_t *pkt, int len)
{
	uint8_t wire[400];
	int error = errno;

	if (n == len)
		return rig_gets(f.fd, wire, rig_seal(&hbh, NULL, pkt, len, seq++, wire)) &&
		       rig_far_quiet(&r, &f);
	kt_note("refused: %s", n < 0 ? strerror(error) : "a part was taken");
	return n < 0 && error == EOPNOTSUPP && rig_far_quiet(&r, &f);
}

/* Ways to write that would let the stack see the packet in pieces or by reference */
static void other_ways(void)
{
	int on = 1, pipes[2], mem = memfd_create("rtp", 0), len;
	uint8_t pkt[300];

	if (setsockopt(r.app, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)))
		kt_bail("SO_ZEROCOPY: %s", strerror(errno));
	is_refused(rtp_refusal(160, MSG_ZEROCOPY), EOPNOTSUPP, "MSG_ZEROCOPY is EOPNOTSUPP");
	is_refused(rtp_refusal(160, MSG_MORE), EOPNOTSUPP, "MSG_MORE is EOPNOTSUPP");
	kt_ok(setsockopt(r.app, IPPROTO_UDP, UDP_CORK, &on, sizeof(on)) == -1 && errno == EBUSY,
	      "UDP_CORK cannot be set");

	rig_connect(r.app, &f.addr);
	len = rig_rtp(pkt, SSRC, seq, 200);
	if (pipe(pipes) || write(pipes[1], pkt, len) != len)
		kt_bail("pipe: %s", strerror(errno));
	kt_ok(by_reference(splice(pipes[0], NULL, r.app, NULL, len, 0), pkt, len),
	      "splice sends SRTP or is EOPNOTSUPP");
	len = rig_rtp(pkt, SSRC, seq, 200);
	if (mem < 0 || write(mem, pkt, len) != len)
		kt_bail("memory file: %s", strerror(errno));
	kt_ok(by_reference(sendfile(r.app, mem, &(off_t){ 0 }, len), pkt, len),
	      "sendfile sends SRTP or is EOPNOTSUPP");
	kt_ok(is_sent(false),
	      "after all of these the next packet is sent, under the index they left");
	close(pipes[0]);
	close(pipes[1]);
	close(mem);
}

/* An address that is no peer: the sock's policy */
static void to_no_peer(void)
{
	struct ksrtp_sock sock = { 0 };
	struct rig_far stranger = { .fd = rig_udp("127.0.0.1", 0) };
	uint8_t pkt[300];
	int len = rig_rtp(pkt, SSRC, 1, 200), rtcp_len;
	uint8_t rtcp[200];

	stranger.addr = rig_local(stranger.fd);
	rtcp_len = rig_rtcp(rtcp, SSRC, 1);
	is_refused(refusal(&stranger, pkt, len, 0), EPERM, "RTP to no peer is EPERM");
	is_refused(refusal(&stranger, rtcp, rtcp_len, 0), EPERM, "RTCP too");
	kt_ok(rig_far_quiet(&r, &stranger), "no peer gets what is neither of them, and only that");

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, r.sock);
	KSRTP_SET(&sock, KSRTP_A_SOCK_UNMATCHED, unmatched, KSRTP_UNMATCHED_PASS);
	if (ksrtp_sock_set(r.h, &sock))
		kt_bail("sock set: %s", ksrtp_error(r.h));
	kt_ok(!refusal(&stranger, pkt, len, 0) && rig_gets(stranger.fd, pkt, len) &&
	      !refusal(&stranger, rtcp, rtcp_len, 0) && rig_gets(stranger.fd, rtcp, rtcp_len),
	      "with `unmatched pass` both are sent as they are");
	close(stranger.fd);
}

int main(void)
{
	kt_plan(32);
	rig_start();
	rig_open(&r, "127.0.0.1");
	rig_far(&r, &f, "127.0.0.1");
	rig_hbh(&hbh, "AES_CM_128_HMAC_SHA1_80", 1);
	rig_e2e(&e2e, 2, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	without_keys();

	/* a peer that never had an E2E key, for the rest */
	rig_far_close(&r, &f);
	rig_far(&r, &f, "127.0.0.1");
	rig_key(&r, f.id, KSRTP_DIR_TX, &hbh);
	seq = 0;
	sizes();
	malformed();
	other_ways();
	to_no_peer();
	rig_close(&r);
	return kt_done();
}
