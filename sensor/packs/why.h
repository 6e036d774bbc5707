// SPDX-License-Identifier: GPL-3.0-or-later
// Why: what a trace found out about a rule that did not match, in words.
#pragma once
#include <stddef.h>
#include "signatures/engine/trace.h"

#define WHY_TEXT_MAX 2048

// reason: one sentence without a full stop; near: the bytes that were looked at, "" when there were none. alerts: how many the rule gave.
void why_describe(const struct rule_set *set, const struct engine_trace *trace, const struct trace_attempt *attempt,
	uint64_t alerts, char reason[WHY_TEXT_MAX], char near[WHY_TEXT_MAX]);
