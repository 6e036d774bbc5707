// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sunrpc/sunrpc.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/expect.h"
#include "decoders/app/nfs/rpc.h"
#include "decoders/app/sunrpc/sunrpc_names.h"

#define RECORD_BYTES  (1u << 20) // no record is longer
#define LEAST_PORT    512        // below it only well-known services live: what is said of their ports is not believed
#define PORTMAP_PORT  111
#define ANNOUNCED_MAX 8 // ports believed of one answer
#define PROGRAM_FIRST 100000u
#define PROGRAM_LAST  400000u
#define CALL_BYTES    40 // the least of a call
#define LAST_FRAGMENT 0x80000000u

enum { GETPORT = 3, DUMP = 4, CALLIT = 5, GETVERSADDR = 9, INDIRECT = 10 };
enum { MNT = 1, MOUNT_DUMP = 2, UMNT = 3, MOUNT_EXPORT = 5 };

const struct fact_name sunrpc_facts[] = {
	[SUNRPC_XID] = { "xid", FACT_NUMBER, false },
	[SUNRPC_PROGRAM] = { "program", FACT_NUMBER, false },
	[SUNRPC_VERSION] = { "version", FACT_NUMBER, false },
	[SUNRPC_PROCEDURE] = { "procedure", FACT_NUMBER, false },
	[SUNRPC_NAME] = { "program_name", FACT_TEXT, false },
	[SUNRPC_OPERATION] = { "operation", FACT_TEXT, false },
	[SUNRPC_AUTH] = { "auth", FACT_TEXT, false },
	[SUNRPC_MACHINE] = { "machine", FACT_TEXT, false },
	[SUNRPC_UID] = { "uid", FACT_NUMBER, false },
	[SUNRPC_GID] = { "gid", FACT_NUMBER, false },
	[SUNRPC_WANTED_PROGRAM] = { "wanted_program", FACT_NUMBER, false },
	[SUNRPC_WANTED_NAME] = { "wanted_program_name", FACT_TEXT, false },
	[SUNRPC_WANTED_VERSION] = { "wanted_version", FACT_NUMBER, false },
	[SUNRPC_WANTED_PROTOCOL] = { "wanted_protocol", FACT_TEXT, false },
	[SUNRPC_PORT] = { "port", FACT_NUMBER, false },
	[SUNRPC_ADDRESS] = { "address", FACT_TEXT, false },
	[SUNRPC_PATH] = { "path", FACT_TEXT, false },
	[SUNRPC_STATUS] = { "status", FACT_TEXT, false },
	[SUNRPC_MAPPINGS] = { "mappings", FACT_TEXT, true },
	[SUNRPC_EXPORTS] = { "exports", FACT_TEXT, true },
	[SUNRPC_MOUNTS] = { "mounts", FACT_TEXT, true },
	{ NULL, 0, false },
};

struct sunrpc_worker {
	uint64_t counters[TALLY_KINDS]; // first: tally counts here
	struct app_expect *expect;
};

struct sunrpc_state {
	struct fact_flow facts;
	struct bytes record[2]; // of several fragments, so far
};

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct sunrpc_state *state = flow->app.state;
	bytes_fini(slab, &state->record[TO_SERVER]);
	bytes_fini(slab, &state->record[TO_CLIENT]);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config;
	struct sunrpc_worker *worker = calloc(1, sizeof(*worker));
	if (worker)
		worker->expect = parts->expect;
	return worker;
}

static uint64_t number_of(const struct fact_tx *tx, uint8_t id)
{
	const struct fact *fact = fact_find(tx, id, 0);
	return fact ? fact->number : 0;
}

// The call that waits for the reply of xid. Identifiers come first in a transaction, and few wait.
static struct fact_tx *waiting(const struct app_input *input, uint32_t xid)
{
	for (struct fact_tx *tx = fact_answering(input); tx; tx = tx->next_open)
		if (number_of(tx, SUNRPC_XID) == xid)
			return tx;
	return NULL;
}

// What of port mappings is believed: the flow that follows from this client to this server.
static void announce(const struct app_input *input, uint32_t program, uint8_t ip_proto, uint32_t port)
{
	struct sunrpc_worker *worker = input->shared;
	if (port > UINT16_MAX || (port < LEAST_PORT && port != PORTMAP_PORT) || !sunrpc_program_name(program) ||
		(ip_proto != PROTO_TCP && ip_proto != PROTO_UDP))
		return;
	const struct flow_key *key = &input->flow->key;
	const struct app_expectation announced = {
		.initiator = key->src,
		.responder = key->dst,
		.owner = key->src,
		.port = (uint16_t)port,
		.ip_proto = ip_proto,
		.app = program == SUNRPC_NFS ? APP_NFS : APP_SUNRPC,
		.ends_ns = input->now_ns + APP_EXPECT_NS,
		.parent_id = input->flow->id,
	};
	app_expect_add(worker->expect, &announced);
}

// Calls -----------------------------------------------------------------------------------------------------------------------------

static void put_program(const struct app_input *input, struct fact_tx *tx, uint32_t program, uint32_t version)
{
	fact_number(input, tx, SUNRPC_WANTED_PROGRAM, program);
	fact_string(input, tx, SUNRPC_WANTED_NAME, sunrpc_program_name(program));
	fact_number(input, tx, SUNRPC_WANTED_VERSION, version);
}

static const char *protocol_name(uint32_t protocol)
{
	return protocol == PROTO_TCP ? "tcp" : protocol == PROTO_UDP ? "udp" : NULL;
}

// RFC 1833: struct mapping of version 2, struct rpcb of versions 3 and 4; CALLIT and INDIRECT name program, version and procedure.
static void take_portmap_call(
	const struct app_input *input, struct fact_tx *tx, const struct rpc_message *rpc, struct cursor *c)
{
	if (rpc->procedure == 0 || rpc->procedure == DUMP ||
		(rpc->version > 2 && rpc->procedure > CALLIT && rpc->procedure != GETVERSADDR &&
			rpc->procedure != INDIRECT && rpc->procedure != 11))
		return;
	uint32_t program = cursor_be32(c), version = cursor_be32(c);
	if (!cursor_ok(c)) {
		fact_raise(input, tx, FACT_MALFORMED);
		return;
	}
	put_program(input, tx, program, version);
	if (rpc->procedure == CALLIT || rpc->procedure == INDIRECT)
		return;
	if (rpc->version == 2) {
		uint32_t protocol = cursor_be32(c), port = cursor_be32(c);
		fact_string(input, tx, SUNRPC_WANTED_PROTOCOL, protocol_name(protocol));
		if (port)
			fact_number(input, tx, SUNRPC_PORT, port);
	} else {
		fact_text(input, tx, SUNRPC_WANTED_PROTOCOL, xdr_opaque(c)); // a network identifier: udp, tcp6
		struct span address = xdr_opaque(c);
		if (address.len && rpc->procedure < GETPORT)
			fact_text(input, tx, SUNRPC_ADDRESS, address);
	}
	if (!cursor_ok(c))
		fact_raise(input, tx, FACT_MALFORMED);
}

static void take_call(struct app_input *input, const struct rpc_message *rpc, struct cursor *c)
{
	static const char *const auths[] = { "none", "unix", "short", "des" };
	struct fact_tx *tx = fact_begin(input, true);
	fact_number(input, tx, SUNRPC_XID, rpc->xid);
	fact_number(input, tx, SUNRPC_PROGRAM, rpc->program);
	fact_number(input, tx, SUNRPC_VERSION, rpc->version);
	fact_number(input, tx, SUNRPC_PROCEDURE, rpc->procedure);
	fact_string(input, tx, SUNRPC_NAME, sunrpc_program_name(rpc->program));
	fact_string(input, tx, SUNRPC_OPERATION, sunrpc_operation_name(rpc->program, rpc->version, rpc->procedure));
	fact_string(input, tx, SUNRPC_AUTH,
		rpc->auth < 4               ? auths[rpc->auth]
		: rpc->auth == RPC_AUTH_GSS ? "gss"
					    : NULL);
	if (rpc->auth == RPC_AUTH_UNIX) {
		fact_text(input, tx, SUNRPC_MACHINE, rpc->machine);
		fact_number(input, tx, SUNRPC_UID, rpc->uid);
		fact_number(input, tx, SUNRPC_GID, rpc->gid);
	}
	if (rpc->wrapped) {
		tally(input, TALLY_UNSUPPORTED);
	} else if (rpc->program == SUNRPC_PORTMAP) {
		take_portmap_call(input, tx, rpc, c);
	} else if (rpc->program == SUNRPC_MOUNT && (rpc->procedure == MNT || rpc->procedure == UMNT)) {
		struct span path = xdr_opaque(c);
		if (cursor_ok(c))
			fact_text(input, tx, SUNRPC_PATH, path);
		else
			fact_raise(input, tx, FACT_MALFORMED);
	}
	fact_said(input, tx, TO_SERVER);
}

// Replies -----------------------------------------------------------------------------------------------------------------------------

// RFC 5665: an address, and the port as its last two numbers. 0: none.
static uint32_t port_of(struct span address)
{
	uint32_t part[2] = { 0, 0 }, dots = 0, at = address.len, scale = 1;
	while (at && dots < 2) {
		uint8_t c = address.data[--at];
		if (c == '.') {
			dots++;
			scale = 1;
		} else if (c >= '0' && c <= '9' && scale <= 100) {
			part[dots] += (uint32_t)(c - '0') * scale;
			scale *= 10;
		} else {
			return 0;
		}
	}
	return dots == 2 && part[0] < 256 && part[1] < 256 ? part[1] << 8 | part[0] : 0;
}

static uint8_t proto_of(struct span netid)
{
	return span_is(netid, "tcp") || span_is(netid, "tcp6")   ? PROTO_TCP
	       : span_is(netid, "udp") || span_is(netid, "udp6") ? PROTO_UDP
								 : 0;
}

static void put_mapping(const struct app_input *input, struct fact_tx *tx, uint32_t program, uint32_t version,
	struct span protocol, uint32_t port)
{
	char text[96];
	const char *name = sunrpc_program_name(program);
	int len = name ? snprintf(text, sizeof(text), "%s", name) : snprintf(text, sizeof(text), "%u", program);
	len += snprintf(text + len, sizeof(text) - (size_t)len, " %u %.*s %u", version,
		(int)(protocol.len < 16 ? protocol.len : 16), protocol.len ? (const char *)protocol.data : "", port);
	fact_text(input, tx, SUNRPC_MAPPINGS, span_of((const uint8_t *)text, (uint32_t)len));
}

static void take_mappings(const struct app_input *input, struct fact_tx *tx, struct cursor *c, bool version2)
{
	unsigned count = 0;
	while (cursor_be32(c) == 1 && cursor_ok(c)) {
		uint32_t program = cursor_be32(c), version = cursor_be32(c), port;
		struct span protocol;
		work_step(1);
		if (version2) {
			const char *name = protocol_name(cursor_be32(c));
			protocol = span_text(name ? name : "");
			port = cursor_be32(c);
		} else {
			protocol = xdr_opaque(c);
			port = port_of(xdr_opaque(c));
			(void)xdr_opaque(c); // owner
		}
		if (!cursor_ok(c))
			break;
		if (count++ >= SUNRPC_LIST_MAX) {
			tally(input, TALLY_OVER_BUDGET);
			return;
		}
		put_mapping(input, tx, program, version, protocol, port);
		if (count <= ANNOUNCED_MAX)
			announce(input, program, proto_of(protocol), port);
	}
}

static void take_portmap_reply(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	uint64_t version = number_of(tx, SUNRPC_VERSION), procedure = number_of(tx, SUNRPC_PROCEDURE);
	uint32_t program = (uint32_t)number_of(tx, SUNRPC_WANTED_PROGRAM);
	const struct fact *wanted = fact_find(tx, SUNRPC_WANTED_PROTOCOL, 0);
	struct span protocol = wanted ? span_of(wanted->bytes, wanted->len) : (struct span) { 0 };
	if (procedure == DUMP) {
		take_mappings(input, tx, c, version == 2);
	} else if (procedure == GETPORT && version == 2) {
		uint32_t port = cursor_be32(c);
		fact_number(input, tx, SUNRPC_PORT, port);
		announce(input, program, proto_of(protocol), port);
	} else if ((procedure == GETPORT || procedure == GETVERSADDR) && version > 2) {
		struct span address = xdr_opaque(c);
		fact_text(input, tx, SUNRPC_ADDRESS, address);
		fact_number(input, tx, SUNRPC_PORT, port_of(address));
		announce(input, program, proto_of(protocol), port_of(address));
	}
	if (!cursor_ok(c))
		fact_raise(input, tx, FACT_MALFORMED);
}

// Pairs of names: who mounted what. Exports: a path, and who may mount it.
static void take_mount_list(const struct app_input *input, struct fact_tx *tx, struct cursor *c, bool exports)
{
	char text[1024];
	for (unsigned count = 0; cursor_be32(c) == 1 && cursor_ok(c); count++) {
		struct span first = xdr_opaque(c), second = { 0 };
		work_step(1);
		if (!exports)
			second = xdr_opaque(c);
		unsigned groups = 0;
		while (exports && cursor_be32(c) == 1 && cursor_ok(c)) {
			struct span group = xdr_opaque(c);
			second = groups++ ? second : group;
			work_step(1);
		}
		if (!cursor_ok(c))
			return;
		if (count >= SUNRPC_LIST_MAX) {
			tally(input, TALLY_OVER_BUDGET);
			return;
		}
		if (!exports || second.len) {
			int len = snprintf(text, sizeof(text), "%.*s%s%.*s%s", (int)first.len, (const char *)first.data,
				exports ? " " : ":", (int)second.len, second.len ? (const char *)second.data : "",
				groups > 1 ? " ..." : "");
			uint32_t kept = len < 0 ? 0 : len < (int)sizeof(text) ? (uint32_t)len : sizeof(text) - 1;
			first = span_of((const uint8_t *)text, kept);
		}
		fact_text(input, tx, exports ? SUNRPC_EXPORTS : SUNRPC_MOUNTS, first);
	}
}

static void take_mount_reply(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	switch (number_of(tx, SUNRPC_PROCEDURE)) {
	case MNT: {
		uint32_t status = cursor_be32(c);
		if (cursor_ok(c))
			fact_string(input, tx, SUNRPC_STATUS, sunrpc_mount_status_name(status));
		break;
	}
	case MOUNT_DUMP: take_mount_list(input, tx, c, false); break;
	case MOUNT_EXPORT: take_mount_list(input, tx, c, true); break;
	default: return;
	}
	if (!cursor_ok(c))
		fact_raise(input, tx, FACT_MALFORMED);
}

static void take_reply(struct app_input *input, const struct rpc_message *rpc, struct cursor *c)
{
	struct fact_tx *tx = waiting(input, rpc->xid);
	if (!tx) {
		tally(input, TALLY_UNSUPPORTED); // its call was not seen: what it says cannot be told
		return;
	}
	uint64_t program = number_of(tx, SUNRPC_PROGRAM);
	bool good = rpc->status == 0 && rpc->accepted == 0;
	if (good && program == SUNRPC_PORTMAP)
		take_portmap_reply(input, tx, c);
	else if (good && program == SUNRPC_MOUNT)
		take_mount_reply(input, tx, c);
	if (!fact_find(tx, SUNRPC_STATUS, 0))
		fact_string(input, tx, SUNRPC_STATUS, sunrpc_status_name(rpc->status, rpc->accepted));
	fact_finish(input, tx);
}

static void take_message(struct app_input *input, struct span message)
{
	struct rpc_message rpc;
	struct cursor c = cursor_on(message);
	if (!rpc_read(&c, &rpc)) {
		tally(input, TALLY_MALFORMED);
	} else if (rpc.reply == (input->direction == TO_CLIENT)) {
		if (rpc.reply)
			take_reply(input, &rpc, &c);
		else
			take_call(input, &rpc, &c);
	} else {
		tally(input, TALLY_UNSUPPORTED); // a callback
	}
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	if (rest.len < 4)
		return 0;
	const struct sunrpc_state *state = input->flow->app.state;
	uint32_t len = be32_at(rest.data) & ~LAST_FRAGMENT;
	bool begins = !state->record[input->direction].len; // what goes on a record may be short
	return len >= (begins ? 8u : 0u) && len <= RECORD_BYTES ? len + 4 : UINT32_MAX;
}

// A fragment; the last one ends its record (RFC 5531 section 11).
static enum app_result take(struct app_input *input, struct span message, uint32_t whole)
{
	(void)whole; // lists that are cut are told as far as they go
	struct sunrpc_state *state = input->flow->app.state;
	struct bytes *record = &state->record[input->direction];
	bool last = be32_at(message.data) & LAST_FRAGMENT;
	struct span part = span_from(message, 4);
	if (record->len || !last) {
		if (bytes_append(input->slab, record, part, SUNRPC_MESSAGE_MAX) < part.len)
			tally(input, TALLY_TRUNCATED);
		part = bytes_span(record);
	}
	if (!last)
		return APP_OK;
	take_message(input, part);
	bytes_fini(input->slab, record);
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	if (!input->datagram)
		return fact_messages(input, SUNRPC_MESSAGE_MAX, length, take);
	take_message(input, span_slice(input->data, 0, SUNRPC_MESSAGE_MAX));
	return APP_OK;
}

// A call of a program of Sun's numbers; a reply only where the port says so.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	struct cursor c = cursor_on(data);
	bool hinted = flow->app.flags & APP_HINTED;
	if (flow->key.proto == PROTO_TCP) {
		uint32_t mark = cursor_be32(&c), len = mark & ~LAST_FRAGMENT;
		if (cursor_ok(&c) && (!(mark & LAST_FRAGMENT || hinted) || len > RECORD_BYTES || len < 8))
			return APP_PROBE_NO;
	}
	cursor_skip(&c, 4);
	uint32_t type = cursor_be32(&c), version = cursor_be32(&c), program = cursor_be32(&c);
	cursor_skip(&c, 8);
	uint32_t auth = cursor_be32(&c);
	if (type == 1 && version <= 1 && hinted && data.len >= 24)
		return direction == TO_CLIENT ? APP_PROBE_YES : APP_PROBE_REVERSED;
	if (!cursor_ok(&c))
		return flow->key.proto == PROTO_TCP ? APP_PROBE_MORE : APP_PROBE_NO;
	if (type != 0 || version != 2 || program < PROGRAM_FIRST || program > PROGRAM_LAST || auth > RPC_AUTH_GSS)
		return APP_PROBE_NO;
	if (program == SUNRPC_NFS || (!hinted && !sunrpc_program_name(program)))
		return APP_PROBE_NO;
	return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_TCP, PORTMAP_PORT, PORTMAP_PORT },
	{ PROTO_UDP, PORTMAP_PORT, PORTMAP_PORT }, { 0 } };

const struct app_parser sunrpc_parser = {
	.proto = APP_SUNRPC,
	.name = "sunrpc",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.probe_bytes = CALL_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct sunrpc_state),
	.parse = parse,
	.tx_free = fact_tx_free,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = fact_event_names,
	.counter_names = tally_names,
};
