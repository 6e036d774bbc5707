// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/record/record.h"

#define RECORD_TYPE_NAME(constant, name) [constant] = name,
static const char *const names[RECORD_TYPES_END] = { RECORD_TYPES(RECORD_TYPE_NAME) };

const char *record_type_name(enum record_type type)
{
	return type < RECORD_TYPES_END ? names[type] : "unknown";
}
