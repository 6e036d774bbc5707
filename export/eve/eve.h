// SPDX-License-Identifier: GPL-3.0-or-later
// EVE: writes events as Suricata 8's EVE JSON. One function an event family; each fills a line the caller reserved.
//
// Threads      an eve_writer belongs to one worker; config is const
#pragma once
#include "decoders/app/files/file.h"
#include "decoders/base/option.h"
#include "export/eve/forwarded.h"
#include "export/eve/json.h"
#include "export/record/record.h"
#include "signatures/engine/engine.h"
#include "signatures/verdict/verdict.h"

struct eve_config {
	bool alert, anomaly, arp, drop, fileinfo, flow, frame, netflow, stats,
		app; // event families on or off (outputs.eve-log.types.*)
	struct option_map
		types; // outputs.eve-log.*: per protocol settings ("dns.version", "dns.enabled", "http.extended" ...)
	bool community_id;
	uint64_t community_id_seed;
	bool ethernet;  // ether.src_mac ...
	bool metadata;  // flowbits and flow vars
	bool pcap_file; // pcap_filename on events from files
	bool alert_payload, alert_payload_printable, alert_packet, alert_http_body, alert_metadata, alert_app_layer,
		alert_flow;
	uint64_t payload_buffer_bytes;
	bool guess_tx;        // alerts without a transaction are put on the only one there is
	uint64_t guesses_max; // alerts put on one transaction so
	int dns_version;      // 2 or 3
	struct eve_forwarded forwarded, alert_forwarded; // the alerts' own, if it is enabled
	char *sensor_name;
	char *geo_country, *geo_asn; // MaxMind databases; NULL off
	bool anomaly_decode, anomaly_stream, anomaly_applayer, anomaly_packethdr;
	int drop_flows; // 0: a dropped flow's first packet, 1: all
	bool simulate_ips;
};
extern const struct option eve_options[];

struct eve_writer;
// NULL with the reason logged (a database that cannot be opened). networks: HOME_NET, to tell which side is inside; may be NULL.
struct eve_writer *eve_writer_new(
	const struct eve_config *config, const struct address_set *home, const struct engine_worker *engine);
void eve_writer_free(struct eve_writer *writer);
// After a reload; home: HOME_NET as eve_writer_new takes it.
void eve_writer_set_engine(
	struct eve_writer *writer, const struct engine_worker *engine, const struct address_set *home);
void eve_writer_set_source(struct eve_writer *writer, const char *interface, const char *file);

// Each gives false when the family is off or there is nothing to write; else json holds the whole line but the closing brace (json_end), and
// record's type, app_type, host, community_id, ts_ns are filled.
bool eve_alert(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct finding *finding, const struct verdict *verdict);
bool eve_anomaly(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, uint16_t event);
// Application-layer event bit of tx (NULL: flow-level).
bool eve_anomaly_app(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, unsigned bit);
bool eve_arp(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet);
bool eve_drop(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct verdict *verdict, const struct findings *findings);
bool eve_fileinfo(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, const struct file *file);
bool eve_flow(struct eve_writer *writer, struct json *json, struct record *record, const struct flow *flow, bool alive,
	uint64_t now_ns);
// The unidirectional netflow record of a flow.
bool eve_netflow(struct eve_writer *writer, struct json *json, struct record *record, const struct flow *flow,
	enum direction direction);
// Event of a transaction that is done. Some protocols give several (DNS version 2 answers): call with part 0, 1, ... until false.
bool eve_transaction(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, unsigned part);
bool eve_frame(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, enum direction direction, const struct app_frame *frame);
bool eve_packet(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow);
// values: (dotted name, value) pairs; nested objects are made from the names, which come grouped by prefix.
struct eve_stat {
	const char *name;
	uint64_t value;
};
bool eve_stats(struct eve_writer *writer, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s,
	const struct eve_stat *stats, size_t count);
