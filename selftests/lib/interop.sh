# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# interop.sh: how a test in shell says what came of ksrtp and somebody else's
# implementation; interop.h tells what each field is.  Sourced behind lib.sh:
#
#	. "$(dirname "$0")/../lib/interop.sh"
#	interop_peer ffmpeg 5.1.6
#	interop AES_CM_128_HMAC_SHA1_80 sends SRTP wrap PACKETS DROPPED ARRIVED DIFFER
#	interop_cannot AEAD_AES_128_GCM sends SRTP - "has no AEAD suites"
#
# interop is one result of the plan; interop_cannot is none.

# interop_peer NAME VERSION: whose rows follow
interop_peer()
{
	interop_name=$1
	interop_version=$2
}

# interop_line SUITE ROLE KIND OPTIONS PACKETS DROPPED LOST DIFFER RESULT NOTE
interop_line()
{
	printf '# interop: peer=%s version=%s suite=%s role=%s kind=%s options=%s packets=%d dropped=%d lost=%d differ=%d result=%s note=%s\n' \
		"$interop_name" "$interop_version" "$@"
}

# interop SUITE ROLE KIND OPTIONS PACKETS DROPPED ARRIVED DIFFER [BUG]: BUG is a
# known bug of the peer's that has just been seen at work, and nothing else
interop()
{
	local suite=$1 role=$2 kind=$3 options=$4 packets=$5 dropped=$6
	# What was never said is none.
	local arrived=${7:-0} differ=${8:-0} bug=${9:-}
	local lost=$((packets - dropped - arrived))
	local name="$interop_name $role, $suite $kind ($options)"

	if [ -n "$bug" ]; then
		interop_line "$suite" "$role" "$kind" "$options" "$packets" "$dropped" \
			"$lost" "$differ" peer-bug "$bug"
		pass "$name: its known bug is what fails: $bug"
	elif [ "$((packets - dropped))" -gt 0 ] && [ "$lost" = 0 ] && [ "$differ" = 0 ]; then
		interop_line "$suite" "$role" "$kind" "$options" "$packets" "$dropped" \
			"$lost" "$differ" ok ''
		pass "$name: of $packets none is lost, none differs"
	else
		interop_line "$suite" "$role" "$kind" "$options" "$packets" "$dropped" \
			"$lost" "$differ" FAIL ''
		note "$arrived of $((packets - dropped)) arrived, $differ differ"
		fail "$name: of $packets none is lost, none differs"
	fi
}

# interop_cannot SUITE ROLE KIND OPTIONS WHY: the peer lacks this
interop_cannot()
{
	interop_line "$1" "$2" "$3" "$4" 0 0 0 0 cannot "$5"
}
