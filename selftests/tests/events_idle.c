// SPDX-License-Identifier: GPL-2.0-or-later
/* A stream on which nothing moves is told of once, and again after it has moved. */
#include "leg.h"
#include "notices.h"

#define SSRC	0x1d1e0000

static struct rig r;
static struct leg a;
static uint8_t plain[300];

static void idle_seconds(const char *seconds)
{
	static const char path[] = "/sys/module/ksrtp/parameters/idle_seconds";
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, seconds, strlen(seconds)) < 0)
		kt_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static void hear(uint32_t ssrc, uint64_t index)
{
	int len = rig_rtp(plain, ssrc, index, LEG_PAYLOAD);

	leg_sends(&a, plain, len, index);
	if (!rig_gets(r.app, plain, len))
		kt_bail("a packet is not heard");
}

static bool is_idle(uint32_t ssrc, enum ksrtp_dir dir)
{
	struct ksrtp_notice n;

	return notices_next(&r, KSRTP_EVENT_STREAM_IDLE, &n) && n.ssrc == ssrc && n.dir == dir &&
	       n.peer == a.far.id && n.sock == r.sock;
}

int main(void)
{
	struct ksrtp_notice n;

	kt_plan(6);
	rig_start();
	rig_open(&r, "127.0.0.1");
	leg_open(&r, &a, "127.0.0.1", 1);
	idle_seconds("1");
	hear(SSRC, 1);
	/* It became idle when nobody listened, which is no reason not to tell. */
	notices_open(&r);
	kt_ok(is_idle(SSRC, KSRTP_DIR_RX), "stream-idle for one on which nothing comes");
	if (rig_app_send(&r, &a.far, plain, rig_rtp(plain, SSRC + 1, 1, 30)) < 0)
		kt_bail("a packet is not sent");
	kt_ok(notices_next(&r, KSRTP_EVENT_STREAM_NEW, &n) && is_idle(SSRC + 1, KSRTP_DIR_TX),
	      "stream-idle for one on which nothing is sent, and not again for the other");
	hear(SSRC, 2);
	kt_ok(is_idle(SSRC, KSRTP_DIR_RX), "a stream that moved and stopped is told of again");
	leg_sends_rtcp(&a, plain, rig_rtcp(plain, SSRC + 2, 1), 1);
	kt_ok(rig_gets(r.app, plain, rig_rtcp(plain, SSRC + 2, 1)) &&
	      notices_next(&r, KSRTP_EVENT_STREAM_NEW, &n) && is_idle(SSRC + 2, KSRTP_DIR_RX),
	      "a stream of RTCP alone likewise");

	idle_seconds("0");
	hear(SSRC + 3, 1);
	idle_seconds("1");
	/* All that is told after it is of this one. */
	kt_ok(notices_next(&r, KSRTP_EVENT_STREAM_NEW, &n) && is_idle(SSRC + 3, KSRTP_DIR_RX),
	      "idle_seconds can be changed while streams are there");
	rig_far_close(&r, &a.far);
	kt_ok(notices_silent(&r), "a stream that is gone is not idle");
	idle_seconds("30");
	rig_close(&r);
	return kt_done();
}
