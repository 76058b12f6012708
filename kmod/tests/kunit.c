// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites: the pure files with numbers, the transforms with known answers.
 * They run in this kernel what the units run in user space: with its compiler
 * flags, its drivers, and its KASAN. Results: /sys/kernel/debug/kunit.
 */
#include <linux/module.h>

#include "../compat.h"
#include "kunit.h"

kunit_test_suites(&ksrtp_kunit_packet, &ksrtp_kunit_rtcp, &ksrtp_kunit_index,
		  &ksrtp_kunit_replay, &ksrtp_kunit_suite, &ksrtp_kunit_crypto);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites of ksrtp");
MODULE_IMPORT_NS(KSRTP_KUNIT_NS);
