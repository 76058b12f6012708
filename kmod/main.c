// SPDX-License-Identifier: GPL-2.0
/* Module and network namespace: what comes into being first and goes last. */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ksrtp.h"

static bool selftest;
module_param(selftest, bool, 0444);
MODULE_PARM_DESC(selftest, "run the known answers before anything else, and fail to load if one is wrong");

unsigned int ksrtp_net_id;
struct workqueue_struct *ksrtp_wq;

/**
 * ksrtp_net() - what ksrtp has in a network namespace
 * @net: network namespace
 */
struct ksrtp_net *ksrtp_net(const struct net *net)
{
	return net_generic(net, ksrtp_net_id);
}

static int __net_init net_init(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);

	kn->net = net;
	mutex_init(&kn->lock);
	xa_init(&kn->socks);
	xa_init(&kn->peers);
	ksrtp_event_net_init(kn);
	return ksrtp_stats_net_init(kn);
}

/*
 * Applications' sockets hold the namespace, so none is left; the module's own
 * do not. The devices went before us, and what they handed in with them.
 */
static void __net_exit net_exit(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);

	mutex_lock(&kn->lock);
	ksrtp_sock_flush(kn);
	mutex_unlock(&kn->lock);
}

/*
 * Once for all namespaces that go together. What was deleted, now or when its
 * socket was closed, is freed here, not later: a dst_cache holds entries that
 * count themselves in the namespace, whose counters go after us.
 */
static void __net_exit net_exit_batch(struct list_head *list)
{
	struct ksrtp_net *kn;
	struct net *net;

	synchronize_net();
	list_for_each_entry(net, list, exit_list)
		ksrtp_event_net_exit(ksrtp_net(net));
	rcu_barrier();
	flush_workqueue(ksrtp_wq);
	list_for_each_entry(net, list, exit_list) {
		kn = ksrtp_net(net);
		WARN_ON(!xa_empty(&kn->socks) || !xa_empty(&kn->peers));
		WARN_ON(kn->keys || kn->routes || atomic_read(&kn->streams));
		xa_destroy(&kn->socks);
		xa_destroy(&kn->peers);
		ksrtp_stats_net_exit(kn);
	}
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.exit_batch = net_exit_batch,
	.id = &ksrtp_net_id,
	.size = sizeof(struct ksrtp_net),
};

/* What must be there before the first object: a row each, undone in reverse. */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ ksrtp_transform_module_init, ksrtp_transform_module_exit },
	{ ksrtp_peer_module_init, ksrtp_peer_module_exit },
	{ ksrtp_key_module_init, ksrtp_key_module_exit },
	{ ksrtp_stream_module_init, ksrtp_stream_module_exit },
	{ ksrtp_route_module_init, ksrtp_route_module_exit },
};

static void parts_exit(int n)
{
	while (n--)
		parts[n].exit();
}

static int __init ksrtp_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init();
		if (err)
			goto exit_parts;
	}
	if (selftest) {
		err = ksrtp_selftest();
		if (err)
			goto exit_parts;
	}
	/* Objects are freed on whichever CPU has time for it. */
	ksrtp_wq = alloc_workqueue("ksrtp", WQ_UNBOUND, 0);
	if (!ksrtp_wq) {
		err = -ENOMEM;
		goto exit_parts;
	}
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto destroy_wq;
	err = ksrtp_netlink_init();
	if (err)
		goto unregister_net;
	return 0;

unregister_net:
	unregister_pernet_subsys(&net_ops);
destroy_wq:
	destroy_workqueue(ksrtp_wq);
exit_parts:
	parts_exit(i);
	return err;
}

/*
 * No application's socket is left, since each holds the module. Objects are
 * freed by RCU callbacks, some of which queue work: wait for both, in order.
 */
static void __exit ksrtp_exit(void)
{
	ksrtp_netlink_exit();
	unregister_pernet_subsys(&net_ops);
	rcu_barrier();
	destroy_workqueue(ksrtp_wq);
	rcu_barrier();
	parts_exit(ARRAY_SIZE(parts));
}

module_init(ksrtp_init);
module_exit(ksrtp_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The ksrtp developers");
MODULE_DESCRIPTION("SRTP for UDP sockets: relay and endpoint");
MODULE_VERSION("0.1.0");
/* Templates and drivers are found by name; an initramfs is told so here. */
MODULE_SOFTDEP("pre: ctr aesni_intel sha1_ssse3");
MODULE_ALIAS_GENL_FAMILY(KSRTP_GENL_NAME);
