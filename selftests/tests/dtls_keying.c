// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program does DTLS-SRTP (RFC 5764) on its socket under ksrtp, with OpenSSL,
 * and keys ksrtp with what the exporter gives, as client and as server, with
 * each suite that OpenSSL knows. The far end cuts the exporter's bytes by hand.
 */
#include "rig.h"

#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define SSRC	0xd715d715

static const struct {
	const char *name;	/* OpenSSL's */
	const char *suite;
	size_t key, salt;
} profiles[] = {
	{ "SRTP_AES128_CM_SHA1_80", "AES_CM_128_HMAC_SHA1_80", 16, 14 },
	{ "SRTP_AES128_CM_SHA1_32", "AES_CM_128_HMAC_SHA1_32", 16, 14 },
	{ "SRTP_AEAD_AES_128_GCM", "AEAD_AES_128_GCM", 16, 12 },
	{ "SRTP_AEAD_AES_256_GCM", "AEAD_AES_256_GCM", 32, 12 },
};

struct call {
	struct rig r;
	struct rig_far f;
	SSL_CTX *ctx;
	SSL *app, *far;
	struct rig_key rx, tx;
	uint16_t seq;
};

/* ---- DTLS ---------------------------------------------------------------- */

/* With a certificate of its own making: whose it is, is not the question here. */
static SSL_CTX *dtls_context(const char *profile)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	if (!ctx || !key || !cert || !ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -86400) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), 86400) || !X509_set_pubkey(cert, key) ||
	    !X509_sign(cert, key, EVP_sha256()) || SSL_CTX_use_certificate(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_set_tlsext_use_srtp(ctx, profile))
		kt_bail("no DTLS context with %s", profile);
	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

/*
 * A second, which it is else, may pass before the answer is looked at: the last flight
 * would be sent again, and read as media.
 */
static unsigned int five_seconds(SSL *ssl, unsigned int us)
{
	(void)ssl;
	(void)us;
	return 5000000;
}

static SSL *dtls_on(SSL_CTX *ctx, int fd, const union rig_addr *to, bool client)
{
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
	BIO_ADDR *addr = BIO_ADDR_new();
	SSL *ssl = SSL_new(ctx);

	if (!bio || !addr || !ssl ||
	    !BIO_ADDR_rawmake(addr, AF_INET, &to->in.sin_addr, sizeof(to->in.sin_addr),
			      to->in.sin_port) ||
	    !BIO_dgram_set_peer(bio, addr) || fcntl(fd, F_SETFL, O_NONBLOCK))
		kt_bail("no DTLS on a socket");
	BIO_ADDR_free(addr);
	SSL_set_bio(ssl, bio, bio);
	DTLS_set_timer_cb(ssl, five_seconds);
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

/* Until something has come to one of the two, or OpenSSL wants to send again */
static void wait_for_either(const struct call *c)
{
	struct pollfd fds[] = {
		{ .fd = c->r.app, .events = POLLIN }, { .fd = c->f.fd, .events = POLLIN },
	};

	if (!poll(fds, 2, 100)) {
		DTLSv1_handle_timeout(c->app);
		DTLSv1_handle_timeout(c->far);
	}
}

static bool shake_hands(struct call *c)
{
	const time_t end = time(NULL) + RIG_WAIT / 1000 * kt_slow();

	while (!SSL_is_init_finished(c->app) || !SSL_is_init_finished(c->far)) {
		int app = SSL_do_handshake(c->app), far = SSL_do_handshake(c->far);

		if (app == 1 && far == 1)
			break;
		if (time(NULL) > end || SSL_get_error(c->app, app) == SSL_ERROR_SSL ||
		    SSL_get_error(c->far, far) == SSL_ERROR_SSL) {
			kt_note("%s, %s", SSL_state_string_long(c->app),
				SSL_state_string_long(c->far));
			return false;
		}
		wait_for_either(c);
	}
	return true;
}

static bool export_keys(SSL *ssl, unsigned char *bytes, size_t len)
{
	const char *label = KSRTP_DTLS_SRTP_LABEL;

	return SSL_export_keying_material(ssl, bytes, len, label, strlen(label), NULL, 0, 0) == 1;
}

/* ---- keys ---------------------------------------------------------------- */

/* The program's part */
static bool take_keys(struct call *c)
{
	SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(c->app);
	const enum ksrtp_dtls_role role = SSL_is_server(c->app) ? KSRTP_DTLS_SERVER :
								  KSRTP_DTLS_CLIENT;
	struct ksrtp_suite_info suite;
	struct ksrtp_master tx, rx;
	unsigned char bytes[176];
	struct ksrtp_error err;
	int len;

	if (!profile || ksrtp_suite_profile(profile->id, &suite))
		return false;
	len = ksrtp_dtls_srtp_len(suite.id);
	if (len < 0 || len > (int)sizeof(bytes) || !export_keys(c->app, bytes, len))
		return false;
	if (ksrtp_dtls_srtp_split(suite.id, bytes, len, role, &tx, &rx, &err)) {
		kt_note("%s", err.text);
		return false;
	}
	KSRTP_SET(&c->rx.key, KSRTP_A_KEY_SUITE, suite, suite.id);
	KSRTP_SET(&c->rx.key, KSRTP_A_KEY_LAYER, layer, KSRTP_LAYER_HBH);
	c->tx.key = c->rx.key;
	ksrtp_key_master(&c->rx.key, &rx);
	ksrtp_key_master(&c->tx.key, &tx);
	return !rig_key_try(&c->r, c->f.id, KSRTP_DIR_RX, &c->rx) &&
	       !rig_key_try(&c->r, c->f.id, KSRTP_DIR_TX, &c->tx);
}

/* The far end's: keys of client and server, salts of client and server */
static bool far_keys(struct call *c, size_t i)
{
	const size_t k = profiles[i].key, s = profiles[i].salt;
	const bool far_is_client = !SSL_is_server(c->far);
	struct ref_ctx client, server;
	unsigned char bytes[176];

	if (!export_keys(c->far, bytes, 2 * (k + s)) ||
	    ref_ctx_init(&client, profiles[i].suite, bytes, k, bytes + 2 * k, s) ||
	    ref_ctx_init(&server, profiles[i].suite, bytes + k, k, bytes + 2 * k + s, s))
		return false;
	c->rx.hbh = far_is_client ? client : server;
	c->tx.hbh = far_is_client ? server : client;
	return true;
}

/* ---- one call ------------------------------------------------------------ */

static bool refused_before(struct call *c)
{
	uint8_t rtp[200];
	int len = rig_rtp(rtp, SSRC, 1, 160);

	return rig_app_send(&c->r, &c->f, rtp, len) == -ENOKEY;
}

static bool media_both_ways(struct call *c)
{
	uint8_t rtp[1500], rtcp[200];
	int len = rig_rtp(rtp, SSRC, ++c->seq, 1000), rtcp_len = rig_rtcp(rtcp, SSRC, c->seq);

	return rig_hears(&c->r, &c->f, &c->rx, NULL, rtp, len, c->seq) &
	       rig_says(&c->r, &c->f, &c->tx, NULL, rtp, len, c->seq) &
	       rig_hears_rtcp(&c->r, &c->f, &c->rx, rtcp, rtcp_len, c->seq) &
	       rig_says_rtcp(&c->r, &c->f, &c->tx, rtcp, rtcp_len, c->seq);
}

static bool says_by_dtls(SSL *from, SSL *to, int fd, const char *text)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char got[64] = "";

	return SSL_write(from, text, (int)strlen(text)) > 0 &&
	       poll(&pfd, 1, RIG_WAIT * kt_slow()) == 1 && SSL_read(to, got, sizeof(got) - 1) > 0 &&
	       !strcmp(got, text);
}

static void one_call(size_t i, bool client)
{
	const char *role = client ? "client" : "server";
	struct call c = { .seq = 0 };
	bool ok;

	rig_open(&c.r, "127.0.0.1");
	rig_far(&c.r, &c.f, "127.0.0.1");
	c.ctx = dtls_context(profiles[i].name);
	c.app = dtls_on(c.ctx, c.r.app, &c.f.addr, client);
	c.far = dtls_on(c.ctx, c.f.fd, &c.r.addr, !client);

	ok = refused_before(&c) && shake_hands(&c);
	kt_ok(ok, "%s, %s: DTLS passes while media without a key does not", profiles[i].suite,
	      role);
	ok = ok && take_keys(&c) && far_keys(&c, i);
	kt_ok(ok && media_both_ways(&c),
	      "%s, %s: what the exporter gives are the keys of both directions",
	      profiles[i].suite, role);
	kt_ok(ok && says_by_dtls(c.far, c.app, c.r.app, "from afar") &&
	      says_by_dtls(c.app, c.far, c.f.fd, "and back") && media_both_ways(&c),
	      "%s, %s: DTLS goes on beside the media", profiles[i].suite, role);

	SSL_free(c.app);
	SSL_free(c.far);
	SSL_CTX_free(c.ctx);
	rig_far_close(&c.r, &c.f);
	rig_close(&c.r);
}

int main(void)
{
	size_t i;

	kt_plan(ARRAY_SIZE(profiles) * 6);
	rig_start();
	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		one_call(i, true);
		one_call(i, false);
	}
	return kt_done();
}
