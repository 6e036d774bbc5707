// SPDX-License-Identifier: GPL-3.0-or-later
// Header: the keys every EVE event begins with, in the order the field writes them, and the pieces several families share.
#pragma once
#include "export/eve/eve_writer.h"

// Who is src in the event.
enum eve_view {
	EVE_AS_PACKET, // sender of the packet
	EVE_TO_SERVER, // the flow's client
	EVE_TO_CLIENT, // the flow's server
};

struct eve_event {
	enum record_type type;
	const char *name; // event_type
	enum eve_view view;
	const struct packet *packet; // NULL: an event of a flow
	const struct flow *flow;     // NULL: none
	const struct app_tx *tx;     // its id is told; NULL: none
	uint64_t ts_ns;
	const struct address *client; // told in the client's place; NULL: its own
};

// Writes the header and fills record's type, app_type, host, community_id, ts_ns.
void eve_header(struct eve_writer *writer, struct json *json, struct record *record, const struct eve_event *event);

void eve_proto(struct json *json, uint8_t proto);
void eve_mac(struct json *json, const char *key, const uint8_t mac[6]);
// app_proto, and app_proto_ts, _tc, _orig, _expected where they differ.
void eve_app_protos(struct json *json, const struct flow *flow);
// Where packet was taken from: "wire/pcap", "ipv4 tunnel", ...
const char *eve_packet_source(const struct packet *packet);
// packet in base64 and packet_info.
void eve_packet_bytes(struct json *json, const struct packet *packet);
// "verdict" of packet.
void eve_verdict(
	const struct eve_writer *writer, struct json *json, const struct packet *packet, const struct verdict *verdict);
// pkts, bytes both ways and start into the open object.
void eve_flow_counts(struct json *json, const struct flow *flow);
// A file as in fileinfo and in an alert's files (fileinfo.c); key NULL inside arrays.
void eve_file(struct json *json, const char *key, const struct app_tx *tx, const struct file *file);
// What rule's pcre captured for its alert, into the open object. False: nothing.
bool eve_context_variables(
	const struct eve_writer *writer, struct json *json, const struct packet *packet, const struct finding *finding);
// "frame" of a frame in direction of flow (eve_frame.c).
void eve_frame_object(struct eve_writer *writer, struct json *json, const struct packet *packet,
	const struct flow *flow, enum direction direction, const struct app_frame *frame);
// "alert" of finding.
void eve_alert_object(struct eve_writer *writer, struct json *json, const struct packet *packet,
	const struct finding *finding, const struct address *forwarded);
