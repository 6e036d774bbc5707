// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/events.h"
#include <string.h>

#define PACKET_EVENT_NAME(constant, name) [constant] = name,
static const char *const names[PACKET_EVENTS_END] = { DECODE_EVENTS(PACKET_EVENT_NAME)
		STREAM_EVENTS(PACKET_EVENT_NAME) };

const char *packet_event_name(uint16_t event)
{
	return event < PACKET_EVENTS_END && names[event] ? names[event] : "none";
}

uint16_t packet_event_find(const char *name, bool stream)
{
	for (unsigned i = 1; i < PACKET_EVENTS_END; i++)
		if (names[i] && (i > DECODE_EVENTS_END) == stream && strcmp(names[i], name) == 0)
			return (uint16_t)i;
	return EVENT_NONE;
}
