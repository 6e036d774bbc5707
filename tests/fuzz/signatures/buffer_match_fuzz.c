// SPDX-License-Identifier: GPL-3.0-or-later
// A few rules with every kind of condition, over any bytes: no read past the end, bounded work.
#include <stdlib.h>
#include "signatures/match/buffer_match.h"
#include "signatures/match/transform.h"
#include "signatures/rule/rule_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const texts[] = {
	"alert udp any any -> any any (content:\"a\"; content:\"b\"; distance:-3; within:9; content:!\"c\"; "
	"distance:0; pcre:\"/d.{0,4}e/R\"; sid:1;)",
	"alert udp any any -> any any (byte_extract:1,0,n; content:\"a\"; offset:n; depth:20; isdataat:n,relative; "
	"sid:2;)",
	"alert udp any any -> any any (byte_jump:2,0,multiplier 2,post_offset -4; byte_test:4,>,10,-2,relative,little; "
	"sid:3;)",
	"alert udp any any -> any any (byte_math:bytes 2,offset 1,oper *,rvalue 3,result m; byte_jump:m,0,string,dec; "
	"sid:4;)",
	"alert udp any any -> any any (content:\"=\"; base64_decode:bytes 40, offset 1, relative; base64_data; "
	"content:\"a\"; nocase; sid:5;)",
	"alert udp any any -> any any (content:\"aa\"; content:\"aa\"; distance:1; content:\"ab\"; distance:1; "
	"content:\"z\"; endswith; sid:6;)",
	"alert udp any any -> any any (byte_test:8,!&,0xff,3,string,hex; content:\"x\"; startswith; entropy: value > "
	"2.0; sid:7;)",
};
#define RULES (sizeof(texts) / sizeof(*texts))

static struct rule_set *set;
static struct buffer_matcher matcher;
static uint8_t arena_bytes[1u << 20];

static void prepare(void)
{
	struct rule_options options = { 0 };
	set = rule_set_new(&options);
	for (unsigned i = 0; i < RULES; i++)
		rule_set_add(set, texts[i], "fuzz", i + 1);
	rule_set_finish(set);
	matcher.regex = regex_runner_new(3500, 1500);
	matcher.base64 = malloc(BASE64_BYTES_MAX);
	matcher.steps_max = 3000;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!set)
		prepare();
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = set->rules[i];
		memset(matcher.vars, 0, sizeof(matcher.vars));
		matcher.data = span_of(bytes, len);
		matcher.base = len & 7;
		matcher.last = len & 1;
		if (rule->buffer_count)
			buffer_match(&matcher, rule, &rule->buffers[0]);
	}
	for (uint8_t kind = 0; kind <= TRANSFORM_ZLIB_DEFLATE; kind++) {
		struct transform transform = { .kind = kind, .argument = span_text("key"), .bytes = 2048 };
		struct transform_arena arena = { arena_bytes, sizeof(arena_bytes), 0 };
		struct span out;
		transform_apply(&transform, 1, &arena, matcher.regex, span_of(bytes, len), &out);
	}
	return 0;
}
