// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dns.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/dns/dns.h"

#define LINE_RESERVE 8192 // bytes of the line left free when records are cut short

// Which members a record may have where it stands: the schema closes each section differently.
enum detail {
	DETAIL_SOA = 1 << 0,
	DETAIL_SRV = 1 << 1,
	DETAIL_SSHFP = 1 << 2,
	DETAIL_OPT = 1 << 3,
	DETAIL_TRUNCATED = 1 << 4,
};

static const struct {
	enum dns_section section;
	const char *key;
	unsigned details;
} told_sections[] = {
	{ DNS_ANSWERS, "answers", DETAIL_SOA | DETAIL_SRV | DETAIL_SSHFP },
	{ DNS_AUTHORITIES, "authorities", DETAIL_SOA | DETAIL_TRUNCATED },
	{ DNS_ADDITIONALS, "additionals", DETAIL_OPT },
};

static void write_type(struct json *json, const char *key, const struct dns_message *m, uint16_t type)
{
	char text[8];
	const char *name = m->netbios ? netbios_type_name(type) : dns_type_name(type);
	if (!name)
		snprintf(text, sizeof(text), "%u", type);
	json_put_text(json, key, name ? name : text);
}

static void write_rcode(struct json *json, uint16_t flags)
{
	char text[8];
	const char *name = dns_rcode_name(flags & 0xf);
	if (!name)
		snprintf(text, sizeof(text), "%u", flags & 0xfu);
	json_put_text(json, "rcode", name ? name : text);
}

static void write_name(struct json *json, const char *key, const struct dns_name *name)
{
	json_put_span(json, key, span_of(name->text, name->len));
}

static uint8_t write_name_at(
	struct json *json, const char *key, const struct dns_message *m, uint32_t at, uint32_t limit, uint32_t *next)
{
	struct dns_name name;
	dns_message_name(m, at, limit, &name);
	write_name(json, key, &name);
	if (next)
		*next = name.next;
	return name.flags;
}

static void write_address(struct json *json, const char *key, struct span data)
{
	if (data.len != 4 && data.len != 16) {
		json_put_text(json, key, "");
		return;
	}
	struct address address = data.len == 4 ? address_v4(data.data) : address_v6(data.data);
	json_put_address(json, key, &address);
}

static void write_soa(struct json *json, const char *key, const struct dns_message *m, const struct dns_record *r)
{
	static const char *const numbers[] = { "serial", "refresh", "retry", "expire", "minimum" };
	uint32_t at = r->data, limit = (uint32_t)r->data + r->data_len;
	json_put_object(json, key);
	write_name_at(json, "mname", m, at, limit, &at);
	write_name_at(json, "rname", m, at, limit, &at);
	struct cursor c = cursor_on(span_from(m->bytes, at));
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_put_uint(json, numbers[i], cursor_be32(&c));
	json_object_end(json);
}

static void write_srv(struct json *json, const char *key, const struct dns_message *m, const struct dns_record *r)
{
	struct cursor c = cursor_on(dns_record_data(m, r));
	json_put_object(json, key);
	json_put_uint(json, "priority", cursor_be16(&c));
	json_put_uint(json, "weight", cursor_be16(&c));
	json_put_uint(json, "port", cursor_be16(&c));
	write_name_at(json, "name", m, r->data + 6u, (uint32_t)r->data + r->data_len, NULL);
	json_object_end(json);
}

static void write_sshfp(struct json *json, const char *key, const struct dns_message *m, const struct dns_record *r)
{
	struct cursor c = cursor_on(dns_record_data(m, r));
	json_put_object(json, key);
	uint8_t algorithm = cursor_u8(&c), type = cursor_u8(&c);
	json_put_hex(json, "fingerprint", cursor_rest(&c), ':');
	json_put_uint(json, "algo", algorithm);
	json_put_uint(json, "type", type);
	json_object_end(json);
}

// EDNS options (RFC 6891 section 6.1.2).
static void write_options(struct json *json, const struct dns_message *m, const struct dns_record *r)
{
	struct cursor c = cursor_on(dns_record_data(m, r));
	if (cursor_left(&c) < 4)
		return;
	json_put_array(json, "opt");
	while (cursor_left(&c) >= 4) {
		uint16_t code = cursor_be16(&c);
		struct span data = cursor_span(&c, cursor_be16(&c));
		if (!cursor_ok(&c))
			break;
		json_put_object(json, NULL);
		json_put_uint(json, "code", code);
		json_put_hex(json, "data", data, 0);
		json_object_end(json);
	}
	json_array_end(json);
}

// The first address of a NetBIOS name (RFC 1002 section 4.2.13: flags before each), or the first name of a node's status (4.2.18).
static bool write_netbios(struct json *json, const char *key, const struct dns_message *m, const struct dns_record *r)
{
	struct cursor c = cursor_on(dns_record_data(m, r));
	if (r->type == NETBIOS_NB) {
		cursor_be16(&c);
		struct span address = cursor_span(&c, 4);
		if (cursor_ok(&c))
			write_address(json, key, address);
		return true;
	}
	uint8_t count = cursor_u8(&c);
	struct span name = cursor_span(&c, 16);
	if (r->type != NETBIOS_NBSTAT || !count || !cursor_ok(&c))
		return false;
	struct dns_name text = { 0 };
	netbios_name_text(name, &text);
	write_name(json, key, &text);
	return true;
}

// rdata of the types that are one value; string: of TXT. False: another type.
static bool write_rdata(
	struct json *json, const char *key, const struct dns_message *m, const struct dns_record *r, struct span string)
{
	struct dns_name name;
	if (m->netbios)
		return write_netbios(json, key, m, r);
	switch (r->type) {
	case DNS_A:
	case DNS_AAAA: write_address(json, key, dns_record_data(m, r)); return true;
	case DNS_TXT: json_put_span(json, key, string); return true;
	case DNS_NULL: json_put_span(json, key, dns_record_data(m, r)); return true;
	case DNS_CNAME:
	case DNS_NS:
	case DNS_PTR:
	case DNS_MX:
		dns_record_data_name(m, r, &name);
		write_name(json, key, &name);
		return true;
	default: return false;
	}
}

static void write_details(struct json *json, const struct dns_message *m, const struct dns_record *r, unsigned details)
{
	if (m->netbios)
		return;
	if (r->type == DNS_SOA && details & DETAIL_SOA)
		write_soa(json, "soa", m, r);
	else if (r->type == DNS_SRV && details & DETAIL_SRV)
		write_srv(json, "srv", m, r);
	else if (r->type == DNS_SSHFP && details & DETAIL_SSHFP)
		write_sshfp(json, "sshfp", m, r);
	else if (r->type == DNS_OPT && details & DETAIL_OPT)
		write_options(json, m, r);
}

static void write_record(struct json *json, const struct dns_message *m, const struct dns_record *r, struct span string,
	unsigned details)
{
	struct json_mark mark = json_mark(json);
	json_put_object(json, NULL);
	uint8_t flags = write_name_at(json, "rrname", m, r->name, m->bytes.len, NULL);
	if (flags & DNS_NAME_TRUNCATED && details & DETAIL_TRUNCATED)
		json_put_bool(json, "rrname_truncated", true);
	write_type(json, "rrtype", m, r->type);
	json_put_uint(json, "ttl", r->ttl);
	if (!write_rdata(json, "rdata", m, r, string))
		write_details(json, m, r, details);
	json_object_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE / 2);
}

static bool has_room(const struct json *json)
{
	return json->end - json->at > LINE_RESERVE;
}

// The strings of a TXT record (RFC 1035 section 3.3.14). False when no more can be read.
static bool next_string(struct cursor *c, struct span *string)
{
	if (!cursor_left(c))
		return false;
	*string = cursor_span(c, cursor_u8(c));
	return cursor_ok(c);
}

// A TXT record is told once a string.
static void write_section(
	struct json *json, const struct dns_message *m, enum dns_section section, const char *key, unsigned details)
{
	unsigned count;
	const struct dns_record *records = dns_message_section(m, section, &count);
	if (!count)
		return;
	json_put_array(json, key);
	for (unsigned i = 0; i < count && has_room(json); i++) {
		struct span string = { 0 };
		if (records[i].type != DNS_TXT || m->netbios) {
			write_record(json, m, &records[i], string, details);
			continue;
		}
		struct cursor c = cursor_on(dns_record_data(m, &records[i]));
		while (has_room(json) && next_string(&c, &string))
			write_record(json, m, &records[i], string, details);
	}
	json_array_end(json);
}

static void write_grouped_value(struct json *json, const struct dns_message *m, const struct dns_record *r)
{
	struct span string = { 0 };
	struct cursor c = cursor_on(dns_record_data(m, r));
	struct json_mark mark = json_mark(json);
	switch (r->type) {
	case DNS_SOA: write_soa(json, NULL, m, r); break;
	case DNS_SRV: write_srv(json, NULL, m, r); break;
	case DNS_SSHFP: write_sshfp(json, NULL, m, r); break;
	case DNS_TXT:
		while (has_room(json) && next_string(&c, &string))
			json_put_span(json, NULL, string);
		break;
	default: write_rdata(json, NULL, m, r, string); break;
	}
	json_keep_if_room(json, mark, LINE_RESERVE / 2);
}

// Values of the answers by type.
static void write_grouped(struct json *json, const struct dns_message *m)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_NS, DNS_NULL, DNS_PTR, DNS_SOA,
		DNS_SRV, DNS_SSHFP, DNS_TXT };
	unsigned count;
	const struct dns_record *records = dns_message_section(m, DNS_ANSWERS, &count);
	struct json_mark start = json_mark(json);
	bool any = false;
	json_put_object(json, "grouped");
	for (unsigned t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		bool open = false;
		for (unsigned i = 0; i < count && has_room(json); i++) {
			if (records[i].type != types[t])
				continue;
			if (!open)
				json_put_array(json, dns_type_name(types[t]));
			open = any = true;
			write_grouped_value(json, m, &records[i]);
		}
		if (open)
			json_array_end(json);
	}
	json_object_end(json);
	if (!any)
		json_rewind(json, start);
}

static void write_flags(struct json *json, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *key;
	} bits[] = { { DNS_QR, "qr" }, { DNS_AA, "aa" }, { DNS_TC, "tc" }, { DNS_RD, "rd" }, { DNS_RA, "ra" },
		{ DNS_Z, "z" } };
	char text[8];
	snprintf(text, sizeof(text), "%x", flags);
	json_put_text(json, "flags", text);
	for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (flags & bits[i].bit)
			json_put_bool(json, bits[i].key, true);
}

static void write_queries(struct json *json, const struct dns_message *m, bool truncation)
{
	unsigned count;
	const struct dns_record *queries = dns_message_section(m, DNS_QUERIES, &count);
	if (!count)
		return;
	json_put_array(json, "queries");
	for (unsigned i = 0; i < count && has_room(json); i++) {
		json_put_object(json, NULL);
		uint8_t flags = write_name_at(json, "rrname", m, queries[i].name, m->bytes.len, NULL);
		write_type(json, "rrtype", m, queries[i].type);
		if (flags & DNS_NAME_TRUNCATED && truncation)
			json_put_bool(json, "rrname_truncated", true);
		json_object_end(json);
	}
	json_array_end(json);
}

struct formats {
	bool detailed, grouped;
};

// outputs.eve-log.types.dns.formats: both unless a list says which.
static struct formats chosen_formats(const struct eve_config *config)
{
	static const char *const keys[] = { "formats", "formats.0", "formats.1" };
	struct formats formats = { false, false };
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = config->types.count ? eve_setting(config, "dns", keys[i]) : NULL;
		formats.detailed |= value && strstr(value, "detailed");
		formats.grouped |= value && strstr(value, "grouped");
	}
	if (!formats.detailed && !formats.grouped)
		formats = (struct formats) { true, true };
	return formats;
}

static void write_answers(struct json *json, const struct eve_config *config, const struct dns_message *m)
{
	struct formats formats = chosen_formats(config);
	for (unsigned i = 0; i < sizeof(told_sections) / sizeof(told_sections[0]); i++)
		if (told_sections[i].section != DNS_ANSWERS || formats.detailed)
			write_section(
				json, m, told_sections[i].section, told_sections[i].key, told_sections[i].details);
	if (formats.grouped && !m->netbios)
		write_grouped(json, m);
}

void eve_dns_message(
	struct json *json, const struct eve_config *config, const struct dns_message *m, bool response, uint64_t tx_id)
{
	json_put_object(json, "dns");
	json_put_uint(json, "version", 3);
	json_put_text(json, "type", response ? "response" : "request");
	json_put_uint(json, "tx_id", tx_id);
	json_put_uint(json, "id", m->id);
	write_flags(json, m->flags);
	json_put_uint(json, "opcode", dns_opcode(m->flags));
	write_rcode(json, m->flags);
	write_queries(json, m, true);
	write_answers(json, config, m);
	json_object_end(json);
}

// One event a query.
static bool write_version2_query(struct json *json, const struct dns_tx *dns, unsigned part)
{
	const struct dns_message *m = &dns->message;
	unsigned count;
	const struct dns_record *queries = dns_message_section(m, DNS_QUERIES, &count);
	if (part >= count)
		return false;
	json_put_object(json, "dns");
	json_put_uint(json, "version", 2);
	json_put_text(json, "type", "query");
	json_put_uint(json, "id", m->id);
	write_name_at(json, "rrname", m, queries[part].name, m->bytes.len, NULL);
	write_type(json, "rrtype", m, queries[part].type);
	json_put_uint(json, "tx_id", dns->tx.id);
	if (m->flags & DNS_Z)
		json_put_bool(json, "z", true);
	json_put_uint(json, "opcode", dns_opcode(m->flags));
	json_object_end(json);
	return true;
}

static void write_version2_answer(struct json *json, const struct eve_config *config, const struct dns_tx *dns)
{
	const struct dns_message *m = &dns->message;
	unsigned count;
	const struct dns_record *queries = dns_message_section(m, DNS_QUERIES, &count);
	json_put_object(json, "dns");
	json_put_uint(json, "version", 2);
	json_put_text(json, "type", "answer");
	json_put_uint(json, "id", m->id);
	write_flags(json, m->flags);
	json_put_uint(json, "opcode", dns_opcode(m->flags));
	if (count) {
		write_name_at(json, "rrname", m, queries[0].name, m->bytes.len, NULL);
		write_type(json, "rrtype", m, queries[0].type);
	}
	write_rcode(json, m->flags);
	write_answers(json, config, m);
	json_object_end(json);
}

static bool is_no(const char *value)
{
	return value && (strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0);
}

// requests, responses, and types: which record types are told.
static bool type_wanted(const struct eve_config *config, const struct dns_message *m)
{
	bool listed = false;
	for (unsigned n = 0; n < 64; n++) {
		char key[16];
		snprintf(key, sizeof(key), "types.%u", n);
		const char *type = eve_setting(config, "dns", key);
		if (!type)
			break;
		listed = true;
		for (unsigned i = 0; i < (unsigned)m->counts[DNS_QUERIES] + m->counts[DNS_ANSWERS]; i++) {
			const char *name = dns_type_name(m->records[i].type);
			if (name && strcasecmp(name, type) == 0)
				return true;
		}
	}
	return !listed;
}

static bool is_told(const struct eve_config *config, const struct dns_tx *dns)
{
	if (!config->types.count)
		return true;
	return !is_no(eve_setting(config, "dns", dns->response ? "responses" : "requests")) &&
	       type_wanted(config, &dns->message);
}

static bool write_dns(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow;
	const struct dns_tx *dns = dns_tx_of(tx);
	if (!in_alert && !is_told(config, dns))
		return false;
	bool version2 = !in_alert && config->dns_version == 2;
	if (version2 && !dns->response)
		return write_version2_query(json, dns, part);
	if (part > 0)
		return false;
	if (version2)
		write_version2_answer(json, config, dns);
	else
		eve_dns_message(json, config, &dns->message, dns->response, dns->tx.id);
	return true;
}

static enum direction message_direction(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	(void)config, (void)part;
	return tx->direction_mask & 1 ? TO_SERVER : TO_CLIENT;
}

// Version 2 names client and server as the flow does, whoever sent the message.
static enum direction direction_of(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	return config->dns_version == 2 ? TO_SERVER : message_direction(config, tx, part);
}

// Version 2 tells each question of a request in an event of its own.
static bool has_query(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	const struct dns_tx *dns = dns_tx_of(tx);
	unsigned count;
	dns_message_section(&dns->message, DNS_QUERIES, &count);
	return config->dns_version == 2 && !dns->response && part < count;
}

const struct eve_app eve_dns = {
	.proto = APP_DNS,
	.event_type = "dns",
	.write = write_dns,
	.direction = direction_of,
	.more = has_query,
};

// The event's name is DNS's: which of them it is stands beside it.
static bool write_local(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	if (!in_alert && !part)
		json_put_text(json, "app_proto", app_proto_name(flow->app.proto));
	return write_dns(json, config, flow, tx, part, in_alert);
}

const struct eve_app eve_llmnr = {
	.proto = APP_LLMNR,
	.event_type = "dns",
	.write = write_local,
	.direction = direction_of,
	.more = has_query,
};

const struct eve_app eve_nbns = {
	.proto = APP_NBNS,
	.event_type = "dns",
	.write = write_local,
	.direction = direction_of,
	.more = has_query,
};

// mDNS ------------------------------------------------------------------------------------------------------------------------------

static void write_mdns_strings(struct json *json, const struct dns_message *m, const struct dns_record *r)
{
	struct span string;
	struct cursor c = cursor_on(dns_record_data(m, r));
	json_put_array(json, "txt");
	while (has_room(json) && next_string(&c, &string))
		json_put_span(json, NULL, string);
	json_array_end(json);
}

static void write_mdns_section(
	struct json *json, const struct dns_message *m, enum dns_section section, const char *key)
{
	unsigned count;
	const struct dns_record *records = dns_message_section(m, section, &count);
	if (!count)
		return;
	json_put_array(json, key);
	for (unsigned i = 0; i < count && has_room(json); i++) {
		json_put_object(json, NULL);
		if (write_name_at(json, "rrname", m, records[i].name, m->bytes.len, NULL) & DNS_NAME_TRUNCATED)
			json_put_bool(json, "rrname_truncated", true);
		if (records[i].type == DNS_PTR && section != DNS_AUTHORITIES)
			write_name_at(
				json, "ptr", m, records[i].data, (uint32_t)records[i].data + records[i].data_len, NULL);
		else if (records[i].type == DNS_TXT && section != DNS_AUTHORITIES)
			write_mdns_strings(json, m, &records[i]);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_mdns_flags(struct json *json, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} bits[] = { { DNS_AA, "aa" }, { DNS_TC, "tc" }, { DNS_RD, "rd" }, { DNS_RA, "ra" }, { DNS_Z, "z" },
		{ 0x20, "ad" }, { 0x10, "cd" } };
	bool open = false;
	for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (!(flags & bits[i].bit))
			continue;
		if (!open)
			json_put_array(json, "flags");
		open = true;
		json_put_text(json, NULL, bits[i].name);
	}
	if (open)
		json_array_end(json);
}

static bool write_mdns(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	const struct dns_tx *dns = dns_tx_of(tx);
	const struct dns_message *m = &dns->message;
	if (part > 0)
		return false;
	json_put_object(json, "mdns");
	json_put_text(json, "type", dns->response ? "response" : "request");
	json_put_uint(json, "id", m->id);
	write_mdns_flags(json, m->flags);
	json_put_uint(json, "opcode", dns_opcode(m->flags));
	json_put_uint(json, "rcode", m->flags & 0xf);
	write_queries(json, m, true);
	write_mdns_section(json, m, DNS_ANSWERS, "answers");
	write_mdns_section(json, m, DNS_AUTHORITIES, "authorities");
	write_mdns_section(json, m, DNS_ADDITIONALS, "additionals");
	json_object_end(json);
	return true;
}

const struct eve_app eve_mdns = {
	.proto = APP_MDNS,
	.event_type = "mdns",
	.write = write_mdns,
	.direction = message_direction,
};
