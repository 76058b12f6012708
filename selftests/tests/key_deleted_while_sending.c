// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys, peers and the socket's place under ksrtp come and go while another
 * thread sends without pause: whatever is on the wire is SRTP under a key that
 * was there, and never plain.
 */
#include "rig.h"

#include <pthread.h>

#define SSRC	0xde1e7ed0
#define ROUNDS	150
#define PAYLOAD	40
#define IN_FLIGHT	2000

static struct rig r;
static struct rig_far f;
static struct rig_key hbh[ROUNDS], e2e;
static volatile bool stop;

struct sender {
	uint64_t sent, refused, other;
	int first_other;
};

struct receiver {
	uint64_t good, plain, unknown;
};

static struct sender sender;
static struct receiver receiver;

/* One packet after the other, as many as fit into the receiver's buffer */
static void *send_without_pause(void *arg)
{
	struct sender *s = arg;
	uint8_t plain[100];
	uint32_t ssrc = SSRC;
	uint16_t seq = 0;
	int n;

	while (!stop) {
		if (s->sent > __atomic_load_n(&receiver.good, __ATOMIC_RELAXED) + IN_FLIGHT) {
			sched_yield();
			continue;
		}
		n = rig_app_send(&r, &f, plain, rig_rtp(plain, ssrc, seq, PAYLOAD));
		if (n > 0) {
			s->sent++;
			if (!++seq)
				ssrc++;		/* its ROC is 0 all the time */
		} else if (n == -ENOKEY || n == -EPERM) {
			s->refused++;
		} else if (!s->other++) {
			s->first_other = n;
		}
	}
	return NULL;
}

/* Under the key whose number its MKI says; inside E2E if @e2e was there all along */
static bool is_srtp(const uint8_t *wire, int len, bool inner)
{
	uint8_t plain[300], want[300];
	unsigned int round;
	int n, want_len;

	if (len < 12 + 2 + 10)
		return false;
	round = ref_get16(wire + len - 12);
	want_len = rig_rtp(want, ref_rtp_ssrc(wire), ref_rtp_seq(wire), PAYLOAD);
	if (round >= ROUNDS)
		return false;
	n = rig_unseal(&hbh[round], inner ? &e2e : NULL, wire, len, ref_rtp_seq(wire), plain);
	return n == want_len && !memcmp(plain, want, n);
}

static bool inner;

static void *receive_all(void *arg)
{
	struct receiver *s = arg;
	uint8_t wire[300], plain[300];
	struct pollfd pfd = { .fd = f.fd, .events = POLLIN };
	int n, len;

	for (;;) {
		/* after the last packet there is a datagram of one byte */
		if (poll(&pfd, 1, 60000) != 1)
			return "nothing came for a minute";
		n = recv(f.fd, wire, sizeof(wire), MSG_DONTWAIT);
		if (n == 1)
			return NULL;
		len = n < 12 ? 0 : rig_rtp(plain, ref_rtp_ssrc(wire), ref_rtp_seq(wire), PAYLOAD);
		if (n == len && !memcmp(wire, plain, n))
			s->plain++;
		else if (is_srtp(wire, n, inner))
			s->good++;
		else
			s->unknown++;
	}
}

static pthread_t threads[2];

static void begin(bool with_e2e)
{
	sender = (struct sender){ 0 };
	receiver = (struct receiver){ 0 };
	inner = with_e2e;
	stop = false;
	if (pthread_create(&threads[0], NULL, send_without_pause, &sender) ||
	    pthread_create(&threads[1], NULL, receive_all, &receiver))
		kt_bail("no threads");
}

static void end(const char *name)
{
	void *trouble;

	stop = true;
	pthread_join(threads[0], NULL);
	/* Some may wait on another processor, where the last datagram would overtake them. */
	(void)kt_wait_until(__atomic_load_n(&receiver.good, __ATOMIC_RELAXED) >= sender.sent,
			    RIG_WAIT);
	if (rig_app_send(&r, &f, "", 1) != 1)
		kt_bail("the last datagram is not sent");
	pthread_join(threads[1], &trouble);
	if (trouble)
		kt_bail("%s", (char *)trouble);
	kt_ok(!receiver.plain && !receiver.unknown && receiver.good,
	      "%s: %llu packets of SRTP on the wire, %llu plain, %llu neither", name,
	      (unsigned long long)receiver.good, (unsigned long long)receiver.plain,
	      (unsigned long long)receiver.unknown);
	kt_ok(sender.sent == receiver.good && !sender.other,
	      "%s: what was not sent (%llu) was refused for want of a key%s%s", name,
	      (unsigned long long)sender.refused, sender.other ? ": " : "",
	      sender.other ? strerror(-sender.first_other) : "");
}

/* The thread has sent, or was refused, once more. */
static bool moved(uint64_t *count, uint64_t than)
{
	return kt_wait_until(__atomic_load_n(count, __ATOMIC_RELAXED) > than, RIG_WAIT);
}

static void keys_come_and_go(bool with_e2e)
{
	struct rig_key *k;
	bool ok = true;
	int i;

	rig_far(&r, &f, "127.0.0.1");
	if (with_e2e)
		rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	begin(with_e2e);
	for (i = 0; i < ROUNDS && ok; i++) {
		k = &hbh[i];
		rig_key(&r, f.id, KSRTP_DIR_TX, k);
		ok &= moved(&sender.sent, sender.sent);
		rig_key_del(&r, f.id, KSRTP_DIR_TX, k);
		/* with an E2E key beside, the stream's own index goes on */
		ok &= moved(&sender.refused, sender.refused);
	}
	end(with_e2e ? "HBH keys come and go around E2E" : "keys come and go");
	kt_ok(ok, "%s: sent while there was one, refused while there was none",
	      with_e2e ? "E2E" : "HBH");
	rig_far_close(&r, &f);
}

/* The inner key alone goes: what was E2E must not go out without. */
static void inner_key_goes(void)
{
	struct rig_key again = e2e;
	bool ok = true;
	int i;

	rig_far(&r, &f, "127.0.0.1");
	rig_key(&r, f.id, KSRTP_DIR_TX, &hbh[0]);
	rig_key(&r, f.id, KSRTP_DIR_TX, &e2e);
	KSRTP_SET(&again.key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_VALUE);
	begin(true);
	for (i = 0; i < ROUNDS && ok; i++) {
		ok &= moved(&sender.sent, sender.sent);
		rig_key_del(&r, f.id, KSRTP_DIR_TX, &e2e);
		ok &= moved(&sender.refused, sender.refused);
		rig_key(&r, f.id, KSRTP_DIR_TX, &again);
	}
	end("the E2E key comes and goes");
	kt_ok(ok, "E2E: sent while there was one, refused while there was none");
	rig_far_close(&r, &f);
}

/* RTP to an address that is no peer is refused by policy, so this never leaks either. */
static void the_peer_goes(void)
{
	bool ok = true;
	int i;

	rig_far(&r, &f, "127.0.0.1");
	rig_key(&r, f.id, KSRTP_DIR_TX, &hbh[0]);
	begin(false);
	for (i = 1; i < ROUNDS && ok; i++) {
		ok &= moved(&sender.sent, sender.sent);
		if (ksrtp_peer_del(r.h, f.id))
			kt_bail("peer del: %s", ksrtp_error(r.h));
		ok &= moved(&sender.refused, sender.refused);
		f.id = rig_peer(&r, &f.addr);
		rig_key(&r, f.id, KSRTP_DIR_TX, &hbh[i]);
	}
	end("the peer comes and goes");
	kt_ok(ok, "peer: sent while it was there, refused while it was not");
	rig_far_close(&r, &f);
}

int main(void)
{
	uint8_t mki[2];
	cpu_set_t all;
	int i;

	kt_plan(4 * 3);
	rig_start();
	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	rig_open(&r, "127.0.0.1");
	for (i = 0; i < ROUNDS; i++) {
		rig_hbh(&hbh[i], "AES_CM_128_HMAC_SHA1_80", 1 + i);
		ref_put16(mki, i);
		rig_mki(&hbh[i], mki, sizeof(mki));
	}
	rig_e2e(&e2e, 9999, "1@lid", REF_IV_RIGHT, REF_MI_OFF, 0);
	keys_come_and_go(false);
	keys_come_and_go(true);
	inner_key_goes();
	the_peer_goes();
	rig_close(&r);
	return kt_done();
}
