#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test.sh [--units] KERNEL...: what `make test` does.  Builds, runs the units
# here and the selftests on each kernel in a VM, and ends with one line,
#
#	N passed, N failed, N skipped
#
# with what was skipped, and why, above it.  KERNEL is 6.1, 6.12 (Debian's, by
# virtme-ng) or debug (by the direct boot).  T="NAME..." in the environment
# picks tests by name, KSRTP_BOOT=direct has a machine in two seconds and not
# quite as full.  Everything said is kept below build/test/.
set -uo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$vm_dir/kernel-complaints.sh"
cd "$top" || exit 2

units=
[ "${1:-}" = --units ] && { units=1; shift; }
kernels=("$@")
logs=$top/build/test
read -r -a filter <<< "${T:-}"
# The whole suite in the VM; a test that hangs is ended long before.
limit=${KSRTP_VM_SECONDS:-1500}
failed=0

picked()
{
	local name pattern

	[ ${#filter[@]} -gt 0 ] || return 0
	name=$(basename "$1" .sh)
	for pattern in "${filter[@]}"; do
		# shellcheck disable=SC2053 # a pattern it is
		[[ $name == $pattern ]] && return 0
	done
	return 1
}

# pick VARIABLE FILE...: those of the files that were asked for
pick()
{
	local -n into=$1
	local file
	shift

	into=()
	for file in "$@"; do
		if [ -x "$file" ] && [ -f "$file" ] && picked "$file"; then
			into+=("$file")
		fi
	done
}

# build TARGET...: quiet unless it fails, for the tests are what one reads
build()
{
	local log=$logs/build.log

	if ! make -j"$(nproc)" "$@" > "$log" 2>&1; then
		cat "$log"
		echo "not built: make $*"
		return 1
	fi
}

give_up()
{
	echo "$*"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

run_units()
{
	local files

	build user units || give_up "The units cannot be built."
	pick files build/selftests/unit/* build/selftests/fuzz/*
	[ ${#files[@]} -gt 0 ] || return
	echo "== ${#files[@]} units, here"
	selftests/run.sh -o "$logs/unit" "${files[@]}"
}

# Tests of this tree only: a program whose source is gone is not run.
vm_tests()
{
	local source

	for source in selftests/tests/*.c; do
		[ -e "$source" ] && echo "build/selftests/$(basename "$source" .c)"
	done
	for source in selftests/tests/*.sh; do
		[ -e "$source" ] && echo "$source"
	done
}

run_kernel()
{
	local kernel=$1 out=$logs/$1 dir version files boot slow=1 start=$SECONDS
	local candidates=() quoted status=0

	dir=$("$vm_dir/kernel" "$kernel") || give_up "No kernel $kernel to test on."
	version=$(cat "$dir/version")
	build KDIR="$(realpath "$dir/kdir")" module helpers user tests ||
		give_up "ksrtp cannot be built for kernel $version."
	mapfile -t candidates < <(vm_tests)
	pick files "${candidates[@]}"
	if [ ${#files[@]} = 0 ]; then
		[ -n "$units" ] && [ ${#filter[@]} -gt 0 ] && return
		give_up "No selftest is called ${filter[*]:-anything}."
	fi

	accel=$("$vm_dir/accel")
	[ "$accel" = kvm ] || slow=3
	boot=("${KSRTP_BOOT:-vng}" -k "$kernel" -M 2G)
	[ "$kernel" != debug ] || { boot=(direct -k debug -M 3G); slow=$((slow * 4)); }
	[ "${boot[0]}" != vng ] || { boot+=(-l "$out/console"); : > "$out/console"; }
	echo "== ${#files[@]} selftests on kernel $version (${boot[0]}, $accel)"
	printf -v quoted '%q ' "${files[@]/#/$top/}"
	"$vm_dir/${boot[0]}" "${boot[@]:1}" -c 2 -t "$((limit * (slow + 2) / 3))" -w "$out" \
		"KSRTP_SLOW=$slow exec $top/selftests/run.sh -o $out \
		-m $top/build/$version $quoted" || status=$?
	unfinished "$kernel" "$status"
	echo "   $((SECONDS - start)) seconds"
}

# A machine that stopped before the suite was through is a failure, and so is
# a kernel that complained where run.sh could not hear it.
unfinished()
{
	local kernel=$1 status=$2 out=$logs/$1 running

	if [ ! -e "$out/finished" ]; then
		running=$(cat "$out/running" 2> /dev/null || echo "the first test")
		printf 'fail\t%s\tthe machine lives through it\tstatus %s\n' \
			"$running" "$status" >> "$out/results"
		echo "The machine stopped in $running (status $status)."
		[ -s "$out/console" ] && tail -n 100 "$out/console"
		return
	fi
	if [ -s "$out/console" ] && grep -aq '^' "$out/console" &&
	   [ -n "$(kernel_complaints "$out/console")" ] &&
	   ! grep -q '^fail' "$out/results"; then
		printf 'fail\tkernel\tthe console stays clean\t%s\n' \
			"$(kernel_complaints "$out/console" | head -n 1)" >> "$out/results"
		cat "$out/console"
	fi
}

rm -rf "$logs"
mkdir -p "$logs"
for kernel in "${kernels[@]}"; do
	mkdir -p "$logs/$kernel"
done

[ -z "$units" ] || run_units
for kernel in "${kernels[@]}"; do
	run_kernel "$kernel"
done

cat "$logs"/*/results > "$logs/results"
count()
{
	grep -c "^$1" "$logs/results"
}

if [ "$(count fail)" != 0 ]; then
	echo "== failed"
	awk -F '\t' '$1 == "fail" {
		printf "   %s: %s%s\n", $2, $3, $4 == "" ? "" : " (" $4 ")"
	}' "$logs/results"
	failed=1
fi
if [ "$(count skip)" != 0 ]; then
	echo "== skipped"
	awk -F '\t' '$1 == "skip" { printf "   %s: %s (%s)\n", $2, $3, $4 }' "$logs/results"
fi
if [ "$(count pass)" = 0 ]; then
	echo "Nothing passed: there was nothing to test."
	failed=1
fi
echo "$(count pass) passed, $(count fail) failed, $(count skip) skipped"
exit "$failed"
