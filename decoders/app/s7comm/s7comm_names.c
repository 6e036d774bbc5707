// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/s7comm/s7comm_names.h"
#include <stddef.h>
#include <string.h>

struct named {
	uint8_t code;
	const char *name;
};

#define FIND(table, code) find(table, sizeof(table) / sizeof((table)[0]), code)

static const char *find(const struct named *table, size_t count, uint8_t code)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].code == code)
			return table[i].name;
	return NULL;
}

const char *s7comm_function_name(uint8_t function)
{
	static const struct named table[] = { { 0x00, "cpu_services" }, { 0x04, "read_var" }, { 0x05, "write_var" },
		{ 0x1a, "request_download" }, { 0x1b, "download_block" }, { 0x1c, "download_ended" },
		{ 0x1d, "start_upload" }, { 0x1e, "upload" }, { 0x1f, "end_upload" }, { 0x28, "plc_control" },
		{ 0x29, "plc_stop" }, { 0xf0, "setup_communication" } };
	return FIND(table, function);
}

const char *s7comm_group_name(uint8_t group)
{
	static const struct named table[] = { { 0, "mode_transition" }, { 1, "programmer_commands" },
		{ 2, "cyclic_services" }, { 3, "block_functions" }, { 4, "cpu_functions" }, { 5, "security" },
		{ 6, "pbc_bsend" }, { 7, "time_functions" }, { 15, "nc_programming" } };
	return FIND(table, group);
}

const char *s7comm_subfunction_name(uint8_t group, uint8_t subfunction)
{
	static const struct named modes[] = { { 0, "stop" }, { 1, "warm_restart" }, { 2, "run" }, { 3, "hot_restart" },
		{ 4, "hold" }, { 6, "cold_restart" }, { 9, "run_redundant" }, { 11, "link_up" }, { 12, "update" } };
	static const struct named programmer[] = { { 0x01, "request_diagnostic_data" }, { 0x02, "variable_table" },
		{ 0x0c, "erase" }, { 0x0e, "read_diagnostic_data" }, { 0x0f, "remove_diagnostic_data" },
		{ 0x10, "forces" }, { 0x13, "request_diagnostic_data_2" } };
	static const struct named cyclic[] = { { 1, "transfer" }, { 4, "unsubscribe" }, { 5, "transfer_on_change" },
		{ 7, "modify" }, { 8, "diagnostic_message" } };
	static const struct named blocks[] = { { 1, "list_blocks" }, { 2, "list_blocks_of_type" },
		{ 3, "get_block_info" } };
	static const struct named cpu[] = { { 0x01, "read_szl" }, { 0x02, "message_service" },
		{ 0x03, "diagnostic_message" }, { 0x05, "alarm_8_indication" }, { 0x06, "notify_indication" },
		{ 0x07, "alarm_8_lock" }, { 0x08, "alarm_8_unlock" }, { 0x09, "scan_indication" },
		{ 0x0b, "alarm_ack" }, { 0x0c, "alarm_ack_indication" }, { 0x0d, "alarm_8_lock_indication" },
		{ 0x0e, "alarm_8_unlock_indication" }, { 0x11, "alarm_sq_indication" }, { 0x12, "alarm_s_indication" },
		{ 0x13, "alarm_query" }, { 0x16, "notify_8_indication" } };
	static const struct named security[] = { { 1, "plc_password" }, { 2, "plc_password_clear" } };
	static const struct named times[] = { { 1, "read_clock" }, { 2, "set_clock" }, { 3, "read_clock_following" },
		{ 4, "set_clock_following" } };
	switch (group) {
	case 0: return FIND(modes, subfunction);
	case 1: return FIND(programmer, subfunction);
	case 2: return FIND(cyclic, subfunction);
	case 3: return FIND(blocks, subfunction);
	case 4: return FIND(cpu, subfunction);
	case 5: return FIND(security, subfunction);
	case 7: return FIND(times, subfunction);
	default: return NULL;
	}
}

const char *s7comm_service_meaning(const uint8_t *name, uint32_t len)
{
	static const struct {
		const char *service, *meaning;
	} table[] = { { "P_PROGRAM", "start" }, { "_INSE", "activate_block" }, { "_INS2", "activate_block" },
		{ "_DELE", "delete_block" }, { "_GARB", "compress_memory" }, { "_MODU", "copy_ram_to_rom" } };
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].service) == len && memcmp(table[i].service, name, len) == 0)
			return table[i].meaning;
	return NULL;
}

const char *s7comm_area_name(uint8_t area)
{
	static const struct named table[] = { { 0x03, "SYS" }, { 0x05, "SYSF" }, { 0x06, "AI" }, { 0x07, "AQ" },
		{ 0x1c, "C" }, { 0x1d, "T" }, { 0x1e, "IC" }, { 0x1f, "IT" }, { 0x80, "P" }, { 0x81, "I" },
		{ 0x82, "Q" }, { 0x83, "M" }, { 0x84, "DB" }, { 0x85, "DI" }, { 0x86, "L" }, { 0x87, "V" } };
	return FIND(table, area);
}

const char *s7comm_transport_name(uint8_t size)
{
	static const struct named table[] = { { 0x01, "BIT" }, { 0x02, "BYTE" }, { 0x03, "CHAR" }, { 0x04, "WORD" },
		{ 0x05, "INT" }, { 0x06, "DWORD" }, { 0x07, "DINT" }, { 0x08, "REAL" }, { 0x09, "DATE" },
		{ 0x0a, "TOD" }, { 0x0b, "TIME" }, { 0x0c, "S5TIME" }, { 0x0f, "DATE_AND_TIME" }, { 0x1c, "COUNTER" },
		{ 0x1d, "TIMER" }, { 0x1e, "IEC_TIMER" }, { 0x1f, "IEC_COUNTER" }, { 0x20, "HS_COUNTER" } };
	return FIND(table, size);
}

const char *s7comm_return_name(uint8_t code)
{
	static const struct named table[] = { { 0x00, "reserved" }, { 0x01, "hardware_error" },
		{ 0x03, "access_denied" }, { 0x05, "invalid_address" }, { 0x06, "type_not_supported" },
		{ 0x07, "type_inconsistent" }, { 0x0a, "object_does_not_exist" }, { 0xff, "success" } };
	return FIND(table, code);
}

const char *s7comm_error_class_name(uint8_t class)
{
	static const struct named table[] = { { 0x00, "no_error" }, { 0x81, "application_relationship" },
		{ 0x82, "object_definition" }, { 0x83, "no_resources_available" }, { 0x84, "service_processing" },
		{ 0x85, "supplies" }, { 0x87, "access" } };
	return FIND(table, class);
}
