// SPDX-License-Identifier: GPL-2.0
/* What the KUnit suites call. Otherwise ksrtp exports nothing. */
#include <linux/export.h>

#include "../compat.h"
#include "../index.h"
#include "../replay.h"
#include "../transform.h"
#include "selftest.h"

#define EXPORT_FOR_KUNIT(symbol) EXPORT_SYMBOL_NS_GPL(symbol, KSRTP_KUNIT_NS)

EXPORT_FOR_KUNIT(ksrtp_parse);
EXPORT_FOR_KUNIT(ksrtp_layout_plain);
EXPORT_FOR_KUNIT(ksrtp_layout_protected);
EXPORT_FOR_KUNIT(ksrtp_ohb_read);
EXPORT_FOR_KUNIT(ksrtp_ohb_write);
EXPORT_FOR_KUNIT(ksrtp_cryptex_marked);
EXPORT_FOR_KUNIT(ksrtp_cryptex_can);
EXPORT_FOR_KUNIT(ksrtp_cryptex_mark);
EXPORT_FOR_KUNIT(ksrtp_cryptex_unmark);
EXPORT_FOR_KUNIT(ksrtp_cryptex_insert);
EXPORT_FOR_KUNIT(ksrtp_cryptex_gather);
EXPORT_FOR_KUNIT(ksrtp_cryptex_scatter);
EXPORT_FOR_KUNIT(ksrtp_ext_body);
EXPORT_FOR_KUNIT(ksrtp_ext_xor);
EXPORT_FOR_KUNIT(ksrtp_rtcp_map_ssrc);

EXPORT_FOR_KUNIT(ksrtp_roc_guess);
EXPORT_FOR_KUNIT(ksrtp_index_estimate);

EXPORT_FOR_KUNIT(ksrtp_window_bytes);
EXPORT_FOR_KUNIT(ksrtp_window_init);
EXPORT_FOR_KUNIT(ksrtp_window_follow);
EXPORT_FOR_KUNIT(ksrtp_window_check);
EXPORT_FOR_KUNIT(ksrtp_window_commit);
EXPORT_FOR_KUNIT(ksrtp_window_release);
EXPORT_FOR_KUNIT(ksrtp_window_save);
EXPORT_FOR_KUNIT(ksrtp_window_restore);

EXPORT_FOR_KUNIT(ksrtp_suite_by_id);
EXPORT_FOR_KUNIT(ksrtp_suite_by_name);

EXPORT_FOR_KUNIT(ksrtp_kdf);
EXPORT_FOR_KUNIT(ksrtp_case);
EXPORT_FOR_KUNIT(ksrtp_fpu_can_be_held);
EXPORT_FOR_KUNIT(ksrtp_case_end);
EXPORT_FOR_KUNIT(ksrtp_case_no_aria);
