// SPDX-License-Identifier: GPL-3.0-or-later
// What requests of HTTP/1 and HTTP/2 name, and those to proxies.
#include <stdio.h>
#include <string.h>
#include "decoders/app/dns/dns_service.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/socks/socks.h"
#include "signatures/reputation/named_reading.h"

static void give_user_agent(struct reading *reading, struct span agent)
{
	if (agent.len)
		named_give(reading, INDICATOR_USER_AGENT, NAMED_HTTP_USER_AGENT,
			span_slice(agent, 0, INDICATOR_VALUE_MAX));
}

#define HOSTS_MAX   4 // of a request
#define SERVER_TEXT (ADDRESS_TEXT_SIZE + sizeof("[]:65535"))

// Who says no host means the one he is connected to: a list has it by its address.
static struct span server_of(const struct reading *reading, char text[SERVER_TEXT])
{
	const struct flow *flow = reading->inspection->flow;
	bool reversed = flow->flags & FLOW_REVERSED;
	char address[ADDRESS_TEXT_SIZE];
	const struct address *server = reversed ? &flow->key.src : &flow->key.dst;
	(void)address_format(server, true, address);
	int len = snprintf(text, SERVER_TEXT, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address,
		reversed ? flow->key.sport : flow->key.dport);
	return span_of(text, (uint32_t)len);
}

// method CONNECT names a host and port instead of a URL.
static void give_request(struct reading *reading, struct span method, struct span host, struct span target)
{
	struct named_reader *reader = reading->reader;
	bool connect = span_is(method, "CONNECT");
	if (!canonical_request(host, connect ? span_text("/") : target, reader->bytes, &reader->url))
		return;
	char server[SERVER_TEXT];
	bool said = reader->url.host.len != 0;
	if (!said && !connect)
		(void)canonical_request(server_of(reading, server), target, reader->bytes, &reader->url);
	struct canonical_url url = reader->url;
	if (!connect)
		named_give_url(reading, NAMED_HTTP_URL, &url);
	if (!said)
		return;
	enum named_place place = connect ? NAMED_HTTP_CONNECT : NAMED_HTTP_HOST;
	if (url.host_is_address)
		named_give_address(reading, place, &url.address, connect ? url.port : 0);
	else
		named_give(reading, INDICATOR_DOMAIN, place, url.host);
}

// Headers and a DNS message in the body are there at different times: bits of app_tx.named of their own.
#define HEADERS_READ(direction) ((uint8_t)(1u << (2 + (direction))))
#define MESSAGE_READ(direction) ((uint8_t)(1u << (4 + (direction))))
#define HOST_READ               ((uint8_t)(1u << 6)) // early

// HTTP/1 ---------------------------------------------------------------------------------------------------------------------------

// DNS over HTTP/1 (RFC 8484): answers of more records have the rest left out.
#define MESSAGE_RECORDS 1024
#define MESSAGE_BYTES   1024 // of a question in a URL

static bool carries_dns(const struct app_tx *tx, enum direction direction)
{
	struct span type;
	return http_header_find(tx, direction, "Content-Type", &type) &&
	       span_starts_nocase(type, "application/dns-message");
}

static bool asks_for_dns(const struct app_tx *tx)
{
	struct span accepted;
	return http_header_find(tx, TO_SERVER, "Accept", &accepted) &&
	       span_starts_nocase(accepted, "application/dns-message");
}

static void read_dns_bytes(struct reading *reading, struct span bytes, enum direction direction)
{
	struct dns_record records[MESSAGE_RECORDS];
	struct dns_message message;
	if (dns_message_parse_some(bytes, records, MESSAGE_RECORDS, &message) &&
		(direction == TO_CLIENT) == !!(message.flags & DNS_QR))
		named_read_message(reading, &message, direction == TO_CLIENT);
}

// False: the body goes on.
static bool read_http_message(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	uint8_t bytes[MESSAGE_BYTES];
	const struct http_body *body = &((const struct http_tx *)(const void *)tx)->body[direction];
	struct span method, target, text;
	if (carries_dns(tx, direction)) {
		if (tx->progress[direction] < HTTP_COMPLETE && !reading->inspection->flow_ended)
			return false;
		if (!body->offset && body->data.len)
			read_dns_bytes(reading, bytes_span(&body->data), direction);
	} else if (direction == TO_SERVER && http_part(tx, HTTP_PART_METHOD, &method) && span_is(method, "GET") &&
		   asks_for_dns(tx) && http_part(tx, HTTP_PART_URI_RAW, &target) && dns_query_find(target, &text)) {
		read_dns_bytes(reading, span_of(bytes, dns_query_decode(text, bytes, sizeof(bytes))), direction);
	}
	return true;
}

// Where an answer sends the client: of https all that is seen of a URL.
static void give_redirect(struct reading *reading, struct span location)
{
	if (span_starts(location, "//") || span_starts_nocase(location, "http://") ||
		span_starts_nocase(location, "https://"))
		named_give_link(reading, NAMED_HTTP_REDIRECT, location);
}

// An answer of HTTP/1 has no value of its own: it is told for what its headers and first bytes say.
static bool read_http_answer(struct reading *reading, struct app_tx *tx)
{
	const struct http_body *body = &((const struct http_tx *)(const void *)tx)->body[TO_CLIENT];
	bool enough = tx->progress[TO_CLIENT] >= HTTP_COMPLETE ||
		      (tx->progress[TO_CLIENT] >= HTTP_BODY && body->seen >= NAMED_BODY_BYTES);
	if (!enough && !reading->inspection->flow_ended)
		return false;
	if (tx->progress[TO_CLIENT] < HTTP_BODY) { // nothing came: what was asked for in vain is told all the same
		reading->named.unanswered = true;
		if (!http_request_unseen(tx))
			named_give(reading, INDICATOR_USER_AGENT, NAMED_HTTP_ANSWER, span_of(NULL, 0));
		reading->named.unanswered = false;
		return true;
	}
	if (named_once(tx, HEADERS_READ(TO_CLIENT))) {
		struct span location;
		named_give(reading, INDICATOR_USER_AGENT, NAMED_HTTP_ANSWER, span_of(NULL, 0));
		if (http_status(tx) / 100 == 3 && http_header_find(tx, TO_CLIENT, "Location", &location))
			give_redirect(reading, location);
	}
	return read_http_message(reading, tx, TO_CLIENT);
}

// Is whom the request is for known, though its headers may go on?
static bool is_host_there(const struct app_tx *tx)
{
	struct span host;
	return tx->progress[TO_SERVER] >= HTTP_HEADERS && http_part(tx, HTTP_PART_HOST_RAW, &host);
}

static void read_request(struct reading *reading, struct app_tx *tx)
{
	struct span host = { 0 }, target = { 0 }, method = { 0 };
	http_part(tx, HTTP_PART_METHOD, &method);
	if (!http_part(tx, HTTP_PART_URI_RAW, &target))
		target = span_text("/");
	bool connect = span_is(method, "CONNECT");
	if (connect || !http_header_find(tx, TO_SERVER, "Host", &host))
		(void)http_part(tx, HTTP_PART_HOST_RAW, &host);
	if (connect) {
		give_request(reading, method, target, target);
		return;
	}
	// Of several Host fields, here one with commas, who serves them takes one: each is looked up
	uint32_t at = 0;
	for (unsigned hosts = 0; hosts < HOSTS_MAX && (at < host.len || !hosts); hosts++) {
		uint32_t end = span_find(host, ',', at);
		give_request(reading, method, span_trim(span_slice(host, at, end - at)), target);
		at = end + 1;
	}
}

// CONNECT stays in its headers until it is answered, and a slow or cut request for ever.
static bool is_request_there(struct reading *reading, struct app_tx *tx)
{
	if (tx->progress[TO_SERVER] >= HTTP_BODY || reading->inspection->flow_ended)
		return true;
	if (!is_host_there(tx))
		return false;
	if (reading->inspection->packet->ts_ns > tx->first_ns + NAMED_HEADER_WAIT_NS)
		return true;
	if (reading->reader->early && named_once(tx, HOST_READ)) {
		reading->named.early = true;
		read_request(reading, tx);
		reading->named.early = false;
	}
	return false;
}

bool named_read_http(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	struct span agent;
	if (direction == TO_CLIENT)
		return read_http_answer(reading, tx);
	if (http_request_unseen(tx))
		return true;
	if (!(tx->named & HEADERS_READ(TO_SERVER))) {
		if (!is_request_there(reading, tx))
			return false;
		if (tx->progress[TO_SERVER] < HTTP_HEADERS)
			return true;
		tx->named |= HEADERS_READ(TO_SERVER);
		read_request(reading, tx);
		if (http_header_find(tx, TO_SERVER, "User-Agent", &agent))
			give_user_agent(reading, agent);
	}
	return read_http_message(reading, tx, TO_SERVER);
}

// HTTP/2 ---------------------------------------------------------------------------------------------------------------------------

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

bool named_read_http2(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct http2_tx *http2 = http2_tx_of(tx);
	const struct dns_message *message = http2_dns(http2, direction);
	struct span method, status, location;
	if (direction == TO_SERVER && http2_header_find(http2, TO_SERVER, ":method", &method) &&
		named_once(tx, HEADERS_READ(direction)))
		read_http2_headers(reading, http2);
	if (direction == TO_CLIENT && !(tx->named & HEADERS_READ(direction)) &&
		http2_header_find(http2, TO_CLIENT, ":status", &status) && named_once(tx, HEADERS_READ(direction)) &&
		span_starts(status, "3") && http2_header_find(http2, TO_CLIENT, "location", &location))
		give_redirect(reading, location);
	if (message && named_once(tx, MESSAGE_READ(direction)))
		named_read_message(reading, message, direction == TO_CLIENT);
	return reading->inspection->flow_ended || tx->progress[direction] >= HTTP2_CLOSED;
}

// Proxies --------------------------------------------------------------------------------------------------------------------------

// Whom a SOCKS proxy is asked for; what goes through it then is read as the protocol it is.
bool named_read_socks(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct fact_tx *facts = fact_tx_in(tx);
	if (direction == TO_CLIENT) { // its answer has no value of its own
		if (!fact_find(facts, SOCKS_STATUS, 0))
			return tx->progress[TO_CLIENT] || reading->inspection->flow_ended;
		named_give(reading, INDICATOR_USER_AGENT, NAMED_PROXY_ANSWER, span_of(NULL, 0));
		return true;
	}
	const struct fact *host = fact_find(facts, SOCKS_HOST, 0), *address = fact_find(facts, SOCKS_ADDRESS, 0);
	const struct fact *port = fact_find(facts, SOCKS_PORT, 0);
	if (host)
		named_give_host(reading, NAMED_PROXY_TARGET, span_of(host->bytes, host->len));
	if (address && (address->len == 4 || address->len == 16)) {
		struct address far = address->len == 4 ? address_v4(address->bytes) : address_v6(address->bytes);
		named_give_address(reading, NAMED_PROXY_TARGET, &far, port ? (uint16_t)port->number : 0);
	}
	return host || address || tx->progress[TO_SERVER] || reading->inspection->flow_ended;
}
