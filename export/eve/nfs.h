// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's nfs event, with the rpc object beside it.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_nfs;
