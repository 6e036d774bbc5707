// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of SMTP: an event a mail, with what it says of itself in "email".
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_smtp;
