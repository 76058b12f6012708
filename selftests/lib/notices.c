// SPDX-License-Identifier: GPL-2.0-or-later
/* The events of a rig, one after the other. */
#include "notices.h"

static struct ksrtp_notice queue[1024];
static size_t n_queue, n_read;

static int keep(const struct ksrtp_notice *n, void *arg)
{
	(void)arg;
	if (n_queue == ARRAY_SIZE(queue))
		kt_bail("more events than there is room for");
	queue[n_queue++] = *n;
	return 0;
}

void notices_open(struct rig *r)
{
	n_queue = 0;
	n_read = 0;
	if (ksrtp_events_open(r->h))
		kt_bail("events: %s", ksrtp_error(r->h));
}

/* More of them, if there are any within a time */
static bool more(struct rig *r, int ms)
{
	struct pollfd pfd = { .fd = ksrtp_events_fd(r->h), .events = POLLIN };

	if (n_read < n_queue)
		return true;
	n_read = 0;
	n_queue = 0;
	return poll(&pfd, 1, ms) == 1 && !ksrtp_events_read(r->h, keep, NULL) && n_queue;
}

bool notices_read(struct rig *r, struct ksrtp_notice *n)
{
	if (!more(r, RIG_WAIT * kt_slow())) {
		kt_note("no event comes");
		return false;
	}
	*n = queue[n_read++];
	return true;
}

bool notices_next(struct rig *r, uint8_t event, struct ksrtp_notice *n)
{
	do {
		if (!notices_read(r, n))
			return false;
	} while (n->event == KSRTP_EVENT_STREAM_NEW && event != KSRTP_EVENT_STREAM_NEW);
	if (n->event == event)
		return true;
	kt_note("got %s, want %s", ksrtp_str_event(n->event), ksrtp_str_event(event));
	return false;
}

bool notices_silent(struct rig *r)
{
	if (!more(r, 0))
		return true;
	kt_note("got %s", ksrtp_str_event(queue[n_read].event));
	return false;
}
