// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/byte_read.h"

#define BINARY_BYTES_MAX 8
#define TEXT_BYTES_MAX   23

// Digits of base after optional blanks and sign, as strtoull takes them. Gives how many bytes were used, 0 when there was no digit or the
// number does not fit.
static uint32_t read_text(struct span text, unsigned base, uint64_t *out)
{
	uint64_t value = 0;
	uint32_t i = 0, digits = 0;
	bool minus = false;
	while (i < text.len && (text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r')))
		i++;
	if (i < text.len && (text.data[i] == '-' || text.data[i] == '+'))
		minus = text.data[i++] == '-';
	if (base == 16 && i + 2 < text.len && text.data[i] == '0' && (text.data[i + 1] | 0x20) == 'x')
		i += 2;
	for (; i < text.len; i++, digits++) {
		uint8_t c = text.data[i], lower = (uint8_t)(c | 0x20);
		unsigned digit = c >= '0' && c <= '9'           ? c - (unsigned)'0'
				 : lower >= 'a' && lower <= 'f' ? lower - (unsigned)'a' + 10
								: 99;
		if (digit >= base)
			break;
		if (value > (UINT64_MAX - digit) / base)
			return 0;
		value = value * base + digit;
	}
	*out = minus ? 0 - value : value;
	return digits ? i : 0;
}

static uint64_t read_binary(const uint8_t *at, uint32_t count, bool little)
{
	uint64_t value = 0;
	for (uint32_t i = 0; i < count; i++)
		value = value << 8 | at[little ? count - 1 - i : i];
	return value;
}

static uint64_t masked(uint64_t value, uint64_t mask)
{
	return mask ? (value & mask) >> __builtin_ctzll(mask) : value;
}

// Reads the number byte speaks of. start is where it lies, used how many bytes it took.
static bool read_number(
	const struct byte_place *place, const struct match_byte *byte, uint64_t *value, uint32_t *start, uint32_t *used)
{
	int64_t from = rule_value_of(&byte->offset, place->vars) + (byte->relative ? (int64_t)place->at : 0);
	int64_t count = rule_value_of(&byte->count, place->vars);
	if (from < 0 || count < 0 || from > place->data.len || count > place->data.len - from)
		return false;
	*start = (uint32_t)from;
	struct span bytes = span_slice(place->data, *start, (uint32_t)count);
	if (byte->string) {
		if (count > TEXT_BYTES_MAX)
			return false;
		*used = read_text(bytes, byte->base ? byte->base : 10, value);
		return *used != 0;
	}
	if (count > BINARY_BYTES_MAX)
		return false;
	*value = read_binary(
		bytes.data, bytes.len, byte->endian == BYTE_LITTLE || (byte->endian == BYTE_DCE && place->little));
	*used = (uint32_t)count;
	return true;
}

bool byte_test_holds(const struct byte_place *place, const struct match_byte *byte)
{
	uint64_t value;
	uint32_t start, used;
	if (!read_number(place, byte, &value, &start, &used) || used == 0)
		return false;
	value = masked(value, byte->bitmask);
	uint64_t other = (uint64_t)rule_value_of(&byte->value, place->vars);
	bool holds;
	switch (byte->op) {
	case OP_EQ: holds = value == other; break;
	case OP_LT: holds = value < other; break;
	case OP_LE: holds = value <= other; break;
	case OP_GT: holds = value > other; break;
	case OP_GE: holds = value >= other; break;
	case OP_NE: holds = value != other; break;
	case OP_AND: holds = (value & other) != 0; break;
	case OP_NAND: holds = (value & other) == 0; break;
	case OP_OR: holds = (value ^ other) != 0; break;
	default: return false;
	}
	return holds != byte->negated_op;
}

bool byte_jump_do(struct byte_place *place, const struct match_byte *byte)
{
	uint64_t value = 0;
	uint32_t start, used;
	if (!read_number(place, byte, &value, &start, &used))
		return false;
	value = masked(value, byte->bitmask);
	if (byte->multiplier > 1)
		value *= byte->multiplier;
	if (byte->align && value % 4)
		value += 4 - value % 4;
	if (value > UINT32_MAX)
		return false;
	int64_t to = (int64_t)value + byte->post_offset;
	if (byte->from_end)
		to += place->data.len;
	else if (!byte->from_beginning)
		to += (int64_t)start + used;
	if (to < 0)
		to = 0; // a jump to before the data ends at its start
	if (to >= place->data.len)
		return false;
	place->at = (uint32_t)to;
	return true;
}

bool byte_extract_do(struct byte_place *place, const struct match_byte *byte)
{
	uint64_t value;
	uint32_t start, used;
	if (!read_number(place, byte, &value, &start, &used) || used == 0)
		return false;
	value = masked(value, byte->bitmask);
	if (byte->multiplier > 1)
		value *= byte->multiplier;
	if (byte->align_bytes > 1 && value % byte->align_bytes)
		value += byte->align_bytes - value % byte->align_bytes;
	if (byte->result_var >= 0)
		place->vars[byte->result_var] = value;
	place->at = start + used;
	return true;
}

bool byte_math_do(struct byte_place *place, const struct match_byte *byte)
{
	uint64_t value;
	uint32_t start, used;
	if (!read_number(place, byte, &value, &start, &used) || used == 0)
		return false;
	uint64_t other = (uint64_t)rule_value_of(&byte->value, place->vars);
	switch (byte->op) {
	case MATH_ADD: value += other; break;
	case MATH_SUB: value -= other; break;
	case MATH_MUL: value *= other; break;
	case MATH_DIV:
		if (other == 0)
			return false;
		value /= other;
		break;
	case MATH_LSHIFT: value = other < 64 ? value << other : 0; break;
	case MATH_RSHIFT: value = other < 64 ? value >> other : 0; break;
	default: return false;
	}
	value = masked(value, byte->bitmask);
	if (byte->result_var >= 0)
		place->vars[byte->result_var] = value;
	place->at = start + used;
	return true;
}
