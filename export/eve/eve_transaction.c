// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions: the event of one application transaction; what is in it is its protocol's file.
#include "export/eve/eve_app.h"
#include "export/eve/eve_header.h"

bool eve_transaction(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, unsigned part)
{
	const struct eve_app *app = eve_app_of(flow->app.proto);
	if (!app || !writer->config->app || writer->app_off[app->proto] || (app->wanted && !app->wanted(flow, tx)))
		return false;
	if (part && (!app->more || !app->more(writer->config, tx, part)))
		return false;
	bool to_client = app->direction && app->direction(writer->config, tx, part) == TO_CLIENT;
	struct address client;
	bool forwarded = eve_forwarded_of(&writer->config->forwarded, flow, tx, &client);
	bool overwrites = forwarded && writer->config->forwarded.mode == FORWARDED_OVERWRITE;
	const struct eve_event event = { .type = RECORD_APP,
		.name = app->event_type,
		.view = to_client ? EVE_TO_CLIENT : EVE_TO_SERVER,
		.packet = packet,
		.flow = flow,
		.tx = tx,
		.ts_ns = packet ? packet->ts_ns : flow->last_ns,
		.client = overwrites ? &client : NULL };
	eve_header(writer, json, record, &event);
	if (forwarded && !overwrites)
		json_put_address(json, "xff", &client);
	return app->write(json, writer->config, flow, tx, part, false);
}
