// SPDX-License-Identifier: GPL-2.0-or-later
/* Header extensions and header blocks, as their fuzz target tests them, on its seeds. */
#include "../fuzz/seeds.h"
#include "../fuzz/extension.c"

int main(void)
{
	return seeds_replay("extension");
}
