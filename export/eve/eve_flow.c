// SPDX-License-Identifier: GPL-3.0-or-later
// Flows: at their end, long ones while they live, and the two netflow records of one.
#include "decoders/app/app_layer.h"
#include "decoders/base/clock.h"
#include "export/eve/eve_header.h"
#include "export/eve/ssh.h"

static const struct {
	const char *name;
	uint8_t flag;
} tcp_flag_names[] = {
	{ "syn", TCP_SYN },
	{ "fin", TCP_FIN },
	{ "rst", TCP_RST },
	{ "psh", TCP_PSH },
	{ "ack", TCP_ACK },
	{ "urg", TCP_URG },
	{ "ecn", TCP_ECE },
	{ "cwr", TCP_CWR },
};

void eve_flow_counts(struct json *json, const struct flow *flow)
{
	json_put_uint(json, "pkts_toserver", flow->packets[TO_SERVER]);
	json_put_uint(json, "pkts_toclient", flow->packets[TO_CLIENT]);
	json_put_uint(json, "bytes_toserver", flow->bytes[TO_SERVER]);
	json_put_uint(json, "bytes_toclient", flow->bytes[TO_CLIENT]);
	json_put_time(json, "start", flow->first_ns);
}

static void write_hex_byte(struct json *json, const char *key, uint8_t value)
{
	json_put_hex(json, key, span_of(&value, 1), 0);
}

static void write_flags(struct json *json, uint8_t flags)
{
	for (size_t i = 0; i < sizeof(tcp_flag_names) / sizeof(tcp_flag_names[0]); i++)
		if (flags & tcp_flag_names[i].flag)
			json_put_bool(json, tcp_flag_names[i].name, true);
}

static void write_tcp(struct json *json, const struct flow *flow)
{
	struct tcp_summary tcp = { 0 };
	bool session = tcp_session_present(flow);
	if (session)
		tcp_session_summary(flow, &tcp);
	uint8_t all = tcp.flags[TO_SERVER] | tcp.flags[TO_CLIENT];
	json_put_object(json, "tcp");
	write_hex_byte(json, "tcp_flags", all);
	write_hex_byte(json, "tcp_flags_ts", tcp.flags[TO_SERVER]);
	write_hex_byte(json, "tcp_flags_tc", tcp.flags[TO_CLIENT]);
	write_flags(json, all);
	if (session) {
		json_put_text(json, "state", tcp_state_name(tcp.state));
		if (tcp.gap[TO_SERVER])
			json_put_bool(json, "ts_gap", true);
		if (tcp.gap[TO_CLIENT])
			json_put_bool(json, "tc_gap", true);
		json_put_uint(json, "ts_max_regions", tcp.max_regions[TO_SERVER]);
		json_put_uint(json, "tc_max_regions", tcp.max_regions[TO_CLIENT]);
	}
	json_object_end(json);
}

static const char *reason_name(const struct flow *flow)
{
	switch ((enum flow_end_reason)flow->end_reason) {
	case FLOW_END_TIMEOUT: return "timeout";
	case FLOW_END_FORCED: return "forced";
	case FLOW_END_SHUTDOWN: return "shutdown";
	case FLOW_END_TCP_REUSE: return "tcp_reuse";
	case FLOW_END_NONE: break;
	}
	return NULL;
}

static const char *state_name(const struct flow *flow)
{
	static const char *const names[] = { [FLOW_NEW] = "new",
		[FLOW_ESTABLISHED] = "established",
		[FLOW_CLOSED] = "closed",
		[FLOW_BYPASSED] = "bypassed" };
	return flow->state < sizeof(names) / sizeof(names[0]) ? names[flow->state] : "new";
}

static uint64_t age_of(const struct flow *flow)
{
	uint64_t start = flow->first_ns / NS_PER_S, end = flow->last_ns / NS_PER_S;
	return end > start ? end - start : 0;
}

// What stream.midstream-policy did; its traces are in the flow's flags.
static void write_exception_policy(struct json *json, const struct flow *flow)
{
	static const struct {
		uint32_t flags;
		const char *policy;
	} policies[] = {
		{ FLOW_REJECTED, "reject" },
		{ FLOW_DROPPED, "drop_flow" },
		{ FLOW_BYPASS, "bypass" },
		{ FLOW_PASSED, "pass_flow" },
		{ FLOW_MIDSTREAM_POLICY, "ignore" },
	};
	if (!(flow->flags & FLOW_MIDSTREAM_POLICY))
		return;
	json_put_array(json, "exception_policy");
	for (unsigned i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (!(flow->flags & policies[i].flags))
			continue;
		json_put_object(json, NULL);
		json_put_text(json, "target", "stream_midstream");
		json_put_text(json, "policy", policies[i].policy);
		json_object_end(json);
		break;
	}
	json_array_end(json);
}

static void write_flow_object(struct json *json, const struct flow *flow, bool alive)
{
	json_put_object(json, "flow");
	eve_flow_counts(json, flow);
	json_put_time(json, "end", flow->last_ns);
	json_put_uint(json, "age", age_of(flow));
	if (flow->flags & FLOW_EMERGENCY)
		json_put_bool(json, "emergency", true);
	json_put_text(json, "state", state_name(flow));
	if (flow->state == FLOW_BYPASSED)
		json_put_text(json, "bypass", "local");
	json_put_text(json, "reason", alive ? "alive" : reason_name(flow));
	json_put_bool(json, "alerted", flow->flags & FLOW_ALERTED);
	if (flow->flags & FLOW_DROPPED)
		json_put_text(json, "action", "drop");
	else if (flow->flags & FLOW_PASSED)
		json_put_text(json, "action", "pass");
	write_exception_policy(json, flow);
	if (flow->app.tx_count)
		json_put_uint(json, "tx_cnt", flow->app.tx_count);
	if (flow->flags & (FLOW_ELEPHANT_TS | FLOW_ELEPHANT_TC))
		json_put_bool(json, "elephant", true);
	json_object_end(json);
}

// What nDPI named, and what is known of the whole flow that has no place elsewhere: the schema leaves this object open.
static void write_ndpi(struct json *json, const struct flow *flow)
{
	struct app_ndpi_names names;
	struct json_mark mark = json_mark(json);
	json_put_object(json, "ndpi");
	bool any = eve_ssh_login(json, flow);
	if (flow->app.flags & APP_PARSER_ERROR) { // what came after is not in any event
		json_put_bool(json, "parser_error", true);
		any = true;
	}
	if (!app_layer_ndpi_names(flow, &names)) {
		json_object_end(json);
		if (!any)
			json_rewind(json, mark);
		return;
	}
	json_put_text(json, "protocol", names.proto);
	json_put_text(json, "category", names.category);
	if (flow->app.ndpi_risks) {
		json_put_array(json, "risks");
		for (uint64_t left = flow->app.ndpi_risks; left; left &= left - 1)
			json_put_text(json, NULL, app_layer_ndpi_risk((unsigned)__builtin_ctzll(left)));
		json_array_end(json);
	}
	json_object_end(json);
}

bool eve_flow(struct eve_writer *writer, struct json *json, struct record *record, const struct flow *flow, bool alive,
	uint64_t now_ns)
{
	if (!writer->config->flow)
		return false;
	const struct eve_event event = {
		.type = RECORD_FLOW, .name = "flow", .view = EVE_TO_SERVER, .flow = flow, .ts_ns = now_ns
	};
	eve_header(writer, json, record, &event);
	eve_app_protos(json, flow);
	write_flow_object(json, flow, alive);
	if (flow->key.proto == PROTO_TCP)
		write_tcp(json, flow);
	write_ndpi(json, flow);
	return true;
}

bool eve_netflow(struct eve_writer *writer, struct json *json, struct record *record, const struct flow *flow,
	enum direction direction)
{
	if (!writer->config->netflow || !flow->packets[direction])
		return false;
	const struct eve_event event = { .type = RECORD_FLOW,
		.name = "netflow",
		.view = direction == TO_SERVER ? EVE_TO_SERVER : EVE_TO_CLIENT,
		.flow = flow,
		.ts_ns = flow->last_ns };
	eve_header(writer, json, record, &event);
	eve_app_protos(json, flow);
	json_put_object(json, "netflow");
	json_put_uint(json, "pkts", flow->packets[direction]);
	json_put_uint(json, "bytes", flow->bytes[direction]);
	json_put_time(json, "start", flow->first_ns);
	json_put_time(json, "end", flow->last_ns);
	json_put_uint(json, "age", age_of(flow));
	json_put_uint(json, "min_ttl", flow->min_ttl[direction]);
	json_put_uint(json, "max_ttl", flow->max_ttl[direction]);
	if (flow->app.tx_count)
		json_put_uint(json, "tx_cnt", flow->app.tx_count);
	json_object_end(json);
	if (flow->key.proto == PROTO_TCP && tcp_session_present(flow)) {
		struct tcp_summary tcp;
		tcp_session_summary(flow, &tcp);
		json_put_object(json, "tcp");
		write_hex_byte(json, "tcp_flags", tcp.flags[direction]);
		write_flags(json, tcp.flags[direction]);
		json_object_end(json);
	}
	return true;
}
