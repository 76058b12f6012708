// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "vecs.h"

/* The table itself, made by gen/vecs.py: vecs[], vecs_count and kind_names[] */
#include "vecs-table.h"

const char *vec_kind_name(enum vec_kind kind)
{
	return kind < VEC_KINDS ? kind_names[kind] : "?";
}

const struct vec *vec_find(const char *id)
{
	size_t i;

	for (i = 0; i < vecs_count; i++)
		if (!strcmp(vecs[i].id, id))
			return &vecs[i];
	return NULL;
}

const struct vec *vec_next(const struct vec *prev, enum vec_kind kind)
{
	const struct vec *v = prev ? prev + 1 : vecs;

	for (; v < vecs + vecs_count; v++)
		if (v->kind == kind)
			return v;
	return NULL;
}
