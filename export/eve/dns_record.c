// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dns_record.h"
#include <stdio.h>

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

void eve_dns_type(struct json *json, const char *key, const struct dns_message *m, uint16_t type)
{
	char text[8];
	const char *name = m->netbios ? netbios_type_name(type) : dns_type_name(type);
	if (!name)
		snprintf(text, sizeof(text), "%u", type);
	json_put_text(json, key, name ? name : text);
}

static void write_name(struct json *json, const char *key, const struct dns_name *name)
{
	json_put_span(json, key, span_of(name->text, name->len));
}

uint8_t eve_dns_name(
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
	eve_dns_name(json, "mname", m, at, limit, &at);
	eve_dns_name(json, "rname", m, at, limit, &at);
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
	eve_dns_name(json, "name", m, r->data + 6u, (uint32_t)r->data + r->data_len, NULL);
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
	uint8_t flags = eve_dns_name(json, "rrname", m, r->name, m->bytes.len, NULL);
	if (flags & DNS_NAME_TRUNCATED && details & DETAIL_TRUNCATED)
		json_put_bool(json, "rrname_truncated", true);
	eve_dns_type(json, "rrtype", m, r->type);
	json_put_uint(json, "ttl", r->ttl);
	if (!write_rdata(json, "rdata", m, r, string))
		write_details(json, m, r, details);
	json_object_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE / 2);
}

bool eve_dns_has_room(const struct json *json)
{
	return json->end - json->at > LINE_RESERVE;
}

bool eve_dns_next_string(struct cursor *c, struct span *string)
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
	for (unsigned i = 0; i < count && eve_dns_has_room(json); i++) {
		struct span string = { 0 };
		if (records[i].type != DNS_TXT || m->netbios) {
			write_record(json, m, &records[i], string, details);
			continue;
		}
		struct cursor c = cursor_on(dns_record_data(m, &records[i]));
		while (eve_dns_has_room(json) && eve_dns_next_string(&c, &string))
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
		while (eve_dns_has_room(json) && eve_dns_next_string(&c, &string))
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
		for (unsigned i = 0; i < count && eve_dns_has_room(json); i++) {
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

void eve_dns_queries(struct json *json, const struct dns_message *m)
{
	unsigned count;
	const struct dns_record *queries = dns_message_section(m, DNS_QUERIES, &count);
	if (!count)
		return;
	json_put_array(json, "queries");
	for (unsigned i = 0; i < count && eve_dns_has_room(json); i++) {
		json_put_object(json, NULL);
		uint8_t flags = eve_dns_name(json, "rrname", m, queries[i].name, m->bytes.len, NULL);
		eve_dns_type(json, "rrtype", m, queries[i].type);
		if (flags & DNS_NAME_TRUNCATED)
			json_put_bool(json, "rrname_truncated", true);
		json_object_end(json);
	}
	json_array_end(json);
}

void eve_dns_answers(struct json *json, const struct dns_message *m, bool detailed, bool grouped)
{
	for (unsigned i = 0; i < sizeof(told_sections) / sizeof(told_sections[0]); i++)
		if (told_sections[i].section != DNS_ANSWERS || detailed)
			write_section(
				json, m, told_sections[i].section, told_sections[i].key, told_sections[i].details);
	if (grouped && !m->netbios)
		write_grouped(json, m);
}
