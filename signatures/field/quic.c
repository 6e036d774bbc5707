// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/quic.h"
#include "decoders/app/quic/quic.h"

static const char *check_hash(const struct span *content, bool nocase)
{
	if (content->len != 32)
		return "a hash has 32 characters: this content never matches";
	for (uint32_t i = 0; i < content->len; i++)
		if (!nocase && content->data[i] >= 'A' && content->data[i] <= 'F')
			return "a hash is lower case: this content never matches";
	return NULL;
}

static bool get_version(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, span_of(quic_tx_of(source->tx)->version_bytes, 4));
}

static bool get_sni(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, quic_tx_of(source->tx)->sni);
}

static bool get_ua(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, quic_tx_of(source->tx)->ua);
}

static bool get_cyu_hash(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, span_text(quic_tx_of(source->tx)->cyu_hash));
}

static bool get_cyu_string(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, bytes_span(&quic_tx_of(source->tx)->cyu));
}

#define CLIENT(function)                         \
	{                                        \
		APP_QUIC, TO_SERVER, 1, function \
	}
#define BOTH(function)                           \
	CLIENT(function),                        \
	{                                        \
		APP_QUIC, TO_CLIENT, 1, function \
	}

FIELD_BUFFER(field_quic_version, APP_QUIC, "quic.version", NULL, "quic version", 0, BOTH(get_version));
FIELD_BUFFER(field_quic_sni, APP_QUIC, "quic.sni", NULL, "quic sni", 0, CLIENT(get_sni));
FIELD_BUFFER(field_quic_ua, APP_QUIC, "quic.ua", NULL, "quic user agent", 0, CLIENT(get_ua));
const struct field_buffer field_quic_cyu_hash = {
	.name = "quic.cyu.hash",
	.description = "quic cyu hash",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.proto = APP_QUIC,
	.check_content = check_hash,
	.readers = (const struct field_reader[]) { CLIENT(get_cyu_hash), { .get = NULL } },
};
FIELD_BUFFER(field_quic_cyu_string, APP_QUIC, "quic.cyu.string", NULL, "quic cyu string", FIELD_MULTI,
	CLIENT(get_cyu_string));
