// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/dga.h"
#include "signatures/heuristics/dga_model.h"
#include <math.h>
#include <strings.h>

int32_t dga_log_odds(const struct dga_table *table, const struct dga_tokens *tokens)
{
	int32_t unit[DGA_UNITS];
	for (uint32_t u = 0; u < DGA_UNITS; u++)
		unit[u] = table->bias[u];
	for (uint32_t i = 0; i < tokens->count; i++) {
		const char *row = table->weights + tokens->row[i] * DGA_UNITS;
		for (uint32_t u = 0; u < DGA_UNITS; u++)
			unit[u] += row[u] - DGA_WEIGHT_ZERO;
	}
	int64_t sum = table->out_bias;
	for (uint32_t u = 0; u < DGA_UNITS; u++)
		sum += unit[u] > 0 ? (int64_t)unit[u] * table->out[u] : 0;
	const int64_t limit = 64 * 65536;
	return (int32_t)(sum > limit ? limit : sum < -limit ? -limit : sum);
}

uint32_t dga_score_of_log_odds(int32_t log_odds)
{
	return (uint32_t)lroundf(DGA_SCORE_MAX / (1 + expf((float)-log_odds / 65536)));
}

uint32_t dga_score_label(const char *label, uint32_t label_len, const char *suffix, uint32_t suffix_len)
{
	if (label_len < DGA_LABEL_MIN || !strncasecmp(label, "xn--", 4))
		return 0;
	struct dga_tokens tokens;
	dga_tokens_of(&tokens, label, label_len, suffix, suffix_len);
	return dga_score_of_log_odds(dga_log_odds(&dga_table, &tokens));
}

// Where the label that ends at end begins.
static uint32_t label_before(const char *name, uint32_t end)
{
	uint32_t start = end;
	while (start && name[start - 1] != '.')
		start--;
	return start;
}

uint32_t dga_score(const char *name, uint32_t len, uint32_t suffix_at)
{
	if (!suffix_at || suffix_at > len || (suffix_at < len && name[suffix_at - 1] != '.'))
		return 0;
	uint32_t end = suffix_at < len ? suffix_at - 1 : len;
	uint32_t start = label_before(name, end);
	if (start && dga_is_dynamic_zone(name + start, len - start)) {
		suffix_at = start;
		end = start - 1;
		start = label_before(name, end);
	}
	const char *suffix = name + suffix_at;
	uint32_t suffix_len = len - suffix_at;
	if (dga_suffix_kind(suffix, suffix_len) == DGA_SUFFIX_PRIVATE && !dga_is_dynamic_zone(suffix, suffix_len))
		return 0;
	return dga_score_label(name + start, end - start, suffix, suffix_len);
}
