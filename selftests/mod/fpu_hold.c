// SPDX-License-Identifier: GPL-2.0
/*
 * fpu_hold: a packet arrives while a task sits inside kernel_fpu_begin().
 *
 *	int fd = open("/dev/fpu_hold", O_RDWR);
 *
 *	write(fd, datagram, len);	one IPv4 or IPv6 datagram, from its IP header on
 *	read(fd, text, size);		what happened since the open
 *
 * The writing task enters kernel_fpu_begin() and leaves known values in the
 * registers. Then the datagram is received by the device that the parameter
 * `dev` names (lo), in the task's network namespace, its checksum taken as
 * verified. The parameter `how` says how it comes:
 *
 *	irq	an interrupt hands it to the stack, whose softirq runs as the
 *		interrupt returns: this is what a network card does
 *	task	the task itself hands it over, and the softirq runs as BHs are
 *		enabled again: loopback and veth, under a sender of this kind
 *
 * Up to 6.15, kernel_fpu_begin() disables preemption alone. So both softirqs
 * run inside of it, irq_fpu_usable() says no there, and a packet path that
 * calls a SIMD driver of 6.1 or 6.12 nevertheless gets -EINPROGRESS, or spoils
 * the task's registers. From 6.16 on it disables BHs, the packet waits for
 * kernel_fpu_end(), and `outside` counts.
 *
 * write() returns when the packet is through: -ETIMEDOUT where it never came to
 * the hook LOCAL_IN, for the stack dropped it or routed it elsewhere; -EIO where
 * the registers were not as the task left them. read() gives
 *
 *	packets N	came to LOCAL_IN
 *	inside N	of these, in a softirq inside the task's section, where the
 *			FPU cannot be used
 *	outside N	of these, when it could be
 *	spoiled N	registers were not as the task left them
 *
 * Packets of which no write() is waiting are not counted.
 */
#include <asm/fpu/api.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/route.h>

static char dev[IFNAMSIZ] = "lo";
module_param_string(dev, dev, sizeof(dev), 0644);
MODULE_PARM_DESC(dev, "device that receives the packets");

static char how[8] = "irq";
module_param_string(how, how, sizeof(how), 0644);
MODULE_PARM_DESC(how, "irq: from an interrupt; task: from the task itself");

#define SPIN_MS		100
#define XMM		16

/**
 * struct hold - one open file
 * @net: network namespace of who opened it
 * @hooks: LOCAL_IN, IPv4 and IPv6
 * @lock: of writes and reads
 * @work: interrupt that hands over @skb
 * @skb: the packet under way, NULL where none is
 * @cpu: where the writer holds the FPU, -1 where it does not
 * @arrived: @skb came to LOCAL_IN
 * @packets: came to LOCAL_IN
 * @inside: of these, in a softirq inside the section
 * @outside: of these, when the FPU could be used
 * @spoiled: how often registers were not as the task left them
 *
 * The hook writes the first three counters, while a write waits for it.
 */
struct hold {
	struct net *net;
	struct nf_hook_ops hooks[2];
	struct mutex lock;	/* one write at a time */
	struct irq_work work;
	struct sk_buff *skb;
	int cpu;
	struct completion arrived;
	unsigned int packets;
	unsigned int inside;
	unsigned int outside;
	unsigned int spoiled;
};

static unsigned int local_in(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct hold *h = priv;

	if (cmpxchg(&h->skb, skb, NULL) != skb)
		return NF_ACCEPT;
	h->packets++;
	if (irq_fpu_usable())
		h->outside++;
	else if (READ_ONCE(h->cpu) == smp_processor_id())
		h->inside++;
	complete(&h->arrived);
	return NF_ACCEPT;
}

/* ---- The section ---- */

struct registers {
	u8 xmm[XMM][16];
} __aligned(16);

#define EACH_XMM	".irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"

static void load(const struct registers *r)
{
	asm volatile(EACH_XMM "movdqu 16*\\i(%0), %%xmm\\i\n\t.endr"
		     : : "r" (r) : "memory");
}

static void store(struct registers *r)
{
	asm volatile(EACH_XMM "movdqu %%xmm\\i, 16*\\i(%0)\n\t.endr"
		     : : "r" (r) : "memory");
}

static void hand_over(struct irq_work *work)
{
	struct hold *h = container_of(work, struct hold, work);

	netif_rx(h->skb);
}

/*
 * Spins until the packet was there, or until there is no hope that it will
 * come in here. Since the softirq is on top of this task, it is over when the
 * task sees that the packet arrived.
 */
static void inside(struct hold *h)
{
	ktime_t end = ktime_add_ms(ktime_get(), SPIN_MS);

	WRITE_ONCE(h->cpu, smp_processor_id());
	if (!strcmp(how, "task"))
		hand_over(&h->work);
	else
		irq_work_queue(&h->work);
	while (!completion_done(&h->arrived) && !softirq_count() &&
	       ktime_before(ktime_get(), end))
		cpu_relax();
	WRITE_ONCE(h->cpu, -1);
}

static int deliver(struct hold *h, struct sk_buff *skb)
{
	struct registers left, found;
	unsigned int i;

	for (i = 0; i < sizeof(left.xmm); i++)
		left.xmm[i / 16][i % 16] = i + 1;
	reinit_completion(&h->arrived);
	h->skb = skb;

	kernel_fpu_begin();
	load(&left);
	inside(h);
	store(&found);
	kernel_fpu_end();

	irq_work_sync(&h->work);
	if (!wait_for_completion_timeout(&h->arrived, HZ)) {
		/* freed by now, or on its way to where nobody looks for it */
		WRITE_ONCE(h->skb, NULL);
		return -ETIMEDOUT;
	}
	if (memcmp(&left, &found, sizeof(left))) {
		h->spoiled++;
		return -EIO;
	}
	return 0;
}

/* ---- The file ---- */

/*
 * What loopback sends itself has its route already, and 127.0.0.1 is accepted
 * in no other way.
 */
static int route(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct flowi4 flow = { .daddr = ip->daddr, .saddr = ip->saddr };
	struct rtable *rt;

	if (!(skb->dev->flags & IFF_LOOPBACK) || ip->version != 4)
		return 0;
	rt = ip_route_output_key(net, &flow);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb_dst_set(skb, &rt->dst);
	return 0;
}

static struct sk_buff *datagram(struct hold *h, const char __user *buf,
				size_t len)
{
	struct net_device *netdev;
	struct sk_buff *skb;
	u8 version;

	if (len < sizeof(struct iphdr) || len > U16_MAX)
		return ERR_PTR(-EINVAL);
	skb = alloc_skb(NET_SKB_PAD + len, GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_reserve(skb, NET_SKB_PAD);
	if (copy_from_user(skb_put(skb, len), buf, len)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	version = skb->data[0] >> 4;
	skb->protocol = htons(version == 4 ? ETH_P_IP : ETH_P_IPV6);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);

	netdev = dev_get_by_name(h->net, dev);
	if (!netdev || (version != 4 && version != 6)) {
		dev_put(netdev);
		kfree_skb(skb);
		return ERR_PTR(netdev ? -EINVAL : -ENODEV);
	}
	skb->dev = netdev;
	return skb;
}

static ssize_t hold_write(struct file *file, const char __user *buf, size_t len,
			  loff_t *pos)
{
	struct hold *h = file->private_data;
	struct net_device *netdev;
	struct sk_buff *skb;
	int err;

	skb = datagram(h, buf, len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	netdev = skb->dev;	/* of which the reference is ours, not the packet's */
	err = route(h->net, skb);
	if (err) {
		kfree_skb(skb);
	} else {
		mutex_lock(&h->lock);
		err = deliver(h, skb);
		mutex_unlock(&h->lock);
	}
	dev_put(netdev);
	return err ?: len;
}

static ssize_t hold_read(struct file *file, char __user *buf, size_t len,
			 loff_t *pos)
{
	struct hold *h = file->private_data;
	char text[96];
	int n;

	mutex_lock(&h->lock);
	n = scnprintf(text, sizeof(text),
		      "packets %u\ninside %u\noutside %u\nspoiled %u\n",
		      h->packets, h->inside, h->outside, h->spoiled);
	mutex_unlock(&h->lock);
	return simple_read_from_buffer(buf, len, pos, text, n);
}

static int hold_open(struct inode *inode, struct file *file)
{
	struct hold *h;
	int err;

	h = kzalloc(sizeof(*h), GFP_KERNEL);
	if (!h)
		return -ENOMEM;
	mutex_init(&h->lock);
	init_completion(&h->arrived);
	init_irq_work(&h->work, hand_over);
	h->cpu = -1;
	h->hooks[0] = (struct nf_hook_ops){
		.hook = local_in,
		.priv = h,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	};
	h->hooks[1] = (struct nf_hook_ops){
		.hook = local_in,
		.priv = h,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	};
	h->net = get_net(current->nsproxy->net_ns);
	err = nf_register_net_hooks(h->net, h->hooks, ARRAY_SIZE(h->hooks));
	if (err) {
		put_net(h->net);
		kfree(h);
		return err;
	}
	file->private_data = h;
	return 0;
}

static int hold_release(struct inode *inode, struct file *file)
{
	struct hold *h = file->private_data;

	nf_unregister_net_hooks(h->net, h->hooks, ARRAY_SIZE(h->hooks));
	synchronize_net();
	put_net(h->net);
	kfree(h);
	return 0;
}

static const struct file_operations hold_fops = {
	.owner = THIS_MODULE,
	.open = hold_open,
	.release = hold_release,
	.read = hold_read,
	.write = hold_write,
};

static struct miscdevice hold_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "fpu_hold",
	.fops = &hold_fops,
	.mode = 0600,
};
module_misc_device(hold_dev);

MODULE_DESCRIPTION("Packets that arrive while a task holds the FPU, for ksrtp's tests");
MODULE_LICENSE("GPL");
