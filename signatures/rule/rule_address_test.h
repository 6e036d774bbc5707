// SPDX-License-Identifier: GPL-3.0-or-later
// Address tests: what rule_test.data of TEST_IPREP and TEST_GEOIP is.
//
// Memory       the rule set's arena; the lists and the database are the rule set's
// Threads      read by all
#pragma once
#include "signatures/operand/geo_country.h"
#include "signatures/operand/ip_reputation.h"
#include "signatures/rule/rule.h"

#define GEOIP_COUNTRIES_MAX 64

// Which addresses of a packet are asked for: one of them, or both.
enum address_side { SIDE_ANY, SIDE_SRC, SIDE_DST, SIDE_BOTH };

struct iprep_test {
	const struct ip_reputation *reputation;
	uint8_t side; // enum address_side
	uint8_t category;
	bool isnotset;
	struct number_match number; // of the score of what is listed
};

struct geoip_test {
	const struct geo_country *geo;
	uint8_t side; // enum address_side
	uint8_t count;
	bool negated; // none of codes, and known
	char codes[GEOIP_COUNTRIES_MAX][2];
};
