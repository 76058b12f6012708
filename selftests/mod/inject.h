/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is written to /dev/inject: a struct inject_order, and after it, for each
 * packet, a struct inject_packet with its bytes.
 */
#ifndef INJECT_H
#define INJECT_H

#include <linux/types.h>

/* The longest UDP payload */
#define INJECT_PAYLOAD	2048
#define INJECT_PACKETS	64

/**
 * struct inject_order - what to make of the packets
 * @seed: the same seed makes the same datagrams of the same packets
 * @first: number of the first datagram
 * @count: datagrams to make
 * @packets: how many follow
 * @saddr: source, IPv4 as ::ffff:a.b.c.d
 * @daddr: destination
 * @sport: source port, network order
 * @dport: destination port, network order
 */
struct inject_order {
	__u64 seed;
	__u32 first;
	__u32 count;
	__u32 packets;
	__u8 saddr[16];
	__u8 daddr[16];
	__be16 sport;
	__be16 dport;
};

/* The payload is never to arrive as it is, in whatever form. */
#define INJECT_ALTERED	1

struct inject_packet {
	__u16 len;
	__u16 flags;
};

/**
 * struct inject_result - what read() gives, and begins anew
 * @datagrams: handed to the stack, segments of aggregates each by itself
 * @whole: of these, with a payload that is not altered
 * @skbs: in how many skbs
 * @clones: of these, cloned
 * @fragments: IP fragments
 * @aggregates: GSO aggregates
 * @lists: skbs with a frag list
 * @pages: skbs with bytes in pages
 * @lies: datagrams with something wrong outside of the payload
 * @spoiled: clones that were written to
 */
struct inject_result {
	__u64 datagrams;
	__u64 whole;
	__u64 skbs;
	__u64 clones;
	__u64 fragments;
	__u64 aggregates;
	__u64 lists;
	__u64 pages;
	__u64 lies;
	__u64 spoiled;
};

#endif /* INJECT_H */
