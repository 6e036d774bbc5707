// SPDX-License-Identifier: GPL-3.0-or-later
// Assertions on transactions that are facts, and reading all of one in fuzz targets.
#pragma once
#include "decoders/app/fact/fact.h"
#include "tests/support/decoders/app_drive.h"

// Does the nth live transaction say text, or number, under id (the indexth value)?
static inline bool fact_says_nth(
	const struct app_drive *drive, unsigned n, uint8_t id, unsigned index, const char *text)
{
	const struct app_tx *tx = app_drive_tx(drive, n);
	const struct fact *fact = tx ? fact_find(fact_tx_in(tx), id, index) : NULL;
	return fact && span_is(span_of(fact->bytes, fact->len), text);
}

static inline bool fact_says(const struct app_drive *drive, unsigned n, uint8_t id, const char *text)
{
	return fact_says_nth(drive, n, id, 0, text);
}

static inline bool fact_counts(const struct app_drive *drive, unsigned n, uint8_t id, uint64_t number)
{
	const struct app_tx *tx = app_drive_tx(drive, n);
	const struct fact *fact = tx ? fact_find(fact_tx_in(tx), id, 0) : NULL;
	return fact && fact->number == number;
}

static inline bool fact_silent(const struct app_drive *drive, unsigned n, uint8_t id)
{
	const struct app_tx *tx = app_drive_tx(drive, n);
	return tx && !fact_find(fact_tx_in(tx), id, 0);
}

static inline uint64_t fact_counter_of(const struct app_drive *drive, enum tally_kind counter)
{
	return app_parser_counters(drive->parser, drive->shared)[counter];
}

// For app_drive_fuzz.
static inline void fact_read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	volatile uint8_t sum = 0;
	for (const struct fact *fact = fact_tx_in(tx)->first; fact; fact = fact->next)
		for (uint32_t i = 0; i < fact->len; i++)
			sum = (uint8_t)(sum + fact->bytes[i]);
}
