// SPDX-License-Identifier: GPL-3.0-or-later
// Pack error: the one reason why a pack, an archive or a store was refused, for the person who gave the command.
#pragma once
#include <stdbool.h>

struct pack_error {
	char text[768];
};

// Keeps the reason, cut to what fits; gives false.
bool pack_fail(struct pack_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
