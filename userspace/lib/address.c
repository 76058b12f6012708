// SPDX-License-Identifier: GPL-2.0-or-later
/* Transport addresses as text: ADDR:PORT, [IPv6]:PORT, [fe80::1%dev]:PORT. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_v4(const uint8_t ip[16])
{
	return !memcmp(ip, v4_mapped, sizeof(v4_mapped));
}

static bool is_link_local(const uint8_t ip[16])
{
	/* fe80::/10, and ff02::/16, which is as tied to its link */
	return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) || (ip[0] == 0xff && ip[1] == 0x02);
}

/* The parts of a text, cut out of a copy of it */
struct parts {
	char copy[KSRTP_ADDR_STRLEN];
	char *ip;
	char *dev;	/* NULL: none */
	char *port;	/* NULL: none */
	bool brackets;
};

static int bad_addr(struct ksrtp_error *err, const char *text, const char *why)
{
	if (ksrtp_looks_secret(text))
		text = "...";
	return ksrtp__fail(err, -EINVAL, "\"%s\" is not an address: %s", text, why);
}

/* The port is what follows the last colon, or the one behind the bracket. */
static int split(const char *text, bool port, struct parts *p, struct ksrtp_error *err)
{
	char *end;

	memset(p, 0, sizeof(*p));
	if (strlen(text) >= sizeof(p->copy))
		return bad_addr(err, text, "it is too long");
	strcpy(p->copy, text);
	p->ip = p->copy;
	if (p->ip[0] == '[') {
		p->brackets = true;
		p->ip++;
		end = strchr(p->ip, ']');
		if (!end)
			return bad_addr(err, text, "the bracket is not closed");
		*end++ = '\0';
		if (*end && *end != ':')
			return bad_addr(err, text, "a colon and a port are to follow the bracket");
		p->port = *end ? end + 1 : NULL;
	} else if (port) {
		end = strrchr(p->ip, ':');
		if (end && strchr(p->ip, ':') != end)
			return bad_addr(err, text,
					"an IPv6 address with a port goes in brackets, [IPv6]:PORT");
		if (end) {
			*end = '\0';
			p->port = end + 1;
		}
	}
	if (port && !p->port)
		return bad_addr(err, text,
				"there is no port; ADDR:PORT or [IPv6]:PORT is expected");
	if (!port && p->port)
		return bad_addr(err, text, "no port is expected here");
	p->dev = strchr(p->ip, '%');
	if (p->dev)
		*p->dev++ = '\0';
	return 0;
}

static int parse_port(const char *text, const char *digits, uint16_t *port,
		      struct ksrtp_error *err)
{
	unsigned long value;
	char *end;

	if (*digits < '0' || *digits > '9' || strlen(digits) > 5)
		return bad_addr(err, text, "the port is to be 1 to 65535");
	value = strtoul(digits, &end, 10);
	if (*end || value < 1 || value > 65535)
		return bad_addr(err, text, "the port is to be 1 to 65535");
	*port = value;
	return 0;
}

static int parse_dev(struct ksrtp_handle *h, const char *text, const char *dev,
		     uint32_t *scope, struct ksrtp_error *err)
{
	*scope = h ? ksrtp_ifindex(h, dev) : if_nametoindex(dev);
	if (!*scope)
		return bad_addr(err, text, "there is no such interface here");
	return 0;
}

int ksrtp_addr_parse(struct ksrtp_handle *h, const char *text, bool port,
		     struct ksrtp_addr *addr, struct ksrtp_error *err)
{
	struct parts p;
	int ret;

	memset(addr, 0, sizeof(*addr));
	ret = split(text, port, &p, err);
	if (ret)
		return ret;
	if (!p.brackets && inet_pton(AF_INET, p.ip, addr->ip + 12) == 1)
		memcpy(addr->ip, v4_mapped, sizeof(v4_mapped));
	else if (inet_pton(AF_INET6, p.ip, addr->ip) != 1)
		return bad_addr(err, text, "neither IPv4 nor IPv6");
	if (p.dev && !is_link_local(addr->ip))
		return bad_addr(err, text, "only a link-local address has an interface");
	if (!p.dev && is_link_local(addr->ip))
		return bad_addr(err, text,
				"a link-local address needs its interface, [fe80::1%dev]:PORT");
	if (p.dev) {
		ret = parse_dev(h, text, p.dev, &addr->scope, err);
		if (ret)
			return ret;
	}
	return port ? parse_port(text, p.port, &addr->port, err) : 0;
}

const char *ksrtp_addr_str(struct ksrtp_handle *h, const struct ksrtp_addr *addr, bool port,
			   char *buf)
{
	char ip[INET6_ADDRSTRLEN], name[IF_NAMESIZE], scope[IF_NAMESIZE + 1] = "";
	const bool v4 = is_v4(addr->ip);

	if (v4)
		inet_ntop(AF_INET, addr->ip + 12, ip, sizeof(ip));
	else
		inet_ntop(AF_INET6, addr->ip, ip, sizeof(ip));
	if (addr->scope) {
		const char *dev = h ? ksrtp_ifname(h, addr->scope, name) :
				      if_indextoname(addr->scope, name);

		if (dev)
			snprintf(scope, sizeof(scope), "%%%.15s", dev);
		else
			snprintf(scope, sizeof(scope), "%%%u", addr->scope);
	}
	if (!port)
		snprintf(buf, KSRTP_ADDR_STRLEN, "%s%s", ip, scope);
	else if (v4)
		snprintf(buf, KSRTP_ADDR_STRLEN, "%s:%u", ip, addr->port);
	else
		snprintf(buf, KSRTP_ADDR_STRLEN, "[%s%s]:%u", ip, scope, addr->port);
	return buf;
}
