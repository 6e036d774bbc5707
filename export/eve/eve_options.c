// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/eve.h"

#define AT(member) offsetof(struct eve_config, member)
#define TYPES      "outputs.eve-log.types."

static const struct option_choice dns_versions[] = { { "2", 2 }, { "3", 3 }, { 0 } };

const struct option eve_options[] = {
	{ "sensor-name", OPTION_STRING, AT(sensor_name), NULL, 0, 0, NULL, CHANGE_RESTART, "name of this sensor: \"host\" of every event, \"sensor\" in Kafka's headers" },
	{ "outputs.eve-log.community-id", OPTION_BOOL, AT(community_id), "yes", 0, 0, NULL, CHANGE_RESTART, "community_id, version 1, on events of flows" },
	{ "outputs.eve-log.community-id-seed", OPTION_UINT, AT(community_id_seed), "0", 0, 65535, NULL, CHANGE_RESTART, "seed of the community id" },
	{ "outputs.eve-log.ethernet", OPTION_BOOL, AT(ethernet), "yes", 0, 0, NULL, CHANGE_RESTART, "MAC addresses on events" },
	{ "outputs.eve-log.metadata", OPTION_BOOL, AT(metadata), "yes", 0, 0, NULL, CHANGE_RESTART, "flow bits, integers and variables on events" },
	{ "outputs.eve-log.pcap-file", OPTION_BOOL, AT(pcap_file), "no", 0, 0, NULL, CHANGE_RESTART, "pcap_filename on events of capture files" },
	{ "geoip-database", OPTION_STRING, AT(geo_country), NULL, 0, 0, NULL, CHANGE_RELOAD, "MaxMind country database: for the geoip keyword and the country of outside addresses in alerts" },
	{ "asn-database", OPTION_STRING, AT(geo_asn), NULL, 0, 0, NULL, CHANGE_RELOAD, "MaxMind AS database: number and name of outside addresses' networks in alerts" },
	{ TYPES "alert.enabled", OPTION_BOOL, AT(alert), "yes", 0, 0, NULL, CHANGE_RESTART, "events of what rules and detectors found" },
	{ TYPES "alert.payload", OPTION_BOOL, AT(alert_payload), "yes", 0, 0, NULL, CHANGE_RESTART, "payload in base64" },
	{ TYPES "alert.payload-printable", OPTION_BOOL, AT(alert_payload_printable), "yes", 0, 0, NULL, CHANGE_RESTART, "payload as text" },
	{ TYPES "alert.payload-buffer-size", OPTION_SIZE, AT(payload_buffer_bytes), "4 KiB", 1, 65536, NULL, CHANGE_RESTART, "bytes of payload of a stream at most" },
	{ TYPES "alert.packet", OPTION_BOOL, AT(alert_packet), "yes", 0, 0, NULL, CHANGE_RESTART, "the packet in base64" },
	{ TYPES "alert.http-body", OPTION_BOOL, AT(alert_http_body), "no", 0, 0, NULL, CHANGE_RESTART, "bodies of HTTP in base64" },
	{ TYPES "alert.metadata", OPTION_BOOL, AT(alert_metadata), "yes", 0, 0, NULL, CHANGE_RESTART, "metadata and references of the rule" },
	{ TYPES "alert.app-layer", OPTION_BOOL, AT(alert_app_layer), "yes", 0, 0, NULL, CHANGE_RESTART, "the application's object" },
	{ TYPES "alert.flow", OPTION_BOOL, AT(alert_flow), "yes", 0, 0, NULL, CHANGE_RESTART, "the flow so far" },
	{ TYPES "anomaly.enabled", OPTION_BOOL, AT(anomaly), "yes", 0, 0, NULL, CHANGE_RESTART, "events of malformed traffic" },
	{ TYPES "anomaly.types.decode", OPTION_BOOL, AT(anomaly_decode), "yes", 0, 0, NULL, CHANGE_RESTART, "headers the decoder found wrong" },
	{ TYPES "anomaly.types.stream", OPTION_BOOL, AT(anomaly_stream), "yes", 0, 0, NULL, CHANGE_RESTART, "segments that do not fit their TCP session" },
	{ TYPES "anomaly.types.applayer", OPTION_BOOL, AT(anomaly_applayer), "yes", 0, 0, NULL, CHANGE_RESTART, "what application parsers found wrong" },
	{ TYPES "anomaly.packethdr", OPTION_BOOL, AT(anomaly_packethdr), "no", 0, 0, NULL, CHANGE_RESTART, "the packet's first bytes in base64" },
	{ TYPES "arp.enabled", OPTION_BOOL, AT(arp), "yes", 0, 0, NULL, CHANGE_RESTART, "events of ARP messages" },
	{ TYPES "drop.enabled", OPTION_BOOL, AT(drop), "yes", 0, 0, NULL, CHANGE_RESTART, "events of packets that do not pass, inline or simulated" },
	{ TYPES "drop.flows", OPTION_CHOICE, AT(drop_flows), "start", 0, 0, (const struct option_choice[]) { { "start", 0 }, { "all", 1 }, { 0 } }, CHANGE_RESTART, "of a dropped flow: its first packet only, or all" },
	{ TYPES "files.enabled", OPTION_BOOL, AT(fileinfo), "yes", 0, 0, NULL, CHANGE_RESTART, "events of files that protocols carried" },
	{ TYPES "flow.enabled", OPTION_BOOL, AT(flow), "yes", 0, 0, NULL, CHANGE_RESTART, "events of flows that ended, and of long ones while they live" },
	{ TYPES "netflow.enabled", OPTION_BOOL, AT(netflow), "no", 0, 0, NULL, CHANGE_RESTART, "an event for each direction of a flow that ended" },
	{ TYPES "stats.enabled", OPTION_BOOL, AT(stats), "yes", 0, 0, NULL, CHANGE_RESTART, "the sensor's counters" },
	{ TYPES "applications.enabled", OPTION_BOOL, AT(app), "yes", 0, 0, NULL, CHANGE_RESTART, "events of transactions; single protocols go off by PROTOCOL.enabled" },
	{ TYPES "dns.version", OPTION_CHOICE, AT(dns_version), "3", 0, 0, dns_versions, CHANGE_RESTART, "form of DNS events" },
	{ TYPES "*", OPTION_MAP, AT(types), NULL, 0, 0, NULL, CHANGE_RESTART, "settings of one protocol's events: PROTOCOL.enabled, http.extended, tls.custom ..." },
	{ 0 },
};

