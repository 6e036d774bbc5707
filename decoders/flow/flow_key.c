// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_key.h"
#include "decoders/base/cursor.h"
#include "decoders/flow/flow_table.h"
#include <xxhash.h>

#define FLOW_ID_BITS 51
#define FLOW_ID_SEED UINT64_C(0x73656b6973686f21) // fixed on purpose: ids repeat between runs

// Pairs of request and answer.
static const uint8_t icmp_pairs_v4[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 10, 9 }, { 17, 18 } };
static const uint8_t icmp_pairs_v6[][2] = { { 128, 129 }, { 130, 131 }, { 133, 134 }, { 135, 136 }, { 139, 140 },
	{ 144, 145 }, { 146, 147 } };

int flow_icmp_counterpart(uint8_t ip_version, uint8_t type)
{
	const uint8_t(*pairs)[2] = ip_version == 4 ? icmp_pairs_v4 : icmp_pairs_v6;
	size_t count = ip_version == 4 ? sizeof(icmp_pairs_v4) / 2 : sizeof(icmp_pairs_v6) / 2;
	for (size_t i = 0; i < count; i++) {
		if (pairs[i][0] == type)
			return pairs[i][1];
		if (pairs[i][1] == type)
			return pairs[i][0];
	}
	return -1;
}

static bool icmp4_is_error(uint8_t type)
{
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

// RFC 792: a destination unreachable message carries the datagram's IP header and at least 8 bytes of what followed.
static bool embedded_key(const struct packet *packet, struct flow_key *key)
{
	uint32_t head = (uint32_t)(packet->l4 - packet->ip) + 8;
	if (packet->ip_len < head)
		return false;
	struct cursor c = cursor_on((struct span) { packet->l4 + 8, packet->ip_len - head });
	uint8_t first = cursor_u8(&c);
	uint32_t header_len = (first & 0x0fu) * 4;
	cursor_skip(&c, 8);
	uint8_t proto = cursor_u8(&c);
	cursor_skip(&c, 2);
	struct span src = cursor_span(&c, 4), dst = cursor_span(&c, 4);
	if (!cursor_ok(&c) || first >> 4 != 4 || header_len < 20 || (proto != PROTO_TCP && proto != PROTO_UDP))
		return false;
	cursor_skip(&c, header_len - 20);
	uint16_t sport = cursor_be16(&c), dport = cursor_be16(&c);
	cursor_skip(&c, 4);
	if (!cursor_ok(&c))
		return false;
	key->src = address_v4(src.data);
	key->dst = address_v4(dst.data);
	key->proto = proto;
	key->sport = sport;
	key->dport = dport;
	return true;
}

static enum flow_key_kind icmp_key(const struct packet *packet, struct flow_key *key)
{
	if (packet->ip_version == 4 && icmp4_is_error(packet->icmp_type)) {
		bool unreachable = packet->icmp_type == 3 && packet->l4 && packet->ip;
		return unreachable && embedded_key(packet, key) ? FLOW_KEY_EMBEDDED : FLOW_KEY_NONE;
	}
	int answer = flow_icmp_counterpart(packet->ip_version, packet->icmp_type);
	key->sport = (uint16_t)(packet->icmp_type << 8 | packet->icmp_code);
	key->dport = (uint16_t)(answer < 0 ? 0 : answer << 8);
	return FLOW_KEY_OWN;
}

// Protocols whose packets make flows. Of carriers IP in IP does, GRE does not, as in the field's reference; what they carry does anyway.
static bool proto_has_flow(const struct packet *packet)
{
	switch (packet->proto) {
	case PROTO_TCP:
	case PROTO_UDP:
	case PROTO_SCTP:
	case PROTO_ICMP:
	case PROTO_ICMPV6:
	case PROTO_ESP: return packet->l4 != NULL;
	case PROTO_IPIP:
	case PROTO_IPV6: return true;
	default: return false;
	}
}

enum flow_key_kind flow_key_of_packet(
	const struct packet *packet, const struct flow_config *config, struct flow_key *out)
{
	if (packet->ip_version == 0 || (packet->flags & (PACKET_FRAGMENT | PACKET_INVALID)) || !proto_has_flow(packet))
		return FLOW_KEY_NONE;
	memset(out, 0, sizeof(*out));
	out->src = packet->src;
	out->dst = packet->dst;
	out->sport = packet->sport;
	out->dport = packet->dport;
	out->proto = packet->proto;
	out->ip_version = packet->ip_version;
	out->depth = packet->depth;
	if (config->vlan_use_for_tracking) {
		out->vlan_count = packet->vlan_count;
		for (unsigned i = 0; i < packet->vlan_count && i < PACKET_VLANS_MAX; i++)
			out->vlan[i] = packet->vlan[i];
	}
	if (config->livedev_use_for_tracking)
		out->interface = packet->interface;
	if (config->tunnel_id_use_for_tracking)
		out->tunnel_id = packet->tunnel_id;
	bool icmp = (packet->proto == PROTO_ICMP && packet->ip_version == 4) ||
		    (packet->proto == PROTO_ICMPV6 && packet->ip_version == 6);
	return icmp ? icmp_key(packet, out) : FLOW_KEY_OWN;
}

// Rest of the key after the endpoints, in a shape without padding.
struct key_rest {
	uint32_t tunnel_id;
	uint16_t interface;
	uint16_t vlan[PACKET_VLANS_MAX];
	uint8_t proto, ip_version, depth, vlan_count;
};
static_assert(sizeof(struct key_rest) == 16, "hashed bytes must have no padding");

struct key_end {
	struct address address;
	uint16_t port;
	uint16_t zero[3];
};
static_assert(sizeof(struct key_end) == 24, "hashed bytes must have no padding");

static struct key_rest key_rest(const struct flow_key *key)
{
	struct key_rest rest = { .tunnel_id = key->tunnel_id,
		.interface = key->interface,
		.proto = key->proto,
		.ip_version = key->ip_version,
		.depth = key->depth,
		.vlan_count = key->vlan_count };
	memcpy(rest.vlan, key->vlan, sizeof(rest.vlan));
	return rest;
}

uint64_t flow_key_hash(const struct flow_key *key, uint64_t seed)
{
	struct {
		struct key_end low, high;
		struct key_rest rest;
	} canonical = { .rest = key_rest(key) };
	int order = address_compare(&key->src, &key->dst);
	bool swap = order > 0 || (order == 0 && key->sport > key->dport);
	struct key_end *src = swap ? &canonical.high : &canonical.low, *dst = swap ? &canonical.low : &canonical.high;
	// ICMP codes other than 0 are the sender's only: kept out, so that both directions meet
	bool icmp = key->proto == PROTO_ICMP || key->proto == PROTO_ICMPV6;
	src->address = key->src;
	src->port = icmp ? 0 : key->sport;
	dst->address = key->dst;
	dst->port = icmp ? 0 : key->dport;
	return XXH3_64bits_withSeed(&canonical, sizeof(canonical), seed);
}

static bool rest_equal(const struct flow_key *a, const struct flow_key *b)
{
	return a->proto == b->proto && a->ip_version == b->ip_version && a->depth == b->depth &&
	       a->vlan_count == b->vlan_count && memcmp(a->vlan, b->vlan, sizeof(a->vlan)) == 0 &&
	       a->interface == b->interface && a->tunnel_id == b->tunnel_id;
}

bool flow_key_matches(const struct flow_key *a, const struct flow_key *b, enum direction *direction)
{
	if (a->sport == b->sport && a->dport == b->dport && address_equal(&a->src, &b->src) &&
		address_equal(&a->dst, &b->dst)) {
		*direction = TO_SERVER;
		return rest_equal(a, b);
	}
	if (a->sport == b->dport && a->dport == b->sport && address_equal(&a->src, &b->dst) &&
		address_equal(&a->dst, &b->src)) {
		*direction = TO_CLIENT;
		return rest_equal(a, b);
	}
	return false;
}

uint64_t flow_key_id(const struct flow_key *key, uint64_t first_ns)
{
	struct {
		struct key_end src, dst;
		struct key_rest rest;
		uint64_t first_ns;
	} whole = { .src = { .address = key->src, .port = key->sport },
		.dst = { .address = key->dst, .port = key->dport },
		.rest = key_rest(key),
		.first_ns = first_ns };
	uint64_t id = XXH3_64bits_withSeed(&whole, sizeof(whole), FLOW_ID_SEED) & ((UINT64_C(1) << FLOW_ID_BITS) - 1);
	return id ? id : 1;
}
