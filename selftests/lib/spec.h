/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.h: what the netlink spec says of each operation's request, as
 * spec-gen.h has it of Documentation/netlink/specs/ksrtp.yaml.
 */
#ifndef SPEC_H
#define SPEC_H

#include <stddef.h>
#include <stdint.h>

#include <linux/ksrtp.h>

enum spec_kind { SPEC_END, SPEC_NUMBER, SPEC_BYTES, SPEC_NEST };

/**
 * struct spec_attr - an attribute of a request
 * @type: its number
 * @kind: what it holds
 * @size: bytes of a number, or the exact length of bytes, 0: any
 * @min: least number
 * @max: greatest number
 * @nested: what a nest holds
 * @name: name in the spec
 */
struct spec_attr {
	uint16_t type;
	enum spec_kind kind;
	uint16_t size;
	uint64_t min, max;
	const struct spec_attr *nested;
	const char *name;
};

#define SPEC_DO		1
#define SPEC_DUMP	2

/**
 * struct spec_op - an operation
 * @cmd: its number
 * @modes: SPEC_DO, SPEC_DUMP
 * @top: greatest attribute of its set
 * @attrs: what a request takes
 * @name: name in the spec
 */
struct spec_op {
	uint8_t cmd;
	uint8_t modes;
	uint16_t top;
	const struct spec_attr *attrs;
	const char *name;
};

#include "spec-gen.h"

#endif /* SPEC_H */
