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
