# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.awk: the table of the bench as people read it

function number(n) {
	return n == "" ? "" : sprintf("%.0f", n)
}

function fraction(n) {
	return n == "" ? "" : sprintf("%.2f", n)
}

function line(a, b, c, d, e, f, g, h, i, j, k,	text)
{
	text = sprintf(shape, a, b, c, d, e, f, g, h, i, j, k)
	sub(/ +$/, "", text)
	print text
}

BEGIN {
	shape = "%-24s %-24s %5s %5s %7s %10s %9s %9s %9s %8s  %s"
	print "Instructions per packet: send + relay + receive. Own cost: without the way of a forwarded packet."
	print ""
	line("", "", "", "", "", "per", "own", "of rtp-", "of user", "", "")
	line("case", "suite", "bytes", "burst", "outputs", "packet", "cost", "engine", "space",
		"goal", "")
}

$1 != last && NR > 1 {
	print ""
}

{
	last = $1
	note = ""
	if ($6 != "") {
		line($1, $2, $3, $4, $5, $6 ":", $7, "", "", "", "")
		next
	}
	if ($11 != "")
		note = $8 == "" ? "own cost needs group direct" : $8 <= $11 ? "reached" : sprintf("%.2f of the goal", $8 / $11)
	if ($12 != "")
		note = note sprintf("%sfurther output %.0f", note ? ", " : "", $12)
	if ($13 != "")
		note = note sprintf("%s%d bytes a stream", note ? ", " : "", $13)
	line($1, $2, $3, $4, $5, number($7), number($8), fraction($9), fraction($10),
		number($11), note)
}
