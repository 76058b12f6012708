// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SSRC gets another number wherever RTCP names it and nowhere else; what
 * cannot be read to the last SSRC is refused, and nothing is read or written
 * beyond the end.
 *
 * Each packet is built twice, with the old number and with the new one in the
 * places of SSRCs. All that is no SSRC is full of words that look like the old
 * number: if one is mapped as well, the two are not the same any more.
 */
#include "kt.h"

#include "exact.h"
#include "packet.h"
#include "random.h"
#include "rtcp_build.h"

#define FROM	0x11223344u
#define TO	0x55667788u
#define OTHER	0x99aabbccu

/* ---- the packets ---- */

static void report_block(struct rtcp *r, u32 ssrc)
{
	word(r, ssrc);
	words(r, FROM, 5);
}

static void sr(struct rtcp *r, u32 ssrc)
{
	begin(r, 200, 3);
	word(r, ssrc);
	words(r, FROM, 5);
	report_block(r, ssrc);
	report_block(r, OTHER);
	report_block(r, ssrc);
	finish(r);
}

static void sr_alone(struct rtcp *r, u32 ssrc)
{
	begin(r, 200, 0);
	word(r, ssrc);
	words(r, FROM, 5);
	finish(r);
}

static void rr(struct rtcp *r, u32 ssrc)
{
	int i;

	begin(r, 201, 31);
	word(r, OTHER);
	for (i = 0; i < 31; i++)
		report_block(r, i % 2 ? OTHER : ssrc);
	finish(r);
}

static void rr_alone(struct rtcp *r, u32 ssrc)
{
	begin(r, 201, 0);
	word(r, ssrc);
	finish(r);
}

/* Items that end at each place within a word, so with 1 to 4 null bytes */
static void sdes(struct rtcp *r, u32 ssrc)
{
	begin(r, 202, 6);
	word(r, ssrc);
	text(r, "\1\6..\x11\x22\x33\x44\0\0\0\0", 12);
	word(r, OTHER);
	text(r, "\1\2\x11\x22\x33\0\2\3\x33\x44\0\0", 12);
	word(r, ssrc);
	text(r, "\1\3abc\0\0\0", 8);
	word(r, ssrc);
	text(r, "\1\5abcde\0", 8);
	word(r, ssrc);
	text(r, "\1\4abcd\0\0", 8);
	word(r, ssrc);
	word(r, 0);
	finish(r);
}

static void sdes_empty(struct rtcp *r, u32 ssrc)
{
	(void)ssrc;
	begin(r, 202, 0);
	finish(r);
}

static void bye(struct rtcp *r, u32 ssrc)
{
	begin(r, 203, 3);
	word(r, ssrc);
	word(r, OTHER);
	word(r, ssrc);
	text(r, "\7abc\x11\x22\x33\x44", 8);
	finish(r);
}

static void bye_alone(struct rtcp *r, u32 ssrc)
{
	begin(r, 203, 31);
	words(r, ssrc, 31);
	finish(r);
}

static void app(struct rtcp *r, u32 ssrc)
{
	begin(r, 204, 17);
	word(r, ssrc);
	words(r, FROM, 4);
	finish(r);
}

static void feedback(struct rtcp *r, u8 type, u8 fmt, u32 ssrc)
{
	begin(r, type, fmt);
	word(r, ssrc);
	word(r, ssrc);
}

static void nack(struct rtcp *r, u32 ssrc)
{
	feedback(r, 205, 1, ssrc);
	words(r, FROM, 3);
	finish(r);
}

static void sr_request(struct rtcp *r, u32 ssrc)
{
	feedback(r, 205, 5, ssrc);
	finish(r);
}

static void twcc(struct rtcp *r, u32 ssrc)
{
	feedback(r, 205, 15, ssrc);
	words(r, FROM, 4);
	finish(r);
}

/* TMMBR, TMMBN, FIR, TSTR, TSTN: an SSRC and a word of something else, each */
static void entries(struct rtcp *r, u8 type, u8 fmt, u32 ssrc)
{
	feedback(r, type, fmt, ssrc);
	word(r, ssrc);
	word(r, FROM);
	word(r, OTHER);
	word(r, FROM);
	word(r, ssrc);
	word(r, FROM);
	finish(r);
}

static void tmmbr(struct rtcp *r, u32 ssrc)
{
	entries(r, 205, 3, ssrc);
}

static void tmmbn(struct rtcp *r, u32 ssrc)
{
	entries(r, 205, 4, ssrc);
}

static void tmmbn_empty(struct rtcp *r, u32 ssrc)
{
	feedback(r, 205, 4, ssrc);
	finish(r);
}

static void fir(struct rtcp *r, u32 ssrc)
{
	entries(r, 206, 4, ssrc);
}

static void tstr(struct rtcp *r, u32 ssrc)
{
	entries(r, 206, 5, ssrc);
}

static void tstn(struct rtcp *r, u32 ssrc)
{
	entries(r, 206, 6, ssrc);
}

static void pli(struct rtcp *r, u32 ssrc)
{
	feedback(r, 206, 1, ssrc);
	finish(r);
}

static void sli(struct rtcp *r, u32 ssrc)
{
	feedback(r, 206, 2, ssrc);
	words(r, FROM, 2);
	finish(r);
}

static void rpsi(struct rtcp *r, u32 ssrc)
{
	feedback(r, 206, 3, ssrc);
	words(r, FROM, 3);
	finish(r);
}

static void remb(struct rtcp *r, u32 ssrc)
{
	feedback(r, 206, 15, ssrc);
	text(r, "REMB", 4);
	word(r, 3u << 24 | 0x345678);
	word(r, ssrc);
	word(r, OTHER);
	word(r, ssrc);
	finish(r);
}

static void remb_empty(struct rtcp *r, u32 ssrc)
{
	feedback(r, 206, 15, ssrc);
	text(r, "REMB", 4);
	word(r, 0x345678);
	finish(r);
}

static void block(struct rtcp *r, u8 type, u16 words_behind)
{
	word(r, (u32)type << 24 | words_behind);
}

/* Loss RLE, duplicate RLE, receipt times: SSRC, range, chunks */
static void runs(struct rtcp *r, u8 type, u32 ssrc)
{
	block(r, type, 5);
	word(r, ssrc);
	words(r, FROM, 4);
}

static void xr(struct rtcp *r, u32 ssrc)
{
	int i;

	begin(r, 207, 0);
	word(r, ssrc);
	runs(r, 1, ssrc);
	runs(r, 2, ssrc);
	runs(r, 3, ssrc);
	block(r, 4, 2);
	words(r, FROM, 2);
	block(r, 5, 9);
	for (i = 0; i < 3; i++) {
		word(r, i == 1 ? OTHER : ssrc);
		words(r, FROM, 2);
	}
	block(r, 6, 9);
	word(r, ssrc);
	words(r, FROM, 8);
	block(r, 7, 8);
	word(r, ssrc);
	words(r, FROM, 7);
	/* the shortest that there are */
	block(r, 5, 0);
	block(r, 1, 2);
	word(r, ssrc);
	word(r, FROM);
	finish(r);
}

static void xr_empty(struct rtcp *r, u32 ssrc)
{
	begin(r, 207, 0);
	word(r, ssrc);
	finish(r);
}

static void padded(struct rtcp *r, u32 ssrc)
{
	rr(r, ssrc);
	pad(r, FROM, 16);
}

static void padded_most(struct rtcp *r, u32 ssrc)
{
	rr_alone(r, ssrc);
	pad(r, FROM, 252);
}

static void compound(struct rtcp *r, u32 ssrc)
{
	sr(r, ssrc);
	rr(r, ssrc);
	sdes(r, ssrc);
	app(r, ssrc);
	nack(r, ssrc);
	tmmbr(r, ssrc);
	remb(r, ssrc);
	fir(r, ssrc);
	xr(r, ssrc);
	bye(r, ssrc);
}

static void compound_padded(struct rtcp *r, u32 ssrc)
{
	compound(r, ssrc);
	pli(r, ssrc);
	pad(r, FROM, 4);
}

static const struct packet {
	const char *name;
	void (*build)(struct rtcp *r, u32 ssrc);
} packets[] = {
	{ "SR", sr },
	{ "SR without report blocks", sr_alone },
	{ "RR with all report blocks there can be", rr },
	{ "RR without report blocks", rr_alone },
	{ "SDES", sdes },
	{ "SDES without chunks", sdes_empty },
	{ "BYE with a reason", bye },
	{ "BYE of all sources there can be", bye_alone },
	{ "APP", app },
	{ "NACK", nack },
	{ "TMMBR", tmmbr },
	{ "TMMBN", tmmbn },
	{ "TMMBN without entries", tmmbn_empty },
	{ "SR request", sr_request },
	{ "transport-wide congestion control", twcc },
	{ "PLI", pli },
	{ "SLI", sli },
	{ "RPSI", rpsi },
	{ "FIR", fir },
	{ "TSTR", tstr },
	{ "TSTN", tstn },
	{ "REMB", remb },
	{ "REMB without SSRCs", remb_empty },
	{ "XR with blocks 1 to 7", xr },
	{ "XR without blocks", xr_empty },
	{ "a padded packet", padded },
	{ "the longest padding", padded_most },
	{ "a compound of all types", compound },
	{ "a padded compound", compound_padded },
};

static struct rtcp built(const struct packet *packet, u32 ssrc)
{
	struct rtcp r = { .len = 0 };

	packet->build(&r, ssrc);
	return r;
}

/* ---- mapped, and only that ---- */

static bool mapped(const struct packet *packet)
{
	struct rtcp in = built(packet, FROM), want = built(packet, TO);
	u8 *p = exact(in.bytes, in.len);
	bool ok;

	ok = !ksrtp_rtcp_map_ssrc(p, in.len, FROM, TO) && !memcmp(p, want.bytes, want.len);
	/* and there is none left */
	ok = ok && !ksrtp_rtcp_map_ssrc(p, in.len, TO, TO + 1) &&
	     !ksrtp_rtcp_map_ssrc(p, in.len, TO, FROM);
	free(p);
	return ok;
}

static bool others_stay(const struct packet *packet)
{
	struct rtcp in = built(packet, TO);
	u8 *p = exact(in.bytes, in.len);
	bool ok;

	ok = !ksrtp_rtcp_map_ssrc(p, in.len, FROM, OTHER) && !memcmp(p, in.bytes, in.len);
	free(p);
	return ok;
}

/*
 * What any call may do at most, whatever it is given: say one of three things,
 * and put TO where a whole word was FROM.
 */
static bool harmless(const u8 *before, const u8 *after, u32 len, int err)
{
	u32 i;

	if (err && err != -EBADMSG && err != -EOPNOTSUPP)
		return false;
	for (i = 0; i < len; i++) {
		if (before[i] == after[i])
			continue;
		if (i % 4 || get_unaligned_be32(before + i) != FROM ||
		    get_unaligned_be32(after + i) != TO)
			return false;
		i += 3;
	}
	return true;
}

/* The error of a call, INT_MIN where it did harm */
static int map_exact(const u8 *bytes, u32 len)
{
	u8 *p = exact(bytes, len);
	int err = ksrtp_rtcp_map_ssrc(p, len, FROM, TO);

	if (!harmless(bytes, p, len, err))
		err = -9999;
	free(p);
	return err;
}

/* Packets of the compound end here; cut there, it is a shorter compound. */
static bool at_boundary(const struct rtcp *r, u32 cut)
{
	u32 at = 0;

	while (at < cut)
		at += 4 + 4 * get_unaligned_be16(r->bytes + at + 2);
	return at == cut;
}

static bool cut_anywhere(const struct packet *packet)
{
	struct rtcp r = built(packet, FROM);
	u32 cut;

	for (cut = 0; cut < r.len; cut++) {
		int want = cut && at_boundary(&r, cut) ? 0 : -EBADMSG;

		if (map_exact(r.bytes, cut) != want) {
			kt_note("%s cut to %u of %u bytes", packet->name, cut, r.len);
			return false;
		}
	}
	return true;
}

/* Cut, and the length says so: now only what is inside can tell. */
static bool cut_and_lied(const struct packet *packet)
{
	struct rtcp r = built(packet, FROM);
	u32 cut;

	for (cut = 4; cut < r.len && cut < 1024; cut += 4) {
		struct rtcp lie = r;

		put_unaligned_be16((u16)(cut / 4 - 1), lie.bytes + 2);
		if (map_exact(lie.bytes, cut) == -9999) {
			kt_note("%s said to be %u bytes", packet->name, cut);
			return false;
		}
	}
	return true;
}

/* Each byte with each value a counter or length could do harm with */
static bool bytes_changed(const struct packet *packet)
{
	static const u8 values[] = { 0, 1, 2, 3, 4, 31, 32, 63, 64, 127, 128, 160, 191,
				     200, 207, 208, 254, 255 };
	struct rtcp r = built(packet, FROM);
	unsigned int v;
	u32 i;

	for (i = 0; i < r.len; i++) {
		u8 was = r.bytes[i];

		for (v = 0; v < ARRAY_SIZE(values); v++) {
			r.bytes[i] = values[v];
			if (map_exact(r.bytes, r.len) == -9999) {
				kt_note("%s, byte %u is %u", packet->name, i, values[v]);
				return false;
			}
		}
		r.bytes[i] = was;
	}
	return true;
}

static bool for_all(bool (*holds)(const struct packet *packet))
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		if (!holds(&packets[i])) {
			kt_note("%s", packets[i].name);
			all = false;
		}
	}
	return all;
}

/* ---- refused ---- */

static bool known_format(u8 type, u8 fmt)
{
	static const u8 transport[] = { 1, 3, 4, 5, 15 };
	static const u8 payload[] = { 1, 2, 3, 4, 5, 6 };
	const u8 *known = type == 205 ? transport : payload;
	size_t n = type == 205 ? ARRAY_SIZE(transport) : ARRAY_SIZE(payload);

	return memchr(known, fmt, n);
}

static void unknown_types(void)
{
	unsigned int type, fmt, wrong = 0;

	for (type = 0; type < 256; type++) {
		struct rtcp r = { .len = 0 };

		begin(&r, (u8)type, 0);
		words(&r, FROM, 6);
		finish(&r);
		if (type < 200 || type > 207)
			wrong += map_exact(r.bytes, r.len) != -EOPNOTSUPP;
	}
	kt_is(wrong, 0, "a packet type that is not known is refused as such");

	for (type = 205; type <= 206; type++) {
		for (fmt = 0; fmt < 32; fmt++) {
			struct rtcp r = { .len = 0 };

			feedback(&r, (u8)type, (u8)fmt, FROM);
			words(&r, FROM, 4);
			finish(&r);
			wrong += map_exact(r.bytes, r.len) !=
				 (known_format((u8)type, (u8)fmt) ? 0 : -EOPNOTSUPP);
		}
	}
	kt_is(wrong, 0, "a feedback format that is not known is refused as such");

	for (type = 0; type < 256; type++) {
		struct rtcp r = { .len = 0 };

		begin(&r, 207, 0);
		word(&r, FROM);
		block(&r, (u8)type, 2);
		words(&r, FROM, 2);
		finish(&r);
		if (!type || type > 7)
			wrong += map_exact(r.bytes, r.len) != -EOPNOTSUPP;
	}
	kt_is(wrong, 0, "an XR block that is not known is refused as such");
}

/* Known and unknown in one compound: the unknown one is not overlooked. */
static void unknown_in_compound(void)
{
	struct rtcp r = { .len = 0 };

	sr(&r, FROM);
	begin(&r, 195, 1);
	word(&r, FROM);
	finish(&r);
	bye(&r, FROM);
	kt_is(map_exact(r.bytes, r.len), -EOPNOTSUPP,
	      "an unknown packet within a compound is found");
}

/*
 * One broken packet each. Words in host order; the length field is right unless
 * the case is about it.
 */
#define SDES_CHUNK	0x01023132u	/* CNAME "12", no null */

static const struct broken {
	const char *name;
	int err;
	u32 n;
	u32 words[12];
} broken[] = {
	{ "version 1", -EBADMSG, 2, { 0x40c90001, FROM } },
	{ "version 3", -EBADMSG, 2, { 0xc0c90001, FROM } },
	{ "a length beyond the end", -EBADMSG, 2, { 0x80c90002, FROM } },
	{ "a length far beyond the end", -EBADMSG, 2, { 0x80c9ffff, FROM } },
	{ "RR without a sender", -EBADMSG, 1, { 0x80c90000 } },
	{ "RR with half a report block", -EBADMSG, 5, { 0x81c90004, FROM, FROM, 0, 0 } },
	{ "SR without sender information", -EBADMSG, 2, { 0x80c80001, FROM } },
	{ "SR with an extension of a profile", -EOPNOTSUPP, 8,
	  { 0x80c80007, FROM, 0, 0, 0, 0, 0, FROM } },
	{ "RR with an extension of a profile", -EOPNOTSUPP, 3, { 0x80c90002, FROM, FROM } },
	{ "SDES without the chunk it counts", -EBADMSG, 1, { 0x81ca0000 } },
	{ "SDES without the second chunk", -EBADMSG, 3, { 0x82ca0002, FROM, 0 } },
	{ "SDES without items", -EBADMSG, 2, { 0x81ca0001, FROM } },
	{ "SDES without the null at the end", -EBADMSG, 3, { 0x81ca0002, FROM, SDES_CHUNK } },
	{ "SDES item longer than the packet", -EBADMSG, 3, { 0x81ca0002, FROM, 0x01ff3132 } },
	{ "SDES item cut before its length", -EBADMSG, 4,
	  { 0x81ca0003, FROM, SDES_CHUNK, 0x02013101 } },
	{ "SDES with a word more than its chunks", -EBADMSG, 4, { 0x81ca0003, FROM, 0, FROM } },
	{ "BYE without the source it counts", -EBADMSG, 2, { 0x82cb0001, FROM } },
	{ "BYE with a reason longer than the packet", -EBADMSG, 3,
	  { 0x81cb0002, FROM, 0x04616263 } },
	{ "APP without a name", -EBADMSG, 2, { 0x80cc0001, FROM } },
	{ "feedback without a media source", -EBADMSG, 2, { 0x81cd0001, FROM } },
	{ "TMMBR with half an entry", -EBADMSG, 4, { 0x83cd0003, FROM, FROM, FROM } },
	{ "FIR with half an entry", -EBADMSG, 6, { 0x84ce0005, FROM, FROM, FROM, 0, FROM } },
	{ "application feedback that is empty", -EOPNOTSUPP, 3, { 0x8fce0002, FROM, FROM } },
	{ "application feedback that is not REMB", -EOPNOTSUPP, 6,
	  { 0x8fce0005, FROM, FROM, 0x41424344, 0x01000000, FROM } },
	{ "REMB without a count", -EBADMSG, 4, { 0x8fce0003, FROM, FROM, 0x52454d42 } },
	{ "REMB without the SSRC it counts", -EBADMSG, 5,
	  { 0x8fce0004, FROM, FROM, 0x52454d42, 0x01000000 } },
	{ "REMB with an SSRC more than it counts", -EBADMSG, 7,
	  { 0x8fce0006, FROM, FROM, 0x52454d42, 0x01000000, FROM, FROM } },
	{ "XR without a sender", -EBADMSG, 1, { 0x80cf0000 } },
	{ "XR block longer than the packet", -EBADMSG, 5,
	  { 0x80cf0004, FROM, 0x01000003, FROM, 0 } },
	{ "XR loss RLE without its range", -EBADMSG, 4, { 0x80cf0003, FROM, 0x01000001, FROM } },
	{ "XR receipt times without a source", -EBADMSG, 3, { 0x80cf0002, FROM, 0x03000000 } },
	{ "XR reference time of another length", -EBADMSG, 4,
	  { 0x80cf0003, FROM, 0x04000001, FROM } },
	{ "XR DLRR with half a sub-block", -EBADMSG, 5,
	  { 0x80cf0004, FROM, 0x05000002, FROM, 0 } },
	{ "XR statistics of another length", -EBADMSG, 12,
	  { 0x80cf000b, FROM, 0x06000008, FROM } },
	{ "XR VoIP metrics of another length", -EBADMSG, 12,
	  { 0x80cf000b, FROM, 0x07000009, FROM } },
	{ "padding of 0", -EBADMSG, 3, { 0xa0c90002, FROM, 0 } },
	{ "padding of 2", -EBADMSG, 3, { 0xa0c90002, FROM, 2 } },
	{ "padding that takes the sender", -EBADMSG, 3, { 0xa0c90002, FROM, 8 } },
	{ "padding that takes the header, whoever's", -EBADMSG, 2, { 0xa0c30001, 8 } },
	{ "padding longer than the packet", -EBADMSG, 3, { 0xa0c90002, FROM, 12 } },
	{ "padding in a packet that is nothing else", -EBADMSG, 1, { 0xa0c90000 } },
	{ "padding before the last packet", -EBADMSG, 5,
	  { 0xa0c90002, FROM, 4, 0x80c90001, FROM } },
};

static void broken_packets(void)
{
	unsigned int i, w;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		struct rtcp r = { .len = 0 };

		for (w = 0; w < broken[i].n; w++)
			word(&r, broken[i].words[w]);
		kt_is(map_exact(r.bytes, r.len), broken[i].err, "%s is refused", broken[i].name);
	}
}

/* ---- anything ---- */

static void garbage(void)
{
	struct random r = { .state = 3550 };
	unsigned int i, wrong = 0;
	u8 bytes[256];
	u32 at;

	for (i = 0; i < 200000; i++) {
		u32 len = (u32)random_below(&r, sizeof(bytes) + 1);

		random_fill(&r, bytes, sizeof(bytes));
		/* enough of it right for the walk to get somewhere */
		for (at = 0; at + 4 <= len; at += 4) {
			u32 dice = (u32)random_below(&r, 4);

			if (!dice)
				put_unaligned_be32(FROM, bytes + at);
			else if (dice == 1)
				put_unaligned_be32(0x80c80000u + ((u32)random_below(&r, 64) << 24) +
						   ((u32)random_below(&r, 8) << 16) +
						   (u32)random_below(&r, 16), bytes + at);
		}
		wrong += map_exact(bytes, len) == -9999;
	}
	kt_is(wrong, 0, "200,000 random packets do no harm");
}

/* Valid compounds with a few bytes changed, which get farther than garbage */
static void mutants(void)
{
	struct random r = { .state = 3611 };
	unsigned int i, wrong = 0, flips;
	struct rtcp whole = { .len = 0 };

	compound_padded(&whole, FROM);
	for (i = 0; i < 50000; i++) {
		struct rtcp m = whole;

		for (flips = 1 + (u32)random_below(&r, 4); flips; flips--)
			m.bytes[random_below(&r, m.len)] = (u8)random_u64(&r);
		wrong += map_exact(m.bytes, m.len) == -9999;
	}
	kt_is(wrong, 0, "50,000 compounds with some bytes changed do no harm");
}

int main(void)
{
	unsigned int i;

	kt_plan(ARRAY_SIZE(packets) + 4 + 5 + ARRAY_SIZE(broken) + 2);
	for (i = 0; i < ARRAY_SIZE(packets); i++)
		kt_ok(mapped(&packets[i]), "%s is mapped, and only its SSRCs", packets[i].name);
	kt_ok(for_all(others_stay), "other SSRCs stay as they are");
	kt_ok(for_all(cut_anywhere), "a packet cut at any byte is refused as malformed");
	kt_ok(for_all(cut_and_lied),
	      "a packet cut at any word, with its length set so, does no harm");
	kt_ok(for_all(bytes_changed), "any byte set to anything near an edge does no harm");

	unknown_types();
	unknown_in_compound();
	kt_is(ksrtp_rtcp_map_ssrc(NULL, 0, FROM, TO), -EBADMSG, "an empty packet is refused");
	broken_packets();
	garbage();
	mutants();
	return kt_done();
}
