# SPDX-License-Identifier: GPL-2.0-or-later
#
# report.jq: rows as load printed them, to the rows of bench.json.
#
# own_cost		row - direct of the same size and burst; of a fan-out also without the way
#			of its further packets from IP output on, as direct has it
# ratio_to_rtpengine	own cost / that of rtpengine's module: same suite, size, burst
# ratio_to_userspace	own cost / that of the cheapest user-space relay: same suite, size, burst;
#			of an endpoint / that of libsrtp's protect + sendmmsg
# goal			own cost to reach, where there is one
# bytes_per_stream	kernel memory of each stream
# further_output	of a fan-out: own cost of each output after the first

def r: . * 10 | round / 10;
def ratio($of): if . and $of and $of > 0 then . / $of * 1000 | round / 1000 else null end;
def key: [.suite, .size, .burst];

. as $rows
| def find($case): [$rows[] | select(.case == $case and .instructions_per_packet)];
  def direct: . as $row | first(find("direct")[]
	| select(.size == $row.size and .burst == $row.burst) | .instructions_per_packet) // null;
  def outgoing: first(find("direct, filter accept")[]) as $whole
	| first(find("direct, filter drop")[]) as $half
	| $whole.instructions_per_packet - $half.instructions_per_packet;

[.[] | select(.case | startswith("direct, filter") | not)
 | if .instructions_per_packet then
	direct as $direct
	| .own_cost = if $direct | not then null
		elif .outputs > 1 then
			.instructions_per_packet - $direct - (.outputs - 1) * outgoing | r
		else .instructions_per_packet - $direct | r end
   else . end]
| . as $rows
| def own($case): . as $row | [$rows[] | select(.case == $case and key == ($row | key)
	and .outputs == 1 and .own_cost) | .own_cost] | min;
  def userspace: [own("user space, sendmmsg"), own("user space, UDP GSO")]
	| map(select(.)) | min;
  def single: . as $row | [$rows[] | select(.case == "ksrtp fan-out" and key == ($row | key)
	and .outputs == 1) | .own_cost] | first;

  # Own cost to reach, burst 64; one packet in flight may cost 3 % more
  def goals: {
	"AES_CM_128_HMAC_SHA1_80": {"172": 6400, "1200": 13000},
	"AEAD_AES_128_GCM": {"172": 6250, "1200": 10450}
  };
  def goal:
	if .case == "ksrtp relay" and .outputs == 1 then
		goals[.suite]["\(.size)"] as $g
		| if $g and .burst == 1 then $g * 1.03 | r else $g end
	elif .case == "ksrtp fan-out" and .size == 172 then
		goals[.suite]["172"] + (.outputs - 1) * 4500
	elif .case == "ksrtp endpoint" and .size == 172 then
		own("libsrtp endpoint") as $o | if $o then $o * 0.7 | r else null end
	elif .case == "ksrtp 100,000 streams" then
		own("ksrtp relay") as $o | if $o then $o * 1.05 | r else null end
	else null end;

map({case, suite, size, burst, outputs, instructions_per_packet, own_cost, verified, delivered,
     ratio_to_rtpengine: (if .outputs == 1 and .case != "direct" and (.case | endswith("endpoint") | not)
	then own("rtpengine kernel module") as $o | .own_cost | ratio($o) else null end),
     ratio_to_userspace: (if .case | endswith("endpoint")
	then own("libsrtp endpoint") as $o | .own_cost | ratio($o)
	elif .outputs == 1 then userspace as $o | .own_cost | ratio($o) else null end),
     goal: goal}
    + (if .case == "ksrtp fan-out" and .outputs > 1 and .own_cost and single
	then {further_output: ((.own_cost - single) / (.outputs - 1) | r)} else {} end)
    + with_entries(select(.key | IN("unavailable", "error", "bytes_per_stream"))))
