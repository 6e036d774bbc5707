// SPDX-License-Identifier: GPL-3.0-or-later
// Declare: the tables of a protocol's fields in a line each, with the readers at the end. A field whose parser is not there yet has FIELD_WAITING in their
// place: rules that use it load and cannot match. Who writes the parser puts the readers there:
//
//	FIELD_BUFFER(field_rfb_name, APP_RFB, "rfb.name", NULL, "rfb desktop name", 0, { APP_RFB, TO_CLIENT, RFB_NAMED, get_name });
//
// Anything more unusual is written out as a struct of field.h.
#pragma once
#include "signatures/field/field.h"

#define FIELD_WAITING \
	{             \
		0     \
	}

// Other spellings of a buffer's keyword.
#define FIELD_SPELLINGS(...) ((const char *const[]) { __VA_ARGS__, NULL })

// Keyword, other spellings (FIELD_SPELLINGS or NULL), description, enum field_flag, readers.
#define FIELD_BUFFER(symbol, protocol, keyword, spellings, text, bit_flags, ...)           \
	const struct field_buffer symbol = {                                               \
		.name = keyword,                                                           \
		.sticky = spellings,                                                       \
		.description = text,                                                       \
		.level = FIELD_TX,                                                         \
		.flags = bit_flags,                                                        \
		.proto = protocol,                                                         \
		.readers = (const struct field_reader[]) { __VA_ARGS__, { .get = NULL } }, \
	}

// Keyword, other spelling or NULL, width in bits, enum field_flag, names or NULL, readers.
#define FIELD_NUMBER(symbol, protocol, keyword, other, width, bit_flags, values, ...)             \
	const struct field_number symbol = {                                                      \
		.name = keyword,                                                                  \
		.alias = other,                                                                   \
		.level = FIELD_TX,                                                                \
		.flags = bit_flags,                                                               \
		.bits = width,                                                                    \
		.names = values,                                                                  \
		.proto = protocol,                                                                \
		.readers = (const struct field_number_reader[]) { __VA_ARGS__, { .get = NULL } }, \
	}

// Keyword, other spelling or NULL, function that reads the argument (NULL: there is none), readers.
#define FIELD_TEST(symbol, protocol, keyword, other, reads, ...)                                  \
	const struct field_test symbol = {                                                        \
		.name = keyword,                                                                  \
		.alias = other,                                                                   \
		.level = FIELD_TX,                                                                \
		.no_argument = (reads) == NULL,                                                   \
		.parse = reads,                                                                   \
		.proto = protocol,                                                                \
		.readers = (const struct field_test_reader[]) { __VA_ARGS__, { .match = NULL } }, \
	}

#define FIELD_DECLARE_BUFFER(symbol) extern const struct field_buffer symbol;
#define FIELD_DECLARE_NUMBER(symbol) extern const struct field_number symbol;
#define FIELD_DECLARE_TEST(symbol)   extern const struct field_test symbol;
