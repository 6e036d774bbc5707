// SPDX-License-Identifier: GPL-3.0-or-later
// Tags: after a match of a rule with the tag keyword, packets of its flow or of a host are logged for a number of packets, bytes or seconds.
#include "decoders/base/clock.h"
#include "signatures/engine/worker.h"

void host_tag_set(struct engine_worker *worker, const struct rule_tag *tag)
{
	const struct packet *packet = worker->now->packet;
	const struct address *address = tag->direction ? &packet->dst : &packet->src;
	struct host_tag *at = NULL, *oldest = NULL;
	if (!worker->tagged_hosts)
		return;
	for (uint32_t i = 0; i < worker->host_tag_count; i++) {
		struct host_tag *host = &worker->tagged_hosts[i];
		if (address_equal(&host->address, address) && host->tag.on && host->tag.metric == tag->metric)
			return; // still at work
		if (!host->tag.on)
			at = host;
		if (!oldest || host->tag.first_packet < oldest->tag.first_packet)
			oldest = host;
	}
	if (!at)
		at = worker->host_tag_count < HOST_TAGS_MAX ? &worker->tagged_hosts[worker->host_tag_count++] : oldest;
	*at = (struct host_tag) { .address = *address,
		.tag = { .on = true,
			.metric = tag->metric,
			.left = tag->count,
			.until_ns = packet->ts_ns + tag->count * NS_PER_S,
			.first_packet = packet->number } };
}

static bool tag_counts(struct flow_tag *tag, const struct packet *packet)
{
	switch (tag->metric) {
	case 0:
		tag->on = tag->left > 1;
		tag->left--;
		return true;
	case 1: tag->on = packet->ts_ns <= tag->until_ns; return tag->on;
	default: {
		uint32_t len = packet->wire_len;
		tag->on = tag->left > len;
		tag->left -= tag->on ? len : tag->left;
		return true;
	}
	}
}

static bool host_tagged(struct engine_worker *worker, const struct packet *packet)
{
	bool some = false;
	for (uint32_t i = 0; i < worker->host_tag_count; i++) {
		struct host_tag *host = &worker->tagged_hosts[i];
		if (host->tag.on && host->tag.first_packet != packet->number &&
			(address_equal(&host->address, &packet->src) || address_equal(&host->address, &packet->dst)))
			some |= tag_counts(&host->tag, packet);
	}
	return some;
}

bool engine_tagged(struct engine_worker *worker, struct flow *flow, const struct packet *packet)
{
	struct flow_notes *notes = flow_notes_peek(flow);
	if (notes && notes->tag.on && notes->tag.first_packet != packet->number)
		return tag_counts(&notes->tag, packet);
	return packet->ip_version != 0 && worker->host_tags && host_tagged(worker, packet);
}
