#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whatever the module refuses a request with, it says a sentence: no error of a
# netlink operation is a bare number. But for memory that is short, which says it
# all, and what is no answer to a request.
. "$(dirname "$0")/../lib/lib.sh"
need awk
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"

# FILE:FUNCTION	why it has nothing to say, or who says it
allowed="
kmod/sock.c:hook_setsockopt	setsockopt() has a number alone
kmod/sock.c:hook_sendpage	so has sendpage()
kmod/sock.c:open_socket		ksrtp_sock_open() says it
kmod/peer.c:ksrtp_peer_move	its callers do, where it is not a packet
kmod/route.c:out_new		says it where it is EBUSY, which EEXIST becomes
"

# Errors without a sentence nearby, as FILE:FUNCTION
bare()
{
	awk '
		function look(i, j) {
			for (i = 1; i <= n; i++) {
				if (line[i] !~ /-E[A-Z]+/ || line[i] ~ /-E(NOMEM|MSGSIZE)|==|!=|Return:|^ \*/)
					continue
				if (line[i] !~ /return|err = /)
					continue
				spoken = 0
				for (j = i - 4; j <= i + 4; j++)
					if (line[j] ~ /NL_SET_ERR_MSG|refuse\(|_msg = /)
						spoken = 1
				if (!spoken)
					print file ":" name[i]
			}
			n = 0
		}
		FNR == 1 { look(); delete line; delete name; file = FILENAME; now = "" }
		/^[a-z].*\(/ && !/;$/ {
			match($0, /[a-z0-9_]+\(/)
			now = substr($0, RSTART, RLENGTH - 1)
		}
		{ line[++n] = $0; name[n] = now }
		END { look() }
	' "$@" | sort -u
}

not_allowed()
{
	bare "$@" | while read -r where; do
		grep -qE "^${where}[[:space:]]" <<< "$allowed" || echo "$where"
	done
}

plan 2
printf 'static int f(void)\n{\n\treturn -EINVAL;\n}\n' > "$TMP/f.c"
is "$(bare "$TMP/f.c")" "$TMP/f.c:f" "an error without a sentence is found, and where"
is "$(not_allowed kmod/{netlink,sock,peer,key,route}.c)" "" \
	"every error a request can meet has one"
