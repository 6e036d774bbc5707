// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/named.h"
#include <openssl/evp.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/files/file.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/imap/imap.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/hex.h"
#include "signatures/reputation/named_reading.h"

#define NAMED_PLACE_TEXT(constant, text) [constant] = text,
const char *const named_place_names[NAMED_PLACES_END] = { NAMED_PLACES(NAMED_PLACE_TEXT) };

void named_give(struct reading *reading, enum indicator_kind kind, enum named_place place, struct span value)
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

void named_give_address(struct reading *reading, enum named_place place, const struct address *address, uint16_t port)
{
	reading->named.address = *address;
	reading->named.port = port;
	named_give(reading, INDICATOR_ADDRESS, place, span_of(reading->named.address.bytes, 16));
}

bool named_address_of(struct span text, struct address *out)
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

void named_give_host(struct reading *reading, enum named_place place, struct span host)
{
	struct address address;
	if (named_address_of(host, &address)) {
		named_give_address(reading, place, &address, 0);
		return;
	}
	struct span name = span_of(reading->reader->bytes, canonical_name_end(host, reading->reader->bytes));
	bool cut = name.len && host.len > name.len && host.data[host.len - 1] != '.';
	if (name.len && (!cut || span_find(name, '.', 0) < name.len)) // of what was cut a top-level domain says nothing
		named_give(reading, INDICATOR_DOMAIN, place, name);
}

void named_give_url(struct reading *reading, enum named_place place, const struct canonical_url *url)
{
	reading->named.url = url;
	named_give(reading, INDICATOR_URL, place, url->whole);
}

void named_give_link(struct reading *reading, enum named_place place, struct span link)
{
	struct named_reader *reader = reading->reader;
	if (!canonical_url(link, reader->bytes, &reader->url))
		return;
	struct canonical_url url = reader->url;
	named_give_url(reading, place, &url);
	if (url.host_is_address)
		named_give_address(reading, place, &url.address, 0);
	else if (url.host.len)
		named_give(reading, INDICATOR_DOMAIN, place, url.host);
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
		named_give(reading, kind, place, span_of(bytes, sizeof(bytes)));
}

// TLS and QUIC --------------------------------------------------------------------------------------------------------------------

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
		named_give_host(reading, NAMED_TLS_CERTIFICATE_NAME, name);
}

static void read_certificate(struct reading *reading, const struct tls_side *side)
{
	const struct tls_certificate *certificate = &side->certificate;
	uint8_t sha1[20], sha256[32];
	struct span name, der;
	uint32_t at = 0;
	if (reading->reader->certificate_sha256 && tls_strings_next(&side->chain, &at, &der) &&
		EVP_Digest(der.data, der.len, sha256, NULL, EVP_sha256(), NULL))
		named_give(reading, INDICATOR_CERT_SHA256, NAMED_TLS_CERTIFICATE, span_of(sha256, sizeof(sha256)));
	at = 0;
	if (certificate->fingerprint[0] && hex_bytes(certificate->fingerprint, sizeof(sha1), sha1))
		named_give(reading, INDICATOR_CERT_SHA1, NAMED_TLS_CERTIFICATE, span_of(sha1, sizeof(sha1)));
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
		named_give_host(reading, NAMED_TLS_SNI, bytes_span(&side->sni));
		give_md5_text(reading, INDICATOR_JA3, NAMED_TLS_JA3, side->ja3_hash);
		if (side->ja4[0])
			named_give(reading, INDICATOR_JA4, NAMED_TLS_JA4, span_text(side->ja4));
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
	named_give_host(reading, NAMED_QUIC_SNI, quic->sni);
	if (quic->ja3_hash[0])
		give_md5_text(reading, INDICATOR_JA3, NAMED_QUIC_JA3, quic->ja3_hash);
	if (quic->ja4[0])
		named_give(reading, INDICATOR_JA4, NAMED_QUIC_JA4, span_text(quic->ja4));
	return true;
}

// All -----------------------------------------------------------------------------------------------------------------------------

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
			named_give(reading, hashes[i].kind, NAMED_FILE, hashes[i].value);
			told = true;
		}
		if (!told) {
			reading->named.file = file;
			named_give(reading, INDICATOR_FILE_SHA256, NAMED_FILE, span_of(NULL, 0));
		}
	}
}

static const struct {
	const struct app_parser *parser;
	bool (*read)(struct reading *reading, struct app_tx *tx, enum direction direction); // false: not known yet
} readers[] = {
	{ &dns_parser, named_read_dns },
	{ &tls_parser, read_tls },
	{ &http_parser, named_read_http },
	{ &http2_parser, named_read_http2 },
	{ &quic_parser, read_quic },
	{ &smtp_parser, named_read_smtp },
	{ &imap_parser, named_read_imap },
	{ &pop3_parser, named_read_pop3 },
	{ &socks_parser, named_read_socks },
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
		named_give_address(&reading, NAMED_SOURCE, &packet->src, packet->sport);
		named_give_address(&reading, NAMED_DESTINATION, &packet->dst, packet->dport);
	}
	if (flow->app.tx_first)
		read_transactions(&reading, flow);
}

void named_ends(struct named_reader *reader, const struct inspection *inspection, named_take *take, void *context)
{
	const struct flow_key *key = &inspection->flow->key;
	struct reading reading = { .reader = reader, .inspection = inspection, .take = take, .context = context };
	named_give_address(&reading, NAMED_SOURCE, &key->src, key->sport);
	named_give_address(&reading, NAMED_DESTINATION, &key->dst, key->dport);
}
