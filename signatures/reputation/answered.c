// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/answered.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/tls/tls.h"

#define PLACE(place) (UINT64_C(1) << (place))

bool answered_matters(enum named_place place)
{
	static const uint64_t places = PLACE(NAMED_HTTP_HOST) | PLACE(NAMED_HTTP_URL) | PLACE(NAMED_HTTP_CONNECT) |
				       PLACE(NAMED_HTTP_USER_AGENT) | PLACE(NAMED_TLS_SNI) | PLACE(NAMED_TLS_JA3) |
				       PLACE(NAMED_TLS_JA4) | PLACE(NAMED_QUIC_SNI) | PLACE(NAMED_QUIC_JA3) |
				       PLACE(NAMED_QUIC_JA4) | PLACE(NAMED_PROXY_TARGET);
	return places >> place & 1;
}

static enum answered yes_if(bool yes)
{
	return yes ? ANSWERED_YES : ANSWERED_REFUSED;
}

static enum answered yes_once(bool yes)
{
	return yes ? ANSWERED_YES : ANSWERED_NOT_YET;
}

static enum answered answered_http(const struct app_tx *tx)
{
	struct span method, target;
	int status = http_status(tx);
	if (tx->progress[TO_CLIENT] < HTTP_HEADERS)
		return ANSWERED_NOT_YET;
	if (http_part(tx, HTTP_PART_METHOD, &method) && span_is(method, "CONNECT"))
		return yes_if(status / 100 == 2);
	bool by_proxy = http_part(tx, HTTP_PART_URI_RAW, &target) && span_starts_nocase(target, "http://");
	return yes_if(!by_proxy || (status != 407 && status != 502 && status != 504));
}

static enum answered answered_http2(const struct app_tx *tx)
{
	const struct http2_tx *http2 = http2_tx_of(tx);
	struct span method, status;
	struct http2_header any;
	if (!http2_header_find(http2, TO_CLIENT, ":status", &status))
		return yes_once(http2->sides[TO_CLIENT].saw_data || http2_header_at(http2, TO_CLIENT, 0, &any));
	bool connect = http2_header_find(http2, TO_SERVER, ":method", &method) && span_is(method, "CONNECT");
	return yes_if(!connect || span_starts(status, "2"));
}

static enum answered answered_socks(const struct app_tx *tx)
{
	if (!fact_find(fact_tx_in(tx), SOCKS_STATUS, 0))
		return ANSWERED_NOT_YET;
	return yes_if(socks_granted(tx));
}

static const struct {
	const struct app_parser *parser;
	enum answered (*answered)(const struct app_tx *tx);
} protocols[] = {
	{ &http_parser, answered_http },
	{ &http2_parser, answered_http2 },
	{ &socks_parser, answered_socks },
};

enum answered answered_of(const struct flow *flow, const struct app_tx *tx)
{
	if (tx->tls) { // or carried in another protocol
		const struct tls_side *server = &tx->tls->side[TO_CLIENT];
		return yes_once(server->has_hello || server->sees_app_data);
	}
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].parser == flow->app.parser)
			return protocols[i].answered(tx);
	return ANSWERED_YES;
}

// RFC 9000 17.3: a short header has no first bit and the second one; who sends it has finished the handshake, or nearly.
bool answered_by_quic_client(const struct packet *packet)
{
	return packet->proto == PROTO_UDP && packet->direction == TO_SERVER && packet->payload.len &&
	       (packet->payload.data[0] & 0xc0) == 0x40;
}
