// SPDX-License-Identifier: GPL-2.0-or-later

// pion: pion/srtp and pion/dtls as the other end of ksrtp's tests.
//
//	pion version
//	pion codec		protects and opens packets for somebody else (codec.go)
//	pion end ...		is one end of a call keyed by DTLS-SRTP (end.go)
package main

import (
	"fmt"
	"os"
)

// What Debian calls the version of pion/srtp that this is built with.
var version = "unknown"

func fail(err error) {
	fmt.Fprintln(os.Stderr, "pion:", err)
	os.Exit(1)
}

func main() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "version":
		fmt.Println(version)
	case "codec":
		codec()
	case "end":
		end(os.Args[2:])
	default:
		fail(fmt.Errorf("usage: pion version | codec | end ROLE LOCAL REMOTE PROFILE"))
	}
}
