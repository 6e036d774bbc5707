// SPDX-License-Identifier: GPL-3.0-or-later
// Audit log: who changed something, when, and what: JSON lines, appended and synced, never rewritten. A line begins with "time" (UTC), "who" and "action".
//
// Threads      any; no state
#pragma once
#include <jansson.h>
#include "sensor/files/pack_error.h"

// Can it be written? To be asked before a change.
bool audit_log_ready(const char *path, struct pack_error *error);
// facts: the rest of the line, an object; it is dropped here. False with the reason.
bool audit_log_write(const char *path, const char *action, json_t *facts, struct pack_error *error);
// A text for facts; of any bytes: those over 0x7f become '?' when they are not UTF-8. NULL: "".
json_t *audit_text(const char *text);
// Name of the user the process runs as, or behind sudo of the one who asked; cut to size.
void audit_user(char *out, size_t size);
