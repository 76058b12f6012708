/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kmod/netlink-gen.c needs of the kernel's header of this name: its tables
 * of policies, as data for a test in user space.
 */
#ifndef SELFTESTS_NET_NETLINK_H
#define SELFTESTS_NET_NETLINK_H

#include <stdint.h>

enum { NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, NLA_U64, NLA_BINARY, NLA_NESTED };

struct nla_policy {
	uint8_t type;
	uint16_t len;	/* NLA_BINARY: exactly, 0: any */
	uint64_t min;
	uint64_t max;	/* 0: of the type */
	const struct nla_policy *nested;
	uint16_t n_nested;
};

#define NLA_POLICY_EXACT_LEN(n)		{ .type = NLA_BINARY, .len = (n) }
#define NLA_POLICY_MAX(t, n)		{ .type = (t), .max = (n) }
#define NLA_POLICY_MIN(t, n)		{ .type = (t), .min = (n) }
#define NLA_POLICY_RANGE(t, a, b)	{ .type = (t), .min = (a), .max = (b) }
#define NLA_POLICY_NESTED(p)						\
	{ .type = NLA_NESTED, .nested = (p), .n_nested = sizeof(p) / sizeof((p)[0]) }

#endif /* SELFTESTS_NET_NETLINK_H */
