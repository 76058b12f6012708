#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# interop.sh: the table of what ksrtp and others' implementations make of each
# other's packets, from the lines "# interop: ..." that tests leave in their
# logs (selftests/lib/interop.h).
#
#	interop.sh [-a] DIR...	as text; DIR holds the logs of tests on one kernel,
#				build/test/6.1.  Rows that differ only in what was
#				tried and in numbers are one; -a: every row by itself.
#				Status 1: there is no such line
#	interop.sh -d DIR	put into Documentation/interop.rst instead of the
#				one there.  Refused where something failed, or a
#				peer that is in the document has no line
set -uo pipefail
export LC_ALL=C
top=$(cd "$(dirname "$0")/.." && pwd -P)
document=$top/Documentation/interop.rst
columns='peer suite role kind options packets dropped lost differ result note'

# rows DIR: one line each, fields in the order of $columns and then the
# version, apart by tabs
rows()
{
	cat "$1"/*.log 2> /dev/null | tr -d '\r' | awk -v columns="$columns" '
	BEGIN { n = split(columns " version", order, " ") }
	/^# interop: / {
		split("", field)
		sub(/^# interop: /, "")
		if (match($0, / note=.*/)) {
			field["note"] = substr($0, RSTART + 6)
			$0 = substr($0, 1, RSTART - 1)
		}
		for (i = 1; i <= NF; i++)
			field[substr($i, 1, index($i, "=") - 1)] = \
				substr($i, index($i, "=") + 1)
		line = ""
		for (i = 1; i <= n; i++)
			line = line (i > 1 ? "\t" : "") field[order[i]]
		print line
	}'
}

# grouped: rows of one peer, suite, role and outcome as one, with the kinds and
# the words of the options of all, but not those words' numbers, and the sum of
# packets; what a peer cannot do at all is one row for all its roles
grouped()
{
	awk -F '\t' '
	# add(LIST, WORD): one more of a list, if it is not in it
	function add(list, word) {
		if (word == "-" || index("," list ",", "," word ","))
			return list
		return list == "" ? word : list "," word
	}
	{
		key = $1 FS $2 FS ($10 == "cannot" ? "" : $3) FS $10 FS $11 FS $12
		if (!(key in first)) {
			order[++n] = key
			first[key] = 1
		}
		roles[key] = add(roles[key], $3)
		kinds[key] = add(kinds[key], $4)
		count = split($5, option, ",")
		for (i = 1; i <= count; i++) {
			sub(/:.*/, "", option[i])
			sub(/^wraps$/, "wrap", option[i])
			words[key] = add(words[key], option[i])
		}
		for (i = 6; i <= 9; i++)
			sum[key, i] += $i
	}
	END {
		OFS = FS
		for (g = 1; g <= n; g++) {
			key = order[g]
			split(key, field, FS)
			print field[1], field[2], roles[key], kinds[key], \
				words[key] == "" ? "-" : words[key], \
				sum[key, 6], sum[key, 7], sum[key, 8], sum[key, 9], \
				field[4], field[5], field[6]
		}
	}'
}

# table [-d]: rows with their columns under each other; -d: as a simple table of
# reStructuredText
table()
{
	awk -F '\t' -v columns="$columns" -v rst="${1:-}" '
	function store(	i) {
		lines++
		for (i = 1; i <= n; i++) {
			text[lines, i] = rst != "" && cell[i] == "-" ? "" : cell[i]
			if (length(cell[i]) > width[i])
				width[i] = length(cell[i])
		}
	}
	function border(	i, out) {
		for (i = 1; i <= n; i++) {
			out = sprintf("%*s", width[i], "")
			gsub(/ /, "=", out)
			printf "%s%s", out, i < n ? "  " : "\n"
		}
	}
	BEGIN { n = split(columns, cell, " "); store() }
	{ $1 = $1 " " $12; split("", cell); for (i = 1; i <= n; i++) cell[i] = $i; store() }
	END {
		for (line = 1; line <= lines; line++) {
			if (rst != "" && line <= 2)
				border()
			out = ""
			for (i = 1; i <= n; i++)
				out = out sprintf(i >= 6 && i <= 9 ? "%*s  " : "%-*s  ", \
					width[i], text[line, i])
			sub(/ +$/, "", out)
			print out
		}
		if (rst != "")
			border()
	}'
}

# into_document DIR: between the two marks in it
into_document()
{
	local lines missing

	lines=$(rows "$1")
	if [ -z "$lines" ]; then
		echo "interop.sh: no line of a peer in $1: run make test" >&2
		return 1
	fi
	if grep -q -P '\tFAIL\t' <<< "$lines"; then
		echo "interop.sh: something failed; a document is made of a good run" >&2
		return 1
	fi
	missing=$(comm -13 <(cut -f 1 <<< "$lines" | sort -u) \
		<(sed -n '/^.. begin of the table/,/^.. end of the table/ s/^\([a-z][^ ]*\) [^ ].*/\1/p' \
			"$document" | sort -u))
	if [ -n "$missing" ]; then
		echo "interop.sh: the document has peers this run has not: ${missing//$'\n'/, }" >&2
		return 1
	fi
	# awk reads the table from a file: it may have backslashes
	grouped <<< "$lines" | table -d > "$document.table"
	awk -v table="$document.table" '
	/^\.\. end of the table/ { inside = 0 }
	!inside { print }
	/^\.\. begin of the table/ {
		inside = 1
		print ""
		while ((getline line < table) > 0)
			print line
		print ""
	}' "$document" > "$document.new" && mv "$document.new" "$document"
	rm -f "$document.table"
}

if [ "${1:-}" = -d ]; then
	into_document "$2"
	exit
fi

filter='grouped'
if [ "${1:-}" = -a ]; then
	filter='cat'
	shift
fi
found=1
for dir in "$@"; do
	lines=$(rows "$dir")
	[ -n "$lines" ] || continue
	found=0
	echo "== others' implementations, on kernel $(basename "$dir")"
	"$filter" <<< "$lines" | table
done
exit "$found"
