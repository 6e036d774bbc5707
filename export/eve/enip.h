// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's enip event: a request with its response, and the CIP messages in them.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_enip;
