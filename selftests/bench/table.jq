# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.jq: bench.json to lines with tabs, for table.awk

.[] | [.case, .suite, .size, .burst, .outputs,
	(if .error then "error", .error
	 elif .unavailable then "unavailable", .unavailable
	 else "", .instructions_per_packet, .own_cost, .ratio_to_rtpengine, .ratio_to_userspace,
		.goal, .further_output, .bytes_per_stream
	 end)] | @tsv
