// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/tftp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/tftp/tftp.h"
#include "export/eve/one_way.h"

static bool write_tftp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	struct tftp_request request;
	if (part || !tftp_request_read(datagram_span(tx), &request))
		return false;
	json_put_object(json, "tftp");
	json_put_text(json, "packet", request.opcode == TFTP_READ ? "read" : "write");
	json_put_span(json, "file", request.file);
	json_put_span(json, "mode", request.mode);
	json_object_end(json);
	return true;
}

const struct eve_app eve_tftp = {
	.proto = APP_TFTP, .event_type = "tftp", .write = write_tftp, .direction = eve_one_way
};
