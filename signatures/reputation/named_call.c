// SPDX-License-Identifier: GPL-3.0-or-later
// What calls name: whom SIP asks for, where the other end wants to be reached, and where the media go.
#include "decoders/app/sip/sip.h"
#include "signatures/reputation/named_reading.h"

// Without its port.
static struct span without_port(struct span host)
{
	if (host.len && host.data[0] == '[')
		return span_slice(host, 0, span_find(host, ']', 0) + 1);
	return span_slice(host, 0, span_find(host, ':', 0));
}

// Up to the first byte of ends.
static struct span cut_at(struct span text, const char *ends)
{
	uint32_t at = 0;
	while (at < text.len && !strchr(ends, text.data[at]))
		at++;
	return span_slice(text, 0, at);
}

// The host of "sip:user@host:port;parameters?headers"; empty: it is no such URI.
static struct span uri_host(struct span uri)
{
	uint32_t scheme = span_starts_nocase(uri, "sip:") ? 4 : span_starts_nocase(uri, "sips:") ? 5 : 0;
	if (!scheme)
		return span_of(NULL, 0);
	struct span rest = span_from(uri, scheme);
	uint32_t user = span_find(rest, '@', 0);
	if (user < rest.len)
		rest = span_from(rest, user + 1);
	return without_port(cut_at(rest, ";?> "));
}

// The URI of "Name" <sip:host>;parameters, or of sip:host;parameters. A name may have others, so it is the last one.
static struct span header_host(struct span value)
{
	uint32_t at = value.len;
	while (at && value.data[at - 1] != '<')
		at--;
	return uri_host(span_trim(span_from(value, at)));
}

// "SIP/2.0/UDP host:port;parameters": who sent it, by his own word.
static struct span via_host(struct span value)
{
	uint32_t blank = span_find(value, ' ', 0);
	return without_port(cut_at(span_trim(span_from(value, blank)), "; ,"));
}

// "IN IP4 192.0.2.1/127" of a description.
static void give_connection(struct reading *reading, struct span value)
{
	if (span_starts(value, "IN IP4 ") || span_starts(value, "IN IP6 "))
		named_give_host(reading, NAMED_SIP_MEDIA, cut_at(span_from(value, 7), "/ "));
}

bool named_read_sip(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct sip_message *message = sip_message_of(tx);
	struct span value;
	if (!(tx->direction_mask >> direction & 1))
		return true;
	if (!message->response)
		named_give_host(reading, NAMED_SIP_HOST, uri_host(message->uri));
	// An answer repeats these
	if (!message->response && sip_header(message, "from", 'f', 0, &value))
		named_give_host(reading, NAMED_SIP_HOST, header_host(value));
	if (!message->response && sip_header(message, "via", 'v', 0, &value))
		named_give_host(reading, NAMED_SIP_HOST, via_host(value));
	if (sip_header(message, "contact", 'm', 0, &value))
		named_give_host(reading, NAMED_SIP_HOST, header_host(value));
	if (sdp_session_line(message->sdp, 'c', 0, &value))
		give_connection(reading, value);
	for (unsigned i = 0; i < NAMED_MEDIA_MAX && sdp_media_line(message->sdp, 'c', i, &value); i++)
		give_connection(reading, value);
	return true;
}
