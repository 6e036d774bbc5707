// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/base64.h"
#include "decoders/base/base64.h"

uint32_t base64_decode(struct span text, enum base64_mode mode, uint8_t *out, uint32_t size)
{
	uint32_t bits = 0, have = 0, len = 0, i = 0;
	for (; i < text.len && text.data[i] != '='; i++) {
		int digit = base64_letter(text.data[i]);
		if (digit < 0) {
			if (mode == BASE64_STRICT)
				return 0;
			if (mode == BASE64_RFC2045)
				continue;
			break;
		}
		bits = bits << 6 | (uint32_t)digit;
		if (++have < 4)
			continue;
		if (size - len < 3)
			return len;
		out[len++] = (uint8_t)(bits >> 16);
		out[len++] = (uint8_t)(bits >> 8);
		out[len++] = (uint8_t)bits;
		bits = have = 0;
	}
	if (mode == BASE64_STRICT) {
		uint32_t pad = 0;
		for (; i < text.len; i++, pad++)
			if (text.data[i] != '=')
				return 0;
		if ((have + pad) % 4)
			return 0;
	}
	if (have >= 2 && len < size)
		out[len++] = (uint8_t)(have == 2 ? bits >> 4 : bits >> 10);
	if (have == 3 && len < size)
		out[len++] = (uint8_t)(bits >> 2);
	return len;
}
