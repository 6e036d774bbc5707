// SPDX-License-Identifier: GPL-3.0-or-later
// Regular expressions of a set, by flags and text: rules that use the same one share its code, and so do sets that follow each other (reload).
#include <stdatomic.h>
#include <stdlib.h>
#include "signatures/operand/pcre.h"
#include "signatures/rule/rule_build.h"

#define PATTERN_BYTES_MAX 8192

struct rule_code {
	void *code;
	bool jit_tried; // by the set that compiled it, before anybody else sees it
	atomic_uint holders;
};

void *rule_code(struct rule_build *build, struct span pattern, unsigned flags, const char **text)
{
	struct rule_set_private *own = build->own;
	uint8_t name[PATTERN_BYTES_MAX + 1];
	if (pattern.len > PATTERN_BYTES_MAX) {
		rule_fail(build, "the expression is longer than %d bytes", PATTERN_BYTES_MAX);
		return NULL;
	}
	name[0] = (uint8_t)(flags + 1); // no zero: names are texts
	if (pattern.len)
		memcpy(name + 1, pattern.data, pattern.len);
	struct span key = { name, pattern.len + 1 };
	uint32_t number = rule_names_add(&own->codes, key);
	struct rule_code *kept = own->codes.values[number];
	*text = own->codes.names[number] + 1;
	if (kept)
		return kept->code;
	const struct rule_names *others = own->options.like ? &own->options.like->own->codes : NULL;
	uint32_t there = others ? rule_names_find(others, key) : UINT32_MAX;
	if (there != UINT32_MAX && others->values[there]) {
		kept = others->values[there];
		atomic_fetch_add(&kept->holders, 1);
	} else {
		char error[200];
		void *code = pcre_compile(pattern, flags, error, sizeof(error));
		if (!code) {
			rule_fail(build, "%s", error);
			return NULL;
		}
		kept = rule_malloc(sizeof(*kept));
		*kept = (struct rule_code) { .code = code };
		atomic_init(&kept->holders, 1);
	}
	own->codes.values[number] = kept;
	return kept->code;
}

void rule_code_hold(struct rule_set_private *own, const char *text)
{
	struct span key = span_text(text - 1);
	const struct rule_names *others = &own->options.like->own->codes;
	uint32_t number = rule_names_add(&own->codes, key), there = rule_names_find(others, key);
	if (own->codes.values[number] || there == UINT32_MAX)
		return;
	own->codes.values[number] = others->values[there];
	atomic_fetch_add(&((struct rule_code *)others->values[there])->holders, 1);
}

void rule_codes_jit(struct rule_set_private *own)
{
	for (uint32_t i = 0; i < own->codes.count; i++) {
		struct rule_code *kept = own->codes.values[i];
		if (!kept || kept->jit_tried)
			continue;
		kept->jit_tried = true;
		pcre_jit(kept->code);
	}
}

void rule_codes_free(struct rule_set_private *own)
{
	for (uint32_t i = 0; i < own->codes.count; i++) {
		struct rule_code *kept = own->codes.values[i];
		if (!kept || atomic_fetch_sub(&kept->holders, 1) != 1)
			continue;
		pcre_free(kept->code);
		free(kept);
	}
	rule_names_fini(&own->codes);
}
