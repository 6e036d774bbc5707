// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ntp/ntp.h"
#include <stdlib.h>
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define HEAD_BYTES 48

static const char *const event_names[] = { [NTP_MALFORMED_DATA] = "malformed_data", NULL };

bool ntp_message_read(struct span data, struct ntp_message *m)
{
	struct cursor c = cursor_on(data);
	uint8_t first = cursor_u8(&c), second = cursor_u8(&c);
	*m = (struct ntp_message) { .leap = first >> 6, .version = first >> 3 & 7, .mode = first & 7 };
	if (!cursor_ok(&c) || m->version < 1 || m->version > 4 || m->mode == 0)
		return false;
	if (m->mode > 5)
		return data.len >= 8;
	m->timed = true;
	m->stratum = second;
	m->reference = span_slice(data, 12, 4);
	return data.len >= HEAD_BYTES;
}

static enum app_result parse(struct app_input *input)
{
	struct ntp_message message;
	struct app_tx *tx = datagram_take(input);
	if (tx && !ntp_message_read(input->data, &message)) {
		tally(input, TALLY_MALFORMED);
		app_tx_event(input->flow, tx, NTP_MALFORMED_DATA);
	}
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 123, 123 }, { 0 } };

const struct app_parser ntp_parser = {
	.proto = APP_NTP,
	.name = "ntp",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 48,
	.probe = recognise_ntp,
	.parse = parse,
	.tx_free = datagram_free,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
