// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens once: the module is loaded, a network namespace is made, the first
 * socket is attached, the first GCM key comes. With memory short at each place where
 * it asks for some, or each few: refused as a whole, nothing left, and it works
 * afterwards. KSRTP_FAULTS=all: at each.
 */
#include "faults.h"

#include <sys/syscall.h>

#define SPARE		900
#define SOCK		77

static struct rig r;

static int load(struct rig *rig)
{
	const char *dir = getenv("KSRTP_MODULES");
	static int fd = -1;
	char path[512];

	(void)rig;
	snprintf(path, sizeof(path), "%s/ksrtp.ko", dir ? dir : ".");
	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kt_bail("%s: %s", path, strerror(errno));
	return syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ksrtp", O_NONBLOCK) ? -errno : 0;
}

static void unload_again(struct rig *rig)
{
	(void)rig;
	if (!kt_wait_until(!unload(), RIG_WAIT))
		kt_bail("ksrtp stays: %s", strerror(errno));
}

static bool not_loaded(struct rig *rig)
{
	(void)rig;
	return access("/sys/module/ksrtp", F_OK);
}

static void loads_again(void)
{
	if (load(NULL))
		kt_bail("ksrtp does not load again: %s", strerror(errno));
}

static void module_loads(void)
{
	const struct fault_op op = {
		.name = "module init", .run = load, .undo = unload_again, .check = not_loaded,
		.bare = true, .step = faults_all() ? 1 : 5,
	};

	if (!faults_within("do_init_module")) {
		kt_skip(op.name, "this kernel does not say where do_init_module is");
		return;
	}
	unload_again(NULL);
	faults_try(&r, &op);
	faults_anywhere();
	loads_again();
}

static int child_netns(struct rig *rig)
{
	(void)rig;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

static void own_netns(struct rig *rig)
{
	static int home = -1;

	(void)rig;
	if (home < 0)
		home = kt_netns_fd();
	kt_netns_enter(home);
}

static void netns_made(void)
{
	const struct fault_op op = {
		.name = "netns", .run = child_netns, .undo = own_netns, .bare = true,
		.step = faults_all() ? 1 : 67,
	};

	own_netns(NULL);
	if (!faults_within("ops_init")) {
		kt_skip(op.name, "this kernel does not say where ops_init is");
		return;
	}
	faults_try(&r, &op);
	faults_anywhere();
}

/* ---- the first of the module ---- */

static int the_fd = -1;

static void socket_there(struct rig *rig)
{
	(void)rig;
	if (the_fd < 0)
		the_fd = rig_udp("127.0.0.1", 7000);
}

static int attach(struct rig *rig)
{
	struct ksrtp_sock sock = { 0 };

	KSRTP_SET(&sock, KSRTP_A_SOCK_ID, id, SOCK);
	return ksrtp_sock_attach(rig->h, the_fd, &sock);
}

static void close_it(struct rig *rig)
{
	(void)rig;
	close(the_fd);
	the_fd = -1;
}

static struct rig_key gcm;

static int add_gcm(struct rig *rig)
{
	return rig_key_try(rig, SPARE, KSRTP_DIR_RX, &gcm);
}

static void undo_gcm(struct rig *rig)
{
	rig_key_del(rig, SPARE, KSRTP_DIR_RX, &gcm);
}

static void first_socket(void)
{
	static const struct fault_op op = {
		.name = "sock-new, the first of the module", .run = attach, .undo = close_it,
		.prepare = socket_there, .once = true,
	};

	r.h = rig_handle();
	faults_try(&r, &op);
	ksrtp_close(r.h);
}

static void first_key(void)
{
	static const struct fault_op op = {
		.name = "key-new, the first of GCM", .run = add_gcm, .undo = undo_gcm, .once = true,
	};
	union rig_addr at = rig_addr("127.0.0.9", 9000);
	struct ksrtp_peer peer = { 0 };

	rig_open(&r, "127.0.0.1");
	KSRTP_SET(&peer, KSRTP_A_PEER_ID, id, SPARE);
	KSRTP_SET(&peer, KSRTP_A_PEER_SOCK, sock, r.sock);
	KSRTP_SET(&peer, KSRTP_A_PEER_REMOTE_ADDR, remote, rig_ksrtp_addr(&at));
	peer.has |= KSRTP_BIT(KSRTP_A_PEER_REMOTE_PORT);
	if (ksrtp_peer_add(r.h, &peer))
		kt_bail("peer: %s", ksrtp_error(r.h));
	rig_hbh(&gcm, "AEAD_AES_128_GCM", 40);
	faults_try(&r, &op);
	rig_close(&r);
	r.h = NULL;
}

int main(void)
{
	faults_start();
	kt_plan(4);
	rig_start();
	/* Nothing has been done with it yet. */
	unload_again(NULL);
	loads_again();
	first_socket();
	first_key();
	module_loads();
	netns_made();
	faults_end();
	return kt_done();
}
