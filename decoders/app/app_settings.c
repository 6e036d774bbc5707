// SPDX-License-Identifier: GPL-3.0-or-later
// Settings of the application layer: the option table, and what app-layer.protocols.* may hold.
#include <stdlib.h>
#include "decoders/app/app_layer.h"

#define OPTION(k, t, member, p, c, h)                                                                         \
	{                                                                                                     \
		.key = k, .type = t, .offset = offsetof(struct app_config, member), .preset = p, .change = c, \
		.help = h                                                                                     \
	}

const struct option app_options[] = {
	OPTION("app-layer.protocols.*", OPTION_MAP, protocols, NULL, CHANGE_RESTART,
		"Settings of one protocol: PROTO.enabled (yes, no, detection-only), PROTO.detection-ports.dp, and the "
		"protocol's own."),
	OPTION("app-layer.ndpi.enabled", OPTION_BOOL, ndpi_enabled, "yes", CHANGE_RESTART,
		"Name flows no parser claims with nDPI."),
	{ .key = "app-layer.ndpi.packets",
		.type = OPTION_UINT,
		.offset = offsetof(struct app_config, ndpi_packets),
		.preset = "8",
		.min = 1,
		.max = 64,
		.change = CHANGE_RESTART,
		.help = "First packets of a flow that nDPI sees at most." },
	{ .key = "app-layer.ndpi.flows",
		.type = OPTION_UINT,
		.offset = offsetof(struct app_config, ndpi_flows),
		.preset = "4096",
		.min = 1,
		.max = 1048576,
		.change = CHANGE_RESTART,
		.help = "Flows of a worker that nDPI looks at at once (about 3 KiB each); more stay unnamed." },
	{ .key = "app-layer.max-tx",
		.type = OPTION_UINT,
		.offset = offsetof(struct app_config, max_tx),
		.preset = "256",
		.min = 1,
		.max = 65536,
		.change = CHANGE_RESTART,
		.help = "Live transactions of a flow above which done ones are freed before they were inspected." },
	{ .key = "app-layer.max-tx-hard",
		.type = OPTION_UINT,
		.offset = offsetof(struct app_config, max_tx_hard),
		.preset = "1024",
		.min = 1,
		.max = 65536,
		.change = CHANGE_RESTART,
		.help = "Live transactions of a flow at most; the parser then gets none and the flow is given up." },
	{ .key = "app-layer.flow-memory",
		.type = OPTION_SIZE,
		.offset = offsetof(struct app_config, flow_memory_bytes),
		.preset = "16 MiB",
		.max = UINT64_C(64) << 30,
		.change = CHANGE_RESTART,
		.help = "Of memory.worker that the parser and all transactions of one flow may hold together (0: no "
			"bound); the "
			"flow's application layer then takes no more, and what it has is told and freed." },
	OPTION("app-layer.files.md5", OPTION_BOOL, hash_md5, "yes", CHANGE_RESTART, "Give the MD5 of files."),
	OPTION("app-layer.files.sha1", OPTION_BOOL, hash_sha1, "yes", CHANGE_RESTART, "Give the SHA-1 of files."),
	OPTION("app-layer.files.sha256", OPTION_BOOL, hash_sha256, "yes", CHANGE_RESTART, "Give the SHA-256 of files."),
	OPTION("app-layer.files.magic", OPTION_BOOL, magic, "yes", CHANGE_RESTART,
		"Give what libmagic says of a file's first bytes."),
	{ .key = "app-layer.files.window",
		.type = OPTION_SIZE,
		.offset = offsetof(struct app_config, file_window_bytes),
		.preset = "256 KiB",
		.min = 4096,
		.max = SLAB_MAX_BLOCK,
		.change = CHANGE_RESTART,
		.help = "Newest bytes of a file kept for inspection." },
	{ 0 },
};

// Keys every protocol takes, and those of one protocol; a trailing * takes whatever follows.
static const char *const common_keys[] = {
	"enabled",
	"detection-ports.dp",
	"detection-ports.sp",
	"detection-ports.dp.*",
	"tcp.enabled",
	"udp.enabled",
	"tcp.detection-ports.dp",
	"udp.detection-ports.dp",
	"max-tx",
};

static const struct {
	enum app_proto proto;
	const char *key;
} own_keys[] = {
	{ APP_TLS, "ja3-fingerprints" },
	{ APP_TLS, "ja4-fingerprints" },
	{ APP_TLS, "encryption-handling" },
	{ APP_TLS, "certificate-max-bytes" },
	{ APP_QUIC, "ja3-fingerprints" },
	{ APP_QUIC, "ja4-fingerprints" },
	{ APP_SSH, "hassh" },
	{ APP_HTTP, "libhtp.default-config.*" },
	{ APP_HTTP, "libhtp.server-config.*" },
	{ APP_HTTP, "memcap" },
	{ APP_HTTP2, "max-streams" },
	{ APP_HTTP2, "max-table-size" },
	{ APP_HTTP2, "max-reassembly-size" },
	{ APP_FTP, "memcap" },
	{ APP_SMB, "stream-depth" },
	{ APP_SMB, "max-read-size" },
	{ APP_SMB, "max-write-size" },
	{ APP_SMB, "max-read-queue-size" },
	{ APP_SMB, "max-write-queue-size" },
	{ APP_SMB, "max-read-queue-cnt" },
	{ APP_SMB, "max-write-queue-cnt" },
	{ APP_SMB, "max-guid-cache-size" },
	{ APP_SMB, "max-rec-offset-cache-size" },
	{ APP_SMB, "max-tree-cache-size" },
	{ APP_SMTP, "raw-extraction" },
	{ APP_SMTP, "mime.*" },
	{ APP_SMTP, "inspected-tracker.*" },
	{ APP_DNP3, "max-objects" },
	{ APP_DNP3, "max-points" },
	{ APP_MQTT, "max-msg-length" },
	{ APP_MQTT, "subscribe-topic-match-limit" },
	{ APP_MQTT, "unsubscribe-topic-match-limit" },
	{ APP_PGSQL, "stream-depth" },
	{ APP_MODBUS, "stream-depth" },
	{ APP_MODBUS, "request-flood" },
	{ APP_RDP, "stream-depth" },
	{ APP_WEBSOCKET, "max-payload-size" },
};

static bool key_is(const char *pattern, const char *key)
{
	size_t len = strlen(pattern);
	if (len && pattern[len - 1] == '*')
		return strncmp(pattern, key, len - 1) == 0 && key[len - 1];
	return strcmp(pattern, key) == 0;
}

bool app_setting_known(const char *key)
{
	const char *dot = strchr(key, '.');
	char name[32];
	if (!dot || (size_t)(dot - key) >= sizeof(name))
		return false;
	memcpy(name, key, (size_t)(dot - key));
	name[dot - key] = 0;
	enum app_proto proto = app_proto_find(name);
	if (proto == APP_UNKNOWN)
		return false;
	for (size_t i = 0; i < sizeof(common_keys) / sizeof(common_keys[0]); i++)
		if (key_is(common_keys[i], dot + 1))
			return true;
	for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++)
		if (own_keys[i].proto == proto && key_is(own_keys[i].key, dot + 1))
			return true;
	return false;
}

const char *app_setting(const struct app_config *config, const char *proto, const char *key)
{
	size_t len = strlen(proto);
	for (size_t i = config->protocols.count; i-- > 0;) {
		const char *k = config->protocols.pairs[i].key;
		if (strncmp(k, proto, len) == 0 && k[len] == '.' && strcmp(k + len + 1, key) == 0)
			return config->protocols.pairs[i].value;
	}
	return NULL;
}

static bool is_any(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (strcasecmp(value, *words) == 0)
			return true;
	return false;
}

bool app_setting_bool(const struct app_config *config, const char *proto, const char *key, bool preset)
{
	static const char *const yes[] = { "yes", "true", "on", "1", NULL };
	static const char *const no[] = { "no", "false", "off", "0", NULL };
	const char *value = app_setting(config, proto, key);
	if (!value)
		return preset;
	return is_any(value, yes) || (preset && !is_any(value, no));
}

uint64_t app_setting_size(const struct app_config *config, const char *proto, const char *key, uint64_t preset)
{
	const char *value = app_setting(config, proto, key);
	if (!value || *value < '0' || *value > '9')
		return preset;
	char *unit;
	uint64_t size = strtoull(value, &unit, 10);
	while (*unit == ' ')
		unit++;
	unsigned shift = 0;
	switch (*unit | 0x20) {
	case 'k': shift = 10; break;
	case 'm': shift = 20; break;
	case 'g': shift = 30; break;
	default: break;
	}
	return size > UINT64_MAX >> shift ? UINT64_MAX : size << shift;
}

bool app_proto_enabled(const struct app_config *config, enum app_proto proto)
{
	const char *name = app_proto_eve_name(proto);
	return app_setting_bool(config, name, "enabled", true);
}
