// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtpengine: drives rtpengine's kernel module without its daemon.
 *
 *	rtpengine -l ADDR:PORT -f ADDR:PORT -t ADDR:PORT -S SSRC [-s SUITE -i KEYFILE -o KEYFILE]
 *
 * Run in the relay's network namespace: adds table 0 and the iptables rule that the daemon's
 * documentation asks for (INPUT, protocol UDP, target RTPENGINE with id 0), then one target at -l
 * with one destination, sent from -f to -t. Flags are those the daemon sets for an SDES call.
 *
 * The structures of /proc/rtpengine come with the module's source: its header is the contract.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keys.h"
#include "xt_RTPENGINE.h"

#define TABLE "0"

static struct re_address parse_addr(char *arg)
{
	struct re_address a = { .family = AF_INET };
	char *port = strchr(arg, ':');

	if (!port)
		errx(2, "%s: ADDR:PORT expected", arg);
	*port++ = 0;
	a.port = atoi(port);
	if (inet_pton(AF_INET, arg, &a.u.ipv4) != 1)
		errx(2, "%s: no IPv4 address", arg);
	return a;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *suite;
	enum rtpengine_cipher cipher;
	enum rtpengine_hmac hmac;
	unsigned int key_len, salt_len, tag_len;
} suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", REC_AES_CM_128, REH_HMAC_SHA1, 16, 14, 10 },
	{ "NULL_HMAC_SHA1_80", REC_NULL, REH_HMAC_SHA1, 16, 14, 10 },
	{ "AEAD_AES_128_GCM", REC_AEAD_AES_GCM_128, REH_NULL, 16, 12, 0 },
};

static struct rtpengine_srtp crypto(const char *suite, const struct bench_key *k)
{
	struct rtpengine_srtp s = { .cipher = REC_NULL, .hmac = REH_NULL };
	size_t i;

	if (!suite)
		return s;
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		if (!strcmp(suites[i].suite, suite))
			break;
	if (i == ARRAY_SIZE(suites))
		errx(2, "%s: unknown suite", suite);
	if (k->len != suites[i].key_len + suites[i].salt_len)
		errx(1, "%s: key file of %zu bytes", suite, k->len);
	s.cipher = suites[i].cipher;
	s.hmac = suites[i].hmac;
	s.auth_tag_len = suites[i].tag_len;
	s.master_key_len = suites[i].key_len;
	s.session_key_len = suites[i].key_len;
	s.master_salt_len = suites[i].salt_len;
	s.session_salt_len = suites[i].salt_len;
	memcpy(s.master_key, k->bytes[0], s.master_key_len);
	memcpy(s.master_salt, k->bytes[0] + s.master_key_len, s.master_salt_len);
	return s;
}

static void write_all(int fd, const void *buf, size_t len, const char *what)
{
	if (write(fd, buf, len) != (ssize_t)len)
		err(1, "%s", what);
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		fd = open(path, O_WRONLY);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* What the kernel wants in place of "iptables -I INPUT -p udp -j RTPENGINE --id 0" */
struct standard {
	struct ipt_entry entry;
	struct xt_standard_target target;
};

struct rule {
	struct ipt_entry entry;
	struct xt_entry_target target;
	struct xt_rtpengine_info info;
	uint32_t pad; /* the kernel wants all of it in steps of 8 */
};

struct filter {
	struct ipt_replace head;
	struct rule rule;
	struct standard input, forward, output;
	struct {
		struct ipt_entry entry;
		struct xt_error_target target;
	} end;
};

static struct standard accept_all(void)
{
	return (struct standard){
		.entry = { .target_offset = sizeof(struct ipt_entry),
			   .next_offset = sizeof(struct standard) },
		.target = { .target.u.user = { .target_size = sizeof(struct xt_standard_target),
					       .name = XT_STANDARD_TARGET },
			    .verdict = -NF_ACCEPT - 1 },
	};
}

#define AT(member) (offsetof(struct filter, member) - offsetof(struct filter, rule))

static void add_rule(void)
{
	struct filter f = {
		.head = { .name = "filter",
			  .valid_hooks = 1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD |
					 1 << NF_INET_LOCAL_OUT,
			  .num_entries = 5,
			  .size = sizeof(f) - offsetof(struct filter, rule),
			  .hook_entry = { [NF_INET_LOCAL_IN] = AT(rule),
					  [NF_INET_FORWARD] = AT(forward),
					  [NF_INET_LOCAL_OUT] = AT(output) },
			  .underflow = { [NF_INET_LOCAL_IN] = AT(input),
					 [NF_INET_FORWARD] = AT(forward),
					 [NF_INET_LOCAL_OUT] = AT(output) } },
		.rule = { .entry = { .ip.proto = IPPROTO_UDP,
				     .target_offset = sizeof(struct ipt_entry),
				     .next_offset = sizeof(struct rule) },
			  .target.u.user = { .target_size = sizeof(struct rule) -
							    sizeof(struct ipt_entry),
					     .name = "RTPENGINE" },
			  .info.id = 0 },
		.input = accept_all(),
		.forward = accept_all(),
		.output = accept_all(),
		.end = { .entry = { .target_offset = sizeof(struct ipt_entry),
				    .next_offset = sizeof(f.end) },
			 .target = { .target.u.user = { .target_size =
								sizeof(struct xt_error_target),
							.name = XT_ERROR_TARGET },
				     .errorname = "ERROR" } },
	};
	struct ipt_getinfo info = { .name = "filter" };
	socklen_t len = sizeof(info);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0)
		err(1, "raw socket");
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_INFO, &info, &len))
		err(1, "iptables filter table");
	f.head.num_counters = info.num_entries;
	f.head.counters = calloc(info.num_entries, sizeof(*f.head.counters));
	if (!f.head.counters)
		err(1, "calloc");
	if (setsockopt(fd, IPPROTO_IP, IPT_SO_SET_REPLACE, &f, sizeof(f)))
		err(1, "iptables rule");
	free(f.head.counters);
	close(fd);
}

int main(int argc, char **argv)
{
	struct re_address local = { 0 }, from = { 0 }, to = { 0 };
	struct bench_key in_key = { 0 }, out_key = { 0 };
	struct rtpengine_message m = { 0 };
	const char *suite = NULL;
	uint32_t ssrc = 0;
	int c, fd;

	while ((c = getopt(argc, argv, "l:f:t:S:s:i:o:")) != -1) {
		switch (c) {
		case 'l':
			local = parse_addr(optarg);
			break;
		case 'f':
			from = parse_addr(optarg);
			break;
		case 't':
			to = parse_addr(optarg);
			break;
		case 'S':
			ssrc = strtoul(optarg, NULL, 0);
			break;
		case 's':
			suite = optarg;
			break;
		case 'i':
			bench_read_keys(optarg, &in_key);
			break;
		case 'o':
			bench_read_keys(optarg, &out_key);
			break;
		default:
			exit(2);
		}
	}
	if (!local.port || !from.port || !to.port || !ssrc)
		errx(2, "-l, -f, -t and -S are needed");

	fd = open_file("/proc/rtpengine/control");
	write_all(fd, "add " TABLE "\n", 6, "table 0");
	close(fd);
	add_rule();

	fd = open_file("/proc/rtpengine/" TABLE "/control");
	m.cmd = REMG_NOOP;
	m.u.noop.size = sizeof(m);
	m.u.noop.last_cmd = __REMG_LAST;
	write_all(fd, &m, sizeof(m), "version of the interface");

	memset(&m, 0, sizeof(m));
	m.cmd = REMG_ADD_TARGET;
	m.u.target.local = local;
	m.u.target.num_destinations = 1;
	m.u.target.decrypt = crypto(suite, &in_key);
	m.u.target.ssrc[0] = htonl(ssrc);
	m.u.target.num_payload_types = 1; /* payload type 0 */
	m.u.target.payload_types[0].clock_rate = 8000;
	m.u.target.rtcp_mux = 1;
	m.u.target.stun = 1;
	m.u.target.rtp = 1;
	m.u.target.track_ssrc = 1;
	write_all(fd, &m, sizeof(m), "target");

	memset(&m, 0, sizeof(m));
	m.cmd = REMG_ADD_DESTINATION;
	m.u.destination.local = local;
	m.u.destination.output.src_addr = from;
	m.u.destination.output.dst_addr = to;
	m.u.destination.output.encrypt = crypto(suite, &out_key);
	write_all(fd, &m, sizeof(m), "destination");
	close(fd);
	return 0;
}
