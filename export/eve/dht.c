// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dht.h"
#include "decoders/app/bittorrent/dht.h"
#include "decoders/app/datagram.h"
#include "decoders/base/cursor.h"
#include "export/eve/one_way.h"

#define PEERS_MAX 256 // of a list that are told

static void put_hex(struct json *json, const char *key, struct span dictionary)
{
	struct dht_value value;
	if (dht_find(dictionary, key, &value) && value.kind == 's')
		json_put_hex(json, key, value.bytes, 0);
}

static void put_number(struct json *json, const char *key, struct span dictionary)
{
	struct dht_value value;
	if (dht_find(dictionary, key, &value) && value.kind == 'i')
		json_put_int(json, key, value.number);
}

// An address with its port: 6 or 18 bytes.
static void put_peer(struct json *json, struct span bytes)
{
	struct address address = bytes.len == 6 ? address_v4(bytes.data) : address_v6(bytes.data);
	json_put_address(json, "ip", &address);
	json_put_uint(json, "port", be16_at(bytes.data + bytes.len - 2));
}

// Compact node infos, each an id and a peer of peer_len bytes. Nothing when they do not come out even.
static void put_nodes(struct json *json, const char *key, struct span dictionary, uint32_t peer_len)
{
	struct dht_value value;
	uint32_t each = 20 + peer_len;
	if (!dht_find(dictionary, key, &value) || value.kind != 's' || !value.bytes.len || value.bytes.len % each)
		return;
	json_put_array(json, key);
	for (uint32_t at = 0; at < value.bytes.len && at < PEERS_MAX * each; at += each) {
		json_put_object(json, NULL);
		json_put_hex(json, "id", span_slice(value.bytes, at, 20), 0);
		put_peer(json, span_slice(value.bytes, at + 20, peer_len));
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_values(struct json *json, struct span dictionary)
{
	struct dht_value list, value;
	if (!dht_find(dictionary, "values", &list) || list.kind != 'l')
		return;
	uint32_t at = 0;
	json_put_array(json, "values");
	for (unsigned i = 0; i < PEERS_MAX && dht_next(list.bytes, &at, &value); i++) {
		if (value.kind != 's' || (value.bytes.len != 6 && value.bytes.len != 18))
			continue;
		json_put_object(json, NULL);
		put_peer(json, value.bytes);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_query(struct json *json, const struct dht_message *m)
{
	json_put_span(json, "request_type", m->method);
	json_put_object(json, "request");
	put_hex(json, "id", m->query);
	put_hex(json, "target", m->query);
	put_hex(json, "info_hash", m->query);
	put_hex(json, "token", m->query);
	put_number(json, "implied_port", m->query);
	put_number(json, "port", m->query);
	json_object_end(json);
}

static void put_response(struct json *json, const struct dht_message *m)
{
	struct dht_value id;
	if (!dht_find(m->response, "id", &id) || id.kind != 's')
		return;
	json_put_object(json, "response");
	put_hex(json, "id", m->response);
	put_nodes(json, "nodes", m->response, 6);
	put_nodes(json, "nodes6", m->response, 18);
	put_values(json, m->response);
	put_hex(json, "token", m->response);
	json_object_end(json);
}

static void put_error(struct json *json, const struct dht_message *m)
{
	struct dht_value value;
	uint32_t at = 0;
	json_put_object(json, "error");
	if (dht_next(m->error, &at, &value) && value.kind == 'i')
		json_put_int(json, "num", value.number);
	if (dht_next(m->error, &at, &value) && value.kind == 's')
		json_put_span(json, "msg", value.bytes);
	json_object_end(json);
}

static bool write_dht(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	struct dht_message m;
	if (part)
		return false;
	(void)dht_message_read(datagram_span(tx), &m);
	json_put_object(json, "bittorrent_dht");
	json_put_hex(json, "transaction_id", m.transaction, 0);
	if (m.version.data)
		json_put_hex(json, "client_version", m.version, 0);
	if (m.type == 'q')
		put_query(json, &m);
	else if (m.type == 'r')
		put_response(json, &m);
	else if (m.type == 'e')
		put_error(json, &m);
	json_object_end(json);
	return true;
}

const struct eve_app eve_dht = {
	.proto = APP_BITTORRENT_DHT, .event_type = "bittorrent_dht", .write = write_dht, .direction = eve_one_way
};
