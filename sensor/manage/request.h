// SPDX-License-Identifier: GPL-3.0-or-later
// Request: one line of the control socket, a JSON object whose values are texts without escapes: {"command":"uptime"}.
//
// Memory       the caller's; nothing is kept
// Threads      any; a function of its argument alone
#pragma once
#include "decoders/base/span.h"

#define REQUEST_WORD_MAX 64 // bytes of a command with its final zero

struct control_request {
	char command[REQUEST_WORD_MAX]; // "" none was given
	char version[REQUEST_WORD_MAX]; // Suricata's clients open with {"version":"0.2"}
};

// False: reason says what is wrong with line (without its newline). Linear in its length.
bool request_read(struct span line, struct control_request *out, const char **reason);
