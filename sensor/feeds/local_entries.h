// SPDX-License-Identifier: GPL-3.0-or-later
// Local entries: indicators that people added by hand (`sekisho intel add`): JSON lines, one an entry, rewritten as a whole.
//
// {"value":"evil.example","kind":"domain","allow":false,"confidence":90,"family":"","technique":"","expiry":0,"added":1795312345,"by":"root","note":"..."}
//
// Bounds       LOCAL_MAX entries
// Memory       the file as a whole while it is read or rewritten
// Threads      any; no state. Who changes holds the state's lock
#pragma once
#include "sensor/feeds/feed_state.h"
#include "sensor/feeds/feed_value.h"

#define LOCAL_MAX      100000
#define LOCAL_NOTE_MAX 500
#define LOCAL_FEED     "local" // the name of these in alerts

struct local_entry {
	char value[INDICATOR_VALUE_MAX]; // as feed_value_text writes it
	char by[64], note[LOCAL_NOTE_MAX + 1], family[FEED_TEXT_MAX], technique[FEED_TEXT_MAX];
	uint8_t kind, confidence;
	bool allow, drop, exact;
	uint32_t expiry_s, added_s;
};

// Takes one; false ends the reading.
typedef bool local_give(void *context, const struct local_entry *entry);
// False with FILE:LINE: a line is damaged. No file: no entries, true.
bool local_read(const struct feed_state *state, local_give *give, void *context, struct pack_error *error);
// The same of bytes, which are overwritten; bytes[len] is zero. name stands for the path.
bool local_read_bytes(
	const char *name, char *bytes, size_t len, local_give *give, void *context, struct pack_error *error);
// As an indicator; value is the caller's space. NULL, or why it cannot be one (any more).
const char *local_indicator(const struct local_entry *entry, const struct feed_site *site, struct feed_value *value);
// One of the same kind, value and side (allow or not) is replaced. Expired ones are dropped on the way.
bool local_add(
	const struct feed_state *state, const struct local_entry *entry, uint32_t now_s, struct pack_error *error);
// *removed: how many there were.
bool local_remove(const struct feed_state *state, const char *value, unsigned *removed, struct pack_error *error);
