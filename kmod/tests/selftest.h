/* SPDX-License-Identifier: GPL-2.0 */
/* The cases of the module's self-test, one at a time: for insmod, and for KUnit. */
#ifndef _KSRTP_TESTS_SELFTEST_H
#define _KSRTP_TESTS_SELFTEST_H

#include <linux/types.h>

/**
 * enum ksrtp_case_group - what the cases of a group show
 * @KSRTP_CASES_ANSWERS: a known answer
 * @KSRTP_CASES_FPU_HELD: the same where the FPU may not be used
 * @KSRTP_CASES_WAYS: of a suite, one way to use it, at every size, in its place and
 *	from elsewhere, with each byte tampered with
 * @KSRTP_CASES_PAGES: of a suite, a packet that crosses from page to page anywhere
 * @KSRTP_CASES_PLACES: the payload alone, at each byte of a block
 * @KSRTP_CASES_REFUSED: what no transform is made of
 * @KSRTP_CASES_TAGS: tags that are stripped, tags that are cut
 */
enum ksrtp_case_group {
	KSRTP_CASES_ANSWERS,
	KSRTP_CASES_FPU_HELD,
	KSRTP_CASES_WAYS,
	KSRTP_CASES_PAGES,
	KSRTP_CASES_PLACES,
	KSRTP_CASES_REFUSED,
	KSRTP_CASES_TAGS,
};

/* Room for what a case is called */
#define KSRTP_CASE_ID	160

extern const char *const ksrtp_case_end;
extern const char *const ksrtp_case_no_aria;

bool ksrtp_fpu_can_be_held(void);
const char *ksrtp_case(enum ksrtp_case_group group, unsigned int suite,
		       unsigned int i, char *id);

#endif /* _KSRTP_TESTS_SELFTEST_H */
