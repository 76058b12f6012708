// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * profile: a plugin for qemu that says where a row of the bench spends its instructions.
 *
 *	qemu-system-x86_64 ... -plugin profile.so,out=DIRECTORY
 *
 * Counts from the instruction of bench_window_begin() to that of bench_window_end() (window.h), and
 * writes DIRECTORY/profile.N for the Nth window: a line per translated block that ran in it, with
 * its address and the instructions executed there. profile.awk turns that into functions.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

int qemu_plugin_version = 4;

/* The two instructions of window.h */
static const uint8_t begin_code[] = { 0x0f, 0x1f, 0x84, 0x00, 0x01, 0x52, 0x53, 0x4b };
static const uint8_t end_code[] = { 0x0f, 0x1f, 0x84, 0x00, 0x02, 0x52, 0x53, 0x4b };

struct block {
	struct block *next;
	uint64_t addr;
	uint64_t insns;
	uint64_t runs;
};

static struct block *blocks;
static bool counting;
static const char *dir = ".";

static void ran(unsigned int cpu, void *data)
{
	struct block *b = data;

	b->runs += counting;
}

static void begin(unsigned int cpu, void *data)
{
	struct block *b;

	for (b = blocks; b; b = b->next)
		b->runs = 0;
	counting = true;
}

static void end(unsigned int cpu, void *data)
{
	static unsigned int window;
	char path[4096];
	struct block *b;
	FILE *f;

	counting = false;
	snprintf(path, sizeof(path), "%s/profile.%u", dir, window++);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	for (b = blocks; b; b = b->next)
		if (b->runs)
			fprintf(f, "%016llx ~ %llu\n", (unsigned long long)b->addr,
				(unsigned long long)(b->runs * b->insns));
	fclose(f);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = calloc(1, sizeof(*b));
	uint8_t code[sizeof(begin_code)];
	size_t i;

	if (!b)
		abort();
	b->addr = qemu_plugin_tb_vaddr(tb);
	b->insns = qemu_plugin_tb_n_insns(tb);
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, ran, QEMU_PLUGIN_CB_NO_REGS, b);

	for (i = 0; i < b->insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_data(insn, code, sizeof(code)) != sizeof(code))
			continue;
		if (!memcmp(code, begin_code, sizeof(code)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
		if (!memcmp(code, end_code, sizeof(code)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	if (argc == 1 && !strncmp(argv[0], "out=", 4)) {
		dir = strdup(argv[0] + 4);
		qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
		return 0;
	}
	fprintf(stderr, "profile: out=DIRECTORY expected\n");
	return -1;
}
