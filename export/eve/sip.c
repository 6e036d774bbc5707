// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/sip.h"
#include "decoders/app/sip/sip.h"
#include "export/eve/one_way.h"

#define LIST_MAX 128 // attributes, media and times told of a description

static void put(struct json *json, const char *key, struct span text)
{
	if (text.len)
		json_put_span(json, key, text);
}

static void put_session(struct json *json, struct span sdp)
{
	static const struct {
		char type;
		const char *key;
	} lines[] = { { 'o', "origin" }, { 's', "session_name" }, { 'i', "session_info" }, { 'u', "uri" },
		{ 'e', "email" }, { 'p', "phone_number" }, { 'c', "connection_data" }, { 'z', "timezone" },
		{ 'k', "encryption_key" } };
	struct span value;
	if (sdp_session_line(sdp, 'v', 0, &value) && value.len == 1 && value.data[0] >= '0' && value.data[0] <= '9')
		json_put_uint(json, "version", value.data[0] - (unsigned)'0');
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (sdp_session_line(sdp, lines[i].type, 0, &value))
			put(json, lines[i].key, value);
}

// The lines of type from *at to the next media description or the end, as an array.
static void put_list(struct json *json, const char *key, struct span sdp, uint32_t at, char type)
{
	struct sdp_line line;
	unsigned told = 0;
	while (told < LIST_MAX && sdp_next(sdp, &at, &line) && line.type != 'm') {
		if (line.type != type)
			continue;
		if (!told++)
			json_put_array(json, key);
		json_put_span(json, NULL, line.value);
	}
	if (told)
		json_array_end(json);
}

// Each t= with the first r= behind it.
static void put_times(struct json *json, struct span sdp)
{
	struct sdp_line line;
	unsigned told = 0;
	bool repeated = true;
	for (uint32_t at = 0; told < LIST_MAX && sdp_next(sdp, &at, &line) && line.type != 'm';) {
		if (line.type == 'r' && !repeated) {
			json_put_span(json, "repeat_time", line.value);
			repeated = true;
		} else if (line.type == 't') {
			if (!told++)
				json_put_array(json, "time_descriptions");
			else
				json_object_end(json);
			json_put_object(json, NULL);
			json_put_span(json, "time", line.value);
			repeated = false;
		}
	}
	if (told) {
		json_object_end(json);
		json_array_end(json);
	}
}

static void put_medium(struct json *json, struct span sdp, const struct sdp_line *medium, uint32_t at)
{
	static const struct {
		char type;
		const char *key;
	} lines[] = { { 'i', "media_info" }, { 'c', "connection_data" }, { 'k', "encryption_key" } };
	json_put_object(json, NULL);
	json_put_span(json, "media", medium->value);
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct sdp_line line;
		for (uint32_t look = at; sdp_next(sdp, &look, &line) && line.type != 'm';) {
			if (line.type != lines[i].type)
				continue;
			put(json, lines[i].key, line.value);
			break;
		}
	}
	put_list(json, "bandwidths", sdp, at, 'b');
	put_list(json, "attributes", sdp, at, 'a');
	json_object_end(json);
}

static void put_media(struct json *json, struct span sdp)
{
	struct sdp_line line;
	unsigned told = 0;
	for (uint32_t at = 0; told < LIST_MAX && sdp_next(sdp, &at, &line);) {
		if (line.type != 'm')
			continue;
		if (!told++)
			json_put_array(json, "media_descriptions");
		put_medium(json, sdp, &line, at);
	}
	if (told)
		json_array_end(json);
}

static void put_description(struct json *json, struct span sdp)
{
	struct json_mark mark = json_mark(json);
	json_put_object(json, "sdp");
	put_session(json, sdp);
	put_list(json, "bandwidths", sdp, 0, 'b');
	put_times(json, sdp);
	put_list(json, "attributes", sdp, 0, 'a');
	put_media(json, sdp);
	json_object_end(json);
	json_keep_if_room(json, mark, 1024);
}

static bool write_sip(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	const struct sip_message *m = sip_message_of(tx);
	json_put_object(json, "sip");
	put(json, "method", m->method);
	put(json, "uri", m->uri);
	put(json, "version", m->version);
	put(json, m->response ? "response_line" : "request_line", m->line);
	put(json, "code", m->code);
	put(json, "reason", m->reason);
	if (m->sdp.len)
		put_description(json, m->sdp);
	json_object_end(json);
	return true;
}

const struct eve_app eve_sip = { .proto = APP_SIP, .event_type = "sip", .write = write_sip, .direction = eve_one_way };
