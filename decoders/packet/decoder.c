// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/decoder.h"
#include <stdlib.h>
#include "decoders/base/log.h"
#include "decoders/packet/decoding.h"

#define AUTO_SAMPLE 1000 // CHECKSUM_AUTO looks at this many sums
#define AUTO_WRONG  10   // and gives up when more than one in this many is wrong
#define AUTO_LEAST  8    // wrong ones, where there are fewer sums than that

#define COUNTER_NAME(constant, name) [constant] = name,
const char *const packet_counter_names[PACKET_COUNTERS_END] = { PACKET_COUNTERS(COUNTER_NAME) };

struct packet_decoder *packet_decoder_new(const struct packet_config *config)
{
	struct packet_decoder *d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->config = config;
	d->verify = config->checksum_mode != CHECKSUM_NONE;
	d->judging = config->checksum_mode == CHECKSUM_AUTO;
	const struct {
		const char *key, *text;
		uint16_t preset;
		struct ports *out;
	} lists[] = {
		{ "decoder.vxlan.ports", config->vxlan_ports, 4789, &d->vxlan },
		{ "decoder.geneve.ports", config->geneve_ports, 6081, &d->geneve },
		{ "decoder.teredo.ports", config->teredo_ports, 3544, &d->teredo },
	};
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!ports_parse(lists[i].text, lists[i].preset, lists[i].out)) {
			log_error("%s: '%s' is not a list of ports", lists[i].key, lists[i].text);
			free(d);
			return NULL;
		}
	d->defrag = defrag_new(config, d->counters);
	if (!d->defrag) {
		free(d);
		return NULL;
	}
	return d;
}

void packet_decoder_free(struct packet_decoder *decoder)
{
	if (!decoder)
		return;
	defrag_free(decoder->defrag);
	free(decoder);
}

const uint64_t *packet_decoder_counters(const struct packet_decoder *decoder)
{
	return decoder->counters;
}

const uint64_t *packet_decoder_event_counts(const struct packet_decoder *decoder)
{
	return decoder->event_counts;
}

void decode_event(struct packet_decoder *d, struct packet *p, uint16_t event)
{
	packet_add_event(p, event);
	d->event_counts[event]++;
}

bool decode_invalid(struct packet_decoder *d, struct packet *p, uint16_t event)
{
	decode_event(d, p, event);
	uint32_t bit = UINT32_C(1) << decode_slot(d, p);
	if (!(d->invalid & bit))
		decode_count(d, PACKET_COUNT_INVALID);
	d->invalid |= bit;
	return false;
}

bool decode_reject(struct packet_decoder *d, struct packet *p, uint16_t event)
{
	p->flags |= PACKET_INVALID;
	return decode_invalid(d, p, event);
}

bool decode_enter(struct packet_decoder *d, struct packet *p)
{
	if (++d->layers[decode_slot(d, p)] <= DECODE_LAYERS_MAX)
		return true;
	decode_count(d, PACKET_COUNT_TOO_MANY_LAYERS);
	return decode_reject(d, p, DECODE_TOO_MANY_LAYERS);
}

void decode_l4_checksum(struct packet_decoder *d, struct packet *p, struct span bytes, bool pseudo_header)
{
	uint64_t sum = checksum_sum(bytes);
	if (pseudo_header) {
		bool v4 = p->ip_version == 4;
		sum += checksum_pseudo(
			p->src.bytes + (v4 ? 12 : 0), p->dst.bytes + (v4 ? 12 : 0), v4 ? 4 : 16, p->proto, bytes.len);
	}
	bool wrong = checksum_fold(sum) != 0xffff;
	if (wrong) {
		p->flags |= PACKET_BAD_L4_CHECKSUM;
		decode_count(d, PACKET_COUNT_BAD_L4_CHECKSUM);
	}
	d->verified++;
	d->wrong += wrong;
}

// Between frames, so that all packets of one are treated alike.
void packet_decoder_judge(struct packet_decoder *d)
{
	bool few = d->verified < AUTO_SAMPLE && d->wrong < AUTO_LEAST;
	if (!d->judging)
		return;
	d->judging = false;
	d->verify = few || d->wrong <= d->verified / AUTO_WRONG;
	if (!d->verify)
		log_notice("%u of the first %u checksums are wrong (offloading): not verified from here on", d->wrong,
			d->verified);
}

bool packet_decoder_judging(const struct packet_decoder *decoder)
{
	return decoder->judging;
}

bool packet_decoder_verifies(const struct packet_decoder *decoder)
{
	return decoder->verify;
}

void packet_decoder_set_verify(struct packet_decoder *decoder, bool verify)
{
	decoder->judging = false;
	decoder->verify = verify;
}

struct packet *decode_slot_after(struct packet_decoder *d, struct packet *outer, struct span bytes)
{
	struct packet_batch *batch = d->batch;
	if (batch->count == PACKETS_MAX) {
		decode_count(d, PACKET_COUNT_TOO_MANY_LAYERS);
		decode_invalid(d, outer, DECODE_TOO_MANY_LAYERS);
		return NULL;
	}
	unsigned slot = batch->count++;
	struct packet *p = &batch->packets[slot];
	*p = (struct packet) {
		.number = outer->number,
		.ts_ns = outer->ts_ns,
		.frame = bytes,
		.wire_len = bytes.len,
		.interface = outer->interface,
		.index = (uint8_t)slot,
		.outer = (uint8_t)decode_slot(d, outer),
	};
	d->layers[slot] = d->layers[decode_slot(d, outer)];
	d->invalid &= ~(UINT32_C(1) << slot);
	return p;
}

static bool decode_inner(struct packet_decoder *d, struct packet *p, enum inner inner, struct span bytes)
{
	switch (inner) {
	case INNER_IPV4: return decode_ipv4(d, p, bytes);
	case INNER_IPV6: return decode_ipv6(d, p, bytes);
	case INNER_TEREDO: return decode_ipv6(d, p, bytes) && !(d->invalid >> decode_slot(d, p) & 1);
	case INNER_ETHERNET: return decode_ethernet(d, p, bytes);
	case INNER_VLAN: return decode_vlan(d, p, bytes);
	case INNER_ARP: return decode_arp(d, p, bytes);
	case INNER_PPP: return decode_ppp(d, p, bytes);
	case INNER_ERSPAN2: return decode_erspan2(d, p, bytes);
	case INNER_ERSPAN3: return decode_erspan3(d, p, bytes);
	}
	return false;
}

static void forget_events(struct packet_decoder *d, const struct packet *p)
{
	for (unsigned i = 0; i < p->event_count; i++)
		d->event_counts[p->events[i]]--;
	d->counters[PACKET_COUNT_INVALID] -= d->invalid >> decode_slot(d, p) & 1;
}

bool decode_tunnel(struct packet_decoder *d, struct packet *outer, enum tunnel_kind kind, enum inner inner,
	uint32_t tunnel_id, struct span bytes)
{
	struct packet *p = decode_slot_after(d, outer, bytes);
	if (!p)
		return false;
	p->flags = PACKET_TUNNELED;
	p->linktype = inner == INNER_ETHERNET ? LINK_ETHERNET : inner == INNER_PPP ? LINK_PPP : LINK_RAW_BSD;
	p->depth = (uint8_t)(outer->depth + 1);
	p->tunnel = (uint8_t)kind;
	p->tunnel_id = tunnel_id;
	if (!decode_inner(d, p, inner, bytes)) {
		if (inner == INNER_TEREDO) // not wrong, only not Teredo
			forget_events(d, p);
		if (p == &d->batch->packets[d->batch->count - 1])
			d->batch->count--;
		return false;
	}
	outer->flags |= PACKET_NO_INSPECT_PAYLOAD;
	return true;
}

void packet_decode(struct packet_decoder *decoder, struct span frame, uint32_t wire_len, uint64_t ts_ns,
	uint64_t number, enum linktype linktype, struct packet_batch *batch)
{
	struct packet_decoder *d = decoder;
	d->batch = batch;
	d->invalid = 0;
	d->layers[0] = 0;
	defrag_next_frame(d->defrag);
	batch->count = 1;
	struct packet *p = &batch->packets[0];
	*p = (struct packet) {
		.number = number,
		.ts_ns = ts_ns,
		.frame = frame,
		.wire_len = wire_len,
		.flags = frame.len < wire_len ? PACKET_TRUNCATED : 0,
		.linktype = (uint16_t)linktype,
	};
	decode_count(d, PACKET_COUNT_PKTS);
	d->counters[PACKET_COUNT_BYTES] += frame.len;
	if (frame.len > d->counters[PACKET_COUNT_MAX_SIZE])
		d->counters[PACKET_COUNT_MAX_SIZE] = frame.len;
	decode_link(d, p, linktype, frame);
	if (d->judging && d->verified >= AUTO_SAMPLE)
		packet_decoder_judge(d);
}
