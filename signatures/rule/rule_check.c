// SPDX-License-Identifier: GPL-3.0-or-later
// What a rule must hold as a whole, and what kind of rule it is. The kinds are Suricata's, since they decide how often a rule is looked at,
// and whether its action reaches the flow.
#include "signatures/rule/rule_build.h"
#include <ctype.h>

// What is wrong is told about the option of that name, when there is one.
static void blame(struct rule_build *build, const char *name)
{
	for (unsigned i = 0; i < build->option_count && !build->option; i++)
		if (span_is_nocase(build->options[i].name, name))
			build->option = &build->options[i];
}

static unsigned buffer_matches(const struct rule_build *build, unsigned buffer)
{
	unsigned count = 0;
	for (unsigned i = 0; i < build->match_count; i++)
		count += build->match_buffer[i] == buffer;
	return count;
}

// An upper case letter can never match in a buffer that is always lower case.
static bool case_fits(struct rule_build *build, const struct field_buffer *field, const struct match *match)
{
	const struct match_content *content = &match->content;
	if (field->check_content) {
		const char *reason = field->check_content(&content->bytes, content->nocase);
		return !reason || rule_fail(build, "%s: %s", field->name, reason);
	}
	if (!(field->flags & FIELD_LOWER) || content->nocase)
		return true;
	for (uint32_t i = 0; i < content->bytes.len; i++)
		if (isupper(content->bytes.data[i]))
			return rule_fail(build,
				"%s is always lower case: a content with upper case letters never matches",
				field->name);
	return true;
}

// The most bytes a buffer of this rule can have by its bsize conditions.
static uint64_t most_bytes(const struct match *match)
{
	if (match->kind != MATCH_BSIZE || match->negated)
		return UINT64_MAX;
	switch (match->number.op) {
	case OP_EQ:
	case OP_LE: return match->number.low;
	case OP_LT: return match->number.low ? match->number.low - 1 : 0;
	case OP_RANGE: return match->number.high - 1;
	default: return UINT64_MAX;
	}
}

// Nothing holds for a buffer that is not there.
static bool absent_fits(struct rule_build *build)
{
	for (unsigned i = 0; i < build->match_count; i++) {
		const struct match *match = &build->matches[i];
		bool others = buffer_matches(build, build->match_buffer[i]) > 1;
		if (match->kind != MATCH_ABSENT || others == match->absent.or_else)
			continue;
		blame(build, "absent");
		return rule_fail(build, others ? "other conditions on a buffer that is not there never hold (or_else)"
					       : "or_else needs other conditions on the buffer");
	}
	return true;
}

// What no output of the last transform has; NULL: nothing is known to be wrong.
static const char *transform_loses(const struct build_buffer *buffer, const struct match_content *content)
{
	if (!buffer->transform_count)
		return NULL;
	uint8_t kind = buffer->transforms[buffer->transform_count - 1].kind;
	for (uint32_t i = 0; i < content->bytes.len; i++) {
		uint8_t c = content->bytes.data[i];
		if (kind == TRANSFORM_TO_LOWERCASE && !content->nocase && isupper(c))
			return "to_lowercase leaves no upper case letters";
		if (kind == TRANSFORM_TO_UPPERCASE && !content->nocase && islower(c))
			return "to_uppercase leaves no lower case letters";
		if (kind == TRANSFORM_STRIP_WHITESPACE && isspace(c))
			return "strip_whitespace leaves no white space";
		if (kind == TRANSFORM_COMPRESS_WHITESPACE && i && isspace(c) && isspace(content->bytes.data[i - 1]))
			return "compress_whitespace leaves no two white space characters in a row";
	}
	return NULL;
}

static bool content_checks(struct rule_build *build)
{
	uint64_t most[BUILD_BUFFERS_MAX];
	memset(most, 0xff, sizeof(most));
	for (unsigned i = 0; i < build->match_count; i++) {
		uint64_t bytes = most_bytes(&build->matches[i]);
		if (bytes < most[build->match_buffer[i]])
			most[build->match_buffer[i]] = bytes;
	}
	for (unsigned i = 0; i < build->match_count; i++) {
		const struct match *match = &build->matches[i];
		const struct build_buffer *buffer = &build->buffers[build->match_buffer[i]];
		if (match->kind != MATCH_CONTENT)
			continue;
		build->error.column = match->column;
		if (!match->negated && match->content.bytes.len > most[build->match_buffer[i]])
			rule_warn(build, "the content has %u bytes, bsize allows %llu: the rule never matches",
				match->content.bytes.len, (unsigned long long)most[build->match_buffer[i]]);
		const char *lost = match->negated ? NULL : transform_loses(buffer, &match->content);
		if (lost)
			rule_warn(build, "%s: the rule never matches", lost);
		if (buffer->place == PLACE_FIELD && buffer->transform_count == 0 &&
			!case_fits(build, buffer->field, match))
			return false;
	}
	build->error.column = 0;
	return true;
}

static bool dsize_fits(struct rule_build *build)
{
	uint64_t most = UINT64_MAX, need = 0;
	for (unsigned i = 0; i < build->test_count; i++) {
		const struct number_match *number = &build->tests[i].number;
		if (build->tests[i].kind != TEST_DSIZE || build->tests[i].negated)
			continue;
		if (number->op == OP_EQ || number->op == OP_LE)
			most = number->low;
		else if (number->op == OP_LT)
			most = number->low ? number->low - 1 : 0;
		else if (number->op == OP_RANGE)
			most = number->high - 1;
	}
	for (unsigned i = 0; i < build->match_count; i++) {
		const struct match *match = &build->matches[i];
		if (match->kind != MATCH_CONTENT || match->negated ||
			build->buffers[build->match_buffer[i]].place != PLACE_PAYLOAD)
			continue;
		uint64_t end = match->content.bytes.len +
			       (match->content.has_offset && match->content.offset.var == RULE_NO_VAR
					       ? (uint64_t)match->content.offset.number
					       : 0);
		if (end > need)
			need = end;
	}
	if (need > most)
		blame(build, "dsize");
	return need <= most || rule_fail(build, "contents need a payload of %llu bytes, dsize allows %llu",
				       (unsigned long long)need, (unsigned long long)most);
}

// Directions: what all fields share, against what flow says.
static bool direction_fits(struct rule_build *build)
{
	struct rule *rule = &build->rule;
	if (rule->flags & RULE_TX_BIDIRECTIONAL) {
		if (rule->flags & (RULE_FLOW_TO_SERVER | RULE_FLOW_TO_CLIENT))
			return rule_fail(build, "=> looks at both directions: flow cannot name one");
		if (rule->app_proto == APP_UNKNOWN)
			return rule_fail(build, "=> needs an application protocol");
		return true;
	}
	unsigned want = rule->flags & RULE_FLOW_TO_SERVER ? 1 : rule->flags & RULE_FLOW_TO_CLIENT ? 2 : 3;
	if (rule->hook.set)
		want &= 1u << rule->hook.direction;
	if ((build->field_directions & want) == 0) {
		blame(build, "flow");
		return rule_fail(
			build, build->field_directions == 0
				       ? "some buffers are there to the server only, others to the client only: they "
					 "never match together"
				       : "its buffers are not there in the direction that flow or the hook names");
	}
	want &= build->field_directions;
	if (want == 1)
		rule->flags |= RULE_FLOW_TO_SERVER;
	else if (want == 2)
		rule->flags |= RULE_FLOW_TO_CLIENT;
	return true;
}

static bool has_place(const struct rule_build *build, enum buffer_place place)
{
	for (unsigned i = 0; i < build->buffer_count; i++)
		if (build->buffers[i].place == place && buffer_matches(build, i))
			return true;
	return false;
}

static bool any_tx_field(const struct rule_build *build)
{
	for (unsigned i = 0; i < build->buffer_count; i++)
		if (build->buffers[i].place == PLACE_FIELD && build->buffers[i].field->level != FIELD_PACKET &&
			build->buffers[i].field->level != FIELD_FRAME && buffer_matches(build, i))
			return true;
	for (unsigned i = 0; i < build->number_count; i++)
		if (build->numbers[i].field->level != FIELD_PACKET)
			return true;
	for (unsigned i = 0; i < build->field_test_count; i++)
		if (build->field_tests[i].field->level != FIELD_PACKET)
			return true;
	return false;
}

static bool has_test(const struct rule_build *build, enum test_kind kind)
{
	for (unsigned i = 0; i < build->test_count; i++)
		if (build->tests[i].kind == kind)
			return true;
	return false;
}

static bool only_test(const struct rule_build *build, enum test_kind kind)
{
	for (unsigned i = 0; i < build->test_count; i++)
		if (build->tests[i].kind != kind)
			return false;
	return !(build->rule.flags & RULE_HAS_FRAME) && build->test_count != 0 && build->number_count == 0 &&
	       build->field_test_count == 0 && build->match_count == 0;
}

bool rule_check(struct rule_build *build)
{
	struct rule *rule = &build->rule;
	if (build->has_pending)
		return rule_fail(build, "the buffer %s has no condition",
			build->pending.field ? build->pending.field->name : "base64_data");
	if (rule->sid == 0)
		return rule_fail(build, "a rule needs a sid");
	if (!absent_fits(build) || !content_checks(build) || !dsize_fits(build) || !direction_fits(build))
		return false;
	if (build->needs_packet && any_tx_field(build)) {
		// Packet conditions beside transaction conditions: the packet that brings the data must meet them
		bool stream_only = rule->flags & (RULE_TCP_STREAM_ONLY | RULE_ONLY_STREAM);
		if (stream_only)
			return rule_fail(build, "conditions on packets contradict a rule on the stream only");
	}
	if (any_tx_field(build) && rule->flags & RULE_HAS_FRAME)
		return rule_fail(build, "buffers of transactions do not go with frames");
	if ((rule->flags & RULE_TCP_STREAM_ONLY) && build->needs_packet)
		return rule_fail(build, "conditions on packets contradict tcp-stream");
	if ((rule->flags & RULE_TCP_PACKET_ONLY) && any_tx_field(build))
		return rule_fail(build, "tcp-pkt looks at single packets: buffers of %s are not there",
			app_proto_name(rule->app_proto));
	return true;
}

// Payload: in the stream unless a packet condition is there; at a fixed place, in both.
static void payload_place(struct rule_build *build)
{
	if (!(build->rule.proto_bits & RULE_PROTO_TCP) || build->needs_packet || build->needs_stream ||
		!has_place(build, PLACE_PAYLOAD))
		return;
	build->needs_stream = true;
	for (unsigned i = 0; i < build->match_count; i++) {
		const struct match *match = &build->matches[i];
		if (match->kind == MATCH_CONTENT && build->buffers[build->match_buffer[i]].place == PLACE_PAYLOAD &&
			(match->content.has_depth || match->content.has_offset))
			build->needs_packet = true;
	}
}

static bool address_only(const struct rule_build *build)
{
	const struct rule *rule = &build->rule;
	if (rule->app_proto != APP_UNKNOWN || build->match_count || build->number_count || build->field_test_count ||
		build->more_than_address)
		return false;
	if (rule->flags & (RULE_FLOW_SET | RULE_HAS_TX | RULE_HAS_STREAM | RULE_TCP_PACKET_ONLY | RULE_TCP_STREAM_ONLY))
		return false;
	for (unsigned i = 0; i < build->test_count; i++)
		if (build->tests[i].kind == TEST_FLOWBITS)
			return false; // reads what other rules did in this packet
	return (rule->proto_bits & RULE_PROTO_IP) != 0;
}

static enum rule_type type_of(const struct rule_build *build)
{
	const struct rule *rule = &build->rule;
	if (rule->app_proto == APP_UNKNOWN && only_test(build, TEST_APP_PROTO) && !build->needs_packet)
		return RULE_TYPE_PROTO_ONLY;
	if (only_test(build, TEST_DECODE_EVENT))
		return RULE_TYPE_EVENT_ONLY;
	if (address_only(build))
		return rule->src->negated || rule->dst->negated ? RULE_TYPE_LIKE_IP_ONLY : RULE_TYPE_IP_ONLY;
	if (rule->flags & (RULE_HAS_TX | RULE_HAS_FRAME))
		return RULE_TYPE_TX;
	if (build->needs_stream)
		return build->needs_packet ? RULE_TYPE_PACKET_STREAM : RULE_TYPE_STREAM;
	if (rule->app_proto != APP_UNKNOWN && !build->needs_packet && !has_place(build, PLACE_PAYLOAD))
		return RULE_TYPE_APP;
	return RULE_TYPE_PACKET;
}

void rule_classify(struct rule_build *build)
{
	struct rule *rule = &build->rule;
	if (any_tx_field(build) || has_test(build, TEST_APP_EVENT) || has_test(build, TEST_APP_STATE) || rule->hook.set)
		rule->flags |= RULE_HAS_TX;
	payload_place(build);
	if (build->needs_stream)
		rule->flags |= RULE_HAS_STREAM;
	if (build->needs_packet || !(rule->flags & (RULE_HAS_STREAM | RULE_HAS_TX | RULE_HAS_FRAME)))
		rule->flags |= RULE_HAS_PACKET;
	rule->type = (uint8_t)type_of(build);
	if (rule->type == RULE_TYPE_IP_ONLY)
		rule->flags |= RULE_IP_ONLY;
	if (rule->type == RULE_TYPE_EVENT_ONLY)
		rule->flags |= RULE_EVENT_ONLY;
	if (rule->type == RULE_TYPE_APP)
		rule->flags |= RULE_APP_PROTO_ONLY;
	if ((rule->action == RULE_PASS || rule->action == RULE_CONFIG) && !build->has_alert)
		rule->flags |= RULE_NOALERT;
	for (unsigned i = 0; i < build->buffer_count; i++) {
		const char *name = build->buffers[i].field ? build->buffers[i].field->name : "";
		if (strncmp(name, "ja3", 3) == 0)
			rule->flags |= RULE_NEEDS_JA3;
		if (strncmp(name, "ja4", 3) == 0)
			rule->flags |= RULE_NEEDS_JA4;
		if (strcmp(name, "file.magic") == 0)
			rule->flags |= RULE_NEEDS_MAGIC;
	}
	for (unsigned i = 0; i < build->field_test_count; i++) {
		const char *name = build->field_tests[i].field->name;
		if (strcmp(name, "filemagic") == 0)
			rule->flags |= RULE_NEEDS_MAGIC;
		if (strncmp(name, "filemd5", 7) == 0 || strncmp(name, "filesha", 7) == 0)
			rule->flags |= RULE_NEEDS_FILE_HASH;
		if (strcmp(name, "filestore") == 0)
			rule->flags |= RULE_FILESTORE;
	}
}
