// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of LDAP: an event a transaction, the request and the responses to it.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_ldap;
