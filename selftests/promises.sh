#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# promises.sh: what is promised (Documentation/promises.rst) and the results
# that show it (promises.tsv).
#
#	check			the two agree with each other and with the tests
#				there are; says nothing if so
#	results FILE...		one line for each promise, by what run.sh left in
#				these files:
#
#					pass|fail <tab> number <tab> tests <tab> why
#
#				with - for what there is not
#
# A promise is kept if of each of its tests the results named have passed and
# no result at all has failed.  A test that did not run, or skipped all that
# was named, keeps no promise.
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
table=$here/promises.tsv
text=$here/../Documentation/promises.rst
# As many there are; those after them may still be without a test.
promised=29

rows()
{
	grep -v '^#' "$table"
}

# The same rows out of the text, which has for each promise a heading
# "N. What is promised" and below it, for each result that shows it, a line
# "- ``test``" or "- ``test``: result".
rows_of_text()
{
	awk '
		function flush() {
			if (test != "")
				printf "%s\t%s\t%s\n", n, test, result
			test = ""
		}
		/^[0-9]+\. / { flush(); n = $1 + 0; next }
		/^- ``[a-z0-9_]+``/ {
			flush()
			split($0, part, "``")
			test = part[2]
			result = substr($0, length(test) + 9)
			if (result == "")
				result = "*"
			gsub(/\\/, "", result)
			next
		}
		test != "" && /^  [^ ]/ { sub(/^ */, " "); gsub(/\\/, ""); result = result $0; next }
		{ flush() }
		END { flush() }
	' "$text"
}

exists()
{
	local file

	for file in "$here"/{tests,unit}/"$1".{c,sh} "$here"/{fuzz,../userspace/fuzz}/"$1.c"; do
		[ ! -e "$file" ] || return 0
	done
	return 1
}

check()
{
	local n test rest

	diff <(rows | sort) <(rows_of_text | sort) |
		sed -n -e 's/^< /only in promises.tsv: /p' -e 's/^> /only in promises.rst: /p'
	while IFS=$'\t' read -r n test rest; do
		[[ $n =~ ^[0-9]+$ && -n $rest ]] || echo "promises.tsv: a row without three columns: $n"
		exists "$test" || echo "promise $n: no test is called $test"
	done < <(rows)
	for ((n = 1; n <= promised; n++)); do
		rows | grep -q "^$n"$'\t' || echo "promise $n has no test"
	done
}

results()
{
	rows | awk -F '\t' -v promised="$promised" '
		# A pattern with stars as a regular expression
		function expression(pattern) {
			gsub(/[][\\.^$+?(){}|]/, "\\\\&", pattern)
			gsub(/\*/, ".*", pattern)
			return "^" pattern "$"
		}
		function matching(test, pattern, what, re, i) {
			re = expression(pattern)
			for (i = 1; i <= n[test, what]; i++)
				if (name[test, what, i] ~ re)
					return 1
			return 0
		}
		function verdict(test, pattern) {
			if (!(test in ran))
				return test " did not run"
			if (n[test, "fail"])
				return test " failed"
			if (matching(test, pattern, "pass"))
				return ""
			if (matching(test, pattern, "skip"))
				return test " was skipped"
			return test " has no result \"" pattern "\""
		}
		FILENAME != "-" {
			ran[$2] = 1
			name[$2, $1, ++n[$2, $1]] = $3
			next
		}
		{
			if ($1 > most)
				most = $1 + 0
			if (!(($1, $2) in listed))
				tests[$1] = tests[$1] (tests[$1] == "" ? "" : ", ") $2
			listed[$1, $2] = 1
			why = verdict($2, $3)
			if (why != "" && index(bad[$1], why) == 0)
				bad[$1] = bad[$1] (bad[$1] == "" ? "" : "; ") why
		}
		END {
			for (i = 1; i <= (most > promised ? most : promised); i++) {
				if (tests[i] == "" && i > promised)
					continue
				if (tests[i] == "")
					bad[i] = "no test"
				printf "%s\t%d\t%s\t%s\n", bad[i] == "" ? "pass" : "fail", i, \
					tests[i] == "" ? "-" : tests[i], bad[i] == "" ? "-" : bad[i]
			}
		}
	' "$@" -
}

case ${1:-} in
check)		check ;;
results)	shift; results "$@" ;;
*)		echo "promises.sh check | results FILE..." >&2; exit 2 ;;
esac
