// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dns/dns.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/dns/dns_probe.h"

enum { DNS_FRAME_PDU };
static const char *const frame_names[] = { [DNS_FRAME_PDU] = "pdu", NULL };

struct dns_state {
	bool lost[2]; // after a gap: look for the next message before believing a length
};

// A worker's: where a message's records are put until their number is known.
struct dns_worker {
	struct dns_record records[DNS_RECORDS_MAX];
};

static const char *const event_names[] = {
	[DNS_MALFORMED_DATA] = "malformed_data",
	[DNS_NOT_REQUEST] = "not_request",
	[DNS_NOT_RESPONSE] = "not_response",
	[DNS_Z_FLAG_SET] = "z_flag_set",
	[DNS_INVALID_OPCODE] = "invalid_opcode",
	[DNS_NAME_TOO_LONG] = "name_too_long",
	[DNS_INFINITE_LOOP] = "infinite_loop",
	[DNS_TOO_MANY_LABELS] = "too_many_labels",
	[DNS_INVALID_ADDITIONALS] = "invalid_additionals",
	[DNS_INVALID_AUTHORITIES] = "invalid_authorities",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config, (void)parts;
	return calloc(1, sizeof(struct dns_worker));
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	slab_free(slab, tx, sizeof(struct dns_tx) + dns_tx_of(tx)->block_size);
}

// What has no transaction of its own is told of the newest one, if there is any.
static void event_on_last(struct flow *flow, enum dns_event event)
{
	if (flow->app.tx_last)
		app_tx_event(flow, flow->app.tx_last, event);
}

static struct dns_tx *make_tx(const struct app_input *input, const struct dns_message *m)
{
	unsigned count = 0;
	for (int i = 0; i < DNS_SECTIONS; i++)
		count += m->counts[i];
	uint32_t records_size = (uint32_t)(count * sizeof(struct dns_record));
	uint32_t block_size = records_size + m->bytes.len;
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct dns_tx) + block_size, input->now_ns,
		(uint8_t)(1u << input->direction));
	if (!tx)
		return NULL;
	struct dns_tx *dns = (struct dns_tx *)(void *)tx;
	dns->block_size = block_size;
	memcpy(dns->block, m->records, records_size);
	memcpy(dns->block + records_size, m->bytes.data, m->bytes.len);
	dns->message = *m;
	dns->message.records = (const struct dns_record *)(const void *)dns->block;
	dns->message.bytes.data = dns->block + records_size;
	return dns;
}

static void tell_events(struct flow *flow, struct dns_tx *dns)
{
	const struct dns_message *m = &dns->message;
	const struct {
		bool happened;
		enum dns_event event;
	} told[] = {
		{ m->flags & DNS_Z, DNS_Z_FLAG_SET },
		{ dns_opcode(m->flags) >= 7 && !m->netbios, DNS_INVALID_OPCODE },
		{ m->name_flags & DNS_NAME_TRUNCATED, DNS_NAME_TOO_LONG },
		{ m->name_flags & DNS_NAME_LOOP, DNS_INFINITE_LOOP },
		{ m->name_flags & DNS_NAME_LABELS, DNS_TOO_MANY_LABELS },
		{ m->invalid_additionals, DNS_INVALID_ADDITIONALS },
		{ m->invalid_authorities, DNS_INVALID_AUTHORITIES },
	};
	for (unsigned i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].happened)
			app_tx_event(flow, &dns->tx, told[i].event);
}

// One whole message. False: this is no DNS, or there is no room.
static bool take_message(const struct app_input *input, struct span bytes)
{
	struct flow *flow = input->flow;
	struct dns_worker *worker = input->shared;
	struct dns_message m;
	bool multicast = flow->app.parser != &dns_parser;
	if (!dns_header_plausible(bytes, bytes.len))
		return input->datagram;
	if (!dns_message_parse(bytes, worker->records, &m)) {
		event_on_last(flow, DNS_MALFORMED_DATA);
		return false;
	}
	bool answer = m.flags & DNS_QR;
	if (input->direction == TO_SERVER && answer && !multicast) {
		event_on_last(flow, DNS_NOT_REQUEST);
		return false;
	}
	struct dns_tx *dns = make_tx(input, &m);
	if (!dns)
		return false;
	dns->response = multicast ? answer : input->direction == TO_CLIENT;
	if (!multicast && dns->response && !answer)
		app_tx_event(flow, &dns->tx, DNS_NOT_RESPONSE);
	dns->message.netbios = flow->app.parser == &nbns_parser;
	tell_events(flow, dns);
	dns->tx.progress[input->direction] = 1;
	app_tx_changed(flow, &dns->tx, input->direction);
	return true;
}

// RFC 1035 section 4.2.2: each message behind its length.
static enum app_result parse_stream(struct app_input *input)
{
	struct dns_state *state = input->flow->app.state;
	bool *lost = &state->lost[input->direction];
	if (input->gap_bytes)
		*lost = true;
	if (*lost && input->data.len) {
		if (!dns_stream_resumes(input->data))
			return APP_OK;
		*lost = false;
	}
	uint32_t at = 0;
	while (input->data.len - at >= 2) {
		uint32_t len = be16_at(input->data.data + at);
		if (len > input->data.len - at - 2)
			break;
		if (len)
			app_frame(input, DNS_FRAME_PDU, at + 2, len);
		if (len && !take_message(input, span_slice(input->data, at + 2, len)))
			return APP_ERROR;
		at += 2 + len;
	}
	input->consumed = at;
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	if (!input->datagram)
		return parse_stream(input);
	app_frame(input, DNS_FRAME_PDU, 0, input->data.len);
	take_message(input, input->data); // the next datagram may be good again
	return APP_OK;
}

static const struct app_port dns_ports[] = { { PROTO_UDP, 53, 53 }, { PROTO_TCP, 53, 53 }, { 0 } };
static const struct app_port mdns_ports[] = { { PROTO_UDP, 5353, 5353 }, { 0 } };
static const struct app_port llmnr_ports[] = { { PROTO_UDP, 5355, 5355 }, { 0 } };
static const struct app_port nbns_ports[] = { { PROTO_UDP, 137, 137 }, { 0 } };

// Members that are the same for all that speak DNS.
#define DNS_PARSER                                                                                             \
	.state_bytes = sizeof(struct dns_state), .parse = parse, .tx_free = free_tx, .worker_new = worker_new, \
	.worker_free = free, .complete = { 1, 1 }, .frame_names = frame_names, .event_names = event_names

const struct app_parser dns_parser = {
	.proto = APP_DNS,
	.name = "dns",
	.tcp = true,
	.udp = true,
	.ports = dns_ports,
	.probe_bytes = 1024,
	.probe = dns_probe,
	DNS_PARSER,
};

const struct app_parser mdns_parser = {
	.proto = APP_MDNS,
	.name = "mdns",
	.udp = true,
	.ports = mdns_ports,
	.hint_only = true,
	.probe_bytes = DNS_HEADER_BYTES,
	.probe = mdns_probe,
	DNS_PARSER,
};

const struct app_parser llmnr_parser = {
	.proto = APP_LLMNR,
	.name = "llmnr",
	.udp = true,
	.ports = llmnr_ports,
	.hint_only = true,
	.probe_bytes = DNS_HEADER_BYTES,
	.probe = mdns_probe,
	DNS_PARSER,
};

const struct app_parser nbns_parser = {
	.proto = APP_NBNS,
	.name = "nbns",
	.udp = true,
	.ports = nbns_ports,
	.hint_only = true,
	.probe_bytes = DNS_HEADER_BYTES,
	.probe = mdns_probe,
	DNS_PARSER,
};
