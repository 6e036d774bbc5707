// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/address_test.h"
#include "signatures/match/number.h"
#include "signatures/rule/rule_address_test.h"

static bool iprep_holds(const void *data, const struct address *address)
{
	const struct iprep_test *test = data;
	int score = ip_reputation_score(test->reputation, address, test->category);
	return test->isnotset ? score < 0 : score >= 0 && number_holds(&test->number, (uint64_t)score);
}

// An address the database does not know is in no country, and in no other one either.
static bool geoip_holds(const void *data, const struct address *address)
{
	const struct geoip_test *test = data;
	char code[2];
	if (!geo_country_of(test->geo, address, code))
		return false;
	bool listed = false;
	for (unsigned i = 0; i < test->count && !listed; i++)
		listed = memcmp(test->codes[i], code, 2) == 0;
	return listed != test->negated;
}

bool address_test_holds(const struct packet *packet, const struct rule_test *test)
{
	bool geo = test->kind == TEST_GEOIP;
	bool (*holds)(const void *data, const struct address *address) = geo ? geoip_holds : iprep_holds;
	uint8_t side =
		geo ? ((const struct geoip_test *)test->data)->side : ((const struct iprep_test *)test->data)->side;
	if (packet->ip_version == 0)
		return false;
	switch ((enum address_side)side) {
	case SIDE_SRC: return holds(test->data, &packet->src);
	case SIDE_DST: return holds(test->data, &packet->dst);
	case SIDE_BOTH: return holds(test->data, &packet->src) && holds(test->data, &packet->dst);
	default: return holds(test->data, &packet->src) || holds(test->data, &packet->dst);
	}
}
