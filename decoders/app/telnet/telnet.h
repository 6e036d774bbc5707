// SPDX-License-Identifier: GPL-3.0-or-later
// Telnet (RFC 854): cuts a session into commands and lines, as frames for rules. No transactions.
//
// Memory       none: a byte a flow and direction
// Bounds       TELNET_LINE_MAX bytes of a line or subnegotiation; what is longer is cut there
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

#define TELNET_LINE_MAX 4096

// How long the unit at the front of data is, and whether it is a command; 0: more is needed.
uint32_t telnet_unit(struct span data, bool *command);

extern const struct app_parser telnet_parser;
