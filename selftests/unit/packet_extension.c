// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What new rules do to the bytes of a packet: the Original Header Block of RFC
 * 8723, Cryptex's change of places (RFC 9335), the elements RFC 6904 encrypts;
 * all short cases against a description of each in other words.
 */
#include "kt.h"

#include "packet.h"
#include "exact.h"
#include "random.h"

static struct random dice;

/* ---- Original Header Block ---- */

/* [ PT ] [ SEQ ] config: 0 0 0 0 B M P Q */
static bool ohb_is(const u8 *payload, u32 len, const struct ksrtp_ohb *ohb)
{
	u8 config = payload[len - 1];
	u32 at = len - 1;

	if (ohb->has_seq != !!(config & 1) || ohb->has_pt != !!(config & 2) ||
	    ohb->has_marker != !!(config & 4) || ohb->marker != !!(config & 8))
		return false;
	if (config & 1) {
		at -= 2;
		if (ohb->seq != payload[at] * 256 + payload[at + 1])
			return false;
	}
	if (config & 2) {
		at -= 1;
		if (ohb->pt != payload[at])
			return false;
	}
	return ohb->len == len - at;
}

static void ohb_read(void)
{
	unsigned int config, len, wrong = 0;

	for (config = 0; config < 256; config++) {
		for (len = 1; len <= 6; len++) {
			u8 payload[6] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 }, *p;
			u32 need = 1 + !!(config & 2) + 2 * (config & 1);
			bool fits = !(config & 0xf0) && len >= need;
			struct ksrtp_ohb ohb;

			payload[len - 1] = config;
			p = exact(payload, len);
			if (fits)
				wrong += ksrtp_ohb_read(p, len, &ohb) || !ohb_is(p, len, &ohb);
			else
				wrong += ksrtp_ohb_read(p, len, &ohb) != -EBADMSG;
			free(p);
		}
	}
	kt_is(wrong, 0, "an OHB is read from its end, and what does not fit or is reserved is none");
	kt_is(ksrtp_ohb_read((const u8 *)"", 0, &(struct ksrtp_ohb){ 0 }), -EBADMSG,
	      "there is none in an empty payload");
}

static void ohb_written(void)
{
	unsigned int bits, wrong = 0;
	u32 n;

	for (bits = 0; bits < 16; bits++) {
		struct ksrtp_ohb in = {
			.has_seq = bits & 1, .has_pt = bits & 2, .has_marker = bits & 4,
			/* A marker nobody changed is not told. */
			.marker = (bits & 12) == 12, .pt = bits & 2 ? 96 : 0,
			.seq = bits & 1 ? 0xfedc : 0,
		}, out;
		u8 at[KSRTP_OHB_MAX];

		n = ksrtp_ohb_write(&in, at);
		if (n > KSRTP_OHB_MAX || ksrtp_ohb_read(at, n, &out)) {
			wrong++;
			continue;
		}
		wrong += out.len != n || out.has_seq != in.has_seq || out.has_pt != in.has_pt ||
			 out.has_marker != in.has_marker || out.marker != in.marker ||
			 out.pt != in.pt || out.seq != in.seq;
	}
	kt_is(wrong, 0, "what is written is read");
	n = ksrtp_ohb_write(&(struct ksrtp_ohb){ 0 }, (u8[KSRTP_OHB_MAX]){ 0 });
	kt_is(n, 1, "of an unchanged header it is one byte");
}

/* ---- Cryptex ---- */

/* Header of 12 bytes, @cc CSRCs, perhaps an extension of @words, payload; each byte another */
static u32 build(u8 *p, unsigned int cc, bool x, u16 profile, unsigned int words, u32 payload)
{
	u32 len = 12 + 4 * cc + (x ? 4 + 4 * words : 0) + payload, i;

	for (i = 0; i < len; i++)
		p[i] = 1 + i * 7;
	p[0] = 0x80 | (x ? 0x10 : 0) | cc;
	if (x) {
		put_unaligned_be16(profile, p + 12 + 4 * cc);
		put_unaligned_be16(words, p + 14 + 4 * cc);
	}
	return len;
}

static void profiles(void)
{
	unsigned int profile, wrong = 0;
	u8 p[64], before[64];
	u32 len;

	for (profile = 0; profile < 0x10000; profile++) {
		bool can = profile == 0xbede || profile == 0x1000;
		bool marked = profile == 0xc0de || profile == 0xc2de;

		len = build(p, 2, true, profile, 1, 5);
		memcpy(before, p, len);
		wrong += ksrtp_cryptex_can(p) != can || ksrtp_cryptex_marked(p) != marked;
		if (!can)
			continue;
		ksrtp_cryptex_mark(p);
		wrong += get_unaligned_be16(p + 20) != (profile == 0xbede ? 0xc0de : 0xc2de);
		ksrtp_cryptex_unmark(p);
		wrong += !!memcmp(p, before, len);
	}
	kt_is(wrong, 0, "of all profiles two can be marked, each with a mark of its own");
	build(p, 2, false, 0, 0, 40);
	put_unaligned_be16(0xc0de, p + 20);
	kt_ok(!ksrtp_cryptex_marked(p) && !ksrtp_cryptex_can(p), "a packet without extension is neither");
}

static void places(void)
{
	unsigned int cc, words, wrong = 0;
	u8 built[256], want[256], *p;
	u32 len;

	for (cc = 0; cc < 16; cc++) {
		for (words = 0; words < 4; words++) {
			len = build(built, cc, true, 0xc0de, words, 3);
			/* fixed header, extension's header, CSRCs, the rest */
			memcpy(want, built, 12);
			memcpy(want + 12, built + 12 + 4 * cc, 4);
			memcpy(want + 16, built + 12, 4 * cc);
			memcpy(want + 16 + 4 * cc, built + 16 + 4 * cc, len - 16 - 4 * cc);
			p = exact(built, len);
			ksrtp_cryptex_gather(p, 4 * cc);
			wrong += !!memcmp(p, want, len);
			ksrtp_cryptex_scatter(p, 4 * cc);
			wrong += !!memcmp(p, built, len);
			free(p);
		}
	}
	kt_is(wrong, 0, "CSRCs and the extension's first word change places, and back");
}

static void inserted(void)
{
	unsigned int cc, payload, wrong = 0;
	u8 built[256], want[256], *p;
	u32 len, at;

	for (cc = 0; cc < 16; cc++) {
		for (payload = 0; payload < 20; payload++) {
			len = build(built, cc, false, 0, 0, payload);
			at = 12 + 4 * cc;
			memcpy(want, built, at);
			memcpy(want + at, "\xbe\xde\0\0", 4);
			memcpy(want + at + 4, built + at, payload);
			want[0] |= 0x10;
			memcpy(built + len, "....", 4);
			p = exact(built, len + 4);
			ksrtp_cryptex_insert(p, len);
			wrong += !!memcmp(p, want, len + 4);
			free(p);
		}
	}
	kt_is(wrong, 0, "an empty extension is put behind the CSRCs");
}

/* ---- RFC 6904 ---- */

/*
 * What each byte of a body is, one after the other: the id of the element whose
 * data it belongs to, or 0. RFC 8285 sections 4.2 and 4.3.
 */
static void owners(const u8 *body, u32 size, bool one_byte, u8 *owner)
{
	enum { ID, LENGTH, DATA, END } state = ID;
	u32 i, j, left = 0;
	u8 id = 0;

	memset(owner, 0, size);
	for (i = 0; i < size; i++) {
		switch (state) {
		case ID:
			id = one_byte ? body[i] / 16 : body[i];
			if (!body[i])
				break;
			/* RFC 8285 sections 4.1.2 and 4.2: 15, and 0 with a length, end it all */
			if (one_byte && (!id || id == 15)) {
				state = END;
			} else if (one_byte) {
				left = body[i] % 16 + 1;
				state = DATA;
			} else {
				state = LENGTH;
			}
			break;
		case LENGTH:
			left = body[i];
			state = left ? DATA : ID;
			break;
		case DATA:
			owner[i] = id;
			if (!--left)
				state = ID;
			break;
		case END:
			break;
		}
	}
	/* One that is not all there is none. */
	if (state == DATA)
		for (j = size; j && owner[j - 1] == id; j--)
			owner[j - 1] = 0;
}

/* @from and @n: the part of the key stream that is given */
static bool xored(const u8 *built, u32 len, u32 at, u32 size, const u8 *ids, u32 from, u32 n)
{
	bool one_byte = get_unaligned_be16(built + at - 4) == 0xbede;
	u8 stream[64], want[256], owner[64], *p, *s;
	u32 i;
	bool ok;

	owners(built + at, size, one_byte, owner);
	memcpy(want, built, len);
	for (i = 0; i < n; i++)
		stream[i] = 0x80 | i;
	for (i = 0; i < size; i++)
		if (owner[i] && ids[owner[i] / 8] >> owner[i] % 8 & 1 && i >= from && i < from + n)
			want[at + i] ^= stream[i - from];
	p = exact(built, len);
	s = exact(stream, n);
	ksrtp_ext_xor(p, ids, from, s, n);
	ok = !memcmp(p, want, len);
	ksrtp_ext_xor(p, ids, from, s, n);
	ok &= !memcmp(p, built, len);
	free(p);
	free(s);
	return ok;
}

/* A body of any bytes, or of bytes that are likely to be elements */
static void random_body(u8 *body, u32 size, unsigned int kind)
{
	u32 i;

	for (i = 0; i < size; i++) {
		body[i] = random_u64(&dice);
		if (kind == 1)
			body[i] &= 0x33;
		if (kind == 2)
			body[i] = random_u64(&dice) % 3 ? body[i] % 5 : 0;
	}
}

static void elements(bool one_byte)
{
	unsigned int round, wrong = 0;

	for (round = 0; round < 40000; round++) {
		unsigned int words = round % 8, cc = round / 8 % 3;
		u8 built[256], ids[KSRTP_EXT_IDS / 8];
		u16 profile = one_byte ? 0xbede : 0x1000 | (round / 24 % 16);
		u32 len = build(built, cc, true, profile, words, 2), at = 0, size;
		u32 from = random_u64(&dice) % (4 * words + 1);
		u32 n = random_u64(&dice) % (4 * words + 1 - from + 8);
		unsigned int i;

		for (i = 0; i < sizeof(ids); i++)
			ids[i] = random_u64(&dice);
		random_body(built + 16 + 4 * cc, 4 * words, round / 100 % 3);
		size = ksrtp_ext_body(built, &at);
		if (size != 4 * words || (size && at != 16 + 4 * cc)) {
			wrong++;
			continue;
		}
		wrong += !xored(built, len, 16 + 4 * cc, size, ids, from, n);
	}
	kt_is(wrong, 0, "%s headers: the data of the ids asked for, and no other byte, in any part",
	      one_byte ? "one-byte" : "two-byte");
}

static void no_elements(void)
{
	unsigned int profile, wrong = 0;
	u8 ids[KSRTP_EXT_IDS / 8], built[64], before[64], stream[64];
	u32 at, len;

	memset(ids, 0xff, sizeof(ids));
	memset(stream, 0xaa, sizeof(stream));
	for (profile = 0; profile < 0x10000; profile++) {
		if (profile == 0xbede || profile >> 4 == 0x100)
			continue;
		len = build(built, 1, true, profile, 2, 3);
		memcpy(before, built, len);
		ksrtp_ext_xor(built, ids, 0, stream, sizeof(stream));
		wrong += ksrtp_ext_body(built, &at) || memcmp(built, before, len);
	}
	len = build(built, 1, false, 0, 0, 20);
	memcpy(before, built, len);
	ksrtp_ext_xor(built, ids, 0, stream, sizeof(stream));
	wrong += ksrtp_ext_body(built, &at) || memcmp(built, before, len);
	kt_is(wrong, 0, "an extension of another profile has no elements, and neither has none");
}

int main(void)
{
	kt_plan(11);
	ohb_read();
	ohb_written();
	profiles();
	places();
	inserted();
	elements(true);
	elements(false);
	no_elements();
	return kt_done();
}
