// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses: what is read comes out as a text that reads as the same. The first
 * byte says whether there is to be a port.
 */
#include "../../selftests/fuzz/fuzz.h"

#include "libksrtp.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	char text[KSRTP_ADDR_STRLEN], *in;
	struct ksrtp_addr addr, again;
	struct ksrtp_error err = { 0 };
	bool port;
	int ret;

	if (!size)
		return 0;
	port = data[0] & 1;
	in = strndup((const char *)data + 1, size - 1);
	if (!in)
		return 0;
	ret = ksrtp_addr_parse(NULL, in, port, &addr, &err);
	if (ret) {
		promise(ret < 0 && *err.text);
	} else {
		ksrtp_addr_str(NULL, &addr, port, text);
		promise(!ksrtp_addr_parse(NULL, text, port, &again, NULL));
		promise(!memcmp(addr.ip, again.ip, 16) && addr.port == again.port &&
			addr.scope == again.scope);
	}
	free(in);
	return 0;
}
