// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/fit.h"
#include <math.h>
#include <string.h>

#define WEIGHT_LIMIT 31

void fit_init(struct fit *fit, struct random *random)
{
	memset(fit, 0, sizeof(*fit));
	for (uint32_t i = 0; i < DGA_ROWS; i++)
		for (uint32_t u = 0; u < DGA_UNITS; u++)
			fit->row[i][u] = (float)(random_unit(random) - 0.5) * 0.1f;
	for (uint32_t u = 0; u < DGA_UNITS; u++)
		fit->out[u] = u % 2 ? 1 : -1; // half of the units for each answer
}

static float sum_units(const struct fit *fit, const struct dga_tokens *tokens, float unit[DGA_UNITS])
{
	memcpy(unit, fit->bias, sizeof(fit->bias));
	for (uint32_t i = 0; i < tokens->count; i++)
		for (uint32_t u = 0; u < DGA_UNITS; u++)
			unit[u] += fit->row[tokens->row[i]][u];
	float log_odds = fit->out_bias;
	for (uint32_t u = 0; u < DGA_UNITS; u++)
		log_odds += unit[u] > 0 ? unit[u] * fit->out[u] : 0;
	return log_odds;
}

static void descend(float *weight, float *energy, float gradient, float rate)
{
	*energy += gradient * gradient;
	*weight -= rate * gradient / sqrtf(*energy + 1e-6f);
}

float fit_step(struct fit *fit, const struct dga_tokens *tokens, bool generated, struct fit_settings settings,
	struct random *random)
{
	struct dga_tokens kept = { 0 };
	for (uint32_t i = 0; i < tokens->count; i++)
		if (random_unit(random) < settings.keep)
			kept.row[kept.count++] = tokens->row[i];
	float unit[DGA_UNITS], back[DGA_UNITS];
	float log_odds = sum_units(fit, &kept, unit);
	float error = 1 / (1 + expf(-log_odds)) - (generated ? 1 : 0);
	for (uint32_t u = 0; u < DGA_UNITS; u++) {
		back[u] = unit[u] > 0 ? error * fit->out[u] : 0;
		if (unit[u] > 0)
			descend(&fit->out[u], &fit->out_energy[u], error * unit[u], settings.rate * 0.1f);
		descend(&fit->bias[u], &fit->bias_energy[u], back[u], settings.rate * 0.1f);
	}
	descend(&fit->out_bias, &fit->out_bias_energy, error, settings.rate * 0.1f);
	for (uint32_t i = 0; i < kept.count; i++)
		for (uint32_t u = 0; u < DGA_UNITS; u++) {
			float *weight = &fit->row[kept.row[i]][u];
			descend(weight, &fit->row_energy[kept.row[i]][u], back[u], settings.rate);
		}
	return log_odds;
}

// The step of a unit's weights: all but one in a thousand fit, the rest is cut off.
static float unit_step(const struct fit *fit, uint32_t unit)
{
	float limit = 0;
	for (uint32_t i = 0; i < DGA_ROWS; i++)
		limit = fmaxf(limit, fabsf(fit->row[i][unit]));
	for (float step = limit; step > 0; step *= 0.95f) {
		uint32_t over = 0;
		for (uint32_t i = 0; i < DGA_ROWS; i++)
			over += fabsf(fit->row[i][unit]) > step;
		if (over * 1000 > DGA_ROWS)
			return step / 0.95f / WEIGHT_LIMIT;
	}
	return 1;
}

// The character of a weight. A backslash and question marks would be escapes in a C string: what falls on them is a step more.
static char code_of(float steps)
{
	char code = (char)(DGA_WEIGHT_ZERO + (int)fminf(fmaxf(roundf(steps), -WEIGHT_LIMIT), WEIGHT_LIMIT));
	return code == '\\' || code == '?' ? (char)(code + 1) : code;
}

void fit_round(const struct fit *fit, struct dga_table *table, char *weights)
{
	for (uint32_t u = 0; u < DGA_UNITS; u++) {
		float step = unit_step(fit, u);
		for (uint32_t i = 0; i < DGA_ROWS; i++)
			weights[i * DGA_UNITS + u] = code_of(fit->row[i][u] / step);
		table->bias[u] = (int32_t)lroundf(fit->bias[u] / step);
		table->out[u] = (int32_t)lroundf(fit->out[u] * step * 65536);
	}
	weights[DGA_ROWS * DGA_UNITS] = 0;
	table->weights = weights;
	table->out_bias = (int32_t)lroundf(fit->out_bias * 65536);
}
