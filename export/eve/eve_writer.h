// SPDX-License-Identifier: GPL-3.0-or-later
// What the event families share: the writer's state. Private to export/eve.
#pragma once
#include "export/eve/community_id.h"
#include "export/eve/eve.h"
#include "export/eve/geo.h"

struct eve_writer {
	const struct eve_config *config;
	const struct address_set *home;     // NULL: unknown
	const struct engine_worker *engine; // NULL: no flow variables
	struct community_hasher *community; // NULL: off
	struct geo *geo;                    // NULL: off
	char *interface, *file;
	bool app_off[APP_PROTOS_END]; // outputs.eve-log.types.NAME.enabled: no
	uint32_t context_end;         // offset in the line at hand of the end of a detector's reasoning; 0 none
	uint32_t payload_size;
	uint8_t *payload; // payload_size bytes, for payloads of streams
};
