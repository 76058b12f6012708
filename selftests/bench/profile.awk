# SPDX-License-Identifier: GPL-2.0-or-later
#
# profile.awk: instructions by function. Reads the lines of /proc/kallsyms and of a profile of
# profile.so, together and sorted, so that each block comes after the symbol it belongs to.
#
#	sort kallsyms profile.N | awk -v packets=N -f profile.awk

function of(name)
{
	self[name] += $3
	total += $3
}

$2 == "~" {
	if ($1 < "8000000000000000")
		of("user space")
	else
		of(symbol)
	next
}

$2 ~ /^[tTwW]$/ {
	symbol = $3 " " $4
}

END {
	for (name in self) {
		module = "kernel"
		if (match(name, /\[.*\]$/))
			module = substr(name, RSTART + 1, RLENGTH - 2)
		if (name == "user space")
			module = name
		modules[module] += self[name]
	}
	printf "%.0f instructions a packet\n", total / packets
	for (module in modules)
		printf "%10.1f  %s\n", modules[module] / packets, module | "sort -rn"
	close("sort -rn")
	print ""
	for (name in self)
		printf "%10.1f  %s\n", self[name] / packets, name | "sort -rn | head -n 400"
	close("sort -rn | head -n 400")
}
