#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ksrtp monitor prints events as they come, a line or a JSON object each.
[ -n "${OWN_NETNS:-}" ] || OWN_NETNS=1 exec unshare -n "$0"
. "$(dirname "$0")/../lib/lib.sh"
need jq ip

plan 8
ip link set lo up
printf '%060d' 1 > "$TMP/key"
exec 7<>/dev/udp/127.0.0.1/6001
"$KSRTP" sock attach fd 7 id 1 || bail "no sock"
"$KSRTP" peer add sock 1 remote 127.0.0.1:6001 id 1 || bail "no peer"
"$KSRTP" key add peer 1 tx hbh ssrc any suite AES_CM_128_HMAC_SHA1_80 \
	key-file "$TMP/key" soft-limit 2 hard-limit 3 || bail "no key"

# Without the socket, which is to be closed under them
"$KSRTP" monitor > "$TMP/text" 2> "$TMP/text.err" 7>&- &
text=$!
"$KSRTP" -j monitor > "$TMP/json" 7>&- &

# Both listen once they tell of a sock that comes and goes.
poke()
{
	"$KSRTP" sock open 127.0.0.1:7000 id 77 && "$KSRTP" sock del 77 &&
		[ -s "$TMP/text" ] && [ -s "$TMP/json" ]
}

wait_for 20 poke || bail "no event is told"
is "$(head -n 1 "$TMP/text")" "sock-gone sock 77" "an event is a line"
is "$(head -n 1 "$TMP/json" | jq -c .)" '{"event":"sock-gone","sock":77}' "or an object on a line"

say()
{
	# shellcheck disable=SC2059 # a format it is
	printf "\\x80\\x60\\x00\\x0$1\\0\\0\\0\\0\\0\\0\\xab\\xcdpayload" >&7
}

say 1
say 2
say 3
refused "beyond the hard limit nothing is sent" 1 . say 4
told()
{
	[ "$(grep -c 'ssrc 0x0000abcd' "$TMP/text")" -ge 3 ] &&
		[ "$(grep -c '0x0000abcd' "$TMP/json")" -ge 3 ]
}
wait_for 20 told
is "$(grep -v sock-gone "$TMP/text")" \
	"stream-new sock 1 peer 1 tx hbh ssrc 0x0000abcd
soft-limit sock 1 peer 1 tx hbh ssrc 0x0000abcd
hard-limit sock 1 peer 1 tx hbh ssrc 0x0000abcd" "a stream and its limits are told in order"
is "$(grep -v sock-gone "$TMP/json" | tail -n 1 | jq -c .)" \
	'{"event":"hard-limit","sock":1,"peer":1,"dir":"tx","layer":"hbh","ssrc":"0x0000abcd"}' \
	"with the same words in JSON"
exec 7>&-
gone()
{
	grep -q '^sock-gone sock 1$' "$TMP/text"
}
ok "that a program closed its socket is told" wait_for 20 gone
kill $text
wait $text
[ $? -gt 128 ]
is $? 0 "it goes on until it is interrupted"
is "$(cat "$TMP/text.err")" "" "and has no complaint"
