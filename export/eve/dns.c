// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dns.h"
#include <stdio.h>
#include "decoders/app/dns/dns.h"
#include "export/eve/dns_record.h"
#include "export/eve/one_way.h"

static void write_rcode(struct json *json, uint16_t flags)
{
	char text[8];
	const char *name = dns_rcode_name(flags & 0xf);
	if (!name)
		snprintf(text, sizeof(text), "%u", flags & 0xfu);
	json_put_text(json, "rcode", name ? name : text);
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
	eve_dns_answers(json, m, formats.detailed, formats.grouped);
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
	eve_dns_queries(json, m);
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
	eve_dns_name(json, "rrname", m, queries[part].name, m->bytes.len, NULL);
	eve_dns_type(json, "rrtype", m, queries[part].type);
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
		eve_dns_name(json, "rrname", m, queries[0].name, m->bytes.len, NULL);
		eve_dns_type(json, "rrtype", m, queries[0].type);
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

// Version 2 names client and server as the flow does, whoever sent the message.
static enum direction direction_of(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	return config->dns_version == 2 ? TO_SERVER : eve_one_way(config, tx, part);
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
