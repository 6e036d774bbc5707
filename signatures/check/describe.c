// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/describe.h"
#include "decoders/app/app_layer.h"
#include "signatures/check/describe_part.h"
#include "signatures/check/rule_option_text.h"
#include "signatures/field/frame.h"

struct list {
	struct rule_part *parts;
	unsigned count, max;
};

static void add(struct list *list, enum rule_part_kind kind, unsigned index, unsigned match)
{
	if (list->count < list->max)
		list->parts[list->count++] = (struct rule_part) { (uint8_t)kind, (uint16_t)index, (uint16_t)match };
}

static void add_header(struct list *list, const struct rule *rule)
{
	add(list, PART_PROTOCOL, 0, 0);
	if (!rule->src->any)
		add(list, PART_SOURCE, 0, 0);
	if (!rule->sport->any)
		add(list, PART_SOURCE_PORT, 0, 0);
	if (!rule->dst->any)
		add(list, PART_DESTINATION, 0, 0);
	if (!rule->dport->any)
		add(list, PART_DESTINATION_PORT, 0, 0);
	if (rule->flags & (RULE_FLOW_SET | RULE_FLOW_TO_SERVER | RULE_FLOW_TO_CLIENT | RULE_FLOW_ESTABLISHED |
				  RULE_FLOW_NOT_ESTABLISHED))
		add(list, PART_FLOW, 0, 0);
	if (rule->hook.set)
		add(list, PART_HOOK, 0, 0);
}

static bool is_of_tx(const struct rule_test *test)
{
	return test->kind == TEST_APP_STATE || (test->kind == TEST_APP_EVENT && test->app_event.proto != APP_UNKNOWN);
}

static void add_tests(struct list *list, const struct rule *rule, bool tx)
{
	for (unsigned i = 0; i < rule->test_count; i++)
		if (is_of_tx(&rule->tests[i]) == tx)
			add(list, PART_TEST, i, 0);
}

static void add_buffer(struct list *list, const struct rule *rule, unsigned index)
{
	const struct rule_buffer *buffer = &rule->buffers[index];
	if (buffer->place == PLACE_FIELD)
		add(list, PART_BUFFER, index, 0);
	for (unsigned m = 0; m < buffer->match_count; m++)
		add(list, PART_MATCH, index, m);
	// What is decoded from it is asked with it
	for (unsigned b = 0; b < rule->buffer_count; b++)
		if (rule->buffers[b].place == PLACE_BASE64 && rule->buffers[b].base64_of == (int16_t)index)
			for (unsigned m = 0; m < rule->buffers[b].match_count; m++)
				add(list, PART_MATCH, b, m);
}

// level: FIELD_PACKET, or those of transactions.
static void add_fields(struct list *list, const struct rule *rule, bool packet)
{
	for (unsigned i = 0; i < rule->buffer_count; i++)
		if (rule->buffers[i].place == PLACE_FIELD && (rule->buffers[i].field->level == FIELD_PACKET) == packet)
			add_buffer(list, rule, i);
	for (unsigned i = 0; i < rule->number_count; i++)
		if ((rule->numbers[i].field->level == FIELD_PACKET) == packet)
			add(list, PART_NUMBER, i, 0);
	for (unsigned i = 0; i < rule->field_test_count; i++)
		if ((rule->field_tests[i].field->level == FIELD_PACKET) == packet)
			add(list, PART_FIELD_TEST, i, 0);
}

unsigned rule_parts(const struct rule *rule, struct rule_part *out, unsigned max)
{
	struct list list = { out, 0, max };
	add_header(&list, rule);
	add_tests(&list, rule, false);
	for (unsigned i = 0; i < rule->buffer_count; i++)
		if (rule->buffers[i].place == PLACE_PAYLOAD)
			add_buffer(&list, rule, i);
	add_fields(&list, rule, true);
	add_fields(&list, rule, false);
	add_tests(&list, rule, true);
	for (unsigned i = 0; i < rule->threshold_count; i++)
		add(&list, PART_THRESHOLD, i, 0);
	return list.count;
}

bool describe_as_written(struct words *words, const struct rule *rule, unsigned column)
{
	struct rule_option_text option;
	struct span text = rule->text ? span_text(rule->text) : (struct span) { NULL, 0 };
	for (uint32_t at = 0; column && rule_option_text_next(text, &at, &option);)
		if (option.offset + 1 == column) {
			words_add(words, "%.*s", (int)(option.len < 120 ? option.len : 120),
				(const char *)text.data + option.offset);
			return true;
		}
	return false;
}

static void protocol(struct words *words, const struct rule *rule)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} names[] = { { RULE_PROTO_TCP, "TCP" }, { RULE_PROTO_UDP, "UDP" }, { RULE_PROTO_ICMP, "ICMP" },
		{ RULE_PROTO_ICMPV6, "ICMPv6" }, { RULE_PROTO_SCTP, "SCTP" },
		{ RULE_PROTO_OTHER, "other IP protocols" }, { RULE_PROTO_NON_IP, "what is not IP" } };
	if (rule->app_proto != APP_UNKNOWN)
		words_add(words, "the application protocol is %s over ", app_proto_name(rule->app_proto));
	else
		words_add(words, "the protocol is ");
	if ((rule->proto_bits & RULE_PROTO_IP) == RULE_PROTO_IP) {
		words_add(words, "any over IP%s", rule->proto_bits & RULE_PROTO_NON_IP ? ", or not IP" : "");
	} else {
		unsigned some = 0;
		for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (rule->proto_bits & names[i].bit)
				words_add(words, "%s%s", some++ ? " or " : "", names[i].name);
	}
	if (rule->flags & RULE_IPV4_ONLY)
		words_add(words, ", IPv4");
	if (rule->flags & RULE_IPV6_ONLY)
		words_add(words, ", IPv6");
	if (rule->flags & RULE_TCP_PACKET_ONLY)
		words_add(words, ", single packets only");
	if (rule->flags & RULE_TCP_STREAM_ONLY)
		words_add(words, ", the reassembled stream only");
}

static void flow(struct words *words, const struct rule *rule)
{
	static const struct {
		uint64_t flag;
		const char *text;
	} flags[] = { { RULE_FLOW_TO_SERVER, "to the server" }, { RULE_FLOW_TO_CLIENT, "to the client" },
		{ RULE_FLOW_ESTABLISHED, "the connection is established" },
		{ RULE_FLOW_NOT_ESTABLISHED, "the connection is not established" },
		{ RULE_FLOW_STATELESS, "in any state" }, { RULE_ONLY_STREAM, "in the reassembled stream" },
		{ RULE_NO_STREAM, "not in the reassembled stream" }, { RULE_ONLY_FRAG, "packets that were fragmented" },
		{ RULE_NO_FRAG, "packets that were not fragmented" } };
	unsigned some = 0;
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (rule->flags & flags[i].flag)
			words_add(words, "%s%s", some++ ? ", " : "", flags[i].text);
	if (!some)
		words_add(words, "a flow");
}

static void hook(struct words *words, const struct rule *rule)
{
	const struct app_parser *parser = app_parser_of(rule->app_proto == APP_HTTP ? APP_HTTP1 : rule->app_proto);
	const char *const *names = parser ? parser->progress_names[rule->hook.direction & 1] : NULL;
	unsigned count = 0;
	while (names && names[count])
		count++;
	words_add(words, "the transaction has reached %s%s", rule->hook.direction ? "(to the client) " : "",
		rule->hook.progress < count ? names[rule->hook.progress] : "the hook's progress");
}

static void field_name(struct words *words, const struct field_buffer *field)
{
	words_add(words, "%s", field->name);
	if (field->level != FIELD_FRAME)
		return;
	const struct frame_field *frame = frame_field_of(field);
	const struct app_parser *parser = app_parser_of(frame->proto);
	const char *const *names = parser ? parser->frame_names : NULL;
	for (unsigned i = 0; names && *names && i < frame->type; i++)
		names++;
	words_add(words, " %s.%s", app_proto_name(frame->proto),
		frame->type == FRAME_STREAM ? "stream"
		: names && *names           ? *names
					    : "?");
}

static void buffer_name(struct words *words, const struct rule *rule, unsigned index)
{
	static const char *const transforms[] = { "strip_whitespace", "compress_whitespace", "to_lowercase",
		"to_uppercase", "to_md5", "to_sha1", "to_sha256", "dotprefix", "domain", "tld", "url_decode", "xor",
		"header_lowercase", "strip_pseudo_headers", "pcrexform", "from_base64", "gunzip", "zlib_deflate" };
	const struct rule_buffer *buffer = &rule->buffers[index];
	switch (buffer->place) {
	case PLACE_PAYLOAD: words_add(words, "payload"); break;
	case PLACE_BASE64: words_add(words, "base64_data"); break;
	default: field_name(words, buffer->field);
	}
	if (buffer->has_direction)
		words_add(words, buffer->direction ? " to the client" : " to the server");
	for (unsigned i = 0; i < buffer->transform_count; i++) {
		uint8_t kind = buffer->transforms[i].kind;
		words_add(words, "%s%s", i ? ", " : " after ",
			kind < sizeof(transforms) / sizeof(transforms[0]) ? transforms[kind] : "a transform");
	}
}

// The argument of the field test as written: the nth option of its name.
static void field_test(struct words *words, const struct rule *rule, unsigned index)
{
	const struct rule_field_test *test = &rule->field_tests[index];
	struct rule_option_text option;
	unsigned nth = 0;
	for (unsigned i = 0; i < index; i++)
		nth += rule->field_tests[i].field == test->field;
	words_add(words, "%s%s", test->negated ? "not: " : "", test->field->name);
	if (!rule->text ||
		!rule_option_text_find(span_text(rule->text), test->field->name, test->field->alias, nth, &option) ||
		!option.value.data)
		return;
	struct span value = option.value;
	if (test->negated && value.len && value.data[0] == '!')
		value = span_trim(span_from(value, 1));
	words_add(words, " is %.*s", (int)(value.len < 120 ? value.len : 120), (const char *)value.data);
}

static void number(struct words *words, const struct rule_number *number)
{
	words_add(words, "%s ", number->field->name);
	if (number->how == NUMBER_COUNT)
		words_add(words, "has a number of values that ");
	words_number(words, number->how == NUMBER_COUNT ? &number->amount : &number->match, number->negated,
		number->how == NUMBER_COUNT ? NULL : number->field->names);
	if (number->how == NUMBER_INDEX)
		words_add(words, " in value number %d", number->index);
	else if (number->how == NUMBER_TIMES) {
		words_add(words, " in a number of values that ");
		words_number(words, &number->amount, false, NULL);
	} else if (number->field->flags & FIELD_MULTI && number->how != NUMBER_COUNT) {
		words_add(words, number->how == NUMBER_ANY ? " in one value" : " in its values");
	}
}

static void sided(struct words *words, const struct rule *rule, const char *side, const struct address_set *addresses,
	const struct port_set *ports)
{
	words_add(words, "the %s %s is in ", side, addresses ? "address" : "port");
	if (addresses)
		words_addresses(words, addresses);
	else
		words_ports(words, ports);
	if (rule->flags & RULE_BIDIRECTIONAL)
		words_add(words, " (or the ends swapped)");
}

const char *rule_part_describe(
	const struct rule_set *set, const struct rule *rule, const struct rule_part *part, char *text, size_t size)
{
	struct words words;
	words_begin(&words, text, size);
	switch (part->kind) {
	case PART_PROTOCOL: protocol(&words, rule); break;
	case PART_SOURCE: sided(&words, rule, "source", rule->src, NULL); break;
	case PART_SOURCE_PORT: sided(&words, rule, "source", NULL, rule->sport); break;
	case PART_DESTINATION: sided(&words, rule, "destination", rule->dst, NULL); break;
	case PART_DESTINATION_PORT: sided(&words, rule, "destination", NULL, rule->dport); break;
	case PART_FLOW: flow(&words, rule); break;
	case PART_HOOK: hook(&words, rule); break;
	case PART_TEST: describe_test(&words, set, rule, &rule->tests[part->index]); break;
	case PART_BUFFER:
		buffer_name(&words, rule, part->index);
		words_add(&words, " is there");
		break;
	case PART_MATCH:
		buffer_name(&words, rule, part->index);
		words_add(&words, " ");
		describe_match(&words, rule, &rule->buffers[part->index].matches[part->match]);
		break;
	case PART_NUMBER: number(&words, &rule->numbers[part->index]); break;
	case PART_FIELD_TEST: field_test(&words, rule, part->index); break;
	case PART_THRESHOLD: describe_threshold(&words, &rule->thresholds[part->index]); break;
	default: break;
	}
	return text;
}

const char *rule_action_describe(
	const struct rule_set *set, const struct rule *rule, unsigned index, char *text, size_t size)
{
	struct words words;
	words_begin(&words, text, size);
	describe_test(&words, set, rule, &rule->actions[index]);
	return text;
}

const char *rule_buffer_describe(const struct rule *rule, unsigned buffer, char *text, size_t size)
{
	struct words words;
	words_begin(&words, text, size);
	buffer_name(&words, rule, buffer);
	return text;
}
