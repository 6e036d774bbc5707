// SPDX-License-Identifier: GPL-3.0-or-later
// Dataset JSON: loads a set from JSON: an array of objects, or an object a line. Each has its value at a key; the object itself is kept with the
// value, for alerts.
//
// Memory       jansson's while it loads; DATASET_JSON_MAX bytes an object in the set
// Threads      the loading one
#pragma once
#include "signatures/operand/dataset.h"

#define DATASET_JSON_MAX 1024 // bytes of an object kept with a value

struct dataset_json {
	const char *value_key; // where in an object its value is; dots go down ("ioc.host")
	const char *array_key; // where in the document the array is; NULL: the document is one. Not for lines
	bool lines;            // an object a line
	bool remove_key;       // the value is left out of what is kept
	// Told of each object that is left out and why; line 0: unknown. The document as a whole is told of in the same way.
	void (*report)(void *context, uint32_t line, const char *reason);
	void *context;
};

// Adds a value with json, an object's text, while the set is used. False: it was there, there is no room, or json is none or too long.
bool dataset_add_json(struct dataset *set, struct span value, struct span json);
// False: the document is no JSON or has no such array, or the set is full.
bool dataset_load_json(struct dataset *set, struct span text, const struct dataset_json *how);
