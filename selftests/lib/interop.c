// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of the interop table, as results and as lines to be collected. */
#include "interop.h"

static const char *options(const struct interop *row)
{
	return row->options && *row->options ? row->options : "-";
}

static void line(const struct interop *row, const char *result, const char *note)
{
	long lost = (long)(row->packets - row->dropped - row->arrived);

	kt_note("interop: peer=%s version=%s suite=%s role=%s kind=%s options=%s packets=%lu dropped=%lu lost=%ld differ=%lu result=%s note=%s",
		row->peer, row->version, row->suite, row->role, row->kind, options(row),
		row->packets, row->dropped, lost, row->differ, result, note ? note : "");
}

bool interop_result(const struct interop *row)
{
	bool good = row->packets > row->dropped && !row->differ &&
		    row->arrived == row->packets - row->dropped;

	if (row->bug) {
		line(row, "peer-bug", row->bug);
		return kt_ok(true, "%s %s, %s %s (%s): its known bug is what fails: %s",
			     row->peer, row->role, row->suite, row->kind, options(row), row->bug);
	}
	line(row, good ? "ok" : "FAIL", NULL);
	return kt_ok(good, "%s %s, %s %s (%s): of %lu none is lost, none differs",
		     row->peer, row->role, row->suite, row->kind, options(row), row->packets);
}

void interop_cannot(const struct interop *row, const char *why)
{
	struct interop none = *row;

	none.packets = 0;
	none.dropped = 0;
	none.arrived = 0;
	none.differ = 0;
	line(&none, "cannot", why);
}
