// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include "decoders/app/dhcpv6/dhcpv6.h"

#define DEPTH_MAX    3   // association, address, status
#define DUID_BYTES   130 // RFC 8415 section 11.1
#define TEXT_BYTES   1024
#define NAME_BYTES   256
#define ETHERNET     1
#define ADDRESS_SIZE 16

enum {
	OPTION_CLIENT = 1,
	OPTION_SERVER = 2,
	OPTION_IA_NA = 3,
	OPTION_IA_TA = 4,
	OPTION_ADDRESS = 5,
	OPTION_REQUEST = 6,
	OPTION_ELAPSED = 8,
	OPTION_RELAYED = 9,
	OPTION_STATUS = 13,
	OPTION_RAPID_COMMIT = 14,
	OPTION_USER_CLASS = 15,
	OPTION_VENDOR_CLASS = 16,
	OPTION_VENDOR = 17,
	OPTION_INTERFACE = 18,
	OPTION_DNS = 23,
	OPTION_DOMAINS = 24,
	OPTION_IA_PD = 25,
	OPTION_PREFIX = 26,
	OPTION_REMOTE = 37,
	OPTION_FQDN = 39,
	OPTION_BOOTFILE = 59,
	OPTION_LINK_ADDRESS = 79,
};

struct walk {
	const struct app_input *input;
	struct fact_tx *tx;
	bool relay;
	struct span *relayed;
};

static bool take_list(struct walk *w, struct span options, unsigned depth);

static void tell_once(const struct walk *w, uint8_t id, uint32_t number)
{
	if (!fact_find(w->tx, id, 0))
		fact_number(w->input, w->tx, id, number);
}

static void tell_text(const struct walk *w, uint8_t id, struct span text)
{
	if (text.len)
		fact_text(w->input, w->tx, id, span_slice(text, 0, TEXT_BYTES));
}

static void tell_mac(const struct walk *w, struct span mac)
{
	const uint8_t *b = mac.data;
	if (mac.len == 6 && !fact_find(w->tx, DHCPV6_CLIENT_MAC, 0))
		fact_format(w->input, w->tx, DHCPV6_CLIENT_MAC, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
			b[4], b[5]);
}

// A client's identifier of kinds 1 and 3 ends with its hardware's address.
static bool take_duid(const struct walk *w, uint8_t id, struct span duid)
{
	if (duid.len < 3 || duid.len > DUID_BYTES)
		return false;
	if (fact_find(w->tx, id, 0))
		return true;
	fact_hex(w->input, w->tx, id, duid, DUID_BYTES);
	uint16_t kind = be16_at(duid.data);
	bool ethernet = duid.len > 4 && be16_at(duid.data + 2) == ETHERNET;
	if (id == DHCPV6_CLIENT_DUID && ethernet && (kind == 1 || kind == 3))
		tell_mac(w, span_from(duid, kind == 1 ? 8 : 4));
	return true;
}

static void tell_prefix(const struct walk *w, const uint8_t *b, uint8_t bits)
{
	char text[48];
	int at = 0;
	for (unsigned i = 0; i < ADDRESS_SIZE; i += 2)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%02x%02x", i ? ":" : "", b[i], b[i + 1]);
	fact_format(w->input, w->tx, DHCPV6_PREFIX, "%s/%u", text, bits);
}

// Addresses and prefixes of an association, with their lifetimes.
static bool take_address(struct walk *w, uint16_t code, struct cursor *c, unsigned depth)
{
	struct span address = { NULL, 0 };
	if (code == OPTION_ADDRESS)
		address = cursor_span(c, ADDRESS_SIZE);
	uint32_t preferred = cursor_be32(c), valid = cursor_be32(c);
	uint8_t bits = 0;
	if (code == OPTION_PREFIX) {
		bits = cursor_u8(c);
		address = cursor_span(c, ADDRESS_SIZE);
	}
	if (!cursor_ok(c) || bits > 128)
		return false;
	if (code == OPTION_ADDRESS)
		fact_address(w->input, w->tx, DHCPV6_ADDRESS, address);
	else
		tell_prefix(w, address.data, bits);
	tell_once(w, DHCPV6_PREFERRED, preferred);
	tell_once(w, DHCPV6_LEASE, valid);
	return take_list(w, cursor_rest(c), depth + 1);
}

// A name as DNS writes it (RFC 1035 section 3.1, without pointers); one without its end is partial, and good (RFC 4704 section 4.2).
static bool take_name(const struct walk *w, uint8_t id, struct cursor *c)
{
	uint8_t name[NAME_BYTES];
	uint32_t len = 0;
	while (cursor_left(c)) {
		uint8_t size = cursor_u8(c);
		struct span label = cursor_span(c, size);
		if (!cursor_ok(c) || size > 63 || len + size + 1 > sizeof(name))
			return false;
		if (!size)
			break;
		if (len)
			name[len++] = '.';
		memcpy(name + len, label.data, size);
		len += size;
	}
	tell_text(w, id, span_of(name, len));
	return true;
}

// Classes: each a length and bytes.
static bool take_classes(const struct walk *w, uint8_t id, struct cursor *c)
{
	while (cursor_left(c)) {
		struct span class = cursor_span(c, cursor_be16(c));
		if (!cursor_ok(c))
			return false;
		tell_text(w, id, class);
	}
	return true;
}

static void tell_status(const struct walk *w, uint16_t code, struct span message)
{
	static const char *const names[] = { "success", "unspec_fail", "no_addrs_avail", "no_binding", "not_on_link",
		"use_multicast", "no_prefix_avail" };
	if (code < sizeof(names) / sizeof(names[0]))
		fact_string(w->input, w->tx, DHCPV6_STATUS, names[code]);
	else
		fact_format(w->input, w->tx, DHCPV6_STATUS, "%u", code);
	tell_text(w, DHCPV6_STATUS_MESSAGE, message);
}

// Options that hold others. False: broken.
static bool take_association(struct walk *w, uint16_t code, struct cursor *c, unsigned depth)
{
	uint32_t id = cursor_be32(c);
	if (code != OPTION_IA_TA)
		cursor_skip(c, 8); // when to renew and rebind
	if (!cursor_ok(c))
		return false;
	fact_number(w->input, w->tx, DHCPV6_IAID, id);
	return take_list(w, cursor_rest(c), depth + 1);
}

static bool take_requested(const struct walk *w, struct cursor *c)
{
	for (unsigned i = 0; cursor_left(c) && cursor_ok(c); i++) {
		uint16_t code = cursor_be16(c);
		if (cursor_ok(c) && i < DHCPV6_OPTIONS)
			fact_number(w->input, w->tx, DHCPV6_REQUESTED, code);
		else if (i == DHCPV6_OPTIONS)
			tally(w->input, TALLY_TRUNCATED);
	}
	return cursor_ok(c);
}

static bool take_servers(const struct walk *w, struct cursor *c)
{
	while (cursor_left(c)) {
		struct span address = cursor_span(c, ADDRESS_SIZE);
		if (!cursor_ok(c))
			return false;
		fact_address(w->input, w->tx, DHCPV6_DNS_SERVER, address);
	}
	return true;
}

// What says who relays, and where the client is.
static bool take_relay_option(struct walk *w, uint16_t code, struct span value, struct cursor *c)
{
	switch (code) {
	case OPTION_RELAYED:
		if (!w->relay || !value.len)
			return false;
		*w->relayed = value;
		return true;
	case OPTION_INTERFACE: tell_text(w, DHCPV6_INTERFACE, value); return true;
	case OPTION_REMOTE:
		cursor_be32(c);
		fact_hex(w->input, w->tx, DHCPV6_REMOTE, cursor_rest(c), DUID_BYTES);
		return cursor_ok(c);
	default:
		if (cursor_be16(c) == ETHERNET)
			tell_mac(w, cursor_rest(c));
		return cursor_ok(c);
	}
}

static bool take_option(struct walk *w, uint16_t code, struct span value, unsigned depth)
{
	struct cursor c = cursor_on(value);
	switch (code) {
	case OPTION_CLIENT: return take_duid(w, DHCPV6_CLIENT_DUID, value);
	case OPTION_SERVER: return take_duid(w, DHCPV6_SERVER_DUID, value);
	case OPTION_IA_NA:
	case OPTION_IA_TA:
	case OPTION_IA_PD: return take_association(w, code, &c, depth);
	case OPTION_ADDRESS:
	case OPTION_PREFIX: return take_address(w, code, &c, depth);
	case OPTION_REQUEST: return take_requested(w, &c);
	case OPTION_ELAPSED: tell_once(w, DHCPV6_ELAPSED, cursor_be16(&c)); return cursor_ok(&c);
	case OPTION_STATUS: {
		uint16_t status = cursor_be16(&c);
		if (cursor_ok(&c))
			tell_status(w, status, cursor_rest(&c));
		return cursor_ok(&c);
	}
	case OPTION_RAPID_COMMIT:
		if (!fact_find(w->tx, DHCPV6_RAPID_COMMIT, 0))
			fact_flag(w->input, w->tx, DHCPV6_RAPID_COMMIT);
		return true;
	case OPTION_USER_CLASS: return take_classes(w, DHCPV6_USER_CLASS, &c);
	case OPTION_VENDOR_CLASS:
		tell_once(w, DHCPV6_ENTERPRISE, cursor_be32(&c));
		return cursor_ok(&c) && take_classes(w, DHCPV6_VENDOR_CLASS, &c);
	case OPTION_VENDOR: tell_once(w, DHCPV6_ENTERPRISE, cursor_be32(&c)); return cursor_ok(&c);
	case OPTION_DNS: return take_servers(w, &c);
	case OPTION_DOMAINS:
		while (cursor_left(&c))
			if (!take_name(w, DHCPV6_DOMAIN, &c))
				return false;
		return true;
	case OPTION_FQDN:
		cursor_u8(&c); // who updates DNS
		return cursor_ok(&c) && take_name(w, DHCPV6_FQDN, &c);
	case OPTION_BOOTFILE: tell_text(w, DHCPV6_BOOTFILE, value); return true;
	case OPTION_RELAYED:
	case OPTION_INTERFACE:
	case OPTION_REMOTE:
	case OPTION_LINK_ADDRESS: return take_relay_option(w, code, value, &c);
	default: return true;
	}
}

static bool take_list(struct walk *w, struct span options, unsigned depth)
{
	struct cursor c = cursor_on(options);
	if (options.len && depth > DEPTH_MAX)
		return false;
	while (cursor_left(&c)) {
		uint16_t code = cursor_be16(&c);
		struct span value = cursor_span(&c, cursor_be16(&c));
		if (!cursor_ok(&c) || !take_option(w, code, value, depth))
			return false;
	}
	return true;
}

bool dhcpv6_take_options(
	const struct app_input *input, struct fact_tx *tx, struct span options, bool relay, struct span *relayed)
{
	struct walk w = { .input = input, .tx = tx, .relay = relay, .relayed = relayed };
	*relayed = (struct span) { NULL, 0 };
	return take_list(&w, options, 0);
}
