#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh: what `make fuzz` does.  Builds each target of userspace/fuzz with
# libFuzzer and the sanitizers and lets it run for FUZZ_SECONDS (60), from its
# seeds and from what earlier runs found worth keeping (build/fuzz/TARGET).
# What crashes it is kept as build/fuzz/TARGET-crash-...
set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
cd "$top"

seconds=${FUZZ_SECONDS:-60}
out=$top/build/fuzz
cc=${FUZZ_CC:-clang}
command -v "$cc" > /dev/null || die "$cc is not installed (selftests/deps.sh fuzz)"
sanitizers=fuzzer,address,undefined
flags=(-std=gnu11 -D_GNU_SOURCE= -g -O1 "-fsanitize=$sanitizers"
	-fno-sanitize-recover=all -Iuapi -Iuserspace/lib -Iuserspace/ksrtp -Ikmod)
sources=()
for file in kmod/{packet,index,replay,suite}.c userspace/lib/*.c userspace/ksrtp/*.c; do
	case $file in
	*/main.c | */ksrtp.c) continue ;;
	esac
	[ ! -e "$file" ] || sources+=("$file")
done
read -r -a libs <<< "$(pkg-config --cflags --libs libmnl libcrypto)"

status=0
for source in userspace/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" != driver ] || continue
	mkdir -p "$out/$name"
	"$cc" "${flags[@]}" -o "$out/$name.fuzzer" "$source" "${sources[@]}" "${libs[@]}"
	into=$out/$name perl -ne 's/#.*//; s/\s//g; next unless length;
		open(F, ">", sprintf("%s/seed-%d", $ENV{into}, $.)) or die;
		print F pack("H*", $_)' "userspace/fuzz/seeds/$name"
	echo "== $name, $seconds seconds"
	"$out/$name.fuzzer" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
		-artifact_prefix="$out/$name-" "$out/$name" > "$out/$name.log" 2>&1 || {
		tail -n 60 "$out/$name.log"
		status=1
	}
	grep -E 'stat::number_of_executed_units|cov:' "$out/$name.log" | tail -n 2
done
exit $status
