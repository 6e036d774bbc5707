// SPDX-License-Identifier: GPL-3.0-or-later
// Rule's matches: conditions over a buffer, in the order given, and the buffer they are about.
//
// Memory   the set's arena, but for compiled expressions
// Threads  read by all once the set is loaded
#pragma once
#include "signatures/field/field.h"

enum match_kind {
	MATCH_CONTENT,
	MATCH_PCRE,
	MATCH_ISDATAAT,
	MATCH_BYTE_TEST,
	MATCH_BYTE_JUMP,
	MATCH_BYTE_EXTRACT,
	MATCH_BYTE_MATH,
	MATCH_BSIZE,         // compares the buffer's length: number
	MATCH_BASE64_DECODE, // decodes from here; base64_data conditions are in a buffer of their own
	MATCH_ABSENT,        // buffer does not exist (or_else: or what follows holds)
	MATCH_URILEN,        // number; raw or normalised is the buffer's choice
	MATCH_ENTROPY,
	MATCH_DATASET,
	MATCH_DATAREP,
	MATCH_ASN1,
	MATCH_RPC,
};

#define RULE_NO_VAR   (-1)
#define RULE_VARS_MAX 16 // byte variables a rule

// A number as written, or a variable set by byte_extract/byte_math earlier in the rule.
struct rule_value {
	int64_t number;
	int8_t var; // RULE_NO_VAR: use number
};

struct match_content {
	struct span bytes; // as to be compared; lower-cased when nocase
	bool nocase, fast_pattern, fast_pattern_only, startswith, endswith;
	bool has_offset, has_depth, has_distance, has_within;
	struct rule_value offset, depth, distance, within;
	uint16_t chop_offset, chop_len; // fast_pattern:offset,len; len 0 whole
	bool replace;
};

// Where a captured group goes: a variable of the flow, of the packet, or the alert's context. CAPTURE_KEY: the next group's
// name is what this one captured.
enum capture_kind { CAPTURE_FLOW, CAPTURE_PACKET, CAPTURE_ALERT, CAPTURE_KEY, CAPTURE_JSON };

struct match_pcre {
	const char *pattern; // without delimiters
	uint32_t options;    // enum pcre_option
	uint8_t capture_count;
	struct {
		uint8_t kind;  // enum capture_kind
		uint8_t group; // from 1
		uint16_t var;
	} captures[8];
	void *code; // pcre2_code *, made when parsed, freed with the set
};

enum pcre_option { PCRE_RELATIVE = 1 << 0, PCRE_RAWBYTES = 1 << 1, PCRE_NOCASE = 1 << 2, PCRE_ANCHORED = 1 << 3 };

enum byte_endian { BYTE_BIG, BYTE_LITTLE, BYTE_DCE };
enum byte_base { BYTE_BINARY, BYTE_HEX = 16, BYTE_DEC = 10, BYTE_OCT = 8 };
enum compare_op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_AND,
	OP_OR,
	OP_RANGE /* low < x < high */,
	OP_RANGE_NOT,
	OP_NAND,
	OP_MASK_EQ, // (x & low) == high
	OP_MASK_NE
};
enum math_op { MATH_ADD, MATH_SUB, MATH_MUL, MATH_DIV, MATH_LSHIFT, MATH_RSHIFT };

// byte_test, byte_jump, byte_extract, byte_math share the reading part.
struct match_byte {
	struct rule_value count; // bytes to read
	struct rule_value offset;
	bool relative, string, negated_op;
	uint8_t endian;          // enum byte_endian
	uint8_t base;            // enum byte_base for strings
	uint8_t op;              // enum compare_op (test) or enum math_op (math)
	struct rule_value value; // compared with, or right side
	uint64_t bitmask;        // 0 none
	// jump
	bool align, from_beginning, from_end;
	uint32_t multiplier; // jump, extract
	int32_t post_offset;
	uint8_t align_bytes; // extract: 2 or 4; 0 none
	int8_t result_var;   // extract, math
};

struct number_match {
	uint8_t op; // enum compare_op
	uint64_t low, high;
};

struct match_isdataat {
	struct rule_value at;
	bool relative, rawbytes;
};

struct match_base64 {
	uint32_t bytes; // 0: all
	uint32_t offset;
	bool relative;
};

struct match_entropy {
	double value, high;
	uint32_t offset, bytes;
	uint8_t op;
};

struct match {
	uint8_t kind; // enum match_kind
	bool negated;
	uint16_t column; // in the rule's text, for messages
	union {
		struct match_content content;
		struct match_pcre pcre;
		struct match_isdataat isdataat;
		struct match_byte byte;
		struct number_match number;
		struct match_base64 base64;
		struct match_entropy entropy;
		struct {
			bool or_else;
		} absent;
		void *data; // others: their module's
	};
};

enum transform_kind {
	TRANSFORM_STRIP_WHITESPACE,
	TRANSFORM_COMPRESS_WHITESPACE,
	TRANSFORM_TO_LOWERCASE,
	TRANSFORM_TO_UPPERCASE,
	TRANSFORM_TO_MD5,
	TRANSFORM_TO_SHA1,
	TRANSFORM_TO_SHA256,
	TRANSFORM_DOTPREFIX,
	TRANSFORM_DOMAIN,
	TRANSFORM_TLD,
	TRANSFORM_URL_DECODE,
	TRANSFORM_XOR,
	TRANSFORM_HEADER_LOWERCASE,
	TRANSFORM_STRIP_PSEUDO_HEADERS,
	TRANSFORM_PCREXFORM,
	TRANSFORM_FROM_BASE64,
	TRANSFORM_GUNZIP,
	TRANSFORM_ZLIB_DEFLATE,
};

struct transform {
	uint8_t kind;           // enum transform_kind
	struct span argument;   // xor key; pcrexform pattern
	void *code;             // pcrexform: pcre2_code *
	uint32_t bytes, offset; // from_base64, gunzip limits
	uint8_t mode;           // from_base64: 0 rfc4648, 1 rfc2045, 2 strict
};

enum buffer_place {
	PLACE_PAYLOAD, // packet payload or reassembled stream (no sticky buffer)
	PLACE_FIELD,   // field says
	PLACE_BASE64,  // base64_data: what base64_decode of the buffer before gave
};

// One buffer's conditions. A rule may use the same field twice (again after another): then it is two of these.
struct rule_buffer {
	uint8_t place;      // enum buffer_place
	bool has_direction; // explicit to_server/to_client (=> rules, file_data)
	uint8_t direction;
	const struct field_buffer *field;
	struct transform *transforms;
	uint16_t transform_count, match_count;
	struct match *matches;
	int16_t base64_of; // PLACE_BASE64: index of the rule_buffer with the decode
};
