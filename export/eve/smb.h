// SPDX-License-Identifier: GPL-3.0-or-later
// Events of SMB.
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_smb;
