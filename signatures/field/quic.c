// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/quic.h"

static const char *check_hash(const struct span *content, bool nocase)
{
	if (content->len != 32)
		return "a hash has 32 characters: this content never matches";
	for (uint32_t i = 0; i < content->len; i++)
		if (!nocase && content->data[i] >= 'A' && content->data[i] <= 'F')
			return "a hash is lower case: this content never matches";
	return NULL;
}

FIELD_BUFFER(field_quic_version, APP_QUIC, "quic.version", NULL, "quic version", 0, FIELD_WAITING);
FIELD_BUFFER(field_quic_sni, APP_QUIC, "quic.sni", NULL, "quic sni", 0, FIELD_WAITING);
FIELD_BUFFER(field_quic_ua, APP_QUIC, "quic.ua", NULL, "quic user agent", 0, FIELD_WAITING);
const struct field_buffer field_quic_cyu_hash = {
	.name = "quic.cyu.hash",
	.description = "quic cyu hash",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.proto = APP_QUIC,
	.check_content = check_hash,
	.readers = (const struct field_reader[]) { FIELD_WAITING },
};
FIELD_BUFFER(field_quic_cyu_string, APP_QUIC, "quic.cyu.string", NULL, "quic cyu string", FIELD_MULTI, FIELD_WAITING);
