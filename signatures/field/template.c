// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/template.h"
#include "decoders/packet/packet.h"

static bool get_ttl(const struct field_source *source, unsigned index, uint64_t *value)
{
	if (index || !source->packet || !source->packet->ip)
		return false;
	*value = source->packet->ttl;
	return true;
}

FIELD_BUFFER(field_template_buffer, APP_TEMPLATE, "template.buffer", NULL, "template message", 0, FIELD_WAITING);

const struct field_number field_template2 = {
	.name = "template2",
	.level = FIELD_PACKET,
	.bits = 8,
	.readers = (const struct field_number_reader[]) { { APP_UNKNOWN, TO_SERVER, 0, get_ttl },
		{ APP_UNKNOWN, TO_CLIENT, 0, get_ttl }, { .get = NULL } },
};
