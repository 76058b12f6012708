#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh [run | coverage | merge | record] [TARGET...]
#
# run		what `make fuzz' does: each target of selftests/fuzz (the pure
#		files of the packet path) and userspace/fuzz (tool and library), or
#		those named, is built with libFuzzer and the sanitizers and runs
#		FUZZ_SECONDS (30) from its seeds and from what earlier runs
#		found worth keeping, build/fuzz/TARGET.  How often it ran is
#		added to build/fuzz/record.tsv.
# coverage	how many lines the seeds of all targets reach, by clang's own
#		count; exit status 1 where a file that has a limit is below it
# merge		what the runs found and no seed reaches becomes a seed
# record	the executions of a record (build/fuzz/record.tsv, or
#		selftests/fuzz/record.tsv and it), added up by target
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
flags=(-std=gnu11 -D_GNU_SOURCE= -g -O2 -Iuapi -Ikmod -Iuserspace/lib -Iuserspace/ksrtp
	-Iselftests/lib)
sanitizers=address,undefined
hard=(-fno-sanitize-recover=all)
counted=(-fprofile-instr-generate -fcoverage-mapping)

# Of what the targets are about, the rest of the library and the tool comes along
sources=()
for file in kmod/{packet,index,replay,suite}.c userspace/lib/*.c userspace/ksrtp/*.c; do
	[[ $file = */ksrtp/main.c ]] || sources+=("$file")
done

# Where the issue wants a number of lines: packet parser, index, replay window,
# and whatever reads a key file or an SDES line
least=95
limited=(kmod/packet.c kmod/index.c kmod/replay.c userspace/lib/secret.c
	userspace/lib/master.c userspace/ksrtp/material.c)

# The longest input, where it is not 2048 bytes: more would be slower, and no more
declare -A longest=([index]=24 [packet]=256 [trailer]=16 [rtcp]=512 [extension]=512
	[replay]=512 [address]=128 [secret]=1024 [sdes]=1024)

# So small that edges say all there is to learn: with nothing else looked at, and
# the target itself unguided, they run half as often again.
declare -A small=([index]=1 [packet]=1 [trailer]=1)
quick=(-use_cmp=0 -use_counters=0 -reduce_inputs=0 -mutate_depth=20)

# One allocation after the other is freed at once: quick, and every access to a
# freed one within an execution is still seen.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=1}

targets()
{
	local source name

	for source in selftests/fuzz/*.c userspace/fuzz/*.c; do
		name=$(basename "$source" .c)
		[ "$name" != driver ] || continue
		[[ ${#wanted[@]} = 0 || " ${wanted[*]} " = *" $name "* ]] && echo "$source"
	done
	true
}

# build DIR FLAG...: the sources, once, as DIR/libfuzz.a
build()
{
	local dir=$1 file
	shift

	rm -rf "$dir/obj" "$dir/libfuzz.a"
	mkdir -p "$dir/obj"
	for file in "${sources[@]}"; do
		printf '%s\0' "$file" -o "$dir/obj/${file//\//-}.o"
	done | xargs -0 -n 3 -P "$(nproc)" "$cc" "${flags[@]}" "$@" -c
	# the tests' own parser, which is not to guide anybody
	"$cc" "${flags[@]}" "-fsanitize=$sanitizers" -c selftests/lib/refpacket.c \
		-o "$dir/obj/refpacket.o"
	ar rcs "$dir/libfuzz.a" "$dir/obj"/*.o
}

# Inputs that are in seeds/TARGET, a file each
plant()
{
	local source=$1 dir=$2 line bytes n=0

	mkdir -p "$dir"
	while read -r line; do
		bytes=${line%%#*}
		bytes=${bytes//[[:space:]]/}
		[ -n "$bytes" ] || continue
		# shellcheck disable=SC2001 # every two digits
		printf '%b' "$(sed 's/../\\x&/g' <<< "$bytes")" > "$dir/seed-$n"
		n=$((n + 1))
	done < "$(dirname "$source")/seeds/$(basename "$source" .c)"
	[ "$n" -gt 0 ]
}

hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
	echo
}

# link DIR SOURCE FLAG...: the fuzzer of one target
link()
{
	local dir=$1 source=$2 name libraries guide=(-fsanitize=fuzzer-no-link)
	shift 2

	name=$(basename "$source" .c)
	[ -z "${small[$name]:-}" ] || guide=()
	read -r -a libraries <<< "$(pkg-config --cflags --libs libmnl libcrypto)"
	"$cc" "${flags[@]}" "$@" "${guide[@]}" -c "$source" -o "$dir/obj/$name.o"
	"$cc" "${flags[@]}" "$@" -fsanitize=fuzzer -o "$dir/$name.fuzzer" "$dir/obj/$name.o" \
		"$dir/libfuzz.a" "${libraries[@]}"
}

# ---- run ---------------------------------------------------------------------

figures()
{
	awk '/cov:/ { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
		/stat::number_of_executed_units/ { runs = $2 }
		END { print runs + 0, cov + 0 }' "$1"
}

fuzz()
{
	local source=$1 target log status=0 crash runs edges options=()

	target=$(basename "$source" .c)
	log=$out/$target.log
	rm -f "$out/$target"-{crash,timeout,oom,leak}-*
	plant "$source" "$out/$target"
	link "$out" "$source" "-fsanitize=$sanitizers" "${hard[@]}"
	[ -z "${small[$target]:-}" ] || options=("${quick[@]}")
	timeout -k 5 "$((seconds * 2 + 60))" "$out/$target.fuzzer" \
		-max_total_time="$seconds" -max_len="${longest[$target]:-2048}" -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 -entropic=0 "${options[@]}" \
		-artifact_prefix="$out/$target-" "$out/$target" \
		> "$log" 2>&1 < /dev/null || status=$?
	read -r runs edges <<< "$(figures "$log")"
	printf '%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" \
		"$(git rev-parse --short HEAD 2> /dev/null || echo none)" \
		"$target" "$runs" "$edges" >> "$out/record.tsv"
	if [ "$status" = 0 ]; then
		echo "ok    $target: $runs runs, $edges edges covered"
		return
	fi

	echo "FAIL  $target (status $status, $log)"
	tail -n 40 "$log"
	for crash in "$out/$target"-{crash,timeout,oom,leak}-*; do
		[ ! -e "$crash" ] || echo "seed: $(hex "$crash")"
	done
	failed=1
}

run()
{
	local source

	mkdir -p "$out"
	build "$out" "-fsanitize=fuzzer-no-link,$sanitizers" "${hard[@]}"
	for source in $(targets); do
		fuzz "$source"
	done
}

# ---- coverage ----------------------------------------------------------------

# Lines of the table: file, lines, of which reached, percent, whether that will do
judge()
{
	awk -v least="$least" -v limited=" ${limited[*]} " '
		!/\.c +[0-9]/ { next }
		{
			percent = $8 ? 100 * ($8 - $9) / $8 : 100
			with_limit = index(limited, " " $1 " ")
			good = !with_limit || percent >= least
			printf "%s  %-32s %5d of %5d lines  %6.2f %%%s\n", good ? "ok  " : "FAIL",
				$1, $8 - $9, $8, percent,
				with_limit ? "  (at least " least ")" : ""
			seen += !!with_limit
			bad += !good
		}
		END { exit bad || seen != split(limited, unused, " ") }'
}

coverage()
{
	local dir=$out/coverage source name objects=() report

	rm -rf "$dir"
	mkdir -p "$dir"
	build "$dir" -fsanitize=fuzzer-no-link "${counted[@]}"
	for source in $(targets); do
		name=$(basename "$source" .c)
		plant "$source" "$dir/$name"
		link "$dir" "$source" "-fsanitize=$sanitizers" "${counted[@]}"
		LLVM_PROFILE_FILE=$dir/$name.profraw "$dir/$name.fuzzer" -runs=0 \
			-max_len=4096 "$dir/$name" > "$dir/$name.log" 2>&1 < /dev/null || {
			echo "FAIL  $name: a seed breaks a promise"
			tail -n 20 "$dir/$name.log"
			failed=1
			continue
		}
		objects+=(-object "$dir/$name.fuzzer")
	done
	llvm-profdata merge -sparse -o "$dir/profile" "$dir"/*.profraw
	report=$(llvm-cov report "${objects[@]:1}" -instr-profile="$dir/profile" \
		"${sources[@]}" 2> "$dir/llvm-cov.log")
	llvm-cov show "${objects[@]:1}" -instr-profile="$dir/profile" "${sources[@]}" \
		> "$dir/lines" 2>> "$dir/llvm-cov.log"
	judge <<< "$report" || failed=1
	echo "The lines themselves are in $dir/lines."
}

# ---- merge -------------------------------------------------------------------

merge()
{
	local source target dir file seeds n found='what libFuzzer found besides'

	for source in $(targets); do
		target=$(basename "$source" .c)
		dir=$out/merge/$target
		[ -x "$out/$target.fuzzer" ] || die "no $out/$target.fuzzer: run it first"
		rm -rf "$dir"
		plant "$source" "$dir"
		n=$(find "$dir" -type f | wc -l)
		"$out/$target.fuzzer" -merge=1 -max_len="${longest[$target]:-512}" "$dir" \
			"$out/$target" > "$out/$target.merge.log" 2>&1 < /dev/null
		seeds=$(dirname "$source")/seeds/$target
		grep -q "^# $found" "$seeds" || echo "# $found" >> "$seeds"
		for file in "$dir"/*; do
			[[ ${file##*/} = seed-* ]] || hex "$file"
		done >> "$seeds"
		echo "ok    $target: $n seeds, $(find "$dir" -type f | wc -l) now"
	done
}

# ---- record ------------------------------------------------------------------

record()
{
	local files=() file

	for file in selftests/fuzz/record.tsv "$out/record.tsv"; do
		[ ! -e "$file" ] || files+=("$file")
	done
	[ ${#files[@]} -gt 0 ] || die "there is no record yet"
	grep -hv '^#' "${files[@]}" | sort -u | awk -F '\t' '
		{ runs[$3] += $4; total += $4; if ($5 > edges[$3]) edges[$3] = $5 }
		END {
			for (target in runs)
				printf "%-12s %12d executions, %4d edges\n",
					target, runs[target], edges[target] | "sort"
			close("sort")
			printf "%-12s %12d executions\n", "all", total
		}'
}

what=run
case ${1:-} in
run | coverage | merge | record)
	what=$1
	shift
	;;
esac
wanted=("$@")
[ "$what" = record ] || command -v "$cc" > /dev/null ||
	die "$cc is not installed (selftests/deps.sh fuzz)"
failed=0
case $what in
run)		run ;;
coverage)	coverage ;;
merge)		merge ;;
record)		record ;;
esac
exit "$failed"
