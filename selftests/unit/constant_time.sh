#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Secrets are compared in constant time: nothing in the module compares bytes
# with memcmp() and its like, but for what is listed here as no secret, and each
# transform that verifies does it by crypto_memneq() or leaves it to an AEAD.
. "$(dirname "$0")/../lib/lib.sh"
need awk grep
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"

# FILE:FUNCTION: what it compares everybody may know.
allowed="
kmod/key.c:ksrtp_key_find		an MKI, which packets carry in clear
kmod/key.c:key_check_beside		MKIs
kmod/key.c:has_master			fingerprints, which a dump shows
kmod/netlink.c:is_key_of_state		an MKI and a fingerprint
kmod/peer.c:ksrtp_peer_move		addresses
kmod/protect.c:wrong_mki		an MKI
kmod/relay.c:out_mismatch		fingerprints
kmod/stream.c:same_master		fingerprints
kmod/suite.c:ksrtp_suite_by_name	names
kmod/transform.c:ksrtp_next_driver	names of drivers
kmod/transform.c:sha1_ask_front		hashes of zeros
kmod/tests/selftest.c:			known answers
"

# Calls that stop at the first difference, as FILE:FUNCTION
compares()
{
	awk '
		/^[a-z].*\(/ && !/;$/ {
			match($0, /[a-z0-9_]+\(/)
			name = substr($0, RSTART, RLENGTH - 1)
		}
		/^}/ { name = "" }
		{ line = $0; sub(/^[ \t]*(\/?\*|\/\/).*/, "", line) }
		line ~ /(^|[^a-z_])(memcmp|strcmp|strncmp|bcmp|strcasecmp|memcmp_p)\(/ {
			print FILENAME ":" name
		}
	' "$@"
}

not_allowed()
{
	compares "$@" | while read -r where; do
		file=${where%%:*}
		grep -qE "^($where|$file:)[[:space:]]" <<< "$allowed" || echo "$where"
	done
}

# The file a transform's open() stands in
openers()
{
	local open

	sed -n 's/^[[:space:]]*\.open = \([a-z0-9_]*\),.*/\1/p' kmod/*.c | sort -u |
		while read -r open; do
			grep -lE "^int $open\(|^static int $open\(" kmod/*.c
		done | sort -u
}

without_memneq()
{
	local file

	for file in $(openers); do
		grep -qE 'crypto_memneq\(|crypto_aead_decrypt\(|ksrtp_[a-z]*_?open\(' "$file" ||
			echo "$file"
	done
}

plan 4
printf 'static int f(void)\n{\n\treturn memcmp(a, b, 3);\n}\n' > "$TMP/f.c"
is "$(compares "$TMP/f.c")" "$TMP/f.c:f" "a comparison is found, and where"
is "$(not_allowed kmod/*.c kmod/tests/*.c)" "" "bytes are compared by memcmp() only where they are no secret"
is "$(openers | grep -c .)" "$(openers | sort -u | grep -c '^kmod/')" "every transform's open() is found"
if [ -n "$(openers)" ]; then
	is "$(without_memneq)" "" "whatever verifies a tag compares in constant time"
else
	fail "whatever verifies a tag compares in constant time"
fi
