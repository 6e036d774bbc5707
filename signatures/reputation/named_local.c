// SPDX-License-Identifier: GPL-3.0-or-later
// What a network hands to its hosts: DHCP's and DHCPv6's servers and files, and where SSDP says a device is described. Who can answer there can send all
// that the others do to a place of his own.
#include "decoders/app/datagram.h"
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/ssdp/ssdp.h"
#include "signatures/reputation/named_reading.h"

// Options of DHCP that are read.
enum dhcp_read { DHCP_READ_ADDRESSES, DHCP_READ_HOST, DHCP_READ_URL };

static const struct {
	uint8_t code;
	uint8_t read;
} options_read[] = {
	{ DHCP_DNS_SERVERS, DHCP_READ_ADDRESSES }, { 66, DHCP_READ_HOST }, // TFTP server (RFC 2132 9.4)
	{ 67, DHCP_READ_URL },                                             // boot file, of HTTP boot a URL
	{ 114, DHCP_READ_URL },                                            // captive portal (RFC 8910)
	{ 150, DHCP_READ_ADDRESSES },                                      // TFTP servers (RFC 5859)
	{ 252, DHCP_READ_URL },                                            // web proxy auto-discovery
};

static bool has_scheme(struct span text)
{
	uint32_t colon = span_find(text, ':', 0);
	return colon && text.len - colon > 3 && text.data[colon + 1] == '/' && text.data[colon + 2] == '/';
}

static void give_option(struct reading *reading, unsigned how, struct span value)
{
	struct span text = span_trim(span_slice(value, 0, span_find(value, 0, 0)));
	while (text.len && text.data[text.len - 1] < ' ') // a line end is usual
		text.len--;
	if (how == DHCP_READ_HOST)
		named_give_host(reading, NAMED_DHCP, text);
	else if (how == DHCP_READ_URL && has_scheme(text))
		named_give_link(reading, NAMED_DHCP, text);
	for (uint32_t at = 0; how == DHCP_READ_ADDRESSES && value.len - at >= 4 && at < 4 * NAMED_HINTS_MAX; at += 4) {
		struct address address = address_v4(value.data + at);
		named_give_address(reading, NAMED_DHCP, &address, 0);
	}
}

bool named_read_dhcp(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	struct dhcp_message message;
	uint32_t at = 0;
	uint8_t code;
	struct span value;
	unsigned count = 0;
	if (!(tx->direction_mask >> direction & 1) || !dhcp_message_read(datagram_span(tx), &message) ||
		message.operation != 2)
		return true;
	while (dhcp_option_next(message.options, &at, &code, &value) == DHCP_STEP_OPTION)
		for (size_t i = 0; i < sizeof(options_read) / sizeof(options_read[0]); i++)
			if (options_read[i].code == code && count++ < NAMED_OPTIONS_MAX)
				give_option(reading, options_read[i].read, value);
	return true;
}

static void give_facts(struct reading *reading, const struct app_tx *tx, uint8_t id, enum named_place place)
{
	unsigned count = 0;
	for (const struct fact *fact = fact_tx_in(tx)->first; fact; fact = fact->next) {
		struct span value = span_of(fact->bytes, fact->len);
		if (fact->id != id || count++ == NAMED_HINTS_MAX)
			continue;
		if (value.len == 16 && id == DHCPV6_DNS_SERVER && place == NAMED_DHCP) {
			struct address address = address_v6(value.data);
			named_give_address(reading, place, &address, 0);
		} else if (has_scheme(value)) {
			named_give_link(reading, place, value);
		}
	}
}

bool named_read_dhcpv6(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	if (!(tx->direction_mask >> direction & 1))
		return true;
	give_facts(reading, tx, DHCPV6_DNS_SERVER, NAMED_DHCP);
	give_facts(reading, tx, DHCPV6_BOOTFILE, NAMED_DHCP);
	return true;
}

bool named_read_ssdp(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	if (tx->direction_mask >> direction & 1)
		give_facts(reading, tx, SSDP_LOCATION, NAMED_SSDP_LOCATION);
	return true;
}
