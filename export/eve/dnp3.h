// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's dnp3 event: a request, response or unsolicited response, with its objects and their points.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_dnp3;
