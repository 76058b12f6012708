#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Loaded with selftest=1, the module finds every known answer with the drivers
# of this kernel, and says so: one result for each answer in its table. An answer
# it could not find it has named.
#
# timeout: 700
. "$(dirname "$0")/../lib/lib.sh"

[ -n "${KSRTP_MODULES:-}" ] || skip_all "KSRTP_MODULES does not say where the module is"
need dmesg insmod rmmod

# Ids as C has them: a quote or backslash has another before it.
mapfile -t ids < <(sed -n 's/^\t\t\.id = "\(.*\)",$/\1/p' "$KSRTP_TOP/kmod/tests/vectors.h" |
	sed 's/\\\(["\\]\)/\1/g')

plan $((2 + ${#ids[@]}))
rmmod ksrtp || bail "the module cannot be unloaded"
before=$(dmesg | grep -c 'ksrtp: selftest: ')
ok "the module loads with selftest=1" insmod "$KSRTP_MODULES/ksrtp.ko" selftest=1
said=$(dmesg | grep -o 'ksrtp: selftest: .*' | tail -n +$((before + 1)))
note "$(tail -n 5 <<< "$said")"
if [[ $said =~ ([0-9]+)' passed, 0 failed'$ ]] && [ "${BASH_REMATCH[1]}" -ge 100 ]; then
	pass "and at least a hundred cases passed, none failed"
else
	fail "and at least a hundred cases passed, none failed"
fi
# Where it did not come to its end nothing is known of any.
ended=
[[ $said =~ [0-9]+' passed, '[0-9]+' failed'$ ]] && ended=1
for id in "${ids[@]}"; do
	case $said in
	*"FAILED $id:"* | *"FAILED $id ("*)
		fail "in the module: $id" ;;
	*"SKIPPED $id:"*)
		why=${said#*"SKIPPED $id: "}
		skip "in the module: $id" "${why%%$'\n'*}" ;;
	*)
		if [ -n "$ended" ]; then
			pass "in the module: $id"
		else
			fail "in the module: $id"
		fi ;;
	esac
done
[ -d /sys/module/ksrtp ] || insmod "$KSRTP_MODULES/ksrtp.ko"
