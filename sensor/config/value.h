// SPDX-License-Identifier: GPL-3.0-or-later
// Value: the text of one option's value, in both directions.
//
// Memory       strings, lists and maps are malloc'd into the module's struct; value_clear frees them
#pragma once
#include <stdio.h>
#include "decoders/base/option.h"

// Sets what value points to from text. NULL, or what was expected (static text, or in buffer).
const char *value_set(const struct option *option, void *value, const char *text, char *buffer, size_t size);
// Item index of a list; index count appends. Of a text: builds "[a,b]" from items 0, 1, ...
const char *value_set_item(
	const struct option *option, void *value, const char *index, const char *text, char *buffer, size_t size);
// Setting key of a map; "KEY.0", "KEY.1" ... build "[a,b]" under KEY.
const char *value_set_pair(void *value, const char *key, const char *text);
// The option's preset; what was there is freed.
void value_preset(const struct option *option, void *value);
void value_clear(const struct option *option, void *value);
// As it would be written in YAML. Not for lists and maps.
void value_print(const struct option *option, const void *value, FILE *out);
// What the option takes, for people: "yes or no", "a number from 1 to 100".
void value_expected(const struct option *option, char *buffer, size_t size);
// A double-quoted YAML scalar.
void value_print_quoted(const char *text, FILE *out);
