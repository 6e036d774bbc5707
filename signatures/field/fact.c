// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/fact.h"
#include "decoders/app/ssdp/ssdp.h"
#include "decoders/app/amqp/amqp.h"
#include "decoders/app/mongodb/mongodb.h"
#include "decoders/app/redis/redis.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/bacnet/bacnet.h"
#include "decoders/app/iec104/iec104.h"
#include "decoders/app/s7comm/s7comm.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/mysql/mysql.h"
#include "decoders/app/tds/tds.h"
#include "decoders/app/sunrpc/sunrpc.h"
#include "decoders/app/syslog/syslog.h"

static bool give(const struct field_source *source, uint8_t id, unsigned index, struct field_value *value)
{
	const struct fact *fact = fact_find(fact_tx_in(source->tx), id, index);
	if (!fact)
		return false;
	*value = (struct field_value) { .data = { fact->bytes, fact->len }, .first = true, .last = true };
	return true;
}

static bool give_number(const struct field_source *source, uint8_t id, unsigned index, uint64_t *value)
{
	const struct fact *fact = fact_find(fact_tx_in(source->tx), id, index);
	if (fact)
		*value = fact->number;
	return fact != NULL;
}

// Of transactions whose both sides may say it: what the side inspected said.
static bool give_own(const struct field_source *source, uint8_t id, unsigned index, struct field_value *value)
{
	for (const struct fact *fact = fact_tx_in(source->tx)->first; fact; fact = fact->next) {
		if (fact->id != id || fact->direction != source->direction || index-- != 0)
			continue;
		*value = (struct field_value) { .data = { fact->bytes, fact->len }, .first = true, .last = true };
		return true;
	}
	return false;
}

static bool give_own_number(const struct field_source *source, uint8_t id, unsigned index, uint64_t *value)
{
	for (const struct fact *fact = fact_tx_in(source->tx)->first; fact; fact = fact->next) {
		if (fact->id != id || fact->direction != source->direction || index-- != 0)
			continue;
		*value = fact->number;
		return true;
	}
	return false;
}

#define FACT_GET(symbol, proto, keyword, text, direction, id)                                                  \
	static bool get_##symbol(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                      \
		return give(source, id, index, value);                                                         \
	}
#define FACT_GET_NUMBER(symbol, proto, keyword, bits, direction, id)                                 \
	static bool get_##symbol(const struct field_source *source, unsigned index, uint64_t *value) \
	{                                                                                            \
		return give_number(source, id, index, value);                                        \
	}
#define FACT_BUFFER(symbol, proto, keyword, text, direction, id) \
	FIELD_BUFFER(field_##symbol, proto, keyword, NULL, text, FIELD_MULTI, { proto, direction, 1, get_##symbol });
#define FACT_FIELD_NUMBER(symbol, proto, keyword, bits, direction, id) \
	FIELD_NUMBER(                                                  \
		field_##symbol, proto, keyword, NULL, bits, FIELD_MULTI, NULL, { proto, direction, 1, get_##symbol });

#define FACT_GET_ALONE(symbol, proto, keyword, text, id)                                                       \
	static bool get_##symbol(const struct field_source *source, unsigned index, struct field_value *value) \
	{                                                                                                      \
		return give_own(source, id, index, value);                                                     \
	}
#define FACT_GET_NUMBER_ALONE(symbol, proto, keyword, bits, id)                                      \
	static bool get_##symbol(const struct field_source *source, unsigned index, uint64_t *value) \
	{                                                                                            \
		return give_own_number(source, id, index, value);                                    \
	}
#define FACT_FIELD_NUMBER_ALONE(symbol, proto, keyword, bits, id)                   \
	FIELD_NUMBER(field_##symbol, proto, keyword, NULL, bits, FIELD_MULTI, NULL, \
		{ proto, TO_SERVER, 1, get_##symbol }, { proto, TO_CLIENT, 1, get_##symbol });
#define FACT_BUFFER_ALONE(symbol, proto, keyword, text, id)                                                          \
	FIELD_BUFFER(field_##symbol, proto, keyword, NULL, text, FIELD_MULTI, { proto, TO_SERVER, 1, get_##symbol }, \
		{ proto, TO_CLIENT, 1, get_##symbol });

FACT_TEXTS_ALONE(FACT_GET_ALONE)
FACT_TEXTS_ALONE(FACT_BUFFER_ALONE)
FACT_VALUES_ALONE(FACT_GET_NUMBER_ALONE)
FACT_VALUES_ALONE(FACT_FIELD_NUMBER_ALONE)
FACT_TEXTS(FACT_GET)
FACT_VALUES(FACT_GET_NUMBER)
FACT_TEXTS(FACT_BUFFER)
FACT_VALUES(FACT_FIELD_NUMBER)
