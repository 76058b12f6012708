// SPDX-License-Identifier: GPL-2.0-or-later
/* Masters: cut from a key file or from what DTLS exports, put into a key. */
#include <errno.h>
#include <string.h>

#include "internal.h"

void ksrtp__master_set(struct ksrtp_master *m, const void *key, size_t key_len,
		       const void *salt, size_t salt_len)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->key, key, key_len);
	m->key_len = key_len;
	memcpy(m->salt, salt, salt_len);
	m->salt_len = salt_len;
}

int ksrtp_master_cut(unsigned int suite, const void *material, size_t len,
		     struct ksrtp_master *master, struct ksrtp_error *err)
{
	const uint8_t *bytes = material;
	struct ksrtp_suite_info s;
	size_t both;

	memset(master, 0, sizeof(*master));
	if (ksrtp_suite_get(suite, &s))
		return ksrtp__fail(err, -ENOENT, "there is no suite of number %u", suite);
	both = s.key_len + s.salt_len;
	if (len == both)
		ksrtp__master_set(master, bytes, s.key_len, bytes + s.key_len, s.salt_len);
	else if (s.half && len == both / 2)
		ksrtp__master_set(master, bytes, s.key_len / 2, bytes + s.key_len / 2,
				  s.salt_len / 2);
	else if (s.half)
		return ksrtp__fail(err, -EINVAL,
				   "%zu bytes of key material expected for both halves of %s, or %zu for the outer half alone; %zu found",
				   both, s.name, both / 2, len);
	else
		return ksrtp__fail(err, -EINVAL,
				   "%zu bytes of key material expected, %zu found", both, len);
	return 0;
}

/* The master itself may become one of its halves. */
void ksrtp_master_halves(const struct ksrtp_master *both, struct ksrtp_master *inner,
			 struct ksrtp_master *outer)
{
	const size_t key = both->key_len / 2, salt = both->salt_len / 2;
	struct ksrtp_master m = *both;

	ksrtp__master_set(inner, m.key, key, m.salt, salt);
	ksrtp__master_set(outer, m.key + key, key, m.salt + salt, salt);
	ksrtp_wipe(&m, sizeof(m));
}

void ksrtp_key_master(struct ksrtp_key *key, const struct ksrtp_master *master)
{
	memcpy(key->master_key, master->key, sizeof(key->master_key));
	memcpy(key->master_salt, master->salt, sizeof(key->master_salt));
	KSRTP_SET(key, KSRTP_A_KEY_MASTER_KEY, master_key_len, (uint8_t)master->key_len);
	KSRTP_SET(key, KSRTP_A_KEY_MASTER_SALT, master_salt_len, (uint8_t)master->salt_len);
}

void ksrtp_key_rtcp_master(struct ksrtp_key *key, const struct ksrtp_master *master)
{
	memcpy(key->rtcp_master_key, master->key, sizeof(key->rtcp_master_key));
	memcpy(key->rtcp_master_salt, master->salt, sizeof(key->rtcp_master_salt));
	KSRTP_SET(key, KSRTP_A_KEY_RTCP_MASTER_KEY, rtcp_master_key_len,
		  (uint8_t)master->key_len);
	KSRTP_SET(key, KSRTP_A_KEY_RTCP_MASTER_SALT, rtcp_master_salt_len,
		  (uint8_t)master->salt_len);
}

/* ---- DTLS-SRTP ----------------------------------------------------------- */

int ksrtp_dtls_srtp_len(unsigned int suite)
{
	struct ksrtp_suite_info s;

	if (ksrtp_suite_get(suite, &s) || !s.dtls_name)
		return -ENOENT;
	return (int)(2 * (s.key_len + s.salt_len));
}

/* Two keys, then two salts; the client's is the first of either. */
int ksrtp_dtls_srtp_split(unsigned int suite, const void *exported, size_t len,
			  enum ksrtp_dtls_role role, struct ksrtp_master *tx,
			  struct ksrtp_master *rx, struct ksrtp_error *err)
{
	struct ksrtp_master *client = role == KSRTP_DTLS_CLIENT ? tx : rx;
	struct ksrtp_master *server = role == KSRTP_DTLS_CLIENT ? rx : tx;
	const int want = ksrtp_dtls_srtp_len(suite);
	const uint8_t *keys = exported, *salts;
	struct ksrtp_suite_info s;

	memset(tx, 0, sizeof(*tx));
	memset(rx, 0, sizeof(*rx));
	if (want < 0 || ksrtp_suite_get(suite, &s))
		return ksrtp__fail(err, -ENOENT, "suite %u is none of DTLS-SRTP", suite);
	if (len != (size_t)want)
		return ksrtp__fail(err, -EINVAL,
				   "%s takes %d bytes of the DTLS exporter, not %zu", s.name,
				   want, len);
	salts = keys + 2 * s.key_len;
	ksrtp__master_set(client, keys, s.key_len, salts, s.salt_len);
	ksrtp__master_set(server, keys + s.key_len, s.key_len, salts + s.salt_len, s.salt_len);
	return 0;
}
