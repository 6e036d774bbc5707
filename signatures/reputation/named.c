// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/named.h"
#include <openssl/evp.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/files/file.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/hex.h"

#define NAMED_PLACE_TEXT(constant, text) [constant] = text,
const char *const named_place_names[NAMED_PLACES_END] = { NAMED_PLACES(NAMED_PLACE_TEXT) };

// One reading: what is given goes to take.
struct reading {
	struct named_reader *reader;
	const struct inspection *inspection;
	named_take *take;
	void *context;
	struct named named; // tx, direction and what a message says of all in it
};

static void give(struct reading *reading, enum indicator_kind kind, enum named_place place, struct span value)
{
	struct named *named = &reading->named;
	named->kind = (uint8_t)kind;
	named->place = (uint8_t)place;
	named->value = value;
	reading->take(reading->context, reading->inspection, named);
	named->url = NULL;
	named->file = NULL;
	named->port = 0;
}

static void give_address(struct reading *reading, enum named_place place, const struct address *address, uint16_t port)
{
	reading->named.address = *address;
	reading->named.port = port;
	give(reading, INDICATOR_ADDRESS, place, span_of(reading->named.address.bytes, 16));
}

static bool address_of(struct span text, struct address *out)
{
	char copy[ADDRESS_TEXT_SIZE];
	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		text = span_slice(text, 1, text.len - 2);
	if (!text.len || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	return address_parse(copy, out);
}

// A host: a name, or an address in its place.
static void give_host(struct reading *reading, enum named_place place, struct span host)
{
	struct address address;
	if (address_of(host, &address)) {
		give_address(reading, place, &address, 0);
		return;
	}
	uint32_t len = canonical_name(host, reading->reader->bytes);
	if (len)
		give(reading, INDICATOR_DOMAIN, place, span_of(reading->reader->bytes, len));
}

static void give_url(struct reading *reading, enum named_place place, const struct canonical_url *url)
{
	reading->named.url = url;
	give(reading, INDICATOR_URL, place, url->whole);
}

// As the parsers write them: lower case, bytes apart by colons or not.
static bool hex_bytes(const char *text, size_t bytes, uint8_t *out)
{
	size_t at = 0;
	for (; *text && at < 2 * bytes; text++) {
		if (*text == ':')
			continue;
		int value = hex_value((uint8_t)*text);
		if (value < 0)
			return false;
		out[at / 2] = (uint8_t)(at % 2 ? out[at / 2] << 4 | value : value);
		at++;
	}
	return at == 2 * bytes;
}

static void give_md5_text(struct reading *reading, enum indicator_kind kind, enum named_place place, const char *text)
{
	uint8_t bytes[16];
	if (hex_bytes(text, sizeof(bytes), bytes))
		give(reading, kind, place, span_of(bytes, sizeof(bytes)));
}

// DNS ------------------------------------------------------------------------------------------------------------------------------

static void read_name(struct reading *reading, enum named_place place, const struct dns_message *message, uint32_t at)
{
	struct dns_name name;
	if (dns_name_read(message->bytes, at, message->bytes.len, &name))
		give_host(reading, place, span_of(name.text, name.len));
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
		if (record->type == DNS_A && data.len == 4) {
			struct address address = address_v4(data.data);
			give_address(reading, NAMED_DNS_ANSWER, &address, 0);
		} else if (record->type == DNS_AAAA && data.len == 16) {
			struct address address = address_v6(data.data);
			give_address(reading, NAMED_DNS_ANSWER, &address, 0);
		} else if (dns_record_data_name(message, record, &name)) {
			give_host(reading, NAMED_DNS_ANSWER, span_of(name.text, name.len));
		}
		if (record->name != last)
			read_name(reading, NAMED_DNS_ANSWER, message, record->name);
		last = record->name;
	}
}

static void read_message(struct reading *reading, const struct dns_message *message, bool response)
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

static bool read_dns(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct dns_tx *dns = dns_tx_of(tx);
	if (tx->direction_mask >> direction & 1)
		read_message(reading, &dns->message, dns->response);
	return true;
}

// TLS and QUIC ---------------------------------------------------------------------------------------------------------------------

// The name behind the last "CN=" of a subject as text.
static struct span common_name(struct span subject)
{
	for (uint32_t at = subject.len; at >= 3; at--)
		if (memcmp(subject.data + at - 3, "CN=", 3) == 0 && (at == 3 || subject.data[at - 4] == ' '))
			return span_slice(subject, at, span_find(subject, ',', at) - at);
	return span_of(NULL, 0);
}

// "*.example.com" names what is below: the name it is about is looked up.
static void give_certificate_name(struct reading *reading, struct span name)
{
	if (span_starts(name, "*."))
		name = span_from(name, 2);
	if (name.len && span_find(name, '.', 0) < name.len && span_find(name, ' ', 0) == name.len)
		give_host(reading, NAMED_TLS_CERTIFICATE_NAME, name);
}

static void read_certificate(struct reading *reading, const struct tls_side *side)
{
	const struct tls_certificate *certificate = &side->certificate;
	uint8_t sha1[20], sha256[32];
	struct span name, der;
	uint32_t at = 0;
	if (reading->reader->certificate_sha256 && tls_strings_next(&side->chain, &at, &der) &&
		EVP_Digest(der.data, der.len, sha256, NULL, EVP_sha256(), NULL))
		give(reading, INDICATOR_CERT_SHA256, NAMED_TLS_CERTIFICATE, span_of(sha256, sizeof(sha256)));
	at = 0;
	if (certificate->fingerprint[0] && hex_bytes(certificate->fingerprint, sizeof(sha1), sha1))
		give(reading, INDICATOR_CERT_SHA1, NAMED_TLS_CERTIFICATE, span_of(sha1, sizeof(sha1)));
	if (!certificate->seen)
		return;
	give_certificate_name(reading, common_name(bytes_span(&certificate->subject)));
	for (unsigned i = 0; i < NAMED_ALT_NAMES_MAX && tls_strings_next(&certificate->names, &at, &name); i++)
		give_certificate_name(reading, name);
}

static bool read_tls(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct tls_tx *tls = (const struct tls_tx *)(const void *)tx;
	const struct tls_side *side = &tls->side[direction];
	if (!side->has_hello)
		return reading->inspection->flow_ended;
	if (direction == TO_SERVER) {
		give_host(reading, NAMED_TLS_SNI, bytes_span(&side->sni));
		give_md5_text(reading, INDICATOR_JA3, NAMED_TLS_JA3, side->ja3_hash);
		if (side->ja4[0])
			give(reading, INDICATOR_JA4, NAMED_TLS_JA4, span_text(side->ja4));
		return true;
	}
	// The certificate comes in messages after the hello, or never (TLS 1.3)
	bool encrypted = tls->side[TO_CLIENT].best_version >= TLS_V13 || side->changed_cipher;
	if (!side->certificate.fingerprint[0] && !encrypted && !reading->inspection->flow_ended)
		return false;
	give_md5_text(reading, INDICATOR_JA3S, NAMED_TLS_JA3S, side->ja3_hash);
	read_certificate(reading, side);
	return true;
}

static bool read_quic(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct quic_tx *quic = quic_tx_of(tx);
	if (direction != TO_SERVER)
		return true;
	give_host(reading, NAMED_QUIC_SNI, quic->sni);
	if (quic->ja3_hash[0])
		give_md5_text(reading, INDICATOR_JA3, NAMED_QUIC_JA3, quic->ja3_hash);
	if (quic->ja4[0])
		give(reading, INDICATOR_JA4, NAMED_QUIC_JA4, span_text(quic->ja4));
	return true;
}

// HTTP -----------------------------------------------------------------------------------------------------------------------------

static void give_user_agent(struct reading *reading, struct span agent)
{
	if (agent.len)
		give(reading, INDICATOR_USER_AGENT, NAMED_HTTP_USER_AGENT, span_slice(agent, 0, INDICATOR_VALUE_MAX));
}

// method CONNECT names a host and port instead of a URL.
static void give_request(struct reading *reading, struct span method, struct span host, struct span target)
{
	struct named_reader *reader = reading->reader;
	bool connect = span_is(method, "CONNECT");
	if (!canonical_request(host, connect ? span_text("/") : target, reader->bytes, &reader->url))
		return;
	struct canonical_url url = reader->url;
	if (!connect)
		give_url(reading, NAMED_HTTP_URL, &url);
	if (!url.host.len)
		return;
	enum named_place place = connect ? NAMED_HTTP_CONNECT : NAMED_HTTP_HOST;
	if (url.host_is_address)
		give_address(reading, place, &url.address, connect ? url.port : 0);
	else
		give(reading, INDICATOR_DOMAIN, place, url.host);
}

// An answer of HTTP/1 has no value of its own: it is told for what its headers and first bytes say.
static bool read_http_answer(struct reading *reading, const struct app_tx *tx)
{
	const struct http_body *body = &((const struct http_tx *)(const void *)tx)->body[TO_CLIENT];
	bool enough = tx->progress[TO_CLIENT] >= HTTP_COMPLETE ||
		      (tx->progress[TO_CLIENT] >= HTTP_BODY && body->seen >= NAMED_BODY_BYTES);
	if (!enough && !reading->inspection->flow_ended)
		return false;
	if (tx->progress[TO_CLIENT] >= HTTP_BODY)
		give(reading, INDICATOR_USER_AGENT, NAMED_HTTP_ANSWER, span_of(NULL, 0));
	return true;
}

static bool read_http(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	struct span host = { 0 }, target = { 0 }, method = { 0 }, agent;
	if (direction == TO_CLIENT)
		return read_http_answer(reading, tx);
	if (http_request_unseen(tx))
		return true;
	if (tx->progress[TO_SERVER] < HTTP_BODY && !reading->inspection->flow_ended)
		return false; // CONNECT stays in its headers until it is answered
	if (tx->progress[TO_SERVER] < HTTP_HEADERS)
		return true;
	http_part(tx, HTTP_PART_METHOD, &method);
	if (!http_part(tx, HTTP_PART_URI_RAW, &target))
		target = span_text("/");
	bool connect = span_is(method, "CONNECT");
	if (connect || !http_header_find(tx, TO_SERVER, "Host", &host))
		(void)http_part(tx, HTTP_PART_HOST_RAW, &host);
	give_request(reading, method, connect ? target : host, target);
	if (http_header_find(tx, TO_SERVER, "User-Agent", &agent))
		give_user_agent(reading, agent);
	return true;
}

// Headers and a DNS message in the body are there at different times: bits of app_tx.named of their own.
#define HEADERS_READ(direction) ((uint8_t)(1u << (2 + (direction))))
#define MESSAGE_READ(direction) ((uint8_t)(1u << (4 + (direction))))

static void read_http2_headers(struct reading *reading, const struct http2_tx *http2)
{
	struct span host = { 0 }, target = { 0 }, method = { 0 }, agent;
	(void)http2_header_find(http2, TO_SERVER, ":path", &target);
	(void)http2_header_find(http2, TO_SERVER, ":method", &method);
	(void)http2_host(http2, &host);
	give_request(reading, method, host, target);
	if (http2_header_find(http2, TO_SERVER, "user-agent", &agent))
		give_user_agent(reading, agent);
}

static bool read_http2(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct http2_tx *http2 = http2_tx_of(tx);
	const struct dns_message *message = http2_dns(http2, direction);
	struct span method;
	if (direction == TO_SERVER && !(tx->named & HEADERS_READ(direction)) &&
		http2_header_find(http2, TO_SERVER, ":method", &method)) {
		tx->named |= HEADERS_READ(direction);
		read_http2_headers(reading, http2);
	}
	if (message && !(tx->named & MESSAGE_READ(direction))) {
		tx->named |= MESSAGE_READ(direction);
		read_message(reading, message, direction == TO_CLIENT);
	}
	return reading->inspection->flow_ended || tx->progress[direction] >= HTTP2_CLOSED;
}

// Mail -----------------------------------------------------------------------------------------------------------------------------

static void give_mail_address(struct reading *reading, enum named_place place, struct span address)
{
	uint8_t *out = reading->reader->bytes;
	uint32_t at = address.len; // the last one: a quoted local part may have others
	while (at > 0 && address.data[at - 1] != '@')
		at--;
	if (at < 2 || --at > 64)
		return;
	uint32_t len = canonical_name(span_from(address, at + 1), out + at + 1);
	if (!len)
		return;
	for (uint32_t i = 0; i <= at; i++)
		out[i] = address.data[i] >= 'A' && address.data[i] <= 'Z' ? (uint8_t)(address.data[i] + 32)
									  : address.data[i];
	give(reading, INDICATOR_EMAIL, place, span_of(out, at + 1 + len));
}

// What stands between < and >, or all of it.
static struct span inner_address(struct span text)
{
	uint32_t open = span_find(text, '<', 0);
	return open < text.len ? span_slice(text, open + 1, span_find(text, '>', open) - open - 1) : span_trim(text);
}

static bool read_smtp(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct smtp_tx *mail = smtp_tx_of(tx);
	struct named_reader *reader = reading->reader;
	unsigned count = 0;
	if (direction != TO_SERVER)
		return true;
	if (!mail->done && !reading->inspection->flow_ended)
		return false;
	give_mail_address(reading, NAMED_MAIL_SENDER, inner_address(bytes_span(&mail->mail_from)));
	for (const struct smtp_recipient *r = mail->first; r && count < NAMED_RECIPIENTS_MAX; r = r->next, count++)
		give_mail_address(reading, NAMED_MAIL_RECIPIENT, inner_address(span_of(r->bytes, r->len)));
	count = 0;
	for (const struct mime_link *link = mail->mail ? mail->mail->first_link : NULL; link && count < NAMED_LINKS_MAX;
		link = link->next, count++) {
		if (!canonical_url(span_of(link->bytes, link->len), reader->bytes, &reader->url))
			continue;
		struct canonical_url url = reader->url;
		give_url(reading, NAMED_MAIL_LINK, &url);
		if (url.host_is_address)
			give_address(reading, NAMED_MAIL_LINK, &url.address, 0);
		else if (url.host.len)
			give(reading, INDICATOR_DOMAIN, NAMED_MAIL_LINK, url.host);
	}
	return true;
}

// All ------------------------------------------------------------------------------------------------------------------------------

static void read_files(struct reading *reading, struct app_tx *tx)
{
	for (struct file *file = tx->files; file; file = file->next) {
		if (file->named || file->state == FILE_OPEN)
			continue;
		file->named = true;
		reading->named.direction = file->direction;
		const struct {
			bool has;
			enum indicator_kind kind;
			struct span value;
		} hashes[] = {
			{ file->has_md5, INDICATOR_FILE_MD5, span_of(file->md5, sizeof(file->md5)) },
			{ file->has_sha1, INDICATOR_FILE_SHA1, span_of(file->sha1, sizeof(file->sha1)) },
			{ file->has_sha256, INDICATOR_FILE_SHA256, span_of(file->sha256, sizeof(file->sha256)) },
		};
		// A hash of a part is no file's; the file itself is told all the same, once, with an empty value
		bool whole = file->state == FILE_CLOSED && !file->has_gaps, told = false;
		for (size_t i = 0; whole && i < sizeof(hashes) / sizeof(hashes[0]); i++) {
			if (!hashes[i].has)
				continue;
			reading->named.file = file;
			give(reading, hashes[i].kind, NAMED_FILE, hashes[i].value);
			told = true;
		}
		if (!told) {
			reading->named.file = file;
			give(reading, INDICATOR_FILE_SHA256, NAMED_FILE, span_of(NULL, 0));
		}
	}
}

static const struct {
	const struct app_parser *parser;
	bool (*read)(struct reading *reading, struct app_tx *tx, enum direction direction); // false: not known yet
} readers[] = {
	{ &dns_parser, read_dns },
	{ &tls_parser, read_tls },
	{ &http_parser, read_http },
	{ &http2_parser, read_http2 },
	{ &quic_parser, read_quic },
	{ &smtp_parser, read_smtp },
};

static void read_transactions(struct reading *reading, const struct flow *flow)
{
	const struct packet *packet = reading->inspection->packet;
	size_t which = 0, count = sizeof(readers) / sizeof(readers[0]);
	while (which < count && readers[which].parser != flow->app.parser)
		which++;
	for (struct app_tx *tx = flow->app.tx_first; tx; tx = tx->next) {
		reading->named.tx = tx;
		for (unsigned direction = 0; which < count && direction < 2; direction++) {
			uint8_t bit = (uint8_t)(1u << direction);
			if (tx->named & bit || (direction != packet->direction && !reading->inspection->flow_ended))
				continue;
			reading->named.direction = (uint8_t)direction;
			if (readers[which].read(reading, tx, (enum direction)direction))
				tx->named |= bit;
		}
		if (tx->files)
			read_files(reading, tx);
	}
}

void named_each(struct named_reader *reader, const struct inspection *inspection, named_take *take, void *context)
{
	const struct packet *packet = inspection->packet;
	const struct flow *flow = inspection->flow;
	struct reading reading = { .reader = reader, .inspection = inspection, .take = take, .context = context };
	if (!flow)
		return;
	if (packet->flags & PACKET_FLOW_FIRST) {
		reading.named.direction = (uint8_t)packet->direction;
		give_address(&reading, NAMED_SOURCE, &packet->src, packet->sport);
		give_address(&reading, NAMED_DESTINATION, &packet->dst, packet->dport);
	}
	if (flow->app.tx_first)
		read_transactions(&reading, flow);
}
