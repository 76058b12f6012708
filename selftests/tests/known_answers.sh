#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Loaded with selftest=1, the module finds every known answer with the drivers
# of this kernel, and says so.
. "$(dirname "$0")/../lib/lib.sh"

[ -n "${KSRTP_MODULES:-}" ] || skip_all "KSRTP_MODULES does not say where the module is"
need dmesg insmod rmmod

plan 2
rmmod ksrtp || bail "the module cannot be unloaded"
ok "the module loads with selftest=1" insmod "$KSRTP_MODULES/ksrtp.ko" selftest=1
said=$(dmesg | grep -o 'ksrtp: selftest: .*' | tail -n 5)
note "$said"
if [[ $said =~ ([0-9]+)' passed, 0 failed'$ ]] && [ "${BASH_REMATCH[1]}" -ge 100 ]; then
	pass "and at least a hundred cases passed, none failed"
else
	fail "and at least a hundred cases passed, none failed"
fi
[ -d /sys/module/ksrtp ] || insmod "$KSRTP_MODULES/ksrtp.ko"
