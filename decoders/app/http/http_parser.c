// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1 for the application layer: recognises it, feeds libhtp, and follows a flow that leaves HTTP.
#include "decoders/app/http/http_internal.h"

#define TXS_A_CONNECTION 4096 // transactions after which libhtp's connection is made anew

#define METHOD_MAX 17 // bytes of the longest method name below, with the space after it

static const char *const methods[] = {
	"GET",
	"POST",
	"HEAD",
	"PUT",
	"OPTIONS",
	"CONNECT",
	"DELETE",
	"TRACE",
	"PATCH",
	"PROPFIND",
	"PROPPATCH",
	"MKCOL",
	"COPY",
	"MOVE",
	"LOCK",
	"UNLOCK",
	"VERSION-CONTROL",
	"REPORT",
	"CHECKOUT",
	"CHECKIN",
	"UNCHECKOUT",
	"MKWORKSPACE",
	"UPDATE",
	"LABEL",
	"MERGE",
	"BASELINE-CONTROL",
	"MKACTIVITY",
	"INVALID",
	"RPC_IN_DATA", // MS-RPCH 2.1.2.1
	"RPC_OUT_DATA",
};

// Others that begin with the same words: RTSP's targets (RFC 2326), and NATS, whose CONNECT has a JSON object.
static bool is_no_target(const char *method, struct span rest)
{
	static const char *const targets[] = { "rtsp://", "rtspu://", "* RTSP/" };
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		if (rest.len >= strlen(targets[i]) && memcmp(rest.data, targets[i], strlen(targets[i])) == 0)
			return true;
	return strcmp(method, "CONNECT") == 0 && rest.len && rest.data[0] == '{';
}

static enum app_probe probe_method(struct span data)
{
	bool more = false;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (data.data[0] != (uint8_t)methods[i][0])
			continue;
		uint32_t len = (uint32_t)strlen(methods[i]);
		uint32_t have = data.len < len ? data.len : len;
		if (memcmp(data.data, methods[i], have) != 0)
			continue;
		if (data.len <= len)
			more = true;
		else if (data.data[len] == ' ' || data.data[len] == '\t')
			return is_no_target(methods[i], span_from(data, len + 1)) ? APP_PROBE_NO : APP_PROBE_YES;
	}
	return more ? APP_PROBE_MORE : APP_PROBE_NO;
}

static enum app_probe probe_version(struct span data)
{
	static const char *const versions[] = { "HTTP/0.9", "HTTP/1.0", "HTTP/1.1" };
	bool more = false;
	if (data.data[0] != 'H')
		return APP_PROBE_NO;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		uint32_t have = data.len < 8 ? data.len : 8;
		if (memcmp(data.data, versions[i], have) == 0) {
			if (have == 8)
				return APP_PROBE_YES;
			more = true;
		}
	}
	return more ? APP_PROBE_MORE : APP_PROBE_NO;
}

static enum app_probe http_probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (data.len == 0)
		return APP_PROBE_MORE;
	enum app_probe method = probe_method(data);
	enum app_probe version = probe_version(data);
	enum app_probe same = direction == TO_SERVER ? method : version;
	enum app_probe other = direction == TO_SERVER ? version : method;
	if (same == APP_PROBE_YES)
		return APP_PROBE_YES;
	if (other == APP_PROBE_YES)
		return APP_PROBE_REVERSED;
	return same == APP_PROBE_MORE || other == APP_PROBE_MORE ? APP_PROBE_MORE : APP_PROBE_NO;
}

static bool make_connection(struct http_state *state)
{
	const struct flow_key *key = &state->flow->key;
	htp_connp_t *connp = htp_connp_create(state->worker->cfg);
	if (!connp)
		return false;
	htp_connp_set_user_data(connp, state);
	htp_connp_open(connp, NULL, key->sport, NULL, key->dport, NULL);
	state->connp = connp;
	return true;
}

// libhtp keeps a place for every transaction a connection ever had. Between two of them nothing else hangs on it.
static void renew_connection(struct http_state *state)
{
	const struct app_flow *app = &state->flow->app;
	if (app->tx_live || app->tx_count - state->renewed < TXS_A_CONNECTION || state->last_request)
		return;
	for (int d = 0; d < 2; d++)
		if (state->closed[d] || (state->status[d] && state->status[d] != HTP_STREAM_DATA))
			return;
	htp_connp_t *old = state->connp;
	if (!make_connection(state))
		return;
	htp_connp_destroy_all(old);
	state->renewed = app->tx_count;
}

static bool http_open(struct flow *flow, struct slab *slab, void *shared)
{
	struct http_state *state = flow->app.state;
	state->worker = shared;
	state->flow = flow;
	state->slab = slab;
	return make_connection(state);
}

static void http_tx_free(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct http_worker *worker = shared;
	struct http_state *state = flow->app.state;
	struct http_tx *tx = (struct http_tx *)base;
	htp_tx_t *htp = tx->htp;
	htp_tx_set_user_data(htp, NULL);
	if (state && htp != htp_connp_get_in_tx(state->connp) && htp != htp_connp_get_out_tx(state->connp)) {
		// Destroy refuses a transaction that is not complete; libhtp holds no pointer to this one any more
		htp->request_progress = HTP_REQUEST_COMPLETE;
		htp->response_progress = HTP_RESPONSE_COMPLETE;
		htp_tx_destroy(htp);
	} // else libhtp still works on it: it goes with the connection
	http_multipart_free(slab, tx);
	file_free_list(worker->files, slab, &base->files);
	bytes_fini(slab, &tx->uri);
	for (int d = 0; d < 2; d++) {
		http_coding_free(tx, (enum direction)d);
		bytes_fini(slab, &tx->raw_headers[d]);
		bytes_fini(slab, &tx->raw_trailers[d]);
		bytes_fini(slab, &tx->body[d].data);
	}
	slab_free(slab, tx, sizeof *tx);
}

static void http_close(struct flow *flow, struct slab *slab, void *shared)
{
	(void)slab, (void)shared;
	const struct http_state *state = flow->app.state;
	htp_connp_destroy_all(state->connp);
}

// Takes libhtp's progress over into our transactions.
static void sync_progress(struct http_state *state)
{
	for (struct app_tx *base = state->flow->app.tx_first; base; base = base->next) {
		const htp_tx_t *htp = ((struct http_tx *)base)->htp;
		uint8_t now[2] = { (uint8_t)htp->request_progress, (uint8_t)htp->response_progress };
		for (int d = 0; d < 2; d++)
			if (now[d] > base->progress[d]) {
				base->progress[d] = now[d];
				base->last_ns = state->now_ns;
				app_tx_changed(state->flow, base, (enum direction)d);
			}
	}
}

static int feed(struct http_state *state, enum direction direction, const void *data, size_t len)
{
	htp_time_t now = { .tv_sec = (time_t)(state->now_ns / 1000000000u),
		.tv_usec = (suseconds_t)(state->now_ns / 1000u % 1000000u) };
	state->status[direction] = direction == TO_SERVER ? htp_connp_req_data(state->connp, &now, data, len)
							  : htp_connp_res_data(state->connp, &now, data, len);
	return state->status[direction];
}

// The stream ended; what a message lacks will not come.
static void close_direction(struct http_state *state, enum direction direction)
{
	if (state->closed[direction])
		return;
	state->closed[direction] = true;
	htp_time_t now = { .tv_sec = (time_t)(state->now_ns / 1000000000u) };
	if (direction == TO_SERVER)
		htp_connp_req_close(state->connp, &now);
	else
		htp_connp_close(state->connp, &now);
	sync_progress(state);
	for (struct app_tx *base = state->flow->app.tx_first; base; base = base->next)
		if (base->progress[direction] > HTTP_NOT_STARTED && base->progress[direction] < HTTP_COMPLETE) {
			http_coding_end(state, (struct http_tx *)base, direction);
			http_body_end(state, (struct http_tx *)base, direction, FILE_TRUNCATED);
			base->progress[direction] = HTTP_COMPLETE;
			app_tx_changed(state->flow, base, direction);
		}
}

// 101 Switching Protocols (RFC 9110 15.2.2): to what? APP_UNKNOWN: nothing we follow.
static enum app_proto upgraded_to(struct http_state *state)
{
	htp_tx_t *htp = htp_connp_get_out_tx(state->connp);
	struct http_tx *tx = htp ? htp_tx_get_user_data(htp) : (struct http_tx *)state->flow->app.tx_last;
	struct span upgrade;
	if (!tx || ((htp_tx_t *)tx->htp)->response_status_number != 101 ||
		!http_header_find(&tx->base, TO_CLIENT, "upgrade", &upgrade))
		return APP_UNKNOWN;
	if (span_is_nocase(upgrade, "h2c")) {
		http_hand_over(state, &tx->base);
		return APP_HTTP2;
	}
	return span_is_nocase(upgrade, "websocket") ? APP_WEBSOCKET : APP_UNKNOWN;
}

static uint32_t consumed(struct http_state *state, const struct app_input *input)
{
	size_t used = input->direction == TO_SERVER ? htp_connp_req_data_consumed(state->connp)
						    : htp_connp_res_data_consumed(state->connp);
	return used > input->data.len ? input->data.len : (uint32_t)used;
}

// Line ends behind a message are nobody's: they would hide what follows from detection.
static uint32_t skip_line_ends(struct span data, uint32_t from)
{
	while (from < data.len && (data.data[from] == '\r' || data.data[from] == '\n'))
		from++;
	return from;
}

// The rest of an accepted CONNECT or an upgrade belongs to another parser.
static enum app_result leave(struct http_state *state, struct app_input *input, enum app_proto to)
{
	input->consumed = consumed(state, input);
	if (to == APP_UNKNOWN)
		input->consumed = skip_line_ends(input->data, input->consumed);
	input->switch_to = (uint8_t)to;
	input->switch_certain = to != APP_UNKNOWN;
	return APP_SWITCH;
}

static enum app_result after_feed(struct http_state *state, struct app_input *input, int status)
{
	if (state->refused)
		return APP_ERROR;
	if (state->connected)
		return leave(state, input, APP_UNKNOWN);
	if (state->carries_rpc) {
		enum app_result result = leave(state, input, APP_DCERPC);
		input->switch_certain = false; // the proxy may refuse, in HTTP
		return result;
	}
	switch (status) {
	case HTP_STREAM_ERROR:
		if (state->last_request && input->direction == TO_SERVER)
			return APP_OK;
		state->worker->counters[HTTP_COUNT_ERROR]++;
		return APP_ERROR;
	case HTP_STREAM_DATA_OTHER:
		input->consumed = skip_line_ends(input->data, consumed(state, input));
		return APP_OK;
	case HTP_STREAM_TUNNEL: {
		enum app_proto to = input->direction == TO_CLIENT ? upgraded_to(state) : APP_UNKNOWN;
		return to == APP_UNKNOWN ? APP_OK : leave(state, input, to);
	}
	default: return APP_OK;
	}
}

// "GET /" and then nothing but white space: the client meant a newer protocol and forgot to name it.
static void check_missing_protocol(struct http_state *state, const struct app_input *input)
{
	struct http_tx *tx = (struct http_tx *)state->flow->app.tx_last;
	uint32_t line = span_find(input->data, '\n', 0) + 1;
	if (!tx || line >= input->data.len)
		return;
	for (uint32_t i = line; i < input->data.len; i++)
		if (!strchr(" \t\r\n", input->data.data[i]) || !input->data.data[i])
			return;
	http_event(state, tx, HTTP_EVENT_REQUEST_LINE_MISSING_PROTOCOL);
}

static enum app_result http_parse(struct app_input *input)
{
	struct http_state *state = input->flow->app.state;
	if (state->refused)
		return APP_ERROR;
	state->now_ns = input->now_ns;
	state->input = input;
	if (state->last_request && input->direction == TO_SERVER && !input->end) {
		state->input = NULL;
		return APP_OK;
	}
	renew_connection(state);
	enum app_result result = APP_OK;
	if (input->gap_bytes && feed(state, input->direction, NULL, input->gap_bytes) == HTP_STREAM_ERROR) {
		state->worker->counters[HTTP_COUNT_ERROR]++;
		result = APP_ERROR;
	}
	if (result == APP_OK && input->data.len)
		result = after_feed(state, input, feed(state, input->direction, input->data.data, input->data.len));
	if (result == APP_OK && input->direction == TO_SERVER && input->data.len && state->last_request)
		check_missing_protocol(state, input);
	if (result == APP_OK && input->end && input->consumed == input->data.len)
		close_direction(state, input->direction);
	sync_progress(state);
	http_log_prune(state);
	state->input = NULL;
	return result;
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	return http_worker_new(config, parts);
}

static void worker_free(void *shared)
{
	http_worker_free(shared);
}

#define NAME(constant, name) name,
static const char *const event_names[] = { HTTP_EVENTS(NAME) NULL };
static const char *const counter_names[] = { HTTP_COUNTERS(NAME) NULL };
static const char *const request_names[] = { "request_started", "request_line", "request_headers", "request_body",
	"request_trailer", "request_complete", NULL };
static const char *const response_names[] = { "response_started", "response_line", "response_headers", "response_body",
	"response_trailer", "response_complete", NULL };
static const struct app_port ports[] = { { PROTO_TCP, 80, 80 }, { PROTO_TCP, 8080, 8080 }, { PROTO_TCP, 3128, 3128 },
	{ 0 } };

const struct app_parser http_parser = {
	.proto = APP_HTTP1,
	.name = "http",
	.tcp = true,
	.ports = ports,
	.probe_bytes = METHOD_MAX,
	.probe = http_probe,
	.state_bytes = sizeof(struct http_state),
	.open = http_open,
	.parse = http_parse,
	.tx_free = http_tx_free,
	.close = http_close,
	.worker_new = worker_new,
	.worker_free = worker_free,
	.complete = { HTTP_COMPLETE, HTTP_COMPLETE },
	.progress_names = { request_names, response_names },
	.frame_names = http_frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct http_worker, counters),
};
