// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/files/magic_memo.h"
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#define TEXT_PROBES 8 // places a text can be at

struct answer {
	uint64_t key; // of the bytes, by a hash with a random seed: a peer cannot make two files share an answer
	uint16_t bytes;
	uint16_t text;
	uint32_t written; // text's count of writings when this was kept; 0: free
};

struct text {
	uint32_t written;
	uint32_t len;
	char text[MAGIC_MEMO_TEXT_MAX];
};

struct magic_memo {
	uint64_t seed;
	uint32_t next_victim;
	struct answer answers[MAGIC_MEMO_HEADS]; // in pairs: the newer one first
	struct text texts[MAGIC_MEMO_TEXTS];
};

struct magic_memo *magic_memo_new(void)
{
	struct magic_memo *memo = calloc(1, sizeof(*memo));
	if (memo && getrandom(&memo->seed, sizeof(memo->seed), 0) == sizeof(memo->seed))
		return memo;
	free(memo);
	return NULL;
}

void magic_memo_free(struct magic_memo *memo)
{
	free(memo);
}

static uint64_t key_of(const struct magic_memo *memo, struct span bytes)
{
	return XXH3_64bits_withSeed(bytes.data, bytes.len, memo->seed);
}

static struct answer *pair_of(struct magic_memo *memo, uint64_t key)
{
	return &memo->answers[(key & (MAGIC_MEMO_HEADS / 2 - 1)) * 2];
}

const char *magic_memo_find(struct magic_memo *memo, struct span head)
{
	uint64_t key = key_of(memo, head);
	const struct answer *pair = pair_of(memo, key);
	for (unsigned i = 0; i < 2; i++)
		if (pair[i].written && pair[i].key == key && pair[i].bytes == head.len &&
			memo->texts[pair[i].text].written == pair[i].written)
			return memo->texts[pair[i].text].text;
	return NULL;
}

// Where text is, or takes the place of another one.
static uint16_t place_of(struct magic_memo *memo, struct span text)
{
	uint64_t start = key_of(memo, text);
	uint16_t place = 0;
	for (unsigned i = 0; i < TEXT_PROBES; i++) {
		place = (uint16_t)((start + i) & (MAGIC_MEMO_TEXTS - 1));
		const struct text *there = &memo->texts[place];
		if (there->len == text.len && memcmp(there->text, text.data, text.len) == 0)
			return place;
		if (!there->written)
			break;
	}
	if (memo->texts[place].written)
		place = (uint16_t)((start + memo->next_victim++ % TEXT_PROBES) & (MAGIC_MEMO_TEXTS - 1));
	struct text *taken = &memo->texts[place];
	taken->written++;
	taken->len = text.len;
	memcpy(taken->text, text.data, text.len);
	taken->text[text.len] = 0;
	return place;
}

void magic_memo_keep(struct magic_memo *memo, struct span head, const char *text)
{
	struct span bytes = span_text(text);
	if (bytes.len == 0 || bytes.len >= MAGIC_MEMO_TEXT_MAX || head.len > UINT16_MAX)
		return;
	uint64_t key = key_of(memo, head);
	struct answer *pair = pair_of(memo, key);
	uint16_t place = place_of(memo, bytes);
	pair[1] = pair[0];
	pair[0] = (struct answer) { key, (uint16_t)head.len, place, memo->texts[place].written };
}
