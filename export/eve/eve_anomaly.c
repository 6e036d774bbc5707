// SPDX-License-Identifier: GPL-3.0-or-later
// Anomalies: what the decoder, the TCP session and the application parsers found wrong.
#include <ctype.h>
#include <stdio.h>
#include "decoders/app/app_layer.h"
#include "export/eve/eve_header.h"

#define PACKET_HEADER_BYTES 32 // of the packet with anomaly.packethdr

bool eve_anomaly(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, uint16_t event)
{
	bool stream = packet_event_is_stream(event);
	const char *name = packet_event_name(event);
	char text[96];
	if (!writer->config->anomaly || !(stream ? writer->config->anomaly_stream : writer->config->anomaly_decode) ||
		!name)
		return false;
	const struct eve_event header = {
		.type = RECORD_ANOMALY, .name = "anomaly", .packet = packet, .flow = flow, .ts_ns = packet->ts_ns
	};
	eve_header(writer, json, record, &header);
	if (writer->config->anomaly_packethdr && packet->frame.len) {
		struct packet head = *packet;
		head.frame = span_slice(packet->frame, 0, PACKET_HEADER_BYTES);
		eve_packet_bytes(json, &head);
	}
	snprintf(text, sizeof(text), "%s.%s", stream ? "stream" : "decoder", name);
	json_put_object(json, "anomaly");
	json_put_text(json, "type", stream ? "stream" : "decode");
	json_put_text(json, "event", text);
	json_object_end(json);
	return true;
}

// Readers know the events of these parsers in capitals, those of all others as rules spell them.
static bool is_shouted(enum app_proto proto)
{
	return proto == APP_HTTP1 || proto == APP_HTTP || proto == APP_TLS || proto == APP_SMTP || proto == APP_DNP3;
}

static const char *event_name(const struct flow *flow, const struct app_tx *tx, unsigned bit, char *text, size_t size)
{
	const char *name = NULL;
	if (!tx) {
		name = bit < APPLAYER_EVENTS_END ? app_layer_event_names[bit] : NULL;
	} else if (flow->app.parser && flow->app.parser->event_names) {
		unsigned i = 0;
		while (i < bit && flow->app.parser->event_names[i])
			i++;
		name = flow->app.parser->event_names[i];
	}
	if (!name || (tx && !is_shouted(flow->app.proto)))
		return name;
	size_t len = 0;
	for (; name[len] && len + 1 < size; len++)
		text[len] = (char)toupper((unsigned char)name[len]);
	text[len] = 0;
	return text;
}

bool eve_anomaly_app(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, unsigned bit)
{
	char text[96];
	const char *name = event_name(flow, tx, bit, text, sizeof(text));
	if (!writer->config->anomaly || !writer->config->anomaly_applayer || !name)
		return false;
	const struct eve_event header = { .type = RECORD_ANOMALY,
		.name = "anomaly",
		.packet = packet,
		.flow = flow,
		.tx = tx,
		.view = packet ? EVE_AS_PACKET : EVE_TO_SERVER,
		.ts_ns = packet ? packet->ts_ns : flow->last_ns };
	eve_header(writer, json, record, &header);
	json_put_object(json, "anomaly");
	json_put_text(json, "app_proto", app_proto_eve_name(flow->app.proto));
	json_put_text(json, "type", "applayer");
	json_put_text(json, "event", name);
	json_put_text(json, "layer", tx ? "proto_parser" : "proto_detect");
	json_object_end(json);
	return true;
}
