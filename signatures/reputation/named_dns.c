// SPDX-License-Identifier: GPL-3.0-or-later
// What messages of DNS name.
#include "decoders/app/dns/dns.h"
#include "decoders/app/dns/dns_service.h"
#include "signatures/reputation/named_reading.h"

static void read_name(struct reading *reading, enum named_place place, const struct dns_message *message, uint32_t at)
{
	struct dns_name name;
	if (dns_name_read(message->bytes, at, message->bytes.len, &name))
		named_give_host(reading, place, span_of(name.text, name.len));
}

static void give_resolved(struct reading *reading, struct address address)
{
	reading->named.resolved = true;
	named_give_address(reading, NAMED_DNS_ANSWER, &address, 0);
	reading->named.resolved = false;
}

// SVCB and HTTPS: where the service is, and hints of its addresses.
static void read_service(struct reading *reading, const struct dns_message *message, const struct dns_record *record)
{
	struct dns_service service;
	struct span bytes;
	uint32_t at = 0;
	if (!dns_record_service(message, record, &service))
		return;
	named_give_host(reading, NAMED_DNS_ANSWER, span_of(service.target.text, service.target.len));
	for (unsigned i = 0; i < NAMED_HINTS_MAX && dns_service_hint(&service, &at, &bytes); i++) {
		give_resolved(reading, bytes.len == 4 ? address_v4(bytes.data) : address_v6(bytes.data));
	}
}

// Where the name of a DNAME or NAPTR record begins; UINT32_MAX: it has none. (dns_record_data_name reads what events and rules show.)
static uint32_t place_of_target(const struct dns_message *message, const struct dns_record *record)
{
	struct span data = dns_record_data(message, record);
	uint32_t at = 4; // of NAPTR (RFC 3403 4.1): order and preference; then flags, services, regular expression
	if (record->type == DNS_DNAME)
		return record->data;
	for (unsigned i = 0; i < 3 && at < data.len; i++)
		at += 1u + data.data[at];
	return at < data.len ? record->data + at : UINT32_MAX;
}

static void read_target(struct reading *reading, const struct dns_message *message, const struct dns_record *record)
{
	struct dns_name name;
	uint32_t at = place_of_target(message, record), end = (uint32_t)record->data + record->data_len;
	if (at != UINT32_MAX && dns_name_read(message->bytes, at, end, &name))
		named_give_host(reading, NAMED_DNS_ANSWER, span_of(name.text, name.len));
}

// Addresses of the web in a text, and a text that is nothing but an address: commands are handed out so.
static void read_text(struct reading *reading, const struct dns_message *message, const struct dns_record *record)
{
	uint8_t bytes[INDICATOR_VALUE_MAX];
	struct span text = span_of(bytes, dns_record_text(message, record, bytes, sizeof(bytes)));
	struct address address;
	unsigned links = 0;
	if (named_address_of(text, &address)) {
		named_give_address(reading, NAMED_DNS_ANSWER, &address, 0);
		return;
	}
	for (uint32_t at = span_find(text, ':', 0), end; at < text.len && links < NAMED_HINTS_MAX;
		at = span_find(text, ':', end)) {
		bool tls = at >= 5 && span_starts_nocase(span_from(text, at - 5), "https://");
		end = at + 1;
		if (!tls && (at < 4 || !span_starts_nocase(span_from(text, at - 4), "http://")))
			continue;
		while (end < text.len && bytes[end] > ' ' && !memchr("\"'<>;", bytes[end], 5))
			end++;
		named_give_link(
			reading, NAMED_DNS_ANSWER, span_slice(text, at - (tls ? 5 : 4), end - at + (tls ? 5 : 4)));
		links++;
	}
}

static void read_answers(struct reading *reading, const struct dns_message *message)
{
	unsigned count;
	const struct dns_record *records = dns_message_section(message, DNS_ANSWERS, &count);
	struct dns_name name;
	uint32_t last = UINT32_MAX; // owners of a message repeat: by the place they are read from
	for (unsigned i = 0; i < count && i < NAMED_ANSWERS_MAX; i++) {
		const struct dns_record *record = &records[i];
		struct span data = dns_record_data(message, record);
		reading->named.ttl_s = record->ttl;
		if (record->type == DNS_A && data.len == 4) {
			give_resolved(reading, address_v4(data.data));
		} else if (record->type == DNS_AAAA && data.len == 16) {
			give_resolved(reading, address_v6(data.data));
		} else if (record->type == DNS_SVCB || record->type == DNS_HTTPS) {
			read_service(reading, message, record);
		} else if (record->type == DNS_TXT) {
			read_text(reading, message, record);
		} else if (record->type == DNS_DNAME || record->type == DNS_NAPTR) {
			read_target(reading, message, record);
		} else if (dns_record_data_name(message, record, &name)) {
			named_give_host(reading, NAMED_DNS_ANSWER, span_of(name.text, name.len));
		}
		if (record->name != last)
			read_name(reading, NAMED_DNS_ANSWER, message, record->name);
		last = record->name;
	}
	reading->named.ttl_s = 0;
}

void named_read_message(struct reading *reading, const struct dns_message *message, bool response)
{
	unsigned count, answers;
	const struct dns_record *records = dns_message_section(message, DNS_QUERIES, &count);
	(void)dns_message_section(message, DNS_ANSWERS, &answers);
	reading->named.rcode = response ? (uint8_t)(message->flags & 15) : 0;
	reading->named.unanswered = response && (reading->named.rcode || !answers);
	for (unsigned i = 0; i < count && i < NAMED_QUESTIONS_MAX; i++)
		read_name(reading, NAMED_DNS_QUESTION, message, records[i].name);
	if (response)
		read_answers(reading, message);
	reading->named.rcode = 0;
	reading->named.unanswered = false;
}

bool named_read_dns(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct dns_tx *dns = dns_tx_of(tx);
	if (tx->direction_mask >> direction & 1)
		named_read_message(reading, &dns->message, dns->response);
	return true;
}
