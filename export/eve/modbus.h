// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's modbus event: a request with its response.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_modbus;
