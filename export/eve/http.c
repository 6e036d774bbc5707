// SPDX-License-Identifier: GPL-3.0-or-later
// The http object: request and answer in the words of the field, headers and bodies where asked.
#include "export/eve/http.h"
#include "export/eve/http_login.h"
#include "decoders/app/http/http.h"

#define HEADERS_MAX 256u // headers told of a message
#define LINE_RESERVE \
	8192u // bytes of the line a value of the peer's leaves free; one that is too long for that is not told
#define BODY_MAX (32u << 10) // bytes of a body told in an alert

static void write_value(struct json *json, const char *key, struct span value)
{
	struct json_mark mark = json_mark(json);
	json_put_span(json, key, value);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static void write_part(struct json *json, const char *key, const struct app_tx *tx, enum http_part part)
{
	struct span text;
	if (http_part(tx, part, &text))
		write_value(json, key, text);
}

static void write_header(
	struct json *json, const char *key, const struct app_tx *tx, enum direction direction, const char *name)
{
	struct span value;
	if (http_header_find(tx, direction, name, &value))
		write_value(json, key, value);
}

static void write_content_range(struct json *json, const struct app_tx *tx)
{
	struct span value;
	struct http_range range;
	if (!http_header_find(tx, TO_CLIENT, "content-range", &value))
		return;
	json_put_object(json, "content_range");
	write_value(json, "raw", value);
	if (http_range_parse(value, &range)) {
		if (range.start >= 0)
			json_put_int(json, "start", range.start);
		if (range.end >= 0)
			json_put_int(json, "end", range.end);
		if (range.size >= 0)
			json_put_int(json, "size", range.size);
	}
	json_object_end(json);
}

static void write_basic(struct json *json, const struct app_tx *tx)
{
	struct span type;
	write_part(json, "hostname", tx, HTTP_PART_HOST);
	int port = http_request_port(tx);
	if (port > 0)
		json_put_int(json, "http_port", port);
	write_part(json, "url", tx, HTTP_PART_URI_RAW);
	write_header(json, "http_user_agent", tx, TO_SERVER, "user-agent");
	write_header(json, "xff", tx, TO_SERVER, "x-forwarded-for");
	if (http_header_find(tx, TO_CLIENT, "content-type", &type))
		write_value(json, "http_content_type", span_slice(type, 0, span_find(type, ';', 0)));
	write_content_range(json, tx);
}

static void write_extended(struct json *json, const struct app_tx *tx)
{
	write_header(json, "http_refer", tx, TO_SERVER, "referer");
	write_part(json, "http_method", tx, HTTP_PART_METHOD);
	write_part(json, "protocol", tx, HTTP_PART_PROTOCOL);
	int status = http_status(tx);
	if (status > 0)
		json_put_int(json, "status", status);
	else
		write_part(json, "status_string", tx, HTTP_PART_STATUS);
	write_header(json, "redirect", tx, TO_CLIENT, "location");
	json_put_uint(json, "length", http_response_length(tx));
}

static void write_headers(struct json *json, const char *key, const struct app_tx *tx, enum direction direction)
{
	struct http_header header;
	if (!http_header_at(tx, direction, 0, &header))
		return;
	json_put_array(json, key);
	for (uint32_t i = 0; i < HEADERS_MAX && http_header_at(tx, direction, i, &header); i++) {
		struct json_mark mark = json_mark(json);
		json_put_object(json, NULL);
		json_put_span(json, "name", header.name);
		json_put_span(json, "value", header.value);
		json_object_end(json);
		json_keep_if_room(json, mark, LINE_RESERVE);
	}
	json_array_end(json);
}

static bool is_on(const struct eve_config *config, const char *key, bool preset)
{
	const char *text = eve_setting(config, "http", key);
	return text ? !strcasecmp(text, "yes") || !strcasecmp(text, "true") || !strcasecmp(text, "on") ||
			       !strcmp(text, "1")
		    : preset;
}

static void write_dumped_headers(struct json *json, const struct eve_config *config, const struct app_tx *tx)
{
	const char *which = eve_setting(config, "http", "dump-all-headers");
	if (!which)
		return;
	bool both = !strcasecmp(which, "both");
	if (both || !strcasecmp(which, "request"))
		write_headers(json, "request_headers", tx, TO_SERVER);
	if (both || !strcasecmp(which, "response"))
		write_headers(json, "response_headers", tx, TO_CLIENT);
}

static void write_bodies(struct json *json, const struct app_tx *tx)
{
	static const char *const keys[2][2] = {
		{ "http_request_body", "http_request_body_printable" },
		{ "http_response_body", "http_response_body_printable" },
	};
	for (int d = 0; d < 2; d++) {
		struct span body = span_slice(bytes_span(&((const struct http_tx *)tx)->body[d].data), 0, BODY_MAX);
		if (body.len == 0)
			continue;
		json_put_base64(json, keys[d][0], body);
		json_put_printable(json, keys[d][1], body);
	}
}

static bool write_http(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow;
	if (part > 0)
		return false;
	json_put_object(json, "http");
	write_basic(json, tx);
	if (in_alert || is_on(config, "extended", true))
		write_extended(json, tx);
	write_dumped_headers(json, config, tx);
	if (in_alert && config->alert_http_body)
		write_bodies(json, tx);
	json_object_end(json);
	eve_http_login(json, tx);
	return true;
}

// Stray line ends start a transaction that never gets to say anything.
static bool has_first_line(const struct flow *flow, const struct app_tx *tx)
{
	struct span line;
	(void)flow;
	return http_part(tx, HTTP_PART_REQUEST_LINE, &line) || http_part(tx, HTTP_PART_URI_RAW, &line) ||
	       http_part(tx, HTTP_PART_RESPONSE_LINE, &line) || ((const struct http_tx *)tx)->body[TO_CLIENT].has_body;
}

const struct eve_app eve_http = {
	.proto = APP_HTTP1,
	.event_type = "http",
	.write = write_http,
	.wanted = has_first_line,
};
