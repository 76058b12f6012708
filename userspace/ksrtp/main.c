// SPDX-License-Identifier: GPL-2.0-or-later
#include "tool.h"

int main(int argc, char **argv)
{
	return tool_main(argc, argv);
}
