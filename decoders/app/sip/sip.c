// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sip/sip.h"
#include <stdlib.h>
#include "decoders/app/identify/recognise.h"

struct sip_state {
	struct sip_side {
		uint32_t looked; // where the end of the headers is looked for next
		uint32_t need;   // bytes of the message that are kept, once its head was read
		uint64_t rest;   // of its body, beyond need
		bool endless;    // its head is too long
		uint64_t skip;   // bytes of a body too long that are still to come
		bool lost;       // after a gap: until something begins like a message
	} sides[2];
};

struct sip_worker {
	uint64_t counters[4];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };
static const char *const event_names[] = { [SIP_INVALID_DATA] = "invalid_data", [SIP_TOO_LONG] = "too_long", NULL };

enum {
	FRAME_PDU,
	FRAME_REQUEST_LINE,
	FRAME_REQUEST_HEADERS,
	FRAME_REQUEST_BODY,
	FRAME_RESPONSE_LINE,
	FRAME_RESPONSE_HEADERS,
	FRAME_RESPONSE_BODY
};
static const char *const frame_names[] = { [FRAME_PDU] = "pdu",
	[FRAME_REQUEST_LINE] = "request.line",
	[FRAME_REQUEST_HEADERS] = "request.headers",
	[FRAME_REQUEST_BODY] = "request.body",
	[FRAME_RESPONSE_LINE] = "response.line",
	[FRAME_RESPONSE_HEADERS] = "response.headers",
	[FRAME_RESPONSE_BODY] = "response.body",
	NULL };

// Frames of the message at bytes, which are at bytes after the start of input's data. body: its whole length.
static void tell_frames(
	const struct app_input *input, const struct sip_message *m, struct span bytes, uint32_t at, uint64_t body)
{
	uint8_t of_answer = m->response ? FRAME_RESPONSE_LINE - FRAME_REQUEST_LINE : 0;
	uint32_t headers = (uint32_t)(m->headers.data - bytes.data);
	app_frame(input, FRAME_PDU, at, bytes.len - m->body.len + body);
	app_frame(input, FRAME_REQUEST_LINE + of_answer, at, headers);
	app_frame(input, FRAME_REQUEST_HEADERS + of_answer, at + headers, m->headers.len);
	if (body)
		app_frame(input, FRAME_REQUEST_BODY + of_answer, at + bytes.len - m->body.len, body);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config, (void)parts;
	return calloc(1, sizeof(struct sip_worker));
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	slab_free(slab, tx, sizeof(struct sip_tx) + ((struct sip_tx *)(void *)tx)->len);
}

// One message with what is kept of its body, at bytes after the start of input's data; cut: how much is missing of it. False: no room.
static bool take_message(struct app_input *input, struct span bytes, uint32_t at, uint64_t cut)
{
	struct sip_worker *worker = input->shared;
	struct flow *flow = input->flow;
	struct sip_message probe;
	// As Suricata does: the client asks and the server answers
	bool good = sip_message_read(bytes, &probe) && probe.response == (input->direction == TO_CLIENT);
	if (!good) {
		worker->counters[COUNT_MALFORMED]++;
		if (flow->app.tx_last)
			app_tx_event(flow, flow->app.tx_last, SIP_INVALID_DATA);
		return true;
	}
	struct app_tx *tx = app_tx_new(
		flow, input->slab, sizeof(struct sip_tx) + bytes.len, input->now_ns, (uint8_t)(1u << input->direction));
	if (!tx) {
		worker->counters[COUNT_OVER_BUDGET]++;
		return false;
	}
	struct sip_tx *sip = (struct sip_tx *)(void *)tx;
	sip->len = bytes.len;
	memcpy(sip->bytes, bytes.data, bytes.len);
	sip_message_read(span_of(sip->bytes, sip->len), &sip->message);
	tell_frames(input, &probe, bytes, at, probe.body.len + cut);
	if (cut) {
		worker->counters[COUNT_TRUNCATED]++;
		app_tx_event(flow, tx, SIP_TOO_LONG);
	}
	tx->progress[input->direction] = 1;
	app_tx_changed(flow, tx, input->direction);
	return true;
}

static uint64_t body_length(struct span head)
{
	struct sip_message m;
	struct span text;
	uint64_t length = 0;
	if (!sip_message_read(head, &m) || !sip_header(&m, "content-length", 'l', 0, &text))
		return 0;
	for (uint32_t i = 0; i < text.len && i < 10 && text.data[i] >= '0' && text.data[i] <= '9'; i++)
		length = length * 10 + text.data[i] - '0';
	return length;
}

static bool begins_message(struct span data)
{
	struct flow none = { .key = { .proto = PROTO_TCP } };
	return recognise_sip(TO_SERVER, data, &none) == APP_PROBE_YES;
}

// Empty lines between messages keep a connection alive (RFC 5626 section 3.5.1).
static uint32_t blank_bytes(struct span data)
{
	uint32_t at = 0;
	while (at < data.len && (data.data[at] == '\r' || data.data[at] == '\n'))
		at++;
	return at;
}

// How long the message at rest is. False: its head is not all there. A head too long is taken for SIP_HEAD_MAX bytes of one.
static bool measure(struct sip_side *side, struct span rest)
{
	uint32_t head = sip_head_end(rest, &side->looked);
	if (!head && rest.len < SIP_HEAD_MAX)
		return false;
	side->endless = !head || head > SIP_HEAD_MAX;
	side->need = SIP_HEAD_MAX;
	if (side->endless)
		return true;
	uint64_t body = body_length(span_slice(rest, 0, head));
	uint32_t kept = body < SIP_BODY_MAX ? (uint32_t)body : SIP_BODY_MAX;
	side->need = head + kept;
	side->rest = body - kept;
	return true;
}

static enum app_result parse_stream(struct app_input *input)
{
	struct sip_side *side = &((struct sip_state *)input->flow->app.state)->sides[input->direction];
	uint32_t at = 0;
	if (input->gap_bytes) {
		side->lost = side->skip < input->gap_bytes;
		side->skip = side->lost ? 0 : side->skip - input->gap_bytes;
		side->looked = side->need = 0;
	}
	while (at < input->data.len) {
		struct span rest = span_from(input->data, at);
		if (side->skip) {
			uint32_t now = side->skip < rest.len ? (uint32_t)side->skip : rest.len;
			side->skip -= now;
			at += now;
			continue;
		}
		if (side->lost && !begins_message(rest))
			return APP_OK;
		side->lost = false;
		uint32_t blanks = side->looked || side->need ? 0 : blank_bytes(rest);
		if (blanks) {
			at += blanks;
			continue;
		}
		if (!side->need && !measure(side, rest))
			break;
		if (rest.len < side->need && !input->end)
			break;
		struct span message = span_slice(rest, 0, side->need);
		if (!take_message(input, message, at, side->endless ? 1 : side->rest))
			return APP_ERROR;
		if (side->endless)
			return APP_STOP;
		side->skip = side->rest;
		at += message.len;
		side->looked = side->need = 0;
	}
	input->consumed = at;
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	if (!input->datagram)
		return parse_stream(input);
	struct span message = span_from(input->data, blank_bytes(input->data));
	if (message.len)
		take_message(input, message, input->data.len - message.len, 0); // the next datagram may be good again
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 5060, 5061 }, { PROTO_TCP, 5060, 5061 }, { 0 } };

const struct app_parser sip_parser = {
	.proto = APP_SIP,
	.name = "sip",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.probe_bytes = 1024,
	.probe = recognise_sip,
	.state_bytes = sizeof(struct sip_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct sip_worker, counters),
};
