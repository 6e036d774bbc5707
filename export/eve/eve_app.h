// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of one application protocol: the contract each export/eve/PROTO.c implements; eve_app_list.c joins them by hand.
#pragma once
#include "decoders/app/app_parser.h"
#include "export/eve/eve.h"

struct eve_app {
	enum app_proto proto;
	const char *event_type; // "dns"
	// Writes the protocol's object ("dns":{...}) for tx into the open outer object. in_alert: as part of an alert or fileinfo. part: see
	// eve_transaction; false: no such part, nothing written.
	bool (*write)(struct json *json, const struct eve_config *config, const struct flow *flow,
		const struct app_tx *tx, unsigned part, bool in_alert);
	// Is there a part after the first, asked before anything of it is written? NULL: never.
	bool (*more)(const struct eve_config *config, const struct app_tx *tx, unsigned part);
	// Optional: which direction the event of a part is told in (DNS responses); NULL: to server.
	enum direction (*direction)(const struct eve_config *config, const struct app_tx *tx, unsigned part);
	// Optional: is there anything to log for this tx? NULL: always.
	bool (*wanted)(const struct flow *flow, const struct app_tx *tx);
};

extern const struct eve_app *const eve_apps[]; // NULL ends
const struct eve_app *eve_app_of(enum app_proto proto);
// A setting below outputs.eve-log.types: eve_setting(config, "dns", "version"). NULL when not set.
const char *eve_setting(const struct eve_config *config, const char *type, const char *key);
