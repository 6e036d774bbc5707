// SPDX-License-Identifier: GPL-3.0-or-later
// Finds fields by the keyword a rule uses. Linear: it runs when rules are loaded, over a few hundred names.
#include "signatures/field/field.h"

static bool same(const char *name, const char *keyword)
{
	return name && strcmp(name, keyword) == 0;
}

static bool has_spelling(const struct field_buffer *buffer, const char *sticky)
{
	if (same(buffer->name, sticky))
		return true;
	for (const char *const *s = buffer->sticky; s && *s; s++)
		if (same(*s, sticky))
			return true;
	return false;
}

const struct field_buffer *field_buffer_find(const char *sticky)
{
	for (const struct field_buffer *const *b = field_buffers; *b; b++)
		if (has_spelling(*b, sticky))
			return *b;
	return NULL;
}

const struct field_buffer *field_buffer_find_modifier(const char *modifier)
{
	for (const struct field_buffer *const *b = field_buffers; *b; b++)
		if (same((*b)->modifier, modifier))
			return *b;
	return NULL;
}

const struct field_number *field_number_find(const char *keyword)
{
	for (const struct field_number *const *n = field_numbers; *n; n++)
		if (same((*n)->name, keyword) || same((*n)->alias, keyword))
			return *n;
	return NULL;
}

const struct field_test *field_test_find(const char *keyword)
{
	for (const struct field_test *const *t = field_tests; *t; t++)
		if (same((*t)->name, keyword) || same((*t)->alias, keyword))
			return *t;
	return NULL;
}
