/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of libksrtp share; not installed, not exported. */
#ifndef KSRTP_INTERNAL_H
#define KSRTP_INTERNAL_H

#include <libmnl/libmnl.h>

#include "libksrtp.h"

#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct ksrtp_handle - see libksrtp.h
 * @fd: generic netlink socket of requests
 * @events_fd: the one that joined the events group, or -1
 * @ctl_fd: any socket of the namespace, to ask for interfaces
 * @family: id of the ksrtp family
 * @group: id of its events group
 * @seq: sequence number of the last request
 * @err: of the last call that failed
 * @buf: what was received last
 * @buf_size: bytes there are
 */
struct ksrtp_handle {
	int fd;
	int events_fd;
	int ctl_fd;
	uint16_t family;
	uint32_t group;
	uint32_t seq;
	struct ksrtp_error err;
	char *buf;
	size_t buf_size;
};

/* ---- errors: each returns @code, so that "return fail(...)" reads well ---- */

int __printf(3, 4) ksrtp__fail(struct ksrtp_error *err, int code, const char *fmt, ...);

/* ---- masters ------------------------------------------------------------- */

void ksrtp__master_set(struct ksrtp_master *m, const void *key, size_t key_len,
		       const void *salt, size_t salt_len);

/* ---- messages ------------------------------------------------------------ */

/* A request that grows as attributes are put; put() fails once and stays failed. */
struct ksrtp_msg {
	struct nlmsghdr *nlh;
	size_t size;
	int error;
};

void ksrtp__msg_init(struct ksrtp_msg *m, uint16_t type, uint16_t flags, uint8_t cmd);
void ksrtp__msg_put(struct ksrtp_msg *m, uint16_t attr, const void *data, size_t len);
/* A nest is named by its offset, for the message may move while it is filled. */
size_t ksrtp__msg_nest(struct ksrtp_msg *m, uint16_t attr);
void ksrtp__msg_nest_end(struct ksrtp_msg *m, size_t nest);
/* Keys may have been in it. */
void ksrtp__msg_wipe(struct ksrtp_msg *m);

/* One message of an answer: what follows the generic netlink header. */
typedef int (*ksrtp__reply_cb)(const void *attrs, size_t len, void *arg);

/**
 * ksrtp__call - sends a request and waits for the end of its answer
 * @h: handle
 * @m: request; wiped whatever happens
 * @cb: called for each message of the answer, NULL: none is expected
 * @arg: given to @cb
 */
int ksrtp__call(struct ksrtp_handle *h, struct ksrtp_msg *m, ksrtp__reply_cb cb, void *arg);

/* ksrtp__resolve - family and group ids, and that there is a family at all */
int ksrtp__resolve(struct ksrtp_handle *h);

/* ksrtp__from_fd - a handle around a socket that speaks as the kernel would */
int ksrtp__from_fd(struct ksrtp_handle **h, int fd, int events_fd);

/* ksrtp__receive - one datagram into h->buf */
ssize_t ksrtp__receive(struct ksrtp_handle *h, int fd);

/* Walking over the messages of a datagram: is there one in what is left, and the next */
bool ksrtp__msg_ok(const struct nlmsghdr *nlh, size_t left);
const struct nlmsghdr *ksrtp__msg_next(const struct nlmsghdr *nlh, size_t *left);

/* ---- objects: their attributes as rows ----------------------------------- */

enum ksrtp__kind {
	KSRTP__U8,
	KSRTP__U16,
	KSRTP__BE16,
	KSRTP__U32,
	KSRTP__U64,
	KSRTP__BYTES,
	KSRTP__MANY_BYTES,
	KSRTP__DROPS,
};

/**
 * struct ksrtp__field - where an attribute is kept
 * @attr: its number
 * @bit: number of the bit of has that makes a request carry it; its own but
 *	for port and scope, which go with their address
 * @kind: how it is encoded
 * @offset: of the member
 * @size: of the member
 * @len_offset: BYTES of a variable length: of the length (a byte), else 0;
 *	MANY_BYTES: of the length (32 bits)
 */
struct ksrtp__field {
	uint16_t attr;
	uint16_t bit;
	enum ksrtp__kind kind;
	size_t offset;
	size_t size;
	size_t len_offset;
};

struct ksrtp__object {
	const struct ksrtp__field *fields;
	size_t n_fields;
	size_t size;
};

extern const struct ksrtp__object ksrtp__notice_object;

void ksrtp__put_object(struct ksrtp_msg *m, const struct ksrtp__object *o, const void *obj);
int ksrtp__get_object(const struct ksrtp__object *o, const void *attrs, size_t len, void *obj);

#endif /* KSRTP_INTERNAL_H */
