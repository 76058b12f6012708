// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"encoding/hex"
	"fmt"
	"os"

	"github.com/pion/srtp/v2"
)

// Suites of pion/srtp, by their SDES names.
var profiles = map[string]srtp.ProtectionProfile{
	"AES_CM_128_HMAC_SHA1_80": srtp.ProtectionProfileAes128CmHmacSha1_80,
	"AES_CM_128_HMAC_SHA1_32": srtp.ProtectionProfileAes128CmHmacSha1_32,
	"AEAD_AES_128_GCM":        srtp.ProtectionProfileAeadAes128Gcm,
}

// newContext makes a context from "SUITE WINDOW SSRC ROC KEY SALT", key and
// salt as hex digits.
func newContext(text string) (*srtp.Context, error) {
	var suite, keyHex, saltHex string
	var window uint
	var ssrc, roc uint32

	if _, err := fmt.Sscan(text, &suite, &window, &ssrc, &roc, &keyHex, &saltHex); err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(keyHex)
	if err != nil {
		return nil, err
	}
	salt, err := hex.DecodeString(saltHex)
	if err != nil {
		return nil, err
	}
	profile, ok := profiles[suite]
	if !ok {
		return nil, fmt.Errorf("no suite %s", suite)
	}
	c, err := srtp.CreateContext(key, salt, profile,
		srtp.SRTPReplayProtection(window), srtp.SRTCPReplayProtection(window))
	if err == nil && roc != 0 {
		c.SetROC(ssrc, roc)
	}
	return c, err
}

// answer does what the first byte of a request says with the rest of it:
// (v)ersion, new (k)ey, (p)rotect, (u)nprotect, capital for RTCP.
func answer(c **srtp.Context, request []byte) ([]byte, error) {
	rest := request[1:]
	if *c == nil && request[0] != 'k' && request[0] != 'v' {
		return nil, fmt.Errorf("no key yet")
	}
	switch request[0] {
	case 'v':
		return []byte(version), nil
	case 'k':
		next, err := newContext(string(rest))
		*c = next
		return nil, err
	case 'p':
		return (*c).EncryptRTP(nil, rest, nil)
	case 'P':
		return (*c).EncryptRTCP(nil, rest, nil)
	case 'u':
		return (*c).DecryptRTP(nil, rest, nil)
	case 'U':
		return (*c).DecryptRTCP(nil, rest, nil)
	}
	return nil, fmt.Errorf("no request '%c'", request[0])
}

// codec answers requests, one datagram each on standard input, which is a
// socket of packets: '.' and what it gave, or '!' and why it did not.
func codec() {
	var c *srtp.Context

	request := make([]byte, 4096)
	for {
		n, err := os.Stdin.Read(request)
		if n == 0 {
			return
		}
		if err != nil {
			fail(err)
		}
		result, err := answer(&c, append([]byte(nil), request[:n]...))
		if err != nil {
			result = append([]byte{'!'}, err.Error()...)
		} else {
			result = append([]byte{'.'}, result...)
		}
		if _, err = os.Stdin.Write(result); err != nil {
			fail(err)
		}
	}
}
