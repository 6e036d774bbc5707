// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as SNMP datagrams.
#include "decoders/app/snmp/snmp.h"
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct snmp_message m;
	struct span oid;
	char text[SNMP_OID_TEXT];
	(void)snmp_message_read(datagram_span(tx), &m);
	(void)snmp_oid_text(m.trap_oid, text);
	while (snmp_variable_next(&m.variables, &oid))
		(void)snmp_oid_text(oid, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&snmp_parser, data, size, read_all);
}
