// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pion/dtls/v2"
	"github.com/pion/dtls/v2/pkg/crypto/selfsign"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v2"
)

const (
	ssrcClient = 0x0c11e470
	ssrcServer = 0x5e74e400
	firstSeq   = 65400
	// How long nothing may come before no more is waited for; emulated
	// machines are slow.
	patience = 15 * time.Second
)

// DTLS-SRTP profiles and the suites they are, by the names ksrtp knows.
var dtlsProfiles = map[string]dtls.SRTPProtectionProfile{
	"SRTP_AES128_CM_HMAC_SHA1_80": dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	"SRTP_AES128_CM_HMAC_SHA1_32": dtls.SRTP_AES128_CM_HMAC_SHA1_32,
	"SRTP_AEAD_AES_128_GCM":       dtls.SRTP_AEAD_AES_128_GCM,
}

// pipe is what pion/dtls takes for its connection: DTLS alone, of all that
// comes to the socket (RFC 7983).
type pipe struct {
	*net.UDPConn
	in chan []byte
}

func (p *pipe) Read(b []byte) (int, error) {
	packet, ok := <-p.in
	if !ok {
		return 0, net.ErrClosed
	}
	return copy(b, packet), nil
}

// Close leaves the socket to the media.
func (p *pipe) Close() error {
	return nil
}

// party is one end: a socket, what has come to it, and its keys once it has some.
type party struct {
	conn     *net.UDPConn
	dtls     *pipe
	media    chan []byte
	client   bool
	in, out  *srtp.Context
	nextRTP  int
	nextRTCP int
}

// demux sorts what comes by its first byte.
func (p *party) demux() {
	buffer := make([]byte, 4096)
	for {
		n, err := p.conn.Read(buffer)
		if err != nil {
			// The other end may not be there yet: its ICMP error.
			continue
		}
		packet := append([]byte(nil), buffer[:n]...)
		switch {
		case n > 0 && packet[0] >= 20 && packet[0] <= 63:
			p.dtls.in <- packet
		case n > 0 && packet[0] >= 128 && packet[0] <= 191:
			p.media <- packet
		}
	}
}

// handshake agrees on keys, prints them and keeps them in contexts of its own.
func (p *party) handshake(profile string) error {
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return err
	}
	config := &dtls.Config{
		Certificates:           []tls.Certificate{certificate},
		SRTPProtectionProfiles: []dtls.SRTPProtectionProfile{dtlsProfiles[profile]},
		InsecureSkipVerify:     true,
		ExtendedMasterSecret:   dtls.RequestExtendedMasterSecret,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	var conn *dtls.Conn
	if p.client {
		conn, err = dtls.ClientWithContext(ctx, p.dtls, config)
	} else {
		conn, err = dtls.ServerWithContext(ctx, p.dtls, config)
	}
	if err != nil {
		return err
	}
	selected, ok := conn.SelectedSRTPProtectionProfile()
	if !ok || selected != dtlsProfiles[profile] {
		return fmt.Errorf("no profile was agreed upon")
	}
	keys := &srtp.Config{Profile: srtp.ProtectionProfile(selected)}
	state := conn.ConnectionState()
	if err = keys.ExtractSessionKeysFromDTLS(&state, p.client); err != nil {
		return err
	}
	fmt.Printf("local %x%x\n", keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt)
	fmt.Printf("remote %x%x\n", keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt)
	p.out, err = srtp.CreateContext(keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt,
		keys.Profile)
	if err != nil {
		return err
	}
	p.in, err = srtp.CreateContext(keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt,
		keys.Profile, srtp.SRTPReplayProtection(1024), srtp.SRTCPReplayProtection(1024))
	return err
}

// plain is packet number i of the client or the server.
func plain(client, isRTCP bool, i int) ([]byte, error) {
	ssrc := uint32(ssrcServer)
	if client {
		ssrc = ssrcClient
	}
	if isRTCP {
		report := &rtcp.SenderReport{SSRC: ssrc, NTPTime: uint64(i) << 32, PacketCount: uint32(i)}
		return report.Marshal()
	}
	packet := &rtp.Packet{
		Header: rtp.Header{
			Version: 2, PayloadType: 96, SequenceNumber: uint16(firstSeq + i),
			Timestamp: uint32(i), SSRC: ssrc, Marker: i%5 == 0,
		},
		Payload: bytes.Repeat([]byte{byte(i), byte(i >> 8), 0x5a}, i%300),
	}
	return packet.Marshal()
}

// number is which packet this one says it is.
func number(isRTCP bool, packet []byte) int {
	at := 4
	if isRTCP {
		at = 20
	}
	if len(packet) < at+4 {
		return -1
	}
	return int(binary.BigEndian.Uint32(packet[at:]))
}

// send sends the next n packets, as they are or protected.
func (p *party) send(protect, isRTCP bool, n int) error {
	next := &p.nextRTP
	if isRTCP {
		next = &p.nextRTCP
	}
	for end := *next + n; *next < end; *next++ {
		packet, err := plain(p.client, isRTCP, *next)
		if err == nil && protect && isRTCP {
			packet, err = p.out.EncryptRTCP(nil, packet, nil)
		} else if err == nil && protect {
			packet, err = p.out.EncryptRTP(nil, packet, nil)
		}
		if err == nil {
			_, err = p.conn.Write(packet)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hear waits for n packets of the other end and says how many came and were
// opened, and how many of these were not what the other end has sent.
func (p *party) hear(protected, isRTCP bool, n int) (arrived, differ int) {
	seen := make(map[int]bool)
	for arrived+differ < n {
		var packet []byte
		var err error

		select {
		case packet = <-p.media:
		case <-time.After(patience):
			return
		}
		if protected && isRTCP {
			packet, err = p.in.DecryptRTCP(nil, packet, nil)
		} else if protected {
			packet, err = p.in.DecryptRTP(nil, packet, nil)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "pion:", err)
			continue
		}
		i := number(isRTCP, packet)
		want, err := plain(!p.client, isRTCP, i)
		if err != nil || seen[i] || !bytes.Equal(packet, want) {
			differ++
			continue
		}
		seen[i] = true
		arrived++
	}
	return
}

func resolve(address string) *net.UDPAddr {
	resolved, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		fail(err)
	}
	return resolved
}

// end is "end client|server LOCAL REMOTE PROFILE". It says which file
// descriptor its socket is, and then does what it is told on standard input:
//
//	handshake			prints "local KEY" and "remote KEY"
//	send plain|srtp SRTP|SRTCP N	prints "sent N"
//	hear plain|srtp SRTP|SRTCP N	prints "heard ARRIVED DIFFER"
func end(args []string) {
	if len(args) != 4 {
		fail(fmt.Errorf("usage: pion end client|server LOCAL REMOTE PROFILE"))
	}
	conn, err := net.DialUDP("udp", resolve(args[1]), resolve(args[2]))
	if err != nil {
		fail(err)
	}
	if err = conn.SetReadBuffer(4 << 20); err != nil {
		fail(err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		fail(err)
	}
	if err = raw.Control(func(fd uintptr) { fmt.Printf("fd %d\n", fd) }); err != nil {
		fail(err)
	}
	p := &party{
		conn: conn, dtls: &pipe{conn, make(chan []byte, 64)},
		media: make(chan []byte, 4096), client: args[0] == "client",
	}
	go p.demux()
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		var verb, how, kind string
		var n int

		fmt.Sscan(commands.Text(), &verb, &how, &kind, &n)
		switch verb {
		case "handshake":
			err = p.handshake(args[3])
		case "send":
			if err = p.send(how == "srtp", kind == "SRTCP", n); err == nil {
				fmt.Println("sent", n)
			}
		case "hear":
			arrived, differ := p.hear(how == "srtp", kind == "SRTCP", n)
			fmt.Println("heard", arrived, differ)
		default:
			err = fmt.Errorf("no command '%s'", verb)
		}
		if err != nil {
			fail(err)
		}
	}
}
