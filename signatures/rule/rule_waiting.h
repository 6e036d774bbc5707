// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting: rules that load and cannot match, since the parser of a protocol they need is not there yet.
//
// Threads      pure functions over a loaded set
#pragma once
#include "signatures/rule/rule_set.h"

// Whether fields of a kind wait: they have no reader.
bool field_buffer_waits(const struct field_buffer *field);
bool field_number_waits(const struct field_number *field);
bool field_test_waits(const struct field_test *field);

// The protocol whose parser rule waits for; APP_UNKNOWN: none.
enum app_proto rule_waits_for(const struct rule *rule);

// Rules of set that wait, by protocol (APP_PROTOS_END counts, zeroed here). Gives their number.
uint32_t rule_set_waiting(const struct rule_set *set, uint32_t *counts);

// "mqtt 3, sip 2", most first, from such counts. Cut to size. Gives text.
const char *rule_waiting_text(const uint32_t *counts, char *text, size_t size);
