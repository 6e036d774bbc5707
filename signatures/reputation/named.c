// SPDX-License-Identifier: GPL-3.0-or-later
// What all readers share, the ends of flows, files, and which protocol has which reader.
#include "signatures/reputation/named.h"
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/files/file.h"
#include "decoders/app/ftp/ftp.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/imap/imap.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/sip/sip.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/ssdp/ssdp.h"
#include "decoders/app/tds/tds.h"
#include "decoders/app/tls/tls.h"
#include "decoders/app/xmpp/xmpp.h"
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
	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		text = span_slice(text, 1, text.len - 2);
	return address_parse_span(text, out);
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
	if (!canonical_link(link, reader->bytes, &reader->url))
		return;
	struct canonical_url url = reader->url;
	named_give_url(reading, place, &url);
	if (url.host_is_address)
		named_give_address(reading, place, &url.address, 0);
	else if (url.host.len)
		named_give(reading, INDICATOR_DOMAIN, place, url.host);
}

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
	{ &tls_parser, named_read_tls },
	{ &rdp_parser, named_read_tls },
	{ &tds_parser, named_read_tls },
	{ &xmpp_parser, named_read_tls },
	{ &http_parser, named_read_http },
	{ &http2_parser, named_read_http2 },
	{ &quic_parser, named_read_quic },
	{ &smtp_parser, named_read_smtp },
	{ &imap_parser, named_read_imap },
	{ &pop3_parser, named_read_pop3 },
	{ &socks_parser, named_read_socks },
	{ &smb_parser, named_read_smb },
	{ &ftp_parser, named_read_ftp },
	{ &sip_parser, named_read_sip },
	{ &dhcp_parser, named_read_dhcp },
	{ &dhcpv6_parser, named_read_dhcpv6 },
	{ &ssdp_parser, named_read_ssdp },
};

static size_t reader_of(const struct flow *flow)
{
	size_t which = 0, count = sizeof(readers) / sizeof(readers[0]);
	while (which < count && readers[which].parser != flow->app.parser)
		which++;
	return which;
}

static void read_transactions(struct reading *reading, const struct flow *flow)
{
	const struct packet *packet = reading->inspection->packet;
	size_t which = reader_of(flow), count = sizeof(readers) / sizeof(readers[0]);
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

void named_request(struct named_reader *reader, const struct inspection *inspection, struct app_tx *tx,
	named_take *take, void *context)
{
	struct inspection whole = *inspection;
	whole.flow_ended = true; // nothing of it is to be waited for
	struct reading reading = { .reader = reader, .inspection = &whole, .take = take, .context = context };
	size_t which = reader_of(inspection->flow);
	uint8_t given = tx->named;
	reading.named.tx = tx;
	reading.named.direction = TO_SERVER;
	tx->named = 0;
	if (which < sizeof(readers) / sizeof(readers[0]))
		(void)readers[which].read(&reading, tx, TO_SERVER);
	tx->named = given;
}

void named_ends(struct named_reader *reader, const struct inspection *inspection, named_take *take, void *context)
{
	const struct flow_key *key = &inspection->flow->key;
	struct reading reading = { .reader = reader, .inspection = inspection, .take = take, .context = context };
	named_give_address(&reading, NAMED_SOURCE, &key->src, key->sport);
	named_give_address(&reading, NAMED_DESTINATION, &key->dst, key->dport);
}
