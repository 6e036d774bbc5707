// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/bacnet/bacnet.h"
#include "decoders/app/bacnet/bacnet_names.h"

#define LINK_TYPE   0x81 // BACnet/IP
#define LINK_BYTES  4
#define PORT        47808
#define PORT_LAST   47823
#define ADDRESS_MAX 18
#define NO_PDU      16

enum {
	LINK_RESULT,
	LINK_FORWARDED = 4,
	LINK_REGISTER = 5,
	LINK_DELETE = 8,
	LINK_DISTRIBUTE = 9,
	LINK_UNICAST = 10,
	LINK_BROADCAST = 11,
	LINK_LAST = 12
};
enum { NETWORK_MESSAGE = 0x80, NETWORK_DESTINATION = 0x20, NETWORK_SOURCE = 0x08, NETWORK_RESERVED = 0x50 };
enum { SEGMENTED = 8 };

const struct fact_name bacnet_facts[] = {
	[BACNET_INVOKE] = { "invoke_id", FACT_NUMBER, false },
	[BACNET_LINK] = { "bvlc_function", FACT_TEXT, false },
	[BACNET_FORWARDED] = { "forwarded_address", FACT_ADDRESS, false },
	[BACNET_TIME_TO_LIVE] = { "time_to_live", FACT_NUMBER, false },
	[BACNET_NETWORK_MESSAGE] = { "network_message", FACT_TEXT, false },
	[BACNET_DESTINATION_NETWORK] = { "destination_network", FACT_NUMBER, false },
	[BACNET_DESTINATION_ADDRESS] = { "destination_address", FACT_TEXT, false },
	[BACNET_SOURCE_NETWORK] = { "source_network", FACT_NUMBER, false },
	[BACNET_SOURCE_ADDRESS] = { "source_address", FACT_TEXT, false },
	[BACNET_PDU] = { "pdu_type", FACT_TEXT, false },
	[BACNET_SERVICE] = { "pdu_service", FACT_TEXT, false },
	[BACNET_OBJECT_TYPE] = { "object_type", FACT_TEXT, false },
	[BACNET_INSTANCE] = { "instance_number", FACT_NUMBER, false },
	[BACNET_OBJECT] = { "objects", FACT_TEXT, true },
	[BACNET_PROPERTY] = { "property", FACT_TEXT, true },
	[BACNET_INDEX] = { "array_index", FACT_NUMBER, false },
	[BACNET_VALUE] = { "value", FACT_TEXT, true },
	[BACNET_PRIORITY] = { "priority", FACT_NUMBER, false },
	[BACNET_RANGE] = { "range", FACT_TEXT, false },
	[BACNET_OBJECT_NAME] = { "object_name", FACT_TEXT, false },
	[BACNET_VENDOR] = { "vendor", FACT_NUMBER, false },
	[BACNET_DURATION] = { "time_duration", FACT_NUMBER, false },
	[BACNET_STATE] = { "device_state", FACT_TEXT, false },
	[BACNET_PASSWORD] = { "password", FACT_FLAG, false },
	[BACNET_RESULT] = { "result", FACT_TEXT, false },
	[BACNET_ERROR_CLASS] = { "error_class", FACT_TEXT, false },
	[BACNET_RESULT_CODE] = { "result_code", FACT_TEXT, false },
	{ NULL, 0, false },
};

// A datagram in parts, as far as they are clear.
struct packet_parts {
	uint8_t link, control, network_message;
	struct span forwarded, body; // body: of link control's own messages
	uint16_t destination, source;
	struct span destination_address, source_address;
	struct span apdu;
	bool has_network;
};

static void tell_name(
	const struct app_input *input, struct fact_tx *tx, uint8_t id, enum bacnet_names which, uint32_t code)
{
	const char *name = bacnet_name(which, code);
	if (name)
		fact_string(input, tx, id, name);
	else
		fact_format(input, tx, id, "%u", code);
}

// Network layer (clause 6.2).
static bool read_network(struct cursor *c, struct packet_parts *p)
{
	uint8_t version = cursor_u8(c);
	p->control = cursor_u8(c);
	if (p->control & NETWORK_DESTINATION) {
		p->destination = cursor_be16(c);
		p->destination_address = cursor_span(c, cursor_u8(c));
	}
	if (p->control & NETWORK_SOURCE) {
		p->source = cursor_be16(c);
		p->source_address = cursor_span(c, cursor_u8(c));
	}
	if (p->control & NETWORK_DESTINATION)
		cursor_u8(c); // hops
	p->has_network = true;
	if (p->control & NETWORK_MESSAGE)
		p->network_message = cursor_u8(c);
	p->apdu = cursor_rest(c);
	return cursor_ok(c) && version == 1 && !(p->control & NETWORK_RESERVED) &&
	       p->destination_address.len <= ADDRESS_MAX && p->source_address.len <= ADDRESS_MAX;
}

// Link control (annex J.2). A length that is not the datagram's is broken.
static bool read_packet(struct span datagram, struct packet_parts *p)
{
	struct cursor c = cursor_on(datagram);
	*p = (struct packet_parts) { 0 };
	uint8_t type = cursor_u8(&c);
	p->link = cursor_u8(&c);
	uint16_t len = cursor_be16(&c);
	if (!cursor_ok(&c) || type != LINK_TYPE || len < LINK_BYTES || len > datagram.len || p->link > LINK_LAST)
		return false;
	c = cursor_on(span_slice(datagram, LINK_BYTES, len - LINK_BYTES));
	switch (p->link) {
	case LINK_FORWARDED: p->forwarded = cursor_span(&c, 6); return read_network(&c, p);
	case LINK_DISTRIBUTE:
	case LINK_UNICAST:
	case LINK_BROADCAST: return read_network(&c, p);
	default: p->body = cursor_rest(&c); return true;
	}
}

static void tell_packet(const struct app_input *input, struct fact_tx *tx, const struct packet_parts *p)
{
	tell_name(input, tx, BACNET_LINK, BACNET_NAMES_LINK, p->link);
	if (p->forwarded.len == 6)
		fact_address(input, tx, BACNET_FORWARDED, span_slice(p->forwarded, 0, 4));
	if (p->control & NETWORK_DESTINATION) {
		fact_number(input, tx, BACNET_DESTINATION_NETWORK, p->destination);
		if (p->destination_address.len)
			fact_hex(input, tx, BACNET_DESTINATION_ADDRESS, p->destination_address, ADDRESS_MAX);
	}
	if (p->control & NETWORK_SOURCE) {
		fact_number(input, tx, BACNET_SOURCE_NETWORK, p->source);
		if (p->source_address.len)
			fact_hex(input, tx, BACNET_SOURCE_ADDRESS, p->source_address, ADDRESS_MAX);
	}
	if (p->has_network && p->control & NETWORK_MESSAGE)
		tell_name(input, tx, BACNET_NETWORK_MESSAGE, BACNET_NAMES_NETWORK, p->network_message);
}

static void begin_alone(const struct app_input *input, const struct packet_parts *p, bool good)
{
	struct fact_tx *tx = fact_begin(input, false);
	tell_packet(input, tx, p);
	if (!good)
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
}

// What speaks of the network itself: link control's own messages, and those between routers.
static void take_link(const struct app_input *input, const struct packet_parts *p)
{
	struct fact_tx *tx = fact_begin(input, false);
	struct span body = p->body;
	tell_packet(input, tx, p);
	bool good = true;
	if (p->link == LINK_RESULT && !p->has_network) {
		good = body.len >= 2;
		if (good)
			tell_name(input, tx, BACNET_RESULT_CODE, BACNET_NAMES_LINK_RESULT, be16_at(body.data) >> 4);
	} else if (p->link == LINK_REGISTER) {
		good = body.len >= 2;
		if (good)
			fact_number(input, tx, BACNET_TIME_TO_LIVE, be16_at(body.data));
	} else if (p->link == LINK_DELETE) {
		good = body.len >= 6;
		if (good)
			fact_address(input, tx, BACNET_FORWARDED, span_slice(body, 0, 4));
	}
	if (!good)
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
}

// The same side asks anew under a number: what asked before gets no answer any more.
static void give_up_older(const struct app_input *input, uint8_t invoke)
{
	const struct fact_flow *state = input->flow->app.state;
	for (struct fact_tx *tx = state->open_first; tx; tx = tx->next_open) {
		const struct fact *first = tx->first;
		work_step(1);
		if (first && first->id == BACNET_INVOKE && first->number == invoke &&
			first->direction == input->direction) {
			fact_finish(input, tx);
			return;
		}
	}
}

static void take_request(const struct app_input *input, const struct packet_parts *p, struct cursor *c, uint8_t head)
{
	cursor_u8(c); // sizes it can take
	uint8_t invoke = cursor_u8(c), sequence = 0;
	if (head & SEGMENTED) {
		sequence = cursor_u8(c);
		cursor_u8(c);
	}
	uint8_t service = cursor_u8(c);
	if (!cursor_ok(c)) {
		begin_alone(input, p, false);
		return;
	}
	if (sequence) { // the rest of one told already
		tally(input, TALLY_UNSUPPORTED);
		return;
	}
	give_up_older(input, invoke);
	struct fact_tx *tx = fact_begin(input, true);
	if (!tx)
		return;
	tx->reversed = input->direction == TO_CLIENT;
	fact_number(input, tx, BACNET_INVOKE, invoke);
	tell_packet(input, tx, p);
	tell_name(input, tx, BACNET_PDU, BACNET_NAMES_PDU, BACNET_CONFIRMED);
	tell_name(input, tx, BACNET_SERVICE, BACNET_NAMES_CONFIRMED, service);
	if (!bacnet_read_service(input, tx, BACNET_CONFIRMED, service, cursor_rest(c)) && !(head & SEGMENTED))
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
}

static void take_unconfirmed(const struct app_input *input, const struct packet_parts *p, struct cursor *c)
{
	uint8_t service = cursor_u8(c);
	struct fact_tx *tx = cursor_ok(c) ? fact_begin(input, false) : NULL;
	if (!cursor_ok(c))
		begin_alone(input, p, false);
	if (!tx)
		return;
	tell_packet(input, tx, p);
	tell_name(input, tx, BACNET_PDU, BACNET_NAMES_PDU, BACNET_UNCONFIRMED);
	tell_name(input, tx, BACNET_SERVICE, BACNET_NAMES_UNCONFIRMED, service);
	if (!bacnet_read_service(input, tx, BACNET_UNCONFIRMED, service, cursor_rest(c)))
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
}

static bool read_answer(
	const struct app_input *input, struct fact_tx *tx, enum bacnet_pdu pdu, struct cursor *c, bool part)
{
	static const char *const results[] = { [BACNET_SIMPLE_ACK] = "success",
		[BACNET_COMPLEX_ACK] = "success",
		[BACNET_ERROR] = "error",
		[BACNET_REJECT] = "reject",
		[BACNET_ABORT] = "abort" };
	uint8_t code = cursor_u8(c); // service, or reason
	if (!cursor_ok(c))
		return false;
	fact_string(input, tx, BACNET_RESULT, results[pdu]);
	if (pdu == BACNET_REJECT || pdu == BACNET_ABORT) {
		tell_name(input, tx, BACNET_RESULT_CODE,
			pdu == BACNET_REJECT ? BACNET_NAMES_REJECT : BACNET_NAMES_ABORT, code);
		return true;
	}
	if (!fact_find(tx, BACNET_SERVICE, 0))
		tell_name(input, tx, BACNET_SERVICE, BACNET_NAMES_CONFIRMED, code);
	if (pdu == BACNET_ERROR)
		bacnet_tell_error(input, tx, c);
	if (pdu == BACNET_COMPLEX_ACK)
		return bacnet_read_service(input, tx, pdu, code, cursor_rest(c)) || part;
	return true;
}

static void take_answer(const struct app_input *input, const struct packet_parts *p, enum bacnet_pdu pdu,
	struct cursor *c, uint8_t head)
{
	uint8_t invoke = cursor_u8(c), sequence = 0;
	bool part = pdu == BACNET_COMPLEX_ACK && head & SEGMENTED;
	if (part) {
		sequence = cursor_u8(c);
		cursor_u8(c);
	}
	if (!cursor_ok(c)) {
		begin_alone(input, p, false);
		return;
	}
	if (sequence) {
		tally(input, TALLY_UNSUPPORTED);
		return;
	}
	struct fact_tx *tx = fact_waiting_for(input, BACNET_INVOKE, invoke);
	bool found = tx != NULL;
	if (!found) {
		tx = fact_begin(input, false);
		fact_number(input, tx, BACNET_INVOKE, invoke);
		tell_packet(input, tx, p);
		tell_name(input, tx, BACNET_PDU, BACNET_NAMES_PDU, pdu);
		fact_raise(input, tx, FACT_UNEXPECTED);
	}
	if (tx && !read_answer(input, tx, pdu, c, part))
		fact_raise(input, tx, FACT_MALFORMED);
	if (found)
		fact_finish(input, tx);
	else
		fact_said(input, tx, input->direction);
}

static enum app_result parse(struct app_input *input)
{
	struct packet_parts p;
	if (!read_packet(input->data, &p)) {
		begin_alone(input, &p, false);
		return APP_OK;
	}
	if (!p.has_network || p.control & NETWORK_MESSAGE) {
		take_link(input, &p);
		return APP_OK;
	}
	struct cursor c = cursor_on(p.apdu);
	uint8_t head = cursor_u8(&c);
	switch (cursor_ok(&c) ? head >> 4 : NO_PDU) {
	case BACNET_CONFIRMED: take_request(input, &p, &c, head & 15); break;
	case BACNET_UNCONFIRMED: take_unconfirmed(input, &p, &c); break;
	case BACNET_SIMPLE_ACK:
	case BACNET_COMPLEX_ACK:
	case BACNET_ERROR:
	case BACNET_REJECT:
	case BACNET_ABORT: take_answer(input, &p, (enum bacnet_pdu)(head >> 4), &c, head & 15); break;
	case BACNET_SEGMENT_ACK: break; // says nothing of its own
	default: begin_alone(input, &p, false); break;
	}
	return APP_OK;
}

// On its ports by link control alone; elsewhere the network layer must be right too, and nothing follow.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction;
	struct packet_parts p;
	if (!read_packet(data, &p))
		return APP_PROBE_NO;
	bool hinted = flow->app.flags & APP_HINTED;
	return hinted || (p.has_network && be16_at(data.data + 2) == data.len && p.apdu.len) ? APP_PROBE_YES
											     : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_UDP, PORT, PORT_LAST }, { 0 } };

const struct app_parser bacnet_parser = {
	.proto = APP_BACNET,
	.name = "bacnet",
	.udp = true,
	.ports = ports,
	.probe_bytes = 64,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
