// SPDX-License-Identifier: GPL-3.0-or-later
// Frame field: what frame:NAME of a rule reads. One a protocol and frame type in a rule set, made when a rule first names it.
//
// Memory       the rule set's
#pragma once
#include "decoders/app/app_parser.h"
#include "signatures/field/field.h"

struct frame_field {
	struct field_buffer buffer; // level FIELD_FRAME, no readers
	enum app_proto proto;
	uint8_t type; // by its parser's frame_names; FRAME_STREAM
};

static inline const struct frame_field *frame_field_of(const struct field_buffer *buffer)
{
	return (const struct frame_field *)(const void *)buffer;
}
