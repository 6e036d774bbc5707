// SPDX-License-Identifier: GPL-3.0-or-later
// Class: type confusion on a change of protocol in a flow. State or transactions of the old protocol are read as the new one's: after CONNECT, an upgrade,
// STARTTLS, or because the other direction still has bytes of the old one, or bytes were lost just there (HTTP/2 of the field, 2026).
//
// Every change is made, in the order a client and a server would, and by a client that lies; then comes, in either direction, what should not: the old
// protocol, a third one, a gap, all of it while the old transactions are still there. The flow's parser, its transactions and its name must
// always be of one protocol, and all memory comes back by the right size. tests/replay/switch does the same with rules and events.
#include <string.h>
#include "tests/support/decoders/history.h"

#define C "c"
#define S "s"
#define HELLO                                                                                                         \
	"#16 0301 002d 01 000029 0303 0000000000000000000000000000000000000000000000000000000000000000 00 0002 1301 " \
	"01 00"
#define SERVER_HELLO \
	"#16 0303 002a 02 000026 0303 0000000000000000000000000000000000000000000000000000000000000000 00 1301 00"
#define SMB2_NEGOTIATE                                                                                         \
	"#00000044 fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 0000000000000000 " \
	"0000000000000000 "                                                                                    \
	"00000000000000000000000000000000 0400 0000"

// One change: what both say before it ("#": in hex), and what comes then.
static const struct change {
	const char *what;
	uint16_t port;
	enum app_proto before, after;
	const char *said[16]; // who, what
	const char *then;     // the new protocol's first bytes
	const char *then_who;
} changes[] = {
	{ "HTTP CONNECT to TLS", 8080, APP_HTTP1, APP_TLS,
		{ C, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", S, "HTTP/1.1 200 OK\r\n\r\n" }, HELLO, C },
	{ "HTTP CONNECT to SSH, the server first", 8080, APP_HTTP1, APP_SSH,
		{ C, "CONNECT a:22 HTTP/1.1\r\nHost: a\r\n\r\n", S, "HTTP/1.1 200 OK\r\n\r\n" }, "SSH-2.0-a\r\n", S },
	{ "HTTP CONNECT to HTTP", 8080, APP_HTTP1, APP_HTTP1,
		{ C, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", S, "HTTP/1.1 200 OK\r\n\r\n" },
		"GET / HTTP/1.1\r\nHost: b\r\n\r\n", C },
	{ "HTTP to WebSocket", 80, APP_HTTP1, APP_WEBSOCKET,
		{ C, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", S,
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
		"#81 05 48656c6c6f", S },
	{ "HTTP to HTTP/2", 80, APP_HTTP1, APP_HTTP2,
		{ C,
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
			"h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
			S, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" },
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", C },
	{ "SMTP STARTTLS", 25, APP_SMTP, APP_TLS,
		{ S, "220 a ESMTP\r\n", C, "EHLO a\r\n", S, "250-a\r\n250 STARTTLS\r\n", C, "STARTTLS\r\n", S,
			"220 go\r\n" },
		HELLO, C },
	{ "POP3 STLS", 110, APP_POP3, APP_TLS,
		{ S, "+OK a\r\n", C, "CAPA\r\n", S, "+OK\r\nSTLS\r\n.\r\n", C, "STLS\r\n", S, "+OK go\r\n" }, HELLO,
		C },
	{ "IMAP STARTTLS", 143, APP_IMAP, APP_TLS,
		{ S, "* OK IMAP4rev1 a\r\n", C, "a1 CAPABILITY\r\n", S,
			"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK x\r\n", C, "a2 STARTTLS\r\n", S, "a2 OK go\r\n" },
		HELLO, C },
	{ "FTP AUTH TLS", 21, APP_FTP, APP_TLS, { S, "220 a FTP\r\n", C, "AUTH TLS\r\n", S, "234 go\r\n" }, HELLO, C },
	{ "LDAP StartTLS", 389, APP_LDAP, APP_TLS,
		{ C, "#30 1d 020101 77 18 8016 312e332e362e312e342e312e313436362e3230303337", S,
			"#30 0c 020101 78 07 0a0100 0400 0400" },
		HELLO, C },
	{ "PostgreSQL SSLRequest", 5432, APP_PGSQL, APP_TLS, { C, "#00000008 04d2162f", S, "S" }, HELLO, C },
	{ "MySQL SSL", 3306, APP_MYSQL, APP_TLS,
		{ S,
			"#49000000 0a 382e302e3300 01000000 0102030405060708 00 ffff 08 0200 ffcf 15 "
			"00000000000000000000 0102030405060708090a0b0c00 6d7973716c5f6e61746976655f70617373776f726400",
			C, "#20000001 05aeff01 00000001 08 0000000000000000000000000000000000000000000000" },
		HELLO, C },
	{ "SOCKS 5 to HTTP", 1080, APP_SOCKS, APP_HTTP1,
		{ C, "#05 01 00", S, "#05 00", C, "#05 01 00 01 7f000001 0050", S, "#05 00 00 01 7f000001 0050" },
		"GET / HTTP/1.1\r\nHost: b\r\n\r\n", C },
	{ "SOCKS 4 to TLS", 1080, APP_SOCKS, APP_TLS, { C, "#04 01 01bb 7f000001 61 00", S, "#00 5a 0000 00000000" },
		HELLO, C },
};

static struct slab *slab;
static struct app_layer *layer;
static struct flow flow;
static struct side {
	uint8_t bytes[64 * KIB];
	uint32_t len, taken;
	uint64_t offset;
	uint32_t gap;
	bool end, stopped;
} sides[2];
static const struct app_config config = {
	.frame_protos = UINT64_MAX, .max_tx = 16, .max_tx_hard = 32, .file_window_bytes = 64 * KIB, .hash_sha256 = true
};
static const char *now; // of the table, for messages

// The flow is of one protocol, and its list of transactions is whole.
static void check(void)
{
	const struct app_flow *a = &flow.app;
	bool same =
		!a->parser || a->parser->proto == a->proto || (a->proto == APP_DOH2 && a->parser->proto == APP_HTTP2);
	unsigned count = 0;
	const struct app_tx *last = NULL;
	for (const struct app_tx *tx = a->tx_first; tx; tx = tx->next, count++) {
		last = tx;
		if (tx->id >= a->tx_count)
			fail_msg("%s: a transaction of another time", now);
	}
	if (!same || count != a->tx_live || last != a->tx_last || (count && !a->parser) || (!a->parser && a->state))
		fail_msg("%s: two protocols in one flow", now);
}

static void clean(void)
{
	for (struct app_tx *tx = flow.app.tx_first; tx; tx = tx->next)
		tx->logged = tx->inspected[0] = tx->inspected[1] = true;
	app_layer_tx_clean(layer, &flow, NULL, NULL);
	check();
}

// True: the other side may go on now.
static bool feed_side(int d)
{
	for (int i = 0; i < 64; i++) {
		struct side *s = &sides[d];
		struct app_feed feed = { .direction = (enum direction)d,
			.data = { s->bytes + s->taken, s->len - s->taken },
			.offset = s->offset,
			.gap_bytes = s->gap,
			.end = s->end,
			.now_ns = 1 };
		if (s->stopped || (!feed.data.len && !feed.end))
			return false;
		struct app_fed fed = app_layer_feed(layer, &flow, &feed);
		assert_true(fed.consumed <= feed.data.len);
		check();
		if (fed.swapped)
			return false;
		s->gap = 0;
		s->taken += fed.consumed;
		s->offset += fed.consumed;
		sides[0].stopped |= fed.stop[0];
		sides[1].stopped |= fed.stop[1];
		if (fed.retry)
			return true;
		if (!fed.consumed)
			return false;
	}
	return false;
}

static void feed_both(void)
{
	bool again = true;
	for (int rounds = 0; again && rounds < 8; rounds++)
		again = (int)feed_side(TO_SERVER) | (int)feed_side(TO_CLIENT);
}

static void send(enum direction direction, const void *bytes, size_t len, bool cleaned)
{
	struct side *s = &sides[direction];
	if (s->len + len > sizeof(s->bytes))
		return;
	memcpy(s->bytes + s->len, bytes, len);
	s->len += (uint32_t)len;
	feed_both();
	if (!cleaned)
		return;
	clean();
	feed_both();
	clean();
}

static void say(const char *who, const char *what, bool cleaned)
{
	uint8_t bytes[512];
	size_t len = strlen(what);
	if (*what == '#') {
		len = 0;
		for (unsigned value; *++what;)
			if (*what != ' ' && sscanf(what, "%2x", &value) == 1) {
				bytes[len++] = (uint8_t)value;
				what++;
			}
	} else {
		memcpy(bytes, what, len);
	}
	send(who[0] == 's' ? TO_CLIENT : TO_SERVER, bytes, len, cleaned);
}

static void lose(enum direction direction)
{
	struct side *s = &sides[direction];
	s->offset += s->len - s->taken + 100;
	s->gap = s->len - s->taken + 100;
	s->taken = s->len;
}

static void begin(const struct change *change, bool cleaned)
{
	now = change->what;
	memset(&flow, 0, sizeof(flow));
	memset(sides, 0, sizeof(sides));
	flow.key = (struct flow_key) { .proto = PROTO_TCP, .sport = 40000, .dport = change->port };
	for (unsigned i = 0; change->said[i]; i += 2)
		say(change->said[i], change->said[i + 1], cleaned);
}

static void end(void)
{
	static size_t used;
	sides[0].end = sides[1].end = true;
	feed_both();
	app_layer_close(layer, &flow, NULL, NULL);
	check();
	// Pools may keep something for the next flow, but not more and more
	if (used && slab_used_bytes(slab) > used + MIB)
		fail_msg("%s: memory is not given back", now);
	used = used ? used : slab_used_bytes(slab);
}

#define EACH_CHANGE(it) (const struct change *it = changes; (it) < changes + sizeof(changes) / sizeof(*changes); (it)++)

static void every_change_is_followed(void **state)
{
	(void)state;
	for
		EACH_CHANGE(change)
		{
			begin(change, true);
			if (!(flow.app.flags & (APP_CHANGING | APP_CHANGED)))
				fail_msg("%s: no change", change->what);
			say(change->then_who, change->then, true);
			if (flow.app.proto != change->after || flow.app.proto_original != change->before)
				fail_msg("%s: %s, %s before", change->what,
					app_proto_name((enum app_proto)flow.app.proto),
					app_proto_name((enum app_proto)flow.app.proto_original));
			end();
		}
}

// The client does not wait for the server's word: what it sends before is the old protocol's, or nobody's.
static void a_client_that_does_not_wait(void **state)
{
	(void)state;
	for
		EACH_CHANGE(change)
	for (unsigned known = 0; known < 16 && change->said[known]; known += 2) {
		begin(&(struct change) { .what = change->what, .port = change->port }, true);
		for (unsigned i = 0; change->said[i]; i += 2) {
			say(change->said[i], change->said[i + 1], true);
			if (i == known)
				say(C, change->then, true);
		}
		say(C, change->then, true);
		end();
	}
}

static void the_old_protocol_after_the_change(void **state)
{
	(void)state;
	for
		EACH_CHANGE(change)
	for (int variant = 0; variant < 8; variant++) {
		begin(change, variant & 1);
		if (variant & 2)
			say(change->then_who, change->then, variant & 1);
		for (unsigned i = 0; change->said[i]; i += 2) // the other way round, too
			say(variant & 4                     ? change->said[i]
				: change->said[i][0] == 's' ? C
							    : S,
				change->said[i + 1], variant & 1);
		say(C, SERVER_HELLO, variant & 1);
		say(S, HELLO, variant & 1);
		end();
	}
}

static void bytes_are_lost_at_the_change(void **state)
{
	(void)state;
	for
		EACH_CHANGE(change)
	for (int variant = 0; variant < 16; variant++) {
		begin(change, variant & 1);
		if (variant & 2)
			say(change->then_who, change->then, variant & 1);
		lose(variant & 4 ? TO_CLIENT : TO_SERVER);
		say(variant & 8 ? S : C, change->then, variant & 1);
		say(variant & 8 ? C : S, SERVER_HELLO, variant & 1);
		lose(variant & 4 ? TO_SERVER : TO_CLIENT);
		for (unsigned i = 0; change->said[i]; i += 2)
			say(change->said[i], change->said[i + 1], variant & 1);
		end();
	}
}

// Every conversation of the fuzz targets instead of what was announced.
static unsigned conversations;

static void a_third_protocol(const struct history_seed *seed)
{
	for
		EACH_CHANGE(change)
	for (int variant = 0; variant < 4; variant++, conversations++) {
		begin(change, variant & 1);
		for (unsigned i = 0; i < seed->count; i++)
			send(variant & 2 ? direction_other(seed->pieces[i].direction) : seed->pieces[i].direction,
				seed->pieces[i].bytes, seed->pieces[i].len, variant & 1);
		end();
	}
}

static void a_third_protocol_follows(void **state)
{
	(void)state;
	history_each_seed(a_third_protocol);
	print_message("%u conversations\n", conversations);
}

// One change after the other in one flow: a proxy behind a proxy, mail in a tunnel, TLS at last.
static void changes_in_turn(void **state)
{
	(void)state;
	for
		EACH_CHANGE(first)
		for
			EACH_CHANGE(second)
			{
				begin(&changes[0], true);
				for (unsigned i = 0; first->said[i]; i += 2)
					say(first->said[i], first->said[i + 1], true);
				for (unsigned i = 0; second->said[i]; i += 2)
					say(second->said[i], second->said[i + 1], true);
				say(second->then_who, second->then, true);
				end();
			}
}

// SMB over NetBIOS (port 139): the session's own messages before, between and instead of SMB's are no other protocol.
static void smb_in_a_netbios_session(void **state)
{
	(void)state;
	static const struct change session = { "SMB over 139", 139, APP_UNKNOWN, APP_SMB, { NULL }, NULL, NULL };
	for (int variant = 0; variant < 4; variant++) {
		begin(&session, true);
		say(C,
			"#81000044 20 4141414141414141414141414141414141414141414141414141414141414141 00 20 "
			"4141414141414141414141414141414141414141414141414141414141414141 00",
			true);
		say(S, "#82000000", true);
		say(C, SMB2_NEGOTIATE, true);
		assert_int_equal(flow.app.proto, APP_SMB);
		if (variant & 1)
			say(C, "#85000000", true);
		if (variant & 2)
			lose(TO_SERVER);
		say(S, "GET / HTTP/1.1\r\n\r\n", true);
		say(C, HELLO, true);
		say(C, SMB2_NEGOTIATE, true);
		end();
	}
}

static int setup(void **state)
{
	(void)state;
	slab = slab_new(64u * MIB);
	layer = slab ? app_layer_new(&config, slab) : NULL;
	return layer ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	app_layer_free(layer);
	int left = slab_used_bytes(slab) != 0;
	slab_destroy(slab);
	return left;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_is_followed),
		cmocka_unit_test(a_client_that_does_not_wait),
		cmocka_unit_test(the_old_protocol_after_the_change),
		cmocka_unit_test(bytes_are_lost_at_the_change),
		cmocka_unit_test(a_third_protocol_follows),
		cmocka_unit_test(changes_in_turn),
		cmocka_unit_test(smb_in_a_netbios_session),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
