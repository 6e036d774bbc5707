// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/dataset_value.h"
#include "decoders/base/hex.h"
#include "signatures/operand/base64.h"

static const struct {
	const char *name;
	uint32_t len; // of a value in bytes; 0 any
} types[DATASET_TYPES] = {
	[DATASET_STRING] = { "string", 0 },
	[DATASET_MD5] = { "md5", 16 },
	[DATASET_SHA256] = { "sha256", 32 },
	[DATASET_IPV4] = { "ipv4", 4 },
	[DATASET_IP] = { "ip", 16 },
};

bool dataset_type_find(struct span name, enum dataset_type *out)
{
	for (int i = 0; i < DATASET_TYPES; i++)
		if (span_is(name, types[i].name)) {
			*out = (enum dataset_type)i;
			return true;
		}
	return false;
}

const char *dataset_type_name(enum dataset_type type)
{
	return types[type].name;
}

bool dataset_value_normal(enum dataset_type type, struct span *value, struct address *address)
{
	if (type == DATASET_IP && value->len == 4) {
		*address = address_v4(value->data);
		*value = span_of(address->bytes, 16);
	}
	if (type == DATASET_IPV4 && value->len == 16) {
		memcpy(address->bytes, value->data, 16);
		if (!address_is_v4(address))
			return false;
		*value = span_of(address->bytes + 12, 4);
	}
	return value->len && value->len <= DATASET_VALUE_MAX && (types[type].len == 0 || value->len == types[type].len);
}

static uint32_t read_hex(struct span text, uint8_t *out, uint32_t len)
{
	return text.len == len * 2 && hex_take((const char *)text.data, out, len) ? len : 0;
}

static uint32_t read_address(enum dataset_type type, struct span text, uint8_t *out)
{
	struct address address;
	if (!address_parse_span(text, &address) || (type == DATASET_IPV4 && !address_is_v4(&address)))
		return 0;
	uint32_t len = types[type].len;
	memcpy(out, address.bytes + 16 - len, len);
	return len;
}

uint32_t dataset_value_read(enum dataset_type type, struct span text, bool plain, uint8_t out[DATASET_VALUE_MAX])
{
	switch (type) {
	case DATASET_STRING:
		if (!plain)
			return base64_decode(text, BASE64_STRICT, out, DATASET_VALUE_MAX);
		if (text.len > DATASET_VALUE_MAX)
			return 0;
		memcpy(out, text.data, text.len);
		return text.len;
	case DATASET_MD5:
	case DATASET_SHA256: return read_hex(text, out, types[type].len);
	default: return read_address(type, text, out);
	}
}

static uint32_t write_base64(struct span value, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t at = 0;
	for (uint32_t i = 0; i < value.len; i += 3) {
		uint32_t left = value.len - i, bits = (uint32_t)value.data[i] << 16;
		bits |= left > 1 ? (uint32_t)value.data[i + 1] << 8 : 0;
		bits |= left > 2 ? value.data[i + 2] : 0;
		out[at++] = letters[bits >> 18];
		out[at++] = letters[bits >> 12 & 63];
		out[at++] = left > 1 ? letters[bits >> 6 & 63] : '=';
		out[at++] = left > 2 ? letters[bits & 63] : '=';
	}
	return at;
}

static uint32_t write_hex(struct span value, char *out)
{
	for (uint32_t i = 0; i < value.len; i++) {
		out[2 * i] = "0123456789abcdef"[value.data[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[value.data[i] & 15];
	}
	return 2 * value.len;
}

uint32_t dataset_value_write(enum dataset_type type, struct span value, char out[DATASET_TEXT_MAX])
{
	uint32_t len;
	if (type == DATASET_STRING) {
		len = write_base64(value, out);
	} else if (type == DATASET_MD5 || type == DATASET_SHA256) {
		len = write_hex(value, out);
	} else {
		struct address address = { 0 };
		if (value.len == 4)
			address = address_v4(value.data);
		else
			memcpy(address.bytes, value.data, 16);
		len = address_format(&address, true, out);
	}
	out[len] = 0;
	return len;
}
