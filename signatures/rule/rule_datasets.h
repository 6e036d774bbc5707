// SPDX-License-Identifier: GPL-3.0-or-later
// Rule datasets: the sets of values of a rule set, by name, with where they come from and where they are kept.
//
// Life cycle   rule_datasets_configure (sets of the settings) -> rule_dataset_take as rules name them -> rule_datasets_free
// Memory       definitions in the rule set's arena; the sets their own
// Threads      making and freeing: the loading one. rule_set_dataset and rule_datasets_save: one at a time, while the set lives
#pragma once
#include "signatures/operand/dataset.h"
#include "signatures/rule/rule_set.h"

// For the sensor: the set of values called name; NULL none.
struct dataset *rule_set_dataset(const struct rule_set *set, const char *name);
// Writes the sets that have a state or save file, but those that after (may be NULL) goes on with. A file is replaced as a whole. Gives how
// many were written; *failed (may be NULL) how many could not be, told to the log.
unsigned rule_datasets_save(const struct rule_set *set, const struct rule_set *after, unsigned *failed);
