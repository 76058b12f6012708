// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs and packets by chance, the same for the same seed. */
#include "draw.h"

/* ---- chance ---- */

static uint64_t state;

void draw_seed(uint64_t seed)
{
	state = 0x9e3779b97f4a7c15ull * (seed + 1);
}

/* xorshift64*: the same numbers on every machine */
uint32_t draw(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ull >> 32;
}

uint32_t draw_below(uint32_t n)
{
	return draw() % n;
}

bool draw_one_in(uint32_t n)
{
	return !draw_below(n);
}

/* ---- a run ---- */

static bool is(const struct ref_suite *s, const char *prefix)
{
	return !strncmp(s->name, prefix, strlen(prefix));
}

/* Options a suite can have; at most one of those that touch the header extension */
static void draw_options(struct draw_run *run)
{
	static const uint8_t mki_lens[] = { 1, 4, 128 };
	static const uint8_t ids[] = { 1, 3, 5, 14, 17, 200, 255 };
	bool null = is(run->suite, "NULL"), twice = is(run->suite, "DOUBLE");
	uint8_t mki[128];

	if (draw_one_in(4) && !twice)
		rig_hbh_rtcp(&run->hbh, ~run->seed);
	if (draw_one_in(2)) {
		ref_pattern(mki, sizeof(mki), run->seed);
		rig_mki(&run->hbh, mki, mki_lens[draw_below(ARRAY_SIZE(mki_lens))]);
	}
	switch (draw_below(4)) {
	case 0:
		if (!null && !twice)
			rig_key_cryptex(&run->hbh, KSRTP_CRYPTEX_ON);
		break;
	case 1:
		if (!null)
			rig_key_enc_ext(&run->hbh, ids, ARRAY_SIZE(ids));
		break;
	}
	if (draw_one_in(3) && run->suite->rtp_tag_len > 4)
		rig_key_rcc(&run->hbh, draw_one_in(2) ? 1 + draw_below(10) : 1 + draw_below(65535));
	run->has_e2e = draw_one_in(4) && !twice;
	run->plain_rtcp = null || draw_one_in(4);
}

void draw_run(struct draw_run *run, const struct ref_suite *suite, uint32_t seed)
{
	static const struct {
		enum ref_mi mi;
		size_t len;
	} tags[] = { { REF_MI_OFF, 0 }, { REF_MI_DERIVED, 4 }, { REF_MI_AUTH, 20 } };
	uint32_t roc, tag;
	uint16_t seq;

	*run = (struct draw_run){ .suite = suite, .seed = seed };
	draw_seed(seed);
	run->ssrc = draw();
	rig_hbh(&run->hbh, suite->name, seed);
	draw_options(run);
	roc = draw_one_in(3) ? 0 : draw_one_in(2) ? draw() >> 1 : draw_below(5);
	seq = draw_one_in(2) ? 65536 - 1 - draw_below(DRAW_RUN) : draw_below(32768);
	rig_key_roc(&run->hbh, roc);
	if (run->has_e2e) {
		tag = draw_below(ARRAY_SIZE(tags));
		rig_e2e(&run->e2e, seed, "4711@lid", draw_one_in(2) ? REF_IV_LEFT : REF_IV_RIGHT,
			tags[tag].mi, tags[tag].len);
		rig_key_roc(&run->e2e, roc);
	}
	run->first = ref_index(roc, seq);
	run->index = run->first;
	run->rtcp_index = 1;
}

void draw_describe(const struct draw_run *run, const struct draw_packet *p, const char *what)
{
	kt_note("%s: %s, run %u, %s %#llx of %d bytes: MKI %u, cryptex %d, %u encrypted ids, rcc %u%s%s",
		what, run->suite->name, run->seed, p->rtcp ? "RTCP" : "RTP",
		(unsigned long long)p->index, p->len, run->hbh.key.mki_len, run->hbh.key.cryptex,
		run->hbh.key.enc_ext_len, run->hbh.key.rcc, run->has_e2e ? ", E2E" : "",
		run->plain_rtcp ? ", RTCP in clear" : "");
}

/* ---- packets ---- */

/* Elements of RFC 8285 in all of the body, padding here and there */
static void fill_elements(uint8_t *body, int len, bool two)
{
	int i = 0, n, most;

	while (i < len) {
		most = len - i - (two ? 2 : 1);
		if (most < 1 || draw_one_in(4)) {
			body[i++] = 0;
			continue;
		}
		if (two) {
			n = draw_below(most + 1 < 256 ? most + 1 : 256);
			body[i++] = 1 + draw_below(255);
			body[i++] = n;
		} else {
			n = 1 + draw_below(most < 16 ? most : 16);
			body[i++] = (1 + draw_below(14)) << 4 | (n - 1);
		}
		ref_pattern(body + i, n, draw());
		i += n;
	}
}

static int draw_rtp(const struct draw_run *run, uint64_t index, uint8_t *out)
{
	struct ref_rtp rtp = {
		.pt = draw_below(128),
		.marker = draw_one_in(2),
		.seq = index,
		.timestamp = draw(),
		.ssrc = run->ssrc,
		.csrc_count = draw_one_in(2) ? draw_below(16) : 0,
		.extension = draw_one_in(2),
		.ext_words = draw_one_in(4) ? 0 : draw_below(20),
		.padding = draw_one_in(4) ? 1 + draw_below(255) : 0,
		.payload_len = draw_one_in(3) ? draw_below(34) : draw_below(1401),
		.fill = draw(),
	};
	int kind = draw_below(5), len, at = 12 + 4 * rtp.csrc_count + 4;

	/* such would be RTCP (RFC 5761) */
	if (rtp.pt >= 64 && rtp.pt < 96)
		rtp.marker = false;
	/* one-byte; two-byte without and with bits of the application's; another */
	rtp.ext_profile = kind < 2 ? 0xbede :
			  kind == 2 ? 0x1000 :
			  kind == 3 ? 0x1000 + draw_below(16) : 0x4000 + draw_below(0x4000);
	len = ref_rtp_build(&rtp, out);
	/* what is not filled is of elements that do not fit, and ids that end the list */
	if (rtp.extension && kind < 4 && !draw_one_in(8))
		fill_elements(out + at, 4 * rtp.ext_words, kind > 1);
	return len;
}

/* Simple, compound, or of reduced size (RFC 5506) */
static int draw_rtcp(const struct draw_run *run, uint8_t *o)
{
	uint32_t list[31], words[8];
	int n = 0, i;

	for (i = 0; i < 31; i++)
		list[i] = draw();
	ref_pattern(words, sizeof(words), draw());
	if (!draw_one_in(3)) {
		n = draw_one_in(2) ? ref_rtcp_sr(o, run->ssrc, list, draw_below(32)) :
				ref_rtcp_rr(o, run->ssrc, list, draw_below(32));
		if (draw_one_in(2))
			n += ref_rtcp_sdes(o + n, &run->ssrc, 1, "someone@example.org");
		if (draw_one_in(2))
			return n;
	}
	switch (draw_below(6)) {
	case 0:
		return n + ref_rtcp_bye(o + n, &run->ssrc, 1, draw_one_in(2) ? "bye" : NULL);
	case 1:
		return n + ref_rtcp_app(o + n, run->ssrc, draw_below(32), "test", words,
					4 * draw_below(9));
	case 2:
		n += ref_rtcp_fir(o + n, run->ssrc, list, 1 + draw_below(4));
		return n + ref_rtcp_remb(o + n, run->ssrc, draw(), list, draw_below(5));
	case 3:
		return n + ref_rtcp_twcc(o + n, run->ssrc, list[0], draw());
	case 4:
		return n + ref_rtcp_pli(o + n, run->ssrc, list[0]);
	default:
		return n + ref_rtcp_nack(o + n, run->ssrc, list[0], draw(), draw());
	}
}

void draw_packet(struct draw_run *run, struct draw_packet *p)
{
	p->rtcp = draw_one_in(5);
	if (p->rtcp) {
		p->len = draw_rtcp(run, p->plain);
		p->index = run->rtcp_index++;
		p->e = !run->plain_rtcp;
		return;
	}
	p->len = draw_rtp(run, run->index, p->plain);
	p->index = run->index;
	run->index += draw_one_in(8) ? 1 + draw_below(500) : 1;
}

/* ---- what becomes of them ---- */

int draw_expected(const struct draw_run *run, const struct draw_packet *p, uint8_t *out)
{
	if (!p->rtcp && run->hbh.hbh.cryptex)
		return ref_cryptex_plain(p->plain, p->len, out);
	memcpy(out, p->plain, p->len);
	return p->len;
}

void draw_protect(const struct draw_run *run, struct draw_packet *p)
{
	if (p->rtcp)
		p->wire_len = rig_seal_rtcp(&run->hbh, p->plain, p->len, p->index,
					    p->e || (run->plain_rtcp && draw_one_in(2)), p->wire);
	else
		p->wire_len = rig_seal(&run->hbh, run->has_e2e ? &run->e2e : NULL, p->plain,
				       p->len, p->index, p->wire);
}

void draw_keys(struct rig *r, uint32_t peer, struct draw_run *run, enum ksrtp_dir dir)
{
	if (dir == KSRTP_DIR_TX)
		KSRTP_SET(&run->hbh.key, KSRTP_A_KEY_TX_PLAIN_RTCP, tx_plain_rtcp, run->plain_rtcp);
	else
		KSRTP_SET(&run->hbh.key, KSRTP_A_KEY_ALLOW_PLAIN_RTCP, allow_plain_rtcp,
			  run->plain_rtcp);
	rig_key(r, peer, dir, &run->hbh);
	if (run->has_e2e)
		rig_key(r, peer, dir, &run->e2e);
}
