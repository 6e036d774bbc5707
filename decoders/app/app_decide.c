// SPDX-License-Identifier: GPL-3.0-or-later
// Which protocol a flow speaks, from what the bytes of its two directions say.
//
// A datagram flow takes the first answer either direction gives. A stream hears both directions: the first to answer claims the
// flow; the other must agree, or cannot tell (an event), or says something else (an event; who was parsed first stays).
#include "decoders/app/app_layer_state.h"
#include "decoders/stream/tcp_session.h"

// Bytes of a stream before nobody knowing it means anything: short ones are left undecided, as the field's readers expect.
static const uint32_t least_bytes[2] = { [TO_SERVER] = 74, [TO_CLIENT] = 12 };

static bool is_real(uint8_t proto)
{
	return proto != APP_UNKNOWN && proto != APP_FAILED;
}

void app_event(struct flow *flow, enum app_layer_event event)
{
	if (flow->app.events & UINT32_C(1) << event)
		return;
	flow->app.events |= UINT32_C(1) << event;
	flow->app.flags |= APP_EVENTS_NEW;
}

static void set_done(struct flow *flow, enum direction direction)
{
	flow->app.flags |= app_flag(APP_DETECT_DONE_TS, direction);
}

static bool is_done(const struct flow *flow, enum direction direction)
{
	return flow->app.flags & app_flag(APP_DETECT_DONE_TS, direction);
}

static bool parsed_any(const struct flow *flow)
{
	return flow->app.taken_bytes[0] || flow->app.taken_bytes[1];
}

// Protocols in which the client speaks first.
static bool starts_at_client(enum app_proto proto)
{
	switch (proto) {
	case APP_TLS:
	case APP_MODBUS: return true;
	default: return false;
	}
}

static enum app_decision give_up(struct app_layer *layer, struct flow *flow)
{
	layer->counters[APP_COUNT_FAILED]++;
	layer->protos[flow->key.proto != PROTO_TCP][APP_FAILED].flows++;
	flow->app.proto = APP_FAILED;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		if (flow->app.proto_dir[d] == APP_UNKNOWN)
			flow->app.proto_dir[d] = APP_FAILED;
	flow->app.parser = NULL;
	set_done(flow, TO_SERVER);
	set_done(flow, TO_CLIENT);
	return APP_NONE;
}

static bool may_swap(const struct flow *flow)
{
	if (parsed_any(flow) || flow->app.proto_original != APP_UNKNOWN)
		return false;
	if (!flow->tcp)
		return true;
	struct tcp_summary summary;
	tcp_session_summary(flow, &summary);
	return summary.midstream;
}

void app_layer_swap(struct flow *flow)
{
	static const uint32_t pairs[] = { APP_DETECT_DONE_TS, APP_STOPPED_TS, APP_ENDED_TS, APP_FIRST_TS,
		APP_BLIND_TS };
	struct app_flow *a = &flow->app;
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint32_t both = pairs[i] | pairs[i] << 1;
		uint32_t swapped = (a->flags & pairs[i]) << 1 | (a->flags & pairs[i] << 1) >> 1;
		a->flags = (a->flags & ~both) | swapped;
	}
	uint8_t proto = a->proto_dir[0];
	a->proto_dir[0] = a->proto_dir[1];
	a->proto_dir[1] = proto;
	app_frames_swap(flow);
	uint64_t taken = a->taken_bytes[0];
	a->taken_bytes[0] = a->taken_bytes[1];
	a->taken_bytes[1] = taken;
}

static enum app_decision swap(struct flow *flow, enum direction direction, enum app_proto proto, struct app_fed *fed)
{
	flow->app.proto_dir[direction] = APP_UNKNOWN;
	flow->app.flags &= ~app_flag(APP_DETECT_DONE_TS, direction);
	app_layer_swap(flow);
	// The same bytes now belong to the other direction, and are known already.
	flow->app.proto_dir[direction_other(direction)] = (uint8_t)proto;
	fed->swapped = true;
	return APP_SWAP;
}

static enum app_decision decide_datagram(
	struct app_layer *layer, struct flow *flow, const struct app_feed *feed, struct app_fed *fed)
{
	struct app_flow *a = &flow->app;
	enum direction d = feed->direction, other = direction_other(d);
	if (is_real(a->proto_dir[d]) && !a->parser) { // just swapped
		set_done(flow, d);
		return app_claim(layer, flow, app_detector_parser(layer->detector, a->proto_dir[d])) ? APP_DECIDED
												     : APP_NONE;
	}
	struct app_answer answer = app_detector_ask(layer->detector, flow, d, feed->data, true, APP_UNKNOWN);
	if (!answer.parser) {
		set_done(flow, d);
		a->proto_dir[d] = is_real(a->proto_dir[other]) ? a->proto_dir[other] : APP_FAILED;
		if (is_real(a->proto))
			return APP_DECIDED;
		if (a->proto != APP_FAILED) {
			layer->counters[APP_COUNT_FAILED]++;
			layer->protos[flow->key.proto != PROTO_TCP][APP_FAILED].flows++;
		}
		a->proto = APP_FAILED;
		return APP_NONE;
	}
	if (answer.reversed && may_swap(flow) && !is_real(a->proto))
		return swap(flow, d, answer.parser->proto, fed);
	set_done(flow, d);
	a->proto_dir[d] = (uint8_t)answer.parser->proto;
	if (is_real(a->proto)) {
		if (a->proto != answer.parser->proto)
			app_event(flow, APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS);
		return APP_DECIDED;
	}
	return app_claim(layer, flow, answer.parser) ? APP_DECIDED : APP_NONE;
}

// After a protocol change: is this what was announced?
static void check_expected(struct flow *flow)
{
	struct app_flow *a = &flow->app;
	if (a->proto_expected == APP_UNKNOWN || a->proto == a->proto_expected)
		return;
	if (!(a->flags & APP_EXPECT_CERTAIN)) {
		a->proto_expected = APP_UNKNOWN;
		return;
	}
	app_event(flow, a->proto_expected == APP_TLS ? APPLAYER_NO_TLS_AFTER_STARTTLS : APPLAYER_UNEXPECTED_PROTOCOL);
}

// Direction d of a stream answered parser.
static enum app_decision stream_found(struct app_layer *layer, struct flow *flow, enum direction d,
	const struct app_parser *parser, struct app_fed *fed)
{
	struct app_flow *a = &flow->app;
	enum direction other = direction_other(d);
	set_done(flow, d);
	a->proto_dir[d] = (uint8_t)parser->proto;
	if (is_real(a->proto)) {
		if (a->proto == parser->proto)
			return APP_DECIDED;
		app_event(flow, APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS);
		return APP_DECIDED;
	}
	bool other_first = a->flags & app_flag(APP_FIRST_TS, other);
	if (a->flags & APP_FIRST_TC && starts_at_client(parser->proto)) {
		app_event(flow, APPLAYER_WRONG_DIRECTION_FIRST_DATA);
		return give_up(layer, flow);
	}
	if (!app_claim(layer, flow, parser))
		return give_up(layer, flow);
	check_expected(flow);
	fed->retry = true;
	if (!other_first || is_done(flow, other))
		return APP_DECIDED;
	a->flags |= APP_OFFERED;
	return APP_HOLD;
}

// Nobody claims what direction d of a stream has shown so far.
static enum app_decision stream_unknown(
	struct app_layer *layer, struct flow *flow, const struct app_feed *feed, bool undecided)
{
	struct app_flow *a = &flow->app;
	enum direction d = feed->direction, other = direction_other(d);
	if (is_real(a->proto)) {
		if (undecided)
			return APP_HOLD;
		app_event(flow, APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION);
		set_done(flow, d);
		a->proto_dir[d] = a->proto;
		return APP_DECIDED;
	}
	if (undecided)
		return APP_HOLD;
	set_done(flow, d);
	if (is_done(flow, other)) {
		check_expected(flow);
		return give_up(layer, flow);
	}
	return APP_HOLD;
}

// Direction d had nothing to say before the other claimed the flow, or has said all it could.
static enum app_decision stream_waiting(struct app_layer *layer, struct flow *flow, const struct app_feed *feed)
{
	struct app_flow *a = &flow->app;
	enum direction d = feed->direction;
	if (is_real(a->proto)) {
		if (a->proto_dir[d] == APP_UNKNOWN && !(a->flags & app_flag(APP_BLIND_TS, d)))
			app_event(flow, APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION);
		if (a->proto_dir[d] == APP_UNKNOWN)
			a->proto_dir[d] = a->proto;
		return APP_DECIDED;
	}
	if (a->proto == APP_FAILED)
		return APP_NONE;
	if (feed->data.len <= APP_HOLD_BYTES)
		return APP_HOLD;
	app_event(flow, APPLAYER_PROTO_DETECTION_SKIPPED);
	return give_up(layer, flow);
}

static enum app_decision decide_stream(
	struct app_layer *layer, struct flow *flow, const struct app_feed *feed, struct app_fed *fed)
{
	struct app_flow *a = &flow->app;
	enum direction d = feed->direction;
	if (!(a->flags & (APP_FIRST_TS | APP_FIRST_TC)) && feed->data.len)
		a->flags |= app_flag(APP_FIRST_TS, d);
	if (is_done(flow, d))
		return stream_waiting(layer, flow, feed);
	if (is_real(a->proto_dir[d]) && a->proto == APP_UNKNOWN) // just swapped
		return stream_found(layer, flow, d, app_detector_parser(layer->detector, a->proto_dir[d]), fed);
	if (feed->gap_bytes) { // the start is lost: this direction can no longer tell
		set_done(flow, d);
		a->flags |= app_flag(APP_BLIND_TS, d);
		a->proto_dir[d] = is_real(a->proto) ? a->proto : (uint8_t)APP_UNKNOWN;
		return is_real(a->proto) ? APP_DECIDED : stream_unknown(layer, flow, feed, false);
	}
	if (!feed->data.len)
		return is_real(a->proto) ? APP_DECIDED : APP_HOLD;
	const struct app_parser *announced = app_detector_parser(layer->detector, (enum app_proto)a->proto_expected);
	if (announced && !announced->probe) // known by its upgrade only
		return stream_found(layer, flow, d, announced, fed);
	struct app_answer answer =
		app_detector_ask(layer->detector, flow, d, feed->data, false, (enum app_proto)a->proto_expected);
	if (!answer.parser)
		return stream_unknown(layer, flow, feed, answer.undecided || feed->data.len < least_bytes[d]);
	if (answer.reversed && !is_real(a->proto) && may_swap(flow))
		return swap(flow, d, answer.parser->proto, fed);
	return stream_found(layer, flow, d, answer.parser, fed);
}

// Protocols whose beginnings are no chance, and which somebody may want to hide behind an announcement.
static bool speaks_clearly(struct app_layer *layer, struct flow *flow, const struct app_feed *feed)
{
	struct app_answer answer =
		app_detector_ask(layer->detector, flow, feed->direction, feed->data, feed->datagram, APP_UNKNOWN);
	if (!answer.parser || answer.reversed)
		return false;
	switch (answer.parser->proto) {
	case APP_TLS:
	case APP_SSH:
	case APP_SMB:
	case APP_HTTP1: return true;
	default: return false;
	}
}

// An announcement must not blind us to what is there: bytes its parser does not know, or, where it takes any, those of another protocol, or of the end
// that has nothing to say (a data connection that begins with TLS, a download whose first bytes the client sends).
static bool cannot_be(struct app_layer *layer, struct flow *flow, const struct app_feed *feed,
	const struct app_parser *parser, const struct app_expectation *announced)
{
	if (announced->speakers && !(announced->speakers >> feed->direction & 1))
		return true;
	if (parser->probe)
		return parser->probe(feed->direction, feed->data, flow) == APP_PROBE_NO;
	return app_detector_speaks_port(layer->detector, flow, feed->direction, feed->data) ||
	       speaks_clearly(layer, flow, feed);
}

#define CLEAR_BYTES 8 // of a stream, before it is believed to be what was announced by a protocol that takes any bytes

static bool is_too_short(const struct app_layer *layer, const struct flow *flow, const struct app_feed *feed)
{
	if (feed->datagram || feed->end || feed->gap_bytes || feed->data.len >= CLEAR_BYTES ||
		flow->app.flags & APP_LOOKED_UP || flow->app.proto != APP_UNKNOWN)
		return false;
	const struct app_expectation *announced = app_expect_peek(layer->parts.expect, &flow->key, feed->now_ns);
	const struct app_parser *parser =
		announced ? app_detector_parser(layer->detector, (enum app_proto)announced->app) : NULL;
	return parser && !parser->probe;
}

// A flow that another one announced is what that one said, unless its first bytes cannot be. False: nobody did, or they cannot.
static bool take_announced(struct app_layer *layer, struct flow *flow, const struct app_feed *feed)
{
	struct app_flow *a = &flow->app;
	struct app_expectation announced;
	if (a->flags & APP_LOOKED_UP || a->proto != APP_UNKNOWN)
		return false;
	a->flags |= APP_LOOKED_UP;
	if (!app_expect_take(layer->parts.expect, &flow->key, feed->now_ns, &announced))
		return false;
	const struct app_parser *parser = app_detector_parser(layer->detector, (enum app_proto)announced.app);
	if (!parser)
		return false;
	flow->parent_id = announced.parent_id;
	if (cannot_be(layer, flow, feed, parser, &announced)) {
		if (!parser->probe) {
			app_event(flow, APPLAYER_UNEXPECTED_PROTOCOL);
			return false;
		}
		a->proto_expected = announced.app;
		a->flags |= APP_EXPECT_CERTAIN;
		return false;
	}
	layer->parts.announced = &announced;
	bool claimed = app_claim(layer, flow, parser);
	layer->parts.announced = NULL;
	for (int d = TO_SERVER; claimed && d <= TO_CLIENT; d++) {
		set_done(flow, (enum direction)d);
		a->proto_dir[d] = announced.app;
	}
	return claimed;
}

enum app_decision app_decide(
	struct app_layer *layer, struct flow *flow, const struct app_feed *feed, struct app_fed *fed)
{
	if (feed->data.len && is_too_short(layer, flow, feed))
		return APP_HOLD;
	if (feed->data.len && take_announced(layer, flow, feed))
		return APP_DECIDED;
	if (feed->datagram) {
		if (is_done(flow, feed->direction))
			return is_real(flow->app.proto) ? APP_DECIDED : APP_NONE;
		return decide_datagram(layer, flow, feed, fed);
	}
	return decide_stream(layer, flow, feed, fed);
}
