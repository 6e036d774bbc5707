// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/dns.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/http2/http2.h"

// The message of a direction. HTTP/2 carries a request and its response in one transaction, and may carry none.
static const struct dns_message *message_of(const struct field_source *source)
{
	static const struct dns_message none;
	if (!source->flow || source->flow->app.proto != APP_DOH2)
		return &dns_tx_of(source->tx)->message;
	const struct dns_message *inside = http2_dns(http2_tx_of(source->tx), source->direction);
	return inside ? inside : &none;
}

static bool give_name(const struct field_source *source, const struct dns_name *name, struct field_value *value)
{
	uint8_t *text = field_scratch_take(source->scratch, name->len);
	if (!text)
		return false;
	memcpy(text, name->text, name->len);
	*value = (struct field_value) { .data = { text, name->len }, .first = true, .last = true };
	return true;
}

static bool record_name(const struct field_source *source, const struct dns_message *m, const struct dns_record *record,
	struct field_value *value)
{
	struct dns_name name;
	dns_message_name(m, record->name, m->bytes.len, &name);
	return give_name(source, &name, value);
}

static bool section_name(
	const struct field_source *source, enum dns_section section, unsigned index, struct field_value *value)
{
	const struct dns_message *m = message_of(source);
	unsigned count;
	const struct dns_record *records = dns_message_section(m, section, &count);
	return index < count && record_name(source, m, &records[index], value);
}

static bool get_query(const struct field_source *source, unsigned index, struct field_value *value)
{
	return section_name(source, DNS_QUERIES, index, value);
}

static bool get_answer(const struct field_source *source, unsigned index, struct field_value *value)
{
	return section_name(source, DNS_ANSWERS, index, value);
}

static bool get_authority(const struct field_source *source, unsigned index, struct field_value *value)
{
	return section_name(source, DNS_AUTHORITIES, index, value);
}

static bool get_additional(const struct field_source *source, unsigned index, struct field_value *value)
{
	return section_name(source, DNS_ADDITIONALS, index, value);
}

static unsigned record_count(const struct dns_message *m)
{
	unsigned count = 0;
	for (int i = 0; i < DNS_SECTIONS; i++)
		count += m->counts[i];
	return count;
}

// Every name of a response: of the records of all sections, then those in their data. A record without a name in its data gives
// its own again, so that an index needs no search.
static bool get_any_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct dns_message *m = message_of(source);
	unsigned count = record_count(m);
	if (index < count)
		return record_name(source, m, &m->records[index], value);
	if (index - count >= count)
		return false;
	const struct dns_record *record = &m->records[index - count];
	struct dns_name name;
	if (!m->netbios && record->data_len && dns_record_data_name(m, record, &name))
		return give_name(source, &name, value);
	return record_name(source, m, record, value);
}

#define INSIDE(read) { APP_DOH2, TO_SERVER, HTTP2_DATA, read }, { APP_DOH2, TO_CLIENT, HTTP2_DATA, read },
#define READERS(id, read, ...)                                                      \
	(const struct field_reader[])                                               \
	{                                                                           \
		{ id, TO_SERVER, 1, read }, { id, TO_CLIENT, 1, read }, __VA_ARGS__ \
		{                                                                   \
			.get = NULL                                                 \
		}                                                                   \
	}
#define NAMES(symbol, keyword, text, id, read, ...)           \
	const struct field_buffer symbol = { .name = keyword, \
		.description = text,                          \
		.level = FIELD_TX,                            \
		.flags = FIELD_MULTI,                         \
		.readers = READERS(id, read, __VA_ARGS__) };

static const char *const query_spellings[] = { "dns_query", NULL };

const struct field_buffer dns_query_buffer = {
	.name = "dns.query",
	.sticky = query_spellings,
	.description = "dns request query",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.readers = (const struct field_reader[]) { { APP_DNS, TO_SERVER, 1, get_query },
		{ APP_DOH2, TO_SERVER, HTTP2_DATA, get_query }, { .get = NULL } },
};

const struct field_buffer dns_response_rrname_buffer = {
	.name = "dns.response.rrname",
	.description = "dns response names",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.readers = (const struct field_reader[]) { { APP_DNS, TO_CLIENT, 1, get_any_name },
		{ APP_DOH2, TO_CLIENT, HTTP2_DATA, get_any_name }, { .get = NULL } },
};

NAMES(dns_query_name_buffer, "dns.query.name", "dns query name", APP_DNS, get_query, INSIDE(get_query))
NAMES(dns_queries_rrname_buffer, "dns.queries.rrname", "dns query name", APP_DNS, get_query, INSIDE(get_query))
NAMES(dns_answer_name_buffer, "dns.answer.name", "dns answer name", APP_DNS, get_answer, INSIDE(get_answer))
NAMES(dns_answers_rrname_buffer, "dns.answers.rrname", "dns answer name", APP_DNS, get_answer, INSIDE(get_answer))
NAMES(dns_authorities_rrname_buffer, "dns.authorities.rrname", "dns authority name", APP_DNS, get_authority,
	INSIDE(get_authority))
NAMES(dns_additionals_rrname_buffer, "dns.additionals.rrname", "dns additional name", APP_DNS, get_additional,
	INSIDE(get_additional))
NAMES(mdns_queries_rrname_buffer, "mdns.queries.rrname", "mdns query name", APP_MDNS, get_query, )
NAMES(mdns_answers_rrname_buffer, "mdns.answers.rrname", "mdns answer name", APP_MDNS, get_answer, )
NAMES(mdns_authorities_rrname_buffer, "mdns.authorities.rrname", "mdns authority name", APP_MDNS, get_authority, )
NAMES(mdns_additionals_rrname_buffer, "mdns.additionals.rrname", "mdns additional name", APP_MDNS, get_additional, )
NAMES(mdns_response_rrname_buffer, "mdns.response.rrname", "mdns response names", APP_MDNS, get_any_name, )
NAMES(llmnr_queries_rrname_buffer, "llmnr.queries.rrname", "llmnr query name", APP_LLMNR, get_query, )
NAMES(llmnr_answers_rrname_buffer, "llmnr.answers.rrname", "llmnr answer name", APP_LLMNR, get_answer, )
NAMES(llmnr_response_rrname_buffer, "llmnr.response.rrname", "llmnr response names", APP_LLMNR, get_any_name, )
NAMES(nbns_queries_rrname_buffer, "nbns.queries.rrname", "nbns query name", APP_NBNS, get_query, )
NAMES(nbns_answers_rrname_buffer, "nbns.answers.rrname", "nbns answer name", APP_NBNS, get_answer, )
NAMES(nbns_additionals_rrname_buffer, "nbns.additionals.rrname", "nbns registered name", APP_NBNS, get_additional, )

static bool get_opcode(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct dns_message *m = message_of(source);
	*value = dns_opcode(m->flags);
	return index == 0 && m->bytes.len;
}

static bool get_rcode(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct dns_message *m = message_of(source);
	*value = m->flags & 0xf;
	return index == 0 && m->bytes.len;
}

// Of queries and answers.
static bool get_rrtype(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct dns_message *m = message_of(source);
	if (index >= (unsigned)m->counts[DNS_QUERIES] + m->counts[DNS_ANSWERS])
		return false;
	*value = m->records[index].type;
	return true;
}

static const struct field_name rcode_names[] = {
	{ "noerror", 0 },
	{ "formerr", 1 },
	{ "servfail", 2 },
	{ "nxdomain", 3 },
	{ "notimp", 4 },
	{ "refused", 5 },
	{ "yxdomain", 6 },
	{ "yxrrset", 7 },
	{ "nxrrset", 8 },
	{ "notauth", 9 },
	{ "notzone", 10 },
	{ "badvers", 16 },
	{ "badkey", 17 },
	{ "badtime", 18 },
	{ "badmode", 19 },
	{ "badname", 20 },
	{ "badalg", 21 },
	{ "badtrunc", 22 },
	{ NULL, 0 },
};

static const struct field_name rrtype_names[] = {
	{ "a", 1 },
	{ "ns", 2 },
	{ "md", 3 },
	{ "mf", 4 },
	{ "cname", 5 },
	{ "soa", 6 },
	{ "mb", 7 },
	{ "mg", 8 },
	{ "mr", 9 },
	{ "null", 10 },
	{ "wks", 11 },
	{ "ptr", 12 },
	{ "hinfo", 13 },
	{ "minfo", 14 },
	{ "mx", 15 },
	{ "txt", 16 },
	{ "rp", 17 },
	{ "afsdb", 18 },
	{ "x25", 19 },
	{ "isdn", 20 },
	{ "rt", 21 },
	{ "nsap", 22 },
	{ "nsapptr", 23 },
	{ "sig", 24 },
	{ "key", 25 },
	{ "px", 26 },
	{ "gpos", 27 },
	{ "aaaa", 28 },
	{ "loc", 29 },
	{ "nxt", 30 },
	{ "srv", 33 },
	{ "atma", 34 },
	{ "naptr", 35 },
	{ "kx", 36 },
	{ "cert", 37 },
	{ "a6", 38 },
	{ "dname", 39 },
	{ "opt", 41 },
	{ "apl", 42 },
	{ "ds", 43 },
	{ "sshfp", 44 },
	{ "ipseckey", 45 },
	{ "rrsig", 46 },
	{ "nsec", 47 },
	{ "dnskey", 48 },
	{ "dhcid", 49 },
	{ "nsec3", 50 },
	{ "nsec3param", 51 },
	{ "tlsa", 52 },
	{ "hip", 55 },
	{ "cds", 59 },
	{ "cdnskey", 60 },
	{ "openpgpkey", 61 },
	{ "csync", 62 },
	{ "zonemd", 63 },
	{ "svcb", 64 },
	{ "https", 65 },
	{ "spf", 99 },
	{ "tkey", 249 },
	{ "tsig", 250 },
	{ "ixfr", 251 },
	{ "axfr", 252 },
	{ "mailb", 253 },
	{ "maila", 254 },
	{ "any", 255 },
	{ "uri", 256 },
	{ "caa", 257 },
	{ "ta", 32768 },
	{ "dlv", 32769 },
	{ NULL, 0 },
};

#define NUMBER_READERS(read)                                                                   \
	(const struct field_number_reader[])                                                   \
	{                                                                                      \
		{ APP_DNS, TO_SERVER, 1, read }, { APP_DNS, TO_CLIENT, 1, read }, INSIDE(read) \
		{                                                                              \
			.get = NULL                                                            \
		}                                                                              \
	}

const struct field_number dns_opcode_number = {
	.name = "dns.opcode",
	.level = FIELD_TX,
	.bits = 8,
	.readers = NUMBER_READERS(get_opcode),
};

const struct field_number dns_rcode_number = {
	.name = "dns.rcode",
	.level = FIELD_TX,
	.bits = 16,
	.names = rcode_names,
	.readers = NUMBER_READERS(get_rcode),
};

const struct field_number dns_rrtype_number = {
	.name = "dns.rrtype",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.bits = 16,
	.names = rrtype_names,
	.readers = NUMBER_READERS(get_rrtype),
};
