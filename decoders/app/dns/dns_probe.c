// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dns/dns_probe.h"
#include "decoders/app/dns/dns_message.h"

#define STRICT_STREAM_BYTES 1000 // longest first message that is believed on a port nobody vouches for

static enum app_probe by_role(enum direction direction, uint16_t flags)
{
	return (direction == TO_SERVER) == !(flags & DNS_QR) ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static bool is_host_name(struct span message)
{
	struct dns_name name;
	if (!dns_name_read(message, DNS_HEADER_BYTES, message.len, &name) || name.flags || name.len == 0)
		return false;
	for (uint32_t i = 0; i < name.len; i++)
		if (name.text[i] <= ' ' || name.text[i] > '~')
			return false;
	return true;
}

static bool strict_header(struct span message)
{
	if (message.len < DNS_HEADER_BYTES)
		return false;
	const uint8_t *p = message.data;
	uint16_t flags = be16_at(p + 2);
	if (flags & DNS_Z || dns_opcode(flags) != 0 || (flags & 0xf) > 10 || be16_at(p + 4) != 1)
		return false;
	if (flags & DNS_QR)
		return true;
	return be16_at(p + 6) == 0 && be16_at(p + 8) == 0 && be16_at(p + 10) <= 1 && (flags & 0xf) == 0;
}

// On a port that says nothing only a message without any oddity counts.
static bool strict_message(struct span bytes)
{
	struct dns_message m;
	if (!strict_header(bytes) || !dns_message_parse(bytes, NULL, &m) || m.invalid_authorities ||
		m.invalid_additionals)
		return false;
	if (m.name_flags || m.read_bytes != bytes.len || !is_host_name(bytes))
		return false;
	struct dns_name name;
	if (!dns_name_read(bytes, DNS_HEADER_BYTES, bytes.len, &name))
		return false;
	struct cursor c = cursor_on(span_from(bytes, name.next));
	uint16_t type = cursor_be16(&c), class = cursor_be16(&c);
	return cursor_ok(&c) && dns_type_name(type) && (class == 1 || class == 255);
}

static bool is_hinted(const struct flow *flow)
{
	return flow->app.flags & APP_HINTED;
}

static bool has_port(const struct flow *flow, uint16_t port)
{
	return flow->key.sport == port || flow->key.dport == port;
}

static enum app_probe probe_datagram(enum direction direction, struct span data, const struct flow *flow)
{
	struct dns_message m;
	// NetBIOS names, mDNS and LLMNR look the same and are not DNS
	bool other = has_port(flow, 137) || has_port(flow, 5353) || has_port(flow, 5355);
	bool good = is_hinted(flow) ? dns_message_parse(data, NULL, &m) : !other && strict_message(data);
	return good ? by_role(direction, be16_at(data.data + 2)) : APP_PROBE_NO;
}

static enum app_probe probe_stream_strict(enum direction direction, struct span message, uint32_t len)
{
	if (len < DNS_HEADER_BYTES + 5 || len > STRICT_STREAM_BYTES || !strict_header(message))
		return message.len >= DNS_HEADER_BYTES || len < DNS_HEADER_BYTES + 5 || len > STRICT_STREAM_BYTES
			       ? APP_PROBE_NO
			       : APP_PROBE_MORE;
	if (message.len < len)
		return APP_PROBE_MORE;
	return strict_message(span_slice(message, 0, len)) ? by_role(direction, be16_at(message.data + 2))
							   : APP_PROBE_NO;
}

enum app_probe dns_probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (flow->key.proto == PROTO_UDP)
		return probe_datagram(direction, data, flow);
	if (data.len < 2)
		return APP_PROBE_MORE;
	uint32_t len = be16_at(data.data);
	struct span message = span_from(data, 2);
	if (!is_hinted(flow))
		return probe_stream_strict(direction, message, len);
	if (len < DNS_HEADER_BYTES)
		return APP_PROBE_NO;
	if (message.len < DNS_HEADER_BYTES)
		return APP_PROBE_MORE;
	if (!dns_header_plausible(message, len))
		return APP_PROBE_NO;
	struct dns_message m;
	if (message.len >= len && !dns_message_parse(span_slice(message, 0, len), NULL, &m))
		return APP_PROBE_NO;
	return by_role(direction, be16_at(message.data + 2));
}

enum app_probe mdns_probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	struct dns_message m;
	return dns_message_parse(data, NULL, &m) ? APP_PROBE_YES : APP_PROBE_NO;
}

bool dns_stream_resumes(struct span data)
{
	if (data.len < 2 + DNS_HEADER_BYTES)
		return true;
	uint32_t len = be16_at(data.data);
	struct span message = span_slice(data, 2, len);
	if (!dns_header_plausible(message, len))
		return false;
	struct dns_message m;
	return message.len < len || dns_message_parse(message, NULL, &m);
}
