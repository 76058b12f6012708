#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The netlink spec as a table in C: what each operation takes, and its ranges.

    spec.py ksrtp.yaml > spec-gen.h

Run by Documentation/netlink/regen.sh, which also says whether it is current.
"""
import sys

import yaml

KINDS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def upper(name):
    return name.upper().replace("-", "_")


def constant(spec, value):
    """A number, or the name of one of the spec's."""
    for definition in spec["definitions"]:
        if definition["name"] == value:
            return definition["value"]
    return value


def bounds(spec, attr):
    """Least and greatest value of a number, from its checks or its enum."""
    size = KINDS[attr["type"]]
    low, high = 0, (1 << 8 * size) - 1
    for definition in spec["definitions"]:
        if definition["type"] == "enum" and definition["name"] == attr.get("enum"):
            low = definition.get("value-start", 0)
            high = low + len(definition["entries"]) - 1
    checks = attr.get("checks", {})
    return constant(spec, checks.get("min", low)), constant(spec, checks.get("max", high))


def row(spec, owner, attr):
    name = f"KSRTP_A_{upper(owner)}_{upper(attr['name'])}"
    if attr["type"] in KINDS:
        low, high = bounds(spec, attr)
        return (f"{{ {name}, SPEC_NUMBER, {KINDS[attr['type']]}, "
                f"{low}u, {high:#x}u,\n\t  NULL, \"{attr['name']}\" }}")
    if attr["type"] == "nest":
        nested = attr["nested-attributes"].replace("-", "_")
        return f"{{ {name}, SPEC_NEST, 0, 0, 0, spec_{nested}, \"{attr['name']}\" }}"
    exact = constant(spec, attr.get("checks", {}).get("exact-len", 0))
    return f"{{ {name}, SPEC_BYTES, {exact}, 0, 0, NULL, \"{attr['name']}\" }}"


def table(spec, name, owner, attrs):
    print(f"static const struct spec_attr spec_{name}[] = {{")
    for attr in attrs:
        if attr["type"] != "pad":
            print(f"\t{row(spec, owner, attr)},")
    print("\t{ 0, SPEC_END, 0, 0, 0, NULL, NULL }\n};\n")


def request(op, attrs):
    """The attributes an operation takes."""
    names = op.get("do", op.get("dump", {})).get("request", {}).get("attributes", [])
    by_name = {a["name"]: a for a in attrs}
    return [by_name[n] for n in names]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    sets = {s["name"]: s["attributes"] for s in spec["attribute-sets"]}
    ops = [op for op in spec["operations"]["list"] if "event" not in op]
    requests = {op["name"]: request(op, sets[op["attribute-set"]]) for op in ops}
    nested = {a["nested-attributes"] for attrs in requests.values() for a in attrs
              if a["type"] == "nest"}

    print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
    print("/* Made by Documentation/netlink/regen.sh of specs/ksrtp.yaml; not to be edited. */")
    print("#ifndef SPEC_GEN_H\n#define SPEC_GEN_H\n")
    for name in sorted(nested):
        table(spec, name.replace("-", "_"), name, sets[name])
    for op in ops:
        name = op["name"]
        table(spec, name.replace("-", "_"), op["attribute-set"], requests[name])
    print("static const struct spec_op spec_ops[] = {")
    for op in ops:
        has = " | ".join(f"SPEC_{k.upper()}" for k in ("do", "dump") if k in op)
        name = op["name"].replace("-", "_")
        top = f"KSRTP_A_{upper(op['attribute-set'])}_MAX"
        print(f"\t{{ KSRTP_CMD_{upper(op['name'])}, {has}, {top},\n\t  spec_{name}, \"{op['name']}\" }},")
    print("};\n\n#endif /* SPEC_GEN_H */")


main()
