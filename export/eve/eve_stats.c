// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics: counters by dotted names as nested objects. The schema of stats is closed: what it has no place for is told by the summary.
#include <stdio.h>
#include "export/eve/eve_header.h"

#define STATS_MAX 1024 // values of one event

// Names the schema has no place for; a dot at the end: all below it.
static const char *const left_out[] = {
	"app_layer.announced_evicted",
	"app_layer.announced_over_share",
	"app_layer.detected",
	"app_layer.failed",
	"app_layer.frames_over_budget",
	"app_layer.memory_over_budget",
	"app_layer.ndpi_named",
	"app_layer.ndpi_over_budget",
	"app_layer.ndpi_packets",
	"app_layer.parser.",
	"app_layer.tx_over_budget",
	"decoder.ah",
	"decoder.event.ah.malformed",
	"decoder.event.geneve.malformed",
	"decoder.event.gtp.malformed",
	"decoder.event.igmp.",
	"decoder.event.loop.",
	"decoder.event.teredo.malformed",
	"decoder.event.too_many_layers",
	"decoder.event.vxlan.malformed",
	"decoder.gtpu",
	"decoder.igmp",
	"decoder.ipv4_invalid_checksum",
	"decoder.l4_invalid_checksum",
	"decoder.offloaded_refused",
	"defrag.memcap_drops",
	"defrag.tracker_timeout",
	"detect.detectors_suppressed",
	"detect.findings",
	"detect.pcre_limit",
	"detect.prefilter_hits",
	"detect.rule_checks",
	"detect.scanned_bytes",
	"detect.scans",
	"detect.state_over_budget",
	"detect.step_limit",
	"detect.values_over_budget",
	"evidence.",
	"exception_policy.tcp.midstream.ignore",
	"export.",
	"file_store.files",
	"file_store.files_lost",
	"file_store.files_refused",
	"file_store.notes_lost",
	"file_store.ring_waits",
	"flow.end.forced",
	"flow.end.shutdown",
	"flow.end.timeout",
	"flow.evicted",
	"flow.evicted_new",
	"memory.",
	"pipeline.",
	"reputation.",
	"heuristics.",
	"sightings.",
	"tcp.copied_bytes",
	"tcp.segment_over_budget",
	"tcp.zero_copy_bytes",
};

static const struct {
	const char *ours, *schemas;
} renamed[] = {
	{ "stream.3whs_synack_resend_with_different_ack", "stream.3whs_synack_resend_with_diff_ack" },
	{ "stream.est_synack_resend_with_different_ack", "stream.est_synack_resend_with_diff_ack" },
};

// Protocols app_layer.flow and app_layer.tx have; those over TCP and UDP end in _tcp and _udp there.
static const char *const applications[] = {
	"bittorrent-dht",
	"dcerpc_tcp",
	"dcerpc_udp",
	"dhcp",
	"dnp3",
	"dns_tcp",
	"dns_udp",
	"doh2",
	"enip_tcp",
	"enip_udp",
	"failed_tcp",
	"failed_udp",
	"ftp",
	"ftp-data",
	"http",
	"http2",
	"ike",
	"imap",
	"krb5_tcp",
	"krb5_udp",
	"ldap_tcp",
	"ldap_udp",
	"mdns",
	"modbus",
	"mqtt",
	"nfs_tcp",
	"nfs_udp",
	"ntp",
	"pgsql",
	"pop3",
	"quic",
	"rdp",
	"rfb",
	"sip_tcp",
	"sip_udp",
	"smb",
	"smtp",
	"snmp",
	"ssh",
	"telnet",
	"tftp",
	"tls",
	"websocket",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// name: of a protocol, and what follows a dot.
static bool is_application(const char *name, bool failed_too)
{
	size_t len = strcspn(name, ".");
	if (!failed_too && strncmp(name, "failed", 6) == 0)
		return false;
	for (size_t i = 0; i < COUNT(applications); i++)
		if (strncmp(applications[i], name, len) == 0 && !applications[i][len])
			return true;
	return false;
}

static bool is_left_out(const char *name)
{
	static const char flows[] = "app_layer.flow.", txs[] = "app_layer.tx.", errors[] = "app_layer.error.";
	if (strncmp(name, flows, sizeof(flows) - 1) == 0)
		return !is_application(name + sizeof(flows) - 1, true);
	if (strncmp(name, txs, sizeof(txs) - 1) == 0)
		return !is_application(name + sizeof(txs) - 1, false);
	if (strncmp(name, errors, sizeof(errors) - 1) == 0)
		return !is_application(name + sizeof(errors) - 1, false);
	for (size_t i = 0; i < COUNT(left_out); i++) {
		size_t len = strlen(left_out[i]);
		if (left_out[i][len - 1] == '.' ? strncmp(name, left_out[i], len) == 0 : strcmp(name, left_out[i]) == 0)
			return true;
	}
	return false;
}

static const char *schema_name(const char *name)
{
	for (size_t i = 0; i < COUNT(renamed); i++)
		if (strcmp(renamed[i].ours, name) == 0)
			return renamed[i].schemas;
	return name;
}

// Versions of a protocol share a name there: their values are added.
static size_t add(struct eve_stat *kept, size_t count, const char *name, uint64_t value)
{
	if (strncmp(name, "app_layer.", 10) == 0)
		for (size_t i = 0; i < count; i++)
			if (strcmp(kept[i].name, name) == 0) {
				kept[i].value += value;
				return count;
			}
	kept[count] = (struct eve_stat) { name, value };
	return count + 1;
}

static bool is_index(const char *part)
{
	return *part >= '0' && *part <= '9' && strchr(part, '.');
}

// All values whose names begin with the first len bytes of prefix; a name's next part opens an object where it is met first, or an array when a
// number follows it ("engines.0.rules_loaded").
static void write_level(struct json *json, const struct eve_stat *stats, size_t count, const char *prefix, size_t len)
{
	char key[64];
	for (size_t i = 0; i < count; i++) {
		if (strncmp(stats[i].name, prefix, len) != 0)
			continue;
		const char *part = stats[i].name + len, *dot = strchr(part, '.');
		if (!dot) {
			json_put_uint(json, part, stats[i].value);
			continue;
		}
		size_t part_len = (size_t)(dot - part) + 1; // with its dot
		bool seen = false;
		for (size_t j = 0; j < i && !seen; j++)
			seen = strncmp(stats[j].name, stats[i].name, len + part_len) == 0;
		if (seen || json->depth + 2 >= JSON_DEPTH_MAX)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)part_len - 1, part);
		bool array = is_index(dot + 1);
		if (array)
			json_put_array(json, key);
		else
			json_put_object(json, is_index(part) ? NULL : key);
		write_level(json, stats + i, count - i, stats[i].name, len + part_len);
		if (array)
			json_array_end(json);
		else
			json_object_end(json);
	}
}

bool eve_stats(struct eve_writer *writer, struct json *json, struct record *record, uint64_t ts_ns, uint64_t uptime_s,
	const struct eve_stat *stats, size_t count)
{
	struct eve_stat kept[STATS_MAX];
	size_t kept_count = 0;
	if (!writer->config->stats)
		return false;
	for (size_t i = 0; i < count && kept_count < STATS_MAX; i++)
		if (!is_left_out(stats[i].name))
			kept_count = add(kept, kept_count, schema_name(stats[i].name), stats[i].value);
	const struct eve_event event = { .type = RECORD_STATS, .name = "stats", .ts_ns = ts_ns };
	eve_header(writer, json, record, &event);
	json_put_object(json, "stats");
	json_put_uint(json, "uptime", uptime_s);
	write_level(json, kept, kept_count, "", 0);
	json_object_end(json);
	return true;
}
