// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/dnp3.h"
#include "decoders/app/dnp3/dnp3.h"
#include "signatures/field/argument.h"

static const struct field_name function_names[] = {
	{ "confirm", 0 },
	{ "read", 1 },
	{ "write", 2 },
	{ "select", 3 },
	{ "operate", 4 },
	{ "direct_operate", 5 },
	{ "direct_operate_nr", 6 },
	{ "immed_freeze", 7 },
	{ "immed_freeze_nr", 8 },
	{ "freeze_clear", 9 },
	{ "freeze_clear_nr", 10 },
	{ "freeze_at_time", 11 },
	{ "freeze_at_time_nr", 12 },
	{ "cold_restart", 13 },
	{ "warm_restart", 14 },
	{ "initialize_data", 15 },
	{ "initialize_appl", 16 },
	{ "start_appl", 17 },
	{ "stop_appl", 18 },
	{ "save_config", 19 },
	{ "enable_unsolicited", 20 },
	{ "disable_unsolicited", 21 },
	{ "assign_class", 22 },
	{ "delay_measure", 23 },
	{ "record_current_time", 24 },
	{ "open_file", 25 },
	{ "close_file", 26 },
	{ "delete_file", 27 },
	{ "get_file_info", 28 },
	{ "authenticate_file", 29 },
	{ "abort_file", 30 },
	{ "activate_config", 31 },
	{ "authenticate_req", 32 },
	{ "authenticate_err", 33 },
	{ "response", 129 },
	{ "unsolicited_response", 130 },
	{ "authenticate_resp", 131 },
	{ NULL, 0 },
};

static const struct field_name indicator_bits[] = {
	{ "all_stations", 0x100 },
	{ "class_1_events", 0x200 },
	{ "class_2_events", 0x400 },
	{ "class_3_events", 0x800 },
	{ "need_time", 0x1000 },
	{ "local_control", 0x2000 },
	{ "device_trouble", 0x4000 },
	{ "device_restart", 0x8000 },
	{ "no_func_code_support", 0x1 },
	{ "object_unknown", 0x2 },
	{ "parameter_error", 0x4 },
	{ "event_buffer_overflow", 0x8 },
	{ "already_executing", 0x10 },
	{ "config_corrupt", 0x20 },
	{ "reserved_2", 0x40 },
	{ "reserved_1", 0x80 },
	{ NULL, 0 },
};

// dnp3_obj: "group,variation".
struct object_test {
	uint8_t group, variation;
};

static const char *parse_object(const char *arguments, void *data)
{
	struct object_test *test = data;
	struct span rest = span_text(arguments), word;
	uint64_t group, variation;
	argument_next(&rest, ',', &word);
	if (!argument_number(word, UINT8_MAX, &group) || !argument_number(rest, UINT8_MAX, &variation))
		return "expected GROUP,VARIATION, numbers up to 255";
	*test = (struct object_test) { (uint8_t)group, (uint8_t)variation };
	return NULL;
}

static bool get_function(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct dnp3_tx *tx = dnp3_tx_of(source->tx);
	*value = tx->function;
	return index == 0 && tx->message;
}

static bool get_indicators(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct dnp3_tx *tx = dnp3_tx_of(source->tx);
	*value = tx->indicators;
	return index == 0 && tx->message;
}

static bool get_data(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct dnp3_tx *tx = dnp3_tx_of(source->tx);
	*value = (struct field_value) { .data = span_of(tx->bytes, tx->len), .first = true, .last = true };
	return index == 0 && tx->done && tx->len;
}

static bool match_object(const struct field_source *source, const void *data)
{
	const struct object_test *test = data;
	const struct dnp3_tx *tx = dnp3_tx_of(source->tx);
	struct span objects = dnp3_objects(tx);
	struct dnp3_object object;
	uint32_t at = 0;
	for (unsigned i = 0; i < tx->objects; i++) {
		enum dnp3_object_result result = dnp3_object_next(objects, &at, &object);
		if (result == DNP3_OBJECT_END)
			return false;
		if (object.group == test->group && object.variation == test->variation)
			return true;
		if (result != DNP3_OBJECT_OK)
			return false;
	}
	return false;
}

#define READ(progress, function)                        \
	{ APP_DNP3, TO_SERVER, progress, function },    \
	{                                               \
		APP_DNP3, TO_CLIENT, progress, function \
	}

FIELD_NUMBER(field_dnp3_func, APP_DNP3, "dnp3_func", NULL, 8, 0, function_names, READ(0, get_function));
FIELD_NUMBER(field_dnp3_ind, APP_DNP3, "dnp3_ind", NULL, 16, FIELD_BITS_ANY, indicator_bits, READ(0, get_indicators));
FIELD_TEST(field_dnp3_obj, APP_DNP3, "dnp3_obj", NULL, parse_object, READ(1, match_object));
FIELD_BUFFER(field_dnp3_data, APP_DNP3, "dnp3.data", FIELD_SPELLINGS("dnp3_data"), "dnp3 application data", 0,
	READ(1, get_data));
