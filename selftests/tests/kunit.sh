#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's KUnit suites pass, where the kernel has KUnit: the pure files with
# numbers, every suite's transform, key derivation. A result for each case, and for
# each suite of a case that is run for all.
. "$(dirname "$0")/../lib/lib.sh"

[ -e "$KSRTP_MODULES/ksrtp_kunit.ko" ] || skip_all "this kernel has no KUnit"
need insmod rmmod awk

suites=(packet rtcp index replay suite crypto)
results=/sys/kernel/debug/kunit

insmod "$KSRTP_MODULES/ksrtp_kunit.ko" || bail "the suites cannot be loaded"
at_end rmmod ksrtp_kunit
for suite in "${suites[@]}"; do
	cat "$results/ksrtp_$suite/results"
done > "$TMP/results"

# The lines of cases are indented by 4, those of a case that is run for each suite
# by 8, and its own says what they have said.
mapfile -t cases < <(awk '
	/^    KTAP|^    # Subtest: ksrtp_/	{ sub(/.*Subtest: /, ""); suite = $0 }
	/^        # Subtest: /	{ sub(/.*Subtest: /, ""); of = $0; next }
	/^        (not )?ok /	{ sub(/^ +/, ""); print suite "." of "\t" $0 }
	/^    (not )?ok /	{ sub(/^ +/, ""); print suite "\t" $0 }' "$TMP/results")

plan $((1 + ${#cases[@]}))
is "$(grep -cE '^ok [0-9]+ ksrtp_' "$TMP/results")" ${#suites[@]} "every suite passes"
for line in "${cases[@]}"; do
	[[ $line =~ ^([^$'\t']*)$'\t'(not )?ok\ [0-9]+\ ([^#]*)(# SKIP (.*))?$ ]]
	name="${BASH_REMATCH[1]}: ${BASH_REMATCH[3]}"
	if [ -n "${BASH_REMATCH[2]}" ]; then
		fail "$name"
	elif [ -n "${BASH_REMATCH[4]}" ]; then
		skip "$name" "${BASH_REMATCH[5]}"
	else
		pass "$name"
	fi
done
[ "$kt_failed" = 0 ] || note "$(cat "$TMP/results")"
