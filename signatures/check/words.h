// SPDX-License-Identifier: GPL-3.0-or-later
// Words: text put together piece by piece in a buffer of the caller; what does not fit is cut. For messages, not for the packet path.
//
// Threads      belongs to its caller
#pragma once
#include <stddef.h>
#include "signatures/rule/rule.h"

struct words {
	char *text;
	size_t size, len;
};

void words_begin(struct words *words, char *text, size_t size); // size at least 1
void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
// "abc|0d 0a|" as contents are written, cut after max bytes.
void words_bytes(struct words *words, struct span bytes, uint32_t max);
// "is over 5", "is not between 3 and 9"; names: values that have one are named; may be NULL.
void words_number(struct words *words, const struct number_match *match, bool negated, const struct field_name *names);
void words_addresses(struct words *words, const struct address_set *set);
void words_ports(struct words *words, const struct port_set *set);
