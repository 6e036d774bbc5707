// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/snmp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/snmp/snmp.h"
#include "export/eve/one_way.h"
#include "signatures/field/snmp.h"

#define VARIABLES_MAX 128 // that are told

static const char *name_of(const struct field_name *names, uint32_t value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return "unknown";
}

static void put_pdu(struct json *json, const struct snmp_message *m)
{
	char text[SNMP_OID_TEXT];
	struct cursor variables = m->variables;
	struct span oid;
	json_put_text(json, "pdu_type", name_of(snmp_pdu_names, m->pdu));
	if (m->pdu == SNMP_TRAP_V1) {
		json_put_text(json, "trap_type", name_of(snmp_trap_names, m->trap_type));
		json_put_text(json, "trap_oid", snmp_oid_text(m->trap_oid, text));
		if (m->trap_address.len == 4) {
			struct address address = address_v4(m->trap_address.data);
			json_put_address(json, "trap_address", &address);
		}
	}
	if (!snmp_variable_next(&variables, &oid))
		return;
	json_put_array(json, "vars");
	unsigned count = 0;
	do
		json_put_text(json, NULL, snmp_oid_text(oid, text));
	while (++count < VARIABLES_MAX && snmp_variable_next(&variables, &oid));
	json_array_end(json);
}

static bool write_snmp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	struct snmp_message m;
	if (part)
		return false;
	(void)snmp_message_read(datagram_span(tx), &m);
	json_put_object(json, "snmp");
	json_put_uint(json, "version", m.version);
	if (m.encrypted)
		json_put_text(json, "pdu_type", "encrypted");
	else if (m.has_pdu)
		put_pdu(json, &m);
	if (m.community.data)
		json_put_span(json, "community", m.community);
	if (m.user.data)
		json_put_span(json, "usm", m.user);
	json_object_end(json);
	return true;
}

const struct eve_app eve_snmp = {
	.proto = APP_SNMP, .event_type = "snmp", .write = write_snmp, .direction = eve_one_way
};
