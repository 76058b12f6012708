// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses: what is read comes out again, and what is none is refused. */
#include <kt.h>

#include <libksrtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	bool port;
	const char *again;	/* NULL: the same */
} good[] = {
	{ "192.0.2.1:5000", true, NULL },
	{ "0.0.0.0:1", true, NULL },
	{ "255.255.255.255:65535", true, NULL },
	{ "[2001:db8::1]:5000", true, NULL },
	{ "[2001:DB8:0:0:0:0:0:1]:05000", true, "[2001:db8::1]:5000" },
	{ "[::]:5000", true, NULL },
	{ "[::ffff:192.0.2.1]:5000", true, "192.0.2.1:5000" },
	{ "[fe80::1%lo]:5000", true, NULL },
	{ "[ff02::1%lo]:5000", true, NULL },
	{ "192.0.2.1", false, NULL },
	{ "2001:db8::1", false, NULL },
	{ "[2001:db8::1]", false, "2001:db8::1" },
	{ "fe80::1%lo", false, NULL },
};

static const struct {
	const char *text;
	bool port;
	const char *sentence;
} bad[] = {
	{ "", true, "there is no port" },
	{ "192.0.2.1", true, "there is no port" },
	{ "192.0.2.1:", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1:0", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1:65536", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1:+1", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1: 1", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1:5000x", true, "the port is to be 1 to 65535" },
	{ "192.0.2.1:0x50", true, "the port is to be 1 to 65535" },
	{ "192.0.2:5000", true, "neither IPv4 nor IPv6" },
	{ "192.0.2.256:5000", true, "neither IPv4 nor IPv6" },
	{ "[192.0.2.1]:5000", true, "neither IPv4 nor IPv6" },
	{ "relay.example:5000", true, "neither IPv4 nor IPv6" },
	{ ":5000", true, "neither IPv4 nor IPv6" },
	{ "2001:db8::1:5000", true, "goes in brackets" },
	{ "[2001:db8::1]", true, "there is no port" },
	{ "[2001:db8::1:5000", true, "the bracket is not closed" },
	{ "[2001:db8::1]5000", true, "a colon and a port are to follow" },
	{ "[2001:db8::1%lo]:5000", true, "only a link-local address" },
	{ "192.0.2.1%lo:5000", true, "only a link-local address" },
	{ "[fe80::1]:5000", true, "a link-local address needs its interface" },
	{ "[fe80::1%nosuchdev0]:5000", true, "there is no such interface" },
	{ "[fe80::1%]:5000", true, "there is no such interface" },
	{ "[fe80::1%a-name-that-no-interface-can-have]:5000", true, "there is no such interface" },
	{ "192.0.2.1:5000", false, "neither IPv4 nor IPv6" },
	{ "[2001:db8::1]:5000", false, "no port is expected" },
	{ "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:1",
	  true, "it is too long" },
};

int main(void)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct ksrtp_addr addr;
	struct ksrtp_error err;
	char text[KSRTP_ADDR_STRLEN];
	size_t i;

	kt_plan(ARRAY_SIZE(good) + ARRAY_SIZE(bad) + 3);
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		const char *want = good[i].again ? good[i].again : good[i].text;
		int ret = ksrtp_addr_parse(NULL, good[i].text, good[i].port, &addr, &err);

		ksrtp_addr_str(NULL, &addr, good[i].port, text);
		kt_ok(!ret && !strcmp(text, want), "read: %s", good[i].text);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		int ret = ksrtp_addr_parse(NULL, bad[i].text, bad[i].port, &addr, &err);

		if (ret != -EINVAL || !strstr(err.text, bad[i].sentence))
			kt_note("%d: %s", ret, ret ? err.text : "");
		kt_ok(ret == -EINVAL && strstr(err.text, bad[i].sentence), "refused: \"%s\", %s",
		      bad[i].text, bad[i].sentence);
	}

	ksrtp_addr_parse(NULL, "192.0.2.1:5000", true, &addr, NULL);
	kt_mem_is(addr.ip, 16, mapped, 16, "IPv4 is v4-mapped");
	kt_is(addr.port, 5000, "the port is in host order");
	addr.ip[0] = 0xfe;
	addr.ip[1] = 0x80;
	addr.scope = 4000000000u;
	kt_ok(strstr(ksrtp_addr_str(NULL, &addr, true, text), "%4000000000]:5000"),
	      "an interface that is gone is printed as its number");
	return kt_done();
}
