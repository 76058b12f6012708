// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp monitor: events as they come. */
#include <errno.h>

#include "tool.h"

static int each_notice(const struct ksrtp_notice *n, void *arg)
{
	(void)arg;
	pr_open(NULL);
	pr_name("event", "", n->event, ksrtp_str_event);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_SOCK))
		pr_number("sock", NULL, n->sock);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_PEER))
		pr_number("peer", NULL, n->peer);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_DIR))
		pr_name("dir", "", n->dir, ksrtp_str_dir);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_LAYER))
		pr_name("layer", "", n->layer, ksrtp_str_layer);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_SSRC))
		pr_ssrc("ssrc", NULL, false, n->ssrc);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_ADDR))
		pr_addr("addr", NULL, &n->addr, true);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_COUNT))
		pr_number("count", NULL, n->count);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_ROC))
		pr_number("roc", NULL, n->roc);
	if (KSRTP_HAS(n, KSRTP_A_NOTICE_SUPPRESSED))
		pr_number("suppressed", NULL, n->suppressed);
	pr_close();
	return 0;
}

int monitor_events(struct ksrtp_handle *h)
{
	int ret;

	pr_begin(PR_EVENTS);
	do {
		ret = ksrtp_events_read(h, each_notice, NULL);
	} while (!ret || ret == -EINTR);
	return refused();
}

static int monitor(struct args *a)
{
	struct ksrtp_handle *h;

	if (no_more_words(a))
		return MISUSED;
	h = tool_handle();
	if (!h)
		return REFUSED;
	return ksrtp_events_open(h) ? refused() : monitor_events(h);
}

static const struct verb verbs[] = {
	{ NULL, monitor, "", "events, one line or one JSON object each, until interrupted" },
};

const struct object monitor_object = OBJECT("monitor", "events as they come", verbs,
	"stream-new       the first authenticated packet of an SSRC was seen\n"
	"stream-evicted   the longest idle rx stream gave way to another\n"
	"stream-idle      nothing was received or sent on a stream for long\n"
	"peer-moved       a roaming peer has a new address\n"
	"soft-limit       a key asks for its successor\n"
	"hard-limit       a key is used up\n"
	"sock-gone        a socket was closed or taken from ksrtp\n"
	"ssrc-collision   the peer sends the SSRC it is sent, under the same master key\n"
	"auth-burst       many packets of a peer had a wrong tag within a second: count of them\n"
	"replay-burst     many were seen before or too old within a second: count of them\n"
	"roc-resync       a roll-over counter was another than estimated, and is now roc\n"
	"overrun          events are missing: this program did not read fast enough, or, with\n"
	"                 suppressed, the kernel held them back\n"
	"An event with \"suppressed N\" follows N that the kernel left out, for events are limited in rate.\n");
