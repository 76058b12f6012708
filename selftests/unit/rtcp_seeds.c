// SPDX-License-Identifier: GPL-2.0-or-later
/* RTCP mapping, as its fuzz target tests it, on the seeds. */
#include "../fuzz/seeds.h"
#include "../fuzz/rtcp.c"

int main(void)
{
	return seeds_replay("rtcp");
}
