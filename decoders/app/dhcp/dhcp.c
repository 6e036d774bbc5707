// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dhcp/dhcp.h"
#include <stdlib.h>
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define COOKIE         0x63825363u
#define HARDWARE_BYTES 16

static const char *const event_names[] = {
	[DHCP_TRUNCATED_OPTIONS] = "truncated_options", [DHCP_MALFORMED_OPTIONS] = "malformed_options", NULL
};

bool dhcp_message_read(struct span data, struct dhcp_message *m)
{
	struct cursor c = cursor_on(data);
	*m = (struct dhcp_message) { .operation = cursor_u8(&c) };
	cursor_u8(&c); // kind of hardware
	uint8_t hardware_len = cursor_u8(&c);
	cursor_u8(&c); // hops
	m->id = cursor_be32(&c);
	cursor_skip(&c, 4); // seconds, flags
	m->client = cursor_span(&c, 4);
	m->assigned = cursor_span(&c, 4);
	m->next_server = cursor_span(&c, 4);
	m->relay = cursor_span(&c, 4);
	m->hardware = span_slice(cursor_span(&c, HARDWARE_BYTES), 0, hardware_len);
	cursor_skip(&c, 64 + 128); // server's name, boot file
	uint32_t cookie = cursor_be32(&c);
	m->options = cursor_rest(&c);
	return cursor_ok(&c) && cookie == COOKIE;
}

enum dhcp_step dhcp_option_next(struct span options, uint32_t *at, uint8_t *code, struct span *value)
{
	struct cursor c = cursor_on(span_from(options, *at));
	do {
		if (!cursor_left(&c))
			return DHCP_STEP_CUT;
		*code = cursor_u8(&c);
	} while (*code == DHCP_PAD);
	if (*code == DHCP_END)
		return DHCP_STEP_END;
	uint8_t len = cursor_u8(&c);
	*value = cursor_span(&c, len);
	*at += cursor_offset(&c);
	return cursor_ok(&c) ? DHCP_STEP_OPTION : DHCP_STEP_CUT;
}

bool dhcp_seconds(const struct dhcp_message *m, uint8_t wanted, uint32_t *seconds)
{
	uint32_t at = 0;
	uint8_t code;
	struct span value;
	while (dhcp_option_next(m->options, &at, &code, &value) == DHCP_STEP_OPTION)
		if (code == wanted && value.len == 4) {
			*seconds = be32_at(value.data);
			return true;
		}
	return false;
}

static bool is_well_formed(uint8_t code, struct span value)
{
	switch (code) {
	case DHCP_LEASE_TIME:
	case DHCP_RENEWAL_TIME:
	case DHCP_REBINDING_TIME: return value.len == 4;
	case DHCP_TYPE: return value.len == 1;
	case DHCP_CLIENT_ID: return value.len >= 1;
	default: return true;
	}
}

static void check_options(struct app_input *input, struct app_tx *tx, const struct dhcp_message *m)
{
	uint32_t at = 0;
	uint8_t code;
	struct span value;
	enum dhcp_step step;
	while ((step = dhcp_option_next(m->options, &at, &code, &value)) == DHCP_STEP_OPTION)
		if (!is_well_formed(code, value)) {
			tally(input, TALLY_MALFORMED);
			app_tx_event(input->flow, tx, DHCP_MALFORMED_OPTIONS);
		}
	if (step != DHCP_STEP_CUT)
		return;
	tally(input, TALLY_TRUNCATED);
	app_tx_event(input->flow, tx, DHCP_TRUNCATED_OPTIONS);
}

static enum app_result parse(struct app_input *input)
{
	struct dhcp_message message;
	if (!dhcp_message_read(input->data, &message)) {
		tally(input, TALLY_MALFORMED);
		return APP_OK;
	}
	struct app_tx *tx = datagram_take(input);
	if (tx)
		check_options(input, tx, &message);
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 67, 68 }, { 0 } };

const struct app_parser dhcp_parser = {
	.proto = APP_DHCP,
	.name = "dhcp",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 240,
	.probe = recognise_dhcp,
	.parse = parse,
	.tx_free = datagram_free,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
