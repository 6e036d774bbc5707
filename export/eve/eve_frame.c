// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of application protocols: an event of their own, and the part of an alert found in one.
#include "export/eve/eve_app.h"
#include "export/eve/eve_header.h"

#define LINE_RESERVE 4096 // bytes of the line kept for what must follow

static const char *type_name(const struct flow *flow, const struct app_frame *frame)
{
	const struct app_parser *parser = flow->app.parser;
	for (unsigned i = 0; parser && parser->frame_names && parser->frame_names[i]; i++)
		if (i == frame->type)
			return parser->frame_names[i];
	return frame->type == FRAME_STREAM ? "stream" : "unknown";
}

static struct span frame_bytes(struct eve_writer *writer, const struct packet *packet, const struct flow *flow,
	enum direction direction, const struct app_frame *frame)
{
	if (frame->datagram)
		return span_slice(packet->payload, (uint32_t)frame->offset,
			frame->len > UINT32_MAX ? UINT32_MAX : (uint32_t)frame->len);
	uint64_t end = frame->len == FRAME_OPEN ? frame->inspected : frame->offset + frame->len;
	return span_of(writer->payload,
		tcp_session_copy_range(flow, direction, frame->offset, end, writer->payload, writer->payload_size));
}

void eve_frame_object(struct eve_writer *writer, struct json *json, const struct packet *packet,
	const struct flow *flow, enum direction direction, const struct app_frame *frame)
{
	bool open = frame->len == FRAME_OPEN;
	json_put_object(json, "frame");
	json_put_text(json, "type", type_name(flow, frame));
	json_put_uint(json, "id", frame->id);
	json_put_text(json, "direction", direction == TO_SERVER ? "toserver" : "toclient");
	if (!frame->datagram)
		json_put_uint(json, "stream_offset", frame->offset);
	if (!open)
		json_put_uint(json, "length", frame->len);
	json_put_bool(json, "complete", !open && (frame->datagram || frame->inspected >= frame->offset + frame->len));
	struct json_mark mark = json_mark(json);
	struct span bytes = frame_bytes(writer, packet, flow, direction, frame);
	json_put_base64(json, "payload", bytes);
	json_put_printable(json, "payload_printable", bytes);
	json_keep_if_room(json, mark, LINE_RESERVE);
	if (frame->tx_id != FRAME_NO_TX)
		json_put_uint(json, "tx_id", frame->tx_id);
	json_object_end(json);
}

bool eve_frame(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, enum direction direction, const struct app_frame *frame)
{
	const struct eve_event event = {
		.type = RECORD_FRAME, .name = "frame", .packet = packet, .flow = flow, .ts_ns = packet->ts_ns
	};
	eve_header(writer, json, record, &event);
	eve_app_protos(json, flow);
	eve_frame_object(writer, json, packet, flow, direction, frame);
	return true;
}
