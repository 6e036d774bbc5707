// SPDX-License-Identifier: GPL-3.0-or-later
// JSON writer: builds one line into memory the caller owns. Commas and nesting are its business; controls, quotes and backslashes are escaped, and a
// text that is not UTF-8 has its bytes over 0x7f as \\xNN (a backslash, x and two digits to the reader), so that a line is always valid JSON without
// newlines.
//
// Memory       the caller's buffer; what does not fit sets overflow, the line is then discarded and counted by the caller
// Threads      belongs to its caller
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define JSON_DEPTH_MAX 24

struct json {
	char *start, *at, *end;
	unsigned depth;
	bool overflow;
	bool need_comma[JSON_DEPTH_MAX];
};

void json_begin(struct json *json, char *memory, size_t size); // opens the outermost object
// Closes it and adds a newline. Length of the line with it; 0 on overflow.
size_t json_end(struct json *json);

// key NULL inside arrays.
void json_put_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_put_array(struct json *json, const char *key);
void json_array_end(struct json *json);
void json_put_text(struct json *json, const char *key, const char *text);  // text NULL: nothing is written
void json_put_span(struct json *json, const char *key, struct span bytes); // as text, escaped
// As json_put_span, but of a longer text only max bytes, and how many are missing: "...[truncated N additional bytes]".
void json_put_limited(struct json *json, const char *key, struct span bytes, uint32_t max);
void json_put_printable(struct json *json, const char *key, struct span bytes); // unprintable bytes become '.'
void json_put_hex(struct json *json, const char *key, struct span bytes, char separator); // 0: none
void json_put_base64(struct json *json, const char *key, struct span bytes);
void json_put_uint(struct json *json, const char *key, uint64_t value);
void json_put_int(struct json *json, const char *key, int64_t value);
void json_put_real(struct json *json, const char *key, double value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_raw(struct json *json, const char *key, const char *text, size_t len); // ready JSON
void json_put_address(struct json *json, const char *key, const struct address *address);
// 2026-08-23T01:02:03.123456+0000: exactly 31 characters, UTC.
void json_put_time(struct json *json, const char *key, uint64_t ts_ns);
// A place to come back to: what was written since can be taken back.
struct json_mark {
	char *at, *end;
	unsigned depth;
	bool need_comma;
};
struct json_mark json_mark(const struct json *json);
void json_rewind(struct json *json, struct json_mark mark);
// Ends an optional part begun at mark: takes it back when it did not fit, or left less than reserve bytes for what must follow.
void json_keep_if_room(struct json *json, struct json_mark mark, size_t reserve);
