#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A promise is kept only by results that were there and passed: the runner says
# so of each, and make check finds a list that does not fit the tests.
. "$(dirname "$0")/../lib/lib.sh"
need awk diff

mkdir -p "$TMP"/selftests/{tests,unit,fuzz} "$TMP"/Documentation
cp "$KSRTP_TOP/selftests/promises.sh" "$TMP/selftests/"
touch "$TMP"/selftests/tests/{one.c,two.sh} "$TMP/selftests/unit/three.c"

row()
{
	printf '%s\t%s\t%s\n' "$@"
}

{
	row 1 one '*'
	row 2 one 'it holds'
	row 2 two 'of * none is lost'
	row 3 three '*'
} > "$TMP/selftests/promises.tsv"

cat > "$TMP/Documentation/promises.rst" << 'EOF'
1. One thing
------------

It is promised.

- ``one``

2. Another
----------

- ``one``: it holds
- ``two``: of \* none
  is lost

3. A third
----------

- ``three``
EOF

# said N RESULT...: what is said of promise N after these results, each
# what/test/name
said()
{
	local n=$1 result
	shift

	for result in "$@"; do
		tr / '\t' <<< "$result"
	done > "$TMP/results"
	"$TMP/selftests/promises.sh" results "$TMP/results" | awk -F '\t' -v n="$n" '$2 == n { print $1 ": " $4 }'
}

all=(pass/one/a pass/one/it\ holds pass/two/of\ 300\ none\ is\ lost pass/three/x)

plan 11
is "$(said 2 "${all[@]}")" "pass: -" "it is kept if the results named have passed"
is "$(said 1 pass/three/x)" "fail: one did not run" "not by a test that did not run"
is "$(said 1 pass/one/a fail/one/b)" "fail: one failed" "nor by one that failed in anything"
is "$(said 1 skip/one/a)" "fail: one was skipped" "nor by one that was skipped"
is "$(said 2 pass/one/it\ holds pass/two/of\ 300\ one\ is\ lost)" \
	'fail: two has no result "of * none is lost"' "nor by other results of the test"
is "$(said 2 pass/one/that\ it\ holds pass/two/of\ 3\ none\ is\ lost)" \
	'fail: one has no result "it holds"' "or by a part of a name"
is "$(said 4 "${all[@]}")" "fail: no test" "one without a test is none that is kept"

found()
{
	"$TMP/selftests/promises.sh" check | grep -v 'has no test$'
}

is "$(found)" "" "lists that agree are right"
row 3 four '*' >> "$TMP/selftests/promises.tsv"
is "$(found | head -n 1)" "only in promises.tsv: $(row 3 four '*')" \
	"a row that is in one list only is found"
is "$(found | tail -n 1)" "promise 3: no test is called four" "and a test there is not"
is "$("$TMP/selftests/promises.sh" check | grep -c 'has no test$')" 26 \
	"as is each promise without any"
