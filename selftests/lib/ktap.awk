# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads what one test file printed and writes one line per result:
#
#	pass|fail|skip <tab> test <tab> name <tab> reason
#
# Variables: test (its name), status (its exit status), limit (seconds it had).
# A file that breaks off, gives another number of results than it planned, or
# exits with an error that no result explains, is a failure of its own.
# Results of subtests are indented and stand for nothing here.

function result(what, name, reason)
{
	gsub(/\t/, " ", name)
	gsub(/\t/, " ", reason)
	printf "%s\t%s\t%s\t%s\n", what, test, name, reason
	count[what]++
}

{ sub(/\r$/, "") }

/^1\.\.[0-9]+/ && !planned {
	planned = 1
	plan = substr($1, 4) + 0
	if (!plan && match($0, /# SKIP */)) {
		all_skipped = substr($0, RSTART + RLENGTH)
		result("skip", "all of it", all_skipped)
	}
	next
}

/^(not )?ok( |$)/ {
	line = $0
	bad = sub(/^not /, "", line)
	sub(/^ok */, "", line)
	sub(/^[0-9]+ */, "", line)
	sub(/^- */, "", line)
	given++
	if (match(line, / ?# *SKIP */)) {
		name = substr(line, 1, RSTART - 1)
		reason = substr(line, RSTART + RLENGTH)
		# A result that failed is not made good by calling it skipped.
		if (!bad) {
			if (reason == "")
				result("fail", name, "skipped without a reason")
			else
				result("skip", name, reason)
			next
		}
	}
	if (bad)
		result("fail", line, "")
	else
		result("pass", line, "")
	next
}

/^Bail out!/ { bailed = substr($0, 11) }

{ if ($0 != "") last = $0 }

END {
	if (status == 124 || status == 137)
		result("fail", "ends in time", "killed after " limit " seconds")
	else if (bailed != "")
		result("fail", "runs to its end", "bailed out:" bailed)
	else if (!planned && status == 4 && !given)
		result("skip", "all of it", last == "" ? "no reason given" : last)
	else if (!planned)
		result("fail", "prints a plan", "no plan, status " status)
	else if (given != plan)
		result("fail", "gives the results it planned", \
			plan " planned, " given + 0 " given, status " status)
	else if (status != 0 && !count["fail"] && !(status == 4 && count["skip"]))
		result("fail", "exits without error", "status " status)
	else if (!plan && all_skipped == "")
		result("fail", "tests something", "an empty plan")
}
