// SPDX-License-Identifier: GPL-3.0-or-later
// Rule options: which rules are loaded, and the variables, classes, lists and reputation they refer to.
#pragma once
#include "decoders/base/option.h"

struct rule_config {
	struct option_map address_groups, port_groups; // vars.*: names without $
	char *rule_path;                               // default-rule-path: where relative rule-files are looked for
	struct option_list rule_files;
	struct option_list action_order;
	char *classification_file, *reference_file, *threshold_file; // NULL: built-in classes, none, none
	struct option_map datasets;                                  // datasets.*: "NAME.type" -> "md5" ...
	char *data_path;                                             // default-data-dir: where sets of values are kept
	char *reputation_path, *reputation_categories;
	struct option_list reputation_files;
	char *store;                     // rules.store: installed packs; NULL none
	bool partial_reload;             // rules.partial-reload
	struct option_list trusted_keys; // rules.trusted-keys: who may sign packs
	char *filters;        // rules.filters: folder of enable.conf, disable.conf, modify.conf, drop.conf; NULL none
	char *geoip_database; // MaxMind country database of the geoip keyword
};

extern const struct option rule_options[];
