// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/enip.h"
#include "decoders/app/enip/enip.h"
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

static const struct enip_pdu *pdu_of(const struct field_source *source)
{
	return &enip_tx_of(source->tx)->pdus[source->direction];
}

static bool get_command(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = pdu_of(source)->command;
	return index == 0 && pdu_of(source)->present;
}

static bool get_status(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = pdu_of(source)->status;
	return index == 0 && pdu_of(source)->present;
}

static bool get_protocol_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct enip_register registration;
	struct enip_identity identity;
	struct enip_services services;
	if (index)
		return false;
	if (enip_register_read(pdu_of(source), &registration))
		*value = registration.protocol_version;
	else if (source->direction == TO_CLIENT && enip_identity_read(pdu_of(source), &identity))
		*value = identity.protocol_version;
	else if (source->direction == TO_CLIENT && enip_services_read(pdu_of(source), &services))
		*value = services.protocol_version;
	else
		return false;
	return true;
}

static bool get_capabilities(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct enip_services services;
	if (index || !enip_services_read(pdu_of(source), &services))
		return false;
	*value = services.capabilities;
	return true;
}

// A number of the identity a device tells.
#define GET_IDENTITY(function, expression)                                                       \
	static bool function(const struct field_source *source, unsigned index, uint64_t *value) \
	{                                                                                        \
		struct enip_identity identity;                                                   \
		if (index || !enip_identity_read(pdu_of(source), &identity))                     \
			return false;                                                            \
		*value = (expression);                                                           \
		return true;                                                                     \
	}

GET_IDENTITY(get_vendor_id, identity.vendor_id)
GET_IDENTITY(get_state, identity.state)
GET_IDENTITY(get_serial, identity.serial)
GET_IDENTITY(get_revision, (uint64_t)(identity.revision[0] << 8 | identity.revision[1]))
GET_IDENTITY(get_product_code, identity.product_code)
GET_IDENTITY(get_identity_status, identity.status)
GET_IDENTITY(get_device_type, identity.device_type)

static bool get_product_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct enip_identity identity;
	if (index || !enip_identity_read(pdu_of(source), &identity))
		return false;
	*value = (struct field_value) { .data = identity.product_name, .first = true, .last = true };
	return true;
}

static bool get_service_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct enip_services services;
	if (index || !enip_services_read(pdu_of(source), &services))
		return false;
	*value = (struct field_value) { .data = services.service_name, .first = true, .last = true };
	return true;
}

// The nth CIP message of this direction: the one that is sent, then those in it when it is a Multiple Service Packet.
static bool nth_cip(const struct field_source *source, unsigned index, struct cip_message *message)
{
	struct cip_message whole;
	if (!enip_cip_read(pdu_of(source), &whole))
		return false;
	*message = whole;
	if (index == 0)
		return true;
	index--;
	return cip_part_next(&whole, &index, message);
}

#define SEGMENTS_MAX   8  // of a path that are inspected
#define ATTRIBUTES_MAX 64 // of a list

// The nth segment of a kind in path; *index is less by those passed over.
static bool nth_in_path(struct span path, enum cip_segment_kind kind, unsigned *index, uint64_t *value)
{
	struct cip_segment segment;
	uint32_t at = 0;
	for (unsigned i = 0; i < SEGMENTS_MAX && cip_segment_next(path, &at, &segment); i++)
		if (segment.kind == kind && (*index)-- == 0) {
			*value = segment.value;
			return true;
		}
	return false;
}

static bool get_class(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct cip_message message;
	for (unsigned i = 0; nth_cip(source, i, &message); i++)
		if (nth_in_path(message.path, CIP_CLASS, &index, value))
			return true;
	return false;
}

static bool get_instance(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct cip_message message;
	for (unsigned i = 0; nth_cip(source, i, &message); i++)
		if (nth_in_path(message.path, CIP_INSTANCE, &index, value))
			return true;
	return false;
}

// Attributes of the path, and those a request for a list of them names.
static bool get_attribute(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct cip_message message;
	for (unsigned i = 0; nth_cip(source, i, &message); i++) {
		if (nth_in_path(message.path, CIP_ATTRIBUTE, &index, value))
			return true;
		if (message.service != CIP_GET_ATTRIBUTE_LIST)
			continue;
		struct cursor c = cursor_on(message.data);
		unsigned count = cursor_le16(&c);
		count = count < ATTRIBUTES_MAX ? count : ATTRIBUTES_MAX;
		if (index < count) {
			cursor_skip(&c, 2 * index);
			*value = cursor_le16(&c);
			return cursor_ok(&c);
		}
		index -= count;
	}
	return false;
}

static bool get_cip_status(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct cip_message message;
	if (!nth_cip(source, index, &message))
		return false;
	*value = message.status;
	return true;
}

static bool get_extended_status(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct cip_message message;
	for (unsigned i = 0; nth_cip(source, i, &message); i++)
		if (message.extended.len >= 2 && index-- == 0) {
			*value = (uint64_t)(message.extended.data[0] | message.extended.data[1] << 8);
			return true;
		}
	return false;
}

static bool path_has(struct span path, enum cip_segment_kind kind, uint32_t wanted)
{
	struct cip_segment segment;
	uint32_t at = 0;
	for (unsigned i = 0; i < SEGMENTS_MAX && cip_segment_next(path, &at, &segment); i++)
		if (segment.kind == kind && segment.value == wanted)
			return true;
	return false;
}

static bool match_service(const struct field_source *source, const void *data)
{
	const struct service_test *test = data;
	struct cip_message message;
	for (unsigned i = 0; nth_cip(source, i, &message); i++)
		if (message.service == test->numbers[0] &&
			(test->count < 2 || path_has(message.path, CIP_CLASS, test->numbers[1])) &&
			(test->count < 3 || path_has(message.path, CIP_ATTRIBUTE, test->numbers[2])))
			return true;
	return false;
}

#define ASKED(function)                          \
	{                                        \
		APP_ENIP, TO_SERVER, 0, function \
	}
#define ANSWERED(function)                       \
	{                                        \
		APP_ENIP, TO_CLIENT, 0, function \
	}

FIELD_NUMBER(field_enip_command, APP_ENIP, "enip_command", NULL, 16, 0, command_names, ASKED(get_command),
	ANSWERED(get_command));
FIELD_NUMBER(
	field_enip_status, APP_ENIP, "enip.status", NULL, 32, 0, status_names, ASKED(get_status), ANSWERED(get_status));
FIELD_NUMBER(field_enip_capabilities, APP_ENIP, "enip.capabilities", NULL, 16, 0, NULL, ANSWERED(get_capabilities));
FIELD_NUMBER(field_enip_vendor_id, APP_ENIP, "enip.vendor_id", NULL, 16, 0, NULL, ANSWERED(get_vendor_id));
FIELD_NUMBER(field_enip_state, APP_ENIP, "enip.state", NULL, 8, 0, NULL, ANSWERED(get_state));
FIELD_NUMBER(field_enip_serial, APP_ENIP, "enip.serial", NULL, 32, 0, NULL, ANSWERED(get_serial));
FIELD_NUMBER(field_enip_revision, APP_ENIP, "enip.revision", NULL, 16, 0, NULL, ANSWERED(get_revision));
FIELD_NUMBER(field_enip_protocol_version, APP_ENIP, "enip.protocol_version", NULL, 16, 0, NULL,
	ASKED(get_protocol_version), ANSWERED(get_protocol_version));
FIELD_NUMBER(field_enip_product_code, APP_ENIP, "enip.product_code", NULL, 16, 0, NULL, ANSWERED(get_product_code));
FIELD_NUMBER(
	field_enip_identity_status, APP_ENIP, "enip.identity_status", NULL, 16, 0, NULL, ANSWERED(get_identity_status));
FIELD_NUMBER(field_enip_device_type, APP_ENIP, "enip.device_type", NULL, 16, 0, NULL, ANSWERED(get_device_type));
FIELD_NUMBER(
	field_enip_cip_attribute, APP_ENIP, "enip.cip_attribute", NULL, 32, FIELD_MULTI, NULL, ASKED(get_attribute));
FIELD_NUMBER(field_enip_cip_class, APP_ENIP, "enip.cip_class", NULL, 32, FIELD_MULTI, NULL, ASKED(get_class));
FIELD_NUMBER(field_enip_cip_instance, APP_ENIP, "enip.cip_instance", NULL, 32, FIELD_MULTI, NULL, ASKED(get_instance));
FIELD_NUMBER(field_enip_cip_status, APP_ENIP, "enip.cip_status", NULL, 8, FIELD_MULTI, NULL, ANSWERED(get_cip_status));
FIELD_NUMBER(field_enip_cip_extendedstatus, APP_ENIP, "enip.cip_extendedstatus", NULL, 16, FIELD_MULTI, NULL,
	ANSWERED(get_extended_status));
FIELD_TEST(
	field_cip_service, APP_ENIP, "cip_service", NULL, parse_service, ASKED(match_service), ANSWERED(match_service));
FIELD_BUFFER(field_enip_product_name, APP_ENIP, "enip.product_name", NULL, "enip product name", 0,
	ANSWERED(get_product_name));
FIELD_BUFFER(field_enip_service_name, APP_ENIP, "enip.service_name", NULL, "enip service name", 0,
	ANSWERED(get_service_name));
