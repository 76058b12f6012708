#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh [TARGET...]: what `make fuzz` does.  Each target of selftests/fuzz
# (the pure files of the packet path) and userspace/fuzz (tool and library), or
# those named, is built with libFuzzer and the sanitizers and runs FUZZ_SECONDS
# (30) from its seeds and from what earlier runs found worth keeping,
# build/fuzz/TARGET.
#
# What breaks a promise is kept as build/fuzz/TARGET-crash-..., and printed as
# a line for seeds/TARGET, which `make test` goes through.  Exit status 1 then.
set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
cd "$top"

seconds=${FUZZ_SECONDS:-30}
out=build/fuzz
cc=${FUZZ_CC:-clang}
command -v "$cc" > /dev/null || die "$cc is not installed (selftests/deps.sh fuzz)"
sanitizers=fuzzer,address,undefined
flags=(-std=gnu11 -D_GNU_SOURCE= -g -O1 -Iuapi -Ikmod -Iuserspace/lib -Iuserspace/ksrtp
	"-fsanitize=$sanitizers" -fno-sanitize-recover=all)
sources=()
for file in kmod/{packet,index,replay,suite}.c userspace/lib/*.c userspace/ksrtp/*.c; do
	[[ $file = */main.c || $file = */ksrtp.c ]] || sources+=("$file")
done
read -r -a libraries <<< "$(pkg-config --cflags --libs libmnl libcrypto)"

# The corpus of a target: a file for each line of its seeds
plant()
{
	local line bytes n=0

	while read -r line; do
		bytes=${line%%#*}
		bytes=${bytes//[[:space:]]/}
		[ -n "$bytes" ] || continue
		# shellcheck disable=SC2001 # every two digits
		printf '%b' "$(sed 's/../\\x&/g' <<< "$bytes")" > "$out/$2/seed-$n"
		n=$((n + 1))
	done < "$1"
	[ "$n" -gt 0 ]
}

fuzz()
{
	local source=$1 target log status=0 crash

	target=$(basename "$source" .c)
	log=$out/$target.log
	mkdir -p "$out/$target"
	rm -f "$out/$target"-{crash,timeout,oom,leak}-*
	plant "$(dirname "$source")/seeds/$target" "$target"
	"$cc" "${flags[@]}" -o "$out/$target.fuzzer" "$source" "${sources[@]}" "${libraries[@]}"
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

failed=0
for source in selftests/fuzz/*.c userspace/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" != driver ] || continue
	[[ $# = 0 || " $* " = *" $name "* ]] || continue
	fuzz "$source"
done
exit "$failed"
