// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/snmp/snmp.h"
#include <stdlib.h>
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"

#define IP_ADDRESS      0x40 // SMI's application tag 0
#define USM             3
#define FLAG_PRIVATE    0x02
#define ARC_BYTES       16 // of a text, at most, that one arc takes
#define ARC_OCTETS_MOST 5

static const char *const event_names[] = { [SNMP_MALFORMED_DATA] = "malformed_data",
	[SNMP_UNKNOWN_SECURITY_MODEL] = "unknown_security_model",
	[SNMP_VERSION_MISMATCH] = "version_mismatch",
	NULL };

static bool read_number(struct cursor *c, uint32_t *number)
{
	struct span bytes;
	if (!der_expect(c, DER_INTEGER, &bytes) || bytes.len == 0 || bytes.len > 5)
		return false;
	*number = 0;
	for (uint32_t i = 0; i < bytes.len; i++)
		*number = *number << 8 | bytes.data[i];
	return true;
}

static bool read_trap(struct cursor *c, struct snmp_message *m)
{
	uint32_t specific;
	struct der ticks;
	return der_expect(c, DER_OID, &m->trap_oid) && der_expect(c, IP_ADDRESS, &m->trap_address) &&
	       read_number(c, &m->trap_type) && read_number(c, &specific) && der_next(c, &ticks) == DER_OK;
}

static bool read_pdu(struct cursor *c, struct snmp_message *m)
{
	struct der pdu;
	uint32_t number;
	if (der_next(c, &pdu) != DER_OK || (pdu.tag & 0xe0) != DER_CONTEXT_CONSTRUCTED ||
		(pdu.tag & 0x1f) >= SNMP_PDUS_END)
		return false;
	m->pdu = pdu.tag & 0x1f;
	m->has_pdu = true;
	struct cursor in = cursor_on(pdu.value);
	bool good = m->pdu == SNMP_TRAP_V1
			    ? read_trap(&in, m)
			    : read_number(&in, &number) && read_number(&in, &number) && read_number(&in, &number);
	struct span list;
	if (!good || !der_expect(&in, DER_SEQUENCE, &list))
		return false;
	m->variables = cursor_on(list);
	return true;
}

// Who speaks, by the user security model (RFC 3414 section 2.4).
static bool read_user(struct span parameters, struct snmp_message *m)
{
	struct cursor c = cursor_on(parameters);
	struct span all, engine;
	uint32_t number;
	if (!der_expect(&c, DER_SEQUENCE, &all))
		return false;
	c = cursor_on(all);
	return der_expect(&c, DER_OCTET_STRING, &engine) && read_number(&c, &number) && read_number(&c, &number) &&
	       der_expect(&c, DER_OCTET_STRING, &m->user);
}

static bool read_version3(struct cursor *c, struct snmp_message *m)
{
	struct span global, flags, parameters, scoped, text;
	uint32_t number, model;
	if (!der_expect(c, DER_SEQUENCE, &global))
		return false;
	struct cursor in = cursor_on(global);
	if (!read_number(&in, &number) || !read_number(&in, &number) || !der_expect(&in, DER_OCTET_STRING, &flags) ||
		flags.len != 1 || !read_number(&in, &model) || !der_expect(c, DER_OCTET_STRING, &parameters))
		return false;
	m->foreign_model = model != USM;
	if (!m->foreign_model && !read_user(parameters, m))
		return false;
	m->encrypted = flags.data[0] & FLAG_PRIVATE;
	if (m->encrypted)
		return true;
	if (!der_expect(c, DER_SEQUENCE, &scoped))
		return false;
	in = cursor_on(scoped);
	return der_expect(&in, DER_OCTET_STRING, &text) && der_expect(&in, DER_OCTET_STRING, &text) && read_pdu(&in, m);
}

bool snmp_message_read(struct span data, struct snmp_message *m)
{
	struct cursor c = cursor_on(data);
	struct span all;
	uint32_t version;
	*m = (struct snmp_message) { 0 };
	if (!der_expect(&c, DER_SEQUENCE, &all))
		return false;
	c = cursor_on(all);
	if (!read_number(&c, &version) || (version != 0 && version != 1 && version != 3))
		return false;
	m->version = (uint8_t)(version == 3 ? 3 : version + 1);
	if (version == 3)
		return read_version3(&c, m);
	return der_expect(&c, DER_OCTET_STRING, &m->community) && read_pdu(&c, m);
}

bool snmp_variable_next(struct cursor *variables, struct span *oid)
{
	struct span one;
	work_step(1);
	if (!der_expect(variables, DER_SEQUENCE, &one))
		return false;
	struct cursor c = cursor_on(one);
	return der_expect(&c, DER_OID, oid);
}

// By hand: an answer can name hundreds. Digits written, ARC_BYTES at most with the dot before.
static size_t put_arc(char *text, uint64_t arc)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + arc % 10);
		arc /= 10;
	} while (arc);
	memcpy(text, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}

const char *snmp_oid_text(struct span oid, char text[SNMP_OID_TEXT])
{
	size_t at = 0;
	uint64_t arc = 0;
	text[0] = 0;
	for (uint32_t i = 0, octets = 0; i < oid.len && at + ARC_BYTES < SNMP_OID_TEXT; i++) {
		arc = arc << 7 | (oid.data[i] & 0x7f);
		if (oid.data[i] & 0x80 && ++octets < ARC_OCTETS_MOST)
			continue;
		if (at == 0) {
			uint64_t first = arc < 80 ? arc / 40 : 2;
			text[at++] = (char)('0' + first);
			arc -= first * 40;
		}
		text[at++] = '.';
		at += put_arc(text + at, arc);
		arc = octets = 0;
	}
	text[at] = 0;
	return text;
}

static enum app_result parse(struct app_input *input)
{
	struct snmp_message m;
	uint8_t *version = input->flow->app.state;
	struct app_tx *tx = datagram_take(input);
	if (!tx)
		return APP_OK;
	if (!snmp_message_read(input->data, &m)) {
		tally(input, TALLY_MALFORMED);
		app_tx_event(input->flow, tx, SNMP_MALFORMED_DATA);
	}
	if (m.foreign_model) {
		tally(input, TALLY_UNSUPPORTED);
		app_tx_event(input->flow, tx, SNMP_UNKNOWN_SECURITY_MODEL);
	}
	if (*version == 0)
		*version = m.version;
	else if (m.version && m.version != *version)
		app_tx_event(input->flow, tx, SNMP_VERSION_MISMATCH);
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 161, 162 }, { 0 } };

const struct app_parser snmp_parser = {
	.proto = APP_SNMP,
	.name = "snmp",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 16,
	.probe = recognise_snmp,
	.state_bytes = 1, // the version of the flow's first message
	.parse = parse,
	.tx_free = datagram_free,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
