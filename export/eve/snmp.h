// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of SNMP: an event a message.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_snmp;
