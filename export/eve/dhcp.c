// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dhcp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/dhcp/dhcp.h"
#include "export/eve/one_way.h"

static void put_ip(struct json *json, const char *key, struct span bytes)
{
	if (bytes.len != 4)
		return;
	struct address address = address_v4(bytes.data);
	json_put_address(json, key, &address);
}

static void put_ips(struct json *json, const char *key, struct span bytes)
{
	if (bytes.len < 4)
		return;
	json_put_array(json, key);
	for (uint32_t at = 0; at + 4 <= bytes.len; at += 4)
		put_ip(json, NULL, span_slice(bytes, at, 4));
	json_array_end(json);
}

static void put_seconds(struct json *json, const char *key, struct span bytes)
{
	if (bytes.len == 4)
		json_put_uint(json, key,
			(uint32_t)bytes.data[0] << 24 | (uint32_t)bytes.data[1] << 16 | (uint32_t)bytes.data[2] << 8 |
				bytes.data[3]);
}

static void put_type(struct json *json, struct span bytes)
{
	static const char *const names[] = { [1] = "discover",
		[2] = "offer",
		[3] = "request",
		[4] = "decline",
		[5] = "ack",
		[6] = "nak",
		[7] = "release",
		[8] = "inform" };
	uint8_t type = bytes.len ? bytes.data[0] : 0;
	bool known = type && type < sizeof(names) / sizeof(names[0]);
	json_put_text(json, "dhcp_type", known ? names[type] : "unknown");
}

// Options that a client asks for, those that have a name here.
static void put_parameters(struct json *json, struct span bytes)
{
	static const char *const names[256] = { [1] = "subnet_mask",
		[3] = "router",
		[6] = "dns_server",
		[15] = "domain",
		[35] = "arp_timeout",
		[42] = "ntp_server",
		[66] = "tftp_server_name",
		[150] = "tftp_server_ip" };
	bool any = false;
	for (uint32_t i = 0; i < bytes.len; i++) {
		if (!names[bytes.data[i]])
			continue;
		if (!any)
			json_put_array(json, "params");
		any = true;
		json_put_text(json, NULL, names[bytes.data[i]]);
	}
	if (any)
		json_array_end(json);
}

static void put_option(struct json *json, uint8_t code, struct span value, bool extended)
{
	switch (code) {
	case DHCP_TYPE: put_type(json, value); return;
	case DHCP_CLIENT_ID: json_put_hex(json, "client_id", span_from(value, 1), ':'); return;
	case DHCP_HOSTNAME:
		if (value.len)
			json_put_span(json, "hostname", value);
		return;
	default: break;
	}
	if (!extended)
		return;
	switch (code) {
	case DHCP_SUBNET_MASK: put_ip(json, "subnet_mask", value); break;
	case DHCP_ROUTERS: put_ips(json, "routers", value); break;
	case DHCP_DNS_SERVERS: put_ips(json, "dns_servers", value); break;
	case DHCP_REQUESTED_IP: put_ip(json, "requested_ip", value); break;
	case DHCP_LEASE_TIME: put_seconds(json, "lease_time", value); break;
	case DHCP_RENEWAL_TIME: put_seconds(json, "renewal_time", value); break;
	case DHCP_REBINDING_TIME: put_seconds(json, "rebinding_time", value); break;
	case DHCP_PARAMETERS: put_parameters(json, value); break;
	case DHCP_VENDOR_CLASS: json_put_span(json, "vendor_class_identifier", value); break;
	default: break;
	}
}

static void put_options(struct json *json, const struct dhcp_message *m, bool extended)
{
	bool told[256] = { false };
	uint32_t at = 0;
	uint8_t code;
	struct span value;
	while (dhcp_option_next(m->options, &at, &code, &value) == DHCP_STEP_OPTION) {
		if (!told[code])
			put_option(json, code, value, extended);
		told[code] = true;
	}
}

static bool write_dhcp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow, (void)in_alert;
	struct dhcp_message m;
	if (part || !dhcp_message_read(datagram_span(tx), &m))
		return false;
	const char *setting = eve_setting(config, "dhcp", "extended");
	bool extended = !setting || (strcasecmp(setting, "no") != 0 && strcasecmp(setting, "false") != 0);
	json_put_object(json, "dhcp");
	json_put_text(json, "type", m.operation == 1 ? "request" : m.operation == 2 ? "reply" : "<unknown>");
	json_put_uint(json, "id", m.id);
	json_put_hex(json, "client_mac", m.hardware, ':');
	put_ip(json, "assigned_ip", m.assigned);
	if (extended) {
		put_ip(json, "client_ip", m.client);
		if (m.operation == 2) {
			put_ip(json, "relay_ip", m.relay);
			put_ip(json, "next_server_ip", m.next_server);
		}
	}
	put_options(json, &m, extended);
	json_object_end(json);
	return true;
}

const struct eve_app eve_dhcp = {
	.proto = APP_DHCP, .event_type = "dhcp", .write = write_dhcp, .direction = eve_one_way
};
