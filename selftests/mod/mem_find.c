// SPDX-License-Identifier: GPL-2.0
/*
 * mem_find: how often bytes stand anywhere in the machine's memory.
 *
 *	int fd = open("/dev/mem_find", O_RDWR);
 *
 *	write(fd, patterns, n * 12);	patterns of 12 bytes, every bit inverted
 *	read(fd, text, size);		looks, and says what it found
 *
 * All pages are looked through: those of the kernel, of processes, of caches,
 * and free ones, since what was freed and not wiped is what is looked for. Patterns
 * come inverted and stay so, here and with whoever gives them, so that none
 * of these copies counts. One that lies across two pages is not found.
 *
 * read() gives a line for each pattern: its number, how often it was found, and
 * of the last place the page frame, the offset, and how many references the page has.
 */
#include <linux/bitmap.h>
#include <linux/fs.h>
#include <linux/memory_hotplug.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/page_ref.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define PATTERN		12
#define PATTERNS	64

/**
 * struct found - a pattern and where it was
 * @first: its first 8 bytes, inverted
 * @rest: the others
 * @n: how often it was found
 * @pfn: page frame of the last place
 * @offset: offset in it
 * @refs: references the page had
 */
struct found {
	u64 first;
	u32 rest;
	unsigned int n;
	unsigned long pfn;
	unsigned int offset;
	int refs;
};

static DEFINE_MUTEX(lock);	/* all below */
static struct found patterns[PATTERNS];
static unsigned int n_patterns;
/* Which two bytes a pattern may begin with, as they stand in memory */
static DECLARE_BITMAP(begins, 1 << 16);

/*
 * What is looked at may be freed, poisoned or being written: no sanitizer has a
 * say in it, and nothing is called that one watches.
 */
#define UNWATCHED	__no_sanitize_address __no_kcsan noinline

static UNWATCHED bool is_zero(const u64 *page)
{
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*page); i++)
		if (page[i])
			return false;
	return true;
}

static UNWATCHED void compare(const u8 *at, unsigned long pfn, struct page *page)
{
	unsigned int i;

	for (i = 0; i < n_patterns; i++) {
		struct found *f = &patterns[i];

		if (~*(const u64 *)at != f->first ||
		    ~*(const u32 *)(at + 8) != f->rest)
			continue;
		f->n++;
		f->pfn = pfn;
		f->offset = offset_in_page(at);
		f->refs = page_ref_count(page);
	}
}

static UNWATCHED void look_into(unsigned long pfn, struct page *page)
{
	const u8 *at = page_address(page);
	unsigned int i;

	if (is_zero((const u64 *)at))
		return;
	for (i = 0; i + PATTERN <= PAGE_SIZE; i++)
		if (begins[*(const u16 *)(at + i) / BITS_PER_LONG] >>
		    *(const u16 *)(at + i) % BITS_PER_LONG & 1)
			compare(at + i, pfn, page);
}

static void look(void)
{
	unsigned long pfn, end;
	struct page *page;
	int node;
	u64 word;

	for_each_online_node(node) {
		end = node_end_pfn(node);
		for (pfn = node_start_pfn(node); pfn < end; pfn++) {
			if (!(pfn % 1024))
				cond_resched();
			page = pfn_to_online_page(pfn);
			/* Not every page is mapped; the first word tells. */
			if (page && !get_kernel_nofault(word, (u64 *)page_address(page)))
				look_into(pfn, page);
		}
	}
}

static ssize_t find_write(struct file *file, const char __user *buf, size_t len,
			  loff_t *pos)
{
	u8 bytes[PATTERN];
	unsigned int i;
	u16 two;

	if (!len || len % PATTERN || len / PATTERN > PATTERNS)
		return -EINVAL;
	mutex_lock(&lock);
	bitmap_zero(begins, 1 << 16);
	n_patterns = 0;
	for (i = 0; i < len / PATTERN; i++) {
		if (copy_from_user(bytes, buf + i * PATTERN, PATTERN)) {
			len = -EFAULT;
			break;
		}
		memcpy(&patterns[i].first, bytes, 8);
		memcpy(&patterns[i].rest, bytes + 8, 4);
		memcpy(&two, bytes, 2);
		set_bit((u16)~two, begins);
		n_patterns++;
	}
	mutex_unlock(&lock);
	return len;
}

static ssize_t find_read(struct file *file, char __user *buf, size_t len,
			 loff_t *pos)
{
	const size_t size = PATTERNS * 80;
	ssize_t ret = 0;
	unsigned int i;
	char *text;

	if (*pos)
		return 0;
	text = kmalloc(size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	mutex_lock(&lock);
	for (i = 0; i < n_patterns; i++)
		patterns[i].n = 0;
	look();
	for (i = 0; i < n_patterns; i++)
		ret += scnprintf(text + ret, size - ret, "%u %u %lx+%x %d\n", i,
				 patterns[i].n,
				 patterns[i].n ? patterns[i].pfn : 0,
				 patterns[i].n ? patterns[i].offset : 0,
				 patterns[i].n ? patterns[i].refs : 0);
	mutex_unlock(&lock);
	ret = simple_read_from_buffer(buf, len, pos, text, ret);
	kfree(text);
	return ret;
}

static const struct file_operations find_fops = {
	.owner = THIS_MODULE,
	.read = find_read,
	.write = find_write,
};

static struct miscdevice find_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mem_find",
	.fops = &find_fops,
	.mode = 0600,
};
module_misc_device(find_dev);

MODULE_DESCRIPTION("Finds bytes anywhere in memory, for ksrtp's tests");
MODULE_LICENSE("GPL");
