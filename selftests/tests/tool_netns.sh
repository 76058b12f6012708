#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# -n: the tool works in another network namespace and its caller stays here.
. "$(dirname "$0")/../lib/lib.sh"
need jq ip

plan 9
ns_make ksrtp-left ksrtp-right

ok "a sock is opened in a namespace by name" "$KSRTP" -n ksrtp-left sock open 127.0.0.1:6000 id 5
ok "and one with the same id and address in another" \
	"$KSRTP" --netns ksrtp-right sock open 127.0.0.1:6000 id 5 unmatched pass
is "$(kj -n ksrtp-left sock show | jq -r '.[].unmatched')" drop "each is shown where it is"
is "$(kj -n ksrtp-right sock show | jq -r '.[].unmatched')" pass "and as it is"
is "$(kj_in ksrtp-left sock show | jq length)" 1 "who is there sees it without -n"
is "$(kj -n /run/netns/ksrtp-left sock show | jq length)" 1 "a namespace has a path, too"
ip netns exec ksrtp-left ss -uln | grep -q '127.0.0.1:6000'
is $? 0 "the socket is bound there"
"$KSRTP" -n ksrtp-left sock flush || bail "flush"
is "$(kj -n ksrtp-left sock show | jq length)$(kj -n ksrtp-right sock show | jq length)" 01 \
	"what is deleted in one is still in the other"

# A socket is attached where it lives, not where the tool's caller is.
exec 7<>/dev/udp/127.0.0.1/6000
refused "a socket of another namespace" 1 "network namespace" \
	"$KSRTP" -n ksrtp-left sock attach pid $$ fd 7
