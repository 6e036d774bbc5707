// SPDX-License-Identifier: GPL-3.0-or-later
// Forwarded: the address that a proxy names in a header of HTTP (X-Forwarded-For) as the one it asks for. Beside the event's ends, as "xff", or in the client's place.
//
// Threads      pure
#pragma once
#include "decoders/base/address.h"
#include "decoders/flow/flow.h"

struct app_tx;

enum { FORWARDED_EXTRA_DATA, FORWARDED_OVERWRITE };
enum { FORWARDED_REVERSE, FORWARDED_FORWARD };

struct eve_forwarded {
	bool enabled;
	int mode;
	int deployment; // of the proxy: in front of servers the last address of the list is the one it added; in front of clients the first is theirs
	char *header;
};

// The address that transaction tx of flow names. False: not asked for, no HTTP, or the header has none.
bool eve_forwarded_of(
	const struct eve_forwarded *config, const struct flow *flow, const struct app_tx *tx, struct address *out);
