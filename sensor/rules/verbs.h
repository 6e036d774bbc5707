// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs, a file each: rules_check is in check.c, and so on. rules_command.c lists them.
#pragma once
#include "sensor/rules/verb.h"

extern const struct rules_verb rules_check;
extern const struct rules_verb rules_explain;
extern const struct rules_verb rules_keywords;
extern const struct rules_verb rules_list;
extern const struct rules_verb rules_profile;
extern const struct rules_verb rules_test;
extern const struct rules_verb rules_install;
extern const struct rules_verb rules_update;
extern const struct rules_verb rules_rollback;
extern const struct rules_verb rules_history;
extern const struct rules_verb rules_keygen;
extern const struct rules_verb rules_sign;
extern const struct rules_verb rules_recipe;
