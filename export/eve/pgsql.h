// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of PostgreSQL: an event a transaction, the request and all that answered it.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_pgsql;
