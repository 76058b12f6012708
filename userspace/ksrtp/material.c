// SPDX-License-Identifier: GPL-2.0-or-later
/* Key material on a command line: files, and what is derived from them. */
#include <string.h>

#include "material.h"

/* ---- words --------------------------------------------------------------- */

int material_take_mi(struct args *a, const struct word *w, void *obj)
{
	struct material *m = (void *)((char *)obj + w->offset);
	const char *word = next_word(a, "what the MI tag is made with");

	if (!word)
		return MISUSED;
	if (!strcmp(word, "off"))
		m->mi = MI_OFF;
	else if (!strcmp(word, "derived"))
		m->mi = MI_DERIVED;
	else if (!strcmp(word, "auth"))
		m->mi = MI_AUTH;
	else if (!strcmp(word, "file"))
		m->mi = MI_FILE;
	else
		return misused(a, "mi is to be one of: off, derived, auth, file FILE; not %s",
			       shown(word));
	if (m->mi == MI_FILE)
		m->mi_file = next_word(a, "the file's name");
	return m->mi == MI_FILE && !m->mi_file ? MISUSED : DONE;
}

int material_take_kdf(struct args *a, const struct word *w, void *obj)
{
	struct material *m = (void *)((char *)obj + w->offset);
	const char *word = next_word(a, "kdf");

	if (!word)
		return MISUSED;
	if (strcmp(word, "direct") && strcmp(word, "two-stage"))
		return misused(a, "kdf is to be one of: direct, two-stage; not %s", shown(word));
	m->kdf_given = 1;
	m->two_stage = !strcmp(word, "two-stage");
	return DONE;
}

int material_take_direction(struct args *a, const struct word *w, void *obj)
{
	struct material *m = (void *)((char *)obj + w->offset);
	const char *word = next_word(a, "direction");

	if (!word)
		return MISUSED;
	if (!strcmp(word, "uplink"))
		m->direction = KSRTP_HBH_UPLINK;
	else if (!strcmp(word, "downlink"))
		m->direction = KSRTP_HBH_DOWNLINK;
	else if (!strcmp(word, "shared"))
		m->direction = KSRTP_HBH_SHARED;
	else
		return misused(a, "direction is to be one of: uplink, downlink, shared; not %s",
			       shown(word));
	return DONE;
}

/* ---- do they fit together? ----------------------------------------------- */

static bool from_stdin(const char *file)
{
	return file && !strcmp(file, "-");
}

static int check_e2e(struct args *a, const struct material *m)
{
	const bool call_key = m->call_key_file || m->raw_e2e_file;

	if (call_key && !m->lid)
		return misused(a, "\"lid\" is missing: whose key is to be derived");
	if (!call_key && (m->lid || m->lid_raw))
		return misused(a, "\"%s\" goes with call-key-file or raw-e2e-file",
			       m->lid ? "lid" : "lid-raw");
	if (!call_key && m->mi == MI_DERIVED)
		return misused(a,
			       "\"mi derived\" needs call-key-file or raw-e2e-file, from which it is derived");
	return DONE;
}

static int check_hbh(struct args *a, const struct material *m)
{
	if (m->hbh_key_file && !m->kdf_given)
		return misused(a, "\"kdf\" is missing: direct, or two-stage direction ...");
	if (!m->hbh_key_file && (m->kdf_given || m->direction))
		return misused(a, "\"%s\" goes with hbh-key-file",
			       m->kdf_given ? "kdf" : "direction");
	if (m->two_stage && !m->direction)
		return misused(a, "\"direction\" is missing: uplink, downlink or shared");
	if (m->kdf_given && !m->two_stage && m->direction)
		return misused(a, "\"direction\" goes with kdf two-stage");
	if (m->two_stage && m->rtcp_key_file)
		return misused(a,
			       "kdf two-stage gives RTCP its key; rtcp-key-file would be a second one");
	return DONE;
}

int material_check(struct args *a, const struct material *m)
{
	const int sources = !!m->key_file + !!m->call_key_file + !!m->raw_e2e_file +
			    !!m->hbh_key_file;
	int ret;

	if (!sources)
		return misused(a,
			       "there is no key material: key-file, call-key-file, raw-e2e-file or hbh-key-file");
	if (sources > 1)
		return misused(a,
			       "one of key-file, call-key-file, raw-e2e-file and hbh-key-file is wanted, not %d",
			       sources);
	if (from_stdin(m->key_file) + from_stdin(m->call_key_file) +
	    from_stdin(m->raw_e2e_file) + from_stdin(m->hbh_key_file) +
	    from_stdin(m->rtcp_key_file) + from_stdin(m->mi_file) > 1)
		return misused(a, "standard input (-) can be read for one key only");
	ret = check_e2e(a, m);
	return ret ? ret : check_hbh(a, m);
}

/* ---- reading and deriving ------------------------------------------------ */

static int read_file(struct args *a, const char *file, size_t min, size_t max,
		     struct ksrtp_secret *s)
{
	struct ksrtp_error err;

	if (!ksrtp_secret_read(file, min, max, s, &err))
		return DONE;
	complain("%s: %s", a->context, err.text);
	return REFUSED;
}

/* Only key-file and rtcp-key-file may be SDES with more in it than a key. */
static int read_plain(struct args *a, const char *file, size_t min, size_t max,
		      struct ksrtp_secret *s)
{
	if (read_file(a, file, min, max, s))
		return REFUSED;
	if (!s->mki_len && !s->lifetime)
		return DONE;
	ksrtp_wipe(s, sizeof(*s));
	complain("%s: %s: an MKI and a lifetime belong to key-file alone", a->context,
		 file);
	return REFUSED;
}

static int failed(struct args *a, struct derived *d)
{
	ksrtp_wipe(d, sizeof(*d));
	complain("%s: libcrypto cannot do the derivation", a->context);
	return REFUSED;
}

/* As the file of a master is read, with @read; of a DOUBLE suite half of one will do. */
static int read_master(struct args *a, const char *file, const struct ksrtp_suite_info *suite,
		       int (*read)(struct args *a, const char *file, size_t min, size_t max,
				   struct ksrtp_secret *s),
		       struct ksrtp_secret *s, struct ksrtp_master *master)
{
	const size_t len = suite->key_len + suite->salt_len;
	struct ksrtp_error err;

	if (read(a, file, suite->half ? len / 2 : len, len, s))
		return REFUSED;
	if (!ksrtp_master_cut(suite->id, s->data, s->len, master, &err))
		return DONE;
	ksrtp_wipe(s, sizeof(*s));
	complain("%s: %s: %s", a->context, file, err.text);
	return REFUSED;
}

static int from_key_file(struct args *a, const struct material *m,
			 const struct ksrtp_suite_info *suite, struct derived *d)
{
	struct ksrtp_secret s;

	if (read_master(a, m->key_file, suite, read_file, &s, &d->rtp))
		return REFUSED;
	memcpy(d->mki, s.mki, s.mki_len);
	d->mki_len = s.mki_len;
	d->lifetime = s.lifetime;
	ksrtp_wipe(&s, sizeof(s));
	return DONE;
}

static int take_rtcp_key(struct args *a, const struct material *m,
			 const struct ksrtp_suite_info *suite, struct derived *d)
{
	struct ksrtp_secret s;

	if (read_master(a, m->rtcp_key_file, suite, read_plain, &s, &d->rtcp))
		return REFUSED;
	ksrtp_wipe(&s, sizeof(s));
	return DONE;
}

static int from_call_key(struct args *a, const struct material *m, struct derived *d)
{
	const char *file = m->call_key_file ? m->call_key_file : m->raw_e2e_file;
	const size_t max = m->call_key_file ? KSRTP_CALL_KEY_LEN : KSRTP_MAX_SECRET;
	struct ksrtp_secret s;
	int ret = 0;

	if (m->lid_raw && strlen(m->lid) < sizeof(d->lid))
		strcpy(d->lid, m->lid);
	else if (m->lid_raw || ksrtp_lid_normalise(m->lid, d->lid, sizeof(d->lid)))
		ret = -1;
	if (ret || !*d->lid) {
		complain("%s: the LID is empty or too long", a->context);
		return REFUSED;
	}
	if (read_plain(a, file, KSRTP_CALL_KEY_LEN, max, &s))
		return REFUSED;
	ret = ksrtp_derive_e2e(s.data, d->lid, &d->rtp);
	if (!ret && m->mi == MI_DERIVED) {
		ret = ksrtp_derive_mi(s.data, d->mi_key);
		d->mi_key_len = KSRTP_MI_KEY_LEN;
	}
	ksrtp_wipe(&s, sizeof(s));
	return ret ? failed(a, d) : DONE;
}

static int from_hbh_key(struct args *a, const struct material *m, struct derived *d)
{
	struct ksrtp_secret s;
	int ret;

	if (read_plain(a, m->hbh_key_file, KSRTP_HBH_KEY_LEN, KSRTP_HBH_KEY_LEN, &s))
		return REFUSED;
	ret = ksrtp_derive_hbh(s.data, m->two_stage ? m->direction : KSRTP_HBH_DIRECT,
			       &d->rtp, &d->rtcp);
	ksrtp_wipe(&s, sizeof(s));
	if (ret)
		return failed(a, d);
	if (!m->two_stage)
		ksrtp_wipe(&d->rtcp, sizeof(d->rtcp));
	return DONE;
}

static int take_mi_key(struct args *a, const struct material *m, struct derived *d)
{
	struct ksrtp_secret s;

	if (read_plain(a, m->mi_file, 1, KSRTP_MAX_MI_KEY, &s))
		return REFUSED;
	memcpy(d->mi_key, s.data, s.len);
	d->mi_key_len = s.len;
	ksrtp_wipe(&s, sizeof(s));
	return DONE;
}

int material_derive(struct args *a, const struct material *m,
		    const struct ksrtp_suite_info *suite, struct derived *d)
{
	int ret;

	memset(d, 0, sizeof(*d));
	if (m->key_file)
		ret = from_key_file(a, m, suite, d);
	else if (m->hbh_key_file)
		ret = from_hbh_key(a, m, d);
	else
		ret = from_call_key(a, m, d);
	if (!ret && m->rtcp_key_file)
		ret = take_rtcp_key(a, m, suite, d);
	if (!ret && m->mi == MI_FILE)
		ret = take_mi_key(a, m, d);
	if (ret)
		ksrtp_wipe(d, sizeof(*d));
	return ret;
}
