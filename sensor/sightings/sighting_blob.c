// SPDX-License-Identifier: GPL-3.0-or-later
// How values lie in the database.
#include "sensor/sightings/sighting_store.h"
#include "signatures/reputation/indicator.h"

size_t sighting_blob(unsigned kind, struct span value, uint8_t *out)
{
	size_t len = value.len < SIGHTING_VALUE_MAX ? value.len : SIGHTING_VALUE_MAX;
	for (size_t i = 0; i < len; i++)
		out[i] = value.data[kind == INDICATOR_DOMAIN ? len - 1 - i : i];
	return len;
}

size_t sighting_address_blob(const struct address *address, uint8_t out[16])
{
	bool v4 = address_is_v4(address);
	memcpy(out, address->bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
	return v4 ? 4 : 16;
}

bool sighting_address_of(const void *blob, size_t len, struct address *out)
{
	if (!blob || (len != 4 && len != 16))
		return false;
	*out = len == 4 ? address_v4(blob) : address_v6(blob);
	return true;
}

unsigned sighting_flows_of(const void *blob, size_t len, uint64_t flows[SIGHTING_FLOWS])
{
	unsigned count = 0;
	for (size_t at = 0; blob && at + 8 <= len && count < SIGHTING_FLOWS; at += 8)
		memcpy(&flows[count++], (const uint8_t *)blob + at, 8);
	return count;
}
