// SPDX-License-Identifier: GPL-3.0-or-later
// Tool JSON: the documents the verbs write with --json, on jansson; texts that are not UTF-8 have their bytes over 0x7f as \xNN.
#pragma once
#include <jansson.h>
#include "decoders/base/span.h"

// Into an object; NULL text: nothing is written.
void tool_json_text(json_t *object, const char *key, const char *text);
void tool_json_span(json_t *object, const char *key, struct span text);
void tool_json_number(json_t *object, const char *key, uint64_t value);
void tool_json_bool(json_t *object, const char *key, bool value);
// At the end of an array.
void tool_json_add(json_t *array, const char *text);
// Writes the document to standard output and drops it. False: not all could be written.
bool tool_json_print(json_t *document);
