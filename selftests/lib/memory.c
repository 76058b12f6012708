// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <dirent.h>

#define SLABS	"/sys/kernel/slab"

/* Writing to a file of /sys, which may not be there */
static void write_one(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		kt_note("%s: %s", path, strerror(errno));
	close(fd);
}

void memory_shrink(void)
{
	char path[512];
	struct dirent *e;
	DIR *dir;

	dir = opendir(SLABS);
	if (!dir)
		kt_bail(SLABS ": %s", strerror(errno));
	while ((e = readdir(dir))) {
		/* Others are names of caches that were merged */
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SLABS "/%s/shrink", e->d_name);
		write_one(path);
	}
	closedir(dir);
}

static void read_meminfo(struct memory *m)
{
	const struct {
		const char *name;
		long *value;
	} rows[] = {
		{ "MemFree", &m->free }, { "MemAvailable", &m->available },
		{ "Slab", &m->slab }, { "SUnreclaim", &m->unreclaim },
		{ "Percpu", &m->percpu }, { "VmallocUsed", &m->vmalloc },
	};
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	long value;
	size_t i;

	if (!f)
		kt_bail("meminfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %ld", name, &value) != 2)
			continue;
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (!strcmp(name, rows[i].name))
				*rows[i].value = value;
	}
	fclose(f);
}

/* Does a cache count as reclaimable, which is the file system's affair? */
static bool reclaimable(const char *name)
{
	char path[512], text[8];

	snprintf(path, sizeof(path), SLABS "/%s/reclaim_account", name);
	return *kt_read(path, text, sizeof(text)) == '1';
}

static void read_slabinfo(struct memory *m)
{
	FILE *f = fopen("/proc/slabinfo", "re");
	char line[512], name[64];
	long long used, size;

	if (!f)
		kt_bail("slabinfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %lld %*d %lld", name, &used, &size) != 3)
			continue;
		if (!strcmp(name, "net_namespace"))
			m->namespaces = used;
		if (!reclaimable(name))
			m->objects += used * size;
	}
	fclose(f);
}

/* By its own name, which it has though it may be one with another cache */
static long objects_of(const char *cache)
{
	char path[512], text[256];

	snprintf(path, sizeof(path), SLABS "/%s/objects", cache);
	return atol(kt_read(path, text, sizeof(text)));
}

void memory_read(struct memory *m)
{
	char text[32];

	memset(m, 0, sizeof(*m));
	read_meminfo(m);
	read_slabinfo(m);
	m->streams = objects_of("ksrtp_stream");
	m->refcnt = atol(kt_read("/sys/module/ksrtp/refcnt", text, sizeof(text)));
}

double memory_slope(const double *y, unsigned int n)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sx += i;
		sy += y[i];
		sxx += (double)i * i;
		sxy += i * y[i];
	}
	return n < 2 ? 0 : (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

#define ROWS	60
#define WIDTH	50

void memory_chart(const char *what, const double *y, unsigned int n)
{
	unsigned int step = (n + ROWS - 1) / ROWS, i;
	char bar[WIDTH + 1];
	double low, high;

	if (!n)
		return;
	for (low = y[0], high = y[0], i = 0; i < n; i++) {
		low = y[i] < low ? y[i] : low;
		high = y[i] > high ? y[i] : high;
	}
	kt_note("%s: from %.0f to %.0f", what, low, high);
	for (i = 0; i < n; i += step) {
		int len = high > low ? (y[i] - low) / (high - low) * WIDTH + 0.5 : 0;

		memset(bar, '#', len);
		bar[len] = '\0';
		kt_note("%4u %12.0f |%s", i, y[i], bar);
	}
}
