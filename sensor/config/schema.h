// SPDX-License-Identifier: GPL-3.0-or-later
// Schema: all option tables as one list. A key may stand in several tables (two modules read host-os-policy): it is then set in each.
//
// Threads      any: what is kept is const, but for the number of options of a table, which is counted when first asked for
#pragma once
#include <stdbool.h>
#include "decoders/base/option.h"

struct sensor_config;

struct schema_entry {
	const struct option *option;
	void *value; // in the config asked about
};

// Walks all options: entry number index of config. False past the last.
bool schema_entry(struct sensor_config *config, unsigned index, struct schema_entry *entry);

// Has an option before number index the same key?
bool schema_is_repeat(unsigned index);

// What of an option a key names.
enum schema_part {
	SCHEMA_NONE,
	SCHEMA_WHOLE, // the option itself
	SCHEMA_ITEM,  // LIST.N, and TEXT.N: a list written as "[a,b]"
	SCHEMA_BELOW, // MAP.rest
};
// rest: what follows the option's own key (N, or the key in the map).
enum schema_part schema_match(const struct option *option, const char *key, const char **rest);
// Is key a level above some option ("stream" of "stream.midstream")?
bool schema_is_section(const char *key);
// The known key most like key; NULL when none is near.
const char *schema_nearest(const char *key);
// Line for the head of a top-level section in the default file; NULL none.
const char *schema_section_help(const char *section);
