// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/fact.h"
#include "decoders/app/radius/radius.h"
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

#define LINE_RESERVE 8192 // bytes of the line left free for what follows

#define FACT_TABLE(proto, name) [proto] = name##_facts,
static const struct fact_name *const tables[APP_PROTOS_END] = { FACT_EVENTS(FACT_TABLE) };

static void put(struct json *json, const char *key, uint8_t kind, const struct fact *fact)
{
	struct span text = { fact->bytes, fact->len };
	switch (kind) {
	case FACT_NUMBER: json_put_uint(json, key, fact->number); return;
	case FACT_FLAG: json_put_bool(json, key, fact->number != 0); return;
	case FACT_ADDRESS:
		if (text.len == 4 || text.len == 16) {
			struct address address = text.len == 4 ? address_v4(text.data) : address_v6(text.data);
			json_put_address(json, key, &address);
		}
		return;
	default: break;
	}
	if (fact->cut) // told as one longer text would be
		json_put_limited(json, key, text, text.len > 1 ? text.len - 1 : 0);
	else
		json_put_span(json, key, text);
}

static void put_list(struct json *json, const struct fact_tx *tx, uint8_t id, const struct fact_name *name)
{
	const struct fact *fact = fact_find(tx, id, 0);
	if (!fact)
		return;
	json_put_array(json, name->key);
	for (; fact; fact = fact->next) {
		if (fact->id != id)
			continue;
		struct json_mark mark = json_mark(json);
		put(json, NULL, name->kind, fact);
		json_keep_if_room(json, mark, LINE_RESERVE);
	}
	json_array_end(json);
}

static bool write_facts(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config;
	enum app_proto proto = flow->app.proto;
	const struct fact_name *names = proto < APP_PROTOS_END ? tables[proto] : NULL;
	if (part || !names)
		return false;
	const struct fact_tx *facts = fact_tx_in(tx);
	if (!in_alert)
		json_put_text(json, "app_proto", app_proto_name(proto));
	json_put_object(json, "ndpi");
	json_put_object(json, app_proto_name(proto));
	for (uint8_t id = 0; names[id].key; id++) {
		if (names[id].list) {
			put_list(json, facts, id, &names[id]);
			continue;
		}
		const struct fact *fact = fact_find(facts, id, 0);
		struct json_mark mark = json_mark(json);
		if (fact)
			put(json, names[id].key, names[id].kind, fact);
		json_keep_if_room(json, mark, LINE_RESERVE);
	}
	json_object_end(json);
	json_object_end(json);
	return true;
}

static enum direction direction_of(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	(void)config, (void)part;
	return tx->direction_mask & 1 && !fact_tx_in(tx)->reversed ? TO_SERVER : TO_CLIENT;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return fact_tx_in(tx)->first != NULL;
}

#define FACT_EVENT(id, name)                                                                                        \
	const struct eve_app eve_##name = {                                                                         \
		.proto = id, .event_type = #name, .write = write_facts, .direction = direction_of, .wanted = wanted \
	};
FACT_EVENTS(FACT_EVENT)
