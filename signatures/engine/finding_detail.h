// SPDX-License-Identifier: GPL-3.0-or-later
// Finding detail: the reasoning of a detector, as keys and values a person can check; EVE shows it as alert.context.FAMILY.
//
// Memory       texts are borrowed until the finding was exported
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define DETAIL_PAIRS_MAX 24

enum detail_kind { DETAIL_NUMBER, DETAIL_REAL, DETAIL_TEXT, DETAIL_ADDRESS, DETAIL_TIME, DETAIL_JSON };

struct detail_pair {
	const char *key;
	uint8_t kind; // enum detail_kind
	union {
		uint64_t number; // DETAIL_TIME: packet time, nanoseconds
		double real;
		struct span text;
		struct address address;
	};
};

struct finding_detail {
	const char *family; // "reputation", "scan", ...
	uint32_t count;
	struct detail_pair pairs[DETAIL_PAIRS_MAX];
};

static inline struct detail_pair *detail_add(struct finding_detail *detail, const char *key, enum detail_kind kind)
{
	// Past the end the last one is written again: a detector has fewer pairs than there is room for, by construction
	struct detail_pair *pair =
		&detail->pairs[detail->count < DETAIL_PAIRS_MAX ? detail->count++ : DETAIL_PAIRS_MAX - 1];
	*pair = (struct detail_pair) { .key = key, .kind = (uint8_t)kind };
	return pair;
}

static inline void detail_number(struct finding_detail *detail, const char *key, uint64_t value)
{
	detail_add(detail, key, DETAIL_NUMBER)->number = value;
}

static inline void detail_text(struct finding_detail *detail, const char *key, struct span text)
{
	detail_add(detail, key, DETAIL_TEXT)->text = text;
}

// text is JSON already: an array or an object.
static inline void detail_json(struct finding_detail *detail, const char *key, struct span text)
{
	detail_add(detail, key, DETAIL_JSON)->text = text;
}

static inline void detail_address(struct finding_detail *detail, const char *key, const struct address *address)
{
	detail_add(detail, key, DETAIL_ADDRESS)->address = *address;
}

static inline void detail_time(struct finding_detail *detail, const char *key, uint64_t ts_ns)
{
	detail_add(detail, key, DETAIL_TIME)->number = ts_ns;
}
