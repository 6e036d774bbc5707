// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of SSH: banners and HASSH of both sides.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_ssh;
// What is guessed of logins, as "ssh" of an object that is begun; false: nothing was written.
bool eve_ssh_login(struct json *json, const struct flow *flow);
