// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/http2.h"
#include <stdio.h>
#include "decoders/app/http2/http2.h"
#include "export/eve/dns.h"

#define HEADERS_MAX  256u
#define LINE_RESERVE 8192u // bytes of the line a value of the peer's leaves free
#define SETTINGS_MAX 64u

static void write_headers(struct json *json, const char *key, const struct http2_tx *tx, enum direction direction)
{
	struct http2_header header;
	if (!http2_header_at(tx, direction, 0, &header))
		return;
	json_put_array(json, key);
	for (uint32_t i = 0; i < HEADERS_MAX && http2_header_at(tx, direction, i, &header); i++) {
		struct json_mark mark = json_mark(json);
		json_put_object(json, NULL);
		if (header.is_update) {
			json_put_uint(json, "table_size_update", header.update);
		} else {
			json_put_span(json, "name", header.name);
			json_put_span(json, "value", header.value);
		}
		json_object_end(json);
		json_keep_if_room(json, mark, LINE_RESERVE);
	}
	json_array_end(json);
}

static bool find(const struct http2_tx *tx, const char *name, struct span *value)
{
	return http2_header_find(tx, TO_SERVER, name, value) || http2_header_find(tx, TO_CLIENT, name, value);
}

static void write_found(struct json *json, const char *key, const struct http2_tx *tx, const char *name)
{
	struct span value;
	if (!find(tx, name, &value))
		return;
	struct json_mark mark = json_mark(json);
	json_put_span(json, key, value);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static bool read_number(struct span text, uint64_t *number)
{
	*number = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return text.len > 0 && text.len < 20;
}

static void write_known(struct json *json, const struct http2_tx *tx)
{
	struct span value;
	uint64_t number;
	write_found(json, "http_method", tx, ":method");
	write_found(json, "url", tx, ":path");
	if (http2_host(tx, &value) || find(tx, ":authority", &value))
		json_put_limited(json, "hostname", value, LINE_RESERVE);
	write_found(json, "http_user_agent", tx, "user-agent");
	if ((http2_header_find(tx, TO_CLIENT, "content-length", &value) ||
		    http2_header_find(tx, TO_SERVER, "content-length", &value)) &&
		read_number(value, &number))
		json_put_uint(json, "length", number);
	if (!http2_header_find(tx, TO_CLIENT, ":status", &value))
		return;
	if (read_number(value, &number))
		json_put_uint(json, "status", number);
	else
		json_put_limited(json, "status_string", value, LINE_RESERVE);
}

static void write_settings(struct json *json, const struct http2_tx *tx, enum direction direction)
{
	struct http2_setting setting;
	char number[16];
	if (!http2_setting_at(tx, direction, 0, &setting))
		return;
	json_put_array(json, "settings");
	for (uint32_t i = 0; i < SETTINGS_MAX && http2_setting_at(tx, direction, i, &setting); i++) {
		const char *name = http2_setting_name(setting.id);
		snprintf(number, sizeof(number), "%u", setting.id);
		json_put_object(json, NULL);
		json_put_text(json, "settings_id", name ? name : number);
		json_put_uint(json, "settings_value", setting.value);
		json_object_end(json);
	}
	json_array_end(json);
}

static bool has_error(const struct http2_frame *frame)
{
	return frame->type == HTTP2_FRAME_RST_STREAM || frame->type == HTTP2_FRAME_GOAWAY;
}

static void write_error(struct json *json, uint32_t code)
{
	const char *name = http2_error_name(code);
	char number[16];
	snprintf(number, sizeof(number), "%u", code);
	json_put_text(json, "error_code", name ? name : number);
}

static bool tells_priority(const struct http2_frame *frame, enum direction direction)
{
	return frame->has_priority && direction == TO_SERVER; // of answers there is no place for it
}

// The first error and the first priority are told, and that there are more of one of them.
static void write_frames(struct json *json, const struct http2_tx *tx, enum direction direction)
{
	struct http2_frame frame;
	bool error = false, priority = false;
	const char *more = NULL;
	for (uint32_t i = 0; http2_frame_at(tx, direction, i, &frame); i++) {
		if (has_error(&frame)) {
			if (!error)
				write_error(json, frame.value);
			else if (!more)
				more = "error_code";
			error = true;
		} else if (tells_priority(&frame, direction)) {
			if (!priority)
				json_put_uint(json, "priority", frame.weight);
			else if (!more)
				more = "priority";
			priority = true;
		}
	}
	json_put_text(json, "has_multiple", more);
}

static bool side_tells(const struct http2_tx *tx, enum direction direction)
{
	struct http2_setting setting;
	struct http2_frame frame;
	if (http2_setting_at(tx, direction, 0, &setting))
		return true;
	for (uint32_t i = 0; http2_frame_at(tx, direction, i, &frame); i++)
		if (has_error(&frame) || tells_priority(&frame, direction))
			return true;
	return false;
}

static void write_side(struct json *json, const char *key, const struct http2_tx *tx, enum direction direction)
{
	if (!side_tells(tx, direction))
		return;
	json_put_object(json, key);
	write_settings(json, tx, direction);
	write_frames(json, tx, direction);
	json_object_end(json);
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	const struct http2_tx *http2 = http2_tx_of(tx);
	struct http2_header header;
	(void)flow;
	return http2_header_at(http2, TO_SERVER, 0, &header) || http2_header_at(http2, TO_CLIENT, 0, &header) ||
	       side_tells(http2, TO_SERVER) || side_tells(http2, TO_CLIENT);
}

static bool write_http2(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	const struct http2_tx *http2 = http2_tx_of(tx);
	(void)config, (void)in_alert;
	if (part > 0 || !wanted(flow, tx))
		return false;
	json_put_object(json, "http");
	json_put_text(json, "version", "2");
	write_headers(json, "request_headers", http2, TO_SERVER);
	write_headers(json, "response_headers", http2, TO_CLIENT);
	write_known(json, http2);
	json_put_object(json, "http2");
	json_put_uint(json, "stream_id", http2->stream);
	write_side(json, "request", http2, TO_SERVER);
	write_side(json, "response", http2, TO_CLIENT);
	json_object_end(json);
	json_object_end(json);
	return true;
}

static bool has_dns(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return http2_dns(http2_tx_of(tx), TO_SERVER) || http2_dns(http2_tx_of(tx), TO_CLIENT);
}

// The stream, and the newest DNS message in it: the response, which repeats the query.
static bool write_doh2(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	bool told = write_http2(json, config, flow, tx, part, in_alert);
	const struct dns_message *response = http2_dns(http2_tx_of(tx), TO_CLIENT);
	const struct dns_message *message = response ? response : http2_dns(http2_tx_of(tx), TO_SERVER);
	if (part > 0 || !message)
		return told;
	eve_dns_message(json, config, message, response != NULL, tx->id);
	return true;
}

const struct eve_app eve_http2 = { .proto = APP_HTTP2, .event_type = "http", .write = write_http2, .wanted = wanted };
const struct eve_app eve_doh2 = { .proto = APP_DOH2, .event_type = "dns", .write = write_doh2, .wanted = has_dns };
