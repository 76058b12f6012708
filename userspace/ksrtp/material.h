/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key material on a command line: files, and what is derived from them. */
#ifndef KSRTP_MATERIAL_H
#define KSRTP_MATERIAL_H

#include "tool.h"

enum mi_choice { MI_UNSET, MI_OFF, MI_DERIVED, MI_AUTH, MI_FILE };

/**
 * struct material - what was said about keys
 * @key_file: master key || master salt, or NULL
 * @call_key_file: E2E call key, or NULL
 * @raw_e2e_file: raw end-to-end secret, or NULL
 * @hbh_key_file: 30-byte HBH key, or NULL
 * @rtcp_key_file: another master for RTCP, or NULL
 * @lid: LID, or NULL
 * @lid_raw: the LID is taken as it is
 * @kdf_given: "kdf" was there
 * @two_stage: and was two-stage
 * @direction: enum ksrtp_hbh_kdf of "direction", 0: none
 * @mi: enum mi_choice
 * @mi_file: of MI_FILE
 */
struct material {
	const char *key_file;
	const char *call_key_file;
	const char *raw_e2e_file;
	const char *hbh_key_file;
	const char *rtcp_key_file;
	const char *lid;
	uint8_t lid_raw;
	uint8_t kdf_given;
	uint8_t two_stage;
	uint8_t direction;
	uint8_t mi;
	const char *mi_file;
};

/*
 * Rows of a table of words. They store into a struct whose member m is the
 * struct material, and set no bit.
 */
#define MATERIAL_FILE(type, name_, member)				\
	{ .name = (name_), .what = "the file's name", .kind = WORD_TEXT,	\
	  TO(type, m.member) }
#define MATERIAL_E2E(type)						\
	MATERIAL_FILE(type, "call-key-file", call_key_file),		\
	MATERIAL_FILE(type, "raw-e2e-file", raw_e2e_file),		\
	{ .name = "lid", .what = "the LID", .kind = WORD_TEXT, TO(type, m.lid) },	\
	{ .name = "lid-raw", .kind = WORD_VALUE, TO(type, m.lid_raw), .min = 1 }
#define MATERIAL_MI(type)						\
	{ .name = "mi", .kind = WORD_CALL, .offset = offsetof(type, m),	\
	  .call = material_take_mi }
#define MATERIAL_HBH(type)						\
	MATERIAL_FILE(type, "hbh-key-file", hbh_key_file),		\
	{ .name = "kdf", .kind = WORD_CALL, .offset = offsetof(type, m),	\
	  .call = material_take_kdf },					\
	{ .name = "direction", .kind = WORD_CALL, .offset = offsetof(type, m),	\
	  .call = material_take_direction }

int material_take_mi(struct args *a, const struct word *w, void *obj);
int material_take_kdf(struct args *a, const struct word *w, void *obj);
int material_take_direction(struct args *a, const struct word *w, void *obj);

/* material_check - do the words fit together? DONE, or MISUSED and it is said */
int material_check(struct args *a, const struct material *m);

/**
 * struct derived - masters and what led to them; to be wiped
 * @rtp: master of RTP
 * @rtcp: of RTCP, key_len 0 if it is the same
 * @mi_key: key of the MI tag
 * @mi_key_len: bytes of it, 0: none
 * @lid: as it entered the derivation
 * @mki: came with an SDES key
 * @mki_len: bytes of it, 0: none
 * @lifetime: came with an SDES key, 0: none
 */
struct derived {
	struct ksrtp_master rtp;
	struct ksrtp_master rtcp;
	uint8_t mi_key[KSRTP_MAX_MI_KEY];
	size_t mi_key_len;
	char lid[KSRTP_MAX_LID];
	uint8_t mki[KSRTP_MAX_MKI];
	size_t mki_len;
	uint64_t lifetime;
};

/**
 * material_derive - reads the files and derives
 * @a: for messages
 * @m: checked by material_check()
 * @suite: gives the lengths of key-file and rtcp-key-file; may be NULL without these
 * @d: the result, zero unless DONE
 *
 * Return: DONE, or REFUSED with the reason printed.
 */
int material_derive(struct args *a, const struct material *m,
		    const struct ksrtp_suite_info *suite, struct derived *d);

#endif /* KSRTP_MATERIAL_H */
