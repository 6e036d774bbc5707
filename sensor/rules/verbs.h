// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs, a file each: rules_check is in check.c, and so on. rules_command.c lists them.
#pragma once
#include "sensor/verb/verb.h"

extern const struct verb_tool rules_tool;

extern const struct verb rules_check;
extern const struct verb rules_explain;
extern const struct verb rules_keywords;
extern const struct verb rules_list;
extern const struct verb rules_profile;
extern const struct verb rules_test;
extern const struct verb rules_install;
extern const struct verb rules_update;
extern const struct verb rules_rollback;
extern const struct verb rules_history;
extern const struct verb rules_keygen;
extern const struct verb rules_sign;
extern const struct verb rules_recipe;
