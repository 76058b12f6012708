// SPDX-License-Identifier: GPL-2.0-or-later
/* Replay window and estimate, as their fuzz target tests them, on its seeds. */
#include "../fuzz/seeds.h"
#include "../fuzz/replay.c"

int main(void)
{
	return seeds_replay("replay");
}
