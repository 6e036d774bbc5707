// SPDX-License-Identifier: GPL-3.0-or-later
// The application layer: who claims a flow by what its two directions say, and what becomes of transactions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_layer_state.h"
#include "decoders/app/dcerpc/dcerpc.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/expect.h"
#include "decoders/app/http2/http2.h"
#include "decoders/stream/tcp_session.h"
#include "tests/support/decoders/smb_messages.h"

static struct slab *slab;
static struct app_layer *layer;
static struct app_config config = { .max_tx = 4, .max_tx_hard = 8, .file_window_bytes = 4096 };
static struct flow flow;
static bool midstream;

// These stand for the session's: the tests have none.
void tcp_session_summary(const struct flow *f, struct tcp_summary *out)
{
	(void)f;
	*out = (struct tcp_summary) { .midstream = midstream };
}

void tcp_session_app_at_once(struct flow *f, enum direction direction, bool on)
{
	(void)f, (void)direction, (void)on;
}

static int begin(void **state)
{
	(void)state;
	slab = slab_new(8 << 20);
	layer = app_layer_new(&config, slab);
	return layer ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	app_layer_close(layer, &flow, NULL, NULL);
	app_layer_free(layer);
	int left = slab_used_bytes(slab) ? -1 : 0;
	slab_destroy(slab);
	return left;
}

static void new_flow(uint8_t proto, uint16_t sport, uint16_t dport)
{
	app_layer_close(layer, &flow, NULL, NULL);
	memset(&flow, 0, sizeof(flow));
	flow.key.proto = proto;
	flow.key.sport = sport;
	flow.key.dport = dport;
	midstream = false;
	if (proto == PROTO_TCP)
		flow.tcp = (struct tcp_session *)(void *)&flow; // present; never looked into
}

static struct app_fed feed_bytes(enum direction direction, const void *bytes, size_t len)
{
	struct app_feed feed = { .direction = direction,
		.data = span_of(bytes, len),
		.datagram = flow.key.proto == PROTO_UDP,
		.now_ns = 1 };
	return app_layer_feed(layer, &flow, &feed);
}

static struct app_fed feed_text(enum direction direction, const char *text)
{
	return feed_bytes(direction, text, strlen(text));
}

static bool has_event(enum app_layer_event event)
{
	return flow.app.events & UINT64_C(1) << event;
}

static const uint8_t query[] = { 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l',
	'e', 0, 0, 1, 0, 1 };
static const uint8_t reply[] = { 0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p',
	'l', 'e', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1 };

static void dns_on_its_port(void **state)
{
	(void)state;
	new_flow(PROTO_UDP, 40000, 53);
	feed_bytes(TO_SERVER, query, sizeof(query));
	feed_bytes(TO_CLIENT, reply, sizeof(reply));
	assert_int_equal(flow.app.proto, APP_DNS);
	assert_int_equal(flow.app.tx_count, 2);
	assert_int_equal(flow.app.tx_first->direction_mask, 1);
	assert_int_equal(flow.app.tx_last->direction_mask, 2);
	assert_true(dns_tx_of(flow.app.tx_last)->response);
	assert_int_equal(app_layer_proto_counts(layer, false)[APP_DNS].txs, 2);
}

static void dns_on_any_port(void **state)
{
	(void)state;
	new_flow(PROTO_UDP, 40000, 4711);
	feed_bytes(TO_SERVER, query, sizeof(query));
	assert_int_equal(flow.app.proto, APP_DNS);
}

static void first_answer_swaps_roles(void **state)
{
	(void)state;
	new_flow(PROTO_UDP, 53, 40000);
	struct app_fed fed = feed_bytes(TO_SERVER, reply, sizeof(reply));
	assert_true(fed.swapped);
	flow.key.sport = 40000;
	flow.key.dport = 53;
	fed = feed_bytes(TO_CLIENT, reply, sizeof(reply));
	assert_false(fed.swapped);
	assert_int_equal(flow.app.proto, APP_DNS);
	assert_int_equal(flow.app.tx_count, 1);
	assert_true(dns_tx_of(flow.app.tx_first)->response);
}

static void junk_first_then_recognised(void **state)
{
	(void)state;
	new_flow(PROTO_UDP, 40000, 53);
	feed_text(TO_SERVER, "junk");
	assert_int_equal(flow.app.proto, APP_FAILED);
	feed_bytes(TO_CLIENT, reply, sizeof(reply));
	assert_int_equal(flow.app.proto, APP_DNS);
	assert_int_equal(flow.app.proto_dir[TO_SERVER], APP_FAILED);
	feed_bytes(TO_SERVER, query, sizeof(query));
	assert_int_equal(flow.app.tx_count, 2);
}

#define NICK "NICK somebody\r\n"

static void names_without_parser(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 2222);
	struct app_fed fed = feed_text(TO_SERVER, "N");
	assert_int_equal(fed.consumed, 0);
	assert_int_equal(flow.app.proto, APP_UNKNOWN);
	fed = feed_text(TO_SERVER, NICK);
	assert_int_equal(flow.app.proto, APP_IRC);
	assert_null(flow.app.parser);
	assert_int_equal(fed.consumed, strlen(NICK));
	fed = feed_text(TO_CLIENT, NICK);
	assert_true(fed.stop[TO_SERVER] && fed.stop[TO_CLIENT]);
	assert_false(has_event(APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS));
}

static void directions_that_differ(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 25);
	feed_text(TO_SERVER, "EHLO x\r\n");
	feed_text(TO_CLIENT, "SSH-2.0-y\r\n");
	assert_true(has_event(APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS));
	assert_int_equal(flow.app.proto, APP_SMTP);
	assert_int_equal(flow.app.proto_dir[TO_CLIENT], APP_SSH);
}

static void earlier_data_is_offered_first(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 9000);
	struct app_fed fed = feed_text(TO_CLIENT, "S");
	assert_int_equal(fed.consumed, 0);
	fed = feed_text(TO_SERVER, "EHLO x\r\n");
	assert_true(fed.retry);
	assert_int_equal(fed.consumed, 0);
	feed_text(TO_CLIENT, "S");
	fed = feed_text(TO_SERVER, "EHLO x\r\n");
	assert_int_equal(fed.consumed, 8);
}

static void one_direction_only(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 9000);
	feed_text(TO_SERVER, "SSH-2.0-x\r\n");
	feed_text(TO_CLIENT, "\x01\x01\x01 nothing anybody knows\r\n");
	assert_true(has_event(APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION));
	assert_int_equal(flow.app.proto, APP_SSH);
}

static void nobody_in_both_directions(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 9000);
	struct app_fed fed = feed_text(TO_SERVER,
		"\x01\x01\x01 nothing anybody knows, and long enough that there is no doubt about it any more\r\n");
	assert_int_equal(fed.consumed, 0);
	assert_int_equal(flow.app.proto, APP_UNKNOWN);
	fed = feed_text(TO_CLIENT, "\x01\x01\x01 nothing either\r\n");
	assert_int_equal(flow.app.proto, APP_FAILED);
	assert_true(fed.stop[TO_SERVER] && fed.stop[TO_CLIENT]);
}

static void silence_on_the_other_side(void **state)
{
	(void)state;
	static uint8_t much[120000];
	memset(much, 1, sizeof(much));
	new_flow(PROTO_TCP, 40000, 9000);
	assert_int_equal(feed_bytes(TO_SERVER, much, 50000).consumed, 0);
	assert_int_equal(flow.app.events, 0);
	feed_bytes(TO_SERVER, much, sizeof(much));
	assert_true(has_event(APPLAYER_PROTO_DETECTION_SKIPPED));
	assert_int_equal(flow.app.proto, APP_FAILED);
}

static void handshake_fixes_roles(void **state)
{
	(void)state;
	uint8_t stream[2 + sizeof(reply)] = { 0, sizeof(reply) };
	memcpy(stream + 2, reply, sizeof(reply));
	new_flow(PROTO_TCP, 53, 40000);
	assert_false(feed_bytes(TO_SERVER, stream, sizeof(stream)).swapped);
	new_flow(PROTO_TCP, 53, 40000);
	midstream = true;
	assert_true(feed_bytes(TO_SERVER, stream, sizeof(stream)).swapped);
	struct app_fed fed = feed_bytes(TO_CLIENT, stream, sizeof(stream));
	assert_int_equal(fed.consumed, sizeof(stream));
	assert_int_equal(flow.app.tx_count, 1);
}

static void dns_stream_in_pieces(void **state)
{
	(void)state;
	uint8_t stream[2 * (2 + sizeof(query))];
	for (int i = 0; i < 2; i++) {
		uint8_t *at = stream + (size_t)i * sizeof(stream) / 2;
		at[0] = 0;
		at[1] = sizeof(query);
		memcpy(at + 2, query, sizeof(query));
	}
	new_flow(PROTO_TCP, 40000, 53);
	uint32_t done = 0;
	for (uint32_t have = 1; have <= sizeof(stream); have++)
		done += feed_bytes(TO_SERVER, stream + done, have - done).consumed;
	assert_int_equal(done, sizeof(stream));
	assert_int_equal(flow.app.tx_count, 2);
}

static void gap_then_next_message(void **state)
{
	(void)state;
	uint8_t stream[2 + sizeof(query)] = { 0, sizeof(query) };
	memcpy(stream + 2, query, sizeof(query));
	new_flow(PROTO_TCP, 40000, 53);
	feed_bytes(TO_SERVER, stream, sizeof(stream));
	struct app_feed feed = {
		.direction = TO_SERVER, .data = span_text("\xff\xff no length of anything"), .gap_bytes = 99
	};
	app_layer_feed(layer, &flow, &feed);
	assert_int_equal(flow.app.tx_count, 1);
	feed_bytes(TO_SERVER, stream, sizeof(stream));
	assert_int_equal(flow.app.tx_count, 2);
	assert_false(flow.app.flags & APP_PARSER_ERROR);
}

static unsigned released_count;

static void count_released(void *context, struct flow *f, struct app_tx *tx)
{
	(void)context, (void)f, (void)tx;
	released_count++;
}

static void transactions_go_when_seen(void **state)
{
	(void)state;
	new_flow(PROTO_UDP, 40000, 53);
	released_count = 0;
	feed_bytes(TO_SERVER, query, sizeof(query));
	feed_bytes(TO_SERVER, query, sizeof(query));
	app_layer_tx_clean(layer, &flow, count_released, NULL);
	assert_int_equal(released_count, 0);
	flow.app.tx_first->logged = flow.app.tx_first->inspected[TO_SERVER] = true;
	app_layer_tx_clean(layer, &flow, count_released, NULL);
	assert_int_equal(released_count, 1);
	assert_int_equal(flow.app.tx_first->id, 1);
	assert_ptr_equal(flow.app.tx_first, flow.app.tx_last);
	for (int i = 0; i < 20; i++)
		feed_bytes(TO_SERVER, query, sizeof(query));
	assert_int_equal(flow.app.tx_live, config.max_tx_hard);
	assert_int_equal(app_layer_counters(layer)[APP_COUNT_TX_BUDGET], 13);
	app_layer_tx_clean(layer, &flow, count_released, NULL);
	assert_int_equal(flow.app.tx_live, config.max_tx);
}

static void a_tunnel_starts_anew(void **state)
{
	(void)state;
	new_flow(PROTO_TCP, 40000, 8080);
	released_count = 0;
	feed_text(TO_SERVER, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(flow.app.proto, APP_HTTP1);
	feed_text(TO_CLIENT, "HTTP/1.1 200 OK\r\n\r\n");
	feed_text(TO_CLIENT, "HTTP/1.1 200 OK\r\n\r\n");
	assert_true(flow.app.flags & APP_CHANGING);
	// Nothing more is taken while the old transaction lives
	assert_int_equal(feed_bytes(TO_SERVER, "\x16\x03\x01\0\x05\x01\0\0\x01\0", 10).consumed, 0);
	app_layer_tx_clean(layer, &flow, count_released, NULL);
	assert_int_equal(released_count, 1);
	struct app_fed fed = feed_text(TO_SERVER, "\r\n\x16\x03");
	assert_int_equal(fed.consumed, 2);
	assert_true(fed.retry);
	feed_bytes(TO_SERVER, "\x16\x03\x01\0\x05\x01\0\0\x01\0", 10);
	assert_int_equal(flow.app.proto, APP_TLS);
	assert_int_equal(flow.app.proto_original, APP_HTTP1);
	assert_true(flow.app.flags & APP_CHANGED);
}

static void put_rts(struct wire *w)
{
	uint32_t start = rpc_open(w, DCERPC_RTS, 3, 0);
	put_le(w, 0, 4); // no flags, no commands
	rpc_close(w, start);
}

static void calls_over_http_are_calls(void **state)
{
	(void)state;
	struct wire w = { 0 };
	new_flow(PROTO_TCP, 40000, 80);
	feed_text(
		TO_SERVER, "RPC_IN_DATA /rpc/rpcproxy.dll?host:6001 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
	feed_text(TO_CLIENT, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
	assert_false(flow.app.flags & APP_CHANGING);
	feed_text(TO_SERVER,
		"RPC_IN_DATA /rpc/rpcproxy.dll?host:6001 HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
	assert_true(flow.app.flags & APP_CHANGING);
	app_layer_tx_clean(layer, &flow, NULL, NULL);
	put_rts(&w);
	feed_bytes(TO_SERVER, w.data, w.len);
	assert_int_equal(flow.app.proto, APP_DCERPC);
	assert_int_equal(flow.app.proto_original, APP_HTTP1);
	put_rts(&w);
	rpc_bind(&w, 1, 0);
	rpc_request(&w, 2, 3, 0, 7, "x");
	feed_bytes(TO_SERVER, w.data, w.len);
	const struct dcerpc_tx *call = dcerpc_tx_of(flow.app.tx_last);
	assert_int_equal(call->call.opnum, 7);
	assert_true(call->call.has_interface);
	assert_int_equal(flow.app.tx_count, 2);    // the channel's own messages are none
	assert_true(call->tx.progress[TO_CLIENT]); // nothing waits for what another flow brings
	feed_text(TO_CLIENT, "HTTP/1.1 200 OK\r\n\r\n");
	assert_int_equal(flow.app.events, 0);
}

static void answers_over_http_are_answers(void **state)
{
	(void)state;
	struct wire w = { 0 };
	new_flow(PROTO_TCP, 40000, 80);
	feed_text(TO_SERVER,
		"RPC_OUT_DATA /rpc/rpcproxy.dll?host:6001 HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n");
	put_rts(&w);
	feed_bytes(TO_SERVER, w.data, w.len);
	feed_text(TO_CLIENT, "HTTP/1.1 200 Success\r\nContent-Length: 1073741824\r\n\r\n");
	assert_true(flow.app.flags & APP_CHANGING);
	app_layer_tx_clean(layer, &flow, NULL, NULL);
	rpc_bound(&w, 1, 0);
	rpc_response(&w, 2, 3, "y");
	feed_bytes(TO_CLIENT, w.data, w.len);
	assert_int_equal(flow.app.proto, APP_DCERPC);
	assert_int_equal(flow.app.tx_count, 2);
	assert_int_equal(dcerpc_tx_of(flow.app.tx_last)->call.response, DCERPC_RESPONSE);
}

static void a_server_that_greets_with_ncacn_http(void **state)
{
	(void)state;
	struct wire w = { 0 };
	new_flow(PROTO_TCP, 40000, 593);
	feed_text(TO_CLIENT, "ncacn_http");
	feed_text(TO_CLIENT, "ncacn_http/1.0");
	assert_int_equal(flow.app.proto, APP_DCERPC);
	rpc_bind(&w, 1, 0);
	feed_bytes(TO_SERVER, w.data, w.len);
	assert_int_equal(flow.app.tx_count, 1);
	assert_false(flow.app.flags & APP_PARSER_ERROR);
}

// Both streams as the pipeline feeds them: what is not taken is shown again, old transactions go when the protocol changes.
static struct {
	uint8_t bytes[2048];
	size_t len;
} held[2];

static void say_bytes(enum direction direction, const void *bytes, size_t len)
{
	assert_true(held[direction].len + len <= sizeof(held[direction].bytes));
	memcpy(held[direction].bytes + held[direction].len, bytes, len);
	held[direction].len += len;
	for (unsigned rounds = 0; rounds < 16; rounds++) {
		if (flow.app.flags & APP_CHANGING)
			app_layer_tx_clean(layer, &flow, NULL, NULL);
		for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
			if (!held[d].len)
				continue;
			struct app_fed fed = feed_bytes((enum direction)d, held[d].bytes, held[d].len);
			held[d].len -= fed.consumed;
			memmove(held[d].bytes, held[d].bytes + fed.consumed, held[d].len);
		}
	}
}

static void say(enum direction direction, const char *text)
{
	say_bytes(direction, text, strlen(text));
}

static void new_talk(uint16_t port)
{
	new_flow(PROTO_TCP, 40000, port);
	held[0].len = held[1].len = 0;
}

// What a CONNECT opened is read as what its first bytes say.
static void connect_to(const char *port)
{
	char request[64];
	new_talk(3128);
	snprintf(request, sizeof(request), "CONNECT a:%s HTTP/1.1\r\nHost: a\r\n\r\n", port);
	say(TO_SERVER, request);
	say(TO_CLIENT, "HTTP/1.1 200 OK\r\n\r\n");
}

static void a_tunnel_carries_anything(void **state)
{
	(void)state;
	connect_to("22");
	say(TO_CLIENT, "SSH-2.0-server\r\n");
	say(TO_SERVER, "SSH-2.0-client\r\n");
	assert_int_equal(flow.app.proto, APP_SSH);
	assert_int_equal(flow.app.proto_original, APP_HTTP1);
	connect_to("80");
	say(TO_SERVER, "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
	assert_int_equal(flow.app.proto, APP_HTTP1);
	assert_int_equal(flow.app.tx_count, 1);
	connect_to("25");
	say(TO_CLIENT, "220 mail ESMTP\r\n");
	say(TO_SERVER, "EHLO c\r\n");
	assert_int_equal(flow.app.proto, APP_SMTP);
	assert_false(has_event(APPLAYER_UNEXPECTED_PROTOCOL));
}

// RFC 7540 section 3.2: the request of HTTP/1 is answered on stream 1.
static void an_upgrade_repeats_the_request(void **state)
{
	(void)state;
	new_talk(8080);
	say(TO_SERVER, "GET /a HTTP/1.1\r\nHost: b\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
		       "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
	say(TO_CLIENT, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
	static const uint8_t server[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0, // SETTINGS
		0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88 };                   // stream 1: 200, and its end
	say_bytes(TO_CLIENT, server, sizeof(server));
	assert_int_equal(flow.app.proto, APP_HTTP2);
	const struct http2_tx *tx = NULL;
	unsigned settings = 0;
	struct http2_setting setting;
	for (struct app_tx *at = flow.app.tx_first; at; at = at->next) {
		if (http2_tx_of(at)->stream == 1)
			tx = http2_tx_of(at);
		else if (http2_setting_at(http2_tx_of(at), TO_SERVER, 1, &setting))
			settings += setting.id == 4 && setting.value == 65535;
	}
	struct span value;
	assert_non_null(tx);
	assert_true(http2_header_find(tx, TO_SERVER, ":method", &value) && span_is(value, "GET"));
	assert_true(http2_header_find(tx, TO_SERVER, ":path", &value) && span_is(value, "/a"));
	assert_true(http2_host(tx, &value) && span_is(value, "b"));
	assert_true(http2_header_find(tx, TO_CLIENT, ":status", &value) && span_is(value, "200"));
	assert_true(app_tx_done(&http2_parser, &tx->tx));
	assert_int_equal(settings, 1);
	assert_null(flow.app.handover);
	// A handover nobody reads goes with its flow
	new_talk(8080);
	say(TO_SERVER, "GET /a HTTP/1.1\r\nHost: b\r\nUpgrade: h2c\r\n\r\n");
	say(TO_CLIENT, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
	assert_non_null(flow.app.handover);
}

// A client that was granted TLS and goes on in clear text lies, or somebody does for it.
static void no_tls_after_starttls(void **state)
{
	static const struct {
		uint16_t port;
		const char *server[3], *client[2];
	} talks[] = {
		{ 25, { "220 mail ESMTP\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n" },
			{ "EHLO c\r\n", "STARTTLS\r\n" } },
		{ 110, { "+OK hello\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK go\r\n" }, { "CAPA\r\n", "STLS\r\n" } },
		{ 143, { "* OK hello\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK\r\n", "b OK go\r\n" },
			{ "a CAPABILITY\r\n", "b STARTTLS\r\n" } },
		{ 21, { "220 ftp\r\n", "331 more\r\n", "234 go\r\n" }, { "USER a\r\n", "AUTH TLS\r\n" } },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		for (int lies = 0; lies < 2; lies++) {
			new_talk(talks[i].port);
			say(TO_CLIENT, talks[i].server[0]);
			for (unsigned n = 0; n < 2; n++) {
				say(TO_SERVER, talks[i].client[n]);
				say(TO_CLIENT, talks[i].server[n + 1]);
			}
			assert_int_equal(flow.app.proto_expected, APP_TLS);
			if (lies) {
				say(TO_SERVER, "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
				assert_true(has_event(APPLAYER_NO_TLS_AFTER_STARTTLS));
			} else {
				say_bytes(TO_SERVER, "\x16\x03\x01\0\x05\x01\0\0\x01\0", 10);
				assert_int_equal(flow.app.proto, APP_TLS);
				assert_false(has_event(APPLAYER_NO_TLS_AFTER_STARTTLS));
			}
		}
	}
}

// RFC 1002 section 4.3: who calls whom comes first on port 139, and SMB in the same session.
static void smb_behind_a_netbios_session_request(void **state)
{
	(void)state;
	new_talk(139);
	uint8_t request[72] = { 0x81, 0, 0, 68 };
	for (unsigned name = 0; name < 2; name++) {
		uint8_t *at = request + 4 + 34 * name;
		at[0] = 32;
		for (unsigned i = 1; i <= 32; i += 2)
			at[i] = at[i + 1] = 'C' + (i == 31);
	}
	say_bytes(TO_SERVER, request, sizeof(request));
	say_bytes(TO_CLIENT, "\x82\0\0\0", 4);
	static const uint8_t negotiate[] = { 0, 0, 0, 47, 0xff, 'S', 'M', 'B', 0x72, 0, 0, 0, 0, 0x18, 1, 0x28, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 2, 'N', 'T', ' ', 'L', 'M', ' ', '0', '.',
		'1', '2', 0 };
	say_bytes(TO_SERVER, negotiate, sizeof(negotiate));
	assert_int_equal(flow.app.proto, APP_SMB);
	assert_true(flow.app.tx_count > 0);
	assert_int_equal(flow.app.events, 0);
}

static void switched_off(void **state)
{
	(void)state;
	static struct option_pair pairs[] = { { (char *)"dns.enabled", (char *)"no" } };
	app_layer_close(layer, &flow, NULL, NULL);
	app_layer_free(layer);
	struct app_config off = config;
	off.protocols = (struct option_map) { pairs, 1 };
	layer = app_layer_new(&off, slab);
	new_flow(PROTO_UDP, 40000, 53);
	feed_bytes(TO_SERVER, query, sizeof(query));
	assert_int_equal(flow.app.proto, APP_FAILED);
}

static void ports_from_config(void **state)
{
	(void)state;
	static struct option_pair pairs[] = { { (char *)"dnp3.detection-ports.dp", (char *)"[20001, 30000-30010]" } };
	app_layer_close(layer, &flow, NULL, NULL);
	app_layer_free(layer);
	struct app_config moved = config;
	moved.protocols = (struct option_map) { pairs, 1 };
	layer = app_layer_new(&moved, slab);
	const uint16_t ports[] = { 20000, 20001, 30005 };
	const uint8_t expected[] = { APP_UNKNOWN, APP_DNP3, APP_DNP3 };
	for (unsigned i = 0; i < 3; i++) {
		new_flow(PROTO_TCP, 40000, ports[i]);
		feed_text(TO_SERVER, "\x05\x64\x05\xc0\x01\x01\x01\x01");
		assert_int_equal(flow.app.proto, expected[i]);
	}
}

static void announced_unless_its_bytes_cannot_be(void **state)
{
	(void)state;
	struct app_expectation announced = {
		.port = 49667, .ip_proto = PROTO_TCP, .app = APP_DCERPC, .lasting = true, .ends_ns = 10, .parent_id = 3
	};
	app_expect_add(layer->parts.expect, &announced);
	new_flow(PROTO_TCP, 40000, 49667);
	feed_text(TO_SERVER, "\x05");
	assert_int_equal(flow.app.proto, APP_DCERPC);
	assert_int_equal(flow.parent_id, 3);
	new_flow(PROTO_TCP, 40000, 49667);
	feed_text(TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(flow.app.proto, APP_HTTP1);
	assert_true(has_event(APPLAYER_UNEXPECTED_PROTOCOL));
}

static void announce_file(uint8_t speakers)
{
	struct app_expectation announced = {
		.port = 5000, .ip_proto = PROTO_TCP, .app = APP_FTP_DATA, .speakers = speakers, .ends_ns = 10
	};
	app_expect_add(layer->parts.expect, &announced);
	new_flow(PROTO_TCP, 40000, 5000);
}

// On a port nobody knows: what is no file, and what the wrong end sends, is found as ever.
static void a_file_is_announced_and_something_else_comes(void **state)
{
	static const char hello[] = "\x16\x03\x01\x00\x41\x01\x00\x00\x3d\x03\x03"
				    "11111111111111111111111111111111"
				    "\x00\x00\x02\xc0\x2f\x01\x00\x00\x12\x00\x00\x00\x0e\x00\x0c\x00\x00\x09"
				    "evil.test";
	(void)state;
	announce_file(0);
	feed_bytes(TO_SERVER, hello, sizeof(hello) - 1);
	assert_int_equal(flow.app.proto, APP_TLS);
	assert_true(has_event(APPLAYER_UNEXPECTED_PROTOCOL));
	announce_file(0);
	feed_bytes(TO_SERVER, hello, 1); // a byte says nothing
	assert_int_equal(flow.app.proto, APP_UNKNOWN);
	announce_file(0);
	feed_text(TO_CLIENT, "SSH-2.0-x\r\n");
	assert_int_equal(flow.app.proto, APP_SSH);
	announce_file(1 << TO_CLIENT); // a download
	feed_text(TO_SERVER, "EHLO somebody\r\n");
	assert_int_not_equal(flow.app.proto, APP_FTP_DATA);
	announce_file(1 << TO_CLIENT);
	feed_text(TO_CLIENT, "any bytes at all");
	assert_int_equal(flow.app.proto, APP_FTP_DATA);
	assert_int_equal(flow.app.events, 0);
}

static struct app_expectation announced_by(uint8_t owner, uint16_t port)
{
	struct app_expectation what = { .port = port, .ip_proto = PROTO_TCP, .app = APP_FTP_DATA, .ends_ns = 10 };
	what.owner.bytes[15] = owner;
	return what;
}

// Who announces without end pushes out nothing but its own.
static void announcements_have_a_share(void **state)
{
	struct app_expect *expect = layer->parts.expect;
	struct app_expectation what = announced_by(1, 100), out;
	struct flow_key key = { .proto = PROTO_TCP, .dport = 100 };
	(void)state;
	app_expect_add(expect, &what);
	for (unsigned i = 0; i < 3 * APP_EXPECT_MAX; i++) {
		what = announced_by(2, (uint16_t)(1000 + i));
		app_expect_add(expect, &what);
	}
	assert_int_equal(app_expect_counter(expect, APP_EXPECT_OVER_SHARE), 3 * APP_EXPECT_MAX - APP_EXPECT_SHARE);
	assert_int_equal(app_expect_counter(expect, APP_EXPECT_EVICTED), 0);
	assert_true(app_expect_take(expect, &key, 1, &out));
	assert_int_equal(out.owner.bytes[15], 1);
	assert_false(app_expect_take(expect, &key, 1, &out));
	key.dport = 1000 + 3 * APP_EXPECT_MAX - APP_EXPECT_SHARE -
		    1; // the newest that gave way, then the oldest that is there
	assert_null(app_expect_peek(expect, &key, 1));
	key.dport++;
	assert_non_null(app_expect_peek(expect, &key, 1));
	assert_null(app_expect_peek(expect, &key, 11)); // its time is over
	// Many owners fill the table: the oldest of all gives way
	for (unsigned i = 0; i < 2 * APP_EXPECT_MAX; i++) {
		what = announced_by((uint8_t)i, (uint16_t)(10000 + i));
		what.owner.bytes[14] = (uint8_t)(i >> 8);
		app_expect_add(expect, &what);
	}
	assert_true(app_expect_counter(expect, APP_EXPECT_EVICTED) > 0);
	key.dport = 10000 + 2 * APP_EXPECT_MAX - 1;
	assert_true(app_expect_take(expect, &key, 1, &out));
}

// FTP's data connections may be anything: who names port 443 hides no TLS by it.
static void announced_data_does_not_hide_the_ports_own_protocol(void **state)
{
	(void)state;
	struct app_expectation announced = {
		.port = 443, .ip_proto = PROTO_TCP, .app = APP_FTP_DATA, .ends_ns = 10, .parent_id = 3
	};
	const uint8_t hello[] = { 0x16, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3 };
	app_expect_add(layer->parts.expect, &announced);
	new_flow(PROTO_TCP, 40000, 443);
	feed_bytes(TO_SERVER, hello, sizeof(hello));
	assert_int_equal(flow.app.proto, APP_TLS);
	assert_int_equal(flow.parent_id, 3);
	assert_true(has_event(APPLAYER_UNEXPECTED_PROTOCOL));
	app_expect_add(layer->parts.expect, &announced);
	new_flow(PROTO_TCP, 40000, 443);
	feed_text(TO_CLIENT, "drwxr-xr-x 2 a b 4096 Nov 22 04:00 c\r\n");
	assert_int_equal(flow.app.proto, APP_FTP_DATA);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dns_on_its_port),
		TEST(dns_on_any_port),
		TEST(first_answer_swaps_roles),
		TEST(junk_first_then_recognised),
		TEST(names_without_parser),
		TEST(directions_that_differ),
		TEST(earlier_data_is_offered_first),
		TEST(one_direction_only),
		TEST(nobody_in_both_directions),
		TEST(silence_on_the_other_side),
		TEST(handshake_fixes_roles),
		TEST(dns_stream_in_pieces),
		TEST(gap_then_next_message),
		TEST(transactions_go_when_seen),
		TEST(a_tunnel_starts_anew),
		TEST(a_tunnel_carries_anything),
		TEST(an_upgrade_repeats_the_request),
		TEST(no_tls_after_starttls),
		TEST(smb_behind_a_netbios_session_request),
		TEST(announced_unless_its_bytes_cannot_be),
		TEST(a_file_is_announced_and_something_else_comes),
		TEST(announcements_have_a_share),
		TEST(announced_data_does_not_hide_the_ports_own_protocol),
		TEST(calls_over_http_are_calls),
		TEST(answers_over_http_are_answers),
		TEST(a_server_that_greets_with_ncacn_http),
		TEST(switched_off),
		TEST(ports_from_config),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
