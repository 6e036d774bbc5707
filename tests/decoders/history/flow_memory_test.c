// SPDX-License-Identifier: GPL-3.0-or-later
// Class: many small shares. Each transaction of a flow keeps within its bounds, and a thousand of them held at once use up the memory of all flows.
//
// Every conversation the fuzz targets know is played through the application layer, then each of its messages is sent again and again, as it is and
// with a number that counts, while nothing is ever inspected: no transaction goes. Whatever the protocol, the flow holds no more than
// app-layer.flow-memory and what one piece of data may add; it is then given up, counted, and another flow does not notice.
#include <string.h>
#include "decoders/app/app_layer_state.h"
#include "tests/support/decoders/history.h"

#define FLOW_BYTES (96u * KIB)
#define A_PIECE    (64u * KIB) // what the parsing of one piece may add, at most
#define TIMES      1000u
#define PLACES     24u
#define HELD_MAX   (256u * KIB)

static struct slab *slab;
static struct app_layer *layer;
static const struct app_config config = { .max_tx = 1024,
	.max_tx_hard = 1024,
	.flow_memory_bytes = FLOW_BYTES,
	.frame_protos = UINT64_MAX,
	.file_window_bytes = 64 * KIB };
static struct talk {
	struct flow flow;
	uint64_t offset[2];
	uint32_t len[2];
	uint8_t bytes[2][HELD_MAX];
} talk;
static size_t base_bytes, most_bytes;
static bool gave_up[APP_PROTOS_END];

static void open_talk(const struct history_seed *seed)
{
	const struct app_parser *parser = seed->parser;
	uint16_t port = parser->ports && parser->ports[0].proto ? parser->ports[0].from : 1234;
	memset(&talk.flow, 0, sizeof(talk.flow));
	memset(talk.offset, 0, sizeof(talk.offset));
	memset(talk.len, 0, sizeof(talk.len));
	talk.flow.key.proto = seed->tcp ? PROTO_TCP : PROTO_UDP;
	talk.flow.key.sport = seed->reversed ? port : 40000;
	talk.flow.key.dport = seed->reversed ? 40000 : port;
	talk.flow.app.proto_dir[0] = talk.flow.app.proto_dir[1] = (uint8_t)parser->proto;
	talk.flow.app.flags = APP_DETECT_DONE_TS | APP_DETECT_DONE_TC;
	base_bytes = slab_used_bytes(slab);
	assert_true(app_claim(layer, &talk.flow, parser));
}

static void send(enum direction direction, const uint8_t *bytes, uint32_t len)
{
	if (talk.flow.app.flags & (APP_CHANGING | APP_CHANGED) || talk.len[direction] + len > HELD_MAX)
		return;
	uint8_t *held = talk.bytes[direction];
	memcpy(held + talk.len[direction], bytes, len);
	talk.len[direction] += len;
	struct app_feed feed = { .direction = direction,
		.data = span_of(held, talk.len[direction]),
		.offset = talk.offset[direction],
		.datagram = talk.flow.key.proto == PROTO_UDP,
		.now_ns = 1 };
	struct app_fed fed = app_layer_feed(layer, &talk.flow, &feed);
	memmove(held, held + fed.consumed, talk.len[direction] - fed.consumed);
	talk.len[direction] -= fed.consumed;
	talk.offset[direction] += fed.consumed;
}

static void check(const struct history_seed *seed)
{
	size_t used = slab_used_bytes(slab) - base_bytes;
	most_bytes = used > most_bytes ? used : most_bytes;
	if (used > FLOW_BYTES + A_PIECE)
		fail_msg("%s: a flow holds %zu bytes", seed->name, used);
	if (talk.flow.app.held_bytes > FLOW_BYTES && !(talk.flow.app.flags & APP_OVER_MEMORY))
		fail_msg("%s: over the flow's memory, and not given up", seed->name);
}

static void close_talk(const struct history_seed *seed)
{
	uint64_t counted = app_layer_counters(layer)[APP_COUNT_MEMORY_BUDGET];
	if (talk.flow.app.flags & APP_OVER_MEMORY) {
		gave_up[seed->parser->proto] = true;
		assert_true(talk.flow.app.events & 1u << APPLAYER_MEMORY_OVER_BUDGET);
		assert_true(counted > 0);
		// What comes now is passed over, and not counted again
		send(TO_SERVER, (const uint8_t *)"more", 4);
		assert_int_equal(app_layer_counters(layer)[APP_COUNT_MEMORY_BUDGET], counted);
	}
	app_layer_close(layer, &talk.flow, NULL, NULL);
	assert_int_equal(talk.flow.app.held_bytes, 0);
	// Pools may keep something for the next flow
	if (slab_used_bytes(slab) > base_bytes + 256 * KIB)
		fail_msg("%s: memory is not given back", seed->name);
}

// The number that counts stands at place; none before 0.
static void crowd(const struct history_seed *seed, const struct history_piece *piece, int place)
{
	uint8_t bytes[4096];
	open_talk(seed);
	for (unsigned i = 0; i < seed->count; i++) {
		send(seed->pieces[i].direction, seed->pieces[i].bytes, seed->pieces[i].len);
		check(seed);
	}
	memcpy(bytes, piece->bytes, piece->len);
	for (unsigned n = 0; n < TIMES && !(talk.flow.app.flags & (APP_STOPPED_TS | APP_STOPPED_TC)); n++) {
		if (place >= 0)
			history_put_be(bytes + place, n, 2);
		send(piece->direction, bytes, piece->len);
		check(seed);
	}
	close_talk(seed);
}

static void repeat(const struct history_seed *seed)
{
	for (unsigned i = 0; i < seed->count; i++) {
		const struct history_piece *piece = &seed->pieces[i];
		if (piece->len < 2 || piece->len > 4096)
			continue;
		crowd(seed, piece, -1);
		for (int place = 0;
			(uint32_t)place + 2 <= piece->len && place < (int)PLACES && !gave_up[seed->parser->proto];
			place += 2)
			crowd(seed, piece, place);
	}
}

static void a_flow_holds_no_more_than_its_share(void **state)
{
	(void)state;
	unsigned count = 0;
	history_each_seed(repeat);
	for (unsigned proto = 0; proto < APP_PROTOS_END; proto++) {
		count += gave_up[proto];
		if (gave_up[proto])
			print_message("%s ", app_proto_name((enum app_proto)proto));
	}
	print_message(": %u protocols over their share, at most %zu bytes\n", count, most_bytes);
	assert_true(count >= 10);
}

// The flow beside it takes its transactions as before.
static void another_flow_goes_on(void **state)
{
	(void)state;
	static const uint8_t query[] = { 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1 };
	struct history_seed seed = { .parser = app_parser_of(APP_DNS), .name = "dns" };
	struct flow beside = { .key = { .proto = PROTO_UDP, .sport = 40001, .dport = 53 } };
	struct app_feed feed = {
		.direction = TO_SERVER, .data = span_of(query, sizeof(query)), .datagram = true, .now_ns = 1
	};
	app_layer_feed(layer, &beside, &feed);
	open_talk(&seed);
	for (unsigned n = 0; n < 1000 && !(talk.flow.app.flags & APP_OVER_MEMORY); n++)
		send(TO_SERVER, query, sizeof(query));
	assert_true(talk.flow.app.flags & APP_OVER_MEMORY);
	uint64_t live = talk.flow.app.tx_live;
	send(TO_SERVER, query, sizeof(query));
	assert_int_equal(talk.flow.app.tx_live, live);
	app_layer_feed(layer, &beside, &feed);
	assert_int_equal(beside.app.tx_live, 2);
	app_layer_close(layer, &beside, NULL, NULL);
	close_talk(&seed);
}

static int begin(void **state)
{
	(void)state;
	slab = slab_new(64 * MIB);
	layer = slab ? app_layer_new(&config, slab) : NULL;
	return layer ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	app_layer_free(layer);
	slab_destroy(slab);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_flow_goes_on),
		cmocka_unit_test(a_flow_holds_no_more_than_its_share),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
