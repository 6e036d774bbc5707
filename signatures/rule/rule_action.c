// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule.h"

const char *rule_action_name(enum rule_action action)
{
	static const char *const names[] = {
		[RULE_ALERT] = "alert",
		[RULE_PASS] = "pass",
		[RULE_DROP] = "drop",
		[RULE_REJECT] = "reject",
		[RULE_REJECT_DST] = "rejectdst",
		[RULE_REJECT_BOTH] = "rejectboth",
		[RULE_CONFIG] = "config",
	};
	return (unsigned)action < sizeof(names) / sizeof(names[0]) ? names[action] : "alert";
}
