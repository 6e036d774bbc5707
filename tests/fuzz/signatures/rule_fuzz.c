// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as rules, a line each: refused or taken, never worse; then everything the order and the thresholds do.
#include <stdlib.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_error(void *context, const struct rule_error *error)
{
	unsigned *count = context;
	*count += error->reason[0] != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct option_pair address_pairs[] = { { "HOME_NET", "[192.168.0.0/16,10.0.0.0/8]" },
		{ "EXTERNAL_NET", "!$HOME_NET" }, { "LOOP", "[1.2.3.4,$LOOP]" } };
	static struct option_pair port_pairs[] = { { "HTTP_PORTS", "80,8080" }, { "WIDE", "!$HTTP_PORTS" } };
	static const struct option_map addresses = { address_pairs, 3 }, ports = { port_pairs, 2 };
	unsigned errors = 0;
	struct rule_options options = {
		.address_groups = &addresses, .port_groups = &ports, .on_error = on_error, .on_error_context = &errors
	};
	struct rule_set *set = rule_set_new(&options);
	if (!set)
		abort();
	char *text = malloc(size + 1);
	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	uint32_t line = 1;
	for (char *at = text, *next; at && at < text + size && line < 64; at = next, line++) {
		char *end = memchr(at, '\n', (size_t)(text + size - at));
		next = end ? end + 1 : NULL;
		if (end)
			*end = 0;
		if (!rule_set_add(set, at, "fuzz", line) && errors == 0)
			abort(); // refused without a reason
	}
	rule_set_finish(set);
	for (uint32_t i = 0; i < set->count; i++)
		if (set->rules[i]->index != i || !set->rules[i]->sid)
			abort();
	rule_set_free(set);
	free(text);
	return 0;
}
