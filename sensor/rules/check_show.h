// SPDX-License-Identifier: GPL-3.0-or-later
// Check show: a check list for a person, each message with its line and a mark under the place, and as one JSON document.
#pragma once
#include <stdio.h>
#include "sensor/rules/check_list.h"

struct check_sums {
	uint32_t rules, refused, skipped;
};

// Messages of severity up to least; limit of them at most, 0: all. Then what was found in numbers.
void check_show(const struct check_list *list, const struct check_sums *sums, enum check_severity least, uint32_t limit,
	FILE *out);
// False: not all could be written.
bool check_show_json(const struct check_list *list, const struct check_sums *sums);
