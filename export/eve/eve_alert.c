// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts: what a rule or a detector found, with the application, the flow and the bytes it was found in.
#include <stdio.h>
#include "export/eve/eve_app.h"
#include "export/eve/eve_header.h"

#define GUESS_MAX 64 // transactions looked at for an alert that names none
#define LINE_RESERVE \
	4096 // bytes of the line kept for what every alert tells: who sends more than fits must not lose us the alert

static bool is_reject(uint8_t action)
{
	return action == RULE_REJECT || action == RULE_REJECT_DST || action == RULE_REJECT_BOTH;
}

static void write_end(struct json *json, const char *key, const struct address *address, uint16_t port, bool has_port)
{
	json_put_object(json, key);
	json_put_address(json, "ip", address);
	if (has_port)
		json_put_uint(json, "port", port);
	json_object_end(json);
}

// The rule's target keyword says which end is the victim.
static void write_target(struct json *json, const struct packet *packet, const struct rule *rule)
{
	if (!(rule->flags & (RULE_TARGET_SRC | RULE_TARGET_DST)))
		return;
	bool ports = packet->proto == PROTO_TCP || packet->proto == PROTO_UDP || packet->proto == PROTO_SCTP;
	bool target_is_src = rule->flags & RULE_TARGET_SRC;
	write_end(json, target_is_src ? "target" : "source", &packet->src, packet->sport, ports);
	write_end(json, target_is_src ? "source" : "target", &packet->dst, packet->dport, ports);
}

// Object of arrays: values of one key together, keys as first met.
static void write_rule_metadata(struct json *json, const struct rule *rule)
{
	if (!rule->metadata_count)
		return;
	json_put_object(json, "metadata");
	for (unsigned i = 0; i < rule->metadata_count; i++) {
		const char *key = rule->metadata[i].key;
		unsigned first = 0;
		while (strcmp(rule->metadata[first].key, key) != 0)
			first++;
		if (first < i)
			continue;
		json_put_array(json, key);
		for (unsigned j = i; j < rule->metadata_count; j++)
			if (strcmp(rule->metadata[j].key, key) == 0)
				json_put_text(json, NULL, rule->metadata[j].value);
		json_array_end(json);
	}
	json_object_end(json);
}

static void write_references(struct json *json, const struct rule *rule)
{
	char text[1024];
	if (!rule->reference_count)
		return;
	json_put_array(json, "references");
	for (unsigned i = 0; i < rule->reference_count; i++) {
		snprintf(text, sizeof(text), "%s%s", rule->references[i].key, rule->references[i].value);
		json_put_text(json, NULL, text);
	}
	json_array_end(json);
}

static bool write_geo_end(
	const struct eve_writer *writer, struct json *json, const char *key, const struct address *address)
{
	if (writer->home && address_set_has(writer->home, address))
		return false;
	struct json_mark mark = json_mark(json);
	json_put_object(json, key);
	json_put_address(json, "ip", address);
	bool any = geo_write(writer->geo, json, address);
	json_object_end(json);
	if (!any)
		json_rewind(json, mark);
	return any;
}

static bool write_geo(const struct eve_writer *writer, struct json *json, const struct packet *packet)
{
	if (!writer->geo || !packet->ip_version)
		return false;
	struct json_mark mark = json_mark(json);
	json_put_object(json, "geo");
	bool any = write_geo_end(writer, json, "source", &packet->src);
	any |= write_geo_end(writer, json, "destination", &packet->dst);
	json_object_end(json);
	if (!any)
		json_rewind(json, mark);
	return any;
}

static bool write_detail(struct eve_writer *writer, struct json *json, const struct finding_detail *detail)
{
	writer->context_end = 0;
	if (!detail)
		return false;
	json_put_object(json, detail->family);
	for (uint32_t i = 0; i < detail->count; i++) {
		const struct detail_pair *pair = &detail->pairs[i];
		switch ((enum detail_kind)pair->kind) {
		case DETAIL_NUMBER: json_put_uint(json, pair->key, pair->number); break;
		case DETAIL_REAL: json_put_real(json, pair->key, pair->real); break;
		case DETAIL_TEXT: json_put_span(json, pair->key, pair->text); break;
		case DETAIL_ADDRESS: json_put_address(json, pair->key, &pair->address); break;
		case DETAIL_TIME: json_put_time(json, pair->key, pair->number); break;
		case DETAIL_JSON: json_put_raw(json, pair->key, (const char *)pair->text.data, pair->text.len); break;
		}
	}
	writer->context_end = (uint32_t)(json->at - json->start);
	json_object_end(json);
	return true;
}

// What is known about outside addresses, and a detector's reasoning; the schema leaves this object open.
static void write_context(
	struct eve_writer *writer, struct json *json, const struct packet *packet, const struct finding *finding)
{
	struct json_mark mark = json_mark(json);
	json_put_object(json, "context");
	bool any = write_geo(writer, json, packet);
	any |= write_detail(writer, json, finding->detail);
	any |= eve_context_variables(writer, json, packet, finding);
	json_object_end(json);
	if (!any)
		json_rewind(json, mark);
}

void eve_alert_object(struct eve_writer *writer, struct json *json, const struct packet *packet,
	const struct finding *finding, const struct address *forwarded)
{
	const struct rule *rule = finding->rule;
	bool blocked = is_reject(finding->action) || (finding->action == RULE_DROP && writer->config->simulate_ips);
	json_put_object(json, "alert");
	json_put_text(json, "action", blocked ? "blocked" : "allowed");
	json_put_uint(json, "gid", rule->gid);
	json_put_uint(json, "signature_id", rule->sid);
	json_put_uint(json, "rev", rule->rev);
	json_put_text(json, "signature", rule->msg ? rule->msg : "");
	json_put_text(json, "category", rule->category ? rule->category : "");
	json_put_uint(json, "severity", rule->priority);
	write_target(json, packet, rule);
	if (forwarded)
		json_put_address(json, "xff", forwarded);
	if (writer->config->alert_metadata) {
		write_rule_metadata(json, rule);
		write_references(json, rule);
	}
	write_context(writer, json, packet, finding);
	json_object_end(json);
}

static void write_tunnel(struct json *json, const struct packet *packet)
{
	if (!(packet->flags & PACKET_TUNNELED))
		return;
	const struct packet *root = packet - packet->index;
	if (!root->ip_version)
		return;
	json_put_object(json, "tunnel");
	json_put_address(json, "src_ip", &root->src);
	json_put_uint(json, "src_port", root->sport);
	json_put_address(json, "dest_ip", &root->dst);
	json_put_uint(json, "dest_port", root->dport);
	eve_proto(json, root->proto);
	json_put_uint(json, "depth", packet->depth);
	if (root->number)
		json_put_uint(json, "pcap_cnt", root->number);
	json_put_text(json, "pkt_src", eve_packet_source(root));
	json_object_end(json);
}

// The transaction an alert on bytes is most likely about: the first that is not looked at yet in its direction, or the
// only one there is.
static struct app_tx *guess_tx(const struct eve_config *config, const struct packet *packet, const struct flow *flow,
	const struct finding *finding)
{
	struct app_tx *first = flow ? flow->app.tx_first : NULL, *last = NULL;
	bool by_bytes = finding->where & FOUND_STREAM ||
			(packet->proto == PROTO_UDP && finding->rule->app_proto != APP_UNKNOWN);
	if (!first || (!by_bytes && (first->next || !config->guess_tx)))
		return NULL;
	unsigned looked = 0;
	for (struct app_tx *tx = first; tx && looked < GUESS_MAX; tx = tx->next, looked++) {
		if (!(tx->direction_mask >> finding->direction & 1))
			continue;
		last = tx;
		if (!tx->inspected[finding->direction])
			break;
	}
	if (!last || last->guessed >= config->guesses_max)
		return NULL;
	last->guessed++;
	return last;
}

static void write_application(
	struct eve_writer *writer, struct json *json, const struct flow *flow, const struct app_tx *tx)
{
	eve_app_protos(json, flow);
	const struct eve_app *app = tx && writer->config->alert_app_layer ? eve_app_of(flow->app.proto) : NULL;
	if (!app)
		return;
	struct json_mark mark = json_mark(json);
	if (!app->write(json, writer->config, flow, tx, 0, true))
		json_rewind(json, mark);
	json_keep_if_room(json, mark, LINE_RESERVE);
	if (!tx->files)
		return;
	mark = json_mark(json);
	json_put_array(json, "files");
	for (const struct file *file = tx->files; file; file = file->next)
		eve_file(json, NULL, tx, file);
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
}

static void write_flow(struct json *json, const struct flow *flow)
{
	json_put_object(json, "flow");
	eve_flow_counts(json, flow);
	json_put_address(json, "src_ip", &flow->key.src);
	json_put_address(json, "dest_ip", &flow->key.dst);
	if (flow->key.proto == PROTO_TCP || flow->key.proto == PROTO_UDP || flow->key.proto == PROTO_SCTP) {
		json_put_uint(json, "src_port", flow->key.sport);
		json_put_uint(json, "dest_port", flow->key.dport);
	}
	json_object_end(json);
}

static void write_payload(struct eve_writer *writer, struct json *json, const struct packet *packet,
	const struct flow *flow, const struct finding *finding)
{
	const struct eve_config *config = writer->config;
	if (!config->alert_payload && !config->alert_payload_printable)
		return;
	bool in_stream = packet->proto == PROTO_TCP && (finding->where & (FOUND_STREAM | FOUND_TX)) && flow &&
			 tcp_session_present(flow);
	struct span payload = packet->payload;
	if (in_stream) {
		uint32_t len = tcp_session_copy(flow, finding->direction, writer->payload, writer->payload_size);
		if (len)
			payload = span_of(writer->payload, len);
	}
	struct json_mark mark = json_mark(json);
	if (payload.len) {
		if (config->alert_payload)
			json_put_base64(json, "payload", payload);
		json_keep_if_room(json, mark, LINE_RESERVE);
		mark = json_mark(json);
		if (config->alert_payload_printable)
			json_put_printable(json, "payload_printable", payload);
		json_keep_if_room(json, mark, LINE_RESERVE);
	}
	json_put_uint(json, "stream", in_stream);
}

void eve_verdict(
	const struct eve_writer *writer, struct json *json, const struct packet *packet, const struct verdict *verdict)
{
	bool reject = verdict->reject_src || verdict->reject_dst;
	bool drops = writer->config->simulate_ips;
	bool drop = drops && (verdict->drop || reject);
	json_put_object(json, "verdict");
	json_put_text(json, "action", drop ? "drop" : verdict->pass && !reject ? "pass" : "alert");
	if (reject) {
		json_put_text(json, "reject-target",
			verdict->reject_src && verdict->reject_dst ? "both"
			: verdict->reject_src                      ? "to_client"
								   : "to_server");
		json_put_array(json, "reject");
		json_put_text(json, NULL, packet->proto == PROTO_TCP ? "tcp-reset" : "icmp-prohib");
		json_array_end(json);
	}
	json_object_end(json);
}

bool eve_alert(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct finding *finding, const struct verdict *verdict)
{
	const struct eve_config *config = writer->config;
	if (!config->alert)
		return false;
	const struct app_tx *tx = finding->tx        ? finding->tx
				  : finding->of_host ? NULL
						     : guess_tx(config, packet, flow, finding);
	const struct eve_forwarded *forwarded =
		config->alert_forwarded.enabled ? &config->alert_forwarded : &config->forwarded;
	struct address client;
	bool is_forwarded = eve_forwarded_of(forwarded, flow, tx ? tx : flow ? flow->app.tx_first : NULL, &client);
	bool overwrites = is_forwarded && forwarded->mode == FORWARDED_OVERWRITE;
	const struct eve_event event = { .type = RECORD_ALERT,
		.name = "alert",
		.packet = packet,
		.flow = flow,
		.tx = tx,
		.ts_ns = packet->ts_ns,
		.client = overwrites ? &client : NULL };
	eve_header(writer, json, record, &event);
	record->severity = finding->rule->priority;
	record->rule = finding->rule;
	record->src = packet->src;
	record->dst = packet->dst;
	if (tx && packet->proto != PROTO_UDP && (!finding->tx || finding->where & FOUND_TX_GUESSED))
		json_put_bool(json, "tx_guessed", true);
	eve_alert_object(writer, json, packet, finding, is_forwarded && !overwrites ? &client : NULL);
	record->situation = finding->situation;
	record->indicator = finding->indicator;
	record->repeats = finding->repeats;
	record->inside = finding->inside;
	record->domain = finding->domain;
	record->told_if = finding->told_if;
	record->domain_reasons = finding->domain_reasons;
	record->domain_by_dns = finding->domain_by_dns;
	record->level = finding->level;
	record->anywhere = finding->anywhere;
	record->far_end = finding->far_end;
	record->began_ns = finding->began_ns;
	record->splice = finding->situation ? writer->context_end : 0;
	write_tunnel(json, packet);
	if (flow) {
		write_application(writer, json, flow, tx);
		json_put_text(json, "direction", packet->direction == TO_SERVER ? "to_server" : "to_client");
		if (config->alert_flow)
			write_flow(json, flow);
	}
	if (flow && finding->frame)
		eve_frame_object(writer, json, packet, flow, finding->direction, finding->frame);
	write_payload(writer, json, packet, flow, finding);
	struct json_mark mark = json_mark(json);
	if (config->alert_packet && !(packet->flags & PACKET_PSEUDO))
		eve_packet_bytes(json, packet);
	json_keep_if_room(json, mark, LINE_RESERVE);
	eve_verdict(writer, json, packet, verdict);
	return true;
}
