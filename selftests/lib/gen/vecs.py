#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Known answers as C tables.

    vecs.py -o build/selftests/gen/vecs-table.h vectors/*.json
        all vectors, for selftests/lib/vecs.c

    vecs.py --kernel -o kmod/tests/vectors.h vectors/*.json
        what the module's own self-test checks: plain C initialisers, no code
    vecs.py --kernel --check -o kmod/tests/vectors.h vectors/*.json
        writes nothing; exit status 1 where the file is not what would be written

Nothing goes unseen: a vector of a kind, with a field or with a value that is not
understood here stays in the user's table and says so there, for the tests to
report. In the kernel's table it is left out, which is said on stderr.
"""

import argparse
import json
import os
import sys

KINDS = """unknown aes_gcm aes_icm double_open double_relay e2e_iv e2e_keys e2e_packet e2e_payload gcm_iv guess hbh_kdf
    hbh_payload hdrext hkdf hmac_sha1 kdf keystream lid roc_recv roc_send rtp_header sframe
    srtcp srtp wa_ssrc warp_mi""".split()
BYTES = """master_key master_salt call_key hbh_key key auth_key mi_key mki ikm salt info
    k_e k_s k_a rtcp_k_e rtcp_k_s rtcp_k_a k_he k_hs plain protected packet data aad iv nonce
    cipher icm16 tag prk okm master stage1 mask header wire
    delivered synthetic inner ohb inner_k_e inner_k_s distributed out_master_key
    out_master_salt""".split()
STRINGS = """id source profile layer participant layout mi group order call_id in out note
    auth_key_is""".split()
NUMBERS = """ssrc roc v seq s_l ext_profile srtcp_index mi_len tag_len length header_len
    slot rcc pt new_seq inner_roc""".split()
BOOLS = "encrypted cryptex marker".split()
OTHERS = "kind steps blocks enc_hdr_ids".split()

# Without these a vector of the kind says nothing ("a|b c": a or b, and c).
NEEDED = {
    "aes_gcm": "k_e iv plain cipher",
    "aes_icm": "k_e k_s nonce plain cipher",
    "double_open": "profile master_key master_salt plain protected",
    "double_relay": "profile master_key master_salt out_master_key out_master_salt protected "
                    "distributed",
    "e2e_iv": "k_s layout iv",
    "e2e_keys": "call_key participant",
    "e2e_packet": "call_key participant layout mi plain protected",
    "e2e_payload": "k_e k_s layout plain protected",
    "gcm_iv": "k_s iv",
    "guess": "roc s_l seq v",
    "hbh_kdf": "hbh_key group profile",
    "hbh_payload": "k_e k_s nonce plain protected",
    "hdrext": "profile master_key master_salt ext_profile enc_hdr_ids plain protected",
    "hkdf": "ikm okm length",
    "hmac_sha1": "key data tag",
    "kdf": "profile master_key master_salt",
    "keystream": "k_e k_s blocks",
    "lid": "in out",
    "roc_recv": "steps",
    "roc_send": "steps",
    "rtp_header": "packet header_len",
    "srtcp": "profile master_key|k_e|rtcp_k_e plain protected srtcp_index",
    "srtp": "profile master_key|k_e plain protected",
    "warp_mi": "auth_key packet tag",
}

# What the module's own self-test is given: suites whose packets are made by one
# transform, and kinds that say something about one. The rest goes through a socket.
KERNEL_SUITES = """AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_32 NULL_HMAC_SHA1_80
    NULL_HMAC_SHA1_32 AES_192_CM_HMAC_SHA1_80 AES_192_CM_HMAC_SHA1_32 AES_256_CM_HMAC_SHA1_80
    AES_256_CM_HMAC_SHA1_32 AEAD_AES_128_GCM AEAD_AES_256_GCM ARIA_128_CTR_HMAC_SHA1_80
    ARIA_128_CTR_HMAC_SHA1_32 ARIA_192_CTR_HMAC_SHA1_80 ARIA_192_CTR_HMAC_SHA1_32
    ARIA_256_CTR_HMAC_SHA1_80 ARIA_256_CTR_HMAC_SHA1_32 AEAD_ARIA_128_GCM AEAD_ARIA_256_GCM
    E2E_AES_128_CTR""".split()
# DTLS-SRTP names are those with SRTP_ before them, but for these.
KERNEL_ALIASES = {f"SRTP_AES{n}_CM": f"AES_{'CM_' if n == 128 else ''}{n}{'' if n == 128 else '_CM'}"
                  for n in (128, 192, 256)}
KERNEL_KINDS = """srtp srtcp kdf keystream hbh_payload e2e_packet e2e_payload e2e_iv
    warp_mi aes_icm aes_gcm gcm_iv""".split()
KERNEL_BYTES = """master_key master_salt mki k_e k_s k_a rtcp_k_e rtcp_k_s rtcp_k_a k_he k_hs iv
    mi_key plain protected tag aad""".split()


def kernel_suite(profile):
    """The SDES name of a suite the module's table has, or None."""
    for alias, name in KERNEL_ALIASES.items():
        profile = profile.replace(alias, name)
    profile = profile.removeprefix("SRTP_")
    return profile if profile in KERNEL_SUITES else None


def fail(text):
    sys.exit(f"vecs.py: {text}")


def load(path):
    """The vectors of a file; one that says why where it cannot be understood."""
    try:
        with open(path, encoding="utf-8") as f:
            content = json.load(f)
        vectors = content if isinstance(content, list) else content["vectors"]
        if not all(isinstance(v, dict) for v in vectors):
            raise ValueError("a vector is not an object")
        return vectors
    except (ValueError, KeyError, TypeError) as why:
        return [{"id": "the whole file", "kind": "unknown", "broken": f"not understood: {why!r}"}]


def is_hex(value):
    try:
        bytes.fromhex(value)
        return True
    except (TypeError, ValueError):
        return False


def is_u8(value):
    return isinstance(value, int) and 0 <= value < 256


def understood(name, value):
    """A field of this name may have this value."""
    number = isinstance(value, int) and not isinstance(value, bool)
    if name in BYTES:
        return is_hex(value)
    if name in STRINGS:
        return isinstance(value, str)
    if name in NUMBERS:
        return number and 0 <= value < 1 << 32
    if name in BOOLS:
        return isinstance(value, bool)
    if name == "enc_hdr_ids":
        return isinstance(value, list) and all(is_u8(i) for i in value)
    if name == "steps":
        return isinstance(value, list) and all(
            isinstance(s, list) and len(s) in (2, 3) and all(isinstance(n, int) for n in s)
            for s in value)
    if name == "blocks":
        return isinstance(value, dict) and all(is_hex(data) for data in value.values())
    return name in OTHERS


def flat(vector):
    """The fields of "session" beside the others; those without meaning here moved to broken."""
    v = {}
    broken = [vector["broken"]] if "broken" in vector else []
    session = vector.get("session", {})
    fields = list(vector.items()) + (list(session.items()) if isinstance(session, dict) else [])
    for name, value in fields:
        if name in ("session", "broken") and (name == "broken" or isinstance(session, dict)):
            continue
        if name in v:
            broken.append(f"field {name} twice")
        elif understood(name, value):
            v[name] = value
        else:
            broken.append(f"field {name}")
    v["id"] = str(vector.get("id", "without an id"))
    if v.get("kind") not in KINDS:
        broken.insert(0, f"kind {vector.get('kind')}")
        v["kind"] = "unknown"
    missing = [names for names in NEEDED.get(v["kind"], "").split()
               if not any(name in v for name in names.split("|"))]
    if missing:
        broken.append(f"a vector of kind {v['kind']} without {' '.join(missing)}")
        v["kind"] = "unknown"
    if broken:
        v["broken"] = ", ".join(broken)
    return v


def read(paths):
    """Every vector, flat, with its file's name and an id that no other of the file has."""
    vectors = []
    for path in paths:
        seen = {}
        for vector in load(path):
            v = flat(vector)
            seen[v["id"]] = seen.get(v["id"], 0) + 1
            if seen[v["id"]] > 1:
                v["id"] += f" #{seen[v['id']]}"
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
    out += [f".{name} = {string(v[name])}" for name in STRINGS + ["broken"] if name in v]
    out += [f".{name} = {v[name]}" for name in NUMBERS if name in v]
    if "srtcp_index" not in v:
        out.append(".srtcp_index = -1")
    out.append(f".encrypted = {str(v.get('encrypted', True)).lower()}")
    out += [f".{name} = true" for name in ("cryptex", "marker") if v.get(name)]
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
 * srtp         master_key, master_salt, [mki], ssrc, index: plain <-> protected;
 *              without a master key k_e, k_s and k_a are the session keys;
 *              in_clear: authenticated only
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
 * aes_icm      k_e, iv: plain <-> protected
 * aes_gcm      k_e, iv, aad: plain <-> protected, the tag at its end
 * gcm_iv       k_s, ssrc, index: iv
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
	bool in_clear;
	struct ksrtp_vector_bytes master_key, master_salt, mki;
	struct ksrtp_vector_bytes k_e, k_s, k_a;
	struct ksrtp_vector_bytes rtcp_k_e, rtcp_k_s, rtcp_k_a;
	struct ksrtp_vector_bytes k_he, k_hs;
	struct ksrtp_vector_bytes iv, mi_key, aad;
	struct ksrtp_vector_bytes plain, protected, tag;
};
"""


def raw_cipher(v):
    """A vector of a cipher alone, in the terms of a suite that has it."""
    v = dict(v, protected=v["cipher"])
    n = 8 * len(bytes.fromhex(v["k_e"]))
    if v["kind"] == "aes_gcm":
        return dict(v, suite=f"AEAD_AES_{n}_GCM")
    salt, nonce = bytes.fromhex(v["k_s"]).ljust(16, b"\0"), bytes.fromhex(v["nonce"])
    iv = bytes(a ^ b for a, b in zip(salt, nonce))
    suite = "AES_CM_128" if n == 128 else f"AES_{n}_CM"
    return dict(v, suite=f"{suite}_HMAC_SHA1_80", iv=iv.hex())


def kernel_vectors(vectors):
    """The vectors of the kernel's table, in its terms: one row per key stream block."""
    for v in vectors:
        if v["kind"] == "unknown" or "broken" in v:
            print(f"vecs.py: not for the kernel: {v['file']}: {v['id']}: {v['broken']}",
                  file=sys.stderr)
            continue
        if v["kind"] not in KERNEL_KINDS or v.get("cryptex") or "enc_hdr_ids" in v or "rcc" in v:
            continue
        if v["kind"] in ("aes_icm", "aes_gcm"):
            v = raw_cipher(v)
        else:
            v = dict(v, suite=kernel_suite(v["profile"]))
        if v["suite"] not in KERNEL_SUITES:
            continue
        if v["kind"] == "warp_mi":
            v.update(mi_key=v["auth_key"], mi_len=v["tag_len"], plain=v["packet"])
        if v["kind"] != "keystream":
            yield v
            continue
        for first, data in v["blocks"].items():
            yield dict(v, id=f"{v['id']} block {first}", protected=data, block=int(first, 16))


def kernel_row(v):
    index = v.get("srtcp_index", v.get("roc", 0) << 16 | v.get("seq", 0))
    out = [f".id = {string(v['id'])}", f".kind = KSRTP_VECTOR_{v['kind'].upper()}",
           f".suite = {string(v['suite'])}"]
    out += [f".index = 0x{index:012x}ULL"] if index else []
    out += [f".ssrc = 0x{v['ssrc']:08x}"] if v.get("ssrc") else []
    out += [f".{name} = {v[name]}" for name in ("block", "mi_len") if v.get(name)]
    out += [".iv_right = true"] if v.get("layout") == "right" else []
    out += [".encrypted = true"] if v["kind"] == "srtcp" and v.get("encrypted", True) else []
    out += [".in_clear = true"] if v["kind"] == "srtp" and not v.get("encrypted", True) else []
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
    parser.add_argument("--if-other", action="store_true", help="leave a file that is current")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("json", nargs="*")
    args = parser.parse_args()
    vectors = read(sorted(args.json))
    text = kernel_table(vectors) if args.kernel else user_table(vectors)
    if args.check:
        with open(args.output, encoding="utf-8") as f:
            if f.read() != text:
                fail(f"{args.output} is not current: run vecs.py without --check")
        return
    if args.if_other and os.path.exists(args.output):
        with open(args.output, encoding="utf-8") as f:
            if f.read() == text:
                return
    partial = args.output + ".part"
    with open(partial, "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(partial, args.output)


main()
