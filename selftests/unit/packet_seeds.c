// SPDX-License-Identifier: GPL-2.0-or-later
/* Parser and layout, as their fuzz target tests them, on its seeds. */
#include "../fuzz/seeds.h"
#include "../fuzz/packet.c"

int main(void)
{
	return seeds_replay("packet");
}
