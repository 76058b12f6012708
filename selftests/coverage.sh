#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coverage.sh [-d DIR] [-w]: which lines of the module the selftests reached, from
# what `make test-debug` counted (build/test/debug/gcov): lines per file and in all,
# the lines not reached, and why.
#
#	-d DIR	another place with gcov/ in it; more than one may be given, and
#		what was reached in any of them was reached
#	-w	writes Documentation/coverage.rst as well
#	-c	checks nothing but that each reason is of a function that is there
#
# The reasons are kept by hand in selftests/coverage.tsv:
#
#	FILE <tab> FUNCTION <tab> REGEX of the line's text <tab> REASON
#
# where FILE and FUNCTION may be *.  The first that fits a line is its reason.
# Exit status 1: less than 90 % were reached, or a line has no reason.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

reasons=selftests/coverage.tsv
goal=90 write='' check='' dirs=()
while getopts d:wc opt; do
	case $opt in
	d)	dirs+=("$OPTARG") ;;
	w)	write=1 ;;
	c)	check=1 ;;
	*)	exit 2 ;;
	esac
done
[ ${#dirs[@]} -gt 0 ] || dirs=(build/test/debug)

# A reason outlives the code it was for, unless somebody looks.
reasons_current()
{
	local file function text reason status=0

	while IFS=$'\t' read -r file function text reason; do
		[[ $file != \#* ]] || continue
		if [ -z "$reason" ]; then
			echo "$reasons: no reason for $file $function $text"
			status=1
		fi
		[ "$file" != '*' ] || continue
		if [ ! -e "$file" ]; then
			echo "$reasons: there is no $file"
			status=1
		elif [ "$function" != '*' ] && ! grep -qwF -- "$function" "$file"; then
			echo "$reasons: $file has no $function"
			status=1
		elif ! grep -qE -- "$text" "$file"; then
			echo "$reasons: $file has no line with $text"
			status=1
		fi
	done < "$reasons"
	return $status
}

if [ -n "$check" ]; then
	reasons_current
	exit
fi

work=build/coverage
rm -rf "$work"
mkdir -p "$work"

# One row for each line that compiled to something: FILE LINE COUNT FUNCTION.  A line
# in an inline function is there once for each file that has a copy of it.
for dir in "${dirs[@]}"; do
	find "$dir/gcov" -name '*.gcda'
done | while read -r file; do
	gcov -j -t "$file"
done | jq -r '.files[] | (.file | sub("^.*/kmod/"; "kmod/")) as $file |
	select($file | test("^kmod/[^/]+\\.[ch]$")) |
	.lines[] | [$file, .line_number, .count, .function_name // "-"] | @tsv' > "$work/raw"
[ -s "$work/raw" ] || { echo "Nothing was counted: make test-debug comes first."; exit 1; }

awk -F '\t' -v OFS='\t' '
	{ line = $1 OFS $2; if (!(line in n) || $3 > n[line]) n[line] = $3
	  if ($4 != "-") of[line] = $4 }
	END { for (line in n) print line, n[line], line in of ? of[line] : "-" }
' "$work/raw" | sort -t $'\t' -k 1,1 -k 2,2n > "$work/lines"

table()
{
	awk -F '\t' '
		{
			all[$1]++
			all["~all"]++
			if ($3 > 0) {
				hit[$1]++
				hit["~all"]++
			}
		}
		END {
			for (file in all)
				printf "%-22s %6d %8d %6.1f %%\n", file, all[file],
					hit[file], 100 * hit[file] / all[file]
		}' "$work/lines" | LC_ALL=C sort | tr -d '~'
}

# What was not reached: FILE LINE FUNCTION TEXT REASON
awk -F '\t' -v OFS='\t' -v reasons="$reasons" '
	BEGIN {
		while ((getline row < reasons) > 0) {
			if (row ~ /^#/)
				continue
			split(row, part, "\t")
			file[++n] = part[1]; fun[n] = part[2]
			text[n] = part[3]; why[n] = part[4]
		}
	}
	function source(name, number) {
		if (name != open) {
			delete code
			for (i = 1; (getline line < name) > 0; i++)
				code[i] = line
			close(name)
			open = name
		}
		line = code[number]
		gsub(/^[ \t]+|[ \t]+$/, "", line)
		gsub(/\t/, " ", line)
		return line
	}
	$3 == 0 {
		line = source($1, $2)
		reason = ""
		for (i = 1; i <= n && reason == ""; i++)
			if ((file[i] == "*" || file[i] == $1) &&
			    (fun[i] == "*" || fun[i] == $4) && line ~ text[i])
				reason = why[i]
		print $1, $2, $4, line, reason
	}' "$work/lines" > "$work/missed"

table > "$work/table"
echo "file                    lines  reached"
cat "$work/table"
status=0
unexplained=$(awk -F '\t' '$5 == ""' "$work/missed" | tee "$work/unexplained" | wc -l)
if [ "$unexplained" != 0 ]; then
	echo "$unexplained lines were not reached and nobody said why ($work/unexplained)"
	status=1
fi
awk -v goal=$goal '$1 == "all" { exit ($4 < goal) }' "$work/table" || {
	echo "less than $goal % of the lines were reached"
	status=1
}

document()
{
	cat <<- EOF
	.. SPDX-License-Identifier: GPL-2.0-or-later

	========
	Coverage
	========

	Which lines of the module are run by its selftests on the debug kernel, counted by gcov
	(\`testing.rst <testing.rst>\`__). This file is made by \`\`selftests/coverage.sh -w\`\`; the reasons
	are kept in \`\`selftests/coverage.tsv\`\`, and \`\`make check\`\` sees that each is of code that is there.

	Lines
	=====

	::

	EOF
	sed 's/^/    /' "$work/table"
	cat <<- EOF

	Not reached
	===========

	Lines that no selftest runs, by function, and why.

	EOF
	awk -F '\t' '
		{
			if ($1 != file) {
				printf "%s%s\n%s\n", n++ ? "\n" : "", $1, substr("------------------------------", 1, length($1))
				file = $1
				head = ""
			}
			reason = $5 == "" ? "**Nobody has said why.**" : $5
			if ($3 " " reason != head) {
				printf "\n``%s()``: %s::\n\n", $3, reason
				head = $3 " " reason
			}
			printf "    %s\n", $4
		}' "$work/missed"
}
[ -z "$write" ] || document > Documentation/coverage.rst
exit $status
