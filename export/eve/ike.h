// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's ike event: a message, and of version 1 what was said in the exchange so far.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_ike;
