// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/enip.h"
#include "signatures/field/argument.h"

static const struct field_name command_names[] = {
	{ "nop", 0x0 },
	{ "list_services", 0x4 },
	{ "list_identity", 0x63 },
	{ "list_interfaces", 0x64 },
	{ "register_session", 0x65 },
	{ "unregister_session", 0x66 },
	{ "send_rr_data", 0x6f },
	{ "send_unit_data", 0x70 },
	{ "indicate_status", 0x72 },
	{ "cancel", 0x73 },
	{ NULL, 0 },
};

static const struct field_name status_names[] = {
	{ "success", 0x0 },
	{ "invalid_cmd", 0x1 },
	{ "no_resources", 0x2 },
	{ "incorrect_data", 0x3 },
	{ "invalid_session", 0x64 },
	{ "invalid_length", 0x65 },
	{ "unsupported_prot_rev", 0x69 },
	{ "encap_header_error", 0x6a },
	{ NULL, 0 },
};

// cip_service: "SERVICE[,CLASS[,ATTRIBUTE]]".
struct service_test {
	uint8_t count; // of numbers given
	uint32_t numbers[3];
};

static const char *parse_service(const char *arguments, void *data)
{
	static const uint32_t most[] = { 0x7f, UINT32_MAX, UINT32_MAX };
	struct service_test *test = data;
	struct span rest = span_text(arguments), word;
	uint64_t number;
	while (argument_next(&rest, ',', &word)) {
		if (test->count == 3 || !argument_number(word, most[test->count], &number))
			return "expected SERVICE[,CLASS[,ATTRIBUTE]], the service up to 127";
		test->numbers[test->count++] = (uint32_t)number;
	}
	return NULL;
}

FIELD_NUMBER(field_enip_command, APP_ENIP, "enip_command", NULL, 16, 0, command_names, FIELD_WAITING);
FIELD_NUMBER(field_enip_status, APP_ENIP, "enip.status", NULL, 32, 0, status_names, FIELD_WAITING);
FIELD_NUMBER(field_enip_capabilities, APP_ENIP, "enip.capabilities", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_vendor_id, APP_ENIP, "enip.vendor_id", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_state, APP_ENIP, "enip.state", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_serial, APP_ENIP, "enip.serial", NULL, 32, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_revision, APP_ENIP, "enip.revision", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_protocol_version, APP_ENIP, "enip.protocol_version", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_product_code, APP_ENIP, "enip.product_code", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_identity_status, APP_ENIP, "enip.identity_status", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_device_type, APP_ENIP, "enip.device_type", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_cip_attribute, APP_ENIP, "enip.cip_attribute", NULL, 32, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_cip_class, APP_ENIP, "enip.cip_class", NULL, 32, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_cip_instance, APP_ENIP, "enip.cip_instance", NULL, 32, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_enip_cip_status, APP_ENIP, "enip.cip_status", NULL, 8, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(
	field_enip_cip_extendedstatus, APP_ENIP, "enip.cip_extendedstatus", NULL, 16, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_TEST(field_cip_service, APP_ENIP, "cip_service", NULL, parse_service, FIELD_WAITING);
FIELD_BUFFER(field_enip_product_name, APP_ENIP, "enip.product_name", NULL, "enip product name", 0, FIELD_WAITING);
FIELD_BUFFER(field_enip_service_name, APP_ENIP, "enip.service_name", NULL, "enip service name", 0, FIELD_WAITING);
