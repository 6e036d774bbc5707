// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/telnet/telnet.h"
#include <stdlib.h>
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/steps.h"

enum { IAC = 255, SB = 250, SE = 240, OPTION_FIRST = 251, OPTION_LAST = 254 };

enum { FRAME_PDU, FRAME_CTL, FRAME_DATA };
static const char *const frame_names[] = { [FRAME_PDU] = "pdu", [FRAME_CTL] = "ctl", [FRAME_DATA] = "data", NULL };

// IAC SB ... IAC SE; a doubled IAC inside is a byte of data.
static uint32_t subnegotiation(struct span data)
{
	for (uint32_t at = 2; at + 1 < data.len && at < TELNET_LINE_MAX; at++) {
		work_step(1);
		if (data.data[at] != IAC)
			continue;
		if (data.data[at + 1] == SE)
			return at + 2;
		at++;
	}
	return data.len < TELNET_LINE_MAX ? 0 : TELNET_LINE_MAX;
}

// Text up to its line's end or the next command.
static uint32_t line(struct span data)
{
	struct span most = span_slice(data, 0, TELNET_LINE_MAX);
	uint32_t end = span_find(most, '\n', 0);
	uint32_t command = span_find(span_slice(most, 0, end), IAC, 0);
	work_step(1 + end / 16);
	if (command < end)
		return command;
	if (end < most.len)
		return end + 1;
	return most.len == TELNET_LINE_MAX ? most.len : 0;
}

uint32_t telnet_unit(struct span data, bool *command)
{
	*command = data.len && data.data[0] == IAC;
	if (!*command)
		return line(data);
	if (data.len < 2)
		return 0;
	uint8_t code = data.data[1];
	if (code == SB)
		return subnegotiation(data);
	if (code < OPTION_FIRST || code > OPTION_LAST)
		return 2;
	return data.len < 3 ? 0 : 3;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)flow, (void)slab, (void)shared;
	return true;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)tx, (void)slab, (void)shared;
}

static enum app_result parse(struct app_input *input)
{
	uint32_t at = 0;
	while (at < input->data.len) {
		bool command;
		uint32_t len = telnet_unit(span_from(input->data, at), &command);
		if (!len && !input->end)
			break;
		if (!len) {
			if (command)
				tally(input, TALLY_TRUNCATED);
			len = input->data.len - at;
		}
		app_frame(input, FRAME_PDU, at, len);
		app_frame(input, command ? FRAME_CTL : FRAME_DATA, at, len);
		at += len;
	}
	input->consumed = at;
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 23, 23 }, { 0 } };

const struct app_parser telnet_parser = {
	.proto = APP_TELNET,
	.name = "telnet",
	.tcp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 3,
	.probe = recognise_telnet,
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.counter_names = tally_names,
};
