// SPDX-License-Identifier: GPL-3.0-or-later
// Ports: a short list of UDP ports from config.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PORTS_MAX 16 // ranges

struct ports {
	unsigned count;
	struct port_range {
		uint16_t low, high;
	} ranges[PORTS_MAX];
};

// Reads "4789", "[4789, 8472]", "100:200", "any"; a variable ("$VXLAN_PORTS") and no text stand for preset. false: not a port list.
bool ports_parse(const char *text, uint16_t preset, struct ports *out);

static inline bool ports_has(const struct ports *ports, uint16_t port)
{
	for (unsigned i = 0; i < ports->count; i++)
		if (port >= ports->ranges[i].low && port <= ports->ranges[i].high)
			return true;
	return false;
}
