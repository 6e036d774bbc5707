// SPDX-License-Identifier: GPL-3.0-or-later
// Flow bit needs: rules that are off, and set a flow bit that a rule which is on asks for, are turned on without alerts: else that rule could
// never match. As suricata-update does: every such rule, also one turned off by hand, until nothing changes.
#pragma once
#include "sensor/packs/rule_lines.h"

// Gives how many were turned on; false: no memory.
bool flowbit_needs(struct rule_lines *lines, uint32_t *turned_on);
