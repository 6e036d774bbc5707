// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dcerpc/endpoint_map.h"
#include "decoders/app/expect.h"

#define EPT_MAP      3
#define MAPPER_PORT  135
#define HANDLE_BYTES 20
#define TOWERS_MAX   500 // what a mapper gives at most
#define FLOORS_MAX   8
#define HOLDS_NS     (UINT64_C(300) * 1000000000)

enum { FLOOR_TCP = 0x07, FLOOR_UDP = 0x08, FLOOR_IP = 0x09, FLOOR_UUID = 0x0d };

static const uint8_t mapper_uuid[16] = { 0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b,
	0x14, 0xa0, 0xfa };

// Numbers of NDR, or NDR64 (MS-RPCE 2.2.5), in which counts and pointers have eight bytes.
struct ndr {
	struct cursor c;
	bool little, wide;
};

static uint32_t read32(struct ndr *n)
{
	return n->little ? cursor_le32(&n->c) : cursor_be32(&n->c);
}

static uint64_t read_count(struct ndr *n)
{
	cursor_skip(&n->c, -cursor_offset(&n->c) & (n->wide ? 7 : 3));
	if (!n->wide)
		return read32(n);
	return n->little ? cursor_le64(&n->c) : cursor_be64(&n->c);
}

static void take_floor(struct endpoint *endpoint, unsigned n, struct span left, struct span right)
{
	if (!left.len)
		return;
	switch (left.data[0]) {
	case FLOOR_UUID:
		if (n > 0 || left.len < 19 || right.len < 2)
			return;
		dcerpc_uuid_swap(endpoint->uuid, left.data + 1, true);
		endpoint->version = (uint16_t)(left.data[17] | left.data[18] << 8);
		endpoint->version_minor = (uint16_t)(right.data[0] | right.data[1] << 8);
		break;
	case FLOOR_TCP:
	case FLOOR_UDP:
		if (right.len != 2)
			return;
		endpoint->ip_proto = left.data[0] == FLOOR_TCP ? PROTO_TCP : PROTO_UDP;
		endpoint->port = be16_at(right.data);
		break;
	case FLOOR_IP:
		if (right.len == 4)
			memcpy(endpoint->address, right.data, 4);
		break;
	default: break;
	}
}

// Floors are little-endian whatever the call is. False: no port in it.
static bool read_tower(struct span tower, struct endpoint *endpoint)
{
	struct cursor c = cursor_on(tower);
	*endpoint = (struct endpoint) { 0 };
	unsigned floors = cursor_le16(&c);
	for (unsigned i = 0; i < floors && i < FLOORS_MAX; i++) {
		struct span left = cursor_span(&c, cursor_le16(&c));
		struct span right = cursor_span(&c, cursor_le16(&c));
		if (!cursor_ok(&c))
			return false;
		take_floor(endpoint, i, left, right);
	}
	return endpoint->port != 0;
}

static unsigned read_towers(struct ndr n, struct endpoint out[ENDPOINTS_MAX])
{
	unsigned found = 0;
	cursor_skip(&n.c, HANDLE_BYTES);
	read32(&n); // how many there are: the array says so, too
	uint64_t max = read_count(&n), first = read_count(&n), count = read_count(&n);
	if (!cursor_ok(&n.c) || first || count > max || count > TOWERS_MAX)
		return 0;
	for (unsigned i = 0; i < count; i++)
		read_count(&n); // pointers: none is NULL
	for (unsigned i = 0; i < count && found < ENDPOINTS_MAX; i++) {
		uint64_t size = read_count(&n);
		uint32_t len = read32(&n);
		if (!cursor_ok(&n.c) || size != len)
			break;
		found += read_tower(cursor_span(&n.c, len), &out[found]);
	}
	return found;
}

unsigned endpoints_read(struct span stub, bool little, struct endpoint out[ENDPOINTS_MAX])
{
	// In what is NDR64 the count, read as NDR, is the upper half of a zero
	unsigned found = read_towers((struct ndr) { cursor_on(stub), little, false }, out);
	return found ? found : read_towers((struct ndr) { cursor_on(stub), little, true }, out);
}

bool endpoints_asked(const struct dcerpc_call *call, const struct flow *flow)
{
	if (!call->has_request || call->request != DCERPC_REQUEST || call->opnum != EPT_MAP)
		return false;
	if (call->has_interface)
		return memcmp(call->interface.uuid, mapper_uuid, sizeof mapper_uuid) == 0;
	return flow->key.dport == MAPPER_PORT; // bound before we saw it
}

static bool is_here(const struct endpoint *endpoint, const struct address *mapper)
{
	static const uint8_t any[4];
	if (memcmp(endpoint->address, any, 4) == 0 || !address_is_v4(mapper))
		return true;
	struct address address = address_v4(endpoint->address);
	return address_equal(&address, mapper);
}

void endpoints_announce(struct app_expect *expect, const struct flow *flow, const struct dcerpc_call *call,
	struct span stub, uint64_t now_ns)
{
	struct endpoint endpoints[ENDPOINTS_MAX];
	if (!endpoints_asked(call, flow) || call->response != DCERPC_RESPONSE || call->fragments[TO_CLIENT] != 1)
		return;
	unsigned count = endpoints_read(stub, call->little, endpoints);
	for (unsigned i = 0; i < count; i++) {
		const struct endpoint *endpoint = &endpoints[i];
		if (!is_here(endpoint, &flow->key.dst))
			continue;
		struct app_expectation announced = { .initiator = flow->key.src,
			.responder = flow->key.dst,
			.owner = flow->key.src,
			.port = endpoint->port,
			.ip_proto = endpoint->ip_proto,
			.app = APP_DCERPC,
			.lasting = true,
			.ends_ns = now_ns + HOLDS_NS,
			.parent_id = flow->id,
			.note_len = sizeof *endpoint };
		memcpy(announced.note, endpoint, sizeof *endpoint);
		app_expect_add(expect, &announced);
	}
}

bool endpoint_noted(const uint8_t *note, uint16_t note_len, struct dcerpc_interface *out)
{
	struct endpoint endpoint;
	if (note_len != sizeof endpoint)
		return false;
	memcpy(&endpoint, note, sizeof endpoint);
	*out = (struct dcerpc_interface) {
		.version = endpoint.version, .version_minor = endpoint.version_minor, .acked = true
	};
	memcpy(out->uuid, endpoint.uuid, sizeof out->uuid);
	return true;
}
