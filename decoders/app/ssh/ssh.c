// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ssh/ssh.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/base/cursor.h"
#include "decoders/stream/tcp_session.h"
#include "decoders/base/hex.h"

#define MSG_KEXINIT  20
#define MSG_NEWKEYS  21
#define COOKIE_BYTES 16
#define LISTS        8 // name-lists of KEXINIT that are read (RFC 4253 7.1)
#define HEAD_BYTES   6 // length, padding, message

struct ssh_state {
	struct ssh_tx *tx;
	uint32_t skip[2]; // bytes of a record still to be passed over
	bool finished[2]; // encrypted from here on
	struct ssh_login login;
};

struct ssh_worker {
	bool hassh;
	EVP_MD_CTX *context;
	EVP_MD *md5;
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };
static const char *const event_names[] = {
	[SSH_INVALID_BANNER] = "invalid_banner",
	[SSH_LONG_BANNER] = "long_banner",
	[SSH_INVALID_RECORD] = "invalid_record",
	[SSH_LONG_KEX_RECORD] = "long_kex_record",
	NULL,
};
enum { FRAME_HEADER, FRAME_DATA, FRAME_PDU };
static const char *const frame_names[] = {
	[FRAME_HEADER] = "record.hdr", [FRAME_DATA] = "record.data", [FRAME_PDU] = "record.pdu", NULL
};

static void worker_free(void *shared)
{
	struct ssh_worker *worker = shared;
	if (!worker)
		return;
	EVP_MD_CTX_free(worker->context);
	EVP_MD_free(worker->md5);
	free(worker);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct ssh_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->hassh = app_setting_bool(config, "ssh", "hassh", true);
	worker->context = EVP_MD_CTX_new();
	worker->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	if (worker->context && worker->md5)
		return worker;
	worker_free(worker);
	return NULL;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct ssh_tx *ssh = (struct ssh_tx *)(void *)tx;
	struct ssh_state *state = flow->app.state;
	(void)shared;
	if (state)
		state->tx = NULL;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		bytes_fini(slab, &ssh->sides[d].banner);
		bytes_fini(slab, &ssh->sides[d].hassh);
	}
	slab_free(slab, ssh, sizeof(*ssh));
}

static struct ssh_tx *tx_of(struct app_input *input)
{
	struct ssh_state *state = input->flow->app.state;
	if (!state->tx && !input->flow->app.tx_count)
		state->tx = (struct ssh_tx *)(void *)app_tx_new(
			input->flow, input->slab, sizeof(struct ssh_tx), input->now_ns, 3);
	return state->tx;
}

static void progress_to(struct app_input *input, struct ssh_tx *tx, enum ssh_progress progress)
{
	tx->tx.progress[input->direction] = (uint8_t)progress;
	tx->tx.last_ns = input->now_ns;
	app_tx_changed(input->flow, &tx->tx, input->direction);
}

static enum app_result broken(struct app_input *input, struct ssh_tx *tx, enum ssh_event event)
{
	struct ssh_worker *worker = input->shared;
	worker->counters[COUNT_MALFORMED]++;
	app_tx_event(input->flow, &tx->tx, event);
	return APP_ERROR;
}

// RFC 4253 4.2: SSH-protoversion-softwareversion SP comments
static bool keep_banner(struct app_input *input, struct ssh_tx *tx, struct span line)
{
	struct ssh_side *side = &tx->sides[input->direction];
	if (!span_starts(line, "SSH-"))
		return false;
	uint32_t dash = span_find(line, '-', 4);
	if (dash == line.len || dash == 4)
		return false;
	bytes_append(input->slab, &side->banner, line, SSH_BANNER_MAX);
	line = bytes_span(&side->banner);
	side->proto = span_slice(line, 4, dash - 4);
	side->software = span_from(line, dash + 1);
	side->software.len = span_find(side->software, ' ', 0);
	return true;
}

// The banner's line, once it is whole or too long. Bytes read; 0: more are needed, or *result says why not.
static uint32_t take_banner(struct app_input *input, struct ssh_tx *tx, struct span data, enum app_result *result)
{
	uint32_t end = span_find(data, '\n', 0);
	bool whole = end < data.len;
	if (tx->tx.progress[input->direction] == SSH_BANNER_WAIT) {
		if (whole)
			progress_to(input, tx, SSH_BANNER_DONE);
		return whole ? end + 1 : data.len;
	}
	if (!whole && data.len < SSH_BANNER_MAX)
		return 0;
	struct span line = span_slice(data, 0, end);
	if (whole && line.len && line.data[line.len - 1] == '\r')
		line.len--;
	bool is_long = line.len >= SSH_BANNER_MAX;
	if (is_long)
		line.len = SSH_BANNER_MAX;
	if (!keep_banner(input, tx, line)) {
		*result = broken(input, tx, SSH_INVALID_BANNER);
		return 0;
	}
	if (is_long)
		app_tx_event(input->flow, &tx->tx, SSH_LONG_BANNER);
	progress_to(input, tx, whole ? SSH_BANNER_DONE : SSH_BANNER_WAIT);
	return whole ? end + 1 : data.len;
}

static bool hash(struct ssh_worker *worker, struct span text, char out[33])
{
	uint8_t bytes[16];
	if (EVP_DigestInit_ex2(worker->context, worker->md5, NULL) != 1 ||
		EVP_DigestUpdate(worker->context, text.data, text.len) != 1 ||
		EVP_DigestFinal_ex(worker->context, bytes, NULL) != 1)
		return false;
	*hex_put(out, bytes, sizeof(bytes)) = 0;
	return true;
}

// HASSH: key exchange, and of the sender's direction ciphers, MACs and compressions.
static void take_kexinit(struct app_input *input, struct ssh_tx *tx, struct span payload)
{
	struct ssh_worker *worker = input->shared;
	struct ssh_side *side = &tx->sides[input->direction];
	unsigned own = input->direction == TO_SERVER ? 0 : 1;
	const unsigned used[4] = { 0, 2 + own, 4 + own, 6 + own };
	struct span lists[LISTS];
	struct cursor c = cursor_on(payload);
	cursor_skip(&c, COOKIE_BYTES);
	for (unsigned i = 0; i < LISTS; i++)
		lists[i] = cursor_span(&c, cursor_be32(&c));
	if (!cursor_ok(&c)) {
		worker->counters[COUNT_MALFORMED]++;
		app_tx_event(input->flow, &tx->tx, SSH_INVALID_RECORD);
		return;
	}
	if (!worker->hassh || side->hassh.len)
		return;
	bool kept = true;
	for (unsigned i = 0; i < 4; i++) {
		struct span list = lists[used[i]];
		kept &= bytes_append(input->slab, &side->hassh, list, SSH_KEX_MAX) == list.len;
		if (i < 3)
			kept &= bytes_append(input->slab, &side->hassh, span_of(";", 1), SSH_KEX_MAX) == 1;
	}
	if (!kept) {
		worker->counters[COUNT_OVER_BUDGET]++;
		bytes_fini(input->slab, &side->hassh);
	} else if (!hash(worker, bytes_span(&side->hassh), side->hassh_hash)) {
		side->hassh_hash[0] = 0;
	}
}

// Its messages are others, and encrypted without a NEWKEYS. 1.99 is 2.0 that takes either.
static bool is_version_1(const struct ssh_side *side)
{
	return span_starts(side->proto, "1.") && !span_is(side->proto, "1.99");
}

// A record (RFC 4253 6) before encryption. Bytes read; 0: more are needed, or *result says why not.
static uint32_t take_record(
	struct app_input *input, struct ssh_tx *tx, struct span data, uint32_t at, enum app_result *result)
{
	struct ssh_worker *worker = input->shared;
	struct ssh_state *state = input->flow->app.state;
	struct cursor c = cursor_on(data);
	uint32_t len = cursor_be32(&c);
	uint8_t padding = cursor_u8(&c), message = cursor_u8(&c);
	if (!cursor_ok(&c))
		return 0;
	if (len > SSH_RECORD_MAX && is_version_1(&tx->sides[input->direction])) {
		*result = APP_STOP;
		return 0;
	}
	if (len < 2 || len > SSH_RECORD_MAX) {
		*result = broken(input, tx, SSH_INVALID_RECORD);
		return 0;
	}
	bool keeps = message == MSG_KEXINIT && len <= SSH_KEX_MAX;
	if (keeps && cursor_left(&c) < len - 2)
		return 0;
	app_frame(input, FRAME_HEADER, at, HEAD_BYTES);
	app_frame(input, FRAME_DATA, at + HEAD_BYTES, len - 2);
	app_frame(input, FRAME_PDU, at, (uint64_t)len + 4);
	if (keeps)
		take_kexinit(input, tx, cursor_span(&c, len - 2 > padding ? len - 2 - padding : 0));
	else if (message == MSG_KEXINIT) {
		worker->counters[COUNT_TRUNCATED]++;
		app_tx_event(input->flow, &tx->tx, SSH_LONG_KEX_RECORD);
	}
	if (message == MSG_KEXINIT && tx->tx.progress[input->direction] < SSH_KEX_DONE)
		progress_to(input, tx, SSH_KEX_DONE);
	if (message == MSG_NEWKEYS)
		progress_to(input, tx, SSH_FINISHED);
	uint32_t rest = len + 4, have = rest < data.len ? rest : data.len;
	state->skip[input->direction] = rest - have;
	return have;
}

const struct ssh_login *ssh_login_of(const struct flow *flow)
{
	const struct ssh_state *state = flow->app.proto == APP_SSH ? flow->app.state : NULL;
	return state && state->login.result != SSH_LOGIN_UNKNOWN ? &state->login : NULL;
}

// Past the key exchange: pieces are wanted as they were sent, not as they are acknowledged.
static enum app_result watch_login(struct app_input *input, uint32_t len)
{
	struct ssh_state *state = input->flow->app.state;
	bool both = state->finished[TO_SERVER] && state->finished[TO_CLIENT];
	if (!state->finished[input->direction]) {
		state->finished[input->direction] = true;
		tcp_session_app_at_once(input->flow, input->direction, true);
		both = state->finished[direction_other(input->direction)];
		if (both)
			input->flow->app.flags |= APP_ENCRYPTED;
	}
	bool more = ssh_login_piece(&state->login, input->direction, len);
	return both && (!more || input->gap_bytes) ? APP_STOP_BOTH : APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	struct ssh_state *state = input->flow->app.state;
	if (state->finished[input->direction])
		return watch_login(input, input->data.len);
	struct ssh_worker *worker = input->shared;
	struct ssh_tx *tx = tx_of(input);
	enum direction d = input->direction;
	enum app_result result = APP_OK;
	uint32_t *skip = &state->skip[d], at = 0;
	if (!tx)
		return APP_STOP_BOTH;
	if (input->gap_bytes > *skip) {
		worker->counters[COUNT_TRUNCATED]++;
		return APP_STOP;
	}
	*skip -= input->gap_bytes;
	while (at < input->data.len && result == APP_OK && tx->tx.progress[d] < SSH_FINISHED) {
		struct span rest = span_from(input->data, at);
		uint32_t used = *skip < rest.len ? *skip : rest.len;
		*skip -= used;
		if (!used && tx->tx.progress[d] < SSH_BANNER_DONE)
			used = take_banner(input, tx, rest, &result);
		else if (!used)
			used = take_record(input, tx, rest, at, &result);
		if (!used)
			break;
		at += used;
	}
	bool finished = tx->tx.progress[d] == SSH_FINISHED;
	input->consumed = finished || result != APP_OK ? input->data.len : at;
	return result != APP_OK || !finished ? result : watch_login(input, input->data.len - at);
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	uint32_t have = data.len < 4 ? data.len : 4;
	if (have && memcmp(data.data, "SSH-", have) != 0)
		return APP_PROBE_NO;
	return have < 4 ? APP_PROBE_MORE : APP_PROBE_YES;
}

static const struct app_port ports[] = { { PROTO_TCP, 22, 22 }, { 0 } };

const struct app_parser ssh_parser = {
	.proto = APP_SSH,
	.name = "ssh",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 4,
	.probe = probe,
	.state_bytes = sizeof(struct ssh_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = worker_free,
	.complete = { SSH_FINISHED, SSH_FINISHED },
	.log_progress = { SSH_KEX_DONE, SSH_KEX_DONE },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct ssh_worker, counters),
};
