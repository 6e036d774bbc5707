// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/honest.h"
#include <stdio.h>
#include <string.h>

static const char *const additions[] = { "shop", "online", "web", "net", "blog", "hotel", "24", "365", "group", "media",
	"tech", "soft", "news", "world", "store", "lab", "labs", "design", "app", "home", "house", "travel", "tv", "fm",
	"auto", "car", "bank", "club", "city", "pro", "hub", "box", "star", "line", "plus", "digital", "studio",
	"music", "game", "games", "info", "forum", "direct", "free", "mail", "data", "cloud", "host", "server",
	"service" };
static const char *const openings[] = { "the", "my", "e", "i", "get", "go", "all", "best", "top", "web", "net", "euro",
	"inter", "trans", "pro", "neo", "eco", "bio", "cyber", "smart", "new", "your", "mr", "le", "la", "el", "die",
	"der", "il", "uni" };
#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof((list)[0])))

static uint32_t join(char *label, uint32_t len, const char *text)
{
	size_t text_len = strlen(text);
	if (len + text_len > 60)
		return len;
	memcpy(label + len, text, text_len);
	return len + (uint32_t)text_len;
}

// A word near place: of the same language, as lists stand one after the other.
static const char *near_word(struct word_list words, uint32_t place, struct random *r)
{
	uint32_t reach = words.count < 5000 ? words.count : 5000;
	uint32_t start = place + reach > words.count ? words.count - reach : place;
	return words.words[start + random_below(r, reach)];
}

uint32_t honest_label(struct word_list words, struct random *random, char label[SHAPE_NAME_MAX])
{
	uint32_t place = random_below(random, words.count), way = random_below(random, 100), len = 0;
	const char *first = words.words[place];
	char small[8];
	if (way < 25)
		return join(label, 0, first);
	if (way < 60) { // two words, now and then hyphenated
		len = join(label, 0, first);
		if (random_below(random, 10) == 0)
			len = join(label, len, "-");
		return join(label, len, near_word(words, place, random));
	}
	if (way < 72)
		return join(label, join(label, 0, first), additions[random_below(random, COUNT(additions))]);
	if (way < 84)
		return join(label, join(label, 0, openings[random_below(random, COUNT(openings))]), first);
	if (way < 90) { // a word cut short, as brands are
		len = join(label, 0, first);
		return len > 5 ? 4 + random_below(random, len - 4) : len;
	}
	if (way < 95) { // initials of words before a word, or alone
		for (uint32_t i = 2 + random_below(random, 2); i; i--)
			label[len++] = near_word(words, place, random)[0];
		return random_below(random, 2) ? len : join(label, len, first);
	}
	snprintf(small, sizeof(small), "%u", random_below(random, random_below(random, 2) ? 100 : 3000));
	return way < 98 ? join(label, join(label, 0, first), small) : join(label, join(label, 0, small), first);
}
