// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp stream: what each SSRC's index is, and what was counted. */
#include "tool.h"

static int each_stream(const struct ksrtp_stream *s, void *arg)
{
	(void)arg;
	pr_open(NULL);
	pr_number("peer", NULL, s->peer);
	pr_name("dir", NULL, s->dir, ksrtp_str_dir);
	pr_ssrc("ssrc", NULL, false, s->ssrc);
	pr_name("layer", NULL, s->layer, ksrtp_str_layer);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_SUITE))
		pr_name("suite", NULL, s->suite, ksrtp_str_suite);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_MKI))
		pr_hex("mki", NULL, s->mki, s->mki_len);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_ROC))
		pr_number("roc", NULL, s->roc);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_HIGHEST_SEQ))
		pr_number("highest-seq", "seq", s->highest_seq);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_PACKETS))
		pr_number("packets", NULL, s->packets);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_BYTES))
		pr_number("bytes", NULL, s->bytes);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_IDLE_MS))
		pr_number("idle-ms", NULL, s->idle_ms);
	pr_details();
	if (KSRTP_HAS(s, KSRTP_A_STREAM_WINDOW))
		pr_number("window", NULL, s->window);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_RTCP_PACKETS))
		pr_number("rtcp-packets", "rtcp", s->rtcp_packets);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_RTCP_BYTES))
		pr_number("rtcp-bytes", NULL, s->rtcp_bytes);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_SRTCP_INDEX))
		pr_number("srtcp-index", NULL, s->srtcp_index);
	if (KSRTP_HAS(s, KSRTP_A_STREAM_DROPS))
		pr_drops(&s->drops);
	pr_close();
	return 0;
}

static int show(struct args *a)
{
	static const struct word words[] = {
		{ .name = "peer", .what = "the peer's id", .kind = WORD_NUMBER,
		  .attr = KSRTP_A_STREAM_PEER, TO(struct ksrtp_stream, peer),
		  .min = 1, .max = UINT32_MAX },
		{ .name = "ssrc", .kind = WORD_SSRC, .attr = KSRTP_A_STREAM_SSRC,
		  TO(struct ksrtp_stream, ssrc) },
	};
	struct ksrtp_stream only = { 0 };
	struct ksrtp_handle *h;

	if (read_words(a, words, ARRAY_SIZE(words), &only))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	pr_begin(PR_TABLE);
	if (ksrtp_stream_dump(h, only.peer,
			      KSRTP_HAS(&only, KSRTP_A_STREAM_SSRC) ? &only.ssrc : NULL,
			      each_stream, NULL))
		return refused();
	pr_end();
	return DONE;
}

static const struct verb verbs[] = {
	{ "show", show, "[ peer ID ] [ ssrc SSRC ]",
	  "index, window, counters; with -s RTCP and drops" },
};

const struct object stream_object = OBJECT("stream", "what each SSRC's index is, and counters",
	verbs,
	"A stream is made by the first authenticated packet (rx) or the first packet sent (tx),\n"
	"and has a row for each layer. SSRC is decimal or 0x-hex. In text, drops of zero are left\n"
	"out; JSON has them.\n");
