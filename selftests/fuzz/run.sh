#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [TARGET...]: fuzzes the pure files of the packet path.  Each target
# here (packet, replay, rtcp), or those named, is built with libFuzzer and the
# sanitizers and runs FUZZ_SECONDS (30) from its seeds and from what earlier
# runs found worth keeping, build/fuzz/TARGET.
#
# What breaks a promise is kept as build/fuzz/TARGET-crash-..., and printed as
# a line for seeds/TARGET, which `make test` goes through.  Exit status 1 then.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${FUZZ_SECONDS:-30}
here=selftests/fuzz
out=build/fuzz
pure=(kmod/packet.c kmod/index.c kmod/replay.c kmod/suite.c)
flags=(-std=gnu11 -D_GNU_SOURCE= -g -O1 -Iuapi -Ikmod
	"-fsanitize=fuzzer,address,undefined" -fno-sanitize-recover=all)

compiler()
{
	local cc

	for cc in ${FUZZ_CC:-clang clang-14}; do
		command -v "$cc" && return
	done
	echo "run.sh: no clang; the packages are clang and libclang-rt-14-dev" >&2
	return 1
}

# The corpus of a target: a file for each line of its seeds
plant()
{
	local bytes line n=0

	while read -r line; do
		bytes=$(tr -d ' ' <<< "${line%%#*}")
		[ -n "$bytes" ] || continue
		# shellcheck disable=SC2001 # every two digits
		printf '%b' "$(sed 's/../\\x&/g' <<< "$bytes")" > "$out/$1/seed-$n"
		n=$((n + 1))
	done < "$here/seeds/$1"
	[ "$n" -gt 0 ]
}

fuzz()
{
	local target=$1 log=$out/$1.log status=0 crash

	mkdir -p "$out/$target"
	rm -f "$out/$target"-{crash,timeout,oom,leak}-*
	plant "$target"
	"$cc" "${flags[@]}" -o "$out/$target.fuzzer" "$here/$target.c" "${pure[@]}"
	timeout -k 5 "$((seconds * 2 + 60))" "$out/$target.fuzzer" \
		-max_total_time="$seconds" -max_len=2048 -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$out/$target-" "$out/$target" \
		> "$log" 2>&1 < /dev/null || status=$?
	if [ "$status" = 0 ]; then
		echo "ok    $target: $(awk '
			/cov:/ { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
			/stat::number_of_executed_units/ { runs = $2 }
			END { print runs " runs, " cov " edges covered" }' "$log")"
		return
	fi

	echo "FAIL  $target (status $status, $log)"
	tail -n 40 "$log"
	for crash in "$out/$target"-{crash,timeout,oom,leak}-*; do
		[ ! -e "$crash" ] || echo "seed: $(od -An -v -tx1 "$crash" | tr -d ' \n')"
	done
	failed=1
}

cc=$(compiler)
failed=0
targets=("$@")
if [ $# = 0 ]; then
	for file in "$here"/*.c; do
		targets+=("$(basename "$file" .c)")
	done
fi
for target in "${targets[@]}"; do
	fuzz "$target"
done
exit "$failed"
