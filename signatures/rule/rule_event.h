// SPDX-License-Identifier: GPL-3.0-or-later
// Rule event: names of app-layer events that exist in the language. What a parser raises it names itself (app_parser.event_names); the others are
// here, so that rules on them load, and wait.
//
// Threads      const
#pragma once
#include <stdbool.h>
#include "decoders/flow/app_proto.h"

// Is "proto.name" an event of the language? name in any case, without the protocol.
bool rule_event_known(enum app_proto proto, const char *name);
