// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_table.h"

#define SWAP(a, b)                             \
	do {                                   \
		__typeof__(a) swap_keep = (a); \
		(a) = (b);                     \
		(b) = swap_keep;               \
	} while (0)

// Flags that come in pairs, one a direction.
static const struct {
	uint32_t server, client;
} flag_pairs[] = {
	{ FLOW_ELEPHANT_TS, FLOW_ELEPHANT_TC },
	{ FLOW_SEEN_TS, FLOW_SEEN_TC },
	{ FLOW_IP_RULES_TS, FLOW_IP_RULES_TC },
};

void flow_swap_direction(struct flow *flow)
{
	SWAP(flow->key.src, flow->key.dst);
	SWAP(flow->key.sport, flow->key.dport);
	SWAP(flow->packets[0], flow->packets[1]);
	SWAP(flow->bytes[0], flow->bytes[1]);
	SWAP(flow->min_ttl[0], flow->min_ttl[1]);
	SWAP(flow->max_ttl[0], flow->max_ttl[1]);
	if (flow->has_ether) {
		uint8_t keep[6];
		memcpy(keep, flow->ether_src, 6);
		memcpy(flow->ether_src, flow->ether_dst, 6);
		memcpy(flow->ether_dst, keep, 6);
	}
	uint32_t flags = flow->flags;
	for (unsigned i = 0; i < sizeof(flag_pairs) / sizeof(flag_pairs[0]); i++) {
		uint32_t server = flag_pairs[i].server, client = flag_pairs[i].client;
		flags &= ~(server | client);
		flags |= (flow->flags & server ? client : 0) | (flow->flags & client ? server : 0);
	}
	flow->flags = flags ^ FLOW_REVERSED;
}
