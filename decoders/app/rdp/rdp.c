// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tls/der.h"
#include "decoders/app/tls/tls_carried.h"
#include "decoders/base/slab.h"

#define TPKT_BYTES    4
#define TPKT_VERSION  3
#define TLS_HANDSHAKE 22
#define RECORD_HEADER 5
#define X224_REQUEST  0xe0
#define X224_CONFIRM  0xd0
#define X224_DATA     0xf0
#define BLOCK_CORE    0xc001
#define BLOCK_NET     0xc003
#define CHANNELS_MAX  31 // 2.2.1.3.4
#define CHANNEL_BYTES 12

struct rdp_state {
	bool passing[2];          // nothing more is told of the direction
	struct app_tx *handshake; // of TLS, while it goes on
};

// Length of a packed encoding (X.691 section 10.9): one byte, or two of which the first has its top bit set.
static uint32_t packed_length(struct cursor *c)
{
	uint32_t len = cursor_u8(c);
	return len & 0x80 ? (len & 0x3f) << 8 | cursor_u8(c) : len;
}

// User data of a GCC conference create request (T.124): a list of blocks.
static bool read_blocks(struct span data, struct rdp_message *m)
{
	static const uint8_t key[] = { 0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01 };
	struct cursor c = cursor_on(data);
	struct span start = cursor_span(&c, sizeof(key));
	if (!start.data || memcmp(start.data, key, sizeof(key)) != 0)
		return false;
	packed_length(&c);
	cursor_skip(&c, 8);
	struct span duca = cursor_span(&c, 4);
	if (!duca.data || memcmp(duca.data, "Duca", 4) != 0)
		return false;
	packed_length(&c);
	while (cursor_left(&c) >= 4) {
		uint16_t type = cursor_le16(&c), len = cursor_le16(&c);
		if (len < 4)
			return false;
		struct span body = cursor_span(&c, len - 4u);
		if (type == BLOCK_CORE)
			m->core = body;
		else if (type == BLOCK_NET)
			m->channels = body;
	}
	return cursor_ok(&c);
}

// MCS Connect-Initial (T.125): selectors, a flag, three lists of parameters, user data.
static bool read_connect_initial(struct cursor *c, struct rdp_message *m)
{
	static const uint8_t tags[] = { DER_OCTET_STRING, DER_OCTET_STRING, DER_BOOLEAN, DER_SEQUENCE, DER_SEQUENCE,
		DER_SEQUENCE, DER_OCTET_STRING };
	struct span whole, part;
	// The second byte of the tag is taken for a tag of its own
	if (!der_expect(c, 0x65, &whole))
		return false;
	struct cursor in = cursor_on(whole);
	for (unsigned i = 0; i < sizeof(tags); i++)
		if (!der_expect(&in, tags[i], &part))
			return false;
	return read_blocks(part, m);
}

static void read_cookie(struct cursor *c, struct rdp_message *m)
{
	struct span rest = cursor_rest(c);
	if (!span_starts(rest, "Cookie: mstshash="))
		return;
	uint32_t end = span_find(rest, '\r', 17);
	m->cookie = span_slice(rest, 17, end - 17);
	work_step(end / 16);
}

bool rdp_message_read(struct span bytes, struct rdp_message *m)
{
	struct cursor c = cursor_on(bytes);
	*m = (struct rdp_message) { 0 };
	if (bytes.len && bytes.data[0] == TLS_HANDSHAKE) {
		m->kind = RDP_TLS_HANDSHAKE;
		return true;
	}
	cursor_skip(&c, TPKT_BYTES);
	uint8_t header = cursor_u8(&c), code = cursor_u8(&c);
	if (!cursor_ok(&c) || header < 2)
		return false;
	switch (code & 0xf0) {
	case X224_REQUEST:
	case X224_CONFIRM:
		m->kind = (code & 0xf0) == X224_REQUEST ? RDP_INITIAL_REQUEST : RDP_INITIAL_RESPONSE;
		cursor_skip(&c, 5); // references, class
		if (cursor_ok(&c) && m->kind == RDP_INITIAL_REQUEST)
			read_cookie(&c, m);
		return cursor_ok(&c);
	case X224_DATA: break;
	default: return false;
	}
	cursor_skip(&c, header - 1u);
	if (cursor_left(&c) < 2 || c.at[0] != 0x7f)
		return cursor_ok(&c);
	cursor_skip(&c, 1);
	if (*c.at == 0x66)
		m->kind = RDP_CONNECT_RESPONSE;
	if (*c.at != 0x65)
		return true;
	m->kind = RDP_CONNECT_REQUEST;
	return read_connect_initial(&c, m);
}

bool rdp_core_read(struct span core, struct rdp_core *out)
{
	struct cursor c = cursor_on(core);
	*out = (struct rdp_core) { .version = cursor_le32(&c), .width = cursor_le16(&c) };
	out->height = cursor_le16(&c);
	out->color = cursor_le16(&c);
	cursor_skip(&c, 2); // secure access sequence
	out->keyboard_layout = cursor_le32(&c);
	out->build = cursor_le32(&c);
	out->client_name = cursor_span(&c, 32);
	out->keyboard_type = cursor_le32(&c);
	out->keyboard_subtype = cursor_le32(&c);
	out->function_keys = cursor_le32(&c);
	cursor_skip(&c, 64); // input method
	if (!cursor_ok(&c))
		return false;
	out->post_beta_color = cursor_le16(&c);
	out->has_post_beta_color = cursor_ok(&c);
	out->product_id = cursor_le16(&c);
	out->has_product_id = cursor_ok(&c);
	cursor_skip(&c, 4); // serial number
	out->high_color = cursor_le16(&c);
	out->has_high_color = cursor_ok(&c);
	cursor_skip(&c, 2); // supported depths
	out->capabilities = cursor_le16(&c);
	out->has_capabilities = cursor_ok(&c);
	out->product = cursor_span(&c, 64);
	return true;
}

bool rdp_channel(struct span channels, unsigned n, struct span *name)
{
	struct cursor c = cursor_on(channels);
	uint32_t count = cursor_le32(&c);
	if (!cursor_ok(&c) || n >= count || n >= CHANNELS_MAX || cursor_left(&c) < (n + 1) * CHANNEL_BYTES)
		return false;
	struct span padded = span_slice(channels, 4 + n * CHANNEL_BYTES, 8);
	*name = span_slice(padded, 0, span_find(padded, 0, 0));
	return true;
}

// A whole message. False: no room.
static bool take_message(struct app_input *input, struct span bytes)
{
	struct rdp_state *state = input->flow->app.state;
	struct rdp_message m;
	if (!rdp_message_read(bytes, &m)) {
		tally(input, TALLY_MALFORMED);
		return true;
	}
	if (m.kind == RDP_OTHER)
		return true;
	// Nothing is told behind the exchange of settings
	if (m.kind == RDP_CONNECT_REQUEST || m.kind == RDP_CONNECT_RESPONSE)
		state->passing[input->direction] = true;
	return datagram_keep(input, bytes) != NULL;
}

static enum app_result handshake_end(struct app_input *input)
{
	struct rdp_state *state = input->flow->app.state;
	struct app_tx *tx = state->handshake;
	tls_carried_end(tx);
	tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = 1;
	app_tx_changed(input->flow, tx, TO_CLIENT);
	state->handshake = NULL;
	return APP_STOP_BOTH;
}

// From the first record on there is nothing but TLS. Its transaction is the server's, by its first record or the client's; it is done when the handshake tells
// nothing more.
static enum app_result take_tls(struct app_input *input, uint32_t at)
{
	struct rdp_state *state = input->flow->app.state;
	struct span data = span_from(input->data, at);
	input->consumed = at;
	if (!state->handshake) {
		if (data.len < RECORD_HEADER)
			return APP_OK;
		struct app_tx *tx = datagram_keep(input, span_slice(data, 0, RECORD_HEADER));
		if (!tx)
			return APP_ERROR;
		tx->direction_mask = 1u << TO_CLIENT;
		tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = 0;
		state->handshake = tx;
	}
	input->consumed += tls_carried_read(input, state->handshake, data);
	state->handshake->last_ns = input->now_ns;
	return tls_carried_is_over(state->handshake) ? handshake_end(input) : APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	struct rdp_state *state = input->flow->app.state;
	bool *passing = &state->passing[input->direction];
	if (input->gap_bytes && state->handshake)
		return handshake_end(input);
	if (input->gap_bytes)
		*passing = true; // messages cannot be found again
	uint32_t at = 0;
	while (!*passing && at < input->data.len) {
		struct span data = span_from(input->data, at);
		work_step(1);
		if (data.data[0] == TLS_HANDSHAKE || state->handshake)
			return take_tls(input, at);
		if (data.data[0] != TPKT_VERSION) { // fast path
			*passing = true;
			break;
		}
		if (data.len < TPKT_BYTES)
			break;
		uint32_t len = be16_at(data.data + 2);
		if (len < TPKT_BYTES + 2) {
			tally(input, TALLY_MALFORMED);
			return APP_ERROR;
		}
		if (data.len < len)
			break;
		if (!take_message(input, span_slice(data, 0, len)))
			return APP_ERROR;
		at += len;
	}
	input->consumed = *passing ? input->data.len : at;
	return APP_OK;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct rdp_state *state = flow->app.state;
	if (state && state->handshake == tx)
		state->handshake = NULL;
	tls_carried_free(slab, tx);
	datagram_free(flow, tx, slab, shared);
}

static const struct app_port ports[] = { { PROTO_TCP, 3389, 3389 }, { 0 } };

const struct app_parser rdp_parser = {
	.proto = APP_RDP,
	.name = "rdp",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 19,
	.probe = recognise_rdp,
	.state_bytes = sizeof(struct rdp_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tls_carrier_new,
	.worker_free = tls_carrier_free,
	.complete = { 1, 1 },
	.counter_names = tally_names,
};
