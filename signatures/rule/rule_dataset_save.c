// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "signatures/rule/rule_dataset_build.h"
#include "signatures/rule/rule_datasets.h"

// Makes the folders of path that are not there.
static void make_folders(const char *path)
{
	char folder[4096];
	size_t len = strlen(path);
	if (len >= sizeof(folder))
		return;
	memcpy(folder, path, len + 1);
	for (char *at = folder + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		mkdir(folder, 0750);
		*at = '/';
	}
}

static bool write_failed(const char *name, const char *path)
{
	log_error("dataset %s: %s cannot be written: %s", name, path, strerror(errno));
	return false;
}

// Beside the file first, so that nobody ever reads half of one.
static bool write_set(const struct dataset *set, const char *name, const char *path)
{
	char fresh[4096 + 8];
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	FILE *out = fopen(fresh, "we");
	if (!out && errno == ENOENT) {
		make_folders(path);
		out = fopen(fresh, "we");
	}
	if (!out)
		return write_failed(name, path);
	dataset_write(set, out);
	bool good = fflush(out) == 0 && fsync(fileno(out)) == 0;
	good = fclose(out) == 0 && good;
	if (good && rename(fresh, path) == 0)
		return true;
	write_failed(name, path);
	unlink(fresh);
	return false;
}

static const struct rule_dataset *dataset_named(const struct rule_set *set, const char *name)
{
	uint32_t number = rule_names_find(&set->own->datasets, span_text(name));
	return number == UINT32_MAX ? NULL : set->own->datasets.values[number];
}

struct dataset *rule_set_dataset(const struct rule_set *set, const char *name)
{
	const struct rule_dataset *known = dataset_named(set, name);
	return known ? known->set : NULL;
}

unsigned rule_datasets_save(const struct rule_set *set, const struct rule_set *after, unsigned *failed)
{
	const struct rule_names *names = &set->own->datasets;
	unsigned written = 0, faults = 0;
	for (uint32_t i = 0; i < names->count; i++) {
		const struct rule_dataset *known = names->values[i];
		const struct dataset *next = known && after ? rule_set_dataset(after, names->names[i]) : NULL;
		if (!known || !known->save || (next && dataset_goes_on(next, known->set)))
			continue;
		if (write_set(known->set, names->names[i], known->save))
			written++;
		else
			faults++;
	}
	if (failed)
		*failed = faults;
	return written;
}
