// SPDX-License-Identifier: GPL-3.0-or-later
// Install rules: the rules of a set under construction: all packs' rule files through the filters, into STAGING/rules, then a look whether they parse.
#pragma once
#include "sensor/packs/filter.h"
#include "sensor/packs/install.h"

// as_came: enabled rules of the pack called name, before filters.
bool install_write_rules(const struct sensor_config *config, const char *staging, const struct store_set *set,
	const char *name, uint32_t *as_came, struct filter_counts *counts, struct pack_error *error);
// Rules in STAGING/rules that cannot be taken: how many, with the first one's place and reason in error. false: they cannot be read at all.
bool install_parse_rules(const struct sensor_config *config, const char *staging, const struct store_set *set,
	uint32_t *loaded, uint32_t *refused, struct pack_error *error);
