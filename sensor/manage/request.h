// SPDX-License-Identifier: GPL-3.0-or-later
// Request: one line of the control socket, a JSON object: {"command":"dataset-lookup","arguments":{"setname":"seen","settype":"ip","datavalue":"10.0.0.1"}}.
//
// Memory       the caller's; nothing is kept
// Threads      any; a function of its argument alone
#pragma once
#include "decoders/base/span.h"

#define REQUEST_WORD_MAX      64   // bytes of a command with its final zero
#define REQUEST_VALUE_MAX     4096 // of an argument
#define REQUEST_ARGUMENTS_MAX 4

struct control_request {
	char command[REQUEST_WORD_MAX]; // "" none was given
	char version[REQUEST_WORD_MAX]; // Suricata's clients open with {"version":"0.2"}
	unsigned argument_count;
	struct control_argument {
		char name[REQUEST_WORD_MAX], value[REQUEST_VALUE_MAX];
	} arguments[REQUEST_ARGUMENTS_MAX];
};

// False: reason says what is wrong with line (without its newline). Linear in its length.
bool request_read(struct span line, struct control_request *out, const char **reason);
// The argument called name; NULL: none.
const char *request_argument(const struct control_request *request, const char *name);
