// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dnp3.h"
#include <stdio.h>
#include "decoders/app/dnp3/dnp3.h"

#define UNSOLICITED    130
#define AFTER_OBJECTS  1024 // bytes that must be left for what follows the objects
#define ROOM_FOR_POINT 2048 // bytes that must be left for another point

static void put_value(struct json *json, const struct dnp3_value *value)
{
	char name[40];
	snprintf(name, sizeof(name), "%.*s", (int)value->name.len, (const char *)value->name.data);
	switch (value->kind) {
	case DNP3_UNSIGNED: json_put_uint(json, name, value->number); break;
	case DNP3_SIGNED: json_put_int(json, name, (int64_t)value->number); break;
	case DNP3_REAL: json_put_real(json, name, value->real); break;
	case DNP3_TEXT: json_put_span(json, name, value->text); break;
	case DNP3_BYTES: json_put_base64(json, name, value->text); break;
	}
}

static bool has_room(const struct json *json)
{
	return !json->overflow && json->end - json->at > ROOM_FOR_POINT;
}

static void put_points(struct json *json, const struct dnp3_object *object)
{
	struct dnp3_points points;
	struct dnp3_point point;
	struct dnp3_value value;
	dnp3_points_begin(object, &points);
	if (!dnp3_points_next(&points, &point))
		return;
	json_put_array(json, "points");
	do {
		struct json_mark mark = json_mark(json);
		json_put_object(json, NULL);
		json_put_uint(json, "prefix", point.prefix);
		json_put_uint(json, "index", point.index);
		while (dnp3_value_next(&point, &value))
			put_value(json, &value);
		json_object_end(json);
		json_keep_if_room(json, mark, AFTER_OBJECTS);
	} while (has_room(json) && dnp3_points_next(&points, &point));
	json_array_end(json);
}

static void put_objects(struct json *json, const struct dnp3_tx *tx)
{
	struct span objects = dnp3_objects(tx);
	struct dnp3_object object;
	uint32_t at = 0;
	unsigned count = 0;
	while (count < tx->objects && has_room(json)) {
		enum dnp3_object_result result = dnp3_object_next(objects, &at, &object);
		if (result == DNP3_OBJECT_END)
			break;
		if (count++ == 0)
			json_put_array(json, "objects");
		json_put_object(json, NULL);
		json_put_uint(json, "group", object.group);
		json_put_uint(json, "variation", object.variation);
		json_put_uint(json, "qualifier", object.qualifier);
		json_put_uint(json, "prefix_code", object.prefix_code);
		json_put_uint(json, "range_code", object.range_code);
		json_put_uint(json, "start", object.start);
		json_put_uint(json, "stop", object.stop);
		json_put_uint(json, "count", object.count);
		put_points(json, &object);
		json_object_end(json);
		if (result != DNP3_OBJECT_OK)
			break;
	}
	if (count)
		json_array_end(json);
}

static void put_application(struct json *json, const struct dnp3_tx *tx)
{
	json_put_object(json, "application");
	json_put_object(json, "control");
	json_put_bool(json, "fir", tx->application & 0x80);
	json_put_bool(json, "fin", tx->application & 0x40);
	json_put_bool(json, "con", tx->application & 0x20);
	json_put_bool(json, "uns", tx->application & 0x10);
	json_put_uint(json, "sequence", tx->application & 15);
	json_object_end(json);
	json_put_uint(json, "function_code", tx->function);
	put_objects(json, tx);
	json_put_bool(json, "complete", tx->complete);
	json_object_end(json);
}

static void put_indicators(struct json *json, uint16_t indicators)
{
	// By bit, from the highest: IIN1, then IIN2 (4.2.2.5)
	static const char *const names[16] = { "device_restart", "device_trouble", "local_control", "need_time",
		"class_3_events", "class_2_events", "class_1_events", "all_stations", "reserved_1", "reserved_2",
		"config_corrupt", "already_executing", "event_buffer_overflow", "parameter_error", "object_unknown",
		"no_func_code_support" };
	json_put_object(json, "iin");
	if (indicators) {
		json_put_array(json, "indicators");
		for (unsigned i = 0; i < 16; i++)
			if (indicators & 0x8000u >> i)
				json_put_text(json, NULL, names[i]);
		json_array_end(json);
	}
	json_object_end(json);
}

static void put_message(struct json *json, const struct dnp3_tx *tx)
{
	bool response = tx->from == TO_CLIENT;
	json_put_text(json, "type",
		!response                     ? "request"
		: tx->function == UNSOLICITED ? "unsolicited_response"
					      : "response");
	json_put_object(json, "control");
	json_put_bool(json, "dir", tx->link_control & 0x80);
	json_put_bool(json, "pri", tx->link_control & 0x40);
	json_put_bool(json, "fcb", tx->link_control & 0x20);
	json_put_bool(json, "fcv", tx->link_control & 0x10);
	json_put_uint(json, "function_code", tx->link_control & 15);
	json_object_end(json);
	json_put_uint(json, "src", tx->by);
	json_put_uint(json, "dst", tx->to);
	put_application(json, tx);
	if (response)
		put_indicators(json, tx->indicators);
}

static bool write_dnp3(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow;
	const struct dnp3_tx *dnp3 = dnp3_tx_of(tx);
	if (part)
		return false;
	json_put_object(json, "dnp3");
	if (in_alert)
		json_put_object(json, dnp3->from == TO_SERVER ? "request" : "response");
	if (dnp3->message)
		put_message(json, dnp3);
	if (in_alert)
		json_object_end(json);
	json_object_end(json);
	return true;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return dnp3_tx_of(tx)->message;
}

const struct eve_app eve_dnp3 = { .proto = APP_DNP3, .event_type = "dnp3", .write = write_dnp3, .wanted = wanted };
