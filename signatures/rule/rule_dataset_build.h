// SPDX-License-Identifier: GPL-3.0-or-later
// Rule dataset build: what a rule or the settings say of a set of values, and finding or making the set. Not for use outside signatures/rule.
//
// Life cycle   a definition on the caller's stack -> rule_dataset_take
// Memory       the rule set's arena
// Threads      the loading one
#pragma once
#include "signatures/operand/dataset.h"
#include "signatures/rule/rule_build.h"

enum dataset_format { DATASET_CSV, DATASET_JSON, DATASET_NDJSON };

struct rule_dataset {
	struct dataset *set;
	const char *load, *save; // paths; NULL none
	uint8_t format;          // enum dataset_format
};

struct dataset_definition {
	struct span name, type;
	struct span load, save, state; // files as written; state: both
	struct span value_key, array_key;
	uint64_t memcap, hashsize; // 0: by datasets.defaults
	uint8_t format;            // enum dataset_format
	bool has_format, remove_key;
	bool configured; // by the settings: files may be anywhere
};

// Takes one argument of dataset, datarep or the settings ("type string", "load FILE" ...). False with the reason noted, or, when *known is
// false, because it is none of a definition's.
bool dataset_definition_word(struct rule_build *build, struct dataset_definition *definition, struct span word,
	struct span value, bool *known);
// The set definition names: the one that is there, if it was defined alike, else a new one. NULL with the reason noted.
struct dataset *rule_dataset_take(struct rule_build *build, struct dataset_definition *definition);
// Makes the sets of the settings (datasets.NAME.type ...).
void rule_datasets_configure(struct rule_set *set);
void rule_datasets_free(struct rule_set_private *own);

// rule_path.c: where files that rules name are.
// To read: beside the rule file, else under default-rule-path, else here. False with the reason noted: no file (a device or pipe is none).
bool rule_path_read(struct rule_build *build, struct span name, char *path, size_t size);
// To write: under default-data-dir; elsewhere only with anywhere. False with the reason noted.
bool rule_path_write(struct rule_build *build, struct span name, bool anywhere, char *path, size_t size);
// Is there a file to read?
bool rule_path_is_file(const char *path);
