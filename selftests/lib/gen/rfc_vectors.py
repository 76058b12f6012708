#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Known answers worked from the texts of RFC 8723, 4771 and 9335.

    rfc_vectors.py vectors/
        writes rfc8723.json, rfc4771.json and rfc9335.json there
    rfc_vectors.py --check vectors/
        writes nothing; exit status 1 where a file is not what would be written

Nobody is known to have published any for RFC 8723. Here each packet is put
together step by step as the text says, with nothing from the tests' reference
or the module: only AES, AES-GCM and HMAC are taken from libraries (Python's own
and python3-cryptography, which nothing else here needs). The steps are in the
files too. Before anything is written the script finds known answers of others
in libsrtp.json and rfc3711.json.
"""

import argparse
import hashlib
import hmac
import json
import os
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG = 16
SSRC = 0xcafebabe

# ---- RFC 3711, 6188, 7714: the parts ----


def aes_ctr(key, iv, length):
    """Key stream: RFC 3711 section 4.1.1."""
    enc = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    start = int.from_bytes(iv, "big")
    out = b""
    block = 0
    while len(out) < length:
        out += enc.update(((start + block) % (1 << 128)).to_bytes(16, "big"))
        block += 1
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def prf(master_key, master_salt, label, length):
    """RFC 3711 section 4.3.1: x = label * 2^48 XOR master salt; its key stream at x * 2^16."""
    salt = int.from_bytes(master_salt.ljust(14, b"\0"), "big")
    x = salt ^ label << 48
    return aes_ctr(master_key, (x << 16).to_bytes(16, "big"), length)


def cm_iv(salt, ssrc, index):
    """RFC 3711 section 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR i * 2^16."""
    salt = int.from_bytes(salt.ljust(14, b"\0"), "big")
    return (salt << 16 ^ ssrc << 64 ^ index << 16).to_bytes(16, "big")


def gcm_iv_rtp(salt, ssrc, roc, seq):
    """RFC 7714 section 8.1."""
    return xor(b"\0\0" + ssrc.to_bytes(4, "big") + roc.to_bytes(4, "big") +
               seq.to_bytes(2, "big"), salt)


def gcm_iv_rtcp(salt, ssrc, index):
    """RFC 7714 section 9.1."""
    return xor(b"\0\0" + ssrc.to_bytes(4, "big") + b"\0\0" + index.to_bytes(4, "big"), salt)


# ---- RTP ----


class Rtp:
    """A packet in its parts: fixed header, CSRCs, extension (None: X is 0), the rest."""

    def __init__(self, packet):
        self.fixed = packet[:12]
        at = 12 + 4 * (packet[0] & 0x0f)
        self.csrcs = packet[12:at]
        self.profile, self.ext = None, None
        if packet[0] & 0x10:
            words = int.from_bytes(packet[at + 2:at + 4], "big")
            self.profile = packet[at:at + 2]
            self.ext = packet[at + 4:at + 4 + 4 * words]
            at += 4 + 4 * words
        self.payload = packet[at:]

    @property
    def seq(self):
        return int.from_bytes(self.fixed[2:4], "big")

    @property
    def ssrc(self):
        return int.from_bytes(self.fixed[8:12], "big")

    def ext_header(self):
        return self.profile + (len(self.ext) // 4).to_bytes(2, "big")

    def header(self):
        ext = b"" if self.ext is None else self.ext_header() + self.ext
        return self.fixed + self.csrcs + ext

    def bytes(self):
        return self.header() + self.payload


def rtp(seq, payload, pt=96, marker=False, csrcs=(), ext=None, profile=0xbede, padding=0):
    first = 0x80 | (0x20 if padding else 0) | (0x10 if ext is not None else 0) | len(csrcs)
    out = bytes([first, (0x80 if marker else 0) | pt]) + seq.to_bytes(2, "big")
    out += (0xdecafbad).to_bytes(4, "big") + SSRC.to_bytes(4, "big")
    out += b"".join(c.to_bytes(4, "big") for c in csrcs)
    if ext is not None:
        out += profile.to_bytes(2, "big") + (len(ext) // 4).to_bytes(2, "big") + ext
    out += payload
    if padding:
        out += bytes(padding - 1) + bytes([padding])
    return out


def counted(length, first=0):
    return bytes((first + i) & 0xff for i in range(length))


# ---- SRTP with the options of RFC 4771 and 9335 ----

SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (16, 14, 10),
    "AES_192_CM_HMAC_SHA1_80": (24, 14, 10),
    "AES_256_CM_HMAC_SHA1_80": (32, 14, 10),
    "AES_256_CM_HMAC_SHA1_32": (32, 14, 4),
    "NULL_HMAC_SHA1_80": (16, 14, 10),
    "AEAD_AES_128_GCM": (16, 12, 16),
    "AEAD_AES_256_GCM": (32, 12, 16),
}


def master_of(suite):
    key_len, salt_len, _ = SUITES[suite]
    return counted(key_len), counted(salt_len, 0xa0)


def srtp(suite, key, salt, packet, roc, mki=b"", rcc=0, cryptex=False):
    """RFC 3711 and 7714, with RFC 4771 where the sequence number asks for it and RFC 9335."""
    key_len, salt_len, tag_len = SUITES[suite]
    k_e, k_s = prf(key, salt, 0, key_len), prf(key, salt, 2, salt_len)
    p = Rtp(packet)
    carried = roc.to_bytes(4, "big") if rcc and p.seq % rcc == 0 else b""
    hides = False
    if cryptex:
        # RFC 9335 section 5.1
        if p.ext is None and p.csrcs:
            p.fixed = bytes([p.fixed[0] | 0x10]) + p.fixed[1:]
            p.profile, p.ext = b"\xbe\xde", b""
        counterparts = {b"\xbe\xde": b"\xc0\xde", b"\x10\x00": b"\xc2\xde"}
        if p.profile in counterparts:
            p.profile = counterparts[p.profile]
            hides = True
    # section 6.2: what is encrypted, in one piece, and what is associated data
    clear = p.csrcs + p.ext + p.payload if hides else p.payload
    aad = p.fixed + p.ext_header() if hides else p.header()
    if "GCM" in suite:
        sealed = AESGCM(k_e).encrypt(gcm_iv_rtp(k_s, p.ssrc, roc, p.seq), clear, aad)
        secret, tag = sealed[:-TAG], sealed[-TAG:]
    elif suite.startswith("NULL"):
        secret = clear
    else:
        secret = xor(clear, aes_ctr(k_e, cm_iv(k_s, p.ssrc, roc << 16 | p.seq), len(clear)))
    if hides:
        n = len(p.csrcs)
        p.csrcs, p.ext, p.payload = secret[:n], secret[n:n + len(p.ext)], secret[n + len(p.ext):]
    else:
        p.payload = secret
    out = p.bytes()
    if "GCM" in suite:
        # RFC 4771 mode 3: the ROC stands where SRTP has its tag, behind the MKI
        return out + tag + mki + carried
    mac = hmac.new(prf(key, salt, 1, 20), out + roc.to_bytes(4, "big"), hashlib.sha1).digest()
    # RFC 4771 mode 2: ROC || MAC, as long together as the tag is else
    return out + mki + carried + mac[:tag_len - len(carried)]


def check_parts(folder):
    """Answers of others, so that what follows stands on something."""
    done = 0
    for name in ("libsrtp.json", "rfc3711.json"):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            vectors = json.load(f)["vectors"]
        for v in vectors:
            suite = v.get("profile", "").replace("SRTP_AES128_CM", "AES_CM_128")
            if v["kind"] != "srtp" or suite not in SUITES or "enc_hdr_ids" in v:
                continue
            got = srtp(suite, bytes.fromhex(v["master_key"]), bytes.fromhex(v["master_salt"]),
                       bytes.fromhex(v["plain"]), v["roc"], bytes.fromhex(v.get("mki", "")),
                       cryptex=v.get("cryptex", False))
            if got.hex() != v["protected"]:
                sys.exit(f"rfc_vectors.py: {name}: {v['id']} comes out otherwise")
            done += 1
    if done < 15:
        sys.exit(f"rfc_vectors.py: only {done} answers of others to compare with")


# ---- RFC 4771 ----


def rcc_vectors():
    out = []

    def add(suite, what, seq, roc, rcc, mki=b"", length=24):
        key, salt = master_of(suite)
        plain = rtp(seq, counted(length, 0x30))
        v = {"id": f"{suite} {what}", "kind": "srtp",
             "source": "RFC 4771 section 3, mode " + ("3" if "GCM" in suite else "2"),
             "profile": suite, "layer": "hbh", "master_key": key.hex(), "master_salt": salt.hex(),
             "rcc": rcc, "roc": roc, "ssrc": SSRC, "seq": seq}
        if mki:
            v["mki"] = mki.hex()
        v["plain"] = plain.hex()
        v["protected"] = srtp(suite, key, salt, plain, roc, mki, rcc).hex()
        out.append(v)

    for suite in ("AES_CM_128_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80",
                  "NULL_HMAC_SHA1_80", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"):
        add(suite, "carried", 4660, 0x00010002, 10)
        add(suite, "not carried", 4661, 0x00010002, 10)
        add(suite, "carried with an MKI", 4670, 0xfffffffe, 10, b"\xe1\xf9\x7a\x0d")
        add(suite, "in every packet", 65535, 0x80000000, 1, length=17)
        add(suite, "with sequence number 0", 0, 1, 65535, length=0)
    return {"source": "worked from the text of RFC 4771 by selftests/lib/gen/rfc_vectors.py",
            "note": "rcc: packets whose sequence number is a multiple of it carry the ROC. HMAC "
                    "suites: mode 2, the tag is ROC || MAC[0..tag length - 4]. AEAD suites: mode "
                    "3, the ROC stands behind the MKI.",
            "vectors": out}


# ---- RFC 9335 ----


def cryptex_vectors():
    out = []
    one, two = bytes.fromhex("51000200"), bytes.fromhex("05020002")
    csrcs = (123456, 45678)

    def add(suite, what, seq, mki=b"", **parts):
        key, salt = master_of(suite)
        plain = rtp(seq, b"\xab" * 16, **parts)
        v = {"id": f"{suite} {what}", "kind": "srtp", "source": "RFC 9335 sections 5 and 6",
             "profile": suite, "layer": "hbh", "master_key": key.hex(), "master_salt": salt.hex(),
             "cryptex": True, "roc": 0, "ssrc": SSRC, "seq": seq}
        if mki:
            v["mki"] = mki.hex()
        v["plain"] = plain.hex()
        v["protected"] = srtp(suite, key, salt, plain, 0, mki, cryptex=True).hex()
        if parts.get("csrcs") and parts.get("ext") is None:
            v["delivered"] = rtp(seq, b"\xab" * 16, **dict(parts, ext=b"")).hex()
        out.append(v)

    for suite in ("AES_CM_128_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
                  "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"):
        add(suite, "one-byte", 4661, ext=one)
        add(suite, "two-byte", 4662, ext=two, profile=0x1000)
        add(suite, "one-byte, CSRCs", 4664, ext=one, csrcs=csrcs)
        add(suite, "two-byte, CSRCs", 4665, ext=two, profile=0x1000, csrcs=csrcs)
        add(suite, "empty one-byte, CSRCs", 4666, ext=b"", csrcs=csrcs)
        add(suite, "empty two-byte, CSRCs", 4667, ext=b"", profile=0x1000, csrcs=csrcs)
        add(suite, "empty one-byte, no CSRCs", 4668, ext=b"")
        add(suite, "CSRCs, no extension", 4669, csrcs=csrcs)
        add(suite, "15 CSRCs, no extension, padding", 4670, csrcs=range(1, 16), padding=4)
        add(suite, "neither", 4671)
        add(suite, "of another profile, CSRCs", 4672, ext=one, profile=0x4242, csrcs=csrcs)
        add(suite, "one-byte, CSRCs, MKI", 4673, b"\xe1\xf9\x7a\x0d", ext=one, csrcs=csrcs)
    return {"source": "worked from the text of RFC 9335 by selftests/lib/gen/rfc_vectors.py",
            "note": "The RFC's own (appendix A) are in libsrtp.json. An extension of another "
                    "profile than RFC 8285's cannot be encrypted, so such a packet is ordinary "
                    "SRTP. delivered: a receiver keeps the empty extension that was added.",
            "vectors": out}


# ---- RFC 8723 ----

DOUBLE = {128: "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
          256: "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM"}


class Half:
    """The inner or the outer half of a master key and salt, and its session keys."""

    def __init__(self, bits, first):
        n = bits // 8
        self.key, self.salt = counted(n, first), counted(12, first + 0x80)
        # section 3.1: the PRF of the half, with the salt that belongs to its key
        self.k_e, self.k_s = prf(self.key, self.salt, 0, n), prf(self.key, self.salt, 2, 12)
        self.rtcp_k_e = prf(self.key, self.salt, 3, n)
        self.rtcp_k_s = prf(self.key, self.salt, 5, 12)
        self.k_he, self.k_hs = prf(self.key, self.salt, 6, n), prf(self.key, self.salt, 7, 12)

    def gcm(self, packet, roc):
        """RFC 7714 section 8.2 on an RTP packet."""
        p = Rtp(packet)
        iv = gcm_iv_rtp(self.k_s, p.ssrc, roc, p.seq)
        return p.header() + AESGCM(self.k_e).encrypt(iv, p.payload, p.header())

    def gcm_open(self, packet, roc):
        p = Rtp(packet)
        iv = gcm_iv_rtp(self.k_s, p.ssrc, roc, p.seq)
        return p.header() + AESGCM(self.k_e).decrypt(iv, p.payload, p.header())


def synthetic(packet):
    """Section 5.1 step 3."""
    p = Rtp(packet)
    return bytes([p.fixed[0] & ~0x10]) + p.fixed[1:] + p.csrcs + p.payload


def one_byte_crypt(half, packet, roc, ids):
    """RFC 6904 on one-byte elements, of a packet that has only such and no padding between."""
    p = Rtp(packet)
    stream = aes_ctr(half.k_he, cm_iv(half.k_hs, p.ssrc, roc << 16 | p.seq), len(p.ext))
    ext, i = bytearray(p.ext), 0
    while i < len(ext) and ext[i]:
        n = (ext[i] & 0x0f) + 1
        if ext[i] >> 4 in ids:
            ext[i + 1:i + 1 + n] = xor(ext[i + 1:i + 1 + n], stream[i + 1:i + 1 + n])
        i += 1 + n
    p.ext = bytes(ext)
    return p.bytes()


def ohb(original, now):
    """Section 4: what of the header is not as the sender made it."""
    config, out = 0, b""
    if (original[1] ^ now[1]) & 0x7f:
        out += bytes([original[1] & 0x7f])
        config |= 0x02
    if original[2:4] != now[2:4]:
        out += original[2:4]
        config |= 0x01
    if (original[1] ^ now[1]) & 0x80:
        config |= 0x04 | (0x08 if original[1] & 0x80 else 0)
    return out + bytes([config])


def srtcp(half, packet, index, encrypted):
    """RFC 7714 section 9 with the outer half."""
    ssrc = int.from_bytes(packet[4:8], "big")
    word = ((1 << 31 if encrypted else 0) | index).to_bytes(4, "big")
    clear = packet[:8] if encrypted else packet
    secret = packet[len(clear):]
    sealed = AESGCM(half.rtcp_k_e).encrypt(gcm_iv_rtcp(half.rtcp_k_s, ssrc, index), secret,
                                           clear + word)
    return clear + sealed + word


def double_vectors():
    out = []
    sr = bytes.fromhex("81c8000c") + SSRC.to_bytes(4, "big") + counted(44, 0x11)
    rr = bytes.fromhex("80c90001") + SSRC.to_bytes(4, "big")

    for bits, suite in DOUBLE.items():
        inner, outer = Half(bits, 0x00), Half(bits, 0x20)
        hop2, hop3 = Half(bits, 0x40), Half(bits, 0x60)

        def keys(outer_half, inner=inner):
            return {"master_key": (inner.key + outer_half.key).hex(),
                    "master_salt": (inner.salt + outer_half.salt).hex()}

        def base(what, kind, section, bits=bits, suite=suite):
            return {"id": f"{bits}: {what}", "kind": kind, "source": f"RFC 8723 section {section}",
                    "profile": suite, "layer": "hbh"}

        def session(half, inner=inner):
            return {"inner_k_e": inner.k_e.hex(), "inner_k_s": inner.k_s.hex(),
                    "k_e": half.k_e.hex(), "k_s": half.k_s.hex(), "rtcp_k_e": half.rtcp_k_e.hex(),
                    "rtcp_k_s": half.rtcp_k_s.hex()}

        def endpoint(what, roc, plain, mki=b"", ids=(), inner=inner, outer=outer):
            p = Rtp(plain)
            v = base(what, "srtp", "5.1")
            v.update(keys(outer), session=session(outer), roc=roc, ssrc=SSRC, seq=p.seq)
            if mki:
                v["mki"] = mki.hex()
            if ids:
                v["enc_hdr_ids"] = list(ids)
            made = synthetic(plain)
            sealed = inner.gcm(made, roc)
            p.payload = sealed[len(made) - len(p.payload):] + ohb(plain, plain)
            given = p.bytes()
            v.update(plain=plain.hex(), synthetic=made.hex(), inner=given.hex(), ohb="00")
            if ids:
                given = one_byte_crypt(outer, given, roc, ids)
            v["protected"] = (outer.gcm(given, roc) + mki).hex()
            out.append(v)
            return outer.gcm(given, roc)

        def relay(what, incoming, roc, came_by, goes_by, original, pt=None, seq=None, marker=None,
                  new_roc=None):
            """A media distributor's step; it has none of the inner half."""
            p = Rtp(came_by.gcm_open(incoming, roc))
            was = p.seq
            had = ohb(original, p.fixed)
            if not p.payload.endswith(had):
                sys.exit(f"rfc_vectors.py: {what}: another OHB")
            body = p.payload[:-len(had)]
            first = p.fixed[1]
            pt = first & 0x7f if pt is None else pt
            marker = bool(first & 0x80) if marker is None else marker
            seq = p.seq if seq is None else seq
            new_roc = roc if new_roc is None else new_roc
            p.fixed = (p.fixed[:1] + bytes([(0x80 if marker else 0) | pt]) +
                       seq.to_bytes(2, "big") + p.fixed[4:])
            p.payload = body + ohb(original, p.fixed)
            distributed = goes_by.gcm(p.bytes(), new_roc)
            v = base(what, "double_relay", "5.2")
            v.update(master_key=came_by.key.hex(), master_salt=came_by.salt.hex(),
                     out_master_key=goes_by.key.hex(), out_master_salt=goes_by.salt.hex(),
                     roc=roc, ssrc=SSRC, seq=was, pt=pt, new_seq=seq, marker=marker,
                     protected=incoming.hex(), inner=p.bytes().hex(),
                     ohb=ohb(original, p.fixed).hex(), distributed=distributed.hex())
            out.append(v)
            return distributed

        def receiver(what, incoming, roc, came_by, original, inner_roc=None):
            p, o = Rtp(came_by.gcm_open(incoming, roc)), Rtp(original)
            v = base(what, "double_open", "5.3")
            v.update(keys(came_by), session=session(came_by), roc=roc, ssrc=SSRC, seq=p.seq,
                     inner_roc=roc if inner_roc is None else inner_roc,
                     protected=incoming.hex(), ohb=ohb(original, p.fixed).hex())
            # the header as it came, the marker as it was
            p.fixed = (p.fixed[:1] + bytes([(p.fixed[1] & 0x7f) | (o.fixed[1] & 0x80)]) +
                       p.fixed[2:])
            p.payload = o.payload
            v["plain"] = p.bytes().hex()
            out.append(v)

        endpoint("header alone", 0, rtp(4660, counted(20, 0x50)))
        endpoint("extension", 0, rtp(4661, counted(20, 0x50), ext=bytes.fromhex("51000200")))
        endpoint("CSRCs", 0, rtp(4662, counted(20, 0x50), csrcs=(123456, 45678)))
        endpoint("CSRCs, extension, marker, padding, ROC 0x10002", 0x10002,
                 rtp(65535, counted(33, 0x50), marker=True, csrcs=(123456, 45678),
                     ext=bytes.fromhex("5100020010aa0000"), padding=4))
        endpoint("two-byte extension of 0 words", 1,
                 rtp(0, counted(16, 0x50), ext=b"", profile=0x1000))
        endpoint("no payload", 0, rtp(1, b""))
        endpoint("MKI", 0, rtp(2, counted(20, 0x50)), mki=b"\xe1\xf9\x7a\x0d")
        endpoint("encrypted extension", 0,
                 rtp(4663, counted(20, 0x50), ext=bytes.fromhex("112233304451020300000000")),
                 ids=(1, 5))

        # PT by one distributor, by a second, and back again
        plain = rtp(4700, counted(40, 0x60), csrcs=(7,), ext=bytes.fromhex("51000200"))
        wire = endpoint("to a distributor", 3, plain)
        first = relay("distributor changes PT", wire, 3, outer, hop2, plain, pt=97)
        receiver("receiver, PT changed", first, 3, hop2, plain)
        second = relay("second distributor changes PT again", first, 3, hop2, hop3, plain, pt=98)
        receiver("receiver, PT changed twice", second, 3, hop3, plain)
        back = relay("second distributor restores PT", first, 3, hop2, hop3, plain, pt=96)
        receiver("receiver, PT restored", back, 3, hop3, plain)
        same = relay("distributor changes nothing", wire, 3, outer, hop2, plain)
        receiver("receiver, nothing changed", same, 3, hop2, plain)

        # sequence number and marker
        plain = rtp(4701, counted(40, 0x70), marker=True)
        wire = endpoint("to a distributor, marker", 3, plain)
        first = relay("distributor changes SEQ", wire, 3, outer, hop2, plain, seq=4801)
        receiver("receiver, SEQ changed", first, 3, hop2, plain)
        first = relay("distributor clears the marker", wire, 3, outer, hop2, plain, marker=False)
        receiver("receiver, marker cleared", first, 3, hop2, plain)
        first = relay("distributor changes PT, SEQ and marker", wire, 3, outer, hop2, plain, pt=0,
                      seq=1, marker=False)
        receiver("receiver, PT, SEQ and marker changed", first, 3, hop2, plain)
        plain = rtp(4702, counted(40, 0x71))
        wire = endpoint("to a distributor, no marker", 3, plain)
        first = relay("distributor sets the marker", wire, 3, outer, hop2, plain, marker=True)
        receiver("receiver, marker set", first, 3, hop2, plain)

        for what, packet in (("SR", sr), ("RR", rr)):
            for encrypted in (True, False):
                v = base(f"SRTCP {what}, E={int(encrypted)}", "srtcp", "6")
                v.update(keys(outer), session=session(outer), srtcp_index=1492, ssrc=SSRC,
                         encrypted=encrypted, plain=packet.hex(),
                         protected=srtcp(outer, packet, 1492, encrypted).hex())
                out.append(v)
    return {"source": "worked from the text of RFC 8723 by selftests/lib/gen/rfc_vectors.py; "
                      "nobody else is known to have computed any",
            "note": "master_key and master_salt: inner || outer, or the outer half alone for a "
                    "distributor. k_ and rtcp_k_ of session are the outer half's. Each half is "
                    "derived with its own salt. inner: what is given to the outer half. The "
                    "receiver delivers the header as it came, but the marker as it was (5.3).",
            "vectors": out}


def main():
    parser = argparse.ArgumentParser(description="known answers of RFC 8723, 4771 and 9335")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("folder")
    args = parser.parse_args()
    check_parts(args.folder)
    for name, made in (("rfc8723.json", double_vectors()), ("rfc4771.json", rcc_vectors()),
                       ("rfc9335.json", cryptex_vectors())):
        path = os.path.join(args.folder, name)
        text = json.dumps(made, indent=1) + "\n"
        if not args.check:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            continue
        with open(path, encoding="utf-8") as f:
            if f.read() != text:
                sys.exit(f"rfc_vectors.py: {path} is not what would be written")


main()
