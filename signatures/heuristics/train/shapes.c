// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/shapes.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define BASE36  LETTERS "0123456789"
#define HEX     "0123456789abcdef"

// How the characters of a label follow each other.
enum manner {
	DRAWN,     // each drawn alike from the alphabet
	LCG,       // x = a x + c from a date's seed, without good mixing: x mod the alphabet's size
	PARITY,    // as LCG with a modulus of 2^32 and an even alphabet: every other letter from one half
	SYLLABLES, // consonant and vowel in turn, either first
	VOWELISH,  // letters drawn, vowels more often than not
	LANGUAGE,  // letters drawn with the frequency they have in words
	HEADED,    // a letter first, then drawn
	TAILED,    // the first four characters change, the rest is one word pair for the whole series
	DOUBLED,   // syllables repeated or mirrored
	ENDED,     // random syllables with an ending of the language (-able, -ment)
	WORDS,     // two to four words
	WORD_MIX,  // a word with random characters before or after it
	GROUPS,    // runs of digits within letters
	BASE64,    // digits (a date, a counter) in base64, its capitals made small
};

static const char *const classic[] = { "com", "net", "org", "info", "biz" };
static const char *const com_net[] = { "com", "net" };
static const char *const com_only[] = { "com" };
static const char *const eu_only[] = { "eu" };
static const char *const ru_com[] = { "ru", "com", "su", "net" };
static const char *const east[] = { "com", "net", "biz", "ru", "org", "co.uk", "info" };
static const char *const cheap[] = { "top", "xyz", "club", "site", "online", "space", "pw", "bid", "win", "website",
	"click", "link", "work", "live", "me", "tk", "ml", "ga", "cf", "gq", "cc", "icu", "fun" };
static const char *const west[] = { "eu", "de", "be", "uk", "nl", "it", "fr", "pw", "ru", "in", "us", "pl", "yt", "tf",
	"re", "pm" };
static const char *const small[] = { "ws", "cc", "cn", "in", "me", "su", "tw", "bz", "la", "so", "to", "tv", "mn", "sc",
	"ac", "im", "nu", "sh" };
static const char *const many[] = { "ac", "ae", "ag", "am", "as", "at", "be", "bo", "bz", "ca", "cd", "ch", "cl", "cn",
	"co.cr", "co.id", "co.il", "co.ke", "co.kr", "co.nz", "co.ug", "co.uk", "co.vi", "co.za", "com.ag", "com.ai",
	"com.ar", "com.bo", "com.br", "com.bs", "com.co", "com.do", "com.fj", "com.gh", "com.gl", "com.gt", "com.hn",
	"com.jm", "com.ki", "com.lc", "com.mt", "com.mx", "com.ng", "com.ni", "com.pa", "com.pe", "com.pr", "com.pt",
	"com.py", "com.sv", "com.tr", "com.tt", "com.tw", "com.ua", "com.uy", "com.ve", "cx", "cz", "dj", "dk", "dm",
	"ec", "es", "fm", "fr", "gd", "gr", "gs", "gy", "hk", "hn", "ht", "hu", "ie", "im", "in", "ir", "is", "kn",
	"kz", "la", "lc", "li", "lu", "lv", "ly", "md", "me", "mn", "ms", "mu", "mw", "my", "nf", "nl", "no", "pe",
	"pk", "pl", "ps", "ro", "ru", "sc", "sg", "sh", "sk", "su", "tc", "tj", "tl", "tn", "to", "tw", "us", "vc",
	"vn" };
static const char *const dynamic[] = { "ddns.net", "dyndns.org", "duckdns.org", "hopto.org", "mooo.com", "yi.org",
	"dynserv.com", "no-ip.biz", "zapto.org", "3utilities.com", "bounceme.net", "servebeer.com", "myftp.org",
	"dyndns.info", "homelinux.org", "dnsalias.com" };
static const char *const hidden[] = { "com", "net", "in", "ru", "tickets", "blackfriday", "hosting", "feedback",
	"onion.to" };
static const char *const kz_ru[] = { "kz", "com", "ru" };
static const char *const ru_cn[] = { "ru", "cn", "su" };
static const char *const word_tlds[] = { "net", "ru", "com", "org", "biz", "top" };

struct shape {
	const char *title;
	enum manner manner;
	const char *alphabet;
	uint8_t min, max; // characters of the label, or words
	uint8_t weight;
	uint8_t use;
	const char *const *suffixes;
	uint8_t suffix_count;
};
#define SUFFIXES(list) list, sizeof(list) / sizeof((list)[0])

static const struct shape shapes[] = {
	// letters
	{ "letters 5-11 classic", DRAWN, LETTERS, 5, 11, 3, 0, SUFFIXES(classic) },
	{ "letters 5-11 small countries", DRAWN, LETTERS, 5, 11, 2, 0, SUFFIXES(small) },
	{ "letters 4-9 many countries", DRAWN, LETTERS, 4, 9, 3, 0, SUFFIXES(many) },
	{ "letters 6 com", DRAWN, LETTERS, 6, 6, 2, 0, SUFFIXES(com_only) },
	{ "letters 7-12 cheap", DRAWN, LETTERS, 7, 12, 2, 0, SUFFIXES(cheap) },
	{ "letters 6-15 classic", DRAWN, LETTERS, 6, 15, 2, 0, SUFFIXES(classic) },
	{ "letters 8-13 com net", DRAWN, LETTERS, 8, 13, 2, 0, SUFFIXES(com_net) },
	{ "letters 12 west", DRAWN, LETTERS, 12, 12, 2, 0, SUFFIXES(west) },
	{ "letters a-y 12-15 east", DRAWN, "abcdefghijklmnopqrstuvwxy", 12, 15, 2, 0, SUFFIXES(east) },
	{ "letters a-y 13-17 ru com", DRAWN, "abcdefghijklmnopqrstuvwxy", 13, 17, 2, 0, SUFFIXES(ru_com) },
	{ "letters 14-17 hidden", DRAWN, LETTERS, 14, 17, 2, 0, SUFFIXES(hidden) },
	{ "letters a-y 5-17 west", DRAWN, "abcdefghijklmnopqrstuvwxy", 5, 17, 2, 0, SUFFIXES(west) },
	{ "letters 10-17 com", DRAWN, LETTERS, 10, 17, 2, 0, SUFFIXES(com_only) },
	{ "letters 16 eu", DRAWN, LETTERS, 16, 16, 2, 0, SUFFIXES(eu_only) },
	{ "letters 15 ru cn", DRAWN, LETTERS, 15, 15, 1, 0, SUFFIXES(ru_cn) },
	{ "letters 8-25 classic", DRAWN, LETTERS, 8, 25, 3, 0, SUFFIXES(classic) },
	{ "letters 7-21 many countries", DRAWN, LETTERS, 7, 21, 2, 0, SUFFIXES(many) },
	{ "letters 20 com", DRAWN, LETTERS, 20, 20, 2, 0, SUFFIXES(com_only) },
	{ "letters 19-30 east", DRAWN, LETTERS, 19, 30, 1, 0, SUFFIXES(east) },
	{ "letters a-p 12-18 cheap", DRAWN, "abcdefghijklmnop", 12, 18, 1, 0, SUFFIXES(cheap) },
	{ "letters few 16 classic", DRAWN, "abcdefnolkm", 16, 24, 1, 0, SUFFIXES(east) },
	{ "letters even 16 org", DRAWN, "acegikmoqsuwy", 16, 16, 1, 0, SUFFIXES(classic) },
	{ "letters 4-10 dynamic", DRAWN, LETTERS, 4, 12, 2, 0, SUFFIXES(dynamic) },
	// date seeded generators of numbers
	{ "lcg 8-19 com", LCG, "abcdefghijklmnopqrstuvwxy", 8, 19, 3, 0, SUFFIXES(com_only) },
	{ "lcg 6-12 classic", LCG, LETTERS, 6, 12, 2, 0, SUFFIXES(classic) },
	{ "lcg 8-16 small countries", LCG, LETTERS, 8, 16, 1, 0, SUFFIXES(small) },
	{ "parity 8-20 ru com", PARITY, LETTERS, 8, 20, 1, 0, SUFFIXES(ru_com) },
	{ "parity 7-12 cheap", PARITY, LETTERS, 7, 12, 1, 0, SUFFIXES(cheap) },
	// letters and digits
	{ "alphanumeric 12 com net", DRAWN, BASE36, 12, 12, 2, 0, SUFFIXES(classic) },
	{ "alphanumeric 10-15 com net", DRAWN, "qwertyuiopasdfghjklzxcvbnm123945678", 10, 15, 2, 0, SUFFIXES(com_net) },
	{ "alphanumeric 18 classic", DRAWN, "abcdefghijklmnopqrstuvwxyz12345678", 18, 18, 1, 0, SUFFIXES(classic) },
	{ "alphanumeric 16 small", DRAWN, BASE36, 16, 16, 1, 0, SUFFIXES(small) },
	{ "alphanumeric 6-12 cheap", DRAWN, BASE36, 6, 12, 1, 0, SUFFIXES(cheap) },
	{ "alphanumeric 12-23 dynamic", DRAWN, "abcdefghijklmnopqrstuvwxy012345678", 12, 23, 1, 0, SUFFIXES(dynamic) },
	{ "alphanumeric 20-28 classic", DRAWN, BASE36, 20, 28, 2, 0, SUFFIXES(classic) },
	{ "alphanumeric 32-47 ru", DRAWN, BASE36, 32, 47, 1, 0, SUFFIXES(ru_com) },
	{ "groups 16-32 east", GROUPS, LETTERS, 16, 40, 1, 0, SUFFIXES(east) },
	{ "groups 8-14 classic", GROUPS, LETTERS, 8, 14, 1, 0, SUFFIXES(classic) },
	{ "alphanumeric 4-7 many countries", DRAWN, BASE36, 4, 7, 1, 0, SUFFIXES(many) },
	{ "base64 of digits 12-16 classic", BASE64, NULL, 12, 16, 1, 0, SUFFIXES(classic) },
	// hexadecimal
	{ "hex 32 classic", DRAWN, HEX, 32, 32, 1, 0, SUFFIXES(classic) },
	{ "hex 8-16 cheap", DRAWN, HEX, 8, 16, 2, 0, SUFFIXES(cheap) },
	{ "hex 12-20 com net", DRAWN, HEX, 12, 20, 1, 0, SUFFIXES(com_net) },
	{ "hex 10-14 hidden", DRAWN, HEX, 10, 14, 1, 0, SUFFIXES(hidden) },
	{ "letter and hex 34 small", HEADED, HEX, 34, 34, 1, 0, SUFFIXES(small) },
	{ "letter and hex 13 com", HEADED, HEX, 12, 15, 1, 0, SUFFIXES(com_only) },
	// can be spoken
	{ "syllables 5-11 classic", SYLLABLES, NULL, 5, 11, 2, 0, SUFFIXES(classic) },
	{ "syllables 8-15 dynamic", SYLLABLES, NULL, 8, 15, 1, 0, SUFFIXES(dynamic) },
	{ "syllables 8-12 kz", SYLLABLES, NULL, 8, 12, 1, 0, SUFFIXES(kz_ru) },
	{ "syllables 7-12 small", SYLLABLES, NULL, 7, 12, 1, 0, SUFFIXES(small) },
	{ "vowelish 6-12 classic", VOWELISH, NULL, 6, 12, 2, 0, SUFFIXES(classic) },
	{ "vowelish 8-15 dynamic", VOWELISH, NULL, 8, 15, 1, 0, SUFFIXES(dynamic) },
	{ "vowelish 7-13 cheap", VOWELISH, NULL, 7, 13, 1, 0, SUFFIXES(cheap) },
	{ "language 8-16 com", LANGUAGE, NULL, 8, 16, 1, 0, SUFFIXES(east) },
	{ "language 7-12 classic", LANGUAGE, NULL, 7, 12, 1, 0, SUFFIXES(classic) },
	{ "doubled 7 biz", DOUBLED, NULL, 7, 7, 1, 0, SUFFIXES(classic) },
	{ "doubled 10-14 east", DOUBLED, NULL, 10, 14, 1, 0, SUFFIXES(east) },
	{ "ended 7-15 dynamic", ENDED, NULL, 4, 9, 1, 0, SUFFIXES(dynamic) },
	// words
	{ "tailed com", TAILED, LETTERS, 2, 3, 1, 0, SUFFIXES(com_only) },
	{ "word and letters classic", WORD_MIX, LETTERS, 5, 10, 1, 0, SUFFIXES(classic) },
	{ "word and hex classic", WORD_MIX, HEX, 6, 12, 1, 0, SUFFIXES(cheap) },
	{ "words 2 net ru", WORDS, NULL, 2, 2, 1, SHAPE_MEASURED, SUFFIXES(word_tlds) },
	{ "words 3-4 com", WORDS, NULL, 3, 4, 1, SHAPE_MEASURED, SUFFIXES(com_only) },
};
const uint32_t shape_count = sizeof(shapes) / sizeof(shapes[0]);

#define CONSONANTS "bcdfghjklmnpqrstvwxz"
#define VOWELS     "aeiouy"

static char drawn(const char *alphabet, struct random *r)
{
	return alphabet[random_below(r, (uint32_t)strlen(alphabet))];
}

// Constants of generators in common use: a new seed a name, as of a date.
static void linear_congruential(char *label, uint32_t len, const char *alphabet, bool parity, struct random *r)
{
	static const struct {
		uint64_t a, c, m;
	} kinds[] = { { 16807, 0, 2147483647 }, { 1103515245, 12345, 1ULL << 31 }, { 214013, 2531011, 1ULL << 32 },
		{ 1664525, 1013904223, 1ULL << 32 } };
	uint32_t kind = parity ? 3 : random_below(r, 3);
	uint64_t x = 1 + random_below(r, 0x7ffffffe);
	uint32_t size = (uint32_t)strlen(alphabet);
	for (uint32_t i = 0; i < len; i++) {
		x = (x * kinds[kind].a + kinds[kind].c) % kinds[kind].m;
		label[i] = alphabet[(kind == 1 && !parity ? x >> 16 : x) % size];
	}
}

static void syllables(char *label, uint32_t len, struct random *r)
{
	uint32_t turn = random_below(r, 2);
	for (uint32_t i = 0; i < len; i++)
		label[i] = drawn((i + turn) % 2 ? VOWELS : CONSONANTS, r);
}

static void language(char *label, uint32_t len, struct word_list words, struct random *r)
{
	for (uint32_t i = 0; i < len; i++) {
		const char *word = words.words[random_below(r, words.count)];
		label[i] = word[random_below(r, (uint32_t)strlen(word))];
	}
}

static void doubled(char *label, uint32_t len, struct random *r)
{
	uint32_t half = (len + 1) / 2;
	syllables(label, half, r);
	bool mirrored = random_below(r, 2) == 1;
	for (uint32_t i = half; i < len; i++)
		label[i] = mirrored ? label[len - 1 - i] : label[i - half];
}

static void groups(char *label, uint32_t len, struct random *r)
{
	for (uint32_t i = 0; i < len;) {
		bool digits = random_below(r, 2) == 1;
		for (uint32_t run = 1 + random_below(r, 3); run && i < len; run--)
			label[i++] = drawn(digits ? "0123456789" : LETTERS, r);
	}
}

static void base64(char *label, uint32_t len, struct random *r)
{
	static const char alphabet[] =
		LETTERS LETTERS "0123456789--"; // with capitals made small; digits give neither + nor /
	for (uint32_t i = 0; i < len; i += 4) {
		uint32_t bits = 0;
		for (uint32_t k = 0; k < 3; k++)
			bits = bits << 8 | ('0' + random_below(r, 10));
		for (uint32_t k = 0; k < 4 && i + k < len; k++)
			label[i + k] = alphabet[bits >> (18 - 6 * k) & 63];
	}
}

static uint32_t join_words(char *label, uint32_t wanted, struct word_list words, struct random *r)
{
	uint32_t len = 0;
	for (uint32_t tries = 0; wanted && tries < 100; tries++) {
		const char *word = words.words[random_below(r, words.count)];
		uint32_t word_len = (uint32_t)strlen(word);
		if (word_len < 3 || word_len > 10 || len + word_len > 40)
			continue;
		memcpy(label + len, word, word_len);
		len += word_len;
		wanted--;
	}
	return len;
}

static uint32_t tailed(char *label, uint32_t wanted, struct word_list words, struct random *r)
{
	uint32_t len = join_words(label, wanted, words, r);
	for (uint32_t i = 0; i < 4 && i < len; i++)
		label[i] = drawn(LETTERS, r);
	return len;
}

static uint32_t word_mix(char *label, uint32_t extra, const char *alphabet, struct word_list words, struct random *r)
{
	char word[64], noise[64];
	uint32_t word_len = join_words(word, 1, words, r);
	for (uint32_t i = 0; i < extra; i++)
		noise[i] = drawn(alphabet, r);
	bool first = random_below(r, 2) == 1;
	memcpy(label, first ? word : noise, first ? word_len : extra);
	memcpy(label + (first ? word_len : extra), first ? noise : word, first ? extra : word_len);
	return word_len + extra;
}

static uint32_t ended(char *label, uint32_t len, struct random *r)
{
	static const char *const endings[] = { "able", "dom", "hood", "ity", "ment", "ness", "ship", "ence", "ly",
		"ing", "ed", "er", "tion", "ism" };
	const char *ending = endings[random_below(r, sizeof(endings) / sizeof(endings[0]))];
	syllables(label, len, r);
	memcpy(label + len, ending, strlen(ending));
	return len + (uint32_t)strlen(ending);
}

static uint32_t make_label(char *label, const struct shape *s, struct word_list words, struct random *r)
{
	uint32_t len = s->min + random_below(r, s->max - s->min + 1U);
	switch (s->manner) {
	case DRAWN:
	case HEADED:
		for (uint32_t i = 0; i < len; i++)
			label[i] = drawn(i || s->manner == DRAWN ? s->alphabet : LETTERS, r);
		return len;
	case LCG:
	case PARITY: linear_congruential(label, len, s->alphabet, s->manner == PARITY, r); return len;
	case SYLLABLES: syllables(label, len, r); return len;
	case VOWELISH:
		for (uint32_t i = 0; i < len; i++)
			label[i] = drawn(random_below(r, 20) < 9 ? VOWELS : CONSONANTS, r);
		return len;
	case LANGUAGE: language(label, len, words, r); return len;
	case TAILED: return tailed(label, len, words, r);
	case DOUBLED: doubled(label, len, r); return len;
	case ENDED: return ended(label, len, r);
	case WORDS: return join_words(label, len, words, r);
	case WORD_MIX: return word_mix(label, len, s->alphabet, words, r);
	case GROUPS: groups(label, len, r); return len;
	case BASE64: base64(label, len, r); return len;
	}
	return len;
}

void shape_generate(uint32_t shape, struct word_list words, struct random *random, struct generated_name *name)
{
	const struct shape *s = &shapes[shape];
	uint32_t len = make_label(name->text, s, words, random);
	name->suffix_at = len + 1;
	snprintf(name->text + len, sizeof(name->text) - len, ".%s", s->suffixes[random_below(random, s->suffix_count)]);
}

const char *shape_title(uint32_t shape)
{
	return shapes[shape].title;
}

enum shape_use shape_use(uint32_t shape)
{
	return shapes[shape].use;
}

uint32_t shape_weight(uint32_t shape)
{
	return shapes[shape].weight;
}
