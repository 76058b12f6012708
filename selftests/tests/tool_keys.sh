#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every suite and every word of `key add' goes through tool and kernel and is
# shown as it was given; what cannot be had is refused with a sentence.
[ -n "${OWN_NETNS:-}" ] || OWN_NETNS=1 exec unshare -n "$0"
. "$(dirname "$0")/../lib/lib.sh"
need jq ip

suites=(
	AES_CM_128_HMAC_SHA1_80:30 AES_CM_128_HMAC_SHA1_32:30
	AES_192_CM_HMAC_SHA1_80:38 AES_192_CM_HMAC_SHA1_32:38
	AES_256_CM_HMAC_SHA1_80:46 AES_256_CM_HMAC_SHA1_32:46
	NULL_HMAC_SHA1_80:30 NULL_HMAC_SHA1_32:30 AEAD_AES_128_GCM:28 AEAD_AES_256_GCM:44
	ARIA_128_CTR_HMAC_SHA1_80:30 ARIA_128_CTR_HMAC_SHA1_32:30
	ARIA_192_CTR_HMAC_SHA1_80:38 ARIA_192_CTR_HMAC_SHA1_32:38
	ARIA_256_CTR_HMAC_SHA1_80:46 ARIA_256_CTR_HMAC_SHA1_32:46
	AEAD_ARIA_128_GCM:28 AEAD_ARIA_256_GCM:44
)
plan $((${#suites[@]} + 5 + 5 + 12))
ip link set lo up
"$KSRTP" sock open 127.0.0.1:6000 id 1 || bail "no sock"
"$KSRTP" peer add sock 1 remote 127.0.0.1:7000 id 10 || bail "no peer"

# material BYTES: a key file of this length, in hex
material()
{
	head -c "$1" /dev/urandom | od -An -v -tx1 > "$TMP/$1"
	echo "$TMP/$1"
}

# --- suites -------------------------------------------------------------------

# One after the other for SSRC 0, 1, ...; then a look at all of them
said=()
for i in "${!suites[@]}"; do
	said+=("$("$KSRTP" key add peer 10 rx hbh ssrc "$i" suite "${suites[i]%:*}" \
		key-file "$(material "${suites[i]#*:}")" 2>&1)")
done
kj key show > "$TMP/keys"
for i in "${!suites[@]}"; do
	suite=${suites[i]%:*}
	got=$(jq -r --arg ssrc "$(printf 0x%08x "$i")" '.[] | select(.ssrc == $ssrc) | .suite' "$TMP/keys")
	case $suite:${said[i]} in
	*ARIA*:"ksrtp: This kernel has no ARIA"*)
		is "$got" "" "$suite is refused by a kernel without ARIA" ;;
	*)	is "${said[i]} $got" " $suite" "$suite is added, and shown by its name" ;;
	esac
done
"$KSRTP" key flush || bail "no flush"

# --- DOUBLE -------------------------------------------------------------------

double=(suite SRTP_DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM key-file)
both=$(material 56)
ok "a DOUBLE key is added from both halves" "$KSRTP" key add peer 10 tx hbh ssrc 1 "${double[@]}" "$both"
is "$(kj key show | jq -c 'map([.layer, .suite, .outer_only]) | sort')" \
	'[["e2e","DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",null],["hbh","DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",null]]' \
	"and shown as two, one of each layer"
ok "and one from half of it" "$KSRTP" key add peer 10 tx hbh ssrc 2 "${double[@]}" "$(material 28)"
is "$(kj key show | jq -c '.[] | select(.ssrc == "0x00000002") | [.layer, .outer_only]')" '["hbh",1]' \
	"which is shown as the outer one alone"
refused "the inner one is not deleted by itself" 1 "delete its hbh key" \
	"$KSRTP" key del peer 10 tx e2e ssrc 1
"$KSRTP" key flush || bail "no flush"

# --- words --------------------------------------------------------------------

gcm=(suite AEAD_AES_128_GCM key-file "$(material 28)")
shown()
{
	kj key show | jq -c '.[-1] | [.cryptex, .enc_ext, .rcc, .from_seq]'
}

"$KSRTP" key add peer 10 tx hbh ssrc any "${gcm[@]}" cryptex require rcc 65535 || bail "no key"
is "$(shown)" '["require",null,65535,null]' "cryptex and rcc are shown as they were given"
"$KSRTP" key flush
"$KSRTP" key add peer 10 rx hbh ssrc any "${gcm[@]}" enc-ext 15,255,1 cryptex off || bail "no key"
is "$(kj key show | jq -c '.[-1] | .enc_ext | sort')" '[1,15,255]' "enc-ext as an array of numbers"
is "$("$KSRTP" -s key show | grep -oE 'enc-ext [0-9,]+')" "enc-ext 1,15,255" "and as a list in text"
"$KSRTP" key flush
"$KSRTP" key add peer 10 tx hbh ssrc any "${gcm[@]}" mki 01 || bail "no key"
ok "a key takes over at a sequence number" "$KSRTP" key add peer 10 tx hbh ssrc any "${gcm[@]}" \
	mki 02 roc keep from-seq 65535
is "$(kj key show | jq -c '.[] | select(.mki == "02") | [.from_seq, .roc_mode]')" '[65535,"keep"]' \
	"and it is shown which"
"$KSRTP" key flush

# --- refusals: the kernel's sentence, status 1 --------------------------------

cm=(suite AES_CM_128_HMAC_SHA1_32 key-file "$(material 30)")
e2e=(suite E2E_AES_128_CTR key-file "$(material 30)")
add=("$KSRTP" key add peer 10)
refused "from-seq without a key before it" 1 "no key that could be used until from-seq" \
	"${add[@]}" tx hbh ssrc any "${gcm[@]}" from-seq 1
refused "from-seq of an rx key" 1 "from-seq belongs to tx keys" \
	"${add[@]}" rx hbh ssrc any "${gcm[@]}" from-seq 1
refused "cryptex and enc-ext together" 1 "enc-ext is for keys without it" \
	"${add[@]}" rx hbh ssrc any "${gcm[@]}" cryptex on enc-ext 1
refused "cryptex of a DOUBLE suite" 1 "not by cryptex" \
	"${add[@]}" rx hbh ssrc any "${double[@]}" "$both" cryptex on
refused "cryptex of a NULL suite" 1 "no cipher for header extensions" \
	"${add[@]}" rx hbh ssrc any suite NULL_HMAC_SHA1_80 key-file "$TMP/30" cryptex on
refused "enc-ext of an E2E key" 1 "belong to hbh keys" \
	"${add[@]}" rx e2e ssrc any "${e2e[@]}" enc-ext 1
refused "rcc that leaves no tag" 1 "packets would not be authenticated" \
	"${add[@]}" rx hbh ssrc any "${cm[@]}" rcc 1
refused "rcc of an E2E key" 1 "rcc belongs to hbh keys" \
	"${add[@]}" rx e2e ssrc any "${e2e[@]}" rcc 1
refused "key material of another suite" 1 "44 bytes of key material expected, 28 found" \
	"${add[@]}" rx hbh ssrc any suite AEAD_AES_256_GCM key-file "$TMP/28"
refused "DOUBLE material that is neither both halves nor one" 1 "56 bytes of key material expected for both" \
	"${add[@]}" rx hbh ssrc any "${double[@]}" "$(material 40)"
refused "a suite there is not" 2 "did you mean \"AEAD_AES_256_GCM\"" \
	"${add[@]}" rx hbh ssrc any suite AEAD_AES_257_GCM
is "$(kj key show)" "[]" "and of none of them anything is left"
