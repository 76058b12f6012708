// SPDX-License-Identifier: GPL-2.0-or-later
/* ksrtp export, import: index state for failover. */
#include "tool.h"

static int not_yet(struct args *a)
{
	complain("%s: this version of ksrtp cannot save index state, or restore it",
		 a->context);
	return REFUSED;
}

static const struct verb export_verbs[] = {
	{ NULL, not_yet, "[ peer ID ] > FILE", "index state, never keys; not in this version" },
};

static const struct verb import_verbs[] = {
	{ NULL, not_yet, "FILE [ tx-skip N ]", "index state; not in this version" },
};

const struct object export_object = OBJECT("export", "index state (not in this version)",
	export_verbs, NULL);
const struct object import_object = OBJECT("import", "index state (not in this version)",
	import_verbs, NULL);
