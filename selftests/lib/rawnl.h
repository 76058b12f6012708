/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rawnl.h: netlink messages to ksrtp by hand, for what libksrtp would not send:
 * attributes left out, of a wrong length, of a wrong kind.
 *
 *	struct raw r;
 *
 *	raw_open(&r);
 *	raw_new(&r, KSRTP_CMD_PEER_DEL, 0);
 *	raw_u32(&r, KSRTP_A_PEER_ID, 77);
 *	kt_is(raw_talk(&r), -ENOENT, "an unknown peer cannot be deleted");
 *	kt_ok(*r.sentence, "and the kernel says why: %s", r.sentence);
 */
#ifndef RAWNL_H
#define RAWNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ksrtp.h>

/**
 * struct raw - a netlink socket and the message being written
 * @family: number of the ksrtp family
 * @group: number of its multicast group, 0: none
 * @sentence: what the kernel said beside its last refusal, "" if nothing
 * @request: the message
 * @answer: everything the last raw_talk() got, acknowledgment included
 */
struct raw {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t group;
	unsigned int seq;
	char sentence[256];
	struct nlmsghdr *nlh;
	uint8_t request[16384];
	uint8_t answer[262144];
	size_t answer_len;
};

/* raw_open - 0, or -ENOENT where the kernel has no ksrtp */
int raw_open(struct raw *r);
/* raw_open_family - the same with another generic netlink family */
int raw_open_family(struct raw *r, const char *name);
void raw_close(struct raw *r);

/* raw_new - begins a message; @flags beside NLM_F_REQUEST, e.g. NLM_F_DUMP */
void raw_new(struct raw *r, uint8_t cmd, uint16_t flags);
void raw_put(struct raw *r, uint16_t attr, const void *data, size_t len);
void raw_u8(struct raw *r, uint16_t attr, uint8_t v);
void raw_u16(struct raw *r, uint16_t attr, uint16_t v);
void raw_u32(struct raw *r, uint16_t attr, uint32_t v);
void raw_u64(struct raw *r, uint16_t attr, uint64_t v);
struct nlattr *raw_nest(struct raw *r, uint16_t attr);
void raw_end(struct raw *r, struct nlattr *nest);

/* raw_talk - sends it; 0 or the kernel's negative errno */
int raw_talk(struct raw *r);

/* raw_answer_u32 - an attribute of the first answer, or @none */
uint32_t raw_answer_u32(const struct raw *r, uint16_t attr, uint32_t none);

#endif /* RAWNL_H */
