// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/enip.h"
#include <stdio.h>
#include "decoders/app/enip/enip.h"

#define SEGMENTS_MAX 32 // of a path that are told

struct name {
	uint32_t value;
	const char *text;
};

static const struct name commands[] = {
	{ ENIP_NOP, "nop" },
	{ ENIP_LIST_SERVICES, "list_services" },
	{ ENIP_LIST_IDENTITY, "list_identity" },
	{ ENIP_LIST_INTERFACES, "list_interfaces" },
	{ ENIP_REGISTER_SESSION, "register_session" },
	{ ENIP_UNREGISTER_SESSION, "unregister_session" },
	{ ENIP_SEND_RR_DATA, "send_rr_data" },
	{ ENIP_SEND_UNIT_DATA, "send_unit_data" },
	{ ENIP_INDICATE_STATUS, "indicate_status" },
	{ ENIP_CANCEL, "cancel" },
	{ 0, NULL },
};

static const struct name statuses[] = {
	{ 0, "success" },
	{ 1, "invalid_cmd" },
	{ 2, "no_resources" },
	{ 3, "incorrect_data" },
	{ 0x64, "invalid_session" },
	{ 0x65, "invalid_length" },
	{ 0x69, "unsupported_prot_rev" },
	{ 0x6a, "encap_header_error" },
	{ 0, NULL },
};

static const struct name services[] = {
	{ 0x01, "get_attr_all" },
	{ 0x02, "set_attr_all" },
	{ 0x03, "get_attr_list" },
	{ 0x04, "set_attr_list" },
	{ 0x05, "reset" },
	{ 0x06, "start" },
	{ 0x07, "stop" },
	{ 0x08, "create" },
	{ 0x09, "delete" },
	{ 0x0a, "multiple_service" },
	{ 0x0d, "apply_attr" },
	{ 0x0e, "get_attr_single" },
	{ 0x10, "set_attr_single" },
	{ 0x11, "find_next_object_instance" },
	{ 0x15, "restore" },
	{ 0x16, "save" },
	{ 0x17, "no_operation" },
	{ 0x18, "get_member" },
	{ 0x19, "set_member" },
	{ 0x1a, "insert_member" },
	{ 0x1b, "remove_member" },
	{ 0x1c, "group_sync" },
	{ 0x4b, "kick_timer" },
	{ 0x4e, "forward_close" },
	{ 0x52, "unconnected_send" },
	{ 0x54, "forward_open" },
	{ 0, NULL },
};

// CIP volume 1, appendix B-1
static const struct name cip_statuses[] = {
	{ 0x00, "success" },
	{ 0x01, "connection_failure" },
	{ 0x02, "resource_unavailable" },
	{ 0x03, "invalid_parameter_value" },
	{ 0x04, "path_segment_error" },
	{ 0x05, "path_destination_unknown" },
	{ 0x06, "partial_transfer" },
	{ 0x07, "connection_lost" },
	{ 0x08, "service_not_supported" },
	{ 0x09, "invalid_attribute_value" },
	{ 0x0a, "attribute_list_error" },
	{ 0x0b, "already_in_requested_mode" },
	{ 0x0c, "object_state_conflict" },
	{ 0x0d, "object_already_exists" },
	{ 0x0e, "attribute_not_settable" },
	{ 0x0f, "privilege_violation" },
	{ 0x10, "device_state_conflict" },
	{ 0x11, "reply_data_too_large" },
	{ 0x12, "fragmentation_of_primitive" },
	{ 0x13, "not_enough_data" },
	{ 0x14, "attribute_not_supported" },
	{ 0x15, "too_much_data" },
	{ 0x16, "object_does_not_exist" },
	{ 0x1a, "routing_failure_request_too_large" },
	{ 0x1b, "routing_failure_response_too_large" },
	{ 0x1e, "embedded_service_error" },
	{ 0x1f, "vendor_specific_error" },
	{ 0x20, "invalid_parameter" },
	{ 0x26, "invalid_path_size" },
	{ 0, NULL },
};

// Extended status of a connection failure (appendix 3-5.6)
static const struct name connection_failures[] = {
	{ 0x0100, "connection_in_use" },
	{ 0x0103, "transport_class_not_supported" },
	{ 0x0106, "ownership_conflict" },
	{ 0x0107, "connection_not_found" },
	{ 0x0108, "invalid_connection_type" },
	{ 0x0109, "invalid_connection_size" },
	{ 0x0110, "device_not_configured" },
	{ 0x0111, "rpi_not_supported" },
	{ 0x0113, "connection_limit_reached" },
	{ 0x0114, "vendor_id_or_product_code_mismatch" },
	{ 0x0115, "device_type_mismatch" },
	{ 0x0116, "revision_mismatch" },
	{ 0x0119, "non_listen_only_not_opened" },
	{ 0x0203, "connection_timed_out" },
	{ 0x0204, "unconnected_request_timed_out" },
	{ 0, NULL },
};

static const struct name classes[] = {
	{ 0x01, "identity" },
	{ 0x02, "message_router" },
	{ 0x03, "device_net" },
	{ 0x04, "assembly" },
	{ 0x05, "connection" },
	{ 0x06, "connection_manager" },
	{ 0x07, "register" },
	{ 0x0f, "parameter" },
	{ 0x37, "file" },
	{ 0x43, "time_sync" },
	{ 0x47, "device_level_ring" },
	{ 0xf4, "port" },
	{ 0xf5, "tcp_ip_interface" },
	{ 0xf6, "ethernet_link" },
	{ 0, NULL },
};

static const struct name vendors[] = {
	{ 1, "Rockwell Automation/Allen-Bradley" },
	{ 3, "Honeywell Inc." },
	{ 5, "Rockwell Automation/Reliance Elec." },
	{ 7, "SMC Corporation" },
	{ 26, "Festo Corporation" },
	{ 40, "Wago Corporation" },
	{ 43, "BALLUFF, Inc." },
	{ 44, "Yaskawa Electric America, Inc." },
	{ 46, "ABB Industrial Systems" },
	{ 47, "Omron Corporation" },
	{ 48, "TURCk, Inc." },
	{ 90, "HMS Industrial Networks AB" },
	{ 161, "Mitsubishi Electric Automation, Inc." },
	{ 243, "Schneider Automation, Inc." },
	{ 283, "Hilscher GmbH" },
	{ 0, NULL },
};

static const struct name devices[] = {
	{ 0x00, "Generic Device (deprecated)" },
	{ 0x02, "AC Drive" },
	{ 0x03, "Motor Overload" },
	{ 0x04, "Limit Switch" },
	{ 0x05, "Inductive Proximity Switch" },
	{ 0x06, "Photoelectric Sensor" },
	{ 0x07, "General Purpose Discrete I/O" },
	{ 0x09, "Resolver" },
	{ 0x0c, "Communications Adapter" },
	{ 0x0e, "Programmable Logic Controller" },
	{ 0x10, "Position Controller" },
	{ 0x13, "DC Drive" },
	{ 0x15, "Contactor" },
	{ 0x16, "Motor Starter" },
	{ 0x17, "Soft Start" },
	{ 0x18, "Human-Machine Interface" },
	{ 0x1a, "Mass Flow Controller" },
	{ 0x1b, "Pneumatic Valve" },
	{ 0x1c, "Vacuum Pressure Gauge" },
	{ 0x1d, "Process Control Value" },
	{ 0x1e, "Residual Gas Analyzer" },
	{ 0x1f, "DC Power Generator" },
	{ 0x20, "RF Power Generator" },
	{ 0x21, "Turbomolecular Vacuum Pump" },
	{ 0x22, "Encoder" },
	{ 0x23, "Safety Discrete I/O Device" },
	{ 0x24, "Fluid Flow Controller" },
	{ 0x25, "CIP Motion Drive" },
	{ 0x27, "Mass Flow Controller, Enhanced" },
	{ 0x2a, "CIP Modbus Translator" },
	{ 0x2b, "Generic Device, keyable" },
	{ 0x2c, "Managed Switch" },
	{ 0, NULL },
};

static void put_name(struct json *json, const char *key, const struct name *names, uint32_t value)
{
	char unknown[24];
	for (; names->text; names++)
		if (names->value == value) {
			json_put_text(json, key, names->text);
			return;
		}
	snprintf(unknown, sizeof(unknown), "unknown-%u", value);
	json_put_text(json, key, unknown);
}

static void put_path(struct json *json, struct span path)
{
	static const char *const kinds[] = { "class", "instance", "member", "connection_point", "attribute" };
	struct cip_segment segment;
	uint32_t at = 0, class = UINT32_MAX;
	unsigned count = 0;
	while (count < SEGMENTS_MAX && cip_segment_next(path, &at, &segment)) {
		if (count++ == 0)
			json_put_array(json, "path");
		json_put_object(json, NULL);
		json_put_text(json, "segment_type", kinds[segment.kind]);
		json_put_uint(json, "value", segment.value);
		json_object_end(json);
		if (segment.kind == CIP_CLASS)
			class = segment.value;
	}
	if (count)
		json_array_end(json);
	if (class != UINT32_MAX)
		put_name(json, "class_name", classes, class);
}

// A message that goes the wrong way for what it is has its service only.
static void put_cip(struct json *json, const struct cip_message *m, enum direction direction)
{
	put_name(json, "service", services, m->service);
	if (m->response != (direction == TO_CLIENT))
		return;
	if (!m->response) {
		put_path(json, m->path);
		return;
	}
	put_name(json, "status", cip_statuses, m->status);
	if (m->extended.len) {
		json_put_hex(json, "status_extended", m->extended, 0);
		if (m->status == 1)
			put_name(json, "status_extended_meaning", connection_failures,
				(uint32_t)(m->extended.data[0] | m->extended.data[1] << 8));
	}
}

static void put_cip_all(struct json *json, const struct enip_pdu *pdu, enum direction direction)
{
	struct cip_message m, part;
	unsigned index = 0;
	if (!enip_cip_read(pdu, &m))
		return;
	json_put_object(json, "cip");
	put_cip(json, &m, direction);
	while (cip_part_next(&m, &index, &part)) {
		if (index == 1)
			json_put_array(json, "multiple");
		json_put_object(json, NULL);
		put_cip(json, &part, direction);
		json_object_end(json);
	}
	if (index > 1)
		json_array_end(json);
	json_object_end(json);
}

static void put_identity(struct json *json, const struct enip_identity *identity)
{
	char revision[8];
	snprintf(revision, sizeof(revision), "%u.%u", identity->revision[0], identity->revision[1]);
	json_put_object(json, "identity");
	json_put_uint(json, "protocol_version", identity->protocol_version);
	json_put_text(json, "revision", revision);
	put_name(json, "vendor_id", vendors, identity->vendor_id);
	put_name(json, "device_type", devices, identity->device_type);
	json_put_uint(json, "product_code", identity->product_code);
	json_put_uint(json, "status", identity->status);
	json_put_uint(json, "serial", identity->serial);
	json_put_span(json, "product_name", identity->product_name);
	json_put_uint(json, "state", identity->state);
	json_object_end(json);
}

static void put_pdu(struct json *json, const struct enip_pdu *pdu, enum direction direction)
{
	struct enip_identity identity;
	struct enip_services list;
	struct enip_register registration;
	if (!pdu->present)
		return;
	json_put_object(json, direction == TO_SERVER ? "request" : "response");
	put_name(json, "command", commands, pdu->command);
	put_name(json, "status", statuses, pdu->status);
	if (enip_register_read(pdu, &registration)) {
		json_put_object(json, "register_session");
		json_put_uint(json, "protocol_version", registration.protocol_version);
		json_put_uint(json, "options", registration.options);
		json_object_end(json);
	}
	if (direction == TO_CLIENT && enip_services_read(pdu, &list)) {
		json_put_object(json, "list_services");
		json_put_uint(json, "protocol_version", list.protocol_version);
		json_put_uint(json, "capabilities", list.capabilities);
		json_put_span(json, "service_name", list.service_name);
		json_object_end(json);
	}
	if (direction == TO_CLIENT && enip_identity_read(pdu, &identity))
		put_identity(json, &identity);
	put_cip_all(json, pdu, direction);
	json_object_end(json);
}

static bool write_enip(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	json_put_object(json, "enip");
	put_pdu(json, &enip_tx_of(tx)->pdus[TO_SERVER], TO_SERVER);
	put_pdu(json, &enip_tx_of(tx)->pdus[TO_CLIENT], TO_CLIENT);
	json_object_end(json);
	return true;
}

const struct eve_app eve_enip = { .proto = APP_ENIP, .event_type = "enip", .write = write_enip };
