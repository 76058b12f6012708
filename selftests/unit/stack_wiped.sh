#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is secret on the stack of a function of the module is wiped there, and that
# is the last the function does with it. What is left on a stack is as a rule
# overwritten before anybody looks (keys_wiped), so it is looked for in the source.
. "$(dirname "$0")/../lib/lib.sh"
need awk
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"

# FILE:FUNCTION:VARIABLE: what is secret beside all of type struct ksrtp_session_keys
others="kmod/key.c:key_fingerprint:in kmod/key.c:key_fingerprint:digest kmod/transform.c:hmac_pad:block"

# found FILE...: secrets on stacks, as FILE:FUNCTION:VARIABLE and whether they are wiped
found()
{
	awk -v others="$others" '
		BEGIN { split(others, list, " "); for (i in list) secret[list[i]] = 1 }
		/^[a-z].*\(/ && !/;$/ {
			match($0, /[a-z0-9_]+\(/)
			name = substr($0, RSTART, RLENGTH - 1)
		}
		/^}/ {
			for (v in last)
				print FILENAME ":" name ":" v, last[v] ~ "memzero_explicit\\(&?" v ", sizeof\\(" v "\\)\\);" ? "wiped" : "left"
			split("", last)
			name = ""
		}
		name != "" && /^\t(struct ksrtp_session_keys|u8) [a-z_]+[;\[]/ {
			match($0, /[a-z_]+[;\[]/)
			v = substr($0, RSTART, RLENGTH - 1)
			if (/ksrtp_session_keys/ || FILENAME ":" name ":" v in secret)
				last[v] = $0
		}
		{
			for (v in last)
				if ($0 ~ "(^|[^a-z_>.])" v "([^a-z_]|$)")
					last[v] = $0
		}
	' "$@" | sort
}

plan 3
printf 'static int f(void)\n{\n\tstruct ksrtp_session_keys keys;\n\n\tmemzero_explicit(&keys, sizeof(keys));\n\treturn g(&keys);\n}\n' > "$TMP/f.c"
is "$(found "$TMP/f.c")" "$TMP/f.c:f:keys left" "one that is used behind its wiping is found"
is "$(found kmod/*.c | grep -c .)" 5 "secrets on stacks are known, each of them"
is "$(found kmod/*.c | grep -v ' wiped$')" "" "and wiped, at the end of their use"
