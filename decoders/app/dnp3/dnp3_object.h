// SPDX-License-Identifier: GPL-3.0-or-later
// DNP3 objects (IEEE 1815-2012, annex A): headers with group, variation and range, and the points behind them, read in place.
//
// Memory       none: objects and points borrow the bytes they were read from
// Bounds       DNP3_OBJECTS_MAX objects, DNP3_POINTS_MAX points of one object
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

#define DNP3_OBJECTS_MAX 2048
#define DNP3_POINTS_MAX  16384

struct dnp3_object {
	uint8_t group, variation, qualifier;
	uint8_t prefix_code, range_code; // of qualifier (4.2.2.7)
	uint32_t start, stop, count;     // of the range field
	struct span points;              // bytes of its points
};

enum dnp3_object_result {
	DNP3_OBJECT_OK,
	DNP3_OBJECT_END, // no more
	DNP3_OBJECT_MALFORMED,
	DNP3_OBJECT_UNKNOWN,
	DNP3_OBJECT_POINTS, // too many points
};

// The next object of the application layer's bytes, *at from 0. With MALFORMED, UNKNOWN and POINTS object's head is good when count or group says so, and
// what follows cannot be found.
enum dnp3_object_result dnp3_object_next(struct span objects, uint32_t *at, struct dnp3_object *object);

enum dnp3_kind {
	DNP3_UNSIGNED,
	DNP3_SIGNED,
	DNP3_REAL,
	DNP3_TEXT,
	DNP3_BYTES,
};

struct dnp3_value {
	struct span name;
	enum dnp3_kind kind;
	uint64_t number; // DNP3_SIGNED: two's complement
	double real;
	struct span text;
};

// One point while its values are read.
struct dnp3_point {
	uint32_t index, prefix;
	struct span bytes;
	const char *layout; // what is left of it
	struct cursor cursor;
	uint32_t at;        // length the last 16 bits gave
	uint32_t bits, bit; // of the byte in hand: what is left, and how many are used
};

struct dnp3_points {
	const struct dnp3_object *object;
	const char *layout;
	struct cursor cursor;
	uint32_t next; // number of the next point
};

// Points of object, in order; next gives false when there are no more.
void dnp3_points_begin(const struct dnp3_object *object, struct dnp3_points *points);
bool dnp3_points_next(struct dnp3_points *points, struct dnp3_point *point);
// The next value of a point. False: no more.
bool dnp3_value_next(struct dnp3_point *point, struct dnp3_value *value);
