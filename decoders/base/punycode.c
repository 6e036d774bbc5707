// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/punycode.h"
#include <string.h>

// RFC 3492 5: parameters for IDNA
#define BASE         36u
#define T_MIN        1u
#define T_MAX        26u
#define SKEW         38u
#define DAMP         700u
#define INITIAL_BIAS 72u
#define INITIAL_N    128u

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t digit_of(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 0u : c >= '0' && c <= '9' ? c - '0' + 26u : BASE;
}

static uint8_t digit_text(uint32_t digit)
{
	return (uint8_t)(digit < 26 ? 'a' + digit : '0' + digit - 26);
}

// How far a point lies from the one before, as digits of varying weight; false: no room.
static bool put_delta(uint32_t delta, uint32_t bias, uint8_t *out, uint32_t size, uint32_t *len)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
		if (*len == size)
			return false;
		out[(*len)++] = digit_text(delta < t ? delta : t + (delta - t) % (BASE - t));
		if (delta < t)
			return true;
		delta = (delta - t) / (BASE - t);
	}
}

uint32_t punycode_encode(const uint32_t *points, unsigned count, uint8_t *out, uint32_t size)
{
	uint32_t n = INITIAL_N, bias = INITIAL_BIAS, delta = 0, len = 0;
	if (count > PUNYCODE_POINTS_MAX || size < count + 1)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (points[i] < INITIAL_N)
			out[len++] = (uint8_t)points[i];
	uint32_t basic = len, done = len;
	if (basic)
		out[len++] = '-';
	for (; done < count; delta++, n++) {
		uint32_t least = UINT32_MAX;
		for (unsigned i = 0; i < count; i++)
			if (points[i] >= n && points[i] < least)
				least = points[i];
		delta += (least - n) * (done + 1);
		n = least;
		for (unsigned i = 0; i < count; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			if (!put_delta(delta, bias, out, size, &len))
				return 0;
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	return len;
}

unsigned punycode_decode(struct span label, uint32_t out[PUNYCODE_POINTS_MAX])
{
	uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS, at = 0;
	unsigned count = 0;
	for (uint32_t b = 0; b < label.len; b++)
		if (label.data[b] == '-')
			at = b;
	for (uint32_t b = 0; b < at; b++)
		out[count++] = label.data[b];
	at += at > 0;
	while (at < label.len) {
		uint32_t before = i, weight = 1;
		for (uint32_t k = BASE;; k += BASE) {
			uint32_t digit = at < label.len ? digit_of(label.data[at++]) : BASE;
			if (digit == BASE || digit > (UINT32_MAX - i) / weight)
				return 0;
			i += digit * weight;
			uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
			if (digit < t)
				break;
			if (weight > UINT32_MAX / (BASE - t))
				return 0;
			weight *= BASE - t;
		}
		if (count == PUNYCODE_POINTS_MAX)
			return 0;
		bias = adapt(i - before, count + 1, before == 0);
		n += i / (count + 1);
		i %= count + 1;
		if (n > 0x10ffff)
			return 0;
		memmove(out + i + 1, out + i, (count - i) * sizeof(*out));
		out[i++] = n;
		count++;
	}
	return count;
}
