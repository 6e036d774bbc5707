// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dns.h"
#include "decoders/app/dns/dns.h"
#include "export/eve/dns_record.h"
#include "export/eve/one_way.h"

static void write_mdns_strings(struct json *json, const struct dns_message *m, const struct dns_record *r)
{
	struct span string;
	struct cursor c = cursor_on(dns_record_data(m, r));
	json_put_array(json, "txt");
	while (eve_dns_has_room(json) && eve_dns_next_string(&c, &string))
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
	for (unsigned i = 0; i < count && eve_dns_has_room(json); i++) {
		json_put_object(json, NULL);
		if (eve_dns_name(json, "rrname", m, records[i].name, m->bytes.len, NULL) & DNS_NAME_TRUNCATED)
			json_put_bool(json, "rrname_truncated", true);
		if (records[i].type == DNS_PTR && section != DNS_AUTHORITIES)
			eve_dns_name(
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
	eve_dns_queries(json, m);
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
	.direction = eve_one_way,
};
