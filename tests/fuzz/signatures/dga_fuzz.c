// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a name; the first says where its public suffix begins. Scores stay within their range and do not depend on the case of letters.
#include <stdlib.h>
#include <string.h>
#include "signatures/heuristics/dga.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 4096)
		return 0;
	uint32_t len = (uint32_t)size - 1;
	char *name = malloc(size); // no byte more than the name: reading on would be found
	char *other = malloc(size);
	if (!name || !other)
		abort();
	for (uint32_t i = 0; i < len; i++) {
		char c = (char)data[1 + i];
		name[i] = c;
		other[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	name = realloc(name, len ? len : 1);
	other = realloc(other, len ? len : 1);
	uint32_t score = dga_score(name, len, data[0]);
	if (score > DGA_SCORE_MAX || score != dga_score(other, len, data[0]))
		abort();
	if (dga_score_label(name, len, name, len) != dga_score_label(other, len, other, len))
		abort();
	free(name);
	free(other);
	return 0;
}
