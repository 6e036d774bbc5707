// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/entropy.h"
#include <math.h>

static double entropy_of(struct span data)
{
	uint32_t counts[256] = { 0 };
	double entropy = 0;
	for (uint32_t i = 0; i < data.len; i++)
		counts[data.data[i]]++;
	for (unsigned i = 0; i < 256; i++) {
		if (!counts[i])
			continue;
		double share = (double)counts[i] / data.len;
		entropy -= share * log2(share);
	}
	return entropy;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

bool entropy_holds(const struct match_entropy *match, struct span data, double *worked_out)
{
	*worked_out = -1;
	if (match->offset > data.len)
		return false;
	struct span part = span_slice(data, match->offset, match->bytes ? match->bytes : UINT32_MAX);
	if (part.len == 0)
		return false;
	double value = entropy_of(part);
	*worked_out = value;
	switch (match->op) {
	case OP_EQ: return near(value, match->value);
	case OP_NE: return !near(value, match->value);
	case OP_LT: return value < match->value;
	case OP_LE: return value <= match->value;
	case OP_GT: return value > match->value;
	case OP_GE: return value >= match->value;
	case OP_RANGE: return value > match->value && value < match->high;
	case OP_RANGE_NOT: return value <= match->value || value >= match->high;
	default: return false;
	}
}
