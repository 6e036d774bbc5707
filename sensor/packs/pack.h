// SPDX-License-Identifier: GPL-3.0-or-later
// Pack: a folder of rules with what they are called and how they are tested: pack.yaml, rules/*.rules, tests/. A folder with rule files and no
// pack.yaml (as rule vendors' archives have it) is a pack without tests, whose name the caller gives.
//
// Life cycle   pack_open -> pack_close
// Memory       the list of its files
#pragma once
#include "sensor/files/files.h"

#define PACK_NAME_MAX 64

struct pack {
	char root[PATH_BYTES];
	char name[PACK_NAME_MAX + 1]; // letters, digits, "-", "_", "."; begins with a letter or digit
	char version[65];
	char author[129];
	bool rules_only; // no pack.yaml
	struct tree_list files;
};

// name: for one without pack.yaml, NULL: refuse that. Refuses a pack that wants a newer sensor, or has no rule file.
bool pack_open(struct pack *pack, const char *folder, const char *name, struct pack_error *error);
void pack_close(struct pack *pack);
bool pack_is_rule_file(const struct pack *pack, const char *path);
// A file of tests/ that says what must fire; recipes beside them end in ".recipe.yaml".
bool pack_is_test_file(const struct pack *pack, const char *path);
bool pack_name_good(const char *name);
// Versions by their numbers, then by bytes: "1.10" is after "1.9". As strcmp.
int pack_version_compare(const char *a, const char *b);
