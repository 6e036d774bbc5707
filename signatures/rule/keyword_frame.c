// SPDX-License-Identifier: GPL-3.0-or-later
// frame:NAME, a sticky buffer over the frames a parser names.
#include "decoders/app/app_layer.h"
#include "signatures/field/frame.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <stdio.h>

// The parser whose frames are meant by proto: HTTP/1's for "http".
static enum app_proto framed_proto(enum app_proto proto)
{
	return proto == APP_HTTP ? APP_HTTP1 : proto;
}

// Number of name among proto's frames. -1: it has no such frame.
static int frame_type(enum app_proto proto, struct span name)
{
	const struct app_parser *parser = app_parser_of(proto);
	if (span_is_nocase(name, "stream"))
		return FRAME_STREAM;
	for (int i = 0; parser && parser->frame_names && parser->frame_names[i]; i++)
		if (span_is_nocase(name, parser->frame_names[i]))
			return i;
	return parser && parser->parse && parser->frame_names ? -1 : 0; // a parser still to come: never there
}

// "dns.pdu" names the protocol, "pdu" takes the rule's; "smb1.hdr" is a name of its own.
static bool split(struct rule_build *build, struct span text, enum app_proto *proto, struct span *name)
{
	char word[32];
	uint32_t dot = span_find(text, '.', 0);
	*proto = framed_proto(build->rule.app_proto);
	*name = text;
	if (*proto != APP_UNKNOWN && frame_type(*proto, text) > 0)
		return true;
	if (dot < text.len && dot < sizeof(word)) {
		memcpy(word, text.data, dot);
		word[dot] = 0;
		enum app_proto named = framed_proto(app_proto_find(word));
		if (named != APP_UNKNOWN) {
			*proto = named;
			*name = span_from(text, dot + 1);
		}
	}
	return *proto != APP_UNKNOWN || rule_fail(build, "expected PROTOCOL.FRAME, or a rule of a protocol");
}

static const struct field_buffer *frame_field(struct rule_build *build, enum app_proto proto, uint8_t type)
{
	char key[32];
	int len = snprintf(key, sizeof(key), "%u.%u", (unsigned)proto, type);
	uint32_t number = rule_names_add(&build->own->frames, span_of(key, (size_t)len));
	if (!build->own->frames.values[number]) {
		struct frame_field *field = rule_arena_take(build->arena, sizeof(*field));
		static const struct field_reader none[] = { { 0 } };
		field->proto = proto;
		field->type = type;
		field->buffer = (struct field_buffer) {
			.name = "frame", .description = "a frame of the stream", .level = FIELD_FRAME, .readers = none
		};
		build->own->frames.values[number] = field;
	}
	return build->own->frames.values[number];
}

static bool parse_frame(struct rule_build *build, const struct rule_option *option)
{
	enum app_proto proto;
	struct span name;
	if (!split(build, text_trim(option->value), &proto, &name))
		return false;
	int type = frame_type(proto, name);
	if (type < 0)
		return rule_fail(build, "%s has no frame \"%.*s\"", app_proto_name(proto), SPAN_ARGS(name));
	build->rule.flags |= RULE_HAS_FRAME;
	return build_app_proto(build, proto, "the frame") &&
	       build_sticky(build, frame_field(build, proto, (uint8_t)type), false, TO_SERVER);
}

const struct keyword keywords_frame[] = {
	{ "frame", NULL, KEYWORD_NEEDS_VALUE, parse_frame, 0 },
	{ 0 },
};
