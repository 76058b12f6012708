#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tool's exit status: 0 done, 1 refused by the kernel, whose sentence it
# prints, 2 not understood, with a hint. A word it does not know it never ignores.
[ -n "${OWN_NETNS:-}" ] || OWN_NETNS=1 exec unshare -n "$0"
. "$(dirname "$0")/../lib/lib.sh"
need jq ip

plan 38
ip link set lo up
printf '%060d' 1 > "$TMP/key"
printf '%058d' 1 > "$TMP/short"
suite=(ssrc any suite AES_CM_128_HMAC_SHA1_80)

"$KSRTP" sock open 127.0.0.1:6000 id 1 || bail "no sock"
"$KSRTP" peer add sock 1 remote 127.0.0.1:6001 id 1 || bail "no peer"

# --- refused by the kernel ------------------------------------------------------

refused "an id in use" 1 "A sock with this id exists" "$KSRTP" sock open 127.0.0.1:6002 id 1
refused "a port in use" 1 "Another socket is bound" "$KSRTP" sock open 127.0.0.1:6000
refused "a sock there is not" 1 "There is no sock with this id" "$KSRTP" sock del 9
refused "to show one, too" 1 "There is no sock with this id" "$KSRTP" sock show 9
refused "a peer there is not" 1 "There is no peer with this id" "$KSRTP" peer set 9 roam on
refused "a peer's address twice" 1 "has a peer at this address" \
	"$KSRTP" peer add sock 1 remote 127.0.0.1:6001
refused "a key there is not" 1 "no such key" "$KSRTP" key del peer 1 rx hbh ssrc any
refused "keys of a peer there is not" 1 "There is no peer with this id" "$KSRTP" key show peer 9
refused "a route to nobody" 1 "There is no peer with this id" \
	"$KSRTP" route add from peer 1 ssrc any to peer 9
refused "rewrite-ssrc of any SSRC" 1 "one input SSRC" \
	"$KSRTP" route add from peer 1 ssrc any to peer 1 rewrite-ssrc 5
refused "a descriptor that is no socket" 1 "no socket" "$KSRTP" sock attach fd 3 3< "$TMP/key"
refused "a process there is not" 1 "process" "$KSRTP" sock attach pid 4000000 fd 3
refused "a network namespace there is not" 1 "network namespace" "$KSRTP" -n nowhere stats
is "$("$KSRTP" -j sock show 9 2> /dev/null)" "" "what is refused prints nothing, JSON or not"

# --- not understood --------------------------------------------------------------

refused "no object" 2 "Usage" "$KSRTP"
refused "an object there is not" 2 'did you mean "sock"' "$KSRTP" sokc show
refused "a verb there is not" 2 'did you mean "open"' "$KSRTP" sock opne 127.0.0.1:1
refused "no verb" 2 "verb" "$KSRTP" peer
refused "a word too many" 2 "surprise" "$KSRTP" sock show 1 surprise
refused "an option there is not" 2 "help" "$KSRTP" -z stats
refused "an unknown word in the middle" 2 "windwo" \
	"$KSRTP" key add peer 1 rx hbh "${suite[@]}" key-file "$TMP/key" windwo 64
refused "a word twice" 2 "twice" "$KSRTP" peer set 1 roam on roam off
refused "a number that is none" 2 "one" "$KSRTP" peer del one
refused "an address without a port" 2 "port" "$KSRTP" sock open 127.0.0.1
refused "a policy there is not" 2 "drop.*pass" "$KSRTP" sock set 1 unmatched maybe
refused "a suite there is not" 2 "did you mean \"AES_CM_128_HMAC_SHA1_80\"" \
	"$KSRTP" key add peer 1 rx hbh ssrc any suite AES_CM_129_HMAC_SHA1_80 key-file "$TMP/key"
refused "neither rx nor tx" 2 "rx or tx" "$KSRTP" key add peer 1 hbh "${suite[@]}" key-file "$TMP/key"
refused "no key material" 2 "key-file" "$KSRTP" key add peer 1 rx hbh "${suite[@]}"
refused "a payload type of 128" 2 "127" \
	"$KSRTP" route add from peer 1 ssrc 5 to peer 1 rewrite-pt 1:128
refused "a window that is no multiple of 64" 2 "multiple of 64" \
	"$KSRTP" key add peer 1 rx hbh "${suite[@]}" key-file "$TMP/key" window 100
refused "what changes nothing" 2 "missing" "$KSRTP" peer set 1

# --- secrets ----------------------------------------------------------------------

secret=$(printf '%060d' 77)
said=$("$KSRTP" key add peer 1 rx hbh "${suite[@]}" key-file "$secret" 2>&1)
status=$?
if [ $status != 0 ] && ! grep -q "${secret:20}" <<< "$said"; then
	pass "a key on the command line is refused and not repeated"
else
	note "status $status: $said"
	fail "a key on the command line is refused and not repeated"
fi
refused "a key file too short" 1 "29|30" \
	"$KSRTP" key add peer 1 rx hbh "${suite[@]}" key-file "$TMP/short"
refused "a key file there is not" 1 "No such file" \
	"$KSRTP" key add peer 1 rx hbh "${suite[@]}" key-file "$TMP/nothing"

# --- nothing of it was done ---------------------------------------------------------

is "$(kj stats | jq -c '.[] | [.socks, .peers, .keys, .routes]')" "[1,1,0,0]" \
	"nothing that was refused has left anything"
ok "help is a success" "$KSRTP" help
ok "of an object" "$KSRTP" route help
is "$("$KSRTP" -j key show)$("$KSRTP" -j route show)$("$KSRTP" -j stream show)" "[][][]" \
	"no objects are an empty array, and no failure"
