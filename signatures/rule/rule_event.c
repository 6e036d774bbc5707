// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_event.h"
#include <stddef.h>
#include <strings.h>

// What rules may name and the protocol's parser does not.
static const struct {
	enum app_proto proto;
	const char *name;
} events[] = {
	{ APP_TLS, "certificate_invalid_string" },
	{ APP_TLS, "certificate_missing_element" },
	{ APP_TLS, "certificate_unknown_element" },
};

bool rule_event_known(enum app_proto proto, const char *name)
{
	for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].proto == proto && strcasecmp(events[i].name, name) == 0)
			return true;
	return false;
}
