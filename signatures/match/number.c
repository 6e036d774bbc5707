// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/number.h"

bool number_compare(uint8_t op, uint64_t value, uint64_t low, uint64_t high)
{
	switch (op) {
	case OP_EQ: return value == low;
	case OP_NE: return value != low;
	case OP_LT: return value < low;
	case OP_LE: return value <= low;
	case OP_GT: return value > low;
	case OP_GE: return value >= low;
	case OP_AND: return (value & low) != 0;
	case OP_OR: return (value ^ low) != 0;
	case OP_NAND: return (value & low) == 0;
	case OP_RANGE: return value > low && value < high;
	case OP_RANGE_NOT: return value <= low || value >= high;
	case OP_MASK_EQ: return (value & low) == high;
	case OP_MASK_NE: return (value & low) != high;
	default: return false;
	}
}
