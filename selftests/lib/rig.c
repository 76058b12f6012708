// SPDX-License-Identifier: GPL-2.0-or-later
#include "rig.h"

#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

/* Bytes of socket buffer: a flood waits in it until it is read */
#define RIG_BUFFER	(8 << 20)
/* What UDP_SEGMENT takes in one call */
#define RIG_SEGMENTS	64
#define RIG_GSO_BYTES	65000

/* ---- the world ---- */

static void pin(void)
{
	cpu_set_t allowed, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		kt_bail("no affinity: %s", strerror(errno));
	for (cpu = 0; !CPU_ISSET(cpu, &allowed); cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		kt_bail("not pinned to processor %d: %s", cpu, strerror(errno));
}

void rig_start(void)
{
	kt_netns();
	pin();
}

union rig_addr rig_addr(const char *ip, uint16_t port)
{
	union rig_addr a = { 0 };

	if (inet_pton(AF_INET, ip, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(port);
	} else if (inet_pton(AF_INET6, ip, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
	} else {
		kt_bail("'%s' is no address", ip);
	}
	return a;
}

socklen_t rig_addr_len(const union rig_addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

struct ksrtp_addr rig_ksrtp_addr(const union rig_addr *a)
{
	struct ksrtp_addr k = { .ip = { [10] = 0xff, [11] = 0xff } };

	if (a->sa.sa_family == AF_INET) {
		memcpy(k.ip + 12, &a->in.sin_addr, 4);
		k.port = ntohs(a->in.sin_port);
	} else {
		memcpy(k.ip, &a->in6.sin6_addr, 16);
		k.port = ntohs(a->in6.sin6_port);
		k.scope = a->in6.sin6_scope_id;
	}
	return k;
}

union rig_addr rig_local(int fd)
{
	union rig_addr a = { 0 };
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len))
		kt_bail("getsockname: %s", strerror(errno));
	return a;
}

/* More than the sysctls allow where this runs as root, which it does */
static void set_buffer(int fd, int forced, int plain)
{
	int size = RIG_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) &&
	    setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size)))
		kt_bail("socket buffer: %s", strerror(errno));
}

int rig_udp(const char *ip, uint16_t port)
{
	union rig_addr a = rig_addr(ip, port);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		kt_bail("socket: %s", strerror(errno));
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (bind(fd, &a.sa, rig_addr_len(&a)))
		kt_bail("bind to %s port %u: %s", ip, port, strerror(errno));
	return fd;
}

void rig_connect(int fd, const union rig_addr *to)
{
	if (connect(fd, &to->sa, rig_addr_len(to)))
		kt_bail("connect: %s", strerror(errno));
}

/* ---- objects ---- */

struct ksrtp_handle *rig_handle(void)
{
	struct ksrtp_error err;
	struct ksrtp_handle *h;

	if (ksrtp_open(&h, NULL, &err))
		kt_bail("ksrtp: %s", err.text);
	return h;
}

void rig_attach(struct rig *r, int fd)
{
	struct ksrtp_sock sock = { 0 };

	*r = (struct rig){ .h = rig_handle(), .app = fd, .addr = rig_local(fd) };
	if (ksrtp_sock_attach(r->h, fd, &sock))
		kt_bail("attach: %s", ksrtp_error(r->h));
	r->sock = sock.id;
}

void rig_open(struct rig *r, const char *ip)
{
	rig_attach(r, rig_udp(ip, 0));
}

void rig_open_owned(struct rig *r, const char *ip)
{
	struct ksrtp_sock sock = { 0 };
	/* A port nobody has: that of a socket which had it a moment ago */
	int fd = rig_udp(ip, 0);

	*r = (struct rig){ .h = rig_handle(), .app = -1, .addr = rig_local(fd) };
	close(fd);
	KSRTP_SET(&sock, KSRTP_A_SOCK_ADDR, addr, rig_ksrtp_addr(&r->addr));
	if (ksrtp_sock_open(r->h, &sock))
		kt_bail("sock open: %s", ksrtp_error(r->h));
	r->sock = sock.id;
}

static bool sock_gone(struct rig *r)
{
	struct ksrtp_sock sock;

	return ksrtp_sock_get(r->h, r->sock, &sock) == -ENOENT;
}

void rig_close(struct rig *r)
{
	if (r->app < 0 && ksrtp_sock_del(r->h, r->sock))
		kt_bail("sock del: %s", ksrtp_error(r->h));
	if (r->app >= 0)
		close(r->app);
	if (!kt_wait_until(sock_gone(r), RIG_WAIT))
		kt_bail("sock %u is still there", r->sock);
	ksrtp_close(r->h);
}

uint32_t rig_peer(struct rig *r, const union rig_addr *remote)
{
	struct ksrtp_peer peer = { 0 };

	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r->sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(remote));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (ksrtp_peer_add(r->h, &peer))
		kt_bail("peer add: %s", ksrtp_error(r->h));
	return peer.id;
}

void rig_far(struct rig *r, struct rig_far *f, const char *ip)
{
	f->fd = rig_udp(ip, 0);
	f->addr = rig_local(f->fd);
	rig_connect(f->fd, &r->addr);
	f->id = rig_peer(r, &f->addr);
}

void rig_far_close(struct rig *r, struct rig_far *f)
{
	if (ksrtp_peer_del(r->h, f->id))
		kt_bail("peer del: %s", ksrtp_error(r->h));
	close(f->fd);
}

/* ---- keys ---- */

static void set_master(struct ksrtp_key *key, const void *mk, size_t mk_len, const void *salt,
		       size_t salt_len)
{
	memcpy(key->master_key, mk, mk_len);
	key->master_key_len = mk_len;
	memcpy(key->master_salt, salt, salt_len);
	key->master_salt_len = salt_len;
	key->has |= KSRTP_BIT(KSRTP_A_KEY_MASTER_KEY) | KSRTP_BIT(KSRTP_A_KEY_MASTER_SALT);
}

void rig_hbh(struct rig_key *k, const char *suite, uint32_t seed)
{
	const struct ref_suite *ref = ref_suite_find(suite);
	uint8_t mk[REF_MAX_KEY], salt[REF_MAX_SALT];
	struct ksrtp_suite_info info;

	if (!ref || ksrtp_suite_lookup(suite, &info))
		kt_bail("no suite is called %s", suite);
	memset(k, 0, sizeof(*k));
	ref_pattern(mk, ref->key_len, 2 * seed);
	ref_pattern(salt, ref->salt_len, 2 * seed + 1);
	if (ref_ctx_init(&k->hbh, suite, mk, ref->key_len, salt, ref->salt_len))
		kt_bail("refsrtp refuses a key of its own lengths");
	KSRTP_SET(&k->key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	KSRTP_SET(&k->key, KSRTP_A_KEY_SUITE, suite, info.id);
	set_master(&k->key, mk, ref->key_len, salt, ref->salt_len);
	/* Not asked for, but what the kernel does of itself where nothing is encrypted. */
	k->key.tx_plain_rtcp = !strncmp(suite, "NULL", 4);
}

void rig_hbh_rtcp(struct rig_key *k, uint32_t seed)
{
	size_t key_len = k->key.master_key_len, salt_len = k->key.master_salt_len;

	ref_pattern(k->key.rtcp_master_key, key_len, 2 * seed);
	ref_pattern(k->key.rtcp_master_salt, salt_len, 2 * seed + 1);
	k->key.rtcp_master_key_len = key_len;
	k->key.rtcp_master_salt_len = salt_len;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_RTCP_MASTER_KEY) |
		      KSRTP_BIT(KSRTP_A_KEY_RTCP_MASTER_SALT);
	if (ref_ctx_rtcp_master(&k->hbh, k->key.rtcp_master_key, key_len,
				k->key.rtcp_master_salt, salt_len))
		kt_bail("refsrtp refuses a master for RTCP");
}

void rig_mki(struct rig_key *k, const void *mki, size_t len)
{
	memcpy(k->key.mki, mki, len);
	k->key.mki_len = len;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MKI);
	if (ref_ctx_mki(&k->hbh, mki, len))
		kt_bail("refsrtp refuses an MKI of %zu bytes", len);
}

void rig_e2e(struct rig_key *k, uint32_t seed, const char *lid, enum ref_iv iv, enum ref_mi mi,
	     size_t mi_len)
{
	uint8_t call_key[KSRTP_CALL_KEY_LEN];

	memset(k, 0, sizeof(*k));
	ref_pattern(call_key, sizeof(call_key), seed);
	if (ref_e2e_call_key(&k->e2e, call_key, sizeof(call_key), lid, false))
		kt_bail("refsrtp refuses a call key");
	ref_e2e_set_iv(&k->e2e, iv);
	if (ref_e2e_set_mi(&k->e2e, mi, call_key, sizeof(call_key), mi_len))
		kt_bail("refsrtp refuses an MI tag of %zu bytes", mi_len);

	KSRTP_SET(&k->key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_E2E);
	KSRTP_SET(&k->key, KSRTP_A_KEY_SUITE, suite, KSRTP_SUITE_E2E_AES_128_CTR);
	KSRTP_SET(&k->key, KSRTP_A_KEY_IV, iv,
		  iv == REF_IV_LEFT ? KSRTP_IV_LEFT : KSRTP_IV_RIGHT);
	set_master(&k->key, k->e2e.master_key, 16, k->e2e.master_salt, 14);
	if (mi == REF_MI_OFF)
		return;
	KSRTP_SET(&k->key, KSRTP_A_KEY_MI, mi, mi == REF_MI_AUTH ? KSRTP_MI_AUTH : KSRTP_MI_KEY);
	KSRTP_SET(&k->key, KSRTP_A_KEY_MI_LEN, mi_len, mi_len);
	if (mi == REF_MI_AUTH)
		return;
	memcpy(k->key.mi_key, k->e2e.mi_key, k->e2e.mi_key_len);
	k->key.mi_key_len = k->e2e.mi_key_len;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_MI_KEY);
}

void rig_key_ssrc(struct rig_key *k, uint32_t ssrc)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_SSRC, ssrc, ssrc);
}

void rig_key_roc(struct rig_key *k, uint32_t roc)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_ROC_MODE, roc_mode, KSRTP_ROC_MODE_VALUE);
	KSRTP_SET(&k->key, KSRTP_A_KEY_ROC, roc, roc);
}

void rig_key_window(struct rig_key *k, uint32_t window)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_WINDOW, window, window);
}

void rig_key_cryptex(struct rig_key *k, enum ksrtp_cryptex cryptex)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_CRYPTEX, cryptex, cryptex);
	k->hbh.cryptex = cryptex != KSRTP_CRYPTEX_OFF;
}

void rig_key_enc_ext(struct rig_key *k, const uint8_t *ids, size_t n)
{
	if (n > sizeof(k->key.enc_ext))
		kt_bail("%zu ids of header extensions", n);
	memcpy(k->key.enc_ext, ids, n);
	k->key.enc_ext_len = n;
	k->key.has |= KSRTP_BIT(KSRTP_A_KEY_ENC_EXT);
	ref_ctx_enc_ext(&k->hbh, ids, n);
}

void rig_key_rcc(struct rig_key *k, uint16_t r)
{
	KSRTP_SET(&k->key, KSRTP_A_KEY_RCC, rcc, r);
	if (ref_ctx_rcc(&k->hbh, r))
		kt_bail("refsrtp does not carry a ROC under %s", k->hbh.suite->name);
}

void rig_key_outer(struct rig_key *k)
{
	size_t key_len = k->key.master_key_len / 2, salt_len = k->key.master_salt_len / 2;

	memmove(k->key.master_key, k->key.master_key + key_len, key_len);
	memmove(k->key.master_salt, k->key.master_salt + salt_len, salt_len);
	k->key.master_key_len = key_len;
	k->key.master_salt_len = salt_len;
	k->hbh.outer_only = true;
	memset(&k->hbh.inner, 0, sizeof(k->hbh.inner));
}

bool rig_has_suite(struct rig *r, const char *suite)
{
	struct rig_far f;
	struct rig_key k;
	int err;

	rig_far(r, &f, "127.0.0.1");
	rig_hbh(&k, suite, 1);
	err = rig_key_try(r, f.id, KSRTP_DIR_RX, &k);
	rig_far_close(r, &f);
	/* what the module may say so of */
	if (err && !(strstr(suite, "ARIA") && err == -ENOENT))
		kt_bail("%s: %s", suite, ksrtp_error(r->h));
	return !err;
}

int rig_key_try(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k)
{
	struct ksrtp_key key = k->key;

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, peer);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, dir);
	return ksrtp_key_add(r->h, &key);
}

void rig_key(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k)
{
	if (rig_key_try(r, peer, dir, k))
		kt_bail("key add: %s", ksrtp_error(r->h));
}

void rig_key_del(struct rig *r, uint32_t peer, enum ksrtp_dir dir, const struct rig_key *k)
{
	struct ksrtp_key key = { 0 };

	KSRTP_SET(&key, KSRTP_A_KEY_PEER, peer, peer);
	KSRTP_SET(&key, KSRTP_A_KEY_DIR, dir, dir);
	KSRTP_SET(&key, KSRTP_A_KEY_LAYER, layer, k->key.layer);
	key.has |= k->key.has & (KSRTP_BIT(KSRTP_A_KEY_SSRC) | KSRTP_BIT(KSRTP_A_KEY_MKI));
	key.ssrc = k->key.ssrc;
	memcpy(key.mki, k->key.mki, sizeof(key.mki));
	key.mki_len = k->key.mki_len;
	if (ksrtp_key_del(r->h, &key))
		kt_bail("key del: %s", ksrtp_error(r->h));
}

/* ---- packets ---- */

int rig_rtp(void *out, uint32_t ssrc, uint16_t seq, size_t payload)
{
	struct ref_rtp rtp = {
		.pt = 96,
		.seq = seq,
		.timestamp = 160u * seq,
		.ssrc = ssrc,
		.payload_len = payload,
		.fill = ssrc ^ (uint32_t)seq << 8,
	};

	return ref_rtp_build(&rtp, out);
}

int rig_rtcp(void *out, uint32_t ssrc, uint32_t fill)
{
	uint32_t source = ~ssrc ^ fill;
	char cname[32];
	int n;

	snprintf(cname, sizeof(cname), "rig-%08x", fill);
	n = ref_rtcp_rr(out, ssrc, &source, 1);
	return n + ref_rtcp_sdes((uint8_t *)out + n, &ssrc, 1, cname);
}

int rig_other(void *out, uint32_t fill)
{
	uint8_t *stun = out;

	memset(stun, 0, 20);
	ref_put16(stun, 0x0011);		/* a binding indication */
	ref_put32(stun + 4, 0x2112a442);
	ref_put32(stun + 8, fill);
	return 20;
}

int rig_seal(const struct rig_key *hbh, const struct rig_key *e2e, const void *plain, int len,
	     uint64_t index, void *out)
{
	if (e2e) {
		/* an extension that Cryptex adds is there before E2E vouches for the header */
		if (hbh->hbh.cryptex) {
			len = ref_cryptex_plain(plain, len, out);
			plain = out;
		}
		len = ref_e2e_protect(&e2e->e2e, plain, len, index, out);
		if (len < 0)
			kt_bail("refsrtp does not protect: %s", ref_strerror(len));
		plain = out;
	}
	len = ref_protect_rtp(&hbh->hbh, plain, len, index, out);
	if (len < 0)
		kt_bail("refsrtp does not protect: %s", ref_strerror(len));
	return len;
}

int rig_unseal(const struct rig_key *hbh, const struct rig_key *e2e, const void *wire, int len,
	       uint64_t index, void *out)
{
	len = ref_unprotect_rtp(&hbh->hbh, wire, len, index, out);
	if (len >= 0 && e2e)
		len = ref_e2e_unprotect(&e2e->e2e, out, len, index, out);
	return len;
}

int rig_seal_rtcp(const struct rig_key *hbh, const void *plain, int len, uint32_t index, bool e,
		  void *out)
{
	len = ref_protect_rtcp(&hbh->hbh, plain, len, index, e, out);
	if (len < 0)
		kt_bail("refsrtp does not protect: %s", ref_strerror(len));
	return len;
}

/* ---- sending and receiving ---- */

void rig_far_send(const struct rig_far *f, const void *pkt, size_t len)
{
	ssize_t n = send(f->fd, pkt, len, 0);

	if (n != (ssize_t)len)
		kt_bail("the far end sends %zd of %zu bytes: %s", n, len, strerror(errno));
}

void rig_far_send_many(const struct rig_far *f, const void *pkts, size_t size, size_t n)
{
	size_t most = RIG_GSO_BYTES / size < RIG_SEGMENTS ? RIG_GSO_BYTES / size : RIG_SEGMENTS;
	int segment = size, whole = 0;
	const uint8_t *p = pkts;
	size_t now;

	if (setsockopt(f->fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		kt_bail("UDP_SEGMENT: %s", strerror(errno));
	for (; n; n -= now, p += now * size) {
		now = n < most ? n : most;
		rig_far_send(f, p, now * size);
	}
	if (setsockopt(f->fd, IPPROTO_UDP, UDP_SEGMENT, &whole, sizeof(whole)))
		kt_bail("UDP_SEGMENT: %s", strerror(errno));
}

int rig_app_send(const struct rig *r, const struct rig_far *f, const void *pkt, size_t len)
{
	ssize_t n = sendto(r->app, pkt, len, 0, &f->addr.sa, rig_addr_len(&f->addr));

	return n < 0 ? -errno : n;
}

int rig_recv(int fd, void *buf, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&pfd, 1, RIG_WAIT * kt_slow());

	if (!n)
		return -ETIMEDOUT;
	if (n > 0)
		n = recv(fd, buf, size, MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

static void note_bytes(const char *what, const uint8_t *p, int len)
{
	int i, shown = len < 96 ? len : 96;

	printf("# %s, %d bytes:", what, len);
	for (i = 0; i < shown; i++)
		printf(" %02x", p[i]);
	printf("%s\n", shown < len ? " ..." : "");
}

static bool same(const void *got, int got_len, const void *want, int len)
{
	if (got_len == len && !memcmp(got, want, len))
		return true;
	if (got_len < 0)
		kt_note("got nothing: %s", strerror(-got_len));
	else
		note_bytes("got ", got, got_len);
	note_bytes("want", want, len);
	return false;
}

bool rig_gets(int fd, const void *want, size_t len)
{
	static uint8_t got[REF_MAX_PACKET];

	return same(got, rig_recv(fd, got, sizeof(got)), want, len);
}

/* Datagrams of rig_other() so far */
static uint32_t others = 0x1000000;

bool rig_far_quiet(struct rig *r, struct rig_far *f)
{
	uint8_t other[20];
	int len = rig_other(other, others++);
	int n = rig_app_send(r, f, other, len);

	if (n != len)
		kt_bail("what is no RTP is not sent: %s", strerror(-n));
	return rig_gets(f->fd, other, len);
}

bool rig_app_quiet(struct rig *r, struct rig_far *f)
{
	uint8_t other[20];
	int len = rig_other(other, others++);

	rig_far_send(f, other, len);
	return rig_gets(r->app, other, len);
}

bool rig_hears(struct rig *r, struct rig_far *f, const struct rig_key *hbh,
	       const struct rig_key *e2e, const void *plain, int len, uint64_t index)
{
	static uint8_t wire[REF_MAX_PACKET];

	rig_far_send(f, wire, rig_seal(hbh, e2e, plain, len, index, wire));
	return rig_gets(r->app, plain, len);
}

bool rig_hears_rtcp(struct rig *r, struct rig_far *f, const struct rig_key *hbh, const void *plain,
		    int len, uint32_t index)
{
	static uint8_t wire[REF_MAX_PACKET];

	rig_far_send(f, wire, rig_seal_rtcp(hbh, plain, len, index, true, wire));
	return rig_gets(r->app, plain, len);
}

/* The application sends @plain; the far end gets @wire */
static bool says(struct rig *r, struct rig_far *f, const void *plain, int len, const void *wire,
		 int wire_len)
{
	int n = rig_app_send(r, f, plain, len);

	if (n != len) {
		kt_note("sending gives %d (%s), not %d", n, n < 0 ? strerror(-n) : "", len);
		return false;
	}
	return rig_gets(f->fd, wire, wire_len);
}

bool rig_says(struct rig *r, struct rig_far *f, const struct rig_key *hbh,
	      const struct rig_key *e2e, const void *plain, int len, uint64_t index)
{
	static uint8_t wire[REF_MAX_PACKET];

	return says(r, f, plain, len, wire, rig_seal(hbh, e2e, plain, len, index, wire));
}

bool rig_says_rtcp(struct rig *r, struct rig_far *f, const struct rig_key *hbh, const void *plain,
		   int len, uint32_t index)
{
	static uint8_t wire[REF_MAX_PACKET];

	return says(r, f, plain, len, wire,
		    rig_seal_rtcp(hbh, plain, len, index, !hbh->key.tx_plain_rtcp, wire));
}

/* ---- what ksrtp counts ---- */

void rig_stats(struct rig *r, struct ksrtp_stats *stats)
{
	if (ksrtp_stats_get(r->h, stats))
		kt_bail("stats: %s", ksrtp_error(r->h));
}

static uint64_t sum(const uint64_t *count, size_t n)
{
	uint64_t all = 0;

	while (n)
		all += count[--n];
	return all;
}

bool rig_dropped_all(struct rig *r, struct ksrtp_stats *since, const uint64_t *want)
{
	size_t n = ARRAY_SIZE(since->drops.count), i;
	uint64_t before = sum(since->drops.count, n), all = sum(want, n);
	struct ksrtp_stats now;
	bool as_wanted = true;

	kt_wait_until((rig_stats(r, &now), sum(now.drops.count, n) - before >= all), RIG_WAIT);
	for (i = 0; i < n; i++) {
		if (now.drops.count[i] - since->drops.count[i] == want[i])
			continue;
		kt_note("%llu dropped as %s, not %llu",
			(unsigned long long)(now.drops.count[i] - since->drops.count[i]),
			ksrtp_str_drop(i) ? ksrtp_str_drop(i) : "?", (unsigned long long)want[i]);
		as_wanted = false;
	}
	*since = now;
	return as_wanted;
}

bool rig_dropped(struct rig *r, struct ksrtp_stats *since, unsigned int reason, uint64_t n)
{
	uint64_t want[ARRAY_SIZE(since->drops.count)] = { 0 };

	want[reason] = n;
	return rig_dropped_all(r, since, want);
}

void rig_peer_get(struct rig *r, uint32_t id, struct ksrtp_peer *peer)
{
	if (ksrtp_peer_get(r->h, id, peer))
		kt_bail("peer %u: %s", id, ksrtp_error(r->h));
}

void rig_max_streams(struct rig *r, uint32_t peer, uint32_t most)
{
	struct ksrtp_peer p = { 0 };

	KSRTP_SET(&p, KSRTP_A_PEER_ID, id, peer);
	KSRTP_SET(&p, KSRTP_A_PEER_MAX_STREAMS, max_streams, most);
	if (ksrtp_peer_set(r->h, &p))
		kt_bail("max-streams: %s", ksrtp_error(r->h));
}

struct wanted {
	enum ksrtp_dir dir;
	enum ksrtp_layer layer;
	struct ksrtp_stream *stream;
	bool found;
};

static int match(const struct ksrtp_stream *stream, void *arg)
{
	struct wanted *w = arg;

	if (stream->dir != w->dir || stream->layer != w->layer)
		return 0;
	*w->stream = *stream;
	w->found = true;
	return 1;
}

bool rig_stream(struct rig *r, uint32_t peer, enum ksrtp_dir dir, enum ksrtp_layer layer,
		uint32_t ssrc, struct ksrtp_stream *stream)
{
	struct wanted w = { .dir = dir, .layer = layer, .stream = stream };

	memset(stream, 0, sizeof(*stream));
	if (ksrtp_stream_dump(r->h, peer, &ssrc, match, &w) < 0)
		kt_bail("streams: %s", ksrtp_error(r->h));
	return w.found;
}

uint32_t rig_streams(struct rig *r, uint32_t peer, enum ksrtp_dir dir)
{
	struct ksrtp_peer p;

	rig_peer_get(r, peer, &p);
	return dir == KSRTP_DIR_RX ? p.rx_streams : p.tx_streams;
}

bool rig_index_is(struct rig *r, uint32_t peer, enum ksrtp_dir dir, enum ksrtp_layer layer,
		  uint32_t ssrc, uint64_t index)
{
	struct ksrtp_stream s;

	if (kt_wait_until(rig_stream(r, peer, dir, layer, ssrc, &s) &&
			  ref_index(s.roc, s.highest_seq) == index, RIG_WAIT))
		return true;
	kt_note("the highest index is %u * 65536 + %u, not %u * 65536 + %u", s.roc, s.highest_seq,
		(unsigned int)(index >> 16), (unsigned int)(index & 0xffff));
	return false;
}
