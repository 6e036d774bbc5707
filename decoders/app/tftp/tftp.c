// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tftp/tftp.h"
#include <stdlib.h>
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

bool tftp_request_read(struct span data, struct tftp_request *r)
{
	*r = (struct tftp_request) { 0 };
	if (data.len < 6)
		return false;
	r->opcode = be16_at(data.data);
	if (r->opcode != TFTP_READ && r->opcode != TFTP_WRITE)
		return false;
	uint32_t file_end = span_find(data, 0, 2), mode_end = span_find(data, 0, file_end + 1);
	work_step(1 + data.len / 16);
	if (mode_end >= data.len)
		return false;
	r->file = span_slice(data, 2, file_end - 2);
	r->mode = span_slice(data, file_end + 1, mode_end - file_end - 1);
	return span_is_nocase(r->mode, "octet") || span_is_nocase(r->mode, "netascii") ||
	       span_is_nocase(r->mode, "mail");
}

static enum app_result parse(struct app_input *input)
{
	struct tftp_request request;
	uint16_t opcode = input->data.len >= 2 ? be16_at(input->data.data) : 0;
	if (tftp_request_read(input->data, &request))
		(void)datagram_take(input);
	else if (opcode < TFTP_DATA || opcode > TFTP_OPTIONS)
		tally(input, TALLY_MALFORMED);
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 69, 69 }, { 0 } };

const struct app_parser tftp_parser = {
	.proto = APP_TFTP,
	.name = "tftp",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 512,
	.probe = recognise_tftp,
	.parse = parse,
	.tx_free = datagram_free,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.counter_names = tally_names,
	.counters = tally_counters,
};
