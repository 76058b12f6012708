#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Known answers as C tables.

    vecs.py -o build/selftests/gen/vecs-table.h vectors/*.json
        all vectors, for selftests/lib/vecs.c

    vecs.py --kernel -o kmod/tests/vectors.h vectors/*.json
        what the module's own self-test checks: plain C initialisers, no code
    vecs.py --kernel --check -o kmod/tests/vectors.h vectors/*.json
        writes nothing; exit status 1 where the file is not what would be written

A kind or field that is not in the lists below is an error, so that no vector
goes unseen because its field was new.
"""

import argparse
import json
import os
import sys

KINDS = """aes_gcm aes_icm e2e_iv e2e_keys e2e_packet e2e_payload gcm_iv guess hbh_kdf
    hbh_payload hdrext hkdf hmac_sha1 kdf keystream lid roc_recv roc_send rtp_header sframe
    srtcp srtp wa_ssrc warp_mi""".split()
BYTES = """master_key master_salt call_key hbh_key key auth_key mi_key mki ikm salt info
    k_e k_s k_a rtcp_k_e rtcp_k_s rtcp_k_a k_he k_hs plain protected packet data aad iv nonce
    cipher icm16 tag prk okm master stage1 mask header wire""".split()
STRINGS = """id source profile layer participant layout mi group order call_id in out note
    auth_key_is""".split()
NUMBERS = """ssrc roc v seq s_l ext_profile srtcp_index mi_len tag_len length header_len
    slot""".split()
BOOLS = "encrypted cryptex".split()

# What the module has of the suites, and which kinds say something about it.
# A vector under a profile not here is left out of the kernel's table.
KERNEL_PROFILES = {
    "SRTP_AES128_CM_HMAC_SHA1_80": "AES_CM_128_HMAC_SHA1_80",
    "SRTP_AES128_CM_HMAC_SHA1_32": "AES_CM_128_HMAC_SHA1_32",
    "SRTP_NULL_HMAC_SHA1_80": "NULL_HMAC_SHA1_80",
    "E2E_AES_128_CTR": "E2E_AES_128_CTR",
}
KERNEL_KINDS = """srtp srtcp kdf keystream hbh_payload e2e_packet e2e_payload e2e_iv
    warp_mi""".split()
KERNEL_BYTES = """master_key master_salt mki k_e k_s k_a rtcp_k_e rtcp_k_s rtcp_k_a iv mi_key
    plain protected tag""".split()


def fail(text):
    sys.exit(f"vecs.py: {text}")


def read(paths):
    """Every vector, with the fields of "session" beside the others and its file's name."""
    vectors, seen = [], set()
    for path in paths:
        with open(path, encoding="utf-8") as f:
            content = json.load(f)
        for vector in content["vectors"]:
            v = dict(vector)
            where = f"{path}: {v.get('id')}"
            for name, value in v.pop("session", {}).items():
                if name in v:
                    fail(f"{where}: {name} stands in session and beside it")
                v[name] = value
            if v["kind"] not in KINDS:
                fail(f"{where}: kind {v['kind']} is not known here")
            known = BYTES + STRINGS + NUMBERS + BOOLS
            for name in v:
                if name not in known + ["kind", "steps", "blocks", "enc_hdr_ids"]:
                    fail(f"{where}: field {name} is not known here")
            if v["id"] in seen:
                fail(f"{where}: this id is there twice")
            seen.add(v["id"])
            v["file"] = os.path.basename(path)
            vectors.append(v)
    return vectors


def string(text):
    """A C string; what is not plain ASCII in octal, which cannot swallow what follows."""
    out = ""
    for byte in text.encode():
        char = chr(byte)
        out += "\\" + char if char in '"\\' else char if 32 <= byte < 127 else f"\\{byte:03o}"
    return f'"{out}"'


def array(data, kind, tabs):
    """An unnamed array of bytes with its length; an empty one still has an address."""
    rows = [data[i:i + 12] for i in range(0, len(data), 12)] or [b"\0"]
    lines = [", ".join(f"0x{byte:02x}" for byte in row) + "," for row in rows]
    inside = ("\n" + "\t" * (tabs + 1)).join(lines)
    indent = "\t" * tabs
    return f"{{ (const {kind}[]){{\n{indent}\t{inside}\n{indent}}}, {len(data)} }}"


def user_row(v):
    out = [f".kind = VEC_{v['kind'].upper()}", f".file = {string(v['file'])}"]
    out += [f".{name} = {string(v[name])}" for name in STRINGS if name in v]
    out += [f".{name} = {v[name]}" for name in NUMBERS if name in v]
    if "srtcp_index" not in v:
        out.append(".srtcp_index = -1")
    out.append(f".encrypted = {str(v.get('encrypted', True)).lower()}")
    out.append(f".cryptex = {str(v.get('cryptex', False)).lower()}")
    out += [f".{name} = " + array(bytes.fromhex(v[name]), "uint8_t", 2)
            for name in BYTES if name in v]
    if "enc_hdr_ids" in v:
        out.append(".enc_hdr_ids = " + array(bytes(v["enc_hdr_ids"]), "uint8_t", 2))
    if "steps" in v:
        steps = [(s + [True])[:3] for s in v["steps"]]
        inside = ", ".join(f"{{ {s[0]}, {s[1]}, {str(s[2]).lower()} }}" for s in steps)
        out += [f".steps = (const struct vec_step[]){{ {inside} }}", f".n_steps = {len(steps)}"]
    if "blocks" in v:
        inside = ", ".join(f"{{ {int(first, 16)}, " + array(bytes.fromhex(data), "uint8_t", 2) +
                           " }" for first, data in v["blocks"].items())
        out += [f".blocks = (const struct vec_block[]){{ {inside} }}",
                f".n_blocks = {len(v['blocks'])}"]
    return out


def user_table(vectors):
    out = "/* Made by selftests/lib/gen/vecs.py from vectors/; not to be edited. */\n"
    out += "static const char *const kind_names[VEC_KINDS] = {\n"
    out += "".join(f"\t[VEC_{kind.upper()}] = {string(kind)},\n" for kind in KINDS)
    out += "};\n\nconst struct vec vecs[] = {\n"
    for v in vectors:
        out += "\t{\n" + "".join(f"\t\t{field},\n" for field in user_row(v)) + "\t},\n"
    return out + f"}};\n\nconst size_t vecs_count = {len(vectors)};\n"


KERNEL_HEAD = """/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known answers for the self-test of the module. Made by
 * selftests/lib/gen/vecs.py --kernel from vectors/, whose README says where
 * each is from; not to be edited.
 *
 * What each kind gives and wants (a field not named is not there: p NULL,
 * number 0). index is ROC * 2^16 + sequence number.
 *
 * srtp         master_key, master_salt, [mki], ssrc, index: plain <-> protected
 * srtcp        the same and index = SRTCP index, encrypted = the E flag; some
 *              give rtcp_k_e, rtcp_k_s and rtcp_k_a as well
 * kdf          master_key, master_salt: the session keys that are there
 *              (k_a may be longer than 20: the key stream of label 1)
 * keystream    k_e, k_s, ssrc, index: iv; protected is the key stream from
 *              block `block` on
 * hbh_payload  k_e, k_s, ssrc, index: payload plain <-> protected
 * e2e_iv       k_s, iv_right, ssrc, index: iv
 * e2e_payload  k_e, k_s, iv_right, ssrc, index: payload plain <-> protected
 * e2e_packet   master_key, master_salt, k_e, k_s, k_a, iv_right, ssrc, index,
 *              mi_key, mi_len (0: no MI tag): packet plain <-> protected
 * warp_mi      mi_key, mi_len, index (the ROC): tag of packet plain
 */
#ifndef KSRTP_TESTS_VECTORS_H
#define KSRTP_TESTS_VECTORS_H

#include <linux/types.h>

"""

KERNEL_STRUCT = """
struct ksrtp_vector_bytes {
	const u8 *p;
	unsigned int len;
};

struct ksrtp_vector {
	const char *id;
	enum ksrtp_vector_kind kind;
	const char *suite;
	u64 index;
	u32 ssrc;
	u32 block;
	u8 mi_len;
	bool iv_right;
	bool encrypted;
	struct ksrtp_vector_bytes master_key, master_salt, mki;
	struct ksrtp_vector_bytes k_e, k_s, k_a;
	struct ksrtp_vector_bytes rtcp_k_e, rtcp_k_s, rtcp_k_a;
	struct ksrtp_vector_bytes iv, mi_key;
	struct ksrtp_vector_bytes plain, protected, tag;
};
"""


def kernel_vectors(vectors):
    """The vectors of the kernel's table, in its terms: one row per key stream block."""
    for v in vectors:
        if v["kind"] not in KERNEL_KINDS or v["profile"] not in KERNEL_PROFILES:
            continue
        if v.get("cryptex") or "enc_hdr_ids" in v:
            continue
        v = dict(v)
        if v["kind"] == "warp_mi":
            v.update(mi_key=v["auth_key"], mi_len=v["tag_len"], plain=v["packet"])
        if v["kind"] != "keystream":
            yield v
            continue
        for first, data in v["blocks"].items():
            yield dict(v, id=f"{v['id']} block {first}", protected=data, block=int(first, 16))


def kernel_row(v):
    index = v["srtcp_index"] if v["kind"] == "srtcp" else v.get("roc", 0) << 16 | v.get("seq", 0)
    out = [f".id = {string(v['id'])}", f".kind = KSRTP_VECTOR_{v['kind'].upper()}",
           f".suite = {string(KERNEL_PROFILES[v['profile']])}"]
    out += [f".index = 0x{index:012x}ULL"] if index else []
    out += [f".ssrc = 0x{v['ssrc']:08x}"] if v.get("ssrc") else []
    out += [f".{name} = {v[name]}" for name in ("block", "mi_len") if v.get(name)]
    out += [".iv_right = true"] if v.get("layout") == "right" else []
    out += [".encrypted = true"] if v["kind"] == "srtcp" and v.get("encrypted", True) else []
    # an empty field is as good as none here
    out += [f".{name} = " + array(bytes.fromhex(v[name]), "u8", 2)
            for name in KERNEL_BYTES if v.get(name)]
    return out


def kernel_table(vectors):
    out = KERNEL_HEAD + "enum ksrtp_vector_kind {\n"
    out += "".join(f"\tKSRTP_VECTOR_{kind.upper()},\n" for kind in KERNEL_KINDS)
    out += "};\n" + KERNEL_STRUCT + "\nstatic const struct ksrtp_vector ksrtp_vectors[] = {\n"
    for v in kernel_vectors(vectors):
        out += "\t{\n" + "".join(f"\t\t{field},\n" for field in kernel_row(v)) + "\t},\n"
    return out + "};\n\n#endif /* KSRTP_TESTS_VECTORS_H */\n"


def main():
    parser = argparse.ArgumentParser(description="known answers as C tables")
    parser.add_argument("--kernel", action="store_true", help="the table of the module's self-test")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("json", nargs="+")
    args = parser.parse_args()
    vectors = read(sorted(args.json))
    text = kernel_table(vectors) if args.kernel else user_table(vectors)
    if args.check:
        with open(args.output, encoding="utf-8") as f:
            if f.read() != text:
                fail(f"{args.output} is not current: run vecs.py without --check")
        return
    partial = args.output + ".part"
    with open(partial, "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(partial, args.output)


main()
