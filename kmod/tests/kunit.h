/* SPDX-License-Identifier: GPL-2.0 */
/* What the KUnit suites share. */
#ifndef _KSRTP_TESTS_KUNIT_H
#define _KSRTP_TESTS_KUNIT_H

#include <kunit/test.h>
#include <linux/string.h>

extern struct kunit_suite ksrtp_kunit_packet;
extern struct kunit_suite ksrtp_kunit_rtcp;
extern struct kunit_suite ksrtp_kunit_index;
extern struct kunit_suite ksrtp_kunit_replay;
extern struct kunit_suite ksrtp_kunit_suite;
extern struct kunit_suite ksrtp_kunit_crypto;

/*
 * @len bytes of @from in memory that ends with them, so that KASAN sees a read or a
 * write beyond.
 */
static inline u8 *exact(struct kunit *test, const void *from, size_t len)
{
	u8 *p = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memcpy(p, from, len);
	return p;
}

#endif /* _KSRTP_TESTS_KUNIT_H */
