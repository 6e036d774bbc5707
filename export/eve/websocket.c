// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/websocket.h"
#include <stdio.h>
#include "decoders/app/websocket/websocket.h"
#include "export/eve/one_way.h"

#define PAYLOAD_MAX (64u << 10) // bytes of a payload told

static bool is_on(const struct eve_config *config, const char *key)
{
	const char *value = eve_setting(config, "websocket", key);
	return value && (!strcasecmp(value, "yes") || !strcasecmp(value, "true") || !strcmp(value, "1"));
}

static bool write_websocket(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	const struct websocket_tx *ws = websocket_tx_of(tx);
	const char *name = websocket_opcode_name(ws->opcode);
	struct span payload = { ws->payload, ws->len < PAYLOAD_MAX ? ws->len : PAYLOAD_MAX };
	char unknown[16];
	(void)flow, (void)in_alert;
	if (part > 0)
		return false;
	snprintf(unknown, sizeof(unknown), "unknown-%u", ws->opcode);
	json_put_object(json, "websocket");
	json_put_bool(json, "fin", ws->flags & WEBSOCKET_FIN);
	if (ws->has_mask)
		json_put_uint(json, "mask", ws->mask);
	json_put_text(json, "opcode", name ? name : unknown);
	if (is_on(config, "payload-base64"))
		json_put_base64(json, "payload_base64", payload);
	if (is_on(config, "payload-printable"))
		json_put_printable(json, "payload_printable", payload);
	json_object_end(json);
	return true;
}

const struct eve_app eve_websocket = {
	.proto = APP_WEBSOCKET, .event_type = "websocket", .write = write_websocket, .direction = eve_one_way
};
