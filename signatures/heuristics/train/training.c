// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/training.h"
#include "signatures/heuristics/train/honest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void training_prepare(struct training *training)
{
	name_list_finish(&training->honest);
	name_list_finish(&training->without);
	uint32_t gone = name_list_subtract(&training->honest, &training->without);
	const char **words = calloc(training->words.count, sizeof(*words));
	if (!words)
		abort();
	for (uint32_t i = 0; i < training->words.count; i++)
		words[i] = training->words.names[i].label;
	training->word_list = (struct word_list) { words, training->words.count };
	printf("honest names %u (%u left out: their labels are held out), words %u, shapes %u\n",
		training->honest.count, gone, training->words.count, shape_count);
}

void training_fini(struct training *training)
{
	name_list_free(&training->honest);
	name_list_free(&training->words);
	name_list_free(&training->without);
	free((void *)training->word_list.words);
}

static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261U;
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619U;
	return hash ^ hash >> 15;
}

bool is_left_out_name(struct left_out out, const struct name *name)
{
	return out.parts && hash_text(name->label) % out.parts == out.part;
}

bool is_left_out_shape(struct left_out out, uint32_t shape)
{
	return shape_use(shape) == SHAPE_MEASURED || (out.parts && shape % out.parts == out.part);
}

// What a step learns from.
struct drawer {
	const struct training *training;
	struct left_out out;
	struct random *random;
	uint32_t shapes[4096], count; // by their weights
};

static const struct name *draw_honest(const struct drawer *d)
{
	for (;;) {
		const struct name *name =
			&d->training->honest.names[random_below(d->random, d->training->honest.count)];
		if (!is_left_out_name(d->out, name))
			return name;
	}
}

// Now and then the suffix is hidden, or is one of honest names: the label is to be judged above all.
static void draw_suffix(const struct drawer *d, const char **suffix)
{
	uint32_t way = random_below(d->random, 100);
	if (way < 25)
		*suffix = "";
	else if (way < 45)
		*suffix = draw_honest(d)->suffix;
}

static void draw(const struct drawer *d, bool generated, struct dga_tokens *tokens)
{
	struct generated_name made;
	const char *label = made.text, *suffix = "";
	uint32_t len;
	if (generated) {
		shape_generate(d->shapes[random_below(d->random, d->count)], d->training->word_list, d->random, &made);
		len = made.suffix_at - 1;
		suffix = made.text + made.suffix_at;
		draw_suffix(d, &suffix);
	} else {
		const struct name *name = draw_honest(d);
		suffix = name->suffix;
		label = name->label;
		len = (uint32_t)strlen(label);
		if (random_below(d->random, 100) < 25) {
			len = honest_label(d->training->word_list, d->random, made.text);
			label = made.text;
		}
		if (random_below(d->random, 100) < 25)
			suffix = "";
	}
	dga_tokens_of(tokens, label, len, suffix, (uint32_t)strlen(suffix));
}

void training_run(const struct training *training, struct left_out out, struct fit *fit)
{
	struct random random = { training->seed * 2 + 1 };
	struct drawer *d = calloc(1, sizeof(*d));
	if (!d)
		abort();
	*d = (struct drawer) { .training = training, .out = out, .random = &random };
	for (uint32_t shape = 0; shape < shape_count; shape++)
		for (uint32_t i = is_left_out_shape(out, shape) ? 0 : shape_weight(shape); i && d->count < 4096; i--)
			d->shapes[d->count++] = shape;
	for (uint32_t i = 0; i < 16; i++)
		random_next(&random);
	fit_init(fit, &random);
	for (uint32_t step = 0; step < training->steps; step++) {
		struct dga_tokens tokens;
		bool generated = step % 2;
		draw(d, generated, &tokens);
		struct fit_settings settings = training->settings;
		settings.rate *= 1 - 0.9f * (float)step / (float)training->steps;
		fit_step(fit, &tokens, generated, settings, &random);
	}
	free(d);
}
