// SPDX-License-Identifier: GPL-3.0-or-later
// Describe part: the pieces of describe.h that have a file each. Not for use outside signatures/check.
#pragma once
#include "signatures/check/words.h"

struct rule_set;

void describe_match(struct words *words, const struct rule *rule, const struct match *match);
void describe_test(
	struct words *words, const struct rule_set *set, const struct rule *rule, const struct rule_test *test);
void describe_threshold(struct words *words, const struct rule_threshold *threshold);
// The option at column as it was written, when the rule's text is kept. False: nothing added.
bool describe_as_written(struct words *words, const struct rule *rule, unsigned column);
