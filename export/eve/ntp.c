// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ntp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/ntp/ntp.h"
#include "export/eve/one_way.h"

static bool write_ntp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	struct ntp_message m;
	if (part || !ntp_message_read(datagram_span(tx), &m))
		return false;
	json_put_object(json, "ntp");
	json_put_uint(json, "version", m.version);
	json_put_uint(json, "mode", m.mode);
	if (m.timed) {
		json_put_uint(json, "stratum", m.stratum);
		json_put_hex(json, "reference_id", m.reference, ':');
	}
	json_object_end(json);
	return true;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct ntp_message m;
	return ntp_message_read(datagram_span(tx), &m);
}

const struct eve_app eve_ntp = {
	.proto = APP_NTP, .event_type = "ntp", .write = write_ntp, .direction = eve_one_way, .wanted = wanted
};
