// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's "smb" object.
//
// Threads      const table
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_smb;
