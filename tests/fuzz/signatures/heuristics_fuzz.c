// SPDX-License-Identifier: GPL-3.0-or-later
// What heuristics read of bytes that anybody may send: names and their look-alikes, targets, bodies, user agents.
#include <stdlib.h>
#include "signatures/heuristics/http_attack.h"
#include "signatures/heuristics/lookalike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[LOOKALIKE_MAX];
	struct span bytes = span_of(data, size);
	const char *phrase = NULL;
	if (lookalike_skeleton(span_slice(bytes, 0, 253), out) > LOOKALIKE_MAX)
		abort();
	if (http_attack_of(bytes, &phrase) != ATTACK_NONE && !phrase)
		abort();
	(void)http_scanner_of(bytes);
	(void)http_command_client_of(bytes);
	return 0;
}
