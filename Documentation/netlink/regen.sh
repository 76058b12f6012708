#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Derive the uapi header, the netlink policies, the reference page and the table of
# the selftest that fuzzes netlink from
# Documentation/netlink/specs/ksrtp.yaml with the kernel's own generator.
#
#   regen.sh           write them
#   regen.sh --check   say whether the committed ones are current
#
# KSRC is a kernel source tree of 6.12 or a file linux-source-6.12.tar.xz;
# the default is what Debian's package linux-source-6.12 installs.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
ksrc=${KSRC:-/usr/src/linux-source-6.12.tar.xz}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if [ -d "$ksrc" ]; then
	(cd "$ksrc" && tar cf - tools/net/ynl Documentation/netlink) | tar xf - -C "$tmp"
elif [ -e "$ksrc" ]; then
	tar xf "$ksrc" -C "$tmp" --strip-components=1 --wildcards \
		'*/tools/net/ynl/*' '*/Documentation/netlink/*'
else
	echo "regen.sh: no kernel source at $ksrc (apt-get install linux-source-6.12, or set KSRC)" >&2
	exit 2
fi
# The generator looks upwards for the root of a kernel tree, and names the spec
# by its path below that.
touch "$tmp/MAINTAINERS"
cp "$top/Documentation/netlink/specs/ksrtp.yaml" "$tmp/Documentation/netlink/specs/"
cd "$tmp"

gen() {
	timeout 60 python3 tools/net/ynl/ynl-gen-c.py "$@"
}

mkdir -p out
spec=Documentation/netlink/specs/ksrtp.yaml
gen --spec $spec --mode uapi --header -o out/ksrtp.h

# Of the kernel side only the policies are taken; the table of operations is
# kmod/netlink.c's.  The generator wants a "do" with a request in each of them,
# so it is given the dumps as such, and not what has no request at all.
python3 - $spec <<'EOF'
import sys, yaml
spec = yaml.safe_load(open(sys.argv[1]))
ops = [op for op in spec["operations"]["list"]
       if "request" in op.get("do", op.get("dump", {}))]
for op in ops:
    op["do"] = op.get("do") or op.pop("dump")
    op.pop("dump", None)
spec["operations"]["list"] = ops
spec.pop("mcast-groups")
with open("Documentation/netlink/specs/policy.yaml", "w") as out:
    out.write(open(sys.argv[1]).readline())
    yaml.safe_dump(spec, out, sort_keys=False)
EOF
gen --spec Documentation/netlink/specs/policy.yaml --mode kernel --source -o out/netlink-gen.c
sed -i -e '/^\/\* Ops table/,$d' -e 's/policy\.yaml/ksrtp.yaml/; s/ - do \*\// *\//' out/netlink-gen.c
{
	sed -n '1,/^\/\* YNL-GEN/p' out/netlink-gen.c | sed 's/kernel source/kernel header/'
	printf '\n#ifndef _KSRTP_NETLINK_GEN_H\n#define _KSRTP_NETLINK_GEN_H\n\n'
	sed -n 's/^#include <.*/&/p' out/netlink-gen.c
	printf '\n'
	sed -n 's/^\(const struct nla_policy .*\]\) = {/extern \1;/p' out/netlink-gen.c
	printf '\n#endif /* _KSRTP_NETLINK_GEN_H */\n'
} >out/netlink-gen.h
timeout 60 python3 tools/net/ynl/ynl-gen-rst.py -i Documentation/netlink/specs/ksrtp.yaml \
	-o out/reference.rst >/dev/null
python3 "$top/selftests/lib/gen/spec.py" $spec >out/spec-gen.h

rc=0
while read -r made kept; do
	if [ "${1-}" = --check ]; then
		if ! diff -u "$top/$kept" "out/$made"; then
			echo "regen.sh: $kept is not what the spec gives; run Documentation/netlink/regen.sh" >&2
			rc=1
		fi
	else
		cp "out/$made" "$top/$kept"
	fi
done <<EOF
ksrtp.h uapi/linux/ksrtp.h
netlink-gen.h kmod/netlink-gen.h
netlink-gen.c kmod/netlink-gen.c
reference.rst Documentation/netlink/reference.rst
spec-gen.h selftests/lib/spec-gen.h
EOF
exit $rc
